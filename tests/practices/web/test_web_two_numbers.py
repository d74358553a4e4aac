"""The two numbers of SDG 15.3.1 and their certainty, in everything that people and programs read of one database."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pyogrio
import pytest
from fastapi import FastAPI
from openpyxl import load_workbook
from published import BREAKS, OBSERVATIONS, REGION, RUN, assessment
from sqlalchemy import Engine

from practices.database.open import open_database
from practices.exports.export import export
from practices.exports.geopackage import column_of
from practices.report.brief import render
from practices.report.shares import ASSESSMENT, STATUS
from practices.results.publish import publish
from practices.results.records import AssessmentRecord, RegionRecord
from practices.web.app import create_app

Serving = Callable[[FastAPI], AbstractContextManager[str]]
EAST = {"type": "Polygon", "coordinates": [[[120, 42], [121, 42], [121, 43], [120, 43], [120, 42]]]}
SUAN = RegionRecord("suan", "Suan", ("PRK",), "forest steppe", EAST)
COLUMNS = ["name", "value", "low", "high", "p", "units", "note"]
#: Yeongil, report-1: nothing is degraded by the period alone, 57.6 % by the status that the country reports.
STATUS_CLASSES = {"baseline degradation": 57.6, "stability": 42.4}
WARNED = "as degraded by state alone"


def numbers(**named: tuple[float | None, float | None, float | None]) -> pd.DataFrame:
    rows = [(name, *values, None, "1", "how") for name, values in named.items()]
    return pd.DataFrame(rows, columns=COLUMNS)


def record(
    period: str, degraded: float, statistics: pd.DataFrame, region: RegionRecord = REGION, **areas: Any
) -> AssessmentRecord:
    """An assessment of 100 km²; `areas`: more columns of areas."""
    own = assessment(degraded, region)
    return replace(own, period=period, areas=own.areas.assign(**areas), statistics=statistics)


def fill(engine: Engine) -> None:
    """Otindag by its whole record, baseline and a reporting period; Suan, whose interval excludes its map."""
    report = record("report-1", 0.0, numbers(status_by_state_alone=(0.97, None, None)))
    status = pd.DataFrame({"indicator": "status", "class": list(STATUS_CLASSES), "area_km2": STATUS_CLASSES.values()})
    status = status.assign(valid_km2=100.0, total_km2=100.0, share=status["area_km2"] / 100)
    report = replace(report, years=(2004, 2019), areas=pd.concat([report.areas, status]), report=FORM)
    baseline = record("baseline", 57.6, numbers(degraded_by_state_alone=(0.98, None, None)))
    whole = record("2001-2024", 20.0, numbers(degraded_share_in_accord=(None, 0.1, 0.3)))
    publish(engine, RUN, [whole, replace(baseline, years=(2001, 2015)), report], OBSERVATIONS, BREAKS)
    suan = record("2001-2024", 36.3, numbers(degraded_share_in_accord=(None, 0.037, 0.087)), SUAN)
    publish(engine, replace(RUN, digest="d2"), [suan], OBSERVATIONS.iloc[:0], BREAKS.iloc[:0])


FORM = pd.DataFrame(
    [("SO1-4.T2", "proportion degraded (SDG 15.3.1)", "value", 57.6, "%")],
    columns=["table", "row", "column", "value", "units"],
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    opened = open_database(tmp_path_factory.mktemp("two") / "practices.sqlite")
    fill(opened)
    return opened


@pytest.fixture(scope="module")
def client(engine: Engine, serving: Serving) -> Iterator[httpx.Client]:
    with serving(create_app(engine)) as address, httpx.Client(base_url=address) as made:
        yield made


@pytest.fixture(scope="module")
def files(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Path]]:
    return export(engine, tmp_path_factory.mktemp("out"), formats=["xlsx", "gpkg"])


def rows(path: Path, sheet: str) -> pd.DataFrame:
    values = list(load_workbook(path)[sheet].iter_rows(min_row=3, values_only=True))
    return pd.DataFrame(values[1:], columns=values[0])


def test_the_workbook_gives_one_official_number_and_names_the_other(files: dict[str, list[Path]]) -> None:
    (path,) = files["xlsx"]
    summary = rows(path, "Summary").set_index(["region", "period"])
    filed = rows(path, "SO1-4.T2").set_index("period").loc["report-1"]
    own = summary.loc[("otindag", "report-1")]
    assert own["degraded_percent"] == filed["value %"] == 57.6
    assert (own["headline_is"], own["alone_percent"], own["degraded_km2"]) == (STATUS, 0.0, 57.6)
    assert (own["stable_km2"], own["undetermined_km2"]) == (42.4, 0.0)
    assert WARNED in own["warning"]
    assert WARNED in filed["warning"]
    assert filed["headline_is"] == STATUS
    assert summary.loc[("otindag", "baseline"), "headline_is"] == ASSESSMENT
    titles = {name: load_workbook(path)[name]["A1"].value for name in ("SDG 15.3.1", "SDG 15.3.1 status")}
    assert titles == {
        "SDG 15.3.1": f"SDG 15.3.1, {ASSESSMENT}: area of each class as mapped, km2",
        "SDG 15.3.1 status": f"SDG 15.3.1, {STATUS}: area of each class as mapped, km2",
    }


def test_the_workbook_leads_with_an_interval_that_excludes_the_map(files: dict[str, list[Path]]) -> None:
    own = rows(files["xlsx"][0], "Summary").set_index(["region", "period"]).loc[("suan", "2001-2024")]
    assert own["leads"] == "3.7 % to 8.7 % degraded"
    assert (own["true_low_percent"], own["true_high_percent"]) == (pytest.approx(3.7), pytest.approx(8.7))
    assert own["degraded_percent"] == pytest.approx(36.3)
    assert pd.isna(own["ranked_percent"])


def test_the_geopackage_colours_by_no_number_that_its_interval_excludes(files: dict[str, list[Path]]) -> None:
    (path,) = files["gpkg"]
    regions = pyogrio.read_dataframe(path, layer="regions", read_geometry=False).set_index("region")
    assert regions.loc["suan", column_of("leads", "2001-2024", "ne-asia")] == "3.7 % to 8.7 % degraded"
    ranked = column_of("ranked_percent", "2001-2024", "ne-asia")
    assert pd.isna(regions.loc["suan", ranked])
    assert regions.loc["otindag", ranked] == 20.0
    own = {name: regions.loc["otindag", column_of(name, "report-1", "ne-asia")] for name in
           ("headline_is", "degraded_percent", "alone_percent")}  # fmt: skip
    assert own == {"headline_is": STATUS, "degraded_percent": 57.6, "alone_percent": 0.0}
    with closing(sqlite3.connect(path)) as connection:
        (style,) = connection.execute("SELECT styleQML FROM layer_styles WHERE f_table_name = 'regions'").fetchone()
    last = column_of("ranked_percent", "report-1", "ne-asia")
    assert f'attr="coalesce(&quot;{last}&quot;, -1)"' in style


def test_the_page_leads_with_the_interval_and_ranks_nothing_by_what_it_excludes(client: httpx.Client) -> None:
    page = client.get("/regions/suan").text
    assert '<p class="big">3.7 % to 8.7 % degraded</p>' in page
    assert '<p class="big">36.3 % degraded</p>' not in page
    front = client.get("/").text
    assert "bin-open" in front
    assert 'data-said="Suan: 3.7 % to 8.7 % degraded"' in front
    names = re.findall(r'<tr><th scope="row"><a href="/regions/([a-z]+)\?', front)
    assert names == ["otindag", "suan"]  # 36.3 % would stand before 20.0 %
    assert "regions without a rank come last" in front
    compared = client.get("/compare", params={"a": "suan", "b": "otindag"}).text
    assert "3.7 % to 8.7 % degraded" in compared


@pytest.mark.parametrize("where", ["page", "brief"])
def test_page_and_brief_show_the_periods_that_countries_report(
    client: httpx.Client, engine: Engine, where: str
) -> None:
    text = client.get("/regions/otindag").text if where == "page" else render(engine, "otindag", period="2001-2024")
    plain = " ".join(re.sub(r"<[^>]+>", " ", text).split())
    assert "20.0 % degraded" in plain
    warned = "(warning: a few dry years have the same effect)"
    if where == "brief":
        mapped = "as mapped status 57.6 %, period alone 0.0 %, by state alone 97.0 % of it"
        assert f"report-1 (2004–2019): 57.6 % degraded; {mapped} {warned}." in plain
        before = "as mapped period alone 57.6 %, by state alone 98.0 % of it"
        assert f"baseline (2001–2015): 57.6 % degraded; {before} {warned}." in plain
        return
    assert "report-1 2004–2019 ne-asia 57.6 % degraded 57.6 % 0.0 % – 97.0 %" in plain
    assert "baseline 2001–2015 ne-asia 57.6 % degraded – 57.6 % – 98.0 %" in plain
    assert f"most of the degraded land is classified {WARNED}: baseline 98.0 %, report-1 97.0 %." in plain
    assert plain.count("Compare with rain before you report this number.") == 1  # once for all periods


def test_the_page_of_a_reporting_period_leads_with_the_status(client: httpx.Client) -> None:
    page = " ".join(client.get("/regions/otindag", params={"period": "report-1"}).text.split())
    assert '<p class="big">57.6 % degraded</p>' in page
    assert f"57.6 % ({STATUS}). For comparison, {ASSESSMENT}: 0.0 km², 0.0 % as mapped." in page


def test_countries_are_added_up_by_the_number_that_they_report(client: httpx.Client) -> None:
    """The page of a reporting period gave 57.6 % above, and 0.0 % for its only country."""
    page = client.get("/regions/otindag", params={"period": "report-1"}).text
    own = " ".join(re.sub(r"<[^>]+>", " ", page[page.index("China: 1 region") :]).split())
    assert f"SDG 15.3.1, {STATUS}, as mapped, regions added up" in own
    assert "degraded 58 57.6 % stable 42 42.4 %" in own
    whole = client.get("/regions/otindag").text
    assert f"SDG 15.3.1, {ASSESSMENT}, as mapped, regions added up" in whole


def test_programs_get_the_same_as_people(client: httpx.Client) -> None:
    asked = {"period": "report-1"}
    result = client.get("/api/v1/regions/otindag", params=asked).json()
    assert result["degraded_percent"] == result["headline"]["degraded_percent"] == 57.6
    assert result["headline"]["alone_percent"] == 0.0
    assert WARNED in result["headline"]["warning"]
    layer = client.get("/ogc/collections/results-simulated/items").json()["features"]
    found = {(each["properties"]["region"], each["properties"]["period"]): each["properties"] for each in layer}
    assert found["otindag", "report-1"]["headline_is"] == STATUS
    assert found["otindag", "report-1"]["degraded_km2"] == 57.6
    assert found["suan", "2001-2024"]["ranked_percent"] is None
    assert found["suan", "2001-2024"]["leads"] == "3.7 % to 8.7 % degraded"
    one = client.get("/regions/suan/region.geojson").json()["properties"]
    assert one["leads"] == "3.7 % to 8.7 % degraded"


def test_corrected_areas_stand_in_every_table(tmp_path: Path, serving: Serving) -> None:
    """Of an area table as a run with reference sites writes it: no area outside its own interval."""
    engine = open_database(tmp_path / "practices.sqlite")
    corrected = {"corrected_km2": [19.3, 80.7, None], "low_km2": [8.2, 69.6, None], "high_km2": [30.4, 91.8, None]}
    sites = numbers(corrected_area_degraded=(19.3, 8.2, 30.4))
    publish(engine, RUN, [record("2001-2024", 2.0, sites, **corrected)], OBSERVATIONS, BREAKS)
    (path,) = export(engine, tmp_path / "out", formats=["xlsx"])["xlsx"]
    row = rows(path, "SDG 15.3.1").iloc[0]
    assert row["degraded km2"] == 2.0
    assert row["degraded corrected km2"] == 19.3
    assert (row["degraded corrected low km2"], row["degraded corrected high km2"]) == (8.2, 30.4)
    with serving(create_app(engine)) as address, httpx.Client(base_url=address) as client:
        check_corrected(client)
    engine.dispose()


def check_corrected(client: httpx.Client) -> None:
    area = client.get("/api/v1/regions/otindag").json()["areas"][0]
    assert (area["area_km2"], area["corrected_km2"], area["low_km2"], area["high_km2"]) == (2.0, 19.3, 8.2, 30.4)
    page = " ".join(re.sub(r"<[^>]+>", " ", client.get("/regions/otindag").text).split())
    assert "corrected by reference sites: 19.3 km², 19.3 % of the land (95 %: 8.2 to 30.4 km²). Mapped: 2.0 km²" in page
    assert "degraded 2.0 19.3 8–30 2.0 %" in page  # mapped, corrected, interval, share
    csv = client.get("/regions/otindag/areas.csv").text
    assert "corrected_km2,low_km2,high_km2" in csv
