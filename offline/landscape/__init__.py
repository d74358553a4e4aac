"""What does the simulated North-East Asia look like? A seeded function of place and time, with known truth."""

from offline.landscape.scene import Scene, of_geobox, of_points
from offline.landscape.sites import SITES, Layout, PlantedSite, field
from offline.landscape.truth import PRODUCTIVITY_THRESHOLD, SOIL_CARBON_THRESHOLD, truth
from offline.landscape.world import WORLDS, World, WorldName, world

__all__ = [
    "PRODUCTIVITY_THRESHOLD",
    "SITES",
    "SOIL_CARBON_THRESHOLD",
    "WORLDS",
    "Layout",
    "PlantedSite",
    "Scene",
    "World",
    "WorldName",
    "field",
    "of_geobox",
    "of_points",
    "truth",
    "world",
]
