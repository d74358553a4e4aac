"""Weather of the virtual landscape: means, and years that are wet or dry over wide areas together.

Anomalies live at the nodes of two or three lattices (10 and 3 degrees, about 1,000 and 300 km) and carry over from
month to month and year to year; a place blends its nodes. Rain is log-normal around its mean; soil
moisture and vegetation follow a sum of past rain, weighted by the monsoon and fading by a third a month.
"""

from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from offline.landscape import geography
from offline.landscape.noise import Floats, Stencil, key, node_values, quantiles
from offline.landscape.points import Points

FIRST_YEAR, LAST_YEAR = 1981, 2030
"""Calendar years for which there is weather."""

SCALED_TO = 2025
"""Last year of those over which anomalies have the deviation one: a longer record changes no year of the past."""

MONSOON = (0.010, 0.012, 0.022, 0.045, 0.085, 0.160, 0.260, 0.220, 0.105, 0.045, 0.022, 0.014)
WESTERLY = (0.060, 0.060, 0.080, 0.095, 0.110, 0.110, 0.110, 0.090, 0.075, 0.075, 0.070, 0.065)
"""Share of the year's rain by month, in the monsoon's reach and west of the Altai."""

WARMING = 0.03
"""Kelvin a year, from 2000."""

CARRIED = 0.15
"""Correlation of a year's rain anomaly with the next: Mongolian summers 1950-2024 (SPEI-3 of ERA5-Drought, without
their long trend) have 0.0 to 0.2."""

_SPIN_UP = 3
_YEAR0 = FIRST_YEAR - _SPIN_UP
_SCALED_YEARS = SCALED_TO + 1 - _YEAR0
_NODES_LON, _NODES_LAT = (50.0, 210.0), (10.0, 90.0)


@dataclass(frozen=True)
class Normals:
    """What the weather is on average at the points; float32, shape of the points."""

    rain: Floats
    """mm a year"""
    height: Floats
    """metres"""
    temperature: Floats
    """yearly mean 1981-2010, degrees Celsius"""
    swing: Floats
    """half the range from January to July, kelvin"""
    monsoon: Floats
    """1 where rain follows the monsoon, 0 where it follows the westerlies"""
    demand: Floats
    """potential evapotranspiration, mm a year"""
    spread: Floats
    """standard deviation of the logarithm of a month's rain"""

    @property
    def aridity(self) -> Floats:
        """Rain over potential evapotranspiration (UNEP); drylands are below 0.65."""
        return self.rain / self.demand


def normals(points: Points, seed: int) -> Normals:
    """Mean climate at the points."""
    rain = geography.yearly_rain(points, seed)
    height = geography.height(points, seed)
    lat = points.lat.astype(np.float32)
    lon = points.lon.astype(np.float32)
    temperature = 40.5 - 0.75 * lat - 0.0045 * height + 1.5 * _inland(lon)
    swing = 8.0 + 0.5 * (lat - 25.0) + 1.5 * _inland(lon)
    monsoon = np.broadcast_to(1 / (1 + np.exp((91.0 - lon) / 3.0)), points.shape)
    temperature, swing = (np.asarray(v, np.float32) for v in np.broadcast_arrays(temperature, swing))
    return Normals(
        rain=rain,
        height=height,
        temperature=temperature,
        swing=swing,
        monsoon=np.ascontiguousarray(monsoon, np.float32),
        demand=_demand(temperature, swing, rain),
        spread=np.asarray(0.22 + 0.35 * np.exp(-rain / 220.0), np.float32),
    )


def _inland(lon: Floats) -> Floats:
    return np.asarray(np.exp(-(((lon - 100.0) / 22.0) ** 2)), np.float32)


def _demand(temperature: Floats, swing: Floats, rain: Floats) -> Floats:
    total = np.zeros_like(temperature)
    for month in range(12):
        total += _month_demand(temperature - swing * _cold(month + 0.5))
    return np.asarray(total * _dry_air(rain) + 60.0, np.float32)


def _month_demand(celsius: Floats) -> Floats:
    return np.asarray(6.2 * np.maximum(celsius + 3.0, 0.0), np.float32)


def _dry_air(rain: Floats) -> Floats:
    return np.asarray(0.85 + 0.5 * np.exp(-rain / 250.0), np.float32)


