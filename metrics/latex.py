"""Formulas as LaTeX, in the commands that KaTeX knows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from metrics.syntax import Tree, walk

# How tightly what a piece shows holds together; an argument that holds less tightly goes into parentheses.
_OR, _AND, _NOT, _COMPARE, _SUM, _PRODUCT, _POWER, _ATOM = range(8)
_ESCAPES = {
    "\\": r"\backslash ",
    **{character: "\\" + character for character in "{}_%$#&"},
    "^": r"\hat{}",
    "~": r"\sim ",
}


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    level: int = _ATOM

    def at(self, level: int) -> str:
        """The text, in parentheses where it holds less tightly than `level`."""
        return self.text if self.level >= level else rf"\left({self.text}\right)"


def latex(tree: Tree, names: Mapping[str, str]) -> str:
    """The formula with each code by its name (`names`; else the code itself), for Streamlit's KaTeX."""
    return _piece(walk(tree, code=lambda name: _Piece(_named(names.get(name, name))), functions=_LATEX)).text


def _named(name: str) -> str:
    return rf"\text{{{''.join(_ESCAPES.get(character, character) for character in name)}}}"


def _piece(value: object) -> _Piece:
    if isinstance(value, _Piece):
        return value
    if not isinstance(value, float):
        return _Piece(str(value))
    base, mark, exponent = repr(value).partition("e")
    base = base.removesuffix(".0")
    return _Piece(rf"{base} \times 10^{{{int(exponent)}}}", _PRODUCT) if mark else _Piece(base)


def _infix(sign: str, level: int, *, right: int | None = None) -> Callable[..., _Piece]:
    inner = level + 1 if right is None else right
    return lambda a, b: _Piece(f"{_piece(a).at(level)} {sign} {_piece(b).at(inner)}", level)


def _call(name: str) -> Callable[..., _Piece]:
    return lambda *parts: _Piece(rf"\{name}\left({', '.join(_piece(part).text for part in parts)}\right)")


def _previous(x: object, cycles: object = 1.0) -> _Piece:
    return _Piece(rf"{{{_piece(x).at(_ATOM)}}}_{{t-{_piece(cycles).text}}}")


def _change(x: object) -> _Piece:
    now = _piece(x)
    return _Piece(rf"\frac{{{now.text}}}{{{_previous(now).text}}} - 1", _SUM)


_LATEX: dict[str, Callable[..., _Piece]] = {
    "+": _infix("+", _SUM, right=_SUM),
    "-": _infix("-", _SUM),
    "*": _infix(r"\times", _PRODUCT, right=_PRODUCT),
    # What stands above or below its base would stand at the denominator alone.
    "/": lambda a, b: _Piece(rf"\frac{{{_piece(a).text}}}{{{_piece(b).text}}}", _PRODUCT),
    "**": lambda a, b: _Piece(rf"{_piece(a).at(_ATOM)}^{{{_piece(b).text}}}", _POWER),
    "neg": lambda a: _Piece(f"-{_piece(a).at(_PRODUCT)}", _SUM),
    "<": _infix("<", _COMPARE),
    "<=": _infix(r"\le", _COMPARE),
    ">": _infix(">", _COMPARE),
    ">=": _infix(r"\ge", _COMPARE),
    "==": _infix("=", _COMPARE),
    "!=": _infix(r"\ne", _COMPARE),
    "and": _infix(r"\land", _AND, right=_AND),
    "or": _infix(r"\lor", _OR, right=_OR),
    "not": lambda a: _Piece(rf"\lnot {_piece(a).at(_NOT)}", _NOT),
    "abs": lambda x: _Piece(rf"\left|{_piece(x).text}\right|"),
    "sqrt": lambda x: _Piece(rf"\sqrt{{{_piece(x).text}}}"),
    "exp": lambda x: _Piece(rf"e^{{{_piece(x).text}}}", _POWER),
    "ln": _call("ln"),
    "min": _call("min"),
    "max": _call("max"),
    "clip": lambda x, low, high: _Piece(
        rf"\min\left(\max\left({_piece(x).text}, {_piece(low).text}\right), {_piece(high).text}\right)"
    ),
    "coalesce": lambda x, y: _Piece(rf"\begin{{cases}} {_piece(x).text} & \exists \\ {_piece(y).text} \end{{cases}}"),
    "where": lambda condition, yes, no: _Piece(
        rf"\begin{{cases}} {_piece(yes).text} & {_piece(condition).text} \\ {_piece(no).text} \end{{cases}}"
    ),
    "present": lambda x: _Piece(rf"\exists\, {_piece(x).at(_ATOM)}"),
    "previous": _previous,
    "at": lambda x, period: _Piece(rf"{{{_piece(x).at(_ATOM)}}}_{{{period}}}"),
    "change": _change,
    "peers_mean": lambda x: _Piece(rf"\overline{{{_piece(x).text}}}"),
    "peers_median": lambda x: _Piece(rf"\widetilde{{{_piece(x).text}}}"),
}
