"""Regions smaller than a cell: assessed, and said to be, because their values are those of the land around them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd
import rasterio
import xarray as xr

from indicators.area.areas import cell_area

if TYPE_CHECKING:
    from flows.region.result import RegionResult


def small_lines(results: Sequence[RegionResult]) -> list[str]:
    """A sentence for each region whose area is less than that of one cell; each region once."""
    said = {}
    for each in results:
        area, cell = sizes(each)
        if 0 < area < cell:
            said[each.region] = (
                f"{each.title}: its {area:.3g} km² are less than one cell of {cell:.3g} km²; the values are those of "
                f"the cells that it lies in, mostly of land outside it."
            )
    return list(said.values())


def sizes(result: RegionResult) -> tuple[float, float]:
    """Area of a region and of a cell of its result, km²; zeros where the result has no such table or raster."""
    raster = result.folder / f"{result.period}-sdg.tif"
    if not raster.is_file() or not (result.folder / "areas.csv").is_file():
        return 0.0, 0.0
    table = pd.read_csv(result.folder / "areas.csv")
    own = table[(table["indicator"] == "sdg") & (table["period"].astype(str) == result.period)]
    with rasterio.open(raster) as file:
        centre, cell = file.xy(0, 0), file.transform.a
    place = xr.DataArray([[0]], {"y": [centre[1]], "x": [centre[0]]}, ("y", "x"), attrs={"cell_degrees": cell})
    return float(own["area_km2"].sum()), float(cell_area(place).max())
