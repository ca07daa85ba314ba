"""Values: every formula over the rolled-up variables, one column a code, with its flags."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, reduce
from typing import Any

import numpy as np
import polars as pl

from metrics.definitions import Definitions
from metrics.models import Factor
from metrics.periods import Cycles, PeriodError
from metrics.problems import InputError, Problem, nearest
from metrics.regions import Regions
from metrics.rounding import COMPARISONS, apart
from metrics.syntax import ROW, Tree, walk


@dataclass(frozen=True)
class Cells:
    """One column: values (Float64, or Boolean for a condition) and which rows carry which flag."""

    value: pl.Series
    flags: Mapping[str, pl.Series] = field(default_factory=dict)


@dataclass(frozen=True)
class Rows:
    """The rows all columns stand on: every cycle × every region, sorted by cycle, then region code."""

    cycles: tuple[int, ...]
    regions: Regions
    calendar: Cycles

    @cached_property
    def frame(self) -> pl.DataFrame:
        """cycle (ordinal), period (name), region, compared and the regions' attributes."""
        names = [self.calendar.name(cycle) for cycle in self.cycles]
        cycle = pl.DataFrame(
            {"cycle": list(self.cycles), "period": names}, schema={"cycle": pl.Int64, "period": pl.String}
        )
        rows = cycle.join(self.regions.frame.rename({"code": "region"}), how="cross", maintain_order="left_right")
        # Windows over the cycles need no sorting then, which takes a fifth of the time.
        return rows.with_columns(pl.col("cycle").set_sorted())

    def shifted(self, column: pl.Series, cycles: int) -> pl.Series:
        """The column's values that many cycles earlier in the same region; null where that cycle is not there."""
        return self._taken(column, [cycle - cycles for cycle in self.cycles])

    def at(self, column: pl.Series, period: str) -> pl.Series:
        """The column's values of one named cycle, in every row of the same region."""
        try:
            cycle = self.calendar.named(period)
        except PeriodError:
            cycle = min(self.cycles, default=0) - 1
        return self._taken(column, [cycle] * len(self.cycles))

    def place(self, at: int, cycle: int) -> int | None:
        """Where the region of row `at` stands in a cycle; None where that is none of the rows'."""
        count = self.regions.frame.height
        return self.cycles.index(cycle) * count + at % count if cycle in self.cycles else None

    def _taken(self, column: pl.Series, wanted: list[int]) -> pl.Series:
        place = {cycle: index for index, cycle in enumerate(self.cycles)}
        count = self.regions.frame.height
        starts = pl.Series([place.get(cycle) for cycle in wanted], dtype=pl.Int64)
        rows = pl.DataFrame({"start": starts}).join(
            pl.DataFrame({"region": range(count)}, schema={"region": pl.Int64}),
            how="cross",
            maintain_order="left_right",
        )
        return column.gather(rows.select(pl.col("start") * count + pl.col("region")).to_series().cast(pl.UInt32))

    def keys(self, peers: str | None) -> list[str]:
        """The columns that name a row's group of comparison in its cycle."""
        return ["cycle"] if peers is None else ["cycle", peers]

    def others(self, column: pl.Series, peers: str | None, statistic: str) -> pl.Series:
        """The mean or median of the other compared regions of the row's group; null where there is none."""
        keys = self.keys(peers)
        frame = self.frame.select(*keys, "compared").with_columns(x=column)
        counted = frame.with_columns(x=pl.when("compared").then("x"))
        return counted.select(_OTHERS[statistic](pl.col("x")).over(keys)).to_series()


def _mean_of_others(x: pl.Expr) -> pl.Expr:
    # Sums from both ends instead of "total minus own": nothing cancels when one region dwarfs the rest.
    known = x.fill_null(0.0)
    before = known.cum_sum().shift(1, fill_value=0.0)
    after = known.cum_sum(reverse=True).shift(-1, fill_value=0.0)
    count = x.count() - x.is_not_null().cast(pl.Int64)
    return pl.when(count > 0).then((before + after) / count)


