"""Draw: the live sheets in a workbook, inputs open to change and the rest protected."""

from collections.abc import Callable, Sequence
from math import isfinite
from typing import Any

from metrics.export.live.grid import FIRST_COLUMN, FIRST_ROW, Cell, Grid, Held, Line, Whole, cached
from metrics.export.live.shares import Share
from metrics.export.live.words import HEADS, PARAMETERS, UNTIL, word
from metrics.export.live.world import World
from metrics.export.paper import printed, width_of
from metrics.terms import term, unit_words

INPUT, FIXED, HEAD, SECTION = "#FFF8DC", "#FCE4D6", "#DDE6EE", "#EEF2F6"
_NUMBERS = {
    "value": "#,##0.0000",
    "large": "#,##0.00",
    "huge": "#,##0",
    "number": "General",
    "score": "0.00",
    "share": "0.0%",
    "whole": "0",
    "result": "0.00",
}
# What stands before the regions, and how wide it is at most.
_BEFORE, _WIDTHS = ("name", "code", "step", "unit"), (40, 34, 26, 14)
# From so much on two decimals are enough, or none.
_LARGE, _HUGE = 1_000.0, 1_000_000.0
# So wide are the cells of a region.
_REGION = 12.5
# What a message beside a cell holds at most.
_TITLE, _MESSAGE = 32, 255
New = Callable[[str], Any]
Fit = Callable[[Any, int, int, str], str]


def draw(book: Any, world: World, new: New, fit: Fit) -> None:
    """The sheets: calculation, inputs, weights, parameters; `new` adds one with its paper, header and footer, `fit`
    gives as much of a text as a cell holds."""
    pen = _Pen(book, world, new, fit)
    pen.grid(world.calculation)
    pen.grid(world.given)
    pen.weights()
    pen.settings()
    for name, cell in world.settings.named():
        book.define_name(name, f"={cell}")


