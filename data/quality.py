"""Quality: how good a cycle's facts are, of each region and each indicator, in parts that are graded one by one."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import polars as pl

from data.checks import DERIVED, HEAP, LEAST, UNITS
from data.due import Asked, due
from metrics.scorecard import Scorecard

GRADES = ("good", "usable", "weak", "poor")


@dataclass(frozen=True)
class Measure:
    """A part of a card: how it is made of the counts, and from which share on it is good, usable, weak.

    `more` says whether more is better. A part without bounds is told and not graded.
    """

    share: pl.Expr
    bounds: tuple[float, float, float] | None
    more: bool = True


def _part(name: str, whole: str, least: int = 1) -> pl.Expr:
    return pl.when(pl.col(whole) >= least).then(pl.col(name) / pl.col(whole))


# The thresholds are the program's own, told beside every grade: no standard names any.
MEASURES: dict[str, Measure] = {
    "completeness": Measure(_part("reported", "due"), (0.98, 0.90, 0.65)),
    "timeliness": Measure(_part("timely", "judged"), (0.95, 0.80, 0.50)),
    "checked": Measure(
        pl.when(pl.col("facts") > 0).then((pl.col("reviewed") + pl.col("verified")) / pl.col("facts")),
        (0.95, 0.50, 0.20),
    ),
    "doubts": Measure(_part("unexplained", "facts"), (0.0, 0.01, 0.05), more=False),
    "rejections": Measure(_part("rejected", "read"), (0.01, 0.05, 0.20), more=False),
    "corrections": Measure(_part("changed", "cells"), (0.02, 0.10, 0.25), more=False),
    "imputed": Measure(pl.col("imputed"), (0.0, 0.10, 0.35), more=False),
    "heaping": Measure(_part("round", "large", HEAP), (0.10, 0.25, 0.50), more=False),
    "age": Measure(pl.col("age").cast(pl.Float64), None),
}
COUNTS = ("due", "reported", "on_time", "after", "late", "judged", "timely", "cells", "facts", "reviewed", "verified",
          "large", "round", "warnings", "unexplained", "resent", "changed", "read", "rejected")  # fmt: skip
_CYCLE = "period IN (SELECT unnest($periods::VARCHAR[])) AND variable IN (SELECT unnest($variables::VARCHAR[]))"


def _in_unit(more: str = "") -> str:
    """How many numbers are large, in 亿 or 万 where all that a batch says of a region's variable is whole in it: as
    data/checks.py judges them."""
    counts = [f"count(*) FILTER (WHERE size >= {unit * LEAST}{more})" for unit in (*UNITS, 1.0)]
    cases = [f"WHEN {unit} THEN {count}" for unit, count in zip(UNITS, counts, strict=False)]
    return f"CASE min(unit) {' '.join(cases)} ELSE {counts[-1]} END::BIGINT"


# Remainders take long, and few numbers are whole hundreds: the others are neither whole in a unit nor round.
_WHOLE = f"size >= {LEAST} AND value / 100 = floor(value / 100)"
_STANDING = f"""
    WITH told AS (
        SELECT region, variable, batch, value, status, abs(value) AS size,
            CASE WHEN {_WHOLE} THEN CASE {" ".join(f"WHEN value % {unit} = 0 THEN {unit}" for unit in UNITS)} ELSE 1 END
                WHEN size >= {LEAST} THEN 1 END AS unit,
            CASE WHEN {_WHOLE} THEN value % pow(10, floor(log10(size)) - 1) = 0 ELSE FALSE END AS round
        FROM facts_at($moment) WHERE {_CYCLE}
    )
    SELECT region, variable, batch, count(*)::BIGINT AS cells, count(value)::BIGINT AS facts,
        count(*) FILTER (WHERE value IS NOT NULL AND status = 'reviewed')::BIGINT AS reviewed,
        count(*) FILTER (WHERE value IS NOT NULL AND status = 'verified')::BIGINT AS verified,
        {_in_unit()} AS large, {_in_unit(" AND round")} AS round
    FROM told GROUP BY region, variable, batch
"""
# A warning belongs to the fact of its row that has its value; one that is about no single fact only to the region.
_WARNED = f"""
    SELECT warned.batch, warned.row, warned.rule, warned.value, any_value(held.region) AS region,
        any_value(held.variable) FILTER (
            WHERE warned.rule NOT IN {DERIVED} AND TRY_CAST(warned.value AS DOUBLE) = held.value
        ) AS variable, any_value(warned.reason) <> '' AS explained
    FROM warnings AS warned JOIN (
        SELECT region, variable, value, batch, row FROM facts_at($moment) WHERE {_CYCLE}
            AND batch IN (SELECT batch FROM warnings)
    ) AS held ON warned.batch = held.batch AND warned.row = held.row
    GROUP BY ALL ORDER BY ALL
