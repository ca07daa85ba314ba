"""Alerts: what the rules find in the cycle that is looked at, for the overview; each leads to its number."""

from html import escape
from pathlib import Path

import streamlit as st

from data.alert_words import sentence
from data.alerting import evaluated
from data.clock import now
from data.configured import settings_file
from data.store import Store
from metrics.alert_file import Alerts, read_alerts
from metrics.alerts import Alert
from metrics.problems import InputError
from pages.parts.filters import Choice
from pages.parts.i18n import language, t
from pages.parts.shell import Screen, hint
from pages.parts.tables import bullets, title
from pages.parts.url import link

SHOWN = 4


def alerts(screen: Screen, choice: Choice) -> None:
    """The alerts of the area, the first of each rule on top; nothing where no rules are set or nothing is found."""
    try:
        file = settings_file("alerts")
        if file is None:
            return
        state = (str(screen.store.path), screen.store.snapshot(), choice.cycle, now()[:10])
        rules, every = _found(*state, str(file), file.stat().st_mtime_ns)
    except (InputError, OSError) as error:
        hint(error)
        return
    found = [one for one in every if one.region in choice.members]
    if not found:
        return
    regions = len({one.region for one in found})
    title(t("{count} 条提醒，涉及 {regions} 个地区", count=len(found), regions=regions),
          t("按提醒规则：{names}", names=t("、").join(_rules(rules, found))))  # fmt: skip
    bullets([_line(screen, one) for one in found[:SHOWN]])
    if len(found) > SHOWN:
        with st.expander(t("另有 {count} 条", count=len(found) - SHOWN), key="alerts more"):
            bullets([_line(screen, one) for one in found[SHOWN:]])


@st.cache_resource(max_entries=8, show_spinner=False)
def _found(
    db: str, snapshot: str, cycle: str, today: str, file: str, changed: int
) -> tuple[Alerts, tuple[Alert, ...]]:
    rules = read_alerts(Path(file))
    return rules, evaluated(Store(db), rules, today=today, cycle=cycle).alerts


def _rules(rules: Alerts, found: list[Alert]) -> list[str]:
    met = {one.rule for one in found}
    return [rule.name.text(language()) for rule in rules.rules if rule.code in met]


def _line(screen: Screen, alert: Alert) -> str:
    """The sentence, and a link to the number that it is about."""
    words = escape(sentence(alert, screen.definitions, screen.names(), language()))
    if alert.kind in ("late_report", "quality_drop"):
        return f"{words} {link(t('看数据'), 'facts')}"
    if alert.code in screen.definitions.indicators:
        return f"{words} {link(t('看来历'), 'explain', region=alert.region, code=alert.code)}"
    return f"{words} {link(t('看地区'), 'region', region=alert.region)}"
