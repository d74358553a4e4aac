"""Exports and their tasks through the real client: what is written, what is refused, and what can be stopped."""

from __future__ import annotations

import csv
import json
import time
import warnings
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import Any

import ee
import numpy as np
import pytest
import rasterio
from conftest import FewPixels
from google.auth.credentials import AnonymousCredentials

from offline.errors import EngineError
from offline.protocol import operations
from offline.protocol.destinations import Drafts, destination, discard_unfinished
from offline.protocol.operations import Operation, Operations
from offline.protocol.server import serve

CELLS = [0.5, 0, 100, 0, -0.5, 45]
REGION = [100, 44, 102, 45]
DRIVEN = {"folder": "maps", "filenamePrefix": "a"}


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """An engine with a folder for exports, the client connected to it."""
    with serve(FewPixels(), exports=tmp_path / "out") as server:
        ee.Reset()
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Unable to initialize deprecated assets")
            ee.Initialize(AnonymousCredentials(), project="offline", url=server.url)
        ee.data.setMaxRetries(0)
        yield tmp_path / "out"
        ee.Reset()


def ended(task: ee.batch.Task) -> dict[str, Any]:
    """The status of a task when it has ended."""
    task.start()
    for _ in range(400):
        status = task.status()
        if status["state"] in ("COMPLETED", "FAILED", "CANCELLED"):
            return status
        time.sleep(0.02)
    raise AssertionError("the task did not end")


def to_drive(image: ee.Image, **options: Any) -> ee.batch.Task:
    given = {"description": "trial", "folder": "maps", "fileNamePrefix": "a", "region": ee.Geometry.Rectangle(REGION),
             "crs": "EPSG:4326", "crsTransform": CELLS}  # fmt: skip
    return ee.batch.Export.image.toDrive(image, **{**given, **options})


def test_an_image_is_written_as_it_is_computed(folder: Path) -> None:
    image = ee.Image("TEST/YEARLY/2001_01_01").select("a")
    status = ended(to_drive(image))
    assert status["state"] == "COMPLETED"
    assert status["task_type"] == "EXPORT_IMAGE"
    path = folder / "drive/maps/a.tif"
    assert status["destination_uris"] == [path.as_uri()]
    with rasterio.open(path) as file:
        assert file.read(1).tolist() == [[10, 11, 12, 13], [14, 15, 16, 17]]
        assert (file.dtypes, file.descriptions, file.crs.to_epsg()) == (("int16",), ("a",), 4326)
        assert tuple(file.transform)[:6] == tuple(CELLS)
    assert [each.name for each in path.parent.iterdir()] == ["a.tif"]


def test_masked_pixels_and_cloud_optimised_files(folder: Path) -> None:
    holed = ee.Image("TEST/YEARLY/2002_01_01").select("a")
    ended(to_drive(holed, formatOptions={"cloudOptimized": True, "noData": -9}))
    with rasterio.open(folder / "drive/maps/a.tif") as file:
        assert file.nodata == -9
        assert file.read(1)[1, 3] == -9
        assert file.tags(ns="IMAGE_STRUCTURE").get("LAYOUT") == "COG"
    ended(to_drive(holed.toFloat(), fileNamePrefix="f"))
    with rasterio.open(folder / "drive/maps/f.tif") as file:
        assert np.isnan(file.read(1)[1, 3])


def test_a_large_image_block_by_block(folder: Path) -> None:
    """1,200 x 700 cells cross the edges of blocks; the same numbers as asked for directly."""
    image = ee.Image.random(3).toFloat()
    transform = [0.01, 0, 100, 0, -0.01, 45]
    region = ee.Geometry.Rectangle([100, 38, 112, 45], "EPSG:4326", False)
    ended(to_drive(image, region=region, crsTransform=transform))
    keys = ("scaleX", "shearX", "translateX", "shearY", "scaleY", "translateY")
    grid = {"dimensions": {"width": 1200, "height": 700}, "affineTransform": dict(zip(keys, transform, strict=True)),
            "crsCode": "EPSG:4326"}  # fmt: skip
    asked = ee.data.computePixels({"expression": image, "fileFormat": "NUMPY_NDARRAY", "grid": grid})["random"]
    with rasterio.open(folder / "drive/maps/a.tif") as file:
        np.testing.assert_array_equal(file.read(1), asked)
        assert file.block_shapes == [(256, 256)]
    ended(to_drive(image, region=region, crsTransform=transform, fileDimensions=512, fileNamePrefix="b"))
    parts = sorted(path.name for path in (folder / "drive/maps").glob("b*"))
    assert parts == [f"b-{top:010d}-{left:010d}.tif" for top in (0, 512) for left in (0, 512, 1024)]
    with rasterio.open(folder / "drive/maps" / parts[-1]) as file:
        np.testing.assert_array_equal(file.read(1), asked[512:, 1024:])


