"""What a reader needs to compute a scorecard again: each number's arithmetic, variables, factors, grades, rules."""

from typing import Any

import polars as pl

from metrics.export.labels import View, plain
from metrics.models import Factor, Grade, Rule
from metrics.scorecard import Scorecard
from metrics.scored import score_working
from metrics.workings import formula_working, mean_working


def workings(chosen: View, rows: pl.DataFrame) -> pl.DataFrame:
    """`View.rows` with `value_working` and `score_working`, the arithmetic as `explain` writes it."""
    places = chosen.card.wide.with_row_index("at").select("period", "region", "at")
    numbered = rows.join(places, on=["period", "region"], how="left", maintain_order="left")
    told = [_working(chosen.card, code, at) for code, at in numbered.select("code", "at").iter_rows()]
    names = ("value_working", "score_working")
    return rows.with_columns(
        pl.Series(name, [pair[place] for pair in told], dtype=pl.String) for place, name in enumerate(names)
    )


def _working(card: Scorecard, code: str, at: int) -> tuple[str | None, str | None]:
    node = card.definitions.tree_nodes.get(code)
    if node is not None:
        return None, mean_working(card, node, at)
    treated = card.wide[f"treated {code}"][at]
    return formula_working(card, code, at)[0], None if treated is None else score_working(card, code, at, treated)


def inputs(chosen: View) -> pl.DataFrame:
    """A row a variable or factor: code, name, unit, over_time, over_sites, formula, values (of factors), source."""
    found, lang = chosen.card.definitions, chosen.lang
    rows: list[tuple[Any, ...]] = []
    for code, item in found.variables.items():
        over = ("", "") if item.formula else (item.over_time, getattr(item.over_sites, "mean_by", item.over_sites))
        formula = item.formula.text if item.formula is not None else ""
        rows.append((code, item.name.text(lang), item.unit, *over, formula, "", item.source))
    for code, factor in found.factors.items():
        rows.append((code, found.name_of(code, lang), factor.unit, "", "", "", _dated(factor), factor.source))
    names = ("code", "name", "unit", "over_time", "over_sites", "formula", "values", "source")
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


def decided(chosen: View) -> list[tuple[str, str]]:
    """Grades and rules by name, and when each holds."""
    found, lang = chosen.card.definitions, chosen.lang
    grades = [(grade.name.text(lang), _bound(grade)) for grade in found.grades]
    names = [rule.name.text(lang) if rule.name is not None else rule.code for rule in found.rules]
    acts = [
        _acts(rule, found.bonus_cap, dict(zip((g.code for g in found.grades), grades, strict=True)))
        for rule in found.rules
    ]
    return [*grades, *zip(names, acts, strict=True)]


def _dated(factor: Factor) -> str:
    parts = []
    for entry in factor.values:
        regional = [f"{code} {plain(value)}" for code, value in sorted(entry.regions.items())]
        parts.append(
            f"{entry.start}: " + ", ".join([*([] if entry.default is None else [plain(entry.default)]), *regional])
        )
    return "; ".join(parts)


def _bound(grade: Grade) -> str:
    if grade.at_least is not None:
        return f">= {plain(grade.at_least)}"
    quota = grade.top if grade.top is not None else grade.top_share
    return "" if quota is None else f"top {plain(quota)}"


def _acts(rule: Rule, bonus_cap: float | None, grades: dict[str, tuple[str, str]]) -> str:
    """When a rule holds, and what it does: points, the grade that it allows at most, or no score."""
    cap = f" (max {plain(bonus_cap)})" if rule.kind == "bonus" and bonus_cap is not None else ""
    effect = {
        "veto": f"<= {grades.get(str(rule.cap), (rule.cap, ''))[0]}",
        "gate": "—",
        "bonus": f"+{plain(rule.points)}{cap}",
        "penalty": f"-{plain(rule.points)}",
    }
    return f"{rule.when.text} → {effect[rule.kind]}"
