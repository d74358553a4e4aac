"""Rain, temperature, wind, soil moisture and evaporation."""

from __future__ import annotations

from typing import Any

from series.datasets.model import Dataset

_ERA5: dict[str, Any] = {
    "asset": "ECMWF/ERA5_LAND/MONTHLY_AGGR",
    "cadence": "monthly",
    "resolution": 0.1,
    "first_year": 1951,
    "last_year": 2024,
    "resampling": "bilinear",
    "licence": "Copernicus licence",
    "citation": "Muñoz Sabater (2019), ERA5-Land monthly averaged data, doi:10.24381/cds.68d2bb30",
    "delay_days": 10,
}
WEATHER = (
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
    # a model that takes up what the satellite sees at 6 and 18 local time; an image every three hours. Of eight the
    # one around 01:30 UTC is read, a morning in North-East Asia: soil dries by day, so that the hour must be the same
    # all year. An image may carry the middle or the beginning of its three hours: the hours hold for both
    Dataset(
        key="smap-l4-soil-moisture",
        variable="soil_moisture",
        asset="NASA/SMAP/SPL4SMGP/008",
        band="sm_surface",
        units="m3 m-3",
        cadence="daily",
        hours=(0, 2),
        resolution=0.1,
        first_year=2016,
        last_year=2024,
        latitudes=(-85.044, 85.044),
        annual="season_mean",
        resampling="bilinear",
        licence="public domain",
        citation="Reichle et al. (2025), SMAP L4 Global 3-hourly 9 km EASE-Grid Surface and Root Zone Soil Moisture "
        "Geophysical Data, version 8, doi:10.5067/T5RUATAQREF8",
        sensor="SMAP",
        delay_days=4,
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
    # season sums take whole pentads: six in each month
    Dataset(
        key="chirps3-precipitation",
        variable="precipitation",
        asset="UCSB-CHC/CHIRPS/V3/PENTAD",
        band="precipitation",
        units="mm",
        cadence="pentad",
        resolution=0.05,
        first_year=1981,
        last_year=2024,
        latitudes=(-60.0, 60.0),
        annual="season_sum",
        licence="public domain",
        citation="Climate Hazards Center (2024), CHIRPS version 3, doi:10.15780/G2JQ0P",
        delay_days=30,
    ),
    Dataset(
        key="imerg-precipitation",
        variable="precipitation",
        asset="NASA/GPM_L3/IMERG_MONTHLY_V07",
        band="precipitation",
        formula="hourly-rate",
        units="mm",
        cadence="monthly",
        resolution=0.1,
        first_year=1998,
        last_year=2024,
        annual="season_sum",
        licence="no restriction",
        citation="Huffman et al. (2023), GPM IMERG Final Precipitation L3 V07, doi:10.5067/GPM/IMERG/3B-MONTH/07",
        delay_days=110,
    ),
)
