"""The page of robustness: sentences made from the numbers, exact bounds when asked for, words where there are none."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data.__main__ import main

ROOT = Path(__file__).parent.parent


def _run(**query: str) -> AppTest:
    at = AppTest.from_file(str(ROOT / "pages" / "view" / "robustness.py"), default_timeout=120)
    for name, value in query.items():
        at.query_params[name] = value
    return at.run()


def _text(at: AppTest) -> str:
    return "\n".join(element.proto.body for element in at.get("html"))


@pytest.mark.usefixtures("used")
def test_the_sentence_says_how_many_tiers_and_whose_rank_is_firm() -> None:
    """Tiers, firm ranks, the least sure one, and what has been drawn; the probability that one is above another."""
    text = _text(_run())
    assert "13 个地区分为 4 档（第 1 档 1 个、第 2 档 1 个、第 3 档 9 个、第 4 档 2 个）" in text
    assert "枫屿市</a>（第 1）" in text
    assert "旻阳市</a> (3–11)" in text
    assert "1,000 次抽样，种子 20240101、各级权重 ±25 % 浮动" in text
    assert "影响名次最大的是汇总方法" in text
    assert "最好名次" not in text


@pytest.mark.usefixtures("used")
def test_exact_bounds_stand_in_the_address() -> None:
    """With the switch in the address the table holds the best and the worst rank as well."""
    at = _run(bounds="1", lang="en")
    assert not at.exception
    text = _text(at)
    assert "thin lines: best and worst rank under any weights within the bounds" in text
    assert "Worst rank" in text
    assert "with each weight anywhere within ±25 %" in at.toggle(key="bounds").label


@pytest.mark.usefixtures("used")
def test_a_regions_rank_carries_its_interval() -> None:
    """The sentence and the composite's card of a region's page have the rank's interval as the overview's bars do."""
    at = AppTest.from_file(str(ROOT / "pages" / "view" / "region.py"), default_timeout=120)
    at.query_params["region"] = "910400"
    text = _text(at.run())
    assert "排名 4 / 13 (3–11)" in text
    assert "第 4 / 13 (3–11)</span>" in text


@pytest.mark.usefixtures("used")
def test_two_regions_are_swapped_by_the_least_change() -> None:
    """The regions of the address; one that is never behind is said to be so, and a region cannot pass itself."""
    assert "要让岫原市超过鹭原市，至少要挪动 0.110 分权重" in _text(_run(one="910300", other="930400"))
    assert "无论怎样调整权重" in _text(_run(one="920500", other="930300"))
    assert "请选两个不同的地区" in _text(_run(one="920500", other="920500"))


@pytest.mark.usefixtures("used")
def test_the_first_cycle_has_no_improvement_to_speak_of() -> None:
    """Without a cycle before it nothing is said of improvement; a region's own drivers are in the address."""
    text = _text(_run(cycle="2020", output="920100"))
    assert "没有上期可比" in text
    assert "NaN" not in text
    assert "None" not in text


@pytest.mark.usefixtures("used")
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_overviews_ranks_carry_their_intervals(lang: str) -> None:
    """Bars hold rank and interval and have whiskers, the table and the moves name the interval as well."""
    at = AppTest.from_file(str(ROOT / "pages" / "view" / "overview.py"), default_timeout=120)
    at.query_params["lang"] = lang
    at.run()
    assert not at.exception
    bars = json.loads(at.get("plotly_chart")[0].proto.spec)["data"][0]
    assert " <b>4</b> (3–11)" in bars["text"]
    assert len(bars["error_x"]["array"]) == 13
    text = _text(at)
    assert {"zh": "名次区间", "en": "Rank interval"}[lang] in text
    assert "5 / 13 (3–6)" in text


