"""The waterfall of the region's page: it goes from one score to the other, and says in words what it shows."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data.__main__ import main
from pages.parts.waterfall_figure import Bar, End, falling

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the demonstration."""
    path = tmp_path_factory.mktemp("store") / "demo.duckdb"
    assert main(["demo", "--db", str(path)]) == 0
    return path


def _text(store: Path, monkeypatch: pytest.MonkeyPatch, **query: str) -> str:
    monkeypatch.setenv("QUHENG_DB", str(store))
    at = AppTest.from_file(str(ROOT / "pages" / "view" / "region.py"), default_timeout=60)
    for name, value in query.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception
    return "\n".join(element.proto.body for element in at.get("html"))


def test_bars_lead_from_one_score_to_the_other() -> None:
    """Each bar starts where the one above it ends; gains and losses have the colours and marks of better and worse."""
    bars = [Bar("a", 3.0, ""), Bar("b" * 60, -1.0, ""), Bar("c", 0.5, "", rest=True)]
    figure = falling(bars, (End("2023", 70.0), End("2024", 72.5))).to_dict()
    floating, scores = figure["data"]
    assert list(floating["base"]) == [70.0, 73.0, 72.0]
    assert floating["base"][-1] + floating["x"][-1] == scores["x"][-1] == 72.5
    up, down, again = floating["marker"]["color"]
    assert up == again != down
    texts = [note["text"] for note in figure["layout"]["annotations"]]
    assert {"▲ +3.00", "▼ −1.00", "▲ +0.50", "<b>70.0</b>", "<b>72.5</b>"} <= set(texts)
    assert "<br>" in next(text for text in texts if text.startswith("b"))
    assert list(floating["y"]) == sorted(floating["y"], reverse=True)


@pytest.mark.parametrize(("lang", "words"), [("zh", "各项之和等于变化"), ("en", "all add up to the change")])
def test_the_page_tells_the_change_in_words(
    store: Path, monkeypatch: pytest.MonkeyPatch, lang: str, words: str
) -> None:
    """The finding, what the kinds come to, and, where a veto came or went, that it takes no points."""
    text = _text(store, monkeypatch, lang=lang, region="910300", cycle="2024")
    assert words in text
    assert "+7.8" in text
    assert {"zh": "本期解除；只限定等级", "en": "no longer met in this cycle; bounds the grade"}[lang] in text


def test_a_rules_name_is_quoted(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that gave most is named in quotes, so that its own points are not taken for the sentence's."""
    text = _text(store, monkeypatch, region="920100", cycle="2024")
    assert "升得最多的是“当年新增节约型公共机构示范单位，加 1 分（示例）”（+1.0）" in text
    assert "引号内为规则" in text
    assert "（规则）" not in text


def test_the_first_cycle_has_no_waterfall(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is drawn where there is no cycle to compare with."""
    assert "各项之和等于变化" not in _text(store, monkeypatch, region="910300", cycle="2020")
