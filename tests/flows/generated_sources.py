"""Small files of the same make as the real data, with a known truth, for machines that do not have those.

Same layout, projections, types, no-data values and quirks as `shared/data`; the content is made here.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from shapely import box

SINUSOIDAL = "+proj=sinu +lon_0=0 +x_0=0 +y_0=0 +R=6371007.181 +units=m +no_defs"
PIXEL = 463.312716527917
ASSABA_YEARS = range(2010, 2024)
ASSABA_SHAPE = (60, 72)
#: Columns of the three thirds: declining, steady, no productivity at all (fill values), and rows made barren.
DECLINING, STEADY, FILL, CLEARED = slice(0, 24), slice(24, 48), slice(48, 72), slice(0, 10)
CLEARED_IN = 2016
LAI_DECLINES = (slice(20, 24), slice(70, 76))
BREAK_YEAR = 2010


def write(path: Path, values: NDArray[np.generic], transform: Affine, crs: str, nodata: float, **tags: object) -> None:
    """One GeoTIFF from an array (bands, rows, columns)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    count, height, width = values.shape
    profile = {"driver": "GTiff", "count": count, "height": height, "width": width, "dtype": values.dtype}
    with rasterio.open(path, "w", **profile, transform=transform, crs=crs, nodata=nodata) as file:
        file.write(values)
        for number, text in enumerate(tags.get("descriptions", ()), start=1):  # type: ignore[arg-type, var-annotated]
            file.set_band_description(number, text)


def assaba_like(data: Path) -> None:
    """Three thirds, west to east: productivity falls by 4 % a year, is steady, is nowhere; and a strip is cleared.

    Grassland throughout, barren in the strip along the northern edge from 2016 on.
    """
    rng = np.random.default_rng(531)
    height, width = ASSABA_SHAPE
    corner = Affine(PIXEL, 0, -1_300_000, 0, -PIXEL, 1_850_000)
    for step, year in enumerate(ASSABA_YEARS):
        gpp = 3000 * (1 + 0.01 * rng.standard_normal(ASSABA_SHAPE))
        gpp[:, DECLINING] *= 1 - 0.04 * step
        gpp[:, FILL] = 65533
        cover = np.full(ASSABA_SHAPE, 10)
        if year >= CLEARED_IN:
            cover[CLEARED] = 16
        cover[-1, -1] = -128 if year == 2010 else 255
        stored = cover.astype(np.int8 if year == 2010 else np.uint8)
        write(data / "assaba/gpp" / f"{year}_GP.tif", gpp.astype(np.uint16)[None], corner, SINUSOIDAL, 65535)
        write(
            data / "assaba/landcover" / f"{year}LCT.tif",
            stored[None],
            corner,
            SINUSOIDAL,
            -128 if year == 2010 else 255,
        )
        rain = (300 + 10 * rng.standard_normal((20, 20))).astype(np.float32)
        place = Affine(0.05, 0, -12.6, 0, -0.05, 17.0)
        write(data / "assaba/precipitation" / f"{year}R.tif", rain[None], place, "EPSG:4326", -3.4028234663852886e38)
    folk = np.full((1, 120, 120), 10.0, np.float32)
    folk[0, :, 60:] = 2.0
    cells = Affine(1 / 120, 0, -12.55 + 0.003, 0, -1 / 120, 16.9 + 0.002)
    write(data / "assaba/population/Assaba_Pop_2020.tif", folk, cells, "EPSG:4326", -3.4028234663852886e38)
    zones = np.full((1, 2160, 4320), 8, np.uint8)
    write(
        data / "climate-zones/ipcc_climate_zones.tif", zones, Affine(1 / 12, 0, -180, 0, -1 / 12, 90), "EPSG:4326", 15
    )
    inner = 3 * PIXEL
    bottom, right = 1_850_000 - height * PIXEL, -1_300_000 + width * PIXEL
    thirds = np.linspace(-1_300_000, right, 4)
    outlines = [box(west + inner, bottom + inner, east - inner, 1_850_000 - inner) for west, east in pairwise(thirds)]
    names = ["Falling", "Steady", "Bare"]
    districts = gpd.GeoDataFrame({"ADM3_EN": names}, geometry=outlines, crs=SINUSOIDAL).to_crs("EPSG:4326")
    (data / "assaba/admin").mkdir(parents=True, exist_ok=True)
    districts.to_file(data / "assaba/admin/Assaba_Districts_layer.shp")


def lai_like(data: Path) -> None:
    """Half-degree LAI, rising slowly, but falling by half over the record in one block of Mongolia."""
    rng = np.random.default_rng(532)
    years = np.arange(20)[:, None, None]
    lai = 1 + 0.004 * years + 0.02 * rng.standard_normal((20, 80, 140))
    lai[(slice(None), *LAI_DECLINES)] -= 0.025 * years
    place = Affine(0.5, 0, 70, 0, -0.5, 55)
    write(data / "lai-asia/MOD15A2_LAI_China_G050_2001-2020.tif", lai.astype(np.float32), place, "EPSG:4326", -9999)


def chile_like(data: Path) -> None:
    """Eight-day NDVI with a southern season that loses a quarter of its level from 2011 on, and with gaps."""
    rng = np.random.default_rng(533)
    days = [date(2000, 2, 18) + timedelta(days=8 * n) for n in range(975)]
    layers = []
    for day in days:
        season = 0.1 * np.cos(2 * np.pi * (day.timetuple().tm_yday - 15) / 365.25)
        level = (0.5 if day.year <= BREAK_YEAR else 0.375) + season
        ndvi = np.round(10_000 * (level + 0.02 * rng.standard_normal((8, 8))))
        layers.append(np.where(rng.random((8, 8)) < 0.03, -3000, ndvi))
    for site in ("central-chile", "atacama"):
        write(
            data / "modis-chile" / f"{site}.tif",
            np.stack(layers).astype(np.int16),
            Affine(250, 0, 312500, 0, -250, 6357500),
            "EPSG:32719",
            -3000,
            descriptions=[day.isoformat() for day in days],
        )