def _cold(month: float) -> np.float32:
    """1 in mid January, -1 in mid July; `month` counts from 0 at New Year."""
    return np.float32(np.cos(2 * np.pi * (month - 0.65) / 12.0))


class Weather:
    """Monthly anomalies at the nodes under the points, ready to be blended to them."""

    def __init__(self, points: Points, seed: int, spacings: tuple[tuple[float, float], ...]) -> None:
        self.seed = seed
        self._spacings = spacings
        self._stencils = tuple(Stencil.of(points, spacing) for spacing, _ in spacings)
        self._levels = tuple(
            np.asarray(stencil.level * np.float32(share), np.float32)
            for stencil, (_, share) in zip(self._stencils, spacings, strict=True)
        )

    def rain(self, month: int) -> Floats:
        """Standardised rain anomaly; `month` counts from January of year 0 (12 * year + month - 1)."""
        return self._blend("rain", float(month))

    def moisture(self, month: float) -> Floats:
        """Standardised anomaly of past rain that plants and soil feel, at a (fractional) month."""
        return self._blend("moisture", month)

    def warmth(self, month: float) -> Floats:
        """Standardised temperature anomaly."""
        return self._blend("warmth", month)

    def wind(self, month: int) -> Floats:
        """Standardised anomaly of wind speed, which nothing else in the landscape follows."""
        return self._blend("wind", float(month))

    def summer(self, year: int) -> Floats:
        """Standardised temperature anomaly of May to August."""
        return self._blend("summer", float(year), 1)

    def season(self, year: int) -> Floats:
        """Standardised anomaly of the rain from May to September."""
        return self._blend("season", float(year), 1)

    def winter(self, year: int) -> Floats:
        """Standardised anomaly of the precipitation from November to March."""
        return self._blend("winter", float(year), 1)

    def _blend(self, variable: str, time: float, steps: int = 12) -> Floats:
        position = time - steps * _YEAR0
        whole = int(np.floor(position))
        part = np.float32(position - whole)
        total: Floats | None = None
        for (spacing, _), stencil, level in zip(self._spacings, self._stencils, self._levels, strict=True):
            table = _anomalies(self.seed, spacing)[variable]
            i0 = stencil.west - round(_NODES_LON[0] / spacing)
            j0 = stencil.south - round(_NODES_LAT[0] / spacing)
            later = whole + 1 if part else whole
            now = between(table[whole], table[later], part, j0, i0, stencil.rows, stencil.columns)
            blended = stencil.blend(now)
            blended *= level
            total = blended if total is None else total + blended
        assert total is not None
        return total


@njit(cache=True, nogil=True)
def between(
    before: Floats, after: Floats, part: np.float32, south: int, west: int, rows: int, columns: int
) -> Floats:  # pragma: no cover - compiled
    """Nodes of a window at a time between two steps, [rows, columns]; outside of the table its edge goes on."""
    window = np.empty((rows, columns), np.float32)
    for row in range(rows):
        j = min(max(south + row, 0), before.shape[0] - 1)
        for column in range(columns):
            i = min(max(west + column, 0), before.shape[1] - 1)
            window[row, column] = before[j, i] + (after[j, i] - before[j, i]) * part
    return window


def rain_of_month(normal: Normals, anomaly: Floats, month: int) -> Floats:
    """Rain of one month, metres; `month` is 1..12."""
    share = share_of_month(normal, month)
    wet = np.exp(normal.spread * anomaly - 0.5 * normal.spread**2)
    return np.asarray(normal.rain * share * wet / 1000.0, np.float32)


def share_of_month(normal: Normals, month: int) -> Floats:
    """Part of the year's rain that falls in a month, 1..12."""
    west, east = np.float32(WESTERLY[month - 1]), np.float32(MONSOON[month - 1])
    return np.asarray(west + (east - west) * normal.monsoon, np.float32)


def temperature_at(normal: Normals, anomaly: Floats | None, month: float, year: float) -> Floats:
    """Degrees Celsius of the season; `month` counts from 0 at New Year, fractions allowed."""
    season = normal.temperature - normal.swing * _cold(month) + np.float32(WARMING * (year - 2000.0))
    return season if anomaly is None else np.asarray(season + np.float32(1.3) * anomaly, np.float32)


