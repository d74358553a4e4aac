"""Every entry of the catalogue of data sets agrees with Earth Engine's own, and with the simulated landscape."""

from __future__ import annotations

import gzip
import json
from datetime import date, timedelta
from functools import cache
from typing import Any

import ee
import pytest
from checkout import SHARED
from pydantic import ValidationError

from indicators.sdg15.land_cover import LEGENDS
from offline.model.assets import CollectionAsset, ImageAsset
from offline.protocol.server import serve
from offline.sources.simulated.clock import DELIVERY
from offline.sources.simulated.source import SimulatedSource
from series.class_names import class_names
from series.composites import months
from series.datasets import DATASETS, DEFAULTS, FORMULA_BANDS, METRES_A_DEGREE, Dataset
from series.pressures import PRESSURES, Pressure
from series.quality import HIGH_AEROSOL, LEAST_RELIABLE, UNCLEAR
from series.service.earth_engine import Connection, connect

#: Facts of Earth Engine's public catalogue, where they are at hand; community assets are not among them.
FACTS = SHARED / "ee-catalog" / "facts.json.gz"
COMMUNITY = ("users/", "projects/sat-io/", "projects/soilgrids-isric/")
OFFICIAL = [each for each in DATASETS.values() if not each.asset.startswith(COMMUNITY)]
#: Our units, and the catalogue's with the factor and the offset between them.
UNITS = {("m", "mm"): (1000.0, 0.0), ("K", "degC"): (1.0, -273.15)}
#: Units of the bands that a formula reads.
FORMULA_UNITS = {
    "fao-56": ["K", "K", "J/m^2", "Pa"],
    "hourly-rate": ["mm/hr"],
    "ipcc-zones": ["K", "K", "J/m^2", "Pa", "m"],
    "hls-ndvi": [None, None, None],
}
SIMULATED = SimulatedSource()


@cache
def facts(asset: str) -> dict[str, Any]:
    """What the catalogue says of a data set; of an image of a collection, what it says of the collection."""
    if not FACTS.is_file():
        pytest.skip(f"the facts of Earth Engine's catalogue are not at {FACTS}")
    known: dict[str, dict[str, Any]] = json.loads(gzip.decompress(FACTS.read_bytes()))
    return known[asset] if asset in known else known[asset.rpartition("/")[0]]


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
    single = dataset.cadence == "static" and not dataset.formula and not dataset.asset.startswith("JRC/GHSL")
    assert described["type"] == ("image" if single else "image_collection")
    if dataset.formula:
        bands = [band_facts(dataset.asset, name) for name in dataset.bands]
        assert [band.get("units") for band in bands] == FORMULA_UNITS[dataset.formula]
        assert [band.get("scale", 1.0) for band in bands] == [1.0] * len(bands)
    for counterpart in dataset.counterparts:
        assert {*counterpart.bands} <= {band["name"] for band in facts(counterpart.asset)["bands"]}
    for name in () if dataset.formula else filter(None, (dataset.band, dataset.across)):
        band = band_facts(dataset.asset, name)
        factor, offset = UNITS.get((band.get("units", ""), dataset.units), (1.0, 0.0))
        assert dataset.scale == pytest.approx(band.get("scale", 1.0) * factor)
        assert dataset.offset == pytest.approx(band.get("offset", 0.0) * factor + offset)
        native = 1 / dataset.pixels_across(1.0)
        assert native == pytest.approx(cell_of(dataset.asset, band), rel=0.1)
    if dataset.cadence != "static":
        assert date(dataset.first_year, 1, 1) >= date.fromisoformat(described["start"][:10])
        assert described["end"] is None or dataset.last_year <= int(described["end"][:4])
    west, south, east, north = described.get("bbox") or (-180, -90, 180, 90)
    assert (max(south, -90), min(north, 90)) == dataset.latitudes
    assert (west, east) == (-180, 180)


MODIS = [each for each in OFFICIAL if each.quality == "modis-summaryqa"]


@pytest.mark.parametrize("dataset", MODIS, ids=lambda each: each.key)
def test_quality_flags_mean_what_the_rule_says(dataset: Dataset) -> None:
    """Good and marginal data are kept: 0 and 1; snow is 2, clouds are 3."""
    band = band_facts(dataset.asset, "SummaryQA")
    classes = band.get("classes") or band["bits"][0]["values"]
    words = {"0": "good", "1": "marginal", "2": "snow", "3": "cloud"}
    assert all(word in classes[code].lower() for code, word in words.items())


