"""Programs of the kind that public repositories report as refused, in the service's words, each beside its cure.

Where the messages come from: public scripts and issues that quote them (geemap #1058, geedim #16, and scripts on dekads
of WaPOR, cloud probabilities of Sentinel-2, Landsat beside Sentinel-2, frames of IMERG V07, yearly constants).
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ee
import pytest
from google.auth.credentials import AnonymousCredentials

from offline.protocol.server import serve
from offline.sources.simulated.source import SimulatedSource

HOMOGENEOUS = "Expected a homogeneous image collection, but an image with incompatible bands was encountered"
HERE = [108.6, 40.3, 108.8, 40.4]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The engine over the landscape, and its folder for exports."""
    folder = tmp_path_factory.mktemp("exports")
    with serve(SimulatedSource(), exports=folder) as server:
        ee.Reset()
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Unable to initialize deprecated assets")
            ee.Initialize(AnonymousCredentials(), project="offline", url=server.url)
        ee.data.setMaxRetries(0)
        yield folder
        ee.Reset()


def lights() -> ee.Image:
    """A stored band of 8 bits without sign."""
    return ee.Image("MODIS/061/MCD12Q1/2015_01_01").select(["LC_Type1"], ["x"])


def dekads(cast: Any) -> ee.Image:
    """Millimetres a day times the days of each dekad, summed: another weight, another range."""
    rain = ee.ImageCollection([lights().set("days", days) for days in (9, 10, 11)])
    return rain.map(lambda image: cast(image.multiply(0.1).multiply(ee.Number(image.get("days"))))).sum()


def fallback(cast: Any) -> ee.Image:
    """Nothing found for a scene: a constant that stands in for the band, and then something found."""
    nothing = ee.ImageCollection([cast(ee.Image(0).rename("x"))])
    return nothing.merge(ee.ImageCollection([cast(lights())])).sum()


def masked_fallback(cast: Any) -> ee.Image:
    """The same, masked and of fractions."""
    index = ee.Image("MODIS/061/MOD13Q1/2015_07_12").select("NDVI")
    blank = ee.Image.constant(0).toDouble().updateMask(0).rename("NDVI")
    return ee.ImageCollection([cast(index.multiply(1e-4))]).merge(ee.ImageCollection([cast(blank)])).max()


def sentinel_of_2018(cast: Any) -> ee.Image:
    """A median of scenes of which some lack cloud probabilities; the cure is to select."""
    scenes = ee.ImageCollection("COPERNICUS/S2_SR_HARMONIZED").filterDate("2018-12-01", "2019-01-01")
    return cast(scenes.filterBounds(ee.Geometry.Rectangle(HERE))).median()


def frames_of_rain(cast: Any) -> ee.Image:
    """Half-hourly frames, some with five bands, some with nine."""
    names = ["precipitation", "randomError", "probability", "quality", "index"]
    more = ["MWprecipitation", "MWtime", "IRprecipitation", "IRinfluence"]
    frames = [ee.Image.constant([0.5] * len(part)).toFloat().rename(part) for part in (names, names + more, names)]
    return cast(ee.ImageCollection(frames)).sum()


def landsat_and_sentinel(cast: Any) -> ee.Image:
    """Reflectances of one sensor in units, of the other as stored."""
    near = ee.ImageCollection("LANDSAT/LC08/C02/T1_L2").select(["SR_B5"], ["nir"]).limit(2)
    far = ee.ImageCollection("COPERNICUS/S2_SR_HARMONIZED").select(["B8"], ["nir"]).limit(2)
    scaled = near.map(lambda image: cast(image.multiply(2.75e-5).add(-0.2)))
    return far.map(cast).merge(scaled).median()


def sensors_of_landsat(cast: Any) -> ee.Image:
    """Two sensors under the names that each has; the cure is to select and rename."""
    seven, eight = (ee.ImageCollection(f"LANDSAT/{name}/C02/T1_L2").limit(2) for name in ("LE07", "LC08"))
    return cast(seven, ["SR_B3", "SR_B4"]).merge(cast(eight, ["SR_B4", "SR_B5"])).mean()


def layers_of_0_and_1(cast: Any) -> ee.Image:
    """Conditions of several years: a comparison, a cast, and another cast."""
    classes = lights()
    layers = [classes.eq(10), classes.gt(9).toByte(), classes.remap([10, 7], [1, 1], 0).toInt8().rename("x")]
    return ee.ImageCollection([cast(layer) for layer in layers]).sum()


def seconds_of_months(cast: Any) -> ee.Image:
    """A constant of its own for each month, as a band."""
    months = [cast(ee.Image(seconds)).rename("secs") for seconds in (2_678_400, 2_419_200)]
    return ee.ImageCollection(months).sum()


def moments(cast: Any) -> ee.Image:
    """The time of each image as a number, stacked to a trend."""
    images = ee.ImageCollection("MODIS/061/MOD13Q1").filterDate("2015-06-01", "2015-08-01").select("NDVI")
    return images.map(lambda image: cast(ee.Image.constant(image.date().millis())).rename("t")).reduce(ee.Reducer.max())


