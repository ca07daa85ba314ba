"""The numbers of a table: which variable, unit and period each column of them holds."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from data.naming import Known, plain
from data.quantities import factor, unit_of
from data.recognise_columns import HINTS, Column, Looked, period_heads
from data.recognise_names import Match, match, split_unit
from data.recognise_units import times_of, units_of
from data.recognise_words import Told, listed
from data.sources import squeezed
from data.written import Way, period_of

TOTAL = re.compile(r"^(?:合计|总计|总额|total)$", re.IGNORECASE)
_UNIT = re.compile(r"单位\s*[:：]\s*([^\s()（）,，;；]+)|unit\s*[:：]\s*([^()（）,，;；]+)", re.IGNORECASE)
_COUNTED = re.compile(
    r"(?<![\w=.])([1-9][0-9]*(?:[ ,][0-9]{3})*\s*(?:million |thousand |billion )?"
    r"(?:persons|people|yuan|CNY|kWh|m2|m3|tce))",
    re.IGNORECASE,
)
_DATED = re.compile(r"(?:19|20)[0-9]{2}\s*年(?:\s*[0-9]{1,2}\s*月|第?[一二三四]季度|[上下]半年)?")


@dataclass
class Values:
    """Entries of `values:` as plain data, and what the mapping says beside them; `doubts` in order."""

    entries: list[dict[str, object]] = field(default_factory=list)
    variable: object = None
    period: object = None
    region: object = None
    wide: bool = False
    doubts: list[Told] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Around:
    """What is known beside the table: the texts above it, the file's name, the store's names and calendar."""

    above: Sequence[str]
    stem: str
    known: Known
    fiscal: bool

    @property
    def unit(self) -> str:
        """The unit that is printed above the table; "" where none is."""
        for pattern in (_UNIT, _COUNTED):
            for text in self.above:
                if found := pattern.search(text):
                    unit = next(group for group in found.groups() if group).strip()
                    if unit_of(unit) is not None:
                        return unit
        return ""

    def named(self, table: Iterable[tuple[str, str]]) -> tuple[str, str] | None:
        """(name, code) of the longest known name that the titles hold or that is a word of the file's name."""
        titles, words = (
            plain(" ".join(self.above)),
            {plain(word) for word in re.split(r"[^\w]|_|[0-9]+", self.stem) if word},
        )
        found = [
            (name, code)
            for name, code in table
            if len(name) > 1 and (name in words or (not name.isascii() and name in titles))
        ]
        return max(found, key=lambda pair: len(pair[0]), default=None)


def find_values(seen: Looked, around: Around, period: str) -> Values:
    """The columns of numbers, in the layout that explains them: long, or periods, regions or variables as columns."""
    found = Values()
    dated, way, sure = period_heads(seen.free(), fiscal=around.fiscal)
    if not period and way is not None and len(dated) >= max(1, len(seen.free()) / 2):
        _periods(seen, around, found, dated, way, sure=sure)
    elif not seen.of("region") and len(placed := _regions(seen, around)) > 1:
        _placed(seen, around, found, placed)
    elif seen.of("variable"):
        _long(seen, around, found)
    else:
        _wide(seen, around, found, period)
    return found


def _periods(seen: Looked, around: Around, found: Values, dated: list[Column], way: Way, *, sure: bool) -> None:
    """Periods as columns."""
    for column in dated:
        column.take("value", period_of(column.head, way) or "")
    found.period, found.wide = {"from": "{head}", "written": way}, True
    if not sure:
        found.doubts.append(doubt_of_way(dated[0].head, way))
    _entry(seen, around, found, dated)


def _regions(seen: Looked, around: Around) -> list[Column]:
    return [one for one in seen.free() if plain(one.head) in around.known.regions]


