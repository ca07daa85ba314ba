"""The page of rights: who may do what where, given and taken back, never to oneself nor beyond one's own."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data.access import opened_for
from data.grants import give, grants, revoke
from data.recorded import entries
from data.rights import ROLES, Grant, Person
from data.store import Store
from pages.parts.signin import still
from tests.stores import store_of
from tests.test_process_page import click, labels, text_of
from tests.test_rights import DEFINITIONS, REGIONS, sent

PAGE = Path(__file__).parent.parent / "pages" / "process" / "rights.py"


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two provinces with their cities, an administrator, and a reporter whose grant ends within the month."""
    made = store_of(DEFINITIONS, tmp_path_factory.mktemp("rights page"))
    with made.transaction("regions") as writer:
        for code in REGIONS:
            parent = code[0] if len(code) > 1 else None
            writer.execute(
                "INSERT INTO regions (code, name_zh, name_en, parent) VALUES ($c, '市' || $c, $c, $p)",
                {"c": code, "p": parent},
            )
    sent(made, 2024, 3)
    soon = (datetime.now(UTC) + timedelta(days=9)).date().isoformat()
    for grant in (
        Grant(0, "admin@x", "administrator"), Grant(0, "rep@x", "reporter", "p1", until=soon),
        Grant(0, "aud@x", "auditor"), Grant(0, "half@x", "administrator", "p"),
        Grant(0, "old@x", "leader", since="2000-01-01", until="2000-12-31"),
    ):  # fmt: skip
        give(made, Grant(**{**vars(grant), "giver": "丁", "reason": "试"}))
    return made.path


