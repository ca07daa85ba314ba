"""Cells of numbers as people write them: each a number by named rules, or none; nothing is guessed."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from data.quantities import factor, unit_of
from metrics.facts import inexact

# Texts that stand for “not reported” in one table or another; a mapping lists those that do in its own.
NOT_REPORTED = frozenset(
    ("—", "–", "-", "--", "——", "－", "―", "…", "……", "...", "..", "*", "#", "/", "\\", "n/a", "na", "n.a.", "nil",
     "null", "none", "x", "无", "无数据", "未报", "未公布", "缺", "缺失", "不适用", "#n/a", "nan")
)  # fmt: skip
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_MINUS = str.maketrans({"−": "-", "–": "-", "—": "-", "﹣": "-"})
_GROUPED = r"[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,3}(?:[ \u00a0\u2009\u202f'][0-9]{3})+"
_NUMBER = re.compile(
    rf"(?P<sign>[-+]?)\s*(?P<money>[¥$£€]?)\s*(?P<digits>{_GROUPED}|[0-9]+)(?P<rest>\.[0-9]*)?"
    r"(?P<power>[eE][-+]?[0-9]{1,3})?\s*(?P<unit>(?:[^\W\d_]|[%‰°])(?:[^0-9]|(?<=[mtO])[23](?![0-9])){0,15})?",
    re.DOTALL,
)
_DIGIT = re.compile("[0-9]")
_SCALED = {"万": 10_000.0, "亿": 100_000_000.0}


@dataclass(frozen=True)
class Cell:
    """A number, the unit that stands in the cell with it ("" for none), and the rules by which it was read."""

    number: float
    unit: str = ""
    rules: tuple[str, ...] = ()


def read_cell(text: str) -> Cell | None:
    """The number that a text writes; None where it is none. A footnote, a range, a date or a second number is none."""
    rules = []
    half = text.translate(_FULL_WIDTH).strip()
    if half != text.strip():
        rules.append("full_width")
    plain = half.translate(_MINUS)
    if plain != half:
        rules.append("minus")
    negative = re.fullmatch(r"\((?P<inside>[^()]*)\)(?P<unit>%?)", plain)
    if negative is not None:
        plain = negative["inside"].strip() + negative["unit"]
        rules.append("parentheses")
    found = _NUMBER.fullmatch(plain)
    if found is None or (found["money"] and found["unit"]):
        return None
    # Brackets around a unit are an aside, as in a head, and no accountant's minus.
    if negative is not None and (found["sign"] or found["unit"] not in (None, "%")):
        return None
    digits = re.sub(r"[^0-9]", "", found["digits"])
    if digits != found["digits"]:
        rules.append("thousands")
    unit = (found["money"] or found["unit"] or "").strip()
    # m2 and tCO2 have a digit; in any other text it is a second number.
    if _DIGIT.search(unit) and unit_of(unit) is None:
        return None
    if unit:
        rules.append("percent" if unit == "%" else "unit")
    number = float(f"{found['sign']}{digits}{found['rest'] or ''}{found['power'] or ''}")
    return Cell(-number if negative is not None else number, unit, tuple(rules))


def in_unit(cell: Cell, declared: str | None) -> float | None:
    """A cell's number in the declared unit; None where the cell's own unit does not become it."""
    if not cell.unit:
        return cell.number
    if declared is None:
        return None
    if cell.unit in _SCALED:
        # 1.2万 of something in 万元 may be meant twice over.
        return None if declared[:1] in _SCALED or declared == "%" else cell.number * _SCALED[cell.unit]
    times = factor(cell.unit, declared)
    return None if times is None else cell.number * times


def _is_unit(text: str) -> bool:
    return text in _SCALED or unit_of(text) is not None


def numbers(
    texts: pl.Series, direct: pl.Series, variables: pl.Series, units: Mapping[str, str]
) -> tuple[pl.DataFrame, Counter[str]]:
    """Texts as numbers; `direct`: those that are numbers already, `units` by what stands in `variables`.

    The frame: `cell` (the number; null where the text is none), `own` (whether it is in the variable's unit already,
    since the cell says its own), `rule` (why there is no number: bad_number, unit_in_cell, not_exact). The counts:
    cells by rule.
    """
    pairs = pl.DataFrame({"text": texts, "variable": variables.cast(pl.String), "cell": direct})
    odd = pairs.filter(pl.col("text").is_not_null() & pl.col("cell").is_null())
    counts: Counter[str] = Counter()
    read = []
    for text, variable, count in odd.group_by("text", "variable", maintain_order=True).len().iter_rows():
        found = read_cell(text)
        value = None if found is None else in_unit(found, units.get(variable or ""))
        is_measured = found is not None and _is_unit(found.unit)
        rule = None if value is not None else "unit_in_cell" if is_measured else "bad_number"
        read.append((text, variable, value, found is not None and bool(found.unit), rule))
        counts.update(dict.fromkeys(found.rules if found is not None and value is not None else (), count))
    schema = {"text": pl.String, "variable": pl.String, "odd": pl.Float64, "own": pl.Boolean, "rule": pl.String}
    told = pl.DataFrame(read, schema=schema, orient="row")
    # A text that is a number is in no line of `told`.
    joined = pairs.join(told, on=["text", "variable"], how="left", nulls_equal=True, maintain_order="left")
    broken = pl.when(inexact(texts, direct)).then(pl.lit("not_exact")).otherwise("rule").alias("rule")
    return joined.select(pl.coalesce("cell", "odd").alias("cell"), pl.col("own").fill_null(value=False), broken), counts
