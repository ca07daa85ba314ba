"""The command `survey`: answers to surveys into facts, and into a table of intervals."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import metrics.survey_words  # noqa: F401  (registers the words of this part's problems)
from metrics.commands import DONE
from metrics.problems import InputError, Problem

if TYPE_CHECKING:
    import polars as pl

    from metrics.survey_file import Surveys

# So many are named one by one.
_NAMED = 20


def add_survey(parser: argparse.ArgumentParser) -> None:
    """The options of `survey`."""
    parser.add_argument("surveys", type=Path, metavar="SURVEYS.yaml")
    parser.add_argument("--responses", type=Path, required=True, metavar="FILE", help="CSV or Parquet, a row an answer")
    parser.add_argument("--out", type=Path, required=True, metavar="FACTS.csv|.parquet")
    parser.add_argument("--intervals", type=Path, metavar="OUT.csv", help="every body's number with its interval")


def survey(options: argparse.Namespace) -> int:
    """Facts as `python -m data import` takes them; bodies with too few answers are named."""
    from metrics.files import write_frame
    from metrics.responses import counted
    from metrics.survey_file import read_surveys
    from metrics.surveys import facts, intervals
    from metrics.tables import read_table

    surveys, responses = read_surveys(options.surveys), read_table(options.responses)
    try:
        counts = counted(surveys, responses)
    except InputError as error:
        raise InputError(error.problems, file=options.responses) from error
    found = intervals(surveys, counts)
    _tell(surveys, found, options)
    if options.intervals is not None:
        write_frame(found, options.intervals)
    write_frame(facts(surveys, found, options.lang), options.out)
    return DONE


def _tell(surveys: "Surveys", found: "pl.DataFrame", options: argparse.Namespace) -> None:
    """Who was left out, on the standard error."""
    left = [row for row in found.iter_rows(named=True) if row["reason"] == "few_responses"]
    for row in left[:_NAMED]:
        body = surveys.bodies[row["body"]]
        facts: dict[str, Any] = {name: row[name] for name in ("period", "region", "n")} | {"least": body.least}
        facts |= {f"body_{lang}": body.name.text(lang) for lang in ("zh", "en")}
        facts |= {f"set_{lang}": surveys.sets[row["set"]].name.text(lang) for lang in ("zh", "en")}
        print(Problem("body_left_out", facts=facts).render("", options.lang), file=sys.stderr)
    if len(left) > _NAMED:
        facts = {"count": len(left) - _NAMED}
        print(Problem("bodies_left_out", facts=facts).render("", options.lang), file=sys.stderr)
