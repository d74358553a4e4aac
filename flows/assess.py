"""The Prefect flow `assess`: regions × years → published assessments.

Each region is pulled, computed and published on its own, so that one that fails never sinks the others. Every
step leaves its product on disk under a name that is the digest of what it follows from: a run that was killed
continues where it stopped, and a run that is repeated does nothing. Retries live in the request layer only.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE

from flows.pull.checks import check_assess, enough_years
from flows.pull.delivered import buckets_of
from flows.pull.latest import settled
from flows.pull.neighbours import Neighbours, grouped, in_turns
from flows.pull.own_drivers import unused_rows
from flows.pull.plan import refuse_above
from flows.pull.region import pull_region
from flows.pull.sources import Landscape, OpenSource, opened
from flows.region.files.publish import publish_profiles
from flows.region.processes import Compute, computing
from flows.region.record import joined_record
from flows.region.result import RegionResult
from flows.region.results import compute_profiles
from flows.report import Outcome, markdown_report, summary_rows
from flows.request.assess import AssessRequest
from flows.run.failures import outcomes
from flows.run.final_state import cancelled_when_stopped, final_state
from flows.run.log import forward_to_prefect
from flows.run.progress import PUBLISHED, note, region_run
from flows.run.task_threads import threads
from regions.model import Region

forward_to_prefect()


@task(task_run_name="assess {region.id}", cache_policy=NO_CACHE, persist_result=False)
def assess_region(
    region: Region, request: AssessRequest, source: OpenSource, compute: Compute = compute_profiles
) -> tuple[RegionResult, ...]:
    """Pull, compute and publish one region by every requested profile."""
    with region_run(region.id, PUBLISHED), source.until_quota():
        pulled = joined_record(pull_region(region, request, source), request)
        results = compute(region, pulled, request, source.origin)
        publish_profiles(region, results, pulled, request)
    return results


@flow(
    name="assess",
    flow_run_name="assess {request.label}",
    task_runner=threads(2),
    persist_result=False,
)
def assess(request: AssessRequest) -> Any:
    """Assess the regions of `request` and publish what was found; write a report and a table as artifacts.

    Returns the Outcome. Raises RegionsFailed, which holds it, where regions failed (see `flows.run.final_state`).
    """
    with cancelled_when_stopped():
        return assessed(request)


def assessed(request: AssessRequest) -> Any:
    """What the flow `assess` returns."""
    regions = check_assess(request)
    if request.max_eecu is not None:
        refuse_above(request, regions, request.max_eecu)
    with (
        opened(
            request.source,
            request.project,
            request.datasets,
            request.service_account,
            regions=len(regions),
            buckets=buckets_of(request),
            landscape=Landscape(request.world, request.seed),
        ) as found,
        computing(request, len(regions)) as compute,
    ):
        years = settled(request, found)
        request, source = years.request, years.source
        enough_years(*request.span)
        if years.note:
            note(f"years: {years.note}")
        for line in (*years.stale, *unused_rows(request, regions)):
            note(line)
        groups = grouped(regions)
        source = replace(source, neighbours=Neighbours(groups))
        order = in_turns(groups, request.workers)
        started = {region.id: assess_region.submit(region, request, source, compute) for region in order}
        futures = {region.id: started[region.id] for region in regions}
        results, failures = outcomes(futures, tuple)
        requests = sum(r.kind == "pixels" for r in source.server.requests) if source.server else None
    done = Outcome(
        tuple(each for region in results.values() for each in region), failures, requests, years.note, years.stale
    )
    create_markdown_artifact(key="assess-report", markdown=markdown_report(request, done))
    create_table_artifact(key="assess-summary", table=summary_rows(done))
    return final_state(done, len(done.regions), failures)
