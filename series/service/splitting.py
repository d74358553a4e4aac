"""A table that is too big for the server: fewer years in one request, then smaller tiles.

Pixels that are too many are split in `series.cubes.pull`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from series.errors import TooBig

T = TypeVar("T")
#: Factors by which the server is asked to divide its tiles, where even one year is too big.
TILE_SCALES = (4.0, 16.0)


def by_years(years: Sequence[int], ask: Callable[[Sequence[int], float], T]) -> Iterator[tuple[Sequence[int], T]]:
    """The answers of `ask(years, tile_scale)`: for all years at once, else for halves of them, else on smaller tiles.

    Raises TooBig where one year on the smallest tiles is too big.
    """
    try:
        answer = ask(years, 1.0)
    except TooBig:
        if len(years) > 1:
            middle = len(years) // 2
            yield from by_years(years[:middle], ask)
            yield from by_years(years[middle:], ask)
        else:
            yield years, on_smaller_tiles(years, ask)
    else:
        yield years, answer


def on_smaller_tiles(years: Sequence[int], ask: Callable[[Sequence[int], float], T]) -> T:
    """The answer of `ask` for years on smaller tiles. Raises TooBig where the smallest are too big."""
    *first, last = TILE_SCALES
    for scale in first:
        try:
            return ask(years, scale)
        except TooBig:
            continue
    return ask(years, last)
