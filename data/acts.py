"""Acts: of a command that does several things, which options go with which, and of which cycle a number is."""

import argparse
from collections.abc import Collection, Mapping
from itertools import chain

from data.stages import refused
from data.store import Store

# What each act takes, all as it is typed, in the order in which acts go before others; first, without one, the command.
Takes = Mapping[str, Collection[str]]
_KEPT_AS = {"--for": "reviewer", **{f"--{step}": f"step_{step}" for step in ("report", "accept", "return")}}


def chosen(options: argparse.Namespace, takes: Takes) -> str:
    """The act that was chosen: a key of `takes`.

    Raises InputError (`option_unused`) for an option that others take and this one does not: left out in silence it
    would be thought to count.
    """
    plain, *acts = takes
    act = next((one for one in acts if _is_given(options, one)), plain)
    for option in dict.fromkeys(chain(*takes.values())):
        if option not in takes[act] and _is_given(options, option):
            others = ", ".join(one for one, taken in takes.items() if option in taken and one != option)
            raise refused("option_unused", option=option, act=act, others=others)
    return act


def _is_given(options: argparse.Namespace, typed: str) -> bool:
    name, _, value = typed.partition(" ")
    found = getattr(options, _KEPT_AS.get(name, name.removeprefix("--").replace("-", "_")))
    return found == value if value else found not in (None, "", []) and found is not False


def filled(text: str) -> str:
    """What was typed for an option. Raises ArgumentTypeError for nothing, as of a variable of a script that is not set:
    it would pass for an option that was not typed."""
    if not text.strip():
        raise argparse.ArgumentTypeError("写了却是空的 · is empty")
    return text


def require_cycle(store: Store, table: str, number: int, cycle: str) -> None:
    """Raises InputError (`other_cycle`) for a number of a table that is of another cycle than the one that was named;
    what there is not is refused by whatever is done about it."""
    found = store.query(f"SELECT cycle FROM {table} WHERE id = $id", id=number)
    if not found.is_empty() and found.item() != cycle:
        raise refused("other_cycle", number=number, cycle=found.item(), named=cycle)
