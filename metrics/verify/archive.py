"""Archives: the files of a bundle into memory, bounded, and none of its names ever used as a path."""

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from metrics.files import opened
from metrics.problems import InputError, Problem, reason_of
from metrics.verify.layout import MANIFEST, MOST
from metrics.verify.pack import stamped

# A bundle's list of files is short and lies at the very end, without comment or extension: anything else is no bundle.
_END, _END_SIZE, _EXTENDED, _EXTENDED_SIZE = b"PK\x05\x06", 22, b"PK\x06\x07", 20
_MOST_LIST, _MOST_ENTRIES = 65_536, 100
# Tables of numbers shrink to a tenth or a thirtieth; what is small may be blown up as it likes.
_MOST_RATIO, _SMALL = 250, 8_000_000
# What programs that pack again write of moments and owners, by its sign, and no more of it than that takes.
_OF_PACKERS, _MOST_EXTRA = {0x000A, 0x5455, 0x5855, 0x7855, 0x7875}, 64
# The head of an entry where its bytes lie: sign, version, flags, method, time, date, CRC, sizes, and the lengths of
# name and extra.
_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_LISTED_SIZE = 46
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED, _IN_UTF8 = 0x1 | 0x40 | 0x2000, 0x800
# The version that knows folders and these methods.
_NEEDED = 20
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
        with opened(path) as file:
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
    whole = end.startswith(_END + bytes(4) + end[10:12]) and end.endswith(bytes(2)) and not before.startswith(_EXTENDED)
    if not whole or start + length + _END_SIZE != size or length > _MOST_LIST or count > _MOST_ENTRIES:
        raise _refused("bundle_not_zip")
    file.seek(start)
    listing, at = file.read(length), 0
    for _ in range(count):
        # The lengths of name, extra and comment.
        at += _LISTED_SIZE + sum(struct.unpack_from("<HHH", listing, at + 28))
    if at != length:
        raise _refused("bundle_not_zip")


def _read(file: BinaryIO) -> Archive:
    with zipfile.ZipFile(file) as archive:
        entries = archive.infolist()
        folder = _folder(entries)
        for entry in entries:
            entry.filename = entry.filename.removeprefix(folder)
        hostile = tuple(_hostile(entries))
        if hostile:
            return Archive({}, hostile, is_usable=False)
        starts = _starts(file, entries, archive.start_dir)
        extra = tuple(
            Problem("bundle_file_extra", facts={"name": x.orig_filename})
            for x in entries
            if x.filename not in MOST and (x.filename or x.file_size)
        )
        repacked = "bundle_in_folder" if folder else None if _is_ours(entries) else "bundle_repacked"
        notes = (Problem(repacked),) if repacked else ()
        files, damaged = {}, []
        for entry in entries:
            if entry.filename in MOST:
                try:
                    files[entry.filename] = _unpacked(file, starts[entry.filename], entry)
                except _BROKEN as error:
                    damaged.append(Problem("bundle_damaged", entry.filename, facts={"reason": _reason(error)}))
        return Archive(files, (*notes, *extra, *damaged), is_usable=not damaged)


def _folder(entries: list[zipfile.ZipInfo]) -> str:
    """The folder, with its stroke, that a bundle unpacked and packed again has all its files in; else empty."""
    names = [entry.filename for entry in entries]
    folder = names[0].partition("/")[0] + "/" if names else ""
    return folder if folder + MANIFEST in names and all(name.startswith(folder) for name in names) else ""


def _starts(file: BinaryIO, entries: list[zipfile.ZipInfo], end: int) -> dict[str, int]:
    """Where each entry's bytes begin. Raises InputError unless the entries lie one behind the other, each as the list
    of files has it, with nothing between, beside or behind that only some programs would read."""
    at, starts = 0, {}
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        file.seek(at)
        sign, *told, name, extra = _LOCAL.unpack(file.read(_LOCAL.size))
        listed = [entry.extract_version, entry.flag_bits, entry.compress_type, *_moment(entry), entry.CRC]
        is_alike = told == [*listed, entry.compress_size, entry.file_size] and file.read(name) == _name(entry)
        beside = (entry.extra, file.read(extra))
        is_plain = not (entry.comment or entry.volume or entry.reserved) and all(map(_is_of_packers, beside))
        if entry.header_offset != at or sign != b"PK\x03\x04" or not is_alike or not is_plain:
            raise _refused("bundle_hidden")
        starts[entry.filename] = at + _LOCAL.size + name + extra
        at = starts[entry.filename] + entry.compress_size
    if at != end:
        raise _refused("bundle_hidden")
    return starts


def _moment(entry: zipfile.ZipInfo) -> tuple[int, int]:
    """Time and date as the head of an entry has them."""
    year, month, day, hour, minute, second = entry.date_time
    return hour << 11 | minute << 5 | second // 2, (year - 1980) << 9 | month << 5 | day


def _name(entry: zipfile.ZipInfo) -> bytes:
    """The name as the head of an entry has it."""
    return entry.orig_filename.encode("utf-8" if entry.flag_bits & _IN_UTF8 else "cp437")


def _is_of_packers(extra: bytes) -> bool:
    """Whether what stands beside an entry's head is of moments and owners alone: another name would count for some."""
    at = 0
    while at < len(extra):
        sign, length = struct.unpack_from("<HH", extra, at)
        if sign not in _OF_PACKERS:
            return False
        at += 4 + length
    return at == len(extra) <= _MOST_EXTRA


def _is_ours(entries: list[zipfile.ZipInfo]) -> bool:
    """Whether the heads are those that bundles are written with."""
    usual, attributes = stamped(""), ("external_attr", "internal_attr", "flag_bits", "extra")
    fields = ("date_time", "create_system", "create_version", "extract_version", *attributes)
    return all(getattr(entry, one) == getattr(usual, one) for entry in entries for one in fields)


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
        elif entry.compress_type not in _METHODS or entry.extract_version > _NEEDED:
            reason = f"compression {entry.compress_type}, version {entry.extract_version}"
            yield Problem("bundle_damaged", name, facts={"reason": reason})
        yield from _too_large(entry)


def _is_unsafe(name: str) -> bool:
    return name.startswith("/") or ".." in name.split("/") or any(sign in name for sign in "\\:\0")


def _too_large(entry: zipfile.ZipInfo) -> Iterator[Problem]:
    name, size, most = entry.orig_filename, entry.file_size, MOST.get(entry.filename, _SMALL)
    if size > most:
        yield Problem("bundle_too_large", facts={"name": name, "size": size, "most": most})
    elif size > _SMALL and size > _MOST_RATIO * max(1, entry.compress_size):
        yield Problem("bundle_inflates", facts={"name": name, "ratio": size // max(1, entry.compress_size)})


def _unpacked(file: BinaryIO, start: int, entry: zipfile.ZipInfo) -> bytes:
    """An entry's bytes, never more than its size says, and all of what lies there."""
    file.seek(start)
    content = file.read(entry.compress_size)
    if entry.compress_type == zipfile.ZIP_DEFLATED:
        work = zlib.decompressobj(-zlib.MAX_WBITS)
        content = work.decompress(content, entry.file_size + 1)
        if not work.eof or work.unused_data:
            raise zipfile.BadZipFile("its packed bytes do not end where they should")
    if len(content) != entry.file_size or zlib.crc32(content) != entry.CRC:
        raise zipfile.BadZipFile("not what its size or CRC says")
    return content
