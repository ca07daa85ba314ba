"""Roll-ups of Parquet files: the same on every engine as in the store, with all that intake refuses refused."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from data.__main__ import main
from data.batches import raise_to
from data.census import Census, census_of
from data.demo import build
from data.engines import Engine
from data.engines.on_polars import Polars
from data.holdings import ROOT
from data.parquet import sources_of
from data.rollups import RolledUpFiles, roll_up_files
from data.store import Store
from metrics.facts import judge
from metrics.files import read_definitions
from metrics.problems import InputError
from metrics.regions import regions_of
from metrics.rollup import PART_FLAGS, own_values, roll_up
from tests.rollup_cases import HOSTILE, alike, definitions, files, hostile

YEARS = {"2023": 1.0, "2024": 3.0}
FACT = {"region": "110000", "site": "s1", "period": "2024", "variable": "total", "value": 1.0}


def _rolled(folder: Path, on: str = "duckdb", *, regions: list[str] | None = None, **options: Any) -> RolledUpFiles:
    return roll_up_files(sources_of([folder]), definitions(), regions=regions, on=on, **options)


def _written(folder: Path, *rows: dict[str, object]) -> Path:
    folder.mkdir()
    pl.DataFrame([{**FACT, **row} for row in rows], infer_schema_length=None).write_parquet(folder / "facts.parquet")
    return folder


def _begun(folder: Path) -> Path:
    """A store without facts."""
    path, text = folder / "store.duckdb", folder / "d.yaml"
    text.write_text(HOSTILE, encoding="utf-8")
    assert main(["init", "--db", str(path), "--indicators", str(text)]) == 0
    return path


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("rows", [None, 200])
def test_engines_give_what_the_method_gives(seed: int, rows: int | None, tmp_path: Path) -> None:
    """On DuckDB and polars, at once or some regions at a time: the values and flags of `roll_up`, to 1e-9."""
    facts = hostile(seed)
    folder = files(facts, tmp_path / "facts")
    found = _rolled(folder, rows=rows)
    alike(found, _rolled(folder, "polars", rows=rows))
    assert (found.read, found.accepted, found.rejected.count) == (facts.height, facts.height, 0)
    flags = [pl.when(name).then(pl.lit(name)) for name in PART_FLAGS if name != "partial_children"]
    note = pl.concat_str(flags, separator=";", ignore_nulls=True).replace("", None)
    values = own_values(definitions(), facts).values.with_columns(period=pl.col("cycle").cast(pl.String), note=note)
    both = found.facts.join(values, on=["region", "period", "variable"], suffix="_method")
    assert both.height == found.facts.height == values.height
    assert both["note"].equals(both["note_method"])
    assert both["value"].is_null().equals(both["value_method"].is_null())
    assert both.filter((pl.col("value") - pl.col("value_method")).abs() > 1e-9 * pl.col("value").abs()).is_empty()
    assert {"partial_period", "mixed_periods", "partial_sites", "differs_from_parts"} <= {
        flag for note in found.facts["note"].drop_nulls() for flag in note.split(";")
    }


def test_what_is_rolled_up_scores_as_its_facts_do(tmp_path: Path) -> None:
    """The demonstration's sites, rolled up, give every region and parent the values that the facts by site give."""
    made, chosen = build(), read_definitions(ROOT / "indicators.yaml")
    folder = files(made.facts, tmp_path / "facts")
    found = roll_up_files(sources_of([folder]), chosen, regions=made.regions["code"].to_list(), on="duckdb")
    regions = regions_of(made.regions.drop("areas", strict=False), named=())
    sites, rolled = (
        roll_up(chosen, own_values(chosen, facts), regions=regions).values for facts in (made.facts, found.facts)
    )
    key = ["region", "variable", "cycle"]
    both = sites.join(rolled, on=key, suffix="_rolled")
    assert both.height == sites.height > 0
    assert both["value"].is_null().equals(both["value_rolled"].is_null())
    assert both.filter((pl.col("value") - pl.col("value_rolled")).abs() > 1e-9 * pl.col("value").abs()).is_empty()


