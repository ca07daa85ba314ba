"""Checks: what makes accepted facts doubtful, each a named rule; a doubt is told with its row and refuses nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from metrics.definitions import Definitions
from metrics.facts import KEY
from metrics.methods import Limits
from metrics.periods import parse
from metrics.problems import Problem
from metrics.rollup import calendar_of, cycles_of
from metrics.units import Dimension, UnitError, parse_unit

# From so much on a year's value is far from the year before's; heads and areas move less.
TWICE, TENTH = 2.0, 0.1
# A slip of units is a power of ten that people confuse: kWh and MWh, 元 and 万元, 元 and 亿元.
SLIPS = (1e3, 1e4, 1e8)
# How far from a slip's exact ratio a value still is one: it may have grown meanwhile.
NEAR = 1.5
# A price so many times the others' median, or less than that part of it.
PRICE = 3.0
# So many numbers of so many digits that two regions have alike, and that share of all of them, are no chance.
ALIKE, DIGITS, SHARE = 3, 4, 0.2
# Of so many numbers from 1,000 on, such a share that ends with two zeros: a hundredth would by chance.
HEAP, HEAPED, LEAST = 10, 0.5, 1000.0
_SAME = 1e-6


@dataclass(frozen=True, eq=False)
class Sight:
    """What the rules look at.

    `facts`: the accepted rows of a file. `beside`: the facts that hold of the same series in earlier periods, and of
    other regions in the same periods: region, site, period, variable, value. `values`: period, region, code, value of
    the indicators as they come to be, of all regions; `today`: the day, ISO.
    """

    definitions: Definitions
    facts: pl.DataFrame
    beside: pl.DataFrame
    values: pl.DataFrame
    today: str

    @cached_property
    def stocks(self) -> list[str]:
        """Variables that count heads or measure areas."""
        return [
            code for code in self.definitions.raw if self._dimension(code) in (_dimension("person"), _dimension("m2"))
        ]

    def _dimension(self, code: str) -> object:
        return _dimension(self.definitions.variables[code].unit)

    @cached_property
    def touched(self) -> pl.DataFrame:
        """The values of the indicators that the file's facts have a part in, by region and cycle, with the first row
        that has."""
        used = [(code, one) for code in self.definitions.indicators for one in self.definitions.variables_of(code)]
        parts = pl.DataFrame(used, schema={"code": pl.String, "variable": pl.String}, orient="row")
        calendar = cycles_of(self.definitions)
        cycles = calendar_of(self.facts["period"].unique(), calendar).select(
            then="period", period=pl.col("cycle").map_elements(calendar.name, return_dtype=pl.String)
        )
        mine = self.facts.select("row", "region", "variable", then="period").join(cycles, on="then")
        first = mine.join(parts, on="variable").group_by("region", "period", "code").agg(pl.col("row").min())
        known = self.values.filter(pl.col("value").is_not_null())
        return known.join(first, on=["region", "period", "code"], maintain_order="left")

    @cached_property
    def moved(self) -> pl.DataFrame:
        """The facts with the value of the same series a year before (`before`) and the period of that (`then`)."""
        periods = self.facts["period"].unique()
        years = {text: earlier for text in periods.to_list() if (earlier := a_year_before(text)) is not None}
        known = pl.concat([self.beside.select(*KEY, "value"), self.facts.select(*KEY, "value")])
        known = known.filter(pl.col("value").is_not_null(), pl.col("period").is_in(list(years.values())))
        then = pl.col("period").replace_strict(years, default=None, return_dtype=pl.String)
        mine = self.facts.filter(pl.col("value").is_not_null()).with_columns(then=then)
        on = ["region", "site", "then", "variable"]
        old = known.rename({"period": "then", "value": "before"}).unique(on, keep="last", maintain_order=True)
        both = mine.join(old, on=on, nulls_equal=True, maintain_order="left")
        return both.with_columns(ratio=pl.when(pl.col("before") != 0).then(pl.col("value") / pl.col("before")))


def a_year_before(period: str) -> str | None:
    """The text of the same period a year before; None where there is none."""
    year = int(period[:4]) - 1
    if year < 1:
        return None
    rest = period[4:]
    return f"{year:04}/{(int(rest[1:]) - 1) % 100:02}" if rest.startswith("/") else f"{year:04}{rest}"


def _dimension(unit: str) -> Dimension:
    try:
        return parse_unit(unit).dimension
    except UnitError:
        return ()


def not_plausible(sight: Sight) -> pl.DataFrame:
    """A value outside its variable's plausible range."""
    ranges = [(code, *one.plausible) for code, one in sight.definitions.variables.items() if one.plausible is not None]
    schema = {"variable": pl.String, "low": pl.Float64, "high": pl.Float64}
    bounds = pl.DataFrame(ranges, schema=schema, orient="row")
    outside = sight.facts.join(bounds, on="variable").filter(~pl.col("value").is_between("low", "high"))
    return outside.select("row", "variable", "value", "low", "high")


