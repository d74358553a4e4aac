"""Vegetation: indices of MODIS, VIIRS, AVHRR and Landsat, and net primary production."""

from __future__ import annotations

from datetime import date
from typing import Any

from series.datasets.model import METRES_A_DEGREE, Counterpart, Dataset

#: First days of the last images of Terra and Aqua: the last that the public catalogue listed in November 2026.
TERRA_ENDED, AQUA_ENDED = date(2026, 10, 16), date(2026, 10, 24)
NEXT = "vnp13a1-ndvi"
_MODIS_CELLS = (("Q1", 1 / 480, 1e-4), ("A1", 1 / 240, 1e-4), ("A2", 1 / 120, 1e-4), ("C1", 0.05, 1.0))


def _modis(name: str, cell: float, scale: float, first: int, **more: Any) -> Dataset:
    """A product of one series, with its own quality flags; MOD13C1 is stored scaled already."""
    return Dataset(
        key=f"{name.lower()}-ndvi",
        variable="productivity",
        asset=f"MODIS/061/{name}",
        band="NDVI",
        units="1",
        cadence="16-day",
        resolution=cell,
        scale=scale,
        quality="modis-summaryqa",
        first_year=first,
        last_year=2024,
        annual="season_mean",
        licence="no restriction",
        citation=f"Didan (2021), {name} v061, doi:10.5067/MODIS/{name}.061",
        successor=NEXT,
        delay_days=10,
        **more,
    )


VEGETATION = (
    *(
        _modis(f"MOD13{n}", cell, scale, 2001, sensor="MODIS Terra", drifts_from=2020, ended=TERRA_ENDED)
        for n, cell, scale in _MODIS_CELLS
    ),
    *(
        _modis(f"MYD13{n}", cell, scale, 2003, sensor="MODIS Aqua", drifts_from=2022, ended=AQUA_ENDED)
        for n, cell, scale in _MODIS_CELLS
        if n != "C1"
    ),
    # the public catalogue gives no factor for its indices, and its own example draws EVI from 0 to 1: stored as it is
    Dataset(
        key=NEXT,
        variable="productivity",
        asset="NASA/VIIRS/002/VNP13A1",
        band="NDVI",
        units="1",
        cadence="8-day",
        covers_days=16,
        resolution=1 / 240,
        quality="viirs-vnp13",
        first_year=2013,
        last_year=2024,
        annual="season_mean",
        licence="no restriction",
        citation="Didan & Barreto (2018), VNP13A1 v002, doi:10.5067/VIIRS/VNP13A1.002",
        sensor="VIIRS S-NPP",
        delay_days=10,
    ),
    Dataset(
        key="pku-gimms-ndvi",
        variable="productivity",
        asset="projects/sat-io/open-datasets/PKU-GIMMS-NDVI/AVHRR_MODIS_CONSOLIDATED",
        band="b1",
        units="1",
        cadence="half-month",
        resolution=1 / 12,
        scale=1e-3,
        quality="gimms-qc",
        first_year=1982,
        last_year=2022,
        annual="season_mean",
        licence="CC BY 4.0",
        citation="Li et al. (2023), PKU GIMMS NDVI 1982-2022, version 1.2, doi:10.5194/essd-15-4181-2023",
        sensor="AVHRR, MODIS",
        ended=date(2022, 12, 16),
    ),
    Dataset(
        key="landsat-32day-ndvi",
        variable="productivity",
        asset="LANDSAT/COMPOSITES/C02/T1_L2_32DAY_NDVI",
        band="NDVI",
        units="1",
        cadence="32-day",
        covers_days=32,
        resolution=30 / METRES_A_DEGREE,
        first_year=1984,
        last_year=2024,
        annual="season_mean",
        licence="no restriction",
        citation="Landsat Collection 2 Tier 1 Level 2 32-day NDVI composites, Google and USGS",
        sensor="Landsat",
        delay_days=30,
    ),
    # harmonised scenes of Landsat 8 and 9, and of Sentinel-2 whose bands are adjusted to those of Landsat. Their
    # reflectance has no offset, so that its factor does not change an index. A point of the land has a view every 1.6
    # days (producer's page, four satellites): ten in 16 days
    Dataset(
        key="hls-ndvi",
        variable="productivity",
        asset="NASA/HLS/HLSL30/v002",
        band="B5",
        formula="hls-ndvi",
        units="1",
        cadence="16-day",
        scenes=True,
        views=10,
        counterparts=(Counterpart(asset="NASA/HLS/HLSS30/v002", bands=("B8A", "B4", "Fmask")),),
        resolution=30 / METRES_A_DEGREE,
        quality="hls-fmask",
        first_year=2014,
        last_year=2024,
        annual="season_mean",
        licence="no restriction",
        citation="Masek et al. (2021), HLS Operational Land Imager Surface Reflectance and TOA Brightness Daily Global "
        "30m v2.0, doi:10.5067/HLS/HLSL30.002; HLS Sentinel-2 Multi-spectral Instrument Surface Reflectance Daily "
        "Global 30m v2.0, doi:10.5067/HLS/HLSS30.002",
        sensor="HLS (Landsat 8 and 9, Sentinel-2)",
        delay_days=3,
    ),
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
        sensor="MODIS Terra",
        ended=date(2025, 1, 1),
        delay_days=60,
    ),
)
