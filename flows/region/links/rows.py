"""The links of a region as statistics: values, intervals, and notes on what they are and what they leave out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from flows.region.population import statistic
from indicators.links import (
    CARBON_TO_CO2,
    CarbonChange,
    Comparison,
    Lost,
    effective_mesh_size,
    interval,
    natural_lost,
    patches_of_tiles,
)
from indicators.links.matched import FEWEST_BLOCKS

if TYPE_CHECKING:
    from flows.region.links.zones import ComparedZone
    from indicators.area.tally import Sums
    from indicators.links import TilePatches
    from indicators.sdg15.periods import Years

#: Least area (km²) that counts as land inside.
SOME = 1e-6
CARBON_PARTS = {
    "change": "change of soil organic carbon (0–30 cm)",
    "lost": "soil organic carbon (0–30 cm) lost, where the stock fell",
    "gained": "soil organic carbon (0–30 cm) gained, where the stock rose",
}
CARBON_HOW = (
    "{what}, {first} to {last}, over {known:,.0f} km2; negative: out of the soil. The stock follows land cover alone "
    "(IPCC tier 1, 20 years), as in the sub-indicator"
)
CARBON_RANGE = (
    "95 % interval of what is possible: courses of land cover that the map leaves open, the error of the factor of "
    "cropland and the nominal error of ±90 % of a first stock (IPCC 2006, tables 5.5 and 2.3). Not in it: classes that "
    "are wrong for the whole record, factors without a published error, and grazing. The value is that of the map and "
    "may lie outside the interval, where the map shows changes that are probably confusion"
)
NATURAL_LOST = (
    "natural land (tree-covered, grassland, wetland, other land) that was cropland or artificial in {last}, of "
    "{whole:,.0f} km2 in {first}; 95 % interval: courses of land cover that the map leaves open, in pixels that show "
    "more than one class. The value is that of the map and may lie outside it"
)
NATURAL_GAINED = (
    "cropland and artificial land of {first} that was natural in {last}; planted trees and fields out of use count"
)
MESH = (
    "effective mesh size of natural land in {year} (Jaeger 2000, doi:10.1023/A:1008129329289): the natural land that "
    "can be reached on average from a point of the region, in {patches:,} patch(es) of cells that share a side; the "
    "outline cuts patches, and roads narrower than a cell are not seen. No interval: confusion of land cover is not "
    "carried"
)
AREA = "area of the land inside {name}{since}, as far as the table has them"
INSIDE = "degraded share of the land {where} {name}{since}"
SINCE, AT_PRESENT = " that existed in {first}", " by their present outlines"
WITHOUT = "no interval: land is {where} in only {count} blocks of 20 km, and {least} are needed"
BLOCKS = (
    "95 % interval: blocks of land drawn again, of 20, 40 or 80 km, whichever gives the widest (of 20 km: {inside} "
    "with land inside, {outside} outside)"
)
MATCHED = (
    "degraded share inside {name}{since} minus that of like land outside (same land cover in {first}, aridity or rain "
    "within 10 %, elevation within 150 m, or latitude within half a degree where elevation is missing); negative: less "
    "degraded inside. {alike:.0f} % of the land inside has like land outside. Associated with, not caused by: areas "
    "are not placed by chance"
)
UNMATCHED = "no land outside is like that inside {name}: no difference is given"
HABITAT = "range of {name} in the region, from the user's file"
HABITAT_DEGRADED = "degraded share of the land in the range of {name}, from the user's file"


def carbon_rows(
    change: CarbonChange | None, years: Years | None, drawn: Lost | None, window: int
) -> list[dict[str, Any]]:
    """Carbon of a period in t C and t CO2e, with the draws of its window; nothing without stocks."""
    if change is None or years is None:
        return []
    values = {"change": change.net, "lost": change.lost, "gained": change.gained}
    draws = {}
    if drawn is not None:
        every = {"change": drawn.carbon, "lost": drawn.carbon_lost, "gained": drawn.carbon_gained}
        draws = {part: sums[:, window] for part, sums in every.items()}
    rows = []
    for part, what in CARBON_PARTS.items():
        low, high = interval(draws[part]) if part in draws else (None, None)
        note = CARBON_HOW.format(what=what, first=years[0], last=years[1], known=change.known_km2)
        note = f"{note}. {CARBON_RANGE}" if low is not None else note
        for suffix, factor, units in (("", 1.0, "t C"), ("_co2e", CARBON_TO_CO2, "t CO2e")):
            ends = {name: end * factor for name, end in (("low", low), ("high", high)) if end is not None}
            rows.append(statistic(f"carbon_{part}{suffix}", values[part] * factor, **ends, units=units, note=note))
    return rows


def natural_rows(
    transitions: Sums | None, years: Years | None, drawn: Lost | None, window: int
) -> list[dict[str, Any]]:
    """Natural land lost and gained in a period; nothing without both maps."""
    if transitions is None or years is None:
        return []
    lost, gained = natural_lost(transitions)
    whole = float(transitions[[1, 2, 4, 6]].sum())
    low, high = (None, None) if drawn is None else interval(drawn.natural[:, window])
    said = {"first": years[0], "last": years[1], "whole": whole}
    return [
        statistic("natural_land_lost", lost, low=low, high=high, units="km2", note=NATURAL_LOST.format(**said)),
        statistic("natural_land_gained", gained, units="km2", note=NATURAL_GAINED.format(**said)),
    ]


def mesh_rows(patches: dict[int, list[TilePatches]], years: Years | None) -> list[dict[str, Any]]:
    """The effective mesh size of natural land in the first and the last map of a period."""
    if years is None:
        return []
    rows = []
    for end, year in zip(("first", "last"), years, strict=True):
        squares, count, total = patches_of_tiles(patches[year])
        if total > 0:
            note = MESH.format(year=year, patches=count)
            rows.append(statistic(f"mesh_size_{end}", effective_mesh_size(squares, total), units="km2", note=note))
    return rows


def zone_rows(zone: ComparedZone, found: Comparison, first: int) -> list[dict[str, Any]]:
    """Degraded land inside and outside a zone in a period that begins with the year `first`."""
    if zone.source is None:
        return _habitat_rows(zone, found)
    notes = zone.source.notes
    terms = f"{notes.source}; licence: {notes.licence}; {notes.trap}"
    since = SINCE.format(first=first) if zone.source.since else AT_PRESENT
    said = {"name": zone.name, "first": first, "since": since}
    rows = [
        statistic(
            f"area_{zone.key}", found.inside_km2, units="km2",
            note=f"{AREA.format(**said)}. {terms}",
        )
    ]  # fmt: skip
    if found.inside_km2 <= SOME:
        return rows
    blocks = _blocks(found)
    for where, share in (("inside", found.inside), ("outside", found.outside)):
        note = f"{INSIDE.format(where=where, **said)}. {blocks}. {terms}"
        rows.append(_bounded(f"degraded_{where}_{zone.key}", share, note))
    matched = MATCHED.format(**said, alike=100 * _known(found.alike))
    if math.isnan(found.matched[0]):
        matched = UNMATCHED.format(**said)
    rows.append(_bounded(f"degraded_{zone.key}_matched", found.matched, f"{matched}. {blocks}. {terms}"))
    return rows


def _habitat_rows(zone: ComparedZone, found: Comparison) -> list[dict[str, Any]]:
    area = statistic(f"area_{zone.key}", found.inside_km2, units="km2", note=HABITAT.format(name=zone.name))
    if found.inside_km2 <= SOME:
        return [area]
    note = f"{HABITAT_DEGRADED.format(name=zone.name)}. {_blocks(found)}"
    return [area, _bounded(f"degraded_{zone.key}", found.inside, note)]


def _blocks(found: Comparison) -> str:
    """What the intervals are, or why there are none."""
    few = min(found.blocks)
    if few < FEWEST_BLOCKS:
        where = "inside" if found.blocks[0] == few else "outside"
        return WITHOUT.format(where=where, count=few, least=FEWEST_BLOCKS)
    return BLOCKS.format(inside=found.blocks[0], outside=found.blocks[1])


def _bounded(name: str, found: Sequence[float], note: str) -> dict[str, Any]:
    value, low, high = (None if np.isnan(each) else float(each) for each in found)
    return statistic(name, value, low=low, high=high, note=note)


def _known(share: float) -> float:
    return 0.0 if math.isnan(share) else share
