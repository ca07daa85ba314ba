"""A mapping as a person chose it: what each column is, what its names stand for, by what its numbers are multiplied."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data.mapping_file import HEAD, Source, parse_mapping
from data.mapping_file import Mapping as FileMapping
from data.recognise_again import plain_of
from data.sources import squeezed
from metrics.problems import InputError
from metrics.yamlout import pair
from metrics.yamltext import parse_yaml

# What a column can be, beside a value; of a wide table a value is “value CODE”.
ROLES = ("region", "period", "site", "variable", "status", "source", "note")
VALUE, LEFT_OUT = "value", "left_out"
Data = dict[str, Any]


@dataclass(frozen=True)
class Choices:
    """What is chosen: by column its role, by variable the factor, by printed name the variable (`` for none); and what
    the table as a whole is of, where no column says so. `way`: how the periods are written."""

    roles: Mapping[str, str]
    times: Mapping[str, float] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    region: str = ""
    period: str = ""
    variable: str = ""
    way: str = ""

    def of(self, role: str) -> list[str]:
        """The columns that have a role, in order."""
        return [head for head, one in self.roles.items() if one == role]

    @property
    def codes(self) -> list[str]:
        """The variables that columns are chosen for."""
        return [role.removeprefix("value ") for role in self.roles.values() if role.startswith("value ")]


def plain_mapping(text: str) -> Data:
    """A mapping's text as plain data; nothing of an empty one."""
    data: Data = plain_of(parse_yaml(text).data) if text.strip() else {}
    return data


def choices_of(data: Data, heads: list[str]) -> Choices:
    """What a mapping says, as choices."""
    roles = dict.fromkeys(heads, LEFT_OUT)
    own = {squeezed(head): head for head in heads}
    whole: dict[str, str] = {}
    for role in ROLES:
        text = _from(data.get(role))
        columns = _columns(text)
        roles |= {own[squeezed(name)]: role for name in columns if squeezed(name) in own}
        whole[role] = text if not columns else ""
    times: dict[str, float] = {}
    names: dict[str, str] = {}
    for entry in data.get("values", []):
        source = entry.get("variable", data.get("variable"))
        columns = _columns(_from(source))
        roles |= {own[squeezed(name)]: "variable" for name in columns if squeezed(name) in own}
        mine = {head: _value_role(entry, source, head, data) for head in _heads(entry, own, data)}
        roles |= mine
        if columns and columns != [HEAD]:
            names |= _names(source)
        elif VALUE in mine.values() and "period" not in entry:
            whole["variable"] = _from(source)
        times |= _times(entry, _codes(entry, data))
    way = str(data["period"].get("written", "")) if isinstance(data.get("period"), dict) else ""
    return Choices(roles, times, names, whole["region"], whole["period"], whole["variable"], way)


def chosen(data: Data, before: Choices, now: Choices) -> Data:
    """The mapping with what was chosen otherwise; all else stays as it was."""
    if now == before:
        return data
    made: Data = deepcopy({"mapping": 1, **data})
    for role in ("region", "site", "status", "source", "note"):
        _place(made, role, before, now)
    _place_period(made, before, now)
    made["values"] = [*_kept(made, before, now), *_added(made, before, now)]
    for entry in made["values"]:
        _multiply(entry, made, before, now)
    order = ("mapping", "title", "read", "where", "region", "site", "period", "variable", "status", "source", "note")
    return {name: made[name] for name in (*order, *(one for one in made if one not in order)) if name in made}


def written(data: Data) -> str:
    """The mapping as YAML."""
    known = {name: value for name, value in data.items() if value not in (None, "", [], {})}
    return "\n".join(line for name, value in known.items() for line in pair(name, value, 0)) + "\n"


def parsed(text: str) -> FileMapping | InputError:
    """The mapping that a text is, or what is wrong with it."""
    try:
        return parse_mapping(text.encode(), Path("mapping.yaml"))
    except InputError as error:
        return error


def _from(source: object) -> str:
    return str(source.get("from", "")) if isinstance(source, dict) else "" if source is None else str(source)


def _columns(text: str) -> list[str]:
    return list(Source.model_validate({"from": text}).columns) if text else []


def _names(source: object) -> dict[str, str]:
    return dict(source.get("names", {})) if isinstance(source, dict) else {}


def _heads(entry: Data, own: Mapping[str, str], data: Data) -> Iterator[str]:
    """The file's columns that an entry reads."""
    columns = entry["columns"] if isinstance(entry["columns"], list) else [entry["columns"]]
    if columns == ["*"]:
        said = [_from(data.get(role)) for role in ROLES] + [_from(entry.get("variable"))]
        taken = {squeezed(name) for text in said for name in _columns(text)}
        yield from (head for name, head in own.items() if name not in taken)
    yield from (own[squeezed(name)] for name in columns if squeezed(name) in own)


