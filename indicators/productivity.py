"""Land productivity: trajectory, state, performance, and the dynamics classes (LPD) that they make.

Trajectory is the trend of the annual value; state compares the last years with those before, by percentile
classes; performance compares a place with the best of its kind. Sources: Good Practice Guidance for SDG 15.3.1
version 2 (UNCCD 2021), section 4.2; PRAIS 4 manual, Table 13; Trends.Earth.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import xarray as xr
from numba import guvectorize

from indicators.codes import DEGRADED, STABLE
from indicators.errors import IndicatorError
from indicators.lpd import LPD_MEANINGS, LPD_TABLES, lpd, lpd3
from indicators.profiles import Profile, get
from indicators.trend import false_discovery_rate, mann_kendall, theil_sen

__all__ = ["LPD_MEANINGS", "LPD_TABLES", "lpd", "lpd3", "performance", "state", "trajectory"]

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
MINIMUM_UNIT = 100


def least_squares(y: xr.DataArray, x: xr.DataArray, dim: str = "year") -> tuple[xr.DataArray, xr.DataArray]:
    """Slope and intercept of y on x over `dim`, pairs with a gap left out; NaN where x does not vary."""
    both = y.notnull() & x.notnull()
    y, x = y.where(both), x.where(both)
    mean_x, mean_y = x.mean(dim), y.mean(dim)
    spread = ((x - mean_x) ** 2).sum(dim)
    slope = ((x - mean_x) * (y - mean_y)).sum(dim) / spread.where(spread > 0)
    return slope, mean_y - slope * mean_x


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
        slope, _ = least_squares(vi, climate)
        return vi - slope * (climate - climate.where(vi.notnull()).mean("year"))
    if method in ("rue", "wue"):
        return vi / (climate / 1000)
    raise IndicatorError(f"method {method!r} is unknown; use ndvi, restrend, rue or wue")


def trajectory(
    vi: Any,
    climate: Any = None,
    method: Method = "ndvi",
    profile: str | Profile = "ne-asia",
    *,
    quantity: str = "ndvi",
    within: xr.DataArray | None = None,
) -> xr.Dataset:
    """Trend of the annual value (year, …): `slope`, `p`, `significance` (−3 … 3), `direction` (−1, 0, 1).

    `significance` is 1, 2, 3 at 10, 5, 1 %, with the sign of the slope. Bands in NDVI apply to `quantity` ndvi only;
    shares of the mean apply to any. `within` marks the pixels over which the false discovery rate is held. NaN in
    `direction` where fewer years than the profile asks for are valid.
    """
    choices = get(profile)
    values = adjusted(vi, climate, method)
    test = mann_kendall(values)
    years = values.notnull().sum("year")
    enough = years >= choices.minimum_years
    if choices.trend == "theil-sen":
        slope, p = theil_sen(values)["slope"], test["p"]
        grade = sum((p < level).astype(int) for level in (0.10, 0.05, 0.01))
    else:
        slope = least_squares(values, values["year"].astype(float))[0]
        p = test["p"]
        grade = trends_earth_grade(test["s"], years)
    banded = in_band(slope, values, choices, quantity)
    significance = xr.where(banded, 0, grade * np.sign(slope)).where(enough)
    strong = np.abs(significance) >= 2
    if choices.fdr is not None:
        member = enough if within is None else enough & within
        strong = strong & false_discovery_rate(p.where(member), choices.fdr)
    direction = xr.where(strong, np.sign(significance), 0).where(enough)
    if choices.detectability and quantity == "ndvi":
        direction = direction.where(values.mean("year") >= choices.detectability)
    return xr.Dataset({"slope": slope, "p": p, "significance": significance, "direction": direction})


def trends_earth_grade(s: xr.DataArray, years: xr.DataArray) -> xr.DataArray:
    """0 … 3 by Trends.Earth's critical values: 1 above the 90 %, 2 at the 95 %, 3 at the 99 % value.

    Raises IndicatorError for more than 40 years.
    """
    if int(years.max()) > 40:
        raise IndicatorError("the Trends.Earth table ends with 40 years; use the profile ne-asia for longer series")
    place = years.clip(4, 40).astype(int) - 4
    k90, k95, k99 = (place.copy(data=np.array(TE_CRITICAL[level])[place.values]) for level in (90, 95, 99))
    size = abs(s)
    graded = (size >= k90).astype(int) + (size >= k95) + (size >= k99)
    return graded.where(size > k90, 0)


def in_band(slope: xr.DataArray, values: xr.DataArray, choices: Profile, quantity: str) -> Any:
    """Whether a trend is too small to count, by the profile's dead-bands."""
    total = np.abs(slope) * (values.sizes["year"] - 1)
    small = total < choices.change_band * np.abs(values.mean("year"))
    if quantity == "ndvi":
        small = small | (total < choices.noise_floor) | (np.abs(slope) <= choices.slope_band)
    return small


