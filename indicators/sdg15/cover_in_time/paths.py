"""The most likely course of land cover in each pixel: the algorithm of Viterbi (1967), kind of pixel included.

Only classes that the labels of a pixel show can be true in it. The course found is read as labels again until it stays
the same: a course that the model would not believe if it were observed is not given. Series of two classes never need
this.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from indicators.codes import NODATA
from indicators.kernel.blocks import PART, shared
from indicators.kernel.compiling import compiled
from indicators.sdg15.cover_in_time.rates import CLASSES, Rates
from indicators.sdg15.lookup import codes

STATES = CLASSES**2


def most_likely(cover: np.ndarray, rates: Rates, threads: int = 1) -> np.ndarray:
    """Classes (year, ...), int8, of labels of consecutive years; `NODATA` in a year without one."""
    flat = cover.reshape(len(cover), -1)
    result = np.empty(flat.shape, np.int8)
    with np.errstate(divide="ignore"):
        tables = tuple(np.log(each) for each in (*rates.tables(), 1 - rates.ending))

    def work(part: slice) -> None:
        made = np.empty((len(cover), part.stop - part.start), np.int8)
        _decode(codes(flat[:, part]), *tables, made)
        result[:, part] = made

    shared(work, flat.shape[1], threads, max(PART // max(len(cover), 1), 1))
    return result.reshape(cover.shape)


@compiled
def _decode(
    cover: Any, start: Any, change: Any, begins: Any, ending: Any, shows: Any, lasting: Any, result: Any
) -> None:
    """Logarithms of the tables; `result` is filled."""
    years = len(cover)
    label, found = np.empty(years, np.int64), np.empty(years, np.int64)
    present = np.empty(CLASSES, np.int64)
    scores, came = np.empty((2, STATES)), np.empty((years, STATES), np.int8)
    for pixel in range(cover.shape[1]):
        for year in range(years):
            code = cover[year, pixel]
            result[year, pixel] = code if 1 <= code <= CLASSES else np.int8(NODATA)
        for _ in range(years):
            n = _numbered(result[:, pixel], present, label)
            if n < 2:
                break
            shown, changed = _of(shows, present, n), _of(change, present, n)
            highest = -np.inf
            for kind in range(2):
                first, begun = _of(start[kind], present, n), _of(begins[kind], present, n)
                last = _scored(label, n, first, changed, begun, ending[kind], lasting[kind], shown, scores, came)
                if scores[0, last] > highest:
                    highest = scores[0, last]
                    _traced(came, last, n, found)
            same = True
            for year in range(years):
                if label[year] >= 0:
                    same &= found[year] == label[year]
                    result[year, pixel] = present[found[year]] + 1
            if same:
                break


@compiled
def _numbered(labels: Any, present: Any, label: Any) -> int:
    """Number of classes in a series; `present` lists them by first year, `label` is their position, −1 in gaps."""
    n = 0
    for year in range(len(labels)):
        label[year] = -1
        if labels[year] > 0:
            for k in range(n):
                if present[k] == labels[year] - 1:
                    label[year] = k
            if label[year] < 0:
                present[n], label[year] = labels[year] - 1, n
                n += 1
    return n


@compiled
def _scored(
    label: Any, n: int, first: Any, change: Any, begins: Any, ending: float, lasting: float, shown: Any, scores: Any,
    came: Any,
) -> int:  # fmt: skip
    """The most likely state of the last year; `scores[0]` has its score, `came` where each state comes from."""
    for t in range(n):
        for s in range(n):
            scores[0, t * n + s] = first[t, s] + (shown[s, label[0]] if label[0] >= 0 else 0.0)
    for year in range(1, len(label)):
        _step(scores[0], scores[1], came[year], n, change, begins, ending, lasting)
        for t in range(n):
            for s in range(n):
                evidence = shown[s, label[year]] if label[year] >= 0 else 0.0
                scores[0, t * n + s] = scores[1, t * n + s] + evidence
    return _largest(scores[0], 0, n * n)


@compiled
def _traced(came: Any, last: int, n: int, found: Any) -> None:
    """The true class of each year on the way to the last state."""
    state = last
    for year in range(len(found) - 1, -1, -1):
        found[year] = state // n
        state = came[year, state] if year else state


@compiled
def _of(table: Any, present: Any, n: int) -> Any:
    """The rows and columns of a table (7, 7) of the classes that a pixel shows."""
    part = np.empty((n, n))
    for row in range(n):
        for column in range(n):
            part[row, column] = table[present[row], present[column]]
    return part


@compiled
def _largest(values: Any, first: int, end: int) -> int:
    """Position of the largest value, the first of equal ones."""
    place = first
    for k in range(first + 1, end):
        if values[k] > values[place]:
            place = k
    return place


@compiled
def _step(score: Any, new: Any, came: Any, n: int, change: Any, begins: Any, ending: float, lasting: float) -> None:
    """Scores of the next year, and from which state each comes. State t · n + s: true class t, taken for s."""
    for t in range(n):
        clear = t * n + t
        other, source = -np.inf, clear
        for u in range(n):
            if u != t:
                best = _largest(score, u * n, u * n + n)
                if score[best] + change[u, t] > other:
                    other, source = score[best] + change[u, t], best
        for s in range(n):
            here = t * n + s
            value, origin = score[clear] + change[t, t] + begins[t, s], clear
            if s != t and score[here] + change[t, t] + lasting > value:
                value, origin = score[here] + change[t, t] + lasting, here
            if s == t:
                for w in range(n):
                    if w != t and score[t * n + w] + change[t, t] + ending > value:
                        value, origin = score[t * n + w] + change[t, t] + ending, t * n + w
            if other + begins[t, s] > value:
                value, origin = other + begins[t, s], source
            new[here], came[here] = value, origin
