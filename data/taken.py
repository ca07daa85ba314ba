"""The commands of what is taken away: scorecard, and exports, the journal of what was."""

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from data.editions import editions
from data.exports import Export, exports, leave, note, notice_of, occasion_of
from data.recorded import journal_of
from data.store import Store
from metrics import arguments, outputs
from metrics.commands import Add
from metrics.problems import InputError, Problem
from metrics.states import Standing, state_words
from metrics.visible import visible


def add_taken(commands: Any, command: Add) -> None:
    """The commands with their options; `command` adds one."""
    card = command(commands, "scorecard", _scorecard, "a scorecard as a file to take away")
    arguments.add_scorecard(card)
    card.add_argument("--by", default="", metavar="NAME", help="who takes it, for the journal of exports")
    command(commands, "exports", _exports, "what was taken away, by whom and when, the last first")


def _scorecard(options: argparse.Namespace) -> int:
    store = Store(options.db)
    found = editions(store)
    card = found.last if options.period is None else found.card(options.period)
    periods = found.beside(card) if options.period is None else [options.period]
    standing = leave(store, options.by, periods)
    about = occasion_of(store, found, periods[-1] if periods else "", standing=standing, by=options.by)
    done = outputs.write_scorecard(
        card,
        options,
        periods=periods,
        notice=notice_of(store, options.lang),
        series=found.cards,
        occasion=about,
    )
    compared = card.regions.filter("compared")["code"] if options.all else card.regions["code"]
    regions = outputs.regions_of(card, options) or compared.to_list()
    _note(store, options, regions, periods, standing)
    return done


def _note(
    store: Store, options: argparse.Namespace, regions: Sequence[str], periods: Sequence[str], standing: Standing
) -> None:
    """The export in the journal; where it cannot be written that is said, and the file is good all the same."""
    _, digest, size = outputs.written(options.out)
    forms, file = tuple(dict.fromkeys(options.format.split(","))), options.out.name
    what = forms, tuple(regions), tuple(periods), options.lang
    entry = Export("command", options.by, *what, standing.state, digest, size, file, release=standing.release)
    try:
        note(store, entry)
    except InputError as error:
        print(error.problems[0].render(error.file, options.lang), file=sys.stderr)


def _exports(options: argparse.Namespace) -> int:
    store = Store(options.db)
    store.snapshot()
    for one in exports(store):
        print("\t".join(map(visible, _line(one, options.lang))))
    broken = journal_of(store.path).broken()
    if broken:
        facts = {"path": journal_of(store.path).file, "lines": ", ".join(map(str, broken))}
        print(Problem("journal_broken", facts=facts).render("", options.lang), file=sys.stderr)
    return 0


def _line(one: Export, lang: str) -> list[str]:
    count = one.of
    several = (f"{count} 个地区" if lang == "zh" else f"{count} regions") if count else "—"
    regions = one.regions[0] if count == 1 else several
    cycles = "–".join(dict.fromkeys((*one.cycles[:1], *one.cycles[-1:])))
    return [
        *(one.made, one.by or "—", one.way, ",".join(one.forms), regions, cycles, one.lang),
        *(state_words(one.state, one.release, lang), one.digest or "—", one.file or "—"),
    ]
