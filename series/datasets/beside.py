"""Data sets that are read beside those of a result, so that it does not depend on one product unnoticed."""

from __future__ import annotations

from series.datasets.catalogue import DATASETS
from series.datasets.model import Dataset

#: Every rain product of the catalogue with values by month.
RAIN_PRODUCTS: tuple[Dataset, ...] = tuple(
    each for each in DATASETS.values() if each.variable == "precipitation" and each.cadence not in ("yearly", "static")
)

#: The long coarse record of vegetation that is joined backwards before MODIS, and its years that are read: from AVHRR.
#: From 2016 on it is made of MODIS alone, and says nothing of how the two differ.
LONG_RECORD: Dataset = DATASETS["pku-gimms-ndvi"].model_copy(update={"variable": "long_record"})
LONG_RECORD_YEARS = (1982, 2015)


def rain_variable(key: str) -> str:
    """The name of the monthly series of a rain product beside that of the result.

    >>> rain_variable("chirps3-precipitation")
    'precipitation_chirps3'
    """
    return f"precipitation_{key.removesuffix('-precipitation').replace('-', '_')}"
