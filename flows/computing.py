"""From the cubes of one region to its results on disk: rasters, tables, a summary. No science of its own."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import xarray as xr

from flows.progress import report
from flows.pulling import Pulled
from flows.rasters import write_rasters
from flows.request import AssessRequest

if TYPE_CHECKING:
    from indicators.periods import Period
    from regions.model import Region

CARBON = "soil_organic_carbon"
#: Marks a result folder as whole; written last.
SUMMARY = "summary.json"


def result_digest(region: Region, pulled: Pulled, request: AssessRequest, origin: str) -> str:
    """Digest of everything that a result follows from: outline, cubes, method, years, package version."""
    identity = {
        "region": region.model_dump(mode="json"),
        "cubes": sorted(path.name for path in pulled.cubes.values()),
        "monthly": pulled.monthly.name if pulled.monthly else None,
        "profile": request.profile,
        "years": request.years,
        "origin": origin,
        "version": version("drylands"),
    }
    return hashlib.sha256(json.dumps(identity, sort_keys=True, default=str).encode()).hexdigest()


@dataclass(frozen=True)
class Break:
    """A break year of the region's annual series, with its confidence interval (years)."""

    year: int
    low: int
    high: int


@dataclass(frozen=True)
class RegionResult:
    """What was found for one region, and the folder that holds it."""

    region: str
    period: str
    profile: str
    origin: str
    digest: str
    folder: Path
    area_km2: dict[str, float]
    share: dict[str, float]
    trend_percent_decade: float | None
    trend_p: float | None
    breaks: tuple[Break, ...]

    @classmethod
    def read(cls, folder: Path) -> RegionResult:
        """The result that `folder` holds."""
        fields: dict[str, Any] = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
        breaks = tuple(Break(**each) for each in fields.pop("breaks"))
        return cls(**fields, breaks=breaks, folder=folder)


def compute_region(region: Region, pulled: Pulled, request: AssessRequest, origin: str) -> RegionResult:
    """Assess one region from its cubes and write the result folder; a whole one is read, not made again.

    The folder appears under its name in one step, when everything is in it.
    """
    digest = result_digest(region, pulled, request, origin)
    folder = request.data / "results" / region.id / f"{request.profile}-{digest[:12]}"
    if not (folder / SUMMARY).is_file():
        report(region.id, "computing indicators")
        unfinished = folder.with_name(f".{folder.name}.part")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        write_results(region, pulled, request, origin, digest, unfinished)
        shutil.rmtree(folder, ignore_errors=True)  # without its summary it is no result
        unfinished.replace(folder)
    return RegionResult.read(folder)


def on_grid(cube: xr.DataArray, like: xr.DataArray) -> xr.DataArray:
    """A cube on the cells of another: each takes the value of the cell that its centre lies in or is nearest to."""
    return cube.sel(y=like["y"], x=like["x"], method="nearest").assign_coords(y=like["y"], x=like["x"])


def write_results(
    region: Region, pulled: Pulled, request: AssessRequest, origin: str, digest: str, folder: Path
) -> None:
    """Compute everything of one region and write it into `folder`, the summary last."""
    from indicators.areas import cell_area
    from indicators.assessment import assess
    from indicators.land_cover import to_unccd
    from indicators.periods import available
    from regions.grid import coverage, geobox
    from series.pull import open_cube

    cubes = {variable: open_cube(path) for variable, path in pulled.cubes.items()}
    vi = cubes["productivity"]
    aligned = {variable: on_grid(cube, vi) for variable, cube in cubes.items()}
    share = coverage(region, geobox(region, float(vi.attrs["cell_degrees"]))).assign_coords(y=vi["y"], x=vi["x"])
    area = cell_area(vi)
    legend = pulled.datasets["land_cover"].legend if "land_cover" in pulled.datasets else None
    cover = to_unccd(aligned["land_cover"], legend or "unccd") if "land_cover" in aligned else None
    periods = available(int(year) for year in vi["year"].values)
    found = assess(
        vi,
        periods=periods,
        land_cover=cover,
        climate_zone=aligned.get("climate_zone"),
        precipitation=aligned.get("precipitation"),
        soil_unit=aligned.get("soil_taxonomy"),
        region_mask=share > 0,
        quantity=pulled.datasets["productivity"].quantity,
        profile=request.profile,
    )
    write_rasters(found, folder, cell_degrees=float(vi.attrs["cell_degrees"]), origin=origin)
    tables = region_tables(region.id, found, cover, area, share, periods)
    stock = carbon_stock(aligned, cover)
    annual = annual_series(region.id, aligned if stock is None else {**aligned, CARBON: stock}, area, share)
    breaks = break_table(region.id, annual)
    monthly = pd.read_csv(pulled.monthly, parse_dates=["month"]) if pulled.monthly else annual.iloc[:0]
    tables["observations"] = pd.concat([annual, monthly]) if len(monthly) else annual
    tables["breaks"] = breaks
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False)
    summary = summarise(region, request, origin, digest, periods, tables)
    (folder / SUMMARY).write_text(json.dumps(summary, indent=1), encoding="utf-8")


