"""What a reader needs to compute a scorecard again: each number's arithmetic, variables, factors, grades, rules."""

from typing import Any

import polars as pl

from metrics.adjustments import rules_about
from metrics.export.labels import View, plain
from metrics.manual.indicators import normaliser
from metrics.manual.outcomes import grade_takes, rule_row
from metrics.manual.words import Words
from metrics.models import Factor
from metrics.scored import score_working
from metrics.workings import formula_working, mean_working
from metrics.written import number


def workings(chosen: View, rows: pl.DataFrame) -> pl.DataFrame:
    """`View.rows` with `value_working` and `score_working`, the arithmetic as `explain` writes it."""
    places = chosen.card.wide.with_row_index("at").select("period", "region", "at")
    numbered = rows.join(places, on=["period", "region"], how="left", maintain_order="left")
    told = [_working(chosen, code, at) for code, at in numbered.select("code", "at").iter_rows()]
    names = ("value_working", "score_working")
    return rows.with_columns(
        pl.Series(name, [pair[place] for pair in told], dtype=pl.String) for place, name in enumerate(names)
    )


def _working(chosen: View, code: str, at: int) -> tuple[str | None, str | None]:
    card = chosen.card
    node = card.definitions.tree_nodes.get(code)
    if node is not None:
        return None, mean_working(card, node, at)
    treated, working = card.wide[f"treated {code}"][at], formula_working(card, code, at)[0]
    if treated is None:
        return working, None
    if card.wide[f"value {code}"][at] is None:
        working += f" → {chosen.flag_words('imputed')} {number(treated)}"
    return working, score_working(card, code, at, treated)


def definitions(chosen: View) -> pl.DataFrame:
    """A row an indicator: what it is and how it scores."""
    found, words = chosen.card.definitions, Words(chosen.card.definitions, chosen.lang)
    wide = chosen.card.wide
    now = wide.filter(pl.col("period") == chosen.periods[-1]).head(1) if chosen.periods else wide
    share = {c: now[f"weight {c}"].first() for c in found.indicators if f"weight {c}" in now.columns}
    above = {row.code: row.parent for row in found.nodes()}
    rows = [
        {
            "code": code,
            "name": item.name.text(chosen.lang),
            "parent": found.name_of(str(above[code]), chosen.lang) if above[code] else "",
            "unit": words.unit(code),
            "formula": item.formula.text,
            "better": words.better(code),
            "normalise": normaliser(words, found.normaliser(code)),
            "weight": share.get(code),
            "source": item.source,
            "why": item.why,
        }
        for code, item in found.indicators.items()
    ]
    return pl.DataFrame(rows, infer_schema_length=None)


def inputs(chosen: View) -> pl.DataFrame:
    """A row a variable or factor: code, name, unit, over_time, over_sites, formula, values (of factors), source."""
    found, words = chosen.card.definitions, Words(chosen.card.definitions, chosen.lang)
    rows: list[tuple[Any, ...]] = []
    for code, item in found.variables.items():
        keys = ("over_time", "over_sites")
        over = ("", "") if item.formula else (words.value(key, getattr(item, key)) for key in keys)
        formula = item.formula.text if item.formula is not None else ""
        rows.append((code, item.name.text(chosen.lang), words.unit(code), *over, formula, "", item.source))
    for code, factor in found.factors.items():
        rows.append(
            (code, found.name_of(code, chosen.lang), words.unit(code), "", "", "", _dated(factor), factor.source)
        )
    names = ("code", "name", "unit", "over_time", "over_sites", "formula", "values", "source")
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


def decided(chosen: View) -> list[tuple[str, str]]:
    """Grades and rules by name, and when each holds."""
    found, words = chosen.card.definitions, Words(chosen.card.definitions, chosen.lang)
    told = [(grade.name.text(chosen.lang), grade_takes(words, grade)) for grade in found.grades]
    for rule in rules_about(found, chosen.periods, chosen.regions):
        _, condition, follows, _ = rule_row(words, rule)
        name = rule.name.text(chosen.lang) if rule.name is not None else rule.code
        told.append((name, f"{condition} → {follows}"))
    if found.bonus_cap is not None:
        told.append((words.pick("加分上限", "Most bonus points"), number(found.bonus_cap)))
    return told


def _dated(factor: Factor) -> str:
    parts = []
    for entry in factor.values:
        regional = [f"{code} {plain(value)}" for code, value in sorted(entry.regions.items())]
        parts.append(
            f"{entry.start}: " + ", ".join([*([] if entry.default is None else [plain(entry.default)]), *regional])
        )
    return "; ".join(parts)
