"""The catalogue: every data set by key, the usual one of each variable, and the data sets of a folder."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import ValidationError

from series.datasets.land import LAND
from series.datasets.model import Dataset
from series.datasets.vegetation import VEGETATION
from series.datasets.weather import WEATHER
from series.errors import BadCatalogue, OutsideDataset

DATASETS: dict[str, Dataset] = {dataset.key: dataset for dataset in (*VEGETATION, *WEATHER, *LAND)}
#: Coarser products of the same series by its producer, the coarsest first.
COARSER: dict[str, tuple[str, ...]] = {"mod13q1-ndvi": ("mod13c1-ndvi", "mod13a2-ndvi", "mod13a1-ndvi")}
#: Precipitation must reach all our regions: CHIRPS v2 ends at 50° N, in the middle of Mongolia.
DEFAULTS: dict[str, str] = {
    "productivity": "mod13q1-ndvi",
    "land_cover": "mcd12q1-igbp",
    "precipitation": "era5-land-precipitation",
    "soil_moisture": "era5-land-soil-moisture",
    "temperature": "era5-land-temperature",
    "wind": "era5-land-wind",
    "potential_evapotranspiration": "era5-land-fao56-evapotranspiration",
    "soil_carbon": "soilgrids2-ocs",
    "soil_taxonomy": "openlandmap-great-groups",
    "climate_zone": "era5-land-climate-zones",
    "population": "ghs-pop-2020",
    "aridity": "global-aridity-index",
    "elevation": "srtm-elevation",
}


def products_for(dataset: Dataset, cell: float) -> list[Dataset]:
    """The products of a series that can be read at cells of `cell` degrees, the best first, `dataset` itself last.

    A product with cells of its own of that size has quality flags of that size; they reach as far as `dataset`.
    """
    coarser = [DATASETS[key] for key in COARSER.get(dataset.key, ())]
    reaching = [each.model_copy(update={"last_year": max(each.last_year, dataset.last_year)}) for each in coarser]
    return [*(each for each in reaching if each.resolution <= cell * (1 + 1e-9)), dataset]


def load(catalogue: Path) -> dict[str, Dataset]:
    """The data sets that a folder's `catalog.json` describes under `datasets`, by key.

    Raises BadCatalogue naming the entry, the field and the fix.
    """
    try:
        entries = json.loads(catalogue.read_text(encoding="utf-8")).get("datasets", [])
    except (OSError, ValueError, AttributeError) as error:
        raise BadCatalogue(f"{catalogue}: cannot be read as JSON ({error})") from error
    found: dict[str, Dataset] = {}
    for number, entry in enumerate(entries, start=1):
        try:
            dataset = Dataset.model_validate(entry)
        except ValidationError as error:
            problem = error.errors()[0]
            field = ".".join(map(str, problem["loc"]))
            raise BadCatalogue(f"{catalogue}: datasets, entry {number}: {field}: {problem['msg']}") from error
        found[dataset.key] = dataset
    return found


def require_years(dataset: Dataset, first: int, last: int, *, region: str) -> None:
    """Refuse years that a data set does not have. Raises OutsideDataset naming them and years that can be used."""
    if first >= dataset.first_year and last <= dataset.last_year:
        return
    low, high = max(first, dataset.first_year), min(last, dataset.last_year)
    name = dataset.variable.replace("_", " ")
    fix = f"Use --years {low}-{high}." if low <= high else "Choose another data set with --dataset."
    raise OutsideDataset(
        f"Region {region}: no {name} for {first}-{last}; {dataset.asset} covers "
        f"{dataset.first_year}-{dataset.last_year}. {fix}"
    )
