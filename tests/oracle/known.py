"""Known faults of the engine: random cases that touch one are passed over; tests/spec/faults holds each worked out.

When a fault is mended its worked case passes, and its line here goes.
"""

from collections import defaultdict
from collections.abc import Callable

from metrics.definitions import Definitions, MeanBy
from tests.oracle.comparison import Case
from tests.oracle.engine import Card
from tests.oracle.formulas import Values
from tests.oracle.scores import Indicator
from tests.oracle.world import world


def _gate(definitions: Definitions, case: Case, cells: Card) -> bool:
    """A gated composite is flagged low_coverage."""
    return any(rule.kind == "gate" for rule in definitions.rules)


def _imputed_out_of_force(definitions: Definitions, case: Case, cells: Card) -> bool:
    """An indicator is imputed, and so scored, in cycles in which it is not in force."""
    limited = [code for code, item in definitions.indicators.items() if item.valid is not None]
    return any(definitions.missing(code).method != "none" for code in limited)


def _not_in_force_lost(definitions: Definitions, case: Case, cells: Card) -> bool:
    """The flag not_in_force of a variable is lost where what names it has a `valid` of its own."""
    raw = [code for code, item in definitions.variables.items() if item.valid is not None]
    items = {**definitions.variables, **definitions.indicators}
    return bool(raw) and any(item.valid is not None and item.formula is not None for item in items.values())


def _weight_not_rolled(definitions: Definitions, case: Case, cells: Card) -> bool:
    """`mean_by` does not see weights whose variable has `over_sites: none`."""
    weights = [
        item.over_sites.mean_by for item in definitions.variables.values() if isinstance(item.over_sites, MeanBy)
    ]
    return any(definitions.variables[code].over_sites == "none" for code in weights)


def _zero_for_unweighted(definitions: Definitions, case: Case, cells: Card) -> bool:
    """A child whose mean has no weights counts as 0 in its parent where the variable has `absent: zero`."""
    weighted = [item for item in definitions.variables.values() if isinstance(item.over_sites, MeanBy)]
    return any(item.absent == "zero" for item in weighted) and any(row.get("parent") for row in case.regions or ())


def _rank_beside_constant(definitions: Definitions, case: Case, cells: Card) -> bool:
    """A rank against a frame without spread counts values that equal it as above it."""
    here = world(definitions, case.facts, case.regions)
    values = Values(here)
    for code in definitions.indicators:
        if definitions.normaliser(code).method in ("rank", "borda", "percentile_rank"):
            column = {at: values.cell(code, at).value for at in here.rows}
            indicator = Indicator(here, code, column)  # type: ignore[arg-type]
            frames = [indicator.frame(at) for at in here.rows]
            if any(frame and min(frame) == max(frame) for frame in frames):
                return True
    return False


def _rank_of_rounding(definitions: Definitions, case: Case, cells: Card) -> bool:
    """Scores that differ by rounding alone are ranked apart where all of them are equal but for rounding."""
    scores: dict[tuple[str, str], list[float]] = defaultdict(list)
    for (period, _, code), cell in cells.items():
        if cell["rank"] is not None:
            scores[period, code].append(cell["score"])
    return any(0.0 < max(found) - min(found) < 1e-12 * max(map(abs, found)) for found in scores.values())


FAULTS: dict[str, Callable[[Definitions, Case, Card], bool]] = {
    "gate_low_coverage": _gate,
    "imputed_out_of_force": _imputed_out_of_force,
    "not_in_force_lost": _not_in_force_lost,
    "weight_not_rolled": _weight_not_rolled,
    "zero_for_unweighted": _zero_for_unweighted,
    "rank_of_rounding": _rank_of_rounding,
    "rank_beside_constant": _rank_beside_constant,
}


def faults_of(case: Case, cells: Card) -> list[str]:
    """The known faults that a case touches; `cells` are what the engine makes of it."""
    definitions = case.definitions
    return [name for name, touches in FAULTS.items() if touches(definitions, case, cells)]
