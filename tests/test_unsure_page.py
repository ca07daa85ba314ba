"""Surveys' flags on the pages of a region and of an indicator."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data.intake import import_file
from tests.stores import store_of
from tests.test_reviewing_page import text

DEFINITIONS = """
schema: 1
title: surveys
defaults: {normalise: {method: goalposts, worst: 0, best: 100}}
variables:
  asked: {name: a, unit: person}
  content: {name: c, unit: person}
indicators:
  rate: {name: 满意率, unit: "%", formula: content / asked, better: higher, survey: {respondents: asked}}
index: {code: all, name: all, children: [{indicator: rate}]}
"""
FACTS = "region,period,variable,value\np,2024,asked,29\np,2024,content,27\nq,2024,asked,30\nq,2024,content,27\n"
PAGES = Path(__file__).parents[1] / "pages" / "view"


@pytest.mark.parametrize(
    ("page", "query", "told"),
    [
        ("region", {"region": "p"}, "※ 满意率：调查样本少于规定份数"),
        ("region", {"region": "q"}, ""),
        ("indicator", {"code": "rate"}, "※ p：调查样本少于规定份数"),
    ],
)
def test_the_value_of_a_small_sample_is_marked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: str, query: dict[str, str], told: str
) -> None:
    """Beside the value a mark, below the table what it means; 30 answers, which are asked for, are no small sample."""
    made = store_of(DEFINITIONS, tmp_path)
    (tmp_path / "f.csv").write_text(FACTS, encoding="utf-8")
    import_file(made, tmp_path / "f.csv", sender="t")
    monkeypatch.setenv("QUHENG_DB", str(made.path))
    monkeypatch.setenv("QUHENG_SECRETS", str(tmp_path / "none.toml"))
    at = AppTest.from_file(str(PAGES / f"{page}.py"), default_timeout=60)
    at.query_params.update(query)
    shown = text(at.run())
    assert not at.exception
    assert ("93.1 % ※" in shown) == bool(told)
    assert (told in shown) if told else ("※" not in shown)
