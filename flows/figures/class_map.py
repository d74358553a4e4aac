"""The map of a class raster over one region or several, with outlines, a legend, and the share of each class."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import rasterio
from odc.geo.geobox import GeoBox
from shapely import box, get_parts

from flows.errors import FlowError
from flows.figures.canvas import alike, figure, raster_path, read_raster, say_origin
from flows.figures.file_names import dated
from flows.figures.fonts import label_of, title_of
from indicators.area.areas import cell_area
from indicators.area.tally import class_rows, class_sums
from indicators.codes import MEANINGS
from indicators.sdg15.one_out_all_out import STATUS_MEANINGS
from practices.report import palette
from practices.report.shares import ASSESSMENT, STATUS
from practices.results.names import label
from regions.grid import coverage

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from shapely.geometry.base import BaseGeometry

    from flows.region.result import RegionResult
    from practices.report.headline import Headline

Box = tuple[float, float, float, float]
#: Indicators that are mapped by class: all are for the period alone, except the status.
TITLES = {
    "sdg": "SDG 15.3.1",
    "status": "SDG 15.3.1, status against the baseline",
    "productivity": "land productivity",
    "trajectory": "trajectory of productivity",
    "state": "state of productivity",
    "performance": "performance of productivity",
    "land_cover": "land cover",
    "soil_organic_carbon": "soil organic carbon",
}
#: Class → colour.
COLOURS = {**palette.CLASSES, "no data": palette.NO_DATA}
STATUS_COLOURS = {
    **{name.replace("_", " "): colour for name, colour in palette.STATUS.items()},
    "no data": palette.NO_DATA,
}
KM_A_DEGREE = 111.32
#: The bar of the scale is at most this part of the width of a map.
SCALE_PART = 5
#: Width of the map, and height of a region's bar, inches.
MAP_WIDTH, BAR = 8.4, 0.26
#: Characters in a line under the bars.
WRAPPED = 120
#: Percent below which a part of a bar has no number.
SMALLEST_LABELLED = 5.0


def class_map(
    results: Sequence[RegionResult],
    outlines: Mapping[str, BaseGeometry],
    *,
    indicator: str = "sdg",
    period: str | None = None,
) -> Figure:
    """Classes of an indicator on a map, and below it a bar for each region: the share of its land in each class.

    `outlines` by region, in degrees; a region without one is drawn without a line. `period` is the whole record by
    default. Raises FlowError for an indicator without such classes, a period that a result lacks, and results of
    different origin.
    """
    if indicator not in TITLES:
        raise FlowError(f"indicator {indicator!r} cannot be mapped; allowed: {', '.join(TITLES)}")
    alike(results, "origin", "profile")
    period = period_of_status(results, period) if indicator == "status" else period or results[0].period
    rasters = [read_raster(raster_path(each, indicator, period)) for each in results]
    shares = class_shares(results, outlines, indicator, period)
    frame = whole_frame(
        [extent for _, extent, _ in rasters], [outlines[r.region] for r in results if r.region in outlines]
    )
    drawn, (map_axes, bars) = framed(frame, len(results))
    for each, (codes, extent, _) in zip(results, rasters, strict=True):
        outline = outlines.get(each.region)
        edge = None if outline is None else fill(map_axes, outline, COLOURS["no data"])
        paint(map_axes, codes, extent, edge, *classes_and_colours(indicator))
        name_region(map_axes, each, outlines, several=len(results) > 1)
    finish_map(map_axes, frame)
    where = f"{title_of(results[0].region, results[0].name)}: " if len(results) == 1 else ""
    what = TITLES[indicator] if where else TITLES[indicator][0].upper() + TITLES[indicator][1:]
    map_axes.set_title(
        f"{where}{what}, {dated(results[0], period)}, by {results[0].profile}", loc="left", fontweight="bold"
    )
    _, colours = classes_and_colours(indicator)
    names = {each.region: label_of(each.region, each.name) for each in results}
    draw_bars(bars, shares.rename(index=names), colours)
    present = [name for name in colours if name in shares and (shares[name] > 0).any()]
    legend(drawn, {label(name): colours[name] for name in present})
    say_headlines(bars, results, indicator, period)
    say_origin(drawn, results[0].origin)
    return drawn


def classes_and_colours(indicator: str) -> tuple[Mapping[int, str], Mapping[str, str]]:
    """Classes of an indicator's raster by code, and their colours."""
    return (STATUS_MEANINGS, STATUS_COLOURS) if indicator == "status" else (MEANINGS, COLOURS)


