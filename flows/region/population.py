"""People on land of each class: counted in blocks, reported as statistics of an assessment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from indicators.area.population import by_cause, conserved, exposure
from indicators.sdg15.findings import COMBINED
from practices.results.names import LAND
from series.cubes.tiles import Tile as Window

if TYPE_CHECKING:
    from flows.region.job import Job
    from series.cubes.tiles import Tile

POPULATION = "population"
#: Before the name of a cause, among the counts by class.
CAUSE = "because of "
CAUSES = {
    "land_cover": "people on land that is degraded by a change of land cover, as where a town grows",
    "state_alone": "people on land that state alone calls degraded: the last three years against those before",
}


def people_of(job: Job, tile: Tile, found: xr.Dataset, weight: np.ndarray) -> dict[str, dict[str, float]]:
    """People of the block by class of SDG 15.3.1, and by cause, by period; nothing without a population data set."""
    if POPULATION not in job.cubes:
        return {}
    cube, cell = job.cubes[POPULATION], job.grid.cell_degrees
    y, x = found["y"].values, found["x"].values
    rows, columns = _touching(cube.y, y, cube.cell_degrees, cell), _touching(cube.x, x, cube.cell_degrees, cell)
    if not (len(rows) and len(columns)):
        return {each.name: {} for each in job.periods}
    read = cube.window(Window(int(rows[0]), int(columns[0]), len(rows), len(columns)))
    # An empty row and column, dropped again afterwards, show the cell size of any strip.
    counts = _bordered(read, cube.cell_degrees)
    wider = xr.Dataset(coords={"y": np.append(y, y[-1] - cell), "x": np.append(x, x[-1] + cell)})
    people = conserved(counts, wider)[:-1, :-1]
    inside = people.copy(data=weight / job.area[tile.window[0]][:, None])
    heads = np.nan_to_num((people * inside).values)
    counted = {}
    for number, period in enumerate(job.periods):
        table = exposure(found["sdg"][number], people, COMBINED, {job.region.id: inside})
        causes = {f"{CAUSE}{name}": count for name, count in by_cause(found["reason"][number], heads).items()}
        counted[period.name] = dict(zip(table["class"], table["people"].astype(float), strict=True)) | causes
    return counted


def _bordered(counts: xr.DataArray, size: float) -> xr.DataArray:
    """Counts (y, x; north up) with a border of nobody."""
    y, x = counts["y"].values, counts["x"].values
    coords = {
        "y": np.concatenate([[y[0] + size], y, [y[-1] - size]]),
        "x": np.concatenate([[x[0] - size], x, [x[-1] + size]]),
    }
    return xr.DataArray(np.pad(np.nan_to_num(counts.values), 1), coords=coords, dims=("y", "x"))


def _touching(own: np.ndarray, wanted: np.ndarray, size: float, cell: float) -> np.ndarray:
    reach = (size + cell) / 2
    return np.flatnonzero((own > wanted.min() - reach) & (own < wanted.max() + reach))


def people_rows(counted: pd.Series | None) -> list[dict[str, Any]]:
    """People by class of SDG 15.3.1, and all of them; the classes add up to the total. Causes may overlap."""
    if counted is None:
        return []
    caused = counted.index.astype(str).str.startswith(CAUSE)
    by_class = counted[~caused]
    total = float(by_class.sum())
    rows = [
        statistic(f"people_degraded_by_{name}", float(counted[f"{CAUSE}{name}"]), units="persons", note=note)
        for name, note in CAUSES.items()
        if f"{CAUSE}{name}" in counted
    ]
    for name, count in by_class.items():
        share = f"{100 * count / total:.1f} %" if total else "none"
        land = f"{str(name).replace('_', ' ')} land" if name in LAND else f"cells of class {name}"
        note = f"people on {land}, {share} of {total:,.0f} in the region; counts kept when moved to the grid"
        rows.append(statistic(f"population_{str(name).replace(' ', '_')}", float(count), units="persons", note=note))
    return [*rows, statistic("population_total", total, units="persons", note="people in the region")]


def statistic(
    name: str, value: float | None, *, low: float | None = None, high: float | None = None, p: float | None = None,
    units: str = "1", note: str,
) -> dict[str, Any]:  # fmt: skip
    """A row of the statistics of an assessment."""
    return {"name": name, "value": value, "low": low, "high": high, "p": p, "units": units, "note": note}
