"""Unseen: what has happened to a cycle since somebody looked refuses what they would do about it."""

from data.stages import STAGES, Ask, place, refused

_STATE = "SELECT value FROM settings WHERE key = 'state'"
_LAST = "SELECT person FROM transitions WHERE id = $id"
_MOVED = "SELECT person FROM releases WHERE cycle = $cycle ORDER BY id DESC LIMIT 1"


def require_step(ask: Ask, cycle: str, step: int | None) -> None:
    """Raises InputError (`stage_moved`) where the cycle's last step is not the one (its number, 0: none) that somebody
    saw; None does not ask."""
    number, stage = place(ask, cycle)
    if step is not None and number != step:
        found = ask(_LAST, {"id": number})
        words = {f"stage_{lang}": getattr(STAGES[stage], lang) for lang in ("zh", "en")}
        raise refused("stage_moved", cycle=cycle, person=found[0][0] if found else "—", **words)


def require_state(ask: Ask, cycle: str, state: str | None) -> None:
    """Raises InputError (`results_moved`) where the store is not in the state (`Store.snapshot`) that somebody saw."""
    if state is not None and ask(_STATE, {}) != [(state,)]:
        raise refused("results_moved", cycle=cycle)


def require_release(ask: Ask, cycle: str, release: str, seen: str | None) -> None:
    """Raises InputError (`release_moved`) where the cycle's moment of release is not the one that somebody saw; None
    does not ask."""
    if seen is not None and release != seen:
        found = ask(_MOVED, {"cycle": cycle})
        raise refused("release_moved", cycle=cycle, release=release, person=found[0][0] if found else "—")
