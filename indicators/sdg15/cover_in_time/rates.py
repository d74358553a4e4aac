"""The parameters of the hidden Markov model of land cover.

The state of a pixel in a year is (true class t, class s that it is taken for); s = t unless a spell of confusion lasts.
From year to year:

- t becomes u ≠ t with probability `change[t, u]`; a spell ends then, and another may begin with `begins[u, s]`;
- otherwise a spell goes on, or ends with probability `ending`; without a spell, one begins with `begins[t, s]`.

In a year the label is o with probability `shows[s, o]`. A pixel is steady or, for the whole record, mixed: then spells
begin far more often.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from indicators.errors import IndicatorError
from indicators.sdg15.cover_in_time.products import PRODUCTS

CLASSES = 7


@dataclass(frozen=True, eq=False)
class Rates:
    """Probabilities of the model; every row adds up to one.

    `classes` (7): shares of the true classes in the first year. `change` (7, 7): from class and to class. `shows` (7,
    7): class taken for and label. `begins` (2, 7, 7): that a spell begins, by true class and class taken for, in
    steady and mixed pixels; on the diagonal, that none begins. `ending` (2): that a spell ends. `kinds` (2): shares of
    steady and mixed pixels.
    """

    classes: np.ndarray
    change: np.ndarray
    shows: np.ndarray
    begins: np.ndarray
    ending: np.ndarray
    kinds: np.ndarray

    def start(self) -> np.ndarray:
        """Probability of each state (kind, true class, class taken for) in the first year: spells may last already."""
        lasting = self.begins * (1 - np.eye(CLASSES)) / self.ending[:, None, None]
        spell = lasting / (1 + lasting.sum(-1, keepdims=True))
        clear = (1 - spell.sum(-1))[..., None] * np.eye(CLASSES)
        return np.asarray(self.classes[:, None] * (spell + clear) * self.kinds[:, None, None])

    def tables(self) -> tuple[np.ndarray, ...]:
        """Arguments of the compiled functions: start, change, begins, ending, shows."""
        return self.start(), self.change, self.begins, self.ending, self.shows

    def plain(self) -> dict[str, Any]:
        """The numbers as lists, for a summary."""
        return {name: np.round(values, 6).tolist() for name, values in asdict(self).items()}


def of_product(product: str) -> Rates:
    """What is known of a product beforehand. Raises IndicatorError for an unknown one."""
    if product not in PRODUCTS:
        raise IndicatorError(f"land-cover product {product!r} is unknown; use one of {', '.join(PRODUCTS)}")
    known = PRODUCTS[product]
    like = np.array(known.like)
    return Rates(
        classes=np.full(CLASSES, 1 / CLASSES),
        change=_completed(known.change * np.array(known.becomes)),
        shows=_completed(known.single * like),
        begins=np.stack([_completed(rate * like) for rate in known.spells]),
        ending=np.full(2, 1 / known.duration),
        kinds=np.array([1 - known.mixed, known.mixed]),
    )


def _completed(table: np.ndarray) -> np.ndarray:
    """The table with the rest of each row on its diagonal."""
    return np.asarray(table + np.diag(1 - table.sum(1)))
