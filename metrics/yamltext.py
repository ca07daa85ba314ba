"""YAML text → plain data with the place of every value, and whatever is wrong with the text itself."""

import gc
import re
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import yaml

from metrics.fields import Written
from metrics.problems import Problem, nearest
from metrics.yamlsyntax import syntax_problem

MAX_BYTES, MAX_NESTING, MAX_NODES = 1_000_000, 40, 200_000
# Nobody reads a longer list; a word that is meant is looked for as often as somebody may want to see it.
MAX_PROBLEMS, MAX_NEAR, MAX_COMPARED = 1_000, 50, 50_000
Path = tuple[str | int, ...]
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"[-+]?[0-9]+")
_REAL = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)(?:[eE][-+]?[0-9]+)?")
_TRUTH = {
    **dict.fromkeys(("true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"), True),
    **dict.fromkeys(("false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"), False),
}
_NULL = frozenset(("", "~", "null", "Null", "NULL"))
# The marks that bringing two changes together leaves where both changed the same lines.
_UNDECIDED = re.compile(r"^# (?:<{7}|={7}|>{7})(?: |$)", re.MULTILINE)
# Also what ends a line for YAML and for no editor (U+0085, U+2028, U+2029): no line after it would have its number.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x85\u2028\u2029\ufffe\uffff\ud800-\udfff]")


