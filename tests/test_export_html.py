"""HTML: one page that fetches and runs nothing, says what the blocks say, and can be read without seeing it."""

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from metrics.export import MANUALS, html, markdown
from metrics.export.course import heights
from metrics.export.mathml import mathml
from metrics.export.svg import sparkline
from metrics.formula import FUNCTIONS, parse
from metrics.manual import manual
from metrics.manual.blocks import (
    Bar,
    Bars,
    Block,
    Bullets,
    Figure,
    Figures,
    Formula,
    Heading,
    Manual,
    Note,
    Pairs,
    Paragraph,
    Range,
    Ranges,
    Report,
    Table,
)
from metrics.reader import read
from metrics.report import report as made
from metrics.scorecard import Scorecard
from metrics.syntax import Call, Code, Number, Tree
from metrics.typeset import typeset

ROOT = Path(__file__).parent.parent
ODD = (
    "</title></style><script>x</script> \"q\" 'a' &amp; `b` <!-- ]]> $x$ **y** [z](javascript:1) 😀👨‍👩‍👧 " + "长" * 200
)
# Elements that have no end.
VOID = {"meta", "rect", "line", "circle", "polyline", "wbr"}
COURSE = (60.0, None, 71.5, 70.0)


class Page(HTMLParser):
    """The elements of a page with their attributes, and its text; an element that is not closed is a failure."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.feed(content.decode())
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes an element that begins."""
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes an element without content."""
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        """An end has its beginning right before it."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Keeps what is read, without the style."""
        if self.open[-1:] != ["style"]:
            self.texts.append(data)

    @property
    def text(self) -> str:
        """All that is read."""
        return "".join(self.texts)

    def all(self, tag: str) -> list[dict[str, str]]:
        """The attributes of each element of a kind."""
        return [found for name, found in self.elements if name == tag]


def every_block(words: str) -> tuple[Block, ...]:
    """A block of each kind with these words wherever a block has any."""
    tree = half_of(words)
    return (
        Heading(1, words, words),
        Paragraph(words),
        Heading(2, words),
        Note(words),
        Bullets((words, words)),
        Formula(words, words, "short", tree),
        Formula(words, words, words + "x" * 100, tree),
        Pairs(((words, words),)),
        Table((words, words), ((words, words), (words, words)), (1, 1), frozenset((1,)), frozenset((0,)), (0, -2)),
        Table((words, words), ((words, words),), (1, 1), courses=(COURSE,), caption=words),
        Figures((Figure(words, words, words, COURSE), Figure(words, words))),
        Ranges(
            words, (Range(words, 61.0, 20.0, 50.0, 80.0, words), Range(words, None, None, None, None, words)), 0, 100
        ),
        Bars(words, (Bar(words, 61.0, words), Bar(words, -40.0, words), Bar(words, None, words)), 60),
    )


def half_of(name: str) -> Tree:
    """A formula that names something with these words."""
    return Call("/", (Code(name), Number(2.0)))


def report(words: str, lang: str = "zh", mark: str = "") -> Report:
    """A report of every block."""
    return Report(words, words, ((words, words),), words, lang, words, every_block(words), mark)


