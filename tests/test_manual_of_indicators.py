"""The manual of indicators: everything that the file says, by names, as Markdown and as a PDF that can be read."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdf
import pytest

from metrics.__main__ import main
from metrics.definitions import Definitions
from metrics.export import MANUALS, typesetter
from metrics.export.markdown import code, escaped
from metrics.formula import FUNCTIONS, parse
from metrics.manual import Edition, manual
from metrics.problems import InputError
from metrics.reader import read
from metrics.syntax import BINDS
from metrics.typeset import _SET, typeset

ROOT = Path(__file__).parent.parent
HISTORY = (
    Edition("abcdef0123456789", "2026-11-28", "张三", "按新标准调整", ("“人均用水量”的权重 1 → 2",)),
    Edition("0123", "2025-01-01", "李四", "首版"),
)
ODD = 'a # *b* _c_ $d$ <e> \\f `g` |h| [i](j) @k ~l~ // "m" #n 1. 中文'
FILE = """\
schema: 1
title: {zh: TITLE, en: TITLE}
factors: {coal: {name: ODD, unit: kgce/kWh, source: ODD, values: {2020-01-01: {default: 0.1, "130000": 0.2}}}}
variables:
  power: {name: ODD, unit: kWh, plausible: [0, 1000000], absent: zero, why: ODD}
  area: {name: {zh: 面积, en: Area}, unit: m2, over_time: last, over_sites: {mean_by: power}}
  twice: {name: 推算, unit: kWh, formula: 2 * power}
indicators:
  per_area: {name: ODD, unit: kgce/m2, formula: power * coal / area, better: lower, why: ODD, source: ODD, owner: ODD,
    checked_by: 李四, next_review: 2030-01-01, valid: {from: 2020-01-01},
    normalise: {method: limits, binding: 3, current: 2, leading: 1}, example: {given: {power: 20, area: 2}, value: 1}}
  alone: {name: 旁列, unit: kWh, formula: twice, better: {between: [1, 2]}, peers: zone,
    normalise: {method: band, best: [1, 2], worst: [0, 3]}}
index:
  {code: all, name: 综合, children: [{code: odd, name: ODD, weight: 1/4, children: [{indicator: per_area}]},
  {code: other, name: 其他, weight: 3/4, weights: {entropy: 2020}, children: [{indicator: more}]}]}
grades: [{code: a, name: ODD, at_least: 80}, {code: b, name: 良}]
rules: [{code: over, kind: veto, when: per_area > 3, cap: b, name: ODD, source: ODD}]
"""


@pytest.fixture(scope="module")
def default() -> Definitions:
    """The default definitions."""
    found = read((ROOT / "indicators.yaml").read_bytes()).definitions
    assert found is not None
    return found


@pytest.fixture(scope="module")
def odd() -> Definitions:
    """Definitions with all marks of Markdown, HTML, LaTeX and typst in every text."""
    return _filled("'" + ODD + "'")


def _filled(quoted: str) -> Definitions:
    """Definitions with this text, as it is written in a file, in every place of a text."""
    text = FILE.replace("ODD", quoted).replace("TITLE", quoted)
    more = "  more: {name: 更多, unit: kWh, formula: power, better: higher}\nindex:"
    found = read(text.replace("index:", more, 1))
    assert found.definitions is not None, [problem.render("", "en") for problem in found.problems]
    return found.definitions


def text_of(pdf: bytes) -> str:
    """What a reader of a PDF finds, without the spaces and line ends that setting brings."""
    return re.sub(r"\s|\u200b", "", "".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(pdf)).pages))


def bare(text: str) -> str:
    """A text without spaces, as `text_of` gives it."""
    return re.sub(r"\s", "", text)


def shown(markdown: str) -> str:
    """Markdown as it is shown: marks with a backslash stand for themselves."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_everything_that_has_a_name_is_in_the_manual(default: Definitions, lang: str) -> None:
    """Each node, indicator, variable, factor, grade and rule by name, in Markdown and in the PDF, and the version."""
    made = manual(default, lang=lang, history=HISTORY, notice="示例数据 Example")
    markdown, pdf = shown(MANUALS["md"](made).decode()), text_of(MANUALS["pdf"](made))
    entries = [*default.grades, *default.rules]
    names = [default.name_of(code, lang) for code in default.codes] + [
        item.name.text(lang) for item in entries if item.name
    ]
    assert [name for name in names if name not in markdown] == []
    assert [name for name in names if bare(name) not in pdf] == []
    for text in (
        default.title.text(lang),
        default.digest,
        "示例数据 Example",
        "按新标准调整",
        "“人均用水量”的权重 1 → 2",
    ):
        assert text in markdown
        assert bare(text) in pdf


