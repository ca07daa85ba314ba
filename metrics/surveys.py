"""Surveys: what several bodies were answered, each with its interval, as one number and as facts.

A body's number is the mean of its questions'. Answers of one respondent to several questions hang together, and how
much is not asked: intervals are those of answers that agree wholly, so that none is too narrow (a share's variance is
at most p(1 − p) over respondents, the standard error of a mean of means at most the mean of the standard errors).
"""

from math import sqrt
from typing import Any

import numpy as np
import polars as pl
from scipy.special import ndtri, stdtrit

from metrics.survey_file import QuestionSet, Surveys

# A share is told in per cent.
PER_CENT = 100.0
_KEY = ("period", "region", "set")
INTERVALS = (*_KEY, "body", "n", "value", "low", "high", "weight", "counted", "reason")


def wilson(share: float, n: float, confidence: float) -> tuple[float, float]:
    """The score interval of a share p of n: (p + z²/2n ± z·√(p(1 − p)/n + z²/4n²)) / (1 + z²/n).

    Wilson (1927), Journal of the American Statistical Association 22, 209–212; z the normal quantile.
    """
    z = float(ndtri(0.5 + confidence / 2.0))
    middle = share + z * z / (2.0 * n)
    half = z * sqrt(share * (1.0 - share) / n + z * z / (4.0 * n * n))
    whole = 1.0 + z * z / n
    # At 0 and 1 rounding would put the limit that they are on the wrong side of them.
    return max(0.0, min(share, (middle - half) / whole)), min(1.0, max(share, (middle + half) / whole))


def student(mean: float, error: float, n: float, confidence: float) -> tuple[float, float]:
    """The interval of a mean: mean ± t·standard error, t with n − 1 degrees of freedom (Student 1908)."""
    half = float(stdtrit(n - 1.0, 0.5 + confidence / 2.0)) * error
    return mean - half, mean + half


def intervals(surveys: Surveys, counts: pl.DataFrame) -> pl.DataFrame:
    """The number of every body and of all together (`body` ''), by period, region and set.

    `counts` as `responses.counted` gives it. Columns: `INTERVALS`; n: respondents, the fewest that a question of the
    set has (of all together: of the bodies that count, of all bodies where none does); value, low, high: of a share in
    per cent; weight: the body's share among those that count; reason: `few_responses` where a body has fewer than it
    needs and is left out, `no_body` where all are. All together is Σw·x, and its limits are Σw·x ∓ √Σ(w·(x − limit))²
    (Zou, Huang & Zhang 2009, Computational Statistics & Data Analysis 53, 1080–1085). Sorted.
    """
    rows: list[dict[str, Any]] = []
    by_set = counts.partition_by("period", "region", "set", as_dict=True, include_key=True)
    for key in sorted(by_set):
        of = surveys.sets[str(key[2])]
        bodies = by_set[key].partition_by("body", as_dict=True)
        found = {code: _of_body(surveys, of, code, bodies.get((code,))) for code in surveys.bodies}
        total = sum(surveys.bodies[code].weight for code, row in found.items() if row["counted"])
        for code, row in found.items():
            row["weight"] = surveys.bodies[code].weight / total if row["counted"] else 0.0
        together = _together(of, list(found.values()))
        rows += [dict(zip(_KEY, key, strict=True)) | row for row in (*found.values(), together)]
    numbers = dict.fromkeys(("value", "low", "high", "weight"), pl.Float64)
    schema = dict.fromkeys(INTERVALS, pl.String) | numbers | {"n": pl.Int64, "counted": pl.Boolean}
    return pl.DataFrame(rows, schema={name: schema[name] for name in INTERVALS}, orient="row")


def _of_body(surveys: Surveys, of: QuestionSet, code: str, counts: pl.DataFrame | None) -> dict[str, Any]:
    parts = {} if counts is None else counts.partition_by("question", as_dict=True)
    questions = {str(key[0]): part for key, part in parts.items()}
    n = min(int(questions[one]["count"].sum()) if one in questions else 0 for one in of.questions)
    row = {"body": code, "n": n, "value": None, "low": None, "high": None, "counted": False, "reason": "few_responses"}
    if n < surveys.bodies[code].least:
        return row
    moments = [_moments(of, questions[one]) for one in of.questions]
    value = sum(mean for mean, _ in moments) / len(moments)
    if of.measure == "share":
        # A sum of shares may leave 0..1 by a last digit.
        value = min(max(value, 0.0), 1.0)
        ends = tuple(PER_CENT * end for end in wilson(value, n, surveys.confidence))
        value *= PER_CENT
    else:
        error = sum(error for _, error in moments) / len(moments)
        ends = tuple(_within(of, end) for end in student(value, error, n, surveys.confidence))
    return {**row, "value": value, "low": ends[0], "high": ends[1], "counted": True, "reason": ""}


