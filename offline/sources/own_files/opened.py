"""Raster files opened: what they hold, and a thread-safe loader of windows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from threading import Lock, local
from typing import TYPE_CHECKING, Any

import numpy as np
import rasterio
import xarray as xr
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS
from rasterio.enums import ColorInterp, MaskFlags
from rasterio.errors import RasterioIOError
from rasterio.windows import Window

from offline.landscape.recent import Recent
from offline.sources.own_files.resampling import NativeGrid

if TYPE_CHECKING:
    from pyproj import CRS

Values = NDArray[Any]

SINUSOIDAL = "SR-ORG:6974"
SINUSOIDAL_PROJ = "+proj=sinu +lon_0=0 +x_0=0 +y_0=0 +R=6371007.181 +units=m +no_defs"

Y_NAMES, X_NAMES = ("y", "lat", "latitude"), ("x", "lon", "longitude")
NOT_TIFF = (".nc", ".nc4", ".h5", ".zarr")

WHOLE_BYTES, WHOLE_LAYER = 32_000_000, 1_000_000
"""A file of fewer bytes and pixels a layer is read once, as a whole (hundreds of dates of a small area)."""

OPEN_FILES = 64
"""Files that a thread keeps open; GDAL remembers the blocks of a file that is open."""


class Unreadable(ValueError):
    """A file cannot be served; the message says why, `fix` what to do."""

    def __init__(self, problem: str, fix: str) -> None:
        super().__init__(problem)
        self.fix = fix


@dataclass(frozen=True)
class Opened:
    """A file: grid, stored type, layers (bands or time steps) and how to load a window of one."""

    path: Path
    grid: NativeGrid
    dtype: str
    nodata: tuple[float, ...]
    layers: int
    descriptions: tuple[str | None, ...]
    times: tuple[date, ...]
    load: Callable[[int, int, int, int, int], Values]
    """(layer from 0, first row, first column, rows, columns) -> stored values"""
    unmasked: Callable[[int, int, int, int, int], NDArray[np.bool_]] | None = None
    """the same for where the file's mask band (internal mask, .msk file, alpha band) shows data; None without one"""


def opened(path: Path, variable: str | None, crs: str | None) -> Opened:
    """Open a GeoTIFF (or another GDAL raster), NetCDF or Zarr. Raises Unreadable."""
    if path.suffix.lower() in NOT_TIFF:
        return _array(path, variable, crs)
    return _geotiff(path, crs)


def code(crs: str) -> str:
    """The name that Earth Engine gives a CRS where it has one, else WKT."""
    known = CRS.from_user_input(crs)
    if _is_modis_sinusoidal(known):
        return SINUSOIDAL
    number = known.to_epsg()
    return f"EPSG:{number}" if number else str(known.to_wkt())


def _is_modis_sinusoidal(known: "CRS") -> bool:
    operation, ellipsoid = known.coordinate_operation, known.ellipsoid
    if operation is None or ellipsoid is None or operation.method_name != "Sinusoidal":
        return False
    shifts = [each.value for each in operation.params]
    return not any(shifts) and abs(ellipsoid.semi_major_metre - 6371007.181) < 0.01


def _text(crs: str) -> str:
    return SINUSOIDAL_PROJ if crs == SINUSOIDAL else crs


def _geotiff(path: Path, crs: str | None) -> Opened:
    try:
        with rasterio.open(path) as file:
            own = file.crs.to_wkt() if file.crs else None
            if own is None and crs is None:
                raise Unreadable("the file states no CRS", 'Add "crs", such as "EPSG:4326"')
            if len(set(file.dtypes)) > 1:
                raise Unreadable(f"bands of several types ({set(file.dtypes)})", "Split the file")
            declared = {float(v) for v in file.nodatavals if v is not None}
            layer = file.width * file.height
            alpha = _alpha_band(file)
            masked = alpha is not None or any(MaskFlags.per_dataset in flags for flags in file.mask_flag_enums)
            size = file.count * layer * np.dtype(file.dtypes[0]).itemsize
            small = size < WHOLE_BYTES and layer < WHOLE_LAYER
            grid = NativeGrid(_text(crs or own or ""), file.transform, (file.height, file.width))
            return Opened(
                path=path,
                grid=grid,
                dtype=file.dtypes[0],
                nodata=tuple(sorted(v for v in declared if np.isfinite(v))),
                layers=file.count - (alpha is not None),
                descriptions=tuple(file.descriptions)[: file.count - (alpha is not None)],
                times=(),
                load=partial(_load_small, path, size) if small else partial(_load_window, path),
                unmasked=partial(_unmasked, path, alpha) if masked else None,
            )
    except RasterioIOError as error:
        raise Unreadable(f"not a readable raster ({error})", "Check the file with gdalinfo") from error


def _alpha_band(file: Any) -> int | None:
    """Number of the alpha band, where it is the last of several: it is a mask, not a layer of values."""
    last = file.count > 1 and file.colorinterp[-1] == ColorInterp.alpha
    return int(file.count) if last else None


_whole: Recent[Path, Values] = Recent(budget=8 * WHOLE_BYTES)
_handles = local()


