"""Drought beside an assessment: SPI and SPEI of twelve months, of the region and as land in each class by year."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import xarray as xr

from indicators.area.areas import cell_area
from indicators.errors import IndicatorError
from indicators.weather.break_context import drought_indices
from indicators.weather.drought import class_areas, classes, december, spei, spi
from regions.grid import coverage, geobox
from series.cubes.stored import open_cube

if TYPE_CHECKING:
    from regions.model import Region

#: PRAIS 4, strategic objective 3: land by class of drought. The form takes the SPI; the SPEI has a table beside it.
TABLES = {"spi": "SO3-1.T1", "spei": "SO3-1.spei"}
INDICES: dict[str, Callable[..., xr.DataArray]] = {"spi": spi, "spei": spei}
SCALE = 12
#: What is usual, as PRAIS 4 has it, where the rain reaches back that far.
REFERENCE = (1981, 2010)
PRAIS_COLUMNS = ["table", "period", "row", "column", "value", "units"]
OBSERVED_COLUMNS = ["region", "variable", "month", "value", "units"]
Tables = tuple[pd.DataFrame, pd.DataFrame]


def drought_tables(
    region: Region, rain_months: Path | None, evaporation_months: Path | None, years: tuple[int, int], period: str
) -> Tables:
    """Land by class of drought in December of each year, as rows of PRAIS; monthly series of the region.

    `rain_months` and `evaporation_months` are cubes (time, y, x) of monthly rain and potential evapotranspiration, on
    the same grid. The series are `spi_12`, `spei_12` and potential evapotranspiration in mm. Both tables are empty
    without rain, or where it is too short; without evapotranspiration they have no SPEI.
    """
    if rain_months is None:
        return _nothing()
    rain = open_cube(rain_months)
    share = coverage(region, geobox(region, float(rain.attrs["cell_degrees"]))).assign_coords(y=rain["y"], x=rain["x"])
    weight = (share * cell_area(rain)).fillna(0)
    parts = [_index(region, "spi", rain, weight, years, period)]
    if evaporation_months is not None:
        demand = open_cube(evaporation_months)
        of_region = _observed(region, "potential_evapotranspiration", _mean(demand, weight), years, "mm")
        parts += [_index(region, "spei", rain - demand, weight, years, period), (_nothing()[0], of_region)]
    prais, observed = (
        pd.concat([each for each in tables if len(each)] or [tables[0]]) for tables in zip(*parts, strict=True)
    )
    return prais, observed


def _nothing() -> Tables:
    return pd.DataFrame(columns=PRAIS_COLUMNS), pd.DataFrame(columns=OBSERVED_COLUMNS)


def _index(
    region: Region, name: str, months: xr.DataArray, weight: xr.DataArray, years: tuple[int, int], period: str
) -> Tables:
    """The tables of one index; empty where there are fewer years than say what is usual."""
    if not months.sizes["time"]:
        return _nothing()
    reference = REFERENCE if int(months["time"].dt.year.min()) <= REFERENCE[0] else None
    index = partial(INDICES[name], scale=SCALE, reference=reference)
    try:
        cells = classes(december(index(months))).sel(year=slice(*years))
        course = index(_mean(months, weight))
    except IndicatorError:
        return _nothing()
    land = class_areas(cells, weight).rename(columns={"class": "column", "area_km2": "value"})
    land = land.assign(table=TABLES[name], period=period, row=land["year"].astype(str), units="km2")
    return land[PRAIS_COLUMNS], _observed(region, f"{name}_{SCALE}", course, years, "1")


def _mean(months: xr.DataArray, weight: xr.DataArray) -> xr.DataArray:
    """Mean over the region; cells are weighted by their area inside it."""
    mean: xr.DataArray = months.weighted(weight).mean(("y", "x"))
    return mean


def _observed(region: Region, variable: str, course: xr.DataArray, years: tuple[int, int], units: str) -> pd.DataFrame:
    """A monthly series of the region over the years of a period, as observations."""
    months = course.sel(time=slice(f"{years[0]}-01", f"{years[1]}-12")).dropna("time")
    values = {"month": months["time"].values, "value": months.values}
    return pd.DataFrame({"region": region.id, "variable": variable, **values, "units": units})[OBSERVED_COLUMNS]


def index_series(course: pd.DataFrame, monthly: pd.DataFrame | None) -> dict[str, pd.Series]:
    """Indices of twelve months beside the breaks of a region: SPI and SPEI of its `course`, and soil moisture.

    `monthly` is the table of the region's monthly series: from its years the index of soil moisture knows what is
    usual, and the SPI where `course` has none. What is not there is left out.
    """
    found: dict[str, pd.Series] = {}
    if monthly is not None:
        own = {name: rows.set_index("month")["value"] for name, rows in monthly.groupby("variable")}
        found = drought_indices(own.get("precipitation"), own.get("soil_moisture"))
    for name in TABLES:
        rows = course[course["variable"] == f"{name}_{SCALE}"]
        if len(rows):
            found[name] = rows.set_index("month")["value"]
    return found
