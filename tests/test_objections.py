"""Objections and rectifications: by whom, within which days, answered by whom, and followed until they are closed."""

import errno
import os
import shutil
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import pytest

import data.objections
import data.stage_checks
from data.cycles import advance, conclude, next_steps
from data.evidence import content_of, listed
from data.keys import make_key
from data.notices import draft, sign, versions
from data.objections import answer, object_to, objections, set_all_days, set_days
from data.proposals import publish
from data.recorded import entries
from data.rectifications import accept, demand, overdue, rectifications, report, send_back
from data.republished import publish_again
from data.stage_checks import last_day
from data.steps import migrate, newest_schema
from data.store import Store
from data.writer import Writer
from tests.stores import store_of
from tests.test_cycles import DEFINITIONS, at_approval, known_as, refused, sent


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published cycle that is open for objections."""
    made = store_of(DEFINITIONS, tmp_path_factory.mktemp("objections"))
    sent(made, 2024, {"p1": 5, "p2": 6, "p3": 7, "p4": 8})
    publish(made, "2024", person="甲")
    advance(made, "2024", "objections", person="甲", reason="受理异议")
    return made.path


@pytest.fixture
def store(first: Path, tmp_path: Path) -> Store:
    """A store of one's own of it."""
    return Store(shutil.copyfile(first, tmp_path / "s.duckdb"))


def days_later(store: Store, count: int, monkeypatch: pytest.MonkeyPatch) -> str:
    """The clock is so many days after the publication."""
    made = store.query("SELECT made FROM published").item()
    moment = last_day(made, count) + made[10:]
    for module in (data.objections, data.stage_checks, data.rectifications):
        monkeypatch.setattr(module, "now", lambda: moment)
    return moment[:10]


def test_a_region_objects_for_itself_while_there_is_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Own region only; on the fifteenth day still, on the sixteenth no more; the days are a setting."""
    own = known_as(store, "reporter", "p1")
    assert object_to(own, "2024", "p1", "用电量有误", code="a", person="reporter@p1") == 1
    assert refused(lambda: object_to(own, "2024", "p2", "试", person="reporter@p1")) == "denied"
    assert refused(lambda: object_to(known_as(store, "leader"), "2024", "p1", "试", person="leader@")) == "denied"
    assert refused(lambda: object_to(own, "2024", "p1", "试", code="zz", person="reporter@p1")) == "review_code"
    assert refused(lambda: object_to(own, "2023", "p1", "试", person="reporter@p1")) == "cycle_unpublished"
    days_later(store, 15, monkeypatch)
    assert object_to(own, "2024", "p1", "又一处", person="reporter@p1") == 2
    days_later(store, 16, monkeypatch)
    assert refused(lambda: object_to(own, "2024", "p1", "试", person="reporter@p1")) == "objection_late"
    set_days(store, "objection_days", 30, person="甲")
    assert object_to(own, "2024", "p1", "再一处", person="reporter@p1") == 3
    assert refused(lambda: set_days(store, "objection_days", 0, person="甲")) == "days_bounds"
    assert refused(lambda: set_days(store, "days", 5, person="甲")) == "no_such_days"
    assert refused(lambda: set_days(own, "objection_days", 5, person="reporter@p1")) == "denied"


def test_the_days_to_object_are_not_cut_under_whoever_has_them(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Longer at any time, as the other days shorter; when they are over, or the cycle is closed, fewer again."""
    shorter = lambda count: refused(lambda: set_days(store, "objection_days", count, person="甲"))  # noqa: E731
    days_later(store, 15, monkeypatch)
    assert shorter(14) == "days_promised"
    set_days(store, "objection_days", 15, person="甲")
    set_days(store, "objection_days", 16, person="甲")
    for name in ("answer_days", "rectification_days"):
        set_days(store, name, 1, person="甲")
    days_later(store, 16, monkeypatch)
    assert shorter(15) == "days_promised"
    days_later(store, 17, monkeypatch)
    set_days(store, "objection_days", 10, person="甲")
    advance(store, "2024", "closed", person="甲", reason="办结")
    set_days(store, "objection_days", 60, person="甲")
    set_days(store, "objection_days", 15, person="甲")


