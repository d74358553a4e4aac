"""Which decline could have been detected in the noise of a region?

Declines of known size are added to the noise of the map (residuals about the Theil–Sen line of each pixel, years in a
random order), and the profile tries to find them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from indicators.chance.region_pixels import region_pixels
from indicators.chance.resampling import alone, directions, orders, residuals
from indicators.codes import DEGRADED, NODATA
from indicators.profiles import Profile, get
from indicators.trends.theil_sen import Annual

#: Declines that are tried, shares of a pixel's mean over the whole period; 0 measures false alarms.
SIZES = (0.0, 0.05, 0.10, 0.20, 0.40)
SHAPES = ("ramp", "step")
#: Probability with which the detectable decline is found.
FOUND = 0.8
#: Fewest orders of years for the mean of the region, which is a single series.
REGION_ORDERS = 200
#: Values (years × maps × pixels) that are computed together.
BLOCK = 4_000_000


@dataclass(frozen=True)
class Detectability:
    """Result of `detectable`.

    `curve`: scale (`pixel` or `region`), shape (`ramp` or `step`), decline (share of the mean over the period), found
    (share of the declines that trajectory calls degraded). `permutations`, `region_permutations`: orders of years for
    pixels and for the region; `affected`: share of pixels with a decline.
    """

    curve: pd.DataFrame
    pixels: int
    permutations: int
    affected: float
    region_permutations: int

    def smallest(self, scale: str = "pixel", shape: str = "ramp", found: float = FOUND) -> float:
        """Smallest decline (share of the mean) that is found with probability `found`, interpolated linearly.

        NaN where even the largest is found less often.
        """
        own = self.curve[(self.curve["scale"] == scale) & (self.curve["shape"] == shape)]
        return crossing(own["decline"].to_numpy(), own["found"].to_numpy(), found)

    @property
    def false_alarms(self) -> float:
        """Share of pixels that are called degraded without a decline."""
        own = self.curve[(self.curve["scale"] == "pixel") & (self.curve["decline"] == 0)]
        return float(own["found"].mean())


def crossing(sizes: NDArray[np.float64], found: NDArray[np.float64], level: float) -> float:
    """First size at which `found` (at ascending sizes) reaches `level`; NaN where it never does."""
    reached = np.flatnonzero(found >= level)
    if len(reached) == 0:
        return float("nan")
    first = int(reached[0])
    if first == 0:
        return float(sizes[0])
    rise = (level - found[first - 1]) / (found[first] - found[first - 1])
    return float(sizes[first - 1] + rise * (sizes[first] - sizes[first - 1]))


def detectable(
    vi: Annual,
    profile: str | Profile = "ne-asia",
    *,
    permutations: int = 50,
    pixels: int = 500,
    affected: float = 0.2,
    weight: Any = None,
    seed: int = 0,
    quantity: str = "ndvi",
) -> Detectability:
    """Detectable decline: which declines the trajectory of a profile finds in the noise of this region.

    Parameters
    ----------
    vi, weight, quantity
        As in `field`.
    profile
        Name of a profile, or `Profile`.
    permutations
        Number of random orders of the years.
    pixels
        Size of the random sample of pixels, drawn by area.
    affected
        Share of the sample that gets a decline. It matters because of the false discovery rate.
    seed
        Seed of the random numbers.

    Returns
    -------
    Detectability
        `curve` (table), `smallest(scale, shape)` (share of the mean), `false_alarms` (0 to 1).

    Raises
    ------
    IndicatorError
        The weights do not fit, or no pixel has a value.

    Notes
    -----
    Each permutation takes one order of years for the whole sample, and adds a decline of every size and shape to a
    share `affected` of its pixels. A ramp falls evenly from the first year to the last; a step comes in the middle of
    the record. For the region, the decline is added to its mean series. Trends are removed from the noise, and with
    them a part of its slow variation, so the result is rather too favourable.

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> noise = np.random.default_rng(0).normal(0, 0.01, (20, 50))
    >>> ndvi = xr.DataArray(0.3 + noise, {"year": range(2001, 2021)}, ("year", "x"))
    >>> 0.05 < detectable(ndvi, permutations=20).smallest() < 0.2
    True
    """
    choices = get(profile)
    rng = np.random.default_rng(seed)
    values, years, area = region_pixels(vi, weight)
    mean = _region_mean(values, area)
    chosen = rng.choice(values.shape[1], size=min(pixels, values.shape[1]), replace=False, p=area / area.sum())
    noise = _noise(values[:, chosen], years)
    regional = _noise(mean[:, None], years)
    drawn = np.stack(list(orders(len(years), permutations, rng)))
    hit = np.stack([_sample(len(chosen), affected, rng) for _ in range(permutations)])
    region_drawn = np.stack(list(orders(len(years), max(permutations, REGION_ORDERS), rng)))
    region_hit = np.ones((len(region_drawn), 1), bool)
    tried = [(shape, size) for shape in SHAPES for size in SIZES]
    falls = np.stack([size * course(shape, years) for shape, size in tried])
    shares_by_scale = {
        "pixel": _found(noise, years, drawn, hit, falls, choices, quantity),
        "region": _found(regional, years, region_drawn, region_hit, falls, alone(choices), quantity),
    }
    rows = [
        (scale, shape, size, share)
        for scale, shares in shares_by_scale.items()
        for (shape, size), share in zip(tried, shares, strict=True)
    ]
    curve = pd.DataFrame(rows, columns=["scale", "shape", "decline", "found"])
    return Detectability(curve, len(chosen), permutations, affected, len(region_drawn))


def _sample(count: int, share: float, rng: np.random.Generator) -> NDArray[np.bool_]:
    """A random share of `count` pixels, at least one."""
    member = np.zeros(count, bool)
    member[rng.choice(count, size=max(1, round(share * count)), replace=False)] = True
    return member


def _region_mean(values: NDArray[np.float64], area: NDArray[np.float64]) -> NDArray[np.float64]:
    known = np.isfinite(values)
    total = (known * area).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total > 0, (np.where(known, values, 0) * area).sum(axis=1) / total, np.nan)


def _noise(values: NDArray[np.float64], years: NDArray[Any]) -> NDArray[np.float64]:
    """Values (year, pixel) without their trend, at their own level (the mean)."""
    rest = residuals(values, years)
    with np.errstate(invalid="ignore"):
        known = np.isfinite(values).sum(axis=0)
        level = np.where(known > 0, np.nansum(values, axis=0) / np.maximum(known, 1), np.nan)
        return rest - np.where(known > 0, np.nansum(rest, axis=0) / np.maximum(known, 1), np.nan) + level


def course(shape: str, years: NDArray[Any]) -> NDArray[np.float64]:
    """Part of the decline that has happened in each year, 0 to 1."""
    elapsed = (years - years[0]) / max(float(years[-1] - years[0]), 1.0)
    return elapsed if shape == "ramp" else (elapsed >= 0.5).astype(float)


def _found(
    noise: NDArray[np.float64],
    years: NDArray[Any],
    drawn: NDArray[np.int64],
    hit: NDArray[np.bool_],
    falls: NDArray[np.float64],
    profile: Profile,
    quantity: str,
) -> NDArray[np.float64]:
    """Share of the declining pixels that are called degraded, for each of `falls` (decline, year), over all orders.

    With a decline of zero, all pixels count: the share is that of false alarms. NaN where no pixel can be judged.
    """
    with np.errstate(invalid="ignore"):
        level = np.nansum(noise, axis=0) / np.maximum(np.isfinite(noise).sum(axis=0), 1)
    no_decline = np.abs(falls).max(axis=1) == 0
    members = hit[None] | no_decline[:, None, None]
    together = max(1, BLOCK // (noise.size * len(falls)))
    found, judged = np.zeros(len(falls)), np.zeros(len(falls))
    for start in range(0, len(drawn), together):
        member = members[:, start : start + together]
        maps = noise[drawn[start : start + together]].transpose(1, 0, 2)[:, None] - (
            falls.T[:, :, None, None] * (level * member)
        )
        direction = directions(maps.reshape(len(years), -1, noise.shape[1]), years, profile, quantity=quantity)
        direction = direction.reshape(member.shape)
        found += ((direction == DEGRADED) & member).sum(axis=(1, 2))
        judged += ((direction != NODATA) & member).sum(axis=(1, 2))
    return np.divide(found, judged, out=np.full(len(falls), np.nan), where=judged > 0)
