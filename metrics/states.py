"""States: how far a cycle's results are, in the words that files, pages and commands have for it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, NamedTuple

from metrics.shown import pick

State = Literal["published", "final", "open", ""]
_WORDS = {
    "published": ("已公布", "published"),
    "final": ("已定稿", "final"),
    "open": ("未公布", "not published"),
}
# What follows for whoever reads numbers that are not published.
_STILL = ("：得分、名次、等级仍可能变动", ": scores, ranks and grades may change")


class Standing(NamedTuple):
    """How far results are: `open` ones may still change, `final` ones are published and everybody's from `release` on
    (ISO with its offset), '' is where nobody knows."""

    state: State
    release: str = ""

    @property
    def is_public(self) -> bool:
        """Whether they are everybody's."""
        return self.state == "published"


def least(found: Iterable[Standing]) -> Standing:
    """How far several are together: as the one that is least far, final ones until the last of them is everybody's;
    none at all are open."""
    every = set(found)
    for state in ("open", "", "final"):
        if some := [one for one in every if one.state == state]:
            return max(some, key=lambda one: datetime.fromisoformat(one.release)) if state == "final" else some[0]
    return Standing("published" if every else "open")


def state_words(state: str, release: str, lang: str) -> str:
    """A state in words: 未公布; 已定稿，将于 2025-03-31 09:00 UTC+08:00 公开; 已公布. Empty for what is none."""
    words = pick(lang, *_WORDS.get(state, ("", "")))
    if state != "final" or not release:
        return words
    return words + pick(lang, f"，将于 {zoned(release)} 公开", f", public from {zoned(release)}")


def marked(state: str, release: str, lang: str) -> str:
    """The same as a sentence without its end: of what is open also that it may still change."""
    told = state_words(state, release, lang) + (pick(lang, *_STILL) if state == "open" else "")
    return told[:1].upper() + told[1:]


def warning(state: str, release: str, lang: str) -> str:
    """That sentence for what is not everybody's; empty for what is, and where nobody knows."""
    return "" if state == "published" else marked(state, release, lang)


def zoned(moment: str) -> str:
    """A moment by the clock whose offset it has: 2025-03-31 09:00 UTC+08:00; as it is where it is none."""
    try:
        at = datetime.fromisoformat(moment)
        return f"{at:%Y-%m-%d %H:%M} UTC{at.isoformat()[-6:]}" if at.tzinfo else moment
    except ValueError:
        return moment
