"""Pixels as features: samples of an image, by region, by class, as rectangles, and through time."""

from __future__ import annotations

from typing import Any

import numpy as np
from shapely.geometry import Point

from offline.algorithms.table.randoms import mixed, subset, uniform
from offline.algorithms.table.regions import target_projection
from offline.errors import EngineError
from offline.graph.registry import algorithm
from offline.model.collection import Collection
from offline.model.geometry import Feature, shape_of, to_crs
from offline.model.grids import centres, covering
from offline.model.image import Image, in_time, pick
from offline.model.inside import inside_plane

#: Values that `getRegion` gives at most, as Earth Engine documents.
MAX_VALUES = 1048576
#: Pixels that a sample looks at, at most.
MAX_PIXELS = 10**8


class Pixels:
    """The pixels of an image whose centres lie in a region: values and masks (n) of every band, and places (n)."""

    def __init__(self, image: Image, region: Any, scale: float | None, projection: Any) -> None:
        shape = shape_of(region if region is not None else image)
        target = target_projection(image, scale, projection, None)
        grid = covering(shape, target)
        self.bands = image.names
        if grid is None or not image.bands:
            self.values: list[np.ndarray] = [np.zeros(0) for _ in image.bands]
            self.masks, self.lon, self.lat = list(self.values), np.zeros(0), np.zeros(0)
            return
        if grid.shape[0] * grid.shape[1] > MAX_PIXELS:
            raise EngineError(
                f"Image.sample: {grid.shape[0] * grid.shape[1]} pixels in the region's box are too many; "
                f"use a larger 'scale' or a smaller region."
            )
        here = inside_plane(to_crs(shape, str(grid.crs)), grid)
        pixels = [band.pixels(grid) for band in image.bands]
        self.values = [values[here] for values, _ in pixels]
        self.masks = [np.broadcast_to(mask, values.shape)[here] for values, mask in pixels]
        lon, lat = centres(grid, "EPSG:4326")
        self.lon, self.lat = lon[here], lat[here]

    @property
    def size(self) -> int:
        """The number of pixels."""
        return len(self.lon)

    def complete(self) -> np.ndarray:
        """Which pixels have a value in every band."""
        return np.logical_and.reduce([mask > 0 for mask in self.masks]) if self.masks else np.zeros(self.size, bool)

    def properties(self, index: int) -> dict[str, Any]:
        """The value of every band at a pixel; nothing where it is masked."""
        return {
            name: values[index].tolist() if mask[index] > 0 else None
            for name, values, mask in zip(self.bands, self.values, self.masks, strict=True)
        }

    def feature(self, index: int, identity: str, more: dict[str, Any], *, geometries: bool) -> Feature:
        """A pixel as a feature."""
        in_time()
        place = Point(float(self.lon[index]), float(self.lat[index])) if geometries else None
        return Feature(place, {**more, **self.properties(index)}, identity)


@algorithm("Image.sample")
def sample(
    image: Image,
    region: Any,
    scale: float | None,
    projection: Any,
    factor: float | None,
    number: int | None,
    seed: int,
    drop_nulls: bool,
    _tile_scale: float,
    geometries: bool,
) -> Collection:
    """The pixels of a region as features, all of them or a random part."""
    if factor is not None and number is not None:
        raise EngineError("Image.sample: give either 'factor' or 'numPixels', not both.")

    def features() -> list[Feature]:
        pixels = Pixels(image, region, scale, projection)
        whole = pixels.complete()
        taken = [i for i in subset(pixels.size, factor, number, seed).tolist() if whole[i] or not drop_nulls]
        return [pixels.feature(i, str(n), {}, geometries=geometries) for n, i in enumerate(taken)]

    return Collection("FeatureCollection", features)


@algorithm("Image.sampleRegions")
def sample_regions(
    image: Image,
    regions: Collection,
    wanted: list[str] | None,
    scale: float | None,
    projection: Any,
    _tile_scale: float,
    geometries: bool,
) -> Collection:
    """The pixels in every region as features, with properties of the region. Masked pixels are left out."""

    def features() -> list[Feature]:
        found = []
        for region in regions.elements():
            own = {
                name: value
                for name, value in region.properties.items()
                if (name in wanted if wanted is not None else not name.startswith("system:"))
            }
            pixels = Pixels(image, region, scale, projection)
            found += [
                pixels.feature(i, f"{region.id}_{n}", own, geometries=geometries)
                for n, i in enumerate(np.flatnonzero(pixels.complete()).tolist())
            ]
        return found

    return Collection("FeatureCollection", features)


