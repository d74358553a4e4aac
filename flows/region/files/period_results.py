"""Results of each period of an assessment, stored in its summary: what the headline of a period needs."""

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

    `years`: first and last year of the trend.
    """

    name: str
    years: tuple[int, int]
    areas: dict[str, dict[str, float]]
    statistics: dict[str, tuple[float | None, ...]]

    @property
    def headline(self) -> Headline:
        """The headline of this period."""
        return headline(self.areas, self.statistics)

    @classmethod
    def of(cls, stored: dict[str, Any]) -> PeriodResult:
        """A stored period."""
        numbers = {name: tuple(values) for name, values in stored["statistics"].items()}
        return cls(stored["name"], tuple(stored["years"]), stored["areas"], numbers)


def period_results(periods: Sequence[Period], areas: pd.DataFrame, statistics: pd.DataFrame) -> list[PeriodResult]:
    """The input of the headline of each period, from the tables of a result."""
    found = []
    for period in periods:
        own = areas[(areas["period"] == period.name) & areas["indicator"].isin(INDICATORS)]
        numbers = statistics[(statistics["period"] == period.name) & statistics["name"].isin(NAMES)]
        km2 = {
            str(name): {str(row["class"]): float(row["area_km2"]) for row in part.to_dict("records")}
            for name, part in own.groupby("indicator")
        }
        numbers_by_name = {
            str(row["name"]): tuple(
                None if pd.isna(row[part]) else float(row[part]) for part in ("value", "low", "high")
            )
            for row in numbers.to_dict("records")
        }
        found.append(PeriodResult(period.name, period.trajectory, km2, numbers_by_name))
    return found
