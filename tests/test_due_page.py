"""The page parts of completeness and quality: what they say of the demonstration, in both languages."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data.store import Store
from pages.parts.url import ACTING, PLACE

SCRIPT = """
import streamlit as st
from data.store import Store
from pages.parts.due import due
from pages.parts.filters import choose
from pages.parts.quality import quality
from pages.parts.shell import begin, load

begin()
screen = load(Store())
choice = choose(screen, comparing=False, picking=False)
due(screen, choice)
quality(screen, choice)
"""


def shown(lang: str, person: str = "") -> AppTest:
    """The parts for 2023, of the demonstration, for somebody who says who they are."""
    app = AppTest.from_string(SCRIPT, default_timeout=60)
    app.query_params["cycle"] = "2023"
    app.session_state["lang"] = lang
    if person:
        app.session_state["person"] = person
    return app.run()


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("zh", ["没有设期限，所以没有逾期", "先联系谁", "棠州市", "等级取各项中最低的一项"]),
        ("en", ["no deadline is set, so nothing is late", "Whom to call first", "is the lowest of the parts"]),
    ],
)
def test_the_page_says_who_lacks_what_and_how_good_the_data_are(used: None, lang: str, words: list[str]) -> None:
    """The sentence, the region that lacks a quarter of one institution's electricity, and the cards."""
    app = shown(lang)
    assert not app.exception
    text = "\n".join(part.proto.body for part in app.get("html"))
    assert [one for one in words if one not in text] == []
    assert text.count('class="gap"') == 4


def test_a_deadline_is_set_on_the_page(demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A form that lacks a name says so; with one the deadline holds, and what is missing past it is late."""
    copy = tmp_path / "s.duckdb"
    copy.write_bytes(demo.read_bytes())
    monkeypatch.setenv("QUHENG_DB", str(copy))
    app = shown("zh")
    app.date_input[0].set_value("2024-03-31")
    app.button[0].click().run()
    assert "请写明是谁" in app.error[0].value
    app = shown("zh", "甲")
    app.date_input[0].set_value("2024-03-31")
    app.button[0].click().run()
    assert not app.exception
    text = "\n".join(part.proto.body for part in app.get("html"))
    assert "2023 的报送期限已定为" in app.success[0].value
    assert "1 个期限" in text
    assert "两个期限不同" not in text
    with Store(copy).transaction("stages") as writer:
        writer.execute(
            "INSERT INTO transitions VALUES (1, '2023', 'targets', 'reports', '甲', '2025-01-01', '试', '2024-04-30')"
        )
    app.run()
    text = "\n".join(part.proto.body for part in app.get("html"))
    assert "2023 年的数据要在 2024-03-31 以前报齐，“填报”阶段到 2024-04-30 为止" in text
    assert "逾期 1" in text


def test_whoever_may_not_set_a_deadline_is_offered_none(used: None) -> None:
    """It is everybody's: a reporter reads which there are, an evaluator sets one."""
    for role, offered in (("reporter", False), ("evaluator", True)):
        app = AppTest.from_string(SCRIPT.replace("load(Store())", "load(begin())"), default_timeout=60)
        app.session_state[ACTING], app.session_state[PLACE] = role, "930400" if role == "reporter" else None
        app.run()
        assert not app.exception
        assert bool(app.date_input) == offered, role
