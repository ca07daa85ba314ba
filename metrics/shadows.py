"""Shadows: what a region would score with other values, against the very frames that it is measured against now."""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from metrics.frames import Matrix
from metrics.normalise import normalised
from metrics.regions import Regions
from metrics.scorecard import Scorecard
from metrics.tree import frame_of
from metrics.values import Rows

# No regions file can hold such a code, and it sorts behind every other.
_SHADOW = "\U0010fffd"
# Methods by which a value is measured against all others, itself among them.
BY_RANK = frozenset(("rank", "borda", "percentile_rank"))


def shadow_scores(
    card: Scorecard, region: str, period: str, values: Mapping[str, Sequence[float]]
) -> dict[str, list[float | None]]:
    """The score of each (treated) value of each indicator, if the region had it in that cycle.

    Frames stay as they are, the region's own value in them: what others are measured against does not move. Where
    a value is measured against the other regions' mean or its own previous value, these are the region's own; where
    it is ranked, it takes the place of the region's own.
    """
    ranked = {c: tried for c, tried in values.items() if card.definitions.normaliser(c).method in BY_RANK}
    values = {code: tried for code, tried in values.items() if code not in ranked}
    longest = max((len(tried) for tried in values.values()), default=0)
    kept, alone = (_with_shadows(card, region, longest, compared=compared) for compared in (True, False))
    found = {c: [_replaced(card, c, region, period, value) for value in tried] for c, tried in ranked.items()}
    for code, tried in values.items():
        method, item = card.definitions.normaliser(code), card.definitions.indicators[code]
        by_others = getattr(method, "relative_to", "none") in ("peers_mean", "peers_median")
        rows = alone if by_others else kept
        x = _columns(card, code, region, period, tried, longest)
        frame = frame_of(card.definitions, rows, code)
        scores = rows.frame.with_columns(x=pl.Series(x.ravel()).fill_nan(None)).select(
            "period", "region", score=normalised(pl.col("x"), frame, method, item.better)
        )
        of_shadows = pl.col("region").str.starts_with(_SHADOW) & (pl.col("period") == period)
        found[code] = scores.filter(of_shadows)["score"].to_list()[: len(tried)]
    return found


def _replaced(card: Scorecard, code: str, region: str, period: str, value: float) -> float | None:
    """The score of a value that takes the place of the region's own: it is not overtaken by what it was."""
    item, rows = card.definitions.indicators[code], card.rows
    here = (rows.frame["region"] == region) & (rows.frame["period"] == period)
    column = card.wide.select(pl.when(here).then(value).otherwise(f"treated {code}").alias("x")).to_series()
    frame = frame_of(card.definitions, rows, code)
    scored = normalised(pl.col("x"), frame, card.definitions.normaliser(code), item.better)
    found: float | None = rows.frame.with_columns(column).select(scored.alias("score")).filter(here)["score"][0]
    return found


def _with_shadows(card: Scorecard, region: str, count: int, *, compared: bool) -> Rows:
    """The scorecard's rows and `count` regions like this one, not compared; the region itself only if asked."""
    regions = card.rows.regions.frame
    own = pl.when(pl.col("code") == region).then(pl.col("compared") & compared).otherwise("compared")
    twin = regions.filter(pl.col("code") == region)
    shadows = pl.concat([twin] * count) if count else twin.clear()
    codes = pl.Series([f"{_SHADOW}{place:06}" for place in range(count)], dtype=pl.String)
    shadows = shadows.with_columns(code=codes, compared=pl.lit(False))
    return Rows(card.rows.cycles, Regions(pl.concat([regions.with_columns(compared=own), shadows])), card.rows.calendar)


def _columns(card: Scorecard, code: str, region: str, period: str, tried: Sequence[float], count: int) -> Matrix:
    """Treated values by cycle and region, with the tried ones in that cycle and the region's own before it."""
    regions = card.rows.regions.frame["code"]
    known = card.wide[f"treated {code}"].to_numpy().reshape(len(card.rows.cycles), len(regions))
    own = known[:, np.flatnonzero((regions == region).to_numpy())]
    shadows = np.repeat(own, count, axis=1)
    at = card.periods.index(period)
    shadows[at] = np.nan
    shadows[at, : len(tried)] = tried
    return np.concatenate([known, shadows], axis=1)