WRONG: dict[str, list[dict[str, object]]] = {
    "missing_cell": [{}, {"region": None}, {"period": " "}],
    "unknown_region": [{}, {"region": "11000"}],
    "unknown_variable": [{}, {"variable": "totals"}],
    "bad_period": [{}, {"period": "2024-13"}],
    "not_finite": [{}, {"site": "s2", "value": float("nan")}, {"site": "s3", "value": float("-inf")}],
    "bad_status": [{"status": "reported"}, {"site": "s2", "status": "final"}],
    "duplicate_fact": [{}, {"value": 2.0}, {"site": "s2"}, {"site": None}, {"site": None}],
    "of a month": [{"period": "2024-03"}, {"period": "2024-04"}, {"period": "2024-03", "value": None}],
    "through blanks": [{}, {"site": "s1\u3000", "value": 2.0}, {"period": " 2024 ", "site": "s2"}],
    "of both": [{"region": "x"}, {"region": "x"}, {"value": float("inf"), "site": "s2"}],
    "nothing": [{}, {"site": "s2", "value": None}, {"region": "\t110000", "site": "s3"}],
}


@pytest.mark.parametrize("on", ["duckdb", "polars"])
@pytest.mark.parametrize("case", WRONG)
def test_what_intake_refuses_is_refused(case: str, on: str, tmp_path: Path) -> None:
    """The very rows, rules and cells that `judge` rejects, and no others; nothing is rolled up then."""
    folder = _written(tmp_path / "facts", *WRONG[case])
    table = pl.read_parquet(folder / "facts.parquet")
    regions = ["110000", "120000"]
    expected = judge(table, variables=definitions().raw, regions=regions)
    found = _rolled(folder, on, regions=regions)
    told = [(one.line, one.path, one.code, one.facts["value"]) for _, one in found.rejected.shown]
    assert _told(told) == _told(expected.rejected.rows())
    assert (found.read, found.accepted) == (table.height, expected.accepted.height)
    assert found.facts.is_empty() == (expected.rejected.height > 0)


def _told(rows: list[tuple[Any, ...]]) -> list[str]:
    """Sorted, and of a row that breaks another rule not whether it stands twice, which is looked for among suspects."""
    others = {row for row, _, rule, _ in rows if rule != "duplicate_fact"}
    return sorted(str(row).lower() for row in rows if row[2] != "duplicate_fact" or row[0] not in others)


def test_facts_longer_than_a_cycle_are_told(tmp_path: Path) -> None:
    """No cycle can use them: they are accepted, left out and counted in a warning."""
    chosen = definitions(f"cycle: month{HOSTILE}")
    folder = _written(tmp_path / "facts", {}, {"period": "2024-05"}, {"period": "2023"})
    found = roll_up_files(sources_of([folder]), chosen, regions=None, on="duckdb")
    assert [(one.code, one.facts) for one in found.warnings] == [("period_too_long", {"count": 2, "value": "2023"})]
    assert found.facts["period"].to_list() == ["2024-05"]


@pytest.mark.parametrize("on", ["duckdb", "polars"])
def test_facts_that_no_cycle_can_use_are_judged_too(on: str, tmp_path: Path) -> None:
    """Of a year where cycles are months: what stands twice, or is infinite, is refused as intake refuses it."""
    rows: list[dict[str, object]] = [{}, {"value": 2.0}, {"site": "s2", "value": float("inf")}, {"site": "s3"}]
    folder = _written(tmp_path / "facts", *rows, {"period": "2024-05"})
    found = roll_up_files(sources_of([folder]), definitions(f"cycle: month{HOSTILE}"), regions=None, on=on)
    assert [(one.line, one.code) for _, one in found.rejected.shown] == [
        (2, "duplicate_fact"), (3, "duplicate_fact"), (4, "not_finite"),
    ]  # fmt: skip
    assert (found.accepted, found.facts.height) == (2, 0)


def test_what_is_rolled_up_is_doubted_as_any_numbers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A region's sum that is three times the year before's is told with its region and period, and needs a reason."""
    path, text = tmp_path / "store.duckdb", tmp_path / "d.yaml"
    text.write_text(HOSTILE, encoding="utf-8")
    assert main(["init", "--db", str(path), "--indicators", str(text)]) == 0
    sites = [{"site": site, "period": year, "value": value} for site in "st" for year, value in YEARS.items()]
    folder = _written(tmp_path / "facts", *sites)
    assert main(["rollup", "--db", str(path), "--lang", "en", "--facts", str(folder)]) == 0
    assert "110000 2024: warning changed_much" in capsys.readouterr().err
    store = Store(path)
    assert store.warnings(1).select("row", "rule", "value", "reason").rows() == [(2, "changed_much", "6.0", "")]
    assert store.settings()["rolled"] == str(store.newest_event())
    with pytest.raises(InputError) as unexplained:
        raise_to(store, 1, "reviewed", person="甲")
    assert [one.code for one in unexplained.value.problems] == ["warnings_unexplained"]


def test_the_same_input_is_one_batch(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A roll-up is a batch with its counts and source; by another engine and under other names it changes nothing."""
    facts, path = files(hostile(), tmp_path / "facts"), _begun(tmp_path)
    command = ["rollup", "--db", str(path), "--lang", "en", "--facts"]
    assert main([*command, str(facts)]) == 0
    store = Store(path)
    snapshot, batch = store.snapshot(), store.batches().row(0, named=True)
    (facts / "110000.parquet").rename(facts / "a [b]*.parquet")
    capsys.readouterr()
    assert main([*command, str(facts / "*.parquet"), str(facts), "--engine", "polars"]) == 0
    assert capsys.readouterr().out == "The same facts are batch 1 already; nothing changed\n"
    assert store.snapshot() == snapshot
    assert (batch["read"], batch["accepted"], batch["rejected"]) == (hostile().height, hostile().height, 0)
    held = store.facts()
    assert held.height == batch["standing"] > 0
    assert held["site"].null_count() == held.height
    assert store.settings()["rolled"] == str(store.newest_event())
    assert set(held["source"]) == {f"roll-up (duckdb) sha256:{batch['content'][:16]}"}


