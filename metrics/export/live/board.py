"""Board: what other sheets take from the live ones: the scorecard's numbers, its chart, what is told of them."""

from collections.abc import Iterator, Sequence
from typing import Any

from metrics.export.live.grid import FIRST_ROW, Row
from metrics.export.live.shares import FIRST
from metrics.export.live.words import ABOUT, REASONS, word
from metrics.export.live.world import World

# More bars than that are no picture.
_BARS = 60
_BLUE = "#4E79A7"


Formulas = dict[tuple[str, ...], str]


def rows(world: World | None) -> Formulas:
    """By cycle, region, code and column of the contract, the formula that takes its number from the live sheets."""
    if world is None:
        return {}
    regions = world.card.regions["code"].gather(list(world.columns)).to_list()
    found: Formulas = {
        (world.period, region, code, name): formula
        for code, name, row, form in _spots(world)
        for at, region in enumerate(regions)
        if (formula := _formula(world, row, at, form))
    }
    for place, share in enumerate(world.shares.rows, start=FIRST):
        cell = f"'{world.shares.title}'!$H${place}"
        found |= {(world.period, region, share.child, "weight"): f'IF({cell}>0,{cell},"")' for region in regions}
    return found


def _spots(world: World) -> Iterator[tuple[str, str, Row, str]]:
    """Codes, columns, the lines that hold their numbers, and what becomes of these."""
    for row in world.card.definitions.nodes():
        names = {name: (f"{name} {row.code}", "{}") for name in ("score", "rank", "treated", "coverage")}
        if row.level == "indicator":
            names |= {"value": (row.code, "{}"), "coverage": (f"score {row.code}", "IF(ISNUMBER({}),1,0)")}
        if row.code == world.root:
            names |= {"score": ("final", "{}"), "grade": ("grade", "{}")}
        for name, (spot, form) in names.items():
            if (spot, world.cycle) in world.spots:
                yield row.code, name, world.spots[spot, world.cycle], form


def _formula(world: World, row: Row, at: int, form: str) -> str:
    """The formula of a region; none for a number as computed, which would count as 0 where it is blank."""
    known = world.calculation.lines[row.number - FIRST_ROW].formulas
    return form.format(row.fixed(at)) if known and known[at] else ""


def overview(world: World | None) -> Formulas:
    """By cycle, region and column of the first sheet the same of the composite and of the pillars' scores."""
    found: Formulas = {}
    for (period, region, code, name), formula in rows(world).items():
        if world is not None and code == world.root:
            found[period, region, name] = formula
        elif name == "score":
            found[period, region, f"score {code}"] = formula
    return found


def note(world: World | None, lang: str) -> str:
    """What of the first sheet follows a change, and what does not."""
    return "" if world is None else word(ABOUT, "note", lang, cycle=world.period)


def chart(book: Any, sheet: Any, bars: int, *, title: str, columns: tuple[int, int], below: int) -> int:
    """Bars of the first rows under the heads, which stand in the order of ranks; `columns`: names and numbers. Gives
    how many rows they reach below the table."""
    if not 1 < bars <= _BARS:
        return 0
    height = 90 + 24 * bars
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
    drawn.set_size({"width": 760, "height": height})
    sheet.insert_chart(below, 0, drawn, {"x_offset": 8, "y_offset": 8, "object_position": 3})
    return 3 + height // 20


def told(world: World | None, lang: str, regions: Sequence[str]) -> list[tuple[str, str]]:
    """What the last sheet says of the live ones: how to use them, whose numbers they hold beside those of `regions`,
    and what in them is a number as it was scored."""
    if world is None:
        return [(word(ABOUT, "none", lang), word(ABOUT, "none_words", lang))]
    lines = [
        (word(ABOUT, "live", lang), word(ABOUT, "live_words", lang, cycle=world.period)),
        (word(ABOUT, "recheck", lang), word(ABOUT, "recheck_words", lang)),
        (word(ABOUT, "colours", lang), word(ABOUT, "colours_words", lang)),
        (word(ABOUT, "ties", lang), word(ABOUT, "ties_words", lang)),
    ]
    if set(world.card.regions["code"].gather(list(world.columns))) - set(regions):
        lines.append((word(ABOUT, "others", lang), word(ABOUT, "others_words", lang)))
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
