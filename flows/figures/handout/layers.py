"""Which rasters of a result are handed out, and how each is drawn in a desktop GIS."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import rasterio

from flows.figures.file_names import dated
from practices.report.palette import RAMP, SHARES

if TYPE_CHECKING:
    from flows.region.result import RegionResult


@dataclass(frozen=True)
class HandedLayer:
    """A layer of a result: its name in files, what it shows, and the colours of its numbers; none for classes.

    The colours reach from `first` to `last`, in the units of the raster; None for the years of the record.
    """

    name: str
    title: str
    ramp: Sequence[str] = ()
    first: float | None = 0.0
    last: float | None = 1.0


#: In the order of the legend: what people look at first comes first.
HANDED = (
    HandedLayer("sdg", "SDG 15.3.1"),
    HandedLayer("status", "SDG 15.3.1, status against the baseline"),
    HandedLayer("verdict", "What the loss of degraded patches goes with"),
    HandedLayer("loss_probability", "Probability of a loss of productivity", SHARES),
    HandedLayer("gain_probability", "Probability of a gain of productivity", RAMP),
    HandedLayer("onset_year", "First year of the change of productivity", RAMP, None, None),
    HandedLayer("productivity", "Land productivity"),
    HandedLayer("land_cover", "Land cover"),
    HandedLayer("soil_organic_carbon", "Soil organic carbon"),
)


@dataclass(frozen=True)
class HandedRaster:
    """A raster of a result that is handed out, its layer, and its title with the period."""

    path: Path
    layer: HandedLayer
    title: str


def handed_rasters(result: RegionResult) -> Iterator[HandedRaster]:
    """The rasters of a result in the order of the layers, the whole record before its periods."""
    periods = [result.period, *(each.name for each in result.periods if each.name != result.period)]
    for layer in HANDED:
        for period in periods:
            path = result.folder / f"{period}-{layer.name}.tif"
            if path.is_file():
                yield HandedRaster(path, layer, f"{layer.title}, {dated(result, period)}")


def classes_in(path: Path) -> dict[int, str]:
    """Code → name of the classes of a raster, by its tags; empty for numbers."""
    with rasterio.open(path) as file:
        tags = file.tags()
    codes = tags.get("flag_values", "").strip("{}")
    return dict(zip(map(int, codes.split(",")), tags["flag_meanings"].split(), strict=True)) if codes else {}


def years_in(path: Path) -> tuple[float, float]:
    """First and last year of a raster, by its tags."""
    with rasterio.open(path) as file:
        first, last = file.tags()["years"].split("-")
    return float(first), float(last)
