"""Distributions: what each indicator's numbers look like among the compared regions, and what of them is there."""

from typing import Any

import numpy as np
import polars as pl

from metrics.frames import tied_ranks
from metrics.outliers import excess_kurtosis, skewness
from metrics.sample import Sample, Vector, number

_INDICATORS = {
    **dict.fromkeys(("code", "parent", "unit"), pl.String),
    **dict.fromkeys(("due", "n"), pl.Int64),
    **dict.fromkeys(("availability", "min", "max", "mean", "sd", "skewness", "kurtosis"), pl.Float64),
    **dict.fromkeys(("treated_skewness", "treated_kurtosis"), pl.Float64),
    **dict.fromkeys(("moved", "imputed", "distinct"), pl.Int64),
    "tied": pl.Float64,
}
_REGIONS = {"region": pl.String, "due": pl.Int64, "n": pl.Int64, "availability": pl.Float64}


def distributions(sample: Sample) -> pl.DataFrame:
    """One row an indicator of the file, in the tree's order; numbers in its unit, of values as they were reported.

    Columns: code, parent, unit, due (compared regions, 0 where it is not in force), n (of them with a value),
    availability (n / due), min, max, mean, sd (n − 1), skewness (G1), kurtosis (excess, G2), treated_skewness and
    treated_kurtosis (after imputation and the treatment of outliers), moved (values that the treatment changed),
    imputed (values that were filled in), distinct (scores that differ), tied (share of the scored regions that have
    the score most of them share: 1 where nobody differs). Null where it cannot be told: G1 of fewer than three values,
    G2 of fewer than four. `peers` groups are taken together here.
    """
    return pl.DataFrame([_indicator(sample, row.code, row.parent) for row in _leaves(sample)], schema=_INDICATORS)


def _leaves(sample: Sample) -> list[Any]:
    return [row for row in sample.definitions.nodes() if row.level == "indicator"]


def _indicator(sample: Sample, code: str, parent: str | None) -> dict[str, Any]:
    value, treated = sample.column("value", code), sample.column("treated", code)
    known, used = value[~np.isnan(value)], treated[~np.isnan(treated)]
    due = _due(sample, code)
    moved, imputed = (value != treated) & ~np.isnan(value), np.isnan(value) & ~np.isnan(treated)
    return {
        "code": code,
        "parent": parent,
        "unit": sample.definitions.unit_of(code),
        "due": due,
        "n": len(known),
        "availability": len(known) / due if due else None,
        **_moments(known),
        "skewness": number(skewness(known)),
        "kurtosis": number(excess_kurtosis(known)),
        "treated_skewness": number(skewness(used)),
        "treated_kurtosis": number(excess_kurtosis(used)),
        "moved": int(moved.sum()),
        "imputed": int(imputed.sum()),
        **_ties(sample.column("score", code)),
    }


def _moments(known: Vector) -> dict[str, float | None]:
    if len(known) == 0:
        return dict.fromkeys(("min", "max", "mean", "sd"))
    # Of shares of the largest number, whose sums and squares are numbers however large it is.
    scale = float(np.abs(known).max()) or 1.0
    sd = float((known / scale).std(ddof=1)) * scale if len(known) > 1 else float("nan")
    mean = float((known / scale).mean()) * scale
    return {"min": float(known.min()), "max": float(known.max()), "mean": number(mean), "sd": number(sd)}


def _ties(scores: Vector) -> dict[str, Any]:
    known = scores[~np.isnan(scores)]
    if len(known) == 0:
        return {"distinct": 0, "tied": None}
    _, counts = np.unique(tied_ranks(known[None, :])[0], return_counts=True)
    return {"distinct": len(counts), "tied": float(counts.max() / len(known))}


def _due(sample: Sample, code: str) -> int:
    """The compared regions, none where the indicator is not in force in the cycle."""
    return 0 if _off(sample, code) else sample.wide.height


def _off(sample: Sample, code: str) -> bool:
    valid = sample.definitions.indicators[code].valid
    calendar = sample.card.rows.calendar
    return valid is not None and not valid.holds(calendar.last(calendar.named(sample.period)))


def reporting(sample: Sample) -> pl.DataFrame:
    """What each compared region has: region, due (indicators in force), n (of them with a value), availability."""
    codes = [row.code for row in _leaves(sample) if not _off(sample, row.code)]
    known = np.column_stack([~np.isnan(sample.column("value", code)) for code in codes]) if codes else None
    counts = np.zeros(sample.wide.height, dtype=int) if known is None else known.sum(axis=1)
    rows = [
        {"region": region, "due": len(codes), "n": int(n), "availability": n / len(codes) if codes else None}
        for region, n in zip(sample.wide["region"], counts, strict=True)
    ]
    return pl.DataFrame(rows, schema=_REGIONS)
