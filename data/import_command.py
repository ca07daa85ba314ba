"""The command that brings facts in: import."""

import argparse
import json
import re
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from data.checks import RULES
from data.recorded import add_by
from data.saying import places, say
from data.store import Store
from data.told import WORDS
from metrics.commands import DONE, USER_ERROR, Add
from metrics.problems import InputError, Problem, nearest
from metrics.visible import visible

_LABELS = {
    "read": ("读入", "read"),
    "accepted": ("接受", "accepted"),
    "rejected": ("拒绝", "rejected"),
    "batch": ("批次", "batch"),
}
_MORE = {
    "rejections": ("未列出的拒绝，全部见 --rejections", "rejections not listed, which --rejections writes"),
    "warnings": ("未列出的提示，入库后见 python -m data warnings", "warnings not listed, see python -m data warnings"),
}
# What a reason begins with, or is, where it is of one rule.
_RULE = re.compile(r"\s*([A-Za-z][\w-]*)\s*(?:[=＝]|$)", re.ASCII)


def add_import(commands: Any, command: Add) -> None:
    """The command with its options; `command` adds one."""
    imported = command(commands, "import", _import, "facts from a file, all or nothing")
    imported.add_argument("file", type=Path, metavar="FILE")
    imported.add_argument("--mapping", type=Path, metavar="M.yaml")
    imported.add_argument("--report", type=Path, metavar="OUT.json")
    imported.add_argument("--rejections", type=Path, metavar="OUT.csv", help="every rejected row, however many")
    imported.add_argument("--sender", default="", metavar="NAME", help="who reports; default: --by")
    imported.add_argument(
        "--accept-valid", action="store_true", help="store the rows in order although others are rejected"
    )
    imported.add_argument(
        "--reason", action="append", default=[], metavar="RULE=TEXT", help="why warnings may pass; TEXT alone: of all"
    )
    add_by(imported)
    imported.add_argument("--replaces", type=int, metavar="BATCH", help="nothing of that batch holds any more")


def _import(options: argparse.Namespace) -> int:
    from data.doubted import Named
    from data.intake import JudgedFile, import_file
    from data.listed import rejections
    from data.mapping_words import counted, passed_over
    from data.revisions import revisions_of
    from metrics.files import require_writable, write_bytes

    store = Store(options.db)
    if options.report is not None:
        # Before anything is stored, so that no import goes unreported.
        require_writable(options.report)

    def look(judged: JudgedFile) -> None:
        if options.rejections is not None:
            write_bytes(rejections(judged, options.lang), options.rejections)

    try:
        report = import_file(
            store,
            options.file,
            mapping=options.mapping,
            sender=options.sender,
            person=options.by,
            accept_valid=options.accept_valid,
            replaces=options.replaces,
            reasons=_reasons(options.reason),
            look=look,
        )
    except InputError as error:
        raise InputError([*error.problems, *_way(error, options)], file=error.file) from error
    lang = options.lang
    if options.report is not None:
        text = json.dumps(report.as_dict(lang), ensure_ascii=False, indent=2) + "\n"
        write_bytes(text.encode(), options.report)
    if report.already:
        if options.replaces is not None:
            facts = {"batch": report.batch, "other": options.replaces}
            print(Problem("replaces_not_done", facts=facts).render("", lang), file=sys.stderr)
        return say(
            lang,
            f"此文件已在批次 {report.batch} 中，未作改动",
            f"This file is batch {report.batch} already; nothing changed",
        )
    called = places(store, lang)
    named = Named(revisions_of(store).widest, called, lang, coded=True)
    for problem in (*report.rejections, *map(named.told, report.warnings)):
        # Of a workbook the sheet and the cell, as a spreadsheet calls them.
        cell = f" [{visible(str(problem.facts['cell']))}]" if "cell" in problem.facts else ""
        whose = f" [{called(str(problem.facts['whose']))}]" if "whose" in problem.facts else ""
        print(problem.render(str(options.file), lang) + cell + whose, file=sys.stderr)
    for name, count in report.more.items():
        print(f"{_MORE[name][lang != 'zh']}: {count}", file=sys.stderr)
    for name in ("read", "accepted", "rejected"):
        print(f"{_label(name, lang)}: {getattr(report, name)}")
    for words, count in passed_over(report.left_out, lang).items():
        print(visible(f"未采用（{words}）: {count}" if lang == "zh" else f"left out ({words}): {count}"))
    for line in counted(report.read_as, report.taken, lang):
        print(line)
    print(f"{_label('batch', lang)}: {report.batch if report.batch is not None else '—'}")
    if report.batch is None:
        zh, en = "有被拒绝的，全部未入库。", "Some records were rejected, so nothing was stored."
        if report.accepted:
            zh += f"改正后重新导入；或加 --accept-valid，只入库合格的 {report.accepted} 条。"
            en += f" Mend them and import again, or store the {report.accepted} in order with --accept-valid."
        say(lang, zh, en)
        return USER_ERROR
    _tell_checked(store, report.batch, lang)
    _tell_changed(store, report.batch, options)
    _want_reasons(store, report.batch, options)
    return DONE