class _Pen:
    def __init__(self, book: Any, world: World, new: New, fit: Fit) -> None:
        self.book, self.world, self.new, self.fit = book, world, new, fit
        self.styles: dict[tuple[str, str], Any] = {}
        self.regions = world.card.regions[list(world.columns)]

    def style(self, kind: str, shown: str = "value") -> Any:
        """A cell's looks: what it shows, and whether it is an input, a fixed number, a formula or a head."""
        if (kind, shown) not in self.styles:
            colour = {"input": INPUT, "fixed": FIXED, "head": HEAD, "section": SECTION}.get(kind)
            looks: dict[str, Any] = {"num_format": _NUMBERS.get(shown, "@"), "valign": "top"}
            looks |= {"bg_color": colour} if colour else {}
            looks |= {"bold": True} if kind in ("head", "section") else {}
            looks |= {"text_wrap": True, "bottom": 1} if kind == "head" else {}
            looks |= {"locked": False, "border": 1, "border_color": "#D9D9D9"} if kind == "input" else {}
            looks |= {"bold": True} if shown == "result" else {}
            looks |= {"align": "right"} if shown in ("right", "words") else {}
            looks |= {"align": "left", "indent": 1} if kind == "text" else {}
            self.styles[kind, shown] = self.book.add_format(looks)
        return self.styles[kind, shown]

    def sheet(self, title: str, widths: Sequence[float], freeze: tuple[int, int]) -> Any:
        """A sheet with its columns, frozen heads and protection, which has no password."""
        sheet = self.new(title)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.freeze_panes(*freeze)
        sheet.repeat_rows(0, freeze[0] - 1)
        printed(sheet, widths, repeated=freeze[1])
        sheet.protect("", {"format_columns": True, "format_rows": True, "format_cells": True})
        return sheet

    def text(self, sheet: Any, row: int, column: int, text: str, style: Any) -> None:
        """Text from data, never a formula, as much as a cell holds."""
        sheet.write_string(row, column, self.fit(sheet, row, column, text), style)

    def grid(self, grid: Grid) -> None:
        """A sheet of lines."""
        count = len(self.world.columns)
        sheet = self.sheet(grid.title, (*self.widths(grid), *[_REGION] * count), (FIRST_ROW, FIRST_COLUMN))
        sheet.print_area(0, 0, max(FIRST_ROW + len(grid.lines) - 1, FIRST_ROW), FIRST_COLUMN + count - 1)
        for column, name in enumerate(_BEFORE):
            self.text(sheet, 0, column, word(HEADS, name, self.world.lang), self.style("head", "text"))
            self.text(sheet, 1, column, self.world.period if column == 0 else "", self.style("head", "text"))
        for column, (code, name) in enumerate(self.regions.select("code", f"name_{self.world.lang}").iter_rows()):
            self.text(sheet, 0, FIRST_COLUMN + column, name, self.style("head", "right"))
            self.text(sheet, 1, FIRST_COLUMN + column, code, self.style("head", "right"))
        for row, line in enumerate(grid.lines, start=FIRST_ROW):
            self.line(sheet, row, line)

    def widths(self, grid: Grid) -> list[int]:
        """How wide the columns before the regions are: as their longest text, so that more regions go on a page."""
        heads = tuple(word(HEADS, name, self.world.lang) for name in _BEFORE)
        texts = [heads, *(self.texts(line) for line in grid.lines if line.kind != "head")]
        columns = zip(_WIDTHS, zip(*texts, strict=True), strict=True)
        return [min(max(map(width_of, column)) + 3, most) for most, column in columns]

    def texts(self, line: Line) -> tuple[str, str, str, str]:
        """What stands before a line's numbers."""
        step = f"{line.step} · {line.told}" if line.told and line.shown != "value" else line.step
        return line.name, line.code, step, unit_words(line.unit, self.world.lang)

    def line(self, sheet: Any, row: int, line: Line) -> None:
        """One line, its cells by region."""
        if line.kind == "head":
            sheet.set_row(row, 18)
            for column in range(FIRST_COLUMN + len(self.world.columns)):
                self.text(sheet, row, column, line.name if column == 0 else "", self.style("section", "text"))
            return
        for column, text in enumerate(self.texts(line)):
            self.text(sheet, row, column, text, self.style("text", "text"))
        shown = shown_as(line)
        given, plain = self.style("fixed" if line.kind == "formula" else line.kind, shown), self.style("plain", shown)
        for column, value in enumerate(line.values, start=FIRST_COLUMN):
            formula = line.formulas[column - FIRST_COLUMN] if line.formulas else ""
            style = plain if formula and not isinstance(formula, Held) else given
            self.cell(sheet, row, column, formula, value, style)
        if line.kind == "input":
            self.note(sheet, row, line)

    def cell(self, sheet: Any, row: int, column: int, formula: str, value: Cell, style: Any) -> None:
        """A formula with what it comes to, or a number as given."""
        value = None if isinstance(value, float) and not isfinite(value) else value
        number = Whole(value) if isinstance(value, float) else value
        if formula:
            refused = sheet.write_formula(row, column, f"={formula}", style, cached(value))
        elif value is None:
            refused = sheet.write_blank(row, column, None, style)
        elif isinstance(value, str):
            refused = sheet.write_string(row, column, self.fit(sheet, row, column, value), style)
        else:
            refused = sheet.write_number(row, column, number, style)
        if refused:
            raise ValueError(f"{sheet.get_name()} {row + 1}:{column + 1}: {refused}")

    def note(self, sheet: Any, row: int, line: Line) -> None:
        """What an input is, shown beside it: name, unit, plausible range."""
        lang, variable = self.world.lang, self.world.card.definitions.variables.get(line.code)
        plausible = variable.plausible if variable is not None else None
        unit = unit_words(line.unit, lang)
        told = [word(UNTIL, "unit", lang, unit=unit)] if unit else []
        asked: dict[str, Any] = {"validate": "any"}
        if plausible is not None:
            low, high = plausible
            told.append(word(UNTIL, "plausible", lang, low=f"{low:,.12g}", high=f"{high:,.12g}"))
            asked = {"validate": "decimal", "criteria": "between", "minimum": low, "maximum": high}
        told += [line.step, line.told] if line.told else [line.step]
        message = {"input_title": fitting(line.name, _TITLE), "input_message": fitting("\n".join(told), _MESSAGE)}
        warned = {
            "error_type": "warning",
            "error_title": message["input_title"],
            "error_message": message["input_message"],
        }
        last = FIRST_COLUMN + len(self.world.columns) - 1
        sheet.data_validation(row, FIRST_COLUMN, row, last, {**asked, **message, **warned, "ignore_blank": True})

    def heads(self, sheet: Any, names: Sequence[str]) -> None:
        """A row of heads."""
        for column, name in enumerate(names):
            self.text(sheet, 0, column, word(HEADS, name, self.world.lang), self.style("head", "text"))

    def weights(self) -> None:
        """The weights of all nodes' children."""
        names = ("node", "node_code", "name", "code", "source", "weight", "in_force", "share")
        sheet = self.sheet(self.world.shares.title, (28, 20, 34, 28, 16, 14, 12, 12), (1, 0))
        self.heads(sheet, names)
        for place, share in enumerate(self.world.shares.rows):
            self.weight(sheet, place + 1, place, share)

    def weight(self, sheet: Any, row: int, place: int, share: Share) -> None:
        world = self.world
        texts = (world.name(share.node), share.node, world.name(share.child), share.child, share.source)
        for column, text in enumerate(texts):
            self.text(sheet, row, column, text, self.style("text", "text"))
        self.cell(sheet, row, 5, "", share.weight, self.style("fixed" if share.fixed else "input", "number"))
        self.cell(sheet, row, 6, "", int(share.counts), self.style("fixed", "whole"))
        self.cell(sheet, row, 7, world.shares.formula(place), share.share, self.style("plain", "share"))
        if not share.fixed:
            self.asks(sheet, row, 5, "positive", {"validate": "decimal", "criteria": ">", "value": 0})

    def settings(self) -> None:
        """The parameters of the method."""
        sheet = self.sheet(self.world.settings.title, (34, 28, 22, 26, 16, 40), (1, 0))
        self.heads(sheet, ("name", "code", "method", "parameter", "number", "defined"))
        for row, setting in enumerate(self.world.settings.rows, start=1):
            told = word(PARAMETERS, setting.name, self.world.lang, n=setting.place)
            texts = (self.owner(setting.owner, setting.method), setting.owner, self.method(setting.method), told)
            for column, text in enumerate(texts):
                self.text(sheet, row, column, text, self.style("text", "text"))
            self.cell(sheet, row, 4, "", setting.value, self.style("input", "number"))
            self.text(sheet, row, 5, setting.defined, self.style("text", "text"))
            self.asks(sheet, row, 4, "number", {"validate": "custom", "value": f"=ISNUMBER(E{row + 1})"})

    def asks(self, sheet: Any, row: int, column: int, what: str, rule: dict[str, Any]) -> None:
        """A cell that takes only what the rule allows, and says so."""
        told = {"error_title": sheet.get_name(), "error_message": word(UNTIL, what, self.world.lang)}
        sheet.data_validation(row, column, row, column, {**rule, **told})

    def method(self, name: str) -> str:
        """What a method is called, whichever key of the definitions names it."""
        keys = ("normalise", "aggregate", "kind", "missing")
        return next((word for key in keys if (word := term(key, name, self.world.lang)) != name), name)

    def owner(self, code: str, method: str) -> str:
        """The name of whose parameter it is: a grade, a rule, a node or an indicator."""
        definitions, lang = self.world.card.definitions, self.world.lang
        if method == "grade":
            return next(grade.name.text(lang) for grade in definitions.grades if grade.code == code)
        if method in ("bonus", "penalty") and any(rule.code == code for rule in definitions.rules):
            rule = next(rule for rule in definitions.rules if rule.code == code)
            return rule.name.text(lang) if rule.name is not None else code
        return self.world.name(code)


def shown_as(line: Line) -> str:
    """How a line's numbers are written: scores that count stand out, large values have two decimals."""
    if line.shown != "value":
        return line.shown
    most = max((abs(value) for value in line.values if isinstance(value, float)), default=0.0)
    return "huge" if most >= _HUGE else "large" if most >= _LARGE else "value"


def fitting(text: str, most: int) -> str:
    """As much of a text as a message holds, without signs that no file may hold."""
    plain = "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in text)
    while len(plain.encode("utf-16-le")) // 2 > most:
        plain = plain[:-1]
    return plain
