"""Publish the results of one region to the good-practice database, from the files of the result."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import zarr
from shapely.geometry import mapping

from flows.pull.pulled import Pulled
from flows.pull.region import MONTHS_ONLY, SERIES_ONLY
from flows.region.break_words import BREAK_METHOD
from flows.region.drivers import WINTER
from flows.region.links.sources import area_sources
from flows.region.result import RegionResult
from flows.region.whole.own_series import described as described_own
from flows.region.whole.own_series import read_own
from flows.request.assess import AssessRequest
from flows.request.choices import periods_of
from flows.run.progress import report
from indicators.profiles import PROFILES
from practices.database.open import open_database
from practices.record.catalogue import seed
from practices.results.publish import publish
from practices.results.records import AssessmentRecord, RegionRecord, RunRecord
from series.pressures import PRESSURES

if TYPE_CHECKING:
    from practices.results.records import Published
    from regions.model import Region
    from series.datasets import Dataset


#: Further tables of a result, and the part of an assessment that each becomes.
FURTHER = {"statistics": "statistics", "recodes": "recodes", "prais": "report", "patches": "patches"}
#: Columns of the tables that not every method has.
COLUMNS = {
    "transitions": ["region", "period", "from_class", "to_class", "area_km2"],
    "observations": ["region", "variable", "month", "value", "units"],
    "breaks": ["region", "variable", "year", "low", "high", "magnitude"],
    **{name: ["period"] for name in FURTHER},
}


#: Columns of whole numbers that may have gaps.
WHOLE = {"patches": ("year", "low", "high")}


def publish_region(region: Region, result: RegionResult, pulled: Pulled, request: AssessRequest) -> Published:
    """Write one region's run to the database; a run that is already published changes nothing."""
    tables = {name: _table(result, name) for name in ("areas", "transitions", "observations", "breaks", *FURTHER)}
    observations = tables["observations"].assign(month=pd.to_datetime(tables["observations"]["month"]))
    outline = dict(mapping(region.geometry))
    record = RegionRecord(region.id, region.name, region.countries, region.kind, outline, region.roughness_km)
    after, own = pulled.continued, read_own(pulled.own_drivers)
    cubes = {v: cube_of(v, result, pulled) for v in pulled.datasets if v not in SERIES_ONLY}
    run = RunRecord(
        digest=result.digest,
        origin=result.origin,
        datasets={
            **{
                v: {
                    "key": d.key,
                    "asset": d.asset,
                    **({"cube": cubes[v].name} if v in cubes else {}),
                    **(of_vegetation(d, result) if v == "productivity" else {}),
                }
                for v, d in pulled.datasets.items()
            },
            **({"productivity, continued": {"key": after.key, "asset": after.asset}} if after else {}),
            **{name: {"key": each.key, "asset": each.asset} for name, each in pulled.beside.items()},
            **sources_of(pulled, {*observations["variable"]} - {*own["variable"]}),
            **area_sources(pulled.areas),
            **described_own(own, [pd.read_csv(path) for path in pulled.tables]),
            **{name: {"key": name, "asset": "", "left_out": reason} for name, reason in pulled.left_out.items()},
        },
        graph_digest=graph_digest(cubes.values()),
        package_version=result.package_version,
        source_digest=result.source_digest,
        started=result.started,
        finished=result.finished,
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
                **{part: of_period(tables[name], str(period), whole=whole) for name, part in FURTHER.items()},
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


#: What to know of the temperature of winters.
WINTER_NOTES = {
    "uncertainty": "a reanalysis: a degree or two in single winters where stations are few",
    "trap": "the mean of five months hides short cold spells, and valleys where herds winter are colder than the cells",
}


def sources_of(pulled: Pulled, variables: Collection[str]) -> dict[str, dict[str, str]]:
    """What is recorded of each published driver: asset, source, licence, period, uncertainty and trap."""
    warmth = pulled.datasets.get("temperature")
    winter = {}
    if warmth is not None and f"{WINTER}_annual" in variables:
        named = {"key": warmth.key, "asset": warmth.asset, "source": warmth.citation, "licence": warmth.licence}
        winter = {WINTER: {**named, "period": f"{warmth.first_year}–", **WINTER_NOTES}}
    return winter | {
        measure.name: {"key": each.name, "asset": ", ".join(each.assets), "period": each.period, **asdict(each.notes)}
        for each in PRESSURES
        if each.name in pulled.pressures_read
        for measure in each.measures
        if f"{measure.name}_annual" in variables
    }


def graph_digest(cubes: Iterable[Path]) -> str:
    """Digest of the Earth Engine expressions that cubes were pulled with; empty if no cube has one."""
    graphs = sorted(str(zarr.open_group(path, mode="r").attrs.get("graph", "")) for path in cubes)
    return hashlib.sha256("\n".join(graphs).encode()).hexdigest() if any(graphs) else ""


def of_vegetation(dataset: Dataset, result: RegionResult) -> dict[str, Any]:
    """What is recorded of productivity besides: what it measures, its breaks, and the sensors of a joined record."""
    sensors = {"sensors": result.sensors} if result.sensors else {}
    return {"quantity": dataset.quantity, "breaks": breaks_of(result), **sensors}


def breaks_of(result: RegionResult) -> dict[str, str]:
    """Which series was searched for breaks, by which method, and the note on the breaks."""
    return {"series": result.searched, "method": BREAK_METHOD, "note": result.breaks_are}


def of_period(table: pd.DataFrame, period: str, *, whole: bool) -> pd.DataFrame:
    """The rows of a period; those of single years (land cover, soil carbon) belong to the whole record."""
    if table.empty:
        return table
    periods = table["period"].astype(str)
    return table[(periods == period) | (periods.str.fullmatch(r"\d{4}") & whole)]


def publish_profiles(
    region: Region, results: Sequence[RegionResult], pulled: Pulled, request: AssessRequest
) -> list[Published]:
    """Write the runs of several profiles, each as a method of its own."""
    published = []
    for each in results:
        report(region.id, f"publishing {each.profile}")
        published.append(publish_region(region, each, pulled, request))
    return published


def cube_of(variable: str, result: RegionResult, pulled: Pulled) -> Path:
    """The cube that a variable of a result came from: productivity by the kind of annual value of its profile."""
    if variable in MONTHS_ONLY and pulled.evaporation_months is not None:
        return pulled.evaporation_months
    if variable == "productivity" and result.profile in PROFILES:
        return pulled.productivity[PROFILES[result.profile].annual]
    return pulled.cubes[variable]


def _table(result: RegionResult, name: str) -> pd.DataFrame:
    """One table of a result; without rows if its method has none."""
    path = result.folder / f"{name}.csv"
    if not path.exists():
        return pd.DataFrame(columns=COLUMNS[name])
    table = pd.read_csv(path)
    whole = [column for column in WHOLE.get(name, ()) if column in table]
    return table.astype(dict.fromkeys(whole, "Int64"))


def period_years(name: str, request: AssessRequest) -> tuple[int, int]:
    """First and last year of the trend of a period, by its name."""
    first, last = request.span
    named = {period.name: period.trajectory for period in periods_of(request, range(first, last + 1))}
    span = re.fullmatch(r"(\d{4})-(\d{4})", name)
    return (int(span[1]), int(span[2])) if span else named.get(name, request.span)
