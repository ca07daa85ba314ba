"""The bundle: all that a recomputation needs, each value as it was, the same bytes from the same scorecard."""

import hashlib
import io
import json
import shutil
import subprocess
from pathlib import Path

import polars as pl
import pytest

from metrics.__main__ import main
from metrics.export import bundle
from metrics.problems import InputError
from metrics.states import Standing, State
from metrics.verify.layout import (
    FACT_COLUMNS,
    FACTS,
    KEY,
    MANIFEST,
    NEEDED,
    REGIONS,
    SCORECARD,
    SIGNATURE,
)
from metrics.verify.tables import from_csv, to_csv
from tests.absent import absent
from tests.bundles import DEFINITIONS, NAMES, card_of, files_of, made, signer


def test_the_same_scorecard_gives_the_same_bundle() -> None:
    """No clock, no chance: two writings are one file, signed or not."""
    assert bundle.write(card_of()) == bundle.write(card_of())
    made.cache_clear()
    first = made()
    made.cache_clear()
    assert made() == first


def test_a_bundle_holds_its_files_and_lists_each() -> None:
    """Every file but manifest and signature stands in the manifest with its SHA-256 and size."""
    files = files_of(made())
    assert set(files) == {*NEEDED, KEY, SIGNATURE}
    told = json.loads(files[MANIFEST])["files"]
    assert told == {
        name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
        for name, content in files.items()
        if name not in (MANIFEST, SIGNATURE)
    }


def test_a_manifest_says_where_the_bundle_comes_from() -> None:
    """Snapshot, version and digest of the definitions, cycles, state, who, when, notice, versions of what computes."""
    told = json.loads(files_of(made())[MANIFEST])
    assert (told["format"], told["version"], told["key"]) == ("quheng-bundle", 1, signer().fingerprint)
    assert (told["snapshot"], told["state"], told["by"], told["notice"]) == ("snapshot0", "open", "某人", "示例数据")
    assert told["made"] == "2025-01-31T00:00:00+00:00"
    assert told["definitions"]["digest"] == hashlib.sha256(DEFINITIONS.encode()).hexdigest()
    assert told["definitions"]["version"] == "3"
    assert (told["cycles"], told["regions"]) == (["2024"], None)
    assert {"polars", "numpy", "pydantic"} <= set(told["libraries"])
    assert told["engine"]


def test_definitions_are_the_very_text() -> None:
    """The definitions in a bundle are what was read, byte for byte."""
    assert files_of(made())["definitions.yaml"] == DEFINITIONS.encode()


def test_all_facts_come_along_and_the_rows_asked_for() -> None:
    """One region of one cycle rests on the other regions, and perhaps on earlier cycles: their facts are there."""
    files = files_of(bundle.write(card_of(), regions=["002"], periods=["2024"]))
    facts, rows = from_csv(files[FACTS], FACTS), from_csv(files[SCORECARD], SCORECARD)
    assert set(facts["region"]) == set(NAMES)
    assert set(facts["period"]) == {"2023", "2024"}
    assert facts.columns == list(FACT_COLUMNS)
    assert rows.select("period", "region").unique().rows() == [("2024", "002")]
    assert from_csv(files[REGIONS], REGIONS)["code"].to_list() == sorted(NAMES)


def test_numbers_keep_their_last_digit() -> None:
    """Every number of scorecard and facts reads back equal."""
    files, card = files_of(bundle.write(card_of())), card_of()
    rows = from_csv(files[SCORECARD], SCORECARD)
    numbers = [name for name, kind in card.frame.schema.items() if kind.is_numeric()]
    read = rows.with_columns(pl.col(name).cast(card.frame.schema[name]) for name in numbers)
    assert read.select(numbers).equals(card.frame.select(numbers))
    facts = from_csv(files[FACTS], FACTS).with_columns(pl.col("value").cast(pl.Float64))
    key = ["region", "period", "variable"]
    assert facts.sort(key)["value"].equals(card.facts.sort(key)["value"])


FORMULAS = ["=1", "'=1", "''=1", "-", "+x", "@", "\tx", "\rx"]
TEXTS = [*FORMULAS, "'", "'a", '"', "a\nb", "a\r\nb", ",", "😀", "x" * 200, None]


