"""Reviews: who reviews whom, what reviewers say of a fact or a score, whether they agree, and how they rate."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product, takewhile
from pathlib import Path
from typing import Any, Literal

import polars as pl

from data.clock import now
from data.persons import is_same, require, signed_by
from data.revisions import revisions_in, revisions_of
from data.stage_checks import Asked, stands
from data.stages import Ask, asking, numbered, place, refused, require_all, require_stage
from data.store import Store
from data.writer import Writer
from metrics.cross_review import Draw, Pair, assign
from metrics.definitions import Definitions
from metrics.problems import nearest
from metrics.regions import regions_of

Verdict = Literal["agree", "escalate"]
VERDICTS = {"agree": ("同意", "agrees"), "escalate": ("上报", "escalated"), "settle": ("裁定", "settled")}
# The largest that a store keeps.
MOST_SEED = 2**63 - 1
SETTLED_IN = ("cross_review", "third_party", "approval", "published", "objections")
_GONE_BACK = """
    SELECT 1 FROM transitions WHERE cycle = $cycle AND stage = 'audit'
    AND id > (SELECT max(step) FROM draws WHERE cycle = $cycle) LIMIT 1
"""
_DRAWN = "SELECT reviewer, reviewed FROM assignments WHERE cycle = $cycle ORDER BY reviewed, reviewer"


@dataclass(frozen=True)
class About:
    """What a remark is about: a score (`code` of a node or indicator) or a fact (a variable, its period and site)."""

    code: str = ""
    period: str = ""
    site: str = ""


def taking_part(store: Store, cycle: str) -> list[str]:
    """The regions of a cycle that are compared, among which it is drawn."""
    named = store.query("SELECT DISTINCT region FROM named")["region"].to_list()
    compare = revisions_of(store).of(cycle).definitions.compare
    return regions_of(store.regions(), named=named, compare=compare).frame.filter("compared")["code"].to_list()


def draw(store: Store, cycle: str, how: Draw, *, person: str, reason: str) -> tuple[Pair, ...]:
    """Who reviews whom in a cycle, drawn among its compared regions: pairs (reviewer, reviewed). It takes the place of
    a lot that was drawn before the cycle went back.

    Raises InputError without a reason, outside data audit and cross-review, where it is done already and the cycle has
    not gone back since, where it cannot be, and where the regions or the definitions changed while it was drawn.
    """
    require("reason", reason)
    file, among = store.definitions_path(), taking_part(store, cycle)
    before = _undrawn(store, asking(store), file, cycle)
    require_bounds(how)
    _refuse_unknown(how, among)
    # Among many regions that takes its time, in which others write.
    pairs = assign(among, how)
    with store.transaction(f"draw {cycle} {how.seed}", "run", reason=reason) as writer:
        person = signed_by(store, person)
        if _undrawn(store, writer.found, file, cycle) != before:
            raise refused("draw_moved", cycle=cycle)
        said: dict[str, Any] = {"cycle": cycle, "seed": how.seed, "person": person}
        apart = sorted("/".join(sorted(pair)) for pair in how.apart)
        known = {"share": how.share, "each": how.each, "apart": apart, "pairs": list(map("/".join, pairs))}
        writer.execute(
            "INSERT INTO draws SELECT $cycle, coalesce(max(number), 0) + 1, $seed, $share, $each, $apart, $pairs,"
            " $step, $person, $moment, $reason FROM draws WHERE cycle = $cycle",
            {**said, **known, "step": place(writer.found, cycle)[0], "reason": reason.strip()},
            moment=now(),
        )
        writer.execute("DELETE FROM assignments WHERE cycle = $cycle", {"cycle": cycle})
        for reviewer, reviewed in pairs:
            writer.execute(
                "INSERT INTO assignments VALUES ($cycle, $reviewer, $reviewed, $seed, $person, $moment)",
                {**said, "reviewer": reviewer, "reviewed": reviewed},
                moment=now(),
            )
    return pairs


def _undrawn(store: Store, ask: Ask, file: Path, cycle: str) -> tuple[str, list[tuple[Any, ...]]]:
    """What a lot is drawn among: the digest of the cycle's definitions, and the regions. Raises InputError for whoever
    may not, in another stage, and where it is drawn already."""
    require_all(store, ask, "run", cycle)
    require_stage(ask, cycle, "audit", "cross_review")
    if not may_draw(ask, cycle):
        raise refused("drawn_already", cycle=cycle)
    digest = revisions_in(lambda sql: ask(sql, {}), file).of(cycle).digest
    return digest, ask("SELECT * FROM regions ORDER BY code", {})


def may_draw(ask: Ask, cycle: str) -> bool:
    """Whether a cycle has no lot, or is in data audit again since it was drawn."""
    return not drawn_in(ask, cycle) or (place(ask, cycle)[1] == "audit" and bool(ask(_GONE_BACK, {"cycle": cycle})))


def require_bounds(how: Draw) -> None:
    """Raises InputError for a share, number or seed that is none."""
    if not (0.0 < how.share <= 1.0 and how.each >= 1):
        raise refused("draw_bounds", share=how.share, each=how.each)
    if not 0 <= how.seed <= MOST_SEED:
        raise refused("draw_seed", seed=how.seed, most=MOST_SEED)


def _refuse_unknown(how: Draw, regions: list[str]) -> None:
    """Conflicts name regions that are drawn from."""
    for code in sorted({code for pair in how.apart for code in pair} - set(regions)):
        raise refused("review_region", region=code, near=nearest(code, regions))


def drawn_in(ask: Ask, cycle: str) -> tuple[Pair, ...]:
    """The pairs that were drawn for a cycle."""
    return tuple((str(one), str(other)) for one, other in ask(_DRAWN, {"cycle": cycle}))


def drawn(store: Store, cycle: str) -> tuple[Pair, ...]:
    """The pairs (reviewer, reviewed) of a cycle, by the reviewed."""
    return drawn_in(asking(store), cycle)


def require_reviewer(store: Store, writer: Writer, cycle: str, region: str, person: str) -> str:
    """Who reviews. Raises InputError outside the stage, for a region that nobody was drawn for, and for others."""
    store.require("cross_review", regions=[region], cycle=cycle)
    person = signed_by(store, person)
    require_stage(writer.found, cycle, "cross_review")
    if region not in {reviewed for _, reviewed in drawn_in(writer.found, cycle)}:
        raise refused("not_drawn", region=region, cycle=cycle)
    return person


def remark(store: Store, cycle: str, region: str, text: str, *, about: About = About(), person: str) -> int:
    """What a reviewer says of a region, a score or a fact of it; gives the remark's number."""
    require("reason", text)
    definitions = revisions_of(store).of(cycle).definitions
    with store.transaction(f"remark {cycle} {region}", "cross_review") as writer:
        person = require_reviewer(store, writer, cycle, region, person)
        if about.code:
            _require_code(definitions, about.code, definitions.codes)
        number = numbered(writer, "remarks")
        said = {"id": number, "cycle": cycle, "region": region, "code": about.code, "period": about.period}
        writer.execute(
            "INSERT INTO remarks VALUES ($id, $cycle, $region, $code, $period, $site, $text, $person, $moment)",
            {**said, "site": about.site, "text": text.strip(), "person": person},
            moment=now(),
        )
    return number


