"""The cycle as a state machine: who may move it on, what must hold by then, and what is written down."""

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from data.access import opened_for
from data.adjusting import propose
from data.batches import explain_warnings, raise_to, withdraw
from data.cycles import STAGES, advance, conclude, next_steps, stage_of, standing, step_back, transitions
from data.grants import give
from data.intake import import_file
from data.proposals import approve, publish, submit
from data.republished import publish_again
from data.revisions import revisions_of
from data.rights import ROLES, Grant, Person
from data.store import Store
from metrics.problems import InputError
from tests.stores import store_of

DEFINITIONS = """
schema: 1
title: 小例
index: {code: all, name: 总, children: [{indicator: one}]}
variables:
  a: {name: 甲, unit: m2, plausible: [0, 100]}
  b: {name: 乙, unit: m2}
indicators:
  one: {name: 一, unit: "1", formula: a / b, better: higher, normalise: {method: goalposts, worst: 0, best: 10}}
"""
REGIONS = ("p1", "p2", "p3", "p4")


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four regions with their facts of 2024, of which one is out of its plausible range."""
    made = store_of(DEFINITIONS, tmp_path_factory.mktemp("cycles"))
    sent(made, 2024, {"p1": 5, "p2": 6, "p3": 7, "p4": 800})
    return made.path


@pytest.fixture
def store(first: Path, tmp_path: Path) -> Store:
    """A store of one's own of them."""
    return Store(shutil.copyfile(first, tmp_path / "s.duckdb"))


def sent(store: Store, year: int, values: dict[str, int], *, why: str = "") -> int:
    """A batch with a number of each region, its warnings explained where it is said why."""
    lines = [
        f"{region},{year},{code},{value}" for region, own in values.items() for code, value in (("a", own), ("b", 1))
    ]
    file = store.path.with_name(f"{year}-{len(lines)}-{sum(values.values())}.csv")
    file.write_text("\n".join(["region,period,variable,value", *lines]) + "\n", encoding="utf-8")
    found = import_file(store, file, sender="甲", reasons={"": why} if why else None)
    assert found.batch is not None
    return found.batch


def refused(what: Callable[[], object]) -> str:
    """The code of the problem that something ends in."""
    with pytest.raises(InputError) as caught:
        what()
    return caught.value.problems[0].code


def known_as(store: Store, role: str, region: str = "", *, provisional: bool = False) -> Store:
    """The store for somebody with one grant."""
    person = f"{role}@{region}"
    give(store, Grant(0, person, role, region, giver="管理员", reason="试", provisional=provisional))
    return opened_for(store, Person(person, person, "oidc"))


def test_a_cycle_that_nobody_moved_is_open_for_reports_and_may_begin_anew(store: Store) -> None:
    """Older stores go on; the first step is to the targets or on to the self-check, and publication needs neither."""
    assert (stage_of(store, "2024"), transitions(store, "2024")) == ("reports", ())
    assert [(step.stage, not step.missing) for step in next_steps(store, "2024")] == [
        ("targets", True),
        ("self_check", True),
    ]
    publish(store, "2024", person="甲")
    assert stage_of(store, "2024") == "published"
    advance(store, "2024", "objections", person="甲", reason="公布以后")
    assert stage_of(store, "2024") == "objections"


def test_each_step_is_written_down_with_who_why_and_until_when(store: Store) -> None:
    """Nothing of it is ever changed; a step back is one more."""
    advance(store, "2024", "targets", person="甲", reason="新年度", deadline="2025-01-31")
    advance(store, "2024", "reports", person="甲", reason="目标已下达")
    step_back(store, "2024", "targets", person="乙", reason="目标有误")
    assert [(one.before, one.stage, one.person, one.reason, one.deadline) for one in transitions(store, "2024")] == [
        ("reports", "targets", "甲", "新年度", "2025-01-31"),
        ("targets", "reports", "甲", "目标已下达", ""),
        ("reports", "targets", "乙", "目标有误", ""),
    ]


