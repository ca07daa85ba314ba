"""Formulas, units and numbers grown at random, odd ones among them."""

from random import Random

FUNCTIONS = (
    "min", "max", "abs", "sqrt", "ln", "exp", "clip", "coalesce", "where", "previous", "at", "change", "peers_mean",
    "peers_median",
)  # fmt: skip
_COUNT = {"clip": 3, "coalesce": 2, "min": 2, "max": 2}
NUMBERS = (
    "0", "1", "2", "0.5", "-1", "100", "1e3", "1e-300", "1e300", "1e308", "1.7976931348623157e308", "5e-324", "1e-400",
    "1e400", "9" * 50, "9" * 310, "0.1", "1/3", "60%", "-0", "010", "1_000", ".5", "5.", "1e", "0x10", "１２", "²",
)  # fmt: skip
PERIODS = ("2020", "2024", "2024-Q3", "2024-07-15", "2023/24", "2018/21", "0000", "9999", "2024-13", "cycle", "x", "")
_SIGNS = ("+", "-", "*", "/", "**", "+", "*", "/")
_UNIT_WORDS = (
    "m", "m2", "m3", "kgce", "kWh", "CNY", "万元", "person", "人", "1", "%", "元", "tCO2", "fathom", "degC", "decibel",
    "parsec", "yottagram", "mile", "kgece", "Kwh", "㎡", "°C", "µm", "Å", "day", "eV", "planck_mass", "bit", "count",
    "radian", "delta_degC", "dimensionless", "unit", "furlong", "€", "π", "m²", "kg m", "", " ", "\\", "$", "None",
)  # fmt: skip
_EXPONENTS = ("", "2", "-1", "^2", "**3", "9", "99", "1e9", "^-9", "99999999999", "**9**9", "²", "0", "-0", "^")


def number(dice: Random) -> str:
    """A number as somebody may write it, or something like one."""
    return dice.choice(NUMBERS) if dice.random() < 0.6 else repr(dice.uniform(-1, 1) * 10 ** dice.randint(-12, 12))


def value(dice: Random, codes: tuple[str, ...], depth: int = 3) -> str:
    """A formula that mostly keeps the grammar."""
    if depth <= 0 or dice.random() < 0.2:
        return dice.choice(codes) if codes and dice.random() < 0.7 else number(dice)
    if dice.random() < 0.5:
        left, right = value(dice, codes, depth - 1), value(dice, codes, depth - 1)
        return f"{left} {dice.choice(_SIGNS)} {right}" if dice.random() < 0.5 else f"({left}) / ({right})"
    if dice.random() < 0.15:
        return f"-{value(dice, codes, depth - 1)}"
    return _call(dice, codes, depth - 1)


def _call(dice: Random, codes: tuple[str, ...], depth: int) -> str:
    name = dice.choice(FUNCTIONS)
    if name == "where":
        yes, no = value(dice, codes, depth), value(dice, codes, depth)
        return f"where({condition(dice, codes, depth)}, {yes}, {no})"
    if name == "previous" and dice.random() < 0.5:
        return f"previous({value(dice, codes, depth)}, {dice.choice(('1', '2', '0', '-1', '1.5', '1e18', '1e300'))})"
    if name == "at":
        return f"at({value(dice, codes, depth)}, {dice.choice(PERIODS)})"
    return f"{name}({', '.join(value(dice, codes, depth) for _ in range(_COUNT.get(name, 1)))})"


def condition(dice: Random, codes: tuple[str, ...], depth: int = 2) -> str:
    """A condition that mostly keeps the grammar."""
    if depth <= 0 or dice.random() < 0.6:
        sign = dice.choice(("<", "<=", ">", ">=", "==", "!="))
        return f"{value(dice, codes, depth - 1)} {sign} {value(dice, codes, depth - 1)}"
    left, right = condition(dice, codes, depth - 1), condition(dice, codes, depth - 1)
    return dice.choice((f"{left} and {right}", f"{left} or ({right})", f"not ({left})", f"present({left})"))


def monstrous(dice: Random, codes: tuple[str, ...]) -> str:
    """A formula that is long, deep or large beyond use."""
    code, times = (dice.choice(codes) if codes else "x"), dice.choice((10, 49, 50, 51, 200, 660, 999, 5000))
    return dice.choice((
        "(" * times + code + ")" * times,
        "-" * times + code,
        "not " * times + f"{code} > 0",
        " + ".join([code] * times),
        " ** ".join([code] * times),
        "**".join(["9"] * min(times, 200)),
        "9" * times,
        f"{code}**1e9",
        f"({code}*{code})**20",
        f"2**{'9' * 20}",
        f"{code}**-{'9' * 30}",
        "sqrt(" * times + code + ")" * times,
        "where(" * min(times, 60) + f"{code}>0,1,2" + ")" * min(times, 60),
        f"min({', '.join([code] * times)})",
        "change(" * min(times, 45) + code + ")" * min(times, 45),
        "previous(" * min(times, 45) + code + ")" * min(times, 45),
        "where(change(" * min(times, 12) + code + ") > 0, 1, 2)" * min(times, 12),
        "exp(" * min(times, 45) + code + ")" * min(times, 45),
        f"{code} < {code} < {code}",
        "％".join([code] * 3),
    ))  # fmt: skip


def unit(dice: Random) -> str:
    """A unit, or something like one."""
    parts = [dice.choice(_UNIT_WORDS) + dice.choice(_EXPONENTS) for _ in range(dice.choice((1, 1, 2, 2, 3, 8, 40)))]
    text = parts[0]
    for part in parts[1:]:
        text += dice.choice(("/", "*", " * ", "//", " ")) + part
    return text
