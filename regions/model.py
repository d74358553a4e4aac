"""What a region is, and the one file format that regions are kept in: a GeoJSON Feature."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, ValidationError, field_validator
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

from regions.errors import BadRegionFile
from regions.outlines import polygonal

Outline = Annotated[BaseGeometry, PlainSerializer(lambda value: mapping(value), return_type=dict)]
Month = Annotated[int, Field(ge=1, le=12)]


class Region(BaseModel):
    """A dryland region.

    `geometry` is a polygon or multipolygon in longitude and latitude (WGS84). `growing_season` holds the first
    and last month, both included; a season that runs over New Year (first > last) belongs to the year in which
    it ends. `roughness_km` is how far the outline may be off.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=60)
    name: str = Field(min_length=1)
    countries: tuple[Annotated[str, Field(pattern=r"^[A-Z]{3}$")], ...] = ()
    kind: str = "own polygon"
    growing_season: tuple[Month, Month] = (5, 9)
    geometry: Outline
    source: str
    roughness_km: float = Field(default=0.0, ge=0)
    note: str = ""

    @field_validator("geometry", mode="before")
    @classmethod
    def _polygonal(cls, value: Any) -> BaseGeometry:
        return polygonal(shape(value) if isinstance(value, dict) else value)


def read_region(path: Path) -> Region:
    """Read the region in a file. Raises BadRegionFile naming the file, the field and the fix."""
    try:
        feature = json.loads(path.read_text(encoding="utf-8"))
        return Region(**feature["properties"], geometry=feature["geometry"])
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise BadRegionFile(f"{path}: {field}: {first['msg']}; correct that field") from error
    except (KeyError, TypeError, ValueError) as error:
        raise BadRegionFile(f"{path}: not a GeoJSON Feature of one region ({error}); see regions/data") from error


def write_region(region: Region, path: Path) -> None:
    """Write a region as a GeoJSON Feature, in one step so that no half file is ever seen."""
    properties = region.model_dump(mode="json", exclude={"geometry"})
    feature = {"type": "Feature", "properties": properties, "geometry": mapping(region.geometry)}
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(feature, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    unfinished.replace(path)
