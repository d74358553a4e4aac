"""What a sensor of tens of metres sees on one day: reflectance of the ground, snow, clouds and their shadows.

The ground is a mixture of leaves and bare soil that has exactly the NDVI of the landscape; bare soil is bright and
reddish, water dark, snow bright in the visible and dark beyond 1.5 micrometres.
"""

from dataclasses import dataclass
from datetime import date
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from offline.landscape import climate, cover
from offline.landscape.noise import Floats, Stencil, key, value_noise
from offline.landscape.points import Points, at
from offline.landscape.scene import Scene

BANDS = ("coastal", "blue", "green", "red", "edge1", "edge2", "edge3", "nir", "vapour", "swir1", "swir2")

# Reflectance by band; near infrared follows from red and NDVI, the red edge lies between the two.
SOIL = {"coastal": 0.10, "blue": 0.12, "green": 0.17, "red": 0.23, "swir1": 0.36, "swir2": 0.31, "vapour": 0.12}
LEAVES = {"coastal": 0.02, "blue": 0.03, "green": 0.07, "red": 0.035, "swir1": 0.17, "swir2": 0.08, "vapour": 0.14}
OPEN_WATER = {"coastal": 0.07, "blue": 0.06, "green": 0.05, "red": 0.04, "swir1": 0.01, "swir2": 0.008, "vapour": 0.02}
FRESH_SNOW = {"coastal": 0.85, "blue": 0.84, "green": 0.82, "red": 0.80, "edge1": 0.79, "edge2": 0.78, "edge3": 0.77,
              "nir": 0.75, "swir1": 0.12, "swir2": 0.08, "vapour": 0.45}  # fmt: skip
EDGES = {"edge1": 0.25, "edge2": 0.75, "edge3": 0.9}
FULL_COVER = 0.88
"""NDVI of leaves without a gap."""

WIDE, FINE, FINEST = 3.0, 0.11, 0.03
"""Wavelengths of cloud cover, degrees: weather, clouds, their edges."""
SPREAD = float(np.hypot(0.5, 0.35))
"""Standard deviation of the score of clouds within one weather."""
HAZES = 1.5
"""Wavelength of haze and dust, degrees."""
HAZY = (-0.9, 0.6, 1.6)
"""Standard deviations of the haze of a day from which it is low, moderate and high; below all it is not retrieved."""
OVERCORRECTED = 0.6
"""Share of its reflectance in blue to red that the ground keeps where haze is taken for high: too much is taken off."""
SHADOW = (0.022, 0.016)
"""Degrees that a shadow lies west and north of its cloud."""


@dataclass(frozen=True)
class Sky:
    """What is between the ground and the sensor; each of the shape of the points."""

    cloud: NDArray[np.bool_]
    near: NDArray[np.bool_]
    """beside a cloud"""
    shadow: NDArray[np.bool_]
    thick: Floats
    """how opaque clouds are, 0.5 to 1"""


def sky(scene: Scene, day: date) -> Sky:
    """Clouds of a day and their shadows."""
    west, north = SHADOW
    score = _score(scene.points, scene.normal, day, scene.seed)
    casting = at(scene.points.lon + west, scene.points.lat - north)
    cloud, shaded = score > 0, _score(casting, scene.normal, day, scene.seed) > 0
    near = (score > -0.12) & ~cloud
    return Sky(cloud, near, shaded & ~cloud, np.clip(0.5 + score, 0.5, 1.0).astype(np.float32))


def cloud(scene: Scene, day: date) -> NDArray[np.bool_]:
    """Where a day has clouds, without their shadows; kept for a while."""
    found: NDArray[np.bool_] = scene.kept.get(
        ("cloud", day), lambda: _score(scene.points, scene.normal, day, scene.seed) > 0
    )
    return found


def clouded(points: Points, normal: climate.Normals, day: date, seed: int) -> float:
    """Per cent of an area around the first of the points that is to be expected under clouds on a day."""
    mean = float(_weather(points, day, seed).ravel()[0] - _limit(normal, day).ravel()[0])
    return 100 * (1 - NormalDist(mean, SPREAD).cdf(0.0))


