"""Where everything of a YAML text stands: its nodes with the characters they take, aliases as aliases."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import yaml

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_AROUND = (yaml.StreamStartEvent, yaml.StreamEndEvent, yaml.DocumentStartEvent, yaml.DocumentEndEvent)
# What may lie between two entries of a list in block style.
_BETWEEN = re.compile(r"(?:\s|#[^\n]*)*")


@dataclass(frozen=True, slots=True)
class Node:
    """One value and its characters `start:end` of the text; a block ends with its last sign, not where the next begins.

    `block`: by indentation, so on lines of its own; `text`: what a scalar holds; `plain`: a scalar without quotes.
    """

    kind: Literal["scalar", "mapping", "list", "alias"]
    start: int
    end: int
    column: int
    block: bool = False
    text: str = ""
    plain: bool = False
    anchored: bool = False
    entries: tuple["Entry", ...] = ()

    def entry(self, step: str | int) -> "Entry | None":
        """The entry with this key (the first of several), or at this place of a list."""
        if self.kind == "list":
            return self.entries[step] if isinstance(step, int) and 0 <= step < len(self.entries) else None
        return next((entry for entry in self.entries if entry.key == step), None)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a mapping or list: where it begins, where its colon or dash ends, and its value."""

    start: int
    head: int
    value: Node
    key: str | None = None


@lru_cache(maxsize=4)
def tree(text: str) -> Node:
    """The nodes of a text that holds one YAML document; raises yaml.YAMLError where it cannot be read."""
    events = (event for event in yaml.parse(text, Loader=_Loader) if not isinstance(event, _AROUND))
    return _Building(text, events).node(next(events))


class _Building:
    """Nodes from the flat stream of events."""

    def __init__(self, text: str, events: Iterator[Any]) -> None:
        self.text, self.events = text, events

    def node(self, event: Any) -> Node:
        start, end, column = event.start_mark.index, event.end_mark.index, event.start_mark.column
        anchored = event.anchor is not None
        if isinstance(event, yaml.AliasEvent):
            return Node("alias", start, end, column)
        if isinstance(event, yaml.ScalarEvent):
            block = event.style in ("|", ">")
            end = start + len(self.text[start:end].rstrip()) if block else end
            return Node("scalar", start, end, column, block, event.value, not event.style, anchored)
        is_list = isinstance(event, yaml.SequenceStartEvent)
        block = not event.flow_style
        found, end = self.items(start, block) if is_list else self.pairs()
        # A block is said to end where the next token begins, after blank lines and comments.
        end = found[-1].value.end if block and found else end
        return Node("list" if is_list else "mapping", start, end, column, block, anchored=anchored, entries=found)

    def items(self, start: int, block: bool) -> tuple[tuple[Entry, ...], int]:
        found: list[Entry] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            value = self.node(event)
            begins = _BETWEEN.match(self.text, found[-1].value.end if found else start)
            dash = begins.end() if block and begins else value.start
            found.append(Entry(dash, dash + 1 if block else dash, value))
        return tuple(found), _end(event)

    def pairs(self) -> tuple[tuple[Entry, ...], int]:
        found: list[Entry] = []
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self.node(event)
            value = self.node(next(self.events))
            colon = self.text.find(":", key.end)
            found.append(Entry(key.start, colon + 1 if colon >= 0 else key.end, value, key.text))
        return tuple(found), _end(event)


def _end(event: Any) -> int:
    return int(event.end_mark.index)
