"""Each satellite sees the same greenness through its own response, with clouds and noise of its own."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from affine import Affine
from odc.geo.geobox import GeoBox
from worlds import with_orbit_drift

from offline.landscape import WORLDS, of_geobox
from offline.landscape.annual import annual_ndvi
from offline.landscape.sensors import AVHRR, LANDSAT, TERRA, VIIRS, Sensor, hours_early
from offline.landscape.vegetation import MARGINAL, middle
from offline.landscape.world import called
from offline.sources.simulated.source import SimulatedSource

STEPPE = GeoBox((40, 50), Affine(1 / 240, 0, 116, 0, -1 / 240, 44), "EPSG:4326")
JULY = date(2015, 7, 12)
EVERY_CLASS = np.arange(18, dtype=np.uint8)


def test_viirs_lies_above_modis_by_what_was_measured() -> None:
    """0.010 to 0.020 over the NDVI of dry land to forest, within 0.008 at bare ground (Miura et al. 2018)."""
    usual = np.full(18, 0.35, np.float32)
    usual[[7, 16]] = 0.12
    usual[[12, 14]] = 0.5
    usual[[1, 2, 3, 4, 5, 8]] = 0.75
    above = VIIRS.respond(usual, EVERY_CLASS) - usual
    assert 0.010 <= above[1:].min() <= above.max() <= 0.020


@pytest.mark.parametrize("sensor", [VIIRS, AVHRR, LANDSAT], ids=lambda each: str(each.name))
def test_a_response_can_be_turned_round_for_every_land_cover(sensor: Sensor) -> None:
    low, high = (sensor.respond(np.full(18, v, np.float32), EVERY_CLASS) for v in (0.1, 0.9))
    assert (high - low > 0.6).all()
    assert not np.allclose(low, 0.1, atol=1e-3)


def test_a_composite_is_the_response_to_the_truth_with_noise() -> None:
    scene = of_geobox(STEPPE)
    year, day, _ = middle(JULY)
    truth = scene.greenness(year, day)
    for sensor, relative in ((TERRA, 0.028), (VIIRS, 0.85 * 0.028)):
        view = scene.view(JULY, sensor)
        clear = (view.quality == 0) & scene.seen
        assert clear.mean() > 0.2
        error = view.ndvi[clear] * 1e-4 - sensor.respond(truth, scene.land_cover(year))[clear]
        assert abs(error.mean()) < 0.002
        assert error.std() == pytest.approx(np.mean(truth[clear]) * relative + 0.005 * relative / 0.028, rel=0.15)


def test_sensors_have_clouds_and_noise_of_their_own() -> None:
    scene = of_geobox(STEPPE)
    terra, viirs = (scene.view(date(2015, 8, 13), sensor) for sensor in (TERRA, VIIRS))
    assert (terra.quality != viirs.quality).mean() > 0.02
    assert scene.view(JULY) is scene.view(JULY, TERRA)


def test_annual_values_of_viirs_differ_by_the_response() -> None:
    scene = of_geobox(STEPPE, world="real")
    years = range(2013, 2019)
    terra = annual_ndvi(scene, years)
    viirs = annual_ndvi(scene, years, sensor=VIIRS)
    assert np.isfinite(viirs).mean() > 0.99
    difference = np.nanmean(viirs - terra, axis=(1, 2))
    assert 0.005 < difference.mean() < 0.025
    with pytest.raises(ValueError, match="annual values of Landsat: use MODIS Terra or VIIRS S-NPP"):
        annual_ndvi(scene, years, sensor=LANDSAT)


def test_terra_crosses_the_equator_earlier_from_2020_on() -> None:
    assert [hours_early(year) for year in (2005, 2019.9)] == [0, 0]
    assert 0 < hours_early(2021.5) < hours_early(2022.79) == pytest.approx(0.25)
    assert hours_early(2025.96) == pytest.approx(1.5)
    assert hours_early(2028) == 2


def test_orbit_drift_changes_terra_alone_and_only_where_a_world_has_it() -> None:
    assert {world.sensor.orbit_drift for world in WORLDS.values()} == {0.0}
    usual, drifting = of_geobox(STEPPE, world="real"), of_geobox(STEPPE, world=with_orbit_drift("real", 0.03))
    for day, hours in ((date(2015, 7, 12), 0.0), (date(2026, 7, 12), hours_early(2026 + 200 / 365.25))):
        before, after = (each.view(day).ndvi.astype(float) for each in (usual, drifting))
        clear = usual.view(day).quality <= MARGINAL
        assert np.median((after / before)[clear]) == pytest.approx(1 + 0.03 * hours, abs=0.001)
        assert np.array_equal(usual.view(day, VIIRS).ndvi, drifting.view(day, VIIRS).ndvi)
    assert np.array_equal(usual.view(JULY).ndvi, drifting.view(JULY).ndvi)


def test_a_world_of_ones_own_has_a_name_of_its_own() -> None:
    """So that what is pulled from it never has the name of a known world's cubes."""
    own = with_orbit_drift("hard", 0.02)
    assert called(own) != called(with_orbit_drift("hard", 0.03)) != "hard"
    source = SimulatedSource(world=own)
    assert source.describe()["world"] == called(own)
    assert SimulatedSource(world=WORLDS["hard"]).describe()["world"] == "hard"


def test_an_area_with_more_patches_than_two_bytes_count_has_its_sites() -> None:
    """Rows of practice sites are counted beyond 32,767."""
    wide = GeoBox((750, 600), Affine(0.02, 0, 100, 0, -0.02, 53), "EPSG:4326")
    there = of_geobox(wide, 3, world="real").planted
    assert there.practice_site.any()
    assert (there.row[there.practice_site > 0] > 32_767).all()
