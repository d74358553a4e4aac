"""How certain is an area? Intervals of mapped areas and of true shares, and scores against a known truth."""

from indicators.certainty.prevalence import Accord, in_accord, status_in_accord
from indicators.certainty.scores import Detection, detection
from indicators.certainty.uncertainty import JUDGED, resampled, stratified_areas

__all__ = [
    "JUDGED",
    "Accord",
    "Detection",
    "detection",
    "in_accord",
    "resampled",
    "status_in_accord",
    "stratified_areas",
]
