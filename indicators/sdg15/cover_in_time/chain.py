"""Sums over all courses of land cover of a pixel: forward and backward (Rabiner 1989, doi:10.1109/5.18626).

States as in `indicators.sdg15.cover_in_time.paths`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from indicators.kernel.compiling import compiled
from indicators.sdg15.cover_in_time.rates import CLASSES

STATES = CLASSES**2


@compiled
def expected(
    series: Any, weight: Any, start: Any, change: Any, begins: Any, ending: Any, shows: Any, sums: Any
) -> float:
    """Logarithm of the likelihood of all series (year, series), each counted `weight` times.

    Fills `sums` with the expected numbers of what happened: classes at the start (7), changes (7, 7), labels (7, 7),
    beginnings of spells (2, 7, 7), years of a spell that end it and do not (2, 2), kinds of pixels (2).
    """
    classes, changes, labels, begun, ended, kinds = sums
    years = len(series)
    ahead, back = np.empty((2, years, STATES)), np.empty((years, STATES))
    ways, scale = np.empty((2, STATES, STATES)), np.empty((2, years))
    present, seen = np.empty(CLASSES, np.int64), np.empty((years, STATES))
    likelihood = 0.0
    for number in range(series.shape[1]):
        n = _present(series[:, number], present)
        if n == 0:
            continue
        states = n * n
        _evidence(series[:, number], n, present, shows, seen)
        log = np.empty(2)
        for kind in range(2):
            _ways(n, present, change, begins[kind], ending[kind], ways[kind])
            log[kind] = _forward(n, present, start[kind], ways[kind], seen, ahead[kind], scale[kind])
        top = max(log[0], log[1])
        total = np.exp(log[0] - top) + np.exp(log[1] - top)
        likelihood += weight[number] * (top + np.log(total))
        for kind in range(2):
            share = weight[number] * np.exp(log[kind] - top) / total
            kinds[kind] += share
            _backward(states, ways[kind], seen, scale[kind], back)
            for year in range(years):
                code = series[year, number]
                for j in range(states):
                    probability = share * ahead[kind, year, j] * back[year, j]
                    if 1 <= code <= CLASSES:
                        labels[present[j % n], code - 1] += probability
                    if year == 0:
                        classes[present[j // n]] += probability
                        continue
                    for i in range(states):
                        way = ways[kind, i, j]
                        if way > 0:
                            joint = share * ahead[kind, year - 1, i] * way * seen[year, j] * back[year, j]
                            joint /= scale[kind, year]
                            before, after = present[i // n], present[j // n]
                            changes[before, after] += joint
                            if i // n != j // n or i // n == i % n:
                                begun[kind, after, present[j % n]] += joint
                            else:
                                ended[kind, 0 if j == i else 1] += joint
    return likelihood


@compiled
def probabilities(cover: Any, start: Any, change: Any, begins: Any, ending: Any, shows: Any, result: Any) -> None:
    """Fill `result` (year, pixel, class) with the probability of each true class; NaN for a pixel without labels."""
    years = len(cover)
    ahead, back = np.empty((2, years, STATES)), np.empty((years, STATES))
    ways, scale, log = np.empty((2, STATES, STATES)), np.empty((2, years)), np.empty(2)
    present, seen = np.empty(CLASSES, np.int64), np.empty((years, STATES))
    for pixel in range(cover.shape[1]):
        n = _present(cover[:, pixel], present)
        result[:, pixel] = 0.0 if n else np.nan
        if n == 0:
            continue
        _evidence(cover[:, pixel], n, present, shows, seen)
        for kind in range(2):
            _ways(n, present, change, begins[kind], ending[kind], ways[kind])
            log[kind] = _forward(n, present, start[kind], ways[kind], seen, ahead[kind], scale[kind])
        top = max(log[0], log[1])
        total = np.exp(log[0] - top) + np.exp(log[1] - top)
        for kind in range(2):
            share = np.exp(log[kind] - top) / total
            _backward(n * n, ways[kind], seen, scale[kind], back)
            for year in range(years):
                for state in range(n * n):
                    result[year, pixel, present[state // n]] += share * ahead[kind, year, state] * back[year, state]


@compiled
def draw(series: Any, lots: Any, start: Any, change: Any, begins: Any, ending: Any, shows: Any, classes: Any) -> bool:
    """Fill `classes` (draw, year) with true courses of a pixel, drawn from their probability given all of its labels.

    `lots` (draw, 1 + year) are numbers from 0 to 1: the kind of the pixel, then the state of each year from the last
    one back. Pixels with equal labels and lots have equal courses. False, and nothing is filled, where the labels show
    fewer than two classes: then there is no other course.
    """
    years = len(series)
    present = np.empty(CLASSES, np.int64)
    n = _present(series, present)
    if n < 2:
        return False
    states = n * n
    seen = np.empty((years, STATES))
    ahead, ways, scale = np.empty((2, years, STATES)), np.empty((2, STATES, STATES)), np.empty((2, years))
    log, chances = np.empty(2), np.empty(STATES)
    _evidence(series, n, present, shows, seen)
    for kind in range(2):
        _ways(n, present, change, begins[kind], ending[kind], ways[kind])
        log[kind] = _forward(n, present, start[kind], ways[kind], seen, ahead[kind], scale[kind])
    mixed = 1 / (1 + np.exp(log[0] - log[1]))
    for number in range(len(lots)):
        kind = 1 if lots[number, 0] < mixed else 0
        for i in range(states):
            chances[i] = ahead[kind, years - 1, i]
        state = _chosen(chances, states, lots[number, 1])
        classes[number, years - 1] = present[state // n] + 1
        for year in range(years - 2, -1, -1):
            for i in range(states):
                chances[i] = ahead[kind, year, i] * ways[kind, i, state]
            state = _chosen(chances, states, lots[number, years - year])
            classes[number, year] = present[state // n] + 1
    return True


@compiled
def _chosen(chances: Any, states: int, lot: float) -> int:
    """The state in which the running sum of chances passes the share `lot` of all of them."""
    total = 0.0
    for i in range(states):
        total += chances[i]
    reached, state = 0.0, 0
    for i in range(states):
        if chances[i] > 0:
            reached += chances[i]
            state = i
            if reached >= lot * total:
                break
    return state


@compiled
def _present(series: Any, present: Any) -> int:
    """Number of classes that a series shows; they are written to `present` in the order of their first year."""
    n = 0
    for code in series:
        if 1 <= code <= CLASSES:
            known = False
            for k in range(n):
                known |= present[k] == code - 1
            if not known:
                present[n] = code - 1
                n += 1
    return n


@compiled
def _evidence(series: Any, n: int, present: Any, shows: Any, seen: Any) -> None:
    for year in range(len(series)):
        code = series[year]
        for state in range(n * n):
            seen[year, state] = shows[present[state % n], code - 1] if 1 <= code <= CLASSES else 1.0


@compiled
def _ways(n: int, present: Any, change: Any, begins: Any, ending: float, ways: Any) -> None:
    """Probability of going from state to state."""
    for i in range(n * n):
        t, s = i // n, i % n
        for j in range(n * n):
            u, q = j // n, j % n
            if t != u or s == t:
                share = begins[present[u], present[q]]
            elif q == s:
                share = 1 - ending
            else:
                share = ending if q == t else 0.0
            ways[i, j] = change[present[t], present[u]] * share


@compiled
def _forward(n: int, present: Any, start: Any, ways: Any, seen: Any, ahead: Any, scale: Any) -> float:
    """Probability of each state by the labels up to its year; the logarithm of the likelihood of all labels."""
    total = 0.0
    for year in range(len(seen)):
        scale[year] = 0.0
        for j in range(n * n):
            value = start[present[j // n], present[j % n]] if year == 0 else 0.0
            if year > 0:
                for i in range(n * n):
                    value += ahead[year - 1, i] * ways[i, j]
            ahead[year, j] = value * seen[year, j]
            scale[year] += ahead[year, j]
        for j in range(n * n):
            ahead[year, j] /= scale[year]
        total += np.log(scale[year])
    return total


@compiled
def _backward(states: int, ways: Any, seen: Any, scale: Any, back: Any) -> None:
    """How much likelier the labels after a year are in each state than on average."""
    years = len(seen)
    for i in range(states):
        back[years - 1, i] = 1.0
    for year in range(years - 2, -1, -1):
        for i in range(states):
            value = 0.0
            for j in range(states):
                value += ways[i, j] * seen[year + 1, j] * back[year + 1, j]
            back[year, i] = value / scale[year + 1]
