"""Tables made of columns: one that would be empty is none."""

from collections.abc import Sequence
from dataclasses import dataclass

from metrics.manual.blocks import Course, Table


@dataclass(frozen=True)
class Column:
    """A head, how wide it is beside the others, the cells, whether they are numbers, and whether they name the rows."""

    head: str
    width: float
    cells: tuple[str, ...]
    right: bool = False
    names: bool = False


def columns(*found: Column, depths: tuple[int, ...] = (), courses: Sequence[Course] = ()) -> Table:
    """The columns side by side; `courses` are those of the last one, and go with it."""
    kept = [one for one in found if any(one.cells)]
    return Table(
        heads=tuple(one.head for one in kept),
        rows=tuple(zip(*(one.cells for one in kept), strict=True)),
        widths=tuple(one.width for one in kept),
        right=frozenset(at for at, one in enumerate(kept) if one.right),
        depths=depths,
        named=next((at for at, one in enumerate(kept) if one.names), 0),
        courses=tuple(courses) if kept and kept[-1] is found[-1] else (),
    )
