"""Checks across the parts of a definitions file: names, rings, the tree, units, examples."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import chain, pairwise
from math import fsum
from typing import TYPE_CHECKING, Any

from metrics.advice import advise
from metrics.definitions import Definitions, formulas_of, tree_paths
from metrics.drawn import Robustness
from metrics.flags import FLAGS
from metrics.floors import check_floor
from metrics.formula import RESERVED, Formula, is_code
from metrics.judgement import MOST, consistency, reciprocal, too_large
from metrics.methods import (
    Ahp,
    Band,
    Budget,
    Combine,
    DataWeights,
    DistanceToTarget,
    Goalposts,
    Limits,
    Method,
    Piecewise,
)  # fmt: skip
from metrics.models import Between, Heading, Indicator, Leaf, MeanBy, Node
from metrics.periods import Cycles, PeriodError
from metrics.problems import Problem
from metrics.syntax import Period, Tree, codes_of, parts_of
from metrics.worked import check_examples, check_units
from metrics.yamltext import Document, Path

if TYPE_CHECKING:
    from metrics.reader import Parts

LARGEST_RATIO = 0.1
MOST_IN_RING = 12
_ANY_DAY = date(2024, 7, 1)
# Methods that measure a value against numbers in the indicator's unit.
IN_UNITS = (Goalposts, DistanceToTarget, Piecewise, Limits, Band)


class Notes:
    """Where the checks write down what they find."""

    def __init__(self, document: Document) -> None:
        self.document = document

    def add(self, problem: str, path: Path, /, *, column: int = 0, at_key: bool = False, **facts: Any) -> None:
        """A problem at a value (or, with `at_key`, at its key); `column` counts within a formula."""
        line, start = self.document.keys.get(path, (0, 0)) if at_key else (0, 0)
        if not line:
            line, start = self.document.inside(path, column) if column else self.document.place(path)
        dotted = ".".join(map(str, path))
        self.document.add(Problem(problem, dotted, line, start, facts))


def checked(parts: "Parts", document: Document, *, today: date | None = None) -> Definitions | None:
    """The definitions, with every problem between their parts noted; None when a needed part is not there."""
    notes = Notes(document)
    known = _check_codes(parts, notes)
    _check_formulas(parts, notes, known)
    _check_methods(parts, notes)
    if parts.index is not None:
        _check_tree(parts, notes)
    _check_defaults(parts, notes)
    _check_grades(parts, notes)
    _check_shares(parts, notes)
    _check_tie_breaks(parts, notes)
    _check_rules(parts, notes)
    _check_draws(parts, notes)
    conversions = check_units(parts, notes)
    if parts.heading is None or parts.index is None or any(p.severity == "error" for p in document.problems):
        return None
    definitions = Definitions(
        parts.heading,
        parts.factors,
        parts.variables,
        parts.indicators,
        parts.index,
        parts.grades,
        parts.rules,
        parts.robustness or Robustness(),
        conversions,
    )
    check_examples(definitions, notes)
    advise(definitions, notes, today)
    return definitions


def _check_codes(parts: "Parts", notes: Notes) -> dict[str, str]:
    """Every code once, and of the right form; gives the kind of thing each names."""
    seen: dict[str, str] = {}
    sections = (("factors", parts.factors), ("variables", parts.variables), ("indicators", parts.indicators))
    data = notes.document.data
    for section, _ in sections:
        found = data.get(section)
        for code in found if isinstance(found, dict) else ():
            _check_code(code, (section, code), seen, section, notes, key=True)
    if parts.index is not None:
        for node, path in tree_paths(parts.index):
            if isinstance(node, Node):
                _check_code(node.code, (*path, "code"), seen, "index", notes, key=False)
    rules: dict[str, str] = {}
    for index, rule in enumerate(parts.rules):
        where: Path = ("rules", index, "code")
        _check_code(rule.code, where, rules, "rules", notes, key=False)
        if rule.code in FLAGS:
            notes.add("rule_code_is_flag", where, code=rule.code)
    return seen


def _check_code(code: str, path: Path, seen: dict[str, str], section: str, notes: Notes, *, key: bool) -> None:
    if not is_code(code):
        notes.add("bad_code", path, at_key=key, code=code)
    elif code in RESERVED:
        notes.add("reserved_code", path, at_key=key, code=code)
    elif code in seen:
        notes.add("code_twice", path, at_key=key, code=code, first=seen[code])
    seen.setdefault(code, section)


def _check_formulas(parts: "Parts", notes: Notes, known: Mapping[str, str]) -> None:
    raw = {code for code, section in known.items() if section == "variables"} | (parts.broken & set(known))
    factors = {code for code, section in known.items() if section == "factors"}
    indicators = {code for code, section in known.items() if section == "indicators"}
    below = raw | factors
    for code, variable in parts.variables.items():
        path: Path = ("variables", code, "formula")
        if variable.formula is not None:
            _check_formula(variable.formula, path, below, parts, notes)
        if isinstance(variable.over_sites, MeanBy):
            _check_mean_by(variable.over_sites.mean_by, ("variables", code, "over_sites", "mean_by"), raw, parts, notes)
    named = raw | factors | indicators
    for code, indicator in parts.indicators.items():
        _check_formula(indicator.formula, ("indicators", code, "formula"), named, parts, notes)
        _check_survey(indicator, ("indicators", code, "survey"), set(parts.variables) | parts.broken, notes)
    everything = {*known, "reported_share"}
    for index, rule in enumerate(parts.rules):
        _check_formula(rule.when, ("rules", index, "when"), everything, parts, notes, condition=True)
    _check_rings(parts, notes)


def _check_survey(indicator: Indicator, path: Path, known: set[str], notes: Notes) -> None:
    """What says how sure a survey is, is a variable."""
    for key, name in (() if indicator.survey is None else indicator.survey.variables):
        if name not in known:
            near = notes.document.near("unknown_code", name, known)
            notes.add("unknown_code", (*path, key), name=name, near=near)


def _check_mean_by(name: str, path: Path, known: set[str], parts: "Parts", notes: Notes) -> None:
    """Roll-up comes before formulas, so it can only weigh by what is reported."""
    if name not in known:
        notes.add("unknown_code", path, name=name, near=notes.document.near("unknown_code", name, known))
    elif name in parts.variables and parts.variables[name].formula is not None:
        notes.add("mean_by_derived", path, name=name)


def _check_formula(
    formula: Formula, path: Path, known: set[str], parts: "Parts", notes: Notes, *, condition: bool = False
) -> None:
    if formula.is_condition != condition:
        notes.add("condition_due" if condition else "value_due", path)
    for code in codes_of(formula.tree):
        if code.name not in known and code.name not in parts.broken:
            notes.add(
                "unknown_code",
                path,
                column=code.column,
                name=code.name,
                near=notes.document.near("unknown_code", code.name, known),
            )
    if parts.heading is not None:
        calendar = Cycles(parts.heading.cycle, parts.heading.fiscal_year_starts)
        for text in _periods(formula.tree):
            _check_cycle(text, calendar, path, notes)


def _periods(tree: Tree) -> Iterator[str]:
    return (part.text for part in parts_of(tree) if isinstance(part, Period))


def _check_cycle(text: str, calendar: Cycles, path: Path, notes: Notes) -> None:
    try:
        calendar.named(text)
    except PeriodError:
        notes.add("not_a_cycle", path, found=text, like=calendar.name(calendar.ordinal(_ANY_DAY)))


def _check_rings(parts: "Parts", notes: Notes) -> None:
    """Formulas followed to what they name, in a loop: a chain is as long as the file likes."""
    formulas = formulas_of(parts.variables, parts.indicators)
    done: set[str] = set()
    for first in formulas:
        above: dict[str, Iterator[str]] = {} if first in done else {first: iter(sorted(formulas[first].codes))}
        while above:
            code = next(reversed(above))
            named = next(above[code], None)
            if named is None:
                del above[code]
                done.add(code)
            elif named in above:
                done |= _ring(named, list(above), done, parts, notes)
            elif named in formulas and named not in done:
                above[named] = iter(sorted(formulas[named].codes))


def _ring(code: str, above: list[str], done: set[str], parts: "Parts", notes: Notes) -> set[str]:
    """The ring that closes at a code, told unless it shares a piece with one that was."""
    ring = above[above.index(code) :]
    if not done & set(ring):
        section = "variables" if code in parts.variables else "indicators"
        told = [*ring, code] if len(ring) <= MOST_IN_RING else [*ring[:MOST_IN_RING], "…", code]
        notes.add("ring", (section, code, "formula"), ring=" → ".join(told))
    return set(ring)


def _check_methods(parts: "Parts", notes: Notes) -> None:
    """Normalisers against the direction, their frames against the calendar."""
    heading = parts.heading
    for code, item in parts.indicators.items():
        method = item.normalise or (heading.defaults.normalise if heading is not None else None)
        path: Path = ("indicators", code, "normalise") if item.normalise is not None else ("indicators", code)
        if method is not None:
            _check_direction(method, item.better, path, notes)
            outliers = item.outliers or (heading.defaults.outliers if heading is not None else None)
            if getattr(outliers, "otherwise", "none") == "log" and isinstance(method, IN_UNITS):
                notes.add("log_against_numbers", path, method=method.method)
            if heading is not None and method.frame not in ("cycle", "all"):
                _check_cycle(method.frame, Cycles(heading.cycle, heading.fiscal_year_starts), path, notes)


def _check_direction(method: Method, better: Any, path: Path, notes: Notes) -> None:
    name = getattr(method, "method", "")
    if isinstance(better, Between):
        if name not in ("band", "piecewise", "steps"):
            notes.add("band_wanted", path, method=name)
        return
    upwards = None
    if isinstance(method, Goalposts):
        upwards = method.best > method.worst
    if isinstance(method, Limits):
        upwards = method.leading > method.binding
    if upwards is not None and upwards != (better == "higher"):
        notes.add("better_contradicts", path, better=better, method=name)
    if isinstance(method, Band):
        notes.add("between_wanted", path, better=better)


def _check_tree(parts: "Parts", notes: Notes) -> None:
    assert parts.index is not None
    rows = list(tree_paths(parts.index))
    leaves = Counter(item.indicator for item, _ in rows if isinstance(item, Leaf))
    seen: set[str] = set()
    for item, path in rows:
        if item.weight <= 0.0:
            notes.add("not_above_zero", (*path, "weight"), name="weight", value=item.weight)
        if isinstance(item, Leaf):
            _check_leaf(item, path, parts, seen, notes)
        else:
            _check_node(item, path, parts, notes)
    for code in parts.indicators:
        if code not in leaves:
            notes.add("outside_tree", ("indicators", code), at_key=True, code=code)


def _check_leaf(leaf: Leaf, path: Path, parts: "Parts", seen: set[str], notes: Notes) -> None:
    where = (*path, "indicator")
    if leaf.indicator not in parts.indicators and leaf.indicator not in parts.broken:
        near = notes.document.near("leaf_names_nothing", leaf.indicator, parts.indicators)
        notes.add("leaf_names_nothing", where, name=leaf.indicator, near=near)
    elif leaf.indicator in seen:
        notes.add("indicator_twice", where, code=leaf.indicator)
    seen.add(leaf.indicator)


def _check_node(node: Node, path: Path, parts: "Parts", notes: Notes) -> None:
    heading = parts.heading
    if not node.children:
        notes.add("no_children", (*path, "children"), code=node.code)
    if heading is None:
        return
    check_floor(node, path, parts, notes)
    _check_coverage(node.min_coverage, (*path, "min_coverage"), notes)
    _check_weights(node, path, heading, notes)


def _check_coverage(value: float | None, path: Path, notes: Notes) -> None:
    if value is not None and not 0.0 <= value <= 1.0:
        notes.add("not_a_share", path, name="min_coverage", value=value)


def _check_defaults(parts: "Parts", notes: Notes) -> None:
    """What holds for the whole file lies in its bounds."""
    heading = parts.heading
    if heading is None:
        return
    _check_coverage(heading.defaults.min_coverage, ("defaults", "min_coverage"), notes)
    if heading.bonus_cap is not None and heading.bonus_cap < 0.0:
        notes.add("below_zero", ("bonus_cap",), name="bonus_cap", value=heading.bonus_cap)


def _check_weights(node: Node, path: Path, heading: Heading, notes: Notes) -> None:
    """A node's own source of weights, or the default one, against its children."""
    where: Path = (*path, "weights") if node.weights is not None else ("defaults", "weights")
    method: Any = node.weights or heading.defaults.weights
    if not isinstance(method, Combine):
        _check_source(method, where, len(node.children), heading, notes)
        return
    for index, part in enumerate(method.parts):
        _check_source(part.of, (*where, "combine", index, "of"), len(node.children), heading, notes)


