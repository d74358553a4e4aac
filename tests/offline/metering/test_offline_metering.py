"""What the engine counts, charges, delays and refuses, seen through the unmodified client."""

from __future__ import annotations

import io
import json
import re
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ee
import numpy as np
import pytest
import requests
from conftest import FewPixels
from google.auth.credentials import AnonymousCredentials

from offline.metering.latency import BadLatency, Latency
from offline.metering.limits import MONTH_USED_UP, RESTRICTED, TOO_FAST, TOO_MANY
from offline.metering.meter import PER_REQUEST, PIXELS_A_SECOND, Meter
from offline.metering.profiles import ENTRIES, REMEMBERED, Profiles, amount, as_text, limited, rounded
from offline.metering.records import RequestRecord, usage_of
from offline.protocol.routes import COMPUTING
from offline.protocol.server import Server, serve

#: A grid of 4 x 2 cells: those of the stored images.
GRID = {
    "dimensions": {"width": 4, "height": 2},
    "affineTransform": {
        "scaleX": 0.5, "shearX": 0, "translateX": 100, "shearY": 0, "scaleY": -0.5, "translateY": 45,
    },
    "crsCode": "EPSG:4326",
}  # fmt: skip
NUMBER = {"expression": {"values": {"0": {"constantValue": 1}}, "result": "0"}}


@contextmanager
def connected(**options: Any) -> Iterator[Server]:
    """An engine over a few pixels, the client connected to it."""
    with serve(FewPixels(), **options) as server:
        ee.Reset()
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Unable to initialize deprecated assets")
            ee.Initialize(AnonymousCredentials(), project="offline", url=server.url)
        ee.data.setMaxRetries(0)
        server.requests.clear()
        yield server
        ee.Reset()


@pytest.fixture(scope="module")
def metered_engine() -> Iterator[Server]:
    with connected() as server:
        yield server


def pixels(image: ee.Image) -> np.ndarray:
    return ee.data.computePixels({"expression": image, "fileFormat": "NUMPY_NDARRAY", "grid": GRID})


def compute(server: Server, **headers: str) -> requests.Response:
    return requests.post(f"{server.url}/v1/projects/x/value:compute", json=NUMBER, headers=headers, timeout=30)


def last(server: Server, kind: str) -> RequestRecord:
    return [record for record in server.requests if record.kind == kind][-1]


def test_each_stored_pixel_counts_once_for_each_band_and_request(metered_engine: Server) -> None:
    yearly = ee.ImageCollection("TEST/YEARLY")
    one = ee.Image("TEST/YEARLY/2001_01_01")
    for image, read in (
        (ee.Image(1), 0),
        (one.select("a"), 8),
        (one, 16),
        (one.select("a").add(one.select("a").multiply(2)), 8),
        (yearly.select("a").map(lambda i: i.toFloat()).sum(), 24),
    ):
        pixels(image)
        record = last(metered_engine, "pixels")
        assert record.input_pixels == read
        assert record.computed_pixels >= 8
        assert record.eecu_seconds == pytest.approx(PER_REQUEST + read / PIXELS_A_SECOND)
        assert (record.status, record.size > 0, record.seconds > 0) == (200, True, True)
        assert abs(record.started - time.time()) < 60


def test_reducing_the_resolution_counts_native_pixels(metered_engine: Server) -> None:
    """One cell of 2 x 1 degrees is read as 4 x 2 cells of half a degree."""
    image = ee.Image("TEST/YEARLY/2001_01_01").select("a").reduceResolution("mean", maxPixels=64)
    grid = {**GRID, "dimensions": {"width": 1, "height": 1},
            "affineTransform": {**GRID["affineTransform"], "scaleX": 2, "scaleY": -1}}  # fmt: skip
    ee.data.computePixels({"expression": image, "fileFormat": "NUMPY_NDARRAY", "grid": grid})
    assert last(metered_engine, "pixels").input_pixels == 8


