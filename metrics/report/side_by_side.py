"""The regions of an area together: spread, convergence, coordination, what holds them apart, each one's pillars."""

from collections.abc import Iterator

import polars as pl

from metrics import apart, coupling, integration
from metrics.manual.blocks import Bar, Bars, Block, Heading, Paragraph, Table
from metrics.report import together
from metrics.report.asked import Asked, Row
from metrics.report.members import Area
from metrics.report.sentences import aside, ended
from metrics.shown import NONE, points, share


def side_by_side(area: Area) -> Iterator[Block]:
    """Spread, convergence, coordination, and what holds the area apart."""
    asked, pick = area.asked, area.asked.words.pick
    if len(area.members) < 2 or not asked.tells_every_cycle:
        return
    card, period, lang = asked.card, asked.period, asked.lang
    yield Heading(1, pick("区域协同", "The regions together"))
    found = integration.dispersion(card, area.members, codes=[asked.root])
    now = found.filter(pl.col("period") == period, pl.col("measure") == "cv").row(0, named=True)
    row = integration.convergence(card, area.members, codes=[asked.root], last=period).row(0, named=True)
    names = {"name": asked.words.name(asked.root), "area": area.name, "cycle": asked.cycle}
    coupled = coupling.coupling_of(coupling.coupling(card), area.members).filter(pl.col("period") == period)
    degree = "".join(together.coupling_words(line, lang) for line in coupled.iter_rows(named=True))
    held = apart.held_apart(card, area.members, periods=[period]).drop_nulls("share")
    now_scored = area.whole.filter(pl.col("period") == period).select("code", "n")
    held = held.join(now_scored, on="code", how="left", suffix="_scored", maintain_order="left")
    told = [
        together.spread_words(now, row, **names, lang=lang),
        together.verdict_words(row, lang),
        _again(asked, row),
        degree,
        *_apart(asked, held),
    ]
    yield Paragraph(ended(pick("；", "; ").join(filter(None, told)), lang))
    yield from _shares(asked, held)


def _again(asked: Asked, row: Row) -> str:
    """That earlier cycles were scored by other definitions, and are scored again here: scores told elsewhere differ."""
    upto = asked.shared.upto(asked.period)
    since = upto[upto.index(row["first"]) :] if row["first"] in upto else []
    if all(asked.shared.cards[period] is asked.card for period in since):
        return ""
    return asked.words.pick(
        "离散与趋同各期均按本期定义重算，与各期当时的得分不同",
        "spread and convergence score all cycles by this cycle's definitions, unlike the scores of their day",
    )


def _apart(asked: Asked, held: pl.DataFrame) -> Iterator[str]:
    """The pillar and the indicator that hold the area apart most; where one has no score there, of those that all have.

    What is missing is no distance: the share of a part that some lack tells of the lack as well.
    """
    for level in ("pillar", "indicator"):
        own = held.filter(pl.col("level") == level, pl.col("share") > 0.0)
        first = own.sort("share", "code", descending=[True, False])
        known = first.filter(pl.col("n_scored") == pl.col("n"))
        for row in known.head(1).iter_rows(named=True):
            full = row["code"] == first["code"][0]
            yield together.apart_words(level, asked.words.name(row["code"]), row["share"], asked.lang, full=full)


def _shares(asked: Asked, held: pl.DataFrame) -> Iterator[Block]:
    """The shares of the pillars below the composite, and of what rules add."""
    top = held.filter(pl.col("level") == "pillar", pl.col("parent") == asked.root)
    pillars = top.sort("share", "code", descending=[True, False])
    rules = held.filter(pl.col("level") == "rules", pl.col("share").abs() > 1e-9)
    if pillars.is_empty():
        return
    pick = asked.words.pick
    bars = [_bar(asked, row) for row in pillars.iter_rows(named=True)]
    bars += [Bar(pick("加分与扣分", "Bonuses and penalties"), part, share(part)) for part in rules["share"]]
    caption = pick("各维度占综合得分方差的份额", "Each pillar's share of the variance of the composite")
    yield Bars(caption, tuple(bars), max(1.0, *pillars["share"], *rules["share"]))


def _bar(asked: Asked, row: Row) -> Bar:
    """A pillar's share; none where nobody has a score, and who has where not all have."""
    name, scored, n = asked.words.name(row["code"]), row["n_scored"], row["n"]
    if not scored:
        return Bar(name, None, NONE)
    some = asked.words.pick(f"{scored} / {n} 个地区有得分", f"{scored} / {n} regions have a score")
    return Bar(name, row["share"], share(row["share"]) + aside(some if scored < n else "", asked.lang))


def pillars(area: Area) -> Iterator[Block]:
    """Each member's score in each pillar, or in whatever else is right below the composite."""
    asked, pick = area.asked, area.asked.words.pick
    below = [row for row in asked.card.definitions.nodes() if row.parent == asked.root]
    codes = [row.code for row in below]
    now = area.rows.filter(pl.col("period") == asked.period, pl.col("code").is_in(codes))
    scores = {(region, code): score for region, code, score in now.select("region", "code", "score").iter_rows()}
    if not 1 < len(codes) < 9:
        return
    every = all(row.level == "pillar" for row in below)
    kind = pick("维度", "pillar") if every else pick("指标", "indicator")
    yield Heading(1, pick(f"各地区各{kind}得分", f"Scores by region and {kind}"))
    heads = (pick("地区", "Region"), *(asked.words.name(code) for code in codes))
    lines = [
        (asked.names[row["region"]], *(points(scores[row["region"], code]) for code in codes)) for row in area.roots
    ]
    yield Table(heads, tuple(lines), (1.6, *(1.0 for _ in codes)), frozenset(range(1, len(codes) + 1)))