def test_the_days_that_a_signed_notice_names_are_not_cut_before_it_is_public(tmp_path: Path) -> None:
    """From the signature on, be it before publication or under embargo; without one they may be, until it is public."""
    made = store_of(DEFINITIONS, tmp_path)
    sent(made, 2024, {"p1": 5, "p2": 6, "p3": 7, "p4": 8})
    at_approval(made)
    conclude(made, "2024", person="丙", reason="同意")
    set_days(made, "objection_days", 14, person="甲")
    make_key(made)
    number = draft(made, "2024", "zh", person="甲")
    assert "14 日内" in versions(made, "2024", "zh")[0].text
    sign(made, "2024", "zh", number, person="丙")
    cut = lambda count: refused(lambda: set_days(made, "objection_days", count, person="甲"))  # noqa: E731
    assert cut(13) == "days_promised"
    publish(made, "2024", person="甲", release="2999-01-01T08:00+08:00")
    assert cut(13) == "days_promised"
    with made.transaction("unsigned") as writer:
        writer.execute("DELETE FROM notice_signatures")
    set_days(made, "objection_days", 13, person="甲")


def test_the_days_of_rectification_that_a_signed_notice_names_are_not_cut_until_its_cycle_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before it is public and after, as long as something may be asked for; a draft promises nothing."""
    made = store_of(DEFINITIONS, tmp_path)
    sent(made, 2024, {"p1": 5, "p2": 6, "p3": 7, "p4": 8})
    at_approval(made)
    conclude(made, "2024", person="丙", reason="同意")
    make_key(made)
    draft(made, "2024", "zh", person="甲")
    set_days(made, "rectification_days", 40, person="甲")
    number = draft(made, "2024", "zh", person="甲")
    assert "40 日内" in versions(made, "2024", "zh")[-1].text
    sign(made, "2024", "zh", number, person="丙")
    cut = lambda: refused(lambda: set_days(made, "rectification_days", 39, person="甲"))  # noqa: E731
    assert cut() == "rectification_promised"
    both = {"answer_days": 2, "rectification_days": 39}
    assert refused(lambda: set_all_days(made, both, person="甲")) == "rectification_promised"
    assert "answer_days" not in made.settings()
    assert refused(lambda: set_all_days(known_as(made, "reporter", "p1"), both, person="reporter@p1")) == "denied"
    publish(made, "2024", person="甲")
    days_later(made, 20, monkeypatch)
    assert cut() == "rectification_promised"
    set_days(made, "rectification_days", 41, person="甲")
    set_days(made, "answer_days", 1, person="甲")
    advance(made, "2024", "objections", person="甲", reason="期满")
    advance(made, "2024", "closed", person="甲", reason="办结")
    set_days(made, "rectification_days", 39, person="甲")


def test_the_days_that_another_set_are_not_set_unseen(store: Store) -> None:
    """What somebody saw is compared with what holds."""
    set_days(store, "answer_days", 20, person="甲", seen=15)
    assert refused(lambda: set_days(store, "answer_days", 30, person="乙", seen=15)) == "days_moved"
    set_days(store, "answer_days", 30, person="乙", seen=20)
    assert store.settings()["answer_days"] == "30"


def test_what_is_objected_and_put_right_rests_on_evidence(store: Store, tmp_path: Path) -> None:
    """Of the edition that was public; taken away by whoever sees what rests on it, and by nobody else."""
    file, photo = tmp_path / "抄表.pdf", tmp_path / "照片.jpg"
    file.write_bytes(b"meter")
    photo.write_bytes(b"photo")
    own, other = (known_as(store, "reporter", region) for region in ("p1", "p2"))
    object_to(own, "2024", "p1", "有误", person="reporter@p1", evidence=[file, file])
    sent(store, 2024, {"p2": 4}, why="更正")
    publish_again(store, "2024", person="丙", reason="更正")
    object_to(own, "2024", "p1", "仍有误", person="reporter@p1")
    digest = sha256(b"meter").hexdigest()
    assert objections(own, "2024").select("edition", "evidence").rows() == [(1, [digest]), (2, [])]
    assert content_of(own, digest) == b"meter"
    assert refused(lambda: content_of(other, digest)) == "evidence_unknown"
    number = demand(store, "2024", "p1", "补装电表", person="甲")
    report(own, number, "已装", person="reporter@p1", evidence=[photo])
    send_back(store, number, "看不清", person="乙")
    report(own, number, "重拍", person="reporter@p1", evidence=[file, photo])
    both = sorted([digest, sha256(b"photo").hexdigest()])
    assert rectifications(own, "2024")["evidence"].to_list() == [both]
    assert content_of(own, both[0]) in (b"meter", b"photo")
    assert refused(lambda: content_of(other, both[0])) == "evidence_unknown"
    photo.write_bytes(b"")
    for act in (
        lambda: report(own, number, "再拍", person="reporter@p1", evidence=[photo]),
        lambda: object_to(own, "2024", "p1", "再", person="reporter@p1", evidence=[photo]),
    ):
        assert refused(act) == "evidence_size"
    assert objections(store, "2024").height == 2


def test_the_same_file_is_called_as_each_region_called_it(store: Store, tmp_path: Path) -> None:
    """Each sees its own name of the same bytes, and nothing of what another rests on."""
    own, other = (known_as(store, "reporter", region) for region in ("p1", "p2"))
    for number, one, region, name in ((1, own, "p1", "p1内部核查.pdf"), (2, other, "p2", "附件.pdf")):
        (tmp_path / name).write_bytes(b"same")
        object_to(one, "2024", region, "有误", person=f"reporter@{region}", evidence=[tmp_path / name])
        assert [file.name for file in listed(one, "objections", number)] == [name]
    assert [listed(other, "objections", 1), listed(own, "objections", 2)] == [[], []]
    assert other.query("SELECT name, person FROM evidence").rows() == [("附件.pdf", "reporter@p2")]


def test_what_is_refused_leaves_no_evidence(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cycle that is not public, a full disk; a file put in twice is one, and of a name that is no text there is what
    can be seen of it, as of a file of facts."""
    execute = Writer.execute

    def full(self: Writer, sql: str, *given: Any, **more: Any) -> Any:
        if sql.startswith("INSERT INTO objections"):
            raise OSError(errno.ENOSPC, "full")
        return execute(self, sql, *given, **more)

    odd, file = tmp_path / os.fsdecode(b"a\xff.pdf"), tmp_path / "a.pdf"
    kept = store.path.with_name("s.duckdb.evidence")
    for one in (odd, file):
        one.write_bytes(b"meter")
    assert refused(lambda: object_to(store, "2023", "p1", "有误", person="甲", evidence=[file])) == "cycle_unpublished"
    with monkeypatch.context() as disk:
        disk.setattr(Writer, "execute", full)
        assert (
            refused(lambda: object_to(store, "2024", "p1", "有误", person="甲", evidence=[file])) == "store_unwritable"
        )
    assert not kept.exists()
    for given, name in (([file, file], "a.pdf"), ([odd], "a\\udcff.pdf")):
        number = object_to(store, "2024", "p1", "有误", person="甲", evidence=given)
        assert [one.name for one in listed(store, "objections", number)] == [name]
    assert len(list(kept.iterdir())) == 1


