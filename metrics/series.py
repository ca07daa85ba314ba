"""A series: cycles that are each taken from a scorecard of their own, since definitions change and results stay."""

from collections.abc import Callable, Collection, Mapping

import polars as pl

from metrics import areas, compare
from metrics.scorecard import Scorecard

Cards = Mapping[str, Scorecard]


def frame(cards: Cards) -> pl.DataFrame:
    """The contract's rows (§5), each cycle's from its own scorecard; at least one cycle."""
    return _each(cards, lambda card: card.frame)


def changes(cards: Cards) -> pl.DataFrame:
    """`compare.changes` of the series: against what the cycle before was scored, by whichever definitions."""
    return compare.changes(frame(cards), _longest(cards).rows)


def told(cards: Cards) -> pl.DataFrame:
    """The rows with what changed and what stands beside them, and ranked_before: how many had a rank the cycle
    before, null without such a cycle."""
    found = frame(cards)
    for more in (changes(cards), beside(cards)):
        found = found.join(more, on=["period", "region", "code"], how="left", maintain_order="left")
    ranked = found.select("period", "code", ranked_before="ranked").unique()
    before = compare.later(ranked, _longest(cards).rows)
    return found.join(before, on=["period", "code"], how="left", maintain_order="left")


def beside(cards: Cards) -> pl.DataFrame:
    """`compare.beside`, each cycle's from its own scorecard."""
    return _each(cards, lambda card: card.beside)


def area(cards: Cards, members: Collection[str]) -> pl.DataFrame:
    """`areas.area` of the series."""
    found = _each(cards, lambda card: areas.together(card, members))
    return areas.moved(found, _each(cards, lambda card: areas.scored(card, members)), _longest(cards))


def _each(cards: Cards, made: Callable[[Scorecard], pl.DataFrame]) -> pl.DataFrame:
    """What is made of each scorecard once, and only its own cycles of it."""
    of = {id(card): made(card) for card in cards.values()}
    return pl.concat([of[id(card)].filter(pl.col("period") == period) for period, card in cards.items()])


def _longest(cards: Cards) -> Scorecard:
    """The scorecard with the most cycles: its calendar knows all of them."""
    return max(cards.values(), key=lambda card: len(card.periods))
