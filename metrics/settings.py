"""Settings: a small YAML file of one model → the object, or every problem at once with its line and column."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from metrics.causes import causes, code_of, within
from metrics.fields import problem
from metrics.files import read_bounded
from metrics.messages import E, register
from metrics.problems import InputError, Problem
from metrics.yamltext import Document, parse_yaml


class Setting(BaseModel):
    """A part of a settings file: immutable, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


Read = TypeVar("Read", bound=Setting)
CODES = {"rule_twice": (E, "规则“{code}”写了两次。", "The rule “{code}” stands twice.")}
register(CODES)


def read_settings(model: type[Read], path: Path) -> Read:
    """What a file says. Raises InputError with every problem of it, or where it cannot be read."""
    return parse_settings(model, read_bounded(path), str(path))


def parse_settings(model: type[Read], text: str | bytes, file: str = "") -> Read:
    """What a text says; `file` is what problems call it. Raises InputError with every problem, in the text's order."""
    document = parse_yaml(text)
    found = None
    if isinstance(document.data, dict):
        try:
            found = model.model_validate(document.data)
        except ValidationError as error:
            for cause in causes(error.errors(include_url=False)):
                _note(document, model, cause)
    problems = document.ordered()
    if found is None or any(problem.severity == "error" for problem in problems):
        raise InputError(problems, file=file)
    return found


def refuse_twice(codes: Iterable[str]) -> None:
    """Raises a problem of pydantic's where two rules have one code."""
    seen: set[str] = set()
    for code in codes:
        if code in seen:
            raise problem("rule_twice", code=code)
        seen.add(code)


def _note(document: Document, model: type[Setting], cause: Any) -> None:
    where, key = within(document, (), cause["loc"])
    code, facts = code_of(cause, key)
    place = document.place(where)
    if code == "unknown_key":
        place = document.keys.get(where, place)
        known = sorted(
            field.alias or name for part in _parts(model, cause["loc"]) for name, field in part.model_fields.items()
        )
        facts |= {"near": document.near("key", str(key), known), "known": ", ".join(known)}
    facts.pop("offset", None)
    document.add(Problem(code, ".".join(map(str, where)), *place, facts))


def _parts(model: type[Setting], loc: tuple[Any, ...]) -> list[type[Setting]]:
    """The models that the part with an unknown key may be of: names of keys lead down, places in lists do not."""
    here = [model]
    for step in loc[:-1]:
        fields = [field for part in here for name, field in part.model_fields.items() if step in (name, field.alias)]
        tagged = [part for part in here if _tag(part) == step]
        here = tagged or [part for field in fields for part in _models(field.annotation)] or here
    return here


def _tag(part: type[Setting]) -> object:
    """What a part of a union is chosen by: its only possible `kind`."""
    field = part.model_fields.get("kind")
    return get_args(field.annotation)[0] if field is not None and get_args(field.annotation) else None


def _models(annotation: Any) -> Iterator[type[Setting]]:
    """The models inside an annotation such as `tuple[Rule, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, Setting):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)
