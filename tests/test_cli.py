"""The commands: exit codes, what is printed and where, files that agree, and rubbish told as problems."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from data.__main__ import main as data_main
from metrics.__main__ import main as metrics_main
from metrics.long import COLUMNS

ROOT = Path(__file__).parent.parent
LINE = re.compile(r"(?P<file>.+):(?P<line>\d+):(?P<column>\d+): (?P<severity>error|warning|note) (?P<code>\w+) .+")
DEFINITIONS = """
schema: 1
title: {zh: 测试, en: Test}
variables:
  water: {name: {zh: 用水, en: Water}, unit: m3}
  staff: {name: {zh: 人数, en: Staff}, unit: person, over_time: last}
indicators:
  per_head: {name: {zh: 人均用水, en: Water per head}, unit: m3/person, formula: water / staff, better: lower}
index: {code: composite, name: {zh: 综合, en: Composite}, children: [{indicator: per_head}]}
"""
FACTS = "region,period,variable,value\n" + "".join(
    f"{region},{period},{variable},{value}\n"
    for period, growth in (("2024", 1), ("2023", 3))
    for region, water in (("007", 1000.1), ("006", 20.7), ("110000", 0.3))
    for variable, value in (("water", water / growth), ("staff", 3))
)
Done = tuple[int, str, str]
Run = Callable[..., Done]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `metrics …` or `data …` in this process: exit code, standard output, standard error."""

    def _run(program: str, *arguments: object) -> Done:
        main = {"metrics": metrics_main, "data": data_main}[program]
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as usage:
            code = int(usage.code or 0)
        told = capsys.readouterr()
        return code, told.out, told.err

    return _run


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A definitions file and a facts file that belong together."""
    definitions, facts = tmp_path / "indicators.yaml", tmp_path / "facts.csv"
    definitions.write_text(DEFINITIONS, encoding="utf-8")
    facts.write_text(FACTS, encoding="utf-8")
    return definitions, facts


@pytest.fixture
def store(files: tuple[Path, Path], tmp_path: Path, run: Run) -> Path:
    """A new store with those definitions and no facts."""
    path = tmp_path / "s.duckdb"
    assert run("data", "init", "--db", path, "--indicators", files[0])[0] == 0
    return path


def _made(folder: Path, name: str, content: bytes | str | None) -> Path:
    """A file of this content; None a folder."""
    path = folder / name
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def _refused(done: Done, words: str = "") -> list[str]:
    """The codes of the problems printed; every line has the contract's form and the exit code is 1."""
    code, out, err = done
    lines = (out + err).splitlines()
    found = [LINE.fullmatch(line) for line in lines]
    assert code == 1
    assert lines
    assert all(found), lines
    assert words in out + err
    return [match["code"] for match in found if match]


# check, schema


def test_check_is_silent_about_a_clean_file(run: Run, files: tuple[Path, Path]) -> None:
    """Nothing wrong: exit 0 and not a word."""
    assert run("metrics", "check", files[0]) == (0, "", "")


def test_check_prints_each_problem_on_a_line(run: Run, tmp_path: Path) -> None:
    """FILE:LINE:COL: severity CODE message, in the order of the file; an error makes the exit code 1."""
    broken = DEFINITIONS.replace("unit: m3}", "unit: m3, colour: red}").replace("water / staff", "watr / staff")
    file = _made(tmp_path, "broken.yaml", broken)
    done = run("metrics", "check", file, "--lang", "en")
    assert _refused(done) == ["unknown_key", "unknown_code"]
    places = [LINE.fullmatch(line) for line in done[1].splitlines()]
    assert {match["file"] for match in places if match} == {str(file)}
    assert [int(match["line"]) for match in places if match] == sorted(int(match["line"]) for match in places if match)


def test_warnings_alone_are_done(run: Run, tmp_path: Path) -> None:
    """A file with a warning and no error is usable: exit 0, and the warning is printed."""
    text = DEFINITIONS.replace("unit: m3}", "unit: kwh}").replace("unit: m3/person", "unit: kwh/person")
    code, out, _ = run("metrics", "check", _made(tmp_path, "warned.yaml", text))
    assert code == 0
    assert " warning strange_unit " in out


@pytest.mark.parametrize(("lang", "word"), [("zh", "缺少“title”"), ("en", "“title” is missing")])
def test_words_are_of_the_language_asked_for(run: Run, tmp_path: Path, lang: str, word: str) -> None:
    """--lang chooses the words of every message; the codes stay."""
    done = run("metrics", "check", _made(tmp_path, "d.yaml", "schema: 1\nindex: 1\n"), "--lang", lang)
    assert "missing_key" in _refused(done, word)


def test_the_default_language_is_chinese(run: Run, tmp_path: Path) -> None:
    """Without --lang messages are Chinese."""
    file = _made(tmp_path, "d.yaml", "")
    assert run("metrics", "check", file) == run("metrics", "check", file, "--lang", "zh")


BAD_DEFINITIONS: dict[str, tuple[bytes | None, str]] = {
    "empty": (b"", "empty_file"),
    "binary": (bytes(range(256)), "not_utf8"),
    "gb18030": ("title: 中文".encode("gb18030"), "not_utf8"),
    "folder": (None, "unreadable_file"),
    "a CSV": (FACTS.encode(), "not_a_mapping"),
}


@pytest.mark.parametrize("kind", BAD_DEFINITIONS)
def test_definitions_that_are_none_are_said(run: Run, files: tuple[Path, Path], tmp_path: Path, kind: str) -> None:
    """`check` and `score` refuse rubbish in the same words, at the same file."""
    content, code = BAD_DEFINITIONS[kind]
    bad = _made(tmp_path, "bad.yaml", content)
    out = tmp_path / "o.csv"
    for done in (
        run("metrics", "check", bad),
        run("metrics", "score", "--indicators", bad, "--facts", files[1], "--out", out),
    ):
        assert code in _refused(done, f"{bad}:")
    assert not out.exists()


