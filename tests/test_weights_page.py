"""The page of weights by people: who says what lasts, what is shown is what the engine makes of it, and is written."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data.__main__ import main
from data.drafts import Drafts
from data.proposals import approve, submit
from data.revisions import revisions_of
from data.sheets import Answer, Sheet, Sheets
from data.store import Store
from metrics import consultation
from metrics.definitions import Definitions
from metrics.reader import read
from pages.parts.desk import blank

PAGE = Path(__file__).parent.parent / "pages" / "define" / "weights.py"
LOADED = "{ahp: [{by: 甲, matrix: [[1, 2, 4], [1/2, 1, 2], [1/4, 1/2, 1]]}]}"
FILE = """\
# 说明：注释须保留
schema: 1
title: t
variables: {x: {name: x, unit: "1"}}
indicators:
  a: {name: 甲项, unit: "1", formula: x, better: higher}
  b: {name: 乙项, unit: "1", formula: x + 1, better: higher}
  c: {name: 丙项, unit: "1", formula: x + 2, better: higher}
  d: {name: 丁项, unit: "1", formula: x + 3, better: higher}
index:
  code: all
  name: 总
  children:
    - code: one
      name: 壹
      weight: 0.5
      children: [{indicator: a, weight: 0.2}, {indicator: b, weight: 0.3}, {indicator: c, weight: 0.5}]
    - {code: two, name: 贰, weight: 0.5, children: [{indicator: d}]}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store without facts and of its definitions file, whose `one` has a judge."""
    folder = tmp_path_factory.mktemp("weights")
    _store(folder, FILE.replace("name: 壹", f"name: 壹\n      weights: {LOADED}"))
    return folder


def _store(folder: Path, definitions: str) -> None:
    (folder / "d.yaml").write_text(definitions, "utf-8")
    assert main(["init", "--db", str(folder / "s.duckdb"), "--indicators", str(folder / "d.yaml")]) == 0


@pytest.fixture
def store(made: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The pages read that store; its definitions file, to be read only. Nobody has left anything beside it."""
    monkeypatch.setenv("QUHENG_DB", str(made / "s.duckdb"))
    yield made / "d.yaml"
    shutil.rmtree(made / "s.duckdb.sheets", ignore_errors=True)


def _run(before: AppTest | None = None, **query: str) -> AppTest:
    """The page at an address, in the session of another one where that is given."""
    at = AppTest.from_file(str(PAGE), default_timeout=60)
    for name in ("sheet", "judge chosen", "desk", "weights seen"):
        if before is not None and name in before.session_state:
            at.session_state[name] = before.session_state[name]
    for name, value in query.items():
        at.query_params[name] = value
    return _sound(at.run())


def _sound(at: AppTest) -> AppTest:
    assert not at.exception
    return at


def _text(at: AppTest) -> str:
    return "\n".join(element.proto.body for element in at.get("html"))


def _lead(at: AppTest) -> str:
    return re.search('<p class="q-lead">(.*?)</p>', _text(at))[1]  # type: ignore[index]


def _add(at: AppTest, name: str) -> AppTest:
    at.text_input(key="judge typed").set_value(name)
    return _sound(next(button for button in at.button if button.label == "加入").click().run())


def _judge(at: AppTest, *steps: float) -> AppTest:
    """The judge who is chosen compares the first pairs."""
    for place, step in enumerate(steps):
        found = next(each for each in at.button_group if each.key.startswith(f"pair {place} "))
        found.set_value(step)
    return _sound(at.run())


def _share_out(at: AppTest, *points: float) -> AppTest:
    for place, point in enumerate(points):
        next(each for each in at.number_input if each.key.startswith(f"points {place} ")).set_value(point)
    return _sound(at.run())


def _press(at: AppTest, label: str) -> AppTest:
    return _sound(next(button for button in at.button if button.label == label).click().run())


def _said(at: AppTest) -> dict[str, list[float | None] | None]:
    """What each judge of `one` says here, beside what is written."""
    return {by: answer.said for by, answer in at.session_state["sheet"].answers["ahp one a b c"].items()}


def _judges(at: AppTest) -> list[str]:
    """Who can be chosen; without who has not finished."""
    found = [box for box in at.selectbox if box.label == "专家"]
    return [re.sub("（未完成）$", "", option) for option in found[0].options] if found else []


def _labels(at: AppTest) -> list[str]:
    return [button.label for button in at.button]


