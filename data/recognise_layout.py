"""Where a table stands on a sheet: its head rows, what is above and below it, and the tables that continue it."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

import polars as pl

from data.cells import NOT_REPORTED, read_cell
from data.naming import plain
from data.sources import Part, squeezed, trimmed

# So many rows at the top are looked through, and at the foot.
TOP, FOOT = 3000, 60
MOST_HEADS = 4
YEAR = re.compile(r"(?:19|20)[0-9]{2}(?:年度?|\.0)?")
# Lines above and below a table that are no part of it: label and text.
_LABEL = re.compile(
    r"^(?:单位|计量单位|时间|数据库|制表|填表|填报|审核|报表|表号|年份|地区名称|unit)[^:：]{0,8}[:：]", re.IGNORECASE
)
NOTES = (
    "注", "备注", "说明", "数据来源", "资料来源", "来源", "填表", "填报", "制表", "审核", "单位", "续表",
    "Note", "Source", "*", "a)", "b)", "①", "②",
)  # fmt: skip
FAILED = frozenset(("#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"))
TOTALS = frozenset(("全国", "合计", "总计", "小计", "总和", "total", "sum", "average", "平均", "全国合计", "alltotal"))
Cells = Sequence[str | None]


@dataclass(frozen=True)
class Layout:
    """Rows are counted from 1, as in `Read`; `above`: the texts over the table."""

    head: tuple[int, ...]
    across: tuple[int, ...] = ()
    last: int = 0
    continued: tuple[Part, ...] = ()
    skip: tuple[str, ...] = ()
    above: tuple[str, ...] = ()


def is_number(text: str) -> bool:
    """Whether a cell is a number, or says that there is none; one that a workbook fails to compute would be one."""
    if text.lower() in NOT_REPORTED or text.startswith("=") or text in FAILED:
        return True
    try:
        float(text)
    except ValueError:
        found = read_cell(text)
        return found is not None and len(found.unit) < 6
    return True


def _texts(row: Cells) -> list[str]:
    return [text for text in row if text is not None]


def _is_data(row: Cells) -> bool:
    """Whether a row holds a number that is not a year, beside something else."""
    texts = _texts(row)
    if len(texts) < 2 or _is_numbering(texts):
        return False
    return any(is_number(text) and not YEAR.fullmatch(text) for text in texts)


def _is_numbering(texts: Sequence[str]) -> bool:
    """Whether a row only counts the columns: 甲 乙 1 2 3."""
    counted = [int(text) for text in texts if text.isdecimal()]
    others = [text for text in texts if not text.isdecimal()]
    named = all(squeezed(text) in ("甲", "乙", "丙", "丁", "栏次", "序号") for text in others)
    return named and len(counted) > (1 if others else 2) and counted == list(range(1, len(counted) + 1))


def _is_head(row: Cells) -> bool:
    """Whether a row above numbers can be a head: several texts that are not labels of the sheet."""
    texts = _texts(row)
    return len(texts) > 1 and not any(_LABEL.search(text) for text in texts) and not _is_numbering(texts)


def find_layout(grid: pl.DataFrame, regions: Collection[str]) -> Layout | None:
    """The layout of the first table of a sheet; None where there is no row of numbers below a row of heads.

    `regions`: the plain names of regions that are known, so that a row without numbers is not taken for a note.
    """
    cells = trimmed(grid)
    rows: list[Cells] = list(cells.head(TOP).iter_rows())
    heads = _head_blocks(rows)
    if not heads:
        return None
    first, *others = heads
    own = [squeezed(text) for text in _texts(rows[first[-1]])]
    repeated = [block for block in others if [squeezed(text) for text in _texts(rows[block[-1]])] == own]
    parts = [block for block in others if block not in repeated and _key(rows[block[-1]]) == _key(rows[first[-1]])]
    blocks = [first, *parts]
    ends = [_last_data(rows, block[0]) for block in parts]
    skip = [f"^{_pattern(_key(rows[block[at]]))}$" for block in repeated for at in range(len(block))]
    read = [at for at in range(first[-1] + 1, len(rows)) if not any(at in block for block in heads)]
    within = [
        at for at in read
        if any(block[-1] < at < (end + 1 if end is not None else len(rows))
               for block, end in zip(blocks, [*ends, None], strict=True))
    ]  # fmt: skip
    tail = cells.tail(FOOT).iter_rows() if cells.height > TOP else iter(())
    skip += _skipped([*(rows[at] for at in within), *tail], regions)
    lasts = [0 if end is None else end + 1 for end in [*ends, None]]
    continued = tuple(
        Part(head=tuple(at + 1 for at in block), last=last) for block, last in zip(parts, lasts[1:], strict=True)
    )
    above = tuple(text for row in rows[: first[0]] for text in _texts(row))
    across = tuple(at + 1 for block in blocks for at in _merged(rows, block))
    return Layout(tuple(at + 1 for at in first), across, lasts[0], continued, tuple(dict.fromkeys(skip)), above)


def _head_blocks(rows: Sequence[Cells]) -> list[tuple[int, ...]]:
    """The head rows above each run of rows with numbers, by place."""
    blocks: list[tuple[int, ...]] = []
    was_data, last = False, -1
    for at, row in enumerate(rows):
        if _is_data(row):
            if not was_data and (block := _upwards(rows, at, last)):
                blocks.append(block)
            was_data, last = True, at
        elif _is_head(row):
            was_data = False
    return blocks


def _upwards(rows: Sequence[Cells], below: int, least: int) -> tuple[int, ...]:
    block: list[int] = []
    for at in range(below - 1, least, -1):
        texts = _texts(rows[at])
        if not texts and not block:
            continue
        if _is_numbering(texts) and not block:
            continue
        if not _is_head(rows[at]) or len(block) == MOST_HEADS:
            break
        block.append(at)
    return tuple(reversed(block))


def _key(row: Cells) -> str:
    return next((squeezed(text) for text in row if text is not None), "")


def _pattern(text: str) -> str:
    """The text as a pattern, with whatever blanks between its letters."""
    return r"\s*".join(re.escape(letter) for letter in text)


def _last_data(rows: Sequence[Cells], before: int) -> int:
    return max(at for at in range(before) if _is_data(rows[at]))


def _merged(rows: Sequence[Cells], block: tuple[int, ...]) -> list[int]:
    """Head rows with blank cells, right of a text, under which the next row names columns."""
    found = []
    for at, below in pairwise(block):
        pairs = list(zip(rows[at], rows[below], strict=True))
        first = next((place for place, (above, _) in enumerate(pairs) if above is not None), 0)
        if any(above is None and under is not None for above, under in pairs[first + 1 :]):
            found.append(at)
    return found


def _skipped(rows: Sequence[Cells], regions: Collection[str]) -> list[str]:
    """Patterns for the notes among and below the rows of numbers."""
    patterns = []
    for row in rows:
        texts = _texts(row)
        if not texts or _is_data(row) or len(texts) > 2:
            if _is_numbering(texts):
                patterns.append(f"^{re.escape(texts[0])}$")
            continue
        first = texts[0]
        note = next((word for word in NOTES if first.startswith(word)), None)
        if note is not None:
            patterns.append(f"^{re.escape(note)}")
        elif plain(first) not in regions and (len(texts) == 1 or len(first) > 20):
            patterns.append(f"^{re.escape(first[:8])}{'$' if len(first) <= 8 else ''}")
    return patterns
