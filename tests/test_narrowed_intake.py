"""Narrowed intake: what somebody sends is judged, kept and foreseen on all facts; of others' they are told no more."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from data.access import opened_for
from data.corrections import correction
from data.foreseen import foreseen_facts, foreseen_scores
from data.grants import give
from data.intake import JudgedFile, import_file, judge_file
from data.proposals import publish
from data.revisions import revisions_of
from data.rights import Grant, Person
from data.rolled import named, own
from data.shown import sight_of
from data.store import Store
from metrics.problems import InputError
from metrics.rollup import own_values
from pages.parts.corrected import _correction
from pages.parts.intake import Place, judged, uploaded
from pages.parts.previewed import rows_of
from pages.parts.previewed_effect import _foreseen
from pages.parts.url import ACTING, PLACE
from tests.stores import store_of

DEFINITIONS = """
schema: 1
title: 小例
index: {code: all, name: 总, children: [{indicator: price}, {indicator: level}]}
variables:
  a: {name: 面积, unit: m2}
  b: {name: 费用, unit: CNY}
  c: {name: 用电, unit: kWh}
  d: {name: 用水, unit: m3}
  e: {name: 用气, unit: m3}
  f: {name: 用油, unit: L}
indicators:
  price: {name: 单价, unit: CNY/m2, formula: b / a, better: lower, normalise: {method: minmax}}
  level: {name: 水平, unit: m2, formula: a, better: higher, normalise: {method: minmax}}
"""
HEAD = "region,period,variable,value\n"
PAGE = Path(__file__).parent.parent / "pages" / "facts" / "facts.py"
OTHERS, CODES = ("Ulan", "Vyna", "Wasi", "Yoro", "Zemu"), "abcdef"
# Of each rule that compares, what the reporter's file has: copied from Ulan, a price far off, a slip of 10,000.
COMPARED = {"stock_moved", "changed_much", "alike", "unit_price", "unit_slip"}


def number(place: int, code: str, year: int) -> float:
    """A number of many digits, nobody else's."""
    return round(20000 + 317.1 * place + 53.7 * CODES.index(code) + 7.3 * (year - 2022) + (place + year) ** 0.5, 3)


GRANTS = {
    "reporter": Grant(0, "r", "reporter", "x"),
    "of 2024": Grant(0, "r4", "reporter", "x", cycles=("2024",)),
    "of two": Grant(0, "r5", "reporter", "x", cycles=("2024", "2025")),
    "leader": Grant(0, "l", "leader"),
}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six regions in two years; x has reported less than the others, and no more than three numbers a year."""
    made = store_of(DEFINITIONS, tmp_path_factory.mktemp("narrowed"))
    for year in (2023, 2024):
        rows = [f"{region},{year},{code},{number(at, code, year)}"
                for (at, region), code in product(enumerate(OTHERS), CODES)]  # fmt: skip
        rows += [f"x,{year},{code},{number(9, code, year) / (1 if code == 'a' else 2.5)}" for code in "abc"]
        import_file(made, written(made, str(year), *rows), sender="甲")
    for grant in GRANTS.values():
        give(made, replace(grant, giver="管理员", reason="试"))
    return made.path


@pytest.fixture
def store(first: Path, tmp_path: Path) -> Store:
    """A store of one's own of them."""
    return Store(shutil.copyfile(first, tmp_path / "s.duckdb"))


def written(store: Store, name: str, *rows: str) -> Path:
    """A file of facts."""
    file = store.path.with_name(f"{name}.csv")
    file.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    return file


def copied(store: Store) -> Path:
    """The file that every rule has a doubt about."""
    rows = [f"x,2024,{code},{number(0, code, 2024)}" for code in "cdf"]
    return written(store, "copy", "x,2024,a,30000", "x,2024,b,555555", *rows, "x,2024,e,201230000")


def seen_as(store: Store, who: str) -> Store:
    """The store for somebody with one of the grants."""
    return opened_for(store, Person(GRANTS[who].person, who, "oidc"))


def looked_at(store: Store, file: Path) -> JudgedFile:
    """The file judged for whoever the store is open for."""
    return judge_file(store, revisions_of(store).widest, file, None)


def words_of(found: JudgedFile) -> str:
    """All that is told of a file, in both languages, and what lies under it."""
    told = [one.message(lang) for one in found.found[1] for lang in ("zh", "en")]
    frames = [*found.doubts.values(), rows_of(found)]
    return "\n".join([*told, *(frame.write_csv() for frame in frames), repr(found.found[1])])


