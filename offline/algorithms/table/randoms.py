"""Random numbers that follow from a seed and a place or an index: the same in every tile and every run.

They are not Earth Engine's own numbers, which it does not document.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from odc.geo.geobox import GeoBox
from scipy.special import ndtri
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from offline.algorithms.collection.elements import with_properties
from offline.algorithms.value.lists import bounded
from offline.errors import EngineError
from offline.graph.registry import algorithm
from offline.model.collection import Collection, property_of
from offline.model.geometry import Feature, shape_of
from offline.model.grids import centres
from offline.model.image import Band, Image, Pixels
from offline.model.values import DOUBLE

Array = np.ndarray
MASK = 2**64 - 1
#: Draws for a random point inside a geometry before giving up on it.
TRIES = 1000


def mixed(bits: Array) -> Array:
    """Well-mixed 64 bits from 64 bits (SplitMix64, Steele et al. 2014)."""
    with np.errstate(over="ignore"):
        bits = (bits + np.uint64(0x9E3779B97F4A7C15)).astype(np.uint64)
        bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return np.asarray(bits ^ (bits >> np.uint64(31)))


def uniform(bits: Array) -> Array:
    """Numbers from 0 up to, not including, 1."""
    return (mixed(bits) >> np.uint64(11)).astype(float) / 2**53


def shaped(numbers: Array, distribution: str) -> Array:
    """Uniform numbers as they are, or normal ones. Raises EngineError for another distribution."""
    if distribution == "uniform":
        return numbers
    if distribution == "normal":
        return np.asarray(ndtri(np.clip(numbers, 2**-54, 1 - 2**-54)))
    raise EngineError(f"random: distribution '{distribution}' is not one of uniform, normal.")


@algorithm("Image.random")
def random_image(seed: int, distribution: str) -> Image:
    """A band `random` that follows from the seed and the cell of the request's grid."""

    def pixels(grid: GeoBox) -> Pixels:
        x, y = centres(grid)
        a, _, _, _, e, _ = tuple(grid.affine)[:6]
        column, row = (np.floor(v / abs(side)).astype(np.int64).view(np.uint64) for v, side in ((x, a), (y, e)))
        bits = mixed(column ^ mixed(row ^ mixed(np.full(row.shape, int(seed) & MASK, np.uint64))))
        return shaped(uniform(bits), distribution), np.ones(x.shape, bool)

    return Image((Band("random", DOUBLE, pixels),))


def number_of(seed: int, *keys: Any) -> float:
    """A number from 0 to 1 that follows from a seed and some keys."""
    digest = hashlib.blake2b(repr((int(seed), keys)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


@algorithm("Collection.randomColumn")
def random_column(source: Collection, name: str, seed: int, distribution: str, keys: list[str]) -> Collection:
    """Every element with a random number as a property, from the seed and the properties named in `keys`."""

    def marked() -> list[Any]:
        drawn = [number_of(seed, *(property_of(element, key) for key in keys)) for element in source.elements()]
        numbers = shaped(np.array(drawn), distribution).tolist()
        return [
            with_properties(element, {**element.properties, name: number})
            for element, number in zip(source.elements(), numbers, strict=True)
        ]

    return source.derive(marked)


@algorithm("FeatureCollection.randomPoints")
def random_points(region: Any, number: int, seed: int, _error: Any) -> Collection:
    """Points that lie uniformly in a geometry: on the sphere in an area, along lines, or among points."""
    shape = shape_of(region)
    generator = np.random.default_rng(int(seed) & MASK)
    points = [_point(shape, generator) for _ in range(bounded(number, "FeatureCollection.randomPoints"))]
    return Collection("FeatureCollection", lambda: [Feature(p, {}, str(i)) for i, p in enumerate(points)])


def _point(shape: BaseGeometry, generator: np.random.Generator) -> BaseGeometry:
    if shape.is_empty:
        raise EngineError("FeatureCollection.randomPoints: the region is empty.")
    if shape.area == 0 and shape.length > 0:
        return shape.interpolate(generator.random(), normalized=True)
    if shape.area == 0:
        members = list(getattr(shape, "geoms", [shape]))
        return members[int(generator.integers(len(members)))]
    west, south, east, north = shape.bounds
    low, high = np.sin(np.radians([south, north]))
    for _ in range(TRIES):
        # Equal areas of a sphere have equal ranges of the sine of latitude.
        latitude = float(np.degrees(np.arcsin(generator.uniform(low, high))))
        point = Point(generator.uniform(west, east), latitude)
        if shape.contains(point):
            return point
    raise EngineError("FeatureCollection.randomPoints: the region is too thin to draw points in.")


def subset(count: int, factor: float | None, number: int | None, seed: int) -> Array:
    """Which of `count` pixels a sample takes, in order: a share of them, or about `number`."""
    if factor is None and number is None:
        return np.arange(count)
    share = float(factor) if factor is not None else min(1.0, float(number or 0) / max(count, 1))
    draws = uniform(mixed(np.full(count, int(seed) & MASK, np.uint64)) ^ np.arange(count, dtype=np.uint64))
    return np.flatnonzero(draws < share)
