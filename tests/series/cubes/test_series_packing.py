"""Packed pixels: the service's arithmetic makes them, and they come back within half a step; no data stay no data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import ee
import numpy as np
import pytest
from shapely import box

from offline.protocol.server import Server, serve
from offline.sources.simulated.source import SimulatedSource
from regions.grid import geobox
from series.composites import annual
from series.cubes.naming import Cube
from series.cubes.packing import FRACTIONS, HIGH, LOW, MONTHS, NODATA, Fractions, Packing, packing_of
from series.cubes.pull import pull
from series.cubes.stored import open_cube
from series.datasets import DATASETS
from series.service.earth_engine import Connection, connect

NDVI, RAIN = DATASETS["mod13c1-ndvi"], DATASETS["era5-land-precipitation"]
GRID = {
    "dimensions": {"width": 1, "height": 1},
    "affineTransform": {"scaleX": 1, "translateX": 110, "scaleY": -1, "translateY": 45},
    "crsCode": "EPSG:4326",
}


@pytest.fixture(scope="module")
def engine() -> Iterator[Server]:
    with serve(SimulatedSource()) as server:
        connect(Connection(url=server.url))
        yield server


def sent(packing: Packing | Fractions, image: ee.Image) -> np.ndarray:
    """What the engine sends for an image of one band."""
    parameters = {"expression": packing.packed(image.rename("b")), "fileFormat": "NUMPY_NDARRAY", "grid": GRID}
    return np.asarray(ee.data.computePixels(parameters)["b"])


PACKINGS = {
    "ndvi": (packing_of(NDVI, "season_mean"), (-0.2, 0.0, 0.31415, 1.0)),
    "integral": (packing_of(NDVI, "season_integral"), (0.0, 46.7, 366.0)),
    "rain of a season": (packing_of(RAIN, "season_sum"), (0.0, 0.33, 250.0, 3200.0)),
    "rain of a month": (packing_of(RAIN, MONTHS), (0.0, 0.33, 250.0, 1200.0)),
    "classes": (packing_of(DATASETS["mcd12q1-igbp"]), (0.0, 1.0, 17.0, 255.0)),
    "fractions": (packing_of(DATASETS["worldpop-1km-2020"]), (0.0, 0.123, 12345.6)),
}


@pytest.mark.parametrize("name", PACKINGS)
def test_values_come_back_within_half_a_step(engine: Server, name: str) -> None:
    packing, values = PACKINGS[name]
    step = packing.step if isinstance(packing, Packing) else 0.0
    for value in values:
        numbers = sent(packing, ee.Image.constant(value).toFloat())
        assert numbers.dtype.itemsize == packing.bytes
        assert packing.fits(numbers)
        assert float(packing.values(numbers)[0, 0]) == pytest.approx(value, abs=0.501 * step, rel=1e-6)
    assert packing.values(sent(packing, ee.Image.constant(0).toFloat()))[0, 0] == 0.0  # exactly: a dry month is dry
    assert np.isnan(packing.values(sent(packing, ee.Image.constant(1).toFloat().updateMask(0)))).all()


def test_values_outside_are_seen(engine: Server) -> None:
    packing = packing_of(RAIN, "season_sum")
    for value in (-500.0, 4500.0):
        assert not packing.fits(sent(packing, ee.Image.constant(value).toFloat()))
    assert packing.fits(np.array([LOW, HIGH, NODATA]))
    assert not packing.fits(np.array([HIGH + 1]))


def test_a_window_with_a_value_outside_comes_as_fractions(engine: Server, tmp_path: Path) -> None:
    """Rain of a thousand times the usual does not fit two bytes; no value is cut off."""
    wet = RAIN.model_copy(update={"scale": 1e6})
    grid = geobox(box(112, 43, 112.5, 43.3), 0.1)

    def values(dataset: object, store: str) -> np.ndarray:
        cube = Cube(annual(dataset, (2010,), (5, 9)), "precipitation", grid, dataset, tmp_path / store, "simulated")  # type: ignore[arg-type]
        return np.asarray(open_cube(pull(cube)))

    before = engine.count("pixels")
    usual, much = values(RAIN, "usual"), values(wet, "wet")
    assert engine.count("pixels") - before == 1 + 2
    np.testing.assert_allclose(much, 1000 * usual, rtol=1e-3, atol=30)
    assert much.max() > 100_000


def test_unknown_ranges_are_not_packed() -> None:
    own = RAIN.model_copy(update={"units": "kg m-2 s-1"})
    lai = NDVI.model_copy(update={"quantity": "lai", "units": "m2 m-2"})
    assert packing_of(own) is packing_of(lai) is FRACTIONS
