"""The benchmarks' own answer: a promise that is not kept is told to whoever ran them."""

import pytest

from benchmarks import __main__ as benchmarks
from benchmarks.timing import Line


@pytest.mark.parametrize(("seconds", "code"), [(1.9, 0), (2.1, 1)])
def test_a_figure_over_its_bound_is_a_failure(
    seconds: float, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every figure within its bound ends in 0, one that is over in 1, and the table says which."""
    lines = [Line("kept", 1.0, 1.0, 1.5), Line("asked", seconds, 1.0, 2.0)]
    monkeypatch.setattr(benchmarks, "PARTS", {"part": lambda: lines})
    assert benchmarks.main([]) == code
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines() if line.endswith("over")] == (
        ["asked"] if code else []
    )
