"""Exports: one file per format, all telling the same values in the same words."""

from collections.abc import Callable

from metrics.export import bundle, csv, html, json, markdown, pdf, xlsx
from metrics.export.reported import reported

# Each takes a scorecard and gives a file's bytes: write(card, *, regions=None, periods=None, lang="zh", notice="");
# those for people take in addition `series` and `occasion`.
FORMATS: dict[str, Callable[..., bytes]] = {
    "csv": csv.write,
    "json": json.write,
    "xlsx": xlsx.write,
    "pdf": reported(pdf.write),
    "html": reported(html.write),
    "md": reported(markdown.write),
    "bundle": bundle.write,
}
# Each takes a manual of indicators and gives a file's bytes.
MANUALS: dict[str, Callable[..., bytes]] = {"md": markdown.write, "html": html.write, "pdf": pdf.write}
