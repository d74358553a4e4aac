"""Further simulated data sets: what analysts reach for besides the main line's."""

from datetime import date, timedelta
from functools import partial

from offline.landscape.annual import FIRST, LAST, sixteen_days
from offline.sources.simulated import bands, days, derived
from offline.sources.simulated.spec import (
    ERA5_GRID,
    MODIS_250_GRID,
    MODIS_500_GRID,
    MODIS_NORTH,
    MODIS_WEST,
    SINUSOIDAL,
    Grid,
    Spec,
    StoredBand,
    every_day,
    every_month,
    every_year,
    months,
    next_month,
    next_year,
    pentads,
    years,
)

TOOLBOX = "users/geflanddegradation/toolbox_datasets"
MODIS_1000_GRID = Grid(
    SINUSOIDAL, (926.625433055833, 0.0, MODIS_WEST, 0.0, -926.6254330558334, MODIS_NORTH), (43200, 21600)
)


def degrees(cell: float, north: float = 90.0, south: float | None = None) -> Grid:
    """A grid of square cells around the globe, from `north` to `south`, or as far south."""
    width, height = round(360 / cell), round((north - (-north if south is None else south)) / cell)
    return Grid("EPSG:4326", (cell, 0.0, -180.0, 0.0, -cell, north), (width, height))


def vegetation(name: str, title: str, grid: Grid, starts: tuple[date, ...], late: int = 0) -> Spec:
    """A 16-day vegetation index product of MODIS; the periods of Aqua begin 8 days late."""
    return Spec(
        id=f"MODIS/061/{name}",
        title=title,
        grid=grid,
        bands=(
            StoredBand("NDVI", "int16", bands.ndvi),
            StoredBand("EVI", "int16", bands.evi),
            StoredBand("DetailedQA", "uint16", bands.detailed_quality, pyramiding="SAMPLE"),
            StoredBand("DayOfYear", "int16", bands.day_of_year, pyramiding="SAMPLE"),
            StoredBand("SummaryQA", "int8", bands.summary_quality, pyramiding="MODE"),
        ),
        starts=starts,
        ends=lambda day: day + timedelta(days=16),
        goes_on=partial(sixteen_days, late=late),
    )


def end_of_pentad(day: date) -> date:
    """The day after a pentad: the last of a month ends with it."""
    return day + timedelta(days=5) if day.day < 26 else next_month(day)


TERRA = sixteen_days(FIRST, LAST)
AQUA = sixteen_days(date(2002, 7, 4), date(2024, 12, 10), late=8)
DAYS = every_day(date(2001, 1, 1), date(2024, 12, 31))

