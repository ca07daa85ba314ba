"""What a file would change is what it changes."""

import shutil
import warnings
from pathlib import Path

import pytest

from data.corrections import correction
from data.foreseen import foreseen_facts, foreseen_scores
from data.intake import import_file, judge_file
from data.revisions import revisions_of
from data.store import Store

HEAD = "region,period,variable,value\n"
FILES = (
    (HEAD + "910100,2024-03,electricity,123456\n910200,2024-04,water,77\n", None),
    (HEAD + "910100,2024-03,electricity,223456\n910100,2024-05,electricity,5\n910300,2019,operating_cost,5\n", None),
    (
        HEAD + "910100,2024-05,electricity,6\n910100,2025-05,electricity,6\n910100,2024,operating_cost,200000\n"
        "910200,2024-04,water,\n", 3,
    ),
)


@pytest.fixture
def store(demo: Path, tmp_path: Path) -> Store:
    """A demonstration of its own."""
    shutil.copytree(demo.parent, tmp_path / "own")
    return Store(tmp_path / "own" / demo.name)


def test_what_is_foreseen_is_what_happens(store: Store, tmp_path: Path) -> None:
    """Facts and scores, of files that add, change, blank out, and take the place of earlier ones."""
    file = tmp_path / "f.csv"
    for text, replaces in FILES:
        file.write_text(text, "utf-8")
        judged = judge_file(store, revisions_of(store).widest, file, None, replaces=replaces)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            facts = foreseen_facts(store, judged.facts, replaces=replaces)
        scores = foreseen_scores(store, judged.facts, replaces=replaces)
        done = import_file(store, file, replaces=replaces)
        assert done.batch is not None
        found = correction(store, done.batch)
        assert facts.equals(found.facts)
        assert scores.equals(found.scores)
        assert set(facts["what"]) & {"new", "changed", "gone"}
