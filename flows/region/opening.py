"""Which result of a region is on disk, and how is it opened? As its summary, or its rasters as one xarray Dataset."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from flows.defaults import DEFAULT_DATA
from flows.errors import FlowError
from flows.region.result import LAYERS, SUMMARY, RegionResult
from flows.request.assess import ALL_PROFILES
from flows.request.suggest import command
from practices.results.names import AGREEMENT
from practices.results.published_views import FIRST_METHOD

#: Tags that are the same in every raster of a result; they become attributes of the Dataset.
RESULT_TAGS = (
    "region", "profile", "profiles", "origin", "source", "licence", "history", "package_version", "source_digest",
)  # fmt: skip
#: Tags that the Dataset states by its names and coordinates, or that concern a file alone.
FILE_TAGS = ("period", "years", "layer", "AREA_OR_POINT", "TIFFTAG_SOFTWARE", "scale_factor", "add_offset")


def result_folders(data: Path, region: str, method: str | None = None) -> list[Path]:
    """Folders with a complete result of a region, by one method or by all; the one that was requested last is last."""
    summaries = (data / "results" / region).glob(f"[!.]*/{SUMMARY}")
    folders = [path.parent for path in sorted(summaries, key=lambda path: path.stat().st_mtime)]
    return [folder for folder in folders if method in (None, method_of(folder))]


def method_of(folder: Path) -> str:
    """The method of a result folder: its name without the digest. (`ne-asia-2-…` is no result of `ne-asia`.)"""
    return folder.name.rpartition("-")[0]


def newest_result(data: Path, region: str, profile: str | None = None, period: str | None = None) -> RegionResult:
    """The result of a region that was requested last; of those with `period` where any has it.

    Without `profile`: the last assessment, or that of the first method if it has one of the same origin and period.
    Raises FlowError with the command that makes a result.
    """
    if profile not in (None, *ALL_PROFILES, AGREEMENT):
        raise FlowError(f"profile {profile!r} is unknown; use {', '.join(ALL_PROFILES)}")
    folders = result_folders(data, region, profile)
    if profile is None:
        folders = [folder for folder in folders if method_of(folder) != AGREEMENT]
    folders = [folder for folder in folders if any(folder.glob(f"{period}-*.tif"))] or folders
    if not folders:
        options = [] if profile is None else ["--profiles", "all" if profile == AGREEMENT else profile]
        raise FlowError(
            f"region {region}: there is no result{f' of {profile}' if profile else ''} in {data}; "
            f"run: {command('assess', region, *options, data=data)}"
        )
    last = RegionResult.read(folders[-1])
    if profile is None:
        first = (RegionResult.read(folder) for folder in reversed(folders) if method_of(folder) == FIRST_METHOD)
        return next((each for each in first if (each.origin, each.period) == (last.origin, last.period)), last)
    return last


def open_result(
    region: str,
    *,
    data: Path | str = DEFAULT_DATA,
    profile: str | None = None,
    period: str | None = None,
    folder: Path | str | None = None,
) -> xr.Dataset:
    """Open the rasters of a result of a region as one Dataset.

    Parameters
    ----------
    region
        Id of the region, such as `otindag`.
    data
        Data folder of the assessment (`--data`).
    profile
        Method, such as `trends-earth`, or `agreement`. Without it: the result that was requested last, by `ne-asia-2`
        if that has one of the same origin and period.
    period
        Name of one period, such as `report-1`. Without it: all periods.
    folder
        Folder of one result, instead of the newest one in `data`.

    Returns
    -------
    xr.Dataset
        One variable for each layer, named as in the file names, such as `sdg`. Values and types are those of the
        files: codes of classes as int8 with no data at −128, fractions as float32 with no data as NaN.

        Dimensions are (period, y, x). The whole record is the first period; the coordinate `years` has the years of
        each. Layers that exist for the whole record only (breaks and changes of pixels) are (y, x). With `period` all
        layers are (y, x). `y` and `x`: centres of cells, degrees of latitude and longitude; the reference system is
        in `spatial_ref`, so `.rio` works.

        Attributes of a variable: `long_name`, `units`, and for classes `flag_values` and `flag_meanings`. Attributes
        of the Dataset: origin, profile, data sets with licences, version and digest of the code, and `other_cells`: the
        layers on other cells (sums of rain), which are left out.

        Files are read when values are needed (dask).

    Raises
    ------
    FlowError
        No such result or period. The message lists the periods, or the command that makes a result.

    Examples
    --------
    >>> from flows.region import open_result
    >>> result = open_result("otindag")  # doctest: +SKIP
    >>> result["sdg"].sel(period="report-1").rio.to_raster("sdg.tif")  # doctest: +SKIP
    """
    result = newest_result(Path(data), region, profile, period) if folder is None else _result_in(Path(folder), region)
    files = {tuple(path.stem.rpartition("-")[::2]): path for path in result.folder.glob("*.tif")}  # period, layer
    periods = sorted({name for name, _ in files}, key=lambda name: (name != result.period, name))
    if period is not None and period not in periods:
        raise FlowError(
            f"region {region}, {result.profile}: there is no period {period!r} in {result.folder}; "
            f"use {', '.join(periods)}"
        )
    chosen = periods if period is None else [period]
    layers = {}
    for layer in sorted({layer for name, layer in files if name in chosen}):
        bands = _periods_of([files[name, layer] for name in chosen if (name, layer) in files])
        layers[layer] = bands if period is None and layer in LAYERS else bands.squeeze("period", drop=period is None)
    cells = max(layers.values(), key=lambda bands: bands.sizes["y"] * bands.sizes["x"])
    variables = {layer: bands for layer, bands in layers.items() if _same_cells(bands, cells)}
    tags = {name: value for name, value in cells.attrs.items() if name in RESULT_TAGS}
    for bands in variables.values():
        bands.attrs = {name: value for name, value in bands.attrs.items() if name not in (*RESULT_TAGS, *FILE_TAGS)}
    return xr.Dataset(variables, attrs={**tags, "other_cells": " ".join(sorted(layers.keys() - variables.keys()))})


def _periods_of(paths: Sequence[Path]) -> xr.DataArray:
    """One layer (period, y, x) from its file of each period."""
    import rioxarray

    bands = [rioxarray.open_rasterio(path, chunks={}).squeeze("band", drop=True) for path in paths]
    dated = [
        band.expand_dims(period=[band.attrs["period"]]).assign_coords(years=("period", [band.attrs["years"]]))
        for band in bands
    ]
    layer = xr.concat(dated, "period", coords="minimal", compat="override", join="override", combine_attrs="override")
    if "flag_values" in layer.attrs:  # read as floats; CF asks for the type of the variable
        layer.attrs["flag_values"] = np.atleast_1d(layer.attrs["flag_values"]).astype(layer.dtype)
    return layer


def _same_cells(band: xr.DataArray, other: xr.DataArray) -> bool:
    return all(band[axis].equals(other[axis]) for axis in ("y", "x"))


def _result_in(folder: Path, region: str) -> RegionResult:
    """The result in a folder. Raises FlowError if there is none, or that of another region."""
    if not (folder / SUMMARY).is_file():
        raise FlowError(f"region {region}: {folder} holds no result (no {SUMMARY}); name the folder of one result")
    result = RegionResult.read(folder)
    if result.region != region:
        raise FlowError(
            f"region {region}: {folder} holds a result of region {result.region}; name a folder of {region}"
        )
    return result
