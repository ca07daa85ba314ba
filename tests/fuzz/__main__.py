"""`python -m tests.fuzz --count 10000 [--seed N]`: that many broken files, and what none of them may do."""

import argparse
import re
import sys
from collections import Counter
from typing import Any

from tests.fuzz import watch, worker
from tests.fuzz.files import mutated
from tests.fuzz.taken import MOST

_SHOWN = 5


def main(arguments: list[str] | None = None) -> int:
    """Exit 0 where every file kept every rule, 1 where one did not."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=10_000, help="how many files")
    parser.add_argument("--seed", type=int, default=1, help="another seed, other files")
    parser.add_argument("--first", type=int, default=0, help="the index of the first file")
    parser.add_argument("--workers", type=int, default=2, help="processes at work")
    parser.add_argument("--show", type=int, metavar="INDEX", help="write the one file of this index to stdout, no run")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.worker:
        worker.main(chosen.seed)
        return 0
    if chosen.show is not None:
        text = mutated(chosen.seed, chosen.show)
        sys.stdout.buffer.write(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
        return 0
    found = {}
    for index, verdict in watch.judged(
        chosen.seed, range(chosen.first, chosen.first + chosen.count), workers=chosen.workers
    ):
        found[index] = verdict
        for fault in verdict["faults"][:_SHOWN]:
            print(f"{chosen.seed}:{index} {fault}", flush=True)
    print(_summary(found))
    return int(any(verdict["faults"] for verdict in found.values()))


def _summary(found: dict[int, dict[str, Any]]) -> str:
    """How many files there were, what became of them, and the slowest and largest."""
    outcomes = Counter(verdict["outcome"] for verdict in found.values())
    faults = Counter(_kind(fault) for verdict in found.values() for fault in set(verdict["faults"]))
    codes = Counter(code for verdict in found.values() for code in set(verdict["codes"]))
    lines = [
        f"files: {len(found)}; " + ", ".join(f"{name} {count}" for name, count in outcomes.most_common()),
        f"faults: {sum(bool(verdict['faults']) for verdict in found.values())} files",
        *(f"  {count} × {kind}" for kind, count in faults.most_common()),
        f"kinds of problem told: {len(codes)}: " + ", ".join(f"{code} {count}" for code, count in codes.most_common()),
    ]
    for name, unit in (("reading", "s"), ("scoring", "s"), ("comparing", "s"), ("memory", "B")):
        worst = sorted(found, key=lambda index: -found[index][name])[:_SHOWN]
        lines.append(f"most {name} ({unit}): " + ", ".join(f"{found[at][name]:.3g} (file {at})" for at in worst))
    for name in MOST:
        worst = sorted(found, key=lambda index: -found[index]["taking"].get(name, 0.0))[:_SHOWN]
        told = ", ".join(f"{found[at]['taking'].get(name, 0.0):.3g} (file {at})" for at in worst)
        lines.append(f"most of {name} (s): {told}")
    return "\n".join(lines)


def _kind(fault: str) -> str:
    """A fault without the numbers in which one file differs from the next."""
    return re.sub(r"\b[0-9]+(?:\.[0-9]+)?\b(?! <| \w+$)", "#", fault)[:160]


if __name__ == "__main__":
    raise SystemExit(main())
