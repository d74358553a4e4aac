"""What a run left out, and what is undetermined without it. Only vegetation is required."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from typing import Protocol

from series.errors import RequestFailed, Unavailable

_log = logging.getLogger("drylands")

#: What is undetermined without a variable, a table, or a pressure.
CONSEQUENCES = {
    "land_cover": "the sub-indicators of land cover and soil organic carbon are undetermined",
    "soil_carbon": "the sub-indicator of soil organic carbon is undetermined",
    "climate_zone": "the sub-indicator of soil organic carbon is undetermined",
    "soil_taxonomy": "performance compares pixels by land cover alone",
    "precipitation": "the effect of rain on vegetation, and drought, are undetermined",
    "soil_moisture": "soil moisture is not reported",
    "temperature": "the effect of temperature on vegetation is undetermined",
    "wind": "wind is not reported",
    "potential_evapotranspiration": "the SPEI is undetermined",
    "population": "people on degraded land are not counted",
    "aridity": "sites of practices are compared by climate zone instead of aridity",
    "elevation": "sites of practices are compared without elevation",
    "reference area": "performance compares the land of the region with its own best",
    "reference land_cover": "performance compares with reference areas by soil alone",
    "reference soil_taxonomy": "performance compares with reference areas by land cover alone",
    "long record": "it is unknown whether a decline is part of a longer cycle",
    "protected areas": "degraded land inside and outside protected areas is not compared",
    "key biodiversity areas": "degraded land inside and outside key biodiversity areas is not compared",
    "countries": "jumps of data at borders are not tested",
    "mines": "degraded patches are not compared with mines",
    "monthly rain": "drought indices and the choice of rain sums are undetermined",
}
#: What is missing without the monthly series of a variable, and without a pressure.
WITHOUT_SERIES, WITHOUT_PRESSURE = "its monthly course over the region is missing", "it is not named among the drivers"
#: What is missing without the monthly rain of another product.
WITHOUT_PRODUCT = "the trend of the region is not compared with that by its rain"
#: What is missing without the cells of a driver.
WITHOUT_CELLS = "degraded patches are not compared by it"


def consequence(name: str) -> str:
    """What is undetermined without a variable, a `monthly series of …`, a `pressure …`, `rain of …` a product, or
    `cells of …` a driver.
    """
    if name.startswith("land_cover after "):
        year = name.rpartition(" ")[2]
        return f"changes of land cover and soil organic carbon are unknown: the map of {year} stands for later years"
    if name.startswith("monthly series of "):
        return WITHOUT_SERIES
    if name.startswith("rain of "):
        return WITHOUT_PRODUCT
    if name.startswith("cells of "):
        return WITHOUT_CELLS
    return WITHOUT_PRESSURE if name.startswith("pressure ") else CONSEQUENCES[name]


def note(left_out: MutableMapping[str, str], region: str, name: str, reason: str) -> None:
    """Record what is left out of a region, why, and what is undetermined without it; log it, too."""
    left_out[name] = f"{reason.rstrip('. ').replace(';', ',')}. Without it, {consequence(name)}"
    _log.warning("%s: left out %s: %s", region, name.replace("_", " "), left_out[name])


@contextmanager
def optional(left_out: MutableMapping[str, str], region: str, name: str) -> Iterator[None]:
    """Leave out of a region what the server refuses, or cannot do, inside the `with` block.

    A server that does not answer, a used-up quota and a failed sign-in still end the region: the next run continues
    there.
    """
    try:
        yield
    except Unavailable:
        raise
    except RequestFailed as error:
        note(left_out, region, name, str(error))


class Incomplete(Protocol):
    """A result with what was left out, by name, and why."""

    @property
    def region(self) -> str: ...
    @property
    def left_out(self) -> Mapping[str, str]: ...


def left_out_lines(results: Sequence[Incomplete]) -> list[str]:
    """A line for everything that was left out of a region, once for all profiles."""
    return list(
        dict.fromkeys(
            f"{each.region}: {name.replace('_', ' ')} is left out: {reason}."
            for each in results
            for name, reason in each.left_out.items()
        )
    )
