"""Hostile text: whatever a name or a note holds, every format shows it as text, and none obeys it."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

import openpyxl
import polars as pl
import pypdf
import pytest

from metrics.export import FORMATS
from metrics.reader import read
from metrics.scorecard import Scorecard, score
from tests.test_export_html import Page

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported.*:UserWarning")
TEXTS = {
    "quotes": "'单' \"双\" “弯” `反` ‘x’",
    "slashes": "a/b\\c//d\\\\e ../../etc %2e%2e C:\\x",
    "emoji": "甲😀乙👨‍👩‍👧丙",
    "200 characters": "长" * 200,
    "200 letters": "x" * 200,
    "a formula": '=HYPERLINK("http://x";"y")',
    "another formula": "+1+cmd|' /C calc'!A0",
    "a formula behind a sign": "@SUM(1+9)*cmd",
    "HTML": "</title></td><script>alert(1)</script><img src=x onerror=y>&lt;&#65; <!-- -->",
    "Markdown": "# a *b* **c** _d_ [e](f) ![g](h) `i` | j | ~k~ > l",
    "typst": '#import "x": y; #read("/etc/passwd") $x^2$ *b* _c_ @d <e> \\u{41} // f /* g */ ~',
    "LaTeX": "\\input{/etc/passwd} $x$ \\textbf{y} % z {w}",
    "a control character": "a\0b\x07c\x1b[2Jd",
    "lines": "a\nb\r\nc\td",
    "directions": "a\u202eb\u2066c",
    "a list": "1. x",
    "addresses": "https://x.y www.x.y a@b.c",
}
FILE = """
schema: 1
title: {zh: TEXT, en: TEXT}
factors: {coal: {name: TEXT, unit: kgce/kWh, source: TEXT, values: {2020-01-01: 0.1229}}}
variables:
  power: {name: TEXT, unit: kWh, source: TEXT, why: TEXT}
  area: {name: 面积, unit: m2, over_time: last}
indicators:
  each: {name: TEXT, unit: kgce/m2, formula: power * coal / area, better: lower, why: TEXT, source: TEXT, owner: TEXT,
    normalise: {method: goalposts, worst: 30, best: 5}}
index: {code: all, name: TEXT, children: [{code: pillar, name: TEXT, children: [{indicator: each}]}]}
grades: [{code: a, name: TEXT, at_least: 60}, {code: b, name: 其他}]
rules: [{code: over, kind: penalty, points: 1, when: each > 1, name: TEXT, source: TEXT}]
"""


@cache
def card(kind: str) -> Scorecard:
    """Two regions with the text in every place of a text."""
    text = TEXTS[kind]
    definitions = read(FILE.replace("TEXT", json.dumps(text, ensure_ascii=False))).definitions
    assert definitions is not None
    facts = [
        (region, period, variable, "reported", value, text, text)
        for region in ("1", "2")
        for period in ("2023", "2024")
        for variable, value in (("power", 1e5 * int(region)), ("area", 1500.0))
    ]
    columns = ["region", "period", "variable", "status", "value", "source", "note"]
    regions = pl.DataFrame({"code": ["1", "2"], "name_zh": [text, "乙"], "name_en": [text, "B"]})
    return score(definitions, pl.DataFrame(facts, schema=columns, orient="row"), regions=regions)


def written(kind: str, name: str, *, regions: Sequence[str] | None = ("1",)) -> bytes:
    """The scorecard of the region that is called so."""
    return FORMATS[name](card(kind), regions=regions, notice=TEXTS[kind])


def line(text: str) -> str:
    """The text on one line, � for what has no sign or turns others round."""
    return re.sub("[\x00-\x08\x0e-\x1f\u202e\u2066]", "�", " ".join(text.split()))


# ── what each format holds as text ──────────────────────────────────────────────────────────────────────────────────


def _csv(content: bytes) -> Iterator[str]:
    for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")):
        # No cell may begin as a formula does; the apostrophe is what keeps it from that.
        assert not [cell for cell in row if re.match(r"[=+@\t\r]|-(?![0-9.]+$)", cell)]
        yield from (cell.removeprefix("'") if cell[1:2] in tuple("=+-@\t\r") else cell for cell in row)


def _json(content: bytes) -> Iterator[str]:
    def texts(part: Any) -> Iterator[str]:
        if isinstance(part, str):
            yield part
        for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
            yield from texts(inner)

    yield from texts(json.loads(content))


def _xlsx(content: bytes) -> Iterator[str]:
    for sheet in openpyxl.load_workbook(io.BytesIO(content)):
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.hyperlink is None
                if cell.data_type == "s":
                    yield re.sub("_x([0-9A-F]{4})_", lambda found: chr(int(found[1], 16)), str(cell.value))


def _html(content: bytes) -> Iterator[str]:
    page = Page(content)
    assert not {tag for tag, _ in page.elements} & {"script", "img"}
    yield page.text


def _md(content: bytes) -> Iterator[str]:
    yield re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", content.decode())


def _pdf(content: bytes) -> Iterator[str]:
    yield "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)


def _bundle(content: bytes) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert not [name for name in archive.namelist() if not re.fullmatch(r"[A-Za-z_]+\.[a-z]+", name)]
        found = read(archive.read("definitions.yaml")).definitions
        assert found is not None
        yield found.title.zh
        for row in csv.reader(io.StringIO(archive.read("regions.csv").decode("utf-8-sig"), newline="")):
            yield from row


READ: dict[str, Callable[[bytes], Iterator[str]]] = {
    "csv": _csv, "json": _json, "xlsx": _xlsx, "html": _html, "md": _md, "pdf": _pdf, "bundle": _bundle,
}  # fmt: skip
# How often a format has the text at least.
TIMES = {"csv": 4, "json": 6, "xlsx": 8, "html": 8, "md": 8, "pdf": 6, "bundle": 2}


def test_every_format_is_tried() -> None:
    """A new format is given hostile text too, or this test fails."""
    assert set(READ) >= set(FORMATS)


@pytest.mark.parametrize("kind", TEXTS)
@pytest.mark.parametrize("name", FORMATS)
def test_text_is_shown_as_text(kind: str, name: str) -> None:
    """The text stands in each file as it was given, as often as its places are, and is nothing but text."""
    found = READ[name](written(kind, name))
    if name == "pdf":
        # Setting brings spaces and line ends, and no font has a sign for everything.
        wanted, text = (
            re.sub(r"\s|[�\u200b\u200d\u202e\u2066]", "", part) for part in (line(TEXTS[kind]), "".join(found))
        )
        assert re.sub("[^\u0000-\uffff]", "", text).count(re.sub("[^\u0000-\uffff]", "", wanted)) >= TIMES[name]
    else:
        shown = [line(text) for text in found]
        assert sum(text.count(line(TEXTS[kind])) for text in shown) >= TIMES[name]


@pytest.mark.parametrize("name", ["xlsx", "html", "md", "pdf"])
def test_no_sign_turns_numbers_round(name: str) -> None:
    """What is read from right to left in a name is a name of data; nothing that people read obeys it."""
    text = "".join(READ[name](written("directions", name)))
    assert not re.search("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]", text)
    assert "a�b�c" in text


@pytest.mark.parametrize("kind", ["quotes", "emoji", "HTML", "Markdown", "addresses"])
@pytest.mark.parametrize("name", ["html", "md"])
def test_text_is_shown_as_text_in_the_report_of_an_area(kind: str, name: str) -> None:
    """So it does where regions are named beside each other."""
    (text,) = READ[name](written(kind, name, regions=None))
    assert line(text).count(line(TEXTS[kind])) >= TIMES[name]
