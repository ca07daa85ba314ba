"""The page of the journal: whether it is whole, what it tells by who, what and when; and what has to be in it."""

import getpass
import json
import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import pytest
from streamlit.testing.v1 import AppTest

from data.__main__ import _parser, main
from data.access import opened_for
from data.adjusting import Decision
from data.audit_words import change_words, told_of
from data.audited import CHANGES, KINDS, PARTS, Sought, audited, sought
from data.batches import LEVELS, withdraw
from data.clock import zoned
from data.grants import give
from data.proposals import publish
from data.recorded import beyond, entries, found_broken, journal_of, record
from data.rectifications import State
from data.reviews import Verdict
from data.rights import ACTIONS, Access, Grant, Person
from data.stage_checks import DAYS
from data.store import Store
from metrics.problems import InputError
from pages.parts import journalled_views
from pages.parts.journalled_exports import noted
from pages.parts.journalled_taken import _button, _plain
from pages.parts.journalled_views import asked_in_vain
from pages.parts.tables import csv_of
from tests.stores import store_of
from tests.test_process_page import text_of
from tests.test_rights import DEFINITIONS, sent

ROOT = Path(__file__).parent.parent
PEOPLE = {"eve@x": ("evaluator", ""), "aud@x": ("auditor", ""), "part@x": ("auditor", "p1"), "lead@x": ("leader", "")}
OF_ONE = "one@x"


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two regions; 2023 is published and 2024 is not, and four people have their rights."""
    made = store_of(DEFINITIONS, tmp_path_factory.mktemp("journal page"))
    sent(made, 2023, 1, ("p1", "q1"))
    publish(made, "2023", person="甲")
    sent(made, 2024, 3, ("p1", "q1"))
    for person, (role, region) in PEOPLE.items():
        give(made, Grant(0, person, role, region, giver="丁", reason="试"))
    give(made, Grant(0, OF_ONE, "auditor", cycles=("2023",), giver="丁", reason="试"))
    return made.path


@pytest.fixture
def store(first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store of one's own of them, with its journal, which the pages show."""
    made = Store(shutil.copyfile(first, tmp_path / "s.duckdb"))
    shutil.copyfile(journal_of(first).file, journal_of(made.path).file)
    monkeypatch.setenv("QUHENG_DB", str(made.path))
    return made


@pytest.fixture
def opened(store: Store, monkeypatch: pytest.MonkeyPatch) -> object:
    """A page as somebody who is signed in sees it."""

    def page(person: str, name: str = "process/journal", **query: str) -> AppTest:
        known = Person(person, person.upper(), "gateway")
        monkeypatch.setattr("pages.parts.signin.signed_in", lambda _: known)
        at = AppTest.from_file(str(ROOT / "pages" / f"{name}.py"), default_timeout=60)
        for key, value in query.items():
            at.query_params[key] = value
        return at.run()

    return page


def kinds(store: Store, *wanted: str) -> list[dict[str, object]]:
    """The entries of some kinds, with who."""
    return [{"person": one.person, **one.what} for one in entries(store.path) if one.kind in wanted]


def shut(store: Store) -> None:
    """From now on nothing is written into the journal."""
    file = journal_of(store.path).file
    file.unlink()
    file.mkdir()


def test_what_was_cut_stays_known(opened: object, store: Store) -> None:
    """Lines that are gone are told also after others have come: the next change writes down that they are."""
    with store.transaction("stage a") as writer:
        writer.setting("a", "1")
    file = journal_of(store.path).file
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:-3]))
    with store.transaction("stage b") as writer:
        writer.setting("b", "1")
    (broken,), cut, _ = found_broken(Store(store.path))
    assert (broken, cut) == (len(lines) - 1, False)
    assert f"✕ 日志第 {broken} 行断了" in text_of(opened("aud@x"))  # type: ignore[operator]


