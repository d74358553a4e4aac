"""Edge detectors as Earth Engine's reference prints them, and the filters that lay a kernel over pixels."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import Any

import ee
import numpy as np
import pytest

pytestmark = pytest.mark.usefixtures("few")

#: Weights that the pages ee-kernel-compass, -kirsch, -prewitt and -roberts print
#: (developers.google.com/earth-engine/apidocs).
DETECTORS: dict[str, list[list[int]]] = {
    "compass": [[1, 1, -1], [1, -2, -1], [1, 1, -1]],
    "kirsch": [[5, -3, -3], [5, 0, -3], [5, -3, -3]],
    "prewitt": [[1, 0, -1], [1, 0, -1], [1, 0, -1]],
    "roberts": [[1, 0], [0, -1]],
}


def weights(kernel: dict[str, Any]) -> np.ndarray:
    """The weights of a kernel as it is shown."""
    return np.array([[float(part) for part in row.strip("[]").split(",")] for row in kernel["weights"].splitlines()])


def test_detectors() -> None:
    """Times a magnitude; normalized, weights sum to 1 where their sum is not 0."""
    made = [
        [getattr(ee.Kernel, name)(), getattr(ee.Kernel, name)(2), getattr(ee.Kernel, name)(1, True)]
        for name in DETECTORS
    ]
    for shown, expected in zip(ee.List(made).getInfo(), map(np.array, DETECTORS.values()), strict=True):
        plain, doubled, whole = map(weights, shown)
        total = expected.sum()
        np.testing.assert_array_equal(plain, expected)
        np.testing.assert_array_equal(doubled, 2 * expected)
        np.testing.assert_allclose(whole, expected / total if total else expected)


FILTERS: dict[str, Callable[[list[float]], float]] = {
    "focal_max": max,
    "focal_min": min,
    "focal_mean": statistics.fmean,
    "focal_median": statistics.median,
    "focal_mode": statistics.mode,
    "focalMin": min,
    "focalMode": statistics.mode,
}


@pytest.mark.parametrize("name", FILTERS)
def test_filters(name: str, first: ee.Image, values: Callable[..., list[list[float]]]) -> None:
    """Squares of three by three around every pixel, those outside left out."""
    numbers = np.array([[10, 11, 12, 13], [14, 15, 16, 17]]) // 2
    image = first.select("a").divide(2).int()
    found = values(ee.Image(ee.call(f"Image.{name}", image, 1, "square")))
    for column in range(4):
        around = sorted(numbers[:, max(column - 1, 0) : column + 2].ravel().tolist())
        assert [row[column] for row in found] == pytest.approx([FILTERS[name](around)] * 2)
