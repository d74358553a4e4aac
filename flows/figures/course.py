"""One figure that an official understands: a region's vegetation, its trend and breaks, the rain, and the droughts."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from flows.errors import FlowError
from flows.figures.canvas import save
from flows.figures.file_names import figure_file
from flows.figures.fonts import plain
from flows.figures.long_course import draw_long_course, long_course
from flows.region.opening import newest_result
from flows.store import known_regions
from indicators.breaks import bfast
from indicators.weather.break_context import breaks_with_drought
from indicators.weather.drought import spi
from indicators.weather.drought_words import ONSET
from practices.results.names import quantity_names

if TYPE_CHECKING:
    from flows.region.result import RegionResult
    from indicators.breaks import Decomposition

#: What the marks of the figure are.
MARKED = "Marked above: breaks in the trend of the monthly values, effect of rain not removed; BFAST, h 0.15."
#: Part of the time axis that the label of a break takes.
LABEL = 0.2
#: Characters of a line under the figure.
WRAPPED = 150
GREEN, BROWN, RED, BLUE, SAND = "#2f7d3b", "#6b4a1f", "#b0413e", "#3a6ea5", "#f0dfbd"


@dataclass(frozen=True)
class Course:
    """What the figure shows: monthly `vegetation` in `units`, its `parts`, monthly `rain` and the SPI of 12 months.

    `last_month` is that of the growing season; `quantity` what the vegetation is
    (`practices.results.names.QUANTITIES`); `answer`: since when, by the assessment, in words; `longer`: the yearly
    means since 1982, empty where the result has none.
    """

    name: str
    origin: str
    vegetation: pd.Series
    units: str
    parts: Decomposition
    rain: pd.Series
    spi: pd.Series
    last_month: int = 12
    quantity: str | None = None
    answer: str = ""
    longer: pd.DataFrame = field(default_factory=pd.DataFrame)


def course(
    folder: Path, name: str, origin: str, *, last_month: int = 12, quantity: str | None = None, answer: str = ""
) -> Course:
    """Read the monthly series of a result and take them apart.

    Raises FlowError if the result has no monthly vegetation, IndicatorError if it is too short.
    """
    table = pd.read_csv(folder / "observations.csv", parse_dates=["month"])
    table = table[~table["variable"].str.endswith("_annual")]
    series = {
        variable: own.set_index("month")["value"].asfreq("MS").rename_axis("time")
        for variable, own in table.groupby("variable")
    }
    if "productivity" not in series:
        raise FlowError(
            f"{folder}: the result has yearly productivity only, not monthly; the figure needs monthly values"
        )
    units = str(table.loc[table["variable"] == "productivity", "units"].iloc[0])
    rain = series.get("precipitation", pd.Series(dtype=float))
    years = 0 if rain.empty else pd.DatetimeIndex(rain.index).year.nunique()
    dry = series.get("spi_12")  # of the whole record of rain, where an assessment has it
    if dry is None:
        dry = spi(rain, 12, None).to_series() if years >= 10 else pd.Series(dtype=float)
    found = bfast(series["productivity"])
    longer = long_course(folder)
    return Course(name, origin, series["productivity"], units, found, rain, dry, last_month, quantity, answer, longer)


def draw(shown: Course, path: Path) -> None:
    """Draw the course of a region as PNG (or SVG, PDF, by the suffix of `path`); without rain its axes are left out."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    wet, long = not shown.rain.empty, not shown.longer.empty
    figure = Figure(figsize=(10, 4.8 + 1.4 * wet + 1.8 * long), layout="constrained")
    FigureCanvasAgg(figure)
    heights = [3.0, *([1.0] if wet else []), *([1.2] if long else [])]
    rows = figure.add_gridspec(len(heights), 1, height_ratios=heights)
    parts = [figure.add_subplot(rows[0])]
    if wet:
        parts.append(figure.add_subplot(rows[1], sharex=parts[0]))
        parts[0].tick_params(labelbottom=False)
    if long:
        last = figure.add_subplot(rows[-1])  # years of its own
        draw_long_course(last, shown.longer)
        last.spines[["top", "right"]].set_visible(False)
    for axes in parts:
        shade_droughts(axes, shown.spi)
        axes.spines[["top", "right"]].set_visible(False)
    draw_vegetation(parts[0], shown)
    if wet:
        parts[1].bar(shown.rain.index, shown.rain, width=25, color=BLUE)
        parts[1].set_ylabel("rain, mm a month")
    marked = ", SIMULATED data: no observation of any place" if shown.origin == "simulated" else ""
    months = shown.vegetation.index
    years = f"{months[0]:%Y}-{months[-1]:%Y}"
    parts[0].set_title(f"{plain(shown.name)}, {years}{marked}", loc="left", fontweight="bold")
    said = [textwrap.fill(each, WRAPPED) for each in (shown.answer, MARKED) if each]
    figure.supxlabel("\n".join(said), x=0.01, ha="left", fontsize=8)
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
    # without an index drought is unknown, and a legend would mean that there was none
    if shown.spi.empty:
        axes.plot([], [], " ", label="drought unknown: too little rain is recorded")
    else:
        axes.plot([], [], color=SAND, lw=8, label="drought (SPI-12 of −1 or less)")
    axes.set_ylabel(axis_name(shown.quantity, shown.units))
    axes.legend(frameon=False, ncols=5, fontsize=8, loc="upper left", bbox_to_anchor=(0, -0.06))


