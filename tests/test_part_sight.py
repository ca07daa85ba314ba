"""Sight of a part: whoever sees some regions sees their results in full, and of the others nothing that is theirs."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import polars as pl
import pypdf
import pytest
from streamlit.testing.v1 import AppTest

from data.access import opened_with
from data.editions import Editions, editions
from data.exports import bundled, leave
from data.grants import access_by
from data.intake import import_file
from data.proposals import publish, submit
from data.rights import Grant, Person
from data.store import Store
from metrics.cut import FEWEST, cut
from metrics.definitions import Definitions
from metrics.explain import explain
from metrics.export import FORMATS
from metrics.integration import dispersion
from metrics.problems import InputError
from metrics.states import Standing
from metrics.verify.verdict import verify
from pages.parts import in_sight
from pages.parts.url import ACTING, PLACE
from tests.stores import store_of

ROOT = Path(__file__).parent.parent
PAGES = re.findall(r'_page\("(\w+/\w+)"', (ROOT / "app.py").read_text("utf-8"))
assert PAGES
# What a page is divided into, by its address.
PARTS = {
    "define/definitions": ("edit", "versions"),
    "facts/facts": ("state", "quality", "bring", "batches", "take"),
    "process/process": ("course", "review", "adjust", "notice", "editions", "object"),
}
VIEWS = [(name, part) for name in PAGES for part in PARTS.get(name, ("",))]
DEFINITIONS = """
schema: 1
title: {zh: 小例, en: Example}
index:
  code: all
  name: {zh: 总分, en: Whole}
  children:
    - code: first
      name: {zh: 维度甲, en: Pillar one}
      children: [{indicator: low}, {indicator: beside}]
    - code: second
      name: {zh: 维度乙, en: Pillar two}
      children: [{indicator: fixed}, {indicator: placed}]
variables:
  a: {name: {zh: 甲数, en: A}, unit: m2}
  b: {name: {zh: 乙数, en: B}, unit: m2}
  c: {name: {zh: 丙数, en: C}, unit: m2}
indicators:
  low: {name: {zh: 指标一, en: One}, unit: "1", formula: a / b, better: lower, normalise: {method: minmax}}
  beside: {name: {zh: 指标二, en: Two}, unit: "1", formula: c / peers_mean(c), better: higher,
           normalise: {method: zscore}}
  fixed: {name: {zh: 指标三, en: Three}, unit: "1", formula: c / b, better: higher,
          normalise: {method: goalposts, worst: 0, best: 3}}
  placed: {name: {zh: 指标四, en: Four}, unit: m2, formula: c, better: higher, normalise: {method: percentile_rank}}
grades:
  - {code: good, name: {zh: 良好, en: Good}, at_least: 60}
  - {code: plain, name: {zh: 一般, en: Plain}, at_least: 0}
rules:
  - {code: held, name: {zh: 否决一例, en: A veto}, kind: veto, when: low > 2.5, cap: plain}
