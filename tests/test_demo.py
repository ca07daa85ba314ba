"""The demonstration: the same bytes everywhere, only known variables, and every story there to be seen."""

from hashlib import sha256
from pathlib import Path

import polars as pl
import pytest

from data import demo
from data.__main__ import main
from data.demo_places import CITIES, PROVINCES
from data.store import Store
from metrics.definitions import Definitions
from metrics.flows import flows
from metrics.reader import read
from metrics.scorecard import Scorecard, score

FILE = Path(__file__).parent.parent / "indicators.yaml"
HASH = "b1cf13c1f35e70cfbb3d22908294a2af82a0bb7137f49f4dfbe29e74ac685c10"
CITY = [city.code for city in CITIES]
PARTS = {
    "survey_satisfied": "survey_respondents",
    "repairs_on_time": "repair_orders",
    "complaints_closed": "complaints",
    "idle_office_area": "office_area",
    "office_area": "floor_area",
    "heated_area": "floor_area",
    "staff_on_post": "energy_users",
    "new_energy_vehicles": "official_vehicles",
    "new_energy_vehicles_added": "vehicles_added",
    "outsourced_cost": "logistics_cost",
    "idle_asset_value": "asset_value",
    "assets_reused": "assets_pooled",
    "assets_reused_across": "assets_reused",
    "standards_issued": "standards_required",
    "standards_recognised": "standards_issued",
    "joint_items_done": "joint_items_planned",
    "data_items_shared": "data_items_required",
    "cross_requests_met": "cross_requests",
}
SOUTH = [city.code for city in CITIES if not city.province.heated]


@pytest.fixture(scope="module")
def built() -> demo.Demo:
    """The demonstration."""
    return demo.build()


@pytest.fixture(scope="module")
def definitions() -> Definitions:
    """The default definitions."""
    found = read(FILE.read_bytes(), path=str(FILE)).definitions
    assert found is not None
    return found


@pytest.fixture(scope="module")
def card(built: demo.Demo, definitions: Definitions) -> Scorecard:
    """The demonstration scored by the default definitions."""
    return score(definitions, built.facts, regions=built.regions)


def rows_of(card: Scorecard, code: str, *regions: str) -> pl.DataFrame:
    """One node's rows of the cities, or of the regions named, by cycle."""
    here = pl.col("region").is_in(list(regions) or CITY)
    return card.frame.filter(pl.col("code") == code, here).sort("period", "region")


def test_the_facts_are_the_same_bytes_everywhere(built: demo.Demo) -> None:
    """The canonical CSV of the facts has one SHA-256, on every machine and every call."""
    assert sha256(built.facts.write_csv().encode()).hexdigest() == HASH
    assert demo.build().facts.equals(built.facts)


def test_regions_areas_and_sites_fit_together(built: demo.Demo) -> None:
    """Three provinces, their 13 cities, 10 to 16 institutions each; sites, areas and parents name existing regions."""
    codes = set(built.regions["code"])
    assert built.regions["level"].value_counts().sort("level").rows() == [("city", 13), ("province", 3)]
    assert set(built.regions["parent"].drop_nulls()) == {province.code for province in PROVINCES}
    assert set(built.sites["region"]) == set(CITY)
    assert built.sites.group_by("region").len()["len"].is_between(10, 16).all()
    assert set(built.areas["region"]) <= codes
    assert built.areas.filter(pl.col("name_zh") == "三江区")["region"].sort().to_list() == sorted(codes)


def test_codes_are_unique_and_outside_the_national_standard(built: demo.Demo) -> None:
    """GB/T 2260 begins no code with 9; no region or site has another's code, no two tiles lie on each other."""
    assert built.regions["code"].str.contains(r"^9\d{5}$").all()
    assert built.regions["code"].is_unique().all()
    assert built.sites["code"].is_unique().all()
    assert built.regions.select("tile_row", "tile_column").is_unique().all()


def test_names_are_given_in_both_languages(built: demo.Demo) -> None:
    """Chinese names carry no Latin letter, English ones nothing else, and none occurs twice."""
    for frame in (built.regions, built.sites):
        assert not frame["name_zh"].str.contains("[A-Za-z]").any()
        assert frame["name_en"].str.contains(r"^[A-Za-z0-9 ,]+$").all()
        assert frame["name_zh"].is_unique().all()
        assert frame["name_en"].is_unique().all()


def test_facts_name_existing_regions_sites_and_variables(built: demo.Demo, definitions: Definitions) -> None:
    """Every fact's region, site (or counterpart) and variable exist, none twice, and only coal is never reported."""
    raw = {code for code, variable in definitions.variables.items() if variable.formula is None}
    assert raw - set(built.facts["variable"]) == {"coal"}
    assert set(built.facts["variable"]) <= raw
    assert set(built.facts["site"].drop_nulls()) == {*built.sites["code"], *CITY}
    assert set(built.facts["region"]) == set(built.regions["code"])
    assert built.facts.select("region", "site", "period", "variable").is_unique().all()


