"""Rights: what each role may do, and that a store gives out and takes in no more than a person's grants allow."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from data.access import opened_for
from data.batches import explain_warnings, raise_to, refuse_late, withdraw
from data.clock import now
from data.drafts import Draft, Drafts
from data.due import set_deadline
from data.grants import access_of, give, grants, revoke
from data.intake import import_file
from data.objections import set_days
from data.persons import is_own, is_same
from data.proposals import approve, publish, send_back, submit
from data.proposals import withdraw as withdraw_version
from data.remembered import remember
from data.revisions import revisions_of
from data.rights import ACTIONS, ROLES, Access, Grant, Person, Way, everything
from data.stages import STAGES, asking
from data.store import Store
from metrics.problems import InputError
from metrics.rollup import cycles_of
from pages.parts.journalled_exports import noted
from pages.parts.taking import Order
from tests.stores import store_of

DEFINITIONS = """
schema: 1
title: 小例
index: {code: all, name: 总, children: [{indicator: one}]}
variables:
  a: {name: 甲, unit: m2}
  b: {name: 乙, unit: m2}
indicators:
  one: {name: 一, unit: "1", formula: a / b, better: higher, normalise: {method: goalposts, worst: 0, best: 10}}
"""
REGIONS = ("p", "p1", "p2", "q", "q1")
REACH = {
    "": frozenset(REGIONS), "p": frozenset({"p", "p1", "p2"}), "p1": frozenset({"p1"}), "p2": frozenset({"p2"}),
    "q": frozenset({"q", "q1"}), "q1": frozenset({"q1"}), "ring": frozenset({"p2", "q", "q1"}),
}  # fmt: skip
# Who may do what at all, as it was agreed.
AGREED = {
    "see": "leader evaluator reviewer reporter assessor auditor",
    "see_provisional": "evaluator reviewer reporter assessor auditor",
    "see_facts": "leader evaluator reviewer reporter assessor auditor",
    "send": "evaluator reporter",
    "review": "evaluator",
    "define": "evaluator",
    "approve": "leader evaluator",
    "run": "evaluator",
    "cross_review": "reviewer",
    "conclude": "leader",
    "assess": "assessor",
    "export": "leader evaluator reviewer reporter assessor",
    "object": "reporter",
    "audit": "auditor",
    "grant": "administrator",
}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two provinces with their cities; a fact of each in 2023, which is published, and one that came later."""
    made = store_of(DEFINITIONS, tmp_path_factory.mktemp("rights"))
    with made.transaction("regions") as writer:
        for code in REGIONS:
            parent = code[0] if len(code) > 1 else None
            writer.execute(
                "INSERT INTO regions (code, name_zh, name_en, parent) VALUES ($c, $c, $c, $p)", {"c": code, "p": parent}
            )
        writer.execute("INSERT INTO areas VALUES ('ring', 'ring', 'ring')")
        writer.execute("INSERT INTO area_regions VALUES ('ring', 'p2'), ('ring', 'q')")
    sent(made, 2023, 1)
    publish(made, "2023", person="甲")
    sent(made, 2023, 2)
    sent(made, 2024, 3)
    return made.path


@pytest.fixture
def store(first: Path, tmp_path: Path) -> Store:
    """A store of one's own of them."""
    return Store(shutil.copyfile(first, tmp_path / "s.duckdb"))


def sent(store: Store, year: int, value: int, regions: tuple[str, ...] = REGIONS) -> int:
    """A batch of one number for every region."""
    lines = [f"{region},{year},{variable},{value}" for region in regions for variable in ("a", "b")]
    file = store.path.with_name(f"{year}-{value}-{len(regions)}.csv")
    file.write_text("\n".join(["region,period,variable,value", *lines]) + "\n", encoding="utf-8")
    found = import_file(store, file, sender=store.access.person.id or "甲")
    assert found.batch is not None
    return found.batch


def known_as(store: Store, role: str, region: str = "", **more: object) -> Store:
    """The store for somebody with one grant."""
    person = f"{role}@{region}"
    give(store, Grant(0, person, role, region, giver="管理员", reason="试", **more))  # type: ignore[arg-type]
    return opened_for(store, Person(person, person, "oidc"))


