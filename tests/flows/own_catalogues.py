"""Small folders of own files as users make them: NDVI and land cover a year, 0.4 by 0.4 degrees from 115 E, 42.4 N."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import rasterio
import xarray as xr
from affine import Affine
from shapely import box

YEARS = range(2001, 2013)
CELLS = 40
PLACE = Affine(0.01, 0, 115, 0, -0.01, 42.4)
#: Regions: inside the files, its northern half outside, far away, and smaller than a cell.
REGIONS = {"inside": (115.1, 42.1, 115.3, 42.3), "half": (115.1, 42.3, 115.3, 42.5), "far": (100, 42, 100.2, 42.2),
           "tiny": (115.2012, 42.2012, 115.2056, 42.2056)}  # fmt: skip


def ndvi(year: int) -> np.ndarray:
    """Stored NDVI x 10,000: the western half falls by 3 % a year."""
    rng = np.random.default_rng(year)
    values = 3500 * (1 + 0.02 * rng.standard_normal((CELLS, CELLS)))
    values[:, : CELLS // 2] *= 1 - 0.03 * (year - YEARS[0])
    return values.astype(np.int16)


def cover(year: int) -> np.ndarray:
    """IGBP: grassland, with open shrubland (7) in the upper 20 rows."""
    codes = np.full((CELLS, CELLS), 10, np.uint8)
    codes[:20] = 7
    return codes


def yearly(folder: Path, name: str, band: dict[str, Any], make: Any, years: Any = YEARS) -> dict[str, Any]:
    """A GeoTIFF a year, and the asset that they make."""
    images = []
    for year in years:
        values = make(year)
        path = folder / f"{name}{year}.tif"
        size = {"width": CELLS, "height": CELLS, "count": 1, "dtype": values.dtype}
        with rasterio.open(path, "w", driver="GTiff", crs="EPSG:4326", transform=PLACE, **size) as file:
            file.write(values, 1)
        images.append(
            {"index": str(year), "start": f"{year}-01-01", "end": f"{year + 1}-01-01",
             "files": [{"path": path.name, "bands": [band]}]}
        )  # fmt: skip
    return {"id": f"own/{name}", "type": "IMAGE_COLLECTION", "images": images}


def dataset(name: str, variable: str, band: str, **more: Any) -> dict[str, Any]:
    """An entry of `datasets`."""
    base = {"key": f"own-{name}", "variable": variable, "asset": f"own/{name}", "band": band, "units": "1"}
    span = {"cadence": "yearly", "resolution": 0.01, "first_year": YEARS[0], "last_year": YEARS[-1]}
    return {**base, **span, **more}


def own_folder(folder: Path, kind: str = "tif", *, with_cover: bool = False, **changed: Any) -> Path:
    """A folder with NDVI (GeoTIFF, NetCDF or Zarr), land cover if wanted, and the regions as GeoJSON.

    `changed` replaces fields of the NDVI data set; None removes one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if kind == "tif":
        assets = [yearly(folder, "ndvi", {"name": "NDVI"}, ndvi)]
    else:
        centres = np.arange(CELLS) * 0.01 + 0.005
        coords = {"time": np.array([f"{y}-01-01" for y in YEARS], "datetime64[ns]"), "lat": 42.4 - centres,
                  "lon": 115 + centres}  # fmt: skip
        cube = xr.DataArray(np.stack([ndvi(y) for y in YEARS]), coords=coords, dims=("time", "lat", "lon"))
        if kind == "nc":
            cube.to_dataset(name="NDVI").to_netcdf(folder / "ndvi.nc", engine="h5netcdf")
        else:
            cube.to_dataset(name="NDVI").to_zarr(folder / "ndvi.zarr", consolidated=False)
        stack = {"path": f"ndvi.{kind}", "variable": "NDVI", "band": {"name": "NDVI"}, "dates_from": "time"}
        assets = [{"id": "own/ndvi", "type": "IMAGE_COLLECTION", "stack": stack}]
    fields = {**dataset("ndvi", "productivity", "NDVI", quantity="ndvi", scale=1e-4), **changed}
    datasets = [{name: value for name, value in fields.items() if value is not None}]
    if with_cover:
        assets.append(yearly(folder, "cover", {"name": "class", "categorical": True}, cover))
        datasets.append(dataset("cover", "land_cover", "class", legend="igbp"))
    (folder / "catalog.json").write_text(json.dumps({"assets": assets, "datasets": datasets}))
    for name, bounds in REGIONS.items():
        table = gpd.GeoDataFrame({"name": [name]}, geometry=[box(*bounds)], crs="EPSG:4326")
        table.to_file(folder / f"{name}.geojson")
    return folder