def _lay(at: AppTest, text: str) -> None:
    """A draft on the desk of this window."""
    store = Store()
    desk = blank(store, revisions_of(store), "")
    desk.text = text
    at.session_state["desk"] = desk


def _written(at: AppTest) -> Definitions:
    found = read(at.session_state["desk"].text.encode()).definitions
    assert found is not None
    return found


@pytest.mark.usefixtures("store")
def test_nobody_has_spoken() -> None:
    """Where nobody has finished the page says how much is asked, and writes nothing."""
    at = _run()
    assert "总：还没有完成的专家意见，每位专家要比较 1 对" in _lead(at)
    assert "写入定义草稿" not in _labels(at)
    assert "每位专家把 100 分分给 2 项" in _lead(_run(way="budget"))


@pytest.mark.usefixtures("store")
def test_what_is_in_the_file_is_loaded() -> None:
    """The judge of the file has 4 : 2 : 1; the method is that of the file, and nothing has changed."""
    at = _run(node="one")
    assert "甲认为甲项最重要（57.1 %）" in _lead(at)
    assert "一致性比率 0.00，可以采用" in _lead(at)
    assert "与现在的权重相同" in _text(at)
    assert "采用这个建议" not in _labels(at)


@pytest.mark.usefixtures("store")
def test_a_second_judge_joins_the_first() -> None:
    """What all come to is the engine's, and the sentence names what they differ on."""
    at = _judge(_add(_run(node="one"), "乙"), -2.0, -4.0)
    assert "甲认为甲项最重要" in _lead(at)
    assert "未完成，不计入：乙" in _text(at)
    at = _judge(at, -2.0, -4.0, -2.0)
    found = consultation.consult("ahp", {"甲": [2.0, 4.0, 2.0], "乙": [-2.0, -4.0, -2.0]}, 3)
    assert found.weights == pytest.approx([1 / 3] * 3)
    assert "2 位专家合起来" in _lead(at)
    assert "分歧最大的是甲项：乙 14.3 %，甲 57.1 %" in _lead(at)
    assert "彼此最远：甲与乙，42.9 % 的权重不同" in _text(at)


@pytest.mark.usefixtures("store")
def test_ties_and_what_lies_outside_are_told() -> None:
    """Who differs as much as those named; 4 : 2 : 1 twice and 1 : 2 : 4 give the second 2/7, all together 0.31."""
    at = _judge(_add(_run(node="one"), "乙"), 2.0, 4.0, 2.0)
    assert "另有" not in _text(at)
    assert "最低与最高之外" not in _text(at)
    at = _judge(_add(at, "丙"), -2.0, -4.0, -2.0)
    assert "分歧最大的是甲项：丙 14.3 %，甲、乙 57.1 %（分歧同样大的另有 1 项）" in _lead(at)
    assert "彼此最远：甲与丙，42.9 % 的权重不同（同样远的另有 1 对）" in _text(at)
    assert "最低与最高之外" in _text(at)


@pytest.mark.usefixtures("store")
def test_the_odd_judgement_can_be_taken_back_to_the_others() -> None:
    """2, 4 and 1/2 (λ = 1 + ∛4 + 1/∛4): the ratio is 0.19, the first would have to be 4·2 = 8, and a click takes it."""
    at = _judge(_add(_run(node="one"), "乙"), 2.0, 4.0, -2.0)
    text = _text(at)
    assert "一致性比率 0.19，超过 0.1：判断有自相矛盾" in text
    assert "甲项与乙项，现在是“甲项重要，介于同等与稍微（2）”（另有 2 对同样不一致" in text
    assert "其余判断合起来是“甲项重要，介于强烈与绝对（8）”；照此修改，一致性比率由 0.19 降到 0.00" in text
    assert [warning.value for warning in at.warning] == ["这些专家的一致性比率超过 0.1，建议先请他们复核：乙"]
    at = _press(at, "采用这个建议")
    assert _said(at) == {"乙": [8.0, 4.0, -2.0]}
    assert "一致性比率 0.00，不超过 0.1，可以采用" in _text(at)
    assert not at.warning


