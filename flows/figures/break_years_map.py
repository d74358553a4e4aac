"""The map of regions coloured by the last break of their mean series, and below it every break with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill as fill_lines
from typing import TYPE_CHECKING

import pandas as pd

from flows.errors import FlowError
from flows.figures.canvas import alike, say_origin
from flows.figures.class_map import fill, finish_map, framed, name_region, whole_frame
from flows.figures.fonts import label_of
from flows.region.break_words import check_years
from practices.report.palette import LINE, SOFT_LINE

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from shapely.geometry.base import BaseGeometry

    from flows.region.result import RegionResult


def break_map(results: Sequence[RegionResult], outlines: Mapping[str, BaseGeometry]) -> Figure:
    """A map of regions coloured by the last break of their mean series.

    Below the map: every break with its 95 % interval. White: no break. Upright triangles are breaks upward, inverted
    ones breaks downward. Raises FlowError for a region without an outline, and for results of different origin or
    period.
    """
    from matplotlib import colormaps
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize
    from matplotlib.ticker import MaxNLocator

    alike(results, "origin", "profile", "period")
    lost = [each.region for each in results if each.region not in outlines]
    if lost:
        raise FlowError(f"region {', '.join(lost)}: no outline in the database or among the regions; assess it again")
    for each in results:
        check_years(each)
    frame = whole_frame([], [outlines[each.region] for each in results])
    drawn, (map_axes, bars) = framed(frame, len(results))
    first, last = (int(year) for year in results[0].period.split("-"))
    scale, colours = Normalize(first, last), colormaps["viridis"]
    for row, each in enumerate(results):
        breaks = pd.read_csv(each.folder / "breaks.csv").query("variable == 'productivity'")
        years = breaks["year"].tolist()
        fill(map_axes, outlines[each.region], colours(scale(years[-1])) if years else "white")
        name_region(map_axes, each, outlines, several=True, more="".join(f"\n{year}" for year in years))
        if not years:
            bars.text((first + last) / 2, row, "no break", ha="center", va="center", fontsize=8)
        for one in breaks.to_dict("records"):
            bars.plot([one["low"], one["high"]], [row, row], color=SOFT_LINE, linewidth=2)
            sign = "^" if one["magnitude"] > 0 else "v"
            bars.plot(one["year"], row, sign, markersize=7, color=colours(scale(one["year"])), markeredgecolor=LINE)
    finish_map(map_axes, frame)
    map_axes.set_title(
        f"Breaks of the region's mean, {results[0].period}, by {results[0].profile}", loc="left", fontweight="bold"
    )
    bars.set_title(fill_lines(results[0].breaks_are, 110), loc="left", fontsize=7)
    whole = MaxNLocator(integer=True)
    drawn.colorbar(
        ScalarMappable(scale, colours), ax=map_axes, shrink=0.8, ticks=whole, label="first year after the last break"
    )
    bars.xaxis.set_major_locator(MaxNLocator(integer=True))
    bars.set_yticks(range(len(results)), [label_of(each.region, each.name) for each in results], fontsize=8)
    bars.set(xlim=(first - 0.5, last + 0.5), ylim=(len(results) - 0.5, -0.5),
             xlabel="first year after a break, and its 95 % interval; ▲ upward, ▼ downward")  # fmt: skip
    bars.spines[["top", "right"]].set_visible(False)
    bars.grid(axis="x", color="#dddddd", linewidth=0.6)
    say_origin(drawn, results[0].origin)
    return drawn
