"""The noise of a region from year to year: how much of it lasts, and how to weigh years accordingly."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Lags, years, from which the lasting part is estimated.
LAGS = 5
#: Memories from one year to the next that are tried.
MEMORIES = np.arange(0.1, 0.96, 0.05)


@dataclass(frozen=True)
class Noise:
    """Correlation of the noise of two years: `lasting` × `memory` ^ (years between), and 1 of a year with itself.

    `variance` is that of a typical unchanged pixel, in squared logarithms. `join` (year, year), in squared logarithms:
    the error of a record joined from several sensors, where nothing that a pixel is compared with has it, too.
    """

    lasting: float = 0.0
    memory: float = 0.0
    variance: float = 0.05**2
    join: Floats | None = field(default=None, compare=False)

    def whitener(self, years: int) -> Floats:
        """Lower triangular matrix (year, year) that turns the noise into one without correlation."""
        apart = np.abs(np.subtract.outer(np.arange(years), np.arange(years)))
        correlation = np.where(apart == 0, 1.0, self.lasting * self.memory**apart)
        if self.join is not None:
            correlation = correlation + self.join / self.variance
        return np.asarray(np.linalg.inv(np.linalg.cholesky(correlation)), np.float64)


def noise_of(rest: Floats, fitted: int) -> Noise:
    """The noise in residuals `rest` (pixel, year) of unchanged pixels about a model of `fitted` coefficients.

    A fit takes out part of what lasts, so autocorrelations of residuals are too low (Marriott & Pope 1954). They are
    raised by (1 − autocorrelation) × `fitted` / years, which is about that bias.
    """
    years = rest.shape[1]
    power = float(np.mean(rest**2))
    lags = np.arange(1, LAGS + 1)
    found = np.array([np.mean(rest[:, lag:] * rest[:, :-lag]) for lag in lags]) / power
    found += (1 - found) * fitted / years
    best = min(
        ((float(np.sum((found - part * memory**lags) ** 2)), part, float(memory))
         for memory in MEMORIES
         for part in [float(np.clip(memory**lags @ found / np.sum(memory ** (2 * lags)), 0.0, 0.95))]),
    )  # fmt: skip
    typical = float(np.median(np.sum(rest**2, axis=1) / (years - fitted)))
    return Noise(lasting=best[1], memory=best[2], variance=typical)
