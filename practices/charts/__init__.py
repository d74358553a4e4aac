"""How is a result drawn? Charts and maps as SVG text: pure functions of numbers, for pages and printed sheets.

Elements have classes, and the style sheet colours them for light theme, dark theme and paper. A pattern, a shape or a
word repeats the meaning of each colour. Every chart has a title and a description for readers who do not see it; the
page adds a table.
"""

from __future__ import annotations

from practices.charts.classes import class_bars, stacked_bars
from practices.charts.effects import effect_chart, event_study
from practices.charts.frame import CaptionedChart, patterns
from practices.charts.maps import BINS, MapShape, bin_of, legend, region_map
from practices.charts.series import BreakMark, Line, series_chart

__all__ = [
    "BINS",
    "BreakMark",
    "CaptionedChart",
    "Line",
    "MapShape",
    "bin_of",
    "class_bars",
    "effect_chart",
    "event_study",
    "legend",
    "patterns",
    "region_map",
    "series_chart",
    "stacked_bars",
]
