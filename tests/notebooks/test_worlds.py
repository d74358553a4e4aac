"""The worlds beside real series: figures by the same functions, limits from the real ones, and the notebook."""

from __future__ import annotations

import json
import math
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from checkout import ROOT, SHARED
from nbclient import NotebookClient
from real_series import measured
from series_figures import (
    SPREADS,
    composite_noise,
    correlations,
    cover_changes,
    detrended,
    deviation,
    memory,
    rain_share,
    trend,
)  # fmt: skip
from simulated_series import simulated

NEEDED = (
    "lai-asia",
    "portal-ndvi",
    "mod13a1-sites",
    "modis-chile",
    "series",
    "gimms-africa",
    "mongolia-dzud",
    "assaba",
)
PRESENT = all((SHARED / name).is_dir() for name in NEEDED)
ABSENT = f"the real series are not beside this checkout ({SHARED.parent.name}/{SHARED.name})"


@pytest.fixture(scope="module")
def real_world() -> pd.DataFrame:
    """The figures of three seeds, so that one decade of weather does not decide."""
    return pd.concat([simulated("real", seed) for seed in range(3)])


def medians(table: pd.DataFrame) -> pd.Series:
    return table.groupby("figure", sort=False)["value"].median()


@pytest.mark.slow
@pytest.mark.parametrize("figure", SPREADS)
def test_the_world_real_lies_within_the_spread_of_real_series(figure: str, real_world: pd.DataFrame) -> None:
    spread = SPREADS[figure]
    value = medians(real_world)[figure]
    assert spread.low <= value <= spread.high, spread.origin


@pytest.mark.slow
def test_rain_explains_as_much_as_is_wanted(real_world: pd.DataFrame) -> None:
    """0.3 to 0.6 of a pixel, 0.4 to 0.7 of a region; regions differ."""
    assert 0.3 < medians(real_world)["rain share of a pixel"] < 0.6
    assert 0.4 < medians(real_world)["rain share of a region"] < 0.7
    shares = real_world.loc[real_world["figure"] == "rain share of a pixel", "value"]
    assert shares.quantile(0.9) - shares.quantile(0.1) > 0.1


@pytest.mark.slow
def test_the_other_worlds_are_easier_and_harder(real_world: pd.DataFrame) -> None:
    easy, real, hard = medians(simulated("easy")), medians(real_world), medians(simulated("hard"))
    outside = [name for name, each in SPREADS.items() if not each.low <= easy[name] <= each.high]
    assert {"rain share of a pixel", "rain share of a region", "correlation at 100 to 150 km"} <= set(outside)
    assert easy["land cover: excursions of one year"] > 0.9
    assert hard["rain share of a pixel"] < real["rain share of a pixel"] - 0.05
    assert hard["rain share of a region"] < real["rain share of a region"]
    assert hard["noise of a composite"] > 1.2 * real["noise of a composite"]
    assert hard["land cover: changes a year"] > 1.5 * real["land cover: changes a year"]


@pytest.mark.skipif(not PRESENT, reason=ABSENT)
def test_the_spreads_are_those_of_the_real_series() -> None:
    found = measured(SHARED).groupby("figure")["value"].agg(["min", "max"])
    assert set(found.index) == set(SPREADS)
    for figure, spread in SPREADS.items():
        low, high = found.loc[figure]
        if figure.startswith("land cover"):
            # one region: two and four thirds of its figure
            assert spread.low == pytest.approx(low * 2 / 3, rel=0.05)
            assert spread.high == pytest.approx(low * 4 / 3, rel=0.05)
            continue
        assert (spread.low, spread.high) == (math.floor(100 * low) / 100, math.ceil(100 * high) / 100), figure


def test_figures_of_series_that_are_known() -> None:
    draws = np.random.default_rng(3)
    years, places = 24, 4000
    white = draws.normal(0, 0.1, (years, places))
    assert np.median(deviation(white)) == pytest.approx(0.1, rel=0.03)
    # the least-squares trend takes some memory from short series: -1/n and a little
    assert np.mean(memory(white)) == pytest.approx(-0.08, abs=0.03)
    rising = white + np.log(1.12) / 10 * np.arange(years)[:, None]
    assert np.median(trend(rising)) == pytest.approx(12, abs=1)
    np.testing.assert_allclose(detrended(rising), detrended(white), atol=1e-12)
    common = draws.normal(0, 0.1, (years, 1))
    x, y = np.arange(300.0), np.zeros(300)
    mixed = common + draws.normal(0, 0.1, (years, 300))
    assert correlations(mixed, x, y, ((1, 50), (200, 250)))[0] == pytest.approx(0.5, abs=0.15)


def test_the_rain_that_was_summed_is_found() -> None:
    draws = np.random.default_rng(4)
    months = draws.gamma(2, 10, (26 * 12, 200))
    last = [12 * year + 8 for year in range(2, 26)]
    sums = np.stack([months[end - 3 : end + 1].sum(0) for end in last])
    exact = rain_share(sums, months, last)
    np.testing.assert_allclose(exact, 1, atol=1e-9)
    half = sums + draws.normal(0, 1, sums.shape) * sums.std(0)
    assert np.median(rain_share(half, months, last)) == pytest.approx(0.52, abs=0.06)
    # of noise, the best of 48 sums explains some: what is found by chance
    assert np.median(rain_share(draws.normal(size=sums.shape), months, last)) < 0.25


def test_noise_and_restless_maps_of_known_making() -> None:
    draws = np.random.default_rng(5)
    season = 0.4 + 0.1 * np.sin(np.arange(230) / 23 * 2 * np.pi)[:, None]
    noisy = season * (1 + draws.normal(0, 0.05, (230, 500)))
    inside = np.ones(230, bool)
    assert np.median(composite_noise(noisy, inside)) == pytest.approx(0.05, abs=0.005)
    classes = np.full((14, 100), 10)
    classes[5, :10] = 7  # a year
    classes[3:9, 10:20] = 16  # six years
    classes[8:, 20:25] = 12  # for good
    found = cover_changes(classes)
    assert found["changes a year"] == pytest.approx((20 + 20 + 5) / (13 * 100))
    assert found["ever changed"] == 0.25
    assert found["excursions of one year"] == found["excursions of more than three years"] == 0.5


def shown(monkeypatch: pytest.MonkeyPatch, data: Path) -> list[nbformat.NotebookNode]:
    monkeypatch.setenv("DRYLANDS_FIELD_DATA", str(data))
    notebook = nbformat.read(ROOT / "notebooks" / "worlds.ipynb", as_version=4)
    place = {"metadata": {"path": str(ROOT / "notebooks")}}
    NotebookClient(notebook, timeout=500, kernel_name="python3", resources=place).execute()
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    "data", [pytest.param(SHARED, marks=pytest.mark.skipif(not PRESENT, reason=ABSENT), id="real"), "absent"]
)
def test_the_notebook_runs_with_and_without_the_real_series(
    data: Path | str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outputs = shown(monkeypatch, Path(data) if data == SHARED else tmp_path / "absent")
    text = json.dumps(outputs)
    assert ("only the simulated landscape is shown" in text) == (data == "absent")
    assert len([each for each in outputs if "image/png" in each.get("data", {})]) == 3
    table = next(each["data"]["text/html"] for each in outputs if "rain share of a pixel" in str(each.get("data")))
    assert table.count("<tr") == len(SPREADS) + 2
