"""Regression of one annual series on a few regressors, where its noise has a memory and part of its error is known.

With y = X β + e, e ~ N(0, σ² R(ρ) + J): R is the correlation ρ^|t−u| of the noise of two years, J a covariance that is
known beforehand, such as that of a join of two sensors. Neither σ nor ρ is known. The restricted likelihood

    −½ ln|Σ| − ½ ln|XᵀΣ⁻¹X| − ½ (y − Xβ̂)ᵀ Σ⁻¹ (y − Xβ̂)

weighs values of both on a grid (σ even in its logarithm), and the estimates of β are averaged by these weights. An
interval from the best ρ alone would be too short: the memory of thirty years is hardly known.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import logsumexp, ndtr

from indicators.errors import IndicatorError

Floats = NDArray[np.float64]

#: Memories from one year to the next that are tried.
MEMORIES = np.arange(-0.2, 0.91, 0.1)
#: Standard deviations of the noise that are tried, in those of the residuals of least squares.
SCALES = np.geomspace(0.35, 5.0, 30)


@dataclass(frozen=True, eq=False)
class Coefficient:
    """One coefficient: a mixture of normal distributions with `means`, `spreads` and `weights` that add up to 1."""

    means: Floats
    spreads: Floats
    weights: Floats

    @property
    def value(self) -> float:
        """The estimate."""
        return float(self.weights @ self.means)

    @property
    def error(self) -> float:
        """Its standard error."""
        second = float(self.weights @ (self.means**2 + self.spreads**2))
        return math.sqrt(max(second - self.value**2, 0.0))

    def below(self, limit: float) -> float:
        """Probability that the coefficient lies below a limit."""
        return float(self.weights @ ndtr((limit - self.means) / self.spreads))

    @property
    def p(self) -> float:
        """Two-sided probability of an estimate at least as far from 0, if the coefficient is 0."""
        under = self.below(0.0)
        return 2 * min(under, 1 - under)

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """The interval that holds the coefficient with a probability of `level`, as much on either side."""
        return self._quantile((1 - level) / 2), self._quantile((1 + level) / 2)

    def _quantile(self, part: float) -> float:
        reach = 60 * self.error + 1e-300

        def excess(value: float) -> float:
            return self.below(value) - part

        return float(brentq(excess, self.value - reach, self.value + reach))


def regression(
    y: Floats, design: Floats, times: Floats, known: Floats | None = None, memories: Floats | None = None
) -> list[Coefficient]:
    """Coefficients of a series on regressors, with the memory of the noise and a known covariance.

    Parameters
    ----------
    y
        Annual values (year) without gaps.
    design
        Regressors (year, regressor), of full rank; the constant is one of them.
    times
        The years, increasing; gaps between them are allowed.
    known
        Covariance (year, year) of an error that is known beforehand, in squared units of y; none if left out.
    memories
        Memories that are tried, all as likely as each other before the series is seen.

    Returns
    -------
    list of Coefficient
        One for each regressor.

    Raises
    ------
    IndicatorError
        If there are fewer than three years more than regressors, or regressors that depend on each other.

    References
    ----------
    Restricted likelihood: Patterson & Thompson 1971, doi:10.1093/biomet/58.3.545.

    Examples
    --------
    >>> t = np.arange(2001.0, 2031)
    >>> y = 0.3 + 0.002 * (t - 2015) + 0.01 * np.random.default_rng(1).standard_normal(30)
    >>> slope = regression(y, np.stack([np.ones(30), t - 2015], axis=1), t)[1]
    >>> low, high = slope.interval()
    >>> low < 0.002 < high, slope.p < 0.001
    (True, True)
    """
    years, count = design.shape
    if years < count + 3:
        raise IndicatorError(
            f"regression with memory: {years} years for {count} regressors; give at least {count + 3} years"
        )
    if np.linalg.matrix_rank(design) < count:
        raise IndicatorError("regression with memory: the regressors depend on each other; leave one of them out")
    fitted = design @ np.linalg.lstsq(design, y, rcond=None)[0]
    typical = float(np.sqrt(np.sum((y - fitted) ** 2) / (years - count)))
    typical = max(typical, 1e-9 * float(np.abs(y).max()), 1e-150)
    apart = np.abs(np.subtract.outer(times, times))
    join = np.zeros((years, years)) if known is None else known
    scales = (SCALES * typical) ** 2
    weights, means, spreads = [], [], []
    for memory in MEMORIES if memories is None else memories:
        # In the axes of J against R every σ is a sum of two diagonals: one decomposition for each memory.
        correlation = np.where(apart == 0, 1.0, np.sign(memory) ** apart * np.abs(memory) ** apart)
        root = np.linalg.cholesky(correlation)
        inverse = np.linalg.inv(root)
        extra, axes = np.linalg.eigh(inverse @ join @ inverse.T)
        turned = axes.T @ inverse
        own, values = turned @ design, turned @ y
        variance = scales[:, None] + np.maximum(extra, 0.0)
        normal = np.einsum("ta,st,tb->sab", own, 1 / variance, own)
        covariance = np.linalg.inv(normal)
        best = np.einsum("sab,tb,st,t->sa", covariance, own, 1 / variance, values)
        rest = values - best @ own.T
        weights.append(
            -np.log(np.diag(root)).sum()
            - 0.5 * np.log(variance).sum(axis=1)
            - 0.5 * np.linalg.slogdet(normal)[1]
            - 0.5 * np.sum(rest**2 / variance, axis=1)
        )
        means.append(best)
        spreads.append(np.sqrt(np.einsum("saa->sa", covariance)))
    logs = np.concatenate(weights)
    share = np.exp(logs - logsumexp(logs))
    mean, spread = np.concatenate(means), np.concatenate(spreads)
    return [Coefficient(mean[:, each], spread[:, each], share) for each in range(count)]
