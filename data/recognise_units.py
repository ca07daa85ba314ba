"""The units that a table prints: by which number each variable's figures become its own, and what does not agree."""

from collections.abc import Sequence

import polars as pl

from data.cells import read_cell
from data.naming import Known
from data.quantities import factor
from data.recognise_columns import Column, Looked
from data.recognise_names import Match
from data.recognise_words import Told, listed
from data.sources import squeezed


def units_of(
    seen: Looked, names: Column, matched: dict[str, Match], whole: str, known: Known, doubts: list[Told]
) -> dict[str, str]:
    """The unit of each text that names a variable: its own, that of its rows, or the table's. What is printed in
    several units, or in one that does not become the variable's, is left out and told."""
    units: dict[str, str] = {}
    first: dict[str, str] = {}
    for text, one in matched.items():
        printed = [one.unit] if one.unit else _units_beside(seen, names, text) or [whole]
        printed = list(dict.fromkeys([*([first[one.code]] if one.code in first else []), *printed]))
        if len(printed) > 1:
            doubts.append(Told("mixed_units", {"column": squeezed(text), "names": listed(printed)}))
        elif printed[0] and printed[0] != whole and factor(printed[0], known.units[one.code]) is None:
            facts = {"found": one.code, "declared": known.units[one.code], "unit": printed[0]}
            doubts.append(Told("unit_mismatch", facts))
        else:
            units[text] = first[one.code] = printed[0]
    return units


def _units_beside(seen: Looked, names: Column, text: str) -> list[str]:
    """The units in a column of their own, of the rows that have this name."""
    if not (units := seen.of("units")):
        return []
    rows = seen.table.frame.filter(pl.col(names.head) == text)
    return [str(unit) for unit in rows[units[0].head].drop_nulls().unique(maintain_order=True)]


def times_of(pairs: Sequence[tuple[str, str]], known: Known, doubts: list[Told]) -> dict[str, float]:
    """By what each variable's numbers are multiplied, where that is not 1; what is printed is told."""
    times: dict[str, float] = {}
    silent = []
    for code, unit in dict(pairs).items():
        declared = known.units[code]
        by = factor(unit, declared) if unit else 1.0
        if not unit and declared != "1":
            silent.append(code)
        if by is None:
            doubts.append(Told("unit_mismatch", {"found": code, "declared": declared, "unit": unit}))
        elif by != 1:
            times[code] = by
            facts = {"found": code, "unit": unit, "declared": declared, "times": f"{by:.12g}"}
            doubts.append(Told("unit_factor", facts))
    if silent:
        doubts.append(Told("no_unit", {"units": tuple((code, known.units[code]) for code in silent)}))
    return times


def doubts_of_shares(seen: Looked, known: Known) -> list[Told]:
    """Variables in % whose numbers are all shares, and shares that are above 1 but no number is above 100."""
    told = []
    for column in seen.of("value"):
        declared = known.units.get(column.means)
        if declared not in ("%", "1"):
            continue
        found = [
            cell.number for text in seen.texts[column.head] if (cell := read_cell(text)) is not None and not cell.unit
        ]
        if (
            declared == "%"
            and found
            and all(0 <= number <= 1 for number in found)
            and any(0 < number < 1 for number in found)
        ):
            told.append(Told("maybe_share", {"found": column.means}))
        # What is counted has no unit either, and mostly goes beyond a hundred.
        if declared == "1" and any(number > 1 for number in found) and max(found) <= 100:
            told.append(Told("maybe_percent", {"found": column.means}))
    return told
