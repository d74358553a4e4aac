"""Productivity and SDG 15.3.1 of many maps over the same pixels: what certainty counts, and nothing else.

The classes are those of `indicators.sdg15.findings`, which makes all layers of one map. Land cover, soil carbon and
performance are the same in every map, so that they are looked up once for all of them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from indicators.chance.resampling import discovered
from indicators.codes import BELOW_DETECTABILITY, NODATA, WATER
from indicators.errors import IndicatorError
from indicators.profiles import Profile
from indicators.sdg15.findings import Whole, performance_of
from indicators.sdg15.lpd import lpd, lpd3
from indicators.sdg15.measures import WATER_CLASS, of_cover
from indicators.sdg15.one_out_all_out import combined
from indicators.sdg15.performance import Best

#: What moves with the order of the years, as `indicators.sdg15.measures` names it; `lpd` only where the profile has it.
MOVING = ("direction", "p", "state", "faint", "lpd")

Layers = Mapping[str, NDArray[np.generic]]


def moving_layers(measured: xr.Dataset) -> dict[str, NDArray[np.generic]]:
    """The layers (map, pixel) of measures (y, x) that move with the order of the years."""
    return {name: measured[name].transpose("y", "x").values for name in MOVING if name in measured}


def land_performance(land: xr.Dataset, best: Mapping[str, Best], profile: Profile) -> NDArray[np.int8]:
    """Performance (1, pixel), the same in every map; `best`: the best of each unit by kind of annual value."""
    whole = Whole(best={(kind, 0): each for kind, each in best.items()})
    return np.asarray(performance_of(land, whole, 0, profile)[1].values)


def judged_maps(
    moved: Layers, land: xr.Dataset, performance: NDArray[np.int8], profile: Profile
) -> dict[str, NDArray[np.int8]]:
    """Classes (map, pixel) of `productivity` and `sdg`, the false discovery rate held over each map.

    `moved`: layers (map, pixel) of `moving_layers`; `land`: what does not move, one row of pixels; `performance`: of
    the same pixels. Raises IndicatorError for a profile that judges by a probability of change: the order of the years
    is what it judges by, and its interval comes from the probabilities (`indicators.change.shares`).
    """
    if profile.productivity != "metrics":
        raise IndicatorError(
            f"profile {profile.name!r} judges productivity by a probability of change, not by metrics; its interval "
            "is that of indicators.change.changed_share"
        )
    direction = discovered(moved["direction"], moved["p"], profile)
    classes = moved["lpd"] if "lpd" in moved else lpd(direction, moved["state"], performance, profile.table)
    productivity = classes if profile.table.startswith("sepal") else lpd3(classes)
    transition = land[f"transition_{profile.name}_{profile.windows[0]}"].values
    sdg, _ = combined(productivity, transition, land[of_cover("carbon", profile)].values)
    faint = moved["faint"].astype(bool) & (productivity == NODATA)
    water = land[of_cover(f"first_{profile.windows[0]}", profile)].values == WATER_CLASS
    layers = {"productivity": np.where(faint, BELOW_DETECTABILITY, productivity), "sdg": sdg}
    return {name: np.where(water, WATER, layer).astype(np.int8) for name, layer in layers.items()}
