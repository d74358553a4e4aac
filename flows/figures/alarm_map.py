"""The map of a monitoring run: where alarms were, and in which month."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from shapely import get_parts

from flows.figures.canvas import save
from flows.figures.fonts import plain

if TYPE_CHECKING:
    from regions.model import Region


def draw(dates: xr.DataArray, region: Region, origin: str, months: tuple[date, date], path: Path) -> None:
    """Draw the month of each pixel's first alarm over the region outline, as PNG.

    `dates` (y, x) is NaT where there was no alarm.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import BoundaryNorm
    from matplotlib.figure import Figure

    start, end = (np.datetime64(day, "M").astype(int) for day in months)
    month = np.where(np.isnat(dates.values), np.nan, dates.values.astype("datetime64[M]").astype(float))
    bounds = np.arange(start, end + 1)
    figure = Figure(figsize=(7, 4.6), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    norm = BoundaryNorm(bounds, 256)
    step = abs(float(dates["x"][1] - dates["x"][0])) / 2 if dates.sizes["x"] > 1 else 0.025
    west, east = float(dates["x"].min()) - step, float(dates["x"].max()) + step
    south, north = float(dates["y"].min()) - step, float(dates["y"].max()) + step
    axes.imshow(month, extent=(west, east, south, north), cmap="viridis_r", norm=norm, interpolation="nearest")
    for part in get_parts(region.geometry):
        axes.plot(*part.exterior.xy, color="#444444", lw=0.8)
    axes.set_aspect(1 / np.cos(np.radians((south + north) / 2)))
    axes.set_xlabel("longitude, °E")
    axes.set_ylabel("latitude, °N")
    marked = " (simulated data)" if origin == "simulated" else ""
    watched = "-".join(dict.fromkeys(str(np.datetime64(int(each), "M")) for each in (start, end - 1)))
    axes.set_title(f"{plain(region.name)}{marked}, {watched}: month of the first alarm", loc="left", fontsize=10)
    colours = figure.colorbar(ScalarMappable(norm, "viridis_r"), ax=axes, ticks=bounds[:-1] + 0.5, shrink=0.8)
    colours.ax.set_yticklabels([str(np.datetime64(int(each), "M")) for each in bounds[:-1]], fontsize=7)
    save(figure, path, dpi=110)
