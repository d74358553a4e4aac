"""Projections as values, the projections of images, images side by side, and the products of a terrain."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import ee
import numpy as np
import pytest
from pyproj import Geod
from together import wrong

pytestmark = pytest.mark.usefixtures("few")

CELLS = [0.5, 0, 100, 0, -0.5, 45]


def test_projections() -> None:
    """Cells of so many metres; a degree has 6378137 π / 180 m, the equator of WGS84."""
    degree = 6_378_137 * math.pi / 180
    own = ee.Projection("EPSG:4326", CELLS)
    utm = ee.Projection("EPSG:32648")
    cases: dict[str, tuple[Any, Any]] = {
        "degrees": (own.nominalScale(), degree / 2),
        "metres": (own.atScale(250).nominalScale(), 250),
        "of a plane": (utm.atScale(30).nominalScale(), 30),
        "same plane": (utm.atScale(30).crs(), "EPSG:32648"),
        "a cell": (ee.Number(ee.List(ee.Dictionary(own.atScale(250).getInfo()).get("transform")).get(0)), 250 / degree),
    }
    assert wrong(cases) == {}


def test_transforms_as_text() -> None:
    """Well-known text of an affine transform (OGC 01-009, 10): rows and columns of a matrix, the rest as in unity."""
    text = ee.Projection("EPSG:4326", CELLS).transform().getInfo()
    assert text.startswith('PARAM_MT["Affine"')
    found = {name: float(value) for name, value in re.findall(r'PARAMETER\["(\w+)", ([-\d.]+)\]', text)}
    assert found["num_row"] == found["num_col"] == 3
    matrix = [found.get(f"elt_{row}_{column}", float(row == column)) for row in (0, 1) for column in (0, 1, 2)]
    assert matrix == CELLS


def test_default_projections(first: ee.Image, years: ee.ImageCollection) -> None:
    """A composite has cells of a degree until it is told otherwise, by transform or by scale."""
    composite = years.mean()
    own = {"type": "Projection", "crs": "EPSG:4326", "transform": CELLS}
    cases: dict[str, tuple[Any, Any]] = {
        "a composite": (composite.projection().transform(), ee.Projection("EPSG:4326").transform().getInfo()),
        "like another": (composite.setDefaultProjection(first.projection()).projection(), own),
        "by a transform": (composite.setDefaultProjection("EPSG:4326", CELLS).projection(), own),
        "by a scale": (composite.setDefaultProjection("EPSG:32648", None, 500).projection().nominalScale(), 500),
        "one plane": (composite.setDefaultProjection("EPSG:32648", None, 500).projection().crs(), "EPSG:32648"),
    }
    assert wrong(cases) == {}


def test_a_default_projection_moves_no_pixel(first: ee.Image, values: Callable[..., list[list[float]]]) -> None:
    told = first.select("a").setDefaultProjection("EPSG:32648", None, 500)
    assert values(told) == values(first.select("a"))


def test_images_side_by_side(first: ee.Image) -> None:
    """Bands of all, names numbered where they clash, properties of the first only; numbers become images."""
    # By name: the client makes its own `cat` of other algorithms.
    together = ee.Image(ee.call("Image.cat", [first, first.select("b"), 7]))
    cases: dict[str, tuple[Any, Any]] = {
        "names": (together.bandNames(), ["a", "b", "b_1", "constant"]),
        "property": (together.get("year"), 2001),
        "no other's": (ee.Image(ee.call("Image.cat", [ee.Image(1), first])).get("year"), None),
        "values": (
            together.reduceRegion(ee.Reducer.first(), ee.Geometry.Point([100.25, 44.75]), 1000),
            {"a": 10, "b": 2.5, "b_1": 2.5, "constant": 7},
        ),
    }
    assert wrong(cases) == {}


def test_terrain() -> None:
    """A plane that rises by one metre in two to the east, on the ellipsoid, lit from the west at 45°.

    Light is the cosine of the angle between the sun and the normal of the plane, in bytes of 255.
    """
    east = Geod(ellps="WGS84").inv(100.99, 44.5, 101.01, 44.5)[2] / 0.02
    rise = 0.5
    plane = ee.Image.pixelLonLat().select("longitude").subtract(101).multiply(east * rise).rename("elevation")
    image = plane.addBands(ee.Image(3).rename("other")).set("n", 1)
    products = ee.Algorithms.Terrain(image)
    where = ee.Geometry.Point([101, 44.5])
    found = ee.Image(products).reduceRegion(ee.Reducer.first(), where, 30).getInfo()
    light = (1 + rise) / math.sqrt(2) / math.hypot(1, rise)
    assert found["slope"] == pytest.approx(np.degrees(np.arctan(rise)), rel=1e-3)
    assert found["aspect"] == pytest.approx(270, abs=1e-3)
    assert found["hillshade"] == int(255 * light)
    assert found["other"] == 3
    cases: dict[str, tuple[Any, Any]] = {
        "bands": (products.bandNames(), ["elevation", "other", "slope", "aspect", "hillshade"]),
        "metadata": (products.get("n"), 1),
        "bytes": (
            products.bandTypes().get("hillshade"),
            {"type": "PixelType", "precision": "int", "min": 0, "max": 255},
        ),
    }
    assert wrong(cases) == {}
