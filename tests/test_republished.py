"""Later editions of a published cycle, the embargo before it is public, and who may take what away."""

import shutil
from functools import partial
from pathlib import Path

import polars as pl
import pytest

from data.__main__ import main
from data.access import opened_for
from data.adjusting import decide, propose
from data.batches import withdraw
from data.clock import here, now
from data.editions import editions
from data.embargo import move_release, moves
from data.exports import leave, may_export
from data.grants import give
from data.notices import draft, written
from data.proposals import publish
from data.republished import edition_card, edition_changes, publish_again, upcoming_changes
from data.revisions import editions_of, revisions_of
from data.rights import Grant, Person
from data.store import Store
from metrics.problems import InputError
from metrics.scorecard import Scorecard
from metrics.states import Standing
from tests.stores import store_of
from tests.test_cycles import DEFINITIONS, known_as, refused, sent

LATER = "2999-01-01T09:00+08:00"


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two years of four regions."""
    made = store_of(DEFINITIONS, tmp_path_factory.mktemp("again"))
    for year in (2023, 2024):
        sent(made, year, {"p1": 5, "p2": 6, "p3": 7, "p4": 8})
    return made.path


@pytest.fixture
def store(first: Path, tmp_path: Path) -> Store:
    """A store of one's own of them."""
    return Store(shutil.copyfile(first, tmp_path / "s.duckdb"))


def composites(card: Scorecard, period: str = "2024") -> list[float]:
    """The composites of a cycle, by region."""
    rows = card.frame.filter(pl.col("code") == "all", pl.col("period") == period)
    return [round(score, 9) for score in rows["score"]]


def adjusted(store: Store, points: float) -> None:
    """An adjustment that was agreed on after publication."""
    number = propose(store, "2024", "p1", "one", points, person="乙", reason="异议成立")
    decide(store, number, "agreed", person="甲", reason="核实")


def test_a_published_cycle_stays_until_a_new_edition_says_why(store: Store) -> None:
    """New facts and adjustments change nothing by themselves; the next edition has both, and the older one is there."""
    publish(store, "2024", person="甲")
    sent(store, 2024, {"p2": 3}, why="更正")
    adjusted(store, 4.0)
    assert composites(editions(store).card("2024")) == [50.0, 60.0, 70.0, 80.0]
    assert publish_again(store, "2024", person="丙", reason="更正") == 2
    assert composites(editions(store).card("2024")) == [54.0, 30.0, 70.0, 80.0]
    assert composites(edition_card(store, "2024", 1)) == [50.0, 60.0, 70.0, 80.0]
    assert composites(edition_card(store, "2024", 2)) == [54.0, 30.0, 70.0, 80.0]
    sent(store, 2024, {"p3": 1}, why="更正")
    assert composites(edition_card(store, "2024", 2)) == [54.0, 30.0, 70.0, 80.0]
    assert [(one.edition, one.person, one.reason) for one in editions_of(store, "2024")] == [
        (1, "甲", ""), (2, "丙", "更正")]  # fmt: skip
    assert refused(lambda: edition_card(store, "2024", 3)) == "no_such_edition"


def test_the_ledger_of_an_edition_adds_up(store: Store) -> None:
    """Whatever changed between two editions is told by what it came from, to the last point."""
    publish(store, "2024", person="甲")
    sent(store, 2024, {"p2": 3}, why="更正")
    adjusted(store, 4.0)
    publish_again(store, "2024", person="丙", reason="更正")
    terms, _, corrected = edition_changes(store, "2024", 2)
    totals = dict(terms.group_by("region").agg(pl.col("term").sum().round(9)).iter_rows())
    assert totals == {"p1": 4.0, "p2": -30.0}
    assert terms.filter(pl.col("region") == "p1")["code"].to_list() == ["adjustment-1"]
    assert [row[:1] + row[2:] for row in corrected.rows()] == [("p2", 6.0, 3.0)]
    assert refused(lambda: edition_changes(store, "2024", 1)) == "first_edition"


def test_an_edition_without_a_change_or_reason_is_refused(store: Store) -> None:
    """Whatever came in for later cycles; so is one of a cycle that is not published, with an open adjustment, and by
    whoever may not approve."""
    assert refused(lambda: publish_again(store, "2024", person="丙", reason="更正")) == "cycle_unpublished"
    publish(store, "2024", person="甲")
    sent(store, 2025, {"p2": 3})
    assert refused(lambda: publish_again(store, "2024", person="丙", reason="更正")) == "edition_same"
    sent(store, 2024, {"p2": 3}, why="更正")
    assert refused(lambda: publish_again(store, "2024", person="丙", reason="")) == "reason_wanted"
    evaluator = known_as(store, "evaluator")
    assert refused(lambda: publish_again(evaluator, "2024", person="evaluator@", reason="更正")) == "denied"
    adjusted(store, 1.0)
    propose(store, "2024", "p2", "one", 1.0, person="乙", reason="试")
    assert refused(lambda: publish_again(store, "2024", person="丙", reason="更正")) == "adjustments_open"


