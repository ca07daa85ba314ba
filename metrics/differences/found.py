"""The differences of two definitions files: where, of what kind, and the plain values, in the order of the file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any, Literal, TypeVar

from metrics.definitions import Definitions, Standing
from metrics.differences.renamed import recoded, renames
from metrics.fields import Frozen
from metrics.formula import Formula
from metrics.methods import Ahp, Budget, Combine
from metrics.models import Defaults, Indicator, Leaf, Node
from metrics.tree import code_of
from metrics.yamltext import Path

Kind = Literal["added", "removed", "changed"]
T = TypeVar("T")
# The parts of a file in the order in which one is written; those of codes, and those of lists.
ORDER = (
    *("schema", "title", "cycle", "compare", "fiscal_year_starts", "defaults", "factors", "variables", "indicators"),
    *("index", "grades", "tie_breaks", "rules", "bonus_cap", "robustness"),
)
MAPPINGS, LISTS = ("factors", "variables", "indicators"), ("grades", "rules")


@dataclass(frozen=True)
class Difference:
    """One thing that two files do not say alike.

    `path`: where it stands in the file after, or in the one before where it is removed. `before`, `after`: as plain
    data (text, numbers, lists, mappings; a formula as its text), None where there is nothing. Of a node or indicator
    that has moved they are the codes of the nodes it stands under; of a list in another order, the codes in order.
    """

    path: Path
    kind: Kind
    before: object
    after: object


def differences(before: Definitions, after: Definitions) -> tuple[Difference, ...]:
    """What is not alike, in the order of the file; nothing for comments, spaces and defaults that are written out.

    What has another code is told as such and then compared as the same thing.
    """
    codes = renames(before, after)
    same = recoded(before, codes)
    return tuple(found for part in ORDER for found in (*_renamed(part, codes, after), *_part(part, same, after)))


def _renamed(part: str, codes: Mapping[str, str], after: Definitions) -> Iterator[Difference]:
    for old, new in codes.items():
        if part in MAPPINGS and new in getattr(after, part):
            yield Difference((part, new, "code"), "changed", old, new)
        if part == "index" and new in after.tree_nodes:
            above: Path = (part,) if new == after.index.code else after.standing[new].path
            yield Difference((*above, "code"), "changed", old, new)


def _part(part: str, before: Definitions, after: Definitions) -> Iterator[Difference]:
    defaults = before.heading.defaults, after.heading.defaults
    if part in MAPPINGS:
        yield from _section(part, getattr(before, part), getattr(after, part), defaults)
    elif part == "index":
        yield from _tree(before, after)
    elif part in LISTS:
        yield from _listed(_Place((part,), (part,)), getattr(before, part), getattr(after, part))
    elif part == "robustness":
        yield from _fields(_Place((part,), (part,)), before.robustness, after.robustness)
    else:
        name = next(name for name, field in type(before.heading).model_fields.items() if part in (name, field.alias))
        yield from _value(_Place((part,), (part,)), getattr(before.heading, name), getattr(after.heading, name))


@dataclass(frozen=True)
class _Place:
    """Where something stands in either file."""

    before: Path
    after: Path

    def down(self, *steps: str | int) -> "_Place":
        return _Place((*self.before, *steps), (*self.after, *steps))


def plain(value: Any) -> Any:
    """A part of the definitions as plain data, as short as it can be written: without what goes without saying."""
    if isinstance(value, Formula):
        return value.text
    if isinstance(value, Frozen):
        fields = type(value).model_fields.items()
        held = {name: (field, getattr(value, name)) for name, field in fields}
        return {field.alias or name: plain(own) for name, (field, own) in held.items() if not _unsaid(field, own)}
    if isinstance(value, Mapping):
        return {plain(key): plain(own) for key, own in value.items()}
    if isinstance(value, tuple | list):
        return [plain(own) for own in value]
    return value.isoformat() if isinstance(value, date) else value


def _unsaid(field: Any, value: Any) -> bool:
    return not field.is_required() and value == field.get_default(call_default_factory=True)


def _told(place: _Place, old: Any, new: Any) -> Difference:
    was, now = (None if value is None or value in ("", (), {}) else plain(value) for value in (old, new))
    kind: Kind = "added" if was is None else "removed" if now is None else "changed"
    return Difference(place.before if kind == "removed" else place.after, kind, was, now)


def _value(place: _Place, old: Any, new: Any) -> Iterator[Difference]:
    """What is not alike inside a value, as deep as both are of one kind."""
    if old == new or (isinstance(old, Formula) and isinstance(new, Formula) and old.tree == new.tree):
        return
    if isinstance(old, Frozen) and _of_one_kind(old, new) and not by_people(new):
        yield from _fields(place, old, new)
    elif isinstance(old, dict) and isinstance(new, dict) and old and new:
        for key in merged_order(old, new):
            yield from _value(place.down(str(key)), old.get(key), new.get(key))
    else:
        yield _told(place, old, new)


def _of_one_kind(old: Frozen, new: Any) -> bool:
    return type(old) is type(new) and getattr(old, "method", None) == getattr(new, "method", None)


def by_people(method: Any) -> bool:
    """Whether weights come from judges, alone or beside other sources: what they come to is one thing to tell."""
    parts = [part.of for part in method.parts] if isinstance(method, Combine) else [method]
    return any(isinstance(part, Ahp | Budget) for part in parts)


def _fields(
    place: _Place, old: Frozen, new: Frozen, defaults: tuple[Defaults, Defaults] | None = None, skip: Sequence[str] = ()
) -> Iterator[Difference]:
    """What is not alike in the fields of one model; `defaults`: the files' own, for what may be left to them."""
    for name, field in type(new).model_fields.items():
        if name in skip:
            continue
        at, was, now = place.down(field.alias or name), getattr(old, name), getattr(new, name)
        if defaults is None or name not in Defaults.model_fields or (was is None) == (now is None):
            yield from _value(at, was, now)
        else:
            yield from _left_to_defaults(at, (was, now), tuple(getattr(of, name) for of in defaults))


