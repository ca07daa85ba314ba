"""Sight: what a store has beside a file's facts, for the rules of data/checks.py to look at."""

from collections.abc import Collection
from contextlib import suppress

import polars as pl

from data.checks import Sight, a_year_before, long_numbers
from data.clock import now
from data.rolled import named, own
from data.store import Store
from metrics.definitions import Definitions
from metrics.facts import KEY
from metrics.periods import PeriodError
from metrics.problems import InputError
from metrics.regions import regions_of
from metrics.rollup import Own, calendar_of, cycles_of, own_values
from metrics.scorecard import roll_up_rows
from metrics.values import evaluate

# With more numbers than that a file is only compared with itself for numbers that another region has too.
MOST_NUMBERS = 50_000
_EARLIER = """
    SELECT region, site, period, variable, value FROM current_facts
    WHERE region IN (SELECT unnest($regions)) AND period IN (SELECT unnest($periods))
        AND batch IS DISTINCT FROM $replaces
"""
_ALIKE = """
    SELECT region, site, facts.period, facts.variable, facts.value FROM current_facts AS facts
    SEMI JOIN (SELECT unnest($periods) AS period, unnest($variables) AS variable, unnest($numbers) AS value) AS mine
        ON facts.period = mine.period AND facts.variable = mine.variable AND facts.value = mine.value
    WHERE region NOT IN (SELECT unnest($regions)) AND batch IS DISTINCT FROM $replaces
"""
_VALUES = {"period": pl.String, "region": pl.String, "code": pl.String, "value": pl.Float64}


def sight(store: Store, definitions: Definitions, facts: pl.DataFrame, *, replaces: int | None = None) -> Sight:
    """What there is to see of a file's accepted facts; those of the batch that they replace do not count."""
    beside = _beside(store, facts, replaces)
    values = pl.DataFrame(schema=_VALUES)
    # Facts or regions that cannot be rolled up are told where scores are asked for.
    with suppress(InputError, PeriodError):
        values = _values(store, definitions, facts, replaces)
    return Sight(definitions, facts, beside, values, now()[:10])


def _beside(store: Store, facts: pl.DataFrame, replaces: int | None) -> pl.DataFrame:
    regions = facts["region"].unique().to_list()
    years = [earlier for text in facts["period"].unique() if (earlier := a_year_before(text)) is not None]
    found = [store.query(_EARLIER, regions=regions, periods=years, replaces=replaces)]
    mine = facts.filter(long_numbers()).select("period", "variable", "value").unique()
    if 0 < mine.height <= MOST_NUMBERS:
        periods, variables, numbers = (column.to_list() for column in mine)
        own = {"periods": periods, "variables": variables, "numbers": numbers}
        found.append(store.query(_ALIKE, regions=regions, replaces=replaces, **own))
    return pl.concat(found)


def _values(store: Store, definitions: Definitions, facts: pl.DataFrame, replaces: int | None) -> pl.DataFrame:
    """Every indicator's value in every region and cycle, as the file would make it."""
    event = store.newest_event()
    now_own = own(store.query, definitions, event, named(store.query, event))
    regions, calendar = facts["region"].unique().to_list(), cycles_of(definitions)
    cycles = calendar_of(facts["period"].unique(), calendar)["cycle"].unique()
    held = _held(store, definitions, regions, cycles.to_list(), replaces)
    fresh = own_values(definitions, _over(held, facts.select(*KEY, "value")))
    touched = pl.col("region").is_in(regions) & pl.col("cycle").is_in(cycles.to_list())
    values = pl.concat([now_own.values.filter(~touched), fresh.values.select(now_own.values.columns)])
    both = Own(
        values,
        tuple(sorted({*now_own.cycles, *fresh.cycles})),
        tuple(sorted({*now_own.named, *fresh.named})),
    )
    known_regions = regions_of(store.regions(), named=both.named, compare=definitions.compare)
    rows, variables = roll_up_rows(definitions, both, known_regions)
    known = evaluate(definitions, rows, variables)
    names = rows.frame.select("period", "region")
    found = [names.with_columns(code=pl.lit(code), value=known[code].value) for code in definitions.indicators]
    return pl.concat(found) if found else pl.DataFrame(schema=_VALUES)


def _over(held: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """Facts in the place of those that hold."""
    kept = held.join(facts.select(KEY), on=KEY, how="anti", nulls_equal=True) if held.height else held
    return pl.concat([kept, facts])


def _held(
    store: Store, definitions: Definitions, regions: Collection[str], cycles: Collection[int], replaces: int | None
) -> pl.DataFrame:
    """The facts that hold of some regions in some cycles."""
    known = store.query("SELECT DISTINCT period FROM current_facts")["period"]
    calendar = calendar_of(known, cycles_of(definitions)).filter(pl.col("cycle").is_in(list(cycles)))
    return store.query(
        _EARLIER, regions=list(regions), periods=calendar["period"].to_list(), replaces=replaces,
    ).filter(pl.col("variable").is_in(list(definitions.raw)))  # fmt: skip
