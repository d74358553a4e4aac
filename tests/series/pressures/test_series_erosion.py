"""Soil lost to wind: the service's expression is the equation, cell by cell, of the images that the landscape has."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from affine import Affine
from odc.geo.geobox import GeoBox
from shapely import box

from indicators.weather import wind_erosion as rweq
from offline.landscape.annual import sixteen_days
from offline.model.assets import ImageAsset
from offline.protocol.server import Server, serve
from offline.sources.simulated.source import SimulatedSource
from series.pressures import PRESSURES, erosion, yearly, years_a_request
from series.service.earth_engine import Connection, connect

EROSION = next(each for each in PRESSURES if each.name == "wind_erosion")
#: Gobi, four by three cells of ERA5-Land.
CELLS = GeoBox((3, 4), Affine(0.1, 0, 103.95, 0, -0.1, 43.05), "EPSG:4326")
GOBI = box(103.95, 42.75, 104.35, 43.05)
YEAR = 2013


@contextmanager
def serving(source: SimulatedSource) -> Iterator[Server]:
    with serve(source) as server:
        connect(Connection(url=server.url))
        yield server


@pytest.fixture(scope="module")
def source() -> SimulatedSource:
    return SimulatedSource()


@pytest.fixture(scope="module")
def engine(source: SimulatedSource) -> Iterator[Server]:
    with serving(source) as server:
        yield server


def cell(row: int, column: int) -> dict[str, object]:
    west, north = 103.95 + 0.1 * column, 43.05 - 0.1 * row
    return {f"{row} {column}": box(west + 1e-6, north - 0.1 + 1e-6, west + 0.1 - 1e-6, north - 1e-6)}


def by_region(outlines: dict[str, object], years: list[int]) -> pd.Series:
    found = yearly(EROSION, outlines, years)  # type: ignore[arg-type]
    assert set(found["units"]) <= {"kg m-2 year-1"}
    return pd.Series(found["value"].to_numpy(float), found["region"])


def stored(source: SimulatedSource, name: str, band: str, grid: GeoBox = CELLS) -> np.ndarray:
    image = source.get(name)
    assert isinstance(image, ImageAsset)
    values, mask = image.read(band, grid, "nearest")
    return np.where(mask > 0, values.astype(float), np.nan)


def ndvi_of(source: SimulatedSource, start: date, end: date) -> np.ndarray:
    """Mean of the good and marginal pixels of 0.05 degrees in each cell, of each composite, and of these; NaN."""
    fine = GeoBox((6, 8), Affine(0.05, 0, 103.95, 0, -0.05, 43.05), "EPSG:4326")
    seen = []
    for day in sixteen_days(start, end - timedelta(1)):
        name = f"MODIS/061/MOD13C1/{day:%Y_%m_%d}"
        good = stored(source, name, "SummaryQA", fine) <= 1
        four = np.where(good, stored(source, name, "NDVI", fine), np.nan).reshape(3, 2, 4, 2)
        seen.append(nanmean(four, (1, 3)))
    return nanmean(np.stack(seen), 0)


def nanmean(values: np.ndarray, axis: int | tuple[int, ...]) -> np.ndarray:
    known = np.isfinite(values)
    total, count = np.where(known, values, 0).sum(axis), known.sum(axis)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def by_equation(source: SimulatedSource, year: int) -> np.ndarray:
    """The year's loss of each cell, of the stored bands, by `indicators.weather.wind_erosion`."""
    sand, clay, carbon = (stored(source, asset, "b0") for asset in (erosion.SAND, erosion.CLAY, erosion.CARBON))
    organic = 5 * carbon / 10 * 1.724
    soil = rweq.erodible_fraction(sand, 100 - sand - clay, clay, organic, 0) * rweq.crust_factor(clay, organic)
    spans = [(date(year, m, 1), date(year + m // 12, m % 12 + 1, 1)) for m in range(1, 13)]
    leaves = np.stack([ndvi_of(source, *span) for span in spans])
    leaves = np.where(np.isfinite(leaves), leaves, np.nanmin(leaves, axis=0))
    total = np.zeros(CELLS.shape)
    for (start, end), ndvi in zip(spans, leaves, strict=True):
        days = [f"{erosion.DAILY}/{start + timedelta(n):%Y%m%d}" for n in range((end - start).days)]
        snow, east, north, rain = (np.stack([stored(source, d, band) for d in days]) for band in erosion.OF_DAYS)
        month = f"{erosion.MONTHLY}/{start:%Y%m}"
        warmth, sun, pressure, fallen = (stored(source, month, band) for band in erosion.OF_MONTHS)
        wetness = rweq.soil_wetness(rweq.evapotranspiration(sun, warmth), 1000 * fallen, (rain >= 0.001).mean(0))
        force = rweq.wind_force(np.hypot(east, north)).mean(0)
        density = rweq.air_density(pressure, warmth)
        weather = rweq.weather_factor(force, len(days), density, wetness, (snow > 0.0254).mean(0))
        total += rweq.soil_loss(weather * soil * rweq.vegetation_factor(rweq.cover_of(ndvi)))
    return total


def test_the_expression_is_the_equation_cell_by_cell(source: SimulatedSource, engine: Server) -> None:
    cells = {name: outline for row in range(3) for column in range(4) for name, outline in cell(row, column).items()}
    before = engine.count("features")
    found = by_region(cells, [YEAR])
    assert engine.count("features") - before == 1
    true = pd.Series(by_equation(source, YEAR).ravel(), list(cells))
    assert true.max() > 0.01
    np.testing.assert_allclose(found[list(cells)], true, rtol=2e-3, atol=1e-6)


def test_a_region_has_the_mean_of_its_cells(source: SimulatedSource, engine: Server) -> None:
    found = by_region({"gobi": GOBI}, [YEAR])["gobi"]
    # rows count alike, as on the service
    assert found == pytest.approx(by_equation(source, YEAR).mean(), rel=3e-3)


def test_snow_rain_and_leaves_keep_the_soil(source: SimulatedSource) -> None:
    """The mountains' larches lose less than a thousandth of what the Gobi does."""
    with serving(source):
        found = by_region({"gobi": GOBI, "taiga": box(101.95, 51.75, 102.25, 52.05)}, [YEAR])
    assert found["taiga"] < found["gobi"] / 1000


def test_years_are_those_with_weather_and_leaves_to_the_end() -> None:
    """In May 2027 weather reaches December 2026, MODIS has ended in October: 2026 has no loss, and is no error."""
    village = {"here": box(104, 42.9, 104.05, 42.95)}
    for today, last in ((date(2026, 1, 8), 2024), (date(2026, 2, 1), 2025), (date(2027, 5, 1), 2025)):
        with serving(SimulatedSource(today=today)):
            found = yearly(EROSION, village, range(2024, 2027))
        assert found["month"].dt.year.max() == last


def test_a_request_reads_some_years() -> None:
    assert EROSION.opened == 365 + 12 + 23 + 3
    assert EROSION.layers == 365 * 4 + 12 * 4 + 23 * 2 * 4 + 3
    assert years_a_request(EROSION, 0.1) == 9
    assert years_a_request(EROSION, 20.0) == 3
    assert EROSION.within(range(1990, 2030))[0] == 2001
    assert EROSION.assets[0] == erosion.DAILY


def test_days_add_up_to_the_month(source: SimulatedSource) -> None:
    """Wind of the days has the mean of the month; a day in some blows above the threshold; snow grows to spring."""
    days = [f"{erosion.DAILY}/{date(YEAR, 4, n):%Y%m%d}" for n in range(1, monthrange(YEAR, 4)[1] + 1)]
    for band in ("u_component_of_wind_10m", "v_component_of_wind_10m"):
        wind = np.stack([stored(source, day, band) for day in days])
        np.testing.assert_allclose(wind.mean(0), stored(source, f"{erosion.MONTHLY}/{YEAR}04", band), rtol=1e-5)
    east, north = (np.stack([stored(source, day, f"{c}_component_of_wind_10m") for day in days]) for c in "uv")
    assert 0.02 < (rweq.wind_force(np.hypot(east, north)) > 0).mean() < 0.4
    cold = GeoBox((3, 4), Affine(0.1, 0, 101.95, 0, -0.1, 52.05), "EPSG:4326")
    depth = [stored(source, f"{erosion.DAILY}/{day}", "snow_depth", cold).mean() for day in
             ("20121015", "20121215", "20130301", "20130701")]  # fmt: skip
    assert depth[0] < depth[1] < depth[2]
    assert depth[3] == 0
    assert 0.05 < depth[2] < 1.5


def test_soils_are_sandier_where_it_is_dry(source: SimulatedSource) -> None:
    wet = GeoBox((3, 4), Affine(0.1, 0, 120.95, 0, -0.1, 52.05), "EPSG:4326")
    for grid in (CELLS, wet):
        sand, clay = (stored(source, asset, "b0", grid) for asset in (erosion.SAND, erosion.CLAY))
        assert (sand + clay < 100).all()
        assert clay.min() > 1
    carbon = [stored(source, erosion.CARBON, "b0", grid).mean() * 5 for grid in (CELLS, wet)]
    assert stored(source, erosion.SAND, "b0").mean() > stored(source, erosion.SAND, "b0", wet).mean() + 5
    assert carbon[0] < 10 < carbon[1] < 150
