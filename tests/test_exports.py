"""What is taken away: the journal of it, what a file has to say of itself, and the one place where leave is given."""

import json
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

import data.exports
from data.__main__ import main
from data.exports import NAMED, Export, Leave, exports, leave, note, notice_of
from data.recorded import journal_of
from data.store import Store
from metrics.problems import InputError
from metrics.states import Standing

DEFINITIONS = """
schema: 1
title: {zh: 测, en: Test}
cycle: year
variables:
  water: {name: {zh: 水, en: Water}, unit: m^3}
indicators:
  use:
    {name: {zh: 用水, en: Use}, unit: m^3, formula: water, better: lower,
     normalise: {method: goalposts, worst: 20, best: 1}}
index: {code: composite, name: {zh: 综合, en: Composite}, children: [{indicator: use}]}
"""
FACTS = "region,period,variable,value\n01,2023,water,3\n02,2023,water,4\n01,2024,water,5\n02,2024,water,7\n"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Two regions and two cycles."""
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "d.yaml").write_text(DEFINITIONS, "utf-8")
    (folder / "f.csv").write_text(FACTS, "utf-8")
    found = Store(folder / "own.duckdb")
    assert main(["init", "--db", str(found.path), "--indicators", str(folder / "d.yaml")]) == 0
    assert main(["import", str(folder / "f.csv"), "--db", str(found.path)]) == 0
    return found


def _take(store: Store, out: Path, *more: str) -> int:
    return main(["scorecard", "--db", str(store.path), "--period", "2024", "--out", str(out), *more])


def test_what_is_published_names_the_edition_of_its_results(store: Store, tmp_path: Path) -> None:
    """Whoever carries a report, a workbook or a bundle away knows whether a newer one came since."""
    assert main(["publish", "2024", "--by", "赵六", "--db", str(store.path)]) == 0
    with store.transaction("again") as writer:
        writer.execute("INSERT INTO publications SELECT * REPLACE (2 AS edition) FROM publications")
    report, bundle = tmp_path / "card.md", tmp_path / "card.zip"
    assert _take(store, report, "--format", "md") == 0
    assert "**结果版次**：2" in report.read_text("utf-8")
    assert _take(store, bundle, "--format", "bundle") == 0
    with ZipFile(bundle) as packed:
        assert "edition of the results: 2\n" in packed.read("README.txt").decode()
    book = tmp_path / "card.xlsx"
    assert main(["scorecard", "--db", str(store.path), "--out", str(book), "--format", "xlsx"]) == 0
    told = {tuple(row) for row in load_workbook(book)["说明"].iter_rows(values_only=True, max_col=2)}
    assert ("结果版次", "2024：2") in told


def test_every_export_of_the_command_is_journalled(store: Store, tmp_path: Path) -> None:
    """Who, what, and the digest of the very bytes; the snapshot that names the facts stays as it was."""
    before, out = store.snapshot(), tmp_path / "card.csv"
    assert _take(store, out, "--format", "csv", "--region", "01", "--by", "王五") == 0
    assert _take(store, tmp_path / "all.zip", "--format", "csv,json", "--all", "--lang", "en") == 0
    last, first = exports(store)
    assert (first.by, first.forms, first.regions, first.cycles) == ("王五", ("csv",), ("01",), ("2024",))
    assert (first.way, first.lang, first.state, first.file) == ("command", "zh", "open", "card.csv")
    assert first.digest == sha256(out.read_bytes()).hexdigest()
    assert (last.by, last.forms, last.lang, last.file) == ("", ("csv", "json"), "en", "all.zip")
    assert len(last.regions) > 1
    assert store.snapshot() == before


def test_a_folder_is_known_by_its_list_of_digests(store: Store, tmp_path: Path) -> None:
    """There are no other bytes that stand for all its files."""
    assert _take(store, tmp_path / "all", "--format", "csv", "--all") == 0
    sums = (tmp_path / "all" / "SHA256SUMS.txt").read_bytes()
    assert exports(store)[0].digest == sha256(sums).hexdigest()


def test_what_is_not_published_says_so(store: Store, tmp_path: Path) -> None:
    """Until the cycle is published."""
    open_, final = tmp_path / "open.csv", tmp_path / "final.csv"
    _take(store, open_, "--format", "csv")
    assert main(["publish", "2024", "--by", "赵六", "--db", str(store.path)]) == 0
    _take(store, final, "--format", "csv")
    assert ["未公布" in file.read_text("utf-8") for file in (open_, final)] == [True, False]
    assert [one.state for one in exports(store)] == ["published", "open"]
    assert leave(store, "", ["2024"]) == Standing("published")
    assert leave(store, "", ["2023", "2024"]) == Standing("open")
    assert leave(store, "", []) == Standing("open")


def test_without_a_journal_the_file_is_good_all_the_same(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where no entry can be written that is said, and the export is done."""
    journal_of(store.path).file.unlink(missing_ok=True)
    journal_of(store.path).file.mkdir()
    assert _take(store, tmp_path / "card.csv", "--format", "csv") == 0
    assert "warning not_journalled " in capsys.readouterr().err
    assert "composite" in (tmp_path / "card.csv").read_text("utf-8")
    assert not journal_of(store.path).writable()
    assert exports(store) == []


