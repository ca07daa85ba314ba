"""Cross-review in the store: who may say what of whom, adjustments with evidence, and what counts in the scores."""

import math
import shutil
from functools import partial
from pathlib import Path

import duckdb
import polars as pl
import pytest

from data import evidence, reviews
from data.access import opened_for
from data.adjusting import adjustments, decide, propose
from data.batches import withdraw
from data.cycles import advance, conclude, next_steps, stage_of, step_back
from data.editions import editions
from data.evidence import content_of, listed
from data.grants import give
from data.proposals import publish
from data.rated import agreement
from data.republished import publish_again
from data.reviews import About, draw, drawn, give_verdict, rate, remark, remarks, settle, verdicts
from data.rights import Grant, Person
from data.steps import migrate, newest_schema
from data.store import Store
from metrics.cross_review import Draw
from tests.stores import store_of
from tests.test_cycles import DEFINITIONS, REGIONS, known_as, refused, sent


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four regions in 2024 under cross-review, each drawn to review another."""
    made = store_of(DEFINITIONS, tmp_path_factory.mktemp("reviews"))
    sent(made, 2024, {"p1": 5, "p2": 6, "p3": 7, "p4": 8})
    for stage in ("self_check", "audit", "cross_review"):
        advance(made, "2024", stage, person="甲", reason="继续")
    draw(made, "2024", Draw(seed=7, apart=[("p1", "p2")]), person="甲", reason="抽签")
    return made.path


@pytest.fixture
def store(first: Path, tmp_path: Path) -> Store:
    """A store of one's own of them."""
    return Store(shutil.copyfile(first, tmp_path / "s.duckdb"))


def reviewer_of(store: Store, region: str) -> Store:
    """The store for whoever was drawn to review a region."""
    own = next(reviewer for reviewer, reviewed in drawn(store, "2024") if reviewed == region)
    return known_as(store, "reviewer", own)


def name(store: Store) -> str:
    """Who has the store open."""
    return store.access.person.id


def test_a_draw_is_kept_with_what_it_was_drawn_from(store: Store) -> None:
    """Seed, share, conflicts; each region once, nobody against a conflict; and it is drawn once only."""
    pairs = drawn(store, "2024")
    assert sorted(reviewed for _, reviewed in pairs) == list(REGIONS)
    assert not {("p1", "p2"), ("p2", "p1")} & set(pairs)
    kept = store.query("SELECT * FROM draws").row(0, named=True)
    assert (kept["seed"], kept["share"], kept["each"], kept["apart"], kept["person"]) == (7, 1.0, 1, ["p1/p2"], "甲")
    assert kept["reason"] == "抽签"
    assert refused(lambda: draw(store, "2024", Draw(8), person="甲", reason=" ")) == "reason_wanted"
    assert refused(lambda: draw(store, "2024", Draw(8), person="甲", reason="抽签")) == "drawn_already"
    assert refused(lambda: draw(store, "2025", Draw(8), person="甲", reason="抽签")) == "wrong_stage"


@pytest.mark.parametrize(
    ("how", "code"),
    [
        (Draw(1, share=0.0), "draw_bounds"),
        (Draw(1, share=math.nan), "draw_bounds"),
        (Draw(1, each=0), "draw_bounds"),
        (Draw(-1), "draw_seed"),
        (Draw(10**23), "draw_seed"),
        (Draw(1, apart=[("p1", "pp")]), "review_region"),
        (Draw(1, each=4), "no_cross_review"),
    ],
)
def test_a_draw_that_cannot_be_is_refused(first: Path, tmp_path: Path, how: Draw, code: str) -> None:
    """No share, no reviewers, no seed, a conflict of nobody, more reviewers than there are."""
    own = Store(shutil.copyfile(first, tmp_path / "s.duckdb"))
    with own.transaction("undrawn") as writer:
        writer.execute("DELETE FROM assignments")
    assert refused(lambda: draw(own, "2024", how, person="甲", reason="抽签")) == code


