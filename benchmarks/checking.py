"""Reading and checking a definitions file: in process, and as a cold command."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.scoring import NO_FACTS
from benchmarks.timing import Line, best
from metrics.advice_facts import against_facts
from metrics.periods import Cycles
from metrics.reader import read
from metrics.regions import regions_of
from metrics.scorecard import Given, Scorecard, score_values
from metrics.values import Cells, Rows

INDICATORS = 200
REGIONS, MONTHS = 340, 60
IN_PROCESS, COLD, FACTS = 0.1, 1.0, 0.15


def text_of(indicators: int) -> str:
    """A file with that many variables and indicators, with names, units, sources and a tree of ten pillars."""
    lines = ["schema: 1", "title: {zh: 性能测试, en: Benchmark}", "variables:"]
    for n in range(indicators):
        lines += [
            f"  cost_{n}:",
            f"    name: {{zh: 费用{n}, en: Cost {n}}}",
            "    unit: 万元",
            "    domain: cost",
            "    plausible: [0, 1.0e9]",
        ]
    lines += ["  staff: {name: {zh: 在岗人数, en: Staff}, unit: person, over_time: last}", "indicators:"]
    for n in range(indicators):
        lines += [
            f"  cost_per_head_{n}:",
            f"    name: {{zh: 人均费用{n}, en: Cost per head {n}}}",
            "    unit: 元/person",
            f"    formula: (cost_{n} + 0.5 * cost_{(n + 1) % indicators}) / staff",
            "    better: lower",
            "    normalise: {method: goalposts, worst: 60000, best: 10000}",
            "    why: 反映机关运行的投入水平。",
            "    source: 示例",
        ]
    lines += ["index:", "  code: composite", "  name: {zh: 综合, en: Composite}", "  children:"]
    for pillar in range(10):
        lines += [
            f"    - code: pillar_{pillar}",
            f"      name: {{zh: 维度{pillar}, en: Pillar {pillar}}}",
            "      children:",
        ]
        lines += [f"        - {{indicator: cost_per_head_{n}, weight: 1}}" for n in range(pillar, indicators, 10)]
    return "\n".join(lines) + "\n"


def lines() -> list[Line]:
    """The file of 200 indicators in process, against its facts, and `python -m metrics check` from cold."""
    text = text_of(INDICATORS)
    reading = read(text)
    assert reading.definitions is not None, reading.problems[:3]
    root = Path(__file__).parent.parent
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "indicators.yaml"
        file.write_text(text, encoding="utf-8")
        return [
            Line(f"check of {INDICATORS} indicators, in process (s)", best(lambda: read(text)), None, IN_PROCESS),
            Line(
                f"python -m metrics check of {INDICATORS} indicators, cold (s)",
                best(lambda: _cold(root, file)),
                None,
                COLD,
            ),
            Line(
                "python -m metrics check indicators.yaml, cold (s)",
                best(lambda: _cold(root, root / "indicators.yaml")),
                None,
                COLD,
            ),
            _against_facts(),
        ]


def _against_facts() -> Line:
    """A scorecard's facts, every variable of every region in every month, against what the file says of them."""
    reading = read(text_of(INDICATORS).replace("schema: 1", "schema: 1\ncycle: month"))
    assert reading.definitions is not None
    definitions, generator = reading.definitions, np.random.default_rng(20240101)
    codes = pl.DataFrame({"region": [f"r{n:05}" for n in range(REGIONS)]})
    rows = Rows(tuple(range(24000, 24000 + MONTHS)), regions_of(None, named=codes["region"]), Cycles("month"))
    known = {code: Cells(pl.Series(generator.normal(3e4, 1e4, rows.frame.height))) for code in definitions.indicators}
    months, variables = pl.DataFrame({"period": rows.frame["period"].unique()}), list(definitions.variables)
    facts = codes.join(months, how="cross").join(pl.DataFrame({"variable": variables}), how="cross")
    facts = facts.with_columns(value=pl.Series(generator.uniform(1.0, 1e6, facts.height)))
    card = Scorecard(
        *score_values(definitions, rows, known), definitions, rows, known, Given(NO_FACTS.own, lambda: facts)
    )
    name = f"{INDICATORS} indicators against {facts.height / 1e6:.1f} m facts (s)"
    return Line(name, best(lambda: against_facts(reading, card)), None, FACTS)


def _cold(root: Path, file: Path) -> None:
    command = [sys.executable, "-m", "metrics", "check", str(file)]
    subprocess.run(command, cwd=root, env=dict(os.environ), check=True, capture_output=True)
