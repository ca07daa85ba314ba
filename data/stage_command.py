"""The command of the evaluation's course: stage."""

import argparse
from pathlib import Path
from typing import Any

import polars as pl

from data.acts import chosen, filled
from data.clock import now, zoned
from data.cycles import STAGES, advance, conclude, conclusions, next_steps, stage_of, step_back, transitions
from data.dues import two_days
from data.embargo import move_release, moves
from data.keys import tell_unsigned
from data.proposals import publish
from data.republished import edition_card, edition_changes, publish_again
from data.revisions import editions_of
from data.rights import ROLE_NAMES
from data.saying import Pair, places, print_table, say, say_written
from data.stages import Transition
from data.store import Store
from metrics.change import named
from metrics.commands import Add
from metrics.files import write_frame
from metrics.shown import NOTHING, told_change, whole
from metrics.visible import visible

_WHY = ("--reason",)
_TAKES = {
    "stage": (), "--to published": (*_WHY, "--release"), "--to": (*_WHY, "--deadline"), "--back": (*_WHY, "--deadline"),
    "--conclude": _WHY, "--again": _WHY, "--changes": ("--out",), "--release": (*_WHY, "--release"),
}  # fmt: skip
_WHO = (("谁", "person"), ("理由", "reason"))
_STEPS = (("时间", "when"), ("步骤", "step"), *_WHO, ("期限", "deadline"))
_EDITIONS = (("结果版次", "edition"), ("公布于", "published"), *_WHO, ("公开时间", "public from"))
_MOVES = (("改于", "moved"), ("原定公开时间", "public from, before"), ("改为", "public from, now"), *_WHO)
_TERMS = (("地区", "region"), ("原因", "cause"), ("针对", "of"), ("综合得分变化", "change of the composite"))
_CORRECTED = (("地区", "region"), ("变量", "variable"), ("更正前", "before"), ("更正后", "after"))
_CONCLUDED = ("审定结果", "results approved")


def add_stages(commands: Any, command: Add) -> None:
    """The command with its options; `command` adds it."""
    stage = command(commands, "stage", _stage, "where a cycle stands in the evaluation, and the next step")
    stage.add_argument("cycle")
    which = stage.add_mutually_exclusive_group()
    which.add_argument("--to", choices=STAGES, help="on to the next stage; into published it is published")
    which.add_argument("--back", choices=STAGES, help="back to an earlier stage")
    which.add_argument("--conclude", action="store_true", help="the results are approved as they stand")
    which.add_argument("--again", action="store_true", help="a new edition of a published cycle")
    which.add_argument("--changes", type=int, metavar="EDITION", help="what an edition changed; --out: as a file")
    stage.add_argument("--deadline", type=filled, metavar="DAY", help="by which the stage is to end")
    stage.add_argument(
        "--release", type=filled, metavar="MOMENT",
        help="not public before; ISO with its offset. Alone: moves it while it is not public; “now”: public at once",
    )  # fmt: skip
    stage.add_argument("--out", type=Path, metavar="OUT.csv")
    stage.add_argument("--by", default="", metavar="NAME", help="who does it; every change wants it")
    stage.add_argument("--reason", default="", metavar="TEXT")


def _stage(options: argparse.Namespace) -> int:
    store, act = Store(options.db), chosen(options, _TAKES)
    if act == "--changes":
        return _changes(store, options)
    done = _done(store, act, options)
    _print_place(store, options.cycle, options.lang)
    _print_record(store, options.cycle, options.lang)
    return say(options.lang, *done) if done else 0


def _done(store: Store, act: str, options: argparse.Namespace) -> Pair | None:
    """Does what was chosen; gives the sentence of it, None where somebody only looks."""
    cycle, signed, until = options.cycle, {"person": options.by, "reason": options.reason}, options.deadline or ""
    if act == "--to published":
        tell_unsigned(store, options.lang)
        publish(store, cycle, **signed, release=options.release or "")
        return _published(store, cycle)
    if act == "--to":
        advance(store, cycle, options.to, **signed, deadline=until)
        to = STAGES[options.to]
        return f"{cycle} 已进入“{to.zh}”阶段。", f"{cycle} has entered its stage “{to.en}”."
    if act == "--back":
        step_back(store, cycle, options.back, **signed, deadline=until)
        to = STAGES[options.back]
        return f"{cycle} 已退回到“{to.zh}”阶段。", f"{cycle} has gone back to its stage “{to.en}”."
    if act == "--conclude":
        conclude(store, cycle, **signed)
        return f"{cycle} 的结果已审定。", f"The results of {cycle} are approved."
    if act == "--again":
        publish_again(store, cycle, **signed)
        return _published(store, cycle)
    if act == "--release":
        zh, en = _released(move_release(store, cycle, "" if options.release == "now" else options.release, **signed))
        return f"已改公开时间：{cycle} 的结果{zh}。", f"The release is moved: the results of {cycle} are {en}."
    return None


