"""Outlines that are encoded once stand in a request as the client writes them."""

from __future__ import annotations

from collections.abc import Iterator

import ee
import pytest
from shapely import MultiPolygon, Polygon, box
from shapely.geometry import mapping

from flows.pull.sources import offline_engine
from series.outlines import features
from series.service.earth_engine import Connection, call, connect

RING = box(110, 44, 110.5, 44.4)
OUTLINES = {
    "plain": RING,
    "holed": Polygon(RING.exterior, [box(110.1, 44.1, 110.2, 44.2).exterior.coords]),
    "parts": MultiPolygon([RING, box(111, 44, 111.3, 44.3)]),
}


@pytest.fixture(scope="module", autouse=True)
def _connected() -> Iterator[None]:
    with offline_engine(None) as server:
        connect(Connection(url=server.url))
        yield


def plain() -> ee.FeatureCollection:
    return ee.FeatureCollection(
        [
            ee.Feature(ee.Geometry(dict(mapping(outline)), geodesic=False), {"region": region})
            for region, outline in OUTLINES.items()
        ]
    )


def test_the_expression_is_that_of_the_client() -> None:
    written, expected = (ee.serializer.encode(each, is_compound=False) for each in (features(OUTLINES), plain()))
    assert written == expected
    assert features(dict(OUTLINES)) is features(OUTLINES)
    changed = OUTLINES | {"plain": box(110, 44, 110.5, 44.5)}
    assert ee.serializer.encode(features(changed), is_compound=False) != expected


def test_a_reduction_over_them_is_that_over_the_client_s_own() -> None:
    image = ee.Image.pixelLonLat()
    grid = {"crs": "EPSG:4326", "crsTransform": [0.05, 0, -180, 0, -0.05, 90]}

    def answer(collection: ee.FeatureCollection) -> object:
        reduced = image.reduceRegions(collection, ee.Reducer.mean(), **grid)
        return call(lambda: ee.data.computeFeatures({"expression": reduced}))

    assert answer(features(OUTLINES)) == answer(plain())
