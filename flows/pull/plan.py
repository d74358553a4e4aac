"""What an assessment will request of its source, by region and variable: computed before the first request."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pandas as pd

from flows.errors import FlowError
from flows.pull.ages import end_by_catalogue
from flows.pull.checks import OPEN
from flows.pull.neighbours import Neighbours, grouped
from flows.pull.region import steps_of
from flows.pull.sensors import continuation, sensed
from flows.pull.sources import Landscape, OpenSource, choose_datasets, folder_of, identity, local, offline_engine
from flows.pull.steps import Step
from flows.pull.variables import read_at
from flows.request.assess import AssessRequest
from flows.request.schema import LATEST
from series.cost import Cost
from series.datasets import DATASETS
from series.service.earth_engine import connect

if TYPE_CHECKING:
    from regions.model import Region

COLUMNS = [
    "region", "variable", "via", "requests", "exports", "megabytes", "million_pixels", "million_pixels_exported",
    "minutes", "eecu_hours",
]  # fmt: skip


def unconnected(request: AssessRequest) -> OpenSource:
    """The source of a request as its catalogue describes it: nothing is asked of it."""
    origin, fingerprint = identity(request.source, Landscape(request.world, request.seed))
    source = OpenSource(origin, choose_datasets(folder_of(request.source), request.datasets), None, fingerprint)
    source = sensed(request, source)
    # what may continue vegetation, too: nothing is asked
    replace(source, continued=DATASETS.get(source.datasets["productivity"].successor)).assume_served()
    return expected(request, source)


def expected(request: AssessRequest, source: OpenSource) -> OpenSource:
    """The source with the last years that its data sets are expected to have, and what then continues vegetation.

    A data set of Google's whose end the catalogue knows has the years up to it, any other one all years.
    """
    if source.origin != "earth-engine":
        return source
    ends = {name: end_by_catalogue(each) or OPEN for name, each in source.datasets.items() if each.cadence != "static"}
    longer = {name: source.datasets[name].model_copy(update={"last_year": end}) for name, end in ends.items()}
    source = replace(source, datasets={**source.datasets, **longer})
    after = continuation(request, source, None)
    return source if after is None else replace(source, continued=after.model_copy(update={"last_year": OPEN}))


def assumed(request: AssessRequest) -> AssessRequest:
    """The request with a number for its last year: `latest` is assumed to be the last calendar year."""
    first, last = request.years
    if last != LATEST:
        return request
    return AssessRequest.model_validate({**dict(request), "years": (first, datetime.now(UTC).year - 1)})


def planned(request: AssessRequest, regions: Sequence[Region]) -> tuple[pd.DataFrame, Cost]:
    """What is still to be pulled for some regions, and the sum.

    Returns
    -------
    pd.DataFrame
        A row for each region and variable: via (requests or export, empty where nothing is left to pull), requests,
        exports, megabytes, million_pixels (stored pixels that the source reads) and those of exports, minutes (alone,
        many requests at the same time, without exports), eecu_hours. A request that several regions share counts for
        the first of them.
    Cost
        The sum over all regions. Its minutes are those of all requests together.
    """
    # the client writes expressions only when it is connected: to the engine on this machine, which is not asked either
    with offline_engine(None) as server:
        connect(local(server.url))
        return _planned(assumed(request), regions)


def _planned(request: AssessRequest, regions: Sequence[Region]) -> tuple[pd.DataFrame, Cost]:
    source = replace(unconnected(request), neighbours=Neighbours(grouped(regions)))
    counted: set[Hashable] = set()
    rows, total = [], Cost()
    for region in regions:
        at = read_at(request, source)
        steps = steps_of(region, request, dict(at.datasets), request.data / "cubes" / region.id, at)
        for step in steps:
            cost = Cost()
            for key, each in step.costs():
                if key not in counted:
                    counted.add(key)
                    cost += each
            total += cost
            rows.append([region.id, " ".join(step.key), *_cells(step, cost)])
    return pd.DataFrame(rows, columns=COLUMNS), total


def _cells(step: Step, cost: Cost) -> list[str | float]:
    return [
        step.way() if cost != Cost() else "", cost.requests, cost.exports, cost.bytes / 1e6, cost.pixels / 1e6,
        cost.exported / 1e6, cost.minutes, cost.eecu_hours,
    ]  # fmt: skip


def refuse_above(request: AssessRequest, regions: Sequence[Region], most: float) -> None:
    """Raises FlowError if a run is expected to cost more than `most` EECU-hours; nothing is requested before."""
    _, total = planned(request, regions)
    if total.eecu_hours > most:
        raise FlowError(
            f"this run is expected to cost {total.eecu_hours:.2f} EECU-hours, more than --max-eecu {most:g}; nothing "
            f"was requested. Raise --max-eecu, choose fewer regions or a coarser --resolution, or see what costs how "
            f"much with drylands plan"
        )
