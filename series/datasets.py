"""The catalogue of data sets, as data: what each measures, where, when, how it is read, and who to cite."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from series.errors import BadCatalogue, OutsideDataset

Variable = Literal[
    "productivity", "precipitation", "soil_moisture", "land_cover", "soil_carbon", "soil_taxonomy", "climate_zone",
    "aridity", "elevation", "population", "temperature", "wind", "potential_evapotranspiration",
]  # fmt: skip
Annual = Literal["season_mean", "season_sum", "season_integral", "maximum", "calendar_mean", "calendar_sum", "as_is"]
Formula = Literal["fao-56"]
#: Stored bands that a formula computes its values from. `fao-56` (`series.evapotranspiration`): mean temperature and
#: dew point at 2 m (K), sunlight on the ground (J m-2 in the month), pressure (Pa).
FORMULA_BANDS: dict[str, tuple[str, ...]] = {
    "fao-56": (
        "temperature_2m",
        "dewpoint_temperature_2m",
        "surface_solar_radiation_downwards_sum",
        "surface_pressure",
    )
}
#: Band that a rule of quality reads beside the data.
QUALITY_BAND = {"modis-summaryqa": "SummaryQA"}
#: Days that one image of a cadence covers; None for a calendar month, a year, or all time.
CADENCE_DAYS = {"16-day": 16, "8-day": 8, "monthly": None, "yearly": None, "static": None}


class Dataset(BaseModel):
    """One variable of one Earth Engine asset.

    Physical value = stored value × `scale` + `offset`, in `units`; with `across`, the second part of a vector, its
    length. A `formula` computes the value, in `units`, from several bands instead. `quality` names the rule that drops
    bad pixels; `resolution` is the native cell in degrees; `latitudes` are the southern and northern limit; `annual`
    how a year's value is computed by default; `quantity` what a productivity data set measures (bands in NDVI apply to
    `ndvi` only).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    variable: Variable
    asset: str
    band: str
    across: str | None = None
    formula: Formula | None = None
    units: str
    cadence: Literal["16-day", "8-day", "monthly", "yearly", "static"]
    resolution: float = Field(gt=0, le=10)
    scale: float = 1.0
    offset: float = 0.0
    quality: Literal["modis-summaryqa"] | None = None
    first_year: int = 1900
    last_year: int = 2100
    latitudes: tuple[float, float] = (-90.0, 90.0)
    legend: str | None = None
    annual: Annual = "as_is"
    quantity: str = "ndvi"
    resampling: Literal["nearest", "bilinear"] = "nearest"
    licence: str = ""
    citation: str = ""

    @model_validator(mode="after")
    def _a_formula_has_months(self) -> Dataset:
        if self.formula and (self.cadence != "monthly" or self.across):
            raise ValueError(f"the formula {self.formula} needs the cadence monthly, and has no across")
        return self

    @property
    def bands(self) -> tuple[str, ...]:
        """The stored bands that are read for a value."""
        own = FORMULA_BANDS[self.formula] if self.formula else (self.band, *filter(None, (self.across,)))
        return (*own, QUALITY_BAND[self.quality]) if self.quality else own

    def identity(self) -> dict[str, Any]:
        """What a digest of its values follows from: all but the last year, which grows while the past stays.

        A data set without a formula has the name that it had before there were formulas.
        """
        return self.model_dump(mode="json", exclude={"last_year"} if self.formula else {"last_year", "formula"})


