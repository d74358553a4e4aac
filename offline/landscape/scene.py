"""The landscape at the points of one grid: static parts are computed once and kept, fields by date on demand."""

from collections.abc import Callable, Hashable
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from offline.landscape import climate, cover, geography, planted, soil, vegetation
from offline.landscape.climate import Normals, Weather
from offline.landscape.disturbance.confusion import Map
from offline.landscape.disturbance.growth import Growth
from offline.landscape.disturbance.rain_products import RainProducts
from offline.landscape.drivers.causes import Causes, of_patches
from offline.landscape.drivers.marks import Marks
from offline.landscape.noise import (
    Floats,
    Stencil,
    blended_noise,
    cell_hash,
    key,
    lattices,
    uniform,
    value_noise,
)
from offline.landscape.points import Points, of_grid, snapped
from offline.landscape.recent import Recent
from offline.landscape.sensors import TERRA, Sensor
from offline.landscape.sites import Layout
from offline.landscape.world import World
from offline.landscape.world import world as named
from offline.model.lazy import lazy

Flags = NDArray[np.bool_]


class Scene:
    """Fields over one set of points. Every array has the shape of the points; nothing given out may be changed."""

    def __init__(self, points: Points, seed: int, layout: Layout = "practices", world: World | str = "easy") -> None:
        self.points = geography.within_reach(points)
        self.seed = seed
        self.layout = layout
        self.world = named(world)

    @lazy
    def land(self) -> Flags:
        """Land, lakes included; False at sea and outside the landscape."""
        return geography.land(self.points)

    @lazy
    def normal(self) -> Normals:
        return climate.normals(self.points, self.seed)

    @lazy
    def weather(self) -> Weather:
        return Weather(self.points, self.seed, self.world.weather)

    @lazy
    def original_cover(self) -> NDArray[np.uint8]:
        return cover.original(self.points, self.normal, self.seed)

    @lazy
    def planted(self) -> planted.Planted:
        return planted.plant(self.points, self.original_cover, self.normal, self.seed, self.layout, self.world)

    @lazy
    def causes(self) -> Causes:
        """What each row of `planted.patches` was caused by."""
        return of_patches(self.planted.patches, self.seed, self.world.weather)

    @lazy
    def marks(self) -> Marks:
        """What the causes leave in data of drivers."""
        return Marks(self.points, self.planted, self.causes, self.seed)

    @lazy
    def canopy(self) -> vegetation.Canopy:
        return vegetation.canopy(self.points, self.normal, self.original_cover, self.seed)

    @lazy
    def camera(self) -> vegetation.Camera:
        return vegetation.Camera(self.points, self.normal, self.seed, self.world.sensor)

    @lazy
    def _synoptic(self) -> tuple[Stencil, Stencil]:
        return lattices(self.points, SYNOPTIC)

    def synoptic(self, stream: int, day: date) -> Floats:
        """What the weather of a day has of its own: value noise, standard deviation 1."""
        return blended_noise(self._synoptic, key(self.seed, stream, day.toordinal()))

    @lazy
    def inside(self) -> Flags:
        """Where there is a landscape, sea included."""
        return np.ascontiguousarray(np.broadcast_to(geography.inside(self.points), self.points.shape))

    @lazy
    def seen(self) -> Flags:
        """Where MOD13Q1 has values: land, less one cell in 2,000 that is never seen."""
        never = uniform(cell_hash(self.points, key(self.seed, 91))) < 0.0005
        return self.land & ~never

    @lazy
    def rain_products(self) -> RainProducts | None:
        """Errors of rain products; None where they report the true rain."""
        of = self.world.rain
        return None if of is None else RainProducts(self.points, self.normal, self.seed, of)

    @lazy
    def growth(self) -> Growth | None:
        """What moves greenness beside rain; None in the world `easy`."""
        of = self.world.growth
        if of is None:
            return None
        return Growth(self.points, self.normal, self.weather, self.canopy.response, self.seed, of)

    @lazy
    def _cover_map(self) -> Map | None:
        of = self.world.confusion
        return None if of is None else Map(self.points, self.seed, of)

    @lazy
    def _years(self) -> Recent[int, Floats]:
        return Recent(budget=4)

    def _of_year(self, year: int) -> Floats:
        """What moves greenness in a year beside rain, logarithm of a factor on the green signal."""
        growth = self.growth
        if growth is None:
            return self._years.get(year, lambda: np.float32(0.035) * self.camera.year_noise(year))
        return self._years.get(year, lambda: growth.of(year))

    @lazy
    def _response(self) -> Floats:
        of = self.world.growth
        return self.canopy.response if of is None else np.asarray(np.float32(of.rain) * self.canopy.response)

    def level(self, time: float) -> Floats:
        """Planted change of growing-season NDVI at a time (fractional year), as a fraction."""
        return self.planted.level(time)

    def green_factor(self, time: float) -> Floats:
        """Factor on the green signal at a time (fractional year)."""
        return vegetation.green_factor(self.canopy.leverage, self.level(time))

    def land_cover(self, year: int) -> NDArray[np.uint8]:
        """True IGBP class in a calendar year; 17 at sea."""
        there, patches = self.planted, self.planted.patches
        new = np.where(patches.converted(year), patches.new_class, 0)[there.row]
        return np.where(new > 0, new, self.original_cover).astype(np.uint8)

    def observed_cover(self, year: int) -> NDArray[np.uint8]:
        """IGBP class as classified in a calendar year."""
        if self._cover_map is not None:
            return self._cover_map.observed(self.land_cover(year), year)
        return cover.observed(self.land_cover(year), self.points, year, self.seed)

    def season_ndvi(self, time: float) -> Floats:
        """Potential productivity: growing-season mean NDVI under mean weather, at a fractional year.

        What is planted changes it, greening by CO2 and warming does not.
        """
        return self._season(self.level(time))

    def common_season_ndvi(self, time: float) -> Floats:
        """The same where only the losses in common over wide areas are planted."""
        return self._season(self.planted.common(time))

    def _season(self, level: Floats) -> Floats:
        green = self.canopy.season_mean - self.canopy.soil
        factor = vegetation.green_factor(self.canopy.leverage, level)
        return np.asarray(self.canopy.soil + green * factor, np.float32)

    def greenness(self, year: int, day: float) -> Floats:
        """True NDVI on a day of a year (1 to 366, fractions allowed), without snow; a new array."""
        there, month = self.canopy, day / 365.25 * 12.0
        ndvi = self.weather.moisture(12 * year + month - 0.5)
        ndvi *= self._response
        ndvi += self._of_year(year)
        np.exp(ndvi, out=ndvi)
        ndvi *= self.green_factor(year + day / 365.25)
        ndvi *= vegetation.phenology(day, there.green_up, there.senescence)
        ndvi *= there.amplitude
        ndvi += there.soil
        return vegetation.saturate(ndvi)

    def ndvi(self, start: date, sensor: Sensor = TERRA) -> vegetation.Composite:
        """The 16-day composite of a sensor that starts on a date."""
        year, day, month = vegetation.middle(start)
        celsius = climate.temperature_at(self.normal, None, month, year)
        true = self.greenness(year, day)
        if not sensor.plain:
            true = sensor.respond(true, self.land_cover(year))
        return self.camera.view(true, start, celsius, sensor)

    @lazy
    def fire_edges(self) -> Floats:
        """How ragged the edges of fires are at each point: Gaussian, 0 in the mean."""
        return value_noise(self.points, 0.03, key(self.seed, 111))

    @lazy
    def kept(self) -> Recent[object, Any]:
        """Recent results of readers over these points."""
        return Recent(budget=4)

    @lazy
    def _views(self) -> Recent[tuple[date, Sensor], vegetation.Composite]:
        return Recent(budget=8)

    def view(self, start: date, sensor: Sensor = TERRA) -> vegetation.Composite:
        """`ndvi`, kept for a while: NDVI and its quality come from one view and are asked for in turn."""
        return self._views.get((start, sensor), lambda: self.ndvi(start, sensor))

    def net_primary_production(self, year: int) -> Floats:
        """kg of carbon per square metre and year, by the greenness of the growing season."""
        green = self.canopy.season_mean - self.canopy.soil
        weather = self._response * self.weather.moisture(12 * year + 7.0)
        if self.growth is not None:
            weather += self._of_year(year)
        weather = np.exp(weather)
        return np.asarray(1.05 * green * self.green_factor(year + 0.5) * weather, np.float32)

    @lazy
    def soil_carbon(self) -> Floats:
        """t/ha, upper 30 cm, year 2000."""
        return soil.carbon(self.points, self.normal, self.seed)

    @lazy
    def soil_texture(self) -> tuple[Floats, Floats]:
        """Sand and clay of the top soil, percent."""
        return soil.texture(self.points, self.normal, self.seed)

    @lazy
    def soil_taxonomy(self) -> NDArray[np.uint8]:
        return soil.taxonomy(self.points, self.normal, self.seed)

    @lazy
    def climate_zone(self) -> NDArray[np.uint8]:
        return soil.climate_zone(self.normal)


