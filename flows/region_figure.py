"""One figure that an official understands: a region's greenness, its trend and breaks, the rain, and the droughts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from flows.errors import FlowError
from flows.figures import save

if TYPE_CHECKING:
    from indicators.breaks import Decomposition

#: Part of the time axis that the label of a break takes.
LABEL = 0.2
GREEN, BROWN, RED, BLUE, SAND = "#2f7d3b", "#6b4a1f", "#b0413e", "#3a6ea5", "#f0dfbd"


@dataclass(frozen=True)
class Course:
    """What the figure shows: monthly `vegetation` in `units`, its `parts`, monthly `rain` and the SPI of 12 months.

    `last_month` is that of the growing season.
    """

    name: str
    origin: str
    vegetation: pd.Series
    units: str
    parts: Decomposition
    rain: pd.Series
    spi: pd.Series
    last_month: int = 12


def newest_result(data: Path, region: str) -> Path:
    """The folder of the last result of a region. Raises FlowError where there is none."""
    found = sorted((data / "results" / region).glob("*/observations.csv"), key=lambda path: path.stat().st_mtime)
    if not found:
        raise FlowError(f"region {region}: there is no result in {data}; make one with: drylands assess {region}")
    return found[-1].parent


def course(folder: Path, name: str, origin: str, *, last_month: int = 12) -> Course:
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
    dry = series.get("spi_12")  # of the whole record of rain, where an assessment has it
    if dry is None:
        dry = spi(rain, 12, None).to_series() if years >= 10 else pd.Series(dtype=float)
    return Course(name, origin, series["productivity"], units, bfast(series["productivity"]), rain, dry, last_month)


def draw(shown: Course, path: Path) -> None:
    """Draw the course of a region as PNG (or SVG, PDF, by the suffix of `path`); without rain its axes are left out."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    wet = not shown.rain.empty
    figure = Figure(figsize=(10, 6.2 if wet else 4.8), layout="constrained")
    FigureCanvasAgg(figure)
    parts = figure.subplots(1 + wet, 1, sharex=True, height_ratios=(3, 1)[: 1 + wet], squeeze=False)[:, 0]
    for axes in parts:
        shade_droughts(axes, shown.spi)
        axes.spines[["top", "right"]].set_visible(False)
    draw_vegetation(parts[0], shown)
    if wet:
        parts[1].bar(shown.rain.index, shown.rain, width=25, color=BLUE)
        parts[1].set_ylabel("rain, mm a month")
    marked = ", SIMULATED data: no observation of any place" if shown.origin == "simulated" else ""
    parts[0].set_title(f"{shown.name}{marked}", loc="left", fontweight="bold")
    save(figure, path, dpi=130)


def draw_vegetation(axes: Any, shown: Course) -> None:
    """The series, its season and trend, and the breaks with their 95 % intervals and the drought beside them."""
    parts = shown.parts.components
    fit = parts["trend"] + parts["season"]
    axes.plot(parts.index, parts["observed"], ".", color=GREEN, ms=3, label="observed")
    axes.plot(parts.index, fit, color=GREEN, lw=0.8, alpha=0.7, label="season and trend")
    for number, each in enumerate(shown.parts.trend_segments.itertuples()):
        own = parts["trend"].loc[each.first : each.last].dropna()  # no line ends in winter
        axes.plot(own.index, own, color=BROWN, lw=2.2, label=None if number else "trend")
    draw_breaks(axes, shown)
    # without an index nobody can tell whether there was drought, and a legend would say that there was none
    if shown.spi.empty:
        axes.plot([], [], " ", label="drought unknown: too little rain is recorded")
    else:
        axes.plot([], [], color=SAND, lw=8, label="drought (SPI-12 of −1 or less)")
    axes.set_ylabel("NDVI" if shown.units == "1" else shown.units)
    axes.legend(frameon=False, ncols=5, fontsize=8, loc="upper left", bbox_to_anchor=(0, -0.06))


def draw_breaks(axes: Any, shown: Course) -> None:
    """Breaks of the trend with their intervals; each says when, by how much, and what drought was around it."""
    from indicators.break_context import beside_breaks

    breaks = beside_breaks(
        shown.parts.trend_breaks, {} if shown.spi.empty else {"spi": shown.spi}, last_month=shown.last_month
    )
    if breaks.empty:
        axes.annotate("no break of the trend", (0.995, 0.02), xycoords="axes fraction", ha="right", color=BROWN)
        return
    first, end = shown.parts.components.index[[0, -1]]
    apart = LABEL * (end - first)
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.2 * (high - low))  # room for the labels, above the values
    last, level = None, 0
    for number, each in enumerate(breaks.to_dict("records")):
        date = each["date"]
        named = None if number else "break, 95 % interval"
        axes.axvspan(each["low"], each["high"], color=RED, alpha=0.18, lw=0, label=named)
        axes.axvline(date, color=RED, lw=1.2, ls="--")
        # labels that would lie on each other take turns
        level = 1 - level if last is not None and date - last < apart else 0
        late = end - date < apart
        axes.annotate(
            label_of(each, known=not shown.spi.empty), (date, 0.995 - 0.09 * level), xycoords=("data", "axes fraction"),
            xytext=(-3 if late else 3, 0), textcoords="offset points", va="top", ha="right" if late else "left",
            color=RED, fontsize=8, bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1},
        )  # fmt: skip
        last = date


def label_of(found: dict[Any, Any], *, known: bool) -> str:
    """When and how much, and the drought around it; `known`: there is an index of drought for some months."""
    said = f"{found['date']:%b %Y}, {found['magnitude']:+.3f}"
    if found["drought"]:
        said += f"\n{found['drought']} (SPI {round(found['spi'], 1) + 0.0:.1f})"
    elif known:
        said += "\nrain not recorded throughout"
    return said.replace("-", "−")


def shade_droughts(axes: Any, spi: pd.Series) -> None:
    """Shade the months of drought."""
    from indicators.drought_words import ONSET

    for month in spi.index[spi <= ONSET]:
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
    place = find(known, region) if region in known else None
    name, last_month = (region, 12) if place is None else (place.name, place.growing_season[1])
    draw(course(folder, name, origin, last_month=last_month), path)
    return path
