"""The tables of a region: monthly series, and pressures by year."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from flows.pull.left_out import note
from flows.pull.sources import OpenSource
from flows.pull.steps import Step, made
from series.composites import bands_read, in_time, months, pixels_inside
from series.cost import Cost, Costs, cells_read
from series.exclusive import exclusive
from series.pressures import PRESSURES, Pressure, yearly, years_a_request
from series.tables import FORMAT, YEARS_A_REQUEST, cell_for, monthly
from series.year_tables import missing_years, rows_of_years, whole_years

if TYPE_CHECKING:
    from flows.request.assess import AssessRequest
    from regions.model import Region
    from series.datasets import Dataset


@dataclass(frozen=True, eq=False)
class RegionTable:
    """Rows of a region, in the columns of `series.tables`, and what they follow from."""

    identity: tuple[str, ...]
    rows: pd.DataFrame


#: Variables with a monthly series of the region's mean.
MONTHLY = ("productivity", "precipitation", "soil_moisture", "temperature", "wind")


def monthly_steps(
    region: Region, available: dict[str, Dataset], years: Sequence[int], store: Path, source: OpenSource
) -> list[Step]:
    """A step for the monthly series of each variable that has one."""
    datasets = [available[v] for v in MONTHLY if v in available and available[v].cadence not in ("yearly", "static")]
    return [monthly_step(region, each, years, store, source) for each in datasets]


def monthly_step(
    region: Region, dataset: Dataset, years: Sequence[int], store: Path, source: OpenSource, until: str = ""
) -> Step:
    """The step for the monthly series of a data set; `until` is the end of an incomplete year."""
    dataset = source.product(dataset, cell_for(region.geometry, dataset.resolution))
    cell = cell_for(region.geometry, dataset.resolution)

    def text() -> str:
        # the expression of one year represents all
        return f"{cell} {months(dataset, years[:1], cell).serialize()}"

    def ask(wanted: tuple[int, ...]) -> pd.DataFrame:
        of_group = partial(monthly, dataset=dataset, years=wanted, cell=cell)
        return source.neighbours.table(region, ("monthly", dataset.key, cell, wanted, until), of_group)

    def home() -> Path:
        graph = source.memory.once(("months", dataset.key, cell), text)
        return store / f"{_name(f'monthly-{dataset.variable}', region, source, dataset.identity(), graph)}.json"

    def make(_progress: Any) -> RegionTable:
        wanted, path = whole_years(years, until), home()
        return RegionTable((path.stem, *wanted), rows_of_years(path, wanted, ask, YEARS_A_REQUEST))

    def costs() -> Costs:
        reads = pixels_a_year(dataset, cell, region)
        return _table_costs(home(), whole_years(years, until), YEARS_A_REQUEST, reads, source.neighbours.first(region))

    return Step(("monthly", dataset.variable), make, f"monthly series of {dataset.variable}", costs)


def pressures_due(region: Region, request: AssessRequest) -> list[Pressure]:
    """The pressures that a run reads if the source has them: those for which the region is large enough."""
    wanted = (each for each in PRESSURES if request.wind_erosion or not each.on_request)
    return [each for each in wanted if each.is_of(region.geometry)]


def years_of(request: AssessRequest) -> range:
    """The years of a run."""
    return range(request.span[0], request.span[1] + 1)


def pressures_read(region: Region, request: AssessRequest, source: OpenSource) -> list[Pressure]:
    """Those of them that the source has in some of the years."""
    known = (each for each in pressures_due(region, request) if each.within(years_of(request)))
    return [each for each in known if all(source.has(asset) for asset in each.assets)]


def note_pressures(region: Region, request: AssessRequest, source: OpenSource, left_out: dict[str, str]) -> None:
    """Note the pressures that Earth Engine or the landscape lacks, or that do not reach the years.

    A region that is smaller than what a value is of has nothing to miss.
    """
    for each in pressures_due(region, request) if source.origin != "offline-files" else ():
        reason = next((absent for asset in each.assets if (absent := source.absence(asset))), "")
        if not each.within(years_of(request)):
            reason = f"{each.asset} covers {each.period}"
        if reason:
            note(left_out, region.id, f"pressure {each.name}", reason)


def pressure_steps(region: Region, request: AssessRequest, store: Path, source: OpenSource) -> list[Step]:
    """A step for each pressure on the region that the source has."""
    read, years = pressures_read(region, request, source), years_of(request)
    return [_pressure_step(region, each, years, store, source) for each in read]


def _pressure_step(region: Region, pressure: Pressure, years: Sequence[int], store: Path, source: OpenSource) -> Step:
    cell = pressure.cell_of(region.geometry)
    known = whole_years(pressure.within(years))

    def text() -> str:
        # the expression of one year represents all
        return str(pressure.image(pressure.first_year, cell).serialize())

    def ask(wanted: tuple[int, ...]) -> pd.DataFrame:
        of_group = partial(yearly, pressure, years=wanted, cell=cell)
        return source.neighbours.table(region, (pressure.name, cell, wanted), of_group)

    def home() -> Path:
        graph = source.memory.once(("pressure", pressure.name, cell), text)
        identity = (pressure.measures, pressure.unit, cell)
        return store / f"{_name(f'pressure-{pressure.name}', region, source, identity, graph)}.json"

    def make(_progress: Any) -> RegionTable:
        path = home()
        # a year that is not published yet has no rows, and is asked for again by the next run
        rows = rows_of_years(path, known, ask, at_once, keep_empty=False)
        return RegionTable((path.stem, *(str(year) for year in sorted(set(rows["month"].str[:4])))), rows)

    def costs() -> Costs:
        reads = pressure.layers * cells_read(region.geometry, cell)
        return _table_costs(home(), known, at_once, reads, source.neighbours.first(region))

    at_once = years_a_request(pressure, source.neighbours.area(region), cell)
    return Step(("pressure", pressure.name), make, f"pressure {pressure.name}", costs)


def monthly_series(
    region: Region,
    datasets: list[Dataset],
    years: Sequence[int],
    store: Path,
    source: OpenSource,
    *,
    until: str = "",
    left_out: dict[str, str],
) -> Path | None:
    """Monthly series of some data sets as a CSV file; `until` is the end of an incomplete year.

    A series that the source refuses is left out; None if all are.
    """
    steps = [monthly_step(region, each, years, store, source, until) for each in datasets]
    return joined(store, "monthly", list(made(region.id, steps, left_out).values()))


def pixels_a_year(dataset: Dataset, cell: float, region: Region) -> float:
    """Stored pixels that monthly means of a year read over a region at cells of a size."""
    images = in_time(dataset, [], tuple, cell).usual
    return images * bands_read(dataset) * pixels_inside(dataset, cell) * cells_read(region.geometry, cell)


def _table_costs(path: Path, years: Mapping[str, int], years_a_request: int, pixels_a_year: float, group: str) -> Costs:
    """The requests for the years that a table lacks: shared by a group of regions, while pixels count for each."""
    missing = missing_years(path, years)
    for first in range(0, len(missing), years_a_request):
        chunk = tuple(missing[first : first + years_a_request])
        yield (group, path.stem.rpartition("-")[0], chunk), Cost(requests=1)
        yield (path, chunk), Cost(pixels=pixels_a_year * len(chunk))


def joined(store: Path, kind: str, tables: list[RegionTable]) -> Path | None:
    """Tables one below the other, as a CSV file named by what they follow from; None without any.

    The file is complete when it has its name.
    """
    if not tables:
        return None
    path = store / f"{kind}-{_digest([each.identity for each in tables])}.csv"
    if not path.exists():
        # empty tables do not affect the types of columns
        rows = pd.concat([each.rows for each in tables if len(each.rows)] or [tables[0].rows])
        with exclusive(store, path.stem):
            unfinished = path.with_suffix(".part")
            rows.to_csv(unfinished, index=False)
            unfinished.replace(path)
    return path


def _name(kind: str, region: Region, source: OpenSource, *identity: Any) -> str:
    """The name of the rows of all years: kind, and digest of source, outline, data set and expression."""
    return f"{kind}-{_digest((FORMAT, source.origin, source.fingerprint, region.geometry.wkt, *identity))}"


def _digest(identity: Any) -> str:
    return hashlib.sha256(repr(identity).encode()).hexdigest()[:12]
