"""The regions of an area together: spread, convergence, coordination, what holds them apart, each one's pillars."""

from collections.abc import Iterator

import polars as pl

from metrics import apart, coupling, integration
from metrics.manual.blocks import Bar, Bars, Block, Heading, Paragraph, Table
from metrics.report import together
from metrics.report.asked import Asked
from metrics.report.members import Area
from metrics.report.sentences import ended
from metrics.shown import points, share


def side_by_side(area: Area) -> Iterator[Block]:
    """Spread, convergence, coordination, and what holds the area apart."""
    asked, pick = area.asked, area.asked.words.pick
    if len(area.members) < 2:
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
    shares = held.filter(pl.col("level") == "pillar").sort("share", "code", descending=[True, False])
    told = [
        together.spread_words(now, row, **names, lang=lang),
        together.verdict_words(row, lang),
        degree,
        *_apart(asked, held),
    ]
    yield Paragraph(ended(pick("；", "; ").join(filter(None, told)), lang))
    if shares.height:
        caption = pick("各维度占综合得分方差的份额", "Each pillar's share of the variance of the composite")
        parts = shares.select("code", "share").iter_rows()
        bars = tuple(Bar(asked.words.name(code), part, share(part)) for code, part in parts)
        yield Bars(caption, bars, max(1.0, *shares["share"]))


def _apart(asked: Asked, held: pl.DataFrame) -> Iterator[str]:
    """The pillar and the indicator that hold the area apart most."""
    for level in ("pillar", "indicator"):
        most = held.filter(pl.col("level") == level, pl.col("share") > 0.0)
        for row in most.sort("share", "code", descending=[True, False]).head(1).iter_rows(named=True):
            yield together.apart_words(level, asked.words.name(row["code"]), row["share"], asked.lang)


def pillars(area: Area) -> Iterator[Block]:
    """Each member's score in each pillar."""
    asked, pick = area.asked, area.asked.words.pick
    codes = [row.code for row in asked.card.definitions.nodes() if row.parent == asked.root]
    now = area.rows.filter(pl.col("period") == asked.period, pl.col("code").is_in(codes))
    scores = {(region, code): score for region, code, score in now.select("region", "code", "score").iter_rows()}
    if not 1 < len(codes) < 9:
        return
    yield Heading(1, pick("各地区各维度得分", "Scores by region and pillar"))
    heads = (pick("地区", "Region"), *(asked.words.name(code) for code in codes))
    lines = [
        (asked.names[row["region"]], *(points(scores[row["region"], code]) for code in codes)) for row in area.roots
    ]
    yield Table(heads, tuple(lines), (1.6, *(1.0 for _ in codes)), frozenset(range(1, len(codes) + 1)))

