"""Completeness: what has been reported of what is due, by region and period."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from metrics.definitions import Definitions
from metrics.periods import Cycles, Period, PeriodError, parse
from metrics.regions import Regions
from metrics.rollup import calendar_of, cycles_of
from metrics.values import Rows

_COLUMNS = ("cycle", "region", "period", "due", "reported", "absent", "share", "missing")


def by_period(facts: pl.DataFrame, rows: Rows, definitions: Definitions) -> pl.DataFrame:
    """What each region has reported in each period, of the series that it reports in that cycle at all.

    A series is one variable of one site (or of the region itself). It is due in every period of its kind for which
    anybody has reported anything; variables whose absence means 0 are never due. Columns: cycle, region, period, due,
    reported, absent (due − reported), share (of the due), missing (codes of variables, sorted, joined by ";"); the
    finest periods first, then by region. A region that has reported nothing of a kind of period has no row there.
    """
    calendar = calendar_of(facts["period"].unique(), rows.calendar).drop("position")
    named = facts.filter(pl.col("variable").is_in(_due(definitions))).join(calendar, on="period")
    kind, series = ["cycle", "precedence", "expected"], ["region", "site", "variable"]
    due = named.select(*kind, *series).unique().join(named.select(*kind, "period").unique(), on=kind)
    known = named.drop_nulls("value").select(*series, "period").unique().with_columns(known=True)
    each = due.join(known, on=[*series, "period"], how="left", nulls_equal=True)
    here = pl.col("known").fill_null(value=False)
    names = {cycle: rows.calendar.name(cycle) for cycle in rows.cycles}
    counted = each.group_by("region", "period", *kind).agg(_counts(here))
    ordered = counted.sort("cycle", "expected", "period", "region", descending=[False, True, False, False])
    return _shares(ordered.with_columns(pl.col("cycle").replace_strict(names, return_dtype=pl.String)))


def by_cycle(variables: pl.DataFrame, definitions: Definitions) -> pl.DataFrame:
    """Of the raw variables in force, how many each region has a value of in each cycle.

    `variables` as `Scorecard.variables`; the columns are those of `by_period`, `period` being the cycle.
    """
    in_force = ~pl.col("flags").str.contains("not_in_force")
    due = variables.filter(pl.col("variable").is_in(_due(definitions)), in_force)
    counted = due.group_by("period", "region").agg(_counts(pl.col("value").is_not_null()))
    return _shares(counted.with_columns(cycle=pl.col("period")).sort("cycle", "region"))


def settled(facts: pl.DataFrame, rows: Rows) -> pl.DataFrame:
    """How many of the facts of each cycle of the rows are verified: cycle, facts, verified, share; sorted by cycle."""
    calendar = calendar_of(facts["period"].unique(), rows.calendar).select("period", ordinal="cycle")
    counted = (
        facts.join(calendar, on="period")
        .group_by("ordinal")
        .agg(
            pl.len().cast(pl.Int64).alias("facts"),
            (pl.col("status") == "verified").sum().cast(pl.Int64).alias("verified"),
        )
    )
    names = {cycle: rows.calendar.name(cycle) for cycle in rows.cycles}
    share = pl.col("verified") / pl.col("facts")
    called = pl.col("ordinal").replace_strict(names, default=None, return_dtype=pl.String)
    named = counted.with_columns(cycle=called, share=share).drop_nulls("cycle")
    return named.sort("ordinal").select("cycle", "facts", "verified", "share")


def together(rows: pl.DataFrame, *by: str) -> pl.DataFrame:
    """Rows of either function taken together: the columns named, due, reported, absent, share; sorted by these."""
    counts = rows.group_by(*by).agg(pl.col("due", "reported").sum())
    return _shares(counts, (*by, *_COLUMNS[3:7])).sort(*by)


def _due(definitions: Definitions) -> list[str]:
    return [code for code, item in definitions.variables.items() if item.formula is None and item.absent != "zero"]


def _counts(here: pl.Expr) -> list[pl.Expr]:
    return [
        pl.len().cast(pl.Int64).alias("due"),
        here.sum().cast(pl.Int64).alias("reported"),
        pl.col("variable").filter(~here).unique().sort().str.join(";").alias("missing"),
    ]


def _shares(counted: pl.DataFrame, columns: tuple[str, ...] = _COLUMNS) -> pl.DataFrame:
    reported, due = pl.col("reported"), pl.col("due")
    return counted.with_columns(absent=due - reported, share=reported / due).select(columns)


# How often something is reported in a cycle: once for all of it, or in periods of one kind.
WHOLE = "cycle"
_MONTHS = {"half": 6, "quarter": 3, "month": 1}
OWED = ("region", "period", "variable", "due", "reported", "absent", "deadline", "on_time", "after", "late", "judged")


def rhythms(periods: Iterable[str], cycles: Cycles) -> pl.DataFrame:
    """Of each period its cycle (ordinal), rhythm, position in the cycle and rank: of the rhythms in which a series is
    reported the one with the lowest rank counts, as in the roll-up. Periods that lie in no one cycle have no row."""
    names = pl.Series("period", sorted(set(periods)), dtype=pl.String)
    found = calendar_of(names, cycles)
    kinds = {name: parse(name, fiscal_year_starts=cycles.fiscal_year_starts).kind for name in found["period"]}
    kind = pl.col("period").replace_strict(kinds, return_dtype=pl.String)
    rhythm = pl.when(pl.col("expected") == 1).then(pl.lit(WHOLE)).otherwise(kind)
    return found.select("period", "cycle", rhythm.alias("rhythm"), "position", rank="precedence")


def parts(cycles: Cycles, ordinal: int, rhythm: str) -> list[Period]:
    """The periods in which a cycle is reported in a rhythm, the first first: those that lie in it whole.
    The cycle itself where that is its rhythm, or where none does."""
    first, last = cycles.first(ordinal), cycles.last(ordinal)
    texts = {WHOLE: [cycles.name(ordinal)], "day": _days(first, last)}.get(rhythm) or _texts(first, last, rhythm)
    read = [parse(text, fiscal_year_starts=cycles.fiscal_year_starts) for text in texts]
    fit = [one for one in read if cycles.place(one) is not None]
    return fit or parts(cycles, ordinal, WHOLE)


def _days(first: date, last: date) -> list[str]:
    return [(first + timedelta(days=day)).isoformat() for day in range((last - first).days + 1)]


def _texts(first: date, last: date, rhythm: str) -> list[str]:
    """What halves, quarters or months between two days are called."""
    months, letter = _MONTHS[rhythm], {"half": "H", "quarter": "Q"}.get(rhythm, "")
    found = {
        (month // 12, month % 12 // months + 1)
        for month in range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    }
    return [f"{year:04}-{letter}{place}" if letter else f"{year:04}-{place:02}" for year, place in sorted(found)]


@dataclass(frozen=True)
class Calendar:
    """The cycle that is looked at, on which day (ISO), and the days (ISO) by which periods are to be reported."""

    cycles: Cycles
    ordinal: int
    today: str
    deadlines: dict[str, str]

    def deadline(self, period: Period) -> str | None:
        """The day of the shortest period that has one and holds this one whole; None where none has."""
        starts, holding = self.cycles.fiscal_year_starts, []
        for text, due in self.deadlines.items():
            with suppress(PeriodError):
                other = parse(text, fiscal_year_starts=starts)
                if other.first <= period.first and period.last <= other.last:
                    holding.append(((other.last - other.first).days, text, due))
        return min(holding)[2] if holding else None

    def due(self, rhythms: Iterable[str]) -> pl.DataFrame:
        """The periods of some rhythms that are due: over, or past their deadline. rhythm, period, position, deadline,
        passed (whether the day is over)."""
        rows = []
        for rhythm in sorted(set(rhythms)):
            for period in parts(self.cycles, self.ordinal, rhythm):
                day, place = self.deadline(period), self.cycles.place(period)
                passed = day is not None and day < self.today
                if place is not None and (passed or period.last.isoformat() < self.today):
                    rows.append((rhythm, period.text, place.position, day, passed))
        text = pl.String
        schema = {"rhythm": text, "period": text, "position": pl.Int64, "deadline": text, "passed": pl.Boolean}
        return pl.DataFrame(rows, schema=schema, orient="row")


def owed(
    series: pl.DataFrame, got: pl.DataFrame, *, definitions: Definitions, regions: Regions, calendar: Calendar
) -> pl.DataFrame:
    """What each region has reported of what is due in a cycle, by period and variable, on a day.

    `series`: region, variable, rhythm, series, how many it reports in that rhythm, in this cycle or (where it has not
    begun) the one before. `got`: region, variable, rhythm, position, reported and on_time, how many of them have a
    value, and had it by the deadline. A region without parts that does not report a variable in force owes it once, in
    the rhythm that most regions have; variables whose absence means 0 are never due. Columns: `OWED`; absent = due −
    reported; after: reported after the deadline; late: absent though the deadline is over; judged: due by a deadline
    that is over. Sorted by region, variable, period.
    """
    ordinal, last = calendar.ordinal, cycles_of(definitions).last(calendar.ordinal)
    valid = [
        code
        for code in _due(definitions)
        if (limits := definitions.variables[code].valid) is None or limits.holds(last)
    ]
    gone = regions.absent([ordinal], calendar.cycles)["region"].to_list()
    known = series.filter(pl.col("variable").is_in(valid), ~pl.col("region").is_in(gone))
    every = pl.concat([known, _never(known, valid, regions, gone)])
    due = every.join(calendar.due(every["rhythm"]), on="rhythm")
    key = ["region", "variable", "rhythm", "position"]
    both = due.join(got.select(*key, "reported", "on_time"), on=key, how="left", maintain_order="left")
    return _judged(both.rename({"series": "due"})).sort("region", "variable", "period")


def _never(known: pl.DataFrame, variables: list[str], regions: Regions, gone: list[str]) -> pl.DataFrame:
    """The variables that regions without parts have not reported, each once in the rhythm that is usual."""
    parents = regions.frame["parent"].drop_nulls().to_list()
    leaves = regions.frame.filter(~pl.col("code").is_in([*parents, *gone])).select(region="code")
    grid = leaves.join(pl.DataFrame({"variable": variables}, schema={"variable": pl.String}), how="cross")
    counted = known.group_by("variable", "rhythm").agg(pl.col("region").n_unique().alias("regions"))
    usual = (
        counted.sort("variable", "regions", "rhythm", descending=[False, True, False])
        .unique("variable", keep="first", maintain_order=True)
        .drop("regions")
    )
    absent = grid.join(known, on=["region", "variable"], how="anti").join(usual, on="variable", how="left")
    once = pl.lit(1, pl.Int64).alias("series")
    return absent.with_columns(pl.col("rhythm").fill_null(WHOLE), once).select(known.columns)


def _judged(rows: pl.DataFrame) -> pl.DataFrame:
    has, passed = pl.col("deadline").is_not_null(), pl.col("passed")
    filled = rows.with_columns(pl.col("due", "reported", "on_time").cast(pl.Int64).fill_null(0))
    absent, none = pl.col("due") - pl.col("reported"), pl.lit(0, pl.Int64)
    return filled.with_columns(
        absent=absent,
        on_time=pl.when(has).then("on_time").otherwise(none),
        after=pl.when(has).then(pl.col("reported") - pl.col("on_time")).otherwise(none),
        late=pl.when(passed).then(absent).otherwise(none),
        judged=pl.when(passed).then("due").otherwise(none),
    ).select(OWED)


def summed(rows: pl.DataFrame, *by: str) -> pl.DataFrame:
    """Rows of `owed` taken together: the columns named, the counts, share (of the due), missing (codes of the variables
    with any absent, sorted, joined by ";"), deadline (the first); sorted by these."""
    lacking = pl.col("variable").filter(pl.col("absent") > 0).unique().sort().str.join(";")
    counts = pl.col("due", "reported", "absent", "on_time", "after", "late", "judged").sum()
    found = rows.group_by(*by).agg(counts, lacking.alias("missing"), pl.col("deadline").min())
    return found.with_columns(share=pl.col("reported") / pl.col("due")).sort(*by)
