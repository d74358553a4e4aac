"""Fields of the landscape as stored bands: (scene, first day) -> values in stored units, and where valid."""

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offline.landscape import Scene, atmosphere, climate, cover, vegetation
from offline.landscape.disturbance.rain_products import Product
from offline.landscape.noise import cell_hash, key

Stored = tuple[NDArray[Any], NDArray[np.bool_]]

DETAILED_BASE = np.uint16(0b0000_1000_0000_0100)
"""DetailedQA of a good view: usefulness 0001 (bits 2-5), land (bits 11-13 = 1), aerosol bits 0."""

#: East and north parts of the wind's direction: from the north-west, the whole year.
WIND_FROM = (0.8, -0.6)


def ndvi(scene: Scene, start: date) -> Stored:
    """NDVI x 10,000 of a 16-day composite."""
    return scene.view(start).ndvi, scene.seen


def scaled(field: Callable[[Scene, date], Stored]) -> Callable[[Scene, date], Stored]:
    """The index of a field that is stored x 10,000, as MOD13C1 has it."""

    def values(scene: Scene, start: date) -> Stored:
        stored, valid = field(scene, start)
        return stored.astype(np.float32) * np.float32(1e-4), valid

    return values


def evi(scene: Scene, start: date) -> Stored:
    """EVI x 10,000: lower than NDVI and without its saturation, by a fixed curve."""
    value = scene.view(start).ndvi.astype(np.float32) * np.float32(1e-4)
    return np.rint((0.35 * value + 0.38 * value * np.abs(value)) * 1e4), scene.seen


def summary_quality(scene: Scene, start: date) -> Stored:
    """0 good, 1 marginal, 2 snow or ice, 3 cloudy."""
    return scene.view(start).quality, scene.seen


def detailed_quality(scene: Scene, start: date) -> Stored:
    """Bits: 0-1 VI quality, 2-5 usefulness, 10 mixed clouds, 11-13 land, 14 snow or ice, 15 shadow."""
    quality = scene.view(start).quality
    bits = np.full(quality.shape, DETAILED_BASE, np.uint16)
    bits[quality == vegetation.MARGINAL] |= np.uint16(1 | 0b0110 << 2)
    bits[quality == vegetation.SNOW] |= np.uint16(1 | 0b1000 << 2 | 1 << 14)
    bits[quality == vegetation.CLOUDY] |= np.uint16(2 | 0b1010 << 2 | 1 << 10)
    return bits, scene.seen


def day_of_year(scene: Scene, start: date) -> Stored:
    """Day of the year of the view that the composite kept, 1..366."""
    days = 366 if start.year % 4 == 0 else 365
    chosen = (cell_hash(scene.points, key(scene.seed, 95, start.toordinal())) >> np.uint32(28)).astype(np.int16)
    return (start.timetuple().tm_yday - 1 + chosen) % days + 1, scene.seen


def land_cover(scene: Scene, start: date) -> Stored:
    """IGBP class 1..17; the sea is 17 near land and masked outside the landscape."""
    return scene.observed_cover(start.year), scene.inside


def land_cover_quality(scene: Scene, start: date) -> Stored:
    """0: classified."""
    return np.zeros(scene.points.shape, np.uint8), scene.inside


def net_production(scene: Scene, start: date) -> Stored:
    """Npp x 10,000, kg C/m2; not computed for barren, built-up, snow and water."""
    return np.rint(scene.net_primary_production(start.year) * 1e4), _vegetated(scene, start)


def gross_production(scene: Scene, start: date) -> Stored:
    """Gpp x 10,000, kg C/m2: Npp is about half of it."""
    return np.rint(scene.net_primary_production(start.year) * 1.9e4), _vegetated(scene, start)


def _vegetated(scene: Scene, start: date) -> NDArray[np.bool_]:
    classes = scene.land_cover(start.year)
    bare = np.isin(classes, (cover.URBAN, cover.SNOW, cover.BARREN, cover.WATER))
    return scene.land & ~bare


