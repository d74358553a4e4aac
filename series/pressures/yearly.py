"""Pressures by region and year, reduced by Earth Engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import ee
import pandas as pd
from shapely.geometry.base import BaseGeometry

from series.cubes.requests import MOST_PIXELS
from series.outlines import answered, features
from series.pressures.model import Pressure
from series.service.splitting import by_years
from series.tables import COLUMNS

#: Images that one request should open, however few of their pixels it reads.
MOST_IMAGES = 4_000


def years_a_request(pressure: Pressure, area: float, cell: float | None = None) -> int:
    """Years of a pressure that one request should reduce over outlines of an area (square degrees), at least one."""
    read = pressure.layers * area / (cell or pressure.cell) ** 2
    return max(min(int(MOST_PIXELS / read), MOST_IMAGES // pressure.opened), 1)


def yearly(
    pressure: Pressure, outlines: Mapping[str, BaseGeometry], years: Sequence[int], cell: float | None = None
) -> pd.DataFrame:
    """The series of one pressure on each region, for the years that its asset has.

    Rows of region, variable (`cropland_annual` …), month (first of January), value, units. `cell`: size of the cells in
    degrees, that of the asset by default; they weigh by the share that the region covers. A year without images, or
    with some of them, has no row. One request for all regions and series; several where it is too big for the server.
    Raises TooBig where one year is.
    """
    covered = pressure.within(years)
    rows: list[dict[str, Any]] = []
    for span, answer in (
        by_years(covered, partial(_reduced, outlines, pressure, cell or pressure.cell)) if covered else ()
    ):
        for region, found in answer.items():
            rows += [{"region": region, **row} for year in span for row in _of_year(pressure, found, year)]
    order = {f"{each.name}_annual": number for number, each in enumerate(pressure.measures)}
    rows.sort(key=lambda row: order[row["variable"]])
    return pd.DataFrame(rows, columns=COLUMNS)


def _of_year(pressure: Pressure, found: Mapping[str, Any], year: int) -> Iterator[dict[str, Any]]:
    """The values of a region in a year."""
    known: dict[str, Any] = {each.name: found.get(f"{each.name}_y{year}") for each in pressure.read}
    for each in pressure.measures:
        value = known.get(each.name)
        if each.weights and all(known[name] is not None for name, _ in each.weights):
            value = sum(known[name] * weight for name, weight in each.weights)
        if value is not None:
            yield {
                "variable": f"{each.name}_annual",
                "month": pd.Timestamp(year, 1, 1),
                "value": value * pressure.days(year) if each.days else value,
                "units": each.units,
            }


def _reduced(
    outlines: Mapping[str, BaseGeometry], pressure: Pressure, cell: float, years: Sequence[int], tile_scale: float
) -> dict[str, Mapping[str, Any]]:
    """The values of each region by `NAME_y<year>`."""
    image = ee.Image.cat([pressure.image(year, cell) for year in years])
    reducer = ee.Reducer.mean() if pressure.unit == "mean" else ee.Reducer.sum()
    if len(years) * len(pressure.read) == 1:
        # the result of a single band is named after the reducer otherwise
        reducer = reducer.setOutputs([f"{pressure.read[0].name}_y{years[0]}"])
    west, north = pressure.corner
    grid = {"crs": "EPSG:4326", "crsTransform": [cell, 0, west, 0, -cell, north]}
    reduced = image.reduceRegions(features(outlines), reducer, tileScale=tile_scale, **grid)
    return {feature["properties"]["region"]: feature["properties"] for feature in answered(reduced)}
