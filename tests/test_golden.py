"""The ASEM index worked through by another program: the engine comes to the same numbers at every stage."""

from pathlib import Path

import polars as pl
import pytest

from metrics.reader import read
from metrics.scorecard import Scorecard, score
from metrics.tables import read_facts, read_regions

# Countries whose values differ by rounding only; the other program ranks the rounding.
TIED = {("TolMin", "NOR"), ("TolMin", "JPN"), ("TolMin", "CZE"), ("TolMin", "GRC")}


def _definitions(hierarchy: pl.DataFrame, variables: list[str]) -> str:
    """The index of the hierarchy file in the definition language; the source's units stay out of it."""
    lines = [
        "schema: 1", "title: ASEM", "defaults:", "  min_coverage: 0",
        "  missing: {method: group_mean, by: EurAsia_group}", "  outliers: winsorise", "variables:",
        *(f'  {code}: {{name: {code}, unit: "1"}}' for code in variables),
        "indicators:",
    ]  # fmt: skip
    for row in hierarchy.filter(pl.col("level") == "indicator").iter_rows(named=True):
        better = "higher" if row["direction"] == "1" else "lower"
        lines.append(
            f'  {row["code"]}: {{name: {row["code"]}, unit: "1", formula: {row["formula"]}, better: {better}}}'
        )
    return "\n".join([*lines, "index:", *_node(hierarchy, "Index", "  ")[0]]) + "\n"


def _node(hierarchy: pl.DataFrame, code: str, indent: str) -> list[list[str]]:
    lines = [f"{indent}code: {code}", f"{indent}name: {code}", f"{indent}children:"]
    for child, level in hierarchy.filter(pl.col("parent") == code).select("code", "level").iter_rows():
        if level == "indicator":
            lines.append(f"{indent}  - indicator: {child}")
        else:
            first, *rest = _node(hierarchy, child, indent + "    ")[0]
            lines += [f"{indent}  - {first.strip()}", *rest]
    return [lines]


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    """The reference results."""
    return shared / "golden" / "asem"


@pytest.fixture(scope="module")
def card(folder: Path) -> Scorecard:
    """ASEM, scored."""
    hierarchy = pl.read_csv(folder / "hierarchy.csv", infer_schema=False)
    facts = read_facts(folder / "facts.csv")
    text = _definitions(hierarchy, facts["variable"].unique().sort().to_list())
    reading = read(text)
    assert reading.definitions is not None, [problem.message("en") for problem in reading.problems]
    return score(reading.definitions, facts, regions=read_regions(folder / "regions.csv"))


@pytest.fixture(scope="module")
def both(card: Scorecard, folder: Path) -> pl.DataFrame:
    """The engine's rows beside the expected ones."""
    expected = pl.read_csv(folder / "expected.csv", schema_overrides={"period": pl.String, "code": pl.String})
    joined = card.frame.join(expected, on=["period", "region", "code"], how="left", suffix="_expected")
    assert joined.height == expected.height == 51 * 60
    return joined


@pytest.mark.parametrize("name", ["value", "treated", "score"])
def test_every_stage_agrees(both: pl.DataFrame, name: str) -> None:
    """Formulas, imputation and winsorising, normalising and aggregation: each number alone, to 1e-9 of itself."""
    ours, theirs = pl.col(name), pl.col(f"{name}_expected")
    compared = both.filter(pl.col("level") == "indicator") if name != "score" else both
    assert compared.filter(ours.is_null() != theirs.is_null()).is_empty()
    within = (ours - theirs).abs() <= 1e-9 * theirs.abs()
    assert compared.filter(~within).is_empty()
    assert compared[name].count() >= 51 * 49 - 65


def test_ranks_agree(both: pl.DataFrame) -> None:
    """Ranks are the same but where two countries differ by rounding only."""
    other = both.filter(pl.col("rank") != pl.col("rank_expected")).select("code", "region").rows()
    assert set(other) <= TIED
    assert both["rank"].count() == both["rank_expected"].count()


def test_what_was_filled_and_pulled_in_is_flagged(both: pl.DataFrame) -> None:
    """65 values were missing; 15 indicators have outliers, none of them needed logarithms."""
    indicators = both.filter(pl.col("level") == "indicator")
    assert indicators.filter(pl.col("flags").str.contains("imputed")).height == 65
    moved = indicators.filter(pl.col("flags").str.contains("treated"), pl.col("value").is_not_null())
    assert moved["code"].n_unique() == 15
