"""The JSON API and OGC API – Features: right answers, no failure on any question, layers that GDAL opens."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import nullcontext, suppress
from typing import Any

import httpx
import pyogrio
import pytest
from sample import REGIONS

from practices.record.catalogue import load


def test_the_api_says_what_the_database_holds(client: httpx.Client) -> None:
    views = client.get("/api/v1/views").json()
    assert views[0] == {
        "period": "2001-2024", "method": "ne-asia", "origin": "offline-files", "year_first": 2001, "year_last": 2024,
    }  # fmt: skip
    assert len(views) == 6
    assert [each["id"] for each in client.get("/api/v1/regions").json()] == ["dornod", "ordos", "otindag"]
    found = client.get("/api/v1/regions/otindag").json()
    assert found["degraded_percent"] == pytest.approx(55.5)
    assert (found["origin"], found["simulated"], found["revision"]) == ("simulated", True, 2)
    assert [each["revision"] for each in found["revisions"]] == [2, 1]
    assert found["breaks"][0]["date"] == "2012-01-01"
    old = client.get("/api/v1/regions/otindag", params={"revision": 1}).json()
    assert old["degraded_percent"] == pytest.approx(42.0)


def test_series_come_in_pages(client: httpx.Client) -> None:
    whole = client.get("/api/v1/regions/ordos/series", params={"variable": "productivity_annual"}).json()
    assert whole["total"] == len(whole["values"]) == 24
    part = client.get(
        "/api/v1/regions/ordos/series", params={"variable": "productivity_annual", "offset": 20, "limit": 10}
    ).json()
    assert part["values"] == whole["values"][20:]


def test_practices_are_the_records(client: httpx.Client) -> None:
    found = client.get("/api/v1/practices").json()
    records = {record.id: record for record in load()}
    assert {each["id"] for each in found} == set(records)
    one = client.get("/api/v1/practices/chn-saihanba-forest-farm").json()
    assert one["record"] == records["chn-saihanba-forest-farm"].model_dump(mode="json")
    assert one["satellite"] == []
    assert one["context_only_because"]


def test_what_is_not_there_is_a_problem_in_json(client: httpx.Client) -> None:
    for path in ("/api/v1/regions/nowhere", "/api/v1/practices/nowhere", "/ogc/collections/nowhere", "/api/v1/nowhere"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
        assert set(answer.json()) == {"status", "title", "detail"}
    assert "Available: 2001-2024" in client.get("/api/v1/regions/otindag", params={"period": "1066"}).json()["detail"]
    assert client.get("/ogc/collections/regions/items", params={"bbox": "1,2,3"}).status_code == 400
    assert client.get("/ogc/collections/regions/items", params={"limit": 0}).status_code == 400


def test_the_layers_link_to_each_other(client: httpx.Client) -> None:
    def linked(body: dict[str, Any], rel: str) -> str:
        return str(next(each["href"] for each in body["links"] if each["rel"] == rel))

    landing = client.get("/ogc").json()
    conforms = client.get(linked(landing, "conformance")).json()["conformsTo"]
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in conforms
    assert client.get(linked(landing, "service-desc")).json()["openapi"].startswith("3.")
    assert client.get(linked(landing, "service-doc")).status_code == 200
    layers = client.get(linked(landing, "data")).json()["collections"]
    assert [each["id"] for each in layers] == ["regions", "results", "results-simulated", "practice-sites"]
    for layer in layers:
        assert client.get(linked(layer, "self")).json()["id"] == layer["id"]
        first = client.get(linked(layer, "items"), params={"limit": 1})
        assert first.headers["content-type"] == "application/geo+json"
        body = first.json()
        assert body["numberReturned"] == len(body["features"]) == 1
        found = [*body["features"]]
        while any(each["rel"] == "next" for each in body["links"]):
            body = client.get(linked(body, "next")).json()
            found += body["features"]
        assert len(found) == body["numberMatched"]
        assert len({each["id"] for each in found}) == len(found)
        one = client.get(f"/ogc/collections/{layer['id']}/items/{found[0]['id']}").json()
        assert {key: one[key] for key in found[0]} == found[0]


def test_features_are_chosen_by_box_and_property(client: httpx.Client) -> None:
    def ids(layer: str, **asked: str) -> list[str]:
        body = client.get(f"/ogc/collections/{layer}/items", params=asked).json()
        return [each["id"] for each in body["features"]]

    assert ids("regions", bbox="107,37,111,40") == ["ordos"]
    assert ids("regions", bbox="107,37,0,111,40,9") == ["ordos"]
    assert ids("regions", bbox="170,37,-170,40") == []
    assert ids("regions", region="dornod") == ["dornod"]
    assert ids("results") == ["dornod.2001-2024.ne-asia.offline-files", "dornod.baseline.ne-asia.offline-files"]
    simulated = ids("results-simulated", period="2001-2024", method="ne-asia")
    assert simulated == [f"{name}.2001-2024.ne-asia.simulated" for name in ("dornod", "ordos", "otindag")]


#: Read in a process of its own: GDAL keeps Python's lock while it asks, and the server here needs it to answer.
OPENED = """
import json, sys
import pyogrio
source = sys.argv[1]
found = {}
for name, _ in pyogrio.list_layers(source):
    frame = pyogrio.read_dataframe(source, layer=name)
    found[name] = {
        "crs": frame.crs.to_string(), "rows": len(frame), "kinds": sorted(set(frame.geom_type)),
        "columns": sorted(frame.columns), "origins": sorted(set(frame.get("origin", []))),
        "bounds": {k: list(b) for k, b in zip(frame["region"], frame.bounds.values.tolist())}
        if name == "regions" else {},
    }
