"""Recomputing: the scores from a bundle's own facts and definitions, and the first place where its numbers differ."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from metrics.definitions import Definitions
from metrics.facts import KEY as FACT
from metrics.facts import judge
from metrics.long import COLUMNS
from metrics.problems import InputError, Problem, nearest
from metrics.reader import read
from metrics.scorecard import Scorecard, score
from metrics.verify.layout import (
    ADJUSTMENTS,
    DEFINITIONS,
    FACT_COLUMNS,
    FACTOR_COLUMNS,
    FACTORS,
    FACTS,
    REGIONS,
    SCORECARD,
    Manifest,
)
from metrics.verify.parts import adjustments_in, factors_of, rows_of
from metrics.verify.tables import from_csv

KEY = ("period", "region", "code")
NUMBERS = ("value", "treated", "score", "weight", "coverage", "imputed", "rank")
# In the order in which one follows from the other.
STEPS = (
    *("level", "parent", "value", "treated", "weight", "coverage", "imputed"),
    *("score", "flags", "rank", "grade"),
)
# How a name stands with its code; between several; the last words of a difference that begins with a value.
WORDS = {
    "zh": ("{}（{}）", "、", "；这个数由{}的事实算出"),
    "en": ("{} ({})", ", ", "; it is computed from the facts of {}"),
}
# Other processors and libraries round the last digits differently; nothing that an assessment knows is as small.
TOLERANCE, OF_THE_LARGEST = 1e-9, 1e-12
# The most numbers that a recomputation may have to hold: those of 3,000 regions in 60 cycles by a hundred codes.
_MOST_CELLS = 20_000_000
# So many facts are judged at a time.
_PART = 100_000
_SHOWN = 20
# A country has five levels.
_FEW, _DEEPEST = 2_000, 50


@dataclass(frozen=True)
class Recomputed:
    """What was found to differ, how many numbers were held against each other, and the largest relative difference."""

    problems: tuple[Problem, ...]
    rows: int = 0
    numbers: int = 0
    largest: float = 0.0


def recompute(manifest: Manifest, files: Mapping[str, bytes]) -> Recomputed:
    """The bundle's scores, computed from its facts, regions and definitions, against its scorecard."""
    try:
        card = _scored(files)
        given = from_csv(files[SCORECARD], SCORECARD, COLUMNS)
        factors = from_csv(files[FACTORS], FACTORS, FACTOR_COLUMNS)
    except InputError as error:
        return Recomputed(error.problems[:_SHOWN])
    rows = rows_of(card, manifest.cycles, manifest.regions)
    if rows.is_empty():
        return Recomputed((*_about(manifest, card, factors), Problem("bundle_empty")))
    found = compare(card, rows, given)
    return Recomputed((*_about(manifest, card, factors), *found.problems), found.rows, found.numbers, found.largest)


def _scored(files: Mapping[str, bytes]) -> Scorecard:
    reading = read(files[DEFINITIONS], path=DEFINITIONS)
    if reading.definitions is None:
        raise InputError([found for found in reading.problems if found.severity == "error"])
    facts, regions = from_csv(files[FACTS], FACTS, FACT_COLUMNS), from_csv(files[REGIONS], REGIONS)
    if "code" not in regions.columns:
        found = ", ".join(regions.columns)
        raise InputError([Problem("missing_column", REGIONS, facts={"columns": "code", "found": found})])
    _refuse_deep(regions)
    codes = len(reading.definitions.nodes()) + len(reading.definitions.variables)
    cells = regions.height * facts["period"].n_unique() * codes
    if cells > _MOST_CELLS:
        raise InputError([Problem("bundle_too_many", facts={"count": cells, "most": _MOST_CELLS})])
    _refuse_facts(reading.definitions, facts, regions)
    adjustments = adjustments_in(files[ADJUSTMENTS]) if ADJUSTMENTS in files else ()
    return score(reading.definitions, facts, regions=regions, adjustments=adjustments)


