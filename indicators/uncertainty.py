"""Areas with intervals: from a sample of reference sites, or from the years themselves.

Stratified estimator (Olofsson et al. 2014, doi:10.1016/j.rse.2014.02.015, equations 4, 9 to 11): with n_ij sites of
map class i and reference class j, and W_i the share of the map in class i, the share of class j is
p_j = Σ_i W_i n_ij / n_i, with standard error √Σ_i (W_i p̂_ij − p̂_ij²) / (n_i − 1), where p̂_ij = W_i n_ij / n_i.

Without reference sites nothing tells how often the map is wrong. What can be told is how much of an area hangs on
the order in which the years happened to fall: `resampled` gives the interval of *significance*, see there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from indicators import productivity as lp
from indicators import sdg
from indicators.codes import DEGRADED, IMPROVED, MEANINGS, NODATA, STABLE
from indicators.errors import IndicatorError
from indicators.profiles import Profile, get
from indicators.resampling import directions, orders, residuals, signal

#: Of a normal distribution, for an interval of 95 %.
Z95 = 1.959963984540054
#: How an interval was made; it stands beside every interval.
SAMPLE, RESAMPLED = "stratified estimator", "resampled significance"
JUDGED = {code: MEANINGS[code] for code in (DEGRADED, STABLE, IMPROVED)}


def stratified_areas(matrix: pd.DataFrame, mapped_km2: Mapping[str, float]) -> pd.DataFrame:
    """Areas of classes corrected for the errors of the map, with 95 % intervals.

    `matrix`: numbers of reference sites, a row for every map class and a column for every reference class, under the
    same names, from a random sample within each map class; `mapped_km2`: mapped area of each class. Returns a row a
    class: mapped_km2, area_km2, se_km2, low_km2, high_km2 (not below 0), users, producers (accuracies, 0…1). A map
    class without area counts for nothing. Raises IndicatorError for a table that is no such matrix.
    """
    counts = _checked(matrix, mapped_km2)
    classes = list(matrix.columns)
    mapped = np.array([float(mapped_km2.get(name, 0.0)) for name in classes])
    total = mapped.sum()
    weight = mapped / total
    size = counts.sum(axis=1)
    used = weight > 0
    cell = np.zeros_like(counts)
    cell[used] = weight[used, None] * counts[used] / size[used, None]
    share = cell.sum(axis=0)
    spread = (weight[:, None] * cell - cell**2)[used] / (size[used, None] - 1)
    error = np.sqrt(np.maximum(spread, 0).sum(axis=0))
    with np.errstate(divide="ignore", invalid="ignore"):
        accuracies = {
            "users": np.diag(counts) / size,
            "producers": np.where(share > 0, np.diag(cell) / share, np.nan),
        }
    return pd.DataFrame(
        {
            "class": classes,
            "mapped_km2": mapped,
            "area_km2": share * total,
            "se_km2": error * total,
            "low_km2": np.maximum(share - Z95 * error, 0) * total,
            "high_km2": np.minimum(share + Z95 * error, 1) * total,
            **accuracies,
        }
    )


def _checked(matrix: pd.DataFrame, mapped_km2: Mapping[str, float]) -> np.ndarray:
    if list(matrix.index) != list(matrix.columns):
        raise IndicatorError(
            f"confusion matrix: rows {list(matrix.index)} (map) and columns {list(matrix.columns)} (reference) "
            f"differ; name the same classes in the same order"
        )
    counts = matrix.to_numpy(float)
    if not np.isfinite(counts).all() or (counts < 0).any():
        raise IndicatorError("confusion matrix: a number of sites is missing or negative; give counts from 0 up")
    strangers = [name for name, km2 in mapped_km2.items() if km2 > 0 and name not in matrix.index]
    if strangers:
        raise IndicatorError(f"confusion matrix: has no class {strangers[0]!r}, which the map shows; add its row")
    if not sum(mapped_km2.values()) > 0:
        raise IndicatorError("confusion matrix: the map shows no area of any class; nothing can be estimated")
    for name, sites in zip(matrix.index, counts.sum(axis=1), strict=True):
        if sites < 2 and mapped_km2.get(str(name), 0.0) > 0:
            raise IndicatorError(
                f"confusion matrix: map class {name!r} has {sites:.0f} reference sites; at least 2 are needed"
            )
    return counts


@dataclass(frozen=True)
class Windows:
    """Years (first and last, both included) of trajectory and state; those of the period that is assessed."""

    trajectory: tuple[int, int]
    state_baseline: tuple[int, int]
    state_recent: tuple[int, int]


def resampled(
    vi: xr.DataArray,
    windows: Windows,
    parts: xr.Dataset,
    weight: np.ndarray,
    profile: str | Profile = "ne-asia",
    *,
    draws: int = 99,
    seed: int = 0,
    quantity: str = "ndvi",
) -> pd.DataFrame:
    """Intervals of the shares of degraded, stable and improved land that the order of the years allows for.

    `vi` (year, pixel); `parts` (pixel): `performance` (direction), `land_cover` and `soil_organic_carbon` classes,
    which stay as they are; `weight` (pixel): areas. In each of `draws` the residuals of every pixel about its own
    Theil–Sen line are put in another order of years, one order for all pixels, so that spatial correlation stays, and
    added to the line; trajectory (with the profile's false discovery rate) and state are judged again, and LPD and
    one out, all out follow. The interval of a class is the 2.5th to 97.5th percentile of its share, stretched to
    hold the share that is mapped. It tells how repeatable the map is under other years of the same kind, not how
    often it is wrong: only reference sites tell that.

    Returns a row an indicator (`productivity`, `sdg`) and class: share, low, high (0…1, of the judged pixels).
    """
    choices = get(profile)
    rng = np.random.default_rng(seed)
    years = vi["year"].values
    line, rest = signal(vi.values, years), residuals(vi.values, years)
    mapped = _shares(vi.values[:, None], vi, windows, parts, weight, choices, quantity)
    found = np.stack(
        [
            _shares((line + rest[order])[:, None], vi, windows, parts, weight, choices, quantity)
            for order in orders(len(years), draws, rng)
        ]
    )
    low, high = np.nanpercentile(found, [2.5, 97.5], axis=0)
    names = [(indicator, name) for indicator in ("productivity", "sdg") for name in JUDGED.values()]
    return pd.DataFrame(
        {
            "indicator": [name[0] for name in names],
            "class": [name[1] for name in names],
            "share": mapped,
            "low": np.minimum(low, mapped),
            "high": np.maximum(high, mapped),
        }
    )


def _shares(
    values: np.ndarray,
    vi: xr.DataArray,
    windows: Windows,
    parts: xr.Dataset,
    weight: np.ndarray,
    choices: Profile,
    quantity: str,
) -> np.ndarray:
    """Shares of the three classes in productivity, then in SDG 15.3.1, for values (year, 1, pixel)."""
    years = vi["year"].values
    chosen = (years >= windows.trajectory[0]) & (years <= windows.trajectory[1])
    way = directions(values[chosen], years[chosen], choices, quantity=quantity)[0]
    cube = xr.DataArray(values[:, 0], coords={"year": years}, dims=("year", "pixel"))
    state = lp.state(cube, windows.state_baseline, windows.state_recent, choices, quantity=quantity)["direction"]
    trend = xr.DataArray(np.where(way == NODATA, np.nan, way), dims="pixel")
    classes = lp.lpd(trend, state, parts["performance"], choices.lpd_table)
    if set(lp.LPD_TABLES[choices.lpd_table].values()) - {-1, 0, 1}:
        classes = lp.lpd3(classes)
    combined = sdg.one_out_all_out(classes, parts["land_cover"], parts["soil_organic_carbon"])["sdg"]
    return np.concatenate([_share(layer.values, weight) for layer in (classes, combined)])


def _share(classes: np.ndarray, weight: np.ndarray) -> np.ndarray:
    areas = np.array([weight[classes == code].sum() for code in JUDGED])
    return areas / areas.sum() if areas.sum() > 0 else np.full(len(areas), np.nan)
