"""Catalogues of real data that `real_runs.ipynb` and the tests run the whole line on.

`python real_sources.py FOLDER [DATA]` writes them all. The data lie beside the checkout, under `shared/data`, or in
`DATA`; nothing of them is copied. Each function writes one `catalog.json` that names the files where they are, and
returns the folder to give to `--source`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import rasterio
from rasterio.warp import transform_geom

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
ABSENT = f"the real data are not beside this checkout ({DATA.parent.name}/{DATA.name})"


def write_catalogue(folder: Path, assets: list[dict[str, Any]], datasets: list[dict[str, Any]]) -> Path:
    """Write a `catalog.json` into `folder`, which is made where needed."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "catalog.json").write_text(json.dumps({"assets": assets, "datasets": datasets}, indent=1))
    return folder


def yearly(identity: str, paths: dict[int, Path], band: dict[str, Any]) -> dict[str, Any]:
    """A collection of one file a year."""
    images = [
        {
            "index": str(year),
            "start": f"{year}-01-01",
            "end": f"{year + 1}-01-01",
            "files": [{"path": str(path), "bands": [band]}],
        }
        for year, path in paths.items()
    ]
    return {"id": identity, "type": "IMAGE_COLLECTION", "images": images}


def assaba(folder: Path, data: Path = DATA) -> Path:
    """Assaba, Mauritania, 2010-2023: GPP, land cover and rain a year, climate zones, and people in 2020."""
    years, here = range(2010, 2024), data / "assaba"
    gpp = {year: here / "gpp" / f"{year}_GP.tif" for year in years}
    cover = {year: here / "landcover" / f"{year}LCT.tif" for year in years}
    rain = {year: here / "precipitation" / f"{year}R.tif" for year in years}
    people = {"path": str(here / "population" / "Assaba_Pop_2020.tif"), "bands": [{"name": "people"}]}
    zones = {"path": str(data / "climate-zones" / "ipcc_climate_zones.tif"), "bands": [{"name": "b1"}]}
    zones["bands"][0]["categorical"] = True  # type: ignore[index]
    assets = [
        # 65533 to 65535 are fill values of the product; only the last is declared in the files.
        yearly("assaba/gpp", gpp, {"name": "Gpp", "valid_range": [0, 65532], "scale": 1e-4}),
        # The map of 2010 is signed and marks gaps with -128, the others are unsigned and mark them with 255.
        yearly(
            "assaba/land-cover",
            cover,
            {"name": "LC_Type1", "valid_range": [1, 17], "dtype": "uint8", "categorical": True},
        ),
        yearly("assaba/rain", rain, {"name": "precipitation", "valid_range": [0, 20000]}),
        {"id": "ipcc/climate-zones", "type": "IMAGE", "files": [zones]},
        {"id": "assaba/people", "type": "IMAGE", "files": [people]},
    ]
    base = {"cadence": "yearly", "first_year": 2010, "last_year": 2023}
    datasets = [
        {**base, "key": "assaba-gpp", "variable": "productivity", "asset": "assaba/gpp", "band": "Gpp", "scale": 1e-4,
         "units": "kg m-2 year-1", "resolution": 1 / 240, "quantity": "gpp",
         "citation": "MOD17 annual GPP, Running & Zhao, NASA LP DAAC"},
        {**base, "key": "assaba-land-cover", "variable": "land_cover", "asset": "assaba/land-cover", "band": "LC_Type1",
         "units": "1", "resolution": 1 / 240, "legend": "igbp",
         "citation": "MCD12Q1, Friedl & Sulla-Menashe, NASA LP DAAC"},
        {**base, "key": "assaba-rain", "variable": "precipitation", "asset": "assaba/rain", "band": "precipitation",
         "units": "mm", "resolution": 0.05, "citation": "CHIRPS v2, Funk et al. (2015), doi:10.1038/sdata.2015.66"},
        {"key": "climate-zones", "variable": "climate_zone", "asset": "ipcc/climate-zones", "band": "b1", "units": "1",
         "cadence": "static", "resolution": 1 / 12, "citation": "IPCC (2006) Guidelines, volume 4"},
        {"key": "worldpop-2020", "variable": "population", "asset": "assaba/people", "band": "people",
         "units": "persons", "cadence": "static", "resolution": 1 / 120, "citation": "WorldPop 2020, CC BY 4.0"},
    ]  # fmt: skip
    return write_catalogue(folder, assets, datasets)


def lai_asia(folder: Path, data: Path = DATA) -> Path:
    """Eastern Asia, 2001-2020: leaf area index a year at half a degree, and nothing else."""
    path = data / "lai-asia" / "MOD15A2_LAI_China_G050_2001-2020.tif"
    stack = {
        "path": str(path),
        "band": {"name": "LAI", "valid_range": [0, 10]},
        "dates": [f"{year}-01-01" for year in range(2001, 2021)],
        "cadence_days": 365,
    }
    dataset = {
        "key": "modis-lai", "variable": "productivity", "asset": "asia/lai", "band": "LAI", "units": "m2 m-2",
        "cadence": "yearly", "resolution": 0.5, "first_year": 2001, "last_year": 2020, "quantity": "lai",
        "citation": "MOD15A2, NASA LP DAAC, yearly at 0.5 degree (how the year was averaged is not documented)",
    }  # fmt: skip
    return write_catalogue(folder, [{"id": "asia/lai", "type": "IMAGE_COLLECTION", "stack": stack}], [dataset])


def chile(folder: Path, site: str, data: Path = DATA) -> Path:
    """Two by two kilometres of Chile, 2000-2021: MODIS NDVI and an outline.

    Composites of 16 days, from Aqua too since July 2002, so that one begins every eight days.
    """
    path = data / "modis-chile" / f"{site}.tif"
    identity = f"chile/{site}"
    stack = {
        "path": str(path),
        "band": {"name": "NDVI", "nodata": [-3000], "scale": 1e-4},
        "dates_from": "descriptions",
        "cadence_days": 16,
    }
    dataset = {
        "key": f"{site}-ndvi", "variable": "productivity", "asset": identity, "band": "NDVI", "units": "1",
        "scale": 1e-4, "cadence": "16-day", "resolution": 1 / 480, "first_year": 2001, "last_year": 2021,
        "annual": "season_mean",
        "citation": "MOD13Q1 and MYD13Q1 as in Chavez et al. (2023), doi:10.3390/rs15010073",
    }  # fmt: skip
    write_catalogue(folder, [{"id": identity, "type": "IMAGE_COLLECTION", "stack": stack}], [dataset])
    with rasterio.open(path) as file:
        corners = transform_geom(file.crs, "EPSG:4326", box_of(file.bounds))
    feature = {"type": "Feature", "properties": {"name": site}, "geometry": corners}
    (folder / "outline.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    return folder


def box_of(bounds: Any) -> dict[str, Any]:
    """A bounding box as a GeoJSON polygon."""
    left, bottom, right, top = bounds
    ring = [[left, bottom], [right, bottom], [right, top], [left, top], [left, bottom]]
    return {"type": "Polygon", "coordinates": [ring]}


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("which folder shall the catalogues be written to? python real_sources.py FOLDER [DATA]")
    target, given = Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else DATA
    for made in (
        assaba(target / "assaba", given),
        lai_asia(target / "lai-asia", given),
        chile(target / "central-chile", "central-chile", given),
        chile(target / "atacama", "atacama", given),
    ):
        sys.stdout.write(f"{made}\n")
