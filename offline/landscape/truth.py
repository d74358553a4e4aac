"""The planted changes, as the true answer for methods to find."""

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from offline.landscape import climate, cover, planted, scene
from offline.landscape.changes.courses import SEASON_START
from offline.landscape.drivers.causes import CAUSES
from offline.landscape.noise import Floats
from offline.landscape.sites import Layout
from offline.landscape.world import World

PRODUCTIVITY_THRESHOLD = 0.10
"""A change of potential productivity beyond this fraction, either way, counts."""

SOIL_CARBON_THRESHOLD = 0.10
AN_HOUR = 1 / 8766
"""Years."""
STEPS_OF_CARBON = 20
"""Years over which soil carbon changes after a land-cover change."""

# Rows: initial class tree, grassland, cropland, wetland, artificial, other, water; columns: final class.
# UNCCD Good Practice Guidance, default transition matrix as in the PRAIS tables.
TRANSITIONS = np.array(
    [
        [0, -1, -1, -1, -1, -1, 0],
        [1, 0, 1, -1, -1, -1, 0],
        [1, -1, 0, -1, -1, -1, 0],
        [-1, -1, -1, 0, -1, -1, 0],
        [1, 1, 1, 1, 0, 1, 0],
        [1, 1, 1, 1, -1, 0, 0],
        [0, 0, 0, 0, 0, 0, 0],
    ],
    np.int8,
)

LAND_USE_FACTOR = np.array([0, 0.69, 0.8, 0.69, 0.8, 0.69, 0.8, 0.69, 0.8, 0.64, 0.48, 0.48, 0.58])
"""Soil-carbon factor of long-cultivated land by IPCC climate zone 0..12 (IPCC 2006, as in Trends.Earth)."""


def truth(
    grid: GeoBox,
    years: tuple[int, int] = (2001, 2024),
    seed: int = 0,
    layout: Layout = "practices",
    world: World | str = "easy",
) -> xr.Dataset:
    """Planted changes at the cell centres of a grid, between the first and the last of `years` (inclusive).

    The truth is the planted part only: what people did to the land. Weather, herds and greening by CO2 and warming are
    no part of it: they change NDVI, but not what the land could carry under mean weather. A cell that is larger than a
    patch has the truth of its centre, as native cells of the data sets do.

    Dims [y, x]. `productivity`: -1, 0, 1, change of potential productivity (growing-season mean NDVI under mean
    weather, so that drought is no degradation) beyond +-10 %. `change`: that change, relative (negative: lost),
    whatever its course in between; `decline`: the same with the other sign. `common`: the part of `change` that wide
    areas have in common. `land_cover`: -1, 0, 1 by the UNCCD transition matrix. `soil_carbon`: -1, 0, 1, relative
    change of the stock by the factors of the planted transition (20 linear steps); `carbon_change`: that change as a
    fraction. `degraded`: any of the three is -1. `break_year`: first growing season after an abrupt change inside the
    window, 0 without; `break_size`: fraction of growing-season NDVI gained or lost then (of the drop itself, also where
    land recovers from it). `kind`: what is planted, flag codes. `cause`: the driver that goes with a loss, flag codes
    (`offline.landscape.drivers.causes`): what leaves a mark in data of drivers; "climate" where a bad drought goes with
    the beginning of the loss and no human cause does, "unknown" where nothing goes with it. `cause_year`: first year of
    that cause, 0 without. Both are of the patch, whatever `years`; losses in common over wide areas have no cause.
    `practice_site`: 1-based number of the site among those
    that its attribute `sites` names, 0 elsewhere; in the layout "evidence" they lie on top of what `kind` says. `land`:
    False at sea and in lakes, where everything else is 0.
    """
    first, last = years
    if not climate.FIRST_YEAR <= first < last <= climate.LAST_YEAR:
        raise ValueError(
            f"truth for {first}-{last}: the landscape has weather for {climate.FIRST_YEAR}-"
            f"{climate.LAST_YEAR} and needs a first year before the last; choose years inside"
        )
    here = scene.of_geobox(grid, seed, layout=layout, world=world)
    land = here.land & (here.original_cover != cover.WATER)
    before, after = here.season_ndvi(first + 0.5), here.season_ndvi(last + 0.5)
    change = np.where(land, after / np.where(land, before, 1) - 1, 0).astype(np.float32)
    common = here.common_season_ndvi(last + 0.5) / np.where(land, here.common_season_ndvi(first + 0.5), 1) - 1
    productivity = _three(change, PRODUCTIVITY_THRESHOLD)
    old, new = (cover.UNCCD[here.land_cover(year)].astype(np.intp) for year in years)
    transition = np.where(land, TRANSITIONS[old - 1, new - 1], 0).astype(np.int8)
    carbon = np.where(land, _carbon(here, years), 0).astype(np.float32)
    soil = _three(np.round(carbon, 6), SOIL_CARBON_THRESHOLD, inclusive=True)
    break_year, break_size = _breaks(here, years)
    row = here.planted.row
    fields = {
        "productivity": (productivity, "planted change of potential productivity"),
        "land_cover": (transition, "planted land-cover change"),
        "soil_carbon": (soil, "change of soil organic carbon that follows"),
        "carbon_change": (carbon, "fraction of soil organic carbon gained or lost"),
        "degraded": (
            (productivity < 0) | (transition < 0) | (soil < 0),
            "degraded by any of the three",
        ),
        "break_year": (
            np.where(land, break_year, 0).astype(np.int16),
            "first growing season after a break",
        ),
        "break_size": (
            np.where(land, break_size, 0).astype(np.float32),
            "fraction of NDVI gained or lost",
        ),
        "decline": (-change, "fraction of potential productivity lost from first to last year"),
        "change": (change, "planted relative change of potential productivity"),
        "common": (np.where(land, common, 0).astype(np.float32), "part of it that wide areas have in common"),
        "kind": (
            np.where(land, here.planted.patches.kind[row], 0).astype(np.int8),
            "planted",
        ),
        "cause": (np.where(land, here.causes.cause[row], 0).astype(np.int8), "driver that goes with a loss"),
        "cause_year": (np.where(land, here.causes.year[row], 0).astype(np.int16), "first year of that driver"),
        "practice_site": (
            np.where(land, here.planted.practice_site, 0).astype(np.int16),
            "practice site",
        ),
        "land": (land, "land without lakes"),
    }
    data = xr.Dataset({n: (("y", "x"), v, {"long_name": t}) for n, (v, t) in fields.items()}, _coords(grid))
    for name, meanings in (("kind", planted.KINDS), ("cause", CAUSES)):
        values = np.arange(len(meanings), dtype=np.int8)
        data[name].attrs |= {"flag_values": values, "flag_meanings": " ".join(meanings)}
    data["practice_site"].attrs["sites"] = " ".join(site.name for site in here.planted.sites)
    for name in ("change", "common", "carbon_change", "decline", "break_size"):
        data[name].attrs["units"] = "1"
    return data.assign_attrs(
        origin="simulated", first_year=first, last_year=last, seed=seed, layout=layout, world=str(world)
    )


