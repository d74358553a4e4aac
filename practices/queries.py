"""Reading what is published; only whole runs are ever there to be read."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import Engine, func, select

from practices.models import Area, Assessment, BreakPoint, Run


def runs(engine: Engine) -> pd.DataFrame:
    """All runs, oldest first."""
    with engine.connect() as connection:
        return pd.read_sql(select(Run).order_by(Run.finished), connection)


def areas(engine: Engine, *, all_revisions: bool = False) -> pd.DataFrame:
    """Area of every class: region, period, method, origin, revision, indicator, class_name, areas, share.

    The latest revision of each region, period, method and origin unless all are asked for.
    """
    latest = func.max(Assessment.revision).over(
        partition_by=(Assessment.region_id, Assessment.period, Assessment.method, Assessment.origin)
    )
    query = select(
        Assessment.region_id, Assessment.period, Assessment.method, Assessment.origin, Assessment.revision,
        latest.label("latest"), Area.indicator, Area.class_name, Area.area_km2, Area.valid_km2, Area.total_km2,
        Area.share,
    ).join(Area)  # fmt: skip
    with engine.connect() as connection:
        table = pd.read_sql(query, connection)
    kept = table if all_revisions else table[table["revision"] == table["latest"]]
    return kept.drop(columns="latest").reset_index(drop=True)


def breaks(engine: Engine) -> pd.DataFrame:
    """All break points: run_digest, region_id, variable, year, low, high, magnitude."""
    with engine.connect() as connection:
        return pd.read_sql(select(BreakPoint), connection)
