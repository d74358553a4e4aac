"""Pull the data of one region: one cube for each variable, on its own grid."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.errors import MissingProductivity
from flows.pull.areas.steps import AREA, area_steps, note_areas
from flows.pull.beside import LONG, RAIN, long_record_steps, note_lacking, rain_steps
from flows.pull.delivered import delivery_of
from flows.pull.driver_cubes import CELLS, driver_steps
from flows.pull.left_out import note
from flows.pull.own_drivers import own_drivers
from flows.pull.own_files import require_extent
from flows.pull.pulled import Pulled
from flows.pull.reference import note_reference, reference_areas, reference_steps
from flows.pull.sources import OpenSource
from flows.pull.steps import Step, cube_step, made
from flows.pull.tables import joined, monthly_steps, note_pressures, pressure_steps, pressures_read
from flows.pull.variables import (
    annual_kinds,
    cell_size,
    cube_of,
    peak_kinds,
    read_at,
    shared_blocks,
    why_lacking,
    years_read,
)
from flows.request.assess import AssessRequest
from offline.sources.inspect import reaches
from regions.grid import geobox
from series.composites import in_time
from series.cubes.naming import Cube
from series.cubes.packing import MONTHS
from series.datasets import LONG_RECORD, RAIN_PRODUCTS, rain_variable
from series.sequences import require_scenes, times_of
from series.stack import Stack, Values

if TYPE_CHECKING:
    from regions.model import Region
    from series.datasets import Dataset

#: First year of the series for drought indices, to know what is normal.
USUAL_SINCE = 1981
#: Variables of which only the region's mean is pulled, no cube.
SERIES_ONLY = ("temperature", "wind")
#: Variables of which only the months since `USUAL_SINCE` are pulled.
MONTHS_ONLY = ("potential_evapotranspiration",)
#: Keys of the steps of those months.
RAIN_MONTHS, EVAPORATION_MONTHS = ("rain months",), ("evapotranspiration months",)


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
    available = lasting(region, request, source, available, left_out)
    if "productivity" not in available:
        wanted = source.datasets["productivity"]
        raise MissingProductivity(f"Region {region.id}: {no_productivity(wanted, source)}")
    note_lacking(region, request, available, source, left_out)
    require_views(region, request, available["productivity"])
    note_pressures(region, request, source, left_out)
    note_areas(region, request, source, left_out)
    note_reference(region, request, available, left_out)
    store = request.data / "cubes" / region.id
    found = made(region.id, steps_of(region, request, available, store, source), left_out)

    def of(kind: str) -> dict[str, Any]:
        return {key[1]: result for key, result in found.items() if key[0] == kind}

    annual = of("annual")
    return Pulled(
        {**of("cube"), "productivity": next(iter(annual.values()))},
        {variable: each for variable, each in available.items() if variable not in left_out and used(variable, found)},
        joined(store, "monthly", list(of("monthly").values())),
        annual,
        reference_areas(region, request, available, found),
        joined(store, "pressures", list(of("pressure").values())),
        found.get(RAIN_MONTHS),
        found.get(EVAPORATION_MONTHS),
        left_out,
        {} if source.landscape is None else source.landscape.tags,
        source.continued,
        of("converted"),
        joined(store, "rain-products", list(of(RAIN).values())),
        {
            **{rain_variable(each.key): each for each in RAIN_PRODUCTS if each.key in of(RAIN)},
            **({LONG_RECORD.variable: LONG_RECORD} if LONG in found else {}),
        },
        found.get(LONG),
        tuple(each.name for each in pressures_read(region, request, source) if each.name in of("pressure")),
        own_drivers(region, request, store),
        of(CELLS),
        of(AREA),
    )


def require_views(region: Region, request: AssessRequest, productivity: Dataset) -> None:
    """Refuse a region without scenes where vegetation is read from scenes. Raises OutsideDataset."""
    if productivity.scenes:
        require_scenes(productivity.near(region.geometry.bounds), *request.span, region=region.id)


def steps_of(
    region: Region, request: AssessRequest, available: dict[str, Dataset], store: Path, source: OpenSource
) -> list[Step]:
    """The cubes and tables of a region, as steps."""
    productivity, delivery = available["productivity"], delivery_of(request)

    def cube(key: tuple[str, str], dataset: Dataset, method: str | None = None, name: str = "") -> Step:
        cell = cell_size(request, productivity, dataset)
        years = years_read(request, source, dataset)
        wanted = partial(cube_of, region, request, dataset, store, source, cell=cell, method=method, years=years)
        return cube_step(key, wanted, name, delivery)

    kinds = (*annual_kinds(request), *peak_kinds(request, productivity))
    others = [variable for variable in available if variable not in (*SERIES_ONLY, *MONTHS_ONLY, "productivity")]
    first, last = request.span
    years = range(first, last + 1)
    # small requests first: while they are answered, more and more are allowed at the same time
    steps = [cube(("cube", variable), available[variable], name=variable) for variable in others]
    rain = available.get("precipitation")
    if rain is not None and rain.cadence == "monthly":
        months = partial(month_cube, region, last, store=store, source=source, cell=rain.resolution)
        steps.append(cube_step(RAIN_MONTHS, partial(months, rain), "monthly rain", delivery))
        demand = available.get("potential_evapotranspiration")
        if demand is not None and demand.cadence == "monthly":
            steps.append(cube_step(EVAPORATION_MONTHS, partial(months, demand), demand.variable, delivery))
    steps += monthly_steps(region, available, years, store, source)
    steps += pressure_steps(region, request, store, source)
    steps += driver_steps(region, request, productivity, store, source, delivery)
    steps += area_steps(region, request, store, source)
    steps += rain_steps(region, request, available, store, source)
    steps += long_record_steps(region, request, available, store, source, delivery)
    steps += [cube(("annual", kind), productivity, kind) for kind in kinds]
    if source.continued is not None:
        steps += [cube(("converted", kind), source.continued, kind) for kind in kinds]
    steps += reference_steps(region, request, available, source)
    return steps


def used(variable: str, found: Mapping[tuple[str, ...], Any]) -> bool:
    """Whether a result uses a variable: evapotranspiration only beside monthly rain."""
    return variable not in MONTHS_ONLY or EVAPORATION_MONTHS in found


def no_productivity(wanted: Dataset, source: OpenSource) -> str:
    """Why the source does not serve the productivity data set, and what to do."""
    absent = next(filter(None, map(source.absence, wanted.assets)), "")
    return (
        f"the productivity data set {wanted.key} cannot be read: {absent}. Add it to the source "
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


def lasting(
    region: Region, request: AssessRequest, source: OpenSource, served: dict[str, Dataset], left_out: dict[str, str]
) -> dict[str, Dataset]:
    """The data sets that reach the last year of the request; others end before it and are left out.

    Vegetation is required. Of land cover the last map stands for the years after it, which is noted.
    """
    first, last = request.span
    found = dict(served)
    for variable, dataset in served.items():
        if dataset.cadence == "static" or dataset.last_year >= last or variable == "productivity":
            continue
        age = source.ages.get(variable)
        reason = age.sentence if age else f"{dataset.asset} ends with {dataset.last_year}"
        if variable == "land_cover" and dataset.last_year > first:
            note(left_out, region.id, f"land_cover after {dataset.last_year}", reason)
        else:
            note(left_out, region.id, variable, f"{reason}. The record goes on to {last}")
            del found[variable]
    return found


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


def month_cube(region: Region, last: int, dataset: Dataset, *, store: Path, source: OpenSource, cell: float) -> Cube:
    """The cube of the months of a data set, from `USUAL_SINCE` to the year `last`; each year a part.

    Its cells have `cell` degrees, those of the rain, so that evapotranspiration can be taken from rain cell by cell.
    """
    years = range(max(USUAL_SINCE, dataset.first_year), last + 1)
    # variables of one asset have the same days: they are asked once
    days = partial(
        source.memory.once, ("days of months", dataset.asset, years), partial(days_of_months, dataset, years)
    )
    stack = source.memory.once(("months in time", dataset.key, years), partial(months_in_time, dataset, years, days))
    return Cube(
        stack,
        name=f"{dataset.variable}_months",
        geobox=geobox(region, cell),
        dataset=dataset,
        store=store,
        origin=source.origin,
        fingerprint=source.fingerprint,
        kind=MONTHS,
        outline=region.geometry,
        shared=shared_blocks(region, store),
    )


def days_of_months(dataset: Dataset, years: range) -> Values:
    """The days on which the images of a monthly data set begin, by year; one request."""
    known = times_of(dataset, date(years[0], 1, 1), date(years[-1] + 1, 1, 1))
    return tuple(tuple(day for day in known if day.year == year) for year in years)


def months_in_time(dataset: Dataset, years: range, days: Callable[[], Values]) -> Stack:
    """The images of a monthly data set, each year a part."""
    return in_time(dataset, [(date(year, 1, 1), date(year + 1, 1, 1)) for year in years], days)