def test_what_ends_where_it_began_is_no_change(store: Store) -> None:
    """An adjustment that was refused, or agreed and taken back; facts that came and went, or say what held before."""
    publish(store, "2024", person="甲")
    for decisions in (["refused"], ["agreed", "refused"]):
        number = propose(store, "2024", "p1", "one", 1.0, person="乙", reason="试")
        for decision in decisions:
            decide(store, number, decision, person="甲", reason="试")  # type: ignore[arg-type]
    withdraw(store, sent(store, 2024, {"p2": 3}, why="更正"), person="甲", reason="误报")
    sent(store, 2024, {"p2": 6}, why="重报")
    for again in (partial(publish_again, person="丙", reason="更正"), upcoming_changes):
        assert refused(lambda: again(store, "2024")) == "edition_same"  # noqa: B023
    number = propose(store, "2024", "p1", "one", 1.0, person="乙", reason="试")
    decide(store, number, "agreed", person="甲", reason="试")
    assert publish_again(store, "2024", person="丙", reason="更正") == 2
    decide(store, number, "refused", person="丙", reason="撤销")
    assert publish_again(store, "2024", person="丙", reason="撤销") == 3


def test_another_edition_of_the_cycle_before_allows_one_of_the_next(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The notice compares to it; once, and not to one that is not public."""
    publish(store, "2023", person="甲")
    publish(store, "2024", person="甲")
    number = propose(store, "2023", "p1", "one", -3.0, person="乙", reason="试")
    decide(store, number, "agreed", person="甲", reason="试")
    again = partial(publish_again, store, person="丙", reason="更正")
    assert refused(lambda: again("2024")) == "edition_same"
    before = written(store, "2024", "zh")
    assert again("2023") == 2
    assert written(store, "2024", "zh") != before
    assert again("2024") == 2
    assert refused(lambda: again("2024")) == "edition_same"


def test_before_the_release_only_who_sees_provisional_results_sees_it(store: Store) -> None:
    """The leader's facts and files wait for the moment; a new edition is not public before the one it follows."""
    publish(store, "2023", person="甲")
    publish(store, "2024", person="甲", release=LATER)
    leader, evaluator, auditor = (known_as(store, role) for role in ("leader", "evaluator", "auditor"))
    assert set(leader.facts()["period"]) == {"2023"}
    assert set(evaluator.facts()["period"]) == {"2023", "2024"}
    allowed = {cycle: may_export(leader, "", cycle) for cycle in ("2023", "2024")}
    assert [(one.allowed, one.state) for one in allowed.values()] == [(True, "published"), (False, "final")]
    assert may_export(evaluator, "", "2024").allowed
    assert not may_export(auditor, "", "2023").allowed
    assert refused(lambda: leave(leader, "领导", ["2023", "2024"])) == "export_refused"
    assert leave(evaluator, "", ["2023", "2024"]) == Standing("final", here(LATER))
    sent(store, 2024, {"p2": 3}, why="更正")
    publish_again(store, "2024", person="丙", reason="更正")
    assert [one.release for one in editions_of(store, "2024")] == ["2999-01-01T01:00:00+00:00"] * 2
    assert not editions_of(store, "2024")[1].released(now())


def test_a_release_is_moved_until_it_has_come(store: Store) -> None:
    """Later, earlier or at once, for every edition that waits, by whoever may publish; each move stays with its reason,
    and what is public is not taken back."""
    assert refused(lambda: move_release(store, "2024", LATER, person="甲", reason="等")) == "cycle_unpublished"
    publish(store, "2024", person="甲", release=LATER)
    sent(store, 2024, {"p2": 3}, why="更正")
    publish_again(store, "2024", person="丙", reason="更正")
    leader = known_as(store, "leader")
    assert refused(lambda: move_release(leader, "2024", "", person="leader@", reason="快")) == "denied"
    assert refused(lambda: move_release(store, "2024", "2998-02-30", person="甲", reason="等")) == "release_no_moment"
    assert refused(lambda: move_release(store, "2024", "", person="甲", reason=" ")) == "reason_wanted"
    earlier = "2998-01-01T01:00:00+00:00"
    assert move_release(store, "2024", "2998-01-01T09:00+08:00", person="甲", reason="等通报") == earlier
    assert [one.release for one in editions_of(store, "2024")] == [earlier] * 2
    assert known_as(store, "leader").facts().is_empty()
    moment = move_release(store, "2024", "2001-01-01T00:00+08:00", person="乙", reason="已见报")
    assert moment <= now() < earlier
    assert set(known_as(store, "leader").facts()["period"]) == {"2024"}
    later = "2999-01-01T01:00:00+00:00"
    assert [(one.before, one.release, one.person, one.reason) for one in moves(store, "2024")] == [
        (later, earlier, "甲", "等通报"), (earlier, moment, "乙", "已见报")]  # fmt: skip
    assert refused(lambda: move_release(store, "2024", LATER, person="甲", reason="收回")) == "cycle_public"


def test_a_release_that_comes_while_another_writes_is_not_moved(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What counts is the moment at which it is written."""
    publish(store, "2024", person="甲", release="2998-01-01T00:00:00+00:00")
    times = iter(("2997-12-31T23:59:59+00:00", "2998-01-01T00:00:01+00:00"))
    monkeypatch.setattr("data.embargo.now", lambda: next(times))
    assert refused(lambda: move_release(store, "2024", LATER, person="甲", reason="等")) == "cycle_public"


def test_what_was_public_is_not_hidden_by_a_clock_that_is_set_back(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once regions may object the release has come, whatever the clock says by now."""
    publish(store, "2024", person="甲", release="2998-01-01T00:00:00+00:00")
    with store.transaction("stages") as writer:
        writer.execute(
            "INSERT INTO transitions SELECT coalesce(max(id), 0) + 1, '2024', 'published', 'objections', '甲',"
            " '2998-01-02', '试', '' FROM transitions"
        )
    assert refused(lambda: move_release(store, "2024", LATER, person="甲", reason="收回")) == "cycle_public"


def test_the_day_of_publication_is_the_clocks_though_a_notice_is_dated_ahead(store: Store) -> None:
    """Its moment is later than that notice's, so that the order shows; regions object from the day of the clock."""
    draft(store, "2024", "zh", person="甲")
    with store.transaction("ahead") as writer:
        writer.execute("UPDATE notices SET made = '2999-01-01T00:00:00+00:00'")
    publish(store, "2024", person="甲")
    published = revisions_of(store).publications["2024"]
    assert (published.made, published.day) == ("2999-01-01T00:00:01+00:00", now()[:10])
    assert published.released(now())


def test_a_release_that_another_moved_is_not_moved_unseen(store: Store) -> None:
    """What somebody saw is compared with what holds; who moved it is told, and nothing becomes public."""
    publish(store, "2024", person="甲", release=LATER)
    drawn = revisions_of(store).publications["2024"].release
    later = move_release(store, "2024", "3000-01-01T00:00+00:00", person="乙", reason="有误", seen=drawn)
    with pytest.raises(InputError) as caught:
        move_release(store, "2024", "", person="甲", reason="按计划", seen=drawn)
    (problem,) = caught.value.problems
    assert (problem.code, problem.facts["person"], problem.facts["release"]) == ("release_moved", "乙", later)
    assert revisions_of(store).publications["2024"].release == later
    assert move_release(store, "2024", LATER, person="甲", reason="改好了", seen=later) == drawn


def test_the_command_moves_a_release(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """And says where the cycle stands after it."""
    publish(store, "2024", person="甲", release=LATER)
    signed = ["--by", "甲", "--reason", "等", "--db", str(store.path)]
    assert main(["stage", "2024", "--release", "2998-01-01T09:00+08:00", *signed]) == 0
    assert "2998-01-01" in capsys.readouterr().out
    assert main(["stage", "2024", "--release", "2997-01-01T09:00+08:00", "--again", *signed]) == 1
    assert "option_unused" in capsys.readouterr().err
    assert main(["stage", "2024", "--release", "now", *signed]) == 0
    assert main(["stage", "2024", "--release", LATER, *signed]) == 1
    assert "cycle_public" in capsys.readouterr().err


def test_a_grant_for_a_cycle_and_a_region_lets_export_that_alone(store: Store) -> None:
    """A reporter takes their own region's files, of the cycles that they were granted."""
    give(store, Grant(0, "x", "reporter", "p1", cycles=("2024",), giver="管理员", reason="试"))
    own = opened_for(store, Person("x", "x", "oidc"))
    assert [may_export(own, "", cycle).allowed for cycle in ("2023", "2024")] == [False, True]
    assert may_export(own, "", "2024").state == "open"
