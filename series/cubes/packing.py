"""Pixels on the wire: whole numbers of two bytes where the values of a data set allow it.

A packed value is `(value - offset) / step`, rounded. One number is kept for no data, and one at each end for values
that do not fit: a tile with such a value is requested again as fractions, so that none is lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from series.datasets import Dataset

#: The kind of the monthly values of a data set, beside the kinds of annual values.
MONTHS = "months"
#: The smallest and the largest number that stands for a value, and the number of no data.
LOW, HIGH, NODATA = -32766, 32766, -32768
#: No data among fractions: a number that no quantity has.
NO_FRACTION = -3.0e38


@dataclass(frozen=True)
class Packing:
    """Whole numbers of two bytes: the value of number 0, and the step from one number to the next."""

    step: float
    offset: float = 0.0
    bytes: int = 2

    def packed(self, image: Any) -> Any:
        """An Earth Engine image with the numbers of the values of `image`."""
        number = image.subtract(self.offset).divide(self.step).round()
        return number.clamp(LOW - 1, HIGH + 1).unmask(NODATA, False).toInt16()

    def values(self, numbers: np.ndarray) -> np.ndarray:
        """The values (float32, NaN for no data) of packed numbers."""
        return np.where(numbers == NODATA, np.nan, numbers * self.step + self.offset).astype(np.float32)

    def fits(self, numbers: np.ndarray) -> bool:
        """Whether every value could be packed."""
        known = numbers[numbers != NODATA]
        return not known.size or bool(known.min() >= LOW and known.max() <= HIGH)


@dataclass(frozen=True)
class Fractions:
    """Values as they are, in four bytes."""

    bytes: int = 4

    def packed(self, image: Any) -> Any:
        """An Earth Engine image with the values of `image`, and a number for no data."""
        return image.toFloat().unmask(NO_FRACTION, False).toFloat()

    def values(self, numbers: np.ndarray) -> np.ndarray:
        """The values (float32, NaN for no data)."""
        return np.where(numbers < 0.9 * NO_FRACTION, np.nan, numbers).astype(np.float32)

    def fits(self, _numbers: np.ndarray) -> bool:
        """Every value fits."""
        return True


FRACTIONS = Fractions()
_WHOLE = Packing(1.0)


def packing_of(dataset: Dataset, kind: str | None = None) -> Packing | Fractions:
    """The packing of the values of a data set, `kind` of annual value or `MONTHS`.

    The steps are below what the instruments resolve: 4e-5 of an index, 0.05 mm of rain in a season, 0.02 mm in a
    month. Values of which the range is not known are not packed.
    """
    match dataset.variable, dataset.units, dataset.quantity:
        case "productivity", "1", "ndvi" | "evi" | "fapar":
            return Packing(0.02) if kind == "season_integral" else Packing(4e-5)
        case "productivity", "kg m-2 year-1", _:
            return Packing(1e-4, 3.0)
        case "precipitation", "mm", _:
            return Packing(0.02, 600.0) if kind == MONTHS else Packing(0.05, 1600.0)
        case "potential_evapotranspiration", "mm", _ if kind == MONTHS:
            return Packing(0.02, 600.0)
        case "soil_moisture", "m3 m-3", _:
            return Packing(4e-5)
        case "soil_carbon", "t ha-1", _:
            return Packing(0.1, 3000.0)
        case (("land_cover" | "climate_zone" | "soil_taxonomy"), _, _):
            return _WHOLE
        case "elevation", "m", _:
            return _WHOLE
        case _:
            return FRACTIONS