def test_facts_are_plausible(built: demo.Demo, definitions: Definitions) -> None:
    """Every value lies in its variable's plausible range, and parts do not exceed the whole."""
    for (code,), part in built.facts.partition_by("variable", as_dict=True).items():
        low, high = definitions.variables[str(code)].plausible or (0.0, 0.0)
        assert part["value"].drop_nulls().is_between(low, high).all(), code
    wide = built.facts.pivot("variable", index=["region", "site", "period"], values="value")
    for part_of, whole in PARTS.items():
        assert not (wide[part_of] > wide[whole]).any(), part_of


def test_every_city_has_every_indicator_once_there_is_a_year_before(card: Scorecard) -> None:
    """From 2021 on only heating in the south, and what rests on the missing quarter, have no value."""
    later = card.frame.filter(
        pl.col("level") == "indicator", pl.col("region").is_in(CITY), pl.col("period") > "2020"
    ).filter(pl.col("score").is_null())
    warm = (pl.col("code") == "heating_per_area") & pl.col("region").is_in(SOUTH)
    gap = (pl.col("region") == "920200") & (
        (pl.col("period") == "2023") | ((pl.col("period") == "2024") & (pl.col("code") == "carbon_per_area"))
    )
    assert later.filter(~warm & ~gap).is_empty()


def test_no_indicator_is_the_same_for_everybody(card: Scorecard) -> None:
    """Every indicator's scores differ among the cities in each year in which it has a value."""
    cities = card.frame.filter(pl.col("level") == "indicator", pl.col("region").is_in(CITY)).drop_nulls("score")
    spread = cities.group_by("code", "period").agg(pl.col("score").n_unique(), pl.len())
    assert spread.filter(pl.col("score") < 2).is_empty()
    assert spread.filter(pl.col("period") == "2024")["code"].n_unique() == 38


def test_grades_are_spread(card: Scorecard) -> None:
    """In 2024 each of the four grades is given, none to most cities."""
    grades = rows_of(card, "composite").filter(pl.col("period") == "2024")["grade"].value_counts()
    assert set(grades["grade"]) == {"excellent", "good", "qualified", "unqualified"}
    assert grades["count"].max() <= 7  # type: ignore[operator]


def test_satisfaction_is_as_surveys_find_it(card: Scorecard) -> None:
    """Satisfaction lies between 80 and 99 % in every city and year."""
    assert rows_of(card, "satisfaction")["value"].is_between(80, 99).all()


def test_fengyu_improves_every_year(card: Scorecard) -> None:
    """枫屿's composite rises in each year and it ends first and excellent."""
    rows = rows_of(card, "composite", "920100")
    assert (rows["score"].diff().drop_nulls() > 0).all()
    assert rows.row(-1, named=True)["rank"] == 1
    assert rows.row(-1, named=True)["grade"] == "excellent"


def test_tangzhou_has_no_energy_in_2023(card: Scorecard) -> None:
    """A missing quarter at one institution leaves the city and its province without energy, and with less coverage."""
    energy = card.variables.filter(pl.col("variable") == "energy", pl.col("value").is_null())
    assert energy.select("period", "region").sort("region").rows() == [("2023", "920000"), ("2023", "920200")]
    rows = rows_of(card, "composite", "920200")
    assert rows.filter(pl.col("period") == "2023")["coverage"].item() == pytest.approx(0.70)
    assert "low_coverage" in rows_of(card, "energy_saving", "920200").filter(pl.col("period") == "2023")["flags"].item()
    assert rows["score"].null_count() == 0


def test_yaojin_misreads_its_water_meter_once(built: demo.Demo) -> None:
    """One fact is about ten times its series' median, no other comes near, and the bill does not follow."""
    water = built.facts.filter(pl.col("variable") == "water")
    usual = pl.col("value").median().over("site")
    ratio = water.with_columns(ratio=pl.col("value") / usual).sort("ratio", descending=True)
    assert ratio.select("site", "period").row(0) == ("930200-01", "2024-07")
    assert ratio["ratio"][0] > 8
    assert ratio["ratio"][1] < 2
    used = water.filter(pl.col("site") == "930200-01", pl.col("period").str.starts_with("2024"))["value"].sum()
    paid = built.facts.filter(
        pl.col("site") == "930200-01", pl.col("period") == "2024", pl.col("variable") == "water_cost"
    )["value"].item()
    assert paid * 10_000 / used < 4


def test_yaojin_seems_to_waste_water(card: Scorecard) -> None:
    """The misread month alone lifts 瑶津 above the norm of water per head in 2024."""
    flags = dict(rows_of(card, "composite", "930200").select("period", "flags").iter_rows())
    assert [year for year, text in flags.items() if "water_over_norm" in text] == ["2024"]


