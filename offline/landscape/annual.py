"""Annual NDVI of a scene as the data sets' users compute it, without the protocol: for scoring many landscapes.

The rules are those of MOD13 composites in this project's expressions (`series/composites.py`): pixels that are good or
marginal count; the mean of a season weighs each composite by its days inside the season, and a year counts where at
least 60 % of the season's days are covered; mean and maximum of a calendar year take the composites that begin in it.
Composites of VIIRS begin every 8 days and cover 16: each counts for the 8 days in its middle.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from offline.landscape.noise import Floats
from offline.landscape.scene import Scene
from offline.landscape.sensors import TERRA, VIIRS, Sensor
from offline.landscape.vegetation import MARGINAL, SCALE

Kind = Literal["season_mean", "calendar_mean", "maximum"]
KINDS: tuple[Kind, ...] = ("season_mean", "calendar_mean", "maximum")

FIRST, LAST = date(2000, 2, 18), date(2024, 12, 18)
"""First days of the first and the last composite of Terra."""

FIRST_VIIRS, LAST_VIIRS = date(2012, 1, 17), date(2024, 12, 26)
"""The same of VIIRS."""

DAYS, STEP_VIIRS = 16, 8
COVERED = 0.6
"""Share of the season's days that good pixels must cover."""


def sixteen_days(first: date, last: date, late: int = 0) -> tuple[date, ...]:
    """First days of the 16-day periods, which start again on 1 January, or `late` days after it."""
    starts = [
        date(y, 1, 1) + timedelta(days=DAYS * k + late) for y in range(first.year, last.year + 1) for k in range(23)
    ]
    return tuple(day for day in starts if first <= day <= last)


def eight_days(first: date, last: date) -> tuple[date, ...]:
    """First days of the 8-day periods, which start again on 1 January."""
    starts = [date(y, 1, 1) + timedelta(days=8 * k) for y in range(first.year, last.year + 1) for k in range(46)]
    return tuple(day for day in starts if first <= day <= last)


def composites_of(sensor: Sensor, last: date | None = None) -> tuple[date, ...]:
    """First days of the composites of a sensor, Terra or VIIRS, up to one that begins on a day.

    Raises ValueError for another sensor.
    """
    if sensor == TERRA:
        return sixteen_days(FIRST, last or LAST)
    if sensor == VIIRS:
        return eight_days(FIRST_VIIRS, last or LAST_VIIRS)
    raise ValueError(f"annual values of {sensor.name}: use {TERRA.name} or {VIIRS.name}")


def annual_ndvi(
    scene: Scene,
    years: Iterable[int],
    season: tuple[int, int] = (5, 9),
    kind: Kind = "season_mean",
    sensor: Sensor = TERRA,
    last: date | None = None,
) -> Floats:
    """NDVI of each year as a sensor has it, [year, y, x], NaN where a year has none.

    `season` are the first and last month of growth; one over New Year belongs to the year in which it ends. `last` is
    the first day of the last composite that there is, by default the last one of 2024.
    """
    return annual_kinds(scene, years, season, (kind,), sensor, last)[kind]


def annual_kinds(
    scene: Scene,
    years: Iterable[int],
    season: tuple[int, int] = (5, 9),
    kinds: tuple[Kind, ...] = KINDS,
    sensor: Sensor = TERRA,
    last: date | None = None,
) -> dict[Kind, Floats]:
    """Several kinds of annual values (see `annual_ndvi`) from one pass over the composites."""
    wanted = tuple(years)
    sums = {kind: [_Sum.of(scene, kind, year, season) for year in wanted] for kind in kinds}
    starts = composites_of(sensor, last)
    takers: dict[date, list[tuple[_Sum, int]]] = {}
    for each in (each for of_kind in sums.values() for each in of_kind):
        for start, weight in each.weights_of(starts, sensor):
            takers.setdefault(start, []).append((each, weight))
    for start in sorted(takers):
        view = scene.view(start, sensor)
        good = (view.quality <= MARGINAL) & scene.seen
        # the images are single precision, their sum is not: as the service computes, to the last bit
        value = (view.ndvi * SCALE).astype(np.float32)
        for each, weight in takers[start]:
            each.add(value, good, weight)
    return {kind: np.stack([each.value() for each in of_kind]) for kind, of_kind in sums.items()}


@dataclass
class _Sum:
    """What is gathered for one annual value."""

    kind: Kind
    start: date
    end: date
    total: NDArray[np.float64]
    weights: Floats

    @classmethod
    def of(cls, scene: Scene, kind: Kind, year: int, season: tuple[int, int]) -> "_Sum":
        start, end = date(year, 1, 1), date(year + 1, 1, 1)
        if kind == "season_mean":
            first, last = season
            start = date(year - 1 if first > last else year, first, 1)
            end = date(year + last // 12, last % 12 + 1, 1)
        total = np.full(scene.points.shape, -np.inf if kind == "maximum" else 0.0)
        return cls(kind, start, end, total, np.zeros(scene.points.shape, np.float32))

    def weights_of(self, starts: tuple[date, ...], sensor: Sensor) -> Iterator[tuple[date, int]]:
        """The composites that count, by their first day in order of time, with their weights."""
        near = slice(bisect_left(starts, self.start - timedelta(days=DAYS)), bisect_right(starts, self.end))
        for start in starts[near]:
            if weight := self.weight(start, sensor):
                yield start, weight

    def weight(self, start: date, sensor: Sensor) -> int:
        """Days of a composite that count, or 1 where it counts as a whole; 0 where it does not."""
        if self.kind != "season_mean":
            return int(self.start <= start < self.end)
        opening, closing = start, start + timedelta(days=DAYS)
        if sensor == VIIRS:
            before = timedelta(days=(DAYS - STEP_VIIRS) // 2)
            opening = start + before
            closing = min(opening + timedelta(days=STEP_VIIRS), date(start.year + 1, 1, 1) + before)
        days = min(closing, self.end) - max(opening, self.start)
        return max(days.days, 0)

    def add(self, value: Floats, good: np.ndarray, weight: int) -> None:
        if self.kind == "maximum":
            np.maximum(self.total, value, out=self.total, where=good)
        else:
            np.add(self.total, value * np.float32(weight), out=self.total, where=good)
        np.add(self.weights, np.float32(weight), out=self.weights, where=good)

    def value(self) -> Floats:
        """The annual value, NaN where too little was good."""
        known = self.weights >= (COVERED * (self.end - self.start).days if self.kind == "season_mean" else 1)
        divisor = np.float32(1) if self.kind == "maximum" else np.where(known, self.weights, np.float32(1))
        total = self.total.astype(np.float32) if self.kind == "season_mean" else self.total
        return np.where(known, total / divisor, np.float32(np.nan)).astype(np.float32)
