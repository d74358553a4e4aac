"""Soil moisture of SMAP: of the eight images of a day one is read, always at the same time of the day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import ee
import numpy as np
import pytest
from pixels import values
from shapely import box

from offline.landscape import of_geobox
from offline.protocol.server import serve
from offline.sources.simulated.source import SimulatedSource
from offline.sources.simulated.water import surface_water_at
from regions.grid import geobox
from series.composites import images_a_year, months, one_year, stands_for
from series.datasets import DATASETS
from series.physical import stored
from series.sequences import times_of
from series.service.earth_engine import Connection, connect

SMAP = DATASETS["smap-l4-soil-moisture"]
STEPPE = geobox(box(116, 43, 116.4, 43.3), 0.1)
SEASON = (7, 8)


@pytest.fixture(scope="module", autouse=True)
def engine() -> Iterator[None]:
    with serve(SimulatedSource()) as server:
        connect(Connection(url=server.url))
        yield


def test_one_of_the_eight_images_of_a_day_is_read() -> None:
    whole = ee.ImageCollection(SMAP.asset).filterDate("2016-07-01", "2016-07-04")
    read = stored(SMAP, "2016-07-01", "2016-07-04").aggregate_array("system:index").getInfo()
    assert whole.size().getInfo() == 24
    assert read == ["20160701_0130", "20160702_0130", "20160703_0130"]
    assert times_of(SMAP, date(2016, 7, 1), date(2016, 7, 4)) == tuple(date(2016, 7, day) for day in (1, 2, 3))


def test_the_same_image_is_read_where_a_time_is_the_beginning_of_the_three_hours() -> None:
    """The service's images may carry 00:00 in place of 01:30."""
    assert SMAP.hours is not None
    whole = ee.ImageCollection(SMAP.asset).filterDate("2016-07-01", "2016-07-04")
    earlier = whole.map(lambda image: image.set("system:time_start", image.date().advance(-90, "minute").millis()))
    read = earlier.filter(ee.Filter.calendarRange(*SMAP.hours, "hour")).aggregate_array("system:index").getInfo()
    assert read == ["20160701_0130", "20160702_0130", "20160703_0130"]


def test_a_season_is_the_mean_of_its_mornings() -> None:
    """Every day weighs the same; the mean over all hours is lower, because soil dries by day."""
    scene = of_geobox(STEPPE)
    days = [datetime(2016, 7, 1, 1, 30, tzinfo=UTC) + timedelta(days=n) for n in range(62)]
    mornings = np.mean([surface_water_at(scene, day)[0] for day in days], axis=0)
    found = values(one_year(SMAP, 2016, SEASON, "season_mean", 0.1), STEPPE)
    np.testing.assert_allclose(found, mornings, rtol=1e-5)
    every = ee.ImageCollection(SMAP.asset).filterDate("2016-07-01", "2016-09-01").select("sm_surface").mean()
    assert (values(every, STEPPE) < 0.98 * found).all()
    assert images_a_year(SMAP, (5, 9), "season_mean") == 154


def test_a_day_weighs_from_midnight_to_midnight() -> None:
    begin = ee.Number(ee.Date("2016-08-31T01:30").millis())
    spans = [ee.Date(each).format().getInfo() for each in stands_for(SMAP, begin)]
    assert spans == ["2016-08-31T00:00:00", "2016-09-01T00:00:00"]


def test_months_are_means_of_mornings_too() -> None:
    july = values(months(SMAP, [2016]).select(["y2016m07"]), STEPPE)
    season = values(one_year(SMAP, 2016, (7, 7), "season_mean", 0.1), STEPPE)
    np.testing.assert_allclose(july, season, rtol=1e-5)
