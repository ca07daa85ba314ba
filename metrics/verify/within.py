"""Within: what some cycles are scored from their own facts alone, for whoever may not see the others."""

from collections.abc import Collection, Sequence

import polars as pl

from metrics.adjustments import adjusted, adjustments_of
from metrics.long import COLUMNS
from metrics.problems import InputError, Problem
from metrics.rollup import calendar_of, cycles_of
from metrics.scorecard import Scorecard, given, score_given
from metrics.verify.layout import SCORECARD
from metrics.verify.parts import rows_of
from metrics.verify.recompute import compare
from metrics.verify.tables import from_csv, to_csv


def within(card: Scorecard, cycles: Collection[str], *, wanted: Sequence[str]) -> Scorecard:
    """The scorecard of the facts and adjustments of some cycles, where it has the same numbers for those that are
    `wanted`, as a verifier compares them.

    Raises InputError (`bundle_in_part`) where these rest on other cycles too.
    """
    calendar = cycles_of(card.definitions)
    places = calendar_of(card.facts["period"].unique(), calendar).select("period", "cycle").rows()
    inside = [period for period, cycle in places if calendar.name(cycle) in cycles]
    about = [one for one in adjustments_of(card.definitions) if one.period in cycles]
    definitions = adjusted(card.definitions, about)
    facts = card.facts.filter(pl.col("period").is_in(inside))
    try:
        found = score_given(definitions, given(definitions, facts), regions=card.regions.drop("compared"))
        theirs = from_csv(to_csv(rows_of(card, wanted, None)), SCORECARD, COLUMNS)
        same = not compare(found, rows_of(found, wanted, None), theirs).problems
    except InputError as error:
        # A frame or a weight that asks for a cycle which is not among these.
        raise InputError([Problem("bundle_in_part")]) from error
    if not same:
        raise InputError([Problem("bundle_in_part")])
    return found