def region_tables(
    region: str,
    found: xr.Dataset,
    cover: xr.DataArray | None,
    area: xr.DataArray,
    share: xr.DataArray,
    periods: list[Period],
) -> dict[str, pd.DataFrame]:
    """Areas of the classes of every indicator, and the land-cover transitions, by period."""
    from indicators.areas import class_table
    from indicators.land_cover import transitions

    areas, changes = [], []
    for period in periods:
        for indicator in ("sdg", "productivity", "land_cover", "soil_organic_carbon"):
            table = class_table(found[indicator].sel(period=period.name, drop=True), area, {region: share})
            areas.append(table.assign(period=period.name, indicator=indicator))
        if cover is not None and set(period.land_cover) <= set(cover["year"].values.tolist()):
            first, last = (cover.sel(year=year, drop=True) for year in period.land_cover)
            changes.append(transitions(first, last, area, share).assign(region=region, period=period.name))
    columns = ["region", "period", "from_class", "to_class", "area_km2"]
    return {
        "areas": pd.concat(areas),
        "transitions": pd.concat(changes)[columns] if changes else pd.DataFrame(columns=columns),
    }


def carbon_stock(cubes: dict[str, xr.DataArray], cover: xr.DataArray | None) -> xr.DataArray | None:
    """Stock of soil organic carbon (year, y, x), t/ha; None without a first stock, land cover or climate zones."""
    from indicators.soil_carbon import stock

    if cover is None or not {"soil_carbon", "climate_zone"} <= cubes.keys():
        return None
    stocks = stock(cubes["soil_carbon"], cover, cubes["climate_zone"])
    return stocks.assign_attrs(units=cubes["soil_carbon"].attrs["units"])


def annual_series(region: str, cubes: dict[str, xr.DataArray], area: xr.DataArray, share: xr.DataArray) -> pd.DataFrame:
    """Area-weighted annual means over the region, as observations of the first of January."""
    rows = []
    for variable in ("productivity", "precipitation", "soil_moisture", CARBON):
        if variable not in cubes:
            continue
        means = cubes[variable].weighted((area * share).fillna(0)).mean(("y", "x"))
        rows += [
            {
                "region": region,
                "variable": f"{variable}_annual",
                "month": pd.Timestamp(int(year), 1, 1),
                "value": float(value),
                "units": cubes[variable].attrs["units"],
            }
            for year, value in zip(means["year"].values, means.values, strict=True)
        ]
    return pd.DataFrame(rows, columns=["region", "variable", "month", "value", "units"]).dropna(subset="value")


def yearly(annual: pd.DataFrame, variable: str) -> pd.Series:
    """One annual series, indexed by year."""
    chosen = annual[annual["variable"] == f"{variable}_annual"]
    return pd.Series(chosen["value"].to_numpy(float), index=pd.to_datetime(chosen["month"]).dt.year)


def break_table(region: str, annual: pd.DataFrame) -> pd.DataFrame:
    """Break years of the region's productivity, rain removed where there is rain."""
    from indicators.breaks import breakpoints
    from indicators.errors import IndicatorError
    from indicators.productivity import adjusted

    columns = ["region", "variable", "year", "low", "high", "magnitude"]
    series = yearly(annual, "productivity").rename_axis("year").to_xarray()
    rain = yearly(annual, "precipitation").rename_axis("year").to_xarray()
    if rain.size == series.size:
        series = adjusted(series, rain, "restrend")
    try:
        found = breakpoints(series, h=0.2).breaks
    except IndicatorError:  # too short a series has no breaks to speak of
        return pd.DataFrame(columns=columns)
    named = found.rename(columns={"date": "year"}).assign(region=region, variable="productivity")
    return named[columns]


def summarise(
    region: Region,
    request: AssessRequest,
    origin: str,
    digest: str,
    periods: list[Period],
    tables: dict[str, pd.DataFrame],
) -> dict[str, Any]:
    """What the closing table says of a region, over the whole record."""
    from indicators.trend import mann_kendall, theil_sen

    whole = periods[0].name
    areas = tables["areas"]
    sdg = areas[(areas["indicator"] == "sdg") & (areas["period"] == whole)].set_index("class")["area_km2"]
    named = {name: float(sdg[name]) for name in ("degraded", "stable", "improved", "undetermined")}
    land = sum(named.values())
    series = yearly(tables["observations"], "productivity")
    enough = len(series) >= 4
    slope = float(theil_sen(series.rename_axis("year").to_xarray())["slope"]) if enough else 0.0
    p = float(mann_kendall(series.rename_axis("year").to_xarray())["p"]) if enough else None
    return {
        "region": region.id,
        "period": whole,
        "profile": request.profile,
        "origin": origin,
        "digest": digest,
        "area_km2": named,
        "share": {name: value / land if land else 0.0 for name, value in named.items()},
        "trend_percent_decade": 1000 * slope / float(series.mean()) if enough else None,
        "trend_p": p,
        "breaks": [
            {name: int(row[name]) for name in ("year", "low", "high")} for row in tables["breaks"].to_dict("records")
        ],
    }
