"""What reports draw and say of numbers beside each other: the interval, the spread, the pillars against the median."""

import re
import statistics

import polars as pl
import pytest

from metrics.manual.blocks import Ranges, Table
from metrics.report import report
from metrics.report.indicators import course_words
from metrics.robustness import analyse
from metrics.scorecard import Scorecard
from metrics.series import beside
from metrics.shown import number
from tests.test_report import FILE, _card


def test_the_picture_of_ranks_is_that_of_the_trials(demonstration: Scorecard) -> None:
    """Each line has the rank as its dot, and from the trials the 5 % and 95 % quantiles and the median between them."""
    made = report(demonstration, periods=["2024"], lang="en")
    (picture,) = [block for block in made.blocks if isinstance(block, Ranges)]
    standing = analyse(demonstration).standing.filter(pl.col("period") == "2024").drop_nulls("rank").sort("rank")
    names = dict(demonstration.regions.select("code", "name_en").iter_rows())
    wanted = [
        (names[row["region"]], row["rank"], row["rank_p05"], row["rank_median"], row["rank_p95"])
        for row in standing.iter_rows(named=True)
    ]
    assert [(row.name, row.value, row.low, row.middle, row.high) for row in picture.rows] == wanted
    assert len({(low == middle, middle == high) for *_, low, middle, high in wanted}) > 1


def test_the_spread_of_a_single_cycle_is_the_coefficient_of_variation() -> None:
    """The standard deviation of the composites over their mean, where there is no cycle to compare it with."""
    card = _card()
    scores = [card.composite_of(region, "2023")["score"] for region in "abcd"]
    spread = statistics.pstdev(scores) / statistics.fmean(scores)
    assert f"变异系数为 {number(spread, 'zh')}" in repr(report(card, periods=["2023"]))


@pytest.mark.parametrize(
    ("normalise", "end"),
    [
        ("goalposts, worst: 30, best: 10", 100.0),
        ("goalposts, worst: 30, best: 10, range: [0, 10]", 10.0),
        ("zscore, mean: 0, sd: 1", None),
        ("rank", None),
    ],
)
def test_pillars_are_drawn_on_the_scale_of_their_method(normalise: str, end: float | None) -> None:
    """From 0 to the best score that can be had; where there is no best one, from the group's lowest to its highest."""
    text = re.sub("goalposts, [^}]*", normalise, FILE)
    (picture,) = [block for block in report(_card(text), regions=["b"]).blocks if isinstance(block, Ranges)]
    known = [value for row in picture.rows for value in (row.value, row.low, row.high) if value is not None]
    assert (picture.start, picture.end) == ((0.0, end) if end is not None else (min(known), max(known)))


def test_a_course_ends_with_the_cycle() -> None:
    """Where the cycle has no number none is said, not that of an earlier one."""
    assert course_words((None, 47.5, 50.5)) == "47.5 → 50.5"
    assert course_words((47.5, 50.5, None)) == "47.5 → —"
    assert course_words((None, 47.5, None)) == ""


def test_a_row_of_the_ranking_is_called_by_its_region() -> None:
    """The rank comes first, and names nobody."""
    ranking = next(block for block in report(_card()).blocks if isinstance(block, Table))
    assert [row[ranking.named] for row in ranking.rows] == ["甲地", "乙地", "丁地", "丙地"]


def test_a_pillar_is_below_the_median_from_nought(demonstration: Scorecard) -> None:
    """However little a region's pillars lie above the median, none of them is below it."""
    pillars = demonstration.frame.filter(pl.col("period") == "2024", pl.col("level") == "pillar")["code"].unique()
    rows = beside({"2024": demonstration}).filter(pl.col("code").is_in(pillars.to_list()))
    least = rows.group_by("region").agg(pl.col("score_gap").min()).drop_nulls().filter(pl.col("score_gap").abs() > 0.05)
    told = {
        region: "各维度都不低于中位数" in repr(report(demonstration, regions=[region], periods=["2024"]))
        for region in least["region"]
    }
    assert told == {region: gap > 0.0 for region, gap in least.select("region", "score_gap").iter_rows()}
    assert least.filter(pl.col("score_gap").is_between(0.05, 5.0)).height > 0
