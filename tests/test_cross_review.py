"""The lot of cross-review, and the agreement of judges, on published and countable cases."""

from collections import Counter
from math import isnan, nan

import pytest

from metrics.concordance import kendall, krippendorff
from metrics.cross_review import Draw, assign, most, usual
from metrics.problems import InputError

# Four observers of twelve units: Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, section C.
OBSERVED = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, nan, nan, nan],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, nan, 3],
    [nan, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, nan],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, nan],
]


@pytest.mark.parametrize(("regions", "each", "share"), [(3, 1, 1.0), (5, 2, 1.0), (31, 3, 0.5), (31, 2, 1.0)])
def test_nobody_reviews_themselves_or_each_other_and_loads_are_even(regions: int, each: int, share: float) -> None:
    """Of those drawn each has as many reviewers as asked for; loads differ by one at most; a seed gives one lot."""
    codes, draw = [f"r{n:02}" for n in range(regions)], Draw(7, share, each)
    pairs = assign(codes, draw)
    assert pairs == assign(codes[::-1], draw)
    assert not [pair for pair in pairs if pair[0] == pair[1] or pair[::-1] in pairs]
    assert set(Counter(reviewed for _, reviewed in pairs).values()) == {each}
    loads = [Counter(reviewer for reviewer, _ in pairs)[code] for code in codes]
    assert max(loads) - min(loads) <= 1


@pytest.mark.parametrize("regions", [3, 4, 5, 6])
def test_the_most_reviewers_are_those_that_can_be_drawn(regions: int) -> None:
    """For every sample: so many can be, and one more cannot; two, the least that compare, where that can be."""
    codes = [f"r{n}" for n in range(regions)]
    for drawn in range(1, regions + 1):
        above = most(regions, drawn / regions)
        assert len(assign(codes, Draw(3, drawn / regions, above))) == drawn * above
        with pytest.raises(InputError):
            assign(codes, Draw(3, drawn / regions, above + 1))
    assert (most(2), usual(regions), usual(31)) == (1, 2 if regions > 4 else 1, 2)


def test_those_kept_apart_never_meet_and_what_cannot_be_is_said() -> None:
    """Neither reviews the other, however named; two regions, or three with two apart, have no lot."""
    apart = (("r0", "r1"), ("r3", "r2"))
    pairs = assign([f"r{n}" for n in range(6)], Draw(1, apart=apart))
    assert not {frozenset(pair) for pair in pairs} & {frozenset(pair) for pair in apart}
    for codes, kept in ((["a", "b"], ()), (["a", "b", "c"], (("a", "b"),))):
        with pytest.raises(InputError) as refused:
            assign(codes, Draw(1, apart=kept))
        assert refused.value.problems[0].code == "no_cross_review"


@pytest.mark.parametrize("seed", range(12))
def test_a_sample_that_cannot_be_reviewed_is_drawn_again(seed: int) -> None:
    """Of six regions three, each by two: with two of the three kept apart there is no way, so that others are drawn;
    the seed still gives one lot."""
    codes, draw = [f"r{n}" for n in range(6)], Draw(seed, 0.5, 2, apart=(("r0", "r1"),))
    pairs = assign(codes, draw)
    assert pairs == assign(codes, draw)
    assert set(Counter(reviewed for _, reviewed in pairs).values()) == {2}
    assert not {("r0", "r1"), ("r1", "r0")} & set(pairs)


def test_alpha_is_as_published_and_agreement_is_one() -> None:
    """0.849 with its gaps; 1 where all say the same of different things; unknown where nothing can differ, and of one
    thing alone."""
    assert krippendorff(OBSERVED) == pytest.approx(0.849, abs=5e-4)
    assert krippendorff([[1, 2, 3], [1, 2, 3]]) == 1.0
    assert isnan(krippendorff([[1, 1], [1, 1]]))
    assert isnan(krippendorff([[1, nan], [nan, 2]]))
    # Of one thing alone it would be 0, however near its ratings are.
    assert isnan(krippendorff([[82, 40], [85, nan]]))


def test_w_is_one_for_one_order_and_nothing_for_opposite_ones() -> None:
    """By hand: sums of ranks 4, 4, 4 are no agreement, 3, 6, 9 are all; ties count as half places."""
    assert kendall([[1, 2, 3], [3, 2, 1]]).w == 0.0
    assert kendall([[10, 20, 30]] * 3).w == 1.0
    # Sums 2.5, 3.5 (ties), 6: 12·(2.5² + 3.5² + 6²) − 3·4·3·16 = 78; 4·3·8 − 2·6 = 84.
    assert kendall([[1, 2, 3], [1, 1, 2]]).w == pytest.approx(78.0 / 84.0)
    assert isnan(kendall([[1, 2]]).w)
