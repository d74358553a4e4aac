"""What a spectrum is made of, and how like another it is."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
from odc.geo.geobox import GeoBox

from offline.errors import EngineError
from offline.graph.registry import add, algorithm
from offline.model.image import Band, Image, Pixels, in_time, kept_properties, remembered
from offline.model.values import DOUBLE, Reducer

Array = np.ndarray
#: Endmembers of a mixture that may not be negative: all their combinations are tried.
MOST_NONNEGATIVE = 8


def stacked(bands: tuple[Band, ...], grid: GeoBox) -> tuple[Array, Array]:
    """Values (band, y, x) as fractions and the smallest mask."""
    pixels = [band.pixels(grid) for band in bands]
    values = np.stack([np.asarray(value, float) for value, _ in pixels])
    mask = np.minimum.reduce([np.broadcast_to(m, v.shape).astype(np.float32) for v, m in pixels])
    return np.where(mask > 0, values, 0), mask


def fractions(spectra: Array, members: Array, *, sum_to_one: bool) -> Array:
    """Shares (member, pixel) of members (band, member) in spectra (band, pixel) by least squares.

    With `sum_to_one` under that condition exactly (a Lagrange multiplier).
    """
    if not sum_to_one:
        return np.linalg.lstsq(members, spectra, rcond=None)[0]
    count = members.shape[1]
    system = np.zeros((count + 1, count + 1))
    system[:count, :count] = members.T @ members
    system[:count, count] = system[count, :count] = 1
    right = np.vstack([members.T @ spectra, np.ones(spectra.shape[1])])
    return np.linalg.lstsq(system, right, rcond=None)[0][:count]


def nonnegative(spectra: Array, members: Array, *, sum_to_one: bool) -> Array:
    """As `fractions`, none negative: the best of the combinations of members whose shares are all positive.

    The best solution without negative shares is the free one of the members that it uses, so none is missed.
    """
    count = members.shape[1]
    best, least = np.zeros((count, spectra.shape[1])), np.full(spectra.shape[1], np.inf)
    if not sum_to_one:
        least = (spectra**2).sum(axis=0)
    for size in range(1, count + 1):
        for chosen in combinations(range(count), size):
            in_time()
            part = members[:, chosen]
            shares = fractions(spectra, part, sum_to_one=sum_to_one)
            miss = ((spectra - part @ shares) ** 2).sum(axis=0)
            better = (shares >= -1e-12).all(axis=0) & (miss < least - 1e-15)
            least[better] = miss[better]
            best[:, better] = 0
            best[np.ix_(np.array(chosen), np.flatnonzero(better))] = np.maximum(shares[:, better], 0)
    return best


@algorithm("Image.unmix")
def unmix(image: Image, endmembers: list[list[float]], sum_to_one: bool, non_negative: bool) -> Image:
    """Shares of each endmember, bands `band_0`, `band_1`, …, with the least squared misfit over all bands."""
    members = np.array([np.asarray(each, float).ravel() for each in endmembers], dtype=object)
    if not len(members) or any(len(each) != len(image.bands) for each in members):
        raise EngineError(f"Image.unmix: every endmember must have {len(image.bands)} numbers, one for each band.")
    if non_negative and len(members) > MOST_NONNEGATIVE:
        raise EngineError(f"Image.unmix: the offline engine takes at most {MOST_NONNEGATIVE} non-negative endmembers.")
    columns = np.stack([np.asarray(each, float) for each in members], axis=1)
    solve = nonnegative if non_negative else fractions

    def every(grid: GeoBox) -> Pixels:
        values, mask = stacked(image.bands, grid)
        shares = solve(values.reshape(len(values), -1), columns, sum_to_one=bool(sum_to_one))
        return shares.reshape(-1, *mask.shape), mask

    def share(index: int, grid: GeoBox) -> Pixels:
        shares, mask = remembered(every, grid)
        return shares[index], mask

    first = image.bands[0]
    made = tuple(
        Band(f"band_{n}", DOUBLE, partial(share, n), first.projection, first.shape) for n in range(len(members))
    )
    return Image(made, kept_properties(image), footprint=image.footprint)


def _angle(a: Array, b: Array) -> Array:
    lengths = np.sqrt((a**2).sum(axis=0) * (b**2).sum(axis=0))
    cosine = np.divide((a * b).sum(axis=0), lengths, out=np.ones(lengths.shape), where=lengths > 0)
    return np.arccos(np.clip(cosine, -1, 1))


def _divergence(a: Array, b: Array) -> Array:
    p, q = (np.maximum(each, 1e-12) / np.maximum(each, 1e-12).sum(axis=0) for each in (a, b))
    return ((p - q) * np.log(p / q)).sum(axis=0)


def _moved(a: Array, b: Array) -> Array:
    return np.abs(np.cumsum(a - b, axis=0)).sum(axis=0)


METRICS: dict[str, Callable[[Array, Array], Array]] = {
    "sam": _angle,
    "sid": _divergence,
    "sed": lambda a, b: ((a - b) ** 2).sum(axis=0),
    "emd": _moved,
}


@algorithm("Image.spectralDistance")
def spectral_distance(left: Image, right: Image, metric: str) -> Image:
    """Band `distance` between two spectra: angle in radians, information divergence, squared or earth mover's."""
    if metric not in METRICS:
        raise EngineError(f"Image.spectralDistance: metric '{metric}' is not one of {', '.join(METRICS)}.")
    if not left.bands or len(left.bands) != len(right.bands):
        raise EngineError("Image.spectralDistance: both images must have the same number of bands.")

    def pixels(grid: GeoBox) -> Pixels:
        (a, one), (b, other) = stacked(left.bands, grid), stacked(right.bands, grid)
        return METRICS[metric](a, b), np.minimum(one, other)

    band = Band("distance", DOUBLE, pixels, left.bands[0].projection, left.bands[0].shape)
    return Image((band,), kept_properties(left), footprint=left.footprint)


def covariance(inputs: list[Any], weights: Any, *, centred: bool) -> list[tuple[Any, Any]]:
    """Matrix of weighted population covariances of arrays (n,); of those that are `centred` already about zero."""
    used = [
        (np.ravel(np.asarray(v, float)), float(w)) for v, w in zip(inputs[0], weights, strict=True) if np.all(w > 0)
    ]
    if not used:
        return [(None, False)]
    if len({row.size for row, _ in used}) > 1:
        raise EngineError("Reducer.covariance: all arrays must have the same length.")
    rows, use = np.stack([row for row, _ in used]), np.array([[w] for _, w in used])
    middle = np.zeros(rows.shape[1]) if centred else (rows * use).sum(axis=0) / use.sum()
    away = rows - middle
    return [(((away * use).T @ away / use.sum()).tolist(), True)]


for _name, _centred in (("covariance", False), ("centeredCovariance", True)):
    _made = Reducer(_name, 1, (_name,), partial(covariance, centred=_centred))
    add(f"Reducer.{_name}", lambda made=_made: made)
