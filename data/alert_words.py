"""Words for alerts: what each says, and the problems of telling it (zh, en)."""

from collections.abc import Mapping
from typing import Any

from data.quality_words import PARTS, grade_words
from metrics.alerts import Alert
from metrics.definitions import Definitions
from metrics.messages import E, N, Severity, W, register
from metrics.shown import cycle_words, quantity, whole
from metrics.terms import unit_words

CODES: dict[str, tuple[Severity, str, str]] = {
    "bad_settings": (E, "设置文件 {path} 不是可用的 TOML：{reason}。", "The settings {path} are no TOML that can be used: {reason}."),
    "no_alert_rules": (E, "没有设提醒规则。请用 --rules，或设 QUHENG_ALERTS、[quheng] alerts。", "No rules for alerts are set. Name them with --rules, QUHENG_ALERTS or [quheng] alerts."),
    "alerts_unset": (E, "[alerts] 的设置不能用：{key}（{reason}）。", "The settings [alerts] cannot be used: {key} ({reason})."),
    "no_channel": (N, "没有设发送渠道（[alerts] 的 smtp_host 或 webhook），只列出，不发送。", "No channel is set ([alerts] smtp_host or webhook): alerts are listed and not sent."),
    "alerts_busy": (E, "另一个程序正在发送提醒（{path}）。请稍后再试。", "Another program is sending alerts ({path}). Try again later."),
    "alert_unsent": (W, "{count} 条提醒没有发到 {channel}：{reason}。下次运行时再发。", "{count} alerts were not sent to {channel}: {reason}. The next run tries again."),
    "alerts_unremembered": (E, "已发给 {channel} 的提醒没有记下来：{path} 无法写入（{reason}）。下次会重发。", "What was sent to {channel} was not remembered: {path} cannot be written ({reason}). It will be sent again."),
    "alerts_unreadable": (E, "{path} 已损坏，无法识别，不知道哪些提醒已经发过，什么也没有发。", "{path} cannot be read, so it is not known which alerts were sent already, and none was sent."),
}  # fmt: skip

register(CODES)

_SENTENCES = {
    "rule_met": ("{region} {cycle}触发“{name}”", "{region} {cycle}: “{name}” is met"),
    "over_limit": (
        "{region} {cycle}的{name}为 {value}，{side} {limit}",
        "{region} {cycle}: {name} is {value}, {side} {limit}",
    ),
    "off_pace": (
        "{region}的{name} {cycle}为 {value}，照现在的速度到 {by}达不到 {target}",
        "{region}: {name} is {value} in {cycle}; at its pace it will not reach {target} by {by}",
    ),
    "late_report": (
        "{region} {cycle}有 {late} 项过了期限还没有报（应报 {due} 项）",
        "{region} {cycle}: {late} of {due} are past their deadline and not reported",
    ),
    "quality_drop": (
        "{region} {cycle}的数据质量由{before}降为{now}{decided}",
        "{region} {cycle}: data quality fell from {before} to {now}{decided}",
    ),
}
_SIDES = {"above": ("高于", "above"), "below": ("低于", "below")}


def _numbers(facts: Mapping[str, Any], unit: str, lang: str) -> dict[str, Any]:
    """Numbers with their unit: bounds as they were set, the value with as many digits as tell it from them."""
    exact = {name: _exact(facts[name], unit, lang) for name in ("limit", "target") if name in facts}
    if "value" not in facts:
        return exact
    bound = next(facts[name] for name in ("limit", "target") if name in facts)
    value = quantity(facts["value"], unit, lang)
    if value == quantity(bound, unit, lang):
        value = _exact(facts["value"], unit, lang)
    return {**exact, "value": value}


def _exact(value: float, unit: str, lang: str) -> str:
    return f"{whole(value)} {unit_words(unit, lang)}".strip()


def sentence(alert: Alert, definitions: Definitions, regions: Mapping[str, str], lang: str) -> str:
    """What an alert says, without a stop at its end; `regions`: their names by code."""
    zh, facts = lang == "zh", dict(alert.facts)
    kind = "rule_met" if "limit" not in facts and alert.kind == "over_limit" else alert.kind
    unit = definitions.unit_of(alert.code)
    told = _numbers(facts, unit, lang)
    if kind == "over_limit":
        told["side"] = _SIDES[facts["side"]][not zh]
    if kind == "quality_drop":
        parts = [PARTS[part][not zh] for part in str(facts["decided"] or "").split(";") if part]
        joined = ("、" if zh else ", ").join(parts)
        told["decided"] = "" if not parts else f"（{joined}）" if zh else f" ({joined.lower()})"
        told |= {name: grade_words(facts[name], lang) for name in ("before", "now")}
    rule = next((one for one in definitions.rules if one.code == alert.code), None)
    named = rule.name.text(lang) if rule is not None and rule.name is not None else definitions.name_of(alert.code, lang)
    told |= {"by": cycle_words(str(facts["by"]), lang)} if "by" in facts else {}
    words = {"region": regions.get(alert.region, alert.region), "name": named, **facts, **told}
    words["cycle"] = cycle_words(alert.cycle, lang)
    return _SENTENCES[kind][not zh].format_map(words)
