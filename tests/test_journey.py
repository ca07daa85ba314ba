"""The evaluator's journey in a real browser: break, mend, preview, submit; another approves; scores follow."""

import re
import shutil
from pathlib import Path

import pytest

from data.drafts import Drafts
from data.proposals import publish
from data.revisions import revisions_of
from data.store import Store
from tests import test_server as server


@pytest.mark.usefixtures("bundle")
def test_a_change_goes_from_a_broken_line_to_the_open_cycle(demo: Path, tmp_path: Path, browser: object) -> None:
    """The mark stands at its line until it is mended, in a browser closed meanwhile too; the form shows the same place.

    The open cycle follows, the published one stays.
    """
    path = tmp_path / "s.duckdb"
    shutil.copyfile(demo, path)
    store = Store(path)
    publish(store, "2023", person="丁")
    with server._served(path) as (address, _):
        server._wait_for(address)
        page = _at_the_editor(browser, address, "甲")
        for words, head in (("English", "In force from"), ("中文", "自哪个周期起施行")):
            page.get_by_text(words, exact=True).click()
            # The form below has a field of this name too.
            page.locator(".st-key-begins").get_by_text(head).wait_for()
            page.wait_for_selector(server.AT_REST)
            page.wait_for_timeout(500)
            assert page.locator("[data-testid=stException]").count() == 0
        # Nobody has written anything in either language.
        assert Drafts(store).all() == ()
        _find(page, "weight: 0.30")
        page.keyboard.type("x")
        # Sooner no hand is at the window's cross.
        page.wait_for_timeout(300)
        page.close(run_before_unload=True)
        page = _at_the_editor(browser, address, "甲")
        _rename(page, "预算执行率", "预算执行情况")
        assert "预算执行情况" in page.locator(".cm-content").inner_text()
        _find(page, "formula: outsourced_cost")
        page.locator("textarea[aria-label=公式]", has_text="outsourced_cost / logistics_cost").wait_for()
        _find(page, "weight: 0.30")
        page.get_by_text("此处应是数字，写的是“0.30x”。").first.wait_for()
        assert page.locator(".cm-lint-marker-error").count() == 1
        for _ in range(3):
            page.keyboard.press("Backspace")
        page.keyboard.type("60")
        page.locator(".cm-lint-marker-error").wait_for(state="detached")
        page.get_by_text("会影响谁", exact=True).click()
        page.get_by_text(re.compile("若采用：2024 年")).wait_for()
        page.get_by_text("提交", exact=True).first.click()
        page.get_by_label("为什么改").fill("成本更重要")
        page.get_by_label("为什么改").press("Enter")
        page.get_by_role("button", name=re.compile("提交，自")).click()
        page.get_by_text("第 2 版已提交，待另一人批准。").wait_for()
        _sign(page, "乙")
        page.get_by_role("button", name="作出决定").click()
        page.get_by_role("button", name=re.compile("批准，自")).click()
        page.get_by_role("button", name="作出决定").wait_for(state="detached")
        for cycle, words in (("2024", "按指标定义第 2 版评分"), ("2023", "第 1 版评分，已公布（结果第 1 版）")):
            page.goto(f"{address}/?cycle={cycle}")
            page.get_by_text(re.compile(words)).wait_for()
        page.close()
    approved = revisions_of(store).approved
    assert [one.author for one in approved] == ["", "甲"]
    assert approved[-1].definitions.indicators["budget_execution"].name.zh == "预算执行情况"
    assert "- {indicator: budget_execution, weight: 0.09}" in approved[-1].text


def _at_the_editor(browser: object, address: str, name: str) -> object:
    """A window that was just opened, with somebody at it."""
    page = browser.new_page(viewport={"width": 1440, "height": 1400})  # type: ignore[attr-defined]
    page.set_default_timeout(60_000)
    page.goto(f"{address}/definitions?part=edit")
    page.wait_for_selector(".cm-content")
    _sign(page, name)
    return page


def _sign(page: object, name: str) -> None:
    """Says who is at the window, and waits until the page knows."""
    box = page.get_by_role("combobox", name=re.compile("我是"))  # type: ignore[attr-defined]
    box.click()
    box.fill(name)
    box.press("Enter")
    page.wait_for_selector(server.AT_REST)  # type: ignore[attr-defined]
    page.wait_for_timeout(1_000)  # type: ignore[attr-defined]


def _rename(page: object, old: str, new: str) -> None:
    """An indicator chosen in the form and renamed there, which stays the one that is shown."""
    from playwright.sync_api import expect

    chosen = page.get_by_role("combobox", name="指标", exact=True)  # type: ignore[attr-defined]
    chosen.click()
    chosen.fill(old)
    chosen.press("Enter")
    page.get_by_label("公式").get_by_text("budget_spent").wait_for()  # type: ignore[attr-defined]
    for label, value in (("中文名称", new), ("权重", "0.09")):
        field = page.get_by_role("textbox", name=label, exact=True)  # type: ignore[attr-defined]
        field.fill(value)
        field.press("Tab")
        expect(chosen).to_have_value(new, timeout=60_000)
        page.wait_for_selector(server.AT_REST)  # type: ignore[attr-defined]


def _find(page: object, words: str) -> None:
    """The cursor at the end of the line with these words, by the editor's search."""
    page.locator(".cm-content").click()  # type: ignore[attr-defined]
    page.keyboard.press("Control+f")  # type: ignore[attr-defined]
    page.wait_for_selector(".cm-search")  # type: ignore[attr-defined]
    page.keyboard.type(words)  # type: ignore[attr-defined]
    for key in ("Enter", "Escape", "End"):
        page.keyboard.press(key)  # type: ignore[attr-defined]
