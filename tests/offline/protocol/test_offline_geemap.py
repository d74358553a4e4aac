"""What geemap's users call, through the real geemap and client."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ee
import pandas as pd
import pytest
import requests

from offline.protocol.server import Server

SCALE = 55_659.745
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


@pytest.fixture
def geemap() -> Any:
    import geemap

    return geemap


@pytest.fixture
def world(geemap: Any, few: Server) -> Any:
    return geemap.Map(center=(44.5, 101), zoom=6, ee_initialize=False)


def urls(m: Any) -> list[str]:
    return [layer.url for layer in m.layers if "127.0.0.1" in getattr(layer, "url", "")]


def test_split_map(world: Any, geemap: Any, first: ee.Image) -> None:
    left = geemap.ee_tile_layer(first.select("a"), {"min": 10, "max": 17}, "2001")
    right = geemap.ee_tile_layer(ee.Image("TEST/YEARLY/2003_01_01").select("a"), {"min": 60, "max": 67}, "2003")
    world.split_map(left, right)
    kinds = [type(control).__name__ for control in world.controls]
    assert "SplitMapControl" in kinds


def test_time_slider(world: Any, years: ee.ImageCollection) -> None:
    before = len(world.controls)
    world.add_time_slider(years.select("a"), {"min": 10, "max": 70}, labels=["2001", "2002", "2003"], time_interval=60)
    assert len(world.controls) == before + 1
    assert len(urls(world)) >= 1


def test_legend_and_vectors(world: Any) -> None:
    districts = ee.FeatureCollection("TEST/DISTRICTS")
    world.add_layer(districts.style(color="red", fillColor="00000000"), {}, "districts")
    world.add_layer(districts, {"color": "blue"}, "as they are")
    world.add_legend(title="Classes", legend_dict={"one": "#ff0000", "two": "#00ff00"})
    assert len(urls(world)) == 2


def test_tables_become_data_frames(geemap: Any, few: Server) -> None:
    """geemap 0.37 drops the geometry in a way that pandas 3 refuses, so it is asked to keep it."""
    table = geemap.ee_to_df(ee.FeatureCollection("TEST/DISTRICTS"), remove_geom=False)
    assert table.sort_values("code")["name"].tolist() == ["west", "east"]


def test_zonal_statistics_are_downloaded(geemap: Any, first: ee.Image, tmp_path: Path) -> None:
    districts = ee.FeatureCollection("TEST/DISTRICTS")
    path = tmp_path / "zonal.csv"
    geemap.zonal_stats(first.select("a"), districts, str(path), statistics_type="MEAN", scale=SCALE, verbose=False)
    assert pd.read_csv(path).set_index("name")["mean"].round(6).to_dict() == {"west": 10.5, "east": 12.5}


def test_a_table_can_be_downloaded(few: Server) -> None:
    districts = ee.FeatureCollection("TEST/DISTRICTS")
    answer = requests.get(districts.getDownloadURL("csv", ["name", "code"]), timeout=10)
    assert answer.text.split() == ["name,code", "west,1", "east,2"]
    features = requests.get(districts.getDownloadURL("geojson"), timeout=10).json()["features"]
    assert [each["properties"]["code"] for each in features] == [1, 2]


def test_values_at_points_and_in_time(geemap: Any, first: ee.Image, years: ee.ImageCollection, tmp_path: Path) -> None:
    place = ee.Geometry.Point([100.1, 44.9])
    points = ee.FeatureCollection([ee.Feature(place, {"id": 1})])
    path = tmp_path / "points.csv"
    geemap.extract_values_to_points(points, first.select("a"), str(path), scale=SCALE)
    assert pd.read_csv(path)["first"].tolist() == [10]
    stats = geemap.image_stats(first.select("a"), ee.Geometry.Rectangle([100, 44, 102, 45]), SCALE).getInfo()
    assert (stats["min"]["a"], stats["max"]["a"], stats["mean"]["a"]) == pytest.approx((10, 17, 13.5))

    def mean(image: ee.Image) -> ee.Feature:
        found = image.select("a").reduceRegion(ee.Reducer.mean(), place, SCALE)
        return ee.Feature(None, found).set("year", image.get("year"))

    series = geemap.ee_to_df(ee.FeatureCollection(years.map(mean)), remove_geom=False)
    assert series.sort_values("year")["a"].tolist() == [10, 20, 60]


def test_images_are_exported_under_their_names(geemap: Any, first: ee.Image, tmp_path: Path) -> None:
    """One file, one a band, and one an image of a collection: the download has the name that geemap asks for."""
    region = ee.Geometry.Rectangle([100, 44, 102, 45])
    asked = {"scale": 55660, "crs": "EPSG:4326", "region": region}
    geemap.ee_export_image(first.select("a"), str(tmp_path / "one.tif"), verbose=False, **asked)
    geemap.ee_export_image(first, str(tmp_path / "bands.tif"), file_per_band=True, verbose=False, **asked)
    years = ee.ImageCollection("TEST/YEARLY").select("a")
    geemap.ee_export_image_collection(years, str(tmp_path / "years"), verbose=False, **asked)
    assert sorted(path.name for path in tmp_path.glob("*.tif")) == ["bands.a.tif", "bands.b.tif", "one.tif"]
    assert len(list((tmp_path / "years").glob("*.tif"))) == 3
