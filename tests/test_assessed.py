"""Others' figures: read whatever their heads and encoding, compared cell by cell, kept as they came."""

import zipfile
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from data.__main__ import main
from data.access import opened_with
from data.agreement import Comparison, Tolerance, compare
from data.assessed import Assessment, Assessments, keep
from data.editions import editions
from data.figures import Figures, read_figures
from data.grants import access_by
from data.recorded import entries
from data.rights import Grant, Person
from data.store import Store
from metrics.export import csv, xlsx
from metrics.problems import InputError
from metrics.reader import read
from metrics.scorecard import Scorecard, score

DEFINITIONS = """
schema: 1
title: {zh: 测, en: Test}
cycle: year
variables:
  water: {name: {zh: 水, en: Water}, unit: m^3}
  heat: {name: {zh: 热, en: Heat}, unit: GJ}
indicators:
  use:
    {name: {zh: 用水, en: Water use}, unit: m^3, formula: water, better: lower,
     normalise: {method: goalposts, worst: 20, best: 0}}
  warm:
    {name: {zh: 用热, en: Heat use}, unit: GJ, formula: heat, better: lower,
     normalise: {method: goalposts, worst: 20, best: 0}}
index: {code: composite, name: {zh: 综合, en: Composite}, children: [{indicator: use}, {indicator: warm}]}
"""
REGIONS = "code,name_zh,name_en\n01,甲市,A\n02,乙市,B\n03,同名,C\n04,同名,D\n"
FACTS = "region,period,variable,value\n01,2024,water,3\n02,2024,water,4\n01,2024,heat,8\n03,2024,water,5\n"


def _card() -> Scorecard:
    definitions = read(DEFINITIONS.encode()).definitions
    assert definitions is not None
    facts = pl.read_csv(BytesIO(FACTS.encode()), infer_schema=False).cast({"value": pl.Float64})
    return score(definitions, facts, regions=pl.read_csv(BytesIO(REGIONS.encode()), infer_schema=False))


@pytest.fixture(scope="module")
def card() -> Scorecard:
    """Water of 01, 02 and 03, heat of 01 alone: 85, 80, 75 and 60 points."""
    return _card()


