"""Headlines: who did well, who fell, who was stopped and who has points off, in one sentence."""

import re
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from data.__main__ import main
from pages.parts.headlines import _ruled
from tests.test_report import FILE, REGIONS, _facts

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


def test_who_is_not_scored_any_more_raises_nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Sentence and card: the change is of those scored in both cycles, which is said, and so is a place of how many."""
    db, facts, regions, definitions = (str(tmp_path / name) for name in ("s.duckdb", "f.csv", "r.csv", "d.yaml"))
    _facts(without=(("d", "2024", "power"),)).write_csv(facts)
    REGIONS.write_csv(regions)
    Path(definitions).write_text(FILE, encoding="utf-8")
    assert main(["init", "--db", db, "--regions", regions, "--indicators", definitions]) == 0
    assert main(["import", facts, "--db", db]) == 0
    monkeypatch.setenv("QUHENG_DB", db)
    monkeypatch.setenv("QUHENG_SECRETS", str(tmp_path / "none.toml"))
    at = AppTest.from_file(str(OVERVIEW), default_timeout=60).run()
    assert not at.exception
    html = [one.proto.body for one in at.get("html")]
    (lead,) = (_bare(one) for one in html if 'class="q-lead"' in one)
    (cards,) = (_bare(one) for one in html if 'class="q-cards"' in one)
    assert "平均 64.8，按两期都有得分的 3 个地区较上期 +11.5；" in lead
    assert "乙地升 1 位（3 / 4 → 2 / 3）" in lead
    assert "按两期都有得分的 3 个地区较上期 ▲ +11.5" in cards
    assert "升 1 位（3 / 4 → 2 / 3）" in _bare("".join(one for one in html if "▲ 升" in one))


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
         ["甲、乙触发否决或门槛"]),
        ([_met(one, None, "veto") for one in "甲乙丙丁"], ["甲、乙、丙等 4 个地区触发否决或门槛"]),
        ([_met("甲", None, "veto"), _met("甲", None, "gate", "无数据"), _met("甲", 3.0)], ["甲超限、无数据"]),
    ],
)  # fmt: skip
def test_whoever_has_points_off_is_named(met: list[dict[str, Any]], told: list[str]) -> None:
    """One with how many points they come to, several by name, of many the first three and how many; a bonus is no
    matter of it."""
    assert [_bare(part) for part in _ruled(met)] == told
