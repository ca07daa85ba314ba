"""Methods, weights, grades and rules with parameters at random, odd ones among them."""

from random import Random
from typing import Any

from tests.fuzz.grammar import PERIODS, condition

NUMBERS: tuple[Any, ...] = (
    0, 1, -1, 2, 0.5, 10, 60, 100, 1e-6, 1e-7, 1e-300, 1e150, 1e300, 1e308, -1e308, 1.7976931348623157e308, 5e-324,
    float("inf"), float("-inf"), float("nan"), 10**25, -(10**25), 10**320, "1/3", "60%", "1/0", "1e400", True, None,
)  # fmt: skip
_PLAIN = ("minmax", "zscore", "rank", "borda", "percentile_rank", "fraction_of_max")
_AGGREGATES: tuple[Any, ...] = (
    "arithmetic", "geometric", "harmonic", "median", "minimum", "copeland", "mazziotta_pareto",
    {"method": "mazziotta_pareto", "penalty": "positive"},
)  # fmt: skip


def number(dice: Random) -> Any:
    """Mostly a sensible number."""
    return dice.choice(NUMBERS) if dice.random() < 0.25 else round(dice.uniform(-50, 150), dice.randint(0, 3))


def _ascending(dice: Random) -> list[Any]:
    found = [number(dice) for _ in range(dice.randint(1, 5))]
    plain = [value for value in found if isinstance(value, int | float)]
    return sorted(plain, key=lambda value: (value != value, value)) if dice.random() < 0.8 else found


def normaliser(dice: Random) -> Any:
    """One of all normalisers."""
    kind = dice.randrange(10)
    if kind < 3:
        name = dice.choice(_PLAIN)
        return name if dice.random() < 0.4 else _framed({"method": name}, dice)
    made: Any = {
        3: {"method": "goalposts", "worst": number(dice), "best": number(dice), "clip": dice.choice((True, False)),
            "log": dice.choice((True, False))},
        4: {"method": "distance_to_target", "target": number(dice), "clip": dice.choice((True, False, "x"))},
        5: {"method": "distance_to_reference", "reference": dice.choice(("p", "q", "z", "")), "clip": False},
        6: {"method": "piecewise", "points": [[value, number(dice)] for value in _ascending(dice)]},
        7: {"method": "steps", "steps": [[value, number(dice)] for value in _ascending(dice)], "above": number(dice),
            "relative_to": dice.choice(("none", "peers_mean", "peers_median", "previous"))},
        8: dict(zip(("binding", "current", "leading"), [*_ascending(dice), 1, 2, 3][:3], strict=True))
        | {"method": "limits", "scores": [number(dice) for _ in range(3)]},
        9: {"method": "band", "best": _pair(dice), "worst": _pair(dice)},
    }[kind]  # fmt: skip
    return _framed(made, dice)


def _pair(dice: Random) -> list[Any]:
    found = [number(dice), number(dice)]
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in found)
    return sorted(found) if numbers and dice.random() < 0.8 else found


def _framed(method: dict[str, Any], dice: Random) -> dict[str, Any]:
    if dice.random() < 0.3:
        method["frame"] = dice.choice(("cycle", "all", *PERIODS))
    if dice.random() < 0.3:
        method["range"] = _pair(dice)
    if method["method"] == "zscore" and dice.random() < 0.5:
        method |= {"mean": number(dice), "sd": number(dice)}
    return method


def aggregate(dice: Random) -> Any:
    """One of all means."""
    return dice.choice(_AGGREGATES) if dice.random() < 0.7 else {"power": number(dice)}


def missing(dice: Random) -> Any:
    """One of all treatments of missing values."""
    return dice.choice((
        "none", "mean", "median", "latest", "linear", {"method": "constant", "value": number(dice)},
        {"method": "group_mean", "by": dice.choice(("zone", "region", "cycle", "x", ""))},
        {"method": "group_median", "by": "zone"}, {"method": "latest", "max_cycles": number(dice)},
    ))  # fmt: skip


def outliers(dice: Random) -> Any:
    """One of all treatments of outliers."""
    odd = {"max_points": number(dice), "skew": number(dice), "kurtosis": number(dice)}
    kept = {key: value for key, value in odd.items() if dice.random() < 0.5}
    return dice.choice(("none", "winsorise", {"method": "winsorise", "otherwise": dice.choice(("log", "none"))} | kept))


def weights(dice: Random, count: int, *, combined: bool = False) -> Any:
    """One of all sources of weights, mostly for as many children as there are."""
    size = count if dice.random() < 0.8 else dice.randint(0, 12)
    matrix = [[1.0 if row == column else 2.0 if row < column else 0.5 for column in range(size)] for row in range(size)]
    if size and dice.random() < 0.4:
        matrix[dice.randrange(size)][dice.randrange(size)] = number(dice)
    budget = [number(dice) if dice.random() < 0.2 else dice.randint(1, 60) for _ in range(size)]
    made: Any = dice.choice((
        "declared", "equal", {dice.choice(("entropy", "critic", "pca")): dice.choice((2020, 2024, 2025, "x", 2023))},
        {"ahp": [{"by": "a", "matrix": matrix}] * dice.randint(0, 3)},
        {"budget": [{"by": "a", "shares": budget}] * dice.randint(0, 3)},
    ))  # fmt: skip
    if combined or dice.random() < 0.8:
        return made
    parts = [{"of": weights(dice, count, combined=True), "share": number(dice)} for _ in range(dice.randint(0, 3))]
    return {"combine": parts}


def grades(dice: Random) -> Any:
    """Grades by threshold, by quota, or by both."""
    keys = dice.choice((("at_least",), ("top",), ("top_share",), ("at_least", "top", "top_share")))
    made = [
        {"code": dice.choice(("a", "b", "优", "c", "good")), "name": "g", dice.choice(keys): number(dice)}
        for _ in range(dice.randint(0, 6))
    ]
    return [*made, {"code": "rest", "name": "rest"}] if dice.random() < 0.7 else made


def rules(dice: Random, codes: tuple[str, ...]) -> Any:
    """Rules of every kind over whatever the file names."""
    return [
        {"code": dice.choice(("r1", "r2", "constant", "r3")), "kind": dice.choice(("veto", "bonus", "penalty", "gate")),
         "when": condition(dice, (*codes, "reported_share")), "cap": dice.choice(("rest", "a", "x")),
         "points": number(dice)}
        for _ in range(dice.randint(0, 6))
    ]  # fmt: skip


def robustness(dice: Random) -> Any:
    """What the uncertainty analysis draws."""
    return {
        "trials": number(dice), "seed": number(dice), "weights": {"spread": number(dice)},
        "normalise": [normaliser(dice), "declared"], "aggregate": [aggregate(dice), "declared"],
        "missing": [missing(dice)], "frame": [dice.choice(PERIODS), "all"], "drop_one": dice.choice((True, "x", 1)),
    }  # fmt: skip
