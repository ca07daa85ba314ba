"""Formulas as nested lists of pieces, which a typesetter builds mathematics from without reading any text as code."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from metrics.syntax import Tree, walk
from metrics.written import number

# How tightly what a piece shows holds together; an argument that holds less tightly goes into parentheses.
_OR, _AND, _NOT, _COMPARE, _SUM, _PRODUCT, _POWER, _ATOM = range(8)
Node = list[Any]


@dataclass(frozen=True, slots=True)
class _Piece:
    node: Node
    level: int = _ATOM

    def at(self, level: int) -> Node:
        """The node, in parentheses where it holds less tightly than `level`."""
        return self.node if self.level >= level else ["paren", self.node]


def typeset(tree: Tree) -> Node:
    """The formula as `[kind, …]`: name, number, sign and word with their text; row, paren, frac, sup, sub, sqrt, abs
    and cases with the nodes that they are made of. What a word is called is the typesetter's to say."""
    return _piece(walk(tree, code=lambda name: _Piece(["name", name]), functions=_SET)).node


def _piece(value: object) -> _Piece:
    if isinstance(value, _Piece):
        return value
    if not isinstance(value, float):
        return _Piece(["number", str(value)])
    base, mark, exponent = number(value).partition("e")
    if not mark:
        return _Piece(["number", base], _SUM if value < 0.0 else _ATOM)
    power: Node = ["sup", ["number", "10"], ["number", str(int(exponent))]]
    return _Piece(["row", ["number", base], ["sign", "×"], power], _PRODUCT)


def _infix(sign: str, level: int, *, right: int | None = None) -> Callable[..., _Piece]:
    inner = level + 1 if right is None else right
    return lambda a, b: _Piece(["row", *_flat(_piece(a).at(level)), ["sign", sign], *_flat(_piece(b).at(inner))], level)


def _flat(node: Node) -> list[Node]:
    """A long sum is one row, so that a line can be broken at each of its signs."""
    return node[1:] if node[0] == "row" else [node]


def _call(name: str) -> Callable[..., _Piece]:
    def called(*parts: object) -> _Piece:
        inside: list[Node] = []
        for part in parts:
            inside += [*([["sign", ","]] if inside else []), _piece(part).node]
        return _Piece(["row", ["word", name], ["paren", ["row", *inside]]])

    return called


def _of(kind: str) -> Callable[..., _Piece]:
    return lambda *parts: _Piece([kind, *(_piece(part).node for part in parts)])


def _fraction(a: object, b: object) -> _Piece:
    return _Piece(["frac", _on_one_line(_piece(a).node), _on_one_line(_piece(b).node)], _PRODUCT)


def _on_one_line(node: Node) -> Node:
    """The node with ÷ in the place of fractions, which inside another one would be too small to read."""
    kind, *parts = node
    parts = [_on_one_line(part) if isinstance(part, list) else part for part in parts]
    if kind == "frac":
        above, below = parts
        return ["row", *_flat(_held(above, "×÷")), ["sign", "÷"], *_flat(_held(below, ""))]
    return [kind, *(inner for part in parts for inner in _flat(part))] if kind == "row" else [kind, *parts]


def _held(node: Node, signs: str) -> Node:
    """The node, in parentheses where it has other signs than these, or cases."""
    loose = node[0] == "row" and any(part[0] == "sign" and part[1] not in signs for part in node[1:])
    return ["paren", node] if loose or node[0] == "cases" else node


def _previous(x: object, cycles: object = 1.0) -> _Piece:
    before: Node = ["row", ["word", "t"], ["sign", "−"], _piece(cycles).node]
    return _Piece(["sub", _piece(x).at(_ATOM), before], _POWER)


def _change(x: object) -> _Piece:
    return _Piece(["row", _fraction(x, _previous(x)).node, ["sign", "−"], ["number", "1"]], _SUM)


def _clip(x: object, low: object, high: object) -> _Piece:
    return _call("min")(_call("max")(x, low), high)


_ELSE: Node = ["word", "otherwise"]
_SET: dict[str, Callable[..., _Piece]] = {
    "+": _infix("+", _SUM, right=_SUM),
    "-": _infix("−", _SUM),
    "*": _infix("×", _PRODUCT, right=_PRODUCT),
    # What stands above or below its base would stand at the numerator alone.
    "/": _fraction,
    "**": lambda a, b: _Piece(["sup", _piece(a).at(_ATOM), _piece(b).node], _POWER),
    "neg": lambda a: _Piece(["row", ["sign", "−"], _piece(a).at(_PRODUCT)], _SUM),
    "<": _infix("<", _COMPARE),
    "<=": _infix("≤", _COMPARE),
    ">": _infix(">", _COMPARE),
    ">=": _infix("≥", _COMPARE),
    "==": _infix("=", _COMPARE),
    "!=": _infix("≠", _COMPARE),
    "and": _infix("∧", _AND, right=_AND),
    "or": _infix("∨", _OR, right=_OR),
    "not": lambda a: _Piece(["row", ["sign", "¬"], _piece(a).at(_NOT)], _NOT),
    "present": lambda x: _Piece(["row", _piece(x).at(_ATOM), ["word", "known"]], _NOT),
    "exp": lambda x: _Piece(["sup", ["word", "e"], _piece(x).node], _POWER),
    "sqrt": _of("sqrt"),
    "abs": _of("abs"),
    "peers_mean": _call("peers_mean"),
    "peers_median": _call("peers_median"),
    "ln": _call("ln"),
    "min": _call("min"),
    "max": _call("max"),
    "clip": _clip,
    "previous": _previous,
    "at": lambda x, period: _Piece(["sub", _piece(x).at(_ATOM), ["number", str(period)]], _POWER),
    "change": _change,
    "coalesce": lambda x, y: _Piece(["cases", _piece(x).node, ["word", "if_known"], _piece(y).node, _ELSE], _COMPARE),
    "where": lambda condition, yes, no: _Piece(
        ["cases", _piece(yes).node, _piece(condition).node, _piece(no).node, _ELSE], _COMPARE
    ),
}
