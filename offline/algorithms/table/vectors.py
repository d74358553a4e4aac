"""From features to pixels and back: clipping to features, reducing features into an image, outlines of segments."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from odc.geo.geobox import GeoBox
from rasterio.features import shapes
from scipy.ndimage import label
from shapely import box as rectangle
from shapely.geometry import shape as shape_from
from shapely.geometry.base import BaseGeometry

from offline.algorithms.table.regions import target_projection
from offline.errors import EngineError
from offline.graph.registry import algorithm
from offline.model.collection import Collection
from offline.model.geometry import Feature, shape_of, to_crs
from offline.model.grids import covering
from offline.model.image import Band, Image, Pixels
from offline.model.inside import inside
from offline.model.plain import plain
from offline.model.values import DOUBLE, WGS84, Reducer, first_weights

#: Pixels that one request may convert to vectors.
MAX_PIXELS = 10**8


@algorithm("Image.clipToCollection")
def clip_to_collection(image: Image, features: Collection) -> Image:
    """Only what lies in one of the features."""

    def clipped(band: Band) -> Band:
        def pixels(grid: GeoBox) -> Pixels:
            values, mask = band.pixels(grid)
            here = np.zeros(tuple(grid.shape), bool)
            for each in features.elements():
                here |= inside(shape_of(each), grid)
            return values, np.where(here, mask, 0)

        return replace(band, function=pixels, resampled=None)

    return replace(image, bands=tuple(map(clipped, image.bands)))


@algorithm("Collection.reduceToImage")
def reduce_to_image(features: Collection, properties: list[str], reducer: Reducer) -> Image:
    """The reducer over the properties of all features that a pixel's centre lies in."""
    if len(properties) != reducer.inputs:
        raise EngineError(
            f"Collection.reduceToImage: the reducer takes {reducer.inputs} inputs, not {len(properties)} properties."
        )

    def output(index: int) -> Any:
        def pixels(grid: GeoBox) -> Pixels:
            numbers: list[list[float]] = [[] for _ in properties]
            masks = []
            for each in features.elements():
                own = [each.properties.get(name) for name in properties]
                if any(value is None for value in own):
                    continue
                masks.append(inside(shape_of(each), grid).astype(float))
                for column, value in zip(numbers, own, strict=True):
                    column.append(float(value))
            shape = tuple(grid.shape)
            if not masks:
                return np.zeros(shape), np.zeros(shape, bool)
            stacked = [np.broadcast_to(np.array(column)[:, None, None], (len(masks), *shape)) for column in numbers]
            values, found = reducer.reduce(stacked, first_weights(reducer, np.stack(masks)))[index]
            return np.asarray(values), np.broadcast_to(found, shape)

        return pixels

    return Image(tuple(Band(name, DOUBLE, output(index)) for index, name in enumerate(reducer.outputs)))


@algorithm("Image.reduceToVectors")
def reduce_to_vectors(
    image: Image,
    reducer: Reducer | None,
    geometry: Any,
    scale: float | None,
    geometry_type: str,
    eight: bool,
    label: str | None,
    crs: Any,
    transform: list[float] | None,
    best_effort: bool,
    max_pixels: int,
    _tile_scale: float,
    native: bool,
) -> Collection:
    """A feature for every patch of pixels that hang together and have one value in the first band.

    Other bands are reduced over the patch. Patches end at the region. Raises EngineError for too many pixels.
    """
    if geometry_type not in ("polygon", "bb", "centroid"):
        raise EngineError(f"Image.reduceToVectors: geometryType '{geometry_type}' is not one of polygon, bb, centroid.")
    if best_effort:
        raise EngineError("Image.reduceToVectors: bestEffort is not supported by the offline engine; give 'scale'.")
    outline = shape_of(geometry if geometry is not None else image)

    def features() -> list[Feature]:
        grid = covering(outline, target_projection(image, scale, crs, transform))
        if grid is None:
            return []
        if grid.shape[0] * grid.shape[1] > min(int(max_pixels), MAX_PIXELS):
            raise EngineError(
                f"Image.reduceToVectors: Too many pixels in the region. Found {grid.shape[0] * grid.shape[1]}, but "
                f"maxPixels allows only {int(max_pixels)}."
            )
        values, mask = image.bands[0].pixels(grid)
        valid = (np.broadcast_to(mask, values.shape) > 0) & inside(outline, grid)
        numbered = segments(values, valid, eight=eight)
        rest = [band.pixels(grid) for band in image.bands[1:]]
        found: list[Feature] = []
        polygons = shapes(numbered, mask=valid, connectivity=8 if eight else 4, transform=grid.affine)
        for polygon, number in sorted(polygons, key=lambda each: each[1]):
            member = numbered == int(number)
            place = geometry_of(shape_from(polygon), geometry_type)
            properties = reduced(reducer, member, rest, image.names[1:])
            if label:
                properties[label] = int(values[member][0])
            if not native:
                place = to_crs(place, WGS84, source=str(grid.crs))
            found.append(Feature(place, properties, str(len(found))))
        return found

    return Collection("FeatureCollection", features)


def segments(values: np.ndarray, valid: np.ndarray, *, eight: bool) -> np.ndarray:
    """Patches of equal values numbered from 1; 0 where there is none."""
    joins = np.ones((3, 3), int) if eight else None
    numbered = np.zeros(values.shape, np.int32)
    for value in np.unique(values[valid]):
        part, count = label((values == value) & valid, joins)
        numbered[part > 0] = part[part > 0] + numbered.max()
        del count
    return numbered


def geometry_of(polygon: BaseGeometry, kind: str) -> BaseGeometry:
    """The patch itself, the box around it, or its centroid."""
    if kind == "bb":
        return rectangle(*polygon.bounds)
    return polygon.centroid if kind == "centroid" else polygon


def reduced(reducer: Reducer | None, member: np.ndarray, rest: list[Pixels], names: list[str]) -> dict[str, Any]:
    """What the reducer makes of the other bands in a patch; the number of pixels without a reducer."""
    if reducer is None:
        return {"count": int(member.sum())}
    if reducer.inputs > 1 or len(rest) == 1:
        if reducer.inputs != len(rest):
            raise EngineError(
                f"Image.reduceToVectors: the reducer takes {reducer.inputs} inputs; {len(rest)} bands follow the first."
            )
        weights = np.minimum.reduce([np.broadcast_to(mask, member.shape)[member] for _, mask in rest]).astype(float)
        results = reducer.reduce([values[member] for values, _ in rest], first_weights(reducer, weights))
        return {name: plain(result) for name, result in zip(reducer.outputs, results, strict=True)}
    if not rest:
        results = reducer.reduce([np.ones(int(member.sum()))], np.ones(int(member.sum())))
        return {name: plain(result) for name, result in zip(reducer.outputs, results, strict=True)}
    found: dict[str, Any] = {}
    for name, (values, mask) in zip(names, rest, strict=True):
        weights = np.broadcast_to(mask, member.shape)[member].astype(float)
        results = reducer.reduce([values[member]], first_weights(reducer, weights))
        found |= {f"{name}_{out}" if len(reducer.outputs) > 1 else name: plain(result)
                  for out, result in zip(reducer.outputs, results, strict=True)}  # fmt: skip
    return found
