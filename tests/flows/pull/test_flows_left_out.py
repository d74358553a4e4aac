"""A side variable that the service refuses is left out and named; only vegetation is required."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from shutil import copytree

import pandas as pd
import pytest
from shapely import box
from sqlalchemy import select

from flows.errors import MissingProductivity
from flows.pull.areas.steps import areas_wanted
from flows.pull.beside import LONG_NAME, RAIN
from flows.pull.left_out import CONSEQUENCES, left_out_lines
from flows.pull.region import MONTHS_ONLY, SERIES_ONLY, available_of, pull_region, steps_of, used
from flows.pull.sources import OpenSource, opened
from flows.pull.tables import MONTHLY, pressures_due
from flows.region.files.publish import publish_region
from flows.region.result import RegionResult
from flows.region.results import compute_profiles
from flows.report import Outcome, markdown_report
from flows.request.assess import AssessRequest
from practices.database.open import open_database
from practices.exports.content import content
from practices.models.runs import Run
from regions.model import Region
from series.datasets import DATASETS, DEFAULTS, RAIN_PRODUCTS
from series.errors import QuotaUsedUp, Unavailable
from series.memory import RunMemory
from series.service.earth_engine import Connection, connect

REGION = Region(id="here", name="Here", countries=("CHN",), geometry=box(112, 43, 112.6, 43.4), source="test")


@pytest.fixture(scope="module")
def source() -> Iterator[OpenSource]:
    with opened("simulated", None, {}) as found:
        assert found.server is not None
        connect(Connection(url=found.server.url, pace=0.0005))
        yield found


def asked(folder: Path) -> AssessRequest:
    return AssessRequest(
        regions=("here",), data=folder, resolution=1 / 20, years=(2010, 2015), permutations=19, pixel_breaks=False
    )


@pytest.fixture(scope="module")
def filled(source: OpenSource, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which all data of the region are stored."""
    folder = tmp_path_factory.mktemp("filled")
    assert pull_region(REGION, asked(folder), fresh(source)).left_out == {}
    return folder


def fresh(source: OpenSource) -> OpenSource:
    """The source as a run finds it: nothing is known yet of what it serves."""
    assert source.server is not None
    source.server.faults.clear()
    connect(Connection(url=source.server.url, pace=0.0005))
    return replace(source, memory=RunMemory())


def test_what_is_refused_is_left_out_and_the_region_published(source: OpenSource, filled: Path, tmp_path: Path) -> None:
    """An asset that this account may not read any more, and bands that are not there."""
    copytree(filled, tmp_path, dirs_exist_ok=True)
    found = fresh(source)
    wrong = DATASETS["ipcc-climate-zones"].model_copy(update={"band": "y2020", "first_year": 2020, "last_year": 2020})
    gone = found.datasets["potential_evapotranspiration"].model_copy(update={"asset": "ECMWF/ERA5_LAND/NOT_THERE"})
    found = replace(found, datasets={**found.datasets, "climate_zone": wrong, "potential_evapotranspiration": gone})
    assert found.server is not None
    found.server.inject("denied", 1000, kind="asset", path="GHS_POP")
    request = asked(tmp_path)
    pulled = pull_region(REGION, request, found)
    assert set(pulled.left_out) == {"population", "climate_zone", "potential_evapotranspiration"}
    assert pulled.left_out["potential_evapotranspiration"].endswith("Without it, the SPEI is undetermined")
    assert pulled.rain_months is not None
    assert pulled.evaporation_months is None
    assert "Band pattern 'y2020' did not match any bands" in pulled.left_out["climate_zone"]
    denied = "has no permission to read JRC/GHSL/P2023A/GHS_POP/2020"
    assert denied in pulled.left_out["population"]
    assert "required permission). Without it, people on degraded land" in pulled.left_out["population"]
    result = compute_profiles(REGION, pulled, request, found.origin)[0]
    assert sum(result.area_km2.values()) > 1000
    assert result.left_out == pulled.left_out
    observed, prais = (pd.read_csv(result.folder / f"{name}.csv") for name in ("observations", "prais"))
    assert "spi_12" in set(observed["variable"])
    assert {"spei_12", "potential_evapotranspiration"}.isdisjoint(observed["variable"])
    assert "SO3-1.spei" not in set(prais["table"])
    publish_region(REGION, result, pulled, request)
    said = markdown_report(request, Outcome((result,)))
    assert "here: climate zone is left out: Earth Engine refused the request" in said
    engine = open_database(request.database_url)
    try:
        listed = content(engine)["runs"]["datasets"].item()
        with engine.connect() as connection:
            (graphs,) = connection.scalars(select(Run.graph_digest))
    finally:
        engine.dispose()
    path = result.folder / "summary.json"
    stored = json.loads(path.read_text(encoding="utf-8"))
    del stored["left_out"]  # as results of earlier versions are
    path.write_text(json.dumps(stored), encoding="utf-8")
    assert re.fullmatch("[0-9a-f]{64}", graphs)
    assert left_out_lines([RegionResult.read(result.folder)]) == []
    assert "population: left out: this account has no permission to read JRC/GHSL/P2023A/GHS_POP/2020" in listed
    assert "productivity: mod13c1-ndvi (MODIS/061/MOD13C1)" in listed


