"""What people do to the land, by region and year, as far as satellites see it; reduced by Earth Engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import ee
import pandas as pd
from shapely.geometry.base import BaseGeometry

from series.composites import gap
from series.cubes.requests import MOST_PIXELS
from series.outlines import answered, features
from series.service.splitting import by_years
from series.tables import COLUMNS

#: Land, not light, is summed; a mean of a rate is a rate.
SQUARE_METRES = 1e6


@dataclass(frozen=True)
class Pressure:
    """One pressure: the area of some `classes` of a band, of its positive values where there are none, or its mean.

    `first_year` and `last_year` are those of the asset, `cell` its native cell in degrees, `images_a_year` how many
    images of a year are read.
    """

    name: str
    asset: str
    band: str
    first_year: int
    last_year: int
    cell: float
    units: str = "km2"
    classes: tuple[int, ...] = ()
    images_a_year: int = 1

    def within(self, years: Sequence[int]) -> list[int]:
        """Those of `years` that the asset has."""
        return [year for year in years if self.first_year <= year <= self.last_year]

    def image(self, year: int) -> Any:
        """One band `y<year>`: square kilometres in the cell, or the value."""
        images = ee.ImageCollection(self.asset).filterDate(f"{year}-01-01", f"{year + 1}-01-01").select([self.band])
        if self.units != "km2":
            # a year that is not published yet has no value; the other years keep theirs
            dated = images.map(lambda image: image.rename(["value"]).toFloat()).merge(gap(date(year, 1, 1)))
            return dated.mean().rename([f"y{year}"]).toFloat()
        if self.classes:
            first = ee.Image(images.first())
            there = first.remap(list(self.classes), [1] * len(self.classes), 0)
        else:
            there = images.max().gt(0).unmask(0)
        return there.multiply(ee.Image.pixelArea()).divide(SQUARE_METRES).rename([f"y{year}"]).toFloat()


_COVER: dict[str, Any] = {
    "asset": "MODIS/061/MCD12Q1",
    "band": "LC_Type1",
    "first_year": 2001,
    "last_year": 2024,
    "cell": 1 / 240,
}
PRESSURES = (
    Pressure("cropland", classes=(12, 14), **_COVER),
    Pressure("built_up", classes=(13,), **_COVER),
    Pressure("open_water", classes=(17,), **_COVER),
    Pressure("burned", "MODIS/061/MCD64A1", "BurnDate", 2001, 2024, 1 / 240, images_a_year=12),
    Pressure("night_lights", "NOAA/VIIRS/DNB/ANNUAL_V22", "average", 2013, 2024, 1 / 240, "nW cm-2 sr-1"),
)


def years_a_request(pressure: Pressure, area: float) -> int:
    """Years of a pressure that one request should reduce over outlines of an area (square degrees), at least one."""
    return max(int(MOST_PIXELS / (pressure.images_a_year * area / pressure.cell**2)), 1)


def yearly(pressure: Pressure, outlines: Mapping[str, BaseGeometry], years: Sequence[int]) -> pd.DataFrame:
    """One pressure on each region, for the years that its asset has.

    Rows of region, variable (`cropland_annual` …), month (first of January), value, units.
    Areas are sums over the cells by the share that the region covers, in km²; night lights are means. One request for
    all regions; several where it is too big for the server. Raises TooBig where one year is.
    """
    covered = pressure.within(years)
    rows = []
    for span, answer in by_years(covered, partial(_reduced, outlines, pressure)) if covered else ():
        for region, found in answer.items():
            rows += [
                {
                    "region": region,
                    "variable": f"{pressure.name}_annual",
                    "month": pd.Timestamp(year, 1, 1),
                    "value": found[f"y{year}"],
                    "units": pressure.units,
                }
                for year in span
                if found.get(f"y{year}") is not None
            ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _reduced(
    outlines: Mapping[str, BaseGeometry], pressure: Pressure, years: Sequence[int], tile_scale: float
) -> dict[str, Mapping[str, Any]]:
    """The values of each region by `y<year>`."""
    image = ee.Image.cat([pressure.image(year) for year in years])
    reducer = ee.Reducer.sum() if pressure.units == "km2" else ee.Reducer.mean()
    if len(years) == 1:
        # the result of a single band is named after the reducer otherwise
        reducer = reducer.setOutputs([f"y{years[0]}"])
    grid = {"crs": "EPSG:4326", "crsTransform": [pressure.cell, 0, -180, 0, -pressure.cell, 90]}
    reduced = image.reduceRegions(features(outlines), reducer, tileScale=tile_scale, **grid)
    return {feature["properties"]["region"]: feature["properties"] for feature in answered(reduced)}