def _file(folder: Path, content: str | bytes, name: str = "theirs.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def _figures(path: Path, card: Scorecard) -> Figures:
    return read_figures(path, card.definitions, card.regions, "2024")


def _compared(path: Path, card: Scorecard, **tolerance: float) -> Comparison:
    return compare(_figures(path, card), card, "2024", Tolerance(**tolerance))


def _told(found: Figures) -> list[tuple[int, str, str]]:
    return [(problem.line, problem.path, problem.code) for problem in found.unreadable]


@pytest.mark.parametrize("heads", ["地区,代码,指标值,得分", "Region,Name,Value,Score", "region_code,code,value,score"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize(("region", "code"), [("01", "use"), ("甲市", "用水"), ("A", "water use")])
def test_heads_and_names_of_either_language_are_read(
    card: Scorecard, tmp_path: Path, heads: str, encoding: str, region: str, code: str
) -> None:
    """By code or by name, in UTF-8 or in what Chinese spreadsheets write; blank cells are no figures."""
    path = _file(tmp_path, f"核对表\n\n{heads}\n{region},{code},3,85\n乙市,use,,80\n".encode(encoding))
    found = _figures(path, card)
    assert found.unreadable == ()
    assert found.frame.rows() == [
        ("01", "use", "value", 3.0, 4), ("01", "use", "score", 85.0, 4), ("02", "use", "score", 80.0, 5),
    ]  # fmt: skip


def test_a_workbook_is_read_wherever_its_table_stands(card: Scorecard, tmp_path: Path) -> None:
    """On another sheet, below a title; a number that a formula gave is read, and the formula is never worked out."""
    book = openpyxl.Workbook()
    book.active.append(["说明"])
    book.create_sheet("空")
    sheet = book.create_sheet("结果")
    for row in (["核对"], ["地区", "指标", "得分"], ["甲市", "用水", 85], ["乙市", "用水", "=1+79"]):
        sheet.append(row)
    book.save(tmp_path / "theirs.xlsx")
    found = _figures(tmp_path / "theirs.xlsx", card)
    assert found.frame.rows() == [("01", "use", "score", 85.0, 3)]


def test_what_we_wrote_ourselves_agrees_to_the_last_bit(card: Scorecard, tmp_path: Path) -> None:
    """Our own CSV and workbook taken back: all compared, nothing differs with no tolerance at all."""
    for name, write in (("ours.csv", csv.write), ("ours.xlsx", xlsx.write)):
        for lang in ("zh", "en"):
            found = _compared(_file(tmp_path, write(card, lang=lang), name), card, points=0.0, share=0.0)
            counts = found.counts()
            assert (counts["agree"], counts["differ"], counts["ours"], counts["unreadable"]) == (9, 0, 0, 0)


def test_what_cannot_be_read_is_named_by_row_and_column(card: Scorecard, tmp_path: Path) -> None:
    """An unknown region or indicator, a name of two regions, no number, one without an end, a figure given twice."""
    rows = "丙市,use,1\n甲市,nothing,2\n同名,use,3\n甲市,use,3 吨\n甲市,warm,inf\n乙市,use,80\n乙市,use,81\n"
    found = _figures(_file(tmp_path, "地区,指标,得分\n" + rows), card)
    assert _told(found) == [
        (2, "地区", "unknown_region"), (3, "指标", "figure_unknown"), (4, "地区", "figure_ambiguous"),
        (5, "得分", "bad_number"), (6, "得分", "bad_number"), (8, "得分", "figure_twice"),
    ]  # fmt: skip
    assert found.frame.rows() == [("02", "use", "score", 80.0, 7)]


@pytest.mark.parametrize(
    ("heads", "line"),
    [
        ("地区,用水（指标值）,用水,得分", "甲市,3,85,72.5"),
        ("评估周期,地区代码,地区,得分,use value,use,评语", "2024,01,甲市,72.5,3,85,好"),
        ("Region,Water use (value),WATER USE score,Composite", "A,3,85,72.5"),
    ],
)
def test_a_column_an_indicator_is_read_too(card: Scorecard, tmp_path: Path, heads: str, line: str) -> None:
    """A row a region: a head is a name or code of an indicator, pillar or composite, whose scores stand below it where
    it does not say values; 得分 alone is the composite's, and other columns are passed over."""
    found = _figures(_file(tmp_path, f"{heads}\n{line}\n"), card)
    assert found.unreadable == ()
    assert {row[:4] for row in found.frame.rows()} == {
        ("01", "use", "value", 3.0), ("01", "use", "score", 85.0), ("01", "composite", "score", 72.5),
    }  # fmt: skip


def test_a_wide_table_says_what_it_cannot_read(card: Scorecard, tmp_path: Path) -> None:
    """The same as a long one does; blank cells are no figures."""
    found = _figures(_file(tmp_path, "地区,用水,用热\n丙市,1,2\n甲市,85,六十\n甲市,85,\n乙市,80,\n"), card)
    assert _told(found) == [(2, "地区", "unknown_region"), (3, "用热", "bad_number"), (4, "用水", "figure_twice")]
    assert found.frame.rows() == [("01", "use", "score", 85.0, 3), ("02", "use", "score", 80.0, 5)]


def test_codes_that_differ_in_capitals_are_not_mixed_up(tmp_path: Path) -> None:
    """A code as it is written is that one; written otherwise it stands for several."""
    text = DEFINITIONS.replace("  warm:", "  USE:").replace("indicator: warm", "indicator: USE")
    definitions = read(text.replace("用热", "另").replace("Heat use", "Other").encode()).definitions
    assert definitions is not None
    facts = pl.read_csv(BytesIO(FACTS.encode()), infer_schema=False).cast({"value": pl.Float64})
    card = score(definitions, facts, regions=pl.read_csv(BytesIO(REGIONS.encode()), infer_schema=False))
    found = _figures(_file(tmp_path, "地区,代码,得分\n01,use,1\n01,USE,2\n01,Use,3\n"), card)
    assert [row[:4] for row in found.frame.rows()] == [("01", "use", "score", 1.0), ("01", "USE", "score", 2.0)]
    assert _told(found) == [(4, "代码", "figure_ambiguous")]


def test_our_first_sheet_is_such_a_table(card: Scorecard, tmp_path: Path) -> None:
    """The scorecard alone, saved as CSV, is compared as it is."""
    sheet = openpyxl.load_workbook(BytesIO(xlsx.write(card, lang="zh", notice="示例")), data_only=True)["评分卡"]
    lines = [",".join("" if cell is None else str(cell) for cell in row) for row in sheet.values]
    found = _compared(_file(tmp_path, "\n".join(lines)), card, points=0.0)
    assert (found.counts()["agree"], found.counts()["differ"], found.unreadable) == (1, 0, ())


def test_a_table_without_a_number_of_the_cycle_is_refused(card: Scorecard, tmp_path: Path) -> None:
    """Nothing compared would read as nothing differs."""
    for text in ("地区,代码,得分\n01,use,\n", "周期,地区,代码,得分\n2023,01,use,85\n", "地区,用水\n01,\n"):
        with pytest.raises(InputError) as refused:
            _figures(_file(tmp_path, text), card)
        assert refused.value.problems[0].code == "figures_blank"


def test_other_cycles_are_left_out_and_counted(card: Scorecard, tmp_path: Path) -> None:
    """Where the file says which cycle a row is of."""
    found = _figures(_file(tmp_path, "周期,地区,指标,得分\n2023,甲市,use,1\n2024,甲市,use,85\n"), card)
    assert (found.frame.height, found.left_out) == (1, 1)


def test_each_cell_is_compared_by_its_own_tolerance(card: Scorecard, tmp_path: Path) -> None:
    """Scores by points, values by a share of ours; the largest difference first; what one side lacks is told."""
    rows = "01,use,3.03,85.5\n02,use,4.5,80\n03,use,5,75.6\n02,warm,7,\n"
    found = _compared(_file(tmp_path, "地区,代码,指标值,得分\n" + rows), card, points=0.5, share=0.01)
    assert found.differing.select("region", "kind").rows() == [("02", "value"), ("03", "score")]
    assert found.differing["over"].to_list() == pytest.approx([12.5, 1.2])
    assert found.theirs.select("region", "code", "kind").rows() == [("02", "warm", "value")]
    # Both kinds of `warm` in 01, and what 01, 02, 03 have of the composite.
    assert {tuple(row) for row in found.ours.select("region", "code").rows()} >= {("01", "warm"), ("01", "composite")}
    assert found.counts() == {
        "compared": 6, "agree": 4, "differ": 2, "theirs": 1, "ours": found.ours.height, "unreadable": 0,
    }  # fmt: skip
    assert found.sentence("zh").startswith("核对 6 个数：4 个一致，2 个不同（容差：得分 0.5 分，指标值 1 %）")
    assert found.sentence("en").startswith("6 numbers compared: 4 agree, 2 differ")


def test_a_kind_that_they_do_not_give_is_not_missed(card: Scorecard, tmp_path: Path) -> None:
    """Who sends scores alone is not told that values are absent."""
    found = _compared(_file(tmp_path, "地区,代码,得分\n01,use,85\n"), card)
    assert set(found.ours["kind"]) == {"score"}


def test_no_tolerance_means_the_same_number(card: Scorecard, tmp_path: Path) -> None:
    """But for what rounding leaves of it."""
    path = _file(tmp_path, "地区,代码,得分\n01,use,85.00000000000001\n02,use,80.0000001\n")
    found = _compared(path, card, points=0.0, share=0.0)
    assert found.both.sort("region")["agrees"].to_list() == [True, False]


def test_the_comparison_is_a_table_for_spreadsheets(card: Scorecard, tmp_path: Path) -> None:
    """Every cell with what became of it, unreadable ones too; nothing in it is a formula."""
    path = _file(tmp_path, "地区,代码,得分\n01,use,85\n02,use,1\n=1+1,use,2\n")
    text = _compared(path, card).csv(card, "zh").decode("utf-8-sig")
    lines = text.splitlines()
    assert lines[0] == "结果,地区代码,地区,代码,名称,哪个数,对方,本系统,相差,文件的行,文件的列"
    assert lines[1] == "不同,02,乙市,use,用水,得分,1.0,80.0,-79.0,3,"
    assert any(line.startswith("没有地区“=1+1”") and line.endswith(",4,地区") for line in lines)


def _workbook(**parts: bytes) -> bytes:
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as book:
        for name, part in {"xl/workbook.xml": b"<workbook/>", **parts}.items():
            book.writestr(name, part)
    return content.getvalue()


def _far() -> bytes:
    content, book = BytesIO(), openpyxl.Workbook()
    book.active["XFD1048576"] = 1
    book.save(content)
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"one,two\n1,2\n", "a.csv", "figures_without_heads"),
        (b"", "a.csv", "figures_without_heads"),
        (b"\xff\xfe\x00\x01\x80", "a.csv", "encoding_not_found"),
        (b"x", "a.exe", "unknown_format"),
        (b"not a workbook", "a.xlsx", "not_a_table"),
        (b"PK\x03\x04 broken", "a.xlsx", "not_a_table"),
        (_far(), "a.xlsx", "sheet_too_large"),
        (_workbook(**{"xl/s.xml": b" " * 250_000_000}), "a.xlsx", "file_too_large"),
        (_workbook()[:-30], "a.xlsx", "not_a_table"),
        (b"," * 3_000_000 + b"\n" + b"1\n" * 1000, "a.csv", "sheet_too_large"),
        (b";" * 3_000_000 + b"\n" + b"1\n" * 1000, "a.csv", "sheet_too_large"),
        (b"x" * 20_000_001, "a.csv", "file_too_large"),
    ],
    ids=["heads", "empty", "encoding", "ending", "text", "broken", "far", "bomb", "cut", "wide", "semicolons", "large"],
)  # fmt: skip
def test_a_file_that_is_none_fails_in_words(
    card: Scorecard, tmp_path: Path, content: bytes, name: str, code: str
) -> None:
    """No heads, no table, a single cell at the far end of a sheet, a bomb, too large: before it takes any memory."""
    with pytest.raises(InputError) as refused:
        _figures(_file(tmp_path, content, name), card)
    assert refused.value.problems[0].code == code


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The same as a store."""
    folder = tmp_path_factory.mktemp("assessed")
    for name, text in (("d.yaml", DEFINITIONS), ("r.csv", REGIONS), ("f.csv", FACTS)):
        (folder / name).write_text(text, "utf-8")
    db, options = folder / "own.duckdb", ["--indicators", str(folder / "d.yaml"), "--regions", str(folder / "r.csv")]
    assert main(["init", "--db", str(db), *options]) == 0
    assert main(["import", str(folder / "f.csv"), "--db", str(db)]) == 0
    return Store(db)


def test_the_command_tells_and_keeps(store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A sentence, the largest differences, what cannot be read; the file and the comparison stay with the cycle."""
    snapshot = store.snapshot()
    path = _file(tmp_path, "地区,代码,得分\n01,use,85.004\n02,use,1\n09,use,2\n", "对 方.csv")
    capsys.readouterr()
    assert main(["assess", str(path), "--period", "2024", "--by", "丁所", "--db", str(store.path)]) == 0
    told = capsys.readouterr()
    assert told.out.splitlines()[0].startswith("核对 2 个数：1 个一致，1 个不同")
    assert told.out.splitlines()[1].split("\t") == ["乙市", "用水", "得分", "1", "80"]
    assert f"{path}:4:0: error unknown_region" in told.err
    kept = Assessments(store).all()[0]
    assert (kept.cycle, kept.by, kept.file, kept.points) == ("2024", "丁所", "对 方.csv", 0.005)
    assert (kept.counts["differ"], kept.snapshot) == (1, snapshot)
    assert Assessments(store).bytes_of(kept.content) == path.read_bytes()
    assert "乙市" in (Assessments(store).bytes_of(kept.comparison) or b"").decode()
    assert store.snapshot() == snapshot
    assert [(one.kind, one.what["change"]) for one in entries(store.path)][-2:] == [
        ("begun", "assess 2024"), ("done", "assess 2024"),
    ]  # fmt: skip


