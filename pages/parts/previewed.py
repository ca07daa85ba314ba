"""The preview of a file: what would be accepted and what rejected, and why each doubt may pass; nothing is stored."""

from collections.abc import Mapping
from html import escape

import polars as pl
import streamlit as st

from data.checks import problems
from data.doubted import Named
from data.intake import JudgedFile
from data.mapping_words import counted, passed_over
from data.sources import ROW
from data.store import Store
from metrics.definitions import Definitions
from metrics.problems import Problem
from pages.parts.formats import full
from pages.parts.i18n import language, spoken, t
from pages.parts.intake import Found, plain
from pages.parts.tables import bullets, csv_of, table, title
from pages.parts.words import statuses, told

SHOWN, FIRST, EACH = 50, 8, 3
# So long a file's name is shown whole.
LONG = 48
# So many columns of the file are shown beside what becomes of them.
WIDE = 8


def rule_words(rule: str) -> str:
    """A rule of checking by a short name."""
    return {
        "not_plausible": t("超出合理范围"),
        "unit_slip": t("像是错了计量单位"),
        "stock_moved": t("人数或面积变动超过 10 %"),
        "changed_much": t("比上年多一倍以上或少一半以上"),
        "parts_differ": t("各机构之和不等于合计"),
        "above_binding": t("劣于约束值"),
        "beyond_leading": t("优于引导值"),
        "unit_price": t("单价偏离各地中位数"),
        "alike": t("与另一地区的数相同"),
        "heaping": t("凑整的数过多"),
        "not_over": t("期间尚未结束"),
    }.get(rule, rule)


def short(name: str) -> str:
    """A name that fits into a line: its beginning and its end."""
    return name if len(name) <= LONG else f"{name[: LONG - 13]}…{name[-12:]}"


def counts(read: int, accepted: int, rejected: int) -> str:
    """A file's records: accepted and rejected are what was read."""
    return t("读入 {read} 条，接受 {accepted}，拒绝 {rejected}", read=f"{read:,}", accepted=f"{accepted:,}",
             rejected=f"{rejected:,}")  # fmt: skip


def region_names(store: Store) -> dict[str, str]:
    """What each region is called, by code, in the session's language."""
    return dict(store.query(f"SELECT code, name_{language()} FROM regions ORDER BY code").iter_rows())


class Names(Named):
    """What regions and variables are called, in the session's language."""

    def __init__(self, definitions: Definitions, regions: Mapping[str, str]) -> None:
        super().__init__(definitions, lambda code: regions.get(code, code), language())

    def said(self, problem: Problem) -> str:
        """A doubt in words, after its line."""
        return told(self.told(problem))


def beside(found: Found, judged: JudgedFile, names: Names) -> None:
    """The first rows as they are in the file, and what becomes of them."""
    first = found.suggestion.first
    rows = judged.facts.filter(pl.col("row").is_in(first[ROW].implode())).head(FIRST * 2)
    left, right = st.columns(2)
    with left:
        title(t("文件里的前 {count} 行", count=first.height))
        heads = first.columns[1 : WIDE + 1]
        more = first.width - 1 - len(heads)
        cells = [[str(row[0]), *(_cell(cell) for cell in row[1 : WIDE + 1])] for row in first.iter_rows()]
        st.html(table([t("行"), *heads], cells, kind="words given"))
        if more > 0:
            st.html(f'<p class="q-sub">{escape(t("另有 {count} 列未列出", count=more))}</p>')
    with right:
        title(t("读成的事实"))
        nothing = f'<p class="q-sub">{escape(t("这几行没有可接受的事实"))}</p>'
        st.html(facts_table(rows, names) if rows.height else nothing)


def _cell(cell: object) -> str:
    return escape("—" if cell is None else full(cell) if isinstance(cell, float) else str(cell)[:60])


def facts_table(facts: pl.DataFrame, names: Names) -> str:
    """Facts with the file's rows, regions and variables by name; columns that are blank throughout are left out."""
    heads = {
        "row": t("行"),
        "region": t("地区"),
        "site": t("公共机构"),
        "period": t("期间"),
        "variable": t("变量"),
        "value": t("数值"),
        "status": t("状态"),
        "source": t("来源"),
    }
    shown = {name: words for name, words in heads.items() if facts[name].null_count() < facts.height}
    worded = facts.select(*shown).with_columns(pl.col("status").replace(statuses()))
    rows = [
        [_cell(names.of(column, cell) if isinstance(cell, str) else cell) for column, cell in row.items()]
        for row in worded.iter_rows(named=True)
    ]
    return table(list(shown.values()), rows, kind="words")


