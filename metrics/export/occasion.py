"""Occasion: when, from what and by whom a scorecard was taken; nothing of it changes a number."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Occasion:
    """What a report and a bundle say of where they come from; '' for what is not known, as where files alone are read.

    `state` of the cycles: `open` ones may still change; `snapshot` names the store's state, `version` the definitions'
    number in it, `made` is a time in ISO 8601.
    """

    state: Literal["published", "open", ""] = ""
    snapshot: str = ""
    version: str = ""
    by: str = ""
    made: str = ""
