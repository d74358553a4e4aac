"""A record of a region that is joined block by block, by relations that were found on a sample of its pixels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import xarray as xr

from indicators.joined.differences import lasting_means, without_noise
from indicators.joined.relation import Relations


def with_footprints(
    relations: Relations, kept: xr.DataArray, converted: xr.DataArray, strata: xr.DataArray
) -> Relations:
    """The relations with what each pixel of a block differs by in all years of the overlap.

    Parameters
    ----------
    relations
        Found by `relate` on a sample of pixels of the same region.
    kept, converted
        Annual values (year, y, x) of a block, in their own units; NaN in gaps.
    strata
        Number of the stratum (y, x) of the block; pixels without a relation have no footprint.

    Returns
    -------
    Relations
        The same, `footprints` (y, x) in units of the kept sensor, pulled towards 0 by the share of them that is noise.

    Examples
    --------
    >>> import numpy as np
    >>> import xarray as xr
    >>> from indicators.joined.fit import relate
    >>> rng = np.random.default_rng(0)
    >>> land = 0.3 + 0.05 * rng.standard_normal((10, 20, 20)) + 0.02 * rng.standard_normal((10, 1, 1))
    >>> old = xr.DataArray(land, {"year": range(2012, 2022)}, ("year", "y", "x"))
    >>> new = old + 0.02 * rng.standard_normal((20, 20))
    >>> strata = xr.zeros_like(old[0], int)
    >>> found = relate(old[:, ::2, ::2], new[:, ::2, ::2], strata[::2, ::2], ("MODIS", "VIIRS"))
    >>> block = with_footprints(found, old, new, strata)
    >>> bool(np.allclose(block.footprints[::2, ::2], found.footprints, atol=1e-6))
    True
    """
    footprints = np.zeros(strata.shape)
    years = list(relations.years)
    old = kept.transpose("year", "y", "x").reindex(year=years).values
    new = converted.transpose("year", "y", "x").reindex(year=years).values
    for row, each in enumerate(relations.strata):
        own = strata.values == each.stratum
        if not each.joined or not own.any() or not each.footprint > 0:
            continue
        used = np.isin(years, each.years) & np.isfinite(relations.rest[row])
        rest = relations.rest[row][used]
        left = (new[used][:, own] - each.offset) / each.gain - old[used][:, own] - rest[:, None]
        footprints[own] = without_noise(*lasting_means(left), each.footprint, each.noise)
    return replace(relations, footprints=footprints)