def test_a_table_that_stays_too_big_is_left_out_and_asked_again_next_time(source: OpenSource, tmp_path: Path) -> None:
    found, request = fresh(source), asked(tmp_path)
    assert found.server is not None
    found.server.inject("memory", 1000, kind="features")
    first = pull_region(REGION, request, found)
    # fewer years, then two sizes of tiles: each table is left out in the end, and no cube
    series = [f"monthly series of {name}" for name in MONTHLY]
    rain = [f"{RAIN} {each.key}" for each in RAIN_PRODUCTS if each.key != DEFAULTS["precipitation"]]
    due = [each.name for each in pressures_due(REGION, asked(tmp_path))]
    areas = [each.name for each in areas_wanted(REGION, asked(tmp_path))]
    refused = [*series, *(f"pressure {each}" for each in due), *areas, *rain]
    assert list(first.left_out) == refused
    assert first.monthly is None
    assert first.pressures is None
    found.server.faults.clear()
    again = pull_region(REGION, request, found)
    assert again.left_out == {}
    assert again.monthly is not None
    assert "productivity" in again.monthly.read_text(encoding="utf-8")


def test_evapotranspiration_is_left_out_with_monthly_rain(source: OpenSource, filled: Path, tmp_path: Path) -> None:
    """A band that is refused leaves out the SPEI alone; without rain by month nothing is pulled for it."""
    copytree(filled, tmp_path, dirs_exist_ok=True)
    found, request = fresh(source), asked(tmp_path)
    dewless = found.datasets["potential_evapotranspiration"].model_copy(update={"asset": "ECMWF/ERA5_LAND/DAILY_AGGR"})
    daily = replace(found, datasets={**found.datasets, "potential_evapotranspiration": dewless})
    pulled = pull_region(REGION, request, daily)
    assert set(pulled.left_out) == {"potential_evapotranspiration"}
    assert "did not match any bands" in pulled.left_out["potential_evapotranspiration"]
    assert "potential_evapotranspiration" not in pulled.datasets
    assert pulled.rain_months is not None
    yearly = found.datasets["precipitation"].model_copy(update={"cadence": "yearly"})
    steps = steps_of(REGION, request, {**found.datasets, "precipitation": yearly}, tmp_path, found)
    assert not {("rain months",), ("evapotranspiration months",)} & {step.key for step in steps}
    assert not used("potential_evapotranspiration", {("cube", "precipitation"): None})


def test_an_outage_or_a_quota_never_leaves_something_out(source: OpenSource, tmp_path: Path) -> None:
    """The region ends, and the next run continues where it stopped: a result must not depend on the hour."""
    found, request = fresh(source), asked(tmp_path)
    assert found.server is not None
    for fault, kind in (("eecu-month", QuotaUsedUp), ("capacity", Unavailable)):
        found.server.inject(fault, 5000, kind="pixels", skip=1)
        with pytest.raises(kind):
            pull_region(REGION, request, found)
        found.server.faults.clear()
    before = found.server.count("pixels")
    pulled = pull_region(REGION, request, found)
    assert pulled.left_out == {}
    assert found.server.count("pixels") > before


def test_vegetation_is_required(source: OpenSource, tmp_path: Path) -> None:
    found = fresh(source)
    assert found.server is not None
    found.server.inject("denied", 1000, kind="asset", path="MOD13")
    with pytest.raises(
        MissingProductivity,
        match="Region here: the productivity data set mod13q1-ndvi cannot be read: this account has no",
    ):
        pull_region(REGION, asked(tmp_path), found)


def test_a_data_set_that_does_not_reach_the_latitudes_of_a_region_is_left_out(source: OpenSource) -> None:
    """SRTM has no elevation north of 60° N; a region that it covers in part keeps it."""
    left_out: dict[str, str] = {}
    for south, lacking in ((59.5, set()), (60.0, {"elevation"})):
        north = Region(id="north", name="North", geometry=box(100, south, 101, south + 1), source="test")
        served = available_of(north, fresh(source), left_out)
        assert {*DEFAULTS} - {*served} == lacking == {*left_out}
    assert left_out["elevation"].startswith("USGS/SRTMGL1_003 covers latitudes -56 to 60 only. Without it, sites of")


def test_every_variable_has_a_consequence() -> None:
    assert {*DEFAULTS} - {"productivity"} <= {*CONSEQUENCES}
    assert {*SERIES_ONLY, *MONTHS_ONLY, LONG_NAME} <= {*CONSEQUENCES}
