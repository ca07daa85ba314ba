"""HTML: a manual or report as one page that fetches nothing, runs nothing and reads in light, dark and on paper."""

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, singledispatch
from hashlib import sha256
from pathlib import Path

from metrics.export.course import drawn
from metrics.export.mathml import mathml
from metrics.export.svg import bar_line, range_line, sparkline
from metrics.export.text import escaped as text
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
from metrics.typeset import typeset

STYLE = Path(__file__).with_name("page.css")
# A browser breaks no formula into lines; what is longer stands in words.
LONGEST = 60
# Deeper rows of a tree stand in no further.
DEEPEST = 6
LANGUAGES = {"zh": "zh-CN", "en": "en-GB"}


Link = tuple[str, str]


def write(
    document: Manual | Report,
    *,
    links: Mapping[str, Sequence[Link]] | None = None,
    below: Mapping[str, Sequence[Link]] | None = None,
) -> bytes:
    """The manual, or report, as a page of its own, in UTF-8.

    `links`, and `below` its text: words and the files beside it that they lead to, by what each list is called.
    """
    title = f"{text(document.title)} · {text(document.kind)}"
    lines = [
        "<!doctype html>",
        f'<html lang="{LANGUAGES[document.lang]}">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_policy()}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>{title}</title>",
        f"<style>{_style()}</style>",
        "</head>",
        "<body>",
        *_first(document),
        *_links(links or {}),
        *_contents(document),
        *_body(document.blocks, document.lang, text(document.title)),
        *_links(below or {}),
        *_last(document),
        "</body>",
        "</html>",
    ]
    return ("\n".join(lines) + "\n").encode()


def code(of: str) -> str:
    """Text as code, which may be broken at its underscores; nothing for none."""
    return f"<code>{text(of).replace('_', '_<wbr>')}</code>" if of else ""


@cache
def _style() -> str:
    return STYLE.read_text(encoding="utf-8")