def test_a_kept_file_that_was_changed_is_not_given(store: Store, tmp_path: Path) -> None:
    """Its name is its digest; no other name leads anywhere."""
    path = _file(tmp_path, "地区,代码,得分\n01,use,84\n")
    asked = ["--period", "2024", "--tolerance", "2", "--by", "丁", "--db", str(store.path)]
    assert main(["assess", str(path), *asked]) == 0
    found = Assessments(store)
    kept = found.all()[0]
    assert kept.counts["differ"] == 0
    (found.folder / kept.content).write_bytes(b"another")
    assert found.bytes_of(kept.content) is None
    assert found.bytes_of("../own.duckdb") is None


def test_an_assessor_signs_for_themselves(store: Store, tmp_path: Path) -> None:
    """By their id, whatever of theirs was given; in nobody else's name, and nobody who may not hand figures in."""
    card = editions(store).card("2024")
    path = _file(tmp_path, "地区,代码,得分\n01,use,84\n")
    found = compare(_figures(path, card), card, "2024", Tolerance())

    def signed(role: str, by: str) -> str:
        known = Person("a@x", "丁", "oidc")
        own = opened_with(store, access_by(store, known, [Grant(1, known.id, role)]))
        return keep(own, path, found, card, "2024", by=by, name="f.csv", lang="zh").by

    before = len(Assessments(store).all())
    assert [signed("assessor", by) for by in ("a@x", "丁")] == ["a@x", "a@x"]
    for role, by, code in (("assessor", "戊", "not_yourself"), ("assessor", " ", "person_wanted"),
                           ("evaluator", "a@x", "denied")):  # fmt: skip
        with pytest.raises(InputError) as refused:
            signed(role, by)
        assert refused.value.problems[0].code == code
    assert len(Assessments(store).all()) == before + 2


