"""XLSX: scorecard, its calculation in formulas, indicators, definitions and data as sheets that print well."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

import polars as pl
import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from metrics.export import live
from metrics.export.labels import SHEETS, View, head, overview, view, with_units
from metrics.export.live.draw import FIXED
from metrics.export.live.grid import Whole, cached
from metrics.export.occasion import Occasion
from metrics.export.paper import framed, lines, printed, seen, width_of
from metrics.export.recheck import decided, definitions, inputs, workings
from metrics.export.text import readable
from metrics.scorecard import Scorecard
from metrics.states import warning

WIDEST, NARROWEST, PADDING = 33, 8, 1.2
# Arithmetic is long, and the sheet that holds it takes two pages side by side in any case.
WIDER = {"value_working": 60, "score_working": 60}
# What a sheet and a cell hold at most (Excel's specifications and limits), and how high a line and a row can be.
ROWS, TEXT = 1_048_576, 32_767
LINE, HEAD, HIGHEST = 15.0, 18.0, 405.0
# Of so many texts that are cut the cells are named.
SHOWN = 20
CUT = (
    "{count} 处文字超过一格能容纳的 {limit} 字，已截短并以“…”结尾；全文见定义文件和数据库：{cells}",
    "{count} texts are longer than the {limit} characters that a cell holds; they are cut and end in “…”. In full they "
    "stand in the definitions and the store: {cells}",
)
BLUE = "#D6E5F3"
# Columns that say of which row the others are, at the left of every page; and those that no formula follows.
KEYS = ("period", "region", "region_name", "code", "variable", "name")
STATIC = ("imputed", "flags", "flag_words", "value_working", "score_working")
EXPORTED = ("（导出时）", " (as exported)")
# The file says nothing about when it was made, so that the same scorecard gives the same bytes.
MADE = datetime.fromisoformat("2000-01-01T00:00:00")
FORMATS = {"score": "0.0", "weight": "0.0%", "coverage": "0.0%", "imputed": "0.0%", "rank": "0"}


def write(
    card: Scorecard,
    *,
    regions: Sequence[str] | None = None,
    periods: Sequence[str] | None = None,
    lang: str = "zh",
    notice: str = "",
    occasion: Occasion | None = None,
) -> bytes:
    """A workbook; numbers are numbers at full precision, text from data is never a formula.

    The last of the cycles can be recomputed: its numbers rest on sheets that hold the method as formulas.

    Rows beyond what one sheet holds go on in further sheets; a text longer than a cell holds ends in `…`, and the
    last sheet says where.
    """
    about = occasion or Occasion()
    still = warning(*about.standing, lang)
    chosen = view(card, regions, periods, lang, ("；" if lang == "zh" else "; ").join(filter(None, (notice, still))))
    content = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": False}
    with xlsxwriter.Workbook(content, options) as book:
        book.set_properties({"title": card.definitions.title.text(lang), "comments": chosen.notice, "created": MADE})
        rows = chosen.rows()
        world = _live(chosen, regions or ())
        sheets = _Sheets(book, chosen, world)
        sheets.scorecard(*overview(chosen, rows))
        if world is not None:
            live.draw(book, world, sheets.new, sheets.whole)
        sheets.table("indicators", with_units(workings(chosen, rows), lang), formulas=live.rows(world))
        sheets.table("definitions", definitions(chosen))
        sheets.table("inputs", inputs(chosen))
        sheets.table("data", with_units(chosen.variables(), lang))
        told = live.told(world, lang, chosen.regions) if chosen.periods and card.whole else ()
        sheets.about(
            [*chosen.about(about), *told, *decided(chosen)],
            sorted({flag for text in rows["flags"].unique() for flag in text.split(";") if flag}),
        )
    return content.getvalue()


def _live(chosen: View, regions: Sequence[str]) -> live.Live | None:
    """The method in formulas; it is of all regions' numbers, so of a part of them there is none."""
    if not chosen.periods or not chosen.card.whole:
        return None
    return live.build(chosen.card, chosen.periods[-1], regions=regions, lang=chosen.lang)


class _Sheet(Worksheet):  # type: ignore[misc]
    """A sheet that takes formulas as they are. The library looks in each for every function that a newer Excel wants
    prefixed, which is half the time of a workbook; the live sheets use none of them."""

    def _prepare_formula(self, formula: str, *_: bool) -> str:
        return formula.removeprefix("=")


