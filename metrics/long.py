"""The long frame: one row per cycle, region and node, the contract's columns (§5)."""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from metrics.cores import over_cores
from metrics.definitions import Definitions, TreeRow
from metrics.frames import Matrix, tied_ranks
from metrics.models import Asked
from metrics.normalise import unscored
from metrics.rules import Ruled
from metrics.tree import frame_of
from metrics.values import Cells, Rows

COLUMNS = (
    *("period", "region", "code", "level", "parent", "value", "treated", "score"),
    *("weight", "coverage", "imputed", "rank", "grade", "flags"),
)
_NUMBERS = ("value", "treated", "score", "weight", "coverage", "imputed")


def long_scores(
    definitions: Definitions, rows: Rows, wide: pl.DataFrame, *, known: Mapping[str, Cells], ruled: Ruled
) -> pl.DataFrame:
    """Every node's columns interleaved, so that each region's tree stands together in the tree's order."""
    tree = definitions.nodes()
    names = pl.DataFrame(
        [(row.code, row.level, row.parent) for row in tree],
        schema=dict.fromkeys(("code", "level", "parent"), pl.String),
        orient="row",
    )
    root = definitions.index.code
    # By name once: to look one of very many columns up takes a frame longer than what is then computed with it.
    of_wide = wide.to_dict(as_series=True)
    flags = [_flags(row, rows, of_wide, known, definitions, ruled) for row in tree]
    wide = wide.with_columns(ruled.score.alias(f"score {root}"), pl.lit(1.0).alias(f"weight {root}"))
    columns = wide.to_dict(as_series=True)
    numbers = over_cores(lambda name: _interleaved([columns.get(f"{name} {row.code}") for row in tree]), _NUMBERS)
    at_root = np.arange(wide.height) * len(tree)
    none = pl.repeat(None, wide.height * len(tree), dtype=pl.String, eager=True)
    return (
        rows.frame.select("period", "region")
        .join(names, how="cross", maintain_order="left_right")
        .with_columns(
            **dict(zip(_NUMBERS, numbers, strict=True)),
            rank=_ranks([row.code for row in tree], wide, rows),
            grade=none.scatter(at_root, ruled.grade),
            flags=_flag_texts(flags, wide),
        )
    )


def _interleaved(columns: Sequence[pl.Series | None]) -> pl.Series:
    """Columns of one length laid side by side, read row by row; null where there is no column."""
    height = next(len(column) for column in columns if column is not None)
    blank = np.full(height, np.nan)
    side_by_side = np.column_stack(
        [blank if column is None else column.cast(pl.Float64).to_numpy() for column in columns]
    )
    return pl.Series(side_by_side.ravel(), dtype=pl.Float64, nan_to_null=True)


def _ranks(codes: Sequence[str], wide: pl.DataFrame, rows: Rows) -> pl.Series:
    """Ranks of every node among the compared regions of the cycle: 1 is best, ties share the smaller number."""
    scores = np.stack([wide[f"score {code}"].to_numpy() for code in codes])
    compared = rows.regions.frame["compared"].to_numpy()
    by_cycle: Matrix = -scores.reshape(len(codes) * len(rows.cycles), len(compared))
    by_cycle[:, ~compared] = np.nan
    ranks = tied_ranks(by_cycle).reshape(len(codes), wide.height)
    return _interleaved([pl.Series(of_node) for of_node in ranks]).cast(pl.Int64)


def _flags(
    row: TreeRow,
    rows: Rows,
    wide: Mapping[str, pl.Series],
    known: Mapping[str, Cells],
    definitions: Definitions,
    ruled: Ruled,
) -> Mapping[str, pl.Series]:
    if row.level == "indicator":
        own = _indicator_flags(row.code, rows, wide, known[row.code], definitions)
        return {**own, **_survey_flags(definitions.indicators[row.code].survey, known[row.code], known)}
    flags = _node_flags(wide, row.code)
    met = {code: flag for code, flag in ruled.flags.items() if flag.any()}
    return {**flags, **met} if row.parent is None else flags