robustness: {trials: 40, seed: 1, weights: {spread: 0.25}}
"""
REGIONS = {
    "dpq0": ("东屏槐", "Dongping-Huai"), "dpq1": ("东屏榆", "Dongping-Yu"), "xlz0": ("西岭梅", "Xiling-Mei"),
    "xlz1": ("西岭兰", "Xiling-Lan"), "xlz2": ("西岭竹", "Xiling-Zhu"), "xlz3": ("西岭菊", "Xiling-Ju"),
    "xlz4": ("西岭松", "Xiling-Song"), "xlz5": ("西岭柏", "Xiling-Bai"), "xlz6": ("西岭桐", "Xiling-Tong"),
}  # fmt: skip
OWN, AREA = "dpq0", ("dpq0", "dpq1")
# Nobody's but theirs; no product or ratio of these is another's number.
YEARS = (2021, 2022, 2023, 2024)


def numbers_of(region: str, year: int) -> Iterator[tuple[str, float]]:
    """What a region reports in a year: numbers of many digits, no two alike."""
    place = list(REGIONS).index(region) + 1
    for at, code in enumerate("abc", start=1):
        yield code, round(1000.0 * at + 137.0 * place * at + (year - 2020) * 11.0 + (place * at * year) ** 0.5, 4)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Nine regions in two areas, four cycles: one published, one before its release, one open after each."""
    made = store_of(DEFINITIONS, tmp_path_factory.mktemp("sight"))
    with made.transaction("regions") as writer:
        writer.setting("regions", "given")
        for code, (zh, en) in REGIONS.items():
            row = {"code": code, "zh": zh, "en": en}
            writer.execute("INSERT INTO regions (code, name_zh, name_en) VALUES ($code, $zh, $en)", row)
        writer.execute("INSERT INTO areas VALUES ('east', '东边', 'East'), ('west', '西边', 'West')")
        for code in REGIONS:
            area = {"area": "east" if code in AREA else "west", "code": code}
            writer.execute("INSERT INTO area_regions VALUES ($area, $code)", area)
    sent(made, *YEARS[:3])
    publish(made, "2022", person="甲")
    publish(made, "2023", person="甲", release="2199-01-01T00:00:00+00:00")
    sent(made, *YEARS[3:])
    stricter = DEFINITIONS.replace("at_least: 60", "at_least: 50").replace("best: 3}", "best: 4}")
    submit(made, stricter, based_on=0, author="甲", reason="试", from_cycle="2024")
    return made


def sent(store: Store, *years: int) -> None:
    """A file of every region's numbers."""
    lines = [
        f"{region},{year},{code},{number}"
        for year, region in product(years, REGIONS)
        for code, number in numbers_of(region, year)
    ]
    file = store.path.with_name(f"{years[0]}.csv")
    file.write_text("\n".join(["region,period,variable,value", *lines]) + "\n", encoding="utf-8")
    found = import_file(store, file, sender="甲")
    assert found.batch is not None


@pytest.fixture(scope="module")
def whole(store: Store) -> Editions:
    """Everybody's results."""
    return editions(store)


def seen_as(store: Store, role: str, place: str, **more: Any) -> Store:
    """The store as somebody with one grant sees it."""
    person = Person(f"{role}@{place}", role, "oidc")
    return opened_with(store, access_by(store, person, [Grant(0, person.id, role, place, **more)]))


def theirs(whole: Editions, own: tuple[str, ...]) -> dict[str, str]:
    """What names or tells the regions that are not one's own, as it would stand in a text: what it is by the text."""
    found = {text: f"{code} by name" for code, told in REGIONS.items() if code not in own for text in (code, *told)}
    facts = {number: region for region in REGIONS for year in YEARS for _, number in numbers_of(region, year)}
    found |= {repr(number): f"a fact of {region}" for number, region in facts.items() if region not in own}
    mine = set[str]()
    for card in whole.cards.values():
        for row in card.frame.iter_rows(named=True):
            for name in ("value", "treated", "score"):
                text = repr(row[name]).lstrip("-")[:9]
                if row["region"] in own:
                    mine.add(text)
                elif len(text) == 9:
                    found[text] = f"{name} of {row['code']} of {row['region']} in {row['period']}"
    return {text: what for text, what in found.items() if text not in mine}


def leaks(content: str, hidden: Mapping[str, str]) -> list[str]:
    """What of others stands in a text."""
    return [f"{text}: {what}" for text, what in hidden.items() if text in content]


def told(thing: Any, known: set[int]) -> Iterator[str]:
    """Everything that an object holds, as text."""
    if id(thing) in known:
        return
    known.add(id(thing))
    if isinstance(thing, pl.DataFrame):
        yield thing.write_csv()
    elif isinstance(thing, pl.Series):
        yield thing.cast(pl.String).to_frame().write_csv() if thing.dtype != pl.Boolean else ""
    elif isinstance(thing, Definitions):
        yield str(thing.rules)
    elif isinstance(thing, Mapping):
        for pair in thing.items():
            yield from told(pair, known)
    elif isinstance(thing, list | tuple | set | frozenset):
        for one in thing:
            yield from told(one, known)
    elif is_dataclass(thing):
        for one in (*(getattr(thing, field.name) for field in fields(thing)), *getattr(thing, "__dict__", {}).values()):
            yield from told(one, known)
    elif callable(thing):
        inside = [cell.cell_contents for cell in getattr(thing, "__closure__", None) or ()]
        bound = getattr(thing, "args", ()), getattr(thing, "keywords", {}), getattr(thing, "func", None)
        yield from told((inside, *bound), known)
    else:
        yield str(thing)