def test_nothing_is_stored_where_a_row_is_rejected(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It ends in 1 with the file, row and rule; the store holds what it held."""
    path, folder = _begun(tmp_path), _written(tmp_path / "facts", {}, {"variable": "totals"})
    assert main(["rollup", "--db", str(path), "--lang", "en", "--facts", str(folder)]) == 1
    said = capsys.readouterr()
    assert f"{folder / 'facts.parquet'}:3:0: error unknown_variable" in said.err
    assert "read: 2\naccepted: 1\nrejected: 1\n" in said.out
    assert Store(path).batches().is_empty()


@pytest.mark.parametrize("out", [(), ("--out", "out.parquet")])
def test_files_that_change_meanwhile_are_not_rolled_up(
    out: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is kept under the digest of other files than were rolled up."""
    monkeypatch.chdir(tmp_path)
    path, folder = _begun(tmp_path), _written(tmp_path / "facts", {})

    def late(on: Engine, facts: Any) -> Census:
        pl.DataFrame([FACT | {"value": 2.0}]).write_parquet(folder / "facts.parquet")
        return census_of(on, facts)

    monkeypatch.setattr("data.rollups.census_of", late)
    assert main(["rollup", "--db", str(path), "--lang", "en", "--facts", str(folder), *out]) == 1
    assert f"{folder / 'facts.parquet'}:0:0: error file_changed" in capsys.readouterr().err
    assert Store(path).batches().is_empty()
    assert not Path("out.parquet").exists()


@pytest.mark.parametrize("out", [(), ("--out", "out.parquet")])
def test_files_without_rows_are_told(
    out: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As `import` says it; nothing is stored or written."""
    monkeypatch.chdir(tmp_path)
    path, folder = _begun(tmp_path), _written(tmp_path / "facts", {})
    pl.read_parquet(folder).clear().write_parquet(folder / "facts.parquet")
    assert main(["rollup", "--db", str(path), "--lang", "en", "--facts", str(folder), *out]) == 1
    assert "nothing_reported" in capsys.readouterr().err
    assert Store(path).batches().is_empty()
    assert not Path("out.parquet").exists()


@pytest.mark.parametrize(("periods", "portions"), [([f"2024-{n:02}" for n in range(1, 13)], 2), (["2024"], 8)])
def test_series_are_kept_in_bounds(
    periods: list[str], portions: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of years there are as many series as facts, so that fewer facts are taken in one go."""
    rows = [
        {"region": f"{region}", "site": f"s{site}", "period": period}
        for region in range(8)
        for site in range(24 // len(periods))
        for period in periods
    ]
    frames, answered = [], Polars.answered

    def counted(on: Polars, some: Any, asked: Any) -> Any:
        frames.extend(some)
        return answered(on, frames, asked)

    monkeypatch.setattr(Polars, "answered", counted)
    made = _rolled(_written(tmp_path / "facts", *rows), "polars", rows=96)
    assert (made.facts.height, len(frames)) == (8, portions)


def test_a_file_is_written_where_no_store_is(tmp_path: Path) -> None:
    """With --indicators and --out no store is needed or touched; the file is not written among the facts."""
    facts, text = files(hostile(), tmp_path / "facts"), tmp_path / "d.yaml"
    text.write_text(HOSTILE, encoding="utf-8")
    command = ["rollup", "--db", str(tmp_path / "none"), "--indicators", str(text), "--facts", str(facts)]
    assert main(command) == 1
    assert main([*command, "--out", str(facts / "out.parquet")]) == 1
    assert main([*command, "--out", str(tmp_path / "out.parquet")]) == 0
    assert pl.read_parquet(tmp_path / "out.parquet").equals(_rolled(facts).facts)
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("kind", [pl.Int64, pl.UInt64])
def test_integers_whose_digits_would_be_lost_are_refused(kind: Any, tmp_path: Path) -> None:
    """A file of whole numbers is read where each is kept to its last digit; else the first other is named."""
    for name, last in (("a", 2**53 + 2), ("b", 2**53 + 1)):
        values = pl.Series("value", [None, 2**53, last], dtype=kind)
        pl.select(**{name: pl.lit(cell) for name, cell in FACT.items() if name != "value"}, value=values).write_parquet(
            tmp_path / f"{name}.parquet"
        )
    assert len(sources_of([tmp_path / "a.parquet"]).files) == 1
    with pytest.raises(InputError) as lost:
        sources_of([tmp_path])
    assert [(one.code, one.line, one.facts) for one in lost.value.problems] == [("not_exact", 4, {"value": 2**53 + 1})]


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"value": ["1"]}, "bad_column_type"),
        ({"region": [["1"]]}, "bad_column_type"),
        ({"variable": None}, "missing_column"),
    ],
)
def test_files_that_hold_no_facts(columns: dict[str, Any], code: str, tmp_path: Path) -> None:
    """A path without files, a file without a column and one of another kind are told before anything is read."""
    with pytest.raises(InputError) as nothing:
        sources_of([tmp_path])
    assert [one.code for one in nothing.value.problems] == ["no_fact_files"]
    table = {**{name: [cell] for name, cell in FACT.items()}, **columns}
    pl.DataFrame({name: cells for name, cells in table.items() if cells is not None}).write_parquet(
        tmp_path / "a.parquet"
    )
    with pytest.raises(InputError) as wrong:
        sources_of([tmp_path])
    assert [one.code for one in wrong.value.problems] == [code]


