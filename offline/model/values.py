"""The values that expressions are made of, besides images, features and collections."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from typing import Any

import numpy as np

from offline.model.iso_dates import iso_moment

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WGS84 = "EPSG:4326"
#: The numpy types in which pixels travel or are computed with, besides small whole numbers.
INT64, FLOAT32, FLOAT64 = np.dtype("int64"), np.dtype("float32"), np.dtype("float64")
#: Ranges of the integer pixel types that Earth Engine names.
INTEGER_RANGES = {
    "uint8": (0, 2**8 - 1),
    "int8": (-(2**7), 2**7 - 1),
    "uint16": (0, 2**16 - 1),
    "int16": (-(2**15), 2**15 - 1),
    "uint32": (0, 2**32 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "int64": (-(2**63), 2**63 - 1),
}


def clamped(values: Any, low: float, high: float) -> Any:
    """Whole numbers (int64) of an array within a range; decimals are cut off, and what is not a number is 0."""
    if values.dtype.kind not in "fu":
        return np.clip(values, low, high)
    numbers = values if values.dtype.kind == "f" else values.astype(np.float64)
    # The end of the range of 64 bits is no double, so it cannot be clipped to.
    fits = numbers < high
    whole = np.maximum(np.where(fits, numbers, 0), low).astype(np.int64)
    return np.where(fits, whole, np.where(numbers >= high, int(high), 0))


@dataclass(frozen=True)
class Date:
    """An instant, in milliseconds since 1970-01-01 UTC."""

    millis: int

    @classmethod
    def parse(cls, value: Any, zone: tzinfo = UTC) -> Date:
        """A Date from another, from milliseconds, or from an ISO 8601 string, which is read in a time zone."""
        if isinstance(value, Date):
            return value
        if isinstance(value, str):
            return cls.of(iso_moment(value, zone))
        if isinstance(value, (int, float)):
            return cls(int(value))
        raise TypeError(f"Date: cannot be made of {type(value).__name__}.")

    @classmethod
    def of(cls, moment: datetime) -> Date:
        """The Date of an aware datetime."""
        return cls(round((moment - EPOCH) / timedelta(milliseconds=1)))

    @property
    def moment(self) -> datetime:
        """The instant as an aware datetime in UTC."""
        return EPOCH + timedelta(milliseconds=self.millis)

    def at(self, zone: tzinfo) -> datetime:
        """The instant as clocks of a time zone show it."""
        return self.moment.astimezone(zone)


@dataclass(frozen=True)
class DateRange:
    """Half-open: `start` belongs to it, `end` does not; None is unbounded."""

    start: Date | None
    end: Date | None


@dataclass(frozen=True)
class PixelType:
    """`int`, `float` or `double`, with a range where it is known; `dimensions` counts array axes.

    `sure`: the service has the same type with the same range, none meaning all that the precision can hold.
    `precise`: it has at least the same precision; what is sure is that, too.
    """

    precision: str
    low: float | None = None
    high: float | None = None
    dimensions: int = 0
    sure: bool = field(default=False, compare=False)
    precise: bool = field(default=False, compare=False)

    def __post_init__(self) -> None:
        if self.sure and not self.precise:
            object.__setattr__(self, "precise", True)

    @classmethod
    @cache
    def named(cls, name: str) -> PixelType:
        """The type that a numpy or Earth Engine name means (`int16`, `float`, `double`, `float32`)."""
        if name in INTEGER_RANGES:
            return cls("int", *INTEGER_RANGES[name], sure=True)
        return cls({"float32": "float", "float64": "double", "byte": "int"}.get(name, name), sure=name != "byte")

    @property
    def dtype(self) -> np.dtype[Any]:
        """The smallest numpy type that holds it, in which pixels travel."""
        if self.precision == "float":
            return FLOAT32
        if self.precision == "double" or self.low is None or self.high is None:
            return FLOAT64 if self.precision == "double" else INT64
        for name, (low, high) in INTEGER_RANGES.items():
            if low <= self.low and self.high <= high:
                return np.dtype(name)
        return INT64

    @property
    def computing(self) -> np.dtype[Any]:
        """The numpy type in which values of this type are computed with."""
        return INT64 if self.precision == "int" else self.dtype

    def json(self) -> dict[str, Any]:
        """As Earth Engine describes it."""
        body: dict[str, Any] = {"type": "PixelType", "precision": self.precision}
        if self.low is not None and self.high is not None:
            body |= {"min": _shown(self.low), "max": _shown(self.high)}
        if self.dimensions:
            body["dimensions"] = self.dimensions
        return body


def _shown(limit: float) -> float:
    """A limit as JSON has it: whole numbers without decimals."""
    return int(limit) if float(limit).is_integer() else float(limit)


FLOAT, DOUBLE = PixelType("float"), PixelType("double")


@dataclass(frozen=True)
class Projection:
    """A coordinate reference system and the affine transform (a, b, c, d, e, f) of its pixels."""

    crs: str
    transform: tuple[float, ...] = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)

    def json(self) -> dict[str, Any]:
        """As Earth Engine describes it."""
        return {"type": "Projection", "crs": self.crs, "transform": list(self.transform)}


#: The projection of composites: one-degree cells, as Earth Engine documents.
DEFAULT_PROJECTION = Projection(WGS84)


@dataclass(frozen=True)
class Filter:
    """A test on an element, or, in a join, on two: `matches` where the right field is another element's.

    `measure` is how far apart two elements are, for filters that say so. `span` is the range of time in which an
    element must begin, for filters that ask for nothing else.
    """

    accepts: Callable[[Any], bool]
    matches: Callable[[Any, Any], bool] | None = None
    measure: Callable[[Any, Any], float] | None = None
    span: DateRange | None = None

    def pairs(self, left: Any, right: Any) -> bool:
        """Whether two elements belong together."""
        return self.matches(left, right) if self.matches is not None else self.accepts(left)


@dataclass(frozen=True)
class Reducer:
    """A reducer: what it is called, how many inputs it takes, its outputs, and how it reduces.

    `reduce` takes, for each input, values (n, …) and, shared by all, weights (n, …) where 0 leaves a value
    out, and returns for each output its values (…) and whether each is defined (…).
    """

    name: str
    inputs: int
    outputs: tuple[str, ...]
    reduce: Callable[[list[Any], Any], list[tuple[Any, Any]]]
    weighted: bool = True
    options: dict[str, Any] = field(default_factory=dict)


def first_weights(reducer: Reducer, weights: Any) -> Any:
    """The weights as `reducer` sees them: as they are, or one for every value that counts."""
    return weights if reducer.weighted else (weights > 0) * 1.0


def within(span: DateRange, moment: Date) -> bool:
    """Half-open membership."""
    after = span.start is None or span.start.millis <= moment.millis
    return after and (span.end is None or moment.millis < span.end.millis)
