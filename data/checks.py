"""Checks: what makes accepted facts doubtful, each a named rule; a doubt is told with its row and refuses nothing."""

from collections.abc import Callable, Mapping

import polars as pl

from data.seen import Sight, dimension_of
from data.slips import slips_of_a_year, unit_slip
from metrics.facts import among_twice
from metrics.methods import Limits
from metrics.periods import parse
from metrics.problems import Problem

# From so much on a year's value is far from the year before's; heads and areas move less.
TWICE, TENTH = 2.0, 0.1
# A price so many times the others' median, or less than that part of it.
PRICE = 3.0
# So many numbers of so many digits that two regions have alike, and that share of all of them, are no chance.
ALIKE, DIGITS, SHARE = 3, 4, 0.2
# Of so many numbers from 1,000 on, such a share that has one or two digits before its zeros: a hundredth would by
# chance. Where all numbers of a variable are whole 万 or 亿, these are what is counted.
HEAP, HEAPED, LEAST = 10, 0.5, 1000.0
UNITS = (1e8, 1e4)
_SAME = 1e-6
# What is said in the place of what may not be shown (data/shown.py).
HIDDEN = {
    "other": ("另一个地区", "another region"),
    "then": ("另一个地区", "another region"),
    "before": ("不列出", "not shown"),
    "median": ("（不列出）", "(not shown)"),
    "rate": ("…", "…"),
}


def not_plausible(sight: Sight) -> pl.DataFrame:
    """A value outside its variable's plausible range."""
    ranges = [(code, *one.plausible) for code, one in sight.definitions.variables.items() if one.plausible is not None]
    schema = {"variable": pl.String, "low": pl.Float64, "high": pl.Float64}
    bounds = pl.DataFrame(ranges, schema=schema, orient="row")
    ends = sight.cells.group_by("variable").agg(pl.col("least").min(), pl.col("most").max())
    far = ends.join(bounds, on="variable").filter((pl.col("least") < pl.col("low")) | (pl.col("most") > pl.col("high")))
    mine = sight.facts.filter(pl.col("variable").is_in(far["variable"].to_list()))
    outside = mine.join(bounds, on="variable").filter(~pl.col("value").is_between("low", "high"))
    return outside.select("row", "variable", "value", "low", "high")


def stock_moved(sight: Sight) -> pl.DataFrame:
    """Heads or areas that are a tenth more or less than a year before; who answered in a survey is no head count."""
    return _moved(sight, pl.col("variable").is_in(sight.stocks), (pl.col("ratio") - 1).abs() > TENTH + _SAME)


def changed_much(sight: Sight) -> pl.DataFrame:
    """Any other value that is twice the year before's and more, or half of it and less."""
    far = (pl.col("ratio") > TWICE) | (pl.col("ratio") < 1 / TWICE)
    return _moved(sight, ~pl.col("variable").is_in(sight.stocks), far)


def _moved(sight: Sight, whose: pl.Expr, far: pl.Expr) -> pl.DataFrame:
    slips = slips_of_a_year(sight)["fact"]
    found = sight.moved.filter(whose, far, ~pl.col("fact").is_in(slips.implode()))
    # Of what was below 0 a rise counts as one all the same.
    rate = ((pl.col("ratio") - 1) * 100 * pl.col("before").sign()).round_sig_figs(3)
    return found.select("row", "variable", "value", "then", "before", rate=rate)


def parts_differ(sight: Sight) -> pl.DataFrame:
    """A region's own number that is not the sum of its sites' in the same file."""
    added = [code for code, one in sight.definitions.variables.items() if one.over_sites == "sum"]
    added_up = (pl.col("variable").is_in(added), pl.col("value").is_not_null())
    key = ["region", "period", "variable"]
    own = sight.facts.filter(pl.col("site").is_null()).filter(added_up)
    mine = sight.facts.filter(pl.col("site").is_not_null(), *added_up) if own.height else own
    of_sites = mine.join(own, on=key, how="semi")
    sites = of_sites.group_by(key).agg(pl.col("value").sum().alias("parts"))
    both = own.join(sites, on=key, maintain_order="left")
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
        "row", "code", pl.col("value").round_sig_figs(6), "limit", "region", "period"
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
    shown = pl.col("value", "median").round_sig_figs(6)
    return both.filter(far).select("row", "code", shown, "region", "period")


def _is_price(unit: str) -> bool:
    dimension = dict(dimension_of(unit))
    return dimension.get("CNY") == 1 and len(dimension) > 1


def long_numbers() -> pl.Expr:
    """Which values have so many digits that equal ones are no chance."""
    return pl.col("value").is_not_null() & (pl.col("value") != pl.col("value").round_sig_figs(DIGITS - 1))


