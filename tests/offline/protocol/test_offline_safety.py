"""What a careless or hostile client may send: refused in Earth Engine's error shape, in bounded time and memory."""

from __future__ import annotations

import itertools
import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from threading import Event
from typing import Any

import ee
import numpy as np
import pytest
import requests
from conftest import FewPixels
from hypothesis import given, settings
from hypothesis import strategies as st
from random_graphs import Graph, tried

from offline.errors import EngineError
from offline.metering.limits import CONCURRENT
from offline.protocol.connection import LARGEST_REQUEST
from offline.protocol.faults import BadFault, FaultPlan, read_rules
from offline.protocol.routes import Engine
from offline.protocol.server import Server, serve

ONE = {"constantValue": 1}


def posted(server: Server, values: dict[str, Any], result: str = "0", **headers: str) -> requests.Response:
    body = {"expression": {"values": values, "result": result}}
    return requests.post(f"{server.url}/v1/projects/x/value:compute", json=body, headers=headers, timeout=30)


def call(name: str, **arguments: Any) -> dict[str, Any]:
    return {"functionInvocationValue": {"functionName": name, "arguments": arguments}}


HOSTILE: dict[str, tuple[dict[str, Any], str]] = {
    "a cycle": ({"0": {"valueReference": "1"}, "1": {"valueReference": "0"}}, "nested too deeply"),
    "a cycle of calls": ({"0": call("Number.add", left={"valueReference": "0"}, right=ONE)}, "nested too deeply"),
    "a reference to nothing": ({"0": {"valueReference": "7"}}, "value reference '7' is not in 'values'"),
    "a result that is not there": ({}, "value reference '0' is not in 'values'"),
    "a node of no kind": ({"0": {"codeValue": "import os"}}, "a node of kind codeValue is not understood"),
    "a billion numbers": (
        {"0": call("List.sequence", start=ONE, end={"constantValue": 1e9})},
        "List.sequence: 1e+09 elements",
    ),
    "a billion copies": ({"0": call("List.repeat", value=ONE, count={"constantValue": 1e9})}, "List.repeat: 1e+09"),
    "a type that does not fit": (
        {"0": call("Number.add", left={"constantValue": "a"}, right=ONE)},
        "Number.add, argument 'left': Invalid type.\nExpected type: Number.\nActual type: String.",
    ),
    "an unknown projection": ({"0": call("Projection", crs={"constantValue": "EPSG:0"})}, "could not be parsed"),
    "a pattern that takes ages": (
        {"0": call("String.match", input={"constantValue": "a" * 60 + "b"}, regex={"constantValue": "(a|aa)+$"})},
        "The regular expression '(a|aa)+$' takes more than 2 seconds.",
    ),
    "a pattern that is none": (
        {"0": call("String.split", string={"constantValue": "a"}, regex={"constantValue": "(b"})},
        "The regular expression '(b' is not one: missing )",
    ),
    "a path in place of an asset": (
        {"0": call("Image.load", id={"constantValue": "../../etc/passwd"})},
        "'../../etc/passwd' not found",
    ),
}


