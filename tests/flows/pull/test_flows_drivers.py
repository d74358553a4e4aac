"""Drivers are optional: without any of them a region is assessed all the same, and the result says what it lacks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from shapely import box

from flows.pull.left_out import left_out_lines
from flows.pull.region import pull_region
from flows.pull.sources import Landscape, OpenSource, opened
from flows.pull.steps import made
from flows.pull.tables import note_pressures, pressure_steps, pressures_due
from flows.region.files.publish import publish_region
from flows.region.results import compute_profiles
from flows.request.assess import AssessRequest
from practices.database.open import open_database
from practices.database.transactions import reading
from practices.exports.content import content
from practices.report import series_charts
from practices.results import by_region
from practices.results.published_views import choices
from regions.model import Region
from series.cost import Cost
from series.memory import RunMemory
from series.pressures import PRESSURES, Pressure
from series.service.earth_engine import Connection, connect

HERE = Region(id="here", name="Here", countries=("MNG",), geometry=box(108, 46, 108.2, 46.15), source="test")
EROSION = next(each for each in PRESSURES if each.name == "wind_erosion")
MORE = [each for each in PRESSURES if each.name not in ("land_use", "burned", "night_lights", "stored_water")]


@pytest.fixture(scope="module")
def source() -> Iterator[OpenSource]:
    with opened("simulated", None, {}) as found:
        yield found


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("drivers")


def fresh(source: OpenSource) -> OpenSource:
    """The source as a run finds it: nothing is known yet of what it serves."""
    assert source.server is not None
    connect(Connection(url=source.server.url, pace=0.0005))
    return replace(source, memory=RunMemory())


def asked(folder: Path, years: tuple[int, int] = (2010, 2015)) -> AssessRequest:
    return AssessRequest(
        regions=("here",), data=folder, resolution=1 / 20, years=years, permutations=19, pixel_breaks=False,
        wind_erosion=True,
    )  # fmt: skip


def test_wind_erosion_is_read_on_request_only(tmp_path: Path) -> None:
    wanted = asked(tmp_path)
    assert "wind_erosion" in [each.name for each in pressures_due(HERE, wanted)]
    usual = wanted.model_copy(update={"wind_erosion": False})
    assert [each.name for each in PRESSURES if each not in pressures_due(HERE, usual)] == [
        "stored_water",
        "wind_erosion",
    ]


def test_drivers_are_published_with_source_and_trap(source: OpenSource, data: Path) -> None:
    request = asked(data)
    pulled = pull_region(HERE, request, source)
    # the region is smaller than a mascon of stored water
    due = [each for each in PRESSURES if each.name != "stored_water"]
    assert list(pulled.pressures_read) == [each.name for each in due]
    assert "pressure stored_water" not in pulled.left_out
    result = compute_profiles(HERE, pulled, request, source.origin)[0]
    publish_region(HERE, result, pulled, request)
    observed = pd.read_csv(result.folder / "observations.csv")
    named = {f"{measure.name}_annual" for each in due for measure in each.measures}
    assert named | {"winter_temperature_annual"} <= set(observed["variable"])
    winters = observed[observed["variable"] == "winter_temperature_annual"]
    assert winters["month"].str[:4].tolist() == ["2011", "2012", "2013", "2014", "2015"]
    assert winters["value"].max() < -5
    engine = open_database(request.database_url)
    try:
        tables = content(engine)
        with reading(engine) as connection:
            report = by_region.report(connection, "here", choices(connection, "here")[0].view)
    finally:
        engine.dispose()
    sources = tables["sources"].set_index("variable")
    assert {*sources.index} == {
        *(name.removesuffix("_annual") for name in named), "winter_temperature", "protected_areas",
        "key_biodiversity_areas",
    }  # fmt: skip
    assert "jump at national borders" in sources.loc["herd_sheep_units", "trap"]
    assert sources.loc["herd_sheep_units", "licence"] == "CC-BY-4.0"
    assert sources.loc["water_permanent", "period"] == "1984–2021"
    assert sources.loc["wind_erosion", "asset"] == ", ".join(EROSION.assets)
    assert "compare years within a region only" in sources.loc["wind_erosion", "trap"]
    assert (sources.loc[:, ["asset", "source", "licence", "uncertainty", "trap"]] != "").all(axis=None)
    assert report is not None
    shown = {chart.caption.partition(",")[0]: chart for chart in series_charts.drivers(report)}
    assert "jump at national borders" in shown["Herds in sheep units"].caption
    assert shown["Herds in sheep units"].head == ("Year", "sheep units")
    assert "Dust in the air" in shown
    assert shown["Soil loss by wind"].head == ("Year", "kg m⁻² year⁻¹")
    assert "lack gusts" in shown["Soil loss by wind"].caption
    assert "Seasonal water" not in shown  # there is none: a series that is always 0 has no chart
    own = [chart.caption for chart in series_charts.annual(report)]
    assert own
    assert not any("herd" in caption.lower() for caption in own)
    assert len({each.source for each in series_charts.driver_sources(report)}) == len(
        series_charts.driver_sources(report)
    )


@pytest.mark.parametrize("lacking", MORE, ids=lambda each: each.name)
def test_without_the_asset_the_result_says_what_it_lacks(source: OpenSource, data: Path, lacking: Pressure) -> None:
    assert source.server is not None
    found = fresh(source)
    found.memory.put(("absence", lacking.asset), f"{lacking.asset} does not exist, or this account may not read it")
    request = asked(data)
    pulled = pull_region(HERE, request, found)
    assert list(pulled.left_out) == [f"pressure {lacking.name}"]
    assert lacking.name not in pulled.pressures_read
    if lacking.name != "herds":
        return
    result = compute_profiles(HERE, pulled, request, found.origin)[0]
    assert sum(result.area_km2.values()) > 100
    (line,) = (each for each in left_out_lines([result]) if "pressure" in each)
    assert line == (
        f"here: pressure {lacking.name.replace('_', ' ')} is left out: {lacking.asset} does not exist, or this account "
        f"may not read it. Without it, it is not named among the drivers."
    )
    observed = set(pd.read_csv(result.folder / "observations.csv")["variable"])
    assert observed.isdisjoint(f"{measure.name}_annual" for measure in lacking.measures)


@pytest.mark.parametrize("asset", [each.asset for each in EROSION.besides])
def test_wind_erosion_is_left_out_without_any_of_its_assets(source: OpenSource, tmp_path: Path, asset: str) -> None:
    found, left_out = fresh(source), dict[str, str]()
    found.memory.put(("absence", asset), f"{asset} does not exist, or this account may not read it")
    note_pressures(HERE, asked(tmp_path), found, left_out)
    assert left_out["pressure wind_erosion"].startswith(f"{asset} does not exist")
    assert ("pressure", "wind_erosion") not in {s.key for s in pressure_steps(HERE, asked(tmp_path), tmp_path, found)}


def test_what_the_server_refuses_is_left_out_and_asked_again(source: OpenSource, tmp_path: Path) -> None:
    found, request, left_out = fresh(source), asked(tmp_path, (2019, 2022)), dict[str, str]()
    assert found.server is not None
    found.server.inject("denied", 100, kind="asset", path="livestock-headcount")
    note_pressures(HERE, request, found, left_out)
    refused = made("here", pressure_steps(HERE, request, tmp_path, found), left_out)
    found.server.faults.clear()
    assert list(left_out) == ["pressure herds", "pressure irrigation"]  # the maps of irrigation end with 2015
    assert "has no permission to read" in left_out["pressure herds"]
    assert ("pressure", "herds") not in refused
    again = made("here", pressure_steps(HERE, request, tmp_path, fresh(source)), {})
    assert "herd_sheep_units_annual" in set(again["pressure", "herds"].rows["variable"])


def test_years_that_an_asset_does_not_reach_are_named(tmp_path: Path) -> None:
    """In 2027 the years from 2023 on have no herds, no JRC water and two maps less; night lights of 2026 are there."""
    with opened("simulated", None, {}, landscape=Landscape(today=date(2027, 8, 1))) as source:
        noted, request = dict[str, str](), asked(tmp_path, (2023, 2026))
        note_pressures(HERE, request, source, noted)
        tables = made("here", pressure_steps(HERE, request, tmp_path, source), noted)
        assert source.server is not None
        before = source.server.count("features")
        missing = Cost()
        for step in pressure_steps(HERE, request, tmp_path, source):
            missing = missing + sum((cost for _, cost in step.costs()), Cost())
        made("here", pressure_steps(HERE, request, tmp_path, source), noted)
        again = source.server.count("features") - before
    ended = ("herds", "surface_water", "human_modification", "irrigation")
    assert list(noted) == [f"pressure {name}" for name in ended]
    assert "covers 1990–2020, every 5 years" in noted["pressure human_modification"]
    assert "livestock-headcount-faostat_m covers 2000–2022" in noted["pressure herds"]
    rows = pd.concat([table.rows for table in tables.values()])
    last = rows.groupby("variable")["month"].max().str[:4].astype(int)
    assert last["night_lights_annual"] == last["dust_annual"] == last["snow_days_annual"] == 2026
    assert last["burned_annual"] == last["cropland_annual"] == last["wind_erosion_annual"] == 2025
    # what had no images is asked for again: burned area, land use, and leaves to the end of 2026
    assert again == missing.requests == 3
