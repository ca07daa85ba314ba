"""The commands of the store: init, demo, import, status, and the method's commands on what it holds."""

import argparse
import sys
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from data.alerted import add_alerts
from data.arrived import add_batches
from data.assess import add_assess
from data.backups import add_backups
from data.carried import add_taker, journalled
from data.dues import add_dues
from data.editions import editions
from data.granted import add_rights
from data.history import add_versions
from data.holdings import ROOT
from data.import_command import add_import
from data.keys import add_key
from data.notice_command import add_notices
from data.objection_command import add_objections
from data.recorded import add_by, signed
from data.review_command import add_reviews
from data.rollup_command import add_rollup
from data.saying import say
from data.site import add_site
from data.stage_command import add_stages
from data.store import Store
from data.suggested import add_suggest
from data.taken import add_taken
from data.template_command import add_template
from data.told import add_status
from metrics import arguments, outputs
from metrics.commands import Command, about, run
from metrics.problems import InputError


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; gives the exit code: 0 done, 1 errors in the input (printed), 2 wrong usage."""
    options = _parser().parse_args(arguments)
    with signed(getattr(options, "by", "")):
        return run(options.run, options, beside=_beside, store=Store(options.db).path)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m data", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    init = _command(commands, "init", _init, "a new, empty store")
    init.add_argument("--regions", type=Path, metavar="FILE")
    init.add_argument("--indicators", type=Path, metavar="FILE")
    add_by(init)
    _command(commands, "demo", _demo, "a store with the fictional demonstration area")
    add_import(commands, _command)
    add_batches(commands, _command)
    add_dues(commands, _command)
    add_alerts(commands, _command)
    add_suggest(commands, _command)
    add_template(commands, _command)
    add_rollup(commands, _command)
    add_backups(commands, _command)
    add_status(commands, _command)
    arguments.add_score(_command(commands, "score", _score, "scores of every region, cycle and node"))
    arguments.add_explain(_command(commands, "explain", _explain, "where a number comes from, down to the facts"))
    add_taken(commands, _command)
    add_assess(commands, _command)
    add_key(commands, _command)
    arguments.add_change(_command(commands, "change", _change, "what the scores' change between two cycles comes from"))
    impact = _command(commands, "impact", _impact, "what other definitions would do to scores, ranks, grades")
    impact.add_argument("indicators", type=Path, metavar="NEW.yaml")
    impact.add_argument("--from", dest="cycle", default="", metavar="CYCLE", help="in force from this cycle on")
    arguments.add_impact(impact)
    arguments.add_robustness(
        _command(commands, "robustness", _robustness, "how sure the ranks are: intervals and probabilities")
    )
    add_versions(commands, _command)
    add_rights(commands, _command)
    add_stages(commands, _command)
    add_reviews(commands, _command)
    add_objections(commands, _command)
    add_notices(commands, _command)
    add_site(commands, _command)
    return parser


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, command: Command, words: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=words, description=words)
    parser.add_argument("--db", type=Path, metavar="PATH", help="default: $QUHENG_DB, else data/store.duckdb")
    parser.add_argument("--lang", choices=("zh", "en"), default="zh")
    parser.set_defaults(run=journalled(name, command))
    add_taker(parser, name)
    return parser


def _init(options: argparse.Namespace) -> int:
    from data.places import add_regions
    from metrics.files import read_definitions
    from metrics.tables import read_regions

    indicators = options.indicators or ROOT / "indicators.yaml"
    read_definitions(indicators)
    regions = None if options.regions is None else read_regions(options.regions)
    store = Store(options.db)
    with store.created(_beginning("init", indicators)) as writer:
        writer.setting("indicators", _kept(indicators))
        if regions is not None:
            add_regions(writer, regions)
    return say(options.lang, f"已建立 {store.path}", f"Made {store.path}")


def _kept(path: Path) -> str:
    """A path as the store keeps it: relative inside the project, so that the project can be moved."""
    whole = path.resolve()
    return str(whole.relative_to(ROOT)) if whole.is_relative_to(ROOT) else str(whole)


def _beginning(command: str, indicators: Path) -> str:
    """How a store's history begins: by which command, and with which definitions."""
    return f"{command} {sha256(indicators.read_bytes()).hexdigest()}"


def _demo(options: argparse.Namespace) -> int:
    from data.demo import build
    from data.demonstration import fill

    store = Store(options.db)
    with store.created(_beginning("demo", ROOT / "indicators.yaml")) as writer:
        fill(writer, build())
    return say(options.lang, f"已建立示例数据 {store.path}", f"Made the demonstration {store.path}")


def _beside(options: argparse.Namespace) -> list[Path]:
    """What a command of a store reads: the store itself, the definitions file in force, and what a mapping names."""
    store = Store(options.db)
    own = [store.path, store.definitions_path()] if store.exists() else []
    return [*own, *_named_by(getattr(options, "mapping", None))]


def _named_by(mapping: Path | None) -> list[Path]:
    """The files that a mapping names; none where it cannot be read, which is told when it is used."""
    # A pipe can be read once.
    if mapping is None or not mapping.is_file():
        return []
    from data.mapping import read_mapping

    try:
        found = read_mapping(mapping)
    except InputError:
        return []
    sources = [source for value in found.values for source in found.sources_of(value).values()]
    return [found.folder / source.names_from for source in sources if source.names_from is not None]


def _score(options: argparse.Namespace) -> int:
    found = editions(Store(options.db))
    return outputs.write_score(found.frame if options.period is None else found.card(options.period).frame, options)


def _explain(options: argparse.Namespace) -> int:
    return outputs.print_explanation(editions(Store(options.db)).card(options.period), options)


def _change(options: argparse.Namespace) -> int:
    found = editions(Store(options.db))
    return outputs.write_change(found.card(options.before), found.card(options.after), options)


def _impact(options: argparse.Namespace) -> int:
    from data.prospect import prospect
    from metrics.files import read_definitions

    store, after = Store(options.db), read_definitions(options.indicators)
    known = editions(store)
    if options.cycle:
        with about("--from"):
            known.revisions.place(options.cycle)
    found = prospect(known, after, facts=store.facts(), regions=store.regions())
    return outputs.write_impact(found.impacts(options.cycle), options)


def _robustness(options: argparse.Namespace) -> int:
    found = editions(Store(options.db))
    return outputs.write_robustness(found.cards or {"": found.latest}, options)


if __name__ == "__main__":
    sys.exit(main())
