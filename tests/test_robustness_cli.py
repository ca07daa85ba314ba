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


def test_no_trials_is_said(files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--trials 0` ends with 1 and the problem's name; nothing is written."""
    out = tmp_path / "out.csv"
    assert metrics_main(["robustness", *files, "--trials", "0", "--out", str(out)]) == 1
    assert "not_above_zero" in capsys.readouterr().err
    assert not out.exists()


def test_the_store_gives_what_its_demonstration_holds(tmp_path: Path) -> None:
    """On a store the command writes every region of every cycle, by the definitions in force."""
    store, out = str(tmp_path / "demo.duckdb"), tmp_path / "out.parquet"
    assert data_main(["demo", "--db", store]) == 0
    assert data_main(["robustness", "--db", store, "--trials", "50", "--out", str(out)]) == 0
    ranks = pl.read_parquet(out)
    assert ranks.height == 16 * 5
    assert ranks.filter(pl.col("rank") == 1)["rank_median"].max() < 4  # type: ignore[operator]
