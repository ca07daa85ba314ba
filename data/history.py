"""The commands of the versions: versions, propose, approve, return, withdraw, publish."""

import argparse
from pathlib import Path
from typing import Any

from data import proposals
from data.acts import chosen
from data.clock import zoned
from data.keys import tell_unsigned
from data.recorded import add_by
from data.revisions import STATES, Revision, Revisions, revisions_of, text_of
from data.saying import Pair, print_table, say
from data.store import Store
from metrics import arguments, outputs
from metrics.commands import Add
from metrics.differences import sentences
from metrics.manual import Edition, manual
from metrics.shown import cycle_words
from metrics.visible import visible

_VERSIONS = (
    ("版本", "version"), ("状态", "state"), ("自", "from"), ("摘要", "digest"), ("提交人", "author"),
    ("提交于", "submitted"), ("理由", "reason"), ("决定人", "decided by"), ("决定于", "decided"), ("答复", "answer"),
)  # fmt: skip
_PUBLISHED = (
    ("周期", "cycle"), ("结果版次", "edition"), ("按哪一版定义", "definitions"), ("公布人", "published by"),
    ("公布于", "published"),
)  # fmt: skip
_BEGINNING, _OF_FILE = ("最初", "the beginning"), ("取自指标定义文件", "taken from the definitions file")


def add_versions(commands: Any, command: Add) -> None:
    """The commands with their options; `command` adds one."""
    versions = command(commands, "versions", _versions, "every version of the definitions, or one of them")
    versions.add_argument("number", type=int, nargs="?", help="a version: what it changes")
    versions.add_argument("--text", action="store_true", help="its whole text instead")
    propose = command(commands, "propose", _propose, "a definitions file as the next version")
    propose.add_argument("file", type=Path, metavar="FILE")
    propose.add_argument("--from", dest="cycle", required=True, metavar="CYCLE", help="in force from this cycle on")
    propose.add_argument("--based-on", type=int, metavar="N", help="default: the version approved last")
    _person(propose, reason=True)
    for name, run, told in (
        ("approve", _approve, "a proposed version comes into force"),
        ("return", _return, "a proposed version goes back to its author"),
        ("withdraw", _withdraw, "the author takes a proposed version back"),
    ):
        parser = command(commands, name, run, told)
        parser.add_argument("number", type=int)
        _person(parser, reason=name == "return")
    arguments.add_doc(command(commands, "doc", _doc, "the indicator manual with every version's history"))
    publish = command(commands, "publish", _publish, "a cycle's scores become final")
    publish.add_argument("cycle")
    add_by(publish, required=True)


def _person(parser: argparse.ArgumentParser, *, reason: bool) -> None:
    add_by(parser, required=True)
    parser.add_argument("--reason", required=reason, default="", metavar="TEXT")


def _versions(options: argparse.Namespace) -> int:
    chosen(options, {"versions": (), "number": ("--text",)})
    known = revisions_of(Store(options.db))
    if options.number is None:
        _print_all(known, options.lang)
    elif options.text:
        outputs.print_document(known[options.number].text)
    else:
        print("\n".join(map(visible, changes(known, options.number, options.lang))))
    return 0


def _print_all(known: Revisions, lang: str) -> None:
    """Every version with who wrote and who decided about it, and the published cycles with the version of each."""
    print_table(_VERSIONS, [_row(one, lang) for one in known.all], lang)
    published = [
        (one.cycle, one.edition, one.revision, one.person, zoned(one.made)) for one in known.publications.values()
    ]
    if published:
        print_table(_PUBLISHED, published, lang)


def _row(one: Revision, lang: str) -> tuple[object, ...]:
    def words(pair: Pair) -> str:
        return pair[lang != "zh"]

    reason = one.reason if one.based_on is not None else words(_OF_FILE)
    return (
        one.number, words(STATES[one.state]), one.from_cycle or words(_BEGINNING), one.digest[:12], one.author,
        zoned(one.made), reason, one.decided_by, zoned(one.decided), one.answer,
    )  # fmt: skip


def changes(known: Revisions, number: int, lang: str) -> list[str]:
    """What a version changes in the one it is based on, a sentence each; nothing for the first."""
    one = known[number]
    if one.based_on is None:
        return []
    return sentences(known[one.based_on].definitions, one.definitions, lang)


def _doc(options: argparse.Namespace) -> int:
    """The manual of the version approved last, with what each version changed."""
    store = Store(options.db)
    known, notice = revisions_of(store), "示例数据" if store.settings().get("label") == "demo" else ""
    history = [
        Edition(
            str(one.number), one.made[:10], one.author, one.reason, tuple(changes(known, one.number, options.lang)),
            name="" if one.made else _OF_FILE[options.lang != "zh"],
        )
        for one in reversed(known.approved)
        if one.number
    ]  # fmt: skip
    found = manual(known.latest.definitions, lang=options.lang, history=history, notice=notice)
    return outputs.write_doc(found, options)


def _propose(options: argparse.Namespace) -> int:
    store = Store(options.db)
    text = text_of(options.file)
    based_on = revisions_of(store).latest.number if options.based_on is None else options.based_on
    number = proposals.submit(
        store, text, based_on=based_on, author=options.by, reason=options.reason, from_cycle=options.cycle
    )
    zh, en = f"已提交第 {number} 版，待另一人批准。", f"Version {number} awaits somebody else's approval."
    return say(options.lang, zh, en)


def _approve(options: argparse.Namespace) -> int:
    store, number = Store(options.db), options.number
    proposals.approve(store, number, person=options.by, reason=options.reason)
    begins = revisions_of(store)[number].from_cycle
    zh = f"第 {number} 版已批准，自 {begins} 起施行。"
    return say(options.lang, zh, f"Version {number} is approved and in force from {begins} on.")


def _return(options: argparse.Namespace) -> int:
    proposals.send_back(Store(options.db), options.number, person=options.by, reason=options.reason)
    number = options.number
    return say(options.lang, f"第 {number} 版已退回提交人。", f"Version {number} went back to its author.")


def _withdraw(options: argparse.Namespace) -> int:
    proposals.withdraw(Store(options.db), options.number, person=options.by, reason=options.reason)
    number = options.number
    return say(options.lang, f"第 {number} 版已由提交人撤回。", f"Version {number} was taken back by its author.")


def _publish(options: argparse.Namespace) -> int:
    store = Store(options.db)
    tell_unsigned(store, options.lang)
    proposals.publish(store, options.cycle, person=options.by)
    cycle, number = options.cycle, revisions_of(store).publications[options.cycle].revision
    zh = f"{cycle_words(cycle, 'zh')}的结果已公布，按第 {number} 版指标定义。"
    return say(options.lang, zh, f"The results of {cycle} are published, by version {number} of the definitions.")