def _check_source(method: Any, where: Path, count: int, heading: Heading, notes: Notes) -> None:
    """One source of weights: its judges, or the cycle that its scores are taken from."""
    if isinstance(method, DataWeights):
        _check_cycle(method.cycle, Cycles(heading.cycle, heading.fiscal_year_starts), (*where, method.method), notes)
    if isinstance(method, Ahp):
        for index, judge in enumerate(method.judges):
            matrix = judge.matrix
            at: Path = (*where, "ahp", index, "matrix")
            if len(matrix) != count or any(len(row) != count for row in matrix):
                notes.add("matrix_size", at, by=judge.by, count=count)
            elif (value := too_large(chain(*matrix))) is not None:
                notes.add("judgement_too_large", at, by=judge.by, value=f"{value:g}", most=f"{MOST:,.0f}")
            elif (pair := reciprocal(matrix)) is not None:
                notes.add("matrix_not_reciprocal", at, by=judge.by, row=pair[0] + 1, column_=pair[1] + 1)
            elif (ratio := consistency(matrix)) > LARGEST_RATIO:
                notes.add("matrix_inconsistent", at, by=judge.by, ratio=f"{ratio:.3f}")
    if isinstance(method, Budget) and count:
        for index, allotment in enumerate(method.judges):
            at = (*where, "budget", index, "shares")
            if len(allotment.shares) != count:
                notes.add("matrix_size", at, by=allotment.by, count=count)
            elif (value := too_large(allotment.shares)) is not None:
                notes.add("judgement_too_large", at, by=allotment.by, value=f"{value:g}", most=f"{MOST:,.0f}")
            elif min(allotment.shares) < 0.0 or sum(allotment.shares) <= 0.0:
                notes.add("not_above_zero", at, name="shares", value=min(allotment.shares))


