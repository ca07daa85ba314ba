"""Text files of which nobody says how they are written: their encoding and their delimiter, found and told."""

import codecs
import csv
import io
import re
from collections import Counter
from itertools import islice
from pathlib import Path

import data.mapping_words  # noqa: F401  (registers what the problems below say)
from metrics.problems import file_error

# That of UTF-32 begins with that of UTF-16.
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
          (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip
DELIMITERS = (",", "\t", ";", "|")
# So many characters and lines tell the delimiter.
LOOKED_AT, LINES = 200_000, 200
# GB 2312's rows: what nearly all Chinese text is written with; letters of other code pages lie outside.
_COMMON = re.compile(rb"[\xa1-\xa9\xb0-\xf7][\xa1-\xfe]")
_PAIR = re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]")
# Of so many bytes.
ENOUGH, PAIRED = 0.9, 2_000_000


def decoded(content: bytes, path: Path, encoding: str | None = None) -> tuple[str, str]:
    """A file's text and its encoding. Raises InputError where it is not in the one named, or in none that is found."""
    if encoding is not None:
        if not _is_known(encoding):
            raise file_error("unknown_encoding", path, encoding=encoding)
        try:
            return content.decode(encoding), encoding
        except UnicodeError as error:
            raise file_error("wrong_encoding", path, encoding=encoding) from error
    found = encoding_of(content)
    try:
        # utf-8-sig takes UTF-8 with a byte order mark and without.
        return content.decode("utf-8-sig" if found == "utf-8" else found), found
    except (UnicodeDecodeError, LookupError) as error:
        raise file_error("encoding_not_found", path) from error


def _is_known(encoding: str) -> bool:
    """Whether it is one in which people write texts; Python has others for what is no text, or no table."""
    try:
        name = codecs.lookup(encoding).name
        "".encode(encoding)
    except (LookupError, ValueError, TypeError):
        return False
    return name not in ("undefined", "punycode", "idna", "unicode_escape", "raw_unicode_escape", "unicode-escape")


def encoding_of(content: bytes) -> str:
    """UTF-8, UTF-16, UTF-32 or GB 18030, by the marks and the bytes themselves; "" where it is none of them."""
    for mark, name in _MARKS:
        if content.startswith(mark):
            return name
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return _wide(content) or "utf-8"
    if (wide := _wide(content)) is not None:
        return wide
    try:
        content.decode("gb18030")
    except UnicodeDecodeError:
        return ""
    pairs = _PAIR.findall(content, 0, PAIRED)
    common = sum(_COMMON.fullmatch(pair) is not None for pair in pairs)
    return "gb18030" if pairs and common >= ENOUGH * len(pairs) else ""


def _wide(content: bytes) -> str | None:
    """UTF-32 without a mark, of whose four bytes two are zero; or UTF-16, every delimiter and digit having one."""
    for name, first in (("utf-32-be", 0), ("utf-32-le", 2)) if content and len(content) % 4 == 0 else ():
        if not any(content[first:4000:4]) and not any(content[first + 1 : 4000 : 4]):
            return name
    zeros = Counter(at % 2 for at, byte in enumerate(content[:4000]) if byte == 0)
    if sum(zeros.values()) < max(2, len(content[:4000]) // 20) or len(content) % 2:
        return None
    return "utf-16-le" if zeros[1] > zeros[0] else "utf-16-be"


def delimiter_of(text: str, path: Path) -> str:
    """The delimiter by which most lines have the same number of cells, more than one."""
    if path.suffix.lower() == ".tsv":
        return "\t"
    sample = text[:LOOKED_AT].lstrip("\ufeff")
    if found := re.match(r"sep=(.)\r?\n", sample):
        return found[1]
    best, most = ",", 0
    for delimiter in DELIMITERS:
        try:
            rows = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
            widths = Counter(len(row) for row in islice(rows, LINES))
        except csv.Error:
            continue
        lines = max((count for width, count in widths.items() if width > 1), default=0)
        if lines > most:
            best, most = delimiter, lines
    return best
