"""The area that performance is compared with follows from the place of a pixel, never from what is selected."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio
from made_cubes import made
from made_cubes import region as made_region
from shapely import box

from flows.pull.pulled import ReferenceArea
from flows.pull.reference import reference_steps
from flows.pull.region import pull_region
from flows.pull.sources import opened
from flows.pull.steps import made as made_steps
from flows.region.measuring import job_of
from flows.region.results import compute_profiles
from flows.region.whole.reference_best import AreaOf, area_means, best_in, best_in_areas
from flows.request.assess import AssessRequest
from indicators.profiles import get
from indicators.sdg15.performance import best_of
from regions.catalogue import is_natural, load, natural_regions
from regions.model import Region
from regions.reference_areas import FIRST_CELL, outline_of, zone_numbers

QUICK = {"years": (2016, 2024), "resolution": 0.1}


def own(name: str, west: float, south: float, east: float, north: float) -> Region:
    return Region(id=name, name=name.title(), geometry=box(west, south, east, north), source="test")


def test_zones_follow_from_the_place_alone() -> None:
    y, x = np.arange(47.95, 43, -0.1), np.arange(109.05, 113, 0.1)
    wide = zone_numbers(own("wide", 109, 43, 113, 48), y, x)
    part = zone_numbers(own("part", 110, 44, 112, 46), y[20:40], x[10:30])
    np.testing.assert_array_equal(part, wide[20:40, 10:30])
    gobi = next(number for number, each in natural_regions().items() if each.id == "eastern-gobi")
    assert set(np.unique(wide)) >= {gobi}
    cells = np.unique(wide[wide >= FIRST_CELL])
    assert len(cells) > 1
    for number in cells:
        rows, columns = np.nonzero(wide == number)
        west, south, east, north = outline_of(int(number)).bounds
        assert (east - west, north - south) == (2, 2)
        assert (y[rows] > south).all()
        assert (y[rows] < north).all()
        assert (x[columns] > west).all()
        assert (x[columns] < east).all()


def test_a_catalogued_region_is_its_own_reference() -> None:
    ordos = load()["ordos"]
    assert is_natural(ordos)
    assert not is_natural(ordos.model_copy(update={"geometry": box(108, 38, 109, 39)}))
    assert set(np.unique(zone_numbers(ordos, np.array([38.5]), np.array([108.5])))) == {0}


def raster(folder: Path, name: str) -> tuple[np.ndarray, tuple[float, float]]:
    with rasterio.open(folder / name) as file:
        return file.read(1), (file.transform.c, file.transform.f)


@pytest.mark.slow
def test_a_district_and_its_province_agree(tmp_path: Path) -> None:
    """The province reaches from the Eastern Gobi over cells of the lattice; the district lies across their edges."""
    province, district = own("province", 111.2, 45.0, 113.4, 47.0), own("district", 111.7, 45.6, 112.6, 46.4)
    found = {}
    for region in (province, district):
        request = AssessRequest(regions=(region.id,), data=tmp_path, **QUICK)  # type: ignore[arg-type]
        with opened("simulated", None, {}) as source:
            pulled = pull_region(region, request, source)
            assert len(pulled.reference) >= 2
            asked = source.server.count("pixels") if source.server else 0
            made_steps(region.id, reference_steps(region, request, pulled.datasets, source), {})
            assert source.server is not None
            assert source.server.count("pixels") == asked
        found[region.id] = compute_profiles(region, pulled, request, "simulated")[0]
    for layer in ("performance", "state", "land_cover"):
        (whole, (west, north)), (part, (left, top)) = (
            raster(found[name].folder, f"2016-2024-{layer}.tif") for name in ("province", "district")
        )
        row, column = round((north - top) / 0.1), round((left - west) / 0.1)
        same = whole[row : row + part.shape[0], column : column + part.shape[1]]
        np.testing.assert_array_equal(part, same, err_msg=layer)
    assert found["district"].performance["units"] >= 2


def test_the_best_of_areas_is_that_of_one_pass_over_all(tmp_path: Path) -> None:
    """Read area by area and kept, or in one pass over all of them: the same tables."""
    first, second = made_region(name="first"), made_region(30, 20, name="second")
    parts = [(7, first, made(tmp_path / "first", first)), (3, second, made(tmp_path / "second", second, soil=False))]
    areas = [ReferenceArea(n, where.geometry if n == 7 else None, p.cubes, p.annual) for n, where, p in parts]
    pulled = parts[0][2]
    request = AssessRequest(regions=("first",), data=tmp_path, permutations=19)
    job = job_of(first, pulled, request, [get("ne-asia")])
    years = job.periods[1].performance
    keys = [AreaOf.of(job, area, "season_mean", years) for area in areas]
    expected = best_of(lambda: (chunk for key in keys for chunk in area_means(key)))
    before = best_in.cache_info().misses
    for _ in range(2):
        found = best_in_areas(job, areas, "season_mean", 1)
        for left, right in zip(found.levels, expected.levels, strict=True):
            pd.testing.assert_frame_equal(left, right, check_exact=True)
    assert best_in.cache_info().misses == before + 2
    assert all(len(level) > 1 for level in found.levels)
    assert not best_in_areas(job, areas, "season_mean", 0).levels[0].equals(expected.levels[0])
