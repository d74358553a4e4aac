"""Accuracy of break dates against planted breaks, for patches and single cells, and false alarms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import xarray as xr
from scipy.ndimage import label

from indicators.weather.break_context import yearly_breaks

#: Smaller patches with a break are not scored.
FEWEST_CELLS = 12
#: Approximate number of cells without planted change that are tested for false alarms.
QUIET_CELLS = 200


@dataclass(frozen=True)
class Dating:
    """Years from the planted to the found break, for each that was found, and the number of planted breaks."""

    errors: tuple[int, ...]
    tried: int

    def __add__(self, other: Dating) -> Dating:
        return Dating(self.errors + other.errors, self.tried + other.tried)

    @property
    def median(self) -> float:
        """Median size of the error in years; NaN where none was found."""
        return float(np.median(np.abs(self.errors))) if self.errors else float("nan")


@dataclass(frozen=True)
class BreakScore:
    """Dating of breaks in one kind of annual value: patches, cells, and alarms where nothing was planted."""

    patches: Dating
    cells: Dating
    false_alarms: int
    quiet: int


def break_score(series: np.ndarray, years: np.ndarray, planted: np.ndarray, quiet: np.ndarray) -> BreakScore:
    """The score of annual series (year, y, x).

    `planted` (y, x): first growing season after a planted break, 0 without; `quiet` (y, x): nothing was planted.
    """
    cells = np.flatnonzero(quiet)
    cells = cells[:: max(1, len(cells) // QUIET_CELLS)]
    alarms = [largest_break(series.reshape(len(series), -1)[:, cell], years) for cell in cells]
    patches, single = dating(series, years, planted)
    return BreakScore(patches, single, sum(alarm is not None for alarm in alarms), len(cells))


def dating(series: np.ndarray, years: np.ndarray, planted: np.ndarray) -> tuple[Dating, Dating]:
    """Dating in the mean series of the planted patches, and in the middle cell of each.

    `series` (year, y, x); `planted` (y, x) is the first growing season after a break, 0 without.
    """
    whole: list[int] = []
    single: list[int] = []
    tried = 0
    for year, rows, columns in patches_of(planted):
        tried += 1
        middle = np.argmin((rows - rows.mean()) ** 2 + (columns - columns.mean()) ** 2)
        cells = series[:, rows, columns]
        for errors, values in ((whole, np.nanmean(cells, axis=1)), (single, cells[:, middle])):
            found = largest_break(values, years)
            if found is not None:
                errors.append(found - year)
    return Dating(tuple(whole), tried), Dating(tuple(single), tried)


def largest_break(values: np.ndarray, years: np.ndarray) -> int | None:
    """First year after the largest break of a series, or None."""
    series = xr.DataArray(values, coords={"year": years}, dims="year")
    if not series.notnull().all():
        return None
    found = yearly_breaks(series, h=0.15)
    return None if found.empty else int(found["date"].to_numpy()[found["magnitude"].abs().argmax()])


def patches_of(planted: np.ndarray) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """The connected patches of one break year that are large enough: the year, and rows and columns of the cells."""
    for year in np.unique(planted[planted > 0]):
        numbered, count = label(planted == year)
        for number in range(1, count + 1):
            rows, columns = np.nonzero(numbered == number)
            if len(rows) >= FEWEST_CELLS:
                yield int(year), rows, columns
