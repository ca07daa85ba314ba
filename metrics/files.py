"""Files in and out of the command lines: definitions read, frames and bytes written whole or not at all."""

import errno
import io
import json
import os
import secrets
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import date
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Literal, overload

import polars as pl

from metrics.definitions import Definitions
from metrics.problems import InputError, file_error, reason_of
from metrics.reader import Reading, read
from metrics.yamltext import MAX_BYTES

# Who is told of what is written.
_WATCHING: ContextVar[Callable[[Path, bytes], None] | None] = ContextVar("watching", default=None)


@overload
def opened(path: Path) -> io.BufferedReader: ...
@overload
def opened(path: Path, mode: Literal["ab+"]) -> io.BufferedRandom: ...
def opened(path: Path, mode: str = "rb") -> Any:
    """A file, which is never waited for. Raises OSError, for a pipe, a device or a folder too."""
    # Whoever opens a pipe waits for one who writes into it, and a device may have no end; Windows has no such flag.
    waits_not = getattr(os, "O_NONBLOCK", 0)
    file = open(path, mode, opener=lambda name, flags: os.open(name, flags | waits_not, 0o666))  # noqa: SIM115
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "Not a regular file", str(path))
    return file


def content_of(path: Path) -> bytes:
    """The bytes of a file. Raises OSError as `opened` does."""
    with opened(path) as file:
        return file.read()


@contextmanager
def whole(target: Path, mode: int = 0o666) -> Iterator[IO[bytes]]:
    """A new file beside `target`, of a name that nothing has, which takes its place when all is written; else it goes.

    Raises OSError. Two who write at once each write their own, and the last one's stays.
    """
    part = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with open(part, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            yield file
        part.replace(target)
    finally:
        with suppress(OSError):
            part.unlink()


def read_reading(path: Path, *, today: date | None = None) -> Reading:
    """The definitions of a file with all its problems; InputError where the file cannot be read at all."""
    return read(read_bounded(path), path=str(path), today=today)


def read_bounded(path: Path) -> bytes:
    """The bytes of a definitions file, and of a larger one no more than tell that it is too large.

    InputError where it cannot be read, and where its size alone says that it is too large.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise file_error("file_too_large", path, line=1, size=size, most=MAX_BYTES)
        with opened(path) as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise file_error("unreadable_file", path, reason=reason_of(error)) from error


def read_definitions(path: Path) -> Definitions:
    """The definitions of a file; InputError with every problem where there is an error."""
    reading = read_reading(path)
    if reading.definitions is None:
        raise InputError(reading.problems, file=path)
    return reading.definitions


def write_frame(frame: pl.DataFrame, path: Path) -> None:
    """A frame as CSV, Parquet or JSON (an array of objects), by the file's ending, at full precision."""
    suffix = path.suffix.lower()
    if suffix not in (".csv", ".parquet", ".json"):
        raise file_error("unknown_format", path, format=suffix, known=".csv .parquet .json")
    content = BytesIO()
    if suffix == ".csv":
        frame.write_csv(content)
    elif suffix == ".parquet":
        frame.write_parquet(content)
    else:
        content.write(json.dumps(frame.to_dicts(), ensure_ascii=False, allow_nan=False).encode())
    write_bytes(content.getvalue(), path)


def require_writable(path: Path) -> None:
    """Raises InputError where `write_bytes` could not write a file; leaves nothing there."""
    target = _target(path)
    try:
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not _takes(target):
            with TemporaryFile(dir=target.parent):
                pass
    except OSError as error:
        raise file_error("unwritable_file", path, reason=reason_of(error)) from error


def _target(path: Path) -> Path:
    """Where a link points to. Raises InputError for a path without a name."""
    if not path.name:
        raise file_error("unwritable_file", path, reason="no file name")
    return Path(os.path.realpath(path))


def _takes(target: Path) -> bool:
    """Whether a pipe or a device is there, which takes what it is given."""
    return target.exists() and not target.is_file() and not target.is_dir()


def write_bytes(content: bytes, path: Path) -> None:
    """A file written whole or not at all, where a link points to; InputError where it cannot be written."""
    target = _target(path)
    try:
        if _takes(target):
            # Replaced by a file it would be lost.
            target.write_bytes(content)
        else:
            with whole(target) as part:
                part.write(content)
    except OSError as error:
        raise file_error("unwritable_file", path, reason=reason_of(error)) from error
    if tell := _WATCHING.get():
        tell(path, content)


@contextmanager
def watched(tell: Callable[[Path, bytes], None]) -> Iterator[None]:
    """Inside, each file that `write_bytes` has written is told, with what is in it."""
    before = _WATCHING.set(tell)
    try:
        yield
    finally:
        _WATCHING.reset(before)
