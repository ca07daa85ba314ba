"""Integration: what can be asked of a scorecard about the regions of an area together, and over time."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from metrics.convergence import NUMBERS, Converged, converged
from metrics.definitions import Definitions
from metrics.frames import Matrix
from metrics.problems import InputError, Problem, nearest
from metrics.scorecard import Scorecard
from metrics.spread import ALIKE, MEASURES, THEN_AND_NOW, Groups, counted, measured, theil_split, then_and_now

# Scores of these are places among the regions of a frame, not distances from anything fixed.
_RELATIVE = (
    *("minmax", "zscore", "rank", "borda", "percentile_rank", "fraction_of_max"),
    *("distance_to_target", "distance_to_reference"),
)
_PER_YEAR = {"year": 1, "half": 2, "quarter": 4, "month": 12}
_CONVERGENCE: dict[str, Any] = {
    **dict.fromkeys(("code", "first", "last"), pl.String),
    **{"years": pl.Float64, "n": pl.Int64, "missing": pl.Int64},
    **{"covered_first": pl.Float64, "covered_last": pl.Float64, "spread_n": pl.Int64},
    **dict.fromkeys((*THEN_AND_NOW, *NUMBERS), pl.Float64),
    "reason": pl.String,
}


def members_of(card: Scorecard, members: Sequence[str] | None) -> list[str]:
    """The members in order, or all compared regions; raises InputError for one that the scorecard does not have."""
    for region in members or ():
        card.require_region(region)
    return sorted(set(members)) if members is not None else card.regions.filter("compared")["code"].to_list()


def measured_cells(card: Scorecard, members: Sequence[str], codes: Sequence[str]) -> Matrix:
    """What is compared of each code (codes, cycles, members): an indicator's value, a node's score; NaN where none."""
    own = pl.when(pl.col("level") == "indicator").then("value").otherwise("score")
    return _cells(card, card.frame.select(own.alias("x")).to_series(), members, codes)


def _cells(card: Scorecard, column: pl.Series, members: Sequence[str], codes: Sequence[str]) -> Matrix:
    """A column of the scorecard's frame by code, cycle and member."""
    tree = [row.code for row in card.definitions.nodes()]
    known = card.regions["code"].to_list()
    cells = column.to_numpy().reshape(len(card.periods), len(known), len(tree))
    places = np.ix_(
        range(len(card.periods)), [known.index(region) for region in members], [tree.index(c) for c in codes]
    )
    return np.ascontiguousarray(np.moveaxis(cells[places], -1, 0))


def dispersion(
    card: Scorecard,
    members: Sequence[str] | None = None,
    *,
    codes: Sequence[str] | None = None,
    weight: str | None = None,
    groups: str | Mapping[str, str] | None = None,
) -> pl.DataFrame:
    """How far apart the members lie, by cycle and code: an indicator in its value, a pillar or the composite in score.

    Columns: period, code, measure (`cv`, `sd_log`, `gini`, `theil` of `spread.MEASURES`; with `groups` also
    `theil_within` and `theil_between`, which add up to `theil`, and `between_share` of it), value, n (members that
    count), missing (those that do not), reason (a key of `spread.REASONS` where value is null). `weight`: a variable
    such as a head count, whose value weighs each member; without it all weigh the same. `groups`: an attribute of
    regions, or a group for each member (those without one are a group of their own). Raises InputError for a name
    that is not there.
    """
    inside, chosen = members_of(card, members), _codes(card, codes)
    x = measured_cells(card, inside, chosen)
    f = np.broadcast_to(_weights(card, weight, inside), x.shape)
    found = {name: measured(name, x, f) for name in MEASURES}
    if groups is not None:
        found |= _split(x, f, _numbered(card, inside, groups), *found["theil"])
    n = (np.isfinite(x) & (f > 0.0)).sum(axis=-1)
    return _long(card, chosen, found, n, len(inside))


def _split(x: Matrix, f: Matrix, groups: Groups, theil: Matrix, why: Any) -> dict[str, tuple[Matrix, Any]]:
    """Theil's index within and between groups, and the share of what is between."""
    own, shares, _ = counted("theil", x, f)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        within, between = (np.where(why == "", part, np.nan) for part in theil_split(own, shares, groups))
    alike = np.where((why == "") & (theil <= ALIKE), "all_alike", why)
    share = np.divide(between, theil, out=np.full_like(theil, np.nan), where=alike == "")
    return {"theil_within": (within, why), "theil_between": (between, why), "between_share": (share, alike)}


