"""Precision, recall and F1 of a mapped area, against a known truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indicators.codes import DEGRADED, IMPROVED, STABLE


@dataclass(frozen=True)
class Detection:
    """Areas, km², of a class: correctly found, wrongly found, and missed. They can be added over maps."""

    hit_km2: float
    false_km2: float
    missed_km2: float

    @property
    def precision(self) -> float:
        """Share of the found area that is correct; NaN where nothing was found."""
        return _share(self.hit_km2, self.hit_km2 + self.false_km2)

    @property
    def recall(self) -> float:
        """Share of the true area that was found; NaN where the true area is zero."""
        return _share(self.hit_km2, self.hit_km2 + self.missed_km2)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall (van Rijsbergen 1979); NaN where both areas are zero."""
        return _share(2 * self.hit_km2, 2 * self.hit_km2 + self.false_km2 + self.missed_km2)

    @property
    def bias(self) -> float:
        """Found area over true area, less one; NaN where the true area is zero."""
        return _share(self.false_km2 - self.missed_km2, self.hit_km2 + self.missed_km2)

    def __add__(self, other: Detection) -> Detection:
        return Detection(
            self.hit_km2 + other.hit_km2, self.false_km2 + other.false_km2, self.missed_km2 + other.missed_km2
        )


def detection(found: NDArray[np.bool_], true: NDArray[np.bool_], weight_km2: NDArray[np.floating]) -> Detection:
    """Compare two masks of one shape; `weight_km2` is the area of each cell that counts."""

    def total(mask: NDArray[np.bool_]) -> float:
        return float(np.sum(weight_km2, where=mask))

    return Detection(total(found & true), total(found & ~true), total(~found & true))


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else float("nan")


def true_share(classes: np.ndarray, true: np.ndarray, area: np.ndarray) -> float:
    """Share (0 … 1) of the judged land that is truly degraded; judged: degraded, stable or improved in `classes`."""
    judged = area * np.isin(classes, (DEGRADED, STABLE, IMPROVED))
    return float((judged * true).sum() / judged.sum())
