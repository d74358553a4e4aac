"""The operators that images, arrays and numbers share, by the names that Earth Engine gives them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import special

Array = np.ndarray
Operator = Callable[[Array, Array], Array]


def _divide(a: Array, b: Array) -> Array:
    return np.divide(a, b, out=np.zeros(np.broadcast(a, b).shape, np.float64), where=b != 0)


def _modulo(a: Array, b: Array) -> Array:
    safe = np.where(b == 0, 1, b)
    return np.where(b == 0, 0, np.fmod(a, safe))


ARITHMETIC: dict[str, Operator] = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": _divide,
    "mod": _modulo,
    "pow": lambda a, b: np.power(a.astype(np.float64), b),
    "max": np.maximum,
    "min": np.minimum,
    "hypot": np.hypot,
    "atan2": lambda a, b: np.arctan2(b, a),
    # γ(x, a): the value comes first, the shape second.
    "gammainc": lambda x, a: special.gammainc(a, x),
}


LOGICAL: dict[str, Operator] = {
    "eq": np.equal,
    "neq": np.not_equal,
    "lt": np.less,
    "lte": np.less_equal,
    "gt": np.greater,
    "gte": np.greater_equal,
    "and": lambda a, b: (a != 0) & (b != 0),
    "or": lambda a, b: (a != 0) | (b != 0),
}


BITWISE: dict[str, Operator] = {
    "bitwiseAnd": np.bitwise_and,
    "bitwiseOr": np.bitwise_or,
    "bitwiseXor": np.bitwise_xor,
    "leftShift": np.left_shift,
    "rightShift": np.right_shift,
}


UNARY: dict[str, Callable[[Array], Array]] = {
    "abs": np.abs,
    "ceil": np.ceil,
    "floor": np.floor,
    # Earth Engine rounds halves up, numpy to even.
    "round": lambda a: np.floor(a + 0.5),
    "signum": np.sign,
    "exp": np.exp,
    "log": np.log,
    "log10": np.log10,
    "sqrt": np.sqrt,
    "cbrt": np.cbrt,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "not": lambda a: a == 0,
    "bitwiseNot": lambda a: ~a.astype(np.int64),
    # The ones of two's complement in 64 bits; numpy counts those of the absolute value.
    "bitCount": lambda a: np.bitwise_count(a.astype(np.int64).astype(np.uint64)).astype(np.int64),
    "erf": special.erf,
    "erfInv": special.erfinv,
    "erfc": special.erfc,
    "erfcInv": special.erfcinv,
    "gamma": special.gamma,
    "digamma": special.digamma,
    "trigamma": lambda a: special.polygamma(1, a),
}


#: Older spellings that the client still lists.
SPELLINGS = {
    "bitwise_and": "bitwiseAnd",
    "bitwise_or": "bitwiseOr",
    "bitwise_xor": "bitwiseXor",
    "bitwise_not": "bitwiseNot",
    "left_shift": "leftShift",
    "right_shift": "rightShift",
}


CASTS = {
    "toByte": "uint8",
    "toUint8": "uint8",
    "byte": "uint8",
    "toInt8": "int8",
    "toUint16": "uint16",
    "toInt16": "int16",
    "toShort": "int16",
    "short": "int16",
    "toUint32": "uint32",
    "toInt32": "int32",
    "toInt64": "int64",
    "toLong": "int64",
    "toInt": "int32",
    "toFloat": "float",
    "toDouble": "double",
    "uint8": "uint8",
    "int8": "int8",
    "uint16": "uint16",
    "int16": "int16",
    "uint32": "uint32",
    "int32": "int32",
    "int64": "int64",
    "long": "int64",
    "int": "int32",
    "float": "float",
    "double": "double",
}