def _median_of_others(x: pl.Expr) -> pl.Expr:
    return x.map_batches(_medians_of_others, return_dtype=pl.Float64)


def _medians_of_others(column: pl.Series) -> pl.Series:
    known = np.sort(column.drop_nulls().to_numpy())
    without = [
        np.median(known if x is None else np.delete(known, np.searchsorted(known, x)))
        if len(known) > (x is not None)
        else None
        for x in column
    ]
    return pl.Series(column.name, without, dtype=pl.Float64)


_OTHERS: dict[str, Callable[[pl.Expr], pl.Expr]] = {"mean": _mean_of_others, "median": _median_of_others}


def evaluate(definitions: Definitions, rows: Rows, variables: Mapping[str, Cells]) -> dict[str, Cells]:
    """All factors, variables and indicators: the raw ones given, the rest by their formulas, in the declared units.

    Raises InputError where an indicator names a region or an attribute of regions that is not there.
    """
    refuse_unknown(definitions, rows)
    known = {**variables, **{code: _factor(factor, rows) for code, factor in definitions.factors.items()}}
    for code in definitions.evaluation_order:
        item = definitions.indicators.get(code) or definitions.variables[code]
        formula = item.formula
        assert formula is not None  # only codes with formulas are in the order
        cells = compute(formula.tree, known, rows, peers=getattr(item, "peers", None))
        constant = definitions.conversion(code)
        converted = cells if constant == 1.0 else finite(cells.value * constant, dict(cells.flags))
        known[code] = _in_force(converted, item.valid, rows)
    return known


def refuse_unknown(definitions: Definitions, rows: Rows) -> None:
    """Raises InputError for a region or an attribute of regions that an indicator names and that is not there."""
    attributes = [name for name in rows.regions.frame.columns if name not in ("code", "compared")]
    codes = rows.regions.frame["code"].to_list()
    problems = []
    for code, item in definitions.indicators.items():
        for key, name in (("missing.by", getattr(definitions.missing(code), "by", None)), ("peers", item.peers)):
            if name is not None and name not in attributes:
                facts = {"attribute": name, "near": nearest(name, attributes)}
                problems.append(Problem("unknown_attribute", f"indicators.{code}.{key}", facts=facts))
        reference = getattr(definitions.normaliser(code), "reference", None)
        if reference is not None and reference not in codes:
            facts = {"value": reference, "near": nearest(reference, codes)}
            problems.append(Problem("unknown_region", f"indicators.{code}.normalise.reference", facts=facts))
    if problems:
        raise InputError(problems)


def compute(tree: Tree, known: Mapping[str, Cells], rows: Rows, *, peers: str | None = None) -> Cells:
    """One formula on all rows (contract §3)."""
    found = walk(tree, code=known.__getitem__, functions=functions(rows, peers))
    return found if isinstance(found, Cells) else Cells(pl.repeat(float(found), rows.frame.height, eager=True))


def _in_force(cells: Cells, valid: Any, rows: Rows) -> Cells:
    if valid is None:
        return cells
    off_cycles = [cycle for cycle in rows.cycles if not valid.holds(rows.calendar.last(cycle))]
    off = rows.frame["cycle"].is_in(off_cycles)
    flags = {name: flag & ~off for name, flag in cells.flags.items()}
    return Cells(_blank(cells.value, off), {**flags, "not_in_force": off | flags.get("not_in_force", off)})


def _factor(factor: Factor, rows: Rows) -> Cells:
    """The value in force on each cycle's last day: the region's own, else its nearest parent's, else the default."""
    values = []
    above = {code: [code, *rows.regions.ancestors(code)] for code in rows.regions.frame["code"]}
    for cycle in rows.cycles:
        last = rows.calendar.last(cycle)
        dated = [entry for entry in factor.values if entry.start <= last]
        for chain in above.values():
            found = [dated[-1].regions[code] for code in chain if code in dated[-1].regions] if dated else [None]
            values.append(found[0] if found else dated[-1].default)
    return Cells(pl.Series(values, dtype=pl.Float64))


