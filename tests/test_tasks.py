"""Tasks: everybody is told what waits for them by their rights and the state of a cycle, and nothing of others."""

import shutil
from pathlib import Path

import pytest

from data.access import opened_for
from data.adjusting import decide, propose
from data.assessed import Assessment, Assessments
from data.batches import raise_to
from data.cycles import conclude
from data.due import set_deadline
from data.grants import give
from data.keys import make_key
from data.notices import draft, sign
from data.objections import answer, object_to, set_days
from data.proposals import publish
from data.rectifications import accept, demand, report
from data.republished import publish_again
from data.reviews import draw, drawn, give_verdict, settle
from data.rights import Grant, Person
from data.store import Store
from data.tasks import grants_ending, overdue, tasks
from metrics.cross_review import Draw
from pages.parts.tasks import _written
from tests.stores import store_of
from tests.test_cycles import DEFINITIONS, REGIONS, at_approval, known_as, sent

EVALUATOR, LEADER = "evaluator@", "leader@"


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four regions with their facts of 2023 and 2024."""
    made = store_of(DEFINITIONS, tmp_path_factory.mktemp("tasks"))
    for year in (2023, 2024):
        sent(made, year, dict.fromkeys(REGIONS, 5))
    return made.path


@pytest.fixture
def store(first: Path, tmp_path: Path) -> Store:
    """A store of one's own of them."""
    return Store(shutil.copyfile(first, tmp_path / "s.duckdb"))


def told(store: Store, cycle: str = "2024", **options: str) -> dict[str, tuple[str, ...]]:
    """What waits, by kind, with the regions."""
    return {task.kind: task.regions for task in tasks(store, cycle, **options)}


def moved(store: Store, stage: str, deadline: str = "") -> None:
    """The cycle is in a stage, as if all before had been done."""
    with store.transaction("stages") as writer:
        writer.execute(
            "INSERT INTO transitions SELECT coalesce(max(id), 0) + 1, '2024', 'reports', $stage, '甲', '2025-01-01',"
            " '试', $deadline FROM transitions",
            {"stage": stage, "deadline": deadline},
        )


def test_reporters_are_told_what_they_owe_and_nobody_elses(store: Store) -> None:
    """Facts that are due, with their day and whether it is over; warnings of whole batches of their own."""
    set_deadline(store, "2025", "2026-01-31", person="甲")
    sent(store, 2025, {"p2": 5, "p3": 800})
    sent(store, 2025, {"p4": 900})
    set_deadline(store, "2025", "2026-02-28", person="甲", reason="延期")
    (lacking,) = tasks(known_as(store, "reporter", "p1"), "2025", today="2026-02-28")
    assert (lacking.kind, lacking.regions, lacking.count, lacking.due, lacking.late) == (
        "facts", ("p1",), 2, "2026-02-28", False)  # fmt: skip
    (late,) = tasks(known_as(store, "reporter", "p1"), "2025", today="2026-03-01")
    assert late.late
    assert told(known_as(store, "reporter", "p2"), "2025") == {}
    (doubted,) = tasks(known_as(store, "reporter", "p4"), "2025")
    # Out of its plausible range, and a leap on the year before.
    assert (doubted.kind, doubted.count) == ("warnings", 2)
    assert told(known_as(store, "leader"), "2025") == {}


def test_batches_to_review_wait_for_whoever_reviews(store: Store) -> None:
    """In each cycle so many as have facts that nobody reviewed, of own regions; not once they are reviewed, nor once
    the cycle is published."""
    sent(store, 2024, {"p2": 6}, why="属实")
    evaluator = known_as(store, "evaluator")
    (waiting,) = (task for task in tasks(evaluator, "2024") if task.kind == "batches")
    assert (waiting.regions, waiting.count) == (REGIONS, 2)
    assert told(known_as(store, "evaluator", "p2"))["batches"] == ("p2",)
    assert "batches" not in told(known_as(store, "reporter", "p2"))
    raise_to(store, 2, "reviewed", person="甲")
    assert told(evaluator)["batches"] == ("p2",)
    raise_to(store, 3, "verified", person="甲")
    assert "batches" not in told(evaluator)
    assert told(evaluator, "2023")["batches"] == REGIONS
    publish(store, "2023", person="甲")
    assert "batches" not in told(evaluator, "2023")