def test_tables(folder: Path) -> None:
    place = ee.Geometry.Point([100, 45])
    table = ee.FeatureCollection([ee.Feature(place, {"b": 1, "a": "x"}), ee.Feature(None, {"b": [1, 2]})])
    export = ee.batch.Export.table
    assert ended(export.toDrive(table, "t", folder="tables", fileNamePrefix="all"))["task_type"] == "EXPORT_FEATURES"
    with (folder / "drive/tables/all.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["system:index", "a", "b", ".geo"]
    assert (rows[0]["a"], rows[0]["b"], json.loads(rows[0][".geo"])["coordinates"]) == ("x", "1", [100, 45])
    assert (rows[1]["a"], rows[1]["b"]) == ("", "[1, 2]")
    assert json.loads(rows[1][".geo"]) == {"type": "MultiPoint", "coordinates": []}
    ended(
        export.toCloudStorage(
            table, "t", bucket="bucket", fileNamePrefix="x/all", fileFormat="GeoJSON", selectors=["a"]
        )
    )
    features = json.loads((folder / "bucket/x/all.geojson").read_text())["features"]
    assert features[0]["properties"] == {"a": "x"}


def test_what_cannot_be_exported_says_why(folder: Path) -> None:
    image = ee.Image("TEST/YEARLY/2001_01_01")
    mixed = ended(to_drive(image))
    assert (mixed["state"], mixed["error_message"]) == (
        "FAILED",
        "Exported bands must have compatible data types; found inconsistent types: Int16 and Float32.",
    )
    large = ended(to_drive(image.select("a"), maxPixels=5))
    assert "Export too large: specified 8 pixels (max: 5)" in large["error_message"]
    assert "not found" in ended(to_drive(ee.Image("NO/SUCH")))["error_message"]
    with pytest.raises(ee.EEException, match="use GEO_TIFF"):
        to_drive(image.select("a"), fileFormat="TFRecord").start()
    with pytest.raises(ee.EEException, match="must be multiples of shardSize"):
        to_drive(image.select("a"), fileDimensions=100).start()
    with pytest.raises(ee.EEException, match="multiple of 16"):
        to_drive(image.select("a"), shardSize=100).start()
    unfit = ended(to_drive(image.select("a"), formatOptions={"noData": 1e6}))
    assert unfit["error_message"] == "Export: noData 1e+06 is not a value of the exported type, Int16."
    assert (
        ended(ee.batch.Export.image.toDrive(ee.Image(1), "x"))["error_message"] == "Unable to export unbounded image."
    )
    arrays = ended(to_drive(image.toArray()))
    assert "arrayFlatten" in arrays["error_message"]
    asset = ee.batch.Export.image.toAsset(
        image, "x", "projects/x/assets/y", region=ee.Geometry.Rectangle(REGION), scale=1e4
    )
    with pytest.raises(ee.EEException, match="not to assets"):
        asset.start()
    assert not list(folder.rglob("*.tif"))


@pytest.mark.parametrize("prefix", ["../a", "/tmp/a", "x/../../a", "c:a", "a\\b"])
def test_no_file_leaves_the_folder(folder: Path, prefix: str) -> None:
    with pytest.raises(ee.EEException, match="is not a name inside the folder"):
        to_drive(ee.Image(1), fileNamePrefix=prefix).start()


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "out" / "drive").mkdir(parents=True)
    (tmp_path / "else").mkdir()
    (tmp_path / "out" / "drive" / "maps").symlink_to(tmp_path / "else")
    with pytest.raises(EngineError, match="leaves the folder"):
        destination(tmp_path / "out", {"fileExportOptions": {"driveDestination": DRIVEN}})


