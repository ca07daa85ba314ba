"""XLSX: scorecard, its calculation in formulas, indicators, definitions and data as sheets that print well."""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from io import BytesIO
from math import ceil
from typing import Any

import polars as pl
import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from metrics.export import live
from metrics.export.labels import SHEETS, View, head, view
from metrics.export.live.draw import FIXED
from metrics.export.live.grid import Whole, cached
from metrics.export.recheck import decided, inputs, workings
from metrics.export.text import readable
from metrics.scorecard import Scorecard

WIDEST, NARROWEST = 47, 8
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
BLUE = "#9DC3E6"
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
) -> bytes:
    """A workbook; numbers are numbers at full precision, text from data is never a formula.

    The last of the cycles can be recomputed: its scorecard rests on sheets that hold the method as formulas.

    Rows beyond what one sheet holds go on in further sheets; a text longer than a cell holds ends in `…`, and the
    last sheet says where.
    """
    chosen = view(card, regions, periods, lang, notice)
    content = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": False}
    with xlsxwriter.Workbook(content, options) as book:
        book.set_properties({"title": card.definitions.title.text(lang), "comments": notice, "created": MADE})
        rows, sheets = chosen.rows(), _Sheets(book, chosen)
        world = live.build(card, chosen.periods[-1], regions=regions or (), lang=lang) if chosen.periods else None
        sheets.scorecard(*_overview(chosen, rows), world)
        if world is not None:
            live.draw(book, world, sheets.new, sheets.whole)
        sheets.table("indicators", workings(chosen, rows))
        sheets.table("definitions", pl.DataFrame(chosen.definitions(), infer_schema_length=None))
        sheets.table("inputs", inputs(chosen))
        sheets.table("data", chosen.variables())
        sheets.about(
            [*chosen.about(), *(live.told(world, lang) if chosen.periods else ()), *decided(chosen)],
            sorted({flag for text in rows["flags"].unique() for flag in text.split(";") if flag}),
        )
    return content.getvalue()


def _overview(chosen: View, rows: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, str]]:
    """A row a cycle and region: composite, rank, grade, coverage and the pillars' scores, with the pillars' heads."""
    definitions, key = chosen.card.definitions, ["period", "region"]
    # Beside the contract's names a pillar's code could be any of them.
    pillars = {row.code: f"score {row.code}" for row in definitions.nodes() if row.level == "pillar"}
    table = rows.filter(pl.col("code") == definitions.index.code)
    for code, column in pillars.items():
        scores = rows.filter(pl.col("code") == code).select(*key, pl.col("score").alias(column))
        table = table.join(scores, on=key, how="left", maintain_order="left")
    ordered = table.sort("period", "rank", "region", descending=[True, False, False], nulls_last=True)
    shown = ordered.select(*key, "region_name", "score", "rank", "grade", "coverage", *pillars.values(), "flag_words")
    if chosen.notice:
        shown = shown.with_columns(notice=pl.lit(chosen.notice))
    return shown, {column: definitions.name_of(code, chosen.lang) for code, column in pillars.items()}


class _Sheet(Worksheet):  # type: ignore[misc]
    """A sheet that takes formulas as they are. The library looks in each for every function that a newer Excel wants
    prefixed, which is half the time of a workbook; the live sheets use none of them."""

    def _prepare_formula(self, formula: str, *_: bool) -> str:
        return formula.removeprefix("=")


