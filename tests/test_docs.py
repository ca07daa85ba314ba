"""The manual: every problem, term and key that exists is in it, and nothing that does not."""

import json
import re
from pathlib import Path

import pytest

import data.mapping_words
import data.messages
from data.__main__ import main as data_main
from metrics import aggregate, impute, normalise, outliers, weigh
from metrics.__main__ import main as metrics_main
from metrics.formula import FUNCTIONS
from metrics.messages import CODES
from metrics.models import Indicator, Node, Variable
from metrics.reader import TOP_KEYS, json_schema, read

ROOT = Path(__file__).parent.parent
PROBLEMS = (ROOT / "docs" / "problems.md").read_text(encoding="utf-8")
SEVERITIES = {"error": "错误 error", "warning": "警告 warning", "note": "提示 note"}
REGISTERED = {**data.messages.CODES, **data.mapping_words.WORDS}
TERMS = {
    "region": "地区", "unit": "计量单位", "period": "期间", "cycle": "评估周期", "site": "公共机构", "variable": "变量",
    "fact": "事实", "factor": "系数", "indicator": "指标", "pillar": "维度", "composite": "综合", "value": "指标值",
    "score": "得分", "rank": "排名", "goalposts": "目标区间", "frame": "基准框", "peers": "可比组",
    "coverage": "覆盖率", "grade": "等级", "veto": "一票否决", "scorecard": "评分卡", "assessor": "第三方评估机构",
}  # fmt: skip


def _sections() -> dict[str, str]:
    """What stands under each problem's heading, heading included."""
    parts = re.split(r"^(?=### |## )", PROBLEMS, flags=re.MULTILINE)
    found = [(re.match(r"### `(\w+)`", part), part) for part in parts]
    return {match[1]: part for match, part in found if match}


SECTIONS = _sections()


def test_every_problem_is_in_the_manual_and_no_other() -> None:
    """Each code that a message can carry has its section, once; none is left of a code that is gone."""
    headings = re.findall(r"^### `(\w+)`", PROBLEMS, flags=re.MULTILINE)
    assert sorted(headings) == sorted(CODES)
    assert set(REGISTERED) <= set(CODES)


@pytest.mark.parametrize("code", sorted(CODES))
def test_a_problem_is_told_as_the_program_tells_it(code: str) -> None:
    """Severity and both messages are the program's own; why it matters and what to do follow in both languages."""
    severity, zh, en = CODES[code]
    lines = SECTIONS[code].splitlines()
    told = [text.replace("{{", "{").replace("}}", "}") for text in (zh, en)]
    assert lines[:5] == [f"### `{code}` · {SEVERITIES[severity]}", "", f"> {told[0]}", ">", f"> {told[1]}"]
    assert re.search(r"^- 为什么：.{6,}怎么办：.{3,}。$", SECTIONS[code], flags=re.MULTILINE)
    assert re.search(r"^- Why: .{10,}\. What to do: .{5,}\.$", SECTIONS[code], flags=re.MULTILINE)


def test_problems_are_grouped() -> None:
    """File, formulas, units, meaning, facts, mappings, commands: each group says what it is about."""
    groups = re.split(r"^## ", PROBLEMS, flags=re.MULTILINE)[1:]
    assert [group.splitlines()[0].partition(" · ")[2] for group in groups] == [
        "The file", "Formulas", "Units", "What the definitions mean", "Facts and regions",
        "Mappings and source files", "Commands and the store",
    ]  # fmt: skip
    assert all(group.splitlines()[2] and group.splitlines()[4] for group in groups)


@pytest.mark.parametrize(
    "file",
    [*(f"docs/{name}.md" for name in ("problems", "mapping", "reliability", "editors", "process")), "GLOSSARY.md"],
)
def test_the_manual_names_commands_and_files_that_exist(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each `python -m …` in the manual is a command, each page that it points to is there."""
    text = (ROOT / file).read_text(encoding="utf-8")
    for program, command in set(re.findall(r"python -m (metrics|data) (\w+)", text)):
        with pytest.raises(SystemExit) as ended:
            {"metrics": metrics_main, "data": data_main}[program]([command, "--help"])
        assert ended.value.code == 0, command
    capsys.readouterr()
    for page in set(re.findall(r"\b([\w/-]+\.md)\b", text)):
        assert ((ROOT / file).parent / page).exists() or (ROOT / page).exists(), page


def test_the_schema_file_is_what_the_program_prints(capsys: pytest.CaptureFixture[str]) -> None:
    """Editors are given the schema of this very version; `python -m metrics schema` writes it anew."""
    assert metrics_main(["schema"]) == 0
    printed = capsys.readouterr().out
    assert (ROOT / "docs" / "indicators.schema.json").read_text(encoding="utf-8") == printed
    assert json.loads(printed) == json_schema()


def test_the_guide_names_every_part_method_and_function() -> None:
    """What a definitions file may hold stands in its guide, and its smallest file can be used as it is."""
    guide = (ROOT / "docs" / "definitions.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z_]+)`", guide))
    assert {*TOP_KEYS, *FUNCTIONS} <= named
    for methods in (normalise.METHODS, impute.METHODS, outliers.METHODS, aggregate.METHODS, weigh.METHODS):
        assert set(methods) <= named
    keys = {field.alias or name for part in (Variable, Indicator, Node) for name, field in part.model_fields.items()}
    assert {key for key in keys if f"`{key}" not in guide} == {"domain"}
    smallest = re.search(r"```yaml\n(.*?)```", guide, re.DOTALL)
    assert smallest is not None
    assert read(smallest.group(1)).problems == ()


def test_every_term_is_in_the_glossary() -> None:
    """Each term of the code stands in the glossary with its Chinese and one line of meaning in both languages."""
    rows = re.findall(
        r"^\| (\w+) \| (\S+) \| (.+) \| (.+) \|$", (ROOT / "GLOSSARY.md").read_text(encoding="utf-8"), re.M
    )
    told = {term: chinese for term, chinese, *_ in rows if term != "Term"}
    assert told == TERMS
    assert all(zh.endswith("。") and en.endswith(".") for term, _, zh, en in rows if term != "Term")


def test_the_program_speaks_as_the_glossary_does() -> None:
    """What exports and the store's status call a thing is what the glossary calls it."""
    from data.told import LABELS
    from metrics.export.labels import HEADS, LEVELS

    named = {**{name: words[0] for name, words in HEADS.items()}, **{name: words[0] for name, words in LEVELS.items()}}
    shared = {"value", "score", "rank", "coverage", "grade", "unit", "composite", "pillar", "indicator"}
    assert {name: named[name] for name in shared} == {name: TERMS[name] for name in shared}
    assert {plural: LABELS[plural][0] for plural in ("facts", "regions", "sites", "periods")} == {
        "facts": "事实", "regions": "地区", "sites": "公共机构", "periods": "期间",
    }  # fmt: skip
