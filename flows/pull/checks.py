"""Checks before the first request: values that contradict each other, the data sets, or the files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from flows.errors import FlowError
from flows.pull.sensors import LEADING, sensor_dataset
from flows.pull.sources import choose_datasets, folder_of, is_address
from flows.request.assess import OVERVIEW_DEGREES, AssessRequest, Resolution
from flows.request.choices import own_legend, profiles_of
from flows.request.driver_table import read_driver_table
from flows.request.monitor import MonitorRequest
from flows.request.options import options_of
from flows.request.schema import LATEST
from flows.request.selection import select_regions
from flows.run.workers import connected
from indicators.sdg15.periods import FEWEST
from series import datasets as catalogue

if TYPE_CHECKING:
    from flows.request.habitat_file import Habitat
    from flows.request.recoding_file import RecodedArea
    from regions.model import Region
    from series.datasets import Dataset

#: Variables that monitoring uses.
WATCHED = ("productivity", "precipitation", "soil_moisture")
#: Last year of a record that is still growing.
OPEN = 9999
#: A cell size down to this share of the native one is accepted as rounded, such as 0.00208 for 1/480.
ROUNDED = 0.99
#: Largest cells that are read from scenes, degrees: those of VIIRS, which measures cells of that size by itself.
COARSEST_OF_SCENES = 1 / 240
#: Fewest years before the first watched month, to know what to expect.
FEWEST_HISTORY = 3


def check_assess(request: AssessRequest) -> list[Region]:
    """Check every argument of an assessment; its regions.

    Raises FlowError and the errors of `regions`, `series` and `indicators`, each with the reason and the fix.
    """
    profiles_of(request)
    own_legend(request)
    options = options_of(request)
    if request.drivers is not None:
        read_driver_table(request.drivers)
    datasets = choose_datasets(folder_of(request.source), request.datasets)
    datasets |= sensor_dataset(request.sensor)
    if isinstance(request.resolution, float):
        coarse_enough("--resolution", request.resolution, datasets["productivity"])
    fine_enough(request.resolution, datasets["productivity"])
    # other variables are read as far as they reach
    records = [each for each in recorded(request.source, datasets) if each.variable in LEADING]
    first, last = request.years
    known = last if last != LATEST else min((each.last_year for each in records), default=OPEN)
    if first <= known:  # else ask the source, which may have later years than the catalogue
        enough_years(first, known)
        within_records("--years", (first, known), [*records, *begun(request, datasets, known)])
    regions = select_regions(request)
    meets_recoding(request, options.areas, regions)
    meets_habitats(request, options.habitats, regions)
    if request.dask is not None:
        connected(request.dask, timeout=10).close()
    return regions


def check_monitor(request: MonitorRequest) -> list[Region]:
    """Check every argument of a monitoring run; its regions. Raises as `check_assess` does."""
    unused = [name for name in request.datasets if name not in WATCHED]
    if unused:
        raise FlowError(
            f"data set {unused[0]}={request.datasets[unused[0]]}: monitoring does not use {unused[0]}; it uses "
            f"{', '.join(WATCHED)}. Leave it out"
        )
    datasets = choose_datasets(folder_of(request.source), request.datasets)
    vegetation = datasets["productivity"]
    if vegetation.scenes:
        raise FlowError(
            f"data set productivity={vegetation.key}: it is made of single scenes, and monitoring reads composites; "
            f"leave it out, or choose {catalogue.DEFAULTS['productivity']}"
        )
    coarse_enough("--cell", request.cell, vegetation)
    for option, month in (("--start", request.start), ("--until", request.until)):
        if month is not None:
            watchable(option, month, vegetation.model_copy(update=record_of(request.source, vegetation)))
    return select_regions(request)


def recorded(source: str, datasets: Mapping[str, Dataset]) -> list[Dataset]:
    """The dated data sets of a source, with the years that are known without a request.

    Collections of Google, and of an engine that runs already, grow, so only their first year is known. A
    folder has the data sets that it describes.
    """
    dated = [each.model_copy(update=record_of(source, each)) for each in datasets.values() if each.cadence != "static"]
    own = source in ("simulated", "earthengine") or is_address(source)
    return [each for each in dated if own or each.key not in catalogue.DATASETS]


def begun(request: AssessRequest, datasets: Mapping[str, Dataset], last: int) -> list[Dataset]:
    """The data sets of other variables that the request chooses: their first year counts, not their last one."""
    chosen = [each for each in recorded(request.source, datasets) if each.variable in request.datasets]
    others = (each for each in chosen if each.variable not in LEADING)
    return [each.model_copy(update={"last_year": max(each.last_year, last)}) for each in others]


def record_of(source: str, dataset: Dataset) -> dict[str, int]:
    """The last year of a data set in a source, by the catalogue."""
    return {"last_year": OPEN if source == "earthengine" or is_address(source) else dataset.last_year}


def coarse_enough(option: str, degrees: float, dataset: Dataset) -> None:
    """Refuse cells that are finer than the data. Raises FlowError with the finest size."""
    if degrees < ROUNDED * dataset.resolution:
        raise FlowError(
            f"{option} {degrees:g}: cells of {degrees:g} degrees are finer than those of {dataset.key} "
            f"({dataset.resolution:.6f}); give {dataset.resolution:.6f} or more"
            f"{', or native' if option == '--resolution' else ''}"
        )


def fine_enough(resolution: Resolution, dataset: Dataset) -> None:
    """Refuse large cells for a data set of scenes, of which every view of every pixel is read. Raises FlowError."""
    cell = {"native": dataset.resolution, "overview": OVERVIEW_DEGREES}.get(str(resolution), resolution)
    assert isinstance(cell, float)
    if not dataset.scenes or cell <= COARSEST_OF_SCENES * (1 + 1e-9):
        return
    inside = dataset.pixels_across(cell) ** 2
    raise FlowError(
        f"--resolution {resolution}: {dataset.key} reads every view of every pixel, {inside:,.0f} pixels in a cell of "
        f"{cell:g} degrees; give native ({dataset.resolution:.6f}) or at most {COARSEST_OF_SCENES:.6f} for a small "
        f"area, and look at the cost with drylands plan. Larger cells are measured by --sensor modis and viirs"
    )


def enough_years(first: int, last: int) -> None:
    """Refuse fewer years than the methods need. Raises FlowError with years that can be used."""
    if last - first + 1 < FEWEST:
        raise FlowError(
            f"--years {first}-{last}: {max(last - first + 1, 0)} years are too few for a trend, at least {FEWEST} are "
            f"needed; begin in {last - FEWEST + 1} or earlier, or end in {first + FEWEST - 1} or later"
        )


def within_records(option: str, years: tuple[int, int], datasets: Iterable[Dataset]) -> None:
    """Refuse years that a data set does not have. Raises FlowError with the years that exist."""
    first, last = years
    lacking = [each for each in datasets if first < each.first_year or last > each.last_year]
    if not lacking:
        return
    low, high = max(first, *(each.first_year for each in lacking)), min(last, *(each.last_year for each in lacking))
    use = f"use {low}-{high}" if low <= high else "choose other years"
    worst = lacking[0]
    ends = "now" if worst.last_year == OPEN else worst.last_year
    usual = catalogue.DEFAULTS.get(worst.variable, worst.key)
    raise FlowError(
        f"{option} {first}-{'latest' if last == OPEN else last}: {worst.variable.replace('_', ' ')} ({worst.key}, "
        f"{worst.asset}) covers {worst.first_year} to {ends}; {use}, or another data set with "
        f"--dataset {worst.variable}=KEY{f' (usual: {usual})' if usual != worst.key else ''}"
    )


def watchable(option: str, month: date, dataset: Dataset) -> None:
    """Refuse a month without images, or with too little history before its year. Raises FlowError."""
    earliest = dataset.first_year + FEWEST_HISTORY
    if earliest <= month.year <= dataset.last_year:
        return
    ends = "now" if dataset.last_year == OPEN else str(dataset.last_year)
    raise FlowError(
        f"{option} {month:%Y-%m}: {dataset.key} covers {dataset.first_year} to {ends}, and at least {FEWEST_HISTORY} "
        f"years before the start are needed as history; give a month from {earliest} to {ends}"
    )


def meets_habitats(request: AssessRequest, habitats: Sequence[Habitat], regions: Sequence[Region]) -> None:
    """Refuse ranges none of which reaches a region. Raises FlowError."""
    if habitats and not any(each.geometry.intersects(region.geometry) for each in habitats for region in regions):
        names = ", ".join(each.species for each in habitats[:5])
        raise FlowError(
            f"habitats {request.habitats}: none of the ranges ({names}) reaches a region that is assessed; check their "
            f"coordinates (longitude first), or leave --habitats out"
        )


def meets_recoding(request: AssessRequest, areas: Sequence[RecodedArea], regions: Sequence[Region]) -> None:
    """Refuse a recoding none of whose areas lies in a region. Raises FlowError."""
    if areas and not any(area.geometry.intersects(region.geometry) for area in areas for region in regions):
        names = ", ".join(area.correction.name for area in areas[:5])
        raise FlowError(
            f"recoding {request.recode}: none of its areas ({names}) lies in a region that is assessed; check their "
            f"coordinates (longitude first), or leave --recode out"
        )