def test_a_missing_definitions_file_is_said(run: Run, tmp_path: Path) -> None:
    """A file that is not there is a problem with its name."""
    assert _refused(run("metrics", "check", tmp_path / "none.yaml"), "none.yaml:") == ["unreadable_file"]


def test_schema_is_json(run: Run) -> None:
    """`schema` prints a JSON Schema and nothing else."""
    code, out, err = run("metrics", "schema")
    assert (code, err) == (0, "")
    assert {"schema", "variables", "indicators", "index"} <= set(json.loads(out)["properties"])


@pytest.mark.parametrize("command", [["check", ROOT / "indicators.yaml"], ["schema"]])
def test_checking_loads_nothing_that_it_does_not_need(command: list[object]) -> None:
    """`check` and `schema` start fast: no screen, charts, database, unit registry or spreadsheets."""
    line = [sys.executable, "-X", "importtime", "-m", "metrics", *map(str, command)]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=True)
    found = {text.rsplit("|", 1)[1].strip().split(".")[0] for text in done.stderr.splitlines() if "|" in text}
    assert "metrics" in found
    assert not found & {"streamlit", "plotly", "pint", "duckdb", "xlsxwriter", "openpyxl", "pandas", "scipy", "data"}


# usage


@pytest.mark.parametrize(
    "arguments",
    [
        ["metrics"], ["metrics", "nonsense"], ["metrics", "check"], ["metrics", "check", "x", "--lang", "fr"],
        ["metrics", "score", "--indicators", "x"], ["data"], ["data", "nonsense"], ["data", "import"],
        ["metrics", "scorecard", "--indicators", "a", "--facts", "b", "--format", "doc", "--out", "c"],
        ["data", "status", "--format", "xml"],
    ],
)  # fmt: skip
def test_wrong_usage_is_2(run: Run, arguments: list[str]) -> None:
    """A command that does not exist, or lacks an argument, shows its usage and exits 2."""
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("usage: python -m ")


@pytest.mark.parametrize("program", ["metrics", "data"])
def test_help_lists_the_commands(run: Run, program: str) -> None:
    """--help is exit 0 and names every command."""
    code, out, _ = run(program, "--help")
    assert code == 0
    own = {"metrics": {"check", "schema"}, "data": {"init", "demo", "import", "status"}}[program]
    assert own | {"score", "explain", "scorecard"} <= set(re.findall(r"^ +(\w+)", out, flags=re.MULTILINE))


def test_a_module_is_a_command(files: tuple[Path, Path]) -> None:
    """`python -m metrics` hands the exit code on, and prints problems without a traceback."""
    line = [sys.executable, "-m", "metrics", "check", str(files[0].parent)]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    assert _refused((done.returncode, done.stdout, done.stderr)) == ["unreadable_file"]


# score


def _read(path: Path) -> pl.DataFrame:
    if path.suffix == ".csv":
        texts = ("period", "region", "code", "level", "parent", "grade", "flags")
        return pl.read_csv(path, schema_overrides=dict.fromkeys(texts, pl.String))
    if path.suffix == ".json":
        return pl.DataFrame(json.loads(path.read_text(encoding="utf-8")), infer_schema_length=None)
    return pl.read_parquet(path)


def _plain(frame: pl.DataFrame) -> list[tuple[Any, ...]]:
    return [tuple(value if value != "" else None for value in row) for row in frame.iter_rows()]


def test_score_writes_the_same_rows_in_every_format(run: Run, files: tuple[Path, Path], tmp_path: Path) -> None:
    """CSV, Parquet and JSON hold the contract's columns in order and the same values to the last digit."""
    frames = []
    for suffix in (".csv", ".parquet", ".json"):
        out = tmp_path / f"out{suffix}"
        done = run("metrics", "score", "--indicators", files[0], "--facts", files[1], "--out", out)
        assert done == (0, "", "")
        frames.append(_read(out))
    assert [tuple(frame.columns) for frame in frames] == [COLUMNS] * 3
    assert _plain(frames[0]) == _plain(frames[1]) == _plain(frames[2])


def test_score_sorts_its_rows(run: Run, files: tuple[Path, Path], tmp_path: Path) -> None:
    """By period, region, then the tree; every region in every cycle; leading zeros stay."""
    out = tmp_path / "o.csv"
    run("metrics", "score", "--indicators", files[0], "--facts", files[1], "--out", out)
    keys = list(_read(out).select("period", "region", "code").iter_rows())
    assert keys == [
        (period, region, code)
        for period in ("2023", "2024")
        for region in ("006", "007", "110000")
        for code in ("composite", "per_head")
    ]


def test_score_keeps_to_one_period(run: Run, files: tuple[Path, Path], tmp_path: Path) -> None:
    """--period writes that cycle's rows alone, as they are among all."""
    line = ["metrics", "score", "--indicators", files[0], "--facts", files[1], "--out"]
    run(*line, tmp_path / "all.csv")
    run(*line, tmp_path / "one.csv", "--period", "2024")
    every, one = _read(tmp_path / "all.csv"), _read(tmp_path / "one.csv")
    assert one.equals(every.filter(pl.col("period") == "2024"))


def test_score_takes_parquet_and_regions(run: Run, files: tuple[Path, Path], tmp_path: Path) -> None:
    """Facts as Parquet give the same file as CSV; a region without facts has its rows too."""
    parquet = tmp_path / "f.parquet"
    regions = _made(tmp_path, "r.csv", "code,name_zh\n006,甲\n007,乙\n110000,丙\n5,丁\n")
    pl.read_csv(files[1], infer_schema=False).write_parquet(parquet)
    for facts, out in ((files[1], "a.csv"), (parquet, "b.csv")):
        done = run(
            "metrics", "score", "--indicators", files[0], "--facts", facts, "--regions", regions,
            "--out", tmp_path / out,
        )  # fmt: skip
        assert done == (0, "", "")
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    assert _read(tmp_path / "a.csv").filter(pl.col("region") == "5")["rank"].to_list() == [None] * 4


