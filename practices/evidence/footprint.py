"""Which cells of a grid a site covers: its boundary, or the circle of a guessed radius."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from shapely import contains_xy, prepare
from shapely.affinity import scale
from shapely.geometry import Point, shape
from shapely.geometry.base import BaseGeometry

from practices.results.near import KM_PER_DEGREE

Array = np.ndarray[Any, Any]


def polygon_cells(outline: dict[str, Any], x: Array, y: Array) -> Array:
    """Cells (y, x) whose centre lies inside an outline (GeoJSON, WGS84); `x` and `y` are the centres in degrees."""
    form = shape(outline)
    prepare(form)
    lon, lat = np.meshgrid(x, y)
    return np.asarray(contains_xy(form, lon, lat))


def circle_cells(lon: float, lat: float, radius_km: float, x: Array, y: Array) -> Array:
    """Cells (y, x) whose centre lies within a distance of a point, degrees."""
    across = (x[None, :] - lon) * KM_PER_DEGREE * np.cos(np.deg2rad(lat))
    along = (y[:, None] - lat) * KM_PER_DEGREE
    return np.asarray(np.hypot(across, along) <= radius_km)


def union(masks: Iterable[Array]) -> Array:
    """The cells of any of several sites."""
    return np.asarray(np.logical_or.reduce(list(masks)))


def circle(lon: float, lat: float, radius_km: float) -> BaseGeometry:
    """A circle around a point as a polygon in degrees."""
    disc = Point(lon, lat).buffer(radius_km / KM_PER_DEGREE)
    return scale(disc, xfact=1 / np.cos(np.deg2rad(lat)))
