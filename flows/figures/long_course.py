"""The yearly means of a region since 1982, as a panel of its figure: lighter where they are from another sensor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

#: The table of a result, and what the panel says of its lines.
TABLE = "long_record.csv"
COLUMNS = ["year", "value", "sensor", "join_error"]
DARK, LIGHT = "#2f7d3b", "#9cc7a2"


def long_course(folder: Path) -> pd.DataFrame:
    """The yearly means of a result by year, with sensor and standard error of the join; empty where it has none."""
    path = folder / TABLE
    return pd.read_csv(path) if path.is_file() else pd.DataFrame(columns=COLUMNS)


def draw_long_course(axes: Any, course: pd.DataFrame) -> None:
    """Draw the yearly means: the years that were converted lighter, with the 95 % interval of the join."""
    converted = course["join_error"] > 0
    early = course[converted]
    # the light line reaches to the first dark point, so that the seam is seen
    seam = course[course["year"] <= course.loc[~converted, "year"].min()]
    margin = 1.96 * early["join_error"]
    axes.fill_between(early["year"], early["value"] - margin, early["value"] + margin, color=LIGHT, alpha=0.35, lw=0)
    axes.plot(seam["year"], seam["value"], color=LIGHT, lw=1.4, label=f"{named(early)}, joined; band: 95 % of the join")
    late = course[~converted]
    axes.plot(late["year"], late["value"], color=DARK, lw=1.6, marker=".", ms=4, label=named(late))
    axes.set_ylabel("yearly mean")
    axes.legend(frameon=False, ncols=2, fontsize=8, loc="best")


def named(course: pd.DataFrame) -> str:
    """The sensors of some years."""
    return ", ".join(dict.fromkeys(course["sensor"]))
