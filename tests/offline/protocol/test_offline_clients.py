"""What builds on the client: xee, geemap's map, tiles, thumbnails and downloads."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import ee
import numpy as np
import pytest
import rasterio
import requests
import xarray as xr
from PIL import Image as Picture

from offline.protocol.server import Server

GRID: dict[str, Any] = {
    "engine": "ee",
    "crs": "EPSG:4326",
    "crs_transform": (0.5, 0.0, 100.0, 0.0, -0.5, 45.0),
    "shape_2d": (4, 2),
}
A = [[10, 11, 12, 13], [14, 15, 16, 17]]
REGION = (100, 44, 102, 45)


def test_xee_opens_a_collection(years: ee.ImageCollection) -> None:
    """Times, coordinates of cell centres, values; a masked pixel is NaN."""
    cube = xr.open_dataset(years, **GRID).load()
    assert cube["time"].dt.year.values.tolist() == [2001, 2002, 2003]
    assert cube["x"].values.tolist() == [100.25, 100.75, 101.25, 101.75]
    assert cube["y"].values.tolist() == [44.75, 44.25]
    assert cube["a"].values[0].tolist() == A
    assert np.isnan(cube["a"].values[1, 1, 3])
    assert cube["a"].values[2, 1, 3] == 67


def test_xee_opens_by_name(few: Server) -> None:
    """`ee://` and the id of a collection."""
    cube = xr.open_dataset("ee://TEST/YEARLY", **GRID).load()
    assert cube["b"].values[0, 0].tolist() == [2.5, 2.75, 3.0, 3.25]


def test_xee_opens_one_image_of_years_as_bands(years: ee.ImageCollection) -> None:
    """The form in which yearly composites are pulled."""
    image = years.select("a").toBands().rename(["y2001", "y2002", "y2003"])
    cube = xr.open_dataset(ee.ImageCollection([image]), primary_dim_property="system:index", **GRID).load()
    assert list(cube.data_vars) == ["y2001", "y2002", "y2003"]
    assert cube["y2003"].values[0, 0].tolist() == [60, 61, 62, 63]
    assert np.isnan(cube["y2002"].values[0, 1, 3])


def test_xee_does_not_depend_on_chunks(years: ee.ImageCollection) -> None:
    """Several requests of a pixel or two give the same cube as one."""
    whole = xr.open_dataset(years, **GRID).load()
    parts = xr.open_dataset(years, io_chunks={"index": 2, "width": 3, "height": 1}, **GRID).load()
    xr.testing.assert_equal(whole, parts)


def opened(content: bytes) -> np.ndarray:
    """Red, green, blue and opacity of a picture."""
    return np.asarray(Picture.open(io.BytesIO(content)).convert("RGBA"))


def test_a_tile_shows_the_palette_and_nothing_around(first: ee.Image) -> None:
    """Tile 6/49/23 spans 95.6 to 101.25 E, 40.98 to 45.09 N: its upper right corner shows data, red to blue."""
    made = first.select("a").getMapId({"min": 10, "max": 17, "palette": ["red", "blue"]})
    tile = opened(made["tile_fetcher"].fetch_tile(49, 23, 6))
    assert tile.shape == (256, 256, 4)
    assert tile[-1, 0, 3] == 0
    red, _, blue, opacity = tile[10, 205].tolist()  # 100.16 E, 44.9 N: the value 10
    assert (red, blue, opacity) == (255, 0, 255)


def test_tiles_outside_of_the_world_of_data_are_clear(first: ee.Image) -> None:
    """The western hemisphere."""
    made = first.select("a").getMapId({"min": 10, "max": 17})
    assert opened(made["tile_fetcher"].fetch_tile(0, 0, 2))[..., 3].max() == 0


def test_a_map_of_an_image_that_fails_fails_at_once(few: Server) -> None:
    """Not tile by tile later."""
    with pytest.raises(ee.EEException, match="not found"):
        ee.Image("NO/SUCH").getMapId({})


def test_an_unknown_map_is_not_found(few: Server) -> None:
    """After a restart maps have to be made again."""
    answer = requests.get(f"{few.url}/v1/projects/offline/maps/abc/tiles/0/0/0", timeout=10)
    assert answer.status_code == 404
    assert "make it again" in answer.json()["error"]["message"]


# geemap and the widgets under it use deprecated parts of one another
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_geemap_adds_a_layer_whose_tiles_can_be_fetched(first: ee.Image) -> None:
    """The map of the notebooks, its tile URL filled in as a browser would."""
    import geemap

    shown = geemap.Map(center=(44.5, 101), zoom=6, ee_initialize=False)
    shown.add_layer(first.select("a"), {"min": 10, "max": 17, "palette": ["red", "blue"]}, "a")
    layer = next(each for each in shown.layers if each.name == "a")
    answer = requests.get(layer.url.format(x=49, y=23, z=6), timeout=30)
    assert answer.headers["Content-Type"] == "image/png"
    assert opened(answer.content)[..., 3].max() == 255


def test_a_thumbnail_has_the_size_asked_for(first: ee.Image) -> None:
    """64 pixels along the longer side of two by one degrees, dark to light."""
    url = first.select("a").getThumbURL(
        {"min": 10, "max": 17, "dimensions": 64, "region": ee.Geometry.Rectangle(REGION, None, False)}
    )
    thumbnail = opened(requests.get(url, timeout=30).content)
    assert thumbnail.shape == (32, 64, 4)
    assert thumbnail[0, 0].tolist() == [0, 0, 0, 255]
    assert thumbnail[-1, -1].tolist() == [255, 255, 255, 255]


def test_a_download_as_numpy(first: ee.Image) -> None:
    """On a grid given by CRS, transform and dimensions."""
    url = first.select("a").getDownloadURL(
        {"format": "NPY", "crs": "EPSG:4326", "crs_transform": [0.5, 0, 100, 0, -0.5, 45], "dimensions": [4, 2]}
    )
    assert np.load(io.BytesIO(requests.get(url, timeout=30).content))["a"].tolist() == A


def test_a_download_as_zipped_geotiffs(first: ee.Image) -> None:
    """One file a band, each with its grid."""
    url = first.getDownloadURL(
        {"name": "x", "crs": "EPSG:4326", "crs_transform": [0.5, 0, 100, 0, -0.5, 45], "dimensions": [4, 2]}
    )
    archive = zipfile.ZipFile(io.BytesIO(requests.get(url, timeout=30).content))
    assert sorted(archive.namelist()) == ["x.a.tif", "x.b.tif"]
    with rasterio.open(io.BytesIO(archive.read("x.a.tif"))) as band:
        assert band.read(1).tolist() == A
        assert tuple(band.transform)[:6] == (0.5, 0, 100, 0, -0.5, 45)


def test_pixels_as_geotiff(few: Server) -> None:
    """Band names, coordinate system and mask travel with the file."""
    grid = {
        "dimensions": {"width": 4, "height": 2},
        "affineTransform": {"scaleX": 0.5, "translateX": 100, "scaleY": -0.5, "translateY": 45},
        "crsCode": "EPSG:4326",
    }
    image = ee.Image("TEST/YEARLY/2002_01_01").select("a")
    content = ee.data.computePixels({"expression": image, "fileFormat": "GEO_TIFF", "grid": grid})
    with rasterio.open(io.BytesIO(content)) as file:
        assert file.descriptions == ("a",)
        assert file.crs.to_epsg() == 4326
        assert file.read(1, masked=True).mask.tolist() == [[False] * 4, [False] * 3 + [True]]


@pytest.fixture
def plain(few: Server) -> ee.Image:
    return ee.Image("TEST/YEARLY/2001_01_01")


def test_downloads_have_the_names_asked_for(plain: ee.Image) -> None:
    """Of the bands in a zip file, of the file itself; nothing that would lead out of a folder."""
    asked = {"scale": 55660, "crs": "EPSG:4326", "region": ee.Geometry.Rectangle(REGION), "name": "gobi 2001"}
    answer = requests.get(plain.getDownloadURL(asked), timeout=30)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.namelist() == ["gobi 2001.a.tif", "gobi 2001.b.tif"]
    assert answer.headers["Content-Disposition"] == 'attachment; filename="gobi 2001.zip"'
    answer = requests.get(plain.getDownloadURL({**asked, "filePerBand": False, "name": '../"x\r\n'}), timeout=30)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.namelist() == ["__x__.tif"]
    table = requests.get(ee.FeatureCollection("TEST/DISTRICTS").getDownloadURL("csv", None, "districts"), timeout=30)
    assert table.headers["Content-Disposition"] == 'attachment; filename="districts.csv"'


def test_a_download_on_a_grid_of_its_own(plain: ee.Image) -> None:
    """A projection with its transform has no end; the region has. Here four cells make a stored one."""
    asked = {"crs": "EPSG:4326", "crs_transform": [0.25, 0, 100, 0, -0.25, 45], "format": "NPY", "bands": ["a"]}
    url = plain.getDownloadURL({**asked, "region": ee.Geometry.Rectangle([100.5, 44.5, 101.5, 45])})
    found = np.load(io.BytesIO(requests.get(url, timeout=30).content))
    assert found["a"].tolist() == [[11, 11, 12, 12]] * 2


def test_tables_as_json_and_what_is_refused(few: Server) -> None:
    """The reference names CSV and JSON for downloads."""
    districts = ee.FeatureCollection("TEST/DISTRICTS")
    answer = requests.get(districts.getDownloadURL("json", ["name"]), timeout=30).json()
    assert [each["properties"] for each in answer["features"]] == [{"name": "west"}, {"name": "east"}]
    kml = requests.get(districts.getDownloadURL("kml"), timeout=30)
    assert (kml.status_code, "use CSV or GeoJSON" in kml.text) == (400, True)


@pytest.mark.parametrize("kind", ["video", "filmstrip"])
def test_moving_pictures_are_refused_by_name(years: ee.ImageCollection, kind: str) -> None:
    pictures = years.map(lambda each: each.visualize(bands=["a"], min=0, max=70))
    make = pictures.getVideoThumbURL if kind == "video" else pictures.getFilmstripThumbURL
    with pytest.raises(ee.EEException, match=f"Thumbnails of kind {kind} are not supported"):
        make({"dimensions": 10, "region": ee.Geometry.Rectangle(REGION)})