SYNOPTIC = 4.0
"""Wavelength of a day's weather, degrees."""

_KEPT_POINTS = 5_000_000
"""Static fields take about 120 bytes a point: at most some 600 MB are kept, of 2,000 x 2,000 points and more."""

_scenes: Recent[object, Scene] = Recent(budget=_KEPT_POINTS)


def of_geobox(
    grid: GeoBox,
    seed: int = 0,
    native: tuple[float, ...] | None = None,
    layout: Layout = "practices",
    world: World | str = "easy",
) -> Scene:
    """The scene at the cell centres of a grid of any CRS; kept for the next call.

    With `native` (the transform of a grid in degrees) each centre is first moved to the centre of the
    native cell that holds it.
    """

    def build() -> Scene:
        points = of_grid(grid)
        return Scene(points if native is None else snapped(points, native), seed, layout, world)

    height, width = grid.shape
    # the digest of a grid itself writes out its reference system each time
    place = (str(grid.crs), grid.affine, height, width)
    return _scenes.get((place, seed, native, layout, world), build, weight=height * width)


def of_points(
    key: Hashable,
    points: Callable[[], Points],
    weight: int,
    seed: int,
    layout: Layout,
    world: World | str = "easy",
) -> Scene:
    """The scene at points of which `key` says what they are, and `weight` how many; kept for the next call."""
    return _scenes.get((key, seed, layout, world), lambda: Scene(points(), seed, layout, world), weight=weight)
