"""Scores: an indicator's value treated and normalised, by formulas over the cells of its frame."""

from collections.abc import Sequence
from math import isfinite
from typing import Any

import polars as pl

from metrics.export.live.formulas import literal
from metrics.export.live.grid import Cell, Row, called, counted, spans
from metrics.export.live.normalisers import SCORES, Of
from metrics.export.live.quantities import held_by, kept, others
from metrics.export.live.treatment import own_frame, treated_line
from metrics.export.live.world import World
from metrics.frames import TIE, Frame
from metrics.rounding import ROUNDING
from metrics.terms import term
from metrics.tree import frame_of

# What a method asks of its frame, in the order of its lines; what is "worst" depends on the direction.
_ASKED: dict[str, tuple[str, ...]] = {
    "minmax": ("min", "max"),
    "zscore": ("min", "max", "mean", "sd"),
    "rank": ("min", "max", "tie"),
    "borda": ("min", "max", "tie"),
    "percentile_rank": ("min", "max", "tie", "count", "rank"),
    "distance_to_target": ("worst",),
    "distance_to_reference": ("worst", "reference"),
    "fraction_of_max": ("best",),
}
_STATISTICS = {"min": "MIN", "max": "MAX", "mean": "AVERAGE", "sd": "STDEV", "count": "COUNT"}
EXACT = frozenset(("min", "max", "mean", "sd", "count"))


def indicator_lines(world: World, code: str, value: Row) -> None:
    """The lines of an indicator after its value: treated, statistics of the frame, score."""
    treated = world.spots[f"treated {code}", world.cycle] = treated_line(world, code, value)
    world.spots[f"score {code}", world.cycle] = Block(world, code, treated).score()


