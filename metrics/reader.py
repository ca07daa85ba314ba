"""Reader: the text of a definitions file → Definitions, or every problem at once with its line and column."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from pydantic import TypeAdapter, ValidationError

from metrics.causes import causes, code_of, known_keys, within
from metrics.definitions import Definitions
from metrics.drawn import Robustness
from metrics.models import Factor, Grade, Heading, Indicator, Node, Rule, Variable  # fmt: skip
from metrics.problems import Problem
from metrics.yamltext import Document, Path, parse_yaml, uncollected

MAX_INDICATORS = 5000
SECTIONS = ("factors", "variables", "indicators", "index", "grades", "rules", "robustness")
TOP_KEYS = (*(field.alias or name for name, field in Heading.model_fields.items()), *SECTIONS)


@dataclass(frozen=True)
class Reading:
    """`definitions` is None when any problem is an error; the problems are in the order of the file.

    `document` knows where everything stands, for problems that are found later.
    """

    definitions: Definitions | None
    problems: tuple[Problem, ...]
    document: Document = field(default_factory=Document, repr=False, compare=False)


@dataclass
class Parts:
    """The parts of a file that could be read, each by itself; `broken` names the codes of those that could not."""

    heading: Heading | None
    factors: dict[str, Factor]
    variables: dict[str, Variable]
    indicators: dict[str, Indicator]
    index: Node | None
    grades: tuple[Grade, ...]
    rules: tuple[Rule, ...]
    robustness: Robustness | None
    broken: set[str]


@uncollected()
def read(text: str | bytes, *, path: str = "indicators.yaml", today: date | None = None) -> Reading:
    """The definitions a text writes (contract §2), or everything that is wrong with it; never raises.

    `today` tells which indicators should have been reviewed; None: no one asks.
    """
    document = parse_yaml(text)
    definitions = None
    if isinstance(document.data, dict):
        from metrics.semantics import checked

        parts = _Parts(document).parts()
        definitions = checked(parts, document, today=today)
    ordered = document.ordered()
    if definitions is None or any(problem.severity == "error" for problem in ordered):
        return Reading(None, ordered, document)
    source = text.encode() if isinstance(text, str) else text
    digest = hashlib.sha256(source).hexdigest()
    return Reading(replace(definitions, digest=digest, source=source), ordered, document)


class _Parts:
    """Reads each part of a document by itself, so that one broken part hides nothing in the others."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.data: dict[str, Any] = document.data
        self.broken: set[str] = set()

    def parts(self) -> Parts:
        self._refuse_keys()
        heading = {key: value for key, value in self.data.items() if key in TOP_KEYS and key not in SECTIONS}
        return Parts(
            self.model(Heading, heading, ()),
            self.section("factors", Factor),
            self.section("variables", Variable),
            self.section("indicators", Indicator, needed=True),
            self.model(Node, self.data["index"], ("index",)) if self.required("index") else None,
            tuple(self.items("grades", Grade)),
            tuple(self.items("rules", Rule)),
            self.model(Robustness, self.data.get("robustness") or {}, ("robustness",)),
            self.broken,
        )

    def _refuse_keys(self) -> None:
        for key in self.data:
            if key not in TOP_KEYS:
                place = self.document.keys[(key,)]
                near = self.document.near("top_key", key, TOP_KEYS)
                self.add("unknown_key", place, (), key=key, near=near, known=", ".join(TOP_KEYS))

    def required(self, key: str) -> bool:
        if self.data.get(key) is None:
            self.add("missing_key", (1, 1), (), key=key)
            return False
        return True

    def section(self, key: str, model: type[Any], *, needed: bool = False) -> dict[str, Any]:
        if needed and not self.required(key):
            return {}
        found = self.data.get(key) or {}
        if not isinstance(found, dict):
            self.add("mapping_wanted", self.document.place((key,)), (key,))
            return {}
        if len(found) > MAX_INDICATORS:
            self.add("too_many", self.document.place((key,)), (key,), count=len(found), most=MAX_INDICATORS)
            return {}
        read = {code: self.model(model, value, (key, code)) for code, value in found.items()}
        self.broken |= {code for code, part in read.items() if part is None}
        return {code: part for code, part in read.items() if part is not None}

    def items(self, key: str, model: type[Any]) -> Iterator[Any]:
        found = self.data.get(key) or []
        if not isinstance(found, list):
            self.add("list_wanted", self.document.place((key,)), (key,))
            return
        for index, value in enumerate(found):
            part = self.model(model, value, (key, index))
            if part is None and isinstance(value, dict) and isinstance(value.get("code"), str):
                self.broken.add(value["code"])
            if part is not None:
                yield part

    def model(self, model: type[Any], value: Any, path: Path) -> Any:
        """One part as its model, or None with its problems noted."""
        try:
            return model.model_validate(value)
        except ValidationError as error:
            if self.document.is_full:
                self.document.left_out += error.error_count()
                return None
            for found in causes(error.errors(include_url=False)):
                self._note(model, found, path)
            return None

    def _note(self, model: type[Any], found: Any, path: Path) -> None:
        if self.document.is_full:
            self.document.left_out += 1
            return
        where, key = within(self.document, path, found["loc"])
        code, facts = code_of(found, key)
        place = self.document.place(where)
        if code == "unknown_key":
            where = where[:-1] if where and where[-1] == key else where
            place = self.document.keys.get((*where, key), place)
            known = known_keys(found, model, path, where)
            facts |= {"near": self.document.near("key", str(key), known), "known": ", ".join(known)}
        offset = facts.pop("offset", None)
        if offset is not None:
            place = self.document.inside(where, offset)
        self.add(code, place, where, **facts)

    def add(self, problem: str, place: tuple[int, int], path: Path, /, **facts: object) -> None:
        self.document.add(Problem(problem, ".".join(map(str, path)), *place, facts))


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a definitions file, with words for editors in both languages."""
    defs: dict[str, Any] = {}

    def of(kind: Any) -> dict[str, Any]:
        schema = TypeAdapter(kind).json_schema(ref_template="#/$defs/{model}")
        defs.update(schema.pop("$defs", {}))
        return schema

    heading = of(Heading)
    words = {
        "factors": ("系数：按日期、有出处的常数", "factors: dated, cited constants", of(dict[str, Factor])),
        "variables": ("变量：上报的数，及由其推算的数", "variables: reported, or derived", of(dict[str, Variable])),
        "indicators": ("指标：考核什么", "indicators: what is assessed", of(dict[str, Indicator])),
        "index": ("指标体系：维度与指标的树", "index: the tree of pillars and indicators", of(Node)),
        "grades": ("等级：最好的在前", "grades: the best first", of(tuple[Grade, ...])),
        "rules": ("规则：一票否决、加分、扣分、门槛", "rules: vetoes, bonuses, penalties, gates", of(tuple[Rule, ...])),
        "robustness": ("稳健性分析：抽取什么", "robustness: what is drawn", of(Robustness)),
    }
    sections = {key: {**schema, "description": f"{zh} · {en}"} for key, (zh, en, schema) in words.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Quheng indicators.yaml",
        "type": "object",
        "properties": {**heading["properties"], **sections},
        "required": [*heading["required"], "indicators", "index"],
        "additionalProperties": False,
        "$defs": defs,
    }
