"""Runs many files through worker processes, and tells of each what it showed, also where the process hung or died."""

import json
import os
import queue
import select
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

from tests.fuzz.sources import ROOT

# Seconds of the processor for one file; of the clock more, since the machine does other things too.
_MOST_COMPUTING, _MOST_WAITING, _LOOK = 40.0, 400.0, 5.0
# Bytes that one file may take beyond what its process held before.
MOST_MEMORY = 500_000_000


class _Worker:
    """One process, started anew whenever it ended."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.process = self._started()

    def _started(self) -> Any:
        command = [sys.executable, "-m", "tests.fuzz", "--worker", "--seed", str(self.seed)]
        return subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def judged(self, index: int) -> dict[str, Any]:
        """What the file showed, or how its process ended."""
        try:
            self.process.stdin.write(f"{index}\n")
            self.process.stdin.flush()
            ready = self._answered()
            line = self.process.stdout.readline() if ready else ""
        except BrokenPipeError:
            ready, line = True, ""
        if line:
            found: dict[str, Any] = json.loads(line)
            if found["memory"] > MOST_MEMORY:
                found["faults"].append(f"memory of {found['memory'] / 1e6:.0f} MB")
            return found
        self.process.kill()
        _, said = self.process.communicate()
        how = (
            f"the process died ({self.process.returncode}): {said[-300:]}"
            if ready
            else f"no answer in {_MOST_WAITING:.0f} s"
        )
        self.process = self._started()
        return {
            "faults": [how],
            "codes": [],
            "reading": 0.0,
            "scoring": 0.0,
            "comparing": 0.0,
            "taking": {},
            "outcome": "lost",
            "memory": 0,
        }

    def _answered(self) -> bool:
        """Whether an answer came, or the end of the process, before it computed or waited too long."""
        start = self._computed()
        for _ in range(int(_MOST_WAITING / _LOOK)):
            if select.select([self.process.stdout], [], [], _LOOK)[0]:
                return True
            if self._computed() - start > _MOST_COMPUTING:
                return False
        return False

    def _computed(self) -> float:
        """Seconds of the processor that the process has used (Linux)."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def end(self) -> None:
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()


def judged(seed: int, indices: Iterable[int], *, workers: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each index with what its file showed, in the order in which they were done."""
    waiting: queue.SimpleQueue[int | None] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[int, dict[str, Any]] | None] = queue.SimpleQueue()
    for index in (*indices, *[None] * workers):
        waiting.put(index)

    def work() -> None:
        worker = _Worker(seed)
        while (index := waiting.get()) is not None:
            done.put((index, worker.judged(index)))
        worker.end()
        done.put(None)

    for _ in range(workers):
        Thread(target=work, daemon=True).start()
    ended = 0
    while ended < workers:
        found = done.get()
        if found is None:
            ended += 1
        else:
            yield found