@dataclass
class Document:
    """What a text holds: its data, where each value and each key stands, and the problems of the text.

    Of errors, warnings and notes the first 1,000 each are kept, so that many notes hide no error; `left_out` counts
    the rest. `starts`: of each text that is quoted or on several lines, the first character of each of its lines (from
    0), with the line and column where that stands.
    """

    data: Any = None
    values: dict[Path, tuple[int, int]] = field(default_factory=dict)
    keys: dict[Path, tuple[int, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    left_out: int = 0
    starts: dict[Path, tuple[tuple[int, int, int], ...]] = field(default_factory=dict)
    looked_for: Counter[str] = field(default_factory=Counter)
    compared: int = 0
    kept: Counter[str] = field(default_factory=Counter)

    @property
    def is_full(self) -> bool:
        """Whether no further error is kept."""
        return self.kept["error"] >= MAX_PROBLEMS

    def add(self, problem: Problem) -> None:
        """One more problem, counted only where there are too many."""
        if self.kept[problem.severity] >= MAX_PROBLEMS:
            self.left_out += 1
            return
        self.kept[problem.severity] += 1
        self.problems.append(problem)

    def near(self, kind: str, name: str, known: Collection[str]) -> str:
        """The known name most like this one; nothing after the first 50 of a kind or 50,000 words compared."""
        self.looked_for[kind] += 1
        if self.looked_for[kind] > MAX_NEAR or self.compared > MAX_COMPARED:
            return ""
        self.compared += len(known)
        return nearest(name, known) or ""

    def ordered(self) -> tuple[Problem, ...]:
        """The problems in the order of the text, and at the end how many more there are."""
        found = sorted(self.problems, key=lambda problem: (problem.line, problem.column))
        if self.left_out:
            last = found[-1]
            found.append(Problem("more_problems", line=last.line, column=last.column, facts={"count": self.left_out}))
        return tuple(found)

    def place(self, path: Path) -> tuple[int, int]:
        """Line and column of a value, or of the nearest part around it that stands in the text."""
        while path not in self.values and path:
            path = path[:-1]
        return self.values.get(path, (1, 1))

    def inside(self, path: Path, column: int) -> tuple[int, int]:
        """Line and column of a text's character (from 1)."""
        line, start = self.place(path)
        if path not in self.starts:
            return line, start + column - 1
        begins, line, start = next(
            (found for found in reversed(self.starts[path]) if found[0] < column), self.starts[path][0]
        )
        return line, start + column - 1 - begins


class _Refused(Exception):
    """The text cannot be read any further."""


@contextmanager
def uncollected() -> Iterator[None]:
    """No search for garbage meanwhile: of much that is made and kept, most of the time would go into looking at it."""
    is_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if is_on:
            gc.enable()


@uncollected()
def parse_yaml(source: str | bytes) -> Document:
    """The document of a YAML text. `data` is None where the text cannot be read; its problems say why."""
    document = Document()
    try:
        text = _decoded(source, document)
        _refuse_events(text, document)
        root = _composed(text, document)
        document.data = _Building(document, text.split("\n")).value(root, ())
    except _Refused:
        document.data = None
    return document


def _refuse(document: Document, code: str, line: int = 1, column: int = 1, /, **facts: object) -> _Refused:
    document.problems.append(Problem(code, line=line, column=column, facts=facts))
    return _Refused()


def _decoded(source: str | bytes, document: Document) -> str:
    size = len(source) if isinstance(source, bytes) else len(source.encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES:
        raise _refuse(document, "file_too_large", size=size, most=MAX_BYTES)
    try:
        text = source.decode("utf-8-sig") if isinstance(source, bytes) else source.removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = source[: error.start] if isinstance(source, bytes) else b""
        line = before.count(b"\n") + 1
        raise _refuse(
            document, "not_utf8", line, error.start - before.rfind(b"\n"), byte=f"{error.object[error.start]:#04x}"
        ) from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    strange = _CONTROL.search(text)
    if strange is not None:
        line, column = _at(text, strange.start())
        raise _refuse(document, "control_character", line, column, character=f"U+{ord(strange.group()):04X}")
    if not text.strip():
        raise _refuse(document, "empty_file")
    for mark in _UNDECIDED.finditer(text):
        document.add(Problem("undecided_lines", line=_at(text, mark.start())[0], column=1))
    return text


def _at(text: str, index: int) -> tuple[int, int]:
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


def _refuse_events(text: str, document: Document) -> None:
    """Depth, size, tags and second documents, seen in the flat stream of events: no recursion, nothing expanded."""
    depth = documents = 0
    for count, event in enumerate(_events(text, document), start=1):
        mark = event.start_mark
        line, column = mark.line + 1, mark.column + 1
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise _refuse(document, "second_document", line, column)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_NESTING:
                raise _refuse(document, "nested_too_deep", line, column, most=MAX_NESTING)
        if isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if count > MAX_NODES:
            raise _refuse(document, "file_too_large", line, column, size=count, most=MAX_NODES)
        if getattr(event, "tag", None) not in (None, "!"):
            raise _refuse(document, "tag", line, column, tag=event.tag)


def _events(text: str, document: Document) -> Iterator[Any]:
    try:
        yield from yaml.parse(text, Loader=_Loader)
    except yaml.YAMLError as error:
        document.problems.append(syntax_problem(error, text))
        raise _Refused from error


def _composed(text: str, document: Document) -> Any:
    try:
        node = yaml.compose(text, Loader=_Loader)
    except (yaml.YAMLError, RecursionError) as error:
        document.problems.append(syntax_problem(error, text))
        raise _Refused from error
    if not isinstance(node, yaml.MappingNode):
        raise _refuse(document, "not_a_mapping")
    return node


class _Building:
    """Plain data from composed nodes, with a budget against anchors that explode."""

    def __init__(self, document: Document, lines: list[str]) -> None:
        self.document, self.lines = document, lines
        self.budget = MAX_NODES
        self.open: list[int] = []

    def value(self, node: Any, path: Path) -> Any:
        place = (node.start_mark.line + 1, node.start_mark.column + 1)
        self.document.values[path] = place
        self.budget -= 1
        if self.budget < 0:
            raise _refuse(self.document, "anchors_explode", *place)
        if isinstance(node, yaml.ScalarNode):
            if node.style or node.end_mark.line > node.start_mark.line:
                self.document.starts[path] = _starts(node, self.lines)
            return _scalar(node)
        if id(node) in self.open or len(self.open) > MAX_NESTING:
            raise _refuse(self.document, "anchor_in_itself", *place)
        self.open.append(id(node))
        if isinstance(node, yaml.SequenceNode):
            built: Any = [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        else:
            built = self.mapping(node, path)
        self.open.pop()
        return built

    def mapping(self, node: Any, path: Path) -> dict[str, Any]:
        built: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self.key(key_node)
            if key is None:
                continue
            place = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            if key in built:
                first = self.document.keys[(*path, key)][0]
                self.problem("duplicate_key", place, path, key=key, first=first)
                continue
            self.document.keys[(*path, key)] = place
            built[key] = self.value(value_node, (*path, key))
        return built

    def key(self, node: Any) -> str | None:
        """A key is text; a region code or `no` written without quotes is not."""
        place = (node.start_mark.line + 1, node.start_mark.column + 1)
        if not isinstance(node, yaml.ScalarNode):
            self.problem("key_not_text", place, (), found="{…}")
            return None
        if node.value == "<<" and not node.style:
            self.problem("merge_key", place, ())
            return None
        found = _scalar(node)
        if isinstance(found, str):
            return found
        self.problem("key_not_text", place, (), found=node.value)
        return None

    def problem(self, code: str, place: tuple[int, int], path: Path, /, **facts: object) -> None:
        dotted = ".".join(map(str, path))
        self.document.add(Problem(code, dotted, *place, facts))


def _starts(node: Any, lines: list[str]) -> tuple[tuple[int, int, int], ...]:
    """Where each line of a text begins: in the text (from 0), and in the file (line and column from 1).

    Lines are joined by one character, as folding does; where a text holds more (escapes, empty lines), the columns
    after it are as near as can be.
    """
    first, last = node.start_mark.line, node.end_mark.line
    if node.style in ("|", ">"):
        places = [(row, 0) for row in range(first + 1, min(last + 1, len(lines)))]
    else:
        column = node.start_mark.column + (1 if node.style else 0)
        places = [(first, column), *((row, 0) for row in range(first + 1, last + 1))]
    found, begins = [], 0
    for row, column in places:
        written = lines[row][column:].strip(" \t\r")
        if written:
            found.append((begins, row + 1, lines[row].index(written, column) + 1))
            begins += len(written) + 1
    return tuple(found) or ((0, first + 1, node.start_mark.column + 1),)


def _scalar(node: Any) -> Any:
    """Text, None, or what an unquoted scalar reads as, with what was written."""
    text = node.value
    if node.style:
        return text
    if text in _NULL:
        return None
    if text in _TRUTH:
        return Written(text, _TRUTH[text])
    if _INTEGER.fullmatch(text) and len(text) < 400:
        return Written(text, int(text))
    if _REAL.fullmatch(text) and len(text) < 400:
        return Written(text, float(text))
    return text
