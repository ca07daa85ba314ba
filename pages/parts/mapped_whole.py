"""What is chosen of a file beside its columns: what the whole table is of, its names of variables, its factors."""

from dataclasses import replace
from html import escape

import streamlit as st

from data.quantities import factor
from data.recognise import Suggestion
from data.recognise_names import split_unit
from data.recognise_words import Told
from data.written import WAYS, period_of
from metrics.definitions import Definitions
from pages.parts.formats import unit
from pages.parts.i18n import language, t
from pages.parts.intake import TEXTS, Found
from pages.parts.mapped_choices import VALUE, Choices, Data, choices_of, plain_mapping
from pages.parts.words import literal

FACTORS = (1.0, 10_000.0, 100_000_000.0, 1_000.0, 1_000_000.0, 100.0, 0.01, 0.001, 0.0001)


class Choosing:
    """One file's choices under way: what was found, what can be chosen, and the keys of the widgets."""

    def __init__(self, found: Found, definitions: Definitions, regions: dict[str, str], key: str) -> None:
        self.found, self.definitions, self.regions, self.key = found, definitions, regions, key
        self.suggestion: Suggestion = found.suggestion
        self.data: Data = plain_mapping(found.suggestion.text)
        self.before = choices_of(self.data, [column.head for column in found.suggestion.columns])

    def name(self, code: str) -> str:
        """A variable with its unit."""
        if code not in self.definitions.raw:
            return code
        words, own = self.definitions.name_of(code, language()), unit(self.definitions.variables[code].unit)
        return f"{words}（{own}）" if own else words

    def role(self, role: str) -> str:
        """What a column is, in words."""
        if role.startswith(f"{VALUE} "):
            return self.name(role.removeprefix(f"{VALUE} "))
        return Told(role).text(language())


def whole(here: Choosing, now: Choices) -> Choices:
    """What no column says: of which region, period or variable the whole table is; and how its periods are meant."""
    across = _across(here.data)
    places = iter(st.columns(3))
    if not now.of("region") and "region" not in across:
        options = ["", *here.regions]
        at = options.index(now.region) if now.region in options else 0
        region = next(places).selectbox(
            t("整张表的地区"), options, at, format_func=lambda code: here.regions.get(code, t("未定")),
            key=f"{here.key} region", placeholder=t("请选择"),
        )  # fmt: skip
        now = replace(now, region=str(region))
    if not now.of("period") and "period" not in across:
        typed = next(places).text_input(
            t("整张表的期间"), now.period, key=f"{here.key} period", placeholder="2025 / 2025-03 / 2025-Q1"
        )
        now = replace(now, period=period_of(typed or "", "dates") or (typed or "").strip())
    elif any(doubt.code in ("years_or_months", "fiscal_year_named") for doubt in here.suggestion.doubts):
        now = replace(now, way=_way(here, now, next(places)))
    if now.of(VALUE) and not now.of("variable") and not any("period" in one for one in here.data.get("values", [])):
        codes = ["", *here.definitions.raw]
        at = codes.index(now.variable) if now.variable in codes else 0
        variable = next(places).selectbox(
            t("整张表的变量"), codes, at, format_func=lambda code: here.name(code) if code else t("未定"),
            key=f"{here.key} variable", placeholder=t("请选择"),
        )  # fmt: skip
        now = replace(now, variable=str(variable))
    return now


def _across(data: Data) -> set[str]:
    """What the heads of the columns say."""
    sources = {role: data.get(role) for role in ("region", "period")}
    said = {role for role, one in sources.items() if "{head}" in (one.get("from", "") if isinstance(one, dict) else "")}
    return said | ({"period"} if any("period" in entry for entry in data.get("values", [])) else set())


def _way(here: Choosing, now: Choices, place: object) -> str:
    """How a period that may be two things is meant."""
    column = next(iter(now.of("period") or now.of(VALUE)), "")
    first = next(iter(here.found.texts.get(column, [])), column) if now.of("period") else column
    ways = list(dict.fromkeys(way for way in WAYS if period_of(first, way)))
    said = now.way if now.way in ways else ways[0] if ways else "dates"
    found = place.selectbox(  # type: ignore[attr-defined]
        t("“{text}”是哪个期间", text=first), ways or [said], ways.index(said) if ways else 0,
        format_func=lambda way: period_of(first, way) or way, key=f"{here.key} way", placeholder=t("请选择"),
    )  # fmt: skip
    return str(found)


