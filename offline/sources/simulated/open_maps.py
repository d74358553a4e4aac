"""Maps that replace those of the Trends.Earth toolbox: land cover, soil carbon, soil groups, people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import shapely

from offline.landscape import Scene, geography
from offline.sources.simulated import bands
from offline.sources.simulated.bands import Stored
from offline.sources.simulated.data_sets import degrees
from offline.sources.simulated.derived import CCI
from offline.sources.simulated.spec import Grid, SceneTile, Spec, StoredBand, next_year, years
from offline.sources.simulated.successors import COMMUNITY, LANDSAT_CELL
from offline.sources.simulated.trends_earth import people

GREAT_GROUPS = np.array([0, 209, 184, 357, 93, 94, 287, 291, 18, 220, 140, 139, 377], np.uint16)
"""Code of OpenLandMap's map for each unit of the landscape's soils (`offline.landscape.soil.TAXONOMY`).

Cryaquepts (its legend has no group of Gelisols), Haplofibrists, Haplorthods, Haplocalcids, Haplocambids, Haplocryolls,
Haplustolls, Hapludalfs, Eutrudepts, Torripsamments, Torriorthents, Hapludults.
"""

GLC = np.array([0, 72, 52, 82, 62, 92, 120, 150, 62, 130, 130, 182, 10, 190, 10, 220, 200, 210], np.uint8)
"""Class of GLC_FCS30D of an IGBP class used as index. Mosaics of crops count as rainfed cropland."""

FIRST_GLC, LAST_GLC = 2000, 2022
TILE = 5.0
"""Degrees along a side of a tile of GLC_FCS30D."""

HOMOLOSINE = Grid("ESRI:54052", (250.0, 0.0, -19_949_750.0, 0.0, -250.0, 8_361_000.0), (159246, 58034))
"""Interrupted Goode Homolosine, in which ISRIC publishes SoilGrids; the cell is its own, the corner is rounded."""

MOLLWEIDE = Grid("ESRI:54009", (100.0, 0.0, -18_041_000.0, 0.0, -100.0, 9_000_000.0), (360820, 180000))
"""The grid of the Global Human Settlement Layer, 100 m."""

PIXEL_KM2 = 0.01

SURFACE_CARBON = 0.37
"""Grams of carbon in a kilogram of soil at the surface for each t/ha of the upper 30 cm.

1.35 g of soil in a cubic centimetre, and half as much carbon again at the surface as in the mean of the 30 cm.
"""


def c3s_cover(scene: Scene, start: date) -> Stored:
    """ESA CCI classes of a year; before 2001 those of 2001."""
    return CCI[scene.observed_cover(max(start.year, 2001))], scene.land


def glc_cover(year: int) -> Callable[[Scene, date], Stored]:
    """Classes of GLC_FCS30D of a year; before 2001 those of 2001."""
    return lambda scene, start: (GLC[scene.observed_cover(max(year, 2001))], scene.land)


def great_group(scene: Scene, start: date) -> Stored:
    """Great group of soils, a code of OpenLandMap's legend."""
    return GREAT_GROUPS[scene.soil_taxonomy], scene.land


def sand(scene: Scene, start: date) -> Stored:
    """Percent by mass, at the surface."""
    return np.rint(scene.soil_texture[0]), scene.land


def clay(scene: Scene, start: date) -> Stored:
    """Percent by mass, at the surface."""
    return np.rint(scene.soil_texture[1]), scene.land


def organic_carbon(scene: Scene, start: date) -> Stored:
    """Five grams in a kilogram, at the surface."""
    return np.rint(np.minimum(scene.soil_carbon * np.float32(SURFACE_CARBON / 5), 120)), scene.land


def population(scene: Scene, start: date) -> Stored:
    """Persons in a cell of 100 m."""
    return people(start.year, PIXEL_KM2)(scene, start)


def tiles() -> tuple[SceneTile, ...]:
    """The tiles that touch the landscape, named by their north-west corner."""
    found = []
    for north in np.arange(geography.SOUTH + TILE, geography.NORTH + TILE, TILE).tolist():
        for west in np.arange(geography.WEST, geography.EAST, TILE).tolist():
            size = round(TILE / LANDSAT_CELL)
            there = west if west < 180 else west - 360
            grid = Grid("EPSG:4326", (LANDSAT_CELL, 0.0, there, 0.0, -LANDSAT_CELL, north), (size, size))
            name = f"{'E' if there >= 0 else 'W'}{abs(there):.0f}N{north:.0f}"
            box = shapely.box(there, north - TILE, there + TILE, north)
            found.append(SceneTile(name, there + TILE / 2, north - TILE / 2, grid, box))
    return tuple(found)


_TILES = tiles()
OPEN_MAPS = (
    Spec(
        id=f"{COMMUNITY}/ESA/C3S-LC-L4-LCCS",
        title="C3S land cover, LCCS classes, yearly",
        grid=degrees(1 / 360),
        bands=(StoredBand("b1", "uint8", c3s_cover, pyramiding="MODE"),),
        starts=years(1992, 2022),
        index="C3S-LC-L4-LCCS-Map-300m-P1Y-%Y",
        ends=next_year,
    ),
    Spec(
        id=f"{COMMUNITY}/GLC-FCS30D/annual",
        title="GLC_FCS30D land cover, 30 m, tiles with a band a year, 2000-2022",
        grid=_TILES[0].grid,
        bands=tuple(
            StoredBand(f"b{year - FIRST_GLC + 1}", "uint8", glc_cover(year), pyramiding="MODE")
            for year in range(FIRST_GLC, LAST_GLC + 1)
        ),
        starts=(date(LAST_GLC, 1, 1),),
        index="GLC_FCS30D_20002022_{}_Annual",
        ends=next_year,
        tiles=_TILES,
    ),
    Spec(
        id="projects/soilgrids-isric/ocs_mean",
        title="SoilGrids 2.0: soil organic carbon stock 0-30 cm, mean, t/ha",
        grid=HOMOLOSINE,
        bands=(StoredBand("ocs_0-30cm_mean", "int16", bands.soil_carbon),),
    ),
    Spec(
        id="OpenLandMap/SOL/SOL_GRTGROUP_USDA-SOILTAX_C/v01",
        title="OpenLandMap USDA soil taxonomy great groups",
        grid=degrees(1 / 480),
        bands=(StoredBand("grtgroup", "int16", great_group, pyramiding="MODE"),),
    ),
    *(
        Spec(
            id=f"OpenLandMap/SOL/SOL_{name}_M/v02",
            title=f"OpenLandMap {title} at the surface",
            grid=degrees(1 / 480),
            bands=(StoredBand("b0", "uint8", field),),
        )
        for name, title, field in (
            ("CLAY-WFRACTION_USDA-3A1A1A", "clay", clay),
            ("SAND-WFRACTION_USDA-3A1A1A", "sand", sand),
            ("ORGANIC-CARBON_USDA-6A1C", "organic carbon", organic_carbon),
        )
    ),
    Spec(
        id="JRC/GHSL/P2023A/GHS_POP",
        title="GHSL: global population surfaces 1975-2030, 100 m",
        grid=MOLLWEIDE,
        bands=(StoredBand("population_count", "float64", population),),
        starts=tuple(date(year, 1, 1) for year in range(1975, 2031, 5)),
        index="%Y",
        ends=next_year,
    ),
)
