"""The pulled data of a region: paths of cubes and tables, nothing in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from indicators.profiles import get
from indicators.sdg15.measures import PEAK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely.geometry.base import BaseGeometry

    from indicators.profiles import Profile
    from series.datasets import Dataset


@dataclass(frozen=True)
class Pulled:
    """The cubes of one region: variable → Zarr store, their data sets, the monthly table of its series, its pressures.

    `annual` holds the productivity cube of each kind of annual value that the profiles need, that of the first profile
    is `cubes["productivity"]`; `maximum` among them identifies the deserts of FAO-WOCAT. `reference`: the areas that
    performance is compared with, if not the region itself. `left_out`: what the source refused, why, and what is
    undetermined without it; `landscape` names the world and seed of a simulated landscape.
    """

    cubes: dict[str, Path]
    datasets: dict[str, Dataset]
    monthly: Path | None
    annual: dict[str, Path] = field(default_factory=dict)
    reference: tuple[ReferenceArea, ...] = ()
    pressures: Path | None = None
    rain_months: Path | None = None
    left_out: dict[str, str] = field(default_factory=dict)
    landscape: dict[str, str] = field(default_factory=dict)

    @property
    def productivity(self) -> dict[str, Path]:
        """The productivity cube by kind of annual value."""
        return self.annual or {get("ne-asia").annual: self.cubes["productivity"]}

    def kinds(self, profiles: Sequence[Profile]) -> tuple[str, ...]:
        """The kinds of annual value that profiles use, that of the first one first."""
        peaks = [PEAK] if PEAK in self.productivity and any(each.biomass is not None for each in profiles) else []
        return tuple(dict.fromkeys([*(each.annual for each in profiles), *peaks]))


@dataclass(frozen=True)
class ReferenceArea:
    """A fixed area that performance is compared with: its number, its outline (None: all of its grid), its cubes."""

    number: int
    outline: BaseGeometry | None
    cubes: dict[str, Path]
    annual: dict[str, Path]
