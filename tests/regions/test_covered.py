"""Covered fractions against shapely, cell by cell, and against exactextract."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import xarray as xr
from affine import Affine
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from hypothesis import given, settings
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox
from shapely import MultiPolygon, Point, Polygon, box
from shapely.affinity import rotate, scale, translate
from shapely.geometry.base import BaseGeometry

from indicators.area.areas import cell_area, class_table
from indicators.codes import MEANINGS
from regions.covered import covered
from regions.grid import coordinates, coverage


def by_shapely(shape: BaseGeometry, rows: int, columns: int) -> np.ndarray:
    """Each cell of a grid of unit cells, upper left corner at (0, rows), cut out."""
    return np.array([[shape.intersection(box(j, rows - i - 1, j + 1, rows - i)).area for j in range(columns)]
                     for i in range(rows)])  # fmt: skip


def ring(centre: tuple[float, float], outer: float, inner: float) -> Polygon:
    return Point(centre).buffer(outer, 5).difference(Point(centre).buffer(inner, 3))


SHAPES = {
    "a cell": box(2, 3, 3, 4),
    "half cells": box(1.5, 2.25, 4.5, 4.75),
    "a sliver in one cell": Polygon([(2.1, 3.1), (2.2, 3.9), (2.15, 3.5)]),
    "a ring": ring((4, 3.5), 3, 1.7),
    "two parts and a hole": MultiPolygon([ring((2, 2), 1.9, 0.4), box(5.2, 4.1, 7.7, 5.9)]),
    "beyond every side": rotate(box(-5, -4, 12, 10), 30).difference(box(3, 3, 4.5, 5.5)),
    "beyond the left": box(-3, 1.2, 2.4, 5.1),
    "beyond the right": ring((8, 3), 2.5, 0.6),
    "wound the other way": Polygon([(1, 1), (1, 5), (6, 5), (6, 1)][::-1]),
    "elsewhere": box(100, 100, 101, 101),
}


@pytest.mark.parametrize("name", SHAPES)
def test_every_cell_is_that_of_shapely(name: str) -> None:
    share = covered(SHAPES[name], (0, 6), (1, 1), (6, 8))
    np.testing.assert_allclose(share, by_shapely(SHAPES[name], 6, 8), atol=1e-6)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(0.2, 4), min_size=3, max_size=12),
    st.tuples(st.floats(-2, 9), st.floats(-2, 8)),
)
def test_any_star_is_that_of_shapely(radii: list[float], centre: tuple[float, float]) -> None:
    angle = np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
    star = Polygon(np.column_stack([centre[0] + radii * np.cos(angle), centre[1] + radii * np.sin(angle)]))
    share = covered(star, (0, 6), (1, 1), (6, 8))
    np.testing.assert_allclose(share, by_shapely(star, 6, 8), atol=1e-6)


def grid() -> GeoBox:
    return GeoBox((120, 160), Affine(0.05, 0, 100, 0, -0.05, 46), "EPSG:4326")


def outlines() -> list[BaseGeometry]:
    rng = np.random.default_rng(6)
    leaf = scale(Point(0, 0).buffer(0.8, 12), 1, 0.6)
    return [translate(rotate(leaf, rng.uniform(0, 180)), rng.uniform(101, 107), rng.uniform(41, 45)) for _ in range(12)]


def test_cropped_is_a_window_of_the_whole() -> None:
    for shape in [*outlines(), box(99, 39, 100.2, 40.3), box(200, 10, 201, 11)]:
        whole, part = coverage(shape, grid()), coverage(shape, grid(), cropped=True)
        assert part.size < whole.size
        xr.testing.assert_allclose(part, whole.sel(y=part.y, x=part.x), rtol=0, atol=1e-6)
        assert float(part.sum(dtype=float)) == pytest.approx(float(whole.sum(dtype=float)))


def test_tables_of_zones_are_those_of_exactextract() -> None:
    """Weighted by the area of the cells; exactextract holds fractions in float32."""
    where = grid()
    values = np.random.default_rng(7).choice(np.array([-1, 0, 1, 2, 3, -128], np.int8), where.shape)
    classes = xr.DataArray(values, coordinates(where), ("y", "x"))
    area = cell_area(classes)
    zones = {f"zone {k}": coverage(shape, where, cropped=True) for k, shape in enumerate(outlines())}
    table = class_table(classes, area, zones).pivot(index="region", columns="class", values="area_km2")
    whole = {name: coverage(shape, where) for name, shape in zip(zones, outlines(), strict=True)}
    again = class_table(classes, area, whole).pivot(index="region", columns="class", values="area_km2")
    np.testing.assert_allclose(table, again, rtol=1e-12)
    west, south, east, north = where.extent.boundingbox
    frame = {"xmin": west, "ymin": south, "xmax": east, "ymax": north, "srs_wkt": where.crs.wkt}
    weights = np.broadcast_to(area.values[:, None], where.shape).copy()
    shapes = gpd.GeoDataFrame(geometry=outlines(), crs="EPSG:4326")
    weight = NumPyRasterSource(weights, **frame)
    for code, name in {**MEANINGS, -128: "no data"}.items():
        source = NumPyRasterSource((values == code).astype(float), **frame)
        peer = exact_extract(source, shapes, ["weighted_sum"], weights=weight, output="pandas")
        np.testing.assert_allclose(table.loc[list(zones), name], peer["weighted_sum"], rtol=2e-6)
