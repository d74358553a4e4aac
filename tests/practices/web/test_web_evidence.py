"""Evidence on a practice's page and card: effects, reasons, kinds apart, demonstrations and simulations marked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import httpx
import pandas as pd
import pytest
from fastapi import FastAPI
from sample import REGIONS, areas, breaks, observations, put, square, words
from sqlalchemy import Engine, select

from practices.database.transactions import reading
from practices.evidence.judge import Finding
from practices.evidence.publish import EvidenceRecord, publish_evidence
from practices.models import Assessment, PracticeSite
from practices.record.editing import current, save
from practices.report.brief import card
from practices.report.evidence import proofs, reasons
from practices.report.practice import effect_of
from practices.results.practice_queries import evidence
from practices.results.publish import publish
from practices.results.records import AssessmentRecord, RunRecord
from practices.web.app import create_app

PRACTICE = "chn-duolun-otindag-sand-source-control"


def finding(effect: float, outcome: str = "productivity") -> Finding:
    """An effect with an interval of ±0.02, alike controls, and ten years of differences."""
    balance = pd.DataFrame([{"covariate": "trend", "difference_before": 0.41, "difference_after": 0.03}])
    years = range(2008, 2018)
    course = [{"year": y, "effect": effect * (y >= 2013), "low": effect - 0.05, "high": effect + 0.05} for y in years]
    return Finding(
        outcome=outcome, effect=effect, low=effect - 0.02, high=effect + 0.02, standard_error=0.01, interval="places",
        p=0.012, p_parallel=0.55, mean_before=0.3, minimum_detectable=0.015, treated=220, dropped=3, controls=880,
        places=199, balance=balance, event_study=pd.DataFrame(course),
    )  # fmt: skip


@pytest.fixture
def judged(own: Engine) -> Engine:
    """A site with a boundary and an effect, one without: a demonstration, and a third with nothing; simulated."""
    base, draft = current(own, PRACTICE)
    kept = draft.sites[0].model_dump(mode="json")
    point = {"lat": 43.0, "lon": 115.0, "coord_basis": "survey"}
    sites = [
        {**point, "name": "Fenced", "polygon": square(114.5, 42.5, 1.0)},
        {**point, "name": "Circle", "radius_km": 5},
        kept,
    ]
    record = {**draft.model_dump(mode="json"), "sites": sites, "start": 2013}
    save(own, type(draft).model_validate(record), who="Tester", base=base)
    with own.connect() as connection:
        assessment = connection.scalar(
            select(Assessment.id)
            .where(Assessment.region_id == "otindag", Assessment.period == "2001-2024", Assessment.method == "ne-asia")
            .order_by(Assessment.revision.desc())
        )
        ids: dict[str, Any] = dict(
            connection.execute(
                select(PracticeSite.name, PracticeSite.id).where(
                    PracticeSite.practice_id == PRACTICE, PracticeSite.until.is_(None)
                )
            ).all()
        )  # type: ignore[arg-type]
    assert assessment is not None
    publish_evidence(own, [EvidenceRecord(ids["Fenced"], assessment, 2013, "1", finding(0.06))])
    publish_evidence(
        own, [EvidenceRecord(ids["Fenced"], assessment, 2013, "1", finding(0.01, "productivity_climate_adjusted"))]
    )
    publish_evidence(own, [EvidenceRecord(ids["Circle"], assessment, 2013, "1", finding(0.09), demonstration=True)])
    return own


def test_a_practice_shows_its_effects_and_what_they_are(judged: Engine, serve: Callable[[FastAPI], str]) -> None:
    with httpx.Client(base_url=serve(create_app(judged))) as client:
        page = client.get(f"/practices/{PRACTICE}")
        text = words(page)
        assert "Simulated landscape: against matched controls" in text
        assert text.count("SIMULATED DATA: a virtual landscape") == 1
        assert (
            "Fenced otindag, 2001-2024, ne-asia 0.060 0.040 to 0.080 (places) 20.0 % 0.012 0.55 220 880 0.015" in text
        )
        assert "Greenness (vegetation index) with the effect of rain removed" in text
        assert "Demonstration: computed on a circle of guessed radius" in text
        assert "Circle, 2001-2024 (demonstration)" in page.text
        assert "trend 0.41 0.03" in text
        assert "Year since the start Difference 95 % interval −5 0 " in text
        assert " −1 0 0.010 to 0.11 0 0.060 0.010 to 0.11 +1 " in text
        # Words stand left, numbers right.
        assert '<td class="d">otindag, 2001-2024, ne-asia</td><td class="n">0.060</td>' in page.text
        assert "No effect was computed for:" in text
        assert page.text.count("SIMULATED</text>") == page.text.count('<svg class="chart"') > 3
        # The outcome that is reported stands in a section of its own.
        assert page.text.index('id="said"') < page.text.index('id="seen"')
        answer = client.get(f"/api/v1/practices/{PRACTICE}").json()
        assert [(each["site"], each["demonstration"]) for each in answer["satellite"]] == [
            ("Circle", True), ("Fenced", False), ("Fenced", False),
        ]  # fmt: skip
        assert answer["satellite"][1]["event_study"][0][0] == -5
        assert len(answer["context_only_because"]) == 1
        listed = client.get("/practices", params={"effect": "simulated"})
        assert PRACTICE in listed.text
        assert "1 of 40 practices" in words(listed)
        assert "judged on simulated data only" in words(listed)
        assert PRACTICE not in client.get("/practices", params={"effect": "context"}).text


def test_the_effect_of_a_practice_is_that_of_real_evidence(judged: Engine) -> None:
    with reading(judged) as connection:
        simulated = proofs(connection)
    real = [replace(each, origin="earth-engine") for each in simulated]
    assert effect_of(simulated) == "simulated"
    assert effect_of(each for each in real if each.demonstration) == "context"
    # One outcome better and one not told apart: together unclear, and the demonstration counts for nothing.
    assert effect_of(real) == "unclear"
    better = [each for each in real if each.side == "better" and not each.demonstration]
    assert effect_of([*better, *simulated]) == "better"


def test_what_was_judged_on_an_earlier_assessment_is_no_evidence_for_the_latest(judged: Engine) -> None:
    with reading(judged) as connection:
        assert len(proofs(connection)) == len(evidence(judged)) == 3
    put(judged, REGIONS[0], method="ne-asia", origin="simulated", degraded=60.0, number=0, again="c")
    with reading(judged) as connection:
        assert proofs(connection) == []
    assert evidence(judged).empty


def test_why_there_is_no_effect_goes_by_the_years_that_were_assessed(own: Engine) -> None:
    base, draft = current(own, PRACTICE)
    places = {"Here": (115.0, 43.0), "Far": (90.0, 40.0)}
    sites = [
        {"name": name, "coord_basis": "survey", "lat": y, "lon": x, "polygon": square(x - 0.5, y - 0.5, 1.0)}
        for name, (x, y) in places.items()
    ]
    record = {**draft.model_dump(mode="json"), "sites": sites, "start": 2004, "end": None}
    changed = type(draft).model_validate({**record, "satellite_fit": "usable_after_polygon"})
    save(own, changed, who="Tester", base=base)

    def said() -> dict[str, str]:
        with reading(own) as connection:
            return dict(reasons(connection, changed.model_dump(mode="json"), []))

    assert said()["Here"].startswith("started in 2004, 3 years into the record of 2001-2024")
    assert said()["Far"] == "no assessed region contains the site"
    longer = AssessmentRecord(REGIONS[0], "1984-2024", (1984, 2024), "ne-asia", areas(10.0))
    run = RunRecord("longer", "simulated", {}, "0.1.0", datetime(2026, 1, 1), datetime(2026, 1, 2))
    publish(own, run, [longer], observations("otindag", 0).iloc[:0], breaks("otindag").iloc[:0])
    assert said()["Here"] == "a boundary and a start year (2004) are known, but the effect is not computed yet"
    assert said()["Far"] == "no assessed region contains the site"


def test_a_card_says_the_same(judged: Engine) -> None:
    text = card(judged, PRACTICE)
    assert "SIMULATED" in text
    assert "Demonstration on a circle of guessed radius; not evidence." in text
    assert "http-equiv" not in text
    assert 'src="' not in text
    assert "<style>" in text
