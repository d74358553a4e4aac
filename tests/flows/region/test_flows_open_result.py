"""A result opens as one Dataset: values, units, classes and CRS of its files; pixels are read when they are needed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from made_cubes import made, rasters_of, region

from flows.errors import FlowError
from flows.region import open_result
from flows.region.result import LAYERS
from flows.region.results import compute_profiles
from flows.request.assess import AssessRequest

PERIODS = ["2001-2024", "baseline", "report-1", "report-2"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A region by two profiles, over the whole record and the periods of PRAIS 4, breaks of pixels included."""
    data = tmp_path_factory.mktemp("data")
    where = region(12, 15)
    request = AssessRequest(
        regions=("made",), data=data, profiles=("ne-asia-2", "trends-earth"), permutations=19, workers=1
    )
    compute_profiles(where, made(data / "cubes" / "made", where), request, "simulated")
    return data


def test_a_dataset_has_the_values_of_every_raster_of_the_region(data: Path) -> None:
    result = open_result("made", data=data)
    (folder,) = (data / "results" / "made").glob("ne-asia-*")
    other_cells = result.attrs["other_cells"].split()
    assert all(name.startswith("rain_") for name in other_cells)
    for name, values in rasters_of(folder).items():
        period, _, layer = name.removesuffix(".tif").rpartition("-")
        if layer not in other_cells:
            opened = result[layer].sel(period=period) if "period" in result[layer].dims else result[layer]
            assert opened.dtype == values.dtype
            np.testing.assert_array_equal(opened.values, values)
    assert list(result["period"].values) == PERIODS
    assert list(result["years"].values) == ["2001-2024", "2001-2015", "2004-2019", "2008-2023"]
    assert result["sdg"].dims == ("period", "y", "x")
    assert {layer for layer in result.data_vars if "period" not in result[layer].dims}.isdisjoint(LAYERS)
    assert result["break_year"].dims == ("y", "x")


def test_a_dataset_says_where_it_lies_and_what_its_codes_mean(data: Path, tmp_path: Path) -> None:
    result = open_result("made", data=data)
    (folder,) = (data / "results" / "made").glob("ne-asia-*")
    assert result["sdg"].chunks is not None  # no pixel is read yet
    with rasterio.open(folder / "report-1-sdg.tif") as file:
        assert (result.rio.crs, result.rio.transform()) == (file.crs, file.transform)
        assert result["sdg"].rio.nodata == file.nodata == -128
    classes = result["sdg"].attrs
    assert classes["flag_values"].dtype == np.int8
    meanings = dict(zip(classes["flag_values"].tolist(), classes["flag_meanings"].split(), strict=True))
    assert meanings[-1] == "degraded"
    assert (classes["long_name"], result["slope"].attrs["units"]) == ("SDG 15.3.1", "year-1")
    assert {"period", "layer", "origin"}.isdisjoint(classes)
    assert (result.attrs["origin"], result.attrs["region"], result.attrs["profile"]) == (
        "simulated",
        "made",
        "ne-asia-2",
    )
    result["sdg"].sel(period="report-1").rio.to_raster(tmp_path / "copy.tif")
    with rasterio.open(tmp_path / "copy.tif") as copied:
        np.testing.assert_array_equal(copied.read(1), rasters_of(folder)["report-1-sdg.tif"])


def test_a_period_a_profile_or_a_folder_can_be_named(data: Path) -> None:
    one = open_result("made", data=data, period="report-1")
    assert one["sdg"].dims == ("y", "x")
    assert (str(one["period"].values), str(one["years"].values)) == ("report-1", "2004-2019")
    assert "break_year" not in one
    assert open_result("made", data=data, profile="trends-earth").attrs["profile"] == "trends-earth"
    assert list(open_result("made", data=data, profile="agreement").data_vars) == ["agreement"]
    (folder,) = (data / "results" / "made").glob("trends-earth-*")
    assert open_result("made", folder=folder).attrs["profile"] == "trends-earth"


def test_what_is_not_there_is_named_with_what_to_do(data: Path, tmp_path: Path) -> None:
    with pytest.raises(FlowError, match=r"region here: there is no result in .*; run: drylands assess here --data"):
        open_result("here", data=tmp_path)
    with pytest.raises(FlowError, match=r"there is no result of fao-wocat in .* --profiles fao-wocat"):
        open_result("made", data=data, profile="fao-wocat")
    with pytest.raises(FlowError, match="profile 'ne-asai' is unknown; use ne-asia"):
        open_result("made", data=data, profile="ne-asai")
    with pytest.raises(FlowError, match=r"no period 'report-3' in .*; use 2001-2024, baseline, report-1, report-2"):
        open_result("made", data=data, period="report-3")
    with pytest.raises(FlowError, match=r"holds no result \(no summary.json\)"):
        open_result("made", folder=tmp_path)
    (folder,) = (data / "results" / "made").glob("ne-asia-*")
    with pytest.raises(FlowError, match="holds a result of region made"):
        open_result("here", folder=folder)