def _way(error: InputError, options: argparse.Namespace) -> list[Problem]:
    """How a file that is not in the canonical form may be read all the same."""
    from data.sources import FORMATS

    codes, own = {one.code for one in error.problems}, error.file == str(options.file)
    if options.mapping is not None or not own or not codes & {"not_utf8", "missing_column"}:
        return []
    if options.file.suffix.lower() not in FORMATS:
        return []
    return [Problem("mapping_helps", facts={"path": shlex.quote(visible(str(options.file))), "at": _at(options)})]


def _tell_checked(store: Store, batch: int, lang: str) -> None:
    """Says how many facts the file itself calls reviewed or verified, if any: they count as that."""
    sql = "SELECT status, count(*) FROM facts WHERE batch = $batch AND status <> 'reported' GROUP BY 1 ORDER BY 1"
    counts = store.query(sql, batch=batch).rows()
    parts = [f"{WORDS[status][lang != 'zh']} {count}" for status, count in counts]
    if parts:
        told = ("，" if lang == "zh" else ", ").join(parts)
        print(f"{'按文件记为' if lang == 'zh' else 'as the file says'}: {told}")


def _tell_changed(store: Store, batch: int, options: argparse.Namespace) -> None:
    """Says how many facts that held a batch has changed, if any, and how to see which."""
    from data.corrections import facts_changed, has_taken_over

    if options.replaces is None and not has_taken_over(store, batch):
        return
    what, zh = facts_changed(store, batch), options.lang == "zh"
    changed, gone = (int((what["what"] == name).sum()) for name in ("changed", "gone"))
    emptied = what.filter(pl.col("what") == "changed", pl.col("after").is_null()).height
    within = f"（其中由数变为未报 {emptied}）" if zh else f" ({emptied} of them not reported now)"
    parts = [f"{'更改' if zh else 'changed'} {changed}{within if emptied else ''}"] * (changed > 0)
    parts += [f"{'失效' if zh else 'gone'} {gone}"] * (gone > 0)
    if parts:
        told = f"{'已有的数' if zh else 'facts that held'}: {('，' if zh else ', ').join(parts)}"
        print(f"{told} · python -m data correction {batch}{_at(options)}")


def _want_reasons(store: Store, batch: int, options: argparse.Namespace) -> None:
    """Says how many warnings of a batch nobody has explained yet, until when that has to be done, and how."""
    count = store.warnings(batch).filter(reason="").height
    if not count:
        return
    warnings = "warning" if count == 1 else "warnings"
    zh = f"还有 {count} 条提示没有说明理由，进入交叉会审以前须逐条说明："
    en = f"{count} {warnings} without a reason, wanted before cross-review: "
    at = _at(options)
    how = f"python -m data warnings {batch}{at}; python -m data reason {batch} RULE --reason … --by …{at}"
    print((zh if options.lang == "zh" else en) + how, file=sys.stderr)


def _at(options: argparse.Namespace) -> str:
    """The option by which a command that is told acts on the store that this one was given."""
    return "" if options.db is None else f" --db {shlex.quote(visible(str(options.db)))}"


def _reasons(given: Sequence[str]) -> dict[str, str]:
    """Reasons by rule; one that names no rule is meant for all. Raises InputError where what is named is none."""
    found: dict[str, str] = {}
    wrong: list[Problem] = []
    for text in given:
        named = _RULE.match(text)
        rule = named[1].lower().replace("-", "_") if named else ""
        # A sentence may begin as a rule does: as “power=0”.
        if named and rule in RULES:
            found[rule] = text[named.end() :]
        elif named and ("_" in rule or nearest(rule, RULES)):
            facts = {"found": named[1], "known": ", ".join(RULES)}
            wrong.append(Problem("unknown_word", path="--reason", facts=facts))
        else:
            found[""] = text
    if wrong:
        raise InputError(wrong)
    return found


def _label(name: str, lang: str) -> str:
    return _LABELS[name][lang != "zh"]
