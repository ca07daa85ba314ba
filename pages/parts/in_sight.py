"""In sight: what somebody with a part of the regions is handed of everybody's results; they are cut here only."""

from collections.abc import Callable, Collection, Mapping
from functools import partial
from hashlib import sha256

import polars as pl
import streamlit as st

from data.editions import Editions
from data.rights import Access
from metrics.cut import Cut, Sure, cut
from metrics.scorecard import Scorecard
from pages.parts import trials

# Of a cycle the regions in sight; None: all of them.
Seen = Mapping[str, frozenset[str] | None]
# Gives the scorecard of all regions, and what its trials are kept under.
Trialled = Callable[[], tuple[Scorecard, str]]


def seen_of(access: Access, whole: Editions, public: Collection[str]) -> Seen:
    """The cycles of which a person sees anything, and whose results."""
    found = dict[str, frozenset[str] | None]()
    for cycle, card in whole.cards.items():
        regions, every = access.seen(cycle, published=cycle in public), set(card.regions["code"])
        if regions is None or regions >= every:
            found[cycle] = None
        elif regions & every:
            found[cycle] = frozenset(regions & every)
    return found


def digest_of(seen: Seen) -> str:
    """A name of what is seen; empty where that is everything."""
    told = [f"{cycle}: {'' if regions is None else ' '.join(sorted(regions))}" for cycle, regions in seen.items()]
    part = any(regions is not None for regions in seen.values())
    return sha256("\n".join(told).encode("utf-8", "replace")).hexdigest()[:16] if part else ""


def card_of(cycle: str, whole: Editions, seen: Seen, name: str, found: Trialled) -> Scorecard:
    """A cycle's scorecard as it is seen; `name` is that of the whole one, which `found` gives when it is asked for."""
    card, regions = whole.cards[cycle], seen[cycle]
    if regions is None:
        return card
    alike = [one for one in whole.beside(card) if one in seen]
    periods = tuple(one for one in alike if (own := seen[one]) is None or own >= regions)
    return _cut(card, found, name, periods, tuple(sorted(regions)))


@st.cache_resource(max_entries=32, show_spinner=False)
def _cut(
    _card: Scorecard, _found: Trialled, name: str, periods: tuple[str, ...], regions: tuple[str, ...]
) -> Cut:
    return cut(_card, regions, periods=periods, sure=partial(_sure, _found, regions, periods))


def _sure(found: Trialled, regions: tuple[str, ...], periods: tuple[str, ...]) -> Sure | None:
    """How sure the ranks of some regions are, by the trials of all."""
    every = trials.sure(*found())
    if every is None:
        return None
    own = pl.col("region").is_in(regions), pl.col("period").is_in(periods)
    return Sure(every.settings, every.standing.filter(*own), every.scores.filter(*own))


def areas_of(areas: pl.DataFrame, whole: Scorecard, card: Scorecard) -> pl.DataFrame:
    """The areas of which every compared region is in sight."""
    own, above = set(card.regions["code"]), whole.rows.regions.ancestors
    hidden = {
        place for code in whole.regions.filter("compared")["code"] if code not in own for place in (code, *above(code))
    }
    lacking = areas.filter(pl.col("region").is_in(list(hidden)))["area"].unique()
    return areas.filter(~pl.col("area").is_in(lacking.to_list()))
