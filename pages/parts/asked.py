"""Asked: what people are asked about a node, and what each has said so far: in the definitions, and here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from uuid import uuid4

import streamlit as st

from data.rights import Access, Person
from data.sheets import Answer, Said, Sheet, Sheets
from data.store import Store
from metrics import consultation
from metrics.consultation import Consensus
from metrics.definitions import Definitions
from metrics.models import Node
from metrics.problems import InputError
from metrics.tree import code_of
from pages.parts.handing import Standing, in_draft
from pages.parts.i18n import language, t
from pages.parts.pickers import pick, pick_short
from pages.parts.signin import access_at_window

_SHEET, UNSAVED = "sheet", "sheet unsaved"
# Weights that differ by less are alike.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Asked:
    """The children of a node, and the way they are weighed: `ahp` (two by two) or `budget` (100 points)."""

    stands: Standing
    node: Node
    way: str

    @property
    def definitions(self) -> Definitions:
        """The definitions in force."""
        return self.stands.definitions

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """The children's codes."""
        return tuple(map(code_of, self.node.children))

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

    @cached_property
    def in_force(self) -> dict[str, Said]:
        """What the version in force says of each judge."""
        return self._given(self.definitions, self.node)

    @cached_property
    def written(self) -> dict[str, Said]:
        """What this window's draft says of each judge, or else the version in force."""
        draft, node = in_draft(self.node) or (self.definitions, self.node)
        return self._given(draft, node)

    def _given(self, definitions: Definitions, node: Node) -> dict[str, Said]:
        method = definitions.weights_of(node)
        return consultation.given(method) if getattr(method, "method", "") == self.way else {}

    @property
    def changed(self) -> dict[str, Answer]:
        """What is said here and not written, by judge."""
        return self.news(sheet())

    def news(self, kept: Sheet) -> dict[str, Answer]:
        """What a sheet says of this question and the definitions do not; without what nobody can have said here."""
        return {by: one for by, one in kept.answers.get(self.key, {}).items() if self._is_new(by, one.said)}

    def _is_new(self, by: str, said: Said | None) -> bool:
        is_possible = said is None or consultation.possible(self.way, said, self.count)
        return is_possible and said != self.written.get(by)

    @property
    def overtaken(self) -> list[str]:
        """The judges who say something else here, and of whom the version in force says something else since."""
        now = {by: self.in_force.get(by) for by in self.changed}
        return [by for by, answer in self.changed.items() if now[by] not in (answer.stood, answer.said)]

    @property
    def judges(self) -> Mapping[str, Said]:
        """What each judge says, by name: what is written, with what has been changed here and nothing else."""
        here = {by: answer.said for by, answer in self.changed.items()}
        return {by: said for by, said in {**self.written, **here}.items() if said is not None}

    def answer(self, by: str, said: Said | None) -> None:
        """A judge says this from now on; None takes the judge away."""
        before = self.changed.get(by)
        stood = before.stood if before is not None else self.in_force.get(by)
        new = {**self.changed, by: Answer(said, stood)}
        if not self._is_new(by, said):
            del new[by]
        keep(replace(sheet(), answers={**sheet().answers, self.key: new}))

    @property
    def finished(self) -> dict[str, Said]:
        """The judges whose judgements can be used."""
        return {by: said for by, said in self.judges.items() if consultation.finished(self.way, said)}

    @property
    def consensus(self) -> Consensus | None:
        """What they come to; None where nobody has finished."""
        found = self.finished
        return consultation.consult(self.way, found, self.count) if found else None

    def first(self, weights: Sequence[float]) -> str:
        """The child with the largest weight by name; all of them where several have it."""
        most = max(weights) - _ROUNDING
        return t("、").join(name for name, weight in zip(self.names, weights, strict=True) if weight >= most)


def ways() -> dict[str, str]:
    """The ways of asking, by code."""
    return {"ahp": t("两两比较"), "budget": t("分配 100 分")}


def ask(stands: Standing) -> Asked | None:
    """Draws the choice of the node and the way; None where no node has two children."""
    nodes = _nodes(stands)
    if not nodes:
        return None
    left, right = st.columns([1.4, 1], vertical_alignment="bottom")
    with left:
        names = {code: node.name.text(language()) for code, node in nodes.items()}
        node = nodes[pick(t("维度"), "node", names, next(iter(nodes)), short=True)]
    with right:
        method = getattr(stands.definitions.weights_of(node), "method", "")
        way = pick_short(t("方式"), "way", ways(), method if method in ways() else "ahp")
    return Asked(stands, node, way)


def _nodes(stands: Standing) -> dict[str, Node]:
    return {code: node for code, node in stands.definitions.tree_nodes.items() if len(node.children) > 1}


def questions(stands: Standing) -> list[Asked]:
    """All that can be asked."""
    return [Asked(stands, node, way) for node in _nodes(stands).values() for way in ways()]


def sheet() -> Sheet:
    """This window's sheet of answers."""
    found: Sheet = st.session_state.setdefault(_SHEET, Sheet(uuid4().hex))
    return found


def sheets() -> Sheets:
    """The sheets beside the store, for whoever is at this window to save and throw away."""
    return Sheets(Store().seen_with(access_at_window() or Access(Person("", "", "oidc")), None))


def lay(found: Sheet) -> None:
    """The sheet of this window from now on."""
    st.session_state[_SHEET] = found


def keep(found: Sheet) -> None:
    """The sheet of this window from now on, and onto disk; where that fails, the page is to say so."""
    lay(found)
    st.session_state.pop(UNSAVED, None)
    person = (st.session_state.get("person") or "").strip() or found.person
    try:
        lay(sheets().save(replace(found, person=person)))
    except InputError as error:
        st.session_state[UNSAVED] = error


def say(asked: Asked, by: str, place: int, widget: str) -> None:
    """What a widget holds becomes what the judge says; before the page is drawn anew."""
    value = st.session_state[widget]
    put(asked, by, place, None if value is None else float(value))


def put(asked: Asked, by: str, place: int, value: float | None) -> None:
    """A judge says so much."""
    said = asked.judges[by]
    asked.answer(by, [*said[:place], value, *said[place + 1 :]])