print(json.dumps(found))
"""


def test_gdal_opens_the_layers(address: str) -> None:
    """The driver by which QGIS opens the page, too."""
    if "OAPIF" not in pyogrio.list_drivers():
        pytest.skip("this GDAL has no driver for OGC API - Features")
    command = [sys.executable, "-W", "error", "-c", OPENED, f"OAPIF:{address}/ogc"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert set(found) == {"regions", "results", "results-simulated", "practice-sites"}
    assert {layer["crs"] for layer in found.values()} <= {"OGC:CRS84", "EPSG:4326"}
    assert found["regions"]["bounds"]["ordos"] == [108.0, 37.5, 110.0, 39.5]
    assert set(found["regions"]["bounds"]) == {region.id for region in REGIONS}
    assert (found["results-simulated"]["rows"], found["results-simulated"]["origins"]) == (12, ["simulated"])
    assert found["results"]["origins"] == ["offline-files"]
    assert {"degraded_percent", "period", "method", "simulated"} <= set(found["results"]["columns"])
    assert found["practice-sites"]["rows"] == sum(len(record.sites) for record in load())
    assert found["practice-sites"]["kinds"] == ["Point"]


@pytest.mark.slow
def test_no_question_makes_the_server_fail(address: str) -> None:
    """Schemathesis asks what the OpenAPI description allows, and what it does not."""
    import schemathesis
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis.errors import Unsatisfiable

    schema = schemathesis.openapi.from_url(f"{address}/api/v1/openapi.json")
    checked = []
    for result in schema.get_all_operations():
        operation = result.ok()
        for mode in (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE):
            strategy = operation.as_strategy(generation_mode=mode)

            @given(case=strategy)
            @settings(
                max_examples=12, deadline=None, database=None, phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )  # fmt: skip
            def ask(case: Any) -> None:
                answer = case.call(base_url=address)
                assert answer.status_code < 500, f"{case.method} {case.formatted_path}: {answer.status_code}"
                checked.append((case.path, answer.status_code))

            # A question without parameters cannot be asked wrongly.
            wrong = mode is schemathesis.GenerationMode.NEGATIVE
            with suppress(Unsatisfiable) if wrong else nullcontext():
                ask()
    assert {path for path, _ in checked} >= {"/api/v1/regions/{region}", "/ogc/collections/{collection}/items"}
    assert {code for _, code in checked} >= {200, 404, 422}
