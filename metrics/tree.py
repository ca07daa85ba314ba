"""The tree: treated values, normalised scores, and every node's mean, coverage and weights, one column a code."""

from collections.abc import Collection, Mapping
from typing import Any

import polars as pl

from metrics import aggregate, impute, outliers, weigh
from metrics.definitions import Definitions, Leaf, Node
from metrics.frames import Frame
from metrics.normalise import normalised
from metrics.problems import InputError, Problem
from metrics.values import Cells, Rows

# Coverage is a quotient of sums: equal but for rounding is enough.
_COVERED = 1e-12


def wide_scores(definitions: Definitions, rows: Rows, known: Mapping[str, Cells]) -> pl.DataFrame:
    """`Rows.frame` with a column each of `value`, `treated`, `score`, `coverage`, `reported`, `imputed` and `weight`.

    A column is named after its code (`score energy_per_area`); `mean` is a node's mean before `min_coverage`;
    `infinite` is there for scores that are no finite number, and marks them.
    """
    refuse_unavailable(definitions, rows)
    wide = rows.frame.with_columns(known[code].value.alias(f"value {code}") for code in definitions.indicators)
    wide = _treated(definitions, rows, wide)
    wide = wide.with_columns(
        normalised(
            pl.col(f"treated {code}"), _frame(definitions, rows, code), definitions.normaliser(code), item.better
        ).alias(f"score {code}")
        for code, item in definitions.indicators.items()
    )
    wide = _covered(_finite(wide, list(definitions.indicators)), definitions)
    for node in _deepest_first(definitions.index):
        wide = _aggregated(wide, node, definitions, rows)
    return wide


def refuse_unavailable(definitions: Definitions, rows: Rows) -> None:
    """Raises InputError for methods that the language knows and no function computes yet, and unknown attributes."""
    named: list[tuple[str, Any, Collection[str]]] = [
        *(
            (f"indicators.{code}.outliers", definitions.outliers(code), outliers.METHODS)
            for code in definitions.indicators
        ),
        *(
            (f"{code}.weights", definitions.weights_of(node), weigh.METHODS)
            for code, node in definitions.tree_nodes.items()
        ),
        *(
            (f"{code}.aggregate", definitions.aggregate_of(node), aggregate.METHODS)
            for code, node in definitions.tree_nodes.items()
        ),
    ]
    problems = [
        Problem("not_available", path=path, facts={"name": name})
        for path, method, known in named
        if (name := method if isinstance(method, str) else getattr(method, "method", "power")) not in known
    ]
    for code in definitions.indicators:
        attribute = getattr(definitions.missing(code), "by", None)
        if attribute is not None and attribute not in rows.regions.frame.columns:
            facts = {"attribute": attribute}
            problems.append(Problem("unknown_attribute", path=f"indicators.{code}.missing.by", facts=facts))
    if problems:
        raise InputError(problems)


def _frame(definitions: Definitions, rows: Rows, code: str) -> Frame:
    peers = definitions.indicators[code].peers
    if peers is not None and peers not in rows.regions.frame.columns:
        raise InputError([Problem("unknown_attribute", path=f"indicators.{code}.peers", facts={"attribute": peers})])
    return Frame(rows, definitions.normaliser(code).frame, peers)


def _treated(definitions: Definitions, rows: Rows, wide: pl.DataFrame) -> pl.DataFrame:
    """`treated` columns: the value after `missing` and `outliers`."""
    columns = []
    for code in definitions.indicators:
        value = wide[f"value {code}"]
        imputed = impute.METHODS[definitions.missing(code).method](value, rows, definitions.missing(code))
        # What is not in force has no value by decision, so nothing stands in for it.
        inside = rows.frame["cycle"].is_in(sorted(_cycles_of(code, definitions, rows)))
        imputed = wide.select(pl.when(inside).then(imputed)).to_series()
        frame = _frame(definitions, rows, code)
        columns.append(
            outliers.METHODS[definitions.outliers(code).method](imputed, frame, definitions.outliers(code)).alias(
                f"treated {code}"
            )
        )
    return wide.with_columns(columns)


def _finite(wide: pl.DataFrame, codes: Collection[str]) -> pl.DataFrame:
    """No score that overflowed: it is null, and `infinite` says so."""
    wrong = {code: ~wide[f"score {code}"].is_finite().fill_null(value=True) for code in codes}
    found = {code: flag for code, flag in wrong.items() if flag.any()}
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


def weights_of(node: Node, definitions: Definitions, rows: Rows) -> list[pl.Expr]:
    """Each child's weight in each row: 0 in cycles in which it does not count."""
    weights = weigh.METHODS[definitions.weights_of(node).method](node)
    cycles = [_in_force(child, definitions, rows) for child in node.children]
    return [
        pl.lit(weight)
        if len(counting) == len(rows.cycles)
        else pl.when(pl.col("cycle").is_in(sorted(counting))).then(pl.lit(weight)).otherwise(0.0)
        for weight, counting in zip(weights, cycles, strict=True)
    ]


def _aggregated(wide: pl.DataFrame, node: Node, definitions: Definitions, rows: Rows) -> pl.DataFrame:
    codes = [code_of(child) for child in node.children]
    weights = weights_of(node, definitions, rows)
    scores = [pl.col(f"score {code}") for code in codes]
    total = pl.sum_horizontal(weights)

    def share(name: str, whole: pl.Expr) -> pl.Expr:
        of_scored = (
            pl.when(s.is_not_null()).then(w * pl.col(f"{name} {code}"))
            for s, w, code in zip(scores, weights, codes, strict=True)
        )
        return pl.when(whole > 0.0).then(pl.sum_horizontal(of_scored) / whole).otherwise(0.0)

    scored = aggregate.weight_present(scores, weights)
    mean = aggregate.METHODS[definitions.aggregate_of(node)](scores, weights, definitions.floor_of(node))
    covered = share("coverage", total)
    mean = pl.when(mean.is_finite()).then(mean)
    return wide.with_columns(
        pl.when(covered >= definitions.min_coverage_of(node) - _COVERED).then(mean).alias(f"score {node.code}"),
        mean.alias(f"mean {node.code}"),
        covered.alias(f"coverage {node.code}"),
        share("reported", total).alias(f"reported {node.code}"),
        share("imputed", scored).alias(f"imputed {node.code}"),
        *(
            pl.when(weight > 0.0).then(weight / total).alias(f"weight {code}")
            for weight, code in zip(weights, codes, strict=True)
        ),
    )