_TE = "users/geflanddegradation/toolbox_datasets"
_ERA5: dict[str, Any] = {
    "asset": "ECMWF/ERA5_LAND/MONTHLY_AGGR",
    "cadence": "monthly",
    "resolution": 0.1,
    "first_year": 1951,
    "last_year": 2024,
    "resampling": "bilinear",
    "licence": "Copernicus licence",
    "citation": "Muñoz Sabater (2019), ERA5-Land monthly averaged data, doi:10.24381/cds.68d2bb30",
}
#: One series at the cells of each product, with the product's own quality flags; MOD13C1 is stored scaled already.
_MOD13 = tuple(
    Dataset(
        key=f"{name.lower()}-ndvi",
        variable="productivity",
        asset=f"MODIS/061/{name}",
        band="NDVI",
        units="1",
        cadence="16-day",
        resolution=cell,
        scale=scale,
        quality="modis-summaryqa",
        first_year=2001,
        last_year=2024,
        annual="season_mean",
        licence="no restriction",
        citation=f"Didan (2021), {name} v061, doi:10.5067/MODIS/{name}.061",
    )
    for name, cell, scale in (
        ("MOD13Q1", 1 / 480, 1e-4),
        ("MOD13A1", 1 / 240, 1e-4),
        ("MOD13A2", 1 / 120, 1e-4),
        ("MOD13C1", 0.05, 1.0),
    )
)
_ALL = (
    *_MOD13,
    Dataset(
        key="mod17a3hgf-npp",
        variable="productivity",
        asset="MODIS/061/MOD17A3HGF",
        band="Npp",
        units="kg m-2 year-1",
        cadence="yearly",
        resolution=1 / 240,
        scale=1e-4,
        first_year=2001,
        last_year=2024,
        quantity="npp",
        licence="no restriction",
        citation="Running & Zhao (2021), MOD17A3HGF v061, doi:10.5067/MODIS/MOD17A3HGF.061",
    ),
    Dataset(
        key="mcd12q1-igbp",
        variable="land_cover",
        asset="MODIS/061/MCD12Q1",
        band="LC_Type1",
        units="1",
        cadence="yearly",
        resolution=1 / 240,
        first_year=2001,
        last_year=2024,
        legend="igbp",
        licence="no restriction",
        citation="Friedl & Sulla-Menashe (2022), MCD12Q1 v061, doi:10.5067/MODIS/MCD12Q1.061",
    ),
    Dataset(
        key="era5-land-precipitation",
        variable="precipitation",
        band="total_precipitation_sum",
        units="mm",
        scale=1000.0,
        annual="season_sum",
        **_ERA5,
    ),
    Dataset(
        key="era5-land-soil-moisture",
        variable="soil_moisture",
        band="volumetric_soil_water_layer_1",
        units="m3 m-3",
        annual="season_mean",
        **_ERA5,
    ),
    Dataset(
        key="era5-land-temperature",
        variable="temperature",
        band="temperature_2m",
        units="degC",
        offset=-273.15,
        annual="season_mean",
        **_ERA5,
    ),
    Dataset(
        key="era5-land-wind",
        variable="wind",
        band="u_component_of_wind_10m",
        across="v_component_of_wind_10m",
        units="m s-1",
        annual="season_mean",
        **_ERA5,
    ),
    # not the band of the asset: `series.evapotranspiration` says why, and what else could be read
    Dataset(
        key="era5-land-fao56-evapotranspiration",
        variable="potential_evapotranspiration",
        band="temperature_2m",
        formula="fao-56",
        units="mm",
        annual="season_sum",
        **{
            **_ERA5,
            "citation": "FAO-56 Penman-Monteith with wind of 2 m/s (Allen et al. 1998, FAO Irrigation and Drainage "
            "Paper 56) from Muñoz Sabater (2019), ERA5-Land monthly averaged data, doi:10.24381/cds.68d2bb30",
        },
    ),
    Dataset(
        key="soilgrids-soc",
        variable="soil_carbon",
        asset=f"{_TE}/soc_sgrid_30cm",
        band="b1",
        units="t ha-1",
        cadence="static",
        resolution=1 / 480,
        licence="CC BY 4.0",
        citation="Hengl et al. (2017), SoilGrids250m, doi:10.1371/journal.pone.0169748",
    ),
    Dataset(
        key="soil-taxonomy",
        variable="soil_taxonomy",
        asset=f"{_TE}/soil_tax_usda_sgrid",
        band="b1",
        units="1",
        cadence="static",
        resolution=1 / 480,
        licence="CC BY 4.0",
        citation="Hengl et al. (2017), SoilGrids250m, doi:10.1371/journal.pone.0169748",
    ),
    Dataset(
        key="ipcc-climate-zones",
        variable="climate_zone",
        asset=f"{_TE}/ipcc_climate_zones",
        band="b1",
        units="1",
        cadence="static",
        resolution=1 / 12,
        citation="IPCC (2006) Guidelines, volume 4, as gridded by Trends.Earth",
    ),
    Dataset(
        key="worldpop-1km-2020",
        variable="population",
        asset=f"{_TE}/worldpop_ppp_2000_2020_1km_global",
        band="p2020",
        units="persons",
        cadence="static",
        resolution=1 / 120,
        first_year=2020,
        last_year=2020,
        licence="CC BY 4.0",
        citation="WorldPop (2018), Global high-resolution population, doi:10.5258/SOTON/WP00647",
    ),
    Dataset(
        key="global-aridity-index",
        variable="aridity",
        asset="projects/sat-io/open-datasets/global_ai/global_ai_yearly",
        band="b1",
        units="1",
        scale=1e-4,
        cadence="static",
        resolution=1 / 120,
        licence="CC BY 4.0",
        citation="Zomer, Xu & Trabucco (2022), Global Aridity Index v3, doi:10.1038/s41597-022-01493-1",
    ),
    Dataset(
        key="srtm-elevation",
        variable="elevation",
        asset="USGS/SRTMGL1_003",
        band="elevation",
        units="m",
        cadence="static",
        resolution=1 / 3600,
        latitudes=(-56.0, 60.0),
        licence="no restriction",
        citation="Farr et al. (2007), SRTM, doi:10.1029/2005RG000183",
    ),
)
DATASETS: dict[str, Dataset] = {dataset.key: dataset for dataset in _ALL}
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
    "soil_carbon": "soilgrids-soc",
    "soil_taxonomy": "soil-taxonomy",
    "climate_zone": "ipcc-climate-zones",
    "population": "worldpop-1km-2020",
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
