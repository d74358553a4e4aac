"""Scenes of Landsat (Collection 2, level 2) and Sentinel-2 (surface reflectance) over small areas, with their flags;
and both harmonised (HLS).

Each area is a square of 36 km around one of the landscape's practice sites. Names of paths, rows and tiles are near
the real ones, dates follow a rhythm of 16 and 5 days. All scenes see the ground as it is; those of HLS have the
error that high aerosol leaves in their correction. Beside the first area lies a second tile of HLS, which overlaps it.
"""

from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
import shapely
from pyproj import Transformer

from offline.landscape import Scene, climate, cover, surface
from offline.landscape.noise import Floats, key
from offline.landscape.points import at
from offline.sources.simulated.bands import Stored
from offline.sources.simulated.spec import Grid, SceneTile, Spec, StoredBand

SIDE = 36_000
"""Metres."""

AREAS = (
    ("129034", "T48SYG", 107.40, 37.78),
    ("128032", "T49TBF", 108.70, 40.35),
    ("124031", "T50TMM", 116.49, 42.19),
    ("131030", "T48TVP", 104.43, 43.57),
    ("125030", "T50TLP", 114.95, 44.02),
    ("141026", "T46UEU", 91.64, 48.01),
    ("127025", "T50UMB", 114.50, 51.10),
)
"""WRS-2 path and row, MGRS tile, centre."""

BESIDE = ("T48SZG", 107.74, 37.78)
"""A tile of HLS that overlaps that of the first area by 6 km, and its centre."""

FIRST_LANDSAT_8, FIRST_LANDSAT_9 = date(2013, 4, 11), date(2021, 11, 2)
FIRST_SENTINEL, SECOND_SENTINEL = date(2015, 12, 2), date(2017, 7, 6)
"""First scene of Sentinel-2 in HLS, in the rhythm of the others, and when the second satellite began to give data."""

Days = Callable[[date, date], tuple[date, ...]]
"""(first day, last day) -> days on which images begin."""

SR_SCALE, SR_OFFSET = 2.75e-5, -0.2
ST_SCALE, ST_OFFSET = 0.00341802, 149.0
SCAN_LINES_FAIL = date(2003, 5, 31)