def _placed(seen: Looked, around: Around, found: Values, placed: list[Column]) -> None:
    """Regions as columns."""
    for column in placed:
        column.take("value", around.known.regions[plain(column.head)])
    found.region, found.wide = {"from": "{head}", "known": "regions"}, True
    _entry(seen, around, found, placed)


def _long(seen: Looked, around: Around, found: Values) -> None:
    """A column of variables and one of numbers."""
    free = seen.free()
    hinted = [one for one in free if HINTS["value"].search(one.head)] or free
    if not hinted:
        found.doubts.append(Told("values_missing"))
        return
    chosen = hinted[0]
    chosen.take(
        "value", why=Told("numbers" if len(free) == 1 else "head"), sure="certain" if len(free) == 1 else "likely"
    )
    others = [one.head for one in free if one is not chosen and not one.head.isdigit()]
    if others and len(hinted) > 1:
        found.doubts.append(Told("several_values", {"column": chosen.head, "names": listed(others)}))
    _entry(seen, around, found, [chosen])


def _entry(seen: Looked, around: Around, found: Values, columns: list[Column]) -> None:
    """One entry for these columns: the variables by a column of them, or one for all."""
    entry: dict[str, object] = {"columns": _heads(columns)}
    unit = split_unit(columns[0].head)[1] if len(columns) == 1 else ""
    if names := seen.of("variable"):
        matched = _named(seen.texts[names[0].head], around.known, found, names[0].head)
        units = units_of(seen, names[0], matched, unit or around.unit, around.known, found.doubts)
        named = f"{{{names[0].head}}}"
        kept = {text: matched[text] for text in units}
        some: dict[str, object] = {"from": named, "others": "leave_out", "names": _names(kept)}
        entry["variable"] = some if kept else {"from": named, "known": "variables"}
        pairs = [(kept[text].code, printed) for text, printed in units.items()]
    else:
        one = _alone(around, unit)
        if one is None:
            found.doubts.append(Told("variable_missing", {"column": columns[0].head}))
            return
        entry["variable"] = one.code
        found.doubts.append(Told("variable_from_name", {"found": one.code}))
        pairs = [(one.code, unit or around.unit)]
    found.codes = [code for code, _ in pairs]
    if times := times_of(pairs, around.known, found.doubts):
        entry["times"] = times if names else next(iter(times.values()))
    found.entries.append(entry)


def _named(texts: Sequence[str], known: Known, found: Values, column: str) -> dict[str, Match]:
    """Each text's variable; a text that is only like a name does not take what another one names."""
    matched: dict[str, Match] = {}
    exact = {text: one for text in texts if (one := match(text, known)) is not None and one.sure == "certain"}
    matched.update(exact)
    free = frozenset(known.units) - {one.code for one in exact.values()}
    for text in texts:
        if text not in matched and (one := match(text, known, free=free)) is not None and one.sure != "unsure":
            matched[text] = one
            free -= {one.code}
            found.doubts.append(Told("likely_variable", {"column": squeezed(text), "found": one.code}))
    unknown = [squeezed(text) for text in texts if text not in matched]
    if not matched:
        found.doubts.append(Told("variable_missing", {"column": column}))
    elif unknown:
        found.doubts.append(Told("unknown_variables", {"names": listed(unknown)}))
    return {text: matched[text] for text in texts if text in matched}


def _names(matched: dict[str, Match]) -> dict[str, str]:
    return {" ".join(text.split()): one.code for text, one in matched.items()}


def _alone(around: Around, unit: str) -> Match | None:
    """The variable that the title or the file's name says."""
    named = around.named(around.known.variables.items())
    return None if named is None else Match(named[1], "unsure", "title", unit)


