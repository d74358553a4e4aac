"""Reference evapotranspiration: the worked examples of FAO-56, and the expression that the service computes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import ee
import fao56
import numpy as np
import pandas as pd
import pytest
from checkout import SHARED
from odc.geo.geobox import GeoBox
from xclim.indices.converters import fao_allen98

from indicators.weather.drought import spei
from offline.landscape import of_geobox
from offline.protocol.server import Server, serve
from offline.sources.simulated.source import SimulatedSource
from series.composites import sequence
from series.datasets import DATASETS, FORMULA_BANDS
from series.evapotranspiration import reference_evapotranspiration
from series.service.earth_engine import Connection, connect

SPEI_R = SHARED / "spei-r"
DATASET = DATASETS["era5-land-fao56-evapotranspiration"]


@pytest.fixture(scope="module")
def engine() -> Iterator[Server]:
    with serve(SimulatedSource()) as server:
        connect(Connection(url=server.url))
        yield server


def test_bangkok_in_april() -> None:
    """FAO-56, example 17 (chapter 4): monthly means, 8.5 hours of sun a day; 5.72 mm a day."""
    day = fao56.middle_of(4)
    above, hours = fao56.sun_above(13 + 44 / 60, day)
    light = fao56.sunlight(13 + 44 / 60, day, 8.5)
    assert (above, hours, light) == (
        pytest.approx(38.06, abs=0.04), pytest.approx(12.31, abs=0.02), pytest.approx(22.65, abs=0.01),
    )  # fmt: skip
    net, heat = fao56.net_radiation(25.6, 34.8, 2.85, light, 0.75 * above)
    assert (net, heat) == (pytest.approx(14.33, abs=0.02), pytest.approx(3.11, abs=0.02))
    place = {"latitude": 13 + 44 / 60, "day": day, "pressure": fao56.pressure_at(2), "height": 2}
    found = fao56.grass(25.6, 34.8, 2.85, light, wind=2.0, soil=0.14, mean=30.2, **place)
    assert found == pytest.approx(5.72, abs=0.005)


def test_uccle_on_a_day_of_july() -> None:
    """FAO-56, example 18 (chapter 4): 6 July, 50°48' N, 100 m; 3.9 mm a day (3.88)."""
    light = fao56.sunlight(50.8, 187, 9.25)
    above, hours = fao56.sun_above(50.8, 187)
    assert (above, hours, light) == (
        pytest.approx(41.09, abs=0.01), pytest.approx(16.1, abs=0.05), pytest.approx(22.07, abs=0.02),
    )  # fmt: skip
    place = {"latitude": 50.8, "day": 187, "pressure": fao56.pressure_at(100), "height": 100}
    found = fao56.grass(12.3, 21.5, 1.409, 22.07, wind=2.078, **place)
    assert found == pytest.approx(3.88, abs=0.005)


def test_the_equation_is_that_of_xclim() -> None:
    """Penman-Monteith of a hundred states of the air, by another implementation."""
    rng = np.random.default_rng(5)
    celsius, light, height = rng.uniform(-20, 38, 100), rng.uniform(2, 30, 100), rng.uniform(0, 3000, 100)
    vapour, wind = fao56.saturated(celsius) * rng.uniform(0.2, 0.95, 100), rng.uniform(0.5, 6, 100)
    latitude, month = rng.uniform(30, 55, 100), rng.integers(1, 13, 100)
    pressure, day = fao56.pressure_at(height), fao56.middle_of(month)
    own = fao56.grass(
        celsius, celsius, vapour, light, wind=wind, latitude=latitude, day=day, pressure=pressure, height=height
    )
    clear = (0.75 + 2e-5 * height) * fao56.sun_above(latitude, day)[0]
    net, _ = fao56.net_radiation(celsius, celsius, vapour, light, clear)

    def known(values: np.ndarray, units: str) -> Any:
        return pd.Series(values).to_xarray().assign_attrs(units=units)

    theirs = fao_allen98(
        known(net, "MJ m-2 day-1"), known(celsius, "degC"), known(wind, "m s-1"),
        known(fao56.saturated(celsius), "kPa"), known(vapour, "kPa"),
        known(4098 * fao56.saturated(celsius) / (celsius + 237.3) ** 2, "kPa degC-1"),
        known(0.665e-3 * pressure, "kPa degC"),
    )  # fmt: skip
    # theirs counts 273.15 K, FAO-56 rounds to 273
    np.testing.assert_allclose(own, theirs.values, rtol=1e-3, atol=1e-3)


