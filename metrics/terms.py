"""Terms: what the words that a definitions file can hold mean, in both languages."""

import re
from collections.abc import Mapping
from typing import Any

from metrics.fields import described

Terms = Mapping[str, tuple[str, str]]

CYCLES: Terms = {
    "year": ("年度", "year"),
    "half": ("半年", "half year"),
    "quarter": ("季度", "quarter"),
    "month": ("月度", "month"),
}
COMPARE: Terms = {"leaves": ("没有下级的地区", "regions without children")}
DOMAINS: Terms = {
    "cost": ("费用", "cost"),
    "energy": ("能源资源", "energy and resources"),
    "service": ("服务", "service"),
    "asset": ("资产", "assets"),
    "synergy": ("协同", "synergy"),
    "context": ("背景", "context"),
}
OVER_TIME: Terms = {
    "sum": ("合计", "sum"),
    "mean": ("平均", "mean"),
    "last": ("取期末", "last period"),
    "first": ("取期初", "first period"),
    "max": ("取最大", "maximum"),
    "min": ("取最小", "minimum"),
}
OVER_SITES: Terms = {
    "sum": ("合计", "sum"),
    "mean": ("平均", "mean"),
    "max": ("取最大", "maximum"),
    "min": ("取最小", "minimum"),
    "none": ("不汇总，由地区自报", "not rolled up: what the region itself reports"),
}
ABSENT: Terms = {"unknown": ("未知", "unknown"), "zero": ("视为零", "zero")}
PARTIAL: Terms = {
    "refuse": ("不完整就不合计", "no sum while incomplete"),
    "allow": ("不完整也合计", "sum of what there is"),
}
BETTER: Terms = {"higher": ("越高越好", "higher is better"), "lower": ("越低越好", "lower is better")}
NORMALISED: Terms = {
    "minmax": ("极差标准化", "min–max"),
    "goalposts": ("目标区间", "goalposts"),
    "zscore": ("标准分", "z-score"),
    "rank": ("名次", "rank"),
    "borda": ("名次计分（Borda）", "Borda points"),
    "percentile_rank": ("百分位名次", "percentile rank"),
    "distance_to_target": ("距目标", "distance to a target"),
    "distance_to_reference": ("距参照地区", "distance to a reference region"),
    "fraction_of_max": ("与最优之比", "share of the best"),
    "piecewise": ("分段线性", "piecewise linear"),
    "steps": ("分档", "steps"),
    "limits": ("按限额", "limits"),
    "band": ("适宜区间", "band"),
}
FRAMES: Terms = {
    "cycle": ("同一周期的各地区", "the regions of the same cycle"),
    "all": ("各周期合在一起", "all cycles pooled"),
}
RELATIVE_TO: Terms = {
    "none": ("不比", "nothing"),
    "peers_mean": ("同类平均", "the peers' mean"),
    "peers_median": ("同类中位数", "the peers' median"),
    "previous": ("上一周期", "the previous cycle"),
}
MISSING_VALUES: Terms = {
    "none": ("不补", "left missing"),
    "mean": ("以平均数补", "the mean"),
    "median": ("以中位数补", "the median"),
    "group_mean": ("以同组平均数补", "the group's mean"),
    "group_median": ("以同组中位数补", "the group's median"),
    "latest": ("沿用最近一次的值", "the latest known value"),
    "linear": ("前后两值之间线性插值", "a line between known values"),
    "constant": ("以固定值补", "a constant"),
}
OUTLIERS: Terms = {"none": ("不处理", "left as they are"), "winsorise": ("缩尾", "winsorised")}
OTHERWISE: Terms = {"log": ("取对数", "logarithm"), "none": ("不再处理", "nothing more")}
AGGREGATION: Terms = {
    "arithmetic": ("算术平均", "arithmetic mean"),
    "geometric": ("几何平均", "geometric mean"),
    "harmonic": ("调和平均", "harmonic mean"),
    "power": ("幂平均", "power mean"),
    "median": ("加权中位数", "weighted median"),
    "minimum": ("取最低", "minimum"),
    "copeland": ("Copeland 两两比较", "Copeland"),
    "mazziotta_pareto": ("Mazziotta–Pareto", "Mazziotta–Pareto"),
}
PENALTY: Terms = {
    "negative": ("不均衡减分", "unevenness lowers the score"),
    "positive": ("不均衡加分", "unevenness raises the score"),
}
WEIGHTS: Terms = {
    "declared": ("按声明的权重", "as declared"),
    "equal": ("等权", "equal"),
    "entropy": ("熵权法", "entropy"),
    "critic": ("CRITIC", "CRITIC"),
    "pca": ("主成分", "principal component"),
    "ahp": ("层次分析法", "AHP"),
    "budget": ("专家分配", "budget allocation"),
    "combine": ("组合赋权", "combined"),
}
RULES: Terms = {
    "veto": ("一票否决", "veto"),
    "bonus": ("加分", "bonus"),
    "penalty": ("扣分", "penalty"),
    "gate": ("门槛", "gate"),
}
# What the uncertainty analysis draws beside methods.
DECLARED: Terms = {"declared": ("按定义中声明的", "as declared in the definitions")}
# Units as people read them; those that are not named here stand as they are written.
UNITS: Terms = {
    "CNY": ("元", "CNY"),
    "元": ("元", "CNY"),
    "万元": ("万元", "10k CNY"),
    "亿元": ("亿元", "100m CNY"),
    "GBP": ("英镑", "GBP"),
    "person": ("人", "person"),
    "人": ("人", "person"),
    "万人": ("万人", "10k people"),
    "vehicle": ("辆", "vehicle"),
    "item": ("件", "item"),
    "time": ("次", "times"),
    "count": ("个", "count"),
    "h": ("小时", "h"),
    "m2": ("m²", "m²"),
    "m3": ("m³", "m³"),
    "kgCO2": ("kgCO₂", "kgCO₂"),
    "tCO2": ("tCO₂", "tCO₂"),
    "1": ("", ""),
}
# The key of a file → the words that may stand there.
TERMS: Mapping[str, Terms] = {
    "cycle": CYCLES,
    "compare": COMPARE,
    "domain": DOMAINS,
    "over_time": OVER_TIME,
    "over_sites": OVER_SITES,
    "absent": ABSENT,
    "partial": PARTIAL,
    "better": BETTER,
    "normalise": {**NORMALISED, **DECLARED},
    "frame": FRAMES,
    "relative_to": RELATIVE_TO,
    "missing": {**MISSING_VALUES, **DECLARED},
    "outliers": OUTLIERS,
    "otherwise": OTHERWISE,
    "aggregate": {**AGGREGATION, **DECLARED},
    "penalty": PENALTY,
    "weights": WEIGHTS,
    "of": WEIGHTS,
    "kind": RULES,
    "unit": UNITS,
}