def _wide(seen: Looked, around: Around, found: Values, period: str) -> None:
    """Variables as columns, perhaps each in several periods."""
    free = seen.free()
    dates = {one.head: date[0] for one in free if not period and (date := _DATED.search(one.head))}
    if len(dates) > 1:
        _dated(free, dates, around, found)
        return
    matched = _columns(free, around, found)
    if not matched:
        found.doubts.append(Told("values_missing"))
        return
    heads = [one for one in free if one.head in matched]
    names = {one.head: matched[one.head].code for one in heads}
    entry: dict[str, object] = {"columns": _heads(heads), "variable": {"from": "{head}", "names": names}}
    pairs = [(matched[one.head].code, matched[one.head].unit or around.unit) for one in heads]
    found.codes, found.wide = [code for code, _ in pairs], True
    if times := times_of(pairs, around.known, found.doubts):
        entry["times"] = times
    found.entries.append(entry)


def _dated(free: list[Column], dates: dict[str, str], around: Around, found: Values) -> None:
    """A variable and a period in each head: one entry a column."""
    for column in free:
        if column.head not in dates:
            continue
        text = dates[column.head]
        one, when = match(column.head.replace(text, " ").strip(), around.known), period_of(text)
        if one is None or when is None:
            column.why = Told("no_match")
            continue
        column.take("value", f"{one.code} {when}", sure=one.sure, why=Told(one.why))
        entry: dict[str, object] = {"columns": column.head, "variable": one.code, "period": when}
        times = times_of([(one.code, one.unit or around.unit)], around.known, found.doubts)
        found.entries.append({**entry, **({"times": times[one.code]} if times else {})})
        found.codes.append(one.code)
    found.wide = True


def _columns(free: list[Column], around: Around, found: Values) -> dict[str, Match]:
    """Each head's variable: certain ones first, then the whole that the title names, then what is like a name."""
    matched: dict[str, Match] = {}
    known, taken = around.known, set[str]()

    def take(column: Column, one: Match) -> None:
        matched[column.head] = one
        taken.add(one.code)
        column.take("value", one.code, sure=one.sure, why=Told(one.why))

    for column in sorted(free, key=lambda one: _size(one, known)):
        one = match(column.head, known, unit=around.unit)
        if one is not None and one.sure == "certain" and one.code not in taken:
            take(column, one)
    titled = around.named((name, code) for name, code in known.variables.items() if code not in taken)
    for column in free:
        if titled is not None and column.head not in matched and TOTAL.match(squeezed(column.head)):
            take(column, Match(titled[1], "unsure", "title", around.unit))
            found.doubts.append(Told("total_from_title", {"column": squeezed(column.head), "found": titled[1]}))
            break
    # What one head takes may leave another with one variable only.
    for _ in range(3):
        for column in sorted(free, key=lambda one: _size(one, known)):
            if column.head in matched:
                continue
            one = match(column.head, known, unit=around.unit, free=frozenset(known.units) - taken)
            if one is not None:
                take(column, one)
                found.doubts.append(Told("likely_variable", {"column": squeezed(column.head), "found": one.code}))
    for column in free:
        if column.head not in matched:
            column.why = Told("taken_already" if match(column.head, known) is not None else "no_match")
            # A head that the file has twice is counted.
            head, _, number = column.head.rpartition(" ")
            if head in matched and number in map(str, range(2, len(free) + 1)):
                found.doubts.append(Told("same_head", {"column": head, "names": column.head}))
    return matched


def _size(column: Column, known: Known) -> float:
    """Columns in a variable's own unit come before those that have to be converted."""
    one = match(column.head, known)
    times = factor(one.unit, known.units[one.code]) if one is not None and one.unit else 1.0
    return 0.0 if times == 1 else 1.0


def doubt_of_way(text: str, way: Way) -> Told:
    """That a period may be meant otherwise."""
    if way in ("years_beginning", "years_ending"):
        return Told("fiscal_year_named", {"found": text, "taken": period_of(text, way)})
    return Told("years_or_months", {"found": text, "taken": period_of(text, way)})


def _heads(columns: Sequence[Column]) -> object:
    heads = [one.head for one in columns]
    return heads[0] if len(heads) == 1 else heads
