"""Trajectory: the trend of the annual value, how sure it is, and whether it is large enough to count.

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
from indicators.trends.theil_sen import false_discovery_rate, series, theil_sen_mann_kendall

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
    found = regression.least_squares(y, x, dim)
    return found["slope"], found["intercept"]


def adjusted(vi: xr.DataArray, climate: xr.DataArray | None, method: Method) -> xr.DataArray:
    """The series whose trend is asked for: as it is, RESTREND residuals, or a ratio to climate.

    Residuals are shifted to the mean of the series, so that relative bands keep their meaning. Raises
    IndicatorError where the method needs a climate series and there is none.
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
    """All that a trajectory is judged by: `slope`, `s`, `tau`, `p`, `years` (valid ones), `mean`.

    Several profiles share one call where their slope and window are the same.
    """
    found = theil_sen_mann_kendall(values)[["slope", "s", "tau", "p"]]
    if slope == "least-squares":
        found["slope"] = least_squares(values, values["year"].astype(float))[0]
    known = blocks.apply("year", 2, _known, values)
    found["years"] = known.isel(layer=0).astype(int)
    found["mean"] = known.isel(layer=1)
    found.attrs["span"] = float(values["year"][-1] - values["year"][0])
    return found


def judged(found: xr.Dataset, choices: Trajectory, quantity: str = "ndvi") -> xr.Dataset:
    """`slope`, `p`, `significance` and `direction` of `statistics`, before any false discovery rate; NaN: no data."""
    enough = found["years"] >= choices.minimum_years
    grade = _GRADES[choices.test](found)
    banded = in_band(found, choices, quantity)
    falling = found["s"] if by_score(choices) else found["slope"]
    significance = xr.where(banded, 0, grade * np.sign(falling)).where(enough)
    direction = xr.where(np.abs(significance) >= 2, np.sign(significance), 0).where(enough)
    if choices.detectability and quantity == "ndvi":
        direction = direction.where(found["mean"] >= choices.detectability)
    return xr.Dataset({"slope": found["slope"], "p": found["p"], "significance": significance, "direction": direction})


def by_score(choices: Trajectory) -> bool:
    """Whether a trend has the sign of S: SEPAL asks its z alone, whichever way a least-squares line runs."""
    return choices.test == "kendall-z"


def trajectory(
    vi: Any,
    climate: Any = None,
    method: Method = "ndvi",
    profile: str | Profile = "ne-asia",
    *,
    quantity: str = "ndvi",
    within: xr.DataArray | None = None,
) -> xr.Dataset:
    """Trend of the annual value (year, …; or one pandas series): `slope`, `p`, `significance` (−3 … 3), `direction`.

    `significance` is 1, 2, 3 at 10, 5, 1 % with the sign of the slope (SEPAL: 1, 2 at its z of 1.28, 1.96, with the
    sign of z); `direction` is −1, 0, 1. Bands in NDVI apply to `quantity` ndvi only; shares of the mean apply to any.
    `within` marks the pixels over which the false discovery rate is held; `direction_plain` is the direction without
    it. NaN in `direction` where fewer years than the profile asks for are valid.
    """
    choices = get(profile).trajectory
    rain = None if climate is None else series(climate, "year")
    found = statistics(adjusted(series(vi, "year"), rain, method), choices.slope)
    result = judged(found, choices, quantity)
    result["direction_plain"] = result["direction"]
    if choices.fdr is not None:
        member = candidates(found, choices, within)
        sure = false_discovery_rate(found["p"].where(member), choices.fdr)
        result["direction"] = kept(result["direction"], sure)
    return result


def candidates(found: xr.Dataset, choices: Trajectory, within: Any) -> xr.DataArray:
    """The pixels whose p-values share the false discovery rate: enough years, and in the region."""
    enough = found["years"] >= choices.minimum_years
    return enough if within is None else enough & within


def kept(direction: xr.DataArray, sure: Any) -> xr.DataArray:
    """A direction where the false discovery rate lets it stand, 0 elsewhere; NaN stays."""
    return direction.where((direction == 0) | direction.isnull() | sure, 0)


def in_band(found: xr.Dataset, choices: Trajectory, quantity: str) -> xr.DataArray:
    """Whether a trend is too small to count, by the profile's dead-bands."""
    slope = np.abs(found["slope"])
    total = slope * found.attrs["span"]
    small: xr.DataArray = total < choices.change_band * np.abs(found["mean"])
    if quantity == "ndvi":
        small = small | (total < choices.noise_floor)
        if choices.slope_band:
            small = small | (slope <= choices.slope_band)
    return small


def critical(years: xr.DataArray, level: int) -> xr.DataArray:
    """Trends.Earth's critical |S| of each pixel's number of years. Raises IndicatorError for more than 40 years."""
    if int(years.max()) > LONGEST:
        raise IndicatorError("the Trends.Earth table ends with 40 years; use the profile ne-asia for longer series")
    place = years.clip(4, LONGEST).astype(int) - 4
    return place.copy(data=np.array(TE_CRITICAL[level])[place.values])


def trends_earth_grade(s: xr.DataArray, years: xr.DataArray) -> xr.DataArray:
    """0 … 3 by Trends.Earth's critical values: 1 above the 90 %, 2 at the 95 %, 3 at the 99 % value.

    Raises IndicatorError for more than 40 years.
    """
    k90, k95, k99 = (critical(years, level) for level in (90, 95, 99))
    size = abs(s)
    graded = (size >= k90).astype(int) + (size >= k95) + (size >= k99)
    return graded.where(size > k90, 0)


def kendall_z(tau: xr.DataArray, years: xr.DataArray) -> xr.DataArray:
    """z of Kendall's tau for that many years; neither ties nor continuity are corrected for."""
    return 3 * tau * np.sqrt(years * (years - 1)) / np.sqrt(2 * (2 * years + 5))


def _p_grade(found: xr.Dataset) -> Any:
    return sum((found["p"] < level).astype(int) for level in (0.10, 0.05, 0.01))


def _z_grade(found: xr.Dataset) -> Any:
    z = np.abs(kendall_z(found["tau"], found["years"]))
    return (z > KENDALL_Z[0]).astype(int) + (z > KENDALL_Z[1])


def _steady_grade(found: xr.Dataset) -> Any:
    """2 where |S| reaches the 95 % value, whatever the 90 % value is: unlike in Trends.Earth's trajectory."""
    return 2 * (np.abs(found["s"]) >= critical(found["years"], 95)).astype(int)


_GRADES = {
    "mann-kendall": _p_grade,
    "critical-s": lambda found: trends_earth_grade(found["s"], found["years"]),
    "kendall-z": _z_grade,
    "steadiness": _steady_grade,
}
