"""Mann–Kendall's S of a whole map under many orders of the years.

S under an order is Σ_{i<j} sign(y_j − y_i) · c_ij, where c_ij is 1 if year i still comes before year j and −1 if not.
The signs belong to the pixel and the c_ij to the order, so S of all pixels under all orders is one product of two
matrices, exact in single precision. The number of valid years, the ties and the mean do not change with the order;
slopes are needed only where S is significant.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import xarray as xr
from numba import njit
from numpy.typing import NDArray

from indicators.area.means import known_mean
from indicators.profiles import Profile, Trajectory
from indicators.trends.exact_kendall import exact_p
from indicators.trends.theil_sen import EXACT_UP_TO, theil_sen
from indicators.trends.trajectory import by_score, in_band, judged, least_squares, trajectory

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
#: Cells of a block of S (pixels × orders).
BLOCK = 8_000_000
#: Series whose slopes are computed together.
CASES = 200_000


@dataclass(frozen=True)
class _Kinds:
    """Pixels with the same test but for S: valid years, variance of S, pairs of equal values.

    `of` (pixel) is the kind; `p` (kind, |S|) the p-value; `critical` (kind) the smallest significant |S|.
    """

    of: Integers
    p: Floats
    critical: Integers


def degraded_by_order(
    values: Floats, years: NDArray[Any], drawn: Integers, area: Floats, profile: Profile, quantity: str
) -> Floats:
    """Degraded share of the judged area by trajectory, under every order of `drawn` (order, year).

    `values` (year, pixel), `area` (pixel). NaN where no pixel can be judged. An order of years is the same for all
    pixels, which are computed block by block.
    """
    cube = xr.DataArray(values, coords={"year": years}, dims=("year", "pixel"))
    choices = profile.trajectory
    enough = np.isfinite(values).sum(axis=0) >= choices.minimum_years
    known = np.isfinite(trajectory(cube, profile=profile, quantity=quantity)["direction"].values)
    kinds = _kinds(values, choices)
    limit = _discovery_limits(values, drawn, kinds, enough, choices)
    degraded = np.zeros(len(drawn))
    for block, scores in _scores(values, drawn):
        own = kinds.of[block]
        strong = (np.abs(scores) >= kinds.critical[own][:, None]) & known[block][:, None]
        if choices.slope == "theil-sen" or by_score(choices):
            # The median slope is negative where more pairs fall than rise.
            strong &= scores < 0
        pixel, order = np.nonzero(strong)
        if limit is not None:
            discovered = kinds.p[own[pixel], np.abs(scores[pixel, order])] <= limit[order]
            pixel, order = pixel[discovered], order[discovered]
        pixel = pixel + block.start
        falls = _falls(values, years, drawn, pixel, order, choices, quantity)
        degraded += np.bincount(order[falls], weights=area[pixel[falls]], minlength=len(drawn))
    total = area[known].sum()
    return degraded / total if total > 0 else np.full(len(drawn), np.nan)


def _falls(
    values: Floats,
    years: NDArray[Any],
    drawn: Integers,
    pixel: Integers,
    order: Integers,
    choices: Trajectory,
    quantity: str,
) -> NDArray[np.bool_]:
    """Whether the reordered series of each case (pixel, order) falls, and by more than the profile's dead-bands."""
    falling = np.zeros(len(pixel), bool)
    for start in range(0, len(pixel), CASES):
        cases = slice(start, start + CASES)
        series = values[drawn[order[cases]].T, pixel[cases]]
        cube = xr.DataArray(series, coords={"year": years}, dims=("year", "pixel"))
        if choices.slope == "theil-sen":
            slope = theil_sen(cube)["slope"]
        else:
            slope = least_squares(cube, cube["year"].astype(float))[0]
        trend = xr.Dataset({"slope": slope, "mean": known_mean(cube)}, attrs={"span": float(years[-1] - years[0])})
        falls = (slope.values < 0) | by_score(choices)  # the sign of S was checked before
        falling[cases] = falls & ~in_band(trend, choices, quantity).values
    return falling


