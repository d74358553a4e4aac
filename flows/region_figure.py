"""One figure that an official understands: a region's greenness, its trend and breaks, the rain, and the droughts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from flows.errors import FlowError

if TYPE_CHECKING:
    from indicators.breaks import Decomposition

GREEN, BROWN, RED, BLUE, SAND = "#2f7d3b", "#6b4a1f", "#b0413e", "#3a6ea5", "#f0dfbd"


@dataclass(frozen=True)
class Course:
    """What the figure shows: monthly `vegetation` in `units`, its `parts`, monthly `rain` and the SPI of 12 months."""

    name: str
    origin: str
    vegetation: pd.Series
    units: str
    parts: Decomposition
    rain: pd.Series
    spi: pd.Series


def newest_result(data: Path, region: str) -> Path:
    """The folder of the last result of a region. Raises FlowError where there is none."""
    found = sorted((data / "results" / region).glob("*/observations.csv"), key=lambda path: path.stat().st_mtime)
    if not found:
        raise FlowError(f"region {region}: there is no result in {data}; make one with: drylands assess {region}")
    return found[-1].parent


def course(folder: Path, name: str, origin: str) -> Course:
    """Read the monthly series of a result and take them apart.

    Raises FlowError where the result has no monthly vegetation, IndicatorError where it is too short.
    """
    from indicators.breaks import bfast
    from indicators.drought import spi

    table = pd.read_csv(folder / "observations.csv", parse_dates=["month"])
    table = table[~table["variable"].str.endswith("_annual")]
    series = {
        variable: own.set_index("month")["value"].asfreq("MS").rename_axis("time")
        for variable, own in table.groupby("variable")
    }
    if "productivity" not in series:
        raise FlowError(f"{folder}: the result has yearly productivity only, not monthly; there is no course to draw")
    units = str(table.loc[table["variable"] == "productivity", "units"].iloc[0])
    rain = series.get("precipitation", pd.Series(dtype=float))
    years = 0 if rain.empty else pd.DatetimeIndex(rain.index).year.nunique()
    dry = spi(rain, 12, None).to_series() if years >= 10 else rain
    return Course(name, origin, series["productivity"], units, bfast(series["productivity"]), rain, dry)


def draw(shown: Course, path: Path) -> None:
    """Draw the course of a region as PNG (or SVG, PDF, by the suffix of `path`)."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = 1 if shown.rain.empty else 2
    figure = Figure(figsize=(10, 3 + 1.6 * rows), layout="constrained")
    FigureCanvasAgg(figure)
    places = figure.subplots(rows, 1, sharex=True, height_ratios=(3, 1)[:rows], squeeze=False)[:, 0]
    for axes in places:
        shade_droughts(axes, shown.spi)
        axes.spines[["top", "right"]].set_visible(False)
    draw_vegetation(places[0], shown)
    if rows == 2:
        places[1].bar(shown.rain.index, shown.rain, width=25, color=BLUE)
        places[1].set_ylabel("rain, mm a month")
    marked = ", SIMULATED data: no observation of any place" if shown.origin == "simulated" else ""
    places[0].set_title(f"{shown.name}{marked}", loc="left", fontweight="bold")
    figure.savefig(path, dpi=130)


def draw_vegetation(axes: Any, shown: Course) -> None:
    """The series, its season and trend, and the breaks with their 95 % intervals."""
    from matplotlib.patheffects import withStroke

    parts = shown.parts.components
    fit = parts["trend"] + parts["season"]
    axes.plot(parts.index, parts["observed"], ".", color=GREEN, ms=3, label="observed")
    axes.plot(parts.index, fit, color=GREEN, lw=0.8, alpha=0.7, label="season and trend")
    for number, each in enumerate(shown.parts.trend_segments.itertuples()):
        own = parts["trend"].loc[each.first : each.last].dropna()  # no line ends in winter
        axes.plot(own.index, own, color=BROWN, lw=2.2, label=None if number else "trend")
    top = float(np.nanmax(parts["observed"]))
    around = [withStroke(linewidth=3, foreground="white")]
    for number, each in enumerate(shown.parts.trend_breaks.itertuples()):
        axes.axvspan(each.low, each.high, color=RED, alpha=0.18, lw=0, label=None if number else "break, 95 % interval")
        axes.axvline(each.date, color=RED, lw=1.2, ls="--")
        axes.annotate(f"{each.date:%b %Y}\n{each.magnitude:+.3f}", (each.date, top), xytext=(3, 0), va="top",
                      textcoords="offset points", color=RED, fontsize=8, path_effects=around)  # fmt: skip
    if shown.parts.trend_breaks.empty:
        axes.annotate("no break of the trend", (0.995, 0.02), xycoords="axes fraction", ha="right", color=BROWN)
    if not shown.spi.empty:
        axes.plot([], [], color=SAND, lw=8, label="drought (SPI-12 below -1)")
    axes.set_ylabel("NDVI" if shown.units == "1" else shown.units)
    axes.legend(frameon=False, ncols=5, fontsize=8, loc="lower left", bbox_to_anchor=(0, -0.14))


def shade_droughts(axes: Any, spi: pd.Series) -> None:
    """Shade the months of moderate drought or worse."""
    for month in spi.index[spi < -1]:
        axes.axvspan(month, month + pd.offsets.MonthBegin(1), color=SAND, lw=0, zorder=0)


def run_figure(region: str, path: Path, data: Path) -> Path:
    """Draw the last result of a region to `path`. Raises FlowError, IndicatorError, UnknownRegion."""
    import json

    from flows.tables import own_regions
    from regions.catalogue import find, load

    folder = newest_result(data, region)
    origin = str(json.loads((folder / "summary.json").read_text(encoding="utf-8"))["origin"])
    own = own_regions(data)
    known = load(extra=own if own.is_dir() else None)
    name = find(known, region).name if region in known else region
    draw(course(folder, name, origin), path)
    return path
