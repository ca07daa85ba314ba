"""The formula language: what it accepts, computes, refuses and draws."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.formula import FormulaError, constant, parse
from metrics.latex import latex
from metrics.plain import plain
from metrics.problems import Problem
from metrics.syntax import Call, Code, Number, Tree, walk


def _value(text: str, **known: float | None) -> Any:
    return walk(parse(text).tree, code=known.get, functions=plain())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7.0),
        ("-2 ** 2", -4.0),
        ("2 ** 3 ** 2", 512.0),
        ("2 ** -1", 0.5),
        ("10 - 3 - 2", 5.0),
        ("12 / 3 / 2", 2.0),
        ("(1 + 2) * 3", 9.0),
        ("clip(15, 0, 10)", 10.0),
        ("min(3, 1, 2) + max(3, 1, 2)", 4.0),
        ("where(1 < 2 and not 2 < 1, 5, 6)", 5.0),
        ("where(1 > 2 or 2 >= 2, 5, 6)", 5.0),
        ("abs(-3) + sqrt(16) + ln(exp(2))", 9.0),
        (".5 + 1e2", 100.5),
    ],
)
def test_arithmetic_is_what_it_looks_like(text: str, value: float) -> None:
    """Operators bind as in mathematics: ** from the right and before a minus sign, the rest from the left."""
    assert _value(text) == pytest.approx(value)


def test_numbers_that_only_rounding_tells_apart_are_equal() -> None:
    """A value on a limit is neither over nor under it, whatever the arithmetic left in its last digits."""
    assert _value("x / y * 100", x=29.0, y=100.0) != 29.0
    assert _value("x / y * 100 == 29 and not x / y * 100 < 29", x=29.0, y=100.0)
    assert _value("0.1 * 3 <= 0.3 and 0.1 * 3 >= 0.3 and not 0.1 * 3 > 0.3 and not 0.1 * 3 != 0.3")
    assert _value("0.3 < 0.3000000001")


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("1 / x", "zero_division"),
        ("x ** -1", "zero_division"),
        ("sqrt(x - 1)", "undefined"),
        ("ln(x)", "undefined"),
        ("(x - 8) ** 0.5", "undefined"),
        ("exp(1000)", "infinite"),
        ("10 ** 400", "infinite"),
    ],
)
def test_what_has_no_value_is_null_and_said(text: str, event: str) -> None:
    """Division by zero, overflow and what is undefined give null, and the reason is told."""
    events: list[str] = []
    assert walk(parse(text).tree, code={"x": 0.0}.get, functions=plain(events.append)) is None
    assert events == [event]


@pytest.mark.parametrize("text", ["x + 1", "min(x, 1)", "where(x > 0, 1, 2)", "x < 1", "-x", "x ** 2"])
def test_null_in_null_out(text: str) -> None:
    """A missing value makes the result missing."""
    assert _value(text, x=None) is None


def test_the_exceptions_to_null_in_null_out() -> None:
    """coalesce, present, and conditions that the other side decides."""
    assert _value("coalesce(x, 2)", x=None) == 2.0
    assert _value("where(present(x), 1, 2)", x=None) == 2.0
    assert _value("where(x > 0 and 1 > 2, 1, 2)", x=None) == 2.0
    assert _value("where(x > 0 or 1 < 2, 1, 2)", x=None) == 1.0


REFUSED = [
    ("", "empty_formula", 1),
    ("a +", "unexpected_end", 4),
    ("a b", "unexpected", 3),
    ("(a", "unclosed_parenthesis", 1),
    ("a < b < c", "chained_comparison", 7),
    ("a < b and c", "condition_wanted", 11),
    ("(a < b) + 1", "value_wanted", 4),
    ("mni(a)", "unknown_function", 1),
    ("clip(a, 1)", "wrong_arguments", 1),
    ("min", "function_without_arguments", 1),
    ("previous(a, 0)", "previous_count", 1),
    ("previous(a, 1.5)", "previous_count", 1),
    ("at(a, b)", "not_a_cycle", 7),
    ("a（b", "full_width", 2),
    ("a ÷ b", "full_width", 3),
    ("a ＋ １", "full_width", 3),
    ("60% * a", "percent_sign", 3),
    ("a = 1", "single_equals", 3),
    ("a.b", "strange_character", 2),
    ("a[0]", "strange_character", 2),
    ("'a'", "strange_character", 1),
    ("lambda: 1", "strange_character", 7),
    ("1e999", "number_too_large", 1),
    ("(" * 60 + "a" + ")" * 60, "formula_too_deep", 52),
    ("-" * 100 + "a", "formula_too_deep", 52),
    ("a" * 2001, "formula_too_long", 1),
    ("change(a) + " + "change(" * 6 + "a" + ")" * 6, "changes_too_deep", 48),
    ("[a for a in b]", "strange_character", 1),
    ("a if b else c", "unexpected", 3),
]


@pytest.mark.parametrize(("text", "code", "column"), REFUSED)
def test_anything_else_is_refused_at_its_place(text: str, code: str, column: int) -> None:
    """What is not in the grammar is refused at its column, with words in both languages."""
    with pytest.raises(FormulaError) as error:
        parse(text)
    assert (error.value.code, error.value.column) == (code, column)
    problem = Problem(code, facts=error.value.facts)
    assert problem.message("zh") != problem.message("en")
    assert "{" not in problem.message("zh") + problem.message("en")


def test_a_full_width_sign_names_what_to_type() -> None:
    """The message shows the half-width character."""
    with pytest.raises(FormulaError) as error:
        parse("a（b）")
    message = Problem(error.value.code, facts=error.value.facts).message("zh")
    assert "“（”请改为半角“(”" in message


def test_a_long_sum_is_no_deep_formula() -> None:
    """A thousand terms in a row are computed; only nesting is limited."""
    text = "+".join(["a"] * 1000)
    assert _value(text, a=1.0) == 1000.0
    assert "a" in latex(parse(text).tree, {})


def test_chinese_codes_are_codes() -> None:
    """Identifiers may be Chinese."""
    assert parse("用电量 / 建筑面积").codes == {"用电量", "建筑面积"}


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="abx01 .,+-*/()<>=!%（）＋'\"[]{}:;#\\\n\t用電²٣", max_size=40))
def test_no_text_makes_it_stumble(text: str) -> None:
    """Any text is a formula or a FormulaError with words for it."""
    words = "none needed"
    try:
        parse(text)
    except FormulaError as error:
        words = Problem(error.code, facts=error.facts).message("en")
    assert words


def _trees() -> st.SearchStrategy[Tree]:
    numbers = st.integers(0, 99).map(lambda n: Number(n / 4))
    codes = st.sampled_from(["a", "b", "c"]).map(lambda name: Code(name, 0))
    binary = st.sampled_from(["+", "-", "*", "/"])
    return st.recursive(
        numbers | codes,
        lambda inner: (
            st.tuples(binary, inner, inner).map(lambda x: Call(x[0], (x[1], x[2]), 0))
            | inner.map(lambda x: Call("neg", (x,), 0))
            | st.tuples(inner, inner).map(lambda x: Call("max", x, 0))
        ),
        max_leaves=12,
    )


def _written(tree: Tree) -> str:
    if isinstance(tree, Number):
        return repr(tree.value)
    if isinstance(tree, Code):
        return tree.name
    assert isinstance(tree, Call)
    parts = [_written(argument) for argument in tree.args]
    if tree.name == "neg":
        return f"(-{parts[0]})"
    return f"max({parts[0]}, {parts[1]})" if tree.name == "max" else f"({parts[0]} {tree.name} {parts[1]})"


@settings(max_examples=100, deadline=None)
@given(_trees())
def test_a_written_tree_reads_back_with_the_same_value(tree: Tree) -> None:
    """Text → tree → number is the number of the tree that was written."""
    known = {"a": 1.5, "b": -2.0, "c": 0.0}
    first, second = (walk(t, code=known.get, functions=plain()) for t in (tree, parse(_written(tree)).tree))
    assert first == second or math.isclose(first, second)  # type: ignore[arg-type]


def test_constants_are_numbers_and_shares_may_be_per_cent() -> None:
    """1/3 is a number anywhere; 60 % only where a share is due."""
    assert constant("1/3") == 1 / 3
    assert constant("60%", share=True) == 0.6
    with pytest.raises(FormulaError):
        constant("60%")
    with pytest.raises(FormulaError):
        constant("a + 1")


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("a / b", r"\frac{\text{甲}}{\text{b}}"),
        ("(a / b) ** 2", r"\left(\frac{\text{甲}}{\text{b}}\right)^{2}"),
        ("a * (b / 2)", r"\text{甲} \times \frac{\text{b}}{2}"),
        ("(a + b) * c", r"\left(\text{甲} + \text{b}\right) \times \text{c}"),
        ("a - (b - c)", r"\text{甲} - \left(\text{b} - \text{c}\right)"),
        ("previous(a, 2)", r"{\text{甲}}_{t-2}"),
        ("at(a, 2020)", r"{\text{甲}}_{2020}"),
        ("peers_mean(a)", r"\overline{\text{甲}}"),
        ("a ** 2", r"\text{甲}^{2}"),
        ("1e-7 * a", r"1 \times 10^{-7} \times \text{甲}"),
        ("x_1", r"\text{x\_1}"),
    ],
)
def test_formulas_are_drawn_as_in_a_paper(text: str, drawn: str) -> None:
    """LaTeX with fractions, indices and names; parentheses only where they are needed."""
    assert latex(parse(text).tree, {"a": "甲"}) == drawn
