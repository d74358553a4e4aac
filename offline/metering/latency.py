"""How long the service takes to answer: a model, so that time on the service can be rehearsed here."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from threading import Lock


class BadLatency(ValueError):
    """Numbers of a latency model that cannot be used; the message says how they are written."""


@dataclass(frozen=True)
class Latency:
    """An answer comes `fixed` + `per_input_pixel` × input pixels seconds after its request, or later.

    With `noise` this is multiplied by a log-normal number whose logarithm has that standard deviation; the numbers
    follow from `seed`. Raises BadLatency for negative or infinite numbers.
    """

    fixed: float = 2.0
    per_input_pixel: float = 1e-6
    noise: float = 0.0
    seed: int = 0
    _dice: random.Random = field(init=False, repr=False, compare=False)
    _lock: Lock = field(init=False, repr=False, compare=False, default_factory=Lock)

    def __post_init__(self) -> None:
        numbers = (self.fixed, self.per_input_pixel, self.noise)
        if not all(math.isfinite(number) and number >= 0 for number in numbers):
            raise BadLatency(f"latency {self.fixed},{self.per_input_pixel},{self.noise}: numbers must be 0 or more")
        object.__setattr__(self, "_dice", random.Random(self.seed))

    def seconds(self, input_pixels: int) -> float:
        """Seconds that a request of so many input pixels takes; with noise the next number of the sequence."""
        with self._lock:
            factor = math.exp(self._dice.gauss(0.0, self.noise)) if self.noise else 1.0
        return (self.fixed + self.per_input_pixel * input_pixels) * factor

    @classmethod
    def parse(cls, text: str) -> Latency:
        """The model of a text such as `2,1e-6`: fixed seconds, seconds per input pixel, and maybe noise and seed.

        Raises BadLatency for a text that is no such numbers.
        """
        parts = text.split(",")
        try:
            numbers = [float(part) for part in parts[:3]]
            seeds = [int(part) for part in parts[3:]]
        except ValueError:
            numbers, seeds = [], []
        if not 1 <= len(numbers) <= 3 or len(seeds) > 1:
            raise BadLatency(
                f"latency {text!r}: give seconds, seconds per input pixel, and maybe noise and seed, such as 2,1e-6 or "
                f"2,1e-6,0.3,1"
            )
        names = ("fixed", "per_input_pixel", "noise")
        return cls(**dict(zip(names, numbers, strict=False)), seed=seeds[0] if seeds else 0)