@pytest.fixture(scope="module")
def default() -> Manual:
    """The manual of the default definitions."""
    found = read((ROOT / "indicators.yaml").read_bytes()).definitions
    assert found is not None
    return manual(found, notice="示例数据")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_page_fetches_and_runs_nothing(lang: str) -> None:
    """No scripts, images, frames or forms, no address but places in the page, no style but the one that is told."""
    content = html.write(report(ODD, lang, ODD))
    page = Page(content)
    assert {tag for tag, _ in page.elements} & {"script", "img", "iframe", "object", "link", "form", "base"} == set()
    names = {name for _, attributes in page.elements for name in attributes}
    assert not [name for name in names if name.startswith("on") or name in ("src", "style", "xlink:href", "action")]
    assert all(re.fullmatch(r"#s\d+", link["href"]) for link in page.all("a"))
    (policy,) = [meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    style = re.search(r"<style>(.*?)</style>", content.decode(), re.S)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert not re.search(r"url\(|@import|</", style[1])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_page_can_be_read_without_seeing_it(lang: str) -> None:
    """Language, title, captions, heads with their scope, pictures with words or beside them, headings in order."""
    page = Page(html.write(report("名称", lang)))
    assert page.all("html") == [{"lang": {"zh": "zh-CN", "en": "en-GB"}[lang]}]
    tags = [tag for tag, _ in page.elements]
    assert tags.count("caption") == tags.count("table") == 4
    assert all(head.get("scope") in ("row", "col") for head in page.all("th"))
    assert all(picture.get("aria-hidden") or picture.get("aria-label") for picture in page.all("svg"))
    levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
    assert levels == [1, 2, 3]
    places = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(places) == len(set(places))
    assert {link["href"][1:] for link in page.all("a")} <= set(places)


def test_text_of_a_page_is_text() -> None:
    """Whatever marks a text holds, it is shown as it was given, in each place of each block."""
    page, plain = Page(html.write(report(ODD))), Page(html.write(report("NAME")))
    shown = " ".join(ODD.split())
    assert page.text.count(shown) == plain.text.count("NAME") > 40
    assert [tag for tag, _ in page.elements if tag != "wbr"] == [tag for tag, _ in plain.elements]


def test_a_mark_stands_behind_each_page_and_is_said_before() -> None:
    """What is not final is told to who reads and to who prints; without a mark or a notice nothing is."""
    marked, plain = (html.write(report("x", mark=mark)).decode() for mark in ("未公布", ""))
    assert '<p class="watermark" aria-hidden="true">未公布</p>' in marked
    assert 'class="watermark"' not in plain
    assert '<p class="note">x</p>' in plain
    assert ".watermark {\n    display: block; position: fixed;" in plain


def test_what_has_no_sign_is_shown_to_be_there() -> None:
    """NUL, escapes and halves of characters come as �; line ends as a space; what belongs to emoji stays."""
    page = Page(html.write(report("a\0b\x1b[2J\ud800 c\nd\u200d\ufffe")))
    assert "a�b�[2J� c d\u200d�" in page.text
    assert "\0" not in markdown.write(report("a\0b")).decode()


def test_every_block_is_in_markdown_too() -> None:
    """What a page says of each block Markdown says too, with the marks of its own before every other."""
    text = markdown.write(report("NAME")).decode()
    for told in ("- **NAME**：NAME（NAME）", "| NAME | NAME |", "- **NAME**：NAME\n", "> NAME"):
        assert told in text
    odd = markdown.write(report(ODD)).decode()
    assert odd.count(markdown.escaped(ODD)) > 30
    assert "<script>" not in re.sub(r"`+[^`]*`+", "", odd)


def test_an_address_in_markdown_is_no_link() -> None:
    """What viewers make links of by themselves has a backslash: addresses of pages and of mail."""
    assert markdown.escaped("http://x WWW.x.y a@b.c 10:30") == r"http\://x WWW\.x.y a\@b.c 10:30"


def test_pictures_stay_on_their_scale() -> None:
    """A bar beyond the scale ends at it, one below 0 goes to the left; a number that is missing is drawn nowhere."""
    page = Page(html.write(report("x")))
    shares = [
        float(value[:-1]) for _, found in page.elements for value in found.values() if re.fullmatch(r"[0-9.]+%", value)
    ]
    assert len(shares) > 10
    assert max(shares) == 100.0
    classes = [found.get("class") for _, found in page.elements]
    assert [classes.count(name) for name in ("bar", "others", "axis")] == [2, 1, 2]
    bars = [(found["x"], found["width"]) for found in page.all("rect") if found["class"] == "bar"]
    assert bars == [("40.00%", "60.00%"), ("0.00%", "40.00%")]


def test_a_course_is_broken_where_a_number_is_missing() -> None:
    """A missing cycle is a gap, never a line across it; the dot is the present number, and there is none without."""
    drawn = Page(sparkline((1.0, 2.0, None, 3.0, 4.0), "words").encode())
    assert [line["points"].count(",") for line in drawn.all("polyline")] == [2, 2]
    (dot,) = drawn.all("circle")
    assert dot["cx"] == max((point["cx"] for point in drawn.all("circle")), key=float)
    assert drawn.all("svg")[0]["aria-label"] == "words"
    assert Page(sparkline((1.0, 2.0, None), "words").encode()).all("circle") == []


def test_a_course_that_hardly_moves_is_drawn_flat() -> None:
    """Its height is that of its numbers' spread, or of a tenth of the largest: on any scale, below 0 too."""
    assert heights((60.0, None, 70.0, 80.0)) == (0.0, None, 0.5, 1.0)
    assert heights((-1.5, 0.5)) == (0.0, 1.0)
    assert heights((80.0, 80.01, 80.0)) == pytest.approx((0.5, 0.5, 0.5), abs=0.001)
    assert heights((0.0, 0.0)) == (0.5, 0.5)
    assert heights((-10.0, -10.5, None))[:2] == pytest.approx((0.738, 0.262), abs=0.001)


def test_a_row_is_called_by_the_column_that_names_it() -> None:
    """One cell of a row is its head, for who hears the table; it need not be the first."""
    table = Table(("排名", "地区"), (("1 / 2", "甲"), ("2 / 2", "乙")), (1, 1), named=1)
    page = html.write(replace(report("x"), blocks=(table,))).decode()
    assert re.findall('<th scope="row">(.*?)</th>', page) == ["甲", "乙"]
    assert "<td>1 / 2</td>" in page


def test_the_foot_says_what_it_is_of_once(default: Manual) -> None:
    """A report's says that it names definitions; a manual's is a number, and a version."""
    assert "<footer>定义 abc</footer>" in html.write(replace(report("x"), version="定义 abc")).decode()
    assert "<footer>版本 3</footer>" in html.write(replace(default, version="3")).decode()


@pytest.mark.parametrize("regions", [["930200"], None])
def test_the_headings_of_a_report_leave_no_level_out(demonstration: Scorecard, regions: list[str] | None) -> None:
    """Of a region or an area: one title, then each heading at most one deeper than that before it."""
    tags = [tag for tag, _ in Page(html.write(made(demonstration, regions=regions))).elements]
    levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
    assert (levels[0], levels.count(1)) == (1, 1)
    assert all(deeper <= level + 1 for level, deeper in pairwise(levels))


def test_a_formula_is_mathematics_that_browsers_set() -> None:
    """Every sign and function of the language has its MathML, with names as text."""
    tried = {
        "where(a > 1 and not (b <= 2) or present(c), a, -b)": "<mtable>",
        "coalesce(previous(a, 2), at(b, 2020))": "<msub>",
        "sqrt(abs(a)) + exp(ln(b)) ** 2": "<msqrt>",
        "clip(min(a, b), 0, max(1e9, 2)) / change(c)": "<mfrac>",
        "where(peers_mean(a) != peers_median(b), 1, 2)": "同类平均",
    }
    for formula, held in tried.items():
        made = mathml("<n>", typeset(parse(formula).tree), "zh")
        assert held in made
        assert "<mtext>&lt;n&gt;</mtext>" in made
        Page(made.encode())
    assert {name for name in FUNCTIONS if not any(name in formula for formula in tried)} == set()


def test_the_manual_is_a_page_too(default: Manual) -> None:
    """Names, numbers and notice of the manual are on its page, the same bytes each time."""
    content = MANUALS["html"](default)
    assert content == MANUALS["html"](default)
    text = Page(content).text
    rows = [cell for block in default.blocks if isinstance(block, Table) for row in block.rows for cell in row]
    assert [cell for cell in rows if " ".join(cell.split()) not in text] == []
    assert "示例数据" in text
