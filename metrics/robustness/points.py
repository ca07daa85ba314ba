"""Points and gates on trials: what the rules do to each trial's composite, as they do to the scorecard's."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from metrics.definitions import Definitions
from metrics.formula import Formula
from metrics.frames import Matrix
from metrics.models import Rule
from metrics.rules import pointed
from metrics.scorecard import Scorecard
from metrics.syntax import Call, Code, Number, parts_of
from metrics.values import Cells, Rows, compute

REPORTED = "reported_share"
# Functions that look at other rows than their own.
_ELSEWHERE = frozenset(("previous", "at", "change", "peers_mean", "peers_median"))


@dataclass(frozen=True)
class Points:
    """Bonuses, penalties and gates; conditions on values are settled, those on `nodes` are asked in each trial."""

    definitions: Definitions
    rows: Rows
    known: Mapping[str, Cells]
    nodes: frozenset[str]

    @property
    def none(self) -> bool:
        """Whether there is no rule that changes a score."""
        return not self.definitions.rules

    def applied(self, composite: Matrix, nodes: Mapping[str, Matrix]) -> Matrix:
        """The composites (c, t, n) after points and gates; `nodes` holds the trials' scores that rules name."""
        if self.none:
            return composite
        found = np.empty_like(composite)
        for part in self._parts(composite.shape[1]):
            found[:, part] = self._part(composite[:, part], {code: cells[:, part] for code, cells in nodes.items()})
        return found

    def _parts(self, trials: int) -> Iterator[slice]:
        """All trials at once, or one by one where a condition on a node looks at other cycles or regions."""
        trees = [rule.when.tree for rule in self.definitions.rules if rule.when.codes & self.nodes]
        calls = {part.name for tree in trees for part in parts_of(tree) if isinstance(part, Call)}
        step = 1 if calls & _ELSEWHERE else max(trials, 1)
        yield from (slice(start, start + step) for start in range(0, trials, step))

    def _part(self, composite: Matrix, nodes: Mapping[str, Matrix]) -> Matrix:
        """The trials' cycles as if they came one after another, put through the scorecard's own rules."""
        cycles, trials, regions = composite.shape
        rows = Rows(self.rows.cycles * trials, self.rows.regions, self.rows.calendar)
        known = {code: Cells(pl.concat([cells.value] * trials, rechunk=True)) for code, cells in self.known.items()} | {
            code: Cells(_stacked(cells)) for code, cells in nodes.items()
        }
        final, _ = pointed(self.definitions, rows, _stacked(composite), known=known)
        return np.swapaxes(final.to_numpy().reshape(trials, cycles, regions), 0, 1)


def _stacked(cells: Matrix) -> pl.Series:
    return pl.Series(np.swapaxes(cells, 0, 1).ravel()).fill_nan(None)


def points_of(card: Scorecard) -> Points:
    """The rules of a scorecard's definitions that change scores."""
    definitions = card.definitions
    nodes = frozenset((*definitions.tree_nodes, REPORTED))
    known: dict[str, Cells] = {}
    rules = []
    for rule in definitions.rules:
        if rule.kind == "veto":
            continue
        if rule.when.codes & nodes:
            known |= {code: card.known[code] for code in rule.when.codes - nodes}
            rules.append(rule)
        else:
            met = compute(rule.when.tree, card.known, card.rows).value.fill_null(value=False)
            rules.append(_settled(rule, known, met))
    asked = frozenset().union(*(rule.when.codes & nodes for rule in rules))
    return Points(replace(definitions, rules=tuple(rules), grades=()), card.rows, known, asked)


def _settled(rule: Rule, known: dict[str, Cells], met: pl.Series) -> Rule:
    """The rule with its condition looked up in a column of its own (the blank keeps it from being anyone's code)."""
    name = f"met {rule.code}"
    known[name] = Cells(met.cast(pl.Float64))
    tree = Call(">", (Code(name), Number(0.0)))
    return rule.model_copy(update={"when": Formula(name, tree, frozenset((name,)), True)})
