"""Random cases: definitions that can be read, with regions and facts that reach every corner of the method."""

from datetime import date
from itertools import zip_longest
from typing import Any

import yaml
from hypothesis import strategies as st

from tests.oracle.calendar import Calendar
from tests.oracle.comparison import Case
from tests.oracle.random_formulas import Words, conditions, values
from tests.oracle.random_normalisers import NORMALISERS, normalisers
from tests.oracle.random_trees import AGGREGATIONS, grades, leaf, means, winsorise

Draw = st.DrawFn
Names = tuple[str, ...]
# The one written in C where it is there.
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
MISSING = ("none", "mean", "median", "group_mean", "group_median", "latest", "linear", "constant")
OVER_TIME = ("sum", "mean", "last", "first", "max", "min")
OVER_SITES = ("sum", "mean", "max", "min", "none", "mean_by")
RAW = ("a", "b", "c")
# Sums of these are exact in any order, so that a difference between engines is never one of rounding alone.
NUMBERS = (0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 2.0, 3.0, 4.5, 7.0, 10.0, 12.5, 40.0, 1000.0, -1.0, -2.5)
# Cycle, month of the fiscal year, names of three cycles in a row and of one that no fact is in.
CALENDARS: tuple[tuple[str, int, tuple[str, str, str], str], ...] = (
    ("year", 1, ("2021", "2022", "2023"), "2019"),
    ("year", 1, ("2021", "2022", "2024"), "2023"),
    ("year", 4, ("2021/22", "2022/23", "2023/24"), "2019/20"),
    ("half", 1, ("2021-H1", "2021-H2", "2022-H1"), "2020-H1"),
    ("quarter", 1, ("2021-Q3", "2021-Q4", "2022-Q1"), "2020-Q4"),
    ("month", 1, ("2021-11", "2021-12", "2022-01"), "2022-03"),
)
DATES = (date(2020, 1, 1), date(2021, 12, 31), date(2022, 1, 1), date(2022, 3, 31))
FLAT = tuple({"code": code, "parent": None, "zone": zone} for code, zone in zip("pqrst", (*"xxyy", None), strict=True))
TREE = tuple(
    {"code": code, "parent": parent, "level": level, "zone": zone}
    for code, parent, level, zone in (
        ("n", None, "nation", None),
        ("n1", "n", "province", "x"),
        ("n2", "n", "province", "x"),
        ("p", "n1", "city", "x"),
        ("q", "n1", "city", "x"),
        ("r", "n2", "city", "x"),
        ("s", "n2", "city", "y"),
    )
)


@st.composite
def cases(draw: Draw, normaliser: Names = (), missing: Names = (), function: Names = (), over_time: Names = ()) -> Case:
    """A case whose indicators i, j, k (and variables a, b, c) use the methods named, each its own."""
    calendar = draw(st.sampled_from(CALENDARS))
    regions = draw(st.sampled_from((FLAT, FLAT, FLAT[:3], TREE, TREE, None)))
    words = Words((*RAW, "derived"), ("factor",), calendar[2])
    dated = draw(
        st.sampled_from(("nothing", "nothing", "raw", "formulas", "all") if not missing else ("nothing", "raw"))
    )
    units = ("1", "1", draw(st.sampled_from(("1", "%"))))
    data: dict[str, Any] = {
        "schema": 1,
        "title": "random",
        "cycle": calendar[0],
        "fiscal_year_starts": calendar[1],
        "compare": draw(st.sampled_from(("leaves", "province"))) if regions is TREE else "leaves",
        "factors": {"factor": {"unit": "1", "values": draw(_factor_values(regions is TREE))}},
        "variables": draw(_variables(words, over_time, dated)),
        "indicators": {
            code: draw(_indicators(words, calendar, regions, *wanted, unit, dated))
            for code, unit, *wanted in zip_longest("ijk", units, normaliser, missing, function, fillvalue="")
        },
        "index": draw(_trees(calendar[2])),
        **draw(_judgement(words)),
    }
    facts = draw(_facts(data["variables"], calendar, regions))
    return Case(yaml.dump(data, Dumper=_DUMPER, sort_keys=False), facts, regions)


