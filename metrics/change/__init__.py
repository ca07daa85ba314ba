"""Change: what the difference between two scores comes from, in terms that add up to it.

Its terms are Shapley values, or what these come to where there is a closed form: they add up; a term is 0 when nothing
of its kind changed; they turn their sign with the direction; and no order of the kinds is preferred.
- `steps`: the way from one side to the other, one kind of thing at a time (definitions, facts, cycle).
- `nodes`, `means`: a node's change from its children's; like with like, logarithmic means, coalitions.
- `leaves`: an indicator's change from its own value, the frame and estimates.
- `rules`: what bonuses, penalties, their cap and the bounds of the score make of it.
"""

from metrics.change.corrected import corrected
from metrics.change.labels import KINDS, named
from metrics.change.ledger import SCHEMA, ledger, ledgers, outcomes

__all__ = ["KINDS", "SCHEMA", "corrected", "ledger", "ledgers", "named", "outcomes"]
