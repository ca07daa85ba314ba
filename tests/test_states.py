"""States: how far results are, together and in words."""

import pytest

from metrics.states import Standing, least, marked, state_words, warning

OPEN, PUBLIC = Standing("open"), Standing("published")
EARLY, LATE = Standing("final", "2025-03-31T09:00:00+08:00"), Standing("final", "2025-03-31T02:00:00+00:00")


@pytest.mark.parametrize(
    ("found", "together"),
    [
        ([], OPEN), ([PUBLIC], PUBLIC), ([PUBLIC, EARLY], EARLY), ([EARLY, OPEN, PUBLIC], OPEN),
        ([LATE, EARLY], LATE), ([EARLY, LATE, PUBLIC], LATE),
        ([PUBLIC, Standing("")], Standing("")),
    ],
)  # fmt: skip
def test_several_are_as_far_as_the_least_of_them(found: list[Standing], together: Standing) -> None:
    """Final ones until the last of them is everybody's, by the moment and not by its text; none at all are open."""
    assert least(found) == together


@pytest.mark.parametrize(
    ("standing", "zh", "en"),
    [
        (OPEN, "未公布", "not published"), (PUBLIC, "已公布", "published"), (Standing(""), "", ""),
        (EARLY, "已定稿，将于 2025-03-31 09:00 UTC+08:00 公开", "final, public from 2025-03-31 09:00 UTC+08:00"),
        (Standing("final"), "已定稿", "final"),
        (Standing("final", "soon"), "已定稿，将于 soon 公开", "final, public from soon"),
    ],
)  # fmt: skip
def test_each_state_has_its_words(standing: Standing, zh: str, en: str) -> None:
    """Those of what is final name the moment with its zone; only what is open may still change, what is public warns
    of nothing."""
    assert (state_words(*standing, "zh"), state_words(*standing, "en")) == (zh, en)
    assert marked(*standing, "zh").startswith(zh)
    assert ("仍可能变动" in marked(*standing, "zh")) is (standing == OPEN)
    assert warning(*standing, "en") == ("" if standing == PUBLIC else marked(*standing, "en"))
