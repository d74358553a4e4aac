"""Which images exist on a day: what goes on, what has ended, how late each data set is, and faults of delivery.

Without a day, every series has the images that its `Spec` lists: all up to the end of 2024, whatever their delay. With
a day, an image is there once its period has ended and the delay of its data set has passed; series that go on do so to
the end of 2030. Images of the past are the same in both, to the byte; with a day those are missing, too, that Terra
could not take in October 2022.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from offline.landscape import climate
from offline.sources.simulated.spec import Spec

SETTLED = date(2024, 12, 31)
"""The default clock: the day with which all series end that go on."""

LAST_DAY = date(climate.LAST_YEAR, 12, 31)
"""The landscape has weather up to here."""

GAP = (date(2022, 10, 10), date(2022, 10, 24))
"""From a day to before a day: MODIS on Terra took nothing while its orbit was lowered."""

ADRIFT = ("MODIS/061/MOD09A1", "MODIS/061/MOD10A1", "MODIS/061/MOD11A2")
"""Data sets that have images wholly inside the gap; composites of 16 days have days outside it."""

TERRA_LAST, AQUA_LAST = date(2026, 10, 16), date(2026, 10, 24)
_TERRA = "last image of MOD13C1 that the public catalogue listed in November 2026; NASA plans no later end"
_AQUA = "last image of MYD13Q1 that the public catalogue listed in November 2026 (end planned for August 2026)"
_BOTH = "made from Terra and Aqua: 2025 is the last year that both have whole"


@dataclass(frozen=True)
class Publication:
    """How a data set is published: days from the end of an image's period to its publication, and its end.

    `last` is the first day of the last image that there will ever be; `source` says from where that is known. Delays
    are settings, about what the service has; that of CHIRPS is its makers' (final product in the third week of the
    following month).
    """

    delay: int
    last: date | None = None
    source: str = ""


DELIVERY: dict[str, Publication] = {
    **{
        f"MODIS/061/{name}": Publication(10, TERRA_LAST, _TERRA)
        for name in ("MOD13Q1", "MOD13A1", "MOD13A2", "MOD13C1")
    },
    **{f"MODIS/061/{name}": Publication(10, AQUA_LAST, _AQUA) for name in ("MYD13Q1", "MYD13A1", "MYD13A2")},
    **{f"MODIS/061/{name}": Publication(5, TERRA_LAST, _TERRA) for name in ("MOD09A1", "MOD10A1", "MOD11A2")},
    "MODIS/061/MOD17A3HGF": Publication(60, date(2025, 1, 1), "made from Terra: 2025 is its last whole year"),
    "MODIS/061/MCD12Q1": Publication(270, date(2025, 1, 1), _BOTH),
    "MODIS/061/MCD64A1": Publication(60, date(2026, 9, 1), "made from Terra and Aqua: the last month that both have"),
    "NASA/VIIRS/002/VNP13A1": Publication(10),
    "NOAA/VIIRS/DNB/ANNUAL_V21": Publication(150, date(2021, 1, 1), "last image in the public catalogue"),
    "NOAA/VIIRS/DNB/ANNUAL_V22": Publication(150),
    "ECMWF/ERA5_LAND/MONTHLY_AGGR": Publication(10),
    "ECMWF/ERA5_LAND/DAILY_AGGR": Publication(8),
    "IDAHO_EPSCOR/TERRACLIMATE": Publication(120),
    "NASA/GPM_L3/IMERG_MONTHLY_V07": Publication(110),
    "NOAA/PERSIANN-CDR": Publication(180),
    "UCSB-CHG/CHIRPS/PENTAD": Publication(30),
    "UCSB-CHG/CHIRPS/DAILY": Publication(30),
    "UCSB-CHC/CHIRPS/V3/PENTAD": Publication(30),
    "UCSB-CHC/CHIRPS/V3/DAILY_SAT": Publication(30),
    "UCSB-CHC/CHIRPS/V3/DAILY_RNL": Publication(30),
    "MODIS/061/MCD43A3": Publication(15, AQUA_LAST, "made from Terra and Aqua: the last days that both have"),
    "NASA/GSFC/MERRA/aer/2": Publication(50),
    "projects/global-pasture-watch/assets/gld-1km/v1/livestock-headcount-faostat_m": Publication(
        365, date(2022, 1, 1), "the public catalogue has 2000-2022"
    ),
    "NASA/GRACE/MASS_GRIDS_V04/MASCON_CRI": Publication(75),
    "users/deepakna/global_irrigation_maps": Publication(
        365, date(2015, 1, 1), "the community catalogue has 2001-2015"
    ),
    "projects/sat-io/open-datasets/GHM/HM_1990_2020_THREAT_GROUPS_300M": Publication(
        365, date(2020, 1, 1), "the community catalogue has 1990-2020, every five years"
    ),
    "JRC/GSW1_4/YearlyHistory": Publication(180, date(2021, 1, 1), "the public catalogue has 1984-2021"),
    "NASA/SMAP/SPL4SMGP/008": Publication(4),
    "NASA/GLDAS/V021/NOAH/G025/T3H": Publication(60),
    "LANDSAT/LE07/C02/T1_L2": Publication(20, date(2024, 1, 19), "science mission ended (public catalogue)"),
    "LANDSAT/LC08/C02/T1_L2": Publication(20),
    "LANDSAT/LC09/C02/T1_L2": Publication(20),
    "LANDSAT/COMPOSITES/C02/T1_L2_32DAY_NDVI": Publication(30),
    "COPERNICUS/S2_SR_HARMONIZED": Publication(2),
    "NASA/HLS/HLSL30/v002": Publication(3),
    "NASA/HLS/HLSS30/v002": Publication(3),
    "projects/sat-io/open-datasets/PKU-GIMMS-NDVI/AVHRR_MODIS_CONSOLIDATED": Publication(
        365, date(2022, 12, 16), "version 1.2 covers 1982-2022 (doi:10.5281/zenodo.8253971)"
    ),
    "projects/sat-io/open-datasets/ESA/C3S-LC-L4-LCCS": Publication(
        365, date(2022, 1, 1), "the community catalogue has 1992-2022"
    ),
    "projects/sat-io/open-datasets/GLC-FCS30D/annual": Publication(
        365, date(2022, 1, 1), "the community catalogue has bands of 2000-2022"
    ),
}

PROJECTED = ("JRC/GHSL/P2023A/GHS_POP",)
"""Data sets with maps of years to come, all published at once."""

MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Deliveries:
    """What a source has published, and the faults of delivery that a test orders.

    `today` is the day on the clock, None the default clock; `vanished` are data sets that are not there any more,
    `late` gives days by which data sets come later than usual, `lacking` months (`2023-07`) of which all images of a
    data set are missing.
    """

    today: date | None = None
    vanished: Collection[str] = ()
    late: Mapping[str, int] = field(default_factory=dict)
    lacking: Mapping[str, Collection[str]] = field(default_factory=dict)

    def check(self, known: Collection[str]) -> None:
        """Raises ValueError for a day, an asset or a month that cannot be used, naming it and the fix."""
        if self.today is not None and self.today > LAST_DAY:
            raise ValueError(f"today {self.today}: the landscape has weather up to {LAST_DAY}; choose a day up to it")
        for name in {*self.vanished, *self.late, *self.lacking}:
            if name not in known:
                raise ValueError(f"fault of delivery: there is no data set {name!r}; use the id of a simulated one")
        for name, days in self.late.items():
            if days < 0:
                raise ValueError(f"late {name}: {days} days are below 0; give 0 or more")
        for name, months in self.lacking.items():
            for month in months:
                if not MONTH.fullmatch(month):
                    raise ValueError(f"lacking {name}: month {month!r} is not like 2023-07")

    def starts(self, spec: Spec) -> tuple[date, ...]:
        """First days of the images of a data set that are there."""
        late, lacking = self.late.get(spec.id, 0), frozenset(self.lacking.get(spec.id, ()))
        if self.today is None or spec.id in PROJECTED:
            there = spec.starts if not late else tuple(d for d in spec.starts if d + timedelta(days=late) <= SETTLED)
        else:
            there = _published(spec, self.today, late)
        return tuple(day for day in there if f"{day:%Y-%m}" not in lacking)


def _published(spec: Spec, today: date, late: int) -> tuple[date, ...]:
    """First days of the images that are published by a day."""
    assert spec.ends is not None
    known = DELIVERY.get(spec.id, Publication(0))
    later = spec.goes_on(spec.starts[-1] + timedelta(days=1), today) if spec.goes_on else ()
    waiting = timedelta(days=known.delay + late)
    return tuple(
        day
        for day in (*spec.starts, *later)
        if (known.last is None or day <= known.last)
        and spec.ends(day) + waiting <= today
        and not (spec.id in ADRIFT and GAP[0] <= day and spec.ends(day) <= GAP[1])
    )
