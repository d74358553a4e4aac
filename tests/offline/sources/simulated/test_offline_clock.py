"""The engine's clock: which images there are on a day, what has ended, what is late, what is missing."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import ee
import numpy as np
import pytest
from affine import Affine
from odc.geo.geobox import GeoBox

from offline.landscape import climate
from offline.model.assets import CollectionAsset, ImageAsset
from offline.process import EngineProcess
from offline.protocol.server import serve
from offline.sources.simulated.assets import SPECS
from offline.sources.simulated.clock import DELIVERY, LAST_DAY, SETTLED
from offline.sources.simulated.source import SimulatedSource
from series.service.earth_engine import Connection, connect

STEPPE = GeoBox((12, 14), Affine(1 / 240, 0, 116, 0, -1 / 240, 44), "EPSG:4326")
MOD13, VIIRS, ERA5 = "MODIS/061/MOD13Q1", "NASA/VIIRS/002/VNP13A1", "ECMWF/ERA5_LAND/MONTHLY_AGGR"
COVER, LIGHTS = "MODIS/061/MCD12Q1", "NOAA/VIIRS/DNB/ANNUAL_V22"
GOING_ON = [spec for spec in SPECS if spec.goes_on]


def days(source: SimulatedSource, name: str) -> list[date]:
    """First days of the images of a collection."""
    asset = source.get(name)
    assert isinstance(asset, CollectionAsset)
    return [datetime.fromtimestamp(each.properties["system:time_start"] / 1000, UTC).date() for each in asset.images]


def read(source: SimulatedSource, name: str, index: str, band: str) -> tuple[np.ndarray, np.ndarray]:
    image = source.get(f"{name}/{index}")
    assert isinstance(image, ImageAsset)
    return image.read(band, STEPPE, "nearest")


def test_without_a_clock_series_end_with_2024() -> None:
    source = SimulatedSource()
    for spec in GOING_ON:
        last = max(days(source, spec.id))
        assert last <= SETTLED
        assert last.year == 2024 or last == DELIVERY[spec.id].last
    assert "today" not in source.describe()


@pytest.mark.parametrize("spec", GOING_ON, ids=lambda spec: str(spec.id))
def test_what_goes_on_does_so_in_its_rhythm_to_its_end(spec: Any) -> None:
    found = sorted(set(days(SimulatedSource(today=LAST_DAY), spec.id)))
    known = DELIVERY[spec.id]
    steps = Counter(after - before for before, after in pairwise(found) if before > SETTLED)
    usual = {after - before for before, after in pairwise(spec.starts)}
    assert set(steps) <= usual
    if known.last is not None:
        assert found[-1] <= known.last
        assert known.source
    assert spec.ends(found[-1]) + timedelta(days=known.delay) <= LAST_DAY
    if known.last is None:
        assert LAST_DAY - spec.ends(found[-1]) < timedelta(days=known.delay) + max(usual) + timedelta(days=1)


def test_nothing_begins_after_its_end() -> None:
    source = SimulatedSource(today=LAST_DAY)
    for name, known in DELIVERY.items():
        if known.last is not None and "/T1_L2" not in name:
            assert max(days(source, name)) <= known.last
    assert max(days(source, MOD13)) == date(2026, 10, 16)
    assert max(days(source, "MODIS/061/MYD13A1")) == date(2026, 10, 24)
    assert max(days(source, COVER)) == date(2025, 1, 1)
    assert max(days(source, VIIRS)).year == 2030
    assert max(days(source, "NOAA/VIIRS/DNB/ANNUAL_V21")).year == 2021


def test_an_image_is_there_once_its_period_and_its_delay_have_passed() -> None:
    first, ready = date(2025, 6, 10), date(2025, 6, 26) + timedelta(days=DELIVERY[MOD13].delay)
    assert first not in days(SimulatedSource(today=ready - timedelta(days=1)), MOD13)
    assert max(days(SimulatedSource(today=ready), MOD13)) == first
    # the map of 2024 comes in the autumn of 2025
    assert max(days(SimulatedSource(today=date(2025, 8, 1)), COVER)).year == 2023
    assert max(days(SimulatedSource(today=date(2025, 10, 1)), COVER)).year == 2024
    past = SimulatedSource(today=date(2010, 3, 1))
    assert days(past, MOD13)[-1] == date(2010, 2, 2)
    assert days(past, VIIRS) == []


@pytest.mark.parametrize("world", ["easy", "real"])
def test_past_images_keep_their_bytes(world: str) -> None:
    usual, later = SimulatedSource(world=world), SimulatedSource(world=world, today=date(2029, 2, 1))
    for name, index, band in (
        (MOD13, "2024_07_11", "NDVI"),
        (MOD13, "2024_12_18", "SummaryQA"),
        (ERA5, "202412", "total_precipitation_sum"),
        (COVER, "2023_01_01", "LC_Type1"),
        (LIGHTS, "20240101", "average"),
    ):
        for before, after in zip(read(usual, name, index, band), read(later, name, index, band), strict=True):
            assert np.array_equal(before, after)


def test_weather_and_vegetation_go_on_as_they_were() -> None:
    source = SimulatedSource(today=LAST_DAY)
    rain = {
        year: np.mean([read(source, ERA5, f"{year}{m:02d}", "total_precipitation_sum")[0].mean() for m in (6, 7, 8)])
        for year in (*range(2015, 2025), *range(2025, 2031))
    }
    old, new = (np.array([rain[y] for y in years]) for years in (range(2015, 2025), range(2025, 2031)))
    assert new.mean() == pytest.approx(old.mean(), rel=0.35)
    assert len({round(float(v), 9) for v in new}) == 6
    green = [read(source, VIIRS, f"{year}_07_20", "NDVI")[0].mean() for year in range(2019, 2031) if year % 4]
    assert 0.5 * np.mean(green[:4]) < min(green[4:]) <= max(green[4:]) < 2 * np.mean(green[:4])


def test_the_gap_of_terra_is_there_with_a_clock_alone() -> None:
    gap = date(2022, 10, 16)
    usual, later = SimulatedSource(), SimulatedSource(today=date(2027, 3, 15))
    for name in ("MODIS/061/MOD09A1", "MODIS/061/MOD11A2"):
        assert gap in days(usual, name)
        assert gap not in days(later, name)
    missing = set(days(usual, "MODIS/061/MOD10A1")) - set(days(later, "MODIS/061/MOD10A1"))
    assert sorted(missing) == [date(2022, 10, 10) + timedelta(days=n) for n in range(14)]
    # composites of 16 days have days outside it
    assert gap in days(later, MOD13)


def test_a_data_set_can_vanish_be_late_and_lack_a_month() -> None:
    today = date(2027, 3, 15)
    source = SimulatedSource(today=today, vanished=[COVER], late={ERA5: 60}, lacking={VIIRS: ["2026-07"]})
    assert source.get(COVER) is None
    assert source.get(f"{COVER}/2020_01_01") is None
    assert "MODIS/061/MCD12Q1" not in [asset.id for asset in source.list("MODIS/061")]
    assert max(days(source, ERA5)) == date(2026, 12, 1)
    assert max(days(SimulatedSource(today=today), ERA5)) == date(2027, 2, 1)
    assert not [day for day in days(source, VIIRS) if (day.year, day.month) == (2026, 7)]
    assert len(days(SimulatedSource(today=today), VIIRS)) - len(days(source, VIIRS)) == 4
    # without a clock: late behind the end of 2024
    assert max(days(SimulatedSource(late={MOD13: 40}), MOD13)) == date(2024, 11, 16)


@pytest.mark.parametrize(
    ("faults", "message"),
    [
        ({"today": date(2031, 1, 1)}, "weather up to 2030-12-31"),
        ({"vanished": ["MODIS/061/MOD99"]}, "no data set 'MODIS/061/MOD99'"),
        ({"late": {MOD13: -3}}, "-3 days are below 0"),
        ({"lacking": {MOD13: ["2023-13"]}}, "month '2023-13' is not like 2023-07"),
    ],
)
def test_orders_that_cannot_be_used_are_refused(faults: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SimulatedSource(**faults)


def test_the_client_sees_the_clock() -> None:
    with serve(SimulatedSource(today=date(2027, 3, 15), vanished=[COVER])) as server:
        connect(Connection(url=server.url))
        newest = ee.Date(ee.ImageCollection(VIIRS).aggregate_max("system:time_start")).format("YYYY-MM-dd")
        assert newest.getInfo() == "2027-02-10"
        assert ee.ImageCollection(MOD13).filterDate("2026-10-17", "2030-01-01").size().getInfo() == 0
        with pytest.raises(ee.EEException, match="'MODIS/061/MCD12Q1' not found"):
            ee.ImageCollection(COVER).size().getInfo()


def test_an_engine_in_a_process_of_its_own_has_a_clock() -> None:
    order = {"today": "2026-01-31", "late": {ERA5: 31}, "world": "real"}
    engine = EngineProcess(order)
    try:
        assert engine.described["today"] == "2026-01-31"
        connect(Connection(url=engine.url))
        newest = ee.Date(ee.ImageCollection(ERA5).aggregate_max("system:time_start")).format("YYYY-MM")
        assert newest.getInfo() == "2025-11"
    finally:
        engine.end()


def test_the_landscape_has_weather_for_the_whole_clock() -> None:
    assert climate.LAST_YEAR == LAST_DAY.year == 2030
