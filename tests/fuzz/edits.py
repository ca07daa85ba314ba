"""What must hold of a file that is rewritten in place, and of one that is compared with the file it was made of."""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from random import Random
from typing import Any

from metrics.definitions import Definitions
from metrics.differences import differences, merged, sides, words
from metrics.meant import is_same, value_at, with_value, without
from metrics.problems import InputError
from metrics.reader import read
from metrics.rewrite import append, remove, set_value
from metrics.yamltext import Path, parse_yaml

_VALUES: tuple[Any, ...] = (
    None, True, 3, -0.5, 1e308, 1e-9, "", "x", "甲：乙", "a: b # c", "- x", "010000", "no", "2024-01-01", " x ", "a\nb",
    "'\"", "{x}", "\u202e", "x" * 300, date(2024, 1, 1), [], {}, [1, "x"], {"zh": "甲", "en": "a"},
    {"method": "minmax"}, [[0, 1]],
)  # fmt: skip


@lru_cache(maxsize=64)
def definitions_of(text: str) -> Definitions | None:
    """The definitions of a file that is compared again and again."""
    return read(text).definitions


def rewritten(text: str, dice: Random) -> Iterator[str]:
    """One value set, one removed, one appended: each as meant, or refused in words."""
    document = parse_yaml(text)
    path: Path = dice.choice([*document.values, ("indicators", "new"), ("x",)])
    value = dice.choice(_VALUES)
    for edit, meant in (
        (lambda: set_value(text, path, value), lambda data: with_value(data, path, value)),
        (lambda: remove(text, path), lambda data: without(data, path)),
        (
            lambda: append(text, path, value),
            lambda data: with_value(data, path, [*(value_at(data, path) or []), value]),
        ),
    ):
        try:
            found = parse_yaml(edit())
        except InputError as error:
            str(error)
            continue
        if not is_same(found.data, meant(document.data)):
            yield f"rewriting {'.'.join(map(str, path))} made something else"


def compared(before: Definitions, after: Definitions) -> Iterator[str]:
    """Each difference is a sentence of one line, and a file does not differ from itself."""
    for found in differences(before, after):
        for lang in ("zh", "en"):
            if len(words(found, before, after, lang).splitlines()) != 1:
                yield f"the difference at {'.'.join(map(str, found.path))} in {lang} is not one line"
    if differences(after, after):
        yield "a file differs from itself"


def brought_together(before: str, after: str) -> Iterator[str]:
    """A change that nobody else touched is taken as it is; lines side by side are all there."""
    # The end of a line tells nothing, and comes from the file that was changed; half a character is in no file.
    if re.search("[\r\ud800-\udfff]", after):
        return
    whole, conflicts = merged(before, after, before)
    if whole != after or conflicts:
        yield "a change of one alone did not come through"
    rows = sides(before, after)
    if rows["after"].drop_nulls().len() not in (after.count("\n"), after.count("\n") + 1):
        yield "lines are lost side by side"