@pytest.mark.parametrize(("values", "message"), HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_graphs_are_refused(few: Server, values: dict[str, Any], message: str) -> None:
    answer = posted(few, values)
    assert answer.status_code == 400
    assert answer.json()["error"]["status"] == "INVALID_ARGUMENT"
    assert message in answer.json()["error"]["message"]


def test_what_doubles_again_and_again_is_stopped(few: Server) -> None:
    """Forty concatenations of a list with itself would be 10^12 elements."""
    values: dict[str, Any] = {"0": {"constantValue": [1, 2]}}
    for step in range(1, 41):
        both = {"valueReference": str(step - 1)}
        values[str(step)] = call("List.cat", list=both, other=both)
    answer = posted(few, values, "40")
    assert answer.status_code == 400
    assert "elements" in answer.json()["error"]["message"]


def twice(depth: int, leaf: Any, first: int) -> dict[str, Any]:
    """A list that holds one list twice, which holds one list twice, …: as short to say as 2^depth is large."""
    inner = {str(first + n): [str(first + n + 1)] * 2 for n in range(depth)}
    lists = {
        key: {"arrayValue": {"values": [{"valueReference": name} for name in both]}} for key, both in inner.items()
    }
    return lists | {str(first + depth): {"constantValue": leaf}}


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("List.equals", {"list": "100", "other": "200"}),
        ("List.indexOf", {"list": "100", "element": "200"}),
        ("List.flatten", {"list": "100"}),
        ("List.getNumber", {"list": "100", "index": "300"}),
        ("String", {"input": "100"}),
        ("String.encodeJSON", {"object": "100"}),
        ("Array", {"values": "100"}),
        ("Date", {"value": "100"}),
        ("GeometryConstructors.Point", {"coordinates": "100"}),
    ],
)
def test_lists_that_hold_one_list_twice_again_and_again(few: Server, name: str, arguments: dict[str, str]) -> None:
    """Of 2^60 values: whoever looks at each needs a century, and whoever writes them all the memory there is."""
    values = twice(60, 1, 100) | twice(60, 2, 200) | {"300": {"constantValue": 0}}
    values["0"] = call(name, **{key: {"valueReference": place} for key, place in arguments.items()})
    answer = posted(few, values)
    assert answer.status_code == 400
    assert (
        answer.json()["error"]["message"] == f"{name}: a list or dictionary of more than 2000000 values is too large."
    )
    size = posted(few, values | {"0": call("List.size", list={"valueReference": "100"})})
    assert size.json() == {"result": 2}


def test_strings_that_outgrow_memory(few: Server) -> None:
    """Sixty concatenations of a string with itself took all 24 GB of a machine; a pattern and a join need one step."""
    values: dict[str, Any] = {"0": {"constantValue": "ab"}}
    for step in range(1, 61):
        values[str(step)] = call(
            "String.cat", **{key: {"valueReference": str(step - 1)} for key in ("string1", "string2")}
        )
    long = {"constantValue": "a" * 100_000}
    every = call(
        "String.replace", input=long, regex={"constantValue": "a"}, replacement=long, flags={"constantValue": "g"}
    )
    copies = call("List.repeat", value=long, count={"constantValue": 100_000})
    joined = call("List.join", list=copies, separator={"constantValue": ""})
    padded = call("Number.format", number=ONE, pattern={"constantValue": "%0999999999d"})
    for graph, message in (
        (values | {"0": values["0"]}, "String.cat: a string of 16777216 characters is too long"),
        ({"60": every}, "String.replace: a string of 10000100000 characters is too long"),
        ({"60": joined}, "List.join: a list or dictionary of more than 2000000 values"),
        ({"60": padded}, "Number.format: a width in the pattern '%0999999999d' is more than 999"),
    ):
        answer = posted(few, graph, "60")
        assert answer.status_code == 400
        assert message in answer.json()["error"]["message"]


def test_arrays_and_lists_that_outgrow_memory(few: Server) -> None:
    """Told before they are made: the numbers of a product, of padding, of a diagonal, of many arrays."""
    long = ee.Array([[1]]).repeat(0, 100_000)
    for value, message in (
        (long.matrixMultiply(long.matrixTranspose()), "Array: 10000000000 numbers"),
        (long.matrixToDiag(), "Array: 10000000000 numbers"),
        (ee.Array([1]).pad([2e9]), "Array: 2000000000 numbers"),
        (ee.Array.cat(ee.List.repeat(ee.Array([1]).repeat(0, 10**6), 1000)), "Array.cat: a list or dictionary"),
    ):
        with pytest.raises(ee.EEException, match=message):
            value.getInfo()
    items: Any = ee.List([1, 2])
    for _ in range(40):
        items = items.splice(0, 0, items)
    with pytest.raises(ee.EEException, match=r"List.splice: \d+ elements"):
        items.getInfo()


def again(value: Any, double: Any, times: int = 40) -> Any:
    """A value doubled again and again."""
    for _ in range(times):
        value = double(value)
    return value


