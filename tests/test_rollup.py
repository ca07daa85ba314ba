"""Roll-up: sites × periods → region × cycle, variable by variable, on small tables worked by hand."""

from collections.abc import Iterable
from typing import Any

import duckdb
import narwhals as nw
import polars as pl
import pytest

from metrics.definitions import Definitions
from metrics.over_sites import over_sites
from metrics.over_time import over_time
from metrics.reader import read
from metrics.regions import regions_of
from metrics.rollup import PART_FLAGS, calendar_of, cycles_of, own_values, roll_up, rules_of
from metrics.sums import grid_in

Row = tuple[str, str | None, str, str, float | None]
Told = tuple[float | None, tuple[str, ...]]
RULES = """
  total: {name: T, unit: kWh}
  partial: {name: P, unit: kWh, partial: allow}
  zero: {name: Z, unit: kWh, absent: zero}
  mean: {name: M, unit: "1", over_time: mean, over_sites: mean}
  mean0: {name: M0, unit: "1", over_time: mean, over_sites: mean, absent: zero}
  last: {name: L, unit: person, over_time: last}
  last0: {name: L0, unit: person, over_time: last, absent: zero}
  first: {name: F, unit: person, over_time: first}
  least: {name: Min, unit: "1", over_time: min, over_sites: min}
  most: {name: Max, unit: "1", over_time: max, over_sites: max}
  rate: {name: R, unit: "1", over_time: mean, over_sites: {mean_by: area}}
  area: {name: A, unit: m2, over_time: last}
  own: {name: O, unit: "1", over_sites: none}
  dated: {name: D, unit: "1", over_time: last, valid: {from: 2024-01-01, to: 2024-12-31}}
"""


def _definitions(cycle: str = "year", starts: int = 1) -> Definitions:
    text = f"""
schema: 1
title: T
cycle: {cycle}
fiscal_year_starts: {starts}
variables: {RULES}
indicators: {{x: {{name: X, unit: kWh, formula: total, better: lower}}}}
index: {{code: composite, name: C, children: [{{indicator: x}}]}}
"""
    definitions = read(text).definitions
    assert definitions is not None
    return definitions


def _facts(rows: Iterable[Row]) -> pl.DataFrame:
    schema = dict.fromkeys(("region", "site", "period", "variable"), pl.String) | {"value": pl.Float64}
    return pl.DataFrame(list(rows), schema=schema, orient="row")


def _rolled(
    rows: Iterable[Row], *, regions: pl.DataFrame | None = None, cycle: str = "year", starts: int = 1
) -> dict[tuple[str, str, str], Told]:
    """(region, cycle, variable) → value and flags."""
    definitions, facts = _definitions(cycle, starts), _facts(rows)
    known = regions_of(regions, named=facts["region"].unique())
    rolled = roll_up(definitions, own_values(definitions, facts), regions=known)
    calendar, flags = cycles_of(definitions), [*PART_FLAGS, "not_in_force"]
    return {
        (row["region"], calendar.name(row["cycle"]), row["variable"]): (
            row["value"],
            tuple(flag for flag in flags if row[flag]),
        )
        for row in rolled.values.iter_rows(named=True)
    }


def _months(variable: str, values: Iterable[float | None], *, site: str | None = None, region: str = "a") -> list[Row]:
    return [(region, site, f"2024-{month:02}", variable, value) for month, value in enumerate(values, start=1)]


YEAR = [float(month) for month in range(1, 13)]
TWO = pl.DataFrame({"code": ["a", "b", "top"], "parent": ["top", "top", None]})
PARTIAL, SITES, CHILDREN = ("partial_period",), ("partial_sites",), ("partial_children",)


# over time


@pytest.mark.parametrize(
    ("variable", "expected"),
    [
        ("total", 78.0), ("partial", 78.0), ("zero", 78.0), ("mean", 6.5), ("mean0", 6.5), ("last", 12.0),
        ("last0", 12.0), ("first", 1.0), ("least", 1.0), ("most", 12.0), ("own", 78.0), ("dated", 12.0),
    ],
)  # fmt: skip
def test_a_whole_year_of_months(variable: str, expected: float) -> None:
    """Twelve months make a year: sum, mean, last, first, least or most, and nothing to flag."""
    assert _rolled(_months(variable, YEAR))["a", "2024", variable] == (expected, ())


