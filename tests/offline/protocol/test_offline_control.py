"""The engine is watched and steered from another process, and faults strike every kind of request."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from conftest import FewPixels

from offline.protocol.respond import Question, Responder
from offline.protocol.routes import Engine
from offline.protocol.server import Server, serve

NUMBER = {"expression": {"values": {"0": {"constantValue": 1}}, "result": "0"}}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(FewPixels(), exports=tmp_path_factory.mktemp("exports")) as running:
        yield running


def control(server: Server, method: str, name: str, **more: Any) -> requests.Response:
    return requests.request(method, f"{server.url}/offline/{name}", timeout=10, **more)


def compute(server: Server) -> requests.Response:
    return requests.post(f"{server.url}/v1/projects/x/value:compute", json=NUMBER, timeout=10)


def test_the_log_is_read_from_where_one_stopped(server: Server) -> None:
    server.requests.clear()
    compute(server)
    (first,) = control(server, "GET", "requests").json()["requests"]
    assert (first["kind"], first["status"]) == ("value", 200)
    compute(server)
    assert len(control(server, "GET", "requests?since=1").json()["requests"]) == 1
    assert len(server.requests) == 2  # control is not logged
    usage = control(server, "GET", "usage").json()
    assert usage["requests"] == 2
    assert usage["charged"] == pytest.approx(server.limits.used)


def test_faults_are_ordered_and_withdrawn(server: Server) -> None:
    assert control(server, "POST", "faults", json={"name": "capacity", "times": 5, "kind": "value"}).ok
    assert compute(server).status_code == 503
    assert control(server, "GET", "faults").json()["faults"][0]["times"] == 4
    assert control(server, "DELETE", "faults").ok
    assert compute(server).status_code == 200
    for wrong in ({"name": "rain"}, {"word": "quota"}, {}):
        assert control(server, "POST", "faults", json=wrong).status_code == 400


def test_a_month_begins(server: Server) -> None:
    compute(server)
    assert server.limits.used > 0
    assert control(server, "POST", "month", json={}).ok
    assert server.limits.used == 0


def test_unknown_controls_and_pages_of_the_internet_are_refused(server: Server) -> None:
    assert control(server, "GET", "nothing").status_code == 404
    assert control(server, "GET", "requests?since=x").status_code == 400
    foreign = {"Origin": "https://example.org"}
    for method, name in (("POST", "faults"), ("DELETE", "faults"), ("POST", "month")):
        assert control(server, method, name, json={}, headers=foreign).status_code == 403


def test_only_this_machine_controls() -> None:
    running = Server("http://192.0.2.1", "simulated")
    responder = Responder(Engine(FewPixels()), running)
    question = Question("DELETE", "/offline/faults", "", None, {}, "http://192.0.2.1", local=False)
    answer = responder.reply(question).answer
    assert answer is not None
    assert answer.code == 403


KINDS: dict[str, tuple[str, str, str]] = {
    "a value": ("value", "POST", "value:compute"),
    "features": ("features", "POST", "table:computeFeatures"),
    "an asset": ("asset", "GET", "assets/TEST/YEARLY"),
    "a list of assets": ("asset", "GET", "assets/TEST/YEARLY:listAssets"),
    "an export": ("other", "POST", "image:export"),
    "the list of operations": ("other", "GET", "operations"),
    "an operation": ("other", "GET", "operations/X"),
    "a cancellation": ("other", "POST", "operations/X:cancel"),
}


@pytest.mark.parametrize("fault", ["internal", "unavailable", "rate", "reset", "truncated", "eecu-month"])
@pytest.mark.parametrize("what", KINDS)
def test_faults_strike_every_kind_of_request(server: Server, what: str, fault: str) -> None:
    kind, method, path = KINDS[what]
    url = f"{server.url}/v1/projects/earthengine-public/{path}"
    calm = requests.request(method, url, json=NUMBER, timeout=10)
    server.inject(fault, kind=kind, path=path)
    try:
        struck = requests.request(method, url, json=NUMBER, timeout=10)
        seen = (struck.status_code, struck.content)
    except requests.RequestException:
        seen = (0, b"")
    assert seen[0] != calm.status_code or seen[1] != calm.content
    record = server.requests[-1]
    assert record.kind == kind
    assert record.status == {"reset": 0, "rate": 429, "eecu-month": 429, "internal": 500, "unavailable": 503}.get(
        fault, calm.status_code
    )


@pytest.mark.parametrize("what", ["a value", "an asset", "a list of assets", "the list of operations"])
def test_answers_of_every_kind_lose_their_shape(server: Server, what: str) -> None:
    kind, method, path = KINDS[what]
    server.inject("wrong-shape", kind=kind, path=path)
    assert (
        requests.request(method, f"{server.url}/v1/projects/earthengine-public/{path}", json=NUMBER, timeout=10).json()
        == {}
    )


def test_an_export_that_a_fault_refused_starts_when_it_is_sent_again(server: Server, tmp_path: Path) -> None:
    values = {"0": {"functionInvocationValue": {"functionName": "Image.load",
              "arguments": {"id": {"constantValue": "TEST/YEARLY/2001_01_01"}}}}}  # fmt: skip
    body = {"expression": {"values": values, "result": "0"}, "requestId": "twice",
            "fileExportOptions": {"cloudStorageDestination": {"bucket": "b", "filenamePrefix": "p"}}}  # fmt: skip
    url = f"{server.url}/v1/projects/x/image:export"
    server.inject("unavailable", kind="other", path="image:export")
    assert requests.post(url, json=body, timeout=10).status_code == 503
    names = {requests.post(url, json=body, timeout=10).json()["name"] for _ in range(2)}
    assert len(names) == 1
