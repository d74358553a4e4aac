"""Outlines of regions as a feature collection that is encoded once, however many requests need it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import ee
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from series.service.earth_engine import call

#: Collections that are kept: those of the groups of regions that a run is working on.
MOST_KEPT = 8


class Outlines(ee.FeatureCollection):  # type: ignore[misc]
    """A collection with one expression node: the client encodes and hashes each vertex again for every request."""

    def __init__(self, features: list[ee.Feature]) -> None:
        super().__init__(features)
        self._node = ee.serializer.encode(ee.FeatureCollection(features), is_compound=False)

    def encode_cloud_value(self, _encoder: Any) -> Any:
        """The node."""
        return self._node


def features(outlines: Mapping[str, BaseGeometry]) -> Outlines:
    """A feature for each outline (longitude, latitude) with its id as the property `region`."""
    return _kept(tuple(outlines.items()))


@lru_cache(maxsize=MOST_KEPT)
def _kept(outlines: tuple[tuple[str, BaseGeometry], ...]) -> Outlines:
    return Outlines(
        [
            ee.Feature(ee.Geometry(dict(mapping(outline)), geodesic=False), {"region": region})
            for region, outline in outlines
        ]
    )


def answered(reduced: ee.FeatureCollection) -> list[dict[str, Any]]:
    """The features of a table that the server computes. An answer without features counts as garbled."""
    return call(lambda: ee.data.computeFeatures({"expression": reduced})["features"])