def _check_grades(parts: "Parts", notes: Notes) -> None:
    grades = parts.grades
    quota = [grade.top is not None or grade.top_share is not None for grade in grades]
    threshold = [grade.at_least is not None for grade in grades]
    has_threshold = any(threshold)
    seen: set[str] = set()
    for index, grade in enumerate(grades):
        if grade.code in seen:
            notes.add("code_twice", ("grades", index, "code"), code=grade.code, first="grades")
        seen.add(grade.code)
        if quota[index] and (has_threshold or (grade.top is not None and grade.top_share is not None)):
            notes.add("grades_mixed", ("grades", index))
        if not quota[index] and not threshold[index] and index < len(grades) - 1:
            notes.add("grade_without_bound", ("grades", index), code=grade.code)
    bounds = [(index, grade.at_least) for index, grade in enumerate(grades) if grade.at_least is not None]
    for (_, better), (index, worse) in pairwise(bounds):
        if worse >= better:
            notes.add("grades_not_best_first", ("grades", index, "at_least"), value=worse, above=better)


def _check_shares(parts: "Parts", notes: Notes) -> None:
    """Each quota is a share of the regions, and all of them together are no more than there are."""
    shares = [(index, grade.top_share) for index, grade in enumerate(parts.grades) if grade.top_share is not None]
    for index, share in shares:
        if share <= 0.0:
            notes.add("not_above_zero", ("grades", index, "top_share"), name="top_share", value=share)
        elif share > 1.0:
            notes.add("not_a_share", ("grades", index, "top_share"), name="top_share", value=share)
    if any(not 0.0 < share <= 1.0 for _, share in shares):
        return
    total = fsum(share for _, share in shares)
    # 0.1 + 0.2 + 0.7 is a little more than 1 in binary.
    if total > 1.0 + 1e-9:
        notes.add("shares_above_one", ("grades", shares[-1][0], "top_share"), total=f"{total:.12g}")


