"""The protocol under the client: routes, errors, limits, faults, several requests at once."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import ee
import numpy as np
import pytest
import requests

from offline.errors import EngineError
from offline.graph.registry import algorithms
from offline.graph.signatures import signatures
from offline.protocol.faults import FAULTS
from offline.protocol.server import Server, _Listener, serve

ONE = {"constantValue": 1}


def test_algorithms_are_those_of_the_installed_client(few: Server) -> None:
    """Every registered name is in the client's list, and the server serves that list."""
    assert set(algorithms()) <= set(signatures())
    served = requests.get(f"{few.url}/v1/projects/offline/algorithms", timeout=10).json()["algorithms"]
    assert len(served) == len(signatures())


def test_an_unknown_path_has_googles_error_shape(few: Server) -> None:
    """Not an HTML page."""
    answer = requests.get(f"{few.url}/v1/nothing", timeout=10)
    assert answer.status_code == 404
    error = answer.json()["error"]
    assert (error["code"], error["status"]) == (404, "NOT_FOUND")
    assert "/v1/nothing" in error["message"]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_nothing_can_be_written(few: Server, method: str) -> None:
    """The engine is read-only and says so."""
    answer = requests.request(method, f"{few.url}/v1/projects/offline/assets/x", json={"a": 1}, timeout=10)
    assert answer.status_code == 405
    assert "read-only" in answer.json()["error"]["message"]


def test_a_body_that_is_not_json(few: Server) -> None:
    """A fault of the caller."""
    answer = requests.post(f"{few.url}/v1/projects/offline/value:compute", data="{", timeout=10)
    assert answer.status_code == 400
    assert answer.json()["error"]["status"] == "INVALID_ARGUMENT"


MISTAKES: dict[str, tuple[Callable[[], Any], str]] = {
    "an asset that is not there": (
        lambda: ee.Image("NO/SUCH").bandNames(),
        r"Image.load: Image asset 'NO/SUCH' not found \(does not exist or caller does not have access\)",
    ),
    "a collection as an image": (lambda: ee.Image("TEST/YEARLY").bandNames(), "is not an Image"),
    "an algorithm that is not here": (
        lambda: ee.Image(1).glcmTexture(),
        "Image.glcmTexture: this algorithm is not supported by the offline engine",
    ),
    "a key that is not there": (lambda: ee.Dictionary({"a": 1}).get("b"), "does not contain key: 'b'"),
    "an index too far": (lambda: ee.List([1]).get(3), "List index must be between 0 and 0"),
    "bands that do not match": (
        lambda: ee.Image([1, 2]).add(ee.Image([1, 2, 3])).bandNames(),
        "Found 2 and 3",
    ),
    "a property of nothing": (lambda: ee.Image(1).date(), "system:time_start"),
}


