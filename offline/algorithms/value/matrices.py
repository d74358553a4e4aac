"""Matrix algebra on two-dimensional arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.linalg import lu as decomposed

from offline.algorithms.value.numbers import tidy
from offline.errors import EngineError
from offline.graph.registry import algorithm
from offline.model.arrays import room

Array = np.ndarray


def matrix(array: Array, name: str, *, square: bool = False) -> Array:
    """The array as a matrix of fractions. Raises EngineError if it is none, or not square where it has to be."""
    if array.ndim != 2 or (square and array.shape[0] != array.shape[1]):
        kind = "a square matrix" if square else "a matrix"
        raise EngineError(f"Array.{name}: needs {kind}; the shape is {list(array.shape)}.")
    return array.astype(float)


@algorithm("Array.matrixMultiply")
def multiply(left: Array, right: Array) -> Array:
    """A * B."""
    a, b = matrix(left, "matrixMultiply"), matrix(right, "matrixMultiply")
    if a.shape[1] != b.shape[0]:
        raise EngineError(f"Array.matrixMultiply: {list(a.shape)} times {list(b.shape)} does not go.")
    room(a.shape[0] * b.shape[1])
    whole = left.dtype.kind == right.dtype.kind == "i"
    product = a @ b
    return np.rint(product).astype(np.int64) if whole else product


@algorithm("Array.matrixInverse")
def inverse(array: Array) -> Array:
    """The inverse. Raises EngineError for a singular matrix."""
    try:
        return np.linalg.inv(matrix(array, "matrixInverse", square=True))
    except np.linalg.LinAlgError as error:
        raise EngineError("Array.matrixInverse: the matrix is singular; use matrixPseudoInverse.") from error


@algorithm("Array.matrixPseudoInverse")
def pseudo_inverse(array: Array) -> Array:
    """The inverse of Moore and Penrose."""
    return np.linalg.pinv(matrix(array, "matrixPseudoInverse"))


@algorithm("Array.matrixSolve")
def solve(left: Array, right: Array) -> Array:
    """x in A x = B, by least squares where there are more rows than columns."""
    a, b = matrix(left, "matrixSolve"), matrix(right, "matrixSolve")
    if a.shape[0] != b.shape[0]:
        raise EngineError(f"Array.matrixSolve: {a.shape[0]} rows on the left, {b.shape[0]} on the right.")
    return np.linalg.lstsq(a, b, rcond=None)[0]


@algorithm("Array.matrixDeterminant")
def determinant(array: Array) -> float:
    """The determinant."""
    return tidy(np.linalg.det(matrix(array, "matrixDeterminant", square=True)))


@algorithm("Array.matrixTrace")
def trace(array: Array) -> float:
    """The sum of the diagonal."""
    return tidy(np.trace(matrix(array, "matrixTrace")))


@algorithm("Array.matrixFnorm")
def norm(array: Array) -> float:
    """The root of the sum of squares."""
    return tidy(np.linalg.norm(matrix(array, "matrixFnorm")))


@algorithm("Array.matrixDiagonal")
def diagonal(array: Array) -> Array:
    """The diagonal as a column."""
    matrix(array, "matrixDiagonal")
    return np.diagonal(array)[:, None].copy()


@algorithm("Array.matrixToDiag")
def to_diagonal(array: Array) -> Array:
    """A column as the diagonal of a square."""
    if array.ndim != 2 or array.shape[1] != 1:
        raise EngineError(f"Array.matrixToDiag: needs a column; the shape is {list(array.shape)}.")
    room(len(array) ** 2)
    return np.diag(array[:, 0])


@algorithm("Array.eigen")
def eigen(array: Array) -> Array:
    """Rows of an eigenvalue and its vector, the largest first. Raises EngineError if they are not real."""
    given = matrix(array, "eigen", square=True)
    symmetric = np.allclose(given, given.T)
    values, vectors = np.linalg.eigh(given) if symmetric else np.linalg.eig(given)
    if np.iscomplexobj(values) and np.abs(values.imag).max() > 1e-12:
        raise EngineError("Array.eigen: the eigenvalues are not real.")
    order = np.argsort(-values.real, kind="stable")
    return np.column_stack([values.real[order], vectors.real[:, order].T])


@algorithm("Array.matrixCholeskyDecomposition")
def cholesky(array: Array) -> dict[str, Any]:
    """L, lower triangular, with L L' the matrix. Raises EngineError if it is not positive definite."""
    try:
        return {"L": np.linalg.cholesky(matrix(array, "matrixCholeskyDecomposition", square=True))}
    except np.linalg.LinAlgError as error:
        raise EngineError("Array.matrixCholeskyDecomposition: the matrix is not positive definite.") from error


@algorithm("Array.matrixLUDecomposition")
def lu(array: Array) -> dict[str, Any]:
    """L, U and P with P A = L U."""
    swapped, lower, upper = decomposed(matrix(array, "matrixLUDecomposition", square=True))
    return {"L": lower, "U": upper, "P": swapped.T}


@algorithm("Array.matrixQRDecomposition")
def qr(array: Array) -> dict[str, Any]:
    """Q, orthogonal, and R, upper triangular."""
    q, r = np.linalg.qr(matrix(array, "matrixQRDecomposition"))
    return {"Q": q, "R": r}


@algorithm("Array.matrixSingularValueDecomposition")
def svd(array: Array) -> dict[str, Any]:
    """U, S and V with U S V' the matrix."""
    u, s, vt = np.linalg.svd(matrix(array, "matrixSingularValueDecomposition"), full_matrices=False)
    return {"U": u, "S": np.diag(s), "V": vt.T}
