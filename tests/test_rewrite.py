"""Rewriting a definitions text in place: what is meant changes, and nothing else."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path as File
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metrics.fields import Written
from metrics.problems import InputError
from metrics.rewrite import append, remove, set_value
from metrics.yamltext import Path, parse_yaml

ROOT = File(__file__).parent.parent
FILES = [ROOT / "indicators.yaml", *sorted(ROOT.glob("examples/*/*.yaml"))]
TEXT = """\
# 说明
indicators:  # 指标
  # OC01
  cost:
    name: {zh: 人均成本, en: Cost per head}  # 名称
    unit: "%"
    formula: >-  # 两行
      a
      / b
    better: lower   # 越低越好
    normalise: {method: goalposts, worst: 1.0, best: -6}

  # OC02
  other:
    valid:
      # 起
      from: 2021-01-01   # 日期
    why:
    source: 'x: y'
index:
  code: composite
  children:
    - {indicator: cost, weight: 0.20}   # 一
    # 二
    - indicator: other
      weight: 1/3
  tags: []
"""
COST: Path = ("indicators", "cost")


def _plain(data: Any) -> Any:
    """Data as a person would read it: numbers as numbers."""
    if isinstance(data, Written):
        return data.value
    if isinstance(data, dict):
        return {key: _plain(value) for key, value in data.items()}
    return [_plain(value) for value in data] if isinstance(data, list) else data


def _scalars(data: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if not isinstance(data, dict | list):
        yield path, _plain(data)
    for key, value in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        yield from _scalars(value, (*path, key))


def _changed(before: str, after: str) -> tuple[list[str], list[str]]:
    """The lines of either text that are not of both, from the first to the last difference."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    while old and new and old[0] == new[0]:
        old, new = old[1:], new[1:]
    while old and new and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    return old, new


@pytest.mark.parametrize(
    ("path", "value", "old", "new"),
    [
        ((*COST, "name", "zh"), "成本", "zh: 人均成本,", "zh: 成本,"),
        ((*COST, "name", "en"), "Cost, per head", "en: Cost per head}", 'en: "Cost, per head"}'),
        ((*COST, "unit"), "CNY/person", 'unit: "%"', "unit: CNY/person"),
        ((*COST, "better"), "higher", "better: lower   #", "better: higher   #"),
        ((*COST, "better"), {"between": [92, 100.0]}, "better: lower   #", "better: {between: [92, 100]}   #"),
        ((*COST, "normalise", "best"), -5.5, "best: -6}", "best: -5.5}"),
        (
            (*COST, "normalise"),
            {"method": "minmax", "worst": 1, "clip": True},
            "{method: goalposts, worst: 1.0, best: -6}",
            "{method: minmax, worst: 1.0, clip: true}",
        ),
        ((*COST, "name"), "成本", "{zh: 人均成本, en: Cost per head}  # 名称", "成本  # 名称"),
        (("indicators", "other", "valid", "from"), date(2022, 2, 1), "2021-01-01   #", "2022-02-01   #"),
        (("indicators", "other", "why"), "说明：一 #2", "why:\n", 'why: "说明：一 #2"\n'),
        (("indicators", "other", "source"), "no", "source: 'x: y'", 'source: "no"'),
        (("indicators", "other", "source"), "", "source: 'x: y'", 'source: ""'),
        (("index", "children", 1, "weight"), 2, "weight: 1/3", "weight: 2"),
        (("index", "tags"), ["a", "010"], "tags: []", 'tags: [a, "010"]'),
        (("index", "children", 0, "weight"), 0.3, "weight: 0.20}   # 一", "weight: 0.3}   # 一"),
    ],
)
def test_a_value_is_set_where_it_stands(path: Path, value: object, old: str, new: str) -> None:
    """The new value takes the place of the old one; comments, quotes and order around it stay."""
    assert TEXT.count(old) == 1
    assert set_value(TEXT, path, value) == TEXT.replace(old, new)


