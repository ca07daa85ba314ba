"""Two texts side by side, and two changes of one text brought together, line by line."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

import polars as pl

SIDES = {
    "kind": pl.String, "line_before": pl.Int64, "before": pl.String, "line_after": pl.Int64, "after": pl.String,
}  # fmt: skip
MANY = 5_000
MINE = "# <<<<<<< 两边都改了这几行：只留一种，删去三行标记。我的 · Both changed these: keep one, drop the marks. Mine:"
THEIRS = "# ======= 对方的 · Theirs:"
END = "# >>>>>>>"


@dataclass(frozen=True)
class Conflict:
    """Lines that both changed, each in a way of their own; `line`: where the mark above them stands in the result."""

    line: int
    base: tuple[str, ...]
    mine: tuple[str, ...]
    theirs: tuple[str, ...]


def _lines(text: str) -> list[str]:
    """A text's lines without their ends, whose kind tells nothing; a last one that is empty where the text ends one."""
    return text.replace("\r\n", "\n").split("\n")


def sides(before_text: str, after_text: str) -> pl.DataFrame:
    """Both texts line by line: kind (equal, changed, added, removed), and each side's line number and text, or null."""
    old, new = _lines(before_text), _lines(after_text)
    rows: list[tuple[str, int | None, str | None, int | None, str | None]] = []
    for kind, start, end, first, last in _blocks(old, new):
        for at in range(max(end - start, last - first)):
            left, right = start + at, first + at
            was, now = left < end, right < last
            rows.append(
                (
                    ("equal" if kind == "equal" else "changed") if was and now else "removed" if was else "added",
                    *((left + 1, old[left]) if was else (None, None)),
                    *((right + 1, new[right]) if now else (None, None)),
                )
            )
    frame = pl.DataFrame(rows, schema=SIDES, orient="row")
    # What follows the last line's end is no line.
    ended = (pl.col("before").fill_null("") == "") & (pl.col("after").fill_null("") == "")
    return frame.filter(~(ended & (pl.int_range(pl.len()) == pl.len() - 1) & (pl.len() > 1)))


def _blocks(old: list[str], new: list[str]) -> Iterator[tuple[str, int, int, int, int]]:
    """difflib's blocks; what both begin and end with is set aside first, so that a small change is found at once."""
    shorter = min(len(old), len(new))
    head = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    tail = next((at for at in range(shorter - head) if old[-1 - at] != new[-1 - at]), shorter - head)
    if head:
        yield "equal", 0, head, 0, head
    middle = old[head : len(old) - tail], new[head : len(new) - tail]
    # Of very long texts lines that stand everywhere lead nowhere, and looking at each of them takes seconds.
    junk = max(map(len, middle)) > MANY
    for kind, start, end, first, last in SequenceMatcher(None, *middle, autojunk=junk).get_opcodes():
        yield kind, start + head, end + head, first + head, last + head
    if tail:
        yield "equal", len(old) - tail, len(old), len(new) - tail, len(new)


@dataclass(frozen=True)
class _Edit:
    """Lines `start` to `end` (not included) of the base, and what stands there instead."""

    start: int
    end: int
    lines: tuple[str, ...]


def _edits(base: list[str], text: list[str]) -> list[_Edit]:
    return [
        _Edit(start, end, tuple(text[first:last]))
        for kind, start, end, first, last in _blocks(base, text)
        if kind != "equal"
    ]


def merged(base: str, mine: str, theirs: str) -> tuple[str, tuple[Conflict, ...]]:
    """The base with the changes of both, and the lines that both changed, each otherwise.

    There both stand in the result, between comment lines that say so. Line ends are those of `mine`.
    """
    lines = _lines(base)
    sides_of = _edits(lines, _lines(mine)), _edits(lines, _lines(theirs))
    result: list[str] = []
    conflicts: list[Conflict] = []
    at = 0
    for start, end, own in _together(*sides_of):
        result += lines[at:start]
        left, right = (_applied(lines, start, end, edits) for edits in own)
        if not own[0] or not own[1] or left == right:
            result += left if own[0] else right
        else:
            conflicts.append(Conflict(len(result) + 1, tuple(lines[start:end]), left, right))
            result += [MINE, *left, THEIRS, *right, END]
        at = end
    end_of_line = "\r\n" if "\r\n" in mine else "\n"
    return end_of_line.join([*result, *lines[at:]]), tuple(conflicts)


def _together(mine: list[_Edit], theirs: list[_Edit]) -> Iterator[tuple[int, int, tuple[list[_Edit], list[_Edit]]]]:
    """The edits of both in the order of the base, those that touch the same lines at once."""
    waiting = sorted(
        [(edit, 0) for edit in mine] + [(edit, 1) for edit in theirs], key=lambda pair: (pair[0].start, pair[0].end)
    )
    while waiting:
        edit, side = waiting.pop(0)
        start, end = edit.start, edit.end
        own: tuple[list[_Edit], list[_Edit]] = ([], [])
        own[side].append(edit)
        while waiting and (waiting[0][0].start < end or waiting[0][0].start == start == waiting[0][0].end == end):
            more, of = waiting.pop(0)
            own[of].append(more)
            end = max(end, more.end)
        yield start, end, own


def _applied(lines: list[str], start: int, end: int, edits: list[_Edit]) -> tuple[str, ...]:
    """Lines `start` to `end` of the base with one side's edits."""
    result: list[str] = []
    at = start
    for edit in edits:
        result += [*lines[at : edit.start], *edit.lines]
        at = edit.end
    return (*result, *lines[at:end])
