"""Composites and cubes through the real client on the simulated landscape, faults included."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from odc.geo.geobox import GeoBox
from shapely import Polygon, box

from indicators.area.areas import cell_area
from offline.protocol.server import Server, serve
from offline.sources.simulated.source import SimulatedSource
from regions.grid import coverage, geobox
from series.composites import annual, season_bounds
from series.cubes.naming import Cube
from series.cubes.pull import pull
from series.cubes.stored import open_cube
from series.datasets import DATASETS, DEFAULTS, load, require_years
from series.errors import BadCatalogue, CorruptCube, EngineUnreachable, OutsideDataset, RequestFailed
from series.pressures import PRESSURES, yearly
from series.service.earth_engine import Connection, absence, call, connect
from series.tables import monthly

AREA = box(112, 43, 112.4, 43.3)
NDVI = DATASETS["mod13q1-ndvi"]
YEARS = (2010, 2011, 2012)
ONE = range(2005, 2006)


@pytest.fixture(scope="module")
def engine() -> Iterator[Server]:
    with serve(SimulatedSource()) as server:
        connect(Connection(url=server.url))
        yield server


def cube(store: Path, key: str = "mod13q1-ndvi", cell: float = 1 / 60) -> Path:
    dataset = DATASETS[key]
    grid: GeoBox = geobox(AREA, max(cell, dataset.resolution))
    return pull(Cube(annual(dataset, YEARS, (5, 9)), dataset.variable, grid, dataset, store, "simulated"))


def test_seasons_over_new_year_belong_to_the_year_they_end_in() -> None:
    assert [day.isoformat() for day in season_bounds(2010, (5, 9))] == ["2010-05-01", "2010-10-01"]
    assert [day.isoformat() for day in season_bounds(2010, (10, 4))] == ["2009-10-01", "2010-05-01"]
    assert [day.isoformat() for day in season_bounds(2010, (11, 12))] == ["2010-11-01", "2011-01-01"]


def test_defaults_name_data_sets_of_their_variable() -> None:
    assert all(DATASETS[key].variable == variable for variable, key in DEFAULTS.items())


def test_years_that_a_data_set_lacks_are_refused_with_the_mend() -> None:
    with pytest.raises(OutsideDataset, match=r"Region ordos: no land cover .* covers 2001-2024. Use --years 2001-2024"):
        require_years(DATASETS["mcd12q1-igbp"], 2001, 2026, region="ordos")


def test_own_catalogue_is_read_strictly(tmp_path: Path) -> None:
    (tmp_path / "catalog.json").write_text('{"datasets": [{"key": "a", "variable": "productivity"}]}')
    with pytest.raises(BadCatalogue, match="entry 1: asset"):
        load(tmp_path / "catalog.json")


def test_growing_season_mean_equals_numpy_over_the_same_composites(engine: Server, tmp_path: Path) -> None:
    """Weights are the days of each composite inside May to September; 60 % of the days must be good."""
    import datetime as dt

    source = SimulatedSource()
    collection = source.get("MODIS/061/MOD13Q1")
    grid = geobox(AREA, 1 / 60)
    start, end = dt.datetime(2011, 5, 1, tzinfo=dt.UTC), dt.datetime(2011, 10, 1, tzinfo=dt.UTC)
    total, weight = np.zeros(tuple(grid.shape)), np.zeros(tuple(grid.shape))
    for image in collection.images:  # type: ignore[union-attr]
        begin = dt.datetime.fromtimestamp(image.properties["system:time_start"] / 1000, dt.UTC)
        days = (min(begin + dt.timedelta(days=16), end) - max(begin, start)).total_seconds() / 86400
        if days > 0:
            ndvi, mask = image.read("NDVI", grid, "nearest")
            good = (mask > 0) & (image.read("SummaryQA", grid, "nearest")[0] <= 1)
            total += np.where(good, ndvi * 1e-4 * days, 0)
            weight += np.where(good, days, 0)
    expected = np.where(weight >= 0.6 * 153, total / np.maximum(weight, 1), np.nan)
    found = open_cube(cube(tmp_path)).sel(year=2011)
    np.testing.assert_allclose(found, expected, atol=2.1e-5)  # half a step of the packing


def test_a_second_pull_asks_nothing_and_gives_the_same_cube(engine: Server, tmp_path: Path) -> None:
    first = cube(tmp_path, "era5-land-precipitation")
    before = len(engine.requests)
    assert cube(tmp_path, "era5-land-precipitation") == first
    assert len(engine.requests) == before


def test_a_new_version_of_the_package_reads_the_same_cubes(
    engine: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = cube(tmp_path, "era5-land-precipitation")
    before = len(engine.requests)
    newer = tmp_path / "drylands-99.0.0.dist-info"
    newer.mkdir()
    (newer / "METADATA").write_text("Metadata-Version: 2.1\nName: drylands\nVersion: 99.0.0\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert version("drylands") == "99.0.0"
    assert cube(tmp_path, "era5-land-precipitation") == first
    assert len(engine.requests) == before


def test_of_several_that_want_one_cube_one_pulls_it(engine: Server, tmp_path: Path) -> None:
    before = len(engine.requests)
    alone = cube(tmp_path / "alone", "era5-land-precipitation")
    needed = len(engine.requests) - before
    with ThreadPoolExecutor(4) as threads:
        paths = list(threads.map(lambda _: cube(tmp_path / "shared", "era5-land-precipitation"), range(4)))
    assert len(engine.requests) - before == 2 * needed
    assert len(set(paths)) == 1
    np.testing.assert_array_equal(open_cube(paths[0]), open_cube(alone))


def test_a_fault_of_the_program_is_not_tried_again(engine: Server) -> None:
    tried = []

    def broken() -> None:
        tried.append(1)
        raise AttributeError("no such attribute")

    with pytest.raises(AttributeError):
        call(broken)
    assert len(tried) == 1


@pytest.mark.parametrize("fault", ["quota", "internal", "truncated", "memory"])
def test_faults_are_survived_and_change_nothing(engine: Server, tmp_path: Path, fault: str) -> None:
    calm = open_cube(cube(tmp_path / "calm"))
    engine.inject(fault, kind="pixels")
    np.testing.assert_array_equal(open_cube(cube(tmp_path / "rough")), calm)


def test_the_callers_fault_is_tried_once(engine: Server) -> None:
    import ee

    before = len(engine.requests)
    with pytest.raises(RequestFailed, match="not found"):
        call(lambda: ee.Image("no/such/asset").getInfo())
    assert len(engine.requests) == before + 1
    assert absence("no/such/asset") == "no/such/asset does not exist, or this account may not read it"
    assert absence("MODIS/061/MOD13Q1") == ""


def test_damaged_cubes_are_named_with_the_mend(engine: Server, tmp_path: Path) -> None:
    path = cube(tmp_path, "mcd12q1-igbp")
    (path / ".zattrs").write_text("{")
    with pytest.raises(CorruptCube, match="delete it and run the same command again"):
        open_cube(path)


def test_monthly_series_of_a_region(engine: Server) -> None:
    table = monthly({"here": AREA}, DATASETS["era5-land-precipitation"], range(2010, 2012))
    assert len(table) == 24
    wet = table.groupby(table["month"].dt.month)["value"].mean()
    assert wet[7] > 5 * wet[1] > 0


def test_months_of_many_years_come_in_one_request_and_wind_is_the_length_of_a_vector(engine: Server) -> None:
    before = len(engine.requests)
    table = monthly({"here": AREA}, DATASETS["era5-land-wind"], range(2001, 2012))
    assert len(table) == 132
    assert len(engine.requests) - before == 1
    u, v = (
        monthly({"here": AREA}, DATASETS["era5-land-wind"].model_copy(update={"band": band, "across": None}), ONE)
        for band in ("u_component_of_wind_10m", "v_component_of_wind_10m")
    )
    # the direction of the simulated wind does not change, so that means and lengths may change places
    expected = np.hypot(u["value"], v["value"])
    here = table[table["month"].dt.year == ONE.start]["value"]
    np.testing.assert_allclose(here, expected, rtol=1e-5)
    assert set(table["units"]) == {"m s-1"}


def pressures(outlines: dict[str, Polygon], years: range) -> pd.DataFrame:
    """All pressures that the landscape has."""
    tables = [yearly(each, outlines, years) for each in PRESSURES if each.within(years)]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def test_pressures_are_the_areas_that_the_cells_add_up_to(engine: Server, tmp_path: Path) -> None:
    found = pressures({"here": AREA}, range(2010, 2013))
    cover = open_cube(cube(tmp_path, "mcd12q1-igbp", 1 / 240))
    share = coverage(AREA, geobox(AREA, 1 / 240)).assign_coords(y=cover["y"], x=cover["x"])
    weight = share * cell_area(cover)
    for name, classes in (("cropland", (12, 14)), ("built_up", (13,)), ("open_water", (17,))):
        expected = weight.where(cover.isin(classes), 0).sum(("y", "x"))
        chosen = found[found["variable"] == f"{name}_annual"]
        np.testing.assert_allclose(chosen["value"], expected, rtol=2e-3, atol=0.01)
        assert chosen["month"].dt.year.tolist() == [2010, 2011, 2012]


def test_a_pressure_of_a_single_year_keeps_its_value(engine: Server) -> None:
    several, one = pressures({"here": AREA}, range(2013, 2015)), pressures({"here": AREA}, range(2013, 2014))
    assert "night_lights_annual" in set(one["variable"])
    both = several[several["month"].dt.year == 2013].merge(one, on=["region", "variable", "month"])
    np.testing.assert_array_equal(both["value_x"], both["value_y"])
    assert pressures({"here": AREA}, range(1970, 1972)).empty


def test_a_year_of_lights_that_is_not_published_leaves_the_others(engine: Server) -> None:
    lights = next(each for each in PRESSURES if each.name == "night_lights")
    found = yearly(lights, {"here": AREA}, range(2023, 2027))
    assert found["month"].dt.year.tolist() == [2023, 2024]


def test_an_engine_that_does_not_answer(tmp_path: Path) -> None:
    with pytest.raises(EngineUnreachable, match="does not answer"):
        connect(Connection(url="http://127.0.0.1:9"))