def test_lines_that_the_store_does_not_know_of_are_counted(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """The end of the last change, and what was taken since: the next change takes them under its seal."""
    with store.transaction("stage a") as writer:
        writer.setting("a", "1")
    record(store.path, store.access, "export", file="a.csv")
    assert beyond(store) == 2
    assert main(["journal", "verify", "--db", str(store.path)]) == 0
    assert "末尾 2 行" in capsys.readouterr().out
    with store.transaction("stage b") as writer:
        writer.setting("b", "1")
    assert beyond(store) == 1


def test_the_state_of_the_chain_comes_first(opened: object, store: Store) -> None:
    """Whole; broken at its line; cut off at the end, which the store knows; with a change that has no end."""
    text = text_of(opened("aud@x"))  # type: ignore[operator]
    assert "日志完整" in text
    file = journal_of(store.path).file
    # The end of the last change, and what was done since.
    assert f"末尾 {beyond(store)} 行在数据库最后一次改动以后" in text
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:2] + lines[3:]))
    assert "✕ 日志第 3 行断了" in text_of(opened("aud@x"))  # type: ignore[operator]
    file.write_bytes(b"".join(lines[:-4]))
    text = text_of(opened("aud@x"))  # type: ignore[operator]
    assert "✕ 日志末尾少了行" in text
    assert "数据库记得的行" in text
    file.write_bytes(b"".join(lines))
    record(store.path, store.access, "begun", change="import x", right="send")
    assert "1 项改动开始了而没有记下结果" in text_of(opened("aud@x"))  # type: ignore[operator]


def test_what_is_known_of_the_chain_is_not_read_again_and_not_taken_for_granted(store: Store) -> None:
    """What was added is read with what was there; where a line of before was changed all is read anew."""
    before = audited(store.path)
    record(store.path, store.access, "backup", where="x")
    after = audited(store.path, before)
    assert after.rows.equals(audited(store.path).rows)
    assert after.rows.height == before.rows.height + 1
    file = journal_of(store.path).file
    file.write_bytes(file.read_bytes().replace(b"eve@x", b"eva@x"))
    changed = audited(store.path, after)
    assert changed.broken == tuple(journal_of(store.path).broken()) != ()


def test_a_part_is_found_by_who_what_when_where_and_text(store: Store) -> None:
    """Each alone and together, the newest first; days are those of this machine's clock, both included."""
    for person, cycle, region in (("a@x", "2024", "p1"), ("b@x", "2023", "q1")):
        access = Access(Person(person, person, "oidc"))
        record(store.path, access, "denied", right="run", cycle=cycle, regions=[region])
    rows, today = audited(store.path).rows, datetime.now(UTC).astimezone().date()
    assert sought(rows, Sought(kinds=("denied",)))["person"].to_list() == ["b@x", "a@x"]
    for asked in (
        Sought(person="a@x"), Sought(text="A@X"), Sought(region="p1", kinds=("denied",)),
        Sought(cycle="2024", kinds=("denied",)), Sought(kinds=("denied",), person="a@x", since=today, until=today),
    ):  # fmt: skip
        assert sought(rows, asked)["person"].to_list() == ["a@x"], asked
    assert sought(rows, Sought(until=today.replace(year=today.year - 1))).is_empty()
    # A change names them too.
    assert sought(rows, Sought(cycle="2023"))["change"].to_list()[-1] == "publish 2023"


def test_the_newest_come_first_and_what_was_refused_is_marked(opened: object, store: Store) -> None:
    """In words, a page at a time; of a change that ended only its end is listed."""
    for number in range(60):
        access = Access(Person(f"n{number}@x", "", "oidc"))
        record(store.path, access, "denied", right="run", regions=["p1"], cycle="2024")
    at = opened("aud@x", kind="refused")  # type: ignore[operator]
    text = text_of(at)
    assert "共 60 条" in text
    assert text.index("n59@x") < text.index("n10@x")
    assert "n9@x" not in text
    assert "✕ 被拒：推进评估流程" in text
    assert "n9@x" in text_of(at.number_input[0].set_value(2).run())
    changes = text_of(opened("aud@x", kind="change"))  # type: ignore[operator]
    assert "评估人员 · eve@x" in changes
    assert "导入数据" in changes
    assert "2024-3-2.csv（第 2 批）" in changes
    # The store, two batches, a publication, and the grants.
    assert f"共 {len(PEOPLE) + 1 + 4} 条" in changes


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_kind_is_told_in_words(lang: str) -> None:
    """What this program writes has its words in both languages; a line that is none says so."""
    for kind, words in KINDS.items():
        entry = {"change": "publish 2023", "right": "run", "cycle": "2024"}
        assert told_of(kind, entry, {}, lang)[0]
        assert words[lang != "zh"]
    assert told_of("undone", {"change": "approve 3", "why_zh": "不行", "why_en": "no"}, {}, lang)[1].endswith(
        "不行" if lang == "zh" else "no"
    )
    assert told_of("", {}, {}, lang)[0] in ("无法识别的记录", "unreadable line")


