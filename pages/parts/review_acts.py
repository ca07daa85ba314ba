"""Acts: who signs what is done in the process, what came of it in a sentence, and what was typed if it was refused."""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any, TypeVar

import streamlit as st

from data.revisions import revisions_of
from data.store import Store
from metrics.definitions import Definitions
from metrics.problems import InputError
from metrics.scorecard import Scorecard
from pages.parts.i18n import language, t
from pages.parts.moments import moment
from pages.parts.shell import open_screen, unread
from pages.parts.words import literal, told

Seen = TypeVar("Seen")
# How often each form was done with; under "" what was done last. A plain dictionary: whoever clicks twice ends a run at
# the next look into the session, and what was done by then has to be known.
_ACTS = "acts"
# Marks that tell states apart without colour.
OPEN, DONE, RAISED, AGAINST, BACK = "○", "●", "▲", "✕", "↩"


def signer(store: Store) -> str:
    """Who signs: on this machine the name that was typed, else who is signed in."""
    person = store.access.person
    return person.name if person.way == "local" else person.id


def field(form: str, name: str) -> str:
    """The key of a form's field: another one, and so an empty field, once what was in it has been done."""
    return f"{form} {name} {st.session_state.get(_ACTS, {}).get(form, 0)}"


def act(form: str, do: Callable[[], str]) -> None:
    """Does it, and the page is drawn anew with the sentence that comes of it; a refusal stands at the form, which keeps
    what was typed."""
    acts: dict[str, Any] = st.session_state.setdefault(_ACTS, {})
    try:
        words = do()
    except (InputError, OSError) as error:
        problems = error.problems if isinstance(error, InputError) else ()
        for one in [told(problem) for problem in problems] or [unread(error)]:
            st.error(literal(one))
        return
    acts[form], acts[""] = acts.get(form, 0) + 1, words
    st.rerun()


def seen_before(form: str, now: Seen) -> Seen:
    """What was on the screen when somebody clicked, of which this run may show something newer already."""
    before: Seen = st.session_state.get(f"{form} seen", now)
    st.session_state[f"{form} seen"] = now
    return before


def tell() -> None:
    """What was done last, once."""
    words = st.session_state.get(_ACTS, {}).pop("", "")
    if words:
        st.success(literal(words))


def behalf(store: Store, whom: str) -> None:
    """In whose name something is said by a form, and who signs it."""
    if person := signer(store):
        note(t("代表：{whom}；署名：{person}", whom=whom, person=person))
    else:
        note(t("代表：{whom}；还没有署名，请先在页首“我是”里写上姓名", whom=whom))


def organisers() -> str:
    """In whose name the evaluation is moved on, decided and answered."""
    return t("评估组织方")


def approvers() -> str:
    """In whose name results are approved, and what is escalated settled."""
    return t("审定方")


def one_of(place: Any, label: str, options: Sequence[Any], key: str, called: Callable[[Any], str]) -> Any:
    """One of several, none until it is chosen; one alone needs no choice."""
    only = 0 if len(options) == 1 else None
    return place.selectbox(label, options, index=only, key=key, format_func=called, placeholder=t("请选择"))


def act_on(form: str, chosen: Any, words: str, do: Callable[[], str]) -> None:
    """Does what wants a choice first; says so where there is none."""
    if chosen is None:
        st.error(words)
    else:
        act(form, do)


def reason(form: str, label: str = "", placeholder: str = "") -> str:
    """The text that every act wants."""
    label, placeholder = label or t("理由"), placeholder or t("日后查阅的人只看得到这句话")
    return st.text_area(label, key=field(form, "reason"), height=80, max_chars=2000, placeholder=placeholder)


def called_of(row: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """What is objected to or to be put right, by number, region and the first of its words."""
    region = names.get(row["region"], row["region"])
    return t("第 {number} 号 {region}：{text}", number=row["id"], text=row["text"][:40], region=region)


def in_sight(store: Store, cycle: str) -> frozenset[str] | None:
    """The regions whose results of a cycle the store's person may see; None: all."""
    return store.access.seen(cycle, published=revisions_of(store).is_public(cycle))


def allowed(store: Store, right: str, cycle: str, codes: Sequence[str]) -> list[str]:
    """The regions, of these, for which the store's person has a right in a cycle."""
    return [code for code in codes if store.access.may(right, region=code, cycle=cycle)]


def whole_card(store: Store, cycle: str) -> Scorecard | None:
    """The scorecard of a cycle, of all regions: whoever asks shows of it what is in sight. None where there is none."""
    try:
        return open_screen(store).editions.cards.get(cycle)
    except (InputError, OSError):
        return None


def region_names(store: Store) -> dict[str, str]:
    """What every region is called, by code."""
    return dict(store.query(f"SELECT code, name_{language()} FROM regions ORDER BY code").iter_rows())


def definitions_of(store: Store, cycle: str) -> Definitions:
    """The definitions that a cycle is scored with."""
    return revisions_of(store).of(cycle).definitions


def node_names(definitions: Definitions) -> dict[str, str]:
    """The composite, the pillars and the indicators by code, in the tree's order."""
    return {row.code: definitions.name_of(row.code, language()) for row in definitions.nodes()}


def state(shape: str, words: str, *, late: bool = False) -> str:
    """A state with its mark, as a cell; what is late is marked by shape, word and colour."""
    text = f"{shape} {escape(words)}"
    return f'<b class="worse">{text}</b>' if late else text


def wide(*lines: str) -> str:
    """A cell for whole sentences, each in a line of its own."""
    told = "<br>".join(escape(line) for line in lines if line)
    return f'<td style="white-space:normal;min-width:11rem">{told or "—"}</td>'


def entry(number: int, name: str) -> str:
    """The first cell of what has a number."""
    return f'<td style="white-space:nowrap">{number} · {escape(name)}</td>'


def by(person: str, made: str) -> str:
    """A cell: who, and when."""
    return f"{escape(person)}<small>{escape(moment(made))}</small>"


def note(words: str) -> None:
    """A line in small type."""
    st.html(f'<p class="q-sub">{escape(words)}</p>')
