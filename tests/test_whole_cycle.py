"""A cycle of the demonstration from its targets to its end, by six roles and whoever grants them their rights."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from data.access import opened_for
from data.adjusting import decide, propose
from data.agreement import Tolerance, compare
from data.assessed import keep
from data.cycles import advance, conclude, next_steps, stage_of
from data.editions import editions
from data.figures import read_figures
from data.grants import give
from data.intake import import_file
from data.keys import make_key
from data.notices import draft, public_notice, sign, versions
from data.objections import answer, object_to, objections
from data.proposals import publish
from data.rated import agreement
from data.recorded import Entry, entries, found_broken, journal_of
from data.rectifications import accept, demand, report
from data.republished import edition_changes, publish_again
from data.reviews import draw, drawn, give_verdict, rate, remark, settle
from data.revisions import revisions_of
from data.rights import Grant, Person
from data.site import write_site
from data.store import Store
from metrics.cross_review import Draw
from tests.test_cycles import refused

CYCLE = "2024"
# The city that misread its water in July, and its site and meter of that month.
MISREAD, SITE, MONTH = "930200", "930200-01", "2024-07"


class Clock(datetime):
    """A clock that stands where it is put."""

    at = datetime(2025, 2, 1, 8, tzinfo=UTC)

    @classmethod
    def now(cls, tz: object = None) -> datetime:  # type: ignore[override]  # noqa: ARG003
        return cls.at


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> type[Clock]:
    monkeypatch.setattr("data.clock.datetime", Clock)
    monkeypatch.setattr(Clock, "at", Clock.at)
    return Clock


@pytest.fixture
def hold(demo: Path, tmp_path: Path, clock: type[Clock]) -> Store:
    """The demonstration as whoever holds its file has it, with a key to sign with."""
    store = Store(shutil.copyfile(demo, tmp_path / "s.duckdb"))
    shutil.copyfile(journal_of(demo).file, journal_of(store.path).file)
    make_key(store)
    return store


class People:
    """Those who hold rights, each with the store as they have it; a person is named by role and region."""

    def __init__(self, hold: Store) -> None:
        give(hold, Grant(0, "管理员", "administrator", "", giver="单位", reason="起用"))
        self.hold = hold

    def __call__(self, role: str, region: str = "", *, cycle: str = CYCLE, provisional: bool = False) -> Store:
        name = f"{role}@{region or '全部'}"
        held = set(self.hold.query("SELECT person FROM grants")["person"])
        if name not in held:
            giver = opened_for(self.hold, Person("管理员", "管理员", "oidc"))
            give(giver, Grant(0, name, role, region, (cycle,), provisional, giver="管理员", reason="本年度"))
        return opened_for(self.hold, Person(name, name, "oidc"))


def who(store: Store) -> str:
    """Who has the store open."""
    return store.access.person.id


def on(store: Store, to: str) -> None:
    """The cycle goes on."""
    advance(store, CYCLE, to, person=who(store), reason="按计划")


def test_a_cycle_is_played_through_by_six_roles(hold: Store, clock: type[Clock], tmp_path: Path) -> None:
    """Evaluator, reporter, reviewer, assessor, leader and auditor each do what is theirs, and are refused what is not;
    what became public is what they agreed, and the journal tells all of it in an unbroken chain."""
    people = People(hold)
    runs, leads = people("evaluator"), people("leader", provisional=True)
    _targets_to_audit(people, tmp_path)
    number = _reviewed(people)
    on(runs, "third_party")
    _assessed(people, tmp_path)
    assert {problem.code for problem in next_steps(runs, CYCLE)[0].missing} == {"escalations_open", "adjustments_open"}
    disputed = sorted(hold.query("SELECT region FROM verdicts WHERE verdict = 'escalate'")["region"])
    assert refused(lambda: settle(runs, CYCLE, disputed[0], person=who(runs), reason="我定")) == "denied"
    settle(leads, CYCLE, disputed[0], person=who(leads), reason="核实无误")
    decide(runs, number, "agreed", person=who(runs), reason="票据属实")
    on(runs, "approval")
    _published(people, clock)
    _objected(people, clock, tmp_path)
    clock.at = datetime(2025, 8, 1, 8, tzinfo=UTC)
    on(runs, "closed")
    assert (stage_of(hold, CYCLE), next_steps(runs, CYCLE)) == ("closed", [])
    _told(people)


def _targets_to_audit(people: People, folder: Path) -> None:
    """Targets, reports, self-check, audit; a reporter corrects a misread meter of their own region and of no other."""
    runs, own = people("evaluator"), people("reporter", MISREAD)
    for stage in ("targets", "reports"):
        on(runs, stage)
    assert refused(lambda: on(own, "self_check")) == "denied"
    meter = own.query("SELECT value FROM current_facts WHERE site = $s AND period = $p AND variable = 'water'",
                      s=SITE, p=MONTH).item()  # fmt: skip
    other = sorted(set(people.hold.regions()["code"]) - {MISREAD})[0]
    assert refused(lambda: _sent(own, folder, other, None, 1.0)) == "denied"
    assert _sent(own, folder, MISREAD, SITE, meter / 10) == 2
    assert set(own.facts()["region"]) == {MISREAD}
    for stage in ("self_check", "audit", "cross_review"):
        on(runs, stage)


def _sent(store: Store, folder: Path, region: str, site: str | None, value: float) -> int | None:
    file = folder / f"{region}-{value}.csv"
    pl.DataFrame({"region": [region], "site": [site], "period": [MONTH], "variable": ["water"], "value": [value]},
                 schema_overrides={"site": pl.String}).write_csv(file)  # fmt: skip
    return import_file(store, file, sender=who(store), reasons={"": "换表前误读，已核对"}).batch


def _reviewed(people: People) -> int:
    """The lot is drawn; every reviewer speaks of whom they were given; one disputes, one proposes an adjustment."""
    runs = people("evaluator")
    pairs = draw(runs, CYCLE, Draw(seed=20250301), person=who(runs), reason="抽签")
    assert drawn(runs, CYCLE) == pairs
    assert not set(pairs) & {(other, one) for one, other in pairs}
    for place, (one, other) in enumerate(pairs):
        reviewer = people("reviewer", one)
        stranger = next(code for code in sorted({code for _, code in pairs}) if code not in (one, other))
        assert refused(lambda: remark(reviewer, CYCLE, stranger, "越权", person=who(reviewer))) == "denied"  # noqa: B023
        remark(reviewer, CYCLE, other, "与上年相比变化较大，请说明", person=who(reviewer))
        rate(reviewer, CYCLE, other, {"service_quality": 60.0 + place}, person=who(reviewer))
        verdict = "escalate" if not place else "agree"
        give_verdict(reviewer, CYCLE, other, verdict, person=who(reviewer), reason="已看过")
    last = people("reviewer", pairs[-1][0])
    assert agreement(runs, CYCLE).things == len(pairs)
    return propose(last, CYCLE, pairs[-1][1], "service_quality", -1.5, reason="漏报两次投诉", person=who(last))


def _assessed(people: People, folder: Path) -> None:
    """The third party hands in its own figures, of which one differs; it moves nothing on."""
    third, card = people("assessor"), editions(people.hold).card(CYCLE)
    assert refused(lambda: on(third, "approval")) == "denied"
    ours = card.frame.filter(pl.col("period") == CYCLE, pl.col("code") == "composite").drop_nulls("score")
    off = pl.when(pl.col("region") == MISREAD).then(1.0).otherwise(0.0)
    theirs = ours.select("region", "code", score=pl.col("score") + off)
    theirs.write_csv(folder / "theirs.csv")
    figures = read_figures(folder / "theirs.csv", card.definitions, card.regions, CYCLE)
    found = compare(figures, card, CYCLE, Tolerance())
    assert found.differing["region"].to_list() == [MISREAD]
    own = people("reporter", MISREAD)
    for store, allowed in ((third, True), (own, False)):
        handed = lambda: keep(store, folder / "theirs.csv", found, card, CYCLE, by=who(store), name="t.csv", lang="zh")  # noqa: B023, E731
        assert (handed().by if allowed else refused(handed)) == (who(third) if allowed else "denied")


def _published(people: People, clock: type[Clock]) -> None:
    """Approved by the leader, published under embargo, and public when its moment has come."""
    runs, leads, plain = people("evaluator"), people("leader", provisional=True), people("leader", "930000")
    assert refused(lambda: publish(runs, CYCLE, person=who(runs))) == "not_concluded"
    assert refused(lambda: conclude(runs, CYCLE, person=who(runs), reason="自己定")) == "denied"
    conclude(leads, CYCLE, person=who(leads), reason="同意公布")
    publish(runs, CYCLE, person=who(runs), reason="公布", release="2025-06-01T09:00+08:00")
    assert plain.access.seen(CYCLE, published=False) == frozenset()
    draft(runs, CYCLE, "zh", person=who(runs))
    sign(leads, CYCLE, "zh", versions(leads, CYCLE, "zh")[-1].id, person=who(leads))
    assert public_notice(runs, CYCLE, "zh") is None
    assert refused(lambda: on(runs, "objections")) == "cycle_embargoed"
    clock.at = datetime(2025, 6, 1, 1, tzinfo=UTC)
    assert public_notice(runs, CYCLE, "zh") is not None
    on(runs, "objections")


def _objected(people: People, clock: type[Clock], folder: Path) -> None:
    """An objection that is upheld becomes a correction and a second edition; what is to be put right is, and accepted;
    what everybody may read holds the second edition."""
    runs, leads, own = people("evaluator"), people("leader", provisional=True), people("reporter", MISREAD)
    number = object_to(own, CYCLE, MISREAD, "七月水表仍有误", person=who(own), code="water")
    assert refused(lambda: answer(own, number, "upheld", "当然", person=who(own))) == "denied"
    meter = own.query("SELECT value FROM current_facts WHERE site = $s AND period = $p AND variable = 'water'",
                      s=SITE, p=MONTH).item()  # fmt: skip
    assert _sent(own, folder, MISREAD, SITE, meter * 0.5) == 3
    answer(runs, number, "upheld", "属实，出新版", person=who(runs))
    assert objections(runs, CYCLE)["outcome"].to_list() == ["upheld"]
    before = editions(people.hold).card(CYCLE).frame
    assert publish_again(leads, CYCLE, person=who(leads), reason="更正用水量") == 2
    ledger = edition_changes(people.hold, CYCLE, 2).terms
    assert MISREAD in set(ledger["region"])
    assert not editions(people.hold).card(CYCLE).frame.equals(before)
    due = demand(runs, CYCLE, MISREAD, "建立水表抄读复核", person=who(runs))
    report(own, due, "已建立", person=who(own))
    accept(runs, due, "通过", person=who(runs))
    files, _ = write_site(people.hold, CYCLE, folder / "site")
    told = b"".join(files.values()).decode("utf-8", "replace")
    assert "更正用水量" in told
    assert "七月水表" not in told


def _told(people: People) -> None:
    """The auditor reads who did what; every refusal is there, and nobody else may read it."""
    audits = people("auditor")
    assert audits.access.may("audit")
    assert not people("evaluator").access.may("audit")
    told = entries(audits.path)
    done: set[str] = {str(one.what.get("change", "")).split(" ")[0] for one in told if one.kind == "done"}
    assert done >= {
        "grant", "stage", "import", "draw", "remark", "rate", "agree", "escalate", "adjust", "settle", "agreed",
        "conclude", "publish", "notice", "sign", "object", "answer", "rectify", "reported", "accepted",
    }  # fmt: skip
    roles: Callable[[Entry], str] = lambda one: one.person.split("@")[0]  # noqa: E731
    assert {roles(one) for one in told if one.kind == "denied"} == {"evaluator", "reporter", "reviewer", "assessor"}
    assert found_broken(audits) == ([], False, [])
    assert revisions_of(audits).publications[CYCLE].edition == 2
