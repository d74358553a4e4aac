"""Batch exports fill the same cubes with the same bytes as requests, whatever happens to operations and files."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from threading import Event, current_thread
from typing import Any

import ee
import numpy as np
import pytest
import xarray as xr
from shapely import box
from shapely.geometry import Polygon

from offline.errors import EngineError
from offline.protocol.server import Server, serve
from offline.sources.simulated.source import SimulatedSource
from regions.grid import geobox
from series.composites import annual, in_time, static
from series.cubes.delivery import LARGE, Delivery, ExportTarget, pixel_years
from series.cubes.naming import Cube
from series.cubes.packing import Packing
from series.cubes.pull import pull
from series.cubes.stored import open_cube
from series.cubes.windows import scratch_of
from series.datasets import DATASETS
from series.errors import BucketRefused, QuotaUsedUp, RequestFailed, Unavailable
from series.sequences import times_of
from series.service.batch import ATTEMPTS
from series.service.earth_engine import Connection, connect
from series.service.storage import download, objects

AREA = Polygon([(112, 43), (113, 43), (112.4, 43.9)])
NDVI, RAIN = DATASETS["mod13c1-ndvi"], DATASETS["era5-land-precipitation"]
COVER, CARBON = DATASETS["mcd12q1-igbp"], DATASETS["soilgrids-soc"]
PACE = 0.002
BY_EXPORT = Delivery("export", ExportTarget("bucket", "some/place"))
IN_PIECES = Delivery("export", ExportTarget("bucket", "pieces", file_side=16))


class Failing(SimulatedSource):
    """The simulated landscape; operations, not requests, wait for `gate`, and the next `left` fail with `words`."""

    words, left = "", 0
    gate = Event()

    def get(self, asset: str) -> Any:
        if current_thread().name == "offline-export":
            self.gate.wait(60)
        if self.left and current_thread().name == "offline-export":
            self.left -= 1
            raise EngineError(self.words)
        return super().get(asset)


@pytest.fixture(scope="module")
def source() -> Failing:
    return Failing()


@pytest.fixture(scope="module")
def engine(source: Failing, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(source, exports=tmp_path_factory.mktemp("exports")) as server:
        yield server


@pytest.fixture(autouse=True)
def calm(engine: Server, source: Failing) -> None:
    connect(Connection(url=engine.url, pace=PACE))
    engine.faults.clear()
    source.words, source.left = "", 0
    source.gate.set()


def vegetation(store: Path, years: range = range(2010, 2013), **more: Any) -> Cube:
    return Cube(
        annual(NDVI, years, (5, 9)), "productivity", geobox(AREA, 0.05), NDVI, store, "simulated", outline=AREA, **more
    )


def cover(store: Path) -> Cube:
    years = range(2010, 2013)
    grid = geobox(AREA, 1 / 60)
    return Cube(annual(COVER, years, (5, 9)), "land_cover", grid, COVER, store, "simulated", outline=AREA)


def rain(store: Path) -> Cube:
    years = range(2010, 2013)

    def days() -> tuple[tuple[date, ...], ...]:
        return tuple(tuple(times_of(RAIN, date(year, 1, 1), date(year + 1, 1, 1))) for year in years)

    stack = in_time(RAIN, [(date(year, 1, 1), date(year + 1, 1, 1)) for year in years], days)
    grid = geobox(AREA, 0.1)
    return Cube(stack, "precipitation_months", grid, RAIN, store, "simulated", kind="months", outline=AREA)


def carbon(store: Path) -> Cube:
    return Cube(static(CARBON, 1 / 60), "soil_carbon", geobox(AREA, 1 / 60), CARBON, store, "simulated", outline=AREA)


def bytes_of(path: Path) -> dict[str, bytes]:
    """The pixels and coordinates of a cube: all files but the attributes that say how it was made."""
    found = {str(each.relative_to(path)): each.read_bytes() for each in path.rglob("*") if each.is_file()}
    return {name: content for name, content in found.items() if name not in (".zattrs", ".zmetadata")}


def kinds(engine: Server, before: int) -> list[str]:
    """What was asked since a number of requests: kinds, and `export` for the start of one."""
    new = engine.requests[before:]
    return ["export" if each.path.endswith(":export") else each.kind for each in new]


@pytest.mark.parametrize("wanted", [vegetation, cover, rain, carbon])
@pytest.mark.parametrize("delivery", [BY_EXPORT, IN_PIECES], ids=["one file", "pieces"])
def test_an_exported_cube_has_the_bytes_of_a_requested_one(
    engine: Server, tmp_path: Path, wanted: Callable[[Path], Cube], delivery: Delivery
) -> None:
    requested = pull(wanted(tmp_path / "requested"))
    before = len(engine.requests)
    exported = pull(wanted(tmp_path / "exported"), delivery=delivery)
    assert exported.name == requested.name
    assert bytes_of(exported) == bytes_of(requested)
    asked = kinds(engine, before)
    assert "pixels" not in asked
    assert asked.count("export") == 1
    assert not [*exported.parent.glob(".*.tiles")]
    with xr.open_zarr(requested, consolidated=False) as plain, xr.open_zarr(exported, consolidated=False) as cube:
        assert plain.attrs["pulled_by"] == "requests"
        assert "export_operations" not in plain.attrs
        assert cube.attrs["pulled_by"] == "export"
        (operation,) = json.loads(cube.attrs["export_operations"])
        metadata = ee.data.getOperation(operation)["metadata"]
        assert cube.attrs["batch_eecu_seconds"] == pytest.approx(metadata["batchEecuUsageSeconds"], abs=1e-3)
        pieces = [-(-side // (delivery.target.file_side or side)) for side in cube[wanted(tmp_path).name].shape[-2:]]  # type: ignore[union-attr]
        assert len(metadata["destinationUris"]) == np.prod(pieces)
    before = len(engine.requests)
    assert pull(wanted(tmp_path / "exported")) == exported
    assert len(engine.requests) == before


def test_a_second_year_exports_only_the_new_year(engine: Server, tmp_path: Path) -> None:
    pull(vegetation(tmp_path / "grown", range(2010, 2013)), delivery=BY_EXPORT)
    grown = pull(vegetation(tmp_path / "grown", range(2010, 2014)), delivery=BY_EXPORT)
    whole = pull(vegetation(tmp_path / "whole", range(2010, 2014)))
    assert bytes_of(grown) == bytes_of(whole)
    with xr.open_zarr(grown, consolidated=False) as cube:
        (operation,) = json.loads(cube.attrs["export_operations"])
    (uri,) = ee.data.getOperation(operation)["metadata"]["destinationUris"]
    import rasterio

    with rasterio.open(uri) as file:
        assert file.count == 1
        assert file.dtypes == ("int16",)
        assert file.nodata == -32768


def test_a_value_that_does_not_fit_the_packing_is_requested(engine: Server, tmp_path: Path) -> None:
    class Narrow(Cube):
        """Its packing has no room for large values."""

        @property
        def packing(self) -> Packing:
            return Packing(5e-6)

    def wanted(store: Path) -> Cube:
        plain = vegetation(store)
        return Narrow(**{name: getattr(plain, name) for name in plain.__dataclass_fields__})

    before = len(engine.requests)
    exported = pull(wanted(tmp_path / "exported"), delivery=BY_EXPORT)
    assert kinds(engine, before).count("pixels") == 1
    np.testing.assert_array_equal(open_cube(exported), open_cube(pull(wanted(tmp_path / "requested"))))


@pytest.mark.parametrize(
    "words",
    ["An internal error has occurred.", "Earth Engine capacity exceeded.", "Too many concurrent aggregations."],
)
def test_an_operation_that_fails_for_a_passing_reason_is_started_again(
    engine: Server, source: Failing, tmp_path: Path, words: str
) -> None:
    source.words, source.left = words, ATTEMPTS - 1
    before = len(engine.requests)
    exported = pull(vegetation(tmp_path / "exported"), delivery=BY_EXPORT)
    assert kinds(engine, before).count("export") == ATTEMPTS
    assert bytes_of(exported) == bytes_of(pull(vegetation(tmp_path / "requested")))


def test_an_operation_that_fails_again_and_again_is_given_up(engine: Server, source: Failing, tmp_path: Path) -> None:
    source.words, source.left = "An internal error has occurred.", 10 * ATTEMPTS
    with pytest.raises(Unavailable, match=rf"{ATTEMPTS} times.*internal error.*same command again later"):
        pull(vegetation(tmp_path), delivery=BY_EXPORT)
    source.left = 0
    pull(vegetation(tmp_path), delivery=BY_EXPORT)


def test_a_lasting_failure_has_the_words_of_the_service_and_is_not_tried_again(
    engine: Server, source: Failing, tmp_path: Path
) -> None:
    source.words, source.left = "Export too large: specified 12 pixels (max: 10).", 99
    before = len(engine.requests)
    with pytest.raises(RequestFailed, match=r"Export too large: specified 12 pixels"):
        pull(vegetation(tmp_path), delivery=BY_EXPORT)
    assert kinds(engine, before).count("export") == 1


def test_a_quota_that_ends_during_an_export_stops_and_continues_later(
    engine: Server, source: Failing, tmp_path: Path
) -> None:
    source.words, source.left = "Your usage exceeded the custom quota for 'monthly_eecu_usage_time': EECU", 1
    with pytest.raises(QuotaUsedUp, match="is used up"):
        pull(vegetation(tmp_path / "exported"), delivery=BY_EXPORT)
    exported = pull(vegetation(tmp_path / "exported"), delivery=BY_EXPORT)
    engine.inject("eecu-month", kind="other", path=":export")
    with pytest.raises(QuotaUsedUp, match="is used up"):
        pull(vegetation(tmp_path / "other"), delivery=BY_EXPORT)
    other = pull(vegetation(tmp_path / "other"), delivery=BY_EXPORT)
    assert bytes_of(exported) == bytes_of(other) == bytes_of(pull(vegetation(tmp_path / "requested")))


def test_what_is_too_big_for_an_export_is_requested(engine: Server, source: Failing, tmp_path: Path) -> None:
    source.words, source.left = "Execution failed; out of memory.", 1
    before = len(engine.requests)
    exported = pull(vegetation(tmp_path / "exported"), delivery=BY_EXPORT)
    assert {"export", "pixels"} <= set(kinds(engine, before))
    assert bytes_of(exported) == bytes_of(pull(vegetation(tmp_path / "requested")))


@pytest.mark.parametrize("fault", ["reset", "internal", "truncated", "unavailable", "rate"])
def test_faults_of_any_request_of_an_export_are_survived(engine: Server, tmp_path: Path, fault: str) -> None:
    for path in (":export", "/operations/", "/storage/v1/b/bucket/o"):
        engine.inject(fault, 2, path=path)
    exported = pull(vegetation(tmp_path / "exported"), delivery=BY_EXPORT)
    assert bytes_of(exported) == bytes_of(pull(vegetation(tmp_path / "requested")))


def recorded(cube: Cube, **state: str) -> Path:
    """The scratch folder of a run that was killed after it wrote this record of its one export."""
    scratch = scratch_of(cube)
    scratch.mkdir(parents=True)
    (scratch / f"export-0-{len(cube.stack.parts) - 1}.json").write_text(json.dumps(state))
    return scratch


def test_a_cancelled_operation_is_started_again(engine: Server, source: Failing, tmp_path: Path) -> None:
    cube = vegetation(tmp_path / "exported")
    source.gate.clear()
    with ThreadPoolExecutor(1) as thread:
        pulled = thread.submit(pull, cube, None, BY_EXPORT)
        found = []
        while not found:
            time.sleep(0.01)
            listed = [each for each in ee.data.listOperations() if cube.path.stem in each["metadata"]["description"]]
            found = [each["name"] for each in listed if each["metadata"]["state"] == "RUNNING"]
        ee.data.cancelOperation(found[0])
        source.gate.set()
        exported = pulled.result(60)
    assert ee.data.getOperation(found[0])["metadata"]["state"] == "CANCELLED"
    with xr.open_zarr(exported, consolidated=False) as stored:
        assert json.loads(stored.attrs["export_operations"]) != found
    assert bytes_of(exported) == bytes_of(pull(vegetation(tmp_path / "requested")))


def test_an_operation_that_the_service_forgot_is_started_again(engine: Server, tmp_path: Path) -> None:
    recorded(vegetation(tmp_path / "exported"), request="forgotten", operation="projects/offline/operations/GONE")
    exported = pull(vegetation(tmp_path / "exported"), delivery=BY_EXPORT)
    assert bytes_of(exported) == bytes_of(pull(vegetation(tmp_path / "requested")))


def test_an_export_whose_files_were_deleted_is_started_again(engine: Server, tmp_path: Path) -> None:
    with xr.open_zarr(pull(vegetation(tmp_path / "first"), delivery=BY_EXPORT), consolidated=False) as first:
        (operation,) = json.loads(first.attrs["export_operations"])
    recorded(vegetation(tmp_path / "second"), request="deleted", operation=operation)
    second = pull(vegetation(tmp_path / "second"), delivery=BY_EXPORT)
    assert bytes_of(second) == bytes_of(tmp_path / "first" / second.name)


def test_a_damaged_download_is_downloaded_again(engine: Server, tmp_path: Path) -> None:
    cube = vegetation(tmp_path / "exported")
    folder = recorded(cube, request="damaged") / "damaged"
    folder.mkdir()
    (folder / f"{cube.path.stem}-damaged.tif.part").write_bytes(b"not the start of a GeoTIFF")
    before = len(engine.requests)
    exported = pull(cube, delivery=BY_EXPORT)
    assert kinds(engine, before).count("bucket") == 3  # the list, the rest of the damaged file, the whole file
    assert bytes_of(exported) == bytes_of(pull(vegetation(tmp_path / "requested")))


def test_files_without_md5_are_checked_by_crc32c(engine: Server, tmp_path: Path) -> None:
    pull(vegetation(tmp_path), delivery=Delivery("export", ExportTarget("bucket", "crc")))
    (found,) = objects("bucket", "crc/")
    content = download(found, tmp_path / "by-md5").read_bytes()
    from google_crc32c import value

    right = base64.b64encode(value(content).to_bytes(4, "big")).decode()
    assert download(replace(found, md5="", crc32c=right), tmp_path / "by-crc").read_bytes() == content
    with pytest.raises(Unavailable, match="arrived damaged 3 times"):
        download(replace(found, md5="", crc32c="AAAAAA=="), tmp_path / "wrong")


def test_a_bucket_that_may_not_be_read_is_named_with_the_role_that_is_missing(engine: Server, tmp_path: Path) -> None:
    engine.inject("denied", kind="bucket")
    with pytest.raises(BucketRefused, match=r"gs://bucket cannot be read.*roles/storage.objectUser"):
        pull(vegetation(tmp_path), delivery=BY_EXPORT)


@pytest.mark.parametrize(
    "words",
    [
        "The specified bucket does not exist.",
        "a@b.c does not have storage.objects.create access to the Google Cloud Storage object.",
    ],
)
def test_a_bucket_that_may_not_be_written_is_no_reason_to_leave_a_variable_out(
    engine: Server, source: Failing, tmp_path: Path, words: str
) -> None:
    source.words, source.left = words, 1
    with pytest.raises(BucketRefused, match=r"(bucket does not|storage.objects.create).*roles/storage.objectUser"):
        pull(vegetation(tmp_path), delivery=BY_EXPORT)


def test_auto_exports_large_cubes_only_and_no_blocks_of_neighbours(tmp_path: Path) -> None:
    target = ExportTarget("bucket")
    small, shared = vegetation(tmp_path), vegetation(tmp_path, shared=tmp_path / "blocks")
    wide = box(100, 40, 112, 46)
    large = replace(small, geobox=geobox(wide, 1 / 240), outline=wide)
    assert pixel_years(large, range(3)) == pytest.approx(3 * 72 * 240**2)
    assert pixel_years(large, range(3)) > LARGE > pixel_years(large, range(2))
    cubes = small, shared, large
    assert [Delivery("auto", target).way(cube) for cube in cubes] == ["requests", "requests", "export"]
    assert [Delivery("export", target).way(cube) for cube in cubes] == ["export", "requests", "export"]
    assert {Delivery("requests", target).way(cube) for cube in cubes} == {"requests"}
    assert Delivery("auto", None).way(large) == "requests"


def test_addresses_of_buckets() -> None:
    assert ExportTarget.parse("gs://my-bucket") == ExportTarget("my-bucket", "")
    assert ExportTarget.parse("gs://my-bucket/a/b/") == ExportTarget("my-bucket", "a/b")
    assert ExportTarget.parse("gs://my-bucket/a").name("cube", "request") == "a/cube-request"
    for address in ("my-bucket", "gs://", "gs://My_Bucket", "gs://my-bucket/../other", "s3://my-bucket", "gs://a b"):
        with pytest.raises(ValueError, match="write gs://BUCKET/PREFIX"):
            ExportTarget.parse(address)
    for address in ("drive://folder", "drive", "Drive:folder"):
        with pytest.raises(ValueError, match=r"Google Drive cannot be read back.*gs://BUCKET/PREFIX"):
            ExportTarget.parse(address)
