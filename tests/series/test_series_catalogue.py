"""Every entry of the catalogue of data sets agrees with Earth Engine's own, and with the simulated landscape."""

from __future__ import annotations

import gzip
import json
from datetime import date
from functools import cache
from typing import Any

import ee
import pytest
from checkout import SHARED
from pydantic import ValidationError

from offline.model.assets import CollectionAsset, ImageAsset
from offline.protocol.server import serve
from offline.sources.simulated.source import SimulatedSource
from series.composites import months
from series.datasets import DATASETS, FORMULA_BANDS, Dataset
from series.pressures import PRESSURES, Pressure
from series.service.earth_engine import Connection, connect

#: Facts of Earth Engine's public catalogue, where they are at hand; community assets are not among them.
FACTS = SHARED / "ee-catalog" / "facts.json.gz"
COMMUNITY = ("users/", "projects/sat-io/")
OFFICIAL = [each for each in DATASETS.values() if not each.asset.startswith(COMMUNITY)]
#: Our units, and the catalogue's with the factor and the offset between them.
UNITS = {("m", "mm"): (1000.0, 0.0), ("K", "degC"): (1.0, -273.15)}
#: Units of the bands that a formula reads.
FORMULA_UNITS = {"fao-56": ["K", "K", "J/m^2", "Pa"]}
METRES_A_DEGREE = 111_320
SIMULATED = SimulatedSource()


@cache
def facts(asset: str) -> dict[str, Any]:
    if not FACTS.is_file():
        pytest.skip(f"the facts of Earth Engine's catalogue are not at {FACTS}")
    found: dict[str, Any] = json.loads(gzip.decompress(FACTS.read_bytes()))[asset]
    return found


def band_facts(asset: str, name: str) -> dict[str, Any]:
    bands = {band["name"]: band for band in facts(asset)["bands"]}
    assert name in bands, f"{asset} has no band {name}; it has {', '.join(bands)}"
    found: dict[str, Any] = bands[name]
    return found


def cell_of(asset: str, band: dict[str, Any]) -> float:
    """The cell of a band in degrees."""
    metres = band.get("gsd") or facts(asset)["gsd"]
    return float(metres[0] if isinstance(metres, list) else metres) / METRES_A_DEGREE


@pytest.mark.parametrize("dataset", OFFICIAL, ids=lambda each: each.key)
def test_a_data_set_agrees_with_the_official_catalogue(dataset: Dataset) -> None:
    described = facts(dataset.asset)
    assert described["type"] == ("image" if dataset.cadence == "static" else "image_collection")
    if dataset.formula:
        bands = [band_facts(dataset.asset, name) for name in dataset.bands]
        assert [band["units"] for band in bands] == FORMULA_UNITS[dataset.formula]
        assert [band.get("scale", 1.0) for band in bands] == [1.0] * len(bands)
    for name in () if dataset.formula else filter(None, (dataset.band, dataset.across)):
        band = band_facts(dataset.asset, name)
        factor, offset = UNITS.get((band.get("units", ""), dataset.units), (1.0, 0.0))
        assert dataset.scale == pytest.approx(band.get("scale", 1.0) * factor)
        assert dataset.offset == pytest.approx(band.get("offset", 0.0) * factor + offset)
        assert dataset.resolution == pytest.approx(cell_of(dataset.asset, band), rel=0.1)
    if dataset.cadence != "static":
        assert date(dataset.first_year, 1, 1) >= date.fromisoformat(described["start"][:10])
        assert described["end"] is None or dataset.last_year <= int(described["end"][:4])
    west, south, east, north = described.get("bbox") or (-180, -90, 180, 90)
    assert (max(south, -90), min(north, 90)) == dataset.latitudes
    assert (west, east) == (-180, 180)


@pytest.mark.parametrize("dataset", [each for each in OFFICIAL if each.quality], ids=lambda each: each.key)
def test_quality_flags_mean_what_the_rule_says(dataset: Dataset) -> None:
    """Good and marginal data are kept: 0 and 1; snow is 2, clouds are 3."""
    band = band_facts(dataset.asset, "SummaryQA")
    classes = band.get("classes") or band["bits"][0]["values"]
    words = {"0": "good", "1": "marginal", "2": "snow", "3": "cloud"}
    assert all(word in classes[code].lower() for code, word in words.items())


@pytest.mark.parametrize("pressure", PRESSURES, ids=lambda each: each.name)
def test_a_pressure_agrees_with_the_official_catalogue(pressure: Pressure) -> None:
    described = facts(pressure.asset)
    band = band_facts(pressure.asset, pressure.band)
    assert pressure.cell == pytest.approx(cell_of(pressure.asset, band), rel=0.1)
    assert date(pressure.first_year, 1, 1) >= date.fromisoformat(described["start"][:10])
    assert described["end"] is None or pressure.last_year <= int(described["end"][:4])


def test_population_is_read_from_the_band_that_trends_earth_reads() -> None:
    assert DATASETS["worldpop-1km-2020"].band == "p2020"


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=lambda each: each.key)
def test_the_landscape_serves_every_data_set_with_its_bands(dataset: Dataset) -> None:
    asset = SIMULATED.get(dataset.asset)
    image = asset.images[0] if isinstance(asset, CollectionAsset) else asset
    assert isinstance(image, ImageAsset)
    assert {band.name for band in image.bands} >= {*dataset.bands}


def test_a_formula_reads_its_bands_and_needs_months() -> None:
    """The bands of other data sets, and the names of their cubes, are what they were before there were formulas."""
    formula, wind, ndvi = (
        DATASETS[key] for key in ("era5-land-fao56-evapotranspiration", "era5-land-wind", "mod13q1-ndvi")
    )
    assert formula.bands == FORMULA_BANDS["fao-56"]
    assert wind.bands == ("u_component_of_wind_10m", "v_component_of_wind_10m")
    assert ndvi.bands == ("NDVI", "SummaryQA")
    assert "formula" in formula.identity()
    assert "formula" not in wind.identity()
    with pytest.raises(ValidationError, match="formula fao-56 needs the cadence monthly"):
        Dataset.model_validate({**formula.model_dump(), "cadence": "yearly"})


@pytest.mark.parametrize(
    "dataset",
    [each for each in DATASETS.values() if each.cadence not in ("yearly", "static")],
    ids=lambda each: each.key,
)
def test_monthly_images_are_homogeneous(dataset: Dataset) -> None:
    """Tables reduce regions, where mixed images pass; described as an image they would be refused."""
    with serve(SIMULATED) as server:
        connect(Connection(url=server.url))
        described = months(dataset, range(2010, 2011)).getInfo()
        yearly = [each for each in PRESSURES if each.first_year <= 2013 <= each.last_year]
        assert {band["data_type"]["precision"] for band in described["bands"]} == {"float"}
        assert len(described["bands"]) == 12
        for pressure in yearly:
            if SIMULATED.get(pressure.asset) is not None:
                assert isinstance(pressure.image(2013), ee.Image)
                assert pressure.image(2013).getInfo()["bands"][0]["data_type"]["precision"] == "float"
