"""The kinds of value a definitions file holds: texts, numbers, shares, formulas, names."""

import math
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from metrics.formula import Formula, FormulaError, constant, parse


class Frozen(BaseModel):
    """Every part of a definitions file: immutable, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


def problem(code: str, /, **facts: Any) -> PydanticCustomError:
    """A pydantic error that carries one of our problem codes and what its message needs."""
    return PydanticCustomError("problem", "{code}", {"code": code, "facts": facts})


def _text(value: Any) -> str:
    if isinstance(value, Written):
        raise problem("quote_text", found=value.text)
    if not isinstance(value, str):
        raise problem("text_wanted")
    return value


class Written:
    """An unquoted scalar that YAML reads as something else than text, with what the author wrote."""

    __slots__ = ("text", "value")

    def __init__(self, text: str, value: float | bool) -> None:
        self.text, self.value = text, value


def _number(value: Any, *, share: bool = False) -> float:
    if isinstance(value, Written):
        value = value.value
    if isinstance(value, str):
        try:
            value = constant(value, share=share)
        except FormulaError as error:
            if error.code == "percent_sign":
                raise problem("percent_sign", **error.facts) from error
            raise problem("number_wanted", found=value) from error
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise problem("number_wanted", found=str(value))
    try:
        number = float(value)
    except OverflowError as error:
        raise problem("not_finite_number", found=str(value)[:20]) from error
    if not math.isfinite(number):
        raise problem("not_finite_number", found=str(value))
    return number


def _whole(value: Any) -> int:
    number = _number(value)
    if number != int(number):
        raise problem("whole_wanted", found=f"{number:g}")
    return int(number)


def _flag(value: Any) -> bool:
    found = value.value if isinstance(value, Written) else value
    if isinstance(found, bool):
        return found
    raise problem("true_or_false", found=value.text if isinstance(value, Written) else str(value))


def _period(value: Any) -> str:
    """A cycle's name; `2018` need not be quoted."""
    return value.text if isinstance(value, Written) and not isinstance(value.value, bool) else _text(value)


def _formula(value: Any) -> Formula:
    text = value.text if isinstance(value, Written) else _text(value)
    try:
        return parse(text)
    except FormulaError as error:
        raise problem(error.code, **error.facts, offset=error.column) from error


def _name(value: Any) -> Any:
    return {"zh": value, "en": value} if isinstance(value, str | Written) else value


class OrShort:
    """In the JSON Schema, a shorter way of writing stands beside the written-out form."""

    def __init__(self, *schemas: dict[str, Any]) -> None:
        self.schemas = schemas

    def __get_pydantic_json_schema__(self, core: Any, handler: Any) -> dict[str, Any]:
        return {"anyOf": [*self.schemas, handler(core)]}


def names_alone(*names: str) -> OrShort:
    """The names that can stand alone: the method with its defaults."""
    return OrShort({"enum": list(names)})


CONSTANT: dict[str, Any] = {"anyOf": [{"type": "number"}, {"type": "string", "description": "1/3"}]}
CYCLE: dict[str, Any] = {"anyOf": [{"type": "string"}, {"type": "integer"}]}

Text = Annotated[str, BeforeValidator(_text)]
Number = Annotated[float, BeforeValidator(_number), WithJsonSchema(CONSTANT)]
Share = Annotated[float, BeforeValidator(lambda value: _number(value, share=True)), WithJsonSchema(CONSTANT)]
# Beyond it whole numbers are no longer told apart, and nothing counts so many.
MOST_WHOLE = 2**53
Whole = Annotated[int, BeforeValidator(_whole), Field(le=MOST_WHOLE), WithJsonSchema({"type": "integer"})]
SchemaVersion = Annotated[Literal[1], BeforeValidator(_whole), WithJsonSchema({"const": 1})]
Flag = Annotated[bool, BeforeValidator(_flag), WithJsonSchema({"type": "boolean"})]
Period = Annotated[str, BeforeValidator(_period), WithJsonSchema(CYCLE)]
FormulaText = Annotated[Formula, BeforeValidator(_formula), WithJsonSchema({"type": "string", "maxLength": 2000})]
Pair = tuple[Number, Number]


def described(zh: str, en: str, **more: Any) -> Any:
    """A field with its words for editors, in both languages."""
    return Field(description=f"{zh} · {en}", **more)


class NameModel(Frozen):
    """A name in both languages; plain text stands for both."""

    zh: Text = described("中文", "Chinese")
    en: Text = described("英文", "English")

    @model_validator(mode="after")
    def _not_empty(self) -> "NameModel":
        if not (self.zh.strip() and self.en.strip()):
            raise problem("empty_name")
        return self

    def text(self, lang: str) -> str:
        """The name in one language."""
        return self.zh if lang == "zh" else self.en


_TEXT_OR_BOTH = {
    "anyOf": [
        {"type": "string"},
        {
            "type": "object",
            "properties": {
                "zh": {"type": "string", "description": "中文 · Chinese"},
                "en": {"type": "string", "description": "英文 · English"},
            },
            "required": ["zh", "en"],
            "additionalProperties": False,
        },
    ]
}
Name = Annotated[NameModel, BeforeValidator(_name), WithJsonSchema(_TEXT_OR_BOTH)]
