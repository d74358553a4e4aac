"""Vegetation and rain beyond MODIS and CHIRPS 2: VIIRS, a long record of AVHRR, Landsat composites, CHIRPS 3.

Each satellite sees the same greenness through its own response (`offline.landscape.sensors`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

import numpy as np
from numpy.typing import NDArray

from offline.landscape import Scene, vegetation
from offline.landscape.annual import FIRST_VIIRS, LAST_VIIRS, eight_days
from offline.landscape.noise import cell_hash, key, uniform, value_noise
from offline.landscape.points import at
from offline.landscape.sensors import AVHRR, LANDSAT, VIIRS
from offline.sources.simulated import days, derived
from offline.sources.simulated.bands import Stored
from offline.sources.simulated.data_sets import degrees, end_of_pentad
from offline.sources.simulated.spec import MODIS_500_GRID, Spec, StoredBand, every_day, months, next_month, pentads

COMMUNITY = "projects/sat-io/open-datasets"
NORTH_OF_CHIRPS3 = 60.0
"""CHIRPS 3 reaches to this latitude, degrees."""

RELIABILITY = np.array([0, 3, 8, 9], np.int8)
"""pixel_reliability of VNP13A1 for good, marginal, snowy and cloudy views: excellent, marginal, snow or ice, cloud."""

QUALITY = np.array([0, 1 | 6 << 2, 1 | 8 << 2 | 1 << 14, 2 | 10 << 2 | 1 << 10], np.uint16) | np.uint16(1 << 11)
"""VI_Quality of the same: bits 0-1 quality, 2-5 usefulness, 10 mixed clouds, 11-13 land, 14 snow or ice."""

ACROSS = 4
"""Points along a side of a cell of AVHRR that its value is the mean of."""

LEAST_GOOD = 0.3
"""Share of a cell's points that must be good for it to count as good."""

LAST_AVHRR = 2015
"""The record of AVHRR alone ends with this year; later ones come from MODIS, made to agree with it."""

CLEAR = ((1999, 0.55), (2013, 0.75), (2100, 0.92))
"""Share of composites of 32 days with a usable Landsat scene, before a year: one satellite, two, two better ones."""

LANDSAT_CELL = 0.00026949458523585647
"""Degrees of 30 m."""


def viirs(scene: Scene, start: date) -> NDArray[np.float32]:
    """NDVI of a 16-day composite of VIIRS; a new array."""
    return scene.view(start, VIIRS).ndvi.astype(np.float32) * np.float32(vegetation.SCALE)


def viirs_ndvi(scene: Scene, start: date) -> Stored:
    """NDVI as it is: the service stores decimals."""
    return viirs(scene, start), scene.seen


def viirs_evi(factor: float) -> Callable[[Scene, date], Stored]:
    """EVI, or EVI2 with a factor: lower than NDVI and without its saturation, by the curve of MODIS."""

    def field(scene: Scene, start: date) -> Stored:
        value = viirs(scene, start)
        return np.float32(factor) * (np.float32(0.35) * value + np.float32(0.38) * value * np.abs(value)), scene.seen

    return field


def viirs_quality(scene: Scene, start: date) -> Stored:
    """VI_Quality, a word of bits."""
    return QUALITY[scene.view(start, VIIRS).quality], scene.seen


def viirs_reliability(scene: Scene, start: date) -> Stored:
    """pixel_reliability, 0 excellent to 11."""
    return RELIABILITY[scene.view(start, VIIRS).quality], scene.seen


def viirs_day(scene: Scene, start: date) -> Stored:
    """Day of the year of the view that the composite kept, 1..366."""
    in_year = 366 if start.year % 4 == 0 else 365
    chosen = (cell_hash(scene.points, key(scene.seed, 162, start.toordinal())) >> np.uint32(28)).astype(np.int16)
    return (start.timetuple().tm_yday - 1 + chosen) % in_year + 1, scene.seen


def within(scene: Scene, across: int = ACROSS, per_degree: float = 12) -> Scene:
    """The scene at points spread over squares around its points, `per_degree` squares a degree: a row for each.

    By default 16 points of each cell of AVHRR.
    """

    def spread() -> Scene:
        full = scene.points.full
        steps = ((np.arange(across) + 0.5) / across - 0.5) / per_degree
        east, north = (each.ravel() for each in np.meshgrid(steps, steps))
        points = at(full.lon.ravel()[:, None] + east, full.lat.ravel()[:, None] + north)
        return Scene(points, scene.seed, scene.layout, scene.world)

    finer: Scene = scene.kept.get(("points within", across, per_degree), spread)
    return finer


def avhrr(scene: Scene, start: date) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """NDVI of cells of 1/12 degree, mean of their good points or else of all, and which cells are good."""
    finer = within(scene)
    view = finer.view(start, AVHRR)
    land = finer.land.astype(np.float32)
    good = land * (view.quality <= vegetation.MARGINAL)
    share = good.mean(axis=1)
    weights = np.where(share[:, None] > 0, good, np.maximum(land, np.float32(1e-6)))
    mean = (view.ndvi * weights).sum(axis=1) / weights.sum(axis=1) * vegetation.SCALE
    shape = scene.points.shape
    return mean.astype(np.float32).reshape(shape), (share >= LEAST_GOOD).reshape(shape)


def gimms_ndvi(scene: Scene, start: date) -> Stored:
    """NDVI x 1,000 of half a month."""
    return np.rint(avhrr(scene, start)[0] * 1000), scene.land


