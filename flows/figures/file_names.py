"""Names of files that are written without `--to`: what is shown, so that no request overwrites the file of another."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import rasterio

if TYPE_CHECKING:
    from flows.region.result import RegionResult

#: More regions than this are not listed in a file name.
LISTED = 3


def figure_file(result: RegionResult, regions: Sequence[str], *what: str, period: str = "") -> Path:
    """The PNG file of a figure of `regions`: what it shows, the period with its years, and the origin of the data."""
    named = period or result.period
    years = years_of(result, named)
    when = [named] if named.endswith(years) else [named, years]
    return Path("-".join([regions_part(regions), *what, *when, result.origin]) + ".png")


def regions_part(regions: Sequence[str]) -> str:
    """Regions as a part of a file name; if there are many: the first, how many more there are, and a digest of all."""
    if len(regions) <= LISTED:
        return "-".join(regions)
    digest = hashlib.sha256("\n".join(sorted(regions)).encode()).hexdigest()[:6]
    return f"{regions[0]}-and-{len(regions) - 1}-more-{digest}"


def dated(result: RegionResult, period: str) -> str:
    """A period with its years, for titles: `2001-2024`, `baseline (2001-2015)`."""
    years = years_of(result, period)
    return period if period.endswith(years) else f"{period} ({years})"


def years_of(result: RegionResult, period: str) -> str:
    """First and last year of the trend of a period, by the tags of its rasters; empty without tags."""
    for path in sorted(result.folder.glob(f"{period}-*.tif"))[:1]:
        with rasterio.open(path) as file:
            return str(file.tags().get("years", ""))
    return ""


def export_folder(regions: Sequence[str], origin: str | None) -> str:
    """The folder of an export: `export`, with the regions and the origin where not all are asked for."""
    return "-".join(["export", *([regions_part(regions)] if regions else []), *([origin] if origin else [])])
