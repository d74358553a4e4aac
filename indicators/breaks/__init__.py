"""When did the land change? Breaks of series and of pixels, and monitoring at the end of them.

`breakpoints` dates breaks (Bai & Perron); `mosum`, `cusum`, `sup_f`, `ave_f`, `exp_f` test for one; `bfast`,
`bfastlite` and `bfast01` separate season and trend; `monitor` tests new values; `tss_restrend` distinguishes damage
from drought. Each takes a pandas series or a one-dimensional DataArray. Where the docstring says so, it also takes a
cube, whose pixels are computed in compiled code, block by block.

The date or year of a break is that of the first observation after it, in every result.
"""

from indicators.breaks.break_tests import ave_f, cusum, exp_f, mosum, sup_f
from indicators.breaks.break_types import DRYLAND_TYPES, SIGNIFICANCE, SUBTYPES, TYPES, classify, classify_dryland
from indicators.breaks.decomposition import Decomposition, bfast, bfastlite
from indicators.breaks.fluctuation import Fluctuation
from indicators.breaks.monitoring import Monitoring
from indicators.breaks.one_break import OneBreak, bfast01
from indicators.breaks.partitions import Breakpoints
from indicators.breaks.residuals.annual_tree import METHODS, tss_restrend_annual
from indicators.breaks.residuals.attribution import CLIMATE_YEARS, PARTS, attribute_change, attribute_months
from indicators.breaks.residuals.carbon_dioxide import GLOBAL_MEAN
from indicators.breaks.residuals.residual_trends import ResidualTrend
from indicators.breaks.series_or_cube import breakpoints, monitor, tss_restrend
from indicators.breaks.trend_validity import FLAGS, flag_trend

__all__ = [
    "CLIMATE_YEARS",
    "DRYLAND_TYPES",
    "FLAGS",
    "GLOBAL_MEAN",
    "METHODS",
    "PARTS",
    "SIGNIFICANCE",
    "SUBTYPES",
    "TYPES",
    "Breakpoints",
    "Decomposition",
    "Fluctuation",
    "Monitoring",
    "OneBreak",
    "ResidualTrend",
    "attribute_change",
    "attribute_months",
    "ave_f",
    "bfast",
    "bfast01",
    "bfastlite",
    "breakpoints",
    "classify",
    "classify_dryland",
    "cusum",
    "exp_f",
    "flag_trend",
    "monitor",
    "mosum",
    "sup_f",
    "tss_restrend",
    "tss_restrend_annual",
]
