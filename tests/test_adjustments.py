"""Adjustments: points with a reason that act as rules do, are seen wherever rules are, and change nothing else."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from metrics.__main__ import main
from metrics.adjustments import Adjustment, adjusted, adjustments_of, rules_about
from metrics.change.ledger import ledger
from metrics.explain import explain
from metrics.export import bundle, html, xlsx
from metrics.export.labels import view
from metrics.export.recheck import decided
from metrics.export.reported import reported
from metrics.long import COLUMNS
from metrics.reader import read
from metrics.robustness.points import points_of
from metrics.scorecard import Scorecard, score
from metrics.verify.layout import ADJUSTMENTS, MANIFEST, listed
from metrics.verify.verdict import verify
from tests.bundles import Files, files_of, zipped
from tests.test_xlsx_live import _cells as cells
from tests.test_xlsx_live import recompute

TEXT = """
schema: 1
title: 小例
index: {code: all, name: {zh: 总, en: All}, children: [{indicator: one}]}
variables:
  a: {name: 甲, unit: m2}
indicators:
  one:
    {name: {zh: 一, en: One}, unit: m2, formula: a, better: higher, normalise: {method: goalposts, worst: 0, best: 100}}
grades:
  - {code: good, name: 良, at_least: 60}
  - {code: poor, name: 差}
rules:
  - {code: model, kind: bonus, when: a > 90, points: 2}