def unit_slip(sight: Sight) -> pl.DataFrame:
    """A value that is a thousand, ten thousand or a hundred million times the year before's, or that part of it."""
    steps = [power for size in SLIPS for power in (size, 1 / size)]
    hit = pl.coalesce(pl.when(_near(pl.col("ratio") / size)).then(pl.lit(size)) for size in steps)
    found = sight.moved.with_columns(times=hit).filter(pl.col("times").is_not_null())
    return found.select("row", "variable", "value", "then", "before", "times")


def _near(ratio: pl.Expr) -> pl.Expr:
    return ratio.is_between(1 / NEAR, NEAR)


def stock_moved(sight: Sight) -> pl.DataFrame:
    """Heads or areas that are a tenth more or less than a year before."""
    return _moved(sight, pl.col("variable").is_in(sight.stocks), (pl.col("ratio") - 1).abs() > TENTH + _SAME)


def changed_much(sight: Sight) -> pl.DataFrame:
    """Any other value that is twice the year before's and more, or half of it and less."""
    far = (pl.col("ratio") > TWICE) | (pl.col("ratio") < 1 / TWICE)
    return _moved(sight, ~pl.col("variable").is_in(sight.stocks), far)


def _moved(sight: Sight, whose: pl.Expr, far: pl.Expr) -> pl.DataFrame:
    slips = unit_slip(sight)["row"]
    found = sight.moved.filter(whose, far, ~pl.col("row").is_in(slips.implode()))
    return found.select("row", "variable", "value", "then", "before", rate=(pl.col("ratio") - 1) * 100)


def parts_differ(sight: Sight) -> pl.DataFrame:
    """A region's own number that is not the sum of its sites' in the same file."""
    added = [code for code, one in sight.definitions.variables.items() if one.over_sites == "sum"]
    mine = sight.facts.filter(pl.col("variable").is_in(added), pl.col("value").is_not_null())
    key = ["region", "period", "variable"]
    sites = mine.filter(pl.col("site").is_not_null()).group_by(key).agg(pl.col("value").sum().alias("parts"))
    both = mine.filter(pl.col("site").is_null()).join(sites, on=key, maintain_order="left")
    larger = pl.max_horizontal(pl.col("value").abs(), pl.col("parts").abs())
    return both.filter((pl.col("value") - pl.col("parts")).abs() > larger * _SAME).select(
        "row", "variable", "value", "parts", "region", "period"
    )


def above_binding(sight: Sight) -> pl.DataFrame:
    """An indicator that misses its binding limit (约束值), as the file's facts make it."""
    return _against(sight, "binding", worse=True)


def beyond_leading(sight: Sight) -> pl.DataFrame:
    """An indicator better than its leading limit (引导值): seldom so, and mostly a number that is too small."""
    return _against(sight, "leading", worse=False)


def _against(sight: Sight, limit: str, *, worse: bool) -> pl.DataFrame:
    rows = []
    for code in sight.definitions.indicators:
        limits = sight.definitions.normaliser(code)
        if isinstance(limits, Limits):
            rows.append((code, getattr(limits, limit), (limits.binding > limits.leading) == worse))
    schema = {"code": pl.String, "limit": pl.Float64, "above": pl.Boolean}
    named = sight.touched.join(pl.DataFrame(rows, schema=schema, orient="row"), on="code", maintain_order="left")
    above = pl.col("value") > pl.col("limit")
    below = pl.col("value") < pl.col("limit")
    return named.filter(pl.when("above").then(above).otherwise(below)).select(
        "row", "code", "value", "limit", "region", "period"
    )


def unit_price(sight: Sight) -> pl.DataFrame:
    """An indicator of money for something that is three times the regions' median and more, or a third and less."""
    money = [code for code in sight.definitions.indicators if _is_price(sight.definitions.unit_of(code))]
    usual = (
        sight.values.filter(pl.col("value").is_not_null())
        .group_by("period", "code")
        .agg(pl.col("value").median().alias("median"), pl.len().alias("regions"))
    )
    both = sight.touched.filter(pl.col("code").is_in(money)).join(usual, on=["period", "code"], maintain_order="left")
    ratio = pl.when(pl.col("median") > 0).then(pl.col("value") / pl.col("median"))
    far = (pl.col("regions") > ALIKE) & ((ratio > PRICE) | (ratio < 1 / PRICE))
    return both.filter(far).select("row", "code", "value", "median", "region", "period")


def _is_price(unit: str) -> bool:
    dimension = dict(_dimension(unit))
    return dimension.get("CNY") == 1 and len(dimension) > 1


