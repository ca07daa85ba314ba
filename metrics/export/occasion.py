"""Occasion: when, from what and by whom a scorecard was taken; nothing of it changes a number."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from metrics.shown import pick
from metrics.states import Standing, State

if TYPE_CHECKING:
    from metrics.verify.signing import Signer


@dataclass(frozen=True)
class Occasion:
    """What a report and a bundle say of where they come from; '' for what is not known, as where files alone are read.

    `state` and `release` are those of `metrics.states.Standing`; `snapshot` names the store's state, `version` the
    definitions' number in it, `made` is a time in ISO 8601; `signer` gives who signs a bundle, asked only when one is
    made, and None where it is not signed; `editions`: which edition of its results each published cycle has.
    """

    state: State = ""
    snapshot: str = ""
    version: str = ""
    by: str = ""
    made: str = ""
    signer: "Callable[[], Signer | None] | None" = field(default=None, repr=False, compare=False)
    release: str = ""
    editions: Mapping[str, str] = field(default_factory=dict, hash=False)

    def editions_of(self, cycles: Sequence[str], lang: str) -> str:
        """The editions of some cycles, as far as they are published; each with its cycle where there are several."""
        if len(cycles) == 1:
            return self.editions.get(cycles[0], "")
        told = [f"{one}{pick(lang, '：', ': ')}{self.editions[one]}" for one in cycles if one in self.editions]
        return pick(lang, "；", "; ").join(told)

    @property
    def standing(self) -> Standing:
        """How far the cycles are."""
        return Standing(self.state, self.release)

    @property
    def signing(self) -> "Signer | None":
        """Who signs, where anybody does. Raises InputError for a key that cannot be used."""
        return self.signer() if self.signer is not None else None