def _three(change: Floats, threshold: float, *, inclusive: bool = False) -> NDArray[np.int8]:
    down, up = (change <= -threshold, change >= threshold) if inclusive else (change < -threshold, change > threshold)
    return up.astype(np.int8) - down.astype(np.int8)


def _carbon(here: scene.Scene, years: tuple[int, int]) -> Floats:
    there, patches = here.planted, here.planted.patches
    new = cover.UNCCD[patches.new_class][there.row]
    old = cover.UNCCD[here.original_cover]
    cultivated = LAND_USE_FACTOR[here.climate_zone]
    factor = np.ones(new.shape)
    to_crop = (old == cover.GRASS) & (new == cover.CROP)
    factor[to_crop] = cultivated[to_crop]
    from_crop = (old == cover.CROP) & (new == cover.GRASS)
    factor[from_crop] = 1 / cultivated[from_crop]
    factor[(new == cover.ARTIFICIAL) | (new == cover.OTHER)] = 0.1
    start = patches.year[there.row]
    stocks = [1 + (factor - 1) * np.clip(year - start + 1, 0, STEPS_OF_CARBON) / STEPS_OF_CARBON for year in years]
    return np.asarray(stocks[1] / stocks[0] - 1, np.float32)


def _breaks(here: scene.Scene, years: tuple[int, int]) -> tuple[NDArray[np.int16], Floats]:
    there, patches = here.planted, here.planted.patches
    inside = patches.sudden & (patches.year > years[0]) & (patches.year <= years[1])
    year = np.where(inside, patches.year, 0).astype(np.int16)[there.row]
    if here.world.changes is not None:
        return year, _drops(here, year)
    before, after = here.season_ndvi(years[0] + 0.5), here.season_ndvi(years[1] + 0.5)
    # a sudden change is the whole change of its place
    size = np.where(year > 0, after / np.where(before == 0, 1, before) - 1, 0)
    return year, np.asarray(size, np.float32)


def _drops(here: scene.Scene, year: NDArray[np.int16]) -> Floats:
    """Growing-season NDVI gained or lost at the moment of the break in a year (0: none), as a fraction."""
    size = np.zeros(year.shape, np.float32)
    for each in np.unique(year[year > 0]):
        moment = float(each) + SEASON_START
        before, after = here.season_ndvi(moment - AN_HOUR), here.season_ndvi(moment + AN_HOUR)
        size = np.where(year == each, after / np.where(before == 0, 1, before) - 1, size)
    return np.asarray(size, np.float32)


def _coords(grid: GeoBox) -> dict[str, tuple[str, NDArray[np.float64]]]:
    affine = grid.affine
    y = affine.f + affine.e * (np.arange(grid.shape[0]) + 0.5)
    x = affine.c + affine.a * (np.arange(grid.shape[1]) + 0.5)
    return {"y": ("y", y), "x": ("x", x)}
