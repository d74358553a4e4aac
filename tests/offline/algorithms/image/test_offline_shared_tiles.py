"""`reduceRegions` over many regions gives each what it has alone, and reads what neighbours share once."""

from __future__ import annotations

from typing import Any

import ee
import numpy as np
import pytest
from shapely import Point, box
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from offline.algorithms.image.shared_tiles import tile_members
from offline.algorithms.table.regions import share_of
from offline.model.grids import covering
from offline.model.values import Projection

#: In the tiny source: cells of half a degree. One region is on both sides of a tile's edge (64 cells: 32°), one wider
#: than a tile, one smaller than a cell, one without a cell's centre, one in the part without data.
REGIONS: dict[str, BaseGeometry] = {
    "round": Point(104.3, 30.2).buffer(2.7),
    "edge": box(107.1, 20.2, 110.9, 27.9),
    "wide": box(60.2, -20.1, 101.7, 5.3),
    "small": box(104.1, 30.1, 104.15, 30.15),
    "beside": Point(105.1, 31.0).buffer(1.9),
    "empty": box(10, 50, 12, 60),
}
PLANE: dict[str, Any] = {"crs": "EPSG:4326", "crsTransform": [0.5, 0, -180, 0, -0.5, 90]}


def reduced(image: Any, reducer: Any, names: list[str]) -> dict[str, dict[str, Any]]:
    features = [ee.Feature(ee.Geometry(mapping(REGIONS[name]), None, False), {"name": name}) for name in names]
    answer = ee.data.computeFeatures(
        {"expression": image.reduceRegions(ee.FeatureCollection(features), reducer, **PLANE)}
    )
    return {each["properties"]["name"]: each["properties"] for each in answer["features"]}


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("reducer", ["mean", "sum", "median", "count", "first"])
def test_a_region_among_others_is_reduced_as_alone(reducer: str) -> None:
    image = ee.Image.cat([ee.Image(f"tiny/series/i{n}").add(ee.Image.pixelLonLat().select(1)) for n in (0, 3)])
    image = image.addBands(ee.Image("tiny/series/i1").select("quality").rename("whole"))
    how = getattr(ee.Reducer, reducer)()
    # these two reducers refuse regions without pixels, alone or not
    names = [name for name in REGIONS if reducer not in ("median", "first") or name not in ("small", "empty")]
    together = reduced(image, how, names)
    for name in names:
        assert reduced(image, how, [name])[name] == together[name]
    assert len(together["round"]) > 3


@pytest.mark.usefixtures("engine")
def test_a_single_band_is_named_for_the_reducer_in_a_group_too() -> None:
    found = reduced(ee.Image("tiny/series/i0").select("value"), ee.Reducer.mean(), ["round", "beside"])
    assert set(found["round"]) == {"name", "mean"}
    assert found["round"]["mean"] == pytest.approx(103.8, abs=0.1)


def test_neighbours_share_a_tile() -> None:
    plane = Projection("EPSG:4326", (0.5, 0.0, -180.0, 0.0, -0.5, 90.0))
    outlines = [REGIONS[name] for name in ("round", "beside", "edge", "wide")]
    grids = [grid for outline in outlines if (grid := covering(outline, plane)) is not None]
    shares = [share_of(outline, grid, weighted=True) for outline, grid in zip(outlines, grids, strict=True)]
    tiles = [
        (tile.shape.y, sorted(each.region for each in members)) for tile, members in tile_members(shares, grids, plane)
    ]
    # tiles of 64 cells end at 108° E and 26° N; the wide region takes tiles of 256
    assert tiles == [(64, [0, 1, 2]), (64, [2]), (64, [2]), (64, [2]), (256, [3]), (256, [3])]
    places = [each.order for _, members in tile_members(shares, grids, plane) for each in members if each.region == 2]
    assert sorted(np.concatenate(places)) == list(range(int((shares[2] > 0).sum())))


@pytest.mark.usefixtures("engine")
def test_pixels_come_in_the_order_of_the_region() -> None:
    listed = reduced(ee.Image.pixelLonLat(), ee.Reducer.toList(), ["edge", "beside", "round"])
    alone = reduced(ee.Image.pixelLonLat(), ee.Reducer.toList(), ["edge"])
    assert listed["edge"] == alone["edge"]
    latitudes = np.array(listed["edge"]["latitude"])
    assert (np.diff(latitudes) <= 0).all()
