"""What the golden files are made of, and how each format becomes a text that a difference can be read in."""

import io
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import openpyxl

from metrics.export import FORMATS
from metrics.export.occasion import Occasion
from metrics.files import read_definitions
from metrics.scorecard import Scorecard, score
from metrics.tables import read_facts, read_regions
from metrics.verify.layout import MANIFEST

HERE = Path(__file__).parent
NOTICE = {"zh": "示例数据", "en": "Example data"}
# The formats and their languages; the second one where heads and sentences are other ones and little else is.
KEPT = {
    "csv": ("zh", "en"), "json": ("zh",), "xlsx": ("zh",), "pdf": ("zh",), "html": ("zh",), "md": ("zh", "en"),
    "bundle": ("zh",),
}  # fmt: skip
# Those that are of one region; of all regions as an area they are other ones.
REPORTS = ("html", "md", "pdf")
OPEN = Occasion(state="open", snapshot="abc123", version="3", by="张三 <z@x>", made="2026-01-02T03:04:05+00:00")


@cache
def card() -> Scorecard:
    """Two regions, two cycles, three indicators; a number is missing, a grade is capped."""
    definitions = read_definitions(HERE / "indicators.yaml")
    return score(definitions, read_facts(HERE / "facts.csv"), regions=read_regions(HERE / "regions.csv"))


def files() -> dict[str, Callable[[], bytes]]:
    """The golden files by name, and what makes each; a PDF's needs pdftotext."""
    one = {
        f"{lang}.{name}{'.txt' if name in _TEXTS else ''}": lambda name=name, lang=lang: made(name, lang)
        for name, langs in KEPT.items()
        for lang in langs
    }
    area = {
        f"zh.area.{name}{'.txt' if name in _TEXTS else ''}": lambda name=name: made(name, "zh", area=True)
        for name in REPORTS
    }
    return one | area


def made(name: str, lang: str, *, area: bool = False) -> bytes:
    """A format's bytes as a text."""
    more = {"occasion": OPEN} if name in REPORTS else {}
    regions = ["=02"] if name in REPORTS and not area else None
    content = FORMATS[name](card(), regions=regions, lang=lang, notice=NOTICE[lang], **more)
    return _TEXTS.get(name, bytes)(content)


def cells(content: bytes) -> bytes:
    """Every cell of a workbook in its place: the formula where it has one, and the value."""
    shown = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    lines = []
    for sheet in openpyxl.load_workbook(io.BytesIO(content)):
        for row in sheet.iter_rows():
            for cell in row:
                value = shown[sheet.title][cell.coordinate].value
                formula = [repr(cell.value)] if cell.data_type == "f" else []
                if cell.value not in (None, ""):
                    lines.append("\t".join([f"{sheet.title}!{cell.coordinate}", *formula, repr(value)]))
    return ("\n".join(lines) + "\n").encode()


def read_pdf(content: bytes) -> bytes:
    """What pdftotext reads, page after page."""
    done = subprocess.run(["pdftotext", "-raw", "-", "-"], input=content, capture_output=True, check=True)
    return done.stdout.replace(b"\f", b"\n--- page ---\n")


def members(content: bytes) -> bytes:
    """The files of an archive one after the other, without what names the machine's own programs."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        told = {name: archive.read(name) for name in archive.namelist() if name != MANIFEST}
    return b"".join(f"=== {name}\n".encode() + part + b"\n" for name, part in told.items())


def readable(name: str) -> bool:
    """Whether the program that a golden file is read with is there."""
    return not name.endswith(".pdf.txt") or shutil.which("pdftotext") is not None


_TEXTS: dict[str, Callable[[bytes], bytes]] = {"xlsx": cells, "pdf": read_pdf, "bundle": members}
