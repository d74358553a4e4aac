"""Names of the classes of the catalogue's data sets, by legend: what a code of a cube means.

Soil units have none here: the method asks only where one ends and the next begins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from series.datasets import Dataset

#: Land cover: MODIS MCD12Q1 (IGBP), ESA CCI and C3S, GLC_FCS30D, ESA WorldCover, UNCCD.
LAND_COVER: dict[str, dict[int, str]] = {
    "igbp": {
        1: "evergreen_needleleaf_forest", 2: "evergreen_broadleaf_forest", 3: "deciduous_needleleaf_forest",
        4: "deciduous_broadleaf_forest", 5: "mixed_forest", 6: "closed_shrubland", 7: "open_shrubland",
        8: "woody_savanna", 9: "savanna", 10: "grassland", 11: "permanent_wetland", 12: "cropland",
        13: "urban_and_built-up", 14: "cropland_and_natural_vegetation_mosaic", 15: "permanent_snow_and_ice",
        16: "barren", 17: "water",
    },
    "esa-cci": {
        10: "cropland_rainfed", 11: "cropland_rainfed_herbaceous", 12: "cropland_rainfed_tree_or_shrub",
        20: "cropland_irrigated", 30: "mosaic_cropland", 40: "mosaic_natural_vegetation",
        50: "tree_broadleaved_evergreen", 60: "tree_broadleaved_deciduous",
        61: "tree_broadleaved_deciduous_closed", 62: "tree_broadleaved_deciduous_open",
        70: "tree_needleleaved_evergreen", 71: "tree_needleleaved_evergreen_closed",
        72: "tree_needleleaved_evergreen_open", 80: "tree_needleleaved_deciduous",
        81: "tree_needleleaved_deciduous_closed", 82: "tree_needleleaved_deciduous_open", 90: "tree_mixed",
        100: "mosaic_tree_and_shrub", 110: "mosaic_herbaceous", 120: "shrubland", 121: "shrubland_evergreen",
        122: "shrubland_deciduous", 130: "grassland", 140: "lichens_and_mosses", 150: "sparse_vegetation",
        151: "sparse_tree", 152: "sparse_shrub", 153: "sparse_herbaceous", 160: "tree_flooded_fresh_water",
        170: "tree_flooded_saline_water", 180: "shrub_or_herbaceous_flooded", 190: "urban", 200: "bare",
        201: "bare_consolidated", 202: "bare_unconsolidated", 210: "water", 220: "permanent_snow_and_ice",
    },
    "glc-fcs30d": {
        10: "cropland_rainfed", 11: "cropland_herbaceous", 12: "cropland_tree_or_shrub", 20: "cropland_irrigated",
        51: "tree_broadleaved_evergreen_open", 52: "tree_broadleaved_evergreen_closed",
        61: "tree_broadleaved_deciduous_open", 62: "tree_broadleaved_deciduous_closed",
        71: "tree_needleleaved_evergreen_open", 72: "tree_needleleaved_evergreen_closed",
        81: "tree_needleleaved_deciduous_open", 82: "tree_needleleaved_deciduous_closed",
        91: "tree_mixed_open", 92: "tree_mixed_closed", 120: "shrubland", 121: "shrubland_evergreen",
        122: "shrubland_deciduous", 130: "grassland", 140: "lichens_and_mosses", 150: "sparse_vegetation",
        152: "sparse_shrub", 153: "sparse_herbaceous", 181: "swamp", 182: "marsh", 183: "flooded_flat",
        184: "saline_wetland", 185: "mangroves", 186: "salt_marsh", 187: "tidal_flat", 190: "impervious",
        200: "bare", 201: "bare_consolidated", 202: "bare_unconsolidated", 210: "water",
        220: "permanent_snow_and_ice",
    },
    "worldcover": {
        10: "tree_cover", 20: "shrubland", 30: "grassland", 40: "cropland", 50: "built-up",
        60: "bare_or_sparse_vegetation", 70: "snow_and_ice", 80: "permanent_water", 90: "herbaceous_wetland",
        95: "mangroves", 100: "moss_and_lichen",
    },
    "unccd": {
        1: "tree-covered", 2: "grassland", 3: "cropland", 4: "wetland", 5: "artificial", 6: "other_land", 7: "water",
    },
}  # fmt: skip
#: Climate zones of IPCC (2006), volume 4, chapter 3.
CLIMATE_ZONES = {
    1: "warm_temperate_moist", 2: "warm_temperate_dry", 3: "cool_temperate_moist", 4: "cool_temperate_dry",
    5: "polar_moist", 6: "polar_dry", 7: "boreal_moist", 8: "boreal_dry", 9: "tropical_montane", 10: "tropical_wet",
    11: "tropical_moist", 12: "tropical_dry",
}  # fmt: skip


def class_names(dataset: Dataset) -> dict[int, str]:
    """Code → name of the classes of a data set; {} where it has none, or a legend of its own."""
    if dataset.variable == "land_cover":
        return LAND_COVER.get(dataset.legend or "unccd", {})
    return CLIMATE_ZONES if dataset.key in ("ipcc-climate-zones", "era5-land-climate-zones") else {}


def flags(dataset: Dataset) -> dict[str, Any]:
    """CF flags of the classes of a data set, of the type of a cube's values; {} for none."""
    names = class_names(dataset)
    if not names:
        return {}
    return {"flag_values": [float(code) for code in names], "flag_meanings": " ".join(names.values())}
