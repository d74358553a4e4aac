"""What a result says of a record of several sensors: whose each year is, how sure the join is, and its seams."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from flows.region.population import statistic
from indicators.errors import IndicatorError
from indicators.joined import mean_trend, seam_test, seams_of

if TYPE_CHECKING:
    from series.cubes.stored import CubeFile

TREND_NOTE = (
    "trend of the region's mean by least squares, noise with a memory, with the error of the join of {sensors}; 95 % "
    "interval"
)
SEAM_NOTE = "change of level where {after} follows {before}, beside a straight trend: {verdict}"
SHORT_NOTE = "not tested where {after} follows {before}: {reason}"


def sensors_of(cube: CubeFile) -> dict[int, str]:
    """The sensor of each year of a joined record; empty for one sensor."""
    return {int(year): str(name) for year, name in json.loads(cube.attrs.get("sensors", "{}")).items()}


def join_covariance(cube: CubeFile) -> np.ndarray | None:
    """Covariance (year, year) of the error of a record of two sensors, squared logarithms; None for one sensor."""
    stored = cube.attrs.get("join_covariance")
    return None if stored is None else np.array(json.loads(stored))


def sensor_sentence(cube: CubeFile) -> str:
    """Which sensor the years are from, and the error of the join; empty for one sensor."""
    sensors = sensors_of(cube)
    if not sensors:
        return ""
    parts = []
    for name, group in groupby(sensors.items(), key=lambda pair: pair[1]):
        years = [year for year, _ in group]
        parts.append(f"{name} {years[0]}–{years[-1]}")
    lost = [each for each in json.loads(cube.attrs["join_strata"]) if each["reason"]]
    missing = "".join(
        f"; {100 * each['share']:.0f} % of the land ({each['class']}) is not joined: {each['reason']}" for each in lost
    )
    unit = "" if cube.attrs["units"] == "1" else f" {cube.attrs['units']}"
    return f"Vegetation: {', '.join(parts)}, joined; error of the join {cube.attrs['join_error']:.4f}{unit}{missing}"


def seam_statistics(cube: CubeFile, annual: pd.Series, period: str) -> pd.DataFrame:
    """The trend of a joined record with the error of the join, and the test of each seam; none for one sensor.

    `annual`: the region's mean by year, in the units of the cube.
    """
    sensors, covariance = sensors_of(cube), join_covariance(cube)
    if covariance is None:
        return pd.DataFrame()
    years = list(sensors)
    course = annual.reindex(years).to_numpy(float)
    absolute = covariance * np.outer(course, course)
    mean = float(np.nanmean(course))
    found = mean_trend(course, years, absolute)
    scale = 1000 / mean
    low, high = sorted((scale * found.low, scale * found.high))
    chain = " and ".join(dict.fromkeys(sensors.values()))
    rows: list[dict[str, Any]] = [
        statistic(
            "joined_trend", scale * found.value, low=low, high=high, p=found.p, units="percent decade-1",
            note=TREND_NOTE.format(sensors=chain),
        )
    ]  # fmt: skip
    for seam in seams_of(years, list(sensors.values())):
        before, after = sensors[years[years.index(seam) - 1]], sensors[seam]
        try:
            tested = seam_test(course, years, seam, absolute)
        except IndicatorError as error:
            note = SHORT_NOTE.format(before=before, after=after, reason=error)
            rows.append(statistic(f"seam_{seam}", None, note=note))
            continue
        note = SEAM_NOTE.format(before=before, after=after, verdict=tested.verdict)
        rows.append(statistic(f"seam_{seam}", tested.size, p=tested.p, units=str(cube.attrs["units"]), note=note))
    return pd.DataFrame(rows).assign(period=period)
