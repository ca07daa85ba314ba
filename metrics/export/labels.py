"""Words of the exports in both languages: heads, levels, sheets; and the names that stand beside codes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from metrics import flags as flag_labels
from metrics.export.occasion import Occasion
from metrics.scorecard import Scorecard
from metrics.states import state_words
from metrics.terms import unit_words

HEADS: dict[str, tuple[str, str]] = {
    "period": ("评估周期", "Period"),
    "region": ("地区代码", "Region code"),
    "region_name": ("地区", "Region"),
    "code": ("代码", "Code"),
    "name": ("名称", "Name"),
    "level": ("层级", "Level"),
    "parent": ("上级", "Parent"),
    "unit": ("计量单位", "Unit"),
    "value": ("指标值", "Value"),
    "treated": ("处理后的值", "Treated value"),
    "score": ("得分", "Score"),
    "weight": ("权重", "Weight"),
    "coverage": ("覆盖率", "Coverage"),
    "imputed": ("插补比例", "Imputed share"),
    "rank": ("排名", "Rank"),
    "grade": ("等级", "Grade"),
    "flags": ("标记", "Flags"),
    "flag_words": ("标记说明", "Flags in words"),
    "value_working": ("指标值的算式", "Working of the value"),
    "score_working": ("得分的算式", "Working of the score"),
    "formula": ("公式", "Formula"),
    "over_time": ("各期合成", "Over time"),
    "over_sites": ("各机构、下级合成", "Over sites and parts"),
    "values": ("数值（起始日期）", "Values (from)"),
    "better": ("优劣方向", "Better"),
    "normalise": ("归一化", "Normalisation"),
    "source": ("来源", "Source"),
    "why": ("考核理由", "Why"),
    "variable": ("变量代码", "Variable code"),
    "digest": ("定义文件 SHA-256", "SHA-256 of the definitions"),
    "version": ("定义的版本", "Version of the definitions"),
    "snapshot": ("数据快照", "Snapshot of the data"),
    "state": ("状态", "State"),
    "edition": ("结果版次", "Edition of the results"),
    "by": ("制作", "Made by"),
    "made": ("制作时间", "Made"),
    "title": ("标题", "Title"),
    "notice": ("声明", "Notice"),
    "periods": ("周期", "Periods"),
    "regions": ("地区数", "Regions"),
    "cut": ("截短的文字", "Texts cut short"),
}
LEVELS: dict[str, tuple[str, str]] = {
    "composite": ("综合", "Composite"),
    "pillar": ("维度", "Pillar"),
    "indicator": ("指标", "Indicator"),
}
SHEETS: dict[str, tuple[str, str]] = {
    "scorecard": ("评分卡", "Scorecard"),
    "indicators": ("指标", "Indicators"),
    "definitions": ("定义", "Definitions"),
    "inputs": ("变量与系数", "Variables and factors"),
    "data": ("数据", "Data"),
    "about": ("说明", "About"),
}


def head(name: str, lang: str) -> str:
    """A column's head in one language."""
    return HEADS[name][lang != "zh"]


