"""`python -m tests.faults [kill|full|disk|readers|threads] [--count 200] [--seed 1]`: faults, and what came of them."""

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.faults import cut, readers
from tests.faults.scenes import SCENES

_WAYS = {"kill": cut.killed, "full": cut.filled, "disk": cut.crowded}


def main(arguments: list[str] | None = None) -> int:
    """Exit 0 where every store was in a lawful state and every reader saw one state at a time, else 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("what", nargs="?", choices=(*_WAYS, "readers", "threads"), default="kill")
    parser.add_argument("--count", type=int, help="how many faults, or publications")
    parser.add_argument("--only", nargs="+", choices=SCENES, default=list(SCENES), help="these scenes alone")
    parser.add_argument("--seed", type=int, default=1, help="another seed, other moments")
    chosen = parser.parse_args(arguments)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        if chosen.what == "readers":
            wrong = _readers(Path(place), chosen.count or 100)
        elif chosen.what == "threads":
            wrong = _threads(Path(place), chosen.count or 1000)
        else:
            wrong = _cut(Path(place), chosen.what, chosen.count or 200, chosen.seed, chosen.only)
    print(f"{time.monotonic() - begun:.0f} s")
    return int(wrong > 0)


def _cut(place: Path, way: str, count: int, seed: int, scenes: list[str]) -> int:
    stages = {name: cut.staged(name, place) for name in scenes}
    found, told = {name: cut.Counts() for name in scenes}, Counter[str]()
    for index in range(count):
        name = scenes[index % len(scenes)]
        try:
            _WAYS[way](stages[name], place / f"play{index}", random.Random(f"{seed}:{index}"), found[name])
        except subprocess.CalledProcessError:
            print("no disk can be mounted here")
            return 1
        for fault in found[name].faults[told[name] :]:
            print(f"{seed}:{index} {fault}", flush=True)
        told[name] = len(found[name].faults)
    print(f"{'scene':<16}{'runs':>6}  cut short · left")
    for name, counts in found.items():
        print(f"{name:<16}{counts.cut.total():>6}  {_told(counts.cut)} · {_told(counts.states)}")
    faults = sum(len(counts.faults) for counts in found.values())
    print(f"{count} runs, {sum(c.cut['killed'] + c.cut['refused'] for c in found.values())} cut short, {faults} faults")
    return faults


def _told(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(counts.items()))


def _readers(place: Path, count: int) -> int:
    met = readers.publications(place, count, 4)
    for number, read in enumerate(met, start=1):
        print(f"reader {number}: {read.reads} reads, {read.states} states, {read.mixed} mixed, {read.errors} errors")
    print(f"{count} publications, {sum(read.reads for read in met)} reads")
    return sum(read.mixed + read.errors + (not read.reads) for read in met)


def _threads(place: Path, queries: int) -> int:
    asked, wrong = readers.threads(place, 8, queries, 10)
    print(f"8 threads, {asked} queries during 10 publications, {wrong} wrong")
    return wrong + (asked != 8 * queries)


if __name__ == "__main__":
    sys.exit(main())