def _long(
    card: Scorecard, codes: Sequence[str], found: Mapping[str, tuple[Matrix, Any]], n: Any, members: int
) -> pl.DataFrame:
    """Measures (codes, cycles) as rows, sorted by period, then code and measure in their order."""
    shape = (len(codes), len(card.periods), len(found))
    values = np.stack([value for value, _ in found.values()], axis=-1)
    reasons = np.stack([why for _, why in found.values()], axis=-1)
    counts = np.broadcast_to(n[..., None], shape)

    def by_cycle(cells: Any) -> Any:
        return np.moveaxis(cells, 1, 0).ravel()

    return pl.DataFrame(
        {
            "period": np.repeat(np.array(card.periods, dtype=object), shape[0] * shape[2]).tolist(),
            "code": [code for code in codes for _ in found] * len(card.periods),
            "measure": list(found) * (len(card.periods) * len(codes)),
            "value": pl.Series(by_cycle(values), dtype=pl.Float64, nan_to_null=True),
            "n": pl.Series(by_cycle(counts)).cast(pl.Int64),
            "missing": pl.Series(by_cycle(members - counts)).cast(pl.Int64),
            "reason": pl.Series(by_cycle(reasons).tolist(), dtype=pl.String),
        },
        schema_overrides=dict.fromkeys(("period", "code", "measure"), pl.String),
    )


def _codes(card: Scorecard, codes: Sequence[str] | None) -> list[str]:
    known = [row.code for row in card.definitions.nodes()]
    for code in codes or ():
        _require("code", code, known)
    return list(codes) if codes is not None else known


def _require(what: str, name: str, known: Sequence[str]) -> None:
    if name not in known:
        facts = {"what": what, "name": name, "near": nearest(name, known) or ""}
        raise InputError([Problem("not_in_scorecard", path=what, facts=facts)])


def _weights(card: Scorecard, weight: str | None, members: Sequence[str]) -> Matrix:
    """Each member's weight in each cycle (cycles, members); NaN where it has none."""
    known = card.regions["code"].to_list()
    if weight is None:
        return np.ones((len(card.periods), len(members)))
    _require("variable", weight, list(card.definitions.variables))
    cells = card.known[weight].value.cast(pl.Float64).to_numpy().reshape(len(card.periods), len(known))
    return cells[:, [known.index(region) for region in members]]


def _numbered(card: Scorecard, members: Sequence[str], groups: str | Mapping[str, str]) -> Groups:
    """Each member's group as a number from 0; members without one share the last."""
    if isinstance(groups, str):
        if groups not in card.regions.columns:
            facts = {"attribute": groups, "near": nearest(groups, card.regions.columns) or ""}
            raise InputError([Problem("unknown_attribute", path="groups", facts=facts)])
        groups = {code: name for code, name in card.regions.select("code", groups).iter_rows() if name is not None}
    names = sorted({groups[region] for region in members if region in groups})
    places = [names.index(groups[region]) if region in groups else len(names) for region in members]
    return np.array(places, dtype=np.intp)


def partition(areas: pl.DataFrame) -> dict[str, str]:
    """Each region's areas as one group, so that areas that overlap divide the regions all the same.

    `areas` has a row a member (area, region), as the store gives them; regions of no area have no group.
    """
    rows = areas.select("area", "region").unique().sort("area").group_by("region").agg(pl.col("area"))
    return {region: ";".join(names) for region, names in rows.sort("region").iter_rows()}