def period_of_status(results: Sequence[RegionResult], period: str | None) -> str:
    """The reporting period whose status is shown: `period`, or the last one.

    Raises FlowError if a result has no status.
    """
    for result in results:
        names = [each.name for each in result.periods if each.headline.alone is not None]
        if not names or period not in (None, *names):
            wanted = f"the period {period}" if period else "any reporting period"
            hint = f"choose {' or '.join(names)}" if names else "assess years that cover a reporting period"
            raise FlowError(f"region {result.region}, {result.profile}: there is no status for {wanted}; {hint}")
        period = period or names[-1]
    assert period is not None
    return period


def say_headlines(bars: Any, results: Sequence[RegionResult], indicator: str, period: str) -> None:
    """Write under the bars of SDG 15.3.1 the headline of each region, because the bars show mapped shares."""
    numbers = {"sdg": f" by the {ASSESSMENT}", "status": f" by the {STATUS}"}
    said = [f"share of the land as mapped{numbers.get(indicator, '')}, %"]
    found = {each.region: one.headline for each in results for one in each.periods if one.name == period}
    if indicator in numbers:
        names = {each.region: label_of(each.region, each.name) for each in results}
        said += [f"{names[region]}: {lead_of(each)}" for region, each in found.items()]
    bars.set_xlabel("\n".join(textwrap.fill(each, WRAPPED) for each in said), fontsize=8)


def lead_of(found: Headline) -> str:
    """What leads, as a line under a map; of the status where that is what a country reports."""
    of = "" if found.alone is None else f" ({found.official.name}, which is reported)"
    if found.leads == "not determined":
        return f"the degraded share cannot be determined from this record{of}"
    if found.leads == "interval":
        return f"{found.lead}{of}; the interval of the true share excludes the mapped share"
    if found.leads == "probability":
        return f"{found.lead}{of} for reasons other than weather"
    return f"{found.lead}{of}{', corrected by reference sites' if found.own_corrected else ', as mapped'}"


def class_shares(
    results: Sequence[RegionResult], outlines: Mapping[str, BaseGeometry], indicator: str, period: str
) -> pd.DataFrame:
    """Percent of the land of each region (rows) in each class that occurs (columns); water is excluded."""
    meanings, colours = classes_and_colours(indicator)
    rows = {
        each.region: class_areas(raster_path(each, indicator, period), outlines.get(each.region), meanings)
        for each in results
    }
    land = pd.DataFrame(rows).T.drop(columns="water", errors="ignore")
    found = 100 * land.div(land.sum(axis=1), axis=0)
    return found[[name for name in colours if name in found]]


def class_areas(path: Path, outline: BaseGeometry | None, meanings: Mapping[int, str] | None = None) -> pd.Series:
    """Area (km²) of each class of a raster inside an outline, cells at the edge by the part that lies inside."""
    with rasterio.open(path) as file:
        codes, grid = file.read(1), GeoBox(file.shape, file.transform, "EPSG:4326")
    share = coverage(box(*grid.boundingbox) if outline is None else outline, grid)
    share.attrs["cell_degrees"] = grid.affine.a  # tells the area of a grid of one cell
    sums = class_sums(codes, (share * cell_area(share)).values)
    return class_rows(sums, path.parent.parent.name, meanings or MEANINGS).set_index("class")["area_km2"]


def whole_frame(extents: Sequence[Box], outlines: Sequence[BaseGeometry]) -> Box:
    """West, east, south and north of everything shown."""
    boxes = [*extents, *((west, east, south, north) for west, south, east, north in (o.bounds for o in outlines))]
    west, east, south, north = zip(*boxes, strict=True)
    return min(west), max(east), min(south), max(north)


def framed(frame: Box, rows: int) -> tuple[Figure, Any]:
    """A figure for a map of that shape above `rows` bars."""
    west, east, south, north = frame
    squeezed = np.cos(np.radians((south + north) / 2))
    tall = float(np.clip(MAP_WIDTH * (north - south) / ((east - west) * squeezed), 2.2, 6.5))
    low = 0.3 + BAR * rows
    return figure(MAP_WIDTH + 1.8, tall + low + 1.2, nrows=2, height_ratios=(tall, low))