def test_no_text_is_a_formula_and_each_reads_back() -> None:
    """A spreadsheet computes no text or head of a table, and nothing of it is lost."""
    frame = pl.DataFrame({"=head": TEXTS, "'=head": TEXTS})
    content = to_csv(frame)
    seen = pl.read_csv(io.BytesIO(content), infer_schema=False)
    cells = [cell for cell in (*seen.columns, *seen.to_series(0), *seen.to_series(1)) if cell]
    assert [cell for cell in cells if cell[0] in "=+-@\t\r"] == []
    assert from_csv(content, REGIONS).equals(frame)


def test_names_come_back_as_they_were() -> None:
    """Quotes, breaks, emoji, NUL, paths and formulas in names of regions survive the bundle."""
    regions = from_csv(files_of(made())[REGIONS], REGIONS)
    assert dict(regions.select("code", "name_zh").iter_rows()) == {code: name.strip() for code, name in NAMES.items()}
    assert set(regions["=zone"]) == {"-a"}


def test_without_a_key_nothing_is_signed() -> None:
    """An unsigned bundle has no signature and no key, and its manifest says so."""
    files = files_of(made(signed=False))
    assert not {KEY, SIGNATURE} & set(files)
    assert json.loads(files[MANIFEST])["key"] is None


def test_a_bundle_too_large_to_be_verified_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """What no verifier would read is refused when it is made, with the file's name."""
    monkeypatch.setitem(bundle.MOST, FACTS, 10)
    with pytest.raises(InputError) as refused:
        bundle.write(card_of())
    assert [problem.code for problem in refused.value.problems] == ["bundle_too_large"]


def test_anyone_can_compute_it_again(tmp_path: Path) -> None:
    """The files inside, given to `score` as they are, make the same rows."""
    plain = card_of()
    content = {name: file for name, file in files_of(bundle.write(plain)).items() if name != MANIFEST}
    for name, file in content.items():
        (tmp_path / name).write_bytes(file)
    out = tmp_path / "out.csv"
    options = [("indicators", "definitions.yaml"), ("facts", "facts.csv"), ("regions", "regions.csv")]
    line = [part for option, name in options for part in (f"--{option}", str(tmp_path / name))]
    assert main(["score", *line, "--out", str(out)]) == 0
    scores = pl.read_csv(out, schema_overrides={"region": pl.String})["score"]
    # Regions whose code has an apostrophe now stand elsewhere, and the last digit of a mean may tell.
    expected = plain.frame["score"]
    assert scores.null_count() == expected.null_count()
    assert sorted(scores.drop_nulls()) == pytest.approx(sorted(expected.drop_nulls()), rel=1e-12)


def test_other_tools_check_the_signature(tmp_path: Path) -> None:
    """The README's openssl lines hold: the signature is the key's, and the fingerprint is what is printed."""
    if shutil.which("openssl") is None:
        absent("openssl is absent")
    for name, content in files_of(made()).items():
        (tmp_path / name).write_bytes(content)
    line = "openssl pkeyutl -verify -pubin -inkey public_key.pem -rawin -in manifest.json -sigfile manifest.sig"
    assert line in (tmp_path / "README.txt").read_text(encoding="utf-8")
    assert subprocess.run(line.split(), cwd=tmp_path, capture_output=True, check=False).returncode == 0
    der = subprocess.run(
        ["openssl", "pkey", "-pubin", "-in", "public_key.pem", "-outform", "DER"],
        cwd=tmp_path, capture_output=True, check=True,
    ).stdout  # fmt: skip
    assert hashlib.sha256(der).hexdigest() == signer().fingerprint


@pytest.mark.parametrize(("state", "words"), [("open", "未公布"), ("published", "已公布"), ("", "没有签名")])
def test_the_readme_says_what_the_bundle_is(state: State, words: str) -> None:
    """How to verify stands in both languages; a notice, the state and the edition at its top, on one line each."""
    from metrics.verify.readme import text

    told = text(Standing(state), "2" if state == "published" else "", "示例\n数据", signed=state != "")
    assert "--key" in told.partition("How to check")[2]
    assert told.splitlines()[1] == "示例 数据"
    assert words in told.splitlines()[2]
    assert ("没有签名" in told.partition("怎样核对")[0]) == (state == "")
    assert ("结果版次 · edition of the results: 2\n" in told) == (state == "published")
