"""Facts accepted and rejected."""

import polars as pl

from metrics.facts import judge

HEAD = ["region", "period", "variable", "value"]


def _judged(*rows: tuple[str, ...], regions: set[str] | None = None) -> list[tuple[int, str, str]]:
    frame = pl.DataFrame(rows, schema=HEAD, orient="row")
    rejected = judge(frame, variables={"water", "cost"}, regions=regions).rejected
    return list(rejected.select("row", "column", "rule").iter_rows())


def test_good_rows_are_accepted_with_their_row_numbers() -> None:
    """A row in order keeps its file row, leading zeros and full precision; an empty value is not reported."""
    frame = pl.DataFrame([("006", "2024", "water", "0.1"), ("006", "2023", "water", "")], schema=HEAD, orient="row")
    judged = judge(frame, variables={"water"})
    assert judged.accepted.select("region", "value", "row", "status").rows() == [
        ("006", 0.1, 2, "reported"),
        ("006", None, 3, "reported"),
    ]
    assert judged.rejected.is_empty()


def test_every_broken_rule_of_a_row_is_named() -> None:
    """A row with three faults is told all three at once."""
    found = _judged(("x", "2024-13", "wind", "abc"), regions={"006"})
    assert [rule for _, _, rule in found] == ["unknown_region", "unknown_variable", "bad_period", "bad_number"]


def test_digits_that_would_be_lost_are_refused() -> None:
    """A whole number is kept to its last digit or not at all, as a text and as an integer of a Parquet file."""
    whole = [2**64 - 1, 2**53 + 1, 2**53, 2**63]
    others = [str(2**53 + 1), "9e15", "1e16"]
    for values in (pl.Series(whole, dtype=pl.UInt64), pl.Series([*map(str, whole)]), pl.Series(others)):
        frame = pl.DataFrame({"region": "a", "variable": "water", "value": values})
        frame = frame.with_row_index("at").with_columns(period=(pl.col("at") + 2020).cast(pl.String))
        told = judge(frame, variables={"water"}).rejected.select("rule", "value").rows()
        lost = [str(one) for one in values if str(one) in (str(2**64 - 1), str(2**53 + 1))]
        assert told == [("not_exact", one) for one in lost]


def test_nan_and_infinity_are_refused() -> None:
    """Neither NaN nor infinity is ever a fact, whether spelt in text or stored as a number."""
    assert [rule for _, _, rule in _judged(("a", "2024", "water", "NaN"), ("b", "2024", "water", "-inf"))] == [
        "not_finite"
    ] * 2
    typed = pl.DataFrame({"region": ["a"], "period": ["2024"], "variable": ["water"], "value": [float("nan")]})
    assert judge(typed, variables={"water"}).rejected["rule"].to_list() == ["not_finite"]


def test_the_same_number_reported_twice_is_refused_both_times() -> None:
    """Which of two is right cannot be known, so neither is taken."""
    found = _judged(("a", "2024", "water", "1"), ("a", "2024", "water", "2"), ("a", "2023", "water", "2"))
    assert found == [(2, "variable", "duplicate_fact"), (3, "variable", "duplicate_fact")]


def test_accepted_and_rejected_add_up() -> None:
    """No row is lost: every one is either accepted or rejected."""
    rows = [("a", "2024", "water", "1"), ("", "2024", "water", "2"), ("a", "x", "water", "2")]
    judged = judge(pl.DataFrame(rows, schema=HEAD, orient="row"), variables={"water"})
    assert judged.accepted.height + judged.rejected["row"].n_unique() == len(rows)
