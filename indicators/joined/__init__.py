"""Which single record do the annual values of several sensors make, and how uncertain is it where they are joined?

Examples
--------
An old sensor that ends in 2026 and is not trusted from 2020 on, and a new one from 2012 on:

>>> import numpy as np
>>> import xarray as xr
>>> from indicators.joined import JoinRules, join, join_covariance, mean_trend, relate, seam_test
>>> rng = np.random.default_rng(0)
>>> land = 0.3 + 0.05 * rng.standard_normal((1, 20, 20)) + 0.02 * rng.standard_normal((30, 1, 1))
>>> both = xr.DataArray(land, {"year": range(2001, 2031)}, ("year", "y", "x"))
>>> old, new = both.sel(year=slice(2001, 2026)), 0.01 + 1.1 * both.sel(year=slice(2012, 2030))
>>> strata = xr.zeros_like(both[0], int)
>>> relations = relate(old, new, strata, ("MODIS", "VIIRS"), JoinRules(onset=2020))
>>> record = join(old, new, strata, relations)
>>> years, course = record["year"].values, record.mean(("y", "x")).values
>>> covariance = join_covariance(years, record["sensor"].values.tolist(), [relations]).values[0]
>>> relations.of(0).joined, seam_test(course, years, 2020, covariance).is_break
(True, False)
>>> trend = mean_trend(course, years, covariance)
>>> trend.low < 0 < trend.high
True
"""

from indicators.joined.differences import Drift
from indicators.joined.error import (
    contrast_error,
    covariance_of,
    drift_variance,
    in_logarithms,
    join_covariance,
    mean_covariance,
    slope_weights,
)
from indicators.joined.fit import relate
from indicators.joined.longer import LongerAnswer, LongerRecord, answer_of, longer
from indicators.joined.means import Estimate, mean_state, mean_trend
from indicators.joined.memory import Coefficient, regression
from indicators.joined.record import convert, join
from indicators.joined.relation import JoinRules, Relation, Relations, mean_relation
from indicators.joined.seams import Seam, seam_test, seams_of

__all__ = [
    "Coefficient",
    "Drift",
    "Estimate",
    "JoinRules",
    "LongerAnswer",
    "LongerRecord",
    "Relation",
    "Relations",
    "Seam",
    "answer_of",
    "contrast_error",
    "convert",
    "covariance_of",
    "drift_variance",
    "in_logarithms",
    "join",
    "join_covariance",
    "longer",
    "mean_covariance",
    "mean_relation",
    "mean_state",
    "mean_trend",
    "regression",
    "relate",
    "seam_test",
    "seams_of",
    "slope_weights",
]