def test_reviewers_are_told_whom_they_were_drawn_for_until_they_have_spoken(store: Store) -> None:
    """Before the draw it waits for whoever runs; then for each reviewer, and for nobody of another region."""
    moved(store, "cross_review", deadline="2025-05-01")
    assert "draw" in told(known_as(store, "evaluator"))
    draw(store, "2024", Draw(seed=7), person="甲", reason="抽签")
    reviewer, reviewed = drawn(store, "2024")[0]
    own = known_as(store, "reviewer", reviewer)
    (task,) = tasks(own, "2024", today="2025-05-02")
    assert (task.kind, task.regions, task.due, task.late) == ("review", (reviewed,), "2025-05-01", True)
    assert set(told(store)["review"]) == set(REGIONS)
    assert "draw" not in told(store)
    give_verdict(own, "2024", reviewed, "escalate", person=own.access.person.id, reason="有分歧")
    assert told(own) == {}
    give(store, Grant(0, "同事", "reviewer", reviewer, giver="管理员", reason="试"))
    assert told(opened_for(store, Person("同事", "同事", "oidc"))) == {}
    leader = known_as(store, "leader", provisional=True)
    assert told(leader) == {"settle": (reviewed,)}
    settle(leader, "2024", reviewed, person=LEADER, reason="维持")
    assert told(leader) == {}
    assert "settle" not in told(known_as(store, "evaluator"))


def test_nobody_is_told_to_decide_about_their_own(store: Store) -> None:
    """A proposal waits for another evaluator; what is escalated for whoever approves results."""
    moved(store, "third_party")
    own = known_as(store, "evaluator")
    number = propose(own, "2024", "p1", "one", -2.0, reason="漏报", person=EVALUATOR)
    assert "decide" not in told(own)
    assert told(store)["decide"] == ("p1",)
    (waiting,) = (task for task in tasks(store, "2024") if task.kind == "decide")
    assert waiting.about == (str(number), "−2")
    decide(store, number, "escalated", person="甲", reason="有争议")
    give(store, Grant(0, "甲", "leader", giver="管理员", reason="试", provisional=True))
    assert told(opened_for(store, Person("甲", "甲", "oidc"))) == {}
    leader = known_as(store, "leader", provisional=True)
    assert told(leader) == {"decide_escalated": ("p1",)}
    assert "decide" not in told(store)


def test_a_third_party_is_told_once(store: Store, tmp_path: Path) -> None:
    """It waits for the assessor in its stage, until figures of theirs are kept."""
    moved(store, "third_party")
    assessor = known_as(store, "assessor")
    assert told(assessor) == {"assess": ()}
    file = tmp_path / "figures.csv"
    file.write_text("试", encoding="utf-8")
    kept = Assessment("2024", "assessor@", "figures.csv", "", "", 0.0, 0.0, "", "")
    Assessments(store).keep(file, b"", kept)
    assert told(assessor) == {}


def test_approval_notice_and_publication_wait_for_whom_they_belong_to(store: Store) -> None:
    """The leader approves and signs, the evaluator writes and publishes; each only once it can be done."""
    at_approval(store)
    evaluator, leader = known_as(store, "evaluator"), known_as(store, "leader", provisional=True)
    assert (told(evaluator), told(leader)) == ({}, {"conclude": ()})
    conclude(leader, "2024", person=LEADER, reason="同意")
    assert (told(evaluator), told(leader)) == ({"step": (), "write": ()}, {})
    make_key(store)
    number = draft(evaluator, "2024", "zh", person=EVALUATOR)
    assert (told(evaluator), told(leader)) == ({"step": ()}, {"sign": ()})
    with store.transaction("worded") as writer:
        writer.execute("UPDATE notices SET person = $person", {"person": LEADER})
    assert told(leader) == {}
    with store.transaction("worded") as writer:
        writer.execute("UPDATE notices SET person = $person", {"person": EVALUATOR})
    sign(leader, "2024", "zh", number, person=LEADER)
    assert told(leader) == {}
    # What was written before the results were approved is written anew, and not signed.
    with store.transaction("older") as writer:
        writer.execute("UPDATE notices SET made = '2020-01-01'")
        writer.execute("DELETE FROM notice_signatures")
    assert (told(evaluator), told(leader)) == ({"step": (), "write": ()}, {})
    assert (why(evaluator), _written(*why(evaluator))) == (("results", "0"), "重新起草通报：原稿写在结果审定以前")


