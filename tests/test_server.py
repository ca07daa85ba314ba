"""A real server: no page runs outside the app on a first request, and a journey ends in a file."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from data.__main__ import main

ROOT = Path(__file__).parent.parent
CHROMIUM = shutil.which("chromium")
SLUGS = ("", "compare", "region", "indicator", "explain", "scorecards", "definitions", "facts")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app on a free port over the demonstration; its address."""
    store = tmp_path_factory.mktemp("server") / "demo.duckdb"
    assert main(["demo", "--db", str(store)]) == 0
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "QUHENG_DB": str(store)}, stdout=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(address)
        yield address
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(address: str) -> None:
    for _ in range(150):
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the server did not start")


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    """Debian's Chromium; where it is absent the test is skipped, but never in CI."""
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is absent")
        pytest.skip("Chromium is absent")
    from playwright.sync_api import sync_playwright

    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield opened
        opened.close()


@pytest.mark.parametrize("slug", SLUGS[1:])
def test_a_pages_address_as_the_very_first_request_runs_the_app(slug: str, server: str, browser: object) -> None:
    """Each page comes with the app's navigation around it, whichever address is asked for first."""
    page = browser.new_page()  # type: ignore[attr-defined]
    page.goto(f"{server}/{slug}")
    page.wait_for_selector(".q-badge", timeout=60_000)
    assert page.locator("[data-testid=stSidebarNav]").count() == 1
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
    with page.expect_download(timeout=60_000) as download:
        button.click()
    content = Path(download.value.path()).read_bytes()
    sheet = openpyxl.load_workbook(BytesIO(content)).worksheets[0]
    values = [cell for row in sheet.iter_rows(values_only=True) for cell in row]
    assert any(isinstance(value, float) and abs(value - 93.409963) < 1e-6 for value in values)
    page.close()


def test_the_server_answers_this_machine_only() -> None:
    """The configuration binds to 127.0.0.1 and sends nothing out."""
    text = (ROOT / ".streamlit" / "config.toml").read_text("utf-8")
    assert 'address = "127.0.0.1"' in text
    assert "gatherUsageStats = false" in text
