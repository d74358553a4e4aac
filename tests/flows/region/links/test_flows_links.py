"""Carbon, natural land, protected land and habitats of a region: sums close, terms travel, and options leave out."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from made_cubes import CELL, made, rasters_of, region
from shapely import box
from shapely.geometry import mapping

from flows.errors import FlowError
from flows.pull.areas.steps import areas_wanted
from flows.pull.checks import check_assess
from flows.pull.pulled import Pulled
from flows.region.files.publish import publish_profiles
from flows.region.links.sources import area_sources
from flows.region.links.statistics import plan_of
from flows.region.links.zones import by_year
from flows.region.measuring import job_of
from flows.region.result import RegionResult
from flows.region.results import compute_profiles
from flows.request.assess import AssessRequest
from flows.request.habitat_file import read_habitats
from indicators.codes import DEGRADED
from indicators.links import CARBON_TO_CO2
from indicators.profiles import PROFILES
from indicators.sdg15.periods import available
from practices.database.open import open_database
from practices.exports.content import content
from regions.grid import coverage, geobox
from series.areas import AREAS, OutlinedArea, write_areas
from series.cubes.stored import look

HERE = region(24, 30, "linked")
WEST, SOUTH, EAST, NORTH = HERE.geometry.bounds
OLD = box(WEST + 0.1, SOUTH, WEST + 0.3, SOUTH + 0.15)
NEW = box(WEST + 0.3, SOUTH, WEST + 0.4, SOUTH + 0.15)
LYNX = box(WEST - 1, SOUTH + 0.1, WEST + 0.35, SOUTH + 0.2)
PROTECTED = AREAS[0]


def outlined(path: Path, shapes: dict[int, object]) -> Path:
    """A file of protected areas by year."""
    features = [
        {"type": "Feature", "properties": {"STATUS_YR": year}, "geometry": mapping(each)}
        for year, each in shapes.items()
    ]
    write_areas(path, PROTECTED, features, HERE.geometry)
    return path


@pytest.fixture(scope="module")
def habitats(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ranges") / "ranges.geojson"
    parts = {"species": ["Lynx lynx", "Lynx lynx"]}
    west, east = LYNX.intersection(box(WEST - 1, 0, WEST + 0.2, 90)), LYNX.intersection(box(WEST + 0.2, 0, EAST, 90))
    gpd.GeoDataFrame(parts, geometry=[west, east], crs="EPSG:4326").to_file(path)
    return path


@pytest.fixture(scope="module")
def pulled(tmp_path_factory: pytest.TempPathFactory) -> Pulled:
    store = tmp_path_factory.mktemp("cubes")
    cubes = made(store, HERE)
    return replace(cubes, areas={"protected": outlined(store / "areas.geojson", {1990: OLD, 2010: NEW})})


@pytest.fixture(scope="module")
def request_(tmp_path_factory: pytest.TempPathFactory, habitats: Path) -> AssessRequest:
    return AssessRequest(
        regions=("linked",), data=tmp_path_factory.mktemp("data"), profiles=("trends-earth",), permutations=19,
        pixel_breaks=False, habitats=habitats, workers=1,
    )  # fmt: skip


@pytest.fixture(scope="module")
def result(pulled: Pulled, request_: AssessRequest) -> RegionResult:
    (found,) = compute_profiles(HERE, pulled, request_, "simulated")
    publish_profiles(HERE, [found], pulled, request_)
    return found


@pytest.fixture(scope="module")
def table(result: RegionResult) -> pd.DataFrame:
    return pd.read_csv(result.folder / "statistics.csv").set_index(["period", "name"])


def cells() -> np.ndarray:
    """Area (y, x) in km² of the cells inside the region, by a formula that is not ours: a sphere of the same area."""
    grid = geobox(HERE, CELL)
    y = grid.affine.f + (np.arange(grid.shape.y) + 0.5) * grid.affine.e
    across = 6371.007 * np.radians(CELL)
    return coverage(HERE, grid).values * (across**2 * np.cos(np.radians(y)))[:, None]


def test_carbon_is_that_of_the_stock_by_class_and_year(table: pd.DataFrame, pulled: Pulled) -> None:
    """The reference follows each changed pixel: 5 % of its stock a year, from 2013 on, times factor less one."""
    grid = geobox(HERE, CELL)
    y = grid.affine.f + (np.arange(grid.shape.y) + 0.5) * grid.affine.e
    x = grid.affine.c + (np.arange(grid.shape.x) + 0.5) * grid.affine.a
    soil = look(pulled.cubes["soil_carbon"]).near(y, x).values
    cover = look(pulled.cubes["land_cover"]).near(y, x).values
    # IGBP 13 from 2013 on: artificial land keeps a tenth; water (17) does not lose, nor does land without change
    changed = (cover[-1] == 13) & (cover[0] != 13) & (cover[0] != 17) & (cover[0] != 16)
    lost = -soil * 0.9 / 20 * 12
    expected = float((np.where(changed, lost, 0.0) * cells() * 100).sum())
    assert table.loc[("2001-2024", "carbon_change"), "value"] == pytest.approx(expected, rel=0.01)


def test_losses_and_gains_close_and_carbon_dioxide_is_their_multiple(table: pd.DataFrame) -> None:
    values = table["value"]
    for period in ("2001-2024", "baseline", "report-1", "report-2"):
        own = values[period]
        assert own["carbon_lost"] + own["carbon_gained"] == pytest.approx(own["carbon_change"])
        for part in ("change", "lost", "gained"):
            assert own[f"carbon_{part}_co2e"] == pytest.approx(own[f"carbon_{part}"] * CARBON_TO_CO2)
    whole = table.loc["2001-2024"]
    assert whole.loc["carbon_change", "low"] < whole.loc["carbon_change", "value"] < whole.loc["carbon_change", "high"]
    assert set(whole.loc[["carbon_change", "carbon_change_co2e"], "units"]) == {"t C", "t CO2e"}


def test_carbon_is_the_difference_of_the_published_mean_stock(table: pd.DataFrame, result: RegionResult) -> None:
    series = pd.read_csv(result.folder / "observations.csv")
    mean = series[series["variable"] == "soil_organic_carbon_annual"].set_index("month")["value"]
    tonnes = (mean.iloc[-1] - mean.iloc[0]) * cells().sum() * 100
    assert table.loc[("2001-2024", "carbon_change"), "value"] == pytest.approx(tonnes, rel=0.01)


def test_natural_land_lost_is_that_of_the_transitions(table: pd.DataFrame, result: RegionResult) -> None:
    changes = pd.read_csv(result.folder / "transitions.csv")
    natural, used = {"tree-covered", "grassland", "wetland", "other land"}, {"cropland", "artificial"}
    for period in ("2001-2024", "baseline"):
        own = changes[changes["period"] == period]
        lost = own[own["from_class"].isin(natural) & own["to_class"].isin(used)]["area_km2"].sum()
        row = table.loc[(period, "natural_land_lost")]
        assert lost > 10
        assert row["value"] == pytest.approx(lost)
        assert row["low"] <= row["high"]
        assert 0 < table.loc[(period, "mesh_size_last"), "value"] < table.loc[(period, "mesh_size_first"), "value"]


def test_inside_and_outside_close_to_the_published_area(table: pd.DataFrame, result: RegionResult) -> None:
    areas = pd.read_csv(result.folder / "areas.csv").query("indicator == 'sdg'").set_index(["period", "class"])
    land = ["degraded", "stable", "improved", "undetermined"]
    for period in ("2001-2024", "baseline", "report-2"):
        own, sums = table["value"][period], areas["area_km2"][period]
        inside, whole = own["area_protected"], sums[land].sum()
        bad = own["degraded_inside_protected"] * inside + own["degraded_outside_protected"] * (whole - inside)
        assert bad == pytest.approx(sums["degraded"], rel=1e-6)


def test_the_share_inside_is_that_of_the_raster(table: pd.DataFrame, result: RegionResult) -> None:
    sdg = rasters_of(result.folder)["2001-2024-sdg.tif"]
    share = coverage(OLD.intersection(HERE.geometry), geobox(HERE, CELL)).values * np.isin(sdg, (-1, 0, 1, 2))
    expected = float((share * (sdg == DEGRADED)).sum() / share.sum())
    assert table.loc[("2001-2024", "degraded_inside_protected"), "value"] == pytest.approx(expected, rel=0.01)
    # the trend of no period begins after 2010, so that the new area is inside in none
    assert table.loc[("report-2", "area_protected"), "value"] == pytest.approx(
        table.loc[("2001-2024", "area_protected"), "value"], rel=0.2
    )


def test_an_area_counts_from_its_year_and_land_that_came_later_is_apart() -> None:
    areas = [OutlinedArea(OLD, {"STATUS_YR": 1990}), OutlinedArea(NEW, {"STATUS_YR": 2010}), OutlinedArea(LYNX, {})]
    whole, *_, last = available(range(2001, 2025))
    inside, later = by_year(PROTECTED, areas, whole, HERE.geometry)
    land = HERE.geometry
    assert inside.area == pytest.approx(OLD.union(LYNX).intersection(land).area)
    assert later.area == pytest.approx(NEW.difference(OLD.union(LYNX)).intersection(land).area)
    assert last.trajectory == (2008, 2023)
    before = by_year(PROTECTED, areas[1:2], replace(last, trajectory=(2010, 2024)), land)
    assert (before[0].area, before[1].area) == (pytest.approx(NEW.intersection(land).area), 0.0)


def test_habitats_are_shares_of_their_range(table: pd.DataFrame, result: RegionResult) -> None:
    sdg = rasters_of(result.folder)["2001-2024-sdg.tif"]
    share = coverage(LYNX.intersection(HERE.geometry), geobox(HERE, CELL)).values * np.isin(sdg, (-1, 0, 1, 2))
    row = table.loc[("2001-2024", "degraded_habitat_lynx_lynx")]
    assert row["value"] == pytest.approx(float((share * (sdg == DEGRADED)).sum() / share.sum()), rel=0.01)
    assert "Lynx lynx" in row["note"]
    grid = geobox(HERE, CELL)
    y = grid.affine.f + (np.arange(grid.shape.y) + 0.5) * grid.affine.e
    area = (share * ((6371.007 * np.radians(CELL)) ** 2 * np.cos(np.radians(y)))[:, None]).sum()
    assert table.loc[("2001-2024", "area_habitat_lynx_lynx"), "value"] == pytest.approx(area, rel=0.01)


def test_land_outside_is_that_of_the_region_less_that_inside(table: pd.DataFrame, result: RegionResult) -> None:
    """Sums by country take land outside as what is left of the region: so it is, in every period."""
    areas = pd.read_csv(result.folder / "areas.csv").query("indicator == 'sdg'")
    for period, own in areas.groupby("period"):
        classes = own.set_index("class")["area_km2"]
        land, value = classes[["degraded", "stable", "improved", "undetermined"]].sum(), table.loc[period]["value"]
        inside = value["area_protected"]
        left = classes["degraded"] - inside * value["degraded_inside_protected"]
        assert value["degraded_outside_protected"] * (land - inside) == pytest.approx(left, rel=1e-6, abs=1e-6)


def test_the_terms_of_restricted_data_travel_into_statistics_and_sources(
    table: pd.DataFrame, result: RegionResult, request_: AssessRequest
) -> None:
    own = table[table.index.get_level_values("name").str.contains("protected")]
    assert len(own) > 8
    assert own["note"].str.contains("non-commercial").all()
    assert own["note"].str.contains("China").all()
    engine = open_database(request_.database_url)
    try:
        tables = content(engine)
    finally:
        engine.dispose()
    (source,) = tables["sources"].query("variable == 'protected_areas'").to_dict("records")
    assert source["asset"] == "WCMC/WDPA/current/polygons"
    assert "non-commercial" in source["licence"]
    exported = tables["statistics"].query("name == 'degraded_inside_protected'")
    assert exported["note"].str.contains("non-commercial").all()


def test_blocks_change_nothing(pulled: Pulled, request_: AssessRequest, table: pd.DataFrame, tmp_path: Path) -> None:
    request = request_.model_copy(update={"data": tmp_path})
    (cut,) = compute_profiles(HERE, pulled, request, "simulated", side=13)
    other = pd.read_csv(cut.folder / "statistics.csv").set_index(["period", "name"])
    pd.testing.assert_frame_equal(other, table, rtol=1e-6)


def test_without_land_cover_and_areas_there_is_nothing(pulled: Pulled, request_: AssessRequest) -> None:
    bare = replace(pulled, cubes={"productivity": pulled.cubes["productivity"]}, areas={})
    request = request_.model_copy(update={"habitats": None})
    job = job_of(HERE, bare, request, [PROFILES["trends-earth"]])
    plan = plan_of(job, PROFILES["trends-earth"], bare)
    assert (plan.windows, plan.zones, plan.map_years) == ({}, (), ())


def test_restricted_data_can_be_left_out() -> None:
    def keys(request: AssessRequest) -> list[str]:
        return [each.key for each in areas_wanted(one, request)]

    one = HERE.model_copy(update={"countries": ("CHN",)})
    assert keys(AssessRequest()) == ["protected", "key_areas", "mines"]
    assert keys(AssessRequest(restricted=False)) == ["mines"]
    assert keys(AssessRequest(patches=False, restricted=False)) == []
    assert keys(AssessRequest(years=(2015, 2024))) == ["protected", "key_areas"]
    assert area_sources({"mines": Path("m")})["mines"]["licence"].startswith("CC-BY")


def test_each_row_of_a_habitat_file_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    path = tmp_path / "ranges.geojson"
    rows = [
        ("", mapping(OLD)),
        ("Uncia uncia", {"type": "Point", "coordinates": [110, 44]}),
        ("Grus vipio", mapping(box(500_000, 0, 600_000, 10))),
        ("Grus-vipio", mapping(OLD)),
        ("Grus vipio", mapping(OLD)),
    ]
    features = [{"type": "Feature", "properties": {"species": s}, "geometry": g} for s, g in rows]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    with pytest.raises(FlowError) as failed:
        read_habitats(path)
    said = str(failed.value)
    assert "row 1: species is empty" in said
    assert "row 2: Uncia uncia has no polygon" in said
    assert "row 3: Grus vipio reaches 500000 to 600000" in said
    assert "'Grus vipio' and 'Grus-vipio' have the same name in results" in said
    path.write_text(
        json.dumps({"type": "FeatureCollection", "features": [features[0] | {"properties": {"name": "x"}}]})
    )
    with pytest.raises(FlowError, match=r"there is no attribute 'species', but name"):
        read_habitats(path)
    with pytest.raises(FlowError, match="no such file"):
        read_habitats(tmp_path / "none.gpkg")


def test_ranges_elsewhere_are_refused_before_anything_is_pulled(habitats: Path) -> None:
    with pytest.raises(FlowError, match=r"none of the ranges \(Lynx lynx\) reaches a region"):
        check_assess(AssessRequest(regions=("daurian-steppe",), habitats=habitats))