def test_no_stage_is_left_out_and_every_step_has_a_reason(store: Store) -> None:
    """A jump, an unknown stage or cycle, no reason, no person, no day: each refused, and nothing written."""
    moves = {
        "stage_order": lambda: advance(store, "2024", "audit", person="甲", reason="急"),
        "no_stage": lambda: advance(store, "2024", "done", person="甲", reason="急"),
        "no_cycle": lambda: advance(store, "2024-13", "self_check", person="甲", reason="急"),
        "reason_wanted": lambda: advance(store, "2024", "self_check", person="甲", reason=" "),
        "person_wanted": lambda: advance(store, "2024", "self_check", person="", reason="急"),
        "deadline_no_day": lambda: advance(store, "2024", "audit", person="甲", reason="试", deadline="2025-02-31"),
        "cycle_without_facts": lambda: advance(store, "2031", "self_check", person="甲", reason="急"),
    }
    assert {code: refused(move) for code, move in moves.items()} == {code: code for code in moves}
    assert transitions(store, "2024") == ()


def test_warnings_want_reasons_before_others_look(store: Store) -> None:
    """The audit ends when each warning of the cycle's batches has its reason; those of other cycles do not matter."""
    later = sent(store, 2025, {"p1": 900})
    for stage in ("self_check", "audit"):
        advance(store, "2024", stage, person="甲", reason="继续")
    (step, back) = next_steps(store, "2024")
    assert (step.stage, not step.missing, step.who, back.stage) == ("cross_review", False, ("evaluator",), "self_check")
    assert step.reasons("en") == [
        "1 warnings of 2024 have no reason yet (batches: 1): explain each, or take back a batch that was corrected"
        " (on the page Data, or by the commands warnings, reason, take-back)."
    ]
    assert refused(lambda: advance(store, "2024", "cross_review", person="甲", reason="继续")) == "cycle_warnings"
    explain_warnings(store, 1, "not_plausible", person="甲", reason="核实无误")
    advance(store, "2024", "cross_review", person="甲", reason="继续")
    assert set(store.warnings(later)["reason"]) == {""}


def at_approval(store: Store, stage: str = "approval") -> None:
    """The cycle's stages up to one, written down as if all had been done."""
    with store.transaction("stages") as writer:
        writer.execute(
            "INSERT INTO transitions SELECT coalesce(max(id), 0) + 1, '2024', 'reports', $stage, '甲', '2025-01-01',"
            " '试', '' FROM transitions",
            {"stage": stage},
        )
        writer.execute("UPDATE warnings SET reason = '核实'")


def test_a_cycle_with_stages_is_published_once_it_is_approved(store: Store) -> None:
    """Publication is refused before approval, by whatever way; a step back undoes an approval."""
    at_approval(store)
    assert refused(lambda: publish(store, "2024", person="甲")) == "not_concluded"
    assert refused(lambda: advance(store, "2024", "published", person="甲", reason="公布")) == "not_concluded"
    conclude(store, "2024", person="丙", reason="同意")
    assert refused(lambda: conclude(store, "2024", person="丙", reason="同意")) == "concluded_already"
    step_back(store, "2024", "audit", person="甲", reason="再查")
    assert refused(lambda: publish(store, "2024", person="甲")) == "wrong_stage"
    with store.transaction("stages") as writer:
        writer.execute("INSERT INTO transitions VALUES (9, '2024', 'audit', 'approval', '甲', '2025-01-01', '试', '')")
    assert refused(lambda: publish(store, "2024", person="甲")) == "not_concluded"
    conclude(store, "2024", person="丙", reason="同意")
    advance(store, "2024", "published", person="甲", reason="公布")
    assert stage_of(store, "2024") == "published"
    assert refused(lambda: step_back(store, "2024", "audit", person="甲", reason="再查")) == "stage_final"


def test_what_is_published_is_what_was_approved(store: Store) -> None:
    """Facts of the cycle that come in or go after approval want another approval; those of others do not."""
    at_approval(store)
    conclude(store, "2024", person="丙", reason="同意")
    sent(store, 2025, {"p1": 3})
    raise_to(store, 1, "reviewed", person="甲")
    batch = sent(store, 2024, {"p1": 3})
    assert refused(lambda: publish(store, "2024", person="甲")) == "concluded_before"
    assert next_steps(store, "2024")[0].reasons("zh") == [
        f"2024 的结果审定以后又有变动（批次：{batch}，或指标定义、用来比较的以前周期的新版），要重新审定。"
    ]
    conclude(store, "2024", person="丙", reason="同意更正")
    withdraw(store, batch, person="甲", reason="误报")
    assert refused(lambda: publish(store, "2024", person="甲")) == "concluded_before"
    conclude(store, "2024", person="丙", reason="同意撤回")
    sent(store, 2025, {"p2": 4})
    publish(store, "2024", person="甲")
    assert stage_of(store, "2024") == "published"


