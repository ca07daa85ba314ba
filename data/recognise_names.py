"""Printed names of variables → variables: by the name itself, by what it begins or ends with, and by its unit."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from data.naming import Known, plain
from data.quantities import factor, unit_of
from metrics.terms import unit_words

Sure = Literal["certain", "likely", "unsure"]
_BRACKETS = re.compile(r"[(（\[【]\s*([^()（）\[\]【】]*?)\s*[)）\]】]")
_AFTER = re.compile(r"^(.*?[^0-9\s])\s*[/／,，:：]\s*(\S[^/／,，]*)$", re.DOTALL)
_CJK = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]")
_SHORT = re.compile(r"^([0-9]+)(m|k|bn)\b")
_SHORTS = {"m": "million", "k": "thousand", "bn": "billion"}
LEAST = 2


@dataclass(frozen=True)
class Match:
    """A variable, how sure it is, why (a key of WORDS), and the unit that is printed ("" where none)."""

    code: str
    sure: Sure
    why: str
    unit: str = ""


def split_unit(head: str) -> tuple[str, str]:
    """A head without its unit, and the unit: 用电量（万千瓦时）, 用电量/万千瓦时, elec_kwh, value_100m_yuan."""
    for bracket in reversed(list(_BRACKETS.finditer(head))):
        if (unit := _unit(bracket[1])) is not None:
            return (head[: bracket.start()] + head[bracket.end() :]).strip(), unit
    if (found := _AFTER.match(head)) is not None and (unit := _unit(found[2])) is not None:
        return found[1].strip(), unit
    if "_" in head and not _CJK.search(head):
        words = head.split("_")
        for at in range(1, len(words)):
            if (unit := _unit("_".join(words[at:]).replace("_per_", "/").replace("_", " "))) is not None:
                return "_".join(words[:at]), unit
    return head.strip(), ""


def _unit(text: str) -> str | None:
    """The unit that a text is, as data/quantities.py reads it."""
    written = _SHORT.sub(lambda found: f"{found[1]} {_SHORTS[found[2]]}", text.strip())
    return written if written and unit_of(written) is not None else None


def parts_of(name: str) -> list[str]:
    """The plain forms under which a bilingual name is looked up: whole, its Chinese part, its Latin part."""
    chinese = "".join(word for word in re.split(r"\s+", name) if _CJK.search(word) or not _LATIN.search(word))
    latin = "".join(word for word in re.split(r"\s+", name) if _LATIN.search(word) and not _CJK.search(word))
    return list(dict.fromkeys(filter(None, (plain(name), plain(chinese), plain(latin)))))


def match(head: str, known: Known, *, unit: str = "", free: frozenset[str] | None = None) -> Match | None:
    """The variable that a head names; None where none does, or several may. `unit`: that of the whole table; `free`:
    the variables that no other head has taken."""
    name, own = split_unit(head)
    for part in parts_of(name):
        code = known.variables.get(part)
        if code is not None and (free is None or code in free) and _fits(own, known.units[code]):
            return Match(code, "certain", "named", own or _in_brackets(head, known.units[code]) or unit)
    usable = {
        text: code for text, code in known.variables.items()
        if (free is None or code in free) and _fits(own, known.units[code])
    }  # fmt: skip
    for why, test in (("begins", _begins), ("ends", _ends), ("within", _within), ("within", _inside)):
        for part in parts_of(name):
            if _is_telling(part) and (code := _only(part, usable, test)) is not None:
                return Match(code, "likely", why, own or _in_brackets(head, known.units[code]) or unit)
    return _by_unit(name, own, known, usable)


def _in_brackets(head: str, declared: str) -> str:
    """A variable's unit, where the head has it in brackets by a word that is its own; "" where it has not."""
    words = {declared, *(unit_words(declared, lang) for lang in ("zh", "en"))}
    return declared if any(found[1] in words for found in _BRACKETS.finditer(head) if found[1]) else ""


def _is_telling(part: str) -> bool:
    """Whether a part of a name is long enough to tell something: two Chinese letters, or four Latin ones."""
    return len(part) >= (LEAST if _CJK.search(part) else 2 * LEAST)


def _fits(unit: str, declared: str) -> bool:
    return not unit or factor(unit, declared) is not None


def _begins(part: str, name: str) -> bool:
    return name.startswith(part) or part.startswith(name)


def _ends(part: str, name: str) -> bool:
    return len(name) > LEAST and part.endswith(name)


def _within(part: str, name: str) -> bool:
    return len(name) > LEAST + 1 and name in part


def _inside(part: str, name: str) -> bool:
    return len(part) > LEAST and part in name


def _only(part: str, usable: Mapping[str, str], test: object) -> str | None:
    """The one variable of which a name passes; of several the longest name that the head itself holds."""
    passed = [(name, code) for name, code in usable.items() if test(part, name)]  # type: ignore[operator]
    codes = {code for _, code in passed}
    if len(codes) > 1:
        held = [(name, code) for name, code in passed if name in part]
        longest = max((len(name) for name, _ in held), default=0)
        codes = {code for name, code in held if len(name) == longest}
    return codes.pop() if len(codes) == 1 else None


def _by_unit(name: str, unit: str, known: Known, usable: Mapping[str, str]) -> Match | None:
    """By the words of a code (elec_usd: electricity_cost) or, failing that, as the only one of such a unit."""
    # A Chinese name says what it is; that it is measured like a variable does not make it that one.
    if not unit or _CJK.search(name):
        return None
    codes = sorted(set(usable.values()))
    words = [word for word in re.split(r"[^a-z]+", name.lower()) if len(word) > LEAST]
    worded = [
        code for code in codes if words and all(any(own.startswith(word) for own in code.split("_")) for word in words)
    ]
    if len(worded) == 1:
        return Match(worded[0], "likely", "words", unit)
    # A name of something that is measured in another unit is not taken for whatever is measured in this one.
    if words and any(own.startswith(word) for code in known.units for own in code.split("_") for word in words):
        return None
    return Match(codes[0], "unsure", "unit", unit) if len(codes) == 1 and not worded else None
