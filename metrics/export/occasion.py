"""Occasion: when, from what and by whom a scorecard was taken; nothing of it changes a number."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from metrics.states import Standing, State

if TYPE_CHECKING:
    from metrics.verify.signing import Signer


@dataclass(frozen=True)
class Occasion:
    """What a report and a bundle say of where they come from; '' for what is not known, as where files alone are read.

    `state` and `release` are those of `metrics.states.Standing`; `snapshot` names the store's state, `version` the
    definitions' number in it, `made` is a time in ISO 8601; `signer` gives who signs a bundle, asked only when one is
    made, and None where it is not signed.
    """

    state: State = ""
    snapshot: str = ""
    version: str = ""
    by: str = ""
    made: str = ""
    signer: "Callable[[], Signer | None] | None" = field(default=None, repr=False, compare=False)
    release: str = ""

    @property
    def standing(self) -> Standing:
        """How far the cycles are."""
        return Standing(self.state, self.release)

    @property
    def signing(self) -> "Signer | None":
        """Who signs, where anybody does. Raises InputError for a key that cannot be used."""
        return self.signer() if self.signer is not None else None
