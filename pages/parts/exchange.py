"""Exchange: what the regions report of each other, pair by pair, as a matrix."""

from html import escape

import polars as pl
import streamlit as st

from metrics.flows import exchanged
from pages.parts.charts import palette
from pages.parts.formats import axis_number, cycle_words, number, unit
from pages.parts.i18n import t
from pages.parts.pickers import pick_short
from pages.parts.tables import table, title, twin
from pages.parts.together import Together
from pages.parts.url import link


def exchange(found: Together) -> None:
    """The matrix of one variable in the chosen cycle: who reports (rows) of whom (columns)."""
    screen, cycle = found.screen, found.choice.cycle
    variables = found.flows["variable"].unique().sort().to_list()
    if not variables:
        words = t(
            "事实里没有按对方地区报的协同变量：报数时把对方的地区代码写在 site 列即可（见 docs/integration.md）。"
        )
        title(t("没有地区间往来的数据"), words)
        return
    variable = pick_short(t("往来"), "flow", {code: screen.name(code) for code in variables}, variables[0])
    rows = found.flows.filter(pl.col("variable") == variable, pl.col("period") == cycle)
    if rows.is_empty():
        title(t("{cycle}没有地区间往来的数据", cycle=cycle_words(cycle)), t("请换一个评估周期。"))
        return
    what = t("{name}，{cycle}；行为填报地区，列为对方地区，颜色越深越多；空白为未报",
             name=screen.name(variable), cycle=cycle_words(cycle).strip())  # fmt: skip
    title(_finding(found, rows), what)
    _matrix(found, rows)
    names = pl.col("region", "counterpart").replace_strict(screen.names())
    shown = rows.with_columns(names).select(
        pl.col("region").alias(t("填报地区")), pl.col("counterpart").alias(t("对方地区")),
        pl.col("value").alias(t("数值")),
    )  # fmt: skip
    twin(screen, shown, "flows")


def _finding(found: Together, rows: pl.DataFrame) -> str:
    """The total, how many pairs have any, and the largest of them."""
    screen = found.screen
    told = exchanged(rows)
    if told.is_empty() or told["largest"][0] is None:
        return t("报了的都是零")
    row = told.row(0, named=True)
    names, words = screen.names(), unit(screen.definitions.unit_of(row["variable"]))
    return t("共 {total}，{pairs} 对中 {active} 对有往来；最多的是{region}填报的与{counterpart}往来，{largest}",
             total=f"{_count(row['total'])} {words}".strip(), pairs=row["pairs"], active=row["active"],
             region=names[row["region"]], counterpart=names[row["counterpart"]],
             largest=f"{_count(row['largest'])} {words}".strip())  # fmt: skip


def _matrix(found: Together, rows: pl.DataFrame) -> None:
    names = found.screen.names()
    present = {*rows["region"], *rows["counterpart"]}
    members = [region for region in found.choice.members if region in present]
    values = {
        (region, other): value for region, other, value in rows.select("region", "counterpart", "value").iter_rows()
    }
    most = max([value for value in values.values() if value is not None], default=0.0)
    lines = [
        [link(names[region], "region", region=region), *(_cell(region, other, values, most) for other in members)]
        for region in members
    ]
    own = [region in found.choice.regions for region in members]
    heads = [t("填报地区"), *(names[other] for other in members)]
    st.html(table(heads, lines, own, kind="heat small"))


def _cell(region: str, other: str, values: dict[tuple[str, str], float | None], most: float) -> str:
    if region == other:
        return '<td style="background:rgba(128,140,155,.14)"></td>'
    value = values.get((region, other))
    if value is None:
        return "<td></td>"
    strength = round(102 * value / most) if most > 0.0 else 0
    return f'<td style="background:{palette().better}{strength:02x}">{escape(_count(value))}</td>'


def _count(value: float) -> str:
    """What is counted as whole numbers, anything else with three digits."""
    return axis_number(value) if value.is_integer() and value < 1e4 else number(value)
