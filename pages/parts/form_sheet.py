"""A sheet: one indicator's fields as they stand in a definitions text, and the text with what was changed in them."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from html import escape
from typing import Any

import streamlit as st

from metrics.definitions import Definitions
from metrics.fields import Written
from metrics.meant import value_at
from metrics.models import Indicator
from metrics.problems import InputError, Problem
from metrics.rewrite import remove, set_value
from metrics.yamltext import Path, parse_yaml
from pages.parts.i18n import language, t
from pages.parts.words import severity_words, told

FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2100, 12, 31)


def label_of(model: Any, name: str) -> tuple[str, str]:
    """A field's label, and what else its model says of it, in the language of the page."""
    words = str(model.model_fields[name].description or name).split(" · ")
    own = words[0] if language() == "zh" else words[-1]
    head, _, more = own.partition("：" if language() == "zh" else ": ")
    return head[:1].upper() + head[1:], more


def shown(value: Any) -> str:
    """A scalar as it is written; empty where there is none."""
    return "" if value is None else value.text if isinstance(value, Written) else str(value)


def named(item: Any, code: str) -> str:
    """What something is called in a text, in the language of the page; its code where it has no name."""
    name = item.get("name") if isinstance(item, dict) else None
    return shown(name.get(language()) if isinstance(name, dict) else name) or code


def names_of(items: Mapping[str, Any]) -> dict[str, str]:
    """What each is called in a text, by code; several of one name are told apart by their codes."""
    names = {code: named(item, code) for code, item in items.items()}
    often = Counter(names.values())
    return {code: name if often[name] == 1 else f"{name} {code}" for code, name in names.items()}


def say(words: str, severity: str = "error") -> None:
    """What is wrong with the field above, in a line."""
    kind = "worse" if severity == "error" else ""
    st.html(f'<p class="q-sub {kind}"><b>{escape(severity_words(severity))}</b> {escape(words)}</p>')


def choice(
    label: str, options: Sequence[Any], words: Callable[[Any], str], *, key: str, kept: str, where: Any = st,
    more: str = "",
) -> Any:  # fmt: skip
    """One of some options, which the session holds under `kept`.

    A widget knows its options by their words, and takes the first for one whose words are others by now: in another
    language, say. So only what a person chose counts, and that is told by what the words were then.
    """
    st.session_state[key] = st.session_state.setdefault(kept, options[0])
    where.selectbox(
        label, options, key=key, format_func=words, placeholder=t("请选择"), help=more or None,
        on_change=lambda: st.session_state.update({kept: st.session_state[key]}),
    )  # fmt: skip
    return st.session_state[kept]


class Sheet:
    """The fields of one indicator over a text; `text` grows with every change that a person made.

    A widget shows what stands in the text until somebody changes it, and again as soon as the text says something else.
    `scored`: the share of each code among its siblings as it was last scored, where it is known.
    """

    def __init__(
        self, text: str, code: str, definitions: Definitions, problems: Sequence[Problem], *, key: str,
        scored: Mapping[str, float],
    ) -> None:  # fmt: skip
        self.text, self.code, self.definitions, self.key = text, code, definitions, key
        self.data = parse_yaml(text).data or {}
        self.path: Path = ("indicators", code)
        self.problems, self.scored = problems, scored

    def at(self, *steps: str | int) -> Any:
        """What the text holds at a place below the indicator; None where it holds nothing."""
        try:
            return value_at(self.data, (*self.path, *steps))
        except (LookupError, TypeError):
            return None

    def slot(self, name: str, current: Any) -> str:
        """The key of a widget, which holds what the text says unless a person has changed it since."""
        slot = f"{self.key} {self.code} {name}"
        before = f"{slot} in text"
        if slot not in st.session_state or st.session_state.get(before) != current:
            st.session_state[slot] = current
        st.session_state[before] = current
        return slot

    def choice(
        self, name: str, label: str, options: Sequence[Any], current: Any, words: Callable[[Any], str], *,
        where: Any = st, more: str = "",
    ) -> Any:  # fmt: skip
        """A field of one of some options."""
        kept = self.slot(f"{name} chosen", current)
        return choice(label, options, words, key=f"{self.key} {self.code} {name}", kept=kept, where=where, more=more)

    def write(self, path: Path, value: object) -> None:
        """The text with another value there, or (None) without it; said where it cannot be rewritten."""
        self.edit(lambda text: set_value(text, path, value) if value is not None else remove(text, self._whole(path)))

    def edit(self, change: Callable[[str], str]) -> None:
        """The text changed; said where it cannot be rewritten, and then left as it is."""
        try:
            self.text = change(self.text)
        except InputError as error:
            say(told(error.problems[0]))

    def _whole(self, path: Path) -> Path:
        """What has to go with a key: the mapping below the indicator that would be left empty."""
        above = value_at(self.data, path[:-1])
        return path[:-1] if len(path) > len(self.path) + 1 and len(above) == 1 else path

    def told(self, *steps: str, but: Sequence[str] = ()) -> None:
        """What checking says of a field, but for the parts of it that tell their own."""
        dotted = ".".join(map(str, (*self.path, *steps)))
        elsewhere = {f"{dotted}.{part}" for part in but}
        for problem in self.problems:
            if f"{problem.path}.".startswith(f"{dotted}.") and problem.path not in elsewhere:
                say(told(problem), problem.severity)

    def as_written(self, label: str) -> None:
        """A value that no field here can hold."""
        st.html(f'<p class="q-sub">{escape(label)} <code>{escape(t("如文本所写"))}</code></p>')

    def line(self, name: str, *, long: bool = False, due: bool = False) -> str:
        """A field of text; emptied, its key goes, unless it is due."""
        label, more = label_of(Indicator, name)
        found = self.text_at((name,), label, more, long=long, due=due)
        self.told(name)
        return found

    def text_at(
        self, steps: tuple[str, ...], label: str, more: str = "", *, long: bool = False, due: bool = False
    ) -> str:
        """A field of text at any place below the indicator."""
        value = self.at(*steps)
        if isinstance(value, dict | list):
            self.as_written(label)
            return ""
        current = shown(value)
        slot = self.slot(" ".join(steps), current)
        box: Any = st.text_area if long else st.text_input
        # As high as what it holds: a source is read whole.
        sized = {"height": "content"} if long else {}
        found = str(box(label, key=slot, help=more or None, persist_state="session", **sized) or "")
        if found != current:
            self._commit((*self.path, *steps), found, label, due=due)
        return found

    def _commit(self, path: Path, found: str, label: str, *, due: bool) -> None:
        written = " ".join(found.split())
        if written or not due:
            self.write(path, written or None)
        else:
            say(t("“{label}”不能为空，文本没有改动。", label=label))

    def day(self, steps: tuple[str, ...], label: str, more: str = "") -> None:
        """A date; emptied, its key goes."""
        value = shown(self.at(*steps))
        current = _day(value)
        if value and (current is None or not FIRST_DAY <= current <= LAST_DAY):
            self.text_at(steps, label, more)
            return
        found = st.date_input(
            label, None, FIRST_DAY, LAST_DAY, self.slot(" ".join(steps), current), more or None, format="YYYY-MM-DD",
            persist_state="session",
        )  # fmt: skip
        if found != current:
            self.write((*self.path, *steps), found)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
