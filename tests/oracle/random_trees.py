"""Random parts of the method: outliers, trees with every aggregation and source of weights, grades."""

from typing import Any

from hypothesis import strategies as st

Draw = st.DrawFn
Names = tuple[str, ...]
AGGREGATIONS = (
    *("arithmetic", "geometric", "harmonic", "power", "median", "minimum"),
    *("copeland", "mazziotta_pareto"),
)
SOURCES = ("declared", "equal", "entropy", "critic", "pca", "ahp", "budget", "combine")
_FLOORS = (1, 0.1, 20)


@st.composite
def trees(draw: Draw, codes: Names, cycles: Names, aggregate: Names = (), weights: Names = ()) -> dict[str, Any]:
    """A root over a pillar of the first indicators and the others, or over two pillars, or over all of them."""
    leaves = [draw(leaf(code)) for code in codes]
    shape = draw(st.sampled_from(("pillar", "pillar", "two", "flat")))
    cut = {"pillar": len(codes) - 1, "two": len(codes) // 2, "flat": 0}[shape]
    children: list[Any] = leaves[cut:] if shape != "two" else [_pillar("second", leaves[cut:])]
    if cut:
        children.insert(0, _pillar("pillar", leaves[:cut]))
    root = {"code": "root", "name": "root", "children": children}
    nodes = [root, *(child for child in children if "children" in child)]
    for place, node in enumerate(nodes):
        wanted = [names[place] if place < len(names) else "" for names in (aggregate, weights)]
        node |= draw(means(len(node["children"]), cycles, *wanted))
    return root


def _pillar(code: str, children: list[dict[str, Any]]) -> dict[str, Any]:
    return {"code": code, "name": code, "children": children}


@st.composite
def leaf(draw: Draw, code: str) -> dict[str, Any]:
    """An indicator's place with its weight, written in one of the ways that there are."""
    return {"indicator": code, "weight": draw(st.sampled_from((1, 1, 2, 0.3, "1/3", "30%")))}


@st.composite
def means(draw: Draw, children: int, cycles: Names, aggregate: str = "", weights: str = "") -> dict[str, Any]:
    """How a node's children become one score: aggregation, floor, coverage, weights."""
    name = aggregate or draw(st.sampled_from(AGGREGATIONS))
    found: dict[str, Any] = {"aggregate": name}
    if name == "power":
        found["aggregate"] = {"power": draw(st.sampled_from((1, 2, 0.5, -1, -2.5, "1/3")))}
    if name == "mazziotta_pareto":
        penalty = draw(st.sampled_from(("negative", "positive")))
        found["aggregate"] = draw(st.sampled_from((name, {"method": name, "penalty": penalty})))
    if name in ("geometric", "harmonic") or draw(st.integers(0, 5)) == 5:
        found["floor"] = draw(st.sampled_from(_FLOORS))
    return found | {
        "min_coverage": draw(st.sampled_from((0.0, 0.0, 0.5, 0.65, 1.0, "60%"))),
        "weights": draw(sources(weights or draw(st.sampled_from(SOURCES)), children, cycles)),
    }


@st.composite
def sources(draw: Draw, name: str, children: int, cycles: Names) -> Any:
    """One source of weights for so many children."""
    if name in ("entropy", "critic", "pca"):
        return {name: draw(st.sampled_from(cycles))}
    if name == "ahp":
        return {name: [draw(_comparisons(children)) for _ in range(draw(st.integers(1, 2)))]}
    if name == "budget":
        shares = st.lists(st.sampled_from((10, 0.5, 30, 1)), min_size=children, max_size=children)
        return {name: [{"by": "judge", "shares": draw(shares)} for _ in range(draw(st.integers(1, 2)))]}
    if name == "combine":
        kinds = draw(st.lists(st.sampled_from(SOURCES[:-1]), min_size=1, max_size=3))
        return {
            name: [
                {
                    "of": draw(sources(kind, children, cycles)),
                    **draw(st.sampled_from(({}, {"share": 0.5}, {"share": 3}))),
                }
                for kind in kinds
            ]
        }
    return name


@st.composite
def _comparisons(draw: Draw, children: int) -> dict[str, Any]:
    """A judge's matrix: any ratios above the diagonal, their reciprocals below."""
    matrix: list[list[Any]] = [[1] * children for _ in range(children)]
    for row in range(children):
        for column in range(row + 1, children):
            ratio = draw(st.sampled_from((1, 2, 3, 5, 9)))
            up = draw(st.booleans())
            matrix[row][column], matrix[column][row] = (ratio, f"1/{ratio}") if up else (f"1/{ratio}", ratio)
    return {"by": "judge", "matrix": matrix}


THRESHOLDS = ({"at_least": 90}, {"at_least": 60}, {"at_least": 30}, {})
QUOTAS = ({"top": 1}, {"top_share": 0.4}, {"top": 1}, {})


@st.composite
def grades(draw: Draw, ties: Names) -> dict[str, Any]:
    """Thresholds or quotas; these with tie-breaks or without."""
    bounds = draw(st.sampled_from((THRESHOLDS, THRESHOLDS, QUOTAS, QUOTAS[:2], THRESHOLDS[:3])))
    found: dict[str, Any] = {
        "grades": [{"code": f"g{place}", "name": f"g{place}", **bound} for place, bound in enumerate(bounds)]
    }
    if "top" in bounds[0]:
        found["tie_breaks"] = draw(st.lists(st.sampled_from(ties), max_size=2, unique=True))
    return found


@st.composite
def winsorise(draw: Draw) -> Any:
    """Mild bounds, so that many columns do not pass."""
    return {
        "method": "winsorise",
        "max_points": draw(st.sampled_from((5, 5, 1, 2, 0))),
        "skew": draw(st.sampled_from((2, 1, 0.5))),
        "kurtosis": draw(st.sampled_from((3.5, 1, -1))),
        "otherwise": draw(st.sampled_from(("log", "log", "none"))),
    }
