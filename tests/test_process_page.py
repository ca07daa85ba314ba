"""The page of the process: where a cycle stands, what waits, and each step by whoever may take it, as they saw it."""

import io
import re
import shutil
import zipfile
from pathlib import Path

import polars as pl
import pytest
from streamlit.proto.LabelVisibility_pb2 import LabelVisibility
from streamlit.testing.v1 import AppTest

from data.access import opened_for
from data.adjusting import decide, propose
from data.clock import now, zoned
from data.cycles import advance, conclude, standing, step_back, transitions
from data.embargo import move_release
from data.exports import exports
from data.grants import give
from data.keys import make_key
from data.notices import draft, edit, sign, versions
from data.proposals import publish
from data.republished import publish_again
from data.revisions import editions_of, revisions_of
from data.rights import Grant, Person
from data.store import Store
from pages.parts.noticed_files import _text
from pages.parts.publishing import _change, _moved, _packed
from pages.parts.stages import place_of
from tests.stores import store_of
from tests.test_cycles import DEFINITIONS, REGIONS, at_approval, known_as, sent

PAGE = Path(__file__).parent.parent / "pages" / "process" / "process.py"


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four regions with their facts of 2024."""
    made = store_of(DEFINITIONS, tmp_path_factory.mktemp("process"))
    sent(made, 2024, dict(zip(REGIONS, (5, 6, 7, 8), strict=True)))
    return made.path


@pytest.fixture
def store(first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store of one's own of them, which the page shows."""
    made = Store(shutil.copyfile(first, tmp_path / "s.duckdb"))
    monkeypatch.setenv("QUHENG_DB", str(made.path))
    return made


def opened(part: str = "", *, person: str = "王", role: str = "", region: str = "", cycle: str = "2024") -> AppTest:
    """The page as somebody sees it, who has all rights unless a role is tried out."""
    at = AppTest.from_file(str(PAGE), default_timeout=60)
    at.session_state["person"] = person
    at.session_state["acting"], at.session_state["acting_in"] = role or None, region or None
    at.query_params["cycle"] = cycle
    if part:
        at.query_params["part"] = part
    return at.run()


def acting(at: AppTest, role: str, region: str = "") -> AppTest:
    """The same page as another role sees it."""
    at.session_state["acting"], at.session_state["acting_in"] = role, region or None
    return at.run()


def text_of(at: AppTest) -> str:
    """All that the page says in HTML, without its marks."""
    assert not at.exception
    html = "\n".join(element.proto.body for element in at.get("html"))
    return re.sub(r"<[^>]+>", " ", re.sub(r"</?nobr>", "", html))


def labels(at: AppTest) -> set[str]:
    return {button.label for button in at.button}


def click(at: AppTest, label: str) -> AppTest:
    return next(button for button in at.button if button.label == label).click().run()


def because(at: AppTest, form: str, why: str) -> None:
    next(area for area in at.text_area if str(area.key).startswith(f"{form} reason")).set_value(why)


def test_the_sentence_says_where_it_is_and_what_is_missing(store: Store) -> None:
    """Stage, since when, what lacks with regions by name and the way there, the deadline, and what is overdue."""
    assert "评估还没有推进过，现在可以填报" in text_of(opened())
    sent(store, 2024, {"p1": 900})
    for stage in ("self_check", "audit"):
        advance(store, "2024", stage, person="甲", reason="继续", deadline="2025-04-01")
    at = opened()
    said = text_of(at)
    assert re.search(r"2024 年评估在“数据会审”阶段，自 \d{4}-\d\d-\d\d 起；进入“交叉会审”还差 1 件事", said)
    assert "! 逾期：本阶段（期限 2025-04-01）" in said
    assert "条提示没有说明理由" in said
    html = "\n".join(element.proto.body for element in at.get("html"))
    assert 'href="./facts?' in html
    # Where it began without a step of its own it was all the same.
    assert (html.count('<li class="passed"'), html.count('<li class="done"')) == (1, 2)
    assert html.count('aria-current="step"') == 1
    assert html.count('<li class="next"') == 6
    assert "推进到“交叉会审”" not in labels(at)


