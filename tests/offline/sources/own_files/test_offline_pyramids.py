"""How files are read on other grids: the choice and the values follow from cells, not from the part of a request."""

from pathlib import Path

import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox

from offline.model.grids import cut
from offline.sources.own_files import rasters, resampling
from offline.sources.own_files.rasters import Raster
from offline.sources.own_files.resampling import NativeGrid

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
    return Raster(Path("noise"), NATIVE, "float64", (0.0,), None, categorical, load)


@settings(max_examples=25, deadline=None)
@given(
    crs=st.sampled_from(sorted(CORNERS)),
    metres=st.floats(150, 3000),
    part=st.integers(7, 40),
    method=st.sampled_from(["nearest", "bilinear", "bicubic"]),
    categorical=st.booleans(),
)
def test_parts_of_a_request_are_crops_of_it(crs: str, metres: float, part: int, method: str, categorical: bool) -> None:
    """Cells picked, blended, and from the nominal ratio of 1.5 (334 m) on averaged or counted."""
    west, north = CORNERS[crs]
    grid = GeoBox((60, 90), Affine(metres, 0, west, 0, -metres, north), crs)
    band = raster(categorical=categorical)
    values, mask = rasters.read(band, grid, method)
    assert np.mean(mask > 0) > 0.1
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


def overlaps(low: float, high: float, count: int) -> np.ndarray:
    """Length of the part of [low, high] in each of `count` pixels."""
    edges = np.arange(count + 1.0)
    return np.clip(np.minimum(edges[1:], high) - np.maximum(edges[:-1], low), 0, None)


@pytest.mark.parametrize("crs", CORNERS)
def test_a_coarse_cell_is_the_mean_or_the_commonest_of_its_box(crs: str) -> None:
    """By hand: pixels weighted by their share of the box around the cell's corners in the plane of the file."""
    from pyproj import Transformer

    west, north = CORNERS[crs]
    cell, there = 1000.0, Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    grid = GeoBox((8, 9), Affine(cell, 0, west, 0, -cell, north), crs)
    stored = raster().load(0, 0, *NATIVE.shape)
    means, covered = rasters.read(raster(), grid, "nearest")
    classes, _ = rasters.read(raster(categorical=True), grid, "nearest")
    for row, column in ((0, 0), (3, 5), (7, 8)):
        xs = west + cell * (column + np.array([0, 1, 0, 1]))
        ys = north - cell * (row + np.array([0, 0, 1, 1]))
        lon, lat = there.transform(xs, ys)
        u, v = (lon - 98.5) / 0.002, (47.5 - lat) / 0.002
        share = np.outer(overlaps(v.min(), v.max(), 600), overlaps(u.min(), u.max(), 900))
        valid = share * (stored != 0)
        assert means[row, column] == pytest.approx((valid * stored).sum() / valid.sum(), rel=1e-6)
        assert covered[row, column] == pytest.approx(valid.sum() / share.sum(), rel=1e-6)
        assert classes[row, column] == max(range(1, 10), key=lambda code: share[stored == code].sum())


def test_cells_over_the_edge_of_a_file_and_over_the_date_line_count_what_is_there() -> None:
    """A globe of 360 columns that are their own numbers: cells of 2 degrees, the last one over the date line."""
    globe = NativeGrid("EPSG:4326", Affine(1, 0, -180, 0, -1, 2), (4, 360))
    stored = np.broadcast_to(np.arange(360.0), globe.shape)
    load = lambda top, left, rows, columns: stored[top : top + rows, left : left + columns]  # noqa: E731
    band = Raster(Path("globe"), globe, "float64", (), None, False, load)
    values, mask = rasters.read(band, GeoBox((2, 3), Affine(2, 0, 175, 0, -2, 3), "EPSG:4326"), "nearest")
    np.testing.assert_allclose(values, [[355.5, 357.5, 359.0]] * 2)
    np.testing.assert_allclose(mask, [[0.5, 0.5, 0.25], [1, 1, 0.5]])
    west = NativeGrid("EPSG:4326", Affine(1, 0, 100, 0, -1, 2), (4, 10))
    band = Raster(Path("piece"), west, "float64", (), None, False, load)
    values, mask = rasters.read(band, GeoBox((1, 2), Affine(3, 0, 98, 0, -3, 2), "EPSG:4326"), "nearest")
    np.testing.assert_allclose(values, [[0, 2]])
    np.testing.assert_allclose(mask, [[1 / 3, 1]], rtol=1e-6)
