"""Overlay: a file's facts over those that hold, as these would be once it has come in, before anything is stored."""

from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from data.batches import GONE
from data.rolled import NOTHING, Ready, named, own, rules_by_variable
from data.store import Store
from metrics.definitions import Definitions
from metrics.facts import KEY
from metrics.periods import PeriodError
from metrics.problems import InputError
from metrics.rollup import Own, calendar_of, cycles_of, own_values

_OF = "region IN (SELECT unnest($regions)) AND period IN (SELECT unnest($periods))"
_HELD = f"SELECT region, site, period, variable, value, batch FROM current_facts WHERE {_OF}"
# What would hold if one batch had never come.
_WITHOUT = f"""
    SELECT region, site, period, variable, value, batch FROM facts
    WHERE batch NOT IN ({GONE}) AND batch <> $gone AND {_OF}
    QUALIFY row_number() OVER (PARTITION BY region, site, period, variable ORDER BY batch DESC) = 1
"""
_OF_BATCH = "SELECT DISTINCT region, period FROM facts WHERE batch = $batch"


@dataclass(frozen=True, eq=False)
class Overlay:
    """Accepted facts over what a store holds, in the place of the batch `replaces`, if any; by some definitions."""

    store: Store
    definitions: Definitions
    facts: pl.DataFrame
    replaces: int | None

    @cached_property
    def _touched(self) -> tuple[list[str], list[str]]:
        """The regions and all periods of the cycles that the facts, or the batch that they replace, are of."""
        pairs = self.facts.select("region", "period").unique()
        if self.replaces is not None:
            pairs = pl.concat([pairs, self.store.query(_OF_BATCH, batch=self.replaces)])
        known = self._named["period"]
        placed = calendar_of(pl.concat([pairs["period"], known]).unique(), cycles_of(self.definitions))
        mine = placed.filter(pl.col("period").is_in(pairs["period"].unique().to_list()))["cycle"].unique()
        beside = placed.filter(pl.col("cycle").is_in(mine.to_list()))["period"]
        periods = pl.concat([beside, pairs["period"]]).unique().sort()
        return pairs["region"].unique().sort().to_list(), periods.to_list()

    @cached_property
    def held(self) -> pl.DataFrame:
        """What holds now of all that is touched: the facts' key, value, batch."""
        regions, periods = self._touched
        return self.store.query(_HELD, regions=regions, periods=periods)

    @cached_property
    def then(self) -> pl.DataFrame:
        """What will hold of it: the facts' key and value. What the replaced batch had gone before holds again."""
        regions, periods = self._touched
        under = self.held
        if self.replaces is not None:
            under = self.store.query(_WITHOUT, gone=self.replaces, regions=regions, periods=periods)
        fresh = self.facts.select(*KEY, "value")
        kept = under.join(fresh.select(KEY), on=KEY, how="anti", nulls_equal=True) if under.height else under
        return pl.concat([kept.select(*KEY, "value"), fresh]).filter(
            pl.col("variable").is_in(list(self.definitions.raw))
        )

    @cached_property
    def _event(self) -> int:
        return self.store.newest_event()

    @cached_property
    def _named(self) -> pl.DataFrame:
        return named(self.store.query, self._event)

    @cached_property
    def _fresh(self) -> Own:
        """What the facts of all that is touched will come to."""
        return own_values(self.definitions, self.then)

    @cached_property
    def _cycles(self) -> list[int]:
        """The cycles that are touched."""
        periods = pl.Series(self._touched[1], dtype=pl.String)
        return calendar_of(periods, cycles_of(self.definitions))["cycle"].unique().to_list()

    @cached_property
    def own(self) -> Own:
        """What all facts will come to by region and cycle: of what is touched anew, of the rest as it is kept."""
        now = own(self.store.query, self.definitions, self._event, self._named)
        touched = pl.col("region").is_in(self._touched[0]) & pl.col("cycle").is_in(self._cycles)
        values = pl.concat([now.values.filter(~touched), self._fresh.values.select(now.values.columns)])
        cycles, regions = {*now.cycles, *self._fresh.cycles}, {*now.named, *self._fresh.named}
        return Own(values, tuple(sorted(cycles)), tuple(sorted(regions)))

    def ready(self) -> Ready | None:
        """What is touched as it will be kept once the facts have come in; None where it cannot be rolled up."""
        with suppress(InputError, PeriodError):
            rules, values = rules_by_variable(self.definitions), self._fresh.values.select(NOTHING.columns)
            return Ready(self._event, rules, self._touched[0], self._cycles, values)
        return None