@pytest.mark.parametrize(
    ("variable", "told"),
    [
        ("total", (None, PARTIAL)), ("partial", (65.0, ())), ("zero", (65.0, ())),
        ("mean", (6.5, ())), ("mean0", (65 / 12, ())),
        ("last", (11.0, ())), ("last0", (0.0, ())), ("first", (2.0, ())), ("least", (2.0, ())), ("most", (11.0, ())),
        ("own", (None, PARTIAL)),
    ],
)  # fmt: skip
@pytest.mark.parametrize("silent", ["absent", "empty"])
def test_months_at_both_ends_are_missing(variable: str, told: Told, silent: str) -> None:
    """January and December are not reported, by no row or an empty one: a sum is refused, allowed, or takes 0."""
    values = [None, *YEAR[1:11], None]
    rows = [row for row in _months(variable, values) if silent == "empty" or row[4] is not None]
    value, flags = _rolled(rows)["a", "2024", variable]
    assert (pytest.approx(value), flags) == told


def test_months_in_the_middle_are_missing() -> None:
    """A gap inside the year does not move first and last, and refuses a sum all the same."""
    values = [1.0, None, 3.0, None, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0]
    found = _rolled([row for variable in ("total", "last0", "first", "mean") for row in _months(variable, values)])
    assert [found["a", "2024", name] for name in ("total", "last0", "first", "mean")] == [
        (None, PARTIAL), (12.0, ()), (1.0, ()), (7.2, ()),
    ]  # fmt: skip


@pytest.mark.parametrize("variable", ["total", "partial", "mean", "last", "first", "least", "most"])
def test_only_empty_rows_give_no_value(variable: str) -> None:
    """A year in which every month was sent in empty has no value, not 0, and no flag of a partial sum."""
    assert _rolled(_months(variable, [None] * 12))["a", "2024", variable] == (None, ())


@pytest.mark.parametrize("variable", ["zero", "mean0", "last0"])
def test_what_is_absent_is_zero_where_the_variable_says_so(variable: str) -> None:
    """`absent: zero`: nothing reported in a cycle that exists is 0."""
    rows: list[Row] = [("a", None, "2024", "own", 1.0), ("b", None, "2024", variable, 5.0)]
    found = _rolled(rows)
    assert (found["a", "2024", variable], found["b", "2024", variable]) == ((0.0, ()), (5.0, ()))


def test_a_whole_year_goes_before_its_months() -> None:
    """A fact for the year wins over its months, and the two kinds are flagged."""
    rows = [*_months("total", YEAR), ("a", None, "2024", "total", 100.0)]
    assert _rolled(rows)["a", "2024", "total"] == (100.0, ("mixed_periods",))


def test_the_finest_kind_of_shorter_periods_counts() -> None:
    """Months go before quarters, quarters before halves; a year that is whole in neither is not patched together."""
    quarters: list[Row] = [("a", None, f"2024-Q{number}", "total", 25.0) for number in range(1, 5)]
    assert _rolled(quarters)["a", "2024", "total"] == (100.0, ())
    assert _rolled([*quarters, *_months("total", YEAR)])["a", "2024", "total"] == (78.0, ("mixed_periods",))
    assert _rolled([*quarters, *_months("total", YEAR[:3])])["a", "2024", "total"][0] is None


def test_a_span_of_years_counts_in_the_year_that_ends_it() -> None:
    """2021/24 is a fact of 2024; the year's own fact goes before it."""
    span: Row = ("a", None, "2021/24", "total", 9.0)
    assert _rolled([span])["a", "2024", "total"] == (9.0, ())
    assert _rolled([span, ("a", None, "2024", "total", 3.0)])["a", "2024", "total"] == (3.0, ("mixed_periods",))