def order_of_bands(cast: Any) -> ee.Image:
    """The same bands in another order."""
    image = ee.Image("MODIS/061/MOD13Q1/2015_07_12")
    return cast(ee.ImageCollection([image.select(["NDVI", "EVI"]), image.select(["EVI", "NDVI"])])).mean()


def same(image: Any, *_names: Any) -> Any:
    return image


def floats(image: Any) -> Any:
    return image.toFloat()


def chosen(*names: str) -> Any:
    return lambda images: images.select(list(names))


def renamed(images: Any, names: list[str]) -> Any:
    return images.select(names, ["red", "nir"])


#: Program, what the service says, and what cures it.
PROGRAMS: list[tuple[Callable[[Any], ee.Image], str, Any]] = [
    (dekads, "Mismatched type for band 'x': Expected type: Float<0.0, 229.5>. Actual type: Float<0.0, 255.0>", floats),
    (fallback, "Expected type: MaskOnly. Actual type: Short<0, 255>", floats),
    (masked_fallback, r"Expected type: Float<-3.2768, 3.2767>. Actual type: Double.", floats),
    (sentinel_of_2018, "First image type: 14 bands ([B1, B2, B3, B4, B5, B6, B7, B8, B8A, B9, B11, B12, SCL, QA60]). "
     "Current image type: 15 bands", chosen("B4", "B8")),
    (frames_of_rain, "First image type: 5 bands ([precipitation, randomError, probability, quality, index]). "
     "Current image type: 9 bands", chosen("precipitation")),
    (landsat_and_sentinel, "Expected type: Integer<0, 65535>. Actual type: Float<-0.2, 1.6022125>", floats),
    (sensors_of_landsat, "First image type: 11 bands ([SR_B1, SR_B2, SR_B3, SR_B4, SR_B5, SR_B7, SR_ATMOS_OPACITY",
     renamed),
    (layers_of_0_and_1, "Expected type: Byte<0, 1>. Actual type: Short<0, 255>", lambda image: image.toInt8()),
    (seconds_of_months, "Expected type: Integer<2678400, 2678400>. Actual type: Integer<2419200, 2419200>", floats),
    (moments, "Mismatched type for band 't': Expected type: Long<143", floats),
    (order_of_bands, "First image type: 2 bands ([NDVI, EVI]). Current image type: 2 bands ([EVI, NDVI])",
     chosen("EVI", "NDVI")),
]  # fmt: skip


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(("program", "words", "cure"), PROGRAMS, ids=lambda each: getattr(each, "__name__", ""))
def test_a_mixed_collection_is_refused_and_its_cure_accepted(
    program: Callable[[Any], ee.Image], words: str, cure: Any
) -> None:
    with pytest.raises(ee.EEException, match=re.escape(HOMOGENEOUS)) as caught:
        program(same).getInfo()
    assert words in str(caught.value)
    assert program(cure).getInfo()["bands"]


def pixels(image: ee.Image) -> Any:
    transform = {"scaleX": 0.01, "translateX": 108.6, "scaleY": -0.01, "translateY": 40.4}
    grid = {"dimensions": {"width": 3, "height": 2}, "affineTransform": transform, "crsCode": "EPSG:4326"}
    return ee.data.computePixels({"expression": image, "fileFormat": "NUMPY_NDARRAY", "grid": grid})


def exported(image: ee.Image) -> Any:
    """An export to a folder: it is refused when it starts, or fails with the same words."""
    region = ee.Geometry.Rectangle(HERE, "EPSG:4326", False)
    task = ee.batch.Export.image.toDrive(image, "mixed", "tests", "mixed", region=region, scale=1000)
    task.start()
    while task.active():
        pass
    status = task.status()
    if status["state"] == "FAILED":
        raise ee.EEException(status["error_message"])
    return status["state"]


def tile(image: ee.Image) -> Any:
    return image.getMapId({"min": 0, "max": 1})


def sampled(image: ee.Image) -> Any:
    return image.sample(ee.Geometry.Rectangle(HERE, "EPSG:4326", False), 5000).size().getInfo()


@pytest.mark.parametrize("asked", [pixels, exported, tile, sampled])
def test_it_is_refused_however_it_is_asked_for(engine: Path, asked: Callable[[ee.Image], Any]) -> None:
    with pytest.raises(ee.EEException, match=re.escape(HOMOGENEOUS)):
        asked(dekads(same))
    assert list(engine.rglob("*.tif")) == []
    assert asked(dekads(floats)) is not None
    for written in engine.rglob("*.tif"):
        written.unlink()


@pytest.mark.usefixtures("engine")
def test_reductions_of_regions_are_tolerant() -> None:
    region = ee.Geometry.Rectangle(HERE, "EPSG:4326", False)
    for program in (dekads, seconds_of_months, order_of_bands):
        assert program(same).reduceRegion(ee.Reducer.mean(), region, 5000).getInfo()


