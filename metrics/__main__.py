"""The commands of the method, on files alone: new, check, doc, schema, score, explain, impact and what follows."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from metrics.problems import InputError, Problem

if TYPE_CHECKING:
    import polars as pl

    from metrics.impact import Impact
    from metrics.manual import Manual
    from metrics.scorecard import Scorecard

DONE, USER_ERROR = 0, 1
# Seconds between two looks at a watched file.
LOOK_EVERY = 0.5
Command = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; gives the exit code: 0 done, 1 errors in the input (printed), 2 wrong usage."""
    options = _parser().parse_args(arguments)
    return run(options.run, options)


def run(command: Command, options: argparse.Namespace) -> int:
    """A command with its InputErrors printed as lines instead of a traceback."""
    try:
        return command(options)
    except InputError as error:
        for problem in error.problems:
            print(problem.render(error.file or source_of(options, problem.path), options.lang), file=sys.stderr)
        return USER_ERROR
    except BrokenPipeError:
        # The reader of our output has gone; nothing is wrong with the input.
        sys.stderr.close()
        return DONE


def source_of(options: argparse.Namespace, path: str) -> str:
    """The file of a command that a problem is about: that of the facts, of the regions, else of the definitions.

    Empty for an option, which stands in none.
    """
    if path.startswith("--"):
        return ""
    if path in ("region", "site", "period", "variable", "value", "status", "source", "note"):
        kind = "facts"
    else:
        kind = "regions" if path.startswith("regions.") else "indicators"
    return str(getattr(options, kind, None) or path)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m metrics", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    check = _command(commands, "check", _check, "every problem of a definitions file")
    check.add_argument("indicators", type=Path, metavar="FILE")
    check.add_argument("--facts", type=Path, metavar="FILE", help="facts that the definitions are held against")
    check.add_argument("--regions", type=Path, metavar="FILE")
    check.add_argument("--watch", action="store_true", help="again whenever the file changes, until Ctrl-C")
    doc = _command(commands, "doc", _doc, "the manual of indicators, as Markdown or PDF")
    doc.add_argument("indicators", type=Path, metavar="FILE")
    doc.add_argument(
        "--before", type=Path, nargs="+", action="extend", default=[], metavar="OLD.yaml",
        help="earlier versions, the oldest first: what each changed is told as the history",
    )  # fmt: skip
    add_doc(doc)
    new = _command(commands, "new", _new, "a small, commented file to begin with")
    new.add_argument("file", type=Path, metavar="FILE")
    new.add_argument("--with", dest="templates", nargs="+", default=(), metavar="TEMPLATE", help="default: all of them")
    _command(commands, "schema", _schema, "the JSON Schema of the definitions file")
    score = _command(commands, "score", _score, "scores of every region, cycle and node")
    add_files(score)
    add_score(score)
    explain = _command(commands, "explain", _explain, "where a number comes from, down to the facts")
    add_files(explain)
    add_explain(explain)
    scorecard = _command(commands, "scorecard", _scorecard, "a scorecard as a file to take away")
    add_files(scorecard)
    add_scorecard(scorecard)
    change = _command(commands, "change", _change, "what the scores' change between two cycles comes from")
    add_files(change)
    add_change(change)
    impact = _command(commands, "impact", _impact, "what a change of definitions does to scores, ranks, grades")
    impact.add_argument("old", type=Path, metavar="OLD.yaml")
    impact.add_argument("indicators", type=Path, metavar="NEW.yaml")
    impact.add_argument("--facts", type=Path, required=True, metavar="FILE")
    impact.add_argument("--regions", type=Path, metavar="FILE")
    add_impact(impact)
    robustness = _command(commands, "robustness", _robustness, "how sure the ranks are: intervals and probabilities")
    add_files(robustness)
    add_robustness(robustness)
    return parser


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, run: Command, words: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=words, description=words)
    parser.add_argument("--lang", choices=("zh", "en"), default="zh")
    parser.set_defaults(run=run)
    return parser


def add_files(parser: argparse.ArgumentParser) -> None:
    """The files a scorecard is made from."""
    parser.add_argument("--indicators", type=Path, required=True, metavar="FILE")
    parser.add_argument("--facts", type=Path, required=True, metavar="FILE")
    parser.add_argument("--regions", type=Path, metavar="FILE")


