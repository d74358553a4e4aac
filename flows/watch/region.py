"""Monitoring of one region: pull new images, search for alarms, log them. No science of its own."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import xarray as xr
from shapely.geometry import mapping

from flows.errors import FlowError, MissingProductivity
from flows.figures.alarm_map import draw
from flows.pull.region import USUAL_SINCE, no_productivity
from flows.pull.sources import OpenSource
from flows.pull.tables import monthly_series
from flows.request.monitor import MonitorRequest
from flows.run.progress import report
from indicators.area.areas import cell_area
from indicators.weather.alarms import Watch, judge, local, region_mean, regional, with_context
from practices.database.open import open_database
from practices.results.alarms import log
from practices.results.records import RegionRecord
from regions.grid import coverage, geobox
from regions.naming import titled
from series.datasets import DATASETS, DEFAULTS
from series.exclusive import exclusive
from series.sequences import last_day, pull_sequence, spans

if TYPE_CHECKING:
    from indicators.weather.alarms import Watch
    from practices.results.alarms import Logged
    from regions.model import Region
    from series.datasets import Dataset


@dataclass(frozen=True)
class Watched:
    """The alarms of one region, the folder with their table and map, and what was logged.

    `clear`: images of the months watched with a clear view of some of the land.
    """

    region: str
    origin: str
    start: date
    end: date
    last_image: date
    area_km2: float
    alarms: pd.DataFrame
    folder: Path
    raised: int
    judged: int
    left_out: dict[str, str] = field(default_factory=dict)
    name: str = ""
    clear: int = 0

    @property
    def unseen(self) -> str:
        """That the land was not seen in the months watched, as a sentence; empty if it was."""
        who = titled(self.region, self.name)
        calm = "whether the land is calm is not known"
        return "" if self.clear else f"{who}: no clear image from {self.start} to {self.last_image}: {calm}."


def watched_months(request: MonitorRequest, productivity: Dataset) -> tuple[date, date]:
    """First day that is watched, and the day after the last: as requested, or else the latest year with images."""
    last = request.until or last_day(productivity).replace(day=1)
    end = date(last.year + last.month // 12, last.month % 12 + 1, 1)
    return request.start or date(last.year, 1, 1), end


def check_months(request: MonitorRequest, source: OpenSource) -> None:
    """Refuse months without an image in the source. Raises FlowError that names the last month with one."""
    productivity = source.datasets["productivity"]
    if (request.start is None and request.until is None) or not source.has(productivity.asset):
        return
    last = last_day(productivity)
    for option, month in (("--start", request.start), ("--until", request.until)):
        if month is not None and month > last:
            raise FlowError(
                f"{option} {month:%Y-%m} is after the last image of {productivity.key}, {last}; give "
                f"{last:%Y-%m} or earlier"
            )


def watch_region(region: Region, request: MonitorRequest, source: OpenSource) -> Watched:
    """Search one region for alarms and log them. Raises the errors of `series`, `indicators` and `practices`."""
    available = {name: dataset for name, dataset in source.datasets.items() if source.has(dataset.asset)}
    if "productivity" not in available:
        raise MissingProductivity(f"Region {region.id}: {no_productivity(source.datasets['productivity'], source)}")
    dataset = source.product(available["productivity"], request.cell)
    left_out: dict[str, str] = {}
    start, end = watched_months(request, dataset)
    store = request.data / "cubes" / region.id
    cube, area = _observed(region, request, dataset, (start, end), source)
    report(region.id, "looking for alarms")
    last_image = pd.Timestamp(cube["time"].values[-1]).date()
    rain, soil = (
        _context(region, available.get(name), (start, end), store, source, left_out)
        for name in ("precipitation", "soil_moisture")
    )
    watch = Watch(start.isoformat(), soil if len(soil) else None, request.early)
    # another sensor than the usual one is another series of alarms
    usual = dataset.sensor == DATASETS[DEFAULTS["productivity"]].sensor or "productivity" in request.datasets
    method = watch.method if usual else f"{watch.method}, {dataset.sensor or dataset.key}"
    alarms, alarm_dates = _alarms(cube, area, watch, rain, soil)
    alarms = alarms.assign(region=region.id, variable="productivity", units=dataset.units)
    with exclusive(request.data / "results" / region.id):
        folder = write_alarms(region, request, (source.origin, method), alarms, alarm_dates, (start, end))
    logged = log_alarms(region, request, (source.origin, method), alarms)
    return Watched(
        region.id,
        source.origin,
        start,
        end,
        last_image,
        float(area.sum()),
        alarms,
        folder,
        logged.raised,
        logged.judged,
        left_out,
        region.name,
        int(cube.sel(time=slice(start.isoformat(), None)).notnull().any(("y", "x")).sum()),
    )


def _observed(
    region: Region, request: MonitorRequest, dataset: Dataset, months: tuple[date, date], source: OpenSource
) -> tuple[xr.DataArray, xr.DataArray]:
    """The images of history and months watched, and the area of each cell inside the region, km²."""
    start, end = months
    grid = geobox(region, max(request.cell, dataset.resolution))
    wanted = list(spans(date(max(start.year - request.history, dataset.first_year), 1, 1), start, end))
    cube = pull_sequence(
        dataset,
        grid,
        wanted,
        store=request.data / "cubes" / region.id,
        origin=source.origin,
        fingerprint=source.fingerprint,
        progress=lambda done, total: report(region.id, "pulling what is new", done, total),
    )
    return cube, coverage(region, grid).assign_coords(y=cube["y"], x=cube["x"]) * cell_area(cube)


def _alarms(
    cube: xr.DataArray, area: xr.DataArray, watch: Watch, rain: pd.Series, soil: pd.Series
) -> tuple[pd.DataFrame, xr.DataArray]:
    """Alarms of the whole region and of its parts, beside rain and soil moisture, and the map of their dates."""
    whole = regional(region_mean(cube, area), watch, float(area.sum()))
    parts, dates = local(cube, area, watch)
    found = [each for each in (whole, parts) if len(each)]
    return judge(with_context(pd.concat(found, ignore_index=True) if found else whole, rain, soil)), dates


def _context(
    region: Region,
    dataset: Dataset | None,
    months: tuple[date, date],
    store: Path,
    source: OpenSource,
    left_out: dict[str, str],
) -> pd.Series:
    """The monthly series of a data set from 1981; empty if the data set is not monthly or the server refuses it."""
    if dataset is None or dataset.cadence in ("yearly", "static"):
        return pd.Series(dtype=float)
    start, end = months
    first = max(USUAL_SINCE, dataset.first_year)
    past = monthly_series(region, [dataset], range(first, start.year), store, source, left_out=left_out)
    now = range(start.year, (end - pd.Timedelta(days=1)).year + 1)
    until = end.isoformat()
    recent = monthly_series(region, [dataset], now, store, source, until=until, left_out=left_out)
    if past is None or recent is None:
        return pd.Series(dtype=float)
    table = pd.concat(pd.read_csv(path, parse_dates=["month"]) for path in (past, recent))
    series = table.set_index("month")["value"]
    return series[series.index < pd.Timestamp(end)]


def write_alarms(
    region: Region,
    request: MonitorRequest,
    origin_and_method: tuple[str, str],
    alarms: pd.DataFrame,
    dates: xr.DataArray,
    months: tuple[date, date],
) -> Path:
    """Write the table and the map of one run into a folder that becomes visible only when complete.

    Runs with another origin, method, outline, cell size or history get another folder. Returns the folder.
    """
    settings = (request.cell, request.history, sorted(request.datasets.items()))
    identity = repr((origin_and_method, region.geometry.wkt, *settings))
    digest = hashlib.sha256(identity.encode()).hexdigest()
    home = request.data / "results" / region.id
    folder = home / f"monitor-{months[0]:%Y%m}-{months[1]:%Y%m}-{digest[:12]}"
    unfinished = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    alarms.to_csv(unfinished / "alarms.csv", index=False)
    origin, method = origin_and_method
    draw(dates, region, origin, months, unfinished / "map.png")
    summary = {"region": region.id, "origin": origin, "method": method, "start": str(months[0])}
    (unfinished / "summary.json").write_text(
        json.dumps({**summary, "end": str(months[1]), "version": version("drylands")}), encoding="utf-8"
    )
    shutil.rmtree(folder, ignore_errors=True)
    unfinished.replace(folder)
    return folder


def log_alarms(
    region: Region, request: MonitorRequest, origin_and_method: tuple[str, str], alarms: pd.DataFrame
) -> Logged:
    """Write the alarms into the log of the database; alarms already in the log are not added again."""
    outline: dict[str, Any] = dict(mapping(region.geometry))
    record = RegionRecord(region.id, region.name, region.countries, region.kind, outline, region.roughness_km)
    engine = open_database(request.database_url)
    try:
        return log(engine, record, *origin_and_method, alarms)
    finally:
        engine.dispose()
