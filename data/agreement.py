"""Agreement: others' figures beside ours, cell by cell, each within its tolerance or not."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from data.figures import Figures
from metrics.export.csv import plain_text
from metrics.problems import Problem
from metrics.scorecard import Scorecard

KEY = ["region", "code", "kind"]
# Zero is met by what rounding leaves of it.
LEAST = 1e-12


@dataclass(frozen=True)
class Tolerance:
    """How far figures may lie apart: scores by so many points, values by such a share of ours."""

    points: float = 0.005
    share: float = 0.0005


@dataclass(frozen=True)
class Comparison:
    """What others have found beside what we have.

    `both`: region, code, kind, theirs, ours, difference (theirs less ours), over (how often the tolerance goes into
    it), agrees, row; the largest first. `theirs`: what only they have, `ours`: what only we have of the kinds they
    give; `unreadable`: cells of their file.
    """

    both: pl.DataFrame
    theirs: pl.DataFrame
    ours: pl.DataFrame
    unreadable: tuple[Problem, ...]
    left_out: int
    tolerance: Tolerance

    @property
    def differing(self) -> pl.DataFrame:
        """The cells that differ by more than the tolerance."""
        return self.both.filter(~pl.col("agrees"))

    def counts(self) -> dict[str, int]:
        """How many cells are in both, agree, differ, are only theirs or ours, or cannot be read."""
        return {
            "compared": self.both.height,
            "agree": self.both.height - self.differing.height,
            "differ": self.differing.height,
            "theirs": self.theirs.height,
            "ours": self.ours.height,
            "unreadable": len(self.unreadable),
        }

    def sentence(self, lang: str) -> str:
        """What came of it, in a sentence."""
        words = _SENTENCE[lang != "zh"].format(
            **self.counts(), points=f"{self.tolerance.points:g}", share=f"{100.0 * self.tolerance.share:g}"
        )
        return words + (_LEFT_OUT[lang != "zh"].format(count=self.left_out) if self.left_out else "")

    def csv(self, card: Scorecard, lang: str) -> bytes:
        """Every cell with what became of it, in words, for spreadsheets."""
        frames = [
            self.both.with_columns(state=pl.when("agrees").then(pl.lit("agree")).otherwise(pl.lit("differ"))),
            self.theirs.with_columns(state=pl.lit("theirs")),
            self.ours.with_columns(state=pl.lit("ours")),
        ]
        names = dict(card.regions.select("code", f"name_{lang}").iter_rows())
        called = {row.code: card.definitions.name_of(row.code, lang) for row in card.definitions.nodes()}
        told = pl.concat(frames, how="diagonal").with_columns(
            name=pl.col("region").replace(names),
            indicator=pl.col("code").replace(called),
            kind=pl.col("kind").replace(_of(KINDS, lang)),
            state=pl.col("state").replace(_of(STATES, lang)),
        )
        unread = [(one.line, one.message(lang), one.path) for one in self.unreadable]
        schema = {"row": pl.Int64, "state": pl.String, "column": pl.String}
        told = pl.concat([told, pl.DataFrame(unread, schema=schema, orient="row")], how="diagonal")
        heads = {name: words[lang != "zh"] for name, words in HEADS.items()}
        table = plain_text(told.select(*HEADS).rename(heads))
        return table.write_csv(include_bom=True, line_terminator="\r\n").encode()


KINDS = {"value": ("指标值", "value"), "score": ("得分", "score")}
STATES = {
    "agree": ("一致", "agrees"),
    "differ": ("不同", "differs"),
    "theirs": ("只有对方有", "only theirs"),
    "ours": ("只有本系统有", "only ours"),
}
HEADS = {
    "state": ("结果", "Result"),
    "region": ("地区代码", "Region code"),
    "name": ("地区", "Region"),
    "code": ("代码", "Code"),
    "indicator": ("名称", "Name"),
    "kind": ("哪个数", "Which number"),
    "theirs": ("对方", "Theirs"),
    "ours": ("本系统", "Ours"),
    "difference": ("相差", "Difference"),
    "row": ("文件的行", "Row of the file"),
    "column": ("文件的列", "Column of the file"),
}
_SENTENCE = (
    "核对 {compared} 个数：{agree} 个一致，{differ} 个不同（容差：得分 {points} 分，指标值 {share} %）；"
    "只有对方有的 {theirs} 个，只有本系统有的 {ours} 个，无法读取 {unreadable} 格。",
    "{compared} numbers compared: {agree} agree, {differ} differ (tolerance: scores {points} points, values {share} %);"
    " only theirs {theirs}, only ours {ours}, cells that cannot be read {unreadable}.",
)
_LEFT_OUT = ("其他周期的 {count} 行没有采用。", " {count} rows of other cycles were left out.")


def _of(words: Mapping[str, tuple[str, str]], lang: str) -> dict[str, str]:
    return {name: pair[lang != "zh"] for name, pair in words.items()}


def compare(figures: Figures, card: Scorecard, cycle: str, tolerance: Tolerance) -> Comparison:
    """Their figures beside the scorecard's of a cycle, each by its own tolerance."""
    known = card.frame.filter(pl.col("period") == cycle).unpivot(
        on=list(KINDS), index=["region", "code"], variable_name="kind", value_name="ours"
    )
    ours = known.filter(pl.col("kind").is_in(figures.kinds)).drop_nulls("ours")
    both = figures.frame.join(ours, on=KEY, how="inner").with_columns(difference=pl.col("theirs") - pl.col("ours"))
    share = tolerance.share * pl.col("ours").abs()
    allowed = pl.max_horizontal(
        pl.when(pl.col("kind") == "score").then(pl.lit(tolerance.points)).otherwise(share),
        LEAST * pl.max_horizontal(pl.col("ours").abs(), pl.lit(1.0)),
    )
    over = pl.col("difference").abs() / allowed
    # What is written with so many decimals may lie a rounding beyond them.
    both = both.with_columns(over=over, agrees=over <= 1.0 + 1e-9)
    order = pl.col("over"), *(pl.col(name) for name in KEY)
    return Comparison(
        both.sort(*order, descending=[True, False, False, False]),
        figures.frame.join(ours, on=KEY, how="anti").sort(*KEY),
        ours.join(figures.frame, on=KEY, how="anti").sort(*KEY),
        figures.unreadable,
        figures.left_out,
        tolerance,
    )