def text_of(at: AppTest) -> str:
    """Everything that a page sends to the browser, but the address itself."""

    def found(block: Any) -> Iterator[str]:
        proto = getattr(block, "proto", None)
        if proto is not None:
            yield proto.SerializeToString().decode("utf-8", "replace")
        for child in getattr(block, "children", {}).values():
            yield from found(child)

    return "\n".join(found(at._tree))


def page(name: str, role: str, place: str, **query: str) -> AppTest:
    """A page as a role that is tried out sees it."""
    at = AppTest.from_file(str(ROOT / "pages" / f"{name}.py"), default_timeout=60)
    at.session_state[ACTING], at.session_state[PLACE] = role, place
    for key, value in query.items():
        at.query_params[key] = value
    at.run()
    if at.toggle:
        for one in at.toggle:
            one.set_value(True)
        at.run()
    assert not at.exception, (name, role)
    return at


def test_what_is_found_of_a_part_is_what_was_found_of_the_whole(whole: Editions) -> None:
    """Rows, changes, ranks and how many are ranked are those of the scorecard of all; only the others are missing."""
    card = whole.cards["2024"]
    part = cut(card, AREA, periods=card.periods)
    own = pl.col("region").is_in(AREA)
    assert part.frame.equals(card.frame.filter(own))
    assert part.changes.equals(card.changes.filter(own))
    kept = ["period", "region", "code", "group", "n", "ranked"]
    assert part.beside.select(kept).equals(card.beside.filter(own).select(kept))
    assert part.compared == len(REGIONS)
    assert part.variables.equals(card.variables.filter(own))
    assert part.found.unvetoed.keys() == {(period, region) for period in card.periods for region in AREA}


def test_of_others_there_is_what_many_have_together(whole: Editions) -> None:
    """With five out of sight their mean and deviation are told, with four nothing; neither best nor its value ever."""
    card = whole.cards["2024"]
    many, few = list(REGIONS)[FEWEST:], list(REGIONS)[:FEWEST]
    part, more = (cut(card, own, periods=["2024"]) for own in (REGIONS.keys() - set(few), REGIONS.keys() - set(many)))
    others = card.frame.filter(pl.col("region").is_in(few), pl.col("period") == "2024", pl.col("code") == "fixed")
    row = part.beside.filter(pl.col("code") == "fixed").row(0, named=True)
    mean, deviation = others["score"].mean(), others["score"].std(ddof=0)
    assert row["score_median"] == pytest.approx(mean)
    assert (row["score_max"] - row["score_min"]) / 2 == pytest.approx(deviation)
    assert len(many) < FEWEST
    assert more.beside["score_median"].null_count() == more.beside.height
    assert more.distances["peer_gap"].null_count() == more.distances.height
    assert all(one.beside["best"].null_count() == one.beside.height for one in (part, more))


def test_a_part_holds_nothing_of_others(whole: Editions) -> None:
    """Neither its frames nor what it was made from, nor what it calls, name or tell a region out of sight."""
    card = whole.cards["2024"]
    part = cut(card, AREA, periods=card.periods)
    assert not leaks("\n".join(told((part, part.changes, part.variables), set())), theirs(whole, AREA))
    assert leaks("\n".join(told(card, set())), theirs(whole, AREA))


def test_an_explanation_of_a_part_has_no_arithmetic_of_others(whole: Editions) -> None:
    """Every number is there, and where others are asked about, what came of them and not their numbers."""
    card = whole.cards["2024"]
    part, hidden = cut(card, (OWN,), periods=card.periods), theirs(whole, (OWN,))
    text = explain(part, OWN, "2024", "all").text("zh")
    assert not leaks(text, hidden)
    assert leaks(explain(card, OWN, "2024", "all").text("zh"), hidden)
    assert f"n = {len(REGIONS)}" in text