HALVES: dict[str, tuple[Any, str]] = {
    "bands": (lambda: again(ee.Image(1), lambda x: x.addBands(x)).bandNames(), "An image of 16384 bands is too large"),
    "images": (lambda: again(ee.ImageCollection([ee.Image(1)]), lambda x: x.merge(x)).size(), "A collection of 524288"),
    "features": (lambda: again(ee.FeatureCollection([ee.Feature(None)]), lambda x: x.merge(x)).size(), "A collection"),
    "outlines": (
        lambda: again(
            ee.Geometry.Point(1, 1), lambda x: ee.ApiFunction.call_("GeometryConstructors.MultiGeometry", [x, x])
        ),
        r"too many edges \(1048576",
    ),
    "outputs": (
        lambda: ee.List([1]).reduce(again(ee.Reducer.mean(), lambda x: x.combine(x, "a", True))),
        "Reducer: 16384 inputs or outputs",
    ),
    "inputs": (
        lambda: ee.List([1]).reduce(again(ee.Reducer.mean(), lambda x: x.repeat(10), 10)),
        "Reducer: 100000 inp",
    ),
}


@pytest.mark.parametrize(("make", "message"), HALVES.values(), ids=HALVES.keys())
def test_bands_and_elements_that_double_again_and_again(few: Server, make: Any, message: str) -> None:
    """2^40 of them would fill any memory; each is stopped where no honest request comes."""
    with pytest.raises(ee.EEException, match=message):
        make().getInfo()


def test_filters_and_joins_heed_the_time(few: Server) -> None:
    """A filter of 2^60 parts and 25 million pairs of elements end with the time there is."""
    engine = Engine(FewPixels(), seconds=0.5)
    both = again(ee.Filter.eq("n", 1), lambda x: ee.Filter.And(x, x), 60)
    one = ee.FeatureCollection([ee.Feature(None, {"n": 1})])
    many = ee.FeatureCollection(ee.List.sequence(1, 5000).map(lambda n: ee.Feature(None, {"n": n})))
    joined = ee.Join.simple().apply(many, many, ee.Filter.equals(leftField="n", rightField="n"))
    for value in (one.filter(both).size(), joined.size()):
        body = {"expression": ee.serializer.encode(value, for_cloud_api=True)}
        with pytest.raises(EngineError, match=r"Computation timed out\."):
            engine.answer("POST", "/v1/projects/x/value:compute", "", body, "")


def test_kernels_that_double_again_and_again(few: Server) -> None:
    """Forty sums of a kernel with itself, each worked out once: 2^40 everywhere."""
    kernel = again(ee.Kernel.square(1, "pixels", False), lambda x: x.add(x))
    rows = kernel.getInfo()["weights"].split("\n")
    assert rows == [str([2.0**40] * 3)] * 3


