"""The commands of the method, on files alone: new, check, doc, schema, score, explain, impact and what follows."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from metrics import arguments, outputs
from metrics.commands import DONE, USER_ERROR, Command, run, source_of
from metrics.compensated import add_compensation, compensation
from metrics.problems import InputError, Problem
from metrics.surveyed import add_survey, survey
from metrics.verify.__main__ import add_verify, print_verdict

if TYPE_CHECKING:
    from metrics.adjustments import Adjustment
    from metrics.scorecard import Scorecard

# Seconds between two looks at a watched file.
LOOK_EVERY = 0.5


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; gives the exit code: 0 done, 1 errors in the input (printed), 2 wrong usage."""
    options = _parser().parse_args(arguments)
    return run(options.run, options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m metrics", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    check = _command(commands, "check", _check, "every problem of a definitions file")
    check.add_argument("indicators", type=Path, metavar="FILE")
    check.add_argument("--facts", type=Path, metavar="FILE", help="facts that the definitions are held against")
    check.add_argument("--regions", type=Path, metavar="FILE")
    check.add_argument("--watch", action="store_true", help="again whenever the file changes, until Ctrl-C")
    doc = _command(commands, "doc", _doc, "the manual of indicators, as Markdown, HTML or PDF")
    doc.add_argument("indicators", type=Path, metavar="FILE")
    doc.add_argument(
        "--before", type=Path, nargs="+", action="extend", default=[], metavar="OLD.yaml",
        help="earlier versions, the oldest first: what each changed is told as the history",
    )  # fmt: skip
    arguments.add_doc(doc)
    new = _command(commands, "new", _new, "a small, commented file to begin with")
    new.add_argument("file", type=Path, metavar="FILE")
    new.add_argument("--with", dest="templates", nargs="+", default=(), metavar="TEMPLATE", help="default: all of them")
    schema = _command(commands, "schema", _schema, "the JSON Schema of the definitions file, or of a scorecard in JSON")
    schema.add_argument("of", nargs="?", choices=("definitions", "scorecard"), default="definitions")
    score = _command(commands, "score", _score, "scores of every region, cycle and node")
    arguments.add_files(score)
    arguments.add_score(score)
    explain = _command(commands, "explain", _explain, "where a number comes from, down to the facts")
    arguments.add_files(explain)
    arguments.add_explain(explain)
    scorecard = _command(commands, "scorecard", _scorecard, "a scorecard as a file to take away")
    arguments.add_files(scorecard)
    arguments.add_scorecard(scorecard)
    change = _command(commands, "change", _change, "what the scores' change between two cycles comes from")
    arguments.add_files(change)
    arguments.add_change(change)
    impact = _command(commands, "impact", _impact, "what a change of definitions does to scores, ranks, grades")
    impact.add_argument("old", type=Path, metavar="OLD.yaml")
    impact.add_argument("indicators", type=Path, metavar="NEW.yaml")
    impact.add_argument("--facts", type=Path, required=True, metavar="FILE")
    impact.add_argument("--regions", type=Path, metavar="FILE")
    arguments.add_impact(impact)
    robustness = _command(commands, "robustness", _robustness, "how sure the ranks are: intervals and probabilities")
    arguments.add_files(robustness)
    arguments.add_robustness(robustness)
    for scored in (score, explain, scorecard, change, robustness):
        arguments.add_adjustments(scored)
    add_survey(_command(commands, "survey", survey, "answers to surveys as facts, with their intervals"))
    add_compensation(
        _command(commands, "compensation", compensation, "who pays whom for what was shared, by declared rules")
    )
    add_verify(_command(commands, "verify", print_verdict, "a bundle recomputed: match, or what differs"))
    return parser


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, command: Command, words: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=words, description=words)
    parser.add_argument("--lang", choices=("zh", "en"), default="zh")
    parser.set_defaults(run=command)
    return parser


def _check(options: argparse.Namespace) -> int:
    if options.watch:
        return _watch(options)
    problems = _problems(options)
    for problem in problems:
        print(problem.render(str(options.indicators), options.lang))
    return USER_ERROR if any(problem.severity == "error" for problem in problems) else DONE


def _problems(options: argparse.Namespace) -> Sequence[Problem]:
    """Every problem of the file, and what the facts at hand say of it where some are named."""
    from metrics.files import read_reading
    from metrics.tables import read_facts, read_regions

    reading = read_reading(options.indicators, today=datetime.now(UTC).date())
    if options.facts is None or reading.definitions is None:
        return reading.problems
    from metrics.advice_facts import against_facts
    from metrics.scorecard import score

    regions = None if options.regions is None else read_regions(options.regions)
    card = score(reading.definitions, read_facts(options.facts), regions=regions)
    return (*reading.problems, *against_facts(reading, card))


