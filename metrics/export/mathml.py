"""MathML: a formula as browsers set it themselves, from the pieces of `metrics.typeset`."""

from typing import Any

from metrics.export.text import escaped
from metrics.typeset import Node

# Words that a formula sets; the others, such as ln and max, are the same in both languages.
WORDS: dict[str, tuple[str, str]] = {
    "peers_mean": ("同类平均", "peers’ mean"),
    "peers_median": ("同类中位数", "peers’ median"),
    "known": (" 有值", " is known"),
    "if_known": ("有值时", "where known"),
    "otherwise": ("其他情形", "otherwise"),
}
# Of these the parts are the element's own.
_ELEMENTS = {"row": "mrow", "frac": "mfrac", "sup": "msup", "sub": "msub", "sqrt": "msqrt"}
_FENCES = {"paren": ("(", ")"), "abs": ("|", "|")}


def mathml(name: str, node: Node, lang: str) -> str:
    """The equation `name = node` as a block."""
    return f'<math display="block"><mrow>{_node(["name", name], lang)}<mo>=</mo>{_node(node, lang)}</mrow></math>'


def _node(node: Any, lang: str) -> str:
    kind, *rest = node
    if kind == "word":
        return _word(rest[0], lang)
    if kind in ("name", "number", "sign"):
        element = {"name": "mtext", "number": "mn", "sign": "mo"}[kind]
        return f"<{element}>{escaped(rest[0])}</{element}>"
    parts = [_node(part, lang) for part in rest]
    if kind == "cases":
        first, when, second, otherwise = parts
        return f"<mrow><mo>{{</mo><mtable>{_case(first, when)}{_case(second, otherwise)}</mtable></mrow>"
    if kind in _FENCES:
        left, right = _FENCES[kind]
        return f"<mrow><mo>{left}</mo>{''.join(parts)}<mo>{right}</mo></mrow>"
    return f"<{_ELEMENTS[kind]}>{''.join(parts)}</{_ELEMENTS[kind]}>"


def _word(word: str, lang: str) -> str:
    said = WORDS.get(word)
    return f"<mtext>{said[lang != 'zh']}</mtext>" if said else f'<mi mathvariant="normal">{escaped(word)}</mi>'


def _case(value: str, when: str) -> str:
    return f"<mtr><mtd>{value}</mtd><mtd>{when}</mtd></mtr>"
