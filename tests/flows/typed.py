"""The command as a user types it, over two regions of a few cells."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from shapely import box
from shapely.geometry import mapping

#: Words → exit code, standard output, standard error.
Drylands = Callable[..., tuple[int, str, str]]
#: Two regions of a few cells, far enough apart to tell; nine years are the fewest that all steps accept.
PLACES = {"west": box(112, 43, 112.2, 43.2), "east": box(114, 44, 114.2, 44.2)}
QUICK = ("--years", "2016-2024", "--resolution", "0.05")


def polygons(path: Path, shapes: dict[str, object]) -> Path:
    """A file of polygons by name."""
    features = [
        {"type": "Feature", "properties": {"name": name}, "geometry": mapping(shape)} for name, shape in shapes.items()
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path
