"""The scorecard: the whole method, from facts to ranks, one step a line."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from metrics import compare
from metrics.adjustments import Adjustment, adjusted
from metrics.definitions import Definitions
from metrics.facts import judge
from metrics.long import long_scores, long_variables
from metrics.problems import InputError, Problem, nearest
from metrics.regions import Regions, regions_of
from metrics.rollup import PART_FLAGS, Own, cycles_of, own_values, roll_up, too_long
from metrics.rules import apply_rules
from metrics.tree import negative_loadings, wide_scores
from metrics.values import Cells, Rows, evaluate, finite


@dataclass(frozen=True, eq=False)
class Given:
    """The facts of a scorecard: what each region's own come to (`rollup.own_values`), and how to read them all, which
    happens when they are first asked for."""

    own: Own
    read: Callable[[], pl.DataFrame]

    @cached_property
    def facts(self) -> pl.DataFrame:
        """The facts as `facts.judge` accepts them."""
        return self.read()


@dataclass(frozen=True)
class Scorecard:
    """What an evaluation found; nothing is computed after it but what can be asked of it.

    `frame` has the contract's columns (§5); `wide` is what `tree.wide_scores` gives, before the rules; `known` every
    variable, factor and indicator on `rows`; `given` the facts it was made from.
    """

    frame: pl.DataFrame
    wide: pl.DataFrame
    definitions: Definitions
    rows: Rows
    known: Mapping[str, Cells]
    given: Given

    @property
    def facts(self) -> pl.DataFrame:
        """The facts it was made from, as `facts.judge` accepted them."""
        return self.given.facts

    @property
    def regions(self) -> pl.DataFrame:
        """code, name_zh, name_en, parent, attributes, compared."""
        return self.rows.regions.frame

    @property
    def whole(self) -> bool:
        """Whether every region is in it: a part of them is a `cut.Cut`."""
        return True

    @property
    def compared(self) -> int:
        """How many regions are compared."""
        return int(self.regions["compared"].sum())

    @property
    def periods(self) -> tuple[str, ...]:
        """The cycles scored, the earliest first."""
        return tuple(self.rows.calendar.name(cycle) for cycle in self.rows.cycles)

    def require_region(self, region: str) -> None:
        """Raises InputError where the scorecard has no such region."""
        _require("region", region, self.regions["code"].to_list())

    def require_period(self, period: str) -> None:
        """Raises InputError where the scorecard has no such cycle."""
        _require("period", period, list(self.periods))

    def row_of(self, region: str, period: str) -> int:
        """Where a region's cycle stands in `rows.frame` and `wide`. Raises InputError where it is not there."""
        self.require_region(region)
        self.require_period(period)
        return self.periods.index(period) * self.regions.height + self.regions["code"].to_list().index(region)

    def composite_of(self, region: str, period: str) -> dict[str, Any]:
        """The composite's row of `frame`. Raises InputError where the region or cycle is not there."""
        # The root stands first in each region's tree.
        return self.frame.row(self.row_of(region, period) * len(self.definitions.nodes()), named=True)

    @cached_property
    def variables(self) -> pl.DataFrame:
        """Raw and derived variables, rolled up: period, region, variable, value, flags."""
        return long_variables(self.definitions, self.rows, self.known)

    @cached_property
    def notes(self) -> tuple[Problem, ...]:
        """What the definitions' author should know about how these facts were scored: warnings."""
        lost = too_long(self.definitions, self.facts, self.facts["period"].unique())
        return (*lost, *negative_loadings(self.definitions, self.rows, self.wide))

    @cached_property
    def changes(self) -> pl.DataFrame:
        """Against the previous cycle: `compare.changes`."""
        return compare.changes(self.frame, self.rows)

    @cached_property
    def peers(self) -> pl.DataFrame:
        """What the group of comparison has: `compare.peers`."""
        return compare.peers(self.frame, self.rows, self.definitions)

    @cached_property
    def beside(self) -> pl.DataFrame:
        """Each row with what its own group has: `compare.beside`."""
        return compare.beside(self.frame, self.rows, self.definitions)

    @cached_property
    def distances(self) -> pl.DataFrame:
        """To peers and targets: `compare.distances`."""
        return compare.distances(self.frame, self.rows, self.definitions)


