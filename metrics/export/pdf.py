"""PDF: a manual, or the report of a region or an area, on A4."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from metrics.export.typesetter import pdf
from metrics.manual.blocks import Block, Formula, Manual, Report, Table
from metrics.typeset import typeset

MANUAL, REPORT = (Path(__file__).with_name(name) for name in ("manual.typ", "scorecard.typ"))


def write(document: Manual | Report) -> bytes:
    """The manual, or report, as a PDF. InputError where typst or its font is not installed."""
    if isinstance(document, Report):
        return pdf(REPORT, {**_plain(document), "footer": document.version, "mark": document.mark})
    version = f"{'版本' if document.lang == 'zh' else 'Version'} {document.version}" if document.version else ""
    return pdf(MANUAL, {**_plain(document), "footer": version})


def _plain(document: Manual | Report) -> dict[str, Any]:
    """A document as plain data for its template; what stands at the head of each page is one line."""
    return {
        "title": _line(document.title),
        "kind": _line(document.kind),
        "lang": document.lang,
        "notice": _line(document.notice),
        "about": document.about,
        "blocks": [_block(block) for block in document.blocks],
    }


def _block(block: Block) -> dict[str, Any]:
    kind = type(block).__name__.lower()
    if isinstance(block, Formula):
        return {"kind": kind, "name": block.name, "words": f"{block.name} = {block.words}", "node": typeset(block.tree)}
    if isinstance(block, Table):
        return {"kind": kind, **asdict(block), "right": sorted(block.right), "mono": sorted(block.mono)}
    return {"kind": kind, **asdict(block)}


def _line(text: str) -> str:
    return " ".join(text.split())