def test_a_fiscal_year_has_its_own_months() -> None:
    """With fiscal_year_starts 4 the year 2023/24 is April 2023 to March 2024."""
    months = [f"2023-{month:02}" for month in range(4, 13)] + ["2024-01", "2024-02", "2024-03"]
    rows: list[Row] = [("a", None, month, "total", 1.0) for month in months]
    assert _rolled(rows, starts=4)["a", "2023/24", "total"] == (12.0, ())


def test_cycles_shorter_than_a_year() -> None:
    """With quarterly cycles three months make one; facts of a whole year cover more than a cycle and are left out."""
    rows = [*_months("total", YEAR[:6]), ("a", None, "2023", "total", 99.0)]
    found = _rolled(rows, cycle="quarter")
    assert {key[1]: told for key, told in found.items() if key[2] == "total"} == {
        "2024-Q1": (6.0, ()),
        "2024-Q2": (15.0, ()),
    }


def test_days_make_a_month() -> None:
    """All days of February are a month; one missing day refuses the sum."""
    days: list[Row] = [("a", None, f"2024-02-{day:02}", "total", 1.0) for day in range(1, 30)]
    assert _rolled(days, cycle="month")["a", "2024-02", "total"] == (29.0, ())
    assert _rolled(days[1:], cycle="month")["a", "2024-02", "total"] == (None, PARTIAL)


# over sites


def _sites(variable: str, *values: float | None, region: str = "a") -> list[Row]:
    return [(region, f"s{place}", "2024", variable, value) for place, value in enumerate(values)]


@pytest.mark.parametrize(
    ("variable", "expected"), [("total", 6.0), ("mean", 2.0), ("least", 1.0), ("most", 3.0), ("last", 6.0)]
)
def test_sites_are_combined(variable: str, expected: float) -> None:
    """Sites are summed, averaged, or the least or most of them taken, as the variable says."""
    assert _rolled(_sites(variable, 1.0, 2.0, 3.0))["a", "2024", variable] == (expected, ())


@pytest.mark.parametrize(
    ("variable", "told"),
    [
        ("total", (None, SITES)), ("partial", (4.0, ())), ("zero", (4.0, ())),
        ("mean", (None, SITES)), ("mean0", (4 / 3, ())),
    ],
)  # fmt: skip
def test_a_site_that_sent_nothing(variable: str, told: Told) -> None:
    """An empty report of one site refuses the region's value, is passed over, or is 0."""
    assert _rolled(_sites(variable, 1.0, None, 3.0))["a", "2024", variable] == told


def test_a_sites_missing_month_reaches_the_region() -> None:
    """A month that one site owes takes the region's sum away and leaves both flags."""
    rows = [*_months("total", YEAR, site="s1"), *_months("total", YEAR[:11], site="s2")]
    assert _rolled(rows)["a", "2024", "total"] == (None, ("partial_period", "partial_sites"))


def test_a_mean_by_another_variable() -> None:
    """mean_by weighs each site's rate by its area."""
    rows = [*_sites("rate", 10.0, 20.0), *_sites("area", 3.0, 1.0)]
    assert _rolled(rows)["a", "2024", "rate"] == (12.5, ())


@pytest.mark.parametrize(
    ("rates", "areas", "told"),
    [
        ((10.0, 20.0), (3.0, None), (None, SITES)),
        ((10.0, 20.0), (3.0,), (None, SITES)),
        ((10.0, None), (3.0, 1.0), (None, SITES)),
        ((10.0, 20.0), (0.0, 0.0), (None, ("zero_division",))),
        ((10.0, 20.0), (0.0, 2.0), (20.0, ())),
    ],
)
def test_a_mean_without_all_its_weights(
    rates: tuple[float | None, ...], areas: tuple[float | None, ...], told: Told
) -> None:
    """A missing rate or weight refuses the mean, weights of 0 alone are a division by zero, one of 0 counts nothing."""
    assert _rolled([*_sites("rate", *rates), *_sites("area", *areas)])["a", "2024", "rate"] == told


