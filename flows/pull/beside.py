"""What is pulled beside the data sets of a result: the monthly rain of other products, and a long record of vegetation.

Only of Earth Engine and of the simulated landscape: what a folder has is the choice of its owner.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from flows.pull.ages import DatasetAge, asked_age
from flows.pull.left_out import note
from flows.pull.sources import OpenSource
from flows.pull.steps import Step, cube_step
from flows.pull.tables import monthly_step
from flows.pull.variables import annual_kinds, cube_of, why_lacking
from flows.request.assess import AssessRequest
from indicators.profiles import get
from series.datasets import LONG_RECORD, LONG_RECORD_YEARS, RAIN_PRODUCTS, rain_variable
from series.errors import OutsideDataset, RequestFailed, Unavailable

if TYPE_CHECKING:
    from regions.model import Region
    from series.cubes.delivery import Delivery
    from series.datasets import Dataset

#: How the keys of the steps and the names of what is left out begin.
RAIN = "rain of"
#: The key of the step of the long record, and its name.
LONG, LONG_NAME = ("long record",), "long record"
#: Years that vegetation and the long record must have in common, at least.
FEWEST_COMMON = 5
#: Years before the first one in which sums of rain may begin.
YEARS_BEFORE = 2


def other_rain(request: AssessRequest, available: Mapping[str, Dataset], source: OpenSource) -> tuple[Dataset, ...]:
    """The rain products of the catalogue other than that of the result, whether or not the source has them.

    None where no profile removes sums of rain, there is no rain at all, or the source is a folder.
    """
    chosen = available.get("precipitation")
    removes = any(get(name).trajectory.rain == "best-sum" for name in request.profiles)
    if chosen is None or not removes or source.origin == "offline-files":
        return ()
    return tuple(each for each in RAIN_PRODUCTS if each.key != chosen.key)


def note_lacking(
    region: Region,
    request: AssessRequest,
    available: Mapping[str, Dataset],
    source: OpenSource,
    left_out: MutableMapping[str, str],
) -> None:
    """Note the rain products, and the long record, that the source lacks or that do not reach the region."""
    for each in other_rain(request, available, source):
        reason = why_lacking(region, each, source)
        if reason:
            note(left_out, region.id, f"{RAIN} {each.key}", reason)
    if wants_long_record(available, source):
        reason = why_no_long_record(region, request, source)
        if reason:
            note(left_out, region.id, LONG_NAME, reason)


def rain_steps(
    region: Region, request: AssessRequest, available: Mapping[str, Dataset], store: Path, source: OpenSource
) -> list[Step]:
    """A step for the monthly rain of each other product that the source has for the region."""
    first, last = request.span
    steps = []
    for each in other_rain(request, available, source):
        years = range(max(first - YEARS_BEFORE, each.first_year), last_read(each, last, source) + 1)
        if why_lacking(region, each, source) or not len(years):
            continue
        named = each.model_copy(update={"variable": rain_variable(each.key)})
        step = monthly_step(region, named, years, store, source)
        steps.append(replace(step, key=(RAIN, each.key), name=f"{RAIN} {each.key}"))
    return steps


def wants_long_record(available: Mapping[str, Dataset], source: OpenSource) -> bool:
    """Whether the long record measures the same as the vegetation of the result, and begins before it."""
    kept = available["productivity"]
    same = kept.quantity == LONG_RECORD.quantity and kept.cadence != "yearly"
    return same and kept.first_year > LONG_RECORD.first_year + FEWEST_COMMON and source.origin != "offline-files"


def why_no_long_record(region: Region, request: AssessRequest, source: OpenSource) -> str:
    """Why the long record is not pulled for a region; empty if it is."""
    first, last = request.span
    common = min(LONG_RECORD_YEARS[1], last) - first + 1
    if common < FEWEST_COMMON:
        return (
            f"the years {first} to {last} have {max(common, 0)} in common with {LONG_RECORD.key}, whose AVHRR ends "
            f"with {LONG_RECORD_YEARS[1]}, and the join needs {FEWEST_COMMON}"
        )
    return why_lacking(region, LONG_RECORD, source)


def long_record_steps(
    region: Region,
    request: AssessRequest,
    available: Mapping[str, Dataset],
    store: Path,
    source: OpenSource,
    delivery: Delivery,
) -> list[Step]:
    """The step for the long record on its own cells, by the kind of annual value of the first profile."""
    if not wants_long_record(available, source) or why_no_long_record(region, request, source):
        return []
    years = LONG_RECORD_YEARS[0], min(LONG_RECORD_YEARS[1], request.span[1])
    kind, cell = annual_kinds(request)[0], LONG_RECORD.resolution
    wanted = partial(cube_of, region, request, LONG_RECORD, store, source, cell=cell, method=kind, years=years)
    return [cube_step(LONG, wanted, LONG_NAME, delivery)]


def last_read(dataset: Dataset, last: int, source: OpenSource) -> int:
    """The last year that is read of a data set: the last one that it has completely, at most `last`.

    Collections that grow are asked, where the run is connected; a plan asks nothing, and assumes that they reach.
    """
    if dataset.last_year >= last or (source.grows and source.today is None):
        return last
    if source.today is None:
        return dataset.last_year
    age = source.memory.once(("age beside", dataset.key), partial(_age, dataset, source))
    return dataset.last_year if age is None else min(age.last_year, last)


def _age(dataset: Dataset, source: OpenSource) -> DatasetAge | None:
    """The age of a data set; None where the source does not say."""
    assert source.today is not None
    try:
        return asked_age(dataset, source.today)
    except Unavailable:
        raise
    except (RequestFailed, OutsideDataset):
        return None
