"""The rates of confusion and change of a region, from the yearly labels of its pixels.

Expectation-maximisation (Baum et al. 1970). What is known of the product is the prior: it counts as a number of
pixels, or of years of pixels, that behave as the product does. A region without evidence keeps the rates of the
product. Bogaert et al. (2022), doi:10.1109/TGRS.2021.3123738, show that such rates can be estimated from the
classified series themselves.
"""

from __future__ import annotations

import numpy as np

from indicators.sdg15.cover_in_time.chain import expected
from indicators.sdg15.cover_in_time.rates import CLASSES, Rates, of_product
from indicators.sdg15.lookup import codes

#: Weight of what is known beforehand, in years of pixels: of changes, labels and spells of steady pixels; of spells of
#: mixed pixels; of the ends of spells.
KNOWN, KNOWN_MIXED, KNOWN_ENDS = 2000.0, 200.0, 100.0
#: The same in pixels: of the share of mixed pixels, of each class.
KNOWN_PIXELS, KNOWN_CLASS = 200.0, 1.0
#: Most rounds, and the gain of the log-likelihood of a pixel that is too small to go on.
ROUNDS, TOO_SMALL = 60, 1e-7


def estimated(cover: np.ndarray, product: str) -> Rates:
    """Rates of labels (year, pixel) of consecutive years. Raises IndicatorError for an unknown product."""
    known = of_product(product)
    if cover.size == 0:
        return known
    series, counts = np.unique(codes(cover.reshape(len(cover), -1)), axis=1, return_counts=True)
    series, weight = np.ascontiguousarray(series), counts.astype(float)
    rates, before = known, -np.inf
    for _ in range(ROUNDS):
        sums = tuple(
            np.zeros(shape)
            for shape in ((CLASSES,), (CLASSES, CLASSES), (CLASSES, CLASSES), (2, CLASSES, CLASSES), (2, 2), (2,))
        )
        likelihood = expected(series, weight, *rates.tables(), sums)
        if likelihood - before < TOO_SMALL * weight.sum():
            break
        rates, before = _updated(known, *sums), likelihood
    return rates


def _updated(
    known: Rates,
    classes: np.ndarray,
    changes: np.ndarray,
    labels: np.ndarray,
    begun: np.ndarray,
    ended: np.ndarray,
    kinds: np.ndarray,
) -> Rates:
    spells = np.array([KNOWN, KNOWN_MIXED])[:, None, None]
    return Rates(
        classes=_shares(classes + KNOWN_CLASS),
        change=_shares(changes + KNOWN * known.change),
        shows=_shares(labels + KNOWN * known.shows),
        begins=_shares(begun + spells * known.begins),
        ending=(ended[:, 1] + KNOWN_ENDS * known.ending) / (ended.sum(1) + KNOWN_ENDS),
        kinds=_shares(kinds + KNOWN_PIXELS * known.kinds),
    )


def _shares(counts: np.ndarray) -> np.ndarray:
    return np.asarray(counts / counts.sum(-1, keepdims=True))
