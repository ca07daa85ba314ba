"""Treatment: an indicator's value after missing values and outliers, as far as formulas can say it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from metrics import impute
from metrics.export.live.formulas import literal
from metrics.export.live.grid import Cell, Row, called, spans
from metrics.export.live.quantities import held_by, kept
from metrics.export.live.words import HELD, word
from metrics.export.live.world import World
from metrics.frames import Frame
from metrics.outliers import ROUNDING, passes
from metrics.tree import frame_of


def in_force(world: World, code: str) -> bool:
    """Whether an indicator counts in the cycle."""
    valid = world.card.definitions.indicators[code].valid
    return valid is None or valid.holds(world.card.rows.calendar.last(world.cycle))


def own_frame(world: World, frame: Frame) -> bool:
    """Whether a frame is made of the cycle's own regions."""
    alone = frame.kind == "all" and len(world.card.rows.cycles) == 1
    return alone or frame.kind == "cycle" or frame.cycle == world.cycle


def treated_line(world: World, code: str, value: Row) -> Row:
    """The line after missing values and outliers."""
    definitions, rows = world.card.definitions, world.card.rows
    values, count = world.of(f"treated {code}"), len(world.columns)
    if not in_force(world, code):
        return world.line("treated", code, ['""'] * count, values)
    texts = _stand_ins(world, code, value)
    if definitions.outliers(code).method == "none":
        return kept(world, "treated", code, texts, values)
    world.stays(code, "outliers")
    before = _filled_in(world, code, world.card.wide[f"value {code}"])
    row = kept(world, "filled", code, texts, before)
    if not own_frame(world, frame_of(definitions, rows, code)):
        return world.line("treated", code, held_by(world, row, values), values)
    return _without_outliers(world, code, row, before, values)


def _filled_in(world: World, code: str, values: pl.Series) -> list[Cell]:
    """The cycle's values with stand-ins."""
    missing = world.card.definitions.missing(code)
    return world.values(impute.METHODS[missing.method](values, world.card.rows, missing))


def _without_outliers(world: World, code: str, row: Row, before: Sequence[Cell], values: Sequence[Cell]) -> Row:
    """The line of the values of those whose frame passes as it is; of the others the outcome as scored."""
    definitions, method = world.card.definitions, world.card.definitions.outliers(code)
    groups = [world.group(definitions.indicators[code].peers, at) for at in range(len(world.columns))]
    passing = [_passes(before, group, method) for group in groups]
    test = kept(world, "passes", code, [_test(row, group, method) for group in groups], passing, shown="whole")
    scored, beyond = held_by(world, row, values), word(HELD, "beyond", world.lang)
    live = [
        f'IF(ISNUMBER({row.at(at)}),IF({test.at(at)}=1,{row.at(at)},"{beyond}"),"")' if passed else scored[at]
        for at, passed in enumerate(passing)
    ]
    return world.line("treated", code, live, values)


def _passes(values: Sequence[Cell], group: Sequence[int], method: Any) -> int:
    known = [float(values[at]) for at in group if values[at] is not None]  # type: ignore[arg-type]
    return int(passes(np.sort(np.array(known, dtype=np.float64)), method))


def _test(row: Row, group: Sequence[int], method: Any) -> str:
    """1 where a frame is not both too skewed and too peaked; what cannot be measured passes."""
    skew, kurtosis = (called(name, spans(row, group)) for name in ("SKEW", "KURT"))
    beyond = f"{kurtosis}>={literal(method.kurtosis)}-{literal(ROUNDING)}"
    return f"IFERROR(IF(AND(ABS({skew})>={literal(method.skew)}-{literal(ROUNDING)},{beyond}),0,1),1)"


def _stand_ins(world: World, code: str, value: Row) -> list[str]:
    method = world.card.definitions.missing(code)
    places = range(len(world.columns))
    if method.method == "none":
        return [f'IF(ISNUMBER({value.at(at)}),{value.at(at)},"")' for at in places]
    if method.method == "constant":
        constant = world.settings.cell(code, "constant", "constant", method.value)
        return [_filled(value.at(at), constant) for at in places]
    if method.method in ("latest", "linear"):
        world.stays(code, "stand_in")
        other = pl.col("cycle") != world.cycle
        column = world.card.rows.frame.select(pl.when(other).then(world.card.wide[f"value {code}"])).to_series()
        row = world.line("stand_in", code, (), _filled_in(world, code, column))
        return [
            f'IF(ISNUMBER({value.at(at)}),{value.at(at)},IF(ISNUMBER({row.at(at)}),{row.at(at)},""))' for at in places
        ]
    name = "MEDIAN" if method.method.endswith("median") else "AVERAGE"
    by = getattr(method, "by", None)
    return [_filled(value.at(at), called(name, spans(value, world.group(by, at)))) for at in places]


def _filled(cell: str, stand_in: str) -> str:
    return f'IF(ISNUMBER({cell}),{cell},IFERROR({stand_in},""))'
