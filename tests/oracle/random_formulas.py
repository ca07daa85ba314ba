"""Random formulas of the language, as text."""

from dataclasses import dataclass

from hypothesis import strategies as st

FUNCTIONS = (
    *("+", "-", "*", "/", "**", "min", "max", "abs", "sqrt", "ln", "exp", "clip", "coalesce", "where"),
    *("previous", "at", "change", "peers_mean", "peers_median", "neg"),
)
_COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")


@dataclass(frozen=True)
class Words:
    """The codes and cycles that a formula may name."""

    variables: tuple[str, ...]
    factors: tuple[str, ...]
    cycles: tuple[str, ...]


@st.composite
def values(draw: st.DrawFn, words: Words, *, depth: int, function: str = "") -> str:
    """A formula with a number as its result; its outermost function is the one named."""
    if not function and (depth == 0 or draw(st.integers(0, 2)) == 0):
        return draw(st.sampled_from((*words.variables * 3, *words.factors, "2", "0.5")))
    name = function or draw(st.sampled_from(("+", "-", "*", "/", "/", *FUNCTIONS)))

    def part() -> str:
        return draw(values(words, depth=depth - 1)) if depth > 0 else draw(st.sampled_from(words.variables))

    if name in ("+", "-", "*", "/"):
        return f"({part()} {name} {part()})"
    if name == "**":
        return f"({part()}) ** {draw(st.sampled_from(('2', '0.5', '(-1)', '0')))}"
    if name == "neg":
        return f"(-{part()})"
    if name in ("min", "max"):
        return f"{name}({part()}, {part()}, 3)"
    if name == "clip":
        return f"clip({part()}, 0.5, 8)"
    if name == "exp":
        # Either moderate or beyond all numbers: halfway, squares of deviations overflow before the values do.
        return f"exp({draw(st.sampled_from(words.variables))} {draw(st.sampled_from(('/ 100', '* 10000')))})"
    if name == "coalesce":
        return f"coalesce({part()}, {part()})"
    if name == "where":
        return f"where({draw(conditions(words, depth=0))}, {part()}, {part()})"
    if name == "previous":
        return f"previous({part()}{draw(st.sampled_from(('', ', 2')))})"
    if name == "at":
        return f"at({part()}, {draw(st.sampled_from(words.cycles))})"
    return f"{name}({part()})"


@st.composite
def conditions(draw: st.DrawFn, words: Words, *, depth: int) -> str:
    """A formula that is true or false."""
    kind = draw(
        st.sampled_from(("compare", "compare", "present", "and", "or", "not") if depth else ("compare", "present"))
    )
    if kind == "present":
        return f"present({draw(st.sampled_from(words.variables))})"
    if kind == "not":
        return f"not {draw(conditions(words, depth=depth - 1))}"
    if kind in ("and", "or"):
        return f"({draw(conditions(words, depth=depth - 1))} {kind} {draw(conditions(words, depth=depth - 1))})"
    number = draw(st.sampled_from(("0", "1", "2", "10", *words.variables)))
    return f"{draw(values(words, depth=depth))} {draw(st.sampled_from(_COMPARISONS))} {number}"
