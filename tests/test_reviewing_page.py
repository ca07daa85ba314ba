"""The page part of cross-review: the lot, how regions stand, a reviewer's words, what is settled, how judges agree."""

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data.cycles import advance, step_back
from data.grants import give
from data.reviews import draw, drawn, give_verdict, rate, remarks, verdicts
from data.rights import Grant
from data.store import Store
from metrics.cross_review import Draw
from tests.stores import store_of
from tests.test_cycles import DEFINITIONS, REGIONS, sent

SCRIPT = """
import streamlit as st
from data.access import opened_for
from data.rights import Person, everything
from data.store import Store
from pages.parts.i18n import settle
from pages.parts.review_acts import tell
from pages.parts.PART import PART

settle()
who = st.session_state["who"]
store = Store()
store = opened_for(store, Person(who, who, "oidc")) if "@" in who else store.seen_with(everything(who, "local"), None)
tell()
PART(store, "2024")
"""


def seen(store: Store, part: str, who: str, *, lang: str = "zh") -> AppTest:
    """A part of the process as somebody sees it: whoever has a grant by `@`, else with all rights under that name."""
    app = AppTest.from_string(SCRIPT.replace("PART", part), default_timeout=60)
    app.session_state["who"], app.session_state["lang"] = who, lang
    return again(app)


def again(app: AppTest) -> AppTest:
    """The next run, which must not fail."""
    app.run()
    assert not app.exception
    return app


def pressed(app: AppTest, label: str) -> AppTest:
    """What comes of a button."""
    next(button for button in app.button if button.label == label).click()
    return again(app)


def labels(app: AppTest) -> list[str]:
    """The buttons that there are."""
    return [button.label for button in app.button]


def box(app: AppTest, kind: str, label: str) -> object:
    """A field by what stands above it."""
    return next(one for one in app.get(kind) if one.label == label)  # type: ignore[attr-defined]


def text(app: AppTest) -> str:
    """What the part says."""
    said = [one.value for kind in ("success", "error", "warning", "markdown") for one in app.get(kind)]
    return "\n".join([part.proto.body for part in app.get("html")] + said).replace("\\", "")


def granted(store: Store, role: str, region: str = "", *, provisional: bool = False) -> str:
    """Somebody with one grant."""
    person = f"{role}@{region}"
    give(store, Grant(0, person, role, region, giver="管理员", reason="试", provisional=provisional))
    return person


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four regions in 2024 under cross-review, nothing drawn."""
    made = store_of(DEFINITIONS, tmp_path_factory.mktemp("reviewing"))
    sent(made, 2024, {"p1": 5, "p2": 6, "p3": 7, "p4": 8})
    for stage in ("self_check", "audit", "cross_review"):
        advance(made, "2024", stage, person="甲", reason="继续")
    return made.path


@pytest.fixture
def store(first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store of one's own of them, which the pages read."""
    monkeypatch.setenv("QUHENG_DB", str(shutil.copyfile(first, tmp_path / "s.duckdb")))
    return Store(tmp_path / "s.duckdb")


@pytest.fixture
def drawn_store(store: Store) -> Store:
    """The same, drawn: one reviewer each."""
    draw(store, "2024", Draw(seed=7), person="甲", reason="抽签")
    return store


def reviewer_of(store: Store, region: str) -> str:
    """Somebody of the region that was drawn to review another."""
    return granted(store, "reviewer", next(one for one, other in drawn(store, "2024") if other == region))


def test_the_lot_is_drawn_on_the_page_once(store: Store) -> None:
    """What it will do is told before, pairs are kept apart by name, and afterwards there is no such button any more."""
    app = seen(store, "reviewing", "甲")
    box(app, "number_input", "种子").set_value(7)
    box(app, "selectbox", "回避：一方").set_value("p2")
    box(app, "selectbox", "回避：另一方").set_value("p1")
    app = pressed(app, "加入")
    told = r"从 4 个参评地区抽 4 个，每个由 1 方会审，共 4 对；回避 1 对；种子 7"
    assert told in text(app)
    box(app, "text_area", "理由").set_value("种子事先约定")
    app = pressed(app, "抽签")
    assert "还没有抽签" in text(app)
    assert drawn(store, "2024") == ()
    box(app, "checkbox", "以上各项已经核对，现在抽签").set_value(True)
    app = pressed(app, "抽签")
    assert "已抽签：4 对，种子 7" in text(app)
    assert "抽签" not in labels(app)
    assert store.query("SELECT seed, apart, reason FROM draws").row(0) == (7, ["p1/p2"], "种子事先约定")
    assert not {("p1", "p2"), ("p2", "p1")} & set(drawn(store, "2024"))