@pytest.fixture
def store(first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store of one's own of them, which the page shows."""
    made = Store(shutil.copyfile(first, tmp_path / "s.duckdb"))
    monkeypatch.setenv("QUHENG_DB", str(made.path))
    return made


@pytest.fixture
def opened(store: Store, monkeypatch: pytest.MonkeyPatch) -> object:
    """The page as somebody who is signed in sees it."""

    def page(person: str, **query: str) -> AppTest:
        known = Person(person, person.upper(), "gateway")
        monkeypatch.setattr("pages.parts.signin.signed_in", lambda _: known)
        at = AppTest.from_file(str(PAGE), default_timeout=60)
        for name, value in query.items():
            at.query_params[name] = value
        return at.run()

    return page


def drafted(at: AppTest, person: str, role: str, region: str | None, why: str) -> AppTest:
    """A grant as it is typed."""
    at.text_input[0].set_value(person)
    next(one for one in at.selectbox if str(one.key).startswith("grant role")).set_value(role)
    next(one for one in at.selectbox if str(one.key).startswith("grant region")).set_value(region)
    at.text_area[0].set_value(why)
    return at.run()


def test_the_page_says_who_holds_rights_and_what_ends(opened: object) -> None:
    """People and grants in force are counted, administrators named; what is over is listed when it is asked for."""
    text = text_of(opened("aud@x"))  # type: ignore[operator]
    assert "4 人持有 4 项有效授权" in text
    assert "系统管理员：admin@x、half@x" in text
    assert "1 项在 30 天内到期" in text
    assert "▲ 快到期" in text
    assert "old@x" not in text
    assert "old@x" in text_of(opened("aud@x", state="past"))  # type: ignore[operator]
    only = text_of(opened("aud@x", role="reporter"))  # type: ignore[operator]
    assert "授权 1 项" in only
    assert "市p1" in only


def test_whoever_may_not_grant_sees_and_changes_nothing(opened: object, store: Store) -> None:
    """An auditor reads; somebody else is refused the page, which is recorded once, however often they try."""
    assert not {"授予", "撤销"} & labels(opened("aud@x"))  # type: ignore[operator]
    at = opened("rep@x")  # type: ignore[operator]
    assert "没有权限" in text_of(at)
    assert "admin@x" not in text_of(at.run())
    denied = [one for one in entries(store.path) if one.kind == "denied"]
    assert [(one.person, one.what["right"]) for one in denied] == [("rep@x", "grant")]


def test_a_grant_is_told_beforehand_and_signed_by_who_is_signed_in(opened: object, store: Store) -> None:
    """By their id, whatever they are called; the form is empty afterwards."""
    at = drafted(opened("admin@x"), "Ｎew@X ", "leader", "p", "分管")  # type: ignore[operator]
    told = text_of(at).partition("将要")[2]
    assert "new@x：领导" in told
    assert "市p（连同其下共 3 个地区）、全部周期，只看已公布的结果" in told
    at = click(at, "授予")
    assert "已授权" in at.success[0].value
    last = grants(store)[-1]
    assert (last.person, last.role, last.region, last.giver, last.reason) == ("new@x", "leader", "p", "admin@x", "分管")
    assert at.text_input[0].value == ""
    done = [one.what["change"] for one in entries(store.path) if one.kind == "done"]
    assert done[-1] == "grant leader new@x p"


def test_results_before_publication_are_offered_where_they_can_be_given(opened: object, store: Store) -> None:
    """Beside a role that sees results and these not early by itself, such as a leader's; no other form asks, and one
    whose role was changed gives none."""
    at = drafted(opened("admin@x"), "new@x", "leader", None, "分管")  # type: ignore[operator]
    offered = {}
    for role in ROLES:
        next(one for one in at.selectbox if str(one.key).startswith("grant role")).set_value(role)
        at = at.run()
        offered[role] = [box for box in at.checkbox if box.label == "可看未公布的结果"]
        if role == "leader":
            at = offered[role][0].check().run()
            assert "可看未公布的结果。" in text_of(at).partition("将要")[2]
    assert [role for role, boxes in offered.items() if boxes] == ["leader"]
    assert "new@x：系统管理员" in text_of(at)
    assert "不看结果。" in text_of(at).partition("将要")[2]
    at = click(at, "授予")
    assert "已授权" in at.success[0].value
    assert (grants(store)[-1].role, grants(store)[-1].provisional) == ("administrator", False)


def test_part_of_a_page_runs_again_for_whom_it_was_drawn(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where somebody has left, another is at the window or a right was taken back, the whole page runs."""
    person, runs = Person("eve@x", "", "gateway"), list[None]()
    at_window = [person]
    monkeypatch.setattr("pages.parts.signin.signed_in", lambda _: at_window[0])
    monkeypatch.setattr("streamlit.rerun", lambda: runs.append(None))
    number = give(store, Grant(0, person.id, "evaluator", giver="丁", reason="试"))
    own = opened_for(store, person)
    still(own)
    assert len(runs) == 0
    for other in (None, Person("lead@x", "", "gateway")):
        at_window[0] = other
        still(own)
    assert len(runs) == 2
    at_window[0] = person
    revoke(store, number, person="丁", reason="调离")
    still(own)
    assert len(runs) == 3


@pytest.mark.parametrize(
    ("who", "whom", "region", "told"),
    [
        ("admin@x", "ADMIN@x", "p", "不能给自己授权"),
        ("half@x", "new@x", None, "无权授权"),
        ("half@x", "new@x", "q", "无权授权"),
    ],
)
def test_what_is_refused_stays_in_the_form(
    opened: object, store: Store, who: str, whom: str, region: str | None, told: str
) -> None:
    """Nobody grants to themselves, or beyond the part of the tree that they may grant in."""
    before = grants(store)
    at = click(drafted(opened(who), whom, "leader", region, "试"), "授予")  # type: ignore[operator]
    assert told in at.error[0].value.replace("\\", "")
    assert at.text_input[0].value == whom
    assert grants(store) == before


def test_a_grant_is_revoked_with_its_reason(opened: object, store: Store) -> None:
    """At once, by one who may grant there; it stays on record."""
    at = opened("half@x")  # type: ignore[operator]
    next(one for one in at.selectbox if str(one.key).startswith("revoke number")).set_value(2).run()
    at.text_area[1].set_value("调离").run()
    at = click(at, "撤销 rep@x 的填报人员")
    assert "不再是填报人员" in at.success[0].value
    assert [one.person for one in grants(store) if one.revoked] == ["rep@x"]


def test_what_a_person_may_see_and_do_is_looked_up(opened: object, store: Store) -> None:
    """Each action, where and in which cycles; of whoever holds nothing today that nothing is left."""
    words = text_of(opened("aud@x", of="rep@x")).split()  # type: ignore[operator]
    assert words[words.index("报送数据") :][:4] == ["报送数据", "●", "可以", "市p1（全部周期）"]
    revoke(store, 2, person="丁", reason="试")
    assert "rep@x 今天什么也不能看、不能做" in text_of(opened("aud@x", of="rep@x"))  # type: ignore[operator]


def test_on_a_machine_without_sign_in_the_first_administrator_is_made_here(used: None) -> None:
    """Whoever holds the store's file is not sent to a command; an empty day is asked for in the page's language."""
    at = AppTest.from_file(str(PAGE), default_timeout=60).run()
    assert "先在这里给第一位系统管理员授权" in text_of(at)
    assert "python -m data grant" not in text_of(at)
    styles = "".join(one.proto.body for one in at.get("html"))
    assert all(f'[data-type={kind}][data-placeholder]::after{{content:"{word}"}}' in styles
               for kind, word in (("year", "年"), ("month", "月"), ("day", "日")))  # fmt: skip
