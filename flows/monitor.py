"""The Prefect flow `monitor`: every month new images are pulled and tested; alarms are logged with their outcome."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE

from flows.pull.ages import DatasetAge, stale_lines
from flows.pull.checks import check_monitor
from flows.pull.left_out import left_out_lines
from flows.pull.neighbours import Neighbours, grouped
from flows.pull.sources import Landscape, OpenSource, opened
from flows.request.monitor import MonitorRequest
from flows.run.failures import outcomes
from flows.run.final_state import cancelled_when_stopped, final_state
from flows.run.log import forward_to_prefect
from flows.run.progress import WATCHED, region_run
from flows.run.task_threads import threads
from flows.watch.region import Watched, check_months, watch_region
from flows.watch.sensor import VEGETATION, living, silence
from practices.report.wording import SIMULATED
from regions.model import Region
from regions.naming import titled

forward_to_prefect()

SHOWN = (
    "date",
    "scope",
    "place",
    "area_km2",
    "magnitude",
    "strength",
    "rain_z",
    "soil_moisture_z",
    "context",
    "confidence",
    "fate",
)


@dataclass(frozen=True)
class MonitorOutcome:
    """What came of a run: regions watched, reasons of those that failed, pixel requests where the engine is ours.

    `ages`: how old what is watched is, and the sensor before it that has ended.
    """

    results: tuple[Watched, ...]
    failures: dict[str, str]
    pixel_requests: int | None
    ages: Mapping[str, DatasetAge] = field(default_factory=dict)


@task(task_run_name="monitor {region.id}", cache_policy=NO_CACHE, persist_result=False)
def monitor_region(region: Region, request: MonitorRequest, source: OpenSource) -> Watched:
    """Watch one region and log its alarms."""
    with region_run(region.id, WATCHED):
        return watch_region(region, request, source)


@flow(name="monitor", flow_run_name="monitor {request.label}", task_runner=threads(2), persist_result=False)
def monitor(request: MonitorRequest) -> Any:
    """Watch the regions of `request`; a report with a map, and a table, of the alarms are artifacts.

    Returns the MonitorOutcome. Raises RegionsFailed, which has it, if regions failed (see
    `flows.run.final_state`).
    """
    with cancelled_when_stopped():
        return monitored(request)


def monitored(request: MonitorRequest) -> Any:
    """What the flow `monitor` returns."""
    regions = check_monitor(request)
    with opened(
        request.source,
        request.project,
        request.datasets,
        request.service_account,
        regions=len(regions),
        landscape=Landscape(request.world, request.seed),
    ) as source:
        source = living(request, source)
        check_months(request, source)
        source = replace(source, neighbours=Neighbours(grouped(regions)))
        futures = {region.id: monitor_region.submit(region, request, source) for region in regions}
        results, failures = outcomes(futures, Watched)
        requests = sum(r.kind == "pixels" for r in source.server.requests) if source.server else None
    done = MonitorOutcome(tuple(results.values()), failures, requests, source.ages)
    create_markdown_artifact(key="monitor-report", markdown=markdown_report(done))
    create_table_artifact(key="monitor-alarms", table=alarm_rows(done))
    return final_state(done, len(done.results), failures)


def alarm_rows(outcome: MonitorOutcome) -> list[dict[str, str]]:
    """The alarms of all regions as rows of text."""
    return [
        {"region": watched.region, **{name: worded(alarm[name]) for name in SHOWN}}
        for watched in outcome.results
        for alarm in watched.alarms.to_dict("records")
    ]


def worded(value: object) -> str:
    """A value of an alarm for people."""
    if isinstance(value, float):
        return "" if value != value else f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"
    return str(value)[:10] if hasattr(value, "year") else str(value)


def markdown_report(outcome: MonitorOutcome) -> str:
    """The report of a run: for each region its alarms and their map, and the regions that failed."""
    lines = ["# Monitoring", ""]
    if any(watched.origin == "simulated" for watched in outcome.results):
        lines += [f"**{SIMULATED}.**", ""]
    for watched in outcome.results:
        lines += [f"## {titled(watched.region, watched.name)}, {watched.start} to before {watched.end}", ""]
        if watched.alarms.empty:
            lines += [watched.unseen or silence(outcome.ages.get(VEGETATION)), ""]
            continue
        lines += [f"| {' | '.join(SHOWN)} |", f"|{'---|' * len(SHOWN)}"]
        lines += [
            f"| {' | '.join(worded(alarm[name]) for name in SHOWN)} |" for alarm in watched.alarms.to_dict("records")
        ]
        picture = base64.b64encode((watched.folder / "map.png").read_bytes()).decode()
        lines += ["", f"![month of the first alarm](data:image/png;base64,{picture})", ""]
    lines += [f"**Data:** {line}" for line in stale_lines(outcome.ages)]
    lines += [f"**Left out:** {line}" for line in left_out_lines(outcome.results)]
    lines += [f"**{region} failed:** {reason}" for region, reason in outcome.failures.items()]
    return "\n".join(lines)
