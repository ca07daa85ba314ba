"""Alerts: each kind found and no other, told in both languages, sent once to each, and again where it failed."""

import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from data.__main__ import main
from data.alerting import Memory, evaluated, send
from data.channels import Channels, Mail, Undelivered, Webhook, channels
from data.due import set_deadline
from data.intake import import_file
from data.recorded import entries
from data.rights import Access, Grant, Person
from data.store import Store
from metrics.alert_file import Alerts, read_alerts
from metrics.alerts import Frames, alerts, refuse_unknown
from metrics.problems import InputError
from metrics.reader import read
from metrics.scorecard import Scorecard, score
from metrics.settings import parse_settings
from tests.mail import smtp, web
from tests.stores import store_of

DEFINITIONS = """
schema: 1
title: t
variables:
  x: {name: x, unit: kgce}
  y: {name: y, unit: kgce}
indicators:
  ix: {name: {zh: 能耗, en: Energy}, unit: kgce, formula: x, better: lower,
       normalise: {method: distance_to_target, target: 10}}
  iy: {name: iy, unit: kgce, formula: y, better: higher, normalise: {method: minmax}}
index: {code: all, name: all, children: [{indicator: ix}, {indicator: iy}]}
grades: [{code: good, name: good, at_least: 50}, {code: bad, name: bad}]
rules:
  - {code: too_much, name: {zh: 太多, en: Too much}, kind: veto, when: ix > 50, cap: bad}
  - {code: nice, kind: bonus, when: iy > 0, points: 1}
"""
RULES = """
alerts: 1
title: t
rules:
  - {code: met, name: met, kind: over_limit, tell: [a@x.org]}
  - {code: high, name: high, kind: over_limit, indicator: ix, above: 40, tell: [a@x.org, b@x.org]}
  - {code: low, name: low, kind: over_limit, indicator: iy, below: 5}
  - {code: pace, name: pace, kind: off_pace, by: 2026}
  - {code: late, name: late, kind: late_report, tell: [b@x.org]}
  - {code: worse, name: worse, kind: quality_drop}
"""
# By region the values of 2023 and 2024: p is over both limits, q gets worse, r better fast enough, s not.
X = {"p": (60.0, 60.0), "q": (20.0, 30.0), "r": (40.0, 25.0), "s": (30.0, 28.0)}


def _facts() -> pl.DataFrame:
    pairs = [(region, dict(zip(("2023", "2024"), pair, strict=True))) for region, pair in X.items()]
    rows = [(region, period, "x", value) for region, own in pairs for period, value in own.items()]
    rows += [(region, "2023", "y", 10.0) for region in X] + [("p", "2024", "y", 4.0), ("q", "2024", "y", 5.0)]
    return pl.DataFrame(rows, schema=["region", "period", "variable", "value"], orient="row")