def numbers(store: Store) -> set[tuple[str, str, float]]:
    """Every number that holds: region, period, value."""
    return {(row["region"], row["period"], row["value"]) for row in store.facts().iter_rows(named=True)}


def refused(what: Callable[[], object]) -> str:
    """The code of the problem that something ends in."""
    with pytest.raises(InputError) as caught:
        what()
    return caught.value.problems[0].code


def test_a_right_that_is_taken_back_is_gone_in_open_windows(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has the store open already changes nothing more, not even what waited for others who wrote; and what a
    page prepared for them is not given."""
    own = known_as(store, "evaluator")
    send = partial(raise_to, own, 1, "reviewed", person="evaluator@")
    waited = own._changed

    def changed(change: str) -> object:
        revoke(store, 1, person="管理员", reason="调离")
        return waited(change)

    own.require_unmoved()
    with monkeypatch.context() as patch:
        patch.setattr(own, "_changed", changed)
        assert refused(send) == "denied"
    assert refused(send) == "denied"
    assert refused(partial(Drafts(own).save, Draft("evaluator@", "w", 0, "x"))) == "denied"
    assert refused(own.require_unmoved) == "rights_moved"
    assert refused(noted(own, "a.csv", lambda: b"x")) == "rights_moved"
    screen: Any = SimpleNamespace(store=own)
    assert refused(Order(screen, ("csv",), (), ("2023",), "zh", False, "", "").content) == "rights_moved"


def test_what_is_everybodys_wants_the_right_everywhere(store: Store) -> None:
    """A version of the definitions and its approval, the days to object and a deadline: not with a part of the regions,
    nor with another cycle."""
    text = DEFINITIONS.replace("best: 10", "best: 20")
    asked = {"based_on": 0, "reason": "试", "from_cycle": "2024"}
    for part in ({"region": "p"}, {"cycles": ("2023",)}):
        for role in ("evaluator", "leader"):
            give(store, Grant(0, role + str(part), role, giver="管理员", reason="试", **part))  # type: ignore[arg-type]
        runs, leads = (opened_for(store, Person(role + str(part), role, "oidc")) for role in ("evaluator", "leader"))
        assert refused(partial(submit, runs, text, author="evaluator", **asked)) == "denied"  # type: ignore[arg-type]
        assert refused(partial(set_deadline, runs, "2024", "2025-03-31", person="甲")) == "denied"
        number = submit(store, text, author="甲", **asked)  # type: ignore[arg-type]
        assert refused(partial(approve, leads, number, person="leader")) == "denied"
        assert refused(partial(send_back, leads, number, person="leader", reason="试")) == "denied"
        withdraw_version(store, number, person="甲")
        assert refused(partial(set_days, runs, "objection_days", 1, person="evaluator")) == "denied"


def test_nobody_signs_with_anothers_name(store: Store) -> None:
    """A batch, its warnings, a deadline and a mapping are signed by whoever is signed in."""
    own = known_as(store, "evaluator")
    file = store.path.with_name("named.csv")
    file.write_text("region,period,variable,value\np1,2024,a,8\n", encoding="utf-8")
    for attempt in (
        lambda: import_file(own, file, sender="王五"),
        lambda: raise_to(own, 2, "reviewed", person="王五"),
        lambda: withdraw(own, 2, person="王五", reason="试"),
        lambda: explain_warnings(own, 2, "alike", person="王五", reason="试"),
        lambda: set_deadline(own, "2024", "2025-03-31", person="王五"),
        lambda: remember(own, "heads", "mapping: 1", person="王五"),
    ):
        assert refused(attempt) == "not_yourself"


def test_a_grant_lasts_no_longer_than_the_right_to_give_it(store: Store) -> None:
    """An administrator whose right ends gives none without an end, nor a later one; reviewers have a region."""
    own = known_as(store, "administrator", until="2999-12-01")
    for until in ("", "2999-12-02"):
        grant = Grant(0, "x", "leader", until=until, giver="administrator@", reason="试")
        assert refused(partial(give, own, grant)) == "grant_outlasts"
    give(own, replace(grant, until="2999-12-01"))
    assert refused(partial(give, own, replace(grant, role="reviewer", until="2999-12-01"))) == "reviewer_region"


def test_a_grant_lasts_no_longer_than_the_right_to_give_it_where_it_holds(store: Store) -> None:
    """A right without an end elsewhere, in one cycle, or taken back since the window was opened prolongs none."""
    last, asked = "2999-12-01", Grant(0, "x", "leader", "p1", giver="a", reason="试")
    held = [("p1", (), last), ("p2", (), ""), ("p", ("2024",), ""), ("q", (), "")]
    for region, cycles, until in held:
        give(store, Grant(0, "a", "administrator", region, cycles, until=until, giver="丁", reason="试"))
    own = opened_for(store, Person("a", "a", "oidc"))
    assert refused(partial(give, own, asked)) == "grant_outlasts"
    elsewhere = (replace(asked, region="p2"), replace(asked, region="ring"))
    for longer in (*elsewhere, replace(asked, cycles=("2024",)), replace(asked, until=last)):
        give(own, longer)
    give(store, Grant(0, "a", "administrator", "p2", until=last, giver="丁", reason="试"))
    revoke(store, 2, person="丁", reason="试")
    for longer in elsewhere:
        assert refused(partial(give, own, longer)) == "grant_outlasts"


def test_a_batch_is_moved_by_whoever_may_in_its_cycles(store: Store) -> None:
    """One of 2024 is neither reviewed, taken back nor replaced with a right in 2023."""
    own = known_as(store, "evaluator", cycles=("2023",))
    file = store.path.with_name("own.csv")
    file.write_text("region,period,variable,value\np1,2023,a,7\n", encoding="utf-8")
    name = "evaluator@"
    assert refused(partial(raise_to, own, 3, "reviewed", person=name)) == "denied"
    assert refused(partial(withdraw, own, 3, person=name, reason="试")) == "denied"
    assert refused(partial(import_file, own, file, sender=name, replaces=3)) == "denied"
    raise_to(own, 2, "reviewed", person=name)


@pytest.mark.parametrize("stage", list(STAGES))
def test_what_others_look_at_is_changed_by_whoever_moves_the_evaluation_on(store: Store, stage: str) -> None:
    """From cross-review until publication a reporter sends no facts of the cycle and takes none back, whatever stage
    the other cycles are in; before and afterwards each role as it was agreed."""
    reporter, evaluator = known_as(store, "reporter", "p1"), known_as(store, "evaluator")
    with store.transaction("stage") as writer:
        writer.execute("INSERT INTO transitions VALUES (1, '2024', '', $to, '甲', '', '试', '')", {"to": stage})
    late = stage in ("cross_review", "third_party", "approval")
    facts = {year: pl.DataFrame({"region": ["p1"], "period": [year]}) for year in ("2022", "2024")}
    calendar = cycles_of(revisions_of(store).latest.definitions)
    for own in (store, reporter, evaluator):
        refuse_late(own, asking(own), facts["2022"], calendar)
    refuse_late(evaluator, asking(store), facts["2024"], calendar)
    attempt = partial(refuse_late, reporter, asking(store), facts["2024"], calendar)
    assert (refused(attempt) if late else attempt()) == ("facts_late" if late else None)
    if stage == "approval":
        assert refused(partial(sent, reporter, 2024, 9, ("p1",))) == "facts_late"
        batch = sent(evaluator, 2024, 9, ("p1",))
        assert refused(partial(withdraw, reporter, batch, person="reporter@p1", reason="试")) == "facts_late"
        # Nor do facts of the cycle go, or come again, by a batch of another that takes their place.
        other = store.path.with_name("other.csv")
        other.write_text("region,period,variable,value\np1,2022,a,3\n", encoding="utf-8")
        instead = partial(import_file, sender="reporter@p1", replaces=batch)
        assert refused(partial(instead, reporter, other)) == "facts_late"
        later = instead(store, other).batch
        assert refused(partial(withdraw, reporter, later, person="reporter@p1", reason="试")) == "facts_late"
        withdraw(store, later, person="甲", reason="试")
        withdraw(evaluator, batch, person="evaluator@", reason="试")


@pytest.mark.parametrize(("role", "region"), [("reporter", "q1"), ("evaluator", ""), ("reviewer", "q1")])
def test_nobody_reviews_what_they_report(store: Store, role: str, region: str) -> None:
    """Whoever sends facts of the region that theirs was drawn to review, or was granted that one too, passes it by."""
    with store.transaction("draw") as writer:
        writer.execute("INSERT INTO assignments VALUES ('2024', 'p1', 'q1', 1, '', $made)", {"made": now()})
    for one, where in (("reviewer", "p1"), (role, region)):
        give(store, Grant(0, "x", one, where, giver="管理员", reason="试"))
    seen = opened_for(store, Person("x", "x", "oidc"))
    assert not seen.access.may("cross_review", region="q1", cycle="2024")


@pytest.mark.parametrize("role", list(ROLES))
def test_a_role_may_do_what_was_agreed_where_it_was_granted(role: str) -> None:
    """Every action in every region, however it was granted: allowed exactly by the table and in the subtree."""
    assert set(AGREED) == set(ACTIONS) - {""}
    for region, inside in REACH.items():
        access = Access(Person("x", "x", "oidc"), (Grant(1, "x", role, region),), REACH)
        for action, one in product(AGREED, REGIONS):
            allowed = role in AGREED[action].split() and one in inside
            assert access.may(action, region=one) is allowed, (region, action, one)
            if allowed:
                access.require(action, regions=[one])
            else:
                assert refused(partial(access.require, action, regions=[one])) == "denied"


def test_a_grant_reaches_what_lies_below_its_region_or_area(store: Store) -> None:
    """A region's subtree; an area's members with theirs."""
    found = known_as(store, "auditor").access.reach
    assert found == {code: below for code, below in REACH.items() if code}


def test_a_reviewer_reviews_whom_the_lot_gave(store: Store) -> None:
    """In that cycle, and nobody else."""
    with store.transaction("lot") as writer:
        writer.execute("INSERT INTO assignments VALUES ('2024', 'p1', 'q1', 1, '', $made)", {"made": now()})
    access = known_as(store, "reviewer", "p").access
    assert access.regions("cross_review", cycle="2024") == {"q1"}
    assert access.regions("cross_review", cycle="2023") == frozenset()
    assert not known_as(store, "reviewer", "q").access.may("cross_review")


def test_a_reviewer_without_a_lot_sees_nothing(store: Store) -> None:
    """Whom a region reviews follows from the lot alone, never from the grant."""
    assert numbers(known_as(store, "reviewer", "p")) == set()


def test_rows_outside_a_grant_never_leave_the_store(store: Store) -> None:
    """Facts, as of any moment, batches, what was refused, rolled numbers: only the granted regions' and cycles'."""
    one = known_as(store, "reporter", "p1")
    assert numbers(one) == {("p1", "2023", 2.0), ("p1", "2024", 3.0)}
    assert set(one.facts(as_of=1)["region"]) == {"p1"}
    for table in ("facts", "current_facts", "named"):
        assert one.query(f"SELECT DISTINCT region FROM {table}")["region"].to_list() == ["p1"], table
    assert one.query("SELECT region FROM rolled").is_empty()
    # A batch with facts of others is seen, but not what others were told about it.
    with store.transaction("refused") as writer:
        writer.execute("INSERT INTO rejections VALUES (1, 1, 'value', 'bad_number', 'q secret')")
        writer.execute("INSERT INTO warnings VALUES (1, 1, 'value', 'heaping', 'q secret', '', '')")
    own = sent(store, 2022, 5, ("p1",))
    assert one.query("SELECT * FROM rejections").is_empty()
    assert one.warnings(1).is_empty()
    assert one.batches()["id"].to_list() == [own, 3, 2, 1]
    assert known_as(store, "reporter", "q1").batches()["id"].to_list() == [3, 2, 1]
    assert known_as(store, "administrator").facts().is_empty()


def test_a_leader_sees_what_was_published_and_nothing_since(store: Store) -> None:
    """Not the correction that came after the publication, nor the cycle that is open, unless that was granted."""
    leader = known_as(store, "leader", "q")
    event = store.query("SELECT event FROM publications")["event"][0]
    assert set(leader.facts(as_of=event).select("region", "period", "value").rows()) == {
        ("q", "2023", 1.0), ("q1", "2023", 1.0)
    }  # fmt: skip
    assert not {2.0, 3.0} & {value for _, _, value in numbers(leader)}
    assert known_as(store, "leader", "q1", provisional=True).facts()["value"].to_list() == [2.0, 2.0, 3.0, 3.0]


def test_an_assessor_sees_the_cycles_that_were_assigned(store: Store) -> None:
    """Facts of others' cycles stay where they are."""
    assert {period for _, period, _ in numbers(known_as(store, "assessor", cycles=("2024",)))} == {"2024"}


def test_nothing_is_written_without_the_right(store: Store) -> None:
    """Every change names its right; one that names none is for whoever holds the file."""
    auditor, reporter = known_as(store, "auditor"), known_as(store, "reporter", "p1")
    before, text = store.snapshot(), DEFINITIONS.replace("小例", "大例")
    change = {"based_on": 1, "author": "乙", "reason": "试", "from_cycle": "2025"}
    for attempt in (
        lambda: auditor.transaction("anything").__enter__(),
        lambda: sent(auditor, 2025, 1),
        lambda: sent(reporter, 2025, 1),
        lambda: withdraw(auditor, 1, person="乙", reason="试"),
        # Its facts are of others too.
        lambda: withdraw(reporter, 1, person="乙", reason="试"),
        lambda: raise_to(reporter, 1, "reviewed", person="乙"),
        lambda: submit(reporter, text, **change),  # type: ignore[arg-type]
        lambda: approve(reporter, 1, person="乙"),
        lambda: publish(reporter, "2024", person="乙"),
        lambda: give(reporter, Grant(0, "乙", "leader", giver="丙", reason="试")),
        lambda: revoke(reporter, 1, person="乙", reason="试"),
    ):
        assert refused(attempt) == "denied"
    assert store.snapshot() == before
    assert sent(reporter, 2025, 1, ("p1",)) == 4


def test_a_grant_begins_and_ends_by_day_and_by_revocation(store: Store) -> None:
    """What has not begun, is over or was revoked allows nothing; it stays on record."""
    days = (("2000-01-01", "2000-12-31", False), ("2999-01-01", "", False), ("", "2999-01-01", True))
    for since, until, holds in days:
        found = known_as(store, "auditor", "p1", since=since, until=until).access
        assert bool(found.grants) is holds, (since, until)
        revoke(store, len(grants(store)), person="管理员", reason="试")
        assert not access_of(store, found.person).grants
    assert [bool(one.revoked) for one in grants(store)] == [True] * 3


@pytest.mark.parametrize(
    ("grant", "code"),
    [
        (Grant(0, " ", "leader", giver="甲", reason="试"), "person_wanted"),
        (Grant(0, "乙", "leader", giver="甲"), "reason_wanted"),
        (Grant(0, "Ａ@x ", "leader", giver="a@X", reason="试"), "own_grant"),
        (Grant(0, "乙", "chief", giver="甲", reason="试"), "unknown_role"),
        (Grant(0, "乙\ufe0f", "leader", giver="甲", reason="试"), "person_unseen"),
        (Grant(0, "乙\u200b丙", "leader", giver="甲", reason="试"), "person_unseen"),
        (Grant(0, "乙", "administrator", provisional=True, giver="甲", reason="试"), "provisional_unseen"),
        (Grant(0, "乙", "leader", cycles=("2024", "abc"), giver="甲", reason="试"), "no_cycle"),
        (Grant(0, "乙", "leader", "p9", giver="甲", reason="试"), "grant_region"),
        (Grant(0, "乙", "leader", until="tomorrow", giver="甲", reason="试"), "deadline_no_day"),
        (Grant(0, "乙", "leader", until="2999-02-31", giver="甲", reason="试"), "deadline_no_day"),
        (Grant(0, "乙", "leader", until="2001-01-01", giver="甲", reason="试"), "grant_ends_first"),
    ],
)
def test_a_grant_that_says_nothing_is_refused(store: Store, grant: Grant, code: str) -> None:
    """By whom, to whom, which role, where, until when and why must all be known."""
    assert refused(lambda: give(store, grant)) == code
    assert grants(store) == ()


def test_a_grant_for_no_cycle_locks_nobody_out(store: Store) -> None:
    """One that is on record opens nothing, and closes nothing that other grants open."""
    own = known_as(store, "auditor", "p1")
    with store.transaction("grant") as writer:
        lost = "2 AS number, 'q' AS region, ['abc'] AS cycles"
        writer.execute(f"INSERT INTO grants SELECT * REPLACE ({lost}) FROM grants")
    again = opened_for(store, own.access.person)
    assert len(again.access.grants) == 2
    assert numbers(own)
    assert numbers(again) == numbers(own)


def test_nobody_grants_beyond_their_own_right(store: Store) -> None:
    """Neither in another part of the tree nor in other cycles, and nobody ends what is beyond it."""
    give(store, Grant(0, "else", "leader", "q", giver="丁", reason="试"))
    half = known_as(store, "administrator", "p", cycles=("2024",))
    name = half.access.person.id
    inside = Grant(0, "x", "leader", "p1", ("2024",), giver=name, reason="试")
    assert give(half, inside) == 3
    for change in ({"region": ""}, {"region": "q1"}, {"region": "ring"}, {"cycles": ()}, {"cycles": ("2023", "2024")}):
        assert refused(partial(give, half, replace(inside, **change))) == "denied", change  # type: ignore[arg-type]
    assert refused(partial(revoke, half, 1, person=name, reason="试")) == "denied"
    revoke(half, 3, person=name, reason="试")


def test_all_regions_of_today_are_not_all(store: Store) -> None:
    """Whoever has a right in a region that every other lies in has none in those to come: they give it to nobody, and
    what is everybody's is not theirs."""
    with store.transaction("root") as writer:
        writer.execute("INSERT INTO regions (code, name_zh, name_en) VALUES ('r', 'r', 'r')")
        writer.execute("UPDATE regions SET parent = 'r' WHERE code <> 'r' AND parent IS NULL")
    own, runs = known_as(store, "administrator", "r"), known_as(store, "evaluator", "r")
    wanted = Grant(0, "x", "auditor", "r", giver="administrator@r", reason="试")
    give(own, wanted)
    assert refused(partial(give, own, replace(wanted, region=""))) == "denied"
    assert not runs.access.throughout("run")
    assert refused(partial(set_days, runs, "objection_days", 1, person="evaluator@r")) == "denied"


def test_a_right_that_ends_while_a_file_is_looked_at_stores_nothing(store: Store) -> None:
    """Of all its regions, though it holds for some of them still."""
    for region in ("p1", "q1"):
        give(store, Grant(0, "a@x", "reporter", region, giver="管理员", reason="试"))
    own = opened_for(store, Person("a@x", "a@x", "oidc"))
    file, before = store.path.with_name("two.csv"), numbers(store)
    file.write_text("region,period,variable,value\np1,2024,a,9\nq1,2024,a,9\n", encoding="utf-8")
    end = partial(revoke, store, 2, person="管理员", reason="调离")
    assert refused(partial(import_file, own, file, sender="a@x", look=lambda _: end())) == "denied"
    assert numbers(store) == before


def test_nobody_verifies_what_they_send_by_saying_so(store: Store) -> None:
    """A file that calls its facts reviewed or verified wants the right to review them; an evaluator has it."""
    file, before = store.path.with_name("status.csv"), numbers(store)
    reporter, evaluator = known_as(store, "reporter", "p1"), known_as(store, "evaluator", "p")
    for status in ("reviewed", "verified"):
        file.write_text(f"region,period,variable,value,status\np1,2024,a,9,{status}\n", encoding="utf-8")
        assert refused(partial(import_file, reporter, file, sender="reporter@p1")) == "denied"
        assert numbers(store) == before
    assert import_file(evaluator, file, sender="evaluator@p").accepted == 1
    file.write_text("region,period,variable,value,status\np1,2024,a,8,reported\n", encoding="utf-8")
    assert import_file(reporter, file, sender="reporter@p1").accepted == 1


def test_whoever_is_signed_in_signs_by_their_id(store: Store) -> None:
    """Two may share a name, and a name may be changed: neither makes an approval of one's own another's."""
    text, change = DEFINITIONS.replace("小例", "大例"), {"based_on": 1, "reason": "试", "from_cycle": "2025"}
    known_as(store, "evaluator")
    one = opened_for(store, Person("evaluator@", "李", "oidc"))
    renamed = opened_for(store, Person("evaluator@", "李丽", "oidc"))
    give(store, Grant(0, "other@", "evaluator", giver="丁", reason="试"))
    other = opened_for(store, Person("other@", "李", "oidc"))
    number = submit(one, text, author="李", **change)  # type: ignore[arg-type]
    assert refused(partial(approve, renamed, number, person="李丽")) == "own_approval"
    assert refused(partial(approve, renamed, number, person="王")) == "not_yourself"
    approve(other, number, person="李")
    found = revisions_of(store).latest
    assert (found.author, found.decided_by) == ("evaluator@", "other@")


@pytest.mark.parametrize("alike", ["b@x\u200b", "ｂ@x", "B@x", " b@x"])
def test_nothing_is_given_to_an_account_that_looks_alike(store: Store, alike: str) -> None:
    """What somebody proposed or is writing is theirs by exactly their id; to refuse, what looks alike is one person."""
    text, change = DEFINITIONS.replace("小例", "大例"), {"based_on": 0, "reason": "试", "from_cycle": "2025"}

    def opened(name: str) -> Store:
        return store.seen_with(Access(Person(name, name, "oidc"), (Grant(1, name, "evaluator"),)), None)

    own, other = opened("b@x"), opened(alike)
    number = submit(own, text, author="b@x", **change)  # type: ignore[arg-type]
    draft = Drafts(own).save(Draft("b@x", "w1", 1, "a"))
    assert refused(partial(withdraw_version, other, number, person=alike)) == "not_the_author"
    assert refused(partial(approve, other, number, person=alike)) == "own_approval"
    assert [Drafts(one).of(name) for one in (other, own) for name in (alike, "b@x")] == [(), (), (), (draft,)]
    assert is_same("b@x", alike)
    assert not is_own(other.access, "b@x", person=alike)
    assert not is_own(own.access, "", person="")
    withdraw_version(own, number, person="b@x")


@pytest.mark.parametrize("way", ["local", "command"])
def test_names_that_people_give_themselves_are_compared_as_they_are_typed(way: Way) -> None:
    """Blanks, width and case are slips there; in nobody's name nothing is anybody's."""
    access = everything("", way)
    assert is_own(access, "Ａ 甲", person="a甲 ")
    assert not is_own(access, "甲", person="乙")
    assert not is_own(access, "", person="")


def test_without_a_look_ahead_nothing_is_seen_before_it_is_public() -> None:
    """Whatever was granted."""
    held = (Grant(1, "x", "evaluator"),)
    for early, published, seen in ((True, False, None), (False, False, frozenset()), (False, True, None)):
        access = Access(Person("x", "x", "oidc"), held, REACH, early=early)
        assert access.seen("2024", published=published) == seen


def test_who_may_is_named_as_each_language_lists() -> None:
    """In a refusal, without another language's commas."""
    with pytest.raises(InputError) as refused:
        Access(Person("x", "x", "oidc")).require("send")
    assert "评估人员、填报人员。" in refused.value.problems[0].message("zh")
    assert "evaluator, reporter." in refused.value.problems[0].message("en")
