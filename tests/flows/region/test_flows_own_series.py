"""Own series in a result: from the table to database, page, workbook and CSV, and what a result's digest follows."""

from __future__ import annotations

import asyncio
import csv
import io
from dataclasses import replace
from pathlib import Path

import httpx
import pandas as pd
import pytest
from fastapi import FastAPI
from made_cubes import made, region
from openpyxl import load_workbook

from flows.pull.own_drivers import own_drivers, unused_rows
from flows.pull.pulled import Pulled
from flows.pull.tables import RegionTable, joined
from flows.region.files.publish import publish_profiles
from flows.region.result import RegionResult
from flows.region.results import compute_profiles, result_digest
from flows.report.result_text import own_series_lines
from flows.request.assess import AssessRequest
from flows.request.choices import profiles_of
from practices.database.open import open_database
from practices.exports.export import export
from practices.web.app import create_app

HEAD = "region,variable,year,value,unit,source,licence\n"
HERDS = "made,herd_cattle,1999,1.5,thousand head,NSO; table 3,open data\nmade,herd_cattle,2005,2.5,thousand head,NSO; table 3,open data\n"  # noqa: E501
OTHER = "elsewhere,herd_cattle,2005,9,head,NSO,\n"
SAID = "Cattle 1999–2005 from the user's own table, in place of the series from satellites"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def seen(data: Path) -> Pulled:
    """Pulled data with cattle and cropland as satellites see them."""
    store = data / "cubes" / "made"
    rows = pd.DataFrame({"region": "made", "month": ["2004-01-01", "2005-01-01"], "value": 7.0, "units": "head"})
    both = pd.concat([rows.assign(variable=name) for name in ("herd_cattle_annual", "cropland_annual")])
    pulled = made(store, region(8, 10))
    return replace(pulled, pressures=joined(store, "pressures", [RegionTable(("seen",), both)]))


def with_table(data: Path, seen: Pulled, table: str | None) -> tuple[Pulled, AssessRequest]:
    """The pulled data and the request with the text of a table, if any."""
    file = data / "herds.csv"
    file.write_text(table or "", encoding="utf-8")
    request = AssessRequest(
        regions=("made",), data=data, permutations=19, pixel_breaks=False, workers=1, drivers=file if table else None
    )
    return replace(seen, own_drivers=own_drivers(region(8, 10), request, data / "cubes" / "made")), request


@pytest.fixture(scope="module")
def result(data: Path, seen: Pulled) -> RegionResult:
    """A published result with an own series of cattle, which satellites have, too."""
    pulled, request = with_table(data, seen, HEAD + HERDS + OTHER)
    results = compute_profiles(region(8, 10), pulled, request, "simulated")
    publish_profiles(region(8, 10), results, pulled, request)
    return results[0]


async def asked(app: FastAPI, *paths: str) -> list[httpx.Response]:
    """Answers of the page, each path below /regions unless it begins with a slash."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        return [await client.get(path if path.startswith("/") else f"/regions/{path}") for path in paths]


def test_own_values_take_the_place_of_those_from_satellites(result: RegionResult) -> None:
    series = pd.read_csv(result.folder / "observations.csv").set_index("variable")
    assert series.loc["herd_cattle_annual", "value"].tolist() == [1500, 2500]
    assert series.loc["cropland_annual", "value"].tolist() == [7, 7]
    assert result.own_series == [SAID]
    assert own_series_lines([result]) == [f"{result.title}: {SAID}."]


@pytest.mark.usefixtures("result")
def test_page_workbook_and_series_name_the_source(data: Path, tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{data / 'practices.sqlite'}")
    page, table, answer = asyncio.run(
        asked(create_app(engine), "made", "made/series.csv", "/api/v1/regions/made/series")
    )
    rows = list(csv.DictReader(io.StringIO(table.text.lstrip("\ufeff"))))
    values = [each for each in answer.json()["values"] if each["variable"] == "herd_cattle_annual"]
    source = "NSO, table 3, licence: open data"
    assert f"source: {source}" in page.text
    assert SAID.replace("'", "&#39;") in page.text
    assert {row["source"] for row in rows if row["variable"] == "herd_cattle_annual"} == {source}
    assert {row["source"] for row in rows if row["variable"] == "cropland_annual"} == {""}
    assert [(each["value"], each["source"]) for each in values] == [(1500, source), (2500, source)]
    export(engine, tmp_path, formats=("xlsx", "csv", "package"))
    engine.dispose()
    series = pd.read_csv(next(tmp_path.rglob("series.csv"))).set_index("variable")
    assert set(series.loc["herd_cattle_annual", "source"]) == {source}
    assert series.loc["cropland_annual", "source"].isna().all()
    book = load_workbook(next(tmp_path.rglob("*.xlsx")), read_only=True)
    cells = [str(cell) for row in book["Series"].iter_rows(values_only=True) for cell in row]
    assert source in cells


def test_the_result_follows_the_rows_of_its_region(data: Path, seen: Pulled) -> None:
    def digest(table: str | None) -> str:
        pulled, request = with_table(data, seen, table)
        return result_digest(region(8, 10), pulled, request, "simulated", profiles_of(request))

    first, without = digest(HEAD + HERDS + OTHER), digest(None)
    assert first != without
    assert digest(HEAD + OTHER) == without
    assert digest(HEAD + OTHER.replace("9", "8") + "".join(reversed(HERDS.splitlines(keepends=True)))) == first
    assert digest(HEAD + HERDS.replace("1.5,thousand head", "1500,head")) == first
    assert digest(HEAD + HERDS.replace("2.5", "2.6")) != first
    assert digest(HEAD + HERDS.replace("table 3", "table 4")) != first


def test_rows_of_other_regions_are_noted(data: Path, seen: Pulled) -> None:
    _, request = with_table(data, seen, HEAD + HERDS + OTHER)
    (line,) = unused_rows(request, [region(8, 10)])
    assert "elsewhere" in line
    assert unused_rows(request.model_copy(update={"drivers": None}), []) == []
