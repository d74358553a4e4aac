"""Drought or damage, how sure, and whether it lasted: case by case."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from indicators.errors import IndicatorError
from indicators.weather.alarms import judge

NAN = float("nan")


@pytest.mark.parametrize(
    ("magnitude", "strength", "images", "rain", "soil", "expected"),
    [
        (-0.1, -2.5, 4, 0.3, NAN, ("no drought", "high", "open")),
        (-0.1, -2.5, 4, 0.3, -1.0, ("drought", "medium", "open")),
        (-0.1, -1.5, 4, -1.2, -1.4, ("drought", "low", "open")),
        (-0.1, -1.5, 6, NAN, NAN, ("unknown", "medium", "confirmed")),
        (-0.1, -2.5, 2, 0.3, 0.1, ("no drought", "low", "open")),
        (-0.1, -0.9, 6, 0.3, 0.1, ("no drought", "low", "withdrawn")),
        (-0.1, 1.9, 9, 0.3, 0.1, ("no drought", "low", "withdrawn")),
        (0.1, 2.0, 6, -1.5, 0.1, ("drought", "high", "confirmed")),
    ],
)
def test_cases(
    magnitude: float, strength: float, images: int, rain: float, soil: float, expected: tuple[str, str, str]
) -> None:
    row = {"magnitude": magnitude, "strength": strength, "images": images, "rain_z": rain, "soil_moisture_z": soil}
    found = judge(pd.DataFrame([row])).iloc[0]
    assert (found["context"], found["confidence"], found["fate"]) == expected


def test_a_mirror_changes_all_but_the_part_of_drought() -> None:
    """A gain is judged like a loss of the same size; drought explains losses only."""
    rng = np.random.default_rng(3)
    loss = pd.DataFrame(
        {
            "magnitude": -rng.random(50),
            "strength": -3 * rng.random(50),
            "images": rng.integers(1, 10, 50),
            "rain_z": rng.normal(size=50),
            "soil_moisture_z": rng.normal(size=50),
        }
    )
    gain = loss.assign(magnitude=-loss["magnitude"], strength=-loss["strength"])
    assert (judge(loss)["fate"] == judge(gain)["fate"]).all()
    wet = loss[["rain_z", "soil_moisture_z"]].min(axis=1) > -1
    assert (judge(loss)["confidence"] == judge(gain)["confidence"])[wet].all()
    assert judge(loss.iloc[:0]).empty


def test_a_missing_column_is_named() -> None:
    with pytest.raises(IndicatorError, match="no column images, rain_z, soil_moisture_z"):
        judge(pd.DataFrame({"magnitude": [1.0], "strength": [1.0]}))