def functions(rows: Rows, peers: str | None) -> dict[str, Callable[..., Cells]]:
    """The formula language over columns: null in, null out; what is not finite becomes null and is flagged."""

    def wide(value: Cells | float) -> Cells:
        return (
            value
            if isinstance(value, Cells)
            else Cells(pl.repeat(float(value), rows.frame.height, dtype=pl.Float64, eager=True))
        )

    def lift(name: str, function: Callable[..., Cells]) -> Callable[..., Cells]:
        constants = _CONSTANT_ARGUMENTS.get(name, 0)

        def lifted(*arguments: Any) -> Cells:
            columns = arguments[: len(arguments) - constants] if len(arguments) > 1 else arguments
            return function(*map(wide, columns), *arguments[len(columns) :])

        return lifted

    def previous(x: Cells, cycles: float = 1) -> Cells:
        return _moved(x, lambda column: rows.shifted(column, int(cycles)))

    def at(x: Cells, period: str) -> Cells:
        return _moved(x, lambda column: rows.at(column, period))

    def change(x: Cells) -> Cells:
        return _minus(_divide(x, previous(x)), wide(1.0))

    def others(statistic: str) -> Callable[[Cells], Cells]:
        return lambda x: finite(rows.others(x.value, peers, statistic), {})

    own: dict[str, Callable[..., Cells]] = {
        "previous": previous,
        "at": at,
        "change": change,
        "peers_mean": others("mean"),
        "peers_median": others("median"),
    }
    lifted = {name: lift(name, function) for name, function in {**_FUNCTIONS, **own}.items()}
    return {**lifted, ROW: lambda region, period: Cells(rows.frame.select(_is_row(region, period)).to_series())}


def _is_row(region: str, period: str) -> pl.Expr:
    return (pl.col("region") == region) & (pl.col("period") == period)


# How many arguments at the end are constants of the language, not columns.
_CONSTANT_ARGUMENTS = {"previous": 1, "at": 1}


def _moved(x: Cells, move: Callable[[pl.Series], pl.Series]) -> Cells:
    return Cells(move(x.value), {name: move(flag).fill_null(value=False) for name, flag in x.flags.items()})


def _blank(value: pl.Series, where: pl.Series) -> pl.Series:
    return value.to_frame("x").select(pl.when(~where.fill_null(value=False)).then(pl.col("x"))).to_series()


def _joined(*parts: Cells) -> dict[str, pl.Series]:
    names = dict.fromkeys(name for part in parts for name in part.flags)
    return {
        name: reduce(lambda a, b: a | b, [part.flags[name] for part in parts if name in part.flags]) for name in names
    }


def finite(value: pl.Series, flags: dict[str, pl.Series]) -> Cells:
    """NaN and infinity become null, flagged `undefined` and `infinite`."""
    for name, wrong in (("undefined", value.is_nan()), ("infinite", value.is_infinite())):
        wrong = wrong.fill_null(value=False)
        if wrong.any():
            value = _blank(value, wrong)
            flags = _joined(Cells(value, flags), Cells(value, {name: wrong}))
    return Cells(value, flags)


def _arithmetic(operation: Callable[..., pl.Series]) -> Callable[..., Cells]:
    return lambda *parts: finite(operation(*(part.value for part in parts)), _joined(*parts))


_minus = _arithmetic(lambda a, b: a - b)


def _divide(a: Cells, b: Cells) -> Cells:
    zero = (b.value == 0.0).fill_null(value=False) & a.value.is_not_null()
    if not zero.any():
        return finite(a.value / b.value, _joined(a, b))
    return finite(_blank(a.value / b.value, zero), _joined(a, b, Cells(zero, {"zero_division": zero})))