@st.composite
def _factor_values(draw: Draw, tree: bool) -> dict[date, Any]:
    value = st.sampled_from((0.5, 2.0, 0.0, -1.5))
    local = ("n", "n1", "p") if tree else ("p", "q")
    regional = st.dictionaries(st.sampled_from(("default", *local)), value, min_size=1, max_size=2)
    return draw(st.dictionaries(st.sampled_from(DATES), st.one_of(value, regional), min_size=1, max_size=2))


@st.composite
def _valid(draw: Draw) -> dict[str, date]:
    start = st.sampled_from((DATES[0], DATES[2]))
    return draw(
        st.sampled_from(({"from": DATES[2]}, {"to": DATES[1]}, {"to": DATES[3]}))
        | st.builds(lambda day: {"from": day, "to": DATES[3]}, start)
    )


@st.composite
def _variables(draw: Draw, words: Words, over_time: Names, dated: str) -> dict[str, Any]:
    raw = {code: draw(_raw(code, dated)) for code in RAW}
    for code, name in zip(raw, over_time, strict=False):
        raw[code]["over_time"] = name
    simple = Words(RAW, words.factors, words.cycles)
    derived: dict[str, Any] = {"name": "derived", "unit": "1", "formula": draw(values(simple, depth=1))}
    return {**raw, "derived": derived | draw(_sometimes("valid", _valid(), dated in ("formulas", "all")))}


@st.composite
def _raw(draw: Draw, code: str, dated: str) -> dict[str, Any]:
    over_sites = draw(st.sampled_from(("sum", *OVER_SITES)))
    weight = "b" if code == "a" else "a"
    return {
        "name": code,
        "unit": "1",
        "over_time": draw(st.sampled_from(OVER_TIME)),
        "over_sites": {"mean_by": weight} if over_sites == "mean_by" else over_sites,
        "absent": draw(st.sampled_from(("unknown", "unknown", "zero"))),
        "partial": draw(st.sampled_from(("refuse", "refuse", "allow"))),
        **draw(_sometimes("valid", _valid(), dated in ("raw", "all"))),
    }


@st.composite
def _sometimes(draw: Draw, key: str, strategy: st.SearchStrategy[Any], wanted: bool = True) -> dict[str, Any]:
    """One time in four the key where it is wanted, else nothing."""
    return {key: draw(strategy)} if wanted and draw(st.integers(0, 3)) == 3 else {}


@st.composite
def _indicators(
    draw: Draw, words: Words, calendar: Any, regions: Any, method: str, gaps: str, function: str, unit: str, dated: str
) -> dict[str, Any]:
    better, normalise = draw(normalisers(method or draw(st.sampled_from(NORMALISERS)), calendar))
    item: dict[str, Any] = {
        "name": "indicator",
        "unit": unit,
        "formula": draw(values(words, depth=2, function=function)),
        "better": better,
        "normalise": normalise,
    }
    if regions is not None:
        item |= draw(_sometimes("peers", st.just("zone")))
    missing = gaps or draw(st.sampled_from((*("none",) * 8, *MISSING)))
    if missing.startswith("group") and regions is None:
        missing = missing.removeprefix("group_")
    valid = draw(_sometimes("valid", _valid(), dated in ("formulas", "all")))
    item |= {"missing": draw(_missing(missing)), **valid, **draw(_sometimes("outliers", winsorise()))}
    return item | draw(_sometimes("survey", _surveys(words)))


@st.composite
def _surveys(draw: Draw, words: Words) -> dict[str, Any]:
    """Bounds on variables, whatever these count."""
    item = {"respondents": draw(st.sampled_from(words.variables)), "least": draw(st.sampled_from(NUMBERS))}
    width = {"half_width": draw(st.sampled_from(words.variables)), "widest": draw(st.sampled_from(NUMBERS))}
    return item | draw(st.sampled_from(({}, width)))


@st.composite
def _missing(draw: Draw, name: str) -> dict[str, Any]:
    more: dict[str, Any] = {}
    if name.startswith("group"):
        more = {"by": "zone"}
    if name == "constant":
        more = {"value": draw(st.sampled_from(NUMBERS))}
    if name == "latest":
        more = draw(st.sampled_from(({}, {"max_cycles": 1}, {"max_cycles": 2})))
    return {"method": name, **more}


@st.composite
def _trees(draw: Draw, cycles: Names) -> dict[str, Any]:
    """i and j under a pillar, k beside it (or in no place)."""
    pillar = {"code": "pillar", "name": "pillar", "children": [draw(leaf("i")), draw(leaf("j"))]}
    children = [pillar | draw(_means(2, cycles)), draw(leaf("k"))][: draw(st.sampled_from((1, 2, 2, 2)))]
    return {"code": "root", "name": "root", "children": children} | draw(_means(len(children), cycles))


