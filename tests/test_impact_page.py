"""The impact of a draft on screen: who is touched in the open cycles, in names and numbers, and nothing else."""

from pathlib import Path

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from metrics.problems import InputError, Problem
from metrics.scorecard import Scorecard
from pages.parts.impact_figure import shifts

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "indicators.yaml").read_text(encoding="utf-8")
# More weight to costs, and good from 78 points on.
DRAFT = (("weight: 0.30", "weight: 0.45"), ("at_least: 80}", "at_least: 78}"), ("> 20.0", "> 18.0"))

WORDS = {
    "zh": (
        "若采用：2024 年 16 个地区得分改变；2 个名次改变，都在原来的名次区间内；3 个地区适用的规则改变",
        "合格 → 良好（等级标准）",
        ("旻阳市", "雁渚市"),
        ("▲ +0.93 改善", "权重：节约能源资源 +1.14、运行成本 +0.61"),
        "新适用“单位建筑面积能耗超过约束值，等级不高于合格”",
    ),
    "en": (
        "If adopted: in 2024 scores that change: 16; ranks that change: 2, all within the interval they had",
        "Qualified → Good (bounds of the grades)",
        ("Minyang", "Yanzhu"),
        ("▲ +0.93 better", "weights: Energy and resources +1.14, Operating cost +0.61"),
        "now applies: “Energy per floor area above the binding limit: at most qualified”",
    ),
}


def _page(text: str, begins: str) -> None:
    from data.store import Store
    from metrics.reader import read
    from pages.parts import impact
    from pages.parts.shell import begin

    begin()
    definitions = read(text).definitions
    assert definitions is not None
    impact.show(Store(), definitions, begins)


def _run(*changes: tuple[str, str], lang: str = "zh", begins: str = "2020") -> AppTest:
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    at = AppTest.from_function(_page, kwargs={"text": text, "begins": begins}, default_timeout=60)
    at.query_params["lang"] = lang
    at.run()
    assert not at.exception
    return at


def _text(at: AppTest) -> str:
    return "\n".join(element.proto.body for element in at.get("html"))


def _row(at: AppTest, name: str) -> str:
    """A region's row of the table of regions."""
    tables = [part for part in _text(at).split('<div class="q-scroll"') if "q-first" in part]
    return next(row for row in tables[-1].split("<tr>") if f">{name}</a>" in row)


@pytest.mark.usefixtures("used")
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_draft_is_told_by_names_and_numbers(lang: str) -> None:
    """The sentence counts and names who gets another grade and through what; a row a region says why."""
    told, place, region, row, rule = WORDS[lang]
    at = _run(*DRAFT, lang=lang)
    assert told in _text(at)
    assert f"</a> {place}" in _text(at)
    assert all(part in _row(at, region[0]) for part in ("80.6 → 81.5", "4 → 3 (3–11)", *row))
    assert rule in _row(at, region[1])
    assert "over_limit" not in _text(at)
    assert at.get("plotly_chart")


@pytest.mark.usefixtures("used")
def test_a_rank_that_leaves_its_interval_is_marked() -> None:
    """Weights moved further than the trials moved them: the sentence counts it, and the row says so."""
    at = _run(("weight: 0.30", "weight: 0.90"))
    assert "1 个超出原来的名次区间" in _text(at)
    assert "3 → 5 (3–4)<br><b>超出原区间</b>" in _row(at, "澍川市")
    assert "超出原区间" not in _row(at, "笙湖市")


@pytest.mark.usefixtures("used")
def test_ranks_are_counted_where_no_interval_can_be_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Definitions in force that the trials refuse leave the intervals out, and the rest stands."""

    def refused(card: Scorecard) -> None:
        raise InputError([Problem("frame_without_cycle", facts={"cycle": "1999", "known": "2024"})])

    monkeypatch.setattr("metrics.impact.analyse", refused)
    at = _run(("weight: 0.30", "weight: 0.91"))
    assert "3 个名次改变；" in _text(at)
    assert "<td>3 → 5</td>" in _row(at, "澍川市")


@pytest.mark.usefixtures("used")
def test_a_draft_that_changes_nothing_is_one_sentence() -> None:
    """Another comment moves no number: no cycle to choose, no picture, no table."""
    at = _run(("schema: 1", "schema: 1 # again"))
    assert "若采用，没有任何得分、名次、等级或规则改变。" in _text(at)
    assert not at.get("plotly_chart")
    assert not at.selectbox
    assert "<table" not in _text(at)


@pytest.mark.usefixtures("used")
def test_cycles_that_keep_their_scores_are_left_out_and_named() -> None:
    """They are no cycles to choose from; a draft for cycles to come alone is tried on those there are."""
    at = _run(*DRAFT, begins="2022")
    assert at.selectbox(key="impact cycle").options == ["2024", "2023", "2022"]
    assert at.caption[0].value.endswith("2020、2021")
    ahead = _run(*DRAFT, begins="2025")
    assert "供参考" in ahead.info[0].value
    assert ahead.selectbox(key="impact cycle").options == ["2024", "2023", "2022", "2021", "2020"]
    assert "若采用：2024 年" in _text(ahead)


@pytest.mark.usefixtures("used")
def test_the_cycle_can_be_chosen() -> None:
    """The sentence, the picture and the table are of the chosen cycle."""
    at = _run(*DRAFT)
    at.selectbox(key="impact cycle").set_value("2022").run()
    assert "若采用：2022 年 16 个地区得分改变" in _text(at)
    assert "2024 年" not in _text(at)


@pytest.mark.usefixtures("used")
def test_what_leaves_composites_alone_is_said() -> None:
    """A new indicator outside the tree: no region's composite changes, and what does is counted."""
    extra = "  areas: {name: areas, unit: m2, formula: floor_area, better: higher, normalise: minmax}\n"
    at = _run(("\nindex:\n", f"\n{extra}\nindex:\n"))
    assert "若采用：2024 年综合得分、名次、等级都不变；改变的只是 1 项维度或指标。" in _text(at)
    assert not at.get("plotly_chart")


def test_the_figure_has_a_bar_a_region_from_nothing() -> None:
    """The greatest gain on top in the colour of better, losses in that of worse, each with its mark and number."""
    rows = pl.DataFrame(
        {"region": ["a", "b"], "name": ["A", "B"], "score_before": [50.0, 70.0], "score_after": [52.0, 69.0],
         "change": [2.0, -1.0]}
    )  # fmt: skip
    figure = shifts(rows).to_dict()
    (bars,) = figure["data"]
    assert list(bars["y"]) == ["B", "A"]
    assert list(bars["x"]) == [-1.0, 2.0]
    assert len(set(bars["marker"]["color"])) == 2
    assert [note["text"] for note in figure["layout"]["annotations"]] == ["▼ −1.00", "▲ +2.00"]
    assert figure["layout"]["xaxis"]["range"] == [-1.0, 2.0]
