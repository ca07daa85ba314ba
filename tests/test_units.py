"""Units: dimensions, constants, and what cannot be."""

import pytest

from metrics.formula import parse
from metrics.terms import unit_words
from metrics.units import UnitError, conversion, parse_unit, shown, unit_of

UNITS = {
    name: parse_unit(unit)
    for name, unit in {
        "electricity": "kWh", "coal": "kgce/kWh", "area": "m2",
        "cost": "万元", "staff": "person", "fee": "元", "share": "%",
    }.items()
}  # fmt: skip


@pytest.mark.parametrize(
    ("formula", "declared", "constant"),
    [
        ("electricity * coal / area", "kgce/m2", 1.0),
        ("cost / staff", "元/person", 10000.0),
        ("cost / staff", "CNY/人", 10000.0),
        ("electricity / electricity", "%", 100.0),
        ("change(cost)", "%", 100.0),
        ("electricity / area", "MJ/m2", 3.6),
        ("previous(cost) + peers_mean(cost)", "亿元", 0.0001),
        ("sqrt(area)", "m", 1.0),
        ("clip(electricity, 0, 100) * 2", "kWh", 1.0),
        ("where(cost > 3, fee, 0)", "元", 1.0),
        ("electricity / area", "kgce/m2", None),
        ("cost", "person", None),
    ],
)
def test_a_formula_reduces_to_its_declared_unit(formula: str, declared: str, constant: float | None) -> None:
    """The same dimension gives the exact constant between the two units, another dimension none."""
    assert conversion(unit_of(parse(formula).tree, UNITS), parse_unit(declared)) == constant


@pytest.mark.parametrize(
    ("formula", "code"),
    [
        ("cost + fee", "scales_differ"),
        ("cost + staff", "units_differ"),
        ("electricity + 1", "number_without_unit"),
        ("area ** 0.5", "exponent_not_whole"),
        ("sqrt(staff)", "root_of_unit"),
        ("ln(cost)", "dimension_in_function"),
        ("where(cost > staff, 1, 2)", "units_differ"),
    ],
)
def test_what_cannot_be_added_or_raised_is_refused(formula: str, code: str) -> None:
    """Sums need one unit, powers whole exponents, logarithms no dimension."""
    with pytest.raises(UnitError) as error:
        unit_of(parse(formula).tree, UNITS)
    assert error.value.code == code


def test_standard_coal_and_carbon_are_dimensions_of_their_own() -> None:
    """Neither is ever turned into joules or kilograms: that is a factor's business."""
    for one, other in (("kgce", "kg"), ("kgce", "J"), ("kgCO2", "kg"), ("tce", "GJ")):
        assert conversion(parse_unit(one), parse_unit(other)) is None
    assert conversion(parse_unit("tce"), parse_unit("kgce")) == 1000.0
    assert conversion(parse_unit("tCO2"), parse_unit("kgCO2")) == 1000.0


def test_what_pint_knows_is_known() -> None:
    """Words outside the field's own table come from pint: feet, BTU, miles."""
    assert conversion(parse_unit("ft2"), parse_unit("m2")) == pytest.approx(0.09290304)
    assert conversion(parse_unit("kBtu"), parse_unit("kWh")) == pytest.approx(0.29307107, rel=1e-6)


def test_a_word_that_nobody_knows_is_a_unit_of_its_own() -> None:
    """An unknown word is a base unit; one close to a known one is remembered with what may be meant."""
    assert parse_unit("premises").strange == ()
    assert parse_unit("kWH").strange == (("kWH", "kWh"),)
    assert conversion(parse_unit("premises"), parse_unit("person")) is None


@pytest.mark.parametrize("text", ["", "/m2", "m2/", "kW h", "m2.5", "m/", "*", "100", "12", "1^2", "%2", "100/person"])
def test_a_unit_that_cannot_be_read_is_refused(text: str) -> None:
    """What does not consist of names, *, / and whole exponents is a problem."""
    with pytest.raises(UnitError):
        parse_unit(text)