def fill(map_axes: Any, outline: BaseGeometry, colour: str) -> Any:
    """Draw a filled outline with a border. Returns the patch used to clip the raster."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path as Line

    rings = [ring for part in get_parts(outline) for ring in (part.exterior, *part.interiors)]
    shape = Line.make_compound_path(*(Line(np.asarray(ring.coords)[:, :2], closed=True) for ring in rings))
    filled = map_axes.add_patch(PathPatch(shape, facecolor=colour, edgecolor="none", zorder=1))
    map_axes.add_patch(PathPatch(shape, facecolor="none", edgecolor=palette.LINE, linewidth=0.8, zorder=3))
    return filled


def paint(
    map_axes: Any,
    codes: np.ndarray,
    extent: Box,
    edge: Any | None,
    meanings: Mapping[int, str],
    colours: Mapping[str, str],
) -> None:
    """Draw a class raster, cut at `edge`; cells without data stay transparent."""
    from matplotlib.colors import ListedColormap

    shown = np.full(codes.shape, np.nan)
    for number, code in enumerate(meanings):
        shown[codes == code] = number
    listed = ListedColormap([colours[name] for name in meanings.values()])
    drawn = map_axes.imshow(
        shown, cmap=listed, vmin=-0.5, vmax=len(meanings) - 0.5, extent=extent, interpolation="nearest", zorder=2
    )
    if edge is not None:
        drawn.set_clip_path(edge)


def name_region(
    map_axes: Any, result: RegionResult, outlines: Mapping[str, BaseGeometry], *, several: bool, more: str = ""
) -> None:
    """Write the name or id of a region inside it, if there are several."""
    from matplotlib.patheffects import withStroke

    if result.region not in outlines or not several:
        return
    inside = outlines[result.region].representative_point()
    around = [withStroke(linewidth=2, foreground="white")]
    label = f"{label_of(result.region, result.name)}{more}"
    map_axes.text(inside.x, inside.y, label, ha="center", va="center", fontsize=7, zorder=4, path_effects=around)


def finish_map(map_axes: Any, frame: Box) -> None:
    """Set the limits, shape and axis labels of a map in degrees."""
    from matplotlib.ticker import MaxNLocator

    west, east, south, north = frame
    wide, high = 0.02 * (east - west), 0.02 * (north - south)
    map_axes.set(xlim=(west - wide, east + wide), ylim=(south - high, north + high))
    map_axes.set_aspect(1 / np.cos(np.radians((south + north) / 2)))
    map_axes.xaxis.set_major_locator(MaxNLocator(8 if east - west > north - south else 4))
    map_axes.set(xlabel="longitude, degrees east", ylabel="latitude, degrees north")
    scale_bar(map_axes)


def scale_bar(map_axes: Any) -> None:
    """A bar of a round number of kilometres in the lower left corner, true in the middle of the map."""
    from matplotlib.patheffects import withStroke

    (west, east), (south, north) = map_axes.get_xlim(), map_axes.get_ylim()
    degree = KM_A_DEGREE * np.cos(np.radians((south + north) / 2))
    km = round_length((east - west) * degree / SCALE_PART)
    x, y = west + 0.02 * (east - west), south + 0.03 * (north - south)
    around = [withStroke(linewidth=4, foreground="white")]
    map_axes.plot(
        [x, x + km / degree], [y, y], color=palette.LINE, lw=2, zorder=5, path_effects=around, solid_capstyle="butt"
    )
    map_axes.annotate(
        f"{km:g} km", (x, y), xytext=(0, 3), textcoords="offset points", fontsize=7, zorder=5, path_effects=around
    )


def round_length(most: float) -> float:
    """The largest of 1, 2 and 5 times a power of ten that is not above `most`.

    >>> round_length(47.0), round_length(20.0), round_length(0.7)
    (20.0, 20.0, 0.5)
    """
    power = 10.0 ** np.floor(np.log10(most) + 1e-9)
    return float(max(step * power for step in (1, 2, 5) if step * power <= most * (1 + 1e-9)))


def draw_bars(bars: Any, shares: pd.DataFrame, colours: Mapping[str, str] = COLOURS) -> None:
    """Draw a bar for each region, with the percentages of its parts."""
    for row, (_, own) in enumerate(shares.iterrows()):
        left = 0.0
        for name, share in own.items():
            bars.barh(row, share, left=left, color=colours[str(name)], edgecolor="white", linewidth=0.5)
            if share >= SMALLEST_LABELLED:
                bars.text(left + share / 2, row, f"{share:.0f}", ha="center", va="center", fontsize=7,
                          color=palette.text_on(colours[str(name)]))  # fmt: skip
            left += share
    bars.set_yticks(range(len(shares)), list(shares.index), fontsize=8)
    bars.set(xlim=(0, 100), ylim=(len(shares) - 0.5, -0.5), xlabel="share of the land, %")
    bars.spines[["top", "right", "left"]].set_visible(False)
    bars.tick_params(axis="y", length=0)


def legend(drawn: Figure, colours: Mapping[str, str]) -> None:
    """Named colours below the bars."""
    from matplotlib.patches import Patch

    patches = [Patch(facecolor=colour, edgecolor=palette.SOFT_LINE, label=name) for name, colour in colours.items()]
    drawn.legend(handles=patches, loc="outside lower left", ncols=min(len(patches), 5), frameon=False, fontsize=9)