def long_numbers() -> pl.Expr:
    """Which values have so many digits that equal ones are no chance."""
    return pl.col("value").is_not_null() & (pl.col("value") != pl.col("value").round_sig_figs(DIGITS - 1))


def alike(sight: Sight) -> pl.DataFrame:
    """Numbers of four digits and more that another region reports too, for the same variable and period, where there
    are at least three and they are a fifth of all such numbers of the region: mostly a file that was copied."""
    key = ["period", "variable", "value"]
    mine, beside = sight.facts.filter(long_numbers()), sight.beside.filter(long_numbers())
    every = pl.concat([mine.select("region", *key), beside.select("region", *key)])
    # Few numbers are anywhere twice, and only these are compared.
    often = every.filter(every.select(key).hash_rows().is_duplicated())
    both = mine.join(often.unique(), on=key, suffix="_other", maintain_order="left")
    pairs = both.filter(pl.col("region") != pl.col("region_other"))
    own = mine.group_by("region").agg(pl.struct(key).n_unique().alias("own"))
    same = pairs.group_by("region", "region_other").agg(pl.struct(key).n_unique().alias("same"))
    copied = same.join(own, on="region").filter(pl.col("same") >= ALIKE, pl.col("same") >= pl.col("own") * SHARE)
    found = pairs.join(copied, on=["region", "region_other"], how="semi", maintain_order="left")
    found = found.unique("row", keep="first", maintain_order=True)
    return found.select("row", "variable", "value", other="region_other")


def heaping(sight: Sight) -> pl.DataFrame:
    """A region of whose numbers from 1,000 on more than half end with two zeros: estimates rather than readings."""
    large = sight.facts.filter(pl.col("value").abs() >= LEAST)
    counted = large.group_by("region", maintain_order=True).agg(
        pl.col("row").first(),
        pl.len().alias("count"),
        ((pl.col("value") % 100) == 0).sum().alias("round"),
        pl.col("value").first(),
    )
    return counted.filter(pl.col("count") >= HEAP, pl.col("round") > pl.col("count") * HEAPED).select(
        "row", "region", "value", "count", "round"
    )


def not_over(sight: Sight) -> pl.DataFrame:
    """A period that has not ended yet."""
    starts = sight.definitions.fiscal_year_starts
    periods = [text for text in sight.facts["period"].unique() if _last_day(text, starts) > sight.today]
    return sight.facts.filter(pl.col("period").is_in(periods), pl.col("value").is_not_null()).select(
        "row", "variable", "value", "period"
    )


def _last_day(period: str, starts: int) -> str:
    return parse(period, fiscal_year_starts=starts).last.isoformat()


Rule = Callable[[Sight], pl.DataFrame]
# A rule is a function of what there is to see; its frame has the row, the number, and what its words need.
RULES: dict[str, Rule] = {
    "not_plausible": not_plausible,
    "unit_slip": unit_slip,
    "stock_moved": stock_moved,
    "changed_much": changed_much,
    "parts_differ": parts_differ,
    "above_binding": above_binding,
    "beyond_leading": beyond_leading,
    "unit_price": unit_price,
    "alike": alike,
    "heaping": heaping,
    "not_over": not_over,
}


def check(sight: Sight) -> dict[str, pl.DataFrame]:
    """What each rule finds, in the order of rules; those that find nothing are left out. Sorted by row."""
    found = {name: rule(sight).sort("row", maintain_order=True) for name, rule in RULES.items()}
    return {name: frame for name, frame in found.items() if frame.height}


def problems(found: Mapping[str, pl.DataFrame], most: int) -> tuple[Problem, ...]:
    """The first doubts as problems, the line being the file's row, in the order of rows."""
    told = [
        Problem(name, "value", row["row"], 0, {key: _plain(value) for key, value in row.items() if key != "row"})
        for name, frame in found.items()
        for row in frame.head(most).iter_rows(named=True)
    ]
    return tuple(sorted(told, key=lambda one: one.line)[:most])


def _plain(value: object) -> object:
    return float(f"{value:.6g}") if isinstance(value, float) else value


def recorded(found: Mapping[str, pl.DataFrame], reasons: Mapping[str, str], person: str) -> pl.DataFrame:
    """The doubts as the table `warnings` keeps them, with the reason that a person gave for each rule ('': none yet);
    the reason of '' is meant for every rule."""
    schema = dict.fromkeys(("column", "rule", "value", "reason", "person"), pl.String)
    parts = [pl.DataFrame(schema={"row": pl.Int64, **schema})]
    for name, frame in found.items():
        reason = reasons.get(name, reasons.get("", "")).strip()
        texts = {"column": "value", "rule": name, "reason": reason, "person": person if reason else ""}
        told = {key: pl.lit(text).alias(key) for key, text in texts.items()}
        parts.append(frame.select("row", *told.values(), pl.col("value").cast(pl.String)).select(parts[0].columns))
    return pl.concat(parts)
