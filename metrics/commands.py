"""How a command is run: nothing that it reads is written over, and problems come as lines instead of a traceback."""

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from metrics.problems import InputError, Problem, file_error, reason_of
from metrics.visible import visible

# The last: as a shell says that somebody pressed Ctrl-C.
DONE, USER_ERROR, STOPPED = 0, 1, 130
Command = Callable[[argparse.Namespace], int]
# Adds a command, by its name, what runs it and its words, to those that there are.
Add = Callable[[Any, str, Command, str], argparse.ArgumentParser]
Beside = Callable[[argparse.Namespace], Iterable[Path]]
# The options that name what is written; every other file of a command is read.
WRITTEN = ("out", "pairs", "report", "rejections", "intervals", "balances")
# The options that name something in a scorecard.
NAMING = ("period", "code", "before", "after")


def run(
    command: Command, options: argparse.Namespace, *, beside: Beside | None = None, store: Path | None = None
) -> int:
    """A command with its problems printed as lines instead of a traceback.

    `beside`: the files that it reads without their being named. `store`: what is called so with an ending more belongs
    to it.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A sign that the terminal's encoding has not, such as m² in GBK, is no reason to print nothing.
            stream.reconfigure(errors="backslashreplace")
    try:
        _refuse_other_encodings(options)
        _refuse_over_inputs(options, beside, store)
        code = command(options)
        # Here, where a disk that is full can still be told, and not at the end of the program.
        print(end="", flush=True)
        return code
    except InputError as error:
        return _told(error, options)
    except BrokenPipeError:
        # The reader of our output has gone; nothing is wrong with the input.
        _drop_output()
        return DONE
    except OSError as error:
        return _refused_by_system(error, options)
    except KeyboardInterrupt:
        return _stopped(options)
    except RuntimeError as error:
        # What the database says of the same key.
        if str(error) != "Query interrupted":
            raise
        return _stopped(options)


def _stopped(options: argparse.Namespace) -> int:
    print("已中止" if options.lang == "zh" else "Stopped", file=sys.stderr)
    return STOPPED


def _refused_by_system(error: OSError, options: argparse.Namespace) -> int:
    reason = reason_of(error)
    if error.filename is not None:
        # What a name alone can bring about: too long, through a file, in a ring of links.
        return _told(file_error("unreadable_file", error.filename, reason=reason), options)
    _drop_output()
    # None of the files at hand is at fault.
    print(Problem("output_unwritable", facts={"reason": reason}).render("", options.lang), file=sys.stderr)
    return USER_ERROR


def _drop_output() -> None:
    """What is still to be printed goes nowhere: at the end of the program it would be tried, and fail, once more."""
    with suppress(OSError), Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


def _told(error: InputError, options: argparse.Namespace) -> int:
    for problem in error.problems:
        option = _option_of(options, problem)
        line = problem.render("" if option else error.file or source_of(options, problem.path), options.lang)
        print(line if option in line else f"{option}: {line}", file=sys.stderr)
    return USER_ERROR


def _option_of(options: argparse.Namespace, problem: Problem) -> str:
    """The option that a problem is about; empty where that is a file."""
    if problem.path.startswith("--") or hasattr(options, "facts"):
        return problem.path if problem.path.startswith("--") else ""
    # Without a file of facts a region, a cycle or a code that is not there stands nowhere but on the line itself.
    name = problem.facts.get("name") if problem.code == "not_in_scorecard" else None
    found = [f"--{each}" for each in NAMING if name is not None and getattr(options, each, None) == name]
    return found[0] if found else ""


@contextmanager
def about(option: str) -> Iterator[None]:
    """Whatever is wrong with what is read inside is a problem of this option."""
    try:
        yield
    except InputError as error:
        raise InputError([replace(problem, path=option) for problem in error.problems]) from error


def _refuse_other_encodings(options: argparse.Namespace) -> None:
    """Raises InputError for text that the terminal gave in another encoding: it could be neither stored nor shown."""
    for name, value in vars(options).items():
        # Other files may be called so; a database opens none.
        given = value if isinstance(value, list) else [value]
        text = "".join(str(each) for each in given if isinstance(each, str) or name == "db")
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise InputError([Problem("option_not_utf8", f"--{name}", facts={"value": visible(text)})])


def _refuse_over_inputs(options: argparse.Namespace, beside: Beside | None, store: Path | None) -> None:
    """Raises InputError where what is written would take the place of a file that the command reads, or lie among
    those of the store."""
    named = {name: path for name in WRITTEN if (path := getattr(options, name, None)) is not None}
    if not named:
        return
    read = [*_paths(value for name, value in vars(options).items() if name not in WRITTEN)]
    read += beside(options) if beside is not None else ()
    for name, path in named.items():
        if any(_is_same(path, file) for file in read) or (store is not None and _belongs(path, store)):
            raise file_error("out_over_input", path, option=f"--{name}")


def _paths(values: Iterable[object]) -> Iterator[Path]:
    for value in values:
        yield from _paths(value) if isinstance(value, list) else [value] if isinstance(value, Path) else ()


def _is_same(one: Path, other: Path) -> bool:
    """Whether both are one file, also by links; a pipe or a terminal may well be read and written."""
    with suppress(OSError):
        return one.is_file() and other.is_file() and one.samefile(other)
    return False


def _belongs(path: Path, store: Path) -> bool:
    """Whether a path, as it is called or where it leads, is one of a store's own beside it or lies in such a folder."""
    home, own = os.path.realpath(store.parent), f"{store.name}."
    called, leads = path.absolute(), Path(os.path.realpath(path))
    return any(
        each.name.startswith(own) and os.path.realpath(each.parent) == home
        for each in (called, *called.parents, leads, *leads.parents)
    )


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