@pytest.mark.parametrize("role", ["reporter", "assessor", "leader"])
@pytest.mark.parametrize(("place", "own"), [(OWN, {OWN}), ("east", set(AREA)), ("", None)])
def test_who_sees_what_of_which_cycle(
    store: Store, whole: Editions, role: str, place: str, own: set[str] | None
) -> None:
    """Before publication, and until its moment, a cycle is for roles with that right; and always one's own regions."""
    seen = in_sight.seen_of(seen_as(store, role, place).access, whole, {"2022"})
    expected = dict.fromkeys(["2022"] if role == "leader" else map(str, YEARS), None if own is None else frozenset(own))
    assert seen == expected
    assert bool(in_sight.digest_of(seen)) is (own is not None)


@pytest.mark.parametrize(("name", "part"), VIEWS)
def test_no_page_tells_of_others(
    store: Store, whole: Editions, monkeypatch: pytest.MonkeyPatch, name: str, part: str
) -> None:
    """Whatever part of a page a reporter of one region opens, with all of its switches on."""
    monkeypatch.setenv("QUHENG_DB", str(store.path))
    found = text_of(page(name, "reporter", OWN, lang="en", against="peers", part=part))
    assert not leaks(found, theirs(whole, (OWN,)))
    if name in ("view/integration", "view/robustness", "view/efficiency", "define/diagnostics"):
        assert "for those who see all of them" in found


def early(whole: Editions) -> dict[str, str]:
    """What tells a cycle that is not public, as it would stand in a text: facts, scores and how far apart they are."""
    facts = {repr(number): year for year in YEARS for region in REGIONS for _, number in numbers_of(region, year)}
    public, found = set[str](), {text: f"a fact of {year}" for text, year in facts.items() if year != 2022}
    for cycle, card in whole.cards.items():
        told = pl.col("period") == cycle
        apart = dispersion(card, codes=["all"]).filter(told).select("measure", "value").rows()
        rows = [pair for name in ("value", "score") for pair in card.frame.filter(told).select("code", name).rows()]
        for what, x in (*apart, *rows):
            text = repr(x).lstrip("-")[:9]
            if cycle == "2022":
                public.add(text)
            elif len(text) == 9:
                found[text] = f"{what} in {cycle}"
    return {text: what for text, what in found.items() if text not in public}


@pytest.mark.parametrize(("name", "part"), VIEWS)
def test_no_page_tells_what_is_not_public(
    store: Store, whole: Editions, monkeypatch: pytest.MonkeyPatch, name: str, part: str
) -> None:
    """Whoever sees all regions, but nothing before it is public, is shown the published cycle and no other."""
    monkeypatch.setenv("QUHENG_DB", str(store.path))
    assert not leaks(text_of(page(name, "leader", "", part=part, area="all")), early(whole))


