"""How files are read on other grids: the choice and the values follow from cells, not from the part of a request."""

import json
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import rasterio
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox

from offline.model.assets import ImageAsset, Policy
from offline.model.grids import cut
from offline.model.pyramids import raised
from offline.sources.own_files import rasters
from offline.sources.own_files.catalog import CatalogError
from offline.sources.own_files.files import FileSource
from offline.sources.own_files.rasters import Raster
from offline.sources.own_files.resampling import NativeGrid

NATIVE = NativeGrid("EPSG:4326", Affine(0.002, 0, 98.5, 0, -0.002, 47.5), (600, 900))
#: Where a grid of each projection begins inside the file.
CORNERS = {
    "EPSG:32647": (480_000, 5_250_000),
    "EPSG:3857": (11_000_000, 5_980_000),
    "EPSG:6933": (9_540_000, 5_380_000),
}


def raster(policy: Policy = "MEAN") -> Raster:
    """Noise of a fixed seed, a tenth of it without data."""
    stored = np.random.default_rng(7).integers(0, 10, NATIVE.shape).astype(np.float64)
    load = lambda top, left, rows, columns: stored[top : top + rows, left : left + columns]  # noqa: E731
    return Raster(Path("noise"), NATIVE, "float64", (0.0,), None, policy, load)


@settings(max_examples=25, deadline=None)
@given(
    crs=st.sampled_from(sorted(CORNERS)),
    metres=st.floats(150, 3000),
    part=st.integers(7, 40),
    method=st.sampled_from(["nearest", "bilinear", "bicubic"]),
    policy=st.sampled_from(get_args(Policy)),
)
def test_parts_of_a_request_are_crops_of_it(crs: str, metres: float, part: int, method: str, policy: Policy) -> None:
    """Cells picked and blended, from the nominal ratio of 2 (445 m) on from a level of the pyramid."""
    west, north = CORNERS[crs]
    grid = GeoBox((60, 90), Affine(metres, 0, west, 0, -metres, north), crs)
    band = raster(policy)
    values, mask = rasters.read(band, grid, method)
    assert np.mean(mask > 0) > 0.1
    for top, left, piece in cut(grid, part, part):
        height, width = piece.shape
        where = np.s_[top : top + height, left : left + width]
        found, there = rasters.read(band, piece, method)
        np.testing.assert_allclose(found, values[where], rtol=1e-6, atol=1e-6)
        np.testing.assert_allclose(there, mask[where], atol=1e-6)


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
        "MEAN",
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


@pytest.mark.parametrize("crs", CORNERS)
@pytest.mark.parametrize("policy", ["MEAN", "MODE", "SAMPLE"])
def test_a_coarse_cell_is_the_pyramid_pixel_under_its_centre(crs: str, policy: Policy) -> None:
    """By hand: a kilometre is 4.49 pixels, so the level of 4 × 4 is read; its blocks begin at the file's corner."""
    from pyproj import Transformer

    west, north = CORNERS[crs]
    cell, there = 1000.0, Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    grid = GeoBox((8, 9), Affine(cell, 0, west, 0, -cell, north), crs)
    stored = raster().load(0, 0, *NATIVE.shape)
    found, covered = rasters.read(raster(policy), grid, "nearest")
    for row, column in ((0, 0), (3, 5), (7, 8)):
        lon, lat = there.transform(west + cell * (column + 0.5), north - cell * (row + 0.5))
        top, left = int((47.5 - lat) / 0.008) * 4, int((lon - 98.5) / 0.008) * 4
        block = stored[top : top + 4, left : left + 4]
        value, mask = raised(block, block != 0, 2, policy)
        assert found[row, column] == pytest.approx(value[0, 0])
        assert covered[row, column] == pytest.approx(mask[0, 0])
    if policy == "MEAN":
        assert found[row, column] == pytest.approx(block[block != 0].mean())


