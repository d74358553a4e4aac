"""Matrix algebra of arrays and of pixels that hold one, against numpy; bits as vectors."""

from __future__ import annotations

from typing import Any

import ee
import numpy as np
import pytest
from together import refused, wrong

pytestmark = pytest.mark.usefixtures("few")

POSITIVE = np.array([[4.0, 2, 1], [2, 5, 3], [1, 3, 6]])
TALL = np.array([[1.0, 1], [1, 2], [1, 3], [1, 5]])
RIGHT = np.array([[1.0], [2], [2], [4]])


def pixel(image: Any) -> ee.Dictionary:
    """The arrays of all bands at a place."""
    return ee.Image(image).reduceRegion(ee.Reducer.first(), ee.Geometry.Point([101, 44.5]), 1000)


def held(matrix: np.ndarray) -> ee.Image:
    """A matrix in every pixel."""
    return ee.Image(ee.Array(matrix.tolist()))


def test_inverses_and_solutions() -> None:
    """A tall system is solved by least squares, of which the pseudo-inverse is the matrix (Penrose 1955)."""
    answer = np.linalg.solve(TALL.T @ TALL, TALL.T @ RIGHT)
    pseudo = np.linalg.inv(TALL.T @ TALL) @ TALL.T
    tall, right = ee.Array(TALL.tolist()), ee.Array(RIGHT.tolist())
    cases: dict[str, tuple[Any, Any]] = {
        "solve": (tall.matrixSolve(right), answer.tolist()),
        "pseudo-inverse": (tall.matrixPseudoInverse(), pseudo.tolist()),
        "of a singular matrix": (ee.Array([[1, 1], [1, 1]]).matrixPseudoInverse(), [[0.25, 0.25], [0.25, 0.25]]),
        "transpose": (tall.matrixTranspose(), TALL.T.tolist()),
        "transpose of a vector": (ee.Array([1, 2]).matrixTranspose(), [[1, 2]]),
        "pixels": (pixel(held(TALL).matrixPseudoInverse()).values().get(0), pseudo.tolist()),
        "pixels solved": (pixel(held(TALL).matrixSolve(held(RIGHT))).values().get(0), answer.tolist()),
    }
    assert wrong(cases) == {}
    refused(lambda: tall.matrixSolve(ee.Array([[1]])), "4 rows on the left, 1 on the right")


def test_matrices_of_pixels() -> None:
    """Norm, diagonal, and the square that has one."""
    image = held(POSITIVE)
    cases: dict[str, tuple[Any, Any]] = {
        "norm": (pixel(image.matrixFnorm()).values().get(0), float(np.sqrt((POSITIVE**2).sum()))),
        "diagonal": (pixel(image.matrixDiagonal()).values().get(0), [[4], [5], [6]]),
        "to diagonal": (pixel(image.matrixDiagonal().matrixToDiag()).values().get(0), np.diag([4, 5, 6]).tolist()),
        "type of a norm": (
            image.matrixFnorm().bandTypes().values().get(0),
            {"type": "PixelType", "precision": "double"},
        ),
    }
    assert wrong(cases) == {}


def test_decompositions_of_pixels() -> None:
    """The parts multiply back to the matrix and have the forms of the descriptions."""
    image = held(POSITIVE)
    cholesky, lu, qr = ee.List(
        [
            pixel(each)
            for each in (
                image.matrixCholeskyDecomposition(),
                image.matrixLUDecomposition(),
                image.matrixQRDecomposition(),
            )
        ]
    ).getInfo()
    lower = np.array(cholesky["L"])
    np.testing.assert_allclose(lower @ lower.T, POSITIVE)
    assert (np.triu(lower, 1) == 0).all()
    parts = {name: np.array(value) for name, value in lu.items()}
    np.testing.assert_allclose(parts["P"] @ POSITIVE, parts["L"] @ parts["U"])
    assert (np.diag(parts["L"]) == 1).all()
    q, r = np.array(qr["Q"]), np.array(qr["R"])
    np.testing.assert_allclose(q @ r, POSITIVE)
    np.testing.assert_allclose(q.T @ q, np.eye(3), atol=1e-12)
    assert (np.tril(r, -1) == 0).all()


def test_bits_of_pixels() -> None:
    """As long as the highest bit that is set, the lowest first."""
    cases: dict[str, tuple[Any, Any]] = {
        str(number): (pixel(ee.Image(number).bitsToArrayImage()).values().get(0), bits)
        for number, bits in ((6, [0, 1, 1]), (1, [1]), (8, [0, 0, 0, 1]))
    }
    assert wrong(cases) == {}
