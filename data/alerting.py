"""Alerting: rules looked at on the store, and each alert sent once to each who is to be told."""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import data.alert_words  # noqa: F401  (registers the words of this part's problems)
from data.alert_words import sentence
from data.beside import beside, read_json, write_whole
from data.channels import Channels, Undelivered
from data.clock import now
from data.due import ask, due
from data.dues import last_cycle
from data.editions import Editions, editions
from data.quality import GRADES, quality
from data.stages import asking, require_all
from data.store import NAMED, Store
from metrics.alert_file import Alerts
from metrics.alerts import Alert, Frames, alerts, refuse_unknown
from metrics.completeness import summed
from metrics.problems import InputError, Problem, reason_of
from metrics.scorecard import Scorecard


@dataclass(frozen=True)
class Evaluated:
    """The alerts of the last cycle with facts, and the scorecard that they are about."""

    cycle: str
    card: Scorecard
    alerts: tuple[Alert, ...]

    def sentences(self, lang: str) -> list[str]:
        """What each of them says."""
        names = dict(self.card.regions.select("code", f"name_{lang}").iter_rows())
        return [sentence(one, self.card.definitions, names, lang) for one in self.alerts]


def evaluated(store: Store, rules: Alerts, *, today: str = "", cycle: str = "") -> Evaluated:
    """What the rules find in a cycle, on a day. Raises InputError for a store without facts, for rules about what the
    last cycle's definitions have not, and without sight of all facts of all cycles: of a part of them the scores would
    be others."""
    require_all(store, asking(store), "see_provisional", None)
    store = store.held()
    cycle = cycle or last_cycle(store)
    found = editions(store)
    card = found.card(cycle)
    # Rules are written for the definitions of now; what those of an earlier cycle lack finds nothing there.
    refuse_unknown(rules, found.last)
    return Evaluated(cycle, card, tuple(alerts(rules, card, cycle, _frames(store, rules, found, cycle, today))))


def _frames(store: Store, rules: Alerts, found: Editions, cycle: str, today: str) -> Frames:
    """What the rules look at, and no more, since it takes a look at every fact."""
    kinds, asked = {rule.kind for rule in rules.rules}, ask(store, cycle, today=today)
    owed = summed(due(asked), "region") if "late_report" in kinds else None
    if "quality_drop" not in kinds:
        return Frames(owed)
    earlier = [period for period in found.cards if period < cycle]
    now_, before = quality(asked, found.card(cycle)).of_regions(), None
    if earlier:
        last = max(earlier)
        before = quality(ask(store, last, today=today), found.card(last)).of_regions()
    return Frames(owed, now_, before, GRADES)


class Memory:
    """What was sent to whom, in a file beside the store: the same alert is not sent twice."""

    def __init__(self, store: Store) -> None:
        self.store, self.file = store, beside(store.path, ".alerts.json")
        self._lock = beside(store.path, ".alerts.lock")

    @contextmanager
    def held(self) -> Iterator[None]:
        """One sender at a time. Raises InputError where another one sends, and where no file can be written."""
        try:
            with self._lock.open("a") as handle:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError as error:
                    raise InputError([Problem("alerts_busy", facts={"path": self._lock})]) from error
                yield
        except OSError as error:
            raise self._unwritten("—", error) from error

    def sent(self, channel: str) -> frozenset[str]:
        """The keys of what was sent on a channel. Raises InputError where that cannot be read."""
        return frozenset(self._all().get(channel, ()))

    def remember(self, channel: str, keys: list[str]) -> None:
        """Keeps what was sent. Raises InputError where that cannot be written."""
        every, moment = self._all(), now()
        every[channel] = {**every.get(channel, {}), **dict.fromkeys(keys, moment)}
        try:
            write_whole(self.file, json.dumps(every, ensure_ascii=False).encode())
        except OSError as error:
            raise self._unwritten(channel, error) from error

    def _all(self) -> dict[str, dict[str, Any]]:
        """What was sent, by channel. Raises InputError for a damaged file: taken as empty, all would be sent again."""
        if not os.path.lexists(self.file):
            return {}
        found = read_json(self.file)
        if isinstance(found, dict) and all(isinstance(sent, dict) for sent in found.values()):
            return found
        raise InputError([Problem("alerts_unreadable", facts={"path": self.file})])

    def _unwritten(self, channel: str, error: OSError) -> InputError:
        facts = {"channel": channel, "path": self.file, "reason": reason_of(error)}
        return InputError([Problem("alerts_unremembered", facts=facts)])


