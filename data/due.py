"""Due: who has not reported what for which period, by the deadline, counted in the database and by site on demand."""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from data.clock import is_day, now
from data.owed import counted, listed
from data.persons import require, signed_by
from data.revisions import revisions_of
from data.stages import require_all, transitions
from data.store import Store
from metrics.completeness import Calendar, owed, rhythms
from metrics.definitions import Definitions
from metrics.periods import PeriodError, parse
from metrics.problems import InputError, Problem
from metrics.regions import Regions, regions_of
from metrics.rollup import calendar_of, cycles_of

_EMPTY = """
    SELECT coalesce(site, '') AS site, period, variable, note FROM facts_at($moment)
    WHERE region = $region AND value IS NULL AND period IN (SELECT unnest($periods::VARCHAR[]))
"""
_SILENT = """
    SELECT region, code AS site FROM sites ANTI JOIN (
        SELECT DISTINCT region, site AS code FROM facts_at($moment) WHERE period IN (SELECT unnest($periods::VARCHAR[]))
    ) USING (region, code)
    ORDER BY ALL
"""
_DEADLINES = "SELECT period, due, person, made, reason FROM deadlines ORDER BY id DESC"


@dataclass(frozen=True)
class Asked:
    """A cycle as it is asked about: its definitions, regions and calendar, up to an event."""

    store: Store
    cycle: str
    definitions: Definitions
    regions: Regions
    calendar: Calendar
    moment: int

    @property
    def variables(self) -> list[str]:
        """The raw variables."""
        return list(self.definitions.raw)

    def periods(self) -> pl.DataFrame:
        """The reported periods of the cycle and of the one before: `completeness.rhythms` and `current`."""
        known = self.store.query("SELECT DISTINCT period FROM facts")["period"]
        found = rhythms(known, self.calendar.cycles)
        ordinal = self.calendar.ordinal
        return found.filter(pl.col("cycle").is_in([ordinal - 1, ordinal])).with_columns(
            current=pl.col("cycle") == ordinal
        )

    def counted(self) -> pl.DataFrame:
        """`owed.counted` of the cycle, with the name of each rhythm."""
        return self._asked(counted, "", dated=bool(self.calendar.deadlines))

    def series(self, region: str) -> pl.DataFrame:
        """`owed.listed` of a region, with the name of each rhythm."""
        return self._asked(listed, region)

    def _asked(self, statement: Callable[..., str], region: str, **options: bool) -> pl.DataFrame:
        places = ["current", "rank", "rhythm"]
        named = self.periods().select(*places).unique().sort("current", "rank", descending=[True, False])
        known = self.periods().join(named.with_row_index("place").cast({"place": pl.Int64}), on=places)
        mine, others = (known.filter(pl.col("current") == own) for own in (True, False))
        until = {period: self._until(period) for period in mine["period"]}
        bound = {
            "periods": known["period"].to_list(),
            "places": known["place"].to_list(),
            "positions": known["position"].to_list(),
            "variables": self.variables,
            "moment": self.moment,
            "region": region,
            "until": [until.get(period, "") for period in known["period"]],
        }
        most = int(mine["position"].max() or 0) + 1  # type: ignore[arg-type]
        ordered = [each["place"].unique().sort().to_list() for each in (mine, others)]
        found = self.store.query(statement(*ordered, most, **options), **bound)
        return found.join(known.select(pl.col("place").cast(pl.Int32), "rhythm").unique(), on="place")

    def _until(self, period: str) -> str:
        day = self.calendar.deadline(parse(period, fiscal_year_starts=self.calendar.cycles.fiscal_year_starts))
        # A day is meant whole (UTC), as the store writes its moments.
        return "" if day is None else f"{day}T23:59:59.999999+00:00"


def ask(store: Store, cycle: str, *, today: str = "") -> Asked:
    """A cycle to ask about; `today` (ISO) decides what is over. Raises InputError for what names no cycle."""
    store = store.held()
    known = revisions_of(store)
    place = known.place(cycle)
    definitions = known.of(cycle).definitions
    codes = store.query("SELECT code FROM regions")["code"]
    regions = regions_of(store.regions(), named=codes, compare=definitions.compare)
    held = dict(deadlines(store).select("period", "due").iter_rows())
    calendar = Calendar(cycles_of(definitions), place, today or now()[:10], held)
    return Asked(store, cycle, definitions, regions, calendar, store.newest_event())


def due(asked: Asked) -> pl.DataFrame:
    """`metrics.completeness.owed` of the cycle: by region, period and variable."""
    found = asked.counted()
    key = ["region", "variable", "rhythm"]
    series = found.group_by(key).agg(pl.col("series").sum())
    positions = found.with_columns(position=pl.int_ranges(pl.col("reported").list.len()))
    # Longer spans and whole cycles are both one number for the cycle.
    got = (
        positions.select(*key, "position", "reported", "on_time")
        .explode("position", "reported", "on_time")
        .group_by(*key, "position")
        .agg(pl.col("reported", "on_time").sum())
    )
    return owed(series, got, definitions=asked.definitions, regions=asked.regions, calendar=asked.calendar)


