"""What the change of vegetation over the record goes with, pixel by pixel: layers, and their means over the region."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from indicators.breaks import GLOBAL_MEAN, attribute_change

if TYPE_CHECKING:
    from indicators.area.tally import Sums

SOURCE = "Burrell, Evans & De Kauwe 2020, doi:10.1038/s41467-020-17710-7"
WORDS = {
    "observed": "change over the record",
    "co2": "change that carbon dioxide adds",
    "land_use": "change beyond rain (TSS-RESTREND)",
    "climate": "change that rain explains",
    "climate_change": "change that the mean rain of 20 years explains",
    "climate_variability": "change that the difference of rain to that mean explains",
    "other": "change that none of these explains",
}
NOTE = "mean over {area:.0f} km2 of the share of mean productivity, first to last year: {words}; associated, not caused"


def change_attributes() -> dict[str, dict[str, Any]]:
    """What each layer holds."""
    return {
        f"change_{part}": {"long_name": f"{words}, share of the mean", "units": "1", "references": SOURCE}
        for part, words in WORDS.items()
    }


def changes(
    years: np.ndarray,
    green: np.ndarray,
    rain_years: np.ndarray,
    rain: np.ndarray,
    *,
    fed: bool,
    tree: xr.Dataset | None = None,
) -> dict[str, np.ndarray]:
    """The parts of the change of pixels (year, pixel) as shares of their mean; `fed`: carbon dioxide counts.

    `tree`: what was found of the same pixels; of use where carbon dioxide does not count.
    """
    vi = xr.DataArray(green, dims=("year", "pixel"), coords={"year": years})
    wet = xr.DataArray(rain, dims=("year", "pixel"), coords={"year": rain_years})
    # a year that is not published yet leaves carbon dioxide out rather than guessing it
    known = fed and bool(np.isin(years, GLOBAL_MEAN.index).all())
    co2, found_before = (GLOBAL_MEAN, None) if known else (None, tree)
    found = attribute_change(vi, wet, co2=co2, significance=False, tree=found_before)
    share = found / vi.mean("year")
    unknown = () if known else ("co2",)
    return {
        f"change_{part}": np.full(vi.sizes["pixel"], np.nan, np.float32)
        if part in unknown
        else share[part].values.astype(np.float32)
        for part in WORDS
    }


def change_sums(layers: xr.Dataset, weight: np.ndarray) -> dict[str, Sums]:
    """Sum of value × area and of area (km²) of each part; blocks add up."""
    found = {}
    for name in change_attributes():
        if name in layers:
            values = layers[name].values.astype(float)
            known = np.isfinite(values)
            found[name] = np.array([(values[known] * weight[known]).sum(), weight[known].sum()])
    return found


def change_statistics(means: Mapping[str, Sums], period: str) -> pd.DataFrame:
    """The mean of each part over the region as a statistic; parts that nobody knows have no row."""
    rows = [
        (name, value / area, NOTE.format(area=area, words=WORDS[name.removeprefix("change_")]))
        for name, (value, area) in means.items()
        if area > 0
    ]
    found = pd.DataFrame(rows, columns=["name", "value", "note"])
    return found.assign(low=None, high=None, p=None, units="1", period=period)
