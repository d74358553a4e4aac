"""What a region's page folds away: PRAIS 4 tables, areas set right, and areas by country, as the exports have them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import httpx
import pandas as pd
import pytest
from fastapi import FastAPI
from published import BREAKS, OBSERVATIONS, REGION, RUN, assessment
from sample import words
from sqlalchemy import Engine

from practices.database.transactions import reading
from practices.results import by_region, published_views, queries
from practices.results.publish import publish
from practices.web import national_report
from practices.web.app import create_app

VIEW = published_views.View("2001-2024", "ne-asia", "simulated")
TOLD = pd.DataFrame(
    [
        ("SO3-1.T1", "2020", "severe", 4.0, "km2"),
        ("SO1-4.T2", "proportion degraded (SDG 15.3.1)", "value", 10.0, "%"),
        ("SO1-4.T2", "degraded land", "value", 10.0, "km2"),
        ("SO1-4.T2", "change of the proportion", "value", 1.5, "percentage points"),
        ("SO1-1.T5", "grassland", "cropland", 3.0, "km2"),
        ("SO1-1.T5", "grassland", "grassland", 97.0, "km2"),
        ("SO1-1.T5", "cropland", "grassland", 1234.5, "km2"),
    ],
    columns=["table", "row", "column", "value", "units"],
)
PITS = pd.DataFrame(
    [
        {
            **{"name": "pits <b>", "wrongly_shown_as": "stable", "should_be": "degraded", "date": "2026-03-31"},
            **{"justification": "=mined", "who": "Land Agency", "prais_term": "false positive"},
            **{"pixels": 4, "area_km2": 2.5, "before_km2": 90.0},
        }
    ]
)
BORDER = replace(REGION, id="border", name="Border", countries=("CHN", "MNG"))


@pytest.fixture
def filled(database: Engine) -> Engine:
    """A region with everything, an earlier revision of it without, and one that lies in two countries."""
    publish(database, replace(RUN, digest="d0"), [assessment(70.0)], OBSERVATIONS, BREAKS)
    records = [replace(assessment(), report=TOLD, recodes=PITS), assessment(30.0, BORDER)]
    publish(database, RUN, records, OBSERVATIONS, BREAKS)
    return database


def told(engine: Engine, region: str, revision: int | None = None) -> tuple[object, ...]:
    with reading(engine) as connection:
        report = by_region.report(connection, region, VIEW, revision=revision)
        assert report is not None
        return (
            national_report.forms(connection, report),
            national_report.recodes(connection, report),
            national_report.countries(connection, report),
        )


def test_tables_stand_in_the_order_of_the_forms(filled: Engine) -> None:
    found, _, _ = told(filled, "otindag")
    assert [each.id for each in found] == ["SO1-1.T5", "SO1-4.T2", "SO3-1.T1"]  # type: ignore[attr-defined]
    cover, degraded, _ = found  # type: ignore[misc]
    assert cover.columns == ("grassland km²", "cropland km²")
    assert cover.rows == (("grassland", ("97", "3")), ("cropland", ("1,234", "–")))
    assert degraded.columns == ("value %", "value km²", "value points")
    assert [row for row, _ in degraded.rows] == [
        "degraded land", "proportion degraded (SDG 15.3.1)", "change of the proportion",
    ]  # fmt: skip


def test_an_earlier_revision_has_its_own(filled: Engine) -> None:
    forms, recodes, _ = told(filled, "otindag", revision=1)
    assert (forms, recodes) == ((), [])
    _, recodes, _ = told(filled, "otindag", revision=2)
    assert [each.justification for each in recodes] == ["=mined"]  # type: ignore[attr-defined]


def test_countries_are_added_up_as_in_the_exports(filled: Engine) -> None:
    exported = queries.countries(filled).set_index(["country", "class_name"])
    _, _, found = told(filled, "border")
    assert [each.country for each in found] == ["CHN", "MNG"]  # type: ignore[attr-defined]
    for each in found:  # type: ignore[attr-defined]
        own = exported.loc[each.country]
        for name in ("degraded", "stable"):
            assert each.classes[name] == own.loc[name, "area_km2"]
        assert each.regions == own["regions"].max()
        assert each.shared_km2 == own.loc[["degraded", "stable"], "shared_km2"].sum()
        assert each.land_km2 == 100.0 * each.regions


def test_the_page_shows_them_folded_and_as_text(filled: Engine, serve: Callable[[FastAPI], str]) -> None:
    with httpx.Client(base_url=serve(create_app(filled))) as client:
        page = client.get("/regions/otindag")
        text = words(page)
        assert "SO1-1.T5: Land-cover change, baseline or whole record: from (rows) to (columns)" in text
        assert "pits <b> stable degraded (false positive) 2.5 90 =mined Land Agency 2026-03-31" in text
        assert "<b>" not in page.text
        assert "China: 2 regions by the same period and method" in text
        assert "100 km² lie in regions of several countries" in text
        folded = page.text[page.text.index('id="report"') : page.text.index('id="take"')]
        assert folded.count("<table>") == 5
        assert re.sub(r"<details.*?</details>", "", folded, flags=re.DOTALL).count("<table>") == 0
        bare = words(client.get("/regions/otindag", params={"revision": 1}))
        assert "No tables of PRAIS 4 were published with this result." in bare
        assert "pits" not in bare
