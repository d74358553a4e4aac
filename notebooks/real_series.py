"""The figures of real series, which lie beside the checkout under `shared/data` or in a folder that is given.

Beside vegetation of other drylands there is the leaf area of all of North-East Asia, and a yearly map of land cover.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import rasterio
from rasterio.warp import transform as projected
from real_sources import DATA
from series_figures import (
    BOXES,
    NEAR,
    Floats,
    composite_noise,
    correlations,
    cover_changes,
    detrended,
    leaf_figures,
    memory,
    pixel_figures,
    rain_share,
    ring_name,
)  # fmt: skip


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
        yield from leaf_figures(lai, lon, lat, box, f"LAI, {name}")


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
        yield from pixel_figures(series, f"Portal, {sensor}")
        whole = np.where(np.isfinite(rain), rain, np.nanmean(rain))
        yield "rain share of a pixel", float(rain_share(series, whole[:, None], last)[0]), f"Portal, {sensor}"


def _rabbits(data: Path) -> Iterator[tuple[str, float, str]]:
    """An Australian dryland: monthly GIMMS NDVI 1982-2013 and its rain."""
    months = np.loadtxt(data / "series" / "rabbitVI.csv").ravel()
    rain = np.loadtxt(data / "series" / "rabbitRF.csv").ravel()
    series = np.log(months[len(months) % 12 :].reshape(-1, 12).mean(1))[:, None]
    last = [len(rain) - 1 - 12 * (len(series) - 1 - year) for year in range(len(series))]
    yield from pixel_figures(series, "GIMMS, Australia")
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
            yield from pixel_figures(np.log(mean.to_numpy())[:, None], "MOD13A1, Kruger")


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
        yield from pixel_figures(series, f"MODIS, {name}")
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
    lon, lat = projected(profile["crs"], of_rain["crs"], to.c + to.a * (column + 0.5), to.f + to.e * (row + 0.5))
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
