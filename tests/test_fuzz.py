"""Files broken at random: whatever they say, they are read, told in words, and scored or refused."""

import hashlib
import subprocess
import sys
from collections.abc import Iterator

import pytest

from metrics.definitions import Definitions
from metrics.explain import MOST_LEVELS, MOST_RUNGS, explain
from metrics.ladder import Rung
from metrics.reader import read
from metrics.scorecard import score
from tests.fuzz import watch
from tests.fuzz.checks import REGIONS, facts_for, judge
from tests.fuzz.files import case, mutated
from tests.fuzz.sources import ROOT, SEEDS
from tests.fuzz.taken import MOST

KEPT = sorted(path.name for path in SEEDS.glob("*.yaml"))
SLICE, PART = 300, 25
# Longer ones take up to seconds each, and are left to the run of many.
LONGEST = 20_000
PLAIN = """schema: 1
title: "Some councils: cost, service, environment and property"
variables:
  x: {name: n, unit: "1"}
indicators:
  i: {name: n, unit: "1", formula: x, better: higher}
index: {code: all, name: all, children: [{indicator: i}]}
"""


@pytest.mark.parametrize("name", KEPT)
def test_a_file_that_once_broke_a_rule_keeps_them_all(name: str) -> None:
    """What a run of many files found is mended for good."""
    raw = (SEEDS / name).read_bytes()
    text = raw.decode()
    assert judge(raw).faults + judge(text, text).faults + judge(text, PLAIN, further=MOST).faults == []


@pytest.mark.parametrize("first", range(0, SLICE, PART))
def test_broken_files_keep_every_rule(first: int) -> None:
    """A slice of what `python -m tests.fuzz` looks at: nothing raised, problems of one line, finite numbers."""
    cases = {index: case(0, index) for index in range(first, first + PART)}
    faults = {index: judge(*made).faults for index, made in cases.items() if len(made[0]) <= LONGEST}
    assert {index: found for index, found in faults.items() if found} == {}


@pytest.mark.parametrize("file", ["indicators.yaml", "examples/euas/indicators.yaml"])
def test_what_a_file_leads_to_keeps_every_rule(file: str) -> None:
    """Its impact on the demonstration, its manual, exports and robustness: all are computed, and as they must be."""
    verdict = judge((ROOT / file).read_text(encoding="utf-8"), further=MOST)
    assert verdict.faults == []
    assert verdict.taking.keys() == MOST.keys()


def _digest(indices: range) -> str:
    whole = hashlib.sha256()
    for index in indices:
        text = mutated(2, index)
        whole.update(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    return whole.hexdigest()


def test_a_file_is_made_again_from_its_seed_and_index() -> None:
    """Another process, whose sets stand in another order, makes the same files."""
    code = "from tests.test_fuzz import _digest; print(_digest(range(40)))"
    made = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={"PYTHONHASHSEED": "7"}, capture_output=True, text=True, check=True
    )
    assert made.stdout.strip() == _digest(range(40))


def test_a_process_that_dies_is_told_of_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that ends the process of the interpreter is a fault of that file, and the others are still looked at."""

    def dying(worker: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", "import os; input(); os._exit(3)"]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)

    monkeypatch.setattr("tests.fuzz.watch._Worker._started", dying)
    found = dict(watch.judged(0, range(2), workers=1))
    assert {index: verdict["outcome"] for index, verdict in found.items()} == {0: "lost", 1: "lost"}
    assert "died (3)" in found[0]["faults"][0]


def _chained(formula: str, count: int) -> Definitions:
    """A file of variables, each made of the two before it."""
    derived = "".join(
        f'  x{at}: {{name: n, unit: "1", formula: "{formula.format(at - 1, at - 2)}"}}\n' for at in range(2, count)
    )
    text = (
        'schema: 1\ntitle: t\nvariables:\n  x0: {name: n, unit: "1"}\n  x1: {name: n, unit: "1"}\n'
        + derived
        + "indicators:\n"
        f'  i: {{name: n, unit: "1", formula: x{count - 1}, better: higher}}\n'
        "index: {code: all, name: all, children: [{indicator: i}]}\n"
    )
    definitions = read(text).definitions
    assert definitions is not None
    return definitions


def _rungs(rung: Rung) -> Iterator[Rung]:
    yield rung
    for child in rung.children:
        yield from _rungs(child)


@pytest.mark.parametrize(("formula", "count"), [("x{0} + 1", 400), ("x{0} / 2 + x{1} / 2", 40)])
def test_an_explanation_without_end_says_where_it_stops(formula: str, count: int) -> None:
    """A chain deeper than anybody reads, or one that names each other twice over, is opened so far and no further."""
    definitions = _chained(formula, count)
    facts, regions = facts_for(definitions)
    card = score(definitions, facts, regions=regions)
    found = explain(card, REGIONS[0], card.periods[-1], "i")
    rungs = list(_rungs(found.root))
    assert MOST_LEVELS <= len(rungs) <= 2 * MOST_RUNGS
    left = [step.text for rung in rungs for step in rung.steps if step.name == "unopened"]
    assert left
    assert set(", ".join(left).split(", ")) <= set(definitions.codes)
    assert "Not opened further" in found.text("en")
    assert not any(step.name == "unopened" for step in explain(card, "p", card.periods[-1], "i", levels=1).root.steps)
