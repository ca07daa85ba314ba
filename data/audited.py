"""The journal as an auditor reads it: each line as a row, what does not follow, and a part of it by who, what, when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl

from data.journal import CUT, Line, chained
from data.recorded import journal_of

# Each change is named by its first word (`Store.transaction`).
BEGUN, DONE, UNDONE = "begun", "done", "undone"
REFUSED = ("denied", UNDONE, CUT)
# `named` has every code that an entry names, with blanks around; `text` the line as it stands in the file.
COLUMNS = ("number", "made", "kind", "person", "known", "change", "reason", "named", "text")


@dataclass(frozen=True)
class Audited:
    """Every line of a journal: COLUMNS, and `ended`, whether a change that was begun came to an end; the lines (from 1)
    that do not follow from the one before; so many bytes, with this SHA-256 and last line, were read."""

    rows: pl.DataFrame
    broken: tuple[int, ...] = ()
    size: int = 0
    digest: str = ""
    last: bytes = b""


@dataclass(frozen=True)
class Sought:
    """What is looked for; '' and None ask for nothing. Days are those of the clock of this machine, both included."""

    person: str = ""
    kinds: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    region: str = ""
    cycle: str = ""
    text: str = ""


def audited(path: Path, known: Audited | None = None) -> Audited:
    """The journal of the store at a path; of lines that are `known`, if they are still what they were, the rest."""
    content = journal_of(path).content()
    if known is None or sha256(content[: known.size]).hexdigest() != known.digest:
        known = Audited(pl.DataFrame(schema={name: pl.Int64 if name == "number" else pl.String for name in COLUMNS}))
    broken, columns, lines = list(known.broken), [list[Any]() for _ in COLUMNS], content[known.size :].splitlines()
    for line in chained(lines, known.last, known.rows.height):
        if not line.follows:
            broken.append(line.number)
        for column, value in zip(columns, _row(line), strict=True):
            column.append(value)
    new = pl.DataFrame(dict(zip(COLUMNS, columns, strict=True)), schema=known.rows.select(COLUMNS).schema)
    rows = pl.concat([known.rows.select(COLUMNS), new])
    rows = rows.with_columns(ended=pl.col("number").is_in(_ended(rows)))
    return Audited(rows, tuple(broken), len(content), sha256(content).hexdigest(), lines[-1] if lines else known.last)


def _ended(rows: pl.DataFrame) -> list[int]:
    """The lines of changes that were begun and came to an end."""
    under_way, found = dict[str, list[int]](), list[int]()
    changes = rows.filter(pl.col("kind").is_in([BEGUN, DONE, UNDONE])).select("number", "kind", "change")
    for number, kind, change in changes.iter_rows():
        if kind == BEGUN:
            under_way.setdefault(change, []).append(number)
        elif under_way.get(change):
            found.append(under_way[change].pop())
    return found


def sought(rows: pl.DataFrame, asked: Sought) -> pl.DataFrame:
    """The rows of `Audited` that are looked for, the newest first."""
    tests = [
        (asked.person, pl.col("person") == asked.person),
        (asked.kinds, pl.col("kind").is_in(asked.kinds)),
        (asked.since, pl.col("made") >= _instant(asked.since)),
        (asked.until, pl.col("made") < _instant(asked.until, after=1)),
        (asked.region, pl.col("named").str.contains(f" {asked.region} ", literal=True)),
        (asked.cycle, pl.col("named").str.contains(f" {asked.cycle} ", literal=True)),
        (asked.text, pl.col("text").str.to_lowercase().str.contains(asked.text.lower(), literal=True)),
    ]
    wanted = [test for given, test in tests if given]
    return rows.filter(*wanted).reverse() if wanted else rows.reverse()


def _row(line: Line) -> tuple[Any, ...]:
    told = line.entry or {}
    own = [_text(told.get(name)) for name in ("made", "kind", "person", "known", "change", "reason")]
    named = [_text(told.get(name)) for name in ("change", "region", "cycle")]
    for name in ("regions", "cycles"):
        several = told.get(name)
        named += map(_text, several) if isinstance(several, list) else ()
    return (line.number, *own, f" {' '.join(named)} ", line.raw.decode("utf-8", "replace"))


def _text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _instant(day: date | None, *, after: int = 0) -> str:
    """The beginning of a day here, or of one after it, as the journal writes moments (UTC)."""
    if day is None:
        return ""
    begins = datetime.combine(day + timedelta(days=after), time()).astimezone()
    return begins.astimezone(UTC).isoformat(timespec="seconds")


# What is in the journal, in words; each change by its first word.
KINDS: Mapping[str, tuple[str, str]] = {
    BEGUN: ("改动开始", "change begun"),
    DONE: ("改动完成", "change done"),
    UNDONE: ("改动没有做成", "change not made"),
    "denied": ("被拒", "refused"),
    CUT: ("日志末尾少了行", "lines missing at the end"),
    "sign_in": ("登录", "signed in"),
    "sign_out": ("退出", "signed out"),
    "view_provisional": ("查看未公布的结果", "saw results before publication"),
    "export": ("导出", "export"),
    "alert": ("发出提醒", "alert sent"),
    "backup": ("备份", "backup"),
    "restore": ("恢复", "restored"),
}
CHANGES: Mapping[str, tuple[str, str]] = {
    "init": ("建立数据库", "store made"),
    "demo": ("建立示例数据", "demonstration made"),
    "import": ("导入数据", "facts imported"),
    "rollup": ("导入汇总数", "rolled-up facts imported"),
    "mapping": ("记住映射", "mapping kept"),
    "explain": ("说明理由", "reason given"),
    "reviewed": ("审核", "reviewed"),
    "verified": ("核定", "verified"),
    "withdraw": ("撤回", "taken back"),
    "deadline": ("定报送期限", "deadline set"),
    "submit": ("提交指标定义", "definitions submitted"),
    "approve": ("批准指标定义", "definitions approved"),
    "return": ("退回指标定义", "definitions sent back"),
    "publish": ("公布", "published"),
    "release": ("改公开时间", "release moved"),
    "grant": ("授权", "granted"),
    "revoke": ("撤销授权", "grant revoked"),
    "stage": ("推进阶段", "stage entered"),
    "back": ("退回阶段", "stage gone back to"),
    "conclude": ("审定结果", "results approved"),
    "draw": ("会审抽签", "lot drawn"),
    "remark": ("会审意见", "remark"),
    "rate": ("会审评分", "rating"),
    "agree": ("会审同意", "verdict: agrees"),
    "escalate": ("会审上报", "verdict: escalated"),
    "settle": ("裁定分歧", "dispute settled"),
    "adjust": ("提出调整", "adjustment proposed"),
    "agreed": ("同意调整", "adjustment agreed"),
    "refused": ("不同意调整", "adjustment refused"),
    "escalated": ("上报调整", "adjustment escalated"),
    "object": ("提出异议", "objection"),
    "answer": ("答复异议", "objection answered"),
    "rectify": ("要求整改", "rectification demanded"),
    "reported": ("报告整改完成", "rectification reported"),
    "accepted": ("整改验收", "rectification accepted"),
    "returned": ("整改退回", "rectification sent back"),
    "objection_days": ("定异议天数", "days to object set"),
    "answer_days": ("定答复天数", "days to answer set"),
    "rectification_days": ("定整改天数", "days to put right set"),
    "draft": ("开始写定义草稿", "draft of definitions begun"),
    "draft_removed": ("定义草稿去掉", "draft of definitions removed"),
    "sheet": ("开始填权重判断", "answers on weights begun"),
    "sheet_removed": ("权重判断去掉", "answers on weights removed"),
    "key": ("建立签名密钥", "key to sign with made"),
    "assess": ("留存核对", "comparison kept"),
    "notice": ("起草或修改通报", "notice drafted or edited"),
    "sign": ("签发通报", "notice signed"),
}
# What the words after the first one of a change are; of what is not listed they stand as they are.
PARTS: Mapping[str, tuple[str, ...]] = {
    "deadline": ("cycle", "due"),
    "approve": ("version",),
    "return": ("version",),
    "withdraw": ("version",),
    **dict.fromkeys(("publish", "release"), ("cycle", "edition")),
    "grant": ("role",),
    "revoke": ("number",),
    **dict.fromkeys(("draft", "draft_removed"), ("version",)),
    "stage": ("cycle", "stage"),
    "back": ("cycle", "stage"),
    "conclude": ("cycle",),
    "draw": ("cycle", "seed"),
    **dict.fromkeys(("remark", "rate", "agree", "escalate", "settle", "adjust", "object", "rectify"), ("cycle",)),
    **dict.fromkeys(("rate", "agree", "escalate"), ("cycle", "", "reviewer")),
    **dict.fromkeys(("agreed", "refused", "escalated", "reported", "accepted", "returned"), ("number",)),
    "answer": ("number", "outcome"),
    **dict.fromkeys(("objection_days", "answer_days", "rectification_days"), ("days",)),
    "assess": ("cycle",),
    "explain": ("batch", "rule"),
    "notice": ("cycle", "language"),
    "sign": ("cycle", "language", "version"),
}