def refused(what: Callable[[], object]) -> str:
    """The code of the problem that something ends in."""
    with pytest.raises(InputError) as caught:
        what()
    return caught.value.problems[0].code


def test_a_reporter_is_judged_as_everybody_and_told_nobody_elses_number(store: Store) -> None:
    """The same rules doubt the same rows, and are kept; no other region is named, nor a number that is theirs."""
    file, reporter = copied(store), seen_as(store, "reporter")
    whole, narrow = looked_at(store, file), looked_at(reporter, file)
    places = {rule: found["row"].to_list() for rule, found in whole.doubts.items()}
    assert set(places) >= COMPARED
    assert {rule: found["row"].to_list() for rule, found in narrow.doubts.items()} == places
    assert "Ulan" in words_of(whole)
    sent = set(pl.read_csv(file)["value"].cast(pl.Float64))
    theirs = {number(at, code, year) for (at, _), code, year in product(enumerate(OTHERS), CODES, (2023, 2024))} - sent
    words = words_of(narrow)
    assert not [name for name in OTHERS if name in words]
    assert not [one for one in theirs if str(one) in words]
    (median,) = whole.doubts["unit_price"]["median"]
    assert str(median) in words_of(whole)
    assert str(median) not in words
    assert "another region" in words
    # The year before is the sender's own.
    assert narrow.doubts["stock_moved"].equals(whole.doubts["stock_moved"])
    report = import_file(reporter, file, sender="r", reasons={"": "核对过"})
    assert "Ulan" not in str(report.as_dict("en"))
    kept = store.warnings(report.batch or 0)
    assert {rule: found["row"].to_list() for (rule,), found in kept.group_by("rule")} == places


def test_a_year_that_is_not_seen_is_compared_with_and_not_told(store: Store) -> None:
    """With a right in one cycle the year before makes the same doubts; its number, and the rate to it, are not told."""
    file = copied(store)
    whole, narrow = looked_at(store, file), looked_at(seen_as(store, "of 2024"), file)
    for rule in ("stock_moved", "changed_much"):
        assert narrow.doubts[rule].drop("before", "rate").equals(whole.doubts[rule].drop("before", "rate"))
        assert narrow.doubts[rule].select(pl.col("before", "rate").is_null().all()).row(0) == (True, True)
    words = words_of(narrow)
    assert not [code for code in "abc" if str(number(9, code, 2023) / (1 if code == "a" else 2.5)) in words]
    assert "differs from 2023 (not shown) by … %" in words


def test_what_may_not_be_sent_is_not_judged(store: Store) -> None:
    """Neither another region's facts nor another cycle's: what the rules say of these would tell what holds of them."""
    reporter, of_cycle = seen_as(store, "reporter"), seen_as(store, "of 2024")
    now = store.snapshot()
    for mine, rows in (
        (reporter, ("x,2024,a,1", "Ulan,2024,a,1")),
        (of_cycle, ("x,2024,a,1", "x,2023,a,1")),
        (seen_as(store, "leader"), ("x,2024,a,1",)),
    ):
        file = written(store, "strange", *rows)
        assert refused(lambda: looked_at(mine, file)) == "denied"  # noqa: B023
        assert refused(lambda: import_file(mine, file)) == "denied"  # noqa: B023
    assert store.snapshot() == now
    assert store.facts().height == 2 * (len(OTHERS) * len(CODES) + 3)


def test_what_is_foreseen_and_what_happened_is_told_of_ones_own(store: Store) -> None:
    """By all facts: the scores that move are those of whoever sees all, and only one's own regions' are shown."""
    file = written(store, "new", "x,2024,a,21000.5", "x,2025,a,31000")
    for who in ("reporter", "of two"):
        mine = seen_as(store, who)
        facts = looked_at(mine, file).facts
        scores = foreseen_scores(store, facts)
        assert set(scores["region"]) > {"x"}
        assert foreseen_scores(mine, facts).equals(scores.filter(pl.col("region") == "x"))
        assert foreseen_facts(mine, facts).equals(foreseen_facts(store, facts))
    batch = import_file(mine, file, sender=mine.access.person.id).batch or 0
    assert correction(mine, batch).scores.equals(correction(store, batch).scores.filter(pl.col("region") == "x"))
    assert correction(mine, batch).scores.equals(scores.filter(pl.col("region") == "x"))


