"""Standing: how far the cross-review of each drawn region has come."""

from dataclasses import dataclass
from typing import Literal

import polars as pl

from data.reviews import verdicts
from data.store import Store
from metrics.cross_review import Pair
from pages.parts.i18n import t
from pages.parts.review_acts import DONE, OPEN, RAISED, in_sight, state

State = Literal["open", "agreed", "escalated", "settled"]


@dataclass(frozen=True)
class Standing:
    """A region under review: who reviews it, and its verdicts (person, verdict, reason, reviewer), the first first."""

    region: str
    reviewers: tuple[str, ...]
    verdicts: tuple[tuple[str, str, str, str], ...]

    @property
    def given(self) -> int:
        """For how many of the reviewers a verdict was given."""
        return len({reviewer for _, _, _, reviewer in self.verdicts if reviewer})

    @property
    def is_heard(self) -> bool:
        """Whether each of the reviewers gave a verdict."""
        return self.given >= len(self.reviewers)

    @property
    def state(self) -> State:
        """What is escalated waits for whoever approves results, however the others think."""
        last = next((verdict for _, verdict, *_ in reversed(self.verdicts) if verdict != "agree"), "agree")
        if last == "escalate":
            return "escalated"
        if not self.is_heard:
            return "open"
        return "settled" if last == "settle" else "agreed"

    def told(self) -> str:
        """The state as a cell: mark and words."""
        count = {"given": self.given, "wanted": len(self.reviewers)}
        return {
            "open": state(OPEN, t("待结论（{given}/{wanted}）", **count)),
            "agreed": state(DONE, t("同意")),
            "escalated": state(RAISED, t("已上报，待裁定") if self.is_heard else
                               t("已上报，待裁定（结论 {given}/{wanted}）", **count), late=True),
            "settled": state(DONE, t("已裁定")),
        }[self.state]


def standings(store: Store, cycle: str, pairs: tuple[Pair, ...]) -> list[Standing]:
    """How each drawn region stands, of those whose results the store's person may see."""
    seen = in_sight(store, cycle)
    said: dict[str, list[tuple[str, str, str, str]]] = {}
    standing = verdicts(store, cycle).filter("stands")
    for region, *one in standing.select("region", "person", "verdict", "reason", "reviewer").iter_rows():
        said.setdefault(region, []).append(tuple(one))
    reviewed = pl.DataFrame(pairs, schema=["reviewer", "reviewed"], orient="row")
    by = reviewed.group_by("reviewed", maintain_order=True).agg("reviewer")
    return [
        Standing(region, tuple(reviewers), tuple(said.get(region, ())))
        for region, reviewers in by.iter_rows()
        if seen is None or region in seen
    ]


def lapsed(store: Store, cycle: str) -> int:
    """How many verdicts hold no more, since the cycle went back or facts changed after them, of those in sight."""
    return verdicts(store, cycle).filter(~pl.col("stands")).height