def test_refused_facts_are_told_by_row(run: Run, files: tuple[Path, Path], tmp_path: Path) -> None:
    """Each bad row is a line with its file, row and column; nothing is written."""
    bad = _made(tmp_path, "bad.csv", FACTS + "006,2024-13,water,1\n008,2024,wind,x\n")
    out = tmp_path / "o.csv"
    done = run("metrics", "score", "--indicators", files[0], "--facts", bad, "--out", out, "--lang", "en")
    assert _refused(done) == ["bad_period", "unknown_variable", "bad_number"]
    assert [line.split(" ")[0] for line in done[2].splitlines()] == [f"{bad}:{p}:" for p in ("14:2", "15:3", "15:4")]
    assert not out.exists()


UNREADABLE: dict[str, tuple[bytes | None, str]] = {
    "empty": (b"", "not_a_table"),
    "binary": (b"\x89PNG\r\n\x1a\n\x00\xff" * 50, "not_utf8"),
    "gb18030": ("region,period,variable,value\n北京,2024,water,1\n".encode("gb18030"), "not_utf8"),
    "missing column": (b"region,period,value\n006,2024,1\n", "missing_column"),
    "doubled column": (b"region,period,variable,value,value\n006,2024,water,1,2\n", "doubled_column"),
    "semicolons": (b"region;period;variable;value\n006;2024;water;1\n", "missing_column"),
    "title above the head": (b"Table 1\nregion,period,variable,value\n006,2024,water,1\n", "missing_column"),
    "more cells than heads": (b"region,period,variable,value\n006,2024,water,1,2,3\n", "ragged_row"),
    "folder": (None, "unreadable_file"),
}


@pytest.mark.parametrize("kind", UNREADABLE)
def test_facts_that_are_no_table_are_said(run: Run, files: tuple[Path, Path], tmp_path: Path, kind: str) -> None:
    """A file that cannot be read as facts is one problem at that file."""
    content, code = UNREADABLE[kind]
    bad = _made(tmp_path, "bad.csv", content)
    done = run("metrics", "score", "--indicators", files[0], "--facts", bad, "--out", tmp_path / "o.csv")
    assert _refused(done, f"{bad}:") == [code]


@pytest.mark.parametrize("option", ["--facts", "--regions", "--indicators"])
def test_a_file_that_is_not_there_is_said(run: Run, files: tuple[Path, Path], tmp_path: Path, option: str) -> None:
    """Whichever file is missing is named."""
    named = {"--indicators": files[0], "--facts": files[1], "--regions": files[1], option: tmp_path / "none.csv"}
    line = [part for name, path in named.items() if name != "--regions" or option == name for part in (name, path)]
    assert _refused(run("metrics", "score", *line, "--out", tmp_path / "o.csv"), "none.csv:") == ["unreadable_file"]


@pytest.mark.parametrize(
    ("out", "code"),
    [("none/o.csv", "unwritable_file"), ("folder.csv", "unwritable_file"), ("o.txt", "unknown_format")],
)
def test_an_out_file_that_cannot_be_is_said(
    run: Run, files: tuple[Path, Path], tmp_path: Path, out: str, code: str
) -> None:
    """A folder that is not there, a folder instead of a file, an unknown ending: a problem at that path."""
    (tmp_path / "folder.csv").mkdir()
    done = run("metrics", "score", "--indicators", files[0], "--facts", files[1], "--out", tmp_path / out)
    assert _refused(done, f"{tmp_path / out}:") == [code]


def test_what_the_system_refuses_for_is_said_in_the_readers_language(
    run: Run, files: tuple[Path, Path], tmp_path: Path
) -> None:
    """In Chinese where that is asked for; in the system's own words in English."""
    command = ("metrics", "score", "--indicators", files[0], "--facts", files[1], "--out", tmp_path / "no" / "o.csv")
    assert "文件无法写入：没有这个文件或文件夹。" in run(*command)[2]
    assert "cannot be written: No such file or directory." in run(*command, "--lang", "en")[2]


@pytest.mark.parametrize(
    ("option", "value"), [("--region", "9"), ("--period", "2019"), ("--period", "2024-01"), ("--code", "comp")]
)
def test_names_that_are_not_there_are_said(
    run: Run, files: tuple[Path, Path], tmp_path: Path, option: str, value: str
) -> None:
    """`explain`, `score` and `scorecard` refuse an unknown region, cycle or code and name it."""
    asked = {"--region": "006", "--period": "2024", "--code": "composite", option: value}
    base = ["--indicators", files[0], "--facts", files[1]]
    given = [part for pair in asked.items() for part in pair]
    done = [run("metrics", "explain", *base, *given)]
    if option != "--code":
        out = ["--format", "csv", "--out", tmp_path / "o.csv"]
        done.append(run("metrics", "scorecard", *base, *given[:4], *out))
    if option == "--period":
        done.append(run("metrics", "score", *base, option, value, "--out", tmp_path / "o.csv"))
    for code, out, err in done:
        assert (code, out) == (1, "")
        assert re.fullmatch(f".+: error not_in_scorecard .*“{value}”.*\n", err)
    assert not (tmp_path / "o.csv").exists()


# explain, scorecard


