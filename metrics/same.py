"""Same: a key for a thing that cannot be compared by what it holds, such as a scorecard."""

from typing import Any


class Same:
    """A thing that is equal to itself alone, whatever it holds."""

    def __init__(self, thing: Any) -> None:
        self.thing = thing

    def __hash__(self) -> int:
        return id(self.thing)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.thing is self.thing
