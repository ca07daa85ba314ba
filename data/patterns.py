"""Regular expressions from outside, in the engine whose time grows with the text alone, and what they put in place."""

import re

import polars as pl

from metrics.fields import problem

# \1, \g<name> and \\ in what is put in place of a match.
_PUT = re.compile(r"\\(?:g<(\w+)>|([0-9]{1,2})|(\\)|)")


def whole_of(pattern: str) -> str:
    """The pattern for a whole text, which is its first group."""
    return f"^((?:{pattern}))$"


def checked(pattern: str) -> str:
    """A pattern that the engine knows; anything else in it, such as a look-ahead, is a problem."""
    try:
        groups_of(pattern)
    except pl.exceptions.ComputeError as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        reason = next((line for line in lines if line.startswith("error:")), lines[0])
        raise problem("bad_pattern", found=pattern, reason=reason.removeprefix("error: ")) from error
    return pattern


def groups_of(pattern: str) -> list[str]:
    """The names or numbers of a pattern's groups, the whole match first."""
    found = pl.Series([], dtype=pl.String).str.extract_groups(whole_of(pattern))
    return list(found.struct.schema)


def refuse_unknown_groups(pattern: str, put: str) -> None:
    """Raises a problem where `put` names a group that the pattern does not have."""
    groups = groups_of(pattern)
    for found in _PUT.finditer(put):
        name, number, mark = found.groups()
        known = mark or name in groups or ((number or name or "").isdecimal() and int(number or name) < len(groups))
        if not known:
            raise problem("unknown_group", group=name or number or found[0], groups=len(groups) - 1)


def replaced(texts: pl.Series, pattern: str, put: str) -> list[str | None]:
    """What becomes of each text that the pattern matches as a whole; None of the others."""
    groups = groups_of(pattern)

    def one(found: tuple[str | None, ...]) -> str | None:
        said = dict(zip(groups, found, strict=True))

        def group(mark: re.Match[str]) -> str:
            if mark[3]:
                return mark[3]
            name = mark[1] or mark[2]
            return (said[name] if name in said and not mark[2] else found[int(name)]) or ""

        return None if found[0] is None else _PUT.sub(group, put)

    return [one(row) for row in texts.str.extract_groups(whole_of(pattern)).struct.unnest().iter_rows()]
