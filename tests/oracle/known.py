"""Known faults of the engine: random cases that touch one are passed over; tests/spec/faults holds each worked out.

When a fault is mended its worked case passes, and its line here goes.
"""

from collections.abc import Callable

from metrics.definitions import Definitions, MeanBy
from tests.oracle.comparison import Case
from tests.oracle.engine import Card


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


FAULTS: dict[str, Callable[[Definitions, Case, Card], bool]] = {
    "weight_not_rolled": _weight_not_rolled,
    "zero_for_unweighted": _zero_for_unweighted,
}


def faults_of(case: Case, cells: Card) -> list[str]:
    """The known faults that a case touches; `cells` are what the engine makes of it."""
    definitions = case.definitions
    return [name for name, touches in FAULTS.items() if touches(definitions, case, cells)]
