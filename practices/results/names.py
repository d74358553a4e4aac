"""Names that results are published under, in the order in which they are shown: indicators and their classes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: The indicator of headlines.
HEADLINE = "sdg"
#: Method under which the agreement of several methods is published: no view of its own; it is shown with others.
AGREEMENT = "agreement"
#: Indicators, and their names for people.
INDICATORS = {
    HEADLINE: "SDG 15.3.1",
    "productivity": "Land productivity",
    "land_cover": "Land cover",
    "soil_organic_carbon": "Soil organic carbon",
}
#: Classes that together are the land; percentages are of it.
LAND = ("degraded", "stable", "improved", "undetermined")
#: All classes; any other follows.
CLASSES = (*LAND, "below_detectability", "water", "no data")
#: Classes for people whose name says too little.
LABELS = {"below_detectability": "too bare to judge"}


def label(class_name: str) -> str:
    """A class for people."""
    return LABELS.get(class_name, class_name.replace("_", " "))


#: What a productivity data set measures: a short name for axes and tables, and a name for sentences.
QUANTITIES = {
    "ndvi": ("NDVI", "greenness (NDVI)"),
    "evi": ("EVI", "greenness (EVI)"),
    "npp": ("NPP", "net primary production"),
    "gpp": ("GPP", "gross primary production"),
}
#: Quantities without units.
INDICES = ("ndvi", "evi")


def quantity_names(quantity: str | None, units: str = "1") -> tuple[str, str]:
    """The short name and the name for sentences of what productivity measures.

    Parameters
    ----------
    quantity : str or None
        Quantity of the catalogue, as `ndvi`; None: not recorded, as in results of before 0.4.
    units : str
        Units of the series; `1` or empty for an index. A quantity with units is not an index, whatever the
        catalogue says.

    Returns
    -------
    tuple of str
        Name for axes and tables, name for sentences.

    Examples
    --------
    >>> quantity_names("ndvi")
    ('NDVI', 'greenness (NDVI)')
    >>> quantity_names("npp", "kg m-2")
    ('NPP', 'net primary production')
    """
    plain = units in ("", "1")
    if quantity is None and plain:
        return "vegetation index", "greenness (vegetation index)"
    if not quantity or (quantity.lower() in INDICES and not plain):
        return "productivity", "productivity"
    return QUANTITIES.get(quantity.lower(), (quantity, quantity))


#: What stands in place of the key of a data set for a yearly series of the user's own table.
OWN_TABLE = "own table"


def own_tables(datasets: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Sources of the series that are from the user's own tables, by series; `datasets`: those of a run, by variable.

    Examples
    --------
    >>> own_tables({"herd_cattle": {"key": "own table", "asset": "NSO 2024"}, "wind": {"key": "era5-land-wind"}})
    {'herd_cattle_annual': 'NSO 2024'}
    """
    return {f"{name}_annual": str(each["asset"]) for name, each in datasets.items() if each.get("key") == OWN_TABLE}


#: How names of statistics begin that say what limits a result: a region smaller than a cell, area without data, missing
#: inputs, codes without a class, rain products that disagree.
GAPS = ("smaller_than_", "no_data_", "missing_", "unlisted_", "disagreeing_")


def is_gap(name: str) -> bool:
    """Whether a statistic says what limits a result."""
    return name.startswith(GAPS)
