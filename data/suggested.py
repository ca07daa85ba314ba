"""The command of intake: suggest, a mapping for a file."""

import argparse
import sys
from pathlib import Path

from data.recognise import Suggestion
from data.recognise_words import Told
from data.remembered import remember, suggest_for
from data.store import Store
from metrics.commands import Add
from metrics.files import write_bytes
from metrics.visible import visible


def add_suggest(commands: object, command: Add) -> None:
    """The command with its options; `command` adds it."""
    parser = command(commands, "suggest", _suggest, "a mapping for a file, and what is doubtful in it")
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--sheet", metavar="NAME", help="of a workbook; default: the first sheet with a table")
    parser.add_argument("--out", type=Path, metavar="M.yaml")
    parser.add_argument(
        "--confirm", default="", metavar="NAME", help="keep it for files with these heads, in this name"
    )


def _suggest(options: argparse.Namespace) -> int:
    store = Store(options.db)
    found = suggest_for(store, options.file, sheet=options.sheet, person=options.confirm)
    for line in told(found, options.lang):
        print(line, file=sys.stderr)
    if options.out is not None:
        write_bytes(found.text.encode(), options.out)
    else:
        print(found.text, end="")
    if found.mapping is None:
        return 1
    if options.confirm:
        remember(store, found.heads, found.text, person=options.confirm)
    return 0


def told(found: Suggestion, lang: str) -> list[str]:
    """Each column with what it was taken for, how sure that is and why; then what is to be looked at."""
    lines = []
    for column in found.columns:
        sure = Told(column.sure).text(lang) if column.role != "left_out" else ""
        cells = (column.letter, column.head, Told(column.role).text(lang), column.means, sure, column.why.text(lang))
        lines.append("\t".join(map(visible, cells)))
    return [*lines, *(f"? {visible(doubt.text(lang))}" for doubt in found.doubts)]
