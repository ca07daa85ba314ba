"""What two scorecards of one cycle were given otherwise: the numbers that somebody corrected, came in or went."""

import polars as pl

from metrics.scorecard import Scorecard


def corrected(before: Scorecard, after: Scorecard, period: str) -> pl.DataFrame:
    """The raw variables, rolled up, that are not what they were: region, variable, value_before, value_after.

    Sorted by region and variable; null where one side has no value.
    """
    sides = [
        card.variables.filter(pl.col("period") == period, pl.col("variable").is_in(list(card.definitions.raw))).select(
            "region", "variable", pl.col("value").alias(f"value_{side}")
        )
        for card, side in ((before, "before"), (after, "after"))
    ]
    both = sides[0].join(sides[1], on=["region", "variable"], how="full", coalesce=True)
    return both.filter(pl.col("value_before").ne_missing(pl.col("value_after"))).sort("region", "variable")
