"""The local reference: what the years did to land around a pixel that did not change.

Two references by year, each with a slope of its own for every pixel: the median of unchanged pixels in blocks of
about 50 km (weather and everything else that is wide; Bastin et al. 2012; Prince et al. 2009), and by how much the
mean of unchanged pixels within some 5 km (one standard deviation of a Gaussian) differs from it. Which pixels are
unchanged follows from the posterior, which follows from the references: the search begins with all pixels in wide
blocks and is repeated a few times. A patch of changed land has an edge, beyond which the neighbours are unchanged;
weather has none, and is taken out from the edge inwards.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from indicators.change import kernel
from indicators.change.courses import courses
from indicators.change.lattice import KM_PER_DEGREE, Lattice, blended
from indicators.change.noise import Noise, noise_of

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: Width of the blocks of the wide reference, and reach (standard deviation) of the near one, km; and both in distances
#: between pixels at least, so that coarse pixels have neighbours too.
BLOCK_KM, REACH_KM = 50.0, 5.0
LEAST_BLOCK, LEAST_REACH = 10.0, 3.0
#: Distance of the nodes on which references are kept, km; that between pixels where it is larger.
NODE_KM = 2.0
#: How often unchanged pixels are searched.
ROUNDS = 5
#: Pixels with a larger probability of a change beyond 10 % are no reference.
UNCHANGED = 0.05
#: Fewest unchanged pixels of a block; others take the median of the region.
FEWEST_OF_BLOCK = 20
#: Share of changed pixels that the search begins with, and bounds of what it finds.
FIRST_SHARE, SHARES = 0.2, (0.01, 0.9)
#: Pixels from which the noise is estimated.
NOISE_PIXELS = 2000


@dataclass(frozen=True, eq=False)
class LocalReference:
    """References of a region, and its noise.

    `nodes` (node, reference, year): logarithms on the `lattice`; the first is the wide one. `odds`: logarithm of the
    prior odds of a change. `unchanged`: share of the sampled pixels that were reference in the end.
    """

    lattice: Lattice
    nodes: Floats
    noise: Noise
    odds: float
    unchanged: float


def local_reference(values: Floats, y: Floats, x: Floats) -> LocalReference:
    """Search the references of a region in a sample of its pixels.

    `values` (pixel, year): logarithms of annual values, NaN in gaps; `y`, `x` (pixel): degrees.
    """
    apart = spacing_km(y)
    wide = Lattice.over(y, x, max(BLOCK_KM, LEAST_BLOCK * apart))
    fine = Lattice.over(y, x, max(NODE_KM, apart))
    reach = max(REACH_KM, LEAST_REACH * apart) / max(NODE_KM, apart)
    anomalies = values - np.nanmean(values, axis=1, keepdims=True)
    block, corners, cell, near = wide.cell(y, x), wide.corners(y, x), fine.cell(y, x), fine.corners(y, x)
    years = values.shape[1]
    library = courses(years)
    unchanged = np.isfinite(anomalies).sum(axis=1) >= kernel.FEWEST
    noise, odds = Noise(), float(np.log(FIRST_SHARE / (1 - FIRST_SHARE)))
    nodes = np.empty((fine.size, 0, years))
    for number in range(ROUNDS):
        medians = block_medians(anomalies, unchanged, block, wide.size)
        at_nodes = blended(medians, *wide.corners(*fine.positions()))
        references = [at_nodes]
        if number > 0:
            rest = without(anomalies, blended(medians, *corners))
            references.append(near_means(rest, unchanged, cell, fine, reach))
        nodes = np.ascontiguousarray(np.stack(references, axis=1))
        whitener = noise.whitener(years)
        found = kernel.pixels(
            np.ascontiguousarray(anomalies), nodes, *near, whitener, np.ascontiguousarray(whitener @ library.shapes.T),
            np.log(library.prior), library.rises(0, years - 1)[None], library.abrupt, library.onset, np.zeros((1, 3)),
            noise.variance, odds,
        )  # fmt: skip
        changed = found[:, kernel.CHANGED]
        start = kernel.FIXED
        unchanged = found[:, start + kernel.LOSS] + found[:, start + kernel.GAIN] < UNCHANGED
        share = float(np.clip(np.nanmean(changed), *SHARES))
        odds = float(np.log(share / (1 - share)))
        quiet = np.flatnonzero(unchanged & (changed < 0.5))
        quiet = quiet[:: max(1, len(quiet) // NOISE_PIXELS)]
        if len(quiet) > NOISE_PIXELS // 20:
            own = blended(nodes, near[0][quiet], near[1][quiet])
            noise = noise_of(residuals(anomalies[quiet], own), fitted=1 + own.shape[1])
    return LocalReference(fine, nodes, noise, odds, float(unchanged.mean()))


def block_medians(anomalies: Floats, unchanged: Flags, block: NDArray[np.int64], blocks: int) -> Floats:
    """Median (block, year) of unchanged pixels; that of all of them in blocks with too few."""
    medians = np.tile(np.nanmedian(anomalies[unchanged], axis=0), (blocks, 1))
    for number in range(blocks):
        own = anomalies[unchanged & (block == number)]
        if len(own) >= FEWEST_OF_BLOCK:
            medians[number] = np.nanmedian(own, axis=0)
    return np.nan_to_num(medians)


def without(anomalies: Floats, reference: Floats) -> Floats:
    """Anomalies (pixel, year) less their regression on a reference; 0 in gaps."""
    known = np.isfinite(anomalies)
    y, g = np.where(known, anomalies, 0.0), np.where(known, reference, 0.0)
    slope = (y * g).sum(axis=1) / np.maximum((g * g).sum(axis=1), 1e-12)
    return np.where(known, anomalies - slope[:, None] * reference, 0.0)


def spacing_km(y: Floats) -> float:
    """Distance of neighbouring pixels, km, from their latitudes; 0 if all have the same."""
    rows = np.unique(np.round(y, 9))
    return float(np.median(np.diff(rows))) * KM_PER_DEGREE if len(rows) > 1 else 0.0


def near_means(rest: Floats, unchanged: Flags, cell: NDArray[np.int64], lattice: Lattice, reach: float) -> Floats:
    """Mean (node, year) of unchanged pixels around each node, weighted by a Gaussian of the distance.

    `reach`: standard deviation in distances of nodes. 0 where there are none within three of it.
    """
    shape = lattice.rows, lattice.columns
    own = cell[unchanged]

    def spread(weights: Floats) -> Floats:
        sums = np.bincount(own, weights, lattice.size).reshape(shape)
        smooth: Floats = gaussian_filter(sums, reach, mode="constant", truncate=3.0).ravel()
        return smooth

    count = spread(np.ones(len(own)))
    means = np.stack([spread(rest[unchanged, year]) for year in range(rest.shape[1])], axis=1)
    enough = count > 1e-6
    means = np.where(enough[:, None], means / np.where(enough, count, 1.0)[:, None], 0.0)
    return means - means.mean(axis=1, keepdims=True)


def residuals(anomalies: Floats, references: Floats) -> Floats:
    """Residuals (pixel, year) of anomalies about mean and references (pixel, reference, year); 0 in gaps."""
    known = np.isfinite(anomalies)
    weight = known.astype(float)
    y = np.where(known, anomalies, 0.0)
    design = np.concatenate([np.ones((len(y), 1, y.shape[1])), references], axis=1) * weight[:, None, :]
    normal = np.einsum("pat,pbt->pab", design, design) + 1e-9 * np.eye(design.shape[1])
    moment = np.einsum("pat,pt->pa", design, y)
    fitted = np.einsum("pa,pat->pt", np.linalg.solve(normal, moment[..., None])[..., 0], design)
    rest: Floats = (y - fitted) * weight
    return rest