@pytest.mark.parametrize(
    ("path", "value", "after", "added"),
    [
        ((*COST, "owner"), "财政处", "worst: 1.0, best: -6}\n", "    owner: 财政处\n"),
        ((*COST, "valid", "to"), date(2030, 1, 1), "worst: 1.0, best: -6}\n", "    valid: {to: 2030-01-01}\n"),
        (("indicators", "other", "valid", "to"), date(2030, 1, 1), "# 日期\n", "      to: 2030-01-01\n"),
        ((*COST, "name", "x"), 1, "en: Cost per head", ", x: 1"),
        (("index", "weights"), {"entropy": 2018}, "  tags: []\n", "  weights: {entropy: 2018}\n"),
    ],
)
def test_a_missing_key_is_added_at_the_end_of_its_mapping(path: Path, value: object, after: str, added: str) -> None:
    """What is missing above it is made too; nothing else moves."""
    assert TEXT.count(after) == 1
    assert set_value(TEXT, path, value) == TEXT.replace(after, after + added)


def test_a_formula_over_several_lines_is_replaced_as_a_whole() -> None:
    """Its lines give way to one; the comment beside its sign stays."""
    assert _changed(TEXT, set_value(TEXT, (*COST, "formula"), "a - b")) == (
        ["    formula: >-  # 两行\n", "      a\n", "      / b\n"],
        ["    formula: a - b  # 两行\n"],
    )


def test_a_long_mapping_has_a_line_for_each_entry() -> None:
    """Few and short entries stand in braces, more of them one below the other, as in indicators.yaml."""
    new = {"name": {"zh": "新", "en": "New"}, "unit": "%", "formula": "a", "better": "lower", "normalise": "minmax"}
    assert set_value(TEXT, ("indicators", "new"), new) == TEXT.replace(
        "    source: 'x: y'\n",
        """    source: 'x: y'
  new:
    name: {zh: 新, en: New}
    unit: "%"
    formula: a
    better: lower
    normalise: minmax
""",
    )


def test_an_entry_is_appended_in_the_style_of_the_list() -> None:
    """A dash in its column below the last one, a comma in brackets, a list where there was none."""
    leaf = {"indicator": "third", "weight": 1}
    last = "      weight: 1/3\n"
    assert append(TEXT, ("index", "children"), leaf) == TEXT.replace(
        last, last + "    - {indicator: third, weight: 1}\n"
    )
    assert append(TEXT, ("index", "tags"), "a") == TEXT.replace("tags: []", "tags: [a]")
    assert append("a: [1, 2]  # x", ("a",), 3) == "a: [1, 2, 3]  # x"
    assert append("a: 1", ("b",), "x") == "a: 1\nb: [x]"
    assert append("a:\r\n- x\r\n", ("a",), "y") == "a:\r\n- x\r\n- y\r\n"


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ((*COST, "unit"), '    unit: "%"\n', ""),
        ((*COST, "formula"), "    formula: >-  # 两行\n      a\n      / b\n", ""),
        ((*COST, "normalise", "method"), "{method: goalposts, worst", "{worst"),
        ((*COST, "normalise", "best"), ", best: -6}", "}"),
        (
            ("indicators", "other", "valid", "from"),
            "valid:\n      # 起\n      from: 2021-01-01   # 日期\n",
            "valid: {}\n      # 起\n",
        ),
        (("index", "children", 0), "    - {indicator: cost, weight: 0.20}   # 一\n", ""),
        (("index", "children", 1), "    - indicator: other\n      weight: 1/3\n", ""),
        (("index", "children", 1, "indicator"), "- indicator: other\n      weight", "- weight"),
    ],
)
def test_an_entry_is_removed_with_its_lines_or_its_comma(path: Path, old: str, new: str) -> None:
    """Comments above it stay; what is left empty says so."""
    assert TEXT.count(old) == 1
    assert remove(TEXT, path) == TEXT.replace(old, new)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a: &x {b: 1}\nc: *x", ("c", "b")),
        ("a: &x {b: 1}\nc: *x", ("c",)),
        ("a: &x {b: 1}\nc: *x", ("a", "b")),
        ("a: &x 1\nc: *x", ("a",)),
        ("a: 1", ("a", "b")),
        ("a: [1]", ("a", 3)),
        ("a: {b}", ("a", "b")),
        ("a: [", ("a",)),
        ("", ("a",)),
        ("a: 1\na: 2", ("b", 0)),
        ("a: 1", ()),
    ],
)
def test_what_cannot_be_rewritten_is_refused_at_its_place(text: str, path: Path) -> None:
    """Through an alias, into a scalar, in a text that does not read: the person is told to edit the text."""
    with pytest.raises(InputError) as refused:
        set_value(text, path, "x")
    assert refused.value.problems[0].code == "not_rewritable"
    assert refused.value.problems[0].path == ".".join(map(str, path))


