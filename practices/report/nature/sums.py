"""Land, climate and nature added up: by country, and over all regions.

A region that lies in several countries is a group of its own, because its numbers are known for the whole region alone;
so the groups add up to all regions, and each region counts once. Values are added exactly rounded (`math.fsum`): their
order does not matter. The sum over all regions is that of the groups.

**Intervals.** The ends of the parts are added, as if all errors were common (comonotone): where one region is at its
upper end, all are. Independent errors would add in quadrature, and give a narrower interval. Those of carbon and land
cover are not independent: the factor of cropland, the nominal error of a first stock and the rates of confusion of a
product are the same in every region. Which part of an interval they are is not published, so the wide sum is given. It
is right where errors are common, and wider than needed where they are not. Where a part has no interval, the sum has
none.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from practices.report.nature.measures import MEASURES, SHARES, RegionPart, ShareOf
from practices.report.nature.overlap import CountedRegions, counted
from practices.results.nature import RegionNature

#: Key of the sum over all regions, and of regions without a recorded country.
ALL, NOWHERE = "all", "unrecorded"


@dataclass(frozen=True)
class SummedMeasure:
    """A sum with its interval: over how many regions, and the regions of the group that lack the measure, by id.

    `value` is None where no region has it.
    """

    value: float | None
    low: float | None
    high: float | None
    regions: int
    missing: tuple[str, ...]


@dataclass(frozen=True)
class NatureGroup:
    """Regions of the same countries, or all: their ids, sums by measure, and the area that counts twice, km²."""

    key: str
    regions: tuple[str, ...]
    sums: Mapping[str, SummedMeasure]
    twice_km2: float

    def share(self, name: str) -> SummedMeasure:
        """A share (0 … 1) of `SHARES`; None where there is nothing to divide by."""
        return divided(self.sums, SHARES[name])


@dataclass(frozen=True)
class NatureSums:
    """The groups by key, the sum over all of them, and how regions that overlap were counted."""

    groups: tuple[NatureGroup, ...]
    total: NatureGroup
    overlap: CountedRegions


def nature_sums(regions: Sequence[RegionNature]) -> NatureSums:
    """Add up regions by their countries, and over all.

    Parameters
    ----------
    regions : sequence of RegionNature
        Results of one view, each region once; the order does not matter.

    Returns
    -------
    NatureSums
        Groups in the order of their keys: countries by ISO 3166 alpha-3 code, several separated by a space, then those
        without a country. Regions that lie in others are left out (`practices.report.nature.overlap`).
    """
    overlap = counted({each.id: each.outline for each in regions})
    members: dict[str, list[RegionNature]] = {}
    for each in sorted(regions, key=lambda region: region.id):
        if each.id in overlap.twice_km2:
            members.setdefault(" ".join(sorted(each.countries)) or NOWHERE, []).append(each)
    groups = tuple(
        _group(key, members[key], overlap) for key in sorted(members, key=lambda key: (key == NOWHERE, " " in key, key))
    )
    return NatureSums(groups, together(groups), overlap)


def _group(key: str, regions: Sequence[RegionNature], overlap: CountedRegions) -> NatureGroup:
    sums = {name: added((each.id, measure.of(each)) for each in regions) for name, measure in MEASURES.items()}
    ids = tuple(each.id for each in regions)
    return NatureGroup(key, ids, sums, math.fsum(overlap.twice_km2[each] for each in ids))


def together(groups: Sequence[NatureGroup]) -> NatureGroup:
    """All groups as one."""
    sums = {}
    for name in MEASURES:
        own = [group.sums[name] for group in groups]
        missing = tuple(sorted(region for each in own for region in each.missing))
        known = [each for each in own if each.value is not None]
        sums[name] = SummedMeasure(
            _sum(each.value for each in known), _sum(each.low for each in known), _sum(each.high for each in known),
            sum(each.regions for each in own), missing,
        )  # fmt: skip
    ids = tuple(sorted(region for group in groups for region in group.regions))
    return NatureGroup(ALL, ids, sums, math.fsum(group.twice_km2 for group in groups))


def added(parts: Iterable[tuple[str, RegionPart | None]]) -> SummedMeasure:
    """The sum of what regions add, by id.

    Examples
    --------
    >>> found = added([("a", RegionPart(2.0, 1.0, 4.0)), ("b", RegionPart(-1.0, -3.0, 0.0)), ("c", None)])
    >>> found.value, found.low, found.high, found.missing
    (1.0, -2.0, 4.0, ('c',))
    >>> added([("a", RegionPart(2.0, 1.0, 4.0)), ("b", RegionPart(1.0))]).low is None
    True
    """
    every = list(parts)
    known = [part for _, part in every if part is not None]
    missing = tuple(sorted(region for region, part in every if part is None))
    return SummedMeasure(
        _sum(part.value for part in known), _sum(part.low for part in known), _sum(part.high for part in known),
        len(known), missing,
    )  # fmt: skip


def _sum(values: Iterable[float | None]) -> float | None:
    """The sum, or None where there is no value, or one of them is not known."""
    numbers: list[float] = []
    for each in values:
        if each is None:
            return None
        numbers.append(each)
    return math.fsum(numbers) if numbers else None


def divided(sums: Mapping[str, SummedMeasure], share: ShareOf) -> SummedMeasure:
    """A share of some sums, with the interval of its part."""
    part, whole = sums[share.part], sums[share.whole]
    if not whole.value or part.value is None or part.missing != whole.missing:
        return SummedMeasure(None, None, None, part.regions, part.missing)
    low, high = (None if end is None else end / whole.value for end in (part.low, part.high))
    return SummedMeasure(part.value / whole.value, low, high, part.regions, part.missing)
