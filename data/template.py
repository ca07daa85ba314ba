"""The workbook that a region fills in: printable sheets of what is due, from the definitions; filled.py reads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from itertools import groupby
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from data.template_plan import ABOUT, COLUMNS, HEAD, HIDDEN, VERSION, Block, Line
from metrics.definitions import Definitions
from metrics.terms import unit_words

STATES = {"reported": ("已报送", "reported"), "reviewed": ("已审核", "reviewed"), "verified": ("已核定", "verified")}
# What forms that were made before say of them.
_FORMER = {"已报": "reported", "已核实": "verified"}
# Lines at the end of a block for sites that are not listed.
EXTRA = 3
# The same workbook has the same bytes whenever it is made.
MADE = datetime.fromisoformat("2000-01-01T00:00:00")
WORDS = {
    "whole": ("填报", "Form"), "half": ("半年报", "Half-yearly"), "quarter": ("季报", "Quarterly"), "month": ("月报", "Monthly"),
    "about": ABOUT,
    "title": ("{region} {period} 事实填报表", "{region}: facts for {period}"),
    "hint": (
        "只填白格，按所列计量单位填数字。不知道的留空：空格是“未报”，不是 0。灰色是上期的数，供对照。",
        "Fill in white cells only, with numbers in the unit shown. Leave blank what is not known: a blank is “not "
        "reported”, never 0. What was reported for the period before is in grey.",
    ),
    "by": ("填报单位：　　　　　　　　填报人：　　　　　　　　日期：", "Office:                    Name:                    Date:"),
    "number": ("序", "No."), "variable": ("变量", "Variable"), "unit": ("计量单位", "Unit"), "site": ("公共机构", "Site"),
    "previous": ("上期 {period}", "Before: {period}"), "status": ("状态", "Status"), "note": ("备注", "Note"),
    "code": ("代码", "Code"), "range": ("合理范围", "Plausible"), "source": ("来源", "Source"), "why": ("说明", "About"),
    "everywhere": ("（全区）", "(whole region)"),
    "not_plausible": ("数值超出合理范围 {low}–{high} {unit}。确实如此请在备注里说明理由。", "Outside the plausible range {low}–{high} {unit}. If it is right, say why in the note."),
    "wanted": ("请填数字（{unit}）；不知道的留空。", "A number in {unit}, please; leave it blank if it is not known."),
    "ask": ("{name}，{unit}。{range}", "{name}, {unit}. {range}"),
    "within": ("合理范围 {low}–{high}。", "Plausible: {low}–{high}."),
    "unlisted": ("另有的公共机构填在这里", "Other sites, if any"),
}  # fmt: skip
# Of a sheet with few columns of numbers, and of one with many.
WIDTHS, NARROW = (5, 28, 10, 14, 13, 9), (4.5, 22, 8, 11, 11, 7)
MANY = 6
FIXED, LINE = len(COLUMNS), 17
NOTHING = "—"
Record = tuple[str, ...]


@dataclass(frozen=True)
class _Pen:
    """A workbook that is being written: its formats by name, the language, the definitions."""

    book: xlsxwriter.Workbook
    formats: dict[str, Any]
    definitions: Definitions
    lang: str

    def words(self, name: str, /, **facts: object) -> str:
        return WORDS[name][self.lang != "zh"].format(**facts)

    def unit(self, code: str) -> str:
        return unit_words(self.definitions.variables[code].unit, self.lang)

    def name(self, code: str) -> str:
        return self.definitions.variables[code].name.text(self.lang)


def template(
    definitions: Definitions, blocks: Sequence[Block], *, region: str, name: str, period: str, lang: str = "zh"
) -> bytes:
    """The workbook for a region (its code and name), A4 landscape: a sheet for what is due once, by quarter, by month,
    … the variables' definitions, and the codes by which it is read again. Its lines are numbered through."""
    content = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(content, options) as book:
        book.set_properties({"title": f"{name} {period}", "created": MADE})
        pen = _Pen(book, {key: book.add_format(style) for key, style in _STYLES.items()}, definitions, lang)
        records: list[Record] = [("template", VERSION, region, period, lang)]
        number = 1
        for kind, own in groupby(blocks, key=lambda block: block.kind):
            sheet = book.add_worksheet(pen.words(kind))
            found, number = _form(pen, sheet, list(own), pen.words("title", region=name, period=period), number)
            records += found
        units = {code: definitions.variables[code].unit for code in definitions.raw}
        records += [("variable", pen.name(code), code, unit) for code, unit in units.items()]
        records += [("status", word, code) for code, both in STATES.items() for word in both]
        records += [("status", word, code) for word, code in _FORMER.items()]
        records += _about(pen, book.add_worksheet(pen.words("about")), blocks)
        hidden = book.add_worksheet(HIDDEN)
        for row, record in enumerate(records):
            hidden.write_row(row, 0, record)
        hidden.very_hidden()
        hidden.protect()
    return content.getvalue()


