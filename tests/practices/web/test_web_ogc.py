"""OGC API - Features, Part 1 (OGC 17-069r4): each requirement of the conformance classes that the server declares."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import httpx
import jsonschema
import pyogrio
import pytest
from sqlalchemy import Engine

from practices.record.catalogue import load
from practices.web.app import create_app

CORE = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf"
ITEMS = "/ogc/collections/{}/items"


def linked(body: dict[str, Any], rel: str) -> dict[str, str]:
    return next(each for each in body["links"] if each["rel"] == rel)


def ids(client: httpx.Client, layer: str, **asked: Any) -> set[str]:
    answer = client.get(ITEMS.format(layer), params={"limit": 1000, **asked})
    assert answer.status_code == 200, answer.text
    return {each["id"] for each in answer.json()["features"]}


@pytest.fixture(scope="module")
def document(client: httpx.Client) -> dict[str, Any]:
    """The OpenAPI document that the landing page links to."""
    link = linked(client.get("/ogc").json(), "service-desc")
    answer = client.get(link["href"])
    assert answer.headers["content-type"] == link["type"] == "application/vnd.oai.openapi+json;version=3.0"
    found: dict[str, Any] = answer.json()
    return found


def test_the_landing_page_answers_with_and_without_a_slash(client: httpx.Client) -> None:
    landing = client.get("/ogc")
    assert client.get("/ogc/").json() == landing.json()
    assert {each["rel"] for each in landing.json()["links"]} >= {"service-desc", "conformance", "data", "self"}
    for path in ("/ogc/conformance", "/ogc/collections", "/ogc/collections/regions", ITEMS.format("regions")):
        plain, slashed = client.get(path), client.get(f"{path}/", follow_redirects=True)
        assert slashed.status_code == plain.status_code == 200, path
        assert slashed.json() == plain.json()
    moved = client.get("/ogc/collections/regions/items/", params={"limit": 1})
    assert (moved.status_code, moved.headers["location"].split("/ogc")[1]) == (
        308,
        "/collections/regions/items?limit=1",
    )
    assert client.get("/ogc/nothing/", follow_redirects=True).status_code == 404


def test_the_linked_document_is_openapi_3_0(document: dict[str, Any], address: str) -> None:
    """/req/oas30/oas-definition-2, by the JSON schema of OpenAPI 3.0 that schemathesis brings."""
    from schemathesis.specs.openapi.definitions import OPENAPI_30

    assert document["openapi"].startswith("3.0.")
    jsonschema.Draft4Validator(OPENAPI_30).validate(document)
    assert document["servers"] == [{"url": address}]
    assert '"null"' not in json.dumps(document)
    assert set(document["paths"]) == {
        "/ogc", "/ogc/api", "/ogc/conformance", "/ogc/collections", "/ogc/collections/{collection}",
        "/ogc/collections/{collection}/items", "/ogc/collections/{collection}/items/{feature}",
    }  # fmt: skip
    for path, operations in document["paths"].items():
        assert {"200", "400", "404", "default"} <= set(operations["get"]["responses"]), path
        assert "422" not in operations["get"]["responses"], path


def test_parameters_are_defined_as_the_standard_has_them(document: dict[str, Any]) -> None:
    """/req/core/fc-limit-definition, fc-bbox-definition, fc-time-definition."""
    operation = document["paths"]["/ogc/collections/{collection}/items"]["get"]
    found = {each["name"]: each for each in operation["parameters"]}
    for name in ("limit", "bbox", "datetime"):
        own = found[name]
        assert (own["in"], own["required"], own["style"], own["explode"]) == ("query", False, "form", False)
    assert found["limit"]["schema"] == {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}
    assert found["bbox"]["schema"]["items"] == {"type": "number"}
    assert found["datetime"]["schema"] == {"type": "string"}


def test_declared_classes_are_those_tested_here(client: httpx.Client) -> None:
    assert client.get("/ogc/conformance").json() == {
        "conformsTo": [f"{CORE}/{n}" for n in ("core", "geojson", "oas30")]
    }


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        (path, asked)
        for path in ("/ogc", "/ogc/", "/ogc/api", "/ogc/conformance", "/ogc/collections", "/ogc/collections/regions")
        for asked in ({"nonsense": "1"}, {"f": "html"}, {"limit": "1"})
    ]
    + [
        (ITEMS.format("regions"), asked)
        for asked in (
            {"nonsense": "1"}, {"Limit": "1"}, {"limit": "0"}, {"limit": "-1"}, {"limit": "ten"}, {"limit": "1.5"},
            {"limit": ""}, {"offset": "-1"}, {"bbox": "1,2,3"}, {"bbox": "a,b,c,d"}, {"bbox": "1,9,3,2"}, {"bbox": ""},
            {"datetime": "yesterday"}, {"datetime": "2010"}, {"datetime": "2010-13-01"}, {"datetime": "../.."},
            {"datetime": "2012-01-01/2010-01-01"}, {"datetime": "2010-01-01T00:00:00"}, {"datetime": "/"},
            {"datetime": "2010-01-01/2011-01-01/2012-01-01"}, {"datetime": ""}, {"method": "ne-asia"},
        )
    ]
    + [(f"{ITEMS.format('regions')}/ordos", {"limit": "1"})],
)  # fmt: skip
def test_unknown_parameters_and_bad_values_are_400(client: httpx.Client, path: str, asked: dict[str, str]) -> None:
    """/req/core/query-param-unknown and query-param-invalid."""
    answer = client.get(path, params=asked)
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert next(iter(asked)) in answer.json()["detail"]


def test_known_parameters_are_heard(client: httpx.Client) -> None:
    for path in ("/ogc", "/ogc/api", "/ogc/conformance", "/ogc/collections", ITEMS.format("regions")):
        assert client.get(path, params={"f": "json"}).status_code == 200
    assert ids(client, "regions", region="ordos") == {"ordos"}


def test_a_limit_above_the_maximum_is_the_maximum(client: httpx.Client) -> None:
    """/req/core/fc-limit-response-1, of the abstract tests the last step."""
    for asked in (1000, 1001, 5000, 10**12):
        answer = client.get(ITEMS.format("practice-sites"), params={"limit": asked})
        assert answer.status_code == 200
        assert answer.json()["numberReturned"] == sum(len(record.sites) for record in load())
    some = client.get(ITEMS.format("practice-sites"), params={"limit": 3}).json()
    assert (some["numberReturned"], len(some["features"])) == (3, 3)
    assert some["numberMatched"] > 3


def test_a_time_stamp_is_that_of_the_answer_or_not_there(client: httpx.Client) -> None:
    """/req/core/fc-timeStamp: answers carry ETags instead, which a time of the answer would change."""
    assert "timeStamp" not in client.get(ITEMS.format("regions")).json()


@pytest.mark.parametrize(
    ("when", "results", "known"),
    [
        ("2010-06-01", {"2001-2024", "baseline"}, {"mu-us"}),
        ("2020-06-01T12:00:00Z", {"2001-2024"}, {"mu-us"}),
        ("2020-06-01T12:00:00+08:00", {"2001-2024"}, {"mu-us"}),
        ("2016-01-01/2030-12-31", {"2001-2024"}, {"mu-us"}),
        ("../2001-01-01", {"2001-2024", "baseline"}, {"mu-us"}),
        ("/2001-01-01", {"2001-2024", "baseline"}, {"mu-us"}),
        ("2015-12-31T23:59:59Z/..", {"2001-2024", "baseline"}, {"mu-us"}),
        ("2016-01-01T00:00:00Z/", {"2001-2024"}, {"mu-us"}),
        ("../2000-12-31", set(), {"mu-us"}),
        ("2025-01-01/..", set(), {"mu-us"}),
        ("1900-01-01", set(), set()),
    ],
)
def test_a_datetime_chooses_by_time(client: httpx.Client, when: str, results: set[str], known: set[str]) -> None:
    """/req/core/fc-time-response: an instant, intervals, open ends as dots and as nothing; no time is in every one."""
    found = ids(client, "results-simulated", datetime=when)
    assert {each.split(".")[1] for each in found} == results
    assert ids(client, "regions", datetime=when) == {"dornod", "ordos", "otindag"}  # regions have no time
    sites = client.get(ITEMS.format("practice-sites"), params={"datetime": when, "limit": 1000}).json()["features"]
    yulin = {each["properties"]["practice"] for each in sites} & {"chn-yulin-mu-us-sand-control"}
    assert bool(yulin) == bool(known)
    records = {record.id: record for record in load()}
    unknown = {name for name, record in records.items() if record.start is None and record.end is None}
    assert unknown <= {each["properties"]["practice"] for each in sites}


def test_a_box_chooses_by_the_geometry_and_not_by_its_bounds(own: Engine, serve: Any) -> None:
    """/req/core/fc-bbox-response: a triangle has no point in the far corner of its bounds."""
    from sample import put

    from practices.results.records import RegionRecord

    ring = [[100.0, 40.0], [104.0, 40.0], [100.0, 44.0], [100.0, 40.0]]
    triangle = RegionRecord("triangle", "Triangle", ("MNG",), "", {"type": "Polygon", "coordinates": [ring]})
    put(own, triangle, method="ne-asia", origin="simulated", degraded=5.0, number=3)
    with httpx.Client(base_url=serve(create_app(own))) as client:
        assert ids(client, "regions", bbox="103,43,103.5,43.5") == set()
        assert ids(client, "regions", bbox="101,41,101.5,41.5") == {"triangle"}
        assert ids(client, "regions", bbox="101,41,0,101.5,41.5,9") == {"triangle"}
        assert ids(client, "regions", bbox="179,40,101.5,45") == {"triangle"}  # across 180°
        assert ids(client, "regions", bbox="179,40,-170,45") == set()


def test_extents_hold_all_features_and_an_empty_layer_has_none(client: httpx.Client, own: Engine, serve: Any) -> None:
    """/req/core/fc-md-extent."""
    layers = {each["id"]: each for each in client.get("/ogc/collections").json()["collections"]}
    for name, layer in layers.items():
        west, south, east, north = layer["extent"]["spatial"]["bbox"][0]
        everything = ids(client, name)
        assert ids(client, name, bbox=f"{west},{south},{east},{north}") == everything
        assert client.get(f"/ogc/collections/{name}").json() == layer
    assert "temporal" not in layers["regions"]["extent"]
    interval = layers["results-simulated"]["extent"]["temporal"]["interval"]
    assert interval == [["2001-01-01T00:00:00Z", "2024-12-31T23:59:59Z"]]
    assert layers["practice-sites"]["extent"]["temporal"]["interval"][0][1] is None  # practices that go on


def test_a_layer_without_features_has_no_extent(tmp_path: Any, serve: Any) -> None:
    from practices.database.open import open_database

    engine = open_database(tmp_path / "empty.sqlite")
    with httpx.Client(base_url=serve(create_app(engine))) as client:
        for layer in client.get("/ogc/collections").json()["collections"]:
            assert "extent" not in layer
            assert client.get(linked(layer, "items")["href"]).json()["features"] == []
    engine.dispose()


def test_results_say_their_years(client: httpx.Client) -> None:
    baseline = client.get(ITEMS.format("results"), params={"period": "baseline"}).json()["features"][0]
    assert (baseline["properties"]["year_first"], baseline["properties"]["year_last"]) == (2001, 2015)


#: Read in a process of its own: GDAL keeps Python's lock while it asks, and the server here needs it to answer.
READ = """
import json, sys
import pyogrio
source = sys.argv[1]
box = pyogrio.read_dataframe(source, layer="regions", bbox=(107, 37, 111, 40))
whole = pyogrio.read_dataframe(source, layer="practice-sites")
print(json.dumps({"box": sorted(box["region"]), "sites": len(whole), "layers": len(pyogrio.list_layers(source))}))
"""


@pytest.mark.parametrize("root", ["/ogc", "/ogc/"])
def test_gdal_reads_pages_and_boxes(address: str, root: str) -> None:
    if "OAPIF" not in pyogrio.list_drivers():
        pytest.skip("this GDAL has no driver for OGC API - Features")
    command = [sys.executable, "-W", "error", "-c", READ, f"OAPIF:{address}{root}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    count = sum(len(record.sites) for record in load())
    assert json.loads(done.stdout) == {"box": ["ordos"], "sites": count, "layers": 4}