def test_a_blend_of_coarse_cells_takes_pixels_of_the_level() -> None:
    """A ramp is a ramp at every level: means of blocks lie on it, and so does what is blended between them."""
    ramp = np.add.outer(np.arange(600.0), 3 * np.arange(900.0))
    load = lambda top, left, r, c: ramp[top : top + r, left : left + c]  # noqa: E731
    band = Raster(Path("ramp"), NATIVE, "float64", (), None, "MEAN", load)
    grid = GeoBox((5, 6), Affine(0.009, 0, 98.6, 0, -0.009, 47.4), "EPSG:4326")
    values, _ = rasters.read(band, grid, "bilinear")
    row, column = np.indices((5, 6)) + 0.5
    expected = (0.1 + 0.009 * row) / 0.002 - 0.5 + 3 * ((0.1 + 0.009 * column) / 0.002 - 0.5)
    np.testing.assert_allclose(values, expected)


def test_blocks_over_the_edge_of_a_file_and_cells_over_the_date_line() -> None:
    """A globe of 360 columns that are their own numbers: cells of 2 degrees, the last one over the date line."""
    globe = NativeGrid("EPSG:4326", Affine(1, 0, -180, 0, -1, 2), (3, 360))
    stored = np.broadcast_to(np.arange(360.0), globe.shape)
    load = lambda top, left, rows, columns: stored[top : top + rows, left : left + columns]  # noqa: E731
    band = Raster(Path("globe"), globe, "float64", (), None, "MEAN", load)
    values, mask = rasters.read(band, GeoBox((3, 3), Affine(2, 0, 175, 0, -2, 2.5), "EPSG:4326"), "nearest")
    np.testing.assert_allclose(values, [[356.5, 358.5, 0.5]] * 2 + [[0, 0, 0]])
    # the third row of the file is half of its block
    np.testing.assert_allclose(mask, [[1, 1, 1], [0.5, 0.5, 0.5], [0, 0, 0]])


def folder_with(folder: Path, band: dict[str, object]) -> FileSource:
    """A file of 4 × 4 pixels of a degree as an asset."""
    values = np.array([[1, 2, 5, 5], [3, 6, 7, 9], [4, 4, 8, 8], [-1, 4, -1, -1]], "int16")
    with rasterio.open(
        folder / "v.tif", "w", driver="GTiff", width=4, height=4, count=1, dtype="int16", crs="EPSG:4326",
        transform=Affine(1, 0, 100, 0, -1, 44), nodata=-1,
    ) as file:  # fmt: skip
        file.write(values, 1)
    asset = {"id": "own/v", "type": "IMAGE", "files": [{"path": "v.tif", "bands": [{"name": "v", **band}]}]}
    (folder / "catalog.json").write_text(json.dumps({"assets": [asset]}), encoding="utf-8")
    return FileSource(folder)


@pytest.mark.parametrize(
    ("band", "policy", "values", "mask"),
    [
        ({}, "MEAN", [[3, 6], [4, 8]], [[1, 1], [0.75, 0.5]]),
        ({"categorical": True}, "MODE", [[1, 5], [4, 8]], [[1, 1], [0.75, 0.5]]),
        ({"pyramiding": "MODE"}, "MODE", [[1, 5], [4, 8]], [[1, 1], [0.75, 0.5]]),
        ({"categorical": True, "pyramiding": "SAMPLE"}, "SAMPLE", [[1, 5], [4, 8]], [[1, 1], [1, 1]]),
        ({"pyramiding": "MIN"}, "MIN", [[1, 5], [4, 8]], [[1, 1], [0.75, 0.5]]),
        ({"pyramiding": "MAX"}, "MAX", [[6, 9], [4, 8]], [[1, 1], [0.75, 0.5]]),
    ],
)
def test_the_catalogue_names_the_policy(
    tmp_path: Path, band: dict[str, object], policy: str, values: list[list[int]], mask: list[list[float]]
) -> None:
    """Means are rounded to the stored type: 6.5 is 6, as halves go to even numbers."""
    image = folder_with(tmp_path, band).get("own/v")
    assert isinstance(image, ImageAsset)
    assert image.bands[0].pyramiding == policy
    found, covered = image.read("v", GeoBox((2, 2), Affine(2, 0, 100, 0, -2, 44), "EPSG:4326"), "nearest")
    assert found.dtype == np.int16
    assert found.tolist() == values
    assert covered.tolist() == mask


def test_classes_have_no_mean(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"classes have no mean; give pyramiding MODE or SAMPLE"):
        folder_with(tmp_path, {"categorical": True, "pyramiding": "MEAN"})