def test_leave_is_given_in_one_place(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where it is refused nothing is written, and nothing is journalled."""
    monkeypatch.setattr(data.exports, "may_export", lambda store, person, *_: Leave(person == "王五", "open"))
    assert _take(store, tmp_path / "card.csv", "--format", "csv", "--by", "李四") == 1
    assert "error export_refused 李四" in capsys.readouterr().err
    assert not (tmp_path / "card.csv").exists()
    assert exports(store) == []
    assert _take(store, tmp_path / "card.csv", "--format", "csv", "--by", "王五") == 0
    with pytest.raises(InputError):
        leave(store, "李四", ["2024"])


def test_the_journal_is_listed_and_shows_what_was_changed(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A line an export, the last first; a line that was changed or taken out is told, and others are still read."""
    for person in ("甲\n乙", "丙", "丁"):
        _take(store, tmp_path / "card.csv", "--format", "csv", "--by", person)
    capsys.readouterr()
    assert main(["exports", "--db", str(store.path)]) == 0
    told = capsys.readouterr()
    assert len(told.out.splitlines()) == 3
    assert [line.split("\t")[1] for line in told.out.splitlines()][:2] == ["丁", "丙"]
    assert told.out.splitlines()[0].split("\t")[8] == sha256((tmp_path / "card.csv").read_bytes()).hexdigest()
    assert told.err == ""
    file = journal_of(store.path).file
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(lines[0] + lines[2])
    assert main(["exports", "--db", str(store.path)]) == 0
    assert "warning journal_broken" in capsys.readouterr().err
    assert journal_of(store.path).broken() == [2]


def test_a_piece_of_a_line_is_no_entry(store: Store, tmp_path: Path) -> None:
    """A machine that stopped while it wrote: the next entry stands on a line of its own."""
    file = journal_of(store.path).file
    file.write_bytes(b'{"before": "x", "way": "pa')
    _take(store, tmp_path / "card.csv", "--format", "csv")
    file.write_bytes(file.read_bytes() + b'[1]\n{"way": 7}\n' + json.dumps({"forms": [1]}).encode() + b"\n")
    assert [one.file for one in exports(store)] == ["card.csv"]


def test_of_a_whole_nation_the_journal_has_count_and_digest(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    """Codes of very many regions would fill the journal; which they were can be told by their digest."""
    codes = tuple(f"{number:06d}" for number in range(3_000))
    for taken in (codes, codes[:NAMED]):
        note(store, Export("page", "甲", ("csv",), taken, ("2024",), "zh", "open", "0" * 64, 1, "x.csv"))
    few, many = exports(store)
    assert (few.of, few.regions, few.regions_digest) == (NAMED, codes[:NAMED], "")
    assert (many.of, many.regions) == (3_000, ())
    assert many.regions_digest == sha256("\n".join(codes).encode()).hexdigest()
    assert max(map(len, journal_of(store.path).file.read_bytes().splitlines())) < 3_000
    assert main(["exports", "--db", str(store.path)]) == 0
    assert "\t3000 个地区\t" in capsys.readouterr().out


def test_a_demonstration_says_so_in_the_files_language(demo: Path, store: Store) -> None:
    """Chinese and English; what is no demonstration says nothing."""
    assert notice_of(Store(demo), "zh").startswith("示例数据：")
    assert "Example data" in notice_of(Store(demo), "en")
    assert notice_of(store, "zh") == ""