def test_after_a_step_back_the_lot_is_drawn_again_on_the_page(drawn_store: Store) -> None:
    """By whoever moves the whole cycle; the lot before is told of."""
    assert "抽签" not in labels(seen(drawn_store, "reviewing", "甲"))
    step_back(drawn_store, "2024", "audit", person="甲", reason="漏了回避")
    assert "抽签" not in labels(seen(drawn_store, "reviewing", reviewer_of(drawn_store, "p1")))
    app = seen(drawn_store, "reviewing", "甲")
    box(app, "number_input", "种子").set_value(9)
    box(app, "text_area", "理由").set_value("漏了回避")
    box(app, "checkbox", "以上各项已经核对，现在抽签").set_value(True)
    app = pressed(app, "抽签")
    assert drawn_store.query("SELECT seed FROM draws ORDER BY number")["seed"].to_list() == [7, 9]
    assert "第 1 次抽签（种子 7" in text(app)
    assert "抽签" not in labels(app)


def test_who_may_not_draw_has_no_button_and_reads_who_may(store: Store) -> None:
    """Neither a reviewer nor an evaluator of one region; in another stage nobody."""
    for role, region in (("reviewer", "p1"), ("evaluator", "p1")):
        app = seen(store, "reviewing", granted(store, role, region))
        assert "抽签" not in labels(app)
        assert "由管全部地区的评估人员抽签" in text(app)
    app = AppTest.from_string(SCRIPT.replace("PART", "reviewing").replace('"2024"', '"2025"'), default_timeout=60)
    app.session_state["who"] = "甲"
    assert "现在是“填报”" in text(again(app))
    assert "抽签" not in labels(app)


def test_a_lot_that_cannot_be_is_refused_at_the_form(store: Store) -> None:
    """Three reviewers each would review each other: the words stand there, and what was chosen stays."""
    app = seen(store, "reviewing", "甲")
    assert "每个只能由一方会审" in text(app)
    box(app, "number_input", "每个地区由几方会审").set_value(3)
    app = again(app)
    assert "这样抽不成" in text(app)
    box(app, "text_area", "理由").set_value("试")
    box(app, "checkbox", "以上各项已经核对，现在抽签").set_value(True)
    app = pressed(app, "抽签")
    assert "互审" in app.error[0].value
    assert drawn(store, "2024") == ()
    assert box(app, "number_input", "每个地区由几方会审").value == 3


def test_as_many_review_each_as_their_ratings_need_to_be_compared(store: Store) -> None:
    """Two, where so many regions take part that nobody has to review each other; what a number means is told."""
    sent(store, 2024, {"p5": 9})
    app = seen(store, "reviewing", "甲")
    assert box(app, "number_input", "每个地区由几方会审").value == 2
    assert "每个地区有 2 方各自评分，可以看出评得是否一致" in text(app)
    box(app, "number_input", "每个地区由几方会审").set_value(1)
    assert "要比，至少两方" in text(again(app))


def test_anybody_who_runs_it_can_draw_the_lot_again(drawn_store: Store) -> None:
    """It comes out as on record; where the record was altered that is told."""
    app = pressed(seen(drawn_store, "reviewing", "甲"), "按种子重抽一遍核对")
    assert "完全一致" in text(app)
    with drawn_store.transaction("altered") as writer:
        writer.execute("DELETE FROM assignments WHERE reviewed = 'p1'")
    assert "与记录不同" in text(pressed(app, "按种子重抽一遍核对"))


