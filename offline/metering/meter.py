"""The meter of one request: the pixels that it reads and computes, and what that costs.

The rule of the cost is an assumption. Estimates of the service are 1 to 10 million input pixels a second for each EECU
(Earth Engine compute unit); this engine takes 3 million, and a small part for each request.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

#: Input pixels that one EECU reads and reduces in a second (assumption), and EECU-seconds of a request without any.
PIXELS_A_SECOND, PER_REQUEST = 3_000_000, 0.01


def eecu_seconds(input_pixels: int) -> float:
    """The cost of a request that reads so many input pixels."""
    return PER_REQUEST + input_pixels / PIXELS_A_SECOND


@dataclass
class AssetUse:
    """How much of one asset a request read: pixels of all bands, times that it read, bytes of the largest piece."""

    pixels: int = 0
    count: int = 0
    largest: int = 0


@dataclass
class Meter:
    """What one request or export has read, computed and called so far.

    A pixel of a band of a stored image counts once on each grid that it is read on, however often it is read again.
    `computed_pixels` are those of each step of the expression, reading included. `profile_text` gives the answer to
    `Profile.getProfiles`.
    """

    input_pixels: int = 0
    computed_pixels: int = 0
    assets: dict[str, AssetUse] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    profile_text: Callable[..., object] | None = None
    _seen: set[int] = field(default_factory=set, repr=False)

    def read(self, asset: str, key: tuple[object, ...], pixels: int, size: int) -> None:
        """Count the pixels of a band that were read, `size` bytes of them, unless they were before under this key."""
        use = self.assets.setdefault(asset, AssetUse())
        use.count += 1
        use.largest = max(use.largest, size)
        if hash(key) not in self._seen:
            self._seen.add(hash(key))
            self.input_pixels += pixels
            use.pixels += pixels

    @property
    def eecu_seconds(self) -> float:
        """The cost so far."""
        return eecu_seconds(self.input_pixels)


_CURRENT: ContextVar[Meter | None] = ContextVar("meter", default=None)


def current() -> Meter | None:
    """The meter of the request that this thread answers."""
    return _CURRENT.get()


@contextmanager
def metered(meter: Meter) -> Iterator[Meter]:
    """Count what this thread reads and computes until the block ends."""
    token = _CURRENT.set(meter)
    try:
        yield meter
    finally:
        _CURRENT.reset(token)
