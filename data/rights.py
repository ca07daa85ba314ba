"""Rights: what each role may do, and what a person's grants come to."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from metrics.problems import InputError, Problem

Way = Literal["oidc", "gateway", "local", "command"]


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in: `id` is what grants name, `name` what is shown."""

    id: str
    name: str
    way: Way

    @property
    def is_signed_in(self) -> bool:
        """Whether sign-in tells who this is; elsewhere people give their names themselves."""
        return self.way in ("oidc", "gateway")


@dataclass(frozen=True)
class Grant:
    """A role in a part of the region tree ('': all of it) and in some cycles (none named: in all), for some days.

    `provisional`: results may be seen before they are published. `until` is the last day; '' has no end.
    """

    number: int
    person: str
    role: str
    region: str = ""
    cycles: tuple[str, ...] = ()
    provisional: bool = False
    since: str = ""
    until: str = ""
    giver: str = ""
    made: str = ""
    reason: str = ""
    revoked: str = ""

    def holds(self, day: str) -> bool:
        """Whether it is in force on a day."""
        return not self.revoked and self.since <= day and (not self.until or day <= self.until)

    @property
    def actions(self) -> frozenset[str]:
        """What the role may do, and what was granted beside it."""
        return ROLES[self.role] | ({"see_provisional"} if self.provisional else frozenset())

    def covers(self, cycle: str | None) -> bool:
        """Whether it is good in a cycle; None asks for any."""
        return not self.cycles or cycle is None or cycle in self.cycles


@dataclass(frozen=True)
class Access:
    """What a person may do today. `reach`: for a region or an area, its code and all below it; `pairs`: in which cycle
    they review, for which region, which other.

    `whole` is for whoever holds the file itself: the commands, and the machine's own user without sign-in. Without
    `early` no result is seen before it is public, whatever was granted. `again` asks what it is by now.
    """

    person: Person
    grants: tuple[Grant, ...] = ()
    reach: Mapping[str, frozenset[str]] = field(default_factory=dict)
    pairs: frozenset[tuple[str, str, str]] = frozenset()
    whole: bool = False
    early: bool = True
    again: "Callable[[], Access] | None" = field(default=None, compare=False, repr=False)

    @property
    def latest(self) -> "Access":
        """What the same person may do by now: a window stays open while rights are taken back or end."""
        return self if self.again is None else self.again()

    @property
    def has_moved(self) -> bool:
        """Whether the person's rights are other ones by now."""
        return self.latest.grants != self.grants

    def may(self, action: str, *, region: str | None = None, cycle: str | None = None) -> bool:
        """Whether it is allowed, for a region and in a cycle, or for some region and in some cycle."""
        found = self.regions(action, cycle=cycle)
        return found is None or (bool(found) if region is None else region in found)

    def regions(self, action: str, *, cycle: str | None = None) -> frozenset[str] | None:
        """The regions for which it is allowed in a cycle, or in some cycle; None where it is for all of them."""
        if self.whole:
            return None
        granted = [one for one in self.grants if action in one.actions and one.covers(cycle)]
        if any(not one.region for one in granted):
            return None
        return frozenset().union(*(self.reach.get(one.region, frozenset()) for one in granted))

    def throughout(self, action: str) -> bool:
        """Whether it is allowed for all regions in all cycles, as what is everybody's takes."""
        # A grant of some cycles covers none without a name.
        return self.regions(action, cycle="") is None

    def seen(self, cycle: str, *, published: bool) -> frozenset[str] | None:
        """The regions whose results of a cycle may be seen; None where all may be."""
        found = [self.regions("see_provisional", cycle=cycle)] if self.early else []
        if published:
            found.append(self.regions("see", cycle=cycle))
        known = [regions for regions in found if regions is not None]
        return frozenset().union(*known) if len(known) == len(found) else None

    def require(self, action: str, *, regions: Iterable[str] = (), cycle: str | None = None) -> None:
        """Raises InputError (`denied`) where it is not allowed, for each of the regions where some are named; '' is
        in no part of them.

        No action ('') is allowed to nobody but whoever holds the file.
        """
        found, wanted = self.regions(action, cycle=cycle), sorted(set(regions))
        refused = [] if found is None else [region for region in wanted if region not in found]
        if found is None or (found and not refused):
            return
        named = ", ".join(list(filter(None, refused))[:5]) or "—"
        facts = {"person": self.person.name, "regions": named, "cycle": cycle or "—"}
        zh, en = ACTIONS[action]
        who = roles_for(action)
        commas = {"zh": "、", "en": ", "}
        roles = {f"roles_{lang}": commas[lang].join(ROLE_NAMES[role][lang != "zh"] for role in who) for lang in commas}
        raise InputError([Problem("denied", facts={**facts, "action_zh": zh, "action_en": en, **roles})])


def everything(name: str = "", way: Way = "command") -> Access:
    """The access of whoever holds the store's file."""
    return Access(Person(name, name, way), whole=True)


# The access of a store that nobody is named for.
WHOLE = everything()


def roles_for(action: str) -> tuple[str, ...]:
    """The roles that may do something."""
    return tuple(role for role, actions in ROLES.items() if action in actions)


# What there is to do, in words that complete "may not …".
ACTIONS: Mapping[str, tuple[str, str]] = {
    "": ("直接改动数据库", "change the store itself"),
    "see": ("查看已公布的结果", "see published results"),
    "see_provisional": ("查看未公布的结果", "see results before they are published"),
    "see_facts": ("查看事实", "see facts"),
    "send": ("报送数据", "send facts"),
    "review": ("审核数据", "review facts"),
    "define": ("编辑指标定义", "edit definitions"),
    "approve": ("批准指标定义", "approve definitions"),
    "run": ("推进评估流程", "move the evaluation on"),
    "cross_review": ("交叉会审", "cross-review"),
    "conclude": ("审定结果", "approve results"),
    "assess": ("提交第三方核算", "hand in figures of a third party"),
    "export": ("导出", "export"),
    "object": ("提出异议", "object"),
    "audit": ("查阅日志", "read the journal"),
    "grant": ("授权", "grant rights"),
}
ROLE_NAMES: Mapping[str, tuple[str, str]] = {
    "leader": ("领导", "leader"),
    "evaluator": ("评估人员", "evaluator"),
    "reviewer": ("会审人员", "reviewer"),
    "reporter": ("填报人员", "reporter"),
    "assessor": ("第三方评估机构", "assessor"),
    "auditor": ("审计人员", "auditor"),
    "administrator": ("系统管理员", "administrator"),
}
ROLES: Mapping[str, frozenset[str]] = {
    "leader": frozenset({"see", "see_facts", "export", "approve", "conclude"}),
    "evaluator": frozenset(
        {"see", "see_provisional", "see_facts", "send", "review", "define", "approve", "run", "export"}
    ),
    # What a reviewer may see and do follows from whom their region was drawn to review: data/grants.py.
    "reviewer": frozenset({"see", "see_provisional", "see_facts", "cross_review", "export"}),
    "reporter": frozenset({"see", "see_provisional", "see_facts", "send", "export", "object"}),
    "assessor": frozenset({"see", "see_provisional", "see_facts", "assess", "export"}),
    "auditor": frozenset({"see", "see_provisional", "see_facts", "audit"}),
    "administrator": frozenset({"grant"}),
}
