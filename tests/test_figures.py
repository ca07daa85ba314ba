"""Figures: names that do not overlap, ticks in words, colours that can be read, charts that come with all they need."""

import json
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from data.__main__ import main
from metrics.files import read_definitions
from pages.parts.bars import ranked
from pages.parts.charts import DARK, LIGHT, Palette, spread, ticks, width_of
from pages.parts.frontier import beside_composite
from pages.parts.sparks import sparkline

ROOT = Path(__file__).parent.parent
CHARTED = ("overview", "compare", "region", "indicator")
PLACES = st.lists(st.floats(-100.0, 100.0), max_size=12)


@given(PLACES, st.floats(0.1, 20.0))
def test_names_are_moved_apart_and_keep_their_order(wanted: list[float], gap: float) -> None:
    """No two are nearer than the gap, and who stood above another still does."""
    moved = spread(wanted, gap)
    ordered = sorted(range(len(wanted)), key=wanted.__getitem__)
    steps = [moved[after] - moved[before] for before, after in pairwise(ordered)]
    assert all(step >= gap * (1.0 - 1e-9) for step in steps)


@given(PLACES)
def test_names_far_apart_stay_where_they_are(wanted: list[float]) -> None:
    """Nothing is moved without need."""
    apart = [place * 1000.0 + index for index, place in enumerate(sorted(set(map(round, wanted))))]
    assert spread(apart, 1.0) == apart


@given(st.floats(-1e6, 1e6), st.floats(1e-2, 1e6))
def test_ticks_are_round_and_inside(low: float, width: float) -> None:
    """A few of them, all between the ends."""
    high = low + width
    found = ticks(low, high)
    assert len(found) <= 12
    assert all(low - 1e-6 * width <= tick <= high + 1e-6 * width for tick in found)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_what_is_written_of_a_bar_is_beside_the_field() -> None:
    """Within it a longer text would lie on the bands and their end: all stand in one column right of it."""
    rows = pl.DataFrame(
        {
            "region": ["a", "b"], "name": ["A", "B"], "score": [93.4, 20.0], "score_change": [15.1, None],
            "coverage": [0.985, 1.0], "rank": [1, 2], "ranked": [2, 2], "rank_p05": [1, 2], "rank_p95": [1, 2],
            "score_p05": [92.0, 10.0], "score_p95": [95.0, 21.0],
        }
    )  # fmt: skip
    figure = ranked(rows, read_definitions(ROOT / "indicators.yaml"), (), "score_change")
    _, written = figure["data"]
    assert [*written["x"]] == [figure["layout"]["xaxis"]["range"][1]] * 2
    assert written["textposition"].endswith("right")


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_words_can_be_read_on_their_ground(palette: Palette) -> None:
    """AA for text (4.5:1) on the page and on every grade's colour, 3:1 for marks and bars."""
    for name in ("better", "worse", "accent", "text", "soft"):
        assert _contrast(getattr(palette, name), palette.page) >= 4.5, name
    for fill, ink in zip(palette.grades, palette.ink, strict=True):
        assert _contrast(fill, ink) >= 4.5, fill
    assert _contrast(palette.grey, palette.page) >= 2.8


def test_a_sparkline_breaks_where_there_is_nothing() -> None:
    """A cycle without a number is a gap, not a straight line; one number alone is no course."""
    assert sparkline([1.0, 2.0, 3.0]).count("polyline") == 1
    assert sparkline([1.0, 2.0, None, 3.0, 4.0]).count("polyline") == 2
    assert sparkline([None, 1.0]) == ""


def test_a_chinese_name_needs_more_room() -> None:
    """Room for names is measured by their characters."""
    assert width_of(["枫屿市"]) > width_of(["abc"])


@pytest.fixture(scope="module")
def charts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, AppTest]:
    """Each page with charts, run on the demonstration."""
    path = tmp_path_factory.mktemp("figures") / "demo.duckdb"
    assert main(["demo", "--db", str(path)]) == 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUHENG_DB", str(path))
        return {
            page: AppTest.from_file(str(ROOT / "pages" / "view" / f"{page}.py"), default_timeout=60).run()
            for page in CHARTED
        }


@pytest.mark.parametrize("page", CHARTED)
def test_every_chart_is_told_in_words(page: str, charts: dict[str, AppTest]) -> None:
    """Each has words for those who cannot see it, its own menu in Chinese and a name for its picture."""
    found = charts[page].get("plotly_chart")
    assert found
    for element in found:
        assert element.proto.alt.strip()
        config = json.loads(element.proto.config)
        assert config["toImageButtonOptions"]["filename"]
        assert "下载图片（PNG）" in element.proto.config or "\\u4e0b" in element.proto.config


@pytest.mark.parametrize("page", CHARTED)
def test_every_chart_has_its_source_and_its_table(page: str, charts: dict[str, AppTest]) -> None:
    """Under each figure stand definitions and snapshot, a table, and the table as a file."""
    at = charts[page]
    tables = [expander for expander in at.expander if expander.label == "数据表"]
    downloads = [button for button in at.get("download_button") if button.proto.label == "下载 CSV"]
    sources = [html for html in at.get("html") if "来源：" in html.proto.body and "数据快照" in html.proto.body]
    assert len(tables) == len(downloads) >= 1
    assert len(sources) >= len(tables)


def test_axes_are_in_words(charts: dict[str, AppTest]) -> None:
    """25 万 on the axis of a Chinese page, not plotly's 250k."""
    figure = json.loads(charts["indicator"].get("plotly_chart")[0].proto.spec)
    assert all(text.endswith("万") for text in figure["layout"]["yaxis"]["ticktext"])


def test_of_two_near_points_the_higher_has_its_name_on_top() -> None:
    """Names of points that lie close do not meet: the higher one's is above it and the lower one's below."""
    rows = pl.DataFrame(
        {
            "region": ["a", "b", "c"],
            "name": ["棠州市", "旻阳市", "远山市"],
            "score": [70.0, 70.5, 90.0],
            "theta": [0.915, 0.92, 1.0],
        }
    )
    for frame in (rows, rows.reverse()):
        trace = json.loads(str(beside_composite(frame, {"a", "b", "c"}, ()).to_json()))["data"][0]
        sides = dict(zip(frame["region"], trace["textposition"], strict=True))
        assert sides == {"a": "bottom center", "b": "top center", "c": "top center"}
