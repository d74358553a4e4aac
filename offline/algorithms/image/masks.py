"""Masks: which pixels are valid, and which values replace the others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from odc.geo.geobox import GeoBox

from offline.algorithms.image.pixelwise import pairs
from offline.errors import EngineError
from offline.graph.registry import algorithm
from offline.model.geometry import shape_of
from offline.model.image import Band, Image, Pixels, constant_band, pick
from offline.model.inside import inside
from offline.model.pixel_types import joined_type, unsure
from offline.model.values import DOUBLE, FLOAT, PixelType


def masked_by(band: Band, other: Band) -> Band:
    """`band` where `other` is neither zero nor masked; its own mask times the other's value."""

    def pixels(grid: GeoBox) -> Pixels:
        values, mask = band.pixels(grid)
        weight, weight_mask = other.pixels(grid)
        return values, np.minimum(mask, np.clip(weight, 0, 1) * weight_mask)

    return replace(band, function=pixels, resampled=None)


@algorithm("Image.updateMask")
def update_mask(image: Image, mask: Image) -> Image:
    """Keep the pixels where the mask image is not zero and not masked itself."""
    bands = tuple(masked_by(a, b) for a, b in pairs(image, mask, "updateMask"))
    return replace(image, bands=bands[: len(image.bands)])


@algorithm("Image.selfMask")
def self_mask(image: Image) -> Image:
    """Mask the pixels that are zero."""

    def kept(band: Band) -> Band:
        def pixels(grid: GeoBox) -> Pixels:
            values, mask = band.pixels(grid)
            return values, np.where(values != 0, mask, 0)

        return replace(band, function=pixels, resampled=None)

    return replace(image, bands=tuple(map(kept, image.bands)))


@algorithm("Image.mask")
def mask_image(image: Image, mask: Image | None) -> Image:
    """The mask of each band as a band, or, given a mask, the image with its masks replaced."""
    if mask is not None:
        bands = []
        for a, b in pairs(image, mask, "mask"):

            def replaced(grid: GeoBox, a: Band = a, b: Band = b) -> Pixels:
                weight, weight_mask = b.pixels(grid)
                return a.pixels(grid)[0], np.clip(weight, 0, 1) * weight_mask

            bands.append(replace(a, function=replaced, resampled=None))
        return replace(image, bands=tuple(bands))

    def as_values(band: Band) -> Band:
        def pixels(grid: GeoBox) -> Pixels:
            mask = band.pixels(grid)[1]
            return mask.astype(np.float32), np.ones(mask.shape, bool)

        return replace(band, type=FLOAT, function=pixels, resampled=None)

    return Image(tuple(map(as_values, image.bands)), footprint=image.footprint)


@algorithm("Image.unmask")
def unmask(image: Image, value: Image | None, same_footprint: bool) -> Image:
    """Put `value` (0 by default) where pixels are masked; outside the footprint only if `same_footprint` is false."""
    filling = value or Image((constant_band("constant", 0),))
    footprint = image.footprint if same_footprint else None
    bands = []
    for a, b in pairs(image, filling, "unmask"):

        def pixels(grid: GeoBox, a: Band = a, b: Band = b) -> Pixels:
            values, mask = a.pixels(grid)
            fill, fill_mask = b.pixels(grid)
            empty = mask == 0
            if footprint is not None:
                empty &= inside(footprint, grid)
            kind = joined_type(a.type, b.type).computing
            return np.where(empty, fill, values).astype(kind), np.where(empty, fill_mask, mask)

        bands.append(replace(a, type=_filled_type(a.type, b.type), function=pixels, resampled=None))
    return replace(image, bands=tuple(bands), footprint=footprint)


def _filled_type(own: PixelType, filling: PixelType) -> PixelType:
    """The union of both types; not documented, so only sure where the filling adds nothing to the type."""
    union = joined_type(own, filling)
    return union if union == own else unsure(union)


@algorithm("Image.where")
def where(image: Image, test: Image, value: Image) -> Image:
    """`value` where `test` is not zero; where `test` or `value` is masked, the input stays."""
    bands = []
    chosen = [b for _, b in pairs(image, test, "where")]
    values = [b for _, b in pairs(image, value, "where")]
    for a, condition, new in zip(image.bands, chosen, values, strict=False):

        def pixels(grid: GeoBox, a: Band = a, condition: Band = condition, new: Band = new) -> Pixels:
            old, mask = a.pixels(grid)
            tested, tested_mask = condition.pixels(grid)
            replacement, replacement_mask = new.pixels(grid)
            use = (tested != 0) & (tested_mask > 0) & (replacement_mask > 0) & (mask > 0)
            kind = joined_type(a.type, new.type).computing
            return np.where(use, replacement, old).astype(kind), np.where(use, np.minimum(mask, replacement_mask), mask)

        bands.append(replace(a, type=joined_type(a.type, new.type), function=pixels, resampled=None))
    return replace(image, bands=tuple(bands))


@algorithm("Image.remap")
def remap(image: Image, source: list[Any], target: list[Any], default: Any, band_name: str | None) -> Image:
    """Replace values by a table; what is not listed becomes `default`, or is masked without one.

    The result has one band named `remapped`. Raises EngineError if the lists differ in length.
    """
    if len(source) != len(target):
        raise EngineError(
            f"Image.remap: The 'from' and 'to' lists must have the same length. Found {len(source)} and {len(target)}."
        )
    band = pick(image, band_name) if band_name else image.bands[0]
    order = np.argsort(source)
    keys, results = np.asarray(source)[order], np.asarray(target)[order]
    whole = results.dtype.kind in "iu" and not isinstance(default, float)
    bounds = [*results.tolist(), *([default] if default is not None else [])]
    result = PixelType("int", min(bounds), max(bounds)) if whole and bounds else DOUBLE

    def pixels(grid: GeoBox) -> Pixels:
        values, mask = band.pixels(grid)
        index = np.clip(np.searchsorted(keys, values), 0, len(keys) - 1)
        known = keys[index] == values
        new = np.where(known, results[index], 0 if default is None else default)
        return new.astype(result.computing), mask if default is not None else np.where(known, mask, 0)

    remapped = replace(band, name="remapped", type=result, function=pixels, resampled=None)
    return replace(image, bands=(remapped,))


@algorithm("Image.clip")
def clip(image: Image, geometry: Any) -> Image:
    """Mask the pixels whose centre lies outside the geometry, and take its outline as footprint."""
    outline = shape_of(geometry)

    def clipped(band: Band) -> Band:
        def pixels(grid: GeoBox) -> Pixels:
            values, mask = band.pixels(grid)
            return values, np.where(inside(outline, grid), mask, 0)

        return replace(band, function=pixels, resampled=None)

    return replace(image, bands=tuple(map(clipped, image.bands)), footprint=outline)