class Block:
    """One indicator's normalisation: its frame, its method's parameters, and the statistics asked for."""

    def __init__(self, world: World, code: str, treated: Row) -> None:
        self.world, self.code, self.treated = world, code, treated
        self.item = world.card.definitions.indicators[code]
        self.method: Any = world.card.definitions.normaliser(code)
        self.frame: Frame = frame_of(world.card.definitions, world.card.rows, code)
        self.higher = self.item.better != "lower"
        self.rows: dict[str, Row] = {}
        self.found: dict[str, Sequence[Cell]] = {}

    def score(self) -> Row:
        """The line of the score, after those of what it is measured against."""
        values = self.world.of(f"score {self.code}")
        if not self._live:
            return self._as_scored("frame", values)
        for name in _ASKED.get(self.method.method, ()):
            self._line({"worst": self.worst, "best": self.best}.get(name, name))
        self._relative()
        if self._beyond(values):
            return self._as_scored("size", values)
        scored = SCORES[self.method.method]
        texts = [
            f'IF(ISNUMBER({self.treated.at(at)}),IFERROR({scored(self._of(at))},""),"")'
            for at in range(len(self.world.columns))
        ]
        told = term("normalise", self.method.method, self.world.lang)
        return kept(self.world, "score", self.code, texts, values, of=self.treated, shown="result", told=told)

    def _as_scored(self, reason: str, values: Sequence[Cell]) -> Row:
        self.world.stays(self.code, reason)
        return self.world.line("score", self.code, held_by(self.world, self.treated, values), values, shown="result")

    def _of(self, at: int) -> Of:
        cells = {name: row.at(at) for name, row in self.rows.items()}
        below = self.below(at) if "tie" in self.rows else ""
        settings = self.world.settings
        return Of(self.code, self.method, self.higher, self.treated.at(at), cells, below, settings)

    @property
    def worst(self) -> str:
        return "min" if self.higher else "max"

    @property
    def best(self) -> str:
        return "max" if self.higher else "min"

    @property
    def _live(self) -> bool:
        asked = _ASKED.get(self.method.method, ())
        # Of another cycle's regions plain statistics are numbers that no longer change.
        return (
            not asked
            or own_frame(self.world, self.frame)
            or (self.frame.cycle is not None and set(asked) <= EXACT | {"worst", "best"})
        )

    def _beyond(self, scores: Sequence[Cell]) -> bool:
        """Whether plain statistics overflow or vanish where the method, on a scale of its own, gives scores."""
        found = [value for values in self.found.values() for value in values if isinstance(value, float)]
        flat = [sd for sd, score in zip(self.found.get("sd", ()), scores, strict=False) if score is not None and not sd]
        return bool(flat) or not all(map(isfinite, found))

    def _line(self, name: str) -> None:
        """A statistic of the frame for each region: by formula, or the number where the frame is of another cycle."""
        values = self.found[name] = self._values(name)
        if own_frame(self.world, self.frame):
            texts = [self._text(name, at) for at in range(len(self.world.columns))]
        else:
            self.world.stays(self.code, "frame")
            # A number that is not there would count as 0; an empty text does not.
            texts = ['""' if value is None else "" for value in values]
        self.rows[name] = kept(self.world, name, self.code, texts, values)

    def _text(self, name: str, at: int) -> str:
        if name == "reference":
            cell = self.treated.at(self._reference_column)
            return f'IF(ISNUMBER({cell}),{cell},"")'
        if name == "tie":
            return self.tie(at)
        if name == "rank":
            return f'IF(ISNUMBER({self.treated.at(at)}),{self.below(at)}+1,"")'
        ranges = spans(self.treated, self.members(at))
        known = called("COUNT", ranges)
        return f'IFERROR(IF({known}>0,{called(_STATISTICS[name], ranges)},""),"")'

    @property
    def _reference_column(self) -> int:
        place = self.world.card.regions["code"].to_list().index(self.method.reference)
        return self.world.columns.index(place)

    def members(self, at: int) -> list[int]:
        """The columns of a region's frame."""
        return self.world.group(self.item.peers, at)

    def tie(self, at: int) -> str:
        low, high = self.rows["min"].at(at), self.rows["max"].at(at)
        spread, greatest = f"({high}-{low})", f"MAX(ABS({high}),ABS({low}))"
        return f'IFERROR(MAX({literal(TIE)}*{spread},{literal(ROUNDING)}*{greatest}),"")'

    def below(self, at: int) -> str:
        """How many of a region's frame are worse by more than a tie."""
        x, tie = self.treated.at(at), self.rows["tie"].at(at)
        test = f"<{x}-{tie}" if self.higher else f">{x}+{tie}"
        return counted(spans(self.treated, self.members(at)), test)

    def _values(self, name: str) -> list[Cell]:
        world, x = self.world, pl.col(f"treated {self.code}")
        wide = world.card.wide
        if name == "rank":
            return world.values(wide.with_columns(self.frame.rank(x if self.higher else -x).alias("x"))["x"])
        if name == "reference":
            return [world.of(f"treated {self.code}")[self._reference_column]] * len(world.columns)
        if name == "tie":
            return [_tie(low, high) for low, high in zip(self.found["min"], self.found["max"], strict=True)]
        found = world.values(wide.with_columns(getattr(self.frame, name)(x).alias("x"))["x"])
        return [None if name == "count" and value == 0 else value for value in found]

    def _relative(self) -> None:
        """The line of what the steps' value is taken relative to."""
        to = getattr(self.method, "relative_to", "none")
        if to == "none":
            return
        world, rows = self.world, self.world.card.rows
        x = self.world.card.wide[f"treated {self.code}"]
        if to == "previous":
            before = self.world.cycle - 1
            if before in rows.cycles:
                row = world.earlier(self.code, before, treated=True)
                texts = [f'IF(ISNUMBER({row.afar(at)}),{row.afar(at)},"")' for at in range(len(world.columns))]
            else:
                texts = ['""'] * len(world.columns)
            self.rows["relative"] = world.line("relative", self.code, texts, world.values(rows.shifted(x, 1)))
            return
        values = world.values(rows.others(x, self.item.peers, to.removeprefix("peers_")))
        texts = []
        for at in range(len(world.columns)):
            among = [other for other in self.members(at) if other != at]
            texts.append(f'IFERROR({others(to, self.treated, among, world)},"")')
        self.rows["relative"] = kept(world, "relative", self.code, texts, values)


def _tie(low: Cell, high: Cell) -> float | None:
    if not isinstance(low, float) or not isinstance(high, float):
        return None
    return max(TIE * (high - low), ROUNDING * max(abs(low), abs(high)))