def _refuse_deep(regions: pl.DataFrame) -> None:
    """Raises InputError for parents above parents without end: to walk them takes longer than anyone waits."""
    if regions.height <= _FEW or "parent" not in regions.columns:
        return
    parents = dict(regions.select("code", "parent").iter_rows())
    for code in parents:
        above, depth = parents[code], 0
        while above is not None and depth <= _DEEPEST:
            above, depth = parents.get(above), depth + 1
        if depth > _DEEPEST:
            raise InputError([Problem("bundle_too_deep", REGIONS, facts={"region": code, "most": _DEEPEST})])


def _refuse_facts(definitions: Definitions, facts: pl.DataFrame, regions: pl.DataFrame) -> None:
    """Raises InputError with the first of the rows that break a rule: there may be millions, and all with their rules
    would take more memory than the facts."""
    codes, starts = set(regions["code"]), definitions.fiscal_year_starts
    for part in _parts(facts.with_columns(row=pl.int_range(2, pl.len() + 2))):
        rejected = judge(part, variables=definitions.raw, regions=codes, fiscal_year_starts=starts).rejected
        if rejected.height:
            problems = [
                Problem(rule, column, row, FACT_COLUMNS.index(column) + 1, {"column": column, "value": value})
                for row, column, rule, value in rejected.head(_SHOWN).iter_rows()
            ]
            raise InputError(problems)