def test_nothing_that_goes_back_looks_like_going_on(store: Store) -> None:
    """Of a cycle that nobody moved the first stage was not taken and is not the next; one may begin with it."""
    at = opened()
    html = "\n".join(element.proto.body for element in at.get("html"))
    assert html.count('<li class="passed"') == 1
    assert '<li class="done"' not in html
    assert "可以推进到“自查自评”" in text_of(at)
    assert {label for label in labels(at) if "下达目标" in label} == {"从“下达目标”开始"}
    because(at, "advance 2024 begin", "新年度")
    click(at, "从“下达目标”开始")
    assert standing(store, "2024") == (1, "targets")
    assert "从“下达目标”开始" not in labels(at)
    # Where there are no facts yet one begins with the targets.
    assert "还没有推进过，可以从“下达目标”开始" in text_of(opened(cycle="2025"))


def test_what_is_published_is_not_said_to_be_unverified(store: Store) -> None:
    """What is told of it is which edition it is."""
    at = AppTest.from_file(str(PAGE.parents[1] / "view" / "overview.py"), default_timeout=60).run()
    assert "尚未全部核定" in text_of(at)
    publish(store, "2024", person="甲")
    at = AppTest.from_file(str(PAGE.parents[1] / "view" / "overview.py"), default_timeout=60).run()
    assert "已公布（结果第 1 版）" in text_of(at)
    assert "尚未全部核定" not in text_of(at)


def test_what_is_under_embargo_is_said_to_be(store: Store) -> None:
    """Whoever may see it before its day is told not to pass it on."""
    publish(store, "2024", person="甲", release="2999-01-01T08:00+08:00")
    words = text_of(AppTest.from_file(str(PAGE.parents[1] / "view" / "overview.py"), default_timeout=60).run())
    assert "此前请勿外传" in words
    assert "已定稿（结果第 1 版）" in words
    assert "不再改变" not in words
    assert "已公布" not in words


def test_a_step_is_said_before_and_after_and_wants_its_reason(store: Store) -> None:
    """Without a reason nothing is done; with one it is written down under the name at the page."""
    at = opened()
    assert "将把 2024 年从“填报”移到“自查自评”。" in text_of(at)
    click(at, "推进到“自查自评”")
    assert len(at.error) == 1
    assert transitions(store, "2024") == ()
    because(at, "advance 2024 on", "填报截止")
    click(at, "推进到“自查自评”")
    assert [success.value for success in at.success] == ["2024 年已进入“自查自评”。"]
    assert [(one.stage, one.person, one.reason) for one in transitions(store, "2024")] == [
        ("self_check", "王", "填报截止")]  # fmt: skip
    assert "填报 → 自查自评" in text_of(at)


def test_what_somebody_else_moved_meanwhile_is_not_moved_again(store: Store) -> None:
    """The click on a page of before is refused in words, and what was typed stays; so for a step back."""
    advance(store, "2024", "self_check", person="甲", reason="继续")
    at = opened()
    because(at, "advance 2024 on", "会审")
    advance(store, "2024", "audit", person="乙", reason="继续")
    click(at, "推进到“数据会审”")
    assert "乙已经把 2024 推进或退回到“数据会审”" in at.error[0].value.replace("\\", "")
    assert ["乙" in info.value for info in at.info] == [True]
    assert standing(store, "2024") == (2, "audit")
    assert next(area for area in at.text_area if "advance" in str(area.key)).value == "会审"
    because(at, "back 2024", "再报")
    step_back(store, "2024", "self_check", person="乙", reason="再查")
    click(at, "退回阶段")
    assert len(at.error) == 1
    assert standing(store, "2024") == (3, "self_check")


def test_results_that_changed_on_the_way_are_not_approved(store: Store) -> None:
    """Facts that came in after the leader looked refuse the approval; looked at again it is given."""
    at_approval(store)
    at = opened()
    because(at, "conclude 2024", "同意")
    sent(store, 2024, {"p1": 6})
    click(at, "审定结果")
    assert "可能已不是您看到的" in at.error[0].value
    click(at, "审定结果")
    assert [success.value for success in at.success] == ["2024 年的结果已审定，可以公布。"]


def test_a_leader_is_tried_with_and_without_results_before_they_are_public(store: Store) -> None:
    """Who approves has to see them: in an address that says so the leader does, else they are told what to ask for."""
    at_approval(store)
    at = opened(role="leader")
    assert "审定先要看得到结果" in text_of(at)
    assert "审定结果" not in labels(at)
    acting(at, "leader_early")
    assert "审定先要看得到结果" not in text_of(at)
    assert "审定结果" in labels(at)