def give_verdict(
    store: Store, cycle: str, region: str, verdict: Verdict, *, person: str, reason: str, reviewer: str = ""
) -> list[str]:
    """A reviewer agrees with what a region has, or escalates it to whoever approves results; gives for whom that was
    said. Raises InputError as `require_reviewer` and `voices` do."""
    require("reason", reason)
    if verdict not in ("agree", "escalate"):
        raise ValueError(verdict)
    spoken = voices(store, asking(store), cycle, region, person, reviewer)
    whose = " ".join((cycle, region, *spoken))
    with store.transaction(f"{verdict} {whose}", "cross_review", reason=reason) as writer:
        person = require_reviewer(store, writer, cycle, region, person)
        for one in _still(store, writer, cycle, region, person, spoken):
            _write_verdict(writer, cycle, region, one, verdict, person=person, reason=reason)
    return spoken


def speaks_for(store: Store, ask: Ask, cycle: str, region: str, person: str) -> list[str]:
    """The reviewers of a region for whom somebody speaks; where somebody holds the file, for one each."""
    drawn_ones = [reviewer for reviewer, reviewed in drawn_in(ask, cycle) if reviewed == region]
    if not store.access.whole:
        return [one for one in drawn_ones if (cycle, one, region) in store.access.latest.pairs]
    standing = stands(_asked(store, ask, cycle))
    of_region = "cycle = $cycle AND region = $region"
    sql = (
        f"SELECT reviewer, person FROM ratings WHERE {of_region} UNION ALL"
        f" SELECT reviewer, person FROM verdicts WHERE {of_region} AND {standing}"
    )
    heard: dict[str, str] = dict(ask(sql, {"cycle": cycle, "region": region}))
    own = [one for one in drawn_ones if is_same(heard.get(one, ""), person)]
    return (own or [one for one in drawn_ones if one not in heard] or drawn_ones)[:1]


def voices(store: Store, ask: Ask, cycle: str, region: str, person: str, reviewer: str = "") -> list[str]:
    """The same, or of them the one that is named; whoever holds the file may name any. Raises InputError
    (`not_speaking`) for one that they do not speak for."""
    able = speaks_for(store, ask, cycle, region, person)
    if store.access.whole and reviewer:
        able = [one for one, reviewed in drawn_in(ask, cycle) if reviewed == region]
    # Whoever speaks for none is refused where that is asked, and learns nothing of the lot.
    if not reviewer or not able:
        return able
    if reviewer not in able:
        raise refused("not_speaking", reviewer=reviewer, region=region, known=", ".join(able))
    return [reviewer]