def tile(name: str, lon: float, lat: float, cell: int) -> SceneTile:
    """The area around a place on its UTM zone's grid, in cells of the given size in metres."""
    crs = f"EPSG:{32600 + int((lon + 180) // 6) + 1}"
    forth = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    x, y = (round(each / 60) * 60 for each in forth.transform(lon, lat))
    west, north = float(x - SIDE // 2), float(y + SIDE // 2)
    outline = shapely.segmentize(shapely.box(west, north - SIDE, west + SIDE, north), SIDE / 8)
    back = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    grid = Grid(crs, (float(cell), 0.0, west, 0.0, -float(cell), north), (SIDE // cell, SIDE // cell))
    return SceneTile(name, lon, lat, grid, shapely.transform(outline, back.transform, interleaved=False))


def every(days: int, first: date, last: date) -> tuple[date, ...]:
    """Dates in a fixed rhythm."""
    return tuple(first + timedelta(days=n) for n in range(0, (last - first).days + 1, days))


def cloudiness(area: SceneTile, day: date, seed: int) -> float:
    """Per cent of an area that is to be expected under clouds on a day."""
    centre = at(np.array([[area.lon]]), np.array([[area.lat]]))
    return round(surface.clouded(centre, _normals(area.lon, area.lat, seed), day, seed), 2)


@cache
def _normals(lon: float, lat: float, seed: int) -> climate.Normals:
    return climate.normals(at(np.array([[lon]]), np.array([[lat]])), seed)


def seen(scene: Scene, day: date) -> tuple[surface.Sky, dict[str, Floats]]:
    """Sky and reflectances of a day, kept for a while, as the bands of a scene are asked for in turn."""

    def look() -> tuple[surface.Sky, dict[str, Floats]]:
        above = surface.sky(scene, day)
        return above, surface.observed(scene, day, above)

    return scene.kept.get(("scene", day), look)


def landsat(name: str) -> Callable[[Scene, date], Stored]:
    """Surface reflectance of a band, (value + 0.2) / 0.0000275."""

    def field(scene: Scene, day: date) -> Stored:
        value = np.clip(seen(scene, day)[1][name], 0.0, 1.6)
        return np.rint((value - SR_OFFSET) / SR_SCALE), scene.land

    return field


def sentinel(name: str) -> Callable[[Scene, date], Stored]:
    """Surface reflectance of a band x 10,000."""

    def field(scene: Scene, day: date) -> Stored:
        return np.rint(np.clip(seen(scene, day)[1][name], 0.0001, 1.6) * 1e4), scene.land

    return field


def surface_temperature(scene: Scene, day: date) -> Stored:
    """(kelvin - 149) / 0.00341802; bare ground is hotter than leaves by up to 12 kelvin at noon in July."""
    month = day.timetuple().tm_yday / 365.25 * 12.0
    air = climate.temperature_at(scene.normal, None, month, day.year) + np.float32(273.15)
    bare = 1 - np.clip(scene.greenness(day.year, float(day.timetuple().tm_yday)), 0, 1)
    warm = np.float32(6 - 6 * np.cos(2 * np.pi * (month - 0.65) / 12)) * bare
    kelvin = np.where(seen(scene, day)[0].cloud, air - 25, air + warm)
    return np.rint((kelvin - ST_OFFSET) / ST_SCALE), scene.land


def pixel_quality(cirrus: bool) -> Callable[[Scene, date], Stored]:
    """QA_PIXEL: bits 1 beside clouds, 3 cloud, 4 shadow, 5 snow, 6 clear, 7 water, then confidences by two bits."""

    def field(scene: Scene, day: date) -> Stored:
        above = seen(scene, day)[0]
        snow = surface.snowy(scene, day) & ~above.cloud
        water = (scene.land_cover(day.year) == cover.WATER) & ~above.cloud & ~snow
        # every confidence is low (01) unless it is high (11)
        bits = np.full(snow.shape, 1 << 8 | 1 << 10 | 1 << 12 | (1 << 14 if cirrus else 0), np.uint16)
        bits[above.near] |= 1 << 1
        bits[above.cloud] |= 1 << 3 | 3 << 8
        bits[above.shadow] |= 1 << 4 | 3 << 10
        bits[snow] |= 1 << 5 | 3 << 12
        bits[~(above.cloud | above.near)] |= 1 << 6
        bits[water] |= 1 << 7
        return bits, scene.land

    return field


def opacity(scene: Scene, day: date) -> Stored:
    """SR_ATMOS_OPACITY x 1,000: up to 100 is clear, above 300 hazy."""
    above = seen(scene, day)[0]
    return np.select([above.cloud, above.near], [400, 200], 80), scene.land


def cloud_quality(scene: Scene, day: date) -> Stored:
    """SR_CLOUD_QA: bits 1 cloud, 2 shadow, 3 beside clouds, 4 snow, 5 water."""
    above = seen(scene, day)[0]
    snow = surface.snowy(scene, day) & ~above.cloud
    flags = (above.cloud, above.shadow, above.near, snow, scene.land_cover(day.year) == cover.WATER)
    bits = sum(flag.astype(np.int64) << number for number, flag in enumerate(flags, start=1))
    return np.asarray(bits), scene.land


def saturation(scene: Scene, day: date) -> Stored:
    """QA_RADSAT: nothing is saturated."""
    return np.zeros(scene.land.shape, np.uint16), scene.land


def striped(field: Callable[[Scene, date], Stored]) -> Callable[[Scene, date], Stored]:
    """A field of Landsat 7: from June 2003 a fifth of it is missing in stripes."""

    def with_gaps(scene: Scene, day: date) -> Stored:
        values, valid = field(scene, day)
        if day < SCAN_LINES_FAIL:
            return values, valid
        full = scene.points.full
        phase = float(key(scene.seed, 106, day.toordinal())) / 2**32
        along = (full.lat + 0.2 * full.lon) / 0.0125 + phase
        return values, valid & (along % 1.0 > 0.22)

    return with_gaps


def scene_classes(scene: Scene, day: date) -> Stored:
    """SCL: 3 shadow, 4 vegetation, 5 bare, 6 water, 8 and 9 cloud of medium and high probability, 11 snow."""
    above, bands = seen(scene, day)
    ndvi = (bands["nir"] - bands["red"]) / (bands["nir"] + bands["red"])
    water = scene.land_cover(day.year) == cover.WATER
    rules = [above.cloud & (above.thick > 0.7), above.cloud, above.shadow, surface.snowy(scene, day), water, ndvi > 0.3]
    return np.select(rules, [9, 8, 3, 11, 6, 4], 5).astype(np.uint8), scene.land


def opaque_clouds(scene: Scene, day: date) -> Stored:
    """QA60: bit 10 opaque clouds."""
    return seen(scene, day)[0].cloud.astype(np.uint16) << np.uint16(10), scene.land


def cloud_probability(scene: Scene, day: date) -> Stored:
    """Per cent."""
    above = seen(scene, day)[0]
    return np.rint(np.select([above.cloud, above.near], [100 * above.thick, 25], 2)), scene.land


def onward(days: int, first: date) -> Callable[[date, date], tuple[date, ...]]:
    """The dates of a fixed rhythm from a day to a day; the rhythm began on `first`."""
    return lambda start, last: tuple(day for day in every(days, first, last) if day >= start)


def landsat_spec(satellite: str, number: int, thermal: str, bands: tuple[str, ...], dates: tuple[date, ...]) -> Spec:
    """A collection of Landsat; `bands` by number from 1, empty where there is none. Landsat 8 and 9 go on."""

    def properties(area: SceneTile, day: date, seed: int) -> dict[str, Any]:
        return {"CLOUD_COVER": cloudiness(area, day, seed), "WRS_PATH": int(area.name[:3]),
                "WRS_ROW": int(area.name[3:]), "SPACECRAFT_ID": f"LANDSAT_{number}",
                "DATE_ACQUIRED": day.isoformat()}  # fmt: skip

    made = [StoredBand(f"SR_B{n}", "uint16", landsat(name)) for n, name in enumerate(bands, start=1) if name]
    if number < 8:
        made.append(StoredBand("SR_ATMOS_OPACITY", "int16", opacity))
        made.append(StoredBand("SR_CLOUD_QA", "uint8", cloud_quality, pyramiding="SAMPLE"))
    made.append(StoredBand(thermal, "uint16", surface_temperature))
    made.append(StoredBand("QA_PIXEL", "uint16", pixel_quality(number >= 8), pyramiding="SAMPLE"))
    made.append(StoredBand("QA_RADSAT", "uint16", saturation, pyramiding="SAMPLE"))
    if number == 7:
        made = [StoredBand(b.name, b.dtype, striped(b.field), b.pyramiding) for b in made]
    tiles = tuple(tile(path_row, lon, lat, 30) for path_row, _, lon, lat in AREAS)
    return Spec(
        id=f"LANDSAT/{satellite}/C02/T1_L2",
        title=f"USGS Landsat {number} Level 2, Collection 2, Tier 1",
        grid=tiles[0].grid,
        bands=tuple(made),
        starts=dates,
        index=f"{satellite}_{{}}_%Y%m%d",
        ends=lambda day: day + timedelta(days=1),
        goes_on=onward(16, dates[0]) if number >= 8 else None,
        tiles=tiles,
        extra=properties,
    )


def sentinel_spec() -> Spec:
    """Sentinel-2 surface reflectance; some scenes of 2018 lack cloud probabilities, as in the service's archive."""

    def properties(area: SceneTile, day: date, seed: int) -> dict[str, Any]:
        return {"CLOUDY_PIXEL_PERCENTAGE": cloudiness(area, day, seed), "MGRS_TILE": area.name[1:],
                "SPACECRAFT_NAME": "Sentinel-2A" if day.toordinal() // 5 % 2 else "Sentinel-2B"}  # fmt: skip

    of = {"B1": ("coastal", 6), "B2": ("blue", 1), "B3": ("green", 1), "B4": ("red", 1), "B5": ("edge1", 2),
          "B6": ("edge2", 2), "B7": ("edge3", 2), "B8": ("nir", 1), "B8A": ("nir", 2), "B9": ("vapour", 6),
          "B11": ("swir1", 2), "B12": ("swir2", 2)}  # fmt: skip
    tiles = tuple(tile(name, lon, lat, 10) for _, name, lon, lat in AREAS)
    return Spec(
        id="COPERNICUS/S2_SR_HARMONIZED",
        title="Sentinel-2 MSI surface reflectance, harmonized",
        grid=tiles[0].grid,
        bands=(
            *(StoredBand(name, "uint16", sentinel(what), coarser=cells) for name, (what, cells) in of.items()),
            StoredBand("SCL", "uint8", scene_classes, pyramiding="MODE", coarser=2),
            StoredBand("MSK_CLDPRB", "uint8", cloud_probability, coarser=2),
            StoredBand("QA60", "uint16", opaque_clouds, pyramiding="SAMPLE", coarser=6),
        ),
        starts=every(5, date(2018, 12, 16), date(2024, 12, 29)),
        index="%Y%m%dT034131_%Y%m%dT034132_{}",
        ends=lambda day: day + timedelta(days=1),
        goes_on=onward(5, date(2018, 12, 16)),
        tiles=tiles,
        extra=properties,
        absent=lambda day: frozenset({"MSK_CLDPRB"} if day.year == 2018 and day.day % 2 == 0 else ()),
    )


def harmonised(name: str) -> Callable[[Scene, date], Stored]:
    """Reflectance of a band of HLS as the service has it: decimals."""

    def field(scene: Scene, day: date) -> Stored:
        bands = scene.kept.get(("harmonised", day), lambda: surface.overcorrected(scene, day, seen(scene, day)[1]))
        return np.rint(np.clip(bands[name], -0.2, 1.6) * 1e4) / 1e4, scene.land

    return field


def fmask(scene: Scene, day: date) -> Stored:
    """Fmask: bits 1 cloud, 2 beside a cloud or shadow, 3 shadow, 4 snow, 5 water, 6-7 level of aerosol."""
    above = seen(scene, day)[0]
    snow = surface.snowy(scene, day) & ~above.cloud
    flags = (above.cloud, above.near, above.shadow, snow, scene.land_cover(day.year) == cover.WATER)
    bits = sum(flag.astype(np.uint8) << np.uint8(number) for number, flag in enumerate(flags, start=1))
    return np.asarray(bits | surface.haze(scene, day) << np.uint8(6), np.uint8), scene.land


def of_sentinels(start: date, last: date) -> tuple[date, ...]:
    """Days of a span with a scene of Sentinel-2 in HLS: every ten days by the first satellite, every five by two."""
    days = every(5, FIRST_SENTINEL, last)
    return tuple(day for number, day in enumerate(days) if day >= start and (day >= SECOND_SENTINEL or number % 2 == 0))


def hls_spec(product: str, satellites: str, bands: dict[str, str], starts: tuple[date, ...], onward: Days) -> Spec:
    """A collection of HLS; `bands` by what each measures."""

    def properties(area: SceneTile, day: date, seed: int) -> dict[str, Any]:
        named = {"MGRS_TILE_ID": area.name[1:]} if product == "HLSS30" else {}
        return {"CLOUD_COVERAGE": cloudiness(area, day, seed), "SPATIAL_COVERAGE": 100.0, **named}

    places = (*((name, lon, lat) for _, name, lon, lat in AREAS), BESIDE)
    tiles = tuple(tile(name, lon, lat, 30) for name, lon, lat in places)
    return Spec(
        id=f"NASA/HLS/{product}/v002",
        title=f"{product}: HLS-2 surface reflectance of {satellites}, 30 m",
        grid=tiles[0].grid,
        bands=(
            *(StoredBand(name, "float32", harmonised(what)) for name, what in bands.items()),
            StoredBand("Fmask", "uint8", fmask, pyramiding="SAMPLE"),
        ),
        starts=starts,
        index="{}_%Y%m%dT033000",
        ends=lambda day: day + timedelta(days=1),
        goes_on=onward,
        tiles=tiles,
        extra=properties,
        hours=(3.5,),
    )


def of_landsats(start: date, last: date) -> tuple[date, ...]:
    """Days of a span with a scene of Landsat 8 or 9."""
    days = {day for first in (FIRST_LANDSAT_8, FIRST_LANDSAT_9) for day in every(16, first, last)}
    return tuple(sorted(day for day in days if day >= start))


TM = ("blue", "green", "red", "nir", "swir1", "", "swir2")
OLI = ("coastal", "blue", "green", "red", "nir", "swir1", "swir2")
MSI = {"B1": "coastal", "B2": "blue", "B3": "green", "B4": "red", "B5": "edge1", "B6": "edge2", "B7": "edge3",
       "B8": "nir", "B8A": "nir", "B9": "vapour", "B11": "swir1", "B12": "swir2"}  # fmt: skip
SCENES = (
    landsat_spec("LT04", 4, "ST_B6", TM, every(16, date(1982, 8, 22), date(1993, 6, 24))),
    landsat_spec("LT05", 5, "ST_B6", TM, every(16, date(1986, 1, 5), date(2011, 11, 10))),
    landsat_spec("LE07", 7, "ST_B6", TM, every(16, date(1999, 7, 8), date(2023, 12, 31))),
    landsat_spec("LC08", 8, "ST_B10", OLI, every(16, FIRST_LANDSAT_8, date(2024, 12, 30))),
    landsat_spec("LC09", 9, "ST_B10", OLI, every(16, FIRST_LANDSAT_9, date(2024, 12, 30))),
    sentinel_spec(),
    hls_spec(
        "HLSL30",
        "Landsat 8 and 9",
        {f"B{n}": name for n, name in enumerate(OLI, start=1)},
        of_landsats(FIRST_LANDSAT_8, date(2024, 12, 31)),
        of_landsats,
    ),
    hls_spec("HLSS30", "Sentinel-2", MSI, of_sentinels(FIRST_SENTINEL, date(2024, 12, 31)), of_sentinels),
)
