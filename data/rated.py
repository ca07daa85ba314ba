"""Rated: how far those who review agree in their own ratings, region by region and over all."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan, nan
from statistics import median
from typing import Literal

import numpy as np
import polars as pl

from data.reviews import said
from data.store import Store
from metrics.concordance import Kendall, kendall, krippendorff

# Of a lot that was drawn anew only who reviews now is heard. Whoever rates again means the newer rating; of those of
# before it was written down for whom, each is one's own.
_RATINGS = """
    SELECT coalesce(nullif(reviewer, ''), person) AS judge, region, code, rating FROM ratings
    WHERE cycle = $cycle AND (reviewer = '' OR (reviewer, region) IN (
        SELECT (reviewer, reviewed) FROM assignments WHERE cycle = $cycle
    ))
    QUALIFY row_number() OVER (PARTITION BY judge, region, code ORDER BY id DESC) = 1 ORDER BY ALL
"""
# Why there is no W.
NO_ORDER = {
    "judges": ("没有一个地区由两方评过", "no region was rated by two"),
    "things": ("没有一个地区有两项由各方都评过", "in no region two parts were rated by all who rated it"),
    "ties": ("各方给每一项的分都一样", "each gave every part the same"),
}
NO_ALPHA = ("由两方评过的不到两项，或者评的分全都一样", "fewer than two parts were rated by two, or all alike")


@dataclass(frozen=True)
class Agreement:
    """How far the reviewing regions of a cycle agree in their ratings; NaN where there is nothing to compare.

    `w`: the median of Kendall's W over the `regions` where there is one, each over what all who rated the region did;
    `alpha`: Krippendorff's, of whatever two or more rated; `missing`: why there is no W, a key of `NO_ORDER`, else ''.
    """

    w: float
    regions: int
    alpha: float
    judges: tuple[str, ...]
    things: int
    missing: Literal["", "judges", "things", "ties"]

    def told(self, lang: str) -> tuple[str, str]:
        """Both in a line each: the number and what it is of, or why there is none."""
        at = int(lang != "zh")
        of = ("{} 个地区的中位数", "median of {} regions")[at].format(self.regions)
        known = (("W", self.w, of, self.missing and NO_ORDER[self.missing][at]), ("α", self.alpha, "", NO_ALPHA[at]))
        aside = ("（{}）", " ({})")[at]
        return tuple(
            f"{name} = —{aside.format(why)}" if isnan(value) else f"{name} = {value:.3f}" + (of and aside.format(of))
            for name, value, of, why in known
        )  # type: ignore[return-value]


def agreement(store: Store, cycle: str) -> Agreement:
    """How far the reviewers' ratings of a cycle agree, of what the store's person sees of them."""
    found = said(store, cycle, _RATINGS)
    by_region = [kendall(_table(own)) for (_,), own in found.group_by("region", maintain_order=True)]
    known = [one.w for one in by_region if not isnan(one.w)]
    return Agreement(
        median(known) if known else nan,
        len(known),
        krippendorff(_table(found)),
        tuple(sorted(found["judge"].unique())),
        found.select("region", "code").n_unique(),
        "" if known else _missing(by_region),
    )


def _missing(found: Sequence[Kendall]) -> Literal["judges", "things", "ties"]:
    compared = [one.things for one in found if one.judges > 1]
    return "judges" if not compared else "things" if max(compared) < 2 else "ties"


def _table(ratings: pl.DataFrame) -> list[list[float]]:
    """One row a judge, one column a thing judged; NaN where a judge said nothing."""
    judges = sorted(ratings["judge"].unique())
    things = ratings.select("region", "code").unique(maintain_order=True).rows()
    table = np.full((len(judges), len(things)), np.nan)
    for name, region, code, rating in ratings.iter_rows():
        table[judges.index(name), things.index((region, code))] = rating
    return table.tolist()
