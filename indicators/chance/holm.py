"""Several tests at once: p-values that hold for all of them together."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def holm(p: ArrayLike) -> NDArray[np.float64]:
    """p-values adjusted so that the chance that any of them falls below a level by chance is at most that level.

    Parameters
    ----------
    p
        p-values (test), whatever depends on what.

    Returns
    -------
    numpy.ndarray
        The k-th smallest of m times m − k + 1, no smaller than those before it, at most 1; in the order given.

    References
    ----------
    Holm (1979), Scandinavian Journal of Statistics 6, 65–70.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    values = np.asarray(p, float)
    order = np.argsort(values)
    adjusted = np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1)).clip(max=1)
    return adjusted[np.argsort(order)]


def p_words(p: float) -> str:
    """A p-value in a sentence, which is never 0.

    Examples
    --------
    >>> p_words(0.0123), p_words(2e-7)
    ('p 0.012', 'p < 0.001')
    """
    return "p < 0.001" if p < 0.001 else f"p {p:.3f}"
