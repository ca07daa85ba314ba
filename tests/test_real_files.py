"""Every trap of the published files: what is suggested for them gives the facts of the mappings written by hand."""

from pathlib import Path

import polars as pl
import pytest

from data.mapping import Known, Mapped, apply, known_names, read_mapping
from data.mapping_file import parse_mapping
from data.recognise import Suggestion, suggest
from data.sources import Read, read_table
from metrics.files import read_definitions
from metrics.periods import parse
from metrics.tables import read_regions

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
KEY = ["region", "site", "period", "variable"]
CHINA, NBS = "cn_fiscal_provinces", "nbs_exports"


def known(example: str) -> Known:
    """What a store of an example knows by name."""
    folder = EXAMPLES / example
    return known_names(read_definitions(folder / "indicators.yaml"), read_regions(folder / "regions.csv"))


def suggested(example: str, file: Path, sheet: str | None = None) -> tuple[Suggestion, Mapped]:
    """What is suggested for a file with an example's definitions, and the facts which that gives."""
    folder = EXAMPLES / example
    definitions, regions = read_definitions(folder / "indicators.yaml"), read_regions(folder / "regions.csv")
    found = suggest(file, definitions=definitions, regions=regions, sheet=sheet)
    assert found.mapping is not None
    return found, apply(found.mapping, file, known=known(example))


def by_hand(example: str, mapping: str, file: Path) -> pl.DataFrame:
    """The facts of the mapping that was written by hand."""
    return apply(read_mapping(EXAMPLES / example / f"{mapping}.mapping.yaml"), file).frame


def agree(own: pl.DataFrame, theirs: pl.DataFrame) -> bool:
    """Whether every fact of `theirs` is in `own` with the same value."""
    columns = [*KEY, "value"]
    return theirs.select(columns).join(own.select(columns), on=columns, how="anti", nulls_equal=True).is_empty()


def codes(found: Suggestion) -> set[str]:
    """What is doubtful."""
    return {doubt.code for doubt in found.doubts}


@pytest.fixture(scope="module")
def files(shared: Path) -> Path:
    """The folder of the published files."""
    return shared / "data"


@pytest.mark.parametrize(
    ("file", "mapping", "extra"),
    [
        (f"{CHINA}/cn_budget_expenditure_by_function_2019_2023.csv", "expenditure", 0),
        (f"{CHINA}/raw-2021.xlsx", "table-7-6-2021", 0),
        (f"{NBS}/nbs_prov_national_accounts_2019.csv", "accounts-2019", 0),
        # The mapping by hand takes five of fourteen years.
        (f"{NBS}/nbs_prov_gdp_2011_2024.csv", "gdp", 31 * 9),
    ],
)
def test_suggested_as_written_by_hand(files: Path, file: str, mapping: str, extra: int) -> None:
    """Long and wide, titled, with notes, inner blanks and trailing commas: the same facts, nothing rejected."""
    found, mapped = suggested("yearbook", files / file)
    theirs = by_hand("yearbook", mapping, files / file)
    assert mapped.rejections.is_empty()
    assert agree(mapped.frame, theirs)
    assert mapped.frame.height == theirs.height + extra
    assert not any(code.endswith(("_missing", "_mismatch")) for code in codes(found))


def test_population_in_ten_thousands(files: Path) -> None:
    """`10000 persons` above the table makes `times`; a name of old (Tibet) is rejected, for a person to name."""
    file = files / CHINA / "nbs_population_10k_2005_2024.csv"
    found, mapped = suggested("yearbook", file)
    assert {"unit_factor", "variable_from_name", "unknown_regions"} <= codes(found)
    assert mapped.rejections["value"].unique().to_list() == ["Tibet"]
    named = found.text.replace("known: regions}", 'known: regions, names: {Tibet: "540000"}}')
    mended = apply(parse_mapping(named.encode(), file), file, known=known("yearbook"))
    assert mended.rejections.is_empty()
    assert agree(mended.frame, by_hand("yearbook", "population", file))