def test_flags_of_viirs_mean_what_the_rule_says() -> None:
    """An index produced and not probably cloudy; excellent to marginal, before shadow, snow, cloud and estimates."""
    asset = DATASETS["vnp13a1-ndvi"].asset
    first_two = next(part for part in band_facts(asset, "VI_Quality")["bits"] if part["first"] == 0)
    assert first_two["count"] == 2
    assert all("produced" in first_two["values"][code] and "cloud" not in first_two["values"][code] for code in "01")
    assert "cloudy" in first_two["values"]["2"]
    classes = band_facts(asset, "pixel_reliability")["classes"]
    kept = [classes[str(code)].lower() for code in range(LEAST_RELIABLE + 1)]
    assert kept == ["excellent", "good", "acceptable", "marginal"]
    assert {"cloud shadow", "snow/ice", "cloud", "estimated"} <= {
        words.lower() for code, words in classes.items() if int(code) > LEAST_RELIABLE
    }


def test_flags_of_hls_mean_what_the_rule_says() -> None:
    """Cloud, beside it, shadow and snow are the bits 1 to 4 of both collections; the highest level of aerosol is 3."""
    for asset in DATASETS["hls-ndvi"].assets:
        bits = {part["first"]: part for part in band_facts(asset, "Fmask")["bits"]}
        unclear = [bits[first]["what"].lower() for first in range(8) if UNCLEAR >> first & 1 and first in bits]
        assert unclear == ["cloud", "adjacent to cloud/shadow", "cloud shadow", "snow/ice"]
        assert all(bits[first]["values"]["1"] == "Yes" for first in (1, 2, 3, 4))
        assert bits[6]["count"] == 2
        assert bits[6]["values"][str(HIGH_AEROSOL)] == "High aerosol"


def test_ends_and_delays_are_those_of_the_engine() -> None:
    assert DATASETS["mod13q1-ndvi"].ended == date(2026, 10, 16)
    for dataset in DATASETS.values():
        known = DELIVERY.get(dataset.asset)
        if known is not None and (dataset.ended or dataset.delay_days is not None):
            assert dataset.ended == known.last, dataset.key
            assert dataset.delay_days in (None, known.delay), dataset.key


def test_a_successor_measures_the_same_and_goes_on() -> None:
    named = [each for each in DATASETS.values() if each.successor]
    assert {each.key for each in named} >= {"mod13q1-ndvi", "myd13q1-ndvi"}
    for dataset in named:
        successor = DATASETS[dataset.successor]
        assert (successor.variable, successor.quantity) == (dataset.variable, dataset.quantity)
        assert successor.ended is None


def test_what_only_describes_a_data_set_is_no_part_of_a_cubes_name() -> None:
    """Cubes of data sets that were there before these fields keep their names, to the letter."""
    before = {
        "key", "variable", "asset", "band", "across", "units", "cadence", "resolution", "scale", "offset", "quality",
        "first_year", "latitudes", "legend", "annual", "quantity", "resampling", "licence", "citation",
    }  # fmt: skip
    assert list(DATASETS["mod13q1-ndvi"].identity()) == [name for name in Dataset.model_fields if name in before]
    assert {*DATASETS["era5-land-fao56-evapotranspiration"].identity()} == before | {"formula"}
    assert {*DATASETS["vnp13a1-ndvi"].identity()} == before | {"covers_days"}
    renamed = DATASETS["mod13q1-ndvi"].model_copy(update={"ended": None, "successor": "", "sensor": "x"})
    assert renamed.identity() == DATASETS["mod13q1-ndvi"].identity()


