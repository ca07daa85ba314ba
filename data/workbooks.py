"""Workbooks as sheets of text, read in a process of their own that has no more memory and time than it is given."""

import json
import os
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

import data.mapping_words  # noqa: F401  (registers what the problems below say)
from metrics.files import opened
from metrics.problems import InputError, file_error, reason_of

_CHILD = Path(__file__).with_name("workbook_child.py")
# In bytes: a file, and what it unpacks to; in cells: a sheet.
MOST, UNPACKED, CELLS = 200_000_000, 2_000_000_000, 20_000_000
# From so many bytes on a part may be so many times as long as it is packed; cells all alike are 25 times.
LONG, TIMES = 50_000_000, 100
# What the process may take: bytes of address space, seconds.
MEMORY, SECONDS = 3 << 30, 120


@dataclass(frozen=True)
class Bounds:
    """How much a workbook may be and take: bytes of the file and unpacked, of a part that nearly nothing becomes, cells
    of a sheet, memory, seconds."""

    most: int = MOST
    unpacked: int = UNPACKED
    long: int = LONG
    cells: int = CELLS
    memory: int = MEMORY
    seconds: int = SECONDS


@dataclass(frozen=True)
class Book:
    """`sheets`: the names in order; `grids`: those that were asked for, each cell as text, numbers to the last digit;
    `hidden`: sheets that Excel does not show, `hidden_rows`: such rows by sheet; `was_encrypted`: with Excel's default
    password.
    """

    sheets: tuple[str, ...]
    grids: Mapping[str, pl.DataFrame]
    hidden: tuple[str, ...]
    was_encrypted: bool
    hidden_rows: Mapping[str, Sequence[int]] = field(default_factory=dict)


def read_book(path: Path, sheets: Sequence[str | int] = (), *, bounds: Bounds = Bounds()) -> Book:
    """The sheets (by name or number from 1; default: all) of an .xlsx or .xls file.

    Raises InputError for a file that is absent, too large, no workbook, encrypted, without such a sheet, or one that
    takes more memory or time than `bounds` allows: whatever is in it, this process goes on.
    """
    _refuse_large(path, bounds)
    with tempfile.TemporaryDirectory(prefix="quheng-") as name:
        folder = Path(name)
        report = _report(path, folder, sheets, bounds)
        if "failure" in report:
            raise _failed(report, path, bounds)
        names = list(report["sheets"])
        for wanted in sheets:
            if wanted not in names if isinstance(wanted, str) else not 0 < wanted <= len(names):
                raise file_error("unknown_sheet", path, sheet=wanted, known=", ".join(names))
        grids = {sheet: pl.read_ipc((folder / file).read_bytes()) for sheet, file in report["found"].items()}
    return Book(tuple(names), grids, tuple(report["hidden"]), bool(report["was_encrypted"]), report["hidden_rows"])


def _refuse_large(path: Path, bounds: Bounds) -> None:
    try:
        with opened(path):
            size = path.stat().st_size
        if size > bounds.most:
            raise file_error("file_too_large", path, size=size, most=bounds.most)
        if not zipfile.is_zipfile(path):
            return
        with zipfile.ZipFile(path) as packed:
            for entry in packed.infolist():
                _refuse_puffed(packed, entry, path, bounds)
            unpacked = sum(entry.file_size for entry in packed.infolist())
    except OSError as error:
        raise file_error("unreadable_file", path, reason=reason_of(error)) from error
    except (zipfile.BadZipFile, RuntimeError, ValueError) as error:
        raise file_error("not_a_table", path, reason=str(error)) from error
    if unpacked > bounds.unpacked:
        raise file_error("file_too_large", path, size=unpacked, most=bounds.unpacked)


def _refuse_puffed(packed: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path, bounds: Bounds) -> None:
    """Raises InputError for a part that grows out of nearly nothing; else it has the size that it really unpacks to."""
    told, size = entry.file_size, 0
    # What it says of its own length and content is not believed.
    entry.file_size, entry.CRC = bounds.unpacked + 1, None  # type: ignore[assignment]
    with suppress(zlib.error, EOFError), packed.open(entry) as part:
        while told <= bounds.unpacked and (some := len(part.read(1 << 20))):
            size += some
            if size > max(bounds.long, TIMES * entry.compress_size):
                raise file_error("workbook_puffed", path, packed=entry.compress_size, long=bounds.long, times=TIMES)
    entry.file_size = max(told, size)


def _report(path: Path, folder: Path, sheets: Sequence[str | int], bounds: Bounds) -> dict[str, Any]:
    """What the process says, or how it ended."""
    wanted = [sheet if isinstance(sheet, str) else f"#{sheet}" for sheet in sheets]
    given = (path.absolute(), folder, bounds.memory, bounds.seconds, bounds.cells, *wanted)
    line = [sys.executable, "-I", str(_CHILD), *map(str, given)]
    # One thread: others would only take memory, and there may be many such processes.
    kept = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    environment |= {"POLARS_MAX_THREADS": "1", "RAYON_NUM_THREADS": "1"}
    try:
        # Time on the clock runs faster than the processor's where others work, so that it is given twice.
        subprocess.run(line, stdin=subprocess.DEVNULL, capture_output=True, env=environment, timeout=2 * bounds.seconds)
        report: dict[str, Any] = json.loads((folder / "report.json").read_bytes())
    except (subprocess.TimeoutExpired, OSError, ValueError):
        return {"failure": "exhausts"}
    return report


def _failed(report: Mapping[str, Any], path: Path, bounds: Bounds) -> InputError:
    if report["failure"] == "encrypted":
        return file_error("encrypted_file", path)
    if report["failure"] == "too_large":
        rows, columns = report["rows"], report["columns"]
        return file_error("sheet_too_large", path, rows=rows, columns=columns, most=bounds.cells)
    if report["failure"] == "not_a_table":
        return file_error("not_a_table", path, reason=report["reason"])
    return file_error("workbook_exhausts", path, memory=bounds.memory >> 20, seconds=bounds.seconds)