def test_a_table_of_one_region(files: Path) -> None:
    """The region from the file's name is a doubt; names with a prefix are likely; a person names renamed ones."""
    file = files / NBS / "nbs_beijing_expenditure_by_function_2016_2023.csv"
    found, mapped = suggested("yearbook", file)
    assert {"region_from_name", "likely_variable", "unknown_variables"} <= codes(found)
    told = next(doubt for doubt in found.doubts if doubt.code == "unknown_variables").text()
    assert "地方财政医疗卫生支出" in told
    assert "地方财政环境保护支出" in told
    theirs = by_hand("yearbook", "beijing", file)
    renamed = ["health", "energy_environment"]
    assert agree(mapped.frame, theirs.filter(~pl.col("variable").is_in(renamed)))
    assert mapped.rejections.is_empty()


def test_continued_bilingual_encrypted(files: Path) -> None:
    """An .xls with Excel's default password, bilingual heads, `北   京`, a table continued below and on another sheet:
    together the published long table of that year."""
    file = files / CHINA / "raw-2022.xls"
    first, upper = suggested("yearbook", file)
    _, lower = suggested("yearbook", file, "3")
    assert {"password", "other_sheets", "period_from_title"} <= codes(first)
    assert first.mapping is not None
    assert first.mapping.read.continued[0].head == (45,)
    assert (first.sheets, upper.taken) == (("3",), {"password": "Excel"})
    assert all(column.sure == "certain" for column in first.columns if column.role == "value")
    own = pl.concat([upper.frame, lower.frame])
    tidy = by_hand("yearbook", "expenditure", files / CHINA / "cn_budget_expenditure_by_function_2019_2023.csv")
    both = own.join(tidy.filter(pl.col("period") == "2022"), on=KEY, how="left", nulls_equal=True, suffix="_tidy")
    assert own.height == 769
    assert both["value_tidy"].null_count() == 0
    assert both.select((pl.col("value") - pl.col("value_tidy")).abs().max()).item() < 0.006
    assert upper.rejections.is_empty()
    assert lower.rejections.is_empty()


def test_councils(files: Path) -> None:
    """Regions by name, fiscal years and spans are found; what the publisher's codes mean a person has to say, and until
    then every row is rejected, none taken for something."""
    file = files / "lgbf_scotland" / "LGBF_ScotDataReal_ISSpatialHub.csv"
    found, mapped = suggested("lgbf", file)
    assert {"variable_missing", "several_values"} <= codes(found)
    roles = {column.head: (column.role, column.means) for column in found.columns}
    assert (roles["LocalAuthority"][0], roles["Year"], roles["Code"][0]) == ("region", ("period", "years"), "variable")
    assert (mapped.frame.height, mapped.rejections.height) == (0, mapped.read)
    assert set(mapped.rejections["rule"]) == {"unknown_variable"}
    # The row of a council that is null holds its number alone.
    unread = {f"column {column.head}" for column in found.columns if column.role == "left_out"}
    assert set(mapped.left_out) == {"skip ^35466$", *unread}
    assert (mapped.left_out["skip ^35466$"], mapped.left_out["column FG_Avg_Num_Real"]) == (1, 17465)
    periods = by_hand("lgbf", "councils", file)
    written = read_table(file, Read()).frame["Year"].unique().drop_nulls().to_list()
    assert set(periods["period"]) <= {text.replace("-", "/") for text in written}
    assert {parse(text, fiscal_year_starts=4).kind for text in periods["period"].unique()} == {"year", "span"}


