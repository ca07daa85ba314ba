"""Definitions files: what reads, and what every broken one says."""

import gc
import time
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.messages import CODES
from metrics.problems import Problem
from metrics.reader import json_schema, read

ROOT = Path(__file__).parent.parent
BROKEN = sorted((Path(__file__).parent / "broken").glob("*.yaml"))
FILES = [ROOT / "indicators.yaml", *sorted((ROOT / "examples").glob("*/indicators.yaml"))]


@pytest.mark.parametrize("file", BROKEN, ids=lambda file: file.stem)
def test_a_broken_file_says_what_is_wrong(file: Path) -> None:
    """Each broken file holds, as comments, the words that its message must hold in both languages."""
    text = file.read_text(encoding="utf-8")
    words = {
        lang: next(line[6:] for line in text.splitlines() if line.startswith(f"# {lang}: ")) for lang in ("zh", "en")
    }
    reading = read(text)
    assert reading.definitions is None
    errors = [problem for problem in reading.problems if problem.severity == "error"]
    for lang, word in words.items():
        assert any(word in problem.message(lang) for problem in errors), [
            problem.render("", lang) for problem in errors
        ]
    lines = text.count("\n") + 1
    assert all(1 <= problem.line <= lines and problem.column >= 1 for problem in errors)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parent.name)
def test_the_shipped_files_read_clean(file: Path) -> None:
    """The default definitions and the examples have neither errors nor warnings."""
    reading = read(file.read_bytes())
    assert [problem.render(file.name, "en") for problem in reading.problems if problem.severity != "note"] == []
    assert reading.definitions is not None


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parent.name)
def test_the_schema_accepts_what_reads(file: Path) -> None:
    """A file that reads clean keeps the JSON Schema that editors use."""
    data = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    plain = yaml.safe_load(file.read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(json_schema())
    errors = [f"{list(error.path)}: {error.message[:120]}" for error in validator.iter_errors(_dates_as_text(plain))]
    assert data
    assert errors == []


def _dates_as_text(value: object) -> object:
    if isinstance(value, dict):
        return {str(key): _dates_as_text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_dates_as_text(item) for item in value]
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


def test_every_problem_is_found_at_once() -> None:
    """Problems of different parts are all told, in the order of the file."""
    text = (Path(__file__).parent / "broken" / "unknown_code.yaml").read_text(encoding="utf-8")
    worse = text.replace("unit: m2}", "unit: m2, over_time: summ}").replace("better: lower", "better: lowr")
    reading = read(worse + "rules:\n  - {code: r, kind: veto, when: intensity + 1}\n")
    codes = [problem.code for problem in reading.problems if problem.severity == "error"]
    assert codes == ["unknown_word", "unknown_word", "condition_due", "missing_key"] or {
        "unknown_word", "condition_due", "missing_key",
    } <= set(codes)  # fmt: skip
    assert [problem.line for problem in reading.problems] == sorted(problem.line for problem in reading.problems)


def test_a_formula_is_marked_at_its_column() -> None:
    """The column of a problem in a formula is the column in the file."""
    text = (Path(__file__).parent / "broken" / "unknown_code.yaml").read_text(encoding="utf-8")
    problem = next(problem for problem in read(text).problems if problem.code == "unknown_code")
    line = text.splitlines()[problem.line - 1]
    assert line[problem.column - 1 :].startswith("energie")


BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}, *a{n - 1}]\n" for n in range(1, 30))


