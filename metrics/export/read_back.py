"""Read back: the blocks of a text in the Markdown that our own writer makes, and lists by whatever mark; other marks
stay as they are typed."""

import re
from collections.abc import Iterator, Sequence

from metrics.manual.blocks import Block, Bullets, Heading, Note, Paragraph, Table

_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_BOLD = re.compile(r"(?<!\\)\*\*(.+?)(?<!\\)\*\*")
_BARS = re.compile(r"(?<!\\)\|")
_MARKS = ("- ", "* ", "+ ", "> ")
_RULE = re.compile(r"\|(?: ?:?-{2,}:? ?\|)+")
_HEAD = re.compile(r"(#{1,5}) +(.*)")


def blocks_of(text: str) -> tuple[str, tuple[Block, ...]]:
    """The title (the first heading of the first level, or '') and the blocks after it."""
    found = list(_blocks(text.replace("\r\n", "\n").split("\n")))
    first = found[0] if found else None
    if isinstance(first, Heading) and first.level == 0:
        return first.text, tuple(_lowered(found[1:]))
    return "", tuple(_lowered(found))


def _lowered(blocks: Sequence[Block]) -> Iterator[Block]:
    """A second title is a heading like others."""
    for block in blocks:
        yield Heading(1, block.text) if isinstance(block, Heading) and block.level == 0 else block


def _blocks(lines: Sequence[str]) -> Iterator[Block]:
    at = 0
    while at < len(lines):
        line = lines[at].strip()
        end = at + 1
        if head := _HEAD.fullmatch(line):
            # The writer's levels count from the title's.
            yield Heading(min(len(head[1]) - 1, 3), _plain(head[2]))
        elif line.startswith("|") and end < len(lines) and _RULE.fullmatch(lines[end].strip()):
            while end < len(lines) and lines[end].strip().startswith("|"):
                end += 1
            yield _table([part.strip() for part in lines[at:end]])
        elif line.startswith(_MARKS):
            while end < len(lines) and lines[end].strip().startswith(line[:2]):
                end += 1
            items = [_plain(part.strip()[2:]) for part in lines[at:end]]
            yield Note(" ".join(items)) if line[0] == ">" else Bullets(tuple(items))
        elif line:
            yield Paragraph(_plain(line))
        at = end


def _table(lines: Sequence[str]) -> Table:
    heads, rule, *rows = (_cells(line) for line in lines)
    right = frozenset(at for at, cell in enumerate(rule) if cell.endswith(":"))
    width = len(heads)
    cells = tuple(tuple((*row, *[""] * width)[:width]) for row in rows)
    return Table(tuple(heads), cells, (1.0,) * width, right=right)


def _cells(line: str) -> list[str]:
    return [_plain(cell.strip()) for cell in _BARS.split(line.strip().removeprefix("|").removesuffix("|"))]


def _plain(text: str) -> str:
    """Text without what made it bold, and without the strokes before marks."""
    return _ESCAPED.sub(r"\1", _BOLD.sub(r"\1", text).replace("&emsp;", "")).strip()
