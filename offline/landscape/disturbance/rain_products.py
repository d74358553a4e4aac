"""What rain products report: true rain times an error that each has of its own, and one that all have in common."""

from typing import Literal

import numpy as np

from offline.landscape.climate import Normals
from offline.landscape.disturbance.growth import YearlyNoise
from offline.landscape.noise import Floats
from offline.landscape.points import Points
from offline.landscape.recent import Recent
from offline.landscape.world import RainErrors

Product = Literal[
    "era5-land", "chirps", "imerg", "terraclimate", "persiann", "gpcc", "gpcp", "gldas", "spi", "smap", "chirps3",
]  # fmt: skip
STREAMS: dict[str, int] = {
    "era5-land": 151, "chirps": 152, "imerg": 153, "terraclimate": 154, "persiann": 155, "gpcc": 156, "gpcp": 157,
    "gldas": 158, "spi": 159, "smap": 160, "chirps3": 161,
}  # fmt: skip
COMMON = 150
MONTHS = 100
"""Streams of monthly errors lie this far above those of yearly ones."""


class RainProducts:
    """Errors of rain products at points."""

    def __init__(self, points: Points, normal: Normals, seed: int, of: RainErrors) -> None:
        self._seed, self._of = seed, of
        self._yearly = YearlyNoise(points, of.spacings, of.memory)
        self._monthly = YearlyNoise(points, of.spacings, 0.0)
        self._years: Recent[tuple[Product, int], Floats] = Recent(budget=2)
        # showers fall beside gauges, and dry land has more showers than long rain
        self._local = np.asarray(0.7 + 0.6 * np.exp(-normal.rain / 220.0), np.float32)

    def factor(self, product: Product, month: int) -> Floats:
        """Reported over true rain; `month` counts from January of year 0. Its mean over years is one."""
        of = self._of
        error = self._yearly_error(product, month // 12) * np.float32(of.yearly)
        own = self._mixed(self._monthly, product, month, MONTHS)
        own *= np.float32(of.monthly)
        error += own
        error *= self._local
        error -= np.float32(0.5 * (of.yearly**2 + of.monthly**2)) * self._local**2
        return np.exp(error, out=error)

    def soil(self, product: Product, moisture: Floats, month: float) -> Floats:
        """Standardised anomaly of soil moisture as a model has it that is driven by the product's rain."""
        error = self._yearly_error(product, int(month // 12)) * np.float32(self._of.soil)
        error += moisture
        error *= np.float32(1 / np.sqrt(1 + self._of.soil**2))
        return error

    def _yearly_error(self, product: Product, year: int) -> Floats:
        """The part that stays for a year, kept for its months; not to be changed."""
        return self._years.get((product, year), lambda: self._mixed(self._yearly, product, year, 0))

    def _mixed(self, noise: YearlyNoise, product: Product, step: int, above: int) -> Floats:
        mixed = noise.of(step, self._seed, COMMON + above)
        mixed *= np.float32(np.sqrt(self._of.common))
        own = noise.of(step, self._seed, STREAMS[product] + above)
        own *= np.float32(np.sqrt(1 - self._of.common))
        mixed += own
        return mixed
