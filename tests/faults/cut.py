"""Scenes cut short: a process is killed, or its disk is full, at a random moment; then another looks at the store."""

import multiprocessing
import os
import random
import resource
import shutil
import signal
import subprocess
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from metrics.problems import InputError
from tests.faults.look import examine, state_of
from tests.faults.scenes import SCENES

# What a disk may say that holds no more.
FULL = {"store_unwritable", "store_unpublished", "backup_unwritable", "unwritable_file", "store_busy"}
_PATIENCE = 120


@dataclass
class Counts:
    """How many of a scene were cut short, in which state they left the store, and what was wrong."""

    cut: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


@dataclass
class Stage:
    """A scene that is prepared once: the folder it begins with, its lawful states, and how long it takes, or writes."""

    name: str
    folder: Path
    lawful: dict[str, Any]
    seconds: float
    size: int


def staged(name: str, place: Path) -> Stage:
    """A scene prepared in a folder and played once to its end, so that what may come of it is known."""
    start, end = place / name / "start", place / name / "end"
    start.mkdir(parents=True)
    _elsewhere(_prepare, name, start)
    shutil.copytree(start, end)
    before = None if name.startswith("migrate") else _elsewhere(_state, start)
    seconds = float(_elsewhere(_played, name, end))
    after = _elsewhere(_state, end)
    # Who only looks at a store of an earlier schema brings it forward.
    lawful = {"after": after} if before is None else {"before": before, "after": after}
    size = max(file.stat().st_size for file in end.rglob("*") if file.is_file())
    return Stage(name, start, lawful, seconds, size)


def killed(stage: Stage, folder: Path, moment: random.Random, found: Counts) -> None:
    """Plays a scene in a copy and kills it at a random moment (SIGKILL); looks at what is left."""
    shutil.copytree(stage.folder, folder)
    ours, theirs = _CONTEXT.Pipe()
    process = _CONTEXT.Process(target=_play, args=(stage.name, folder, theirs))
    process.start()
    theirs.close()
    assert ours.recv() == "go"
    time.sleep(moment.uniform(0, stage.seconds * 1.05))
    process.kill()
    process.join()
    found.cut["killed" if process.exitcode == -signal.SIGKILL and not _was_done(ours) else "done before"] += 1
    _looked_at(stage, folder, found)


def filled(stage: Stage, folder: Path, moment: random.Random, found: Counts) -> None:
    """Plays a scene where no file may grow over a random size; looks at what is left."""
    shutil.copytree(stage.folder, folder)
    room = moment.randrange(0, int(stage.size * 1.05))
    found.cut[_elsewhere(_squeezed, stage.name, folder, room)] += 1
    _looked_at(stage, folder, found)


def crowded(stage: Stage, folder: Path, moment: random.Random, found: Counts) -> None:
    """Plays a scene on a disk of its own with a random room left, which needs the right to mount one."""
    used = sum(file.stat().st_size for file in stage.folder.rglob("*") if file.is_file())
    with mounted(folder, used + (2 << 20)):
        shutil.copytree(stage.folder, folder, dirs_exist_ok=True)
        free = os.statvfs(folder)
        left = moment.randrange(4096, min(stage.size * 2, free.f_bavail * free.f_frsize))
        ballast = folder / "ballast"
        ballast.write_bytes(b"\0" * (free.f_bavail * free.f_frsize - left))
        found.cut[_elsewhere(_squeezed, stage.name, folder, -1)] += 1
        ballast.unlink()
        subprocess.run(["mount", "-o", "remount,size=256m", str(folder)], check=True)
        _looked_at(stage, folder, found)


@contextmanager
def mounted(folder: Path, size: int) -> Iterator[None]:
    """A small disk in memory. Raises CalledProcessError where none may be mounted."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)], check=True, capture_output=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def _looked_at(stage: Stage, folder: Path, found: Counts) -> None:
    try:
        found.states[_elsewhere(_look, stage.name, folder, stage.lawful)] += 1
    except Exception as error:
        found.faults.append(f"{stage.name}: {error}")
    shutil.rmtree(folder, ignore_errors=True)


def _play(name: str, folder: Path, told: Connection) -> None:
    told.send("go")
    SCENES[name].act(folder)
    told.send("done")


def _was_done(told: Connection) -> bool:
    try:
        return told.poll() and told.recv() == "done"
    except EOFError:
        return False


def _prepare(name: str, folder: Path) -> None:
    SCENES[name].prepare(folder)


def _state(folder: Path) -> object:
    return state_of(folder)


def _played(name: str, folder: Path) -> float:
    begun = time.monotonic()
    SCENES[name].act(folder)
    return time.monotonic() - begun


def _squeezed(name: str, folder: Path, room: int) -> str:
    if room >= 0:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
    try:
        SCENES[name].act(folder)
    except InputError as error:
        if error.problems[0].code in FULL:
            return "refused"
        raise
    return "done before"


def _look(name: str, folder: Path, lawful: dict[str, Any]) -> str:
    return examine(SCENES[name], folder, lawful)


def _elsewhere(task: Callable[..., Any], *given: Any) -> Any:
    """What a task gives in a process of its own. Raises AssertionError with its words where it fails there."""
    ours, theirs = _CONTEXT.Pipe()
    process = _CONTEXT.Process(target=_answer, args=(theirs, task, given))
    process.start()
    theirs.close()
    ok, value = ours.recv() if ours.poll(_PATIENCE) else (False, "no answer")
    process.join(_PATIENCE)
    assert ok, value
    return value


def _answer(told: Connection, task: Callable[..., Any], given: tuple[Any, ...]) -> None:
    try:
        told.send((True, task(*given)))
    except BaseException:
        told.send((False, traceback.format_exc()))


# With everything imported and no thread begun, since all that is done with a store is done in others.
_CONTEXT = multiprocessing.get_context("fork")
