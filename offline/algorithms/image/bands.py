"""Images from assets and constants; choosing, naming and joining bands."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce as fold
from typing import Any

import numpy as np

from offline.errors import EngineError
from offline.graph.regex import fits, replaced
from offline.graph.registry import algorithm
from offline.model.array_pixels import constant_array
from offline.model.image import Band, Image, constant, constant_band, pick


@algorithm("Image.constant")
def image_constant(value: Any) -> Image:
    """An image of one number, of several as bands, or of an array in every pixel."""
    if isinstance(value, Image):
        return value
    if isinstance(value, np.ndarray) and value.ndim:
        return constant_array(value)
    if isinstance(value, list) and len(value) > 1:
        # several numbers are numbered from 0 on, unlike bands that are added to each other
        return rename(constant(value), [f"constant_{index}" for index in range(len(value))])
    return constant(value if isinstance(value, list) else [value])


@algorithm("Image.select")
def select(image: Image, selectors: list[Any], names: list[str] | None) -> Image:
    """Choose bands by name, regular expression or number, and optionally rename them.

    Raises EngineError for a selector that matches nothing.
    """
    chosen = [band for selector in selectors for band in _matching(image, selector)]
    if names is not None:
        if len(names) != len(chosen):
            raise EngineError(
                f"Image.select: The number of new names ({len(names)}) must match the number of selected bands "
                f"({len(chosen)})."
            )
        chosen = [replace(band, name=name) for band, name in zip(chosen, names, strict=True)]
    return replace(image, bands=tuple(chosen))


def _matching(image: Image, selector: Any) -> list[Band]:
    if isinstance(selector, (int, float)):
        index = int(selector)
        if not -len(image.bands) <= index < len(image.bands):
            raise EngineError(f"Image.select: Band index {index} out of range for {len(image.bands)} bands.")
        return [image.bands[index]]
    exact = [band for band in image.bands if band.name == selector]
    matching = exact or [band for band in image.bands if fits(selector, band.name)]
    return matching or [pick(image, selector)]


@algorithm("Image.rename")
def rename(image: Image, names: list[str]) -> Image:
    """Give all bands new names. Raises EngineError if the numbers differ."""
    if len(names) != len(image.bands):
        raise EngineError(
            f"Image.rename: The number of names ({len(names)}) must match the number of bands ({len(image.bands)})."
        )
    bands = tuple(replace(band, name=name) for band, name in zip(image.bands, names, strict=True))
    return replace(image, bands=bands)


@algorithm("Image.addBands")
def add_bands(image: Image, source: Image, names: list[Any] | None, overwrite: bool) -> Image:
    """Add the bands of `source`; a name already there gets a number, or is replaced with `overwrite`."""
    added = list(select(source, names, None).bands if names else source.bands)
    if overwrite:
        new = {band.name: band for band in added}
        kept = [new.pop(band.name, band) for band in image.bands]
        return replace(image, bands=(*kept, *new.values()))
    return replace(image, bands=(*image.bands, *_unique(image.names, added)))


def _unique(taken: list[str], bands: list[Band]) -> list[Band]:
    names, result, last = set(taken), [], dict[str, int]()
    for band in bands:
        name, number = band.name, last.get(band.name, 0)
        while name in names:
            number += 1
            name = f"{band.name}_{number}"
        last[band.name] = number
        names.add(name)
        result.append(replace(band, name=name))
    return result


@algorithm("Image.bandNames")
def band_names(image: Image) -> list[str]:
    """The names of the bands."""
    return image.names


@algorithm("Image.bandTypes")
def band_types(image: Image) -> dict[str, Any]:
    """The pixel type of each band."""
    return {band.name: band.type for band in image.bands}


@algorithm("Image.cat")
def cat(images: list[Any]) -> Image:
    """All bands of all images, as bands of the first; numbers become images. Raises EngineError for anything else."""
    made = [constant([each]) if isinstance(each, (int, float)) else each for each in images]
    for each in made:
        if not isinstance(each, Image):
            raise EngineError(f"Image.cat: an image cannot be made of {type(each).__name__}.")
    return fold(lambda a, b: add_bands(a, b, None, False), made[1:], made[0])


@algorithm("Dictionary.toImage")
def dictionary_image(table: dict[str, float], names: list[str] | None) -> Image:
    """A band of one number for every key, sorted by name unless names are given."""
    made = [constant_band(name, table[name]) for name in names or sorted(table)]
    return Image(tuple(replace(band, type=replace(band.type, sure=False, precise=False)) for band in made))


@algorithm("Image.slice")
def slice_bands(image: Image, start: int, end: int | None) -> Image:
    """The bands from one position to before another; negative positions count from the end."""
    return replace(image, bands=image.bands[int(start) : None if end is None else int(end)])


@algorithm("Image.regexpRename")
def regexp_rename(image: Image, pattern: str, new: str, every: bool) -> Image:
    """Rename bands by a regular expression; `$1` is its first group."""
    return rename(image, [replaced(pattern, new, name, "g" if every else "") for name in image.names])