def _left_to_defaults(at: _Place, own: tuple[Any, Any], defaults: tuple[Any, ...]) -> Iterator[Difference]:
    """What one file writes out and the other leaves to its defaults: no news where these give the very same."""
    was, now = (standing if value is None else value for value, standing in zip(own, defaults, strict=True))
    if was != now or defaults[0] != defaults[1]:
        found = _told(at, was, now)
        yield Difference(at.after, "changed" if None not in (was, now) else found.kind, found.before, found.after)


def _section(
    part: str, old: dict[str, Any], new: dict[str, Any], defaults: tuple[Defaults, Defaults]
) -> Iterator[Difference]:
    place = _Place((part,), (part,))
    yield from _order(place, list(old), list(new))
    for code in merged_order(old, new):
        at = place.down(code)
        if code in old and code in new:
            yield from _fields(at, old[code], new[code], defaults if isinstance(new[code], Indicator) else None)
        else:
            yield _told(at, old.get(code), new.get(code))


def _listed(place: _Place, old: Sequence[Any], new: Sequence[Any]) -> Iterator[Difference]:
    """What is not alike in lists whose entries have codes."""
    olds, news = ({item.code: (at, item) for at, item in enumerate(items)} for items in (old, new))
    yield from _order(place, list(olds), list(news))
    for code in merged_order(olds, news):
        was, now = olds.get(code), news.get(code)
        at = _Place((*place.before, was[0] if was else 0), (*place.after, now[0] if now else 0))
        if was and now:
            yield from _fields(at, was[1], now[1])
        else:
            yield _told(at, was and was[1], now and now[1])


def _order(place: _Place, old: list[str], new: list[str]) -> Iterator[Difference]:
    """Whether those of both files stand in another order."""
    both = set(old) & set(new)
    was, now = ([code for code in side if code in both] for side in (old, new))
    if was != now:
        yield Difference(place.after, "changed", was, now)


def merged_order(old: Mapping[T, Any], new: Mapping[T, Any]) -> list[T]:
    """The keys of both in one order: the later one's, with each lost key behind the one that it stood behind."""
    lost: dict[T | None, list[T]] = {}
    for left, key in pairwise((None, *old)):
        if key is not None and key not in new:
            lost.setdefault(left, []).append(key)
    order: list[T] = []
    waiting: list[T | None] = [*reversed(list(new)), None]
    while waiting:
        here = waiting.pop()
        if here is not None:
            order.append(here)
        waiting += reversed(lost.get(here, []))
    return order


def _tree(before: Definitions, after: Definitions) -> Iterator[Difference]:
    olds, news = before.standing, after.standing
    defaults = before.heading.defaults, after.heading.defaults
    for code in merged_order(olds, news):
        was, now = olds.get(code), news.get(code)
        if was and now and type(was.item) is type(now.item):
            yield from _stayed(was, now, (before, after), defaults)
            continue
        # With an indicator that is new, or gone altogether, its place in the tree is told already.
        if was and not (code in before.indicators and code not in after.indicators):
            yield Difference(was.path, "removed", _entry(was), None)
        if now and not (code in after.indicators and code not in before.indicators):
            yield Difference(now.path, "added", None, _entry(now))


def _stayed(
    was: Standing, now: Standing, files: tuple[Definitions, Definitions], defaults: tuple[Defaults, Defaults]
) -> Iterator[Difference]:
    """What is not alike of something that is in both trees."""
    place = _Place(was.path, now.path)
    if was.above != now.above:
        above = (side.above or of.index.code for side, of in zip((was, now), files, strict=True))
        yield Difference(now.path, "changed", *above)
    yield from _fields(place, was.item, now.item, defaults, skip=("children",))
    if isinstance(was.item, Node) and isinstance(now.item, Node):
        olds, news = ([code_of(child) for child in node.children] for node in (was.item, now.item))
        yield from _order(place.down("children"), olds, news)


def _entry(found: Standing) -> Any:
    """A node or leaf as plain data; of a node's children only the codes, since each is told by itself."""
    if isinstance(found.item, Leaf):
        return plain(found.item)
    return {**plain(found.item), "children": [code_of(child) for child in found.item.children]}
