"""The index on screen, and the problems of a text beside their lines."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from pages.parts.measures import _quoted

TEXT = """\
schema: 1
title: t
variables: {x: {name: x, unit: "1"}, y: {name: y, unit: "1"}}
indicators:
  a: {name: A, unit: "1", formula: x, better: higher}
  b: {name: B, unit: "1", formula: y, better: higher}
index:
  code: all
  name: all
  weights: WEIGHTS
  children:
    - {code: one, name: One, weight: 3, children: [{indicator: a}]}
    - {code: two, name: Two, children: [{indicator: b}]}
"""


def _tree() -> None:
    import streamlit as st

    from metrics.reader import read
    from pages.parts.i18n import settle
    from pages.parts.measures import tree

    settle()
    definitions = read(st.session_state["text"]).definitions
    assert definitions is not None
    tree(definitions)


def _found() -> None:
    from metrics.problems import Problem
    from pages.parts.i18n import settle
    from pages.parts.measures import found

    settle()
    said = ((9, "unused"), (7, "empty_file"), (2, "strange_unit"), (3, "empty_file"), (1, "unused"))
    facts = {"code": "x", "word": "x"}
    found(tuple(Problem(code, line=line, facts=facts) for line, code in said), "")


def _drawn(page: object, text: str) -> str:
    at = AppTest.from_function(page, default_timeout=60)  # type: ignore[arg-type]
    at.session_state["text"], at.session_state["lang"] = text, "zh"
    at.run()
    assert not at.exception
    return "\n".join(element.proto.body for element in at.get("html"))


@pytest.mark.parametrize(
    ("weights", "shares", "heaviest"),
    [
        ("declared", ["75 %", "25 %"], "权重最大的维度：One（75 %）"),
        ("{ahp: [{by: 甲, matrix: [[1, 1/4], [4, 1]]}]}", ["20 %", "80 %"], "权重最大的维度：Two（80 %）"),
        ("{entropy: 2018}", ["熵权法", "熵权法"], ""),
    ],
)
def test_weights_are_those_in_force(weights: str, shares: list[str], heaviest: str) -> None:
    """By the method that holds; where only scores can tell them, it is named in their place."""
    drawn = _drawn(_tree, TEXT.replace("WEIGHTS", weights))
    assert re.findall(r"<td[^>]*><b>(.*?)</b></td>", drawn) == ["100 %", *shares]
    assert heaviest in drawn
    assert ("权重最大的维度" in drawn) is bool(heaviest)


def test_what_is_most_pressing_comes_first() -> None:
    """Errors, then warnings, then notes; each in the order of the lines, whoever found them."""
    assert re.findall(r'"q-first">(\d+)<', _drawn(_found, "")) == ["3", "7", "2", "1", "9"]


def test_a_line_is_quoted_whole() -> None:
    """Of one that nobody would read to its end the beginning, with a mark that it goes on."""
    assert _quoted(["a", f"  {'b' * 300} "], 2) == "b" * 300
    assert _quoted(["b" * 301], 1) == "b" * 300 + "…"
    assert _quoted(["a"], 0) == _quoted(["a"], 2) == ""
