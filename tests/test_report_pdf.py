"""Reports on paper: a few A4 pages whose Chinese can be read back, tagged, marked, the same each time."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
import pypdf
import pytest

from metrics.__main__ import main
from metrics.export import FORMATS, pdf
from metrics.export.occasion import Occasion
from metrics.manual.blocks import Bars, Block, Bullets, Figures, Heading, Note, Pairs, Paragraph, Ranges, Table
from metrics.problems import InputError
from metrics.reader import read
from metrics.report import report
from metrics.scorecard import Scorecard, score
from tests.absent import absent
from tests.test_export_hostile import written
from tests.test_report import FILE, REGIONS, _card, _facts

ODD = "#*_[a](b) $x$ <b>&amp;</b> `q` \\u{41} @k //注 \"引\" 'x' =1+1"
LONG = "很长的名称" * 40


def _read(content: bytes) -> list[str]:
    """The text of each page as pdftotext finds it; where that is absent the test is skipped, but never in CI."""
    if shutil.which("pdftotext") is None:
        absent("pdftotext (poppler-utils) is absent")
    command = ["pdftotext", "-enc", "UTF-8", "-layout", "-", "-"]
    found = subprocess.run(command, input=content, capture_output=True, check=True)
    return found.stdout.decode().split("\f")[:-1]


def _bare(text: str) -> str:
    """A text without spaces and without what breaks lines."""
    return re.sub(r"[\s\u200b]", "", text)


def _texts(block: Block) -> Iterator[str]:
    """Every text of a block that stands as text on paper."""
    if isinstance(block, Heading | Paragraph):
        yield block.text
    elif isinstance(block, Bullets):
        yield from block.items
    elif isinstance(block, Figures):
        yield from (text for item in block.items for text in (item.name, item.value, item.note))
    elif isinstance(block, Pairs):
        yield from (text for row in block.rows for text in row)
    elif isinstance(block, Ranges | Bars):
        yield from (text for row in block.rows for text in (row.name, row.words))
    elif isinstance(block, Table):
        drawn = 1 if block.courses else 0
        yield from (text for row in (block.heads, *block.rows) for text in row[: len(row) - drawn])


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("regions", [["930200"], None])
def test_everything_can_be_read_back(demonstration: Scorecard, regions: list[str] | None, lang: str) -> None:
    """2 to 4 pages of A4, with page x / n and the version on each; every text of the blocks is found by pdftotext."""
    made = report(demonstration, regions=regions, periods=["2024"], lang=lang)
    content = pdf.write(made)
    pages = _read(content)
    assert 2 <= len(pages) <= 4
    sheets = pypdf.PdfReader(BytesIO(content)).pages
    assert {tuple(round(float(side)) for side in page.mediabox[2:]) for page in sheets} == {(595, 842)}
    for number, page in enumerate(pages, start=1):
        assert _bare(f"{number} / {len(pages)}") in _bare(page)
        assert demonstration.definitions.digest[:12] in page
    # Cells that are broken over lines stand in pieces between those of their neighbours.
    raw = _bare("".join(page.extract_text() for page in sheets))
    wanted = {_bare(text) for block in made.blocks for text in _texts(block)}
    assert [text for text in wanted if text not in raw] == []
    laid = _bare("".join(pages))
    assert [text for text in wanted if len(text) < 9 and text not in laid] == []


def test_a_report_is_tagged_and_takes_its_fonts_along(demonstration: Scorecard) -> None:
    """PDF/UA with a language, a title and a structure; every font is embedded; nothing is fetched or run."""
    found = pypdf.PdfReader(BytesIO(FORMATS["pdf"](demonstration, regions=["930200"])))
    root = found.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert root["/Lang"] == "zh-CN"
    assert found.metadata is not None
    assert "瑶津市" in str(found.metadata.title)
    assert "pdfuaid" in str(root["/Metadata"].get_object().get_data())
    fonts = [font.get_object() for page in found.pages for font in page["/Resources"]["/Font"].values()]
    described = [font["/DescendantFonts"][0].get_object()["/FontDescriptor"] for font in fonts]
    assert fonts
    assert all({"/FontFile2", "/FontFile3"} & set(one.get_object()) for one in described)
    assert {"/OpenAction", "/AA", "/JavaScript"} & set(root) == set()


def _roles(tree: Any) -> Iterator[str]:
    """The kinds of the elements of a structure, in their order."""
    tree = tree.get_object()
    if isinstance(tree, pypdf.generic.ArrayObject):
        for part in tree:
            yield from _roles(part)
    elif isinstance(tree, pypdf.generic.DictionaryObject):
        yield from [tree["/S"]] if "/S" in tree else []
        yield from _roles(tree.get("/K", pypdf.generic.NullObject()))


def test_sentences_are_paragraphs() -> None:
    """Each paragraph and note is tagged as one, so that it can be gone to."""
    made = report(_card(), regions=["b"], notice="示例数据")
    roles = list(_roles(pypdf.PdfReader(BytesIO(pdf.write(made))).trailer["/Root"]["/StructTreeRoot"]))
    assert roles.count("/P") > sum(isinstance(block, Paragraph | Note) for block in made.blocks)


def _top_line(content: bytes) -> tuple[str, float]:
    """The first text at the head of the second page, and how high it stands."""
    found: list[tuple[str, float]] = []

    def visit(text: str, _: object, place: list[float], *__: object) -> None:
        if text.strip():
            found.append((text.strip(), place[5]))

    pypdf.PdfReader(BytesIO(content)).pages[1].extract_text(visitor_text=visit)
    return max(found, key=lambda one: one[1])


def test_the_head_of_a_page_begins_with_the_region() -> None:
    """However long the words behind it are: the line that is seen is the first one."""
    made = report(_card(), regions=["b"])
    long = pdf.write(replace(made, kind="words and more words " * 20))
    (short, height), (told, at) = _top_line(pdf.write(made)), _top_line(long)
    assert short.startswith("乙地")
    assert told.startswith("乙地")
    assert at == pytest.approx(height, abs=0.5)


def test_a_short_table_stays_on_one_page_and_a_long_list_is_cut_nowhere() -> None:
    """Thirteen cycles are read together wherever they begin; what is higher than a page goes on on the next."""
    cycles = Table(("周期", "得分"), tuple((f"第{at}期", "1") for at in range(13)), (1, 1))
    items = Bullets(tuple(f"{LONG * 2}末{at}" for at in range(12)))
    for lines in (25, 30, 35):
        blocks = (*(Paragraph(str(at)) for at in range(lines)), cycles, items)
        pages = [_bare(page) for page in _read(pdf.write(replace(report(_card(), regions=["b"]), blocks=blocks)))]
        assert any(all(f"第{at}期" in page for at in range(13)) for page in pages)
        assert all(f"末{at}" in "".join(pages) for at in range(12))


def test_a_word_without_end_stays_on_the_page() -> None:
    """It is broken wherever a line ends, and reads back as it is, with no sign put in between."""
    content = written("200 letters", "pdf")
    lines = [line.strip() for page in _read(content) for line in page.splitlines()]
    assert max(len(run) for line in lines for run in re.findall("x+", line)) < 150
    assert "\u200b" not in "".join(lines)
    assert "x" * 200 in "".join(lines)


def test_a_byte_order_mark_is_left_out() -> None:
    """A tagged PDF may not hold one, which shows nothing and comes along with many a file."""
    content = FORMATS["pdf"](_card(), regions=["b"], notice="甲\ufeff乙")
    assert "甲乙" in "".join(_read(content))


def test_what_cannot_be_set_is_a_problem_with_words() -> None:
    """The typesetter's refusal comes with its reason and with what to take instead, not as a break of the program."""
    made = replace(report(_card(), regions=["b"]), blocks=(Paragraph("x"), Heading(3, "y")))
    with pytest.raises(InputError) as refused:
        pdf.write(made)
    (problem,) = refused.value.problems
    assert problem.code == "not_typeset"
    assert "heading" in problem.message("en")
    assert "--format html" in problem.message("zh")


