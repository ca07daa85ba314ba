"""The mutated file of a seed and an index: the same text or bytes wherever it is made again."""

from functools import lru_cache
from random import Random
from typing import Any

from tests.fuzz.extremes import many
from tests.fuzz.sources import dumped, loaded, texts, whole
from tests.fuzz.structural import mutated_data
from tests.fuzz.textual import mutated_bytes, mutated_text

# One file in so many is of very many parts, which takes longest to read.
_MANY = 0.01


@lru_cache(maxsize=32)
def _data(text: str) -> Any:
    return loaded(text)


def mutated(seed: int, index: int) -> str | bytes:
    """The file of a seed and an index."""
    return _made(seed, index)[1]


def case(seed: int, index: int) -> tuple[str | bytes, str, Random]:
    """The file, what it was made of, and the dice for whatever is done with it."""
    original, made = _made(seed, index)
    return made, original, Random(f"{seed}:{index}:edits")


def _made(seed: int, index: int) -> tuple[str, str | bytes]:
    dice = Random(f"{seed}:{index}")
    kind = dice.random()
    if kind < _MANY:
        made = dumped(many(dice), dice)
        return made, made
    if kind < 0.45:
        text = dice.choice(texts())
        return text, mutated_text(text, dice)
    if kind < 0.5:
        text = dice.choice(texts())
        return text, mutated_bytes(text, dice)
    text = dice.choice(whole())
    made = dumped(mutated_data(_data(text), dice), dice)
    return text, mutated_text(made, dice) if kind > 0.95 else made
