"""Surveys: published intervals, hand-worked combinations, who is left out, and every way an answer can be wrong."""

import zipfile
from math import sqrt
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from data.intake import import_file
from metrics.__main__ import main
from metrics.problems import InputError
from metrics.reader import read
from metrics.responses import counted
from metrics.scorecard import score
from metrics.settings import parse_settings
from metrics.survey_file import Surveys, read_surveys
from metrics.surveys import facts, intervals, student, wilson
from metrics.tables import read_table
from tests.stores import store_of

EXAMPLE = Path(__file__).parent.parent / "examples" / "surveys"
FILE = """
surveys: 1
title: t
bodies:
  own: {name: own, weight: 2, least: 10}
  public: {name: public, weight: 1, least: 10}
sets:
  happy:
    name: happy
    measure: share
    questions: {q: q}
    answers: {bad: 0, fair: 1, good: 2}
    satisfied_from: 1
    no_answer: [none]
    gives: {satisfied: content, respondents: asked, rate: rate, half_width: half}
  level:
    name: level
    measure: mean
    questions: {m: m}
    answers: {"1": 1, "2": 2, "3": 3, "4": 4, "5": 5}
    gives: {mean: mean}
"""
Rows = list[tuple[str, str, str, int]]


def _counts(rows: Rows, text: str = FILE) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=["body", "question", "answer", "count"], orient="row")
    return counted(parse_settings(Surveys, text), frame.with_columns(region=pl.lit("r"), period=pl.lit("2024")))


def _of(rows: Rows, text: str = FILE) -> dict[tuple[str, str], dict[str, object]]:
    found = intervals(parse_settings(Surveys, text), _counts(rows, text))
    return {(row["set"], row["body"]): row for row in found.iter_rows(named=True)}


def _codes(text: str, frame: pl.DataFrame | None = None) -> set[tuple[str, int]]:
    def used() -> object:
        return counted(parse_settings(Surveys, text), pl.DataFrame() if frame is None else frame)

    with pytest.raises(InputError) as caught:
        used()
    return {(problem.code, problem.line) for problem in caught.value.problems}


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_score_interval_is_the_published_one(hits: int, n: int, low: float, high: float) -> None:
    """Newcombe (1998), Statistics in Medicine 17, 857–872, table I, method 3: four cases at 95 %."""
    assert wilson(hits / n, n, 0.95) == pytest.approx((low, high), abs=5e-5)


@given(st.lists(st.sampled_from([1.0, 2.0, 3.0, 4.0, 5.0]), min_size=3, max_size=40).filter(lambda x: len(set(x)) > 1))
@settings(max_examples=40, deadline=None)
def test_the_interval_of_a_mean_is_students(answers: list[float]) -> None:
    """The same as scipy's, from counts."""
    rows = [("own", "m", f"{score:g}", answers.count(score)) for score in set(answers)]
    found = _of(rows, FILE.replace("least: 10", "least: 2"))["level", "own"]
    error = stats.sem(answers)
    low, high = stats.t.interval(0.95, len(answers) - 1, loc=sum(answers) / len(answers), scale=error)
    assert (found["low"], found["high"]) == pytest.approx((max(low, 1.0), min(high, 5.0)))
    half = (high - low) / 2.0
    assert student(3.0, error, len(answers), 0.95) == pytest.approx((3.0 - half, 3.0 + half))


def test_bodies_are_combined_by_their_weights() -> None:
    """Worked by hand: 80 of 100 and 30 of 50, weights 2 to 1, so 2/3·80 + 1/3·60 = 73.33 %; Wilson's 71.11–86.66 and
    46.18–72.39, so 73.33 − √((2/3·8.89)² + (1/3·13.82)²) = 65.83 and 73.33 + √((2/3·6.66)² + (1/3·12.39)²) = 79.40."""
    rows = [("own", "q", "good", 50), ("own", "q", "fair", 30), ("own", "q", "bad", 20), ("own", "q", "none", 7),
            ("public", "q", "good", 30), ("public", "q", "bad", 20)]  # fmt: skip
    found = _of(rows)
    assert found["happy", "own"]["n"] == 100
    assert (found["happy", "own"]["low"], found["happy", "own"]["high"]) == pytest.approx((71.11, 86.66), abs=0.01)
    public = found["happy", "public"]
    assert (public["low"], public["high"]) == pytest.approx((46.18, 72.39), abs=0.01)
    together = found["happy", ""]
    assert (together["n"], together["value"]) == (150, pytest.approx(73.3333, abs=1e-4))
    assert (together["low"], together["high"]) == pytest.approx((65.83, 79.40), abs=0.01)
    surveys = parse_settings(Surveys, FILE)
    told = dict(facts(surveys, intervals(surveys, _counts(rows))).select("variable", "value").iter_rows())
    wanted = {"content": 110.0, "asked": 150.0, "rate": 73.3333, "half": (79.40 - 65.83) / 2}
    assert told == pytest.approx(wanted, abs=0.01)


