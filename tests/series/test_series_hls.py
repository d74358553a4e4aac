"""Scenes of Landsat and Sentinel-2, harmonised: clear views of a season in 30 m, beside the landscape and an oracle."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import ee
import numpy as np
import pytest
from odc.geo.geobox import GeoBox
from pixels import values
from shapely import box

from offline.landscape import of_geobox
from offline.model.assets import CollectionAsset, ImageAsset
from offline.protocol.server import serve
from offline.sources.simulated.scenes import AREAS, BESIDE
from offline.sources.simulated.source import SimulatedSource
from regions.grid import geobox
from series.composites import annual, images_a_year, months, one_year, spans_of
from series.datasets import DATASETS, Dataset
from series.errors import OutsideDataset
from series.physical import physical, stored
from series.sequences import last_day, require_scenes
from series.service.earth_engine import Connection, connect

HLS = DATASETS["hls-ndvi"]
LANDSAT, SENTINEL = HLS.assets
SEASON = (5, 9)
SOURCE = SimulatedSource()
#: 22 by 23 cells of 30 m at the practice site in Otindag.
_, TILE, LON, LAT = AREAS[2]
SITE = box(LON - 0.003, LAT - 0.003, LON + 0.003, LAT + 0.003)
GRID = geobox(SITE, HLS.resolution)
NEAR = HLS.near(SITE.bounds)


@pytest.fixture(scope="module", autouse=True)
def engine() -> Iterator[None]:
    with serve(SOURCE) as server:
        connect(Connection(url=server.url))
        yield


def scenes(tiles: tuple[str, ...], start: date, end: date) -> list[tuple[date, ImageAsset]]:
    """The scenes of some tiles from a day to before another, of both collections."""
    found = []
    for asset in map(SOURCE.get, HLS.assets):
        assert isinstance(asset, CollectionAsset)
        for image in asset.images:
            day = datetime.fromtimestamp(image.properties["system:time_start"] / 1000, UTC).date()
            if image.properties["system:index"].startswith(tiles) and start <= day < end:
                found.append((day, image))
    return found


def view(image: ImageAsset, grid: GeoBox) -> np.ndarray:
    """NDVI of a scene, NaN where it is not clear."""
    near_infrared = "B5" if LANDSAT in image.id else "B8A"
    (nir, inside), (red, _), (flags, _) = (image.read(b, grid, "nearest") for b in (near_infrared, "B4", "Fmask"))
    clear = (inside > 0) & (flags & 0b11110 == 0) & (flags >> 6 != 3)
    return np.where(clear & (nir > 0) & (red > 0), (nir - red) / np.where(clear, nir + red, 1), np.nan)


def oracle(tiles: tuple[str, ...], year: int, grid: GeoBox) -> np.ndarray:
    """Season mean by the definition: means of spans, a line between those that have one, at least 60 % of the days."""
    start, end = date(year, 5, 1), date(year, 10, 1)
    views = [(day, view(image, grid)) for day, image in scenes(tiles, start, end)]
    spans = spans_of(HLS, start, end)
    days = np.array([(last - first).days for first, last in spans])
    means = np.full((len(spans), *grid.shape), np.nan)
    for number, (first, last) in enumerate(spans):
        inside = np.array([each for day, each in views if first <= day < last] or [np.full(grid.shape, np.nan)])
        count = np.isfinite(inside).sum(axis=0)
        means[number] = np.where(count > 0, np.nansum(inside, axis=0) / np.maximum(count, 1), np.nan)
    found = np.full(grid.shape, np.nan)
    for y, x in np.ndindex(*grid.shape):
        there = np.isfinite(means[:, y, x])
        if days[there].sum() >= 0.6 * days.sum():
            filled = np.interp(np.arange(len(spans)), np.nonzero(there)[0], means[there, y, x])
            found[y, x] = (filled * days).sum() / days.sum()
    return found


def season(year: int, grid: GeoBox = GRID, dataset: Dataset = NEAR) -> np.ndarray:
    return values(one_year(dataset, year, SEASON, "season_mean", abs(grid.affine.a)), grid)


def test_spans_fill_a_season_and_are_about_as_long_as_the_cadence() -> None:
    for start, end in ((date(2020, 5, 1), date(2020, 10, 1)), (date(2019, 11, 1), date(2020, 4, 1)),
                       (date(2020, 6, 1), date(2020, 7, 1)), (date(2020, 1, 1), date(2021, 1, 1))):  # fmt: skip
        spans = spans_of(HLS, start, end)
        assert (spans[0][0], spans[-1][1]) == (start, end)
        assert all(last == first for (_, last), (first, _) in pairwise(spans))
        assert {(last - first).days for first, last in spans} <= {15, 16}


@pytest.mark.parametrize("year", [2018, 2023])
def test_a_season_is_what_the_definition_says_and_near_the_truth(year: int) -> None:
    found = season(year)
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found, oracle((TILE,), year, GRID), atol=1e-5)
    days = [date(year, 5, 1) + timedelta(days=n) for n in range(153)]
    scene = of_geobox(GRID)
    truth = np.mean([scene.greenness(year, float(day.timetuple().tm_yday)) for day in days], axis=0)
    # 0.02: texture of the ground that is finer than the landscape's own
    assert abs(np.mean(found - truth)) < 0.02
    assert np.std(found - truth) < 0.025


def test_a_view_counts_once_for_each_tile_within_its_span() -> None:
    """In the strip where two tiles overlap, each day has two images, and the value is that of either."""
    middle = (AREAS[0][2] + BESIDE[1]) / 2
    strip = box(middle - 0.001, BESIDE[2] - 0.001, middle + 0.001, BESIDE[2] + 0.001)
    grid, tiles = geobox(strip, HLS.resolution), (AREAS[0][1], BESIDE[0])
    near = HLS.near(strip.bounds)
    landsat = [image for _, image in scenes(tiles[:1], date(2023, 7, 1), date(2023, 8, 1)) if LANDSAT in image.id]
    assert stored(near, "2023-07-01", "2023-08-01").size().getInfo() == 2 * len(landsat)
    found = season(2023, grid, near)
    np.testing.assert_allclose(found, oracle(tiles, 2023, grid), atol=1e-5)
    np.testing.assert_allclose(found, oracle(tiles[:1], 2023, grid), atol=1e-5)


def test_only_the_scenes_of_the_box_are_read() -> None:
    indices = stored(NEAR, "2023-06-01", "2023-09-01").aggregate_array("system:index").getInfo()
    everywhere = stored(HLS, "2023-06-01", "2023-09-01").size().getInfo()
    assert {each.partition("_")[0] for each in indices} == {TILE}
    assert everywhere == len(indices) * (len(AREAS) + 1)


def test_high_aerosol_is_left_out_because_its_red_is_too_dark() -> None:
    days = [
        (day, image) for day, image in scenes((TILE,), date(2018, 4, 1), date(2024, 11, 1)) if day.month in (6, 7, 8)
    ]
    hazy = [
        image
        for _, image in days
        if ((flags := image.read("Fmask", GRID, "nearest")[0]) >> 6 == 3).all() and (flags & 0b11110 == 0).all()
    ]
    assert hazy
    image = ee.Image(hazy[0].id)
    if SENTINEL in hazy[0].id:
        image = image.select(list(HLS.counterparts[0].bands), list(HLS.bands))
    taken = values(physical(image, HLS), GRID)
    bare = values(physical(image, HLS.model_copy(update={"quality": None})), GRID)
    day = datetime.fromtimestamp(hazy[0].properties["system:time_start"] / 1000, UTC)
    truth = of_geobox(GRID).greenness(day.year, float(day.timetuple().tm_yday))
    assert np.isnan(taken).all()
    assert np.mean(bare - truth) > 0.03


def test_the_first_years_have_one_satellite_and_few_values() -> None:
    """Landsat 8 alone passes once in 16 days: clouds leave less than 60 % of a season's days with a view."""
    counts = [len(scenes((TILE,), date(year, 5, 1), date(year, 10, 1))) for year in (2014, 2016, 2018, 2022)]
    assert counts == sorted(counts)
    assert counts[0] in (9, 10)
    assert np.isfinite(season(2014)).mean() < 0.5 < np.isfinite(season(2022)).mean()


