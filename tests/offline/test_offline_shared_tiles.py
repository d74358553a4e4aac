"""`reduceRegions` over many regions gives each what it has alone, and reads what neighbours share once."""

from __future__ import annotations

from typing import Any

import ee
import numpy as np
import pytest
from shapely import Point, box
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from offline.server import Server

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


def test_neighbours_read_a_tile_once(engine: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    import offline.algorithms.regions as regions

    tiles: list[tuple[int, ...]] = []
    wanted = regions.tile_members

    def watched(*args: Any) -> Any:
        for tile, members in wanted(*args):
            tiles.append((len(members), *tile.shape))
            yield tile, members

    monkeypatch.setattr(regions, "tile_members", watched)
    reduced(ee.Image("tiny/series/i0"), ee.Reducer.mean(), ["round", "beside", "edge"])
    assert sorted(tiles) == [(1, 64, 64), (3, 64, 64)]


def test_pixels_come_in_the_order_of_the_region(engine: Server) -> None:
    listed = reduced(ee.Image.pixelLonLat(), ee.Reducer.toList(), ["edge", "beside", "round"])
    alone = reduced(ee.Image.pixelLonLat(), ee.Reducer.toList(), ["edge"])
    assert listed["edge"] == alone["edge"]
    latitudes = np.array(listed["edge"]["latitude"])
    assert (np.diff(latitudes) <= 0).all()
