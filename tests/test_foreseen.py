"""What a file would change is what it changes."""

import warnings
from pathlib import Path

import pytest

from data.corrections import correction
from data.foreseen import foreseen_facts, foreseen_scores
from data.intake import import_file, judge_file
from data.proposals import approve, submit
from data.revisions import revisions_of
from data.store import Store
from pages.parts.intake import Place, uploaded
from pages.parts.previewed_effect import _likely
from tests.stores import store_of
from tests.test_rolled import DEFINITIONS

HEAD = "region,site,period,variable,value\n"
# Three regions' months at two sites, and their years.
HELD = HEAD + "".join(
    [f"{region},{site},2024-{month:02},{variable},{value}\n" for region in "xyz" for site in "st"
     for month in range(1, 13) for variable, value in (("a", 0.1), ("b", 0.5))]
    + [f"{region},,{year},c,{year - 2020}\n" for region in "xyz" for year in (2023, 2024)]
)  # fmt: skip
FILES = (
    (HEAD + "x,s,2024-03,a,9\ny,,2024,c,2\n", None),
    (HEAD + "x,s,2024-03,a,1\nx,s,2024-04,b,5\nz,,2019,c,5\n", None),
    (HEAD + "x,s,2024-04,b,6\nx,t,2025-05,a,6\nx,,2024,c,1\ny,,2024,c,\n", 3),
)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store with a batch."""
    made, file = store_of(DEFINITIONS, tmp_path), tmp_path / "held.csv"
    file.write_text(HELD, "utf-8")
    assert import_file(made, file).batch == 1
    return made


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
        assert scores.height
        assert set(facts["what"]) & {"new", "changed", "gone"}


def test_what_only_an_earlier_version_knew_changes_no_score(tmp_path: Path) -> None:
    """Facts of a variable that the version in force has not are kept, and bring no region or cycle into the scores."""
    index = "index: {code: all, name: All, children: [{indicator: one}]}"
    variables = "variables: {a: {name: A, unit: m2, absent: zero}, old: {name: O, unit: m2}}"
    one = "indicators: {one: {name: One, unit: m2, formula: a, better: higher}}"
    before = "\n".join(["schema: 1", "title: t", index, variables, one, ""])
    made, file = store_of(before, tmp_path), tmp_path / "f.csv"
    file.write_text("region,period,variable,value\nx,2024,a,5\ny,2024,a,6\n")
    import_file(made, file)
    after = before.replace(", old: {name: O, unit: m2}", "")
    number = submit(made, after, based_on=1, author="甲", reason="不再报送", from_cycle="2024")
    approve(made, number, person="乙", reason="同意")
    file.write_text("region,period,variable,value\nz,2024,old,7\nx,2025,old,7\n")
    judged = judge_file(made, revisions_of(made).widest, file, None)
    assert judged.accepted == 2
    assert foreseen_scores(made, judged.facts).is_empty()
    batch = import_file(made, file).batch
    assert batch is not None
    assert correction(made, batch).scores.is_empty()


def test_only_a_batch_of_the_same_facts_is_likely_to_be_corrected(store: Store, tmp_path: Path) -> None:
    """Of the same sender and with a fact that the file has too: the region, the period and the variable in one; another
    variable of a region and period that the batch has, or each of the three beside others, is no correction."""
    file = tmp_path / "sent.csv"
    file.write_text(HEAD + "x,,2025,c,1\ny,,2026,c,2\ny,,2026,a,3\n", "utf-8")
    sent = import_file(store, file, sender="甲").batch
    likely = {}
    for name, rows in {
        "same": "y,,2026,c,9\n",
        "other variable": "x,,2025,a,9\n",
        "each beside others": "x,,2026,c,9\ny,,2025,c,9\n",
    }.items():
        content = (HEAD + rows).encode()
        (tmp_path / "new.csv").write_bytes(content)
        judged = judge_file(store, revisions_of(store).widest, tmp_path / "new.csv", None)
        assert judged.accepted
        place, upload = Place(store, store.snapshot(), "d"), uploaded("new.csv", content, name)
        likely[name] = [*_likely(place, upload, judged, "甲", store.batches())]
        assert not _likely(place, upload, judged, "乙", store.batches())
    assert likely == {"same": [sent], "other variable": [], "each beside others": []}