def draw_breaks(axes: Any, shown: Course) -> None:
    """Draw the breaks of the trend with their intervals. The date is the first month after the break.

    Each label says when, by how much, and what drought was around it.
    """
    indices = {} if shown.spi.empty else {"spi": shown.spi}
    breaks = breaks_with_drought(shown.parts.trend_breaks, indices, last_month=shown.last_month)
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
        named = None if number else "first month after a break, 95 % interval"
        axes.axvspan(each["low"], each["high"], color=RED, alpha=0.18, lw=0, label=named)
        axes.axvline(date, color=RED, lw=1.2, ls="--")
        # labels that would overlap alternate between two heights
        level = 1 - level if last is not None and date - last < apart else 0
        late = end - date < apart
        axes.annotate(
            break_label(each, known=not shown.spi.empty),
            (date, 0.995 - 0.09 * level), xycoords=("data", "axes fraction"),
            xytext=(-3 if late else 3, 0), textcoords="offset points", va="top", ha="right" if late else "left",
            color=RED, fontsize=8, bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1},
        )  # fmt: skip
        last = date


def axis_name(quantity: str | None, units: str) -> str:
    """What an axis of productivity shows, with its units where it has some."""
    short = quantity_names(quantity, units)[0]
    return short if units in ("", "1") else f"{short}, {units}"


def answer_of(result: RegionResult) -> str:
    """The breaks of an assessment, and the series that they are of."""
    if not result.breaks_are:
        return ""
    years = ", ".join(f"{each.year} ({each.low}–{each.high})" for each in result.breaks)
    said = f"Breaks according to the assessment ({result.profile}; main answer): {years or 'none'}."
    return f"{said} Meaning: {result.breaks_are}."


def break_label(found: dict[Any, Any], *, known: bool) -> str:
    """When and how much, and the drought around it; `known`: there is an index of drought for some months."""
    said = f"{found['date']:%b %Y}, {found['magnitude']:+.3f}"
    if found["drought"]:
        said += f"\n{found['drought']} (SPI {round(found['spi'], 2) + 0.0:.2f})"
    elif known:
        said += "\nrain record incomplete around this break"
    return said.replace("-", "−")


def shade_droughts(axes: Any, spi: pd.Series) -> None:
    """Shade the months of drought."""
    for month in spi.index[spi <= ONSET]:
        axes.axvspan(month, month + pd.offsets.MonthBegin(1), color=SAND, lw=0, zorder=0)


def run_figure(region: str, path: Path | None, data: Path) -> Path:
    """Draw the last result of a region. Without `path`, the file name says what is shown. Returns the file.

    Raises FlowError, IndicatorError, UnknownRegion.
    """
    result = newest_result(data, region)
    place = known_regions(data).get(region)
    name, last_month = (region, 12) if place is None else (place.name, place.growing_season[1])
    words = {"quantity": result.quantity, "answer": answer_of(result)}
    target = path or figure_file(result, [region], "course")
    draw(course(result.folder, result.name or name, result.origin, last_month=last_month, **words), target)
    return target
