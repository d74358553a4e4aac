"""Evidence from satellites as pages show it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Proof:
    """An effect of a practice at a site on an outcome, against matched controls, with its 95 % interval."""

    practice: str
    site: str
    region: str
    period: str
    method: str
    outcome: str
    origin: str
    units: str
    effect: float
    low: float
    high: float
    p: float | None
    treated: int
    controls: int
    minimum_detectable: float | None
    demonstration: bool
    balance: tuple[tuple[str, float, float], ...]
    event_study: tuple[tuple[int, float, float, float], ...]

    @property
    def side(self) -> str:
        """better, worse or unclear: on which side of zero the whole interval lies."""
        return "better" if self.low > 0 else "worse" if self.high < 0 else "unclear"


def proofs(_connection: object, practice: str | None = None) -> list[Proof]:
    """All evidence, or that of one practice."""
    return []
