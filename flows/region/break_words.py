"""How the breaks of a region are described: the series that was searched, the method, and what the year means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.errors import FlowError
from flows.request.suggest import command
from practices.results.names import quantity_names

if TYPE_CHECKING:
    from flows.region.result import RegionResult
    from series.datasets import Dataset

#: Shortest segment of the yearly series, as a share of its years.
H = 0.2
#: Method of the breaks of yearly series, as tables and exports give it.
BREAK_METHOD = f"Bai-Perron, BIC, h {H}"
#: Fewest years of a series that is searched: each of two segments has two years.
FEWEST = 10
#: Effect of rain that was removed before the search, by what was removed.
REMOVED = {
    "best-sum": "effect of rain removed (best sum of months)",
    "best-sum, temperature": "effect of rain (best sum of months) and of temperature, where it counts, removed",
    "season": "effect of the season's rain removed",
    "none": "effect of rain not removed (no rain in the record)",
    "observed": "as observed, effect of rain not removed",
}
ANNUAL = {"season_mean": "growing-season mean", "calendar_mean": "calendar-year mean"}


def annual_series(dataset: Dataset | None, kind: str) -> str:
    """The yearly series of a region in words: `growing-season mean of NDVI`."""
    if dataset is None:
        return "yearly mean of productivity"
    made = "yearly value" if dataset.cadence == "yearly" else ANNUAL[kind]
    return f"{made} of {quantity_names(dataset.quantity, dataset.units)[0]}"


def described(series: str) -> str:
    """What the break years of a region are, for a summary and a terminal."""
    return f"first year after a break in the {series}; {BREAK_METHOD}; 95 % interval in brackets"


def too_short(years: int) -> str:
    """The sentence for a series that is too short to be searched."""
    return f"no break was searched: {years} years, at least {FEWEST} are needed"


def check_years(result: RegionResult) -> None:
    """Raises FlowError for a result of before 0.4, whose break years are the last before the break."""
    if not result.breaks_are:
        raise FlowError(
            f"region {result.region}, {result.profile}: the break years in {result.folder} are the last before the "
            f"break, as versions before 0.4 had them; compute them again: "
            f"{command('assess', result.region, '--profiles', result.profile, data=result.folder.parents[2])}"
        )
