"""What does the simulated North-East Asia look like? A seeded function of place and time, with known truth."""

from offline.landscape.scene import Scene, of_geobox, of_points
from offline.landscape.sites import SITES, Layout, PlantedSite, field
from offline.landscape.truth import PRODUCTIVITY_THRESHOLD, SOIL_CARBON_THRESHOLD, truth

__all__ = [
    "PRODUCTIVITY_THRESHOLD",
    "SITES",
    "SOIL_CARBON_THRESHOLD",
    "Layout",
    "PlantedSite",
    "Scene",
    "field",
    "of_geobox",
    "of_points",
    "truth",
]