def _still(store: Store, writer: Writer, cycle: str, region: str, person: str, spoken: list[str]) -> list[str]:
    """For whom somebody speaks, who still does: the lot may have been drawn again meanwhile."""
    return [one for name in spoken for one in voices(store, writer.found, cycle, region, person, name)]


def settle(store: Store, cycle: str, region: str, *, person: str, reason: str) -> None:
    """What was escalated about a region is settled, by somebody who sees it and escalated none of it. Raises InputError
    where nothing is."""
    require("reason", reason)
    with store.transaction(f"settle {cycle} {region}", "conclude", reason=reason) as writer:
        for right in ("conclude", "see_provisional"):
            store.require(right, regions=[region], cycle=cycle)
        person = signed_by(store, person)
        # What was settled is open again where facts of the region came in later, after publication too.
        require_stage(writer.found, cycle, *SETTLED_IN)
        standing = stands(_asked(store, writer.found, cycle))
        sql = (
            "SELECT verdict, person FROM verdicts"
            f" WHERE cycle = $cycle AND region = $region AND verdict <> 'agree' AND {standing} ORDER BY id"
        )
        found = reversed(writer.found(sql, {"cycle": cycle, "region": region}))
        escalated = [one for _, one in takewhile(lambda row: row[0] == "escalate", found)]
        if not escalated:
            raise refused("nothing_escalated", region=region, cycle=cycle)
        if any(is_same(person, one) for one in escalated):
            raise refused("own_escalation", region=region, person=person)
        _write_verdict(writer, cycle, region, "", "settle", person=person, reason=reason)


def _write_verdict(
    writer: Writer, cycle: str, region: str, reviewer: str, verdict: str, *, person: str, reason: str
) -> None:
    said = {"id": numbered(writer, "verdicts"), "cycle": cycle, "region": region, "reviewer": reviewer}
    writer.execute(
        "INSERT INTO verdicts SELECT $id, $cycle, $region, $reviewer, $verdict, $step, $person, $moment, $reason,"
        " coalesce(max(id), 0) FROM events",
        {**said, "verdict": verdict, "step": place(writer.found, cycle)[0], "person": person, "reason": reason.strip()},
        moment=now(),
    )


def rate(
    store: Store, cycle: str, region: str, ratings: Mapping[str, float], *, person: str, reviewer: str = ""
) -> list[str]:
    """A reviewer's own ratings (0–100) of nodes or indicators of a region, for those whom they speak for, who are
    given, or the one of them that is named. Raises InputError as `give_verdict` does."""
    definitions = revisions_of(store).of(cycle).definitions
    spoken = voices(store, asking(store), cycle, region, person, reviewer)
    whose = " ".join((cycle, region, *spoken))
    with store.transaction(f"rate {whose}", "cross_review") as writer:
        person = require_reviewer(store, writer, cycle, region, person)
        reviewers = _still(store, writer, cycle, region, person, spoken)
        for (code, rating), one in product(sorted(ratings.items()), reviewers):
            _require_code(definitions, code, [row.code for row in definitions.nodes()])
            if not (math.isfinite(rating) and 0.0 <= rating <= 100.0):
                raise refused("rating_bounds", value=rating)
            said = {"id": numbered(writer, "ratings"), "cycle": cycle, "region": region, "code": code}
            writer.execute(
                "INSERT INTO ratings VALUES ($id, $cycle, $region, $code, $rating, $person, $moment, $reviewer)",
                {**said, "rating": rating, "person": person, "reviewer": one},
                moment=now(),
            )
    return spoken


def _require_code(definitions: Definitions, code: str, known: Any) -> None:
    if code not in known:
        raise refused("review_code", value=code, near=nearest(code, list(known)))


def remarks(store: Store, cycle: str) -> pl.DataFrame:
    """id, cycle, region, code, period, site, text, person, made."""
    return said(store, cycle, "SELECT * FROM remarks WHERE cycle = $cycle ORDER BY id")


def verdicts(store: Store, cycle: str) -> pl.DataFrame:
    """id, cycle, region, reviewer (for whom; '' of a settlement), verdict (agree, escalate, settle), step, person,
    made, reason, event (up to which the facts were known), stands (`data.stage_checks.stands`)."""
    standing = stands(_asked(store, asking(store), cycle))
    return said(store, cycle, f"SELECT *, {standing} AS stands FROM verdicts WHERE cycle = $cycle ORDER BY id")


def _asked(store: Store, ask: Ask, cycle: str) -> Asked:
    return Asked(ask, revisions_in(lambda sql: ask(sql, {}), store.definitions_path()), cycle)


def said(store: Store, cycle: str, sql: str, **values: str) -> pl.DataFrame:
    """What a question about a cycle gives, without the regions whose results the store's person may not see."""
    found = store.query(sql, cycle=cycle, **values)
    seen = store.access.seen(cycle, published=revisions_of(store).is_public(cycle))
    return found if seen is None else found.filter(pl.col("region").is_in(seen))
