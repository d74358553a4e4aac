"""The pulled data of a region: paths of cubes and tables, nothing in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from indicators.profiles import DEFAULT_PROFILE, get
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
    performance is compared with, if not the region itself. `rain_months` and `evaporation_months`: monthly rain and
    potential evapotranspiration on the same grid, from long before the record. `left_out`: what the source refused,
    why, and what is undetermined without it; `landscape` names the world and seed of a simulated landscape.
    `continued`: the data set of the sensor that continues vegetation, whose cubes are `converted`, by kind.
    `rain_products`: the monthly rain of other products than that of the result; `long_record`: the
    cube of a long coarse record of vegetation; `beside`: the data sets of these, by the name of their series;
    `pressures_read`: the names of those in the table of pressures; `own_drivers`: the user's own yearly series, which
    take the place of pulled ones of the same name; `drivers`: cubes of drivers that degraded patches are compared by;
    `areas`: the outlines that meet the region, by key of `series.areas.AREAS`, as GeoJSON.
    """

    cubes: dict[str, Path]
    datasets: dict[str, Dataset]
    monthly: Path | None
    annual: dict[str, Path] = field(default_factory=dict)
    reference: tuple[ReferenceArea, ...] = ()
    pressures: Path | None = None
    rain_months: Path | None = None
    evaporation_months: Path | None = None
    left_out: dict[str, str] = field(default_factory=dict)
    landscape: dict[str, str] = field(default_factory=dict)
    continued: Dataset | None = None
    converted: dict[str, Path] = field(default_factory=dict)
    rain_products: Path | None = None
    beside: dict[str, Dataset] = field(default_factory=dict)
    long_record: Path | None = None
    pressures_read: tuple[str, ...] = ()
    own_drivers: Path | None = None
    drivers: dict[str, Path] = field(default_factory=dict)
    areas: dict[str, Path] = field(default_factory=dict)

    @property
    def tables(self) -> tuple[Path, ...]:
        """The tables of the region: its monthly series, pressures, and rain by other products, as far as there are."""
        return tuple(each for each in (self.monthly, self.pressures, self.rain_products) if each is not None)

    @property
    def productivity(self) -> dict[str, Path]:
        """The productivity cube by kind of annual value."""
        return self.annual or {get(DEFAULT_PROFILE).annual: self.cubes["productivity"]}

    @property
    def months(self) -> tuple[Path | None, Path | None]:
        """The cubes of monthly rain and of monthly potential evapotranspiration."""
        return self.rain_months, self.evaporation_months

    def kinds(self, profiles: Sequence[Profile]) -> tuple[str, ...]:
        """The kinds of annual value that profiles use, that of the first one first."""
        peaks = [PEAK] if PEAK in self.productivity and any(each.biomass is not None for each in profiles) else []
        return tuple(dict.fromkeys([*(each.annual for each in profiles), *peaks]))


@dataclass(frozen=True)
class ReferenceArea:
    """A fixed area that performance is compared with: its number, its outline (None: all of its grid), its cubes.

    `converted` are those of the sensor that continues vegetation.
    """

    number: int
    outline: BaseGeometry | None
    cubes: dict[str, Path]
    annual: dict[str, Path]
    converted: dict[str, Path] = field(default_factory=dict)