def test_regions_are_metered_too(metered_engine: Server) -> None:
    ee.Image("TEST/YEARLY/2001_01_01").select("a").reduceRegion("mean", ee.Geometry.BBox(100, 44, 102, 45)).getInfo()
    assert last(metered_engine, "value").input_pixels >= 8


def test_answers_say_what_they_cost(metered_engine: Server) -> None:
    answer = compute(metered_engine)
    assert answer.headers["X-Offline-Input-Pixels"] == "0"
    assert float(answer.headers["X-Offline-EECU-Seconds"]) == PER_REQUEST


def test_looking_up_and_failing_is_free(metered_engine: Server) -> None:
    ee.data.getAsset("TEST/YEARLY")
    assert last(metered_engine, "asset").eecu_seconds == 0
    with pytest.raises(ee.EEException, match="not found"):
        ee.Image("NO/SUCH").getInfo()
    record = last(metered_engine, "value")
    assert (record.status, record.eecu_seconds) == (400, 0)


def test_records_are_summed(metered_engine: Server) -> None:
    ee.Number(1).getInfo()
    usage = metered_engine.usage()
    assert usage.requests == len(metered_engine.requests)
    assert usage.eecu_seconds == pytest.approx(sum(each.eecu_seconds for each in metered_engine.requests))
    assert usage.concurrent >= 1


def test_requests_at_one_time_are_counted_from_their_times() -> None:
    times = [(0.0, 2.0), (1.0, 2.0), (1.5, 0.2), (3.0, 1.0)]
    records = [RequestRecord("POST", "", "value", started=begin, seconds=long) for begin, long in times]
    assert usage_of(records).concurrent == 3


def first_column(text: str) -> float:
    return sum(float(word) for word in re.findall(r"(?m)^ *([\d.]+) +\S+ +\d+  ", text))


def test_the_client_prints_a_profile_that_sums_to_the_metered_figure(metered_engine: Server) -> None:
    metered_engine.requests.clear()
    printed = io.StringIO()
    with ee.profilePrinting(printed):
        pixels(ee.ImageCollection("TEST/YEARLY").select("a").map(lambda i: i.toFloat()).sum())
        ee.Number(1).add(1).getInfo()
    text = printed.getvalue()
    assert text.splitlines()[0] == " EECU·s PeakMem Count  Description"
    charged = sum(each.eecu_seconds for each in metered_engine.requests[:2])
    assert first_column(text) == pytest.approx(charged, abs=0.0005)
    assert re.search(r"(?m)^      -       -     1  Algorithm Number\.add$", text)
    assert "Loading assets: TEST/YEARLY/2001_01_01" in text


def test_a_profile_is_given_only_where_one_is_asked_for(metered_engine: Server) -> None:
    assert "x-earth-engine-computation-profile" not in compute(metered_engine).headers
    profiled = compute(metered_engine, **{"X-Earth-Engine-Computation-Profiling": "1"})
    assert profiled.headers["x-earth-engine-computation-profile"]


def get_profiles(**arguments: Any) -> Any:
    return ee.ApiFunction.lookup("Profile.getProfiles").call(**arguments).getInfo()


def test_profiles_come_as_json_too_and_unknown_ones_are_refused(metered_engine: Server) -> None:
    answer = compute(metered_engine, **{"X-Earth-Engine-Computation-Profiling": "1"})
    name = answer.headers["x-earth-engine-computation-profile"]
    found = get_profiles(ids=[name], format="json")
    assert found["columns"] == ["eecuSeconds", "peakMemoryBytes", "count", "description"]
    assert sum(row[0] for row in found["rows"]) == pytest.approx(PER_REQUEST)
    for wrong, message in (
        ({"ids": ["none"]}, "profile 'none' not found"),
        ({"ids": [name], "format": "xml"}, "neither 'text' nor 'json'"),
        ({"ids": [name], "maxEntries": 0}, "must be at least 1"),
    ):
        with pytest.raises(ee.EEException, match=message):
            get_profiles(**wrong)


