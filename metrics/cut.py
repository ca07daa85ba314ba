"""A cut: the scorecard of some regions in some cycles, with nothing in it that names or tells another region's figures.

What rests on everybody (ranks, frames, grades) was found on the whole. Of the regions out of sight it holds how many
there are and, where at least `FEWEST` of them are in a group, their mean and their standard deviation: of so many
numbers neither tells anybody's own, as the least, the greatest or the middle one would.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import polars as pl

from metrics import compare
from metrics.adjustments import adjusted, adjustments_of
from metrics.definitions import Definitions
from metrics.drawn import Robustness as Settings
from metrics.periods import Cycles
from metrics.regions import Regions
from metrics.rollup import Own, calendar_of
from metrics.scorecard import Given, Scorecard
from metrics.values import Cells, Rows

# Of fewer regions out of sight nothing is told.
FEWEST = 5
_KEY = ["period", "region", "code"]


@dataclass(frozen=True)
class Sure:
    """How sure the ranks are, by the trials of the whole: their settings, `Robustness.standing` and `score_intervals`
    of the regions in sight."""

    settings: Settings
    standing: pl.DataFrame
    scores: pl.DataFrame


@dataclass(frozen=True)
class Found:
    """What was found on the whole, of the regions in sight: `beside` and `distances` as a scorecard has them, how many
    regions are compared, and the grades before vetoes."""

    beside: pl.DataFrame
    distances: pl.DataFrame
    compared: int
    unvetoed: Mapping[tuple[str, str], str | None]


@dataclass(frozen=True)
class Cut(Scorecard):
    """A part of a scorecard. In `beside` median, min and max are the others' mean and the ends of the band around it,
    one standard deviation wide on each side; null where they are too few, and nobody is named as the best."""

    found: Found
    sure: Callable[[], Sure | None]

    @property
    def whole(self) -> bool:
        """Never: what rests on the others is not to be computed from it."""
        return False

    @property
    def compared(self) -> int:
        """How many regions are compared, in sight or not."""
        return self.found.compared

    @property
    def beside(self) -> pl.DataFrame:
        """As found on the whole, with the band of the others."""
        return self.found.beside

    @property
    def distances(self) -> pl.DataFrame:
        """As found on the whole; null where the others are too few."""
        return self.found.distances


def cut(
    card: Scorecard,
    regions: Collection[str],
    *,
    periods: Collection[str],
    sure: Callable[[], Sure | None] = lambda: None,
) -> Cut:
    """Some regions and cycles of a scorecard; its facts stay with whoever holds them. `sure` gives how sure the ranks
    are, when that is asked for."""
    frame = card.rows.frame
    here = frame["region"].is_in(list(regions)) & frame["period"].is_in(list(periods))
    cycles = tuple(cycle for cycle in card.rows.cycles if card.rows.calendar.name(cycle) in periods)
    return Cut(
        _kept(card.frame, regions, periods),
        card.wide.filter(here),
        _own(card.definitions, regions, periods),
        Rows(cycles, Regions(_known(card.regions, regions)), card.rows.calendar),
        {code: _cells(cells, here) for code, cells in card.known.items()},
        Given(_values(card.given.own, regions, cycles), _elsewhere),
        _found(card, regions, periods),
        sure,
    )


def only(card: Scorecard, periods: Collection[str]) -> Scorecard:
    """All regions in some cycles of a scorecard, as they were scored, with nothing of the other cycles: for what sets
    cycles beside one another."""
    if set(card.periods) <= set(periods):
        return card
    regions, calendar = card.regions["code"].to_list(), card.rows.calendar
    here = card.rows.frame["period"].is_in(list(periods))
    cycles = tuple(cycle for cycle in card.rows.cycles if calendar.name(cycle) in periods)
    return Scorecard(
        _kept(card.frame, regions, periods),
        card.wide.filter(here),
        _own(card.definitions, regions, periods),
        Rows(cycles, card.rows.regions, calendar),
        {code: _cells(cells, here) for code, cells in card.known.items()},
        Given(_values(card.given.own, regions, cycles), lambda: _reported(card.facts, calendar, cycles)),
    )


def _reported(facts: pl.DataFrame, calendar: Cycles, cycles: Collection[int]) -> pl.DataFrame:
    """The facts of some cycles."""
    places = calendar_of(facts["period"].unique(), calendar).filter(pl.col("cycle").is_in(list(cycles)))
    return facts.filter(pl.col("period").is_in(places["period"].to_list()))


def _kept(frame: pl.DataFrame, regions: Collection[str], periods: Collection[str]) -> pl.DataFrame:
    return frame.filter(pl.col("region").is_in(list(regions)), pl.col("period").is_in(list(periods)))


def _known(frame: pl.DataFrame, regions: Collection[str]) -> pl.DataFrame:
    """The regions in sight; one above them is named where it is in sight too."""
    own = frame.filter(pl.col("code").is_in(list(regions)))
    return own.with_columns(parent=pl.when(pl.col("parent").is_in(list(regions))).then("parent"))


def _own(definitions: Definitions, regions: Collection[str], periods: Collection[str]) -> Definitions:
    """The definitions with the adjustments that are about what is in sight."""
    every = adjustments_of(definitions)
    return adjusted(definitions, [one for one in every if one.region in regions and one.period in periods])


def _cells(cells: Cells, here: pl.Series) -> Cells:
    return Cells(cells.value.filter(here), {name: flag.filter(here) for name, flag in cells.flags.items()})


def _values(own: Own, regions: Collection[str], cycles: tuple[int, ...]) -> Own:
    inside = own.of(regions)
    return Own(inside.values.filter(pl.col("cycle").is_in(cycles)), cycles, inside.named)


def _elsewhere() -> pl.DataFrame:
    raise LookupError("the facts of a part of the regions are the store's to give")


def _found(card: Scorecard, regions: Collection[str], periods: Collection[str]) -> Found:
    # The reports ask for cuts: at the top this would go round in a ring.
    from metrics.report.acted import before_vetoes

    beside = _beside(card, _kept(card.beside, regions, periods), _others(card, regions))
    told = beside.select(*_KEY, few=pl.col("mean").is_null())
    gaps = [pl.when(~pl.col("few")).then(pl.col(name)).alias(name) for name in ("peer_mean", "peer_gap")]
    distances = _kept(card.distances, regions, periods).join(told, on=_KEY, how="left", maintain_order="left")
    before = {key: grade for key, grade in before_vetoes(card).items() if key[0] in periods and key[1] in regions}
    return Found(beside, distances.with_columns(gaps).drop("few"), card.compared, before)


def _beside(card: Scorecard, own: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """What stands beside the rows in sight, of the others only what they have together."""
    kept = own.select(*_KEY, "group", "n", "ranked")
    joined = kept.join(others, on=["period", "code", "group"], how="left", nulls_equal=True, maintain_order="left")
    scored = joined.join(card.frame.select(*_KEY, "score"), on=_KEY, how="left", maintain_order="left")
    return scored.with_columns(
        score_gap=pl.col("score") - pl.col("score_median"),
        best=pl.lit(None, pl.String),
        best_value=pl.lit(None, pl.Float64),
    ).select(own.columns)


def _others(card: Scorecard, regions: Collection[str]) -> pl.DataFrame:
    """What each group's compared regions out of sight have together: the statistics of `compare.peers`, of which
    median, min and max are the mean and the ends of the band; null where they are too few, or all alike."""
    outside = card.frame.filter(~pl.col("region").is_in(list(regions)))
    found = compare.peers(outside, card.rows, card.definitions, told=_TOLD)
    enough = (pl.col("n") >= FEWEST) & (pl.col("score_sd") > 0.0)
    valued = enough & (pl.col("values") >= FEWEST) & (pl.col("sd") > 0.0)
    x, sd, score, score_sd = (pl.col(name) for name in ("mean", "sd", "score_mean", "score_sd"))
    shown = {"mean": x, "median": x, "min": x - sd, "max": x + sd}
    scores = {"mean": score, "median": score, "min": score - score_sd, "max": score + score_sd}
    return found.select(
        "period", "code", "group",
        *(pl.when(valued).then(what).alias(name) for name, what in shown.items()),
        *(pl.when(enough).then(what).alias(f"score_{name}") for name, what in scores.items()),
    )  # fmt: skip


_X, _SCORE = pl.col("treated"), pl.col("score")
_TOLD = (
    _SCORE.count().cast(pl.Int64).alias("n"),
    _X.count().cast(pl.Int64).alias("values"),
    _X.mean().alias("mean"),
    _X.std(ddof=0).alias("sd"),
    _SCORE.mean().alias("score_mean"),
    _SCORE.std(ddof=0).alias("score_sd"),
)