def _flag_texts(flags: Sequence[Mapping[str, pl.Series]], wide: pl.DataFrame) -> pl.Series:
    """The flags' names per row, those of the nodes interleaved."""
    texts = pl.repeat("", wide.height * len(flags), eager=True)
    for place, of_node in enumerate(flags):
        if of_node:
            joined = pl.DataFrame(of_node).select(joined_flags({name: pl.col(name) for name in of_node})).to_series()
            texts = texts.scatter(np.arange(wide.height) * len(flags) + place, joined)
    return texts


def joined_flags(flags: Mapping[str, pl.Expr]) -> pl.Expr:
    """The names of the flags a row carries, in order, separated by `;`."""
    if not flags:
        return pl.lit("").alias("flags")
    names = [pl.when(flag).then(pl.lit(name)) for name, flag in flags.items()]
    return pl.concat_str(names, separator=";", ignore_nulls=True).alias("flags")


def _indicator_flags(
    code: str, rows: Rows, wide: Mapping[str, pl.Series], cells: Cells, definitions: Definitions
) -> dict[str, pl.Series]:
    value, treated, score = (pl.col(f"{name} {code}") for name in ("value", "treated", "score"))
    infinite, moved = (
        pl.col(f"{name} {code}") if f"{name} {code}" in wide else pl.lit(False) for name in ("infinite", "moved")
    )
    names = [f"{name} {code}" for name in ("value", "treated", "score", "infinite", "moved")]
    own = pl.DataFrame({name: wide[name] for name in names if name in wide})
    found = own.select(
        unscored=treated.is_not_null() & score.is_null() & ~infinite,
        infinite=infinite,
        imputed=value.is_null() & treated.is_not_null(),
        treated=moved,
        undefined=moved & treated.is_null(),
    ).to_dict()
    flags, of_score = dict(cells.flags), found.pop("unscored")
    if of_score.any():
        why = unscored(treated, frame_of(definitions, rows, code), definitions.normaliser(code))
        told = rows.frame.hstack(own).select(pl.when(of_score).then(why)).to_series()
        flags |= {name: flags.get(name, False) | told.eq_missing(name) for name in sorted(set(told.drop_nulls()))}
    flags |= {name: flags.get(name, False) | flag for name, flag in found.items()}
    return {name: flag for name, flag in flags.items() if flag.any()}


def _survey_flags(asked: Asked | None, cells: Cells, known: Mapping[str, Cells]) -> dict[str, pl.Series]:
    """Of an indicator from a survey: too few who answered, too wide an interval; nothing where that is not reported."""
    if asked is None:
        return {}
    found = {"few_responses": known[asked.respondents].value < asked.least}
    if asked.half_width is not None:
        found["wide_interval"] = known[asked.half_width].value > asked.widest
    off = cells.flags.get("not_in_force", pl.repeat(False, len(cells.value), eager=True))
    told = {name: flag.fill_null(value=False) & ~off for name, flag in found.items()}
    return {name: flag for name, flag in told.items() if flag.any()}


def _node_flags(wide: Mapping[str, pl.Series], code: str) -> dict[str, pl.Series]:
    """A node without score says why: too little coverage, or a mean that does not exist."""
    refused = wide[f"score {code}"].is_null() & wide[f"mean {code}"].is_not_null()
    undefined = wide[f"mean {code}"].is_null() & (wide[f"coverage {code}"] > 0.0)
    flags = {"low_coverage": refused, "undefined": undefined}
    return {name: flag for name, flag in flags.items() if flag.any()}


def long_variables(definitions: Definitions, rows: Rows, known: Mapping[str, Cells]) -> pl.DataFrame:
    """Every variable, raw and derived, of every region and cycle."""
    blocks = [
        rows.frame.select("period", "region").with_columns(
            variable=pl.lit(code), value=known[code].value, flags=_flag_texts([known[code].flags], rows.frame)
        )
        for code in definitions.variables
    ]
    return pl.concat(blocks)
