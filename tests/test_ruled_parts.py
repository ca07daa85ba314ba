"""The parts that rules files bring: nothing without them, findings with them, and broken rules told on the page."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"


def _text(page: str, **query: str) -> str:
    at = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=60)
    for name, value in query.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception
    return "\n".join(element.proto.body for element in at.get("html"))


@pytest.fixture(autouse=True)
def _no_settings(used: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("QUHENG_SECRETS", str(tmp_path / "none.toml"))


@pytest.mark.parametrize("page", ["view/overview", "view/integration"])
def test_without_rules_there_is_no_part(page: str) -> None:
    """Nobody is shown an empty list, or a proposal that nobody asked for."""
    text = _text(page)
    assert "条提醒" not in text
    assert "净得最多" not in text


def test_who_is_compensated_stands_above_the_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    """The finding names who gets and who pays most; the table's nets are there."""
    monkeypatch.setenv("QUHENG_COMPENSATION", str(EXAMPLES / "compensation" / "compensation.yaml"))
    text = _text("view/integration", cycle="2024")
    assert "鹭原市净得最多，4.25 万元；枫屿市净付最多，6.38 万元" in text
    assert "区域利益补偿方案（示例），2024 年" in text


def test_alerts_lead_to_their_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each line of the overview has a link to what it is about."""
    monkeypatch.setenv("QUHENG_ALERTS", str(EXAMPLES / "alerts" / "alerts.yaml"))
    text = _text("view/overview", cycle="2024")
    assert "18 条提醒，涉及 12 个地区" in text
    assert "旻阳市 2024 年触发“单位建筑面积能耗超过约束值，等级不高于合格”" in text
    assert "code=energy_per_area" in text


@pytest.mark.parametrize(("page", "name"), [("view/overview", "ALERTS"), ("view/integration", "COMPENSATION")])
def test_broken_rules_are_told_and_the_page_goes_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, page: str, name: str
) -> None:
    """A misspelt key is named; a file that is not there too."""
    file = tmp_path / "rules.yaml"
    file.write_text("alerts: 1\ntitel: t\n", "utf-8")
    monkeypatch.setenv(f"QUHENG_{name}", str(file))
    assert "titel" in _text(page)
    file.unlink()
    assert "rules.yaml" in _text(page)
