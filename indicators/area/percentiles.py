"""Exact percentiles by unit of data that do not fit into memory.

The bits of a float, its sign flipped, sort like its value. A pass over the data counts, for each unit, the values by
their leading 16 bits; the count tells which 16 bits the value of the wanted rank starts with, and the next pass counts
only what starts so. Two passes end with a float32, four with a float64: no sample, no value kept. Memory grows with
the units and the spread of their values, not with the region. The value between two ranks is interpolated as
numpy.percentile does it, to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from indicators.errors import IndicatorError

DIGIT = 16
Block = tuple[Any, Any]
Blocks = Callable[[], Iterable[Block]] | Iterable[Block]


def by_unit(blocks: Blocks, q: float = 90) -> pd.DataFrame:
    """`count` of values and their `q`-th percentile `value`, indexed by unit.

    `blocks` yields pairs (values, units) of one shape, and is read several times: a list, an object that can be
    iterated again, or a function that starts again. Values that are not finite, and units that are NaN, are left out.
    Values are float32 or float64, the same in all blocks. Raises IndicatorError for a q outside 0 … 100, an iterator
    that ends with its first pass, and blocks that do not fit.
    """
    if not 0 <= q <= 100:
        raise IndicatorError(f"percentile {q} is not between 0 and 100")
    if isinstance(blocks, Iterator):
        raise IndicatorError("an iterator ends with its first pass; give a list, or a function that makes the blocks")
    again = blocks if callable(blocks) else lambda: blocks
    labels, digits, numbers, kind = _first_digits(again())
    if not len(labels):
        return pd.DataFrame({"count": [], "value": []}, index=pd.Index([], name="unit", dtype=np.int64))
    units, start = np.unique(labels, return_index=True)
    count = np.add.reduceat(numbers, start)
    share = np.true_divide(q, 100)
    below = np.floor((count - 1) * share)
    ranks = np.stack([below, np.minimum(below + 1, count - 1)]).astype(np.int64)
    first = (np.searchsorted(units, labels), digits, numbers)
    pairs = _of_ranks(again, units, ranks, first, kind)
    values = [np.quantile(pair, part) for pair, part in zip(pairs.T, (count - 1) * share - below, strict=True)]
    return pd.DataFrame({"count": count, "value": np.array(values)}, index=pd.Index(units, name="unit"))


def _read(block: Block) -> tuple[np.ndarray, np.ndarray]:
    """Finite values and their units, flat."""
    values, labels = (np.asarray(part) for part in block)
    if values.shape != labels.shape:
        raise IndicatorError(
            f"values {values.shape} and units {labels.shape} of a block differ in shape; give one unit for each value"
        )
    if values.dtype != np.float32:
        values = values.astype(np.float64, copy=False)
    inside = np.isfinite(values) & np.isfinite(labels)
    return values[inside], labels[inside].astype(np.int64)


Counts = tuple[np.ndarray, np.ndarray, np.ndarray]


def _first_digits(blocks: Iterable[Block]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.dtype[Any]]:
    """How often each leading digit occurs in each unit (label, digit, count), and the kind of the values."""
    counter, kinds = _Counter(), set()
    for block in blocks:
        values, labels = _read(block)
        bits = ordered_bits(values)
        kinds.add(values.dtype)
        counter.add((labels << DIGIT) | (bits >> bits.dtype.type(bits.itemsize * 8 - DIGIT)).astype(np.int64))
    if len(kinds) > 1:
        raise IndicatorError("some blocks are float32 and some float64; give all blocks in one type")
    return *counter.found(), kinds.pop() if kinds else np.dtype(float)


class _Counter:
    """Counts of keys that are added block by block; no more memory than a few times the different keys."""

    def __init__(self) -> None:
        self.keys, self.numbers = [np.empty(0, np.int64)], [np.empty(0, np.int64)]

    def add(self, keys: np.ndarray) -> None:
        new, number = np.unique(keys, return_counts=True)
        self.keys.append(new)
        self.numbers.append(number)
        if len(self.keys) > 16:
            self._join()

    def _join(self) -> None:
        keys, place = np.unique(np.concatenate(self.keys), return_inverse=True)
        self.keys, self.numbers = [keys], [np.bincount(place, np.concatenate(self.numbers)).astype(np.int64)]

    def found(self) -> Counts:
        """Upper part of the keys, their last digit, their counts; sorted by key."""
        self._join()
        return self.keys[0] >> DIGIT, self.keys[0] & 0xFFFF, self.numbers[0]


def ordered_bits(values: np.ndarray) -> np.ndarray:
    """Unsigned whole numbers that sort like the values; −0 like +0."""
    if values.dtype == np.float32:
        bits = (values + np.float32(0)).view(np.uint32)
        return np.where(bits >> np.uint32(31), ~bits, bits | np.uint32(1 << 31))
    wide = (values + 0.0).view(np.uint64)
    return np.where(wide >> np.uint64(63), ~wide, wide | np.uint64(1 << 63))


def from_bits(bits: np.ndarray) -> np.ndarray:
    """The values of `ordered_bits`."""
    if bits.dtype == np.uint32:
        return np.where(bits >> np.uint32(31), bits ^ np.uint32(1 << 31), ~bits).view(np.float32)
    return np.where(bits >> np.uint64(63), bits ^ np.uint64(1 << 63), ~bits).view(np.float64)


def _of_ranks(
    again: Callable[[], Iterable[Block]], units: np.ndarray, ranks: np.ndarray, first: Counts, kind: np.dtype[Any]
) -> np.ndarray:
    """The values of `ranks` (2, units), digit by digit."""
    width = kind.itemsize * 8
    prefix = np.zeros(ranks.shape, np.uint32 if width == 32 else np.uint64)
    rest = ranks.copy()
    for shift in range(width - DIGIT, -1, -DIGIT):
        both = (first, first) if shift == width - DIGIT else _next_digits(again, units, prefix, shift)
        for which, (place, digit, count) in enumerate(both):
            ends = np.concatenate([[0], np.cumsum(count)])
            before = ends[np.searchsorted(place, np.arange(len(units)))]
            hit = np.searchsorted(ends[1:], before + rest[which], side="right")
            prefix[which] = (prefix[which] << prefix.dtype.type(DIGIT)) | digit[hit].astype(prefix.dtype)
            rest[which] -= ends[hit] - before
    return from_bits(prefix)


def _next_digits(
    again: Callable[[], Iterable[Block]], units: np.ndarray, prefix: np.ndarray, shift: int
) -> tuple[Counts, Counts]:
    """For both ranks: how often each next digit follows the prefix of each unit (place of the unit, digit, count)."""
    counters = (_Counter(), _Counter())
    for block in again():
        values, labels = _read(block)
        bits, place = ordered_bits(values), np.searchsorted(units, labels)
        beginning = bits >> bits.dtype.type(shift + DIGIT)
        digit = ((bits >> bits.dtype.type(shift)) & bits.dtype.type(0xFFFF)).astype(np.int64)
        for counter, wanted in zip(counters, prefix, strict=True):
            follows = beginning == wanted[place]
            counter.add((place[follows] << DIGIT) | digit[follows])
    return counters[0].found(), counters[1].found()
