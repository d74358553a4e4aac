"""A database with results, practices with and without outlines, and evidence: what every export has to hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from drafts import VALUES, draft
from published import BREAKS, OBSERVATIONS, REGION, RUN, assessment
from sqlalchemy import Engine, insert, select

from practices.database.transactions import writing
from practices.models import Evidence, PracticeSite
from practices.record.catalogue import seed
from practices.record.editing import save
from practices.results import queries
from practices.results.publish import publish

DORNOD = replace(REGION, id="dornod", name="Dornod", countries=("MNG",))


def fill(engine: Engine) -> None:
    """Two regions, one simulated and one observed; the catalogue and a practice of a person; one effect each."""
    seed(engine)
    save(engine, draft(description="=1+1 is how it begins"), who="Saran", base=None, why="a visit")
    save(engine, draft(description="=1+1 is how it begins", start=2013), who="Bold", base=1)
    publish(engine, RUN, [assessment(), replace(assessment(20.0), period="2001-2015", years=(2001, 2015))],
            OBSERVATIONS, BREAKS)  # fmt: skip
    publish(
        engine,
        replace(RUN, digest="d2", origin="earth-engine"),
        [assessment(25.0, DORNOD)],
        OBSERVATIONS.assign(region="dornod"),
        BREAKS.assign(region="dornod"),
    )
    found = queries.assessments(engine)
    with writing(engine) as connection:
        sites = select(PracticeSite.id, PracticeSite.name).where(PracticeSite.practice_id == VALUES["id"])
        ids = {row.name: row.id for row in connection.execute(sites)}
        for site, region, effect in (("North", "dornod", 0.05), ("South", "otindag", -0.01)):
            row = found[(found["region"] == region) & (found["period"] == "2001-2024")].iloc[0]
            connection.execute(insert(Evidence).values(**_evidence(ids[site], row, effect)))


def _evidence(site: int, row: pd.Series, effect: float) -> dict[str, object]:
    return {
        "site_id": site, "assessment_id": int(row["assessment_id"]), "origin": str(row["origin"]), "method": "did",
        "outcome": "productivity", "revision": 1, "digest": f"e{site}", "kind": "satellite",
        "demonstration": effect < 0, "start": 2013, "units": "NDVI", "effect": effect, "low": effect - 0.02,
        "high": effect + 0.02, "interval": "places", "mean_before": 0.2, "treated": 20, "dropped": 1, "controls": 90,
        "places": 200, "balance": [], "event_study": [], "effect_percent": float(np.round(effect / 0.002, 3)),
    }  # fmt: skip
