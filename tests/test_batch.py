"""Many files at once: names that any file system takes, archives that are the same each time, folders left alone."""

import zipfile
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import polars as pl
import pytest

from metrics.__main__ import main
from metrics.arguments import SCORECARDS
from metrics.export import FORMATS, typesetter
from metrics.export.many import ABSENT, SUMS, Asked, File, archive, file_name, into_archive, into_folder
from metrics.export.occasion import Occasion
from metrics.problems import InputError, Problem
from metrics.reader import read
from metrics.scorecard import Scorecard, score

DEFINITIONS = """
schema: 1
title: {zh: 测, en: Test}
cycle: year
variables:
  water: {name: {zh: 水, en: Water}, unit: m^3}
  staff: {name: {zh: 人, en: Staff}, unit: person}
indicators:
  per_head:
    {name: {zh: 人均, en: Per head}, unit: m^3/person, formula: water / staff, better: lower,
     normalise: {method: goalposts, worst: 20, best: 1}}
index: {code: composite, name: {zh: 综合, en: Composite}, children: [{indicator: per_head}]}
"""
HOSTILE = ["../../etc/passwd", 'a"b\\c/d:e', "云" * 200, "😀😀", "CON", "同名", "同名", "Same", "SAME", "‮txt.exe", "."]


def _card(names: list[str]) -> Scorecard:
    definitions = read(DEFINITIONS.encode()).definitions
    assert definitions is not None
    codes = [f"{at:03}" for at in range(len(names))]
    facts = [(code, year, "water", 10.0 + at) for at, code in enumerate(codes) for year in ("2023", "2024")]
    facts += [(code, year, "staff", 2.0) for code in codes for year in ("2023", "2024")]
    frame = pl.DataFrame(facts, schema=["region", "period", "variable", "value"], orient="row")
    regions = pl.DataFrame({"code": codes, "name_zh": names, "name_en": names})
    return score(definitions, frame, regions=regions)


def _archived(asked: Asked, forms: list[str]) -> bytes:
    content = BytesIO()
    into_archive(content, asked.each(asked.card.regions["code"].to_list(), forms))
    return content.getvalue()


def test_the_commands_know_every_format() -> None:
    """What a command offers without loading the formats is what there is."""
    assert set(SCORECARDS) == set(FORMATS)


def test_names_are_safe_on_any_file_system() -> None:
    """Paths, quotes, emoji, 200 signs, a sign that turns the direction, names alike: each a file of its own."""
    names = zipfile.ZipFile(BytesIO(_archived(Asked(_card(HOSTILE)), ["csv"]))).namelist()
    assert len({name.casefold() for name in names}) == len(HOSTILE) + 1
    assert max(len(name.encode()) for name in names) <= 255
    assert not any(set(name) & set('/\\:*?"<>|‮😀') or name.startswith(".") or ".." in name for name in names)
    assert names[0] == "etc-passwd_2023-2024_明细表.csv"
    assert [name for name in names if "同名" in name] == ["同名_2023-2024_明细表.csv", "同名-006_2023-2024_明细表.csv"]


def test_a_name_of_which_nothing_is_left_is_the_code() -> None:
    """Emoji alone are no file name."""
    assert file_name("😀", "2024", "xlsx", "en", code="920100") == "920100_2024_workbook.xlsx"


def test_a_whole_name_stays_within_the_limit() -> None:
    """Whatever region, code, cycle and counter: 255 bytes are all that file systems take."""
    who, code, cycle, taken = "长" * 60, "码" * 50, "期" * 50, set[str]()
    for _ in range(12):
        name = file_name(who, cycle, "xlsx", "zh", code=code, taken=taken)
        assert len(name.encode()) <= 255
        assert name not in taken
        taken.add(name)


def test_a_file_that_cannot_be_made_costs_no_other(tmp_path: Path) -> None:
    """The others are written, with a text that names it and says why; where nothing can be made nothing is written."""
    why = Problem("no_typesetting", facts={"packages": "typst"})

    def fails() -> bytes:
        raise InputError([why])

    parts: list[File] = [("a.csv", lambda: b"x"), ("a.pdf", fails)]
    out = tmp_path / "o.zip"
    assert archive(out, parts) == [("a.pdf", why)]
    packed = zipfile.ZipFile(out)
    assert packed.namelist() == ["a.csv", ABSENT, SUMS]
    told = packed.read(ABSENT).decode()
    assert told.startswith("a.pdf\n  没有安装")
    assert sha256(packed.read(ABSENT)).hexdigest() in packed.read(SUMS).decode()
    assert into_folder(tmp_path / "o", parts) == [("a.pdf", why)]
    assert sorted(file.name for file in (tmp_path / "o").iterdir()) == [ABSENT, SUMS, "a.csv"]
    with pytest.raises(InputError):
        archive(tmp_path / "none.zip", parts[1:])
    assert not (tmp_path / "none.zip").exists()