@pytest.fixture(scope="module")
def card() -> Scorecard:
    definitions = read(DEFINITIONS).definitions
    assert definitions is not None
    return score(definitions, _facts())


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store of these facts: two regions have not reported y for 2024, which was due."""
    made = store_of(DEFINITIONS, tmp_path)
    _facts().write_csv(tmp_path / "f.csv")
    import_file(made, tmp_path / "f.csv", sender="t")
    set_deadline(made, "2024", "2025-01-31", person="t")
    return made


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """No settings but those that a test writes."""
    monkeypatch.setenv("QUHENG_SECRETS", str(tmp_path / "secrets.toml"))
    return tmp_path / "secrets.toml"


def test_each_kind_finds_what_it_is_for(card: Scorecard) -> None:
    """Worked by hand: a bonus is no alert, 5 is not below 5, r is 15 down a year and needs 7.5, s 2 and needs 9."""
    due = pl.DataFrame({"region": ["p", "r"], "late": [0, 2], "due": [4, 4]})
    codes, decided = ["p", "q", "r"], [None, "doubts", None]
    quality = pl.DataFrame({"code": codes, "grade": ["good", "weak", None], "decided": decided})
    before = pl.DataFrame({"code": codes, "grade": ["poor", "good", "good"]})
    frames = Frames(due, quality, before, ("good", "usable", "weak", "poor"))
    found = alerts(parse_settings(Alerts, RULES), card, "2024", frames)
    assert [(one.rule, one.region, one.code) for one in found] == [
        ("met", "p", "too_much"), ("high", "p", "ix"), ("low", "p", "iy"),
        ("pace", "p", "ix"), ("pace", "q", "ix"), ("pace", "s", "ix"), ("late", "r", ""), ("worse", "q", ""),
    ]  # fmt: skip
    assert found[0].tell == ("a@x.org",)
    assert dict(found[-1].facts) == {"before": "good", "now": "weak", "decided": "doubts"}
    two = parse_settings(Alerts, RULES.replace("kind: quality_drop", "kind: quality_drop, steps: 3"))
    assert "worse" not in {one.rule for one in alerts(two, card, "2024", frames)}


def test_a_pace_is_of_no_cycle_that_is_there(card: Scorecard) -> None:
    """Once the cycle has come nobody is on the way to it; without one the next is meant."""
    past = alerts(parse_settings(Alerts, RULES.replace("by: 2026", "by: 2024")), card, "2024", Frames())
    assert "pace" not in {one.rule for one in past}
    following = alerts(parse_settings(Alerts, RULES.replace(", by: 2026", "")), card, "2024", Frames())
    assert [(one.region, one.facts["by"]) for one in following if one.rule == "pace"] == [
        ("p", "2025"), ("q", "2025"), ("s", "2025"),
    ]  # fmt: skip


def test_what_earlier_definitions_lack_finds_nothing(card: Scorecard) -> None:
    """Rules are written for the definitions of now: of a cycle before the others are found all the same."""
    text = RULES.replace("indicator: ix", "indicator: iz").replace("by: 2026", "by: 2026, indicators: [iy]")
    found = {one.rule for one in alerts(parse_settings(Alerts, text), card, "2024", Frames())}
    assert {"met", "low"} <= found
    assert not {"high", "pace"} & found


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        ("indicator: ix, above: 40", "indicator: ix", {"one_limit_wanted"}),
        ("indicator: ix, above: 40", "indicator: ix, above: 40, below: 1", {"one_limit_wanted"}),
        ("a@x.org, b@x.org", "nobody", {"no_address"}),
        ("a@x.org, b@x.org", '"a@x.org,b@x.org"', {"no_address"}),
        ("a@x.org, b@x.org", '"a@["', {"no_address"}),
        ("a@x.org, b@x.org", '"():@x"', {"no_address"}),
        ("a@x.org, b@x.org", '"().@x"', {"no_address"}),
        ("a@x.org, b@x.org", '"a@x(c)"', {"no_address"}),
        ("code: low", "code: high", {"rule_twice"}),
        ("kind: late_report", "kind: late", {"unknown_word"}),
        ("kind: late_report", "kind: late_report, leest: 2", {"unknown_key"}),
        ("indicator: ix", "indicator: iz", {"not_alerted_of"}),
        ("by: 2026", "by: 2026, indicators: [x]", {"not_alerted_of"}),
        ("by: 2026", "by: 2026, indicators: [ix, iy]", {"no_target_to_reach"}),
        ("by: 2026", "by: 2026-Q4", {"by_no_cycle"}),
        ("by: 2026", "by: 2026/27", {"by_no_cycle"}),
        ("by: 2026", "by: 2026-12", {"by_no_cycle"}),
    ],
)
def test_rules_that_cannot_be_meant_are_refused(card: Scorecard, old: str, new: str, codes: set[str]) -> None:
    """Each by its code; an unknown key names those of its own kind."""

    def used() -> object:
        refuse_unknown(rules := parse_settings(Alerts, RULES.replace(old, new, 1)), card)
        return rules

    with pytest.raises(InputError) as caught:
        used()
    assert {problem.code for problem in caught.value.problems} == codes
    if codes == {"unknown_key"}:
        assert caught.value.problems[0].facts["known"] == "code, kind, least, name, tell"


def test_the_store_tells_what_is_late_in_both_languages(store: Store) -> None:
    """r and s have not reported y; each sentence names region, cycle and number."""
    found = evaluated(store, parse_settings(Alerts, RULES), today="2025-02-01")
    late = [one.region for one in found.alerts if one.kind == "late_report"]
    assert late == ["r", "s"]
    zh, en = found.sentences("zh"), found.sentences("en")
    assert "p 2024 年触发“太多”" in zh
    assert "p 2024 年的能耗为 60.0 kgce，高于 40 kgce" in zh
    assert "s的能耗 2024 年为 28.0 kgce，照现在的速度到 2026 年达不到 10 kgce" in zh
    assert "r 2024 年有 1 项过了期限还没有报（应报 2 项）" in zh
    assert "p: Energy is 60.0 kgce in 2024; at its pace it will not reach 10 kgce by 2026" in en
    before = evaluated(store, parse_settings(Alerts, RULES), today="2025-01-15").alerts
    assert not [one for one in before if one.rule == "late"]


def test_the_same_alert_is_not_sent_twice(store: Store) -> None:
    """One message for each who is told, one for the webhook; the second run sends nothing, a new alert goes alone."""
    with smtp() as post, web() as hook:
        to = Channels(
            Mail("127.0.0.1", post.server_address[1], "none", "from@x.org"),
            Webhook(f"http://127.0.0.1:{hook.server_address[1]}/in?key=1", "secret"), "en",
        )  # fmt: skip
        found = evaluated(store, parse_settings(Alerts, RULES), today="2025-01-15")
        first = send(store, found, to)
        assert first.failed == []
        assert first.sent == {"a@x.org": 2, "b@x.org": 1, f"http://127.0.0.1:{hook.server_address[1]}": 6}
        assert sorted(message["To"] for message in post.taken) == ["a@x.org", "b@x.org"]
        mine = next(message for message in post.taken if message["To"] == "a@x.org")
        assert mine["Subject"] == "Quheng: 2 alerts, 2024"
        assert "· p 2024: Energy is 60.0 kgce, above 40 kgce" in mine.get_content()
        heads, body = hook.taken[0]
        assert heads["Authorization"] == "Bearer secret"
        assert [one["key"] for one in body["alerts"]][:2] == ["met|p|too_much|2024", "high|p|ix|2024"]
        assert send(store, found, to).sent == {}
        told = [(one.what["channel"], one.what["sent"]) for one in entries(store.path) if one.kind == "alert"]
        assert told == list(first.sent.items())
        assert "key=1" not in Memory(store).file.read_text("utf-8")
        later = evaluated(store, parse_settings(Alerts, RULES), today="2025-02-01")
        assert send(store, later, to).sent == {"b@x.org": 2, f"http://127.0.0.1:{hook.server_address[1]}": 2}
        assert (len(post.taken), len(hook.taken)) == (3, 2)


def test_what_fails_is_told_and_sent_the_next_time(store: Store) -> None:
    """A refused address stops no other; a status that is no success, an address elsewhere, a closed port: all told."""
    found = evaluated(store, parse_settings(Alerts, RULES), today="2025-01-15")
    with smtp() as post, web() as hook:
        mail = Mail("127.0.0.1", post.server_address[1], "none", "from@x.org")
        to = Channels(mail, Webhook(f"http://127.0.0.1:{hook.server_address[1]}/in"), "zh")
        post.refused, hook.answer = {"a@x.org"}, 500
        outcome = send(store, found, to)
        assert outcome.sent == {"b@x.org": 1}
        assert [problem.facts["reason"] for problem in outcome.failed] == ["SMTP 550", "HTTP 500"]
        hook.answer = 302
        assert [problem.facts["reason"] for problem in send(store, found, to).failed] == ["SMTP 550", "HTTP 302"]
        post.refused, hook.answer = set(), 200
        assert send(store, found, to).sent == {"a@x.org": 2, to.webhook.shown: 6}  # type: ignore[union-attr]
    closed = Channels(None, Webhook(f"http://127.0.0.1:{hook.server_address[1]}/other"))
    assert send(store, found, closed).failed[0].facts["reason"] == "Connection refused"


@pytest.mark.parametrize("wrong", ["a@[", "():@x", "().@x"])
def test_an_address_that_breaks_its_parser_stops_no_other(store: Store, wrong: str) -> None:
    """Rules of before addresses were looked at so closely: the bad one is told, all others get theirs."""
    found = evaluated(store, parse_settings(Alerts, RULES), today="2025-01-15")
    met = [replace(one, tell=(wrong, "b@x.org")) for one in found.alerts if one.tell]
    with smtp() as post, web() as hook:
        mail = Mail("127.0.0.1", post.server_address[1], "none", "from@x.org")
        to = Channels(mail, Webhook(f"http://127.0.0.1:{hook.server_address[1]}/in"))
        outcome = send(store, replace(found, alerts=tuple(met)), to)
        assert [problem.facts["channel"] for problem in outcome.failed] == [wrong]
        assert list(outcome.sent) == ["b@x.org", to.webhook.shown]  # type: ignore[union-attr]
        assert (len(post.taken), len(hook.taken)) == (1, 1)


def test_a_server_that_says_nothing_is_not_waited_for() -> None:
    """Both channels give up after their time-out."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(Undelivered):
            Webhook(f"http://127.0.0.1:{port}/", timeout=0.2).send({})
        with pytest.raises(Undelivered):
            Mail("127.0.0.1", port, "none", "a@x.org", timeout=0.2).send("b@x.org", "s", "t")


