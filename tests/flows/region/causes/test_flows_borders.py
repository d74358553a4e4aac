"""A product that follows national totals jumps at a border: reported as an artefact, and no patch is blamed for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import zarr
from made_cubes import CELL, YEARS, made, region, write_cube
from shapely import box
from shapely.geometry import mapping

from flows.pull.areas.steps import areas_wanted
from flows.pull.pulled import Pulled
from flows.region.causes.borders import border_statistics, countries_of, country_at
from flows.region.results import compute_profiles
from flows.request.assess import AssessRequest
from offline.protocol.server import serve
from offline.sources.simulated.source import SimulatedSource
from practices.report.drivers.table import border_notes
from regions.grid import geobox
from regions.model import Region
from series.areas import AREAS, requested, write_areas
from series.cubes.naming import Cube
from series.cubes.pull import pull
from series.pressures import CELL_DRIVERS
from series.service.earth_engine import Connection, connect

HERE = region(40, 50, "divided")
COUNTRIES = next(each for each in AREAS if each.key == "countries")
#: The border is a meridian: 25 columns on either side.
BORDER = 25
LINE = 110.0 + BORDER * CELL
#: Rows and columns of land that lost productivity in 2013, east of the border.
LOST = np.s_[3:13, 30:40]


def outlined(path: Path) -> Path:
    """Two countries, one of them in two parts."""
    parts = {"Westland": (box(100, 40, LINE, 44.3), box(100, 44.3, LINE, 50)), "Eastland": (box(LINE, 40, 120, 50),)}
    features = [
        {"type": "Feature", "properties": {"country_na": name, "country_co": name[:2]}, "geometry": mapping(part)}
        for name, own in parts.items()
        for part in own
    ]
    write_areas(path, COUNTRIES, features, HERE.geometry)
    return path


@pytest.fixture(scope="module")
def pulled(tmp_path_factory: pytest.TempPathFactory) -> Pulled:
    store = tmp_path_factory.mktemp("cubes")
    found = made(store, HERE)
    rng = np.random.default_rng(3)
    shape = (24, *geobox(HERE, CELL).shape)
    green = 0.3 * np.exp(rng.normal(0, 0.08, 24))[:, None, None] * np.exp(0.03 * rng.standard_normal(shape))
    green[(np.array(YEARS) >= 2013, *LOST)] *= 0.55
    for path, values in ((found.productivity["season_mean"], green), (found.productivity["maximum"], 1.3 * green)):
        zarr.open_array(path / path.name.rsplit("-", 1)[0], mode="r+")[...] = values
    zarr.open_array(found.cubes["land_cover"] / "land_cover", mode="r+")[...] = 10.0
    return replace(found, areas={"countries": outlined(store / "countries.geojson")})


def herds(store: Path, jump: float, since: int) -> dict[str, Path]:
    """Herds that the product multiplies east of the border from a year on; no years after 2022."""
    grid = geobox(HERE, CELL)
    values = 20 * np.exp(0.1 * np.random.default_rng(4).standard_normal((24, *grid.shape)))
    years = np.array(YEARS)
    values[years >= since, :, BORDER:] *= jump
    values[years > 2022] = np.nan
    return {"herd_sheep_units": write_cube(store, "herd_sheep_units/a", grid, values, "km-2")}


def test_a_jump_is_an_artefact_with_its_size(pulled: Pulled, tmp_path: Path) -> None:
    found = border_statistics(HERE, replace(pulled, drivers=herds(tmp_path, 1.5, 2001)), "2001-2024")
    (row,) = found.to_dict("records")
    assert row["name"] == "border_jump_herd_sheep_units_eastland_westland"
    assert row["low"] <= 1 / 1.5 <= row["high"]
    assert row["high"] - row["low"] < 0.1
    assert "Herds, Westland over Eastland. A jump at the border" in row["note"]
    assert "an artefact of the product and no finding" in row["note"]


def test_without_a_jump_none_is_found(pulled: Pulled, tmp_path: Path) -> None:
    (row,) = border_statistics(HERE, replace(pulled, drivers=herds(tmp_path, 1.0, 2001)), "whole").to_dict("records")
    assert row["low"] < 1 < row["high"]
    assert "No jump at the border" in row["note"]


def test_nothing_is_tested_without_land_on_both_sides_without_outlines_or_without_herds(
    pulled: Pulled, tmp_path: Path
) -> None:
    drivers = herds(tmp_path, 1.5, 2001)
    west, south, _, north = HERE.geometry.bounds
    strip = HERE.model_copy(update={"geometry": box(west, south, LINE + 3 * CELL, north)})
    (row,) = border_statistics(strip, replace(pulled, drivers=drivers), "whole").to_dict("records")
    assert row["value"] is None
    assert row["note"].endswith("were not tested for a jump: too little land on one side")
    one = HERE.model_copy(update={"geometry": box(west, south, LINE - 3 * CELL, north)})
    assert border_statistics(one, replace(pulled, drivers=drivers), "whole").empty
    assert border_statistics(HERE, replace(pulled, drivers=drivers, areas={}), "whole").empty
    assert border_statistics(HERE, pulled, "whole").empty


def test_parts_of_a_country_are_one_and_points_have_their_country(pulled: Pulled) -> None:
    land = countries_of(pulled)
    assert list(land) == ["Eastland", "Westland"]
    lon, lat = np.array([105.0, 105.0, 119.0, 130.0]), np.array([44.1, 44.9, 45.0, 45.0])
    assert country_at(lat, lon, land).tolist() == [2, 2, 1, 0]
    assert country_at(lat, lon, {}).tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("since", [2001, 2012])
def test_a_jump_that_comes_with_the_loss_blames_no_herders(pulled: Pulled, tmp_path: Path, since: int) -> None:
    request = AssessRequest.model_validate(
        {"regions": (HERE.id,), "data": tmp_path, "permutations": 19, "pixel_breaks": False, "workers": 1}
    )
    with_herds = replace(pulled, drivers=herds(tmp_path, 1.6, since))
    result = compute_profiles(HERE, with_herds, request, "simulated")[0]
    (patch,) = pd.read_csv(result.folder / "patches.csv").to_dict("records")
    assert patch["year"] == 2013
    assert patch["verdict"] == "cannot be determined"
    statistics = pd.read_csv(result.folder / "statistics.csv")
    (note,) = border_notes(list(statistics.itertuples()))
    assert "an artefact of the product" in note
    if since == 2012:
        assert "It is not the same in every year" in note


def test_outlines_of_countries_are_read_where_a_region_may_lie_in_several() -> None:
    here = {"id": "a", "name": "A", "geometry": box(0, 0, 1, 1), "source": "test"}
    for countries, expected in (((), True), (("MNG", "CHN"), True), (("MNG",), False)):
        wanted = areas_wanted(Region(**here, countries=countries), AssessRequest())
        assert ("countries" in [each.key for each in wanted]) is expected
    unknown = Region(**here)
    assert "countries" not in [each.key for each in areas_wanted(unknown, AssessRequest(patches=False))]


@pytest.fixture(scope="module")
def connected() -> Iterator[None]:
    with serve(SimulatedSource()) as server:
        connect(Connection(url=server.url, pace=0.0005))
        yield


@pytest.mark.usefixtures("connected")
def test_the_jump_of_the_simulated_herds_at_the_border_of_mongolia_is_found(tmp_path: Path) -> None:
    """Straight from the engine: herds as a run reads them, countries from their table."""
    where = Region(id="gobi-border", name="Border", geometry=box(106.5, 41.6, 108.0, 42.9), source="test")
    path = tmp_path / "countries.geojson"
    write_areas(path, COUNTRIES, requested(COUNTRIES, where.geometry), where.geometry)
    driver = next(each for each in CELL_DRIVERS if each.name == "herd_sheep_units")
    cell = driver.cell(1 / 60)
    stack, grid = driver.stack(range(2004, 2010), cell), geobox(where.geometry, cell)
    cube = Cube(stack, driver.name, grid, driver.dataset(cell), tmp_path, "simulated")
    herd = {driver.name: pull(cube)}
    found = border_statistics(where, Pulled({}, {}, None, drivers=herd, areas={"countries": path}), "all")
    (row,) = found.to_dict("records")
    assert row["name"] == "border_jump_herd_sheep_units_china_mongolia"
    assert row["low"] <= 1.5 <= row["high"]
    assert "an artefact of the product" in row["note"]
