"""Two definition files: the parts in which they differ, and one's parts in the place of the other's."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Any

from metrics.definitions import Definitions, formulas_of
from metrics.models import Indicator, Node
from metrics.tree import code_of

Pick = Callable[[str], Definitions]


@dataclass(frozen=True, eq=False)
class Files:
    """A definitions file before and after."""

    before: Definitions
    after: Definitions

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """The parts (keys of `PARTS`) that are not the same, in the order of the method; `definitions` for the whole,
        where the files use one code for different things, so that no mixture of them holds together."""
        same_text = self.before.digest == self.after.digest != ""
        # Of one text may be scorecards with other adjustments, which are rules too.
        if self.before is self.after or (same_text and self.before.rules == self.after.rules):
            return ()
        if self._clash:
            return ("definitions",)
        return tuple(part for part, holds in PARTS.items() if holds(self, self.before) != holds(self, self.after))

    @cached_property
    def _clash(self) -> bool:
        """Whether a code is a variable in one file and an indicator, say, in the other."""
        kinds: list[dict[str, str]] = [
            {code: name for name in ("factors", "variables", "indicators", "tree_nodes") for code in getattr(d, name)}
            for d in (self.before, self.after)
        ]
        return any(kinds[1].get(code, kind) != kind for code, kind in kinds[0].items())

    @cached_property
    def shared(self) -> tuple[str, ...]:
        """The indicators of both files."""
        return tuple(code for code in self.before.indicators if code in self.after.indicators)

    @cached_property
    def converted(self) -> frozenset[str]:
        """The indicators whose unit differs: numbers in this unit go along with it, all under the part `unit`."""
        units = [definitions.indicators for definitions in (self.before, self.after)]
        return frozenset(code for code in self.shared if units[0][code].unit != units[1][code].unit)

    @cached_property
    def alike(self) -> frozenset[str]:
        """The nodes that have the same children in both files, so that their weights can be compared."""
        nodes = self.before.tree_nodes, self.after.tree_nodes
        return frozenset(
            code
            for code in nodes[0]
            if code in nodes[1] and sorted(_codes(nodes[0][code])) == sorted(_codes(nodes[1][code]))
        )

    def mixed(self, later: Iterable[str]) -> Definitions | None:
        """The file before with the parts of `later` from the file after; None where that does not hold together.

        What one file alone has is there whenever the tree of the part `index` names it, with that file's settings.
        """
        changed = frozenset(later)
        if "definitions" in self.parts:
            return self.after if "definitions" in changed else self.before

        def pick(part: str) -> Definitions:
            return self.after if part in changed else self.before

        mixed = replace(
            self.before,
            heading=_heading(pick),
            factors=self._union("factors", pick("factors")),
            variables=self._union("variables", pick("formula")),
            indicators={code: self._indicator(code, pick) for code in self._union("indicators", self.before)},
            index=self._node(pick("index").index, pick),
            rules=pick("rules").rules,
            grades=pick("rules").grades,
            conversions=self._conversions(pick),
            digest="",
        )
        return mixed if _holds(mixed) else None

    def _union(self, name: str, first: Definitions) -> dict[str, Any]:
        other = self.after if first is self.before else self.before
        return {**getattr(other, name), **getattr(first, name)}

    def _conversions(self, pick: Pick) -> dict[str, float]:
        of_formula = pick("formula")
        other = self.after if of_formula is self.before else self.before
        own = {**other.conversions, **{code: of_formula.conversion(code) for code in _formulas(of_formula)}}
        return {**own, **{code: pick("unit").conversion(code) for code in self.converted}}

    def _indicator(self, code: str, pick: Pick) -> Indicator:
        """An indicator with each part from where it is picked, nothing left to defaults."""

        def of(part: str) -> Definitions:
            if code not in self.shared:
                return self.before if code in self.before.indicators else self.after
            return pick("unit") if code in self.converted and part in _IN_UNIT else pick(part)

        items = {part: of(part).indicators[code] for part in ("formula", "unit", "normalise", "valid", "peers")}
        return items["formula"].model_copy(
            update={
                "unit": items["unit"].unit,
                "normalise": of("normalise").normaliser(code),
                "better": items["normalise"].better,
                "missing": of("missing").missing(code),
                "outliers": of("outliers").outliers(code),
                "peers": items["peers"].peers,
                "valid": items["valid"].valid,
            }
        )

    def _node(self, node: Node, pick: Pick) -> Node:
        """A node of the tree that is picked, nothing left to defaults."""
        own = pick("index")

        def of(part: str) -> Definitions:
            there = node.code in pick(part).tree_nodes and (part != "weights" or node.code in self.alike)
            return pick(part) if there else own

        found = {part: of(part) for part in ("aggregate", "floor", "weights", "min_coverage")}
        named = {part: definitions.tree_nodes[node.code] for part, definitions in found.items()}
        children = {code_of(child): child for child in node.children}
        weight = {code_of(child): child.weight for child in named["weights"].children}
        return node.model_copy(
            update={
                "aggregate": found["aggregate"].aggregate_of(named["aggregate"]),
                "floor": found["floor"].floor_of(named["floor"]),
                "weights": found["weights"].weights_of(named["weights"]),
                "min_coverage": found["min_coverage"].min_coverage_of(named["min_coverage"]),
                # In the order of the weights' own file: judges' matrices go by it.
                "children": tuple(
                    (self._node(child, pick) if isinstance(child, Node) else child).model_copy(
                        update={"weight": weight[code]}
                    )
                    for code, child in ((code, children[code]) for code in weight)
                ),
            }
        )


def _heading(pick: Pick) -> Any:
    """Nothing in the heading stands for what is written at its place; ties make no score."""
    cycle = pick("cycle").heading
    own = {"cycle": cycle.cycle, "fiscal_year_starts": cycle.fiscal_year_starts, "tie_breaks": ()}
    defaults = cycle.defaults.model_copy(update={"floor": None})
    more = {"compare": pick("compare").compare, "bonus_cap": pick("rules").bonus_cap, "defaults": defaults}
    return cycle.model_copy(update={**own, **more})


def _formulas(definitions: Definitions) -> dict[str, Any]:
    return formulas_of(definitions.variables, definitions.indicators)


def _holds(mixed: Definitions) -> bool:
    """Whether all that formulas and rules name is there, and no formula rests on itself."""
    formulas = _formulas(mixed)
    named = {code for rule in mixed.rules for code in rule.when.codes}
    try:
        TopologicalSorter({code: item.codes & formulas.keys() for code, item in formulas.items()}).prepare()
    except CycleError:
        return False
    return named <= {*mixed.codes, "reported_share"}


def _codes(node: Node) -> list[str]:
    return [code_of(child) for child in node.children]


_IN_UNIT = frozenset(("formula", "unit", "missing", "outliers", "normalise"))


def _of_indicators(part: str, value: Callable[[Definitions, str], Any]) -> Callable[[Files, Definitions], Any]:
    def found(files: Files, definitions: Definitions) -> Any:
        codes = [code for code in files.shared if not (code in files.converted and part in _IN_UNIT)]
        return {code: value(definitions, code) for code in codes}

    return found


def _of_nodes(value: Callable[[Definitions, Node], Any]) -> Callable[[Files, Definitions], Any]:
    def found(files: Files, definitions: Definitions) -> Any:
        nodes = files.before.tree_nodes.keys() & files.after.tree_nodes.keys()
        return {code: value(definitions, definitions.tree_nodes[code]) for code in nodes}

    return found


def _factors(files: Files, definitions: Definitions) -> Any:
    shared = files.before.factors.keys() & files.after.factors.keys()
    return {code: (definitions.factors[code].unit, definitions.factors[code].values) for code in shared}


def _formula_part(files: Files, definitions: Definitions) -> Any:
    shared = files.before.variables.keys() & files.after.variables.keys()
    keys = ("unit", "over_time", "over_sites", "absent", "partial", "valid")
    variables = {
        code: (
            getattr(definitions.variables[code].formula, "tree", None),
            *(getattr(definitions.variables[code], key) for key in keys),
            definitions.conversion(code),
        )
        for code in shared
    }
    of_indicators = _of_indicators("formula", lambda d, code: (d.indicators[code].formula.tree, d.conversion(code)))
    return variables, of_indicators(files, definitions)


def _weights(files: Files, definitions: Definitions) -> Any:
    """Of the nodes whose children are the same: where their weights come from, and the children's, as written."""
    return {
        code: (
            definitions.weights_of(definitions.tree_nodes[code]),
            {code_of(child): child.weight for child in definitions.tree_nodes[code].children},
        )
        for code in files.alike
    }


