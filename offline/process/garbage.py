"""How often Python looks for objects that only refer to each other."""

from __future__ import annotations

import gc

#: New objects before the first of three looks, and how many looks of one kind lead to one of the next.
SELDOM = (100_000, 20, 50)


def collected_seldom() -> None:
    """Look for such objects a hundred times less often in this process.

    Graphs of expressions are a great many small objects that live as long as their request: by default Python spends a
    sixth of the time of a run looking through them in vain.
    """
    gc.set_threshold(*SELDOM)