def test_cells_of_a_few_pixels_are_means_of_their_clear_pixels() -> None:
    cell = 4 * HLS.resolution
    grid = geobox(SITE, cell)
    coarse, fine = season(2023, grid), season(2023)
    assert coarse.mean() == pytest.approx(fine.mean(), abs=0.005)
    assert coarse.std() < fine.std()


def test_months_are_means_of_views() -> None:
    july = values(months(NEAR, [2023], HLS.resolution).select(["y2023m07"]), GRID)
    views = np.stack([view(image, GRID) for _, image in scenes((TILE,), date(2023, 7, 1), date(2023, 8, 1))])
    seen = np.isfinite(views).any(axis=0)
    assert (np.isfinite(july) == seen).all()
    np.testing.assert_allclose(july[seen], np.nanmean(views[:, seen], axis=0), atol=1e-5)


def test_every_view_is_in_the_cost() -> None:
    stack = annual(HLS, (2023,), SEASON, None, HLS.resolution)
    assert images_a_year(HLS, SEASON, "season_mean") == 11 * 10
    assert stack.reads == 11 * 10 * 3
    assert annual(HLS, (2023,), SEASON, None, 4 * HLS.resolution).inside == pytest.approx(16)


def test_the_last_day_is_found_without_the_largest_of_all_times() -> None:
    assert last_day(HLS) == date(2024, 12, 29)
    with serve(SimulatedSource(today=date(2027, 3, 15))) as server:
        connect(Connection(url=server.url))
        assert date(2027, 3, 6) <= last_day(HLS) <= date(2027, 3, 12)


def test_a_place_without_scenes_is_refused() -> None:
    with serve(SOURCE) as server:
        connect(Connection(url=server.url))
        require_scenes(NEAR, 2014, 2024, region="here")
        with pytest.raises(OutsideDataset, match=r"Region there: NASA/HLS/HLSL30/v002 and .* no scene there in 2014"):
            require_scenes(HLS.near((60, 10, 61, 11)), 2014, 2024, region="there")
