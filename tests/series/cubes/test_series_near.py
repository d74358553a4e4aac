"""A stored cube read on other cell centres: each takes the cell that it lies in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import zarr
from odc.geo.geobox import GeoBox

from series.cubes.layout import begin_cube
from series.cubes.stored import look

X = 100 + 0.5 + np.arange(4.0)
Y = 40 - 0.5 - np.arange(4.0)


@pytest.mark.parametrize(
    ("x", "columns"),
    [
        (X, [0, 1, 2, 3]),
        (X[::-1], [3, 2, 1, 0]),
        (100 + np.array([0.2, 0.7, 2.4]), [0, 0, 2]),  # as many as the cells between, but not those
        (100 + np.array([-3.0, 3.9, 9.0]), [0, 3, 3]),
        (100 + np.arange(0.05, 4, 0.1), np.repeat(np.arange(4), 10).tolist()),
    ],
)
def test_each_centre_takes_its_cell(x: np.ndarray, columns: list[int], tmp_path: Path) -> None:
    grid = GeoBox.from_bbox((100, 36, 104, 40), "EPSG:4326", resolution=1.0)
    values = np.arange(16.0).reshape(4, 4)
    draft = begin_cube(tmp_path / "soil-a.zarr", "soil", None, grid, {"units": "1"}, {"origin": "made"})
    zarr.open_array(draft / "soil", mode="r+")[...] = values
    found = look(draft.replace(tmp_path / "soil-a.zarr")).near(Y, x)
    np.testing.assert_array_equal(found.values, values[:, columns])
    np.testing.assert_array_equal(found["x"], x)
