"""What the solver prints of its own accord does not reach standard output, and everything else does."""

import os
import subprocess
import sys
from pathlib import Path
from threading import Barrier, Thread

import pytest

from metrics.silence import silence

ROOT = Path(__file__).parent.parent
# Bounds in whose search HiGHS repairs a solution, of which it tells.
TALKATIVE = """
from metrics.robustness import rank_bounds
from tests.robust_cases import TEXT, card_of
text = TEXT.replace("min_coverage: 0.6", "min_coverage: 0") + "robustness: {weights: {spread: 0.4}}\\n"
print(rank_bounds(card_of(text, gaps=0.0, seed=2, regions=14, cycles=1), "2020").height, flush=True)
"""


def test_the_solver_is_not_heard() -> None:
    """The command's own words are all that arrives."""
    done = subprocess.run([sys.executable, "-c", TALKATIVE], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "14\n"


def test_a_service_without_output_works() -> None:
    """Where file descriptor 1 is closed there is nothing to turn away, and no error."""
    code = "import os; os.close(1)\nfrom metrics.silence import silence\nwith silence(): pass\nos._exit(7)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 7


def test_what_is_said_before_and_after_arrives(capfd: pytest.CaptureFixture[str]) -> None:
    """File descriptor 1 is turned away for the while alone, after an error too."""

    def fail() -> None:
        with silence():
            os.write(1, b"meanwhile ")
            raise ValueError("wrong")

    os.write(1, b"before ")
    with pytest.raises(ValueError, match="wrong"):
        fail()
    os.write(1, b"after")
    assert capfd.readouterr().out == "before after"


def test_threads_leave_in_any_order(capfd: pytest.CaptureFixture[str]) -> None:
    """Two that overlap turn the output away once and back once, whichever comes first."""
    in_both, first_left = Barrier(2), Barrier(2)

    def first() -> None:
        with silence():
            in_both.wait(10)
        first_left.wait(10)

    def second() -> None:
        with silence():
            in_both.wait(10)
            first_left.wait(10)
            os.write(1, b"still silent ")

    threads = [Thread(target=work) for work in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    os.write(1, b"heard")
    assert capfd.readouterr().out == "heard"


def test_a_command_that_succeeds_has_nothing_to_complain_of(tmp_path: Path) -> None:
    """What a library says when the program ends, too, would look as if something had gone wrong."""
    command = [sys.executable, "-m", "data", "demo", "--db", str(tmp_path / "s.duckdb")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr == ""
