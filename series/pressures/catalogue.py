"""The pressures: their assets, series, and notes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ee

from series.pressures.erosion import CARBON, CLAY, DAILY, LEAVES, MONTHLY, OF_DAYS, OF_MONTHS, SAND, soil_lost
from series.pressures.model import Beside, Measure, Notes, Pressure

#: Dust in a column of air (kg m-2) from which a day is a dust day: a dust optical depth of about 0.3.
DUSTY = 5e-4
#: NDSI from which a cell is under snow.
SNOWY = 40
#: Sheep units of one head (Mongolia); camels, 5, are not in the product.
SHEEP_UNITS = (
    ("herd_horses", 7.0),
    ("herd_cattle", 6.0),
    ("herd_buffalo", 6.0),
    ("herd_sheep", 1.0),
    ("herd_goats", 0.9),
)
#: Area of a mascon of JPL: the sphere has 4,551 of them.
MASCON_KM2 = 112_000.0
OPEN_NASA = "open (NASA EOSDIS data policy)"


def of_classes(*groups: tuple[int, ...]) -> Callable[[Any], Any]:
    """For each group of classes a band that is 1 where the image has one of them, else 0."""
    return lambda image: ee.Image.cat([image.remap(list(group), [1] * len(group), 0) for group in groups])


def dusty(image: Any) -> Any:
    """The dust column in mg m-2, and 1 where a day is a dust day."""
    return ee.Image.cat([image.multiply(1e6), image.gt(DUSTY)])


PRESSURES = (
    Pressure(
        "land_use",
        "MODIS/061/MCD12Q1",
        ("LC_Type1",),
        (Measure("cropland", "km2"), Measure("built_up", "km2"), Measure("open_water", "km2")),
        of_classes((12, 14), (13,), (17,)),
        first_year=2001,
        cell=1 / 240,
        unit="area",
        notes=Notes(
            "MODIS land cover, IGBP classes, 500 m (Friedl and Sulla-Menashe 2022, doi:10.5067/MODIS/MCD12Q1.061)",
            OPEN_NASA,
            "three classes in four are right over the globe; small fields and villages are missed",
            "a cell counts whole or not at all, so that a slow change can show as a step of a single year",
        ),
    ),
    Pressure(
        "burned",
        "MODIS/061/MCD64A1",
        ("BurnDate",),
        (Measure("burned", "km2"),),
        lambda image: image.gt(0).unmask(0),
        first_year=2001,
        cell=1 / 240,
        unit="area",
        together="max",
        images_a_year=12,
        notes=Notes(
            "MODIS burned area, monthly, 500 m (Giglio and others 2021, doi:10.5067/MODIS/MCD64A1.061)",
            OPEN_NASA,
            "misses a good part of small fires",
            "burning of crop residues is mostly missed, and fire is part of some ecosystems",
        ),
    ),
    Pressure(
        "night_lights",
        "NOAA/VIIRS/DNB/ANNUAL_V22",
        ("average",),
        (Measure("night_lights", "nW cm-2 sr-1"),),
        lambda image: image,
        first_year=2013,
        cell=1 / 240,
        notes=Notes(
            "VIIRS night lights, annual version 2.2 (Elvidge and others 2021, doi:10.3390/rs13050922)",
            "CC-BY-4.0",
            "not stated by the producer",
            "lamps that change to LED can look darker although there is more light; gas flares shine too",
        ),
    ),
    Pressure(
        "herds",
        "projects/global-pasture-watch/assets/gld-1km/v1/livestock-headcount-faostat_m",
        ("cattle", "buffalo", "horse", "goat", "sheep"),
        (
            Measure("herd_sheep_units", "sheep units", weights=SHEEP_UNITS),
            Measure("herd_cattle", "head"),
            Measure("herd_buffalo", "head"),
            Measure("herd_horses", "head"),
            Measure("herd_goats", "head"),
            Measure("herd_sheep", "head"),
        ),
        lambda image: image,
        first_year=2000,
        ended=2022,
        cell=1 / 120,
        unit="count",
        averaged=True,
        notes=Notes(
            "Global Pasture Watch, livestock headcount adjusted to FAOSTAT, 1 km (doi:10.5281/zenodo.20396303)",
            "CC-BY-4.0",
            "intervals that the producer calls 95 % cover 30 to 45 % of census counts; not tested in time; that a cell "
            "of 1/120 degree holds a number of heads is assumed, and not verified with an account",
            "counts jump at national borders, above all at Mongolia's, because each country is adjusted to its own "
            "total: compare within a country only; camels are missing",
        ),
    ),
    Pressure(
        "dust",
        "NASA/GSFC/MERRA/aer/2",
        ("DUCMASS",),
        (Measure("dust", "mg m-2"), Measure("dust_days", "days", days=True)),
        dusty,
        first_year=1980,
        cell=0.5,
        hour=6,
        images_a_year=365,
        notes=Notes(
            "MERRA-2 aerosols, dust column (GMAO 2015, doi:10.5067/KLICLTZ8EM9D)",
            OPEN_NASA,
            "a model that sees optical depth; dust is not observed apart from other aerosol, less so before 2000",
            "one hour a day (06 UTC) in cells of about 55 km, with dust from elsewhere: it does not say that the dust "
            f"came from the region; a dust day has at least {DUSTY * 1e6:g} mg m-2",
        ),
    ),
    Pressure(
        "albedo",
        "MODIS/061/MCD43A3",
        ("Albedo_WSA_shortwave",),
        (Measure("albedo", "1"),),
        lambda image: image.multiply(0.001),
        first_year=2000,
        cell=1 / 240,
        span="summer",
        every=16,
        images_a_year=8,
        averaged=True,
        notes=Notes(
            "MODIS albedo, white-sky, short wave, 500 m (Schaaf and Wang 2021, doi:10.5067/MODIS/MCD43A3.061)",
            OPEN_NASA,
            "about 0.02, and 0.05 where few views were clear (the producer's validation)",
            "June to September, to be free of snow: every sixteenth day, the days that its sixteen-day windows need; "
            "dry soil, dust on leaves and stubble brighten the ground as bare land does",
        ),
    ),
    Pressure(
        "snow",
        "MODIS/061/MOD10A1",
        ("NDSI_Snow_Cover",),
        (Measure("snow_days", "days", days=True),),
        lambda image: image.gte(SNOWY),
        first_year=2001,
        cell=1 / 240,
        span="winter",
        every=5,
        images_a_year=31,
        averaged=True,
        notes=Notes(
            "MODIS snow cover, daily, 500 m (Hall and Riggs 2021, doi:10.5067/MODIS/MOD10A1.061)",
            OPEN_NASA,
            "some five days from the days between images and from clouds; thin snow is missed",
            "November to March, every fifth day: the share of clear days with snow stands for cloudy ones; snow that "
            "lies says neither how deep it is nor whether ice covers the grass",
        ),
    ),
    Pressure(
        "surface_water",
        "JRC/GSW1_4/YearlyHistory",
        ("waterClass",),
        (Measure("water_permanent", "km2"), Measure("water_seasonal", "km2")),
        of_classes((3,), (2,)),
        first_year=1984,
        ended=2021,
        cell=1 / 240,
        unit="area",
        notes=Notes(
            "JRC Global Surface Water 1.4, yearly history, 30 m (Pekel and others 2016, doi:10.1038/nature20584)",
            "free use with attribution (EC JRC/Google)",
            "less than 1 % of water pixels are wrong, and less than 5 % are missed, at 30 m",
            "read at cells of about 460 m by the commonest class in them, so that ponds and narrow rivers are missing; "
            "before 1999 there are years without images, in which water is missing although it was there",
        ),
    ),
    Pressure(
        "human_modification",
        "projects/sat-io/open-datasets/GHM/HM_1990_2020_THREAT_GROUPS_300M",
        (),
        (
            Measure("modified_agriculture", "1"),
            Measure("modified_built_up", "1"),
            Measure("modified_energy_mining", "1"),
            Measure("modified_transport", "1"),
        ),
        lambda image: image,
        first_year=1990,
        ended=2020,
        cell=1 / 360,
        averaged=True,
        years_apart=5,
        codes=("AG", "BU", "EX", "TI"),
        notes=Notes(
            "Global human modification v3, threat groups, 300 m (Theobald and others 2025, "
            "doi:10.1038/s41597-025-04892-2)",
            "CC-BY-4.0",
            "root mean square error of the index of all threats 0.18 in the producer's validation; that of single "
            "threats is not stated",
            "a model of footprint times intensity, no observation of the year: a change between two maps may be one of "
            "its inputs; the map of 2022 is made otherwise and is not read; the names of properties are those of the "
            "community catalogue, not verified with an account",
        ),
    ),
    Pressure(
        "irrigation",
        "users/deepakna/global_irrigation_maps",
        ("classification",),
        (Measure("irrigated_cells_high", "km2"), Measure("irrigated_cells_low", "km2")),
        of_classes((2,), (1,)),
        first_year=2001,
        ended=2015,
        cell=1 / 12,
        unit="area",
        notes=Notes(
            "Global irrigation areas 2001 to 2015, 9 km (Nagaraj and others 2021, doi:10.1016/j.advwatres.2021.103910)",
            "CC-BY-4.0",
            "classes by machine learning from satellites and climate; their errors by year are not stated",
            "land in cells of 86 km2, of which more than 20 km2 (high) or less (low) are irrigated: not the area of "
            "irrigated fields, and no trend after 2015",
        ),
    ),
    Pressure(
        "stored_water",
        "NASA/GRACE/MASS_GRIDS_V04/MASCON_CRI",
        ("lwe_thickness",),
        (Measure("stored_water", "cm"),),
        lambda image: image,
        first_year=2003,
        cell=0.5,
        images_a_year=12,
        earlier=15,
        images_needed=9,
        least_km2=MASCON_KM2,
        notes=Notes(
            "GRACE and GRACE-FO, JPL mascons RL06.3 v04, CRI filter (Wiese and others 2023, doi:10.5067/TEMSC-3JC634)",
            OPEN_NASA,
            "the producer gives an error of every month and mascon in a band that is not read; a lake beside the "
            "region leaks into its values",
            f"independent values are of mascons of 3 degrees ({MASCON_KM2:,.0f} km2): smaller regions have no series; "
            "all water from snow to deep ground, against the mean of 2004 to 2009; no row for 2017 and 2018, between "
            "the two missions",
        ),
    ),
    Pressure(
        "wind_erosion",
        DAILY,
        OF_DAYS,
        (Measure("wind_erosion", "kg m-2 year-1"),),
        lambda image: image,
        first_year=2001,
        cell=0.1,
        images_a_year=365,
        corner=(-180.05, 90.05),
        made=soil_lost,
        on_request=True,
        besides=(
            Beside(MONTHLY, OF_MONTHS, images_a_year=12),
            # four pixels of 0.05 degrees in a cell
            Beside(LEAVES.asset, LEAVES.bands, images_a_year=23, pixels=4),
            Beside(SAND, ("b0",)),
            Beside(CLAY, ("b0",)),
            Beside(CARBON, ("b0",)),
        ),
        notes=Notes(
            "Revised Wind Erosion Equation (Fryrear and others 1998; Talukdar and others 2022, "
            "doi:10.3390/land11081204) by month from ERA5-Land (doi:10.24381/cds.e2161bac), MOD13C1 "
            "(doi:10.5067/MODIS/MOD13C1.061) and OpenLandMap soils (doi:10.5281/zenodo.1476854, 1476851, 1475457)",
            "Copernicus licence; open (NASA EOSDIS data policy); CC-BY-SA-4.0",
            "an equation that was fitted on fields of the Great Plains, no observation: levels may be wrong several "
            "times over, and the producers state no error; carbonates are taken for none, and all ground for smooth",
            "compare years within a region only, neither levels nor regions; daily means of a reanalysis lack gusts, "
            "so that most storms are missed; a few windy days decide a year; dry grass and stones are not seen",
        ),
    ),
)