class _Sheets:
    """Writes tables as sheets of one workbook, all in one style."""

    def __init__(self, book: Any, chosen: View) -> None:
        self.book, self.chosen = book, chosen
        self.cut: list[str] = []
        self.fixed: dict[str, Any] = {}
        self.formulas: Mapping[tuple[str, str, str], str] = {}
        head_style = {"bold": True, "bg_color": "#DDE6EE", "bottom": 1, "text_wrap": True, "valign": "top"}
        self.top = book.add_format({**head_style, "align": "left", "indent": 1})
        self.top_number = book.add_format({**head_style, "align": "right"})
        self.text = book.add_format({"num_format": "@", "valign": "top", "align": "left", "indent": 1})
        self.wrapped = book.add_format(
            {"num_format": "@", "valign": "top", "align": "left", "indent": 1, "text_wrap": True}
        )
        self.number = {name: book.add_format({"num_format": code, "valign": "top"}) for name, code in FORMATS.items()}
        self.plain = book.add_format({"num_format": "#,##0.00", "valign": "top"})

    def scorecard(self, frame: pl.DataFrame, heads: Mapping[str, str], world: live.Live | None) -> None:
        """The first sheet: numbers of the cycle that can be recomputed are taken from its calculation, and drawn."""
        self.formulas = live.cells(world) if world is not None else {}
        self.table("scorecard", frame, heads)
        self.formulas = {}
        if world is not None and frame.height < ROWS:
            bars = frame.filter(pl.col("period") == world.period, pl.col("rank").is_not_null()).height
            columns, title = (frame.columns.index("region_name"), frame.columns.index("score")), world.name(world.root)
            sheet = self.book.get_worksheet_by_name(SHEETS["scorecard"][self.chosen.lang != "zh"])
            live.chart(self.book, sheet, bars, title=f"{title} {world.period}", columns=columns, below=frame.height + 2)

    def table(self, name: str, frame: pl.DataFrame, heads: Mapping[str, str] | None = None) -> None:
        """A sheet, or as many as the rows need: 指标, 指标 2; heads are the columns' own words where none are given."""
        title, held = SHEETS[name][self.chosen.lang != "zh"], ROWS - 1
        for place, start in enumerate(range(0, max(frame.height, 1), held), start=1):
            part = frame.slice(start, held)
            self._sheet(title if place == 1 else f"{title} {place}", part, heads or {})

    def _sheet(self, title: str, frame: pl.DataFrame, heads: Mapping[str, str]) -> None:
        """One sheet: heads frozen, filters on, bars behind scores, rows as high as their longest text."""
        sheet = self.new(title)
        sheet.freeze_panes(1, 0)
        sheet.repeat_rows(0)
        sheet.autofilter(0, 0, frame.height, frame.width - 1)
        lines = [1] * (frame.height + 1)
        for column, values in enumerate(frame.iter_columns()):
            shown = heads.get(values.name) or head(values.name, self.chosen.lang)
            width = min(max(_width(shown), *(_width(_seen(value)) for value in values.head(500)), NARROWEST), WIDEST)
            sheet.set_column(column, column, width + 2)
            self._column(sheet, column, values, shown, frame)
            texts = values if values.dtype == pl.String else ()
            for row, text in enumerate((shown, *texts)):
                lines[row] = max(lines[row], _lines(text or "", width))
            if values.name.startswith("score") and frame.height:
                bar = {"type": "data_bar", "bar_color": BLUE, "bar_solid": True, "min_type": "num", "min_value": 0}
                sheet.conditional_format(1, column, frame.height, column, {**bar, "max_type": "num", "max_value": 100})
        self._heights(sheet, lines)
        sheet.set_row(0, lines[0] * HEAD)

    def _column(self, sheet: Any, column: int, values: pl.Series, title: str, frame: pl.DataFrame) -> None:
        style = self._style(values)
        self._cell(sheet, 0, column, title, self.top_number if values.dtype.is_numeric() else self.top)
        for row, value in enumerate(values, start=1):
            self._cell(sheet, row, column, value, style)
        if self.formulas:
            self._live(sheet, column, values, frame.select("period", "region"), style)

    def _live(self, sheet: Any, column: int, values: pl.Series, keys: pl.DataFrame, style: Any) -> None:
        """Formulas in the place of the numbers that can be recomputed; beside them what stays as scored is coloured."""
        recomputed = {(key[0], key[-1]) for key in self.formulas}
        for row, (key, value) in enumerate(zip(keys.iter_rows(), values, strict=True), start=1):
            formula = self.formulas.get((*key, values.name))
            if formula is not None:
                sheet.write_formula(row, column, f"={formula}", style, cached(value))
            elif value is not None and (key[0], values.name) in recomputed:
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
        long = any(_lines(text or "", WIDEST) > 1 for text in values) if values.dtype == pl.String else False
        return self.wrapped if long else self.text

    def _heights(self, sheet: Any, lines: Sequence[int]) -> None:
        """Not every program makes a row as high as its wrapped text when it opens a file."""
        for row, count in enumerate(lines):
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
        """A sheet with its paper, and the notice and its number at the foot."""
        sheet = self.book.add_worksheet(title, _Sheet)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        notice = self.chosen.notice.replace("&", "&&")
        if notice:
            sheet.set_header(f"&L{notice}")
        sheet.set_footer(f"&L{notice}&C&A&R&P / &N")
        return sheet

    def about(self, lines: Sequence[tuple[str, str]], flags: Sequence[str]) -> None:
        """What the file is, what its flags mean, and which of its texts are cut."""
        sheet = self.new(SHEETS["about"][self.chosen.lang != "zh"])
        sheet.set_column(0, 0, 40)
        sheet.set_column(1, 1, 90)
        flag_lines = [(flag, self.chosen.flag_words(flag)) for flag in flags]
        told = [*lines, *flag_lines, *self._cut_line()]
        for row, (title, text) in enumerate(told):
            self._cell(sheet, row, 0, title, self.top)
            self._cell(sheet, row, 1, text, self.wrapped)
        self._heights(sheet, [max(_lines(title, 36), _lines(text, 86)) for title, text in told])

    def _cut_line(self) -> list[tuple[str, str]]:
        if not self.cut:
            return []
        names = ", ".join(self.cut[:SHOWN]) + (" …" if len(self.cut) > SHOWN else "")
        words = CUT[self.chosen.lang != "zh"].format(count=len(self.cut), limit=f"{TEXT:,}", cells=names)
        return [(head("cut", self.chosen.lang), words)]


def _seen(value: Any) -> str:
    return f"{value:,.2f}" if isinstance(value, float) else str(value if value is not None else "")


def _lines(text: str, width: int) -> int:
    """How many lines a text takes in a column so wide."""
    # A Latin word is not broken, so that a line is seldom full.
    widths = (_width(line) for line in text.split("\n"))
    return sum(1 if wide <= width else ceil(wide / (width * 0.92)) for wide in widths)


def _width(text: str) -> int:
    """A text's width in half-width characters: Chinese counts double."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
