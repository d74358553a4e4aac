"""Publish the results of one region to the good-practice database, from the files that hold them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

import pandas as pd
from shapely.geometry import mapping

from flows.computing import RegionResult
from flows.pulling import Pulled
from flows.request import AssessRequest

if TYPE_CHECKING:
    from practices.records import Published
    from regions.model import Region


def publish_region(region: Region, result: RegionResult, pulled: Pulled, request: AssessRequest) -> Published:
    """Write one region's run to the database; a run that is there already changes nothing."""
    from practices.catalogue import seed
    from practices.database import open_database
    from practices.publish import publish
    from practices.records import AssessmentRecord, RegionRecord, RunRecord

    tables = {
        name: pd.read_csv(result.folder / f"{name}.csv") for name in ("areas", "transitions", "observations", "breaks")
    }
    observations = tables["observations"].assign(month=pd.to_datetime(tables["observations"]["month"]))
    record = RegionRecord(region.id, region.name, region.countries, region.kind, dict(mapping(region.geometry)))
    finished = datetime.fromtimestamp((result.folder / "summary.json").stat().st_mtime, UTC).replace(tzinfo=None)
    run = RunRecord(
        digest=result.digest,
        origin=result.origin,
        datasets={
            v: {"key": d.key, "asset": d.asset, "cube": pulled.cubes[v].name} for v, d in pulled.datasets.items()
        },
        package_version=version("drylands"),
        started=finished,
        finished=finished,
    )
    assessments = []
    for period, areas in tables["areas"].groupby("period", sort=False):
        changes = tables["transitions"][tables["transitions"]["period"] == period]
        whole = period == result.period
        assessments.append(
            AssessmentRecord(
                region=record,
                period=str(period),
                years=period_years(str(period), request),
                method=result.profile,
                areas=areas,
                transitions=changes[["from_class", "to_class", "area_km2"]],
                trend_percent_decade=result.trend_percent_decade if whole else None,
                trend_p=result.trend_p if whole else None,
            )
        )
    engine = open_database(request.database_url)
    try:
        seed(engine)
        return publish(engine, run, assessments, observations, tables["breaks"])
    finally:
        engine.dispose()


def period_years(name: str, request: AssessRequest) -> tuple[int, int]:
    """First and last year of a period by its name."""
    from indicators.periods import PRAIS

    named = {period.name: period.trajectory for period in PRAIS}
    span = re.fullmatch(r"(\d{4})-(\d{4})", name)
    return (int(span[1]), int(span[2])) if span else named.get(name, request.years)
