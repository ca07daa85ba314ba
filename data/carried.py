"""Carried: what each command carries out of a store, which leaves lines in the journal as what pages give does."""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from data.called import region_called
from data.dues import last_cycle
from data.exports import Export, leave, note
from data.revisions import revisions_of
from data.store import Store
from data.template_command import leaves
from metrics.commands import Command
from metrics.completeness import rhythms
from metrics.files import watched
from metrics.problems import InputError
from metrics.rollup import cycles_of
from metrics.states import Standing

Several = Callable[[Store, argparse.Namespace], Sequence[str]]
# A file that was written: its name, the SHA-256 of its bytes, and its size.
Written = tuple[str, str, int]


def _none(store: Store, options: argparse.Namespace) -> Sequence[str]:
    return ()


def _regions(store: Store, options: argparse.Namespace) -> Sequence[str]:
    """All there are."""
    found = store.regions()
    sql = "SELECT DISTINCT region FROM current_facts ORDER BY region"
    return (store.query(sql)["region"] if found is None else found["code"]).to_list()


def _forms(store: Store, options: argparse.Namespace) -> Sequence[str]:
    """The regions that fill in a workbook each, or the one that is named, as an import names it."""
    return [region_called(store, options.region)] if options.region else leaves(store)


def _cycles(store: Store, options: argparse.Namespace) -> Sequence[str]:
    """Every cycle that has facts or is published, the earliest first."""
    known = revisions_of(store)
    calendar = cycles_of(known.latest.definitions)
    held = rhythms(store.query("SELECT DISTINCT period FROM current_facts")["period"], calendar)["cycle"].unique()
    return sorted({*map(calendar.name, held), *known.publications}, key=known.place)


def _open(store: Store, options: argparse.Namespace) -> Sequence[str]:
    """Those of them that are not published, from one on where it is named."""
    known, begins = revisions_of(store), options.cycle
    late = [one for one in _cycles(store, options) if not begins or known.place(one) >= known.place(begins)]
    return [one for one in late if one not in known.publications]


def _named(*names: str) -> Several:
    """The cycles that options name; all where none does."""

    def found(store: Store, options: argparse.Namespace) -> Sequence[str]:
        return [one for name in names if (one := getattr(options, name))] or _cycles(store, options)

    return found


def _last(store: Store, options: argparse.Namespace) -> Sequence[str]:
    return [options.cycle or last_cycle(store)]


def _for_programs(options: argparse.Namespace) -> str:
    return "" if options.format == "text" else str(options.format)


@dataclass(frozen=True)
class Carries:
    """What a command carries out: each file that it writes, and what it prints to be kept or for programs, where
    `printed` names the form; of which regions and cycles. `by`: the option that says who takes it, where the command
    asks nobody's name otherwise."""

    regions: Several = _regions
    cycles: Several = _none
    printed: Callable[[argparse.Namespace], str] = lambda options: ""
    by: str = "--by"


CARRIES: Mapping[str, Carries] = {
    "facts": Carries(),
    "score": Carries(cycles=_named("period")),
    "change": Carries(cycles=_named("before", "after")),
    "impact": Carries(cycles=_open),
    "robustness": Carries(cycles=_cycles),
    "quality": Carries(cycles=_last, printed=_for_programs),
    "alerts": Carries(cycles=_last, printed=_for_programs, by=""),
    # How often a region reports is told by its --by.
    "template": Carries(_forms, cycles=_named("period"), by="--taken-by"),
    "stage": Carries(cycles=_named("cycle"), by=""),
    "notice": Carries(cycles=_named("cycle"), by=""),
    "doc": Carries(_none, printed=lambda options: "" if options.out else options.format or "md"),
    "versions": Carries(_none, printed=lambda options: "yaml" if options.text and options.number is not None else ""),
    "journal": Carries(_none, printed=lambda options: "jsonl" if options.what == "export" and not options.file else ""),
}
# They leave lines of their own, which tell more.
BY_THEMSELVES = frozenset({"scorecard", "site", "backup", "restore"})
# They change the store, which is journalled as a change; write what comes of somebody's own files alone; or show on the
# terminal what somebody asks for, or how much there is of what and by when.
NOTHING = frozenset({
    "init", "demo", "import", "batches", "take-back", "review", "correction", "warnings", "reason", "due", "deadline",
    "suggest", "rollup", "status", "explain", "exports", "assess", "key", "propose", "approve", "return", "withdraw",
    "publish", "grant", "revoke", "grants", "draw", "cross-review", "adjust", "object", "rectify", "days",
    "overdue",
})  # fmt: skip


def add_taker(parser: argparse.ArgumentParser, name: str) -> None:
    """The option of who takes what a command carries out. Raises KeyError for a command of which nobody has said
    whether it carries anything."""
    if name not in NOTHING | BY_THEMSELVES and CARRIES[name].by:
        words = "who takes it, for the journal of exports"
        parser.add_argument(CARRIES[name].by, dest="by", default="", metavar="NAME", help=words)


def journalled(name: str, command: Command) -> Command:
    """The command, which leaves a line for each file that it writes, be it refused afterwards, and for what it prints.

    Where no line can be written that is said, and what was carried out is good all the same.
    """
    carries = CARRIES.get(name)
    if carries is None:
        return command

    def run(options: argparse.Namespace) -> int:
        files, printed = list[Written](), carries.printed(options)

        def tell(path: Path, content: bytes) -> None:
            files.append((path.name, sha256(content).hexdigest(), len(content)))

        try:
            with watched(tell):
                return command(options)
        except InputError:
            printed = ""
            raise
        finally:
            _leave(Store(options.db), options, name, _together(files, options), printed)

    return run


def _together(files: list[Written], options: argparse.Namespace) -> list[Written]:
    """The files; those of a whole folder as one, whose digest is of the list of digests and names, a line each."""
    folder = getattr(options, "all", None)
    if not files or not isinstance(folder, Path):
        return files
    listed = "".join(f"{digest}  {name}\n" for name, digest, _ in sorted(files))
    return [(folder.name, sha256(listed.encode()).hexdigest(), sum(size for *_, size in files))]


def _leave(store: Store, options: argparse.Namespace, name: str, files: list[Written], printed: str) -> None:
    taken = [(Path(file[0]).suffix.lstrip(".").lower(), file) for file in files]
    taken += [(printed, ("", "", 0))] if printed else []
    if not taken:
        return
    by, carries = options.by.strip(), CARRIES[name]
    try:
        regions, cycles = (tuple(of(store, options)) for of in (carries.regions, carries.cycles))
        state, release = leave(store, by, cycles) if cycles else Standing("")
        for form, (file, digest, size) in taken:
            forms = tuple(filter(None, (name, form)))
            what = forms, regions, cycles, options.lang, state, digest, size, file
            note(store, Export("command", by, *what, release=release))
    except InputError as error:
        print(error.problems[0].render(error.file, options.lang), file=sys.stderr)