def test_long_profiles_are_merged_and_sum_to_the_same(metered_engine: Server) -> None:
    meter = Meter()
    for number in range(1500):
        meter.read(f"A/B{number % 3}/i{number}", (number,), 1000 + number, 8000)
        meter.calls[f"Number.f{number}"] += 1
    store = Profiles()
    name = store.add(meter)
    for most in (ENTRIES, 7, 1):
        text = store.written([name], "text", most)
        assert len(text.splitlines()) == 1 + most
        assert first_column(text) == pytest.approx(meter.eecu_seconds, abs=0.0005)
    assert "Loading assets: A/B1/(...)" in store.written([name], "text", None)


def test_only_the_last_profiles_are_kept() -> None:
    store = Profiles()
    names = [store.add(Meter()) for _ in range(REMEMBERED + 1)]
    assert store.written(names[1:], "text", None).count("\n") == 2
    with pytest.raises(Exception, match="not found or forgotten"):
        store.written(names[:1], "text", None)


def test_amounts_and_rounding() -> None:
    assert [amount(size) for size in (0, 352, 59 * 1024, 1.1 * 2**20, 20 * 2**20)] == ["-", "352", "59k", "1.1M", "20M"]
    assert rounded([0.4, 0.4, 0.4, 1.8]) == [1, 0, 0, 2]
    assert as_text(limited([], 1)) == " EECU·s PeakMem Count  Description\n"


@pytest.mark.parametrize("kind", sorted(COMPUTING))
def test_more_requests_than_may_run_at_the_same_time(kind: str) -> None:
    """Each kind that computes takes a place; looking up does not."""
    wanted = {"value": "value:compute", "pixels": "image:computePixels", "features": "table:computeFeatures",
              "map": "maps", "thumbnail": "thumbnails", "table": "tables", "tile": "maps/x/tiles/0/0/0"}  # fmt: skip
    with serve(FewPixels(), concurrent=2) as server, ThreadPoolExecutor(3) as pool:
        server.inject("slow", 2, kind=kind, delay=1.0)
        url = f"{server.url}/v1/projects/x/{wanted[kind]}"
        waiting = [pool.submit(requests.post, url, json=NUMBER, timeout=30) for _ in range(2)]
        while server.limits.running < 2:
            time.sleep(0.01)
        refused = requests.post(url, json=NUMBER, timeout=30)
        assert (refused.status_code, refused.json()["error"]["message"]) == (429, TOO_MANY)
        assert requests.get(f"{server.url}/v1/projects/x/config", timeout=30).ok
        assert all(each.result().status_code != 429 for each in waiting)
        assert server.limits.most_running == 2


def test_more_requests_than_a_project_may_send_in_a_minute() -> None:
    with serve(FewPixels(), per_minute=3) as server:
        codes = [compute(server).status_code for _ in range(4)]
        assert codes == [200, 200, 200, 429]
        assert compute(server).json()["error"]["message"] == TOO_FAST
        other = requests.post(f"{server.url}/v1/projects/y/value:compute", json=NUMBER, timeout=30)
        assert other.status_code == 200


def test_answers_take_the_time_of_the_service() -> None:
    """A fixed part and one for each input pixel; the place is taken meanwhile; looking up is not delayed."""
    with connected(latency=Latency(fixed=0.3, per_input_pixel=0.05), concurrent=1) as server:
        pixels(ee.Image("TEST/YEARLY/2001_01_01").select("a"))
        assert 0.7 <= last(server, "pixels").seconds < 2
        ee.data.getAsset("TEST/YEARLY")
        assert last(server, "asset").seconds < 0.2
        with ThreadPoolExecutor(2) as pool:
            codes = sorted(each.status_code for each in pool.map(lambda _: compute(server), range(2)))
        assert codes == [200, 429]


