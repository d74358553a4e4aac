"""How certain is an area? Intervals of mapped areas and of true shares, and scores against a known truth."""

from indicators.certainty.additive import Additive, redrawn
from indicators.certainty.break_scores import BreakMap, MeanChange, break_map, mean_change
from indicators.certainty.calibration import Calibration, IntervalScore, calibration, held
from indicators.certainty.prevalence import Accord, in_accord, status_in_accord
from indicators.certainty.scores import Confusion, confusion
from indicators.certainty.uncertainty import JUDGED, resampled, stratified_areas

__all__ = [
    "JUDGED",
    "Accord",
    "Additive",
    "BreakMap",
    "Calibration",
    "Confusion",
    "IntervalScore",
    "MeanChange",
    "break_map",
    "calibration",
    "confusion",
    "held",
    "in_accord",
    "mean_change",
    "redrawn",
    "resampled",
    "status_in_accord",
    "stratified_areas",
]