def _published(store: Store, cycle: str) -> Pair:
    """That the newest edition of a cycle is published, and from when on it is public."""
    newest = editions_of(store, cycle)[-1]
    zh, en = _released(newest.release)
    number = newest.edition
    return f"{cycle} 的结果第 {number} 版已公布，{zh}。", f"Edition {number} of {cycle} is published, {en}."


def _released(release: str) -> Pair:
    """When what has this moment of release ('': none) is public."""
    if release <= now():
        return "现在公开", "public now"
    return f"将于 {zoned(release)} 公开", f"public from {zoned(release)}"


def _changes(store: Store, options: argparse.Namespace) -> int:
    """What an edition changed, into a file, or on the screen as far as it changed anything."""
    cycle, edition, lang = options.cycle, options.changes, options.lang
    changes = edition_changes(store, cycle, edition)
    found = named(changes.terms, *(edition_card(store, cycle, number) for number in (edition - 1, edition)), lang=lang)
    if options.out is not None:
        write_frame(found, options.out)
        return say_written(lang, options.out, found.height)
    moved = found.filter(pl.col("term").abs() > NOTHING).select("region_name", "kind_name", "name", "term").rows()
    rows = [(*names, told_change(term)) for *names, term in moved]
    print_table(_TERMS, rows, lang, none=("综合得分没有变化", "No composite changed"))
    called = places(store, lang)
    corrected = [
        (called(region), code, *(None if value is None else whole(value) for value in values))
        for region, code, *values in changes.corrected.iter_rows()
    ]
    print_table(_CORRECTED, corrected, lang, none=("各数与上一版相同", "No number was corrected"))
    return 0


def _print_place(store: Store, cycle: str, lang: str) -> None:
    """Where a cycle stands: its stage, what the next step lacks and who may take it, two days that differ."""
    zh, comma = lang == "zh", "、" if lang == "zh" else ", "
    called = places(store, lang)
    print(f"{'阶段' if zh else 'Stage'}: {getattr(STAGES[stage_of(store, cycle)], lang)}")
    for step in next_steps(store, cycle):
        who = comma.join(ROLE_NAMES[role][not zh] for role in step.who)
        word = ("可退回" if zh else "Back") if step.back else "下一步" if zh else "Next"
        if step.begins:
            word = "可从头开始" if zh else "May begin with"
        print(f"{word}: {getattr(STAGES[step.stage], lang)} ({step.stage}) · {who}")
        for reason in step.reasons(lang, called):
            print(visible(f"  ! {reason}"))
    if told := two_days(store, cycle, lang).strip():
        print(told)


def _way(step: Transition, lang: str) -> str:
    """From which stage to which, and whether that was a step back."""
    words = " → ".join(getattr(STAGES[name], lang) for name in (step.before, step.stage))
    order = tuple(STAGES)
    back = order.index(step.stage) < order.index(step.before)
    return words + (("（退回）", " (back)")[lang != "zh"] if back else "")


def _print_record(store: Store, cycle: str, lang: str) -> None:
    """Each step so far and each approval, the editions, and how the moment of release was moved."""
    steps = [
        (one.made, _way(one, lang), one.person, one.reason, one.deadline)
        for one in transitions(store, cycle)
    ]  # fmt: skip
    steps += [(made, _CONCLUDED[lang != "zh"], person, why, "") for made, person, why in conclusions(store, cycle)]
    editions = [
        (f"第 {one.edition} 版" if lang == "zh" else one.edition, zoned(one.made), one.person, one.reason,
         zoned(one.release or one.made))
        for one in editions_of(store, cycle)
    ]  # fmt: skip
    moved = [
        (zoned(one.made), zoned(one.before), zoned(one.release), one.person, one.reason) for one in moves(store, cycle)
    ]
    in_order = [(zoned(made), *told) for made, *told in sorted(steps, key=lambda step: step[0])]
    for heads, rows in ((_STEPS, in_order), (_EDITIONS, editions), (_MOVES, moved)):
        if rows:
            print_table(heads, rows, lang)