def test_the_noise_of_latency_follows_from_its_seed() -> None:
    def drawn(seed: int) -> list[float]:
        model = Latency(2.0, 1e-6, noise=0.5, seed=seed)
        return [model.seconds(1_000_000) for _ in range(2000)]

    assert drawn(1) == drawn(1) != drawn(2)
    assert np.log(np.array(drawn(1)) / 3.0).std() == pytest.approx(0.5, abs=0.03)
    assert Latency(2.0, 1e-6).seconds(1_000_000) == 3.0


def test_latency_as_it_is_typed() -> None:
    assert Latency.parse("2,1e-6") == Latency(2.0, 1e-6)
    assert Latency.parse("0.5") == Latency(0.5)
    assert Latency.parse("2,1e-6,0.3,7") == Latency(2.0, 1e-6, 0.3, 7)
    for wrong in ("", "two", "1,2,3,4.5", "1,2,3,4,5", "-1", "nan", "1,inf"):
        with pytest.raises(BadLatency, match="latency"):
            Latency.parse(wrong)


def test_a_budget_runs_out_and_is_renewed() -> None:
    with connected(eecu_hours=1.5 * PER_REQUEST / 3600) as server:
        assert [ee.Number(1).getInfo() for _ in range(2)] == [1, 1]
        with pytest.raises(ee.EEException, match=re.escape(MONTH_USED_UP)) as caught:
            ee.Number(1).getInfo()
        assert caught.value.__context__.status_code == 429  # type: ignore[union-attr]
        assert ee.data.getAsset("TEST/YEARLY")["type"] == "IMAGE_COLLECTION"
        server.limits.new_month()
        assert ee.Number(1).getInfo() == 1


def test_failed_requests_are_not_taken_off_the_budget() -> None:
    with connected(eecu_hours=1) as server:
        with pytest.raises(ee.EEException):
            ee.Image("NO/SUCH").getInfo()
        server.inject("memory", kind="value")
        with pytest.raises(ee.EEException):
            ee.Number(1).getInfo()
        assert server.limits.used == 0


def test_in_restricted_mode_the_client_warns_and_fewer_requests_run() -> None:
    """The header is the one that the client itself looks for."""
    with connected(eecu_hours=1e-9, restricted=True) as server:
        assert ee.Number(1).getInfo() == 1  # uses the budget up
        with pytest.warns(UserWarning, match="exceeded its noncommercial compute quota"):
            assert ee.Number(1).getInfo() == 1
        assert server.limits.allowed == RESTRICTED


def test_exports_say_what_they_used_and_count_against_the_budget(tmp_path: Path) -> None:
    with connected(exports=tmp_path, eecu_hours=1e-6) as server:
        task = ee.batch.Export.image.toCloudStorage(
            ee.Image("TEST/YEARLY/2001_01_01").select("a"), "trial", "bucket", "a", crs="EPSG:4326",
            region=ee.Geometry.Rectangle([100, 44, 102, 45]), crsTransform=[0.5, 0, 100, 0, -0.5, 45],
        )  # fmt: skip
        task.start()
        while task.active():
            time.sleep(0.02)
        status = task.status()
        assert status["state"] == "COMPLETED"
        # 8 cells are written; the image is read with a margin
        read = PIXELS_A_SECOND * (status["batch_eecu_usage_seconds"] - PER_REQUEST)
        assert 8 <= round(read) <= 48
        assert server.limits.used == pytest.approx(status["batch_eecu_usage_seconds"])
        with pytest.raises(ee.EEException, match="EECU-seconds per month"):
            ee.batch.Export.image.toCloudStorage(ee.Image(1), "more", "bucket", "b").start()


def test_the_log_has_a_line_for_each_request_and_the_sums(tmp_path: Path) -> None:
    path = tmp_path / "requests.jsonl"
    with serve(FewPixels(), log=path) as server:
        for _ in range(3):
            compute(server)
        assert len(path.read_text().splitlines()) == 3
    *lines, summary = map(json.loads, path.read_text().splitlines())
    assert [line["kind"] for line in lines] == ["value"] * 3
    assert summary["summary"]["requests"] == 3
    assert summary["summary"]["charged"] == pytest.approx(3 * PER_REQUEST)
