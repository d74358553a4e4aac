"""A folder of files as Earth Engine assets: formats, projections, types, dates; and catalogues that are wrong."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ee
import numpy as np
import pytest
import rasterio
import xarray as xr
from affine import Affine
from google.auth.credentials import AnonymousCredentials

from offline.protocol.server import serve
from offline.sources.own_files.catalog import CatalogError, fingerprint
from offline.sources.own_files.files import FileSource

SINUSOIDAL = "+proj=sinu +lon_0=0 +x_0=0 +y_0=0 +R=6371007.181 +units=m +no_defs"
PLACE = Affine(0.5, 0, 100, 0, -0.5, 45)
FIRST = np.arange(8, dtype=np.int16).reshape(2, 4)


def tiff(path: Path, values: np.ndarray, **options: Any) -> str:
    """A GeoTIFF of bands (band, row, column); its name."""
    descriptions = options.pop("descriptions", ())
    profile = {"crs": "EPSG:4326", "transform": PLACE, "dtype": values.dtype, **options}
    count, height, width = values.shape
    with rasterio.open(path, "w", driver="GTiff", count=count, height=height, width=width, **profile) as file:
        file.write(values)
        for number, text in enumerate(descriptions, start=1):
            file.set_band_description(number, text)
    return path.name


def catalogue(folder: Path, *assets: dict[str, Any]) -> Path:
    (folder / "catalog.json").write_text(json.dumps({"assets": assets}))
    return folder


def still(path: str, *bands: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": "own/still",
        "type": "IMAGE",
        "files": [{"path": path, "bands": list(bands) or [{"name": "v"}]}],
    } | more


def stack(**spec: Any) -> dict[str, Any]:
    return {"id": "own/stack", "type": "IMAGE_COLLECTION", "stack": {"band": {"name": "v"}, **spec}}


@contextmanager
def served(folder: Path) -> Iterator[None]:
    """The real client over the folder."""
    with serve(FileSource(folder)) as server:
        ee.Initialize(AnonymousCredentials(), url=server.url, project="offline")
        ee.data.setMaxRetries(0)
        yield
        ee.Reset()


def pixels(image: ee.Image, place: Affine = PLACE, crs: str = "EPSG:4326", fill: float = -1) -> list[list[float]]:
    """The first band on 2 x 4 cells, `fill` where masked."""
    keys = ("scaleX", "shearX", "translateX", "shearY", "scaleY", "translateY")
    grid = {
        "dimensions": {"width": 4, "height": 2},
        "affineTransform": dict(zip(keys, tuple(place)[:6], strict=True)),
        "crsCode": crs,
    }
    request = {"expression": image.unmask(fill), "fileFormat": "NUMPY_NDARRAY", "grid": grid}
    found = ee.data.computePixels(request)
    return found[found.dtype.names[0]].tolist()


def test_a_stack_is_dated_by_its_band_descriptions(tmp_path: Path) -> None:
    days = ["2001-01-01", "2001-01-17", "2001-02-02"]
    tiff(tmp_path / "a.tif", np.stack([FIRST, FIRST + 10, FIRST + 20]), descriptions=days)
    with served(catalogue(tmp_path, stack(path="a.tif"))):
        images = ee.ImageCollection("own/stack")
        assert images.aggregate_array("system:index").getInfo() == ["2001_01_01", "2001_01_17", "2001_02_02"]
        assert ee.Date(images.first().get("system:time_end")).format("YYYY-MM-dd").getInfo() == days[1]
        second = images.filterDate("2001-01-10", "2001-01-30").first()
        assert pixels(second) == (FIRST + 10).tolist()


@pytest.mark.parametrize("suffix", [".nc", ".zarr"])
def test_arrays_are_dated_by_their_time_axis_and_may_run_south_to_north(tmp_path: Path, suffix: str) -> None:
    times = np.array(["2001-01-01", "2002-01-01"], "datetime64[ns]")
    data = xr.DataArray(
        np.stack([FIRST, FIRST + 10])[:, ::-1].astype(np.float32),
        coords={"time": times, "lat": [44.25, 44.75], "lon": 100.25 + 0.5 * np.arange(4)},
        dims=("time", "lat", "lon"),
    ).to_dataset(name="ndvi")
    path = tmp_path / f"a{suffix}"
    if suffix == ".nc":
        data.to_netcdf(path, engine="h5netcdf")
    else:
        data.to_zarr(path, consolidated=False)
    with served(catalogue(tmp_path, stack(path=path.name, variable="ndvi", crs="EPSG:4326"))):
        images = ee.ImageCollection("own/stack")
        assert images.aggregate_array("system:index").getInfo() == ["2001_01_01", "2002_01_01"]
        assert pixels(ee.Image(images.toList(2).get(1))) == (FIRST + 10).tolist()


def test_one_type_for_files_of_several(tmp_path: Path) -> None:
    """A map of an early year is signed and marks gaps with -128, a later one unsigned with 255."""
    early, late = FIRST.astype(np.int8), FIRST.astype(np.uint8)
    early[0, 0], late[0, 0] = -128, 255
    tiff(tmp_path / "2001.tif", early[None], nodata=-128)
    tiff(tmp_path / "2002.tif", late[None], nodata=255)
    band = {"name": "v", "dtype": "uint8", "categorical": True, "valid_range": [0, 17]}
    paths = {"paths": ["2001.tif", "2002.tif"], "dates": ["2001-01-01", "2002-01-01"]}
    with served(catalogue(tmp_path, stack(**paths) | {"stack": {"band": band, **paths}})):
        images = ee.ImageCollection("own/stack")
        for number in (0, 1):
            image = ee.Image(images.toList(2).get(number))
            assert image.bandTypes().getInfo()["v"]["max"] == 255
            assert pixels(image, fill=99) == [[99, 1, 2, 3], [4, 5, 6, 7]]


def test_several_fill_values_are_masked(tmp_path: Path) -> None:
    values = FIRST.astype(np.uint16)
    values[0, :3] = 65533, 65534, 65535
    tiff(tmp_path / "a.tif", values[None], nodata=65535)
    with served(catalogue(tmp_path, still("a.tif", {"name": "v", "valid_range": [0, 65532]}))):
        assert pixels(ee.Image("own/still"), fill=9) == [[9, 9, 9, 3], [4, 5, 6, 7]]


def test_a_sinusoidal_file_has_earth_engines_name_for_it_and_reprojects(tmp_path: Path) -> None:
    place = Affine(463.312716527917, 0, 8_000_000, 0, -463.312716527917, 4_900_000)
    tiff(tmp_path / "a.tif", FIRST[None], crs=SINUSOIDAL, transform=place)
    with served(catalogue(tmp_path, still("a.tif"))):
        image = ee.Image("own/still")
        assert image.projection().crs().getInfo() == "SR-ORG:6974"
        assert pixels(image, place, "SR-ORG:6974") == FIRST.tolist()
        point = ee.Geometry.Point([8_000_700, 4_899_700], "SR-ORG:6974")
        assert image.reduceRegion(ee.Reducer.first(), point, 463.3).getInfo() == {"v": 1}


def test_a_table_is_a_feature_collection(tmp_path: Path) -> None:
    square = {"type": "Polygon", "coordinates": [[[100, 44], [101, 44], [101, 45], [100, 45], [100, 44]]]}
    features = [{"type": "Feature", "properties": {"name": "a"}, "geometry": square}]
    (tmp_path / "t.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    with served(catalogue(tmp_path, {"id": "own/table", "type": "TABLE", "path": "t.geojson"})):
        table = ee.FeatureCollection("own/table")
        assert table.aggregate_array("name").getInfo() == ["a"]
        assert table.geometry().bounds().coordinates().getInfo()[0][0] == [100, 44]


def test_a_change_of_a_file_changes_the_fingerprint(tmp_path: Path) -> None:
    tiff(tmp_path / "a.tif", FIRST[None])
    before = fingerprint(catalogue(tmp_path, still("a.tif")))
    assert fingerprint(tmp_path) == before
    tiff(tmp_path / "a.tif", FIRST[None] + 1)
    os.utime(tmp_path / "a.tif", ns=(1, 1))
    changed = fingerprint(tmp_path)
    assert changed != before
    catalogue(tmp_path, still("a.tif", {"name": "w"}))
    assert fingerprint(tmp_path) != changed


WRONG = {
    "misspelt key": (still("a.tif", {"name": "v", "nodta": [1]}), r"files\[0\].bands\[0\].nodta: .*Remove the key"),
    "no such file": (still("b.tif"), r"files\[0\].path: file b.tif does not exist. Correct the path"),
    "no such band": (still("a.tif", {"name": "v", "index": 3}), r"band 3 of a.tif, which has 2. Correct index"),
    "twice": (still("a.tif", {"name": "v"}, {"name": "v"}), r"band v is given twice"),
    "type": (still("a.tif", {"name": "v", "dtype": "int17"}), r"unknown type 'int17'. Use a numpy type"),
    "kind": ({"id": "own/still", "type": "RASTER"}, r'Use one of "IMAGE_COLLECTION", "IMAGE", "TABLE"'),
    "no raster": (still("catalog.json"), r"not a readable raster .* Check the file"),
    "dates missing": (stack(path="a.tif"), r"band descriptions of a.tif are not dates .* List them"),
    "dates too few": (stack(path="a.tif", dates=["2001-01-01"]), r"2 layers in a.tif for 1 dates. Give one date"),
    "dates back": (stack(path="a.tif", dates=["2002-01-01", "2001-01-01"]), r"dates must rise"),
    "both ways": (stack(path="a.tif", paths=["a.tif"], dates=["2001-01-01"]), r"give either path .* or paths"),
    "crs": (still("a.tif") | {"files": [{"path": "a.tif", "crs": "EPSG:0", "bands": [{"name": "v"}]}]}, r"\.crs: "),
    "table": ({"id": "own/table", "type": "TABLE", "path": "catalog.json"}, r"is not GeoJSON with geometries"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_catalogue_says_where_and_how_to_mend_it(tmp_path: Path, wrong: str) -> None:
    tiff(tmp_path / "a.tif", np.stack([FIRST, FIRST]))
    asset, message = WRONG[wrong]
    with pytest.raises(CatalogError, match=message) as raised:
        FileSource(catalogue(tmp_path, asset))
    assert str(tmp_path / "catalog.json") in str(raised.value)


def test_a_folder_without_a_catalogue_and_one_that_is_no_json(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"no such file. Describe the folder's files"):
        FileSource(tmp_path)
    (tmp_path / "catalog.json").write_text("{")
    with pytest.raises(CatalogError, match=r"not JSON .* Fix the syntax"):
        FileSource(tmp_path)
    asset = still("a.tif")
    tiff(tmp_path / "a.tif", FIRST[None])
    with pytest.raises(CatalogError, match="given more than once: own/still"):
        FileSource(catalogue(tmp_path, asset, asset))


def masked_tiff(folder: Path, kind: str) -> str:
    """Values 0 to 63 in one band, and a mask that hides the first pixel and the last row: as `kind` has it."""
    values, mask = np.arange(64, dtype=np.uint8).reshape(8, 8), np.full((8, 8), 255, np.uint8)
    mask[0, 0] = mask[7] = 0
    size = {"width": 8, "height": 8, "dtype": "uint8", "crs": "EPSG:4326"}
    size |= {"transform": Affine(0.1, 0, 115, 0, -0.1, 43), "nodata": 200 if kind == "alpha-nodata" else None}
    path = folder / "masked.tif"
    bands = 2 if kind.startswith("alpha") else 1
    with (
        rasterio.Env(GDAL_TIFF_INTERNAL_MASK=kind == "internal"),
        rasterio.open(path, "w", driver="GTiff", count=bands, **size) as f,
    ):
        f.write(values, 1)
        if bands == 2:
            f.colorinterp = [rasterio.enums.ColorInterp.gray, rasterio.enums.ColorInterp.alpha]
            f.write(mask, 2)
        else:
            f.write_mask(mask)
    assert (folder / "masked.tif.msk").exists() == (kind == "sidecar")
    return path.name


@pytest.mark.parametrize("kind", ["internal", "sidecar", "alpha", "alpha-nodata"])
def test_a_mask_that_is_a_band_hides_pixels_however_they_are_read(tmp_path: Path, kind: str) -> None:
    """63 cells would be 7 rows of 8 less the first pixel: 55; values 1 to 55, whose mean is 28."""
    catalogue(tmp_path, still(masked_tiff(tmp_path, kind)))
    with served(tmp_path):
        whole = ee.Geometry.Rectangle([115, 42.2, 115.8, 43], None, False)
        image = ee.Image("own/still")
        native = image.reduceRegion(ee.Reducer.count().combine(ee.Reducer.min(), None, True), whole).getInfo()
        assert native == {"v_count": 55, "v_min": 1}
        assert image.reduceRegion(ee.Reducer.mean(), whole).getInfo()["v"] == pytest.approx(28)
        # coarse: the north-west block of 2 x 2 is the mean of 1, 8 and 9, three quarters of it known
        coarse = image.reduceRegion(
            ee.Reducer.toList(), whole, crs="EPSG:4326", crsTransform=[0.2, 0, 115, 0, -0.2, 43]
        ).getInfo()["v"]
        assert coarse[0] == pytest.approx(6)
        assert coarse[-1] == 54  # the mean of 54 and 55, in whole numbers as stored
        smooth = (
            image.resample("bilinear")
            .reduceRegion(ee.Reducer.toList(), whole, crs="EPSG:4326", crsTransform=[0.05, 0, 115, 0, -0.05, 43])
            .getInfo()["v"]
        )
        assert len(smooth) == 55 * 4
        assert min(smooth) >= 1
        corner = ee.Geometry.Point([115.05, 42.95])
        assert image.reduceRegion(ee.Reducer.first(), corner).getInfo() == {"v": None}


def test_a_changed_mask_beside_a_file_changes_the_fingerprint(tmp_path: Path) -> None:
    catalogue(tmp_path, still(masked_tiff(tmp_path, "sidecar")))
    before = fingerprint(tmp_path)
    (tmp_path / "masked.tif.msk").unlink()
    assert fingerprint(tmp_path) != before


def test_an_alpha_band_is_no_date_of_a_stack(tmp_path: Path) -> None:
    name = masked_tiff(tmp_path, "alpha")
    catalogue(tmp_path, stack(path=name, dates=["2001-01-01"], cadence_days=365))
    assert [each.id for each in FileSource(tmp_path).list("own/stack")] == ["own/stack/2001_01_01"]
