"""The command `assess`: others' figures compared with a cycle's scorecard, told, and kept with it."""

import argparse
import sys
from pathlib import Path
from typing import Any

from data.agreement import KINDS, Comparison, Tolerance, compare
from data.assessed import keep
from data.editions import editions
from data.exports import leave
from data.figures import read_figures
from data.store import Store
from metrics.commands import Add
from metrics.scorecard import Scorecard
from metrics.visible import visible

SHOWN = 20


def add_assess(commands: Any, command: Add) -> None:
    """The command with its options; `command` adds one."""
    usual = Tolerance()
    parser = command(commands, "assess", _assess, "others' figures compared with ours, and kept with the cycle")
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--period", required=True, metavar="CYCLE")
    parser.add_argument(
        "--tolerance", type=_least, default=usual.points, metavar="POINTS", help=f"of scores; default: {usual.points}"
    )
    parser.add_argument(
        "--share", type=_least, default=usual.share, metavar="SHARE", help=f"of values, of ours; default: {usual.share}"
    )
    parser.add_argument("--by", required=True, metavar="NAME", help="whose figures they are")


def _least(text: str) -> float:
    """A tolerance. Raises ArgumentTypeError, which is wrong usage, for what is none."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0.0 <= number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} (a number from 0 on is due)")
    return number


def _assess(options: argparse.Namespace) -> int:
    store = Store(options.db)
    card = editions(store).card(options.period)
    leave(store, options.by, [options.period])
    figures = read_figures(options.file, card.definitions, card.regions, options.period)
    found = compare(figures, card, options.period, Tolerance(options.tolerance, options.share))
    for problem in found.unreadable:
        print(problem.render(str(options.file), options.lang), file=sys.stderr)
    print(visible(found.sentence(options.lang)))
    for line in _lines(found, card, options.lang):
        print("\t".join(map(visible, line)))
    keep(store, options.file, found, card, options.period, by=options.by, name=options.file.name, lang=options.lang)
    return 0


def _lines(found: Comparison, card: Scorecard, lang: str) -> list[list[str]]:
    """The largest differences: region, indicator, which number, theirs, ours."""
    names = dict(card.regions.select("code", f"name_{lang}").iter_rows())
    return [
        [
            names.get(row["region"]) or row["region"],
            card.definitions.name_of(row["code"], lang),
            KINDS[row["kind"]][lang != "zh"],
            f"{row['theirs']:.12g}",
            f"{row['ours']:.12g}",
        ]
        for row in found.differing.head(SHOWN).iter_rows(named=True)
    ]
