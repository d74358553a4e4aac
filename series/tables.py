"""Monthly series of whole regions, reduced by Earth Engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import ceil, log2, sqrt
from typing import Any

import ee
import pandas as pd
from shapely.geometry.base import BaseGeometry

from series.composites import months
from series.datasets import Box, Dataset
from series.outlines import answered, features
from series.service.splitting import by_years

#: Number of the format of tables of series and pressures. Raise it by hand when the code that reduces them gives other
#: values, columns or units: all tables are then made again, once.
FORMAT = 2
#: Largest cells over which a region is averaged, degrees, and how many of them lie across it at least.
COARSEST_NEEDED, ACROSS = 0.05, 8
#: Years of months that one request should reduce; a band a month, and a composite of several images each.
YEARS_A_REQUEST = 6
COLUMNS = ["region", "variable", "month", "value", "units"]


def cell_for(outline: BaseGeometry, resolution: float) -> float:
    """Size of the cells (degrees) over which a region is averaged: 0.05, or half, a quarter … of it for a small one.

    A coarse cell reads the stored average nearest to its centre, which may lie outside a small region. Cells are not
    smaller than `resolution`, that of the data set.
    """
    halvings = max(ceil(log2(COARSEST_NEEDED * ACROSS / sqrt(outline.area))), 0) if outline.area else 0
    return max(COARSEST_NEEDED / 2**halvings, resolution)


def monthly(
    outlines: Mapping[str, BaseGeometry], dataset: Dataset, years: Sequence[int], cell: float = COARSEST_NEEDED
) -> pd.DataFrame:
    """Mean of a data set over each region and month: region, variable, month (first day), value, units.

    Cells of `cell` degrees, or of the data set if those are larger, weigh by the share that the region covers. Months
    without a valid cell have no row. One request; several where it is too big for the server. Raises TooBig where one
    year is.
    """
    cell = max(dataset.resolution, cell)
    dataset = dataset.near(total_bounds(outlines.values()))
    grid: dict[str, Any] = {"crs": "EPSG:4326", "crsTransform": [cell, 0, -180, 0, -cell, 90]}

    def ask(span: Sequence[int], tile_scale: float) -> list[dict[str, Any]]:
        image = months(dataset, span, cell)
        reduced = image.reduceRegions(features(outlines), ee.Reducer.mean(), tileScale=tile_scale, **grid)
        return answered(reduced)

    rows = []
    for span, answer in by_years(years, ask):
        rows += [row for feature in answer for row in _rows(feature["properties"], dataset, span)]
    return pd.DataFrame(rows, columns=COLUMNS)


def total_bounds(outlines: Iterable[BaseGeometry]) -> Box:
    """West, south, east and north of some outlines together."""
    west, south, east, north = zip(*(each.bounds for each in outlines), strict=True)
    return min(west), min(south), max(east), max(north)


def _rows(properties: Mapping[str, Any], dataset: Dataset, span: Sequence[int]) -> list[dict[str, Any]]:
    """The rows of a region: its months that have a value."""
    return [
        {
            "region": properties["region"],
            "variable": dataset.variable,
            "month": pd.Timestamp(year, month, 1),
            "value": properties[f"y{year}m{month:02d}"],
            "units": dataset.units,
        }
        for year in span
        for month in range(1, 13)
        if properties.get(f"y{year}m{month:02d}") is not None
    ]
