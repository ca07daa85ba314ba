"""A mapping that was confirmed once, for another file with these heads: what belongs to the file is taken anew."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from data.mapping_file import parse_mapping
from data.recognise_words import Told
from metrics.problems import InputError
from metrics.yamltext import parse_yaml


def renewed(kept: str, path: Path, *, period: str, read: Mapping[str, Any]) -> tuple[dict[str, Any], list[Told]] | None:
    """The confirmed mapping as plain data, with this file's `read:` and, where the file says it, its period.

    A period that is the same for the whole table was that of the file before: last year's numbers must not become this
    year's, nor this year's last year's. None where what was confirmed is no mapping any more.
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
    if before.period is not None and not before.period.columns:
        found = before.period.from_
        if not period or "{" in period:
            told.append(Told("kept_period_unsure", {"found": found}))
        elif period != found:
            data["period"] = period
            told.append(Told("kept_period", {"before": found, "found": period}))
    return data, told


def period_in(text: str) -> str:
    """What a mapping's text, whole or not, says of the period of its table; '' where it says nothing."""
    found = (plain_of(parse_yaml(text).data) or {}).get("period", "") if text.strip() else ""
    return str(found.get("from", "") if isinstance(found, dict) else found)


def plain_of(value: Any) -> Any:
    """Plain data, without the marks that the reader leaves on what stands unquoted."""
    if isinstance(value, dict):
        return {plain_of(name): plain_of(found) for name, found in value.items()}
    if isinstance(value, list | tuple):
        return [plain_of(found) for found in value]
    return getattr(value, "value", value)