def test_a_region_that_reports_beside_its_sites() -> None:
    """The sum of the sites is taken; an own report that differs is flagged, an equal one is not."""
    sites = _sites("total", 1.0, 2.0)
    assert _rolled([*sites, ("a", None, "2024", "total", 4.0)])["a", "2024", "total"] == (3.0, ("differs_from_parts",))
    assert _rolled([*sites, ("a", None, "2024", "total", 3.0)])["a", "2024", "total"] == (3.0, ())


def test_sites_do_not_count_where_the_region_reports_itself() -> None:
    """`over_sites: none`: only the region's own report is taken."""
    rows = _sites("own", 1.0, 2.0)
    assert _rolled(rows)["a", "2024", "own"] == (None, ())
    assert _rolled([*rows, ("a", None, "2024", "own", 7.0)])["a", "2024", "own"] == (7.0, ())


# over children


def _regions(variable: str, a: float | None, b: float | None) -> list[Row]:
    return [("a", None, "2024", variable, a), ("b", None, "2024", variable, b)]


@pytest.mark.parametrize(
    ("variable", "expected"), [("total", 4.0), ("mean", 2.0), ("least", 1.0), ("most", 3.0), ("last", 4.0)]
)
def test_a_parent_is_its_childrens(variable: str, expected: float) -> None:
    """A parent's variable is combined from its children as sites are."""
    assert _rolled(_regions(variable, 1.0, 3.0), regions=TWO)["top", "2024", variable] == (expected, ())


@pytest.mark.parametrize(
    ("variable", "told"),
    [("total", (None, CHILDREN)), ("partial", (1.0, ())), ("zero", (1.0, ())), ("mean", (None, CHILDREN))],
)
@pytest.mark.parametrize("silent", ["absent", "empty"])
def test_a_child_without_a_value(variable: str, told: Told, silent: str) -> None:
    """A child that sent nothing refuses the parent's value, is passed over, or is 0."""
    rows = [row for row in _regions(variable, 1.0, None) if silent == "empty" or row[4] is not None]
    assert _rolled(rows, regions=TWO)["top", "2024", variable] == told


def test_a_parents_rate_is_weighed_too() -> None:
    """mean_by holds between regions as between sites."""
    rows = [*_regions("rate", 10.0, 20.0), *_regions("area", 3.0, 1.0)]
    found = _rolled(rows, regions=TWO)
    assert (found["top", "2024", "rate"], found["top", "2024", "area"]) == ((12.5, ()), (4.0, ()))


def test_what_a_parent_says_itself_is_only_compared() -> None:
    """Its own report is used for `over_sites: none` alone; elsewhere a difference is a flag."""
    rows = [*_regions("total", 1.0, 3.0), ("top", None, "2024", "total", 5.0), ("top", None, "2024", "own", 8.0)]
    found = _rolled([*rows, *_regions("own", 1.0, 2.0)], regions=TWO)
    assert found["top", "2024", "total"] == (4.0, ("differs_from_parts",))
    assert found["top", "2024", "own"] == (8.0, ())


def test_three_generations() -> None:
    """Grandchildren make children, and these the grandparent."""
    tree = pl.DataFrame({"code": ["a", "b", "mid", "c", "top"], "parent": ["mid", "mid", "top", "top", None]})
    rows = [*_regions("total", 1.0, 2.0), ("c", None, "2024", "total", 4.0)]
    found = _rolled(rows, regions=tree)
    assert (found["mid", "2024", "total"], found["top", "2024", "total"]) == ((3.0, ()), (7.0, ()))
    lacking = _rolled(rows[1:], regions=tree)
    assert (lacking["mid", "2024", "total"], lacking["top", "2024", "total"]) == ((None, CHILDREN), (None, CHILDREN))


def test_a_child_that_does_not_exist_yet_is_not_missed() -> None:
    """A region outside its validity is no gap in its parent."""
    dated = TWO.with_columns(valid_from=pl.Series([None, "2025-01-01", None]))
    assert _rolled([("a", None, "2024", "total", 1.0)], regions=dated)["top", "2024", "total"] == (1.0, ())


