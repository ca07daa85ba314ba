"""The command `robustness`: the contract's columns, the same file for the same seed, problems told by name."""

from pathlib import Path

import polars as pl
import pytest

from data.__main__ import main as data_main
from metrics.__main__ import main as metrics_main
from tests.robust_cases import DRAWN, RULES, TEXT, facts_of


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """The arguments that name a definitions file and a facts file."""
    (tmp_path / "i.yaml").write_text(TEXT + RULES + DRAWN, encoding="utf-8")
    facts_of(6, 2, 6).write_csv(tmp_path / "facts.csv")
    return ["--indicators", str(tmp_path / "i.yaml"), "--facts", str(tmp_path / "facts.csv")]


def test_the_same_seed_gives_the_same_files(files: list[str], tmp_path: Path) -> None:
    """Two runs of one seed write the same bytes, another seed others; rows are sorted, columns the contract's."""
    names = [str(tmp_path / name) for name in ("a.csv", "a_pairs.csv", "b.csv", "b_pairs.csv", "c.csv")]
    common = ["robustness", *files, "--trials", "80"]
    assert metrics_main([*common, "--seed", "5", "--out", names[0], "--pairs", names[1]]) == 0
    assert metrics_main([*common, "--seed", "5", "--out", names[2], "--pairs", names[3]]) == 0
    assert metrics_main([*common, "--seed", "6", "--out", names[4]]) == 0
    a, a_pairs, b, b_pairs, c = (Path(name).read_bytes() for name in names)
    assert (a, a_pairs) == (b, b_pairs)
    assert a != c
    ranks, pairs = pl.read_csv(a), pl.read_csv(a_pairs)
    assert ranks.columns == [
        *("period", "region", "score", "rank", "rank_mean", "rank_median", "rank_p05", "rank_p95", "top_probability"),
    ]
    assert ranks.select("period", "region").rows() == sorted(ranks.select("period", "region").rows())
    assert pairs.columns == ["period", "region_a", "region_b", "probability"]
    assert pairs.height == 2 * 6 * 5
    assert b"NaN" not in a + a_pairs


@pytest.mark.parametrize(
    ("trials", "said"),
    [("0", "error not_above_zero “--trials” must be above 0, not 0.\n"),
     ("10000000", "error above_the_most “--trials” is at most 100000, not 10000000.\n")],
)  # fmt: skip
def test_trials_out_of_bounds_are_the_options_fault(
    files: list[str], tmp_path: Path, trials: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """It ends with 1 and names the option and its bound, not a place in the definitions; nothing is written."""
    out = tmp_path / "out.csv"
    assert metrics_main(["robustness", *files, "--trials", trials, "--lang", "en", "--out", str(out)]) == 1
    assert capsys.readouterr().err == said
    assert not out.exists()


def test_one_file_is_not_written_twice(files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ranks and pairs in one file, however it is written, would leave one of them: refused, and nothing written."""
    out, again = tmp_path / "out.csv", tmp_path / "b" / ".." / "out.csv"
    (tmp_path / "b").mkdir()
    assert metrics_main(["robustness", *files, "--trials", "5", "--out", str(out), "--pairs", str(again)]) == 1
    assert capsys.readouterr().err.startswith("error one_file_for_two ")
    assert not out.exists()


def test_the_store_gives_what_its_demonstration_holds(tmp_path: Path) -> None:
    """On a store the command writes every region of every cycle, by the definitions in force."""
    store, out = str(tmp_path / "demo.duckdb"), tmp_path / "out.parquet"
    assert data_main(["demo", "--db", store]) == 0
    assert data_main(["robustness", "--db", store, "--trials", "50", "--out", str(out)]) == 0
    ranks = pl.read_parquet(out)
    assert ranks.height == 16 * 5
    assert ranks.filter(pl.col("rank") == 1)["rank_median"].max() < 4  # type: ignore[operator]
