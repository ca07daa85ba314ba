"""The examples give the results that the publishers of the data give themselves."""

import math
import re
import subprocess
import sys
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from data.mapping import Mapped, apply, read_mapping
from metrics.facts import judge
from metrics.files import read_definitions
from metrics.problems import InputError
from metrics.scorecard import Scorecard, score
from metrics.tables import read_regions

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
PROVINCES = 31
# Published ratios were rounded to two decimals (shares as per cent), then brought to the prices of one year: half a
# hundredth times 1.5 at most.
PENCE = 0.0075
# Averages and shares are printed with nine decimals; shares are taken here as per cent.
DIGITS = 1e-7


def from_source(example: str, mapping: str, source: Path) -> Mapped:
    """A file of the published data through a mapping of an example."""
    return apply(read_mapping(EXAMPLES / example / f"{mapping}.mapping.yaml"), source)


def scored(example: str, facts: pl.DataFrame) -> Scorecard:
    """The example's scorecard of these facts."""
    folder = EXAMPLES / example
    regions = read_regions(folder / "regions.csv")
    return score(read_definitions(folder / "indicators.yaml"), facts, regions=regions)


def accepted(example: str, mapped: Mapped) -> bool:
    """Whether nothing was refused, by the mapping or by the rules of the canonical form."""
    definitions = read_definitions(EXAMPLES / example / "indicators.yaml")
    raw = [code for code, variable in definitions.variables.items() if variable.formula is None]
    codes = read_regions(EXAMPLES / example / "regions.csv")["code"].to_list()
    starts = definitions.fiscal_year_starts
    judged = judge(mapped.frame, variables=raw, regions=codes, fiscal_year_starts=starts)
    return mapped.rejections.is_empty() and judged.rejected.is_empty()


# ── Scotland's councils ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def councils_file(shared: Path) -> Path:
    """The published values of the councils."""
    return shared / "data" / "lgbf_scotland" / "LGBF_ScotDataReal_ISSpatialHub.csv"


@pytest.fixture(scope="module")
def councils(councils_file: Path) -> Mapped:
    """The councils' facts."""
    return from_source("lgbf", "councils", councils_file)


@pytest.fixture(scope="module")
def council_card(councils: Mapped) -> Scorecard:
    """The councils' scorecard."""
    return scored("lgbf", councils.frame)


@pytest.fixture(scope="module")
def published(councils_file: Path, council_card: Scorecard) -> pl.DataFrame:
    """Published rows of the example's indicators: period, region, code, own, family (in the declared unit), group."""
    used = {item.source.removeprefix("LGBF "): code for code, item in council_card.definitions.indicators.items()}
    names = dict(council_card.regions.select("name_en", "code").iter_rows())
    per_cent = [code for code, item in council_card.definitions.indicators.items() if item.unit == "%"]
    rows = pl.read_csv(councils_file, infer_schema_length=None).filter(pl.col("Code").is_in(list(used)))
    factor = pl.when(pl.col("code").is_in(per_cent)).then(100.0).otherwise(1.0)
    return rows.with_columns(pl.col("Code").replace_strict(used).alias("code")).select(
        period=pl.col("Year").str.replace(r"^(\d{4})-(\d{2})$", "$1/$2"),
        region=pl.col("LocalAuthority").replace_strict(names),
        code="code",
        own=pl.col("LA_IndicatorReal") * factor,
        family=pl.col("FG_Avg_Indicator_Real") * factor,
        group=pl.col("FamilyGroup").str.to_lowercase(),
    )


def cycle_of_span(period: str) -> str:
    """The fiscal year that ends a span: 2018/21 → 2020/21."""
    end = int(period[:2] + period[5:])
    return f"{end - 1}/{end % 100:02}"


def rounding(unit: str) -> float:
    """How far a recomputed ratio may be from the published one, which was rounded before it was published."""
    return DIGITS if unit == "tCO2/thousand" else PENCE


