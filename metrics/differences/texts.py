"""Two texts side by side, and two changes of one text brought together, line by line."""

from bisect import bisect
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise, zip_longest

import polars as pl

SIDES = {
    "kind": pl.String, "line_before": pl.Int64, "before": pl.String, "line_after": pl.Int64, "after": pl.String,
}  # fmt: skip
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
    for _, start, end, first, last in _blocks(old, new):
        for was, now in zip_longest(range(start, end), range(first, last)):
            before, after = (None if was is None else old[was]), (None if now is None else new[now])
            # Lines that took each other's place, as in a text all of whose names changed, may well be equal.
            both = "equal" if before == after else "changed"
            kind = "added" if was is None else "removed" if now is None else both
            rows.append((kind, _numbered(was), before, _numbered(now), after))
    frame = pl.DataFrame(rows, schema=SIDES, orient="row")
    # What follows the last line's end is no line.
    ended = (pl.col("before").fill_null("") == "") & (pl.col("after").fill_null("") == "")
    return frame.filter(~(ended & (pl.int_range(pl.len()) == pl.len() - 1) & (pl.len() > 1)))


def _numbered(at: int | None) -> int | None:
    return None if at is None else at + 1


def _blocks(old: list[str], new: list[str]) -> Iterator[tuple[str, int, int, int, int]]:
    """Where both are equal and where not, as difflib tells it: kind, start and end in the one, in the other."""
    left = right = 0
    for start, first in [*_pairs(old, new), (len(old), len(new))]:
        if (left, right) != (start, first):
            yield "replace", left, start, right, first
        left, right = start + 1, first + 1
        if start < len(old):
            yield "equal", start, left, first, right


def _pairs(old: list[str], new: list[str]) -> list[tuple[int, int]]:
    """The lines that stand for each other, in order: first what begins and ends both, then lines that either has once
    (Cohen's patience diff), and so on in between; difflib, which takes seconds for long texts, has what is left."""
    found: list[tuple[int, int]] = []
    waiting = [(0, len(old), 0, len(new))]
    while waiting:
        start, end, first, last = waiting.pop()
        while start < end and first < last and old[start] == new[first]:
            found.append((start, first))
            start, first = start + 1, first + 1
        while start < end and first < last and old[end - 1] == new[last - 1]:
            end, last = end - 1, last - 1
            found.append((end, last))
        middle = old[start:end], new[first:last]
        anchors = [(start + left, first + right) for left, right in _in_order(*middle)]
        found += anchors
        if anchors:
            ends = pairwise([(start - 1, first - 1), *anchors, (end, last)])
            waiting += [(a + 1, b, c + 1, d) for (a, c), (b, d) in ends]
        else:
            for same in SequenceMatcher(None, *middle).get_matching_blocks():
                found += [(start + same.a + at, first + same.b + at) for at in range(same.size)]
    return sorted(found)


def _in_order(old: list[str], new: list[str]) -> list[tuple[int, int]]:
    """Of the lines that stand once in either, as many as stand in the same order in both: the longest such run."""
    olds, news = ({line: at for at, line in enumerate(side)} for side in (old, new))
    counts = Counter(old), Counter(new)
    once = {line for line in old if counts[0][line] == counts[1][line] == 1}
    # Of each length the run that ends first, by its end; and of each line the one before it in its run.
    ends: list[int] = []
    before: dict[int, int | None] = {}
    for place in (news[line] for line in old if line in once):
        length = bisect(ends, place)
        before[place] = ends[length - 1] if length else None
        ends[length : length + 1] = [place]
    run: list[tuple[int, int]] = []
    last = ends[-1] if ends else None
    while last is not None:
        run.append((olds[new[last]], last))
        last = before[last]
    return run[::-1]


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