def test_what_is_not_there_cannot_be_removed() -> None:
    """A key that nobody wrote is no reason to change the text."""
    with pytest.raises(InputError):
        remove(TEXT, (*COST, "owner"))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object()])
def test_what_yaml_cannot_say_is_refused(value: object) -> None:
    """A number that is none, or what is no plain data, is not written."""
    with pytest.raises(InputError):
        set_value(TEXT, (*COST, "unit"), value)


@pytest.mark.parametrize("text", ["a: [1, # x\n  2]", "a:\n  - b: 1\n    # x\n    c: 2"])
def test_a_comment_that_belongs_to_something_else_is_not_cut_out(text: str) -> None:
    """Where an entry can only be removed with such a comment, it is left."""
    with pytest.raises(InputError):
        remove(text, ("a", 1) if "[" in text else ("a", 0, "b"))


def _pieces(text: str) -> Iterator[str]:
    """A file in documents of a few lines: its head, then each part of a section under the section's name."""
    section, piece = "", ""
    for line in text.splitlines(keepends=True):
        if line[0] not in " #\n-" or (line.startswith("  ") and line[2] not in " #-" and section and piece):
            if parse_yaml(piece).data:
                yield piece
            section = section if line[0] == " " else line
            piece = section if line[0] == " " else ""
        piece += line
    if parse_yaml(piece).data:
        yield piece


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_every_value_of_the_shipped_files_can_be_set(file: File) -> None:
    """Set to itself it changes nothing; set to another value, exactly the lines it stands on."""
    text = file.read_text(encoding="utf-8")
    for path, value in _scalars(parse_yaml(text).data):
        assert set_value(text, path, value) == text, path
    count = 0
    for piece in _pieces(text):
        for path, _ in _scalars(parse_yaml(piece).data):
            old, new = _changed(piece, set_value(piece, path, "x: y"))
            assert len(old) == 1 or ">-" in old[0], path
            assert [line.count('"x: y"') for line in new] == [1], path
            count += 1
    assert count > 0.9 * len(list(_scalars(parse_yaml(text).data)))


WORDS = st.text(st.sampled_from("ab 1-:#,[]{}&*!|>'\"%@`?~.=<e+0：，－\n\té\u3000\u2028\x85😀/"), max_size=6)
SCALARS = st.one_of(
    WORDS,
    st.sampled_from(["no", "010000", "1e3", "null", "~", "2021-01-01", "0x1f", "1:30", ".inf", "<<", "=", "- a"]),
    st.integers(-(10**6), 10**6),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.none(),
)
KEYS = st.one_of(st.sampled_from(["a", "b", "weight", "名称", "no", "110000", "a b"]), WORDS)
DATA = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=8,
)


class _Author:
    """Writes data as a person might: blocks and braces, quotes, comments and blank lines where they please."""

    def __init__(self, draw: Any) -> None:
        self.draw, self.comments = draw, 0

    def text(self, data: dict[str, Any]) -> str:
        lines = [line for key, value in data.items() for line in self.entry(f"{_json(key)}:", value, 0)]
        return "".join(f"{line}\n" for line in lines)

    def entry(self, head: str, value: Any, indent: int) -> list[str]:
        """The lines of a key or dash with what it holds."""
        pad = " " * indent
        before = [f"{pad}{self.comment()}"] if self.draw(st.integers(0, 3)) == 0 else []
        beside = f"  {self.comment()}" if self.draw(st.integers(0, 3)) == 0 else ""
        after = [""] if self.draw(st.integers(0, 5)) == 0 else []
        if not isinstance(value, dict | list) or not value or self.draw(st.booleans()):
            return [*before, f"{pad}{head} {_json(value)}{beside}", *after]
        parts = (
            [("-", found) for found in value]
            if isinstance(value, list)
            else [(f"{_json(key)}:", found) for key, found in value.items()]
        )
        inner = [line for part, found in parts for line in self.entry(part, found, indent + 2)]
        return [*before, f"{pad}{head}{beside}", *inner, *after]

    def comment(self) -> str:
        self.comments += 1
        return f"# 注{self.comments}。"


