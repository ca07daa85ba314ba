"""The pages for the designer of an index: they say what the engine found, and follow their address."""

import re
from pathlib import Path

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from data.__main__ import main
from data.store import Store
from metrics.diagnostics import diagnose
from metrics.efficiency import efficiency
from metrics.files import read_definitions
from metrics.production import default_measures
from metrics.scorecard import Scorecard, score

ROOT = Path(__file__).parent.parent
CHECKUP, EFFICIENCY = "define/diagnostics", "view/efficiency"
pytestmark = pytest.mark.usefixtures("used")


@pytest.fixture(scope="module")
def card(demo: Path) -> Scorecard:
    """The demonstration, scored."""
    store = Store(str(demo))
    return score(read_definitions(store.definitions_path()), store.facts(), regions=store.regions())


def _run(page: str, **query: str) -> AppTest:
    at = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=60)
    for name, value in query.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception
    return at


def _text(at: AppTest) -> str:
    """All that the page says in HTML."""
    return "\n".join(element.proto.body for element in at.get("html"))


def test_the_check_up_counts_what_the_engine_found(card: Scorecard) -> None:
    """Warnings and notes are the engine's, and each stands on the page with names, not codes."""
    found = diagnose(card, "2024")
    warnings = [problem for problem in found.findings if problem.severity == "warning"]
    text = _text(_run(CHECKUP))
    assert f"{len(warnings)} 条警告，{len(found.findings) - len(warnings)} 条提示" in text
    assert text.count('<b class="worse">警告</b>') == len(warnings)
    assert not any(f"“{code}”" in text for code in card.definitions.indicators)


NAMES = """
schema: 1
title: names
variables: {x: {name: x, unit: "1"}, y: {name: y, unit: "1"}}
indicators:
  b1: {name: <用电>, unit: "1", formula: x, better: higher}
  a1: {name: a, unit: "1", formula: y, better: higher}
index: {code: all, name: all, children: [{indicator: b1}, {indicator: a1}]}
"""


def test_the_check_up_links_whatever_a_name_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An indicator called `a`, which is found in every link, is linked once, in its own place."""
    definitions, facts, store = (tmp_path / name for name in ("n.yaml", "n.csv", "n.duckdb"))
    definitions.write_text(NAMES, "utf-8")
    rows = [f"r{i},2024,{name},{value}\n" for i in range(12) for name, value in (("x", i), ("y", i + i % 3 * 0.1))]
    facts.write_text("region,period,variable,value\n" + "".join(rows), "utf-8")
    assert main(["init", "--db", str(store), "--indicators", str(definitions)]) == 0
    assert main(["import", str(facts), "--db", str(store)]) == 0
    monkeypatch.setenv("QUHENG_DB", str(store))
    text = _text(_run(CHECKUP))
    links = ('<a href="./indicator?code=b1">&lt;用电&gt;</a>', '<a href="./indicator?code=a1">a</a>')
    assert "“{}”与“{}”几乎同步".format(*links) in text


def test_the_check_up_shows_a_pillar_and_another_coefficient(card: Scorecard) -> None:
    """The pillar and the coefficient of the address: its indicators, with the engine's number in the table."""
    pairs = diagnose(card, "2024").pairs
    pair = pairs.filter(code="satisfaction", other="repair_on_time").row(0, named=True)
    at = _run(CHECKUP, node="service_quality", kind="kendall")
    assert at.selectbox(key="node").value == "service_quality"
    assert f">{pair['kendall']:+.2f}</td>" in _text(at)
    below = _text(at).split("得分分布")[1]
    assert "服务满意率" in below
    assert "供暖能耗" not in below


def test_the_check_up_follows_the_area(card: Scorecard) -> None:
    """An area's own regions are looked at, in the cycle of the address."""
    text = _text(_run(CHECKUP, area="river_ring", cycle="2023", lang="en"))
    members = next(line for line in text.splitlines() if "correlations and weights use scores" in line)
    count = int(re.search(r"(\d+) regions;", members)[1])  # type: ignore[index]
    assert 0 < count < card.regions.filter(pl.col("compared")).height
    assert "2023: " in text


def test_the_efficiency_is_the_engine_s(card: Scorecard) -> None:
    """How many are efficient, and the least of them, by the usual inputs and outputs."""
    inputs, outputs = default_measures(card.definitions)
    found = efficiency(card, "2024", inputs=inputs, outputs=outputs)
    names = dict(card.regions.select("code", "name_zh").iter_rows())
    least = found.regions.sort("ccr").row(0, named=True)
    text = _text(_run(EFFICIENCY))
    assert f"{found.regions.height} 个地区中 {found.regions.filter(status='efficient').height} 个有效" in text
    assert f"效率最低：{names[least['region']]} {least['ccr']:.3f}" in text


def test_measures_stand_in_the_address() -> None:
    """Other measures from the address: a score among the outputs is judged with variable returns, and that is said."""
    at = _run(EFFICIENCY, inputs="operating_cost", outputs="energy_users,service_quality", orientation="output")
    assert at.multiselect(key="outputs").value == ["energy_users", "service_quality"]
    assert "规模报酬可变（BCC）" in _text(at)
    assert "“后勤服务质量”是比率或得分" in _text(at)
    assert "outputs" not in _run(EFFICIENCY).query_params


def test_measures_that_cannot_be_end_in_words() -> None:
    """One measure on both sides: the page says why it stops, by the measure's name."""
    text = _text(_run(EFFICIENCY, inputs="operating_cost", outputs="operating_cost"))
    assert "“机关运行成本总额”不能出现两次" in text


def test_no_input_is_said() -> None:
    """Without any input the page asks for one."""
    at = _run(EFFICIENCY)
    at.multiselect(key="inputs").set_value([]).run()
    assert not at.exception
    assert "至少要有一项投入和一项产出" in _text(at)


def test_regions_that_are_ranked_apart_are_told_why(card: Scorecard) -> None:
    """Every region three places or more apart has a line, the farthest first."""
    inputs, outputs = default_measures(card.definitions)
    found = efficiency(card, "2024", inputs=inputs, outputs=outputs)
    apart = found.regions.filter(pl.col("places").abs() >= 3)
    assert apart.height
    text = _text(_run(EFFICIENCY))
    for row in apart.iter_rows(named=True):
        assert f"效率第 {row['rank']}、综合第 {row['composite_rank']}" in text