def test_what_is_written_is_what_was_shown(store: Path) -> None:
    """The draft differs by the node's weights alone, says who said what, and comes to the weights of the page."""
    at = _press(_judge(_add(_run(), "张三: #1"), 3.0), "写入定义草稿")
    assert "已写入草稿" in at.success[0].value
    before, after = store.read_text("utf-8"), at.session_state["desk"].text
    added = [line for line in after.splitlines() if line not in before.splitlines()]
    assert after.startswith(before.rstrip("\n"))
    assert "张三: #1" in "\n".join(added)
    definitions = _written(at)
    assert consultation.in_force(definitions, definitions.index) == pytest.approx((0.75, 0.25))
    assert "张三: #1认为壹最重要（75 %）" in _lead(at)
    assert "改动最大：壹由 50 % 到 75 %" in _text(at)
    assert store.read_text("utf-8") == before
    (saved,) = [one for one in Drafts(Store()).all() if one.text == after]
    assert saved.based_on == 0


@pytest.mark.usefixtures("store")
def test_a_second_node_goes_into_the_same_draft() -> None:
    """What was written of the first one stays."""
    at = _press(_judge(_add(_run(), "甲"), 3.0), "写入定义草稿")
    at.selectbox(key="node").set_value("one").run()
    at = _press(_judge(_add(at, "乙"), 2.0, 4.0, 2.0), "写入定义草稿")
    nodes = _written(at).tree_nodes
    assert consultation.given(nodes["all"].weights) == {"甲": [3.0]}
    assert list(consultation.given(nodes["one"].weights)) == ["甲", "乙"]


@pytest.mark.usefixtures("store")
def test_a_draft_with_other_children_is_left_alone() -> None:
    """Weights of children that the draft no longer has are not written into it."""
    at = _judge(_add(_run(), "甲"), 3.0)
    _lay(at, FILE.replace("code: two", "code: other"))
    at = _press(at, "写入定义草稿")
    assert "下级已经不同" in at.error[0].value
    assert "weights" not in at.session_state["desk"].text


@pytest.mark.usefixtures("store")
def test_a_draft_with_errors_is_left_alone() -> None:
    """What is wrong in it is said, at its line; nothing is lost."""
    at = _judge(_add(_run(), "甲"), 3.0)
    broken = FILE.replace("formula: x + 3", "formula: z")
    _lay(at, broken)
    at = _press(at, "写入定义草稿")
    assert "第 9 行" in at.error[0].value
    assert at.session_state["desk"].text == broken


@pytest.mark.usefixtures("store")
def test_points_count_once_they_are_a_hundred() -> None:
    """60 and 50 are 10 too many and count for nothing; scaled on demand they are 54.55 and 45.45."""
    at = _share_out(_add(_run(way="budget"), "甲"), 60.0, 50.0)
    assert "多出 10 分；分满 100 分才计入" in _text(at)
    assert "还没有完成的专家意见" in _lead(at)
    at = _press(at, "按比例折算为 100 分")
    assert "正好 100 分" in _text(at)
    assert "甲认为壹最重要（54.5 %）" in _lead(at)
    assert "一致性比率" not in _text(at)
    assert consultation.given(_written(_press(at, "写入定义草稿")).index.weights) == {"甲": [54.55, 45.45]}


@pytest.mark.usefixtures("store")
def test_several_may_come_first() -> None:
    """What is as heavy as the heaviest is named beside it."""
    at = _share_out(_add(_run(node="one", way="budget"), "乙"), 40.0, 20.0, 40.0)
    assert "乙认为甲项、丙项最重要（40 %）" in _lead(at)
    assert "甲项、丙项 40 %" in _text(at)


@pytest.mark.usefixtures("store")
def test_what_is_half_done_lasts() -> None:
    """Another node and back, another language, another page in between: what was judged is still there."""
    at = _judge(_add(_run(node="one"), "乙"), 3.0)
    at.selectbox(key="node").set_value("all").run()
    at.selectbox(key="node").set_value("one").run()
    for again in (at, _run(at, node="one", lang="en"), _run(at, node="one")):
        first, second, *_ = (each for each in again.button_group if each.key.startswith("pair "))
        assert (first.value, second.value) == (3.0, None)
    assert "Pairs to go: 2" in _text(_run(at, node="one", lang="en"))


@pytest.mark.usefixtures("store")
def test_a_closed_browser_loses_nothing() -> None:
    """What was filled in is beside the store, another window goes on with it, and what is written is no longer told."""
    _judge(_add(_run(node="one"), "乙"), 3.0)
    at = _run(node="one")
    assert _judges(at) == ["甲"]
    assert re.search("未署名，.* 保存：壹（乙）", at.text[0].value)
    at = _press(at, "在本窗口继续")
    assert (_said(at), _judges(at)) == ({"乙": [3.0, None, None]}, ["甲", "乙"])
    assert "s.duckdb.sheets" in _text(at)
    assert len(Sheets(Store()).all()) == 1
    at = _press(_judge(at, 3.0, 5.0, 2.0), "写入定义草稿")
    other = AppTest.from_file(str(PAGE), default_timeout=60)
    other.session_state["desk"] = at.session_state["desk"]
    assert "在本窗口继续" not in _labels(_sound(other.run()))


