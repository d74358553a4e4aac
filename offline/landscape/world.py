"""Three worlds: how hard the simulated landscape is. Every figure of a world stands here, with its unit and source.

`easy` is the landscape of versions up to 0.3: rain explains nearly all of a pixel's course, nothing else changes it,
every loss is at least 15 %. `real` is as hard as real series are, by figures that are computed of both
(`notebooks/series_figures.py`, `notebooks/worlds.ipynb`). `hard` is harder than most of them. Climate, soils, original
land cover, practice sites and the vegetation under mean weather are the same in all worlds of a seed.

Where no source is named, a value of `real` is chosen so that those figures lie within the spread of the real series,
and that of `hard` so that they lie at its hard end or beyond.
"""

import hashlib
from dataclasses import dataclass
from typing import Literal

WorldName = Literal["easy", "real", "hard"]

Spacings = tuple[tuple[float, float], ...]
"""Wavelengths of noise in degrees, and the share of each in the standard deviation (squares sum to one)."""


@dataclass(frozen=True)
class RainErrors:
    """What rain products do not know of the rain that plants had: an error of its logarithm, by product and month.

    Part of it all products have in common, as they share gauges and satellites, which are few in drylands (review:
    Sun et al. 2018, doi:10.1002/2017RG000574). Its size is that with which the best sum of reported rain explains 0.3
    to 0.6 of a pixel's annual NDVI, and 0.4 to 0.7 of a region's: Portal 0.37 to 0.59, Assaba 0.56 and 0.76, aimags of
    Mongolia (SPEI-3 and LAI) 0.26 to 0.56 of cells and 0.38 to 0.87 of the mean.
    """

    yearly: float
    """Standard deviation of what stays for a year, logarithm"""
    monthly: float
    """Standard deviation of what is of one month, logarithm"""
    memory: float
    """Correlation of the yearly part with the next year's"""
    common: float
    """Share of the variance that all products have in common"""
    soil: float
    """Error of modelled soil moisture, standard deviations of its anomaly: models are driven by such rain"""
    spacings: Spacings = ((3.0, 0.70), (1.0, 0.55), (0.3, 0.45))


@dataclass(frozen=True)
class Influences:
    """Drivers of greenness other than rain: each is a change of the logarithm of the green signal in a year.

    Together with rain they give a pixel's annual NDVI a standard deviation of 0.12 (real drylands 0.10 to 0.30), a
    correlation with the year before of 0.1 (-0.29 to 0.19), and leaves a correlation of 0.72 at 80 km, 0.45 at 200 km
    (MODIS LAI: 0.71 to 0.76, 0.42 to 0.48).
    """

    rain: float
    """Factor on the response to past rain that `easy` has"""
    heat: float
    """Loss of dry land per standard deviation of the temperature of May to August"""
    warmth: float
    """Gain of cold land (yearly mean below 0 degrees) per standard deviation of the same"""
    snow: float
    """Gain of cold land per standard deviation of the precipitation of November to March"""
    grazing: float
    """Standard deviation of the effect of herds"""
    grazing_memory: float
    """Correlation of the effect of herds with the next year's; herds grow for years and die in a winter"""
    grazing_spacings: Spacings
    unexplained: float
    """Standard deviation of unexplained weather, in units of the response to rain: dry land varies more"""
    unexplained_memory: float
    """Correlation of unexplained weather with the next year's"""
    unexplained_spacings: Spacings
    greening: float
    """Mean greening by CO2 and warming, fraction of the green signal a decade; MODIS LAI of dry land, 2001-2020, rose
    by 12 to 15 % a decade"""
    greening_spread: float
    """Standard deviation of the greening from place to place; smooth over 5 degrees"""
    most_greening: float
    """The greening is between 0 and this, fraction a decade"""


@dataclass(frozen=True)
class SensorErrors:
    """What the satellite adds to the true NDVI.

    The noise of a composite beside its neighbours is 0.04 to 0.11 of NDVI (MOD13A1 at ten sites, Chile, Atacama).
    """

    pixel: float = 0.028
    """Noise of a pixel in a composite, fraction of NDVI"""
    pixel_floor: float = 0.005
    """Noise of a pixel that does not depend on its NDVI"""
    swath: float = 0.0
    """Noise by view angle and swath, in common over some five degrees, fraction of NDVI in a composite"""
    drift: float = 0.0
    """Drift of the calibration, fraction of NDVI a decade. Terra lost 0.001 to 0.004 of NDVI a year in Collection 5
    (Wang et al. 2012, doi:10.1016/j.rse.2011.12.001); Collection 6 removed most of it (Lyapustin et al. 2014,
    doi:10.5194/amt-7-4353-2014)"""
    orbit_drift: float = 0.0
    """Change of Terra's NDVI for each hour that it crosses the equator before 10:30, fraction of NDVI; the course of
    the hours, from 2020 on, is in `offline.landscape.sensors`. No world has any; `dataclasses.replace` makes one"""


@dataclass(frozen=True)
class CoverErrors:
    """How the yearly map of land cover errs; rates by class, and their sources, are in
    `offline.landscape.disturbance.confusion`."""

    spells: float
    """Factor on the rates, for errors that come for some years and go"""
    lasting: float
    """Factor on the rates, for errors that never go"""
    patchy: float
    """Share of both that takes small patches as a whole; the rest takes single pixels"""


