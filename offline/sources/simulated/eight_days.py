"""Eight-day composites of MODIS: surface temperature (MOD11A2) and surface reflectance (MOD09A1), with their flags."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from offline.landscape import Scene, climate, cover, surface
from offline.landscape.annual import eight_days
from offline.landscape.noise import Floats, cell_hash, key
from offline.sources.simulated.bands import Stored
from offline.sources.simulated.data_sets import MODIS_1000_GRID
from offline.sources.simulated.spec import MODIS_500_GRID, Spec, StoredBand

EIGHT = 8
#: Kelvin that a night is below the mean of the day, and emissivities of bare ground and of leaves.
NIGHT_COOLER, BARE, LEAVES = 8.0, (0.962, 0.968), (0.986, 0.989)
#: Hours of a view, local solar time.
VIEWS = {"day": 10.6, "night": 22.4}


def period_of(start: date) -> list[date]:
    """The days of a composite: the last of a year ends with it."""
    days = [start + timedelta(days=n) for n in range(EIGHT)]
    return [day for day in days if day.year == start.year]


def clear_bits(scene: Scene, start: date) -> NDArray[np.uint8]:
    """Bit n: day n of the composite has a clear sky."""

    def counted() -> NDArray[np.uint8]:
        bits = np.zeros(scene.points.shape, np.uint8)
        for number, day in enumerate(period_of(start)):
            bits |= (~surface.sky(scene, day).cloud).astype(np.uint8) << np.uint8(number)
        return bits

    clear: NDArray[np.uint8] = scene.kept.get(("clear days", start), counted)
    return clear


def clear_count(scene: Scene, start: date) -> NDArray[np.int64]:
    """How many days of a composite have a clear sky."""
    bits = clear_bits(scene, start)
    return sum((bits >> np.uint8(n) & 1).astype(np.int64) for n in range(EIGHT))  # type: ignore[return-value]


def clear_days(scene: Scene, start: date) -> Stored:
    """Clear_sky_days and Clear_sky_nights: clouds are those of the day."""
    return clear_bits(scene, start), scene.land


def kelvin(scene: Scene, start: date, *, night: bool) -> Floats:
    """Surface temperature of a composite."""
    middle = (start + timedelta(days=4)).timetuple().tm_yday
    month = middle / 365.25 * 12.0
    air = climate.temperature_at(scene.normal, None, month, start.year) + np.float32(273.15)
    if night:
        return np.asarray(air - np.float32(NIGHT_COOLER), np.float32)
    bare = 1 - np.clip(scene.greenness(start.year, float(middle)), 0, 1)
    return np.asarray(air + np.float32(6 - 6 * np.cos(2 * np.pi * (month - 0.65) / 12)) * bare, np.float32)


def temperature(*, night: bool) -> Callable[[Scene, date], Stored]:
    """Kelvin / 0.02; masked where no day was clear."""

    def field(scene: Scene, start: date) -> Stored:
        return np.rint(kelvin(scene, start, night=night) / 0.02), scene.land & (clear_bits(scene, start) > 0)

    return field


def temperature_quality(scene: Scene, start: date) -> Stored:
    """QC: bits 0-1 0 good, 1 few clear days, 2 cloud; 2-3 data quality; 6-7 error of the temperature."""
    count = clear_count(scene, start)
    few = (count > 0) & (count < 4)
    return np.select([count == 0, few], [2, 1 | 1 << 2 | 1 << 6], 0), scene.land


def view_time(which: str) -> Callable[[Scene, date], Stored]:
    """Hours / 0.1, where there is a temperature."""

    def field(scene: Scene, start: date) -> Stored:
        return np.full(scene.points.shape, round(VIEWS[which] / 0.1)), scene.land & (clear_bits(scene, start) > 0)

    return field


def view_angle(scene: Scene, start: date) -> Stored:
    """Degrees + 65, by pixel and composite."""
    chosen = cell_hash(scene.points, key(scene.seed, 131, start.toordinal())) >> np.uint32(25)
    return chosen.astype(np.int64) % 131, scene.land & (clear_bits(scene, start) > 0)


def emissivity(channel: int) -> Callable[[Scene, date], Stored]:
    """(emissivity - 0.49) / 0.002 of band 31 or 32: between bare ground and leaves."""
    bare, leaves = BARE[channel - 31], LEAVES[channel - 31]

    def field(scene: Scene, start: date) -> Stored:
        green = np.clip(scene.greenness(start.year, float(start.timetuple().tm_yday)), 0, 1)
        return np.rint((bare + (leaves - bare) * green - 0.49) / 0.002), scene.land & (clear_bits(scene, start) > 0)

    return field


def best_sky(scene: Scene, start: date) -> surface.Sky:
    """The sky of the day that a composite keeps: cloudy only where no day was clear."""
    hidden = clear_bits(scene, start) == 0
    nothing = np.zeros(hidden.shape, bool)
    return surface.Sky(hidden, nothing, nothing, np.full(hidden.shape, 0.8, np.float32))


def reflectance(name: str) -> Callable[[Scene, date], Stored]:
    """Surface reflectance x 10,000."""

    def field(scene: Scene, start: date) -> Stored:
        def look() -> dict[str, Floats]:
            return surface.observed(scene, start + timedelta(days=4), best_sky(scene, start))

        seen: dict[str, Floats] = scene.kept.get(("eight days", start), look)
        # 1.24 micrometres lie between the near and the short-wave infrared
        value = 0.5 * (seen["nir"] + seen["swir1"]) if name == "nir2" else seen[name]
        return np.rint(np.clip(value, -0.01, 1.6) * 1e4), scene.land

    return field


def reflectance_quality(scene: Scene, start: date) -> Stored:
    """QA: bits 0-1 0 ideal, 1 less than ideal; 30 atmospheric correction performed."""
    return np.where(clear_bits(scene, start) == 0, 1, 0) | 1 << 30, scene.land


def state(scene: Scene, start: date) -> Stored:
    """StateQA: bits 0-1 cloud state, 3-5 land or water, 6-7 aerosol, 10 cloud, 12 and 15 snow."""
    hidden = clear_bits(scene, start) == 0
    water = scene.land_cover(start.year) == cover.WATER
    snow = surface.snowy(scene, start + timedelta(days=4)) & ~hidden
    bits = np.where(hidden, 1 | 1 << 10, 0) | np.where(water, 3 << 3, 1 << 3) | 1 << 6
    return bits | np.where(snow, 1 << 12 | 1 << 15, 0), scene.land


def day_of_year(scene: Scene, start: date) -> Stored:
    """The first clear day of a composite; its first day where none is."""
    bits = clear_bits(scene, start)
    first = np.full(bits.shape, start.timetuple().tm_yday)
    for number in range(EIGHT - 1, -1, -1):
        first = np.where(bits >> np.uint8(number) & 1 > 0, start.timetuple().tm_yday + number, first)
    return first, scene.land


def angle(degrees: float) -> Callable[[Scene, date], Stored]:
    """An angle in hundredths of a degree, the same everywhere."""
    return lambda scene, start: (np.full(scene.points.shape, round(degrees * 100)), scene.land)


def solar_zenith(scene: Scene, start: date) -> Stored:
    """Hundredths of a degree at the time of the view, from latitude and season."""
    declination = -23.4 * np.cos(2 * np.pi * (start.timetuple().tm_yday + 10) / 365.25)
    latitude = np.broadcast_to(scene.points.lat, scene.points.shape)
    return np.rint(100 * np.clip(np.abs(latitude - declination) + 8, 0, 90)), scene.land


TERRA_8 = eight_days(date(2000, 2, 18), date(2024, 12, 26))
EIGHT_DAYS = (
    Spec(
        id="MODIS/061/MOD11A2",
        title="MOD11A2.061 Terra Land Surface Temperature and Emissivity 8-Day Global 1km",
        grid=MODIS_1000_GRID,
        bands=(
            StoredBand("LST_Day_1km", "uint16", temperature(night=False)),
            StoredBand("QC_Day", "uint8", temperature_quality, pyramiding="SAMPLE"),
            StoredBand("Day_view_time", "uint8", view_time("day")),
            StoredBand("Day_view_angl", "uint8", view_angle),
            StoredBand("LST_Night_1km", "uint16", temperature(night=True)),
            StoredBand("QC_Night", "uint8", temperature_quality, pyramiding="SAMPLE"),
            StoredBand("Night_view_time", "uint8", view_time("night")),
            StoredBand("Night_view_angl", "uint8", view_angle),
            StoredBand("Emis_31", "uint8", emissivity(31)),
            StoredBand("Emis_32", "uint8", emissivity(32)),
            StoredBand("Clear_sky_days", "uint8", clear_days, pyramiding="SAMPLE"),
            StoredBand("Clear_sky_nights", "uint8", clear_days, pyramiding="SAMPLE"),
        ),
        starts=TERRA_8,
        ends=lambda day: period_of(day)[-1] + timedelta(days=1),
        goes_on=eight_days,
    ),
    Spec(
        id="MODIS/061/MOD09A1",
        title="MOD09A1.061 Terra Surface Reflectance 8-Day Global 500m",
        grid=MODIS_500_GRID,
        bands=(
            *(
                StoredBand(f"sur_refl_b{number:02d}", "int16", reflectance(name))
                for number, name in enumerate(("red", "nir", "blue", "green", "nir2", "swir1", "swir2"), start=1)
            ),
            StoredBand("QA", "uint32", reflectance_quality, pyramiding="SAMPLE"),
            StoredBand("SolarZenith", "int16", solar_zenith),
            StoredBand("ViewZenith", "int16", angle(20)),
            StoredBand("RelativeAzimuth", "int16", angle(-45)),
            StoredBand("StateQA", "uint16", state, pyramiding="SAMPLE"),
            StoredBand("DayOfYear", "uint16", day_of_year, pyramiding="SAMPLE"),
        ),
        starts=TERRA_8,
        ends=lambda day: period_of(day)[-1] + timedelta(days=1),
        goes_on=eight_days,
    ),
)