def test_a_link_that_appears_while_the_export_runs_is_not_followed(tmp_path: Path) -> None:
    place = destination(tmp_path / "out", {"fileExportOptions": {"driveDestination": DRIVEN}})
    (tmp_path / "out" / "drive").mkdir(parents=True)
    (tmp_path / "out" / "drive" / "maps").symlink_to(tmp_path)
    with pytest.raises(EngineError, match="leaves the folder"):
        place.file(".tif")


@pytest.mark.parametrize("bucket", ["drive", "a/b", "..", ""])
def test_a_bucket_is_one_folder_and_not_the_drive(tmp_path: Path, bucket: str) -> None:
    with pytest.raises(EngineError, match="name"):
        destination(
            tmp_path, {"fileExportOptions": {"cloudStorageDestination": {"bucket": bucket, "filenamePrefix": "a"}}}
        )


def test_drafts_of_all_running_exports_go_before_a_signal_ends_the_process(tmp_path: Path) -> None:
    with Drafts() as first, Drafts() as second:
        drafts = [each.draft(tmp_path / "a") for each in (first, second)]
        for draft in drafts:
            draft.write_text("half")
        discard_unfinished()
        assert not list(tmp_path.iterdir())
    with Drafts() as later:
        later.draft(tmp_path / "b").write_text("whole")
        later.publish()
    discard_unfinished()
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


def test_drafts_appear_together_or_not_at_all(tmp_path: Path) -> None:
    with suppress(RuntimeError), Drafts() as drafts:
        drafts.draft(tmp_path / "a").write_text("half")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []
    with Drafts() as drafts:
        for name in ("a", "b"):
            drafts.draft(tmp_path / name).write_text(name)
        assert not (tmp_path / "a").exists()
        assert drafts.publish() == [(tmp_path / name).as_uri() for name in ("a", "b")]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_empty_files_are_left_out_and_properties_become_tags(folder: Path) -> None:
    """1024 x 512 cells from 100 E: the stored image ends at 102 E, so the right file has nothing."""
    image = ee.Image("TEST/YEARLY/2001_01_01").select("a")
    region = ee.Geometry.Rectangle([100, 42.44, 105.12, 45], "EPSG:4326", False)
    options = {
        "crsTransform": [0.005, 0, 100, 0, -0.005, 45],
        "region": region,
        "fileDimensions": 512,
        "shardSize": 512,
    }
    status = ended(to_drive(image, skipEmptyTiles=True, formatOptions={"metadataKeys": ["year", "none"]}, **options))
    assert [Path(uri).name for uri in status["destination_uris"]] == ["a-0000000000-0000000000.tif"]
    with rasterio.open(folder / "drive/maps/a-0000000000-0000000000.tif") as file:
        assert file.block_shapes == [(512, 512)]
        assert file.tags()["year"] == "2001"
        assert "none" not in file.tags()


def test_tasks_are_listed_cancelled_and_started_once(folder: Path) -> None:
    slow = ee.Image.random().focalMedian(40)
    transform = [0.001, 0, 100, 0, -0.001, 45]
    tasks = [to_drive(slow, crsTransform=transform, description=f"slow {n}") for n in range(3)]
    for task in tasks:
        task.start()
    assert {each["metadata"]["description"] for each in ee.data.listOperations()} == {"slow 0", "slow 1", "slow 2"}
    assert len(ee.batch.Task.list()) == 3
    for task in reversed(tasks):
        task.cancel()
    for task in tasks:
        assert ended_after_cancel(task) == "CANCELLED"
    assert not list(folder.rglob("a*")) + list(folder.rglob(".a*"))
    with pytest.raises(ee.EEException, match="not found"):
        ee.data.getOperation("projects/offline/operations/NONE")


def ended_after_cancel(task: ee.batch.Task) -> str:
    for _ in range(1000):
        if task.status()["state"] not in ("RUNNING", "CANCEL_REQUESTED", "READY"):
            break
        time.sleep(0.05)
    return str(task.status()["state"])


def test_the_same_request_twice_is_one_task(folder: Path) -> None:
    params = {"expression": ee.Image("TEST/CLASSES"), "description": "once", "fileExportOptions":
              {"fileFormat": "GEO_TIFF", "driveDestination": {"filenamePrefix": "once"}}}  # fmt: skip
    names = {ee.data.exportImage("request-1", dict(params))["name"] for _ in range(2)}
    assert len(names) == 1
    assert len(ee.data.listOperations()) == 1


