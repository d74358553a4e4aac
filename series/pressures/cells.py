"""Pressures cell by cell: what attribution compares in degraded patches and in land without loss."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ee

from series.datasets import Dataset
from series.physical import pixels_touched
from series.pressures.catalogue import PRESSURES
from series.pressures.model import SQUARE_METRES, Measure, Pressure, nothing
from series.stack import Stack

#: Native cells across a cell from which on classes are averaged, of at least as many cells. Of fewer, one is read as it
#: is stored: patches are averages of many cells.
ACROSS = 3
#: Finest cells (degrees) at which drivers are read: about a kilometre, those of the product of herds.
FINEST = 1 / 120


@dataclass(frozen=True)
class CellDriver:
    """A pressure as a yearly cube: the name of the driver, its pressure and measure, and the units of a cell.

    `commonest`: a cell has the commonest class of its pixels, which are too many to be averaged.
    """

    name: str
    pressure: str
    measure: str
    units: str
    commonest: bool = False

    @property
    def source(self) -> Pressure:
        """The pressure that it is read from."""
        return next(each for each in PRESSURES if each.name == self.pressure)

    def cell(self, wanted: float) -> float:
        """Size of the cells in degrees that are read for a result whose cells have `wanted` degrees."""
        return max(wanted, FINEST, self.source.cell)

    def dataset(self, cell: float) -> Dataset:
        """The pressure as a data set, which names its cube."""
        of = self.source
        return Dataset(
            key=f"driver-{self.name}",
            variable="driver",
            asset=of.asset,
            band=of.bands[0],
            units=self.units,
            cadence="yearly",
            resolution=cell,
            first_year=of.first_year,
            last_year=of.ended or 2100,
            licence=of.notes.licence,
            citation=of.notes.source,
        )

    def stack(self, years: Sequence[int], cell: float) -> Stack:
        """An image for each year, band `value`: each year a part."""
        images = tuple(
            self.image(year, cell).set({"system:time_start": ee.Date(f"{year}-01-01").millis(), "year": year})
            for year in years
        )
        of = self.source
        reads = of.images_a_year * len(of.bands)
        across = self._across(cell)
        inside = (across / self._together(cell)) ** 2
        return Stack("year", images, lambda: tuple((year,) for year in years), reads, inside)

    def image(self, year: int, cell: float) -> Any:
        """One year: heads in a square kilometre, the share of a cell in a class, or a mean; masked where incomplete."""
        of, across = self.source, self._across(cell)
        together = self._together(cell)

        def read(image: Any) -> Any:
            if together > 1:
                image = image.reproject(image.projection().scale(together, together))
            band = self._value(of.value(image).rename([each.name for each in of.read])).rename(["value"]).toFloat()
            if across == 1.0:
                return band
            return band.reduceResolution(ee.Reducer.mean(), maxPixels=pixels_touched(across / together)).toFloat()

        dated = of.images(year).map(read).merge(nothing(["value"]))
        found = of.whole(dated.max() if of.together == "max" else dated.mean(), year)
        if of.unit == "count":
            # what a native cell has, over the area of one
            found = found.multiply((cell / of.cell) ** 2).divide(ee.Image.pixelArea().divide(SQUARE_METRES))
        return found.rename(["value"]).toFloat()

    def _value(self, image: Any) -> Any:
        """The measure of an image: one of its bands, or a weighted sum of them."""
        measure = self._measure
        if not measure.weights:
            return image.select([measure.name])
        parts = [image.select([name]).multiply(weight) for name, weight in measure.weights]
        return ee.Image.cat(parts).reduce(ee.Reducer.sum())

    @property
    def _measure(self) -> Measure:
        return next(each for each in self.source.measures if each.name == self.measure)

    def _together(self, cell: float) -> int:
        """Native cells across one that is read in their place: large cells read every so many, from what is stored."""
        return 2 ** max(math.floor(math.log2(self._across(cell) / ACROSS)), 0)

    def _across(self, cell: float) -> float:
        """Native cells across a cell whose classes are averaged; 1 where what the service stores is read."""
        across = cell / self.source.cell
        averaged = self.source.unit == "area" and not self.commonest
        return across if averaged and across >= ACROSS else 1.0


#: The drivers that attribution reads cell by cell, beside those of the result itself (rain, soil moisture, cover).
CELL_DRIVERS = (
    CellDriver("herd_sheep_units", "herds", "herd_sheep_units", "km-2"),
    CellDriver("burned", "burned", "burned", "1"),
    CellDriver("open_water", "surface_water", "water_permanent", "1", commonest=True),
    CellDriver("night_lights", "night_lights", "night_lights", "nW cm-2 sr-1"),
)