def alike(sight: Sight) -> pl.DataFrame:
    """Numbers of four digits and more that another region reports too, for the same variable and period, where there
    are at least three and they are a fifth of all such numbers of the region: mostly a file that was copied. Of several
    such regions the first by code is told."""
    key = ["period", "variable", "value"]
    every = pl.concat([some.select("region", *key) for some in (sight.facts, sight.beside)])
    # Few numbers are anywhere twice, and only these are compared.
    twice = among_twice(every.select(key).hash_rows())
    others = every.filter(twice).filter(long_numbers()).unique().sort("region")
    twice = twice.head(sight.facts.height)
    near = sight.numbered.filter(twice).filter(long_numbers())
    both = near.join(others, on=key, suffix="_other", maintain_order="left_right")
    pairs = both.filter(pl.col("region") != pl.col("region_other"))
    same = pairs.group_by("region", "region_other").agg(pl.struct(key).n_unique().alias("same"))
    own = near.group_by("region").agg(others=pl.struct(key).n_unique())
    same = same.filter(pl.col("same") >= ALIKE).join(own, on="region")
    same = same.filter(pl.col("same") >= pl.col("others") * SHARE)
    # Where so many are alike, the region's numbers that are nowhere else are counted too, as they are.
    alone = sight.facts.filter(~twice, pl.col("region").is_in(same["region"].unique().to_list())).filter(long_numbers())
    same = same.join(alone.group_by("region").agg(alone=pl.len()), on="region", how="left")
    same = same.filter(pl.col("same") >= (pl.col("others") + pl.col("alone").fill_null(0)) * SHARE)
    found = pairs.join(same, on=["region", "region_other"], how="semi", maintain_order="left")
    found = found.unique("fact", keep="first", maintain_order=True)
    return found.select("row", "variable", "value", other="region_other")


def heaping(sight: Sight) -> pl.DataFrame:
    """A region of whose numbers from 1,000 on more than half have one or two digits before their zeros: estimates
    rather than readings. They are judged in the unit in which they seem to have been reported: 元, 万元 or 亿元."""
    value, key = pl.col("value"), ["region", "variable"]
    large = sight.facts.filter(value.abs() >= LEAST)
    whole = [pl.when((value % unit == 0).all()).then(unit) for unit in UNITS]
    units = large.group_by(key).agg(unit=pl.coalesce(*whole, 1.0))
    judged = large.join(units, on=key, maintain_order="left").filter(value.abs() >= LEAST * pl.col("unit"))
    counted = judged.group_by("region", maintain_order=True).agg(
        pl.col("row", "value").first(), pl.len().alias("count"), (value == value.round_sig_figs(2)).sum().alias("round")
    )
    return counted.filter(pl.col("count") >= HEAP, pl.col("round") > pl.col("count") * HEAPED).select(
        "row", "region", "value", "count", "round"
    )


def not_over(sight: Sight) -> pl.DataFrame:
    """Periods that have not ended yet, told once a region, variable and year."""
    starts = sight.definitions.fiscal_year_starts
    periods = [text for text in sight.cells["period"].unique() if _last_day(text, starts) > sight.today]
    early = sight.facts.filter(pl.col("period").is_in(periods), pl.col("value").is_not_null())
    key = ["region", "variable", pl.col("period").str.slice(0, 4).alias("year")]
    return (
        early.group_by(key, maintain_order=True)
        .agg(pl.col("row", "value", "period").first(), pl.len().alias("count"))
        .select("row", "variable", "value", "region", "period", "count")
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


# Those that tell an indicator's value; and all that tell a number which nobody reported, or one of many.
VALUES = ("above_binding", "beyond_leading", "unit_price")
DERIVED = (*VALUES, "heaping")


def check(sight: Sight) -> dict[str, pl.DataFrame]:
    """What each rule finds, in the order of rules; those that find nothing are left out. Sorted by row."""
    found = {name: rule(sight).sort("row", maintain_order=True) for name, rule in RULES.items()}
    return {name: frame for name, frame in found.items() if frame.height}


def as_row(row: int, column: str) -> str:
    """What the cell of a row and a column is called where only rows have names."""
    return str(row)


def problems(
    found: Mapping[str, pl.DataFrame], most: int, cell: Callable[[int, str], str] = as_row
) -> tuple[Problem, ...]:
    """The first doubts as problems, the line being the file's row, in the order of rows; its `cell` is what a
    spreadsheet calls the row, where that is not its number."""
    told = [
        Problem(name, "value", row["row"], 0, _told(row) | _elsewhere(row["row"], cell(row["row"], "")))
        for name, frame in found.items()
        for row in frame.head(most).iter_rows(named=True)
    ]
    return tuple(sorted(told, key=lambda one: one.line)[:most])


def _elsewhere(row: int, cell: str) -> dict[str, object]:
    return {} if cell == str(row) else {"cell": cell}


def _told(row: Mapping[str, object]) -> dict[str, object]:
    """What a doubt's words name; of what may not be shown (null) that it is not."""
    hidden = {
        f"{name}_{lang}": words[lang != "zh"]
        for name, words in HIDDEN.items()
        for lang in ("zh", "en")
        if row.get(name, "") is None
    }
    return {key: _plain(value) for key, value in row.items() if key != "row"} | hidden


def _plain(value: object) -> object:
    # Every digit of what was reported; not those that only a sum of binary fractions has.
    return float(f"{value:.15g}") if isinstance(value, float) else value


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
