"""The manual of indicators: everything a definitions file says, in plain words, as one structure that writers set."""

from metrics.manual.blocks import Block, Bullets, Formula, Heading, Manual, Note, Pairs, Paragraph, Table
from metrics.manual.content import Edition, history_of, manual

__all__ = [
    "Block", "Bullets", "Edition", "Formula", "Heading", "Manual", "Note", "Pairs", "Paragraph", "Table", "history_of",
    "manual",
]  # fmt: skip
