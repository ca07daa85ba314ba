"""Ways on screen: the least effort to the next grade, the margins before one is lost, and the pace to the targets."""

from html import escape

import polars as pl
import streamlit as st

from metrics.outlook import Outlook
from metrics.paths import Path
from metrics.targets import attainment, later_cycles
from pages.parts.formats import NONE, cycle_words, number, points, share, signed
from pages.parts.headlines import sentence
from pages.parts.i18n import t
from pages.parts.pickers import pick
from pages.parts.rungs import moves
from pages.parts.shell import whole_of
from pages.parts.tables import show, source, table, title, twin
from pages.parts.url import link
from pages.parts.ways_found import Ways

# So many cycles ahead a target may be due.
AHEAD = 5
# The nearest margins are a warning; all are in the table.
NEAREST = 8


def lead(found: Ways) -> None:
    """How far the next grade is, and how many indicators get there, in a sentence."""
    name, cycle, row = found.screen.names()[found.region], cycle_words(found.choice.cycle), found.row
    if row["score"] is None:
        sentence([escape(t("{name} {cycle}没有综合得分，算不出路径", name=name, cycle=cycle))])
        return
    score = link(points(row["score"]), "explain", region=found.region, code=found.screen.definitions.index.code)  # type: ignore[arg-type]
    parts = [escape(t("{name} {cycle}综合得分 ", name=name, cycle=cycle)) + score]
    if row["grade"]:
        parts.append(escape(t("等级{grade}", grade=found.grade(row["grade"]))))
    parts += [escape(words) for words in _ahead(found)]
    sentence(parts)


def _ahead(found: Ways) -> list[str]:
    way = found.path
    if found.refused:
        return [found.refused]
    if way is None:
        return [t("已是最高等级") if found.screen.definitions.grades else t("没有规定等级")]
    target = t("距{grade}还差 {gap} 分", grade=found.grade(way.grade), gap=number(way.target - way.score))
    told = [*_held_down(found), target]
    if not way.possible:
        return [*told, t("各项都达到可比组最好水平也只有 {score} 分", score=points(way.reached))]
    told.append(t("最省力的办法是改进 {count} 项指标", count=way.steps.height))
    vetoes = found.rules(way.vetoes)
    return [*told, *([t("但须先消除一票否决：{rules}", rules=vetoes)] if vetoes else [])]


def _held_down(found: Ways) -> list[str]:
    """What a veto takes: the grade that the score has without it, which is nearer than the next one by score."""
    row, met = found.row, str(found.row["flags"]).split(";")
    vetoes = [rule.code for rule in found.screen.definitions.rules if rule.kind == "veto" and rule.code in met]
    order = found.screen.definitions.grades
    outlook = Outlook(whole_of(found.screen).card, found.region, found.choice.cycle)
    given = [grade.code for grade in order[outlook.grade_of(float(row["score"])) :]][:1]  # type: ignore[arg-type]
    if not vetoes or given in ([], [row["grade"]]):
        return []
    return [t("消除一票否决“{rules}”即为{grade}", rules=found.rules(vetoes), grade=found.grade(given[0]))]


def easiest(found: Ways) -> None:
    """What is to change: now → needed, with effort and gain; and which indicator could do it alone."""
    way = found.path
    if way is None or way.steps.is_empty():
        return
    called = {code: found.screen.name(code) for code in way.steps["code"]}
    names = way.steps.with_columns(name=pl.col("code").replace_strict(called))
    first = names.row(0, named=True)
    now, needed = found.apart(first["code"], first["value"], first["value_needed"])
    finding = t("收效最大的是{name}：{now} → {needed}", name=first["name"], now=now, needed=needed)
    what = t(
        "得分从现在到所需，各指标取上报值；不要求超过可比组中已有的最好值。"
        "其他地区的数值不变，基准框和规则按本地区的新值重算。各项单独看，没有考虑一项工作同时影响几项指标。"
    )
    title(finding, what)
    texts = [
        " → ".join(found.apart(row["code"], row["value"], row["value_needed"])) for row in names.iter_rows(named=True)
    ]
    spoken = t("；").join(f"{name} {text}" for name, text in zip(names["name"], texts, strict=True))
    show(found.screen, moves(names, texts), "path", alt=f"{finding}。{spoken}")
    twin(found.screen, _path_table(found, names), "path")
    _alone(found, way)


