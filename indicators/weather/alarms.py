"""Alarms of the monitor in a region and in its pixels, with rain and soil moisture, and the confidence in them.

A monitor signals when images differ from the prediction of the history. That alone does not distinguish a dry spell
from damage, nor a temporary deviation from a lasting one. `strength` is the mean deviation since the alarm, in standard
deviations of the history.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from scipy.ndimage import label

from indicators.breaks import monitor
from indicators.errors import IndicatorError
from indicators.weather.drought import spi, ssmi
from indicators.weather.drought_words import ONSET

#: SPI or soil moisture at or below this is drought.
DROUGHT = ONSET
#: Months before an alarm whose rain and soil moisture are reported.
MONTHS_BEFORE = 3
#: Images after an alarm that decide whether it lasted: three months of 16-day composites.
DECIDING = 6
#: A deviation that lasts is at least this many standard deviations on average.
LASTING = 1.0
#: Strength from which confidence is high, and from which it is medium.
HIGH, MEDIUM = 2.0, 1.25
LEVELS = ("low", "medium", "high")
#: Patches of pixels are alarms of their own if they have this number of cells and this share of the region.
FEWEST_CELLS, LEAST_SHARE = 4, 0.001
#: Most patches that are listed; the map shows all.
MOST_PATCHES = 12
#: From the first day of a composite, or of a month, to its middle.
HALF_AN_IMAGE, HALF_A_MONTH = pd.Timedelta(days=8), pd.Timedelta(days=15)
#: The place of an alarm of a region's mean.
WHOLE = "whole"
#: Share of a region's area that must be seen for an image to count in its mean.
LEAST_SEEN = 0.5
MEASURED = ["scope", "place", "date", "seen", "magnitude", "strength", "images", "area_km2"]
NEEDED = ("magnitude", "strength", "images", "rain_z", "soil_moisture_z")


def region_mean(cube: xr.DataArray, area_km2: xr.DataArray) -> pd.Series:
    """Area-weighted mean of a cube (time, y, x) by time; NaN where less than half of the area is seen."""
    seen = (cube.notnull() * area_km2).sum(("y", "x"))
    mean = cube.weighted(area_km2.fillna(0)).mean(("y", "x"))
    return mean.where(seen >= LEAST_SEEN * float(area_km2.sum())).to_series()


@dataclass(frozen=True)
class Watch:
    """How images are watched from `start` on.

    `soil_moisture` (monthly, by first of the month) is a regressor, so that a dry spell is not an alarm, and errors may
    be autocorrelated for a year: few false alarms, some images late. `early` leaves both out, as bfastmonitor does:
    alarms come early, and about half of them are weather.
    """

    start: Any
    soil_moisture: pd.Series | None = None
    early: bool = False

    @property
    def method(self) -> str:
        """Text of the settings, which keeps alarms of different settings separate."""
        settings = "order 3, h 0.25, level 0.05"
        if self.early:
            return f"bfastmonitor, {settings}, history roc"
        moisture = ", soil moisture" if self.soil_moisture is not None else ""
        return f"bfastmonitor, {settings}, history all, correlated errors{moisture}"

    def over(self, values: Any, times: Any, *, stable: bool = False) -> Any:
        """`indicators.breaks.monitor` of a series or a cube at `times`; `stable` takes the history whole."""
        if self.early:
            return monitor(values, self.start, history="all" if stable else "roc")
        return monitor(values, self.start, history="all", correlated=True, X=self._moisture(times))

    def _moisture(self, times: Any) -> np.ndarray | None:
        """Soil moisture at the middle of each image, from the months around it; before and after them the nearest."""
        if self.soil_moisture is None or self.soil_moisture.dropna().empty:
            return None
        known = self.soil_moisture.dropna()
        months, images = (
            (pd.DatetimeIndex(dates) + middle).as_unit("ns").asi8
            for dates, middle in ((known.index, HALF_A_MONTH), (times, HALF_AN_IMAGE))
        )
        return np.interp(images, months, known.to_numpy(float))


def regional(mean: pd.Series, watch: Watch, area_km2: float) -> pd.DataFrame:
    """The alarm of the mean of a region: one row or none, columns as `MEASURED`.

    None, too, where the region was not seen since the start, as under snow. Raises IndicatorError if the history is too
    short.
    """
    if not mean[mean.index >= pd.Timestamp(watch.start)].notna().any():
        return pd.DataFrame([], columns=MEASURED)
    monitoring = watch.over(mean, mean.index)
    rows = [] if monitoring.break_time is None else [_row("region", WHOLE, monitoring, monitoring.break_time, area_km2)]
    return pd.DataFrame(rows, columns=MEASURED)


def local(cube: xr.DataArray, area_km2: xr.DataArray, watch: Watch) -> tuple[pd.DataFrame, xr.DataArray]:
    """Alarms of the pixels of a cube: a row for each of the largest patches, and the map of dates.

    `cube` (time, y, x), `area_km2` (y, x) inside the region. A patch is a set of neighbours with alarms in the same
    direction; its strength is that of its mean, its place the cell with the first alarm, which later images do not
    change. Map: datetime64, NaT without alarm.
    """
    monitoring = watch.over(cube.where(area_km2 > 0), cube["time"].values)
    alarm = monitoring["break_time"]
    patches = sorted(_patches(monitoring, area_km2), key=lambda patch: -float(patch.sum()))
    rows = [_patch_row(cube, patch, alarm, watch) for patch in patches[:MOST_PATCHES]]
    return pd.DataFrame(rows, columns=MEASURED), alarm


def _patches(monitoring: xr.Dataset, area_km2: xr.DataArray) -> Iterator[xr.DataArray]:
    """The area (y, x) of each patch that is large enough, 0 outside it."""
    least = LEAST_SHARE * float(area_km2.sum())
    for direction in (-1, 1):
        member = monitoring["break_time"].notnull() & (np.sign(monitoring["magnitude"]) == direction)
        numbers, count = label(member.transpose(*area_km2.dims).values)
        for number in range(1, count + 1):
            inside = numbers == number
            patch = area_km2.where(xr.DataArray(inside, dims=area_km2.dims), 0.0)
            if inside.sum() >= FEWEST_CELLS and float(patch.sum()) >= least:
                yield patch


def _patch_row(cube: xr.DataArray, patch: xr.DataArray, alarm: xr.DataArray, watch: Watch) -> dict[str, Any]:
    # the mean of these pixels, compared with its own history
    mean = region_mean(cube, patch)
    together = watch.over(mean, mean.index, stable=True)
    dates = alarm.where(patch > 0).transpose("y", "x")
    y, x = np.unravel_index(np.nanargmin(np.where(dates.isnull(), np.nan, dates.values.astype(float))), dates.shape)
    place = f"{float(dates['y'][y]):.3f} {float(dates['x'][x]):.3f}"
    return _row("pixels", place, together, dates.values[y, x], float(patch.sum()))


def _row(scope: str, place: str, monitoring: Any, date: Any, area_km2: float) -> dict[str, Any]:
    errors = monitoring.table["observed"] - monitoring.table["predicted"]
    usual = float(errors[monitoring.table["process"].isna()].std())
    since = errors.loc[date:].dropna()
    return {
        "scope": scope,
        "place": place,
        "date": pd.Timestamp(date),
        "seen": monitoring.table["observed"].last_valid_index(),
        "magnitude": float(since.median()),
        "strength": float(since.mean() / usual),
        "images": len(since),
        "area_km2": area_km2,
    }


def with_context(alarms: pd.DataFrame, rain: pd.Series, soil_moisture: pd.Series) -> pd.DataFrame:
    """The alarms with `rain_z` (SPI) and `soil_moisture_z` of the three months before each.

    `rain` (sums) and `soil_moisture` (means) are monthly series by the first of the month; NaN where they do not reach
    or are empty.
    """
    known = {
        "rain_z": spi(_complete(rain), MONTHS_BEFORE, None).to_series() if len(rain) else rain,
        "soil_moisture_z": ssmi(_complete(soil_moisture), MONTHS_BEFORE, None).to_series()
        if len(soil_moisture)
        else soil_moisture,
    }
    before = [(pd.Timestamp(date).to_period("M") - 1).to_timestamp() for date in alarms["date"]]
    return alarms.assign(**{name: series.reindex(before).to_numpy(float) for name, series in known.items()})


def _complete(monthly: pd.Series) -> pd.Series:
    """Every month from the first to the last, the missing ones as NaN."""
    return monthly.asfreq("MS").rename_axis("time")


def judge(alarms: pd.DataFrame) -> pd.DataFrame:
    """The alarms with `context`, `confidence` and `fate`.

    Needs magnitude, strength, images (number since the alarm, the first included), rain_z and soil_moisture_z (of the
    months before it; NaN where unknown). `context`: drought where one of them is −1 or less; unknown where both are
    unknown; else no drought. `confidence` that the land has changed: by strength, one level lower for a loss in
    drought, low before the third image. `fate`: open before the sixth image, then confirmed where the deviation lasts
    (one standard deviation or more, in the direction of the alarm), else withdrawn. Raises IndicatorError for a missing
    column.
    """
    missing = [name for name in NEEDED if name not in alarms]
    if missing:
        raise IndicatorError(f"alarms have no column {', '.join(missing)}; give {', '.join(NEEDED)}")
    driest = alarms[["rain_z", "soil_moisture_z"]].astype(float).min(axis=1)
    context = np.where(driest.isna(), "unknown", np.where(driest <= DROUGHT, "drought", "no drought"))
    change, strength = (alarms[name].to_numpy(float) for name in ("magnitude", "strength"))
    signed = strength * np.sign(change)
    level = (signed >= MEDIUM).astype(int) + (signed >= HIGH) - ((context == "drought") & (change < 0))
    level = np.where(alarms["images"] >= DECIDING // 2, level, 0).clip(0, 2)
    decided = np.where(signed >= LASTING, "confirmed", "withdrawn")
    return alarms.assign(
        context=context,
        confidence=[LEVELS[each] for each in level],
        fate=np.where(alarms["images"] >= DECIDING, decided, "open"),
    )