@pytest.mark.usefixtures("engine")
def test_adding_image_by_image_widens_the_type_and_refuses_nothing() -> None:
    """`iterate` adds two images at a time, and an addition has no homogeneous collection to ask for."""
    images = ee.ImageCollection([lights(), lights().toInt16(), lights().multiply(0.5)])
    total = ee.Image(images.iterate(lambda image, so_far: ee.Image(so_far).add(image), ee.Image(0).rename("x")))
    kind = total.getInfo()["bands"][0]["data_type"]
    assert kind == {"type": "PixelType", "precision": "double", "min": -32768, "max": 33149.5}
    images = ee.ImageCollection([lights()] * 3)
    total = ee.Image(images.iterate(lambda image, so_far: ee.Image(so_far).add(image), ee.Image(0).rename("x")))
    assert total.getInfo()["bands"][0]["data_type"] == {"type": "PixelType", "precision": "int", "min": 0, "max": 765}


def ranged(precision: str, low: float | None = None, high: float | None = None) -> dict[str, Any]:
    limits = {} if low is None else {"min": low, "max": high}
    return {"type": "PixelType", "precision": precision, **limits}


BYTE, SHORT, FRACTION = ranged("int", 0, 255), ranged("int", -32768, 32767), ranged("float")
#: Expression over a band of 8 bits, and its type. Documented: constants, comparisons, powers, `metadata`, `where`,
#: `bitwiseNot`, unions; seen in messages: products and sums; printed by public scripts: `normalizedDifference`.
TYPES: dict[str, tuple[Callable[[ee.Image], ee.Image], dict[str, Any]]] = {
    "stored": (lambda i: i, BYTE),
    "renamed, chosen, masked, clipped": (
        lambda i: i.rename("y").select("y").updateMask(i.gt(3)).selfMask().clip(ee.Geometry.Rectangle(HERE)), BYTE),
    "a whole constant": (lambda i: ee.Image.constant(2), ranged("int", 2, 2)),
    "a fraction": (lambda i: ee.Image(3.25), ranged("double", 3.25, 3.25)),
    "no value": (lambda i: ee.Image(), ranged("int", 0, 0)),
    "comparison": (lambda i: i.gt(7), ranged("int", 0, 1)),
    "negation": (lambda i: i.Not(), ranged("int", 0, 1)),
    "sum": (lambda i: i.add(i), ranged("int", 0, 510)),
    "difference": (lambda i: i.subtract(10), ranged("int", -10, 245)),
    "scaled": (lambda i: i.multiply(0.1), ranged("double", 0, 25.5)),
    "scaled and moved": (lambda i: i.toUint16().multiply(2.75e-5).add(-0.2), ranged("double", -0.2, 1.6022125)),
    "divided": (lambda i: i.divide(5), ranged("double", 0, 51)),
    "formula": (lambda i: i.expression("x * 2 - 1", {"x": i}), ranged("int", -1, 509)),
    "float": (lambda i: i.multiply(3).toFloat(), FRACTION),
    "float times a fraction": (lambda i: i.toFloat().multiply(0.5), ranged("double")),
    "float and a small whole number": (lambda i: i.toFloat().add(1), FRACTION),
    "index": (lambda i: i.addBands(i).normalizedDifference(), ranged("float", -1, 1)),
    "power": (lambda i: i.pow(2), FRACTION),
    "length": (lambda i: i.hypot(i), FRACTION),
    "property": (lambda i: i.metadata("system:time_start"), ranged("double")),
    "replaced": (lambda i: i.where(i.gt(5), -1), ranged("int", -1, 255)),
    "filled": (lambda i: i.unmask(0), BYTE),
    "filled with another": (lambda i: i.unmask(-9999), ranged("int", -9999, 255)),
    "bits": (lambda i: i.bitwiseAnd(12), BYTE),
    "bits turned": (lambda i: i.bitwiseNot(), SHORT),
    "without sign": (lambda i: i.toInt16().abs(), ranged("int", 0, 32768)),
    "first of two": (lambda i: i.first(ee.Image(300)), ranged("int", 0, 300)),
    "conditional": (lambda i: ee.Image(ee.Algorithms.If(1, i, i.toFloat())), BYTE),
    "short": (lambda i: i.toShort(), SHORT),
    "cast": (lambda i: i.cast({"x": "double"}), ranged("double")),
    "smallest": (lambda i: ee.ImageCollection([i, i]).min(), BYTE),
    "topmost": (lambda i: ee.ImageCollection([i, i]).mosaic(), BYTE),
}  # fmt: skip


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("name", TYPES)
def test_types_are_shown_as_the_service_infers_them(name: str) -> None:
    """`getInfo` shows the type that messages name."""
    make, expected = TYPES[name]
    assert make(lights()).getInfo()["bands"][0]["data_type"] == expected


@pytest.mark.usefixtures("engine")
def test_several_constants_are_numbered_from_0() -> None:
    """As the reference prints them (`ee-image-constant`); images that are added to each other go on from the first."""
    assert ee.Image.constant([-1.2, 4]).bandNames().getInfo() == ["constant_0", "constant_1"]
    assert ee.Image([255, 136, 0]).bandNames().getInfo() == ["constant", "constant_1", "constant_2"]
