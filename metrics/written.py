"""Formulas written out again as text, with as few parentheses as the grammar needs."""

from collections.abc import Callable
from dataclasses import dataclass

from metrics.formula import FUNCTIONS
from metrics.syntax import BINDS, BINDS_MINUS, BINDS_NOT, Tree, walk

_ATOM = 99


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    level: int = _ATOM

    def at(self, level: int) -> str:
        """The text, in parentheses where it binds less tightly than `level`."""
        return self.text if self.level >= level else f"({self.text})"


def number(value: object) -> str:
    """A number as text that can be typed into a calculator: 12 significant digits; — where there is none."""
    return f"{value:.12g}" if isinstance(value, int | float) else "—"


def written(tree: Tree) -> str:
    """A formula that parses to this tree (but for the digits of its numbers beyond the twelfth)."""
    return _piece(walk(tree, code=lambda name: _Piece(name), functions=_WRITTEN)).text


def _piece(value: object) -> _Piece:
    if isinstance(value, float):
        return _Piece(number(value), BINDS_MINUS if value < 0.0 else _ATOM)
    return value if isinstance(value, _Piece) else _Piece(str(value))


def _infix(sign: str) -> Callable[..., _Piece]:
    left, right = BINDS[sign]
    return lambda a, b: _Piece(f"{_piece(a).at(left)} {sign} {_piece(b).at(right)}", left)


def _call(name: str) -> Callable[..., _Piece]:
    return lambda *parts: _Piece(f"{name}({', '.join(_piece(part).text for part in parts)})")


_WRITTEN: dict[str, Callable[..., _Piece]] = {
    **{sign: _infix(sign) for sign in BINDS},
    **{name: _call(name) for name in FUNCTIONS},
    "not": lambda a: _Piece(f"not {_piece(a).at(BINDS_NOT)}", BINDS_NOT),
    "neg": lambda a: _Piece(f"-{_piece(a).at(BINDS_MINUS)}", BINDS_MINUS),
}