@dataclass(frozen=True)
class View:
    """The part of a scorecard that is written: some regions and cycles, in one language, with a notice."""

    card: Scorecard
    regions: tuple[str, ...]
    periods: tuple[str, ...]
    lang: str
    notice: str

    def kept(self, frame: pl.DataFrame) -> pl.DataFrame:
        """A frame's rows of these regions and cycles."""
        return frame.filter(pl.col("region").is_in(self.regions), pl.col("period").is_in(self.periods))

    def rows(self) -> pl.DataFrame:
        """The contract's rows with names, units and words beside the codes."""
        definitions, lang = self.card.definitions, self.lang
        codes = [row.code for row in definitions.nodes()]
        grades = {grade.code: grade.name.text(lang) for grade in definitions.grades}
        level = {name: words[lang != "zh"] for name, words in LEVELS.items()}
        kept = self.kept(self.card.frame)
        # Each text of flags once: a scorecard has very many rows and few of them.
        words = {flags: self._words(flags) for flags in kept["flags"].unique()}
        named = kept.with_columns(
            region_name=pl.col("region").replace_strict(self.region_names(), return_dtype=pl.String),
            name=pl.col("code").replace_strict({code: definitions.name_of(code, lang) for code in codes}),
            unit=pl.col("code").replace_strict({code: definitions.unit_of(code) for code in codes}),
            level=pl.col("level").replace_strict(level),
            grade=pl.col("grade").replace(grades),
            flag_words=pl.col("flags").replace_strict(words, return_dtype=pl.String),
        )
        return named.select(
            *(
                "period",
                "region",
                "region_name",
                "code",
                "name",
                "level",
                "parent",
                "unit",
                "value",
                "treated",
                "score",
            ),
            *("weight", "coverage", "imputed", "rank", "grade", "flags", "flag_words"),
        )

    def variables(self) -> pl.DataFrame:
        """The rolled-up variables with names and units."""
        definitions = self.card.definitions
        codes = list(definitions.variables)
        return self.kept(self.card.variables).select(
            "period",
            "region",
            pl.col("region").replace_strict(self.region_names(), return_dtype=pl.String).alias("region_name"),
            "variable",
            pl.col("variable").replace_strict({c: definitions.name_of(c, self.lang) for c in codes}).alias("name"),
            pl.col("variable").replace_strict({c: definitions.unit_of(c) for c in codes}).alias("unit"),
            "value",
            "flags",
        )

    def region_names(self) -> dict[str, str]:
        """Names by region code."""
        return dict(self.card.regions.select("code", f"name_{self.lang}").iter_rows())

    def _words(self, flags: str) -> str:
        between = "；" if self.lang == "zh" else "; "
        return between.join(self.flag_words(flag) for flag in flags.split(";")) if flags else ""

    def flag_words(self, flag: str) -> str:
        """A flag, or a rule by its name, in words."""
        rules = {rule.code: rule.name.text(self.lang) for rule in self.card.definitions.rules if rule.name is not None}
        return rules.get(flag) or flag_labels.label(flag, self.lang)

    def about(self, occasion: Occasion) -> list[tuple[str, str]]:
        """What the file is: title, notice, cycles, regions, the definitions' version and digest, from what, by whom."""
        lines = [
            ("title", self.card.definitions.title.text(self.lang)),
            ("notice", self.notice),
            ("periods", ", ".join(self.periods)),
            ("regions", str(len(self.regions))),
            ("version", occasion.version),
            ("digest", self.card.definitions.digest),
            ("snapshot", occasion.snapshot),
            ("state", state_words(*occasion.standing, self.lang)),
            ("edition", occasion.editions_of(self.periods, self.lang)),
            ("by", occasion.by),
            ("made", occasion.made),
        ]
        return [(head(name, self.lang), text) for name, text in lines if text]


def with_units(frame: pl.DataFrame, lang: str) -> pl.DataFrame:
    """The frame with its units as people read them."""
    words = {unit: unit_words(unit, lang) for unit in frame["unit"].drop_nulls().unique()}
    return frame.with_columns(pl.col("unit").replace(words))


def overview(chosen: View, rows: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, str]]:
    """A row a cycle and region: composite, rank, grade, coverage and the pillars' scores, with the pillars' heads."""
    definitions, key = chosen.card.definitions, ["period", "region"]
    # Beside the contract's names a pillar's code could be any of them.
    pillars = {row.code: f"score {row.code}" for row in definitions.nodes() if row.level == "pillar"}
    table = rows.filter(pl.col("code") == definitions.index.code)
    for code, column in pillars.items():
        scores = rows.filter(pl.col("code") == code).select(*key, pl.col("score").alias(column))
        table = table.join(scores, on=key, how="left", maintain_order="left")
    ordered = table.sort("period", "rank", "region", descending=[True, False, False], nulls_last=True)
    shown = ordered.select(*key, "region_name", "score", "rank", "grade", "coverage", *pillars.values(), "flag_words")
    return shown, {column: definitions.name_of(code, chosen.lang) for code, column in pillars.items()}


def plain(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "[" + ", ".join(plain(part) for part in value) + "]"
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def view(card: Scorecard, regions: Sequence[str] | None, periods: Sequence[str] | None, lang: str, notice: str) -> View:
    """The view of some regions and cycles (None: all). Raises InputError for one that the scorecard does not have."""
    for region in regions or ():
        card.require_region(region)
    for period in periods or ():
        card.require_period(period)
    chosen = tuple(regions) if regions is not None else tuple(card.regions["code"])
    return View(card, chosen, tuple(periods) if periods is not None else card.periods, lang, notice)