@st.composite
def _means(draw: Draw, children: int, cycles: Names) -> dict[str, Any]:
    """Mostly plain means: facts as thin as these rarely give weights."""
    aggregate = draw(st.sampled_from((*("arithmetic", "geometric") * 4, *AGGREGATIONS)))
    weights = draw(st.sampled_from((*("declared", "equal") * 4, "ahp", "budget", "entropy")))
    return draw(means(children, cycles, aggregate, weights))


@st.composite
def _judgement(draw: Draw, words: Words) -> dict[str, Any]:
    """Grades, rules and the cap of bonuses."""
    # k may be in %, which cannot be added to what is not; nodes are moved off the numbers that they are compared with,
    # so that no condition rests on their last digits.
    nodes = ("(pillar - 0.0171)", "(root - 0.0137)")
    known = Words((*words.variables, "i", "j", *nodes, "reported_share"), words.factors, words.cycles)
    kinds = draw(
        st.lists(st.sampled_from(("bonus", "penalty", "veto", "bonus", "veto", "penalty", "gate")), max_size=3)
    )
    rules = [draw(_rules(f"rule{index}", kind, known)) for index, kind in enumerate(kinds)]
    return {**draw(grades(("i", "j", "k", "pillar"))), "rules": rules, **draw(st.sampled_from(({}, {"bonus_cap": 5})))}


@st.composite
def _rules(draw: Draw, code: str, kind: str, words: Words) -> dict[str, Any]:
    more: dict[str, Any] = {}
    if kind == "veto":
        more = {"cap": draw(st.sampled_from(("g1", "g0")))}
    if kind in ("bonus", "penalty"):
        more = {"points": draw(st.sampled_from((0.5, 3, 40)))}
    return {"code": code, "kind": kind, "when": draw(conditions(words, depth=1)), **more}


@st.composite
def _facts(draw: Draw, variables: dict[str, Any], calendar: Any, regions: Any) -> list[dict[str, Any]]:
    codes = [row["code"] for row in regions] if regions is not None else ["p", "q", "r"]
    parents = {row["parent"] for row in regions or ()}
    reporting = [code for code in codes if code not in parents or draw(st.integers(0, 3)) == 3]
    series = [(code, region, site) for code in RAW for region in reporting for site in draw(_SITES)]
    facts = [fact for place in series for cycle in calendar[2] for fact in draw(_reports(*place, calendar, cycle))]
    return facts or [{"region": codes[0], "site": None, "period": calendar[2][0], "variable": "a", "value": 1.0}]


# Most regions report themselves; some have institutions, or both.
_SITES = st.sampled_from(((None,),) * 6 + (("s1",), ("s1", "s2"), (None, "s1", "s2")))


@st.composite
def _reports(
    draw: Draw, variable: str, region: str, site: str | None, calendar: Any, cycle: str
) -> list[dict[str, Any]]:
    """What is reported of one variable in one cycle: nothing, the whole, or parts of it (some of them missing)."""
    manner = draw(st.integers(0, 15))
    if manner == 0:
        return []
    periods = [cycle]
    if manner >= 12:
        kind, starts, *_ = calendar
        periods = _shorter(kind, starts, cycle)
        periods = [] if not periods else periods if manner < 14 else periods[: draw(st.integers(1, len(periods)))]
        periods += draw(st.sampled_from(((), (), (cycle,)))) or ((cycle,) if not periods else ())
    number = st.sampled_from((*NUMBERS, None))
    return [
        {"region": region, "site": site, "period": period, "variable": variable, "value": draw(number)}
        for period in periods
    ]


def _shorter(kind: str, starts: int, cycle: str) -> list[str]:
    """The quarters of a year, the months of a half or quarter, some days of a month."""
    calendar = Calendar(kind, starts)
    first, count = calendar.stretch(cycle)
    if kind == "month":
        return [f"{cycle}-{day:02}" for day in (1, 2, 29)]
    quarters = Calendar("quarter", 1) if kind == "year" else Calendar("month", 1)
    return [quarters.name(quarters.cycle_of(month)) for month in range(first, first + count, quarters.length)]
