"""Sight: what a store has beside a file's facts, for the rules of data/checks.py to look at."""

from contextlib import suppress

import polars as pl

from data.checks import long_numbers
from data.clock import now
from data.overlay import Overlay, holding
from data.seen import Sight, a_year_before
from metrics.facts import KEY
from metrics.periods import PeriodError
from metrics.problems import InputError
from metrics.regions import regions_of
from metrics.rollup import calendar_of, cycles_of
from metrics.scorecard import roll_up_rows
from metrics.values import evaluate

# With more numbers than that a file is only compared with itself for numbers that another region has too.
MOST_NUMBERS = 50_000
_EARLIER = """
    SELECT region, site, period, variable, value FROM {holding}
    WHERE region IN (SELECT unnest($regions)) AND period IN (SELECT unnest($periods))
"""
_ALIKE = """
    SELECT region, site, facts.period, facts.variable, facts.value
    FROM (FROM {holding} WHERE value IN (SELECT unnest($numbers))) AS facts
    SEMI JOIN (SELECT unnest($periods) AS period, unnest($variables) AS variable, unnest($numbers) AS value) AS mine
        ON facts.period = mine.period AND facts.variable = mine.variable AND facts.value = mine.value
    WHERE region IN (SELECT unnest($others))
"""
_OWN = {"region": pl.String, "variable": pl.String, "value": pl.Float64, "period": pl.String}
_VALUES = {"period": pl.String, "region": pl.String, "code": pl.String, "value": pl.Float64}


def sight(over: Overlay) -> Sight:
    """What there is to see of a file's accepted facts; not those of the batch that they replace, but what it had
    gone before."""
    beside = _beside(over)
    values, own = pl.DataFrame(schema=_VALUES), pl.DataFrame(schema=_OWN)
    # Facts or regions that cannot be rolled up are told where scores are asked for.
    with suppress(InputError, PeriodError):
        values, own = _values(over), _own(over)
    facts = over.facts.select(*KEY, "value", "row")
    return Sight(over.definitions, facts, over.cells, beside, values, own, now()[:10])


def _beside(over: Overlay) -> pl.DataFrame:
    store, held, regions = over.store, holding(over.replaces), over.cells["region"].unique().to_list()
    years = [earlier for text in over.cells["period"].unique() if (earlier := a_year_before(text)) is not None]
    found = [store.query(_EARLIER.format(holding=held), regions=regions, periods=years)]
    others = sorted(set(over.kept["region"]) - set(regions))
    mine = over.facts.select("period", "variable", "value")
    # Of very many numbers the first are too many already, and are sooner counted.
    parts = (mine.head(2 * MOST_NUMBERS), mine)
    few = all(part.filter(long_numbers())["value"].n_unique() <= MOST_NUMBERS for part in parts)
    if others and few and 0 < (mine := mine.filter(long_numbers()).unique()).height <= MOST_NUMBERS:
        periods, variables, numbers = (column.to_list() for column in mine)
        own = {"periods": periods, "variables": variables, "numbers": numbers, "others": others}
        found.append(store.query(_ALIKE.format(holding=held), **own))
    return pl.concat(found)


def _values(over: Overlay) -> pl.DataFrame:
    """Every indicator's value in every region and cycle, as the file would make it."""
    definitions = over.definitions
    known_regions = regions_of(over.store.regions(), named=over.own.named, compare=definitions.compare)
    rows, variables = roll_up_rows(definitions, over.own, known_regions)
    known = evaluate(definitions, rows, variables)
    names = rows.frame.select("period", "region")
    found = [names.with_columns(code=pl.lit(code), value=known[code].value) for code in definitions.indicators]
    return pl.concat(found) if found else pl.DataFrame(schema=_VALUES)


def _own(over: Overlay) -> pl.DataFrame:
    """What the facts of each region come to in the cycles that the file is of."""
    calendar = cycles_of(over.definitions)
    mine = calendar_of(over.cells["period"].unique(), calendar)["cycle"].unique().to_list()
    named = [(cycle, calendar.name(cycle)) for cycle in mine]
    names = pl.DataFrame(named, schema={"cycle": pl.Int64, "period": pl.String}, orient="row")
    return over.own.values.join(names, on="cycle").select(list(_OWN))
