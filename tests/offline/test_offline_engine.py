"""The unmodified client on the offline engine: protocol, semantics, limits, faults."""

from __future__ import annotations

import json
from typing import Any

import ee
import numpy as np
import pytest
import xarray as xr

from offline.graph.registry import algorithms
from offline.graph.signatures import signatures
from offline.protocol.server import Server

CELLS: dict[str, Any] = {"crs": "EPSG:4326", "crsTransform": [0.5, 0, -180, 0, -0.5, 90]}


def series() -> ee.ImageCollection:
    return ee.ImageCollection("tiny/series")


def value_at(image: ee.Image, longitude: float = 104.2, latitude: float = 43.2) -> Any:
    point = ee.Geometry.Point([longitude, latitude])
    found = image.reduceRegion(ee.Reducer.first(), point, **CELLS).getInfo()
    return found[next(iter(found))]


def pixels(image: ee.Image, width: int = 4, height: int = 2, west: float = 104.0, north: float = 44.0) -> np.ndarray:
    grid = {
        "dimensions": {"width": width, "height": height},
        "affineTransform": {
            "scaleX": 0.5,
            "shearX": 0,
            "translateX": west,
            "shearY": 0,
            "scaleY": -0.5,
            "translateY": north,
        },
        "crsCode": "EPSG:4326",
    }
    return ee.data.computePixels({"expression": image, "fileFormat": "NUMPY_NDARRAY", "grid": grid})


def test_every_algorithm_is_one_of_the_installed_clients() -> None:
    assert set(algorithms()) <= set(signatures())
    assert len(algorithms()) > 250


def test_scalars(engine: Server) -> None:
    assert ee.Number(7).divide(2).getInfo() == 3.5
    assert ee.List.sequence(1, 9, 3).map(lambda n: ee.Number(n).pow(2)).getInfo() == [1, 16, 49]
    assert ee.Date("2001-01-31").advance(1, "month").format("YYYY-MM-dd").getInfo() == "2001-02-28"
    assert ee.Date("2004-03-01").getRelative("day", "year").getInfo() == 60
    assert ee.Dictionary({"a": 1}).combine({"a": 2, "b": 3}, False).getInfo() == {"a": 1, "b": 3}
    assert ee.Algorithms.If(ee.Number(0), ee.Image("tiny/none"), 5).getInfo() == 5


def test_filter_date_is_half_open(engine: Server) -> None:
    """ee.ImageCollection.filterDate: the end date is exclusive."""
    found = series().filterDate("1970-01-02", "1970-01-04").aggregate_array("system:index").getInfo()
    assert found == ["i1", "i2"]


def test_filters_combine(engine: Server) -> None:
    both = ee.Filter.And(ee.Filter.gte("number", 1), ee.Filter.lt("number", 4))
    assert series().filter(both).size().getInfo() == 3
    assert series().filter(ee.Filter.inList("number", [0, 4])).size().getInfo() == 2
    assert series().filter(ee.Filter.calendarRange(2, 3, "day_of_month")).size().getInfo() == 2


def test_output_mask_is_the_minimum_of_the_inputs(engine: Server) -> None:
    half = ee.Image(1).updateMask(ee.Image(0.5))
    total = half.add(ee.Image(1).updateMask(ee.Image(0.25)))
    assert value_at(total.mask()) == pytest.approx(0.25)


def test_division_of_integers(engine: Server) -> None:
    """Image.divide gives fractions and 0 for division by zero; `/` in a formula divides integers to integers."""
    assert value_at(ee.Image(5).divide(2)) == 2.5
    assert value_at(ee.Image(5).divide(0)) == 0
    assert value_at(ee.Image(0).expression("a / b", {"a": ee.Image(5), "b": ee.Image(2)})) == 2


def test_types_are_promoted(engine: Server) -> None:
    image = ee.Image("tiny/series/i1").select("value")

    def data_type(expression: ee.Image) -> dict[str, Any]:
        return expression.getInfo()["bands"][0]["data_type"]

    assert data_type(image) == {
        "type": "PixelType",
        "precision": "int",
        "min": -32768,
        "max": 32767,
    }
    assert data_type(image.add(image))["max"] == 65534
    assert data_type(image.multiply(0.5))["precision"] == "double"
    assert data_type(image.toByte())["max"] == 255
    assert value_at(ee.Image(300.7).toByte()) == 255


def test_binary_operators_match_bands(engine: Server) -> None:
    two = ee.Image("tiny/series/i2")
    assert two.add(1).bandNames().getInfo() == ["value", "quality"]
    assert ee.Image(1).add(two).bandNames().getInfo() == ["value", "quality"]
    with pytest.raises(ee.EEException, match="same number of bands"):
        two.add(two.addBands(ee.Image(1))).getInfo()


def test_remap_masks_what_is_not_listed(engine: Server) -> None:
    image = ee.Image("tiny/series/i0").select("value")
    found = pixels(image.remap([104], [7]).unmask(-1))["remapped"]
    assert found.tolist() == [[7, 7, -1, -1]] * 2


def test_unmask_and_footprint(engine: Server) -> None:
    clipped = ee.Image(1).clip(ee.Geometry.Rectangle([104, 43, 105, 44], None, False))
    assert pixels(clipped.unmask(9)).tolist() == pixels(clipped).tolist()
    assert pixels(clipped.unmask(9, False))["constant"].tolist() == [[1, 1, 9, 9]] * 2


def test_where_keeps_the_input_where_the_value_is_masked(engine: Server) -> None:
    image = ee.Image(1).where(ee.Image(1), ee.Image(5).updateMask(0))
    assert value_at(image) == 1


