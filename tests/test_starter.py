"""A file to begin with is valid, scores, and is never written over another."""

from pathlib import Path

import polars as pl
import pytest

from metrics.__main__ import main
from metrics.problems import InputError
from metrics.reader import read
from metrics.scorecard import score
from metrics.starter import TEMPLATES, VARIABLES, starter


@pytest.mark.parametrize("names", [(), *((name,) for name in TEMPLATES)], ids=lambda names: " ".join(names) or "all")
def test_every_template_is_valid(names: tuple[str, ...]) -> None:
    """Alone or together: no error and no warning, worked examples recomputed, and comments in both languages."""
    reading = read(starter(names))
    assert [problem for problem in reading.problems if problem.severity != "note"] == []
    assert reading.definitions is not None
    assert len(reading.definitions.indicators) == len(names or TEMPLATES)
    assert "#" in starter(names)


def test_a_file_to_begin_with_scores() -> None:
    """Facts for its variables give every indicator a value, the margin of the satisfaction among the variables."""
    definitions = read(starter()).definitions
    assert definitions is not None
    raw = [code for code, item in definitions.variables.items() if item.formula is None]
    facts = pl.DataFrame(
        [
            (region, period, code, size * (2.0 if code in ("answers", "floor_area") else 1.0))
            for period, factor in (("2020", 1.1), ("2024", 1.0))
            for region, size in (("p", 100.0 * factor), ("q", 150.0))
            for code in raw
        ],
        schema=["region", "period", "variable", "value"],
        orient="row",
    )
    card = score(definitions, facts)
    last = card.frame.filter(pl.col("period") == "2024", pl.col("level") == "indicator")
    assert last["value"].null_count() == 0
    margin = card.variables.filter(pl.col("variable") == "satisfaction_margin", pl.col("period") == "2024")["value"][0]
    assert margin == pytest.approx(100 * 1.96 * (0.5 * 0.5 / 200) ** 0.5)


def test_every_variable_is_of_some_template() -> None:
    """None is written that no template needs."""
    assert {code for template in TEMPLATES.values() for code in template.variables} == set(VARIABLES)


def test_the_command_writes_a_new_file_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is there stays as it is; a template that is not there is named with the nearest."""
    path = tmp_path / "mine.yaml"
    assert main(["new", str(path), "--with", "ratio", "share"]) == 0
    assert main(["check", str(path)]) == 0
    first = path.read_bytes()
    assert main(["new", str(path), "--lang", "en"]) == 1
    assert path.read_bytes() == first
    assert "error file_exists" in capsys.readouterr().err
    with pytest.raises(InputError, match="ratio"):
        starter(["ration"])