@pytest.mark.parametrize(
    ("lang", "words"), [("zh", ("综合", "排名", "公式")), ("en", ("Composite", "Rank", "Formula"))]
)
def test_explain_prints_the_ladder(run: Run, files: tuple[Path, Path], lang: str, words: tuple[str, ...]) -> None:
    """From the composite down to the facts, in the language asked for."""
    code, out, err = run(
        "metrics", "explain", "--indicators", files[0], "--facts", files[1], "--region", "006", "--period", "2024",
        "--code", "composite", "--lang", lang,
    )  # fmt: skip
    assert (code, err) == (0, "")
    assert all(word in out for word in (*words, "20.7", "[water]", "[staff]"))


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
def test_scorecard_writes_one_region(run: Run, files: tuple[Path, Path], tmp_path: Path, form: str) -> None:
    """A scorecard of one region and cycle is a file in the format asked for."""
    out = tmp_path / f"card.{form}"
    done = run(
        "metrics", "scorecard", "--indicators", files[0], "--facts", files[1], "--region", "006", "--period", "2024",
        "--format", form, "--out", out,
    )  # fmt: skip
    content = out.read_bytes()
    assert content.startswith({"csv": b"\xef\xbb\xbf", "xlsx": b"PK", "json": b"{"}[form])
    assert done == (0, f"已写出 {out}：{len(content):,} 字节，SHA-256 {sha256(content).hexdigest()}\n", "")


def test_regions_are_named_by_code_or_name(run: Run, files: tuple[Path, Path], tmp_path: Path) -> None:
    """One or several, each once, in either language; what is unknown gets what is like it, what is not unique codes."""
    codes = sorted({line.split(",")[0] for line in FACTS.splitlines()[1:]})
    names = {codes[0]: ("枫屿市", "Fengyu"), codes[1]: ("云江市", "Same"), codes[2]: ("同名", "Same")}
    lines = [",".join((code, *names.get(code, (code, code)))) for code in codes]
    regions = _made(tmp_path, "r.csv", "\n".join(("code,name_zh,name_en", *lines)))
    base = ("metrics", "scorecard", "--indicators", files[0], "--facts", files[1], "--regions", regions)
    out = ("--format", "csv", "--out", tmp_path / "o.csv")
    asked = ("--region", "Fengyu", "--region", codes[1], "--region", "枫屿市")
    assert run(*base, *asked, *out)[0] == 0
    rows = pl.read_csv(tmp_path / "o.csv", infer_schema=False)
    assert rows["地区代码"].unique(maintain_order=True).to_list() == codes[:2]
    for text, told in (("枫屿", "是否想写“枫屿市”？"), ("Same", f"{codes[1]}, {codes[2]}"), ("zzz", "没有“zzz”。\n")):
        code, _, err = run(*base, "--region", text, *out)
        assert (code, err.startswith("--region: error ")) == (1, True)
        assert told in err
    explain = ("metrics", "explain", *base[2:], "--period", "2024", "--code", "composite", "--region")
    assert run(*explain, "枫屿市") == run(*explain, codes[0])


# data


def test_init_makes_one_store_only(run: Run, store: Path, files: tuple[Path, Path]) -> None:
    """A store that is there is left alone, with a problem."""
    before = store.read_bytes()
    code, _, err = run("data", "init", "--db", store, "--indicators", files[0])
    assert code == 1
    assert "store_exists" in err
    assert store.read_bytes() == before


def test_init_with_bad_input_makes_none(run: Run, tmp_path: Path, files: tuple[Path, Path]) -> None:
    """Broken definitions or regions: the problem is said and no store is left behind."""
    path, bad = tmp_path / "new.duckdb", _made(tmp_path, "r.csv", "code,parent\n1,2\n")
    assert _refused(run("data", "init", "--db", path, "--indicators", files[1])) == ["not_a_mapping"]
    assert _refused(run("data", "init", "--db", path, "--indicators", files[0], "--regions", bad)) == ["unknown_parent"]
    assert not path.exists()


def test_status_json_has_its_keys(run: Run, store: Path, files: tuple[Path, Path]) -> None:
    """`status --format json` counts what is held; the snapshot changes with the facts and not otherwise."""
    empty = json.loads(run("data", "status", "--db", store, "--format", "json")[1])
    run("data", "import", files[1], "--db", store)
    full = [json.loads(run("data", "status", "--db", store, "--format", "json")[1]) for _ in range(2)]
    assert {"facts", "batches", "regions", "sites", "periods", "snapshot"} <= set(empty)
    assert (empty["facts"], empty["periods"]) == (0, {"first": None, "last": None})
    assert full[0] == full[1]
    assert (full[0]["facts"], full[0]["batches"], full[0]["regions"]) == (12, 1, 3)
    assert full[0]["periods"] == {"first": "2023", "last": "2024"}
    assert full[0]["snapshot"] != empty["snapshot"]


@pytest.mark.parametrize(("lang", "word"), [("zh", "事实"), ("en", "Facts")])
def test_status_text_is_for_people(run: Run, store: Path, lang: str, word: str) -> None:
    """Without --format the same is told in words."""
    code, out, _ = run("data", "status", "--db", store, "--lang", lang)
    assert code == 0
    assert out.startswith(word)


def test_import_counts_and_recognises_a_file(run: Run, store: Path, files: tuple[Path, Path]) -> None:
    """read = accepted + rejected, the batch is named; the same file again changes nothing and says so."""
    code, out, _ = run("data", "import", files[1], "--db", store, "--lang", "en")
    assert code == 0
    assert re.findall(r"(\w+): (\d+)", out) == [("read", "12"), ("accepted", "12"), ("rejected", "0"), ("batch", "1")]
    before = run("data", "status", "--db", store, "--format", "json")[1]
    code, out, _ = run("data", "import", files[1], "--db", store, "--lang", "en")
    assert code == 0
    assert "nothing changed" in out
    assert run("data", "status", "--db", store, "--format", "json")[1] == before