"""
# Numbers in whose place others came, each once, with the first that was another than the one that holds: not those of
# batches that were withdrawn, which were no reports.
_RESENT = f"""
    WITH gone AS (
        SELECT region, site, variable, period, value, batch FROM facts
        WHERE {_CYCLE} AND id IN (
                SELECT fact FROM overridden WHERE since <= $moment AND (until IS NULL OR until > $moment)
            )
            AND batch NOT IN (SELECT batch FROM events WHERE event = 'withdrawn' AND id <= $moment)
    )
    SELECT now.region, now.variable, now.value AS after,
        first(gone.value ORDER BY gone.value IS NOT DISTINCT FROM now.value, gone.batch) AS before
    FROM gone JOIN facts_at($moment) AS now ON gone.region = now.region AND gone.variable = now.variable
        AND gone.period = now.period AND gone.site IS NOT DISTINCT FROM now.site
    GROUP BY now.region, now.site, now.variable, now.period, now.value
"""
_BATCHES = "SELECT id AS batch, read, rejected, received FROM batches"


@dataclass(frozen=True)
class Quality:
    """What cards are made of: `counts` by region and variable; the others as their statements give them."""

    asked: Asked
    card: Scorecard | None
    counts: pl.DataFrame
    standing: pl.DataFrame
    warned: pl.DataFrame
    resent: pl.DataFrame
    batches: pl.DataFrame

    def of_regions(self, members: Collection[str] | None = None) -> pl.DataFrame:
        """A card a region, the worst first. Columns: code, `COUNTS`, the parts (`MEASURES`), the grade of each
        (`…_grade`), rules (of warnings, how many and how many of them unexplained), size (the median change of what was
        corrected), last (when the last batch came), grade (the lowest of the parts) and decided (by which parts)."""
        codes = self.asked.regions.frame["code"]
        chosen = [code for code in codes if members is None or code in members]
        whose = pl.DataFrame({"code": chosen, "region": chosen}, schema={"code": pl.String, "region": pl.String})
        return self._cards(whose, self._imputed("region"))

    def of_indicators(self, members: Collection[str] | None = None) -> pl.DataFrame:
        """A card an indicator of the tree, of the variables that it rests on, over some regions; as `of_regions`."""
        definitions = self.asked.definitions
        codes = [row.code for row in definitions.nodes() if row.level == "indicator"]
        pairs = [(code, variable) for code in codes for variable in sorted(definitions.variables_of(code))]
        whose = pl.DataFrame(pairs, schema={"code": pl.String, "variable": pl.String}, orient="row")
        return self._cards(whose, self._imputed("code", members), members)

    def _cards(
        self, whose: pl.DataFrame, imputed: pl.DataFrame, members: Collection[str] | None = None
    ) -> pl.DataFrame:
        on = whose.columns[1]

        def of(frame: pl.DataFrame) -> pl.DataFrame:
            chosen = frame if members is None else frame.filter(pl.col("region").is_in(list(members)))
            return whose.join(chosen, on=on)

        counted = of(self.counts).group_by("code").agg(pl.col(COUNTS[:-2]).sum())
        arrived = of(self.standing).select("code", "batch").unique().join(self.batches, on="batch")
        sent = arrived.group_by("code").agg(pl.col("read", "rejected").sum(), pl.col("received").max().alias("last"))
        told = whose.select("code").unique(maintain_order=True)
        for part in (counted, sent, _rules(of(self.warned)), _sizes(of(self.resent)), imputed):
            told = told.join(part, on="code", how="left", maintain_order="left")
        filled = told.with_columns(pl.col(*COUNTS).fill_null(0)).filter(pl.col("due") + pl.col("facts") > 0)
        last = pl.col("last").str.slice(0, 10).str.to_date()
        today = date.fromisoformat(self.asked.calendar.today)
        return _graded(filled.with_columns(age=(pl.lit(today) - last).dt.total_days()))

    def _imputed(self, by: str, members: Collection[str] | None = None) -> pl.DataFrame:
        """The imputed share of the composite's weight, by region; the mean share of an indicator over regions."""
        empty = pl.DataFrame(schema={"code": pl.String, "imputed": pl.Float64})
        if self.card is None:
            return empty
        frame = self.card.frame.filter(pl.col("period") == self.asked.cycle, pl.col("score").is_not_null())
        frame = frame if members is None else frame.filter(pl.col("region").is_in(list(members)))
        level = "composite" if by == "region" else "indicator"
        rows = frame.filter(pl.col("level") == level).group_by(by).agg(pl.col("imputed").mean())
        return rows.rename({by: "code"}) if rows.height else empty


