"""All formats together: whatever a scorecard is taken away as, it tells the same numbers."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pypdf
import pytest

from metrics.export import FORMATS
from metrics.export.labels import HEADS, SHEETS, head
from metrics.reader import read
from metrics.scorecard import Scorecard
from metrics.shown import points, quantity
from tests.test_examples import from_source, scored

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported.*:UserWarning")
Key = tuple[str, str, str]
# What must be the same everywhere.
TOLD = ("value", "score", "rank")


@dataclass(frozen=True)
class Chosen:
    """One region's cycle of a scorecard."""

    card: Scorecard
    region: str
    period: str

    def written(self, name: str, lang: str = "zh") -> bytes:
        """It as a file."""
        return FORMATS[name](self.card, regions=[self.region], periods=[self.period], lang=lang)

    @property
    def rows(self) -> pl.DataFrame:
        """Its rows of the contract, in the tree's order."""
        return self.card.frame.filter(pl.col("region") == self.region, pl.col("period") == self.period)


@pytest.fixture(scope="module")
def councils(shared: Path) -> Scorecard:
    """The example of Scotland's councils."""
    source = shared / "data" / "lgbf_scotland" / "LGBF_ScotDataReal_ISSpatialHub.csv"
    return scored("lgbf", from_source("lgbf", "councils", source).frame)


@pytest.fixture(scope="module", params=["demonstration", "councils"])
def chosen(request: pytest.FixtureRequest) -> Chosen:
    """A region whose grade is capped, and a council; both have gaps."""
    card = request.getfixturevalue(request.param)
    region = "930200" if request.param == "demonstration" else card.regions["code"].to_list()[3]
    return Chosen(card, region, card.periods[-1])


def test_every_format_is_held_against_the_scorecard() -> None:
    """A new format is read back here too, or this test fails."""
    assert {*EXACT, *SHOWN} >= set(FORMATS)


# ── formats that hold every digit ───────────────────────────────────────────────────────────────────────────────────


def _number(cell: Any) -> float | None:
    return None if cell in (None, "") else float(cell)


def _keyed(rows: Sequence[dict[str, Any]], names: dict[str, str]) -> dict[str, tuple[Any, ...]]:
    """Value, score, rank and grade by code, from rows with such heads."""
    return {
        row[names["code"]]: (*(_number(row[names[name]]) for name in TOLD), row[names["grade"]] or None) for row in rows
    }


def _csv(content: bytes, lang: str) -> dict[str, tuple[Any, ...]]:
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    return _keyed(rows, {name: head(name, lang) for name in HEADS})


def _json(content: bytes, lang: str) -> dict[str, tuple[Any, ...]]:
    found = json.loads(content)
    named = [{**row, "grade": found["grades"].get(row["grade"], {}).get(lang)} for row in found["rows"]]
    return _keyed(named, {name: name for name in HEADS})


def _xlsx(content: bytes, lang: str) -> dict[str, tuple[Any, ...]]:
    sheet = openpyxl.load_workbook(io.BytesIO(content), data_only=True)[SHEETS["indicators"][lang != "zh"]]
    heads, *lines = ([cell.value for cell in row] for row in sheet.iter_rows())
    return _keyed([dict(zip(heads, line, strict=True)) for line in lines], {name: head(name, lang) for name in HEADS})


