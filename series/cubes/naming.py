"""The names of cubes: digests of all that they follow from, computed without a request.

The version of the package is no part of it: a new release reads the cubes of the one before.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from odc.geo.geobox import GeoBox

from series.datasets import Dataset
from series.graphs import text_of

#: Number of the format of cubes. Raise it by hand when `series.cubes`, or a library that it uses, writes other values,
#: dimensions, coordinates or attributes for the same expression: all cubes are then pulled again, once.
FORMAT = 2


def cube_digest(images: Any, geobox: GeoBox, dataset: Dataset, origin: str, fingerprint: str = "") -> str:
    """The digest that names a cube: one expression over two sources makes two cubes.

    The Earth Engine client writes the expression; versions 1.5.0 to 1.7.50 write the same text.
    """
    identity = {
        "source": [origin, fingerprint],
        "graph": text_of(images),
        "grid": [str(geobox.crs), [round(v, 12) for v in tuple(geobox.affine)[:6]], list(geobox.shape)],
        "dataset": dataset.identity(),
        "format": FORMAT,
    }
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()


def cube_path(
    images: Any, *, name: str, geobox: GeoBox, dataset: Dataset, store: Path, origin: str, fingerprint: str = ""
) -> Path:
    """The path of the cube of a pull, whether it exists or not; no request is made."""
    return store / f"{name}-{cube_digest(images, geobox, dataset, origin, fingerprint)[:12]}.zarr"