@pytest.mark.parametrize(
    ("source", "code"),
    [
        (b"", "empty_file"),
        (b"\xff\xfe\x00", "not_utf8"),
        ("title: 中文".encode("gb18030"), "not_utf8"),
        (b"title: a\x00b", "control_character"),
        (b"x: 1\n" * 2_500_000, "file_too_large"),
        (BOMB.encode(), "anchors_explode"),
        (b"a: " + b"[" * 100_000, "nested_too_deep"),
        (b"{" * 500_000, "nested_too_deep"),
        (b"a: " + b"- " * 400_000, None),
        (b"? " * 300_000, None),
        (b"&a " * 200_000, None),
        (b"'" * 900_000, None),
        (b"key: !!binary aGVsbG8=\n", "tag"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_hostile_files_get_a_problem_within_a_second(source: bytes, code: str | None) -> None:
    """Nothing that a file can hold takes long or ends in a trace."""
    start = time.perf_counter()
    reading = read(source)
    assert time.perf_counter() - start < 5.0, "far beyond the second that is promised"
    assert reading.definitions is None
    assert reading.problems
    assert code is None or code in {problem.code for problem in reading.problems}


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_mutilated_files_never_make_it_stumble(data: st.DataObject) -> None:
    """A valid file with any piece cut out, doubled or replaced is read or refused, never a trace."""
    text = (ROOT / "indicators.yaml").read_text(encoding="utf-8")
    start = data.draw(st.integers(0, len(text) - 1))
    length = data.draw(st.integers(0, 40))
    piece = data.draw(
        st.sampled_from(["", "{", "[", "- ", ": ", "*a", "&a ", "!x ", "\t", "'", "no", ".inf", "1e999", "（", "%"])
    )
    for problem in read(text[:start] + piece + text[start + length :]).problems:
        assert problem.render("f", "zh")
        assert problem.render("f", "en")


def test_every_problem_has_words_without_gaps_in_both_languages() -> None:
    """Every code has two messages that name the same facts."""
    import string

    for code, (severity, zh, en) in CODES.items():
        names = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (zh, en)]
        assert names[0] == names[1], code
        assert Problem(code, facts=dict.fromkeys(names[0], "x")).severity == severity


def test_a_byte_order_mark_is_no_problem() -> None:
    """Files saved by Windows editors read as they are."""
    assert read(b"\xef\xbb\xbf" + (ROOT / "indicators.yaml").read_bytes()).definitions is not None


def test_notes_and_numbers_keep_their_meaning() -> None:
    """1/3 is a number, 60 % a share, and a cycle's name need no quotes."""
    text = (
        (Path(__file__).parent / "broken" / "unknown_code.yaml")
        .read_text(encoding="utf-8")
        .replace("energie", "energy")
    )
    text = text.replace("{indicator: intensity}", "{indicator: intensity, weight: 1/3}")
    text = text.replace("  children:", "  min_coverage: 60%\n  weights: {entropy: 2018}\n  children:")
    definitions = read(text).definitions
    assert definitions is not None
    assert definitions.index.children[0].weight == 1 / 3
    assert definitions.min_coverage_of(definitions.index) == 0.6
    assert definitions.weights_of(definitions.index).cycle == "2018"


def test_logarithms_against_numbers_in_units_are_warned_of() -> None:
    """Where treating outliers may take logarithms, goalposts in the indicator's unit no longer fit: a warning."""
    text = (Path(__file__).parent / "broken" / "unknown_code.yaml").read_text("utf-8").replace("energie", "energy")
    posts = "better: lower, normalise: {method: goalposts, worst: 30, best: 8}, outliers: "
    for outliers, codes in (("winsorise", ["log_against_numbers"]), ("{method: winsorise, otherwise: none}", [])):
        reading = read(text.replace("better: lower", posts + outliers))
        assert reading.definitions is not None
        assert [problem.code for problem in reading.problems if problem.severity == "warning"] == codes


def _chain(formulas: list[str]) -> str:
    """A file with one indicator a formula, i0, i1, …, and i0 alone in its tree."""
    rows = "\n".join(
        f"  i{n}: {{name: i, unit: '1', formula: {text}, better: higher}}" for n, text in enumerate(formulas)
    )
    return f"""schema: 1
title: chain
variables:
  x: {{name: x, unit: '1'}}
indicators:
{rows}
index: {{code: top, name: top, children: [{{indicator: i0}}]}}
"""


def test_a_long_chain_of_formulas_reads() -> None:
    """Formulas in reverse order, 1,000 deep, are read and evaluated from the last to the first."""
    definitions = read(_chain([*(f"i{n + 1} + 1" for n in range(999)), "x"])).definitions
    assert definitions is not None
    assert definitions.evaluation_order == tuple(f"i{n}" for n in reversed(range(1000)))
    assert definitions.variables_of("i0") == {"x"}


def test_many_ways_to_one_variable_are_followed_once() -> None:
    """Where each formula names the next one twice, what it rests on is found without going every way there is."""
    definitions = read(_chain([*(f"i{n + 1} + i{n + 1} + x" for n in range(200)), "x"])).definitions
    assert definitions is not None
    assert definitions.variables_of("i0") == {"x"}
    assert definitions.variables_of("nothing") == frozenset()


def test_a_long_ring_is_told_once() -> None:
    """2,000 formulas in a ring are one problem, whose message names the first of them only."""
    reading = read(_chain([f"i{(n + 1) % 2000}" for n in range(2000)]))
    (ring,) = (problem for problem in reading.problems if problem.severity == "error")
    assert ring.code == "ring"
    assert str(ring.facts["ring"]).startswith("i0 → i1 → ")
    assert str(ring.facts["ring"]).endswith(" → … → i0")


SMALL = (Path(__file__).parent / "broken" / "unknown_code.yaml").read_text("utf-8").replace("energie", "energy")


def _codes(text: str, *, severity: str = "error") -> list[str]:
    return [problem.code for problem in read(text).problems if problem.severity == severity]


@pytest.mark.parametrize(
    ("value", "codes"), [("5-3", []), ("'20/10'", []), ("+2.0", []), ("5-2", ["example_disagrees"])]
)
def test_an_example_may_be_a_constant_expression(value: str, codes: list[str]) -> None:
    """What an example comes to is a number like any other: 5-3 is 2, worked out and compared."""
    example = f"better: lower, example: {{given: {{energy: 4, area: 2}}, value: {value}}}"
    assert _codes(SMALL.replace("better: lower", example)) == codes


@pytest.mark.parametrize("text", ["2024-01-01", "2024-1-1", "2024/01/01", "2024-07", "'2024-12-31'"])
def test_a_date_is_no_number(text: str) -> None:
    """Where a number is due a date is refused, and not worked out as 2022."""
    assert _codes(SMALL.replace("{indicator: intensity}", f"{{indicator: intensity, weight: {text}}}")) == [
        "number_wanted"
    ]


@pytest.mark.parametrize(
    ("before", "after", "codes"),
    [
        ("title: test", "title: test\ndefaults: {min_coverage: 65}", ["not_a_share"]),
        ("title: test", "title: test\ndefaults: {min_coverage: -1}", ["not_a_share"]),
        ("title: test", "title: test\ndefaults: {min_coverage: 65%}", []),
        ("title: test", "title: test\nbonus_cap: -1", ["below_zero"]),
        ("title: test", "title: test\nbonus_cap: 0", []),
        ("better: lower", "better: {between: [2, 1]}, normalise: zscore", ["range_not_low_high"]),
        ("title: test", "title: ''", ["empty_name"]),
        ("name: 能耗", "name: {zh: 能耗, en: ' '}", ["empty_name"]),
        ("name: 能耗", 'name: ""', ["empty_name"]),
        ("  area:", "  area１: {name: a, unit: m2}\n  area:", ["bad_code"]),
        ("  area:", "  面·积: {name: a, unit: m2}\n  area:", ["bad_code"]),
        ("  area:", "  a b: {name: a, unit: m2}\n  area:", ["bad_code"]),
        ("  area:", "  面积_2: {name: a, unit: m2}\n  area:", []),
    ],
)
def test_what_lies_out_of_bounds_is_named(before: str, after: str, codes: list[str]) -> None:
    """Shares, caps, bands, names and codes that would be taken for something else are one problem each."""
    assert _codes(SMALL.replace(before, after, 1)) == codes


@pytest.mark.parametrize(
    ("shares", "codes"),
    [
        ((0.1, 0.2, 0.7), []),
        ((0.5, 0.6), ["shares_above_one"]),
        ((15.0,), ["not_a_share"]),
        ((0.0, 0.1), ["not_above_zero"]),
        ((-0.1,), ["not_above_zero"]),
    ],
)
def test_quotas_are_shares_of_the_whole(shares: tuple[float, ...], codes: list[str]) -> None:
    """A top_share lies above 0 and up to 1, and those of all grades make up no more than 1."""
    rows = "".join(f"  - {{code: g{n}, name: g, top_share: {share}}}\n" for n, share in enumerate(shares))
    assert _codes(SMALL + "grades:\n" + rows) == codes


def test_a_mean_is_weighed_by_what_is_reported() -> None:
    """A derived variable has no number yet when facts are rolled up, so mean_by cannot name one."""
    derived = (
        "  twice: {name: t, unit: m2, formula: area * 2}\n  heat: {name: h, unit: J, over_sites: {mean_by: WHAT}}\n"
    )
    text = SMALL.replace("indicators:", derived + "indicators:", 1)
    found = {name: _codes(text.replace("WHAT", name)) for name in ("twice", "area", "acre")}
    assert found == {"twice": ["mean_by_derived"], "area": [], "acre": ["unknown_code"]}


def test_a_rule_has_no_code_of_a_flag() -> None:
    """A flag beside a score says either that a rule acted or what the method saw, never both."""
    rule = "rules:\n  - {code: CODE, kind: bonus, when: intensity > 1, points: 1}\n"
    assert _codes(SMALL + rule.replace("CODE", "imputed")) == ["rule_code_is_flag"]
    assert _codes(SMALL + rule.replace("CODE", "good_model")) == []


def test_a_list_with_a_wrong_entry_is_not_called_too_short() -> None:
    """One slip is one problem; an empty list is still too short."""
    weights = "code: composite\n  weights: {combine: WHAT}"
    found = {
        what: _codes(SMALL.replace("code: composite", weights.replace("WHAT", what)))
        for what in ("[{of: equal, share: -1}]", "[{of: equal, share: x}]", "[]")
    }
    assert list(found.values()) == [["not_above_zero"], ["number_wanted"], ["too_few"]]


def test_a_long_list_of_problems_ends_with_how_many_more_there_are() -> None:
    """1,000 errors are told, the first 50 of a kind with the word that may be meant; the last line counts the rest."""
    problems = read(SMALL + "".join(f"titel{n}: 1\n" for n in range(1500))).problems
    assert len(problems) == 1001
    assert [problem.facts["near"] for problem in problems[:-1]] == ["title"] * 50 + [""] * 950
    assert (problems[-1].code, problems[-1].facts["count"]) == ("more_problems", 500)


def test_many_notes_hide_no_error() -> None:
    """Notes are counted by themselves: 2,000 of them leave room for the error that comes after."""
    rows = "".join(f"  v{n}: {{name: v, unit: '1'}}\n" for n in range(2000))
    text = SMALL.replace("indicators:", rows + "indicators:", 1)
    assert read(text).definitions is not None
    assert read(text).problems[-1].code == "more_problems"
    outside = "".join(f"  i{n}: {{name: i, unit: '1', formula: energy / energy, better: lower}}\n" for n in range(2000))
    wrong = text.replace("index:", outside + "index:", 1).replace("{indicator: intensity}", "{indicator: nothing}")
    reading = read(wrong)
    assert reading.definitions is None
    assert [problem.code for problem in reading.problems if problem.severity == "error"] == ["leaf_names_nothing"]


@pytest.mark.parametrize(
    ("formula", "unit", "codes"),
    [
        ("energy / energy * 100", "'%'", ["percent_twice"]),
        ("100 * min(energy / energy, 1)", "'%'", ["percent_twice"]),
        ("energy / energy / 0.01", "'%'", ["percent_twice"]),
        ("energy / energy", "'%'", []),
        ("energy / energy * 100", "'1'", []),
        ("energy * 100 / area", "kgce/m2", []),
    ],
)
def test_a_ratio_made_per_cent_twice_is_warned_of(formula: str, unit: str, codes: list[str]) -> None:
    """A ratio declared in % is converted by itself, so × 100 in its formula is very likely a slip."""
    text = SMALL.replace("unit: kgce/m2, formula: energy / area", f"unit: {unit}, formula: '{formula}'")
    assert text != SMALL
    assert _codes(text, severity="warning") == codes


@pytest.mark.parametrize("wrong", ["energie", "area $ 2", "area )"])
@pytest.mark.parametrize(
    "written",
    [
        "formula: energy + WRONG",
        "formula: 'energy + WRONG'",
        "formula: >-\n      energy + WRONG",
        "formula: >-\n      energy\n      + WRONG",
        "formula: |\n      energy\n      + WRONG\n",
        "formula:\n      energy +\n      WRONG",
        "formula: 'energy +\n      WRONG'",
    ],
)
def test_a_formula_is_marked_where_it_stands(written: str, wrong: str) -> None:
    """Quoted, folded or on several lines: the place of a problem is that of its piece in the file."""
    block = f"  intensity:\n    name: i\n    unit: kgce\n    better: lower\n    {written.replace('WRONG', wrong)}\n"
    flow = next(line for line in SMALL.splitlines() if line.startswith("  intensity:"))
    text = SMALL.replace(flow + "\n", block)
    problem = next(problem for problem in read(text).problems if problem.severity == "error")
    piece = {"energie": "energie", "area $ 2": "$ 2", "area )": ")"}[wrong]
    assert text.splitlines()[problem.line - 1][problem.column - 1 :].startswith(piece)


@pytest.mark.parametrize(
    "rows", ["a:\n  b: 1\n\tc: 2\n", "a:\n\tb: 1\n", "a:\n  \tb: 1\n  c: 2\n", "a:\n  - x\n\t- y\n"]
)
def test_a_tab_that_indents_is_named(rows: str) -> None:
    """A tab cannot be seen, so whatever YAML says of the line, the message speaks of the tab and stands at it."""
    (problem,) = read(rows).problems
    assert problem.code == "yaml_tab"
    assert rows.splitlines()[problem.line - 1][problem.column - 1] == "\t"


@pytest.mark.parametrize(
    ("character", "told"),
    [("\u00a0", "U+00A0"), ("\u200b", "U+200B"), ("\u3000", "U+3000"), ("\ufe0f", "U+FE0F"), ("$", "$")],
)
def test_what_cannot_be_seen_is_named_by_its_number(character: str, told: str) -> None:
    """A blank that is none, or no mark at all, is told as U+00A0 and the like."""
    problem = next(p for p in read(SMALL.replace("energy / area", f"energy {character}/ area")).problems)
    assert f"“{told}”" in problem.message("en")


def test_no_garbage_is_looked_for_while_a_text_is_read() -> None:
    """It took half the time of a large text; afterwards it is looked for as before."""

    def collections() -> int:
        return sum(found["collections"] for found in gc.get_stats())

    before = collections()
    read("schema: 1\n" + "".join(f"k{at}: 1\n" for at in range(3000)))
    # What was put off is done at once.
    assert collections() - before <= 2
    assert gc.isenabled()
