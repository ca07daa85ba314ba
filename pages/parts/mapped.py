"""What a file seems to be, column by column, each doubtful choice to be made by a person; and the mapping from that."""

from collections.abc import Sequence
from dataclasses import replace
from html import escape

import streamlit as st

from data.cells import NOT_REPORTED
from data.recognise_columns import Column
from data.recognise_words import Told
from metrics.definitions import Definitions
from metrics.problems import InputError
from pages.parts.i18n import language, t
from pages.parts.intake import Found, refused
from pages.parts.mapped_choices import LEFT_OUT, ROLES, VALUE, Choices, Data, chosen, parsed, written
from pages.parts.mapped_whole import Choosing, factors, names_of, whole
from pages.parts.tables import bullets, table, title
from pages.parts.words import literal

# So many columns all have a choice at once; of a wider table those that are in doubt have.
FEW = 10
# What is asked for below rather than told.
ASKED = ("region_missing", "period_missing", "variable_missing", "values_missing", "other_sheets")


def mapped(found: Found, definitions: Definitions, regions: dict[str, str], key: str) -> str | None:
    """Draws what was found and the choices; the mapping's text, None where something is missing, which is said."""
    here = Choosing(found, definitions, regions, key)
    _lead(here)
    roles = _columns(here)
    now = whole(here, replace(here.before, roles=roles))
    now = replace(now, names=names_of(here, now))
    now = replace(now, times=factors(here, now))
    data = _with_marks(here, chosen(here.data, here.before, now), now)
    text = here.suggestion.text if data == here.data else written(data)
    outcome = parsed(text)
    missing = _missing(now, data)
    if missing:
        st.warning(t("还缺：{what}。请在上面选定。", what=t("、").join(missing)))
        return None
    if isinstance(outcome, InputError):
        refused(outcome)
        return None
    st.download_button(t("下载映射（YAML）"), text.encode(), "mapping.yaml", "text/yaml", on_click="ignore")
    return text


def _lead(here: Choosing) -> None:
    """What was found in one line, whether it was confirmed before, and what is to be looked at."""
    one, columns = here.suggestion, here.suggestion.columns
    read = here.data.get("read", {})
    head = read.get("head", 1)
    rows = "–".join(map(str, head)) if isinstance(head, list) else str(head)
    words = t("表头在第 {rows} 行，{count} 列，其中 {used} 列要读", rows=rows, count=len(columns),
              used=sum(role != LEFT_OUT for role in here.before.roles.values()))  # fmt: skip
    title(t("看到了什么"), (t("工作表“{sheet}”；", sheet=one.sheet) if one.sheet else "") + words)
    if one.remembered:
        name = literal(one.whose)
        st.info(
            t("沿用{person}确认的映射：这样的表头您自己还没有确认过。仍可在下面改。", person=name) if name
            else t("沿用上次确认的映射：这样的表头以前导入过。仍可在下面改。")
        )  # fmt: skip
    told = [doubt for doubt in one.doubts if doubt.code not in ASKED]
    if told:
        st.html(f'<p class="q-small">{escape(t("请核对"))}</p>')
        bullets([escape(_named(here, doubt).text(language())) for doubt in told])


def _named(here: Choosing, doubt: Told) -> Told:
    """With a variable's name in the place of its code."""
    found = doubt.facts.get("found")
    known = found in here.definitions.raw
    facts = {**doubt.facts, **({"found": here.definitions.name_of(found, language())} if known else {})}
    if "units" in facts:
        facts["units"] = [(here.definitions.name_of(code, language()), unit) for code, unit in facts["units"]]
    return Told(doubt.code, facts)


def _columns(here: Choosing) -> dict[str, str]:
    """Each column with its first cells and what it is; a selectbox where that is in doubt, or all are looked at."""
    columns, roles = here.suggestion.columns, _agreeing(here)
    doubtful = [one for one in columns if len(columns) <= FEW or _is_doubtful(one)]
    others = [one for one in columns if one not in doubtful]
    if others and st.toggle(t("也改其余 {count} 列", count=len(others)), key=f"{here.key} all"):
        doubtful, others = list(columns), []
    for column in doubtful[:200]:
        roles[column.head] = _column(here, column, roles[column.head])
    if others:
        rows = [
            [escape(one.letter), escape(one.head), escape(here.role(roles[one.head])), escape(_sure(here, one))]
            for one in others[:60]
        ]
        st.html(table([t("列"), t("表头"), t("是什么"), t("依据")], rows, kind="words wrapped"))
    return roles


def _agreeing(here: Choosing) -> dict[str, str]:
    """What the columns are, without those whose printed unit is none of the variable's: a person may choose them."""
    unlike = {one.facts["found"] for one in here.suggestion.doubts if one.code == "unit_mismatch"}
    return {
        head: LEFT_OUT if role.removeprefix(f"{VALUE} ") in unlike else role
        for head, role in here.before.roles.items()
    }


def _is_doubtful(column: Column) -> bool:
    return column.sure != "certain" or (
        column.role == LEFT_OUT and column.why.code in ("no_match", "taken_already", "no_role")
    )


def _sure(here: Choosing, column: Column) -> str:
    """How sure it is what a column is, and why."""
    if here.suggestion.remembered and here.before.roles[column.head] != LEFT_OUT:
        return Told("kept").text(language())
    why = column.why.text(language())
    return why if column.role == LEFT_OUT else f"{Told(column.sure).text(language())}{t('：')}{why}"


def _column(here: Choosing, column: Column, said: str) -> str:
    options = _options(here, said)
    left, middle, right = st.columns([2.2, 2.2, 1.8], vertical_alignment="center")
    first = t("、").join(column.first)
    left.html(
        f'<p class="q-small">{escape(column.letter)} {escape(column.head)}</p><p class="q-sub">{escape(first[:80])}</p>'
    )
    found = middle.selectbox(
        t("“{head}”是什么", head=column.head), options, options.index(said), format_func=here.role,
        key=f"{here.key} role {column.head}", label_visibility="collapsed", placeholder=t("请选择"),
    )  # fmt: skip
    right.html(f'<p class="q-sub">{escape(_sure(here, column))}</p>')
    return str(found)


def _options(here: Choosing, said: str) -> list[str]:
    codes = [f"{VALUE} {code}" for code in here.definitions.raw]
    options = [LEFT_OUT, *ROLES, VALUE, *codes]
    return options if said in options else [said, *options]


def _with_marks(here: Choosing, data: Data, now: Choices) -> Data:
    """What says “not reported” in columns that a person made values."""
    moved = [head for head, role in now.roles.items() if role.startswith(VALUE) and role != here.before.roles[head]]
    marks = [text for head in moved for text in here.found.texts.get(head, []) if text.lower() in NOT_REPORTED]
    every = list(dict.fromkeys([*data.get("not_reported", []), *marks]))
    return {**data, "not_reported": every} if every != data.get("not_reported", []) else data


def _missing(now: Choices, data: Data) -> Sequence[str]:
    """What a mapping cannot do without."""
    entries = data.get("values", [])
    has_period = "period" in data or (entries and all("period" in entry for entry in entries))
    return [
        words
        for words, there in (
            (t("地区"), data.get("region")),
            (t("期间"), has_period and data.get("period", "x")),
            (t("数值和变量"), data.get("values")),
        )
        if not there
    ]
