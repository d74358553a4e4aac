"""One record of two sensors through the whole line: joined cube, error, seams, and what every output says of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio
from shapely import box

from flows.errors import FlowError
from flows.pull.latest import Settled, settled
from flows.pull.pulled import Pulled
from flows.pull.region import pull_region
from flows.pull.sources import Landscape, OpenSource, choose_datasets, local
from flows.region.files.publish import publish_region
from flows.region.record import joined_record
from flows.region.result import RegionResult
from flows.region.results import compute_profiles
from flows.region.seams import sensor_sentence
from flows.report import Outcome, markdown_report
from flows.request.assess import AssessRequest
from offline.landscape import world as named
from offline.landscape.world import World
from offline.protocol.server import serve
from offline.sources.simulated.source import SimulatedSource
from practices.database.open import open_database
from practices.report.brief import render
from regions.model import Region
from series.cubes.stored import look, open_cube
from series.service.earth_engine import connect

#: Inside a small region of the catalogue, which is its reference: that of an own region elsewhere is 200 km wide.
HERE = Region(id="here", name="Here", countries=("CHN",), geometry=box(129.14, 35.97, 129.34, 36.1), source="test")
TODAY = date(2028, 3, 15)
FIRST, LAST_OF_MODIS, LAST = 2009, 2025, 2027


@dataclass(frozen=True)
class Line:
    """A run of one region: what was asked, pulled, joined, and found."""

    settled: Settled
    pulled: Pulled
    joined: Pulled
    result: RegionResult


def drifting() -> World:
    """The world `real`, whose Terra loses 1 % of its NDVI for each hour that it crosses the equator earlier."""
    real = named("real")
    return replace(real, sensor=replace(real.sensor, orbit_drift=-0.01))


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Line:
    request = AssessRequest(
        regions=("here",), years="2009-latest", resolution=1 / 240, permutations=19, pixel_breaks=False,
        data=tmp_path_factory.mktemp("data"),
    )  # type: ignore[arg-type]  # fmt: skip
    with serve(SimulatedSource(world=drifting(), today=TODAY)) as server:
        connect(local(server.url))
        where = Landscape("real", 0, TODAY)
        source = OpenSource("simulated", choose_datasets(None, {}), server, "drifting", landscape=where, today=TODAY)
        years = settled(request, source)
        pulled = pull_region(HERE, years.request, years.source)
    joined = joined_record(pulled, years.request)
    (result,) = compute_profiles(HERE, joined, years.request, "simulated")
    publish_region(HERE, result, joined, years.request)
    return Line(years, pulled, joined, result)


def test_every_year_names_its_sensor(line: Line) -> None:
    cube = look(line.joined.cubes["productivity"])
    sensors = json.loads(cube.attrs["sensors"])
    assert list(sensors) == [str(year) for year in range(FIRST, LAST + 1)]
    # Terra drifts from 2020 on: its years from then on are those of VIIRS, although it goes on to 2025
    assert [sensors[str(FIRST)], sensors["2019"], sensors["2020"], sensors[str(LAST)]] == [
        "MODIS Terra", "MODIS Terra", "VIIRS S-NPP", "VIIRS S-NPP",
    ]  # fmt: skip
    assert sensor_sentence(cube).startswith(
        "Vegetation: MODIS Terra 2009–2019, VIIRS S-NPP 2020–2027, joined; error of"
    )


def test_the_joined_record_is_modis_where_it_stands_and_near_it_where_it_does_not(line: Line) -> None:
    """VIIRS alone is 0.02 to 0.05 off; converted, it differs from MODIS by the drift and the error of the join."""
    record, modis = (open_cube(each.cubes["productivity"]) for each in (line.joined, line.pulled))
    viirs = open_cube(line.pulled.converted["season_mean"])
    kept = modis.sel(year=slice(FIRST, 2019))
    np.testing.assert_array_equal(record.sel(year=kept["year"]).values, kept.values)
    both = slice(2020, LAST_OF_MODIS)

    def apart(each: object) -> np.ndarray:
        return np.asarray((each - modis).sel(year=both).mean(("y", "x")))  # type: ignore[operator]

    error = look(line.joined.cubes["productivity"]).attrs["join_error"]
    drift = 0.01 * 2.0 * float(modis.sel(year=both).mean())  # at most two hours earlier in these years
    assert np.abs(apart(record)).max() < 2 * error + drift
    assert np.abs(apart(viirs)).min() > np.abs(apart(record)).max()


def test_the_error_of_the_join_grows_with_the_years_after_the_overlap(line: Line) -> None:
    covariance = np.array(json.loads(look(line.joined.cubes["productivity"]).attrs["join_covariance"]))
    variance = np.diag(covariance)
    assert (variance[:11] == 0).all()
    assert (variance[11:] > 0).all()
    assert variance[-1] >= variance[11]
    np.testing.assert_allclose(covariance, covariance.T)


def test_trend_and_seam_are_published_with_the_error_of_the_join(line: Line) -> None:
    rows = pd.read_csv(line.result.folder / "statistics.csv").set_index("name")
    trend, seam = rows.loc["joined_trend"], rows.loc["seam_2020"]
    assert trend["low"] < trend["value"] < trend["high"]
    assert trend["low"] < line.result.trend_percent_decade < trend["high"]
    assert "MODIS Terra and VIIRS S-NPP" in trend["note"]
    assert seam["p"] > 0.05
    assert "no break at 2020" in seam["note"]


def test_land_cover_stands_for_the_years_after_its_end(line: Line) -> None:
    (name,) = (each for each in line.result.left_out if each.startswith("land_cover"))
    assert name == "land_cover after 2025"
    assert "the map of 2025 stands for later years" in line.result.left_out[name]
    assert line.result.area_km2["undetermined"] == 0
    with rasterio.open(line.result.folder / f"{FIRST}-{LAST}-land_cover.tif") as file:
        assert (file.read(1) >= -1).any()


def test_all_outputs_say_it(line: Line) -> None:
    sentence = line.result.sensors
    outcome = Outcome((line.result,), stale=line.settled.stale)
    report = markdown_report(line.settled.request, outcome)
    assert sentence in report
    assert "has ended: its last image begins on 2026-10-16" in report
    engine = open_database(line.settled.request.database_url)
    try:
        assert sentence in render(engine, "here")
    finally:
        engine.dispose()
    with rasterio.open(line.result.folder / f"{FIRST}-{LAST}-sdg.tif") as file:
        assert "NASA/VIIRS/002/VNP13A1" in file.tags()["source"]


def test_sensors_that_do_not_agree_are_not_joined(line: Line, tmp_path: Path) -> None:
    """Two years of overlap are too few: the run says which sensor to take instead."""
    short = {kind: tmp_path / f"{kind}-short.zarr" for kind, path in line.pulled.converted.items()}
    for kind, path in line.pulled.converted.items():
        cut(path, short[kind], 2018)
    pulled = replace(line.pulled, converted=short)
    with pytest.raises(FlowError, match=r"cannot be joined on most .*at least 5 are needed.*--sensor viirs"):
        joined_record(pulled, line.settled.request)


def cut(path: Path, target: Path, first: int) -> None:
    """A copy of a cube that begins with a later year."""
    import xarray as xr

    with xr.open_zarr(path, consolidated=False) as cube:
        own = path.name.rpartition("-")[0]
        cube = cube.rename({own: target.name.rpartition("-")[0]})
        cube.sel(year=slice(first, None)).load().drop_encoding().to_zarr(target, zarr_format=2)
