"""Annual NDVI of a scene as the data sets' users compute it, without the protocol: for scoring many landscapes.

The rules are those of MOD13 composites in this project's expressions (`series/composites.py`): pixels that are good or
marginal count; the mean of a season weighs each composite by its days inside the season, and a year counts where at
least 60 % of the season's days are covered; mean and maximum of a calendar year take the composites that begin in it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from offline.landscape.noise import Floats
from offline.landscape.scene import Scene
from offline.landscape.vegetation import MARGINAL, SCALE

Kind = Literal["season_mean", "calendar_mean", "maximum"]
KINDS: tuple[Kind, ...] = ("season_mean", "calendar_mean", "maximum")

FIRST, LAST = date(2000, 2, 18), date(2024, 12, 18)
"""First days of the first and the last composite of Terra."""

DAYS = 16
COVERED = 0.6
"""Share of the season's days that good pixels must cover."""


def sixteen_days(first: date, last: date, late: int = 0) -> tuple[date, ...]:
    """First days of the 16-day periods, which start again on 1 January, or `late` days after it."""
    starts = [
        date(y, 1, 1) + timedelta(days=DAYS * k + late) for y in range(first.year, last.year + 1) for k in range(23)
    ]
    return tuple(day for day in starts if first <= day <= last)


def annual_ndvi(
    scene: Scene, years: Iterable[int], season: tuple[int, int] = (5, 9), kind: Kind = "season_mean"
) -> Floats:
    """NDVI of each year, [year, y, x], NaN where a year has none.

    `season` are the first and last month of growth; one over New Year belongs to the year in which it ends.
    """
    return annual_kinds(scene, years, season, (kind,))[kind]


def annual_kinds(
    scene: Scene, years: Iterable[int], season: tuple[int, int] = (5, 9), kinds: tuple[Kind, ...] = KINDS
) -> dict[Kind, Floats]:
    """Several kinds of annual values (see `annual_ndvi`) from one pass over the composites."""
    wanted = tuple(years)
    sums = {kind: [_Sum.of(scene, kind, year, season) for year in wanted] for kind in kinds}
    every = [each for of_kind in sums.values() for each in of_kind]
    for start in sixteen_days(FIRST, LAST):
        taking = [(each, weight) for each in every if (weight := each.weight(start))]
        if not taking:
            continue
        view = scene.view(start)
        good = (view.quality <= MARGINAL) & scene.seen
        # the images are single precision, their sum is not: as the service computes, to the last bit
        value = (view.ndvi * SCALE).astype(np.float32)
        for each, weight in taking:
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

    def weight(self, start: date) -> int:
        """Days of a composite that count, or 1 where it counts as a whole; 0 where it does not."""
        if self.kind != "season_mean":
            return int(self.start <= start < self.end)
        days = min(start + timedelta(days=DAYS), self.end) - max(start, self.start)
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
