"""What an alarm of the monitor is worth: drought or damage, how sure, and whether it lasted.

A monitor signals when an image lies outside what the history lets one expect; that alone tells neither a dry spell
from damage, nor a passing deviation from a lasting one. `strength` is the mean deviation since the alarm, in standard
deviations of the history.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from indicators.errors import IndicatorError

#: SPI or soil moisture below this is drought (PRAIS 4 SO3, moderate and worse begin here).
DROUGHT = -1.0
#: Images after an alarm that decide whether it lasted: three months of 16-day composites.
DECIDING = 6
#: A deviation that lasts is at least this many standard deviations on average.
LASTING = 1.0
#: Strength from which confidence is high, and from which it is medium.
HIGH, MEDIUM = 2.0, 1.25
LEVELS = ("low", "medium", "high")
NEEDED = ("magnitude", "strength", "images", "rain_z", "soil_moisture_z")


def judge(alarms: pd.DataFrame) -> pd.DataFrame:
    """The alarms with `context`, `confidence` and `fate`.

    Needs magnitude, strength, images (number since the alarm, the first included), rain_z and soil_moisture_z (of the
    months before it; NaN where unknown). `context`: drought where either is -1 or less, no drought where both are
    known or one is and it is not, else unknown. `confidence` that the land has changed: by strength, one level lower
    for a loss in drought, low before the third image. `fate`: open until six images came, then confirmed where the
    deviation lasts (one standard deviation or more, in the direction of the alarm), else withdrawn. Raises
    IndicatorError for a missing column.
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