def test_import_names_every_rejected_row(run: Run, store: Path, tmp_path: Path) -> None:
    """A bad row keeps the file out; row, column, rule and the cell's text are printed and reported."""
    bad = _made(tmp_path, "bad.csv", FACTS + "006,2025,water,1;5\n006,2025,wind,2\n")
    before = run("data", "status", "--db", store, "--format", "json")[1]
    done = run("data", "import", bad, "--db", store, "--report", tmp_path / "report.json", "--lang", "en")
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert done[0] == 1
    told = [LINE.fullmatch(line) for line in done[2].splitlines()]
    errors = [found["code"] for found in told if found is not None and found["severity"] == "error"]
    assert errors == ["bad_number", "unknown_variable"]
    assert (report["read"], report["accepted"], report["rejected"], report["batch"]) == (14, 12, 2, None)
    rows = [(row["row"], row["column"], row["rule"], row["value"]) for row in report["rejections"]]
    assert rows == [(14, "value", "bad_number", "1;5"), (15, "variable", "unknown_variable", "wind")]
    assert all(row["message"] for row in report["rejections"])
    assert run("data", "status", "--db", store, "--format", "json")[1] == before


@pytest.mark.parametrize("kind", sorted(set(UNREADABLE) - {"folder"}))
def test_import_refuses_rubbish(run: Run, store: Path, tmp_path: Path, kind: str) -> None:
    """What is no table of facts is a problem at that file, and the store stays as it was; where a mapping may read it,
    how one is made is told."""
    content, code = UNREADABLE[kind]
    before = run("data", "status", "--db", store, "--format", "json")[1]
    bad = _made(tmp_path, "bad.csv", content)
    way = ["mapping_helps"] * (code in ("not_utf8", "missing_column"))
    done = run("data", "import", bad, "--db", store)
    assert _refused(done, f"{bad}:") == [code, *way]
    assert (f"python -m data suggest {bad} --db {store} --out" in done[2]) == bool(way)
    assert run("data", "status", "--db", store, "--format", "json")[1] == before


@pytest.mark.parametrize("command", ["import", "status", "score", "explain", "scorecard"])
def test_no_store_is_said(run: Run, tmp_path: Path, files: tuple[Path, Path], command: str) -> None:
    """Without a store each command says how to make one, and makes none."""
    more = {
        "import": [files[1]],
        "status": [],
        "score": ["--out", tmp_path / "o.csv"],
        "explain": ["--region", "006", "--period", "2024", "--code", "composite"],
        "scorecard": ["--format", "csv", "--out", tmp_path / "o.csv"],
    }
    path = tmp_path / "none.duckdb"
    code, out, err = run("data", command, *more[command], "--db", path)
    assert (code, out) == (1, "")
    assert "no_store" in err
    assert "python -m data init" in err
    assert not path.exists()


def test_the_store_scores_as_files_do(run: Run, store: Path, files: tuple[Path, Path], tmp_path: Path) -> None:
    """`data score|explain|scorecard` give what `metrics` gives for the same facts and definitions; a workbook says in
    addition from which store it is."""
    run("data", "import", files[1], "--db", store)
    # Until then the store's files say that scores may still change.
    run("data", "publish", "2024", "--by", "A", "--db", store)
    given = {"metrics": ["--indicators", files[0], "--facts", files[1]], "data": ["--db", store]}
    written: list[Any] = []
    printed = []
    for program, source in given.items():
        out = tmp_path / f"{program}.csv"
        assert run(program, "score", *source, "--out", out)[0] == 0
        written.append(out.read_bytes())
        one = ["--region", "006", "--period", "2024"]
        assert run(program, "scorecard", *source, "--format", "xlsx", *one, "--out", out)[0] == 0
        book = openpyxl.load_workbook(BytesIO(out.read_bytes()))
        written.append({sheet.title: list(sheet.values) for sheet in book if sheet.title != "说明"})
        told = run(program, "explain", *source, *one, "--code", "composite")[1]
        printed.append(re.sub(r" \((batch \d+ · )?row \d+\)", "", told))
    assert written[:2] == written[2:]
    assert printed[0] == printed[1]


# what went wrong once


def test_no_facts_at_all_are_said(run: Run, files: tuple[Path, Path], tmp_path: Path) -> None:
    """A file with heads and no rows, or an empty store, gives no traceback."""
    empty = _made(tmp_path, "empty.csv", "region,period,variable,value\n")
    assert run("metrics", "score", "--indicators", files[0], "--facts", empty, "--out", tmp_path / "o.csv")[0] in (0, 1)


def test_a_column_called_row_is_as_good_as_any(run: Run, files: tuple[Path, Path], tmp_path: Path) -> None:
    """Columns that the contract does not name are passed over, whatever they are called."""
    named = _made(tmp_path, "f.csv", "region,period,variable,value,row\n006,2024,water,1,abc\n006,2024,staff,1,\n")
    assert run("metrics", "score", "--indicators", files[0], "--facts", named, "--out", tmp_path / "o.csv")[0] == 0


@pytest.mark.parametrize("name", ["facts[1].csv", "fact*.csv"])
def test_a_file_name_is_no_pattern(run: Run, files: tuple[Path, Path], tmp_path: Path, name: str) -> None:
    """The file named is read and no other, as browsers name downloads `facts[1].csv`."""
    named = _made(tmp_path, name, FACTS)
    assert run("metrics", "score", "--indicators", files[0], "--facts", named, "--out", tmp_path / "o.csv")[0] == 0


@pytest.mark.parametrize("cells", [[[1.0], [2.0]], [b"\xff", b"a"]])
def test_strange_parquet_columns_are_said(
    run: Run, files: tuple[Path, Path], tmp_path: Path, cells: list[object]
) -> None:
    """A column that cannot be text is a problem, not a traceback."""
    keys = {"region": ["006"] * 2, "period": ["2024"] * 2, "variable": ["water", "staff"]}
    pl.DataFrame({**keys, "value": cells}).write_parquet(tmp_path / "f.parquet")
    done = run(
        "metrics", "score", "--indicators", files[0], "--facts", tmp_path / "f.parquet", "--out", tmp_path / "o.csv"
    )
    assert _refused(done)


