"""Rolled: what is kept by region and cycle is what all the facts come to, now and as of any moment before."""

import random
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from data import intake
from data.batches import withdraw
from data.editions import editions
from data.intake import import_file
from data.proposals import approve, publish, submit
from data.revisions import read_text, revisions_of
from data.rolled import named, own
from data.store import Store
from metrics.rollup import own_values
from metrics.scorecard import accept, score
from tests.stores import store_of

# A mean with weights, sums of whole years, zeros for what is absent, and a variable that only regions report.
DEFINITIONS = """
schema: 1
title: 小例
index: {code: all, name: 总, children: [{indicator: one}, {indicator: two}]}
variables:
  a: {name: 甲, unit: m2, over_time: sum, over_sites: sum}
  b: {name: 乙, unit: m2, over_time: mean, over_sites: {mean_by: a}}
  c: {name: 丙, unit: m2, over_time: last, over_sites: none, absent: zero}
indicators:
  one: {name: 一, unit: "1", formula: a / b, better: higher, normalise: {method: goalposts, worst: 0, best: 10}}
  two: {name: 二, unit: m2, formula: a + c, better: higher, normalise: {method: goalposts, worst: 0, best: 10}}
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store of these definitions."""
    return store_of(DEFINITIONS, tmp_path)


def send(store: Store, chance: random.Random, name: str) -> None:
    """Some months of some sites of some regions, and a year or two of regions themselves."""
    values = (1.5, 2.0, "")
    rows = {
        (chance.choice("xyz"), site, f"{chance.choice((2023, 2024))}-{month:02}", variable): chance.choice(values)
        for site in ("s", "t")
        for month in chance.sample(range(1, 13), 8)
        for variable in chance.sample("abc", 2)
    }
    rows |= {(chance.choice("xyz"), "", "2024", variable): chance.randint(1, 9) for variable in "ac"}
    lines = [f"{','.join(key)},{value}" for key, value in rows.items()]
    file = store.path.with_name(f"{name}.csv")
    file.write_text("\n".join(["region,site,period,variable,value", *lines]) + "\n", encoding="utf-8")
    assert import_file(store, file, sender=name).batch is not None


def is_whole(store: Store, text: str, event: int) -> None:
    """What is kept, brought to the event, is what all the facts of that moment come to by these definitions."""
    definitions = read_text(text, "text")
    found = own(store.query, definitions, event, named(store.query, event))
    facts = accept(definitions, store.facts(as_of=event), None)
    whole = own_values(definitions, facts)
    order = ["region", "variable", "cycle"]
    assert found.values.equals(whole.values.select(found.values.columns).sort(order))
    assert (found.cycles, found.named) == (whole.cycles, whole.named)


@pytest.mark.parametrize("seed", [1, 2])
def test_what_is_kept_is_what_all_facts_come_to(store: Store, seed: int) -> None:
    """After any arrivals and withdrawals; by the version in force and by one whose rules are not kept; then and now."""
    chance = random.Random(seed)
    other = DEFINITIONS.replace("over_time: mean", "over_time: max").replace("over_sites: sum", "over_sites: mean")
    for step in range(6):
        send(store, chance, f"f{step}")
        if step in (2, 4):
            withdraw(store, step, person="甲", reason="报错")
    last = store.newest_event()
    for text in (DEFINITIONS, other):
        for event in (1, 3, last // 2, last):
            is_whole(store, text, event)


def test_a_new_version_rolls_up_by_its_own_rules(store: Store) -> None:
    """A version with another rule is kept from the next batch on, and is right before that too."""
    chance = random.Random(3)
    send(store, chance, "one")
    other = DEFINITIONS.replace("over_time: mean", "over_time: max")
    number = submit(store, other, author="甲", reason="改用最大值", from_cycle="2024", based_on=0)
    approve(store, number, person="乙")
    is_whole(store, other, store.newest_event())
    kept = store.settings()["rolled rules"]
    send(store, chance, "two")
    assert store.settings()["rolled rules"] != kept
    for text in (DEFINITIONS, other):
        is_whole(store, text, store.newest_event())


def test_scores_come_from_what_is_kept(store: Store) -> None:
    """A store's scores are those of its facts, without the facts being read; a published cycle keeps its own, also
    when all its facts are taken back."""
    chance = random.Random(4)
    send(store, chance, "one")
    publish(store, "2024", person="丁")
    before = editions(store).frame.filter(pl.col("period") == "2024")
    send(store, chance, "two")
    found = editions(store)
    assert found.frame.filter(pl.col("period") == "2024").equals(before)
    assert not found.frame.filter(pl.col("period") == "2023").is_empty()
    definitions = revisions_of(store).latest.definitions
    assert found.latest.frame.equals(score(definitions, store.facts()).frame)
    assert "facts" not in vars(editions(store).latest.given)
    for batch in (1, 2):
        withdraw(store, batch, person="丁", reason="报错")
    assert list(editions(store).cards) == ["2024"]
    assert editions(store).frame.equals(before)


def test_a_file_is_rolled_up_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the rules saw of a file's facts is what is kept of them: nothing is rolled up a second time."""
    monkeypatch.setattr("data.rolled.own_values", None)
    chance = random.Random(5)
    for name in ("one", "two"):
        send(store, chance, name)
    monkeypatch.undo()
    is_whole(store, DEFINITIONS, store.newest_event())


def test_what_came_in_meanwhile_counts(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where another file comes in while one is judged, what that was rolled up to without it is not kept."""
    chance, judge = random.Random(6), intake.judge_file

    def slowly(*given: Any, **options: Any) -> intake.JudgedFile:
        found = judge(*given, **options)
        monkeypatch.setattr(intake, "judge_file", judge)
        send(store, chance, "meanwhile")
        return found

    monkeypatch.setattr(intake, "judge_file", slowly)
    send(store, chance, "slow")
    assert store.batches().height == 2
    is_whole(store, DEFINITIONS, store.newest_event())


def test_the_same_batches_make_the_same_state(tmp_path: Path) -> None:
    """A batch that came while another was judged, or before it: the state's id is the same, and so is what is kept."""
    files = ("x,,2020,a,5\nx,,2020,b,6\n", "x,,2020,a,5.5\n", "x,,2020,b,6.5\n")
    found = []
    for meanwhile in (False, True):
        folder = tmp_path / str(meanwhile)
        folder.mkdir()
        first, second, third = (folder / f"{number}.csv" for number in range(3))
        for file, text in zip((first, second, third), files, strict=True):
            file.write_text(f"region,site,period,variable,value\n{text}")
        store = Store(folder / "s.duckdb")
        (tmp_path / "d.yaml").write_text(DEFINITIONS, "utf-8")
        with store.created("init") as writer:
            writer.setting("indicators", str(tmp_path / "d.yaml"))
        import_file(store, first)
        if not meanwhile:
            import_file(store, second)
        look = partial(_brought_in, store, second) if meanwhile else None
        import_file(store, third, replaces=1, look=look)
        kept = [store.query(f"FROM {table} ORDER BY ALL").rows() for table in ("named", "rolled")]
        found.append((store.snapshot(), kept))
    assert found[0] == found[1]


def _brought_in(store: Store, file: Path, _: object) -> None:
    assert import_file(store, file).batch == 2