@pytest.mark.parametrize("damage", ['{"mail:a@x.org": {', "", "[]", '{"mail:a@x.org": ["met"]}'])
def test_what_was_sent_is_not_sent_again_where_its_file_is_damaged(store: Store, damage: str) -> None:
    """The file is named, nothing goes out and nothing is written over it; without the file all is sent once more."""
    found = evaluated(store, parse_settings(Alerts, RULES), today="2025-01-15")
    with smtp() as post:
        to = Channels(Mail("127.0.0.1", post.server_address[1], "none", "from@x.org"))
        assert len(send(store, found, to).sent) == len(post.taken) == 2
        file = Memory(store).file
        file.write_text(damage, "utf-8")
        with pytest.raises(InputError) as caught:
            send(store, found, to)
        assert [(one.code, one.facts["path"]) for one in caught.value.problems] == [("alerts_unreadable", file)]
        assert (len(post.taken), file.read_text("utf-8")) == (2, damage)
        file.unlink()
        assert len(send(store, found, to).sent) == 2


def test_one_sends_at_a_time_and_with_the_right_to(store: Store, tmp_path: Path) -> None:
    """A second sender is turned away; so is somebody who may see but not run, or run in one region only."""
    found = evaluated(store, parse_settings(Alerts, RULES), today="2025-01-15")
    with Memory(store).held(), pytest.raises(InputError) as caught:
        send(store, found, Channels(None, Webhook("http://127.0.0.1:9/")))
    assert caught.value.problems[0].code == "alerts_busy"
    person = Person("a", "a", "oidc")
    for access in (
        Access(person, (Grant(1, "a", "leader"),)),
        Access(person, (Grant(1, "a", "evaluator", region="p"),), reach={"p": frozenset("p")}),
    ):
        with pytest.raises(InputError) as caught:
            send(store.seen_with(access, None), found, Channels())
        assert caught.value.problems[0].code == "denied"
        with pytest.raises(InputError):
            evaluated(store.seen_with(access, None), parse_settings(Alerts, RULES))