#: State of the air by place: latitude, month, mean temperature and dew point (°C), sunlight (MJ m-2 a day), height (m).
STATES = {
    "Bangkok": (13.73, 4, 30.2, 23.33, 22.65, 2.0),
    "Gobi in July": (43.0, 7, 23.0, 6.0, 25.0, 1100.0),
    "steppe in April": (47.0, 4, 3.0, -9.0, 19.0, 1300.0),
    "steppe in a leap February": (47.0, 2, -17.0, -21.0, 9.5, 1300.0),
    "night of the pole": (75.0, 12, -30.0, -33.0, 0.0, 10.0),
    "day of the pole": (75.0, 6, 3.0, 0.0, 22.0, 10.0),
    "southern summer": (-33.0, 1, 22.0, 14.0, 26.0, 500.0),
    "clear beyond clear": (43.0, 10, 8.0, -6.0, 30.0, 1000.0),
}


def asked(state: tuple[float, ...]) -> float:
    """mm a month of 2012, as the service computes it of constant bands."""
    latitude, month, celsius, dew, light, height = state
    start = ee.Date.fromYMD(2012, int(month), 1)
    days = pd.Period(f"2012-{int(month):02d}").days_in_month
    stored = [celsius + 273.15, dew + 273.15, light * 1e6 * days, fao56.pressure_at(height) * 1000]
    image = ee.Image.constant(stored).rename([*FORMULA_BANDS["fao-56"]])
    value = reference_evapotranspiration(image, start).rename(["mm"])
    point = ee.Geometry.Point([100.0, latitude])
    return float(value.reduceRegion(ee.Reducer.first(), point, 10).getInfo()["mm"])


@pytest.mark.parametrize("name", STATES)
def test_the_expression_is_the_formula_with_what_it_simplifies(engine: Server, name: str) -> None:
    latitude, month, celsius, dew, light, height = STATES[name]
    place = {"latitude": latitude, "day": fao56.middle_of(month), "height": height}
    daily = fao56.grass(
        celsius, celsius, fao56.saturated(dew), light, wind=2.0, pressure=fao56.pressure_at(height), **place
    )
    days = pd.Period(f"2012-{month:02d}").days_in_month
    assert asked(STATES[name]) == pytest.approx(max(daily, 0) * days, rel=1e-4, abs=1e-3)


def test_the_expression_is_a_little_below_the_published_number(engine: Server) -> None:
    """Bangkok again: 5.61 mm a day at the mean temperature and without heat from the soil; 5.72 in FAO-56."""
    assert asked(STATES["Bangkok"]) / 30 == pytest.approx(5.61, abs=0.01)


def test_months_of_the_landscape_are_what_their_bands_say(engine: Server) -> None:
    """The sequence that cubes are pulled from, at one place and over two years, beside the bands themselves."""
    point = ee.Geometry.Point([113.03, 43.03])
    span = (date(2011, 1, 1), date(2013, 1, 1))

    def values(images: Any, bands: int) -> np.ndarray:
        found = images.toBands().reduceRegion(ee.Reducer.first(), point, 10).getInfo()
        return np.array([found[key] for key in sorted(found)]).reshape(24, bands)

    stored = ee.ImageCollection(DATASET.asset).filterDate(*(day.isoformat() for day in span))
    stored = stored.map(lambda image: image.resample("bilinear").select([*sorted(DATASET.bands)]))
    read = pd.DataFrame(values(stored, 4), columns=sorted(DATASET.bands))
    found = values(sequence(DATASET, *span), 1)[:, 0]
    celsius, dew = read["temperature_2m"] - 273.15, read["dewpoint_temperature_2m"] - 273.15
    months = pd.period_range("2011-01", "2012-12", freq="M")
    pressure, light = read["surface_pressure"] / 1000, read["surface_solar_radiation_downwards_sum"] / 1e6
    height = (1 - (pressure / 101.3) ** (1 / 5.26)) * 293 / 0.0065
    expected = months.days_in_month * fao56.grass(
        celsius, celsius, fao56.saturated(dew), light / months.days_in_month,
        wind=2.0, latitude=43.03, day=fao56.middle_of(months.month), pressure=pressure, height=height,
    )  # fmt: skip
    np.testing.assert_allclose(found, expected, rtol=2e-3, atol=0.02)
    assert found[:12].sum() == pytest.approx(found[12:].sum(), rel=0.15)
    assert 600 < found[:12].sum() < 1300


@pytest.mark.parametrize("place", [(111.0, 44.0), (116.0, 43.0), (109.0, 38.0), (115.0, 49.0), (94.0, 51.0)])
def test_the_landscape_loses_about_what_its_aridity_says(engine: Server, place: tuple[float, float]) -> None:
    """Yearly sums beside the demand that divides rain in the landscape's index of aridity; more where it is dry."""
    grid = GeoBox.from_bbox((place[0], place[1], place[0] + 0.2, place[1] + 0.2), "EPSG:4326", shape=(2, 2))
    demand = float(of_geobox(grid, 0).normal.demand.mean())
    images = sequence(DATASET, date(2006, 1, 1), date(2012, 1, 1)).sum()
    point = ee.Geometry.Point([place[0] + 0.1, place[1] + 0.1])
    found = images.reduceRegion(ee.Reducer.first(), point, 10).getInfo()["value"] / 6
    assert 0.95 < found / demand < 1.4


