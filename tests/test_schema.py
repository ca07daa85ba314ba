"""The JSON Schema of a definitions file: what editors show beside each key, in both languages, and what it accepts."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from metrics.reader import json_schema
from metrics.terms import TERMS

ROOT = Path(__file__).parent.parent
SCHEMA = json_schema()
FILES = [ROOT / "indicators.yaml", *sorted((ROOT / "examples").glob("*/indicators.yaml"))]


Property = tuple[str, str, dict[str, Any]]


def properties(part: Any, path: str = "", seen: frozenset[str] = frozenset()) -> Iterator[Property]:
    """Every property at every depth, through references and choices: where it stands, its key, what is said of it."""
    if isinstance(part, list):
        for inner in part:
            yield from properties(inner, path, seen)
        return
    if not isinstance(part, dict):
        return
    name = part.get("$ref", "").rpartition("/")[2]
    if name and name not in seen:
        yield from properties(SCHEMA["$defs"][name], path, seen | {name})
    for key, inner in part.get("properties", {}).items():
        yield f"{path}.{key}", key, inner
        yield from properties(inner, f"{path}.{key}", seen)
    for key in ("anyOf", "oneOf", "allOf", "items", "prefixItems", "additionalProperties"):
        yield from properties(part.get(key), path, seen)


ALL = list(properties(SCHEMA))


def test_every_property_is_described_in_both_languages() -> None:
    """What an editor shows at a key is there at any depth: Chinese first, then English, apart by ` · `."""
    assert len(ALL) > 150
    wrong = []
    for path, _, said in ALL:
        zh, _, en = said.get("description", "").partition(" · ")
        if not (re.search(r"[\u4e00-\u9fff]", zh) and re.search(r"[A-Za-z]", en)) or " · " in en:
            wrong.append(path)
    assert wrong == []


def words_of(said: Any) -> set[str]:
    """The words that may stand at a key, whether alone or as one of several forms."""
    if not isinstance(said, dict):
        return set()
    own = {word for word in [*said.get("enum", []), said.get("const")] if isinstance(word, str)}
    return own.union(*(words_of(inner) for inner in said.get("anyOf", []) + said.get("oneOf", [])))


def test_every_word_that_may_stand_at_a_key_has_its_meaning_there() -> None:
    """Where words are to be chosen from, the description says what each of them does."""
    chosen = [(path, key, said) for path, key, said in ALL if len(words_of(said)) > 1]
    assert len(chosen) > 15
    silent = [
        (path, word)
        for path, key, said in chosen
        for word in words_of(said)
        if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", said["description"])
    ]
    assert silent == []
    assert {key for _, key, _ in chosen} <= {*TERMS, "method"}


def test_what_can_be_left_out_says_what_it_then_is() -> None:
    """A key that is not required has its default; what is required has none."""
    for name, part in SCHEMA["$defs"].items():
        required = part.get("required", [])
        for key, said in part.get("properties", {}).items():
            assert ("default" in said) != (key in required), (name, key)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parent.name)
def test_the_files_of_the_project_are_accepted(file: Path) -> None:
    """Nobody's editor marks what the program accepts."""

    class Loader(yaml.SafeLoader):
        """Dates stay text, as in JSON."""

    Loader.yaml_implicit_resolvers = {
        key: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:timestamp"]
        for key, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    found = yaml.load(file.read_text(encoding="utf-8"), Loader)
    assert [error.message for error in jsonschema.Draft202012Validator(SCHEMA).iter_errors(found)] == []


ROOT_NODE = {"code": "a", "name": "b", "children": [{"indicator": "c"}]}


@pytest.mark.parametrize("change", [{"titel": "x"}, {"cycle": "weekly"}, {"index": {**ROOT_NODE, "children": []}}])
def test_what_the_program_refuses_is_marked(change: dict[str, Any]) -> None:
    """An unknown key, an unknown word, a pillar without children."""
    good = {"schema": 1, "title": "t", "indicators": {}, "index": ROOT_NODE}
    validator = jsonschema.Draft202012Validator(SCHEMA)
    assert validator.is_valid(good)
    assert not validator.is_valid({**good, **change})
