"""Treatment: an indicator's value after missing values and outliers, as far as formulas can say it."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from metrics import impute
from metrics.export.live.formulas import literal
from metrics.export.live.grid import Cell, Row, called, spans
from metrics.export.live.quantities import kept
from metrics.export.live.world import World
from metrics.frames import Frame
from metrics.outliers import ROUNDING, passes
from metrics.tree import frame_of, while_in_force


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
    values, count = world.of(f"treated {code}"), len(world.columns)
    if not in_force(world, code):
        return world.line("treated", code, ['""'] * count, values)
    texts = _stand_ins(world, code, value)
    if world.card.definitions.outliers(code).method == "none":
        return kept(world, "treated", code, texts, values)
    world.stays(code, "outliers")
    if not own_frame(world, frame_of(world.card.definitions, world.card.rows, code)):
        return world.line("treated", code, (), values)
    return _without_outliers(world, code, texts, values)


def _without_outliers(world: World, code: str, texts: Sequence[str], values: Sequence[Cell]) -> Row:
    """The line of the values of those whose frame passes as it is; of the others the outcome as scored."""
    definitions, rows = world.card.definitions, world.card.rows
    method, missing = definitions.outliers(code), definitions.missing(code)
    filled = impute.METHODS[missing.method](world.card.wide[f"value {code}"], rows, missing)
    before = world.values(while_in_force(definitions, rows, code, filled))
    row = kept(world, "filled", code, texts, before)
    groups = [world.group(definitions.indicators[code].peers, at) for at in range(len(world.columns))]
    passing = [_passes(before, group, method) for group in groups]
    test = kept(world, "passes", code, [_test(row, group, method) for group in groups], passing, shown="whole")
    live = [
        f'IF(AND(ISNUMBER({row.at(at)}),{test.at(at)}=1),{row.at(at)},"")' if passed else ""
        for at, passed in enumerate(passing)
    ]
    return kept(world, "treated", code, live, values)


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
        known, treated = world.of(f"value {code}"), world.of(f"treated {code}")
        cells = [None if one is not None else other for one, other in zip(known, treated, strict=True)]
        row = world.line("stand_in", code, (), cells)
        return [
            f'IF(ISNUMBER({value.at(at)}),{value.at(at)},IF(ISNUMBER({row.at(at)}),{row.at(at)},""))' for at in places
        ]
    name = "MEDIAN" if method.method.endswith("median") else "AVERAGE"
    by = getattr(method, "by", None)
    return [_filled(value.at(at), called(name, spans(value, world.group(by, at)))) for at in places]


def _filled(cell: str, stand_in: str) -> str:
    return f'IF(ISNUMBER({cell}),{cell},IFERROR({stand_in},""))'
