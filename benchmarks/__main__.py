"""Runs the benchmarks and prints one table; never part of the tests, since machines are noisy."""

import sys

from benchmarks import (
    change,
    checking,
    diagnostics,
    exports,
    impact,
    intake,
    integration,
    pages,
    robustness,
    rollup,
    scoring,
    verify,
)
from benchmarks.timing import table

PARTS = {
    "scoring": scoring.lines,
    "checking": checking.lines,
    "change": change.lines,
    "impact": impact.lines,
    "pages": pages.lines,
    "diagnostics": diagnostics.lines,
    "robustness": robustness.lines,
    "integration": integration.lines,
    "exports": exports.lines,
    "verify": verify.lines,
    "rollup": rollup.lines,
    "intake": intake.lines,
}


def main(names: list[str]) -> int:
    """All parts, or those named: the table on stdout; 0 where every bound holds, else 1."""
    lines = [line for name in names or PARTS for line in PARTS[name]()]
    print(table(lines))
    return int(not all(line.holds for line in lines))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
