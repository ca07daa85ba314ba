"""The commands of the evaluation's course: a cycle played through from first to last, and what is told."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import polars as pl
import pytest

import data.stage_checks
from data.__main__ import main
from data.adjusting import propose
from data.clock import now, zoned
from data.keys import make_key
from data.notices import draft
from data.objections import object_to, objections
from data.proposals import publish
from data.rectifications import demand, rectifications
from data.reviews import drawn
from data.revisions import editions_of
from data.stage_checks import last_day
from data.store import Store
from tests.stores import store_of
from tests.test_cycles import DEFINITIONS, sent

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Four regions with their facts of 2024."""
    made = store_of(DEFINITIONS, tmp_path)
    sent(made, 2024, {"p1": 5, "p2": 6, "p3": 7, "p4": 8})
    return made


@pytest.fixture
def run(store: Store, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command on the store: exit code, what is printed."""

    def _run(*words: str) -> tuple[int, str]:
        code = main([*words, "--db", str(store.path)])
        told = capsys.readouterr()
        return code, told.out + told.err

    return _run


def test_a_cycle_is_played_through_by_commands(
    store: Store, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each stage in turn, a draw, reviews, an adjustment, approval, publication, objection, rectification, a second
    edition with its ledger, and the end; what is missing is told on the way."""
    said = ("--by", "甲", "--reason", "继续")
    told = run("stage", "2024")[1]
    assert "可从头开始: 下达目标" in told
    assert told.count("下一步: ") == 1
    for stage in ("targets", "reports", "self_check", "audit", "cross_review"):
        assert run("stage", "2024", "--to", stage, *said)[0] == 0
    assert "抽签" in run("stage", "2024")[1]
    code, told = run("draw", "2024", "--seed", "7", "--apart", "p1/p2", *said)
    assert (code, told.count("→")) == (0, 4)
    assert "p1 → p2" not in told
    assert "p2 → p1" not in told
    for region in ("p1", "p2", "p3", "p4"):
        assert run("cross-review", "2024", region, "--agree", "--by", "乙", "--reason", "属实")[0] == 0
    run("cross-review", "2024", "p1", "--remark", "单价偏高", "--code", "one", "--by", "乙")
    run("cross-review", "2024", "p1", "--rate", "one=55", "--by", "乙")
    assert "单价偏高" in run("cross-review", "2024")[1]
    file = tmp_path / "票据.txt"
    file.write_text("票据", encoding="utf-8")
    what = ("--region", "p1", "--node", "one", "--points", "-2", "--evidence", str(file))
    assert run("adjust", "2024", *what, "--by", "乙", "--reason", "漏报") == (
        0, "已提出第 1 号调整：p1 one −2 分，待决定。\n",
    )  # fmt: skip
    listed = run("adjust", "2024", "--list")[1].splitlines()
    assert listed[0].startswith("编号\t地区\t代码\t分数\t状态")
    assert listed[1].startswith("1\tp1\tone\t−2\t待决定\t漏报\t乙\t—")
    run("stage", "2024", "--to", "third_party", *said)
    assert run("stage", "2024", "--to", "approval", *said)[0] == 1
    assert "已同意" in run("adjust", "2024", "--agree", "1", *said)[1]
    run("stage", "2024", "--to", "approval", *said)
    assert run("stage", "2024", "--to", "published", *said)[0] == 1
    assert run("stage", "2024", "--conclude", "--by", "丙", "--reason", "同意")[0] == 0
    assert "第 1 版" in run("stage", "2024", "--to", "published", *said)[1]
    run("stage", "2024", "--to", "objections", *said)
    told = run("object", "2024", "--region", "p2", "--text", "有误", "--evidence", str(file), "--by", "丁")
    assert told == (0, f"已记下p2对 2024 的异议，第 1 号，{last_day(now(), 15)} 以前答复。\n")
    assert "部分成立" in run("object", "2024", "--answer", "1", "--outcome", "partly", "--text", "改", "--by", "甲")[1]
    told = run("rectify", "2024", "--region", "p1", "--text", "补票", "--by", "甲", "--due", last_day(now(), 3))
    assert told == (0, f"已要求p1整改，第 1 项，{last_day(now(), 3)} 以前完成。\n")
    proof = ("--evidence", str(file), "--by", "丁")
    assert run("rectify", "2024", "--report", "1", "--text", "已补", *proof)[1] == (
        "第 1 项整改已报告完成，待验收。\n"
    )
    assert "1\tp1\t已报告" in run("rectify", "2024", "--list")[1]
    assert "已办结" in run("rectify", "2024", "--accept", "1", "--text", "通过", "--by", "甲")[1]
    sent(store, 2024, {"p2": 7})
    assert "第 2 版" in run("stage", "2024", "--again", "--by", "丙", "--reason", "异议成立")[1]
    out = tmp_path / "changes.csv"
    told = run("stage", "2024", "--changes", "2", "--out", str(out))
    assert told == (0, f"已写入 {out}（{pl.read_csv(out).height} 行）。\n")
    assert pl.read_csv(out)["term"].sum() == pytest.approx(10.0)
    every = [line.split("\t") for line in run("stage", "2024", "--changes", "2")[1].splitlines()]
    at = every.index(["地区", "变量", "更正前", "更正后"])
    rows, corrected = every[:at], every[at + 1 :]
    assert [(row[0], row[-1]) for row in corrected] == [("p2", "7")]
    assert rows[0] == ["地区", "原因", "针对", "综合得分变化"]
    assert sum(float(row[3].replace("−", "-")) for row in rows[1:]) == pytest.approx(10.0, abs=0.01)
    assert 0.0 not in [float(row[3].replace("−", "-")) for row in rows[1:]]
    for found in (objections, rectifications):
        assert found(store, "2024")["evidence"].to_list() == [[sha256(file.read_bytes()).hexdigest()]]
    assert run("overdue") == (0, "没有逾期的异议和整改\n")
    monkeypatch.setattr(data.stage_checks, "now", lambda: last_day(now(), 16))
    told = run("stage", "2024", "--to", "closed", *said, "--lang", "en")[1]
    assert told.startswith("Stage: closed\n")
    assert told.count("→") == 10


def test_regions_are_named_as_an_import_names_them(store: Store, run: Run) -> None:
    """By name, whole or without its ending, or by code; of what names none the nearest is told, nothing is done."""
    with store.transaction("names") as writer:
        for code, name in (("p1", "澍川市"), ("p2", "云江市"), ("p3", "石浦市"), ("p4", "三江市")):
            writer.execute("UPDATE regions SET name_zh = $name WHERE code = $code", {"name": name, "code": code})
        writer.execute("INSERT INTO areas VALUES ('南片', '南片', 'South')")
    said = ("--by", "甲", "--reason", "继续")
    for stage in ("self_check", "audit", "cross_review"):
        run("stage", "2024", "--to", stage, *said)
    assert "p1 → p2" not in (told := run("draw", "2024", "--seed", "7", "--apart", "澍川/云江市", *said)[1])
    assert told.count("→") == 4
    standing = run("stage", "2024")[1]
    assert "：澍川市（p1）、云江市（p2）、石浦市（p3）、三江市（p4）。" in standing
    assert "\t数据会审 → 交叉会审\t甲\t继续\t—\n" in standing
    for name in ("澍川市", "云江", "p3", "三江市"):
        said_so = run("cross-review", "2024", name, "--agree", "--by", "乙", "--reason", f"看过{name}")
        assert said_so[0] == 0
        assert said_so[1].endswith("给出结论：同意。\n")
    assert "看过澍川市" in (told := run("cross-review", "2024", "澍川")[1])
    assert "看过云江" not in told
    assert run("adjust", "2024", "--region", "澍川市", "--node", "one", "--points", "-2", *said)[1] == (
        "已提出第 1 号调整：澍川市（p1） one −2 分，待决定。\n"
    )
    assert run("grant", "x@x", "reporter", "--region", "澍川市", *said)[0] == 0
    assert run("grant", "x@x", "reporter", "--region", "south", *said)[0] == 0
    given = [line.split("\t") for line in run("grants")[1].splitlines()]
    assert [line[3] for line in given] == ["地区", "澍川市（p1）", "南片"]
    # Reporters see their own as they come in, by their role.
    assert [line[5] for line in given] == ["未公布的结果", "可看", "可看"]
    before = store.snapshot()
    for words in (
        ("cross-review", "2024", "树川市", "--agree"), ("adjust", "2024", "--region", "树川市", "--node", "one"),
        ("object", "2024", "--region", "树川市", "--text", "试"),
        ("rectify", "2024", "--region", "树川市", "--text", "试"),
    ):  # fmt: skip
        code, told = run(*words, "--by", "甲")
        assert (code, "review_region" in told, told.endswith("是否想写“澍川市”？\n")) == (1, True, True)
    # Where nothing is alike, nothing is suggested.
    assert run("rectify", "2024", "--region", "zzz", "--text", "试", "--by", "甲")[1].endswith("参评地区。\n")
    assert store.snapshot() == before


def test_a_verdict_says_for_which_reviewing_region(store: Store, run: Run) -> None:
    """Whoever holds the file names one of the reviewers, or none; the sentence and the journal tell for whom it was
    said, and for a region that does not review it nothing is said."""
    said = ("--by", "甲", "--reason", "继续")
    sent(store, 2024, {"p5": 9})
    for stage in ("self_check", "audit", "cross_review"):
        run("stage", "2024", "--to", stage, *said)
    run("draw", "2024", "--seed", "7", *said)
    pairs = [line.split(" → ") for line in run("draw", "2024")[1].splitlines()[:-1]]
    first, second = (one for one, other in pairs if other == "p1")
    stranger = next(one for one in ("p2", "p3", "p4", "p5") if one not in (first, second))
    for reviewer, verdict, word in ((second, "--escalate", "上报"), (first, "--agree", "同意")):
        told = run("cross-review", "2024", "p1", verdict, "--for", reviewer, "--by", "乙", "--reason", "看过")
        assert told == (0, f"会审方{reviewer}已对p1给出结论：{word}。\n")
    rated = run("cross-review", "2024", "p1", "--rate", "one=55", "--for", second, "--by", "乙", "--lang", "en")
    assert rated == (0, f"{second}: 1 ratings of p1 are on record.\n")
    rows = [line.split("\t") for line in run("cross-review", "2024", "p1")[1].splitlines()]
    assert [(row[2], row[3]) for row in rows if row[1:2] == ["p1"]] == [(second, "上报"), (first, "同意")]
    assert f"代表{second}" in run("journal")[1]
    before = store.snapshot()
    code, told = run("cross-review", "2024", "p1", "--agree", "--for", stranger, "--by", "乙", "--reason", "看过")
    assert (code, "not_speaking" in told) == (1, True)
    assert store.snapshot() == before


def test_a_change_is_confirmed_in_a_sentence(store: Store, run: Run) -> None:
    """What a command changed, in the language asked for; a time is told with its zone, and not as the store has it."""
    assert run("review", "1", "--by", "乙", "--lang", "en") == (0, "Batch 1 is reviewed.\n")
    assert run("publish", "2024", "--by", "丙")[1].startswith("2024 年的结果已公布，按第 1 版指标定义。\n")
    assert run("deadline", "2025", "2026-01-31", "--by", "丙")[1] == "2025 的报送期限：2026-01-31。\n"
    said = ("--deadline", "2026-02-28", "--by", "丙", "--reason", "继续")
    run("stage", "2025", "--to", "targets", *said)
    words = "两个期限不同：2025 的数据要在 2026-01-31 以前报齐，“填报”阶段到 2026-02-28 为止。\n"
    assert words in run("stage", "2025", "--to", "reports", *said)[1]
    same = ("2026-02-28", "--by", "丙", "--reason", "一致")
    assert run("deadline", "2025", *same)[1] == "2025 的报送期限：2026-02-28。\n"
    for command in ("batches", "versions", "journal", "deadline"):
        told = run(command)[1]
        assert " UTC" in told, command
        assert "+00:00\t" not in told.replace("UTC+00:00", ""), command
    assert run("take-back", "1", "--by", "甲", "--reason", "报错")[1] == "第 1 批已撤回，不再有效。\n"
    assert run("grants") == (0, "没有\n")


def test_an_import_tells_whose_row_is_doubtful(store: Store, run: Run, tmp_path: Path) -> None:
    """A warning names its region; where some rows are in order, the way to store these is told."""
    file = tmp_path / "more.csv"
    file.write_text("region,period,variable,value\np1,2025,a,500\np1,2025,one,5\n", encoding="utf-8")
    code, told = run("import", str(file))
    assert (code, "读入: 2\n接受: 1\n拒绝: 1\n" in told) == (1, True)
    assert "或加 --accept-valid，只入库合格的 1 条。" in told
    code, told = run("import", str(file), "--accept-valid", "--lang", "en")
    assert code == 0
    assert any("warning" in line and line.endswith(" [p1]") for line in told.splitlines())


@pytest.mark.parametrize(
    "words",
    [
        ("stage", "2024", "--to", "self_check"),
        ("draw", "2024", "--seed", "1", "--apart", "p1", "--by", "甲", "--reason", "试"),
        ("draw", "2024", "--seed", "1", "--by", "甲", "--reason", "试"),
        ("draw", "2024", "--seed", "1", "--share", "nan", "--by", "甲", "--reason", "试"),
        ("cross-review", "2024", "p1", "--rate", "one=viel", "--by", "甲"),
        ("adjust", "2024", "--region", "p1", "--node", "one", "--by", "甲", "--reason", "试"),
        ("adjust", "2024", "--agree", "5", "--by", "甲", "--reason", "试"),
        ("object", "2024", "--region", "p1", "--text", "试", "--by", "甲"),
        ("rectify", "2024", "--accept", "5", "--text", "试", "--by", "甲"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_written(store: Store, run: Run, words: tuple[str, ...]) -> None:
    """Exit 1, a problem with its code, the store as it was."""
    before = store.snapshot()
    code, told = run(*words)
    assert code == 1
    assert "error " in told
    assert "Traceback" not in told
    assert store.snapshot() == before


@pytest.mark.parametrize(
    ("words", "option", "act"),
    [
        (("stage", "2024", "--deadline", "2025-01-01"), "--deadline", "stage"),
        (("stage", "2024", "--conclude", "--deadline", "2025-01-01"), "--deadline", "--conclude"),
        (("stage", "2024", "--again", "--release", "now"), "--release", "--again"),
        (("stage", "2024", "--to", "published", "--deadline", "2025-01-01"), "--deadline", "--to published"),
        (("stage", "2024", "--to", "audit", "--release", "now"), "--release", "--to"),
        (("stage", "2024", "--back", "audit", "--out", "a.csv"), "--out", "--back"),
        (("stage", "2024", "--changes", "0", "--reason", "试"), "--reason", "--changes"),
        (("draw", "2024", "--apart", "p1/p2"), "--apart", "draw"),
        (("draw", "2024", "--share", "1"), "--share", "draw"),
        (("cross-review", "2024", "p1", "--remark", "试", "--for", "p2"), "--for", "--remark"),
        (("cross-review", "2024", "p1", "--rate", "one=5", "--reason", "试"), "--reason", "--rate"),
        (("cross-review", "2024", "p1", "--agree", "--code", "one"), "--code", "--agree"),
        (("adjust", "2024", "--agree", "1", "--evidence", "a.txt"), "--evidence", "--agree"),
        (("adjust", "2024", "--list", "--points", "0"), "--points", "--list"),
        (("object", "2024", "--answer", "1", "--evidence", "a.txt"), "--evidence", "--answer"),
        (("object", "2024", "--answer", "1", "--list"), "--list", "--answer"),
        (("object", "2024", "--region", "p1", "--outcome", "upheld"), "--outcome", "object"),
        (("rectify", "2024", "--accept", "1", "--evidence", "a.txt"), "--evidence", "--accept"),
        (("rectify", "2024", "--region", "p1", "--evidence", "a.txt"), "--evidence", "rectify"),
        (("rectify", "2024", "--report", "1", "--due", "2999-01-01"), "--due", "--report"),
        (("notice", "2024", "--sign", "1", "--reason", "试"), "--reason", "--sign"),
        (("notice", "2024", "--public", "--out", "a.md", "--number", "1"), "--number", "--public"),
        (("deadline", "--reason", "试"), "--reason", "deadline"),
        (("deadline", "2025", "2026-01-31", "--format", "text", "--by", "甲"), "--format", "period"),
        (("versions", "--text"), "--text", "versions"),
        (("journal", "--file", "a.jsonl"), "--file", "journal show"),
        (("journal", "export", "--file", "a.jsonl"), "--file", "journal export"),
    ],
)
def test_an_option_that_the_act_does_not_take_is_refused(
    store: Store, run: Run, words: tuple[str, ...], option: str, act: str
) -> None:
    """It names both, before anything else is looked at; nothing is written."""
    before = store.snapshot()
    code, told = run(*words)
    assert (code, f"option_unused {option} 与 {act} 不能同用" in told) == (1, True)
    assert store.snapshot() == before


@pytest.mark.parametrize("more", [("--public",), ("--number", "1"), ("--format", "pdf")])
def test_what_is_written_of_a_notice_wants_a_file(run: Run, more: tuple[str, ...]) -> None:
    """Nothing goes to a file that nobody named."""
    code, told = run("notice", "2024", *more)
    assert (code, "changes_out" in told) == (1, True)


def test_the_course_says_what_was_done_and_lists_it_under_heads(store: Store, run: Run) -> None:
    """Each act in a sentence at the end; approvals among the steps, an edition with when it became or becomes public,
    and each move of that moment with its own reason."""
    later, moved = "2998-12-31T00:00+00:00", "2999-01-01T00:00+00:00"
    tell = {"--to": "已进入“{}”阶段。", "--back": "已退回到“{}”阶段。"}
    for act, stage, name in (("--to", "self_check", "自查自评"), ("--back", "reports", "填报")):
        told = run("stage", "2024", act, stage, "--by", "甲", "--reason", "两个地区漏报")[1]
        assert told.endswith(f"\n2024 {tell[act].format(name)}\n")
    for stage in ("self_check", "audit", "cross_review"):
        run("stage", "2024", "--to", stage, "--by", "甲", "--reason", "继续")
    run("draw", "2024", "--seed", "7", "--by", "甲", "--reason", "继续")
    for _, region in drawn(store, "2024"):
        run("cross-review", "2024", region, "--agree", "--by", "乙", "--reason", "属实")
    for stage in ("third_party", "approval"):
        run("stage", "2024", "--to", stage, "--by", "甲", "--reason", "继续")
    told = run("stage", "2024", "--conclude", "--by", "丙", "--reason", "同意")[1]
    assert told.endswith("\n2024 的结果已审定。\n")
    told = run("stage", "2024", "--to", "published", "--release", later, "--by", "甲", "--reason", "公布")[1]
    assert f"\n2024 的结果第 1 版已公布，将于 {zoned(later)} 公开。\n" in told
    told = run("stage", "2024", "--release", moved, "--by", "甲", "--reason", "等签发", "--lang", "en")[1]
    assert told.endswith(f"\nThe release is moved: the results of 2024 are public from {zoned(moved)}.\n")
    rows = [line.split("\t") for line in run("stage", "2024")[1].splitlines()]
    assert ["审定结果", "丙", "同意", "—"] in [row[1:] for row in rows]
    at = rows.index(["结果版次", "公布于", "谁", "理由", "公开时间"])
    assert rows[at + 1][2:] == ["甲", "公布", zoned(moved)]
    assert rows[at + 2] == ["改于", "原定公开时间", "改为", "谁", "理由"]
    assert rows[at + 3][1:] == [zoned(later), zoned(moved), "甲", "等签发"]
    told = run("stage", "2024", "--release", "now", "--by", "甲", "--reason", "已签发")[1]
    assert told.endswith("\n已改公开时间：2024 的结果现在公开。\n")


def test_what_is_written_is_said(store: Store, run: Run, tmp_path: Path) -> None:
    """Where to and how much; of a notice which version, and what lies beside it."""
    facts, text, paper = (tmp_path / name for name in ("事实.csv", "通报.md", "notice.pdf"))
    rows = run("facts", "--out", str(facts))[1]
    assert rows == f"已写入 {facts}（{pl.read_csv(facts).height} 行）。\n"
    publish(store, "2024", person="甲")
    make_key(store)
    assert run("notice", "2024", "--draft", "--by", "甲")[1].endswith("\n已起草通报，第 1 版。\n")
    assert run("notice", "2024", "--out", str(text))[1].endswith(f"\n通报第 1 版已写入 {text}。\n")
    assert run("notice", "2024", "--edit", str(text), "--by", "乙", "--reason", "润色")[1].endswith("第 2 版。\n")
    assert run("notice", "2024", "--sign", "2", "--by", "丙")[1].endswith("\n通报第 2 版已签发。\n")
    told = run("notice", "2024", "--out", str(text), "--lang", "zh")[1]
    assert told.endswith(f"\n通报第 2 版已写入 {text}，签名（.sig）和公钥（.pem）在旁。\n")
    told = run("notice", "2024", "--number", "1", "--out", str(paper))[1]
    assert told.endswith(f"\n通报第 1 版已写入 {paper}。\n")


def test_a_number_is_of_the_cycle_that_is_named(store: Store, run: Run) -> None:
    """An objection, a rectification, an adjustment, a notice of another cycle: refused, and of which it is is told; of
    several nothing is done. An answer without an outcome is none."""
    sent(store, 2023, {"p1": 5, "p2": 6, "p3": 7, "p4": 8})
    for cycle in ("2023", "2024"):
        publish(store, cycle, person="甲")
    object_to(store, "2024", "p1", "有误", person="乙")
    demand(store, "2024", "p2", "补票", person="甲")
    for region in ("p1", "p2"):
        propose(store, "2024" if region == "p1" else "2023", region, "one", -1.0, reason="漏报", person="乙")
    draft(store, "2024", "zh", person="甲")
    before = store.snapshot()
    for words in (
        ("object", "2023", "--answer", "1", "--outcome", "upheld", "--text", "属实"),
        ("rectify", "2023", "--report", "1", "--text", "已补"), ("notice", "2023", "--sign", "1"),
        ("adjust", "2023", "--agree", "2", "--refuse", "1", "--reason", "属实"),
    ):  # fmt: skip
        code, told = run(*words, "--by", "丁")
        assert (code, "other_cycle 第 1 号属于 2024，不属于 2023" in told) == (1, True)
    code, told = run("object", "2024", "--answer", "1", "--text", "属实", "--by", "丁")
    assert (code, "outcome_wanted" in told, "upheld, partly, rejected" in told) == (1, True, True)
    assert store.snapshot() == before
    assert run("object", "2024", "--answer", "1", "--outcome", "upheld", "--text", "属实", "--by", "丁")[0] == 0


def test_the_days_are_shown_and_set(run: Run) -> None:
    """Each by its own name; what is out of bounds changes nothing."""
    heads = "做什么\t天数\n"
    assert run("days") == (0, f"{heads}提出异议\t15\n答复异议\t15\n完成整改\t60\n")
    assert run("days", "--objection", "30", "--rectification", "9", "--by", "甲") == (
        0, f"{heads}提出异议\t30\n答复异议\t15\n完成整改\t9\n",
    )  # fmt: skip
    assert run("days", "--answer", "0", "--by", "甲")[0] == 1
    assert run("days", "--answer", "5")[0] == 1
    assert "answer\t15" in run("days", "--lang", "en")[1]


@pytest.mark.parametrize("option", ["--release", "--deadline"])
def test_an_option_that_was_typed_empty_is_wrong_usage(store: Store, run: Run, option: str) -> None:
    """As of a script's variable that is not set: it would pass for one that was not typed, and publish at once."""
    with pytest.raises(SystemExit) as ended:
        run("stage", "2024", "--to", "published", option, "", "--by", "甲", "--reason", "公布")
    assert ended.value.code == 2
    assert editions_of(store, "2024") == ()