def test_an_indicator_says_all_that_its_definition_holds(odd: Definitions) -> None:
    """Unit, direction, share of the whole, numbers of the normalisation, source, people, dates, the worked example."""
    text = shown(MANUALS["md"](manual(odd)).decode())
    part = text[text.index("`per_area`") : text.index("`more`")]
    for told in (
        "以 kgce/m² 计，越低越好", "占综合得分的 25 %", "`power * coal / area`",
        "约束值 3，基准值 2，引导值 1，得分 60、80、100",
        "责任单位", "**核对人**：李四", "**下次复核**：2030-01-01", "**有效期**：2020-01-01 起", "指标值 1 kgce/m²",
    ):  # fmt: skip
        assert told in part
    assert "不计入综合得分的指标" in text
    assert "1 至 2 之间最好" in text
    assert "由熵权法（取自周期 2020）确定" in text
    assert "按“" in text
    assert "0 至 1,000,000；没报视为零" in text
    assert "等级最高为“良”" in text


def test_units_are_said_as_on_the_pages(default: Definitions) -> None:
    """Every unit stands in words, in sentences and in tables; none as a file writes it."""
    zh, en = (MANUALS["md"](manual(default, lang=lang)).decode() for lang in ("zh", "en"))
    assert "以元/人计，越低越好" in zh
    assert "| 件/万人 |" in zh
    assert "In CNY/person, lower is better" in en
    assert "item/10k people" in en
    for text in (zh, en):
        assert re.findall(r"\b(?:m2|m3|kgCO2)\b", re.sub(r"`[^`]*`", "", text)) == []
    assert re.findall(r"\b(?:CNY|person)\b", re.sub(r"`[^`]*`", "", zh)) == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_text_of_the_file_is_read_as_markup(odd: Definitions, lang: str) -> None:
    """Every mark stands in the PDF and in Markdown as it was written, in titles, tables, formulas and sentences."""
    made = manual(odd, lang=lang, notice=ODD, history=[Edition("1", ODD, ODD, ODD, (ODD,))])
    times = MANUALS["md"](made).decode().count(escaped(ODD))
    assert times > 25
    pdf = text_of(MANUALS["pdf"](made))
    # The head of each page shows the notice once more; formulas set the name without its quotation marks.
    assert pdf.count(bare(ODD)) >= times


@pytest.mark.parametrize(
    "text", [ODD, "- x", "1. x", "12) x", "+ x", "===", "---", "# x", "a\nb", "| a |", "**a**", "&amp;", "$x$", "\\"]
)
def test_escaped_text_has_no_mark_of_its_own(text: str) -> None:
    """Each mark has its backslash, nothing begins a list or a rule, and without the backslashes it is the text."""
    made = escaped(text)
    assert shown(made) == " ".join(text.split())
    assert re.findall(r"(?<!\\)(?:\\\\)*[`*_\[\]<>#|~$&]", made) == []
    assert re.match(r"[-+] |\d+[.)]( |$)|[-=]+$", made) is None