def convergence(
    card: Scorecard,
    members: Sequence[str] | None = None,
    *,
    codes: Sequence[str] | None = None,
    last: str | None = None,
    weight: str | None = None,
) -> pl.DataFrame:
    """β- and σ-convergence of each code between two cycles: `convergence.converged`, one row a code.

    Columns: code, first and last (the earliest and the latest cycle, up to `last`, in which as many members as in
    any have a value; null without two), years between them, n, missing, covered_first and covered_last (the mean
    coverage of these n: where they differ, the two cycles do not rest on the same indicators), spread_n, cv_first,
    cv_last, sd_log_first and sd_log_last (both spreads of the same regions, those of the n that have a `weight` in both
    cycles, as in `dispersion`), the numbers of `Converged`, which nothing weighs, reason. Raises InputError for a name
    that is not there.
    """
    inside, chosen, upto = members_of(card, members), _codes(card, codes), _upto(card, last)
    weights = _weights(card, weight, inside)[:upto]
    cells = zip(
        chosen,
        measured_cells(card, inside, chosen)[:, :upto],
        _cells(card, card.frame["coverage"], inside, chosen)[:, :upto],
        strict=True,
    )
    rows = [_converged(card, code, x, coverage, weights) for code, x, coverage in cells]
    return pl.DataFrame(rows, schema=_CONVERGENCE, orient="row").with_columns(pl.col(pl.Float64).fill_nan(None))


def _converged(card: Scorecard, code: str, cells: Matrix, coverage: Matrix, weights: Matrix) -> dict[str, Any]:
    start, end, years = _ends(card, cells)
    found = converged(cells[start], cells[end], years) if len(cells) else Converged(0, "one_cycle")
    row = {"code": code, "years": years, "missing": cells.shape[1] - found.n, **vars(found)}
    if years <= 0.0:
        return row
    both = np.isfinite(cells[start]) & np.isfinite(cells[end])
    for name, at in (("first", start), ("last", end)):
        row[name] = card.periods[at]
        row[f"covered_{name}"] = coverage[at][both].mean() if found.n else None
    n, spreads = then_and_now(cells[[start, end]], weights[[start, end]])
    return {**row, "spread_n": n, **spreads}


def starts(card: Scorecard, members: Sequence[str] | None, code: str, *, last: str | None = None) -> pl.DataFrame:
    """The members behind one row of `convergence`: region, start, end, growth (a year, ln ratio); null where none."""
    inside = members_of(card, members)
    cells = measured_cells(card, inside, _codes(card, [code]))[0][: _upto(card, last)]
    if not len(cells):
        return pl.DataFrame(schema={"region": pl.String, **dict.fromkeys(("start", "end", "growth"), pl.Float64)})
    start, end, years = _ends(card, cells)
    usable = (cells[start] > 0.0) & (cells[end] > 0.0) & (years > 0.0)
    ratio = np.divide(cells[end], cells[start], out=np.ones_like(cells[end]), where=usable)
    growth = np.where(usable, np.log(ratio) / (years or 1.0), np.nan)
    numbers = {"start": cells[start], "end": cells[end], "growth": growth}
    return pl.DataFrame(
        {"region": inside, **{name: pl.Series(x, nan_to_null=True) for name, x in numbers.items()}},
        schema_overrides={"region": pl.String},
    )


def _upto(card: Scorecard, last: str | None) -> int:
    """How many cycles there are up to and with `last`."""
    if last is None:
        return len(card.periods)
    card.require_period(last)
    return card.periods.index(last) + 1


def _ends(card: Scorecard, cells: Matrix) -> tuple[int, int, float]:
    """The places of the first and the last cycle with the most values, and the years between them."""
    counts = np.isfinite(cells).sum(axis=1)
    full = np.flatnonzero((counts == counts.max(initial=0)) & (counts > 0))
    start, end = (int(full[0]), int(full[-1])) if len(full) else (0, 0)
    apart = card.rows.cycles[end] - card.rows.cycles[start] if len(cells) else 0
    return start, end, apart / _PER_YEAR[card.definitions.cycle]


def moving_share(definitions: Definitions, code: str) -> float:
    """The share of a node's declared weight whose scores are measured anew against each cycle's own regions.

    The spread of such scores is stretched to the same range in every cycle, so that over time it tells little.
    """
    rows = definitions.nodes()
    below: dict[str | None, list[Any]] = {}
    for row in rows:
        below.setdefault(row.parent, []).append(row)

    def share(own: str) -> float:
        if own in definitions.indicators:
            method = definitions.normaliser(own)
            relative = method.method in _RELATIVE or getattr(method, "relative_to", "none") not in ("none", "previous")
            return float(relative and method.frame == "cycle")
        return sum((row.weight_share or 0.0) * share(row.code) for row in below[own])

    return share(code)