@pytest.mark.parametrize(("one", "other"), [("m2", "m^2"), ("m2", "m**2"), ("m3/person", "m3 / 人"), ("㎡", "m2")])
def test_ways_of_writing_one_unit(one: str, other: str) -> None:
    """Exponents and aliases name the same unit."""
    assert parse_unit(one) == parse_unit(other)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("万元/人", "万元/person"),
        ("kWh/m2", "kWh/m2"),
        ("item/万人", "item/万人"),
        ("km2", "km2"),
        ("万元/m2", "万元/m2"),
        ("1/%", "1/%"),
        ("%", "%"),
        ("万元/万人", "CNY/person"),
        ("kWh/h", "kJ/s"),
        ("L", "0.001 m3"),
        ("m3", "m3"),
    ],
)
def test_a_unit_is_told_in_words_of_its_size(text: str, told: str) -> None:
    """A size that one word holds is told by it; any other stands before the base units."""
    assert shown(parse_unit(text)) == told


@pytest.mark.parametrize(
    ("unit", "zh", "en"),
    [
        ("CNY/person", "元/人", "CNY/person"),
        ("item/万人", "件/万人", "item/10k people"),
        ("m2/人", "m²/人", "m²/person"),
        ("kWh / m^2", "kWh/m²", "kWh/m²"),
        ("kgCO2/m**3", "kgCO₂/m³", "kgCO₂/m³"),
        ("1", "", ""),
        ("1/人", "1/人", "1/person"),
        ("m^-2", "m⁻²", "m⁻²"),
        ("premises", "premises", "premises"),
    ],
)
def test_units_in_words(unit: str, zh: str, en: str) -> None:
    """Each part by its name in the language, however its exponent is written; a unit nobody knows as it is written."""
    assert (unit_words(unit, "zh"), unit_words(unit, "en")) == (zh, en)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("km9999999", "exponent_too_large"),
        ("kWh9999", "exponent_too_large"),
        ("km200", "exponent_too_large"),
        ("m" + "5" * 150, "exponent_too_large"),
        ("m" + "5" * 5000, "unit_too_long"),
        ("a" * 200_000, "unit_too_long"),
        ("*".join("a" * 400), "unit_too_long"),
        ("*".join(["km9"] * 50), "unit_out_of_reach"),
        ("/".join(["1", *["kWh9"] * 30]), "unit_out_of_reach"),
    ],
)
def test_a_unit_is_bounded(text: str, code: str) -> None:
    """A unit has 200 characters and exponents up to 9; whatever is more is named before it is computed."""
    with pytest.raises(UnitError) as error:
        parse_unit(text)
    assert error.value.code == code


@pytest.mark.parametrize(
    ("formula", "code"),
    [
        ("area ** 99999999", "exponent_too_large"),
        ("share ** 1e9", "exponent_too_large"),
        ("share ** 1e300", "exponent_too_large"),
        ("((cost ** 20) ** 20) ** 20", "unit_out_of_reach"),
        ("((area ** 20) ** 20) ** 20", "unit_out_of_reach"),
        ("electricity ** 20 * electricity ** 20", "unit_out_of_reach"),
    ],
)
def test_powers_in_formulas_are_bounded(formula: str, code: str) -> None:
    """Something with a unit is raised to 20 at most, and powers of powers end where no float could hold the size."""
    with pytest.raises(UnitError) as error:
        unit_of(parse(formula).tree, UNITS)
    assert error.value.code == code


def test_bounded_units_convert_without_overflow() -> None:
    """The largest and the smallest size within the bounds still have a ratio that is a number."""
    large, small = parse_unit("*".join(["km9"] * 5)), parse_unit("*".join(["cm9"] * 5))
    assert conversion(large, small) == pytest.approx(1e225)
    assert conversion(unit_of(parse("sqrt(area ** 20)").tree, UNITS), parse_unit("m8*m8*m4")) == 1.0
