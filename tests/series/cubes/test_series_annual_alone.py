"""Annual values of the landscape without the protocol are those of the cubes that are pulled through it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from shapely import box

from offline.landscape import of_geobox
from offline.landscape.annual import FIRST, KINDS, LAST, annual_kinds, annual_ndvi, sixteen_days
from offline.landscape.sensors import TERRA, VIIRS
from offline.protocol.server import serve
from offline.sources.simulated.source import SimulatedSource
from regions.grid import geobox
from series.composites import annual
from series.cubes.naming import Cube
from series.cubes.packing import packing_of
from series.cubes.pull import pull
from series.cubes.stored import open_cube
from series.datasets import DATASETS
from series.service.earth_engine import Connection, connect

#: Steppe, land with much snow and cloud, and land with hardly any snow.
AREAS = {
    "steppe": box(112, 43, 112.1, 43.08),
    "mountains": box(99, 47.3, 99.12, 47.4),
    "south": box(127, 35.5, 127.05, 35.54),
}
YEARS = (2001, 2012, 2024)


@pytest.mark.parametrize(
    ("world", "seed", "key", "area", "season"),
    [
        ("easy", 0, "mod13a2-ndvi", "steppe", (5, 9)),
        ("real", 2, "mod13a2-ndvi", "mountains", (5, 9)),
        ("hard", 1, "mod13q1-ndvi", "south", (10, 4)),
        ("real", 0, "mod13q1-ndvi", "steppe", (6, 8)),
        ("real", 2, "vnp13a1-ndvi", "steppe", (5, 9)),
        ("easy", 0, "vnp13a1-ndvi", "south", (11, 3)),
    ],
)
def test_they_equal_the_cube_that_is_pulled(
    world: str, seed: int, key: str, area: str, season: tuple[int, int], tmp_path: Path
) -> None:
    dataset = DATASETS[key]
    grid = geobox(AREAS[area], dataset.resolution)
    sensor = VIIRS if key == "vnp13a1-ndvi" else TERRA
    years = (2013, 2018, 2024) if sensor == VIIRS else YEARS
    found = annual_kinds(of_geobox(grid, seed, world=world), years, season, sensor=sensor)
    with serve(SimulatedSource(seed, world=world)) as server:
        connect(Connection(url=server.url))
        for kind in KINDS:
            stack = annual(dataset, years, season, kind)
            cube = pull(Cube(stack, "productivity", grid, dataset, tmp_path, "simulated", kind=kind))
            pulled = open_cube(cube).transpose("year", "y", "x").values
            np.testing.assert_array_equal(np.isnan(found[kind]), np.isnan(pulled), err_msg=kind)
            step = packing_of(dataset, kind).step  # type: ignore[union-attr]
            np.testing.assert_allclose(found[kind], pulled, atol=step / 2 + 1e-6, err_msg=kind)
            assert np.nanstd(found[kind]) > 100 * step


def test_one_kind_alone_is_that_of_all_together() -> None:
    scene = of_geobox(geobox(AREAS["steppe"], 1 / 120), 0, world="real")
    together = annual_kinds(scene, range(2001, 2005))
    for kind in KINDS:
        np.testing.assert_array_equal(annual_ndvi(scene, range(2001, 2005), kind=kind), together[kind])
        assert together[kind].dtype == np.float32
        assert together[kind].shape == (4, *scene.points.shape)


def test_the_composites_are_those_of_the_data_set() -> None:
    collection = SimulatedSource().get("MODIS/061/MOD13Q1")
    days = [image.properties["system:index"] for image in collection.images]  # type: ignore[union-attr]
    assert days == [day.strftime("%Y_%m_%d") for day in sixteen_days(FIRST, LAST)]


def test_a_year_with_too_few_good_days_has_no_value() -> None:
    """In mountains that snow and clouds hide, some years are missing; a year before the first composite always is."""
    scene = of_geobox(geobox(AREAS["mountains"], 1 / 120), 0, world="real")
    season = annual_ndvi(scene, (1999, 2003), (1, 3))
    assert np.isnan(season[0]).all()
    assert np.isnan(season[1]).mean() > 0.5
