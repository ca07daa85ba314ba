"""The trials of how sure ranks are, made once for all sessions."""

import polars as pl
import streamlit as st

from metrics.cut import Sure
from metrics.problems import InputError
from metrics.robustness import Robustness, analyse, score_intervals
from metrics.scorecard import Scorecard
from pages.parts.i18n import t

# Trials × rows that are drawn while a page waits: about a second. Beyond it, on the page of robustness only.
AT_ONCE = 500_000


@st.cache_resource(max_entries=4, show_spinner=False)
def analysed(_card: Scorecard, snapshot: str, digest: str) -> Robustness:
    """`robustness.analyse`."""
    return analyse(_card)


@st.cache_resource(max_entries=4, show_spinner=False)
def moved(_card: Scorecard, snapshot: str, digest: str) -> pl.DataFrame:
    """`robustness.score_intervals`."""
    return score_intervals(_card)


def sure(card: Scorecard, snapshot: str) -> Sure | None:
    """How sure the ranks are; None where that would take long, or `robustness:` cannot be drawn from."""
    if card.definitions.robustness.trials * card.rows.frame.height > AT_ONCE:
        return None
    try:
        # The first window after a change waits for it, before there is anything else to be seen.
        with st.spinner(t("正在计算名次的稳固程度…")):
            found = analysed(card, snapshot, card.definitions.digest)
            scores = moved(card, snapshot, card.definitions.digest)
    except InputError:
        return None
    return Sure(found.settings, found.standing, scores)