def test_what_a_change_names_is_told_in_the_readers_language() -> None:
    """Cycles, stages, languages, numbers, outcomes, regions: each by what it is, on the page and by the command."""
    places = {"920300": "澍川市"}
    for change, zh, en in (
        ("notice 2024 zh", "起草或修改通报 2024 年 · 中文", "notice drafted or edited 2024 · Chinese"),
        ("sign 2024 en 3", "签发通报 2024 年 · 英文 · 第 3 版", "notice signed 2024 · English · version 3"),
        ("agree 2024 920300", "会审同意 2024 年 · 澍川市", "verdict: agrees 2024 · 澍川市"),
        ("stage 2024 audit", "推进阶段 2024 年 · 数据会审", "stage entered 2024 · data audit"),
        ("answer 2 partly", "答复异议 第 2 号 · 部分成立", "objection answered no. 2 · upheld in part"),
        ("withdraw batch 5", "撤回 第 5 批", "taken back batch 5"),
        ("publish 2024 again", "公布 2024 年 · 再版", "published 2024 · a new edition"),
        ("publish 2024 2999-01-01T01:00:00+00:00", f"公布 2024 年 · {zoned('2999-01-01T01:00:00+00:00')} 公开",
         f"published 2024 · public {zoned('2999-01-01T01:00:00+00:00')}"),
        ("draw 2024 7", "会审抽签 2024 年 · 种子 7", "lot drawn 2024 · seed 7"),
        ("grant reviewer x@x 920300", "授权 会审人员 · x@x · 澍川市", "granted reviewer · x@x · 澍川市"),
        ("import " + "a" * 64, "导入数据 aaaaaaaaaaaa…", "facts imported aaaaaaaaaaaa…"),
    ):
        assert [" ".join(change_words(change, places, lang)) for lang in ("zh", "en")] == [zh, en]
    assert set(PARTS) <= set(CHANGES)