def missing(asked: Asked, region: str) -> pl.DataFrame:
    """What a region lacks, by site: site ('': the region itself), period, variable, deadline, late, note (why a number
    was reported empty); sorted. Raises InputError for what is no region."""
    codes = asked.regions.frame["code"].to_list()
    if region not in codes:
        raise InputError([Problem("unknown_region", path="--region", facts={"value": region})])
    series = asked.series(region)
    every = series.join(asked.calendar.due(series["rhythm"]), on="rhythm")
    lacking = every.filter(~pl.col("position").is_in(pl.col("known").fill_null([])))
    wanted = due(asked).filter(pl.col("region") == region, pl.col("absent") > 0)
    lacking = lacking.join(wanted.select("period", "variable"), on=["period", "variable"], how="semi")
    never = wanted.join(series.select("variable"), on="variable", how="anti").with_columns(site=pl.lit(""))
    columns = ["site", "period", "variable", "deadline"]
    both = pl.concat([lacking.select(columns), never.select(columns)])
    empty = asked.store.query(_EMPTY, region=region, periods=asked.periods()["period"].to_list(), moment=asked.moment)
    told = both.join(empty.unique(columns[:3]), on=columns[:3], how="left", maintain_order="left")
    late = (pl.col("deadline") < asked.calendar.today).fill_null(value=False)
    return told.with_columns(late=late).select(*columns, "late", "note").sort(columns[:3])


def silent(asked: Asked) -> pl.DataFrame:
    """Sites of the register that have reported nothing in the cycle or the one before: region, site."""
    return asked.store.query(_SILENT, periods=asked.periods()["period"].to_list(), moment=asked.moment)


def by_area(rows: pl.DataFrame, store: Store) -> pl.DataFrame:
    """Rows of `due` with the areas that their regions belong to: one row an area and row; `area` is ''  for none."""
    members = store.areas().select("area", "region")
    return rows.join(members, on="region", how="left").with_columns(pl.col("area").fill_null(""))


def deadlines(store: Store) -> pl.DataFrame:
    """The deadlines that hold: period, due (a day, ISO), person, made, reason; sorted by period."""
    newest = deadline_history(store).unique("period", keep="first", maintain_order=True)
    return newest.filter(pl.col("due") != "").sort("period")


def deadline_history(store: Store) -> pl.DataFrame:
    """Every deadline that was ever set, the newest first; `due` is empty where one was taken away."""
    return store.query(_DEADLINES)


def differing(store: Store, cycle: str) -> tuple[str, str] | None:
    """The last day by which a cycle's facts are due and the day by which its stage of reporting is to end, where both
    are set and are not the same."""
    steps = transitions(store, cycle)
    ends = steps[-1].deadline if steps and steps[-1].stage == "reports" else ""
    if not ends:
        return None
    held, known = deadlines(store), revisions_of(store)
    own = calendar_of(held["period"], cycles_of(known.latest.definitions)).filter(pl.col("cycle") == known.place(cycle))
    due = held.join(own, on="period", how="semi")["due"].max()
    return (str(due), ends) if due and due != ends else None


def set_deadline(store: Store, period: str, day: str, *, person: str, reason: str = "") -> None:
    """The day by which a period's facts are to be reported; an empty day takes it away. What held before stays known.

    A period without one of its own has that of the shortest longer period that holds it: a year's is its months' too.
    Raises InputError without a person, for what is no period or no day, and for a change without a reason.
    """
    require("person", person)
    calendar = cycles_of(revisions_of(store).latest.definitions)
    try:
        place = calendar.place(parse(period, fiscal_year_starts=calendar.fiscal_year_starts))
    except PeriodError as error:
        raise InputError([Problem(error.code, facts={"value": period})]) from error
    if day and not is_day(day):
        raise InputError([Problem("deadline_no_day", facts={"value": day})])
    with store.transaction(f"deadline {period} {day}", "review", reason=reason) as writer:
        require_all(store, writer.found, "review", None if place is None else calendar.name(place.ordinal))
        person = signed_by(store, person)
        found = writer.found("SELECT id, due FROM deadlines WHERE period = $period ORDER BY id", {"period": period})
        before = found[-1][1] if found else ""
        if day == before:
            raise InputError([Problem("deadline_same", facts={"period": period, "day": day or "—"})])
        if found:
            require("reason", reason)
        writer.execute(
            "INSERT INTO deadlines SELECT coalesce(max(id), 0) + 1, $period, $day, $person, $moment, $reason"
            " FROM deadlines",
            {"period": period, "day": day, "person": person, "reason": reason.strip()},
            moment=now(),
        )