def months_of(wind: np.ndarray, spread: np.ndarray, days: np.ndarray, **air: Any) -> tuple[np.ndarray, np.ndarray]:
    """mm a month by the whole formula, with extremes of the day, measured wind and heat of the soil, and by ours."""
    celsius = air.pop("celsius")
    change = np.r_[0.0, 0.14 * np.diff(celsius)]
    whole = fao56.grass(celsius - spread, celsius + spread, wind=wind, soil=change, **air)
    ours = fao56.grass(celsius, celsius, wind=2.0, **air)
    return np.maximum(whole, 0) * days, np.maximum(ours, 0) * days


def series(values: np.ndarray, start: str) -> pd.Series:
    index = pd.date_range(start, periods=len(values), freq="MS", name="time")
    return pd.Series(np.asarray(values, float), index)


def compared(rain: np.ndarray, whole: np.ndarray, ours: np.ndarray) -> tuple[float, float, float]:
    """Share of evapotranspiration, and correlation and largest difference of the SPEI-12 by both."""
    balance = (series(rain - each, "1980-01-01") for each in (whole, ours))
    first, second = (spei(each, scale=12, reference=None).values[11:] for each in balance)
    return ours.sum() / whole.sum(), float(np.corrcoef(first, second)[0, 1]), float(np.abs(first - second).max())


def test_what_is_simplified_hardly_changes_the_spei_at_wichita() -> None:
    """Monthly station data 1980-2011 (R package SPEI): less evapotranspiration, the same droughts."""
    if not (SPEI_R / "wichita.csv").is_file():
        pytest.skip(f"no station data of the R package at {SPEI_R}")
    table = pd.read_csv(SPEI_R / "wichita.csv")
    month, latitude, height = table["MONTH"].to_numpy(), 37.6475, 402.6
    day = fao56.middle_of(month)
    # hours of sun and wind are not known in every month: the mean of the calendar month
    sun, wind = (table[n].fillna(table.groupby("MONTH")[n].transform("mean")).to_numpy() for n in ("TSUN", "AWND"))
    celsius = table["TMED"].to_numpy()
    spread = (table["TMAX"] - table["TMIN"]).to_numpy() / 2
    days = pd.PeriodIndex.from_fields(year=table["YEAR"], month=table["MONTH"], freq="M").days_in_month.to_numpy()
    whole, ours = months_of(
        wind * 4.87 / np.log(67.8 * 10 - 5.42), spread, days, celsius=celsius,
        vapour=fao56.saturated(table["TMIN"].to_numpy()), light=fao56.sunlight(latitude, day, sun),
        latitude=latitude, day=day, pressure=fao56.pressure_at(height), height=height,
    )  # fmt: skip
    share, correlation, largest = compared(table["PRCP"].to_numpy(), whole, ours)
    assert share == pytest.approx(0.82, abs=0.02)
    assert correlation > 0.99
    assert largest < 0.4


def test_what_is_simplified_hardly_changes_the_spei_of_generated_months() -> None:
    """The same of forty made-up years of a steppe, in which wind and the range of a day vary on their own."""
    rng = np.random.default_rng(9)
    month = np.tile(np.arange(1, 13), 40)
    season, warm = -np.cos(2 * np.pi * (month - 0.6) / 12), np.repeat(rng.normal(0, 1, 40), 12)
    celsius = 2 + 19 * season + warm + rng.normal(0, 1, 480)
    rain = 3 + 40 * np.clip(season, 0, None) ** 2 * np.exp(-0.3 * warm) * rng.gamma(3, 1 / 3, 480)
    day, height = fao56.middle_of(month), 1200.0
    days = np.tile([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], 40)
    whole, ours = months_of(
        3 + rng.normal(0, 0.3, 480), 6 + rng.normal(0, 0.7, 480), days, celsius=celsius,
        vapour=fao56.saturated(celsius) * np.clip(0.5 - 0.05 * warm + rng.normal(0, 0.04, 480), 0.2, 0.9),
        light=fao56.sunlight(45.0, day, 8 + warm / 2), latitude=45.0, day=day,
        pressure=fao56.pressure_at(height), height=height,
    )  # fmt: skip
    share, correlation, _ = compared(rain, whole, ours)
    assert 0.7 < share < 0.95
    assert correlation > 0.95
