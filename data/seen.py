"""Seen: what the rules of data/checks.py look at, and what several of them ask of it."""

from dataclasses import dataclass
from functools import cached_property

import polars as pl

from metrics.definitions import Definitions
from metrics.facts import KEY
from metrics.rollup import calendar_of, cycles_of
from metrics.units import Dimension, UnitError, parse_unit


@dataclass(frozen=True, eq=False)
class Sight:
    """What the rules look at.

    `facts`: the accepted rows of a file; `cells`: `cells_of` these. `beside`: the facts that hold of the same series
    in earlier periods, and of other regions in the same periods: region, site, period, variable, value. `values`:
    period, region, code, value of the indicators as they come to be, of all regions; `own`: period, region, variable,
    value of what their facts come to in the cycles that the file is of; `today`: the day, ISO.
    """

    definitions: Definitions
    facts: pl.DataFrame
    cells: pl.DataFrame
    beside: pl.DataFrame
    values: pl.DataFrame
    own: pl.DataFrame
    today: str

    @cached_property
    def stocks(self) -> list[str]:
        """Variables that measure areas, or count heads: not those who answered in a survey, nor what else stands in
        its indicator, as how many were content, and in no other that does without those who answered."""
        known = self.definitions
        surveys = {code: one.survey.respondents for code, one in known.indicators.items() if one.survey is not None}
        asked = [known.variables_of(one) for one in surveys.values()]
        used = {code: known.variables_of(code) for code in known.indicators}
        apart = [used[code] for code in used.keys() - surveys if not any(one <= used[code] for one in asked)]
        answers = frozenset[str]().union(*asked, *(used[code] for code in surveys)).difference(*apart)
        area, head = dimension_of("m2"), dimension_of("person")
        measured = {code: dimension_of(known.variables[code].unit) for code in known.raw}
        return [code for code, one in measured.items() if one == area or (one == head and code not in answers)]

    @cached_property
    def numbered(self) -> pl.DataFrame:
        """The facts, each with a number of its own (`fact`): a wide table, or a form, has many of them in a row."""
        return self.facts.with_row_index("fact")

    @cached_property
    def touched(self) -> pl.DataFrame:
        """The values of the indicators that the file's facts have a part in, by region and cycle, with the first row
        that has."""
        used = [(code, one) for code in self.definitions.indicators for one in self.definitions.variables_of(code)]
        parts = pl.DataFrame(used, schema={"code": pl.String, "variable": pl.String}, orient="row")
        mine = self.first_in_cycles(self.cells).join(parts, on="variable")
        first = mine.group_by("region", "period", "code").agg(pl.col("row").min())
        known = self.values.filter(pl.col("value").is_not_null())
        return known.join(first, on=["region", "period", "code"], maintain_order="left")

    def first_in_cycles(self, cells: pl.DataFrame) -> pl.DataFrame:
        """region, variable and period of cells, the period being the cycle that they are of, with the first row."""
        calendar = cycles_of(self.definitions)
        cycles = calendar_of(cells["period"].unique(), calendar).select(
            "period", cycle=pl.col("cycle").map_elements(calendar.name, return_dtype=pl.String)
        )
        of_cycle = cells.join(cycles, on="period").group_by("region", "variable", pl.col("cycle").alias("period"))
        return of_cycle.agg(pl.col("row").min())

    @cached_property
    def first(self) -> pl.DataFrame:
        """The numbers above 0 of which there is none of the year before."""
        mine = self.numbered.filter(pl.col("value") > 0)
        return mine.join(self.moved, on="fact", how="anti", maintain_order="left") if self.moved.height else mine

    @cached_property
    def moved(self) -> pl.DataFrame:
        """The facts with the value of the same series a year before (`before`) and the period of that (`then`)."""
        periods = self.cells["period"].unique()
        years = {text: earlier for text in periods.to_list() if (earlier := a_year_before(text)) is not None}
        asked = (pl.col("value").is_not_null(), pl.col("period").is_in(list(years.values())))
        known = pl.concat([some.filter(asked).select(*KEY, "value") for some in (self.beside, self.facts)])
        then = pl.col("period").replace_strict(years, default=None, return_dtype=pl.String)
        there = pl.col("period").is_in([text for text, year in years.items() if year in set(known["period"].unique())])
        mine = self.numbered.filter(pl.col("value").is_not_null(), there).with_columns(then=then)
        on = ["region", "site", "then", "variable"]
        old = known.rename({"period": "then", "value": "before"}).unique(on, keep="last", maintain_order=True)
        both = mine.join(old, on=on, nulls_equal=True, maintain_order="left")
        return both.with_columns(ratio=pl.when(pl.col("before") != 0).then(pl.col("value") / pl.col("before")))


def cells_of(facts: pl.DataFrame) -> pl.DataFrame:
    """Of which region, variable and period facts are, with the first row and the least and the largest value (`least`,
    `most`): of very many facts these are few, and enough for most questions."""
    value = pl.col("value")
    of_cell = facts.group_by("region", "variable", "period")
    return of_cell.agg(pl.col("row").min(), least=value.min(), most=value.max())


def a_year_before(period: str) -> str | None:
    """The text of the same period a year before; None where there is none."""
    year = int(period[:4]) - 1
    if year < 1:
        return None
    rest = period[4:]
    return f"{year:04}/{(int(rest[1:]) - 1) % 100:02}" if rest.startswith("/") else f"{year:04}{rest}"


def dimension_of(unit: str) -> Dimension:
    """What a unit measures; nothing where it is no unit that anybody knows."""
    try:
        return parse_unit(unit).dimension
    except UnitError:
        return ()
