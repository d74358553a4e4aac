"""Reducing an image inside regions: `reduceRegion`, `reduceRegions`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from odc.geo.geobox import GeoBox
from rasterio.features import geometry_mask
from shapely import Polygon, area, box, intersection, prepare, union_all
from shapely.geometry.base import BaseGeometry

from offline.algorithms.image.shared_tiles import RegionPixels, shared_pixels
from offline.errors import EngineError
from offline.graph.registry import algorithm
from offline.model.collection import Collection
from offline.model.geometry import Feature, shape_of, to_crs
from offline.model.grids import at, covering, moved, projection_of, with_scale
from offline.model.image import Image
from offline.model.inside import by_dimension, inside_plane, touched
from offline.model.plain import plain
from offline.model.values import Projection, Reducer, first_weights

#: Side of the tiles in which regions are read, pixels.
TILE = 1024
#: Longest side of a region whose tiles are shared with its neighbours, cells.
LARGEST_SHARED = 1024
#: The share of a cell below which it is not in the region.
SMALLEST_SHARE = 0.005


@algorithm("Image.reduceRegion")
def reduce_region(
    image: Image,
    reducer: Reducer,
    geometry: Any,
    scale: float | None,
    crs: Any,
    transform: list[float] | None,
    best_effort: bool,
    max_pixels: int,
    _tile_scale: float,
) -> dict[str, Any]:
    """Reduce all pixels of a region, one result for every band and output.

    Weighted reducers weigh a pixel by the share of it that the region covers, times its mask; others take the
    pixels whose centre lies inside. Raises EngineError if more than `max_pixels` would be read.
    """
    outline = shape_of(geometry if geometry is not None else image)
    if geometry is None and image.footprint is None:
        raise EngineError("Image.reduceRegion: Provide 'geometry' parameter when aggregating over an unbounded image.")
    projection = target_projection(image, scale, crs, transform)
    grid = covering(outline, projection)
    if grid is None or not image.bands:
        return dict.fromkeys(output_names(image, reducer))
    pixels = pixel_count(outline, grid)
    if pixels > max_pixels and best_effort:
        raise EngineError(
            f"Image.reduceRegion: {pixels} pixels are more than maxPixels; bestEffort would coarsen silently, which "
            f"the offline engine refuses. Give a larger 'scale'."
        )
    if pixels > max_pixels:
        raise EngineError(
            f"Image.reduceRegion: Too many pixels in the region. Found {pixels}, but maxPixels allows only "
            f"{int(max_pixels)}.\nEnsure that you are not aggregating at a higher resolution than you intended; that "
            f"is the most common cause of this error. If not, then you may set the 'maxPixels' argument to a limit "
            f"suitable for your computation; set 'bestEffort' to true to aggregate at whatever scale results in "
            f"'maxPixels' total pixels; or both."
        )
    return reduce_pixels(image, reducer, outline, grid)


def pixel_count(outline: BaseGeometry, grid: GeoBox) -> int:
    """About how many cells a geometry covers, at least one."""
    a, b, _, d, e, _ = tuple(grid.affine)[:6]
    height, width = grid.shape
    covered = to_crs(outline, str(grid.crs)).area / abs(a * e - b * d)
    return max(1, min(height * width, round(covered)))


def target_projection(image: Image, scale: float | None, crs: Any, transform: list[float] | None) -> Projection:
    """The pixels over which a region is reduced: as asked for, else those of the first band."""
    base = (
        projection_of(crs)
        if crs is not None
        else (image.bands[0].projection if image.bands else projection_of("EPSG:4326"))
    )
    if transform:
        return projection_of(base, transform)
    return with_scale(base, scale) if scale is not None else base


def output_names(image: Image, reducer: Reducer) -> list[str]:
    """The keys of the result: outputs alone for several inputs, bands for one output, both otherwise."""
    if reducer.inputs > 1:
        return list(reducer.outputs)
    if len(reducer.outputs) == 1:
        return image.names
    return [f"{name}_{output}" for name in image.names for output in reducer.outputs]


def reduce_pixels(image: Image, reducer: Reducer, outline: BaseGeometry, grid: GeoBox) -> dict[str, Any]:
    """The reduction over the pixels of `grid` that belong to `outline`."""
    return reduced_values(image, reducer, region_pixels(image, outline, grid, weighted=reducer.weighted))


def reduced_values(image: Image, reducer: Reducer, pixels: RegionPixels) -> dict[str, Any]:
    """The reduction of pixels that were read, one result for every band and output."""
    values, masks, share = pixels
    if reducer.inputs > 1:
        if len(image.bands) != reducer.inputs:
            raise EngineError(
                f"Image.reduceRegion: Need {reducer.inputs} bands for reducer '{reducer.name}', "
                f"found {len(image.bands)}."
            )
        weights = np.minimum.reduce(masks) * share
        results = reducer.reduce(values, first_weights(reducer, weights))
        return {name: plain(result) for name, result in zip(reducer.outputs, results, strict=True)}
    by_band: list[Any] = []
    for value, mask in zip(values, masks, strict=True):
        by_band += map(plain, reducer.reduce([value], first_weights(reducer, mask * share)))
    return dict(zip(output_names(image, reducer), by_band, strict=True))


def region_pixels(image: Image, outline: BaseGeometry, grid: GeoBox, *, weighted: bool) -> RegionPixels:
    """Values (n) and masks (n) of every band, and the weight (n), of the pixels inside.

    Tile by tile: parts of a region may lie far from each other, on both sides of the 180th meridian for
    example, and the tiles between them are never read.
    """
    shape = to_crs(outline, str(grid.crs))
    values: list[list[np.ndarray]] = [[] for _ in image.bands]
    masks: list[list[np.ndarray]] = [[] for _ in image.bands]
    shares: list[np.ndarray] = [np.zeros(0)]
    height, width = grid.shape
    for top in range(0, height, TILE):
        for left in range(0, width, TILE):
            tile = GeoBox(
                (min(TILE, height - top), min(TILE, width - left)),
                moved(grid.affine, left, top),
                grid.crs,
            )
            part = shape if (height, width) == tuple(tile.shape) else shape & bounds_of(tile)
            if part.is_empty:
                continue
            share = coverage(shape, tile) if weighted else inside_plane(shape, tile).astype(float)
            here = share > 0
            if not here.any():
                continue
            shares.append(share[here])
            for index, band in enumerate(image.bands):
                value, mask = band.pixels(tile)
                values[index].append(value[here])
                masks[index].append(mask[here].astype(float))
    return list(map(joined, values)), list(map(joined, masks)), np.concatenate(shares)


def share_of(outline: BaseGeometry, grid: GeoBox, *, weighted: bool) -> np.ndarray:
    """The weight (y, x) of every cell of a grid in a region: its covered share, or 1 where its centre lies inside."""
    shape = to_crs(outline, str(grid.crs))
    return coverage(shape, grid) if weighted else inside_plane(shape, grid).astype(float)


def joined(parts: list[np.ndarray]) -> np.ndarray:
    """Parts one after the other; empty without any."""
    return np.concatenate(parts) if parts else np.zeros(0)


def bounds_of(grid: GeoBox) -> BaseGeometry:
    """The outline of a grid in its own plane."""
    height, width = grid.shape
    corners = [at(grid.affine, x, y) for x, y in ((0, 0), (width, 0), (width, height), (0, height))]
    return Polygon(corners)


def coverage(shape: BaseGeometry, grid: GeoBox) -> np.ndarray:
    """Share (y, x) of every cell that a geometry in the grid's own plane covers: exact at the edges.

    Cells of which less than half a percent is covered do not count, as Earth Engine documents it. Cells that points and
    lines are in count whole.
    """
    surfaces, thin = by_dimension(shape)
    if not thin and shape.geom_type in ("Polygon", "MultiPolygon"):
        return _covered(shape, grid)
    full = _covered(union_all(surfaces), grid) if surfaces else np.zeros(tuple(grid.shape))
    return np.where(touched(thin, grid), 1.0, full) if thin else full


def _covered(shape: BaseGeometry, grid: GeoBox) -> np.ndarray:
    """Share (y, x) of every cell that polygons cover."""
    full = inside_plane(shape, grid).astype(float)
    edge = geometry_mask([shape.boundary], tuple(grid.shape), grid.affine, invert=True, all_touched=True)
    rows, columns = np.nonzero(edge)
    x0, y0 = at(grid.affine, columns, rows)
    x1, y1 = at(grid.affine, columns + 1, rows + 1)
    cells = box(np.minimum(x0, x1), np.minimum(y0, y1), np.maximum(x0, x1), np.maximum(y0, y1))
    prepare(shape)
    full[rows, columns] = area(intersection(cells, shape)) / area(cells)
    return np.where(full < SMALLEST_SHARE, 0.0, full)


@algorithm("Image.reduceRegions")
def reduce_regions(
    image: Image,
    collection: Collection,
    reducer: Reducer,
    scale: float | None,
    crs: Any,
    transform: list[float] | None,
    _tile_scale: float,
    max_pixels: int | None,
) -> Collection:
    """Every feature with the reduction over it added to its properties.

    One band and one output give a property named for the output, several bands give band names. Raises EngineError
    where a region has more than `max_pixels`.
    """
    projection = target_projection(image, scale, crs, transform)

    def reduced() -> list[Feature]:
        features = collection.elements()
        outlines = [shape_of(feature) for feature in features]
        grids = [covering(outline, projection) for outline in outlines]
        for feature, outline, grid in zip(features, outlines, grids, strict=True):
            if grid is not None and max_pixels is not None and pixel_count(outline, grid) > max_pixels:
                raise EngineError(
                    f"Image.reduceRegions: Too many pixels in region {feature.id}. Found "
                    f"{pixel_count(outline, grid)}, but maxPixelsPerRegion allows only {int(max_pixels)}."
                )
        places = [(outline, grid) for outline, grid in zip(outlines, grids, strict=True) if grid is not None]
        read = iter(pixels_of_regions(image, places, projection, weighted=reducer.weighted))
        names = output_names(image, reducer)
        tables = [
            dict.fromkeys(names) if grid is None else reduced_values(image, reducer, next(read)) for grid in grids
        ]
        return [completed(feature, table) for feature, table in zip(features, tables, strict=True)]

    def completed(feature: Feature, values: dict[str, Any]) -> Feature:
        if len(image.bands) == 1 and reducer.inputs == 1:
            values = dict(zip(reducer.outputs, values.values(), strict=True))
        kept = {key: value for key, value in values.items() if value is not None}
        return Feature(feature.geometry, {**feature.properties, **kept}, feature.id)

    return collection.derive(reduced)


def pixels_of_regions(
    image: Image, places: list[tuple[BaseGeometry, GeoBox]], projection: Projection, *, weighted: bool
) -> Iterator[RegionPixels]:
    """As `region_pixels` for each (outline, grid); neighbours share what is read.

    Large regions, and a region alone, are read one after the other.
    """
    small = [place for place in places if max(place[1].shape) <= LARGEST_SHARED]
    shares = (share_of(outline, grid, weighted=weighted) for outline, grid in small)
    shared = shared_pixels(image, shares, [grid for _, grid in small], projection)
    for outline, grid in places:
        if len(small) > 1 and max(grid.shape) <= LARGEST_SHARED:
            yield next(shared)
        else:
            yield region_pixels(image, outline, grid, weighted=weighted)
