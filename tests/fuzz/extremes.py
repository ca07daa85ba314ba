"""Files of very many parts: indicators, chains of derived variables, deep trees."""

from random import Random
from typing import Any

from tests.fuzz import methods

Data = dict[str, Any]


def _index(codes: list[str], name: str = "all") -> Data:
    return {"code": name, "name": name, "children": [{"indicator": code} for code in codes]}


def many(dice: Random) -> Data:
    """A file of very many parts: indicators, a chain of derived variables, a deep or wide tree."""
    size = dice.choice((60, 300, 1000, 1500, 4999, 5001))
    kind = dice.choice(("indicators", "chain", "fan", "ring", "tree", "named"))
    part = {"name": "n", "unit": "1"}
    variables: Data = {"x": dict(part)}
    indicators: Data = {"i": {**part, "formula": "x", "better": "higher"}}
    index = _index(["i"])
    if kind in ("indicators", "named"):
        method = methods.normaliser(dice)
        indicators = {
            f"i{at}": {**part, "formula": "x + 1", "better": "higher", "normalise": method} for at in range(size)
        }
        index = _index(list(indicators) if kind == "indicators" else [f"j{at}" for at in range(size)])
    if kind in ("chain", "ring"):
        sign = dice.choice(("x{} + 1", "x{} * 2", "x{}", "previous(x{})", "x{} / 0", "x{} + x{}", "where(x{}>0,x{},0)"))
        variables |= {f"x{at + 1}": {**part, "formula": sign.replace("{}", str(at))} for at in range(size - 1)}
        variables["x0"] = {**part, **({"formula": f"x{size - 1}"} if kind == "ring" else {})}
        indicators["i"]["formula"] = f"x{size - 1}"
    if kind == "fan":
        variables |= {f"x{at}": {**part, "formula": f"x{at // 2 - 1} + 1" if at > 1 else "x"} for at in range(size)}
        indicators["i"]["formula"] = " + ".join(f"x{at}" for at in range(min(size, 250)))
    if kind == "tree":
        for at in range(dice.choice((10, 16, 18, 19, 20, 60))):
            index = {"code": f"n{at}", "name": "n", "children": [index]}
    return {"schema": 1, "title": "t", "variables": variables, "indicators": indicators, "index": index}
