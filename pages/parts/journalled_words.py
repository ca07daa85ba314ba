"""The words of a journal's line: what was done, and with what."""

from collections.abc import Mapping
from typing import Any

from data.audited import BEGUN, CHANGES, DONE, KINDS, UNDONE
from data.rights import ACTIONS, ROLE_NAMES
from data.stages import STAGES
from pages.parts.i18n import language, t

# So many regions are named, and so much of a digest.
_FEW, _SHORT = 5, 12


def way_words(known: str) -> str:
    """How a person was known."""
    ways = {"oidc": t("统一登录"), "gateway": t("网关"), "local": t("本机"), "command": t("命令")}
    return ways.get(known, known)


def told_of(kind: str, entry: Mapping[str, Any], places: Mapping[str, str]) -> tuple[str, str]:
    """What a line tells: what was done, and the rest of it."""
    at = int(language() != "zh")
    if not entry:
        return t("读不出的一行"), ""
    if kind in (BEGUN, DONE, UNDONE):
        what, more = _change(str(entry.get("change", "")), places)
        why = str(entry.get(f"why_{language()}") or entry.get("why", ""))
        return (f"{KINDS[UNDONE][at]}{t('：')}{what}" if kind == UNDONE else what), _joined(more, why)
    if kind == "denied":
        return t("被拒：{action}", action=ACTIONS.get(str(entry.get("right")), ("", ""))[at]), _scope(entry, places)
    if kind == "export":
        return KINDS[kind][at], _joined(_file(entry), _scope(entry, places))
    what = KINDS[kind][at] if kind in KINDS else kind
    return what, _joined(_scope(entry, places), _rest(entry))


def _change(change: str, places: Mapping[str, str]) -> tuple[str, str]:
    """A change by its first word, and what it names."""
    at, (first, *rest) = int(language() != "zh"), change.split(" ") or [""]
    return CHANGES[first][at] if first in CHANGES else first, " ".join(_code(one, places) for one in rest)


def _code(code: str, places: Mapping[str, str]) -> str:
    """What a code is called, of a digest the beginning."""
    at = int(language() != "zh")
    if code in places:
        return places[code]
    if code in ROLE_NAMES:
        return ROLE_NAMES[code][at]
    if code in STAGES:
        return STAGES[code].en if at else STAGES[code].zh
    return f"{code[:_SHORT]}…" if len(code) == 64 else code


def _scope(entry: Mapping[str, Any], places: Mapping[str, str]) -> str:
    """Which regions and cycles a line names, and on which page."""
    regions, cycles = _several(entry, "region"), _several(entry, "cycle")
    count = int(entry.get("count") or len(regions)) if str(entry.get("count") or 0).isdigit() else len(regions)
    named = t("、").join(places.get(one, one) for one in regions[:_FEW])
    if count > _FEW:
        named = t("{count} 个地区", count=count)
    page = str(entry.get("page") or "")
    page = t("页面“{page}”", page=_pages().get(page, page)) if page else ""
    return _joined(named, t("、").join(cycles), page)


def _pages() -> dict[str, str]:
    return {
        "overview": t("总览"), "compare": t("对比"), "region": t("区域"), "indicator": t("指标"), "explain": t("解释"),
        "paths": t("路径"), "integration": t("协同"), "robustness": t("稳健性"), "efficiency": t("效率核对"),
        "scorecards": t("评分卡"), "definitions": t("指标体系"), "diagnostics": t("指标体检"), "weights": t("权重征询"),
        "facts": t("数据"), "process": t("流程"), "rights": t("授权"), "journal": t("审计"),
    }  # fmt: skip


def _several(entry: Mapping[str, Any], what: str) -> list[str]:
    several = entry.get(f"{what}s")
    return [str(one) for one in (*(several if isinstance(several, list) else ()), entry.get(what)) if one]


def _file(entry: Mapping[str, Any]) -> str:
    forms = entry.get("forms")
    told = t("、").join(str(one).upper() for one in forms) if isinstance(forms, list) else ""
    states = {"open": t("未公布"), "published": t("已公布")}
    digest = str(entry.get("digest") or "")[:_SHORT]
    return _joined(
        told, str(entry.get("file") or ""), states.get(str(entry.get("state")), ""), digest and f"SHA-256 {digest}…"
    )


def _rest(entry: Mapping[str, Any]) -> str:
    """What sign-ins, alerts and backups tell."""
    heads = {
        "name": t("姓名"), "issued": t("登录于"), "channel": t("发给"), "sent": t("条数"), "where": t("在"),
        "snapshot": t("快照"), "aside": t("原有的库"),
    }  # fmt: skip
    return _joined(*(f"{words} {entry[name]}" for name, words in heads.items() if entry.get(name)))


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