class _Sheets:
    """Writes tables as sheets of one workbook, all in one style."""

    def __init__(self, book: Any, chosen: View, world: live.Live | None) -> None:
        self.book, self.chosen, self.world = book, chosen, world
        self.cut: list[str] = []
        self.fixed: dict[str, Any] = {}
        self.formulas: live.Formulas = {}
        self.recomputed: set[tuple[str, str]] = set()
        head_style = {"bold": True, "bg_color": "#DDE6EE", "bottom": 1, "text_wrap": True, "valign": "vcenter"}
        self.top = book.add_format({**head_style, "align": "left", "indent": 1})
        self.top_number = book.add_format({**head_style, "align": "right"})
        text = {"num_format": "@", "valign": "vcenter", "align": "left", "indent": 1}
        self.text, self.wrapped = book.add_format(text), book.add_format({**text, "text_wrap": True})
        self.note = book.add_format({**text, "italic": True, "font_color": "#9C2F00"})
        number = {name: {"num_format": code, "valign": "vcenter"} for name, code in FORMATS.items()}
        self.number = {name: book.add_format(looks) for name, looks in number.items()}
        self.plain = book.add_format({"num_format": "#,##0.00", "valign": "vcenter"})

    def scorecard(self, frame: pl.DataFrame, heads: Mapping[str, str]) -> None:
        """The first sheet: numbers of the cycle that can be recomputed are taken from its calculation, and drawn.

        Beside the heads, which stay in sight, stands what the file is and what in the sheet follows no change.
        """
        world, last = self.world, min(frame.height, ROWS - 1)
        self.table("scorecard", frame, heads, formulas=live.overview(world))
        sheet = self.book.get_worksheet_by_name(SHEETS["scorecard"][self.chosen.lang != "zh"])
        if world is not None and frame.height < ROWS:
            bars = frame.filter(pl.col("period") == world.period, pl.col("rank").is_not_null()).height
            columns, title = (frame.columns.index("region_name"), frame.columns.index("score")), world.name(world.root)
            shown = f"{title} {world.period}"
            last += live.chart(self.book, sheet, bars, title=shown, columns=columns, below=last + 2)
        between = "；" if self.chosen.lang == "zh" else "; "
        note = between.join(filter(None, (self.chosen.notice, live.note(world, self.chosen.lang))))
        if note:
            self._cell(sheet, 0, frame.width, note, self.note)
        sheet.print_area(0, 0, last, frame.width - 1)

    def table(
        self,
        name: str,
        frame: pl.DataFrame,
        heads: Mapping[str, str] | None = None,
        *,
        formulas: live.Formulas | None = None,
    ) -> None:
        """A sheet, or as many as the rows need: 指标, 指标 2; heads are the columns' own words where none are given.

        Formulas stand in the place of the numbers that can be recomputed.
        """
        title, held = SHEETS[name][self.chosen.lang != "zh"], ROWS - 1
        self.formulas = formulas or {}
        self.recomputed = {(key[0], key[-1]) for key in self.formulas}
        for place, start in enumerate(range(0, max(frame.height, 1), held), start=1):
            part = frame.slice(start, held)
            self._sheet(title if place == 1 else f"{title} {place}", part, heads or {})

    def _sheet(self, title: str, frame: pl.DataFrame, heads: Mapping[str, str]) -> None:
        """One sheet: heads frozen, filters on, bars behind scores, rows as high as their longest text."""
        sheet = self.new(title)
        sheet.freeze_panes(1, 0)
        sheet.repeat_rows(0)
        sheet.autofilter(0, 0, frame.height, frame.width - 1)
        high, widths = [1] * (frame.height + 1), []
        for column, values in enumerate(frame.iter_columns()):
            shown = heads.get(values.name) or self._head(values.name)
            wide = max(width_of(shown), *(width_of(seen(value)) for value in values.head(500)), NARROWEST)
            width = min(wide, WIDER.get(values.name, WIDEST))
            widths.append(width + PADDING)
            sheet.set_column(column, column, width + PADDING)
            self._column(sheet, column, values, shown, frame)
            texts = values if values.dtype == pl.String else ()
            for row, text in enumerate((shown, *texts)):
                high[row] = max(high[row], lines(text or "", width))
            if values.name.startswith("score") and frame.height:
                bar = {"type": "data_bar", "bar_color": BLUE, "bar_solid": True, "min_type": "num", "min_value": 0}
                sheet.conditional_format(1, column, frame.height, column, {**bar, "max_type": "num", "max_value": 100})
        self._heights(sheet, high)
        sheet.set_row(0, high[0] * HEAD)
        sheet.print_area(0, 0, frame.height, frame.width - 1)
        printed(sheet, widths, repeated=next((at for at, name in enumerate(frame.columns) if name not in KEYS), 0))

    def _head(self, name: str) -> str:
        """A column's head; beside numbers that follow a change it says which columns do not."""
        told = head(name, self.chosen.lang)
        return f"{told}{EXPORTED[self.chosen.lang != 'zh']}" if self.formulas and name in STATIC else told

    def _column(self, sheet: Any, column: int, values: pl.Series, title: str, frame: pl.DataFrame) -> None:
        style = self._style(values)
        self._cell(sheet, 0, column, title, self.top_number if values.dtype.is_numeric() else self.top)
        for row, value in enumerate(values, start=1):
            self._cell(sheet, row, column, value, style)
        if self.formulas:
            keys = [name for name in ("period", "region", "code") if name in frame.columns]
            self._live(sheet, column, values, frame.select(keys), style)

    def _live(self, sheet: Any, column: int, values: pl.Series, keys: pl.DataFrame, style: Any) -> None:
        """Formulas in the place of the numbers that can be recomputed; beside them what stays as scored is coloured."""
        for row, (key, value) in enumerate(zip(keys.iter_rows(), values, strict=True), start=1):
            formula = self.formulas.get((*key, values.name))
            if formula is not None:
                sheet.write_formula(row, column, f"={formula}", style, cached(value))
            elif value is not None and (key[0], values.name) in self.recomputed:
                self._cell(sheet, row, column, value, self._scored(values))

    def _scored(self, values: pl.Series) -> Any:
        """The looks of a number as scored, as on the live sheets."""
        shown = FORMATS.get(values.name.partition(" ")[0], "#,##0.00") if values.dtype.is_numeric() else "@"
        if shown not in self.fixed:
            looks = {"align": "left", "indent": 1} if shown == "@" else {}
            looks |= {"num_format": shown, "valign": "vcenter", "bg_color": FIXED}
            self.fixed[shown] = self.book.add_format(looks)
        return self.fixed[shown]

    def _style(self, values: pl.Series) -> Any:
        if values.dtype.is_numeric():
            return self.number.get(values.name.partition(" ")[0], self.plain)
        long = any(lines(text or "", WIDEST) > 1 for text in values) if values.dtype == pl.String else False
        return self.wrapped if long else self.text

    def _heights(self, sheet: Any, high: Sequence[int]) -> None:
        """Not every program makes a row as high as its wrapped text when it opens a file."""
        for row, count in enumerate(high):
            if count > 1:
                sheet.set_row(row, min(count * LINE, HIGHEST))

    def _cell(self, sheet: Any, row: int, column: int, value: Any, style: Any) -> None:
        if value is None:
            refused = sheet.write_blank(row, column, None, style)
        elif isinstance(value, str):
            refused = sheet.write_string(row, column, self.whole(sheet, row, column, value), style)
        else:
            refused = sheet.write_number(row, column, Whole(value) if isinstance(value, float) else value, style)
        if refused:
            raise ValueError(f"{sheet.get_name()}!{xl_rowcol_to_cell(row, column)}: {refused}")

    def whole(self, sheet: Any, row: int, column: int, text: str) -> str:
        """The text, or as much of it as a cell holds; what is cut is told on the last sheet."""
        text = readable(text)
        if len(text) <= TEXT:
            return text
        self.cut.append(f"{sheet.get_name()}!{xl_rowcol_to_cell(row, column)}")
        return text[: TEXT - 1] + "…"

    def new(self, title: str) -> Any:
        """A sheet with its margins, the notice, and its number at the foot."""
        sheet = self.book.add_worksheet(title, _Sheet)
        framed(sheet, self.chosen.notice)
        return sheet

    def about(self, facts: Sequence[tuple[str, str]], flags: Sequence[str]) -> None:
        """What the file is, what its flags mean, and which of its texts are cut."""
        sheet = self.new(SHEETS["about"][self.chosen.lang != "zh"])
        sheet.set_column(0, 0, 40)
        sheet.set_column(1, 1, 90)
        printed(sheet, (40, 90))
        flag_lines = [(flag, self.chosen.flag_words(flag)) for flag in flags]
        told = [*facts, *flag_lines, *self._cut_line()]
        for row, (title, text) in enumerate(told):
            self._cell(sheet, row, 0, title, self.top)
            self._cell(sheet, row, 1, text, self.wrapped)
        self._heights(sheet, [max(lines(title, 36), lines(text, 86)) for title, text in told])

    def _cut_line(self) -> list[tuple[str, str]]:
        if not self.cut:
            return []
        names = ", ".join(self.cut[:SHOWN]) + (" …" if len(self.cut) > SHOWN else "")
        words = CUT[self.chosen.lang != "zh"].format(count=len(self.cut), limit=f"{TEXT:,}", cells=names)
        return [(head("cut", self.chosen.lang), words)]
