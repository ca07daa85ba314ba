"""The default definitions: complete, weighted as documented, and true to the published national figures."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from metrics.definitions import Definitions
from metrics.models import Leaf, Node
from metrics.reader import read
from metrics.scorecard import Scorecard, score

FILE = Path(__file__).parent.parent / "indicators.yaml"
PILLARS = {"running_cost": 0.30, "energy_saving": 0.30, "service_quality": 0.20, "asset_use": 0.10, "synergy": 0.10}
NO_FUEL = {"gas": 0.0, "petrol": 0.0, "diesel": 0.0}
NUMBERS = [
    f"{pillar}{number:02d}"
    for pillar, count in {"OC": 10, "EN": 10, "SQ": 7, "AS": 5, "SY": 6}.items()
    for number in range(1, count + 1)
]
WEIGHTS = {
    "running_cost": [0.20, 0.10, 0.12, 0.10, 0.12, 0.06, 0.08, 0.05, 0.07, 0.10],
    "energy_saving": [0.20, 0.16, 0.12, 0.12, 0.08, 0.05, 0.10, 0.07, 0.06, 0.04],
    "service_quality": [0.30, 0.10, 0.20, 0.10, 0.10, 0.08, 0.12],
    "asset_use": [0.30, 0.15, 0.25, 0.15, 0.15],
    "synergy": [0.20, 0.10, 0.25, 0.15, 0.15, 0.15],
}


@pytest.fixture(scope="module")
def definitions() -> Definitions:
    """The default definitions."""
    found = read(FILE.read_bytes(), path=str(FILE)).definitions
    assert found is not None
    return found


def scored(definitions: Definitions, values: dict[str, float], *, regions: Iterable[str] = ("A",)) -> Scorecard:
    """A scorecard of 2024 from yearly values, the same in each region."""
    rows = [(region, "2024", code, value) for region in regions for code, value in values.items()]
    return score(definitions, pl.DataFrame(rows, schema=["region", "period", "variable", "value"], orient="row"))


def value_of(card: Scorecard, code: str) -> float:
    """An indicator's only value."""
    (value,) = card.frame.filter(pl.col("code") == code)["value"]
    return float(value)


def test_file_reads_without_errors_or_warnings() -> None:
    """The default file has no problem that a person must act on."""
    problems = [p for p in read(FILE.read_bytes(), path=str(FILE)).problems if p.severity != "note"]
    assert problems == []


def test_every_indicator_stands_under_its_number() -> None:
    """OC01 … SY06 stand above the 38 indicators, each once and in order."""
    text = FILE.read_text(encoding="utf-8")
    block = text[text.index("\nindicators:") : text.index("\nindex:")]
    assert re.findall(r"^  # ([A-Z]{2}\d\d).*\n  [a-z_]+:$", block, flags=re.MULTILINE) == NUMBERS


def test_all_38_indicators_are_in_the_tree(definitions: Definitions) -> None:
    """Every indicator is a leaf of the tree, in the order of the file."""
    leaves = [row.code for row in definitions.nodes() if row.level == "indicator"]
    assert leaves == list(definitions.indicators)
    assert len(leaves) == 38


def test_pillars_have_their_weights(definitions: Definitions) -> None:
    """The five pillars weigh 0.30, 0.30, 0.20, 0.10, 0.10, together 1."""
    pillars = [child for child in definitions.index.children if isinstance(child, Node)]
    assert {pillar.code: pillar.weight for pillar in pillars} == PILLARS
    assert sum(pillar.weight for pillar in pillars) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("pillar", PILLARS)
def test_weights_inside_a_pillar_sum_to_one(definitions: Definitions, pillar: str) -> None:
    """The weights inside each pillar are the documented ones and make 1."""
    (node,) = [child for child in definitions.index.children if isinstance(child, Node) and child.code == pillar]
    weights = [child.weight for child in node.children if isinstance(child, Leaf)]
    assert weights == WEIGHTS[pillar]
    assert sum(weights) == pytest.approx(1.0, abs=1e-12)


def test_every_indicator_says_why_whence_and_when_to_review(definitions: Definitions) -> None:
    """Each indicator has a reason, a source, a date of review and a worked example."""
    lacking = [
        code
        for code, indicator in definitions.indicators.items()
        if not (indicator.why and indicator.source and indicator.next_review and indicator.example)
    ]
    assert lacking == []


def test_names_are_given_in_both_languages(definitions: Definitions) -> None:
    """Everything that is shown has a Chinese and an English name of its own."""
    named = (
        definitions.factors,
        definitions.variables,
        definitions.indicators,
        (row.code for row in definitions.nodes()),
    )
    codes = [code for group in named for code in group]
    same = [code for code in codes if definitions.name_of(code, "zh") == definitions.name_of(code, "en")]
    assert same == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_variables_name_stands_alone(definitions: Definitions, lang: str) -> None:
    """No name of a variable leans on the one before it, and no two variables, or an indicator, share one."""
    own = [definitions.name_of(code, lang) for code in definitions.variables]
    assert [name for name in own if name.startswith(("其中", "of which"))] == []
    every = [*own, *(definitions.name_of(code, lang) for code in definitions.indicators)]
    assert sorted(name for name in set(every) if every.count(name) > 1) == []


def test_a_wrong_example_is_noticed() -> None:
    """The examples are recomputed: one changed digit is a problem."""
    text = FILE.read_text(encoding="utf-8")
    for right, wrong in (("value: 250000}", "value: 250001}"), ("score: 79.7531}", "score: 79.7532}")):
        assert text.count(right) == 1
        problems = [p for p in read(text.replace(right, wrong)).problems if p.severity != "note"]
        assert problems, right


