"""Pixels of an expression, as the connected engine computes them."""

from __future__ import annotations

import ee
import numpy as np
from odc.geo.geobox import GeoBox


def values(image: ee.Image, grid: GeoBox) -> np.ndarray:
    """The first band of an image on a grid, NaN where masked."""
    affine, (height, width) = grid.affine, grid.shape
    name = image.bandNames().get(0)
    pixels = ee.data.computePixels(
        {
            "expression": ee.Image(image.select([0]).rename(["value"])).toFloat().unmask(-9999, False),
            "fileFormat": "NUMPY_NDARRAY",
            "grid": {
                "dimensions": {"width": width, "height": height},
                "affineTransform": {
                    "scaleX": affine.a, "shearX": 0, "translateX": affine.c,
                    "shearY": 0, "scaleY": affine.e, "translateY": affine.f,
                },
                "crsCode": "EPSG:4326",
            },
        }
    )  # fmt: skip
    assert name is not None
    found = np.asarray(pixels["value"], float)
    return np.where(found == -9999, np.nan, found)
