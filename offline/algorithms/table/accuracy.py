"""Accuracy of a classification: error matrices and their measures (Congalton and Green 2019, chapter 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from offline.errors import EngineError
from offline.graph.registry import algorithm
from offline.model.collection import Collection

Array = np.ndarray
MOST_CLASSES = 2000


@dataclass(frozen=True)
class ConfusionMatrix:
    """Counts, a row for each true class and a column for each predicted one; `order` names the classes."""

    counts: Array
    order: tuple[int, ...]

    def json(self) -> list[list[float]]:
        """As `getInfo` shows it: its rows."""
        return [list(row) for row in self.counts.tolist()]


def _share(part: Array, whole: Array) -> Array:
    return np.divide(part, whole, out=np.zeros(np.shape(part)), where=np.asarray(whole) > 0)


@algorithm("ConfusionMatrix")
def confusion_matrix(array: Any, order: list[int] | None) -> ConfusionMatrix:
    """A matrix of counts; classes count from 0 unless `order` says otherwise."""
    counts = np.asarray(array, float)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1]:
        raise EngineError(f"ConfusionMatrix: the array must be square, not of shape {list(counts.shape)}.")
    names = tuple(range(len(counts))) if order is None else tuple(int(each) for each in order)
    if len(names) != len(counts):
        raise EngineError(f"ConfusionMatrix: 'order' names {len(names)} classes, the array has {len(counts)}.")
    return ConfusionMatrix(counts, names)


@algorithm("Collection.errorMatrix")
def error_matrix(collection: Collection, actual: str, predicted: str, order: list[int] | None) -> ConfusionMatrix:
    """Counts of true against predicted classes of features; those whose class is not in `order` are left out.

    Without an order the classes are 0 to the largest that occurs.
    """
    pairs = []
    for each in collection.elements():
        both = [each.properties.get(name) for name in (actual, predicted)]
        if any(not isinstance(value, (int, float)) or value != int(value) for value in both):
            raise EngineError(f"Collection.errorMatrix: '{actual}' and '{predicted}' must be whole numbers everywhere.")
        pairs.append((int(both[0]), int(both[1])))
    if order is None:
        most = max((max(pair) for pair in pairs), default=-1)
        if any(min(pair) < 0 for pair in pairs) or most >= MOST_CLASSES:
            raise EngineError(f"Collection.errorMatrix: classes must be 0 to {MOST_CLASSES - 1}; or give 'order'.")
        order = list(range(most + 1))
    names = [int(each) for each in order]
    counts = np.zeros((len(names), len(names)))
    for true, assigned in pairs:
        if true in names and assigned in names:
            counts[names.index(true), names.index(assigned)] += 1
    return ConfusionMatrix(counts, tuple(names))


@algorithm("ConfusionMatrix.array")
def as_array(matrix: ConfusionMatrix) -> Array:
    """The counts."""
    return matrix.counts


@algorithm("ConfusionMatrix.order")
def order_of(matrix: ConfusionMatrix) -> list[int]:
    """The classes of rows and columns."""
    return list(matrix.order)


@algorithm("ConfusionMatrix.accuracy")
def accuracy(matrix: ConfusionMatrix) -> float:
    """Share on the diagonal."""
    return float(_share(np.trace(matrix.counts), matrix.counts.sum()))


@algorithm("ConfusionMatrix.producersAccuracy")
def producers(matrix: ConfusionMatrix) -> Array:
    """The share of each true class that is classified correctly; a column."""
    return _share(np.diag(matrix.counts), matrix.counts.sum(axis=1))[:, None]


@algorithm("ConfusionMatrix.consumersAccuracy")
def consumers(matrix: ConfusionMatrix) -> Array:
    """Of each predicted class the share that is true; a row."""
    return _share(np.diag(matrix.counts), matrix.counts.sum(axis=0))[None, :]


@algorithm("ConfusionMatrix.kappa")
def kappa(matrix: ConfusionMatrix) -> float:
    """Cohen's kappa: agreement beyond that of chance."""
    total = matrix.counts.sum()
    chance = float(_share(matrix.counts.sum(axis=0) @ matrix.counts.sum(axis=1), total**2))
    return (accuracy(matrix) - chance) / (1 - chance) if chance < 1 else 0.0


@algorithm("ConfusionMatrix.fscore")
def f_score(matrix: ConfusionMatrix, beta: float) -> Array:
    """F-beta of each class: the harmonic mean of both accuracies, that of the producer `beta` times as weighty."""
    recall, precision = producers(matrix).ravel(), consumers(matrix).ravel()
    return _share((1 + beta**2) * precision * recall, beta**2 * precision + recall)
