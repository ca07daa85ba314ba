"""Notices: every number is the scorecard's, versions stay, the signed one is public with its cycle and no sooner."""

import re
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import polars as pl
import pytest

import data.notices
from data.__main__ import main
from data.access import opened_for
from data.adjusting import decide, propose
from data.batches import withdraw
from data.cycles import conclude
from data.editions import editions
from data.grants import give
from data.keys import make_key
from data.notices import draft, edit, outdated, public_notice, sign, versions, written
from data.objections import set_days
from data.proposals import publish
from data.republished import publish_again
from data.revisions import revisions_of
from data.rights import Grant, Person
from data.stage_checks import Asked
from data.stages import asking
from data.store import Store
from metrics.export.read_back import blocks_of
from metrics.problems import InputError
from metrics.shown import points
from metrics.verify.signing import is_signed
from tests.stores import store_of
from tests.test_cycles import DEFINITIONS, at_approval, known_as, refused, sent


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two years of four regions."""
    made = store_of(DEFINITIONS, tmp_path_factory.mktemp("notices"))
    for year, values in ((2023, (5, 6, 7, 8)), (2024, (9, 6, 7, 5))):
        sent(made, year, dict(zip(("p1", "p2", "p3", "p4"), values, strict=True)))
    return made.path


@pytest.fixture
def store(first: Path, tmp_path: Path) -> Store:
    """A store of one's own of them."""
    return Store(shutil.copyfile(first, tmp_path / "s.duckdb"))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_notice_tells_the_scorecard(store: Store, lang: str) -> None:
    """Every region's rank and score stand in it as the scorecard has them, and the days are those of the settings."""
    set_days(store, "objection_days", 21, person="甲")
    text = written(store, "2024", lang)  # type: ignore[arg-type]
    frame = editions(store).frame.filter(pl.col("code") == "all", pl.col("period") == "2024")
    rows = re.findall(r"^\| (\d) / 4 \| (p\d) \| ([\d.]+) \|", text, flags=re.M)
    found = frame.sort("rank").select("rank", "region", "score").rows()
    assert rows == [(str(rank), region, points(score)) for rank, region, score in found]
    assert "21" in text
    assert "60" in text
    assert "另有" not in text
    assert ("未公布" in text) is (lang == "zh")
    assert {"zh": "结果第 1 版", "en": "Edition 1 of the results"}[lang] in text


