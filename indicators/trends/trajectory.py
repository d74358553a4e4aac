"""Trajectory: the trend of the annual value, its significance, and whether it is large enough to count.

Sources: Good Practice Guidance version 2, section 4.2; Trends.Earth (least-squares sign, its list of critical values of
Mann–Kendall's S); SEPAL (z of Kendall's tau: 3·tau·√(n(n−1)) / √(2(2n+5))); Evans & Geerken (2004) for RESTREND.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import xarray as xr

from indicators.errors import IndicatorError
from indicators.kernel import blocks
from indicators.kernel.compiling import compiled
from indicators.profiles import Profile, Trajectory, get
from indicators.trends import regression
from indicators.trends.restrend import residual
from indicators.trends.theil_sen import Annual, false_discovery_rate, series, theil_sen_mann_kendall

Method = Literal["ndvi", "restrend", "rue", "wue"]
#: |S| above which Trends.Earth calls a trend significant at 90, 95, 99 %, for n = 4, 5, … 40 years.
TE_CRITICAL = {
    90: (
        4, 6, 7, 9, 10, 12, 15, 17, 18, 22, 23, 27, 28, 32, 35, 37, 40, 42, 45, 49, 52, 56, 59, 61,
        66, 68, 73, 75, 80, 84, 87, 91, 94, 98, 103, 107, 110,
    ),
    95: (
        4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 31, 33, 36, 40, 43, 47, 50, 54, 59, 63, 66, 70, 75, 79,
        84, 88, 93, 97, 102, 106, 111, 115, 120, 126, 131, 137, 142,
    ),
    99: (
        6, 8, 11, 18, 22, 25, 29, 34, 38, 41, 47, 50, 56, 61, 65, 70, 76, 81, 87, 92, 98, 105, 111,
        116, 124, 129, 135, 142, 150, 155, 163, 170, 176, 183, 191, 198, 206,
    ),
}  # fmt: skip
LONGEST = 40
#: Two-sided 20 and 5 % points of the normal distribution, as SEPAL rounds them.
KENDALL_Z = (1.28, 1.96)


def least_squares(y: xr.DataArray, x: xr.DataArray, dim: str = "year") -> tuple[xr.DataArray, xr.DataArray]:
    """Slope and intercept of y on x over `dim`, pairs with a gap left out; NaN where x does not vary."""
    line = regression.least_squares(y, x, dim)
    return line["slope"], line["intercept"]


def adjusted(vi: xr.DataArray, climate: xr.DataArray | None, method: Method) -> xr.DataArray:
    """The series whose trend is tested: the vegetation, its RESTREND residuals, or its ratio to climate.

    Residuals are shifted to the mean of the series, so that relative bands keep their meaning. Raises
    IndicatorError where the method needs a climate series and none is given.
    """
    if method == "ndvi":
        return vi
    if climate is None:
        raise IndicatorError(f"method {method!r} needs a climate series; give `climate` (rain in mm, or water used)")
    if method == "restrend":
        return residual(vi, climate)
    if method in ("rue", "wue"):
        return vi / (climate / 1000)
    raise IndicatorError(f"method {method!r} is unknown; use ndvi, restrend, rue or wue")


@compiled
def _known(years: Any, result: Any) -> None:
    """Fill `result` (valid years, their mean) from `years` (year, pixel)."""
    for pixel in range(years.shape[1]):
        count, total = 0, 0.0
        for i in range(len(years)):
            if np.isfinite(years[i, pixel]):
                count += 1
                total += years[i, pixel]
        result[0, pixel], result[1, pixel] = count, total / count if count else np.nan


def statistics(values: xr.DataArray, slope: str = "theil-sen") -> xr.Dataset:
    """The statistics of a trajectory by pixel: `slope`, `s`, `tau`, `p`, `years` (valid ones), `mean`.

    Profiles with the same slope and years share one call.
    """
    tests = theil_sen_mann_kendall(values)[["slope", "s", "tau", "p"]]
    if slope == "least-squares":
        tests["slope"] = least_squares(values, values["year"].astype(float))[0]
    known = blocks.apply("year", 2, _known, values)
    tests["years"] = known.isel(layer=0).astype(int)
    tests["mean"] = known.isel(layer=1)
    tests.attrs["span"] = float(values["year"][-1] - values["year"][0])
    return tests


def judged(tests: xr.Dataset, choices: Trajectory, quantity: str = "ndvi") -> xr.Dataset:
    """`slope`, `p`, `significance` and `direction` from `statistics`, without false discovery rate; NaN: no data."""
    enough = tests["years"] >= choices.minimum_years
    grade = _GRADES[choices.test](tests)
    banded = in_band(tests, choices, quantity)
    falling = tests["s"] if by_score(choices) else tests["slope"]
    significance = xr.where(banded, 0, grade * np.sign(falling)).where(enough)
    direction = xr.where(np.abs(significance) >= 2, np.sign(significance), 0).where(enough)
    if choices.detectability and quantity == "ndvi":
        direction = direction.where(tests["mean"] >= choices.detectability)
    return xr.Dataset({"slope": tests["slope"], "p": tests["p"], "significance": significance, "direction": direction})


def by_score(choices: Trajectory) -> bool:
    """Whether a trend has the sign of S: SEPAL tests z alone, whatever the sign of the least-squares slope."""
    return choices.test == "kendall-z"


def trajectory(
    vi: Annual,
    climate: Annual | None = None,
    method: Method = "ndvi",
    profile: str | Profile = "ne-asia",
    *,
    quantity: str = "ndvi",
    within: xr.DataArray | None = None,
) -> xr.Dataset:
    """Trajectory: the trend of annual productivity, its significance and its direction.

    Parameters
    ----------
    vi
        Annual productivity: pandas series by year, or DataArray (year, ...), such as NDVI (no unit) or NPP. NaN is a
        gap.
    climate
        Annual climate (year, or year, ...) with the years of `vi`, for all methods but `ndvi`: rain, or water used, in
        mm.
    method
        `ndvi`: trend of `vi`. `restrend`: trend of the residuals of `vi` on `climate`. `rue`, `wue`: trend of `vi` per
        m of rain or of water used.
    profile
        Name of a profile, or `Profile`.
    quantity
        What `vi` measures. Bands in NDVI units and the lower limit of detection apply to `ndvi` only; bands relative to
        the mean apply to every quantity.
    within
        Mask (without year) of the pixels that share the false discovery rate; None takes all.

    Returns
    -------
    xarray.Dataset
        By pixel: `slope` (units of `vi` per year); `p` (two-sided); `significance`, −3 to 3: 1, 2, 3 at 10, 5, 1 %,
        with the sign of the slope (SEPAL: 1, 2 at z of 1.28, 1.96, with the sign of z); `direction`, −1, 0 or 1;
        `direction_plain`, the direction without false discovery rate. `direction` and `significance` are NaN with fewer
        valid years than the profile needs.

    Raises
    ------
    IndicatorError
        The profile or method is unknown, `climate` is missing, or `year` is not an increasing dimension of numbers.

    References
    ----------
    UNCCD Good Practice Guidance for SDG indicator 15.3.1, version 2 (2021), section 4.2; Evans & Geerken (2004),
    doi:10.1016/j.jaridenv.2003.03.001.

    Examples
    --------
    >>> import pandas as pd
    >>> ndvi = pd.Series([0.30 - 0.005 * year for year in range(20)], index=range(2001, 2021))
    >>> trend = trajectory(ndvi)
    >>> int(trend["direction"]), round(float(trend["slope"]), 4)
    (-1, -0.005)
    """
    choices = get(profile).trajectory
    rain = None if climate is None else series(climate, "year")
    tests = statistics(adjusted(series(vi, "year"), rain, method), choices.slope)
    result = judged(tests, choices, quantity)
    result["direction_plain"] = result["direction"]
    if choices.fdr is not None:
        member = candidates(tests, choices, within)
        discoveries = false_discovery_rate(tests["p"].where(member), choices.fdr)
        result["direction"] = kept(result["direction"], discoveries)
    return result


def candidates(tests: xr.Dataset, choices: Trajectory, within: Any) -> xr.DataArray:
    """Mask of the pixels whose p-values share the false discovery rate: enough years, and in the region."""
    enough = tests["years"] >= choices.minimum_years
    return enough if within is None else enough & within


def kept(direction: xr.DataArray, discoveries: Any) -> xr.DataArray:
    """The direction of discoveries, 0 elsewhere; NaN stays."""
    return direction.where((direction == 0) | direction.isnull() | discoveries, 0)


def in_band(tests: xr.Dataset, choices: Trajectory, quantity: str) -> xr.DataArray:
    """Whether a trend is too small to count, by the profile's dead-bands."""
    slope = np.abs(tests["slope"])
    total = slope * tests.attrs["span"]
    small: xr.DataArray = total < choices.change_band * np.abs(tests["mean"])
    if quantity == "ndvi":
        small = small | (total < choices.noise_floor)
        if choices.slope_band:
            small = small | (slope <= choices.slope_band)
    return small


