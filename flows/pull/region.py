"""Pull the data of one region: one cube for each variable, on its own grid."""

from __future__ import annotations

from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.errors import MissingProductivity
from flows.pull.delivered import delivery_of
from flows.pull.left_out import note
from flows.pull.own_files import require_extent
from flows.pull.pulled import Pulled
from flows.pull.reference import reference_areas, reference_steps
from flows.pull.sources import OpenSource
from flows.pull.steps import Step, cube_step, made
from flows.pull.tables import joined, monthly_steps, pressure_steps
from flows.pull.variables import annual_kinds, cell_size, cube_of, peak_kinds, read_at, shared_blocks
from flows.request.assess import AssessRequest
from offline.sources.inspect import reaches
from regions.grid import geobox
from series.composites import in_time
from series.cubes.naming import Cube
from series.cubes.packing import MONTHS
from series.sequences import times_of
from series.stack import Stack, Values

if TYPE_CHECKING:
    from regions.model import Region
    from series.datasets import Dataset

#: First year of the series for drought indices, to know what is normal.
USUAL_SINCE = 1981
#: Variables of which only the region's mean is pulled, no cube.
SERIES_ONLY = ("temperature", "wind")
RAIN_MONTHS = ("rain months",)


def pull_region(region: Region, request: AssessRequest, source: OpenSource) -> Pulled:
    """Pull every variable that `source` has for `region`, all at the same time; stored data are not pulled again.

    Productivity is required. Any other variable that the source refuses is left out; the result names it and what is
    undetermined without it. Raises MissingProductivity if the source has no productivity data, and the errors of
    `series`.
    """
    source.look_up()
    source = read_at(request, source)
    left_out: dict[str, str] = {}
    available = reaching(region, source, available_of(region, source, left_out))
    if "productivity" not in available:
        wanted = source.datasets["productivity"]
        raise MissingProductivity(f"Region {region.id}: {no_productivity(wanted, source)}")
    store = request.data / "cubes" / region.id
    found = made(region.id, steps_of(region, request, available, store, source), left_out)

    def of(kind: str) -> dict[str, Any]:
        return {key[1]: result for key, result in found.items() if key[0] == kind}

    annual = of("annual")
    return Pulled(
        {**of("cube"), "productivity": next(iter(annual.values()))},
        {variable: dataset for variable, dataset in available.items() if variable not in left_out},
        joined(store, "monthly", list(of("monthly").values())),
        annual,
        reference_areas(region, request, available, found),
        joined(store, "pressures", list(of("pressure").values())),
        found.get(RAIN_MONTHS),
        left_out,
        {} if source.landscape is None else source.landscape.tags,
    )


def steps_of(
    region: Region, request: AssessRequest, available: dict[str, Dataset], store: Path, source: OpenSource
) -> list[Step]:
    """The cubes and tables of a region, as steps."""
    productivity, delivery = available["productivity"], delivery_of(request)

    def cube(key: tuple[str, str], dataset: Dataset, method: str | None = None, name: str = "") -> Step:
        cell = cell_size(request, productivity, dataset)
        wanted = partial(cube_of, region, request, dataset, store, source, cell=cell, method=method)
        return cube_step(key, wanted, name, delivery)

    kinds = (*annual_kinds(request), *peak_kinds(request, productivity))
    others = [variable for variable in available if variable not in (*SERIES_ONLY, "productivity")]
    first, last = request.span
    years = range(first, last + 1)
    # small requests first: while they are answered, more and more are allowed at the same time
    steps = [cube(("cube", variable), available[variable], name=variable) for variable in others]
    if "precipitation" in available and available["precipitation"].cadence == "monthly":
        rain = partial(rain_months, region, last, available["precipitation"], store, source)
        steps.append(cube_step(RAIN_MONTHS, rain, "monthly rain", delivery))
    steps += monthly_steps(region, available, years, store, source)
    steps += pressure_steps(region, years, store, source)
    steps += [cube(("annual", kind), productivity, kind) for kind in kinds]
    steps += reference_steps(region, request, available, source)
    return steps


def no_productivity(wanted: Dataset, source: OpenSource) -> str:
    """Why the source does not serve the productivity data set, and what to do."""
    return (
        f"the productivity data set {wanted.key} cannot be read: {source.absence(wanted.asset)}. Add it to the source "
        f"or ask for access to it, or name another with --dataset productivity=KEY"
    )


def available_of(region: Region, source: OpenSource, left_out: dict[str, str]) -> dict[str, Dataset]:
    """The data sets that the source serves for the region; those that Earth Engine and the landscape lack are noted.

    What a folder lacks is the choice of its owner and not noted.
    """
    lacking = {variable: why_lacking(region, dataset, source) for variable, dataset in source.datasets.items()}
    for variable, reason in lacking.items():
        if reason and variable != "productivity" and source.origin != "offline-files":
            note(left_out, region.id, variable, reason)
    return {variable: dataset for variable, dataset in source.datasets.items() if not lacking[variable]}


def why_lacking(region: Region, dataset: Dataset, source: OpenSource) -> str:
    """Why the source has no values of a data set for the region; empty where it has some."""
    (_, south, _, north), (lowest, highest) = region.geometry.bounds, dataset.latitudes
    outside = north <= lowest or south >= highest
    reach = f"{dataset.asset} covers latitudes {lowest:g} to {highest:g} only" if outside else ""
    return source.absence(dataset.asset) or reach


def reaching(region: Region, source: OpenSource, served: dict[str, Dataset]) -> dict[str, Dataset]:
    """The data sets that cover some of the region: all but own files of other places.

    Raises UnusableFiles if own productivity does not cover any of it.
    """
    files = source.files
    if files is None:
        return served
    if "productivity" in served:
        require_extent(files, served["productivity"], region)
    return {variable: each for variable, each in served.items() if reaches(files.get(each.asset), region.geometry)}


def rain_months(region: Region, last: int, dataset: Dataset, store: Path, source: OpenSource) -> Cube:
    """The cube of monthly rain at its own cells, from `USUAL_SINCE` to the year `last`; each year a part."""
    years = range(max(USUAL_SINCE, dataset.first_year), last + 1)
    stack = source.memory.once(("months in time", dataset.key, years), partial(months_in_time, dataset, years))
    return Cube(
        stack,
        name="precipitation_months",
        geobox=geobox(region, dataset.resolution),
        dataset=dataset,
        store=store,
        origin=source.origin,
        fingerprint=source.fingerprint,
        kind=MONTHS,
        outline=region.geometry,
        shared=shared_blocks(region, store),
    )


def months_in_time(dataset: Dataset, years: range) -> Stack:
    """The images of a monthly data set, each year a part; the days are asked of the source once."""

    @cache
    def days() -> Values:
        known = times_of(dataset, date(years[0], 1, 1), date(years[-1] + 1, 1, 1))
        return tuple(tuple(day for day in known if day.year == year) for year in years)

    return in_time(dataset, [(date(year, 1, 1), date(year + 1, 1, 1)) for year in years], days)