@cache
def _policy() -> str:
    """Nothing may be fetched, run, sent or framed; of styles only our own, told by its hash."""
    digest = b64encode(sha256(_style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _first(document: Manual | Report) -> Iterator[str]:
    yield f'<header><p class="kind">{text(document.kind)}</p><h1>{text(document.title)}</h1>'
    if isinstance(document, Report) and document.mark:
        # On paper every page says it, since one may be taken out.
        yield f'<p class="watermark" aria-hidden="true">{text(document.mark)}</p>'
    if document.notice:
        yield from _block(Note(document.notice), document.lang, "")
    yield from _block(Pairs(document.about), document.lang, "")
    yield "</header>"


def _links(links: Mapping[str, Sequence[Link]]) -> Iterator[str]:
    for name, own in links.items():
        items = "".join(f'<li><a href="{text(file)}">{text(words)}</a></li>' for words, file in own)
        yield f'<nav aria-label="{text(name)}"><ul>{items}</ul></nav>'


def _contents(document: Manual | Report) -> Iterator[str]:
    """A list of the headings that are listed; a report's is short, since its first sentence is what is looked for."""
    deepest = 1 if isinstance(document, Report) else 2
    listed = [(at, block) for at, block in _headings(document.blocks) if block.listed and block.level <= deepest]
    if len(listed) < 2:
        return
    yield f'<nav aria-label="{"目录" if document.lang == "zh" else "Contents"}"><ul>'
    for at, block in listed:
        yield f'<li class="l{block.level}"><a href="#s{at}">{text(block.text)}</a></li>'
    yield "</ul></nav>"


def _headings(blocks: Iterable[Block]) -> Iterator[tuple[int, Heading]]:
    """The headings with their numbers: no name of data is an address in the page."""
    return enumerate((block for block in blocks if isinstance(block, Heading)), start=1)


def _body(blocks: Sequence[Block], lang: str, title: str) -> Iterator[str]:
    """The blocks; what stands under a heading is called by it where it needs a name."""
    headings = _headings(blocks)
    under = title
    yield "<main>"
    for block in blocks:
        if isinstance(block, Heading):
            at, _ = next(headings)
            under = text(block.text)
            behind = f" {code(block.code)}" if block.code else ""
            yield f'<h{block.level + 1} id="s{at}">{under}{behind}</h{block.level + 1}>'
        else:
            yield from _block(block, lang, under)
    yield "</main>"


def _last(document: Manual | Report) -> Iterator[str]:
    if document.version:
        # A manual's is a bare number; a report's says itself what it is of.
        word = "" if isinstance(document, Report) else {"zh": "版本 ", "en": "Version "}[document.lang]
        yield f"<footer>{word}{text(document.version)}</footer>"


@singledispatch
def _block(block: Block, lang: str, under: str) -> Iterator[str]:
    raise TypeError(block)


@_block.register
def _(block: Paragraph, lang: str, under: str) -> Iterator[str]:
    yield f"<p>{text(block.text)}</p>"


@_block.register
def _(block: Note, lang: str, under: str) -> Iterator[str]:
    yield f'<p class="note">{text(block.text)}</p>'


@_block.register
def _(block: Bullets, lang: str, under: str) -> Iterator[str]:
    yield f"<ul>{''.join(f'<li>{text(item)}</li>' for item in block.items)}</ul>"


@_block.register
def _(block: Formula, lang: str, under: str) -> Iterator[str]:
    long = len(block.words) > LONGEST
    shown = f"{text(block.name)} = {text(block.words)}" if long else mathml(block.name, typeset(block.tree), lang)
    yield f'<div class="formula">{shown}</div>'


@_block.register
def _(block: Pairs, lang: str, under: str) -> Iterator[str]:
    rows = "".join(f"<dt>{text(term)}</dt><dd>{text(told)}</dd>" for term, told in block.rows)
    yield f"<dl>{rows}</dl>" if rows else ""


@_block.register
def _(block: Figures, lang: str, under: str) -> Iterator[str]:
    yield '<div class="figures">'
    for item in block.items:
        note = f"<small>{text(item.note)}</small>" if item.note else ""
        course = sparkline(item.course, "") if drawn(item.course) else ""
        yield f"<dl><dt>{text(item.name)}</dt><dd><b>{text(item.value)}</b>{note}{course}</dd></dl>"
    yield "</div>"


@_block.register
def _(block: Ranges, lang: str, under: str) -> Iterator[str]:
    yield from _picture(block.caption, ((row.name, range_line(row, block), row.words) for row in block.rows))


@_block.register
def _(block: Bars, lang: str, under: str) -> Iterator[str]:
    yield from _picture(block.caption, ((row.name, bar_line(row, block), row.words) for row in block.rows))


def _picture(caption: str, rows: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    """A line a number: its name, its drawing, the same in words, so that the picture is its own table."""
    yield f'<table class="picture"><caption>{text(caption)}</caption><tbody>'
    for name, drawing, words in rows:
        yield f'<tr><th scope="row">{text(name)}</th><td>{drawing}</td><td class="said">{text(words)}</td></tr>'
    yield "</tbody></table>"


@_block.register
def _(block: Table, lang: str, under: str) -> Iterator[str]:
    named = text(block.caption) or under
    # Without words of its own it is called by the heading above it, which is seen already.
    seen = "" if block.caption else ' class="unseen"'
    # Wider than a screen it is scrolled inside itself, by keys too.
    yield f'<div class="wide" role="region" tabindex="0" aria-label="{named}"><table><caption{seen}>{named}</caption>'
    heads = (f'<th scope="col"{_right(block, at)}>{text(head)}</th>' for at, head in enumerate(block.heads))
    yield f"<thead><tr>{''.join(heads)}</tr></thead><tbody>"
    for at, row in enumerate(block.rows):
        depth = block.depths[at] if block.depths else None
        node = ' class="node"' if depth is not None and depth >= 0 else ""
        yield f"<tr{node}>{''.join(_cell(block, at, column, depth) for column in range(len(row)))}</tr>"
    yield "</tbody></table></div>"


def _cell(block: Table, at: int, column: int, depth: int | None) -> str:
    cell = block.rows[at][column]
    shown = code(cell) if column in block.mono else text(cell)
    if column == len(block.heads) - 1 and block.courses and drawn(block.courses[at]):
        shown = sparkline(block.courses[at], cell)
    if column != block.named:
        return f"<td{_right(block, column)}>{shown}</td>"
    deep = "" if depth is None else f' class="d{min(max(abs(depth) - 1, 0), DEEPEST)}"'
    return f'<th scope="row"{deep}>{shown}</th>'


def _right(block: Table, column: int) -> str:
    return ' class="n"' if column in block.right else ""
