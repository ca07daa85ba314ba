"""Files that people put in: kept off the disk but while they are read, read once for all sessions, refused in words."""

import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import TypeVar

import polars as pl
import streamlit as st

from data.intake import JudgedFile, Report, import_file, judge_file
from data.mapping_file import parse_mapping
from data.recognise import Suggestion
from data.remembered import suggest_for
from data.revisions import revisions_of
from data.shown import sight_of
from data.sources import Read, read_tables
from data.store import Store
from metrics.problems import InputError
from pages.parts.i18n import t
from pages.parts.mapped_choices import plain_mapping
from pages.parts.tables import bullets
from pages.parts.words import told

# In bytes of a name on the disk, whose limit is 255; so many different texts of a column can be given a variable.
LONGEST, TEXTS = 120, 60
SHOWN = 50
_FOLDER = "quheng-upload-"
_PLACE = re.compile(rf"[^\s“”]*{_FOLDER}[^/\s]*/")
T = TypeVar("T")


@dataclass(frozen=True)
class Upload:
    """A file that a person has put in: its name as it was sent, what is in it, and the digest of that."""

    name: str
    content: bytes
    key: str

    @property
    def safe(self) -> str:
        """A name that any disk takes, which still says what the file is called and what it is."""
        path = Path(self.name.replace("\\", "/").replace("\0", "").encode("utf-8", "replace").decode())
        stem = path.stem.encode()[:LONGEST].decode(errors="ignore").strip(". ") or "facts"
        return stem + path.suffix.lower()[:10]

    @contextmanager
    def on_disk(self, mapping: str | None = None) -> Iterator[tuple[Path, Path | None]]:
        """The file, and a mapping's text beside it, for as long as they are read."""
        with tempfile.TemporaryDirectory(prefix=_FOLDER) as folder:
            file, described = Path(folder) / self.safe, Path(folder) / "mapping" / "mapping.yaml"
            file.write_bytes(self.content)
            if mapping is not None:
                described.parent.mkdir()
                described.write_text(mapping, "utf-8")
            yield file, None if mapping is None else described


def uploaded(name: str, content: bytes, file_id: str) -> Upload:
    """What was put in; a file that stays in the box is looked through once."""
    known: dict[str, str] = st.session_state.setdefault("upload keys", {})
    if file_id not in known:
        known[file_id] = sha256(content).hexdigest()
    return Upload(name, content, known[file_id])


@dataclass(frozen=True)
class Place:
    """Where a file goes: the store, as it is now, and the digest of the definitions that judge it."""

    store: Store
    snapshot: str
    digest: str


@dataclass(frozen=True)
class Found:
    """What a file seems to be, and by column of text the different texts in it: one more than `TEXTS` where there are
    more."""

    suggestion: Suggestion
    texts: dict[str, list[str]]


def found_in(place: Place, upload: Upload, person: str, sheet: str | None = None) -> Found | InputError:
    """What the file seems to be, and what this person, or else somebody for all, confirmed for such files before."""
    with st.spinner(t("正在看 {name} 里有什么…", name=upload.name)):
        key = (str(place.store.path), place.snapshot, place.digest, upload.key, upload.safe, person)
        return _found(key, sheet, place.store, upload)


@st.cache_resource(max_entries=6, ttl=3600, show_spinner=False)
def _found(key: tuple[str, ...], sheet: str | None, _store: Store, _upload: Upload) -> Found | InputError:
    def look() -> Found:
        with _upload.on_disk() as (file, _):
            # What a file is shows by all that the store knows; whose mapping is taken, by who asks.
            whole = _store.seen_with(_store.access, None)
            found = suggest_for(whole, file, sheet=sheet, person=key[-1])
            return Found(found, _texts(file, found))

    return _kept(look)


def _texts(file: Path, found: Suggestion) -> dict[str, list[str]]:
    if not found.columns:
        return {}
    read = Read.model_validate(plain_mapping(found.text).get("read", {}))
    table = read_tables(file, read)[0].frame
    heads = [column.head for column in found.columns if column.head in table.columns]
    return {
        head: table[head].cast(pl.String).drop_nulls().unique(maintain_order=True).head(TEXTS + 1).to_list()
        for head in heads
    }


def judged(
    place: Place, upload: Upload, mapping: str | None, *, replaces: int | None = None
) -> JudgedFile | InputError:
    """Every row accepted or rejected, by a mapping's text or (None) as facts in the contract's form."""
    key = (place.snapshot, place.digest, sight_of(place.store), upload.key, upload.safe)
    with st.spinner(t("正在读取 {name}…", name=upload.name)):
        return _judged(str(place.store.path), key, mapping, replaces, place.store, upload)


@st.cache_resource(max_entries=6, ttl=3600, show_spinner=False)
def _judged(
    db: str, key: tuple[object, ...], mapping: str | None, replaces: int | None, _store: Store, _upload: Upload
) -> JudgedFile | InputError:
    def look() -> JudgedFile:
        with _upload.on_disk() as (file, _):
            described = None if mapping is None else parse_mapping(mapping.encode(), file.parent / "mapping.yaml")
            return judge_file(_store, revisions_of(_store).widest, file, described, replaces=replaces)

    return _kept(look)


def _kept(look: Callable[[], T]) -> T | InputError:
    """What was found, or why nothing was: a file that cannot be read is not read again with every click."""
    try:
        return look()
    except InputError as error:
        return error


def bring(place: Place, upload: Upload, mapping: str | None, **how: object) -> Report:
    """The file into the store. Raises InputError or OSError."""
    with upload.on_disk(mapping) as (file, described), st.spinner(t("正在导入 {name}…", name=upload.name)):
        return import_file(place.store, file, mapping=described, name=upload.name, **how)  # type: ignore[arg-type]


def refused(error: Exception) -> None:
    """A file of which nothing can be used, and why."""
    st.error(t("文件不能导入"))
    problems = error.problems if isinstance(error, InputError) else ()
    bullets([escape(plain(told(problem))) for problem in problems[:SHOWN]] or [escape(plain(str(error)))])


def plain(words: str) -> str:
    """Words without the folder in which a file lay while it was read."""
    return _PLACE.sub("", words)
