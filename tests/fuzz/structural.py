"""Mutations of a file's data: values of other types, odd numbers, codes that clash, formulas grown beyond use."""

import copy
from collections.abc import Callable
from random import Random
from typing import Any

from tests.fuzz import methods
from tests.fuzz.grammar import monstrous, unit, value

Data = dict[str, Any]
Mutation = Callable[[Data, Random], None]
_ODD: tuple[Any, ...] = (
    None, True, False, "", " ", "x", [], {}, [[]], {"a": 1}, [1, 2], 0, -1, 1e308, float("nan"), float("inf"), 10**30,
    "1e5", "no", "a\nb", "\u202ex", "<b>x</b>", "**x** $x$ \\frac{}{}", "{0}", "{x}", "%s", "`x`", "x" * 5000,
    "2024-01-01", {"zh": "甲"}, {"zh": "", "en": ""}, {"zh": 1, "en": 2}, {"zh": "甲", "en": "a", "fr": "b"}, [None],
    {"": ""}, "010000",
)  # fmt: skip
_NAMES = (
    "a", "b", "zone", "reported_share", "min", "and", "not", "x y", "a.b", "1a", "能耗", "ｅ", "e\u0301", "", "if",
    "lambda", "__class__", "compared", "cycle", "region", "period", "constant", "imputed", "default", "value a",
    "x" * 300, "ﬁ", "composite", "ª", "ℝ", "_", "指标：一", "\u200b", "a\tb", "{}", "score",
)  # fmt: skip
_DATES = (
    "2024-01-01", "0001-01-01", "9999-12-31", "2024-02-30", "2024", 2024, "24-1-1", "", "2024-01-01T00:00:00", 0,
    "10000-01-01", "9998-12-31", "１９９９-01-01", -1, 1e18, "1e18",
)  # fmt: skip


def codes_of(data: Any) -> tuple[str, ...]:
    """The codes that a formula of the file could name."""
    sections = [data.get(key) for key in ("factors", "variables", "indicators")] if isinstance(data, dict) else []
    return tuple(str(code) for section in sections if isinstance(section, dict) for code in section)


def _places(data: Any) -> list[tuple[Any, Any]]:
    """Every container with each of its keys."""
    found: list[tuple[Any, Any]] = []
    left = [data]
    while left:
        here = left.pop()
        keys: Any = here if isinstance(here, dict) else range(len(here)) if isinstance(here, list) else ()
        found += [(here, key) for key in keys]
        left += [here[key] for key in keys]
    return found


def _somewhere(data: Data, dice: Random) -> tuple[Any, Any]:
    return dice.choice(_places(data) or [(data, "x")])


def _section(data: Data, key: str, dice: Random) -> Any:
    """One entry of a section; an entry that nobody will find where there is none."""
    section = data.get(key)
    found = [entry for entry in section.values() if isinstance(entry, dict)] if isinstance(section, dict) else []
    return dice.choice(found or [{}])


def _nodes(data: Data) -> list[Any]:
    return [
        here[key]
        for here, key in _places(data)
        if isinstance(here[key], dict) and isinstance(here[key].get("children"), list)
    ] or [{"children": []}]


def _any_value(data: Data, dice: Random) -> None:
    here, key = _somewhere(data, dice)
    here[key] = copy.deepcopy(dice.choice(_ODD))


def _any_number(data: Data, dice: Random) -> None:
    places = [(here, key) for here, key in _places(data) if isinstance(here[key], int | float)]
    if places:
        here, key = dice.choice(places)
        here[key] = methods.number(dice)


def _removed(data: Data, dice: Random) -> None:
    here, key = _somewhere(data, dice)
    if key in here or isinstance(here, list):
        del here[key]


def _renamed_key(data: Data, dice: Random) -> None:
    here, key = _somewhere(data, dice)
    if isinstance(here, dict) and key in here:
        here[dice.choice((*_NAMES, str(key) + "x", 1, None, True, 2.5))] = here.pop(key)


def _moved(data: Data, dice: Random) -> None:
    """A part of the file where another stands."""
    (here, key), (there, other) = _somewhere(data, dice), _somewhere(data, dice)
    if other in there or isinstance(there, list):
        here[key] = copy.deepcopy(there[other])


def _codes_changed(data: Data, dice: Random) -> None:
    """A code under another name, in one place or (mostly) everywhere."""
    codes = codes_of(data)
    if not codes:
        return
    old, new = dice.choice(codes), dice.choice((*_NAMES, *codes))
    for here, key in _places(data):
        if isinstance(here, dict) and isinstance(here.get(key), str) and here[key] == old and dice.random() < 0.9:
            here[key] = new
        if isinstance(here, dict) and isinstance(here.get(key), str) and key in ("formula", "when"):
            here[key] = here[key].replace(old, new)
    for section in ("factors", "variables", "indicators"):
        if isinstance(data.get(section), dict):
            data[section] = {new if code == old else code: part for code, part in data[section].items()}


def _formula(data: Data, dice: Random) -> None:
    section = dice.choice(("indicators", "indicators", "variables"))
    grown = monstrous if dice.random() < 0.2 else value
    _section(data, section, dice)["formula"] = grown(dice, codes_of(data))


def _unit(data: Data, dice: Random) -> None:
    _section(data, dice.choice(("factors", "variables", "indicators")), dice)["unit"] = unit(dice)


def _method(data: Data, dice: Random) -> None:
    where = data.setdefault("defaults", {}) if dice.random() < 0.3 else _section(data, "indicators", dice)
    if not isinstance(where, dict):
        return
    key, made = dice.choice(
        (
            ("normalise", methods.normaliser),
            ("normalise", methods.normaliser),
            ("missing", methods.missing),
            ("outliers", methods.outliers),
        )
    )
    where[key] = made(dice)