def test_a_code_with_a_blank_is_the_same(files: Path) -> None:
    """`ENV 01a` of one file is `ENV01a` of the other."""
    table = read_table(files / "lgbf_scotland" / "Indicator_Information.csv", Read()).frame
    file = files / "lgbf_scotland" / "LGBF_ScotDataReal_ISSpatialHub.csv"
    text = 'mapping: 1\nregion: "{LocalAuthority}"\nperiod: "{Year}"\nvalues:\n  - columns: LA_IndicatorReal\n'
    text += "    variable: {from: \"{Code}\", others: leave_out, names: {ENV 01a: waste}}\n"
    mapped = apply(parse_mapping(text.encode(), file), file)
    assert "ENV 01a" in table["Code_Sortable"].to_list()
    assert mapped.frame["variable"].unique().to_list() == ["waste"]
    assert mapped.frame.height == 32 * 11


def test_states_and_fiscal_years(files: Path) -> None:
    """`fy` is named by the year in which it ends, which is a doubt; kWh, dollars and square feet name their variables,
    and a column in kBtu is not taken for gas in cubic feet."""
    file = files / "gsa_euas" / "gsa_euas_state_fy.csv"
    found, mapped = suggested("euas", file)
    assert "fiscal_year_named" in codes(found)
    assert mapped.rejections.is_empty()
    first = read_table(file, Read()).frame.row(0, named=True)
    own = mapped.frame.filter(pl.col("region") == first["state"], pl.col("period") == "2002/03")
    assert dict(own.select("variable", "value").iter_rows()) == {
        "floor_area": float(first["gsf_sqft"]), "electricity": float(first["elec_kwh"]),
        "electricity_cost": float(first["elec_usd"]), "gas_cost": float(first["gas_usd"]),
    }  # fmt: skip
    years = (parse("2002/03", fiscal_year_starts=10).first, parse("2002/03", fiscal_year_starts=10).last)
    assert [day.isoformat() for day in years] == ["2002-10-01", "2003-09-30"]


def test_building_months(files: Path) -> None:
    """Year and month make a month, a building is a site; quantities are the ones of the mapping by hand, which alone
    says what a product is, which rows count and which years are whole."""
    file = files / "gsa_euas" / "gsa_euas_building_month.parquet"
    found, mapped = suggested("euas", file)
    assert found.mapping is not None
    assert found.mapping.site is not None
    assert mapped.rejections.is_empty()
    theirs = by_hand("euas", "buildings", file).filter(pl.col("variable").is_in(["floor_area", "electricity", "gas"]))
    assert agree(mapped.frame, theirs)
    area = mapped.frame.filter(pl.col("variable") == "floor_area")
    assert area.filter(pl.col("value") == 0).height == 3948


def test_prices_that_have_no_end(files: Path) -> None:
    """A price of a month without use is NaN or infinite: as a fact it is rejected, never stored and never 0."""
    file = files / "gsa_euas" / "gsa_euas_building_month.parquet"
    text = 'mapping: 1\nregion: "{state}"\nsite: "{building_number}"\nperiod: "{year}-{month:02}"\n'
    text += "values: [{columns: elec_usd_per_kwh, variable: price}]\n"
    mapped = apply(parse_mapping(text.encode(), file), file)
    price = pl.read_parquet(file)["elec_usd_per_kwh"]
    endless = price.filter(price.is_nan() | price.is_infinite())
    assert set(mapped.rejections["rule"]) == {"not_finite"}
    assert mapped.rejections.height == endless.len() > 0
    assert mapped.frame.height + mapped.rejections.height == mapped.read == price.len()


def test_regions_of_the_layouts(files: Path) -> None:
    """Tables without numbers of any variable suggest nothing, and say so."""
    for name in ("modood_provinces.csv", "china_prov_grid1.csv"):
        definitions = read_definitions(EXAMPLES / "yearbook" / "indicators.yaml")
        regions = read_regions(EXAMPLES / "yearbook" / "regions.csv")
        found = suggest(files / "layouts" / name, definitions=definitions, regions=regions)
        assert found.mapping is None
        assert codes(found) & {"values_missing", "no_table", "period_missing"}
