"""Pull the data of one region: one cube for each variable, on its own grid."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from flows.errors import MissingProductivity
from flows.pull.left_out import note, optional
from flows.pull.own_files import require_extent
from flows.pull.pulled import Pulled
from flows.pull.reference import pull_reference
from flows.pull.sources import OpenSource
from flows.pull.variables import annual_kinds, cell_size, peak_kinds, pull_variable, read_at, shared_blocks
from flows.request.assess import AssessRequest
from flows.run.progress import report
from offline.sources.inspect import reaches
from regions.grid import geobox
from series.composites import months, sequence
from series.cubes.naming import cube_path
from series.cubes.pull import pull
from series.exclusive import exclusive
from series.pressures import PRESSURES, Pressure, yearly
from series.sequences import times_of
from series.tables import COARSEST_NEEDED, FORMAT, monthly

if TYPE_CHECKING:
    from regions.model import Region
    from series.datasets import Dataset

#: Variables with a monthly series of the region's mean.
MONTHLY = ("productivity", "precipitation", "soil_moisture", "temperature", "wind")
#: First year of the series for drought indices, to know what is normal.
USUAL_SINCE = 1981
#: Years of months in one request; more would make the list of names too long.
YEARS_A_CUBE = 10
#: Variables of which only the region's mean is pulled, no cube.
SERIES_ONLY = ("temperature", "wind")


def pull_region(region: Region, request: AssessRequest, source: OpenSource) -> Pulled:
    """Pull every variable that `source` has for `region`; stored data are not pulled again.

    Productivity is required. Any other variable that the source refuses is left out; the result names it and what is
    undetermined without it. Raises MissingProductivity if the source has no productivity data, and the errors of
    `series`.
    """
    source = read_at(request, source)
    left_out: dict[str, str] = {}
    available = reaching(region, source, available_of(region, source, left_out))
    if "productivity" not in available:
        wanted = source.datasets["productivity"]
        raise MissingProductivity(f"Region {region.id}: {no_productivity(wanted, source)}")
    store = request.data / "cubes" / region.id
    productivity = available["productivity"]

    def cube(dataset: Dataset, method: str | None = None) -> Path:
        cell = cell_size(request, productivity, dataset)
        return pull_variable(region, request, dataset, store, source, cell=cell, method=method)

    kinds = (*annual_kinds(request), *peak_kinds(request, productivity))
    annual = {kind: cube(productivity, kind) for kind in kinds}
    cubes: dict[str, Path] = {}
    for variable, dataset in available.items():
        if variable not in (*SERIES_ONLY, "productivity"):
            with optional(left_out, region.id, variable):
                cubes[variable] = cube(dataset)
    cubes["productivity"] = next(iter(annual.values()))
    available = {variable: dataset for variable, dataset in available.items() if variable not in left_out}
    reference = pull_reference(region, request, available, source, left_out)
    monthly = pull_monthly(region, request, available, store, source, left_out)
    pressures = pull_pressures(region, request, store, source, left_out)
    rain: tuple[Path, ...] = ()
    if "precipitation" in available:
        with optional(left_out, region.id, "monthly rain"):
            rain = pull_rain_months(region, request, available["precipitation"], store, source)
    return Pulled(cubes, available, monthly, annual, reference, pressures, rain, left_out)


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


def pull_monthly(
    region: Region,
    request: AssessRequest,
    available: dict[str, Dataset],
    store: Path,
    source: OpenSource,
    left_out: dict[str, str],
) -> Path | None:
    """The monthly series of the region as a CSV file, named by a digest like a cube; None without monthly data."""
    wanted = [available[v] for v in MONTHLY if v in available and available[v].cadence not in ("yearly", "static")]
    first, last = request.span
    return monthly_series(region, wanted, range(first, last + 1), store, source, left_out=left_out)


def monthly_series(
    region: Region,
    datasets: list[Dataset],
    years: range,
    store: Path,
    source: OpenSource,
    *,
    until: str = "",
    left_out: dict[str, str],
) -> Path | None:
    """Monthly series of some data sets as a CSV file; `until` names the state of an incomplete year.

    A series that the source refuses is left out; None if all are.
    """
    place = (source.origin, source.fingerprint, region.geometry.wkt, (years.start, years.stop - 1), until)

    def text(each: Dataset) -> str:
        # The expression of one year represents all: to serialise 24 years takes half a second.
        return str(months(each, years[:1], max(each.resolution, COARSEST_NEEDED)).serialize())

    def named(kind: str, included: list[Dataset]) -> Path:
        graphs = [source.memory.once(("months", each.key, years[0]), partial(text, each)) for each in included]
        return store / table_name(kind, [each.identity() for each in included], graphs, place)

    def made(dataset: Dataset) -> pd.DataFrame:
        report(region.id, f"series of {dataset.variable.replace('_', ' ')}")
        ask = partial(monthly, dataset=dataset, years=years)
        return source.neighbours.table(region, ("monthly", dataset.key, years, until), ask)

    products = [source.product(dataset, COARSEST_NEEDED) for dataset in datasets]
    parts: dict[Path, Dataset] = {}
    for each in products:
        with optional(left_out, region.id, f"monthly series of {each.variable}"):
            parts[stored(named(f"monthly-{each.variable}", [each]), partial(made, each))] = each
    if not parts:
        return None
    return stored(named("monthly", list(parts.values())), partial(joined, list(parts)))


def joined(parts: list[Path]) -> pd.DataFrame:
    """Stored tables one below the other; empty tables do not affect the types of columns."""
    tables = [pd.read_csv(path) for path in parts]
    return pd.concat([table for table in tables if len(table)] or tables[:1])


def table_name(kind: str, *identity: Any) -> str:
    """The file of a table, named by the digest of its inputs and the format of tables."""
    return f"{kind}-{hashlib.sha256(repr((FORMAT, *identity)).encode()).hexdigest()[:12]}.csv"


def stored(path: Path, make: Callable[[], pd.DataFrame]) -> Path:
    """A table as a CSV file; created if missing, by only one of several runs, and complete when it has its name."""
    if not path.exists():
        with exclusive(path.parent):
            if not path.exists():
                unfinished = path.with_suffix(".part")
                make().to_csv(unfinished, index=False)
                unfinished.replace(path)
    return path


def pull_pressures(
    region: Region, request: AssessRequest, store: Path, source: OpenSource, left_out: dict[str, str]
) -> Path | None:
    """The yearly pressures of people on the region as a CSV file; None if the source has none of their assets."""
    first, last = request.span
    place = (source.origin, source.fingerprint, region.geometry.wkt, request.span)

    def text(each: Pressure) -> str:
        return str(each.image(each.first_year).serialize())

    def named(kind: str, included: list[Pressure]) -> Path:
        graphs = [source.memory.once(("pressure", each.name), partial(text, each)) for each in included]
        return store / table_name(kind, included, graphs, place)

    def made(pressure: Pressure) -> pd.DataFrame:
        report(region.id, "pressures of people")
        years = range(first, last + 1)
        return source.neighbours.table(region, (pressure.name, years), partial(yearly, pressure, years=years))

    parts: dict[Path, Pressure] = {}
    for each in PRESSURES:
        if source.has(each.asset):
            with optional(left_out, region.id, f"pressure {each.name}"):
                parts[stored(named(f"pressure-{each.name}", [each]), partial(made, each))] = each
    if not parts:
        return None
    return stored(named("pressures", list(parts.values())), partial(joined, list(parts)))


def pull_rain_months(
    region: Region, request: AssessRequest, dataset: Dataset, store: Path, source: OpenSource
) -> tuple[Path, ...]:
    """Monthly rain at its own cells, a cube for each decade since `USUAL_SINCE`; none without a monthly data set."""
    if dataset.cadence != "monthly":
        return ()
    paths = []
    end = request.span[1] + 1
    for first in range(max(USUAL_SINCE, dataset.first_year), end, YEARS_A_CUBE):
        span = date(first, 1, 1), date(min(first + YEARS_A_CUBE, end), 1, 1)
        cube: dict[str, Any] = {
            "images": source.memory.once(("sequence", dataset.key, span), partial(sequence, dataset, *span)),
            "name": "precipitation_months",
            "geobox": geobox(region, dataset.resolution),
            "dataset": dataset,
            "store": store,
            "origin": source.origin,
            "fingerprint": source.fingerprint,
        }
        if not cube_path(**cube).exists():
            report(region.id, "rain of all months")
            times = source.memory.once(("times", dataset.key, span), partial(times_of, dataset, *span))
            pull(**cube, times=times, shared=shared_blocks(region, store))
        paths.append(cube_path(**cube))
    return tuple(paths)
