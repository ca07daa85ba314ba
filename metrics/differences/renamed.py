"""Codes that are other ones for the same thing: told as such, and followed wherever the file names them."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from metrics.definitions import Definitions
from metrics.fields import Frozen
from metrics.formula import Formula, FormulaError, parse
from metrics.models import Example, Heading, Leaf, MeanBy, Node
from metrics.syntax import Code, Tree, codes_of, rewritten
from metrics.tree import code_of
from metrics.written import written

# Where a file names a code outside formulas and keys.
_NAMING: dict[type[Frozen], str] = {Node: "code", Leaf: "indicator", MeanBy: "mean_by", Heading: "tie_breaks"}
_PARTS = ("factors", "variables", "indicators")
Key = Callable[[Any], object]


def renames(before: Definitions, after: Definitions) -> dict[str, str]:
    """The codes that are gone, each with the new one of the same name, or else the same formula or children."""
    found: dict[str, str] = {}
    for part in (*_PARTS, "tree_nodes"):
        old, new = getattr(recoded(before, found), part), getattr(after, part)
        for key in (_name, _substance):
            gone = {code: item for code, item in old.items() if code not in new and code not in found}
            come = {code: item for code, item in new.items() if code not in old and code not in found.values()}
            found |= _paired(gone, come, key)
    return found


def _name(item: Any) -> object:
    return item.name.zh, item.name.en


def _substance(item: Any) -> object:
    """What something is made of; None where its name is all there is."""
    if isinstance(item, Node):
        return tuple(map(code_of, item.children))
    formula = getattr(item, "formula", None)
    return written(formula.tree) if formula is not None else None


def _paired(gone: Mapping[str, Any], come: Mapping[str, Any], key: Key) -> dict[str, str]:
    """Those of one key; only where it is nobody else's on either side."""
    olds, news = ({code: key(item) for code, item in side.items()} for side in (gone, come))
    single = {own for own, count in Counter(olds.values()).items() if count == 1 and own is not None}
    single &= {own for own, count in Counter(news.values()).items() if count == 1}
    by_key = {own: code for code, own in news.items()}
    return {code: by_key[own] for code, own in olds.items() if own in single}


def recoded(file: Definitions, codes: Mapping[str, str]) -> Definitions:
    """The file with these codes in the place of others, wherever it names them."""
    if not codes:
        return file
    parts: dict[str, Any] = {
        part: {codes.get(code, code): _recoded(item, codes) for code, item in getattr(file, part).items()}
        for part in _PARTS
    }
    whole = {part: _recoded(getattr(file, part), codes) for part in ("heading", "index", "rules")}
    return replace(file, **parts, **whole)


def _recoded(value: Any, codes: Mapping[str, str]) -> Any:
    if isinstance(value, Formula):
        return _formula_of(value, codes)
    if isinstance(value, tuple):
        return tuple(_recoded(item, codes) for item in value)
    if isinstance(value, Example):
        # What is given is named by pieces of formulas.
        return value.model_copy(update={"given": {_piece(key, codes): item for key, item in value.given.items()}})
    if isinstance(value, dict):
        return {key: _recoded(item, codes) for key, item in value.items()}
    if not isinstance(value, Frozen):
        return value
    update = {name: _recoded(getattr(value, name), codes) for name in type(value).model_fields}
    naming = _NAMING.get(type(value))
    if naming is not None:
        own = getattr(value, naming)
        update[naming] = codes.get(own, own) if isinstance(own, str) else tuple(codes.get(code, code) for code in own)
    return value.model_copy(update=update)


def _piece(text: str, codes: Mapping[str, str]) -> str:
    try:
        return _formula_of(parse(text), codes).text
    except FormulaError:
        return text


def _formula_of(formula: Formula, codes: Mapping[str, str]) -> Formula:
    def named(part: Tree) -> Tree | None:
        return Code(codes[part.name]) if isinstance(part, Code) and part.name in codes else None

    if not formula.codes & codes.keys():
        return formula
    tree = rewritten(formula.tree, named)
    return replace(formula, text=written(tree), tree=tree, codes=frozenset(code.name for code in codes_of(tree)))