@pytest.mark.usefixtures("store")
def test_who_may_not_move_a_cycle_has_no_button() -> None:
    """Nor is told what is missing of facts that they do not see."""
    others = (("evaluator", "p1"), ("leader", ""), ("reporter", "p1"), ("auditor", ""), ("administrator", ""))
    may = {("evaluator", ""): {"推进到“自查自评”"}}
    at = opened()
    for role, region in (*may, *others):
        acting(at, role, region)
        found = {label for label in labels(at) if label.startswith(("推进", "退回", "公布", "审定"))}
        assert found == may.get((role, region), set())
        assert ("可以进入" in text_of(at)) is (role in ("evaluator", "auditor") and not region)


def test_publication_is_held_until_a_moment_that_is_said_in_full(store: Store) -> None:
    """Day, time and zone stand in the sentence before; until they are chosen there is nothing to click."""
    at_approval(store)
    conclude(store, "2024", person="丙", reason="同意")
    at = opened()
    # Before it is too late for what is published now.
    assert "python -m data key" in text_of(at)
    at.toggle[0].set_value(True).run()
    assert next(button for button in at.button if button.label == "公布").disabled
    at.date_input[0].set_value("2020-06-01").run()
    assert "选定的时刻已经过去，所以随即公开。" in text_of(at)
    at.date_input[0].set_value("2032-06-01").run()
    assert re.search(r"2032-06-01 09:00（UTC[+-]\d\d:\d\d）公开", text_of(at))
    because(at, "publish 2024", "公布")
    click(at, "公布")
    assert "2032-06-01 09:00" in at.success[0].value.replace("\\", "")
    assert revisions_of(store).publications["2024"].release.startswith("2032-0")
    assert "共 1 版，已定稿，将于" in text_of(opened("editions"))
    assert re.search(r"2032-06-01 09:00 UTC[+-]\d\d:\d\d 才公开", text_of(opened()))


def test_a_release_is_moved_on_the_page(store: Store) -> None:
    """To a moment that is said in full, or at once; what was moved is listed, and afterwards nothing can be."""
    publish(store, "2024", person="甲", release="2999-01-01T08:00+08:00")
    at = opened("editions")
    assert next(button for button in at.button if button.label == "改公开时间").disabled
    next(one for one in at.toggle if one.label == "随即公开").set_value(True).run()
    assert "将随即公开，不能收回" in text_of(at)
    because(at, "release 2024", "已见报")
    click(at, "改公开时间")
    assert "已公开" in text_of(at)
    assert revisions_of(store).publications["2024"].released(now())
    assert re.search(r"公开时间由 2999-01-01 .* 改为 .*：已见报", text_of(at))
    assert "改公开时间" not in [button.label for button in at.button]


def test_a_window_that_is_behind_makes_nothing_public(store: Store) -> None:
    """Somebody postponed the release since the page was drawn: it says so, and what is there now is seen before."""
    publish(store, "2024", person="甲", release="2999-01-01T08:00+08:00")
    at = opened("editions")
    next(one for one in at.toggle if one.label == "随即公开").set_value(True).run()
    because(at, "release 2024", "按计划")
    move_release(store, "2024", "3000-01-01T08:00+08:00", person="李", reason="有误")
    click(at, "改公开时间")
    assert "李已把 2024 的公开时间改为 3000-01-01" in at.error[0].value.replace("\\", "")
    assert not revisions_of(store).publications["2024"].released(now())
    click(at, "改公开时间")
    assert revisions_of(store).publications["2024"].released(now())