@pytest.mark.parametrize("on", ["duckdb", "polars"])
def test_what_comes_to_more_than_a_number_holds_is_refused(on: str, tmp_path: Path) -> None:
    """Finite facts whose sum is infinite: told with region, variable and cycle, and nothing is rolled up."""
    folder = _written(tmp_path / "facts", {"value": 1.7e308}, {"site": "s2", "value": 1.7e308})
    with pytest.raises(InputError) as error:
        _rolled(folder, on)
    told = {"region": "110000", "variable": "total", "period": "2024"}
    assert [(one.code, one.facts) for one in error.value.problems] == [("rolled_up_endless", told)]


@pytest.mark.parametrize("on", ["duckdb", "polars"])
def test_files_that_are_damaged_inside_are_told(on: str, tmp_path: Path) -> None:
    """Whatever byte of the data is another one, with the names and sizes at the end as they were: refused in words, or
    read as some number."""
    folder = _written(tmp_path / "facts", *({"site": f"s{at}", "value": at / 7} for at in range(400)))
    file = folder / "facts.parquet"
    whole, refused = file.read_bytes(), set()
    for at in range(8, len(whole) * 2 // 3, 97):
        file.write_bytes(whole[:at] + bytes(sign ^ 0xFF for sign in whole[at : at + 40]) + whole[at + 40 :])
        try:
            _rolled(folder, on)
        except InputError as error:
            refused |= {one.code for one in error.problems}
    assert "rollup_failed" in refused


@pytest.mark.parametrize("memory", ["-5", "0", "x", "1.5", "٣"])
def test_what_is_no_memory_is_wrong_usage(memory: str, capsys: pytest.CaptureFixture[str]) -> None:
    """To the database a number below 0 is no limit at all."""
    with pytest.raises(SystemExit) as ended:
        main(["rollup", "--facts", "x", f"--memory={memory}"])
    assert ended.value.code == 2
    assert "1" in capsys.readouterr().err


def test_columns_of_other_types_and_none(tmp_path: Path) -> None:
    """Whole numbers for codes and values, categories, and files without site or status are read as they are meant."""
    folder = _written(tmp_path / "facts", {"region": 110000, "value": 2}, {"region": 110000, "site": "s2", "value": 3})
    bare = pl.DataFrame([FACT]).drop("site").with_columns(pl.col("variable").cast(pl.Categorical), region=pl.lit("b"))
    bare.write_parquet(folder / "b.parquet")
    for on in ("duckdb", "polars"):
        assert _rolled(folder, on).facts.select("region", "value").rows() == [("110000", 5.0), ("b", 1.0)]