def _json(value: Any) -> str:
    """Flow style with every text in quotes."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_json(key)}: {_json(found)}" for key, found in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_json, value)) + "]"
    if isinstance(value, str):
        return '"' + "".join(c if c.isalnum() or c in " -：，" else f"\\U{ord(c):08x}" for c in value) + '"'
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else repr(value)


def _all_paths(data: Any, path: Path = ()) -> Iterator[Path]:
    for key, value in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        yield (*path, key)
        yield from _all_paths(value, (*path, key))


def _at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


def _edited(data: Any, path: Path, change: Any) -> Any:
    """The data with a change made in the collection that holds the last step."""
    if len(path) == 1:
        return change(data)
    step, *rest = path
    copy = dict(data) if isinstance(data, dict) else list(data)
    copy[step] = _edited(data[step], tuple(rest), change)
    return copy


@st.composite
def _documents(draw: Any) -> tuple[str, dict[str, Any], Path]:
    data = draw(st.dictionaries(KEYS, DATA, min_size=1, max_size=3))
    text = _Author(draw).text(data)
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    if draw(st.integers(0, 4)) == 0:
        text = text.rstrip()
    return text, data, draw(st.sampled_from(list(_all_paths(data))))


BOUNDED = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@BOUNDED
@given(_documents(), DATA)
def test_any_value_of_any_document_can_be_set(document: tuple[str, dict[str, Any], Path], value: Any) -> None:
    """What is read back is what was meant, and a scalar's new value changes its own line alone."""
    text, data, path = document
    last = path[-1]

    def change(inside: Any) -> Any:
        copy = dict(inside) if isinstance(inside, dict) else list(inside)
        copy[last] = value
        return copy

    after = set_value(text, path, value)
    assert _plain(parse_yaml(after).data) == _edited(data, path, change)
    assert set_value(after, path, value) == after
    if not isinstance(_at(data, path), dict | list) and not isinstance(value, dict | list):
        old, new = _changed(text, after)
        assert len(old) == len(new) <= 1
        assert _comments(after) == _comments(text)


@BOUNDED
@given(_documents())
def test_any_entry_of_any_document_can_be_removed(document: tuple[str, dict[str, Any], Path]) -> None:
    """Only it is gone, with its own lines; what is around it, and every comment there, stays."""
    text, data, path = document
    if path == tuple(data) and len(path) == 1:
        return

    def change(inside: Any) -> Any:
        if isinstance(inside, dict):
            return {key: found for key, found in inside.items() if key != path[-1]}
        return [*inside[: path[-1]], *inside[path[-1] + 1 :]]  # type: ignore[operator, misc]

    after = remove(text, path)
    assert _plain(parse_yaml(after).data) == _edited(data, path, change)
    old, new = _changed(text, after)
    gone = _comments("".join(old)) - _comments("".join(new))
    assert _comments(text) - _comments(after) <= gone
    if not isinstance(_at(data, path), dict | list):
        assert len(gone) <= 1


@BOUNDED
@given(_documents(), DATA)
def test_anything_can_be_appended_to_any_list(document: tuple[str, dict[str, Any], Path], value: Any) -> None:
    """It is the last entry then; no other line and no comment is touched."""
    text, data, path = document
    found = _at(data, path)
    if not isinstance(found, list):
        return

    def change(inside: Any) -> Any:
        copy = dict(inside) if isinstance(inside, dict) else list(inside)
        copy[path[-1]] = [*found, value]
        return copy

    after = append(text, path, value)
    assert _plain(parse_yaml(after).data) == _edited(data, path, change)
    assert _comments(after) == _comments(text)


def _comments(text: str) -> set[str]:
    return set(re.findall("# 注[0-9]+。", text))