def why(store: Store) -> tuple[str, ...]:
    """Why a notice is to be written."""
    return next(task.about for task in tasks(store, "2024") if task.kind == "write")


def test_it_is_said_why_another_notice_is_wanted(store: Store) -> None:
    """There is none; the days it names were changed; another edition of the results is out."""
    make_key(store)
    publish(store, "2024", person="甲")
    evaluator = known_as(store, "evaluator")
    assert _written(*why(evaluator)) == "起草通报"
    draft(store, "2024", "zh", person="甲")
    assert "write" not in told(evaluator)
    set_days(store, "rectification_days", 30, person="甲")
    assert _written(*why(evaluator)) == "重新起草通报：对比的往期或期限的天数有变动"
    sign(store, "2024", "zh", draft(store, "2024", "zh", person="甲"), person="丙")
    assert "write" not in told(evaluator)
    sent(store, 2024, {"p1": 3}, why="核实")
    publish_again(store, "2024", person="丙", reason="更正")
    assert _written(*why(evaluator)) == "重新起草通报：结果已出第 2 版"


def test_a_stage_beyond_its_day_is_told_though_something_is_missing(store: Store) -> None:
    """On the day itself nothing is late; whoever may move a part of the regions only is not told to move the cycle."""
    sent(store, 2024, {"p1": 900})
    moved(store, "audit", deadline="2025-04-01")
    evaluator = known_as(store, "evaluator")
    assert "step" not in {task.kind for task in tasks(evaluator, "2024", today="2025-04-01")}
    late = next(task for task in tasks(evaluator, "2024", today="2025-04-02") if task.kind == "step")
    assert (late.count, late.due, late.late, late.about) == (1, "2025-04-01", True, ("cross_review",))
    assert overdue(store, "2024", today="2025-04-02") == {"stage": 1, "objection": 0, "rectification": 0}
    assert "step" not in told(known_as(store, "evaluator", "p1"), today="2025-04-02")


def test_what_follows_publication_waits_until_it_is_done(store: Store) -> None:
    """Objections for who did not file them, rectifications for the region, then for who did not report them."""
    publish(store, "2024", person="甲")
    moved(store, "objections")
    reporter, evaluator = known_as(store, "reporter", "p1"), known_as(store, "evaluator")
    objection = object_to(reporter, "2024", "p1", "有误", person="reporter@p1")
    wanted = demand(evaluator, "2024", "p1", "补装", person=EVALUATOR)
    assert told(reporter) == {"rectify": ("p1",)}
    assert told(known_as(store, "reporter", "p2")) == {}
    assert told(evaluator)["answer"] == ("p1",)
    late = tasks(evaluator, "2024", today="2999-01-01")
    assert next((task.kind, task.late) for task in late) == ("answer", True)
    assert overdue(store, "2024", today="2999-01-01") == {"stage": 0, "objection": 1, "rectification": 1}
    assert overdue(known_as(store, "reporter", "p2"), "2024", today="2999-01-01")["objection"] == 0
    report(reporter, wanted, "已装", person="reporter@p1")
    answer(evaluator, objection, "upheld", "属实", person=EVALUATOR)
    assert (told(reporter), told(evaluator)["accept"]) == ({}, ("p1",))
    accept(evaluator, wanted, "通过", person=EVALUATOR)
    assert set(told(evaluator)) <= {"step", "write"}


def test_grants_that_end_are_told_to_whoever_gives_them(store: Store) -> None:
    """Within thirty days, today's too; not those that are over, have no end, or to others."""
    for person, until in (("甲", "2025-03-31"), ("乙", "2025-03-01"), ("丙", "2025-04-01"), ("丁", "")):
        days = {"since": "2025-01-01", "until": until}
        give(store, Grant(0, person, "reporter", "p1", giver="管理员", reason="试", **days))
    give(store, Grant(0, "己", "administrator", giver="管理员", reason="试", since="2025-01-01"))
    administrator = opened_for(store, Person("己", "己", "oidc"))
    found = grants_ending(administrator, today="2025-03-01")
    assert [(task.about, task.due) for task in found] == [
        (("乙", "reporter"), "2025-03-01"), (("甲", "reporter"), "2025-03-31")]  # fmt: skip
    assert grants_ending(known_as(store, "evaluator"), today="2025-03-01") == ()
    assert tasks(administrator, "2024") == ()
