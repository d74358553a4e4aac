"""Failures by kind, in the service's words: tried again, split, stopped, or refused; and how long that takes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import ee
import pandas as pd
import pytest
from google.auth.exceptions import RefreshError, TransportError
from shapely import box

from offline.protocol.server import Server, serve
from offline.sources.simulated.source import SimulatedSource
from series.datasets import DATASETS
from series.errors import MissingCredentials, QuotaUsedUp, RequestFailed, TooBig, Unavailable
from series.pressures import PRESSURES, yearly
from series.sequences import times_of
from series.service.earth_engine import ALL_WAITS, Connection, absence, call, connect
from series.service.failures import Garbled, Passing, TooMany, classify
from series.tables import monthly

PACE = 0.0005
HERE = {"here": box(112, 43, 112.2, 43.2)}
RAIN = DATASETS["era5-land-precipitation"]


@pytest.fixture(scope="module")
def engine() -> Iterator[Server]:
    with serve(SimulatedSource()) as server:
        connect(Connection(url=server.url, pace=PACE))
        yield server


def sum_of_one_and_one() -> int:
    answer: int = call(lambda: ee.Number(1).add(1).getInfo())
    return answer


@pytest.mark.parametrize(
    "fault",
    [
        "quota", "rate", "internal", "bad-gateway", "unavailable", "capacity", "memory-capacity", "truncated", "reset",
    ],
)  # fmt: skip
def test_what_may_pass_is_tried_again(engine: Server, fault: str) -> None:
    before = len(engine.requests)
    engine.inject(fault, 2, kind="value")
    assert sum_of_one_and_one() == 2
    assert len(engine.requests) - before == 3


@pytest.mark.parametrize(
    ("fault", "kind", "said"),
    [
        ("memory", TooBig, "User memory limit exceeded"),
        ("timeout", TooBig, "Computation timed out"),
        ("deadline", TooBig, "Deadline Exceeded"),
        ("request-size", TooBig, "Total request size"),
        ("output-size", TooBig, "Output of image computation is too large"),
        ("reprojection", TooBig, "Reprojection output too large"),
        ("many-pixels", TooBig, "Too many pixels in the region"),
        ("eecu-day", QuotaUsedUp, r"daily_eecu_usage_time.*iam-admin/quotas.*again when it is renewed"),
        ("eecu-month", QuotaUsedUp, r"EECU-seconds per month.*iam-admin/quotas"),
        ("unregistered", MissingCredentials, r"Register it at https://console.cloud.google.com/earthengine"),
        ("api-disabled", MissingCredentials, "API is not enabled in the project offline. Enable it"),
        ("service-usage", MissingCredentials, "role Service Usage Consumer"),
        ("denied", RequestFailed, "does not have required permission"),
    ],
)
def test_what_does_not_pass_is_asked_once(engine: Server, fault: str, kind: type[Exception], said: str) -> None:
    connect(Connection(url=engine.url, project="offline", pace=PACE))
    before = len(engine.requests)
    engine.inject(fault, kind="value")
    with pytest.raises(kind, match=said) as caught:
        sum_of_one_and_one()
    assert type(caught.value) is kind
    assert len(engine.requests) - before == 1


@pytest.mark.parametrize("fault", ["deadline", "timeout", "memory"])
def test_what_cannot_be_split_is_tried_again(engine: Server, fault: str) -> None:
    """The days of a collection, or an asset: too big means here that the service is overloaded."""
    connect(Connection(url=engine.url, project="offline", pace=PACE))
    for kind in ("value", "asset"):
        engine.inject(fault, 2, kind=kind)
    assert len(times_of(RAIN, date(2010, 1, 1), date(2011, 1, 1))) == 12
    assert absence(RAIN.asset) == ""


def test_a_table_without_features_is_asked_again(engine: Server) -> None:
    connect(Connection(url=engine.url, project="offline", pace=PACE))
    calm = monthly(HERE, RAIN, range(2010, 2011))
    engine.inject("wrong-shape", 2, kind="features")
    assert monthly(HERE, RAIN, range(2010, 2011)).equals(calm)


def test_waits_sum_to_fifteen_minutes_of_a_pace_of_one_second(engine: Server) -> None:
    assert ALL_WAITS == 15 * 60
    engine.inject("capacity", 1000, kind="value")
    started = time.monotonic()
    with pytest.raises(Unavailable, match=r"failed \d+ times .* capacity exceeded.*Run the same command again later"):
        sum_of_one_and_one()
    assert time.monotonic() - started >= ALL_WAITS * PACE
    engine.faults.clear()
    assert sum_of_one_and_one() == 2


def test_a_silent_connection_ends_after_the_deadline(engine: Server) -> None:
    connect(Connection(url=engine.url, deadline=1.0, pace=PACE))
    try:
        engine.inject("silent", 2)
        started = time.monotonic()
        assert absence("MODIS/061/MOD13Q1") == ""
        assert sum_of_one_and_one() == 2
        assert 2.0 <= time.monotonic() - started < 30.0
    finally:
        connect(Connection(url=engine.url, pace=PACE))


def test_an_engine_that_is_silent_from_the_start_is_given_up(engine: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("series.service.earth_engine.PATIENCE", 0.5)
    engine.inject("silent", 3)
    with pytest.raises(Exception, match="does not answer"):
        connect(Connection(url=engine.url))
    engine.faults.clear()
    connect(Connection(url=engine.url, pace=PACE))


def test_an_asset_that_may_not_be_read_is_no_asset_that_is_absent(engine: Server) -> None:
    """Every 403 was taken for an asset that is not there."""
    engine.inject("denied", kind="asset")
    assert absence("MODIS/061/MOD13Q1") == (
        "this account has no permission to read MODIS/061/MOD13Q1 (the service says: Caller does not have required "
        "permission)"
    )
    engine.inject("service-usage", kind="asset")
    with pytest.raises(MissingCredentials, match="role Service Usage Consumer"):
        absence("MODIS/061/MOD13Q1")
    assert absence("MODIS/061/MOD13Q1") == ""


def test_the_retries_of_a_notebook_stay_as_they_were(engine: Server) -> None:
    def retries() -> int:
        number: int = ee.data._get_state().max_retries
        return number

    connect(Connection(url=engine.url, pace=PACE))
    assert retries() == 5
    ee.data.setMaxRetries(3)
    inside: list[int] = []

    def ask(number: int) -> int:
        inside.append(retries())
        time.sleep(0.01 * number)
        return inside[-1] if number else int(1 / number)

    with ThreadPoolExecutor(4) as threads:
        futures = [threads.submit(call, lambda n=n: ask(n)) for n in (1, 2, 3)]
        assert [future.result() for future in futures] == [0, 0, 0]
    engine.inject("denied", kind="value")
    with pytest.raises(RequestFailed):
        sum_of_one_and_one()
    assert retries() == 3


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (TimeoutError("Read timed out. (read timeout=360.0)"), Passing),
        (TimeoutError("[Errno 110] Connection timed out"), Passing),
        (ConnectionResetError("[Errno 104] Connection reset by peer"), Passing),
        (BrokenPipeError("[Errno 32] Broken pipe"), Passing),
        (TransportError("HTTPSConnectionPool: Max retries exceeded"), Passing),
        (ee.EEException("Earth Engine memory capacity exceeded."), Passing),
        (ee.EEException("Too many concurrent aggregations."), TooMany),
        (ValueError("cannot reshape array of size 7 into shape (2,4)"), Garbled),
        (RefreshError("invalid_grant: Token has been expired or revoked."), MissingCredentials),
        (RefreshError("something else"), MissingCredentials),
        (ee.EEException("Image.load: Image asset 'A' not found (does not exist or caller does not have access)."),
         RequestFailed),
        (ee.EEException("Image.select: Band pattern 'y2020' did not match any bands."), RequestFailed),
    ],
)  # fmt: skip
def test_failures_without_an_http_status(error: Exception, kind: type[Exception]) -> None:
    assert type(classify(error)) is kind


def test_an_answer_that_stays_garbled_is_given_up_soon(engine: Server) -> None:
    tried = []

    def garbled() -> None:
        tried.append(1)
        raise ValueError("cannot reshape array of size 7 into shape (2,4)")

    with pytest.raises(Unavailable, match="failed 6 times"):
        call(garbled)
    assert len(tried) == 6


def test_a_server_that_stays_silent_is_given_up(engine: Server) -> None:
    connect(Connection(url=engine.url, deadline=0.5, pace=PACE))
    try:
        engine.inject("silent", 100)
        started = time.monotonic()
        with pytest.raises(Unavailable, match="Read timed out"):
            sum_of_one_and_one()
        assert 2.0 <= time.monotonic() - started < 30.0
    finally:
        engine.faults.clear()
        connect(Connection(url=engine.url, pace=PACE))


def features(engine: Server) -> int:
    return engine.count("features")


def test_a_table_that_is_too_big_is_asked_by_years_and_then_on_smaller_tiles(engine: Server) -> None:
    calm = monthly(HERE, RAIN, range(2010, 2012))
    before = features(engine)
    engine.inject("memory", 3, kind="features")
    split = monthly(HERE, RAIN, range(2010, 2012))
    # two years, one year, tile scale 4; then tile scale 16 and the other year
    assert features(engine) - before == 5
    pd.testing.assert_frame_equal(split, calm)
    engine.inject("many-pixels", 4, kind="features")
    with pytest.raises(TooBig, match="Too many pixels"):
        monthly(HERE, RAIN, range(2010, 2012))


def test_a_pressure_that_is_too_big_is_asked_by_years(engine: Server) -> None:
    lights = next(each for each in PRESSURES if each.name == "night_lights")
    calm = yearly(lights, HERE, range(2013, 2016))
    before = features(engine)
    engine.inject("timeout", 2, kind="features")
    split = yearly(lights, HERE, range(2013, 2016))
    # three years, one year (tile scale 1 and 4), then the other two
    assert features(engine) - before == 4
    pd.testing.assert_frame_equal(split, calm)
    assert len(calm) == 3
