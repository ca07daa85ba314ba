"""Others' figures on the scorecards page: compared when uploaded, kept when asked, taken again as they came."""

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import data.exports
from data.assessed import Assessments
from data.exports import Leave
from data.store import Store

PAGE = str(Path(__file__).parent.parent / "pages" / "take" / "scorecards.py")
TEXT = "地区,代码,得分\n枫屿市,composite,93.41\n青砚市,composite,88\n<b>乌有</b>,composite,3\n岫原市,composite,六十\n"


@pytest.fixture(scope="module")
def own(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demonstration of these tests' own."""
    folder = tmp_path_factory.mktemp("theirs") / "own"
    shutil.copytree(demo.parent, folder)
    return folder / demo.name


@pytest.fixture
def page(own: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The scorecards page."""
    monkeypatch.setenv("QUHENG_DB", str(own))
    return AppTest.from_file(PAGE, default_timeout=60).run()


def _text(at: AppTest) -> str:
    return "\n".join(element.proto.body for element in at.get("html"))


def _upload(at: AppTest, content: bytes, name: str = "对方.csv") -> AppTest:
    at.file_uploader[0].upload(name, content, "text/csv")
    at = at.run()
    assert not at.exception
    return at


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_file_is_compared_and_kept_when_asked(page: AppTest, encoding: str) -> None:
    """A sentence, the largest difference first, what cannot be read as text; kept, and taken again to the byte."""
    content = TEXT.encode(encoding)
    at = _upload(page, content)
    assert at.warning[0].value.startswith("核对 2 个数：1 个一致，1 个不同（容差：得分 0.005 分")
    text = _text(at)
    assert '<div class="q-first">青砚市</div>' in text
    assert "没有地区“&lt;b&gt;乌有&lt;/b&gt;”" in text
    assert "第 5 行“得分”：“六十”不是数字" in text
    assert "<b>乌有" not in text
    before = len(Assessments(Store()).all())
    assert next(one for one in at.button if one.label == "存入 2024").disabled
    assert any("我是" in one.value for one in at.caption)
    named = AppTest.from_file(PAGE, default_timeout=60)
    named.session_state["person"] = "丁所"
    at = _upload(named.run(), content)
    at = next(one for one in at.button if one.label == "存入 2024").click().run()
    assert not at.exception
    kept = Assessments(Store()).all()
    assert len(kept) == before + 1
    assert (kept[0].file, kept[0].by, kept[0].cycle, kept[0].counts["differ"]) == ("对方.csv", "丁所", "2024", 1)
    assert Assessments(Store()).bytes_of(kept[0].content) == content
    assert "2024 年存下的核对" in _text(at)


def test_the_tolerance_is_chosen_on_the_page(page: AppTest) -> None:
    """Two points more, and nothing differs."""
    page.number_input(key="points").set_value(2.0)
    at = _upload(page.run(), TEXT.encode())
    assert at.success[0].value.startswith("核对 2 个数：2 个一致，0 个不同（容差：得分 2 分")


@pytest.mark.parametrize(("name", "content"), [("a.csv", b""), ("a.csv", b"one\n1\n"), ("a.xlsx", b"no workbook")])
def test_what_is_no_table_is_refused_in_words(page: AppTest, name: str, content: bytes) -> None:
    """Not with a stack trace."""
    assert _upload(page, content, name).error[0].value


def test_who_may_not_export_a_cycle_is_not_told_its_scores(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A comparison would say them one by one."""
    monkeypatch.setattr(data.exports, "may_export", lambda store, person, *_: Leave(allowed=False, state="open"))
    at = _upload(page, TEXT.encode())
    assert len([one for one in at.error if "不能导出这些周期" in one.value]) == 2
    assert "不同的数" not in _text(at)
