"""Same: what is known of a thing that cannot be compared by what it holds, such as a scorecard."""

from collections.abc import Callable, Hashable
from typing import Any
from weakref import ref


class Same:
    """A thing that is equal to itself alone, whatever it holds."""

    def __init__(self, thing: Any) -> None:
        self.thing = thing

    def __hash__(self) -> int:
        return id(self.thing)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.thing is self.thing


class Latest:
    """What was made latest, kept on what it was made of: it is gone with that, and once something else is made."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._of: Callable[[], Any] = lambda: None

    def get(self, thing: Any, key: Hashable, make: Callable[[], Any]) -> Any:
        """What is kept under the key, else what is made now."""
        kept = vars(thing).get(self.name)
        if kept is None or kept[0] != key:
            before, self._of = self._of(), ref(thing)
            if before is not None:
                vars(before).pop(self.name, None)
            kept = vars(thing)[self.name] = (key, make())
        return kept[1]