def _require(what: str, name: str, known: Sequence[str]) -> None:
    if name not in known:
        facts = {"what": what, "name": name, "near": nearest(name, known) or ", ".join(known[:5])}
        raise InputError([Problem("not_in_scorecard", path=what, facts=facts)])


def score(
    definitions: Definitions,
    facts: pl.DataFrame,
    *,
    regions: pl.DataFrame | None = None,
    adjustments: Sequence[Adjustment] = (),
) -> Scorecard:
    """Scores every region in every cycle of the facts (contract §1–§4); `adjustments` act as rules do.

    Raises InputError for facts that break a rule of §1, with the row of each, and for regions that cannot be.
    """
    ruled = adjusted(definitions, adjustments) if adjustments else definitions
    return score_given(ruled, given(ruled, accept(ruled, facts, regions)), regions=regions)


def given(definitions: Definitions, facts: pl.DataFrame) -> Given:
    """Facts that are at hand, as `accept` gives them."""
    return Given(own_values(definitions, facts), lambda: facts)


def score_given(definitions: Definitions, found: Given, *, regions: pl.DataFrame | None) -> Scorecard:
    """`score` of facts that are accepted and rolled up already."""
    known_regions = regions_of(regions, named=found.own.named, compare=definitions.compare)
    rows, variables = roll_up_rows(definitions, found.own, known_regions)
    known = evaluate(definitions, rows, variables)
    return Scorecard(*score_values(definitions, rows, known), definitions, rows, known, found)


def accept(definitions: Definitions, facts: pl.DataFrame, regions: pl.DataFrame | None) -> pl.DataFrame:
    """The facts, typed; raises InputError with a problem for each row that breaks a rule."""
    codes = None if regions is None else set(regions["code"].cast(pl.String))
    judged = judge(facts, variables=definitions.raw, regions=codes, fiscal_year_starts=definitions.fiscal_year_starts)
    if judged.rejected.height:
        raise InputError(
            [
                Problem(rule, column, row, facts.columns.index(column) + 1, {"column": column, "value": value})
                for row, column, rule, value in judged.rejected.iter_rows()
            ]
        )
    return judged.accepted


def roll_up_rows(definitions: Definitions, own: Own, known: Regions) -> tuple[Rows, dict[str, Cells]]:
    """The rows of every cycle × region, and the raw variables on them."""
    rolled = roll_up(definitions, own, regions=known)
    rows = Rows(rolled.cycles, known, cycles_of(definitions))
    sorted_values = rolled.values.sort("variable", "cycle", "region")
    flags = [*PART_FLAGS, "not_in_force"]
    cells = {
        name: finite(part["value"], {flag: part[flag] for flag in flags if part[flag].any()})
        for (name,), part in sorted_values.partition_by("variable", as_dict=True).items()
    }
    empty = Cells(pl.repeat(None, rows.frame.height, dtype=pl.Float64, eager=True))
    return rows, {code: cells.get(code, empty) for code in definitions.raw}


def score_values(definitions: Definitions, rows: Rows, known: Mapping[str, Cells]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Indicators' values → scores → ranks: the contract's long frame, and the wide one before the rules."""
    wide = wide_scores(definitions, rows, known)
    root = definitions.index.code
    nodes = {row.code: Cells(wide[f"score {row.code}"]) for row in definitions.nodes() if row.level != "indicator"}
    share = Cells(wide[f"reported {root}"])
    ruled = apply_rules(
        definitions,
        rows,
        nodes[root].value,
        known={**known, **nodes, "reported_share": share},
        tie_breaks=[wide[f"score {code}"] for code in definitions.heading.tie_breaks],
    )
    return long_scores(definitions, rows, wide, known=known, ruled=ruled), wide