def test_cycles_beside_one_another_are_those_in_sight(
    store: Store, whole: Editions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever assesses one cycle only is told how far apart all are in it, and in no other."""
    limited = seen_as(store, "assessor", "", cycles=("2024",))
    monkeypatch.setenv("QUHENG_DB", str(store.path))
    monkeypatch.setattr("pages.parts.shell.store_of_page", lambda: limited)
    found = leaks(text_of(page("view/integration", "", "", area="all")), early(whole))
    assert found
    assert {one[-4:] for one in found} == {"2024"}


@pytest.mark.parametrize("own", ["2021", "2024"])
def test_effects_are_told_of_cycles_in_sight(
    store: Store, whole: Editions, monkeypatch: pytest.MonkeyPatch, own: str
) -> None:
    """Whoever evaluates one cycle only is told what a change would do to that, and which others are left out."""
    limited = seen_as(store, "evaluator", "", cycles=(own,))
    monkeypatch.setenv("QUHENG_DB", str(store.path))
    monkeypatch.setattr("pages.parts.shell.store_of_page", lambda: limited)
    found = text_of(page("define/definitions", "", "", part="versions"))
    told = {text: what for text, what in early(whole).items() if what == "all in 2024"}
    assert bool(leaks(found, told)) is (own == "2024")
    assert "这些周期的影响" in found


@pytest.mark.parametrize("name", ["view/overview", "view/region", "view/paths", "take/scorecards"])
def test_an_address_leads_to_nobody_else(
    store: Store, whole: Editions, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Of a region or an embargoed cycle in the address a leader of an area sees nothing but what they typed."""
    monkeypatch.setenv("QUHENG_DB", str(store.path))
    found = text_of(page(name, "leader", "east", region="xlz3", regions="xlz4", cycle="2023", area="west"))
    hidden = {text: what for text, what in theirs(whole, AREA).items() if text not in ("xlz3", "xlz4")}
    early = {repr(number): f"{year}" for year in (2021, 2023, 2024) for _, number in numbers_of(OWN, year)}
    assert not leaks(found, hidden | early)
    assert "2022" in found


def test_a_page_shows_the_numbers_of_the_whole(
    store: Store, whole: Editions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Score, rank among all and its interval stand on the page of one's own region."""
    monkeypatch.setenv("QUHENG_DB", str(store.path))
    found = text_of(page("view/region", "reporter", OWN))
    row = whole.cards["2024"].composite_of(OWN, "2024")
    assert f"排名 {row['rank']} / {len(REGIONS)} (" in found
    assert leaks(text_of(page("view/region", "evaluator", "")), theirs(whole, (OWN,)))


def _texts(content: bytes) -> str:
    """A file as text: what is packed is unpacked, and a PDF read back."""
    if content.startswith(b"PK"):
        with ZipFile(BytesIO(content)) as archive:
            return "\n".join(archive.read(one).decode("utf-8", "replace") for one in archive.namelist())
    if content.startswith(b"%PDF"):
        return "\n".join(one.extract_text() for one in pypdf.PdfReader(BytesIO(content)).pages)
    return content.decode("utf-8", "replace")


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "bundle"])
def test_a_file_of_ones_own_region_tells_of_nobody_else(whole: Editions, form: str) -> None:
    """In every format: the region's own numbers, and no name, code or number of another."""
    card = whole.cards["2024"]
    part = cut(card, AREA, periods=card.periods)
    for lang in ("zh", "en"):
        found = _texts(FORMATS[form](part, regions=[OWN], periods=["2024"], lang=lang))
        assert not leaks(found, theirs(whole, (OWN,)))
        assert REGIONS[OWN][lang == "en"] in found


@pytest.mark.parametrize("form", ["html", "md", "pdf", "bundle"])
def test_what_rests_on_everybody_is_refused_of_a_part(whole: Editions, form: str) -> None:
    """A report of several regions together, and a bundle, are for those who see all of them."""
    part = cut(whole.cards["2024"], AREA, periods=["2024"])
    with pytest.raises(InputError) as caught:
        FORMATS[form](part, regions=list(AREA), periods=["2024"])
    assert caught.value.problems[0].code == ("bundle_in_part" if form == "bundle" else "area_report_in_part")


def test_files_are_of_regions_that_may_be_taken(store: Store) -> None:
    """Whoever sees all regions and may export some takes no file of the others."""
    person = Person("x", "x", "oidc")
    grants = [Grant(1, "x", "auditor"), Grant(2, "x", "reporter", OWN)]
    own = opened_with(store, access_by(store, person, grants))
    assert leave(own, "x", ["2022"], [OWN]) == Standing("published")
    with pytest.raises(InputError):
        leave(own, "x", ["2022"], list(REGIONS))


def test_a_bundle_holds_what_is_public(store: Store, whole: Editions, tmp_path: Path) -> None:
    """Of a published cycle, for whoever sees public results only, it holds their facts, verifies, and has no others."""
    leader = seen_as(store, "leader", "")
    card = whole.cards["2022"]
    assert set(card.periods) == {"2021", "2022", "2023"}
    content = FORMATS["bundle"](bundled(leader, card, ["2022"]), periods=["2022"])
    with ZipFile(BytesIO(content)) as archive:
        facts = pl.read_csv(archive.read("facts.csv"), infer_schema_length=0)
    assert set(facts["period"]) == {"2022"}
    file = tmp_path / "2022.zip"
    file.write_bytes(content)
    assert not [one for one in verify(file).problems if one.severity == "error"]
    assert bundled(seen_as(store, "evaluator", ""), card, ["2022"]) is card
