"""What was found in each period of an assessment, kept in its summary: enough for the headline of every period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from practices.report.headline import NAMES, Headline, headline
from practices.report.headline_tables import INDICATORS

if TYPE_CHECKING:
    from indicators.sdg15.periods import Period


@dataclass(frozen=True)
class PeriodResult:
    """Areas (km²) of one period by indicator and class; statistics as value, low and high by name.

    `years`: first and last year that the trend goes over.
    """

    name: str
    years: tuple[int, int]
    areas: dict[str, dict[str, float]]
    statistics: dict[str, tuple[float | None, ...]]

    @property
    def headline(self) -> Headline:
        """What leads in this period."""
        return headline(self.areas, self.statistics)

    @classmethod
    def of(cls, stored: dict[str, Any]) -> PeriodResult:
        """A period as it was kept."""
        numbers = {name: tuple(values) for name, values in stored["statistics"].items()}
        return cls(stored["name"], tuple(stored["years"]), stored["areas"], numbers)


def period_results(periods: Sequence[Period], areas: pd.DataFrame, statistics: pd.DataFrame) -> list[PeriodResult]:
    """What the headline of each period is made of, from the tables of a result."""
    found = []
    for period in periods:
        own = areas[(areas["period"] == period.name) & areas["indicator"].isin(INDICATORS)]
        numbers = statistics[(statistics["period"] == period.name) & statistics["name"].isin(NAMES)]
        km2 = {
            str(name): {str(row["class"]): float(row["area_km2"]) for row in part.to_dict("records")}
            for name, part in own.groupby("indicator")
        }
        told = {
            str(row["name"]): tuple(
                None if pd.isna(row[each]) else float(row[each]) for each in ("value", "low", "high")
            )
            for row in numbers.to_dict("records")
        }
        found.append(PeriodResult(period.name, period.trajectory, km2, told))
    return found
