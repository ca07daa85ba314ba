"""Markdown: a manual or report as text that viewers of GitHub-flavoured Markdown show, and that reads well without."""

import re
from collections.abc import Iterator
from functools import singledispatch

from metrics.export.text import one_line
from metrics.manual.blocks import (
    Bars,
    Block,
    Bullets,
    Figures,
    Formula,
    Heading,
    Manual,
    Note,
    Pairs,
    Paragraph,
    Ranges,
    Report,
    Table,
)

# Whatever Markdown, HTML or mathematics could take for their own, and what would make a link of an address.
_MARKS = re.compile(r"[\\`*_\[\]<>#|~$&@]|:(?=//)|(?<=www)\.", re.IGNORECASE)
# At its start a text would be a list, a rule or a number of one.
_AT_START = re.compile(r"^(?:[-+](?= |$)|[-=]+$|[0-9]+(?=[.)](?: |$)))")


def write(document: Manual | Report) -> bytes:
    """The manual, or report, as Markdown, in UTF-8."""
    parts = [f"# {escaped(document.title)}", escaped(document.kind)]
    if document.notice:
        parts.append("\n".join(_block(Note(document.notice), document.lang)))
    parts.append("\n".join(_block(Pairs(document.about), document.lang)))
    parts += ["\n".join(_block(block, document.lang)) for block in document.blocks]
    # A formula is the first of the list of what follows it.
    return re.sub(r"(?m)^(- .+)\n\n(?=- )", r"\1\n", "\n\n".join(part for part in parts if part)).encode() + b"\n"


def escaped(text: str) -> str:
    """Text that shows as it is, whatever marks it holds, on one line."""
    line = _MARKS.sub(lambda mark: "\\" + mark.group(), one_line(text))
    return _AT_START.sub(lambda mark: f"{mark.group()}\\" if mark.group().isdigit() else "\\" + mark.group(), line)


def code(text: str) -> str:
    """Text as code, whatever backticks it holds; nothing for none."""
    text = one_line(text).replace("|", "\\|")
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{text}{pad}{fence}" if text else ""


@singledispatch
def _block(block: Block, lang: str) -> Iterator[str]:
    raise TypeError(block)


@_block.register
def _(block: Heading, lang: str) -> Iterator[str]:
    behind = f" {code(block.code)}" if block.code else ""
    yield f"{'#' * (block.level + 1)} {escaped(block.text)}{behind}"


@_block.register
def _(block: Paragraph, lang: str) -> Iterator[str]:
    yield escaped(block.text)


@_block.register
def _(block: Note, lang: str) -> Iterator[str]:
    yield f"> {escaped(block.text)}"


@_block.register
def _(block: Bullets, lang: str) -> Iterator[str]:
    yield from (f"- {escaped(item)}" for item in block.items)


@_block.register
def _(block: Formula, lang: str) -> Iterator[str]:
    head, end = ("公式**：", "（{}）") if lang == "zh" else ("Formula**: ", " ({})")
    yield f"- **{head}{escaped(block.words)}{end.format(code(block.code))}"


@_block.register
def _(block: Pairs, lang: str) -> Iterator[str]:
    colon = "：" if lang == "zh" else ": "
    yield from (f"- **{escaped(term)}**{colon}{escaped(text)}" for term, text in block.rows)


@_block.register
def _(block: Figures, lang: str) -> Iterator[str]:
    colon, note = ("：", "（{}）") if lang == "zh" else (": ", " ({})")
    for item in block.items:
        behind = note.format(escaped(item.note)) if item.note else ""
        yield f"- **{escaped(item.name)}**{colon}{escaped(item.value)}{behind}"


@_block.register(Ranges)
@_block.register(Bars)
def _(block: Ranges | Bars, lang: str) -> Iterator[str]:
    # What another format draws is told here.
    yield f"{escaped(block.caption)}\n"
    yield from _block(Pairs(tuple((row.name, row.words) for row in block.rows)), lang)


@_block.register
def _(block: Table, lang: str) -> Iterator[str]:
    if block.caption:
        yield f"{escaped(block.caption)}\n"
    yield _row(escaped(head) for head in block.heads)
    yield _row("--:" if at in block.right else "---" for at in range(len(block.heads)))
    for at, (first, *rest) in enumerate(block.rows):
        depth = block.depths[at] if block.depths else None
        yield _row((_first(first, depth), *(escaped(cell) for cell in rest)))


def _first(text: str, depth: int | None) -> str:
    """A row's first cell: in a tree nodes (with a depth of 0 or more) are bold, and all stand in as they are deep."""
    if depth is None:
        return escaped(text)
    return "&emsp;" * (abs(depth) - 1) + (f"**{escaped(text)}**" if depth >= 0 else escaped(text))


def _row(cells: Iterator[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"