def test_nobody_approves_what_they_do_not_see(store: Store) -> None:
    """A leader who sees no results before publication approves none and publishes no other edition of them."""
    at_approval(store)
    blind = known_as(store, "leader")
    assert refused(lambda: conclude(blind, "2024", person="leader@", reason="同意")) == "denied"
    conclude(store, "2024", person="丙", reason="同意")
    publish(store, "2024", person="甲")
    sent(store, 2024, {"p1": 3}, why="更正")
    assert refused(lambda: publish_again(blind, "2024", person="leader@", reason="更正")) == "denied"
    seeing = known_as(store, "leader", provisional=True)
    assert publish_again(seeing, "2024", person="leader@", reason="更正") == 2


def test_a_warning_that_came_late_wants_its_reason_too(store: Store) -> None:
    """Approval, publication and a new edition wait for it as others' look does."""
    at_approval(store, "third_party")
    with store.transaction("warning") as writer:
        writer.execute("UPDATE warnings SET reason = ''")
    assert refused(lambda: advance(store, "2024", "approval", person="甲", reason="继续")) == "cycle_warnings"
    at_approval(store)
    sent(store, 2024, {"p1": 900})
    assert refused(lambda: conclude(store, "2024", person="丙", reason="同意")) == "cycle_warnings"
    explain_warnings(store, 2, "not_plausible", person="甲", reason="核实")
    conclude(store, "2024", person="丙", reason="同意")
    with store.transaction("warning") as writer:
        writer.execute("UPDATE warnings SET reason = ''")
    assert refused(lambda: publish(store, "2024", person="甲")) == "cycle_warnings"
    with store.transaction("warning") as writer:
        writer.execute("UPDATE warnings SET reason = '核实'")
    publish(store, "2024", person="甲")
    sent(store, 2024, {"p1": 901})
    assert refused(lambda: publish_again(store, "2024", person="丙", reason="更正")) == "cycle_warnings"


def test_other_definitions_want_another_approval(store: Store) -> None:
    """A version that comes into force for the cycle after its results were approved undoes the approval."""
    at_approval(store)
    conclude(store, "2024", person="丙", reason="同意")
    text = DEFINITIONS.replace("best: 10", "best: 20")
    approve(store, submit(store, text, based_on=1, author="甲", reason="试", from_cycle="2024"), person="乙")
    assert refused(lambda: publish(store, "2024", person="甲")) == "concluded_before"


def test_an_earlier_cycle_that_is_compared_to_counts_too_and_a_later_one_does_not(store: Store) -> None:
    """A fact of the year before wants another approval; of what came in for later years nothing is published."""
    at_approval(store)
    conclude(store, "2024", person="丙", reason="同意")
    batch = sent(store, 2023, {"p1": 3})
    assert refused(lambda: publish(store, "2024", person="甲")) == "concluded_before"
    conclude(store, "2024", person="丙", reason="同意")
    sent(store, 2025, {"p1": 3})
    publish(store, "2024", person="甲")
    assert store.query("SELECT batch FROM published").item() == batch


def test_a_cycle_that_nobody_moved_is_published_by_whoever_may_approve_results(store: Store) -> None:
    """Whoever moves the evaluation on does not go round the approval."""
    evaluator = known_as(store, "evaluator")
    assert refused(lambda: publish(evaluator, "2024", person="evaluator@")) == "denied"
    give(store, Grant(0, "evaluator@", "leader", giver="管理员", reason="试"))
    publish(opened_for(store, evaluator.access.person), "2024", person="evaluator@")


def test_a_moment_of_release_that_is_over_is_that_of_publication(store: Store) -> None:
    """The days to object are counted from when it was seen by everybody, not from a day of before."""
    publish(store, "2024", person="甲", release="2020-01-01T00:00+00:00")
    published = revisions_of(store).publications["2024"]
    assert published.day == published.made[:10]


def test_a_cycle_that_is_not_public_yet_takes_no_objections(store: Store) -> None:
    """Before the release moment the stage of objections does not begin."""
    at_approval(store)
    conclude(store, "2024", person="丙", reason="同意")
    for no_moment in ("明天九点", "0001-01-01T00:00+14:00", "9999-12-31T23:00-12:00", "2030-01-01T09:00"):
        assert refused(lambda: publish(store, "2024", person="甲", release=no_moment)) == "release_no_moment"  # noqa: B023
    publish(store, "2024", person="甲", release="2999-01-01T09:00+08:00")
    assert refused(lambda: advance(store, "2024", "objections", person="甲", reason="公布")) == "cycle_embargoed"
    assert store.query("SELECT release FROM published").item() == "2999-01-01T01:00:00+00:00"