def _score(points: Points, normal: climate.Normals, day: date, seed: int) -> Floats:
    step = day.toordinal()
    score = _weather(points, day, seed) - _limit(normal, day)
    score += np.float32(0.5) * value_noise(points, FINE, key(seed, 102, step))
    score += np.float32(0.35) * value_noise(points, FINEST, key(seed, 103, step))
    return np.asarray(score, np.float32)


def _weather(points: Points, day: date, seed: int) -> Floats:
    return np.float32(0.7) * Stencil.of(points, WIDE).noise(key(seed, 101, day.toordinal()))


def _limit(normal: climate.Normals, day: date) -> Floats:
    """Half of a month of 45 mm is under clouds, a third of a dry one."""
    rain = climate.rain_of_month(normal, np.zeros(1, np.float32), day.month)
    return np.asarray(0.45 - 0.9 * np.minimum(rain / 0.09, 1.2), np.float32)


def snowy(scene: Scene, day: date) -> NDArray[np.bool_]:
    """Where snow lies on a day; it comes and goes by 16 days, as in the vegetation products."""
    return np.asarray(snow_share(scene, day) > 0.5)


def snow_share(scene: Scene, day: date) -> Floats:
    """Part of the ground under snow on a day, 0..1."""
    period = date(day.year, 1, 1).toordinal() + (day.timetuple().tm_yday - 1) // 16 * 16
    month = day.timetuple().tm_yday / 365.25 * 12.0
    celsius = climate.temperature_at(scene.normal, None, month, day.year)
    colder = scene.camera.snow_line(date.fromordinal(period)) - celsius
    return np.asarray(np.clip(0.5 + colder / 4.0, 0, 1) * scene.land, np.float32)


def ground(scene: Scene, day: date) -> dict[str, Floats]:
    """Reflectance (0..1) of the ground in each of `BANDS`, snow included, clouds not."""
    ndvi = scene.greenness(day.year, float(day.timetuple().tm_yday))
    ndvi += np.float32(0.02) * value_noise(scene.points, 0.0011, key(scene.seed, 104))
    np.clip(ndvi, -0.3, 0.95, out=ndvi)
    leaves = np.clip((ndvi - scene.canopy.soil) / (FULL_COVER - scene.canopy.soil), 0, 1)
    bright = np.exp(np.float32(0.14) * value_noise(scene.points, 0.05, key(scene.seed, 105)))
    water = scene.land_cover(day.year) == cover.WATER
    made = {
        name: np.where(water, OPEN_WATER[name], (SOIL[name] * (1 - leaves) + LEAVES[name] * leaves) * bright)
        for name in SOIL
    }
    made["nir"] = made["red"] * (1 + ndvi) / (1 - ndvi)
    for name, share in EDGES.items():
        made[name] = made["red"] + np.float32(share) * (made["nir"] - made["red"])
    white = snow_share(scene, day)
    return {name: np.asarray(made[name] * (1 - white) + FRESH_SNOW[name] * white, np.float32) for name in BANDS}


def haze(scene: Scene, day: date) -> NDArray[np.uint8]:
    """Level of aerosol of a day: 0 not retrieved (taken from a climatology), 1 low, 2 moderate, 3 high."""
    noise = value_noise(scene.points, HAZES, key(scene.seed, 107, day.toordinal()))
    return np.asarray(np.digitize(noise, HAZY), np.uint8)


def overcorrected(scene: Scene, day: date, bands: dict[str, Floats]) -> dict[str, Floats]:
    """Reflectances of a day with the error that high aerosol leaves in a correction: blue, green and red too dark."""
    share = np.where(haze(scene, day) == len(HAZY), np.float32(OVERCORRECTED), np.float32(1))
    dark = ("coastal", "blue", "green", "red")
    return {name: value * share if name in dark else value for name, value in bands.items()}


def observed(scene: Scene, day: date, above: Sky) -> dict[str, Floats]:
    """Reflectance through a sky: clouds are white in every band, shadows take half."""
    below = ground(scene, day)
    white = np.where(above.cloud, above.thick, np.where(above.near, 0.12, 0)).astype(np.float32)
    light = np.where(above.shadow, np.float32(0.5), np.float32(1))
    haze = {"swir1": 0.55, "swir2": 0.45}
    return {
        name: np.asarray(value * light * (1 - white) + np.float32(haze.get(name, 0.8)) * white, np.float32)
        for name, value in below.items()
    }