def test_where_nothing_can_be_kept_that_is_said(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was found is told all the same."""
    path = _file(tmp_path, "地区,代码,得分\n01,use,84\n")
    monkeypatch.setattr("data.assessed.write_whole", _full)
    assert main(["assess", str(path), "--period", "2024", "--by", "丁", "--db", str(store.path)]) == 1
    told = capsys.readouterr()
    assert "核对 1 个数" in told.out
    assert "error assessment_unsaved" in told.err


def _full(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_many_keep_one_file_at_once(store: Store, tmp_path: Path) -> None:
    """The same file from several people: each has an entry, and what is kept is whole."""
    path, found = tmp_path / "f.csv", Assessments(store)
    path.write_bytes(b"x" * 500_000)
    before = len(found.all())
    with ThreadPoolExecutor(4) as pool:
        kept = [
            pool.submit(found.keep, path, b"y" * 9, Assessment("2024", str(n), "f", "", "", 1.0, 1.0, "", ""))
            for n in range(40)
        ]
        made = {one.result().content for one in kept}
    assert len(found.all()) == before + 40
    assert [found.bytes_of(digest) for digest in made] == [path.read_bytes()]
    assert list(found.folder.glob("*.part")) == []


@pytest.mark.parametrize("given", ["-1", "x", "nan", "inf"])
def test_a_tolerance_is_a_number_from_nought_on(given: str) -> None:
    """Anything else is wrong usage."""
    with pytest.raises(SystemExit) as ended:
        main(["assess", "a.csv", "--period", "2024", "--by", "丁", "--tolerance", given])
    assert ended.value.code == 2
