"""The columns of a table: which of them hold regions, periods, sites, variables, and which hold values."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from data.cells import NOT_REPORTED
from data.naming import Known, plain
from data.recognise_layout import TOTALS, is_number
from data.recognise_names import Sure, match, split_unit
from data.recognise_words import Told
from data.sources import Table, letters_of
from data.written import Way, period_of, way_of

Role = Literal["region", "period", "site", "variable", "value", "status", "source", "note", "units", "left_out"]
# So many different texts of a column are looked at; so much of them must be known.
SAMPLE, CELLS, LOOKED_AT, ENOUGH, MOST = 5000, 400_000, 500, 0.6, 0.9
HINTS: dict[str, re.Pattern[str]] = {
    "region": re.compile(
        r"地区|区域|省份|省市|城市|市县|行政区|region|state|province|council|authority|area$|county", re.I
    ),
    "period": re.compile(r"期间|年度|年份|^年$|时间|日期|月份|季度|period|year|^date|^fy$|cycle|^time", re.I),
    "site": re.compile(
        r"公共机构|机构名称|单位名称|机构代码|单位代码|^单位$|^机构$|site|building|institution|facility", re.I
    ),
    "variable": re.compile(r"变量|指标|项目|科目|类别|variable|indicator|^item|category|measure|^code$", re.I),
    "value": re.compile(r"^(?:数值|值|数据|金额|数量|value|amount|obsvalue)|_value$|^value_", re.I),
    "status": re.compile(r"^(?:状态|status)$", re.I),
    "source": re.compile(r"^(?:来源|数据来源|source)$", re.I),
    "note": re.compile(r"^(?:备注|说明|note|notes|remark)$", re.I),
    "units": re.compile(r"^(?:计量单位|单位|unit|units)$", re.I),
}
# Under such a head, as under a variable's own name, numbers are meant.
_NUMBERS = re.compile(r"(?:数值|值|金额|数量|value|amount|obsvalue)", re.I)
_YEAR, _MONTH, _QUARTER = (re.compile(text, re.I) for text in ("^年份?$|year|^fy", "^月份?$|month", "^季度?$|quarter"))


@dataclass
class Column:
    """A column: `head` and `letter`, what it was taken for (`role`; `means`: the variable or the way of its periods),
    how sure that is and why, and its first cells."""

    head: str
    letter: str
    role: Role = "left_out"
    means: str = ""
    sure: Sure = "certain"
    why: Told = field(default_factory=lambda: Told("no_role"))
    first: tuple[str, ...] = ()

    def take(self, role: Role, means: str = "", *, sure: Sure = "certain", why: Told | None = None) -> None:
        """Says what the column is."""
        self.role, self.means, self.sure, self.why = role, means, sure, why or Told("head")


@dataclass(frozen=True)
class Looked:
    """A table that is looked at: its columns, the different texts of each, and which hold numbers alone."""

    table: Table
    columns: tuple[Column, ...]
    texts: Mapping[str, Sequence[str]]
    numeric: frozenset[str]

    def of(self, role: Role) -> list[Column]:
        """The columns taken for something, in order."""
        return [column for column in self.columns if column.role == role]

    def free(self) -> list[Column]:
        """Columns of numbers that are not taken for anything yet; one without a head only numbers the rows."""
        open_ = [one for one in self.columns if one.role == "left_out" and one.head in self.numeric]
        return [one for one in open_ if not _is_unheaded(one)]


def _holds(texts: Sequence[str]) -> bool:
    return any(text.lower() not in NOT_REPORTED for text in texts)


def _is_unheaded(column: Column) -> bool:
    """Whether a column is called by its place alone."""
    return column.head.isdigit() and len(column.head) < 4 and letters_of(int(column.head) - 1) == column.letter


def look(table: Table, known: Known) -> Looked:
    """The columns of a table, none taken for anything yet. Under a variable's own name, or `value`, numbers are meant,
    though cells hold none: these are refused one by one."""
    texts, columns, numeric, bare = {}, [], [], {}
    # Of a very wide table less of each column is looked at.
    most = max(LOOKED_AT, min(SAMPLE, CELLS // max(len(table.heads), 1)))
    for name in table.heads:
        cells = table.frame[name].cast(pl.String).drop_nulls()
        distinct = cells.unique(maintain_order=True).head(most).to_list()
        texts[name] = distinct
        counted = [text for text in distinct if is_number(text)]
        is_typed = table.frame[name].dtype.is_numeric()
        # Marks for “not reported” alone make no column of numbers.
        is_counted = _holds(counted) and (len(counted) > MOST * len(distinct) or _meant(name, known) != "")
        if is_counted or (is_typed and distinct):
            numeric.append(name)
        elif distinct and (means := _meant(name, known)):
            bare[name] = means
        first = Column(name, table.letters.get(name, ""), first=tuple(cells.head(3)))
        if not distinct:
            first.why = Told("empty_column")
        columns.append(first)
    # Beside a column that holds a variable's numbers one that holds none says something else of it.
    counted_of = {_meant(name, known) for name in numeric} if bare else set()
    numeric += [name for name, means in bare.items() if means not in counted_of]
    return Looked(table, tuple(columns), texts, frozenset(numeric))


def _meant(head: str, known: Known) -> str:
    """The variable whose own name a head is, `value` where it says that numbers stand there, else nothing."""
    found = match(head, known)
    if found is not None and found.sure == "certain":
        return found.code
    return "value" if _NUMBERS.fullmatch(split_unit(head)[0]) else ""


def _share(texts: Sequence[str], known: Mapping[str, str]) -> float:
    return sum(plain(text) in known for text in texts) / len(texts) if texts else 0.0


def take_regions(seen: Looked, known: Known) -> None:
    """The column whose texts are regions: the most of them, codes before names."""
    if not known.regions:
        hinted = [one for one in seen.columns if HINTS["region"].search(one.head) and seen.texts[one.head]]
        if hinted:
            hinted[0].take("region", sure="likely")
        return
    texts = {one.head: _without_totals(seen.texts[one.head][:LOOKED_AT]) for one in seen.columns}
    shares = {head: _share(some, known.regions) for head, some in texts.items()}
    codes = set(known.regions.values())
    ranked = sorted(
        (one for one in seen.columns if shares[one.head] >= ENOUGH),
        key=lambda one: (
            -shares[one.head],
            not codes.issuperset(seen.texts[one.head]),
            not HINTS["region"].search(one.head),
        ),
    )
    if ranked:
        share = shares[ranked[0].head]
        why = Told("cells", {"share": f"{share:.0%}"})
        ranked[0].take("region", sure="certain" if share == 1 else "likely", why=why)


def _without_totals(texts: Sequence[str]) -> list[str]:
    return [text for text in texts if plain(text) not in TOTALS] or list(texts)


def take_periods(seen: Looked, *, fiscal: bool) -> str:
    """The column, or the two, that say which period a row is of; the text (`{year}-{month:02}`) by which."""
    open_ = [one for one in seen.columns if one.role == "left_out" and seen.texts[one.head]]
    years = [one for one in open_ if _YEAR.search(one.head) and _way(seen, one, fiscal=False)[0] == "dates"]
    for pattern, most, text in ((_MONTH, 12, "{{{}}}-{{{}:02}}"), (_QUARTER, 4, "{{{}}}-Q{{{}}}")):
        parts = [one for one in open_ if pattern.search(one.head) and _counts(seen.texts[one.head], most)]
        if years and parts and all(len(text) == 4 for text in seen.texts[years[0].head]):
            for one in (years[0], parts[0]):
                one.take("period", "dates")
            return text.format(years[0].head, parts[0].head)
    for one in open_:
        way, sure = _way(seen, one, fiscal=fiscal)
        hinted = HINTS["period"].search(one.head) is not None
        # 2023.5 may be a month under such a head, and is a number under any other.
        strong = not all(map(_is_plain, seen.texts[one.head]))
        if way is not None and (hinted or strong):
            one.take("period", way, sure="certain" if sure else "unsure")
            return f"{{{one.head}}}"
    return ""


def _is_plain(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal()


def _way(seen: Looked, column: Column, *, fiscal: bool) -> tuple[Way | None, bool]:
    return way_of(list(seen.texts[column.head]), fiscal=fiscal)


def _counts(texts: Sequence[str], most: int) -> bool:
    return all(text.isdigit() and 0 < int(text) <= most for text in texts)


def take_texts(seen: Looked, known: Known, free: frozenset[str]) -> None:
    """Sites, variables, states, sources, notes and units that stand in columns of text."""
    texts = [one for one in seen.columns if one.role == "left_out" and one.head not in seen.numeric]
    open_ = [one for one in texts if seen.texts[one.head]]
    shares = {one.head: _variables(seen.texts[one.head], known, free) for one in open_}
    ranked = sorted(
        (one for one in open_ if shares[one.head] >= ENOUGH / 2 or HINTS["variable"].search(one.head)),
        key=lambda one: (-shares[one.head], not HINTS["variable"].search(one.head)),
    )
    if ranked:
        share = shares[ranked[0].head]
        why = Told("cells", {"share": f"{share:.0%}"})
        ranked[0].take("variable", sure="certain" if share == 1 else "likely" if share else "unsure", why=why)
    roles: tuple[Role, ...] = ("units", "site", "status", "source", "note")
    for one in open_:
        for role in roles:
            hinted = one.role == "left_out" and HINTS[role].search(one.head) and not seen.of(role)
            if hinted and (role != "units" or ranked):
                one.take(role, sure="likely" if role == "site" else "certain")


def _variables(texts: Sequence[str], known: Known, free: frozenset[str]) -> float:
    named = list(texts)[:200]
    return sum(match(text, known, free=free) is not None for text in named) / len(named)


def period_heads(columns: Sequence[Column], *, fiscal: bool) -> tuple[list[Column], Way | None, bool]:
    """The columns of numbers whose heads are periods, and the way in which those are written."""
    dated = [one for one in columns if period_of(one.head) is not None or period_of(one.head, "years") is not None]
    way, sure = way_of([one.head for one in dated], fiscal=fiscal)
    return dated, way, sure
