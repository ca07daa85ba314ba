"""Archives: the files of a bundle into memory, bounded, and none of its names ever used as a path."""

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from metrics.problems import InputError, Problem, reason_of
from metrics.verify.layout import MANIFEST, MOST

# A bundle's list of files is short and lies at the very end, without comment or extension: anything else is no bundle.
_END, _END_SIZE, _EXTENDED, _EXTENDED_SIZE = b"PK\x05\x06", 22, b"PK\x06\x07", 20
_MOST_LIST, _MOST_ENTRIES = 65_536, 100
# Tables of numbers shrink to a tenth or a thirtieth; what is small may be blown up as it likes.
_MOST_RATIO, _SMALL = 250, 8_000_000
_PIECE = 1 << 20
# The head of an entry where its bytes lie: sign, version, flags, method, moment, CRC, sizes, lengths of name and extra.
_LOCAL = struct.Struct("<4sHHHIIIIHH")
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_BROKEN = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    ValueError,
    EOFError,
    zlib.error,
    OSError,
    IndexError,
    struct.error,
)


@dataclass(frozen=True)
class Archive:
    """The files that could be read, by name, and what is wrong with others; `is_usable`: none of that is hostile."""

    files: dict[str, bytes]
    problems: tuple[Problem, ...]
    is_usable: bool


def read_archive(path: Path) -> Archive:
    """A bundle's files. Raises InputError where the file cannot be read, or is no archive at all."""
    try:
        with path.open("rb") as file:
            if not stat.S_ISREG(path.stat().st_mode):
                raise _refused("bundle_not_zip")
            _look_at_end(file)
            return _read(file)
    except _BROKEN as error:
        if isinstance(error, OSError) and error.filename is not None:
            raise InputError([Problem("unreadable_file", facts={"reason": reason_of(error)})]) from error
        raise _refused("bundle_damaged", reason=_reason(error)) from error


def _refused(code: str, **facts: object) -> InputError:
    return InputError([Problem(code, facts=facts)])


def _reason(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _look_at_end(file: BinaryIO) -> None:
    """Refuses what is no zip file or has a list of files that would take long to read. Raises InputError."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _END_SIZE - _EXTENDED_SIZE))
    tail = file.read()
    end, before = tail[-_END_SIZE:], tail[:-_END_SIZE][-_EXTENDED_SIZE:]
    count, length, start = (int.from_bytes(end[a:b], "little") for a, b in ((10, 12), (12, 16), (16, 20)))
    whole = end.startswith(_END) and not before.startswith(_EXTENDED) and start + length + _END_SIZE == size
    if not whole or length > _MOST_LIST or count > _MOST_ENTRIES:
        raise _refused("bundle_not_zip")
    file.seek(0)


def _read(file: BinaryIO) -> Archive:
    with zipfile.ZipFile(file) as archive:
        entries = archive.infolist()
        folder = _folder(entries)
        for entry in entries:
            entry.filename = entry.filename.removeprefix(folder)
        hostile = tuple(_hostile(entries))
        if hostile:
            return Archive({}, hostile, is_usable=False)
        if not _is_tight(file, entries, archive.start_dir):
            raise _refused("bundle_hidden")
        extra = tuple(
            Problem("bundle_file_extra", facts={"name": x.orig_filename})
            for x in entries
            if x.filename not in MOST and (x.filename or x.file_size)
        )
        repacked = (Problem("bundle_in_folder"),) if folder else ()
        files, damaged = {}, []
        for entry in entries:
            if entry.filename in MOST:
                try:
                    files[entry.filename] = _unpacked(archive, entry)
                except _BROKEN as error:
                    damaged.append(Problem("bundle_damaged", entry.filename, facts={"reason": _reason(error)}))
        return Archive(files, (*repacked, *extra, *damaged), is_usable=not damaged)


def _folder(entries: list[zipfile.ZipInfo]) -> str:
    """The folder, with its stroke, that a bundle unpacked and packed again has all its files in; else empty."""
    names = [entry.filename for entry in entries]
    folder = names[0].partition("/")[0] + "/" if names else ""
    return folder if folder + MANIFEST in names and all(name.startswith(folder) for name in names) else ""


def _is_tight(file: BinaryIO, entries: list[zipfile.ZipInfo], end: int) -> bool:
    """Whether the entries lie one behind the other, each as the list of files has it, with nothing between.

    Programs that read an archive from its beginning would find other files there than those that read the list.
    """
    at = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        file.seek(at)
        sign, _, flags, method, _, crc, packed, size, name, extra = _LOCAL.unpack(file.read(_LOCAL.size))
        listed = (entry.flag_bits, entry.compress_type, entry.CRC, entry.compress_size, entry.file_size)
        if entry.header_offset != at or sign != b"PK\x03\x04" or (flags, method, crc, packed, size) != listed:
            return False
        at += _LOCAL.size + name + extra + packed
    return at == end


def _hostile(entries: list[zipfile.ZipInfo]) -> Iterator[Problem]:
    """What no bundle has, and what no one should unpack."""
    seen = set()
    for entry in entries:
        name = entry.orig_filename
        if _is_unsafe(name):
            yield Problem("bundle_unsafe_name", facts={"name": name})
        if entry.filename in seen:
            yield Problem("bundle_file_twice", facts={"name": name})
        seen.add(entry.filename)
        if stat.S_ISLNK(entry.external_attr >> 16):
            yield Problem("bundle_link", facts={"name": name})
        if entry.flag_bits & _ENCRYPTED:
            yield Problem("bundle_encrypted", facts={"name": name})
        elif entry.compress_type not in _METHODS:
            yield Problem("bundle_damaged", name, facts={"reason": f"compression {entry.compress_type}"})
        yield from _too_large(entry)


def _is_unsafe(name: str) -> bool:
    return name.startswith("/") or ".." in name.split("/") or any(sign in name for sign in "\\:\0")


def _too_large(entry: zipfile.ZipInfo) -> Iterator[Problem]:
    name, size, most = entry.orig_filename, entry.file_size, MOST.get(entry.filename, _SMALL)
    if size > most:
        yield Problem("bundle_too_large", facts={"name": name, "size": size, "most": most})
    elif size > _SMALL and size > _MOST_RATIO * max(1, entry.compress_size):
        yield Problem("bundle_inflates", facts={"name": name, "ratio": size // max(1, entry.compress_size)})


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """An entry's bytes, piece by piece, and never more than its size says."""
    content = bytearray()
    with archive.open(entry) as source:
        while piece := source.read(_PIECE):
            content += piece
            if len(content) > entry.file_size:
                raise zipfile.BadZipFile("longer than it says")
    if len(content) != entry.file_size:
        raise zipfile.BadZipFile("shorter than it says")
    return bytes(content)
