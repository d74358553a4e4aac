"""One record from two sensors: the kept one for as long as it is to be trusted, the other one converted for the rest.

Where both were in orbit the kept sensor stands: its values need no relation, and the fewer years are converted the
fewer carry the error of the join. From the year in which it is not trusted (`Relations.until`) the converted one takes
its place although the kept one still measures. Years before the kept sensor are converted in the same way, so that a
long coarse record is joined backwards. What a pixel differs by in all years, because footprints differ, is taken off,
or it would be a step at the seam. A gap of one sensor is not filled by the other: every year has one sensor.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from indicators.errors import IndicatorError
from indicators.joined.relation import Relations

Floats = NDArray[np.float64]


def join(kept: xr.DataArray, converted: xr.DataArray, strata: xr.DataArray, relations: Relations) -> xr.DataArray:
    """The joined record in units of the kept sensor.

    Parameters
    ----------
    kept, converted
        Annual values (year, y, x) of both sensors, as given to `relate`. `kept` may be a joined record itself.
    strata
        Number of the stratum (y, x).
    relations
        The relation of each stratum (`relate`). Strata that are not joined have no values in converted years.

    Returns
    -------
    xarray.DataArray
        Values (year, y, x) of the years that either has, in order; the coordinate `sensor` (year) names the sensor of
        each year. Attributes of `kept` stay.

    Raises
    ------
    IndicatorError
        If `strata` has a number without a relation.

    Examples
    --------
    >>> from indicators.joined.fit import relate
    >>> rng = np.random.default_rng(0)
    >>> land = 0.3 + 0.05 * rng.standard_normal((20, 9, 9))
    >>> both = xr.DataArray(land, {"year": range(2001, 2021)}, ("year", "y", "x"))
    >>> old, new, strata = both[:16], 0.01 + 1.1 * both[8:], xr.zeros_like(both[0], int)
    >>> record = join(old, new, strata, relate(old, new, strata, ("MODIS", "VIIRS")))
    >>> bool(np.allclose(record, both)), [str(record["sensor"].sel(year=year).item()) for year in (2016, 2017)]
    (True, ['MODIS', 'VIIRS'])
    """
    old, new = (each.transpose("year", "y", "x") for each in (kept, convert(converted, strata, relations)))
    trusted = _with_values(old)
    if relations.until is not None:
        trusted = trusted[trusted < relations.until]
    replaced = np.setdiff1d(_with_values(converted.transpose("year", "y", "x")), trusted)
    sensors = old["sensor"].sel(year=trusted).values if "sensor" in old.coords else [relations.kept] * trusted.size
    years = np.concatenate([trusted, replaced])
    values = np.concatenate([old.sel(year=trusted).values.astype(float), new.sel(year=replaced).values])
    names = np.concatenate([np.asarray(sensors, object), np.full(replaced.size, relations.converted, object)])
    order = np.argsort(years, kind="stable")
    return xr.DataArray(
        values[order],
        {"year": years[order], "sensor": ("year", names[order].astype(str)), "y": old["y"], "x": old["x"]},
        ("year", "y", "x"),
        name=old.name,
        attrs=dict(old.attrs),
    )


def convert(values: xr.DataArray, strata: xr.DataArray, relations: Relations) -> xr.DataArray:
    """All years of the converted sensor in units of the kept one, NaN in strata that are not joined.

    A third sensor that overlaps the second alone is related to these values. Parameters and errors as those of `join`.
    """
    numbers = strata.transpose("y", "x").values
    missing = set(np.unique(numbers[numbers >= 0]).tolist()) - {each.stratum for each in relations.strata}
    if missing:
        raise IndicatorError(
            f"join of {relations.kept} and {relations.converted}: no relation for the strata {sorted(missing)}; "
            f"relate them first"
        )
    found = values.transpose("year", "y", "x").astype(float)
    data = np.full(found.shape, np.nan)
    for each in relations.strata:
        if each.joined:
            own = numbers == each.stratum
            data[:, own] = each.to_kept(found.values[:, own]) - relations.footprints[own]
    return found.copy(data=data)


def _with_values(cube: xr.DataArray) -> NDArray[np.int64]:
    """Years in which a cube has a value."""
    there = np.isfinite(cube.values).any(axis=(1, 2))
    return np.asarray(cube["year"].values[there], np.int64)
