"""Asked: what people are asked about a node, and what each has said so far; it lasts as long as the session."""

import re
from dataclasses import dataclass
from functools import cached_property

import streamlit as st

from metrics import consultation
from metrics.consultation import Consensus
from metrics.definitions import Definitions, Node
from pages.parts.i18n import language, t
from pages.parts.pickers import pick, pick_short

Said = list[float | None]
_STATE, _SEEN = "judges", "judges seen"


@dataclass(frozen=True)
class Asked:
    """The children of a node, and the way they are weighed: `ahp` (two by two) or `budget` (100 points)."""

    definitions: Definitions
    node: Node
    way: str

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """The children's codes."""
        return consultation.codes_of(self.node)

    @property
    def names(self) -> list[str]:
        """The children's names in the language of this run."""
        return [self.definitions.name_of(code, language()) for code in self.codes]

    @property
    def name(self) -> str:
        """The node's name."""
        return self.node.name.text(language())

    @property
    def count(self) -> int:
        """How many children are weighed."""
        return len(self.codes)

    @property
    def size(self) -> int:
        """How many numbers one judge gives."""
        return len(consultation.pairs(self.count)) if self.way == "ahp" else self.count

    @property
    def key(self) -> str:
        """What the judgements are kept under: children that are others are another question."""
        return " ".join((self.way, self.node.code, *self.codes))

    @property
    def judges(self) -> dict[str, Said]:
        """What each judge has said, by name, with those that are in the file. To be changed in place.

        Who joins in a later version joins here too, or would be lost when this is written.
        """
        kept: dict[str, Said] = st.session_state.setdefault(_STATE, {}).setdefault(self.key, {})
        seen = st.session_state.setdefault(_SEEN, {})
        if seen.get(self.key) != self.definitions.digest:
            seen[self.key] = self.definitions.digest
            method = self.definitions.weights_of(self.node)
            given = consultation.given(method) if getattr(method, "method", "") == self.way else {}
            kept.update({by: said for by, said in given.items() if by not in kept})
        return kept

    @property
    def finished(self) -> dict[str, Said]:
        """The judges whose judgements can be used."""
        return {by: said for by, said in self.judges.items() if consultation.finished(self.way, said)}

    @property
    def consensus(self) -> Consensus | None:
        """What they come to; None where nobody has finished."""
        found = self.finished
        return consultation.consult(self.way, found, self.count) if found else None


def literal(text: str) -> str:
    """A text in which a message's markup is what people wrote, and nothing else."""
    return re.sub(r"([\\`*_{}\[\]()#+.!|<>~:$&-])", r"\\\1", text)


def ways() -> dict[str, str]:
    """The ways of asking, by code."""
    return {"ahp": t("两两比较"), "budget": t("分配 100 分")}


def ask(definitions: Definitions) -> Asked | None:
    """Draws the choice of the node and the way; None where no node has two children."""
    nodes = {code: node for code, node in definitions.tree_nodes.items() if len(node.children) > 1}
    if not nodes:
        return None
    left, right = st.columns([1.4, 1], vertical_alignment="bottom")
    with left:
        names = {code: node.name.text(language()) for code, node in nodes.items()}
        node = nodes[pick(t("维度"), "node", names, next(iter(nodes)), short=True)]
    with right:
        method = getattr(definitions.weights_of(node), "method", "")
        way = pick_short(t("方式"), "way", ways(), method if method in ways() else "ahp")
    return Asked(definitions, node, way)


def say(asked: Asked, by: str, place: int, widget: str) -> None:
    """What a widget holds becomes what the judge says; before the page is drawn anew."""
    value = st.session_state[widget]
    asked.judges[by][place] = None if value is None else float(value)


def put(asked: Asked, by: str, place: int, value: float) -> None:
    """A judge says so much."""
    asked.judges[by][place] = value