@pytest.mark.usefixtures("store")
def test_what_is_kept_can_be_thrown_away() -> None:
    """One's own and another window's; on disk too."""
    at = _press(_judge(_add(_run(node="one"), "乙"), 3.0), "确定丢弃")
    assert (_judges(at), Sheets(Store()).all()) == (["甲"], ())
    _judge(_add(_run(node="one"), "丙"), 3.0)
    at = _press(_run(node="one"), "确定丢弃")
    assert (_labels(at).count("在本窗口继续"), Sheets(Store()).all()) == (0, ())


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("said", [[3.0], [3.0, 0.5, 1.0], [1e308, 1.0, 1.0]])
def test_what_nobody_can_have_said_is_passed_over(said: list[float | None]) -> None:
    """A file beside the store with too few answers, or others than the page offers, is not gone on with."""
    Sheets(Store()).save(Sheet("w", answers={"ahp one a b c": {"乙": Answer(said, None)}}))
    assert "在本窗口继续" not in _labels(_run(node="one"))


def test_what_cannot_be_kept_is_said(store: Path) -> None:
    """With what to do; the page works on, and the next change is kept again."""
    folder = store.with_name("s.duckdb.sheets")
    folder.write_text("a file stands in the way")
    at = _judge(_add(_run(node="one"), "乙"), 3.0)
    assert "专家的判断没有存下来" in at.error[0].value
    folder.unlink()
    at = _judge(at, 5.0)
    assert not at.error
    assert _said(at) == {"乙": [5.0, None, None]}
    assert Sheets(Store()).all()[0].answers == at.session_state["sheet"].answers


def _approve(store: Path, old: str, new: str) -> None:
    """Another person's version of the text with a change is approved."""
    found = Store(store.with_name("s.duckdb"))
    latest = revisions_of(found).latest
    assert old in latest.text
    text, asked = latest.text.replace(old, new), {"author": "赵", "reason": "r", "from_cycle": "2031"}
    approve(found, submit(found, text, based_on=latest.number, **asked), person="钱")


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store to be written, whose `one` has a judge; its definitions file."""
    _store(tmp_path, FILE.replace("name: 壹", f"name: 壹\n      weights: {LOADED}"))
    monkeypatch.setenv("QUHENG_DB", str(tmp_path / "s.duckdb"))
    return tmp_path / "d.yaml"


OTHERS = "matrix: [[1, 1, 1], [1, 1, 1], [1, 1, 1]]"


def test_what_is_approved_meanwhile_is_shown_before_anything_is_written(alone: Path) -> None:
    """The other's weights of a judge whom nobody touched here stay; the first click writes nothing, and says why."""
    at = _judge(_add(_run(node="one"), "乙"), 1.0, 1.0, 1.0)
    _approve(alone, LOADED[LOADED.index("matrix"):-3], OTHERS)
    at = _press(at, "写入定义草稿")
    assert "desk" not in at.session_state
    assert "还没有写入" in at.warning[0].value
    assert "33.3 %" in _lead(at)
    given = consultation.given(_written(_press(at, "写入定义草稿")).tree_nodes["one"].weights)
    assert given == {"甲": [1.0, 1.0, 1.0], "乙": [1.0, 1.0, 1.0]}


def test_a_draft_that_is_overtaken_is_left_alone(alone: Path) -> None:
    """The version approved since has to be taken into it first, as on the page of definitions."""
    at = _press(_judge(_add(_run(node="one"), "乙"), 1.0, 1.0, 1.0), "写入定义草稿")
    before = at.session_state["desk"].text
    _approve(alone, "weight: 0.2", "weight: 0.4")
    at = _press(_judge(at, 3.0), "写入定义草稿")
    at = _press(at, "写入定义草稿")
    assert "请先在“指标体系”页把它并入草稿" in at.error[0].value
    assert at.session_state["desk"].text == before


def test_a_judge_changed_by_both_is_told(alone: Path) -> None:
    """What was said here is kept, until it is given up for what was approved."""
    at = _judge(_run(node="one"), 5.0)
    _approve(alone, LOADED[LOADED.index("matrix"):-3], OTHERS)
    at = _run(at, node="one")
    assert "这些专家的判断也变了：甲" in at.warning[0].value
    assert _said(at) == {"甲": [5.0, 4.0, 2.0]}
    at = _press(at, "改用定义里的")
    assert not at.warning
    assert "33.3 %" in _lead(at)