def test_code_holds_backticks_and_bars() -> None:
    """Text as code is closed by more backticks than it holds, and a bar in it parts no cells."""
    assert (code("a|b"), code("a`b"), code("")) == ("`a\\|b`", "`` a`b ``", "")


def test_the_same_definitions_make_the_same_file(odd: Definitions) -> None:
    """No clock and no machine is in a PDF, which says its language and title and has tags for screen readers."""
    made = manual(odd)
    pdf = MANUALS["pdf"](made)
    assert pdf == MANUALS["pdf"](made)
    root = pypdf.PdfReader(BytesIO(pdf)).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert str(root["/Lang"]).startswith("zh")
    assert {str(font).lstrip("/").partition("+")[2][:13] for font in _fonts(pdf)} >= {"NotoSansCJKsc"}


def _fonts(pdf: bytes) -> Iterator[str]:
    for page in pypdf.PdfReader(BytesIO(pdf)).pages:
        yield from (font.get_object()["/BaseFont"] for font in page["/Resources"]["/Font"].values())


def test_every_function_can_be_set() -> None:
    """Signs and functions of the formula language all have their mathematics; unlike ones are set unlike."""
    assert set(_SET) == {*BINDS, *FUNCTIONS, "not", "neg"}
    assert typeset(parse("a / (b + c)").tree) == [
        "frac",
        ["name", "a"],
        ["row", ["name", "b"], ["sign", "+"], ["name", "c"]],
    ]
    assert _on_one_line("a / b / (c / (d + e))") == "a ÷ b | c ÷ (d + e)"
    assert _on_one_line("(1 - a / b) / c") == "1 − a ÷ b | c"
    assert _on_one_line("a * b / (c * d) / (2 * ((a - b) / c))") == "a × b ÷ (c × d) | 2 × (a − b) ÷ c"
    assert _on_one_line("a / (where(b > 1, a, b) / c)") == "a | (cases) ÷ c"
    assert typeset(parse("(a + b) * c").tree)[1][0] == "paren"
    assert typeset(parse("(a * b) * c").tree) == typeset(parse("a * b * c").tree)
    assert typeset(parse("a - (b - c)").tree) != typeset(parse("a - b - c").tree)
    assert typeset(parse("(a / b) ** 2").tree) == [
        "sup",
        ["paren", ["frac", ["name", "a"], ["name", "b"]]],
        ["number", "2"],
    ]
    assert typeset(parse("-(a + b)").tree)[2][0] == "paren"


def _on_one_line(formula: str) -> str:
    """What stands above and below the one line of a fraction."""
    kind, above, below = typeset(parse(formula).tree)
    assert kind == "frac"
    return f"{_plain(above)} | {_plain(below)}"


def _plain(node: list[Any]) -> str:
    kind, *parts = node
    if kind == "row":
        return "".join(_plain(part) for part in parts)
    if kind == "sign":
        return f" {parts[0]} "
    return f"({_plain(parts[0])})" if kind == "paren" else parts[0] if kind in ("name", "number") else kind


def test_scores_have_as_many_digits_as_can_be_read(default: Definitions) -> None:
    """600/7 is 85.71 among the steps; the numbers of an example are whole, with thousands apart."""
    text = MANUALS["md"](manual(default)).decode()
    assert "不超过 1 得 85.71、" in text
    assert "指标值 250,000 元/人" in text
    assert re.findall(r"\d\.\d{8,}", text) == []


