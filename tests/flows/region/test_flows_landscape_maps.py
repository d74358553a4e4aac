"""The maps of a region without a server are those that are pulled through the Earth Engine client, cell by cell."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from shapely import box
from shapely.geometry.base import BaseGeometry

from flows.region.landscape.cubes import STATIC, Place, relief, static
from flows.region.landscape.zones import climate_zones
from offline.landscape import WorldName
from offline.protocol.server import serve
from offline.sources.simulated.source import SimulatedSource
from regions.catalogue import load
from regions.grid import geobox
from series.climate_zones import ELEVATION, MONTANE
from series.composites import static as composed
from series.cubes.naming import Cube
from series.cubes.pull import pull
from series.cubes.stored import open_cube
from series.datasets import DATASETS, DEFAULTS, Dataset
from series.service.earth_engine import Connection, connect

SEED = 3
WORLD: WorldName = "real"
ZONES = DATASETS[DEFAULTS["climate_zone"]]
#: Outlines with the climate zones that meet there.
PLACES = {
    (115.5, 28.5, 117.5, 29.1): {1, 10, 11},
    (102.5, 27.6, 104.5, 28.2): {1, 2, 11, 12},
    (126.0, 53.4, 128.0, 54.0): {4, 7, 8},
}
HILLS = box(99, 47.3, 99.4, 47.6)


@pytest.fixture(scope="module")
def engine() -> Iterator[None]:
    with serve(SimulatedSource(SEED, world=WORLD)) as server:
        connect(Connection(url=server.url))
        yield


def place_of(outline: BaseGeometry, folder: Path) -> Place:
    region = load()["tottori"].model_copy(update={"id": "here", "geometry": outline})
    return Place(region, SEED, WORLD, (2001, 2002), 1 / 480, folder / "own")


def pulled(place: Place, dataset: Dataset) -> np.ndarray:
    """The map of a data set by the service's expression, at its own cells."""
    grid = geobox(place.region, dataset.resolution)
    cube = Cube(
        composed(dataset, dataset.resolution),
        dataset.variable,
        grid,
        dataset,
        place.folder.parent / "pulled",
        "simulated",
    )
    return open_cube(pull(cube)).values


def own(place: Place, dataset: Dataset) -> np.ndarray:
    place.folder.mkdir(exist_ok=True)
    return open_cube(static(place, dataset, STATIC[dataset.variable])).values


@pytest.mark.parametrize(("outline", "expected"), PLACES.items())
def test_climate_zones_are_those_of_the_services_expression(
    engine: None, outline: tuple[float, float, float, float], expected: set[int], tmp_path: Path
) -> None:
    place = place_of(box(*outline), tmp_path)
    found = own(place, ZONES)
    np.testing.assert_array_equal(found, pulled(place, ZONES))
    assert set(np.unique(found)) >= expected


@pytest.mark.parametrize("variable", ["soil_carbon", "soil_taxonomy"])
def test_soils_are_those_that_are_pulled(engine: None, variable: str, tmp_path: Path) -> None:
    place, dataset = place_of(HILLS, tmp_path), DATASETS[DEFAULTS[variable]]
    found = own(place, dataset)
    np.testing.assert_array_equal(found, pulled(place, dataset))
    assert len(np.unique(found[np.isfinite(found)])) > 2


def test_tropical_land_is_montane_by_the_height_that_the_service_reads(engine: None, tmp_path: Path) -> None:
    place = place_of(box(100, 25, 101, 27), tmp_path)
    grid, scene = place.scene(ZONES)
    elevation = DATASETS["srtm-elevation"].model_copy(update={"resolution": ZONES.resolution})
    assert elevation.asset == ELEVATION
    height = relief(place, grid)
    # the cube of elevation has whole metres
    np.testing.assert_allclose(height, pulled(place, elevation), atol=0.5)
    made_up = np.where(np.arange(height.size).reshape(height.shape) % 2, MONTANE, MONTANE - 1).astype(np.float32)
    zones, _ = climate_zones(scene, (1991, 2020), lambda: made_up)
    low, _ = climate_zones(scene, (1991, 2020), lambda: np.zeros_like(height))
    tropical = low > 9
    assert tropical.any()
    np.testing.assert_array_equal(zones == 9, tropical & (made_up >= MONTANE))
