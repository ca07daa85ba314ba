"""What pydantic finds wrong in a part of a file, as codes and facts of our problems and at the place it means."""

from collections.abc import Iterator, Sequence
from typing import Any

from metrics.models import Asked, Example, Leaf, Node, Valid
from metrics.problems import nearest
from metrics.yamltext import Document, Path


def causes(found: Sequence[Any]) -> Iterator[Any]:
    """The errors without those that only follow from others: a list whose entry is wrong is also called too short."""
    broken = {error["loc"][:end] for error in found for end in range(len(error["loc"]))}
    return (error for error in found if error["type"] != "too_short" or error["loc"] not in broken)


def within(document: Document, path: Path, loc: Sequence[str | int]) -> tuple[Path, str | int]:
    """The part of the document that a pydantic location means, and its last key.

    Locations also name union branches, which are no keys of the document, so steps that lead nowhere are left out.
    """
    where = path
    last: str | int = path[-1] if path else ""
    for step in loc:
        if (*where, step) in document.values:
            where = (*where, step)
        last = step
    return where, last


# pydantic's type of error → our code.
_CODES = {
    "missing": "missing_key",
    "extra_forbidden": "unknown_key",
    "literal_error": "unknown_word",
    "union_tag_invalid": "unknown_word",
    "union_tag_not_found": "missing_key",
    "model_type": "mapping_wanted",
    "dict_type": "mapping_wanted",
    "tuple_type": "list_wanted",
    "too_short": "too_few",
    "too_long": "too_few",
    "greater_than_equal": "out_of_bounds",
    "less_than_equal": "out_of_bounds",
    "date_from_datetime_parsing": "date_wanted",
    "date_parsing": "date_wanted",
    "date_type": "date_wanted",
    "date_from_datetime_inexact": "date_wanted",
    "model_attributes_type": "mapping_wanted",
}


def code_of(found: Any, key: str | int) -> tuple[str, dict[str, Any]]:
    """Our code of an error at a key, and what its message names."""
    context = found.get("ctx") or {}
    if found["type"] == "problem":
        return context["code"], dict(context["facts"])
    code = _CODES.get(found["type"], "bad_value")
    facts: dict[str, Any] = {"key": key, "found": _shown(found.get("input"))}
    if code == "unknown_word":
        expected = (
            str(context.get("expected") or context.get("expected_tags") or "").replace("'", "").replace(" or ", ", ")
        )
        known = [word.strip() for word in expected.split(",")]
        word = str(context.get("tag", facts["found"]))
        facts |= {"found": word, "known": ", ".join(known), "near": nearest(word, known) or ""}
    if found["type"] == "union_tag_not_found":
        facts["key"] = str(context.get("discriminator", key)).strip("'")
    if code == "out_of_bounds":
        facts["bound"] = context.get("ge", context.get("le"))
    if code == "too_few":
        facts |= {"least": context.get("min_length", context.get("max_length"))}
    if code == "bad_value":
        facts["reason"] = found["msg"]
    return code, facts


def _shown(value: Any) -> str:
    text = str(getattr(value, "text", value))
    return text if len(text) <= 60 else text[:57] + "…"


def known_keys(found: Any, model: type[Any], path: Path, where: Path) -> list[str]:
    """The keys that would have been right beside an unknown one."""
    beside = next((_BESIDE[step] for step in reversed(found["loc"][:-1]) if step in _BESIDE), None)
    if beside is not None:
        return sorted(field.alias or name for name, field in beside.model_fields.items())
    names: set[str] = set()
    for cls in _models(model):
        fields = {field.alias or name for name, field in cls.model_fields.items()}
        tag = found["loc"][-2] if len(found["loc"]) > 1 else None
        literal = cls.model_fields.get("method")
        if literal is not None and tag is not None and tag in getattr(literal.annotation, "__args__", ()):
            return sorted(fields)
        if cls is model and where == path:
            return sorted(fields)
        names |= fields
    return sorted(names)


# The step of a location that says which part an unknown key stands in.
_BESIDE: dict[Any, type[Any]] = {"node": Node, "leaf": Leaf, "example": Example, "survey": Asked, "valid": Valid}


def _models(model: type[Any]) -> list[type[Any]]:
    from pydantic import BaseModel

    def below(cls: type[Any]) -> Iterator[type[Any]]:
        yield cls
        for inner in cls.__subclasses__():
            yield from below(inner)

    return [model, *(cls for cls in below(BaseModel) if cls.__module__ in ("metrics.methods", "metrics.models"))]