@dataclass
class Outcome:
    """How many alerts went to each channel, and what failed, to be tried again."""

    sent: dict[str, int] = field(default_factory=dict)
    failed: list[Problem] = field(default_factory=list)


def send(store: Store, found: Evaluated, to: Channels) -> Outcome:
    """What has not been sent yet, as one message for each who is told and one for the webhook.

    What fails is told and left for the next time. Raises InputError where another program sends, where it cannot be
    remembered or what was cannot be read, and without the right to run the evaluation in all regions.
    """
    store.require("run", regions=found.card.regions["code"], cycle=found.cycle)
    memory, outcome = Memory(store), Outcome()
    told = list(zip(found.alerts, found.sentences(to.language), strict=True))
    with memory.held():
        if to.mail is not None:
            for address in sorted({one for alert, _ in told for one in alert.tell}):
                own = [(alert, words) for alert, words in told if address in alert.tell]
                _sent(memory, outcome, f"mail:{address}", address, own, _by_mail(found, to, address))
        if to.webhook is not None:
            shown = to.webhook.shown
            # The address may hold a secret, and the file is no place for one.
            key = sha256(to.webhook.address.encode()).hexdigest()[:16]
            _sent(memory, outcome, f"webhook:{key}", shown, told, _by_webhook(found, to))
    return outcome


def _sent(memory: Memory, outcome: Outcome, key: str, shown: str, told: list[tuple[Alert, str]], deliver: Any) -> None:
    known = memory.sent(key)
    new = [(alert, words) for alert, words in told if alert.key not in known]
    if not new:
        return
    try:
        deliver(new)
    except Undelivered as error:
        facts = {"count": len(new), "channel": shown, "reason": str(error)}
        outcome.failed.append(Problem("alert_unsent", facts=facts))
        return
    memory.remember(key, [alert.key for alert, _ in new])
    outcome.sent[shown] = len(new)
    regions = sorted({alert.region for alert, _ in new if alert.region})[:NAMED]
    try:
        memory.store.record("alert", channel=shown, sent=len(new), cycle=new[0][0].cycle, regions=regions)
    except InputError as error:
        outcome.failed += error.problems


def _by_mail(found: Evaluated, to: Channels, address: str) -> Any:
    def deliver(new: list[tuple[Alert, str]]) -> None:
        assert to.mail is not None
        zh, title = to.language == "zh", found.card.definitions.title.text(to.language)
        subject = f"区衡提醒：{found.cycle}，{len(new)} 条" if zh else f"Quheng: {len(new)} alerts, {found.cycle}"
        lines = [f"· {words}" for _, words in new]
        to.mail.send(address, subject, "\n".join([title, "", *lines]) + "\n")

    return deliver


def _by_webhook(found: Evaluated, to: Channels) -> Any:
    def deliver(new: list[tuple[Alert, str]]) -> None:
        assert to.webhook is not None
        rows = [as_json(alert, words) for alert, words in new]
        to.webhook.send({"cycle": found.cycle, "made": now(), "alerts": rows})

    return deliver


def as_json(alert: Alert, words: str) -> Mapping[str, Any]:
    """An alert as programs are given it."""
    told = {name: getattr(alert, name) for name in ("key", "rule", "kind", "region", "code", "cycle")}
    return {**told, "sentence": words, "facts": dict(alert.facts)}


def rules_path(given: Path | None) -> Path:
    """The rules file that is named, else the one of the settings. Raises InputError where there is none."""
    from data.configured import settings_file

    found = given or settings_file("alerts")
    if found is None:
        raise InputError([Problem("no_alert_rules")])
    return found