def test_all_mathematics_can_be_set_in_a_pdf(odd: Definitions) -> None:
    """Each function of the language goes through the template, names inside found again as text."""
    text = (
        "where(power > 1 and not present(area) or power != 2, sqrt(abs(-power)) ** 2, coalesce(clip(power, 0, 1e9), "
        "min(ln(power), exp(area), 3))) + previous(power, 2) * at(area, 2020) - change(power) + peers_mean(area) / "
        "peers_median(area) + max(power, 2)"
    )
    item = odd.indicators["per_area"].model_copy(update={"formula": parse(text), "example": None})
    changed = {**odd.__dict__, "indicators": {**odd.indicators, "per_area": item}}
    fields = Definitions.__dataclass_fields__
    definitions = Definitions(**{name: value for name, value in changed.items() if name in fields})
    assert text_of(MANUALS["pdf"](manual(definitions))).count("面积") > 6


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_no_font_has_a_sign_for_is_marked_in_the_pdf(lang: str) -> None:
    """Emoji and control characters come as one sign each run, and the first page says what it stands for."""
    told = {"zh": "“�”代表", "en": "“�”standsfor"}[lang]
    found = text_of(MANUALS["pdf"](manual(_filled('"甲👨‍👩‍👧乙\\0丙\\e[2J丁\\uFFFE"'), lang=lang)))
    assert found.count("甲�乙�丙�[2J丁�") > 20
    assert told in found
    assert told not in text_of(MANUALS["pdf"](manual(_filled("甲"), lang=lang)))


def test_without_the_typesetter_markdown_still_works(monkeypatch: pytest.MonkeyPatch, default: Definitions) -> None:
    """A PDF without its font or typst is a problem in words; Markdown needs neither."""
    made = manual(default)
    for absent in ("typst", typesetter.FONTS):
        monkeypatch.setattr(typesetter, "find_spec", lambda name, absent=absent: None if name == absent else object())
        with pytest.raises(InputError) as raised:
            MANUALS["pdf"](made)
        assert [(item.code, item.facts["packages"]) for item in raised.value.problems] == [("no_typesetting", absent)]
    assert MANUALS["md"](made)


def test_the_command_writes_a_file_or_prints(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`doc` prints Markdown, takes the format from the file's ending, and writes no PDF on a screen."""
    file = str(ROOT / "indicators.yaml")
    assert main(["doc", file, "--lang", "en"]) == 0
    assert capsys.readouterr().out.startswith("# Regional performance")
    assert main(["doc", file, "--out", str(tmp_path / "m.pdf")]) == 0
    assert (tmp_path / "m.pdf").read_bytes().startswith(b"%PDF-")
    assert main(["doc", file, "--out", str(tmp_path / "m.txt"), "--format", "md"]) == 0
    assert (tmp_path / "m.txt").read_text(encoding="utf-8").startswith("# ")
    assert main(["doc", file, "--format", "pdf"]) == 1
    assert "out_wanted" in capsys.readouterr().err


def test_earlier_files_are_the_history(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--before` tells what each version changed, the latest first; no date is made up."""
    text = FILE.replace("ODD", "甲").replace("TITLE", "甲").replace("more", "alone")
    texts = {"1.yaml": text, "2.yaml": text.replace("binding: 3", "binding: 4"), "3.yaml": text.replace("1/4", "1/2")}
    for name, content in texts.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    files = [str(tmp_path / name) for name in texts]
    assert main(["doc", files[2], "--before", *files[:2]]) == 0
    made = capsys.readouterr().out
    history = shown(made[made.index("## 版本沿革") :])
    assert re.findall(r"### (\S+)", history) == ["3.yaml", "2.yaml", "1.yaml"]
    latest, middle, oldest = history.split("### ")[1:]
    assert "的权重 0.25 → 0.5" in latest
    assert "约束值" in middle
    assert "- " not in oldest
    assert "修订日期" not in made
    assert main(["doc", files[2], "--before", files[0], "--before", str(tmp_path / "none.yaml")]) == 1
    assert "none.yaml" in capsys.readouterr().err
    assert main(["doc", files[2]]) == 0
    assert "版本沿革" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "example", sorted((ROOT / "examples").glob("*/indicators.yaml")), ids=lambda file: file.parent.name
)
def test_the_examples_have_manuals(example: Path) -> None:
    """Whatever the worked examples use can be told."""
    definitions = read(example.read_bytes()).definitions
    assert definitions is not None
    assert MANUALS["pdf"](manual(definitions, lang="en"))
