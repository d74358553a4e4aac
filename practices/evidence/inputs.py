"""Input of the evidence: the current sites, and the assessments whose data they are judged on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import select

from practices.database.transactions import reading
from practices.models import Assessment, Outline, Practice, PracticeSite, Run, StoredRegion
from practices.record.draft import PracticeDraft, Site
from practices.record.editing import stored
from practices.results.near import RegionLocation
from practices.results.queries import Source, assessments, table


@dataclass(frozen=True)
class KnownSite:
    """A site as the database has it: its row, its practice and its record."""

    id: int
    practice: PracticeDraft
    site: Site


@dataclass(frozen=True)
class Assessed:
    """The newest assessment of a region over its whole record: years, where it lies, and the run's data sets."""

    assessment_id: int
    region: str
    method: str
    origin: str
    period: str
    years: tuple[int, int]
    place: RegionLocation
    datasets: dict[str, Any]


def known_sites(source: Source) -> list[KnownSite]:
    """The sites of all practices that are not retired, as their newest revision has them."""
    query = (
        select(PracticeSite.id, PracticeSite.name, Practice.record)
        .join(Practice, Practice.id == PracticeSite.practice_id)
        .where(PracticeSite.until.is_(None), Practice.retired.is_(False))
        .order_by(PracticeSite.practice_id, PracticeSite.name)
    )
    with reading(source) as connection:
        rows = connection.execute(query).all()
    found = []
    for row in rows:
        practice = stored(row.record)
        found.append(KnownSite(row.id, practice, next(site for site in practice.sites if site.name == row.name)))
    return found


def assessed(source: Source) -> list[Assessed]:
    """For each region, method and origin the newest assessment of the longest period."""
    with reading(source) as connection:
        listed = assessments(connection)
        query = (
            select(
                Assessment.id.label("assessment_id"),
                *(Outline.geometry, StoredRegion.countries, StoredRegion.roughness_km, Run.datasets),
            )
            .join(Outline, Outline.digest == Assessment.outline_digest)
            .join(Run, Run.id == Assessment.run_id)
            .join(StoredRegion, StoredRegion.id == Assessment.region_id)
            .where(Assessment.id.in_([int(each) for each in listed["assessment_id"]]))
        )
        beside = table(connection, query)
    if listed.empty:
        return []
    merged = listed.merge(beside, on="assessment_id").assign(span=lambda t: t["year_last"] - t["year_first"])
    longest = merged.sort_values("span", kind="stable").groupby(["region", "method", "origin"], sort=True).tail(1)
    return [_assessed(row) for _, row in longest.sort_values(["region", "origin", "method"]).iterrows()]


def _assessed(row: pd.Series) -> Assessed:
    return Assessed(
        assessment_id=int(row["assessment_id"]),
        region=str(row["region"]),
        method=str(row["method"]),
        origin=str(row["origin"]),
        period=str(row["period"]),
        years=(int(row["year_first"]), int(row["year_last"])),
        place=RegionLocation(
            row["geometry"],
            tuple(row["countries"]),
            0.0 if pd.isna(row["roughness_km"]) else float(row["roughness_km"]),
        ),
        datasets=row["datasets"],
    )
