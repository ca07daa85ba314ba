"""The change ledger: where a score's change between two cycles, definition files or snapshots of the facts is from."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import polars as pl

from metrics.change.coalitions import Flags, Vector, open_steps
from metrics.change.labels import KINDS
from metrics.change.leaves import Leaves
from metrics.change.nodes import Edge, node_terms
from metrics.change.points import Point, Terms, add, added, scaled, total
from metrics.change.rules import ruled_terms
from metrics.change.steps import FACTS, PERIOD, Ways
from metrics.definitions import Definitions
from metrics.problems import InputError, Problem, nearest
from metrics.scorecard import Scorecard

# What rounding leaves of a change that adds up is smaller than this share of the scores.
_ROUNDING = 1e-10
_NOTHING = 16.0 * np.finfo(float).eps
_SORTED = ("place", "of_kind", "of_code")
_KEYS = {"before": "period_before", "after": "period_after"}
SCHEMA: dict[str, type[pl.DataType]] = {
    **dict.fromkeys((*_KEYS.values(), "region", "kind", "code"), pl.String),
    "term": pl.Float64,
}


def ledger(
    before: Scorecard, after: Scorecard, region: str, *, period_before: str, period_after: str, code: str | None = None
) -> pl.DataFrame:
    """One region's ledger: the columns and order of `ledgers`.

    Raises InputError for a region, cycle or code that neither scorecard has, and where the score is missing on a side.
    """
    periods = {"period_before": period_before, "period_after": period_after}
    row = outcomes(before, after, **periods, code=code, regions=(region,)).row(0, named=True)
    if row["missing"] is not None:
        sides = [side for side in _KEYS if row["missing"] in (side, "both")]
        named = code or after.definitions.index.code
        facts = {"region": region, "code": named, "period": ", ".join(row[_KEYS[side]] for side in sides)}
        raise InputError([Problem("change_without_score", path="region", facts=facts)])
    return ledgers(before, after, **periods, code=code, regions=(region,))


def ledgers(
    before: Scorecard, after: Scorecard, *, period_before: str, period_after: str, code: str | None = None,
    regions: Sequence[str] | None = None,
) -> pl.DataFrame:  # fmt: skip
    """What the changes of a node's or indicator's score (of the composite unless `code` is given) come from.

    Columns: period_before, period_after, region, kind (a key of `KINDS`), code (the indicator, node or rule it belongs
    to, null where none), term (points of the score). A region's terms add up to its change; what did not change has no
    row, but for a veto that is met on one side only, which takes a grade and no points: 0. Sorted by region, kind (as
    `KINDS` has them) and the order of the definitions. `regions` None: all of both scorecards; one without a score on
    both sides has no rows (`outcomes` says so). Raises InputError for a region, cycle or code that neither has.
    """
    return _ledgers(_ways(before, after, (period_before, period_after), regions, code), code)


def _ledgers(ways: Ways, code: str | None) -> pl.DataFrame:
    points = {corner: point for corner in ways.corners if (point := ways.point(corner)) is not None}
    scores = {corner: point.score(_target(point, code)) for corner, point in points.items()}
    none = np.zeros(len(ways.regions), dtype=bool)
    scored = {corner: ~np.isnan(scores[corner]) if corner in scores else none for corner in ways.corners}
    terms: Terms = {}
    for (corner, bit), share in open_steps(len(ways.kinds), scored).items():
        if share.any():
            found = _edge_terms(points[corner], points[corner | 1 << bit], ways.kinds[bit], code)
            terms = added((terms, scaled(found, share)))
    first, last = ways.corners[0], ways.corners[-1]
    whole = _completed(terms, scores[first], scores[last])
    vetoes = _vetoes(points[first], points[last], scored[first] & scored[last]) if _of_root(points, code) else {}
    return _as_frame(ways, whole, vetoes)


def outcomes(
    before: Scorecard, after: Scorecard, *, period_before: str, period_after: str, code: str | None = None,
    regions: Sequence[str] | None = None,
) -> pl.DataFrame:  # fmt: skip
    """What changed, a row a region: score, rank and grade before and after, the change, and which side is missing.

    Columns: period_before, period_after, region, score_before, score_after, change (points), rank_before, rank_after,
    grade_before, grade_after, missing (null, `before`, `after` or `both`: no score there, so no ledger). Arguments and
    errors as of `ledgers`.
    """
    ways = _ways(before, after, (period_before, period_after), regions, code)
    found = pl.DataFrame({"region": ways.regions}, schema={"region": pl.String})
    for card, side, period in ((before, "before", period_before), (after, "after", period_after)):
        named = code or card.definitions.index.code
        rows = card.frame.filter(pl.col("period") == period, pl.col("code") == named)
        numbers = rows.select("region", *(pl.col(name).alias(f"{name}_{side}") for name in ("score", "rank", "grade")))
        found = found.join(numbers, on="region", how="left", maintain_order="left")
    gone, come = pl.col("score_before").is_null(), pl.col("score_after").is_null()
    missing = pl.when(gone & come).then(pl.lit("both")).when(gone).then(pl.lit("before"))
    return found.select(
        pl.lit(period_before).alias("period_before"), pl.lit(period_after).alias("period_after"), "region",
        *("score_before", "score_after"), (pl.col("score_after") - pl.col("score_before")).alias("change"),
        *("rank_before", "rank_after", "grade_before", "grade_after"),
        missing.when(come).then(pl.lit("after")).alias("missing"),
    )  # fmt: skip


def _ways(
    before: Scorecard, after: Scorecard, periods: tuple[str, str], regions: Sequence[str] | None, code: str | None
) -> Ways:
    """The two sides, with whatever is asked for to be found in them."""
    before.require_period(periods[0])
    after.require_period(periods[1])
    known = {*before.regions["code"], *after.regions["code"]}
    for region in [region for region in regions or () if region not in known]:
        after.require_region(region)
    codes = {name for card in (before, after) for name in (*card.definitions.tree_nodes, *card.definitions.indicators)}
    if code is not None and code not in codes:
        facts = {"what": "code", "name": code, "near": nearest(code, codes) or ""}
        raise InputError([Problem("not_in_scorecard", path="code", facts=facts)])
    return Ways(before, after, periods, tuple(sorted(known) if regions is None else regions))


def _target(point: Point, code: str | None) -> str:
    return code or point.card.definitions.index.code


def _of_root(points: Mapping[int, Point], code: str | None) -> bool:
    return all(_target(point, code) == point.card.definitions.index.code for point in points.values())


def _edge_terms(before: Point, after: Point, kind: str, code: str | None) -> Terms:
    """The terms between two corners of which one kind of thing differs."""
    told_apart = kind in (FACTS, PERIOD)
    leaves = Leaves(before, after, "revision" if kind == FACTS else "own")

    def leaf(name: str) -> Terms:
        change = after.column(f"score {name}") - before.column(f"score {name}")
        return leaves.terms(name) if told_apart else {(kind, name): np.nan_to_num(change)}

    edge = Edge(before, after, None if told_apart else kind, leaf)
    names = [_target(point, code) for point in (before, after)]
    nodes = [point.card.definitions.tree_nodes.get(name) for point, name in zip((before, after), names, strict=True)]
    if nodes[0] is None or nodes[1] is None:
        return leaf(names[0])
    found = node_terms(edge, nodes[0], nodes[1])
    if not _of_root({0: before, 1: after}, code):
        return found
    share, rules = ruled_terms(before, after)
    named = {edge.named(reason, rule): points for (reason, rule), points in rules.items()}
    return added((scaled(found, share), named))


def _completed(terms: Terms, first: Vector, last: Vector) -> Terms:
    """The terms and what they leave of the change: all of it where no order of the kinds has a score at every step."""
    change = last - first
    rest = change - total(terms, len(change))
    with np.errstate(invalid="ignore"):
        left = np.abs(rest) > _ROUNDING * np.maximum(1.0, np.abs(first) + np.abs(last))
    whole = dict(terms)
    add(whole, ("joint", None), np.where(left, rest, 0.0))
    # What sums of shares in another order leave is no term.
    told = _NOTHING * (np.abs(first) + np.abs(last))
    return {key: np.where(np.abs(values) > told, values, 0.0) for key, values in whole.items()}


def _vetoes(before: Point, after: Point, scored: Flags) -> dict[str, Flags]:
    """The vetoes that are met on one side only, and in which regions."""
    flags = [[set(text.split(";")) for text in point.root_rows["flags"].fill_null("")] for point in (before, after)]
    rules = {rule.code for point in (before, after) for rule in point.card.definitions.rules if rule.kind == "veto"}
    return {
        code: scored
        & np.array([(code in one) != (code in other) for one, other in zip(*flags, strict=True)], dtype=bool)
        for code in sorted(rules)
    }


def _as_frame(ways: Ways, terms: Terms, vetoes: Mapping[str, Flags]) -> pl.DataFrame:
    regions = pl.Series("region", ways.regions, dtype=pl.String)
    blocks = [(kind, code, values, values != 0.0) for (kind, code), values in terms.items()]
    blocks += [("rules", code, np.zeros(len(regions)), here) for code, here in vetoes.items()]
    order = {code: place for place, code in enumerate(_order(ways.before.definitions, ways.after.definitions))}
    kinds = {kind: place for place, kind in enumerate(KINDS)}
    rows = [
        pl.DataFrame({"place": np.flatnonzero(here), "term": values[here]}).with_columns(
            kind=pl.lit(kind), code=pl.lit(code, pl.String), of_kind=pl.lit(kinds[kind]), of_code=pl.lit(order[code])
        )
        for kind, code, values, here in blocks
        if here.any()
    ]
    found = pl.concat(rows) if rows else pl.DataFrame(schema={**dict.fromkeys(_SORTED, pl.Int64), **SCHEMA})
    ordered = found.sort(_SORTED)
    return ordered.select(
        pl.lit(ways.periods[0]).alias("period_before"),
        pl.lit(ways.periods[1]).alias("period_after"),
        regions.gather(ordered["place"]),
        *("kind", "code", "term"),
    )


def _order(before: Definitions, after: Definitions) -> Iterator[str | None]:
    """All that a term can belong to, as the definitions have it; nothing comes last."""
    nodes: Iterable[str] = (row.code for definitions in (after, before) for row in definitions.nodes())
    rules: Iterable[str] = (rule.code for definitions in (after, before) for rule in definitions.rules)
    yield from dict.fromkeys((*nodes, *rules, None))
