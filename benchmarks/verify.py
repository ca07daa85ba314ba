"""A bundle of 31 regions: written in process, and verified by the whole command."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.checking import text_of
from benchmarks.timing import Line, best
from metrics.export import bundle
from metrics.reader import read
from metrics.scorecard import score

REGIONS, YEARS, INDICATORS = 31, 5, 40
BOUND = 3.0


def lines() -> list[Line]:
    """Provinces with every variable in each month of five years; the last year is asked for."""
    definitions = read(text_of(INDICATORS)).definitions
    assert definitions is not None
    generator = np.random.default_rng(20240101)
    months = [f"{2020 + year}-{month + 1:02}" for year in range(YEARS) for month in range(12)]
    facts = (
        pl.DataFrame({"region": [f"{n + 11}0000" for n in range(REGIONS)]})
        .join(pl.DataFrame({"period": months}), how="cross")
        .join(pl.DataFrame({"variable": list(definitions.raw)}), how="cross")
    )
    facts = facts.with_columns(value=pl.Series(generator.uniform(1.0, 1e6, facts.height)))
    card, root = score(definitions, facts), Path(__file__).parent.parent
    name = f"a bundle of {REGIONS} regions, {facts.height:,} facts"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bundle.zip"
        file.write_bytes(bundle.write(card, periods=card.periods[-1:]))
        return [
            Line(f"{name}: writing (s)", best(lambda: bundle.write(card, periods=card.periods[-1:])), None, BOUND),
            Line(f"{name}: python -m metrics verify (s)", best(lambda: _verified(root, file)), None, BOUND),
        ]


def _verified(root: Path, file: Path) -> None:
    command = [sys.executable, "-m", "metrics", "verify", str(file)]
    subprocess.run(command, cwd=root, env=dict(os.environ), check=True, capture_output=True)
