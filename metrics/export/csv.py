"""CSV: the contract's rows with names and words, for spreadsheets."""

import re
from collections.abc import Sequence

import polars as pl

from metrics.export.labels import head, view
from metrics.scorecard import Scorecard

# A spreadsheet takes a cell that starts so for a formula, by some keyboards in full width too; an apostrophe before it
# makes it text.
FORMULA = r"^([=+\-@＝＋－＠\t\r\n])"


def write(
    card: Scorecard,
    *,
    regions: Sequence[str] | None = None,
    periods: Sequence[str] | None = None,
    lang: str = "zh",
    notice: str = "",
) -> bytes:
    """UTF-8 with BOM, so that spreadsheets read Chinese; numbers at full precision; a notice has its own column."""
    rows = view(card, regions, periods, lang, notice).rows()
    named = rows.rename({name: head(name, lang) for name in rows.columns})
    if notice:
        named = named.with_columns(pl.lit(notice).alias(head("notice", lang)))
    return plain_text(named).write_csv(include_bom=True, line_terminator="\r\n").encode()


def plain_text(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with an apostrophe before every text and head that a spreadsheet would take for a formula."""
    # To look costs a fifth of writing anew, and few columns have any.
    found = frame.select(pl.col(pl.String).str.contains(FORMULA).any())
    texts = frame.with_columns(pl.col(each.name).str.replace(FORMULA, "'$1") for each in found if each.any())
    heads = {name: f"'{name}" for name in frame.columns if re.match(FORMULA, name)}
    # A column may already be called as another one's head with the apostrophe.
    while set(heads.values()) & set(frame.columns):
        heads = {name: f"'{safe}" for name, safe in heads.items()}
    return texts.rename(heads)