bonus_cap: 5
"""
FACTS = pl.DataFrame(
    [(region, period, "a", value) for period, own in (("2023", (50, 60, 95)), ("2024", (58, 60, 99)))
     for region, value in zip("pqr", own, strict=True)],
    schema={"region": pl.String, "period": pl.String, "variable": pl.String, "value": pl.Float64}, orient="row",
)  # fmt: skip
UP = Adjustment(1, "2024", "p", "one", 3.0, "发票补齐", "甲", ("0" * 64,))
DOWN = Adjustment(2, "2024", "r", "all", -4.5, "漏报")


def scored(*adjustments: Adjustment) -> Scorecard:
    """The example with some adjustments."""
    definitions = read(TEXT).definitions
    assert definitions is not None
    return score(definitions, FACTS, adjustments=adjustments)


def roots(card: Scorecard) -> dict[tuple[str, str], tuple[float, int, str, str]]:
    """Score, rank, grade and flags of each composite."""
    names = ("period", "region", pl.col("score").round(9), "rank", "grade", "flags")
    found = card.frame.filter(pl.col("code") == "all").select(names)
    return {(row[0], row[1]): row[2:] for row in found.iter_rows()}


def test_points_move_one_composite_and_all_that_follows_from_it() -> None:
    """By hand: p 58 + 3, from rank 3 and poor to rank 2 and good; r 99 + 2 − 4.5; no other number anywhere moves."""
    before, after = scored(), scored(UP, DOWN)
    assert roots(before)["2024", "p"] == (58.0, 3, "poor", "")
    assert roots(after)["2024", "p"] == (61.0, 2, "good", "adjustment-1")
    assert roots(after)["2024", "r"] == (96.5, 1, "good", "model;adjustment-2")
    assert roots(before)["2024", "r"][0] == 100.0
    rest = ~((pl.col("period") == "2024") & (pl.col("code") == "all"))
    assert before.frame.filter(rest).equals(after.frame.filter(rest))
    assert before.facts.equals(after.facts)
    assert roots(after)["2023", "p"] == roots(before)["2023", "p"]


def test_points_stay_inside_the_scale_and_the_cap() -> None:
    """0 to 100, and all bonuses together no more than the cap; who has no score is not adjusted."""
    many = [Adjustment(number, "2024", "r", "all", 4.0, "试") for number in (1, 2)]
    assert roots(scored(*many))["2024", "r"][0] == 100.0
    most = [Adjustment(number, "2024", "p", "all", 4.0, "试") for number in (1, 2)]
    assert roots(scored(*most))["2024", "p"][0] == 63.0
    assert roots(scored(Adjustment(1, "2024", "p", "all", -90.0, "试")))["2024", "p"][0] == 0.0
    assert set(roots(scored(Adjustment(1, "2024", "zz", "all", 4.0, "试")))) == set(roots(scored()))


@pytest.mark.parametrize("points", [0.0, float("nan"), float("inf"), 100.5])
def test_points_that_are_none_are_refused(points: float) -> None:
    """Nothing, what is no number, and more than the scale."""
    with pytest.raises(ValueError, match="points"):
        Adjustment(1, "2024", "p", "all", points, "试")


def test_an_adjustment_is_told_where_a_score_is_explained() -> None:
    """The arithmetic has its points, and its name says for what and why."""
    text = explain(scored(UP), "p", "2024", "all").text("zh")
    assert "clip(58 + min(3, 5), 0, 100) = 61" in text
    assert "调整1（一）：发票补齐" in text


def test_rules_hold_what_was_adjusted_and_only_once() -> None:
    """Adjusting again replaces; whoever reads about some regions and cycles is told of no others."""
    definitions = scored(UP, DOWN).definitions
    assert adjustments_of(definitions) == (UP, DOWN)
    assert [rule.code for rule in adjusted(definitions, [UP]).rules] == ["model", "adjustment-1"]
    assert [rule.code for rule in rules_about(definitions, ["2024"], ["r"])] == ["model", "adjustment-2"]
    assert rules_about(definitions, ["2023"], ["p", "r"]) == definitions.rules[:1]
    assert definitions.digest == scored().definitions.digest


def test_a_change_ledger_adds_up_over_an_adjustment() -> None:
    """Between two cycles of a scorecard, and between two editions of a cycle, its points are a term of their own."""
    plain, card = scored(), scored(UP, DOWN)
    cycles = ledger(card, card, "p", period_before="2023", period_after="2024")
    assert cycles["term"].sum() == pytest.approx(11.0)
    assert cycles.filter(pl.col("code") == "adjustment-1")["term"].to_list() == pytest.approx([3.0])
    for before, after, points in ((plain, card, 3.0), (card, plain, -3.0)):
        editions = ledger(before, after, "p", period_before="2024", period_after="2024")
        assert editions.select("code", "term").rows() == [("adjustment-1", pytest.approx(points))]


@pytest.fixture
def bundled() -> Files:
    """The files of a bundle with adjustments."""
    return files_of(bundle.write(scored(UP, DOWN), periods=["2024"]))


def verdict(files: Files, folder: Path) -> str:
    """The first error that verifying finds, or match."""
    told = json.loads(files[MANIFEST])
    told["files"] = {name: listed(content).model_dump() for name, content in files.items() if name != MANIFEST}
    path = folder / "b.zip"
    path.write_bytes(zipped({**files, MANIFEST: json.dumps(told).encode()}))
    problems = verify(path, key="").problems
    return next((problem.code for problem in problems if problem.severity == "error"), "match")


def test_a_bundle_is_recomputed_with_its_adjustments(bundled: Files, tmp_path: Path) -> None:
    """As they are it matches; with other points, without one, or without them all, the scores are others."""
    assert verdict(bundled, tmp_path) == "match"
    text = bundled[ADJUSTMENTS].decode()
    last = text.rstrip().rpartition("\n")[2]
    changes = {
        text.replace("3.0", "2.5"): "bundle_number",
        text.replace(last + "\n", ""): "bundle_number",
        text.replace("3.0", "nan"): "bundle_adjustment",
        text.replace("3.0", "viel"): "bundle_adjustment",
        text + last + "\n": "bundle_adjustment",
    }
    for changed, code in changes.items():
        assert changed != text
        assert verdict({**bundled, ADJUSTMENTS: changed.encode()}, tmp_path) == code, changed
    assert verdict({name: own for name, own in bundled.items() if name != ADJUSTMENTS}, tmp_path) == "bundle_number"
    assert ADJUSTMENTS not in files_of(bundle.write(scored()))


@pytest.fixture
def named(bundled: Files, tmp_path: Path) -> list[str]:
    """The options that name the files of a bundle."""
    (tmp_path / "i.yaml").write_text(TEXT, encoding="utf-8")
    FACTS.write_csv(tmp_path / "f.csv")
    (tmp_path / "a.csv").write_bytes(bundled[ADJUSTMENTS])
    files = {"indicators": "i.yaml", "facts": "f.csv", "adjustments": "a.csv"}
    return [part for option, name in files.items() for part in (f"--{option}", str(tmp_path / name))]


def test_scores_from_files_are_those_with_their_adjustments(
    named: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bundle's table beside definitions and facts gives the adjusted scores; without it they are the plain ones."""
    out, own = tmp_path / "o.parquet", ["--out", str(tmp_path / "o.parquet")]
    for options, card in ((named, scored(UP, DOWN)), (named[:-2], scored())):
        assert main(["score", *options, *own]) == 0
        assert pl.read_parquet(out).equals(card.frame.select(COLUMNS))
    assert main(["explain", *named, "--region", "p", "--period", "2024", "--code", "all"]) == 0
    told = capsys.readouterr()
    assert "发票补齐" in told.out
    assert not told.err


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("3.0", "viel", "a.csv:2:0: error bundle_adjustment"),
        ("-4.5", "-400", "a.csv:3:0: error bundle_adjustment"),
        ("3.0", "1_0", "a.csv:2:0: error bundle_adjustment"),
        ("3.0", "３", "a.csv:2:0: error bundle_adjustment “points”"),
        ("\n1,", "\n-5,", "a.csv:2:0: error bundle_adjustment “number”列的“-5”"),
        ("\n1,", "\n0,", "a.csv:2:0: error bundle_adjustment “number”"),
        ("\n1,", f"\n{10**25 + 1},", f"a.csv:2:0: error bundle_adjustment “number”列的“{10**25 + 1}”"),
        ("\n1,", f"\n{'0' * 5000}1,", "a.csv:2:0: error bundle_adjustment “number”"),
        ("\n1,", "\n2,", "a.csv:3:0: error bundle_adjustment “number”列的“2”"),
        ("points", "point", "a.csv:1:0: error missing_column"),
        ("evidence\"", "evidence\",\"more\"", "a.csv:1:0: error bundle_columns"),
    ],
)
def test_a_bad_table_of_adjustments_is_told_by_file_and_line(
    named: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, told: str
) -> None:
    """It is called by its own name, at the line, and nothing is written."""
    table, out = tmp_path / "a.csv", tmp_path / "o.csv"
    table.write_text(table.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    assert main(["score", *named, "--out", str(out)]) == 1
    assert f"{tmp_path}/{told}" in capsys.readouterr().err
    assert not out.exists()


def test_adjustments_that_act_on_nothing_are_told(
    named: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A cycle that the facts have not, as a mistyped one: the scores are written, and a note says which number."""
    table = tmp_path / "a.csv"
    table.write_text(table.read_text(encoding="utf-8").replace('"2024","r"', '"2042","r"'), encoding="utf-8")
    assert main(["score", *named, "--out", str(tmp_path / "o.csv")]) == 0
    told = capsys.readouterr().err
    assert told.startswith("note adjustment_nowhere 1 ")
    assert told.rstrip().endswith("：2。")


def test_the_columns_of_adjustments_stand_in_any_order(named: list[str], tmp_path: Path) -> None:
    """As a spreadsheet that moved them leaves them: the scores are the same."""
    table, out = tmp_path / "a.csv", tmp_path / "o.parquet"
    pl.read_csv(table, infer_schema=False)[:, ::-1].write_csv(table)
    assert table.read_text(encoding="utf-8").startswith("evidence,by,")
    assert main(["score", *named, "--out", str(out)]) == 0
    assert pl.read_parquet(out).equals(scored(UP, DOWN).frame.select(COLUMNS))


def test_blanks_around_what_stands_in_a_cell_of_adjustments_count_for_nothing(named: list[str], tmp_path: Path) -> None:
    """As in every other table: the scores are the same."""
    table, out = tmp_path / "a.csv", tmp_path / "o.parquet"
    told = pl.read_csv(table, infer_schema=False)
    apart = (pl.format(" {}\u3000", pl.col(name).fill_null("")).alias(name) for name in told.columns)
    told.select(apart).write_csv(table)
    assert main(["score", *named, "--out", str(out)]) == 0
    assert pl.read_parquet(out).equals(scored(UP, DOWN).frame.select(COLUMNS))


def test_an_adjustment_for_a_node_that_there_is_not_is_told(
    named: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The scores are those with it, as definitions may have changed since; a warning names it and the nearest code."""
    table, out = tmp_path / "a.csv", tmp_path / "o.parquet"
    table.write_text(table.read_text(encoding="utf-8").replace(f'"{UP.node}"', f'"{UP.node}x"', 1), encoding="utf-8")
    assert main(["score", *named, "--out", str(out)]) == 0
    told = capsys.readouterr().err
    assert told.startswith("warning adjustment_node 第 1 项")
    assert told.rstrip().endswith(f"是否想写“{UP.node}”？")
    assert pl.read_parquet(out).equals(scored(UP, DOWN).frame.select(COLUMNS))


def test_every_export_that_tells_rules_tells_adjustments() -> None:
    """The words of flags, the method's sheet and the reports have the reason; of other regions they have nothing."""
    card = scored(UP, DOWN)
    own = view(card, ["p"], ["2024"], "zh", "")
    told = own.rows().filter(pl.col("code") == "all").row(0, named=True)
    assert "调整1（一）：发票补齐" in told.values()
    assert ("调整1（一）：发票补齐", "p 2024 → 加分：加 3 分") in decided(own)
    assert all("漏报" not in "".join(pair) for pair in decided(own))
    page = reported(html.write)(card, regions=["p"], periods=["2024"], lang="zh").decode()
    assert "发票补齐" in page
    assert "漏报" not in page


def test_a_live_workbook_comes_to_the_adjusted_score(tmp_path: Path) -> None:
    """Its formulas, recomputed by another program, give what the scorecard has."""
    book = xlsx.write(scored(UP, DOWN), periods=["2024"], lang="zh")
    shown, found = cells(book), cells(recompute({"b": book}, tmp_path)["b"])
    assert shown.keys() == found.keys()
    for cell, value in shown.items():
        assert found[cell] == (pytest.approx(value, rel=1e-9) if isinstance(value, float) else value), cell
    assert any(value == pytest.approx(96.5) for value in found.values() if isinstance(value, float))


def test_trials_keep_the_adjustments() -> None:
    """Weights that vary do not take away what was agreed on: with one indicator every trial is the adjusted score."""
    card = scored(UP, DOWN)
    points = points_of(card)
    plain = np.array([[[50.0, 60.0, 95.0]], [[58.0, 60.0, 99.0]]])
    assert points.applied(plain, {})[1, 0].tolist() == [61.0, 60.0, 96.5]
