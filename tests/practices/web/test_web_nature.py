"""Land, climate and nature of all regions: page, file, programs and brief say the same, with the terms of the data."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import replace
from datetime import datetime
from typing import Any

import httpx
import pandas as pd
import pytest
from sample import LINKS, PROTECTED, REGIONS, STATISTICS, areas, breaks, observations, square, transitions, words
from sqlalchemy import Engine

from practices.exports.content import content
from practices.report import brief
from practices.results.publish import publish
from practices.results.records import AssessmentRecord, RegionRecord, RunRecord
from practices.web.app import create_app

SIMULATED = {"origin": "simulated"}
MEASURES = ("land", "degraded", "carbon_change", "carbon_lost", "natural_land_lost", "inside_protected", "patches")


def sums(client: httpx.Client, **view: str) -> dict[tuple[str, str], dict[str, Any]]:
    found = client.get("/api/v1/nature", params=view or SIMULATED).json()
    return {(row["countries"], row["name"]): row for row in found["sums"]}


def test_the_page_shows_the_view_that_is_shown_first_and_each_country(client: httpx.Client) -> None:
    page = words(client.get("/nature"))
    assert "1 region together · 2001–2024 · method ne-asia" in page  # real data come first: one region
    assert "SIMULATED" not in page
    others = "Mu Us sandy land and Ordos; Otindag sandy land"
    assert f"Regions with results, but not for this period, method and data: {others}." in page
    page = words(client.get("/nature", params=SIMULATED))
    assert "SIMULATED DATA" in page
    assert "3 regions together" in page
    assert "China 2 " in page
    assert "Mongolia 1 " in page
    assert "All regions 3 " in page
    assert "The soil lost 3,000 t of carbon, as much as 11,000 t of carbon dioxide." in page
    assert "450 km² of natural land became cropland, towns, roads or mines." in page
    assert "2.0 % of the 3,000 km² of land inside protected areas is degraded" in page
    assert "On average, 25.0 % of a key area is protected (6 key areas)." in page
    assert "Days with dust: rose in 3 and fell in 0 of 3 regions." in page
    assert "grazing 57 %" in page
    assert "Protected areas: non-commercial use only, of results too. Source: WDPA." in page


def test_what_is_missing_is_named(client: httpx.Client) -> None:
    page = words(client.get("/nature", params={**SIMULATED, "method": "trends-earth"}))
    assert "Soil carbon: land cover, climate zones or soil carbon were not read." in page
    assert "Protected areas: their table was not read, or the run left out restricted data." in page
    assert "Herds in sheep units: no series of it was published." in page
    assert "non-commercial" not in page


def test_countries_add_up_to_all_in_the_answer_for_programs(client: httpx.Client) -> None:
    found = sums(client)
    for name in MEASURES:
        parts = [found[country, name]["value"] for country in ("CHN", "MNG")]
        assert found["all", name]["value"] == math.fsum(parts)
    assert found["all", "carbon_change"]["low"] == -6000.0
    assert found["all", "degraded_share"]["value"] == pytest.approx(found["all", "degraded"]["value"] / 29700, rel=0.02)
    whole = found["all", "inside_protected"]["value"] + found["all", "outside_protected"]["value"]
    assert whole == pytest.approx(found["all", "land"]["value"])
    assert "non-commercial" in found["all", "degraded_inside_protected"]["note"]
    answer = client.get("/api/v1/nature", params=SIMULATED).json()
    assert (answer["simulated"], answer["method"]) == (True, "ne-asia")
    assert client.get("/api/v1/nature", params={"period": "1066"}).status_code == 404


def test_the_file_and_the_exports_have_the_same_rows(client: httpx.Client, engine: Engine) -> None:
    answer = client.get("/nature.csv", params=SIMULATED)
    assert answer.headers["content-disposition"] == 'attachment; filename="nature-2001-2024-ne-asia.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    exported = content(engine, origin="simulated")["nature"]
    own = exported.query("period == '2001-2024' and method == 'ne-asia'")
    assert [(row["countries"], row["name"]) for row in rows] == list(zip(own["countries"], own["name"], strict=True))
    assert [float(row["value"]) for row in rows] == own["value"].tolist()
    assert own["note"].str.len().min() > 5
    one = content(engine, regions=["dornod"], origin="simulated")["nature"]
    assert set(one["countries"]) == {"MNG", "all"}


def test_the_first_page_and_every_page_lead_there(client: httpx.Client) -> None:
    assert 'href="/nature?period=2001-2024&amp;method=ne-asia&amp;origin=offline-files"' in client.get("/").text
    assert '<a href="/nature" aria-current="page">Nature</a>' in client.get("/nature").text


def test_regions_in_two_countries_and_regions_that_overlap_are_said(own: Engine, serve: Any) -> None:
    border = RegionRecord("border", "Border steppe", ("MNG", "CHN"), "steppe", square(114.0, 45.0))
    inner = RegionRecord("inner", "Inner dunes", ("CHN",), "sand", square(114.5, 42.5, 1.0))
    data = {"protected_areas": PROTECTED}
    for region in (border, inner):
        run = RunRecord(region.id, "simulated", data, "0.4.0", datetime(2026, 1, 1), datetime(2026, 1, 3))
        record = AssessmentRecord(
            region, "2001-2024", (2001, 2024), "ne-asia", areas(5.0), transitions(),
            pd.concat([STATISTICS, LINKS], ignore_index=True),
        )  # fmt: skip
        publish(own, run, [record], observations(region.id, 4), breaks(region.id))
    with httpx.Client(base_url=serve(create_app(own))) as there:
        page = words(there.get("/nature", params=SIMULATED))
        found = sums(there)
    assert "4 regions together" in page
    assert "Inner dunes is left out of all sums: more than half of it lies in Otindag sandy land." in page
    assert "Border steppe shares" in page or "Dornod steppe shares" in page
    assert "have a row of their own (China and Mongolia)" in page
    assert found["all", "land"]["value"] == math.fsum(found[c, "land"]["value"] for c in ("CHN", "MNG", "CHN MNG"))
    assert found["all", "regions"]["missing"] == "inner"
    assert found["all", "area_counted_twice"]["value"] > 1000


def test_an_empty_database_says_how_to_begin(database: Engine, serve: Any) -> None:
    with httpx.Client(base_url=serve(create_app(database))) as there:
        assert "Nothing is published yet" in words(there.get("/nature"))
        assert there.get("/api/v1/nature").status_code == 404


def test_the_brief_has_climate_and_nature_and_the_causes(engine: Engine) -> None:
    text = brief.render(engine, "otindag", method="ne-asia", origin="simulated")
    assert "Changes of land cover imply a loss of 1,000 t of soil carbon (3,670 t of carbon dioxide" in text
    assert "95 % interval of the change −2,000 to −100 t C" in text
    assert "150 km² of natural land became cropland or artificial land, and 12.5 km² went the other way." in text
    assert "Degraded: 2.0 % of the land inside protected areas (20.0 % outside)." in text
    assert "Protected areas: non-commercial use only, of results too." in text
    assert "3 degraded patches; associated with, no proof of cause" in text
    bare = brief.render(engine, "otindag", method="trends-earth", origin="simulated")
    assert "Climate and nature" not in bare


def test_the_report_says_what_of_objective_four_is_not_computed(own: Engine, serve: Any) -> None:
    form = pd.DataFrame(
        [("SO4-3.T1", str(year), "mean coverage by protected areas", 20.0 + year - 2001, "%") for year in (2001, 2024)],
        columns=["table", "row", "column", "value", "units"],
    )
    run = RunRecord("so4", "simulated", {"protected_areas": PROTECTED}, "1", datetime(2026, 2, 1), datetime(2026, 2, 2))
    record = AssessmentRecord(
        REGIONS[1], "2001-2024", (2001, 2024), "ne-asia", areas(5.0), transitions(), STATISTICS, report=form
    )
    publish(own, run, [record], observations("dornod", 1), breaks("dornod"))
    with httpx.Client(base_url=serve(create_app(own))) as there:
        page = words(there.get("/regions/dornod", params=SIMULATED))
    assert "SO4-3.T1: Key biodiversity areas: mean share that lies in protected areas, by year (SDG 15.1.2)" in page
    assert "2001 20 2024 43 Protected areas: non-commercial use only" in page
    assert "SO4-2 (Red List Index) is not computed" in page
    assert "SO4-1 (carbon stocks) has no table of its own; it is reported as SO1-3." in page
    without = replace(record, report=form.assign(table="SO1-4.T2"))
    publish(own, replace(run, digest="so1"), [without], observations("dornod", 1), breaks("dornod"))
    with httpx.Client(base_url=serve(create_app(own))) as there:
        page = words(there.get("/regions/dornod", params=SIMULATED))
    assert "SO4-3 (key areas under protection) needs both protected and key areas" in page