def test_composites_have_the_one_degree_projection(engine: Server) -> None:
    """ee.ImageCollection composites: WGS84 with one-degree pixels."""
    mean = series().mean()
    assert mean.projection().getInfo() == {
        "type": "Projection",
        "crs": "EPSG:4326",
        "transform": [1, 0, 0, 0, 1, 0],
    }
    assert mean.projection().nominalScale().getInfo() == pytest.approx(111319.49, abs=0.01)


def test_map_and_reduce_over_masked_images(engine: Server) -> None:
    even = series().map(lambda image: image.select("value").updateMask(image.select("quality").mod(2).eq(0)))
    assert value_at(even.mean()) == 106
    assert value_at(even.count()) == 3
    assert value_at(series().select("value").reduce(ee.Reducer.percentile([50]))) == 106


def test_trend_reducers(engine: Server) -> None:
    timed = series().map(
        lambda image: ee.Image.constant(image.getNumber("number")).toFloat().addBands(image.select("value"))
    )
    assert value_at(timed.reduce(ee.Reducer.linearFit()).select("scale")) == pytest.approx(1)
    assert value_at(timed.reduce(ee.Reducer.sensSlope()).select("slope")) == pytest.approx(1)
    assert value_at(timed.reduce(ee.Reducer.kendallsCorrelation(2)).select("tau")) == pytest.approx(1)


def test_region_reducers_weigh_by_covered_share_or_by_centre(engine: Server) -> None:
    """Weighted reducers count a pixel by the share covered; count takes those whose centre lies inside."""
    image = ee.Image("tiny/series/i0").select("value")
    region = ee.Geometry.Rectangle([104.2, 43, 105.5, 44], None, False)
    found = image.reduceRegion(ee.Reducer.mean(), region, **CELLS).getInfo()
    # 0.8 degrees of 104 and 0.5 degrees of 105
    assert found["value"] == pytest.approx((0.8 * 104 + 0.5 * 105) / 1.3)
    assert image.reduceRegion(ee.Reducer.count(), region, **CELLS).getInfo() == {"value": 6}
    with pytest.raises(ee.EEException, match="Too many pixels"):
        image.reduceRegion(ee.Reducer.mean(), region, maxPixels=3, **CELLS).getInfo()


def test_reduce_regions_over_a_table(engine: Server) -> None:
    table = (
        ee.Image("tiny/series/i0")
        .select("value")
        .reduceRegions(ee.FeatureCollection("tiny/squares"), ee.Reducer.mean(), **CELLS)
    )
    rows = ee.data.computeFeatures({"expression": table})["features"]
    assert {row["properties"]["name"]: row["properties"]["mean"] for row in rows} == {
        "a": 104,
        "b": 105.5,
    }


def test_geometry_on_the_ellipsoid(engine: Server) -> None:
    degree = ee.Geometry.Rectangle([0, 0, 1, 1], None, False)
    assert degree.area(1).getInfo() == pytest.approx(12308.46e6, rel=1e-3)
    assert ee.Geometry.Point([110, 45]).buffer(1000).area(1).getInfo() == pytest.approx(np.pi * 1e6, rel=5e-3)


def test_xee_opens_collections_and_images(engine: Server) -> None:
    opened = xr.open_dataset(
        series(),
        engine="ee",
        crs="EPSG:4326",
        crs_transform=(0.5, 0.0, 104.0, 0.0, -0.5, 46.0),
        shape_2d=(4, 6),
    )
    assert dict(opened.sizes) == {"time": 5, "y": 6, "x": 4}
    values = opened["value"].load()
    assert np.isnan(values.isel(y=slice(0, 2))).all()
    assert values.isel(y=3).values.tolist() == [[104 + i, 104 + i, 105 + i, 105 + i] for i in range(5)]


def test_map_tiles_and_assets(engine: Server) -> None:
    made = ee.Image("tiny/series/i0").select("value").getMapId({"min": 100, "max": 110, "palette": ["red", "blue"]})
    tile = made["tile_fetcher"].fetch_tile(3, 1, 2)
    assert tile[:8] == b"\x89PNG\r\n\x1a\n"
    assert ee.data.getAsset("tiny/series")["type"] == "IMAGE_COLLECTION"
    assert next(each["id"] for each in ee.data.listAssets({"parent": "tiny/series"})["assets"]) == "tiny/series/i0"


def test_unknown_assets_and_algorithms_fail_by_name(engine: Server) -> None:
    with pytest.raises(ee.EEException, match="asset 'tiny/none' not found"):
        ee.Image("tiny/none").getInfo()
    with pytest.raises(ee.EEException, match=r"Image\.glcmTexture: .* not supported"):
        ee.Image(1).glcmTexture().getInfo()


def test_limits_are_worded_as_the_service_does(engine: Server) -> None:
    with pytest.raises(ee.EEException, match="must be less than or equal to 50331648 bytes"):
        pixels(ee.Image("tiny/series/i0"), width=6000, height=4000)
    with pytest.raises(ee.EEException, match="must be less than or equal to 32768"):
        pixels(ee.Image("tiny/series/i0"), width=40000, height=1)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("quota", "Too many concurrent"),
        ("memory", "User memory limit"),
        ("internal", "internal error"),
    ],
)
def test_faults_strike_once(engine: Server, fault: str, message: str) -> None:
    engine.inject(fault, kind="value")
    with pytest.raises(ee.EEException, match=message):
        ee.Number(1).getInfo()
    assert ee.Number(1).getInfo() == 1


def test_requests_are_logged_by_kind(engine: Server) -> None:
    before = engine.count("pixels")
    pixels(ee.Image(1))
    assert engine.count("pixels") == before + 1
    assert json.dumps(engine.requests[-1].path)
