"""The catalogue of simulated assets: what Earth Engine says of each, and which field of the landscape fills it."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from offline.landscape import Layout, Scene, World, of_geobox
from offline.landscape.annual import FIRST, LAST, sixteen_days
from offline.model.assets import BandInfo, CollectionAsset, ImageAsset
from offline.sources.simulated import bands, levels
from offline.sources.simulated.daily_rain import DAILY_RAIN, SURFACE_WATER_MAPS
from offline.sources.simulated.data_sets import MORE, TOOLBOX
from offline.sources.simulated.drivers import DRIVERS
from offline.sources.simulated.eight_days import EIGHT_DAYS
from offline.sources.simulated.open_maps import OPEN_MAPS
from offline.sources.simulated.people_and_water import PEOPLE_AND_WATER
from offline.sources.simulated.scenes import SCENES
from offline.sources.simulated.spec import (
    ERA5_GRID,
    FIVE_MINUTES,
    HALF_MINUTE,
    MODIS_250_GRID,
    MODIS_500_GRID,
    SOILGRIDS,
    Grid,
    Pixels,
    SceneTile,
    Spec,
    StoredBand,
    every_month,
    every_year,
    months,
    next_month,
    next_year,
    years,
)
from offline.sources.simulated.successors import SUCCESSORS
from offline.sources.simulated.trends_earth import TOOLBOX_MORE
from offline.sources.simulated.water import WATER

SPECS = (
    Spec(
        id="MODIS/061/MOD13Q1",
        title="MOD13Q1.061 Terra Vegetation Indices 16-Day Global 250m",
        grid=MODIS_250_GRID,
        bands=(
            StoredBand("NDVI", "int16", bands.ndvi),
            StoredBand("EVI", "int16", bands.evi),
            StoredBand("DetailedQA", "uint16", bands.detailed_quality, pyramiding="SAMPLE"),
            StoredBand("DayOfYear", "int16", bands.day_of_year, pyramiding="SAMPLE"),
            StoredBand("SummaryQA", "int8", bands.summary_quality, pyramiding="MODE"),
        ),
        starts=sixteen_days(FIRST, LAST),
        ends=lambda day: day + timedelta(days=16),
        goes_on=sixteen_days,
    ),
    Spec(
        id="MODIS/061/MCD12Q1",
        title="MCD12Q1.061 MODIS Land Cover Type Yearly Global 500m",
        grid=MODIS_500_GRID,
        bands=(
            StoredBand("LC_Type1", "uint8", bands.land_cover, pyramiding="MODE"),
            StoredBand("QC", "uint8", bands.land_cover_quality, pyramiding="MODE"),
        ),
        starts=years(2001, 2024),
        ends=next_year,
        goes_on=every_year,
    ),
    Spec(
        id="MODIS/061/MOD17A3HGF",
        title="MOD17A3HGF.061 Terra Net Primary Production Gap-Filled Yearly Global 500m",
        grid=MODIS_500_GRID,
        bands=(
            StoredBand("Gpp", "uint16", bands.gross_production),
            StoredBand("Npp", "int16", bands.net_production),
        ),
        starts=years(2001, 2024),
        ends=next_year,
        goes_on=every_year,
    ),
    Spec(
        id="ECMWF/ERA5_LAND/MONTHLY_AGGR",
        title="ERA5-Land Monthly Aggregated",
        grid=ERA5_GRID,
        bands=(
            StoredBand("dewpoint_temperature_2m", "float32", bands.dew_point),
            StoredBand("temperature_2m", "float32", bands.temperature),
            StoredBand("volumetric_soil_water_layer_1", "float32", bands.soil_water),
            StoredBand("surface_solar_radiation_downwards_sum", "float32", bands.sunlight),
            StoredBand("potential_evaporation_sum", "float32", bands.potential_evaporation),
            StoredBand("u_component_of_wind_10m", "float32", bands.wind_u),
            StoredBand("v_component_of_wind_10m", "float32", bands.wind_v),
            StoredBand("surface_pressure", "float32", bands.surface_pressure),
            StoredBand("total_precipitation_sum", "float32", bands.precipitation),
        ),
        starts=months(1981, 2024),
        index="%Y%m",
        ends=next_month,
        goes_on=every_month,
    ),
    Spec(
        id=f"{TOOLBOX}/soc_sgrid_30cm",
        title="Soil organic carbon stock 0-30 cm, t/ha, reference year 2000",
        grid=Grid("EPSG:4326", SOILGRIDS, (172800, 86400)),
        bands=(StoredBand("b1", "int16", bands.soil_carbon),),
    ),
    Spec(
        id=f"{TOOLBOX}/soil_tax_usda_sgrid",
        title="Soil taxonomy units",
        grid=Grid("EPSG:4326", SOILGRIDS, (172800, 86400)),
        bands=(StoredBand("b1", "uint8", bands.soil_taxonomy, pyramiding="MODE"),),
    ),
    Spec(
        id=f"{TOOLBOX}/ipcc_climate_zones",
        title="IPCC climate zones, codes 0..12",
        grid=Grid("EPSG:4326", FIVE_MINUTES, (4320, 2160)),
        bands=(StoredBand("b1", "uint8", bands.climate_zone, pyramiding="MODE"),),
    ),
    Spec(
        id="projects/sat-io/open-datasets/global_ai/global_ai_yearly",
        title="Aridity index (rain over potential evapotranspiration), scaled by 1e-4",
        grid=Grid("EPSG:4326", HALF_MINUTE, (43200, 21600)),
        bands=(StoredBand("b1", "uint16", bands.aridity),),
    ),
    *MORE,
    *SCENES,
    *WATER,
    *TOOLBOX_MORE,
    *EIGHT_DAYS,
    *DAILY_RAIN,
    *SURFACE_WATER_MAPS,
    *SUCCESSORS,
    *OPEN_MAPS,
    *DRIVERS,
    *PEOPLE_AND_WATER,
)


def made(
    spec: Spec, starts: tuple[date, ...], seed: int, layout: Layout, world: World | str = "easy"
) -> CollectionAsset | ImageAsset:
    """The asset of a data set, with the images that begin on `starts` if it is a collection."""
    if not spec.starts:
        return _image(spec, None, None, seed, layout, world, {})
    tiles = spec.tiles or (None,)
    known: dict[tuple[str, frozenset[str]], tuple[BandInfo, ...]] = {}
    moments = (moment for start in starts for moment in spec.moments(start))
    images = tuple(_image(spec, moment, tile, seed, layout, world, known) for moment in moments for tile in tiles)
    return CollectionAsset(spec.id, _properties(spec), images)


def _properties(spec: Spec) -> Mapping[str, Any]:
    return {
        "title": f"{spec.title} (simulated)",
        "provider": "simulated landscape",
        "drylands:origin": "simulated",
    }


def _image(
    spec: Spec,
    start: date | None,
    tile: SceneTile | None,
    seed: int,
    layout: Layout,
    world: World | str,
    known: dict[tuple[str, frozenset[str]], tuple[BandInfo, ...]],
) -> ImageAsset:
    """The image of a day and a tile; `known` has the bands of the images before, by tile and by what they lack."""
    identity, named = spec.id, _properties(spec)
    stamp: dict[str, Any] = {"system:index": spec.id.rsplit("/", 1)[-1]}
    if start is not None:
        begin, end = spec.period(start)
        index = start.strftime(spec.index).replace("{}", tile.name if tile else "")
        stamp = {
            "system:index": index,
            "system:time_start": begin,
            "system:time_end": end,
        }
        identity, named = f"{spec.id}/{index}", {"drylands:origin": "simulated"}
        if tile is not None and spec.extra is not None:
            stamp |= spec.extra(tile, start, seed)
    lacking = spec.lacking(start, tile)
    of = (tile.name if tile else "", lacking)
    if of not in known:
        grid = tile.grid if tile else spec.grid
        there = spec.bands_of(start, tile)
        known[of] = tuple(_info(band, grid.by(band.coarser) if band.coarser > 1 else grid) for band in there)
    infos = known[of]
    footprint = tile.footprint if tile else None
    read = partial(_read, spec, start, tile, seed, layout, world)
    return ImageAsset(identity, infos, {**named, **stamp}, footprint, read)


def _info(band: StoredBand, grid: Grid) -> BandInfo:
    return BandInfo(band.name, band.dtype, grid.crs, grid.transform, grid.shape, band.pyramiding)


def _read(
    spec: Spec,
    start: date | None,
    tile: SceneTile | None,
    seed: int,
    layout: Layout,
    world: World | str,
    name: str,
    grid: GeoBox,
    resampling: str,
) -> Pixels:
    """Values in the stored type and masks (0..1) of one band: at the cell centres of `grid`, or of a coarser level."""
    band = next((b for b in spec.bands if b.name == name), None)
    if band is None or name in spec.lacking(start, tile):
        known = ", ".join(b.name for b in spec.bands_of(start, tile))
        raise KeyError(f"{spec.id} has no band {name!r}; it has {known}")
    stored = partial(_stored, band, tile, start or date(2000, 1, 1))
    own = (tile.grid if tile else spec.grid).by(band.coarser)
    level = levels.level_for(own, grid)
    if level:
        return levels.coarse(stored, band, own, level, grid, seed, layout, world)
    blocky = spec.grid.crs == "EPSG:4326" and not tile and resampling == "nearest" and _finer(grid, spec.grid)
    values, valid = stored(of_geobox(grid, seed, spec.grid.transform if blocky else None, layout, world))
    return values, valid.astype(np.float32)


def _stored(
    band: StoredBand, tile: SceneTile | None, start: date, scene: Scene
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Values in the stored type, 0 where there is none, and where there is one."""
    within = None
    if tile is not None and tile.footprint is not None:
        within = _contains(tile, scene)
        if not within.any():
            return np.zeros(scene.points.shape, band.dtype), within
    values, valid = band.field(scene, start)
    valid = valid if within is None else valid & within
    return np.where(valid, values, 0).astype(band.dtype), valid


def _contains(tile: SceneTile, scene: Scene) -> NDArray[np.bool_]:
    full = scene.points.full
    inside = shapely.contains_xy(tile.footprint, full.lon.ravel(), full.lat.ravel())
    return np.asarray(inside).reshape(scene.points.shape)


def _finer(grid: GeoBox, native: Grid) -> bool:
    """Whether cells of the request are smaller than native ones (so that blocks would show)."""
    if grid.crs is not None and grid.crs.geographic:
        return abs(grid.affine.a) < native.transform[0] * 0.999
    return abs(grid.affine.a) < native.transform[0] * 111_320 * 0.999