@dataclass(frozen=True)
class PlantedChanges:
    """What is planted: how much, how large, how strong, and by which course.

    No series says how much real land has lost; these values are a setting. In `real`, a loss of more than 10 % from
    2001 to 2024 covers 9 % of the land of the median region, a gain of more than 10 % about half of that (17 regions,
    seeds 0 to 4). A tenth of the regions have no such loss, a tenth more than 17 %; 13 of 85 have part of a loss in
    common.
    """

    cover: tuple[float, float, float]
    """Share of blocks of 0.25, 0.08 and 0.025 degrees that hold a patch under mean pressure; at most 0.95 do"""
    pressure_spread: float
    """Standard deviation of the logarithm of the pressure, which is smooth over some 3.5 degrees"""
    losses: float
    """Share of losses among patches; the rest are gains and conversions"""
    conversions: float
    """Share of conversions of land cover among patches"""
    mean_loss: float
    """Mean size of losses before they are cut at 60 %: sizes are exponential, so most are small; fraction"""
    mean_gain: float
    """The same of gains, cut at 50 %"""
    wide_blocks: float
    """Share of blocks of 6 degrees with a loss in common"""
    calm_blocks: float
    """Share of blocks of 6 degrees where nothing is planted, practice sites apart"""
    courses: tuple[float, float, float, float, float]
    """Shares of losses by course: step, ramp, exponential approach, slow onset (logistic), step with recovery"""
    wide_loss: tuple[float, float] = (0.12, 0.30)
    """Least and largest loss of a wide block, fraction"""
    largest_loss: float = 0.60
    largest_gain: float = 0.50
    smallest: float = 0.01


@dataclass(frozen=True)
class World:
    """All parameters of a world; None stands for what a world does not have."""

    name: WorldName
    weather: Spacings = ((10.0, 0.75), (3.0, 0.66))
    """of the anomalies of rain, temperature and wind"""
    rain: RainErrors | None = None
    growth: Influences | None = None
    sensor: SensorErrors = SensorErrors()
    confusion: CoverErrors | None = None
    changes: PlantedChanges | None = None


WEATHER = ((10.0, 0.64), (3.0, 0.63), (1.5, 0.44))
"""Weather of `real` and `hard`: with showers that single valleys get."""

WORLDS: dict[str, World] = {
    "easy": World("easy"),
    "real": World(
        "real",
        weather=WEATHER,
        rain=RainErrors(yearly=0.20, monthly=0.25, memory=0.4, common=0.5, soil=0.7),
        growth=Influences(
            rain=0.66,
            heat=0.03,
            warmth=0.03,
            snow=0.02,
            grazing=0.05,
            grazing_memory=0.65,
            grazing_spacings=((0.6, 0.8), (0.2, 0.6)),
            unexplained=0.82,
            unexplained_memory=0.25,
            unexplained_spacings=((3.0, 0.57), (0.8, 0.57), (0.2, 0.45), (0.05, 0.39)),
            greening=0.09,
            greening_spread=0.035,
            most_greening=0.15,
        ),
        sensor=SensorErrors(pixel=0.055, pixel_floor=0.006, swath=0.02, drift=-0.004),
        confusion=CoverErrors(spells=0.15, lasting=1.05, patchy=0.5),
        changes=PlantedChanges(
            cover=(0.90, 0.85, 0.75),
            pressure_spread=0.6,
            losses=0.68,
            conversions=0.10,
            mean_loss=0.22,
            mean_gain=0.18,
            wide_blocks=1 / 30,
            calm_blocks=1 / 7,
            courses=(0.25, 0.25, 0.15, 0.15, 0.20),
        ),
    ),
    "hard": World(
        "hard",
        weather=WEATHER,
        rain=RainErrors(yearly=0.25, monthly=0.35, memory=0.5, common=0.5, soil=0.9),
        growth=Influences(
            rain=0.66,
            heat=0.04,
            warmth=0.04,
            snow=0.03,
            grazing=0.08,
            grazing_memory=0.75,
            grazing_spacings=((0.6, 0.8), (0.2, 0.6)),
            unexplained=1.0,
            unexplained_memory=0.30,
            unexplained_spacings=((3.0, 0.55), (0.8, 0.55), (0.2, 0.48), (0.05, 0.41)),
            greening=0.09,
            greening_spread=0.045,
            most_greening=0.15,
        ),
        sensor=SensorErrors(pixel=0.075, pixel_floor=0.008, swath=0.035, drift=-0.01),
        confusion=CoverErrors(spells=0.30, lasting=1.25, patchy=0.6),
        changes=PlantedChanges(
            cover=(0.75, 0.95, 1.20),
            pressure_spread=0.8,
            losses=0.66,
            conversions=0.10,
            mean_loss=0.18,
            mean_gain=0.15,
            wide_blocks=1 / 15,
            calm_blocks=1 / 7,
            courses=(0.12, 0.20, 0.18, 0.25, 0.25),
        ),
    ),
}


def called(of: World) -> str:
    """What a world is called: its name, or its name and a digest where its parameters are not those of the name.

    Examples
    --------
    >>> called(WORLDS["real"])
    'real'
    """
    if of == WORLDS[of.name]:
        return of.name
    return f"{of.name} changed {hashlib.sha256(repr(of).encode()).hexdigest()[:8]}"


def world(name: str | World) -> World:
    """The world of a name, or a world of one's own as it is. Raises ValueError with the names that exist."""
    if isinstance(name, World):
        return name
    if name not in WORLDS:
        raise ValueError(f"world {name!r} is unknown; use {', '.join(WORLDS)}")
    return WORLDS[name]
