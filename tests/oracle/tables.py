"""Random tables: plain indicators of many regions, for what happens between values and grades."""

from typing import Any

import yaml
from hypothesis import strategies as st

from tests.oracle.comparison import Case
from tests.oracle.random_trees import grades, trees, winsorise

Draw = st.DrawFn
Names = tuple[str, ...]
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
CODES = ("i", "j", "k", "l")
CYCLES = ("2021", "2022", "2023")
# Mostly of one size, some of them far away on one side or the other, ties among both.
NUMBERS = (*(4.0, 5.0, 5.0, 5.5, 6.0, 7.0, 7.5, 8.0, 9.0) * 3, 0.0, 40.0, 40.0, 300.0, 1000.0, -60.0, -500.0)
REGIONS = tuple(
    {"code": code, "parent": parent, "zone": zone}
    for code, parent, zone in (
        *(("n", None, "x"), ("p", "n", "x"), ("q", "n", "x"), ("r", None, "x"), ("s", None, "y"), ("t", None, "y")),
        *(("u", None, "y"), ("v", None, "x"), ("w", None, "x"), ("z", None, None)),
    )
)


@st.composite
def tables(draw: Draw, *, aggregate: Names = (), weights: Names = (), treated: bool = False) -> Case:
    """A case of four indicators, each a variable of its own; `treated`: all of them winsorised."""
    regions = REGIONS[: draw(st.sampled_from((4, 7, 10, 10)))]
    cycles = CYCLES[: draw(st.integers(1, 3))]
    data: dict[str, Any] = {
        "schema": 1,
        "title": "table",
        "variables": {f"x{code}": {"name": code, "unit": "1", "partial": "allow"} for code in CODES},
        "indicators": {code: draw(_indicators(code, cycles, treated)) for code in CODES},
        "index": draw(trees(CODES, (*cycles, cycles[0], "2022"), aggregate, weights)),
        **draw(grades(CODES)),
        **draw(_rules()),
    }
    return Case(yaml.dump(data, Dumper=_DUMPER, sort_keys=False), draw(_facts(regions, cycles)), regions)


@st.composite
def _indicators(draw: Draw, code: str, cycles: Names, treated: bool) -> dict[str, Any]:
    better = draw(st.sampled_from(("higher", "higher", "lower")))
    item: dict[str, Any] = {
        "name": code,
        "unit": "1",
        "formula": f"x{code}",
        "better": better,
        "normalise": draw(_normalisers(better, cycles)),
        "missing": draw(st.sampled_from(("none", "none", "mean", "latest", {"method": "group_median", "by": "zone"}))),
    }
    if treated or draw(st.integers(0, 2)) == 2:
        item["outliers"] = draw(winsorise())
    return item | (draw(st.sampled_from(({}, {}, {"peers": "zone"}))))


@st.composite
def _normalisers(draw: Draw, better: str, cycles: Names) -> dict[str, Any]:
    low, high = (0.0, 20.0) if better == "higher" else (20.0, 0.0)
    own = draw(
        st.sampled_from(
            (
                *({"method": "minmax"}, {"method": "minmax"}, {"method": "minmax", "clip": True}),
                *({"method": "zscore", "mean": 50, "sd": 10}, {"method": "rank"}, {"method": "percentile_rank"}),
                *({"method": "goalposts", "worst": low, "best": high}, {"method": "borda"}),
            )
        )
    )
    frame = draw(st.sampled_from(("cycle", "cycle", "all", *cycles)))
    return {**own, "frame": frame, "range": draw(st.sampled_from(([0, 100], [1, 100])))}


@st.composite
def _rules(draw: Draw) -> dict[str, Any]:
    kinds = draw(st.lists(st.sampled_from(("bonus", "penalty", "veto", "gate")), max_size=3))
    more: dict[str, dict[str, Any]] = {
        "bonus": {"when": "xi > 6", "points": 4},
        "penalty": {"when": "root > 40 and xj > 5", "points": 3},
        "veto": {"when": "i > 7 or l < 5", "cap": "g1"},
        "gate": {"when": "reported_share < 0.4"},
    }
    rules = [{"code": f"rule{place}", "kind": kind, **more[kind]} for place, kind in enumerate(kinds)]
    return {"rules": rules, **draw(st.sampled_from(({}, {"bonus_cap": 5})))}


@st.composite
def _facts(draw: Draw, regions: Any, cycles: Names) -> list[dict[str, Any]]:
    places = [
        (row["code"], cycle, f"x{code}") for code in CODES for cycle in cycles for row in regions if row["code"] != "n"
    ]
    gaps = draw(st.sampled_from(((), (None,), (None,) * 6)))
    numbers = st.lists(st.sampled_from((*NUMBERS, *gaps)), min_size=len(places), max_size=len(places))
    return [
        {"region": region, "site": None, "period": cycle, "variable": variable, "value": value}
        for (region, cycle, variable), value in zip(places, draw(numbers), strict=True)
    ]
