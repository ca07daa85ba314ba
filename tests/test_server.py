"""A real server: no page runs outside the app on a first request, and a journey ends in a file."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from data.store import Store
from pages.parts.editor import BUNDLE

ROOT = Path(__file__).parent.parent
SERVE = (sys.executable, "-m", "pages.parts.serve")
# What Streamlit says of itself once a page's script has run to its end.
AT_REST = "[data-testid=stApp][data-test-script-state=notRunning]"
# Every page of the app with the folder it is in, the first one at its root.
PLACES = re.findall(r'_page\("(\w+)/(\w+)"', (ROOT / "app.py").read_text("utf-8"))
SLUGS = ["", *(slug for _, slug in PLACES[1:])]


@pytest.fixture(scope="module")
def server(demo: Path) -> Iterator[str]:
    """The app on a free port over the demonstration; its address."""
    with _served(demo) as (address, _):
        _wait_for(address)
        yield address


@contextmanager
def _served(store: Path, start: Sequence[str] = SERVE) -> Iterator[tuple[str, int]]:
    """A server being started; its address and port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [*start, "--server.port", str(port)]
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "QUHENG_DB": str(store)}, stdout=subprocess.DEVNULL
    )
    try:
        yield f"http://127.0.0.1:{port}", port
    finally:
        process.terminate()
        process.wait(20)


def _wait_until_it_listens(port: int) -> None:
    """Until the port is open: nothing is asked of the server, which has seen no request then."""
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("the server did not start")


def _wait_for(address: str) -> None:
    for _ in range(150):
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the server did not start")


def _taken(page: object, button: object) -> object:
    """The file that a click brings; a click into a page that is being drawn anew is made again."""
    from playwright.sync_api import TimeoutError as Late

    for patience in (4_000, 15_000, 60_000):
        try:
            with page.expect_download(timeout=patience) as download:  # type: ignore[attr-defined]
                button.click()  # type: ignore[attr-defined]
            return download.value
        except Late:
            continue
    raise AssertionError("no file came")


def test_what_a_crash_left_unpublished_is_published_at_the_start(demo: Path, tmp_path: Path) -> None:
    """A server that starts over a store whose last change is committed and not published shows that change."""
    store = Store(shutil.copyfile(demo, tmp_path / "s.duckdb"))
    before = store.snapshot()
    with store.transaction("x") as writer:
        writer.setting("seen", "yes")
    after, pointer = store.snapshot(), tmp_path / "s.duckdb.snapshots" / "current"
    pointer.write_text(before)
    with _served(store.path) as (_, port):
        _wait_until_it_listens(port)
        assert pointer.read_text() == after != before


@pytest.mark.parametrize("slug", ["", *dict(PLACES).values()])
def test_a_pages_address_as_the_very_first_request_runs_the_app(slug: str, demo: Path, browser: object) -> None:
    """Whichever address is asked for first of a new server, the page comes inside the app, with its navigation.

    The root, and a page of each folder: what lies in one is served in one way.
    """
    with _served(demo) as (address, port):
        _wait_until_it_listens(port)
        page = browser.new_page()  # type: ignore[attr-defined]
        page.goto(f"{address}/{slug}", wait_until="commit")
        page.wait_for_selector(".q-badge", timeout=90_000)
        page.wait_for_selector("[data-testid=stSidebarNav]", timeout=60_000)
        assert page.get_by_text("语言 Language").count() == 1
        assert page.get_by_text("Page not found").count() == 0
        # Whoever tries roles sees where, however low the window.
        box = page.locator(".st-key-acting").bounding_box()
        assert box["y"] + box["height"] <= page.viewport_size["height"]
        page.close()


def test_pages_keep_to_their_window_and_to_their_server(server: str, browser: object) -> None:
    """On a phone no page is wider than its window, and nothing, icons too, is fetched from another host; what the
    guard tells browsers to keep to is enough for every page, and for the editor."""
    page = browser.new_page(viewport={"width": 390, "height": 900}, color_scheme="dark")  # type: ignore[attr-defined]
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    for slug in SLUGS:
        page.goto(f"{server}/{slug}")
        page.wait_for_selector(".q-badge", timeout=60_000)
        page.wait_for_selector(AT_REST, timeout=60_000)
        # Figures take their width a moment after the page; one that stays too wide is never let pass.
        page.wait_for_function(
            "(() => { const main = document.querySelector('[data-testid=stMain]');"
            " return main.scrollWidth <= main.clientWidth })()",
            timeout=20_000,
        )
    page.goto(f"{server}/definitions?part=edit")
    page.wait_for_selector(".cm-content" if BUNDLE.is_file() else "textarea", timeout=60_000)
    page.close()
    assert [text for text in said if "Content Security Policy" in text] == []
    assert [url for url in asked if not url.startswith((server, "data:", "blob:"))] == []


