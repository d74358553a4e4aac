"""Assets and features listed through the real client: pages, filters, views, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import ee
import pytest
import requests

from offline.protocol.server import Server

NAMES = ["2001_01_01", "2002_01_01", "2003_01_01"]


def indices(listed: dict[str, Any], key: str = "assets") -> list[str]:
    return [each["id"].rpartition("/")[2] for each in listed[key]]


def test_pages_of_assets(few: Server) -> None:
    """Each begins where the one before ended; the last has no token. Without a size the client gets all."""
    first = ee.data.listAssets({"parent": "TEST/YEARLY", "pageSize": 2})
    assert (indices(first), first["nextPageToken"]) == (NAMES[:2], "2")
    second = ee.data.listAssets({"parent": "TEST/YEARLY", "pageSize": 2, "pageToken": "2"})
    assert (indices(second), second.get("nextPageToken")) == (NAMES[2:], None)
    assert indices(ee.data.listAssets("TEST/YEARLY")) == NAMES


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"startTime": "2002-01-01T00:00:00Z"}, NAMES[1:]),
        ({"startTime": "2002-01-01T00:00:00.001Z"}, NAMES[2:]),
        ({"endTime": "2003-01-01T00:00:00Z"}, NAMES[:1]),
        ({"properties": ["year>=2002"]}, NAMES[1:]),
        ({"properties": ["properties.year != 2002", "year<2003"]}, NAMES[:1]),
        ({"properties": ["year=many"]}, []),
        ({"properties": ["nothing=1"]}, []),
        ({"region": {"type": "Point", "coordinates": [101, 44.5]}}, NAMES),
        ({"region": "POINT (90 44.5)"}, []),
        ({"filter": 'startTime >= "2001-06-01" AND properties.year < 2003'}, NAMES[1:2]),
        ({"filter": 'intersects("{\\"type\\": \\"Point\\", \\"coordinates\\": [101, 44.5]}")'}, NAMES),
        ({"filter": "properties.system:index = '2003_01_01'"}, NAMES[2:]),
    ],
)
def test_images_that_pass_a_filter(few: Server, asked: dict[str, Any], found: list[str]) -> None:
    """Images begin with their year and end with it: of three years, those that the client's own filters leave."""
    assert indices(ee.data.listImages({"parent": "TEST/YEARLY", **asked}), "images") == found


def test_the_older_list_and_the_short_view(few: Server) -> None:
    ends = {"starttime": 1009843200000, "endtime": 1072828800000}  # 2002-01-01 and 2003-12-31
    with pytest.deprecated_call():
        listed = ee.data.getList({"id": "TEST/YEARLY", **ends})
    assert [each["id"].rpartition("/")[2] for each in listed] == NAMES[1:2]
    short = ee.data.listImages({"parent": "TEST/YEARLY", "view": "BASIC"})["images"]
    assert all(set(each) == {"type", "name", "id", "updateTime"} for each in short)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("properties.year > 2001 OR properties.year < 1990", "cannot read 'properties.year > 2001 OR"),
        ("year > 2001", "'year' is none of startTime, endTime and properties.NAME"),
        ('startTime > "soon"', "'soon' is no date"),
        ('intersects("here")', "'here' is neither GeoJSON nor WKT"),
        ("intersects(\"{'type': 'Point'}\")", "is neither GeoJSON nor WKT"),
    ],
)
def test_filters_that_cannot_be_read(few: Server, text: str, message: str) -> None:
    with pytest.raises(ee.EEException, match=message):
        ee.data.listAssets({"parent": "TEST/YEARLY", "filter": text})


@pytest.mark.parametrize("query", ["pageSize=-1", "pageSize=few", "pageToken=next"])
def test_pages_that_are_none(few: Server, query: str) -> None:
    url = f"{few.url}/v1/projects/earthengine-public/assets/TEST/YEARLY:listAssets?{query}"
    answer = requests.get(url, timeout=30)
    assert answer.status_code == 400
    assert "there is none" in answer.json()["error"]["message"]


def test_features_of_a_table_asset(few: Server) -> None:
    """By page, by property, by region, and as a data frame, which the client makes of all pages."""
    asked = {"assetId": "TEST/DISTRICTS"}
    first = ee.data.listFeatures({**asked, "pageSize": 1})
    assert [each["properties"]["name"] for each in first["features"]] == ["west"]
    second = ee.data.listFeatures({**asked, "pageSize": 1, "pageToken": first["nextPageToken"]})
    assert [each["properties"]["name"] for each in second["features"]] == ["east"]
    point = json.dumps({"type": "Point", "coordinates": [101.5, 44.7]})
    for narrowed in ({"filter": "code > 1"}, {"filter": 'name = "east"'}, {"region": point}):
        found = ee.data.listFeatures({**asked, **narrowed})["features"]
        assert [each["properties"]["name"] for each in found] == ["east"]
    table = ee.data.listFeatures({**asked, "pageSize": 1, "fileFormat": "PANDAS_DATAFRAME"})
    assert table["code"].tolist() == [1, 2]
    with pytest.raises(ee.EEException, match=r"TEST/YEARLY is not a table"):
        ee.data.listFeatures({"assetId": "TEST/YEARLY"})


def test_assets_cannot_be_made(few: Server) -> None:
    """Refused, where an answer of another kind would look like success."""
    for change in (
        lambda: ee.data.createAsset({"type": "FOLDER"}, "projects/offline/assets/mine"),
        lambda: ee.data.createFolder("projects/offline/assets/mine"),
        lambda: ee.data.setIamPolicy("TEST/YEARLY", {}),
        lambda: ee.data.copyAsset("TEST/YEARLY/2001_01_01", "projects/offline/assets/mine"),
    ):
        with pytest.raises(ee.EEException, match="read-only"):
            change()


def test_top_level_assets_of_a_project(few: Server) -> None:
    """`listBuckets` asks for them in another way."""
    assert ee.data.listBuckets() == {"assets": []}
