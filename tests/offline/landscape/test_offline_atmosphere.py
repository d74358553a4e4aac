"""Humidity, sunshine and pressure of the landscape: within physical limits, and in step with rain and warmth."""

from __future__ import annotations

from calendar import monthrange

import numpy as np
import pytest
from odc.geo.geobox import GeoBox

from offline.landscape import atmosphere, of_geobox
from offline.model.assets import ImageAsset
from offline.sources.simulated.source import SimulatedSource

SOURCE = SimulatedSource()
#: From the Gobi to the sea of Japan, and from the Yellow River to the taiga, in cells of half a degree.
WIDE = GeoBox.from_bbox((88.0, 36.0, 130.0, 54.0), "EPSG:4326", shape=(36, 84))


def read(year: int, month: int, band: str) -> np.ndarray:
    """A band of ERA5-Land, NaN at sea."""
    image = SOURCE.get(f"ECMWF/ERA5_LAND/MONTHLY_AGGR/{year}{month:02d}")
    assert isinstance(image, ImageAsset)
    values, mask = image.read(band, WIDE, "nearest")
    return np.where(mask > 0, values.astype(float), np.nan)


def vapour(kelvin: np.ndarray) -> np.ndarray:
    """Vapour pressure of saturated air, kPa (Tetens)."""
    celsius = kelvin - 273.15
    return np.asarray(0.6108 * np.exp(17.27 * celsius / (celsius + 237.3)))


@pytest.mark.parametrize("month", range(1, 13))
def test_air_is_never_saturated_and_the_sun_never_beyond_a_clear_sky(month: int) -> None:
    warm, dew = read(2009, month, "temperature_2m"), read(2009, month, "dewpoint_temperature_2m")
    humidity = vapour(dew) / vapour(warm)
    land = np.isfinite(humidity)
    assert 0.15 - 1e-4 <= humidity[land].min() <= humidity[land].max() <= 0.95 + 1e-4
    assert 0.25 < np.median(humidity[land]) < 0.75
    scene = of_geobox(WIDE, 0)
    above = atmosphere.top_of_atmosphere(scene.points, month) * monthrange(2009, month)[1] * 1e6
    light = read(2009, month, "surface_solar_radiation_downwards_sum")
    share = (light / above)[land]
    assert 0.35 - 1e-4 <= share.min() <= share.max() < 0.85
    assert 0.45 < np.median(share) < 0.7


def test_pressure_is_that_of_the_height() -> None:
    """The standard atmosphere: 989 hPa at 200 m, 899 at 1,000 m, 795 at 2,000 m (ICAO), within a few parts."""
    normal = of_geobox(WIDE, 0).normal
    pressure = atmosphere.pressure(normal) / 100
    for metres, hectopascals in ((200.0, 989.5), (1000.0, 898.7), (2000.0, 795.0)):
        there = np.abs(normal.height - metres) < 60
        assert there.any()
        expected = hectopascals - (normal.height[there] - metres) * hectopascals / 8400
        np.testing.assert_allclose(pressure[there], expected, rtol=0.006)
    stored = read(2009, 7, "surface_pressure") / 100  # of a coarse cell the mean, not that of its centre
    known = np.isfinite(stored)
    assert np.median(np.abs(stored[known] / pressure[known] - 1)) < 0.01
    np.testing.assert_array_equal(stored, read(2010, 1, "surface_pressure") / 100)


def test_a_dry_july_is_sunny_and_its_air_is_dry() -> None:
    """Over the Gobi and the steppes, in 44 years: the third of them with least rain beside that with most."""

    def of_july(year: int) -> tuple[float, float, float]:
        inland = slice(10, 26), slice(30, 50)
        rain = read(year, 7, "total_precipitation_sum")[inland]
        light = read(year, 7, "surface_solar_radiation_downwards_sum")[inland]
        dew, warm = (vapour(read(year, 7, n)[inland]) for n in ("dewpoint_temperature_2m", "temperature_2m"))
        return float(np.nanmean(rain)), float(np.nanmean(light)), float(np.nanmean(dew / warm))

    rain, light, humidity = np.array([of_july(year) for year in range(1981, 2025)]).T
    dry, wet = np.argsort(rain)[:15], np.argsort(rain)[-15:]
    assert light[dry].mean() > 1.01 * light[wet].mean()
    assert humidity[dry].mean() < humidity[wet].mean() - 0.01


def test_the_open_water_of_era5_land_evaporates_more_than_the_landscape_demands() -> None:
    """`potential_evaporation_sum` is negative, as downward fluxes are positive, and too large, as users found."""
    year = -sum(read(2009, month, "potential_evaporation_sum") for month in range(1, 13)) * 1000
    demand = of_geobox(WIDE, 0).normal.demand
    known = np.isfinite(year)
    assert (year[known] >= 0).all()
    assert np.median(year[known] / demand[known]) == pytest.approx(1.3, abs=0.15)
