"""Shown: what was found on everybody's facts, as far as a store's person may be told it."""

from collections.abc import Iterable, Mapping

import polars as pl

from data.narrowed import Part
from data.store import Store

# What a rule of data/checks.py tells of the file, its own region and cycle, and the definitions. For the rest, that
# has to be seen which it is compared with.
_OWN = frozenset(
    {"row", "variable", "value", "code", "region", "period", "low", "high", "times", "parts", "limit", "count", "round"}
)


def whole_of(store: Store) -> Store:
    """The store with everybody's facts: on these what somebody sends is judged, and what it does is found."""
    return store.seen_with(store.access, None)


def sight_of(store: Store) -> tuple[object, ...]:
    """What is shown to one is shown to others whose stores have the same of this: for keys of what is kept for all."""
    return store.parts, store.access.grants, store.access.early


def facts_shown(store: Store, facts: pl.DataFrame, event: int | None = None) -> pl.DataFrame:
    """Of facts (region, period, …) as of an event (None: as they come in) those that may be seen."""
    return facts if store.parts is None else facts.filter(_seen(store.parts, "region", "period", event))


def scores_shown(store: Store, scores: pl.DataFrame) -> pl.DataFrame:
    """Of scores (period, region, …) that were not published those that may be seen."""
    every = {cycle: store.access.seen(cycle, published=False) for cycle in scores["period"].unique()}
    return scores.filter(_any(pl.col("period").eq(cycle) & _among("region", own) for cycle, own in every.items()))


def doubts_shown(store: Store, doubts: Mapping[str, pl.DataFrame], facts: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """What the rules of data/checks.py found in a file's facts: null where it names another region, or a number, that
    may not be seen. The rows, and what is kept of them, are everybody's."""
    parts = store.parts
    if parts is None:
        return dict(doubts)
    regions = store.query("SELECT code FROM regions")["code"].to_list()
    return {rule: _cut(parts, found, facts, regions) for rule, found in doubts.items()}


def _cut(parts: Iterable[Part], found: pl.DataFrame, facts: pl.DataFrame, regions: list[str]) -> pl.DataFrame:
    """What a rule found, without what it is compared with where that is not seen; a year may be named, a region not."""
    seen = _compared(parts, found, facts, regions)
    named = {"then": seen | ~found["then"].is_in(regions)} if "then" in found.columns else {}
    hidden = [name for name in found.columns if name not in _OWN]
    return found.with_columns(pl.when(named.get(name, seen)).then(pl.col(name)).alias(name) for name in hidden)


def _compared(parts: Iterable[Part], found: pl.DataFrame, facts: pl.DataFrame, regions: list[str]) -> pl.Series:
    """Of each row that a rule found whether all that it is compared with is seen."""
    at = found.with_row_index("at")
    if "other" in found.columns:
        key = ["row", "variable", "value"]
        places = at.join(facts.select(*key, held="period"), on=key)
        seen = places.with_columns(seen=_seen(parts, "other", "held"))
    elif "then" in found.columns:
        places = at.join(facts.select("row", "variable", place="region").unique(), on=["row", "variable"])
        # A number of the file itself is nothing new to whoever sent it.
        mine = facts.select("variable", place="region", then="period", before="value", sent=True).unique()
        both = places.join(mine, on=["variable", "place", "then", "before"], how="left")
        year = ~pl.col("then").is_in(regions) & _seen(parts, "place", "then")
        seen = both.with_columns(seen=pl.col("sent").fill_null(year))
    elif "median" in found.columns:
        every = [part for part in parts if part.regions is None and part.last is None]
        seen = at.with_columns(seen=_any(_among("period", part.cycles) for part in every))
    else:
        seen = at.with_columns(seen=pl.lit(value=False))
    known = seen.group_by("at").agg(pl.col("seen").all())
    return at.join(known, on="at", how="left", maintain_order="left")["seen"].fill_null(value=False)


def _seen(parts: Iterable[Part], region: str, period: str, event: int | None = None) -> pl.Expr:
    """Whether facts of a region and a period, as of an event (None: as they come in), are in one of the parts."""
    shown = [part for part in parts if part.last is None or (event is not None and event <= part.last)]
    return _any(_among(region, part.regions) & _among(period, part.periods) for part in shown)


def _among(column: str, names: frozenset[str] | None) -> pl.Expr:
    return pl.lit(value=True) if names is None else pl.col(column).is_in(sorted(names))


def _any(conditions: Iterable[pl.Expr]) -> pl.Expr:
    return pl.any_horizontal(pl.lit(value=False), *conditions)
