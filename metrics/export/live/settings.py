"""Settings: the parameters of the method as cells, which formulas call by name where that can be a name."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

# Names are told apart there without regard to case, and are at most so long.
_LONGEST = 200
_NAME = re.compile(r"[A-Za-z_\u4e00-\u9fff][A-Za-z0-9_\u4e00-\u9fff]*(\.[A-Za-z0-9_\u4e00-\u9fff]+)+")
# A part that could be a cell stays none of a name, whatever a program makes of the point behind it.
_CELL = re.compile(r"(^|\.)([A-Za-z]{1,3}[0-9]+|[Rr][0-9]*([Cc][0-9]*)?|[Cc][0-9]*)\.")
FIRST = 1


@dataclass(frozen=True)
class Setting:
    """One parameter: whose it is, of which method, what it is called (with a number where there are several)."""

    owner: str
    method: str
    name: str
    value: float | None
    defined: str
    place: int = 0


@dataclass
class Settings:
    """The sheet of parameters, filled as formulas ask for them."""

    title: str
    rows: list[Setting] = field(default_factory=list)
    cells: dict[tuple[str, str, int], str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def cell(self, owner: str, method: str, name: str, value: float | None, *, place: int = 0, within: str = "") -> str:
        """What a formula calls the parameter: a name such as `energy_per_area.worst`, else its cell."""
        key = (within + owner, name, place)
        if key not in self.cells:
            wished = f"{within}{owner}.{name}{place or ''}"
            allowed = len(wished) <= _LONGEST and _NAME.fullmatch(wished) and not _CELL.search(wished)
            free = allowed and wished.casefold() not in self.taken
            self.taken.add(wished.casefold())
            self.rows.append(Setting(owner, method, name, value, wished if free else "", place))
            self.cells[key] = wished if free else self.address(len(self.rows) - 1)
        return self.cells[key]

    def title_of(self, owner: str, name: str, *, within: str = "") -> str:
        """The cell in which the name of a parameter's owner stands, once the parameter is there."""
        keys = list(self.cells)
        return f"'{self.title}'!$A${FIRST + keys.index((within + owner, name, 0)) + 1}"

    def address(self, place: int) -> str:
        """A row's cell, seen from any sheet."""
        return f"'{self.title}'!$E${FIRST + place + 1}"

    def named(self) -> Iterator[tuple[str, str]]:
        """The names and what they stand for."""
        return ((row.defined, self.address(place)) for place, row in enumerate(self.rows) if row.defined)
