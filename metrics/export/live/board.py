"""Board: what other sheets take from the live ones: the scorecard's cells, its chart, what is told of them."""

from collections.abc import Sequence
from typing import Any

from metrics.export.live.words import ABOUT, REASONS, word
from metrics.export.live.world import World

# More bars than that are no picture.
_BARS = 60
_BLUE = "#4E79A7"


def cells(world: World) -> dict[tuple[str, str, str], str]:
    """By cycle, region and column of the scorecard, the formula that takes its number from the calculation."""
    root, cycle = world.card.definitions.index.code, world.cycle
    rows = {"score": world.spots["final", cycle], "rank": world.spots["rank", cycle]}
    rows["coverage"] = world.spots[f"coverage {root}", cycle]
    if ("grade", cycle) in world.spots:
        rows["grade"] = world.spots["grade", cycle]
    for code in world.card.definitions.tree_nodes:
        if code != root:
            rows[f"score {code}"] = world.spots[f"score {code}", cycle]
    return {
        (world.period, region, name): row.afar(column)
        for column, region in enumerate(_regions(world))
        for name, row in rows.items()
    }


def _regions(world: World) -> list[str]:
    return [str(code) for code in world.card.regions["code"].gather(list(world.columns))]


def chart(book: Any, sheet: Any, bars: int, *, title: str, columns: tuple[int, int], below: int) -> None:
    """Bars of the first rows under the heads, which stand in the order of ranks; `columns`: names and numbers."""
    if not 1 < bars <= _BARS:
        return
    names, numbers = columns
    drawn = book.add_chart({"type": "bar"})
    place = sheet.get_name()
    drawn.add_series(
        {
            "categories": [place, 1, names, bars, names],
            "values": [place, 1, numbers, bars, numbers],
            "fill": {"color": _BLUE},
            "gap": 40,
            "data_labels": {"value": True, "num_format": "0.0"},
        }
    )
    drawn.set_title({"name": title, "overlay": False, "name_font": {"size": 12, "bold": True}})
    drawn.set_legend({"none": True})
    drawn.set_y_axis({"reverse": True, "major_gridlines": {"visible": False}})
    drawn.set_x_axis({"min": 0, "num_format": "0", "major_gridlines": {"visible": True, "line": {"color": "#E0E0E0"}}})
    drawn.set_size({"width": 760, "height": 90 + 24 * bars})
    sheet.insert_chart(below, 0, drawn, {"x_offset": 8, "y_offset": 8, "object_position": 3})


def told(world: World | None, lang: str) -> list[tuple[str, str]]:
    """What the last sheet says of the live ones: how to use them, and what in them is a number as it was scored."""
    if world is None:
        return [(word(ABOUT, "none", lang), word(ABOUT, "none_words", lang))]
    lines = [
        (word(ABOUT, "live", lang), word(ABOUT, "live_words", lang, cycle=world.period)),
        (word(ABOUT, "recheck", lang), word(ABOUT, "recheck_words", lang)),
        (word(ABOUT, "colours", lang), word(ABOUT, "colours_words", lang)),
        (word(ABOUT, "ties", lang), word(ABOUT, "ties_words", lang)),
    ]
    return [*lines, *(_fixed(world, reason, codes) for reason, codes in _reasons(world))]


def _reasons(world: World) -> list[tuple[str, Sequence[str]]]:
    by: dict[str, list[str]] = {}
    for code, reason in world.fixed.items():
        by.setdefault(reason, []).append(code)
    return list(by.items())


def _fixed(world: World, reason: str, codes: Sequence[str]) -> tuple[str, str]:
    named = ("、" if world.lang == "zh" else ", ").join(world.name(code) for code in codes)
    return word(
        ABOUT, "fixed", world.lang
    ), f"{word(REASONS, reason, world.lang)}{'：' if world.lang == 'zh' else ': '}{named}"
