"""Pull what an assessment of one region needs: each variable on its own grid, one cube each."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from flows.errors import MissingProductivity
from flows.progress import report
from flows.pulled import Pulled
from flows.reference import pull_reference
from flows.request import AssessRequest
from flows.sources import OpenSource
from flows.variables import annual_kinds, cell_size, peak_kinds, pull_variable

if TYPE_CHECKING:
    from regions.model import Region
    from series.datasets import Dataset

#: Variables whose monthly course over the region is kept.
MONTHLY = ("productivity", "precipitation", "soil_moisture", "temperature", "wind")
#: First year of the series that say what is usual.
USUAL_SINCE = 1981
#: Months are asked for in one request; more of them than a decade have too long a list of names for it.
YEARS_A_CUBE = 10
#: Variables of which the region's mean is enough: no cube is pulled.
SERIES_ONLY = ("temperature", "wind")


def pull_region(region: Region, request: AssessRequest, source: OpenSource) -> Pulled:
    """Pull every variable that `source` has for `region`; what is stored already is not pulled again.

    Raises MissingProductivity where the source has no productivity data, and the errors of `series`.
    """
    available = available_for(region, source)
    if "productivity" not in available:
        wanted = source.datasets["productivity"]
        raise MissingProductivity(
            f"Region {region.id}: the source has no {wanted.asset}, the productivity data set {wanted.key}; "
            f"add it to the source, or name another with --dataset productivity=KEY"
        )
    store = request.data / "cubes" / region.id
    productivity = available["productivity"]

    def cube(dataset: Dataset, method: str | None = None) -> Path:
        cell = cell_size(request, productivity, dataset)
        return pull_variable(region, request, dataset, store, source, cell=cell, method=method)

    kinds = (*annual_kinds(request), *peak_kinds(request, productivity))
    annual = {kind: cube(productivity, kind) for kind in kinds}
    cubes = {v: cube(each) for v, each in available.items() if v not in (*SERIES_ONLY, "productivity")}
    cubes["productivity"] = next(iter(annual.values()))
    reference = pull_reference(region, request, available, source)
    monthly = pull_monthly(region, request, available, store, source)
    pressures = pull_pressures(region, request, store, source)
    rain = pull_rain_months(region, request, available.get("precipitation"), store, source)
    return Pulled(cubes, available, monthly, annual, reference, pressures, rain)


def available_for(region: Region, source: OpenSource) -> dict[str, Dataset]:
    """The data sets that a source serves; of own files those that reach the region.

    Raises UnusableFiles where own productivity does not reach it.
    """
    from flows.own_files import require_extent
    from offline.sources.inspect import reaches

    served = {variable: dataset for variable, dataset in source.datasets.items() if source.has(dataset.asset)}
    files = source.files
    if files is None:
        return served
    if "productivity" in served:
        require_extent(files, served["productivity"], region)
    return {variable: each for variable, each in served.items() if reaches(files.get(each.asset), region.geometry)}


def pull_monthly(
    region: Region, request: AssessRequest, available: dict[str, Dataset], store: Path, source: OpenSource
) -> Path | None:
    """The monthly series of the region as a CSV file, named like a cube; None without monthly data."""
    wanted = [available[v] for v in MONTHLY if v in available and available[v].cadence not in ("yearly", "static")]
    first, last = request.span
    return monthly_series(region, wanted, range(first, last + 1), store, source) if wanted else None


def monthly_series(
    region: Region, datasets: list[Dataset], years: range, store: Path, source: OpenSource, *, until: str = ""
) -> Path:
    """Monthly series of some data sets as a CSV file; `until` names the state of a year that is not over."""
    from series.tables import monthly

    place = (source.origin, source.fingerprint, region.geometry.wkt, (years.start, years.stop - 1), until)
    identity = repr(([d.identity() for d in datasets], place, version("drylands")))
    path = store / f"monthly-{hashlib.sha256(identity.encode()).hexdigest()[:12]}.csv"

    def made() -> pd.DataFrame:
        tables = []
        for dataset in datasets:
            report(region.id, f"series of {dataset.variable.replace('_', ' ')}")
            tables.append(monthly({region.id: region.geometry}, dataset, years))
        return pd.concat(tables)

    return stored(path, made)


def stored(path: Path, make: Callable[[], pd.DataFrame]) -> Path:
    """A table as a CSV file: made where it is not there, by one run of several, and whole when it has its name."""
    from series.exclusive import exclusive

    if not path.exists():
        with exclusive(path.parent):
            if not path.exists():
                unfinished = path.with_suffix(".part")
                make().to_csv(unfinished, index=False)
                unfinished.replace(path)
    return path


def pull_pressures(region: Region, request: AssessRequest, store: Path, source: OpenSource) -> Path | None:
    """The yearly pressures of people on the region as a CSV file; None where the source has none of their assets."""
    from series.pressures import PRESSURES, pressures

    first, last = request.span
    there = [each for each in PRESSURES if source.has(each.asset)]
    if not there:
        return None
    place = (source.origin, source.fingerprint, region.geometry.wkt, request.span)
    identity = repr((there, place, version("drylands")))
    path = store / f"pressures-{hashlib.sha256(identity.encode()).hexdigest()[:12]}.csv"

    def made() -> pd.DataFrame:
        report(region.id, "pressures of people")
        return pressures({region.id: region.geometry}, range(first, last + 1))

    return stored(path, made)


def pull_rain_months(
    region: Region, request: AssessRequest, dataset: Dataset | None, store: Path, source: OpenSource
) -> tuple[Path, ...]:
    """Monthly rain at its own cells, a cube for each decade from the first year of what is usual on.

    Nothing without a monthly data set.
    """
    from regions.grid import geobox
    from series.composites import sequence
    from series.pull import cube_path, pull
    from series.sequences import times_of

    if dataset is None or dataset.cadence != "monthly":
        return ()
    paths = []
    end = request.span[1] + 1
    for first in range(max(USUAL_SINCE, dataset.first_year), end, YEARS_A_CUBE):
        span = date(first, 1, 1), date(min(first + YEARS_A_CUBE, end), 1, 1)
        cube: dict[str, Any] = {
            "images": sequence(dataset, *span),
            "name": "precipitation_months",
            "geobox": geobox(region, dataset.resolution),
            "dataset": dataset,
            "store": store,
            "origin": source.origin,
            "fingerprint": source.fingerprint,
        }
        if not cube_path(**cube).exists():
            report(region.id, "rain of all months")
            pull(**cube, times=times_of(dataset, *span))
        paths.append(cube_path(**cube))
    return tuple(paths)