def add_doc(parser: argparse.ArgumentParser) -> None:
    """The options of `doc`."""
    parser.add_argument("--format", choices=("md", "pdf"), help="default: by the ending of --out, else md")
    parser.add_argument("--out", type=Path, metavar="FILE", help="default: standard output, for Markdown")


def add_score(parser: argparse.ArgumentParser) -> None:
    """The options of `score`."""
    parser.add_argument("--period", metavar="CYCLE")
    parser.add_argument("--out", type=Path, required=True, metavar="OUT.csv|.parquet|.json")


def add_explain(parser: argparse.ArgumentParser) -> None:
    """The options of `explain`."""
    for name in ("region", "period", "code"):
        parser.add_argument(f"--{name}", required=True)


def add_scorecard(parser: argparse.ArgumentParser) -> None:
    """The options of `scorecard`."""
    parser.add_argument("--region", metavar="CODE")
    parser.add_argument("--period", metavar="CYCLE")
    parser.add_argument("--format", choices=("csv", "xlsx", "json"), required=True)
    parser.add_argument("--out", type=Path, required=True, metavar="FILE")


def add_change(parser: argparse.ArgumentParser) -> None:
    """The options of `change`."""
    for name in ("before", "after"):
        parser.add_argument(f"--{name}", required=True, metavar="CYCLE")
    parser.add_argument("--code", help="a pillar or indicator; default: the composite")
    parser.add_argument("--out", type=Path, required=True, metavar="OUT.csv|.parquet|.json")


def add_impact(parser: argparse.ArgumentParser) -> None:
    """The options of `impact`."""
    parser.add_argument("--out", type=Path, metavar="OUT.csv|.parquet|.json", help="every row that changes")


def add_robustness(parser: argparse.ArgumentParser) -> None:
    """The options of `robustness`."""
    parser.add_argument("--trials", type=int, metavar="N", help="default: the definitions' own")
    parser.add_argument("--seed", type=int, metavar="S", help="default: the definitions' own")
    parser.add_argument("--out", type=Path, required=True, metavar="OUT.csv|.parquet|.json")
    parser.add_argument("--pairs", type=Path, metavar="FILE", help="the probability that A scores above B")


def _check(options: argparse.Namespace) -> int:
    if options.watch:
        return _watch(options)
    problems = _problems(options)
    for problem in problems:
        print(problem.render(str(options.indicators), options.lang))
    return USER_ERROR if any(problem.severity == "error" for problem in problems) else DONE


def _problems(options: argparse.Namespace) -> Sequence[Problem]:
    """Every problem of the file, and what the facts at hand say of it where some are named."""
    from metrics.files import read_facts, read_reading, read_regions

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
    return write_doc(manual(files[-1][1], lang=options.lang, history=history), options)


def write_doc(found: "Manual", options: argparse.Namespace) -> int:
    """`doc`: a manual in the format asked for, into a file or, as Markdown, on standard output."""
    from metrics.export import MANUALS
    from metrics.files import write_bytes

    suffix = options.out.suffix.lower().lstrip(".") if options.out is not None else ""
    kind = options.format or (suffix if suffix in MANUALS else "md")
    if options.out is not None:
        write_bytes(MANUALS[kind](found), options.out)
    elif kind == "pdf":
        raise InputError([Problem("out_wanted", path="--out", facts={"format": kind})])
    else:
        print(MANUALS[kind](found).decode(), end="")
    return DONE


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
        return Path(os.path.relpath(schema, file.resolve().parent)).as_posix()
    except ValueError:
        # On another drive there is no way that begins at the file.
        return schema.as_posix()


def _schema(options: argparse.Namespace) -> int:
    from metrics.reader import json_schema

    print(json.dumps(json_schema(), ensure_ascii=False, indent=2))
    return DONE


def _card(options: argparse.Namespace) -> "Scorecard":
    from metrics.files import read_definitions, read_facts, read_regions
    from metrics.scorecard import score

    definitions = read_definitions(options.indicators)
    regions = None if options.regions is None else read_regions(options.regions)
    card = score(definitions, read_facts(options.facts), regions=regions)
    for problem in card.notes:
        print(problem.render(source_of(options, problem.path), options.lang), file=sys.stderr)
    return card


def _score(options: argparse.Namespace) -> int:
    card = _card(options)
    if options.period is not None:
        card.require_period(options.period)
    return write_score(card.frame, options)


