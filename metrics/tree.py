"""The tree: treated values, normalised scores, and every node's mean, coverage and weights, one column a code."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import polars as pl

from metrics import aggregate, impute, outliers, weigh
from metrics.definitions import Definitions
from metrics.frames import Frame, Matrix
from metrics.models import Leaf, Node
from metrics.normalise import normalised
from metrics.problems import InputError, Problem
from metrics.values import Cells, Rows, refuse_unknown

# Coverage is a quotient of sums: equal but for rounding is enough.
_COVERED = 1e-12
# What polars needs to plan a query grows faster than its expressions: a thousand z-scores at once take 500 MB.
_AT_ONCE = 100


def wide_scores(definitions: Definitions, rows: Rows, known: Mapping[str, Cells]) -> pl.DataFrame:
    """`Rows.frame` with a column each of `value`, `treated`, `score`, `coverage`, `reported`, `imputed` and `weight`.

    A column is named after its code (`score energy_per_area`); `mean` is a node's mean before `min_coverage`;
    `infinite` is there for scores that are no finite number, `moved` for values that the treatment of outliers changed,
    and each marks them.
    """
    refuse_unknown(definitions, rows)
    wide = rows.frame.with_columns(known[code].value.alias(f"value {code}") for code in definitions.indicators)
    wide = _treated(definitions, rows, wide)
    wide = _scored(wide, definitions, rows)
    wide = _covered(_finite(wide, list(definitions.indicators)), definitions)
    for node in _deepest_first(definitions.index):
        wide = _aggregated(wide, node, definitions, rows)
    return wide


def _scored(wide: pl.DataFrame, definitions: Definitions, rows: Rows) -> pl.DataFrame:
    """`score` columns: the treated values normalised."""
    scores = [
        normalised(
            pl.col(f"treated {code}"), frame_of(definitions, rows, code), definitions.normaliser(code), item.better
        ).alias(f"score {code}")
        for code, item in definitions.indicators.items()
    ]
    parts = [wide.select(scores[start : start + _AT_ONCE]) for start in range(0, len(scores), _AT_ONCE)]
    return pl.concat([wide, *parts], how="horizontal")


def frame_of(definitions: Definitions, rows: Rows, code: str) -> Frame:
    """The frame that an indicator is normalised in."""
    return Frame(rows, definitions.normaliser(code).frame, definitions.indicators[code].peers)


def _treated(definitions: Definitions, rows: Rows, wide: pl.DataFrame) -> pl.DataFrame:
    """`treated` columns: the value after `missing` and `outliers`; `moved` where the latter changed any."""
    columns = []
    for code in definitions.indicators:
        imputed = impute.METHODS[definitions.missing(code).method](
            wide[f"value {code}"], rows, definitions.missing(code)
        )
        imputed = while_in_force(definitions, rows, code, imputed)
        method = definitions.outliers(code)
        treated = outliers.METHODS[method.method](imputed, frame_of(definitions, rows, code), method)
        columns.append(treated.alias(f"treated {code}"))
        if treated is not imputed and (moved := imputed.ne_missing(treated)).any():
            columns.append(moved.alias(f"moved {code}"))
    return wide.with_columns(columns)


def while_in_force(definitions: Definitions, rows: Rows, code: str, column: pl.Series) -> pl.Series:
    """An indicator's column without values outside its `valid`: these are by decision, and nothing stands in."""
    if definitions.indicators[code].valid is None:
        return column
    inside = rows.frame["cycle"].is_in(sorted(_cycles_of(code, definitions, rows)))
    return rows.frame.select(pl.when(inside).then(column)).to_series()


def _finite(wide: pl.DataFrame, codes: Collection[str]) -> pl.DataFrame:
    """No score that overflowed: it is null, and `infinite` says so."""
    wrong = {code: ~pl.col(f"score {code}").is_finite().fill_null(value=True) for code in codes}
    there = wide.select(flag.any().alias(code) for code, flag in wrong.items()).row(0, named=True)
    found = {code: flag for code, flag in wrong.items() if there[code]}
    return wide.with_columns(
        *(pl.when(~flag).then(f"score {code}").alias(f"score {code}") for code, flag in found.items()),
        *(flag.alias(f"infinite {code}") for code, flag in found.items()),
    )


def _covered(wide: pl.DataFrame, definitions: Definitions) -> pl.DataFrame:
    """`coverage`, `reported` (coverage before imputation) and `imputed` of every indicator."""
    return wide.with_columns(
        column
        for code in definitions.indicators
        for column in (
            pl.col(f"score {code}").is_not_null().cast(pl.Float64).alias(f"coverage {code}"),
            (pl.col(f"score {code}").is_not_null() & pl.col(f"value {code}").is_not_null())
            .cast(pl.Float64)
            .alias(f"reported {code}"),
            (pl.col(f"score {code}").is_not_null() & pl.col(f"value {code}").is_null())
            .cast(pl.Float64)
            .alias(f"imputed {code}"),
        )
    )


def _deepest_first(node: Node) -> list[Node]:
    below = [inner for child in node.children if isinstance(child, Node) for inner in _deepest_first(child)]
    return [*below, node]


def code_of(child: Node | Leaf) -> str:
    """The code under which a child of the tree is scored."""
    return child.indicator if isinstance(child, Leaf) else child.code


