"""Land cover with confusion of known rates, and the model by brute force: references that share no code with ours."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from itertools import product as every

import numpy as np

from indicators.sdg15.cover_in_time import Rates

Course = tuple[int, ...]


def confused(
    true: np.ndarray,
    alike: Mapping[int, tuple[int, ...]],
    rng: np.random.Generator,
    *,
    rate: float | np.ndarray,
    duration: float,
    before: int = 30,
) -> np.ndarray:
    """Labels of true classes (year, pixel): spells of confusion begin at `rate` a year and last `duration` years.

    The length of a spell is geometric. `alike` gives the classes that each class is taken for. Spells may have begun up
    to `before` years before the first year, and end where the true class changes.
    """
    years, pixels = true.shape
    labels = true.copy()
    left, real, taken = np.zeros(pixels, int), true[0].copy(), true[0].copy()
    for year in range(-before, years):
        now = true[max(year, 0)]
        left = np.where(now == real, np.maximum(left - 1, 0), 0)
        begins = (left == 0) & (rng.random(pixels) < rate)
        left[begins] = rng.geometric(1 / duration, begins.sum())
        for code, others in alike.items():
            here = begins & (now == code)
            taken[here] = rng.choice(others, here.sum())
        begins &= np.isin(now, list(alike))
        left[~np.isin(now, list(alike))] = 0
        real = now.copy()
        if year >= 0:
            labels[year] = np.where(left > 0, taken, now)
    return labels


def courses(labels: Course, rates: Rates) -> dict[Course, tuple[float, float]]:
    """By course of true classes: the probability of its most likely states, and of all of them, with the labels."""
    present = sorted({label for label in labels if label > 0})
    states = list(every(present, present))
    found: dict[Course, tuple[float, float]] = {}
    for kind in range(2):
        for path in every(states, repeat=len(labels)):
            probability = _of_path(labels, path, rates, kind)
            true = tuple(state[0] for state in path)
            most, all_of = found.get(true, (0.0, 0.0))
            found[true] = max(most, probability), all_of + probability
    return found


def _of_path(labels: Course, path: tuple[tuple[int, int], ...], rates: Rates, kind: int) -> float:
    probability = _at_start(*path[0], rates, kind)
    for (t, s), (u, q) in pairwise(path):
        probability *= rates.change[t - 1, u - 1]
        if t != u or s == t:
            probability *= rates.begins[kind, u - 1, q - 1]
        elif q == s:
            probability *= 1 - rates.ending[kind]
        elif q == t:
            probability *= rates.ending[kind]
        else:
            return 0.0
    for label, (_, s) in zip(labels, path, strict=True):
        probability *= rates.shows[s - 1, label - 1] if label > 0 else 1.0
    return float(probability)


def _at_start(t: int, s: int, rates: Rates, kind: int) -> float:
    """A spell lasts already with the share of time that spells take in the long run."""
    years = [0.0 if q == t else rates.begins[kind, t - 1, q - 1] / rates.ending[kind] for q in range(1, 8)]
    share = 1 / (1 + sum(years)) if s == t else years[s - 1] / (1 + sum(years))
    return float(rates.kinds[kind] * rates.classes[t - 1] * share)
