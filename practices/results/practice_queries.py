"""Tables (DataFrames) of practices, their sites and revisions, and of the evidence for them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pandas as pd
from sqlalchemy import and_, func, select

from practices.models import Evidence, Outline, Practice, PracticeRevision, PracticeSite
from practices.results.queries import EVERYTHING, ResultFilter, Source, latest, table

#: Lists of codes that a record has.
CODES = ("land_use", "degradation", "measures", "slm_groups", "goals", "purposes")


def practices(source: Source, *, retired: bool = False, ids: Collection[str] | None = None) -> pd.DataFrame:
    """Documented practices (those of some ids, None: all) by country, in their newest revision.

    One row each, what is known as text: codes and words of lists are separated by spaces; `titles` has those in other
    languages; retired practices come only if requested.
    """
    query = select(*Practice.__table__.columns).order_by(Practice.country, Practice.start.nulls_last(), Practice.id)
    query = query if ids is None else query.where(Practice.id.in_(ids))
    found = table(source, query if retired else query.where(Practice.retired.is_(False)))
    records = found["record"]
    return pd.DataFrame(
        {
            "practice": found["id"],
            **{name: found[name] for name in ("title", "country", "start", "end")},
            "titles": ["; ".join(f"{k}: {v}" for k, v in r["title"].items() if k != "en") for r in records],
            "place": [", ".join(r["admin"]) for r in records],
            **{name: [r[name] for r in records] for name in ("scope", "scale", "area_km2")},
            **{name: [" ".join(r[name]) for r in records] for name in CODES},
            **{name: [r[name] for r in records] for name in ("codes_basis", "description", "outcome")},
            "evidence_type": found["evidence_type"],
            "confidence": found["confidence"],
            "satellite_fit": [": ".join(filter(None, (r["satellite_fit"], r["satellite_fit_why"]))) for r in records],
            "caveats": [" ".join(r["caveats"]) for r in records],
            "sources": ["; ".join(_cited(each) for each in r["sources"]) for r in records],
            "revision": found["revision"],
            "retired": found["retired"],
        }
    )


def _cited(source: dict[str, Any]) -> str:
    return ", ".join(filter(None, (source["title"], source["publisher"], source["date"], source["url"])))


def sites(source: Source, *, retired: bool = False, ids: Collection[str] | None = None) -> pd.DataFrame:
    """Current sites of practices: site_id, practice, site, lat, lon, radius, basis, precision, polygon, note.

    `ids` are those of practices (None: all). `polygon` is GeoJSON or None; without one the radius is a guess and no
    boundary.
    """
    kept = [column for column in PracticeSite.__table__.columns if column.name not in ("id", "practice_id", "name")]
    query = (
        select(
            PracticeSite.id.label("site_id"),
            PracticeSite.practice_id.label("practice"),
            PracticeSite.name.label("site"),
            *kept,
            Outline.geometry.label("polygon"),
        )
        .join(Practice, Practice.id == PracticeSite.practice_id)
        .outerjoin(Outline, Outline.digest == PracticeSite.outline_digest)
        .where(PracticeSite.until.is_(None))
        .order_by(PracticeSite.practice_id, PracticeSite.id)
    )
    query = query if ids is None else query.where(PracticeSite.practice_id.in_(ids))
    found = table(source, query if retired else query.where(Practice.retired.is_(False)))
    return found.assign(has_polygon=found["outline_digest"].notna())


def practice_revisions(source: Source, ids: Collection[str] | None = None) -> pd.DataFrame:
    """Every revision of some practices (None: all): practice, revision, who, at (UTC), why, retired, record."""
    columns = PracticeRevision.__table__.columns
    query = select(*columns).order_by(PracticeRevision.practice_id, PracticeRevision.revision)
    query = query if ids is None else query.where(PracticeRevision.practice_id.in_(ids))
    return table(source, query).rename(columns={"practice_id": "practice"})


def evidence(source: Source, *, all_revisions: bool = False, within: ResultFilter = EVERYTHING) -> pd.DataFrame:
    """Effects of practices at their sites from satellites, by practice, site, region and outcome.

    Parameters
    ----------
    source : Engine or Connection
        The database.
    all_revisions : bool
        Whether earlier results, past sites and retired practices are included; else the newest result in the latest
        assessment for the current sites.
    within : ResultFilter
        Regions and origin to read.

    Returns
    -------
    pandas.DataFrame
        `profile` is the method of the assessment, `method` that of the evidence; effect, low and high in `units`. A row
        with `demonstration` was computed on a circle around a point and is not evidence.
    """
    chosen = latest(all_revisions=all_revisions, within=within).order_by(None).subquery()
    left_out = ("id", "site_id", "assessment_id", "digest", "origin")
    own = [column for column in Evidence.__table__.columns if column.name not in left_out]
    identity = (Evidence.site_id, Evidence.assessment_id, Evidence.method, Evidence.outcome)
    newest = (
        select(*identity, func.max(Evidence.revision).label("revision")).group_by(*identity).subquery("newest_evidence")
    )
    query = (
        select(
            PracticeSite.practice_id.label("practice"),
            PracticeSite.name.label("site"),
            *(chosen.c[name] for name in ("region", "period", "origin", "run")),
            chosen.c.method.label("profile"),
            *own,
        )
        .join(PracticeSite, PracticeSite.id == Evidence.site_id)
        .join(Practice, Practice.id == PracticeSite.practice_id)
        .join(chosen, chosen.c.assessment_id == Evidence.assessment_id)
        .order_by(PracticeSite.practice_id, PracticeSite.name, chosen.c.region, chosen.c.period, chosen.c.origin)
        .order_by(chosen.c.method, Evidence.method, Evidence.outcome, Evidence.revision)
    )
    if not all_revisions:
        same = [newest.c[column.key] == column for column in (*identity, Evidence.revision)]
        query = query.join(newest, and_(*same)).where(PracticeSite.until.is_(None), Practice.retired.is_(False))
    return table(source, query)
