"""The page part of adjustments: the list, what one would do, evidence in and out, and who may decide."""

import shutil
from hashlib import sha256
from pathlib import Path

import pytest

from data.adjusting import adjustments, decide, propose
from data.cycles import advance
from data.editions import editions
from data.evidence import MOST, MOST_FILES, listed
from data.exports import exports
from data.proposals import publish
from data.reviews import draw, give_verdict
from data.revisions import revisions_of
from data.store import Store
from metrics.cross_review import Draw
from pages.parts.adjusted_evidence import on_disk
from pages.parts.rows import rules_of
from pages.parts.screen import open_screen, screens_of
from tests.stores import store_of
from tests.test_cycles import DEFINITIONS, REGIONS, sent
from tests.test_reviewing_page import again, box, granted, labels, pressed, reviewer, reviewer_of, seen, text


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four regions of 2024 at the third party; 乙 has proposed to take 30 points from the third, with a file."""
    folder = tmp_path_factory.mktemp("adjusted")
    made = store_of(DEFINITIONS, folder)
    sent(made, 2024, {"p1": 5, "p2": 6, "p3": 7, "p4": 8})
    for stage in ("self_check", "audit", "cross_review"):
        advance(made, "2024", stage, person="甲", reason="继续")
    draw(made, "2024", Draw(seed=7), person="甲", reason="抽签")
    for region in REGIONS:
        give_verdict(made, "2024", region, "agree", person="乙", reason="看过")
    file = folder / "核查.pdf"
    file.write_bytes(b"%PDF-1.4")
    propose(made, "2024", "p3", "one", -30.0, reason="漏报电表", person="乙", evidence=[file])
    advance(made, "2024", "third_party", person="甲", reason="会审结束")
    return made.path


@pytest.fixture
def store(first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store of one's own of them, with its evidence, which the pages read."""
    monkeypatch.setenv("QUHENG_DB", str(shutil.copyfile(first, tmp_path / "s.duckdb")))
    shutil.copytree(first.with_name("s.duckdb.evidence"), tmp_path / "s.duckdb.evidence")
    return Store(tmp_path / "s.duckdb")


def test_what_it_would_do_is_what_it_then_does(store: Store) -> None:
    """The sentence before the decision names the score and the rank that the scorecard has after it."""
    app = seen(store, "adjusted", "甲")
    told = text(app)
    assert "代表：评估组织方；署名：甲" in told
    assert "○ 待决定" in told
    assert "同意以后：p3综合得分由 70.0 变为 40.0，名次由 2 / 4 变为 4 / 4。" in told
    app.radio[0].set_value("agreed")
    box(app, "text_area", "理由").set_value("核查属实")
    app = pressed(app, "作出决定")
    told = text(app)
    assert "第 1 号调整：同意。" in told
    assert "● 已同意" in told
    assert "甲：核查属实" in told
    assert "撤销以后：p3综合得分由 40.0 变为 70.0，名次由 4 / 4 变为 2 / 4。" in told
    row = editions(store).last.composite_of("p3", "2024")
    assert (row["score"], row["rank"]) == (pytest.approx(40.0), 4)


def test_what_is_made_of_a_card_is_kept_apart_from_that_of_one_with_other_adjustments(store: Store) -> None:
    """A cycle published before something was agreed on, and one that is open since: the same facts and definitions."""
    sent(store, 2023, {"p1": 5, "p2": 6, "p3": 7, "p4": 8})
    publish(store, "2023", person="甲")
    decide(store, 1, "agreed", person="甲", reason="核查属实")
    screens = screens_of(str(store.path), store.snapshot(), revisions_of(store).latest.digest)
    public, now = screens["2023"], screens["2024"]
    found = [one.card.frame.filter(region="p3", period="2024", code="all")["score"].item() for one in (public, now)]
    assert found == [pytest.approx(70), pytest.approx(40)]
    assert (public.snapshot, public.definitions.digest) != (now.snapshot, now.definitions.digest)


def test_nobody_decides_their_own_and_a_reason_is_wanted(store: Store) -> None:
    """Whoever proposed it has no buttons and reads why; without choice or reason nothing is decided, what is chosen
    stays."""
    own = seen(store, "adjusted", "乙")
    assert "作出决定" not in labels(own)
    assert "须由另一人决定" in text(own)
    app = pressed(seen(store, "adjusted", "甲"), "作出决定")
    assert "请先选" in app.error[0].value
    app.radio[0].set_value("refused")
    app = pressed(app, "作出决定")
    assert "请写明" in app.error[0].value
    assert app.radio[0].value == "refused"
    assert adjustments(store, "2024")["state"].to_list() == ["proposed"]


def test_each_state_offers_what_may_be_decided_by_whom(store: Store) -> None:
    """An evaluator agrees, refuses or escalates; what is escalated or agreed only whoever approves results decides."""
    evaluator = granted(store, "evaluator")
    leader = granted(store, "leader", provisional=True)
    assert box(seen(store, "adjusted", evaluator), "radio", "决定").options[:2] == ["同意", "不同意"]
    assert "作出决定" not in labels(seen(store, "adjusted", leader))
    decide(store, 1, "escalated", person="甲", reason="请定")
    assert "作出决定" not in labels(seen(store, "adjusted", evaluator))
    app = seen(store, "adjusted", leader)
    assert app.radio[0].options == ["同意", "不同意"]
    assert "▲ 已上报" in text(app)
    decide(store, 1, "agreed", person="丁", reason="同意")
    assert seen(store, "adjusted", leader).radio[0].options == ["撤销"]


