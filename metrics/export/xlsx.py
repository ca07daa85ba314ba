"""XLSX: scorecard, indicators, definitions and data as sheets that print well and read Chinese."""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

import polars as pl
import xlsxwriter

from metrics.export.labels import SHEETS, View, head, view
from metrics.export.recheck import decided, inputs, workings
from metrics.scorecard import Scorecard

WIDEST, NARROWEST = 46, 8
BLUE = "#9DC3E6"
# The file says nothing about when it was made, so that the same scorecard gives the same bytes.
MADE = datetime.fromisoformat("2000-01-01T00:00:00")
FORMATS = {"score": "0.0", "weight": "0.0%", "coverage": "0%", "imputed": "0%", "rank": "0"}


def write(
    card: Scorecard,
    *,
    regions: Sequence[str] | None = None,
    periods: Sequence[str] | None = None,
    lang: str = "zh",
    notice: str = "",
) -> bytes:
    """A workbook of six sheets; numbers are numbers at full precision, text from data is never a formula."""
    chosen = view(card, regions, periods, lang, notice)
    content = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": False}
    with xlsxwriter.Workbook(content, options) as book:
        book.set_properties({"title": card.definitions.title.text(lang), "comments": notice, "created": MADE})
        sheets = _Sheets(book, chosen)
        rows = chosen.rows()
        sheets.table("scorecard", *_overview(chosen, rows))
        sheets.table("indicators", workings(chosen, rows))
        sheets.table("definitions", pl.DataFrame(chosen.definitions()))
        sheets.table("inputs", inputs(chosen))
        sheets.table("data", chosen.variables())
        sheets.about(
            [*chosen.about(), *decided(chosen)],
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
    return shown, {column: definitions.name_of(code, chosen.lang) for code, column in pillars.items()}


class _Whole(float):
    """A number written with all its digits: the library's own format stops at 16, and some need 17."""

    def __format__(self, form: str) -> str:
        return repr(float(self))


class _Sheets:
    """Writes tables as sheets of one workbook, all in one style."""

    def __init__(self, book: Any, chosen: View) -> None:
        self.book, self.chosen = book, chosen
        self.top = book.add_format(
            {"bold": True, "bg_color": "#DDE6EE", "bottom": 1, "text_wrap": True, "valign": "top"}
        )
        self.text = book.add_format({"num_format": "@", "valign": "top"})
        self.wrapped = book.add_format({"num_format": "@", "valign": "top", "text_wrap": True})
        self.number = {name: book.add_format({"num_format": code, "valign": "top"}) for name, code in FORMATS.items()}
        self.plain = book.add_format({"num_format": "#,##0.00", "valign": "top"})

    def table(self, name: str, frame: pl.DataFrame, heads: Mapping[str, str] | None = None) -> None:
        """One sheet: heads (the columns' own words where none are given) frozen, filters on, bars behind scores."""
        sheet = self.book.add_worksheet(SHEETS[name][self.chosen.lang != "zh"])
        self._page(sheet, frame.height, frame.width)
        for column, values in enumerate(frame.iter_columns()):
            title = (heads or {}).get(values.name) or head(values.name, self.chosen.lang)
            sheet.write_string(0, column, title, self.top)
            style = self._style(values)
            width = min(max(_width(title), *(_width(_seen(value)) for value in values.head(500)), NARROWEST), WIDEST)
            sheet.set_column(column, column, width + 1)
            for row, value in enumerate(values, start=1):
                self._cell(sheet, row, column, value, style)
            if values.name.startswith("score") and frame.height:
                bar = {"type": "data_bar", "bar_color": BLUE, "bar_solid": True, "min_type": "num", "min_value": 0}
                sheet.conditional_format(1, column, frame.height, column, {**bar, "max_type": "num", "max_value": 100})

    def _style(self, values: pl.Series) -> Any:
        if not values.dtype.is_numeric():
            return (
                self.wrapped
                if max((_width(_seen(value)) for value in values.head(500)), default=0) > WIDEST
                else self.text
            )
        return self.number.get(values.name.partition(" ")[0], self.plain)

    def _cell(self, sheet: Any, row: int, column: int, value: Any, style: Any) -> None:
        if value is None:
            sheet.write_blank(row, column, None, style)
        elif isinstance(value, str):
            sheet.write_string(row, column, value, style)
        else:
            sheet.write_number(row, column, _Whole(value) if isinstance(value, float) else value, style)

    def _page(self, sheet: Any, height: int, width: int) -> None:
        sheet.freeze_panes(1, 0)
        if height and width:
            sheet.autofilter(0, 0, height, width - 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        sheet.set_footer(f"&L{self.chosen.notice}&C&A&R&P / &N")

    def about(self, lines: Sequence[tuple[str, str]], flags: Sequence[str]) -> None:
        """What the file is, and what its flags mean."""
        sheet = self.book.add_worksheet(SHEETS["about"][self.chosen.lang != "zh"])
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, 90)
        flag_lines = [(flag, self.chosen.flag_words(flag)) for flag in flags]
        for row, (title, text) in enumerate([*lines, *flag_lines]):
            sheet.write_string(row, 0, title, self.top)
            sheet.write_string(row, 1, text, self.wrapped)


def _seen(value: Any) -> str:
    return f"{value:,.2f}" if isinstance(value, float) else str(value if value is not None else "")


def _width(text: str) -> int:
    """A text's width in half-width characters: Chinese counts double."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
