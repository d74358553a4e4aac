"""Productivity against the numbers of TSS.RESTREND for its 32-year demonstration series."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from scipy.stats import linregress

from indicators.errors import IndicatorError
from indicators.sdg15.productivity import adjusted, least_squares, trajectory

#: Annual maximum of vegetation and accumulated rain, 1982-2013 (stdRESTREND, TSS.RESTREND 0.3.2, Burrell et al. 2017).
VI = [0.389, 0.553, 0.414, 0.364, 0.502, 0.438, 0.297, 0.494, 0.446, 0.505, 0.451, 0.425, 0.368, 0.544, 0.454,
    0.444, 0.531, 0.342, 0.441, 0.554, 0.417, 0.553, 0.657, 0.482, 0.48, 0.675, 0.484, 0.535, 0.61, 0.52,
    0.603, 0.628]  # fmt: skip
RAIN = [91.471846, 193.704012, 197.32004, 129.176502, 221.715906, 123.391627, 55.604181, 162.689096, 189.989704,
    159.755777, 185.801546, 126.426723, 94.537812, 173.68782, 135.434905, 120.183843, 171.301613, 32.676435,
    103.606897, 175.269218, 110.86742, 180.78179, 212.395082, 129.634707, 119.319628, 149.595275, 94.984348,
    160.308387, 167.459297, 109.685205, 120.623127, 138.761089]  # fmt: skip
YEARS = np.arange(1982, 2014)


def yearly(values: list[float]) -> xr.DataArray:
    return xr.DataArray(np.array(values), dims="year", coords={"year": YEARS})


def test_restrend_of_32_years() -> None:
    """Vegetation-precipitation relation, trend of its residuals, and total change, as printed by the package."""
    vi, rain = yearly(VI), yearly(RAIN)
    slope, intercept = (float(each) for each in least_squares(vi, rain))
    assert slope == pytest.approx(0.0011790158, abs=5e-11)
    residual = vi - intercept - slope * rain
    assert 1 - float((residual**2).sum() / ((vi - vi.mean()) ** 2).sum()) == pytest.approx(0.3253778, abs=5e-8)
    left = adjusted(vi, rain, "restrend")
    trend, level = (float(each) for each in least_squares(left, left["year"].astype(float)))
    assert trend == pytest.approx(0.0063689118, abs=5e-11)
    unexplained = float(((left - level - trend * left["year"]) ** 2).sum())
    assert 1 - unexplained / float(((left - left.mean()) ** 2).sum()) == pytest.approx(0.6415157, abs=5e-8)
    assert trend * (len(YEARS) - 1) == pytest.approx(0.1974362647, abs=5e-10)
    assert linregress(YEARS, left).pvalue == pytest.approx(3.68e-8, rel=2e-3)
    # residuals keep the mean of the series, so that shares of the mean keep their meaning
    assert float(left.mean()) == pytest.approx(float(vi.mean()))


def test_what_rain_explains_is_no_trend_of_the_land() -> None:
    rain = yearly(list(np.linspace(100, 250, 32) + 20 * np.cos(np.arange(32))))
    vi = 0.1 + 0.002 * rain
    assert float(trajectory(vi, rain, "ndvi")["direction"]) == 1
    assert float(trajectory(vi, rain, "restrend")["direction"]) == 0
    steady_rain = yearly(list(170 + 40 * np.cos(np.arange(32))))
    falling = 0.1 + 0.002 * steady_rain - 0.004 * (vi["year"] - 1982)
    assert float(trajectory(falling, steady_rain, "restrend")["direction"]) == -1


def test_rain_use_efficiency_is_a_ratio() -> None:
    vi, rain = yearly(VI), yearly(RAIN)
    np.testing.assert_allclose(adjusted(vi, rain, "rue"), 1000 * np.array(VI) / np.array(RAIN))
    with pytest.raises(IndicatorError, match="needs a climate series"):
        trajectory(vi, None, "rue")
