"""Figures of results: drawn from the files of results, in colours that colour-blind readers can distinguish."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import rasterio
import xarray as xr

from flows.errors import FlowError
from flows.figures.file_names import dated
from flows.figures.fonts import title_of, use_fonts
from indicators.sdg15.findings import AGREED_UNDETERMINED, AGREED_WATER
from indicators.trends.theil_sen import theil_sen_mann_kendall
from practices.database.files import replacing
from practices.report.palette import CLASSES, COUNTS, NO_DATA, SOFT_LINE, spread, text_on
from practices.report.wording import ORIGINS
from practices.results.names import AGREEMENT, quantity_names

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from flows.region.result import RegionResult

WATER, UNDETERMINED = CLASSES["water"], CLASSES["undetermined"]
CLASS_COLOURS = {-1: CLASSES["degraded"], 0: CLASSES["stable"], 1: CLASSES["improved"]}
CLASS_WORDS = {-1: "degraded", 0: "stable", 1: "improved"}


def figure(width: float, height: float, **options: Any) -> tuple[Figure, Any]:
    """A figure without a window behind it, and its axes."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    drawn = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(drawn)
    return drawn, drawn.subplots(**options)


def read_raster(path: Path) -> tuple[np.ndarray, tuple[float, float, float, float], dict[str, str]]:
    """A raster, its edges as west, east, south, north, and its tags."""
    with rasterio.open(path) as file:
        box = file.bounds
        return file.read(1), (box.left, box.right, box.bottom, box.top), file.tags()


def raster_path(result: RegionResult, indicator: str, period: str) -> Path:
    """The raster of an indicator and period. Raises FlowError that lists the existing periods."""
    path = result.folder / f"{period}-{indicator}.tif"
    if not path.is_file():
        there = sorted(each.name.removesuffix(f"-{indicator}.tif") for each in result.folder.glob(f"*-{indicator}.tif"))
        raise FlowError(
            f"region {result.region}, {result.profile}: there is no {indicator} for the period {period!r}; "
            f"periods with it: {', '.join(there) or 'none'}"
        )
    return path


def alike(results: Sequence[RegionResult], *fields: str) -> None:
    """Raises FlowError if the results differ in any of these fields: they cannot share a figure."""
    for name in fields:
        values = {each.region: getattr(each, name) for each in results}
        if len(set(values.values())) > 1:
            listed = ", ".join(f"{region} ({value})" for region, value in values.items())
            raise FlowError(f"one figure cannot show results with different {name}: {listed}; draw one figure for each")


def check_target(path: Path) -> None:
    """Raises FlowError, before anything is drawn, for a file that a figure cannot be written to."""
    from matplotlib.backend_bases import FigureCanvasBase

    if path.suffix[1:].lower() not in FigureCanvasBase.filetypes:
        raise FlowError(f"figure {path}: unknown format {path.suffix!r}; use .png, .svg or .pdf")
    if path.is_dir() or not path.absolute().parent.is_dir():
        why = "is a folder" if path.is_dir() else f"there is no folder {path.parent}"
        raise FlowError(f"figure {path}: {why}; name a file in a folder that exists")


def save(drawn: Figure, path: Path, *, dpi: int = 150) -> None:
    """Write a figure, whole or not at all, as large as its texts need. Raises FlowError if it cannot be written."""
    check_target(path)
    use_fonts(drawn)
    replacing(path, lambda part: drawn.savefig(part, dpi=dpi, bbox_inches="tight", pad_inches=0.1))


def degrees(value: float, sides: str) -> str:
    """A latitude (`sides` NS) or longitude (EW) as text."""
    return f"{abs(value):.3f}° {sides[value < 0]}"


def agreement_figure(result: RegionResult, period: str | None = None) -> Figure:
    """The agreement map of a region; below it, for 0, 1, 2 … profiles, the share of land they agree is degraded."""
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    period = period or result.period
    codes, extent, tags = read_raster(raster_path(result, AGREEMENT, period))
    profiles = tags["profiles"].split()
    colours = spread(COUNTS, len(profiles) + 1)
    shown = np.where(codes < 0, np.nan, codes)
    for colour_index, code in enumerate((AGREED_WATER, AGREED_UNDETERMINED), start=len(colours)):
        shown[codes == code] = colour_index
    drawn, (map_axes, bars) = figure(9, 5.2, nrows=2, height_ratios=(5, 1.1))
    map_axes.set_facecolor(NO_DATA)
    map_axes.imshow(
        shown, cmap=ListedColormap([*colours, WATER, UNDETERMINED]), vmin=-0.5, vmax=len(colours) + 1.5, extent=extent,
        interpolation="nearest", aspect=1 / np.cos(np.radians((extent[2] + extent[3]) / 2)),
    )  # fmt: skip
    # A title of the figure, not of the map: the map of a narrow region has no room for it.
    where = title_of(result.region, result.name)
    drawn.suptitle(
        f"{where}, {dated(result, period)}: how many of {len(profiles)} profiles call the land degraded",
        x=0.01,
        ha="left",
    )
    map_axes.set_xlabel("longitude, degrees east")
    map_axes.set_ylabel("latitude, degrees north")
    names = [f"{n}" for n in range(len(profiles) + 1)]
    patches = [Patch(facecolor=c, edgecolor=SOFT_LINE, label=n) for c, n in zip(colours, names, strict=True)]
    others = {"water": WATER, "undetermined": UNDETERMINED, "outside, or no data": NO_DATA}
    patches += [Patch(facecolor=colour, label=name) for name, colour in others.items()]
    map_axes.legend(handles=patches, loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False, title="profiles")
    left = 0.0
    table = agreement_shares(result, period)
    for colour, (name, share) in zip(colours, table.items(), strict=True):
        bars.barh(0, share, left=left, color=colour, edgecolor=SOFT_LINE, linewidth=0.5)
        if share > 4:
            bars.text(left + share / 2, 0, f"{name}: {share:.0f} %", ha="center", va="center", fontsize=9,
                      color=text_on(colour))  # fmt: skip
        left += share
    bars.set(xlim=(0, 100), yticks=[], xlabel="share of the land that any profile can judge, %")
    say_origin(drawn, result.origin)
    return drawn