def _watch(options: argparse.Namespace) -> int:
    """`check --watch`: a line with the time and how many problems there are, then each of them, until Ctrl-C."""
    from threading import Event

    from metrics.watch import counted, watched

    try:
        for _ in watched(options.indicators, lambda: Event().wait(LOOK_EVERY)):
            try:
                problems = _problems(options)
            except InputError as error:
                problems = error.problems
            clock = datetime.now(UTC).astimezone().strftime("%H:%M:%S")
            told = [problem.render(str(options.indicators), options.lang) for problem in problems]
            print(f"── {clock} ── {counted(problems, options.lang)}", *told, sep="\n", flush=True)
    except KeyboardInterrupt:
        print()
    return DONE


def _doc(options: argparse.Namespace) -> int:
    from metrics.files import read_definitions
    from metrics.manual import history_of, manual

    files = [(file.name, read_definitions(file)) for file in (*options.before, options.indicators)]
    history = history_of(files, options.lang) if options.before else ()
    return outputs.write_doc(manual(files[-1][1], lang=options.lang, history=history), options)


def _new(options: argparse.Namespace) -> int:
    from metrics.files import write_bytes
    from metrics.problems import file_error
    from metrics.starter import starter

    text = starter(options.templates, schema=_schema_beside(options.file))
    if options.file.exists():
        raise file_error("file_exists", options.file)
    write_bytes(text.encode(), options.file)
    return DONE


def _schema_beside(file: Path) -> str:
    """The way from a definitions file to the JSON Schema, for editors."""
    schema = Path(__file__).resolve().parent.parent / "docs" / "indicators.schema.json"
    try:
        return Path(os.path.relpath(schema, os.path.realpath(file.parent))).as_posix()
    except ValueError:
        # On another drive there is no way that begins at the file.
        return schema.as_posix()


def _schema(options: argparse.Namespace) -> int:
    if options.of == "scorecard":
        from metrics.export.json_schema import json_schema
    else:
        from metrics.reader import json_schema
    print(json.dumps(json_schema(), ensure_ascii=False, indent=2))
    return DONE


def _card(options: argparse.Namespace) -> "Scorecard":
    from metrics.adjustments import unnamed, unplaced
    from metrics.files import read_definitions
    from metrics.scorecard import score
    from metrics.tables import read_facts, read_regions

    definitions = read_definitions(options.indicators)
    regions = None if options.regions is None else read_regions(options.regions)
    adjustments = _adjustments(options.adjustments)
    card = score(definitions, read_facts(options.facts), regions=regions, adjustments=adjustments)
    for problem in (*card.notes, *unnamed(adjustments, definitions), *unplaced(adjustments, card.frame, definitions)):
        print(problem.render(source_of(options, problem.path), options.lang), file=sys.stderr)
    return card


def _adjustments(path: Path | None) -> "tuple[Adjustment, ...]":
    if path is None:
        return ()
    from metrics.files import read_bounded
    from metrics.verify.parts import adjustments_in

    return adjustments_in(read_bounded(path), str(path))


def _score(options: argparse.Namespace) -> int:
    card = _card(options)
    if options.period is not None:
        card.require_period(options.period)
    return outputs.write_score(card.frame, options)


def _explain(options: argparse.Namespace) -> int:
    card = _card(options)
    return outputs.print_explanation(card, options)


def _scorecard(options: argparse.Namespace) -> int:
    return outputs.write_scorecard(_card(options), options)


def _change(options: argparse.Namespace) -> int:
    card = _card(options)
    return outputs.write_change(card, card, options)


def _impact(options: argparse.Namespace) -> int:
    from metrics.files import read_definitions
    from metrics.impact import impact
    from metrics.tables import read_facts, read_regions

    before, after = read_definitions(options.old), read_definitions(options.indicators)
    regions = None if options.regions is None else read_regions(options.regions)
    return outputs.write_impact([impact(before, after, read_facts(options.facts), regions=regions)], options)


def _robustness(options: argparse.Namespace) -> int:
    card = _card(options)
    return outputs.write_robustness(dict.fromkeys(card.periods or ("",), card), options)


if __name__ == "__main__":
    sys.exit(main())
