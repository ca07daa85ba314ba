"""PDF: a manual on A4."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from metrics.export.typesetter import pdf
from metrics.manual.blocks import Block, Formula, Manual, Table
from metrics.typeset import typeset

TEMPLATE = Path(__file__).with_name("manual.typ")


def write(manual: Manual) -> bytes:
    """The manual as a PDF. InputError where typst or its font is not installed."""
    return pdf(TEMPLATE, _data(manual))


def _data(manual: Manual) -> dict[str, Any]:
    """The manual as plain data for the template."""
    version = f"{'版本' if manual.lang == 'zh' else 'Version'} {manual.version}" if manual.version else ""
    return {
        "title": _line(manual.title),
        "kind": manual.kind,
        "lang": manual.lang,
        "notice": _line(manual.notice),
        "footer": version,
        "about": manual.about,
        "blocks": [_block(block) for block in manual.blocks],
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
