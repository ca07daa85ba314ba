"""Live sheets of a workbook: the whole method as formulas over one cycle's inputs, which spreadsheets recompute."""

from metrics.export.live.board import cells, chart, told
from metrics.export.live.build import Live, build
from metrics.export.live.draw import draw

__all__ = ["Live", "build", "cells", "chart", "draw", "told"]
