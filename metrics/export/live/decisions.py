"""Decisions: points, gates, rank, grade and vetoes, by formulas of the composite."""

from collections.abc import Sequence

import polars as pl

from metrics.adjustments import rules_about
from metrics.export.live.formulas import literal
from metrics.export.live.grid import Cell, Line, Row, called, counted, spans
from metrics.export.live.quantities import conditions, kept
from metrics.export.live.words import SECTIONS, word
from metrics.export.live.world import World
from metrics.frames import TIE
from metrics.models import Grade, Rule
from metrics.rounding import ROUNDING as DIGITS
from metrics.rules import ROUNDING
from metrics.terms import term


def decision_lines(world: World) -> None:
    """The lines after the composite: rules, the score after them, rank, grade."""
    world.calculation.add(Line("head", word(SECTIONS, "decided", world.lang)))
    share = "reported" if world.imputing else "coverage"
    world.spots["reported_share", world.cycle] = world.spots[
        f"{share} {world.card.definitions.index.code}", world.cycle
    ]
    block = _Decisions(world)
    final = block.final()
    world.spots["final", world.cycle] = final
    world.spots[f"rank {block.root}", world.cycle] = place = rank_line(world, block.root, final)
    if world.card.definitions.grades:
        world.spots["grade", world.cycle] = block.grade(final, place)


def rank_line(world: World, code: str, score: Row) -> Row:
    """The ranks by a score among the compared: 1 is best, ties share the smaller number."""
    texts, ranks = ['""'] * len(world.columns), _ranks(world, score)
    for at in world.compared:
        texts[at] = f'IF(ISNUMBER({score.at(at)}),{ranks[at]},"")'
    return kept(world, "place", code, texts, world.ranks(code), shown="whole")


def _ranks(world: World, of: Row) -> list[str]:
    """1 + how many of the compared are better by more than a tie, for each region that has a number."""
    ranges = spans(of, world.compared)
    high, low = called("MAX", ranges), called("MIN", ranges)
    width = f"MAX({literal(TIE)}*({high}-{low}),{literal(DIGITS)}*MAX(ABS({high}),ABS({low})))"
    return [f"{counted(ranges, f'>{of.at(at)}+{width}')}+1" for at in range(len(world.columns))]


