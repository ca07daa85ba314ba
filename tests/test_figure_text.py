"""Names in figures are text: nothing that data hold becomes markup, and the page refuses what is not safe to serve."""

import json
import re
from pathlib import Path

import polars as pl
import pytest
import streamlit
from streamlit import config
from streamlit.testing.v1 import AppTest

from data.__main__ import main
from data.store import Store
from pages.parts.charts import BREAK, bold, coloured, drawn
from pages.parts.formats import share

ROOT = Path(__file__).parent.parent
LINK = '<a href="http://x">点我</a>'


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the demonstration."""
    path = tmp_path_factory.mktemp("store") / "demo.duckdb"
    assert main(["demo", "--db", str(path)]) == 0
    return path


def _run(page: str, **query: str) -> AppTest:
    at = AppTest.from_file(str(ROOT / "pages" / "view" / f"{page}.py"), default_timeout=60)
    for name, value in query.items():
        at.query_params[name] = value
    return at.run()


def _renamed(regions: pl.DataFrame | None) -> pl.DataFrame:
    assert regions is not None
    best = pl.when(pl.col("code") == "920100").then(pl.lit(LINK))
    return regions.with_columns(best.otherwise(pl.col(name)).alias(name) for name in ("name_zh", "name_en"))


@pytest.mark.parametrize("page", ["overview", "compare", "indicator", "region", "robustness", "efficiency"])
def test_a_name_is_never_a_link(page: str, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a region is called stands in a figure as it is written, wherever plotly would read markup."""
    whole = Store.regions
    monkeypatch.setenv("QUHENG_DB", str(store))
    monkeypatch.setattr(Store, "regions", lambda self: _renamed(whole(self)))
    streamlit.cache_resource.clear()
    at = _run(page, regions="920100,930400", region="920100")
    assert not at.exception
    specs = [chart.proto.spec for chart in at.get("plotly_chart")]
    assert any("点我" in spec or "\\u70b9\\u6211" in spec for spec in specs)
    assert not [spec for spec in specs if re.search(r"<a|\\u003ca|&amp;lt;", spec)]


def test_only_a_figures_own_markup_is_markup() -> None:
    """Bold, colours and lines are the figure's; the same signs in a text are signs, and codes stay as they are."""
    marks = {"text": [f"{bold('1')}{BREAK}<b>", coloured("a & b", "#123456")], "customdata": ["<c>"], "y": ["<n>"]}
    trace = drawn([{"type": "scatter", **marks}], annotations=[{"text": LINK}]).to_plotly_json()
    (found,) = trace["data"]
    assert list(found["text"]) == ["<b>1</b><br>&lt;b&gt;", '<span style="color:#123456">a &amp; b</span>']
    assert (list(found["customdata"]), list(found["y"])) == (["<c>"], ["&lt;n&gt;"])
    assert trace["layout"]["annotations"][0]["text"].startswith("&lt;a href")


def test_every_figure_is_drawn_in_one_place() -> None:
    """No module makes a figure by itself, past the one function that makes names plain."""
    files = [*(ROOT / "pages").rglob("*.py")]
    found = {
        file.name for file in files if re.search(r"\bFigure\(|\.add_(scatter|bar|trace)\(", file.read_text("utf-8"))
    }
    assert found == {"charts.py"}


@pytest.mark.parametrize("address", ["", None, "0.0.0.0", "192.0.2.1", " 127.0.0.1"])
def test_an_open_server_is_refused(address: str | None, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No address means every address: nothing is shown unless the server is known to listen to this machine alone."""
    monkeypatch.setenv("QUHENG_DB", str(store))
    before = config.get_option("server.address")
    config.set_option("server.address", address)
    try:
        text = "\n".join(element.proto.body for element in _run("overview").get("html"))
    finally:
        config.set_option("server.address", before)
    assert "拒绝服务" in text
    assert "综合得分" not in text


def test_a_missing_definitions_file_is_said_in_words(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page names the file and says what to do; the system's own words are not shown."""
    monkeypatch.setenv("QUHENG_DB", str(store))
    monkeypatch.setattr(Store, "definitions_path", lambda self: Path("/nowhere/indicators.yaml"))
    for lang, words in (
        ("zh", "没有文件 /nowhere/indicators.yaml"),
        ("en", "There is no file /nowhere/indicators.yaml"),
    ):
        text = "\n".join(element.proto.body for element in _run("overview", lang=lang).get("html"))
        assert words in text
        assert "Errno" not in text


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.985, "98.5 %"), (1.0, "100 %"), (0.0, "0 %"), (-0.123, "−12.3 %"), (-1e-5, "0 %"), (0.95, "95 %"), (None, "—")],
)
def test_a_share_has_one_decimal_where_it_is_not_whole(value: float | None, words: str) -> None:
    """As in a workbook, so that nobody finds 98 % here and 99 % there; below zero with a true minus sign."""
    assert share(value) == words


def test_nobody_who_stood_still_improved_most(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Less than half a tenth of a point shows as +0.0, and is not told as progress."""
    from pages.parts import overview

    monkeypatch.setenv("QUHENG_DB", str(store))
    whole = overview.rows_of

    def still(*args: object, **options: object) -> pl.DataFrame:
        return whole(*args, **options).with_columns(pl.col("score_change").clip(-0.04, 0.04))  # type: ignore[arg-type]

    assert "进步最大" in "\n".join(element.proto.body for element in _run("overview").get("html"))
    monkeypatch.setattr(overview, "rows_of", still)
    assert "进步最大" not in "\n".join(element.proto.body for element in _run("overview").get("html"))


def test_ticks_do_not_touch_on_a_phone(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two bounds of grades close together the second stands a line lower."""
    monkeypatch.setenv("QUHENG_DB", str(store))
    streamlit.cache_resource.clear()
    axis = json.loads(_run("overview").get("plotly_chart")[0].proto.spec)["layout"]["xaxis"]
    assert axis["tickvals"] == [0, 60, 80, 90]
    assert axis["ticktext"] == ["0", "60", "80", "<br>90"]
