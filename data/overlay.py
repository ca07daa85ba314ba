"""Overlay: a file's facts over those that hold, as these would be once it has come in, before anything is stored."""

from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from data.batches import GONE
from data.rolled import NOTHING, Ready, named, own, rules_by_variable
from data.seen import cells_of
from data.store import Store
from metrics.definitions import Definitions
from metrics.facts import KEY
from metrics.periods import PeriodError
from metrics.problems import InputError
from metrics.rollup import Own, calendar_of, cycles_of, own_values, rules_of

_OF = """
    region IN (SELECT unnest($regions)) AND period IN (SELECT unnest($periods))
        AND variable IN (SELECT unnest($variables))
"""
_HELD = f"SELECT region, site, period, variable, value, batch FROM {{holding}} WHERE {_OF}"
_KEY = ", ".join(f"older.{name}" for name in KEY)
_SAME = " AND ".join(f"older.{name} IS NOT DISTINCT FROM theirs.{name}" for name in KEY)
# What would hold if one batch had never come: all that it has not gone before, and what it has.
_WITHOUT = f"""(
    SELECT * FROM current_facts WHERE batch <> {{gone:d}} UNION ALL BY NAME
    SELECT older.* FROM facts AS older SEMI JOIN (FROM current_facts WHERE batch = {{gone:d}}) AS theirs ON {_SAME}
    WHERE older.batch NOT IN ({GONE}) AND older.batch <> {{gone:d}}
    QUALIFY row_number() OVER (PARTITION BY {_KEY} ORDER BY older.batch DESC) = 1
)"""
_CELL = ("region", "variable", "period")
_OF_BATCH = f"SELECT DISTINCT {', '.join(_CELL)} FROM facts WHERE batch = $batch"


def holding(replaces: int | None) -> str:
    """What a statement asks for the facts that hold: as they are, or as if a batch had never come."""
    return "current_facts" if replaces is None else _WITHOUT.format(gone=replaces)


@dataclass(frozen=True)
class _Touched:
    """The regions and the variables that change, and all periods of the cycles in which they do; `needed`: what weighs
    the variables too."""

    regions: list[str]
    periods: list[str]
    variables: list[str]
    needed: list[str]


@dataclass(frozen=True, eq=False)
class Overlay:
    """Accepted facts over what a store holds, in the place of the batch `replaces`, if any; by some definitions."""

    store: Store
    definitions: Definitions
    facts: pl.DataFrame
    replaces: int | None

    @cached_property
    def cells(self) -> pl.DataFrame:
        """Of which region, variable and period the facts are: `seen.cells_of` them."""
        return cells_of(self.facts)

    @cached_property
    def _touched(self) -> _Touched:
        """What the facts, or the batch that they replace, are of."""
        moved = self.cells.select(*_CELL)
        if self.replaces is not None:
            moved = pl.concat([moved, self.store.query(_OF_BATCH, batch=self.replaces)])
        own = moved["period"].unique()
        placed = calendar_of(pl.concat([own, self.kept["period"]]).unique(), cycles_of(self.definitions))
        mine = placed.filter(pl.col("period").is_in(own.to_list()))["cycle"].unique()
        beside = placed.filter(pl.col("cycle").is_in(mine.to_list()))["period"]
        rules, variables = rules_of(self.definitions), moved["variable"].unique().to_list()
        weighed = rules.filter(pl.col("mean_by").is_in(variables))["variable"]
        variables = sorted({*variables, *weighed})
        weights = rules.filter(pl.col("variable").is_in(variables))["mean_by"].drop_nulls()
        regions, periods = moved["region"].unique().sort(), pl.concat([beside, own]).unique().sort()
        return _Touched(regions.to_list(), periods.to_list(), variables, sorted({*variables, *weights}))

    def _standing(self, replaces: int | None) -> pl.DataFrame:
        at, asked = self._touched, _HELD.format(holding=holding(replaces))
        return self.store.query(asked, regions=at.regions, periods=at.periods, variables=at.needed)

    @cached_property
    def held(self) -> pl.DataFrame:
        """What holds now of all that is touched: the facts' key, value, batch."""
        return self._standing(None)

    @cached_property
    def then(self) -> pl.DataFrame:
        """What will hold of it: the facts' key and value. What the replaced batch had gone before holds again."""
        under = self.held if self.replaces is None else self._standing(self.replaces)
        fresh = self.facts.select(*KEY, "value")
        # Most facts are not among the fresh ones: only of those that may be the texts are compared.
        mine = fresh.clear() if under.is_empty() else fresh
        near = under.select(KEY).hash_rows().is_in(mine.select(KEY).hash_rows().implode())
        others = under.filter(near).join(mine.select(KEY), on=KEY, how="anti", nulls_equal=True)
        parts = [part.select(*KEY, "value") for part in (under.filter(~near), others, fresh)]
        found, strange = pl.concat(parts), set(self._touched.needed).difference(self.definitions.raw)
        return found.filter(~pl.col("variable").is_in(list(strange))) if strange else found

    @cached_property
    def _event(self) -> int:
        return self.store.newest_event()

    @cached_property
    def kept(self) -> pl.DataFrame:
        """Of which region, variable and period there are facts now."""
        return named(self.store.query, self._event)

    @cached_property
    def _fresh(self) -> pl.DataFrame:
        """What the facts of all that is touched will come to."""
        values = own_values(self.definitions, self.then).values.select(NOTHING.columns)
        return values.filter(pl.col("variable").is_in(self._touched.variables))

    @cached_property
    def _cycles(self) -> list[int]:
        """The cycles that are touched."""
        periods = pl.Series(self._touched.periods, dtype=pl.String)
        return calendar_of(periods, cycles_of(self.definitions))["cycle"].unique().to_list()

    @cached_property
    def own(self) -> Own:
        """What all facts will come to by region and cycle: of what is touched anew, of the rest as it is kept."""
        now = own(self.store.query, self.definitions, self._event, self.kept)
        at, cells = self._touched, self.cells.filter(pl.col("variable").is_in(list(self.definitions.raw)))
        places = pl.col("region").is_in(at.regions) & pl.col("cycle").is_in(self._cycles)
        touched = places & pl.col("variable").is_in(at.variables)
        values = pl.concat([now.values.filter(~touched), self._fresh])
        cycles = calendar_of(cells["period"].unique(), cycles_of(self.definitions))["cycle"]
        return Own(values, tuple(sorted({*now.cycles, *cycles})), tuple(sorted({*now.named, *cells["region"]})))

    def ready(self) -> Ready | None:
        """What is touched as it will be kept once the facts have come in; None where it cannot be rolled up."""
        with suppress(InputError, PeriodError):
            at, rules = self._touched, rules_by_variable(self.definitions)
            own = {code: rules[code] for code in at.variables if code in rules}
            came = self.cells.select(*_CELL) if self.replaces is None else None
            return Ready(self._event, came, own, at.regions, self._cycles, self._fresh)
        return None
