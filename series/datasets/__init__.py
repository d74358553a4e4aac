"""Which data sets are there, as data: what each measures, where, when, how it is read, and who to cite?"""

from series.datasets.beside import LONG_RECORD, LONG_RECORD_YEARS, RAIN_PRODUCTS, rain_variable
from series.datasets.catalogue import COARSER, DATASETS, DEFAULTS, load, products_for, require_years
from series.datasets.model import (
    CADENCE_DAYS,
    FORMULA_BANDS,
    IMAGES_A_MONTH,
    METRES_A_DEGREE,
    QUALITY_BANDS,
    Annual,
    Box,
    Counterpart,
    Dataset,
    Formula,
    Quality,
    Variable,
)

__all__ = [
    "CADENCE_DAYS",
    "COARSER",
    "DATASETS",
    "DEFAULTS",
    "FORMULA_BANDS",
    "IMAGES_A_MONTH",
    "LONG_RECORD",
    "LONG_RECORD_YEARS",
    "METRES_A_DEGREE",
    "QUALITY_BANDS",
    "RAIN_PRODUCTS",
    "Annual",
    "Box",
    "Counterpart",
    "Dataset",
    "Formula",
    "Quality",
    "Variable",
    "load",
    "products_for",
    "rain_variable",
    "require_years",
]
