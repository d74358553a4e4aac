"""How many independent years are yearly residuals worth?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: Most that memory from year to year is taken to be, and fewest years that are left.
LARGEST, FEWEST = 0.8, 5.0


def effective_years(residuals: NDArray[np.float64]) -> float:
    """The years less what their memory costs: n (1 − r) / (1 + r), with r their correlation from year to year."""
    total = float((residuals**2).sum())
    memory = float((residuals[1:] * residuals[:-1]).sum()) / total if total > 0 else 0.0
    memory = float(np.clip(memory, 0, LARGEST))
    return max(len(residuals) * (1 - memory) / (1 + memory), FEWEST)
