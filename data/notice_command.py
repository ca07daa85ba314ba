"""The command of what is announced of a cycle: notice."""

import argparse
from pathlib import Path
from typing import Any

from data.acts import chosen, require_cycle
from data.clock import zoned
from data.notice_paper import paper
from data.notices import NUMBERS, Notice, draft, edit, public_notice, sign, versions
from data.saying import Pair, say
from data.stages import refused
from data.store import Store
from metrics.commands import Add
from metrics.files import read_bounded, write_bytes
from metrics.visible import visible

_OUT = ("--out", "--format", "--number")
_TAKES = {"notice": _OUT, "--draft": _OUT, "--edit": (*_OUT, "--of", "--reason"), "--sign": _OUT, "--public": _OUT[:2]}
WRITTEN = ("由评分卡的数写成", "written from the scorecard's numbers")
UNSIGNED = ("未签发", "not signed")


def add_notices(commands: Any, command: Add) -> None:
    """The command with its options; `command` adds it."""
    notice = command(commands, "notice", _notice, "what is announced of a cycle (--lang), and its versions")
    notice.add_argument("cycle")
    which = notice.add_mutually_exclusive_group()
    which.add_argument("--draft", action="store_true", help="a version from the cycle's numbers")
    which.add_argument("--edit", type=Path, metavar="FILE.md", help="a version from a file")
    which.add_argument("--sign", type=int, metavar="NUMBER", help="the newest version is signed with the store's key")
    which.add_argument("--public", action="store_true", help="the signed version of a public cycle, into --out")
    notice.add_argument(
        "--of", type=int, metavar="NUMBER", help="of --edit: the version that FILE.md was made of, if still the newest"
    )
    notice.add_argument("--number", type=int, help="which version goes into --out; default: the newest")
    notice.add_argument(
        "--out", type=Path, metavar="FILE", help="the text, signature and key beside it (.sig, .pem); or the PDF"
    )
    notice.add_argument("--format", choices=("md", "pdf"), help="of --out; default: as its name ends, else md")
    notice.add_argument("--by", default="", metavar="NAME", help="who does it; every change wants it")
    notice.add_argument("--reason", default="", metavar="TEXT")


def _notice(options: argparse.Namespace) -> int:
    store, where = Store(options.db), (options.cycle, options.lang)
    chosen(options, _TAKES)
    if options.out is None and (options.public or options.format or options.number is not None):
        raise refused("changes_out")
    for number in filter(None, (options.sign, options.number)):
        require_cycle(store, "notices", number, options.cycle)
    told = [_done(store, options)]
    if options.out is not None:
        told.append(_write(store, options))
    for one in versions(store, *where):
        signed = f"{one.signer} {zoned(one.signed)}" if one.is_sound else UNSIGNED[options.lang != "zh"]
        reason = WRITTEN[options.lang != "zh"] if one.reason == NUMBERS else one.reason
        number = f"第 {one.id} 版" if options.lang == "zh" else f"version {one.id}"
        print("\t".join(map(visible, (number, zoned(one.made), one.person, reason, signed))))
    for done in filter(None, told):
        say(options.lang, *done)
    return 0


def _done(store: Store, options: argparse.Namespace) -> Pair | None:
    """Does what was chosen; gives the sentence of it, None where somebody only looks."""
    where, by = (options.cycle, options.lang), options.by
    if options.draft:
        number = draft(store, *where, person=by)
        return f"已起草通报，第 {number} 版。", f"The notice is drafted, version {number}."
    if options.edit is not None:
        text = read_bounded(options.edit)
        try:
            number = edit(store, *where, text.decode("utf-8-sig"), person=by, reason=options.reason, seen=options.of)
        except UnicodeDecodeError as error:
            raise refused("not_utf8", byte=f"{text[error.start]:#04x}") from error
        return f"已记下改过的通报，第 {number} 版。", f"The edited notice is kept, version {number}."
    if options.sign is not None:
        sign(store, *where, options.sign, person=by)
        return f"通报第 {options.sign} 版已签发。", f"Version {options.sign} of the notice is signed."
    return None


def _write(store: Store, options: argparse.Namespace) -> Pair:
    """Writes a version into --out; gives the sentence of what lies there."""
    known = versions(store, options.cycle, options.lang)
    if options.public:
        chosen = public_notice(store, options.cycle, options.lang)
    else:
        chosen = next((one for one in reversed(known) if options.number in (None, one.id)), None)
    if chosen is None:
        raise refused("no_notice", cycle=options.cycle)
    if (options.format or options.out.suffix.lower()) in ("pdf", ".pdf"):
        write_bytes(paper(store, chosen), options.out)
        return _written(chosen, options.out)
    write_bytes(chosen.text.encode(), options.out)
    if chosen.is_sound:
        beside = {".sig": bytes.fromhex(chosen.signature), ".pem": chosen.key.encode()}
        for ending, content in beside.items():
            write_bytes(content, options.out.with_name(f"{options.out.name}{ending}"))
        beside_it = "，签名（.sig）和公钥（.pem）在旁", ", signature (.sig) and key (.pem) beside it"
        return _written(chosen, options.out, *beside_it)
    return _written(chosen, options.out)


def _written(notice: Notice, out: Path, zh: str = "", en: str = "") -> Pair:
    return f"通报第 {notice.id} 版已写入 {out}{zh}。", f"Version {notice.id} of the notice is written to {out}{en}."
