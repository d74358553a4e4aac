"""Casts of numbers, arrays and pixels to every type, under each of the names that the client lists, and pixel types.

Integers keep to the range of their type: an example on each page `ee-number-to…` of Earth Engine's reference
(developers.google.com/earth-engine/apidocs). Decimals of numbers and pixels are lost; those of arrays are rounded
(`ee-array-byte`).
"""

from __future__ import annotations

from typing import Any

import ee
import numpy as np
import pytest
from together import refused, wrong

pytestmark = pytest.mark.usefixtures("few")

#: Bits and sign of each integer type, and all names of the cast to it.
INTEGERS: dict[str, tuple[int, bool, list[str]]] = {
    "uint8": (8, False, ["uint8", "toUint8", "byte", "toByte"]),
    "int8": (8, True, ["int8", "toInt8"]),
    "uint16": (16, False, ["uint16", "toUint16"]),
    "int16": (16, True, ["int16", "toInt16", "short", "toShort"]),
    "uint32": (32, False, ["uint32", "toUint32"]),
    "int32": (32, True, ["int32", "toInt32", "int", "toInt"]),
    "int64": (64, True, ["int64", "toInt64", "long", "toLong"]),
}
#: Casts to fractions: of 32 and of 64 bits.
FRACTIONS = {"float": ["float", "toFloat"], "double": ["double", "toDouble"]}
VALUES = [-1e20, -40_000.0, -129.0, -1.7, -0.2, 0.0, 0.5, 1.7, 127.1, 255.9, 70_000.0, 5e9, 1e20]
NAMES = [(kind, name) for kind, (_, _, names) in INTEGERS.items() for name in names]


def limits(kind: str) -> tuple[int, int]:
    """The range of an integer type, from its bits."""
    bits, signed, _ = INTEGERS[kind]
    return (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)


def held(value: float, kind: str) -> int:
    """What a whole number becomes in a type: itself, or the nearer end of the range."""
    low, high = limits(kind)
    return min(max(int(value), low), high)


def test_numbers_lose_their_decimals() -> None:
    cases = {
        name: ([ee.call(f"Number.{name}", value) for value in VALUES], [held(value, kind) for value in VALUES])
        for kind, name in NAMES
    }
    assert wrong(cases, rel=0) == {}


def test_arrays_round() -> None:
    """The example of ee-array-byte: [-0.1, 0.1, 0.5, 127.1, 255.1, 255.9] becomes [0, 0, 1, 127, 255, 255]."""
    rounded = [np.floor(value + 0.5) for value in VALUES]
    cases: dict[str, tuple[Any, Any]] = {
        name: (ee.call(f"Array.{name}", ee.Array(VALUES)), [held(value, kind) for value in rounded])
        for kind, name in NAMES
    }
    cases["example"] = (ee.Array([-0.1, 0.1, 0.5, 127.1, 255.1, 255.9]).byte(), [0, 0, 1, 127, 255, 255])
    cases["nothing"] = (ee.Array([[], []], ee.PixelType.float()).byte(), [[], []])
    assert wrong(cases, rel=0) == {}


def test_pixels_lose_their_decimals() -> None:
    """Values and types of bands."""
    image = ee.Image.constant(VALUES).rename([f"v{index}" for index in range(len(VALUES))])
    point = ee.Geometry.Point([101, 44.5])
    cast = {name: ee.Image(ee.call(f"Image.{name}", image)) for _, name in NAMES}
    cases: dict[str, tuple[Any, Any]] = {
        name: (
            cast[name].reduceRegion(ee.Reducer.first(), point, 1000).values(image.bandNames()),
            [held(value, kind) for value in VALUES],
        )
        for kind, name in NAMES
    }
    cases |= {
        f"type of {name}": (
            cast[name].bandTypes().get("v0"),
            {"type": "PixelType", "precision": "int", "min": limits(kind)[0], "max": limits(kind)[1]},
        )
        for kind, name in NAMES
    }
    assert wrong(cases, rel=0) == {}


def test_fractions() -> None:
    """A number of 32 bits is the nearest that has them: 0.1 becomes 0.100000001490116 (IEEE 754)."""
    values = [0.1, -1 / 3, 16_777_217, 0]
    point = ee.Geometry.Point([101, 44.5])
    image = ee.Image.constant(values).rename(["a", "b", "c", "d"])
    for kind, names in FRACTIONS.items():
        expected = np.array(values, "float32" if kind == "float" else "float64").tolist()
        cases: dict[str, tuple[Any, Any]] = {}
        for name in names:
            pixels = ee.Image(ee.call(f"Image.{name}", image))
            cases |= {
                f"Number.{name}": ([ee.call(f"Number.{name}", value) for value in values], expected),
                f"Array.{name}": (ee.call(f"Array.{name}", ee.Array(values)), expected),
                f"Image.{name}": (pixels.reduceRegion(ee.Reducer.first(), point, 1000).values(list("abcd")), expected),
                f"type of {name}": (pixels.bandTypes().get("a"), {"type": "PixelType", "precision": kind}),
            }
        assert wrong(cases, rel=0) == {}


def test_pixel_types() -> None:
    """Types as values: names, ranges, axes."""
    cases: dict[str, tuple[Any, Any]] = {}
    for kind in INTEGERS:
        made = ee.call(f"PixelType.{kind}")
        low, high = limits(kind)
        cases[kind] = (made, {"type": "PixelType", "precision": "int", "min": low, "max": high})
        cases[f"range of {kind}"] = (
            [ee.call("PixelType.minValue", made), ee.call("PixelType.maxValue", made)],
            [low, high],
        )
    for kind in FRACTIONS:
        cases[kind] = (ee.call(f"PixelType.{kind}"), {"type": "PixelType", "precision": kind})
        cases[f"precision of {kind}"] = (ee.call("PixelType.precision", ee.call(f"PixelType.{kind}")), kind)
    cases["axes of a scalar"] = (ee.PixelType.int8().dimensions(), 0)
    cases["axes of a matrix"] = (ee.PixelType("float", None, None, 2).dimensions(), 2)
    assert wrong(cases, rel=0) == {}


def test_casting_a_collection() -> None:
    """ImageCollection.cast: types by name or value, bands in the order given, missing ones added transparent."""
    both = ee.Image.constant([1.7, 300]).rename(["a", "b"])
    images = ee.ImageCollection([both, both.select(["a"])])
    cast = images.cast({"a": "int16", "b": ee.PixelType.uint8()}, ["b", "a"])
    point = ee.Geometry.Point([101, 44.5])
    first, second = (ee.Image(cast.toList(2).get(index)) for index in (0, 1))
    a = {"type": "PixelType", "precision": "int", "min": -32768, "max": 32767}
    b = {"type": "PixelType", "precision": "int", "min": 0, "max": 255}
    cases: dict[str, tuple[Any, Any]] = {
        "order": (first.bandNames(), ["b", "a"]),
        "types": (second.bandTypes(), {"a": a, "b": b}),
        "values": (first.reduceRegion(ee.Reducer.first(), point, 1000), {"a": 1, "b": 255}),
        "transparent": (second.reduceRegion(ee.Reducer.count(), point, 1000), {"a": 1, "b": 0}),
    }
    assert wrong(cases, rel=0) == {}
    refused(lambda: images.cast({"a": "int16"}, ["a"]).first(), "b")
    refused(lambda: images.cast({"a": "int16", "b": "byte"}, ["a"]).first(), "bandOrder")
