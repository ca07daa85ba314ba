"""The site of a public cycle: written from what is published and signed, whole or not at all; and its command."""

import argparse
import os
import sys
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from data.backup import take_name
from data.beside import scratch_beside
from data.clock import now
from data.editions import editions
from data.exports import Export, note, notice_of, occasion_of
from data.notices import public_notice
from data.objections import public
from data.stages import asking, refused, require_all
from data.store import Store
from metrics.commands import Add
from metrics.export.site import LANGS, Announced, Published, site
from metrics.problems import InputError, file_error, reason_of
from metrics.states import Standing
from metrics.verify.pack import stamped
from metrics.visible import visible


def published(store: Store, cycle: str) -> Published:
    """What of a cycle is everybody's: its newest edition, the public cycles before it, and the signed notices.

    Raises InputError for one that is not published or not public yet, and for whoever may not export all of it.
    """
    require_all(store, asking(store), "export", cycle)
    held = store.held()
    found = editions(held)
    newest = public(found.revisions.publications.get(cycle), cycle)
    about = occasion_of(held, found, cycle, standing=Standing("published"), by="", made=newest.release or newest.made)
    number = f"{newest.edition} · {newest.reason}" if newest.edition > 1 else str(newest.edition)
    # The edition is known by its number: what the store holds beside it changes, and the pages must not.
    about = replace(about, snapshot="", editions={cycle: number})
    cards, notice = found.public(cycle, now()), {lang: notice_of(held, lang) for lang in LANGS}
    return Published(cycle, cards, about, _announced(held, cycle), notice)


def _announced(store: Store, cycle: str) -> dict[str, Announced]:
    found = {lang: public_notice(store, cycle, lang) for lang in LANGS}  # type: ignore[arg-type]
    return {
        lang: Announced(one.text, bytes.fromhex(one.signature), one.key.encode())
        for lang, one in found.items()
        if one is not None
    }


def write_site(store: Store, cycle: str, out: Path) -> tuple[dict[str, bytes], list[str]]:
    """A cycle's site into a new folder, or a .zip; gives its files, and the codes of the regions in them.

    Raises InputError as `published` does, where there is something of that name, and where it cannot be written.
    """
    out = out.absolute()
    if os.path.lexists(out):
        raise refused("site_exists", path=out)
    found = published(store, cycle)
    files = site(found)
    try:
        with scratch_beside(out) as part:
            whole = part / "whole"
            (_packed if out.suffix.lower() == ".zip" else _laid_out)(whole, files)
            take_name(whole, out)
    except OSError as error:
        if os.path.lexists(out):
            raise refused("site_exists", path=out) from error
        raise file_error("unwritable_file", out, reason=reason_of(error)) from error
    return files, found.cards[cycle].regions.filter("compared")["code"].to_list()


def _packed(whole: Path, files: Mapping[str, bytes]) -> None:
    with zipfile.ZipFile(whole, "x", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(stamped(name), content)


def _laid_out(whole: Path, files: Mapping[str, bytes]) -> None:
    whole.mkdir()
    for name, content in files.items():
        (whole / name).write_bytes(content)


def add_site(commands: Any, command: Add) -> None:
    """The command with its options; `command` adds it."""
    made = command(commands, "site", _site, "a public cycle as pages for everybody, which need no server")
    made.add_argument("--cycle", required=True)
    made.add_argument("--by", default="", metavar="NAME", help="who takes it, for the journal of exports")
    made.add_argument("--out", type=Path, required=True, metavar="DIR", help="a new folder, or a .zip")


def entry(files: Mapping[str, bytes], regions: Sequence[str], cycle: str, *, way: str, by: str, file: str) -> Export:
    """What the journal of exports has of it: the digest is of the list of names and digests, a line each."""
    listed = "".join(f"{sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items()))
    what = ("site",), tuple(regions), (cycle,), "zh,en", "published", sha256(listed.encode()).hexdigest()
    return Export(way, by, *what, sum(map(len, files.values())), file)


def _site(options: argparse.Namespace) -> int:
    store = Store(options.db)
    files, regions = write_site(store, options.cycle, options.out)
    try:
        note(store, entry(files, regions, options.cycle, way="command", by=options.by, file=options.out.name))
    except InputError as error:
        # The pages are good all the same.
        print(error.problems[0].render(error.file, options.lang), file=sys.stderr)
    place = visible(str(options.out))
    print(f"已写入 {place}（{len(files)} 个文件）" if options.lang == "zh" else f"Wrote {place} ({len(files)} files)")
    return 0