def test_the_command_tells_the_journal_in_words(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    """No codes of the program; taken away whole it is the lines as they are."""
    assert main(["journal", "--db", str(store.path)]) == 0
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert ["公布", "2023 年"] in [[line[2], line[5]] for line in lines]
    assert ["导入数据", "2023-1-2.csv（第 1 批）"] in [[line[2], line[5]] for line in lines]
    assert not [line for line in lines if "{" in line[5] or line[2] in KINDS or line[4] not in ("命令", "统一登录")]
    assert main(["journal", "export", "--db", str(store.path)]) == 0
    assert '"change": "publish 2023"' in capsys.readouterr().out


def test_why_a_change_was_made_is_told(
    opened: object, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    """On the page, by the command, in what is taken and by the filter, at the change's begin and its end; on one line,
    of a long reason the beginning, and the lines of before, which have none, still follow."""
    why = "漏报两块电表\x1b[31m\n核对后退回" + "长" * 400
    withdraw(store, 1, person="甲", reason=why)
    told = [one.what.get("reason") for one in entries(store.path) if one.what.get("change") == "withdraw batch 1"]
    assert told == [told[0]] * 2
    assert told[0].startswith("漏报两块电表␛[31m␊核对后退回长")
    assert told[0].endswith("长…")
    assert len(told[0]) == 300
    assert journal_of(store.path).broken() == []
    rows = sought(audited(store.path).rows, Sought(text="漏报两块"))
    assert rows["reason"].to_list() == [told[0]] * 2
    assert f",{told[0]}," in csv_of(_plain(rows)).decode()
    assert f"第 1 批 · 理由：{told[0]}" in text_of(opened("aud@x"))
    assert main(["journal", "--db", str(store.path), "--lang", "en"]) == 0
    assert f"batch 1 · reason: {told[0]}" in capsys.readouterr().out


def test_every_change_has_its_words() -> None:
    """The first word of each that is made in data/, and what stands for one, is told in words, and no other is."""
    stands = {
        "verdict": get_args(Verdict), "decision": get_args(Decision), "state": get_args(State), "level": LEVELS,
        "name": tuple(DAYS),
    }  # fmt: skip
    called = r"transaction\(|_change\(store, |_beginning\(|recorded\(store.path, store.access, "
    found = set[str]()
    for file in (ROOT / "data").glob("*.py"):
        for word in re.findall(rf'(?:{called})f?"(\{{?\w+\}}?)', file.read_text(encoding="utf-8")):
            found.update(stands[word[1:-1]] if word.startswith("{") else (word,))
    assert found == set(CHANGES)


def test_an_auditor_of_a_part_is_not_shown_the_others(opened: object) -> None:
    """The journal tells of everybody, of every region and cycle."""
    for person in ("part@x", OF_ONE, "eve@x"):
        text = text_of(opened(person))  # type: ignore[operator]
        assert "没有权限" in text
        assert "lead@x" not in text


def test_what_is_taken_is_journalled_or_not_given(store: Store, tmp_path: Path) -> None:
    """With its digest; whoever has the whole of it verifies it without the store."""
    buttons: dict[object, Any] = {}

    class Place:
        def download_button(self, *told: object, **_: object) -> None:
            buttons[told[2]] = told[1]

    rows = _plain(audited(store.path).rows)
    _button(store, Place(), "全部", "journal.jsonl", journal_of(store.path).content)
    _button(store, Place(), "表", "journal.csv", lambda: csv_of(rows))
    file = tmp_path / "taken.jsonl"
    file.write_bytes(buttons["journal.jsonl"]())
    assert main(["journal", "verify", "--file", str(file)]) == 0
    assert buttons["journal.csv"]().startswith("\ufeff行,".encode())
    assert [one["file"] for one in kinds(store, "export")] == ["journal.jsonl", "journal.csv"]
    file.write_bytes(file.read_bytes().replace(b"eve@x", b"eva@x"))
    assert main(["journal", "verify", "--file", str(file)]) == 1
    shut(store)
    with pytest.raises(InputError):
        buttons["journal.csv"]()


def test_results_before_publication_are_seen_by_name(
    opened: object, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once a day, in however many windows, with the cycles and who; those who see published ones only are not in it."""
    opened("eve@x", "view/overview").run()  # type: ignore[operator]
    opened("lead@x", "view/overview")  # type: ignore[operator]
    opened("eve@x", "view/paths")  # type: ignore[operator]
    assert [(one["person"], one["cycles"]) for one in kinds(store, "view_provisional")] == [("eve@x", ["2024"])]
    # By a gateway once a window.
    assert [one["person"] for one in kinds(store, "sign_in")] == ["eve@x", "lead@x", "eve@x"]
    monkeypatch.setattr(journalled_views, "now", lambda: "2099-01-01T00:00:00+00:00")
    opened("eve@x", "view/overview")  # type: ignore[operator]
    assert [one["person"] for one in kinds(store, "view_provisional")] == ["eve@x", "eve@x"]


def test_where_nothing_is_journalled_only_public_results_are_shown(opened: object, store: Store) -> None:
    """The rest is refused in words, whoever asks for it; so is every change."""
    shut(store)
    text = text_of(opened("eve@x", "view/overview"))  # type: ignore[operator]
    assert "2023 年" in text
    assert "2024 年" not in text
    assert "所以没有做" in text_of(opened("eve@x", "view/overview", cycle="2024"))  # type: ignore[operator]
    assert "2023 年" in text_of(opened("lead@x", "view/overview"))  # type: ignore[operator]
    state = store.snapshot()
    with pytest.raises(InputError) as refused:
        publish(store, "2024", person="甲")
    assert refused.value.problems[0].code == "journal_shut"
    assert store.snapshot() == state


def test_an_address_that_asks_in_vain_is_journalled(opened: object, store: Store) -> None:
    """A cycle that is not for whoever typed it: another is shown, and it stands in the journal, once a session."""
    opened("lead@x", "view/overview", cycle="2024").run()  # type: ignore[operator]
    denied = kinds(store, "denied")
    assert [(one["person"], one["right"], one["cycles"]) for one in denied] == [("lead@x", "see_provisional", ["2024"])]
    assert set(ACTIONS) >= {str(one["right"]) for one in denied}


def test_what_an_address_makes_up_does_not_fill_the_journal(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that there is not is none, and what was told once is not told again in another company or order."""
    window = SimpleNamespace(session_state={}, query_params={}, context=SimpleNamespace(url=""))
    monkeypatch.setattr(journalled_views, "st", window)
    for place, named in enumerate(("p1", "q1", "p1,q1", "q1,p1", "p1,made up", "q1,q1")):
        window.query_params["regions"], window.context.url = named, f"http://x/made-up-{place}?regions={named}"
        asked_in_vain(store, cycles=(), regions={"p1", "q1"}, public=(), nothing=False)
    told = [(one["regions"], one["page"]) for one in kinds(store, "denied")]
    assert told == [(["p1"], "overview"), (["q1"], "overview")]
    window.context.url = "http://x/paths?regions=q1"
    asked_in_vain(store, cycles=(), regions={"p1", "q1"}, public=(), nothing=False)
    assert kinds(store, "denied")[-1]["page"] == "paths"


def test_what_did_not_come_about_is_told_with_its_reason(store: Store) -> None:
    """So that a change that was begun and refused is not taken for one that was broken off."""
    with pytest.raises(InputError):
        publish(store, "2023", person="甲")
    (told,) = kinds(store, "undone")
    assert (told["change"], told["why"]) == ("publish 2023", "cycle_published")
    assert "2023" in str(told["why_zh"])
    begun = audited(store.path).rows.filter(kind="begun")
    assert begun["ended"].all()
    assert json.loads(begun["text"][0])["change"] == "init"


def test_a_table_that_is_taken_from_a_page_is_journalled(store: Store) -> None:
    """With its name and digest; where that cannot be written only what is public, or one's own machine's, is given."""
    early = opened_for(store, Person("eve@x", "", "oidc"))
    assert noted(early, "a.csv", lambda: b"x")() == b"x"
    (entry,) = kinds(store, "export")
    assert (entry["person"], entry["file"], entry["digest"]) == ("eve@x", "a.csv", sha256(b"x").hexdigest())
    shut(store)
    with pytest.raises(InputError) as refused:
        noted(early, "a.csv", lambda: b"x")()
    assert refused.value.problems[0].code == "journal_shut"
    public = early.seen_with(replace(early.access, early=False), early.parts)
    leader = opened_for(store, Person("lead@x", "", "oidc"))
    assert [noted(one, "a.csv", lambda: b"x")() for one in (public, leader, store)] == [b"x"] * 3


@pytest.mark.parametrize("name", ["take/scorecards", "define/definitions"])
def test_whoever_is_signed_in_types_no_name(opened: object, name: str) -> None:
    """They sign by their account, and see which it is."""
    at = opened("eve@x", name, part="edit")  # type: ignore[operator]
    assert not at.exception
    (shown,) = [one for one in at.text_input if one.label == "我是"]
    assert shown.disabled
    assert shown.value == "EVE@X（eve@x）"
    assert at.session_state["person"] == "eve@x"
    assert "我是" not in [one.label for one in at.selectbox]


def test_a_backup_and_its_restoring_are_journalled(store: Store, tmp_path: Path) -> None:
    """Where to and where from; the chain that lies beside goes on, and the store that came back finds its end in it."""
    out = tmp_path / "kept"
    for command in (["backup", "--out", str(out)], ["restore", str(out)]):
        assert main([*command, "--db", str(store.path)]) == 0
    told = kinds(store, "backup", "restore")
    assert [Path(str(one["where"])).name for one in told] == ["kept", "kept"]
    assert str(told[1]["aside"]).startswith("s.duckdb.before-restore-")
    assert found_broken(Store(store.path)) == ([], False, [])


READING = {
    "batches", "correction", "warnings", "due", "suggest", "status", "explain", "exports", "grants", "overdue",
}  # fmt: skip
# The demonstration is nobody's.
ALONE = {"demo"}


def test_every_command_that_changes_something_or_carries_it_out_says_who_does_it() -> None:
    """Each asks for a name; of those that do not the list is whole."""
    (commands,) = (one.choices for one in _parser()._actions if isinstance(one.choices, dict))
    signing = {name for name, one in commands.items() if any(action.dest == "by" for action in one._actions)}
    assert set(commands) - signing == READING | ALONE


def test_commands_are_journalled_by_who_does_them_and_by_the_account(store: Store, tmp_path: Path) -> None:
    """The name that is given, with the account that ran it beside it; the account alone where none is given."""
    give_one = ["grant", "new@x", "leader", "--reason", "试", "--db", str(store.path), "--by"]
    assert main([*give_one, " 丁 "]) == 0
    assert main(["backup", "--out", str(tmp_path / "kept"), "--db", str(store.path)]) == 0
    *_, begun, done, kept = [(one.person, one.known, one.what.get("account", "")) for one in entries(store.path)]
    account = f"os:{getpass.getuser()}"
    assert begun == done == ("丁", "command", account)
    assert kept == (account, "command", "")


@pytest.mark.parametrize(
    "command",
    [
        ["approve", "2", "--reason", "试"], ["cross-review", "2024", "p1", "--settle", "--reason", "试"],
        ["stage", "2024", "--conclude", "--reason", "试"], ["notice", "2024", "--sign", "1"],
    ],
)  # fmt: skip
def test_nothing_that_takes_two_persons_is_done_by_nobody(
    store: Store, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a name, or with one in which nothing can be seen, a command does not pass for the second one."""
    state = store.snapshot()
    for name in ("", "\u200b"):
        assert main([*command, "--db", str(store.path), "--by", name]) == 1
        assert "person_wanted" in capsys.readouterr().err
    assert store.snapshot() == state

