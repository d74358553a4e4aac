"""What is known of two sensors, and what was found of their relation, stratum by stratum.

    converted = offset + gain × kept + u(year) + f(pixel) + e(pixel, year)

`kept` is the sensor whose units the record keeps. u is common to all pixels of a year, so the error of the join is that
of few years, s(u) / √years: it is common to all pixels of a stratum and does not average out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from indicators.errors import IndicatorError
from indicators.joined.differences import Drift, drift_of, level_error

Floats = NDArray[np.float64]

#: Number of the stratum that stands for the mean of a region.
WHOLE = -1


@dataclass(frozen=True)
class JoinRules:
    """What a relation must have, and what is known of the sensors.

    `onset`: the first year in which the kept sensor is not to be trusted, where its history says so (Terra left its
    orbit in 2020); "search" looks for the year in which the differences begin to drift; None trusts it for its whole
    life. `gain`: the gain, where it is known or there is a single pixel; estimated if None. `drift_limit`: largest
    drift of the difference, units a year, of a stable relation. `fewest_years`, `fewest_pixels`: of a stratum.
    """

    onset: int | str | None = None
    gain: float | None = None
    drift_limit: float = 0.001
    fewest_years: int = 5
    fewest_pixels: int = 12

    def __post_init__(self) -> None:
        if isinstance(self.onset, str) and self.onset != "search":
            raise IndicatorError(f"join: onset is {self.onset!r}; give a year, 'search', or None")
        if self.fewest_years < 4:
            raise IndicatorError(
                f"join: fewest_years is {self.fewest_years}; with fewer than 4 years of overlap no error can be given"
            )


@dataclass(frozen=True)
class Relation:
    """Relation of two sensors in one stratum; errors are in units of the kept sensor.

    `centre`: mean of the kept sensor over the overlap. `years`, `pixels`: used. `error`: standard error of the join at
    the centre; `annual`: standard deviation of what a year adds to all pixels; `noise`: of a single pixel and year;
    `footprint`: of what pixels differ by in all years. `drift` of the difference by year. `reason`: why the stratum is
    not joined, empty where it is.
    """

    stratum: int
    offset: float
    gain: float
    gain_error: float
    centre: float
    years: tuple[int, ...]
    pixels: int
    error: float
    annual: float
    noise: float
    footprint: float
    drift: Drift
    drift_limit: float
    stable: bool
    reason: str = ""

    @property
    def joined(self) -> bool:
        """Whether values of this stratum can be converted."""
        return not self.reason

    def to_kept(self, values: Floats) -> Floats:
        """Values of the converted sensor in units of the kept one."""
        return (values - self.offset) / self.gain


@dataclass(frozen=True, eq=False)
class Relations:
    """Relations of two sensors in every stratum.

    `until`: the first year in which the kept sensor is not trusted, None if it always is; `departure`: how the
    differences drift from then on (units of the kept sensor a year). `years`, `rest` (stratum, year): what the yearly
    differences leave over, in units of the kept sensor; NaN where unknown. `footprints` (y, x): what the converted
    sensor sees more than the kept one in all years of a pixel, because footprints differ, in units of the kept sensor.
    """

    kept: str
    converted: str
    strata: tuple[Relation, ...]
    years: tuple[int, ...]
    rest: Floats
    footprints: Floats
    until: int | None
    departure: Drift | None

    def of(self, stratum: int) -> Relation:
        """The relation of a stratum; raises IndicatorError for one that is not there."""
        for each in self.strata:
            if each.stratum == stratum:
                return each
        raise IndicatorError(
            f"join of {self.kept} and {self.converted}: no stratum {stratum}; there are "
            f"{[each.stratum for each in self.strata]}"
        )


def mean_relation(relations: Relations, weights: Mapping[int, float]) -> Relation:
    """The relation of the mean of several strata, in units of the kept sensor: offset 0, gain 1.

    `weights`: share of each stratum in the mean. What a year adds to several strata is alike, so the yearly
    differences are averaged first, and the error is that of their mean; errors of gains are added up.

    Raises IndicatorError for a stratum that is not joined, or strata without years in common.
    """
    total = sum(weights.values())
    shares = {number: weight / total for number, weight in weights.items() if weight > 0}
    chosen = {number: relations.of(number) for number in shares}
    for each in chosen.values():
        if not each.joined:
            raise IndicatorError(
                f"join of {relations.kept} and {relations.converted}: stratum {each.stratum} is not joined "
                f"({each.reason}); leave it out of the mean"
            )
    order = [each.stratum for each in relations.strata]
    rest = np.sum([share * relations.rest[order.index(number)] for number, share in shares.items()], axis=0)
    known = np.isfinite(rest)
    if known.sum() < 4:
        raise IndicatorError(
            f"join of {relations.kept} and {relations.converted}: the strata have {known.sum()} years in common; "
            f"at least 4 are needed"
        )
    years = np.array(relations.years)[known]
    first = next(iter(chosen.values()))
    annual, error = level_error(rest[known])
    return replace(
        first, stratum=WHOLE, offset=0.0, gain=1.0,
        gain_error=sum(share * chosen[number].gain_error / chosen[number].gain for number, share in shares.items()),
        centre=sum(share * chosen[number].centre for number, share in shares.items()),
        years=tuple(int(year) for year in years), pixels=sum(each.pixels for each in chosen.values()),
        error=error, annual=annual, noise=float("nan"), footprint=float("nan"),
        drift=drift_of(rest[known], years.astype(float)),
        stable=all(each.stable for each in chosen.values()),
    )  # fmt: skip
