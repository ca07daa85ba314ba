"""Formulas: text → a checked tree, or the first place that is not in the grammar."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from metrics.syntax import BINDS, BINDS_MINUS, BINDS_NOT, Call, Code, Number, Period, Tree, codes_of, is_condition, walk

# Written out, each change(…) in another doubles the arithmetic that is shown.
MAX_LENGTH, MAX_DEPTH, MAX_CHANGES = 2000, 50, 5
# Name → how many arguments it takes (least, most).
FUNCTIONS: dict[str, tuple[int, int]] = {
    "min": (1, 50), "max": (1, 50), "abs": (1, 1), "sqrt": (1, 1), "ln": (1, 1), "exp": (1, 1), "clip": (3, 3),
    "coalesce": (2, 2), "where": (3, 3), "previous": (1, 2), "at": (2, 2), "change": (1, 1),
    "peers_mean": (1, 1), "peers_median": (1, 1), "present": (1, 1),
}  # fmt: skip
RESERVED = frozenset((*FUNCTIONS, "and", "or", "not", "reported_share"))
FULL_WIDTH = dict(zip("（）＋－×÷／＊，：＜＞＝％．　", "()+-*//*,:<>=%. ", strict=True)) | {
    chr(0xFF10 + digit): str(digit) for digit in range(10)
}
_PERIOD = r"[0-9]{4}(?:-H[12]|-Q[1-4]|-[0-9]{2}(?:-[0-9]{2})?|/[0-9]{2})?"
_TOKEN = re.compile(
    r"(?P<space>[ \t\r\n]+)"
    r"|(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[^\W\d]\w*)"
    r"|(?P<sign>\*\*|<=|>=|==|!=|[-+*/()<>,])"
)
_AT_PERIOD = re.compile(rf"[ \t\r\n]*({_PERIOD})[ \t\r\n]*\)")
_COMPARISONS = frozenset(("<", "<=", ">", ">=", "==", "!="))


def is_code(text: str) -> bool:
    """Whether a formula can name this: a code in letters, digits and `_`, or a Chinese identifier, in half width."""
    found = _TOKEN.fullmatch(text)
    return found is not None and found.lastgroup == "name" and text.isidentifier() and not set(text) & set(FULL_WIDTH)


@dataclass(frozen=True)
class Formula:
    """A formula that keeps the grammar: its text, its tree and the codes it names."""

    text: str
    tree: Tree
    codes: frozenset[str]
    is_condition: bool


class FormulaError(ValueError):
    """What is wrong with a formula: the code of a problem, the column (from 1), and what its message needs."""

    def __init__(self, code: str, column: int, **facts: object) -> None:
        super().__init__(code, column, facts)
        self.code, self.column, self.facts = code, column, facts


def parse(text: str) -> Formula:
    """The formula a text writes (contract §3). Raises FormulaError at the first place that is not in the grammar."""
    if len(text) > MAX_LENGTH:
        raise FormulaError("formula_too_long", 1, length=len(text), most=MAX_LENGTH)
    tree = _Parser(text).whole()
    codes = frozenset(code.name for code in codes_of(tree))
    return Formula(text, tree, codes, is_condition(tree))


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int

    @property
    def column(self) -> int:
        return self.start + 1


def _tokens(text: str) -> Iterator[_Token]:
    start = 0
    while start < len(text):
        found = _TOKEN.match(text, start)
        if found is None or (found.lastgroup == "name" and any(c in FULL_WIDTH for c in found.group())):
            raise _strange(
                text, start if found is None else next(i for i in range(start, found.end()) if text[i] in FULL_WIDTH)
            )
        if found.lastgroup != "space":
            yield _Token(str(found.lastgroup), found.group(), start)
        start = found.end()
    yield _Token("end", "", len(text))


def _strange(text: str, at: int) -> FormulaError:
    """A character that no formula holds, with what to type instead where that is known."""
    character = text[at]
    if character in FULL_WIDTH:
        return FormulaError("full_width", at + 1, character=_visible(character), half=FULL_WIDTH[character])
    if character == "%":
        number = re.search(r"[0-9.]+\s*$", text[:at])
        written = number.group().strip() if number else ""
        share = f"{float(written) / 100:g}" if re.fullmatch(r"[0-9]+\.?[0-9]*|\.[0-9]+", written) else "0.6"
        return FormulaError("percent_sign", at + 1, number=written or "60", share=share)
    if character == "=":
        return FormulaError("single_equals", at + 1)
    return FormulaError("strange_character", at + 1, character=_visible(character))


def _visible(character: str) -> str:
    """A character as a message can show it: what leaves no mark is named by its number, such as U+00A0."""
    hidden = character.isspace() or not character.isprintable() or unicodedata.category(character)[0] in "MC"
    return f"U+{ord(character):04X}" if hidden else character


class _Parser:
    """Precedence climbing over the tokens of one formula."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(_tokens(text))
        self.at = 0
        self.changes = 0

    @property
    def next(self) -> _Token:
        return self.tokens[self.at]

    def take(self) -> _Token:
        token = self.next
        self.at += 1
        return token

    def whole(self) -> Tree:
        if self.next.kind == "end":
            raise FormulaError("empty_formula", 1)
        tree = self.expression(0, 0)
        if self.next.kind != "end":
            raise FormulaError("unexpected", self.next.column, found=self.next.text)
        return tree

    def expression(self, binds: int, depth: int) -> Tree:
        if depth > MAX_DEPTH:
            raise FormulaError("formula_too_deep", self.next.column, most=MAX_DEPTH)
        left = self.operand(depth)
        while (sign := self.next.text) in BINDS and self.next.kind in ("sign", "name") and BINDS[sign][0] >= binds:
            token = self.take()
            if (
                sign in _COMPARISONS
                and isinstance(left, Call)
                and left.name in _COMPARISONS
                and not self._closed(token)
            ):
                raise FormulaError("chained_comparison", token.column)
            right = self.expression(BINDS[sign][1], depth + 1)
            left = _checked(Call(sign, (left, right), token.column))
        return left

    def _closed(self, token: _Token) -> bool:
        """Whether what stands before the token is in parentheses."""
        return self.text[: token.start].rstrip().endswith(")")

    def operand(self, depth: int) -> Tree:
        token = self.take()
        if token.kind == "number":
            return _number(token)
        if token.text in ("-", "+"):
            inner = self.expression(BINDS_MINUS, depth + 1)
            return _checked(Call("neg", (inner,), token.column)) if token.text == "-" else inner
        if token.text == "not":
            return _checked(Call("not", (self.expression(BINDS_NOT, depth + 1),), token.column))
        if token.text == "(":
            inner = self.expression(0, depth + 1)
            self.close(token)
            return inner
        if token.kind == "name" and token.text not in ("and", "or"):
            return self.call(token, depth) if self.next.text == "(" else self.code(token)
        raise FormulaError("unexpected_end" if token.kind == "end" else "unexpected", token.column, found=token.text)

    def code(self, token: _Token) -> Tree:
        if token.text in FUNCTIONS:
            raise FormulaError("function_without_arguments", token.column, name=token.text)
        return Code(token.text, token.column)

    def close(self, opening: _Token) -> None:
        if self.next.text != ")":
            if self.next.kind == "end":
                raise FormulaError("unclosed_parenthesis", opening.column)
            raise FormulaError("unexpected", self.next.column, found=self.next.text)
        self.take()

    def call(self, token: _Token, depth: int) -> Tree:
        name, opening = token.text, self.take()
        if name not in FUNCTIONS:
            near = get_close_matches(name, FUNCTIONS, n=1, cutoff=0.5)
            raise FormulaError("unknown_function", token.column, name=name, near=near[0] if near else "")
        arguments: list[Tree] = []
        self.changes += name == "change"
        if self.changes > MAX_CHANGES:
            raise FormulaError("changes_too_deep", token.column, most=MAX_CHANGES)
        while self.next.text != ")" or (arguments and self.tokens[self.at - 1].text == ","):
            arguments.append(self.argument(name, len(arguments), depth))
            if self.next.text != ",":
                break
            self.take()
        self.changes -= name == "change"
        self.close(opening)
        least, most = FUNCTIONS[name]
        if not least <= len(arguments) <= most:
            wanted = str(least) if least == most else f"{least}–{most}"
            raise FormulaError("wrong_arguments", token.column, name=name, wanted=wanted, found=len(arguments))
        return _checked(Call(name, tuple(arguments), token.column))

    def argument(self, name: str, place: int, depth: int) -> Tree:
        if name == "at" and place == 1:
            found = _AT_PERIOD.match(self.text, self.next.start)
            if found is None:
                raise FormulaError("not_a_cycle", self.next.column)
            while self.next.start < found.end(1):
                self.take()
            return Period(found.group(1))
        return self.expression(0, depth + 1)