def _load_small(path: Path, size: int, layer: int, row: int, column: int, rows: int, columns: int) -> Values:
    def everything() -> Values:
        with rasterio.open(path) as file:
            return np.asarray(file.read())

    whole = _whole.get(path, everything, weight=size)
    return whole[layer, row : row + rows, column : column + columns]


def _load_window(path: Path, layer: int, row: int, column: int, rows: int, columns: int) -> Values:
    """A window of the stored values of a layer."""
    return np.asarray(_handle(path).read(layer + 1, window=Window(column, row, columns, rows)))


def _unmasked(
    path: Path, alpha: int | None, layer: int, row: int, column: int, rows: int, columns: int
) -> NDArray[np.bool_]:
    """Where the mask band of a file shows data, in a window of a layer."""
    window, file = Window(column, row, columns, rows), _handle(path)
    valid = file.read_masks(layer + 1, window=window) > 0
    return np.asarray(valid if alpha is None else valid & (file.read(alpha, window=window) > 0))


def _handle(path: Path) -> Any:
    """The file, open for this thread (GDAL handles cannot be shared), its blocks unpacked on all cores."""
    if not hasattr(_handles, "files"):
        _handles.files = Recent(budget=OPEN_FILES)
    return _handles.files.get(path, lambda: rasterio.open(path, num_threads="all_cpus"))


def _array(path: Path, variable: str | None, crs: str | None) -> Opened:
    """A variable of a NetCDF or Zarr file with dims (time,) y, x, in its stored type."""
    zarr = {"engine": "zarr", "chunks": None, "consolidated": False}
    options: dict[str, Any] = zarr if path.suffix.lower() == ".zarr" else {"engine": "h5netcdf"}
    try:
        data = xr.open_dataset(path, mask_and_scale=False, **options)
    except (OSError, ValueError, KeyError) as error:
        raise Unreadable(f"not a readable array file ({error})", "Check the file") from error
    names = [str(n) for n, v in data.data_vars.items() if v.ndim in (2, 3)]
    chosen = variable or (names[0] if len(names) == 1 else None)
    if chosen not in names:
        raise Unreadable(f"variable {variable!r} is not in it", f"Give one of: {', '.join(names)}")
    array = data[chosen]
    y = next((d for d in array.dims if str(d).lower() in Y_NAMES), None)
    x = next((d for d in array.dims if str(d).lower() in X_NAMES), None)
    if y is None or x is None or y not in data.coords or x not in data.coords:
        raise Unreadable(
            f"{chosen} has dims {array.dims}",
            f"Name them {Y_NAMES} and {X_NAMES}, with coordinates",
        )
    other = [d for d in array.dims if d not in (y, x)]
    array = array.transpose(*other, y, x)
    times: tuple[date, ...] = ()
    if other and np.issubdtype(data[other[0]].dtype, np.datetime64):
        times = tuple(d.astype("datetime64[D]").item() for d in data[other[0]].values)
    fills = [float(v) for v in (array.attrs.get("_FillValue"), array.attrs.get("missing_value")) if v is not None]
    grid = NativeGrid(
        _text(crs or _crs_of(data, chosen)),
        _affine(data[x].values, data[y].values),
        (array.sizes[y], array.sizes[x]),
    )
    lock = Lock()

    def load(layer: int, row: int, column: int, rows: int, columns: int) -> Values:
        with lock:
            layers = array[layer] if other else array
            return np.asarray(layers[row : row + rows, column : column + columns].values)

    return Opened(
        path=path,
        grid=grid,
        dtype=str(array.dtype),
        nodata=tuple(sorted({v for v in fills if np.isfinite(v)})),
        layers=array.sizes[other[0]] if other else 1,
        descriptions=(),
        times=times,
        load=load,
    )


def _affine(x: NDArray[Any], y: NDArray[Any]) -> Affine:
    """Affine of evenly spaced cell centres; rows may run north or south."""
    steps = []
    for name, values in (("x", x), ("y", y)):
        if values.size < 2:
            raise Unreadable(f"only one {name} coordinate", "Give at least two cells each way")
        step = (float(values[-1]) - float(values[0])) / (values.size - 1)
        if np.abs(np.diff(values.astype(float)) - step).max() > 0.01 * abs(step):
            raise Unreadable(f"{name} coordinates are not evenly spaced", "Regrid the file first")
        steps.append(step)
    dx, dy = steps
    return Affine(dx, 0.0, float(x[0]) - dx / 2, 0.0, dy, float(y[0]) - dy / 2)


def _crs_of(data: Any, variable: str) -> str:
    mapping = data[variable].attrs.get("grid_mapping") or data[variable].encoding.get("grid_mapping")
    for name in (mapping, "spatial_ref", "crs"):
        if name and name in data.variables:
            attrs = data[name].attrs
            for key in ("crs_wkt", "spatial_ref"):
                if key in attrs:
                    return str(attrs[key])
    if {str(d).lower() for d in data[variable].dims} & {"lat", "latitude"}:
        return "EPSG:4326"
    raise Unreadable(f"{variable} states no CRS", 'Add "crs", such as "EPSG:4326"')
