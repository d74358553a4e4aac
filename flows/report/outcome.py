"""The outcome of a run: what was published, and what failed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from practices.results.names import AGREEMENT

if TYPE_CHECKING:
    from flows.region.result import RegionResult


@dataclass(frozen=True)
class Outcome:
    """The outcome of a run: results of each published region, a reason for each failed one.

    `years_note` says which year `latest` was; empty if the request named the year. `stale` has a line for each data set
    that is late or has ended.
    """

    results: tuple[RegionResult, ...]
    failures: dict[str, str] = field(default_factory=dict)
    pixel_requests: int | None = None
    years_note: str = ""
    stale: tuple[str, ...] = ()

    @property
    def assessments(self) -> list[RegionResult]:
        """The results of profiles, without their agreement."""
        return [each for each in self.results if each.profile != AGREEMENT]

    @property
    def regions(self) -> tuple[str, ...]:
        """Ids of the published regions, each once."""
        return tuple(dict.fromkeys(each.region for each in self.results))

    @property
    def agreements(self) -> list[RegionResult]:
        """The agreement of the profiles, one for each region; none for a single profile."""
        return [each for each in self.results if each.profile == AGREEMENT]
