"""Compensation: the manual's case worked by hand, sums that come to nothing, and rules that cannot be meant."""

import re
from pathlib import Path

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from metrics.__main__ import main
from metrics.compensation import balances, members_in, payments, transfers
from metrics.compensation_file import Compensation, read_rules
from metrics.problems import InputError
from metrics.reader import read
from metrics.regions import Regions
from metrics.scorecard import Scorecard, score
from metrics.settings import parse_settings

ROOT = Path(__file__).parent.parent
MANUAL = (ROOT / "docs" / "compensation.md").read_text("utf-8")
RULES = re.search(r"```yaml\n(.*?)```", MANUAL, re.DOTALL)[1]  # type: ignore[index]
DEFINITIONS = """
schema: 1
title: t
variables:
  taken: {name: taken, unit: item, domain: synergy}
  served: {name: served, unit: time, domain: synergy}
  heads: {name: heads, unit: person}
indicators:
  i: {name: i, unit: item, formula: taken, better: higher, normalise: {method: goalposts, worst: 0, best: 100}}
index: {code: all, name: all, children: [{indicator: i}]}
"""
Flow = tuple[str, str, str, float | None]


def _tables() -> dict[str, list[dict[str, str | None]]]:
    found = {}
    for name, text in re.findall(r"\*\*(\w+)\*\*\n\n((?:\|[^\n]*\n?)+)", MANUAL):
        head, _, *rows = [[cell.strip() or None for cell in line.strip("|").split("|")] for line in text.splitlines()]
        found[name.lower()] = [dict(zip(head, row, strict=True)) for row in rows]
    return found  # type: ignore[return-value]


TABLES = _tables()


def _card(flows: list[Flow], definitions: str = DEFINITIONS) -> Scorecard:
    found = read(definitions).definitions
    assert found is not None
    schema = {"region": pl.String, "site": pl.String, "variable": pl.String, "value": pl.Float64}
    own = [(region, None, "taken", 0.0) for region in "pqrs"]
    facts = pl.DataFrame([*flows, *own], schema=schema, orient="row").with_columns(period=pl.lit("2024"))
    return score(found, facts)


def _worked() -> pl.DataFrame:
    flows: list[Flow] = [
        (str(row["region"]), str(row["site"]), str(row["variable"]), float(row["value"]) if row["value"] else None)
        for row in TABLES["facts"]
    ]
    return payments(parse_settings(Compensation, RULES), _card(flows))


def _shown(frame: pl.DataFrame, heads: list[str]) -> list[dict[str, str | None]]:
    def text(value: object) -> str | None:
        return None if value is None or value == "" else f"{value:g}" if isinstance(value, float) else str(value)

    return [{name: text(value) for name, value in row.items()} for row in frame.select(heads).to_dicts()]


@pytest.mark.parametrize("name", ["payments", "balances", "transfers"])
def test_the_manuals_case_comes_out_as_worked_by_hand(name: str) -> None:
    """Thresholds, both caps, both givers, an unknown flow, what is set off: to the digit."""
    paid = _worked()
    found = {"payments": paid, "balances": balances(paid), "transfers": transfers(paid)}[name]
    assert _shown(found, list(TABLES[name][0])) == TABLES[name]


flow = st.tuples(
    st.sampled_from("pqrs"), st.sampled_from("pqrs"), st.sampled_from(["taken", "served"]),
    st.none() | st.floats(0, 1e4).map(lambda x: round(x, 3)),
)  # fmt: skip


@given(st.lists(flow, max_size=20, unique_by=lambda one: one[:3]))
@settings(max_examples=40, deadline=None)
def test_nothing_is_lost_or_made(flows: list[Flow]) -> None:
    """Nets sum to zero, transfers come to the same nets, nobody pays more than is due or than the caps."""
    paid = payments(parse_settings(Compensation, RULES), _card([one for one in flows if one[0] != one[1]]))
    found = balances(paid)
    assert found["net"].sum() == pytest.approx(0.0, abs=1e-6)
    assert found["gives"].sum() == pytest.approx(found["receives"].sum())
    moved = transfers(paid)
    for region, net in found.select("region", "net").iter_rows():
        into = moved.filter(pl.col("payee") == region)["amount"].sum()
        out = moved.filter(pl.col("payer") == region)["amount"].sum()
        assert into - out == pytest.approx(net, abs=1e-6)
    known = paid.drop_nulls("amount")
    assert (known["amount"] <= known["due"] + 1e-6).all()
    one = known.filter(pl.col("rule") == "one")
    assert (one["amount"] <= 4000.0 + 1e-6).all()
    assert (one.group_by("receiver").agg(pl.col("amount").sum())["amount"] <= 6000.0 + 1e-6).all()
    assert moved.select("payer", "payee").is_unique().all()


TENTHS = """
compensation: 1
title: t
rules:
  - {code: a, name: a, flow: taken, giver: region, rate: 0.1, unit: 元/item, source: s, share: 1}
  - {code: b, name: b, flow: taken, giver: region, rate: 0.2, unit: 元/item, source: s, share: 1}
  - {code: c, name: c, flow: served, giver: counterpart, rate: 0.3, unit: 元/time, source: s, share: 1}
"""


