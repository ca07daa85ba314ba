"""Facts in the contract's long form: which rows can be used, and which rule each other row breaks."""

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

from metrics.periods import PeriodError, parse

REQUIRED = ("region", "period", "variable", "value")
OPTIONAL = ("site", "status", "source", "note")
STATUSES = ("reported", "reviewed", "verified")
KEY = ("region", "site", "period", "variable")
# Up to here every whole number is kept to its last digit.
EXACT = 2**53


@dataclass(frozen=True, slots=True)
class Judged:
    """Rows in order, and the others.

    `accepted`: region, site, period, variable (text), value (Float64, null = not reported), status, source, note,
    batch (null unless the frame has it), row.
    `rejected`: row, column, rule, value (the cell's text), one line per row and rule, sorted by row.
    """

    accepted: pl.DataFrame
    rejected: pl.DataFrame


def judge(
    frame: pl.DataFrame,
    *,
    variables: Collection[str],
    regions: Collection[str] | None = None,
    fiscal_year_starts: int = 1,
    trimmed: bool = False,
) -> Judged:
    """Every row of `frame` either accepted or rejected, with the file's row number (its `row` column, else counted).

    `frame` has the contract's columns §1, as text or already typed; `regions` None: any region is welcome. `trimmed`:
    no cell has blanks around its text, or an empty text, and none need be looked at for that.
    """
    rows = _texts(frame, trimmed)
    number = _number(rows["value"], frame.schema["value"])
    rows = rows.with_columns(number.alias("number"))
    breaks = _breaks(rows, variables, regions, fiscal_year_starts)
    # All at once, since engines work on several columns at a time; then only what is broken is looked at.
    broken = rows.select(wrong.fill_null(value=False).alias(str(at)) for at, (_, _, wrong) in enumerate(breaks))
    found = [
        rows.filter(broken[str(at)]).select(
            "row",
            pl.lit(column).alias("column"),
            pl.lit(rule).alias("rule"),
            pl.col(column).cast(pl.String).alias("value"),
        )
        for at, (rule, column, _) in enumerate(breaks)
        if broken[str(at)].any() or not at
    ]
    rejected = pl.concat(found).sort("row", maintain_order=True)
    accepted = rows.filter(~pl.any_horizontal(broken.iter_columns())) if rejected.height else rows
    kept = [*KEY, pl.col("number").alias("value"), "status", "source", "note", "batch", "row"]
    return Judged(accepted.select(kept), rejected)


def _texts(frame: pl.DataFrame, trimmed: bool) -> pl.DataFrame:
    """All columns as trimmed text with "" as null, the optional ones added, and `row`."""
    known = [name for name in (*REQUIRED, *OPTIONAL) if name in frame.columns]
    texts = frame.select(pl.col(known).cast(pl.String))
    if not trimmed:
        texts = texts.select(pl.all().str.strip_chars())
        texts = texts.select(pl.when(pl.col(name) != "").then(pl.col(name)) for name in known)
    row = frame["row"] if "row" in frame.columns else pl.int_range(2, 2 + frame.height, eager=True)
    if "status" in known:
        texts = texts.with_columns(pl.col("status").fill_null("reported"))
    absent = {name: pl.lit("reported" if name == "status" else None, pl.String) for name in OPTIONAL}
    texts = texts.with_columns(value.alias(name) for name, value in absent.items() if name not in known)
    batch = frame["batch"] if "batch" in frame.columns else pl.lit(None, pl.Int64)
    return texts.with_columns(row.cast(pl.Int64).alias("row"), batch.alias("batch"))


def _number(text: pl.Series, declared: pl.DataType) -> pl.Series:
    return text.cast(pl.Float64, strict=False) if declared != pl.Null else pl.Series(text.name, [None] * len(text))


def _breaks(
    rows: pl.DataFrame, variables: Collection[str], regions: Collection[str] | None, starts: int
) -> list[tuple[str, str, pl.Expr | pl.Series]]:
    """(rule, column, which rows break it), in the order in which a person would mend them."""
    value, number = pl.col("value"), pl.col("number")
    wrong_period = period_rules(rows["period"], starts)
    breaks: list[tuple[str, str, pl.Expr | pl.Series]] = [
        ("missing_cell", name, pl.col(name).is_null()) for name in ("region", "period", "variable")
    ]
    if regions is not None:
        breaks.append(("unknown_region", "region", ~pl.col("region").is_in(list(regions))))
    breaks.append(("unknown_variable", "variable", ~pl.col("variable").is_in(list(variables))))
    breaks += [
        (rule, "period", pl.col("period").is_in([text for text, code in wrong_period.items() if code == rule]))
        for rule in sorted(set(wrong_period.values()))
    ]
    breaks += [
        ("bad_number", "value", value.is_not_null() & number.is_null()),
        ("not_finite", "value", number.is_nan() | number.is_infinite()),
        ("not_exact", "value", inexact(rows["value"], rows["number"])),
        ("bad_status", "status", ~pl.col("status").is_in(list(STATUSES))),
        ("duplicate_fact", "variable", _doubled(rows)),
    ]
    return breaks


def inexact(text: pl.Series, number: pl.Series) -> pl.Series:
    """Which texts write a whole number whose last digits the number does not keep."""
    large = (number.abs() >= EXACT).fill_null(value=False)
    if not large.any():
        return large
    kept = number.cast(pl.Int128, strict=False)
    return large & (text.cast(pl.Int128, strict=False) != kept).fill_null(value=False)


def _doubled(rows: pl.DataFrame) -> pl.Series:
    """Which facts have another of the same key: few share even the number that is made of it."""
    near = among_twice(rows.select(KEY).hash_rows())
    found = rows.filter(near).select(pl.struct(KEY).is_duplicated()).to_series()
    return near.clone().scatter(near.arg_true(), found) if found.len() else near


def among_twice(numbers: pl.Series) -> pl.Series:
    """Which of very many numbers are there more than once; sooner told than by `is_duplicated` where few are."""
    ordered = numbers.sort()
    return numbers.is_in(ordered.filter(ordered == ordered.shift()).implode())


def period_rules(periods: pl.Series, starts: int) -> dict[str, str]:
    """Every distinct text that is no period, and why."""
    rules = {}
    for text in periods.drop_nulls().unique():
        try:
            parse(text, fiscal_year_starts=starts)
        except PeriodError as error:
            rules[text] = error.code
    return rules