def test_importing_a_folder_is_said(run: Run, store: Path, tmp_path: Path) -> None:
    """A folder is no file: a problem at its path."""
    assert _refused(run("data", "import", _made(tmp_path, "folder", None), "--db", store), "folder:")


def test_every_rejection_can_be_had(run: Run, store: Path, tmp_path: Path) -> None:
    """Of more than a thousand the report lists the first and says how many more; --rejections writes all, whether or
    not anything is stored; nowhere but to a file of its own."""
    bad, rows, report = tmp_path / "bad.csv", tmp_path / "rows.csv", tmp_path / "report.json"
    lines = [f"r{at},2024,=1+energy,{at}" for at in range(1200)]
    bad.write_text("\n".join(["region,period,variable,value", *lines]) + "\n", encoding="utf-8")
    given = ("data", "import", bad, "--db", store, "--lang", "en")
    done = run(*given, "--rejections", rows, "--report", report)
    assert done[0] == 1
    listed = rows.read_text(encoding="utf-8-sig").splitlines()
    # Nor does a spreadsheet compute what stands in it.
    assert ",'=1+energy," in listed[1]
    broken = len(listed) - 1
    told = json.loads(report.read_text(encoding="utf-8"))
    assert broken >= 1200
    assert (len(told["rejections"]), told["not_listed"]) == (1000, {"rejections": broken - 1000})
    assert f"rejections not listed, which --rejections writes: {broken - 1000}" in done[2]
    assert _refused(run(*given, "--rejections", bad))


def test_a_rejection_names_the_column_of_the_file(run: Run, store: Path, tmp_path: Path) -> None:
    """A code that the store does not know is shown where the file has it, though another column is headed like the
    fact's own."""
    given, mapping, rows = tmp_path / "given.csv", tmp_path / "m.yaml", tmp_path / "rows.csv"
    given.write_text("what,variable,value\nwind,Wind,1\n", encoding="utf-8")
    mapping.write_text(
        "mapping: 1\nregion: x\nperiod: '2024'\nvariable: '{what}'\nvalues: [{columns: value}]\n", encoding="utf-8"
    )
    assert run("data", "import", given, "--db", store, "--mapping", mapping, "--rejections", rows)[0] == 1
    assert rows.read_text(encoding="utf-8-sig").splitlines()[1].startswith("2,A2,what,unknown_variable,wind,")


def test_a_report_that_cannot_be_written_is_said(run: Run, store: Path, files: tuple[Path, Path]) -> None:
    """An impossible --report is a problem."""
    assert _refused(run("data", "import", files[1], "--db", store, "--report", files[0] / "r.json"))


def test_a_store_that_cannot_be_made_is_said(run: Run, files: tuple[Path, Path]) -> None:
    """An impossible --db is a problem, not a traceback."""
    assert run("data", "init", "--db", files[1] / "s.duckdb", "--indicators", files[0])[0] == 1


@pytest.mark.parametrize("out", ["plain", "folder"])
def test_the_file_at_fault_is_the_one_named(run: Run, files: tuple[Path, Path], tmp_path: Path, out: str) -> None:
    """A problem about --out names that path, also where it has no ending."""
    (tmp_path / "folder").mkdir()
    done = run("metrics", "score", "--indicators", files[0], "--facts", files[1], "--out", tmp_path / out)
    _refused(done, f"{tmp_path / out}:")


def test_nothing_is_left_where_writing_fails(run: Run, files: tuple[Path, Path], tmp_path: Path) -> None:
    """A file is written whole or not at all, and no piece of it stays."""
    (tmp_path / "folder.csv").mkdir()
    run("metrics", "score", "--indicators", files[0], "--facts", files[1], "--out", tmp_path / "folder.csv")
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize("content", ["mapping: 1\n", "\udcff"])
def test_a_broken_mapping_is_named(
    run: Run, store: Path, files: tuple[Path, Path], tmp_path: Path, content: str
) -> None:
    """Problems of a mapping stand at the mapping's file, line and column."""
    mapping = _made(tmp_path, "m.yaml", content.encode("utf-8", "surrogateescape"))
    _refused(run("data", "import", files[1], "--db", store, "--mapping", mapping), f"{mapping}:")


def test_facts_that_no_cycle_can_use_are_said(run: Run, files: tuple[Path, Path], tmp_path: Path) -> None:
    """A year's number has no place in a month: it is left out and a warning says so, of scoring and of intake."""
    definitions = _made(tmp_path, "months.yaml", DEFINITIONS.replace("schema: 1\n", "schema: 1\ncycle: month\n"))
    mixed = _made(tmp_path, "mixed.csv", "region,period,variable,value\n006,2024-01,water,1\n006,2024,water,2\n")
    out = tmp_path / "o.csv"
    code, _, told = run("metrics", "score", "--indicators", definitions, "--facts", mixed, "--out", out)
    assert code == 0
    assert f"{mixed}:3:0: warning period_too_long" in told
    db = tmp_path / "months.duckdb"
    assert run("data", "init", "--db", db, "--indicators", definitions)[0] == 0
    assert "period_too_long" in run("data", "import", mixed, "--db", db)[2]


def test_a_missing_facts_file_is_told_in_words(run: Run, files: tuple[Path, Path], tmp_path: Path) -> None:
    """Why a file cannot be read is told as for definitions, without names of the programming language."""
    facts, out = tmp_path / "no.csv", tmp_path / "o.csv"
    assert "Error" not in run("metrics", "score", "--indicators", files[0], "--facts", facts, "--out", out)[2]