def _node(data: Data, dice: Random) -> None:
    node = dice.choice(_nodes(data))
    key = dice.choice(("aggregate", "aggregate", "weights", "weights", "floor", "min_coverage", "weight"))
    if key == "aggregate":
        node[key] = methods.aggregate(dice)
        if dice.random() < 0.7:
            node["floor"] = dice.choice((1, 1, 5, methods.number(dice)))
    elif key == "weights":
        node[key] = methods.weights(dice, len(node["children"]))
    else:
        node[key] = methods.number(dice)


def _weight(data: Data, dice: Random) -> None:
    children = dice.choice(_nodes(data))["children"]
    for child in children:
        if isinstance(child, dict) and dice.random() < 0.6:
            child["weight"] = methods.number(dice)


def _indicator(data: Data, dice: Random) -> None:
    found = _section(data, "indicators", dice)
    key = dice.choice(("better", "peers", "valid", "example", "next_review"))
    found[key] = {
        "better": dice.choice(("higher", "lower", {"between": [methods.number(dice), methods.number(dice)]}, "up")),
        "peers": dice.choice(("zone", "level", "region", "cycle", "x", "code", "value a", "")),
        "valid": {"from": dice.choice(_DATES), "to": dice.choice(_DATES)},
        "example": {
            "given": {code: methods.number(dice) for code in codes_of(data)[:6]}, "value": methods.number(dice),
            "score": methods.number(dice),
        },
        "next_review": dice.choice(_DATES),
    }[key]  # fmt: skip


def _variable(data: Data, dice: Random) -> None:
    found = _section(data, "variables", dice)
    key = dice.choice(("over_time", "over_sites", "absent", "partial", "plausible", "valid"))
    found[key] = {
        "over_time": dice.choice(("sum", "mean", "last", "first", "max", "min")),
        "over_sites": dice.choice(("sum", "mean", "none", {"mean_by": dice.choice((*codes_of(data), "x"))})),
        "absent": dice.choice(("unknown", "zero", "no")), "partial": dice.choice(("refuse", "allow", True)),
        "plausible": [methods.number(dice), methods.number(dice)],
        "valid": {dice.choice(("from", "to")): dice.choice(_DATES)},
    }[key]  # fmt: skip


def _factor(data: Data, dice: Random) -> None:
    values = {dice.choice(_DATES): methods.number(dice) for _ in range(dice.randint(0, 3))}
    if dice.random() < 0.4:
        values[dice.choice(_DATES)] = {"default": methods.number(dice), "p": methods.number(dice)}
    _section(data, "factors", dice)["values"] = values


def _heading(data: Data, dice: Random) -> None:
    key, choices = dice.choice((
        ("cycle", ("year", "half", "quarter", "month", "week")), ("compare", ("leaves", "province", "", "1")),
        ("fiscal_year_starts", (1, 4, 10, 12, 0, 13, 1.5)), ("schema", (1, 2, "1", 1.0, 10**400)),
        ("bonus_cap", methods.NUMBERS),
        ("tie_breaks", ([], ["composite"], ["x"], list(codes_of(data))[-2:], "composite")),
        ("title", ("x", {"zh": "甲", "en": "a"}, "")),
    ))  # fmt: skip
    data[key] = dice.choice(choices)


def _endings(data: Data, dice: Random) -> None:
    key = dice.choice(("grades", "rules", "robustness"))
    nodes = tuple(str(node.get("code")) for node in _nodes(data))
    made: Any = {
        "grades": methods.grades(dice), "rules": methods.rules(dice, (*codes_of(data), *nodes)),
        "robustness": methods.robustness(dice),
    }  # fmt: skip
    data[key] = made[key]


def _leaf(data: Data, dice: Random) -> None:
    children = dice.choice(_nodes(data))["children"]
    made: Any = dice.choice((
        {"indicator": dice.choice(codes_of(data) or ("x",)), "weight": methods.number(dice)},
        {"code": dice.choice(_NAMES), "name": "n", "children": []},
        {"code": "new", "name": "n", "children": [{"indicator": dice.choice(codes_of(data) or ("x",))}]},
        copy.deepcopy(dice.choice(children)) if children else {},
    ))  # fmt: skip
    children.insert(dice.randint(0, len(children)), made)


def _bare(data: Data, dice: Random) -> None:
    """Everything without a unit, so that formulas at random can be meant."""
    for section in ("factors", "variables", "indicators"):
        for entry in data.get(section, {}).values() if isinstance(data.get(section), dict) else ():
            if isinstance(entry, dict):
                entry["unit"] = "1"
                entry.pop("example", None)


_KINDS: tuple[Mutation, ...] = (
    _any_value, _any_value, _any_number, _any_number, _removed, _renamed_key, _moved, _codes_changed, _formula,
    _formula, _unit, _method, _method, _method, _node, _node, _weight, _indicator, _variable, _factor, _heading,
    _endings, _endings, _leaf,
)  # fmt: skip


# Those that mostly leave a file that can be scored.
_MEANT: tuple[Mutation, ...] = (
    _formula, _formula, _method, _method, _method, _node, _node, _weight, _indicator, _variable, _factor, _heading,
    _endings, _endings, _any_number,
)  # fmt: skip


def mutated_data(data: Data, dice: Random) -> Data:
    """The data after one to six changes."""
    data = copy.deepcopy(data)
    if dice.random() < 0.5:
        _bare(data, dice)
    kinds = _KINDS if dice.random() < 0.5 else _MEANT
    for _ in range(dice.choice((1, 1, 1, 2, 2, 3, 6))):
        dice.choice(kinds)(data, dice)
    return data
