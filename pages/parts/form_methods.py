"""A method and its parameters as fields, as the models of the definitions describe them."""

import re
from collections.abc import Callable, Iterator
from typing import Any, Literal, get_args, get_origin

import streamlit as st
from pydantic import TypeAdapter, ValidationError

from metrics.fields import Frozen, Written
from metrics.methods import Method
from metrics.models import Indicator
from metrics.problems import Problem
from metrics.terms import term
from pages.parts.form_sheet import Sheet, label_of, say, shown
from pages.parts.i18n import language, t

# What a field of a method gives: its value (None: not there), and whether a person has changed it.
Answer = tuple[Any, bool]


def models(annotation: Any) -> dict[str, type[Frozen]]:
    """The models that a field of methods can hold, by the method's name."""
    found: dict[str, type[Frozen]] = {}
    for model in _inside(annotation):
        found |= dict.fromkeys(get_args(model.model_fields["method"].annotation), model)
    return found


def _inside(annotation: Any) -> Iterator[type[Frozen]]:
    if isinstance(annotation, type) and issubclass(annotation, Frozen):
        yield annotation
    for part in get_args(annotation):
        yield from _inside(part)


def method(sheet: Sheet, name: str, usual: str, words: Callable[[str], str]) -> None:
    """A choice of methods with the fields of the one chosen; written as soon as it holds together.

    `usual` is what holds where the indicator says nothing.
    """
    written = sheet.at(name)
    known = models(Indicator.model_fields[name].annotation)
    current = shown(written.get("method")) if isinstance(written, dict) else shown(written)
    label, _ = label_of(Indicator, name)
    if isinstance(written, list) or (current and current not in known):
        sheet.as_written(label)
        sheet.told(name)
        return
    def told(code: str) -> str:
        return words(code) if code else t("默认（{words}）", words=words(usual))

    chosen = sheet.choice(name, label, ["", *known], current, told)
    if chosen:
        own = written if isinstance(written, dict) and chosen == current else {}
        _parameters(sheet, name, known[chosen], chosen, own, anew=chosen != current)
    elif current:
        sheet.write((*sheet.path, name), None)
    sheet.told(name)


def _parameters(sheet: Sheet, name: str, model: type[Frozen], chosen: str, own: dict[str, Any], *, anew: bool) -> None:
    """The fields of a method, its own first, two abreast, and its value written where one was changed."""
    fields = [key for key in model.model_fields if key not in Method.model_fields]
    rows = [fields[start : start + 2] for start in range(0, len(fields), 2)]
    # What numbers are measured by is told in too many words for half a line.
    rows += [[key] for key in ("range", "frame") if key in model.model_fields]
    value: dict[str, Any] = {"method": chosen}
    changed = anew
    for row in rows:
        for place, key in zip(st.columns(len(row)), row, strict=True):
            with place:
                found, is_new = field(sheet, f"{name} {chosen} {key}", model, key, own.get(key))
                changed = changed or is_new
                value |= {} if found is None else {key: found}
    if not changed or not holds(model, value):
        return
    alone = len(value) == 1 and not isinstance(sheet.at(name), dict)
    sheet.write((*sheet.path, name), chosen if alone else value)


def holds(model: type[Frozen], value: dict[str, Any]) -> bool:
    """Whether a method holds together; what it lacks is said."""
    try:
        TypeAdapter(model).validate_python(value)
    except ValidationError as error:
        found = error.errors(include_url=False)
        lacking = [label_of(model, str(one["loc"][0]))[0] for one in found if one["type"] in ("missing", "too_short")]
        if lacking:
            say(t("还要填：{labels}；填好后写入文本。", labels=t("、").join(lacking)), "note")
        for one in found:
            if one["type"] not in ("missing", "too_short"):
                say(reason(one, model))
        return False
    return True


def reason(found: Any, model: type[Frozen]) -> str:
    """What is wrong with a field, in words."""
    if found["type"] == "problem":
        return Problem(found["ctx"]["code"], facts=found["ctx"]["facts"]).message(language())
    label = label_of(model, str(found["loc"][0]))[0] if found["loc"] else ""
    return t("“{label}”的值不可用，文本没有改动。", label=label)


def field(sheet: Sheet, name: str, model: type[Frozen], key: str, written: Any) -> Answer:
    """One field by its kind: a choice, yes or no, numbers in a row or in lines, a number, a text."""
    described, kind = model.model_fields[key], _kind(model.model_fields[key].annotation)
    label, more = label_of(model, key)
    usual = "" if described.is_required() else _usual(described.default, key)
    if get_origin(kind) is Literal or kind is bool:
        options = [True, False] if kind is bool else list(get_args(kind))
        return _choice(sheet, name, label, more, options, written, lambda word: _word(key, word), usual)
    rows = get_origin(kind) is tuple and Ellipsis in get_args(kind)
    current = _as_text(written)
    slot = sheet.slot(name, current)
    hint = t("默认 {value}", value=usual) if usual else None
    if rows:
        found = st.text_area(
            label, key=slot, help=t("{words}；每行一对，如 0.9, 100", words=more or label), height="content",
            persist_state="session",
        )
    else:
        found = st.text_input(label, key=slot, help=more or None, placeholder=hint, persist_state="session")
    if (found or "") == current:
        return written, False
    return _read(str(found or ""), kind, rows=rows), True


def _kind(annotation: Any) -> Any:
    """A field's kind without its None."""
    kinds = [kind for kind in get_args(annotation) if kind is not type(None)]
    if get_origin(annotation) in (tuple, Literal) or not kinds:
        return annotation
    return _kind(kinds[0]) if type(None) in get_args(annotation) or hasattr(annotation, "__metadata__") else annotation


def _usual(default: Any, key: str) -> str:
    return "" if default is None else _word(key, default) if isinstance(default, bool | str) else _as_text(default)


def _word(key: str, word: Any) -> str:
    if isinstance(word, bool):
        return t("是") if word else t("否")
    return term(key, word, language())


def _choice(
    sheet: Sheet, name: str, label: str, more: str, options: list[Any], written: Any,
    words: Callable[[Any], str], usual: str,
) -> Answer:  # fmt: skip
    value = written.value if isinstance(written, Written) else written
    # Not None, for which Streamlit would ask in English to choose.
    current = value if value in options else ""

    def told(option: Any) -> str:
        return t("默认（{words}）", words=usual) if option == "" else words(option)

    found = sheet.choice(name, label, ["", *options], current, told, more=more)
    return (written, False) if found == current else (None if found == "" else found, True)


def _as_text(value: Any) -> str:
    """Numbers in a row by commas, pairs one a line."""
    if not isinstance(value, list | tuple):
        return f"{value:g}" if isinstance(value, float) else shown(value)
    mark = "\n" if any(isinstance(one, list | tuple) for one in value) else ", "
    return mark.join(map(_as_text, value))


def _read(text: str, kind: Any, *, rows: bool) -> Any:
    """What a person typed as plain data; None where it is empty. What is no number stays text, to be judged later."""
    if not text.strip():
        return None
    if rows:
        return [_row(line) for line in text.splitlines() if line.strip()]
    if get_origin(kind) is tuple:
        return _row(text)
    return number(text) if kind in (int, float) else " ".join(text.split())


def _row(text: str) -> list[Any]:
    return [number(part) for part in re.split(r"[,，、;；\s]+", text.strip(" []")) if part]


def number(text: str) -> Any:
    """A number as typed; a text (1/3) where it is more than one."""
    for kind in (int, float):
        try:
            return kind(text.strip())
        except ValueError:
            continue
    return text.strip()