def test_evidence_of_before_is_called_as_its_own_person_called_it(tmp_path: Path) -> None:
    """A store from when each file had one name: of another person's row it is not known."""
    with duckdb.connect(tmp_path / "s.duckdb") as connection:
        migrate(connection, 0, 14)
        connection.execute("INSERT INTO evidence VALUES ('a', '核查.pdf', 3, '甲', '2025-01')")
        rows = ((1, "甲", "2025-01"), (2, "乙", "2025-02"))
        for number, person, made in rows:
            row = f"({number}, '2024', 'p{number}', '', '有误', '{person}', '{made}', '2025-09-01', 1, ['a'])"
            connection.execute(f"INSERT INTO objections VALUES {row}")
        connection.execute("INSERT INTO rectification_steps VALUES (1, 7, 'reported', '已装', '甲', '2025-04', ['a'])")
        migrate(connection, 14, newest_schema())
        found = connection.execute("SELECT kind, number, digest, name, size, person FROM evidence ORDER BY ALL")
        assert found.fetchall() == [
            ("objections", 1, "a", "核查.pdf", 3, "甲"),
            ("objections", 2, "a", "", 3, "乙"),
            ("rectifications", 7, "a", "核查.pdf", 3, "甲"),
        ]


def test_older_objections_are_to_the_edition_of_then(tmp_path: Path) -> None:
    """A store from before it was written down."""
    with duckdb.connect(tmp_path / "s.duckdb") as connection:
        migrate(connection, 0, 12)
        for edition, made in ((1, "2025-01"), (2, "2025-03")):
            row = f"('2024', {edition}, 0, 1, '甲', '{made}', 1, 0, '', '')"
            connection.execute(f"INSERT INTO publications VALUES {row}")
        for number, made in ((1, "2025-02"), (2, "2025-04")):
            row = f"({number}, '2024', 'p1', '', '有误', '乙', '{made}', '2025-09-01')"
            connection.execute(f"INSERT INTO objections VALUES {row}")
        connection.execute("INSERT INTO rectification_steps VALUES (1, 1, 'reported', '已装', '乙', '2025-04')")
        migrate(connection, 12, newest_schema())
        found = connection.execute("SELECT edition, evidence FROM objections ORDER BY id").fetchall()
        steps = connection.execute("SELECT evidence FROM rectification_steps").fetchall()
    assert (found, steps) == ([(1, []), (2, [])], [([],)])


