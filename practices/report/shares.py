"""Degraded shares: what a map shows, which true shares agree with it, and the correction by reference sites."""

from __future__ import annotations

from dataclasses import dataclass

from practices.numbers import number, percent

ASSESSMENT = "assessment of the period alone"
STATUS = "status against the baseline"
LOST_WORDS = "lost productivity for reasons other than weather"
#: An interval wider than this, percent of the land, determines nothing.
WIDEST = 50.0
#: An end closer than this to 0 or 100 percent counts as open.
OPEN = 2.0
JUDGED = "of the land whose productivity can be judged"


@dataclass(frozen=True)
class Share:
    """A mapped degraded share, percent of the land, and the true shares that agree with it (percent; None: unknown)."""

    name: str
    percent: float | None
    km2: float | None
    low: float | None = None
    high: float | None = None
    level: int = 95

    @property
    def known(self) -> bool:
        """Whether there is an interval of the true share."""
        return self.low is not None and self.high is not None

    @property
    def excluded(self) -> bool:
        """Whether the interval of the true share excludes the mapped share, at the precision that is shown."""
        if self.percent is None or self.low is None or self.high is None:
            return False
        return not round(self.low, 1) <= round(self.percent, 1) <= round(self.high, 1)

    @property
    def wide(self) -> bool:
        """Whether the interval is too wide to determine the share."""
        return self.low is not None and self.high is not None and self.high - self.low > WIDEST


@dataclass(frozen=True)
class Corrected:
    """Degraded area corrected by reference sites, km² and percent of the land, with its 95 % interval."""

    km2: float
    low_km2: float
    high_km2: float
    percent: float
    low: float
    high: float


def between(share: Share) -> str:
    """The interval of the true share in a few words."""
    low, high = share.low or 0.0, 100.0 if share.high is None else share.high
    if low <= OPEN and high >= 100 - OPEN:
        return "any share"
    if low <= OPEN:
        return f"at most {percent(high)}"
    if high >= 100 - OPEN:
        return f"at least {percent(low)}"
    return f"{percent(low)} to {percent(high)}"


def km2(value: float | None) -> str:
    """An area for people."""
    return "–" if value is None else f"{number(value, 0 if abs(value) >= 100 else 1)} km²"
