"""Which year is `latest`? The last one that the leading data sets have completely, determined at the start of a run."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from flows.errors import MissingProductivity, UnsettledYears
from flows.pull.ages import DatasetAge, asked_age, stale_lines
from flows.pull.region import no_productivity
from flows.pull.sensors import LEADING, continuation, sensed
from flows.pull.sources import OpenSource
from flows.pull.variables import read_at
from flows.request.assess import AssessRequest
from flows.request.schema import LATEST
from series.errors import OutsideDataset, RequestFailed, Unavailable

if TYPE_CHECKING:
    from series.datasets import Dataset


_log = logging.getLogger("drylands")

CONTINUED = "productivity, continued"
#: A folder of files is never late: its data sets are compared with a day before all of them.
NO_DAY = date.min


@dataclass(frozen=True)
class Settled:
    """A request whose years are numbers, the source with its current last years, and a note on how they were found.

    `note` is empty if the request names its last year. `stale` has a line for each data set that is late or has ended.
    """

    request: AssessRequest
    source: OpenSource
    note: str = ""
    stale: tuple[str, ...] = ()


def settled(request: AssessRequest, source: OpenSource) -> Settled:
    """Determine the last year of `request`, the last years of the data sets of `source`, and what continues vegetation.

    `latest` becomes the last calendar year that vegetation and rain cover completely; rain that has ended, and data
    sets that the source lacks, do not count. Collections of Google, and of a landscape with a clock, may have later
    years than the catalogue, so they are asked; elsewhere a data set ends with the year in the catalogue, or earlier
    if its images do. A collection that refuses the request does not count, except that of productivity.
    Raises UnsettledYears if that year is before the first one, MissingProductivity if there is no productivity, and the
    errors of `series`.
    """
    source = read_at(request, sensed(request, source))
    last = request.years[1]
    dated = {name: each for name, each in source.datasets.items() if each.cadence != "static"}
    if last != LATEST:
        # what the catalogue knows to reach far enough is not asked
        asked = {name: each for name, each in dated.items() if source.grows and each.last_year < last}
        source = with_ages(source, ages_of(asked, source))
        source = continued(request, source)
        return Settled(request, source, stale=tuple(stale_lines(source.ages)))
    source = with_ages(source, ages_of(dated, source))
    if "productivity" not in source.ages:
        wanted = source.datasets["productivity"]
        raise MissingProductivity(f"years {request.years[0]}-{LATEST}: {no_productivity(wanted, source)}")
    source = continued(request, source)
    ends = ends_of(source)
    year = min(ends[name] for name in LEADING if name in ends)
    cause = why(ends, source, year)
    if year < request.years[0]:
        raise UnsettledYears(
            f"years {request.years[0]}-{LATEST}: the latest is {year} ({cause}); begin with {year} or earlier"
        )
    numbered = AssessRequest.model_validate({**dict(request), "years": (request.years[0], year)})
    return Settled(numbered, source, f"latest is {year}: {cause}", tuple(stale_lines(source.ages)))


def ages_of(dated: Mapping[str, Dataset], source: OpenSource) -> dict[str, DatasetAge]:
    """The age of each data set that the source serves.

    A data set whose collection refuses the request has none, unless it is productivity; the log says so.
    """
    found = {}
    for name, each in dated.items():
        if not source.has(each.asset):
            continue
        try:
            found[name] = asked_age(each, source.today or NO_DAY)
        except Unavailable:
            raise
        except (RequestFailed, OutsideDataset) as error:
            if name == "productivity":
                raise
            _log.warning("%s (%s) is not asked for its last year: %s", name.replace("_", " "), each.asset, error)
    return found


def with_ages(source: OpenSource, ages: Mapping[str, DatasetAge]) -> OpenSource:
    """The source with the ages of data sets, and with the last years that follow from them."""
    if not ages:
        return source
    longer = {
        name: age.dataset.model_copy(update={"last_year": last_year(age, source)})
        for name, age in ages.items()
        if last_year(age, source) != age.dataset.last_year
    }
    datasets = {**source.datasets, **longer} if longer else source.datasets
    return replace(source, datasets=datasets, ages={**source.ages, **ages})


def last_year(age: DatasetAge, source: OpenSource) -> int:
    """The last complete year of a data set in this source; a folder has no more than its catalogue says."""
    return age.last_year if source.grows else min(age.last_year, age.dataset.last_year)


def continued(request: AssessRequest, source: OpenSource) -> OpenSource:
    """The source with the sensor that continues the record of productivity, if it needs one."""
    after = continuation(request, source, source.ages.get("productivity"))
    if after is None:
        return source
    age = asked_age(after, source.today or NO_DAY)
    lasting = after.model_copy(update={"last_year": last_year(age, source)})
    return replace(source, continued=lasting, ages={**source.ages, CONTINUED: age})


def ends_of(source: OpenSource) -> dict[str, int]:
    """The last complete year of each data set whose age is known: of vegetation, that of the sensor that lasts longest.

    Rain that has ended counts only where vegetation does not go on after it.
    """
    ends = {name: source.datasets[name].last_year for name in source.ages if name != CONTINUED}
    if source.continued is not None:
        ends["productivity"] = max(ends["productivity"], source.continued.last_year)
    rain = source.ages.get("precipitation")
    if rain is not None and rain.state == "ended" and ends["precipitation"] < ends["productivity"]:
        del ends["precipitation"]
    return ends


def why(ends: Mapping[str, int], source: OpenSource, last: int) -> str:
    """Which leading data sets end with the last year, and which others end before it."""
    if set(ends.values()) == {last}:
        return f"every data set is complete to {last}"
    said = f"{listed((name for name in LEADING if ends.get(name) == last), source)} complete to {last}"
    before = {year: [name for name, end in ends.items() if end == year] for year in sorted({*ends.values()})}
    return ", ".join([said, *(f"{listed(before[year], source)} to {year}" for year in before if year < last)])


def listed(names: Iterable[str], source: OpenSource) -> str:
    """Variables with their assets."""
    return ", ".join(f"{name.replace('_', ' ')} ({assets(name, source)})" for name in names)


def assets(name: str, source: OpenSource) -> str:
    """The assets of a variable: two where one sensor continues another."""
    own = source.datasets[name].asset
    return f"{own}, then {source.continued.asset}" if name == "productivity" and source.continued else own