def state(
    vi: xr.DataArray,
    baseline: tuple[int, int],
    recent: tuple[int, int],
    profile: str | Profile = "ne-asia",
    *,
    quantity: str = "ndvi",
) -> xr.Dataset:
    """Change of percentile class from the baseline's mean to the recent mean: `change` (−9 … 9), `direction`.

    Classes are the deciles of the baseline years and two pseudo-values, 5 % of the range beyond the smallest and the
    largest. Two classes or more count, unless the means differ less than the dead-band. NaN where either is empty.
    """
    choices = get(profile)
    before = vi.sel(year=slice(*baseline))
    after = vi.sel(year=slice(*recent)).mean("year")
    if before.sizes["year"] < 3 or vi.sel(year=slice(*recent)).sizes["year"] < 1:
        raise IndicatorError(
            f"state: the data cover {int(vi.year[0])}-{int(vi.year[-1])}, not baseline {baseline} and recent {recent}"
        )
    low, high, mean = before.min("year"), before.max("year"), before.mean("year")
    margin = 0.05 * (high - low)
    pseudo = xr.concat([low - margin, high + margin], dim="year").assign_coords(year=[-2, -1])
    change = xr.apply_ufunc(
        _classes_apart,
        xr.concat([before, pseudo], dim="year"),
        mean,
        after,
        input_core_dims=[["year"], [], []],
        dask="parallelized",
        dask_gufunc_kwargs={"allow_rechunk": True},
        output_dtypes=[float],
    )
    difference = np.abs(after - mean)
    band = choices.state_share * np.abs(mean)
    if quantity == "ndvi":
        band = np.maximum(band, choices.state_band)
    moved = (np.abs(change) >= 2) & (difference > band)
    known = after.notnull() & mean.notnull()
    return xr.Dataset(
        {
            "change": change.where(known),
            "direction": xr.where(moved, np.sign(change), 0).where(known),
        }
    )


@guvectorize(["(float64[:], float64[:], float64[:], float64[:])"], "(n),(),()->()", nopython=True)
def _classes_apart(years: Any, before: Any, after: Any, apart: Any) -> None:
    """How many deciles of `years` lie below `after`, less those below `before`; linear interpolation."""
    known = np.sort(years[~np.isnan(years)])
    apart[0] = 0.0
    if len(known) == 0:
        return
    for tenth in range(1, 10):
        place = (len(known) - 1) * tenth / 10
        low = int(place)
        high = min(low + 1, len(known) - 1)
        decile = known[low] + (place - low) * (known[high] - known[low])
        apart[0] += (after[0] > decile) - (before[0] > decile)


def performance(
    vi: xr.DataArray,
    units: xr.DataArray,
    reference: xr.DataArray | None = None,
    profile: str | Profile = "ne-asia",
) -> xr.Dataset:
    """Mean over the years against the 90th percentile of its unit: `ratio`, `direction` (−1 or 0).

    A ratio of 0.5 or less is degraded. Percentiles are taken over the pixels marked in `reference` (all by default),
    which should not change with the area under study. A unit of fewer than 100 reference pixels takes the percentile
    of all of them; `attrs["units_merged"]` counts those units.
    """
    get(profile)
    mean = vi.mean("year")
    values, labels = np.asarray(mean, float), np.broadcast_to(np.asarray(units), mean.shape)
    inside = np.isfinite(values) & (np.asarray(reference) if reference is not None else True)
    best = np.full(values.shape, np.nan)
    everywhere = np.percentile(values[inside], 90) if inside.any() else np.nan
    merged = 0
    for unit in np.unique(labels[np.isfinite(labels.astype(float))]):
        member = labels == unit
        sample = values[member & inside]
        if len(sample) < MINIMUM_UNIT:
            merged += 1
            best[member] = everywhere
        else:
            best[member] = np.percentile(sample, 90)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = mean.copy(data=np.where(best > 0, values / best, np.nan))
    direction = xr.where(ratio <= 0.5, DEGRADED, STABLE).where(ratio.notnull())
    found = xr.Dataset({"ratio": ratio, "direction": direction})
    found.attrs["units_merged"] = merged
    return found