def taken(judged: JudgedFile) -> None:
    """What was left out on purpose, and what was read otherwise than as it stands."""
    left = passed_over(judged.found[2], language())
    otherwise = counted(judged.read_as, judged.taken, language())
    if left:
        words = t("；").join(f"{reason} {count:,}" for reason, count in left.items())
        st.html(f'<p class="q-sub">{escape(t("有意略过：") + words)}</p>')
    if otherwise:
        st.html(f'<p class="q-sub">{escape(t("；").join(otherwise))}</p>')


def rejections(found: tuple[Problem, ...], count: int) -> None:
    """The first rejected cells, each with row, cell, rule and what to do."""
    if not found:
        return
    title(t("被拒绝的 {count} 条", count=f"{count:,}"), t("每行每条规则一条；这里列前 {count} 条，全部在逐行报告里",
                                                      count=min(SHOWN, len(found))))  # fmt: skip
    st.html(_problems(found[:FIRST]))
    if len(found) > FIRST:
        with st.expander(t("再列 {count} 条", count=min(SHOWN, len(found)) - FIRST), key="more rejections"):
            st.html(_problems(found[FIRST:SHOWN]))


def _problems(found: tuple[Problem, ...]) -> str:
    rows = [
        [
            escape(str(one.facts.get("cell") or one.line)),
            escape(one.path),
            escape(plain(one.message(language()))),
        ]
        for one in found
    ]
    return table([t("行"), t("列"), t("问题")], rows, kind="words wrapped")


def reasons_for(judged: JudgedFile, key: str, names: Names) -> tuple[dict[str, str], list[str]]:
    """Why the doubts of each rule may pass, as a person says; and the rules that have no reason yet."""
    notes = [one for one in judged.found[1] if one.code not in judged.doubts]
    if notes:
        title(t("须核对"))
        bullets([escape(names.said(one)) for one in notes[:FIRST]])
    if not judged.doubts:
        return {}, []
    title(t("{count} 类提示，各写一个理由", count=len(judged.doubts)), t("没有理由不能入库；理由随批次保存"))
    given = {}
    for rule, frame in judged.doubts.items():
        with st.container(border=True):
            st.html(f'<p class="q-small">{escape(_doubted(rule, frame))}</p>')
            bullets([escape(names.said(one)) for one in problems({rule: frame}, EACH, judged.cell)])
            given[rule] = st.text_input(
                t("理由：{rule}", rule=rule_words(rule)), key=f"{key} reason {rule}",
                placeholder=t("例如：新办公楼 3 月启用，已与地区核实"),
            ) or ""  # fmt: skip
    return given, [rule for rule, reason in given.items() if not reason.strip()]


def _doubted(rule: str, frame: pl.DataFrame) -> str:
    words = t("{rule}：{count} 处", rule=rule_words(rule), count=f"{frame.height:,}")
    return words + (t("，例如") if frame.height > EACH else "")


def report_button(judged: JudgedFile) -> None:
    """What becomes of every row, as a file that is made when it is asked for."""
    whole = spoken(lambda: csv_of(rows_of(judged)))
    st.download_button(t("下载逐行报告（CSV）"), whole, "report.csv", "text/csv", on_click="ignore")


def rows_of(judged: JudgedFile) -> pl.DataFrame:
    """Every row of the file with what became of it: row, cell, result, column, rule, what stood there, problem."""
    heads = [t("行"), t("单元格"), t("结果"), t("列"), t("规则"), t("原值"), t("问题")]
    schema = {heads[0]: pl.Int64, **dict.fromkeys(heads[1:], pl.String)}
    texts = {heads[1]: "", heads[2]: t("接受"), **dict.fromkeys(heads[3:], "")}
    accepted = judged.facts.select(pl.col("row").cast(pl.Int64).alias(heads[0]), *_literal(texts))
    words: dict[tuple[str, str, str | None], str] = {}
    lines: list[tuple[object, ...]] = []
    for row, column, rule, value in judged.refused.select("row", "column", "rule", "value").iter_rows():
        key = (rule, column, value)
        if key not in words:
            words[key] = Problem(rule, column, row, 0, {"column": column, "value": value}).message(language())
        cell = judged.cell(row, column)
        lines.append((row, "" if cell == str(row) else cell, t("拒绝"), column, rule, value, words[key]))
    for problem in (*problems(judged.doubts, 1_000_000, judged.cell), *_notes(judged)):
        value = str(problem.facts.get("value"))
        cell = problem.facts.get("cell", "")
        lines.append((problem.line, cell, t("提示"), problem.path, problem.code, value, problem.message(language())))
    others = pl.DataFrame(lines, schema=schema, orient="row")
    return pl.concat([accepted, others]).sort(heads[0], maintain_order=True)


def _notes(judged: JudgedFile) -> list[Problem]:
    return [one for one in judged.found[1] if one.code not in judged.doubts]


def _literal(texts: Mapping[str, str]) -> list[pl.Expr]:
    return [pl.lit(text).alias(head) for head, text in texts.items()]
