"""Things brought together: images with their partners, columns to features, properties to arrays."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from odc.geo.geobox import GeoBox
from pyproj import Transformer
from shapely import STRtree, get_coordinates, points, shortest_line
from shapely.geometry.base import BaseGeometry

from offline.errors import EngineError
from offline.graph.registry import algorithm
from offline.model.collection import Collection, property_of
from offline.model.geometry import GEOD, Feature, shape_of, to_crs
from offline.model.grids import centres
from offline.model.image import Band, Image, Pixels, in_time
from offline.model.values import DEFAULT_PROJECTION, DOUBLE, WGS84, Filter

#: Factor on the search distance, because the plane of the search distorts distances slightly.
SLACK = 1.02


def names_of(value: Any) -> list[str]:
    """A name, a list of names, or none."""
    if value is None:
        return []
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


@algorithm("Image.linkCollection")
def link_collection(image: Image, collection: Collection, bands: Any, properties: Any, match: str) -> Image:
    """The image with bands and properties of the first image that has the same value of a property.

    Where there is none the bands are there and masked, the properties null. Raises EngineError for bands that the
    collection lacks.
    """
    images: list[Image] = collection.elements()
    wanted = image.properties.get(match)
    partner = next((each for each in images if wanted is not None and each.properties.get(match) == wanted), None)
    pattern = partner or (images[0] if images else None)
    added = []
    for name in names_of(bands):
        if pattern is None or name not in pattern.names:
            raise EngineError(f"Image.linkCollection: the collection has no band '{name}'.")
        own = pattern.bands[pattern.names.index(name)]
        added.append(own if partner else replace(own, function=_masked(own), resampled=None))
    more = {name: partner.properties.get(name) if partner else None for name in names_of(properties)}
    return replace(image, bands=(*image.bands, *added), properties={**image.properties, **more})


def _masked(band: Band) -> Any:
    def pixels(grid: GeoBox) -> Pixels:
        return np.zeros(tuple(grid.shape), band.type.computing), np.zeros(tuple(grid.shape), bool)

    return pixels


@algorithm("Collection.fromColumns")
def from_columns(columns: list[list[Any]], names: list[str], _types: Any) -> Collection:
    """Features without geometry, one for each place in the columns."""
    if len(columns) != len(names) or len({len(column) for column in columns}) > 1:
        raise EngineError("Collection.fromColumns: needs as many names as columns, and columns of one length.")
    rows = [
        Feature(None, dict(zip(names, row, strict=True)), str(n)) for n, row in enumerate(zip(*columns, strict=True))
    ]
    return Collection("FeatureCollection", lambda: rows)


@algorithm("FeatureCollection.makeArray")
def make_array(collection: Collection, properties: list[str], name: str) -> Collection:
    """Every feature with a property that is the array of others, which must be numbers."""

    def made(feature: Feature) -> Feature:
        try:
            array = np.array([float(feature.properties[each]) for each in properties])
        except (KeyError, TypeError, ValueError) as error:
            raise EngineError(f"FeatureCollection.makeArray: {error} is not a number of every feature.") from error
        return Feature(feature.geometry, {**feature.properties, name: array}, feature.id)

    return collection.derive(lambda: [made(feature) for feature in collection.elements()])


@algorithm("Collection.cache")
def cached(collection: Collection) -> Collection:
    """The collection itself: within a request nothing is made twice anyway."""
    return collection


@algorithm("Dictionary.getGeometry")
def geometry_in_dictionary(dictionary: dict[str, Any], key: str) -> Any:
    """A value as a geometry."""
    if key not in dictionary:
        raise EngineError(f"Dictionary.getGeometry: there is no key '{key}'.")
    return shape_of(dictionary[key])


@algorithm("List.getGeometry")
def geometry_in_list(values: list[Any], index: int) -> Any:
    """An element as a geometry; from the end where the index is negative."""
    if not -len(values) <= index < len(values):
        raise EngineError(f"List.getGeometry: index {index} is outside of a list of {len(values)}.")
    return shape_of(values[int(index)])


TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "number": (int, float),
    "boolean": bool,
    "list": list,
    "dictionary": dict,
}


@algorithm("Filter.hasType")
def has_type(left: str | None, right_value: Any, right: str | None, left_value: Any) -> Filter:
    """Passes where a property has a type: String, Number, Boolean, List or Dictionary."""

    def is_of(value: Any, kind: Any) -> bool:
        wanted = TYPES.get(str(kind).lower())
        if wanted is None:
            raise EngineError(f"Filter.hasType: type '{kind}' is not one of String, Number, Boolean, List, Dictionary.")
        return isinstance(value, wanted) and (wanted is bool or not isinstance(value, bool))

    def value_of(element: Any, name: str | None, constant: Any) -> Any:
        return constant if name is None else property_of(element, name)

    return Filter(
        lambda each: is_of(value_of(each, left, left_value), value_of(each, right, right_value)),
        lambda one, other: is_of(value_of(one, left, left_value), value_of(other, right, right_value)),
    )


def _carried(shape: BaseGeometry, crs: str) -> BaseGeometry:
    in_time()
    return to_crs(shape, crs)


@algorithm("Collection.distance")
def distance(features: Collection, radius: float, _error: float) -> Image:
    """Band `distance`: metres on the ellipsoid to the nearest feature, masked beyond the radius.

    Which feature is the nearest is found in an azimuthal plane around the middle of the grid.
    """

    def pixels(grid: GeoBox) -> Pixels:
        shapes = [shape_of(each) for each in features.elements() if each.geometry is not None]
        lon, lat = centres(grid, WGS84)
        nothing = np.zeros(lon.shape), np.zeros(lon.shape, bool)
        known = np.isfinite(lon) & np.isfinite(lat)
        if not shapes or not known.any():
            return nothing
        local = f"+proj=aeqd +lat_0={np.median(lat[known])} +lon_0={np.median(lon[known])} +datum=WGS84 +units=m"
        plane = np.array([_carried(shape, local) for shape in shapes], object)
        ahead = Transformer.from_crs(WGS84, local, always_xy=True)
        x, y = ahead.transform(lon[known], lat[known])
        here = points(x, y)
        pair = STRtree(plane).query_nearest(here, max_distance=radius * SLACK, all_matches=False)
        ends = get_coordinates(shortest_line(here[pair[0]], plane[pair[1]])).reshape(-1, 2, 2)[:, 1]
        to_lon, to_lat = ahead.transform(ends[:, 0], ends[:, 1], direction="INVERSE")
        metres = np.full(here.size, np.inf)
        metres[pair[0]] = GEOD.inv(lon[known][pair[0]], lat[known][pair[0]], to_lon, to_lat)[2]
        values, mask = nothing
        values[known] = np.where(metres <= radius, metres, 0)
        mask[known] = metres <= radius
        return values, mask

    if not radius > 0:
        raise EngineError(f"Collection.distance: searchRadius {radius:g} must be above 0.")
    return Image((Band("distance", DOUBLE, pixels, DEFAULT_PROJECTION),))
