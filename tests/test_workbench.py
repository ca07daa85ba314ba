"""The workbench: a text is written, checked, submitted, approved by another; drafts outlive the window."""

import re
import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import pages.parts.editor
from data.__main__ import main
from data.drafts import Draft, Drafts
from data.proposals import approve, publish, submit
from data.revisions import revisions_of
from data.store import Store
from metrics.reader import read
from pages.parts.impact import looked_up
from pages.parts.url import ACTING, PLACE

ROOT = Path(__file__).parent.parent


@pytest.fixture
def store(demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The demonstration to be written to; the editor is a text area."""
    path = tmp_path / "s.duckdb"
    shutil.copyfile(demo, path)
    monkeypatch.setenv("QUHENG_DB", str(path))
    monkeypatch.setattr(pages.parts.editor, "BUNDLE", tmp_path / "absent.js")
    return Store(path)


def _open(part: str, person: str = "", page: str = "define/definitions", **query: str) -> AppTest:
    at = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=60)
    for name, value in {"part": part, **query}.items():
        at.query_params[name] = value
    if person:
        at.session_state["person"] = person
    return _good(at.run())


def _good(at: AppTest) -> AppTest:
    assert not at.exception
    return at


def _editor(at: AppTest) -> object:
    return next(area for area in at.text_area if area.label == "定义文本")


def _type(at: AppTest, old: str, new: str) -> AppTest:
    area = _editor(at)
    text = area.value  # type: ignore[attr-defined]
    assert old in text
    return _good(area.set_value(text.replace(old, new, 1)).run())  # type: ignore[attr-defined]


def _press(at: AppTest, label: str) -> AppTest:
    return _good(next(button for button in at.button if button.label.startswith(label)).click().run())


def _html(at: AppTest) -> str:
    return "\n".join(element.proto.body for element in at.get("html"))


def _changed(store: Store, title: str = "另一个标题") -> str:
    text = revisions_of(store).latest.text
    assert "title: {zh: 机关事务区域一体化绩效评估" in text
    return text.replace("title: {zh: 机关事务区域一体化绩效评估", f"title: {{zh: {title}", 1)


def test_a_broken_line_is_said_at_its_line(store: Store) -> None:
    """The problem stands beside its line; mended it is gone, and nothing can be submitted before."""
    at = _type(_open("edit", "甲"), "formula: operating_cost / cost_heads", "formula: operating_cost / cost_headz")
    assert "cost_headz" in _html(at)
    at = _good(at.segmented_control(key="check").set_value("submit").run())
    assert any("还有错误" in warning.value for warning in at.warning)
    at = _type(at, "cost_headz", "cost_heads")
    assert not at.warning


def test_a_text_is_submitted_and_approved_by_another(store: Store) -> None:
    """The author cannot approve; another can, and then it is in force from its cycle."""
    at = _type(_open("edit", "甲"), "title: {zh: 机关事务区域一体化绩效评估", "title: {zh: 新标题")
    at = _good(at.segmented_control(key="check").set_value("submit").run())
    at = _good(next(box for box in at.text_input if box.label == "为什么改").set_value("改题目").run())
    _press(at, "提交，自 2024 起施行")
    assert [one.state for one in revisions_of(store).all] == ["approved", "submitted"]
    assert Drafts(store).all() == ()
    own = _open("versions", "甲")
    assert not [button for button in own.button if button.label.startswith("批准")]
    _press(_open("versions", "乙"), "批准，自 2024 起施行")
    known = revisions_of(store)
    assert known.latest.number == 2
    assert known.latest.definitions.title.zh == "新标题"


def test_a_draft_is_there_when_the_page_is_opened_again(store: Store) -> None:
    """Typing saves it; a new window of the same person opens it, and another person sees that it is there."""
    _type(_open("edit", "甲"), "title: {zh: 机关事务区域一体化绩效评估", "title: {zh: 写了一半")
    assert "写了一半" in _editor(_open("edit", "甲")).value  # type: ignore[attr-defined]
    other = _open("edit", "乙")
    assert "写了一半" not in _editor(other).value  # type: ignore[attr-defined]
    assert any("1 份" in expander.label for expander in other.expander)


def test_a_name_given_after_the_page_was_opened_finds_the_draft(store: Store) -> None:
    """A window nobody has written in yet takes the draft up; what was written in it before stays."""
    _type(_open("edit", "甲"), "title: {zh: 机关事务区域一体化绩效评估", "title: {zh: 写了一半")
    at = _good(_open("edit").selectbox(key="person").set_value("甲").run())
    assert "写了一半" in _editor(at).value  # type: ignore[attr-defined]
    at = _type(_open("edit"), "title: {zh: 机关事务区域一体化绩效评估", "title: {zh: 另起的")
    at = _good(at.selectbox(key="person").set_value("甲").run())
    assert "另起的" in _editor(at).value  # type: ignore[attr-defined]
    assert [draft.person for draft in Drafts(store).all()] == ["甲", "甲"]


def test_what_nobody_signed_is_opened_by_nobody(store: Store) -> None:
    """Another window begins with the version in force; the unsigned text is offered beside it, and stays."""
    _type(_open("edit"), "title: {zh: 机关事务区域一体化绩效评估", "title: {zh: 写了一半")
    other = _open("edit")
    assert "写了一半" not in _editor(other).value  # type: ignore[attr-defined]
    assert any("1 份" in expander.label for expander in other.expander)
    assert len(Drafts(store).all()) == 1


def test_a_draft_that_cannot_be_saved_is_saved_as_soon_as_it_can_be(store: Store) -> None:
    """It is said in every run until then, and the text stays in the editor."""
    folder = Drafts(store).folder
    folder.write_text("")
    at = _type(_open("edit", "甲"), "title: {zh: 机关事务区域一体化绩效评估", "title: {zh: 写了一半")
    for _ in range(2):
        assert any("草稿没有存下来" in error.value for error in at.error)
        assert "写了一半" in _editor(at).value  # type: ignore[attr-defined]
        at = _good(at.run())
    folder.unlink()
    assert not _good(at.run()).error
    assert "写了一半" in Drafts(store).all()[0].text


def test_a_draft_of_a_version_that_the_store_lacks_is_opened_all_the_same(store: Store) -> None:
    """An older store was put back: the draft builds on the newest version there is."""
    text = _changed(store, "写了一半")
    Drafts(store).save(Draft("甲", "w", 7, text))
    assert "写了一半" in _editor(_open("edit", "甲")).value  # type: ignore[attr-defined]


def test_who_comes_second_is_shown_what_changed_and_loses_nothing(store: Store) -> None:
    """A version approved meanwhile is told, taken in on demand, and both changes stand in the text."""
    at = _type(_open("edit", "甲"), "weight: 0.20}", "weight: 0.21}")
    number = submit(store, _changed(store), based_on=0, author="乙", reason="题目", from_cycle="2024")
    approve(store, number, person="丙")
    at = _good(at.run())
    assert any("第 2 版" in warning.value for warning in at.warning)
    at = _press(at, "并入我的草稿")
    text = _editor(at).value  # type: ignore[attr-defined]
    assert "另一个标题" in text
    assert "weight: 0.21}" in text
    assert not at.warning


def test_an_old_version_comes_back_as_a_draft(store: Store) -> None:
    """Restoring puts the old text on the desk, to be submitted like any other; nobody does who may not define."""
    first = revisions_of(store).latest.text
    number = submit(store, _changed(store), based_on=0, author="乙", reason="题目", from_cycle="2024")
    approve(store, number, person="丙")
    at = _open("versions", "甲")
    at = _good(at.selectbox[-1].set_value(1).run())
    at.session_state[ACTING], at.session_state[PLACE] = "reporter", "930400"
    assert "以这一版为新草稿" not in [button.label for button in _good(at.run()).button]
    at.session_state[ACTING] = None
    at = _press(_good(at.run()), "以这一版为新草稿")
    assert _editor(at).value == first  # type: ignore[attr-defined]
    assert Drafts(store).of("甲")[0].text == first


def test_a_version_is_read_line_by_line_and_whole(store: Store) -> None:
    """Both are made only once they are opened; each kind of change has a sign of its own beside its colour."""
    first = revisions_of(store).latest.text
    lines = _changed(store).split("\n")
    lines[4:5] = []
    lines.insert(9, "# <neu>")
    submit(store, "\n".join(lines), based_on=0, author="乙", reason="题目", from_cycle="2024")
    at = _open("versions", "甲")
    assert "改前" not in _html(at)
    assert not at.code
    at.session_state["lines"] = at.session_state["whole text"] = True
    at = _good(at.run())
    assert {sign: _html(at).count(f"<b>{sign}</b>") for sign in "−+~"} == {"−": 1, "+": 1, "~": 1}
    assert "# &lt;neu&gt;" in _html(at)
    assert at.code[0].value == "\n".join(lines).strip()
    at = _good(at.selectbox[-1].set_value(1).run())
    assert at.code[0].value == first.strip()


def test_pages_show_each_cycle_by_its_own_version(store: Store) -> None:
    """The published cycle says its version and keeps its scores; the open one follows the new version."""
    before = _html(_open("", page="view/overview", cycle="2023"))
    publish(store, "2023", person="丁")
    text = revisions_of(store).latest.text.replace("at_least: 90", "at_least: 95")
    approve(store, submit(store, text, based_on=1, author="乙", reason="等级", from_cycle="2024"), person="丙")
    published, open_ = (_html(_open("", page="view/overview", cycle=cycle)) for cycle in ("2023", "2024"))
    assert "按指标定义第 1 版评分，已公布（结果第 1 版）" in published
    assert "按指标定义第 2 版评分；上期按第 1 版" in open_
    lead = [line for line in before.splitlines() if "q-lead" in line]
    assert lead == [line for line in published.splitlines() if "q-lead" in line]


def test_an_edited_file_counts_at_once_while_no_version_was_proposed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store is the same and the file is not: pages show what the file now says, changes included."""
    file, facts = tmp_path / "i.yaml", tmp_path / "f.csv"
    text = """
schema: 1
title: t
variables: {water: {name: W, unit: m3}}
indicators:
  use: {name: Use, unit: m3, formula: water, better: lower, normalise: {method: goalposts, worst: 10, best: 0}}
index: {code: all, name: All, children: [{indicator: use}]}
"""
    file.write_text(text, "utf-8")
    rows = [f"{region},{year},water,{value}" for year in (2023, 2024) for region, value in (("a", 2), ("b", 8))]
    facts.write_text("region,period,variable,value\n" + "\n".join(rows) + "\n", "utf-8")
    db = str(tmp_path / "x.duckdb")
    assert main(["init", "--db", db, "--indicators", str(file)]) == 0
    assert main(["import", str(facts), "--db", db]) == 0
    monkeypatch.setenv("QUHENG_DB", db)
    assert "80.0" in _html(_open("", page="view/overview", cycle="2024"))
    file.write_text(text.replace("worst: 10", "worst: 16"), "utf-8")
    told = _html(_open("", page="view/overview", cycle="2024"))
    assert "87.5" in told
    assert "80.0" not in told


def test_a_weight_that_scores_decide_is_told_as_scored(store: Store) -> None:
    """The form shows the share that the facts at hand give, which no text can tell."""
    at = _open("edit", "甲")
    assert "在“运行成本”中的份额：20 %" in _html(at)
    at = _type(at, "en: Operating cost}\n      weight: 0.30\n", "en: Operating cost}\n      weights: {entropy: 2024}\n")
    assert "按“熵权法”确定，这里填的数不起作用" in _html(at)
    (share,) = re.findall("在“运行成本”中的份额：([0-9.]+) %", _html(at))
    scored = looked_up(store, read(_editor(at).value).definitions).card.frame  # type: ignore[attr-defined, arg-type]
    (weight,) = scored.filter(period="2024", code="operating_cost_per_head")["weight"].unique().to_list()
    assert float(share) == pytest.approx(100 * weight, abs=0.05)
    assert share != "20"
