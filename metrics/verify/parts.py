"""The parts of a bundle, as a scorecard holds them: the facts, regions, factors and rows in their canonical order."""

import re
from collections.abc import Collection, Mapping

import polars as pl

from metrics.adjustments import Adjustment, adjustments_of
from metrics.definitions import Definitions
from metrics.long import COLUMNS
from metrics.problems import InputError, file_error
from metrics.scorecard import Scorecard
from metrics.verify.layout import ADJUSTMENT_COLUMNS, ADJUSTMENTS, CELLS, FACT_COLUMNS, FACTOR_COLUMNS
from metrics.verify.tables import from_csv

# What Python takes for a number beside it, as 1_0 or full-width digits, is none in a table.
_WHOLE, _POINTS = re.compile(r"0{0,9}[1-9][0-9]{0,8}"), re.compile(r"[-+.0-9eE]+")


def facts_of(card: Scorecard) -> pl.DataFrame:
    """Every fact that the scorecard was made from: the scores of one cycle may rest on others, and on all regions."""
    return card.facts.select(FACT_COLUMNS).sort("region", "site", "period", "variable", nulls_last=False)


def regions_of(card: Scorecard) -> pl.DataFrame:
    """Every region with its attributes, sorted by code."""
    return card.regions.drop("compared")


def factors_of(definitions: Definitions) -> pl.DataFrame:
    """A row a factor, date and region (none: wherever no other is named), in the order of the definitions."""
    rows = []
    for code, factor in definitions.factors.items():
        names = [definitions.name_of(code, lang) for lang in ("zh", "en")]
        for dated in factor.values:
            found = [(None, dated.default)] if dated.default is not None else []
            for region, value in (*found, *sorted(dated.regions.items())):
                rows.append((code, *names, factor.unit, str(dated.start), region, value, factor.source))
    schema = {name: pl.Float64 if name == "value" else pl.String for name in FACTOR_COLUMNS}
    return pl.DataFrame(rows, schema=schema, orient="row")


def adjustments_table(definitions: Definitions) -> pl.DataFrame:
    """A row an adjustment, in their order; evidence are SHA-256 with blanks between."""
    rows = [
        (one.number, one.period, one.region, one.node, one.points, one.reason, one.by, " ".join(one.evidence))
        for one in adjustments_of(definitions)
    ]
    kinds = {"number": pl.Int64, "points": pl.Float64}
    schema = {name: kinds.get(name, pl.String) for name in ADJUSTMENT_COLUMNS}
    return pl.DataFrame(rows, schema=schema, orient="row")


def adjustments_in(content: bytes, place: str = ADJUSTMENTS) -> tuple[Adjustment, ...]:
    """The adjustments of a table, without blanks around what stands in a cell. Raises InputError, which names the
    place and the column, for one that is none, or stands twice."""
    found: dict[int, Adjustment] = {}
    rows = from_csv(content, place, ADJUSTMENT_COLUMNS, most=CELLS[ADJUSTMENTS])
    for line, row in enumerate(rows.fill_null("").iter_rows(named=True), start=2):
        cells = {name: text.strip() for name, text in row.items()}
        number = int(cells["number"]) if _WHOLE.fullmatch(cells["number"]) else 0
        if not number or number in found:
            raise _no_adjustment(cells, "number", place, line)
        texts = {name: cells[name] for name in ("period", "region", "node", "reason", "by")}
        try:
            points = float(cells["points"] if _POINTS.fullmatch(cells["points"]) else "")
            found[number] = Adjustment(number, points=points, evidence=tuple(cells["evidence"].split()), **texts)
        except ValueError as error:
            raise _no_adjustment(cells, "points", place, line) from error
    return tuple(found.values())


def _no_adjustment(cells: Mapping[str, str], column: str, place: str, line: int) -> InputError:
    return file_error("bundle_adjustment", place, line=line, column=column, value=cells[column] or "—")


def rows_of(card: Scorecard, periods: Collection[str], regions: Collection[str] | None) -> pl.DataFrame:
    """The contract's rows of these cycles and regions (None: all)."""
    chosen = pl.col("period").is_in(list(periods))
    if regions is not None:
        chosen &= pl.col("region").is_in(list(regions))
    return card.frame.filter(chosen).select(COLUMNS)
