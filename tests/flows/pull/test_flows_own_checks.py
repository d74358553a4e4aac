"""Own files: what does not fit is refused before anything is pulled, and results say what they lack."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from own_catalogues import YEARS, own_folder
from rich.console import Console
from shapely import box

from flows.errors import UnusableFiles
from flows.pull.region import pull_region
from flows.pull.sources import opened
from flows.region.files.publish import publish_region
from flows.region.result import RegionResult
from flows.region.results import compute_profiles
from flows.report import Outcome, markdown_report, print_findings
from flows.request.assess import AssessRequest
from flows.request.selection import select_regions
from offline.sources.inspect import reaches
from offline.sources.own_files.files import FileSource
from practices.database.open import open_database
from practices.report.brief import render
from practices.report.summary import summary
from practices.results.queries import areas, statistics


def requested(folder: Path, region: str, out: Path, **more: Any) -> AssessRequest:
    fields = {"years": (YEARS[0], YEARS[-1]), "resolution": "native", "permutations": 19, "pixel_breaks": False}
    fields |= {"regions": (), "regions_file": folder / f"{region}.geojson", "source": str(folder), "data": out}
    return AssessRequest.model_validate(fields | more)


def pulled_message(folder: Path, region: str, out: Path, **more: Any) -> str:
    """Why a region is refused; nothing may have been pulled by then."""
    request = requested(folder, region, out, **more)
    with opened(request.source, None, request.datasets) as source, pytest.raises(UnusableFiles) as refused:
        pull_region(select_regions(request)[0], request, source)
    assert source.server is not None
    assert not [each for each in source.server.requests if each.kind == "pixels"]
    return str(refused.value)


def open_message(folder: Path) -> str:
    """Why a folder is refused as it is opened."""
    with pytest.raises(UnusableFiles) as refused, opened(str(folder), None, {}):
        pass
    return str(refused.value)


@pytest.mark.parametrize("kind", ["tif", "nc", "zarr"])
def test_values_out_of_range_name_file_value_range_and_fix(tmp_path: Path, kind: str) -> None:
    said = open_message(own_folder(tmp_path, kind, scale=None))
    assert str(tmp_path / ("ndvi2001.tif" if kind == "tif" else f"ndvi.{kind}")) in said
    assert "ndvi from 3," in said
    assert "allowed: -1 to 1" in said
    assert 'Add "scale": 0.0001' in said
    assert "own-ndvi" in said


def test_values_that_are_scaled_twice_and_fill_values_are_refused(tmp_path: Path) -> None:
    assert 'remove "scale": 1e-07' in open_message(own_folder(tmp_path / "twice", scale=1e-7))
    said = open_message(own_folder(tmp_path / "wrong", scale=1e-3))
    assert '"nodata" or a "valid_range"' in said
    assert "Stored values are from 3," in said


def test_units_and_bands_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    said = open_message(own_folder(tmp_path / "units", quantity="gpp", units="t ha-1"))
    assert "units 't ha-1' of gpp; allowed: 'kg m-2 year-1'" in said
    for field, lacking, fields in (
        ("band", "EVI", {"band": "EVI"}),
        ("quality", "SummaryQA", {"quality": "modis-summaryqa"}),
        ("formula", "temperature_2m", {"formula": "fao-56", "cadence": "monthly"}),
    ):
        said = open_message(own_folder(tmp_path / field, **fields))
        assert f'has no band "{lacking}"; it has NDVI. Correct "{field}" there' in said


def test_a_quantity_that_is_not_known_is_taken_as_it_is(tmp_path: Path) -> None:
    with opened(str(own_folder(tmp_path, quantity="biomass", units="t ha-1", scale=None)), None, {}) as source:
        assert source.datasets["productivity"].quantity == "biomass"


def test_a_region_outside_of_the_files_is_refused_with_both_extents(tmp_path: Path) -> None:
    said = pulled_message(own_folder(tmp_path / "in"), "far", tmp_path / "out")
    assert "Region far (100.00 to 100.20 E, 42.00 to 42.20 N) lies outside of own/ndvi" in said
    assert "115.00 to 115.40 E, 42.00 to 42.40 N" in said
    assert "ndvi2001.tif" in said


def test_files_that_count_longitude_from_0_reach_regions_in_the_west(tmp_path: Path) -> None:
    """The same files at 245 to 245.4 E, which is 115 to 114.6 W."""
    folder = own_folder(tmp_path, "nc")
    with xr.open_dataset(folder / "ndvi.nc", engine="h5netcdf") as file:
        moved = file.load().assign_coords(lon=file["lon"] + 130)
    moved.to_netcdf(folder / "ndvi.nc", engine="h5netcdf")
    asset = FileSource(folder).get("own/ndvi")
    assert reaches(asset, box(-114.9, 42.1, -114.7, 42.3))
    assert reaches(asset, box(245.1, 42.1, 245.3, 42.3))
    assert not reaches(asset, box(114.9, 42.1, 115.3, 42.3))


@pytest.mark.parametrize("kind", ["tif", "nc"])
def test_a_catalogue_whose_years_exceed_the_files_names_the_missing_ones(tmp_path: Path, kind: str) -> None:
    folder = own_folder(tmp_path / "in", kind, last_year=YEARS[-1] + 2)
    said = pulled_message(folder, "inside", tmp_path / "out", years=(YEARS[0], YEARS[-1] + 2))
    assert "no file for 2013, 2014" in said
    assert "it states 2001-2014, the files of own/ndvi have 2001-2012" in said
    assert "--years 2001-2012" in said


def assessed(folder: Path, region: str, out: Path, **more: Any) -> tuple[RegionResult, AssessRequest]:
    request = requested(folder, region, out, **more)
    with opened(request.source, None, request.datasets) as source:
        (own,) = select_regions(request)
        pulled = pull_region(own, request, source)
        result = compute_profiles(own, pulled, request, source.origin)[0]
        publish_region(own, result, pulled, request)
    return result, request


@pytest.fixture(scope="module")
def half(tmp_path_factory: pytest.TempPathFactory) -> tuple[RegionResult, AssessRequest]:
    """A region of which the northern half has no files, with a legend that lacks open shrubland."""
    home = tmp_path_factory.mktemp("half")
    legend = home / "legend.csv"
    legend.write_text("code,class\n10,grassland\n")
    return assessed(own_folder(home / "in", with_cover=True), "half", home / "out", legend=legend)


@pytest.mark.slow
def test_half_a_region_without_files_is_said_in_every_place(half: tuple[RegionResult, AssessRequest]) -> None:
    result, request = half
    told = result.gaps
    total = sum(result.area_km2.values())
    productivity, cover, codes = (
        next(each for each in told if words in each) for words in ("productivity data", "land-cover data in", "codes")
    )
    assert "(50.0 %) have no productivity data" in productivity
    assert "(100.0 %) have no land-cover data" in cover
    # the upper twenty rows of the files are open shrubland: all of the part that has files
    assert f"7 ({total:,.0f} km²)" in codes
    assert "--legend FILE" in codes
    console = Console(record=True, width=200, file=None)
    outcome = Outcome((result,))
    with console.capture() as shown:
        print_findings(console, request, outcome)
    engine = open_database(request.database_url)
    page = render(engine, result.region)
    published = statistics(engine)
    table, listed = summary(engine), areas(engine)
    engine.dispose()
    for said in told:
        assert said in shown.get()
        assert said in markdown_report(request, outcome)
        assert said in page
    row = table[table["period"] == result.period].iloc[0]
    assert row["no_data_km2"] == pytest.approx(total, rel=0.02)
    assert row["land_km2"] + row["no_data_km2"] == pytest.approx(row["total_km2"])
    assert {"no_data_productivity", "unlisted_land_cover", "no_data_land_cover"} <= set(published["name"])
    own = listed[(listed["indicator"] == "sdg") & (listed["period"] == result.period)].set_index("class_name")
    for name, share in result.share.items():
        assert own.loc[name, "share"] == pytest.approx(share)
        assert own.loc[name, "share"] == pytest.approx(row[f"{name}_percent"] / 100)


@pytest.mark.slow
def test_a_region_smaller_than_a_cell_is_said_to_be_in_every_place(tmp_path: Path) -> None:
    result, request = assessed(own_folder(tmp_path / "in", with_cover=True), "tiny", tmp_path / "out")
    said = next(each for each in result.gaps if "one cell" in each)
    assert said == (
        "The 0.178 km² of the region are less than one cell of 0.917 km²; the values are those of the cells that it "
        "lies in, mostly of land outside it."
    )
    console, outcome = Console(record=True, width=200, file=None), Outcome((result,))
    with console.capture() as shown:
        print_findings(console, request, outcome)
    engine = open_database(request.database_url)
    brief = render(engine, result.region)
    engine.dispose()
    assert all(said in each for each in (shown.get(), markdown_report(request, outcome), brief))


@pytest.mark.slow
def test_a_missing_input_names_what_it_leaves_undetermined(tmp_path: Path) -> None:
    result, _ = assessed(own_folder(tmp_path / "in", "zarr"), "inside", tmp_path / "out")
    (said,) = result.gaps
    assert said.startswith("No land-cover data for this region: the land-cover and soil-organic-carbon sub-indicators")
    assert f"{result.area_km2['undetermined']:,.0f} km² are undetermined" in said


@pytest.mark.slow
def test_there_is_no_interval_where_nothing_varied(tmp_path: Path) -> None:
    """A decline without any noise is found in every order of the years."""
    folder = own_folder(tmp_path / "in", "nc")
    with xr.open_dataset(folder / "ndvi.nc", engine="h5netcdf") as file:
        cube = file.load()
    slope = np.where(np.arange(40) < 20, 100, 0)
    steady = 4000 - slope[None, None, :] * np.arange(len(YEARS))[:, None, None] + np.zeros((1, 40, 1))
    cube["NDVI"] = cube["NDVI"].copy(data=steady.astype(np.int16))
    cube.to_netcdf(folder / "ndvi.nc", engine="h5netcdf")
    result, _ = assessed(folder, "inside", tmp_path / "out", profiles=("ne-asia",))
    table = pd.read_csv(result.folder / "areas.csv")
    own = table[(table["indicator"] == "sdg") & (table["period"] == result.period)]
    assert own["low_km2"].isna().all()
    notes = pd.read_csv(result.folder / "statistics.csv").query("period == @result.period").set_index("name")["note"]
    assert notes["interval_kind"].startswith("no interval:")
    assert result.certainty["accord_low"] is None or result.certainty["accord_low"] < result.certainty["accord_high"]