def test_a_draft_that_would_be_too_long_lists_the_best(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many regions as fit, and it says how many it leaves out; what fits with none is refused, as an edit is."""
    whole = written(store, "2024", "zh")
    parts = next(count for count in range(99) if _fits(whole, count, monkeypatch))
    monkeypatch.setattr(data.notices, "LISTED", (None, 3, 1))
    for most, listed in ((parts, 4), (parts - 1, 3), (parts - 4, 1)):
        monkeypatch.setattr("metrics.export.read_back.MOST_PARTS", most)
        text = written(store, "2024", "zh")
        assert _listed(text) == _listed(whole)[:listed]
        told = f"以下各表按排名列出前 {listed} 个地区，另有 {4 - listed} 个没有列出，见评分卡。"
        assert (told in text) is (listed < 4)
    monkeypatch.setattr(data.notices, "MOST", 100)
    assert refused(lambda: draft(store, "2024", "zh", person="甲")) == "notice_size"


def _fits(text: str, parts: int, monkeypatch: pytest.MonkeyPatch) -> bool:
    monkeypatch.setattr("metrics.export.read_back.MOST_PARTS", parts)
    with suppress(InputError):
        return bool(blocks_of(text))
    return False


def _listed(text: str) -> list[str]:
    return re.findall(r"^\| \d / 4 \| (p\d) \|", text, flags=re.M)


def test_a_notice_compares_to_what_is_public_only(store: Store) -> None:
    """A cycle before that is not published, or not yet public, is told of by no word; the public one is compared to."""
    at_approval(store)
    assert "较上期" not in written(store, "2024", "zh")
    publish(store, "2023", person="甲", release="2999-01-01T00:00+00:00")
    assert "较上期" not in written(store, "2024", "zh")


def test_a_notice_compares_to_the_public_cycle_before(store: Store) -> None:
    """What changed since the last cycle, where everybody may see that one."""
    publish(store, "2023", person="甲")
    assert "较上期" in written(store, "2024", "zh")


def test_what_is_approved_is_written_as_published(store: Store) -> None:
    """Before approval the text says that scores may change, and afterwards no more."""
    at_approval(store)
    assert "仍可能变动" in written(store, "2024", "zh")
    conclude(store, "2024", person="丙", reason="同意")
    assert "仍可能变动" not in written(store, "2024", "zh")


def test_versions_are_added_and_the_newest_is_signed(store: Store) -> None:
    """An edit is a version more and not signed; only whoever approves results signs, once they are, only the newest,
    only once."""
    at_approval(store)
    early = draft(store, "2024", "zh", person="甲")
    assert refused(lambda: sign(store, "2024", "zh", early, person="丙")) == "notice_early"
    conclude(store, "2024", person="丙", reason="同意")
    one = draft(store, "2024", "zh", person="甲")
    text = versions(store, "2024", "zh")[1].text + "\n特此通报。\n"
    two = edit(store, "2024", "zh", text, person="甲", reason="结尾")
    assert refused(lambda: sign(store, "2024", "zh", two, person="丙")) == "key_absent"
    make_key(store)
    assert refused(lambda: sign(store, "2024", "zh", one, person="丙")) == "notice_not_last"
    evaluator = known_as(store, "evaluator")
    assert refused(lambda: sign(evaluator, "2024", "zh", two, person="evaluator@")) == "denied"
    sign(store, "2024", "zh", two, person="丙")
    assert refused(lambda: sign(store, "2024", "zh", two, person="丙")) == "notice_signed"
    found = versions(store, "2024", "zh")
    assert [(own.id, own.reason, own.is_sound, own.signer) for own in found[1:]] == [
        (one, "numbers", False, ""), (two, "结尾", True, "丙")]  # fmt: skip
    assert versions(store, "2024", "en") == ()
    leader = known_as(store, "leader")
    assert refused(lambda: edit(leader, "2024", "zh", "试", person="leader@", reason="试")) == "denied"
    for nothing in (" ", "&emsp;", "\u2800", "# &emsp;\n\n- &nbsp;", "---", "| |\n|--|\n| |"):
        assert refused(lambda: edit(store, "2024", "zh", nothing, person="甲", reason="试")) == "notice_size"  # noqa: B023


def test_nobody_signs_what_they_worded(store: Store) -> None:
    """Neither whoever drafted the newest text nor any who edited it since; a draft that begins anew is its drafter's
    alone, and names that look alike are one person's."""
    make_key(store)
    at_approval(store)
    conclude(store, "2024", person="丙", reason="同意")
    first = draft(store, "2024", "zh", person="甲")
    for person in ("甲", " 甲\u200b"):
        assert refused(lambda: sign(store, "2024", "zh", first, person=person)) == "own_notice"  # noqa: B023
    edit(store, "2024", "zh", "丙写的话", person="丙", reason="润色")
    newest = edit(store, "2024", "zh", "乙写的话", person="乙", reason="润色")
    for person in ("甲", "乙", "丙"):
        assert refused(lambda: sign(store, "2024", "zh", newest, person=person)) == "own_notice"  # noqa: B023
    assert versions(store, "2024", "zh")[-1].signature == ""
    again = draft(store, "2024", "zh", person="乙")
    assert refused(lambda: sign(store, "2024", "zh", again, person="乙")) == "own_notice"
    sign(store, "2024", "zh", again, person="丙")


def test_a_notice_is_public_with_its_cycle(store: Store) -> None:
    """Signed but not published, published but embargoed: nobody's; an altered text counts for none."""
    make_key(store)
    at_approval(store)
    conclude(store, "2024", person="丙", reason="同意")
    number = draft(store, "2024", "zh", person="甲")
    sign(store, "2024", "zh", number, person="丙")
    leader = known_as(store, "leader")
    assert public_notice(store, "2024", "zh") is None
    assert versions(leader, "2024", "zh") == ()
    publish(store, "2024", person="甲")
    edit(store, "2024", "zh", "还没有签发", person="甲", reason="试")
    for own in (store, leader):
        found = public_notice(own, "2024", "zh")
        assert found is not None
        assert found.id == number
    assert [one.id for one in versions(leader, "2024", "zh")] == [number]
    with store.transaction("forged") as writer:
        writer.execute("UPDATE notices SET text = text || '又' WHERE id = $id", {"id": number})
    assert public_notice(store, "2024", "zh") is None


def test_an_embargoed_notice_waits(store: Store) -> None:
    """Until the moment of release there is none."""
    make_key(store)
    publish(store, "2024", person="甲", release="2999-01-01T00:00+00:00")
    sign(store, "2024", "zh", draft(store, "2024", "zh", person="甲"), person="丙")
    assert public_notice(store, "2024", "zh") is None
    assert versions(known_as(store, "leader"), "2024", "zh") == ()


@pytest.mark.parametrize(
    "change",
    [
        lambda store: conclude(store, "2024", person="丙", reason="同意"),
        lambda store: set_days(store, "objection_days", 3, person="甲"),
        lambda store: publish(store, "2023", person="甲"),
    ],
)
def test_a_text_that_was_overtaken_is_not_kept(
    store: Store, monkeypatch: pytest.MonkeyPatch, change: Callable[[Store], None]
) -> None:
    """Where results are approved, days set or a cycle before published while the numbers are written out, these are
    wanted anew; and no edit passes for them."""
    at_approval(store)

    def slow(*asked: object) -> str:
        text = written(*asked)  # type: ignore[arg-type]
        change(store)
        return text

    with monkeypatch.context() as patch:
        patch.setattr(data.notices, "written", slow)
        assert refused(lambda: draft(store, "2024", "zh", person="甲")) == "results_moved"
    assert versions(store, "2024", "zh") == ()
    assert refused(lambda: edit(store, "2024", "zh", "改", person="甲", reason="numbers")) == "reason_wanted"


def test_words_of_others_can_be_set_however_long(store: Store) -> None:
    """A reason of one word without end stands in the draft of the edition that it was given for, parted."""
    at_approval(store)
    conclude(store, "2024", person="丙", reason="同意")
    publish(store, "2024", person="甲")
    sent(store, 2024, {"p1": 3}, why="核实")
    publish_again(store, "2024", person="丙", reason="见" + "x" * 1201)
    draft(store, "2024", "zh", person="甲")
    (one,) = versions(store, "2024", "zh")
    assert f"见{'x' * 500} {'x' * 500} {'x' * 201}" in one.text


def test_nobody_signs_what_they_do_not_see(store: Store) -> None:
    """A leader without a look ahead signs once the cycle is public."""
    make_key(store)
    at_approval(store)
    conclude(store, "2024", person="丙", reason="同意")
    number = draft(store, "2024", "zh", person="甲")
    leader = known_as(store, "leader")
    assert refused(lambda: sign(leader, "2024", "zh", number, person="leader@")) == "denied"
    publish(store, "2024", person="甲")
    sign(leader, "2024", "zh", number, person="leader@")


def test_a_notice_is_of_the_results_that_it_was_signed_for(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that was signed before the results were approved again, or before another edition, is not theirs."""
    make_key(store)
    at_approval(store)
    conclude(store, "2024", person="丙", reason="同意")
    sign(store, "2024", "zh", draft(store, "2024", "zh", person="甲"), person="丙")
    sent(store, 2024, {"p1": 3}, why="核实")
    conclude(store, "2024", person="丙", reason="同意更正")
    publish(store, "2024", person="甲")
    assert public_notice(store, "2024", "zh") is None
    for number in (2, 3):
        sign(store, "2024", "zh", draft(store, "2024", "zh", person="甲"), person="丙")
        found = public_notice(store, "2024", "zh")
        assert found is not None
        assert found.id == number
        sent(store, 2024, {"p1": 10 * number}, why="核实")
        publish_again(store, "2024", person="丙", reason="更正")
        assert public_notice(store, "2024", "zh") is None


def test_a_notice_of_results_that_were_taken_back_is_nobodys(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was signed before the results were approved anew is not told once the cycle is public; what was signed for
    an older edition is."""
    make_key(store)
    at_approval(store)
    for value in (3, 4):
        sent(store, 2024, {"p1": value}, why="核实")
        conclude(store, "2024", person="丙", reason="同意")
        sign(store, "2024", "zh", draft(store, "2024", "zh", person="甲"), person="丙")
    publish(store, "2024", person="甲")
    monkeypatch.setattr("data.narrowed.now", lambda: "2999-01-01")
    monkeypatch.setattr("data.revisions.now", lambda: "2999-01-01")
    leader = known_as(store, "leader")
    assert [one.id for one in versions(leader, "2024", "zh")] == [2]
    sent(store, 2024, {"p1": 5}, why="核实")
    publish_again(store, "2024", person="丙", reason="更正")
    sign(store, "2024", "zh", draft(store, "2024", "zh", person="甲"), person="丙")
    assert [one.id for one in versions(leader, "2024", "zh")] == [2, 3]


def test_an_approval_holds_as_long_as_what_it_rests_on(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Facts that came and went, or say what held before, leave it; another edition of the cycle before, to which the
    notice compares, wants another approval, and so another draft."""
    make_key(store)
    publish(store, "2023", person="甲")
    at_approval(store)
    conclude(store, "2024", person="丙", reason="同意")
    withdraw(store, sent(store, 2024, {"p1": 3}, why="试"), person="甲", reason="误报")
    sent(store, 2024, {"p1": 9}, why="重报")
    assert refused(lambda: conclude(store, "2024", person="丙", reason="同意")) == "concluded_already"
    number = draft(store, "2024", "zh", person="甲")
    adjustment = propose(store, "2023", "p1", "one", -3.0, person="乙", reason="试")
    decide(store, adjustment, "agreed", person="甲", reason="试")
    publish_again(store, "2023", person="丙", reason="更正")
    assert refused(lambda: sign(store, "2024", "zh", number, person="丙")) == "notice_early"
    assert refused(lambda: publish(store, "2024", person="甲")) == "concluded_before"
    conclude(store, "2024", person="丙", reason="再审")
    assert refused(lambda: sign(store, "2024", "zh", number, person="丙")) == "notice_stale"
    publish(store, "2024", person="甲")
    sign(store, "2024", "zh", draft(store, "2024", "zh", person="甲"), person="丙")


def test_numbers_of_before_are_not_signed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A draft that is older than the results that it would announce, and an edit that began from it, are refused."""
    make_key(store)
    at_approval(store)
    number = draft(store, "2024", "zh", person="甲")
    sent(store, 2024, {"p1": 3}, why="核实")
    conclude(store, "2024", person="丙", reason="同意")
    assert refused(lambda: sign(store, "2024", "zh", number, person="丙")) == "notice_stale"
    number = edit(store, "2024", "zh", "旧数", person="甲", reason="润色")
    assert refused(lambda: sign(store, "2024", "zh", number, person="丙")) == "notice_stale"
    sign(store, "2024", "zh", draft(store, "2024", "zh", person="甲"), person="丙")


@pytest.mark.parametrize("kept", ["> 未公布：得分、名次、等级仍可能变动", "**状态**：未公布", "定义 · 未公布"])
def test_a_text_that_still_reads_as_not_published_is_not_signed(store: Store, kept: str) -> None:
    """Wherever a draft says so; other words about what is not published are no such text."""
    make_key(store)
    at_approval(store)
    conclude(store, "2024", person="丙", reason="同意")
    draft(store, "2024", "zh", person="甲")
    number = edit(store, "2024", "zh", f"# 通报\n\n{kept}\n", person="甲", reason="旧文")
    assert refused(lambda: sign(store, "2024", "zh", number, person="丙")) == "notice_stale"
    number = edit(store, "2024", "zh", "# 通报\n\n以前是未公布的结果。\n", person="甲", reason="改")
    sign(store, "2024", "zh", number, person="丙")


@pytest.mark.parametrize("change", ["edition", "days"])
def test_an_older_text_that_is_brought_back_is_not_signed(store: Store, change: str) -> None:
    """With the edition, or the days, of before, though a draft of now lies between; with those of now it is."""
    make_key(store)
    at_approval(store)
    conclude(store, "2024", person="丙", reason="同意")
    publish(store, "2024", person="甲")
    draft(store, "2024", "zh", person="甲")
    old = versions(store, "2024", "zh")[-1].text
    if change == "edition":
        sent(store, 2024, {"p1": 3}, why="核实")
        publish_again(store, "2024", person="丙", reason="更正")
    else:
        set_days(store, "rectification_days", 30, person="甲")
    draft(store, "2024", "zh", person="甲")
    new = versions(store, "2024", "zh")[-1].text
    number = edit(store, "2024", "zh", old, person="甲", reason="用旧文")
    assert refused(lambda: sign(store, "2024", "zh", number, person="丙")) == "notice_stale"
    sign(store, "2024", "zh", edit(store, "2024", "zh", f"{new}\n完", person="甲", reason="改"), person="丙")


def test_what_a_draft_tells_of_others_is_not_signed_once_it_has_changed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The edition of the cycle before that it compares to, and the days that it names; what is signed stays signed."""
    make_key(store)
    publish(store, "2023", person="甲")
    at_approval(store)
    conclude(store, "2024", person="丙", reason="同意")
    publish(store, "2024", person="甲", release="2999-01-01T00:00+00:00")
    number = draft(store, "2024", "zh", person="甲")
    adjustment = propose(store, "2023", "p1", "one", -3.0, person="乙", reason="试")
    decide(store, adjustment, "agreed", person="甲", reason="试")
    publish_again(store, "2023", person="丙", reason="更正")
    assert refused(lambda: sign(store, "2024", "zh", number, person="丙")) == "notice_stale"
    number = draft(store, "2024", "zh", person="甲")
    set_days(store, "rectification_days", 30, person="甲")
    assert refused(lambda: sign(store, "2024", "zh", number, person="丙")) == "notice_stale"
    number = draft(store, "2024", "zh", person="甲")
    sign(store, "2024", "zh", number, person="丙")
    set_days(store, "rectification_days", 60, person="甲")
    asked = Asked(asking(store), revisions_of(store), "2024")
    assert outdated(asked, versions(store, "2024", "zh")) == ""


@pytest.mark.parametrize(("region", "seen"), [("", ["2024"]), ("p1", [])])
def test_a_draft_is_seen_by_whoever_sees_the_cycle_early(store: Store, region: str, seen: list[str]) -> None:
    """A right before publication is of its cycles: their drafts and remarks, nobody else's; a part of the regions
    is not enough for a notice, which is of all."""
    for cycle in ("2023", "2024"):
        draft(store, cycle, "zh", person="甲")
        with store.transaction("remark") as writer:
            row = f"(SELECT coalesce(max(id), 0) + 1 FROM remarks), '{cycle}', 'p1', '', '', '', '请说明', '乙', ''"
            writer.execute(f"INSERT INTO remarks SELECT {row}")
    give(store, Grant(0, "丁", "evaluator", region, ("2024",), giver="管理员", reason="试"))
    own = opened_for(store, Person("丁", "丁", "oidc"))
    assert own.query("SELECT cycle FROM notices")["cycle"].to_list() == seen
    assert own.query("SELECT cycle FROM remarks")["cycle"].to_list() == ["2024"]


def test_the_command_drafts_edits_signs_and_writes(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file and its signature; what is not there is said."""
    run: Callable[..., int] = lambda *words: main(["notice", "2024", *map(str, words), "--db", str(store.path)])  # noqa: E731
    make_key(store)
    out, by = tmp_path / "通报.md", ("--by", "甲")
    assert run("--out", out) == 1
    capsys.readouterr()
    assert run("--draft", *by) == 0
    line, done = capsys.readouterr().out.splitlines()
    number, _, person, why, signed = line.split("\t")
    assert done == "已起草通报，第 1 版。"
    assert (number, person, why, signed) == ("第 1 版", "甲", "由评分卡的数写成", "未签发")
    assert run("--out", out) == 0
    out.write_text(out.read_text(encoding="utf-8") + "\n完\n", encoding="utf-8")
    assert run("--sign", "1", *by) == 1
    assert run("--public", "--out", tmp_path / "p.md") == 1
    publish(store, "2024", person="甲")
    assert run("--draft", *by) == 0
    assert run("--edit", out, "--reason", "结尾", *by) == 0
    # The file is of before publication.
    assert run("--sign", "3", "--by", "丙") == 1
    assert "notice_stale" in capsys.readouterr().err
    assert run("--number", "2", "--out", out) == 0
    out.write_text(out.read_text(encoding="utf-8") + "\n完\n", encoding="utf-8")
    # The third is newer than what the text was made of.
    assert run("--edit", out, "--of", "2", "--reason", "结尾", *by) == 1
    assert "notice_moved" in capsys.readouterr().err
    assert run("--edit", out, "--of", "3", "--reason", "结尾", *by) == 0
    assert run("--sign", "4", *by) == 1
    assert "own_notice" in capsys.readouterr().err
    assert run("--sign", "4", "--by", "丙") == 0
    capsys.readouterr()
    assert run("--public", "--out", tmp_path / "p.md") == 0
    assert capsys.readouterr().out.count("\n") == 5
    assert (tmp_path / "p.md").read_text(encoding="utf-8").endswith("完\n")
    text, signature, key = ((tmp_path / f"p.md{ending}").read_bytes() for ending in ("", ".sig", ".pem"))
    assert is_signed(text, signature, key)
    out.write_bytes(b"\xff")
    assert run("--edit", out, "--reason", "试", *by) == 1
