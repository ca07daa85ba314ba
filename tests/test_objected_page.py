"""The page part of objections and rectifications: the days, what is overdue, and each form by who may."""

import shutil
from hashlib import sha256
from pathlib import Path

import pytest

from data.cycles import advance
from data.exports import exports
from data.objections import answer, object_to, objections
from data.proposals import publish
from data.rectifications import demand, rectifications, report
from data.stage_checks import DAYS, days, last_day
from data.stages import asking
from data.store import Store
from pages.parts import objected as part
from tests.stores import store_of
from tests.test_cycles import DEFINITIONS, sent
from tests.test_reviewing_page import box, granted, labels, pressed, seen, text


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published cycle that is open for objections."""
    made = store_of(DEFINITIONS, tmp_path_factory.mktemp("objected"))
    sent(made, 2024, {"p1": 5, "p2": 6, "p3": 7, "p4": 8})
    publish(made, "2024", person="甲")
    advance(made, "2024", "objections", person="甲", reason="受理异议")
    return made.path


@pytest.fixture
def store(first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store of one's own of it, which the pages read."""
    monkeypatch.setenv("QUHENG_DB", str(shutil.copyfile(first, tmp_path / "s.duckdb")))
    return Store(tmp_path / "s.duckdb")


def test_a_region_objects_for_itself_on_the_page(store: Store) -> None:
    """Own region only, about something by name; without words it is refused and what was chosen stays."""
    app = seen(store, "objected", who := granted(store, "reporter", "p1"))
    assert "异议期还剩 15 天" in text(app)
    assert f"代表：p1；署名：{who}" in text(app)
    assert (box(app, "selectbox", "地区").options, box(app, "selectbox", "地区").value) == (["p1"], "p1")
    box(app, "selectbox", "针对（可不选）").set_value("one")
    app = pressed(app, "提出异议")
    assert "请写明" in app.error[0].value
    assert box(app, "selectbox", "针对（可不选）").value == "one"
    box(app, "text_area", "异议和理由").set_value("面积有误")
    app = pressed(app, "提出异议")
    assert "已为p1提出异议，第 1 号" in text(app)
    assert "○ 未答复" in text(app)
    row = objections(store, "2024").row(0, named=True)
    assert (row["region"], row["code"], row["text"], row["person"]) == ("p1", "one", "面积有误", who)
    assert "答复" not in labels(app)


def test_files_go_with_an_objection_and_a_report(store: Store) -> None:
    """Put in by the region, taken away by whoever answers; two that rest on the same file are told apart."""
    who = granted(store, "reporter", "p1")
    demand(store, "2024", "p1", "补装电表", person="戊")
    app = seen(store, "objected", who)
    for at, (field, button) in enumerate((("异议和理由", "提出异议"), ("做了什么", "报告已完成"))):
        app.file_uploader[at].upload("抄表.pdf", b"meter", "application/pdf")
        box(app, "text_area", field).set_value("见附件")
        app = pressed(app, button)
    digest = sha256(b"meter").hexdigest()
    assert text(app).count(digest) == 2
    app = pressed(seen(store, "objected", "甲"), "取出抄表\\.pdf")
    assert len(app.get("download_button")) == 1
    (taken,) = exports(store)
    assert (taken.forms, taken.regions, taken.digest) == (("evidence",), ("p1",), digest)
    assert "第 1 版：整个结果" in text(app)


def test_the_days_are_set_on_the_page(store: Store) -> None:
    """By whoever moves every evaluation on, and nobody else; what was not changed is not written."""
    for role in ("reporter", "evaluator"):
        assert "改期限" not in labels(seen(store, "objected", granted(store, role, "p1")))
    app = seen(store, "objected", "甲")
    assert [one.value for one in app.number_input] == [15, 15, 60]
    box(app, "number_input", "提出异议").set_value(30)
    app = pressed(app, "改期限")
    assert "已改 1 个期限" in text(app)
    assert "异议期还剩 30 天" in text(app)
    assert store.settings()["objection_days"] == "30"
    assert "answer_days" not in store.settings()


def test_nobody_objects_for_a_region_that_they_did_not_choose(store: Store) -> None:
    """Whoever speaks for several chooses one; what is answered and put right likewise, where there are several."""
    app = seen(store, "objected", "甲")
    assert "代表：所选的地区；署名：甲" in text(app)
    for key, label, wanted in (("objection", "提出异议", "请先选地区"), ("rectification", "要求整改", "请先选地区")):
        assert app.selectbox(key=f"{key} region 0").value is None
        app.text_area(key=f"{key} reason 0").set_value("有误")
        app = pressed(app, label)
        assert wanted in app.error[0].value
    for region in ("p1", "p2"):
        object_to(store, "2024", region, "有误", person="丁")
        report(store, demand(store, "2024", region, "补", person="戊"), "已补", person="丁")
    assert (objections(store, "2024").height, rectifications(store, "2024").height) == (2, 2)
    app = seen(store, "objected", "甲")
    for form, label, choice in (("answer", "答复", "upheld"), ("rectification judged", "给出结论", "accept")):
        assert app.selectbox(key=f"{form} number 0").value is None
        next(one for one in app.radio if one.key.startswith(form)).set_value(choice)
        app.text_area(key=f"{form} reason 0").set_value("属实")
        app = pressed(app, label)
        assert "请先选" in app.error[0].value
    assert set(objections(store, "2024")["outcome"]) == {""}
    assert set(rectifications(store, "2024")["state"]) == {"reported"}