def gimms_quality(scene: Scene, start: date) -> Stored:
    """Digits: hundreds 2; tens the quality of AVHRR, units that of MODIS (0 good, 1 not, 9 another sensor)."""
    bad = (~avhrr(scene, start)[1]).astype(np.int16)
    return (209 + 10 * bad if start.year <= LAST_AVHRR else 290 + bad), scene.land


def half_months(first: date, last: date) -> tuple[date, ...]:
    """First days of the halves of months that begin in a span: the 1st and the 16th."""
    halves = (month.replace(day=day) for month in months(first.year, last.year) for day in (1, 16))
    return tuple(day for day in halves if first <= day <= last)


def landsat_ndvi(scene: Scene, start: date) -> Stored:
    """NDVI of a composite of 32 days, of its clear views; missing where no scene was good enough."""
    view = scene.view(start + timedelta(days=8), LANDSAT)
    rough = np.float32(0.5) + value_noise(scene.points, 1.5, key(scene.seed, 163, start.toordinal())) / np.float32(6)
    pixel = uniform(cell_hash(scene.points, key(scene.seed, 164, start.toordinal())))
    share = next(part for before, part in CLEAR if start.year < before)
    usable = np.clip(rough, 0, 1) * 0.8 + pixel * 0.2 < share
    clear = usable & (view.quality <= vegetation.MARGINAL)
    return view.ndvi.astype(np.float32) * np.float32(vegetation.SCALE), scene.land & clear


def thirty_two_days(first: date, last: date) -> tuple[date, ...]:
    """First days of the 32-day periods that begin in a span; they start again on 1 January."""
    starts = (date(y, 1, 1) + timedelta(days=32 * k) for y in range(first.year, last.year + 1) for k in range(12))
    return tuple(day for day in starts if first <= day <= last)


def chirps3_day(scene: Scene, start: date) -> Stored:
    """Millimetres in a day, from 60 N masked."""
    metres, valid = days.precipitation(scene, start, "chirps3")
    covered = np.broadcast_to(scene.points.lat, scene.points.shape) < NORTH_OF_CHIRPS3
    return metres * np.float32(1000), valid & covered


SUCCESSORS = (
    Spec(
        id="NASA/VIIRS/002/VNP13A1",
        title="VNP13A1.002 VIIRS Vegetation Indices 16-Day 500m",
        grid=MODIS_500_GRID,
        bands=(
            StoredBand("EVI", "float32", viirs_evi(1.0)),
            StoredBand("EVI2", "float32", viirs_evi(0.97)),
            StoredBand("NDVI", "float32", viirs_ndvi),
            StoredBand("VI_Quality", "uint16", viirs_quality, pyramiding="SAMPLE"),
            StoredBand("composite_day_of_the_year", "int16", viirs_day, pyramiding="SAMPLE"),
            StoredBand("pixel_reliability", "int8", viirs_reliability, pyramiding="MODE"),
        ),
        starts=eight_days(FIRST_VIIRS, LAST_VIIRS),
        ends=lambda day: day + timedelta(days=16),
        goes_on=eight_days,
    ),
    Spec(
        id=f"{COMMUNITY}/PKU-GIMMS-NDVI/AVHRR_MODIS_CONSOLIDATED",
        title="PKU GIMMS NDVI 1.2, AVHRR consolidated with MODIS, half-months",
        grid=degrees(1 / 12),
        bands=(
            StoredBand("b1", "int16", gimms_ndvi),
            StoredBand("b2", "uint16", gimms_quality, pyramiding="SAMPLE"),
        ),
        starts=half_months(date(1982, 1, 1), date(2022, 12, 31)),
        index="PKU_GIMMS_NDVI_v12_%Y%m%d",
        ends=lambda day: day.replace(day=16) if day.day < 16 else next_month(day),
    ),
    Spec(
        id="LANDSAT/COMPOSITES/C02/T1_L2_32DAY_NDVI",
        title="Landsat Collection 2 Tier 1 Level 2 32-day NDVI composites",
        grid=degrees(LANDSAT_CELL),
        bands=(StoredBand("NDVI", "float32", landsat_ndvi),),
        starts=thirty_two_days(date(1984, 1, 1), date(2024, 12, 31)),
        index="%Y%m%d",
        ends=lambda day: min(day + timedelta(days=32), date(day.year + 1, 1, 1)),
        goes_on=thirty_two_days,
    ),
    Spec(
        id="UCSB-CHC/CHIRPS/V3/PENTAD",
        title="CHIRPS 3 Pentad: rain in five days, up to 60 N",
        grid=degrees(0.05, north=NORTH_OF_CHIRPS3),
        bands=(StoredBand("precipitation", "float32", partial(derived.pentad_rain, product="chirps3", north=60.0)),),
        starts=pentads(date(1981, 1, 1), date(2024, 12, 31)),
        index="%Y%m%d",
        ends=end_of_pentad,
        goes_on=pentads,
    ),
    *(
        Spec(
            id=f"UCSB-CHC/CHIRPS/V3/DAILY_{way}",
            title=f"CHIRPS 3 Daily ({way}): rain up to 60 N",
            grid=degrees(0.05, north=NORTH_OF_CHIRPS3),
            bands=(StoredBand("precipitation", "float32", chirps3_day),),
            starts=every_day(date(1998 if way == "SAT" else 1981, 1, 1), date(2024, 12, 31)),
            index="%Y%m%d",
            ends=lambda day: day + timedelta(days=1),
            goes_on=every_day,
        )
        for way in ("SAT", "RNL")
    ),
)