@pytest.mark.usefixtures("used")
def test_what_would_take_long_is_left_to_its_own_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where trials × rows are many the overview draws without intervals, so that nobody waits for it."""
    monkeypatch.setattr("pages.parts.trials.AT_ONCE", 10)
    at = AppTest.from_file(str(ROOT / "pages" / "view" / "overview.py"), default_timeout=120).run()
    assert not at.exception
    assert "arrayminus" not in at.get("plotly_chart")[0].proto.spec
    assert "名次区间" not in _text(at)


def _store(tmp_path: Path, definitions: str, facts: str) -> Path:
    store = tmp_path / "own.duckdb"
    (tmp_path / "i.yaml").write_text(definitions, "utf-8")
    (tmp_path / "f.csv").write_text(facts, "utf-8")
    assert main(["init", "--db", str(store), "--indicators", str(tmp_path / "i.yaml")]) == 0
    assert main(["import", str(tmp_path / "f.csv"), "--db", str(store)]) == 0
    return store


OWN = """
schema: 1
title: t
variables: {x: {name: x, unit: "1"}, y: {name: y, unit: "1"}}
indicators:
  a: {name: 甲, unit: "1", formula: x, better: higher}
  b: {name: 乙, unit: "1", formula: y, better: higher}
index: {code: all, name: 总, aggregate: MEAN, children: [{indicator: a}, {indicator: b}]}
"""
ROWS = "region,period,variable,value\n1,2024,x,1\n1,2024,y,3\n2,2024,x,2\n2,2024,y,1\n3,2024,x,4\n3,2024,y,2\n"


def test_a_tree_without_linear_means_says_why_it_has_no_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A median's ranks have intervals but no exact bounds; the page says so and goes on."""
    monkeypatch.setenv("QUHENG_DB", str(_store(tmp_path, OWN.replace("MEAN", "median"), ROWS)))
    at = _run(bounds="1")
    assert not at.exception
    text = _text(at)
    assert "weights_not_linear" in text
    assert "求不出调换名次的最小改动" in text
    assert "对地区分不出先后" in text


def test_weights_that_alone_are_uncertain_are_the_driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a flat index whose weights alone are drawn the page says that they move the ranks, all of it."""
    own = OWN.replace("aggregate: MEAN, ", "") + "robustness: {weights: {spread: 0.5}, trials: 50}\n"
    monkeypatch.setenv("QUHENG_DB", str(_store(tmp_path, own, ROWS)))
    at = _run()
    assert not at.exception
    assert "影响名次最大的是“总”内的权重" in _text(at)


def test_a_frame_without_facts_is_told_and_the_overview_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page says which frame is no cycle of the facts; the overview has ranks without intervals."""
    own = OWN.replace("aggregate: MEAN, ", "") + "robustness: {frame: [declared, 1999]}\n"
    monkeypatch.setenv("QUHENG_DB", str(_store(tmp_path, own, ROWS)))
    at = _run()
    assert not at.exception
    assert "1999 不是评分中的周期" in _text(at)
    overview = AppTest.from_file(str(ROOT / "pages" / "view" / "overview.py"), default_timeout=120).run()
    assert not overview.exception
    assert "arrayminus" not in overview.get("plotly_chart")[0].proto.spec


def test_nobody_ranked_and_nothing_uncertain_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One region has no rank by min-max; a file that draws nothing but what it declares has no drivers."""
    lone = "\n".join(line for line in ROWS.splitlines() if line[0] in "r1") + "\n"
    monkeypatch.setenv("QUHENG_DB", str(_store(tmp_path, OWN.replace("MEAN", "arithmetic"), lone)))
    at = _run()
    assert not at.exception
    assert "没有名次可谈是否稳固" in _text(at)
    (tmp_path / "two").mkdir()
    sure = OWN.replace("MEAN", "arithmetic") + "robustness: {normalise: [declared]}\n"
    monkeypatch.setenv("QUHENG_DB", str(_store(tmp_path / "two", sure, ROWS)))
    text = _text(_run())
    assert "没有不确定的选择" in text
    assert "3 个名次稳固，0 个会变动" in text


def test_a_handful_of_trials_is_said_to_be_for_trying_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With few trials every rank looks firm; the page says what that is worth."""
    text = (ROOT / "indicators.yaml").read_text(encoding="utf-8")
    assert "  trials: 1000" in text
    path = tmp_path / "few.yaml"
    path.write_text(text.replace("  trials: 1000", "  trials: 1"), encoding="utf-8")
    db = tmp_path / "few.duckdb"
    assert main(["demo", "--db", str(db)]) == 0
    monkeypatch.setenv("QUHENG_DB", str(db))
    monkeypatch.setattr("data.store.Store.definitions_path", lambda self: path)
    assert "抽样不足 100 次" in _text(_run())
