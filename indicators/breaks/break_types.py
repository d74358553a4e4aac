"""Types of change of a series with one break or none: by slopes and step, and the dryland typology."""

from __future__ import annotations

import numpy as np
import pandas as pd

from indicators.breaks.one_break import OneBreak

TYPES = (
    "monotonic increase",
    "monotonic decrease",
    "monotonic increase with positive break",
    "monotonic decrease with negative break",
    "interruption: increase with negative break",
    "interruption: decrease with positive break",
    "reversal: increase to decrease",
    "reversal: decrease to increase",
)
DRYLAND_TYPES = (
    "no change",
    "monotonic increase",
    "monotonic decrease",
    "non-monotonic increase",
    "non-monotonic decrease",
    "reversal: increase to decrease",
    "reversal: decrease to increase",
)
SUBTYPES = ("slowing down", "accelerating", "transition", "complete")
SIGNIFICANCE = ("all parts", "first part only", "second part only", "no part")


def classify(found: OneBreak, level: float = 0.05, percent_stable: float | None = None) -> pd.Series:
    """Type of change, 1 to 8 as in `TYPES` (0 where slopes or step are exactly zero).

    `significance`: which parts have a significant slope, index in `SIGNIFICANCE`; `stability`: the same for parts
    that change by more than `percent_stable` a year (NaN without it); `p_1`, `p_2`, `percent_1`, `percent_2` by part.
    """
    parts = found.segments
    up = parts["slope"].to_numpy() > 0
    down = parts["slope"].to_numpy() < 0
    step = found.magnitude
    rules = (
        [(1, up[0]), (2, down[0])]
        if found.breaks == 0
        else [
            (3, up.all() and step > 0),
            (4, down.all() and step < 0),
            (5, up.all() and step < 0),
            (6, down.all() and step > 0),
            (7, up[0] and down[1]),
            (8, down[0] and up[1]),
        ]
    )
    kind = next((number for number, applies in rules if applies), 0)
    stable = np.nan if percent_stable is None else _which(parts["percent"].abs() > percent_stable)
    return pd.Series(
        {
            "type": kind,
            "meaning": TYPES[kind - 1] if kind else "none",
            "significance": _which(parts["p"] <= level),
            "stability": stable,
            **{f"p_{i + 1}": p for i, p in enumerate(parts["p"])},
            **{f"percent_{i + 1}": p for i, p in enumerate(parts["percent"])},
        }
    )


def classify_dryland(found: OneBreak, level: float = 0.05) -> pd.Series:
    """The dryland typology: `type` 0 … 6 as in `DRYLAND_TYPES`, `subtype` 1 … 4 as in `SUBTYPES` (0: none)."""
    parts = found.segments
    significant = (parts["p"] <= level).to_numpy()
    slopes = parts["slope"].to_numpy()
    kind = subtype = 0
    if significant.any():
        if found.breaks == 0:
            kind = 1 if slopes[0] > 0 else 2
        elif slopes[0] * slopes[1] > 0:
            kind = 3 if slopes[0] > 0 else 4
            subtype = 1 if abs(slopes[0]) > abs(slopes[1]) else 2
        else:
            kind = 5 if slopes[0] > 0 else 6
            subtype = 4 if significant.all() else 3
    return pd.Series(
        {
            "type": kind,
            "subtype": subtype,
            "meaning": DRYLAND_TYPES[kind],
            "submeaning": SUBTYPES[subtype - 1] if subtype else "none",
            "significance": _which(parts["p"] <= level),
        }
    )


def _which(true: pd.Series) -> int:
    """0 all parts, 1 the first only, 2 the second only, 3 none."""
    if true.all():
        return 0
    if not true.any():
        return 3
    return 1 if true.iloc[0] else 2
