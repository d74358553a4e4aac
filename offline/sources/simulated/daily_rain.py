"""Daily rain of CHIRPS and PERSIANN, and surface water of the JRC, over the same landscape."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np

from offline.landscape import Scene, cover
from offline.landscape.disturbance.rain_products import Product
from offline.landscape.drivers import lakes
from offline.sources.simulated import days, derived
from offline.sources.simulated.bands import Stored
from offline.sources.simulated.data_sets import degrees
from offline.sources.simulated.spec import Spec, StoredBand, every_day, months, next_month
from offline.sources.simulated.water import water_class

#: What PERSIANN measures of the rain, as the toolbox's yearly images of it do.
PERSIANN_BIAS = 1.08


def rain_up_to(north: float, product: Product, bias: float = 1.0) -> Callable[[Scene, date], Stored]:
    """Millimetres in a day, masked from a latitude on."""

    def field(scene: Scene, start: date) -> Stored:
        metres, valid = days.precipitation(scene, start, product)
        covered = np.broadcast_to(scene.points.lat, scene.points.shape) < north
        return metres * np.float32(1000 * bias), valid & covered

    return field


def water(scene: Scene) -> np.ndarray:
    """Where there is water, the same in all years."""
    return np.asarray((scene.original_cover == cover.WATER) & scene.land)


def of_water(value: int) -> Callable[[Scene, date], Stored]:
    """One number where there is water; masked elsewhere."""
    return lambda scene, start: (np.full(scene.points.shape, value), water(scene))


def largest_extent(scene: Scene, start: date) -> Stored:
    """1 where water was ever detected, else 0."""
    return water(scene).astype(np.uint8), scene.land


def monthly_water(scene: Scene, start: date) -> Stored:
    """1 not water, 2 water; the belt of the lakes has water in the wet months only."""
    least = 2 if start.month in lakes.WET_MONTHS else 3
    return np.where(lakes.water_class(scene, start.year) >= least, 2, 1), scene.land


SURFACE_WATER = (
    StoredBand("occurrence", "uint8", derived.water_occurrence),
    StoredBand("change_abs", "int8", of_water(0)),
    StoredBand("change_norm", "int8", of_water(0)),
    StoredBand("seasonality", "uint8", derived.water_months),
    StoredBand("recurrence", "uint8", of_water(100)),
    StoredBand("transition", "uint8", of_water(1), pyramiding="MODE"),
    StoredBand("max_extent", "uint8", largest_extent, pyramiding="MODE"),
)
DAILY_RAIN = (
    Spec(
        id="UCSB-CHG/CHIRPS/DAILY",
        title="CHIRPS Daily: rain up to 50 N",
        grid=degrees(0.05, north=50.0),
        bands=(StoredBand("precipitation", "float32", rain_up_to(derived.CHIRPS_NORTH, "chirps")),),
        starts=every_day(date(1981, 1, 1), date(2024, 12, 31)),
        index="%Y%m%d",
        ends=lambda day: day + timedelta(days=1),
        goes_on=every_day,
    ),
    Spec(
        id="NOAA/PERSIANN-CDR",
        title="PERSIANN-CDR: daily rain up to 60 N",
        grid=degrees(0.25, north=60.0),
        bands=(StoredBand("precipitation", "float32", rain_up_to(60.0, "persiann", PERSIANN_BIAS)),),
        starts=every_day(date(1983, 1, 1), date(2024, 12, 31)),
        index="%Y%m%d",
        ends=lambda day: day + timedelta(days=1),
        goes_on=every_day,
    ),
)
SURFACE_WATER_MAPS = (
    *(
        Spec(
            id=f"JRC/GSW1_{version}/GlobalSurfaceWater",
            title=f"JRC global surface water, 1984-{last}",
            grid=degrees(1 / 4000),
            bands=SURFACE_WATER,
        )
        for version, last in ((3, 2020), (4, 2021))
    ),
    Spec(
        id="JRC/GSW1_3/YearlyHistory",
        title="JRC yearly water classification, 1984-2020",
        grid=degrees(1 / 4000, north=78.0, south=-59.0),
        bands=(StoredBand("waterClass", "uint8", water_class, pyramiding="MODE"),),
        starts=tuple(date(year, 1, 1) for year in range(1984, 2021)),
        index="%Y",
        ends=lambda day: day.replace(year=day.year + 1),
    ),
    Spec(
        id="JRC/GSW1_3/MonthlyHistory",
        title="JRC monthly water history, 1984-2020",
        grid=degrees(1 / 4000, north=78.0, south=-59.0),
        bands=(StoredBand("water", "uint8", monthly_water, pyramiding="MODE"),),
        starts=tuple(day for day in months(1984, 2020) if day >= date(1984, 3, 1)),
        index="%Y_%m",
        ends=next_month,
    ),
)
