"""The map that a command asks for: classes of an indicator, or years of breaks, of the newest results of regions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from flows.figures.break_years_map import break_map
from flows.figures.class_map import class_map
from flows.figures.file_names import figure_file
from flows.region.opening import newest_result
from flows.store import own_regions
from indicators.profiles import DEFAULT_PROFILE
from practices.database.open import open_database
from practices.exports.content import geometry
from regions.catalogue import load

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from shapely.geometry.base import BaseGeometry


def outlines_of(regions: Sequence[str], data: Path, url: str | None = None) -> dict[str, BaseGeometry]:
    """Outlines of regions by id: as published, else as the catalogue or the user's own regions have them.

    If the database does not exist, it is not created.
    """
    own = own_regions(data)
    known = {name: each.geometry for name, each in load(extra=own if own.is_dir() else None).items()}
    if url is not None or (data / "practices.sqlite").is_file():
        engine = open_database(url or data / "practices.sqlite")
        try:
            known |= geometry(engine).regions
        finally:
            engine.dispose()
    return {name: known[name] for name in regions if name in known}


def draw_map(
    regions: Sequence[str],
    data: Path,
    *,
    indicator: str = "sdg",
    period: str | None = None,
    profile: str = DEFAULT_PROFILE,
    url: str | None = None,
) -> tuple[Figure, Path]:
    """The map of the newest results of some regions: `class_map`, or `break_map` for the indicator `breaks`; its file.

    Raises FlowError if a region has no such result, or no outline that breaks could be drawn in.
    """
    results = [newest_result(data, region, profile, period) for region in regions]
    outlines = outlines_of(regions, data, url)
    if indicator == "breaks":
        return break_map(results, outlines), figure_file(results[0], regions, "region-breaks", profile)
    drawn = class_map(results, outlines, indicator=indicator, period=period)
    return drawn, figure_file(results[0], regions, indicator, profile, period=period or "")
