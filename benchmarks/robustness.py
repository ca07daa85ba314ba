"""Uncertainty analysis and leave-one-out, as ratios to hand-written numpy of the same work; the memory they take."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.scoring import NO_FACTS
from benchmarks.timing import Line, against, best
from metrics import aggregate
from metrics.definitions import Definitions
from metrics.frames import Matrix
from metrics.periods import Cycles
from metrics.reader import read
from metrics.regions import regions_of
from metrics.robustness import analyse, leave_one_out
from metrics.scorecard import Scorecard, score_values
from metrics.values import Cells, Rows

ROUNDS = 3
TRIALS = 1000
MOST_MEMORY = 1.0
# Three levels: as large as the ASEM index, and as many as there are prefectures with a long list of indicators.
SIZES = {"51 x 49": (51, (4, 4, 3)), "340 x 60": (340, (4, 5, 3))}


def text_of(levels: tuple[int, int, int], indicators: int) -> str:
    """A file of min-max indicators in a tree of two levels of pillars above them."""
    lines = ["schema: 1", "title: benchmark", "variables:"]
    lines += [f"  v{n}: {{name: v{n}, unit: '1'}}" for n in range(indicators)] + ["indicators:"]
    better = ("higher", "lower")
    lines += [f"  x{n}: {{name: x{n}, unit: '1', formula: v{n}, better: {better[n % 2]}}}" for n in range(indicators)]
    lines += ["index:", "  code: composite", "  name: composite", "  children:"]
    pillars, parts, _ = levels
    for p in range(pillars):
        lines += [f"    - code: p{p}", f"      name: p{p}", f"      weight: {p + 1}", "      children:"]
        for q in range(parts):
            here = range(p * parts + q, indicators, pillars * parts)
            lines += [f"        - code: p{p}q{q}", f"          name: p{p}q{q}", "          children:"]
            lines += [f"            - {{indicator: x{n}, weight: {n % 5 + 1}}}" for n in here]
    lines += [
        "robustness:", f"  trials: {TRIALS}", "  weights: {spread: 0.25}",
        "  normalise: [minmax, {method: minmax, range: [1, 100]}, declared]", "  aggregate: [arithmetic, geometric]",
    ]  # fmt: skip
    return "\n".join(lines)


def card_of(size: str) -> Scorecard:
    """One cycle of random values, scored."""
    regions, levels = SIZES[size]
    indicators = int(size.split(" x ")[1])
    reading = read(text_of(levels, indicators))
    assert reading.definitions is not None, reading.problems
    generator = np.random.default_rng(20240101)
    rows = Rows((2024,), regions_of(None, named=(f"r{n:04}" for n in range(regions))), Cycles())
    known = {f"x{n}": Cells(pl.Series(generator.normal(50, 10, regions))) for n in range(indicators)}
    frame, wide = score_values(reading.definitions, rows, known)
    return Scorecard(frame, wide, reading.definitions, rows, known, NO_FACTS)


def by_hand(card: Scorecard) -> Matrix:
    """The same trials' mean ranks, in numpy written for just this tree: two score matrices, sums of products."""
    definitions, generator = card.definitions, np.random.default_rng(1)
    codes = [row.code for row in definitions.nodes() if row.level == "indicator"]
    unit = np.stack([card.wide[f"score {code}"].to_numpy() for code in codes], axis=1)
    place = {code: at for at, code in enumerate(codes)}
    total = np.zeros(len(unit))
    for geometric in (False, True):
        scores = np.log(1.0 + 0.99 * unit) if geometric else unit
        weights = _leaf_weights(definitions, place, TRIALS // 2, generator)
        composite = weights @ scores.T
        order = np.argsort(-composite, axis=1)
        ranks = np.empty_like(order)
        np.put_along_axis(ranks, order, np.arange(1, len(unit) + 1)[None, :].repeat(len(order), axis=0), axis=1)
        total += ranks.sum(axis=0)
    return total / TRIALS


def _leaf_weights(
    definitions: Definitions, place: dict[str, int], trials: int, generator: np.random.Generator
) -> Matrix:
    """Shares of the composite (t, leaves): products of the shares of all levels."""
    found = np.zeros((trials, len(place)))
    shares = {definitions.index.code: np.ones(trials)}
    for code, node in definitions.tree_nodes.items():
        drawn = np.stack([child.weight * generator.uniform(0.75, 1.25, trials) for child in node.children], axis=1)
        drawn *= (shares[code] / drawn.sum(axis=1))[:, None]
        for at, child in enumerate(node.children):
            name = getattr(child, "indicator", None)
            if name is None:
                shares[child.code] = drawn[:, at]  # type: ignore[union-attr]
            else:
                found[:, place[name]] = drawn[:, at]
    return found


def copeland_of(regions: int, indicators: int) -> Callable[[], Matrix]:
    """One Copeland ranking of random scores."""
    scores = np.random.default_rng(3).normal(50, 10, (1, regions, indicators))
    weights, compared = np.ones((1, 1, indicators)), np.ones(regions, dtype=bool)
    return lambda: aggregate.copeland(scores, weights, None, compared)


def memory_of(work: str) -> float:
    """The most memory a process of its own takes for a piece of work, in GB."""
    command = f"from benchmarks import robustness as r\n{work}\nprint(r.used())"
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True)
    return float(done.stdout)


def used() -> float:
    """The most memory this process has taken, in GB."""
    # Not by getrusage: what that says of a process begins with its parent's.
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(peak.split()[1]) / 2**20


def lines() -> list[Line]:
    """Seconds and ratios for each size, then the memory."""
    found = []
    for size, bound, ratio in (("51 x 49", 1.0, 25.0), ("340 x 60", 5.0, 25.0)):
        card = card_of(size)
        line = against(
            f"{TRIALS} trials of {size}, to numpy",
            lambda card=card: analyse(card).ranks,  # type: ignore[misc]
            lambda card=card: by_hand(card),  # type: ignore[misc]
            bound=ratio,
        )
        found += [Line(f"{TRIALS} trials of {size}, s", line.seconds, None, bound), line]
    card = card_of("51 x 49")
    found.append(Line("leave-one-out of 49, s", best(lambda: leave_one_out(card), rounds=ROUNDS), None, 0.3))
    found.append(Line("Copeland of 340 x 60, s", best(copeland_of(340, 60), rounds=ROUNDS), None, 0.1))
    works = {f"trials of {size}": f"r.analyse(r.card_of('{size}')).pairs" for size in SIZES} | {
        "leave-one-out of 49": "r.leave_one_out(r.card_of('51 x 49'))",
        "Copeland of 340 x 60": "r.copeland_of(340, 60)()",
    }
    found += [Line(f"memory of {name}, GB", memory_of(work), None, MOST_MEMORY) for name, work in works.items()]
    return found
