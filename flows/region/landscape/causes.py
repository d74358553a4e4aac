"""The causes of degraded patches as the product finds them in a simulated region, beside the planted ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from shapely.ops import unary_union

from flows.region.causes.found_patches import found_patches
from flows.region.causes.gathering import Drivers, gather
from flows.region.causes.judging import verdicts
from flows.region.landscape.cubes import Place, known, stored
from flows.region.landscape.published import published
from indicators.causes.drivers import SEVERAL, UNDETERMINED
from offline.landscape import of_geobox, truth
from offline.landscape.drivers.mines import outlines
from offline.landscape.world import world
from offline.sources.simulated import derived, drivers, water
from regions.grid import geobox
from series.cubes.layout import CubeAxis
from series.cubes.stored import look
from series.pressures import CELL_DRIVERS
from series.pressures.catalogue import SHEEP_UNITS

if TYPE_CHECKING:
    from collections.abc import Callable

    import xarray as xr
    from shapely.geometry.base import BaseGeometry

    from flows.region.causes.found_patches import FoundPatches
    from offline.landscape import Scene
    from series.cubes.stored import CubeFile
    from series.pressures import CellDriver

#: The method whose map is attributed.
PROFILE = "ne-asia-2"
#: Part of the truly lost land of a patch from which a cause is that of the patch, and from which there are several.
MOST, SECOND = 0.6, 0.25
#: Part of a patch that must truly be lost for its loss to be real.
REAL = 0.2
DEGREE_KM = 111.32


def scored_patches(place: Place) -> pd.DataFrame:
    """The table of patches of a region of one landscape, with `truth` and `true_year` of each."""
    with TemporaryDirectory(dir=place.folder) as folder, published(place, [PROFILE]) as found:
        work, job = found.work, found.work.job
        profile = job.profiles[0]
        classes = found.layers[PROFILE]["sdg"].values[0]
        patches = found_patches(classes)
        read = Drivers(driver_cubes(replace(place, folder=Path(folder))), mines_of(place))
        table = verdicts(patches, gather(work, profile, patches, read), job.grid.y, job.grid.x, {})
        planted = truth(geobox(place.region, job.grid.cell_degrees), place.years, place.seed, world=place.world)
    return with_truth(table, patches, planted).assign(region=place.region.id, seed=place.seed, world=place.world)


def driver_cubes(place: Place) -> dict[str, CubeFile]:
    """The cubes of drivers straight from the landscape, at the centres of their cells."""
    return {each.name: look(driver_cube(place, each)) for each in CELL_DRIVERS}


def driver_cube(place: Place, driver: CellDriver) -> Path:
    """One of them."""
    cell = driver.cell(place.cell)
    grid = geobox(place.region, cell)
    scene = of_geobox(grid, place.seed, world=place.world)
    years = driver.source.within(range(place.years[0], place.years[1] + 1))
    values = np.stack([FIELDS[driver.name](scene, year) for year in years])
    return stored(place, driver.name, driver.dataset(cell), grid, CubeAxis.of("year", years), values)


def herd(scene: Scene, year: int) -> np.ndarray:
    """Sheep units in a square kilometre, as the product counts them."""
    species = {"herd_horses": "horse", "herd_goats": "goat"}
    km2 = (DEGREE_KM / 120) ** 2 * np.cos(np.radians(scene.points.lat))
    heads = {
        name: drivers.heads(species.get(name, name.removeprefix("herd_")))(scene, date(year, 1, 1))
        for name, _ in SHEEP_UNITS
    }
    return sum(known(heads[name]) * weight for name, weight in SHEEP_UNITS) / km2


def burned(scene: Scene, year: int) -> np.ndarray:
    """1 where a month of the year has a fire, else 0."""
    return np.max([water.burn_day(scene, date(year, month, 1))[1] for month in range(1, 13)], axis=0).astype(float)


def open_water(scene: Scene, year: int) -> np.ndarray:
    """1 where there is permanent water, else 0."""
    values, valid = water.water_class_and_ponds(scene, date(year, 1, 1))
    return np.where(valid, values == 3, np.nan)


def night_lights(scene: Scene, year: int) -> np.ndarray:
    """Light at night."""
    return known(derived.night_lights(scene, date(year, 1, 1)))


FIELDS: dict[str, Callable[[Scene, int], np.ndarray]] = {
    "herd_sheep_units": herd, "burned": burned, "open_water": open_water, "night_lights": night_lights,
}  # fmt: skip


def mines_of(place: Place) -> BaseGeometry | None:
    """The outlines of mines that the map of mines has, as far as they meet the region."""
    found = [outline for outline, _ in outlines(place.seed, "practices", world(place.world))]
    near = [each for each in found if each.intersects(place.region.geometry)]
    return unary_union(near) if near else None


def with_truth(table: pd.DataFrame, patches: FoundPatches, planted: xr.Dataset) -> pd.DataFrame:
    """The patches with the planted cause of each: `several` where two share it, `none` where nothing is lost."""
    causes = np.array(planted["cause"].attrs["flag_meanings"].split())
    numbers, cause = patches.numbers, planted["cause"].values
    lost = (planted["productivity"].values < 0) | (planted["land_cover"].values < 0)
    rows = []
    for number in table["patch"]:
        inside = numbers == number
        own = np.bincount(cause[inside & lost], minlength=len(causes))
        share = own / max(own.sum(), 1)
        best = int(share.argmax())
        name = str(causes[best])
        if own.sum() < REAL * inside.sum():
            name = "none"
        elif share[best] < MOST:
            name = SEVERAL if np.sort(share)[-2] >= SECOND else UNDETERMINED
        years = planted["cause_year"].values[inside & lost & (cause == best)]
        rows.append((name, float(np.median(years)) if years.size else np.nan, own.sum() / inside.sum()))
    found = pd.DataFrame(rows, index=table.index, columns=["truth", "true_year", "truly_lost"])
    return pd.concat([table, found], axis=1)
