"""Random normalisers, each with a direction that it does not contradict."""

from typing import Any

from hypothesis import strategies as st

Draw = st.DrawFn
NORMALISERS = (
    *("minmax", "goalposts", "zscore", "rank", "borda", "percentile_rank", "distance_to_target"),
    *("distance_to_reference", "fraction_of_max", "piecewise", "steps", "limits", "band"),
)
RUNGS = (-3.0, -1.0, 0.0, 0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 100.0, 400.0)


@st.composite
def normalisers(draw: Draw, name: str, calendar: Any) -> tuple[Any, dict[str, Any]]:
    """A direction and a method that does not contradict it."""
    higher = draw(st.booleans())
    better: Any = "higher" if higher else "lower"
    low, middle, high, top = sorted(draw(st.lists(st.sampled_from(RUNGS), min_size=4, max_size=4, unique=True)))
    worst, best = (low, high) if higher else (high, low)
    scores = draw(st.lists(st.sampled_from((0.0, 20.0, 60.0, 75.5, 100.0)), min_size=3, max_size=3))
    clip = draw(st.booleans())
    if name == "band":
        better = {"between": [middle, high]}
    parameters: dict[str, dict[str, Any]] = {
        "minmax": {"clip": clip},
        "goalposts": {"worst": worst, "best": best, "clip": clip, "log": low > 0.0 and draw(st.booleans())},
        "zscore": draw(st.sampled_from(({}, {"mean": 50.0, "sd": 10.0}))),
        "distance_to_target": {"target": draw(st.sampled_from((top if higher else low, middle))), "clip": clip},
        "distance_to_reference": {"reference": draw(st.sampled_from(("p", "r"))), "clip": clip},
        "piecewise": {"points": [list(point) for point in zip((low, middle, high), scores, strict=True)]},
        "steps": {
            "steps": [[low, scores[0]], [high, scores[1]]],
            "above": scores[2],
            "relative_to": draw(st.sampled_from(("none", "peers_mean", "peers_median", "previous"))),
        },
        # Not 0, as beyond them: at a limit a score is exact to its last digit but one, and nothing ranks by that.
        "limits": {"binding": worst, "current": middle, "leading": best, "scores": [score or 10.0 for score in scores]},
        "band": {"best": [middle, high], "worst": [low, top]},
    }
    frames = st.sampled_from(("cycle", "cycle", "all", calendar[2][0], calendar[2][1], calendar[3]))
    ranges = st.sampled_from(([0.0, 100.0], [0.0, 100.0], [1.0, 100.0], [-5.0, 5.0]))
    return better, {"method": name, "frame": draw(frames), "range": draw(ranges), **parameters.get(name, {})}