def _celsius(scene: Scene, start: date) -> NDArray[np.float32]:
    anomaly = scene.weather.warmth(12 * start.year + start.month - 1)
    return climate.temperature_at(scene.normal, anomaly, start.month - 0.5, start.year)


def temperature(scene: Scene, start: date) -> Stored:
    """Kelvin, mean of the month."""
    return _celsius(scene, start) + np.float32(273.15), scene.land


def precipitation(scene: Scene, start: date, product: Product = "era5-land") -> Stored:
    """Metres in the month, as a product reports it."""
    month = 12 * start.year + start.month - 1
    rain = climate.rain_of_month(scene.normal, scene.weather.rain(month), start.month)
    if scene.rain_products is not None:
        rain *= scene.rain_products.factor(product, month)
    return rain, scene.land


def rain_anomaly(scene: Scene, month: int, product: Product) -> NDArray[np.float32]:
    """Standardised anomaly of a month's rain as a product reports it; `month` counts from January of year 0."""
    true = scene.weather.rain(month)
    if scene.rain_products is not None:
        true += np.log(scene.rain_products.factor(product, month)) / scene.normal.spread
    return true


def moisture(scene: Scene, month: float, product: Product = "era5-land") -> NDArray[np.float32]:
    """Standardised anomaly of soil moisture, as a model that is driven by a product's rain has it."""
    true = scene.weather.moisture(month)
    return true if scene.rain_products is None else scene.rain_products.soil(product, true, month)


def soil_water(scene: Scene, start: date, product: Product = "era5-land") -> Stored:
    """m3 of water per m3 of soil, 0-7 cm."""
    anomaly = moisture(scene, 12 * start.year + start.month - 1, product)
    return climate.soil_moisture(scene.normal, anomaly, start.month), scene.land


def potential_evaporation(scene: Scene, start: date) -> Stored:
    """Metres in the month, negative."""
    return climate.potential_evaporation(scene.normal, _celsius(scene, start)), scene.land


def dew_point(scene: Scene, start: date) -> Stored:
    """Kelvin, mean of the month."""
    return atmosphere.dew_point(_celsius(scene, start), _humidity(scene, start)) + np.float32(273.15), scene.land


def sunlight(scene: Scene, start: date) -> Stored:
    """Joules a square metre in the month, on level ground."""
    anomaly = scene.weather.rain(12 * start.year + start.month - 1)
    return atmosphere.sunshine(scene.points, scene.normal, anomaly, start.year, start.month), scene.land


def surface_pressure(scene: Scene, start: date) -> Stored:
    """Pascals."""
    return atmosphere.pressure(scene.normal), scene.land


def _humidity(scene: Scene, start: date) -> NDArray[np.float32]:
    anomaly = scene.weather.rain(12 * start.year + start.month - 1)
    return atmosphere.humidity(scene.normal, anomaly, start.month)


def wind_u(scene: Scene, start: date) -> Stored:
    """Metres a second towards the east."""
    return wind(scene, start) * np.float32(WIND_FROM[0]), scene.land


def wind_v(scene: Scene, start: date) -> Stored:
    """Metres a second towards the north."""
    return wind(scene, start) * np.float32(WIND_FROM[1]), scene.land


def wind(scene: Scene, start: date) -> NDArray[np.float32]:
    """Metres a second at 10 m, mean of the month."""
    anomaly = scene.weather.wind(12 * start.year + start.month - 1)
    return climate.wind_speed(scene.normal, anomaly, start.month)


def soil_carbon(scene: Scene, start: date) -> Stored:
    """t/ha."""
    return np.rint(scene.soil_carbon), scene.land


def soil_taxonomy(scene: Scene, start: date) -> Stored:
    """Soil unit, see `offline.landscape.soil.TAXONOMY`."""
    return scene.soil_taxonomy, scene.land


def climate_zone(scene: Scene, start: date) -> Stored:
    """IPCC zone 1..12."""
    return scene.climate_zone, scene.land


def aridity(scene: Scene, start: date) -> Stored:
    """Aridity index x 10,000."""
    return np.rint(np.clip(scene.normal.aridity, 0, 6.5) * 1e4), scene.land