@pytest.mark.parametrize("regions", [["b"], None])
def test_the_same_is_the_same_bytes(regions: list[str] | None) -> None:
    """No clock and no chance: made twice, from scorecards made twice, a report is the same file."""
    assert FORMATS["pdf"](_card(), regions=regions) == FORMATS["pdf"](_card(), regions=regions)


@pytest.mark.parametrize(("notice", "mark"), [("示例数据：虚构", "示例数据 · 未公布"), ("", "未公布")])
def test_what_is_not_final_says_so_on_each_page(notice: str, mark: str) -> None:
    """Behind the text and at the head of every page; a published report of real numbers says nothing of the kind,
    one under embargo from when it is public."""
    about = Occasion(state="open")
    pages = pypdf.PdfReader(BytesIO(FORMATS["pdf"](_card(), regions=["b"], notice=notice, occasion=about))).pages
    assert all(_bare(page.extract_text()).count(_bare(mark)) >= 2 for page in pages)
    waiting = Occasion(state="final", release="2999-01-01T09:00:00+08:00")
    pages = pypdf.PdfReader(BytesIO(FORMATS["pdf"](_card(), regions=["b"], notice=notice, occasion=waiting))).pages
    until = _bare(mark.replace("未公布", "已定稿，将于 2999-01-01 09:00 UTC+08:00 公开"))
    assert all(_bare(page.extract_text()).count(until) >= 2 for page in pages)
    final = FORMATS["pdf"](_card(), regions=["b"], occasion=Occasion(state="published"))
    assert not any("未公布" in page.extract_text() for page in pypdf.PdfReader(BytesIO(final)).pages)


