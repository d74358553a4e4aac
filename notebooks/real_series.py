"""Figures of real series of vegetation, and the same figures of the simulated landscape: are they alike?

Each figure is computed by one function, whatever the series are. `measured` reads the real data, which lie beside the
checkout under `shared/data`; `simulated` computes the figures of a world. `SPREADS` says within which limits the real
figures lie, and where each limit comes from, so that a world can be judged without the data too.

All series are logarithms of annual values without their linear trend, unless something else is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import rasterio
import shapely
from real_sources import DATA

from offline.landscape import Scene
from offline.landscape.annual import annual_ndvi, sixteen_days
from offline.landscape.points import at
from offline.sources.simulated import bands
from regions.catalogue import load

Floats = np.ndarray[Any, np.dtype[np.floating[Any]]]

#: Limits of rings around a cell, km: of half-degree cells, and of pixels.
FAR = ((30, 60), (60, 100), (100, 150), (150, 250), (250, 400), (400, 600))
NEAR = ((0.2, 0.3), (0.6, 1.1), (1.6, 2.5))
KM = 111.2
#: Steppe and desert steppe in which leaves are looked at: west, south, east, north.
BOXES = {
    "eastern Mongolia": (105, 44, 120, 50), "Inner Mongolia": (106, 39.5, 120, 45),
    "western Mongolia": (90, 45, 103, 51), "all": (90, 36, 122, 50),
}  # fmt: skip
#: Mean LAI of dry land.
DRY_LEAVES = (0.1, 1.0)


@dataclass(frozen=True)
class Spread:
    """Limits between which a figure of real series lies, and where they come from."""

    low: float
    high: float
    origin: str


_LEAVES = "MODIS LAI of dry land in four boxes of North-East Asia, 2001-2020"
_FINE = "MODIS of 250 m in Chile (forest, desert), GPP of 463 m in Assaba"
_MAP = "MCD12Q1 in Assaba, 2010-2023, with a third on either side, because it is one region"

#: Least and largest value of `measured`, rounded outwards.
SPREADS: dict[str, Spread] = {
    "deviation of a pixel": Spread(0.10, 0.31, "Portal (4 sensors), Kruger, Chile, Atacama, Australia"),
    "memory of a pixel": Spread(-0.30, 0.20, "the same, and two mountains in Africa"),
    "rain share of a pixel": Spread(
        0.26, 0.60, "Portal, Australia, Assaba; LAI of cells in two aimags of Mongolia and SPEI-3 of the summer"
    ),
    "rain share of a region": Spread(0.36, 0.87, "Assaba; LAI of Mongolia and two of its aimags, and SPEI-3"),
    "deviation of leaves": Spread(0.11, 0.185, _LEAVES),
    "memory of leaves": Spread(-0.23, 0.34, f"{_LEAVES}: middle 80 % of the cells"),
    "trend of leaves, % a decade": Spread(5.0, 33.0, f"{_LEAVES}: middle 80 % of the cells"),
    "correlation at 30 to 60 km": Spread(0.81, 0.87, _LEAVES),
    "correlation at 60 to 100 km": Spread(0.70, 0.76, _LEAVES),
    "correlation at 100 to 150 km": Spread(0.56, 0.63, _LEAVES),
    "correlation at 150 to 250 km": Spread(0.41, 0.49, _LEAVES),
    "correlation at 250 to 400 km": Spread(0.26, 0.35, _LEAVES),
    "correlation at 400 to 600 km": Spread(0.13, 0.25, _LEAVES),
    "correlation at 0.2 to 0.3 km": Spread(0.92, 0.97, _FINE),
    "correlation at 0.6 to 1.1 km": Spread(0.77, 0.95, _FINE),
    "correlation at 1.6 to 2.5 km": Spread(0.62, 0.93, _FINE),
    "noise of a composite": Spread(0.037, 0.107, "MOD13A1 at ten sites; MODIS of 250 m in Chile"),
    "land cover: changes a year": Spread(0.013, 0.027, _MAP),
    "land cover: ever changed": Spread(0.077, 0.155, _MAP),
    "land cover: excursions of one year": Spread(0.25, 0.51, _MAP),
    "land cover: excursions of more than three years": Spread(0.20, 0.41, _MAP),
}


def detrended(series: Floats) -> Floats:
    """Series [year, …] less their mean and linear trend."""
    years = np.arange(len(series)) - (len(series) - 1) / 2
    slope = np.tensordot(years, series, 1) / (years**2).sum()
    trend: Floats = series.mean(0) + years.reshape(-1, *[1] * (series.ndim - 1)) * slope
    return series - trend


def deviation(series: Floats) -> Floats:
    """Standard deviation from year to year."""
    rest = detrended(series)
    return np.sqrt((rest**2).sum(0) / (len(series) - 2))


def memory(series: Floats) -> Floats:
    """Correlation with the year before."""
    rest = detrended(series)
    return np.asarray((rest[1:] * rest[:-1]).sum(0) / (rest**2).sum(0))


def trend(series: Floats) -> Floats:
    """Per cent a decade."""
    years = np.arange(len(series)) - (len(series) - 1) / 2
    return np.asarray(100 * (np.exp(10 * np.tensordot(years, series, 1) / (years**2).sum()) - 1))


def rain_share(series: Floats, months: Floats, last: Sequence[int]) -> Floats:
    """Share of the variance that the best sum of rain explains, of 1 to 12 months that end 0 to 3 months earlier.

    `months` is rain [month, …], and `last` the index in it of the last month of each year's season.
    """
    sums = np.concatenate([np.zeros((1, *months.shape[1:])), np.cumsum(months, 0)])
    rest = detrended(series)
    best = np.zeros(series.shape[1:])
    for offset in range(4):
        ends = np.asarray(last) + 1 - offset
        for length in range(1, 13):
            rain = detrended(sums[ends] - sums[ends - length])
            both = (rest * rain).sum(0)
            share = both**2 / np.maximum((rest**2).sum(0) * (rain**2).sum(0), 1e-30)
            best = np.fmax(best, np.where(both > 0, share, 0))
    return best


def correlations(series: Floats, x: Floats, y: Floats, rings: Sequence[tuple[float, float]]) -> list[float]:
    """Mean correlation of series [year, place] with those of places in rings around theirs; x and y in km."""
    rest = detrended(series)
    unit = rest / np.sqrt((rest**2).sum(0))
    together = unit.T @ unit
    apart = np.hypot(x[:, None] - x[None, :], y[:, None] - y[None, :])
    return [float(together[(apart >= low) & (apart < high)].mean()) for low, high in rings]


def composite_noise(composites: Floats, inside: Floats) -> Floats:
    """Noise of a composite [time, …], fraction of the mean: its distance from the mean of the two beside it.

    `inside` says which composites lie in the growing season. What curves in a month counts as noise, too.
    """
    distance = composites[1:-1] - (composites[2:] + composites[:-2]) / 2
    chosen = inside[1:-1]
    noise = np.nanstd(distance[chosen], 0) / np.sqrt(1.5)
    return np.asarray(noise / np.nanmean(composites[1:-1][chosen], 0))


def cover_changes(classes: Floats) -> dict[str, float]:
    """How restless a yearly map [year, pixel] is: changes, pixels that ever change, and how long excursions last."""
    changed = classes[1:] != classes[:-1]
    lengths: Counter[int] = Counter()
    for pixel in np.flatnonzero(changed.any(0)):
        runs = [(key, len(list(run))) for key, run in groupby(classes[:, pixel])]
        for (before, _), ((_, length), (after, _)) in zip(runs, pairwise(runs[1:]), strict=False):
            lengths[length] += before == after
    excursions = max(lengths.total(), 1)
    return {
        "changes a year": float(changed.mean()),
        "ever changed": float(changed.any(0).mean()),
        "excursions of one year": lengths[1] / excursions,
        "excursions of more than three years": sum(n for length, n in lengths.items() if length > 3) / excursions,
    }


# --- real series -------------------------------------------------------------------------------------------------


def measured(data: Path = DATA) -> pd.DataFrame:
    """The figures of the real series: figure, value, and the series that each value is of."""
    rows = [
        *_leaves(data),
        *_drought(data),
        *_portal(data),
        *_rabbits(data),
        *_sites(data),
        *_chile(data),
        *_gimms(data),
        *_assaba(data),
    ]
    return pd.DataFrame(rows, columns=["figure", "value", "of"])


def leaves(data: Path = DATA) -> tuple[Floats, Floats, Floats]:
    """MODIS LAI of 2001-2020 [year, y, x] at half-degree cells, and their longitudes and latitudes."""
    with rasterio.open(data / "lai-asia" / "MOD15A2_LAI_China_G050_2001-2020.tif") as file:
        lai, transform = file.read().astype(float), file.transform
    x, y = np.arange(lai.shape[2]) + 0.5, np.arange(lai.shape[1]) + 0.5
    lon, lat = np.meshgrid(transform.c + transform.a * x, transform.f + transform.e * y)
    return lai, lon, lat


def _leaves(data: Path) -> Iterator[tuple[str, float, str]]:
    lai, lon, lat = leaves(data)
    for name, box in BOXES.items():
        yield from _leaf_figures(lai, lon, lat, box, f"LAI, {name}")


def _leaf_figures(
    lai: Floats, lon: Floats, lat: Floats, box: tuple[float, ...], name: str
) -> Iterator[tuple[str, float, str]]:
    west, south, east, north = box
    inside = (lon > west) & (lon < east) & (lat > south) & (lat < north)
    low, high = DRY_LEAVES
    inside &= np.isfinite(lai).all(0) & (lai.min(0) > 0) & (lai.mean(0) > low) & (lai.mean(0) < high)
    series = np.log(lai[:, inside])
    yield "deviation of leaves", float(np.median(deviation(series))), name
    yield "memory of leaves", float(np.median(memory(series))), name
    yield "trend of leaves, % a decade", float(np.median(trend(series))), name
    x, y = lon[inside] * KM * np.cos(np.deg2rad((south + north) / 2)), lat[inside] * KM
    for ring, value in zip(FAR, correlations(series, x, y, FAR), strict=True):
        yield ring_name(ring), value, name


#: Where the aimags lie whose summer drought is known, and all of the country's steppe.
AIMAGS = {
    "Arkhangai": (99.5, 47, 103.5, 49), "Dornod": (111.8, 46.5, 119, 50), "Mongolia": (90, 43, 118, 50),
}  # fmt: skip


def _drought(data: Path) -> Iterator[tuple[str, float, str]]:
    """How much of leaves SPEI-3 of June to August explains, in Mongolia and two of its aimags."""
    lai, lon, lat = leaves(data)
    folder = data / "mongolia-dzud"
    country = pd.read_csv(folder / "spei3_jja_national_1950_2024.csv").assign(Aimag="Mongolia")
    table = pd.concat([pd.read_csv(folder / "spei3_jja_two_aimags_1950_2024.csv"), country])
    for name, (west, south, east, north) in AIMAGS.items():
        index = table[table["Aimag"] == name].set_index("Year")["JJA_Mean_SPEI3"].loc[2001:2020].to_numpy()
        inside = (lon > west) & (lon < east) & (lat > south) & (lat < north) & (lai.min(0) > 0)
        series = lai[:, inside]
        yield "rain share of a region", float(_explained(np.log(series.mean(1)), index)), f"LAI, {name}"
        if name != "Mongolia":
            yield "rain share of a pixel", float(np.median(_explained(np.log(series), index[:, None]))), f"LAI, {name}"


def ring_name(ring: tuple[float, float]) -> str:
    """The figure of a ring."""
    return f"correlation at {ring[0]:g} to {ring[1]:g} km"


def _portal(data: Path) -> Iterator[tuple[str, float, str]]:
    """One desert site in Arizona, seen by four sensors, with the rain of its own station."""
    days = pd.read_csv(data / "portal-ndvi" / "Portal4sw_regional_weather.csv", usecols=["year", "month", "prcp"])
    found = days.astype({"year": int, "month": int}).groupby(["year", "month"])["prcp"].agg(["sum", "count"])
    first = int(found.index[0][0])
    every = pd.MultiIndex.from_product([range(first, 2022), range(1, 13)])
    rain = found["sum"].where(found["count"] >= 25).reindex(every).to_numpy()
    seen = pd.read_csv(data / "portal-ndvi" / "ndvi.csv", parse_dates=["date"])
    season = seen[seen["date"].dt.month.between(7, 10)]
    for sensor, own in season.groupby("sensor"):
        mean = own.groupby(own["date"].dt.year)["ndvi"].agg(["mean", "count"])
        mean = mean.loc[(mean["count"] >= 3) & (mean.index <= 2014), "mean"]
        if len(mean) < 12:
            continue
        series, last = np.log(mean.to_numpy())[:, None], [(year - first) * 12 + 9 for year in mean.index]
        yield from _pixels(series, f"Portal, {sensor}")
        whole = np.where(np.isfinite(rain), rain, np.nanmean(rain))
        yield "rain share of a pixel", float(rain_share(series, whole[:, None], last)[0]), f"Portal, {sensor}"


def _pixels(series: Floats, name: str) -> Iterator[tuple[str, float, str]]:
    yield "deviation of a pixel", float(np.median(deviation(series))), name
    yield "memory of a pixel", float(np.median(memory(series))), name


def _rabbits(data: Path) -> Iterator[tuple[str, float, str]]:
    """An Australian dryland: monthly GIMMS NDVI 1982-2013 and its rain."""
    months = np.loadtxt(data / "series" / "rabbitVI.csv").ravel()
    rain = np.loadtxt(data / "series" / "rabbitRF.csv").ravel()
    series = np.log(months[len(months) % 12 :].reshape(-1, 12).mean(1))[:, None]
    last = [len(rain) - 1 - 12 * (len(series) - 1 - year) for year in range(len(series))]
    yield from _pixels(series, "GIMMS, Australia")
    yield "rain share of a pixel", float(rain_share(series, rain[:, None], last)[0]), "GIMMS, Australia"


def _sites(data: Path) -> Iterator[tuple[str, float, str]]:
    """MOD13A1 composites at flux sites; deviation and memory of the dry one, noise of all with a summer in July."""
    table = pd.read_csv(data / "mod13a1-sites" / "MOD13A1.csv", parse_dates=["date"])
    for site, own in table.sort_values("date").groupby("site"):
        value = np.where(own["SummaryQA"] <= 1, own["NDVI"] * 1e-4, np.nan)[:, None]
        southern = str(site)[:2] in ("AU", "ZA")
        months = (11, 12, 1, 2, 3) if southern else (5, 6, 7, 8, 9)
        inside = own["date"].dt.month.isin(months).to_numpy()
        yield "noise of a composite", float(composite_noise(value, inside)[0]), f"MOD13A1, {site}"
        if site == "ZA-Kru":
            years = own["date"].dt.year + (own["date"].dt.month > 6)
            mean = pd.Series(value[inside, 0]).groupby(years[inside].to_numpy()).mean().loc[2001:2017]
            yield from _pixels(np.log(mean.to_numpy())[:, None], "MOD13A1, Kruger")


def _chile(data: Path) -> Iterator[tuple[str, float, str]]:
    """Pixels of 250 m: deciduous forest, and a desert."""
    for name in ("central-chile", "atacama"):
        with rasterio.open(data / "modis-chile" / f"{name}.tif") as file:
            value = file.read().reshape(file.count, -1).astype(float)
            days = pd.to_datetime(list(file.descriptions))
        order = np.argsort(days)
        days, value = days[order], np.where(value < -2000, np.nan, value * 1e-4)[order]
        inside = np.isin(days.month, (10, 11, 12, 1, 2, 3, 4))
        growth = days.year + (days.month > 6)
        annual = np.stack([np.nanmean(value[inside & (growth == year)], 0) for year in range(2001, 2022)])
        series = np.log(annual)
        yield from _pixels(series, f"MODIS, {name}")
        yield "noise of a composite", float(np.median(composite_noise(value, inside))), f"MODIS, {name}"
        row, column = np.divmod(np.arange(64), 8)
        for ring, found in zip(NEAR, correlations(series, column * 0.25, row * 0.25, NEAR), strict=True):
            yield ring_name(ring), found, f"MODIS, {name}"


def _gimms(data: Path) -> Iterator[tuple[str, float, str]]:
    """Two mountains in eastern Africa; they are not dry, so that only the memory counts."""
    for name, first in (("bale3g_v1_1981-07_2015-12", 12), ("kili3g_v0_1981-07_2013-12", 12)):
        with rasterio.open(data / "gimms-africa" / f"{name}.tif") as file:
            value = file.read().reshape(file.count, -1)[first:]
        annual = value[: len(value) // 24 * 24].reshape(-1, 24, value.shape[1]).mean(1)
        yield "memory of a pixel", float(np.median(memory(np.log(annual)))), f"GIMMS, {name[:4]}"


def _assaba(data: Path) -> Iterator[tuple[str, float, str]]:
    """A region of the Sahel, 2010-2023: GPP, rain and land cover a year."""
    folder, years = data / "assaba", range(2010, 2024)

    def stack(pattern: str) -> tuple[Floats, Any]:
        images = []
        for year in years:
            with rasterio.open(folder / pattern.format(year)) as file:
                images.append(file.read(1))
                profile = file.profile
        return np.stack([each.astype(float) for each in images]), profile

    gpp, profile = stack("gpp/{}_GP.tif")
    rain, of_rain = stack("precipitation/{}R.tif")
    known = ((gpp > 50) & (gpp < 65533)).all(0)
    row, column = np.nonzero(known)
    to, of = profile["transform"], of_rain["transform"]
    lon, lat = rasterio.warp.transform(
        profile["crs"], of_rain["crs"], to.c + to.a * (column + 0.5), to.f + to.e * (row + 0.5)
    )
    x, y = ((np.array(lon) - of.c) / of.a).astype(int), ((np.array(lat) - of.f) / of.e).astype(int)
    inside = (x >= 0) & (x < rain.shape[2]) & (y >= 0) & (y < rain.shape[1])
    series, yearly = np.log(gpp[:, row[inside], column[inside]]), rain[:, y[inside], x[inside]]
    wet = (yearly > 0).all(0)
    series, yearly = series[:, wet], yearly[:, wet]
    yield "rain share of a pixel", float(np.median(_explained(series, yearly))), "GPP, Assaba"
    yield "rain share of a region", float(_explained(series.mean(1), yearly.mean(1))), "GPP, Assaba"
    grid = np.full(gpp.shape, np.nan)
    grid[:, row, column] = detrended(np.log(gpp[:, row, column]))
    grid /= np.sqrt((grid**2).sum(0))
    for ring, step in zip(NEAR[1:], (2, 4), strict=True):
        yield ring_name(ring), float(np.nanmean((grid[:, :, step:] * grid[:, :, :-step]).sum(0))), "GPP, Assaba"
    cover, _ = stack("landcover/{}LCT.tif")
    classed = ((cover >= 1) & (cover <= 17)).all(0)
    for figure, value in cover_changes(cover[:, classed].astype(int)).items():
        yield f"land cover: {figure}", value, "MCD12Q1, Assaba"


def _explained(series: Floats, rain: Floats) -> Floats:
    rest, other = detrended(series), detrended(rain)
    return np.asarray((rest * other).sum(0) ** 2 / ((rest**2).sum(0) * (other**2).sum(0)))


# --- the same of the simulated landscape ---------------------------------------------------------------------------

YEARS = range(2001, 2025)
PLACES = 250
"""Points in each region."""


def simulated(world: str, seed: int = 0) -> pd.DataFrame:
    """The figures of a world: figure, value, and what each value is of. A value of many places is their median."""
    rows = [*_region_figures(world, seed), *_simulated_leaves(world, seed), *_windows(world, seed)]
    return pd.DataFrame(rows, columns=["figure", "value", "of"])


def _region_figures(world: str, seed: int) -> Iterator[tuple[str, float, str]]:
    draws = np.random.default_rng(1)
    for name, region in load().items():
        west, south, east, north = region.geometry.bounds
        places = draws.uniform((west, south), (east, north), (4 * PLACES, 2))
        places = places[shapely.contains_xy(region.geometry, *places.T)][:PLACES]
        scene = Scene(at(places[:, 0], places[:, 1]), seed, "untouched", world)
        ndvi = annual_ndvi(scene, YEARS)
        dry = scene.land & (scene.normal.aridity < 0.65) & (ndvi > 0.03).all(0)
        if dry.sum() < 40:
            continue
        months = [date(year, month, 1) for year in range(1999, 2025) for month in range(1, 13)]
        rain = np.stack([bands.precipitation(scene, month)[0][dry] for month in months])
        last = [(year - 1999) * 12 + 8 for year in YEARS]
        series = np.log(ndvi[:, dry])
        yield from _pixels(series, name)
        yield "rain share of a pixel", float(np.median(rain_share(series, rain, last))), name
        mean = np.log(ndvi[:, dry].mean(1))[:, None]
        yield "rain share of a region", float(rain_share(mean, rain.mean(1)[:, None], last)[0]), name


def _simulated_leaves(world: str, seed: int) -> Iterator[tuple[str, float, str]]:
    inside = (np.arange(4) - 1.5) * 0.12
    for name, (west, south, east, north) in BOXES.items():
        if name == "all":
            continue
        lon, lat = np.arange(west, east, 0.5) + 0.25, np.arange(south, north, 0.5) + 0.25
        x, y = ((each[:, None] + inside).ravel() for each in (lon, lat))
        scene = Scene(at(x[None, :], y[:, None]), seed, "untouched", world)
        leaf = leaf_area(annual_ndvi(scene, range(2001, 2021)))
        leaf[:, ~scene.land] = np.nan
        cells = leaf.reshape(20, len(lat), 4, len(lon), 4).mean((2, 4))
        yield from _leaf_figures(cells, *np.meshgrid(lon, lat), (west, south, east, north), name)


def leaf_area(ndvi: Floats) -> Floats:
    """LAI of a canopy that hides the ground as Beer's law has it, with an extinction of one half."""
    return np.asarray(-2 * np.log(1 - np.clip((ndvi - 0.05) / 0.87, 0.01, 0.97)))


