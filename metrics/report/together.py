"""Sentences about the regions of an area together: spread, convergence, coordination, what holds them apart."""

from collections.abc import Mapping
from typing import Any

from metrics import convergence, coupling, spread
from metrics.report.sentences import aside
from metrics.shown import number, pick, share

Row = Mapping[str, Any]
Reasons = Mapping[str, tuple[str, str]]


def reason_words(reason: str, reasons: Reasons, lang: str) -> str:
    """Why there is no number, in words."""
    return pick(lang, *reasons[reason]) if reason in reasons else reason


def band_words(code: str, lang: str) -> str:
    """What a band of coordination is called."""
    return next((pick(lang, *names) for name, *names in coupling.BANDS if name == code), code)


def spread_words(now: Row, row: Row, *, name: str, area: str, cycle: str, lang: str) -> str:
    """How far the regions lie apart: then and now where both are known, else now, else why not.

    `now`: the cycle's row of `integration.dispersion` by cv; `row`: that of `integration.convergence`. Then and now
    are of the same regions, and of the logarithms where these go another way than the usual measure: the verdict is
    on the logarithms, and beside the other one it would seem to contradict itself.
    """
    if now["value"] is None:
        reason = reason_words(now["reason"], spread.REASONS, lang)
        zh = f"{cycle}{area}{name}没有变异系数（{reason}）"
        return pick(lang, zh, f"{area}, {cycle}: {name} has no coefficient of variation ({reason})")
    if row["cv_first"] is None or row["cv_last"] is None:
        value = number(now["value"], lang)
        zh = f"{cycle}{area}{name}的变异系数为 {value}"
        return pick(lang, zh, f"{area}, {cycle}: the coefficient of variation of {name} is {value}")
    usual, logs = ((row[f"{measure}_first"], row[f"{measure}_last"]) for measure in ("cv", "sd_log"))
    opposed = None not in logs and (usual[1] - usual[0]) * (logs[1] - logs[0]) < 0.0
    then, last = (number(value, lang) for value in (logs if opposed else usual))
    n, members = row["spread_n"], row["n"] + row["missing"]
    zh = (
        f"{row['first']} 至 {row['last']}，{area}{name}的{'对数标准差' if opposed else '变异系数'}由 {then} 变为 {last}"
    )
    measure = "standard deviation of the logarithms" if opposed else "coefficient of variation"
    en = f"{area}, {row['first']} to {row['last']}: the {measure} of {name} went from {then} to {last}"
    some = pick(lang, f"{members} 个地区中两期都能算的 {n} 个", f"of the {n} of {members} regions measured in both")
    return pick(lang, zh, en) + aside(some if n < members else "", lang)


def verdict_words(row: Row, lang: str) -> str:
    """What `convergence.verdict` lets one say."""
    found = convergence.verdict(row)
    if found == "unknown":
        return cannot_say(row["reason"], lang)
    ratio, low, high = (number(row[f"sd_ratio{end}"], lang) for end in ("", "_low", "_high"))
    told = pick(
        lang,
        f"期末与期初的对数标准差之比为 {ratio}，95 % 区间 {low}–{high}",
        f"log standard deviation, end over start: {ratio}, 95 % interval {low}–{high}",
    )
    says = {
        "together": ("差距在缩小", "the regions are drawing together"),
        "apart": ("差距在拉大", "the regions are drifting apart"),
        "unclear": ("差距有无变化尚不能断定", "whether the gap has changed cannot be told from chance"),
    }[found]
    return pick(lang, f"{says[0]}（{told}）", f"{says[1]} ({told})")


def cannot_say(reason: str, lang: str) -> str:
    """That nothing can be said about convergence, and why."""
    words = reason_words(reason, convergence.REASONS, lang)
    return pick(lang, f"还不能判断是否趋同（{words}）", f"convergence cannot be judged ({words})")


def coupling_words(row: Row, lang: str) -> str:
    """The mean degree of coordination and its band; empty where there is none."""
    if row["coordination"] is None:
        return ""
    degree, band = number(row["coordination"], lang), band_words(row["band"], lang)
    zh = f"各维度耦合协调度平均 {degree}，属{band}"
    return pick(lang, zh, f"the pillars' mean degree of coordination is {degree}: {band}")


def apart_words(level: str, name: str, part: float, lang: str, *, full: bool = True) -> str:
    """The pillar or the indicator with the largest share of the variance of the composite.

    `full`: of all; else of those in which every region has a score.
    """
    told, some = share(part), pick(lang, "各地区都有得分的", " in which all have a score")
    zh, en = ("", "") if full else (some, some)
    if level == "pillar":
        zh = f"{zh}维度中拉开差距最多的是{name}" if zh else f"拉开差距最多的维度是{name}"
        zh += f"（占综合得分方差的 {told}）"
        return pick(
            lang, zh, f"the pillar{en} that holds them apart most is {name} ({told} of the variance of the composite)"
        )
    zh = f"{zh}指标中拉开差距最多的是{name}（{told}）" if zh else f"拉开差距最多的指标是{name}（{told}）"
    return pick(lang, zh, f"the indicator{en} is {name} ({told})")