@algorithm("Image.stratifiedSample")
def stratified_sample(
    image: Image,
    number: int,
    class_band: str | None,
    region: Any,
    scale: float | None,
    projection: Any,
    seed: int,
    class_values: list[int] | None,
    class_points: list[int] | None,
    drop_nulls: bool,
    _tile_scale: float,
    geometries: bool,
) -> Collection:
    """So many pixels of every class, chosen by the seed; all of a class that has fewer."""
    if len(class_values or []) != len(class_points or []):
        raise EngineError("Image.stratifiedSample: 'classValues' and 'classPoints' must have the same length.")
    wanted = dict(zip(class_values or [], class_points or [], strict=True))
    classes = pick(image, class_band) if class_band else image.bands[0]

    def features() -> list[Feature]:
        pixels = Pixels(image, region, scale, projection)
        place = image.names.index(classes.name)
        kept = pixels.complete() if drop_nulls else pixels.masks[place] > 0
        order = uniform(mixed(np.full(pixels.size, int(seed), np.uint64)) ^ np.arange(pixels.size, dtype=np.uint64))
        chosen: list[int] = []
        for value in np.unique(pixels.values[place][kept]):
            members = np.flatnonzero(kept & (pixels.values[place] == value))
            most = int(wanted.get(int(value), number))
            chosen += sorted(members[np.argsort(order[members], kind="stable")][:most].tolist())
        return [pixels.feature(i, str(n), {}, geometries=geometries) for n, i in enumerate(chosen)]

    return Collection("FeatureCollection", features)


@algorithm("Image.sampleRectangle")
def sample_rectangle(
    image: Image, region: Any, wanted: list[str] | None, default: float | None, default_array: Any
) -> Feature:
    """A rectangle of pixels as nested lists, one property a band, each band in its own projection.

    Raises EngineError if a pixel is masked and there is no default for its kind, and for more than 262144 pixels.
    """
    shape = shape_of(region if region is not None else image)
    properties: dict[str, Any] = {
        name: value
        for name, value in image.properties.items()
        if (name in wanted if wanted is not None else not name.startswith("system:"))
    }
    for band in image.bands:
        grid = covering(shape, band.projection)
        if grid is None or grid.shape[0] * grid.shape[1] > 262144:
            raise EngineError("Image.sampleRectangle: Too many pixels in sample; must be <= 262144.")
        values, mask = band.pixels(grid)
        fill = default_array if band.type.dimensions else default
        if fill is None and not (mask > 0).all():
            raise EngineError(
                f"Image.sampleRectangle: Fully or partially masked pixels / pixels outside of the image footprint when "
                f"sampling band '{band.name}' with no default value set. Note that calling sampleRectangle() on an "
                f"image after ee.Image.clip() may result in a sampling bounding box outside the geometry passed to "
                f"clip()."
            )
        rows = values.tolist()
        for row, column in np.argwhere(np.broadcast_to(mask, values.shape) <= 0).tolist():
            rows[row][column] = fill
        properties[band.name] = rows
    return Feature(shape, properties, image.properties.get("system:index"))


@algorithm("ImageCollection.getRegion")
def get_region(
    collection: Collection, geometry: Any, scale: float | None, crs: Any, transform: list[float] | None
) -> list[list[Any]]:
    """Rows of id, longitude, latitude, time and the bands, for every image and pixel; the first row names them."""
    images: list[Image] = collection.elements()
    names = images[0].names if images else []
    if scale is None and not transform:
        raise EngineError("ImageCollection.getRegion: give 'scale' or 'crsTransform'.")
    rows: list[list[Any]] = [["id", "longitude", "latitude", "time", *names]]
    for image in images:
        target = target_projection(image, scale, crs, transform)
        pixels = Pixels(image, geometry, None, target)
        if len(rows) * len(rows[0]) + pixels.size * len(rows[0]) > MAX_VALUES:
            raise EngineError(f"ImageCollection.getRegion: Too many values, more than {MAX_VALUES}.")
        when = image.properties.get("system:time_start")
        for index in range(pixels.size):
            own = pixels.properties(index)
            place = [float(pixels.lon[index]), float(pixels.lat[index])]
            rows.append([image.properties.get("system:index"), *place, when, *(own.get(name) for name in names)])
    return rows
