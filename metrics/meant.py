"""What an edit means for the data of a text, and whether a text that was edited says so."""

from datetime import date
from typing import Any

from metrics.fields import Written
from metrics.yamltext import Path


def value_at(data: Any, path: Path) -> Any:
    """What stands there; None where the way ends at a missing key."""
    for step in path:
        data = data.get(step) if isinstance(data, dict) else data[step] if data is not None else None
    return data


def with_value(data: Any, path: Path, value: object) -> Any:
    """The data with a value there, missing mappings made; raises LookupError or TypeError where that is no place."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(step, str):
        found = {} if data is None else data
        return {**found, step: with_value(found.get(step), rest, value)}
    return [*data[:step], with_value(data[step], rest, value), *data[step + 1 :]]


def without(data: Any, path: Path) -> Any:
    """The data without what stands there; raises LookupError or TypeError where nothing does."""
    step, rest = path[0], path[1:]
    if rest:
        return with_value(data, (step,), without(data[step], rest))
    if isinstance(step, int):
        return [*data[:step], *data[step + 1 :]]
    return {key: found for key, found in data.items() if key != step}


def is_same(found: Any, meant: Any) -> bool:
    """Whether what was read is what was meant: numbers as they were written, new ones by their value."""
    if isinstance(meant, Written):
        return isinstance(found, Written) and found.text == meant.text
    if isinstance(meant, dict):
        alike = isinstance(found, dict) and found.keys() == meant.keys()
        return alike and all(is_same(found[key], meant[key]) for key in meant)
    if isinstance(meant, list | tuple):
        return isinstance(found, list) and len(found) == len(meant) and all(map(is_same, found, meant))
    if isinstance(meant, bool | int | float):
        read = found.value if isinstance(found, Written) else None
        return isinstance(read, bool) == isinstance(meant, bool) and read == meant
    return bool(found == (meant.isoformat() if isinstance(meant, date) else meant))
