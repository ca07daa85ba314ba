"""Rolled: what facts come to by region and cycle, kept with the store, so that only what changed is rolled up anew."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl

from data.revisions import revisions_in
from data.writer import Writer
from metrics.definitions import Definitions
from metrics.facts import period_rules
from metrics.periods import PeriodError
from metrics.problems import InputError, Problem
from metrics.rollup import Own, calendar_of, cycles_of, own_values, rules_of

# A statement with its values bound → a frame.
Ask = Callable[..., pl.DataFrame]
_FLAGS = ("partial_period", "mixed_periods", "partial_sites", "differs_from_parts", "zero_division")
_ROW = ("region", "variable", "cycle")
NOTHING = pl.DataFrame(
    schema={"region": pl.String, "variable": pl.String, "cycle": pl.Int64, "value": pl.Float64}
    | dict.fromkeys(_FLAGS, pl.Boolean)
)
# To be raised when a roll-up comes out otherwise by the same rules: what an earlier program kept is then made anew.
VERSION = 2
# So many facts are rolled up at once.
AT_ONCE = 1_000_000
_EVENT, _RULES = "rolled", "rolled rules"
# Facts that hold at one of two moments and not at the other.
_MOVED = """
    SELECT DISTINCT region, variable, period FROM (
        FROM facts WHERE batch IN (SELECT batch FROM events WHERE event = 'received' AND id > $first AND id <= $last)
        UNION ALL
        FROM facts WHERE id IN (
            SELECT fact FROM overridden WHERE since > $first AND since <= $last OR until > $first AND until <= $last
        )
    )
"""
_HELD = "SELECT * EXCLUDE (rule) FROM rolled WHERE rule IN (SELECT unnest($rules))"
_COUNTED = """
    SELECT region, count(*)::BIGINT AS count FROM facts_at($event)
    WHERE variable IN (SELECT unnest($codes)) AND {where}
    GROUP BY region ORDER BY region
"""
_NAMES = "SELECT DISTINCT region, variable, period FROM facts_at($event) WHERE "
_OF_BATCHES = "batch IN (SELECT batch FROM events WHERE event = 'received' AND id > $first AND id <= $last)"
_CAME = "SELECT id FROM events WHERE event = 'received' AND id > $first"
_OF_PLACES = "region IN (SELECT unnest($regions)) AND period IN (SELECT unnest($periods))"


@dataclass(frozen=True)
class Ready:
    """What facts are rolled up to before they come in, over what holds as of an event: by these rules (of variables)
    all own values of some regions in some cycles. `came`: of which region, variable and period the facts are, where
    they replace no batch."""

    event: int
    came: pl.DataFrame | None
    rules: Mapping[str, str]
    regions: Collection[str]
    cycles: Collection[int]
    values: pl.DataFrame

    def has(self, rules: Mapping[str, str]) -> pl.Expr:
        """Which rows of region, variable and cycle are among them, where variables have these rules."""
        same = [code for code, rule in rules.items() if self.rules.get(code) == rule]
        of_place = pl.col("region").is_in(list(self.regions)) & pl.col("cycle").is_in(list(self.cycles))
        return of_place & pl.col("variable").is_in(same)


def rules_by_variable(definitions: Definitions) -> dict[str, str]:
    """Each raw variable's rule of roll-up, as a digest of all that its own values depend on beside the facts."""
    rows = {row[0]: row[1:] for row in rules_of(definitions).iter_rows()}
    calendar = (VERSION, definitions.cycle, definitions.fiscal_year_starts)
    weights = {code: rows.get(row[2]) for code, row in rows.items()}
    return {
        code: sha256(repr((calendar, code, row, weights[code])).encode()).hexdigest()[:16] for code, row in rows.items()
    }


def named(ask: Ask, event: int) -> pl.DataFrame:
    """Which region, variable and period have facts as of an event."""
    first, last = sorted((_kept(ask).event, event))
    moved = ask(_MOVED, first=first, last=last)
    same = ask("FROM named").join(moved, on=moved.columns, how="anti")
    if moved.is_empty():
        return same
    came = ask(_NAMES + _OF_BATCHES, event=event, first=first, last=last)
    return pl.concat([same, _names_of(ask, event, moved, came)])


def _names_of(ask: Ask, event: int, moved: pl.DataFrame, came: pl.DataFrame) -> pl.DataFrame:
    """Those of what `moved` between two events (region, variable, period) that have facts as of one of them; what
    `came` with a batch that holds then has."""
    # Mostly a batch came in, and holds; only of the others all facts are asked.
    others = moved.join(came, on=moved.columns, how="anti")
    if others.is_empty():
        return came
    bound = {"regions": others["region"].unique().to_list(), "periods": others["period"].unique().to_list()}
    rest = ask(_NAMES + _OF_PLACES, event=event, **bound).join(others, on=moved.columns, how="semi")
    return pl.concat([came, rest])


