"""A region scored without a server has the classes of the same region pulled through the Earth Engine client."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio

from flows.pull.latest import settled
from flows.pull.region import pull_region
from flows.pull.sources import Landscape, opened
from flows.region.landscape.cubes import Place
from flows.region.landscape.published import PublishedLayers, published
from flows.region.results import compute_profiles
from flows.request.assess import ALL_PROFILES, AssessRequest
from offline.landscape import WorldName
from regions.catalogue import load

REGION, SEED, YEARS = "tottori", 3, (2001, 2024)
WORLD: WorldName = "real"
#: Native cells of the vegetation index: those of the engine are then the landscape itself, not averages of it.
NATIVE = 1 / 480
CLASSES = ("sdg", "productivity", "land_cover", "soil_organic_carbon", "status", "lpd", "trajectory", "state",
           "performance")  # fmt: skip


@pytest.mark.slow
def test_the_classes_are_those_of_a_pulled_region(tmp_path: Path) -> None:
    region = load()[REGION]
    request = AssessRequest(
        regions=(REGION,), years=YEARS, profiles=ALL_PROFILES, resolution="native", data=tmp_path, world=WORLD,
        seed=SEED, permutations=19,
    )  # fmt: skip
    with opened("simulated", None, {}, landscape=Landscape(WORLD, SEED)) as source:
        request = settled(request, source).request
        results = compute_profiles(region, pull_region(region, request, source), request, source.origin)
    with published(Place(region, SEED, WORLD, YEARS, NATIVE, tmp_path), ALL_PROFILES) as found:
        for result in results:
            if result.profile in ALL_PROFILES:
                alike(result.folder, found, result.profile)


def alike(folder: Path, found: PublishedLayers, profile: str) -> None:
    """The classes of every period are the same in every cell; probabilities and the breaks of pixels as well."""
    layers, inside = found.layers[profile], found.km2 > 0
    assert inside.sum() > 1000
    compared = 0
    for number, period in enumerate(found.work.job.periods):
        for name in CLASSES:
            path = folder / f"{period.name}-{name}.tif"
            if path.exists():
                assert np.array_equal(read(path)[inside], layers[name].values[number][inside]), (profile, path.name)
                compared += len(np.unique(read(path)[inside])) > 1
        for name in ("loss_probability", "gain_probability"):
            if name in layers:
                pulled = read(folder / f"{period.name}-{name}.tif")[inside]
                assert np.allclose(pulled, layers[name].values[number][inside], atol=2e-3, equal_nan=True)
    assert compared > 8  # layers with more than one class
    first = found.work.job.periods[0].name
    year = "step_year" if "step_year" in layers else "break_year"
    assert np.array_equal(read(folder / f"{first}-{year}.tif")[inside], found.breaks[profile][inside])


def read(path: Path) -> np.ndarray:
    """The only band of a raster."""
    with rasterio.open(path) as file:
        return np.asarray(file.read(1))
