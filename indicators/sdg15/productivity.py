"""Land productivity, the public names in one place: trajectory, state, performance, and their classes (LPD).

Sources: Good Practice Guidance for SDG indicator 15.3.1, version 2; PRAIS 4 manual, Tables 12 and 13.
"""

from __future__ import annotations

from indicators.sdg15.lpd import LPD_MEANINGS, LPD_TABLES, lpd, lpd3
from indicators.sdg15.performance import performance
from indicators.sdg15.state import state
from indicators.trends.trajectory import TE_CRITICAL, adjusted, least_squares, trajectory, trends_earth_grade

__all__ = [
    "LPD_MEANINGS",
    "LPD_TABLES",
    "TE_CRITICAL",
    "adjusted",
    "least_squares",
    "lpd",
    "lpd3",
    "performance",
    "state",
    "trajectory",
    "trends_earth_grade",
]
