"""Operators on numbers, arrays and pixels: one table for all three, against Python's own mathematics.

Edge cases are those of the examples in Earth Engine's reference (developers.google.com/earth-engine/apidocs), pages
`ee-number-…` and `ee-array-…` of the operator's name.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist
from typing import Any

import ee
import pytest
from together import refused, same, wrong

pytestmark = pytest.mark.usefixtures("few")

EULER = 0.5772156649015329
REAL = [-2.5, -1.0, -0.4, 0.0, 0.5, 1.2, 2.5]
POSITIVE = [0.001, 0.5, 1.0, 2.0, 4.5]
UNIT = [-1.0, -0.3, 0.0, 0.8, 1.0]
WHOLE = [0, 1, 2, 3, 25, 0xFF, 0xFFFF, -1, -2, -3]


def root(x: float) -> float:
    """The quantile of the standard normal distribution, of which the inverse error functions are made."""
    return NormalDist().inv_cdf(x) / math.sqrt(2)


UNARY: dict[str, tuple[Callable[[Any], float], list[Any]]] = {
    "abs": (abs, REAL),
    "ceil": (math.ceil, REAL),
    "floor": (math.floor, REAL),
    # halves go up: ee-number-round
    "round": (lambda x: math.floor(x + 0.5), [10.4, 10.5, 10.9, -0.4, 3.0]),
    "signum": (lambda x: (x > 0) - (x < 0), REAL),
    "exp": (math.exp, REAL),
    "log": (math.log, POSITIVE),
    "log10": (math.log10, POSITIVE),
    "sqrt": (math.sqrt, [0.0, *POSITIVE]),
    "cbrt": (math.cbrt, REAL),
    "sin": (math.sin, REAL),
    "cos": (math.cos, REAL),
    "tan": (math.tan, REAL),
    "asin": (math.asin, UNIT),
    "acos": (math.acos, UNIT),
    "atan": (math.atan, REAL),
    "sinh": (math.sinh, REAL),
    "cosh": (math.cosh, REAL),
    "tanh": (math.tanh, REAL),
    "not": (lambda x: float(x == 0), REAL),
    "erf": (math.erf, REAL),
    "erfc": (math.erfc, REAL),
    "erfInv": (lambda x: root((x + 1) / 2), [-0.99, -0.001, 0.0, 0.5]),
    "erfcInv": (lambda x: -root(x / 2), [0.01, 0.5, 1.0, 1.9]),
    "gamma": (math.gamma, [*POSITIVE, -0.5]),
    # ψ(1) = -γ, ψ(n + 1) = ψ(n) + 1/n, ψ(½) = -γ - 2 ln 2; ψ′ likewise (DLMF 5.4, 5.15)
    "digamma": ({1: -EULER, 2: 1 - EULER, 0.5: -EULER - 2 * math.log(2)}.__getitem__, [1, 2, 0.5]),
    "trigamma": ({1: math.pi**2 / 6, 2: math.pi**2 / 6 - 1, 0.5: math.pi**2 / 2}.__getitem__, [1, 2, 0.5]),
    "bitCount": (lambda x: (x % 2**64).bit_count(), WHOLE),
    "bitwiseNot": (lambda x: -x - 1, WHOLE),
    "bitwise_not": (lambda x: -x - 1, WHOLE),
}

PAIRS = [(3.5, 1.25), (-7.0, 3.0), (7.0, -3.0), (0.0, 2.0), (2.0, 2.0), (-1.5, 0.0)]
BITS = [(0, 0), (6, 3), (0x00FF, 0xFF00), (-1, 5), (25, 12)]
SHIFTS = [(20, 2), (1, 10), (-20, 2), (5, 0)]
BINARY: dict[str, tuple[Callable[[Any, Any], float], list[tuple[Any, Any]]]] = {
    "add": (lambda a, b: a + b, PAIRS),
    "subtract": (lambda a, b: a - b, PAIRS),
    "multiply": (lambda a, b: a * b, PAIRS),
    # dividing by zero gives 0: ee-array-divide
    "divide": (lambda a, b: a / b if b else 0, PAIRS),
    # the remainder has the sign of the dividend: ee-array-mod
    "mod": (math.fmod, [(-9.0, 8.0), (8.0, -7.0), (8.0, 9.0), (2.5, 1.2), (0.0, -1.0)]),
    "pow": (lambda a, b: a**b, [(-2.0, -2), (-2.0, 3), (10.0, -1), (0.0, 0), (2.0, 0.5)]),
    "max": (max, PAIRS),
    "min": (min, PAIRS),
    "hypot": (math.hypot, PAIRS),
    # of the vector [left, right], left is x: ee-number-atan2
    "atan2": (lambda x, y: math.atan2(y, x), [(0, 0), (1, 0), (0, 1), (-1, 0), (0, -1), (3.0, 4.0)]),
    # γ(x, a), left is x, so that a = 1 gives 1 - exp(-x): ee-number-gammainc
    "gammainc": (
        lambda x, a: 1 - math.exp(-x) * (1 if a == 1 else 1 + x),
        [(0.0, 1), (1.0, 1), (10.0, 1), (0.5, 2), (3.0, 2)],
    ),
    "eq": (lambda a, b: float(a == b), PAIRS),
    "neq": (lambda a, b: float(a != b), PAIRS),
    "lt": (lambda a, b: float(a < b), PAIRS),
    "lte": (lambda a, b: float(a <= b), PAIRS),
    "gt": (lambda a, b: float(a > b), PAIRS),
    "gte": (lambda a, b: float(a >= b), PAIRS),
    "and": (lambda a, b: float(bool(a) and bool(b)), PAIRS),
    "or": (lambda a, b: float(bool(a) or bool(b)), [*PAIRS, (0.0, 0.0)]),
    "first": (lambda a, _: a, PAIRS),
    "firstNonZero": (lambda a, b: a or b, PAIRS),
    "first_nonzero": (lambda a, b: a or b, PAIRS),
    **dict.fromkeys(("bitwiseAnd", "bitwise_and"), (lambda a, b: a & b, BITS)),
    **dict.fromkeys(("bitwiseOr", "bitwise_or"), (lambda a, b: a | b, BITS)),
    **dict.fromkeys(("bitwiseXor", "bitwise_xor"), (lambda a, b: a ^ b, BITS)),
    **dict.fromkeys(("leftShift", "left_shift"), (lambda a, b: a << b, SHIFTS)),
    **dict.fromkeys(("rightShift", "right_shift"), (lambda a, b: a >> b, SHIFTS)),
}


def inputs() -> dict[str, tuple[list[list[Any]], list[float]]]:
    """Operator → its operands, one list each, and what comes of them."""
    one = {name: ([given], [make(x) for x in given]) for name, (make, given) in UNARY.items()}
    two = {
        name: ([[a for a, _ in given], [b for _, b in given]], [make(a, b) for a, b in given])
        for name, (make, given) in BINARY.items()
    }
    return {**one, **two}


def test_numbers() -> None:
    """Every operator, one number (or pair) at a time."""
    cases = {
        name: ([ee.call(f"Number.{name}", *each) for each in zip(*operands, strict=True)], expected)
        for name, (operands, expected) in inputs().items()
    }
    assert wrong(cases) == {}


def test_arrays() -> None:
    """Every operator element by element. Earth Engine may give 32-bit fractions where this engine has 64."""
    cases = {
        name: (ee.call(f"Array.{name}", *map(ee.Array, operands)), expected)
        for name, (operands, expected) in inputs().items()
    }
    assert wrong(cases, rel=1e-6) == {}


def test_pixels() -> None:
    """Every operator on images of a band a case."""
    point = ee.Geometry.Point([101, 44.5])
    asked = [
        ee.Image(ee.call(f"Image.{name}", *map(ee.Image.constant, operands)))
        .rename([f"c{index}" for index in range(len(expected))])
        .reduceRegion(ee.Reducer.first(), point, 1000)
        for name, (operands, expected) in inputs().items()
    ]
    found = dict(zip(inputs(), ee.List(asked).getInfo(), strict=True))
    shown = {
        name: (list(found[name].values()), expected)
        for name, (_, expected) in inputs().items()
        if not same([found[name][f"c{index}"] for index in range(len(expected))], expected, 1e-6)
    }
    assert shown == {}


def test_values_that_are_no_numbers() -> None:
    """Infinity and NaN come as words, as the protocol writes them: ee-array-pow shows `['Infinity', …, 1, 0]`.

    The others are in the examples of ee-number-erfinv, -trigamma and -gammainc and ee-array-digamma.
    """
    cases: dict[str, tuple[Any, Any]] = {
        "a power": (ee.Array([0, 0, 0]).pow([-1, 0, 1]), ["Infinity", 1, 0]),
        "erfInv(-1)": (ee.Number(-1).erfInv(), "-Infinity"),
        "erfInv(1)": (ee.Number(1).erfInv(), "Infinity"),
        "digamma(0)": (ee.Array([0]).digamma(), ["-Infinity"]),
        "trigamma(-100)": (ee.Number(-100).trigamma(), "Infinity"),
        "gammainc of x < 0": (ee.Number(-1).gammainc(1), "NaN"),
        "gammainc of a < 0": (ee.Number(10).gammainc(-1), "NaN"),
        "0/0 is 0": (ee.Number(0).divide(0), 0),
    }
    assert wrong(cases) == {}


def test_pixels_that_are_no_numbers_are_masked() -> None:
    """A pixel outside the domain of an operator has no value; those beside it keep theirs."""
    names = ("log", "sqrt", "asin", "acos", "erfInv")
    asked = [
        ee.Image(ee.call(f"Image.{name}", ee.Image.constant([-2, 0.5]).rename(["out", "in"])))
        .reduceRegion(ee.Reducer.count(), ee.Geometry.Point([101, 44.5]), 1000)
        .values(["out", "in"])
        for name in names
    ]
    expected = {name: [0, 1] for name in names}
    assert dict(zip(names, ee.List(asked).getInfo(), strict=True)) == expected


def test_fractions_have_no_bits() -> None:
    """Bits are those of whole numbers."""
    for family, value in (("Number", 6.5), ("Array", ee.Array([6.5])), ("Image", ee.Image(6.5))):
        asked = ee.call(f"{family}.bitwiseAnd", value, 3)
        refused(lambda asked=asked: asked, f"{family}.bitwiseAnd: Bitwise operands must be integers")


def test_unit_scale_does_not_clamp() -> None:
    """Signature of `unitScale`: outside values are not clamped, and a range of nothing gives 0; ee-number-unitscale."""
    pixel = ee.Image.constant([-10, 10, 200]).unitScale(0, 100).rename(["a", "b", "c"])
    cases: dict[str, tuple[Any, Any]] = {
        "below": (ee.Number(-10).unitScale(0, 100), -0.1),
        "inside": (ee.Number(10).unitScale(0, 100), 0.1),
        "above": (ee.Number(200).unitScale(0, 100), 2),
        "no range": (ee.Number(10).unitScale(5, 5), 0),
        "pixels": (
            pixel.reduceRegion(ee.Reducer.first(), ee.Geometry.Point([101, 44.5]), 1000),
            {"a": -0.1, "b": 0.1, "c": 2},
        ),
    }
    assert wrong(cases, rel=1e-6) == {}
