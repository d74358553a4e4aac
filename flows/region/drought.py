"""Drought beside an assessment: SPI of twelve months of the region, and the land in each class of drought by year."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from indicators.area.areas import cell_area
from indicators.errors import IndicatorError
from indicators.weather.break_context import drought_indices
from indicators.weather.drought import class_areas, classes, december, spi
from regions.grid import coverage, geobox
from series.cubes.stored import open_cube

if TYPE_CHECKING:
    from regions.model import Region

#: PRAIS 4, strategic objective 3: land by class of drought.
TABLE = "SO3-1.T1"
SCALE = 12
#: What is usual, as PRAIS 4 has it, where the rain reaches back that far.
REFERENCE = (1981, 2010)


def drought_tables(
    region: Region, rain_months: Path | None, years: tuple[int, int], period: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Land by class of drought in December of each year, as rows of PRAIS; the region's monthly SPI, as observations.

    `rain_months` is a cube (time, y, x) of monthly rain; both tables are empty without it, or where it is too short.
    """
    prais = pd.DataFrame(columns=["table", "period", "row", "column", "value", "units"])
    observed = pd.DataFrame(columns=["region", "variable", "month", "value", "units"])
    if rain_months is None:
        return prais, observed
    rain = open_cube(rain_months)
    share = coverage(region, geobox(region, float(rain.attrs["cell_degrees"]))).assign_coords(y=rain["y"], x=rain["x"])
    weight = share * cell_area(rain)
    first = int(rain["time"].dt.year.min())
    reference = REFERENCE if first <= REFERENCE[0] else None
    try:
        cells = classes(december(spi(rain, SCALE, reference))).sel(year=slice(*years))
        course = spi(rain.weighted(weight.fillna(0)).mean(("y", "x")), SCALE, reference)
    except IndicatorError:  # fewer years than say what is usual
        return prais, observed
    land = class_areas(cells, weight).rename(columns={"class": "column", "area_km2": "value"})
    prais = land.assign(table=TABLE, period=period, row=land["year"].astype(str), units="km2")[list(prais.columns)]
    months = course.sel(time=slice(f"{years[0]}-01", f"{years[1]}-12")).dropna("time")
    values = {"month": months["time"].values, "value": months.values}
    observed = pd.DataFrame({"region": region.id, "variable": f"spi_{SCALE}", **values, "units": "1"})
    return prais, observed


def index_series(course: pd.DataFrame, monthly: pd.DataFrame | None) -> dict[str, pd.Series]:
    """Indices of twelve months beside the breaks of a region: its SPI (`course`), SPEI and soil moisture.

    `monthly` is the table of the region's monthly series, from whose years the latter two know what is usual; the SPEI
    needs rain and potential evapotranspiration in it. What is not there is left out.
    """
    found: dict[str, pd.Series] = {}
    if monthly is not None:
        own = {name: rows.set_index("month")["value"] for name, rows in monthly.groupby("variable")}
        names = ("precipitation", "soil_moisture", "potential_evapotranspiration")
        found = drought_indices(*(own.get(name) for name in names))
    if len(course):
        found["spi"] = course.set_index("month")["value"]
    return found
