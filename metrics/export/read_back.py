"""Read back: the blocks of a text in the Markdown that our own writer makes, and lists by whatever mark; other marks
stay as they are typed."""

import re
from collections.abc import Iterator, Sequence

from metrics.manual.blocks import Block, Bullets, Heading, Note, Paragraph, Table
from metrics.problems import InputError, Problem

_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_BOLD = re.compile(r"(?<!\\)\*\*(.+?)(?<!\\)\*\*")
_BARS = re.compile(r"(?<!\\)\|")
_MARKS = ("- ", "* ", "+ ", "> ")
_RULE = re.compile(r"\|(?: ?:?-{2,}:? ?\|)+")
_HEAD = re.compile(r"(#{1,5}) +(.*)")
# A table of more columns is not read on paper. Each cell, paragraph, heading and point costs the typesetter some 12 kB,
# and a few signs make a table of any size, since short rows are filled up.
MOST_COLUMNS = 50
MOST_PARTS = 30_000
MOST_HEADING = 500
# Letters without a break, and marks above one letter, cost the typesetter more than in proportion.
MOST_RUN = 500
# A line may break at a blank, between cells, and beside each of the signs of East Asian scripts.
_EAST = (
    r"\u2e80-\u3029\u3030-\u3098\u309b-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff9d\uffa0-\uffef"
    r"\U00020000-\U0003ffff"
)
_RUN = re.compile(rf"[^ \t|{_EAST}]+")


def parted(text: str) -> str:
    """The text with blanks in what stands without one for longer than can be set on paper."""
    return _RUN.sub(lambda run: re.sub(rf"(\S{{{MOST_RUN}}})(?=\S)", r"\1 ", run[0]), text)


def blocks_of(text: str) -> tuple[str, tuple[Block, ...]]:
    """The title (the first heading of the first level, or '') and the blocks after it.

    Raises InputError for a word, a heading, a table or a whole that is larger than can be set on paper, with the line.
    """
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
    at = parts = 0
    while at < len(lines):
        line = lines[at].strip()
        is_table = line.startswith("|") and at + 1 < len(lines) and bool(_RULE.fullmatch(lines[at + 1].strip()))
        same = "|" if is_table else line[:2] if line.startswith(_MARKS) else ""
        end = at + 1
        while same and end < len(lines) and lines[end].strip().startswith(same):
            end += 1
        width = len(_cells(line)) if is_table else 1
        for place in range(at, end):
            _bounded("run", place, max(map(len, _RUN.findall(lines[place])), default=0), MOST_RUN)
        _bounded("columns", at, width, MOST_COLUMNS)
        parts += (end - at) * width if line else 0
        _bounded("parts", at, parts, MOST_PARTS)
        if head := _HEAD.fullmatch(line):
            text = _plain(head[2])
            _bounded("heading", at, len(text), MOST_HEADING)
            # The writer's levels count from the title's.
            yield Heading(min(len(head[1]) - 1, 3), text)
        elif is_table:
            yield _table([part.strip() for part in lines[at:end]])
        elif same:
            items = [_plain(part.strip()[2:]) for part in lines[at:end]]
            yield Note(" ".join(items)) if line[0] == ">" else Bullets(tuple(items))
        elif line:
            yield Paragraph(_plain(line))
        at = end


def _bounded(what: str, at: int, count: int, most: int) -> None:
    """Raises InputError (`notice_columns`, …) for more than can be set, from the line at a place on."""
    if count > most:
        raise InputError([Problem(f"notice_{what}", facts={"line": at + 1, "count": count, "most": most})])


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
