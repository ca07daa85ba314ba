"""The words of one definitions file in one language, for its manual."""

from dataclasses import dataclass
from typing import Any, TypeVar

from metrics.definitions import Definitions
from metrics.differences.found import plain
from metrics.differences.values import declared_share, formula_words, key_words, value_words
from metrics.fields import Frozen
from metrics.formula import Formula as FormulaText
from metrics.manual.blocks import Formula
from metrics.syntax import Code, Tree, rewritten
from metrics.terms import term, unit_words

T = TypeVar("T")


@dataclass(frozen=True)
class Words:
    """Names, values and shares of a file in words."""

    file: Definitions
    lang: str

    def pick(self, zh: T, en: T) -> T:
        """The words in this language."""
        return zh if self.lang == "zh" else en

    def name(self, code: str) -> str:
        """The name of what has this code, on one line."""
        return self.line(self.file.name_of(code, self.lang))

    def line(self, text: str) -> str:
        """A text of the file on one line."""
        return " ".join(text.split())

    def quoted(self, code: str) -> str:
        """A name in quotation marks."""
        return f"“{self.name(code)}”"

    def unit(self, code: str) -> str:
        """The unit of an indicator, variable or factor in words; nothing for a number without one."""
        return unit_words(self.file.unit_of(code), self.lang)

    def term(self, key: str, word: str) -> str:
        """What a word at a key means."""
        return term(key, word, self.lang)

    def value(self, key: str, value: Any) -> str:
        """A part of the definitions in words."""
        return value_words(key, plain(value), self.file, self.lang)

    def key(self, model: type[Frozen], field: str) -> str:
        """What a field of a model is called, to stand at the head of a line."""
        words = key_words(model, field, self.lang)
        return words[:1].upper() + words[1:]

    def better(self, code: str) -> str:
        """In which direction an indicator is better."""
        return self.value("better", self.file.indicators[code].better)

    def formula(self, code: str, formula: FormulaText) -> Formula:
        """The formula of an indicator or variable for a writer to set."""

        def named(part: Tree) -> Tree | None:
            return Code(self.name(part.name)) if isinstance(part, Code) else None

        words = formula_words(formula.text, self.file, self.lang)
        return Formula(self.name(code), self.line(formula.text), words, rewritten(formula.tree, named))

    def above(self, code: str) -> str | None:
        """The code of the node that something stands under; None for the root and outside the tree."""
        found = self.file.standing.get(code)
        return None if found is None else found.above or self.file.index.code

    def share(self, code: str) -> float | None:
        """The share among siblings; None where weights come from data or judges, and outside the tree."""
        return declared_share(code, self.file)

    def whole(self, code: str) -> float | None:
        """The share of the composite: the product of the shares up to it; None where one of them is not declared."""
        if code == self.file.index.code:
            return 1.0
        above, own = self.above(code), self.share(code)
        if above is None or own is None:
            return None
        rest = self.whole(above)
        return None if rest is None else own * rest
