"""FAO-56 reference evapotranspiration in numpy, as the paper computes it by hand (Allen et al. 1998), for tests.

Everything that the expression of `series.evapotranspiration` simplifies is an argument here.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def saturated(celsius: Any) -> Any:
    """kPa (equation 11)."""
    return 0.6108 * np.exp(17.27 * celsius / (celsius + 237.3))


def pressure_at(height: float) -> float:
    """kPa at a height, m (7)."""
    return 101.3 * ((293 - 0.0065 * height) / 293) ** 5.26


def middle_of(month: Any) -> Any:
    """Day of the year in the middle of a month (22)."""
    return np.floor(30.4 * np.asarray(month) - 15)


def sun_above(latitude: Any, day: Any) -> tuple[Any, Any]:
    """Sunlight above the atmosphere, MJ m-2 a day (21), and hours of daylight (34)."""
    angle, phi = 2 * np.pi * np.asarray(day) / 365, np.radians(latitude)
    nearness, declination = 1 + 0.033 * np.cos(angle), 0.409 * np.sin(angle - 1.39)
    sunset = np.arccos(np.clip(-np.tan(phi) * np.tan(declination), -1, 1))
    part = sunset * np.sin(phi) * np.sin(declination) + np.cos(phi) * np.cos(declination) * np.sin(sunset)
    return 24 * 60 / np.pi * 0.0820 * nearness * part, 24 / np.pi * sunset


def sunlight(latitude: Any, day: Any, sunny_hours: Any) -> Any:
    """Sunlight on the ground, MJ m-2 a day (35)."""
    above, hours = sun_above(latitude, day)
    return (0.25 + 0.5 * np.minimum(sunny_hours / hours, 1)) * above


def net_radiation(cold: Any, warm: Any, vapour: Any, light: Any, clear: Any) -> tuple[Any, Any]:
    """Net radiation and net heat radiation of grass, MJ m-2 a day (38 to 40)."""
    black = 4.903e-9 * ((cold + 273.16) ** 4 + (warm + 273.16) ** 4) / 2
    cloudless = np.clip(light / np.maximum(clear, 1e-6), 0.3, 1)
    heat = black * (0.34 - 0.14 * np.sqrt(vapour)) * (1.35 * cloudless - 0.35)
    return 0.77 * light - heat, heat


def grass(
    cold: Any, warm: Any, vapour: Any, light: Any, *, wind: Any, latitude: Any, day: Any, pressure: Any, height: Any,
    soil: Any = 0.0, mean: Any = None,
) -> Any:  # fmt: skip
    """mm a day (6), of daily extremes of temperature (°C), vapour pressure (kPa), sunlight (MJ m-2), wind at 2 m (m/s).

    `soil`: heat that goes into it, MJ m-2 a day; `mean`: mean temperature, if not that of the extremes.
    """
    celsius = (cold + warm) / 2 if mean is None else mean
    net, _ = net_radiation(cold, warm, vapour, light, (0.75 + 2e-5 * height) * sun_above(latitude, day)[0])
    gamma, slope = 0.665e-3 * pressure, 4098 * saturated(celsius) / (celsius + 237.3) ** 2
    lacking = (saturated(cold) + saturated(warm)) / 2 - vapour
    top = 0.408 * slope * (net - soil) + gamma * 900 / (celsius + 273) * wind * lacking
    return top / (slope + gamma * (1 + 0.34 * wind))
