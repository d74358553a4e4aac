"""Areas with intervals: from a sample of reference sites, or from the years themselves.

Stratified estimator (Olofsson et al. 2014, doi:10.1016/j.rse.2014.02.015, equations 4, 9 to 11): with n_ij sites of
map class i and reference class j, and W_i the share of the map in class i, the share of class j is
p_j = Σ_i W_i n_ij / n_i, with standard error √Σ_i (W_i p̂_ij − p̂_ij²) / (n_i − 1), where p̂_ij = W_i n_ij / n_i.

Without reference sites two things can be determined. How much of a mapped area hangs on the order in which the years
happened to fall: `resampled` gives that interval of *significance*. It is one of the map, not of the land: a method
that takes noise for decline does so in every order of years. And which true shares of degraded land the map is in
accord with, from the errors that the method makes in the map's own noise: `indicators.certainty.prevalence`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from indicators.chance.resampling import alone, orders, signal
from indicators.codes import DEGRADED, IMPROVED, MEANINGS, STABLE
from indicators.errors import IndicatorError
from indicators.profiles import Profile, get
from indicators.sdg15.judged_maps import judged_maps, land_performance, moving_layers
from indicators.sdg15.measures import PEAK, PixelInputs, measure_land, measure_method
from indicators.sdg15.performance import Best
from indicators.sdg15.periods import Period

#: Of a normal distribution, for an interval of 95 %.
Z95 = 1.959963984540054
INDICATORS = ("productivity", "sdg")
JUDGED = {code: MEANINGS[code] for code in (DEGRADED, STABLE, IMPROVED)}


def stratified_areas(matrix: pd.DataFrame, mapped_km2: Mapping[str, float]) -> pd.DataFrame:
    """Areas of classes corrected for the errors of the map, with 95 % intervals.

    `matrix`: numbers of reference sites, a row for every map class and a column for every reference class, under the
    same names, from a random sample within each map class; `mapped_km2`: mapped area of each class. Returns a row a
    class: mapped_km2, area_km2, se_km2, low_km2, high_km2 (not below 0), users, producers (accuracies, 0…1). A map
    class without area does not count. Raises IndicatorError for a table that is not such a matrix.
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


def resampled(
    place: PixelInputs,
    period: Period,
    best: Mapping[str, Best],
    weight: np.ndarray,
    profile: str | Profile = "ne-asia",
    *,
    draws: int = 99,
    seed: int = 0,
) -> pd.DataFrame:
    """Intervals of the shares that a map calls degraded, stable and improved: what other years like these would give.

    They are of the map, not of the land, and need not hold the true share. What the method errs in alike in every order
    of years (false alarms, declines too small for it) moves the share and leaves the interval where it is.

    `place` holds pixels along `x`, in one row `y`; `best` the best of each unit of performance by kind of annual
    value, `weight` (x) their areas. In each of `draws` the residuals of every pixel about its own Theil–Sen line, over
    the years of the period, are put in another order, one order for all pixels, so that spatial correlation stays, and
    added to the line again; trajectory (with the profile's false discovery rate) and state are judged again, and LPD
    and one out, all out follow; performance, land cover and soil carbon stay as they are. The interval of a class
    reaches as far to both sides of the mapped share as the 95 % range of the resampled shares does on its farther one:
    noise that is added to noise calls more land degraded, so that the range alone lies to one side of the map's.

    Returns a row for each indicator (`productivity`, `sdg`) and class: share, low, high (0…1, of the judged pixels).
    """
    choices = get(profile)
    vi = place.vi[choices.annual].sel(year=slice(period.trajectory[0], period.trajectory[1]))
    values = vi.transpose("year", "y", "x").values[:, 0].astype(float)
    line = signal(values, vi["year"].values)
    rest = values - line
    drawn = orders(len(values), draws, np.random.default_rng(seed))
    maps = np.stack([values, *(line + rest[order] for order in drawn)], axis=1)
    shares = np.stack([_shares(layer, weight) for layer in _judged(maps, place, period, best, choices)])
    names = [(indicator, name) for indicator in INDICATORS for name in JUDGED.values()]
    found = pd.DataFrame(names, columns=["indicator", "class"])
    found["share"] = mapped = shares[:, 0].reshape(-1)
    judged = np.isfinite(shares).all(axis=(0, 2))
    judged[0] = not judged[1:].any()  # the map itself is no draw, unless it is all there is
    low, high = np.percentile(shares[:, judged], [2.5, 97.5], axis=1) if judged.any() else (shares[:, 0],) * 2
    reach = np.fmax(mapped - low.reshape(-1), high.reshape(-1) - mapped)
    return found.assign(low=np.maximum(mapped - reach, 0), high=np.minimum(mapped + reach, 1))


def _judged(
    maps: np.ndarray, place: PixelInputs, period: Period, best: Mapping[str, Best], profile: Profile
) -> list[np.ndarray]:
    """Classes (map, pixel) of the indicators for values (year, map, pixel), each map judged on its own."""
    moved = moving(maps, place, period, profile)
    land = unmoved(place, period, profile)
    found = judged_maps(moved, land, land_performance(land, best, profile), profile)
    return [found[name] for name in INDICATORS]


def unmoved(place: PixelInputs, period: Period, profile: Profile) -> xr.Dataset:
    """What does not change with the order of the years: land cover, soil carbon, means and units of performance."""
    return measure_land(place, [period], [profile])[0]


def moving(maps: np.ndarray, place: PixelInputs, period: Period, profile: Profile) -> dict[str, np.ndarray]:
    """What does, for values (year, map, pixel) of the period's years: layers (map, pixel) of direction, p, state.

    The direction is that of single series; p is NaN where the years are too few to share a false discovery rate.
    """
    years = place.vi[profile.annual].sel(year=slice(period.trajectory[0], period.trajectory[1]))["year"].values
    cube = xr.DataArray(maps, coords={"year": years}, dims=("year", "y", "x"))
    # what is desert stays so in every order of the years
    peaks = {PEAK: place.vi[PEAK]} if PEAK in place.vi else {}
    only = PixelInputs({profile.annual: cube, **peaks}, place.quantity)
    return moving_layers(measure_method(only, period, alone(profile), {}))


def _shares(classes: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Shares (map, class) of the judged area."""
    areas = np.stack([((classes == code) * weight).sum(axis=1) for code in JUDGED], axis=1)
    total = areas.sum(axis=1, keepdims=True)
    return np.divide(areas, total, out=np.full(areas.shape, np.nan), where=total > 0)


def spread(found: pd.DataFrame, areas: pd.DataFrame) -> pd.DataFrame:
    """Areas (indicator, class, area_km2, valid_km2) with low_km2 and high_km2 from intervals of shares.

    The sample's interval is moved to the mapped share: its distances from the sample's own share are kept. Where no
    order of years gave another share, there is no interval.
    """
    both = areas.merge(found, on=["indicator", "class"], how="left", suffixes=("", "_sample"))
    own = both["share_sample"] if "share_sample" in both else both["share"]
    below, above = (own - both["low"]) * both["valid_km2"], (both["high"] - own) * both["valid_km2"]
    low = (both["area_km2"] - below).clip(lower=0)
    high = (both["area_km2"] + above).clip(upper=both["valid_km2"])
    varied = both["high"] > both["low"]
    return areas.assign(low_km2=low.where(varied).to_numpy(), high_km2=high.where(varied).to_numpy())
