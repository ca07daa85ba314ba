"""The commands of completeness and quality: due, deadline, quality."""

import argparse
import json
import sys
from typing import Any

import polars as pl

from data.acts import chosen
from data.called import region_called
from data.clock import zoned
from data.doubted import Named
from data.due import Asked, ask, by_area, deadline_history, differing, due, missing, set_deadline, silent
from data.editions import editions
from data.quality import MEASURES, quality
from data.quality_words import decided_words, explained
from data.revisions import revisions_of
from data.store import Store
from metrics.commands import Add
from metrics.completeness import rhythms, summed
from metrics.problems import InputError, Problem
from metrics.rollup import cycles_of
from metrics.visible import visible

BY = ("region", "area", "period", "variable")
FORMATS = ("text", "json", "csv")
SHOWN = 5


def add_dues(commands: Any, command: Add) -> None:
    """The commands with their options; `command` adds one."""
    owes = command(commands, "due", _due, "who has not reported what, and by when it was due")
    owes.add_argument("--by", dest="grouped", choices=BY, default="region")
    owes.add_argument("--region", default="", metavar="NAME", help="what this region lacks, by site; its name or code")
    card = command(commands, "quality", _quality, "how good the facts are: a card a region, or an indicator")
    card.add_argument("--of", choices=("region", "indicator"), default="region")
    for parser in (owes, card):
        parser.add_argument("--cycle", default="", metavar="CYCLE", help="default: the last one with facts")
        parser.add_argument("--format", choices=FORMATS, default="text")
    day = command(commands, "deadline", _deadline, "the days by which periods are to be reported, or one of them set")
    day.add_argument("period", nargs="?", default="", metavar="PERIOD")
    day.add_argument("day", nargs="?", default="", metavar="DATE", help="as 2025-03-31; none: taken away")
    day.add_argument("--by", default="", metavar="NAME", help="who sets it; wanted for that")
    day.add_argument("--reason", default="", metavar="TEXT", help="why one that was set is changed")
    day.add_argument("--format", choices=FORMATS, help="of the list; default: text")


def _due(options: argparse.Namespace) -> int:
    asked = _asked(options)
    if options.region:
        lacking = missing(asked, region_called(asked.store, options.region))
        return _told(lacking if options.format != "text" else _called(lacking, asked, options.lang), options)
    rows = due(asked)
    _note_nothing(rows, asked, options.lang)
    rows = by_area(rows, asked.store) if options.grouped == "area" else rows
    found = summed(rows, options.grouped)
    if options.grouped == "region":
        quiet = silent(asked).group_by("region").agg(pl.len().alias("silent_sites"))
        found = found.join(quiet, on="region", how="left", maintain_order="left")
        found = found.with_columns(pl.col("silent_sites").fill_null(0))
    ordered = found.sort("late", "absent", options.grouped, descending=[True, True, False])
    named = _named(ordered, asked, options.lang)
    return _told(named if options.format != "text" else _in_words(named, asked, options.lang), options)


def _in_words(frame: pl.DataFrame, asked: Asked, lang: str) -> pl.DataFrame:
    """With variables called by their names, the first of them where there are many."""

    def told(codes: str) -> str:
        names = [asked.definitions.name_of(code, lang) for code in codes.split(";") if code]
        more = len(names) - SHOWN
        shown = ("、" if lang == "zh" else ", ").join(names[:SHOWN])
        rest = f" …（共 {len(names)} 项）" if lang == "zh" else f" … ({len(names)} in all)"
        return shown if more <= 0 else shown + rest

    return frame.with_columns(pl.Series("missing", [told(codes) for codes in frame["missing"]], dtype=pl.String))


def _note_nothing(found: pl.DataFrame, asked: Asked, lang: str) -> None:
    """Says why there is nothing to see."""
    if found.is_empty():
        zh, en = f"{asked.cycle} 没有应报或已报的数", f"Nothing is due or reported in {asked.cycle}"
        print(zh if lang == "zh" else en, file=sys.stderr)


def _called(frame: pl.DataFrame, asked: Asked, lang: str) -> pl.DataFrame:
    """With variables called by their names, each with its code."""
    named = Named(asked.definitions, str, lang, coded=True)
    return frame.with_columns(pl.col("variable").map_elements(lambda code: named.of("variable", code), pl.String))


def _asked(options: argparse.Namespace) -> Asked:
    store = Store(options.db)
    return ask(store, options.cycle or last_cycle(store))


def last_cycle(store: Store) -> str:
    """The last cycle of which anything holds. Raises InputError where nothing does."""
    cycles = cycles_of(revisions_of(store).latest.definitions)
    found = rhythms(store.query("SELECT DISTINCT period FROM current_facts")["period"], cycles)
    if found.is_empty():
        raise InputError([Problem("nothing_due")])
    return cycles.name(int(found["cycle"].max()))  # type: ignore[arg-type]