def _number(token: _Token) -> Number:
    value = float(token.text)
    if value == float("inf"):
        raise FormulaError("number_too_large", token.column, number=token.text)
    return Number(value)


def _checked(call: Call) -> Call:
    """The call, with values where values are due and conditions where conditions are."""
    for place, argument in enumerate(call.args):
        wants = call.name in ("and", "or", "not") or (call.name == "where" and place == 0)
        if wants != is_condition(argument) and not isinstance(argument, Period):
            code = "condition_wanted" if wants else "value_wanted"
            raise FormulaError(code, getattr(argument, "column", call.column), name=call.name)
    if call.name == "previous" and len(call.args) == 2:
        count = call.args[1]
        if not isinstance(count, Number) or count.value < 1 or count.value != int(count.value):
            raise FormulaError("previous_count", call.column)
    return call


_CONSTANT = re.compile(r"\s*([0-9.]+)\s*%\s*")
# 2024-01-01 would be read as 2024 − 1 − 1.
_DATE = re.compile(
    r"\s*(?:19|20)[0-9]{2}(?:-(?:0?[1-9]|1[0-2]))(?:-[0-9]{1,2})?\s*|\s*(?:19|20)[0-9]{2}(?:/[0-9]{1,2}){2}\s*"
)


def constant(text: str, *, share: bool = False) -> float:
    """The number that a text like `1/3` writes; `60%` (0.6) only where a share is due. Raises FormulaError.

    A date (`2024-01-01`) is none, though it could be worked out as a difference.
    """
    if _DATE.fullmatch(text):
        raise FormulaError("not_a_number", 1, text=text)
    percent = _CONSTANT.fullmatch(text) if share else None
    if percent is not None:
        text = f"{percent.group(1)}/100"
    formula = parse(text)
    if formula.codes or formula.is_condition:
        raise FormulaError("not_a_number", 1, text=text)
    from metrics.plain import plain

    events: list[str] = []
    value: Any = walk(formula.tree, code=lambda name: None, functions=plain(events.append))
    if value is None:
        raise FormulaError("not_a_number", 1, text=text)
    return float(value)