def _power(a: Cells, b: Cells) -> Cells:
    zero = ((a.value == 0.0) & (b.value < 0.0)).fill_null(value=False)
    raised = finite(_blank(a.value**b.value, zero), _joined(a, b))
    return Cells(raised.value, _joined(raised, Cells(zero, {"zero_division": zero}))) if zero.any() else raised


def _logarithm(value: pl.Series) -> pl.Series:
    # ln(0) has no value; as minus infinity it would be flagged as if it were too large a number.
    return (
        value.to_frame("x").select(pl.when(pl.col("x") == 0.0).then(math.nan).otherwise(pl.col("x").log())).to_series()
    )


def _extreme(horizontal: Callable[..., pl.Expr]) -> Callable[..., Cells]:
    def of(*parts: Cells) -> Cells:
        frame = pl.DataFrame({f"x{index}": part.value for index, part in enumerate(parts)})
        known = pl.all_horizontal(pl.all().is_not_null())
        return Cells(frame.select(pl.when(known).then(horizontal(pl.all()))).to_series(), _joined(*parts))

    return of


def _clip(x: Cells, low: Cells, high: Cells) -> Cells:
    return _LEAST(_GREATEST(x, low), high)


_LEAST, _GREATEST = _extreme(pl.min_horizontal), _extreme(pl.max_horizontal)


def _choose(condition: pl.Series, yes: pl.Series, no: pl.Series) -> pl.Series:
    frame = pl.DataFrame({"if": condition, "yes": yes, "no": no})
    return frame.select(pl.when(pl.col("if")).then("yes").when(~pl.col("if")).then("no")).to_series()


def _where(condition: Cells, yes: Cells, no: Cells) -> Cells:
    """Only the chosen branch's flags count."""
    taken, other = condition.value.fill_null(value=False), (~condition.value).fill_null(value=False)
    chosen = [_masked(yes, taken), _masked(no, other)]
    return Cells(_choose(condition.value, yes.value, no.value), _joined(condition, *chosen))


def _coalesce(x: Cells, y: Cells) -> Cells:
    """The flags of x count only where y is missing too."""
    absent = x.value.is_null()
    value = _choose(absent, y.value, x.value)
    return Cells(value, _joined(_masked(x, ~absent | value.is_null()), _masked(y, absent)))


def _masked(x: Cells, where: pl.Series) -> Cells:
    return Cells(x.value, {name: flag & where for name, flag in x.flags.items()})


def _condition(operation: Callable[..., pl.Series]) -> Callable[..., Cells]:
    return lambda *parts: Cells(operation(*(part.value for part in parts)), _joined(*parts))


def _comparison(test: Callable[[pl.Expr], pl.Expr]) -> Callable[..., Cells]:
    def compared(a: pl.Series, b: pl.Series) -> pl.Series:
        sides = pl.DataFrame({"a": a, "b": b})
        return sides.select(test(apart(pl.col("a"), pl.col("b")))).to_series()

    return _condition(compared)


_FUNCTIONS: dict[str, Callable[..., Cells]] = {
    "+": _arithmetic(lambda a, b: a + b),
    "-": _minus,
    "*": _arithmetic(lambda a, b: a * b),
    "/": _divide,
    "**": _power,
    "neg": _arithmetic(lambda a: -a),
    "abs": _arithmetic(lambda a: a.abs()),
    "sqrt": _arithmetic(lambda a: a.sqrt()),
    "ln": _arithmetic(_logarithm),
    "exp": _arithmetic(lambda a: a.exp()),
    "min": _LEAST,
    "max": _GREATEST,
    "clip": _clip,
    "coalesce": _coalesce,
    "where": _where,
    "present": lambda x: Cells(x.value.is_not_null()),
    **{name: _comparison(test) for name, test in COMPARISONS.items()},
    "and": _condition(lambda a, b: a & b),
    "or": _condition(lambda a, b: a | b),
    "not": _condition(lambda a: ~a),
}
