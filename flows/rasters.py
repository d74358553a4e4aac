"""Rasters for a desktop GIS: one Cloud Optimized GeoTIFF per layer and period."""

from __future__ import annotations

from pathlib import Path

import xarray as xr
from affine import Affine

#: Layers of an assessment that are written, when it holds them.
LAYERS = (
    "sdg", "productivity", "lpd", "trajectory", "trajectory_adjusted", "state", "performance", "land_cover",
    "soil_organic_carbon", "slope", "p", "reason", "status",
)  # fmt: skip


def write_rasters(assessment: xr.Dataset, folder: Path, *, cell_degrees: float, origin: str) -> list[Path]:
    """Write each layer of `assessment` (period, y, x; EPSG:4326) as `<period>-<layer>.tif` into `folder`.

    Class rasters keep their integer codes and no-data; the meaning of the codes, the units and the origin
    of the data go into the file's tags.
    """
    import rioxarray  # noqa: F401  registers the .rio accessor

    written = []
    for period in assessment["period"].values:
        for layer in LAYERS:
            if layer not in assessment:
                continue
            band = assessment[layer].sel(period=period, drop=True)
            path = folder / f"{period}-{layer}.tif"
            write_raster(
                band, path, cell_degrees=cell_degrees, tags={"origin": origin, "period": str(period), "layer": layer}
            )
            written.append(path)
    return written


def _nodata(band: xr.DataArray) -> float | None:
    """The value that stands for no data; NaN in bands of fractions."""
    declared: float | None = band.attrs.get("_FillValue", band.encoding.get("_FillValue"))
    return float("nan") if declared is None and band.dtype.kind == "f" else declared


def write_raster(band: xr.DataArray, path: Path, *, cell_degrees: float, tags: dict[str, str]) -> None:
    """Write one band (y, x; north up, square cells) as a COG with its no-data, and its `attrs` as tags."""
    nodata = _nodata(band)
    plain = xr.DataArray(band.values, coords={"y": band.y, "x": band.x}, dims=("y", "x"))
    # Coordinates alone do not tell the cell size of a single row or column.
    corner = float(band.x[0]) - cell_degrees / 2, float(band.y[0]) + cell_degrees / 2
    place = Affine(cell_degrees, 0, corner[0], 0, -cell_degrees, corner[1])
    plain = plain.rio.write_crs("EPSG:4326").rio.write_transform(place)
    if nodata is not None:
        plain = plain.rio.write_nodata(nodata)
    described = {key: str(value) for key, value in band.attrs.items() if key != "_FillValue"}
    plain.rio.to_raster(path, driver="COG", compress="deflate", tags={**described, **tags})
