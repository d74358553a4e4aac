"""Confusion of land cover in a region: each profile has its own land cover, whatever the blocks, and says so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_cubes import CELL, YEARS, made, rasters_of, region

from flows.pull.pulled import Pulled
from flows.region.blocks import read_pixels
from flows.region.measuring import job_of
from flows.region.result import SUMMARY, RegionResult
from flows.region.results import compute_profiles
from flows.region.whole.confusion import cover_rates
from flows.request.assess import AssessRequest
from flows.run.workers import workforce
from indicators.profiles import PROFILES
from indicators.profiles.ne_asia import NE_ASIA
from indicators.sdg15.assessment import assess_together
from indicators.sdg15.periods import available
from regions.covered import SLIVER
from regions.grid import coverage, geobox
from series.cubes.tiles import Tile

HERE = region()
FILTERED = replace(NE_ASIA, name="ne-asia-filtered", cover_filter="hidden-markov")
NAMES = ("ne-asia", FILTERED.name)


@pytest.fixture(autouse=True, scope="module")
def one_profile_more() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(PROFILES, FILTERED.name, FILTERED)
        patch.setattr("flows.request.assess.ALL_PROFILES", tuple(PROFILES))
        yield


@pytest.fixture(scope="module")
def pulled(tmp_path_factory: pytest.TempPathFactory) -> Pulled:
    return made(tmp_path_factory.mktemp("cubes"), HERE, confused=True)


def run(pulled: Pulled, folder: Path, side: int, names: tuple[str, ...] = NAMES) -> dict[str, RegionResult]:
    request = AssessRequest(regions=("made",), data=folder, profiles=names, pixel_breaks=False, permutations=19)
    return {each.profile: each for each in compute_profiles(HERE, pulled, request, "simulated", side=side)}


@pytest.fixture(scope="module")
def both(pulled: Pulled, tmp_path_factory: pytest.TempPathFactory) -> dict[str, RegionResult]:
    return run(pulled, tmp_path_factory.mktemp("whole"), 512)


def same(one: RegionResult, other: RegionResult) -> None:
    expected, found = rasters_of(one.folder), rasters_of(other.folder)
    assert expected.keys() == found.keys()
    for name, values in expected.items():
        np.testing.assert_array_equal(found[name], values, err_msg=name)
    for table in one.folder.glob("*.csv"):
        pd.testing.assert_frame_equal(pd.read_csv(other.folder / table.name), pd.read_csv(table), rtol=1e-9)


def test_blocks_change_nothing(pulled: Pulled, both: dict[str, RegionResult], tmp_path: Path) -> None:
    cut = run(pulled, tmp_path, 13)
    for name in NAMES:
        same(both[name], cut[name])


def test_a_profile_does_not_depend_on_the_filter_of_another(
    pulled: Pulled, both: dict[str, RegionResult], tmp_path: Path
) -> None:
    for name in NAMES:
        same(both[name], run(pulled, tmp_path / name, 512, (name,))[name])


def test_the_result_is_that_of_the_whole_in_memory(pulled: Pulled, both: dict[str, RegionResult]) -> None:
    job = job_of(HERE, pulled, AssessRequest(regions=("made",)), [FILTERED])
    assert job.cover_product == "igbp"
    with workforce(None, regions=1) as workers:
        job = replace(job, cover_rates=cover_rates(job, workers))
    pixels = read_pixels(job, Tile(0, 0, *job.grid.shape))
    share = coverage(HERE, geobox(HERE, CELL)).assign_coords(y=job.grid.y, x=job.grid.x)
    inside = share.values > SLIVER
    periods = available(YEARS)
    found = assess_together(pixels, periods=periods, profiles=[FILTERED], region_mask=share > SLIVER)[FILTERED.name]
    # without rates they are estimated from the same pixels
    again = assess_together(
        replace(pixels, cover_rates=None), periods=periods, profiles=[FILTERED], region_mask=share > SLIVER
    )[FILTERED.name]
    for name, values in rasters_of(both[FILTERED.name].folder).items():
        period, layer = name.removesuffix(".tif").rsplit("-", 1)
        if layer in ("patch", "verdict"):  # they have tests of their own
            continue
        for whole in (found, again):
            np.testing.assert_array_equal(values[inside], whole[layer].sel(period=period).values[inside], err_msg=name)


def carbon_change(result: RegionResult) -> float:
    """Change of the region's soil carbon over the record, per cent."""
    series = pd.read_csv(result.folder / "observations.csv").query("variable == 'soil_organic_carbon_annual'")
    return float(100 * (series["value"].iloc[-1] / series["value"].iloc[0] - 1))