def test_an_objection_is_answered_once_by_another_person_in_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Overdue is what is not answered on the day after its last; nobody answers themselves."""
    number = object_to(store, "2024", "p1", "有误", person="乙")
    assert objections(store, "2024")["due"].to_list() == [days_later(store, 15, monkeypatch)]
    assert objections(store, "2024")["overdue"].to_list() == [False]
    today = days_later(store, 16, monkeypatch)
    assert objections(store, "2024")["overdue"].to_list() == [True]
    assert overdue(store).select("kind", "id", "region").rows() == [("objection", number, "p1")]
    assert refused(lambda: answer(store, number, "upheld", "试", person="乙")) == "own_objection"
    assert refused(lambda: answer(store, 9, "upheld", "试", person="甲")) == "no_such_objection"
    answer(store, number, "partly", "部分属实", person="甲")
    assert refused(lambda: answer(store, number, "rejected", "试", person="甲")) == "objection_answered"
    row = objections(store, "2024").row(0, named=True)
    assert (row["outcome"], row["answer"], row["answered_by"]) == ("partly", "部分属实", "甲")
    assert not row["overdue"]
    assert row["answered"][:10] == today
    assert overdue(store).is_empty()


def test_a_rectification_is_reported_and_accepted_by_two_persons(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty days unless a day is named; back and forth until it is accepted, and then no more."""
    number = demand(store, "2024", "p2", "补报用水", person="甲")
    dated = demand(store, "2024", "p3", "核对面积", person="甲", due="2999-01-01")
    assert rectifications(store, "2024")["due"].to_list() == [days_later(store, 60, monkeypatch), "2999-01-01"]
    assert rectifications(store, "2024")["overdue"].to_list() == [False, False]
    days_later(store, 61, monkeypatch)
    assert rectifications(store, "2024")["overdue"].to_list() == [True, False]
    assert refused(lambda: demand(store, "2024", "p2", "试", person="甲", due="2020-01-01")) == "rectification_past"
    assert refused(lambda: accept(store, number, "试", person="甲")) == "rectification_state"
    reporter = known_as(store, "reporter", "p2")
    report(reporter, number, "已补报", person="reporter@p2")
    assert refused(lambda: report(reporter, dated, "试", person="reporter@p2")) == "no_such_rectification"
    assert refused(lambda: accept(reporter, number, "试", person="reporter@p2")) == "denied"
    assert refused(lambda: accept(store, number, "试", person="reporter@p2")) == "own_rectification"
    send_back(store, number, "缺凭证", person="甲")
    report(reporter, number, "已附凭证", person="reporter@p2")
    accept(store, number, "通过", person="甲")
    assert refused(lambda: report(reporter, number, "试", person="reporter@p2")) == "rectification_state"
    assert refused(lambda: report(store, 9, "试", person="甲")) == "no_such_rectification"
    states = rectifications(store, "2024").select("state", "told", "overdue").rows()
    assert states == [("accepted", "通过", False), ("demanded", "", False)]


def test_a_guessed_number_tells_nothing_of_another_region(store: Store) -> None:
    """What is out of sight is refused as what is not there; the journal alone knows of which region it was."""
    demand(store, "2024", "p3", "补报", person="甲")
    object_to(store, "2024", "p4", "有误", person="甲")
    reporter, runs = known_as(store, "reporter", "p1"), known_as(store, "evaluator", "p1")
    assert refused(lambda: report(reporter, 1, "试", person="reporter@p1")) == "no_such_rectification"
    assert refused(lambda: answer(runs, 1, "upheld", "试", person="evaluator@p1")) == "no_such_objection"
    assert [one.what["regions"] for one in entries(store.path) if one.kind == "denied"] == [["p3"], ["p4"]]


def test_a_cycle_is_closed_when_nothing_is_open_any_more(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The days are over, each objection answered, each rectification accepted; each that is not is told."""
    objection = object_to(store, "2024", "p1", "有误", person="乙")
    number = demand(store, "2024", "p2", "补报用水", person="甲")
    codes = lambda: [problem.code for step in next_steps(store, "2024") for problem in step.missing]  # noqa: E731
    assert codes() == ["window_open", "objections_open", "rectifications_open"]
    days_later(store, 16, monkeypatch)
    answer(store, objection, "rejected", "无误", person="甲")
    assert codes() == ["rectifications_open"]
    assert refused(lambda: advance(store, "2024", "closed", person="甲", reason="办结")) == "rectifications_open"
    report(store, number, "已补报", person="丁")
    accept(store, number, "通过", person="甲")
    advance(store, "2024", "closed", person="甲", reason="办结")
    assert next_steps(store, "2024") == []
    assert refused(lambda: object_to(store, "2024", "p1", "试", person="乙")) == "wrong_stage"
