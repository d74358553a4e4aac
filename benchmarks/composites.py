"""Work for the engine's benchmarks: 24 yearly composites of 2,000 x 2,000 pixels from 48 COGs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import ee
import numpy as np
import rasterio
from affine import Affine

SIZE, YEARS, MONTHS = 2000, range(2001, 2025), (6, 8)
NODATA = -3000
SCALE = 1e-4


def grid(size: int, cell: float, west: float = 112, north: float = 45) -> dict[str, Any]:
    """A square grid in degrees, as a request states it."""
    corner = {"scaleX": cell, "shearX": 0, "translateX": west, "shearY": 0, "scaleY": -cell, "translateY": north}
    return {"dimensions": {"width": size, "height": size}, "affineTransform": corner, "crsCode": "EPSG:4326"}


GRID = grid(SIZE, 0.001)


def write(folder: Path) -> None:
    """Two COGs a year, int16 NDVI with 5 % gaps, and their catalogue."""
    rng = np.random.default_rng(1)
    base = (3000 + 1000 * rng.random((SIZE, SIZE))).astype(np.int16)
    images = []
    for year in YEARS:
        for month in MONTHS:
            values = base + np.int16(month * 10)
            values[rng.random((SIZE, SIZE)) < 0.05] = NODATA
            path = folder / f"{year}_{month}.tif"
            profile = {"driver": "COG", "count": 1, "height": SIZE, "width": SIZE, "dtype": "int16", "nodata": NODATA}
            place = Affine(0.001, 0, 112, 0, -0.001, 45)
            with rasterio.open(path, "w", crs="EPSG:4326", transform=place, compress="deflate", **profile) as file:
                file.write(values, 1)
            images.append({"index": f"{year}_{month}", "start": f"{year}-{month:02d}-01",
                           "files": [{"path": path.name, "bands": [{"name": "NDVI"}]}]})  # fmt: skip
    (folder / "catalog.json").write_text(
        json.dumps({"assets": [{"id": "own/ndvi", "type": "IMAGE_COLLECTION", "images": images}]})
    )


def composite(year: int) -> ee.Image:
    """The mean NDVI of a year; needs a client that is initialised."""
    images = ee.ImageCollection("own/ndvi").filterDate(f"{year}-01-01", f"{year + 1}-01-01")
    return images.mean().multiply(SCALE).toFloat()
