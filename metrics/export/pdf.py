"""PDF: a manual, the report of a region or an area, or an office document, on A4."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from metrics.export.course import drawn, heights
from metrics.export.mathml import WORDS
from metrics.export.typesetter import pdf
from metrics.manual.blocks import Bars, Block, Course, Figures, Formula, Letter, Manual, Report, Table
from metrics.typeset import typeset

MANUAL, REPORT, LETTER = (Path(__file__).with_name(f"{name}.typ") for name in ("manual", "scorecard", "letter"))


def write(document: Manual | Report) -> bytes:
    """The manual, report or letter as a PDF. InputError where typst or its font is not installed."""
    if isinstance(document, Letter):
        beneath = {"signed": document.signed, "proof": document.proof}
        return pdf(LETTER, {**_plain(document), **beneath, "footer": document.version, "mark": document.mark})
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
        "words": {word: said[document.lang != "zh"] for word, said in WORDS.items()},
        "blocks": [_block(block) for block in document.blocks],
    }


def _block(block: Block) -> dict[str, Any]:
    kind = type(block).__name__.lower()
    if isinstance(block, Formula):
        return {"kind": kind, "name": block.name, "words": f"{block.name} = {block.words}", "node": typeset(block.tree)}
    if isinstance(block, Table):
        sets = {"right": sorted(block.right), "mono": sorted(block.mono)}
        return {"kind": kind, **asdict(block), **sets, "courses": [_course(course) for course in block.courses]}
    if isinstance(block, Figures):
        return {"kind": kind, "items": [{**asdict(item), "course": _course(item.course)} for item in block.items]}
    if isinstance(block, Bars):
        return {"kind": kind, **asdict(block), "start": block.start}
    return {"kind": kind, **asdict(block)}


def _course(course: Course) -> Course:
    """What of a course is drawn: how high each number stands."""
    return heights(course) if drawn(course) else ()


def _line(text: str) -> str:
    return " ".join(text.split())
