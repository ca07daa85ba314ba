"""Shadows: what a region would score with other values in place of its own, the others' values as they are."""

import dataclasses
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl

from metrics import impute, outliers
from metrics.frames import Frame
from metrics.methods import FIXED
from metrics.normalise import normalised
from metrics.regions import Regions
from metrics.scorecard import Scorecard, score_values
from metrics.tree import while_in_force
from metrics.values import Rows

# No regions file can hold such a code, and no attribute has such a name.
_SHADOW = "\U0010fffd"
_PEERS, _BY = f"{_SHADOW}peers", f"{_SHADOW}by"
# What fills gaps from the other regions of the cycle, and what does so among those of one shadow.
_FILLS = {"mean": "group_mean", "median": "group_median", "group_mean": "group_mean", "group_median": "group_median"}
_ALONG_CYCLES = frozenset(("latest", "linear"))
# So many values, and rows, are scored at a time.
_AT_ONCE, _ROWS = 64, 1 << 20


def what_if(card: Scorecard, region: str, period: str, values: Mapping[str, float]) -> Scorecard:
    """The scorecard made again with a region's other values of some indicators in one cycle, all else as reported."""
    at, known = card.row_of(region, period), dict(card.known)
    for code, value in values.items():
        column = known[code].value.cast(pl.Float64).clone().scatter(at, value)
        known[code] = dataclasses.replace(known[code], value=column)
    frame, wide = score_values(card.definitions, card.rows, known)
    return dataclasses.replace(card, frame=frame, wide=wide, known=known)


def reported_values(card: Scorecard, code: str) -> pl.Series:
    """An indicator's values on the scorecard's rows as outliers are looked for: what was missing is imputed."""
    method = card.definitions.missing(code)
    imputed = impute.METHODS[method.method](card.wide[f"value {code}"], card.rows, method)
    return while_in_force(card.definitions, card.rows, code, imputed)


def shadow_scores(card: Scorecard, region: str, period: str, code: str, values: Sequence[float]) -> list[float | None]:
    """The score of each value of an indicator, if the region had reported it in that cycle in place of its own.

    The frame moves along with the value, and so do the treatments of missing values and outliers.
    """
    method = card.definitions.normaliser(code)
    by_itself = method.method in FIXED or getattr(method, "relative_to", "") == "none"
    if by_itself and card.definitions.outliers(code).method == "none":
        better: Any = card.definitions.indicators[code].better
        x = pl.DataFrame({"x": list(values)}, schema={"x": pl.Float64})
        return _finite(x.select(normalised(pl.col("x"), None, method, better).alias("score"))["score"])  # type: ignore[arg-type]
    cycles = _cycles(card, code, period)
    # A region that is its own reference is another one in each shadow.
    fits = 1 if getattr(method, "reference", None) == region else _ROWS // (len(cycles) * card.regions.height)
    step = max(1, min(_AT_ONCE, fits))
    parts = [values[start : start + step] for start in range(0, len(values), step)]
    return [score for part in parts for score in _scored(card, region, period, code, part, cycles)]


def _finite(scores: pl.Series) -> list[float | None]:
    return [score if score is not None and np.isfinite(score) else None for score in scores]


def _cycles(card: Scorecard, code: str, period: str) -> tuple[int, ...]:
    """The cycles that the score of this one depends on."""
    method, own = card.definitions.normaliser(code), card.rows.calendar.named(period)
    along = card.definitions.missing(code).method in _ALONG_CYCLES
    if method.frame == "all" or (method.frame != "cycle" and along):
        return card.rows.cycles
    needed = {own, own - 1} if method.frame == "cycle" else {own, own - 1, card.rows.calendar.named(method.frame)}
    return tuple(cycle for cycle in card.rows.cycles if cycle in needed)


def _scored(
    card: Scorecard, region: str, period: str, code: str, tried: Sequence[float], cycles: tuple[int, ...]
) -> list[float | None]:
    definitions, count = card.definitions, card.regions.height
    rows = _shadow_rows(card, code, len(tried), cycles)
    missing, method, item = definitions.missing(code), definitions.normaliser(code), definitions.indicators[code]
    # What is filled along the cycles needs all of them, and is as it was where they are not there.
    again = missing.method in _FILLS or cycles == card.rows.cycles
    known = (card.wide[f"value {code}"] if again else reported_values(card, code)).cast(pl.Float64).to_numpy()
    table = known.reshape(len(card.rows.cycles), count)[[card.rows.cycles.index(cycle) for cycle in cycles]]
    columns = np.tile(table, (1, len(tried)))
    own = np.arange(len(tried)) * count + card.row_of(region, period) % count
    here = cycles.index(card.rows.calendar.named(period)), own
    columns[here] = tried
    x = pl.Series("x", columns.ravel()).fill_nan(None)
    if again:
        filled = SimpleNamespace(**{**missing.model_dump(), "by": _BY})
        imputed = impute.METHODS[_FILLS.get(missing.method, missing.method)](x, rows, filled)
        x = while_in_force(definitions, rows, code, imputed)
    frame, treatment = Frame(rows, method.frame, _PEERS), definitions.outliers(code)
    treated = outliers.METHODS[treatment.method](x, frame, treatment)
    scored = rows.frame.with_columns(treated.alias("x")).select(
        normalised(pl.col("x"), frame, method, item.better).alias("score")
    )
    return _finite(scored["score"].gather(here[0] * columns.shape[1] + here[1]))


def _shadow_rows(card: Scorecard, code: str, count: int, cycles: tuple[int, ...]) -> Rows:
    """All regions as often as there are values, each time as a group of their own; the first time under their codes."""
    regions = card.rows.regions.frame
    groups = (card.definitions.indicators[code].peers, getattr(card.definitions.missing(code), "by", None))
    numbers = {
        name: (regions[group].rank("dense").fill_null(0) if group else pl.repeat(0, regions.height, eager=True))
        for name, group in zip((_PEERS, _BY), groups, strict=True)
    }
    copies = pl.DataFrame({_SHADOW: range(count)}, schema={_SHADOW: pl.Int64}).join(
        regions.with_columns(column.cast(pl.Int64).alias(name) for name, column in numbers.items()),
        how="cross",
        maintain_order="left_right",
    )
    shadow = pl.col(_SHADOW)
    renamed = pl.when(shadow == 0).then("code").otherwise(pl.concat_str(pl.col("code"), pl.lit(_SHADOW), shadow))
    apart = [(pl.col(name) + shadow * (regions.height + 1)).alias(name) for name in (_PEERS, _BY)]
    return Rows(cycles, Regions(copies.with_columns(renamed.alias("code"), *apart)), card.rows.calendar)
