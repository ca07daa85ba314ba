"""Many files at once: each region's in each format, under names that say what they are, in a folder or an archive."""

import os
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from inspect import signature
from pathlib import Path
from typing import IO

from metrics.export import FORMATS
from metrics.export.occasion import Occasion
from metrics.files import whole, write_bytes
from metrics.problems import InputError, Problem, file_error, reason_of
from metrics.scorecard import Scorecard
from metrics.series import Cards
from metrics.states import warning

# What a file of each format is called by; a format that is not here is called as it is.
NAMES: dict[str, tuple[str, str]] = {
    "csv": ("明细表", "rows"),
    "json": ("数据", "data"),
    "xlsx": ("工作簿", "workbook"),
    "pdf": ("报告", "report"),
    "html": ("网页", "page"),
    "md": ("文稿", "text"),
    "bundle": ("复核包", "bundle"),
}
ENDINGS = {"bundle": "zip"}
SUMS, ABSENT = "SHA256SUMS.txt", "NOT-WRITTEN.txt"
# The earliest time that an archive knows: the same files are the same archive.
TIME = (1980, 1, 1, 0, 0, 0)
# In bytes: region alone, region and code, and each of cycle and format. With a counter a name stays within the 255 that
# file systems take.
LONGEST, SHORTER, SHORTEST = 120, 70, 40
File = tuple[str, Callable[[], bytes]]
# A file that could not be made, and why.
Absent = tuple[str, Problem]


@dataclass(frozen=True)
class Asked:
    """What of a scorecard is written: cycles, language, notice, and for the reports where it comes from.

    `area` is what several regions are called together, where they have a name; `bundled` gives the scorecard that a
    bundle is made of, where that is another.
    """

    card: Scorecard
    periods: Sequence[str] | None = None
    lang: str = "zh"
    notice: str = ""
    series: Cards | None = None
    occasion: Occasion | None = None
    area: str = ""
    bundled: Callable[[], Scorecard] | None = None

    def write(self, form: str, regions: Sequence[str] | None) -> bytes:
        """The bytes of a format; it is given what it takes."""
        more = {"series": self.series, "occasion": self.occasion, "area": self.area}
        taken = signature(FORMATS[form]).parameters
        own = {name: value for name, value in more.items() if name in taken}
        notice = self.notice if "occasion" in own else self._marked()
        card = self.bundled() if form == "bundle" and self.bundled is not None else self.card
        return FORMATS[form](card, regions=regions, periods=self.periods, lang=self.lang, notice=notice, **own)

    def _marked(self) -> str:
        """The notice, and that the scores may still change, or are not public, where that is so."""
        mark = warning(*(self.occasion or Occasion()).standing, self.lang)
        return ("；" if self.lang == "zh" else "; ").join(filter(None, (self.notice, mark)))

    @property
    def cycles(self) -> str:
        """The cycle in a file's name; of several the first and the last."""
        known = list(self.card.periods if self.periods is None else self.periods)
        return "-".join(dict.fromkeys((*known[:1], *known[-1:])))

    def each(self, regions: Sequence[str], forms: Sequence[str]) -> Iterator[File]:
        """A file for each region and format, no two of names that a file system takes for one."""
        names = dict(self.card.regions.select("code", f"name_{self.lang}").iter_rows())
        taken: set[str] = set()
        for region in regions:
            for form in forms:
                name = file_name(names.get(region) or region, self.cycles, form, self.lang, code=region, taken=taken)
                taken.add(_folded(name))
                yield name, lambda form=form, region=region: self.write(form, [region])  # type: ignore[misc]


def file_name(who: str, cycle: str, form: str, lang: str, *, code: str = "", taken: Iterable[str] = ()) -> str:
    """REGION_CYCLE_FORMAT.ENDING with letters, digits and hyphens only; with the code where the name is `taken`."""
    word = NAMES[form][lang != "zh"] if form in NAMES else form
    ending = f"_{_safe(cycle, SHORTEST)}_{_safe(word, SHORTEST)}.{ENDINGS.get(form, form)}"
    tries = [_safe(who) or _safe(code) or "-", f"{_safe(who, SHORTER)}-{_safe(code, SHORTER)}"]
    held = set(taken)
    for first in tries:
        if _folded(first + ending) not in held:
            return first + ending
    found = next(number for number in range(2, len(held) + 3) if _folded(f"{tries[1]}-{number}{ending}") not in held)
    return f"{tries[1]}-{found}{ending}"


def _safe(text: str, longest: int = LONGEST) -> str:
    """Letters and digits of any script, all else a hyphen: no path, no markup, no sign that turns the direction."""
    plain = re.sub(r"[\W_]+", "-", unicodedata.normalize("NFC", text)).strip("-")
    return plain.encode()[:longest].decode(errors="ignore").strip("-")


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def made(parts: Iterable[File], absent: list[Absent]) -> Iterator[tuple[str, bytes]]:
    """Every file with its bytes, one at a time; what cannot be made is added to `absent`, and said in a file; at the
    end the digests of all, as `sha256sum -c` reads them. Raises InputError where nothing can be made."""
    sums = []
    for name, make in parts:
        try:
            content = make()
        except InputError as error:
            absent.append((name, error.problems[0]))
            continue
        sums.append(f"{sha256(content).hexdigest()}  {name}\n")
        yield name, content
    if absent and not sums:
        raise InputError([absent[0][1]])
    if absent:
        content = "".join(f"{name}\n  {why.message('zh')}\n  {why.message('en')}\n" for name, why in absent).encode()
        sums.append(f"{sha256(content).hexdigest()}  {ABSENT}\n")
        yield ABSENT, content
    yield SUMS, "".join(sums).encode()


def into_archive(file: IO[bytes], parts: Iterable[File]) -> list[Absent]:
    """The files one after the other into a .zip; gives those that could not be made. Raises as `made`."""
    absent: list[Absent] = []
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in made(parts, absent):
            _add(archive, name, content)
    return absent


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, TIME)
    # Workbooks and archives are packed already.
    entry.compress_type = zipfile.ZIP_STORED if name.endswith((".xlsx", ".zip")) else zipfile.ZIP_DEFLATED
    archive.writestr(entry, content)


def archive(path: Path, parts: Iterable[File]) -> list[Absent]:
    """The files as one .zip, whole or not at all; gives those that could not be made.

    Raises InputError where it cannot be written, and as `made`.
    """
    try:
        with whole(Path(os.path.realpath(path))) as file:
            return into_archive(file, parts)
    except OSError as error:
        raise file_error("unwritable_file", path, reason=reason_of(error)) from error


def into_folder(folder: Path, parts: Iterable[File]) -> list[Absent]:
    """The files into a new or an empty folder; gives those that could not be made.

    Raises InputError for another folder, where a file cannot be written, and as `made`.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        filled = next(folder.iterdir(), None) is not None
    except OSError as error:
        raise file_error("unwritable_file", folder, reason=reason_of(error)) from error
    if filled:
        raise file_error("folder_not_empty", folder)
    absent: list[Absent] = []
    for name, content in made(parts, absent):
        write_bytes(content, folder / name)
    return absent
