"""Bundles by command: from files unsigned and said so, from a store signed, of the facts that a cycle was scored on."""

import json
import zipfile
from pathlib import Path

import pytest

from data.__main__ import main as data_main
from metrics.__main__ import main as metrics_main
from metrics.verify.verdict import Verdict, verify
from tests.test_cli import DEFINITIONS

HEAD = "region,period,variable,value\n"


def _facts(*periods: str, more: float = 0.0) -> str:
    rows = [
        f"{region},{period},{variable},{value}\n"
        for period in periods
        for place, region in enumerate(("001", "002", "003"))
        for variable, value in (("water", 10.5 + place + more), ("staff", 3 + place % 2))
    ]
    return HEAD + "".join(rows)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Definitions, and facts of two cycles."""
    definitions, facts = tmp_path / "indicators.yaml", tmp_path / "facts.csv"
    definitions.write_text(DEFINITIONS, encoding="utf-8")
    facts.write_text(_facts("2023", "2024"), encoding="utf-8")
    return definitions, facts


@pytest.fixture
def store(files: tuple[Path, Path], tmp_path: Path) -> Path:
    """A store with these facts."""
    path = tmp_path / "s.duckdb"
    assert data_main(["init", "--db", str(path), "--indicators", str(files[0])]) == 0
    assert data_main(["import", "--db", str(path), str(files[1])]) == 0
    return path


def _taken(store: Path, *options: str) -> tuple[Verdict, dict[str, bytes]]:
    out = store.parent / "b.zip"
    assert data_main(["scorecard", "--db", str(store), "--format", "bundle", "--out", str(out), *options]) == 0
    with zipfile.ZipFile(out) as archive:
        return verify(out), {name: archive.read(name) for name in archive.namelist()}


def test_a_bundle_from_files_is_unsigned_and_says_so(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is known of who, when and from where; the numbers match all the same."""
    out = tmp_path / "b.zip"
    line = ["--indicators", str(files[0]), "--facts", str(files[1]), "--format", "bundle", "--out", str(out)]
    assert metrics_main(["scorecard", *line, "--region", "002", "--lang", "en"]) == 0
    assert "bundle_unsigned" in capsys.readouterr().err
    verdict = verify(out)
    assert verdict.matches
    assert verdict.manifest is not None
    assert (verdict.manifest.state, verdict.manifest.snapshot, verdict.manifest.regions) == ("", "", ["002"])


def test_a_store_with_a_key_signs(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a key a bundle is unsigned and that is said; with one it is signed, and says who took it from what."""
    verdict, _ = _taken(store)
    assert "bundle_unsigned" in capsys.readouterr().err
    assert verdict.matches
    assert data_main(["key", "--by", "王五", "--db", str(store)]) == 0
    capsys.readouterr()
    verdict, found = _taken(store, "--by", "某人", "--period", "2024")
    assert "bundle_unsigned" not in capsys.readouterr().err
    assert verdict.matches
    manifest = verdict.manifest
    assert manifest is not None
    assert (manifest.by, manifest.state, manifest.cycles) == ("某人", "open", ["2024"])
    assert manifest.made
    assert manifest.snapshot
    assert all(b"PRIVATE" not in content for content in found.values())


def test_a_key_that_others_may_read_spoils_no_other_format(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Only a bundle needs the key: it is refused, a CSV is written."""
    assert data_main(["key", "--by", "王五", "--db", str(store)]) == 0
    Path(f"{store}.key").chmod(0o644)
    out = store.parent / "b"
    for form, code in (("csv", 0), ("bundle", 1)):
        assert data_main(["scorecard", "--db", str(store), "--format", form, "--out", f"{out}.{form}"]) == code
    assert "key_too_open" in capsys.readouterr().err
    assert not Path(f"{out}.bundle").exists()


def test_a_published_cycle_has_the_facts_of_its_day(store: Path, tmp_path: Path) -> None:
    """Facts corrected after publication are in bundles of open cycles, never in those of the published one."""
    assert data_main(["publish", "2023", "--by", "某人", "--db", str(store)]) == 0
    before, _ = _taken(store, "--period", "2023")
    later = tmp_path / "later.csv"
    later.write_text(_facts("2023", "2024", more=5.0), encoding="utf-8")
    assert data_main(["import", "--db", str(store), str(later)]) == 0
    published, inside = _taken(store, "--period", "2023")
    opened, other = _taken(store, "--period", "2024")
    assert published.matches
    assert opened.matches
    assert published.manifest is not None
    assert opened.manifest is not None
    assert before.manifest is not None
    assert (published.manifest.state, opened.manifest.state) == ("published", "open")
    assert published.manifest.files["facts.csv"] == before.manifest.files["facts.csv"]
    assert published.manifest.files["scorecard.csv"] == before.manifest.files["scorecard.csv"]
    assert b",15.5," in other["facts.csv"]
    assert b",15.5," not in inside["facts.csv"]


def test_cycles_of_two_versions_have_bundles_of_their_own(store: Path) -> None:
    """Without a cycle a bundle has those that are scored as the last is; a published one with other facts is apart."""
    assert data_main(["publish", "2023", "--by", "某人", "--db", str(store)]) == 0
    later = store.parent / "later.csv"
    later.write_text(_facts("2024", more=5.0), encoding="utf-8")
    assert data_main(["import", "--db", str(store), str(later)]) == 0
    verdict, found = _taken(store)
    assert verdict.matches
    assert json.loads(found["manifest.json"])["cycles"] == ["2024"]
