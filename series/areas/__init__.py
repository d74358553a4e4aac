"""Which outlines meet a region: protected areas, key biodiversity areas, mines? Read from tables of Earth Engine."""

from series.areas.catalogue import AREAS
from series.areas.model import AreaSource
from series.areas.pages import requested
from series.areas.stored import OutlinedArea, read_areas, write_areas

__all__ = ["AREAS", "AreaSource", "OutlinedArea", "read_areas", "requested", "write_areas"]