def test_a_chart_can_be_taken_as_a_picture_and_as_a_table(server: str, browser: object) -> None:
    """The menu gives a PNG under the chart's name, the table under it a CSV that opens in Chinese."""
    page = browser.new_page(viewport={"width": 1440, "height": 1000})  # type: ignore[attr-defined]
    page.goto(server)
    page.wait_for_selector(".js-plotly-plot .bars", timeout=60_000)
    page.wait_for_selector(AT_REST, timeout=60_000)
    page.locator(".js-plotly-plot").first.hover()
    button = page.locator(".modebar-btn").first
    assert button.get_attribute("data-title") == "下载图片（PNG）"
    picture = _taken(page, button)
    assert picture.suggested_filename == "ranking.png"
    assert Path(picture.path()).read_bytes().startswith(b"\x89PNG")
    page.get_by_text("数据表").first.click()
    table = _taken(page, page.get_by_role("button", name="下载 CSV").first)
    text = Path(table.path()).read_bytes().decode()
    assert text.startswith("\ufeff排名,")
    assert "示例数据" in text
    page.close()


def test_a_file_is_in_the_language_of_its_page(server: str, browser: object) -> None:
    """Files are made when they are asked for, outside the page's run, and still speak its language."""
    page = browser.new_page(viewport={"width": 1440, "height": 1000})  # type: ignore[attr-defined]
    page.goto(f"{server}/explain?lang=en&code=electricity&region=920200")
    button = page.get_by_role("button", name="Download CSV")
    button.wait_for(timeout=60_000)
    page.wait_for_selector(AT_REST, timeout=60_000)
    table = _taken(page, button)
    text = Path(table.path()).read_bytes().decode()
    assert text.startswith("\ufeffRegion,Site,Period,Value,Status,Batch,File,Row,Source,Notice\r\n")
    assert ",Reviewed,1," in text
    whole = _taken(page, page.get_by_role("button", name="Download the whole ladder"))
    assert "Purchased electricity" in Path(whole.path()).read_bytes().decode()
    page.close()


def test_a_click_on_a_region_opens_it(server: str, browser: object) -> None:
    """A bar of the ranking is a way to the region, with the filters as they are."""
    page = browser.new_page(viewport={"width": 1440, "height": 1000})  # type: ignore[attr-defined]
    page.goto(f"{server}/?cycle=2023")
    page.wait_for_selector(".js-plotly-plot .bars .point", timeout=60_000)
    page.wait_for_selector(AT_REST, timeout=60_000)
    page.locator(".js-plotly-plot .bars .point path").last.click(force=True)
    page.get_by_text("2023 年综合得分").first.wait_for(timeout=60_000)
    assert "/region" in page.url
    assert "cycle=2023" in page.url
    page.close()


def test_what_an_address_chose_follows_to_the_next_page(server: str, browser: object) -> None:
    """Region and cycle of a typed address are those of the next page that is opened from the sidebar."""
    page = browser.new_page(viewport={"width": 1440, "height": 1000})  # type: ignore[attr-defined]
    page.goto(f"{server}/region?cycle=2022&region=920500")
    page.wait_for_selector(AT_REST, timeout=60_000)
    page.locator("[data-testid=stSidebarNav] a", has_text="路径").click()
    page.wait_for_url("**/paths?*region=920500*", timeout=60_000)
    page.wait_for_selector(AT_REST, timeout=60_000)
    assert "cycle=2022" in page.url
    page.close()


def test_a_leader_takes_a_scorecard_away(server: str, browser: object) -> None:
    """From the overview to a region, and from the scorecards page to a workbook with the same number in it."""
    page = browser.new_page(viewport={"width": 1440, "height": 1000})  # type: ignore[attr-defined]
    page.goto(server)
    page.get_by_text("2024 年三江区综合得分平均").wait_for(timeout=60_000)
    page.locator(".q-lead a", has_text="枫屿市").click()
    page.get_by_text("枫屿市 2024 年综合得分 93.4").wait_for(timeout=60_000)
    assert "region=920100" in page.url
    page.get_by_role("link", name="评分卡").click()
    button = page.get_by_role("button", name="生成并下载")
    button.wait_for(timeout=60_000)
    download = _taken(page, button)
    content = Path(download.path()).read_bytes()
    sheet = openpyxl.load_workbook(BytesIO(content), data_only=True).worksheets[0]
    values = [cell for row in sheet.iter_rows(values_only=True) for cell in row]
    assert any(isinstance(value, float) and abs(value - 93.409963) < 1e-6 for value in values)
    page.close()


def test_the_server_answers_this_machine_only() -> None:
    """The configuration binds to 127.0.0.1 and sends nothing out."""
    text = (ROOT / ".streamlit" / "config.toml").read_text("utf-8")
    assert 'address = "127.0.0.1"' in text
    assert "gatherUsageStats = false" in text
