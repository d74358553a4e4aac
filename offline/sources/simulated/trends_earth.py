"""More of the assets of the Trends.Earth toolbox: other rain, soil water, evaporation, drought, dynamics, people."""

from collections.abc import Callable
from datetime import date

import numpy as np

from offline.landscape import Scene, climate, cover
from offline.landscape.disturbance.rain_products import Product
from offline.landscape.noise import Floats, key, value_noise
from offline.sources.simulated import bands, derived
from offline.sources.simulated.bands import Stored
from offline.sources.simulated.data_sets import TOOLBOX, degrees
from offline.sources.simulated.spec import HALF_MINUTE, SOILGRIDS, Grid, Spec, StoredBand
from offline.sources.simulated.water import evaporated

TRENDS_EARTH = "projects/gef-land-degradation/assets"
Field = Callable[[Scene, date], Stored]
PEOPLE = {cover.URBAN: 900.0, cover.CROPLAND: 60.0, cover.CROP_MOSAIC: 45.0}
"""People a square kilometre by land cover; 1.2 elsewhere."""
LPD_EDGES = (-0.15, -0.08, -0.03, 0.05)
"""Change of potential productivity that divides LPD's declining, early decline, stressed, stable and increasing."""


def _months(year: int) -> list[date]:
    return [date(year, month, 1) for month in range(1, 13)]


def rain_of_year(year: int, product: Product, north: float = 90.0, bias: float = 1.0) -> Field:
    """Millimetres in a year, times a product's own bias; none from a latitude on."""

    def field(scene: Scene, start: date) -> Stored:
        total = np.sum([bands.precipitation(scene, month, product)[0] for month in _months(year)], axis=0)
        covered = np.broadcast_to(scene.points.lat, scene.points.shape) < north
        return np.rint(total * np.float32(1000 * bias)), scene.land & covered

    return field


def soil_water_of_year(year: int) -> Field:
    """Mean of a year, m3/m3 x 10,000."""

    def field(scene: Scene, start: date) -> Stored:
        return np.rint(
            1e4 * np.mean([bands.soil_water(scene, month)[0] for month in _months(year)], axis=0)
        ), scene.land

    return field


def evaporation_of_year(year: int) -> Field:
    """Tenths of a millimetre in a year."""

    def field(scene: Scene, start: date) -> Stored:
        return np.rint(10 * np.sum([evaporated(scene, month) for month in _months(year)], axis=0)), scene.land

    return field


def dynamics(first: int, last: int) -> Field:
    """Land productivity dynamics, 1 declining to 5 increasing: of what is planted between two years.

    Where greenness follows more than rain, it is what was seen of productivity, three years at either end.
    """

    def field(scene: Scene, start: date) -> Stored:
        if scene.growth is None:
            before, after = scene.season_ndvi(first + 0.5), scene.season_ndvi(last + 0.5)
        else:
            before, after = (
                np.sum([scene.net_primary_production(year) for year in years], axis=0)
                for years in (range(first, first + 3), range(last - 2, last + 1))
            )
        change = after / np.where(before == 0, 1, before) - 1
        return 1 + np.digitize(change, LPD_EDGES), scene.land & (scene.original_cover != cover.WATER)

    return field


def standardised(year: int, month: int, demand: float) -> Field:
    """SPI (`demand` 0) or SPEI of twelve months x 1,000: the mean anomaly of rain, less that of warmth."""

    def field(scene: Scene, start: date) -> Stored:
        last = 12 * year + month - 1
        weights = np.array([climate.MONSOON[step % 12] for step in range(last - 11, last + 1)], np.float32)
        rain: Floats = sum(w * bands.rain_anomaly(scene, last - 11 + n, "spi") for n, w in enumerate(weights))
        warmth = sum(scene.weather.warmth(last - 11 + n) for n in range(12)) / np.float32(12) if demand else 0
        # standard deviation of a weighted mean of months that hang together by the year's anomaly
        spread = np.float32(0.78)
        return np.rint(1000 * np.clip(rain / spread - np.float32(demand) * warmth, -3, 3)), scene.land

    return field


def vulnerability(scene: Scene, start: date) -> Stored:
    """Drought vulnerability x 10,000: higher where it is dry and people are many."""
    crowded = np.log1p(_people(scene, 2018)) / np.log1p(900.0)
    dry = np.exp(-scene.normal.aridity / 0.4)
    rough = value_noise(scene.points, 1.5, key(scene.seed, 121))
    return np.rint(1e4 * np.clip(0.25 + 0.35 * dry + 0.2 * crowded + 0.05 * rough, 0, 1)), scene.land


