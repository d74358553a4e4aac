"""The virtual landscape: the same from every window, plausible for the place, and true to what it says was planted."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox

from offline.landscape import SITES, of_geobox, truth
from offline.landscape.climate import rain_of_month
from offline.landscape.cover import UNCCD
from offline.landscape.noise import key, value_noise
from offline.landscape.planted import BREAK, CONVERSION, DECLINE, KINDS, PRACTICE, RECOVERY
from offline.landscape.points import of_grid
from offline.sources.simulated.assets import SPECS
from offline.sources.simulated.source import SimulatedSource

CELL = 1 / 60


def window(west: float, north: float, width: int = 60, height: int = 60, cell: float = CELL) -> GeoBox:
    return GeoBox((height, width), Affine(cell, 0, west, 0, -cell, north), "EPSG:4326")


STEPPE = window(112, 44)
#: Data sets with values in few places.
SPARSE = {"JRC/GSW1_3/GlobalSurfaceWater", "JRC/GSW1_4/GlobalSurfaceWater", "MODIS/061/MCD64A1", "MODIS/061/MOD10A1"}
YEARS = (2001, 2024)


def around(spec: Any) -> GeoBox:
    """The steppe, or a kilometre or two in the middle of the first area of scenes."""
    if not spec.tiles:
        return STEPPE
    tile = spec.tiles[0]
    return window(tile.lon - 0.03, tile.lat + 0.03, cell=0.001)


def middle(spec: Any, asset: Any) -> Any:
    """The image in the middle of a collection, of its first area where there are scenes."""
    if not spec.starts:
        return asset
    late = asset.images[len(asset.images) // 2 :]
    # of tiles with one date each, the first one comes first
    return next(each for each in (*late, *asset.images) if not spec.tiles or spec.tiles[0].name in each.id)


@given(row=st.integers(0, 40), column=st.integers(0, 40), size=st.integers(1, 20))
@settings(max_examples=10, deadline=None)
def test_a_window_sees_what_the_whole_sees(row: int, column: int, size: int) -> None:
    part = STEPPE[row : row + size, column : column + size]
    inside = np.s_[row : row + size, column : column + size]
    whole, alone = of_geobox(STEPPE), of_geobox(part)
    day = date(2015, 7, 12)
    np.testing.assert_array_equal(alone.view(day).ndvi, whole.view(day).ndvi[inside])
    np.testing.assert_array_equal(alone.observed_cover(2015), whole.observed_cover(2015)[inside])
    for name, field in truth(STEPPE, YEARS).items():
        np.testing.assert_array_equal(truth(part, YEARS)[name], field.values[inside], err_msg=str(name))


def test_a_seed_is_a_landscape() -> None:
    day = date(2015, 7, 12)
    np.testing.assert_array_equal(of_geobox(STEPPE, 1).view(day).ndvi, of_geobox(STEPPE, 1).view(day).ndvi)
    assert (of_geobox(STEPPE, 1).view(day).ndvi != of_geobox(STEPPE, 2).view(day).ndvi).mean() > 0.9
    assert not truth(STEPPE, YEARS, 1).equals(truth(STEPPE, YEARS, 2))


def test_rain_falls_as_it_does_there() -> None:
    """Gobi < steppe < Manchuria < Korea, and most of it in summer (climate normals: 100, 250, 500, 1,200 mm)."""
    places = {"gobi": (104, 43.5), "steppe": (112, 48), "manchuria": (124, 44.5), "korea": (127.5, 37)}
    rain = {}
    for name, (west, north) in places.items():
        scene = of_geobox(window(west, north, 12, 12))
        rain[name] = float(scene.normal.rain[scene.land].mean())
        months = [float(rain_of_month(scene.normal, np.float32(0), m)[scene.land].mean()) for m in range(1, 13)]
        assert sum(months[5:8]) > 0.5 * sum(months)
    assert rain["gobi"] < 160 < rain["steppe"] < 400 < rain["manchuria"] < 800 < rain["korea"] < 1700


def test_what_is_served_stays_in_the_range_of_the_product() -> None:
    """Valid ranges of the products' user guides; masks are shares, and stored types those of the catalogue."""
    ranges = {
        "NDVI": (-2000, 10000),
        "EVI": (-2000, 10000),
        "SummaryQA": (0, 3),
        "DayOfYear": (1, 366),
        "LC_Type1": (1, 17),
        "Gpp": (0, 65500),
        "Npp": (-30000, 32700),
        "temperature_2m": (200, 330),
        "volumetric_soil_water_layer_1": (0, 0.7),
        "total_precipitation_sum": (0, 2),
    }
    source = SimulatedSource()
    for spec in SPECS:
        asset = source.get(spec.id)
        image = middle(spec, asset)
        for band in image.bands[:30]:  # type: ignore[union-attr]
            values, mask = image.read(band.name, around(spec), "nearest")  # type: ignore[union-attr]
            assert values.dtype == band.dtype
            assert 0 <= mask.min() <= mask.max() <= 1
            if spec.id not in SPARSE:
                assert mask.mean() > 0.5
            low, high = ranges.get(band.name, (-np.inf, np.inf))
            good = values[mask > 0] if (mask > 0).any() else np.zeros(1)
            assert low <= good.min() <= good.max() <= high


