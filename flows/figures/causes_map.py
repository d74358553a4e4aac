"""The map of a region's degraded patches by what their loss goes with, and the share of each verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from flows.errors import FlowError
from flows.figures.canvas import figure, read_raster, say_origin
from flows.figures.fonts import title_of
from flows.region.causes.writing import CODES, TABLE
from indicators.causes.patches import LEAST_CELLS
from indicators.codes import NODATA
from practices.report.palette import CAUSES, CLASSES, NO_DATA, SOFT_LINE

if TYPE_CHECKING:
    from typing import Any

    from matplotlib.figure import Figure

    from flows.region.result import RegionResult

#: Width of the map, inches.
MAP_WIDTH = 6.0
#: Most patches whose numbers are written on the map.
NUMBERED = 12


def causes_figure(result: RegionResult) -> Figure:
    """Degraded patches on a map, with the numbers of the largest, and beside it the share of each verdict.

    Raises FlowError if the result has no patches.
    """
    from matplotlib.colors import ListedColormap

    path = result.folder / f"{result.period}-verdict.tif"
    if not path.is_file():
        raise FlowError(
            f"region {result.region}, {result.profile}: nothing is known of causes in {result.folder}; they need 12 "
            f"years: assess the region with a longer record, and without --no-patches"
        )
    table = pd.read_csv(result.folder / f"{TABLE}.csv")
    if table.empty:
        raise FlowError(
            f"region {result.region}, {result.profile}: no degraded land of {LEAST_CELLS} cells or more hangs "
            f"together, so there is no patch to draw; smaller cells (--resolution) may show some"
        )
    codes, extent, _ = read_raster(path)
    classes, _, _ = read_raster(result.folder / f"{result.period}-sdg.tif")
    west, east, south, north = extent
    aspect = float(1 / np.cos(np.radians((south + north) / 2)))
    tall = float(np.clip(MAP_WIDTH * aspect * (north - south) / (east - west), 2.8, 8.0))
    drawn, (left, right) = figure(MAP_WIDTH + 6, tall + 1.0, ncols=2, width_ratios=(MAP_WIDTH, 4))
    placed: dict[str, Any] = {"extent": extent, "interpolation": "nearest", "aspect": aspect}
    left.set_facecolor(NO_DATA)
    left.imshow(np.where(classes != NODATA, 0.0, np.nan), cmap=ListedColormap([CLASSES["stable"]]), **placed)
    colours = ListedColormap([CAUSES[name] for name in CODES.values()])
    shown = np.where(codes != NODATA, codes, np.nan).astype(float)
    left.imshow(shown, cmap=colours, vmin=0.5, vmax=len(CODES) + 0.5, **placed)
    for row in table.nlargest(NUMBERED, "area_km2").itertuples():
        left.annotate(
            str(row.patch), (row.lon, row.lat), xytext=(5, 5), textcoords="offset points", fontsize=7,
            bbox={"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": SOFT_LINE, "linewidth": 0.5},
        )  # fmt: skip
    where = title_of(result.region, result.name)
    left.set_title(f"{where}, {result.period}: what the loss of degraded patches goes with", loc="left", fontsize=9.5)
    left.set(xlabel="longitude, degrees east", ylabel="latitude, degrees north")
    said = f"numbers: the {min(NUMBERED, len(table))} largest patches; pale: other land, and smaller patches"
    left.text(0, -0.14, said, transform=left.transAxes, fontsize=8)
    _bars(right, table)
    say_origin(drawn, result.origin)
    return drawn


def shares(table: pd.DataFrame) -> pd.Series:
    """Percent of the area of the patches by verdict, in the order of the codes."""
    area = table.groupby("verdict")["area_km2"].sum()
    total = float(area.sum())
    return 100 * area.reindex(list(CODES.values())).fillna(0.0) / (total if total > 0 else 1.0)


def _bars(axes: Any, table: pd.DataFrame) -> None:
    percent = shares(table)
    counts = table["verdict"].value_counts()
    for place, (name, share) in enumerate(percent.items()):
        axes.barh(place, share, color=CAUSES[str(name)], edgecolor=SOFT_LINE, linewidth=0.5)
        number = int(counts.get(name, 0))
        said = f"{share:.0f} %, {number} {'patch' if number == 1 else 'patches'}" if number else "none"
        axes.text(share + 1.5, place, said, va="center", fontsize=8)
    axes.set_yticks(range(len(percent)), [str(name) for name in percent.index])
    axes.invert_yaxis()
    # room for words behind the longest bar
    axes.set(xlim=(0, 140), xticks=range(0, 101, 20), xlabel="share of the area of the patches, %")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.set_title("associated with, not caused by", loc="left", fontsize=9.5)