_LINE = {"border": 1, "border_color": "#B8C0C8"}
_BASE = {"font_size": 10, "valign": "vcenter", **_LINE}
_NUMBER = "#,##0.##########"
_STYLES: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 15},
    "hint": {"font_size": 9, "font_color": "#555555", "text_wrap": True, "valign": "top"},
    "by": {"font_size": 10, "locked": False},
    "block": {"bold": True, "font_size": 11, "bg_color": "#D6E5F3", **_LINE},
    "head": {**_BASE, "bold": True, "bg_color": "#EEF2F6", "text_wrap": True, "align": "center"},
    "text": {**_BASE, "bg_color": "#F7F8FA", "text_wrap": True},
    "grey": {**_BASE, "bg_color": "#F7F8FA", "font_color": "#75797E", "num_format": "#,##0.####", "align": "right"},
    "cell": {**_BASE, "locked": False, "num_format": _NUMBER},
    "free": {**_BASE, "locked": False, "text_wrap": True},
}


def _form(pen: _Pen, sheet: Worksheet, blocks: Sequence[Block], title: str, number: int) -> tuple[list[Record], int]:
    """A sheet that is filled in; what its rows and columns are, for the hidden one, and the next line's number."""
    periods, previous, name = blocks[0].periods, blocks[0].previous, sheet.get_name()
    last = FIXED + len(periods)
    sheet.write_string(0, 0, title, pen.formats["title"])
    sheet.merge_range(1, 0, 1, last, pen.words("hint"), pen.formats["hint"])
    sheet.write_string(2, 0, pen.words("by"), pen.formats["by"])
    heads = [*(pen.words(column, period=previous) for column in COLUMNS), *periods, pen.words("note")]
    sheet.write_row(HEAD, 0, heads, pen.formats["head"])
    is_many = len(periods) > MANY
    width = 18 if len(periods) == 1 else 9 if is_many else 13
    for at, wide in enumerate((*(NARROW if is_many else WIDTHS), *[width] * len(periods), 14 if is_many else 40)):
        sheet.set_column(at, at, wide)
    for at, high in enumerate((24, 26, 18, 30)):
        sheet.set_row(at, high)
    kinds = [*COLUMNS, *["period"] * len(periods), "note"]
    records: list[Record] = [("sheet", name, title)]
    records += [("head", name, str(at), text, kind) for at, (text, kind) in enumerate(zip(heads, kinds, strict=True))]
    row = HEAD + 1
    for block in blocks:
        words = block.title[pen.lang != "zh"]
        words = words[:1].upper() + words[1:]
        sheet.merge_range(row, 0, row, last, words, pen.formats["block"])
        records.append(("block", words))
        found, row = _block(pen, sheet, block, row + 1, number)
        number += len(found)
        records += found
    _print(sheet, row, last, title)
    return records, number


def _print(sheet: Worksheet, rows: int, last: int, title: str) -> None:
    sheet.freeze_panes(HEAD + 1, FIXED - 2)
    sheet.protect("", {"format_columns": True, "format_rows": True})
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(0.4, 0.4, 0.5, 0.6)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEAD)
    sheet.print_area(0, 0, rows - 1, last)
    sheet.set_footer(f"&L{title.replace('&', '&&')} · &A&R&P / &N")
    sheet.hide_gridlines(2)


def _block(pen: _Pen, sheet: Worksheet, block: Block, row: int, number: int) -> tuple[list[Record], int]:
    """The lines of a block and a few more for sites that are not listed; their records and the row after them."""
    records: list[Record] = []
    for at in range(len(block.lines)):
        sheet.set_row(row + at, LINE)
    for line in block.lines:
        _line(pen, sheet, block, line, row + len(records), number + len(records))
        printed = *_printed(pen, line), NOTHING if line.before is None else repr(line.before)
        records.append(("row", sheet.get_name(), str(number + len(records)), line.variable, line.site, *printed))
    sites = sorted({line.site for line in block.lines if line.site})
    for _ in range(EXTRA if sites else 0):
        _extra(pen, sheet, block, sites, row + len(records), number + len(records))
        records.append(("row", sheet.get_name(), str(number + len(records))))
    return records, row + len(records)


