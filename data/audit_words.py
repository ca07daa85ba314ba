"""The words of a journal's line: what was done, and with what, for whoever reads it on a page or as a command."""

from collections.abc import Mapping
from typing import Any

from data.audited import BEGUN, CHANGES, DONE, KINDS, PARTS, UNDONE
from data.clock import zoned
from data.objections import OUTCOMES
from data.rights import ACTIONS, ROLE_NAMES
from data.stages import STAGES
from data.store import Store
from metrics.shown import cycle_words, pick
from metrics.states import state_words

# So many regions are named, and so much of a digest.
_FEW, _SHORT = 5, 12
WAYS = {"oidc": ("统一登录", "single sign-on"), "gateway": ("网关", "gateway"), "local": ("本机", "this machine"),
        "command": ("命令", "command")}  # fmt: skip
LANGUAGES = {"zh": ("中文", "Chinese"), "en": ("英文", "English")}


def way_words(known: str, lang: str) -> str:
    """How a person was known."""
    return pick(lang, *WAYS.get(known, (known, known)))


def files_of(store: Store, lang: str) -> dict[str, str]:
    """What the files are called that came in, by the digest that a line has of them: with every batch that each was."""
    sql = "SELECT digest, file, list(id ORDER BY id) AS ids FROM batches GROUP BY ALL ORDER BY min(id)"
    found: dict[str, str] = {}
    between = pick(lang, "、", ", ")
    for digest, file, ids in store.query(sql).iter_rows():
        numbers = between.join(map(str, ids if len(ids) <= _FEW else [*ids[:2], "…", ids[-1]]))
        told = pick(lang, f"{file}（第 {numbers} 批）", f"{file} (batch {numbers})")
        found[digest] = between.join(filter(None, (found.get(digest), told)))
    return found


def told_of(kind: str, entry: Mapping[str, Any], places: Mapping[str, str], lang: str) -> tuple[str, str]:
    """What a line tells: what was done, and the rest of it; `places`: what regions, areas and files are called."""
    if not entry:
        return pick(lang, "无法识别的记录", "unreadable line"), ""
    if kind in (BEGUN, DONE, UNDONE):
        what, more = change_words(str(entry.get("change", "")), places, lang)
        why = str(entry.get(f"why_{lang}") or entry.get("why", ""))
        if kind != DONE:
            what = pick(lang, *KINDS[kind]) + pick(lang, "：", ": ") + what
        return what, _joined(more, why, _reason(entry, lang), _rest(entry, lang))
    if kind == "denied":
        action = pick(lang, *ACTIONS.get(str(entry.get("right")), ("", "")))
        return pick(lang, f"被拒：{action}", f"refused: {action}"), _scope(entry, places, lang)
    what = pick(lang, *KINDS[kind]) if kind in KINDS else kind
    file = _file(entry, lang) if kind == "export" else ""
    return what, _joined(file, _scope(entry, places, lang), _rest(entry, lang))


def change_words(change: str, places: Mapping[str, str], lang: str) -> tuple[str, str]:
    """A change by its first word, and what it names, each part by what it is (`PARTS`)."""
    first, *rest = change.split(" ") or [""]
    kinds = PARTS.get(first, ())
    if rest[:1] == ["batch"]:
        kinds, rest = ("batch",), rest[1:]
    kinds = (*kinds, *[""] * len(rest))
    what = pick(lang, *CHANGES[first]) if first in CHANGES else first
    return what, _joined(*(_part(kind, one, places, lang) for kind, one in zip(kinds, rest, strict=False)))


def _part(kind: str, word: str, places: Mapping[str, str], lang: str) -> str:
    """One word of a change in the reader's language; what is none of its kind as it stands."""
    numbered = {
        "number": ("第 {} 号", "no. {}"), "version": ("第 {} 版", "version {}"), "batch": ("第 {} 批", "batch {}"),
        "days": ("{} 天", "{} days"), "seed": ("种子 {}", "seed {}"), "due": ("期限 {}", "due {}"),
    }  # fmt: skip
    if kind in numbered:
        return pick(lang, *numbered[kind]).format(word) if word else ""
    if kind == "reviewer":
        return pick(lang, "代表{}", "for {}").format(places.get(word, word))
    if kind == "cycle":
        return cycle_words(word, lang).strip()
    if kind == "stage" and word in STAGES:
        return pick(lang, STAGES[word].zh, STAGES[word].en)
    known: dict[str, Mapping[str, tuple[str, str]]] = {
        "role": ROLE_NAMES, "language": LANGUAGES, "outcome": OUTCOMES, "edition": {"again": ("再版", "a new edition")},
    }  # fmt: skip
    if kind == "edition" and word not in known[kind]:
        return pick(lang, f"{zoned(word)} 公开", f"public {zoned(word)}")
    if word in known.get(kind, {}):
        return pick(lang, *known[kind][word])
    return places.get(word, f"{word[:_SHORT]}…" if len(word) == 64 else word)


