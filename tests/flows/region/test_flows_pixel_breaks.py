"""Breaks of pixels in a result: planted falls are dated and flagged, droughts are none, tables close, figures show."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio
import xarray as xr
import zarr
from made_cubes import CELL, COARSE, YEARS, made, rasters_of, region
from PIL import Image
from typer.testing import CliRunner

from flows.cli.figure import app
from flows.errors import FlowError
from flows.figures.pixel_breaks_map import breaks_figure
from flows.pull.pulled import Pulled
from flows.region import pixel_breaks
from flows.region.attribution import changes
from flows.region.result import RegionResult
from flows.region.results import compute_profiles
from flows.request.assess import AssessRequest
from indicators.breaks import FLAGS, METHODS, PARTS, attribute_change, tss_restrend_annual
from indicators.codes import NODATA
from regions.grid import geobox

HERE = region(24, 30, "broken")
YEARS_OF = ("break_year", "break_low", "break_high")
NUMBERS = ("break_p", "break_size", "break_before", "break_after")
CHANGES = tuple(f"change_{part}" for part in PARTS)
LAYERS = (*YEARS_OF, *NUMBERS, "break_method", "break_flag", "break_rain", *CHANGES)
#: Columns of cells by what was put into them: half lost at once after 2012, the same but growing again, nothing.
FALLEN, REGROWN, REST = slice(16, 24), slice(24, 30), slice(0, 16)


def values() -> tuple[np.ndarray, np.ndarray]:
    """Vegetation (year, y, x) that follows rain with a drought, and what was put in; rain on its own grid."""
    rng = np.random.default_rng(11)
    fine, coarse = geobox(HERE, CELL), geobox(HERE, COARSE)
    wet = 300 + 60 * rng.standard_normal(24)
    wet[16:19] -= 150
    rain = np.broadcast_to(wet[:, None, None], (24, *coarse.shape)) + rng.normal(0, 2, (24, *coarse.shape))
    green = 0.3 + 0.0004 * (wet[:, None, None] - 300) + 0.01 * rng.standard_normal((24, *fine.shape))
    since = np.clip(np.arange(24) - 12, 0, None)[:, None, None]
    green[12:, :, FALLEN] -= 0.15
    green[12:, :, REGROWN] -= 0.15
    green[..., REGROWN] += 0.02 * since
    green[:, 20:22, 10:14] = np.nan
    green[:15, 18, 12] = np.nan
    return green, rain


@pytest.fixture(scope="module")
def pulled(tmp_path_factory: pytest.TempPathFactory) -> Pulled:
    cubes = made(tmp_path_factory.mktemp("cubes"), HERE)
    green, rain = values()
    zarr.open_array(cubes.productivity["season_mean"] / "productivity", mode="r+")[...] = green
    zarr.open_array(cubes.cubes["precipitation"] / "precipitation", mode="r+")[...] = rain
    return cubes


def assessed(pulled: Pulled, folder: Path) -> RegionResult:
    request = AssessRequest(regions=("broken",), data=folder, profiles=("ne-asia",))
    return compute_profiles(HERE, pulled, request, "simulated")[0]


@pytest.fixture(scope="module")
def result(pulled: Pulled, tmp_path_factory: pytest.TempPathFactory) -> RegionResult:
    return assessed(pulled, tmp_path_factory.mktemp("data"))


def layers(result: RegionResult) -> dict[str, np.ndarray]:
    found = rasters_of(result.folder)
    return {name: found[f"2001-2024-{name}.tif"] for name in (*LAYERS, "trajectory")}


def test_falls_are_dated_and_sized_and_a_drought_is_none(result: RegionResult) -> None:
    found = layers(result)
    known = found["break_year"] >= 0
    fallen = known[:, FALLEN]
    assert (found["break_year"][:, FALLEN][fallen] == 2013).mean() > 0.95
    assert np.nanmedian(found["break_size"][:, FALLEN]) == pytest.approx(-0.15 / 0.225, abs=0.08)
    rest = found["break_year"][:, REST][known[:, REST]]
    assert (rest > 0).mean() < 0.1
    assert known.any()
    fallen_at = (found["break_year"] == 2013) & known
    assert (found["break_low"][fallen_at] <= 2013).all()
    assert (found["break_high"][fallen_at] >= 2013).all()
    assert (found["break_p"][fallen_at] <= 0.05).all()
    assert (found["break_low"][known & (found["break_year"] == 0)] == 0).all()
    for name, blank in (*((name, -1) for name in YEARS_OF), ("break_method", NODATA), ("break_flag", NODATA)):
        assert (found[name][20:22, 10:14] == blank).all()  # no value in any year
        assert found[name][18, 12] == blank  # nine years
        assert (found[name][0, :10] == blank).all()  # outside
    assert found["break_method"][22, 12] >= 0


def test_flags_say_which_classes_do_not_hold(result: RegionResult) -> None:
    """A fall and no more is a step (87 %; noise of later years passes for growth in the rest); growth again denies."""
    found = layers(result)
    flag = found["break_flag"]
    fallen, regrown = flag[:, FALLEN], flag[:, REGROWN]
    assert (fallen[fallen >= 0] == FLAGS.index("step")).mean() > 0.8
    told = regrown[regrown >= 0]
    assert np.isin(told, [FLAGS.index("reversed"), FLAGS.index("hidden")]).mean() > 0.5
    judged = np.isin(found["trajectory"], (-1, 0, 1)) & (found["break_method"] != NODATA)
    np.testing.assert_array_equal(flag >= 0, judged)


def test_a_pixel_is_what_its_series_alone_says(pulled: Pulled, result: RegionResult) -> None:
    green, rain = (each.astype(np.float32) for each in values())
    found = layers(result)
    fine, coarse = geobox(HERE, CELL), geobox(HERE, COARSE)
    for row, column in ((12, 18), (15, 27), (20, 8)):
        lon, lat = fine.affine * (column + 0.5, row + 0.5)
        at = [int(np.floor(each)) for each in ~coarse.affine * (lon, lat)]
        one = [
            xr.DataArray(each, dims="year", coords={"year": list(YEARS)})
            for each in (
                green[:, row, column],
                rain[:, min(at[1], coarse.shape[0] - 1), min(at[0], coarse.shape[1] - 1)],
            )
        ]
        tree = tss_restrend_annual(one[0], one[1])
        assert found["break_method"][row, column] == int(tree["method"])
        for name in YEARS_OF:
            assert found[name][row, column] == int(np.nan_to_num(float(tree[name]))), name
        assert found["break_rain"][row, column] == int(tree["explained_by_rain"])
        mean = float(one[0].mean())
        if int(tree["break_year"].notnull()):
            p = float(tree["break_p"].fillna(tree["vpr_break_p"]))
            expected = [p, *(float(tree[name]) / mean for name in ("at", "before", "after"))]
            np.testing.assert_allclose([found[name][row, column] for name in NUMBERS], expected, rtol=1e-5)
        parts = attribute_change(one[0], one[1])
        alone = [float(parts[part]) / mean for part in PARTS]
        alone[PARTS.index("co2")] = np.nan  # nobody planted it
        np.testing.assert_allclose([found[name][row, column] for name in CHANGES], alone, rtol=1e-4, atol=1e-7)


def test_how_many_pixels_at_once_changes_nothing(
    pulled: Pulled, result: RegionResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pixel_breaks, "AT_ONCE", 101)
    other = layers(assessed(pulled, tmp_path))
    for name, expected in layers(result).items():
        np.testing.assert_array_equal(other[name], expected, err_msg=name)


def test_areas_close_and_shares_are_statistics(result: RegionResult) -> None:
    table = pd.read_csv(result.folder / "pixel_breaks.csv")
    areas = pd.read_csv(result.folder / "areas.csv")
    for name, own in table.groupby("indicator"):
        assert own["area_km2"].sum() == pytest.approx(areas["total_km2"].iloc[0])
        assert own["share"].sum() == pytest.approx(1)
        assert own["class"].tolist() == [*(METHODS if name == "break_method" else FLAGS), "no data"]
    flags = table[table["indicator"] == "break_flag"].set_index("class")["share"]
    told = pd.read_csv(result.folder / "statistics.csv").set_index("name")["value"]
    assert told["break_share_step"] == pytest.approx(flags["step"])
    assert told["break_share_invalidated"] == pytest.approx(flags["reversed"] + flags["hidden"])
    assert flags["step"] > 0.1


def test_the_change_over_the_record_has_its_parts(result: RegionResult) -> None:
    """What was lost at once stands under land use, -0.15 of 0.225; the rest of the land has none in the median."""
    found = layers(result)
    lost = found["change_land_use"][:, FALLEN]
    assert np.nanmedian(lost) == pytest.approx(-0.15 / 0.225, abs=0.1)
    assert np.nanmedian(found["change_land_use"][:, REST]) == 0
    assert np.isnan(found["change_co2"]).all()  # the landscape has no carbon dioxide
    assert np.isnan(found["change_climate_change"]).all()  # the season's rain does not reach back 20 years
    told = pd.read_csv(result.folder / "statistics.csv").set_index("name")
    assert {"change_co2", "change_climate_change"}.isdisjoint(told.index)
    mean = told.loc["change_land_use", "value"]
    assert mean == pytest.approx(np.nanmean(found["change_land_use"]), rel=0.1)
    assert "associated, not caused" in told.loc["change_land_use", "note"]


def test_observed_vegetation_answers_to_carbon_dioxide() -> None:
    """Made-up files of a folder are observations: a part of the greening is that of carbon dioxide."""
    green, rain = (each[:, 5, :16].astype(float) for each in (values()[0], values()[0] * 1000))
    fed = changes(np.array(YEARS), green, np.array(YEARS), rain, fed=True)
    assert (fed["change_co2"] > 0.03).all()
    late = changes(np.array(YEARS) + 20, green, np.array(YEARS) + 20, rain, fed=True)
    assert np.isnan(late["change_co2"]).all()  # years without a concentration


def test_rasters_say_what_they_hold(result: RegionResult) -> None:
    with rasterio.open(result.folder / "2001-2024-break_flag.tif") as file:
        assert file.tags()["flag_meanings"].split() == list(FLAGS)
        assert file.tags()["origin"] == "simulated"
        assert file.nodata == NODATA
        assert file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
    with rasterio.open(result.folder / "2001-2024-break_low.tif") as file:
        assert file.tags()["long_name"].startswith("first year of the 95 % interval of the first year after the break")
        assert (file.nodata, file.dtypes[0], file.tags()["units"]) == (-1, "int16", "year")

    with rasterio.open(result.folder / "2001-2024-break_year.tif") as file:
        assert file.tags()["long_name"] == "first year after the break, 0: none"
        assert file.tags()["units"] == "year"


def test_breaks_of_pixels_can_be_left_out_and_change_no_class(
    pulled: Pulled, result: RegionResult, tmp_path: Path
) -> None:
    request = AssessRequest(regions=("broken",), data=tmp_path, profiles=("ne-asia",), pixel_breaks=False)
    plain = compute_profiles(HERE, pulled, request, "simulated")[0]
    assert plain.digest != result.digest
    assert plain.area_km2 == result.area_km2
    left_out = {path.name for path in result.folder.iterdir()} - {path.name for path in plain.folder.iterdir()}
    assert "pixel_breaks.csv" in left_out
    assert all(name == "pixel_breaks.csv" or "-break_" in name or "-change_" in name for name in left_out)


def test_without_rain_there_are_no_breaks_and_the_figure_says_why(pulled: Pulled, tmp_path: Path) -> None:
    dry = replace(pulled, cubes={name: path for name, path in pulled.cubes.items() if name != "precipitation"})
    found = assessed(dry, tmp_path)
    assert not list(found.folder.glob("*break_*"))
    assert not list(found.folder.glob("*change_*"))
    assert not (found.folder / "pixel_breaks.csv").exists()
    with pytest.raises(FlowError, match=r"region broken, ne-asia: .* yearly rain and 20 years"):
        breaks_figure(found)


def test_the_figure_is_drawn_by_the_command(result: RegionResult, tmp_path: Path) -> None:
    target = tmp_path / "breaks.png"
    data = result.folder.parents[2]
    said = CliRunner().invoke(
        app, ["breaks", "broken", "--profile", "ne-asia", "--to", str(target), "--data", str(data)]
    )
    assert said.exit_code == 0, said.output
    with Image.open(target) as picture:
        assert np.asarray(picture).std() > 10