def _moments(of: QuestionSet, counts: pl.DataFrame) -> tuple[float, float]:
    """A question's mean and its standard error (with n − 1); of a share that of its ones and zeros."""
    scores, count = counts["score"].to_numpy(), counts["count"].to_numpy().astype(float)
    x = (scores >= of.satisfied_from).astype(float) if of.satisfied_from is not None else scores
    n = count.sum()
    mean = float((x * count).sum() / n)
    squares = float((count * np.square(x - mean)).sum())
    return mean, sqrt(squares / (n - 1.0) / n) if n > 1.0 else 0.0


def _within(of: QuestionSet, value: float) -> float:
    """A number, or the end of what it can be that it went over."""
    share, scores = of.measure == "share", of.answers.values()
    return min(max(value, 0.0 if share else min(scores)), PER_CENT if share else max(scores))


def _together(of: QuestionSet, found: list[dict[str, Any]]) -> dict[str, Any]:
    own = [row for row in found if row["counted"]]
    row = {"body": "", "n": sum(one["n"] for one in own or found), "counted": bool(own), "weight": float(bool(own))}
    if not own:
        return row | {"value": None, "low": None, "high": None, "reason": "no_body"}
    values = [one["value"] for one in own]
    # Weights are thirds and the like: what all agree on is not to be lost in a last digit.
    value = min(max(sum(one["weight"] * one["value"] for one in own), min(values)), max(values))
    below = sqrt(sum((one["weight"] * (one["value"] - one["low"])) ** 2 for one in own))
    above = sqrt(sum((one["weight"] * (one["high"] - one["value"])) ** 2 for one in own))
    return row | {"value": value, "low": _within(of, value - below), "high": _within(of, value + above), "reason": ""}


def facts(surveys: Surveys, found: pl.DataFrame, lang: str = "zh") -> pl.DataFrame:
    """The contract's facts of `intervals`: region, period, variable, value, status, source, note; sorted.

    What no body has enough answers for is empty, which is “not reported”; how many answered is told all the same.
    """
    rows = []
    for key, part in found.partition_by(*_KEY, as_dict=True, maintain_order=True).items():
        period, region, code = (str(one) for one in key)
        of, lines = surveys.sets[code], part.to_dicts()
        together = lines[-1]
        numbers = _numbers(together)
        source = ("：" if lang == "zh" else ": ").join((surveys.title.text(lang), of.name.text(lang)))
        note = note_of(surveys, of, lines, lang)
        rows += [
            (region, period, variable, numbers[name], "reported", source, note)
            for name, variable in of.gives.variables.items()
        ]
    texts = ("region", "period", "variable", "value", "status", "source", "note")
    schema = dict.fromkeys(texts, pl.String) | {"value": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row").sort("period", "region", "variable")


def _numbers(together: dict[str, Any]) -> dict[str, float | None]:
    value, n = together["value"], float(together["n"])
    half = None if value is None else (together["high"] - together["low"]) / 2.0
    satisfied = None if value is None else value / PER_CENT * n
    return {"satisfied": satisfied, "respondents": n, "rate": value, "mean": value, "half_width": half}


def note_of(surveys: Surveys, of: QuestionSet, lines: list[dict[str, Any]], lang: str) -> str:
    """What stands beside a fact: the number with its interval, which bodies it is of, and which were left out."""
    zh, together = lang == "zh", lines[-1]
    sign, comma = (" %" if of.measure == "share" else ""), ("；" if zh else "; ")
    if together["value"] is None:
        head = "样本都不足，不作结论" if zh else "too few answers everywhere, nothing is concluded"
    else:
        sure = f"{surveys.confidence * 100:g} %"
        between = f"{together['low']:.4g}–{together['high']:.4g}{sign}"
        words = f"{sure} 区间 {between}" if zh else f"{sure} interval {between}"
        head = f"{together['value']:.4g}{sign}，{words}" if zh else f"{together['value']:.4g}{sign}, {words}"
    return comma.join([head, *(_body_words(surveys, line, zh=zh) for line in lines[:-1])])


def _body_words(surveys: Surveys, line: dict[str, Any], *, zh: bool) -> str:
    body = surveys.bodies[line["body"]]
    name = body.name.text("zh" if zh else "en")
    if line["counted"]:
        share = f"{line['weight'] * 100:.4g} %"
        return f"{name} {line['n']} 份、权重 {share}" if zh else f"{name}: {line['n']} answers, weight {share}"
    if zh:
        return f"{name} {line['n']} 份，少于 {body.least}，未计入"
    return f"{name}: {line['n']} answers, fewer than {body.least}, left out"
