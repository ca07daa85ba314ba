"""Responses: answers to surveys as handed in → how many gave which answer, or every row that cannot be used."""

import polars as pl

from metrics.facts import period_rules
from metrics.problems import InputError, Problem
from metrics.survey_file import Surveys

REQUIRED = ("region", "period", "body", "question", "answer")
OPTIONAL = ("respondent", "count")
COUNTED = ("period", "region", "body", "set", "question", "score", "count")
# Nobody reads on.
_MOST = 200
# Beyond it a number no longer tells itself from the next.
LARGEST = 2.0**53


def counted(surveys: Surveys, responses: pl.DataFrame) -> pl.DataFrame:
    """The answers that count: period, region, body, set, question, score (on the set's scale), count; sorted.

    `responses` has a row an answer, or a row for `count` alike ones; an empty answer, and one of `no_answer`, counts
    for nothing. A set that was asked and has no other answer in a region stands there with counts of 0. A respondent
    who is named answers a question once. Raises InputError with a problem for each row that cannot be used.
    """
    rows = _texts(responses)
    problems = _problems(surveys, rows)
    if problems:
        raise InputError(problems)
    scores = [
        (code, question, text, score)
        for code, one in surveys.sets.items()
        for question in one.questions
        for text, score in (*one.answers.items(), *((none, None) for none in (*one.no_answer, None)))
    ]
    texts = dict.fromkeys(("set", "question", "answer"), pl.String)
    scale = pl.DataFrame(scores, schema={**texts, "score": pl.Float64}, orient="row")
    known = rows.join(scale, on=["question", "answer"], nulls_equal=True)
    number = pl.when(pl.col("score").is_not_null()).then("number").otherwise(0.0).sum().cast(pl.Int64)
    found = known.group_by(*COUNTED[:-1]).agg(number.alias("count"))
    answered = pl.col("count").sum().over("period", "region", "set") > 0
    return found.filter((pl.col("count") > 0) | ~answered).sort(*COUNTED[:-1])


def _texts(responses: pl.DataFrame) -> pl.DataFrame:
    """Every cell as trimmed text, "" as null; `number`: how many answers a row stands for; `row`: the file's."""
    absent = [name for name in REQUIRED if name not in responses.columns]
    if absent:
        facts = {"columns": ", ".join(absent), "found": ", ".join(responses.columns)}
        raise InputError([Problem("missing_column", "region", 1, 0, facts)])
    names = [name for name in (*REQUIRED, *OPTIONAL) if name in responses.columns]
    texts = responses.select(pl.col(name).cast(pl.String).str.strip_chars().replace("", None) for name in names)
    texts = texts.with_columns(pl.lit(None, pl.String).alias(name) for name in OPTIONAL if name not in names)
    told = pl.lit(1.0) if "count" not in names else pl.col("count").cast(pl.Float64, strict=False)
    blank = pl.all_horizontal(pl.col(names).is_null())
    return texts.with_columns(number=told, row=pl.int_range(2, pl.len() + 2)).filter(~blank)


def _problems(surveys: Surveys, rows: pl.DataFrame) -> list[Problem]:
    wrong_period = period_rules(rows["period"], 1)
    # Whose year it is decides the definitions, when the facts are read.
    wrong_period = {text: rule for text, rule in wrong_period.items() if rule == "bad_period"}
    asked = {question: one for one in surveys.sets.values() for question in one.questions}
    pairs = {(question, text) for question, one in asked.items() for text in (*one.answers, *one.no_answer)}
    given = pl.DataFrame(sorted(pairs), schema=["question", "answer"], orient="row").with_columns(given=True)
    rows = rows.join(given, on=["question", "answer"], how="left", maintain_order="left")
    known, body = pl.col("question").is_in(list(asked)), pl.col("body").is_in(list(surveys.bodies))
    named = pl.col("respondent").is_not_null()
    number = pl.col("number")
    whole = number.is_between(0.0, LARGEST) & (number == number.floor())
    # What is summed is to stay exact, and an integer.
    above = pl.when(whole).then(number).otherwise(0.0).cum_sum().shift(1, fill_value=0.0)
    whole &= above <= LARGEST - number
    again = pl.struct("region", "period", "body", "respondent", "question").is_duplicated()
    twice = named & (again | (whole & (number > 1.0)))
    breaks = [
        *(("missing_cell", name, pl.col(name).is_null()) for name in REQUIRED[:-1]),
        ("bad_period", "period", pl.col("period").is_in(list(wrong_period))),
        ("unknown_body", "body", ~body),
        ("unknown_question", "question", ~known),
        ("unknown_answer", "answer", known & pl.col("answer").is_not_null() & pl.col("given").is_null()),
        ("bad_count", "count", ~whole.fill_null(value=False)),
        ("answered_twice", "respondent", twice),
    ]
    found: list[Problem] = []
    for code, column, wrong in breaks:
        for row, value, question in rows.filter(wrong).select("row", value=column, asked="question").iter_rows():
            facts = {"column": column, "value": value or "", "question": question or "", "most": f"{LARGEST:.0f}"}
            found.append(Problem(code, column, row, 0, {**facts, "known": _known(surveys, code, question)}))
    ordered = sorted(found, key=lambda one: one.line)
    more = len(ordered) - _MOST
    return ordered if more <= 0 else [*ordered[:_MOST], Problem("more_problems", facts={"count": more})]


def _known(surveys: Surveys, code: str, question: str | None) -> str:
    """What could stand there."""
    if code == "unknown_answer":
        of = next(one for one in surveys.sets.values() if question in one.questions)
        return ", ".join((*of.answers, *of.no_answer))
    codes = surveys.bodies if code == "unknown_body" else [q for one in surveys.sets.values() for q in one.questions]
    return ", ".join(codes)
