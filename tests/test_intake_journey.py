"""Published files brought in by a person in a real browser, one of them damaged on purpose."""

import re
import shutil
from pathlib import Path
from typing import Any

from data.__main__ import main
from data.store import Store
from tests import test_server as server

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "examples" / "yearbook"
TIDY = "cn_fiscal_provinces/cn_budget_expenditure_by_function_2019_2023.csv"


def test_published_files_come_in_through_the_page(shared: Path, tmp_path: Path, browser: Any) -> None:
    """Workbook and CSV are recognised and stored as they were confirmed; a cut workbook is refused in words; of a
    damaged table each damaged row is rejected by its cell, and its heads are remembered.

    Accepted and rejected are what was read, in the store too.
    """
    store, given = tmp_path / "s.duckdb", shared / "data"
    begin = ["init", "--db", str(store), "--regions", str(EXAMPLE / "regions.csv")]
    assert main([*begin, "--indicators", str(EXAMPLE / "indicators.yaml")]) == 0
    with server._served(store) as (address, _):
        server._wait_for(address)
        page = browser.new_page(viewport={"width": 1440, "height": 1400})
        page.set_default_timeout(60_000)
        page.goto(f"{address}/facts?part=bring")
        box = page.get_by_role("combobox", name=re.compile("我是"))
        box.click()
        box.fill("甲")
        box.press("Enter")
        _rest(page)
        _bring(page, given / "cn_fiscal_provinces" / "raw-2022.xls", "读入 487 条，接受 487，拒绝 0")
        _store(page, 1)
        _bring(page, given / TIDY, "读入 3,838 条，接受 3,838，拒绝 0")
        assert "还缺理由" in page.locator("[data-testid=stMain]").inner_text()
        _store(page, 2)
        _put(page, _cut(given / "cn_fiscal_provinces" / "raw-2021.xlsx", tmp_path))
        page.get_by_text("文件不能导入", exact=True).wait_for()
        page.get_by_role("button", name=re.compile("^Remove|移除|remove")).last.click()
        _rest(page)
        _bring(page, _damaged(given / TIDY, tmp_path), "读入 3,838 条，接受 3,836，拒绝 2")
        words = page.locator("[data-testid=stMain]").inner_text()
        assert "沿用上次确认的映射" in words
        assert "F12" in words
        assert "A21" in words
        assert "12O.5" in words
        assert "火星省" in words
        page.get_by_text("只导入可接受的，被拒绝的除外").click()
        _rest(page)
        _store(page, 3)
        assert page.locator("[data-testid=stException]").count() == 0
        page.get_by_role("button", name="看第 3 批改变了什么").click()
        page.get_by_text(re.compile("与原来不同的|没有综合得分因此改变")).first.wait_for()
        page.close()
    batches = Store(store).batches().sort("id")
    counts = [(487, 487, 0, "甲"), (3838, 3838, 0, "甲"), (3838, 3836, 2, "甲")]
    assert batches.select("read", "accepted", "rejected", "sender").rows() == counts
    assert batches["mapping"].str.contains("mapping: 1").all()
    assert sorted(Store(store).query("SELECT value FROM rejections")["value"]) == ["12O.5", "火星省"]
    assert Store(store).query("SELECT count(*) AS c FROM warnings WHERE reason = ''").item() == 0


def _rest(page: Any) -> None:
    page.wait_for_timeout(300)
    page.wait_for_selector(server.AT_REST)
    page.wait_for_timeout(200)


def _put(page: Any, file: Path) -> None:
    page.locator("input[type=file]").first.set_input_files(file)
    _rest(page)


def _bring(page: Any, file: Path, words: str) -> None:
    """A file into the box, until its preview says what was read."""
    _put(page, file)
    page.get_by_text(f"预览：{words}").wait_for()
    _rest(page)


def _store(page: Any, batch: int) -> None:
    """A reason for every kind of doubt, and the file into the store."""
    for at in range(page.get_by_label(re.compile("^理由：")).count()):
        field = page.get_by_label(re.compile("^理由：")).nth(at)
        field.fill("出版的数，已核对")
        field.press("Enter")
        _rest(page)
    page.get_by_role("button", name=re.compile("^导入 ")).click()
    page.get_by_text(re.compile(f"已入库，批次 {batch}$")).wait_for()


def _cut(file: Path, folder: Path) -> Path:
    """Half of a workbook, as a broken transfer leaves it."""
    half = folder / "raw-2021.xlsx"
    half.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    return half


def _damaged(file: Path, folder: Path) -> Path:
    """The table with a letter in a number and a region that does not exist."""
    copy = folder / "again.csv"
    shutil.copyfile(file, copy)
    lines = copy.read_text("utf-8-sig").splitlines()
    lines[11] = ",".join([*lines[11].split(",")[:5], "12O.5"])
    lines[20] = ",".join(["火星省", *lines[20].split(",")[1:]])
    copy.write_text("\n".join(lines) + "\n", "utf-8")
    return copy