@pytest.mark.parametrize("cell", ["a\nb", "\x1b[31mred"])
def test_a_problem_is_one_printable_line(run: Run, files: tuple[Path, Path], tmp_path: Path, cell: str) -> None:
    """What a file holds neither breaks the line of its problem nor reaches the terminal as a command."""
    facts = _made(tmp_path, "f.csv", f'region,period,variable,value\n006,2024,"{cell}",1\n')
    done = run("metrics", "score", "--indicators", files[0], "--facts", facts, "--out", tmp_path / "o.csv")
    assert _refused(done) == ["unknown_variable"]
    assert done[2].strip().isprintable()


def test_an_unknown_attribute_is_said(run: Run, files: tuple[Path, Path], tmp_path: Path) -> None:
    """`missing: {method: group_mean, by: zone}` without such a column of the regions is a problem, as `peers` is."""
    text = DEFINITIONS.replace("better: lower", "better: lower, missing: {method: group_mean, by: zone}")
    definitions = _made(tmp_path, "d.yaml", text)
    done = run("metrics", "score", "--indicators", definitions, "--facts", files[1], "--out", tmp_path / "o.csv")
    assert _refused(done) == ["unknown_attribute"]


@pytest.mark.parametrize("out", [".", "/", ""])
def test_an_out_without_a_name_is_said(run: Run, files: tuple[Path, Path], out: str) -> None:
    """A path that names no file is a problem of that path, not a traceback."""
    done = run("metrics", "scorecard", "--indicators", files[0], "--facts", files[1], "--format", "csv", "--out", out)
    assert done[0] == 1
    assert "Traceback" not in done[2]


@pytest.mark.parametrize(("column", "cell"), [("valid_from", "2021/01/01"), ("at", "1"), ("moved a", "1")])
def test_a_regions_file_that_would_mislead_is_refused(
    run: Run, files: tuple[Path, Path], tmp_path: Path, column: str, cell: str
) -> None:
    """A date in another form and a column that the engine itself uses are problems of the regions file."""
    codes = sorted({line.split(",")[0] for line in FACTS.splitlines()[1:]})
    regions = _made(tmp_path, "r.csv", f"code,{column}\n" + "".join(f"{code},{cell}\n" for code in codes))
    done = run(
        *("metrics", "score", "--indicators", files[0], "--facts", files[1], "--regions", regions),
        *("--out", tmp_path / "o.csv"),
    )
    _refused(done, f"{regions}:")


_WRITING: dict[str, list[str]] = {
    "doc": ["{definitions}", "--before", "{older}"],
    "score": ["--indicators", "{definitions}", "--facts", "{facts}"],
    "scorecard": ["--indicators", "{definitions}", "--facts", "{facts}", "--format", "csv"],
    "change": ["--indicators", "{definitions}", "--facts", "{facts}", "--before", "2023", "--after", "2024"],
    "impact": ["{older}", "{definitions}", "--facts", "{facts}"],
    "robustness": ["--indicators", "{definitions}", "--facts", "{facts}", "--trials", "2"],
}


@pytest.mark.parametrize("command", _WRITING)
def test_nothing_that_is_read_is_written_over(
    command: str, files: tuple[Path, Path], tmp_path: Path, run: Run
) -> None:
    """--out at any file of the command, by a link too: not a byte changed; nor of one called as a piece of it was."""
    definitions, facts = files
    older, link, part = tmp_path / "older.yaml", tmp_path / "link.csv", tmp_path / "new.csv.part"
    older.write_bytes(definitions.read_bytes())
    link.symlink_to(definitions)
    facts.rename(part)
    names = {"definitions": definitions, "older": older, "facts": part}
    given = [word.format(**names) for word in _WRITING[command]]
    read = [path for path in (definitions, older, part) if str(path) in given]
    before = [path.read_bytes() for path in read]
    for out in (*read, link):
        code, _, told = run("metrics", command, *given, "--out", out)
        assert (code, told.split()[1:3]) == (1, ["error", "out_over_input"])
    assert [path.read_bytes() for path in read] == before
    assert link.is_symlink()
    assert run("metrics", command, *given, "--out", tmp_path / "new.csv")[0] == 0
    assert [path.read_bytes() for path in read] == before


def test_the_definitions_in_force_and_the_store_are_not_written_over(
    store: Path, files: tuple[Path, Path], run: Run
) -> None:
    """A command of the store reads both without their being named."""
    for out in (files[0], store):
        before = out.read_bytes()
        assert "out_over_input" in run("data", "doc", "--db", store, "--out", out)[2]
        assert out.read_bytes() == before


def test_what_a_mapping_names_is_not_written_over(
    store: Path, files: tuple[Path, Path], tmp_path: Path, run: Run
) -> None:
    """A table of names that a mapping takes is read too; nothing is imported."""
    names = _made(tmp_path, "regions.csv", "code,name_zh\n006,甲\n007,乙\n110000,丙\n")
    region = "{from: '{region}', names_from: regions.csv}"
    rest = "period: '{period}'\nvariable: '{variable}'\nvalues: [{columns: value}]\n"
    text = f"mapping: 1\nregion: {region}\n{rest}"
    mapping = _made(tmp_path, "m.yaml", text)
    given = ("data", "import", files[1], "--db", store, "--mapping", mapping, "--report")
    before = names.read_bytes()
    assert _refused(run(*given, names)) == ["out_over_input"]
    assert names.read_bytes() == before
    code, told, _ = run(*given, tmp_path / "report.json", "--lang", "en")
    assert (code, "accepted: 12" in told) == (0, True)


@pytest.mark.parametrize(
    "name", [".snapshots/current", ".snapshots/new.csv", ".lock", ".key", ".drafts", ".snapshots/../s.duckdb.key"]
)
def test_what_belongs_to_a_store_is_not_written_over(store: Path, tmp_path: Path, run: Run, name: str) -> None:
    """Nothing is written to a place beside the store whose name begins with its own, however it is called."""
    link, out = tmp_path / "link.csv", Path(f"{store}{name}")
    link.symlink_to(out)
    before = sorted((path, path.is_file() and path.read_bytes()) for path in tmp_path.rglob("*"))
    for each in (out, link):
        done = run("data", "doc", "--db", store, "--out", each)
        assert _refused(done, "--out") == ["out_over_input"]
    assert sorted((path, path.is_file() and path.read_bytes()) for path in tmp_path.rglob("*")) == before


