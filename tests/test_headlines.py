"""Headlines: who did well, who fell, who was stopped and who has points off, in one sentence."""

import re
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.parts.headlines import _ruled

OVERVIEW = Path(__file__).parent.parent / "pages" / "view" / "overview.py"


def _bare(html: str) -> str:
    return re.sub(r"<[^>]*>", "", html)


def test_the_sentence_names_who_rose_and_who_fell_most(
    used: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Each once, with a link; whose names and the area's are not broken over two lines."""
    monkeypatch.setenv("QUHENG_SECRETS", str(tmp_path / "none.toml"))
    at = AppTest.from_file(str(OVERVIEW), default_timeout=60)
    at.query_params["cycle"] = "2024"
    at.run()
    (lead,) = (one.proto.body for one in at.get("html") if 'class="q-lead"' in one.proto.body)
    told = _bare(lead)
    assert re.search(r"；(.{3})升 \d 位；(.{3})降 \d 位；", told)
    assert told.endswith("被扣分。")
    assert lead.count("位；") == 2
    assert '<span class="q-name">三江区</span>' in lead


def _met(region: str, points: float | None, kind: str = "penalty", words: str = "超限") -> dict[str, Any]:
    return {"region": region, "name": region, "kind": kind, "points": points, "words": words}


@pytest.mark.parametrize(
    ("met", "told"),
    [
        ([], []),
        ([_met("甲", 2.0, "bonus")], []),
        ([_met("甲", 1.0), _met("甲", 0.5)], ["甲扣 1.5 分"]),
        ([_met("甲", 1.0), _met("乙", 1.0), _met("甲", 2.0)], ["甲、乙被扣分"]),
        ([_met(one, 1.0) for one in "甲乙丙丁"], ["甲、乙、丙等 4 个地区被扣分"]),
        ([_met("甲", None, "veto"), _met("乙", 1.0)], ["甲超限", "乙扣 1 分"]),
        ([_met("甲", None, "veto"), _met("甲", None, "gate"), _met("乙", None, "gate")],
         ["甲、乙等 2 个地区触发否决或门槛"]),
        ([_met("甲", None, "veto"), _met("甲", None, "gate", "无数据"), _met("甲", 3.0)], ["甲超限、无数据"]),
    ],
)  # fmt: skip
def test_whoever_has_points_off_is_named(met: list[dict[str, Any]], told: list[str]) -> None:
    """One with how many points they come to, several by name, of many the first three and how many; a bonus is no
    matter of it."""
    assert [_bare(part) for part in _ruled(met)] == told