def test_without_a_typesetter_there_is_still_a_file(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of many the others; of one the same report as a page, unless a file is called so; each time it is said."""
    monkeypatch.setattr(typesetter, "FONTS", "no_such_fonts")
    command, out = ["scorecard", *files], tmp_path / "o.pdf"
    assert main([*command, "--all", "--format", "csv,pdf", "--out", str(tmp_path / "o.zip")]) == 1
    told = capsys.readouterr()
    assert told.err.count("error no_typesetting ") == 1
    assert "error files_not_written 2 个文件没有写出" in told.err
    assert "o.zip" in told.out
    assert len(zipfile.ZipFile(tmp_path / "o.zip").namelist()) == 4
    assert main([*command, "--format", "pdf", "--out", str(out)]) == 1
    told = capsys.readouterr()
    page = tmp_path / "o.html"
    assert "error no_typesetting " in told.err
    assert f"note page_instead 同一份内容已写成网页 {page}" in told.err
    assert sha256(page.read_bytes()).hexdigest() in told.out
    assert not out.exists()
    page.write_bytes(b"own")
    assert main([*command, "--format", "pdf", "--out", str(out)]) == 1
    assert "page_instead" not in capsys.readouterr().err
    assert page.read_bytes() == b"own"


def test_an_open_cycle_says_so_in_every_format() -> None:
    """In the notice where a format has no place of its own; a published one has no such words, and one under embargo
    says from when it is public."""
    card = _card(["甲"])
    for state, marked in (("open", True), ("published", False), ("", False)):
        asked = Asked(card, ["2024"], "zh", "示例", occasion=Occasion(state=state))  # type: ignore[arg-type]
        assert ("示例；未公布" in asked.write("csv", None).decode()) is marked
    waiting = Asked(card, ["2024"], "zh", "示例", occasion=Occasion("final", release="2999-01-01T09:00:00+08:00"))
    assert "示例；已定稿，将于 2999-01-01 09:00 UTC+08:00 公开" in waiting.write("csv", None).decode()


def test_an_archive_is_the_same_each_time_and_holds_its_digests() -> None:
    """No clock in it; SHA256SUMS names every file with the digest of its bytes."""
    asked = Asked(_card(["甲", "乙"]), ["2024"], "en")
    content = _archived(asked, ["csv", "json"])
    assert content == _archived(asked, ["csv", "json"])
    packed = zipfile.ZipFile(BytesIO(content))
    sums = dict(reversed(line.split("  ")) for line in packed.read(SUMS).decode().splitlines())  # type: ignore[misc]
    assert sums == {name: sha256(packed.read(name)).hexdigest() for name in packed.namelist() if name != SUMS}
    assert set(sums) == {f"{name}_2024_{word}" for name in "甲乙" for word in ("rows.csv", "data.json")}
    assert packed.read("甲_2024_rows.csv") == FORMATS["csv"](asked.card, regions=["000"], periods=["2024"], lang="en")


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Definitions, facts and regions as options."""
    definitions, facts, regions = tmp_path / "d.yaml", tmp_path / "f.csv", tmp_path / "r.csv"
    definitions.write_text(DEFINITIONS, "utf-8")
    rows = "".join(f"{code},2024,water,{value}\n{code},2024,staff,2\n" for code, value in (("01", 3), ("02", 5)))
    facts.write_text(f"region,period,variable,value\n{rows}", "utf-8")
    regions.write_text("code,name_zh,name_en\n01,甲/市,A\n02,乙市,B\n", "utf-8")
    return ["--indicators", str(definitions), "--facts", str(facts), "--regions", str(regions)]


def test_all_goes_into_a_folder_or_an_archive(files: list[str], tmp_path: Path) -> None:
    """Both hold the same files, one a region and format."""
    asked = ["scorecard", *files, "--all", "--format", "csv,xlsx", "--period", "2024", "--out"]
    assert main([*asked, str(tmp_path / "made")]) == 0
    assert main([*asked, str(tmp_path / "made.zip")]) == 0
    written = {file.name: file.read_bytes() for file in (tmp_path / "made").iterdir()}
    words = ("明细表.csv", "工作簿.xlsx")
    assert set(written) == {SUMS, *(f"{name}_2024_{word}" for name in ("甲-市", "乙市") for word in words)}
    packed = zipfile.ZipFile(tmp_path / "made.zip")
    assert {name: packed.read(name) for name in packed.namelist()} == written
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (["--format", "csv,json"], "one_format_wanted"),
        (["--format", "csv", "--all", "--region", "01"], "all_or_one"),
        (["--format", "csv", "--all", "--period", "1999"], "not_in_scorecard"),
    ],
)
def test_what_does_not_fit_together_is_said(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], given: list[str], code: str
) -> None:
    """Nothing is written then."""
    assert main(["scorecard", *files, *given, "--out", str(tmp_path / "o")]) == 1
    assert f"error {code} " in capsys.readouterr().err
    assert not (tmp_path / "o").exists()


def test_a_folder_that_holds_something_is_left_alone(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Many files could replace what is there, or be mixed with those of last time."""
    before = sorted(tmp_path.iterdir())
    assert main(["scorecard", *files, "--all", "--format", "csv", "--out", str(tmp_path)]) == 1
    assert "error folder_not_empty " in capsys.readouterr().err
    assert sorted(tmp_path.iterdir()) == before
