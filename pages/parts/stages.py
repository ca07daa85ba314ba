"""Stages: where a cycle stands in the evaluation: in a sentence, as a rail of its ten stages, and step by step."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape

import streamlit as st

from data.clock import now
from data.cycles import Step, conclusions, next_steps, standing
from data.exports import standing_of
from data.revisions import Publication, Revisions
from data.stages import STAGES, Transition, transitions
from data.store import Store
from data.tasks import may_all, overdue
from metrics.problems import Problem
from metrics.states import state_words
from pages.parts.formats import cycle_words
from pages.parts.headlines import sentence
from pages.parts.i18n import language, t
from pages.parts.moments import moment, zoned
from pages.parts.review_acts import region_names, wide
from pages.parts.tables import table, title
from pages.parts.url import link

ORDER = tuple(STAGES)
# Where what a check misses is put right, as page and part.
WAYS = {
    "cycle_without_facts": ("facts", "bring"),
    "cycle_warnings": ("facts", "batches"),
    "cycle_undrawn": ("process", "review"),
    "reviews_open": ("process", "review"),
    "escalations_open": ("process", "review"),
    "adjustments_open": ("process", "adjust"),
    "objections_open": ("process", "object"),
    "rectifications_open": ("process", "object"),
}


@dataclass(frozen=True)
class Place:
    """A cycle as the page shows it: its steps so far, where it stands, what comes next and what is over its day."""

    store: Store
    known: Revisions
    cycle: str
    number: int
    stage: str
    steps: tuple[Transition, ...]
    today: str

    @property
    def publication(self) -> Publication | None:
        """The newest edition."""
        return self.known.publications.get(self.cycle)

    @property
    def is_public(self) -> bool:
        """Whether everybody may see the results."""
        return self.known.is_public(self.cycle)

    @property
    def deadline(self) -> str:
        """By which day the stage is to end; '' for none."""
        return self.steps[-1].deadline if self.steps else ""

    @cached_property
    def next(self) -> list[Step]:
        """The steps that can be taken from here, forward and back."""
        return next_steps(self.store, self.cycle)

    @cached_property
    def late(self) -> dict[str, int]:
        """How much is over its day."""
        return overdue(self.store, self.cycle, today=self.today)

    def may(self, right: str) -> bool:
        """Whether whoever looks has a right for the cycle as a whole."""
        return may_all(self.store, right, self.cycle)

    @property
    def sees_all(self) -> bool:
        """Whether whoever looks can tell what is missing: of a part of the facts nobody can."""
        return self.store.parts is None


def place_of(store: Store, known: Revisions, cycle: str) -> Place:
    """Where a cycle stands now. Raises InputError for what names none."""
    number, stage = standing(store, cycle)
    return Place(store, known, cycle, number, stage, transitions(store, cycle), now()[:10])


def named(stage: str) -> str:
    """What a stage is called."""
    return str(getattr(STAGES[stage], language()))


def lead(at: Place) -> None:
    """Which stage since when, what the next one lacks, by when, and what is overdue."""
    forward = [step for step in at.next if not step.back and not step.begins]
    parts = [_unbroken(_stands(at)), *(_lacks(step) for step in forward if at.sees_all)]
    if at.deadline and not at.late["stage"] and at.stage != "closed":
        parts.append(_unbroken(t("本阶段到 {day} 为止", day=at.deadline)))
    if late := _overdue(at):
        parts.append(f'<span class="worse">{_unbroken("! " + t("逾期：") + t("、").join(late))}</span>')
    sentence(parts)


def _unbroken(words: str) -> str:
    """The words as HTML in which no day is broken over two lines."""
    return re.sub(r"\d{4}-\d\d-\d\d", r"<nobr>\g<0></nobr>", escape(words))


def _stands(at: Place) -> str:
    words = {"cycle": cycle_words(at.cycle), "stage": named(at.stage)}
    if not at.number and at.publication is None:
        return t("{cycle}评估还没有推进过，现在可以填报", **words)
    since = at.steps[-1].made if at.number else at.publication.made if at.publication else ""
    told = t("{cycle}评估在“{stage}”阶段，自 {since} 起", **words, since=moment(since)[:10])
    if at.publication is not None and not at.is_public:
        told += t("，") + state_words(*standing_of(at.store, at.cycle), language())
    return told


def _lacks(step: Step) -> str:
    words = {"stage": named(step.stage), "count": len(step.missing)}
    if not step.missing:
        return escape(t("可以进入“{stage}”", **words))
    return escape(t("进入“{stage}”还差 {count} 件事", **words))


def _overdue(at: Place) -> list[str]:
    late, found = at.late, []
    if late["stage"]:
        found.append(t("本阶段（期限 {day}）", day=at.deadline))
    if late["objection"]:
        found.append(t("{count} 个异议未答复", count=late["objection"]))
    if late["rectification"]:
        found.append(t("{count} 项整改未办结", count=late["rectification"]))
    return found


def rail(at: Place) -> None:
    """The ten stages as one picture: done, now, to come, each with when, by whom and until when."""
    last = {step.stage: step for step in at.steps}
    place, unknown = ORDER.index(at.stage), set(ORDER) - set(last) - _left_first(at)
    skipped = t("；– 没有记录：没有经过这一步，或那时还没有记") if unknown & set(ORDER[:place]) else ""
    items = "".join(
        _station(stage, index - place, last.get(stage), at, known=stage not in unknown)
        for index, stage in enumerate(ORDER)
    )
    title(t("第 {number} 步，共 {all} 步：{stage}", number=place + 1, all=len(ORDER), stage=named(at.stage)),
          t("✓ 已过，● 现在，○ 未到；日期是进入该阶段的日子") + skipped)  # fmt: skip
    st.html(f'<ol class="q-rail">{items}</ol>')


def _left_first(at: Place) -> set[str]:
    """The stage in which a cycle was before its first step on, which left no step of its own."""
    first = next(iter(at.steps), None)
    return {first.before} if first and ORDER.index(first.before) < ORDER.index(first.stage) else set()


def _station(stage: str, ahead: int, step: Transition | None, at: Place, *, known: bool) -> str:
    if ahead > 0:
        kind, mark, spoken, step = "next", "○", t("未到"), None
    elif ahead < 0 and not known:
        kind, mark, spoken = "passed", "–", t("没有记录")
    elif ahead < 0:
        kind, mark, spoken = "done", "✓", t("已过")
    else:
        kind, mark, spoken = "now", "●", t("现在")
    told = [escape(moment(step.made)[:10]), escape(step.person)] if step else []
    if step and step.deadline and kind == "now":
        over = bool(at.late["stage"])
        until = ("! " + t("逾期，期限 {day}", day=step.deadline)) if over else t("期限 {day}", day=step.deadline)
        told.append(f'<b class="{"worse" if over else ""}">{_unbroken(until)}</b>')
    current = ' aria-current="step"' if kind == "now" else ""
    lines = "".join(f"<span>{one}</span>" for one in told)
    mark = f'<i aria-hidden="true">{mark}</i><small class="q-spoken">{escape(spoken)}</small>'
    return f'<li class="{kind}"{current}>{mark}<div><b>{escape(named(stage))}</b>{lines}</div></li>'


def ledger(at: Place) -> None:
    """Every step with who, when and why, and each approval of the results; the newest first."""
    rows = [(step.made, _way(step, step is at.steps[0]), step.person, step.reason, step.deadline) for step in at.steps]
    rows += [(made, t("审定结果"), person, why, "") for made, person, why in conclusions(at.store, at.cycle)]
    # Of two in one second the later one is the later row.
    rows = sorted(rows, key=lambda row: row[0])[::-1]
    if not rows:
        return
    title(t("推进记录"), t("只增不改，最新的在前"))
    cells = [[escape(moment(made)), escape(way), escape(person), wide(why), escape(day or "—")]
             for made, way, person, why, day in rows]  # fmt: skip
    st.html(table([t("时间"), t("步骤"), t("谁"), t("理由"), t("期限")], cells, kind="words stacked"))


def _way(step: Transition, first: bool) -> str:
    if first and step.stage == ORDER[0]:
        return f"{t('开始')} → {named(step.stage)}"
    words = f"{named(step.before)} → {named(step.stage)}"
    return f"↩ {t('退回阶段')} {words}" if ORDER.index(step.stage) < ORDER.index(step.before) else words


def missing(at: Place, problems: Sequence[Problem]) -> list[str]:
    """What is missing in words, regions by name, each with the way to where it is put right; HTML."""
    names = region_names(at.store)
    return [_missing(at, problem, names) for problem in problems]


def _missing(at: Place, problem: Problem, names: dict[str, str]) -> str:
    facts = dict(problem.facts)
    if "regions" in facts:
        codes = str(facts["regions"]).split(", ")
        facts["regions"] = t("、").join(names.get(code, code) for code in codes)
    if problem.code == "cycle_embargoed":
        return escape(t("{moment} 才公开", moment=zoned(str(facts["release"]))))
    words = escape(replace(problem, facts=facts).message(language()))
    page, part = WAYS.get(problem.code, ("", ""))
    return f"{words} {link(t('去办'), page, part=part, cycle=at.cycle)}" if page else words