def test_points_are_proposed_with_evidence(store: Store) -> None:
    """The sentence follows the points; the file is kept under its digest, its name without what a disk would take
    amiss; a refusal keeps what was typed."""
    app = seen(store, "adjusted", "甲")
    assert [box(app, "selectbox", name).value for name in ("地区", "针对")] == [None, None]
    assert "请先选地区和针对什么" in pressed(app, "提出").error[0].value
    box(app, "selectbox", "地区").set_value("p1")
    box(app, "selectbox", "针对").set_value("all")
    box(app, "number_input", "分数（扣分为负）").set_value(45.0)
    app = again(app)
    assert "p1综合得分由 50.0 变为 95.0，名次由 4 / 4 变为 1 / 4。" in text(app)
    app = pressed(app, "提出")
    assert "请写明" in app.error[0].value
    assert box(app, "number_input", "分数（扣分为负）").value == 45.0
    app.file_uploader[0].upload("../../照 片.JPG", b"jpg", "image/jpeg")
    app.text_area[-1].set_value("有交接单")
    app = pressed(app, "提出")
    assert "已提出第 2 号调整：p1 +45.0 分，佐证 1 件" in text(app)
    row = adjustments(store, "2024").row(1, named=True)
    assert (row["region"], row["node"], row["points"], row["reason"], row["person"]) == (
        "p1", "all", 45.0, "有交接单", "甲")  # fmt: skip
    assert row["evidence"] == [sha256(b"jpg").hexdigest()]
    assert [one.name for one in listed(store, "adjustments", 2)] == ["照 片.jpg"]


def test_evidence_is_held_against_its_digest_and_told_in_the_journal(store: Store) -> None:
    """It is taken in two steps; whoever may not export has no button; a file that was altered is not given out."""
    (digest,) = adjustments(store, "2024")["evidence"].to_list()[0]
    app = pressed(seen(store, "adjusted", "甲"), "取出核查\\.pdf")
    assert digest in text(app)
    assert len(app.get("download_button")) == 1
    (taken,) = exports(store)
    assert (taken.forms, taken.regions, taken.digest, taken.file) == (("evidence",), ("p3",), digest, "核查.pdf")
    auditor = seen(store, "adjusted", granted(store, "auditor"))
    assert digest in text(auditor)
    assert labels(auditor) == []
    (store.path.with_name("s.duckdb.evidence") / digest).write_bytes(b"other")
    app = pressed(seen(store, "adjusted", "甲"), "取出核查\\.pdf")
    assert "被改动过" in app.error[0].value
    assert len(app.get("download_button")) == 0
    assert len(exports(store)) == 1


def test_a_person_sees_the_adjustments_of_their_regions_only(store: Store) -> None:
    """A reporter reads what concerns the own region, without buttons; others read that there is none."""
    own, other = (seen(store, "adjusted", granted(store, "reporter", region)) for region in ("p3", "p1"))
    assert "漏报电表" in text(own)
    assert "由 70.0 变为 40.0" in text(own)
    assert {"作出决定", "提出"}.isdisjoint(labels(own))
    assert "现在由评估人员提出和决定调整；上报的由领导决定。" in text(own)
    assert "2024 年没有调整" in text(other)
    assert "漏报" not in text(other)


def test_in_cross_review_those_who_were_drawn_propose(store: Store) -> None:
    """And for the drawn region only; an evaluator has no form then."""
    with store.transaction("back") as writer:
        writer.execute("DELETE FROM transitions WHERE stage = 'third_party'")
    app = seen(store, "adjusted", reviewer_of(store, "p1"))
    assert (box(app, "selectbox", "地区").options, box(app, "selectbox", "地区").value) == (["p1"], "p1")
    own = reviewer(store, "p1")
    assert f"代表：会审方{own}；署名：reviewer@{own}" in text(app)
    other = seen(store, "adjusted", granted(store, "evaluator"))
    assert "提出" not in labels(other)
    assert "您没有可以提出的地区。评估人员从“第三方复核”阶段起提出。" in text(other)


def test_an_adjustment_is_listed_with_its_points(store: Store) -> None:
    """Wherever the rules that a region met are named."""
    decide(store, 1, "agreed", person="甲", reason="核查属实")
    screen = open_screen(store)
    (told,) = rules_of(screen, "adjustment-1")
    assert told.endswith("：漏报电表（−30 分）")


class _Put:
    def __init__(self, name: str, content: bytes) -> None:
        self.name, self._content = name, content

    def getbuffer(self) -> memoryview:
        """What is in it."""
        return memoryview(self._content)


def test_what_is_put_in_lies_in_a_folder_of_its_own_and_goes() -> None:
    """Hostile names stay inside it, two of one name do not meet, and no more is written than is enough to refuse."""
    hostile = ["../../x.pdf", "..\\..\\y.pdf", "a\0b.pdf", ".", "同.pdf", "同.pdf"]
    with on_disk([_Put(name, b"1") for name in hostile]) as paths:
        folder = paths[0].parent.parent
        assert all(path.resolve().is_relative_to(folder.resolve()) and path.read_bytes() == b"1" for path in paths)
        assert len(set(paths)) == len(hostile)
    assert not folder.exists()
    with on_disk([_Put("x", b"1")] * (MOST_FILES + 9)) as paths:
        assert len(paths) == MOST_FILES + 1
    with on_disk([_Put("x", bytes(MOST + 9))]) as paths:
        assert paths[0].stat().st_size == MOST + 1
