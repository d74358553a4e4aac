"""The figures of real series, of a world of the simulated landscape: at points of its regions, in boxes, in windows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import pandas as pd
import shapely
from series_figures import (
    BOXES,
    KM,
    NEAR,
    Floats,
    composite_noise,
    correlations,
    cover_changes,
    leaf_figures,
    pixel_figures,
    rain_share,
    ring_name,
)  # fmt: skip

from offline.landscape import Scene
from offline.landscape.annual import annual_ndvi, sixteen_days
from offline.landscape.points import at
from offline.sources.simulated import bands
from regions.catalogue import load

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
        yield from pixel_figures(series, name)
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
        yield from leaf_figures(cells, *np.meshgrid(lon, lat), (west, south, east, north), name)


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
