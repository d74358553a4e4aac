"""How files are read on other grids: the choice and the values follow from cells, not from the part of a request."""

from pathlib import Path

import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox

from offline.grids import cut
from offline.sources import rasters, resampling
from offline.sources.rasters import Raster
from offline.sources.resampling import NativeGrid

NATIVE = NativeGrid("EPSG:4326", Affine(0.002, 0, 98.5, 0, -0.002, 47.5), (600, 900))
#: Where a grid of each projection begins inside the file.
CORNERS = {
    "EPSG:32647": (480_000, 5_250_000),
    "EPSG:3857": (11_000_000, 5_980_000),
    "EPSG:6933": (9_540_000, 5_380_000),
}


def raster(*, categorical: bool = False) -> Raster:
    """Noise of a fixed seed, a tenth of it without data."""
    stored = np.random.default_rng(7).integers(0, 10, NATIVE.shape).astype(np.float64)
    load = lambda top, left, rows, columns: stored[top : top + rows, left : left + columns]  # noqa: E731
    return Raster(Path("noise"), NATIVE, "float64", "float64", (0.0,), None, categorical, load)


@settings(max_examples=25, deadline=None)
@given(
    crs=st.sampled_from(sorted(CORNERS)),
    metres=st.floats(150, 333),
    part=st.integers(7, 40),
    method=st.sampled_from(["nearest", "bilinear"]),
    categorical=st.booleans(),
)
def test_parts_of_a_request_are_crops_of_it(crs: str, metres: float, part: int, method: str, categorical: bool) -> None:
    """Up to the nominal ratio of 1.5 (334 m); by true sizes, which differ from place to place, it began at 276 m."""
    west, north = CORNERS[crs]
    grid = GeoBox((60, 90), Affine(metres, 0, west, 0, -metres, north), crs)
    band = raster(categorical=categorical)
    values, mask = rasters.read(band, grid, method)
    assert np.mean(mask > 0) > 0.5
    for top, left, piece in cut(grid, part, part):
        height, width = piece.shape
        where = np.s_[top : top + height, left : left + width]
        found, there = rasters.read(band, piece, method)
        np.testing.assert_allclose(found, values[where], rtol=1e-6, atol=1e-6)
        np.testing.assert_allclose(there, mask[where], atol=1e-6)


@pytest.mark.parametrize(
    ("crs", "cell", "expected"),
    [
        ("EPSG:4326", 0.003, 1.5),
        ("EPSG:32647", 0.003 * 111_319.49079327358, 1.5),
        ("EPSG:3857", 0.001 * 111_319.49079327358, 0.5),
        ("EPSG:2229", 0.002 * 111_319.49079327358 / 0.3048006096012192, 1.0),
    ],
)
def test_the_choice_follows_from_nominal_sizes_alone(crs: str, cell: float, expected: float) -> None:
    """A degree is 111,319.49 m (WGS84's equator over 360), a US survey foot 1200/3937 m, wherever the grid lies."""
    for west in (0, 5):
        grid = GeoBox((3, 3), Affine(cell, 0, west, 0, -cell, 40), crs)
        assert resampling.coarseness(NATIVE, grid) == pytest.approx(expected, rel=1e-9)


def test_a_blend_takes_the_four_nearest_cells_whatever_the_size_of_the_request() -> None:
    """Bilinear by hand, in another projection: a request of one cell equals that cell of a wide one."""
    from pyproj import Transformer

    grid = GeoBox((40, 40), Affine(200, 0, 480_000, 0, -200, 5_250_000), "EPSG:32647")
    ramp = np.add.outer(np.arange(600.0) ** 2, 3 * np.arange(900.0))
    band = Raster(
        Path("ramp"),
        NATIVE,
        "float64",
        "float64",
        (),
        None,
        False,
        lambda top, left, r, c: ramp[top : top + r, left : left + c],
    )
    values, _ = rasters.read(band, grid, "bilinear")
    to_degrees = Transformer.from_crs("EPSG:32647", "EPSG:4326", always_xy=True)
    for row, column in ((0, 0), (17, 30), (39, 5)):
        x, y = to_degrees.transform(480_000 + 200 * (column + 0.5), 5_250_000 - 200 * (row + 0.5))
        u, v = (x - 98.5) / 0.002 - 0.5, (47.5 - y) / 0.002 - 0.5
        i, j = int(u), int(v)
        down = 1 - (v - j), v - j
        across = 1 - (u - i), u - i
        expected = sum(down[a] * across[b] * ramp[j + a, i + b] for a in (0, 1) for b in (0, 1))
        assert values[row, column] == pytest.approx(expected, rel=1e-9)