def own(ask: Ask, definitions: Definitions, event: int, names: pl.DataFrame) -> Own:
    """`rollup.own_values` of the facts as of an event, which are `named` so: what is kept where it still holds, the
    rest rolled up anew."""
    rules, kept = rules_by_variable(definitions), _kept(ask)
    known = kept.known(rules)
    found = [_of_variables(ask, definitions, event, set(rules) - set(known))]
    if known:
        moved = ask(_MOVED, first=min(kept.event, event), last=max(kept.event, event))
        touched = _touched(definitions, moved).filter(pl.col("variable").is_in(list(known)))
        held = ask(_HELD, rules=list(known.values()))
        periods = names.select("period").unique()
        found += [held.join(touched, on=_ROW, how="anti"), _of_rows(ask, definitions, event, touched, periods)]
    used = names.filter(pl.col("variable").is_in(list(rules)))
    cycles = calendar_of(used["period"].unique(), cycles_of(definitions))["cycle"].unique().sort()
    return Own(pl.concat(found).sort(_ROW), tuple(cycles), tuple(used["region"].unique().sort()))


def refresh(writer: Writer, file: Path, ready: Ready | None = None) -> None:
    """Brings what is kept up to the last event, for every version's rules; `file` is the definitions file in force.

    `ready`: what the only facts that came in since its event are rolled up to already. Raises InputError where facts
    came in although the calendar was changed so that a period of those that hold has no place in it any more; such
    facts can still be taken back.
    """
    try:
        _refresh(writer, file, ready)
    except PeriodError as error:
        text = str(error).partition(": ")[2]
        raise InputError([Problem(error.code, "period", facts={"column": "period", "value": text})]) from error


def forget(writer: Writer) -> None:
    """Nothing is kept any more: until the next refresh all is rolled up whenever it is asked for."""
    writer.execute("DELETE FROM rolled")
    writer.execute("DELETE FROM named")
    writer.execute("DELETE FROM settings WHERE key IN ($event, $rules)", {"event": _EVENT, "rules": _RULES})


def renewed(writer: Writer, file: Path, before: pl.DataFrame) -> int:
    """Keeps all anew where nothing is kept; gives how many rows `before` had otherwise, or not, by the same rules."""
    refresh(writer, file)
    found = writer.frame("FROM rolled")
    both = [pl.col("rule").is_in(frame["rule"].unique().to_list()) for frame in (found, before)]
    old, new = (frame.filter(*both).select(found.columns) for frame in (before, found))
    unlike = [one.join(other, on=one.columns, how="anti", nulls_equal=True) for one, other in ((old, new), (new, old))]
    return pl.concat(unlike).unique(["rule", *_ROW]).height


def _refresh(writer: Writer, file: Path, ready: Ready | None) -> None:
    ask = writer.frame
    versions = [one.definitions for one in revisions_in(writer.found, file).approved]
    event, kept = int(ask("SELECT coalesce(max(id), 0) AS id FROM events")["id"][0]), _kept(ask)
    wanted = {rule for one in versions for rule in rules_by_variable(one).values()}
    writer.execute("DELETE FROM rolled WHERE rule NOT IN (SELECT unnest($rules))", {"rules": sorted(wanted)})
    span = {"first": kept.event, "last": event}
    if ready is not None and ready.came is not None and ready.event == kept.event:
        moved = came = ready.came
    else:
        moved, came = ask(_MOVED, **span), ask(_NAMES + _OF_BATCHES, event=event, **span)
    names = _names_of(ask, event, moved, came)
    writer.remove("named", moved)
    writer.insert("named", names.sort(moved.columns))
    periods = ask("SELECT DISTINCT period FROM named")
    has_come = not ask(_CAME, first=kept.event).is_empty()
    done: set[str] = set()
    for definitions in versions:
        if has_come:
            calendar_of(periods["period"], cycles_of(definitions))
        rules = {code: rule for code, rule in rules_by_variable(definitions).items() if rule not in done}
        known = kept.known(rules)
        touched = _touched(definitions, moved).filter(pl.col("variable").is_in(list(known)))
        writer.remove("rolled", _ruled(touched, rules))
        has = pl.lit(value=False) if ready is None else ready.has(rules)
        fresh = [] if ready is None else [ready.values.join(touched.filter(has), on=_ROW, how="semi")]
        fresh.append(_of_rows(ask, definitions, event, touched.filter(~has), periods))
        fresh.append(_of_variables(ask, definitions, event, set(rules) - set(known)))
        writer.insert("rolled", _ruled(pl.concat(fresh).sort(_ROW), rules))
        done |= set(rules.values())
    writer.setting(_EVENT, str(event))
    writer.setting(_RULES, ",".join(sorted(wanted)))


