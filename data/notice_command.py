"""The command of what is announced of a cycle: notice."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from data.acts import chosen, require_cycle
from data.clock import zoned
from data.notice_paper import paper
from data.notices import NUMBERS, draft, edit, public_notice, sign, versions
from data.stages import refused
from data.store import Store
from metrics.files import read_bounded, write_bytes
from metrics.visible import visible

Add = Callable[[Any, str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]

_OUT = ("--out", "--format", "--number")
_TAKES = {"notice": _OUT, "--draft": _OUT, "--edit": (*_OUT, "--reason"), "--sign": _OUT, "--public": _OUT[:2]}
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
    if options.draft:
        draft(store, *where, person=options.by)
    elif options.edit is not None:
        text = read_bounded(options.edit)
        try:
            edit(store, *where, text.decode("utf-8-sig"), person=options.by, reason=options.reason)
        except UnicodeDecodeError as error:
            raise refused("not_utf8", byte=f"{text[error.start]:#04x}") from error
    elif options.sign is not None:
        sign(store, *where, options.sign, person=options.by)
    if options.out is not None:
        _write(store, options)
    for one in versions(store, *where):
        signed = f"{one.signer} {zoned(one.signed)}" if one.is_sound else UNSIGNED[options.lang != "zh"]
        reason = WRITTEN[options.lang != "zh"] if one.reason == NUMBERS else one.reason
        number = f"第 {one.id} 版" if options.lang == "zh" else f"version {one.id}"
        print("\t".join(map(visible, (number, zoned(one.made), one.person, reason, signed))))
    return 0


def _write(store: Store, options: argparse.Namespace) -> None:
    known = versions(store, options.cycle, options.lang)
    if options.public:
        chosen = public_notice(store, options.cycle, options.lang)
    else:
        chosen = next((one for one in reversed(known) if options.number in (None, one.id)), None)
    if chosen is None:
        raise refused("no_notice", cycle=options.cycle)
    if (options.format or options.out.suffix.lower()) in ("pdf", ".pdf"):
        write_bytes(paper(store, chosen), options.out)
        return
    write_bytes(chosen.text.encode(), options.out)
    if chosen.is_sound:
        beside = {".sig": bytes.fromhex(chosen.signature), ".pem": chosen.key.encode()}
        for ending, content in beside.items():
            write_bytes(content, options.out.with_name(f"{options.out.name}{ending}"))
