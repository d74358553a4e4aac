"""What is added up over regions: each measure with its units, and what a region adds to it.

A measure adds up; shares and means are made from two measures of the same regions (`SHARES`). Land outside of areas is
the land of the region less that inside, and so is its degraded part, so that inside and outside are the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from practices.report.drivers.causes import MEANINGS
from practices.results.names import LAND
from practices.results.nature import PublishedStatistic, RegionNature

#: Outlines inside which land is compared: key in statistics, name for people.
ZONES = {"protected": "protected areas", "key_areas": "key biodiversity areas"}
#: Series of which the direction is counted, and their names for people.
TRENDS = {
    "dust_days": "days with dust",
    "albedo": "albedo in summer",
    "herd_sheep_units": "herds in sheep units",
}
#: p-value from which a series has no clear direction.
LEVEL = 0.05
DIRECTIONS = {"rose": "rose", "fell": "fell", "unclear": "no clear direction"}
CARBON = {
    "change": "change of soil organic carbon (0–30 cm); negative: out of the soil",
    "lost": "soil organic carbon (0–30 cm) lost, where the stock fell (negative)",
    "gained": "soil organic carbon (0–30 cm) gained, where the stock rose",
}
NATURAL = {
    "natural_land_lost": "tree-covered land, grassland, wetland and other land that became cropland or artificial land",
    "natural_land_gained": "the reverse; planted trees and fields out of use are among it",
}
LOST_SHARE, PATCHES = "share_lost", "patches_area"


@dataclass(frozen=True)
class RegionPart:
    """What a region adds to a measure, with the ends of its 95 % interval where it has one."""

    value: float
    low: float | None = None
    high: float | None = None


Adds = Callable[[RegionNature], RegionPart | None]


@dataclass(frozen=True)
class AddedMeasure:
    """A measure that adds up over regions: its units, what it is, and what a region adds (None: not known).

    `zones`: the keys of the outlines whose terms bind it.
    """

    name: str
    units: str
    what: str
    of: Adds
    zones: tuple[str, ...] = ()


@dataclass(frozen=True)
class ShareOf:
    """A share or mean: a measure over another, of the same regions."""

    name: str
    what: str
    part: str
    whole: str
    zones: tuple[str, ...] = ()


def verdict_name(verdict: str) -> str:
    """The name of the measure of a verdict."""
    return f"patches_{verdict.replace(' ', '_')}"


def needed() -> frozenset[str]:
    """The names of the statistics that the measures are made of."""
    names = {LOST_SHARE, PATCHES, *NATURAL, "key_areas", "key_areas_covered_last"}
    names |= {f"carbon_{part}{suffix}" for part in CARBON for suffix in ("", "_co2e")}
    names |= {f"{start}_{zone}" for zone in ZONES for start in ("area", "degraded_inside")}
    return frozenset(names | {f"trend_{name}" for name in TRENDS})


def land_of(region: RegionNature) -> float | None:
    """The land of a region, km²; None where it was not assessed."""
    return sum(region.land.get(name, 0.0) for name in LAND) if region.land else None


def _land(region: RegionNature) -> RegionPart | None:
    whole = land_of(region)
    return None if whole is None else RegionPart(whole)


def _degraded(region: RegionNature) -> RegionPart | None:
    return RegionPart(region.land.get("degraded", 0.0)) if region.land else None


def _number(name: str) -> Adds:
    """A statistic as it was published, with its interval."""

    def of(region: RegionNature) -> RegionPart | None:
        found = region.statistics.get(name)
        return None if found is None or found.value is None else RegionPart(found.value, found.low, found.high)

    return of


def _lost(region: RegionNature) -> RegionPart | None:
    """Land that lost productivity: its share of the land, times the land."""
    return _times(region.statistics.get(LOST_SHARE), land_of(region))


def _times(share: PublishedStatistic | None, whole: float | None) -> RegionPart | None:
    if share is None or share.value is None or whole is None:
        return None
    low, high = (None if end is None else end * whole for end in (share.low, share.high))
    return RegionPart(share.value * whole, low, high)


def _inside(zone: str) -> Adds:
    def of(region: RegionNature) -> RegionPart | None:
        found, whole = region.statistics.get(f"area_{zone}"), land_of(region)
        return None if found is None or found.value is None or whole is None else RegionPart(min(found.value, whole))

    return of


def _outside(zone: str) -> Adds:
    def of(region: RegionNature) -> RegionPart | None:
        inside, whole = _inside(zone)(region), land_of(region)
        return None if inside is None or whole is None else RegionPart(whole - inside.value)

    return of


def _degraded_inside(zone: str) -> Adds:
    def of(region: RegionNature) -> RegionPart | None:
        inside = _inside(zone)(region)
        if inside is None:
            return None
        if inside.value <= 0 or f"degraded_inside_{zone}" not in region.statistics:
            return RegionPart(0.0, 0.0, 0.0)
        return _times(region.statistics[f"degraded_inside_{zone}"], inside.value)

    return of


def _degraded_outside(zone: str) -> Adds:
    def of(region: RegionNature) -> RegionPart | None:
        inside, whole = _degraded_inside(zone)(region), _degraded(region)
        return None if inside is None or whole is None else RegionPart(whole.value - inside.value)

    return of


def _covered(region: RegionNature) -> RegionPart | None:
    """The sum of the covered shares of key areas: their mean, times their number."""
    count = _number("key_areas")(region)
    if count is None:
        return None
    return RegionPart(0.0) if count.value == 0 else _times(region.statistics.get("key_areas_covered_last"), count.value)


def _patches(verdict: str | None) -> Adds:
    """Area of the degraded patches, or of those of a verdict; None where patches were not searched."""

    def of(region: RegionNature) -> RegionPart | None:
        if not region.patches and PATCHES not in region.statistics:
            return None
        known = region.patches
        return RegionPart(sum(known[name] for name in sorted(known)) if verdict is None else known.get(verdict, 0.0))

    return of


def _direction(series: str, wanted: str) -> Adds:
    """1 where the series goes this way."""

    def of(region: RegionNature) -> RegionPart | None:
        found = region.statistics.get(f"trend_{series}")
        if found is None or found.value is None or found.p is None:
            return None
        way = "unclear" if found.p >= LEVEL or found.value == 0 else "rose" if found.value > 0 else "fell"
        return RegionPart(float(way == wanted))

    return of


def _measures() -> Iterator[AddedMeasure]:
    yield AddedMeasure("land", "km2", "land assessed: SDG 15.3.1 without water and gaps", _land)
    what = "degraded land as mapped, SDG 15.3.1, assessment of the period alone"
    yield AddedMeasure("degraded", "km2", what, _degraded)
    what = "land that lost productivity for reasons other than weather, expected from the probabilities of all pixels"
    yield AddedMeasure("lost_productivity", "km2", what, _lost)
    for part, what in CARBON.items():
        for suffix, units in (("", "t C"), ("_co2e", "t CO2e")):
            yield AddedMeasure(f"carbon_{part}{suffix}", units, what, _number(f"carbon_{part}{suffix}"))
    for name, what in NATURAL.items():
        yield AddedMeasure(name, "km2", what, _number(name))
    for zone, words in ZONES.items():
        for name, what, make in (
            ("inside", "land inside", _inside),
            ("outside", "land outside", _outside),
            ("degraded_inside", "degraded land inside", _degraded_inside),
            ("degraded_outside", "degraded land outside", _degraded_outside),
        ):
            yield AddedMeasure(f"{name}_{zone}", "km2", f"{what} of {words}", make(zone), (zone,))
    what, both = "key biodiversity areas of which at least half lies in the region", tuple(ZONES)
    yield AddedMeasure("key_areas", "areas", what, _number("key_areas"), both)
    what = "sum of the parts of key biodiversity areas in protected areas in the last year, each area counting 1"
    yield AddedMeasure("key_areas_covered", "areas", what, _covered, both)
    yield AddedMeasure("patches", "km2", "degraded land in patches of at least 25 cells", _patches(None))
    for verdict in MEANINGS:
        what = f"area of patches, loss goes with: {verdict}"
        yield AddedMeasure(verdict_name(verdict), "km2", what, _patches(verdict))
    for series, words in TRENDS.items():
        for way, said in DIRECTIONS.items():
            yield AddedMeasure(f"{series}_{way}", "regions", f"regions where {words}: {said}", _direction(series, way))


def _shares() -> Iterator[ShareOf]:
    yield ShareOf("degraded_share", "degraded share of the land, as mapped", "degraded", "land")
    what = "share of the land that lost productivity for reasons other than weather"
    yield ShareOf("lost_productivity_share", what, "lost_productivity", "land")
    for zone, words in ZONES.items():
        for where in ("inside", "outside"):
            name, what = f"degraded_{where}_{zone}", f"degraded share of the land {where} of {words}"
            yield ShareOf(f"{name}_share", what, name, f"{where}_{zone}", (zone,))
    what = "mean share of key biodiversity areas in protected areas, last year (SDG 15.1.2)"
    yield ShareOf("key_areas_covered_share", what, "key_areas_covered", "key_areas", tuple(ZONES))
    for verdict in MEANINGS:
        name = verdict_name(verdict)
        yield ShareOf(f"{name}_share", f"share of the area of patches: {verdict}", name, "patches")


MEASURES = {each.name: each for each in _measures()}
SHARES = {each.name: each for each in _shares()}