def term(key: str, word: str, lang: str) -> str:
    """What a word at a key means; the word itself where it is no term."""
    found = TERMS.get(key, {}).get(word)
    return word if found is None else found[lang != "zh"]


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def unit_words(unit: str, lang: str) -> str:
    """A unit in words, such as 元/人 for CNY/person and m² for m2, m^2 and m**2; empty for a plain number."""
    plain = re.sub(r"(?:\^|\*\*)(-?\d+)", lambda found: found[1].translate(_RAISED), re.sub(r"\s", "", unit))
    if plain == "1":
        return term("unit", plain, lang)
    return re.sub(r"[^*/]+", lambda found: found[0] if found[0] == "1" else term("unit", found[0], lang), plain)


def chosen(zh: str, en: str, terms: Terms, **more: Any) -> Any:
    """A field for one of some terms, described with what each of them means."""
    return described(*meanings(zh, en, terms), **more)


def meanings(zh: str, en: str, terms: Terms) -> tuple[str, str]:
    """Words in both languages with the meaning of each term behind them."""
    told = ("，".join(f"{word} {words[0]}" for word, words in terms.items()), _in_english(terms))
    return f"{zh}：{told[0]}", f"{en}: {told[1]}"


def _in_english(terms: Terms) -> str:
    return ", ".join(word if words[1] == word else f"{word} ({words[1]})" for word, words in terms.items())
