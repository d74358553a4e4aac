"""Field significance: could the degraded share of a map of trends be due to chance?

Field significance (Livezey & Chen 1983, doi:10.1175/1520-0493(1983)111<0046:SFSAID>2.0.CO;2; Wilks 2006): p-values of
single pixels do not apply to a map, because neighbours share their weather. So the years are put in a random order, one
order for the whole map, and the degraded share by trajectory is measured again; with N orders,
p = (1 + number of shares at least as large as the map's) / (1 + N).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indicators.chance.permuted import degraded_by_order
from indicators.chance.region_pixels import region_pixels
from indicators.chance.resampling import orders
from indicators.errors import IndicatorError
from indicators.profiles import Profile, get
from indicators.trends.theil_sen import Annual


@dataclass(frozen=True)
class FieldSignificance:
    """`share`: degraded share of the judged area by trajectory; `p`; `distribution`: shares under random orders."""

    share: float
    p: float
    distribution: NDArray[np.float64]
    pixels: int

    @property
    def expected(self) -> float:
        """Share that chance alone calls degraded: the mean over the orders."""
        return float(self.distribution.mean())


def field(
    vi: Annual,
    profile: str | Profile = "ne-asia",
    *,
    permutations: int = 999,
    weight: Any = None,
    seed: int = 0,
    quantity: str = "ndvi",
) -> FieldSignificance:
    """Field significance: probability that chance alone would call as much of a region degraded.

    Parameters
    ----------
    vi
        Annual productivity of the region: DataArray (year, and any other dimensions), or pandas series by year.
    profile
        Name of a profile, or `Profile`; its trajectory is tested.
    permutations
        Number of random orders of the years.
    weight
        Area of each pixel inside the region (dimensions of `vi` without year), 0 outside, any unit; None: all alike.
    seed
        Seed of the random orders. The same seed gives the same result.
    quantity
        What `vi` measures, as in `trajectory`.

    Returns
    -------
    FieldSignificance
        `share` (0 to 1), `p`, `distribution` (permutations), `pixels` (number), `expected` (0 to 1).

    Raises
    ------
    IndicatorError
        `permutations` is below 1, the weights do not fit, or no pixel can be judged.

    Notes
    -----
    Memory does not grow with permutations times pixels. Where all pixels rise and fall together, the region is no more
    than one series: one order of 40 makes all of it fall, and p stays near 0.025 or above.

    References
    ----------
    Livezey & Chen (1983), doi:10.1175/1520-0493(1983)111<0046:SFSAID>2.0.CO;2; Wilks (2006).

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> noise = np.random.default_rng(0).normal(0, 0.01, (20, 50))
    >>> ndvi = xr.DataArray(0.3 + noise, {"year": range(2001, 2021)}, ("year", "x"))
    >>> field(ndvi, permutations=99).p > 0.05
    True
    """
    choices = get(profile)
    if permutations < 1:
        raise IndicatorError(
            f"field significance: {permutations} permutations; at least 1 is needed, and 99 or more are advised"
        )
    values, years, area = region_pixels(vi, weight)
    drawn = np.stack([np.arange(len(years)), *orders(len(years), permutations, np.random.default_rng(seed))])
    shares = degraded_by_order(values, years, drawn, area, choices, quantity)
    if not np.isfinite(shares[0]):
        raise IndicatorError(
            f"field significance: no pixel has the {choices.trajectory.minimum_years} years and the level that profile "
            f"{choices.name} needs; give a longer record or another profile"
        )
    # Sums in another order may differ in the last digit, which does not count.
    reached = int((shares[1:] >= shares[0] * (1 - 1e-9)).sum())
    return FieldSignificance(float(shares[0]), (1 + reached) / (1 + permutations), shares[1:], values.shape[1])
