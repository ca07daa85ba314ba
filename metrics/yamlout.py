"""Plain data as YAML text, as definitions files are written: short things on one line, long ones on several."""

import json
import math
import re
from datetime import date
from typing import Any

import yaml

from metrics.yamltext import parse_yaml

# What stands on one line: so many entries and characters.
MOST_ENTRIES, MOST_CHARACTERS = 4, 100
_RESOLVER: Any = yaml.resolver.Resolver()
_HIDDEN = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
# A text that begins with one of these looks as if it were YAML typed in full width.
_FULL_WIDTH = tuple("：，｛｝［］＃－")


def flow(value: object, *, inside: bool = True) -> str:
    """A value on one line; `inside` a flow collection, where commas and brackets need quotes."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key_text(key, inside=True)}: {flow(found)}" for key, found in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(found) for found in value) + "]"
    if isinstance(value, str):
        around = "a: {a: %s, b: c}" if inside else "a: %s"
        meant = {"a": {"a": value, "b": "c"}} if inside else {"a": value}
        return value if _is_plain(value) and parse_yaml(around % value).data == meant else _quoted(value)
    return _bare(value)


def _bare(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and math.isfinite(value) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no plain data: {type(value).__name__}")


def key_text(key: str, *, inside: bool = False) -> str:
    """A key, in quotes where it needs them."""
    around = f"a: {{{key}: b, c: d}}" if inside else f"{key}: b"
    meant = {"a": {key: "b", "c": "d"}} if inside else {key: "b"}
    return key if _is_plain(key) and parse_yaml(around).data == meant else _quoted(key)


def _is_plain(text: str) -> bool:
    """Whether other readers of YAML, too, take it for text when it stands without quotes."""
    kind = _RESOLVER.resolve(yaml.ScalarNode, text, (True, False))
    return bool(text.isprintable() and kind == "tag:yaml.org,2002:str" and not text.startswith(_FULL_WIDTH))


def _quoted(text: str) -> str:
    escaped = json.dumps(text, ensure_ascii=False)
    return _HIDDEN.sub(lambda found: f"\\u{ord(found.group()):04x}", escaped)


def fits(value: object) -> bool:
    """Whether a value stands on one line: any scalar, and a collection that is short."""
    if not isinstance(value, dict | list | tuple) or not value:
        return True
    if isinstance(value, dict):
        return len(value) <= MOST_ENTRIES and all(map(fits, value.values())) and _is_short(value)
    return not all(isinstance(found, dict) for found in value) and _is_short(value)


def _is_short(value: object) -> bool:
    return len(flow(value)) <= MOST_CHARACTERS


def block(value: object, indent: int) -> list[str]:
    """The lines of a collection in block style, what is short in it on one line each."""
    pad = " " * indent
    if isinstance(value, dict):
        return [line for key, found in value.items() for line in pair(key, found, indent)]
    if not isinstance(value, list | tuple):
        raise TypeError("only a collection has lines of its own")
    return [line for found in value for line in item(found, pad)]


def pair(key: str, value: object, indent: int) -> list[str]:
    """The lines of a key with its value."""
    head = f"{' ' * indent}{key_text(key)}:"
    return [f"{head} {flow(value, inside=False)}"] if fits(value) else [head, *block(value, indent + 2)]


def item(value: object, pad: str) -> list[str]:
    """The lines of an entry of a list; a mapping with few entries stands on one, as a leaf of the tree does."""
    if fits(value):
        return [f"{pad}- {flow(value, inside=False)}"]
    first, *others = block(value, len(pad) + 2)
    return [f"{pad}- {first.lstrip()}", *others]