def test_a_reviewer_sees_whom_they_were_drawn_for_and_nobody_else(drawn_store: Store) -> None:
    """One region with its scores; of the others neither a name to choose nor a verdict."""
    for other in REGIONS:
        give_verdict(drawn_store, "2024", other, "agree", person="乙", reason=f"看过{other}")
    app = seen(drawn_store, "reviewing", reviewer_of(drawn_store, "p1"))
    assert box(app, "selectbox", "看哪个地区").options == ["p1"]
    assert "看过p1" in text(app)
    assert "另有 3 个地区不在您的授权之内" in text(app)
    assert not [one for one in ("p2", "p3", "p4") if f"看过{one}" in text(app)]
    assert "region=p1" in text(app)
    assert "1 / 4" not in text(app).replace("4 / 4", "")
    assert "裁定" not in labels(app)


def test_a_remark_is_about_a_fact_by_name(drawn_store: Store) -> None:
    """Without words it is refused and what was chosen stays; with them it is kept with variable and period."""
    app = seen(drawn_store, "reviewing", who := reviewer_of(drawn_store, "p1"))
    app.session_state["review about"] = "fact"
    app = again(app)
    box(app, "selectbox", "变量").set_value("b")
    box(app, "selectbox", "期间")
    app = pressed(again(app), "写下意见")
    assert "请写明" in app.error[0].value
    assert box(app, "selectbox", "变量").value == "b"
    box(app, "selectbox", "期间").set_value("2024")
    box(app, "text_area", "意见").set_value("面积与房产证不符")
    app = pressed(app, "写下意见")
    assert "已记下对p1的意见，第 1 号" in text(app)
    assert "面积与房产证不符" in text(app)
    assert box(app, "text_area", "意见").value in (None, "")
    found = remarks(drawn_store, "2024").select("region", "code", "period", "text", "person").row(0)
    assert found == ("p1", "b", "2024", "面积与房产证不符", who)


def test_own_ratings_are_kept_and_others_are_not_shown(drawn_store: Store) -> None:
    """The field holds what one gave oneself, never what another gave."""
    rate(drawn_store, "2024", "p1", {"one": 97.0}, person="乙")  # two digits that no moment on the page has
    app = seen(drawn_store, "reviewing", reviewer_of(drawn_store, "p1"))
    app.session_state["review way"] = "rate"
    app = again(app)
    assert box(app, "number_input", "一").value is None
    assert "97" not in text(app)
    assert "评分没有改动" in text(pressed(app, "记下评分"))
    box(app, "number_input", "一").set_value(81.0)
    app = pressed(app, "记下评分")
    assert box(app, "number_input", "一").value == 81.0
    sql = "SELECT person, rating FROM ratings ORDER BY id"
    assert drawn_store.query(sql).rows()[1] == (f"reviewer@{reviewer(drawn_store, 'p1')}", 81.0)


def reviewer(store: Store, region: str) -> str:
    """The region that was drawn to review another."""
    return next(one for one, other in drawn(store, "2024") if other == region)


def test_a_verdict_wants_its_reason_and_what_is_escalated_is_settled(drawn_store: Store) -> None:
    """Refused without a reason, the choice stays; the leader who sees it settles it, the one who does not reads why."""
    app = seen(drawn_store, "reviewing", who := reviewer_of(drawn_store, "p1"))
    assert f"代表：会审方{reviewer(drawn_store, 'p1')}；署名：{who}" in text(app)
    app.session_state["review way"] = "verdict"
    app = pressed(again(app), "给出结论")
    assert "请先选" in app.error[0].value
    app.radio[0].set_value("escalate")
    app = pressed(app, "给出结论")
    assert "请写明" in app.error[0].value
    assert app.radio[0].value == "escalate"
    box(app, "text_area", "理由").set_value("口径不一")
    app = pressed(app, "给出结论")
    assert "▲ 已上报，待裁定" in text(app)
    assert "裁定" not in labels(app)
    blind = seen(drawn_store, "reviewing", granted(drawn_store, "leader"))
    assert "裁定" not in labels(blind)
    assert "请系统管理员在授权里加上" in text(blind)
    leader = seen(drawn_store, "reviewing", granted(drawn_store, "leader", "", provisional=True))
    assert "代表：审定方；署名：leader@" in text(leader)
    box(leader, "text_area", "裁定意见").set_value("按上年口径")
    leader = pressed(leader, "裁定")
    assert "● 已裁定" in text(leader)
    assert "裁定" not in labels(leader)
    assert verdicts(drawn_store, "2024")["verdict"].to_list() == ["escalate", "settle"]


