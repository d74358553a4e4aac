"""The share of a region that changed, with an interval: from the probabilities of its pixels, in blocks of space.

The expected area is the sum of probability × area. How far the true area may lie from it has two parts: errors of
pixels, taken as equal within a block of 20 km (a patch is found or missed as a whole) and independent beyond; and an
error in proportion to the expected area, as sizes near the threshold of 10 % are estimated slightly low or high
everywhere in a region at the same time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from indicators.change.common import Common
from indicators.change.lattice import KM_PER_DEGREE

Floats = NDArray[np.float64]

#: Side of the blocks within which errors are equal, km.
BLOCK_KM = 20.0
#: Error in proportion to the expected area, one standard deviation. Estimated on the simulated landscape, world `real`,
#: seeds 0 to 4, from the 17 regions: the scores that are reported come from other seeds.
PROPORTIONAL = 0.10
#: Least standard deviation of a share.
LEAST = 0.002
COLUMNS = ["row", "column", "expected_km2", "spread_km2", "judged_km2"]


@dataclass(frozen=True)
class ChangedShare:
    """The expected share (0 … 1) of the judged land, and its 95 % interval."""

    value: float
    low: float
    high: float


def block_terms(probability: Floats, weight: Floats, y: Floats, x: Floats) -> pd.DataFrame:
    """What pixels add to the expected area and its error, by block of space.

    Parameters
    ----------
    probability
        Probability (y, x) of the change; NaN where it cannot be judged.
    weight
        Area (y, x) in km² that counts.
    y, x
        Latitude of the rows and longitude of the columns, degrees.

    Returns
    -------
    pandas.DataFrame
        `row`, `column`: the block; `expected_km2`, `spread_km2`, `judged_km2`: sums of area × probability, area ×
        its standard deviation, and area. Tables of parts of a region are concatenated.
    """
    rows = np.floor(y * KM_PER_DEGREE / BLOCK_KM).astype(int)
    columns = np.floor(x[None, :] * KM_PER_DEGREE * np.cos(np.deg2rad((rows + 0.5) * BLOCK_KM / KM_PER_DEGREE))[:, None]
                       / BLOCK_KM).astype(int)  # fmt: skip
    judged = np.isfinite(probability) & (weight > 0)
    p, area = probability[judged].astype(float), weight[judged]
    table = pd.DataFrame(
        {
            "row": np.broadcast_to(rows[:, None], weight.shape)[judged],
            "column": columns[judged],
            "expected_km2": area * p,
            "spread_km2": area * np.sqrt(np.clip(p * (1 - p), 0, None)),
            "judged_km2": area,
        }
    )
    return table.groupby(["row", "column"], as_index=False).sum()


def changed_share(terms: pd.DataFrame, common: Common | None = None, level: float = 0.95) -> ChangedShare | None:
    """The share of the region from the terms of its blocks; None without judged land.

    `common`: the change of the whole region. Where a loss of the whole region cannot be excluded at the `level`, the
    interval reaches to the share that would be lost with it.

    Examples
    --------
    >>> terms = pd.DataFrame({"row": [0, 0], "column": [0, 1], "expected_km2": [10.0, 0.0], "spread_km2": [5.0, 0.0],
    ...                       "judged_km2": [100.0, 100.0]})
    >>> changed_share(terms)
    ChangedShare(value=0.05, low=0.0, high=0.1...)
    """
    blocks = terms.groupby(["row", "column"]).sum()
    total = float(blocks["judged_km2"].sum())
    if not total:
        return None
    value = float(blocks["expected_km2"].sum()) / total
    pixels = float(np.sqrt((blocks["spread_km2"] ** 2).sum())) / total
    spread = float(np.sqrt(pixels**2 + (PROPORTIONAL * value) ** 2 + LEAST**2))
    reach = float(ndtri(0.5 + level / 2)) * spread
    low, high = max(value - reach, 0.0), min(value + reach, 1.0)
    tail = (1 - level) / 2
    if common is not None and common.loss > tail:
        high = max(high, common.loss / common.changed)
    return ChangedShare(value, low, high)
