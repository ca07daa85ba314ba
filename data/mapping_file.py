"""The mapping file: how a source's rows and columns are to become facts (reference: docs/mapping.md)."""

import re
from collections.abc import Mapping as Table
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, PrivateAttr, ValidationError, model_validator
from pydantic import Field as Key

from data.patterns import refuse_unknown_groups
from data.sources import Part, Pattern, Read
from data.written import Way
from metrics.fields import Flag, Frozen, Name, Number, SchemaVersion, Text, Whole, problem
from metrics.files import content_of
from metrics.problems import InputError, Problem, file_error, nearest, reason_of
from metrics.yamltext import Document, parse_yaml

# The column's own name, in a text with {columns}.
HEAD = "head"
_PAD = re.compile(r"0[1-9]")


def _taken_apart(text: str) -> str:
    """A text whose braces hold columns; anything else in them is a problem."""
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        raise problem("bad_column_text", found=text) from None
    for _, column, pad, conversion in parts:
        if column == "" or conversion or (pad and not _PAD.fullmatch(pad)):
            raise problem("bad_column_text", found=text)
    return text


class Source(Frozen):
    """Where a fact's region, period, variable … stands: a text with {columns} in it, and what becomes of that text."""

    from_: Annotated[Text, AfterValidator(_taken_apart)] = Key(alias="from")
    pattern: Pattern | None = None
    to: Text | None = None
    names: dict[Text, Text] = Key(default_factory=dict)
    names_from: Text | None = None
    known: Literal["regions", "variables"] | None = None
    written: Way | None = None
    others: Literal["reject", "leave_out"] = "reject"

    @property
    def parts(self) -> tuple[tuple[str, str | None, int], ...]:
        """The text taken apart: words before, the column that follows them (None at the end), its width in digits."""
        return tuple(
            (words, column, int(pad[1:]) if pad else 0) for words, column, pad, _ in Formatter().parse(self.from_)
        )

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the text names, `head` (the column's own) among them."""
        return tuple(column for _, column, _ in self.parts if column is not None)

    @model_validator(mode="after")
    def _replaceable(self) -> Self:
        if (self.pattern is None) != (self.to is None):
            raise problem("pattern_without_to")
        if self.pattern is not None:
            refuse_unknown_groups(self.pattern, self.to or "")
        return self


def _some(items: tuple[Any, ...]) -> tuple[Any, ...]:
    if not items:
        raise problem("too_few", least=1)
    return items


def _source(given: object) -> object:
    return given if isinstance(given, dict | Source) else {"from": given}


def _columns(given: object) -> object:
    return given if isinstance(given, list | tuple) else (given,)


Named = Annotated[Source, BeforeValidator(_source)]


class By(Frozen):
    """The second factor of a product; `otherwise` is taken where the cell holds no finite number."""

    column: Text
    otherwise: Number | None = None


def _times(given: object) -> object:
    return given if isinstance(given, dict) else {"": given}


def _not_zero(times: dict[str, float]) -> dict[str, float]:
    if 0 in times.values():
        raise problem("times_zero")
    return times


class Value(Frozen):
    """Columns that hold values: one fact each row and column; "*" is every column that nothing else names."""

    columns: Annotated[tuple[Text, ...], BeforeValidator(_columns), AfterValidator(_some)]
    variable: Named | None = None
    period: Named | None = None
    times: Annotated[dict[Text, Number], BeforeValidator(_times), AfterValidator(_not_zero)] = Key(default_factory=dict)
    by: By | None = None


class Where(Frozen):
    """A condition on a row: its column and one test."""

    column: Text
    above: Number | None = None
    is_: tuple[Text, ...] | None = Key(default=None, alias="is")
    present: Flag | None = None

    @model_validator(mode="after")
    def _one_test(self) -> Self:
        if sum(test is not None for test in (self.above, self.is_, self.present)) != 1:
            raise problem("one_test_wanted")
        return self

    @property
    def text(self) -> str:
        """The condition as it is counted among the rows left out."""
        if self.is_ is not None:
            return f"where {self.column} is {', '.join(self.is_)}"
        test = f"above {self.above:g}" if self.above is not None else "present" if self.present else "blank"
        return f"where {self.column} {test}"


class Complete(Frozen):
    """Only years (beginning in month `year_starts`) of which a region or site has all `months`."""

    months: Whole = Key(default=12, ge=1, le=12)
    year_starts: Whole = Key(default=1, ge=1, le=12)


class Mapping(Frozen):
    """A mapping file; `folder` is where it was read, for the files it names."""

    _folder: Path = PrivateAttr(default=Path())
    mapping: SchemaVersion
    title: Name | None = None
    read: Read = Read()
    where: tuple[Where, ...] = ()
    region: Named
    site: Named | None = None
    period: Named | None = None
    variable: Named | None = None
    values: Annotated[tuple[Value, ...], AfterValidator(_some)]
    not_reported: tuple[Text, ...] = ()
    empty: Literal["not_reported", "leave_out"] = "not_reported"
    complete: Complete | None = None
    status: Named | None = None
    source: Named | None = None
    note: Named | None = None

    @model_validator(mode="after")
    def _has_variables(self) -> Self:
        if self.variable is None and any(value.variable is None for value in self.values):
            raise problem("variable_wanted")
        if self.period is None and any(value.period is None for value in self.values):
            raise problem("period_wanted")
        return self

    @property
    def folder(self) -> Path:
        """The folder of the mapping file."""
        return self._folder

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column of the file that the mapping names, each once."""
        named = [where.column for where in self.where]
        for value in self.values:
            named += [column for source in self.sources_of(value).values() for column in source.columns]
            named += [value.by.column] if value.by is not None else []
            named += [column for column in value.columns if column != "*"]
        return tuple(dict.fromkeys(name for name in named if name != HEAD))

    @property
    def heads(self) -> dict[str, str]:
        """The file's column of each fact's column that all values have from one, as a rejection names it."""
        found: dict[str, set[tuple[str, ...]]] = {}
        for value in self.values:
            for name, source in self.sources_of(value).items():
                found.setdefault(name, set()).add(source.columns)
            # Which of several columns it was, only the mapping itself can say.
            found.setdefault("value", set()).add(value.columns if len(value.columns) == 1 else ())
        one = {name: next(iter(columns)) for name, columns in found.items() if len(columns) == 1}
        return {name: ", ".join(columns) for name, columns in one.items() if columns and not {HEAD, "*"} & {*columns}}

    def sources_of(self, value: Value) -> Table[str, Source]:
        """What is read for each fact of `value`, by the fact's column."""
        given = {
            "region": self.region,
            "site": self.site,
            "period": value.period or self.period,
            "variable": value.variable or self.variable,
            "status": self.status,
            "source": self.source,
            "note": self.note,
        }
        return {name: source for name, source in given.items() if source is not None}


def read_mapping(path: Path) -> Mapping:
    """The mapping of a YAML file. Raises InputError with every problem, at its line and column."""
    try:
        return parse_mapping(content_of(path), path)
    except OSError as error:
        raise file_error("unreadable_file", path, reason=reason_of(error)) from error


def parse_mapping(text: bytes, path: Path) -> Mapping:
    """The mapping that a text writes; `path` is what messages call it, and its folder that of the files it names."""
    document = parse_yaml(text)
    if document.data is None:
        raise InputError(document.problems, file=path)
    try:
        mapping = Mapping.model_validate(document.data)
    except ValidationError as error:
        found = [_noted(item, document) for item in error.errors(include_url=False)]
        ordered = sorted([*document.problems, *found], key=lambda one: (one.line, one.column))
        raise InputError(ordered, file=path) from error
    if document.problems:
        raise InputError(document.problems, file=path)
    mapping._folder = path.parent
    return mapping


# pydantic's type of error → our code; any other is a value that cannot be used.
_CODES = {
    "missing": "missing_key",
    "extra_forbidden": "unknown_key",
    "literal_error": "unknown_word",
    "greater_than_equal": "out_of_bounds",
    "less_than_equal": "out_of_bounds",
    "model_type": "mapping_wanted",
    "dict_type": "mapping_wanted",
    "tuple_type": "list_wanted",
}
_PARTS: dict[str, type[Frozen]] = {
    "": Mapping,
    "read": Read,
    "values": Value,
    "by": By,
    "where": Where,
    "complete": Complete,
    "continued": Part,
}


def _noted(found: Any, document: Document) -> Problem:
    """A pydantic error as a Problem at the key that it is about."""
    steps = tuple(found["loc"])
    context = found.get("ctx") or {}
    code: str = _CODES.get(found["type"], "bad_value")
    facts: dict[str, object] = {"reason": found["msg"]}
    if found["type"] == "problem":
        code, facts = context["code"], dict(context["facts"])
    written = str(getattr(found["input"], "text", found["input"]))[:60]
    bound = context.get("ge", context.get("le"))
    facts = {"key": steps[-1] if steps else "", "found": written, "bound": bound, **facts}
    place = document.place(steps)
    if code == "unknown_key":
        place = document.keys[steps]
        facts |= _known(str(steps[-1]), _keys_beside(steps))
    if code == "unknown_word":
        facts |= _known(str(facts["found"]), re.findall(r"'?(\w+)'?(?:, | or |$)", str(context["expected"])))
    return Problem(code, ".".join(map(str, steps)), *place, facts)


def _known(word: str, known: list[str]) -> dict[str, object]:
    return {"known": ", ".join(known), "near": nearest(word, known) or ""}


def _keys_beside(steps: tuple[str | int, ...]) -> list[str]:
    """The keys that could stand where an unknown one does."""
    above = [step for step in ("", *steps[:-1]) if isinstance(step, str)]
    part = _PARTS.get(above[-1], Source)
    return sorted(key.alias or name for name, key in part.model_fields.items())
