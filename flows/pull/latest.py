"""Which year is `latest`? The last one that the source has completely, determined once at the start of a run."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from flows.errors import MissingProductivity, UnsettledYears
from flows.pull.region import no_productivity
from flows.pull.sources import OpenSource
from flows.pull.variables import read_at
from flows.request.assess import AssessRequest
from flows.request.schema import LATEST
from series.errors import OutsideDataset, RequestFailed, Unavailable
from series.sequences import last_complete_year

if TYPE_CHECKING:
    from series.datasets import Dataset


_log = logging.getLogger("drylands")


@dataclass(frozen=True)
class Settled:
    """A request whose years are numbers, the source with its current last years, and a note on how they were found.

    `note` is empty if the request names its last year.
    """

    request: AssessRequest
    source: OpenSource
    note: str = ""


def settled(request: AssessRequest, source: OpenSource) -> Settled:
    """Determine the last year of `request`, and the last years of the data sets of `source`.

    `latest` becomes the last calendar year that every dated data set of the source covers completely; data sets that
    the source lacks do not count. Google's collections may have later years than the catalogue, so they are asked;
    elsewhere a data set ends with the year in the catalogue, or earlier if its images do. A collection that refuses
    the request does not count, except that of productivity.
    Raises UnsettledYears if that year is before the first one, MissingProductivity if there is no productivity, and the
    errors of `series`.
    """
    source = read_at(request, source)
    if request.years[1] != LATEST:
        return Settled(request, reaching(source, request.span[1]))
    dated = {name: each for name, each in source.datasets.items() if each.cadence != "static"}
    ends = ends_of(dated, source)
    if "productivity" not in ends:
        wanted = source.datasets["productivity"]
        raise MissingProductivity(f"years {request.years[0]}-{LATEST}: {no_productivity(wanted, source)}")
    last = min(ends.values())
    cause = why(ends, dated, last)
    if last < request.years[0]:
        raise UnsettledYears(
            f"years {request.years[0]}-{LATEST}: the latest is {last} ({cause}); begin with {last} or earlier"
        )
    numbered = AssessRequest.model_validate({**dict(request), "years": (request.years[0], last)})
    return Settled(numbered, reaching(source, last), f"latest is {last}: {cause}")


def ends_of(dated: Mapping[str, Dataset], source: OpenSource) -> dict[str, int]:
    """The last complete year of each data set that the source serves.

    A data set whose collection refuses the request has none, unless it is productivity; the log says so.
    """
    found = {}
    for name, each in dated.items():
        if not source.has(each.asset):
            continue
        try:
            found[name] = last_year(each, source)
        except Unavailable:
            raise
        except (RequestFailed, OutsideDataset) as error:
            if name == "productivity":
                raise
            _log.warning("%s (%s) is not asked for its last year: %s", name.replace("_", " "), each.asset, error)
    return found


def why(ends: Mapping[str, int], dated: Mapping[str, Dataset], last: int) -> str:
    """Which data sets end with the last year, and when the others end."""
    holding = [name for name, year in ends.items() if year == last]
    if len(holding) == len(ends):
        return f"every data set is complete to {last}"
    named = ", ".join(f"{name.replace('_', ' ')} ({dated[name].asset})" for name in holding)
    return f"{named} complete to {last}, the others to {min(year for year in ends.values() if year > last)} or later"


def reaching(source: OpenSource, last: int) -> OpenSource:
    """The source with the last years of its collections, for data sets whose catalogue entry ends before `last`."""
    if source.origin != "earth-engine":
        return source
    shorter = {
        name: each for name, each in source.datasets.items() if each.cadence != "static" and each.last_year < last
    }
    longer = {
        name: shorter[name].model_copy(update={"last_year": max(shorter[name].last_year, year)})
        for name, year in ends_of(shorter, source).items()
    }
    return replace(source, datasets={**source.datasets, **longer}) if longer else source


def last_year(dataset: Dataset, source: OpenSource) -> int:
    """The last complete year of a data set in this source."""
    there = last_complete_year(dataset)
    return there if source.origin == "earth-engine" else min(there, dataset.last_year)
