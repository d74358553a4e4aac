"""Controls that are like the treated cells: exact in class, nearest by Mahalanobis distance, within a caliper.

Distance between cells a and b: sqrt((a − b)' C⁻¹ (a − b)), C the covariance of the covariates over all cells that may
serve as controls (Rubin 1980, doi:10.2307/2529981). Each treated cell takes its nearest few, with replacement; one
that has too few within the caliper is dropped, and counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

Array = np.ndarray[Any, Any]

#: Controls looked up for each cell; more than are used, as some lie in the cell's own surroundings.
LOOKED_UP = 64


@dataclass(frozen=True)
class Matched:
    """Treated cells that found controls, the controls, and the weight of each control (together: one per treated)."""

    treated: Array
    controls: Array
    weights: Array
    dropped: int


def whitened(covariates: Array, pool: Array) -> Array:
    """Covariates in coordinates whose Euclidean distance is the Mahalanobis distance over the pool.

    Parameters
    ----------
    covariates : array (cell, k)
        Covariates of all cells.
    pool : array of bool (cell)
        Cells that may serve as controls.

    Returns
    -------
    array (cell, m)
        Coordinates without units; covariates that do not vary over the pool are left out, so that m ≤ k.

    References
    ----------
    Rubin (1980), doi:10.2307/2529981.
    """
    sample = covariates[pool]
    vary = sample.std(axis=0) > 1e-12 if len(sample) else np.zeros(covariates.shape[1], bool)
    chosen = covariates[:, vary]
    if chosen.shape[1] == 0:
        return np.zeros((len(covariates), 1))
    scaled = (chosen - sample[:, vary].mean(axis=0)) / sample[:, vary].std(axis=0)
    correlation = np.atleast_2d(np.cov(scaled[pool], rowvar=False))
    # A small value on the diagonal: covariates may be linearly dependent.
    lower = np.linalg.cholesky(correlation + 1e-9 * np.eye(len(correlation)))
    return np.asarray(np.linalg.solve(lower, scaled.T).T)


@dataclass(frozen=True)
class ControlPool:
    """The cells that may serve as controls, by stratum, each with a tree to find the nearest in."""

    points: Array
    strata: Array
    trees: dict[int, tuple[Array, Any]]

    @classmethod
    def of(cls, points: Array, strata: Array, pool: Array) -> ControlPool:
        """The index of the cells of `pool` (bool) at `points` (cell, k); strata below 0 are left out."""
        members = {int(each): np.flatnonzero(pool & (strata == each)) for each in np.unique(strata[pool]) if each >= 0}
        return cls(points, strata, {each: (cells, cKDTree(points[cells])) for each, cells in members.items()})

    def nearest(self, cells: Array, *, caliper: float, count: int = LOOKED_UP) -> Array:
        """The nearest cells of the pool in the same stratum within the caliper, for each of `cells`: (cell, count).

        Nearest first; −1 after the last. A cell is never its own neighbour.
        """
        found = np.full((len(cells), count), -1, np.int32)
        for stratum in np.unique(self.strata[cells]):
            if int(stratum) not in self.trees:
                continue
            members, tree = self.trees[int(stratum)]
            asked = np.flatnonzero(self.strata[cells] == stratum)
            wanted = min(count + 1, len(members))
            _, place = tree.query(self.points[cells[asked]], k=wanted, distance_upper_bound=caliper)
            own = np.append(members, -1)[place.reshape(len(asked), wanted)]
            own[own == cells[asked][:, None]] = -1
            order = np.argsort(own < 0, axis=1, kind="stable")
            found[asked, : min(wanted, count)] = np.take_along_axis(own, order, axis=1)[:, :count]
        return found


def choose(cells: Array, neighbours: Array, banned: Array, *, controls: int, fewest: int) -> Matched:
    """The first few neighbours of each cell that are not `banned` (bool by cell).

    Cells with fewer than `fewest` are dropped.
    """
    allowed = (neighbours >= 0) & ~banned[neighbours]
    taken = allowed & (np.cumsum(allowed, axis=1) <= controls)
    count = taken.sum(axis=1)
    kept = count >= fewest
    share = np.where(taken, 1.0 / np.maximum(count, 1)[:, None], 0.0)[kept]
    chosen, place = np.unique(neighbours[kept][taken[kept]], return_inverse=True)
    weights = np.bincount(place.ravel(), share[taken[kept]], minlength=len(chosen))
    return Matched(cells[kept], chosen, weights, int((~kept).sum()))


def balance(covariates: pd.DataFrame, matched: Matched, pool: Array) -> pd.DataFrame:
    """How alike treated and control cells are, before (all of `pool`) and after matching.

    Parameters
    ----------
    covariates : pandas.DataFrame (cell)
        One column for each covariate.
    matched : Matched
        Treated cells and their controls.
    pool : array of bool (cell)
        Cells that may serve as controls.

    Returns
    -------
    pandas.DataFrame
        One row for each covariate. Standardised differences: difference of the means over the root of the mean of the
        variances of treated cells and pool; below 0.1 counts as balanced, below 0.25 as fair. `variance_ratio`: treated
        over controls, after matching.

    References
    ----------
    Austin (2009), doi:10.1002/sim.3697.
    """
    rows = []
    for name in covariates.columns:
        values = covariates[name].to_numpy(float)
        own, before, after = values[matched.treated], values[pool], values[matched.controls]
        mean = np.average(after, weights=matched.weights)
        spread = np.sqrt((own.var() + before.var()) / 2)
        variance = np.average((after - mean) ** 2, weights=matched.weights)
        unit = spread if spread > 0 else np.nan
        rows.append(
            {
                "covariate": name,
                "treated": own.mean(),
                "pool": before.mean(),
                "controls": mean,
                "difference_before": (own.mean() - before.mean()) / unit,
                "difference_after": (own.mean() - mean) / unit,
                "variance_ratio": own.var() / variance if variance > 0 else np.nan,
            }
        )
    return pd.DataFrame(rows)