MORE = (
    Spec(
        id="ECMWF/ERA5_LAND/DAILY_AGGR",
        title="ERA5-Land Daily Aggregated",
        grid=ERA5_GRID,
        bands=(
            StoredBand("temperature_2m", "float32", days.temperature),
            StoredBand("snow_depth", "float32", days.snow_depth),
            StoredBand("volumetric_soil_water_layer_1", "float32", days.soil_water),
            StoredBand("potential_evaporation_sum", "float32", days.potential_evaporation),
            StoredBand("u_component_of_wind_10m", "float32", days.wind_u),
            StoredBand("v_component_of_wind_10m", "float32", days.wind_v),
            StoredBand("total_precipitation_sum", "float32", days.precipitation),
        ),
        starts=DAYS,
        index="%Y%m%d",
        ends=lambda day: day + timedelta(days=1),
        goes_on=every_day,
    ),
    vegetation("MOD13A1", "MOD13A1.061 Terra Vegetation Indices 16-Day Global 500m", MODIS_500_GRID, TERRA),
    vegetation("MOD13A2", "MOD13A2.061 Terra Vegetation Indices 16-Day Global 1km", MODIS_1000_GRID, TERRA),
    Spec(
        id="MODIS/061/MOD13C1",
        title="MOD13C1.061 Terra Vegetation Indices 16-Day L3 Global 0.05 Deg CMG",
        grid=degrees(0.05),
        bands=(
            StoredBand("NDVI", "float32", bands.scaled(bands.ndvi)),
            StoredBand("EVI", "float32", bands.scaled(bands.evi)),
            StoredBand("DetailedQA", "uint16", bands.detailed_quality, pyramiding="SAMPLE"),
            StoredBand("SummaryQA", "int8", bands.summary_quality, pyramiding="MODE"),
        ),
        starts=TERRA,
        ends=lambda day: day + timedelta(days=16),
        goes_on=sixteen_days,
    ),
    *(
        vegetation(name, f"{name}.061 Aqua Vegetation Indices 16-Day Global {size}", grid, AQUA, late=8)
        for name, size, grid in (
            ("MYD13Q1", "250m", MODIS_250_GRID),
            ("MYD13A1", "500m", MODIS_500_GRID),
            ("MYD13A2", "1km", MODIS_1000_GRID),
        )
    ),
    Spec(
        id="UCSB-CHG/CHIRPS/PENTAD",
        title="CHIRPS Pentad: rain in five days, up to 50 N",
        grid=degrees(0.05, north=50.0),
        bands=(StoredBand("precipitation", "float32", derived.pentad_rain),),
        starts=pentads(date(1981, 1, 1), date(2024, 12, 31)),
        index="%Y%m%d",
        ends=end_of_pentad,
        goes_on=pentads,
    ),
    Spec(
        id="IDAHO_EPSCOR/TERRACLIMATE",
        title="TerraClimate: monthly climate and water balance",
        grid=degrees(1 / 24),
        bands=(
            StoredBand("pet", "int16", derived.evaporative_demand),
            StoredBand("pr", "int16", derived.monthly_rain),
            StoredBand("soil", "int16", derived.soil_column),
            StoredBand("tmmn", "int16", derived.coldest),
            StoredBand("tmmx", "int16", derived.warmest),
        ),
        starts=months(1981, 2024),
        index="%Y%m",
        ends=next_month,
        goes_on=every_month,
    ),
    Spec(
        id="NASA/GPM_L3/IMERG_MONTHLY_V07",
        title="GPM IMERG monthly precipitation",
        grid=degrees(0.1),
        bands=(StoredBand("precipitation", "float32", derived.rain_rate),),
        starts=months(1998, 2024),
        index="%Y%m%d000000",
        ends=next_month,
        goes_on=every_month,
    ),
    Spec(
        id="ESA/WorldCover/v200",
        title="ESA WorldCover 10 m 2021",
        grid=degrees(1 / 12000),
        bands=(StoredBand("Map", "uint8", derived.world_cover, pyramiding="MODE"),),
        starts=(date(2021, 1, 1),),
        index="%Y",
        ends=next_year,
    ),
    *(
        Spec(
            id=f"NOAA/VIIRS/DNB/ANNUAL_V{version}",
            title="VIIRS night lights, yearly",
            grid=degrees(1 / 240, north=75.0, south=-65.0),
            bands=(StoredBand("average", "float32", derived.night_lights),),
            starts=(date(2012, 4, 1), *years(2013, last)),
            index="%Y%m%d",
            ends=lambda day: date(day.year + 1, 1, 1),
            goes_on=every_year,
        )
        for version, last in ((21, 2021), (22, 2024))
    ),
    Spec(
        id="USGS/SRTMGL1_003",
        title="SRTM elevation",
        grid=degrees(1 / 3600, north=60.0, south=-56.0),
        bands=(StoredBand("elevation", "int16", derived.elevation),),
    ),
    Spec(
        id=f"{TOOLBOX}/ndvi_modis_2001_2024",
        title="Yearly mean NDVI x 10,000, a band a year",
        grid=degrees(1 / 480),
        bands=tuple(StoredBand(f"y{year}", "int16", derived.mean_of_year(year)) for year in range(2001, 2025)),
    ),
    Spec(
        id=f"{TOOLBOX}/prec_chirps_1981_2024",
        title="Yearly rain up to 50 N, millimetres, a band a year",
        grid=degrees(0.05),
        bands=tuple(StoredBand(f"y{year}", "int16", derived.yearly_rain(year)) for year in range(1981, 2025)),
    ),
    Spec(
        id=f"{TOOLBOX}/lcov_esacc_1992_2022",
        title="ESA CCI land cover, a band a year",
        grid=degrees(1 / 360),
        bands=tuple(StoredBand(f"y{year}", "uint8", derived.cci_cover(year), "MODE") for year in range(1992, 2023)),
    ),
)