def test_minyang_is_capped(card: Scorecard) -> None:
    """旻阳 alone is above the binding limit in 2024: its score would be good, its grade is qualified."""
    year = rows_of(card, "composite").filter(pl.col("period") == "2024")
    assert year.filter(pl.col("flags").str.contains("energy_over_limit"))["region"].to_list() == ["910400"]
    row = year.filter(pl.col("region") == "910400").row(0, named=True)
    assert row["score"] >= 80
    assert row["grade"] == "qualified"


def test_only_shuolan_is_heated(built: demo.Demo, card: Scorecard) -> None:
    """Heat is reported in one province, in the heating months; elsewhere the indicator of heating does not apply."""
    heat = built.facts.filter(pl.col("variable") == "heat")
    assert heat["region"].str.starts_with("91").all()
    assert set(heat["period"].str.slice(5)) == {"01", "02", "03", "11", "12"}
    heating = rows_of(card, "heating_per_area").filter(pl.col("period") == "2024")
    assert heating.drop_nulls("value")["region"].to_list() == [code for code in CITY if code not in SOUTH]


def test_shenghu_rises_in_2024(card: Scorecard) -> None:
    """笙湖 rises by at least four places in 2024, more than anybody in any other year since 2021."""
    rise = card.changes.filter(pl.col("code") == "composite", pl.col("period") > "2020", pl.col("region").is_in(CITY))
    best = rise.sort("rank_change", descending=True).row(0, named=True)
    assert (best["region"], best["period"]) == ("930100", "2024")
    assert best["rank_change"] >= 4


def test_the_cities_converge(card: Scorecard) -> None:
    """The coefficient of variation of the composite falls every year from 2021 on."""
    spread = (
        rows_of(card, "composite")
        .filter(pl.col("period") > "2020")
        .group_by("period")
        .agg(pl.col("score").std() / pl.col("score").mean())
        .sort("period")["score"]
    )
    assert (spread.diff().drop_nulls() < 0).all()


def test_exchange_is_reported_by_counterpart(built: demo.Demo, card: Scorecard) -> None:
    """Every city reports every other one, never itself; the pairs add up to its own number, and no pair meets more
    requests than there were."""
    pairs = flows(card)
    assert pairs.group_by("period", "variable").len()["len"].to_list() == [13 * 12] * 5 * 3
    assert pairs.filter(pl.col("region") == pl.col("counterpart")).is_empty()
    assert pairs["value"].null_count() == 0
    own = card.variables.filter(pl.col("region").is_in(CITY))
    sums = pairs.group_by("period", "variable", "region").agg(pl.col("value").sum().alias("sum"))
    assert sums.join(own, on=["period", "variable", "region"]).filter(pl.col("sum") != pl.col("value")).is_empty()
    wide = pairs.pivot("variable", index=["period", "region", "counterpart"], values="value")
    assert not (wide["cross_requests_met"] > wide["cross_requests"]).any()


def test_exchange_reaches_beyond_the_province(card: Scorecard) -> None:
    """The share of assets taken over from other provinces rises every year."""
    assets = flows(card).filter(pl.col("variable") == "assets_reused_across")
    abroad = pl.col("region").str.head(2) != pl.col("counterpart").str.head(2)
    shares = assets.group_by("period").agg(pl.col("value").filter(abroad).sum() / pl.col("value").sum()).sort("period")
    assert (shares["value"].diff().drop_nulls() > 0).all()


def test_counterparts_are_no_institutions(built: demo.Demo, tmp_path: Path) -> None:
    """The store counts institutions only, although a counterpart stands in the place of one."""
    path = tmp_path / "demo.duckdb"
    assert main(["demo", "--db", str(path)]) == 0
    assert Store(path).sites()["code"].sort().to_list() == built.sites["code"].sort().to_list()


def test_use_follows_the_seasons(built: demo.Demo) -> None:
    """In the hot south a city uses more electricity in July than in January, and more water everywhere."""
    months = built.facts.filter(pl.col("site").is_not_null()).with_columns(month=pl.col("period").str.slice(5))
    totals = months.group_by("region", "variable", "month").agg(pl.col("value").sum())
    both = totals.pivot("month", index=["region", "variable"], values="value")
    hot = both.filter(pl.col("variable") == "electricity", pl.col("region").str.starts_with("93"))
    assert (hot["07"] > hot["01"] * 1.3).all()
    water = both.filter(pl.col("variable") == "water")
    assert (water["07"] > water["01"] * 1.2).all()


def test_facts_carry_their_source(built: demo.Demo) -> None:
    """Every fact says that it is demonstration data."""
    assert set(built.facts["source"]) == {"示例数据"}
