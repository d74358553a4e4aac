"""Cubes of drivers are what the landscape has: densities, shares, lights by year; a missing year has no values."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from shapely import Polygon, box

from offline.landscape import of_geobox
from offline.landscape.drivers import herds
from offline.protocol.server import Server, serve
from offline.sources.simulated import water
from offline.sources.simulated.drivers import JUMP
from offline.sources.simulated.source import SimulatedSource
from regions.grid import geobox
from series.cubes.naming import Cube
from series.cubes.pull import pull
from series.cubes.stored import open_cube
from series.pressures import CELL_DRIVERS, CellDriver
from series.pressures.catalogue import SHEEP_UNITS
from series.service.earth_engine import Connection, connect

BY_NAME = {each.name: each for each in CELL_DRIVERS}
AREA = box(107.9, 46, 108.2, 46.2)
#: Where something burns in some years.
BURNING = box(116.2, 48.2, 116.5, 48.4)


@pytest.fixture(scope="module", autouse=True)
def engine() -> Iterator[Server]:
    with serve(SimulatedSource(world="real")) as server:
        connect(Connection(url=server.url))
        yield server


def pulled(driver: CellDriver, years: range, cell: float, folder: Path, area: Polygon = AREA) -> xr.DataArray:
    cube = Cube(
        driver.stack(years, cell), driver.name, geobox(area, cell), driver.dataset(cell), folder, "simulated"
    )  # fmt: skip
    return open_cube(pull(cube))


def test_herds_are_sheep_units_in_a_square_kilometre_at_any_cell(tmp_path: Path) -> None:
    herd = BY_NAME["herd_sheep_units"]
    fine = pulled(herd, range(2008, 2012), herd.cell(1 / 480), tmp_path)
    coarse = pulled(herd, range(2008, 2012), herd.cell(0.05), tmp_path)
    assert fine.attrs["units"] == "km-2"
    scene = of_geobox(geobox(AREA, 1 / 120), world="real")
    names = {"herd_horses": "horse", "herd_goats": "goat", "herd_sheep": "sheep"}
    for year in (2008, 2011):
        heads = {name: names.get(name, name.removeprefix("herd_")) for name, _ in SHEEP_UNITS}
        true = sum(weight * herds.density(scene, heads[name], year) for name, weight in SHEEP_UNITS)
        np.testing.assert_allclose(fine.sel(year=year).values, JUMP * true, rtol=0.02)
        assert float(coarse.sel(year=year).mean()) == pytest.approx(float(fine.sel(year=year).mean()), rel=0.1)


def test_burned_land_is_a_share_of_the_cell(tmp_path: Path) -> None:
    fire = BY_NAME["burned"]
    years = range(2012, 2015)
    found = pulled(fire, years, fire.cell(0.05), tmp_path, BURNING)
    assert float(found.min()) == 0
    assert float(found.max()) <= 1
    scene = of_geobox(geobox(BURNING, 1 / 240), world="real")
    months = [[water.burn_day(scene, date(year, month, 1))[1] for month in range(1, 13)] for year in years]
    true = np.array([np.max(of_year, axis=0).mean() for of_year in months])
    assert true.max() > 0.05
    np.testing.assert_allclose(found.mean(("y", "x")).values, true, atol=0.02)


def test_water_and_lights_end_with_their_assets(tmp_path: Path) -> None:
    pond, lamp = BY_NAME["open_water"], BY_NAME["night_lights"]
    assert pond.source.within(range(2018, 2025)) == [2018, 2019, 2020, 2021]
    assert lamp.source.within(range(2010, 2015)) == [2013, 2014]
    found = pulled(pond, range(2018, 2022), pond.cell(1 / 480), tmp_path)
    assert set(np.unique(found.values)) <= {0.0, 1.0}
    light = pulled(lamp, range(2013, 2015), lamp.cell(1 / 480), tmp_path)
    assert (light.values >= 0).all()
    assert light.attrs["cell_degrees"] == pytest.approx(1 / 120)


def test_a_year_that_is_not_published_yet_has_no_values(tmp_path: Path) -> None:
    late = BY_NAME["burned"].stack(range(2024, 2027), 1 / 120)
    grid = geobox(AREA, 1 / 120)
    cube = Cube(late, "burned", grid, BY_NAME["burned"].dataset(1 / 120), tmp_path, "simulated")
    found = open_cube(pull(cube))
    assert found.sel(year=2024).notnull().all()
    assert found.sel(year=2026).isnull().all()
