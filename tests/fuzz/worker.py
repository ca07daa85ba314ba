"""A process that judges files one by one, told by index on its input, under a limit of memory."""

import json
import os
import resource
import sys
import traceback
from dataclasses import asdict
from pathlib import Path

# Far beyond what any file may take, so that one that runs away ends its own process and no other.
_MOST_MEMORY = 6_000_000_000
_MOST_FRAMES = 6
# A PDF is set of one file in so many, since most of its time goes into what is the same in all.
_EVERY = 50


def _held(name: str) -> int:
    """The memory that this process holds now (VmRSS), or held at most since it was last forgotten (VmHWM), in bytes;
    what was held before is forgotten (Linux)."""
    status = Path("/proc/self/status").read_text()
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith(name))
    Path("/proc/self/clear_refs").write_text("5")
    return int(kilobytes) * 1024


def _where(error: BaseException) -> str:
    """The exception with the last places it came through."""
    frames = traceback.extract_tb(error.__traceback__)[-_MOST_FRAMES:]
    places = " < ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames))
    return f"{type(error).__name__}: {str(error)[:200]} | {places}"


def main(seed: int) -> None:
    """Reads an index a line and writes what was found as a line of JSON."""
    os.environ["POLARS_MAX_THREADS"] = "1"
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    from tests.fuzz.checks import Verdict, judge
    from tests.fuzz.files import case
    from tests.fuzz.sources import ROOT
    from tests.fuzz.taken import MOST

    judge((ROOT / "indicators.yaml").read_text(encoding="utf-8"), further=MOST)
    for line in sys.stdin:
        # What a file before left behind, such as the typesetter's store, is not this one's.
        before = _held("VmRSS")
        try:
            index = int(line)
            steps = [name for name in MOST if name != "pdf" or index % _EVERY == 0]
            verdict = judge(*case(seed, index), further=steps)
            verdict.faults += verdict.late
        except Exception as error:
            verdict = Verdict(faults=[_where(error)], outcome="raised")
        sys.stdout.write(json.dumps({**asdict(verdict), "memory": _held("VmHWM") - before}) + "\n")
        sys.stdout.flush()