def test_a_notice_is_drafted_edited_and_signed(store: Store) -> None:
    """Each is a version more; what somebody else recorded meanwhile is neither lost nor written over."""
    at_approval(store)
    conclude(store, "2024", person="丙", reason="同意")
    at = click(opened("notice"), "起草")
    (newest,) = versions(store, "2024", "zh")
    field = at.text_area(key="notice 2024 zh")
    assert field.value == newest.text
    # As high as the preview beside it: a label would be taken off its height.
    assert field.proto.label_visibility.value == LabelVisibility.COLLAPSED
    assert newest.text.strip() in [element.value for element in at.markdown]
    field.set_value("我的文本 ![x](http://x)").run()
    assert "我的文本 \\![x](http://x)" in [element.value for element in at.markdown]
    edit(store, "2024", "zh", "他人的文本", person="乙", reason="润色")
    at.run()
    assert "乙已在" in at.warning[0].value
    assert [code.value for code in at.code] == ["我的文本 ![x](http://x)"]
    click(at, "改用第 2 版")
    assert at.text_area(key="notice 2024 zh").value == "他人的文本"
    at.text_area(key="notice 2024 zh").set_value("改定的文本").run()
    because(at, "edit notice 2024 zh", "改定")
    click(at, "记为新的一版")
    assert [(one.text, one.person) for one in versions(store, "2024", "zh")][1:] == [
        ("他人的文本", "乙"), ("改定的文本", "王")]  # fmt: skip
    assert "python -m data key" in text_of(at)
    make_key(store)
    at.run()
    assert "第 3 版由您起草或改过，须由另一人签发" in text_of(at)
    assert "签发第 3 版" not in labels(at)
    at = click(opened("notice", person="丙"), "签发第 3 版")
    assert versions(store, "2024", "zh")[-1].signer == "丙"
    assert "已签发，随周期公开" in text_of(at)


def as_leader(path: str) -> None:
    """The notice for somebody who approves results and sees them before they are public."""
    from data.revisions import revisions_of
    from data.store import Store
    from pages.parts.noticed import noticed
    from pages.parts.stages import place_of
    from tests.test_cycles import known_as

    own = known_as(Store(path), "leader", provisional=True)
    noticed(place_of(own, revisions_of(own), "2024"))


def test_a_notice_of_former_numbers_is_told_before_it_is_signed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Results that were settled since: said above the text, no button to sign, one to draft anew, which keeps what was
    edited in sight; whoever only signs is told whom it waits for."""
    at_approval(store)
    make_key(store)
    at = opened("notice")
    assert "审定以后要重新起草" in text_of(at)
    click(at, "起草")
    edit(store, "2024", "zh", "润色过的文本", person="甲", reason="润色")
    assert not at.run().warning
    conclude(store, "2024", person="丙", reason="同意")
    at.run()
    assert at.warning[0].value.startswith("第 2 版不是由审定的、最新一版的结果写的")
    assert "重新起草" in at.warning[0].value
    assert "签发第 2 版" not in labels(at)
    told = AppTest.from_function(as_leader, kwargs={"path": str(store.path)}, default_timeout=60).run()
    assert [one.value.endswith("要等评估人员由现在的数重新起草。") for one in told.warning] == [True]
    assert not labels(told)
    click(at, "由现在的数重新起草")
    assert not at.warning
    assert [code.value for code in at.code] == ["润色过的文本"]
    assert at.text_area(key="notice 2024 zh").value == versions(store, "2024", "zh")[-1].text != "润色过的文本"
    assert "签发第 3 版" not in labels(at)
    assert "签发第 3 版" in labels(opened("notice", person="丙"))


def published(store: Store) -> None:
    """Two editions, of which the second has another fact of p1, and facts of p2 since; a signed notice."""
    publish(store, "2024", person="甲", reason="公布")
    sent(store, 2024, {"p1": 9})
    publish_again(store, "2024", person="丙", reason="更正")
    sent(store, 2024, {"p2": 3})
    make_key(store)
    sign(store, "2024", "zh", draft(store, "2024", "zh", person="甲"), person="丙")


def test_an_edition_for_the_notice_alone_says_so(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cycle before has another edition, to which the notice compares: no score moves."""
    sent(store, 2023, {"p1": 5, "p2": 6})
    publish(store, "2023", person="甲")
    publish(store, "2024", person="甲")
    number = propose(store, "2023", "p1", "one", -3.0, person="乙", reason="试")
    decide(store, number, "agreed", person="甲", reason="试")
    assert "没有任何变化" in text_of(opened("editions"))
    publish_again(store, "2023", person="丙", reason="更正")
    at = opened("editions")
    assert "现在再版会改变 0 个地区的得分" in text_of(at)
    assert "通报用来比较的以前周期的版次" in text_of(at)
    assert "公布第 2 版" in labels(at)