def _value_role(entry: Data, source: object, head: str, data: Data) -> str:
    """“value CODE” where the column alone says which variable it is of, else “value”."""
    across = HEAD in _columns(_from(data.get("period"))) + _columns(_from(data.get("region")))
    if "period" in entry or across:
        return VALUE
    if _columns(_from(source)) == [HEAD]:
        code = {squeezed(name): code for name, code in _names(source).items()}.get(squeezed(head))
        return f"{VALUE} {code}" if code else VALUE
    return VALUE if _columns(_from(source)) else f"{VALUE} {_from(source)}"


def _codes(entry: Data, data: Data) -> list[str]:
    """The variables of an entry, where it names them."""
    source = entry.get("variable", data.get("variable"))
    return list(dict.fromkeys(_names(source).values())) if _columns(_from(source)) else [_from(source)]


def _times(entry: Data, codes: list[str]) -> dict[str, float]:
    times = entry.get("times", {})
    return dict(times) if isinstance(times, dict) else dict.fromkeys(codes, float(times))


def _place(made: Data, role: str, before: Choices, now: Choices) -> None:
    """A column for a role, or the text that stands for the whole table."""
    said = getattr(now, role, "")
    if now.of(role) == before.of(role) and said == getattr(before, role, ""):
        return
    if found := now.of(role):
        text = f"{{{found[0]}}}"
        made[role] = {"from": text, "known": "regions"} if role == "region" else text
    elif said:
        made[role] = said
    elif HEAD not in _columns(_from(made.get(role))):
        made.pop(role, None)


def _place_period(made: Data, before: Choices, now: Choices) -> None:
    if now.of("period") != before.of("period"):
        made.pop("period", None)
        if found := now.of("period"):
            made["period"] = {"from": f"{{{found[0]}}}", "written": now.way or "dates"}
    elif now.way != before.way and now.way and "period" in made:
        made["period"] = {"from": _from(made["period"]), "written": now.way}
    if not now.of("period") and now.period != before.period:
        made["period"] = now.period


def _kept(made: Data, before: Choices, now: Choices) -> Iterator[Data]:
    """The entries with those columns that are what they were."""
    own = {squeezed(head): head for head in now.roles}
    for entry in made.get("values", []):
        heads = [head for head in _heads(entry, own, made) if now.roles[head] == before.roles[head]]
        if not heads:
            continue
        kept = {**entry, "columns": heads[0] if len(heads) == 1 else heads}
        source = kept.get("variable")
        if _columns(_from(source)) == [HEAD] and _names(source):
            there = {squeezed(head) for head in heads}
            names = {name: code for name, code in _names(source).items() if squeezed(name) in there}
            kept["variable"] = {"from": _from(source), "names": names}
        elif now.roles[heads[0]] == VALUE and "period" not in entry and _naming(now) != _naming(before):
            kept["variable"] = _variable(now)
        if kept.get("variable", made.get("variable")):
            yield kept


def _added(made: Data, before: Choices, now: Choices) -> Iterator[Data]:
    """Entries for the columns that have become values, or values of another variable."""
    moved = {head: role for head, role in now.roles.items() if role != before.roles[head]}
    whole = [head for head, role in moved.items() if role == VALUE]
    if whole and (source := _variable(now)):
        yield {"columns": whole[0] if len(whole) == 1 else whole, "variable": source}
    for head, role in moved.items():
        if role.startswith(f"{VALUE} "):
            yield {"columns": head, "variable": role.removeprefix(f"{VALUE} ")}


def _naming(one: Choices) -> tuple[object, ...]:
    """All that says which variable a value is of, where its column does not."""
    return one.of("variable"), one.names, one.variable


def _variable(now: Choices) -> Any:
    """Where the variable of a value stands: in a column, by the names that were chosen or are known, or one for all."""
    if not now.of("variable"):
        return now.variable
    text, named = f"{{{now.of('variable')[0]}}}", {name: code for name, code in now.names.items() if code}
    return {"from": text, "others": "leave_out", "names": named} if named else {"from": text, "known": "variables"}


def _multiply(entry: Data, made: Data, before: Choices, now: Choices) -> None:
    """The factors of an entry's variables."""
    codes = _codes(entry, made)
    times = {code: now.times.get(code, 1.0) for code in codes}
    if not codes or times == {code: _times(entry, codes).get(code, 1.0) for code in codes}:
        return
    other = {code: by for code, by in times.items() if by != 1}
    entry.pop("times", None)
    if other:
        entry["times"] = other
