"""Advice against facts: what a file says of its numbers that the numbers at hand do not bear out."""

from collections import Counter
from dataclasses import replace
from typing import Any

import polars as pl

from metrics.methods import FIXED, Limits, Piecewise, Steps, best_score
from metrics.models import Valid
from metrics.problems import Problem
from metrics.reader import Reading
from metrics.scorecard import Scorecard
from metrics.semantics import Notes
from metrics.written import number
from metrics.yamltext import Path

# Methods whose scores have a least and a greatest one that the file itself names.
_ENDED = (*FIXED, "steps")
# Scores that are no further from an end are at it.
_AT = 1e-9


def against_facts(reading: Reading, card: Scorecard) -> tuple[Problem, ...]:
    """What the author of a file should look at, given the scorecard that its definitions make of the current facts.

    Warnings where facts lie outside their plausible range, where no region has a value of an indicator, and where all
    values get the lowest or all the highest score; notes where a variable is never reported. In the order of the file.
    """
    document = replace(reading.document, problems=[], left_out=0, kept=Counter())
    notes = Notes(document)
    counted = _counted(card)
    _implausible(card, counted, notes)
    unreported = set(_raw(card)) - set(counted.filter(pl.col("count") > 0)["variable"])
    for code in unreported:
        notes.add("never_reported", ("variables", code), at_key=True, code=code)
    _without_values(card, unreported, notes)
    _at_one_end(card, notes)
    return document.ordered()


def _raw(card: Scorecard) -> list[str]:
    """The variables that are reported, and are in force in any of the cycles."""
    file = card.definitions
    return [code for code in file.raw if _in_force(file.variables[code].valid, card)]


def _in_force(valid: Valid | None, card: Scorecard) -> bool:
    rows = card.rows
    return valid is None or any(valid.holds(rows.calendar.last(cycle)) for cycle in rows.cycles)


def _counted(card: Scorecard) -> pl.DataFrame:
    """How many facts each variable has, the least and the greatest, and its range: low and high, null without one."""
    ranges = [(code, *v.plausible) for code, v in card.definitions.variables.items() if v.plausible is not None]
    bounds = pl.DataFrame(ranges, schema={"variable": pl.String, "low": pl.Float64, "high": pl.Float64}, orient="row")
    value = pl.col("value")
    facts = card.facts.lazy().select("variable", "value").group_by("variable")
    # Millions of facts take half as long so.
    counted = facts.agg(count=value.count(), least=value.min(), most=value.max()).collect(engine="streaming")
    return counted.join(bounds, on="variable", how="left")


def _implausible(card: Scorecard, counted: pl.DataFrame, notes: Notes) -> None:
    """Which ranges do not hold what is reported, by how many, and the fact that lies furthest outside each."""
    broken = counted.filter((pl.col("least") < pl.col("low")) | (pl.col("most") > pl.col("high")))
    if broken.is_empty():
        return
    far = pl.max_horizontal(pl.col("low") - pl.col("value"), pl.col("value") - pl.col("high"))
    facts = card.facts.select("variable", "region", "period", "value").join(broken, on="variable")
    beyond = facts.with_columns(far=far).filter(pl.col("far") > 0.0).with_columns(outside=pl.len().over("variable"))
    worst = beyond.sort("far", "region", "period", descending=[True, False, False]).unique("variable", keep="first")
    for row in worst.iter_rows(named=True):
        texts = {name: number(row[name]) for name in ("low", "high", "value")}
        told = {"code": row["variable"], **{name: row[name] for name in ("count", "outside", "region", "period")}}
        facts_of: dict[str, Any] = {**told, **texts}
        notes.add("facts_not_plausible", ("variables", row["variable"], "plausible"), **facts_of)


def _without_values(card: Scorecard, unreported: set[str], notes: Notes) -> None:
    """Indicators without a value in any compared region and cycle, and what that comes from."""
    compared = card.rows.frame["compared"]
    for code, item in card.definitions.indicators.items():
        cells = card.known[code]
        if not _in_force(item.valid, card) or cells.value.filter(compared).count():
            continue
        path: Path = ("indicators", code, "formula")
        zero = cells.flags.get("zero_division")
        missing = sorted(unreported & card.definitions.variables_of(code))
        if zero is not None and zero.filter(compared).any():
            notes.add("no_value_by_zero", path, code=code)
        elif missing:
            notes.add("no_value_unreported", path, code=code, variables=", ".join(missing))
        else:
            notes.add("no_value_at_all", path, code=code)


def _at_one_end(card: Scorecard, notes: Notes) -> None:
    """Indicators of which every value gets the lowest, or every value the highest, score that their method has."""
    definitions, rows = card.definitions, card.wide.lazy().filter(pl.col("compared"))
    codes = [code for code in definitions.indicators if definitions.normaliser(code).method in _ENDED]
    if not codes:
        return
    scores = {code: pl.col(f"score {code}") for code in codes}
    columns = [
        expression.alias(f"{name} {code}")
        for code, score in scores.items()
        for name, expression in (("count", score.count()), ("low", score.min()), ("high", score.max()))
    ]
    found = rows.select(columns).collect().row(0, named=True)
    for code in codes:
        count, low, high = (found[f"{name} {code}"] for name in ("count", "low", "high"))
        method = definitions.normaliser(code)
        ends = {"all_get_the_least": _worst_score(method), "all_get_the_most": best_score(method)}
        for problem, end in ends.items():
            if count > 1 and end is not None and max(abs(low - end), abs(high - end)) <= _AT:
                values = card.wide.filter(pl.col("compared"))[f"treated {code}"]
                texts = {"least": number(values.min()), "most": number(values.max()), "score": number(end)}
                facts: dict[str, Any] = {"code": code, "count": count, **texts}
                notes.add(problem, ("indicators", code, "normalise"), **facts)


def _worst_score(method: Any) -> float:
    """The lowest score of a method with ends of its own."""
    if isinstance(method, Piecewise):
        return min(score for _, score in method.points)
    if isinstance(method, Steps):
        return min(method.above, *(score for _, score in method.steps))
    return 0.0 if isinstance(method, Limits) else float(method.range[0])
