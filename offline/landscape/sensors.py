"""How each satellite sees the true greenness: gain and offset by land cover, noise, and days of a composite.

Terra's MODIS is the sensor that the landscape's NDVI is written for: it has no gain and no offset, and Aqua's is taken
for the same. Near-coincident views of 2015 show NDVI of VIIRS (S-NPP) 0.010 to 0.020 above that of MODIS (Aqua) in the
mean, with root mean square differences of 0.015 to 0.022 (Miura, Muratsuchi & Vargas 2018,
doi:10.1117/1.JRS.12.045004, abstract). `VIIRS` lies in that range from bare ground to forest; how it differs between
land covers is a setting. AVHRR and MODIS composites of 16 days are linearly related, a fifth of their difference is
systematic (Ji et al. 2008, abstract in NASA's list of MODIS publications); the sizes of `AVHRR` and `LANDSAT` are
settings.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from offline.landscape import cover
from offline.landscape.noise import Floats

BARE, GRASSY, TILLED, WOODY = range(4)
#: Which response a land cover has, by IGBP class used as index.
GROUPS = np.full(18, GRASSY, np.intp)
GROUPS[[cover.BARREN, cover.OPEN_SHRUBLAND, cover.URBAN, cover.SNOW, cover.WATER, 0]] = BARE
GROUPS[[cover.CROPLAND, cover.CROP_MOSAIC]] = TILLED
GROUPS[[1, 2, cover.DECIDUOUS_NEEDLELEAF, cover.DECIDUOUS_BROADLEAF, cover.MIXED_FOREST, cover.WOODY_SAVANNA]] = WOODY

Four = tuple[float, float, float, float]


@dataclass(frozen=True)
class Sensor:
    """A sensor: NDVI seen = gain × true NDVI + offset, each for bare, grassy, tilled and woody land."""

    name: str
    stream: int
    """Number of its draws of noise and clouds; 0 are those of Terra"""
    gain: Four = (1.0, 1.0, 1.0, 1.0)
    offset: Four = (0.0, 0.0, 0.0, 0.0)
    noise: float = 1.0
    """Factor on the noise of a pixel of MODIS; a cell of AVHRR is the mean of 16 points"""
    calibrated: bool = True
    """Whether it is free of the drifts that `SensorErrors` gives to Terra"""
    plain: bool = field(init=False, default=False)
    """Whether the response changes nothing"""

    def __post_init__(self) -> None:
        object.__setattr__(self, "plain", self.gain == (1.0,) * 4 and self.offset == (0.0,) * 4)

    def respond(self, ndvi: Floats, classes: NDArray[np.uint8]) -> Floats:
        """NDVI as the sensor has it without noise; `classes` are IGBP classes, of the same shape.

        Examples
        --------
        >>> import numpy as np
        >>> seen = VIIRS.respond(np.array([0.1, 0.8], np.float32), np.array([16, 5], np.uint8))
        >>> [round(float(value), 3) for value in seen]
        [0.11, 0.819]
        """
        if self.plain:
            return ndvi
        group = GROUPS[classes]
        return np.asarray(np.array(self.gain, np.float32)[group] * ndvi + np.array(self.offset, np.float32)[group])


TERRA = Sensor("MODIS Terra", 0, calibrated=False)
VIIRS = Sensor("VIIRS S-NPP", 1, (1.02, 1.015, 1.01, 1.005), (0.008, 0.008, 0.010, 0.015), noise=0.85)
AVHRR = Sensor("AVHRR", 2, (0.92, 0.95, 0.96, 0.97), (0.015, 0.012, 0.012, 0.010), noise=6.0)
LANDSAT = Sensor("Landsat", 3, (1.04, 1.03, 1.025, 1.015), (-0.004, -0.006, -0.004, 0.004), noise=1.1)

ORBIT = ((2020.16, 0.0), (2022.79, 0.25), (2025.96, 1.5), (2026.8, 2.0))
"""Years, and hours by which Terra crosses the equator before 10:30: last manoeuvre in February 2020, 10:15 in October
2022 and 9:00 in December 2025 (NASA, modis.gsfc.nasa.gov, "Upcoming Terra Constellation Exit"), 8:30 in late 2026
(NASA report "Terra Orbit Drift and its Impacts on MODIS Geometric Performance", 2025, abstract)."""


def hours_early(year: float) -> float:
    """Hours by which Terra crosses the equator before 10:30, at a fractional year.

    Examples
    --------
    >>> hours_early(2015.0), round(hours_early(2022.79), 2), hours_early(2027.5)
    (0.0, 0.25, 2.0)
    """
    years, hours = zip(*ORBIT, strict=True)
    return float(np.interp(year, years, hours))
