"""What is true of a region in each period, and scores that another process computes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flows.region.landscape.cubes import Place
from flows.region.landscape.truths import facts, known_of, true_periods
from flows.scores.many import score_landscapes
from indicators.profiles import get
from indicators.sdg15.one_out_all_out import status
from indicators.sdg15.periods import available
from offline.landscape import truth
from regions.catalogue import load
from regions.grid import geobox

CELL = 0.1


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Otindag in one landscape."""
    return Place(load()["otindag"], 1, "real", (2001, 2024), CELL, tmp_path)


def test_the_truth_of_a_period_is_that_of_its_own_windows(place: Place) -> None:
    grid = geobox(place.region, CELL)
    periods = available(range(2001, 2025))

    def layer(name: str, first: int, last: int) -> np.ndarray:
        return np.asarray(truth(grid, (first, last), seed=1, world="real")[name].values)

    _, base, _, report = true_periods(known_of(place, CELL), periods, get("ne-asia-2"))
    assert np.array_equal(report.classes["productivity"], layer("productivity", 2008, 2023))
    assert np.array_equal(report.classes["land_cover"], layer("land_cover", 2016, 2022))
    assert np.array_equal(report.classes["soil_organic_carbon"], layer("soil_carbon", 2015, 2022))
    assert np.array_equal(report.change, layer("change", 2008, 2023))
    lost = np.any([report.classes[n] < 0 for n in ("productivity", "land_cover", "soil_organic_carbon")], axis=0)
    assert 0 < lost.sum() < lost.size
    assert np.array_equal(report.classes["sdg"] == -1, lost)
    assert np.array_equal(report.classes["status"], status(base.classes["sdg"], report.classes["sdg"]))
    assert "status" not in base.classes
    other = true_periods(known_of(place, CELL), periods, get("trends-earth"))[3]
    assert np.array_equal(other.classes["land_cover"], layer("land_cover", 2015, 2022))


def test_facts_are_shares_of_the_land(place: Place) -> None:
    whole = known_of(place, CELL)((2001, 2024))
    km2 = np.where(whole["land"].values, 2.0, 0.0)
    found = facts(whole, km2)
    land = whole["land"].values
    assert found["land_km2"] == 2 * land.sum()
    assert found["lost"] == pytest.approx((whole["productivity"].values[land] < 0).mean())
    assert not found["calm"]
    nothing = whole.assign({name: whole[name] * 0 for name in ("productivity", "land_cover", "common")})
    assert facts(nothing, km2)["calm"]
    assert not facts(nothing, km2)["common_loss"]
    assert facts(whole.assign(common=whole["common"] * 0 - 0.03), km2)["common_loss"]


@pytest.mark.slow
def test_what_fails_in_another_process_is_raised_here(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    no_world: Any = "nowhere"
    places = [replace(place, seed=seed, world=no_world) for seed in (1, 2)]
    with pytest.raises(ValueError, match=r"world 'nowhere' is unknown|Input should be 'easy'"):
        score_landscapes(places, ["ne-asia"])
    assert list(place.folder.iterdir()) == []  # nothing is left of the work