def test_periods_of_images_end_where_the_next_one_begins() -> None:
    for key, start, end in (
        ("mod13q1-ndvi", date(2024, 12, 18), date(2025, 1, 3)),
        ("vnp13a1-ndvi", date(2024, 7, 3), date(2024, 7, 19)),
        ("chirps3-precipitation", date(2024, 12, 26), date(2025, 1, 1)),
        ("chirps3-precipitation", date(2024, 12, 21), date(2024, 12, 26)),
        ("pku-gimms-ndvi", date(2022, 12, 1), date(2022, 12, 16)),
        ("pku-gimms-ndvi", date(2022, 12, 16), date(2023, 1, 1)),
        ("era5-land-wind", date(2024, 2, 1), date(2024, 3, 1)),
        ("mcd12q1-igbp", date(2024, 1, 1), date(2025, 1, 1)),
    ):
        assert DATASETS[key].period_end(start) == end
    with pytest.raises(ValidationError, match="covers_days 16: images come pentad"):
        Dataset.model_validate({**DATASETS["chirps3-precipitation"].model_dump(), "covers_days": 16})


@pytest.mark.parametrize(
    "pressure", [each for each in PRESSURES if not each.asset.startswith(COMMUNITY)], ids=lambda each: each.name
)
def test_a_pressure_agrees_with_the_official_catalogue(pressure: Pressure) -> None:
    described = facts(pressure.asset)
    (cell,) = {cell_of(pressure.asset, band_facts(pressure.asset, band)) for band in pressure.bands}
    # classes of 30 m are read by the commonest one of 16 by 16; MERRA's cells are less high than wide
    across = {"surface_water": 1 / 16, "dust": 1.25}.get(pressure.name, 1.0)
    assert pressure.cell * across == pytest.approx(cell, rel=0.1)
    began = date.fromisoformat(described["start"][:10])
    # the first year of the JRC begins with the first image of Landsat 5
    first, _, _ = pressure.days_of(pressure.first_year)
    assert first >= (began.replace(month=1, day=1) if "JRC/" in pressure.asset else began)
    if described["end"] is not None:
        last = date.fromisoformat(described["end"][:10]) - timedelta(days=1)
        assert pressure.ended == last.year


@pytest.mark.parametrize("pressure", PRESSURES, ids=lambda each: each.name)
def test_a_pressure_states_source_licence_uncertainty_and_trap(pressure: Pressure) -> None:
    notes = pressure.notes
    assert all((notes.source, notes.licence, notes.uncertainty, notes.trap))
    assert not any(text.endswith(".") for text in (notes.source, notes.licence, notes.uncertainty, notes.trap))
    if pressure.asset.startswith(COMMUNITY):
        return
    licence = facts(pressure.asset)["license"]
    assert licence == "proprietary" or licence == notes.licence


def test_no_default_data_set_needs_an_asset_of_a_user() -> None:
    """An asset of a user may go, or be closed to others, with the account."""
    assert not [key for key in DEFAULTS.values() if DATASETS[key].asset.startswith("users/")]


def test_every_map_of_land_cover_has_a_legend_and_names() -> None:
    for dataset in DATASETS.values():
        if dataset.variable == "land_cover":
            assert dataset.legend in LEGENDS
            assert set(class_names(dataset)) == set(LEGENDS[dataset.legend]), dataset.key
    assert DATASETS["c3s-land-cover"].legend == "esa-cci"
    assert len(class_names(DATASETS["glc-fcs30d"])) == 35
    for key in ("ipcc-climate-zones", "era5-land-climate-zones"):
        assert set(class_names(DATASETS[key])) == set(range(1, 13))


def test_population_is_read_from_the_band_that_trends_earth_reads() -> None:
    assert DATASETS["worldpop-1km-2020"].band == "p2020"


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=lambda each: each.key)
def test_the_landscape_serves_every_data_set_with_its_bands(dataset: Dataset) -> None:
    asset = SIMULATED.get(dataset.asset)
    image = asset.images[0] if isinstance(asset, CollectionAsset) else asset
    assert isinstance(image, ImageAsset)
    assert {band.name for band in image.bands} >= {*dataset.bands}
    for counterpart in dataset.counterparts:
        twin = SIMULATED.get(counterpart.asset)
        assert isinstance(twin, CollectionAsset)
        assert {band.name for band in twin.images[0].bands} >= {*counterpart.bands}


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
        yearly = [each for each in PRESSURES if each.within([2013])]
        assert {band["data_type"]["precision"] for band in described["bands"]} == {"float"}
        assert len(described["bands"]) == 12
        for pressure in yearly:
            if SIMULATED.get(pressure.asset) is not None:
                assert isinstance(pressure.image(2013), ee.Image)
                assert pressure.image(2013).getInfo()["bands"][0]["data_type"]["precision"] == "float"