def test_without_a_folder_exports_say_how_to_switch_them_on(few: Any) -> None:
    with pytest.raises(ee.EEException, match="--exports FOLDER"):
        to_drive(ee.Image("TEST/CLASSES")).start()


def waiting(gate: Event) -> Any:
    """Work that lasts until the gate opens, or somebody cancels it."""

    def work(operation: Operation) -> list[str]:
        while not gate.wait(0.01):
            operation.check()
        return [operation.description]

    return work


def states(found: Operations) -> dict[str, str]:
    return {each["metadata"]["description"]: each["metadata"]["state"] for each in found.listed("p", 100)["operations"]}


def until(found: Operations, **wanted: str) -> None:
    for _ in range(500):
        if states(found).items() >= wanted.items():
            return
        time.sleep(0.01)
    raise AssertionError(states(found))


def test_two_run_at_once_and_those_of_higher_priority_first(monkeypatch: pytest.MonkeyPatch) -> None:
    found, gates = Operations(), [Event() for _ in range(4)]
    for number, priority in enumerate((100, 100, 50, 200)):
        found.start("p", "EXPORT_IMAGE", f"n{number}", "", waiting(gates[number]), priority)
        if number == 1:
            until(found, n0="RUNNING", n1="RUNNING")
    until(found, n0="RUNNING", n1="RUNNING", n2="PENDING", n3="PENDING")
    gates[0].set()
    until(found, n0="SUCCEEDED", n3="RUNNING", n2="PENDING")
    monkeypatch.setattr(operations, "MOST_WAITING", 1)
    with pytest.raises(EngineError, match="already in the queue"):
        found.start("p", "EXPORT_IMAGE", "one more", "", waiting(gates[0]))
    last = found.listed("p", 1)
    assert last["operations"][0]["metadata"]["description"] == "n3"
    rest = found.listed("p", 10, last["nextPageToken"])
    assert [each["metadata"]["description"] for each in rest["operations"]] == ["n2", "n1", "n0"]
    assert "nextPageToken" not in rest
    with pytest.raises(EngineError, match="not known"):
        found.listed("p", 10, "nonsense")
    assert found.listed("q", 10) == {"operations": []}
    names = {each["metadata"]["description"]: each["name"] for each in found.listed("p", 10)["operations"]}
    found.cancel(names["n2"])
    assert states(found)["n2"] == "CANCELLED"
    found.cancel(names["n0"])
    assert states(found)["n0"] == "SUCCEEDED"
    found.close()
    assert states(found)["n1"] == states(found)["n3"] == "CANCELLED"


def test_what_has_ended_is_forgotten_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "MOST_ENDED", 3)
    found, gate = Operations(), Event()
    gate.set()
    for number in range(6):
        found.start("p", "EXPORT_IMAGE", f"n{number}", f"r{number}", waiting(gate))
        until(found, **{f"n{number}": "SUCCEEDED"})
    assert list(states(found)) == ["n5", "n4", "n3"]


def test_work_that_fails_says_why() -> None:
    found = Operations()

    def fails(operation: Operation) -> list[str]:
        raise OSError("No space left on device")

    name = found.start("p", "EXPORT_IMAGE", "x", "", fails)["name"]
    until(found, x="FAILED")
    assert found.get(name)["error"] == {"code": 3, "message": "Offline engine: OSError: No space left on device"}


def test_options_that_cannot_be_kept_are_told(folder: Path) -> None:
    """Districts are squares of five points each: with at most four the service would cut them, this engine does not."""
    districts = ee.FeatureCollection("TEST/DISTRICTS")
    table = {"description": "d", "fileNamePrefix": "d"}
    status = ended(ee.batch.Export.table.toDrive(districts, maxVertices=4, **table))
    assert status["state"] == "FAILED"
    assert "has 5 vertices, maxVertices allows 4" in status["error_message"]
    assert ended(ee.batch.Export.table.toDrive(districts, maxVertices=5, **table))["state"] == "COMPLETED"
    with pytest.raises(ee.EEException, match="priority 10000 is not between 0 and 9999"):
        ee.batch.Export.table.toDrive(districts, priority=10000, **table).start()
    assert ended(ee.batch.Export.table.toDrive(districts, priority=0, **table))["priority"] == 0
