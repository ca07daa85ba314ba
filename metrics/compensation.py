"""Compensation: from who gave what to whom, a proposal by declared rules of who pays whom how much (区域利益补偿)."""

from collections.abc import Sequence

import polars as pl

from metrics.compensation_file import Compensation, Rule, rates
from metrics.flows import flows
from metrics.problems import InputError, Problem
from metrics.scorecard import Scorecard

PAYMENTS = ("period", "rule", "giver", "receiver", "quantity", "due", "amount", "held")
_PAIR = ("period", "giver", "receiver")
# What is less of both sides together is left by rounding, and owed by nobody.
_DUST = 1e-12


def payments(compensation: Compensation, card: Scorecard, members: Sequence[str] | None = None) -> pl.DataFrame:
    """What each member that received owes each that gave, by cycle and rule, in 元.

    Columns: `PAYMENTS`; due: quantity × rate × share; amount: what is left of it (null where the quantity is not
    known); held: what kept it back, joined by ";": `below_threshold` (nothing is paid), `pair_cap`, `region_cap` (all
    that the receiver owes under the rule is cut in proportion), `unknown`. Sorted. Raises InputError for rules that do
    not fit the definitions.
    """
    worth = rates(compensation, card.definitions)
    every = flows(card, members)
    found = [_of_rule(rule, every, worth[rule.code]) for rule in compensation.rules]
    return pl.concat(found).sort("period", "rule", "giver", "receiver")


def _of_rule(rule: Rule, every: pl.DataFrame, worth: float) -> pl.DataFrame:
    giver, receiver = ("region", "counterpart") if rule.giver == "region" else ("counterpart", "region")
    rows = every.filter(pl.col("variable") == rule.flow).select(
        "period", rule=pl.lit(rule.code), giver=giver, receiver=receiver, quantity="value"
    )
    quantity, due = pl.col("quantity"), pl.col("due")
    below = quantity < rule.threshold
    rows = rows.with_columns(due=quantity * worth * rule.share)
    rows = rows.with_columns(paid=pl.when(below).then(0.0).otherwise(due), below=below.fill_null(value=False))
    most = rule.cap.pair
    rows = rows.with_columns(over=(pl.col("paid") > most).fill_null(value=False) if most is not None else pl.lit(False))
    rows = rows.with_columns(paid=pl.when("over").then(most).otherwise("paid") if most is not None else "paid")
    owed = pl.col("paid").sum().over("period", "receiver")
    cut = owed > rule.cap.region if rule.cap.region is not None else pl.lit(False)
    amount = pl.when(cut).then(pl.col("paid") * (rule.cap.region or 0.0) / owed).otherwise("paid")
    marks = {
        "below_threshold": pl.col("below"),
        "pair_cap": pl.col("over"),
        "region_cap": cut & (pl.col("paid") > 0.0),
        "unknown": quantity.is_null(),
    }
    held = pl.concat_str(
        *(pl.when(mark).then(pl.lit(name)) for name, mark in marks.items()), separator=";", ignore_nulls=True
    )
    return rows.with_columns(amount=amount, held=held).select(PAYMENTS)


def _set_off(one: pl.Expr, other: pl.Expr) -> pl.Expr:
    """What is left of one side when the other is taken from it."""
    left = one - other
    return pl.when(left.abs() <= _DUST * (one.abs() + other.abs())).then(0.0).otherwise(left)


def balances(paid: pl.DataFrame) -> pl.DataFrame:
    """What each region's giving is worth, what it received, and the net of both, in 元: above 0 it is compensated.

    Columns: period, region, gives, receives, net, unknown (how many of its flows are not known). All nets of a period
    sum to zero, since each payment stands once on either side. Sorted by period, the largest net first.
    """
    rows = pl.concat(paid.select("period", "amount", region=side, own=pl.lit(side)) for side in ("giver", "receiver"))
    amount, giving = pl.col("amount"), pl.col("own") == "giver"
    found = rows.group_by("period", "region").agg(
        amount.filter(giving).sum().alias("gives"),
        amount.filter(~giving).sum().alias("receives"),
        amount.is_null().sum().cast(pl.Int64).alias("unknown"),
    )
    net = found.with_columns(net=_set_off(pl.col("gives"), pl.col("receives")))
    return net.select("period", "region", "gives", "receives", "net", "unknown").sort(
        "period", "net", "region", descending=[False, True, False]
    )


def transfers(paid: pl.DataFrame) -> pl.DataFrame:
    """Of each pair what is left when both sides' payments under all rules are set off: period, payer, payee, amount
    (above 0), the largest of a period first."""
    whole = paid.group_by(_PAIR).agg(pl.col("amount").sum())
    back = whole.select("period", giver="receiver", receiver="giver", back="amount")
    left = _set_off(pl.col("amount"), pl.col("back").fill_null(0.0))
    both = whole.join(back, on=[*_PAIR], how="left").with_columns(left=left)
    found = both.filter(pl.col("left") > 0.0).select("period", payer="receiver", payee="giver", amount="left")
    return found.sort("period", "amount", "payer", "payee", descending=[False, True, False, False])


def members_in(card: Scorecard, area: str) -> list[str]:
    """The compared regions of an area: those whose `areas` name it (`名称|Name;…`), else those below a region of this
    code or name. Raises InputError where there are none."""
    compared = card.regions.filter("compared")
    names: dict[str, list[str]] = {}
    if "areas" in compared.columns:
        for code, text in compared.select("code", "areas").drop_nulls().iter_rows():
            for name in (name.strip() for one in str(text).split(";") for name in one.split("|")):
                names.setdefault(name, []).append(code)
    below: dict[str, list[str]] = {}
    for code in compared["code"]:
        for above in card.rows.regions.ancestors(code):
            below.setdefault(above, []).append(code)
    for called in card.regions.select("code", "name_zh", "name_en").iter_rows():
        for name in called if called[0] in below else ():
            names.setdefault(name, below[called[0]])
    if area not in names:
        facts = {"area": area, "known": ", ".join(list(names)[:20]) or "—"}
        raise InputError([Problem("no_such_area", path="--area", facts=facts)])
    return sorted(set(names[area]))