def test_a_variable_outside_its_validity_has_no_value() -> None:
    """Facts of a cycle in which the variable is not in force are not used, and it is said."""
    rows: list[Row] = [("a", None, year, "dated", 5.0) for year in ("2023", "2024", "2025")]
    found = _rolled(rows)
    assert [found["a", year, "dated"] for year in ("2023", "2024", "2025")] == [
        (None, ("not_in_force",)), (5.0, ()), (None, ("not_in_force",)),
    ]  # fmt: skip


def test_every_region_cycle_and_variable_has_a_row() -> None:
    """The grid is whole, whoever reported; the order of the facts does not matter."""
    rows = [*_regions("total", 1.0, 3.0), *_months("mean", YEAR), *_sites("rate", 1.0), *_sites("area", 1.0)]
    found = _rolled(rows, regions=TWO)
    assert len(found) == 3 * 1 * len(rules_of(_definitions()))
    assert _rolled(reversed(rows), regions=TWO) == found


def test_the_same_facts_in_another_order_are_the_same_to_the_last_digit() -> None:
    """Regions whose months and sites report the same numbers in other orders have one value, not nearly one."""
    tenths = [month / 10 for month in range(1, 13)]
    rows = [
        row
        for turn in range(50)
        for row in (
            *_months("total", [*tenths[turn % 12 :], *tenths[: turn % 12]], region=f"r{turn}"),
            *(_sites("rate", *[(0.1, 0.2, 0.3)[(turn + at) % 3] for at in range(3)], region=f"r{turn}")),
            *(_sites("area", *[(30.0, 20.0, 10.0)[(turn + at) % 3] for at in range(3)], region=f"r{turn}")),
        )
    ]
    first, again = _rolled(rows), _rolled(reversed(rows))
    assert first == again
    assert {first[f"r{turn}", "2024", "total"] for turn in range(50)} == {(7.8, ())}
    assert len({first[f"r{turn}", "2024", "rate"] for turn in range(50)}) == 1


# the same lines on another engine


def _mixed() -> list[Row]:
    """Every variable, with months, years, gaps, sites and own reports."""
    return [
        row
        for variable in rules_of(_definitions())["variable"]
        for row in (
            *_months(variable, [*YEAR[:4], None, *YEAR[5:11]], region="a"),
            *_months(variable, YEAR, site="s1", region="b"),
            ("b", "s2", "2024", variable, 30.0),
            ("b", None, "2024", variable, 31.0),
            ("c", None, "2024", variable, None),
            ("c", None, "2023", variable, 2.5),
        )
    ]


def _sorted(frame: pl.DataFrame) -> list[dict[str, Any]]:
    return frame.sort("region", "variable", "cycle", *(["site"] if "site" in frame.columns else [])).to_dicts()


def test_duckdb_gives_what_polars_gives() -> None:
    """over_time and over_sites are the same lines on a DuckDB relation, and the same numbers to the last digit."""
    definitions, facts = _definitions(), _facts(_mixed())
    tables = {
        "facts": facts,
        "calendar": calendar_of(facts["period"].unique(), cycles_of(definitions)),
        "rules": rules_of(definitions),
    }
    connection = duckdb.connect()
    for name, table in tables.items():
        connection.register(f"given_{name}", table)
    native = {name: nw.from_native(table.lazy()) for name, table in tables.items()}
    related = {name: nw.from_native(connection.table(f"given_{name}")) for name in tables}
    grid = grid_in(facts, "value")
    series = over_time(*native.values(), grid=grid), over_time(*related.values(), grid=grid)
    of_sites = grid_in(series[0].to_native().collect(), "value")
    regions = (
        over_sites(series[0], native["rules"], grid=of_sites),
        over_sites(series[1], related["rules"], grid=of_sites),
    )
    for ours, theirs in (series, regions):
        expected = ours.to_native().collect()
        found = theirs.to_native().pl().select(expected.columns)
        assert expected.height > 0
        assert _sorted(found.cast(dict(expected.schema))) == _sorted(expected)