def test_a_body_with_too_few_answers_is_left_out_and_said() -> None:
    """The other one counts alone, with all the weight; with none the fact is not reported, and n is."""
    rows = [("own", "q", "good", 40), ("own", "q", "bad", 10), ("public", "q", "bad", 9)]
    found, surveys = _of(rows), parse_settings(Surveys, FILE)
    assert [found["happy", body]["weight"] for body in ("own", "public", "")] == [1.0, 0.0, 1.0]
    assert found["happy", "public"]["reason"] == "few_responses"
    assert (found["happy", ""]["value"], found["happy", ""]["n"]) == (80.0, 50)
    note = facts(surveys, intervals(surveys, _counts(rows)), "en")["note"][0]
    assert "public: 9 answers, fewer than 10, left out" in note
    few = facts(surveys, intervals(surveys, _counts([("own", "q", "good", 9)])))
    told = dict(few.select("variable", "value").iter_rows())
    assert told == {"content": None, "asked": 9.0, "rate": None, "half": None}


@pytest.mark.parametrize("answer", [None, "none"])
def test_who_was_asked_and_gave_no_answer_is_told_as_such(answer: str | None) -> None:
    """A region whose answers are all empty, or none, has its rows: nothing is concluded, and 0 answered; one of a
    region that has others counts for nothing."""
    rows = pl.DataFrame({"region": ["r", "s", "s"], "answer": [answer, answer, "good"], "count": [40, 40, 40]})
    asked = rows.with_columns(period=pl.lit("2024"), body=pl.lit("own"), question=pl.lit("q"))
    surveys = parse_settings(Surveys, FILE)
    found = intervals(surveys, counted(surveys, asked))
    assert found.select("region", "body", "n", "value").rows() == [
        ("r", "own", 0, None), ("r", "public", 0, None), ("r", "", 0, None),
        ("s", "own", 40, 100.0), ("s", "public", 0, None), ("s", "", 40, 100.0),
    ]  # fmt: skip
    told = facts(surveys, found).filter(pl.col("region") == "r").select("variable", "value").rows()
    assert dict(told) == {"asked": 0.0, "content": None, "half": None, "rate": None}


def test_a_share_of_nothing_or_of_all_has_it_as_its_limit() -> None:
    """Exactly 0 and 100, of one body and of all together, and so in the note."""
    none, every = (_of([(body, "q", answer, 30) for body in ("own", "public")]) for answer in ("bad", "good"))
    assert [none["happy", body]["low"] for body in ("own", "public", "")] == [0.0] * 3
    assert [every["happy", body]["high"] for body in ("own", "public", "")] == [100.0] * 3
    surveys = parse_settings(Surveys, FILE)
    note = facts(surveys, intervals(surveys, _counts([("own", "q", "bad", 30)])), "en")["note"][0]
    assert note.startswith("0 %, 95 % interval 0–11.35 %")


def test_a_question_that_a_body_was_not_asked_is_no_half_answer() -> None:
    """Of a set of two questions both are needed; their mean rests on the fewer respondents."""
    text = FILE.replace("questions: {q: q}", "questions: {q: q, p: p}")
    assert _of([("own", "q", "good", 50)], text)["happy", "own"]["reason"] == "few_responses"
    found = _of([("own", "q", "good", 50), ("own", "p", "good", 20), ("own", "p", "bad", 20)], text)["happy", "own"]
    assert (found["n"], found["value"]) == (40, 75.0)
    assert (found["low"], found["high"]) == pytest.approx(tuple(100 * end for end in wilson(0.75, 40, 0.95)))


