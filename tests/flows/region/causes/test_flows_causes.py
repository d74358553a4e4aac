"""Causes in a result: patches are numbered, the planted cause is named, tables close, and all outputs have them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyogrio
import pytest
import zarr
from made_cubes import CELL, YEARS, made, rasters_of, region, write_cube
from scipy.ndimage import binary_dilation
from shapely import box
from sqlalchemy import Engine
from typer.testing import CliRunner

from flows.cli.figure import app
from flows.errors import FlowError
from flows.figures.causes_map import causes_figure
from flows.figures.handout.folder import write_maps
from flows.pull.pulled import Pulled
from flows.region.causes import found_patches as finding
from flows.region.causes.gathering import Drivers, gather
from flows.region.causes.judging import verdicts
from flows.region.causes.writing import CODES, statistics
from flows.region.files.publish import publish_region
from flows.region.measuring import measured
from flows.region.result import RegionResult
from flows.region.results import compute_profiles
from flows.request.assess import AssessRequest
from flows.request.choices import profiles_of
from indicators.codes import DEGRADED, NODATA
from practices.database.open import open_database
from practices.database.transactions import reading
from practices.exports.export import export
from practices.record.catalogue import load
from practices.report.drivers.causes import cause_rows, sentences
from practices.report.drivers.helps import ANSWERS, MOST, helping
from practices.results import by_region
from practices.results.published_views import choices
from regions.grid import geobox
from series.cubes.stored import look

HERE = region(40, 50, "caused")
#: Rows and columns of what is put in: lost with herds, lost with none, lost with fields, lost in a patch too small.
HERDED, ALONE, FIELDS, SMALL = np.s_[3:13, 39:49], np.s_[24:34, 20:32], np.s_[26:36, 38:48], np.s_[18:21, 40:43]
LOST = {"herded": (HERDED, 2013), "alone": (ALONE, 2010), "fields": (FIELDS, 2016), "small": (SMALL, 2012)}


@pytest.fixture(scope="module")
def pulled(tmp_path_factory: pytest.TempPathFactory) -> Pulled:
    store = tmp_path_factory.mktemp("cubes")
    found = made(store, HERE)
    rng = np.random.default_rng(5)
    grid = geobox(HERE, CELL)
    weather = np.exp(rng.normal(0, 0.08, 24))[:, None, None]
    green = 0.3 * weather * np.exp(0.03 * rng.standard_normal((24, *grid.shape)))
    years = np.array(YEARS)
    for where, year in LOST.values():
        green[(years >= year, *where)] *= 0.55
    cover = np.full((24, *grid.shape), 10.0)
    cover[(years >= 2015, *FIELDS)] = 12
    for path, values in ((found.productivity["season_mean"], green), (found.productivity["maximum"], 1.3 * green)):
        zarr.open_array(path / path.name.rsplit("-", 1)[0], mode="r+")[...] = values
    zarr.open_array(found.cubes["land_cover"] / "land_cover", mode="r+")[...] = cover
    zarr.open_array(found.cubes["precipitation"] / "precipitation", mode="r+")[...] = (
        300 + 40 * rng.standard_normal(24)[:, None, None]
    )
    herds = 20 * np.exp(0.05 * rng.standard_normal((24, *grid.shape)))
    herds[(years >= 2012, *HERDED)] *= 3
    herds[years > 2022] = np.nan
    drivers = {
        "herd_sheep_units": write_cube(store, "herd_sheep_units/a", grid, herds, "km-2"),
        "burned": write_cube(store, "burned/a", grid, np.zeros((24, *grid.shape))),
        "open_water": write_cube(store, "open_water/a", grid, np.zeros((24, *grid.shape))),
        "night_lights": write_cube(store, "night_lights/a", grid, 0.1 + 0.01 * rng.random((24, *grid.shape))),
    }
    return replace(found, drivers=drivers)


def asked(folder: Path, **options: object) -> AssessRequest:
    given = {"regions": (HERE.id,), "data": folder, "permutations": 19, "pixel_breaks": False, "workers": 1}
    return AssessRequest.model_validate({**given, **options})


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def result(pulled: Pulled, data: Path) -> RegionResult:
    return compute_profiles(HERE, pulled, asked(data), "simulated")[0]


@pytest.fixture(scope="module")
def table(result: RegionResult) -> pd.DataFrame:
    return pd.read_csv(result.folder / "patches.csv").set_index("patch")


@pytest.fixture(scope="module")
def published(result: RegionResult, pulled: Pulled, data: Path) -> Engine:
    publish_region(HERE, result, pulled, asked(data))
    return open_database(asked(data).database_url)


def rasters(result: RegionResult) -> dict[str, np.ndarray]:
    return {name.removeprefix("2001-2024-"): values for name, values in rasters_of(result.folder).items()}


def patch_in(result: RegionResult, where: tuple[slice, slice]) -> int:
    """The number of the patch that most of some cells are in."""
    numbers = rasters(result)["patch.tif"][where]
    return int(np.bincount(numbers[numbers >= 0]).argmax())


def test_the_planted_cause_is_named_and_nobody_is_blamed_without_one(result: RegionResult, table: pd.DataFrame) -> None:
    herded, alone, fields = (table.loc[patch_in(result, LOST[name][0])] for name in ("herded", "alone", "fields"))
    assert herded["verdict"] == "grazing"
    assert herded["driver"] == "herd_sheep_units"
    assert herded["year"] == 2013
    assert herded["loss"] == pytest.approx(0.45, abs=0.05)
    assert herded["r"] < -0.5
    assert "herd sheep units changed 3.0-fold against matched land from 2012 on" in herded["sentence"]
    assert fields["verdict"] == "cultivation"
    assert alone["verdict"] == "cannot be determined"
    assert alone["year"] == 2010
    assert alone["sentence"].startswith("What the loss since 2010 goes with cannot be determined")
    assert patch_in(result, SMALL) == 0
    chances = table.filter(like="p_").dropna()
    assert chances.sum(axis=1).to_numpy() == pytest.approx(1)


def test_rasters_and_tables_close(result: RegionResult, table: pd.DataFrame) -> None:
    found = rasters(result)
    number, cause, classes = found["patch.tif"], found["verdict.tif"], found["sdg.tif"]
    assert (classes[number > 0] == DEGRADED).all()
    assert ((cause != NODATA) == (number > 0)).all()
    for patch, row in table.iterrows():
        assert set(cause[number == patch]) == {next(code for code, name in CODES.items() if name == row["verdict"])}
    stats = pd.read_csv(result.folder / "statistics.csv").set_index("name")["value"]
    shares = stats[stats.index.str.startswith("patch_share_")]
    assert shares.sum() == pytest.approx(1)
    assert stats["patches_area"] == pytest.approx(table["area_km2"].sum())
    assert stats["patches_area"] <= result.area_km2["degraded"]
    assert stats["patches_human"] == pytest.approx(shares["patch_share_grazing"] + shares["patch_share_cultivation"])
    assert stats["patches_decided"] == pytest.approx(1 - shares["patch_share_cannot_be_determined"])


def test_blocks_do_not_matter_and_mines_count_within_their_outlines(
    pulled: Pulled, result: RegionResult, tmp_path: Path
) -> None:
    request = asked(tmp_path)
    whole = rasters(result)["sdg.tif"]
    lights = look(pulled.drivers["night_lights"])
    shining = np.array(zarr.open_array(lights.path / "night_lights", mode="r")[...])
    years = np.array(YEARS)
    shining[(years >= 2009, *ALONE)] += 15
    lit = write_cube(tmp_path, "night_lights/lit", geobox(HERE, CELL), shining)
    cubes = {name: look(path) for name, path in {**pulled.drivers, "night_lights": lit}.items()}
    grid = geobox(HERE, CELL)
    rows, columns = ALONE
    left, top = grid.affine * (columns.start, rows.start)
    right, bottom = grid.affine * (columns.stop, rows.stop)
    mine = box(left, bottom, right, top)
    tables = []
    for side, mines in ((512, mine), (16, mine), (512, None)):
        with measured(HERE, pulled, request, profiles_of(request), side) as work:
            patches = finding.found_patches(whole)
            gathered = gather(work, work.job.profiles[0], patches, Drivers(cubes, mines))
            tables.append(verdicts(patches, gathered, work.job.grid.y, work.job.grid.x, {}))
    pd.testing.assert_frame_equal(tables[0], tables[1], rtol=1e-6)
    number = patch_in(result, ALONE) - 1
    assert tables[0].loc[number, "verdict"] == "mining"
    assert "mine lights changed by +15" in tables[0].loc[number, "sentence"]
    assert tables[2].loc[number, "verdict"] == "cannot be determined"  # lamps alone are no mine


def test_the_pool_does_not_depend_on_strips(result: RegionResult, monkeypatch: pytest.MonkeyPatch) -> None:
    classes = rasters(result)["sdg.tif"]
    monkeypatch.setattr(finding, "POOL", 100)
    whole = finding.found_patches(classes)
    monkeypatch.setattr(finding, "STRIP", 7)
    strips = finding.found_patches(classes)
    assert len(whole.rows) == 100
    assert (whole.rows == strips.rows).all()
    assert (whole.columns == strips.columns).all()
    near = binary_dilation(classes == DEGRADED, iterations=finding.APART)
    assert not near[whole.rows, whole.columns].any()


def test_all_outputs_have_the_patches(published: Engine, table: pd.DataFrame, tmp_path: Path) -> None:
    with reading(published) as connection:
        report = by_region.report(connection, HERE.id, choices(connection, HERE.id)[0].view)
    assert report is not None
    assert [each.patch for each in report.patches] == sorted(table.index)
    rows = cause_rows(report)
    assert sum(each.share for each in rows) == pytest.approx(1)
    assert rows[-1].cause == "cannot be determined"
    assert rows[-1].certainty is None
    (said,) = sentences(report)
    assert "grazing" in said
    assert "cannot be determined" in said
    export(published, tmp_path, formats=("gpkg", "csv", "xlsx"))
    layer = pyogrio.read_dataframe(next(tmp_path.glob("*.gpkg")), layer="patches")
    assert len(layer) == len(table)
    assert layer.geometry.x.to_numpy() == pytest.approx(layer["lon"].to_numpy())
    assert set(layer["verdict"]) == set(table["verdict"])
    own = pd.read_csv(next(tmp_path.rglob("patches.csv")), comment="#")
    assert own["year"].dropna().astype(int).tolist() == table["year"].dropna().astype(int).tolist()


def test_without_a_patch_it_is_said_that_there_is_none(table: pd.DataFrame) -> None:
    (none,) = statistics(table.iloc[:0], "2001-2024").to_dict("records")
    assert (none["name"], none["value"], none["period"]) == ("patches_area", 0.0, "2001-2024")
    assert "no degraded land hangs together over 25 cells" in none["note"]


def test_the_figure_shows_them(result: RegionResult, data: Path, tmp_path: Path) -> None:
    drawn = causes_figure(result)
    said = [text.get_text() for axes in drawn.axes for text in axes.texts]
    assert any("1 patch" in each for each in said)
    done = CliRunner().invoke(app, ["drivers", HERE.id, "--data", str(data), "--to", str(tmp_path / "a.png")])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "a.png").stat().st_size > 10_000


def test_maps_that_are_handed_out_have_them(result: RegionResult, tmp_path: Path) -> None:
    written = write_maps(tmp_path, [result], {HERE.id: HERE.geometry})
    assert tmp_path / "maps" / HERE.id / f"{result.period}-causes.png" in written


def test_without_drivers_land_cover_speaks_and_on_request_there_are_none(pulled: Pulled, tmp_path: Path) -> None:
    bare = compute_profiles(HERE, replace(pulled, drivers={}), asked(tmp_path / "bare"), "simulated")[0]
    causes = pd.read_csv(bare.folder / "patches.csv")
    assert len(causes) == 3
    assert "grazing" not in set(causes["verdict"])
    assert "cultivation" in set(causes["verdict"])  # by land cover alone
    none = compute_profiles(HERE, pulled, asked(tmp_path / "none", patches=False), "simulated")[0]
    assert not (none.folder / "patches.csv").exists()
    assert not list(none.folder.glob("*verdict*"))
    with pytest.raises(FlowError, match=r"nothing is known of causes .* without --no-patches"):
        causes_figure(none)


def test_practices_that_answer_to_the_verdicts_are_named(published: Engine) -> None:
    with reading(published) as connection:
        report = by_region.report(connection, HERE.id, choices(connection, HERE.id)[0].view)
        assert report is not None
        found = {each.cause: each.practices for each in helping(connection, report, cause_rows(report))}
    assert set(found) == {"grazing", "cultivation"}
    assert "mng-green-gold-pasture-user-groups" in {name for name, _, _ in found["grazing"]}
    assert all(1 <= len(each) <= MOST for each in found.values())
    own = {each.id: each.model_dump() for each in load()}
    assert all("tech_lu_grazingland" in own[name]["land_use"] for name, _, _ in found["grazing"])
    # for every verdict something is documented
    assert all(any(answer.fits(each) for each in own.values()) for answer in ANSWERS.values())
