"""The map of a region's break years, and how the breaks change its trend classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from flows.errors import FlowError
from flows.figures.canvas import figure, read_raster, say_origin
from flows.figures.fonts import title_of
from flows.region.break_words import check_years
from flows.region.pixel_breaks import TABLE
from practices.report.palette import FLAGS, NO_DATA, SOFT_LINE, text_on

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from flows.region.result import RegionResult

UNBROKEN = FLAGS["no_break"]
#: Width of one of the two maps, inches.
MAP_WIDTH = 4.2
#: Size of their titles, points: they stand side by side.
TITLE = 9.5
FLAG_WORDS = {
    "no_break": "no break",
    "confirmed": "trend holds",
    "step": "trend is one step",
    "reversed": "trend has turned",
    "hidden": "stable class, but changed",
}


def breaks_figure(result: RegionResult) -> Figure:
    """Years of the breaks on a map, next to it the flags, and below it the share of each.

    Raises FlowError if the result has no pixel breaks.
    """
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    path = result.folder / f"{result.period}-break_year.tif"
    if not path.is_file():
        raise FlowError(
            f"region {result.region}, {result.profile}: there are no breaks of pixels in {result.folder}; they need "
            f"yearly rain and 20 years: assess the region with precipitation and a longer record"
        )
    check_years(result)
    years, extent, _ = read_raster(path)
    west, east, south, north = extent
    tall = float(np.clip(MAP_WIDTH * _placed(extent)["aspect"] * (north - south) / (east - west), 1.6, 7.0))
    drawn, axes = figure(12, tall + 2, nrows=2, ncols=2, height_ratios=(tall, 0.35))
    # what stands at the edge of a map of fixed shape gets no room of its own
    drawn.set_layout_engine("constrained", rect=(0.03, 0, 0.97, 1))
    (left, right), (below, bars) = axes
    shown = np.where(years > 0, years, np.nan).astype(float)
    first, last = (int(each) for each in result.period.split("-"))
    _land(left, years >= 0, extent)
    picture = left.imshow(shown, cmap="viridis", vmin=first, vmax=last, **_placed(extent))
    where = title_of(result.region, result.name)
    left.set_title(f"{where}, {result.period}: when the land changed suddenly", loc="left", fontsize=TITLE)
    drawn.colorbar(
        picture, cax=below, orientation="horizontal", label="first year after the break (TSS-RESTREND of pixels)"
    )

    codes, _, _ = read_raster(result.folder / f"{result.period}-break_flag.tif")
    flags = ListedColormap(list(FLAGS.values()))
    right.set_facecolor(NO_DATA)
    right.imshow(
        np.where(codes >= 0, codes, np.nan).astype(float), cmap=flags, vmin=-0.5, vmax=len(FLAGS) - 0.5,
        **_placed(extent),
    )  # fmt: skip
    right.set_title(f"how the breaks change the trend class of {result.profile}", loc="left", fontsize=TITLE)
    patches = [Patch(facecolor=c, edgecolor=SOFT_LINE, label=FLAG_WORDS[n]) for n, c in FLAGS.items()]
    patches.append(Patch(facecolor=NO_DATA, edgecolor=SOFT_LINE, label="no class, no data"))
    right.legend(handles=patches, loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False)
    for map_axes in (left, right):
        map_axes.set(xlabel="longitude, degrees east")
    left.set_ylabel("latitude, degrees north")
    _bar(bars, shares(result))
    say_origin(drawn, result.origin)
    return drawn


def shares(result: RegionResult) -> pd.Series:
    """Percent of the land with a trend class, by flag."""
    table = pd.read_csv(result.folder / f"{TABLE}.csv")
    own = table[table["indicator"] == "break_flag"].set_index("class")["share"]
    return 100 * own.reindex(list(FLAGS)).fillna(0.0)


def _placed(extent: tuple[float, float, float, float]) -> dict[str, Any]:
    return {
        "extent": extent,
        "interpolation": "nearest",
        "aspect": 1 / np.cos(np.radians((extent[2] + extent[3]) / 2)),
    }


def _land(map_axes: Any, known: np.ndarray, extent: tuple[float, float, float, float]) -> None:
    """Draw land without a break in a pale colour, over the colour of unknown land."""
    from matplotlib.colors import ListedColormap

    map_axes.set_facecolor(NO_DATA)
    map_axes.imshow(np.where(known, 0.0, np.nan), cmap=ListedColormap([UNBROKEN]), **_placed(extent))


def _bar(bars: Any, percent: pd.Series) -> None:
    start = 0.0
    for name, share in percent.items():
        bars.barh(0, share, left=start, color=FLAGS[str(name)], edgecolor=SOFT_LINE, linewidth=0.5)
        if share > 5:
            bars.text(start + share / 2, 0, f"{share:.0f} %", ha="center", va="center", fontsize=8,
                      color=text_on(FLAGS[str(name)]))  # fmt: skip
        start += share
    bars.set(xlim=(0, 100), yticks=[], xlabel="share of the land with a trend class, %")