def _parts(facts: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The facts piece by piece, and then the first of those that stand twice, in whatever pieces."""
    yield from facts.iter_slices(_PART)
    trimmed = facts.with_columns(pl.col(FACT).str.strip_chars())
    yield trimmed.filter(pl.struct(FACT).is_duplicated()).sort(FACT).head(_SHOWN)


def _about(manifest: Manifest, card: Scorecard, factors: pl.DataFrame) -> Iterator[Problem]:
    """What the manifest and the table of factors say of the definitions, where it is not so."""
    known = {"region": card.regions["code"].to_list(), "period": list(card.periods)}
    for what, names in (("period", manifest.cycles), ("region", manifest.regions or ())):
        among = set(known[what])
        absent = next((name for name in names if name not in among), None)
        if absent is not None:
            facts = {"what": what, "name": absent, "near": nearest(absent, known[what][:_FEW])}
            yield Problem("not_in_scorecard", what, facts=facts)
    digest = card.definitions.digest
    if manifest.definitions.digest != digest:
        yield Problem("bundle_definitions", facts={"told": manifest.definitions.digest, "found": digest})
    if not _typed(factors, ("value",)).equals(factors_of(card.definitions).with_columns(_no_blank())):
        yield Problem("bundle_factors")


def _no_blank() -> pl.Expr:
    return pl.col(pl.String).replace("", None)


def _typed(frame: pl.DataFrame, numbers: Sequence[str]) -> pl.DataFrame:
    return frame.with_columns(pl.col(numbers).cast(pl.Float64, strict=False))


def compare(card: Scorecard, ours: pl.DataFrame, theirs: pl.DataFrame) -> Recomputed:
    """The contract's rows as recomputed against those given as texts; numbers to within `TOLERANCE`."""
    ours = ours.with_columns(_no_blank(), pl.col("rank").cast(pl.Float64))
    problems = [*_rows_differ(ours, theirs)]
    both = ours.join(theirs.unique(KEY, keep="first"), on=KEY, suffix=" given", maintain_order="left")
    checked = both.with_columns(_differs(name) for name in COLUMNS if name not in KEY)
    problems += _weight_differs(checked)
    any_differs = pl.any_horizontal(f"{name} differs" for name in COLUMNS if name not in KEY)
    wrong = checked.filter(any_differs)
    if wrong.height:
        problems.append(_first(card, wrong))
    gaps = [_gap(name) for name in NUMBERS]
    largest = checked.select(pl.max_horizontal(gaps).max()).item()
    return Recomputed(tuple(problems), ours.height, sum(ours[name].count() for name in NUMBERS), float(largest or 0.0))


def _rows_differ(ours: pl.DataFrame, theirs: pl.DataFrame) -> Iterator[Problem]:
    """Rows that only one side has, and rows that stand twice."""
    sides = {
        "bundle_rows_missing": ours.join(theirs, on=KEY, how="anti"),
        "bundle_rows_extra": pl.concat(
            [
                theirs.join(ours, on=KEY, how="anti", nulls_equal=False),
                theirs.filter(~pl.struct(KEY).is_first_distinct()),
            ]
        ),
    }
    for code, rows in sides.items():
        if rows.height:
            facts = dict(zip(KEY, (cell or "" for cell in rows.select(KEY).row(0)), strict=True))
            yield Problem(code, SCORECARD, facts={**facts, "count": rows.height})


def _given(name: str) -> pl.Expr:
    return pl.col(f"{name} given").cast(pl.Float64, strict=False)


def _gap(name: str) -> pl.Expr:
    """The relative difference of two numbers that are there."""
    own, given = pl.col(name), _given(name)
    size = pl.max_horizontal(own.abs(), given.abs())
    return pl.when(size > 0).then((own - given).abs() / size).fill_nan(None)


def _differs(name: str) -> pl.Expr:
    own, text = pl.col(name), pl.col(f"{name} given")
    if name not in NUMBERS:
        return own.ne_missing(text).alias(f"{name} differs")
    given = _given(name)
    least = own.abs().max().over("code").fill_null(0.0) * OF_THE_LARGEST
    nearly = (own - given).abs() <= pl.max_horizontal(own.abs() * TOLERANCE, least)
    within = own == given if name == "rank" else nearly
    same = (own.is_null() & text.is_null()) | (within.fill_null(value=False) & given.is_finite().fill_null(value=False))
    return (~same).alias(f"{name} differs")


def _weight_differs(checked: pl.DataFrame) -> Iterator[Problem]:
    """Another weight than the definitions give is told for itself: all else follows from it."""
    wrong = checked.filter("weight differs")
    if wrong.height:
        code, ours, theirs = wrong.select("code", "weight", "weight given").row(0)
        yield Problem("bundle_weight", SCORECARD, facts={"code": code, "ours": _cell(ours), "theirs": _cell(theirs)})


def _first(card: Scorecard, wrong: pl.DataFrame) -> Problem:
    """The difference that others follow from: of the earliest step, in the earliest cycle, and the lowest in the trees
    of regions and nodes. Beside a value stand the facts that it is computed from."""
    regions = {code: -len(card.rows.regions.ancestors(code)) for code in wrong["region"].unique()}
    nodes = {node.code: -node.depth for node in card.definitions.nodes()}
    step = pl.coalesce(pl.when(f"{name} differs").then(at) for at, name in enumerate(STEPS))
    lowest = pl.col("region").replace_strict(regions), pl.col("code").replace_strict(nodes)
    row = wrong.sort(step, "period", *lowest, maintain_order=True).row(0, named=True)
    column = next(name for name in STEPS if row[f"{name} differs"])
    facts = {"period": row["period"], "column": column, "count": wrong.height}
    facts |= {"ours": _cell(row[column]), "theirs": _cell(row[f"{column} given"])}
    variables = sorted(card.definitions.variables_of(row["code"])) if column == "value" else []
    for lang, (called, comma, words) in WORDS.items():
        names = dict(card.regions.select("code", f"name_{lang}").iter_rows())
        told = [(names[row["region"]], row["region"])]
        told += [(card.definitions.name_of(code, lang), code) for code in (row["code"], *variables)]
        region, code, *used = (one if name == one else called.format(name, one) for name, one in told)
        made = words.format(comma.join(used)) if used else ""
        facts |= {f"region_{lang}": region, f"code_{lang}": code, f"from_{lang}": made}
    return Problem("bundle_number", SCORECARD, facts=facts)


def _cell(value: object) -> str:
    """A value as a sentence shows it; — where there is none."""
    return "—" if value is None else repr(value).removesuffix(".0") if isinstance(value, float) else str(value)
