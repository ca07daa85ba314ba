"""Live sheets of a workbook: the whole method as formulas over one cycle's inputs, which spreadsheets recompute."""

from metrics.export.live.board import Formulas, chart, note, overview, rows, told
from metrics.export.live.build import Live, build
from metrics.export.live.draw import draw

__all__ = ["Formulas", "Live", "build", "chart", "draw", "note", "overview", "rows", "told"]
