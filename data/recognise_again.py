"""A mapping that was confirmed once, for another file with these heads: what belongs to the file is taken anew."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from data.mapping_file import parse_mapping
from data.recognise_words import Told, listed
from data.sources import squeezed
from metrics.problems import InputError
from metrics.yamltext import parse_yaml


def renewed(
    kept: str, path: Path, *, fresh: str, read: Mapping[str, Any], texts: Mapping[str, Sequence[str]]
) -> tuple[dict[str, Any], list[Told]] | None:
    """The confirmed mapping as plain data, with this file's `read:` and, where the file says them (`fresh`: what it
    seems to be), its period, region and variable; `texts`: those of its columns.

    What is the same for the whole table was said by the file before: last year's numbers must not become this year's,
    nor one region's another's. None where what was confirmed is no mapping any more.
    """
    try:
        before = parse_mapping(kept.encode(), path)
    except InputError:
        return None
    data: dict[str, Any] = plain_of(parse_yaml(kept).data)
    skip = dict.fromkeys([*data.get("read", {}).get("skip", []), *read.get("skip", [])])
    told = []
    kept_read = {name: found for name, found in data.get("read", {}).items() if name in ("format", "down", "footer")}
    own = {**kept_read, **read, **({"skip": list(skip)} if skip else {})}
    data = {
        "mapping": 1,
        **({"read": own} if own else {}),
        **{name: data[name] for name in data if name not in ("mapping", "read")},
    }
    own_said: dict[str, Any] = (plain_of(parse_yaml(fresh).data) or {}) if fresh.strip() else {}
    for role in ("period", "region"):
        source = getattr(before, role)
        if source is not None and not source.columns:
            found = _from(own_said.get(role))
            told += _taken(data, role, found if "{" not in found else "")
    told += _variables(data, own_said)
    told += _factors_told(data, own_said)
    return data, [*told, *_unknown_names(data, texts)]


def _from(source: object) -> str:
    return str(source.get("from", "") if isinstance(source, dict) else "" if source is None else source)


def _taken(data: dict[str, Any], role: str, found: str) -> list[Told]:
    """What this file says, in the place of what the one before said, and that it is so; or that it does not say."""
    before = _from(data.get(role))
    if not found:
        return [Told(f"kept_{role}_unsure", {"found": before})]
    if found == before:
        return []
    data[role] = found
    return [Told(f"kept_{role}", {"before": before, "found": found})]


def _variables(data: dict[str, Any], fresh: Mapping[str, Any]) -> list[Told]:
    """The variable of columns whose heads do not say it."""
    own = {str(entry.get("columns")): entry for entry in fresh.get("values", [])}
    told = []
    for entry in data.get("values", []):
        before = entry.get("variable", data.get("variable"))
        found = own.get(str(entry.get("columns")), {}).get("variable", fresh.get("variable"))
        if "{" in _from(before) or "{" in _from(found):
            continue
        said = {"variable": before}
        told += _taken(said, "variable", _from(found))
        entry |= said if said["variable"] != before else {}
        if said["variable"] != before:
            entry.pop("times", None)
            times = own.get(str(entry.get("columns")), {}).get("times")
            entry |= {"times": times} if times is not None else {}
    return told


def _factors_told(data: Mapping[str, Any], fresh: Mapping[str, Any]) -> list[Told]:
    """By what numbers are multiplied, where this file alone does not say so. Its printed units are those of the file
    before: tables with other ones are remembered by themselves."""
    now = factors_of(fresh)
    found = {code: by for code, by in factors_of(data).items() if by != now.get(code, 1.0)}
    return [Told("kept_factor", {"found": code, "times": f"{by:.12g}"}) for code, by in found.items()]


def factors_of(data: Mapping[str, Any]) -> dict[str, float]:
    """By variable what its numbers are multiplied by, of those that a mapping names."""
    found: dict[str, float] = {}
    for entry in data.get("values", []):
        source, times = entry.get("variable", data.get("variable")), entry.get("times", 1.0)
        named = source.get("names", {}).values() if isinstance(source, dict) else [_from(source)]
        given: Mapping[str, float] = times if isinstance(times, dict) else {"": float(times)}
        for code in [*named, *given]:
            if code and "{" not in code:
                found[code] = float(given.get(code, given.get("", 1.0)))
    return found


def _unknown_names(data: Mapping[str, Any], texts: Mapping[str, Sequence[str]]) -> list[Told]:
    """Names of variables in this file that the one before did not have, and that so would be passed over."""
    unknown: list[str] = []
    for entry in data.get("values", []):
        source = entry.get("variable", data.get("variable"))
        if not isinstance(source, dict) or "names" not in source or "pattern" in source:
            continue
        known = {squeezed(name) for name in source["names"]} | set(source["names"].values())
        column = _from(source).removeprefix("{").removesuffix("}")
        unknown += [squeezed(text) for text in texts.get(column, ()) if squeezed(text) not in known]
    return [Told("unknown_variables", {"names": listed(dict.fromkeys(unknown))})] if unknown else []


def plain_of(value: Any) -> Any:
    """Plain data, without the marks that the reader leaves on what stands unquoted."""
    if isinstance(value, dict):
        return {plain_of(name): plain_of(found) for name, found in value.items()}
    if isinstance(value, list | tuple):
        return [plain_of(found) for found in value]
    return getattr(value, "value", value)
