"""Arrays, matrices and pixels of arrays through the real client, against numpy and values worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ee
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays as numpy_arrays

from offline.algorithms.value import arrays, matrices
from offline.protocol.server import Server

Values = Callable[..., list[list[float]]]
SCALE = 55_659.745
A = [[1, 2, 3], [4, 5, 6]]

ANSWERS: dict[str, tuple[Callable[[], Any], Any]] = {
    "add": (lambda: ee.Array(A).add(ee.Array(A)), [[2, 4, 6], [8, 10, 12]]),
    "add a number": (lambda: ee.Array(A).add(1), [[2, 3, 4], [5, 6, 7]]),
    "divide": (lambda: ee.Array([1, 2]).divide(ee.Array([2, 0])), [0.5, 0]),
    "compare": (lambda: ee.Array([1, 2, 3]).gt(2), [0, 0, 1]),
    "bitwise": (lambda: ee.Array([6, 5]).bitwiseAnd(3), [2, 1]),
    "unary": (lambda: ee.Array([4, 9]).sqrt(), [2, 3]),
    "cast": (lambda: ee.Array([1.9, -1.9, 300]).toUint8(), [2, 0, 255]),
    "typed": (lambda: ee.Array([1.9, 300], ee.PixelType.uint8()), [2, 255]),
    "first non-zero": (lambda: ee.Array([0, 2]).firstNonZero(ee.Array([7, 8])), [7, 2]),
    "accum": (lambda: ee.Array([[1, 2, 3]]).accum(1), [[1, 3, 6]]),
    "accum max": (lambda: ee.Array([3, 1, 5]).accum(0, ee.Reducer.max()), [3, 3, 5]),
    "argmax": (lambda: ee.Array([[1, 9], [9, 3]]).argmax(), [0, 1]),
    "cat": (lambda: ee.Array.cat([[1, 2], [3, 4]], 0), [1, 2, 3, 4]),
    "cat on a new axis": (lambda: ee.Array.cat([[1, 2], [3, 4]], 1), [[1, 3], [2, 4]]),
    "cut": (lambda: ee.Array(A).cut([1, -1]), [[4, 5, 6]]),
    "dot": (lambda: ee.Array([1, 2, 3]).dotProduct([4, 5, 6]), 32),
    "get": (lambda: ee.Array(A).get([1, 2]), 6),
    "identity": (lambda: ee.Array.identity(2), [[1, 0], [0, 1]]),
    "length": (lambda: ee.Array(A).length(), [2, 3]),
    "mask": (lambda: ee.Array(A).mask([[1, 0, 1]]), [[1, 3], [4, 6]]),
    "multiply": (lambda: ee.Array([[1, 2], [3, 4]]).matrixMultiply([[0, 1], [1, 0]]), [[2, 1], [4, 3]]),
    "pad": (lambda: ee.Array([[1, 2]]).pad([2, 3], 9), [[1, 2, 9], [9, 9, 9]]),
    "project": (lambda: ee.Array([[1, 2, 3]]).project([1]), [1, 2, 3]),
    "reduce": (lambda: ee.Array(A).reduce(ee.Reducer.sum(), [0]), [[5, 7, 9]]),
    "reduce both": (lambda: ee.Array(A).reduce(ee.Reducer.mean(), [0, 1]), [[3.5]]),
    "reduce fields": (lambda: ee.Array([[1, 2], [2, 4], [3, 6]]).reduce(ee.Reducer.linearFit(), [0], 1), [[2, 0]]),
    "repeat": (lambda: ee.Array([1, 2]).repeat(0, 2), [1, 2, 1, 2]),
    "reshape": (lambda: ee.Array(A).reshape([3, -1]), [[1, 2], [3, 4], [5, 6]]),
    "slice": (lambda: ee.Array([1, 2, 3, 4, 5]).slice(0, 1, -1, 2), [2, 4]),
    "sort": (lambda: ee.Array([3, 1, 2]).sort(), [1, 2, 3]),
    "sort by keys": (lambda: ee.Array([10, 20, 30]).sort(ee.Array([3, 1, 2])), [20, 30, 10]),
    "to list": (lambda: ee.Array(A).toList(), A),
    "transpose": (lambda: ee.Array(A).transpose(), [[1, 4], [2, 5], [3, 6]]),
    "trace": (lambda: ee.Array([[1, 2], [3, 4]]).matrixTrace(), 5),
    "norm": (lambda: ee.Array([[3, 0], [0, 4]]).matrixFnorm(), 5),
    "diagonal": (lambda: ee.Array([[1, 2], [3, 4]]).matrixDiagonal(), [[1], [4]]),
    "to diagonal": (lambda: ee.Array([[1], [4]]).matrixToDiag(), [[1, 0], [0, 4]]),
    "bits": (lambda: ee.Array.bitsToArray(6), [0, 1, 1]),
    "of a dictionary": (lambda: ee.Dictionary({"b": 2, "a": 1}).toArray(), [1, 2]),
    "in a dictionary": (lambda: ee.Dictionary({"a": [1, 2]}).getArray("a").add(1), [2, 3]),
}


@pytest.mark.parametrize(("ask", "answer"), ANSWERS.values(), ids=ANSWERS.keys())
def test_answers(few: Server, ask: Callable[[], Any], answer: Any) -> None:
    found = ask().getInfo()
    assert np.shape(found) == np.shape(answer)
    np.testing.assert_allclose(found, answer, atol=1e-12)


MISTAKES: dict[str, tuple[Callable[[], Any], str]] = {
    "ragged": (lambda: ee.Array(ee.List([[1, 2], [3]])), "same length along every axis"),
    "words": (lambda: ee.Array(ee.List(["a"])), "numbers only"),
    "shapes": (lambda: ee.Array([1, 2]).add(ee.Array([1, 2, 3])), r"shapes \[2\] and \[3\] do not match"),
    "position": (lambda: ee.Array([1, 2]).get([2]), r"position \[2\] is not in"),
    "project": (lambda: ee.Array(A).project([1]), "at most one long"),
    "reshape": (lambda: ee.Array(A).reshape([4, 2]), "do not fit the shape"),
    "singular": (lambda: ee.Array([[1, 1], [1, 1]]).matrixInverse(), "singular"),
    "square": (lambda: ee.Array(A).matrixDeterminant(), "needs a square matrix"),
    "several": (lambda: ee.Array([1, 2]).reduce(ee.Reducer.minMax(), [0]), "needs 'fieldAxis'"),
    "greedy": (lambda: ee.Array([1]).repeat(0, 1e9), "too many"),
    "axis": (lambda: ee.Array([1]).slice(3), "axis 3 is not one of"),
}


@pytest.mark.parametrize(("ask", "message"), MISTAKES.values(), ids=MISTAKES.keys())
def test_mistakes(few: Server, ask: Callable[[], Any], message: str) -> None:
    with pytest.raises(ee.EEException, match=message):
        ask().getInfo()


def test_decompositions_multiply_back(few: Server) -> None:
    given = [[4.0, 2, 1], [2, 5, 3], [1, 3, 6]]
    array = ee.Array(given)
    lower = np.array(ee.Array(array.matrixCholeskyDecomposition().get("L")).getInfo())
    np.testing.assert_allclose(lower @ lower.T, given)
    parts = {key: np.array(value) for key, value in array.matrixLUDecomposition().getInfo().items()}
    np.testing.assert_allclose(parts["P"] @ given, parts["L"] @ parts["U"], atol=1e-12)
    parts = {key: np.array(value) for key, value in array.matrixQRDecomposition().getInfo().items()}
    np.testing.assert_allclose(parts["Q"] @ parts["R"], given)
    parts = {key: np.array(value) for key, value in array.matrixSingularValueDecomposition().getInfo().items()}
    np.testing.assert_allclose(parts["U"] @ parts["S"] @ parts["V"].T, given)
    eigen = np.array(array.eigen().getInfo())
    for value, *vector in eigen:
        np.testing.assert_allclose(given @ np.array(vector), value * np.array(vector), atol=1e-12)
    assert (np.diff(eigen[:, 0]) < 0).all()
    assert array.matrixDeterminant().getInfo() == pytest.approx(np.linalg.det(given))


numbers = st.floats(-100, 100, allow_nan=False).map(lambda value: round(value, 3))
squares = numpy_arrays(float, (3, 3), elements=numbers).map(lambda a: a + 400 * np.eye(3))


@given(squares, squares)
@settings(max_examples=40, deadline=None)
def test_matrix_laws(a: np.ndarray, b: np.ndarray) -> None:
    np.testing.assert_allclose(matrices.multiply(a, matrices.inverse(a)), np.eye(3), atol=1e-9)
    np.testing.assert_allclose(matrices.multiply(a, matrices.solve(a, b)), b, rtol=1e-8, atol=1e-8)
    product = matrices.multiply(a, b)
    turned = matrices.multiply(arrays.transpose(b, 0, 1), arrays.transpose(a, 0, 1))
    np.testing.assert_allclose(arrays.transpose(product, 0, 1), turned)
    assert matrices.determinant(product) == pytest.approx(matrices.determinant(a) * matrices.determinant(b))


@given(numpy_arrays(float, st.tuples(st.integers(1, 4), st.integers(1, 4)), elements=numbers), st.integers(0, 1))
@settings(max_examples=60, deadline=None)
def test_array_laws(a: np.ndarray, axis: int) -> None:
    half = a.shape[axis] // 2
    parts = [arrays.cut_out(a, axis, 0, half, 1), arrays.cut_out(a, axis, half, None, 1)]
    np.testing.assert_array_equal(arrays.cat(parts, axis), a)
    np.testing.assert_array_equal(arrays.transpose(arrays.transpose(a, 0, 1), 0, 1), a)
    np.testing.assert_array_equal(arrays.reshape(arrays.reshape(a, np.array([-1])), np.array(a.shape)), a)
    np.testing.assert_array_equal(arrays.pad(a, [4, 4], 0)[: a.shape[0], : a.shape[1]], a)
    row = arrays.cut_out(a, 0, 0, 1, 1)
    np.testing.assert_array_equal(arrays.sort(row, None), np.sort(row))


def test_bands_become_vectors_and_come_back(first: ee.Image, values: Values) -> None:
    vector = first.toArray()
    assert vector.bandNames().getInfo() == ["array"]
    assert vector.bandTypes().getInfo()["array"]["dimensions"] == 1
    back = vector.arrayFlatten([["x", "y"]])
    assert back.bandNames().getInfo() == ["x", "y"]
    assert values(back.select("x"))[0] == [10, 11, 12, 13]
    assert values(vector.arrayGet(1))[0] == [2.5, 2.75, 3, 3.25]
    assert values(vector.arrayGet([0]).add(1))[0] == [11, 12, 13, 14]
    named = vector.toArray(1).arrayFlatten([["a", "b"], ["v"]])
    assert named.bandNames().getInfo() == ["a_v", "b_v"]
    with pytest.raises(ee.EEException, match="use arrayGet or arrayFlatten"):
        values(vector)
    with pytest.raises(ee.EEException, match="the labels"):
        values(vector.arrayFlatten([["x"]]))


def test_collections_leave_out_what_is_masked(years: ee.ImageCollection, values: Values) -> None:
    """Band `a` has three years but for one pixel of 2002."""
    stack = years.select("a").toArray()
    assert values(stack.arrayLength(0)) == [[3, 3, 3, 3], [3, 3, 3, 2]]
    assert values(stack.arrayReduce(ee.Reducer.median(), [0]).arrayGet([0, 0]))[1] == [24, 25, 26, 42]
    ordered = stack.multiply(-1).arraySort()
    assert values(ordered.arrayGet([0, 0]))[0] == [-60, -61, -62, -63]
    latest = stack.arraySlice(0, -1)
    assert values(latest.arrayProject([1]).arrayFlatten([["a"]]))[0] == [60, 61, 62, 63]
    per_band = years.select("a").toArrayPerBand(0)
    assert per_band.bandNames().getInfo() == ["a"]
    assert values(per_band.arrayLength(0).unmask(-1))[1] == [3, 3, 3, -1]
    kept = years.select("a").toArrayPerBand(0, dropMasked=True)
    assert values(kept.arrayLength(0))[1] == [3, 3, 3, 2]


def test_regressions_of_pixels_are_arrays(years: ee.ImageCollection, values: Values) -> None:
    """`a` on a constant and the number of the year: 10, 20, 60 at years 0, 1, 2 is 5 + 25 t."""

    def with_time(image: ee.Image) -> ee.Image:
        number = ee.Number(image.get("year")).subtract(2001)
        return ee.Image(1).addBands(ee.Image.constant(number)).addBands(image.select("a")).toDouble()

    fit = years.map(with_time).reduce(ee.Reducer.linearRegression(2, 1))
    assert fit.bandNames().getInfo() == ["coefficients", "residuals"]
    flat = fit.select("coefficients").arrayProject([0]).arrayFlatten([["constant", "slope"]])
    assert values(flat.select("slope"))[0] == pytest.approx([25] * 4)
    assert values(flat.select("constant"))[0] == pytest.approx([5, 6, 7, 8])
    # the same by hand, with matrices of pixels
    stack = years.map(with_time).toArray()
    x, y = stack.arraySlice(1, 0, 2), stack.arraySlice(1, 2, 3)
    solved = x.matrixSolve(y).arrayProject([0]).arrayFlatten([["constant", "slope"]])
    assert values(solved.select("slope"))[0] == pytest.approx([25] * 4)


def test_matrices_of_pixels(first: ee.Image, values: Values) -> None:
    square = ee.Image(ee.Array([[2, 1], [1, 3]])).multiply(first.select("a"))
    identity = square.matrixMultiply(square.matrixInverse())
    assert values(identity.arrayGet([0, 0]))[0] == pytest.approx([1] * 4)
    assert values(square.matrixDeterminant())[0] == pytest.approx([5 * v**2 for v in (10, 11, 12, 13)])
    assert values(ee.Image.matrixIdentity(2).matrixTrace())[0] == [2] * 4
    parts = square.matrixSingularValueDecomposition()
    assert parts.bandNames().getInfo() == ["U", "S", "V"]
    again = parts.select("U").matrixMultiply(parts.select("S")).matrixMultiply(parts.select("V").matrixTranspose())
    assert values(again.arrayGet([1, 0]))[0] == pytest.approx([10, 11, 12, 13])


def test_more_of_pixels(first: ee.Image, values: Values) -> None:
    vector = first.select("a").toArray().arrayCat(ee.Image(5).toArray(), 0)
    assert values(vector.arrayLengths().arrayGet(0))[0] == [2] * 4
    assert values(vector.arrayAccum(0).arrayGet(1))[0] == [15, 16, 17, 18]
    assert values(vector.arrayArgmax().arrayGet(0))[0] == [0] * 4
    assert values(vector.arrayDotProduct(vector))[0][0] == 125
    assert values(vector.arrayMask(vector.gt(5)).arrayLength(0))[0] == [1] * 4
    assert values(vector.arrayPad([3], 9).arrayGet(2))[0] == [9] * 4
    assert values(vector.arrayRepeat(0, 2).arrayLength(0))[0] == [4] * 4
    assert values(vector.arrayRepeat(1, 2).arrayReshape(ee.Image(ee.Array([4])), 1).arrayGet(3))[0] == [5] * 4
    assert values(vector.arraySort(vector.multiply(-1)).arrayGet(0))[0] == [10, 11, 12, 13]
    assert values(vector.arrayTranspose().arrayDimensions())[0] == [2] * 4
    around = first.select("a").neighborhoodToArray(ee.Kernel.square(1), -1)
    assert values(around.arrayGet([0, 1]))[1] == [10, 11, 12, 13]
    assert values(around.arrayGet([0, 0]))[0] == [-1] * 4


def test_regions_and_samples_of_arrays(years: ee.ImageCollection) -> None:
    stack = years.select("a").toArray().arrayProject([0])
    place = ee.Geometry.Point([100.1, 44.9])
    assert stack.reduceRegion(ee.Reducer.first(), place, SCALE).getInfo() == {"array": [10, 20, 60]}
    found = stack.sample(place, SCALE).first().getArray("array").getInfo()
    assert found == [10, 20, 60]


@pytest.mark.parametrize(
    "grown",
    [
        lambda array: array.matrixTranspose(0, 10**9),
        lambda array: array.repeat(10**9, 2),
        lambda array: ee.Array.cat([array, array], 10**9),
    ],
)
def test_axes_far_beyond_an_array_are_refused_at_once(few: Server, grown: Callable[[Any], Any]) -> None:
    with pytest.raises(ee.EEException, match="axis 1000000000 is beyond the 64 axes"):
        grown(ee.Array([[1, 2], [3, 4]])).getInfo()