def test_councils_are_read_whole(councils: Mapped, council_card: Scorecard) -> None:
    """Every row is a fact or counted: the one empty row, the indicators that are not used; at least 20 are used."""
    assert accepted("lgbf", councils)
    assert councils.left_out["where LocalAuthority present"] == 1
    others = {reason for reason in councils.left_out if not reason.startswith("column ")}
    assert others == {"where LocalAuthority present", "others variable"}
    assert councils.left_out["column FG_Avg_Num_Real"] == 17465
    assert councils.frame["region"].n_unique() == 32
    assert len(council_card.definitions.indicators) >= 20


@pytest.mark.filterwarnings("ignore:.*extension is not supported.*:UserWarning")
def test_a_council_takes_its_scorecard_away(shared: Path, tmp_path: Path) -> None:
    """The commands of the example's page run as written, and give a report, a workbook and a bundle that verifies."""
    (block,) = re.findall(r"```sh\n(.*?)```", (EXAMPLES / "lgbf" / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    script = block.replace("/tmp/", f"{tmp_path}/").replace("/path/to/lgbf", str(shared / "data" / "lgbf_scotland"))
    script = script.replace(".venv/bin/python", sys.executable)
    for name in ("edinburgh", "lgbf.csv"):
        script = script.replace(name, f"{tmp_path}/{name}")
    line = ["bash", "-e", "-c", script]
    done = subprocess.run(line, cwd=EXAMPLES.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "match" in done.stdout
    assert (tmp_path / "edinburgh.pdf").read_bytes().startswith(b"%PDF-")
    sheet = openpyxl.load_workbook(tmp_path / "edinburgh.xlsx", data_only=True).worksheets[0]
    heads, values = ([cell.value for cell in row] for row in sheet.iter_rows(max_row=2))
    told = dict(zip(heads, values, strict=True))
    assert (told["Region code"], round(told["Score"], 1), told["Rank"]) == ("S12000036", 58.4, 15)


def test_council_periods(councils: Mapped, council_card: Scorecard) -> None:
    """Fiscal years and spans keep their kind, and a scorecard is made of fiscal years, never of months."""
    periods = set(councils.frame["period"])
    assert {"2011/12", "2018/21", "2009/11"} <= periods
    assert all("/" in period for period in periods)
    assert council_card.periods[0] == "2010/11"


def test_council_indicators_are_the_published_ones(published: pl.DataFrame, council_card: Scorecard) -> None:
    """Numerator over denominator gives the published indicator within its rounding; what is taken as given, exactly."""
    both = compared(published, council_card)
    given = both.filter(~pl.col("is_ratio"))
    assert given.height > 5_000
    assert given["is_own"].all()
    ratios = both.filter("is_ratio")
    assert ratios.height > 8_000
    # The others are cells whose published parts give another share than the published one.
    assert ratios.select(pl.col("is_own").mean()).item() > 0.99


def test_family_average_is_the_mean_of_the_peers(published: pl.DataFrame, council_card: Scorecard) -> None:
    """The group mean of the scorecard is the published family average wherever it rests on the published values."""
    both = compared(published, council_card)
    means = council_card.peers.select("period", "code", "group", "mean")
    joined = both.with_columns(period="cycle").join(means, on=["period", "code", "group"], how="left")
    agrees = ((pl.col("family") - pl.col("mean")).abs() <= pl.col("room")).fill_null(value=False)
    assert joined.height > 13_000
    assert joined.select(agrees.mean()).item() > 0.996
    used = joined.filter(pl.col("is_own").all().over("period", "code", "group"))
    assert used.height > 0.95 * joined.height
    assert used.select(agrees.mean()).item() >= 0.999


def compared(published: pl.DataFrame, card: Scorecard) -> pl.DataFrame:
    """Published rows beside the scorecard's: cycle, value, `is_ratio`, the `room` that rounding leaves, `is_own`."""
    codes = card.definitions.indicators
    ratios = [code for code, item in codes.items() if not item.formula.text.endswith("_published")]
    room = {code: rounding(item.unit) if code in ratios else DIGITS for code, item in codes.items()}
    cycles = {period: cycle_of_span(period) for period in published["period"].unique()}
    rows = published.with_columns(
        cycle=pl.col("period").replace_strict(cycles),
        room=pl.col("code").replace_strict(room),
        is_ratio=pl.col("code").is_in(ratios),
    )
    values = card.frame.select(cycle="period", region="region", code="code", value="value")
    joined = rows.join(values, on=["cycle", "region", "code"], how="left")
    is_own = ((pl.col("own") - pl.col("value")).abs() <= pl.col("room")).fill_null(value=False)
    return joined.with_columns(is_own=is_own)


# ── US federal buildings ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def buildings(shared: Path) -> Mapped:
    """The facts of the building months."""
    return from_source("euas", "buildings", shared / "data" / "gsa_euas" / "gsa_euas_building_month.parquet")


@pytest.fixture(scope="module")
def states(shared: Path, buildings: Mapped) -> pl.DataFrame:
    """The published sums of state and fiscal year beside the scorecard: a column each indicator, by its code."""
    public = pl.read_csv(shared / "data" / "gsa_euas" / "gsa_euas_state_fy.csv")
    period = pl.format("{}/{}", pl.col("fy") - 1, (pl.col("fy") % 100).cast(pl.String).str.zfill(2))
    values = scored("euas", buildings.frame).frame.filter(pl.col("level") == "indicator")
    wide = values.pivot("code", index=["period", "region"], values="value")
    named = public.with_columns(period=period).rename({"state": "region"})
    joined = named.join(wide, on=["period", "region"], how="left")
    assert joined.height == public.height == 795
    return joined


def test_buildings_left_out_are_counted(buildings: Mapped) -> None:
    """Months without floor area and years that are not whole are left out and counted; blank prices cost nothing."""
    assert accepted("euas", buildings)
    unread = ("city", "elec_kbtu", "elec_kbtu_per_sqft", "gas_kbtu", "gas_kbtu_per_sqft")
    assert {reason: count for reason, count in buildings.left_out.items() if "column" not in reason} == {
        "where gsf_sqft above 0": 3948, "complete 12": 27,
    }  # fmt: skip
    assert [buildings.left_out[f"column {head}"] for head in unread] == [211_851, *[214_779] * 4]
    assert buildings.frame.height == (218_727 - 3948 - 27) * 5
    assert buildings.frame["value"].is_finite().all()
    assert set(buildings.frame["period"].str.len_chars()) == {7}


@pytest.mark.parametrize(
    ("indicator", "columns", "per"),
    [
        ("energy_per_area", ["elec_kbtu", "gas_kbtu"], 1.0),
        ("electricity_per_area", ["elec_kwh"], 0.3048**2),
        ("cost_per_area", ["elec_usd", "gas_usd"], 1.0),
    ],
)
def test_states_are_the_published_ones(states: pl.DataFrame, indicator: str, columns: list[str], per: float) -> None:
    """Energy and cost per area of every state and fiscal year agree with the published sums to 1e-6."""
    public = pl.sum_horizontal(columns) / (pl.col("gsf_sqft") * per)
    # The published sums are whole units: half a unit a sum is rounding, which counts where a sum is small.
    room = 1e-6 * public + 0.5 * len(columns) / (pl.col("gsf_sqft") * per)
    away = states.filter(((pl.col(indicator) - public).abs() <= room).fill_null(value=False).not_())
    assert away.is_empty()


# ── Chinese yearbook ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def expenditure(shared: Path) -> Mapped:
    """Expenditure by region and function."""
    name = "cn_budget_expenditure_by_function_2019_2023.csv"
    return from_source("yearbook", "expenditure", shared / "data" / "cn_fiscal_provinces" / name)


@pytest.fixture(scope="module")
def population(shared: Path) -> Mapped:
    """Population by region."""
    folder = shared / "data" / "cn_fiscal_provinces"
    return from_source("yearbook", "population", folder / "nbs_population_10k_2005_2024.csv")


@pytest.fixture(scope="module")
def gdp(shared: Path) -> Mapped:
    """Gross regional product by region."""
    return from_source("yearbook", "gdp", shared / "data" / "nbs_exports" / "nbs_prov_gdp_2011_2024.csv")


@pytest.fixture(scope="module")
def yearbook(expenditure: Mapped, population: Mapped, gdp: Mapped) -> Scorecard:
    """The provinces' scorecard."""
    return scored("yearbook", pl.concat([expenditure.frame, population.frame, gdp.frame]))


def test_provinces_sum_to_the_printed_total(expenditure: Mapped) -> None:
    """In each year and function the 31 provinces sum to the printed national total within 0.05."""
    nation = pl.col("region") == "100000"
    both = expenditure.frame.group_by("period", "variable").agg(
        total=pl.col("value").filter(nation).sum(), parts=pl.col("value").filter(~nation).sum()
    )
    assert both.height == 5 * 25
    assert both.select((pl.col("total") - pl.col("parts")).abs().max()).item() <= 0.05 + 1e-9


def test_functions_sum_to_the_total_of_the_province(expenditure: Mapped) -> None:
    """In each year and region the 24 functions sum to the budget within 0.04."""
    budget = pl.col("variable") == "budget"
    both = expenditure.frame.group_by("period", "region").agg(
        total=pl.col("value").filter(budget).sum(), parts=pl.col("value").filter(~budget).sum()
    )
    assert both.height == 5 * (PROVINCES + 1)
    assert both.select((pl.col("total") - pl.col("parts")).abs().max()).item() <= 0.04 + 1e-9


def test_yearbook_values(yearbook: Scorecard, expenditure: Mapped, population: Mapped) -> None:
    """Per head and share are what the printed numbers give; the nation is rolled up from its 31 parts."""
    assert accepted("yearbook", expenditure)
    assert accepted("yearbook", population)
    values = yearbook.frame.filter(pl.col("period") == "2021")
    printed = dict(
        expenditure.frame.filter((pl.col("period") == "2021") & (pl.col("region") == "110000"))
        .select("variable", "value").iter_rows()
    )
    heads = population.frame.filter((pl.col("period") == "2021") & (pl.col("region") == "110000"))["value"].item()
    beijing = dict(values.filter(pl.col("region") == "110000").select("code", "value").iter_rows())
    services, budget = printed["general_public_services"], printed["budget"]
    assert math.isclose(beijing["services_per_head"], services * 1e8 / heads, rel_tol=1e-12)
    assert math.isclose(beijing["services_share"], services / budget * 100, rel_tol=1e-12)
    nation = values.filter((pl.col("region") == "100000") & (pl.col("code") == "services_per_head"))
    people = population.frame.filter(pl.col("period") == "2021")["value"].sum()
    spent = expenditure.frame.filter(period="2021", variable="general_public_services", region="100000")
    total = spent["value"].item()
    assert math.isclose(nation["value"].item(), total * 1e8 / people, rel_tol=1e-5)
    assert nation["rank"].item() is None


def test_yearbook_regions(yearbook: Scorecard) -> None:
    """All 34 provincial units stand on the grid, each on its own cell; 31 have scores, the other three no facts."""
    units = yearbook.regions.filter(pl.col("level") == "province")
    assert units.height == 34
    assert units.select("tile_row", "tile_column").is_duplicated().any() is False
    assert units["tile_row"].null_count() == 0
    root = yearbook.frame.filter((pl.col("level") == "composite") & (pl.col("period") == "2023"))
    silent = root.filter(pl.col("rank").is_null() & (pl.col("region") != "100000"))["region"].to_list()
    assert silent == ["710000", "810000", "820000"]
    assert root["rank"].max() == PROVINCES


def test_yearbook_areas() -> None:
    """The three areas of the regions file have the members that national plans give them."""
    frame = pl.read_csv(EXAMPLES / "yearbook" / "regions.csv", infer_schema=False).drop_nulls("areas")
    members = frame.group_by(pl.col("areas").str.split("|").list.first()).agg(pl.col("name_short").sort_by("code"))
    assert dict(members.iter_rows()) == {
        "京津冀": ["北京", "天津", "河北"], "长三角": ["上海", "江苏", "浙江", "安徽"], "成渝": ["重庆", "四川"],
    }


def test_tile_grid_covers_the_same_units(shared: Path) -> None:
    """The grid holds the provincial units that a published grid holds."""
    ours = pl.read_csv(EXAMPLES / "yearbook" / "regions.csv", infer_schema=False).drop_nulls("tile_row")
    spelt = {"Inner Mongolia": "Innermogolia", "Hong Kong": "Hongkong", "Macao": "Macau"}
    names = {spelt.get(name, name) for name in ours["name_en"]}
    assert names == set(pl.read_csv(shared / "data" / "layouts" / "china_prov_grid1.csv")["name"])


def test_sheet_as_printed(shared: Path, expenditure: Mapped) -> None:
    """The yearbook's own sheet, with inner blanks and cut heads, gives the numbers of the tidy table."""
    printed = from_source("yearbook", "table-7-6-2021", shared / "data" / "cn_fiscal_provinces" / "raw-2021.xlsx")
    assert printed.rejections.is_empty()
    key = ["region", "period", "variable"]
    tidy = expenditure.frame.filter(pl.col("period") == "2021")
    both = tidy.join(printed.frame, on=key, how="full", suffix="_printed")
    assert both.height == tidy.height == printed.frame.height
    assert both.select((pl.col("value") - pl.col("value_printed")).abs().max()).item() < 0.006


def test_encrypted_sheet(shared: Path) -> None:
    """A sheet with Excel's default password is opened; that it has other heads than the mapping's is told."""
    with pytest.raises(InputError) as error:
        from_source("yearbook", "table-7-6-2021", shared / "data" / "cn_fiscal_provinces" / "raw-2022.xls")
    (problem,) = error.value.problems
    assert (problem.code, problem.severity) == ("missing_column", "error")


def test_downloaded_tables(shared: Path, expenditure: Mapped, gdp: Mapped) -> None:
    """Tables as downloaded, with byte order mark, title lines, tabs, commas and notes, agree with each other."""
    folder = shared / "data" / "nbs_exports"
    beijing = from_source("yearbook", "beijing", folder / "nbs_beijing_expenditure_by_function_2016_2023.csv")
    accounts = from_source("yearbook", "accounts-2019", folder / "nbs_prov_national_accounts_2019.csv")
    for table in (gdp, beijing, accounts):
        assert table.rejections.is_empty()
        assert (table.left_out["skip ^注"], table.left_out["skip ^数据来源"]) == (1, 1)
    key = ["region", "period", "variable"]
    both = beijing.frame.join(expenditure.frame, on=key, suffix="_tidy")
    assert both.height == 5 * 10
    assert both.select((pl.col("value") - pl.col("value_tidy")).abs().max()).item() < 0.006
    years = accounts.frame.join(gdp.frame, on=key, suffix="_years")
    assert years.height == PROVINCES
    assert years.filter(pl.col("value") != pl.col("value_years")).is_empty()


def test_spellings_of_a_code(tmp_path: Path, shared: Path) -> None:
    """`ENV01a` and `ENV 01a` are one code, as the framework's information table spells both."""
    information = pl.read_csv(
        shared / "data" / "lgbf_scotland" / "Indicator_Information.csv", encoding="utf8-lossy", infer_schema=False
    )
    codes = information.select("Code", "Code_Sortable").filter(pl.col("Code") != pl.col("Code_Sortable"))
    assert codes.height > 0
    names = ", ".join(f'"{code}": "{code}"' for code in codes["Code"])
    (tmp_path / "m.yaml").write_text(
        f'mapping: 1\nregion: X\nperiod: "2020"\nvariable: {{from: "{{Code_Sortable}}", names: {{{names}}}}}\n'
        "values: [{columns: one}]\n",
        encoding="utf-8",
    )
    codes.with_columns(one=1).write_csv(tmp_path / "codes.csv")
    result = apply(read_mapping(tmp_path / "m.yaml"), tmp_path / "codes.csv")
    assert result.frame["variable"].to_list() == codes["Code"].to_list()