def _index(files: Files, definitions: Definitions) -> Any:
    return definitions.index.code, {code: sorted(_codes(node)) for code, node in definitions.tree_nodes.items()}


PARTS: dict[str, Callable[[Files, Definitions], Any]] = {
    "cycle": lambda files, d: (d.cycle, d.fiscal_year_starts),
    "compare": lambda files, d: d.compare,
    "factors": _factors,
    "formula": _formula_part,
    "unit": lambda files, d: {code: d.indicators[code].unit for code in files.shared},
    "valid": _of_indicators("valid", lambda d, code: d.indicators[code].valid),
    "missing": _of_indicators("missing", lambda d, code: d.missing(code)),
    "peers": _of_indicators("peers", lambda d, code: d.indicators[code].peers),
    "outliers": _of_indicators("outliers", lambda d, code: d.outliers(code)),
    "normalise": _of_indicators("normalise", lambda d, code: (d.normaliser(code), d.indicators[code].better)),
    "index": _index,
    "weights": _weights,
    "aggregate": _of_nodes(lambda d, node: d.aggregate_of(node)),
    "floor": _of_nodes(lambda d, node: d.floor_of(node)),
    "min_coverage": _of_nodes(lambda d, node: d.min_coverage_of(node)),
    "rules": lambda files, d: (d.rules, d.bonus_cap),
}