def _named(frame: pl.DataFrame, asked: Asked, lang: str) -> pl.DataFrame:
    """With the name of what the rows are about, after its code."""
    by = frame.columns[0]
    names: dict[str, str] = {}
    if by == "region":
        names = dict(asked.regions.frame.select("code", f"name_{lang}").iter_rows())
    elif by == "area":
        names = dict(asked.store.areas().select("area", f"name_{lang}").unique().iter_rows())
    elif by == "variable":
        names = {code: asked.definitions.name_of(code, lang) for code in frame[by]}
    if not names:
        return frame
    name = pl.col(by).replace_strict(names, default=pl.col(by), return_dtype=pl.String).alias("name")
    return frame.select(by, name, pl.exclude(by))


def _deadline(options: argparse.Namespace) -> int:
    store = Store(options.db)
    chosen(options, {"deadline": ("--format",), "period": ("--reason",)})
    if not options.period:
        found = deadline_history(store).rename({"due": "deadline"})
        if options.format in (None, "text"):
            found = found.with_columns(made=pl.Series(list(map(zoned, found["made"])), dtype=pl.String))
        return _told(found, options)
    set_deadline(store, options.period, options.day, person=options.by, reason=options.reason)
    zh = options.lang == "zh"
    day = options.day or ("无" if zh else "none")
    words = two_days(store, options.period, options.lang)
    told = f"{options.period} 的报送期限：{day}。" if zh else f"Deadline of {options.period}: {day}."
    print(visible(told + words))
    return 0


def two_days(store: Store, cycle: str, lang: str) -> str:
    """Where a cycle's facts are due by another day than its stage of reporting is to end, that it is so; else ''."""
    found = differing(store, cycle)
    if found is None:
        return ""
    due, ends = found
    if lang == "zh":
        return f"两个期限不同：{cycle} 的数据要在 {due} 以前报齐，“填报”阶段到 {ends} 为止。"
    return f" Two days differ: facts of {cycle} are due by {due}, its stage of reporting ends on {ends}."


def _quality(options: argparse.Namespace) -> int:
    asked = _asked(options)
    found = quality(asked, editions(asked.store).cards.get(asked.cycle))
    cards = found.of_regions() if options.of == "region" else found.of_indicators()
    _note_nothing(cards, asked, options.lang)
    rows = [_card(row, asked, options) for row in cards.iter_rows(named=True)]
    if options.format == "json":
        print(json.dumps(rows, ensure_ascii=False))
    elif options.format == "csv":
        named = cards.insert_column(1, pl.Series("name", [row["name"] for row in rows], dtype=pl.String))
        print(named.write_csv(), end="")
    else:
        for row in rows:
            print("\t".join(map(visible, (row["code"], row["name"], decided_words(row, options.lang)))))
            for line in row["explained"].values():
                print(visible(f"  {line}"))
    return 0


def _card(row: dict[str, Any], asked: Asked, options: argparse.Namespace) -> dict[str, Any]:
    """A card with its name and each of its numbers in a sentence."""
    names = dict(asked.regions.frame.select("code", f"name_{options.lang}").iter_rows())
    code = row["code"]
    name = names.get(code, code) if options.of == "region" else asked.definitions.name_of(code, options.lang)
    told = {part: explained(row, part, options.lang) for part in MEASURES}
    return {"code": code, "name": name, **row, "explained": told}


_HEADS = {
    "region": ("地区", "region"), "area": ("区域", "area"), "period": ("期间", "period"), "name": ("名称", "name"),
    "variable": ("变量", "variable"), "site": ("公共机构", "site"), "due": ("应报", "due"), "share": ("份额", "share"),
    "reported": ("已报", "reported"), "absent": ("缺", "absent"), "on_time": ("按期", "on time"),
    "after": ("逾期才报", "after the deadline"), "late": ("逾期未报", "late"), "judged": ("期限已过", "past deadline"),
    "missing": ("缺哪些", "missing"), "deadline": ("期限", "deadline"), "note": ("说明", "note"),
    "person": ("谁", "person"), "made": ("何时", "made"), "reason": ("理由", "reason"),
    "silent_sites": ("未报的登记机构", "silent sites"),
}  # fmt: skip


def _told(frame: pl.DataFrame, options: argparse.Namespace) -> int:
    """A table on the screen: for people, or with the columns' own names for programs."""
    if options.format == "json":
        print(json.dumps(frame.to_dicts(), ensure_ascii=False))
        return 0
    if options.format == "csv":
        print(frame.write_csv(), end="")
        return 0
    print("\t".join(_HEADS.get(name, (name, name))[options.lang != "zh"] for name in frame.columns))
    for row in frame.iter_rows():
        print("\t".join(visible(_cell(value, options.lang)) for value in row))
    return 0


def _cell(value: object, lang: str) -> str:
    if isinstance(value, bool):
        return ("否", "是")[value] if lang == "zh" else ("no", "yes")[value]
    if isinstance(value, float):
        return f"{value * 100:.4g} %"
    return "—" if value is None or value == "" else str(value)
