"""Read the file of areas whose classes experts correct: polygons with their attributes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from flows.errors import FlowError
from flows.request.polygon_file import read_polygons
from indicators.sdg15.recoding import correction
from regions.grid import centres_inside

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from indicators.sdg15.recoding import Correction


@dataclass(frozen=True)
class RecodedArea:
    """A correction and its polygon (WGS84)."""

    correction: Correction
    geometry: BaseGeometry

    def mask(self, y: NDArray[Any], x: NDArray[Any]) -> NDArray[Any]:
        """The cells (y, x) whose centre lies in the polygon."""
        return centres_inside(self.geometry, y, x)

    @property
    def digest(self) -> str:
        """Digest of all attributes and of the outline."""
        said = json.dumps(asdict(self.correction), default=str, sort_keys=True)
        return hashlib.sha256(said.encode() + self.geometry.wkb).hexdigest()


def read_recoding(file: Path) -> tuple[RecodedArea, ...]:
    """The areas of a GeoJSON or GeoPackage file, each with a name of its own.

    Attributes: wrongly_shown_as, should_be, periods, justification, who, date; name where there is one. Raises
    FlowError or IndicatorError naming the file, the area, the attribute and the fix.
    """
    table = read_polygons(file, "recoding", "it has no area; draw at least one, or leave --recode out")
    found = []
    for number, row in enumerate(table.to_dict("records"), start=1):
        name = f"area {number}" if pd.isna(row.get("name")) else str(row["name"]).strip() or f"area {number}"
        shape = row["geometry"]
        if shape is None or shape.is_empty or shape.geom_type not in ("Polygon", "MultiPolygon"):
            raise FlowError(f"recoding {file}, area {name!r}: has no polygon; draw its outline")
        found.append(RecodedArea(correction(name, row), shape))
    names = [each.correction.name for each in found]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise FlowError(f"recoding {file}: two areas have the name {twice!r}; give each area its own name")
    return tuple(found)
