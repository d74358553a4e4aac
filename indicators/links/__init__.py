"""What else changes with the land: soil carbon, natural land and its fragments, degradation inside protected areas?"""

from indicators.links.carbon import CARBON_TO_CO2, CarbonChange, carbon_change
from indicators.links.fragments import TilePatches, effective_mesh_size, patches_of_tile, patches_of_tiles
from indicators.links.matched import Comparison, compared, compared_terms
from indicators.links.natural import NATURAL, USED, natural_lost
from indicators.links.possible_courses import FactorDraws, Lost, factor_draws, interval, possible_losses

__all__ = [
    "CARBON_TO_CO2", "NATURAL", "USED", "CarbonChange", "Comparison", "FactorDraws", "Lost", "TilePatches",
    "carbon_change", "compared", "compared_terms", "effective_mesh_size", "factor_draws", "interval", "natural_lost",
    "patches_of_tile", "patches_of_tiles", "possible_losses",
]  # fmt: skip
