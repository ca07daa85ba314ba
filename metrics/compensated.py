"""The command `compensation`: who pays whom how much for what was shared, by declared rules."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import metrics.compensation_words  # noqa: F401  (registers the words of this part's problems)
from metrics import arguments
from metrics.commands import DONE, source_of
from metrics.problems import InputError, Problem
from metrics.visible import visible

if TYPE_CHECKING:
    from metrics.scorecard import Scorecard

HEADS = {
    "period": ("期间", "period"), "region": ("地区", "region"), "gives": ("给出（元）", "gives (CNY)"),
    "receives": ("得到（元）", "receives (CNY)"), "net": ("净额（元）", "net (CNY)"), "unknown": ("未知", "unknown"),
}  # fmt: skip


def add_compensation(parser: argparse.ArgumentParser) -> None:
    """The options of `compensation`."""
    parser.add_argument("rules", type=Path, metavar="RULES.yaml")
    arguments.add_files(parser)
    parser.add_argument("--area", metavar="NAME|CODE", help="an area of the regions file, or a region with parts")
    parser.add_argument("--out", type=Path, required=True, metavar="OUT.csv", help="every payment")
    parser.add_argument("--balances", type=Path, metavar="OUT.csv", help="what each region gives, receives, nets")


def compensation(options: argparse.Namespace) -> int:
    """Payments into a file, each region's balance on standard output."""
    from metrics.compensation import balances, members_in, payments
    from metrics.compensation_file import read_rules
    from metrics.files import write_frame

    rules, card = read_rules(options.rules), _card(options)
    members = None if options.area is None else members_in(card, options.area)
    try:
        paid = payments(rules, card, members)
    except InputError as error:
        raise InputError(error.problems, file=options.rules) from error
    if paid.is_empty():
        raise InputError([Problem("nothing_to_compensate", "site")])
    found = balances(paid)
    for period, count in paid.filter(paid["amount"].is_null()).group_by("period").len().sort("period").iter_rows():
        note = Problem("flows_unknown", facts={"period": period, "count": count})
        print(note.render("", options.lang), file=sys.stderr)
    if options.balances is not None:
        write_frame(found, options.balances)
    write_frame(paid, options.out)
    names = dict(card.regions.select("code", f"name_{options.lang}").iter_rows())
    print("\t".join(HEADS[name][options.lang != "zh"] for name in found.columns))
    for period, region, *amounts, unknown in found.iter_rows():
        cells = (period, names[region], *(f"{amount:,.2f}" for amount in amounts), str(unknown))
        print("\t".join(map(visible, cells)))
    return DONE


def _card(options: argparse.Namespace) -> "Scorecard":
    from metrics.files import read_definitions
    from metrics.scorecard import score
    from metrics.tables import read_facts, read_regions

    regions = None if options.regions is None else read_regions(options.regions)
    card = score(read_definitions(options.indicators), read_facts(options.facts), regions=regions)
    for problem in card.notes:
        print(problem.render(source_of(options, problem.path), options.lang), file=sys.stderr)
    return card
