"""Is a trend class valid where the land changed abruptly? The class of the trajectory and the breaks of the tree.

A change that contradicts a class must be significant: the change over the record has p < 0.10 (the tree reports no
other), and the slope after the break has p ≤ 0.05, as bfast01 tests the slopes of its segments before it calls a
change a reversal (de Jong et al. 2013, doi:10.3390/rs5031117).
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from indicators.codes import DEGRADED, IMPROVED, STABLE
from indicators.errors import IndicatorError

#: Names of the flags 0 … 4.
FLAGS = ("no_break", "confirmed", "step", "reversed", "hidden")


def flag_trend(
    direction: xr.DataArray, found: xr.Dataset, mean: xr.DataArray, *, band: float = 0.05, level: float = 0.05
) -> xr.Dataset:
    """Whether a trend class is valid where the land changed abruptly.

    Parameters
    ----------
    direction
        Direction of the trajectory (y, x): −1, 0, 1. Other codes are kept, and never flagged.
    found
        Result of `tss_restrend_annual` for the same pixels.
    mean
        Mean of the vegetation (y, x), in its units.
    band
        Share of `mean` up to which a change does not count.
    level
        Level of the test of the slope after the break.

    Returns
    -------
    xarray.Dataset
        `flag`, int8: 0 `no_break`; 1 `confirmed`: the change over the record has the sign of the class; 2 `step`: it
        has, but more than half of it came at the break, so that there is no gradual trend; 3 `reversed`: it has the
        other sign, or the change after the break has, exceeds the band and has a slope of p ≤ `level`; 4 `hidden`: the
        class is stable, but the land changed at the break. `invalidated`: the break contradicts the class (3 and 4).
        `corrected`: the direction of the total change where the class is invalidated, else `direction`.

    Raises
    ------
    IndicatorError
        `found` is not a result of `tss_restrend_annual`.

    References
    ----------
    de Jong et al. (2013), doi:10.3390/rs5031117.

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> def pixel(value):
    ...     return xr.DataArray([value], dims="x")
    >>> tree = {"break_year": 2012.0, "total_change": -0.1, "at": -0.1, "after": 0.0, "after_p": 0.5}
    >>> tree = xr.Dataset({name: pixel(value) for name, value in tree.items()})
    >>> result = flag_trend(pixel(0), tree, mean=pixel(0.3))
    >>> FLAGS[int(result["flag"][0])], int(result["corrected"][0])
    ('hidden', -1)
    """
    needed = ("break_year", "total_change", "at", "after", "after_p")
    missing = [name for name in needed if name not in found]
    if missing:
        raise IndicatorError(f"flag_trend needs the result of tss_restrend_annual; give {', '.join(missing)}")
    smallest = np.abs(mean) * band
    judged = direction.isin([DEGRADED, STABLE, IMPROVED])
    broken = found["break_year"].notnull() & judged
    total = found["total_change"].fillna(0.0)
    overall = xr.where(np.abs(total) > smallest, np.sign(total), STABLE)
    significant = (np.abs(found["after"]) > smallest) & (found["after_p"] <= level)
    after = xr.where(significant, np.sign(found["after"]), 0)
    against = (direction != STABLE) & ((overall == -direction) | (after == -direction))
    hidden = (direction == STABLE) & (overall != STABLE)
    abrupt = (overall == direction) & (direction != STABLE) & (np.abs(found["at"]) > 0.5 * np.abs(total))
    flag = xr.where(broken, 1, 0)
    flag = xr.where(broken & abrupt, 2, flag)
    flag = xr.where(broken & against, 3, flag)
    flag = xr.where(broken & hidden, 4, flag).astype(np.int8)
    invalidated = flag >= 3
    flag.attrs = {
        "long_name": "what a break makes of the trend class",
        "flag_values": np.arange(len(FLAGS), dtype=np.int8),
        "flag_meanings": " ".join(FLAGS),
    }
    return xr.Dataset(
        {
            "flag": flag,
            "invalidated": invalidated,
            "corrected": xr.where(invalidated, overall, direction).astype(direction.dtype),
        }
    )
