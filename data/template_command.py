"""The command that makes the workbooks which regions fill in."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from data.called import region_called
from data.revisions import revisions_of
from data.store import Store
from data.template_plan import By
from metrics.commands import Add
from metrics.files import write_bytes
from metrics.problems import InputError, Problem, nearest
from metrics.visible import visible

WAYS: tuple[By, ...] = ("as_before", "year", "half", "quarter", "month")


def add_template(commands: Any, command: Add) -> None:
    """The command with its options; `command` adds it."""
    parser = command(commands, "template", _template, "the workbook that a region fills in for a period")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--region", metavar="NAME", help="its name or code")
    which.add_argument("--all", type=Path, metavar="FOLDER", help="one workbook for each region without parts")
    parser.add_argument("--period", required=True, metavar="P")
    words = "how often; default: as it was reported before"
    parser.add_argument("--by", dest="often", choices=WAYS, default=WAYS[0], help=words)
    parser.add_argument("--out", type=Path, metavar="FILE.xlsx")


def made(store: Store, region: str, period: str, *, by: By = "as_before", lang: str = "zh") -> bytes:
    """The workbook of a region for a period. Raises InputError for a region or period that is none."""
    from data.template import template
    from data.template_plan import plan

    definitions, facts = revisions_of(store).widest, store.facts()
    regions = _regions(store, facts)
    names = dict(regions.select("code", f"name_{lang}").iter_rows())
    if region not in names:
        known = {"value": region, "near": nearest(region, list(names)) or ""}
        raise InputError([Problem("unknown_region", path="--region", facts=known)])
    blocks = plan(definitions, facts, region=region, period=period, by=by)
    return template(definitions, blocks, region=region, name=names[region] or region, period=period, lang=lang)


def _regions(store: Store, facts: pl.DataFrame) -> pl.DataFrame:
    """code, name_zh, name_en, parent: of the store, else those that the facts name."""
    found = store.regions()
    if found is None:
        codes = facts["region"].unique().sort()
        return pl.DataFrame({"code": codes, "name_zh": codes, "name_en": codes, "parent": [None] * len(codes)})
    return found


def leaves(store: Store) -> list[str]:
    """The regions without parts, by code: each fills in a workbook."""
    regions = _regions(store, store.facts())
    return regions.filter(~pl.col("code").is_in(regions["parent"].drop_nulls().to_list()))["code"].sort().to_list()


def _template(options: argparse.Namespace) -> int:
    store = Store(options.db)
    if options.all is None:
        region = region_called(store, options.region)
        places = {region: options.out or Path(*_names([region], options))}
    else:
        options.all.mkdir(parents=True, exist_ok=True)
        codes = leaves(store)
        places = {code: options.all / name for code, name in zip(codes, _names(codes, options), strict=True)}
    for code, out in places.items():
        write_bytes(made(store, code, options.period, by=options.often, lang=options.lang), out)
        print(visible(str(out)))
    return 0


def _names(codes: Sequence[str], options: argparse.Namespace) -> list[str]:
    """What each region's workbook is called: no code leads out of the folder, and no two are one file."""
    from metrics.export.many import file_name

    found: dict[str, str] = {}
    for code in codes:
        name = file_name(code, options.period, "xlsx", options.lang, code=code, taken=found)
        found[name.casefold()] = name
    return list(found.values())