def write_score(frame: "pl.DataFrame", options: argparse.Namespace) -> int:
    """`score`: the contract's rows into a file, of one cycle where one is named."""
    import polars as pl

    from metrics.files import write_frame

    write_frame(frame if options.period is None else frame.filter(pl.col("period") == options.period), options.out)
    return DONE


def _explain(options: argparse.Namespace) -> int:
    card = _card(options)
    return print_explanation(card, options)


def print_explanation(card: "Scorecard", options: argparse.Namespace) -> int:
    """`explain`: the ladder on standard output."""
    from metrics.explain import explain

    print(explain(card, options.region, options.period, options.code, facts=card.facts).text(options.lang), end="")
    return DONE


def _scorecard(options: argparse.Namespace) -> int:
    return write_scorecard(_card(options), options)


def _change(options: argparse.Namespace) -> int:
    card = _card(options)
    return write_change(card, card, options)


def write_change(before: "Scorecard", after: "Scorecard", options: argparse.Namespace) -> int:
    """`change`: the ledgers of all regions into a file, with names and words beside the codes."""
    from metrics.change import ledgers, named, outcomes
    from metrics.files import write_frame

    asked = {"period_before": options.before, "period_after": options.after, "code": options.code}
    found = ledgers(before, after, **asked)
    if options.before == options.after:
        raise InputError([Problem("not_later", facts={"due": options.after, "period": options.before})])
    missing = outcomes(before, after, **asked).drop_nulls("missing")["region"].to_list()
    if missing:
        about = {"period": f"{options.before} / {options.after}", "code": options.code or after.definitions.index.code}
        note = Problem("regions_without_change", facts={**about, "count": len(missing), "regions": ", ".join(missing)})
        print(note.render("", options.lang), file=sys.stderr)
    write_frame(named(found, before, after, lang=options.lang), options.out)
    return DONE


def _impact(options: argparse.Namespace) -> int:
    from metrics.files import read_definitions, read_facts, read_regions
    from metrics.impact import impact

    before, after = read_definitions(options.old), read_definitions(options.indicators)
    regions = None if options.regions is None else read_regions(options.regions)
    return write_impact([impact(before, after, read_facts(options.facts), regions=regions)], options)


def write_impact(impacts: "Sequence[Impact]", options: argparse.Namespace) -> int:
    """`impact`: whom the change touches and why on standard output, every row that changes into a file."""
    from metrics.files import write_frame
    from metrics.impact import rows_of
    from metrics.impact_words import lines

    print("\n".join(lines(impacts, lang=options.lang)))
    if options.out is not None:
        write_frame(rows_of(impacts), options.out)
    return DONE


def _robustness(options: argparse.Namespace) -> int:
    card = _card(options)
    return write_robustness(dict.fromkeys(card.periods or ("",), card), options)


def write_robustness(cards: "Mapping[str, Scorecard]", options: argparse.Namespace) -> int:
    """`robustness`: rank intervals of every cycle into a file, and the pairs into another where one is named."""
    import polars as pl

    from metrics.files import write_frame
    from metrics.robustness import analyse

    if options.pairs is not None and options.pairs.resolve() == options.out.resolve():
        raise InputError([Problem("one_file_for_two", path="--pairs", facts={"file": options.out})])
    of = {id(card): analyse(card, trials=options.trials, seed=options.seed) for card in cards.values()}
    own = [(of[id(card)], pl.col("period") == period) for period, card in cards.items()]
    if options.pairs is not None:
        write_frame(pl.concat([found.pairs.filter(cycle) for found, cycle in own]), options.pairs)
    write_frame(pl.concat([found.ranks.filter(cycle) for found, cycle in own]), options.out)
    return DONE


def write_scorecard(
    card: "Scorecard", options: argparse.Namespace, *, periods: "Sequence[str] | None" = None, notice: str = ""
) -> int:
    """`scorecard`: one region's, or all regions', as a file in the format asked for; of the cycle named, else
    `periods`, else all."""
    from metrics.export import FORMATS
    from metrics.files import write_bytes

    if options.period is not None:
        card.require_period(options.period)
    if options.region is not None:
        card.require_region(options.region)
    regions = None if options.region is None else [options.region]
    periods = periods if options.period is None else [options.period]
    content = FORMATS[options.format](card, regions=regions, periods=periods, lang=options.lang, notice=notice)
    write_bytes(content, options.out)
    return DONE


if __name__ == "__main__":
    sys.exit(main())
