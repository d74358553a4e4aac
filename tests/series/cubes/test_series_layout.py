"""Cubes as xarray, rioxarray and GDAL read them, without an option: reference system, coordinates, classes, origin."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
import rasterio
import rioxarray  # noqa: F401
import xarray as xr
from shapely import box

from indicators.sdg15.land_cover import LEGENDS
from indicators.sdg15.soil_carbon import CLIMATE_FACTOR
from offline.protocol.server import serve
from offline.sources.simulated.source import SimulatedSource
from regions.grid import geobox
from series.class_names import CLIMATE_ZONES, LAND_COVER
from series.composites import annual, in_time, static
from series.cubes.naming import FORMAT, Cube
from series.cubes.pull import pull
from series.cubes.stored import open_cube
from series.datasets import DATASETS
from series.sequences import times_of
from series.service.earth_engine import Connection, connect

AREA = geobox(box(112, 43, 112.4, 43.3), 1 / 60)
YEARS = (2010, 2011)
RAIN = DATASETS["era5-land-precipitation"]
MONTHS = date(2010, 1, 1), date(2010, 4, 1)
#: The layout of cubes of this format. Where it changes, raise `series.cubes.naming.FORMAT`, and write the new one here.
LAYOUT = {
    3: {
        "store": {".zattrs", ".zgroup", ".zmetadata", "land_cover", "spatial_ref", "x", "y", "year"},
        "attributes": {
            "Conventions", "asset_updated", "base", "cell_degrees", "dataset", "digest", "eecu_seconds", "graph",
            "history", "last_image", "origin", "package_version", "parts", "pulled_by", "repeated_requests", "requests",
        },
        "land_cover": {
            "flag_meanings", "flag_values", "grid_mapping", "licence", "long_name", "references", "source", "units",
        },
        "dims": {"land_cover": ("year", "y", "x"), "spatial_ref": (), "x": ("x",), "y": ("y",), "year": ("year",)},
        "types": {"land_cover": "float32", "x": "float64", "y": "float64", "year": "int64"},
    }
}  # fmt: skip


@pytest.fixture(scope="module")
def cubes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """A cube of classes, one of numbers by month, and one of all time."""
    store = tmp_path_factory.mktemp("cubes")
    cover, zones = DATASETS["mcd12q1-igbp"], DATASETS["ipcc-climate-zones"]
    with serve(SimulatedSource()) as server:
        connect(Connection(url=server.url))
        months = in_time(RAIN, [MONTHS], lambda: (times_of(RAIN, *MONTHS),))
        yield {
            "land_cover": pull(Cube(annual(cover, YEARS, (5, 9)), "land_cover", AREA, cover, store, "simulated")),
            "rain": pull(Cube(months, "rain", AREA, RAIN, store, "simulated")),
            "zone": pull(Cube(static(zones, 1 / 60), "zone", AREA, zones, store, "simulated")),
        }


@pytest.mark.parametrize("name", ["land_cover", "rain", "zone"])
def test_a_cube_opens_plainly_with_its_reference_system(cubes: dict[str, Path], name: str) -> None:
    """Warnings are errors here: consolidated metadata is there, and nothing has to be guessed."""
    with xr.open_zarr(cubes[name]) as cube:
        data = cube[name]
        assert data.rio.crs == cube.rio.crs == "EPSG:4326"
        assert data.rio.transform() == AREA.affine
        assert data.dtype == np.float32
        for axis, standard, units in (("y", "latitude", "degrees_north"), ("x", "longitude", "degrees_east")):
            assert (data[axis].attrs["standard_name"], data[axis].attrs["units"]) == (standard, units)
        np.testing.assert_array_equal(data.values, open_cube(cubes[name]).values)
    with xr.open_zarr(cubes[name], decode_coords="all") as cube:
        assert list(cube.data_vars) == [name]


@pytest.mark.parametrize("name", ["land_cover", "rain", "zone"])
def test_gdal_reads_a_cube_with_its_place(cubes: dict[str, Path], name: str) -> None:
    known = open_cube(cubes[name]).values
    with rasterio.open(f"ZARR:{cubes[name]}:/{name}") as file:
        assert file.crs == "EPSG:4326"
        assert file.transform.almost_equals(AREA.affine)
        np.testing.assert_array_equal(file.read(), known.reshape(-1, *AREA.shape))


def test_a_cube_goes_to_netcdf_and_to_a_raster(cubes: dict[str, Path], tmp_path: Path) -> None:
    with xr.open_zarr(cubes["land_cover"]) as cube:
        cube.to_netcdf(tmp_path / "cube.nc")
        cube["land_cover"].rio.to_raster(tmp_path / "cube.tif")
    for file in ("cube.nc", "cube.tif"):
        with rasterio.open(tmp_path / file) as raster:
            assert raster.crs == "EPSG:4326"
    with xr.open_dataset(tmp_path / "cube.nc", engine="h5netcdf") as again:
        assert again["year"].values.tolist() == list(YEARS)


def test_codes_have_names_and_times_are_times(cubes: dict[str, Path]) -> None:
    with xr.open_zarr(cubes["land_cover"]) as cube:
        attrs = cube["land_cover"].attrs
        known = dict(zip(attrs["flag_values"], attrs["flag_meanings"].split(), strict=True))
        assert known[10] == "grassland"
        assert set(np.unique(cube["land_cover"])) <= set(known)
    with xr.open_zarr(cubes["zone"]) as cube:
        assert "cool_temperate_dry" in cube["zone"].attrs["flag_meanings"].split()
    with xr.open_zarr(cubes["rain"]) as cube:
        assert cube["time"].dt.month.values.tolist() == [1, 2, 3]
        assert cube["time"].attrs["standard_name"] == "time"
        assert "flag_values" not in cube["rain"].attrs


def test_every_code_that_the_indicators_know_has_a_name() -> None:
    assert {legend: set(names) for legend, names in LAND_COVER.items()} == {k: set(v) for k, v in LEGENDS.items()}
    assert set(CLIMATE_ZONES) == set(CLIMATE_FACTOR)


@pytest.mark.parametrize(
    ("origin", "words"),
    [("simulated", "SIMULATED landscape"), ("offline-files", "own files"), ("earth-engine", "Google Earth Engine")],
)
def test_the_history_names_the_true_origin(cubes: dict[str, Path], tmp_path: Path, origin: str, words: str) -> None:
    zones = DATASETS["ipcc-climate-zones"]
    path = pull(Cube(static(zones, 1 / 60), "zone", AREA[:2, :2], zones, tmp_path, origin))
    with xr.open_zarr(path) as cube:
        assert re.fullmatch(
            rf"\d{{4}}-\S+Z pulled by drylands {version('drylands')} from: {words}.*", cube.attrs["history"]
        )


def test_another_layout_needs_another_format(cubes: dict[str, Path]) -> None:
    expected = LAYOUT[FORMAT]
    path = cubes["land_cover"]
    with xr.open_zarr(path, decode_coords="all") as cube:
        found = {
            "store": {each.name for each in path.iterdir()},
            "attributes": set(cube.attrs),
            "land_cover": {*cube["land_cover"].attrs, "grid_mapping"},
            "dims": {str(name): variable.dims for name, variable in cube.variables.items()},
            "types": {name: str(cube[name].dtype) for name in ("land_cover", "x", "y", "year")},
        }
    assert found == expected
