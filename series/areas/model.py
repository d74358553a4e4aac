"""One table of outlines, and what a reader must know of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shapely.geometry.base import BaseGeometry

from series.notes import Notes


@dataclass(frozen=True)
class AreaSource:
    """A table of polygons: its key in code, its name for people, its asset and notes.

    `restricted`: the licence binds what is made of the outlines, too (no commercial use). `kept`: properties with the
    values of features that count; `properties` are stored, `since` among them is the year from which an area is one,
    empty where the table has none. `reach`: degrees around a region within which areas are read as well.
    """

    key: str
    name: str
    asset: str
    notes: Notes
    restricted: bool
    properties: tuple[str, ...]
    kept: tuple[tuple[str, tuple[str, ...]], ...] = ()
    since: str = ""
    reach: float = 0.0
    period: str = "present"

    @property
    def identity(self) -> tuple[Any, ...]:
        """What stored outlines follow from, beside the region and the source."""
        return self.asset, self.kept, self.properties, self.reach

    def around(self, outline: BaseGeometry) -> BaseGeometry:
        """The land whose areas are read for an outline (longitude, latitude)."""
        return outline.buffer(self.reach) if self.reach else outline
