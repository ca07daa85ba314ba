"""The words of a ledger: what its kinds, indicators, nodes, rules and regions are called."""

import polars as pl

from metrics.scorecard import Scorecard


def named(ledger: pl.DataFrame, before: Scorecard, after: Scorecard, *, lang: str = "zh") -> pl.DataFrame:
    """A ledger's rows with `region_name`, `kind_name` and `name` (empty for a term without a code) beside them."""
    regions: dict[str, str] = {}
    names: dict[str, str] = {}
    for card in (before, after):
        definitions = card.definitions
        regions |= dict(card.regions.select("code", f"name_{lang}").iter_rows())
        names |= {row.code: definitions.name_of(row.code, lang) for row in definitions.nodes()}
        names |= {rule.code: rule.name.text(lang) if rule.name else rule.code for rule in definitions.rules}
    kinds = {kind: words[lang != "zh"] for kind, words in KINDS.items()}
    return ledger.select(
        *("period_before", "period_after", "region"),
        pl.col("region").replace_strict(regions, return_dtype=pl.String).alias("region_name"),
        "kind",
        pl.col("kind").replace_strict(kinds, return_dtype=pl.String).alias("kind_name"),
        "code",
        pl.col("code").replace_strict(names, return_dtype=pl.String).fill_null("").alias("name"),
        "term",
    )


# Kind → words (zh, en), in the order of a ledger.
KINDS: dict[str, tuple[str, str]] = {
    "own": ("自身表现", "own performance"),
    "frame": ("基准框变动", "move of the frame"),
    "imputation": ("插补", "imputation"),
    "coverage": ("数据有无", "data came or went"),
    "rules": ("规则", "rules"),
    "revision": ("数据更正", "revision of facts"),
    "factors": ("系数", "factors"),
    "formula": ("公式与变量", "formulas and variables"),
    "unit": ("计量单位", "unit"),
    "valid": ("有效期", "in force or not"),
    "missing": ("缺失值处理", "treatment of missing values"),
    "peers": ("可比组", "peers"),
    "outliers": ("离群值处理", "treatment of outliers"),
    "normalise": ("归一化", "normalisation"),
    "index": ("指标体系", "tree of indicators"),
    "weights": ("权重", "weights"),
    "aggregate": ("汇总方法", "aggregation"),
    "floor": ("得分下限", "floor"),
    "min_coverage": ("最低覆盖率", "least coverage"),
    "compare": ("参评范围", "who is compared"),
    "cycle": ("评估周期", "cycle"),
    "definitions": ("整个定义文件", "the definitions as a whole"),
    "joint": ("共同作用（无法分开）", "joint effect (not told apart)"),
}
