"""Results draw themselves with pandas' own plotting: lines by date, breaks as dashed lines, intervals as bands."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

#: Colours that readers with colour-blindness tell apart (Okabe & Ito), observed values in grey.
COLOURS = ("#999999", "#0072B2", "#D55E00", "#009E73")


def lines(table: pd.DataFrame, ax: Any = None, *, title: str = "", unit: str = "") -> Any:
    """Each column of a table by date in one pair of axes; gaps stay open."""
    drawn = table.copy()
    if isinstance(drawn.index, pd.PeriodIndex):
        drawn.index = drawn.index.to_timestamp()
    dates = isinstance(drawn.index, pd.DatetimeIndex)
    ax = drawn.plot(ax=ax, color=list(COLOURS[: drawn.shape[1]]), title=title, x_compat=dates, rot=0)
    for line, width in zip(ax.get_lines(), (1.0, *[1.8] * (drawn.shape[1] - 1)), strict=False):
        line.set_linewidth(width)
    ax.set_xlabel("")
    ax.set_ylabel(unit)
    return ax


def marks(ax: Any, breaks: pd.DataFrame) -> Any:
    """A dashed line at each `date`, and a band from `low` to `high`."""
    for row in breaks.itertuples():
        low, date, high = (_place(each) for each in (row.low, row.date, row.high))
        ax.axvspan(low, high, color=COLOURS[2], alpha=0.15, linewidth=0)
        ax.axvline(date, color=COLOURS[2], linestyle="--", linewidth=1.2)
    return ax


def _place(date: Any) -> Any:
    if isinstance(date, pd.Period):
        return date.to_timestamp()
    return float(date) if isinstance(date, (int, float, np.number)) else pd.Timestamp(date)
