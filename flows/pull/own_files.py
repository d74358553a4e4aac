"""Checks of own files before the first request: bands, units, values, years, extents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from flows.errors import UnusableFiles
from offline.sources.inspect import extent, file_of, images_of, reaches, spread, stored_values, years_of
from series.datasets import QUALITY_BANDS
from series.plausible import INDICES, LEAST_INDEX, named, range_of, scale_that_fits, unit_problem

if TYPE_CHECKING:
    from offline.model.assets import ImageAsset
    from offline.sources.own_files.files import FileSource
    from regions.model import Region
    from series.datasets import Dataset

#: Years named in a message, at most.
SHOWN_YEARS = 6


def require_usable(files: FileSource, datasets: Mapping[str, Dataset]) -> None:
    """Check the data sets that a folder serves. Raises UnusableFiles naming file, value, allowed range and the fix."""
    for dataset in datasets.values():
        images = images_of(files.get(dataset.asset))
        if images:
            _require_bands(files, dataset, images[0])
            _require_units(files, dataset)
            _require_values(files, dataset, images)


def _entry(files: FileSource, dataset: Dataset) -> str:
    """Where the catalogue describes a data set."""
    return f"{files.folder / 'catalog.json'}: datasets, {dataset.key}"


def _require_bands(files: FileSource, dataset: Dataset, image: ImageAsset) -> None:
    if dataset.cadence == "static" and dataset.first_year != dataset.last_year:
        return  # the first band is taken, whatever its name
    known = [band.name for band in image.bands]
    for band in dataset.bands:
        if band not in known:
            raise UnusableFiles(
                f'{_entry(files, dataset)}: asset {dataset.asset} has no band "{band}"; it has {", ".join(known)}. '
                f'Correct "{_field(dataset, band)}" there'
            )


def _field(dataset: Dataset, band: str) -> str:
    """The field of a data set's entry that asks for a band."""
    if dataset.quality and band in QUALITY_BANDS[dataset.quality]:
        return "quality"
    return "formula" if dataset.formula else "band"


def _require_units(files: FileSource, dataset: Dataset) -> None:
    problem = unit_problem(dataset)
    if problem:
        raise UnusableFiles(
            f'{_entry(files, dataset)}: {problem}. Correct "units", and set "scale" so that stored value x scale is '
            f"in them"
        )


def _require_values(files: FileSource, dataset: Dataset, images: tuple[ImageAsset, ...]) -> None:
    """Refuse values outside the range of the quantity, image by image."""
    allowed = range_of(dataset)
    if allowed is None or dataset.formula:  # bands of a formula are not in the units of its values
        return
    band = dataset.band if dataset.band in {each.name for each in images[0].bands} else images[0].bands[0].name
    largest = 0.0
    for image in spread(images):
        stored = stored_values(image, band)
        if not stored.size:
            continue
        low, high = (float(end) * dataset.scale + dataset.offset for end in (stored.min(), stored.max()))
        largest = max(largest, abs(low), abs(high))
        slack = 1e-6 * (allowed[1] - allowed[0])
        if low < allowed[0] - slack or high > allowed[1] + slack:
            raise UnusableFiles(
                f"{file_of(image, band)}: {named(dataset)} from {low:,.6g} to {high:,.6g}{_unit(dataset)}; allowed: "
                f"{allowed[0]:,g} to {allowed[1]:,g}. {_fix(dataset, float(stored.min()), float(stored.max()))} "
                f"({_entry(files, dataset)})"
            )
    if dataset.variable == "productivity" and dataset.quantity in INDICES and 0 < largest < LEAST_INDEX:
        raise UnusableFiles(
            f"{file_of(images[0], band)}: no {named(dataset)} above {largest:.2g}; values of land reach at least "
            f'{LEAST_INDEX:g}. The files may have scaled values already: remove "scale": {dataset.scale:g} from '
            f"{_entry(files, dataset)}"
        )


def _unit(dataset: Dataset) -> str:
    return "" if dataset.units == "1" else f" {dataset.units}"


def _fix(dataset: Dataset, low: float, high: float) -> str:
    """What to change where stored values from `low` to `high` are out of range."""
    scale = scale_that_fits(dataset, low, high) if dataset.scale == 1.0 else None
    if scale is not None:
        return f'Add "scale": {scale:.{len(str(round(1 / scale))) - 1}f} to the data set in catalog.json'
    return (
        f'Stored values are from {low:,g} to {high:,g}: declare fill values as "nodata" or a "valid_range" of the '
        f'band, or correct "scale", "offset" and "units"'
    )


def require_years(files: FileSource, dataset: Dataset, first: int, last: int, *, region: str) -> None:
    """Refuse years without an image in the files. Raises UnusableFiles naming them and years that can be used."""
    there = years_of(files.get(dataset.asset))
    missing = [year for year in range(first, last + 1) if year not in there]
    if not missing:
        return
    shown = ", ".join(map(str, missing[:SHOWN_YEARS])) + (", …" if len(missing) > SHOWN_YEARS else "")
    inside = [year for year in there if first <= year <= last]
    whole = bool(inside) and set(range(min(inside), max(inside))) <= there
    fix = f", or use --years {min(inside)}-{max(inside)}" if whole else ""
    raise UnusableFiles(
        f"Region {region}: {_entry(files, dataset)}: no file for {shown}; it states {dataset.first_year}-"
        f"{dataset.last_year}, the files of {dataset.asset} have {_spans(there)}. Add the files and their images, or "
        f'correct "first_year" and "last_year"{fix}'
    )


def _spans(years: set[int]) -> str:
    """Years as spans: 2001-2009, 2011."""
    spans: list[list[int]] = []
    for year in sorted(years):
        if spans and year == spans[-1][1] + 1:
            spans[-1][1] = year
        else:
            spans.append([year, year])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in spans) or "no year"


def require_extent(files: FileSource, dataset: Dataset, region: Region) -> None:
    """Refuse a region outside the files of a data set. Raises UnusableFiles naming file and both extents."""
    asset = files.get(dataset.asset)
    covered = extent(asset)
    if covered is None or reaches(asset, region.geometry):
        return
    image = images_of(asset)[0]
    raise UnusableFiles(
        f"Region {region.id} ({_box(region.geometry.bounds)}) lies outside of {dataset.asset} ({_box(covered.bounds)}; "
        f"{file_of(image, image.bands[0].name)}): no {dataset.variable.replace('_', ' ')} there. Choose a region "
        f"inside, or check the coordinate reference system of both"
    )


def _box(bounds: tuple[float, float, float, float]) -> str:
    west, south, east, north = bounds
    return f"{west:.2f} to {east:.2f} E, {south:.2f} to {north:.2f} N"
