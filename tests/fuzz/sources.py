"""The files that are mutated: the definitions of the project, its examples and its broken ones."""

from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent.parent
SEEDS = Path(__file__).parent / "seeds"
# The large ones are drawn more rarely: a small file is mutated where it hurts more often, and in less time.
_LARGE = 10_000
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


@lru_cache(maxsize=1)
def texts() -> tuple[str, ...]:
    """Every file to begin with, in an order that does not depend on the machine; small ones several times."""
    files = [
        ROOT / "indicators.yaml",
        *sorted(ROOT.glob("examples/*/*.yaml")),
        *sorted(ROOT.glob("tests/broken/*.yaml")),
    ]
    read = [file.read_text(encoding="utf-8") for file in files]
    return tuple(text for text in read for _ in range(1 if len(text) > _LARGE else 3))


@lru_cache(maxsize=1)
def whole() -> tuple[str, ...]:
    """Those that are definitions through and through, so that one change is told apart from the rest."""
    files = [ROOT / "indicators.yaml", *sorted(ROOT.glob("examples/*/indicators.yaml"))]
    read = [file.read_text(encoding="utf-8") for file in files]
    return tuple(text for text in read for _ in range(1 if len(text) > _LARGE else 2))


def loaded(text: str) -> Any:
    """The data of a text that is YAML."""
    return yaml.load(text, Loader=_LOADER)


def dumped(data: Any, dice: Random) -> str:
    """The data as YAML text: in blocks, in one line, or anything between; always the same for the same dice."""
    flow = dice.choice((False, False, False, None, True))
    return str(yaml.dump(data, Dumper=_DUMPER, allow_unicode=True, sort_keys=False, default_flow_style=flow))
