"""Formulas as a spreadsheet writes them: what is missing is #N/A inside a formula and an empty text as its outcome."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from metrics.syntax import Tree, walk

# How tightly a piece holds together; a sign before a number binds tighter than a power there, so it is never bare.
_COMPARE, _SUM, _PRODUCT, _POWER, _ATOM = range(5)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a formula; `needs` are the cells that must hold numbers for it to have a value."""

    text: str
    level: int = _ATOM
    needs: tuple[str, ...] = ()

    def at(self, level: int) -> str:
        """The text, in parentheses where it holds less tightly than `level`."""
        return self.text if self.level >= level else f"({self.text})"

    @property
    def closed(self) -> str:
        """The text, #N/A where a cell that it needs holds no number."""
        if not self.needs:
            return self.text
        if self.needs == (self.text,):
            return f"IF(ISNUMBER({self.text}),{self.text},NA())"
        return f"IF(COUNT({','.join(self.needs)})={len(self.needs)},{self.text},NA())"


def literal(value: float) -> str:
    """A number as a formula holds it, to its last digit."""
    text = repr(float(value)).removesuffix(".0").upper()
    return f"({text})" if value < 0.0 else text


def outcome(tree: Tree, code: Callable[[str], Piece], *, times: float = 1.0) -> str:
    """The formula of a value: the tree, times a unit's conversion, or an empty text where something is missing."""
    piece = _piece(walk(tree, code=code, functions=_FUNCTIONS))
    text = piece.text if times == 1.0 else f"{piece.at(_PRODUCT)}*{literal(times)}"
    whole = f'IFERROR({text},"")'
    return f'IF(COUNT({",".join(piece.needs)})={len(piece.needs)},{whole},"")' if piece.needs else whole


def condition(tree: Tree, code: Callable[[str], Piece]) -> str:
    """1 where the tree holds, 0 where it does not or cannot be told."""
    return f"IFERROR(IF({_piece(walk(tree, code=code, functions=_FUNCTIONS)).closed},1,0),0)"


def _piece(value: Any) -> Piece:
    return value if isinstance(value, Piece) else Piece(literal(value))


def _needs(*pieces: Piece) -> tuple[str, ...]:
    return tuple(dict.fromkeys(cell for piece in pieces for cell in piece.needs))


def _infix(sign: str, level: int) -> Callable[..., Piece]:
    def joined(a: Any, b: Any) -> Piece:
        left, right = _piece(a), _piece(b)
        # A sum of sums is one; what is taken off or divided by stands in parentheses of its own.
        return Piece(f"{left.at(level)}{sign}{right.at(level + 1)}", level, _needs(left, right))

    return joined


def _call(name: str) -> Callable[..., Piece]:
    def called(*parts: Any) -> Piece:
        pieces = [_piece(part) for part in parts]
        return Piece(f"{name}({','.join(piece.text for piece in pieces)})", needs=_needs(*pieces))

    return called


def _negative(a: Any) -> Piece:
    return Piece(f"(-{_piece(a).at(_ATOM)})", needs=_piece(a).needs)


def _power(a: Any, b: Any) -> Piece:
    base, exponent = _piece(a), _piece(b)
    raised = f"{base.at(_ATOM)}^{exponent.at(_ATOM)}"
    if isinstance(b, float) and b != 0.0:
        return Piece(raised, _POWER, _needs(base, exponent))
    # Whatever is raised to 0 is 1, which spreadsheets do not say of 0.
    return Piece(f"IF({exponent.text}=0,1,{raised})", needs=_needs(base, exponent))


def _where(test: Any, yes: Any, no: Any) -> Piece:
    asked = _piece(test)
    return Piece(f"IF({asked.text},{_piece(yes).closed},{_piece(no).closed})", needs=asked.needs)


def _and(a: Any, b: Any) -> Piece:
    # What is false whatever the other is, is false also where the other is missing.
    one, other = _piece(a).closed, _piece(b).closed
    return Piece(f"IFERROR(IF({one},{other},FALSE),IF({other},NA(),FALSE))")


def _or(a: Any, b: Any) -> Piece:
    one, other = _piece(a).closed, _piece(b).closed
    return Piece(f"IFERROR(IF({one},TRUE,{other}),IF({other},TRUE,NA()))")


def _clip(x: Any, low: Any, high: Any) -> Piece:
    return _call("MIN")(_call("MAX")(x, low), high)


_FUNCTIONS: dict[str, Callable[..., Piece]] = {
    "+": _infix("+", _SUM),
    "-": _infix("-", _SUM),
    "*": _infix("*", _PRODUCT),
    "/": _infix("/", _PRODUCT),
    "**": _power,
    "neg": _negative,
    "<": _infix("<", _COMPARE),
    "<=": _infix("<=", _COMPARE),
    ">": _infix(">", _COMPARE),
    ">=": _infix(">=", _COMPARE),
    "==": _infix("=", _COMPARE),
    "!=": _infix("<>", _COMPARE),
    "and": _and,
    "or": _or,
    "not": _call("NOT"),
    "present": lambda x: Piece(f"ISNUMBER({_piece(x).closed})"),
    "abs": _call("ABS"),
    "sqrt": _call("SQRT"),
    "ln": _call("LN"),
    "exp": _call("EXP"),
    "min": _call("MIN"),
    "max": _call("MAX"),
    "clip": _clip,
    "coalesce": lambda x, y: Piece(f"IFERROR({_piece(x).closed},{_piece(y).closed})"),
    "where": _where,
}