def test_scores_and_ranks_that_moved_are_counted_apart() -> None:
    """Of those compared: a rank that another's score moved is no score, rounding moves nothing, a province has no rank;
    a score that came, or went, is another."""
    rows = [
        (50.0, 60.0, 10.0, 2, 1), (55.0, 55.0, 0.0, 1, 2), (40.0, 40.0 + 1e-14, 1e-14, 3, 3),
        (None, 30.0, None, None, 4), (20.0, None, None, 4, None), (45.0, 48.0, 3.0, None, None),
    ]  # fmt: skip
    names = ("score_before", "score_after", "change", "rank_before", "rank_after")
    assert _moved(pl.DataFrame(rows, schema=names, orient="row")) == "3 个地区的得分、4 个地区的名次"


@pytest.mark.parametrize(
    ("change", "told"),
    [(None, "—"), (0.0, "持平"), (-1e-14, "持平"), (-5.0, "−5.00"), (0.004, "+0.0040"), (2e-6, "+0.000002000")],
)
def test_a_change_is_told_with_the_decimals_that_show_it(change: float | None, told: str) -> None:
    """What is counted as one never reads as none."""
    assert _change(change) == told


def test_editions_tell_what_they_changed_and_the_next_one_what_it_would(store: Store) -> None:
    """Scores before and after of the regions that moved; who may see one region sees its row only."""
    published(store)
    at = opened("editions")
    said = text_of(at)
    assert "第 2 版改变了 1 个地区的得分、4 个地区的名次" in said
    assert re.search(r"p1\s+50.0 → 90.0\s+\+40.00", said)
    assert "现在再版会改变 1 个地区的得分" in said
    because(at, "again 2024", "又一处更正")
    click(at, "公布第 3 版")
    assert [success.value for success in at.success] == ["2024 年第 3 版已公布。"]
    assert [one.reason for one in editions_of(store, "2024")] == ["公布", "更正", "又一处更正"]
    assert "自第 3 版以来没有任何变化" in text_of(at)
    assert "公布第 4 版" not in [button.label for button in at.button]
    own = text_of(acting(at, "reporter", "p2"))
    assert re.search(r"p2\s+60.0 → 30.0", own)
    assert "p1" not in own
    other = text_of(acting(at, "reporter", "p3"))
    assert "p2" not in other
    assert "公布第 4 版" not in labels(acting(at, "evaluator"))


def test_the_pages_for_everybody_are_one_archive_in_the_journal(store: Store) -> None:
    """Only of a public cycle, for whoever may export all of it; a notice that is taken is journalled too."""
    assert "没有版本" in text_of(opened("editions"))
    published(store)
    place = place_of(store, revisions_of(store), "2024")
    with zipfile.ZipFile(io.BytesIO(_packed(place, "site.zip"))) as archive:
        assert "index.html" in archive.namelist()
    taken = _text(place, versions(store, "2024", "zh")[-1])
    assert taken.decode() == versions(store, "2024", "zh")[-1].text
    assert [(one.way, one.forms, one.state) for one in exports(store)] == [
        ("page", ("notice", "md"), "published"), ("page", ("site",), "published")]  # fmt: skip
    reader = known_as(store, "reporter", "p1")
    assert not place_of(reader, revisions_of(reader), "2024").may("export")


def test_nothing_to_do_is_said(store: Store) -> None:
    """Where no cycle is public or under way, and where nothing waits in the one that is, a sentence says so."""
    at = opened(role="leader")
    assert "没有看得到的周期" in text_of(at)
    assert "评估人员推进或公布一个周期以后，它就出现在这里。" in text_of(at)
    advance(store, "2024", "self_check", person="甲", reason="继续")
    told = text_of(at.run())
    assert "现在没有要办的事" in told
    assert "到了“审定”阶段、要办的都办完，由您在这里审定结果。" in told
    assert "请系统管理员给您加上“查看未公布的结果”" in told
    assert "这里没有要您做的步骤" in text_of(acting(at, "reporter", "p1"))


def test_a_reviewer_is_told_what_their_grant_waits_for(store: Store) -> None:
    """A region to speak for first, then the lot; no refusal that names reviewers among those who may."""
    told = text_of(opened(role="reviewer"))
    assert "请在左边“试用角色”下面选一个地区" in told
    assert "没有权限" not in told
    told = text_of(opened(role="reviewer", region="p1"))
    assert "还没有抽到会审对象" in told
    assert "您代表的地区现在没有抽到" in told


