"""Listed: every row of a file that was rejected, as a CSV."""

import polars as pl

from data.intake import JudgedFile
from metrics.export.csv import plain_text
from metrics.problems import Problem

HEADS = ("row", "cell", "column", "rule", "value", "problem")


def rejections(judged: JudgedFile, lang: str = "zh") -> bytes:
    """A line for each row and rule that it broke: `HEADS`, the cell as a spreadsheet calls it, the problem in words."""
    lines = [
        (row, judged.cell(row, column), column, rule, value, _words(rule, column, value, lang))
        for row, column, rule, value in judged.refused.select("row", "column", "rule", "value").iter_rows()
    ]
    schema = {"row": pl.Int64, **dict.fromkeys(HEADS[1:], pl.String)}
    # What stood in a stranger's file is opened in a spreadsheet here.
    return plain_text(pl.DataFrame(lines, schema=schema, orient="row")).write_csv(include_bom=True).encode()


def _words(rule: str, column: str, value: str | None, lang: str) -> str:
    return Problem(rule, column, 0, 0, {"column": column, "value": value}).message(lang)