def test_a_batch_of_many_regions_is_shown_to_each_its_own(store: Store) -> None:
    """Facts and scores; before a cycle is public nothing of it to those who see public results only."""
    whole, mine = correction(store, 2), correction(seen_as(store, "reporter"), 2)
    for part, every in ((mine.facts, whole.facts), (mine.scores, whole.scores)):
        assert part.height
        assert part.equals(every.filter(pl.col("region") == "x"))
    leader = seen_as(store, "leader")
    assert refused(lambda: correction(leader, 2)) == "unknown_batch"
    publish(store, "2024", person="甲")
    leader = seen_as(store, "leader")
    assert correction(leader, 2).facts.equals(whole.facts.filter(pl.col("period") == "2024"))
    assert correction(leader, 2).scores.is_empty()
    later = import_file(store, written(store, "later", "x,2024,a,1", "Ulan,2024,a,5"), sender="甲").batch or 0
    assert refused(lambda: correction(leader, later)) == "unknown_batch"


def test_what_a_page_keeps_is_kept_for_those_who_see_as_much(store: Store) -> None:
    """The same bytes, looked at first by whoever sees all, then by a reporter: nothing is passed on."""
    file, reporter = copied(store), seen_as(store, "reporter")
    upload = uploaded("copy.csv", file.read_bytes(), "1")
    found = {}
    for name, mine in (("whole", store), ("narrow", reporter)):
        place = Place(mine, mine.snapshot(), "d")
        one = judged(place, upload, None)
        assert isinstance(one, JudgedFile)
        key = (str(mine.path), sight_of(mine))
        found[name] = (one, _foreseen(key, None, mine, one), _correction(key, 2, mine))
    assert "Ulan" in words_of(found["whole"][0])
    assert "Ulan" not in words_of(found["narrow"][0])
    for at in (1, 2):
        every, mine_only = (pl.concat([f.select("region") for f in found[name][at]]) for name in ("whole", "narrow"))
        assert set(every["region"]) > {"x"}
        assert set(mine_only["region"]) == {"x"}


def test_a_part_of_the_facts_is_rolled_up_from_them(store: Store) -> None:
    """What is kept of all facts is of no use to a store that sees a part: its own values are its own facts'."""
    for who, years in (("reporter", 2), ("of 2024", 1)):
        mine = seen_as(store, who)
        definitions, event = revisions_of(mine).latest.definitions, mine.newest_event()
        found = own(mine.query, definitions, event, named(mine.query, event)).values
        wanted = own_values(definitions, mine.facts()).values.select(found.columns).sort("region", "variable", "cycle")
        assert found.height == 3 * years
        assert found.equals(wanted)


def test_the_page_tells_a_reporter_of_their_own(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Doubts, scores and facts name no other region; a file with another region's facts is refused at once."""
    monkeypatch.setenv("QUHENG_DB", str(store.path))
    at = AppTest.from_file(str(PAGE), default_timeout=60)
    at.query_params["part"] = "bring"
    for key, value in (("person", "甲"), (ACTING, "reporter"), (PLACE, "x")):
        at.session_state[key] = value
    at.run()
    at.file_uploader[0].upload("copy.csv", copied(store).read_bytes(), "text/csv")
    at.run()
    next(one for one in at.toggle if "入库后会改变什么" in one.label).set_value(True).run()
    words = page_words(at)
    assert "与 另一个地区 同期填报的完全相同" in words
    assert "综合得分改变的有 1 处" in words
    assert not [name for name in OTHERS if name in words]
    at.file_uploader[0].upload("strange.csv", f"{HEAD}x,2024,a,1\nUlan,2024,a,1\n".encode(), "text/csv")
    at.run()
    assert [one.value for one in at.error] == ["文件不能导入"]
    assert "无权报送数据（地区：Ulan" in page_words(at)
    assert [one.label for one in at.selectbox] == ["我是"]


def test_the_forms_are_those_of_ones_own_regions(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A region that a reporter neither sees nor sends is not named where forms are taken."""
    monkeypatch.setenv("QUHENG_DB", str(store.path))
    offered = {}
    for role in (None, "reporter"):
        at = AppTest.from_file(str(PAGE), default_timeout=60)
        at.query_params["part"] = "take"
        at.session_state[ACTING], at.session_state[PLACE] = role, "x"
        at.run()
        offered[role] = at.selectbox(key="form region").options
        assert not at.exception
    assert len(offered["reporter"]) == 1
    assert {*offered["reporter"]} < {*offered[None]}


def page_words(at: AppTest) -> str:
    """What stands on the page."""
    assert not at.exception
    return "\n".join(element.proto.body for element in at.get("html"))