def _check_tie_breaks(parts: "Parts", notes: Notes) -> None:
    """What decides between regions of one rank must have a score."""
    if parts.heading is None or parts.index is None:
        return
    codes = {*parts.indicators, *(node.code for node, _ in tree_paths(parts.index) if isinstance(node, Node))}
    for index, code in enumerate(parts.heading.tie_breaks):
        if code not in codes and code not in parts.broken:
            notes.add(
                "unknown_score",
                ("tie_breaks", index),
                name=code,
                near=notes.document.near("unknown_score", code, codes),
            )


def _check_rules(parts: "Parts", notes: Notes) -> None:
    known = {grade.code for grade in parts.grades}
    for index, rule in enumerate(parts.rules):
        path: Path = ("rules", index)
        if rule.kind == "veto":
            if rule.cap is None:
                notes.add("missing_key", path, key="cap")
            elif rule.cap not in known and rule.cap not in parts.broken:
                notes.add(
                    "unknown_grade",
                    (*path, "cap"),
                    name=rule.cap,
                    near=notes.document.near("unknown_grade", rule.cap, known),
                )
        if rule.kind in ("bonus", "penalty"):
            if rule.points is None:
                notes.add("missing_key", path, key="points")
            elif rule.points <= 0.0:
                notes.add("not_above_zero", (*path, "points"), name="points", value=rule.points)


def _check_draws(parts: "Parts", notes: Notes) -> None:
    """The frames that the uncertainty analysis draws are cycles of the file."""
    if parts.heading is None or parts.robustness is None:
        return
    calendar, drawn = Cycles(parts.heading.cycle, parts.heading.fiscal_year_starts), parts.robustness
    frames = [(("robustness", "frame", index), frame) for index, frame in enumerate(drawn.frame)]
    frames += [
        (("robustness", "normalise", index), method.frame)
        for index, method in enumerate(drawn.normalise)
        if isinstance(method, Method)
    ]
    for path, frame in frames:
        if frame not in ("cycle", "all", "declared"):
            _check_cycle(frame, calendar, path, notes)