def potential_evaporation(normal: Normals, celsius: Floats) -> Floats:
    """Metres of water in a month, negative (downward fluxes are positive) as ERA5-Land has it."""
    return np.asarray(-_month_demand(celsius) * _dry_air(normal.rain) * 1.4 / 1000.0, np.float32)


def soil_moisture(normal: Normals, anomaly: Floats, month: int) -> Floats:
    """Volume of water per volume of soil, top layer, 0.02..0.5."""
    wet = normal.rain / (normal.rain + 420.0)
    season = share_of_month(normal, month) * 12.0 - 1.0
    level = 0.03 + 0.38 * wet + wet * (0.022 * season + 0.055 * anomaly)
    return np.asarray(np.clip(level, 0.02, 0.5), np.float32)


def wind_speed(normal: Normals, anomaly: Floats, month: int) -> Floats:
    """Metres a second at 10 m, mean of a month: more in open dry country, and in April, the month of dust."""
    open_country = 2.4 + 1.6 * np.exp(-normal.rain / 250.0)
    season = 1.0 + 0.22 * np.cos(2 * np.pi * (month - 4) / 12.0)
    return np.asarray(open_country * season * np.exp(0.09 * anomaly), np.float32)


_BUILDING = Lock()
"""Requests that come at the same time wait for one table, and do not build one each."""


def _anomalies(seed: int, spacing: float) -> dict[str, NDArray[np.float32]]:
    """Standardised monthly anomalies at all nodes of a lattice, each [month, row, column]; kept."""
    with _BUILDING:
        return _built(seed, spacing)


@cache
def _built(seed: int, spacing: float) -> dict[str, NDArray[np.float32]]:
    west, east = (round(each / spacing) for each in _NODES_LON)
    south, north = (round(each / spacing) for each in _NODES_LAT)
    years = LAST_YEAR + 2 - _YEAR0

    def draws(stream: int, count: int) -> Floats:
        salts = np.array([[key(seed, stream, round(spacing * 10), step)] for step in range(count)], np.uint32)
        size, one = (east - west + 1, north - south + 1), np.ones(1, np.float32)
        return np.stack([node_values(west, south, *size, salt, one, quantiles()) for salt in salts])

    yearly = np.repeat(_carry(draws(31, years), CARRIED), 12, axis=0)
    rain = 0.72 * yearly + 0.69 * _carry(draws(32, 12 * years), 0.25)
    warmth = 0.8 * _carry(draws(33, 12 * years), 0.3) - 0.25 * rain
    wind = _carry(draws(34, 12 * years), 0.4)
    seasons = {"summer": _season(warmth, 4, 8), "season": _season(rain, 4, 9), "winter": _season(rain, -2, 3)}
    return {"rain": rain, "moisture": _remember(rain), "warmth": warmth, "wind": wind, **seasons}


def _season(monthly: NDArray[np.floating[Any]], first: int, last: int) -> Floats:
    """Standardised means, [year, row, column], of the months from `first` to before `last`; 0 is January."""

    def means(series: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
        january = np.arange(0, len(series), 12)
        return np.stack([series[(january + month) % len(series)] for month in range(first, last)]).mean(axis=0)

    return np.asarray(means(monthly) / means(monthly[: 12 * _SCALED_YEARS]).std(), np.float32)


def _carry(noise: Floats, memory: float) -> Floats:
    """First-order autoregression along the first axis with variance one."""
    series = noise.copy()
    fresh = np.float32(np.sqrt(1 - memory**2))
    for step in range(1, series.shape[0]):
        series[step] = np.float32(memory) * series[step - 1] + fresh * noise[step]
    return series


def _remember(rain: Floats, memory: float = 0.65, months: int = 9) -> Floats:
    share = np.array(MONSOON) + 0.02
    total = np.zeros_like(rain)
    index = np.arange(rain.shape[0])
    for lag in range(months):
        weight = (memory**lag * share[(index - lag) % 12]).astype(np.float32)
        total[lag:] += weight[lag:, None, None] * rain[: rain.shape[0] - lag]
    by_month = total.reshape(-1, 12, *rain.shape[1:])
    by_month /= by_month[:_SCALED_YEARS].std(axis=(0, 2, 3), keepdims=True)
    return total