@pytest.mark.parametrize("regions", [["a"], None])
def test_no_text_is_read_as_markup(regions: list[str] | None) -> None:
    """Marks, quotes, 200 characters, emoji and NUL in names and notices stand as text; what no font has comes as �."""
    quoted = "'" + ODD.replace("'", "''") + "'"
    text = FILE.replace("单位面积电耗", "人脸😀").replace("标准甲", f"标准甲{LONG}")
    text = text.replace("{zh: 甲维, en: One}", quoted).replace("{zh: 试评, en: Trial}", quoted)
    assert text.count(quoted) == 2
    names = {"a": LONG, "b": ODD, "c": "空\x00字"}
    odd = REGIONS.with_columns(name_zh=pl.col("code").replace_strict(names, default=pl.col("name_zh")))
    definitions = read(text).definitions
    assert definitions is not None
    card = score(definitions, _facts(), regions=odd)
    content = FORMATS["pdf"](card, regions=regions, notice=ODD)
    found = _bare("".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(content)).pages))
    for told in (ODD, LONG, *(() if regions else ("空�字", LONG))):
        assert _bare(told) in found
    assert "人脸�" in found


def test_without_the_typesetter_the_command_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, demonstration: Scorecard
) -> None:
    """The problem names the packages."""
    monkeypatch.setattr("metrics.export.typesetter.FONTS", "no_such_fonts")
    with pytest.raises(InputError) as refused:
        FORMATS["pdf"](demonstration, regions=["930200"])
    assert refused.value.problems[0].facts["packages"] == "no_such_fonts"


@pytest.mark.parametrize(("region", "title"), [(("--region", "b"), "乙地"), ((), "全部参评地区")])
def test_the_command_writes_a_report(tmp_path: Path, region: tuple[str, ...], title: str) -> None:
    """`scorecard --format pdf`: of a region, and without one of all as an area."""
    files = {name: tmp_path / name for name in ("i.yaml", "f.csv", "r.csv", "out.pdf")}
    files["i.yaml"].write_text(FILE, encoding="utf-8")
    _facts().write_csv(files["f.csv"])
    REGIONS.write_csv(files["r.csv"])
    base = ["--indicators", files["i.yaml"], "--facts", files["f.csv"], "--regions", files["r.csv"]]
    asked = ["scorecard", *base, *region, "--period", "2024", "--format", "pdf", "--out", files["out.pdf"]]
    assert main([str(part) for part in asked]) == 0
    assert title in _bare(pypdf.PdfReader(files["out.pdf"]).pages[0].extract_text())