def test_many_elements_once_each(few: Server) -> None:
    """In one pass: pairs of 10^5 elements would take minutes. Numbers that are equal are one, lists are compared."""
    assert ee.List.sequence(1, 90_000).distinct().size().getInfo() == 90_000
    assert ee.List([3, "a", 3.0, [1], "a", [1], None, None]).distinct().getInfo() == [3, "a", [1], None]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("Content-Length: -1", "'-1' is none"),
        ("Content-Length: many", "'many' is none"),
        ("Content-Length: 99999999999", "payload size exceeds the limit"),
        ("Transfer-Encoding: chunked", "needs the length of its body"),
    ],
)
def test_lengths_that_are_none(few: Server, method: str, header: str, message: str) -> None:
    """An answer at once: nothing is waited for, and no memory is taken for what is only announced."""
    port = int(few.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
        line.sendall(f"{method} /v1/projects/x/value:compute HTTP/1.1\r\nHost: x\r\n{header}\r\n\r\n".encode())
        with line.makefile("rb") as answer:
            text = answer.read().decode()
    assert text.startswith("HTTP/1.1 400")
    assert message in text


def test_a_request_that_is_too_large(few: Server) -> None:
    text = json.dumps({"expression": {"values": {"0": {"constantValue": "x" * LARGEST_REQUEST}}, "result": "0"}})
    answer = requests.post(f"{few.url}/v1/projects/x/value:compute", data=text, timeout=30)
    assert answer.status_code == 400
    assert "payload size exceeds the limit" in answer.json()["error"]["message"]


def test_pages_from_elsewhere_may_not_post(few: Server) -> None:
    assert posted(few, {"0": ONE}, Origin="http://localhost:8888").json() == {"result": 1}
    refused = posted(few, {"0": ONE}, Origin="https://example.org")
    assert refused.status_code == 403
    assert "example.org" in refused.json()["error"]["message"]


def test_a_computation_that_takes_too_long_ends() -> None:
    """Neighbourhoods of neighbourhoods: between two steps the clock is looked at."""
    engine = Engine(FewPixels(), seconds=0.2)
    image: dict[str, Any] = {"valueReference": "0"}
    values: dict[str, Any] = {"0": call("Image.random")}
    for step in range(1, 30):
        values[str(step)] = call("Image.focalMedian", image=image, radius={"constantValue": 20})
        image = {"valueReference": str(step)}
    grid = {"dimensions": {"width": 50, "height": 50}, "affineTransform": {"scaleX": 0.1, "scaleY": -0.1}}
    body = {"expression": {"values": values, "result": "29"}, "fileFormat": "NPY", "grid": grid}
    began = time.monotonic()
    with pytest.raises(EngineError, match="Computation timed out"):
        engine.answer("POST", "/v1/projects/x/image:computePixels", "", body, "")
    assert time.monotonic() - began < 20


@given(st.integers(10**6, 10**7))
@settings(max_examples=150, deadline=None)
def test_random_graphs_get_an_answer_or_a_reason(seed: int) -> None:
    """`make fuzz` tries many more of them."""
    assert tried(Engine(FewPixels(), seconds=1.0), seed) in ("value", "pixels", "refused", "refused without a word")
    assert Graph(seed).expression() == Graph(seed).expression()


def test_a_fault_asked_for_by_header(few: Server) -> None:
    answer = posted(few, {"0": ONE}, **{"X-Offline-Fault": "unavailable"})
    assert (answer.status_code, answer.json()["error"]["status"]) == (503, "UNAVAILABLE")
    with pytest.raises(requests.exceptions.ConnectionError):
        posted(few, {"0": ONE}, **{"X-Offline-Fault": "reset"})
    assert posted(few, {"0": ONE}).json() == {"result": 1}


def test_a_delay_asked_for_by_header(few: Server) -> None:
    """Before the answer, or in the middle of its body: the first half of `{"result": 1}` is there at once."""
    began = time.monotonic()
    assert posted(few, {"0": ONE}, **{"X-Offline-Fault": "slow 0.4"}).json() == {"result": 1}
    assert time.monotonic() - began >= 0.4
    body = {"expression": {"values": {"0": ONE}, "result": "0"}}
    url, began = f"{few.url}/v1/projects/x/value:compute", time.monotonic()
    with requests.post(url, json=body, headers={"X-Offline-Fault": "slow-body 3"}, stream=True, timeout=10) as answer:
        assert answer.raw.read(6) == b'{"resu'
        assert time.monotonic() - began < 2.9
        assert answer.raw.read() == b'lt": 1}'
    assert time.monotonic() - began >= 3


@pytest.mark.parametrize("asked", ["rain", "slow much", "slow -1", "slow nan", "slow 1e9"])
def test_a_fault_by_header_that_is_none(few: Server, asked: str) -> None:
    answer = posted(few, {"0": ONE}, **{"X-Offline-Fault": asked})
    assert answer.status_code == 400
    assert ("is unknown; use one of" if asked == "rain" else "delay") in answer.json()["error"]["message"]


def test_pixels_of_the_wrong_shape(few: Server, pixels: Any) -> None:
    few.inject("wrong-shape", kind="pixels")
    assert pixels(ee.Image(1)).shape == (1, 4)
    assert pixels(ee.Image(1)).shape == (2, 4)


def test_faults_strike_at_a_rate_and_on_a_path(tmp_path: Path) -> None:
    (tmp_path / "rules.json").write_text('[{"name": "quota", "rate": 0.25, "times": 10000, "path": "value"}]')
    plan = FaultPlan(seed=1)
    for rule in read_rules(tmp_path / "rules.json"):
        plan.add(rule)
    struck = [plan.next("value", "/v1/value:compute") is not None for _ in range(2000)]
    assert np.mean(struck) == pytest.approx(0.25, abs=0.03)
    assert plan.next("pixels", "/v1/image:computePixels") is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "cannot be read as JSON"),
        ('{"name": "quota"}', "must be a list of rules"),
        ('[{"name": "quota", "rat": 1}]', "rule 1: 'rat' is unknown; use delay, kind"),
        ('[{"name": "rain"}]', "rule 1: fault 'rain' is unknown"),
        ('[{"name": "slow"}, {"name": "slow", "rate": 2}]', "rule 2: .* not above 0 and at most 1"),
    ],
)
def test_rules_that_are_wrong(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "rules.json").write_text(text)
    with pytest.raises(BadFault, match=message):
        read_rules(tmp_path / "rules.json")