def test_each_reviewers_verdict_is_told_and_those_before_a_step_back_are_not(drawn_store: Store) -> None:
    """For whom it was given, and that all of them count; what holds no more is counted and said to be no verdict."""
    give_verdict(drawn_store, "2024", "p1", "agree", person="乙", reason="属实")
    told = text(seen(drawn_store, "reviewing", "甲"))
    assert f"{reviewer(drawn_store, 'p1')}（乙）：同意，属实" in told
    assert "每个会审方各给一个结论，都给了才算审完" in told
    assert "已经失效" not in told
    step_back(drawn_store, "2024", "audit", person="甲", reason="再查")
    advance(drawn_store, "2024", "cross_review", person="甲", reason="再审")
    told = text(seen(drawn_store, "reviewing", "甲"))
    assert "以前的 1 个结论已经失效（后来退回过" in told
    assert "（乙）：同意" not in told
    assert "4 个还差结论" in told


def test_what_was_not_seen_is_not_settled(drawn_store: Store) -> None:
    """A verdict that came in since the leader looked stands there first; then it is settled."""
    give_verdict(drawn_store, "2024", "p1", "escalate", person="乙", reason="口径不一")
    leader = seen(drawn_store, "reviewing", granted(drawn_store, "leader", "", provisional=True))
    give_verdict(drawn_store, "2024", "p1", "escalate", person="丙", reason="还有一处")
    box(leader, "text_area", "裁定意见").set_value("按上年口径")
    leader = pressed(leader, "裁定")
    assert "又有了新的结论" in text(leader)
    assert "还有一处" in text(leader)
    assert box(leader, "text_area", "裁定意见").value == "按上年口径"
    assert "● 已裁定" in text(pressed(leader, "裁定"))


def test_who_was_kept_apart_is_for_those_who_see_all(store: Store) -> None:
    """A reviewer reads seed and share of the lot, not whom others must not review."""
    draw(store, "2024", Draw(seed=7, apart=[("p2", "p3")]), person="甲", reason="抽签")
    assert "p2 – p3" in text(seen(store, "reviewing", granted(store, "evaluator")))
    app = seen(store, "reviewing", reviewer_of(store, "p1"))
    assert "种子<b>7</b>" in text(app)
    assert "p2 – p3" not in text(app)
    assert "按种子重抽一遍核对" not in labels(app)


def test_how_far_judges_agree_is_told_or_why_not(drawn_store: Store) -> None:
    """Nobody rated; two rated different regions; both rated the same: each has its own words, in both languages."""
    assert "尚无评分" in text(seen(drawn_store, "reviewing", "甲"))
    with drawn_store.transaction("lot") as writer:
        writer.execute("INSERT INTO assignments SELECT cycle, 'q', reviewed, seed, giver, made FROM assignments")
    rate(drawn_store, "2024", "p1", {"one": 50.0}, person="乙")
    rate(drawn_store, "2024", "p2", {"one": 60.0}, person="丙")
    told = text(seen(drawn_store, "reviewing", "甲"))
    assert "由两方评过的不到两项，或者评的分全都一样。" in told
    assert "没有一个地区由两方评过。" in told
    rate(drawn_store, "2024", "p1", {"one": 50.0}, person="丙")
    assert "没有一个地区有两项由各方都评过" in text(seen(drawn_store, "reviewing", "甲"))
    for person in ("乙", "丙"):
        rate(drawn_store, "2024", "p1", {"all": 70.0}, person=person)
    told = text(seen(drawn_store, "reviewing", "甲"))
    assert "取 1 个地区的中位数" in told
    assert "各方评分一致" in told
    assert told.count("1.00") == 2
    assert "the median of 1 region:" in text(seen(drawn_store, "reviewing", "甲", lang="en"))