def test_truth_agrees_with_itself_and_with_the_maps() -> None:
    here = window(110, 46, 240, 240)
    known, scene = truth(here, YEARS), of_geobox(here)
    kind = known["kind"].values
    assert set(np.unique(kind)) >= {0, DECLINE, BREAK, RECOVERY, CONVERSION}
    assert known["kind"].attrs["flag_meanings"].split() == list(KINDS)
    worse = (known["productivity"] < 0) | (known["land_cover"] < 0) | (known["soil_carbon"] < 0)
    np.testing.assert_array_equal(known["degraded"], worse)
    dated = known["break_year"].values > 0
    assert np.isin(kind[dated], [BREAK, CONVERSION]).all()
    assert ((known["break_year"].values[dated] > 2001) & (known["break_year"].values[dated] <= 2024)).all()
    old, new = (UNCCD[scene.land_cover(year)] for year in YEARS)
    changed = (old != new) & known["land"].values
    assert (kind[changed] == CONVERSION).all()
    assert (known["land_cover"].values[~changed] == 0).all()
    assert (known["decline"].values[(kind == 0) & known["land"].values] == 0).all()
    assert (known["productivity"].values[kind == RECOVERY] >= 0).all()


@pytest.mark.parametrize("kind", [DECLINE, BREAK])
def test_a_decline_has_the_size_it_declares(kind: int) -> None:
    """Season NDVI under mean weather falls by `decline`; what the satellite sees falls as much, weather apart."""
    here = window(110, 46, 240, 240)
    known, scene = truth(here, YEARS), of_geobox(here)
    chosen = known["kind"].values == kind
    before, after = scene.season_ndvi(2001.5), scene.season_ndvi(2024.5)
    np.testing.assert_allclose(1 - (after / before)[chosen], known["decline"].values[chosen], atol=1e-5)
    days = [date(2000, 6, 9), date(2000, 6, 25), date(2000, 7, 11), date(2000, 7, 27)]
    quiet = (known["kind"].values == 0) & known["land"].values

    def seen(first: int) -> np.ma.MaskedArray:
        views = [scene.view(day.replace(year=year)) for year in range(first, first + 4) for day in days]
        return np.ma.stack([np.ma.array(view.ndvi, mask=view.quality > 1) for view in views]).mean(axis=0)

    ratio = seen(2021) / seen(2001)
    weather = np.ma.median(ratio[quiet])
    expected = np.median(known["decline"].values[chosen])
    assert 1 - np.ma.median(ratio[chosen]) / weather == pytest.approx(expected, abs=0.05)


def test_practices_have_the_effect_that_their_site_declares() -> None:
    assert len(SITES) > 0
    for number, site in enumerate(SITES[:12], start=1):
        here = window(site.lon - 0.1, site.lat + 0.1, 24, 24, 1 / 120)
        known, scene = truth(here, YEARS), of_geobox(here)
        inside = known["practice_site"].values == number
        if not inside.any():
            assert not known["land"].values.all()
            continue
        assert (known["kind"].values[inside] == PRACTICE).all()
        settled = site.start_year + 20
        before, after = scene.season_ndvi(site.start_year - 0.5), scene.season_ndvi(settled)
        np.testing.assert_allclose(after[inside] / before[inside] - 1, site.effect, atol=1e-4)


def test_years_without_weather_are_refused() -> None:
    with pytest.raises(ValueError, match="choose years inside"):
        truth(STEPPE, (1970, 2024))


def test_scattered_points_see_the_bits_of_a_grid() -> None:
    """Noise is blended by numpy on a grid in degrees and by compiled code elsewhere: the same operations."""
    points = of_grid(GeoBox((40, 50), Affine(0.01, 0, 103.97, 0, -0.01, 45.02), "EPSG:4326"))
    for spacing in (0.06, 1.4):
        np.testing.assert_array_equal(value_noise(points, spacing, key(7)), value_noise(points.full, spacing, key(7)))