def _in_force(child: Node | Leaf, definitions: Definitions, rows: Rows) -> set[int]:
    """The cycles in which a child counts: an indicator inside its `valid`, a node with any such child."""
    if isinstance(child, Node):
        return set().union(*(_in_force(inner, definitions, rows) for inner in child.children))
    return _cycles_of(child.indicator, definitions, rows)


def _cycles_of(indicator: str, definitions: Definitions, rows: Rows) -> set[int]:
    valid = definitions.indicators[indicator].valid
    return {cycle for cycle in rows.cycles if valid is None or valid.holds(rows.calendar.last(cycle))}


def _aggregated(wide: pl.DataFrame, node: Node, definitions: Definitions, rows: Rows) -> pl.DataFrame:
    """The node's mean of its children, by cycle (c), region (n) and child (k)."""
    codes = [code_of(child) for child in node.children]
    scores = cube(wide, "score", codes, rows)
    weights = weights_of(node, definitions, rows, wide)
    method, floor = definitions.aggregate_of(node), definitions.floor_of(node)
    compared = rows.regions.frame["compared"].to_numpy()
    mean = aggregate.aggregated(scores, weights[:, None, :], method, compared=compared, floor=floor)[:, 0, :]
    mean[~np.isfinite(mean)] = np.nan
    counted = np.where(np.isnan(scores), 0.0, weights[:, None, :])
    total, scored = weights.sum(axis=-1, keepdims=True), counted.sum(axis=-1)

    def share(name: str, whole: Matrix) -> Matrix:
        part: Matrix = np.einsum("cnk,cnk->cn", counted, cube(wide, name, codes, rows))
        return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0.0)

    covered, imputed = share("coverage", total), share("imputed", scored)
    # Where nothing stood in for a missing value, all that is covered was reported.
    reported = share("reported", total) if imputed.any() else covered
    held = np.where(covered >= definitions.min_coverage_of(node) - _COVERED, mean, np.nan)
    shares = np.divide(weights, total, out=np.full_like(weights, np.nan), where=(weights > 0.0) & (total > 0.0))
    columns = {
        **{f"score {node.code}": held, f"mean {node.code}": mean, f"coverage {node.code}": covered},
        **{f"reported {node.code}": reported, f"imputed {node.code}": imputed},
        **{f"weight {code}": np.repeat(shares[:, at], scores.shape[1]) for at, code in enumerate(codes)},
    }
    return wide.with_columns(pl.Series(name, cells.ravel(), nan_to_null=True) for name, cells in columns.items())


def cube(wide: pl.DataFrame, name: str, codes: Sequence[str], rows: Rows) -> Matrix:
    """The columns of some codes by cycle, region and code; NaN where there is no value."""
    columns = [wide[f"{name} {code}"].to_numpy() for code in codes]
    return np.stack(columns, axis=-1).reshape(len(rows.cycles), rows.regions.frame.height, len(codes))


def weights_of(node: Node, definitions: Definitions, rows: Rows, wide: pl.DataFrame) -> Matrix:
    """Each child's weight in each cycle (c, k): 0 where it does not count. InputError where there are none."""
    method = definitions.weights_of(node)
    weights = weigh.METHODS[method.method](siblings_of(node, rows, wide), method)
    if not (np.isfinite(weights).all() and weights.max() > 0.0):
        facts = {"code": node.code, "name": method.method}
        raise InputError([Problem("weights_undefined", path=f"{node.code}.weights", facts=facts)])
    # Only proportions matter; sums of very large ones would not be numbers.
    weights = weights / weights.max()
    inside = [_in_force(child, definitions, rows) for child in node.children]
    counts = np.array([[cycle in cycles for cycles in inside] for cycle in rows.cycles], dtype=float)
    return np.asarray(counts.reshape(len(rows.cycles), len(inside)) * weights)


def siblings_of(node: Node, rows: Rows, wide: pl.DataFrame) -> weigh.Siblings:
    """A node's children as weights are computed from them. InputError for a cycle that is not scored."""
    codes = [code_of(child) for child in node.children]

    def scores(period: str) -> Matrix:
        chosen = wide.filter(pl.col("period") == period, pl.col("compared")).select(f"score {code}" for code in codes)
        if chosen.is_empty():
            known = ", ".join(rows.calendar.name(cycle) for cycle in rows.cycles)
            facts = {"code": node.code, "cycle": period, "known": known}
            raise InputError([Problem("weights_without_cycle", path=f"{node.code}.weights", facts=facts)])
        return chosen.drop_nulls().to_numpy()

    return weigh.Siblings(np.array([child.weight for child in node.children]), scores)


def negative_loadings(definitions: Definitions, rows: Rows, wide: pl.DataFrame) -> tuple[Problem, ...]:
    """A warning for every node whose principal component runs against some of its children, which it names."""
    found = []
    for code, node in definitions.tree_nodes.items():
        method = definitions.weights_of(node)
        sources = [part.of for part in method.parts] if method.method == "combine" else [method]
        for source in [source for source in sources if source.method == "pca"]:
            loadings = weigh.loadings(siblings_of(node, rows, wide).scores(source.cycle))
            against = [code_of(child) for child, one in zip(node.children, loadings, strict=True) if one < 0.0]
            if against:
                facts = {"code": code, "cycle": source.cycle, "against": ", ".join(against)}
                found.append(Problem("negative_loading", f"{code}.weights", facts=facts))
    return tuple(found)