def test_days_that_another_set_are_not_taken_back_by_an_older_window(store: Store) -> None:
    """What was not touched stays as another set it; what both changed is refused, and the fields show what holds."""
    first, second = seen(store, "objected", "甲"), seen(store, "objected", "乙")
    box(second, "number_input", "提出异议").set_value(30)
    box(second, "number_input", "完成整改").set_value(70)
    second = pressed(second, "改期限")
    box(first, "number_input", "答复异议").set_value(20)
    first = pressed(first, "改期限")
    assert "已改 1 个期限" in text(first)
    assert days_of(store) == {"objection_days": 30, "answer_days": 20, "rectification_days": 70}
    box(second, "number_input", "答复异议").set_value(40)
    second = pressed(second, "改期限")
    assert "期限现在是 20 天，已不是您看到的 15 天" in text(second)
    assert box(second, "number_input", "答复异议").value == 20
    box(second, "number_input", "答复异议").set_value(40)
    assert "已改 1 个期限" in text(pressed(second, "改期限"))
    assert days_of(store) == {"objection_days": 30, "answer_days": 40, "rectification_days": 70}


def days_of(store: Store) -> dict[str, int]:
    """How many days there are for what."""
    return {name: days(asking(store), name) for name in DAYS}


@pytest.mark.parametrize(("count", "words"), [(14, "还剩 1 天"), (15, "今天是异议期最后一天"), (16, "异议期已结束")])
def test_the_days_that_are_left_are_told(store: Store, monkeypatch: pytest.MonkeyPatch, count: int, words: str) -> None:
    """Up to the fifteenth day there is a form, after it none."""
    made = str(store.query("SELECT made FROM published").item())
    monkeypatch.setattr(part, "now", lambda: last_day(made, count) + made[10:])
    app = seen(store, "objected", granted(store, "reporter", "p1"))
    assert words in text(app)
    assert ("提出异议" in labels(app)) == (count <= 15)


def test_an_objection_is_answered_by_another(store: Store) -> None:
    """Whoever filed it has no form; an outcome and words are wanted; what is late is marked by shape and word."""
    object_to(store, "2024", "p1", "面积有误", person="丁")
    assert "答复" not in labels(seen(store, "objected", "丁"))
    with store.transaction("late") as writer:
        writer.execute("UPDATE objections SET due = '2020-01-01'")
    app = seen(store, "objected", "甲")
    assert '<b class="worse">▲ 逾期未答复</b>' in text(app)
    assert "1 个逾期未答复" in text(app)
    assert "请先选" in pressed(app, "答复").error[0].value
    app.radio[0].set_value("partly")
    app = pressed(app, "答复")
    assert "请写明" in app.error[0].value
    assert app.radio[0].value == "partly"
    box(app, "text_area", "答复和理由").set_value("一处属实")
    app = pressed(app, "答复")
    assert "● 部分成立" in text(app)
    assert "甲：一处属实" in text(app)
    assert "1 个异议，1 个已答复" in text(app)
    assert "答复" not in labels(app)


def test_what_is_to_be_put_right_is_followed_to_its_end(store: Store) -> None:
    """Demanded, reported by the region, sent back and accepted by another; the count of what is closed grows."""
    app = seen(store, "objected", "甲")
    box(app, "text_area", "要整改什么、为什么").set_value("补装电表")
    app.selectbox(key="rectification region 0").set_value("p1")
    app = pressed(app, "要求整改")
    assert "已要求p1整改，第 1 项" in text(app)
    assert "1 项整改，0 项已办结" in text(app)
    own = seen(store, "objected", who := granted(store, "reporter", "p1"))
    assert f"代表：p1；署名：{who}" in text(own)
    box(own, "text_area", "做了什么").set_value("已装")
    own = pressed(own, "报告已完成")
    assert "◐ 已报告" in text(own)
    assert "给出结论" not in labels(own)
    app = seen(store, "objected", "甲")
    app.radio[0].set_value("back")
    box(app, "text_area", "理由").set_value("缺照片")
    assert "↩ 已退回" in text(pressed(app, "给出结论"))
    report(store, 1, "补了照片", person="丁")
    assert "给出结论" not in labels(seen(store, "objected", "丁"))
    app = seen(store, "objected", "甲")
    app.radio[0].set_value("accept")
    box(app, "text_area", "理由").set_value("通过")
    app = pressed(app, "给出结论")
    assert "● 已办结" in text(app)
    assert "1 项整改，1 项已办结" in text(app)
    assert rectifications(store, "2024")["state"].to_list() == ["accepted"]


def test_what_others_object_to_and_have_to_put_right_is_not_seen(store: Store) -> None:
    """A reporter reads of the own region only; a rectification beyond its day is marked by shape and word."""
    object_to(store, "2024", "p2", "另一处", person="丁")
    answer(store, 1, "rejected", "不属实", person="甲")
    demand(store, "2024", "p2", "补合同", person="甲")
    demand(store, "2024", "p1", "补电表", person="甲")
    with store.transaction("late") as writer:
        writer.execute("UPDATE rectifications SET due = '2020-01-01'")
    told = text(seen(store, "objected", granted(store, "reporter", "p1")))
    assert "补电表" in told
    assert '<b class="worse">▲ 逾期，待整改</b>' in told
    assert "1 项逾期" in told
    assert not [words for words in ("另一处", "不属实", "补合同") if words in told]
    assert "✕ rejected" in text(seen(store, "objected", "甲", lang="en"))


def test_before_it_is_public_nobody_objects(store: Store) -> None:
    """Under embargo as before publication: a sentence, and no form for anybody."""
    with store.transaction("embargo") as writer:
        writer.execute("UPDATE publications SET release = '2999-01-01T00:00:00+00:00'")
    app = seen(store, "objected", "甲")
    assert "还没有公开，不受理异议" in text(app)
    assert labels(app) == []
