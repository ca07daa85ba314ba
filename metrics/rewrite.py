"""Rewriting a YAML text in place: one value set, removed or appended, and every other character left as it is.

Not by reading and writing the whole, as ruamel.yaml does: collections in braces over several lines come back reflowed
(273 lines of difference for an unchanged indicators.yaml), and a person would no longer know the file as theirs.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from metrics.meant import is_same, value_at, with_value, without
from metrics.problems import InputError, Problem
from metrics.yamlout import block, fits, flow, item, key_text, pair
from metrics.yamltext import Document, Path, parse_yaml
from metrics.yamltree import Entry, Node, tree

_MARK = "\ufeff"


def set_value(text: str, path: Path, value: object) -> str:
    """The text with this value at `path`, which is added at the end of its mapping where it is not there yet.

    Of a mapping or list that is there, only the entries that differ are rewritten. Raises InputError
    (`not_rewritable`) where something else would change.
    """
    return _rewritten(text, path, lambda old: _set(old, path, value), lambda data: with_value(data, path, value))


def remove(text: str, path: Path) -> str:
    """The text without a key and its value, or without an entry of a list; comments above it stay.

    What is left empty is written `{}` or `[]`. Raises InputError (`not_rewritable`).
    """
    return _rewritten(text, path, lambda old: _removed(old, path), lambda data: without(data, path))


def append(text: str, path: Path, value: object) -> str:
    """The text with one more entry at the end of the list at `path`, which is made where there is none.

    Raises InputError (`not_rewritable`).
    """

    def longer(data: Any) -> Any:
        return with_value(data, path, [*(value_at(data, path) or []), value])

    return _rewritten(text, path, lambda old: _appended(old, path, value), longer)


@lru_cache(maxsize=2)
def _read(text: str) -> Document:
    """A text as it reads; one rewriting asks again and again."""
    return parse_yaml(text)


class _Refused(Exception):
    """It cannot be written there."""


def _rewritten(text: str, path: Path, edit: Callable[[str], str], meant: Callable[[Any], Any]) -> str:
    """The edited text, read again and compared with what was meant."""
    mark, old = (_MARK, text[1:]) if text.startswith(_MARK) else ("", text)
    before = _read(old)
    try:
        if before.data is None:
            raise _Refused
        wanted, new = meant(before.data), edit(old)
        after = _read(new)
        if not is_same(after.data, wanted) or _problems(after) - _problems(before):
            raise _Refused
    except (_Refused, LookupError, TypeError, AttributeError) as error:
        place = before.place(path)
        raise InputError([Problem("not_rewritable", ".".join(map(str, path)), *place), *before.ordered()]) from error
    return mark + new


def _problems(document: Document) -> Counter[str]:
    return Counter(problem.code for problem in document.problems)


@dataclass(frozen=True, slots=True)
class _Place:
    """An entry and the collection it stands in."""

    inside: Node
    entry: Entry

    @property
    def value(self) -> Node:
        return self.entry.value


def _way(text: str, path: Path) -> tuple[list[_Place], Path]:
    """The entries on the way to `path` that are there, and the steps that are not."""
    places: list[_Place] = []
    node = tree(text)
    for number, step in enumerate(path):
        entry = node.entry(step)
        if entry is None:
            return places, path[number:]
        places.append(_Place(node, entry))
        node = entry.value
        if node.kind == "alias":
            raise _Refused
    return places, ()


def _set(text: str, path: Path, value: object) -> str:
    places, missing = _way(text, path)
    if missing:
        return _added(text, places, missing, value)
    node = places[-1].value if places else tree(text)
    if is_same(value_at(_read(text).data, path), value):
        return text
    if isinstance(value, dict) and value and node.kind == "mapping" and node.entries:
        return _merged(text, path, value, [entry.key or "" for entry in node.entries])
    if isinstance(value, list | tuple) and value and node.kind == "list" and node.entries:
        return _matched(text, path, value, len(node.entries))
    if not places:
        raise _Refused
    return _replaced(text, places[-1], value)


def _merged(text: str, path: Path, value: dict[str, object], keys: list[str]) -> str:
    for key, found in value.items():
        text = _set(text, (*path, key), found)
    for key in keys:
        text = text if key in value else _removed(text, (*path, key))
    return text


def _matched(text: str, path: Path, value: list[object] | tuple[object, ...], length: int) -> str:
    gone = _gone(value_at(_read(text).data, path), value)
    for index in reversed(gone):
        text = _removed(text, (*path, index))
    length -= len(gone)
    for index, found in enumerate(value):
        text = _set(text, (*path, index), found) if index < length else _appended(text, path, found)
    for index in reversed(range(len(value), length)):
        text = _removed(text, (*path, index))
    return text


def _gone(old: list[Any], new: Sequence[object]) -> list[int]:
    """The places of those who are named no more, for comments to stay beside the others; none where nobody stays."""
    was, now = ([item.get("by") if isinstance(item, dict) else None for item in items] for items in (old, new))
    gone = [index for index, name in enumerate(was) if name is not None and name not in now]
    return gone if len(gone) < len(old) else []


def _replaced(text: str, place: _Place, value: object) -> str:
    """Another value in the place of one; a comment beside the old one stays."""
    node, head = place.value, place.entry.head
    if node.anchored:
        raise _Refused
    on_one_line = not place.inside.block or fits(value)
    if on_one_line and not node.block:
        gap = "" if text[node.start - 1].isspace() or text[node.start - 1] in "[{" else " "
        return text[: node.start] + gap + flow(value, inside=not place.inside.block) + text[node.end :]
    comment, stop = _beside(text, place), _line_end(text, node.end)
    if on_one_line:
        return f"{text[:head]} {flow(value, inside=False)}{comment}{text[stop:]}"
    lines = block(value, place.inside.column + 2)
    return _newline(text).join((text[:head] + comment, *lines)) + text[stop:]


def _beside(text: str, place: _Place) -> str:
    """The comment on the line where a value begins (of a block: on the line of its key), with blanks before it."""
    node = place.value
    start = place.entry.head if node.block else node.end
    sign = re.compile("[|>][-+0-9]*").match(text, node.start) if node.kind == "scalar" and node.block else None
    start = sign.end() if sign else start
    between = text[start : _line_end(text, start)].strip()
    return f"  {between}" if between.startswith("#") else ""


def _added(text: str, places: list[_Place], missing: Path, value: object) -> str:
    """The first missing key with all that it holds, at the end of the last mapping on the way."""
    key, *below = missing
    for step in reversed(below):
        value = {step: value}
    node = places[-1].value if places else tree(text)
    if not isinstance(key, str) or not all(isinstance(step, str) for step in below):
        raise _Refused
    if places and not node.entries and (node.kind == "mapping" or (node.plain and _is_null(node))):
        return _replaced(text, places[-1], {key: value})
    if node.kind != "mapping":
        raise _Refused
    if not node.block:
        return _after(text, node, f"{key_text(key, inside=True)}: {flow(value)}")
    return _below(text, node, pair(key, value, node.column))


def _is_null(node: Node) -> bool:
    return bool(parse_yaml(f"a: {node.text}").data == {"a": None})


def _appended(text: str, path: Path, value: object) -> str:
    places, missing = _way(text, path)
    node = places[-1].value if places and not missing else None
    if node is None or not node.entries:
        return _set(text, path, [value])
    if node.kind != "list":
        raise _Refused
    return _below(text, node, item(value, " " * node.column)) if node.block else _after(text, node, flow(value))


def _after(text: str, node: Node, written: str) -> str:
    """One more entry in braces or brackets."""
    end = node.entries[-1].value.end
    return f"{text[:end]}, {written}{text[end:]}"


def _below(text: str, node: Node, lines: list[str]) -> str:
    """One more entry on lines of its own."""
    stop = _line_end(text, node.entries[-1].value.end)
    return _newline(text).join((text[:stop], *lines)) + text[stop:]


def _removed(text: str, path: Path) -> str:
    places, missing = _way(text, path)
    if missing or not places:
        raise _Refused
    node, entry = places[-1].inside, places[-1].entry
    if len(node.entries) == 1:
        return _emptied(text, places)
    start, stop = (_lines_of if node.block else _part_of)(text, node, entry)
    return text[:start] + text[stop:]


def _emptied(text: str, places: list[_Place]) -> str:
    """A collection without its only entry; of a block, the comments above the entry stay."""
    if len(places) == 1:
        raise _Refused
    node, entry, head = places[-1].inside, places[-1].entry, places[-2].entry.head
    nothing: object = [] if node.kind == "list" else {}
    if node.anchored or not node.block or "\n" not in text[head : entry.start]:
        return _replaced(text, places[-2], nothing)
    start, stop = _lines_of(text, node, entry)
    return f"{text[:head]} {flow(nothing)}{text[head:start]}{text[stop:]}"


def _lines_of(text: str, node: Node, entry: Entry) -> tuple[int, int]:
    """From where to where an entry of a block is cut out: its lines, or beside a dash up to the next entry."""
    begins = text.rfind("\n", 0, entry.start) + 1
    if text[begins : entry.start].strip():
        following = node.entries[1]
        return _uncommented(text, entry.value.end, following.start, entry.start, following.start)
    return begins, text.find("\n", entry.value.end) + 1 or len(text)


def _part_of(text: str, node: Node, entry: Entry) -> tuple[int, int]:
    """From where to where an entry in braces or brackets is cut out, with one comma; lines are not drawn together."""
    at = node.entries.index(entry)
    if at and (at + 1 == len(node.entries) or "\n" not in text[node.entries[at - 1].value.end : entry.start]):
        end = node.entries[at - 1].value.end
        return _uncommented(text, end, entry.start, end, entry.value.end)
    start = node.entries[at + 1].start
    return _uncommented(text, entry.value.end, start, entry.start, start)


def _uncommented(text: str, start: int, end: int, *cut: int) -> tuple[int, int]:
    """The cut, unless a comment stands in it that belongs to something else."""
    if "#" in text[start:end]:
        raise _Refused
    return cut[0], cut[1]


def _line_end(text: str, at: int) -> int:
    """Where the line of a character ends, before its line end."""
    end = text.find("\n", at)
    end = len(text) if end < 0 else end
    return end - 1 if end > at and text[end - 1] == "\r" else end


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
