"""Agreed: the adjustments that count, as of a decision about them."""

from data.stages import Ask
from data.store import Store
from metrics.adjustments import Adjustment

_AGREED = """
    SELECT a.id AS number, a.cycle AS period, a.region, a.node, a.points, a.reason, d.person AS by, a.evidence
    FROM adjustments AS a JOIN (
        SELECT * FROM adjustment_decisions WHERE id <= $last
        QUALIFY row_number() OVER (PARTITION BY adjustment ORDER BY id DESC) = 1
    ) AS d ON d.adjustment = a.id
    WHERE d.decision = 'agreed' ORDER BY a.id
"""
# Of all decisions that there will be.
_NEWEST = 2**31 - 1


def agreed(store: Store, last: int | None = None) -> tuple[Adjustment, ...]:
    """The adjustments of all cycles that are agreed on; as of a decision, where one is named."""
    found = store.query(_AGREED, last=last_decision(store) if last is None else last)
    return tuple(Adjustment(**{**row, "evidence": tuple(row["evidence"])}) for row in found.iter_rows(named=True))


def agreed_in(ask: Ask, cycle: str, last: int | None = None) -> list[int]:
    """The numbers of the adjustments of a cycle that are agreed on; as of a decision, where one is named."""
    sql = f"SELECT number FROM ({_AGREED}) WHERE period = $cycle ORDER BY number"
    return [number for (number,) in ask(sql, {"last": _NEWEST if last is None else last, "cycle": cycle})]


def last_decision(store: Store) -> int:
    """The number of the last decision about an adjustment; 0 for none."""
    return int(store.query("SELECT coalesce(max(id), 0) AS id FROM adjustment_decisions")["id"][0])