def _bundle(content: bytes, lang: str) -> dict[str, tuple[Any, ...]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        rows = csv.DictReader(io.StringIO(archive.read("scorecard.csv").decode("utf-8-sig"), newline=""))
        definitions = read(archive.read("definitions.yaml")).definitions
    assert definitions is not None
    grades = {grade.code: grade.name.text(lang) for grade in definitions.grades}
    return _keyed([{**row, "grade": grades.get(row["grade"])} for row in rows], {name: name for name in HEADS})


EXACT: dict[str, Callable[[bytes, str], dict[str, tuple[Any, ...]]]] = {
    "csv": _csv,
    "json": _json,
    "xlsx": _xlsx,
    "bundle": _bundle,
}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", EXACT)
def test_formats_for_programs_tell_the_same_to_the_last_digit(chosen: Chosen, name: str, lang: str) -> None:
    """Composite, rank, grade, and each indicator's value and score are the scorecard's own, missing ones empty."""
    grades = {grade.code: grade.name.text(lang) for grade in chosen.card.definitions.grades}
    truth = {
        row["code"]: (*(row[name] for name in TOLD), grades.get(row["grade"]))
        for row in chosen.rows.iter_rows(named=True)
    }
    assert EXACT[name](chosen.written(name, lang), lang) == truth


# ── formats for people ──────────────────────────────────────────────────────────────────────────────────────────────


class _Tables(HTMLParser):
    """The tables of a page as rows of texts."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.inside = False
        self.feed(content.decode())

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        """Opens a table, a row or a cell."""
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("th", "td"):
            self.tables[-1][-1].append("")
        self.inside = tag in ("th", "td") or (self.inside and tag in ("code", "wbr"))

    def handle_endtag(self, tag: str) -> None:
        """Closes a cell."""
        self.inside = self.inside and tag not in ("th", "td")

    def handle_data(self, data: str) -> None:
        """Adds to the cell that is open."""
        if self.inside:
            self.tables[-1][-1][-1] += data


def _html(content: bytes) -> list[list[list[str]]]:
    return _Tables(content).tables


def _md(content: bytes) -> list[list[list[str]]]:
    """Tables of Markdown, with marks for what they stand for."""
    tables = re.findall(r"(?:^\|.*\|\n)+", content.decode(), re.MULTILINE)
    return [[_cells(line) for line in table.splitlines() if not re.fullmatch(r"[|: -]+", line)] for table in tables]


def _cells(line: str) -> list[str]:
    cells = re.split(r"(?<!\\) \| ", line[2:-2])
    bare = (re.sub(r"^(&emsp;)+|(?<!\\)[*`]", "", cell) for cell in cells)
    return [re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", cell).strip() for cell in bare]


SHOWN: dict[str, Callable[[bytes], list[list[list[str]]]] | None] = {"html": _html, "md": _md, "pdf": None}


def _of_indicators(tables: list[list[list[str]]], lang: str) -> list[dict[str, str]]:
    """The rows of the table of all indicators by their heads."""
    value = {"zh": "指标值", "en": "Value"}[lang]
    (found,) = [table for table in tables if value in table[0]]
    return [dict(zip(found[0], row, strict=True)) for row in found[1:]]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", ["html", "md"])
def test_formats_for_people_tell_the_same_as_it_is_rounded(chosen: Chosen, name: str, lang: str) -> None:
    """Every node stands in the table with the scorecard's value, score and rank in the rounding of the pages."""
    reader, definitions = SHOWN[name], chosen.card.definitions
    assert reader is not None
    content = chosen.written(name, lang)
    rows = _of_indicators(reader(content), lang)
    heads = {"zh": ("名称", "指标值", "得分", "排名"), "en": ("Name", "Value", "Score", "Rank")}[lang]
    assert len(rows) == chosen.rows.height
    for row, truth in zip(rows, chosen.rows.iter_rows(named=True), strict=True):
        called, value, score, rank = (row[name] for name in heads)
        assert called.startswith(" ".join(definitions.name_of(truth["code"], lang).split()))
        measured = truth["code"] in definitions.indicators
        assert value == (quantity(truth["value"], definitions.unit_of(truth["code"]), lang) if measured else "")
        assert score == points(truth["score"])
        assert rank.partition(" ")[0] == ("—" if truth["rank"] is None else str(truth["rank"]))
    # The councils have no grades.
    own = [grade.name.text(lang) for grade in definitions.grades if grade.code == chosen.rows["grade"][0]]
    assert all(grade in content.decode() for grade in own)
    assert bool(own) == bool(definitions.grades)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_pdf_tells_what_the_page_tells(chosen: Chosen, lang: str) -> None:
    """Every row of the page's tables stands in the PDF, cell after cell, as a reader extracts it."""
    pages = pypdf.PdfReader(io.BytesIO(chosen.written("pdf", lang))).pages
    text = _bare("".join(page.extract_text() for page in pages))
    for table in _html(chosen.written("html", lang)):
        for row in table:
            assert _bare("".join(row)) in text


def _bare(text: str) -> str:
    return re.sub(r"\s|\u200b", "", text)