def _line(pen: _Pen, sheet: Worksheet, block: Block, line: Line, row: int, number: int) -> None:
    for at, text in enumerate((str(number), *_printed(pen, line))):
        sheet.write_string(row, at, text, pen.formats["text"])
    if line.before is None:
        sheet.write_string(row, FIXED - 2, NOTHING, pen.formats["grey"])
    else:
        sheet.write_number(row, FIXED - 2, line.before, pen.formats["grey"])
    _cells(pen, sheet, block, row)
    sheet.data_validation(row, FIXED, row, FIXED + len(block.periods) - 1, _validation(pen, line.variable))


def _printed(pen: _Pen, line: Line) -> tuple[str, str, str]:
    """What says which line it is: the variable's name and unit, the site."""
    return pen.name(line.variable), pen.unit(line.variable), line.site or pen.words("everywhere")


def _cells(pen: _Pen, sheet: Worksheet, block: Block, row: int) -> None:
    """The cells of a line that can be filled in: state, numbers, note."""
    words = [both[pen.lang != "zh"] for both in STATES.values()]
    sheet.write_blank(row, FIXED - 1, None, pen.formats["free"])
    sheet.data_validation(row, FIXED - 1, row, FIXED - 1, {"validate": "list", "source": words})
    for at in range(FIXED, FIXED + len(block.periods)):
        sheet.write_blank(row, at, None, pen.formats["cell"])
    sheet.write_blank(row, FIXED + len(block.periods), None, pen.formats["free"])


def _extra(pen: _Pen, sheet: Worksheet, block: Block, sites: Sequence[str], row: int, number: int) -> None:
    """A line for what is not listed: the variable from a list, the site from a list or typed."""
    names = [pen.name(code) for code in dict.fromkeys(line.variable for line in block.lines)]
    sheet.write_string(row, 0, str(number), pen.formats["text"])
    for at, style in ((1, "free"), (2, "text"), (3, "free"), (4, "grey")):
        sheet.write_blank(row, at, None, pen.formats[style])
    hint = {"input_title": pen.words("unlisted")[:32], "input_message": pen.words("unlisted")}
    for at, source, strict in ((1, names, "stop"), (3, list(sites), "information")):
        # A list in a cell's rule holds 255 characters.
        if len(",".join(source)) <= 255:
            rule = {"validate": "list", "source": source, "error_type": strict}
            sheet.data_validation(row, at, row, at, {**rule, **hint})
    _cells(pen, sheet, block, row)


def _validation(pen: _Pen, code: str) -> dict[str, Any]:
    """A number, within the plausible range or with a reason."""
    bounds, unit = pen.definitions.variables[code].plausible, pen.unit(code)
    within = "" if bounds is None else pen.words("within", low=_short(bounds[0]), high=_short(bounds[1]))
    shown = {
        "input_title": pen.name(code)[:32],
        "input_message": pen.words("ask", name=pen.name(code), unit=unit, range=within)[:255],
        "error_title": pen.name(code)[:32],
    }
    if bounds is None:
        whole = {"validate": "decimal", "criteria": "between", "minimum": -1e300, "maximum": 1e300}
        return {**whole, **shown, "error_message": pen.words("wanted", unit=unit)[:255]}
    low, high = bounds
    message = pen.words("not_plausible", low=_short(low), high=_short(high), unit=unit)[:255]
    rule = {"validate": "decimal", "criteria": "between", "minimum": low, "maximum": high, "error_type": "warning"}
    return {**rule, **shown, "error_message": message}


def _short(number: float) -> str:
    return f"{number:,.0f}" if number == int(number) else f"{number:,.10g}"


def _about(pen: _Pen, sheet: Worksheet, blocks: Sequence[Block]) -> list[Record]:
    """Every variable that is asked for: code, name, unit, range, what it is and where it is reported; and what of it
    is printed, for the hidden sheet."""
    heads = ("code", "variable", "unit", "range", "why", "source")
    sheet.write_row(0, 0, [pen.words(name) for name in heads], pen.formats["head"])
    for at, width in enumerate((26, 30, 12, 26, 44, 34)):
        sheet.set_column(at, at, width)
    codes = dict.fromkeys(line.variable for block in blocks for line in block.lines)
    records: list[Record] = [("about", *(pen.words(name) for name in heads))]
    for row, code in enumerate(codes, start=1):
        variable = pen.definitions.variables[code]
        bounds = "" if variable.plausible is None else "–".join(map(_short, variable.plausible))
        cells = (code, pen.name(code), pen.unit(code), bounds, variable.why, variable.source)
        texts = [str(cell) for cell in cells]
        sheet.write_row(row, 0, texts, pen.formats["text"])
        records.append(("about", *texts))
    sheet.freeze_panes(1, 2)
    sheet.protect()
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.hide_gridlines(2)
    return records
