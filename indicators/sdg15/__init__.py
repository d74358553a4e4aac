"""Is the land degraded? The sub-indicators of SDG 15.3.1, their combination, and the status against the baseline."""

from indicators.sdg15.assessment import assess_together
from indicators.sdg15.findings import agreement, find
from indicators.sdg15.legends import legend, matrix, translated
from indicators.sdg15.measures import Measured, PixelInputs, measure
from indicators.sdg15.one_out_all_out import combined, status
from indicators.sdg15.periods import PRAIS, Period, available, own
from indicators.sdg15.recoding import Correction, correction, recode

__all__ = [
    "PRAIS",
    "Correction",
    "Measured",
    "Period",
    "PixelInputs",
    "agreement",
    "assess_together",
    "available",
    "combined",
    "correction",
    "find",
    "legend",
    "matrix",
    "measure",
    "own",
    "recode",
    "status",
    "translated",
]