def test_others_write_while_a_lot_is_drawn(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store is not locked for it; what was drawn of other regions than there are by then is not kept."""
    with store.transaction("undrawn") as writer:
        writer.execute("DELETE FROM assignments")
        writer.execute("DELETE FROM draws")
    slow = reviews.assign

    def assigned(regions: list[str], how: Draw) -> tuple[tuple[str, str], ...]:
        sent(store, 2024, {f"q{how.seed}": 5})
        return slow(regions, how)

    with monkeypatch.context() as patch:
        patch.setattr(reviews, "assign", assigned)
        assert refused(lambda: draw(store, "2024", Draw(1), person="甲", reason="抽签")) == "draw_moved"
    assert drawn(store, "2024") == ()
    assert {reviewed for _, reviewed in draw(store, "2024", Draw(1), person="甲", reason="抽签")} == {*REGIONS, "q1"}


def test_one_reviews_whom_one_was_drawn_for_and_nobody_else(store: Store) -> None:
    """Every other region is denied for every kind of word, as is a whole store for whom nobody was drawn."""
    own = reviewer_of(store, "p1")
    for region in REGIONS:
        attempts = (
            lambda region=region: remark(own, "2024", region, "试", person=name(own)),
            lambda region=region: rate(own, "2024", region, {"one": 50.0}, person=name(own)),
            lambda region=region: give_verdict(own, "2024", region, "agree", person=name(own), reason="试"),
            lambda region=region: propose(own, "2024", region, "one", 1.0, person=name(own), reason="试"),
        )
        for attempt in attempts:
            if region == "p1":
                attempt()
            else:
                assert refused(attempt) == "denied"
    with store.transaction("sample") as writer:
        writer.execute("DELETE FROM assignments WHERE reviewed = 'p2'")
    assert refused(lambda: remark(store, "2024", "p2", "试", person="甲")) == "not_drawn"
    step_back(store, "2024", "audit", person="甲", reason="试")
    assert refused(lambda: remark(own, "2024", "p1", "试", person=name(own))) == "wrong_stage"


def test_what_is_said_names_codes_that_there_are(store: Store) -> None:
    """Of a fact its variable, period and site; of a score its node; anything else is refused."""
    remark(store, "2024", "p1", "电费单缺页", about=About("a", "2024", "楼1"), person="甲")
    remark(store, "2024", "p1", "总分偏高", about=About("all"), person="甲")
    assert remarks(store, "2024").select("code", "period", "site", "text").rows() == [
        ("a", "2024", "楼1", "电费单缺页"), ("all", "", "", "总分偏高")]  # fmt: skip
    assert refused(lambda: remark(store, "2024", "p1", "试", about=About("zz"), person="甲")) == "review_code"
    assert refused(lambda: remark(store, "2024", "p1", " ", person="甲")) == "reason_wanted"
    assert refused(lambda: rate(store, "2024", "p1", {"a": 5.0}, person="甲")) == "review_code"
    assert refused(lambda: rate(store, "2024", "p1", {"one": 101.0}, person="甲")) == "rating_bounds"
    assert refused(lambda: rate(store, "2024", "p1", {"one": math.nan}, person="甲")) == "rating_bounds"


def test_what_others_said_is_not_seen_without_the_right(store: Store) -> None:
    """Before publication a region sees what is said of itself, and a leader nothing; rows never leave the store."""
    for region in ("p1", "p2"):
        remark(store, "2024", region, "试", person="甲")
        propose(store, "2024", region, "one", 1.0, person="甲", reason="试")
    reporter, leader = known_as(store, "reporter", "p1"), known_as(store, "leader")
    for own, seen in ((reporter, ["p1"]), (leader, [])):
        assert remarks(own, "2024")["region"].to_list() == seen
        assert adjustments(own, "2024")["region"].to_list() == seen
        assert own.query("SELECT region FROM remarks")["region"].to_list() == seen
        assert own.query("SELECT region FROM adjusted")["region"].to_list() == seen


def test_reviewers_agree_as_far_as_their_last_ratings_do(store: Store) -> None:
    """Reviewing regions, not persons, are compared: in each region by Kendall's W, of which the median is told; a
    rating given again counts in place of the first; where there is none it is said why.

    By hand: Σ(a − b)²/(n − 1) within things is 5200, among all 44000/7."""
    with store.transaction("lot") as writer:
        writer.execute("DELETE FROM assignments")
        for reviewer, reviewed in (("p2", "p1"), ("p3", "p1"), ("p1", "p2"), ("p3", "p2")):
            row = {"one": reviewer, "other": reviewed}
            writer.execute("INSERT INTO assignments VALUES ('2024', $one, $other, 1, '', '')", row)
    assert agreement(store, "2024").told("zh")[0] == "W = —（没有一个地区由两方评过）"
    for person, region, ratings in (("甲", "p1", (50, 60)), ("甲", "p2", (50, 60)), ("乙", "p1", (70, 80))):
        rate(store, "2024", region, dict(zip(("one", "all"), map(float, ratings), strict=True)), person=person)
    rate(store, "2024", "p2", {"one": 90.0, "all": 30.0}, person="乙")
    found = agreement(store, "2024")
    assert (found.w, found.regions, found.judges, found.things) == (0.5, 2, ("p1", "p2", "p3"), 4)
    assert found.told("en")[0] == "W = 0.500 (median of 2 regions)"
    give(store, Grant(0, "丁", "reviewer", "p3", giver="管理员", reason="试"))
    rate(opened_for(store, Person("丁", "丁", "oidc")), "2024", "p2", {"one": 20.0}, person="丁")
    found = agreement(store, "2024")
    assert (found.w, found.judges, found.missing) == (1.0, ("p1", "p2", "p3"), "")
    assert found.alpha == pytest.approx(1.0 - 5200.0 / (44000.0 / 7.0))
    assert math.isnan(agreement(store, "2025").alpha)


def test_the_stage_ends_with_a_verdict_on_everybody_and_every_dispute_settled(store: Store) -> None:
    """Third party waits for verdicts; approval for escalations and adjustments; only whoever concludes settles."""
    for region in REGIONS:
        (step, _) = next_steps(store, "2024")
        assert region in step.reasons("zh")[0]
        own = reviewer_of(store, region)
        give_verdict(own, "2024", region, "escalate" if region == "p2" else "agree", person=name(own), reason="见佐证")
    assert verdicts(store, "2024")["verdict"].to_list() == ["agree", "escalate", "agree", "agree"]
    number = propose(store, "2024", "p2", "one", -1.5, person="乙", reason="漏报")
    advance(store, "2024", "third_party", person="甲", reason="继续")
    (step, _) = next_steps(store, "2024")
    assert [problem.code for problem in step.missing] == ["escalations_open", "adjustments_open"]
    assert refused(lambda: settle(reviewer_of(store, "p2"), "2024", "p2", person="x", reason="试")) == "denied"
    settle(store, "2024", "p2", person="丙", reason="按佐证")
    assert refused(lambda: settle(store, "2024", "p2", person="丙", reason="按佐证")) == "nothing_escalated"
    assert refused(lambda: advance(store, "2024", "approval", person="甲", reason="继续")) == "adjustments_open"
    decide(store, number, "agreed", person="甲", reason="核实")
    advance(store, "2024", "approval", person="甲", reason="继续")
    assert stage_of(store, "2024") == "approval"


def test_an_adjustment_counts_once_another_person_agreed(store: Store) -> None:
    """Proposed it changes nothing; its proposer decides nothing; agreed it moves the composite and is told; a leader
    alone takes it back, and decides what was escalated."""

    def score() -> tuple[float, str]:
        row = editions(store).card("2024").composite_of("p1", "2024")
        return round(row["score"], 9), row["flags"]

    number = propose(store, "2024", "p1", "one", 2.5, person="乙", reason="补报")
    assert score() == (50.0, "")
    assert refused(lambda: decide(store, number, "agreed", person=" 乙", reason="试")) == "own_adjustment"
    evaluator, leader = known_as(store, "evaluator"), known_as(store, "leader", provisional=True)
    decide(evaluator, number, "escalated", person=name(evaluator), reason="拿不准")
    assert refused(lambda: decide(store, number, "agreed", person=name(evaluator), reason="试")) == "own_escalation"
    assert refused(lambda: decide(evaluator, number, "agreed", person=name(evaluator), reason="试")) == "denied"
    decide(leader, number, "agreed", person=name(leader), reason="同意")
    assert score() == (52.5, f"adjustment-{number}")
    card = editions(store).card("2024")
    assert [rule.name.text("zh") for rule in card.definitions.rules if rule.name] == ["调整1（一）：补报"]
    assert refused(lambda: decide(leader, number, "agreed", person=name(leader), reason="试")) == "adjustment_decided"
    decide(leader, number, "refused", person=name(leader), reason="撤销")
    assert score() == (50.0, "")
    assert store.facts()["value"].to_list() == editions(store).latest.facts["value"].to_list()


@pytest.mark.parametrize("points", [0.0, math.nan, math.inf, -100.5])
def test_points_lie_on_the_scale(store: Store, points: float) -> None:
    """None, no number, and more than there are."""
    assert refused(lambda: propose(store, "2024", "p1", "one", points, person="甲", reason="试")) == "adjustment_points"


def test_evidence_is_kept_under_its_digest_and_bounded(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes back to the byte for whoever sees the adjustment; changed, strange, large or empty files are refused."""
    file = tmp_path / "发票.pdf"
    file.write_bytes(b"%PDF invoice")
    propose(store, "2024", "p1", "one", 1.0, person="甲", reason="试", evidence=[file, file])
    (digest,) = adjustments(store, "2024")["evidence"].to_list()[0]
    assert content_of(store, digest) == b"%PDF invoice"
    assert [(one.name, one.size) for one in listed(store, "adjustments", 1)] == [("发票.pdf", 12)]
    assert refused(lambda: content_of(known_as(store, "leader"), digest)) == "evidence_unknown"
    assert refused(lambda: content_of(store, "../../etc/passwd")) == "evidence_unknown"
    kept = store.path.with_name(f"{store.path.name}.evidence") / digest
    kept.write_bytes(b"another")
    assert refused(lambda: content_of(store, digest)) == "evidence_changed"
    monkeypatch.setattr(evidence, "MOST", 5)
    file.write_bytes(b"123456")
    for content, code in ((b"123456", "evidence_size"), (b"", "evidence_size")):
        file.write_bytes(content)
        attempt = lambda: propose(store, "2024", "p1", "one", 1.0, person="甲", reason="试", evidence=[file])  # noqa: E731
        assert refused(attempt) == code
    many = [file] * (evidence.MOST_FILES + 1)
    attempt = lambda: propose(store, "2024", "p1", "one", 1.0, person="甲", reason="试", evidence=many)  # noqa: E731
    assert refused(attempt) == "evidence_too_many"
    assert adjustments(store, "2024").height == 1


def test_each_reviewer_is_heard_and_again_after_a_step_back(first: Path, tmp_path: Path) -> None:
    """Two people of one reviewer are one voice; whoever holds the file speaks for one reviewer; what was said before a
    step back counts no more; and whoever escalated does not settle."""
    store = Store(shutil.copyfile(first, tmp_path / "s.duckdb"))
    with store.transaction("undrawn") as writer:
        writer.execute("DELETE FROM assignments")
        for reviewer in ("p2", "p3"):
            writer.execute("INSERT INTO assignments VALUES ('2024', $r, 'p1', 1, '', '')", {"r": reviewer})
    for person in ("乙", "丙"):
        give(store, Grant(0, person, "reviewer", "p2", giver="管理员", reason="试"))
        own = opened_for(store, Person(person, person, "oidc"))
        give_verdict(own, "2024", "p1", "agree", person=person, reason="看过")
    assert [problem.code for problem in next_steps(store, "2024")[0].missing] == ["reviews_open"]
    give(store, Grant(0, "丁", "leader", giver="管理员", reason="试", provisional=True))
    give(store, Grant(0, "丁", "reviewer", "p3", giver="管理员", reason="试"))
    both = opened_for(store, Person("丁", "丁", "oidc"))
    give_verdict(both, "2024", "p1", "escalate", person="丁", reason="存疑")
    assert refused(lambda: settle(both, "2024", "p1", person="丁", reason="我定")) == "own_escalation"
    give_verdict(store, "2024", "p1", "escalate", person="乙", reason="也存疑")
    assert refused(lambda: settle(both, "2024", "p1", person="丁", reason="我定")) == "own_escalation"
    blind = known_as(store, "leader")
    assert refused(lambda: settle(blind, "2024", "p1", person="leader@", reason="我定")) == "denied"
    advance(store, "2024", "third_party", person="甲", reason="继续")
    step_back(store, "2024", "cross_review", person="甲", reason="数据有改")
    assert [problem.code for problem in next_steps(store, "2024")[0].missing] == ["reviews_open"]
    for person in ("戊", "戊", "己"):
        give_verdict(store, "2024", "p1", "agree", person=person, reason="再看")
    assert verdicts(store, "2024").filter("stands")["reviewer"].to_list() == ["p2", "p2", "p3"]
    assert not next_steps(store, "2024")[0].missing


def test_a_verdict_is_of_the_facts_that_it_was_given_on(store: Store) -> None:
    """Facts of the region in the cycle that are not what they were take back its agreements and what was settled of it;
    an escalation waits on, and others' facts, other years, the same facts again and what was withdrawn take nothing
    back."""
    for region in REGIONS:
        own = reviewer_of(store, region)
        give_verdict(own, "2024", region, "escalate" if region == "p2" else "agree", person=name(own), reason="看过")
    settle(store, "2024", "p2", person="丙", reason="核实")
    sent(store, 2023, {"p1": 5})
    assert next_steps(store, "2024")[0].missing == ()
    assert verdicts(store, "2024")["stands"].all()
    held = dict(store.query("SELECT region, value FROM current_facts WHERE period = '2024' AND variable = 'a'").rows())
    sent(store, 2024, {region: int(held[region]) for region in ("p2", "p1")}, why="重报")
    assert verdicts(store, "2024")["stands"].all()
    wrong = sent(store, 2024, {"p1": 4, "p2": 4})
    assert not verdicts(store, "2024")["stands"].all()
    withdraw(store, wrong, person="甲", reason="误报")
    assert next_steps(store, "2024")[0].missing == ()
    assert verdicts(store, "2024")["stands"].all()
    sent(store, 2024, {"p1": 4, "p2": 4}, why="更正")
    found = verdicts(store, "2024").filter(~pl.col("stands"))
    assert set(found.select("region", "verdict").rows()) == {("p1", "agree"), ("p2", "settle")}
    (problem,) = next_steps(store, "2024")[0].missing
    assert (problem.code, problem.facts["regions"]) == ("reviews_open", "p1")
    give_verdict(store, "2024", "p1", "agree", person="甲", reason="看过现在的")
    advance(store, "2024", "third_party", person="甲", reason="继续")
    assert refused(lambda: advance(store, "2024", "approval", person="甲", reason="继续")) == "escalations_open"
    settle(store, "2024", "p2", person="丙", reason="核实现在的")
    advance(store, "2024", "approval", person="甲", reason="继续")


def test_a_lot_is_drawn_again_only_after_a_step_back(store: Store) -> None:
    """Once each time; the earlier lot stays on record, and what its reviewers rated is not heard any more."""
    first = drawn(store, "2024")
    for region in REGIONS:
        own = reviewer_of(store, region)
        rate(own, "2024", region, {"all": 60, "one": 50}, person=name(own))
    assert refused(lambda: draw(store, "2024", Draw(8), person="甲", reason="漏了回避")) == "drawn_already"
    step_back(store, "2024", "audit", person="甲", reason="漏了回避")
    again = draw(store, "2024", Draw(8, apart=[first[0]]), person="甲", reason="漏了回避")
    assert drawn(store, "2024") == again
    assert first[0] not in again
    assert refused(lambda: draw(store, "2024", Draw(9), person="甲", reason="再抽")) == "drawn_already"
    kept = store.query("SELECT number, seed, pairs, reason FROM draws ORDER BY number").rows()
    assert kept == [
        (1, 7, ["/".join(pair) for pair in first], "抽签"), (2, 8, ["/".join(pair) for pair in again], "漏了回避")
    ]  # fmt: skip
    heard = {reviewer for reviewer, _ in set(first) & set(again)}
    assert set(agreement(store, "2024").judges) == heard
    step_back_again = partial(step_back, store, "2024", "audit", person="甲", reason="又漏了")
    for back in (lambda: None, step_back_again):
        back()
        advance(store, "2024", "cross_review", person="甲", reason="继续")
        # Reviewers speak already.
        assert refused(lambda: draw(store, "2024", Draw(9), person="甲", reason="再抽")) == "drawn_already"


def test_an_older_lot_keeps_what_it_was(tmp_path: Path) -> None:
    """A store from before lots were numbered: the lot is the first, with its pairs, after the last step of then."""
    with duckdb.connect(tmp_path / "s.duckdb") as connection:
        migrate(connection, 0, 11)
        step = "INSERT INTO transitions VALUES ({n}, '2024', 'x', '{to}', '甲', '2025-0{n}', '试', '')"
        for number, to in ((2, "audit"), (6, "audit")):
            connection.execute(step.format(n=number, to=to))
        connection.execute("INSERT INTO draws VALUES ('2024', 7, 0.5, 2, ['p1/p2'], '甲', '2025-04', '约定')")
        for reviewer in ("p3", "p2"):
            connection.execute("INSERT INTO assignments VALUES ('2024', $one, 'p1', 7, '', '')", {"one": reviewer})
        migrate(connection, 11, newest_schema())
        found = connection.execute("SELECT * FROM draws").fetchall()
    assert found == [("2024", 1, 7, 0.5, 2, ["p1/p2"], ["p2/p1", "p3/p1"], 2, "甲", "2025-04", "约定")]


def test_what_a_correction_reopens_after_publication_is_settled_again(store: Store) -> None:
    """Before the corrected facts make a new edition."""
    for region in REGIONS:
        own = reviewer_of(store, region)
        give_verdict(own, "2024", region, "escalate" if region == "p2" else "agree", person=name(own), reason="看过")
    settle(store, "2024", "p2", person="丙", reason="核实")
    for stage in ("third_party", "approval"):
        advance(store, "2024", stage, person="甲", reason="继续")
    conclude(store, "2024", person="丙", reason="同意")
    publish(store, "2024", person="甲")
    sent(store, 2024, {"p2": 4}, why="更正")
    assert refused(lambda: publish_again(store, "2024", person="丁", reason="更正")) == "escalations_open"
    settle(store, "2024", "p2", person="丙", reason="核实更正后的")
    assert publish_again(store, "2024", person="丁", reason="更正") == 2


def test_older_verdicts_keep_the_step_that_they_were_given_after(tmp_path: Path) -> None:
    """A store from before this was written down: what was said before a step back counts no more, a settlement is
    nobody's of those who were drawn, and facts that have come in since are not those that were seen."""
    with duckdb.connect(tmp_path / "s.duckdb") as connection:
        migrate(connection, 0, 6)
        step = "INSERT INTO transitions VALUES ({n}, '2024', 'audit', '{to}', '甲', '2025-0{n}', '试', '')"
        for number, to in enumerate(("cross_review", "audit", "cross_review"), start=1):
            connection.execute(step.format(n=2 * number, to=to))
        connection.execute("INSERT INTO assignments VALUES ('2024', 'p2', 'p1', 1, '', '')")
        connection.execute("INSERT INTO events VALUES (1, 1, 'received', NULL, '', '2025-01', '')")
        connection.execute("INSERT INTO events VALUES (2, 1, 'withdrawn', NULL, '', '2025-08', '')")
        for number, verdict in ((3, "escalate"), (7, "escalate"), (9, "settle")):
            row = f"({number}, '2024', 'p1', '{verdict}', '乙', '2025-0{number}', '试')"
            connection.execute(f"INSERT INTO verdicts VALUES {row}")
        migrate(connection, 6, newest_schema())
        found = connection.execute("SELECT id, reviewer, step, event FROM verdicts ORDER BY id").fetchall()
    assert found == [(3, "p2", 2, 1), (7, "p2", 6, 1), (9, "", 6, 2)]
