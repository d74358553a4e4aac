"""One pixel among several profiles: which series is shown, and what can be asked for."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from made_cubes import CELL, made, region, write_cube
from PIL import Image
from typer.testing import CliRunner

from flows.cli.figure import app
from flows.errors import FlowError
from flows.figures.canvas import degrees
from flows.figures.pixel import series_at
from flows.region.results import compute_profiles
from flows.request.assess import AssessRequest
from regions.grid import geobox

HERE = region(12, 15)
CUBES = Path("cubes") / HERE.id


@pytest.fixture(scope="module")
def computed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("data")
    (data / CUBES).mkdir(parents=True)
    pulled = made(data / CUBES, HERE)
    profiles = ("ne-asia", "fao-wocat")
    request = AssessRequest(
        regions=(HERE.id,), data=data, profiles=profiles, permutations=19, pixel_breaks=False, workers=1
    )
    compute_profiles(HERE, pulled, request, "simulated")
    return data


@pytest.fixture
def data(computed: Path, tmp_path: Path) -> Path:
    """The results and cubes, and the cube of an earlier run at other cells beside them."""
    data = shutil.copytree(computed, tmp_path / "data")
    grid = geobox(HERE, 2 * CELL)
    other = write_cube(data / CUBES, "productivity/before", grid, np.full((24, *grid.shape), 9.0))
    os.utime(other, (0, 0))
    return data


def test_the_series_is_that_of_the_cells_that_were_judged(data: Path) -> None:
    found, (x, y), results, _ = series_at(data, HERE.id, None)
    with xr.open_zarr(data / CUBES / "productivity-season_mean.zarr", consolidated=False) as cube:
        own = cube["productivity"].sel(x=x, y=y, method="nearest").values
    np.testing.assert_allclose(found.values, own)
    assert [each.profile for each in results] == ["ne-asia", "fao-wocat"]


def test_a_place_or_a_cube_that_is_not_there_is_told(data: Path) -> None:
    with pytest.raises(FlowError, match=r"region made: 10, 20 is outside the region"):
        series_at(data, HERE.id, "10,20")
    with pytest.raises(FlowError, match="place 'here' is not longitude,latitude"):
        series_at(data, HERE.id, "here")
    for kind in ("season_mean", "calendar_mean"):
        shutil.rmtree(data / CUBES / f"productivity-{kind}.zarr")
    with pytest.raises(FlowError, match=r"no longer in .*; pull it again: drylands assess made --profiles all"):
        series_at(data, HERE.id, None)


@pytest.mark.parametrize("kind", ["pixel", "agreement"])
def test_the_command_draws_it(computed: Path, tmp_path: Path, kind: str) -> None:
    target = tmp_path / f"{kind}.png"
    said = CliRunner().invoke(app, [kind, HERE.id, "--to", str(target), "--data", str(computed)])
    assert said.exit_code == 0, said.output
    with Image.open(target) as picture:
        assert np.asarray(picture).std() > 10


def test_a_period_without_an_agreement_is_told_with_those_there_are(computed: Path) -> None:
    said = CliRunner().invoke(app, ["agreement", HERE.id, "--period", "1066", "--data", str(computed)])
    assert isinstance(said.exception, FlowError)
    assert "no agreement for the period '1066'; periods with it: 2001-2024, baseline" in str(said.exception)


def test_degrees_say_which_side_of_the_meridian_and_the_equator() -> None:
    assert [degrees(value, sides) for value, sides in ((44.0, "NS"), (-33.25, "NS"), (-12.8154, "EW"))] == [
        "44.000° N",
        "33.250° S",
        "12.815° W",
    ]