def quality(asked: Asked, card: Scorecard | None = None) -> Quality:
    """How good the facts of a cycle are; `card` (of that cycle) tells what was imputed."""
    query, known = asked.store.query, asked.periods().filter("current")
    bound = {"periods": known["period"].to_list(), "variables": asked.variables, "moment": asked.moment}
    standing = query(_STANDING, **bound)
    warned, resent = query(_WARNED, **bound), query(_RESENT, **bound)
    counts = _counts(due(asked), standing, warned, resent)
    return Quality(asked, card, counts, standing, warned, resent, query(_BATCHES))


def _counts(due: pl.DataFrame, standing: pl.DataFrame, warned: pl.DataFrame, resent: pl.DataFrame) -> pl.DataFrame:
    """Every count by region and variable; warnings about no single fact are under the variable ''."""
    key = ["region", "variable"]
    timely = pl.col("on_time").filter(pl.col("judged") > 0).sum().alias("timely")
    owed = due.group_by(key).agg(pl.col("due", "reported", "on_time", "after", "late", "judged").sum(), timely)
    held = standing.group_by(key).agg(pl.col("cells", "facts", "reviewed", "verified", "large", "round").sum())
    changed = ~pl.col("before").eq_missing(pl.col("after"))
    sent = resent.group_by(key).agg(pl.len().alias("resent"), changed.sum().alias("changed"))
    doubts = (
        warned.with_columns(pl.col("variable").fill_null(""))
        .group_by(key)
        .agg(pl.len().alias("warnings"), (~pl.col("explained")).sum().alias("unexplained"))
    )
    found = owed
    for part in (held, doubts, sent):
        found = found.join(part, on=key, how="full", coalesce=True)
    return found.with_columns(pl.exclude(key).cast(pl.Int64).fill_null(0)).sort(key)


def _rules(warned: pl.DataFrame) -> pl.DataFrame:
    """`rule count/unexplained` by code, joined by ";"."""
    counted = (
        warned.group_by("code", "rule")
        .agg(pl.len().alias("all"), (~pl.col("explained")).sum().alias("open"))
        .sort("code", "all", "rule", descending=[False, True, False])
    )
    text = pl.format("{} {}/{}", "rule", "all", "open")
    return counted.group_by("code", maintain_order=True).agg(text.str.join(";").alias("rules"))


def _sizes(resent: pl.DataFrame) -> pl.DataFrame:
    """The median size of a correction, as a share of the number before."""
    moved = resent.filter(pl.col("before") != 0, pl.col("before") != pl.col("after"))
    ratio = (pl.col("after") / pl.col("before") - 1).abs()
    return moved.group_by("code").agg(ratio.median().alias("size"))


def _graded(cards: pl.DataFrame) -> pl.DataFrame:
    shares = cards.with_columns(**{name: one.share for name, one in MEASURES.items()})
    graded = [name for name, one in MEASURES.items() if one.bounds is not None]
    placed = shares.with_columns(_place(name, MEASURES[name]).alias(f"{name}_grade") for name in graded)
    worst = pl.max_horizontal(f"{name}_grade" for name in graded)
    parts = [
        pl.when((pl.col(f"{name}_grade") == pl.col("grade")) & (pl.col("grade") > 0)).then(pl.lit(name))
        for name in graded
    ]
    decided = placed.with_columns(grade=worst).with_columns(
        decided=pl.concat_str(*parts, separator=";", ignore_nulls=True)
    )
    low = pl.sum_horizontal((pl.col(f"{name}_grade") > 1).cast(pl.Int64) for name in graded)
    key, down = ["grade", "low", "completeness", "code"], [True, True, False, False]
    ordered = decided.with_columns(low=low).sort(key, descending=down, nulls_last=True)
    names = dict(enumerate(GRADES))
    told = pl.col("grade", *(f"{name}_grade" for name in graded)).replace_strict(names, return_dtype=pl.String)
    return ordered.drop("low").with_columns(told)


def _place(name: str, measure: Measure) -> pl.Expr:
    """0 good, 1 usable, 2 weak, 3 poor; null where there is nothing to grade."""
    bounds = measure.bounds or ()
    value = pl.col(name)
    missed = [(value < bound) if measure.more else (value > bound) for bound in bounds]
    places = pl.sum_horizontal(one.cast(pl.Int64) for one in missed)
    return pl.when(value.is_not_null()).then(places)