def test_soil_carbon_is_that_of_the_land_not_of_its_confusion(both: dict[str, RegionResult], tmp_path: Path) -> None:
    true = carbon_change(run(made(tmp_path / "true", HERE), tmp_path, 512, ("ne-asia",))["ne-asia"])
    plain, ours = (carbon_change(both[name]) for name in NAMES)
    assert abs(plain - true) > 0.15 * abs(true)
    assert ours == pytest.approx(true, rel=0.02)


def area(result: RegionResult, old: str, new: str) -> float:
    moved = pd.read_csv(result.folder / "transitions.csv").query("period == '2001-2024'")
    return float(moved[(moved["from_class"] == old) & (moved["to_class"] == new)]["area_km2"].sum())


def extent(result: RegionResult, year: int) -> pd.Series:
    prais = pd.read_csv(result.folder / "prais.csv")
    own = prais[(prais["table"] == "SO1-1.T4") & (prais["period"] == str(year)) & (prais["units"] == "km2")]
    return own.set_index("row")["value"]


def test_tables_have_the_land_cover_of_their_profile(both: dict[str, RegionResult]) -> None:
    plain, ours = (both[name] for name in NAMES)
    back_and_forth = [
        area(each, "grassland", "other land") + area(each, "other land", "grassland") for each in both_of(both)
    ]
    assert back_and_forth[1] < 0.2 * back_and_forth[0]
    towns = [area(each, "grassland", "artificial") for each in (plain, ours)]
    assert towns[1] == pytest.approx(towns[0], rel=0.1)
    assert abs(extent(plain, 2015) - extent(ours, 2015)).max() > 0.005 * extent(ours, 2015).sum()
    assert extent(plain, 2015).sum() == pytest.approx(extent(ours, 2015).sum())
    degraded = [
        pd.read_csv(each.folder / "areas.csv")
        .query("indicator == 'land_cover' and period == '2001-2024' and `class` == 'degraded'")["area_km2"]
        .item()
        for each in (plain, ours)
    ]
    assert degraded[1] < degraded[0]


def both_of(both: dict[str, RegionResult]) -> list[RegionResult]:
    return [both[name] for name in NAMES]


def test_the_rates_are_recorded(both: dict[str, RegionResult]) -> None:
    plain, ours = (json.loads((each.folder / SUMMARY).read_text())["confusion"] for each in both_of(both))
    assert plain == {}
    assert (ours["filter"], ours["product"]) == ("hidden-markov", "igbp")
    begins = np.array(ours["rates"]["begins"])[0, 1, 5]
    assert begins == pytest.approx(0.012, rel=0.4)
    assert 1 / ours["rates"]["ending"][0] == pytest.approx(3, rel=0.2)


def test_without_land_cover_nothing_is_filtered(pulled: Pulled, tmp_path: Path) -> None:
    cubes = {name: path for name, path in pulled.cubes.items() if name != "land_cover"}
    datasets = {name: each for name, each in pulled.datasets.items() if name != "land_cover"}
    result = run(replace(pulled, cubes=cubes, datasets=datasets), tmp_path, 512, (FILTERED.name,))[FILTERED.name]
    assert json.loads((result.folder / SUMMARY).read_text())["confusion"] == {}
    assert pd.read_csv(result.folder / "transitions.csv").empty