@given(st.integers(10, 300), st.integers(10, 300), st.data())
@settings(max_examples=40, deadline=None)
def test_intervals_stay_where_shares_can_be(first: int, second: int, data: st.DataObject) -> None:
    """0 ≤ low ≤ value ≤ high ≤ 100; all together is no wider than the bodies' limits combined."""
    good = [data.draw(st.integers(0, n)) for n in (first, second)]
    rows = [(body, "q", answer, count) for body, n, hit in zip(("own", "public"), (first, second), good, strict=True)
            for answer, count in (("good", hit), ("bad", n - hit))]  # fmt: skip
    found = _of(rows)
    for row in found.values():
        assert 0.0 <= row["low"] <= row["value"] <= row["high"] <= 100.0  # type: ignore[operator]
    own, public, together = (found["happy", body] for body in ("own", "public", ""))
    half = [(row["high"] - row["low"]) / 2 for row in (own, public, together)]  # type: ignore[operator]
    assert half[2] <= 2 / 3 * half[0] + 1 / 3 * half[1] + 1e-9
    assert half[2] >= min(2 / 3 * half[0], 1 / 3 * half[1]) / sqrt(2)


def test_respondents_and_counts_come_to_the_same() -> None:
    """A row an answer, with or without who gave it, is as good as a row for many."""
    many = _counts([("own", "q", "good", 3), ("own", "q", "bad", 2)])
    single = pl.DataFrame({"answer": ["good"] * 3 + ["bad"] * 2 + [None]}).with_columns(
        region=pl.lit("r"), period=pl.lit("2024"), body=pl.lit("own"), question=pl.lit("q"),
        respondent=pl.int_range(6).cast(pl.String),
    )  # fmt: skip
    assert counted(parse_settings(Surveys, FILE), single).equals(many)
    assert counted(parse_settings(Surveys, FILE), single.drop("respondent")).equals(many)


def test_every_wrong_answer_is_told_with_its_row() -> None:
    """Nothing is dropped in silence; the file's own rows are named."""
    rows = pl.DataFrame(
        [
            ("r", "2024", "own", "q", "good", "a", "1"), ("r", "2024", "own", "q", "bad", "a", "1"),
            ("r", "24", "own", "q", "good", "b", "1"), ("r", "2024", "they", "q", "good", "c", "1"),
            ("r", "2024", "own", "x", "good", "d", "1"), ("r", "2024", "own", "q", "5", "e", "1"),
            ("", "2024", "own", "q", "good", "f", "1.5"), ("r", "2024", "own", "q", "good", None, "1e19"),
            ("r", "2024", "own", "q", "good", "g", "50"), ("r", "2024", "own", "q", "good", None, "50"),
        ],
        schema=["region", "period", "body", "question", "answer", "respondent", "count"], orient="row",
    )  # fmt: skip
    assert _codes(FILE, rows) == {
        ("answered_twice", 2), ("answered_twice", 3), ("bad_period", 4), ("unknown_body", 5), ("unknown_question", 6),
        ("unknown_answer", 7), ("missing_cell", 8), ("bad_count", 8),
        ("bad_count", 9), ("answered_twice", 10),
    }  # fmt: skip
    assert _codes(FILE, rows.drop("body")) == {("missing_column", 1)}


def test_counts_that_add_up_to_no_exact_number_are_refused() -> None:
    """Each is a number that the file may tell; from the row on at which the sum is none, it is said."""
    names = {"region": "r", "period": "2024", "body": "own", "question": "q", "answer": "good"}
    rows = pl.DataFrame([{**names, "count": f"{2**53 // 2}"}] * 1100 + [{**names, "count": "nan"}])
    assert counted(parse_settings(Surveys, FILE), rows.head(2))["count"].to_list() == [2**53]
    assert _codes(FILE, rows.head(4)) == {("bad_count", 4), ("bad_count", 5)}
    assert ("bad_count", 4) in _codes(FILE, rows)
    one_more = pl.DataFrame([{**names, "count": f"{2**53}"}, {**names, "count": "1"}])
    assert _codes(FILE, one_more) == {("bad_count", 3)}


