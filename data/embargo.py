"""Embargo: until a published cycle is public, the moment of its release may be moved, or come at once."""

from dataclasses import dataclass

from data.clock import now
from data.persons import require, signed_by
from data.revisions import revisions_in
from data.stages import moment_of, numbered, place, refused, require_all
from data.store import Store
from data.unseen import require_release


@dataclass(frozen=True)
class Move:
    """From which moment of release (UTC) to which one, by whom, when and why."""

    before: str
    release: str
    person: str
    made: str
    reason: str


def move_release(
    store: Store, cycle: str, release: str, *, person: str, reason: str, seen: str | None = None
) -> str:
    """A published cycle that is not public yet becomes so at another moment (ISO with its offset), or now where that is
    over or ''; gives the moment (UTC).

    By whoever may publish. Raises InputError without a reason, for a cycle that is not published, for one that is
    public: that is not taken back, and where `seen` is not its moment of release any more.
    """
    require("person", person)
    require("reason", reason)
    release, file = moment_of(release), store.definitions_path()
    with store.transaction(f"release {cycle} {max(release, now())}", "run", reason=reason) as writer:
        # It may have come while another wrote.
        moment = now()
        release = max(release, moment)
        require_all(store, writer.found, "run", cycle)
        person = signed_by(store, person)
        known = revisions_in(lambda sql: writer.found(sql, {}), file).publications.get(cycle)
        if known is None:
            raise refused("cycle_unpublished", cycle=cycle)
        # Whatever the clock says by now: who could object has seen it.
        after = place(writer.found, cycle)[1] in ("objections", "closed")
        if known.released(moment) or after:
            raise refused("cycle_public", cycle=cycle, release=known.release or known.made)
        require_release(writer.found, cycle, known.release, seen)
        said = {"id": numbered(writer, "releases"), "cycle": cycle, "before": known.release, "release": release}
        writer.execute(
            "INSERT INTO releases VALUES ($id, $cycle, $before, $release, $person, $moment, $reason)",
            {**said, "person": person, "reason": reason.strip()},
            moment=moment,
        )
        writer.execute(
            "UPDATE publications SET release = $release WHERE cycle = $cycle AND release > $moment",
            {"cycle": cycle, "release": release},
            moment=moment,
        )
    return release


def moves(store: Store, cycle: str) -> tuple[Move, ...]:
    """How a cycle's moment of release was moved, in order."""
    sql = "SELECT before, release, person, made, reason FROM releases WHERE cycle = $cycle ORDER BY id"
    return tuple(Move(*row) for row in store.query(sql, cycle=cycle).rows())
