"""Class tables, zones and percentiles, each beside a peer. Shown by `make bench`, asserted nowhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numba
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from affine import Affine
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from odc.geo.geobox import GeoBox
from shapely import Point
from shapely.affinity import rotate, scale, translate

from indicators.area.areas import cell_area, class_table
from indicators.area.percentiles import by_unit
from indicators.sdg15 import land_cover, soil_carbon
from indicators.sdg15 import one_out_all_out as sdg
from indicators.sdg15.lpd import LPD_TABLES, lpd, lpd3
from regions.grid import coordinates, coverage

SIDE = 4000
TABLES = "LPD, land cover, carbon, SDG, status of 16 million pixels"
ZONES = "areas of classes in 40 outlines on 2,000 x 2,000 cells, covered fractions"
PERCENTILES = "90th percentile of 300 units, 4 million pixels"


def timed(benchmark: Any, work: Callable[[], Any], rounds: int = 5) -> None:
    work()  # compiled functions compile once
    benchmark.pedantic(work, rounds=rounds)


@pytest.fixture(scope="module")
def maps() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)

    def classes(codes: list[int]) -> np.ndarray:
        return rng.choice(np.array(codes, np.int8), (SIDE, SIDE))

    three = [-1, 0, 1, -128]
    return {
        **{name: classes(three) for name in ("trajectory", "state", "baseline")},
        "performance": classes([-1, 0, -128]),
        **{name: classes([1, 2, 3, 4, 5, 6, 7, -128]) for name in ("first", "last")},
        "carbon": rng.integers(-30, 30, (SIDE, SIDE)).astype(np.float32) / 100,
    }


@pytest.mark.benchmark(group=TABLES)
def test_tables(benchmark: Any, maps: dict[str, np.ndarray]) -> None:
    layers = {name: xr.DataArray(values, dims=("y", "x")) for name, values in maps.items()}
    stock = xr.concat([xr.ones_like(layers["carbon"]), 1 + layers["carbon"]], pd.Index([2000, 2015], name="year"))
    change = soil_carbon.change(stock, (2000, 2015))

    def work() -> Any:
        productivity = lpd3(lpd(layers["trajectory"], layers["state"], layers["performance"]))
        cover = land_cover.degradation(layers["first"], layers["last"])
        carbon = soil_carbon.classes(change)
        combined = sdg.one_out_all_out(productivity, cover, carbon)["sdg"]
        return sdg.status(layers["baseline"], combined)

    timed(benchmark, work)


@numba.njit(parallel=True, cache=True)
def _marked_lpd(t: Any, s: Any, p: Any, keys: Any, values: Any, result: Any) -> None:
    for i in numba.prange(t.shape[0]):
        result[i] = -32768
        for k in range(len(values)):
            result[i][(t[i] == keys[k, 0]) & (s[i] == keys[k, 1]) & (p[i] == keys[k, 2])] = values[k]


@numba.njit(parallel=True, cache=True)
def _marked_cover(a: Any, b: Any, matrix: Any, result: Any) -> None:
    for i in numba.prange(a.shape[0]):
        change = a[i] * 10 + b[i]
        result[i] = -32768
        for first in range(1, 8):
            for last in range(1, 8):
                result[i][change == first * 10 + last] = matrix[first - 1, last - 1]


@numba.njit(parallel=True, cache=True)
def _marked_rest(lpd: Any, cover: Any, soc: Any, base: Any, result: Any) -> None:
    for i in numba.prange(lpd.shape[0]):
        prod = lpd[i].copy()
        prod[(lpd[i] >= 1) & (lpd[i] <= 2)] = -1
        prod[(lpd[i] >= 3) & (lpd[i] <= 4)] = 0
        prod[lpd[i] == 5] = 1
        carbon = soc[i].copy()
        carbon[(soc[i] <= -10) & (soc[i] > -101)] = -1
        carbon[(soc[i] > -10) & (soc[i] < 10)] = 0
        carbon[soc[i] >= 10] = 1
        found = prod.copy()
        found[(cover[i] == 1) & (prod != -32768)] = 1
        found[(carbon == 1) & (found != -32768)] = 1
        found[(cover[i] == -1) | (carbon == -1)] = -1
        found[(prod == -1)] = -1
        found[(prod == -32768) | (cover[i] == -32768) | (carbon == -32768)] = -32768
        result[i] = -32768
        for before in range(-1, 2):
            for after in range(-1, 2):
                result[i][(base[i] == before) & (found == after)] = before * 3 + after


Peer = Callable[..., None]


def in_int16(benchmark: Any, maps: dict[str, np.ndarray], lpd_of: Peer, cover_of: Peer, rest_of: Peer) -> None:
    """A peer on int16 rasters, its tables one after the other. Where nothing is missing it finds what we find."""
    wide = {k: np.where(v == -128, np.int16(-32768), v.astype(np.int16)) for k, v in maps.items() if k != "carbon"}
    wide["carbon"] = np.rint(maps["carbon"] * 100).astype(np.int16)
    letter = {"D": -1, "S": 0, "I": 1, "N": 0}
    keys = np.array([[letter[c] for c in key] for key in LPD_TABLES["trends-earth"]], np.int16)
    values = np.array(list(LPD_TABLES["trends-earth"].values()), np.int16)
    matrix = np.array(land_cover.MATRICES["prais"], np.int16)
    made: list[np.ndarray] = []

    def work() -> None:
        made[:] = (np.empty((SIDE, SIDE), np.int16) for _ in range(4))
        five, cover, found, result = made
        lpd_of(wide["trajectory"], wide["state"], wide["performance"], keys, values, five)
        cover_of(wide["first"], wide["last"], matrix, cover)
        rest_of(five, cover, wide["carbon"], wide["baseline"], found, result)

    timed(benchmark, work)
    five, cover, found, _ = made
    known = np.ravel((five != -32768) & (cover != -32768) & (found != -32768))
    ours = {name: xr.DataArray(maps[name].ravel()[known]) for name in maps}
    productivity = lpd3(lpd(ours["trajectory"], ours["state"], ours["performance"]))
    sub = productivity, land_cover.degradation(ours["first"], ours["last"]), soil_carbon.classes(ours["carbon"])
    np.testing.assert_array_equal(sdg.one_out_all_out(*sub)["sdg"], found.ravel()[known])


@numba.njit(parallel=True, cache=True)
def _branched_lpd(t: Any, s: Any, p: Any, keys: Any, values: Any, result: Any) -> None:
    for i in numba.prange(t.shape[0]):
        for j in range(t.shape[1]):
            found = -32768
            for k in range(len(values)):
                if t[i, j] == keys[k, 0] and s[i, j] == keys[k, 1] and p[i, j] == keys[k, 2]:
                    found = values[k]
            result[i, j] = found


@numba.njit(parallel=True, cache=True)
def _branched_cover(a: Any, b: Any, matrix: Any, result: Any) -> None:
    for i in numba.prange(a.shape[0]):
        for j in range(a.shape[1]):
            if 1 <= a[i, j] <= 7 and 1 <= b[i, j] <= 7:
                result[i, j] = matrix[a[i, j] - 1, b[i, j] - 1]
            else:
                result[i, j] = -32768


@numba.njit(parallel=True, cache=True)
def _branched_rest(five: Any, cover: Any, soc: Any, base: Any, found: Any, result: Any) -> None:
    rows, columns = five.shape
    for i in numba.prange(rows):
        for j in range(columns):
            if five[i, j] == -32768 or cover[i, j] == -32768 or soc[i, j] == -32768:
                found[i, j] = -32768
            elif five[i, j] <= 2 or cover[i, j] == -1 or soc[i, j] <= -10:
                found[i, j] = -1
            elif five[i, j] == 5 or cover[i, j] == 1 or soc[i, j] >= 10:
                found[i, j] = 1
            else:
                found[i, j] = 0
    for i in numba.prange(rows):
        for j in range(columns):
            if base[i, j] == -32768 or found[i, j] == -32768:
                result[i, j] = -32768
            elif base[i, j] == -1:
                result[i, j] = 1 if found[i, j] == -1 else (3 if found[i, j] == 0 else 6)
            elif base[i, j] == 0:
                result[i, j] = 2 if found[i, j] == -1 else (4 if found[i, j] == 0 else 6)
            else:
                result[i, j] = 2 if found[i, j] == -1 else (5 if found[i, j] == 0 else 7)


@pytest.mark.benchmark(group=TABLES)
def test_tables_peer_branches(benchmark: Any, maps: dict[str, np.ndarray]) -> None:
    """Parallel numba, a pass for each table, branches for each pixel."""
    in_int16(benchmark, maps, _branched_lpd, _branched_cover, _branched_rest)


def _masked_lpd(t: Any, s: Any, p: Any, keys: Any, values: Any, result: Any) -> None:
    result[:] = -32768
    for k in range(len(values)):
        result[(t == keys[k, 0]) & (s == keys[k, 1]) & (p == keys[k, 2])] = values[k]


def _masked_cover(a: Any, b: Any, matrix: Any, result: Any) -> None:
    change = a * 10 + b
    result[:] = -32768
    for first in range(1, 8):
        for last in range(1, 8):
            result[change == first * 10 + last] = matrix[first - 1, last - 1]


def _masked_rest(five: Any, cover: Any, soc: Any, base: Any, found: Any, result: Any) -> None:
    found[:] = 0
    found[(five == 5) | (cover == 1) | (soc >= 10)] = 1
    found[(five <= 2) | (cover == -1) | (soc <= -10)] = -1
    found[(five == -32768) | (cover == -32768) | (soc == -32768)] = -32768
    result[:] = -32768
    for before in range(-1, 2):
        for after in range(-1, 2):
            result[(base == before) & (found == after)] = before * 3 + after


@pytest.mark.benchmark(group=TABLES)
def test_tables_peer_masks_of_the_map(benchmark: Any, maps: dict[str, np.ndarray]) -> None:
    """Parallel numba in the style of te_algorithms, which is on no index: a masked assignment for each combination."""
    in_int16(benchmark, maps, *(numba.njit(parallel=True)(each) for each in (_masked_lpd, _masked_cover, _masked_rest)))


_lpd_of_row, _cover_of_row, _rest_of_row = (numba.njit(each) for each in (_masked_lpd, _masked_cover, _masked_rest))


@numba.njit(parallel=True)
def _lpd_by_rows(t: Any, s: Any, p: Any, keys: Any, values: Any, result: Any) -> None:
    for i in numba.prange(t.shape[0]):
        _lpd_of_row(t[i], s[i], p[i], keys, values, result[i])


@numba.njit(parallel=True)
def _cover_by_rows(a: Any, b: Any, matrix: Any, result: Any) -> None:
    for i in numba.prange(a.shape[0]):
        _cover_of_row(a[i], b[i], matrix, result[i])


@numba.njit(parallel=True)
def _rest_by_rows(five: Any, cover: Any, soc: Any, base: Any, found: Any, result: Any) -> None:
    for i in numba.prange(five.shape[0]):
        _rest_of_row(five[i], cover[i], soc[i], base[i], found[i], result[i])


@pytest.mark.benchmark(group=TABLES)
def test_tables_peer_masks_row_by_row(benchmark: Any, maps: dict[str, np.ndarray]) -> None:
    """The same masks in the cache, vectorised: harder than te_algorithms."""
    in_int16(benchmark, maps, _lpd_by_rows, _cover_by_rows, _rest_by_rows)


def outlines() -> list[Any]:
    rng = np.random.default_rng(6)
    leaf = scale(Point(0, 0).buffer(0.5, 50), 1, 0.6)
    return [
        translate(rotate(leaf, rng.uniform(0, 180)), rng.uniform(100.6, 104.4), rng.uniform(41.6, 45.4))
        for _ in range(40)
    ]


GRID = GeoBox((2000, 2000), Affine(0.0025, 0, 100, 0, -0.0025, 46), "EPSG:4326")


def zoned() -> tuple[xr.DataArray, xr.DataArray]:
    values = np.random.default_rng(1).choice(np.array([-1, 0, 1], np.int8), GRID.shape)
    classes = xr.DataArray(values, coordinates(GRID), ("y", "x"))
    return classes, cell_area(classes)


@pytest.mark.benchmark(group=ZONES)
def test_zones(benchmark: Any) -> None:
    classes, area = zoned()
    shapes = outlines()

    def work() -> Any:
        return class_table(classes, area, {str(k): coverage(s, GRID, cropped=True) for k, s in enumerate(shapes)})

    timed(benchmark, work)


@pytest.mark.benchmark(group=ZONES)
def test_zones_peer_exactextract(benchmark: Any) -> None:
    """Fractions of each class, weighted by the area of the cells."""
    classes, area = zoned()
    west, south, east, north = GRID.extent.boundingbox
    frame = {"xmin": west, "ymin": south, "xmax": east, "ymax": north, "srs_wkt": GRID.crs.wkt}
    source = NumPyRasterSource(classes.values, **frame)
    weights = NumPyRasterSource(np.broadcast_to(area.values[:, None], GRID.shape).copy(), **frame)
    shapes = gpd.GeoDataFrame(geometry=outlines(), crs="EPSG:4326")

    def work() -> Any:
        return exact_extract(source, shapes, ["unique", "weighted_frac"], weights=weights, output="pandas")

    timed(benchmark, work)


def blocks() -> list[tuple[np.ndarray, np.ndarray]]:
    rng = np.random.default_rng(3)
    return [(rng.gamma(3, 0.1, 500_000).astype(np.float32), rng.integers(0, 300, 500_000)) for _ in range(8)]


@pytest.mark.benchmark(group=PERCENTILES)
def test_percentiles_block_by_block(benchmark: Any) -> None:
    parts = blocks()
    timed(benchmark, lambda: by_unit(parts))


@pytest.mark.benchmark(group=PERCENTILES)
def test_percentiles_peer_pandas_in_memory(benchmark: Any) -> None:
    values, units = (np.concatenate(each) for each in zip(*blocks(), strict=True))
    timed(benchmark, lambda: pd.Series(values).groupby(units).quantile(0.9))
