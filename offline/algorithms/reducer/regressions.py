"""Reducers that fit linear models: least squares, ridge and robust regression."""

from __future__ import annotations

from typing import Any

import numpy as np

from offline.algorithms.reducer.reducers import Output, quantile
from offline.errors import EngineError
from offline.graph.registry import algorithm
from offline.model.values import Reducer

Array = np.ndarray


def design(inputs: list[Array], weights: Array, x_count: int) -> tuple[Array, Array, Array]:
    """X (…, n, p), Y (…, n, q) and weights (…, n) with the pixels in front."""

    def front(stacked: list[Array]) -> Array:
        return np.moveaxis(np.stack([each.astype(float) for each in stacked]), (0, 1), (-1, -2))

    return front(inputs[:x_count]), front(inputs[x_count:]), np.moveaxis(np.asarray(weights, float), 0, -1)


def solved(x: Array, y: Array, w: Array, ridge: float = 0.0) -> Array:
    """Weighted least squares (…, p, q)."""
    weighted = x * w[..., None]
    normal = np.swapaxes(weighted, -1, -2) @ x + ridge * np.eye(x.shape[-1])
    return np.linalg.pinv(normal, hermitian=True) @ (np.swapaxes(weighted, -1, -2) @ y)


def spread(x: Array, y: Array, w: Array, beta: Array) -> Array:
    """Root mean square of the residuals (…, q), as Earth Engine gives them: over n less the number of regressors."""
    freedom = np.maximum((w > 0).sum(axis=-1) - x.shape[-1], 1)
    squares = (w[..., None] * (y - x @ beta) ** 2).sum(axis=-2)
    return np.asarray(np.sqrt(squares / freedom[..., None]))


def regression(name: str, x_count: int, y_count: int, fit: Any, lead: int = 0) -> Reducer:
    """A reducer of `x_count` regressors and `y_count` responses: arrays `coefficients` and `residuals`."""
    if x_count < 1 or y_count < 1:
        raise EngineError(f"Reducer.{name}: needs at least one independent and one dependent variable.")

    def reduce(inputs: list[Array], weights: Array) -> list[Output]:
        x, y, w = design(inputs, weights, x_count)
        if lead:
            x = np.concatenate([np.ones((*x.shape[:-1], 1)), x], axis=-1)
        beta, rest = fit(x, y, w)
        enough = (w > 0).sum(axis=-1) >= x.shape[-1]
        if beta.ndim == 2:  # one regression, over the pixels of a region or the elements of a collection
            return [(beta.tolist(), True), (rest.tolist(), True)] if enough else [(None, False), (None, False)]
        return [(beta, enough), (rest, enough)]

    return Reducer(
        name,
        x_count + y_count,
        ("coefficients", "residuals"),
        reduce,
        options={"dimensions": {"coefficients": 2, "residuals": 1}},
    )


@algorithm("Reducer.linearRegression")
def linear_regression(x_count: int, y_count: int) -> Reducer:
    """Least squares of some inputs on others; a constant is an input like any other."""

    def fit(x: Array, y: Array, w: Array) -> tuple[Array, Array]:
        beta = solved(x, y, w)
        return beta, spread(x, y, w, beta)

    return regression("linearRegression", int(x_count), int(y_count), fit)


@algorithm("Reducer.ridgeRegression")
def ridge_regression(x_count: int, y_count: int, penalty: float) -> Reducer:
    """Least squares with a penalty on the squares of the coefficients; a constant is added, without penalty."""

    def fit(x: Array, y: Array, w: Array) -> tuple[Array, Array]:
        total = np.maximum(w.sum(axis=-1), 1e-300)[..., None]
        centre_x = (x * w[..., None]).sum(axis=-2) / total
        centre_y = (y * w[..., None]).sum(axis=-2) / total
        inner_x = (x - centre_x[..., None, :])[..., 1:]
        slopes = solved(inner_x, y - centre_y[..., None, :], w, float(penalty))
        constant = centre_y[..., None, :] - centre_x[..., None, 1:] @ slopes
        beta = np.concatenate([constant, slopes], axis=-2)
        return beta, spread(x, y, w, beta)

    return regression("ridgeRegression", int(x_count), int(y_count), fit, lead=1)


@algorithm("Reducer.robustLinearRegression")
def robust_regression(x_count: int, y_count: int, tuning: float | None) -> Reducer:
    """Iterated least squares with Talwar's weights: residuals beyond `tuning` robust deviations count nothing."""
    limit = 2.795 if tuning is None else float(tuning)

    def fit(x: Array, y: Array, w: Array) -> tuple[Array, Array]:
        columns, rests = [], []
        for index in range(y.shape[-1]):
            own, kept = y[..., index : index + 1], w
            beta = solved(x, own, kept)
            for _ in range(50):
                residual = np.abs(own - x @ beta)[..., 0]
                middle, _ = quantile(np.moveaxis(residual, -1, 0), np.moveaxis(w, -1, 0), percent=50.0)
                scale = np.asarray(middle)[..., None] / 0.6745
                inside = w * ((residual <= limit * scale) | (scale == 0))
                if np.array_equal(inside, kept):
                    break
                kept, beta = inside, solved(x, own, inside)
            columns.append(beta)
            rests.append(spread(x, own, kept, beta))
        return np.concatenate(columns, axis=-1), np.concatenate(rests, axis=-1)

    return regression("robustLinearRegression", int(x_count), int(y_count), fit)