def _path_table(found: Ways, rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(
        pl.col("name").alias(t("指标")),
        pl.col("value").alias(t("指标值")),
        pl.col("value_needed").alias(t("所需的值")),
        pl.Series(t("计量单位"), [found.screen.definitions.unit_of(code) for code in rows["code"]], dtype=pl.String),
        pl.col("score").alias(t("得分")),
        pl.col("score_needed").alias(t("所需的得分")),
        pl.col("effort").alias(t("努力程度（可比组标准差的倍数）")),
        pl.col("gain").alias(t("单独使综合得分提高")),
    )


def _alone(found: Ways, way: Path) -> None:
    if way.alone.is_empty():
        return
    able = way.alone.drop_nulls("value_needed").sort("effort", "code")
    if able.is_empty():
        st.caption(t("没有哪一项指标单独改进就能达到；须几项一起改进。"))
        return
    told = []
    for row in able.head(3).iter_rows(named=True):
        now, needed = found.apart(row["code"], row["value"], row["value_needed"])
        told.append(t("{name}（{now} → {needed}）", name=found.screen.name(row["code"]), now=now, needed=needed))
    words = t("、").join(told)
    st.caption(t("单独改进一项也能达到的：{words}", words=words))


def held(found: Ways) -> None:
    """What would lose the grade: the indicators that have least room to get worse."""
    near = found.margins.drop_nulls("value_at_loss") if found.margins.height else found.margins
    if near.is_empty():
        if found.margins.height:
            title(t("没有哪一项指标单独变差就会失去现有等级"), t("其他指标和其他地区不变"))
            source(found.screen)
        return
    first = near.row(0, named=True)
    finding = t(
        "最该守住的是{name}：变到 {lost} 就会失去等级{grade}",
        name=found.screen.name(first["code"]),
        lost=found.apart(first["code"], first["value"], first["value_at_loss"])[1],
        grade=found.grade(found.row["grade"]),
    )
    title(finding, t("单独变差到何值会失去现有等级（扣分、否决等规则在内）；余地小的在前，以可比组标准差的倍数计"))
    lines = [
        [
            link(found.screen.name(row["code"]), "indicator", code=row["code"]),
            *map(escape, found.apart(row["code"], row["value"], row["value_at_loss"])),
            escape(number(row["effort"])),
        ]
        for row in near.head(NEAREST).iter_rows(named=True)
    ]
    st.html(table([t("指标"), t("指标值"), t("失去等级的值"), t("余地（标准差的倍数）")], lines))
    source(found.screen)


def pace(found: Ways) -> None:
    """Every target: attained or not, the change per cycle still needed, and the present pace."""
    card, cycle = found.screen.card, found.choice.cycle
    options = later_cycles(card, cycle, AHEAD)
    due = pick(t("目标期限"), "due", {name: name for name in options}, options[0], short=True)
    rows = attainment(card, cycle, due=due).filter(pl.col("region") == found.region)
    if rows.is_empty():
        title(t("没有设目标值的指标"), t("目标取自指标定义：目标值、基准值或满分值"))
        return
    reached = rows["attained"].sum()
    open_ = rows.filter(~pl.col("attained"))
    late, unknown = open_.filter(~pl.col("on_track")).height, open_["on_track"].null_count()
    finding = t("{reached} / {count} 项已达到目标；按现在的速度，{late} 项到 {due}达不到",
                reached=reached, count=rows.height, late=late, due=cycle_words(due))  # fmt: skip
    finding += t("，{count} 项无上期可比", count=unknown) if unknown else ""
    title(finding, t("目标值、基准值或目标区间的优端；每期所需变化与上期以来的变化相比"))
    ordered = rows.sort(pl.col("attained"), pl.col("on_track").fill_null(value=False), "rate", "code", nulls_last=True)
    heads = [t("指标"), t("状态"), t("指标值"), t("目标或满分值"), t("达成率"), t("每期还需"), t("上期以来")]
    st.html(table(heads, [_pace_row(found, row) for row in ordered.iter_rows(named=True)]))
    _pace_twin(found, ordered)


def _pace_row(found: Ways, row: dict[str, object]) -> list[str]:
    code = str(row["code"])
    state, kind = _state(row)
    return [
        link(found.screen.name(code), "indicator", code=code),
        f'<span class="{kind}">{escape(state)}</span>',
        escape(found.value(code, row["value"])),  # type: ignore[arg-type]
        escape(found.value(code, row["target"])),  # type: ignore[arg-type]
        share(row["rate"]),  # type: ignore[arg-type]
        escape(_moved(found, code, None if row["attained"] else row["needed"])),
        escape(_moved(found, code, row["pace"])),
    ]


def _moved(found: Ways, code: str, change: object) -> str:
    if not isinstance(change, float):
        return NONE
    if found.screen.definitions.unit_of(code) == "%":
        return t("{change} 个百分点", change=signed(change))
    return ("+" if change > 0 else "") + found.value(code, change)


def _state(row: dict[str, object]) -> tuple[str, str]:
    if row["attained"]:
        return t("✓ 已达到"), "better"
    if row["on_track"] is None:
        return t("未达到，无上期可比"), ""
    return (t("→ 照此可达到"), "better") if row["on_track"] else (t("✗ 照此达不到"), "worse")


def _pace_twin(found: Ways, rows: pl.DataFrame) -> None:
    named = rows.select(
        pl.col("code").replace_strict({code: found.screen.name(code) for code in rows["code"]}).alias(t("指标")),
        pl.col("value").alias(t("指标值")),
        pl.col("target").alias(t("目标")),
        pl.col("rate").alias(t("达成率")),
        pl.col("needed").alias(t("每期还需")),
        pl.col("needed_rate").alias(t("每期还需（复合变化率）")),
        pl.col("pace").alias(t("上期以来")),
    )
    twin(found.screen, named, "pace")
