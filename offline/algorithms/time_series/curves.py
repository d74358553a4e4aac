"""Values through a curve: polynomials and piecewise-linear functions."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from offline.algorithms.image.pixelwise import map_bands
from offline.errors import EngineError
from offline.graph.registry import algorithm
from offline.model.image import Image
from offline.model.values import DOUBLE

Array = np.ndarray


@algorithm("Image.polynomial")
def polynomial(image: Image, coefficients: list[float]) -> Image:
    """c0 + c1 x + c2 x² + … of every value."""
    return map_bands(image, lambda x: np.polynomial.polynomial.polyval(x.astype(float), coefficients), lambda _: DOUBLE)


@algorithm("Image.interpolate")
def interpolate(image: Image, x: list[float], y: list[float], behavior: str) -> Image:
    """The first band through a piecewise-linear function; `behavior` says what holds beyond its ends."""
    if len(x) != len(y) or len(x) < 2 or any(b <= a for a, b in pairwise(x)):
        raise EngineError("Image.interpolate: 'x' must rise strictly and be as long as 'y', two values at least.")
    if behavior not in ("extrapolate", "clamp", "mask", "input"):
        raise EngineError(f"Image.interpolate: behavior '{behavior}' is not one of extrapolate, clamp, mask, input.")
    xs, ys = np.array(x, float), np.array(y, float)

    def curve(values: Array) -> Array:
        given = values.astype(float)
        interpolated = np.interp(given, xs, ys)
        outside = (given < xs[0]) | (given > xs[-1])
        if behavior == "mask":
            return np.where(outside, np.nan, interpolated)
        if behavior == "input":
            return np.where(outside, given, interpolated)
        if behavior == "extrapolate":
            first, last = (ys[1] - ys[0]) / (xs[1] - xs[0]), (ys[-1] - ys[-2]) / (xs[-1] - xs[-2])
            interpolated = np.where(given < xs[0], ys[0] + first * (given - xs[0]), interpolated)
            interpolated = np.where(given > xs[-1], ys[-1] + last * (given - xs[-1]), interpolated)
        return interpolated

    return map_bands(replace(image, bands=image.bands[:1]), curve, lambda _: DOUBLE)
