"""Pull what an assessment of one region needs: each variable on its own grid, one cube each."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from flows.errors import MissingProductivity
from flows.progress import report
from flows.request import OVERVIEW_DEGREES, AssessRequest
from flows.sources import OpenSource

if TYPE_CHECKING:
    from regions.model import Region
    from series.datasets import Dataset

#: Variables whose monthly course over the region is kept.
MONTHLY = ("productivity", "precipitation", "soil_moisture", "temperature", "wind")
#: Variables of which the region's mean is enough: no cube is pulled.
SERIES_ONLY = ("temperature", "wind")


@dataclass(frozen=True)
class Pulled:
    """The cubes of one region: variable → Zarr store, their data sets, and the monthly table of its series."""

    cubes: dict[str, Path]
    datasets: dict[str, Dataset]
    monthly: Path | None


def cell_size(request: AssessRequest, productivity: Dataset, dataset: Dataset) -> float:
    """Cell size in degrees at which `dataset` is pulled: never finer than it is, nor than was asked for."""
    if request.resolution == "native":
        wanted = productivity.resolution
    elif request.resolution == "overview":
        wanted = max(OVERVIEW_DEGREES, productivity.resolution)
    else:
        wanted = request.resolution
    return max(wanted, dataset.resolution)


def pull_region(region: Region, request: AssessRequest, source: OpenSource) -> Pulled:
    """Pull every variable that `source` has for `region`; what is stored already is not pulled again.

    Raises MissingProductivity where the source has no productivity data, and the errors of `series`.
    """
    available = {variable: dataset for variable, dataset in source.datasets.items() if source.has(dataset.asset)}
    if "productivity" not in available:
        wanted = source.datasets["productivity"]
        raise MissingProductivity(
            f"Region {region.id}: the source has no {wanted.asset}, the productivity data set {wanted.key}; "
            f"add it to the source, or name another with --dataset productivity=KEY"
        )
    store = request.data / "cubes" / region.id
    cubes = {
        variable: pull_variable(region, request, available[variable], available["productivity"], store, source)
        for variable in available
        if variable not in SERIES_ONLY
    }
    return Pulled(cubes, available, pull_monthly(region, request, available, store, source))


def pull_variable(
    region: Region, request: AssessRequest, dataset: Dataset, productivity: Dataset, store: Path, source: OpenSource
) -> Path:
    """One variable of one region as a cube, over the years of the request."""
    from indicators.profiles import get
    from regions.grid import geobox
    from series.composites import annual, static
    from series.datasets import require_years
    from series.pull import pull

    first, last = request.years
    years = tuple(range(first, last + 1))
    step = f"pulling {dataset.variable.replace('_', ' ')}"
    report(region.id, step)
    if dataset.cadence == "static":
        images, axis = static(dataset), None
    else:
        require_years(dataset, first, last, region=region.id)
        composed = dataset.variable == "productivity" and dataset.cadence != "yearly"
        method = get(request.profile).annual if composed else None
        images, axis = annual(dataset, years, region.growing_season, method), years
    return pull(
        images,
        name=dataset.variable,
        geobox=geobox(region, cell_size(request, productivity, dataset)),
        dataset=dataset,
        store=store,
        origin=source.origin,
        fingerprint=source.fingerprint,
        years=axis,
        progress=lambda done, total: report(region.id, step, done, total),
    )


def pull_monthly(
    region: Region, request: AssessRequest, available: dict[str, Dataset], store: Path, source: OpenSource
) -> Path | None:
    """The monthly series of the region as a CSV file, named like a cube; None without monthly data."""
    from series.tables import monthly

    wanted = [available[v] for v in MONTHLY if v in available and available[v].cadence not in ("yearly", "static")]
    if not wanted:
        return None
    place = (source.origin, source.fingerprint, region.geometry.wkt, request.years)
    identity = repr(([d.model_dump() for d in wanted], place, version("drylands")))
    path = store / f"monthly-{hashlib.sha256(identity.encode()).hexdigest()[:12]}.csv"
    if not path.exists():
        tables = []
        for dataset in wanted:
            report(region.id, f"series of {dataset.variable.replace('_', ' ')}")
            first, last = request.years
            tables.append(monthly({region.id: region.geometry}, dataset, range(first, last + 1)))
        unfinished = path.with_suffix(".part")
        pd.concat(tables).to_csv(unfinished, index=False)
        unfinished.replace(path)
    return path