def names_of(here: Choosing, now: Choices) -> dict[str, str]:
    """For a column of variables: which one each of its texts is."""
    names = dict(now.names)
    column = next(iter(now.of("variable")), None)
    if column is None:
        return names
    texts = here.found.texts.get(column, [])
    if not names and texts and set(texts) <= set(here.definitions.raw):
        return names
    codes = ["", *here.definitions.raw]
    known = sum(bool(names.get(text)) for text in texts)
    every = f"{TEXTS}+" if len(texts) > TEXTS else str(len(texts))
    with st.expander(t("“{column}”里的名称各是哪个变量（{known} / {all}）", column=column, known=known, all=every),
                     expanded=known == 0, key=f"{here.key} names"):  # fmt: skip
        places = st.columns(2)
        for at, text in enumerate(texts[:TEXTS]):
            said = names.get(text, "")
            names[text] = str(
                places[at % 2].selectbox(
                    text, codes if said in codes else [said, *codes], codes.index(said) if said in codes else 0,
                    format_func=lambda code: here.name(code) if code else t("不读"),
                    key=f"{here.key} name {text}", placeholder=t("请选择"),
                )
            )
        if len(texts) > TEXTS:
            st.caption(t("只列前 {count} 个名称；其余的不读，要读请写在映射文件里。", count=TEXTS))
    return {text: code for text, code in names.items() if code or text in now.names}


def factors(here: Choosing, now: Choices) -> dict[str, float]:
    """By what each variable's numbers are multiplied: as was found, else as the head's own unit says."""
    heads = {role.removeprefix(f"{VALUE} "): head for head, role in now.roles.items() if role.startswith(f"{VALUE} ")}
    codes = list(dict.fromkeys([*heads, *filter(None, now.names.values()), *filter(None, [now.variable])]))
    usual = {code: _factor(here, code, heads.get(code, "")) for code in codes}
    odd = {code: unit for code in codes if (unit := _unlike(here, code, heads.get(code, "")))}
    asked = [code for code in codes if usual[code] != 1 or code in odd or _is_asked(here, code)]
    times = {**now.times, **{code: by for code, by in usual.items() if by != 1}}
    if not asked:
        return times
    for code, printed in odd.items():
        words = t("{name}：表头写的“{unit}”换算不到它的计量单位；请选定乘以多少。", name=here.name(code), unit=printed)
        st.warning(literal(words))
    st.html(f'<p class="q-small">{escape(t("计量单位：表里的数乘以多少"))}</p>')
    places = st.columns(3)
    for at, code in enumerate(asked[:30]):
        options = [usual[code], *(by for by in FACTORS if by != usual[code])]
        times[code] = float(
            places[at % 3].selectbox(
                here.name(code), options, format_func=_factor_words, key=f"{here.key} times {code}",
                placeholder=t("请选择"),
            )
        )
    return times


def _factor(here: Choosing, code: str, head: str) -> float:
    if code in here.before.times:
        return here.before.times[code]
    declared = here.definitions.variables[code].unit if code in here.definitions.raw else ""
    printed = split_unit(head)[1]
    return (factor(printed, declared) if printed and declared else 1.0) or 1.0


def _unlike(here: Choosing, code: str, head: str) -> str:
    """The unit that the head of a column that a person chose prints, where it does not become the variable's."""
    printed = split_unit(head)[1]
    if not printed or code in here.before.codes or code not in here.definitions.raw:
        return ""
    return printed if factor(printed, here.definitions.variables[code].unit) is None else ""


def _factor_words(by: float) -> str:
    return t("不换算") if by == 1 else f"× {by:,.12g}"


def _is_asked(here: Choosing, code: str) -> bool:
    """Whether something was said of this variable's unit."""
    said = ("unit_factor", "unit_mismatch", "maybe_share", "maybe_percent", "no_unit", "kept_factor")
    return any(
        one.code in said and code in str(one.facts.get("found", one.facts.get("names", "")))
        for one in here.suggestion.doubts
    )
