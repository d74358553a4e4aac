"""The features of a table that meet a region, page by page, through the one request layer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ee
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from series.areas.model import AreaSource
from series.errors import TooBig
from series.service.earth_engine import call

#: Features of the first page; a page that is too big for the server is divided by `FEWER`.
PAGE, FEWER = 200, 4


def requested(source: AreaSource, outline: BaseGeometry) -> Iterator[dict[str, Any]]:
    """The features (GeoJSON, longitude and latitude) of a source that meet an outline.

    A request for each page. Raises TooBig where a single feature is too big, and the errors of `call`.
    """
    expression, size, token = features_near(source, outline), PAGE, ""
    while True:
        params = {"expression": expression, "pageSize": size, **({"pageToken": token} if token else {})}
        try:
            page = call(lambda asked=params: _page(asked))  # type: ignore[misc]
        except TooBig:
            if size == 1:
                raise
            size = max(size // FEWER, 1)
            continue
        yield from page.get("features", ())
        token = page.get("nextPageToken", "")
        if not token:
            return


def features_near(source: AreaSource, outline: BaseGeometry) -> Any:
    """The features of a source that count and meet an outline, as an expression."""
    where = ee.Geometry(dict(mapping(source.around(outline))), geodesic=False)
    found = ee.FeatureCollection(source.asset).filterBounds(where)
    for name, values in source.kept:
        found = found.filter(ee.Filter.inList(name, list(values)))
    return found.select(list(source.properties))


def _page(params: dict[str, Any]) -> dict[str, Any]:
    """A page; one that is no collection counts as garbled. A region without areas has a page without features."""
    answer: dict[str, Any] = ee.data.computeFeatures(params)
    if answer["type"] != "FeatureCollection":
        raise ValueError(f"{answer['type']} in place of a FeatureCollection")
    return answer
