"""How sure a map of trends is: field significance, and the smallest decline that could have been found.

Field significance (Livezey & Chen 1983, doi:10.1175/1520-0493(1983)111<0046:SFSAID>2.0.CO;2; Wilks 2006): p-values of
single pixels say nothing of a map, for neighbours share their weather. So the years are put in another order, one
order for the whole map, and the degraded share by trajectory is measured again; with N orders,
p = (1 + number of shares at least as large as the map's) / (1 + N).

Detectability: declines of known size go into the map's own noise (residuals about each pixel's Theil–Sen line, years
in another order), and the profile is asked to find them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from indicators.chance.permuted import degraded_by_order
from indicators.chance.resampling import alone, directions, orders, residuals
from indicators.codes import DEGRADED, NODATA
from indicators.errors import IndicatorError
from indicators.profiles import Profile, get
from indicators.trends.theil_sen import series

#: Declines that are tried, shares of a pixel's mean over the whole period; 0 tells false alarms.
SIZES = (0.0, 0.05, 0.10, 0.20, 0.40)
SHAPES = ("ramp", "step")
#: Share of the declines that has to be found.
FOUND = 0.8
#: Orders of years that the region's mean is tried with, at least: it is a single series.
REGION_ORDERS = 200
#: Values (years × maps × pixels) that are worked on at the same time.
BLOCK = 4_000_000


@dataclass(frozen=True)
class FieldSignificance:
    """`share`: degraded share of the judged area by trajectory; `p`; `distribution`: shares under other orders."""

    share: float
    p: float
    distribution: NDArray[np.float64]
    pixels: int

    @property
    def expected(self) -> float:
        """Share that chance alone calls degraded: the mean over the orders."""
        return float(self.distribution.mean())


def field(
    vi: Any,
    profile: str | Profile = "ne-asia",
    *,
    permutations: int = 999,
    weight: Any = None,
    seed: int = 0,
    quantity: str = "ndvi",
) -> FieldSignificance:
    """Whether a region has more degraded land, by trajectory, than years in random order would give.

    `vi` (year, and any other dimensions; or one pandas series) is the annual productivity of the region; `weight` (the
    other dimensions) the area of each pixel inside it, 0 outside; all alike without. The same `seed` gives the same
    answer. Memory does not grow with the number of permutations times pixels. Where all pixels rise and fall together
    the region is no more than one series: then one order in forty makes all of it fall, and p does not go far below
    0.025. Raises IndicatorError where no pixel can be judged.
    """
    choices = get(profile)
    if permutations < 1:
        raise IndicatorError(f"field significance: {permutations} permutations are too few; give 99 or more")
    values, years, area = _pixels(vi, weight)
    drawn = np.stack([np.arange(len(years)), *orders(len(years), permutations, np.random.default_rng(seed))])
    shares = degraded_by_order(values, years, drawn, area, choices, quantity)
    if not np.isfinite(shares[0]):
        raise IndicatorError(
            f"field significance: no pixel has the {choices.trajectory.minimum_years} years and the level that profile "
            f"{choices.name} asks for; give a longer record or another profile"
        )
    # Sums in another order differ in the last digit; that is no difference.
    reached = int((shares[1:] >= shares[0] * (1 - 1e-9)).sum())
    return FieldSignificance(float(shares[0]), (1 + reached) / (1 + permutations), shares[1:], values.shape[1])


def _pixels(vi: Any, weight: Any) -> tuple[NDArray[np.float64], NDArray[Any], NDArray[np.float64]]:
    """Values (year, pixel) of the pixels that weigh something and hold a value, the years, and the weights."""
    vi = series(vi, "year")
    values = np.asarray(vi.transpose("year", ...), float).reshape(vi.sizes["year"], -1)
    values = np.where(np.isfinite(values), values, np.nan)
    area = np.ones(values.shape[1]) if weight is None else _flat(vi, weight)
    kept = (area > 0) & np.isfinite(values).any(axis=0)
    if not kept.any():
        raise IndicatorError("no pixel of the region holds a value; check the region's mask and the data's years")
    return values[:, kept], vi["year"].values, area[kept]


def _flat(vi: xr.DataArray, weight: Any) -> NDArray[np.float64]:
    if isinstance(weight, xr.DataArray):
        weight = weight.transpose(*(name for name in vi.transpose("year", ...).dims if name != "year"))
    area = np.nan_to_num(np.asarray(weight, float).reshape(-1))
    expected = int(np.prod([size for name, size in vi.sizes.items() if name != "year"]))
    if len(area) != expected or (area < 0).any():
        raise IndicatorError(f"weight: {len(area)} values for {expected} pixels, or a negative one; give one area each")
    return area


@dataclass(frozen=True)
class Detectability:
    """What could have been found.

    `curve`: scale (`pixel` or `region`), shape (`ramp` or `step`), decline (share of the mean over the period), found
    (share of the declines that trajectory called degraded). `smallest` answers by (scale, shape). `permutations`
    is the number of orders of years for pixels, `affected` the share of pixels with a decline.
    """

    curve: pd.DataFrame
    pixels: int
    permutations: int
    affected: float
    region_permutations: int

    def smallest(self, scale: str = "pixel", shape: str = "ramp", found: float = FOUND) -> float:
        """Smallest decline (share of the mean) that is found that often, between the sizes by a straight line.

        NaN where not even the largest is.
        """
        own = self.curve[(self.curve["scale"] == scale) & (self.curve["shape"] == shape)]
        return crossing(own["decline"].to_numpy(), own["found"].to_numpy(), found)

    @property
    def false_alarms(self) -> float:
        """Share of pixels that are called degraded where nothing was put in."""
        own = self.curve[(self.curve["scale"] == "pixel") & (self.curve["decline"] == 0)]
        return float(own["found"].mean())


def crossing(sizes: NDArray[np.float64], found: NDArray[np.float64], level: float) -> float:
    """First size at which `found` (at ascending sizes) reaches `level`; NaN where it never does."""
    reached = np.flatnonzero(found >= level)
    if len(reached) == 0:
        return float("nan")
    place = int(reached[0])
    if place == 0:
        return float(sizes[0])
    rise = (level - found[place - 1]) / (found[place] - found[place - 1])
    return float(sizes[place - 1] + rise * (sizes[place] - sizes[place - 1]))


def detectable(
    vi: Any,
    profile: str | Profile = "ne-asia",
    *,
    permutations: int = 50,
    pixels: int = 500,
    affected: float = 0.2,
    weight: Any = None,
    seed: int = 0,
    quantity: str = "ndvi",
) -> Detectability:
    """Which declines the profile's trajectory would have found in this region's own noise.

    `vi` and `weight` as for `field`. Each of `permutations` takes one order of years for all of a random sample of
    `pixels` (drawn by area) and puts a decline of every size and shape into a share `affected` of them, for with a
    false discovery rate it matters how much else there is to find; a ramp falls evenly from the first year to the
    last, a step comes in the middle of the record. `found` is the share of those pixels that is called degraded, of
    those that can be judged. For the region, the decline goes into its mean series. Trends are taken out of the noise,
    and with them a little of its slow variation: what is found is, if anything, overstated.
    """
    choices = get(profile)
    rng = np.random.default_rng(seed)
    values, years, area = _pixels(vi, weight)
    mean = _region_mean(values, area)
    chosen = rng.choice(values.shape[1], size=min(pixels, values.shape[1]), replace=False, p=area / area.sum())
    noise = _noise(values[:, chosen], years)
    regional = _noise(mean[:, None], years)
    drawn = np.stack(list(orders(len(years), permutations, rng)))
    hit = np.stack([_sample(len(chosen), affected, rng) for _ in range(permutations)])
    often = np.stack(list(orders(len(years), max(permutations, REGION_ORDERS), rng)))
    always = np.ones((len(often), 1), bool)
    tried = [(shape, size) for shape in SHAPES for size in SIZES]
    falls = np.stack([size * course(shape, years) for shape, size in tried])
    found = {
        "pixel": _found(noise, years, drawn, hit, falls, choices, quantity),
        "region": _found(regional, years, often, always, falls, alone(choices), quantity),
    }
    rows = [
        (scale, shape, size, share)
        for scale, shares in found.items()
        for (shape, size), share in zip(tried, shares, strict=True)
    ]
    curve = pd.DataFrame(rows, columns=["scale", "shape", "decline", "found"])
    return Detectability(curve, len(chosen), permutations, affected, len(often))


def _sample(count: int, share: float, rng: np.random.Generator) -> NDArray[np.bool_]:
    """A random share of that many, at least one."""
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
    """How far a decline has come in each year, 0 … 1."""
    place = (years - years[0]) / max(float(years[-1] - years[0]), 1.0)
    return place if shape == "ramp" else (place >= 0.5).astype(float)


def _found(
    noise: NDArray[np.float64],
    years: NDArray[Any],
    drawn: NDArray[np.int64],
    hit: NDArray[np.bool_],
    falls: NDArray[np.float64],
    profile: Profile,
    quantity: str,
) -> NDArray[np.float64]:
    """Share of the pixels with a decline that is called degraded, for each of `falls` (decline, year), over all orders.

    A decline of nothing is one in every pixel: its share is that of false alarms. NaN where none can be judged.
    """
    with np.errstate(invalid="ignore"):
        level = np.nansum(noise, axis=0) / np.maximum(np.isfinite(noise).sum(axis=0), 1)
    nothing = np.abs(falls).max(axis=1) == 0
    members = hit[None] | nothing[:, None, None]
    at_once = max(1, BLOCK // (noise.size * len(falls)))
    found, judged = np.zeros(len(falls)), np.zeros(len(falls))
    for start in range(0, len(drawn), at_once):
        member = members[:, start : start + at_once]
        maps = noise[drawn[start : start + at_once]].transpose(1, 0, 2)[:, None] - (
            falls.T[:, :, None, None] * (level * member)
        )
        way = directions(maps.reshape(len(years), -1, noise.shape[1]), years, profile, quantity=quantity)
        way = way.reshape(member.shape)
        found += ((way == DEGRADED) & member).sum(axis=(1, 2))
        judged += ((way != NODATA) & member).sum(axis=(1, 2))
    return np.divide(found, judged, out=np.full(len(falls), np.nan), where=judged > 0)