def test_every_problem_of_the_file_stands_at_its_line() -> None:
    """All at once: a misspelt key with the near one, a word, a weight of nothing, a set that gives nothing."""
    wrong = FILE.replace("weight: 2", "wieght: 2").replace("weight: 1,", "weight: 0,")
    wrong = wrong.replace("measure: mean", "measure: median")
    assert _codes(wrong) == {("missing_key", 5), ("unknown_key", 5), ("not_above_zero", 6), ("unknown_word", 18)}
    with pytest.raises(InputError) as caught:
        parse_settings(Surveys, wrong)
    told = next(problem for problem in caught.value.problems if problem.code == "unknown_key")
    assert (told.facts["near"], told.facts["known"]) == ("weight", "least, name, weight")


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("    satisfied_from: 1\n", "", "satisfied_from_wanted"),
        ("satisfied_from: 1", "satisfied_from: 3", "satisfied_from_wanted"),
        ("no_answer: [none]", "no_answer: [none, bad]", "answer_and_none"),
        ("fair: 1, good: 2", "fair: 0, good: 0", "satisfied_from_wanted"),
        ("{mean: mean}", "{rate: mean}", "not_of_measure"),
        ("{mean: mean}", "{respondents: mean}", "gives_nothing"),
        ("respondents: asked, ", "", "satisfied_alone"),
        ("{mean: mean}", "{mean: rate}", "in_two_sets"),
        ("questions: {m: m}", "questions: {q: q}", "in_two_sets"),
        ("title: t", "title: t\nconfidence: 40%", "bad_confidence"),
        ("least: 10", "least: 1", "least_for_mean"),
        ('"1": 1, "2": 2, "3": 3, "4": 4, "5": 5', '"1": 1, "2": 1', "answers_alike"),
    ],
)
def test_what_cannot_be_meant_is_refused(old: str, new: str, code: str) -> None:
    """A rule of the file, its problem."""
    assert code in {found for found, _ in _codes(FILE.replace(old, new))}


def test_the_command_writes_facts_that_a_store_takes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The example, all the way: facts are imported like any batch and score with their flags."""
    out, table = tmp_path / "facts.csv", tmp_path / "intervals.csv"
    given = [str(EXAMPLE / "surveys.yaml"), "--responses", str(EXAMPLE / "responses.csv")]
    assert main(["survey", *given, "--out", str(out), "--intervals", str(table)]) == 0
    assert "body_left_out" in capsys.readouterr().err
    text = (EXAMPLE / "indicators.yaml").read_text("utf-8")
    store = store_of(text, tmp_path)
    report = import_file(store, out, sender="t")
    assert (report.accepted, report.rejected) == (12, 0)
    definitions = read(text).definitions
    assert definitions is not None
    card = score(definitions, store.facts())
    flags = dict(card.frame.filter(pl.col("code") == "satisfaction").select("region", "flags").iter_rows())
    assert flags == {"A": "", "B": "wide_interval", "C": "wide_interval"}
    rates = dict(card.frame.filter(pl.col("code") == "satisfaction").select("region", "value").iter_rows())
    surveys = read_surveys(EXAMPLE / "surveys.yaml")
    shown = intervals(surveys, counted(surveys, read_table(EXAMPLE / "responses.csv")))
    combined = shown.filter(pl.col("body") == "", pl.col("set") == "satisfaction")
    assert rates == pytest.approx(dict(combined.select("region", "value").iter_rows()))
    assert main(["survey", *given, "--out", str(EXAMPLE / "responses.csv")]) == 1


def test_a_bundle_with_flags_of_surveys_verifies(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Both numbers are facts, so what a bundle holds gives the same flags."""
    facts_file, bundle = tmp_path / "facts.csv", tmp_path / "b.zip"
    given = [str(EXAMPLE / "surveys.yaml"), "--responses", str(EXAMPLE / "responses.csv"), "--out", str(facts_file)]
    assert main(["survey", *given]) == 0
    files = ["--indicators", str(EXAMPLE / "indicators.yaml"), "--facts", str(facts_file)]
    assert main(["scorecard", *files, "--region", "C", "--format", "bundle", "--out", str(bundle)]) == 0
    with zipfile.ZipFile(bundle) as held:
        assert any(b"wide_interval" in held.read(name) for name in held.namelist() if name.endswith(".csv"))
    capsys.readouterr()
    assert main(["verify", str(bundle)]) == 0
    assert capsys.readouterr().out.startswith("match")
