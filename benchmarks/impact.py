"""The impact of other definitions, all that is shown of it, against scoring the same facts by both files."""

from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.timing import Line, against
from data import demo
from metrics.definitions import Definitions
from metrics.impact import Impact, between, rescored
from metrics.reader import read
from metrics.scorecard import score

ROOT = Path(__file__).parent.parent
REGIONS = 340
DEMONSTRATION, MANY = 1.0, 3.0


def lines() -> list[Line]:
    """The demonstration, and many regions over five years, each beside a scorecard that is there already."""
    built = demo.build()
    sizes = (
        ("the demonstration", built.facts, built.regions, DEMONSTRATION, 1.5),
        (f"{REGIONS} regions x 5 cycles", *_many(built), MANY, 1.0),
    )
    return [line for size in sizes for line in _lines(*size)]


def _lines(name: str, facts: pl.DataFrame, regions: pl.DataFrame, seconds: float, ratio: float) -> list[Line]:
    before, after = _files()
    card = score(before, facts, regions=regions)
    measured = against(
        f"impact on {name}, to two scorings",
        lambda: _everything(between(card, rescored(card, after, card.facts, regions))),
        lambda: [score(file, facts, regions=regions) for file in (before, after)],
        bound=ratio,
    )
    return [Line(f"impact on {name} (s)", measured.seconds, None, seconds), measured]


def _everything(found: Impact) -> list[pl.DataFrame]:
    """All that is shown of it at first: whom it touches, and why in the latest cycle."""
    return [found.rows, found.reasons(found.after.periods[-1]), found.ranking, found.regraded]


def _files() -> tuple[Definitions, Definitions]:
    """The default definitions, and these with another weight, another grade and another limit."""
    text = (ROOT / "indicators.yaml").read_text(encoding="utf-8")
    changed = text.replace("weight: 0.30", "weight: 0.45", 1).replace("at_least: 80}", "at_least: 78}", 1)
    found = [read(each).definitions for each in (text, changed.replace("> 20.0", "> 18.0", 1))]
    assert found[0] is not None
    assert found[1] is not None
    return found[0], found[1]


def _many(built: demo.Demo) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The demonstration's cities over and over, each time with other numbers: facts and regions."""
    above = built.regions["parent"].drop_nulls().unique()
    cities = built.regions.filter(~pl.col("code").is_in(above)).drop("areas")
    generator, facts, regions = np.random.default_rng(20240101), [], []
    of = built.facts.partition_by("region", as_dict=True)
    for place in range(REGIONS):
        city = cities[place % cities.height]
        code, own = pl.lit(f"r{place:05}"), of[(city["code"][0],)]
        drawn = pl.Series(generator.uniform(0.9, 1.1, own.height))
        facts.append(own.with_columns(region=code, value=pl.col("value") * drawn))
        regions.append(city.with_columns(code=code, parent=pl.lit(None, pl.String)))
    return pl.concat(facts), pl.concat(regions)
