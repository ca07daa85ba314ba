"""Doubts as people read them: regions and variables by name, numbers with separators and their unit."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from metrics.definitions import Definitions
from metrics.problems import Problem
from metrics.shown import whole
from metrics.terms import unit_words

_REGIONS, _CODES = ("region", "other", "then"), ("variable", "code", "found")
# What is a number of the variable, or indicator, that a doubt is about; all else is a count, a rate or a bound beside.
_MEASURED = ("value", "before", "parts", "high", "limit", "median")


def plain(value: str) -> str:
    """A number as people write it; any other text as it is."""
    try:
        return whole(float(value))
    except ValueError:
        return value


@dataclass(frozen=True)
class Named:
    """What a doubt's words name: `region` gives a region's name by its code (a period is none and stays as it is), and
    `coded` has a variable's code stand behind its name."""

    definitions: Definitions
    region: Callable[[str], str]
    lang: str
    coded: bool = False

    def of(self, column: str, code: str) -> str:
        """A region's or a variable's name; anything else as it is."""
        if column in _REGIONS:
            return self.region(code)
        if column not in _CODES or code not in self.definitions.codes:
            return code
        name = self.definitions.name_of(code, self.lang)
        if not self.coded or name == code:
            return name
        return f"{name}（{code}）" if self.lang == "zh" else f"{name} ({code})"

    def told(self, problem: Problem) -> Problem:
        """A doubt with names for codes, and numbers as people write them."""
        facts = problem.facts
        about = next((str(facts[name]) for name in _CODES if name in facts), "")
        unit = unit_words(self.definitions.unit_of(about), self.lang)
        said = {
            name: f"{whole(fact)} {unit if name in _MEASURED else ''}".strip() if isinstance(fact, float)
            else self.of(name, fact) if isinstance(fact, str) else fact
            for name, fact in facts.items()
        }  # fmt: skip
        return replace(problem, facts=said)
