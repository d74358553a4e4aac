"""Which year `latest` is, settled once at the start of a run: the last one of which the source has everything."""

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
    """A request whose years are numbers, the source as far as it reaches now, and a word on how they came about.

    `note` is empty where the request named its last year.
    """

    request: AssessRequest
    source: OpenSource
    note: str = ""


def settled(request: AssessRequest, source: OpenSource) -> Settled:
    """Settle the last year of `request`, and how far the data sets of `source` reach.

    `latest` becomes the last calendar year that every dated data set of the source covers whole; one that the source
    does not have is not waited for. In Google's collections years come after the catalogue was written, so there a
    collection is asked itself; elsewhere a data set ends where the catalogue says, or earlier if its images do.
    A collection that refuses to be asked takes no part, unless it is that of productivity.
    Raises UnsettledYears where that year lies before the first one, MissingProductivity where there is no
    productivity, and the errors of `series`.
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
    """The last whole year of each data set that the source serves.

    A data set beside productivity whose collection cannot be asked has none: the log says so, and the run goes on.
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
    """Which data sets end with the last year, and how far the others reach."""
    holding = [name for name, year in ends.items() if year == last]
    if len(holding) == len(ends):
        return f"every data set is complete to {last}"
    named = ", ".join(f"{name.replace('_', ' ')} ({dated[name].asset})" for name in holding)
    return f"{named} complete to {last}, the others to {min(year for year in ends.values() if year > last)} or later"


def reaching(source: OpenSource, last: int) -> OpenSource:
    """The source with its data sets reaching as far as their collections do, where the catalogue ends before `last`."""
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
    """The last year that a data set has whole in this source."""
    there = last_complete_year(dataset)
    return there if source.origin == "earth-engine" else min(there, dataset.last_year)