def _ruled(rows: pl.DataFrame, rules: Mapping[str, str]) -> pl.DataFrame:
    return rows.with_columns(rule=pl.col("variable").replace_strict(rules, return_dtype=pl.String))


@dataclass(frozen=True)
class _Kept:
    """What is kept: by which rules, and up to which event."""

    event: int
    rules: frozenset[str]

    def known(self, rules: Mapping[str, str]) -> dict[str, str]:
        """Those rules (of variables) by which it is kept: where nothing had happened yet, all."""
        return {code: rule for code, rule in rules.items() if rule in self.rules or not self.event}


def _kept(ask: Ask) -> _Kept:
    asked = "SELECT key, value FROM settings WHERE key IN ($event, $rules)"
    found = dict(ask(asked, event=_EVENT, rules=_RULES).rows())
    return _Kept(int(found.get(_EVENT, 0)), frozenset(found.get(_RULES, "").split(",")))


def _placed(rows: pl.DataFrame, definitions: Definitions) -> pl.DataFrame:
    """Rows of periods without those that a calendar that was changed has no place for: they are in no cycle of it."""
    lost = period_rules(rows["period"], definitions.fiscal_year_starts)
    return rows.filter(~pl.col("period").is_in(list(lost))) if lost else rows


def _touched(definitions: Definitions, moved: pl.DataFrame) -> pl.DataFrame:
    """The regions, variables and cycles whose facts changed, and of a variable that changed those that it weighs."""
    calendar = calendar_of(_placed(moved, definitions)["period"].unique(), cycles_of(definitions))
    found = moved.join(calendar, on="period").select(_ROW)
    weighs = rules_of(definitions).filter(pl.col("mean_by").is_not_null()).select("mean_by", weighed="variable")
    weighed = found.join(weighs, left_on="variable", right_on="mean_by").select(
        "region", variable="weighed", cycle="cycle"
    )
    return pl.concat([found, weighed]).unique()


def _of_variables(ask: Ask, definitions: Definitions, event: int, codes: Collection[str]) -> pl.DataFrame:
    """Own values of some variables from all their facts."""
    return _in_parts(ask, definitions, codes, "TRUE", {"event": event}) if codes else NOTHING


def _of_rows(ask: Ask, definitions: Definitions, event: int, rows: pl.DataFrame, periods: pl.DataFrame) -> pl.DataFrame:
    """Own values of some variables of some regions in some cycles, from the facts of these, of all `periods`."""
    if rows.is_empty():
        return NOTHING
    cycles = pl.col("cycle").is_in(rows["cycle"].unique().to_list())
    placed = _placed(periods, definitions)["period"]
    mine = calendar_of(placed, cycles_of(definitions)).filter(cycles)
    bound = {"periods": mine["period"].to_list(), "touched": rows["region"].unique().to_list(), "event": event}
    where = "region IN (SELECT unnest($touched)) AND period IN (SELECT unnest($periods))"
    found = _in_parts(ask, definitions, rows["variable"].unique().to_list(), where, bound)
    return found.join(rows, on=_ROW, how="semi")


def _in_parts(
    ask: Ask, definitions: Definitions, codes: Collection[str], where: str, bound: Mapping[str, Any]
) -> pl.DataFrame:
    """`_rolled`, for so many regions at a time as have `AT_ONCE` facts together."""
    counted = ask(_COUNTED.format(where=where), codes=sorted(codes), **bound)
    found = [NOTHING]
    for part in counted.with_columns(part=pl.col("count").cum_sum() // AT_ONCE).partition_by("part"):
        own_part = f"{where} AND region IN (SELECT unnest($regions))"
        found.append(_rolled(ask, definitions, codes, own_part, {**bound, "regions": part["region"].to_list()}))
    return pl.concat(found)


def _rolled(
    ask: Ask, definitions: Definitions, codes: Collection[str], where: str, bound: Mapping[str, Any]
) -> pl.DataFrame:
    """Own values of some variables from their facts that meet a condition, and from those of what weighs them."""
    rules = rules_of(definitions).filter(pl.col("variable").is_in(list(codes)))
    needed = sorted({*codes, *rules["mean_by"].drop_nulls()})
    facts = ask(
        "SELECT region, site, period, variable, value FROM facts_at($event)"
        f" WHERE variable IN (SELECT unnest($codes)) AND {where}",
        codes=needed, **bound,
    )  # fmt: skip
    values = own_values(definitions, _placed(facts, definitions)).values.select(NOTHING.columns)
    return values.filter(pl.col("variable").is_in(list(codes)))