def test_every_raw_variable_serves_an_indicator_or_a_rule(definitions: Definitions) -> None:
    """Nobody is asked to report a number that nothing uses."""
    used = {raw for code in definitions.indicators for raw in definitions.variables_of(code)}
    used |= {code for rule in definitions.rules for code in rule.when.codes}
    raw = {code for code, variable in definitions.variables.items() if variable.formula is None}
    assert raw - used == set()


def test_the_calibre_is_in_the_name(definitions: Definitions) -> None:
    """Energy and carbon say by which factors they are counted, in both languages."""
    for code, zh, en in (
        ("energy", "当量值", "calorific"),
        ("heating_energy", "当量值", "calorific"),
        ("carbon", "2022", "2022"),
    ):
        assert zh in definitions.name_of(code, "zh")
        assert en in definitions.name_of(code, "en")


def test_what_has_no_standard_is_called_an_example(definitions: Definitions) -> None:
    """Goalposts and bands that no cited document sets are labelled 示例 in the source."""
    cited = {"new_energy_share_added", "energy_cut_completion"}
    methods: dict[str, Any] = {code: definitions.normaliser(code) for code in definitions.indicators}
    silent = [
        code
        for code, indicator in definitions.indicators.items()
        if methods[code].method in ("goalposts", "band", "piecewise")
        and code not in cited
        and "示例" not in indicator.source
    ]
    assert silent == []


def test_national_figures_of_2020_agree(definitions: Definitions) -> None:
    """1.64×10⁸ tce over the heads behind 106.97×10⁸ m³ and 21.53 m³ a head are 329.56 kgce a head."""
    energy, water = 1.64e11, 106.97e8
    heads, area = water / 21.53, energy / 18.48
    card = scored(
        definitions,
        # All of it as electricity: the factor divides out, the unit and the intensity stay.
        {**NO_FUEL, "electricity": energy / 0.1229, "water": water, "energy_users": heads, "floor_area": area},
    )
    assert value_of(card, "water_per_head") == pytest.approx(21.53, abs=0.005)
    assert value_of(card, "energy_per_area") == pytest.approx(18.48, abs=0.005)
    # 1.64 has three digits: the published intensity must lie inside what its rounding allows.
    assert value_of(card, "energy_per_head") == pytest.approx(329.56, rel=0.005 / 1.64)


def test_targets_for_2025_follow_from_2020(definitions: Definitions) -> None:
    """Full marks stand at the plan's targets: 329.56 less 6 % a head, 21.53 less 6 % of water."""
    for code, base, cut in (("energy_per_head", 329.56, 0.06), ("water_per_head", 21.53, 0.06)):
        method: Any = definitions.normaliser(code)
        (target, full), (national, _), _ = method.points
        assert (national, full) == (base, 100)
        assert round(base * (1 - cut), 2) == target


def test_energy_sums_the_carriers_by_their_factors(definitions: Definitions) -> None:
    """Carriers weigh 0.1229, 1.33, 0.7143, 1.4714, 1.4571 and 34.12 kgce a unit; own photovoltaics nothing."""
    carriers = ("electricity", "gas", "coal", "petrol", "diesel", "heat", "pv_electricity")
    card = scored(definitions, {**dict.fromkeys(carriers, 1000.0), "floor_area": 1000.0, "energy_users": 1.0})
    assert value_of(card, "energy_per_area") == pytest.approx(0.1229 + 1.33 + 0.7143 + 1.4714 + 1.4571 + 34.12)


def test_carbon_uses_the_provinces_grid_where_it_is_listed(definitions: Definitions) -> None:
    """Tianjin, Hebei, Anhui and East China have their own grid factor, everybody else the nation's."""
    regions = {"120000": 0.7041, "130000": 0.7252, "320000": 0.5617, "340000": 0.6782, "650000": 0.5366}
    values = {**NO_FUEL, "electricity": 100.0, "floor_area": 100.0}
    frame = scored(definitions, values, regions=regions).frame.filter(pl.col("code") == "carbon_per_area")
    assert dict(frame.select("region", "value").iter_rows()) == pytest.approx(regions)


def test_money_in_ten_thousands_is_shown_in_yuan(definitions: Definitions) -> None:
    """500 万元 over 20 people are 250,000 元 a head."""
    card = scored(definitions, {"operating_cost": 500.0, "staff_on_post": 20.0})
    assert value_of(card, "operating_cost_per_head") == pytest.approx(250_000)


@pytest.mark.parametrize(("kwh", "flagged"), [(162_700.0, False), (163_000.0, True)])
def test_the_binding_limit_is_twenty(definitions: Definitions, kwh: float, flagged: bool) -> None:
    """The veto acts above 20.0 kgce/m² and not below it."""
    enough = {
        **complete_year(definitions),
        **NO_FUEL,
        "electricity": kwh,
        "heat": 0.0,
        "coal": 0.0,
        "floor_area": 1000.0,
    }
    root = scored(definitions, enough, regions=("A", "B")).frame.filter(pl.col("level") == "composite")
    assert root["score"].null_count() == 0
    assert root["flags"].str.contains("energy_over_limit").to_list() == [flagged, flagged]


def complete_year(definitions: Definitions) -> dict[str, float]:
    """Every raw variable, all at the same value, so that nothing is missing."""
    return {code: 3.0 for code, variable in definitions.variables.items() if variable.formula is None}