@given(st.dictionaries(st.sampled_from(["pq", "qr", "rs", "sp"]), st.integers(1, 10**6), min_size=1))
@example({"pq": 1})
@settings(max_examples=40, deadline=None)
def test_debts_that_cancel_leave_nothing(both_ways: dict[str, int]) -> None:
    """0.1 + 0.2 of an amount against 0.3 of it: nobody owes, no transfer is left, and no net is a minus nothing."""
    flows: list[Flow] = [
        (pair[0], pair[1], code, float(amount)) for pair, amount in both_ways.items() for code in ("taken", "served")
    ]
    paid = payments(parse_settings(Compensation, TENTHS), _card(flows))
    assert transfers(paid).is_empty()
    assert {f"{net:,.2f}" for net in balances(paid)["net"]} == {"0.00"}
    assert balances(paid)["net"].to_list() == [0.0] * balances(paid).height


def test_a_small_difference_of_large_debts_is_owed() -> None:
    """What rounding cannot have left is not taken for it, however large both sides are."""
    rows = [("2024", "r", "A", "B", 1e10), ("2024", "r", "B", "A", 1e10 - 15.0)]
    paid = pl.DataFrame(rows, schema=["period", "rule", "giver", "receiver", "amount"], orient="row")
    assert transfers(paid).rows() == [("2024", "B", "A", 15.0)]
    assert balances(paid)["net"].to_list() == [15.0, -15.0]


def test_an_area_of_many_regions_is_looked_up_at_once() -> None:
    """Each compared region's parents are asked for once, not once for every region."""
    codes = [f"r{at}" for at in range(50)]
    tree = pl.DataFrame({"code": ["top", "c", *codes], "parent": [None, "top", *["c"] * 25, *["top"] * 25]})
    found = read(DEFINITIONS).definitions
    assert found is not None
    facts = pl.DataFrame({"region": codes, "period": "2024", "variable": "taken", "value": 1.0})
    card, asked = score(found, facts, regions=tree), []
    looked = Regions.ancestors
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Regions, "ancestors", lambda self, code: asked.append(code) or looked(self, code))
        assert members_in(card, "c") == sorted(codes[:25])
        assert members_in(card, "top") == sorted(codes)
    assert len(asked) == 2 * len(codes)


def test_only_flows_inside_an_area_count() -> None:
    """What a member reports of somebody outside is left out."""
    card = _card([("p", "q", "taken", 5.0), ("p", "r", "taken", 5.0)])
    found = payments(parse_settings(Compensation, RULES), card, ["p", "q"])
    assert found["giver"].to_list() == ["q"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("flow: taken", "flow: token", "not_a_flow"),
        ("flow: taken", "flow: heads", "not_a_flow"),
        ("unit: 元/item", "unit: 元/person", "rate_unit"),
        ("unit: 元/item", "unit: item", "rate_unit"),
        ("rate: 1000", "rate: 0", "not_above_zero"),
        ("share: 50%", "share: 150%", "out_of_bounds"),
        ("source: s,", 'source: "",', "missing_key"),
        ("code: two", "code: one", "rule_twice"),
        ("giver: region", "giver: both", "unknown_word"),
        ("cap: {pair", "cap: {pairs", "unknown_key"),
    ],
)
def test_rules_that_cannot_be_meant_are_refused(old: str, new: str, code: str) -> None:
    """A flow that nobody reports by pair, a rate of no money, a share of more than all: each by its code."""

    def used() -> object:
        return payments(parse_settings(Compensation, RULES.replace(old, new, 1)), _card([]))

    with pytest.raises(InputError) as caught:
        used()
    assert code in {problem.code for problem in caught.value.problems}


def test_the_example_on_the_demonstration(demonstration: Scorecard) -> None:
    """The example's rules fit the default definitions, and the area's nets sum to zero in every year."""
    paid = payments(read_rules(ROOT / "examples" / "compensation" / "compensation.yaml"), demonstration)
    found = balances(paid)
    assert set(paid["rule"]) == {"assets", "services"}
    assert found.group_by("period").agg(pl.col("net").sum())["net"].abs().max() < 1e-6  # type: ignore[operator]
    province = str(demonstration.regions.filter(pl.col("parent").is_null())["code"][0])
    assert members_in(demonstration, province) == sorted(
        demonstration.regions.filter(pl.col("parent") == province)["code"]
    )


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Files in, payments and balances out; an unknown flow is told, an area that is none is refused."""
    files = {"rules.yaml": RULES, "d.yaml": DEFINITIONS}
    rows = ["region,site,period,variable,value"]
    rows += [",".join(row[name] or "" for name in rows[0].split(",")) for row in TABLES["facts"]]
    files["f.csv"] = "\n".join(rows) + "\n"
    files["r.csv"] = "code,name_zh,name_en,parent,areas\np,甲,P,,东|East\nq,乙,Q,,东|East;西|West\nr,丙,R,,西|West\n"
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
    given = ["compensation", *(str(tmp_path / "rules.yaml"), "--indicators", str(tmp_path / "d.yaml"))]
    given += ["--facts", str(tmp_path / "f.csv"), "--regions", str(tmp_path / "r.csv")]
    given += ["--out", str(tmp_path / "o.csv")]
    assert main([*given, "--balances", str(tmp_path / "b.csv")]) == 0
    told = capsys.readouterr()
    assert "flows_unknown" in told.err
    assert "2024\t乙\t4,500.00\t1,000.00\t3,500.00\t0" in told.out
    assert pl.read_csv(tmp_path / "b.csv")["net"].to_list() == [3500.0, 1500.0, -5000.0]
    assert main([*given, "--area", "West"]) == 0
    assert pl.read_csv(tmp_path / "o.csv")["giver"].to_list() == ["q"]
    assert main([*given, "--area", "North"]) == 1
    assert "no_such_area" in capsys.readouterr().err