def test_what_is_in_the_draft_is_built_on(alone: Path) -> None:
    """A new window on the same draft shows the judges of the draft, and writes none of them away."""
    at = _press(_judge(_add(_run(node="one"), "乙"), 2.0, 4.0, 2.0), "写入定义草稿")
    desk = at.session_state["desk"]
    at = AppTest.from_file(str(PAGE), default_timeout=60)
    at.session_state["desk"] = desk
    at.query_params["node"] = "one"
    at = _press(_judge(_add(_sound(at.run()), "丙"), 2.0, 4.0, 2.0), "写入定义草稿")
    assert list(consultation.given(_written(at).tree_nodes["one"].weights)) == ["甲", "乙", "丙"]


@pytest.mark.usefixtures("store")
def test_names_are_text() -> None:
    """A name with markup is shown as it was typed, in the page and in its messages."""
    at = _judge(_add(_run(node="one"), "<i>**x**"), 3.0, 5.0, -9.0)
    assert "&lt;i&gt;**x**" in _text(at)
    assert "<i>" not in _text(at)
    assert "\\<i\\>\\*\\*x\\*\\*" in at.warning[0].value


@pytest.mark.usefixtures("store")
def test_a_name_is_there_and_there_once() -> None:
    """No name and a name that is there already are refused in words; nobody's judgements are lost."""
    at = _add(_run(node="one"), " ")
    assert [warning.value for warning in at.warning] == ["请先写下姓名或称呼。"]
    at = _add(at, "甲")
    assert [warning.value for warning in at.warning] == ["这个名字已经有了，请换一个能区分的。"]
    assert _judges(at) == ["甲"]
    assert "57.1 %" in _lead(at)


@pytest.mark.usefixtures("store")
def test_a_judge_can_be_taken_away() -> None:
    """With all that was said; the others stay."""
    at = _press(_add(_run(node="one"), "乙"), "确定移除")
    assert _judges(at) == ["甲"]


def test_who_joins_in_a_later_version_joins_here(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another person's new judge in the file stands beside the one of this window; who was taken away stays away."""
    at = _press(_run(node="one"), "确定移除")
    at = _judge(_add(at, "丙"), 5.0)
    assert _judges(_run(at, node="one")) == ["丙"]
    more = "{ahp: [{by: 丁, matrix: [[1, 1, 1], [1, 1, 1], [1, 1, 1]]}, "
    _store(tmp_path, store.read_text("utf-8").replace("{ahp: [", more))
    monkeypatch.setenv("QUHENG_DB", str(tmp_path / "s.duckdb"))
    at = _run(at, node="one")
    assert _judges(at) == ["丁", "丙"]
    assert _said(at) == {"甲": None, "丙": [5.0, None, None]}


def test_many_children_are_compared_page_by_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten children make 45 pairs: too many is said, nine are shown at a time, and the next page is a click away."""
    names = [f"i{place}" for place in range(10)]
    indicators = "".join(f'  {n}: {{name: {n}, unit: "1", formula: x + {n[1]}, better: higher}}\n' for n in names)
    children = ", ".join(f"{{indicator: {name}}}" for name in names)
    head = 'schema: 1\ntitle: t\nvariables: {x: {name: x, unit: "1"}}\nindicators:\n'
    _store(tmp_path, f"{head}{indicators}index: {{code: all, name: all, children: [{children}]}}\n")
    monkeypatch.setenv("QUHENG_DB", str(tmp_path / "s.duckdb"))
    at = _add(_run(), "甲")
    assert "要比较 45 对" in at.warning[0].value
    shown = [each.key.split()[1] for each in at.button_group if each.key.startswith("pair ")]
    assert shown == [str(place) for place in range(9)]
    at = _press(at, "接着比较")
    assert next(each.key for each in at.button_group if each.key.startswith("pair ")).startswith("pair 9 ")


def test_nothing_to_weigh_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no node has two children the page says so and what to do."""
    _store(tmp_path, FILE[: FILE.index("  children:")] + "  children: [{indicator: a}]\n")
    monkeypatch.setenv("QUHENG_DB", str(tmp_path / "s.duckdb"))
    assert "至少要有一个维度有两项下级" in _text(_run())
