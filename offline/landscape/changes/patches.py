"""Tables of patches: what is planted, how strong, from when on, and by which course."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offline.landscape import cover
from offline.landscape.changes.courses import PASSING, RAMP, SEASON_START, STEP, progress
from offline.landscape.noise import Floats

NONE, DECLINE, BREAK, RECOVERY, CONVERSION, PRACTICE = range(6)
KINDS = ("none", "gradual_decline", "abrupt_break", "recovery", "conversion", "practice")

KM_PER_DEGREE = 111.2


@dataclass(frozen=True)
class Patches:
    """A table of patches (one row each), the first row standing for "nothing planted".

    A size is a fraction of the growing-season (May to September) mean NDVI under mean weather: -0.3 is a loss of 30 %.
    """

    kind: NDArray[np.int8]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    major_km: Floats
    minor_km: Floats
    angle: Floats
    year: NDArray[np.int16]
    duration: Floats
    size: Floats
    new_class: NDArray[np.uint8]
    """IGBP class after a conversion, 0 otherwise"""
    course: NDArray[np.int8]
    """course of `offline.landscape.changes.courses`"""
    recovery: Floats
    """part of a passing step that goes again, 0 otherwise"""
    pace: Floats
    """years within which 95 % of that part goes"""
    plain: bool = True
    """whether only steps and ramps are possible, as in the world `easy`, whichever courses a table happens to hold"""

    @classmethod
    def simple(
        cls,
        *,
        kind: NDArray[np.int8],
        lon: NDArray[np.float64],
        lat: NDArray[np.float64],
        major_km: Floats,
        minor_km: Floats,
        angle: Floats,
        year: NDArray[np.int16],
        duration: Floats,
        size: Floats,
        new_class: NDArray[np.uint8],
    ) -> "Patches":
        """Patches whose breaks and conversions are steps, and the others ramps."""
        sudden = (kind == BREAK) | (kind == CONVERSION)
        zero = np.zeros(kind.size, np.float32)
        return cls(
            kind, lon, lat, major_km, minor_km, angle, year, duration, size, new_class,
            np.where(sudden, STEP, RAMP).astype(np.int8), zero, zero + 1,
        )  # fmt: skip

    @classmethod
    def nothing(cls) -> "Patches":
        """The row for "nothing planted"."""
        zero = np.zeros(1)
        small, one = zero.astype(np.float32), np.ones(1, np.float32)
        return cls.simple(
            kind=zero.astype(np.int8), lon=zero, lat=zero, major_km=one, minor_km=one, angle=small,
            year=zero.astype(np.int16), duration=one, size=small, new_class=zero.astype(np.uint8),
        )  # fmt: skip

    def and_then(self, other: "Patches") -> "Patches":
        """These rows and those of another table after them."""
        names = [name for name in Patches.__dataclass_fields__ if name != "plain"]
        rows = {name: np.concatenate([getattr(self, name), getattr(other, name)]) for name in names}
        return Patches(**rows, plain=self.plain and other.plain)

    @property
    def sudden(self) -> NDArray[np.bool_]:
        """Which patches change from one season to the next."""
        return (self.course == STEP) | (self.course == PASSING)

    def level(self, time: float) -> Floats:
        """Change of growing-season NDVI at a time (years, fractions allowed), as a fraction, per patch."""
        if self.plain:
            ramp = np.clip((time - self.year) / np.maximum(self.duration, 0.01), 0.0, 1.0)
            step = (time >= self.year + SEASON_START).astype(np.float32)
            return np.asarray(self.size * np.where(self.course == STEP, step, ramp), np.float32)
        return self.size * progress(time, self.course, self.year, self.duration, self.recovery, self.pace)

    def converted(self, year: int) -> NDArray[np.bool_]:
        """Which patches carry their new land cover in a calendar year."""
        return (self.kind == CONVERSION) & (year >= self.year)


def becomes(classes: NDArray[np.uint8], aridity: Floats, draw: Floats) -> NDArray[np.uint8]:
    """IGBP class after conversion of land that is now `classes`; 0 where nothing would be converted."""
    group = cover.UNCCD[classes]
    ploughed = np.where(aridity > 0.22, 0.45, 0.12)
    of_grass = np.where(draw < ploughed, cover.CROPLAND, np.where(draw < 0.68, cover.URBAN, cover.BARREN))
    choices = [np.full(classes.shape, cover.GRASSLAND), of_grass]
    return np.select([group == cover.CROP, group == cover.GRASS], choices, 0).astype(np.uint8)


def effect(new_class: NDArray[np.uint8], strength: Floats) -> Floats:
    """Size of the change that comes with a conversion, from a uniform value."""
    conditions = [new_class == c for c in (cover.CROPLAND, cover.URBAN, cover.BARREN, cover.GRASSLAND)]
    sizes = [
        0.08 + 0.2 * strength,
        -0.3 - 0.2 * strength,
        -0.3 - 0.2 * strength,
        -0.1 - 0.2 * strength,
    ]
    return np.asarray(np.select(conditions, sizes, 0.0), np.float32)