def test_a_step_is_taken_by_whoever_may_in_all_regions_and_by_no_other_name(store: Store) -> None:
    """Each role against moving and approving; a part of the tree is not the cycle; nobody signs for others."""
    at_approval(store)
    for role in ROLES:
        own = known_as(store, role, "p1" if role == "reviewer" else "")
        name = own.access.person.id
        code = refused(lambda own=own: step_back(own, "2024", "audit", person=own.access.person.id, reason=""))
        assert code == "reason_wanted"
        may_run, may_conclude = "run" in ROLES[role], "conclude" in ROLES[role]
        if not may_run:
            assert (
                refused(lambda own=own, name=name: step_back(own, "2024", "audit", person=name, reason="试"))
                == "denied"
            )
        if not may_conclude:
            assert refused(lambda own=own, name=name: conclude(own, "2024", person=name, reason="试")) == "denied"
    part = known_as(store, "evaluator", "p1")
    assert refused(lambda: step_back(part, "2024", "audit", person="evaluator@p1", reason="试")) == "denied"
    evaluator = opened_for(store, Person("evaluator@", "evaluator@", "oidc"))
    assert refused(lambda: step_back(evaluator, "2024", "audit", person="leader@", reason="试")) == "not_yourself"
    leader = known_as(store, "leader", provisional=True)
    conclude(leader, "2024", person="leader@", reason="同意")
    step_back(evaluator, "2024", "audit", person="evaluator@", reason="试")
    assert stage_of(store, "2024") == "audit"


def test_every_stage_has_its_names_and_checks_that_exist() -> None:
    """The registry is whole."""
    from data.stage_checks import CHECKS

    assert {name for stage in STAGES.values() for name in stage.checks} == set(CHECKS)
    assert list(STAGES) == [
        *("targets", "reports", "self_check", "audit", "cross_review", "third_party", "approval", "published"),
        *("objections", "closed"),
    ]


def test_a_step_is_not_taken_from_a_stage_that_nobody_sees_any_more(store: Store) -> None:
    """Whoever acts on a page of before is refused, forward, back and at publication, although the step would be one."""
    advance(store, "2024", "self_check", person="甲", reason="继续")
    (number, stage) = standing(store, "2024")
    assert stage == "self_check"
    advance(store, "2024", "audit", person="乙", reason="继续", seen=number)
    late: dict[str, Callable[[], object]] = {
        "forward": lambda: advance(store, "2024", "cross_review", person="甲", reason="继续", seen=number),
        "back": lambda: step_back(store, "2024", "reports", person="甲", reason="再报", seen=number),
        "publish": lambda: publish(store, "2024", person="甲", reason="公布", seen=number),
    }
    assert {name: refused(move) for name, move in late.items()} == dict.fromkeys(late, "stage_moved")
    assert standing(store, "2024") == (number + 1, "audit")


def test_results_are_approved_as_they_were_seen(store: Store) -> None:
    """Facts that came in since somebody looked refuse their approval, and a new edition."""
    at_approval(store)
    state = store.snapshot()
    sent(store, 2024, {"p1": 6})
    assert refused(lambda: conclude(store, "2024", person="丙", reason="同意", seen=state)) == "results_moved"
    conclude(store, "2024", person="丙", reason="同意", seen=store.snapshot())
    publish(store, "2024", person="甲", reason="公布")
    state = store.snapshot()
    sent(store, 2024, {"p1": 7})
    again = partial(publish_again, store, "2024", person="丙", reason="更正")
    assert refused(lambda: again(seen=state)) == "results_moved"
    assert again(seen=store.snapshot()) == 2


def test_what_was_published_without_stages_stands_there(store: Store) -> None:
    """Its next step is the objections, not the self-check; whoever asks is told the same, and so is the record."""
    publish(store, "2024", person="甲")
    assert standing(store, "2024") == (0, "published")
    assert stage_of(store, "2024") == "published"
    assert [(step.stage, not step.missing) for step in next_steps(store, "2024")] == [("objections", True)]
    assert refused(lambda: step_back(store, "2024", "targets", person="甲", reason="试")) == "stage_final"
    assert propose(store, "2024", "p1", "one", 1.0, person="乙", reason="异议成立") == 1
    advance(store, "2024", "objections", person="甲", reason="受理")
    assert [(one.before, one.stage) for one in transitions(store, "2024")] == [("published", "objections")]