class _Decisions:
    def __init__(self, world: World) -> None:
        self.world, self.definitions = world, world.card.definitions
        self.root = self.definitions.index.code
        self.score = world.spots[f"score {self.root}", world.cycle]
        codes = world.card.regions["code"].gather(list(world.columns)).to_list()
        self.rules = rules_about(self.definitions, [world.period], codes)
        self.met = {rule.code: self._met(rule) for rule in self.rules}

    @property
    def columns(self) -> range:
        return range(len(self.world.columns))

    def _met(self, rule: Rule) -> Row:
        """The line that says for whom a rule's condition holds."""
        tests = conditions(self.world, rule.code, rule.when.tree)
        texts = [f"IF(ISNUMBER({self.score.at(at)}),{test},0)" for at, test in enumerate(tests)]
        values = [int(bool(value)) for value in self.world.values(self.world.ruled.flags[rule.code])]
        name = rule.name.text(self.world.lang) if rule.name is not None else rule.code
        told = f"{term('kind', rule.kind, self.world.lang)}: {rule.when.text}"
        return kept(self.world, "met", rule.code, texts, values, name=name, told=told, shown="whole")

    def _points(self, rule: Rule, at: int) -> str:
        points = self.world.settings.cell(rule.code, rule.kind, "points", rule.points or 0.0, within="rule.")
        return f"{points}*{self.met[rule.code].at(at)}"

    def final(self) -> Row:
        """The composite after points and gates."""
        texts, values = [self._final(at) for at in self.columns], self.world.values(self.world.ruled.score)
        return kept(self.world, "final", self.root, texts, values, of=self.score, shown="result")

    def _final(self, at: int) -> str:
        score, rules = self.score.at(at), self.rules
        bonus = "+".join(self._points(rule, at) for rule in rules if rule.kind == "bonus") or "0"
        penalty = "+".join(self._points(rule, at) for rule in rules if rule.kind == "penalty") or "0"
        cap = self.definitions.bonus_cap
        held = bonus
        if cap is not None and bonus != "0":
            held = f"MIN({self.world.settings.cell(self.root, 'bonus', 'bonus_cap', cap)},{bonus})"
        moved = f"MAX(0,MIN(100,{score}+{held}-({penalty})))"
        text = score if bonus == penalty == "0" else f"IF(OR({bonus}>0,{penalty}>0),{moved},{score})"
        gates = [self.met[rule.code].at(at) for rule in rules if rule.kind == "gate"]
        held_back = f"OR(NOT(ISNUMBER({score})),{'+'.join(gates) or '0'}>0)"
        return f'IF({held_back},"",{text})'

    def grade(self, final: Row, place: Row) -> Row:
        """The grade's name, after the lines of its number and of what vetoes make of it."""
        grades = self.definitions.grades
        number = self._by_quota(place) if _quotas(grades) else self._by_threshold(final)
        number = self._capped(number)
        titles = ",".join(self._title(grade) for grade in grades)
        texts = [f'IF(ISNUMBER({number.at(at)}),CHOOSE({number.at(at)},{titles}),"")' for at in self.columns]
        names = {grade.code: grade.name.text(self.world.lang) for grade in grades}
        found = [names.get(str(code)) for code in self.world.values(self.world.ruled.grade)]
        return kept(self.world, "grade", self.root, texts, found, shown="text")

    def _title(self, grade: Grade) -> str:
        """The cell that holds a grade's name, beside its bound or quota."""
        settings, name = self.world.settings, _bound_of(grade)
        settings.cell(grade.code, "grade", name, getattr(grade, name), within="grade.")
        return settings.title_of(grade.code, name, within="grade.")

    def _by_threshold(self, final: Row) -> Row:
        texts = []
        for at in self.columns:
            text = '""'
            for number, grade in reversed(list(enumerate(self.definitions.grades, start=1))):
                reached = (
                    "TRUE" if grade.at_least is None else f"{final.at(at)}>={self._bound(grade)}-{literal(ROUNDING)}"
                )
                text = f"IF({reached},{number},{text})"
            texts.append(f'IF(ISNUMBER({final.at(at)}),{text},"")')
        return kept(self.world, "grade_place", self.root, texts, self._before, shown="whole")

    def _bound(self, grade: Grade) -> str:
        return self.world.settings.cell(grade.code, "grade", "at_least", grade.at_least, within="grade.")

    @property
    def _before(self) -> list[Cell]:
        """The grades' numbers before the vetoes."""
        return self._numbers(self.world.before_vetoes)

    def _numbers(self, grades: pl.Series) -> list[Cell]:
        number = {grade.code: place for place, grade in enumerate(self.definitions.grades, start=1)}
        return [None if code is None else number[str(code)] for code in self.world.values(grades)]

    def _by_quota(self, place: Row) -> Row:
        order = self._order(place)
        ranges = spans(order, self.world.compared)
        texts = []
        for at in self.columns:
            text, taken = '""', [self._taken(grade, ranges) for grade in self.definitions.grades]
            for number, _ in reversed(list(enumerate(self.definitions.grades, start=1))):
                open_ended = any(each is None for each in taken[:number])
                bound = "TRUE" if open_ended else f"{order.at(at)}<={'+'.join(str(each) for each in taken[:number])}"
                text = f"IF({bound},{number},{text})"
            texts.append(f'IF(ISNUMBER({order.at(at)}),{text},"")')
        return kept(self.world, "grade_place", self.root, texts, self._before, shown="whole")

    def _taken(self, grade: Grade, ranges: Sequence[str]) -> str | None:
        """How many a grade takes; None for all that are left."""
        if grade.top is not None:
            return self.world.settings.cell(grade.code, "grade", "top", grade.top, within="grade.")
        if grade.top_share is None:
            return None
        share = self.world.settings.cell(grade.code, "grade", "top_share", grade.top_share, within="grade.")
        return f"INT({called('COUNT', ranges)}*{share}+{literal(ROUNDING)})"

    def _order(self, place: Row) -> Row:
        """The order in which quotas are filled: ranks, ties of these by the tie-breaks in turn."""
        world, breaks = self.world, self.definitions.heading.tie_breaks
        if not breaks:
            return place
        rows = [self._tie_break(code) for code in breaks]
        spanned = list(zip(*(spans(row, world.compared) for row in (place, *rows)), strict=True))
        texts = ['""'] * len(world.columns)
        for at in world.compared:
            mine = [row.at(at) for row in (place, *rows)]
            ahead = "+".join(f"SUMPRODUCT(ISNUMBER({span[0]})*{_ahead(span, mine)})" for span in spanned)
            texts[at] = f'IF(ISNUMBER({place.at(at)}),{ahead}+1,"")'
        return kept(world, "order", self.root, texts, self._orders(breaks), shown="whole")

    def _tie_break(self, code: str) -> Row:
        """The ranks by another score; who has none comes after all others."""
        row, last = self.world.spots[f"score {code}", self.world.cycle], len(self.world.compared) + 1
        ranks = _ranks(self.world, row)
        texts = ['""'] * len(self.world.columns)
        for at in self.world.compared:
            texts[at] = f"IF(ISNUMBER({row.at(at)}),{ranks[at]},{last})"
        return kept(self.world, "tie_break", code, texts, self._broken(code), shown="whole")

    def _broken(self, code: str) -> list[Cell]:
        last, found = len(self.world.compared) + 1, self.world.ranks(code)
        return [
            None if at not in self.world.compared else last if rank is None else rank for at, rank in enumerate(found)
        ]

    def _orders(self, breaks: Sequence[str]) -> list[Cell]:
        places = [self.world.ranks(self.root), *map(self._broken, breaks)]
        keys = [None if key[0] is None else key for key in zip(*places, strict=True)]
        known = [keys[at] for at in self.world.compared if keys[at] is not None]
        return [None if key is None else 1 + sum(other < key for other in known) for key in keys]  # type: ignore[operator]

    def _capped(self, number: Row) -> Row:
        """The number of the grade after vetoes."""
        vetoes = [rule for rule in self.definitions.rules if rule.kind == "veto"]
        if not vetoes:
            return number
        place = {grade.code: at for at, grade in enumerate(self.definitions.grades, start=1)}
        texts = []
        for at in self.columns:
            caps = ",".join(f"IF({self.met[rule.code].at(at)}=1,{place[str(rule.cap)]},1)" for rule in vetoes)
            texts.append(f'IF(ISNUMBER({number.at(at)}),MAX({number.at(at)},{caps}),"")')
        return kept(self.world, "capped", self.root, texts, self._numbers(self.world.ruled.grade), shown="whole")


def _ahead(span: Sequence[str], mine: Sequence[str]) -> str:
    """Where others come before, by the first number in which they differ."""
    nearer = f"({span[0]}<{mine[0]})"
    if len(span) == 1:
        return nearer
    return f"({nearer}+({span[0]}={mine[0]})*{_ahead(span[1:], mine[1:])})"


def _bound_of(grade: Grade) -> str:
    return next((name for name in ("top", "top_share") if getattr(grade, name) is not None), "at_least")


def _quotas(grades: Sequence[Grade]) -> bool:
    return any(grade.top is not None or grade.top_share is not None for grade in grades)