def test_settings_come_from_the_file_and_the_environment(quiet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment goes first; without either there is no channel; what cannot be used names its key."""
    assert channels() == Channels()
    quiet.write_text('[alerts]\nsmtp_host = "mail.x.org"\nfrom = "q@x.org"\ntimeout = 5\n', "utf-8")
    monkeypatch.setenv("QUHENG_ALERTS_WEBHOOK", "https://x.org/in")
    mail = Mail("mail.x.org", 587, "starttls", "q@x.org", timeout=5.0)
    assert channels() == Channels(mail, Webhook("https://x.org/in", timeout=5.0))
    for line, key in (
        ('webhook = "file:///etc/passwd"', "webhook"), ('webhook = "http://[x/"', "webhook"),
        ('webhook = "http://x:port/"', "webhook"), ('webhook = "http://x.org/"\nwebhook_token = "t"', "webhook"),
        ('smtp_host = "x"', "from"), ('smtp_host = "x"\nfrom = "a"\nsmtp_security = "ssl"', "smtp_security"),
        ('smtp_host = "x"\nfrom = "a"\nsmtp_security = "none"\nsmtp_password = "p"', "smtp_security"),
        ('timeout = 600', "timeout"), ('smpt_host = "x"', "smpt_host"), ('language = "fr"', "language"),
    ):  # fmt: skip
        monkeypatch.delenv("QUHENG_ALERTS_WEBHOOK", raising=False)
        quiet.write_text(f"[alerts]\n{line}\n", "utf-8")
        with pytest.raises(InputError) as caught:
            channels()
        problem = caught.value.problems[0]
        assert (problem.code, problem.facts["key"]) == ("alerts_unset", key)
    quiet.write_text("[alerts\n", "utf-8")
    with pytest.raises(InputError) as caught:
        channels()
    assert caught.value.problems[0].code == "bad_settings"


def test_the_command_lists_and_sends(store: Store, quiet: Path, capsys: Any) -> None:
    """Without rules, without a channel, with one: each said; failures end with 1."""
    db, rules = ["--db", str(store.path)], quiet.with_name("alerts.yaml")
    rules.write_text(RULES, "utf-8")
    assert main(["alerts", *db]) == 1
    assert "no_alert_rules" in capsys.readouterr().err
    assert main(["alerts", *db, "--rules", str(rules), "--format", "json"]) == 0
    assert {one["rule"] for one in json.loads(capsys.readouterr().out)} >= {"met", "high", "late"}
    assert main(["alerts", *db, "--rules", str(rules), "--send"]) == 0
    assert "no_channel" in capsys.readouterr().err
    with web() as hook:
        address = f"http://127.0.0.1:{hook.server_address[1]}/"
        quiet.write_text(f'[alerts]\nwebhook = "{address}"\n[quheng]\nalerts = "{rules}"\n', "utf-8")
        assert main(["alerts", *db, "--send"]) == 0
        assert len(hook.taken) == 1
    quiet.write_text('[alerts]\nwebhook = "http://127.0.0.1:9/"\n', "utf-8")
    assert main(["alerts", *db, "--rules", str(rules), "--send"]) == 1
    assert "alert_unsent" in capsys.readouterr().err


def test_the_example_fits_the_default_definitions(demo: Path) -> None:
    """Every rule of the example can be looked at on the demonstration."""
    root = Path(__file__).parent.parent
    found = evaluated(Store(demo), read_alerts(root / "examples" / "alerts" / "alerts.yaml"))
    assert {"limits", "energy", "pace"} <= {one.rule for one in found.alerts}
    assert len(found.sentences("zh")) == len(found.alerts)