def test_more_requests_at_once_than_the_service_allows() -> None:
    """Forty are in hand; what comes on top is told at once to come again."""
    gate = Event()

    class Waiting(FewPixels):
        def get(self, asset_id: str) -> Any:
            gate.wait(30)
            return super().get(asset_id)

    load = {"0": call("Image.load", id={"constantValue": "TEST/CLASSES"})}
    with serve(Waiting()) as server, ThreadPoolExecutor(CONCURRENT + 5) as pool:
        waiting = [pool.submit(lambda: posted(server, load).status_code) for _ in range(CONCURRENT + 5)]
        refused = [each.result() for each in itertools.islice(as_completed(waiting), 5)]
        assert refused == [429] * 5
        gate.set()
        assert sorted(each.result() for each in waiting) == [200] * CONCURRENT + [429] * 5


BODIES = {
    "lists in lists": (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
    "objects in objects": (b'{"a":' * 100_000, "nested too deeply"),
    "a number of ten thousand digits": (b'{"expression": ' + b"9" * 10_000 + b"}", "not JSON"),
    "half an object": (b'{"expression": ', "not JSON"),
    "no text": (b'{"expression": "\xff"}', "not JSON"),
    "a list": (b"[1]", "is a list, not an object"),
}


@pytest.mark.parametrize("name", BODIES)
def test_bodies_that_are_no_requests_are_told_so(few: Server, name: str) -> None:
    """An answer in Earth Engine's shape, not a connection that ends."""
    body, wanted = BODIES[name]
    answer = requests.post(f"{few.url}/v1/projects/x/value:compute", data=body, timeout=30)
    assert answer.status_code == 400
    assert wanted in answer.json()["error"]["message"]


def test_filters_of_filters_do_not_outgrow_memory(few: Server) -> None:
    """100 cells of reach, 100 times: the pixels around a request of one cell would be 400 million."""
    image = ee.Image("TEST/CLASSES").focalMode(100, "square", "pixels", 100)
    with pytest.raises(ee.EEException, match=r"Neighborhoods reach over \d+ x \d+ pixels"):
        image.reduceRegion("first", ee.Geometry.Point(100.5, 44.5), 1000).getInfo()


@pytest.mark.parametrize("grid", ["x", {"dimensions": [4, 4]}, {"dimensions": {"width": "four", "height": 4}}])
def test_grids_of_no_numbers_are_told_so(few: Server, grid: Any) -> None:
    body = {"expression": {"values": {"0": call("Image.constant", value=ONE)}, "result": "0"}, "grid": grid}
    answer = requests.post(f"{few.url}/v1/projects/x/image:computePixels", json=body, timeout=30)
    assert answer.status_code == 400
    assert "Pixel grid must be objects of numbers" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "changed",
    [{"scaleX": "NaN"}, {"translateX": "Infinity"}, {"scaleX": 1e308}, {"scaleX": 1e-300}, {"shearX": 1, "shearY": -1}],
)
def test_grids_that_are_no_grids_are_refused(few: Server, changed: dict[str, Any]) -> None:
    """At once: what has no end or no inverse could be computed for minutes."""
    place = {"scaleX": 1, "scaleY": -1, "translateX": 100, "translateY": 45, **changed}
    grid = {"dimensions": {"width": 2, "height": 2}, "affineTransform": place, "crsCode": "EPSG:4326"}
    body = {
        "expression": {"values": {"0": call("Image.constant", value=ONE)}, "result": "0"},
        "fileFormat": "NPY",
        "grid": grid,
    }
    answer = requests.post(f"{few.url}/v1/projects/x/image:computePixels", json=body, timeout=30)
    assert answer.status_code == 400
    assert "must be finite, have an inverse" in answer.json()["error"]["message"]
