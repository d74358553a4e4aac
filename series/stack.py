"""The images of a cube as Earth Engine expressions, in parts that are named and stored on their own."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import ee

from series.graphs import text_of

#: The values of each part on the first dimension of the cube: years, or days.
Values = tuple[tuple[Any, ...], ...]


@dataclass(frozen=True, eq=False)
class Stack:
    """What a cube is pulled from: one image, an image for each year, or collections of images in the order of time.

    A part is what one cube takes over from another: a year. `dimension` is the first dimension of the cube, None for
    one image of all time; `parts` are images of one band along `year`, collections of such images along `time`.
    `values` gives the values of each part, maybe by asking the source. `reads` is how many stored bands are read for
    one value, `inside` how many stored pixels for a cell of each; `usual` is the usual number of images of a part.
    """

    dimension: Literal["year", "time"] | None
    parts: tuple[Any, ...]
    values: Callable[[], Values]
    reads: float = 1.0
    inside: float = 1.0
    usual: int = 1

    @property
    def digests(self) -> tuple[str, ...]:
        """A digest of the expression of each part."""
        return tuple(hashlib.sha256(text_of(part).encode()).hexdigest()[:16] for part in self.parts)

    @property
    def text(self) -> str:
        """The expression of the last part, which stands for the others in the provenance of a cube."""
        return text_of(self.parts[-1])

    @property
    def collection(self) -> ee.ImageCollection:
        """The images of all years as one collection, for maps and charts."""
        return ee.ImageCollection.fromImages(list(self.parts))

    def bands(self, numbers: Sequence[int], counts: Sequence[int]) -> ee.Image:
        """One image with the bands `b0`, `b1`, … of some parts, of which each has as many images as `counts` says."""
        images = [self.parts[number] for number in numbers]
        if self.dimension == "time":
            images = [each.toBands() for each in images]
        total = sum(counts[number] for number in numbers)
        return ee.Image.cat(images).rename([f"b{number}" for number in range(total)])
