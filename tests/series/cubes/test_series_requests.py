"""Windows of requests: every cell near the outline once, few of them, and little beside."""

from __future__ import annotations

from math import ceil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from regions.catalogue import load
from regions.grid import coverage, geobox
from series.composites import bands_read, images_a_year
from series.cubes.requests import FEWEST_CELLS, MOST_BANDS, MOST_BYTES, MOST_PIXELS, requests_of, trimmed
from series.cubes.tiles import Tile
from series.datasets import DATASETS

NDVI = DATASETS["mod13q1-ndvi"]
YEARS = 24


def counted(shape: tuple[int, int], tiles: list[Tile]) -> np.ndarray:
    """How many windows each cell is in."""
    times = np.zeros(shape, int)
    for tile in tiles:
        times[tile.window] += 1
    return times


def star(seed: int) -> BaseGeometry:
    """A rough outline, sometimes of two parts."""
    rng = np.random.default_rng(seed)
    angles = np.sort(rng.uniform(0, 2 * np.pi, 12))
    reach = rng.uniform(0.1, 1.0, 12)[:, None]
    first = Polygon(np.c_[np.cos(angles), np.sin(angles)] * reach + [110, 45]).buffer(0)
    return MultiPolygon([*getattr(first, "geoms", [first]), box(112, 44, 112.3, 44.5)]) if seed % 2 else first


@given(seed=st.integers(0, 500), cells=st.integers(60, 3000))
@settings(max_examples=60, deadline=None)
def test_every_cell_that_the_outline_meets_is_requested_once(seed: int, cells: int) -> None:
    outline = star(seed)
    grid = geobox(outline, 0.02)
    tiles = trimmed(grid, outline, cells)
    times = counted(tuple(grid.shape), tiles)
    assert times.max() == 1
    met = coverage(outline, grid).values > 0
    wide = np.pad(met, 1)
    near = np.logical_or.reduce([wide[1 + y : wide.shape[0] - 1 + y, 1 + x : wide.shape[1] - 1 + x] for y, x in STEPS])
    assert times[near].all()
    assert all(0 < tile.height * tile.width <= cells for tile in tiles)


STEPS = [(0, 0), (0, 1), (0, -1), (1, 0), (-1, 0)]


def test_without_an_outline_all_cells_are_requested() -> None:
    grid = geobox(box(110, 44, 111, 45), 0.02)
    times = counted(tuple(grid.shape), trimmed(grid, None, 700))
    assert (times == 1).all()


def test_the_regions_of_the_catalogue_need_few_requests_and_few_bytes() -> None:
    """At native cells: at most 1.2 times the fewest requests, and 2.5 bytes for a cell and year inside."""
    made = fewest = 0
    sent = inside = 0.0
    for region in load().values():
        grid = geobox(region, NDVI.resolution)
        read = images_a_year(NDVI, region.growing_season, "season_mean") * bands_read(NDVI)
        requests = requests_of(range(YEARS), [1] * YEARS, grid, region.geometry, read=read, value_bytes=2)
        cells = sum(
            int((coverage(region, grid[top : min(top + 500, grid.shape[0])]).values > 0).sum())
            for top in range(0, grid.shape[0], 500)
        )
        made += len(requests)
        fewest += ceil(cells / (MOST_PIXELS / (YEARS * read)))
        sent += sum(2 * YEARS * each.tile.height * each.tile.width for each in requests)
        inside += YEARS * cells
    assert made <= 1.2 * fewest
    assert sent <= 2.5 * inside


@pytest.mark.parametrize(("images", "read"), [(1, 1.0), (24, 22.0), (528, 1.0), (24, 3200.0)])
def test_a_request_stays_within_what_the_service_allows(images: int, read: float) -> None:
    grid = geobox(box(100, 40, 110, 46), 1 / 240)
    requests = requests_of(range(images), [1] * images, grid, None, read=read, value_bytes=2)
    for each in requests:
        cells = each.tile.height * each.tile.width
        assert each.images <= MOST_BANDS
        assert cells * each.images * 3 <= MOST_BYTES
        assert cells * each.images * read <= max(MOST_PIXELS, FEWEST_CELLS * read) * 1.001
    for part in range(images):
        times = counted(tuple(grid.shape), [each.tile for each in requests if part in each.parts])
        assert (times == 1).all()
    assert len({each.name for each in requests}) == len(requests)