def test_a_leader_of_one_cycle_under_embargo_is_told_when_it_is_public(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An older cycle that is public is not theirs: no word of a grant to look at, but the moment of their own."""
    sent(store, 2023, dict(zip(REGIONS, (5, 6, 8, 9), strict=True)))
    publish(store, "2023", person="甲")
    publish(store, "2024", person="甲", release="2999-01-01T09:00+08:00")
    give(store, Grant(0, "乙", "leader", cycles=("2024",), giver="管理员", reason="试"))
    own = opened_for(store, Person("乙", "乙", "oidc"))
    monkeypatch.setattr("pages.parts.shell.store_of_page", lambda: own)
    told = text_of(AppTest.from_file(str(PAGE.parents[1] / "view" / "overview.py"), default_timeout=60).run())
    assert f"2024 年：已定稿，将于 {zoned('2999-01-01T09:00+08:00')} 公开" in told
    assert "没有看得到的结果" not in told


def test_a_leader_is_told_from_when_results_are_seen(store: Store) -> None:
    """Before anything is published the page of results says so, and leads to how far the evaluation has come; of a
    cycle under embargo it says from when it is public, and nothing else."""
    at = AppTest.from_file(str(PAGE.parents[1] / "view" / "overview.py"), default_timeout=60)
    at.session_state["acting"] = "leader"
    told = text_of(at.run())
    assert "还没有公布的结果" in told
    assert "看评估到了哪一步" in told
    publish(store, "2024", person="甲")
    assert "还没有公布的结果" not in text_of(at.run())
    sent(store, 2025, dict(zip(REGIONS, (5, 6, 8, 9), strict=True)))
    publish(store, "2025", person="甲", release="2999-01-01T09:00+08:00")
    told = text_of(at.run())
    assert f"2025 年：已定稿，将于 {zoned('2999-01-01T09:00+08:00')} 公开" in told
    assert "2025 年综合得分" not in told
    at = AppTest.from_file(str(PAGE.parents[1] / "view" / "overview.py"), default_timeout=60)
    at.session_state["acting"] = "leader_early"
    told = text_of(at.run())
    assert "2025 年：已定稿" not in told
    assert "2025 年已定稿，将于" in told


def test_one_cycle_has_no_course(store: Store) -> None:
    """Where scores of one cycle are all there is, no empty picture is drawn: it is said that a course takes two."""
    for page, words in (("overview", "走势要有两个周期的得分；看得到的只有 2024 年"), ("compare", "")):
        at = AppTest.from_file(str(PAGE.parents[1] / "view" / f"{page}.py"), default_timeout=60).run()
        assert words in text_of(at)
        assert "各周期" not in text_of(at)
    told = text_of(AppTest.from_file(str(PAGE.parents[1] / "view" / "overview.py"), default_timeout=60).run())
    assert "没有上期可比" in told
    assert "名次没有变动" not in told
    sent(store, 2025, dict(zip(REGIONS, (5, 6, 8, 9), strict=True)))
    told = text_of(AppTest.from_file(str(PAGE.parents[1] / "view" / "overview.py"), default_timeout=60).run())
    assert "还没有走势" not in told
    assert "4 个地区名次持平" not in told
    assert "名次没有变动" in told


def test_another_role_is_tried_without_the_region_of_the_one_before(store: Store) -> None:
    """The name stays, the region goes."""
    at = AppTest.from_file(str(PAGE.parents[2] / "app.py"), default_timeout=60)
    at.session_state["person"] = "王"
    at.query_params["acting"], at.query_params["acting_in"] = "reporter", "p2"
    at.run()
    assert at.selectbox(key="acting_in").value == "p2"
    at.selectbox(key="acting").set_value("leader").run()
    assert at.selectbox(key="acting_in").value is None
    assert "acting_in" not in at.query_params
    assert at.session_state["person"] == "王"


def test_every_part_draws_for_every_role(store: Store) -> None:
    """In a published cycle and for one region, no part ends in an exception."""
    publish(store, "2024", person="甲")
    at = opened()
    for role in ("leader", "reporter"):
        for part in ("course", "review", "adjust", "notice", "editions", "object"):
            at.query_params["part"] = part
            acting(at, role, "p1")
            assert text_of(at)