def _scores(values: Floats, drawn: Integers) -> Iterator[tuple[slice, NDArray[np.int32]]]:
    """S (pixel, order), block by block of pixels."""
    count = values.shape[0]
    first, second = np.triu_indices(count, 1)
    position = np.argsort(drawn, axis=1)
    sequence = np.sign(position[:, second] - position[:, first]).T.astype(np.float32)
    step = max(1, BLOCK // max(len(drawn), len(first)))
    for start in range(0, values.shape[1], step):
        block = slice(start, min(start + step, values.shape[1]))
        part = values[:, block]
        signs = np.nan_to_num(np.sign(part[second] - part[first])).astype(np.float32)
        yield block, np.rint(signs.T @ sequence).astype(np.int32)


def _kinds(values: Floats, choices: Trajectory) -> _Kinds:
    valid, variance, ties = _ties(values)
    kinds, of = np.unique(np.stack([valid, variance, ties]), axis=1, return_inverse=True)
    most = values.shape[0] * (values.shape[0] - 1) // 2
    n, _, tied = (np.repeat(row[:, None], most + 1, axis=1) for row in kinds)
    # |S| above the largest that n years allow never occurs; it takes the p-value of the largest.
    s = np.minimum(np.arange(most + 1.0), n * (n - 1) / 2)
    p = np.stack([_p(*each) for each in zip(s, *kinds, strict=True)])
    pairs = n * (n - 1) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        tau = s / np.sqrt(pairs * (pairs - tied))
    tests = {"s": s, "tau": tau, "p": p, "years": n, "slope": np.ones_like(s), "mean": np.ones_like(s)}
    table = xr.Dataset({name: (("kind", "size"), layer) for name, layer in tests.items()}, attrs={"span": 1})
    # Only the significance is tested here; the size of a trend is tested later.
    unbanded = replace(choices, fdr=None, slope_band=0.0, change_band=0.0, noise_floor=0.0, detectability=0.0)
    significant = judged(table, unbanded)["direction"].values == 1
    # One beyond the largest possible S where no S is significant.
    critical = np.where(significant.any(axis=1), significant.argmax(axis=1), most + 1)
    return _Kinds(of.reshape(-1), p, critical)


def _p(s: Floats, n: float, variance: float, ties: float) -> Floats:
    """Two-sided p of |S| as in `theil_sen.mann_kendall`: exact without ties up to n = 60, else normal."""
    if n < 2:
        return np.full(len(s), np.nan)
    if ties == 0 and n <= EXACT_UP_TO:
        return exact_p(int(n))[s.astype(int)]
    z = np.maximum(s - 1, 0) / np.sqrt(variance) if variance > 0 else np.zeros(len(s))
    return np.array([math.erfc(size / math.sqrt(2.0)) for size in z])


def _ties(values: Floats) -> tuple[Floats, Floats, Floats]:
    """Valid years, variance of S and pairs of equal values of every pixel (Kendall 1975)."""
    ordered = np.sort(values, axis=0)
    n = np.isfinite(ordered).sum(axis=0).astype(float)
    run = np.ones(values.shape[1])
    tied, pairs = np.zeros_like(run), np.zeros_like(run)
    for before, after in pairwise(ordered):
        run = np.where(before == after, run + 1, 1)
        # what a run of g adds to one of g − 1; nothing for g = 1
        tied += run * (run - 1) * (2 * run + 5) - (run - 1) * (run - 2) * (2 * run + 3)
        pairs += run - 1
    return n, (n * (n - 1) * (2 * n + 5) - tied) / 18, pairs


def _discovery_limits(
    values: Floats, drawn: Integers, kinds: _Kinds, member: NDArray[np.bool_], choices: Trajectory
) -> Floats | None:
    """Largest p that is a discovery (Benjamini–Hochberg over the `member` pixels) under each order; −1 for none.

    p-values take few levels, so that counting pixels by level gives their ranks without holding all p-values.
    """
    if choices.fdr is None:
        return None
    known = np.isfinite(kinds.p)
    levels, index = np.unique(kinds.p[known], return_inverse=True)
    level = np.zeros(kinds.p.shape, np.int64)
    level[known] = index
    counts = np.zeros((len(drawn), len(levels)), np.int64)
    for block, scores in _scores(values, drawn):
        inside = member[block]
        _count(scores[inside], kinds.of[block][inside], level, counts)
    ranks = counts.cumsum(axis=1)
    total = member.sum()
    passed = (levels[None] <= choices.fdr * ranks / max(int(total), 1)) & (counts > 0)
    last = passed.shape[1] - 1 - passed[:, ::-1].argmax(axis=1)
    return np.where(passed.any(axis=1), levels[last], -1.0)


@njit(nogil=True, cache=True)
def _count(scores: Any, kind: Any, level: Any, counts: Any) -> None:
    for pixel in range(scores.shape[0]):
        for order in range(scores.shape[1]):
            counts[order, level[kind[pixel], abs(scores[pixel, order])]] += 1
