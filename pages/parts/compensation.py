"""Compensation: who would pay whom for what was shared, as bands between payers and paid, where rules are set."""

from html import escape
from pathlib import Path

import polars as pl
import streamlit as st

from data.configured import settings_file
from metrics.compensation import balances, payments, transfers
from metrics.compensation_file import Compensation, read_rules
from metrics.problems import InputError
from metrics.scorecard import Scorecard
from pages.parts.charts import Figure, drawn, framed, palette
from pages.parts.formats import cycle_words, quantity
from pages.parts.i18n import language, t
from pages.parts.shell import Screen, hint
from pages.parts.tables import show, table, title, twin
from pages.parts.together import Together
from pages.parts.url import link

MONEY = "元"
# In pixels: what lies between two bars, so that their names stay apart; what all bars of a side are high together.
_GAP, _BARS, _TOP, _BOTTOM = 20, 170, 14, 14


def compensation(found: Together) -> None:
    """The finding, the bands, each region's balance and every payment; nothing where no rules are set."""
    try:
        file = settings_file("compensation")
        if file is None:
            return
        rules, paid = _paid(str(file), file.stat().st_mtime_ns, found)
    except (InputError, OSError) as error:
        hint(error)
        return
    screen, cycle = found.screen, found.choice.cycle
    paid = paid.filter(pl.col("period") == cycle)
    if paid.is_empty():
        title(t("没有可以结算的往来"), t("{cycle}没有规则所指的地区间往来。", cycle=cycle_words(cycle)))
        return
    moved, held = transfers(paid), balances(paid)
    finding = _finding(screen, held)
    what = t("{title}，{cycle}；左边付、右边得，同一对地区已互相抵销；单价与比例按规则文件，供协商",
             title=rules.title.text(language()), cycle=cycle_words(cycle).strip())  # fmt: skip
    title(finding, what + _unknown(paid))
    if moved.height:
        show(screen, _bands(screen, moved, found.choice.regions), "compensation", alt=finding)
    _balance_table(screen, held, found.choice.regions)
    twin(screen, _twin(screen, rules, paid), "compensation")


def _paid(file: str, changed: int, found: Together) -> tuple[Compensation, pl.DataFrame]:
    screen = found.screen
    return _cached(screen.card, file, changed, found.choice.members, screen.snapshot, screen.definitions.digest)


@st.cache_resource(max_entries=8, show_spinner=False)
def _cached(
    _card: Scorecard, file: str, changed: int, members: tuple[str, ...], snapshot: str, digest: str
) -> tuple[Compensation, pl.DataFrame]:
    rules = read_rules(Path(file))
    return rules, payments(rules, _card, members)


def _finding(screen: Screen, held: pl.DataFrame) -> str:
    """Who is compensated most, and who pays most; that nobody is, where that is so."""
    names, first, last = screen.names(), held.row(0, named=True), held.row(-1, named=True)
    if not first["net"] > 0.0:
        return t("各地区互不相欠")
    return t("{first}净得最多，{gets}；{last}净付最多，{pays}",
             first=names[first["region"]], gets=quantity(first["net"], MONEY),
             last=names[last["region"]], pays=quantity(-last["net"], MONEY))  # fmt: skip


def _unknown(paid: pl.DataFrame) -> str:
    count = paid["amount"].null_count()
    return t("；{count} 笔的往来量不全，未计", count=count) if count else ""


def _bands(screen: Screen, moved: pl.DataFrame, chosen: tuple[str, ...]) -> Figure:
    """Payers on the left, who is paid on the right, the largest on top; what a chosen region pays or gets in its
    colour."""
    colours, names = palette(), screen.names()
    sides = [moved.group_by(side).agg(pl.col("amount").sum()).sort("amount", side, descending=[True, False])
             for side in ("payer", "payee")]  # fmt: skip
    places = [{region: at for at, region in enumerate(side[side.columns[0]])} for side in sides]
    left, room = sides[0].height, _BARS + _GAP * (max(side.height for side in sides) - 1)
    nodes = [(region, amount) for side in sides for region, amount in side.iter_rows()]

    pairs = list(moved.select("payer", "payee").iter_rows())

    def coloured(own: bool, strength: str) -> str:
        return (colours.accent if own else colours.grey) + strength

    trace = {
        "type": "sankey",
        "arrangement": "fixed",
        "valueformat": ",.0f",
        "valuesuffix": f" {MONEY}",
        "textfont": {"color": colours.text, "size": 14, "shadow": "none"},
        "node": {
            "label": [f"{names[region]} {quantity(amount, MONEY)}" for region, amount in nodes],
            "x": [0.001] * left + [0.999] * (len(nodes) - left),
            "y": [at / room for side in sides for at in _middles(side["amount"].to_list())],
            "color": [coloured(region in chosen, "") for region, _ in nodes],
            "line": {"width": 0},
            "pad": _GAP,
            "thickness": 14,
            "hovertemplate": "%{label}<extra></extra>",
        },
        "link": {
            "source": [places[0][payer] for payer in moved["payer"]],
            "target": [left + places[1][payee] for payee in moved["payee"]],
            "value": moved["amount"].to_list(),
            "color": [coloured(bool({*pair} & {*chosen}), "66") for pair in pairs],
            "label": [t("{payer}付{payee}", payer=names[payer], payee=names[payee]) for payer, payee in pairs],
            "hovertemplate": "%{label} %{value}<extra></extra>",
        },
    }
    return drawn([trace], **framed(room + _TOP + _BOTTOM, colours, top=_TOP, bottom=_BOTTOM))


def _middles(amounts: list[float]) -> list[float]:
    """Where the middle of each bar stands, in pixels from the top, the bars one below the other."""
    size = [amount / sum(amounts) * _BARS for amount in amounts]
    return [sum(size[:at]) + _GAP * at + own / 2.0 for at, own in enumerate(size)]


def _balance_table(screen: Screen, held: pl.DataFrame, chosen: tuple[str, ...]) -> None:
    names = screen.names()
    lines = [
        [
            link(names[row["region"]], "region", region=row["region"]),
            *(escape(quantity(row[name], MONEY)) for name in ("gives", "receives")),
            escape(quantity(row["net"], MONEY)),
            escape(str(row["unknown"]) if row["unknown"] else "—"),
        ]
        for row in held.iter_rows(named=True)
    ]
    heads = [t("地区"), t("给出，应得"), t("得到，应付"), t("净额"), t("量不全的往来")]
    st.html(table(heads, lines, [region in chosen for region in held["region"]]))


def _twin(screen: Screen, rules: Compensation, paid: pl.DataFrame) -> pl.DataFrame:
    named = {rule.code: rule.name.text(language()) for rule in rules.rules}
    words = {
        "below_threshold": t("不到起点"),
        "pair_cap": t("每对封顶"),
        "region_cap": t("地区封顶"),
        "unknown": t("量不全"),
    }
    why = [t("、").join(words[one] for one in text.split(";") if one) for text in paid["held"]]
    held, names = pl.Series(why, dtype=pl.String), screen.names()
    return paid.select(
        pl.col("rule").replace_strict(named).alias(t("规则")),
        pl.col("giver").replace_strict(names).alias(t("给出的地区")),
        pl.col("receiver").replace_strict(names).alias(t("得到的地区")),
        pl.col("quantity").alias(t("往来量")),
        pl.col("due").alias(t("应付（元）")),
        pl.col("amount").alias(t("实付（元）")),
        held.alias(t("少付的原因")),
    )
