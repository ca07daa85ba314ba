"""Intervals: where each region's rank lies over all trials, who is above whom, who improved."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from metrics.drawn import MOST_TRIALS
from metrics.drawn import Robustness as Settings
from metrics.frames import Matrix, tie_width, tied_ranks
from metrics.problems import InputError, Problem
from metrics.robustness.draws import inputs_of
from metrics.robustness.tiers import tiers
from metrics.robustness.trials import Trials, trials_of
from metrics.scorecard import Scorecard

Ranks = npt.NDArray[np.uint16]
LOW, HIGH = 0.05, 0.95


@dataclass(frozen=True)
class Robustness:
    """What the trials came to.

    `drawn` (c, t, n): each compared region's rank in each trial, 0 for none; ties share the smaller number.
    `improved`: period, region, probability that a trial's composite exceeds the same trial's of the previous cycle,
    over the trials that have both; every trial holds the same weights and methods in all cycles, and scores that tie
    count for none.
    """

    card: Scorecard
    settings: Settings
    drawn: Ranks
    improved: pl.DataFrame

    @cached_property
    def regions(self) -> tuple[str, ...]:
        """The compared regions, in the order of `drawn`."""
        return tuple(self.card.regions.filter("compared")["code"])

    @cached_property
    def ranks(self) -> pl.DataFrame:
        """The contract's columns (§5): period, region, score, rank, rank_mean, rank_median, rank_p05, rank_p95,
        top_probability; every region in every cycle, null for those that are not ranked.

        Quantiles are numpy's `linear`, type 7 of Hyndman & Fan (1996); statistics are over the trials in which the
        region has a rank, `top_probability` is the share of all trials in which it ranks first.
        """
        blocks = [
            _statistics(ranks).with_columns(period=pl.lit(period, pl.String), region=pl.Series(self.regions))
            for period, ranks in zip(self.card.periods, self.drawn, strict=True)
        ]
        statistics = pl.concat(blocks) if blocks else _statistics(np.zeros((1, 0), np.uint16)).clear()
        if not blocks:
            statistics = statistics.with_columns(period=pl.lit("", pl.String), region=pl.lit("", pl.String)).clear()
        root = self.card.frame.filter(pl.col("level") == "composite").select("period", "region", "score", "rank")
        return root.join(statistics, on=["period", "region"], how="left").sort("period", "region")

    @cached_property
    def pairs(self) -> pl.DataFrame:
        """period, region_a, region_b, probability that A scores above B: every two compared regions, both ways.

        Over the trials in which both have a rank, null where there are none; scores that tie count for neither.
        """
        codes = self.regions
        apart = ~np.eye(len(codes), dtype=bool)
        names = pl.DataFrame({"region_a": list(codes)}, schema={"region_a": pl.String}).join(
            pl.DataFrame({"region_b": list(codes)}, schema={"region_b": pl.String}), how="cross",
            maintain_order="left_right",
        )  # fmt: skip
        blocks = [
            names.with_columns(pl.Series("probability", above.ravel()).fill_nan(None), period=pl.lit(period))
            .filter(pl.Series(apart.ravel()))
            .select("period", "region_a", "region_b", "probability")
            for period, above in zip(self.card.periods, self.above, strict=True)
        ]
        empty = {**dict.fromkeys(("period", "region_a", "region_b"), pl.String), "probability": pl.Float64}
        return pl.concat(blocks) if blocks else pl.DataFrame(schema=empty)

    @cached_property
    def above(self) -> tuple[Matrix, ...]:
        """Per cycle the probabilities (n, n) that the region of the row is above that of the column, NaN for none."""
        return tuple(_above(ranks) for ranks in self.drawn)

    @cached_property
    def tiers(self) -> pl.DataFrame:
        """period, region, tier (1 the best) of the regions ranked in any trial: `tiers.tiers`."""
        blocks = []
        for period, ranks, above in zip(self.card.periods, self.drawn, self.above, strict=True):
            here = (ranks > 0).any(axis=0)
            codes = np.array(self.regions)[here].tolist()
            found = tiers(above[np.ix_(here, here)])
            blocks.append(
                pl.DataFrame({"period": [period] * len(codes), "region": codes, "tier": found}, schema=_TIERS)
            )
        return pl.concat(blocks) if blocks else pl.DataFrame(schema=_TIERS)

    @cached_property
    def standing(self) -> pl.DataFrame:
        """`ranks` with tier; width, p95 − p05 in places; firm, whether they are the same; improved, the probability."""
        key = ["period", "region"]
        wide = self.ranks.with_columns(width=pl.col("rank_p95") - pl.col("rank_p05"))
        tiered = wide.join(self.tiers, on=key, how="left", maintain_order="left")
        rose = self.improved.select(*key, improved="probability")
        return tiered.with_columns(firm=pl.col("width") == 0.0).join(rose, on=key, how="left", maintain_order="left")


_TIERS = {"period": pl.String, "region": pl.String, "tier": pl.Int64}


def analyse(card: Scorecard, *, trials: int | None = None, seed: int | None = None) -> Robustness:
    """The uncertainty analysis by `robustness:` of the definitions; `trials` and `seed` in place of the file's.

    Saisana, Saltelli & Tarantola (2005), Uncertainty and sensitivity analysis techniques as tools for the quality
    assessment of composite indicators, JRSS A 168; Handbook §7. Raises InputError for trials below 1 or above 100,000,
    and for a frame that is no cycle of the scorecard.
    """
    settings = settings_of(card, trials=trials, seed=seed)
    inputs = inputs_of(card.definitions, settings)
    model = trials_of(card, inputs)
    cycles, compared = len(card.rows.cycles), model.compared
    drawn = np.zeros((cycles, settings.trials, int(compared.sum())), np.uint16)
    earlier = [card.rows.cycles.index(cycle - 1) if cycle - 1 in card.rows.cycles else -1 for cycle in card.rows.cycles]
    up, both = np.zeros((2, cycles, len(compared)))
    for places, composite in model.composites(inputs.sampled(settings.trials, settings.seed)):
        drawn[:, places] = ranks_of(composite, model)
        for cycle, before in enumerate(earlier):
            if before >= 0:
                known = ~np.isnan(composite[cycle]) & ~np.isnan(composite[before])
                both[cycle] += known.sum(axis=0)
                up[cycle] += _risen(composite[cycle], composite[before], model.compared).sum(axis=0)
    chance = np.divide(up, both, out=np.full_like(up, np.nan), where=both > 0.0)
    improved = card.rows.frame.select("period", "region").with_columns(
        probability=pl.Series(chance.ravel()).fill_nan(None)
    )
    return Robustness(card, settings, drawn, improved)


def score_intervals(card: Scorecard, *, trials: int | None = None, seed: int | None = None) -> pl.DataFrame:
    """period, region, score_p05, score_p95: where composites lie while weights alone move, all methods as declared.

    Scores by other methods are on other scales, so that an interval over them would say nothing about a score; ranks
    are what is compared over all methods. A score that does not vary is its own interval. Null without a score, or
    where no weight is drawn. Raises as `analyse` does.
    """
    settings = settings_of(card, trials=trials, seed=seed)
    inputs = inputs_of(card.definitions, Settings(weights=settings.weights))
    model = trials_of(card, inputs)
    root = card.frame.filter(pl.col("level") == "composite")["score"].to_numpy()
    declared = np.nan_to_num(root).reshape(len(card.rows.cycles), -1)
    moves = np.full((len(declared), settings.trials, declared.shape[1]), np.inf, np.float32)
    if settings.weights is not None:
        for places, composite in model.composites(inputs.sampled(settings.trials, settings.seed)):
            moves[:, places] = _moves(composite, declared[:, None, :])
    moves.sort(axis=1)
    ends = [
        (declared + [_quantile(table, np.isfinite(table).sum(axis=0), share) for table in moves]).ravel()
        for share in (LOW, HIGH)
    ]
    return card.rows.frame.select("period", "region").with_columns(
        pl.Series(name, values, dtype=pl.Float64).fill_nan(None)
        for name, values in zip(("score_p05", "score_p95"), ends, strict=True)
    )


def _moves(composite: Matrix, declared: Matrix) -> Matrix:
    """How far scores lie from the declared ones, 0 where rounding alone tells them apart; infinite without a score."""
    apart = composite - declared
    # Of single precision the moves are exact enough; the scores themselves would lose digits that are shown.
    still = np.abs(apart) <= tie_width(declared, declared)
    return np.where(np.isnan(apart), np.inf, np.where(still, 0.0, apart))


def _risen(now: Matrix, before: Matrix, compared: Any) -> npt.NDArray[np.bool_]:
    """Where a trial's score (t, n) is above its earlier one by more than a tie (§4) among both cycles' scores."""
    both = np.concatenate([now[:, compared], before[:, compared]], axis=1)
    low = np.fmin.reduce(both, axis=1, keepdims=True, initial=np.nan)
    top = np.fmax.reduce(both, axis=1, keepdims=True, initial=np.nan)
    return np.asarray(now - before > tie_width(low, top))


def settings_of(card: Scorecard, *, trials: int | None, seed: int | None) -> Settings:
    """The keys of `robustness:` in force, with other trials or another seed where these are given."""
    settings = card.definitions.robustness.in_force
    changed = {name: value for name, value in (("trials", trials), ("seed", seed)) if value is not None}
    # The file's own are checked where it is read: these are what a command was given.
    if trials is not None and trials < 1:
        raise InputError([Problem("not_above_zero", path="--trials", facts={"name": "--trials", "value": trials})])
    if trials is not None and trials > MOST_TRIALS:
        facts = {"name": "--trials", "value": trials, "most": MOST_TRIALS}
        raise InputError([Problem("above_the_most", path="--trials", facts=facts)])
    return settings.model_copy(update=changed)


def ranks_of(composite: Matrix, model: Trials) -> Ranks:
    """The compared regions' ranks (c, t, n) by their composites, by the scorecard's own rule; 0 without a score."""
    scores = composite[:, :, model.compared]
    cycles, trials, count = scores.shape
    ranks = tied_ranks(-scores.reshape(cycles * trials, count)).reshape(scores.shape)
    return np.nan_to_num(ranks, nan=0.0).astype(np.uint16)


def _statistics(ranks: Ranks) -> pl.DataFrame:
    """One cycle's ranks (t, n) in numbers, one row a region."""
    ordered = np.sort(np.where(ranks == 0, np.inf, ranks), axis=0)
    count = (ranks > 0).sum(axis=0)
    total = np.where(ranks > 0, ranks, 0).sum(axis=0, dtype=float)
    columns = {
        "rank_mean": np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0),
        "rank_median": _quantile(ordered, count, 0.5),
        "rank_p05": _quantile(ordered, count, LOW),
        "rank_p95": _quantile(ordered, count, HIGH),
        "top_probability": np.where(count > 0, (ranks == 1).mean(axis=0), np.nan),
    }
    return pl.DataFrame({name: pl.Series(values, dtype=pl.Float64).fill_nan(None) for name, values in columns.items()})


def _quantile(ordered: npt.NDArray[Any], count: npt.NDArray[np.intp], share: float) -> Matrix:
    """A quantile of the first `count` of each column's sorted numbers; NaN where there are none."""
    place = share * np.maximum(count - 1, 0)
    low = np.floor(place).astype(np.intp)
    high = np.minimum(low + 1, np.maximum(count - 1, 0))
    columns = np.arange(ordered.shape[1])
    below, above = ordered[low, columns], ordered[high, columns]
    with np.errstate(invalid="ignore"):
        return np.where(count > 0, below + (place - low) * (above - below), np.nan)


def _above(ranks: Ranks) -> Matrix:
    """The share of trials in which the rank of the row's region is the smaller number."""
    present = ranks > 0
    both = present.astype(np.float32).T @ present.astype(np.float32)
    wins = np.zeros((ranks.shape[1], ranks.shape[1]))
    # Column by column: all of it at once would hold trials × regions² answers.
    for place, own in enumerate(ranks.T):
        wins[place] = ((own[:, None] < ranks) & (own[:, None] > 0)).sum(axis=0)
    return np.divide(wins, both, out=np.full_like(wins, np.nan), where=both > 0.0)