def people(year: int, cell_km2: float) -> Field:
    """Persons in a cell."""

    def field(scene: Scene, start: date) -> Stored:
        return _people(scene, year) * np.float32(cell_km2), scene.land

    return field


def _people(scene: Scene, year: int) -> Floats:
    """Persons a square kilometre, half a per cent more each year."""
    classes = scene.land_cover(year)
    by_class = np.full(18, 1.2, np.float32)
    by_class[list(PEOPLE)] = list(PEOPLE.values())
    by_class[[cover.WATER, cover.SNOW]] = 0
    rough = np.exp(0.4 * value_noise(scene.points, 0.4, key(scene.seed, 122)))
    return np.asarray(by_class[classes] * rough * 1.005 ** (year - 2000), np.float32)


def yearly(name: str, title: str, grid: Grid, first: int, last: int, of_year: Callable[[int], Field],
           dtype: str = "int16", letter: str = "y") -> Spec:  # fmt: skip
    """An image with a band a year, `y2001` and so on, or led by another letter."""
    bands = tuple(StoredBand(f"{letter}{year}", dtype, of_year(year)) for year in range(first, last + 1))
    return Spec(f"{TOOLBOX}/{name}", title, grid, bands)


def single(asset: str, title: str, grid: Grid, field: Field, dtype: str = "int16", *, classes: bool = False) -> Spec:
    """An image of one band."""
    return Spec(asset, title, grid, (StoredBand("b1", dtype, field, "MODE" if classes else "MEAN"),))


def drought(name: str, title: str, demand: float) -> Spec:
    """Twelve-month index, a band a month."""
    steps = [(year, month) for year in range(1982, 2024) for month in range(1, 13)]
    made = tuple(StoredBand(f"d{year}{month:02d}", "int16", standardised(year, month, demand)) for year, month in steps)
    return Spec(f"{TRENDS_EARTH}/{name}", title, degrees(0.1), made)


KILOMETRE = Grid("EPSG:4326", HALF_MINUTE, (43200, 21600))
PERIODS = (("baseline_2000_2015", 2001, 2015), ("reporting_2004_2019", 2004, 2019), ("reporting_2008_2023", 2008, 2023))
TOOLBOX_MORE = (
    yearly("ndvi_avhrr_1982_2015", "Yearly mean NDVI x 10,000", degrees(1 / 12), 1982, 2015, derived.mean_of_year),
    yearly("et_modis_2000_2024", "Yearly evapotranspiration x 10", degrees(1 / 240), 2000, 2024, evaporation_of_year),
    yearly("prec_gpcc_1891_2019", "Yearly rain, mm", degrees(1.0), 1981, 2019,
           lambda y: rain_of_year(y, "gpcc", bias=0.97)),
    yearly("prec_gpcp23_1979_2019", "Yearly rain, mm", degrees(2.5), 1981, 2019,
           lambda y: rain_of_year(y, "gpcp", bias=1.05)),
    yearly("prec_persian_1983_2024", "Yearly rain up to 60 N, mm", degrees(0.25, north=60.0), 1983, 2024,
           lambda y: rain_of_year(y, "persiann", north=60.0, bias=1.08)),
    yearly("soilm_erai_1979_2016", "Yearly soil moisture x 10,000", degrees(0.75), 1981, 2016, soil_water_of_year),
    yearly("soilm_merra2_1980_2019", "Yearly soil moisture x 10,000", degrees(0.5), 1981, 2019, soil_water_of_year),
    yearly("worldpop_ppp_2000_2020_1km_global", "Persons a cell", KILOMETRE, 2000, 2020, lambda y: people(y, 0.6),
           dtype="float32", letter="p"),
    single(f"{TOOLBOX}/stax_sgrid_usda", "Soil taxonomy units", Grid("EPSG:4326", SOILGRIDS, (172800, 86400)),
           bands.soil_taxonomy, "uint8", classes=True),
    single(f"{TOOLBOX}/jrc_global_drought_vulnerability_map", "Drought vulnerability x 10,000", degrees(0.25),
           vulnerability),
    *(single(f"{TOOLBOX}/lpd_jrc_{name}_1km", f"Land productivity dynamics {first}-{last}", KILOMETRE,
             dynamics(first, last), "int8", classes=True) for name, first, last in PERIODS),
    drought("ukceh_spi_gamma_lag12_v2025", "SPI of twelve months x 1,000", 0.0),
    drought("ukceh_spei_gamma_lag12_v2025", "SPEI of twelve months x 1,000", 0.35),
)  # fmt: skip