def _scope(entry: Mapping[str, Any], places: Mapping[str, str], lang: str) -> str:
    """Which regions and cycles a line names, and on which page."""
    regions, cycles, comma = _several(entry, "region"), _several(entry, "cycle"), pick(lang, "、", ", ")
    count = int(entry.get("count") or len(regions)) if str(entry.get("count") or 0).isdigit() else len(regions)
    named = comma.join(places.get(one, one) for one in regions[:_FEW])
    if count > _FEW:
        named = pick(lang, f"{count} 个地区", f"{count} regions")
    page = str(entry.get("page") or "")
    page = page and pick(lang, f"页面“{_page(page, lang)}”", f"page {_page(page, lang)}")
    return _joined(named, comma.join(cycle_words(one, lang).strip() for one in cycles), page)


def _page(name: str, lang: str) -> str:
    return pick(lang, *PAGES.get(name, (name, name)))


def _several(entry: Mapping[str, Any], what: str) -> list[str]:
    several = entry.get(f"{what}s")
    return [str(one) for one in (*(several if isinstance(several, list) else ()), entry.get(what)) if one]


def _file(entry: Mapping[str, Any], lang: str) -> str:
    forms = map(str, found) if isinstance(found := entry.get("forms"), list) else ()
    named = [pick(lang, *FORMS.get(one, (one.upper(), one.upper()))) for one in forms]
    told = pick(lang, "、", ", ").join(named)
    digest = str(entry.get("digest") or "")[:_SHORT]
    state = state_words(str(entry.get("state")), str(entry.get("release") or ""), lang)
    return _joined(told, str(entry.get("file") or ""), state, digest and f"SHA-256 {digest}…")


def _reason(entry: Mapping[str, Any], lang: str) -> str:
    """Why a change was made, in its maker's words."""
    reason = str(entry.get("reason") or "")
    return reason and pick(lang, f"理由：{reason}", f"reason: {reason}")


def _rest(entry: Mapping[str, Any], lang: str) -> str:
    """What sign-ins, alerts, backups and commands tell."""
    heads = {
        "name": ("姓名", "name"), "issued": ("登录于", "signed in at"), "channel": ("发给", "to"),
        "sent": ("条数", "alerts"), "where": ("在", "at"), "snapshot": ("快照", "snapshot"),
        "aside": ("原有的库", "store before"), "account": ("系统账号", "account"),
    }  # fmt: skip
    return _joined(*(f"{pick(lang, *words)} {entry[name]}" for name, words in heads.items() if entry.get(name)))


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


# What is taken that is called neither by its page nor by its format.
FORMS: Mapping[str, tuple[str, str]] = {
    "bundle": ("复核包", "bundle"), "site": ("公众网页", "public pages"), "facts": ("事实", "facts"),
    "score": ("得分", "scores"), "change": ("变化账", "change ledger"), "impact": ("影响", "impact"),
    "robustness": ("稳健性", "robustness"), "quality": ("数据质量", "data quality"), "alerts": ("提醒", "alerts"),
    "template": ("填报表", "forms"), "stage": ("版本变化", "changes of an edition"), "notice": ("通报", "notice"),
    "doc": ("指标手册", "manual"), "versions": ("指标定义", "definitions"), "journal": ("日志", "journal"),
}  # fmt: skip
PAGES: Mapping[str, tuple[str, str]] = {
    "overview": ("总览", "Overview"), "compare": ("对比", "Compare"), "region": ("区域", "Region"),
    "indicator": ("指标", "Indicator"), "explain": ("解释", "Explain"), "paths": ("路径", "Paths"),
    "integration": ("协同", "Integration"), "robustness": ("稳健性", "Robustness"),
    "efficiency": ("效率核对", "Efficiency"), "scorecards": ("评分卡", "Scorecards"),
    "definitions": ("指标体系", "Definitions"), "diagnostics": ("指标体检", "Index check-up"),
    "weights": ("权重征询", "Expert weights"), "facts": ("数据", "Data"), "process": ("流程", "Process"),
    "rights": ("授权", "Rights"), "journal": ("审计", "Audit"),
}  # fmt: skip
