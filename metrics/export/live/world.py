"""World: the one cycle whose method is written as formulas, its regions as columns, and where each quantity stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import polars as pl

from metrics.definitions import Definitions
from metrics.export.live.grid import Cell, Grid, Line, Row
from metrics.export.live.settings import Settings
from metrics.export.live.shares import Shares
from metrics.export.live.words import SHEETS, STEPS, UNTIL, word
from metrics.rules import Ruled, apply_rules
from metrics.scorecard import Scorecard
from metrics.values import Cells


@dataclass
class World:
    """What the live sheets are made of; `columns` are the regions' places among the scorecard's."""

    card: Scorecard
    period: str
    lang: str
    columns: tuple[int, ...]
    spots: dict[tuple[str, int], Row] = field(default_factory=dict)
    fixed: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.given, self.calculation = (Grid(word(SHEETS, name, self.lang)) for name in ("given", "calculation"))
        self.settings = Settings(word(SHEETS, "settings", self.lang))
        self.shares = Shares(word(SHEETS, "weights", self.lang))

    @cached_property
    def cycle(self) -> int:
        """The cycle's ordinal."""
        return self.card.rows.cycles[self.card.periods.index(self.period)]

    @property
    def root(self) -> str:
        """The code of the composite."""
        return self.card.definitions.index.code

    @cached_property
    def known(self) -> Mapping[str, Cells]:
        """Every code that a formula or a rule may name, on the scorecard's rows."""
        card = self.card
        nodes = {code: Cells(card.wide[f"score {code}"]) for code in card.definitions.tree_nodes}
        share = Cells(card.wide[f"reported {card.definitions.index.code}"])
        return {**card.known, **nodes, "reported_share": share}

    @cached_property
    def compared(self) -> tuple[int, ...]:
        """The columns of the regions that are ranked."""
        flags = self.card.regions["compared"]
        return tuple(at for at, place in enumerate(self.columns) if flags[place])

    def group(self, by: str | None, column: int) -> list[int]:
        """The columns of the compared regions that share an attribute with a region; all without an attribute."""
        if by is None:
            return list(self.compared)
        of = self._attribute(by)
        return [at for at in self.compared if of[at] == of[column]]

    def _attribute(self, name: str) -> list[str | None]:
        return self.card.regions[name].gather(list(self.columns)).to_list()

    def values(self, column: pl.Series, cycle: int | None = None) -> list[Cell]:
        """What a column of the scorecard's rows has for the regions in a cycle, here the own one."""
        start = self.card.rows.cycles.index(self.cycle if cycle is None else cycle) * self.card.regions.height
        return column.gather([start + place for place in self.columns]).to_list()

    def of(self, name: str) -> list[Cell]:
        """A column of the scorecard's wide frame, by its name."""
        return self.values(self.card.wide[name])

    def name(self, code: str) -> str:
        """What a code is called."""
        return self.card.definitions.name_of(code, self.lang)

    def step(self, name: str, **facts: object) -> str:
        """What a step is called."""
        return word(STEPS, name, self.lang, **facts)

    @cached_property
    def imputing(self) -> bool:
        """Whether anything may stand in for a missing value."""
        definitions = self.card.definitions
        return any(definitions.missing(code).method != "none" for code in definitions.indicators)

    @cached_property
    def ruled(self) -> Ruled:
        """What the rules made of the composite, on the scorecard's rows."""
        return self._ruled(self.card.definitions)

    @cached_property
    def before_vetoes(self) -> pl.Series:
        """The grades before vetoes lower them."""
        found = self.card.definitions
        return self._ruled(replace(found, rules=tuple(rule for rule in found.rules if rule.kind != "veto"))).grade

    def _ruled(self, definitions: Definitions) -> Ruled:
        wide = self.card.wide
        breaks = [wide[f"score {code}"] for code in definitions.heading.tie_breaks]
        score = wide[f"score {definitions.index.code}"]
        return apply_rules(definitions, self.card.rows, score, known=self.known, tie_breaks=breaks)

    def ranks(self, code: str) -> list[Cell]:
        """A node's ranks."""
        rows = self.card.frame.filter(pl.col("period") == self.period, pl.col("code") == code)
        return rows["rank"].gather(list(self.columns)).to_list()

    def line(
        self, step: str, code: str, formulas: Sequence[str], values: Sequence[Cell], *, name: str = "", **more: str
    ) -> Row:
        """A line of the calculation: formulas, or numbers as given where there are none."""
        kind, named = "formula" if formulas else "fixed", name or self.name(code)
        return self.calculation.add(
            Line(kind, named, code, self.step(step), formulas=formulas, values=values, **more)  # type: ignore[arg-type]
        )

    def input(self, code: str, cycle: int, step: str, values: Sequence[Cell], *, treated: bool = False) -> Row:
        """Where formulas take a code's (treated) value of a cycle from: an input, or a line in which its blank is 0."""
        variable = None if treated else self.card.definitions.variables.get(code)
        zero = variable is not None and variable.absent == "zero"
        unit, told = self.card.definitions.unit_of(code), word(UNTIL, "zero", self.lang) if zero else ""
        row = self.given.add(Line("input", self.name(code), code, step, unit, values=values, told=told))
        if variable is not None and zero:
            texts = self._counted(row, values, made=variable.over_sites != "none")
            step = self.step("zero", cycle=self.card.rows.calendar.name(cycle))
            line = Line("formula", self.name(code), code, step, unit, formulas=texts, values=values)
            row = self.calculation.add(line)
        self.spots[f"treated {code}" if treated else code, cycle] = row
        return row

    def _counted(self, row: Row, values: Sequence[Cell], *, made: bool) -> list[str]:
        """An input whose blanks count as 0, but where none was meant: while it is not in force, and of parents that are
        made of their parts."""
        parents = self.card.regions["parent"].drop_nulls().to_list() if made else []
        codes = self.card.regions["code"].gather(list(self.columns))
        return [
            f'IF(ISNUMBER({cell}),{cell},"")' if value is None or code in parents else f"IF(ISBLANK({cell}),0,{cell})"
            for cell, value, code in zip(map(row.afar, range(len(values))), values, codes, strict=True)
        ]

    def earlier(self, code: str, cycle: int, *, treated: bool = False) -> Row:
        """Where a code's (treated) value of another cycle stands: as an input, given once it is asked for."""
        key = (f"treated {code}" if treated else code, cycle)
        if key not in self.spots:
            column = self.card.wide[key[0]] if treated else self.known[code].value
            named = self.card.rows.calendar.name(cycle)
            self.input(code, cycle, self.step("earlier", cycle=named), self.values(column, cycle), treated=treated)
        return self.spots[key]

    def stays(self, code: str, reason: str) -> None:
        """Something of the code is a number as computed, for a reason."""
        self.fixed.setdefault(code, reason)
