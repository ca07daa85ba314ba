"""The commands of rights and of the journal: grant, revoke, grants, journal."""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from data.audit_words import files_of, told_of, way_words
from data.called import region_called
from data.clock import zoned
from data.grants import give, grants, revoke
from data.journal import Journal
from data.recorded import Entry, add_by, beyond, entries, found_broken, journal_of
from data.rights import ROLE_NAMES, ROLES, Grant
from data.saying import places, print_table, say
from data.stages import refused
from data.store import Store
from metrics.commands import DONE, USER_ERROR, Add
from metrics.problems import file_error
from metrics.visible import visible

_ALL, _EARLY = ("全部", "all"), ("可看", "yes")
_HEADS = (
    ("编号", "number"), ("人", "person"), ("角色", "role"), ("地区", "region"), ("周期", "cycles"),
    ("未公布的结果", "before publication"), ("自", "since"), ("至", "until"), ("撤销于", "revoked"),
    ("授权人", "by"), ("理由", "reason"),
)  # fmt: skip


def add_rights(commands: Any, command: Add) -> None:
    """The commands with their options; `command` adds one."""
    giving = command(commands, "grant", _grant, "a role for somebody, in a part of the region tree, for some days")
    giving.add_argument("person", metavar="PERSON", help="as sign-in knows them, an address of mail for instance")
    giving.add_argument("role", choices=tuple(ROLES))
    giving.add_argument("--region", default="", metavar="NAME", help="a region or area, by name or code; default: all")
    giving.add_argument("--cycle", action="append", default=[], metavar="CYCLE", help="may be repeated; default: all")
    giving.add_argument("--provisional", action="store_true", help="results may be seen before they are published")
    giving.add_argument("--since", default="", metavar="DATE", help="default: today")
    giving.add_argument("--until", default="", metavar="DATE", help="the last day; default: no end")
    ending = command(commands, "revoke", _revoke, "ends a grant")
    ending.add_argument("number", type=int, metavar="NUMBER")
    for parser in (giving, ending):
        add_by(parser, required=True)
        parser.add_argument("--reason", required=True, metavar="TEXT")
    command(commands, "grants", _grants, "every grant there ever was")
    told = command(commands, "journal", _journal, "what people did, saw and were refused")
    told.add_argument("what", nargs="?", choices=("show", "verify", "export"), default="show")
    told.add_argument("--file", type=Path, metavar="FILE", help="verify a journal that was taken away")


def _grant(options: argparse.Namespace) -> int:
    days = {"since": options.since, "until": options.until, "provisional": options.provisional}
    why = {"giver": options.by, "reason": options.reason}
    store = Store(options.db)
    region = options.region and region_called(store, options.region, areas=True)
    grant = Grant(0, options.person, options.role, region, tuple(options.cycle), **days, **why)
    number = give(store, grant)
    return say(options.lang, f"已授权，编号 {number}。", f"Granted, number {number}.")


def _revoke(options: argparse.Namespace) -> int:
    revoke(Store(options.db), options.number, person=options.by, reason=options.reason)
    return say(options.lang, f"已撤销第 {options.number} 号授权。", f"Grant {options.number} is revoked.")


def _grants(options: argparse.Namespace) -> int:
    store, english = Store(options.db), options.lang != "zh"
    called, comma = places(store, options.lang), ", " if english else "、"
    rows = [
        (
            one.number, one.person, ROLE_NAMES[one.role][english] if one.role in ROLE_NAMES else one.role,
            called(one.region) if one.region else _ALL[english], comma.join(one.cycles) or _ALL[english],
            _EARLY[english] if "see_provisional" in one.actions else "",
            one.since, one.until, zoned(one.revoked), one.giver, one.reason,
        )
        for one in grants(store)
    ]  # fmt: skip
    print_table(_HEADS, rows, options.lang)
    return DONE


def _journal(options: argparse.Namespace) -> int:
    if options.file is not None:
        if options.what != "verify":
            act = f"journal {options.what}"
            raise refused("option_unused", option="--file", act=act, others="journal verify")
        return _verify_file(options)
    store = Store(options.db)
    store.snapshot()
    if options.what == "verify":
        return _verify(options, store)
    names = _names(store, options.lang)
    for one in entries(store.path):
        print(_line(one, names, options.lang) if options.what == "show" else _whole(one))
    return DONE


def _names(store: Store, lang: str) -> dict[str, str]:
    """What areas, regions and files are called."""
    areas = store.query(f"SELECT area, name_{lang} FROM areas").rows()
    return {**dict([*areas, *store.query(f"SELECT code, name_{lang} FROM regions").rows()]), **files_of(store, lang)}


def _verify(options: argparse.Namespace, store: Store) -> int:
    broken, cut, open_ = found_broken(store)
    _tell_broken(options, broken)
    if cut:
        zh, en = "末尾少了行，或换成了别的行", "lines are missing at the end, or others are in their place"
        print(en if options.lang == "en" else zh, file=sys.stderr)
    for change in open_:
        zh, en = f"开始了而没有做完：{change}", f"begun and not done: {change}"
        print(visible(en if options.lang == "en" else zh))
    if broken or cut:
        return USER_ERROR
    count = beyond(store)
    _whole_told(options, journal_of(store.path))
    zh = f"其中末尾 {count} 行在数据库最后一次改动以后：截去或重写这几行，看不出"
    en = f"the last {count} of them are later than the store's last change: a cut or rewriting of these does not show"
    return say(options.lang, zh, en)


def _verify_file(options: argparse.Namespace) -> int:
    """A journal alone: whether it is whole; whether its end is the store's is told by the digest of its last line."""
    journal = Journal(options.file)
    if not journal.file.is_file():
        raise file_error("unreadable_file", options.file, reason="No such file or directory")
    broken = journal.broken()
    _tell_broken(options, broken)
    return USER_ERROR if broken else _whole_told(options, journal)


def _tell_broken(options: argparse.Namespace, broken: list[int]) -> None:
    for number in broken:
        zh = f"第 {number} 行与前一行对不上：被改过，或它前面少了行"
        en = f"line {number} does not follow from the one before: it was changed, or one before it is gone"
        print(en if options.lang == "en" else zh, file=sys.stderr)


def _whole_told(options: argparse.Namespace, journal: Journal) -> int:
    count, digest = journal.head()
    return say(
        options.lang, f"完整：{count} 行，末行摘要 {digest}", f"whole: {count} lines, digest of the last line {digest}"
    )


def _line(one: Entry, places: Mapping[str, str], lang: str) -> str:
    """One line in words; all that it has is in what `journal export` writes."""
    what, more = told_of(one.kind, one.what, places, lang)
    told = (str(one.number), zoned(one.made), what, one.person or "—", way_words(one.known, lang), more or "—")
    return "\t".join(map(visible, told))


def _whole(one: Entry) -> str:
    told = {"number": one.number, "made": one.made, "kind": one.kind, "person": one.person, "known": one.known}
    return json.dumps({**told, **one.what}, ensure_ascii=False)
