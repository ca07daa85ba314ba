"""The impact in one cycle in words: names of regions, grades and rules of either file, and what a change is from."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl
import streamlit as st

from metrics.change import named
from metrics.definitions import Definitions
from metrics.impact import Impact
from metrics.impact_words import REASONS, grade_names, ordered, rule_names
from metrics.problems import InputError
from pages.parts.formats import NONE, signed, told_apart
from pages.parts.i18n import language, t
from pages.parts.shell import Screen

SIDES = ("before", "after")


@dataclass(frozen=True)
class Told:
    """The impact in one cycle, with the words for it; each side's grades and rules are called as its file has them."""

    screen: Screen
    found: Impact
    period: str

    @cached_property
    def rows(self) -> pl.DataFrame:
        """The composites that are touched, another grade first, then the most moved, with `name`, rank_p05, rank_p95,
        outside (null where no interval is known) and causes."""
        rows = ordered(self.found.composites.filter(pl.col("period") == self.period))
        key = ["period", "region"]
        sure = self._intervals.select(*key, "rank_p05", "rank_p95", "outside")
        rows = rows.join(sure, on=key, how="left", maintain_order="left")
        rows = rows.join(self.found.regraded, on=key, how="left", maintain_order="left")
        return rows.with_columns(name=pl.col("region").replace_strict(self.names, return_dtype=pl.String))

    @cached_property
    def _intervals(self) -> pl.DataFrame:
        """`Impact.ranking`; without its rows where the definitions in force cannot be drawn from."""
        try:
            with st.spinner(t("正在比较名次区间…")):
                return self.found.ranking
        except InputError:
            schema = {"period": pl.String, "region": pl.String, "rank_p05": pl.Float64, "rank_p95": pl.Float64}
            return pl.DataFrame(schema={**schema, "outside": pl.Boolean})

    @cached_property
    def names(self) -> dict[str, str]:
        """The regions' names by code, those of either side."""
        cards = (self.found.before, self.found.after)
        return {
            code: name for card in cards for code, name in card.regions.select("code", f"name_{language()}").iter_rows()
        }

    @cached_property
    def _files(self) -> dict[str, Definitions]:
        return {"before": self.found.before.definitions, "after": self.found.after.definitions}

    @cached_property
    def _grades(self) -> dict[str, dict[str, str]]:
        return {side: grade_names(file, language()) for side, file in self._files.items()}

    @cached_property
    def _rules(self) -> dict[str, dict[str, str]]:
        return {side: rule_names(file, language()) for side, file in self._files.items()}

    @cached_property
    def _reasons(self) -> dict[str, pl.DataFrame]:
        """Each region's greatest terms: kind, kind_name, name, term."""
        terms = named(self.found.reasons(self.period), self.found.before, self.found.after, lang=language())
        here = terms.filter(pl.col("term") != 0.0)
        most = here.sort(pl.col("term").abs(), descending=True).group_by("region", maintain_order=True).head(REASONS)
        return {str(region): part for (region,), part in most.partition_by("region", as_dict=True).items()}

    def grade(self, row: dict[str, Any], side: str) -> str:
        """A grade by its name; a dash where there is none."""
        return self._grades[side].get(row[f"grade_{side}"], NONE)

    def grades(self, row: dict[str, Any]) -> str:
        """The grade, before → after where it is another one."""
        told = [self.grade(row, side) for side in SIDES]
        return told[1] if row["grade_before"] == row["grade_after"] else " → ".join(told)

    def rules(self, row: dict[str, Any]) -> list[str]:
        """The rules that are met on one side only, by name."""
        met = {side: [code for code in (row[f"rules_{side}"] or "").split(";") if code] for side in SIDES}
        came = [self._rules["after"][code] for code in met["after"] if code not in met["before"]]
        gone = [self._rules["before"][code] for code in met["before"] if code not in met["after"]]
        return [
            *(t("新适用“{rule}”", rule=rule) for rule in came),
            *(t("不再适用“{rule}”", rule=rule) for rule in gone),
        ]

    def scores(self, row: dict[str, Any]) -> tuple[str, str]:
        """The score before and after, told apart."""
        return told_apart(row["score_before"], row["score_after"], "1")

    def why(self, region: str) -> list[str]:
        """What a region's change of score comes from, the greatest first, with its points, by kinds."""
        kinds: dict[str, list[str]] = {}
        for row in self._reasons[region].iter_rows(named=True) if region in self._reasons else ():
            kinds.setdefault(row["kind_name"], []).append(f"{_whose(row)} {signed(row['term'], 2)}".strip())
        return [t("{kind}：{name}", kind=kind, name=t("、").join(terms)) for kind, terms in kinds.items()]

    def cause(self, row: dict[str, Any]) -> str:
        """What another grade is from: the list of grades, rules, or the greatest term of the score's change."""
        causes = row["causes"] or []
        told = [t("等级标准")] * ("grades" in causes)
        told += self.rules(row) if "rules" in causes else []
        if "score" in causes and "rules" not in causes and row["region"] in self._reasons:
            told.append(term(self._reasons[row["region"]].row(0, named=True)))
        return t("、").join(told)


def term(row: dict[str, Any]) -> str:
    """A term of a ledger: its kind, and whose it is."""
    return t("{kind}：{name}", kind=row["kind_name"], name=_whose(row)) if row["name"] else str(row["kind_name"])


def _whose(row: dict[str, Any]) -> str:
    # A rule's name is a sentence of its own.
    return t("“{name}”", name=row["name"]) if row["kind"] == "rules" and row["name"] else str(row["name"])