def _windows(world: str, seed: int) -> Iterator[tuple[str, float, str]]:
    """Pixels of 250 m and 500 m beside each other."""
    east, north = 231.7 / (KM * 1000 * np.cos(np.deg2rad(44))), 231.7 / (KM * 1000)
    for lon, lat in ((112, 44), (105, 46), (110, 38.5), (115, 42.5), (108, 48), (120, 44)):
        name = f"{lon} E, {lat} N"
        scene = Scene(
            at((lon + np.arange(9) * east)[None, :], (lat + np.arange(9) * north)[:, None]), seed, "untouched", world
        )
        ndvi = annual_ndvi(scene, range(2001, 2022)).reshape(21, -1)
        known = np.isfinite(ndvi).all(0)
        row, column = (each[known] * 0.2317 for each in np.divmod(np.arange(81), 9))
        for ring, value in zip(NEAR, correlations(np.log(ndvi[:, known]), column, row, NEAR), strict=True):
            yield ring_name(ring), value, name
        starts = [start for year in range(2001, 2012) for start in sixteen_days(date(year, 1, 1), date(year, 12, 31))]
        views = [scene.view(start) for start in starts]
        composites = np.stack([np.where(view.quality <= 1, view.ndvi * 1e-4, np.nan).ravel() for view in views])
        summer = np.array([5 <= start.month <= 9 for start in starts])
        yield "noise of a composite", float(np.nanmedian(composite_noise(composites, summer))), name
        wide = Scene(
            at((lon + np.arange(60) * 2 * east)[None, :], (lat + np.arange(60) * 2 * north)[:, None]),
            seed,
            "untouched",
            world,
        )
        classes = np.stack([wide.observed_cover(year)[wide.land] for year in range(2010, 2024)])
        for figure, value in cover_changes(classes.astype(int)).items():
            yield f"land cover: {figure}", value, name
