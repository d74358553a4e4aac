"""Drivers of greenness other than rain: heat, snow, herds, unexplained weather, and slow greening."""

import numpy as np

from offline.landscape.climate import Normals, Weather
from offline.landscape.noise import Floats, Stencil, key
from offline.landscape.points import Points
from offline.landscape.world import Influences

GREENING_WIDTH = 5.0
"""Wavelength of the greening, degrees."""

GREENING_FROM = 2001
"""Year in which the greening has done nothing yet."""

FORGOTTEN = 0.02
"""A year counts in a series with memory while its weight is above this part of the first one's."""

Spacings = tuple[tuple[float, float], ...]


class YearlyNoise:
    """Noise of a year at points, of several wavelengths, that carries over to the next year; variance one.

    The memory is a moving average of a fixed number of years with the weights of a first-order autoregression, so that
    a year follows from hashes of its own past and no series is stored.
    """

    def __init__(self, points: Points, spacings: Spacings, memory: float) -> None:
        self._stencils = tuple(Stencil.of(points, spacing) for spacing, _ in spacings)
        total = np.sqrt(sum(share**2 for _, share in spacings))
        self._shares = tuple(np.float32(share / total) for _, share in spacings)
        lags = 1 if memory <= 0 else max(1, int(np.ceil(np.log(FORGOTTEN) / np.log(memory))))
        weights = memory ** np.arange(lags)
        self._weights = (weights / np.sqrt((weights**2).sum())).astype(np.float32)

    def of(self, year: int, seed: int, stream: int) -> Floats:
        """The noise of a year; a new array."""
        total: Floats | None = None
        for number, (stencil, share) in enumerate(zip(self._stencils, self._shares, strict=True)):
            salts = [key(seed, stream, number, year - lag) for lag in range(self._weights.size)]
            nodes = stencil.weighted_nodes(np.array(salts, np.uint32), self._weights)
            blended = stencil.blend(nodes * share)
            blended *= stencil.level
            total = blended if total is None else total + blended
        assert total is not None
        return total


class Growth:
    """The influences of a world at fixed points."""

    def __init__(
        self, points: Points, normal: Normals, weather: Weather, response: Floats, seed: int, of: Influences
    ) -> None:
        self._seed, self._of, self._weather = seed, of, weather
        self._herds = YearlyNoise(points, of.grazing_spacings, of.grazing_memory)
        self._other = YearlyNoise(points, of.unexplained_spacings, of.unexplained_memory)
        self._spread = np.asarray(np.float32(of.unexplained * of.rain) * response, np.float32)
        cold = 1 / (1 + np.exp(normal.temperature / np.float32(1.5)))
        dry = np.exp(-normal.aridity / np.float32(0.35))
        self._heat = np.asarray(of.warmth * cold - of.heat * (1 - cold) * (0.3 + dry), np.float32)
        self._snow = np.asarray(of.snow * cold, np.float32)
        smooth = Stencil.of(points, GREENING_WIDTH).noise(key(seed, 141))
        self.greening = np.clip(of.greening + of.greening_spread * smooth, 0, of.most_greening).astype(np.float32)

    def of(self, year: int) -> Floats:
        """Change of the logarithm of the green signal in a year; a new array."""
        total = self._other.of(year, self._seed, 142)
        total *= self._spread
        herds = self._herds.of(year, self._seed, 143)
        herds *= np.float32(self._of.grazing)
        total += herds
        total += self._heat * self._weather.summer(year)
        total += self._snow * self._weather.winter(year)
        total += self.greening * np.float32((year - GREENING_FROM) / 10)
        return total