def critical(years: xr.DataArray, level: int) -> xr.DataArray:
    """Trends.Earth's critical |S| of each pixel's number of years. Raises IndicatorError for more than 40 years."""
    if int(years.max()) > LONGEST:
        raise IndicatorError(
            f"the table of Trends.Earth ends with {LONGEST} years, and the series has {int(years.max())}; "
            "use profile ne-asia"
        )
    column = years.clip(4, LONGEST).astype(int) - 4
    return column.copy(data=np.array(TE_CRITICAL[level])[column.values])


def trends_earth_grade(s: xr.DataArray, years: xr.DataArray) -> xr.DataArray:
    """0 … 3 by Trends.Earth's critical values: 1 above the 90 %, 2 at the 95 %, 3 at the 99 % value.

    Raises IndicatorError for more than 40 years.
    """
    k90, k95, k99 = (critical(years, level) for level in (90, 95, 99))
    size = abs(s)
    graded = (size >= k90).astype(int) + (size >= k95) + (size >= k99)
    return graded.where(size > k90, 0)


def kendall_z(tau: xr.DataArray, years: xr.DataArray) -> xr.DataArray:
    """z of Kendall's tau for the number of `years`, without correction for ties or continuity."""
    return 3 * tau * np.sqrt(years * (years - 1)) / np.sqrt(2 * (2 * years + 5))


def _p_grade(tests: xr.Dataset) -> Any:
    return sum((tests["p"] < level).astype(int) for level in (0.10, 0.05, 0.01))


def _z_grade(tests: xr.Dataset) -> Any:
    z = np.abs(kendall_z(tests["tau"], tests["years"]))
    return (z > KENDALL_Z[0]).astype(int) + (z > KENDALL_Z[1])


def _steady_grade(tests: xr.Dataset) -> Any:
    """2 where |S| reaches the 95 % value, whatever the 90 % value is: unlike in Trends.Earth's trajectory."""
    return 2 * (np.abs(tests["s"]) >= critical(tests["years"], 95)).astype(int)


_GRADES = {
    "mann-kendall": _p_grade,
    "critical-s": lambda tests: trends_earth_grade(tests["s"], tests["years"]),
    "kendall-z": _z_grade,
    "steadiness": _steady_grade,
}
