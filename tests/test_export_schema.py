"""The JSON Schema of a scorecard: what is written is what it says, and what is otherwise it refuses."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import polars as pl
import pytest

from metrics.__main__ import main
from metrics.export import FORMATS
from metrics.export.json_schema import json_schema
from metrics.scorecard import Scorecard
from tests.golden.made import card
from tests.test_examples import from_source, scored

ROOT = Path(__file__).parent.parent
CHECK = jsonschema.Draft202012Validator(json_schema())


@pytest.fixture(scope="module")
def councils(shared: Path) -> Scorecard:
    """The example of Scotland's councils."""
    source = shared / "data" / "lgbf_scotland" / "LGBF_ScotDataReal_ISSpatialHub.csv"
    return scored("lgbf", from_source("lgbf", "councils", source).frame)


@pytest.fixture(scope="module")
def written() -> str:
    """A small scorecard in JSON."""
    return FORMATS["json"](card(), notice="示例数据").decode()


def test_the_published_schema_is_what_the_program_prints(capsys: pytest.CaptureFixture[str]) -> None:
    """docs/scorecard.schema.json is this very version; `python -m metrics schema scorecard` writes it anew."""
    assert main(["schema", "scorecard"]) == 0
    printed = capsys.readouterr().out
    assert (ROOT / "docs" / "scorecard.schema.json").read_text(encoding="utf-8") == printed
    CHECK.check_schema(json.loads(printed))


def test_the_demonstration_is_what_the_schema_says(demonstration: Scorecard) -> None:
    """Every row of the demonstration, with its gaps, bonuses and vetoes, holds to the schema."""
    assert not list(CHECK.iter_errors(json.loads(FORMATS["json"](demonstration, notice="示例数据"))))


def test_an_example_is_what_the_schema_says(councils: Scorecard) -> None:
    """So does a real example, and a scorecard of which nothing is written."""
    some = councils.regions["code"].to_list()[:3]
    assert not list(CHECK.iter_errors(json.loads(FORMATS["json"](councils, regions=some, lang="en"))))
    assert not list(CHECK.iter_errors(json.loads(FORMATS["json"](councils, regions=[], periods=[]))))


def test_every_key_is_described_in_both_languages() -> None:
    """Who reads the schema learns of each key what it holds, Chinese first; the rows are the contract's columns."""
    parts = [json_schema(), *json_schema()["$defs"].values()]
    told = [said.get("description", "") for part in parts for said in part["properties"].values()]
    assert len(told) > 30
    assert [text for text in told if not re.fullmatch(r"[^·]*[一-鿿][^·]* · [^·]*[A-Za-z][^·]*", text)] == []


def test_rows_are_described_in_the_order_of_the_contract(demonstration: Scorecard) -> None:
    """The schema's rows have the scorecard's columns, in their order."""
    columns = list(json_schema()["$defs"]["Row"]["properties"])
    assert columns == demonstration.frame.columns
    assert list(json_schema()["$defs"]["Reported"]["properties"]) == demonstration.variables.columns


WRONG: dict[str, Callable[[dict[str, Any]], object]] = {
    "another version": lambda told: told.update(quheng=2),
    "a key too many": lambda told: told.update(more=1),
    "a key too few": lambda told: told.pop("definitions"),
    "a digest that is none": lambda told: told.update(definitions="latest"),
    "a number as text": lambda told: told["rows"][0].update(score="71.5"),
    "not a number": lambda told: told["rows"][0].update(score="NaN"),
    "a rank of 0": lambda told: told["rows"][0].update(rank=0),
    "half a rank": lambda told: told["rows"][0].update(rank=1.5),
    "an unknown level": lambda told: told["rows"][0].update(level="sector"),
    "a negative coverage": lambda told: told["rows"][0].update(coverage=-0.1),
    "a row without its score": lambda told: told["rows"][0].pop("score"),
    "a row with a name": lambda told: told["rows"][0].update(name="x"),
    "a flag without a code": lambda told: told["rows"][0].update(flags="imputed;"),
    "flags in a list": lambda told: told["rows"][0].update(flags=["imputed"]),
    "a variable without its region": lambda told: told["variables"][0].pop("region"),
    "a name in one language": lambda told: told["title"].pop("en"),
    "names in a list": lambda told: told.update(names=list(told["names"])),
    "rows by their code": lambda told: told.update(rows={row["code"]: row for row in told["rows"]}),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_otherwise_is_refused(written: str, wrong: str) -> None:
    """Each thing that a reader may count on is refused where it is not so."""
    told = json.loads(written)
    assert CHECK.is_valid(told)
    WRONG[wrong](told)
    assert not CHECK.is_valid(told)


def test_missing_numbers_are_null(demonstration: Scorecard) -> None:
    """The demonstration has gaps, and the schema takes them as null only."""
    rows = json.loads(FORMATS["json"](demonstration))["rows"]
    gaps = demonstration.frame.filter(pl.col("score").is_null()).height
    assert sum(row["score"] is None for row in rows) == gaps > 0