def agreement_shares(result: RegionResult, period: str) -> dict[str, float]:
    """Percent of the judged land by number of profiles."""
    table = pd.read_csv(result.folder / "areas.csv")
    table = table[(table["period"] == period) & table["share"].notna()]
    return {
        name.removeprefix("degraded_by_"): 100 * share
        for name, share in zip(table["class"], table["share"], strict=True)
    }


def pixel_figure(vi: xr.DataArray, where: tuple[float, float], results: list[RegionResult], units: str) -> Figure:
    """One pixel's series (year) with its Theil–Sen line, significance, and its class by each profile."""
    trend = theil_sen_mann_kendall(vi.astype(float))
    years = vi["year"].values
    drawn, (top, below) = figure(9, 5.6, nrows=2, height_ratios=(3, 2))
    top.plot(years, vi.values, "o-", color="#444444", linewidth=1, markersize=4, label="annual value")
    line = float(trend["intercept"]) + float(trend["slope"]) * years
    decade, p = 10 * float(trend["slope"]), float(trend["p"])
    top.plot(
        years,
        line,
        color=CLASS_COLOURS[-1 if decade < 0 else 1],
        linewidth=2,
        label=f"Theil–Sen: {decade:+.3g} a decade",
    )
    name = quantity_names(results[0].quantity, units)[0]
    top.set_ylabel(f"annual value of {name}" + ("" if units in ("", "1") else f", {units}"))
    tau, s = float(trend["tau"]), float(trend["s"])
    here = f"{degrees(where[1], 'NS')} {degrees(where[0], 'EW')}"
    top.set_title(
        f"{title_of(results[0].region, results[0].name)}, {here}, {years[0]}-{years[-1]}: "
        f"Mann–Kendall S {s:.0f}, tau {tau:+.2f}, p {p:.3g}",
        loc="left",
    )
    top.legend(frameon=False)
    _class_grid(below, results, where)
    say_origin(drawn, results[0].origin)
    return drawn


def _class_grid(axes: Any, results: list[RegionResult], where: tuple[float, float]) -> None:
    """A table of coloured cells: a row for each profile, a column for each layer."""
    layers = ("trajectory", "state", "performance", "productivity", "land_cover", "soil_organic_carbon", "sdg")
    for row, result in enumerate(results):
        for column, layer in enumerate(layers):
            code = value_at(result.folder / f"{result.period}-{layer}.tif", where)
            axes.add_patch(_cell(column, row, CLASS_COLOURS.get(code, "white")))
            text = CLASS_WORDS.get(code, "–")
            axes.text(
                column + 0.5,
                row + 0.5,
                text,
                ha="center",
                va="center",
                fontsize=8,
                color="white" if code in (-1, 1) else "black",
            )
    axes.set(xlim=(0, len(layers)), ylim=(len(results), 0))
    axes.set_xticks(np.arange(len(layers)) + 0.5, [name.replace("_", "\n") for name in layers], fontsize=8)
    axes.set_yticks(np.arange(len(results)) + 0.5, [result.profile for result in results], fontsize=8)
    axes.tick_params(length=0)


def _cell(column: int, row: int, colour: str) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((column, row), 1, 1, facecolor=colour, edgecolor="white", linewidth=2)


def value_at(path: Path, where: tuple[float, float]) -> int:
    """The class at a longitude and latitude."""
    with rasterio.open(path) as file:
        return int(next(file.sample([where]))[0])


def most_disputed(result: RegionResult) -> tuple[float, float]:
    """Longitude and latitude of a pixel on which the profiles are most evenly split."""
    with rasterio.open(result.folder / f"{result.period}-agreement.tif") as file:
        codes, half = file.read(1), len(file.tags()["profiles"].split()) / 2
        counted = np.where((codes >= 0) & (codes <= 2 * half), np.abs(codes - half), np.inf)
        row, column = np.unravel_index(np.argmin(counted), counted.shape)
        x, y = file.xy(int(row), int(column))
        return float(x), float(y)


def say_origin(drawn: Figure, origin: str, more: str = "") -> None:
    """Write below a figure where its data are from, and `more`."""
    text = "SIMULATED landscape, not an observation" if origin == "simulated" else f"data from {ORIGINS[origin]}"
    drawn.supxlabel("; ".join(filter(None, [text, more])), x=0.995, ha="right", fontsize=7, color="#666666")