@pytest.mark.parametrize(("make", "message"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_named(few: Server, make: Callable[[], Any], message: str) -> None:
    """As HTTP 400 with a message that names what failed."""
    with pytest.raises(ee.EEException, match=message) as caught:
        make().getInfo()
    assert caught.value.__context__.status_code == 400  # type: ignore[union-attr]


def test_unsupported_algorithms_name_the_nearest(few: Server) -> None:
    """So that the caller sees what there is instead."""
    with pytest.raises(ee.EEException, match=r"Nearest supported: .*Reducer\.median"):
        ee.List([1, 2]).reduce(ee.Reducer.geometricMedian(1)).getInfo()


def test_deep_chains_work_and_too_deep_ones_say_so(few: Server) -> None:
    """A chain of a thousand additions is computed; one of twenty thousand is refused with a mend."""
    values = {"0": {"functionInvocationValue": {"functionName": "Image.constant", "arguments": {"value": ONE}}}}
    for number in range(1, 20_001):
        arguments = {"image1": {"valueReference": str(number - 1)}, "image2": ONE}
        call = {"functionName": "Image.add", "arguments": arguments}
        values[str(number)] = {"functionInvocationValue": call}
    names = {"functionName": "Image.bandNames", "arguments": {"image": {"valueReference": "1000"}}}
    values["names"] = {"functionInvocationValue": names}
    url = f"{few.url}/v1/projects/offline/value:compute"
    fine = requests.post(url, json={"expression": {"values": values, "result": "names"}}, timeout=60)
    assert fine.json() == {"result": ["constant"]}
    deep = requests.post(url, json={"expression": {"values": values, "result": "20000"}}, timeout=60)
    assert deep.status_code == 400
    assert "nested too deeply" in deep.json()["error"]["message"]


def test_long_chains_give_pixels(few: Server, pixels: Callable[..., np.ndarray]) -> None:
    """150 additions, as deep as the client itself can write an expression."""
    total = ee.Image(0)
    for _ in range(150):
        total = total.add(1)
    assert pixels(total)["constant"].tolist() == [[150] * 4] * 2


def test_shared_values_are_evaluated_once(years: ee.ImageCollection, pixels: Callable[..., np.ndarray]) -> None:
    """Each step uses the last one twice: without memory 2³⁰ evaluations."""

    def doubled(_number: ee.Number, last: ee.Image) -> ee.Image:
        return ee.Image(last).add(ee.Image(last)).mod(1000)

    image = ee.Image(ee.List.sequence(1, 30).iterate(doubled, years.first().select("a")))
    assert pixels(image)["a"][0, 0] == (10 * 2**30) % 1000


def test_the_size_of_requests_is_limited(few: Server, pixels: Callable[..., np.ndarray]) -> None:
    """Bytes of all bands and one for each mask (ee.data.computePixels: 48 MiB)."""
    size = 3000 * 3000 * (8 + 1)
    with pytest.raises(
        ee.EEException,
        match=rf"Total request size \({size} bytes\) must be less than or equal to 50331648 bytes",
    ):
        pixels(ee.Image(0.5), dimensions={"width": 3000, "height": 3000})
    with pytest.raises(ee.EEException, match="must be less than or equal to 32768"):
        pixels(ee.Image(1), dimensions={"width": 32769, "height": 1})


def test_the_size_of_values_is_limited(few: Server) -> None:
    """Ten megabytes of JSON."""
    with pytest.raises(ee.EEException, match="Response size exceeds limit"):
        ee.List.repeat("x" * 1000, 11_000).getInfo()


@pytest.mark.parametrize("fault", [name for name, (code, _) in FAULTS.items() if code != 200])
def test_a_fault_strikes_as_often_as_ordered(few: Server, fault: str) -> None:
    """With the service's status and message, and only requests of its kind."""
    code, message = FAULTS[fault]
    few.inject(fault, 2, kind="value")
    ee.data.listAssets({"parent": "TEST/YEARLY"})
    for _ in range(2):
        with pytest.raises(ee.EEException, match=re.escape(message)) as caught:
            ee.Number(1).getInfo()
        assert caught.value.__context__.status_code == code  # type: ignore[union-attr]
    assert ee.Number(1).getInfo() == 1


def test_a_truncated_answer(few: Server, pixels: Callable[..., np.ndarray]) -> None:
    """The connection closes in the middle of the body."""
    few.inject("truncated", kind="pixels")
    with pytest.raises(ConnectionError):
        pixels(ee.Image(1))
    assert pixels(ee.Image(1))["constant"][0, 0] == 1


def test_a_slow_answer(few: Server) -> None:
    """The client's own deadline strikes first."""
    few.inject("slow", kind="other", delay=2)
    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.get(f"{few.url}/v1/projects/offline/config", timeout=0.2)


def test_an_unknown_fault_is_refused(few: Server) -> None:
    """With the names of those that there are."""
    with pytest.raises(ValueError, match=r"fault 'rain' is unknown; use one of quota"):
        few.inject("rain")


def test_slow_requests_do_not_hold_up_others(few: Server) -> None:
    """Sixteen requests that wait half a second each, at once."""
    few.inject("slow", 16, kind="value", delay=0.5)
    body = {"expression": {"values": {"0": {"constantValue": 1}}, "result": "0"}}
    url = f"{few.url}/v1/projects/offline/value:compute"
    began = time.monotonic()
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: requests.post(url, json=body, timeout=30).json(), range(16)))
    assert answers == [{"result": 1}] * 16
    assert time.monotonic() - began < 4


def test_requests_are_logged_with_their_kind(few: Server, pixels: Callable[..., np.ndarray]) -> None:
    """So that a run can prove that it pulled nothing."""
    few.requests.clear()
    pixels(ee.Image(1))
    ee.Number(1).getInfo()
    ee.data.getAsset("TEST/YEARLY")
    assert [record.kind for record in few.requests] == ["pixels", "value", "asset"]


def test_assets_are_listed_and_described(few: Server) -> None:
    """In the protocol's shape."""
    asset = ee.data.getAsset("TEST/YEARLY/2001_01_01")
    assert asset["type"] == "IMAGE"
    assert asset["startTime"] == "2001-01-01T00:00:00Z"
    assert [band["id"] for band in asset["bands"]] == ["a", "b"]
    listed = ee.data.listAssets({"parent": "TEST/YEARLY"})["assets"]
    assert [each["id"].rsplit("/", 1)[1] for each in listed] == ["2001_01_01", "2002_01_01", "2003_01_01"]
    with pytest.raises(ee.EEException, match="does not exist"):
        ee.data.getAsset("NO/SUCH/THING")


def test_pixels_of_an_asset(few: Server) -> None:
    """`getPixels`, on the asset's own grid."""
    array = ee.data.getPixels({"assetId": "TEST/YEARLY/2001_01_01", "fileFormat": "NUMPY_NDARRAY"})
    assert array["a"].tolist() == [[10, 11, 12, 13], [14, 15, 16, 17]]


def test_a_taken_port_says_how_to_mend(few: Server, source: Any) -> None:
    """The port of the running server is taken."""
    port = int(few.url.rsplit(":", 1)[1])
    with pytest.raises(EngineError, match=rf"port {port} .* choose another"), serve(source, port=port):
        pass


def test_the_server_ends_with_its_block(source: Any) -> None:
    """No thread stays and the port is free again."""
    with serve(source) as server:
        assert requests.get(f"{server.url}/v1/projects/offline/config", timeout=10).ok
    with pytest.raises(requests.exceptions.ConnectionError):
        requests.get(f"{server.url}/v1/projects/offline/config", timeout=1)
    assert not [thread for thread in threading.enumerate() if thread.name == server.url]


def test_a_client_that_leaves_is_no_error_and_other_failures_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    listener = object.__new__(_Listener)
    for error in (ConnectionResetError("left"), ValueError("broken")):
        try:
            raise error
        except (ConnectionError, ValueError):
            listener.handle_error(None, ("127.0.0.1", 1))
    said = capsys.readouterr().err
    assert "ValueError: broken" in said
    assert "left" not in said