def test_a_name_longer_than_the_system_takes_is_said(files: tuple[Path, Path], store: Path, run: Run) -> None:
    """Wherever a file is named, in one line."""
    long = files[0].with_name("x" * 300)
    for program, *given in (
        ("metrics", "new", long),
        ("metrics", "check", long),
        ("data", "import", long, "--db", store),
        ("data", "import", files[1], "--mapping", long, "--db", store),
        ("data", "import", files[1], "--report", long, "--db", store),
    ):
        code, _, told = run(program, *given)
        assert code == 1
        assert LINE.fullmatch(told.strip())
        assert "名称太长" in told


def test_text_in_another_encoding_is_refused(store: Path, files: tuple[Path, Path], run: Run) -> None:
    """Bytes that are no UTF-8 come from the shell as half characters, which can neither be stored nor shown."""
    given = ("--by", "a\udcff", "--reason", "r", "--from", "2030", "--db", store)
    code, _, told = run("data", "propose", files[0], *given, "--lang", "en")
    assert (code, told.split()[:4]) == (1, ["--by:", "error", "option_not_utf8", "“a\\udcff”"])
    assert "option_not_utf8" in run("data", "init", "--db", f"{store}\udcff")[2]


def test_a_terminal_that_lacks_a_sign_shows_the_others(
    files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an encoding has no sign for comes as its number, and the rest of the line as it is."""
    files[0].write_text(DEFINITIONS.replace("formula: water", "formula: weter"), encoding="utf-8")
    written = BytesIO()
    monkeypatch.setattr(sys, "stdout", TextIOWrapper(written, encoding="ascii"))
    assert metrics_main(["check", str(files[0])]) == 1
    sys.stdout.flush()
    assert b"unknown_code" in written.getvalue()
    assert b"\\u201cweter\\u201d" in written.getvalue()


def test_a_version_is_one_line_whatever_its_author_is_called(store: Path, files: tuple[Path, Path], run: Run) -> None:
    """Tabs, line ends and what a terminal would obey are seen as signs, a wide blank stays one."""
    files[0].write_text(DEFINITIONS.replace("Test", "Other"), encoding="utf-8")
    given = ("--by", "张\u3000三\t\x1b[31m", "--reason", "a\nb\u202e", "--from", "2030", "--db", store)
    first = files[0].with_name("first.yaml")
    first.write_text(DEFINITIONS.replace("Test", "Third"), encoding="utf-8")
    assert run("data", "propose", first, *given)[0] == 0
    code, told, _ = run("data", "versions", "--db", store)
    assert code == 0
    lines = told.splitlines()
    assert len(lines) == 3
    assert {line.count("\t") for line in lines} == {9}
    assert "张\u3000三␉␛[31m" in lines[2]
    assert "a␊b\\u202e" in lines[2]


def test_a_name_reaches_no_terminal_as_a_command(
    files: tuple[Path, Path], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is printed there of a file's names, as a manual or as an explanation, is seen and not obeyed."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    files[0].write_text(DEFINITIONS.replace("zh: 人均用水", 'zh: "人均\\e[31m"'), encoding="utf-8")
    explained = ("--indicators", files[0], "--facts", files[1], "--region", "007", "--period", "2024")
    for given in (("doc", files[0]), ("explain", *explained, "--code", "per_head")):
        code, told, _ = run("metrics", *given)
        assert code == 0
        # Markdown has no place for what is no sign at all.
        assert ("人均�" if given[0] == "doc" else "人均␛") in told
        assert "\x1b" not in told


@pytest.mark.parametrize(
    "command", [["metrics", "doc", "{0}"], ["metrics", "schema"], ["data", "status", "--db", "{1}"]]
)
def test_a_full_disk_behind_the_output_is_said(store: Path, files: tuple[Path, Path], command: list[str]) -> None:
    """In one line, whether it shows while something is printed or at the end of the program."""
    line = [sys.executable, "-m", *(word.format(files[0], store) for word in command)]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(line, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith("error output_unwritable ")


def test_a_reader_who_has_gone_is_no_error(files: tuple[Path, Path]) -> None:
    """`doc F | head -1`: nothing is said and the exit code is 0."""
    reader, writer = os.pipe()
    os.close(reader)
    line = [sys.executable, "-m", "metrics", "doc", str(files[0])]
    with os.fdopen(writer, "w") as gone:
        done = subprocess.run(line, cwd=ROOT, stdout=gone, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_wrong_option_is_told_by_its_name(store: Path, files: tuple[Path, Path], tmp_path: Path, run: Run) -> None:
    """A region, cycle or code that the store has not stands in no file: the line begins with the option."""
    run("data", "import", files[1], "--db", store)
    one, out = ("--region", "006", "--period", "2024", "--code", "composite"), ("--out", tmp_path / "o.csv")
    for option, value, *command in (
        ("--region", "9", "explain", *one),
        ("--period", "1999", "explain", *one),
        ("--code", "none", "explain", *one),
        ("--region", "9", "scorecard", "--format", "csv", *out),
        ("--before", "1999", "change", "--after", "2024", *out),
        ("--after", "1999", "change", "--before", "2024", *out),
        ("--from", "1999-13", "impact", files[0]),
    ):
        code, _, told = run("data", *command, option, value, "--db", store, "--lang", "en")
        assert (code, told.count("\n")) == (1, 1)
        assert re.match(f"{option}: error \\w+ .*“{value}”", told), told
